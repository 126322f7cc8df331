"""Random contracts that may end early."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import Offer
from tests.oracle.offers_carries import _Carries


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Terminations(number).write()


class _Terminations(_Carries):
    def write(self) -> Offer:
        self.common_facts()
        for place, kind in enumerate(
            self.some(("fee", "payment"), ("sharing",), ("sharing", "fee"), ("payment", "fee", "fee"))
        ):
            self.contract[f"{kind}_{place}"] = getattr(self, kind)(f"{kind}_{place}")
        for place in range(self.some(1, 1, 2)):
            self.contract[f"out_{place}"] = self.termination()
        names = self.random.sample(list(self.contract), len(self.contract))
        contract = {name: self.contract[name] for name in names}
        return Offer(self.number, self.life, self.calendar, contract, self.facts, self.units, self.value)

    def sharing(self, name: str) -> dict[str, Any]:
        """None of those that the engine is known to settle wrongly (tests/test_oracle_carries.py)."""
        term = super().sharing(name)
        if any("high_water_mark" in step for step in term["steps"]):
            term.pop("active_while", None)
        floor = next((i for i, step in enumerate(term["steps"]) if "floor" in str(step) and "limit" in str(step)), 99)
        late = [
            s
            for i, s in enumerate(term["steps"])
            if s.get("carry", {}).get("what") == "gain beyond the cap" and i > floor
        ]
        term["steps"] = [step for step in term["steps"] if step not in late]
        return term

    def fee(self, name: str) -> dict[str, Any]:
        term = super().fee(name)
        term.pop("indexed", None)
        if "invoiced" not in term["clock"] and self.chance(0.9):
            term["scales_with"] = "scope"
        if self.chance(0.2):
            term["active_while"] = "part > 0"
        return term

    def payment(self, name: str) -> dict[str, Any]:
        amount = self.some(
            "total(base)", "mean(stock)", "lowest(stock)", "highest(stock) + 3", "last(stock)", "first(stock)", "base - 40",
        )  # fmt: skip
        term: dict[str, Any] = {"term": "payment", "amount": amount, "clock": self.clock()}
        if self.chance(0.3):
            term["active_while"] = self.some("part > 0", "stock > 20")
        if self.chance(0.3):
            term["once_per"] = self.some("year", "life")
            term["when"] = self.some("mean(stock) > 40", "last(stock) >= 40")
        return term

    def termination(self) -> dict[str, Any]:
        step, periods = self.life.step, self.life.periods
        notice = self.random.randint(1, max(periods // 3, 1)) if self.chance(0.7) else 0
        over = self.some("period", "period", "year", "life")
        paying = [name for name, term in self.contract.items() if term["term"] not in ("termination",)]
        when = [
            f"elapsed >= {self.random.randint(1, max(self.life.months // 2, 1))} months",
            "stock >= 100",
            "part > 0.5 and stock > 20",
        ]
        if over != "period":
            when = [f"total(base) >= {self.some(400, 900, 2000)}"]
            if notice:
                when += [f"paid({self.random.choice(paying)}) {self.some('<= -20', '< 0', '> 60', '>= 500')} EUR"] * 2
        term: dict[str, Any] = {"term": "termination", "when": self.some(*when), "over": over}
        if notice:
            term["notice"] = f"{notice * step} months"
            if self.chance(0.8) and not any("ramp_down" in other for other in self.contract.values()):
                term["ramp_down"] = f"{self.random.randint(1, notice) * step} months"
        if self.chance(0.6):
            term["payment"] = self.some(400, -25, "stock + 5", "base", "total(base) * 2")
        if self.chance(0.3):
            term["active_while"] = self.some("part > 0", "stock > 0")
        return term
