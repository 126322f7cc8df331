"""Random contracts with step-ins, under which fees stop or shrink, levels are excused, and charges are paid."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import Offer
from tests.oracle.offers_carries import _Carries


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _StepIns(number).write()


class _StepIns(_Carries):
    def write(self) -> Offer:
        self.common_facts()
        names = ["desk", "desk_2"][: self.some(1, 1, 2)]
        for place, kind in enumerate(self.some(("fee",), ("payment",), ("fee", "payment"), ("payment", "payment", "fee"))):
            self.contract[f"{kind}_{place}"] = getattr(self, kind)(self.random.choice(names))
        paying = list(self.contract)
        for name in names:
            self.contract[name] = self.step_in(name, paying)
        if self.chance(0.2):
            self.contract["out"] = {"term": "termination", "when": f"total(desk) >= {self.some(1, 2, 3)}", "over": "life"}
        shuffled = self.random.sample(list(self.contract), len(self.contract))
        contract = {name: self.contract[name] for name in shuffled}
        return Offer(self.number, self.life, self.calendar, contract, self.facts, self.units, self.value)

    def fee(self, desk: str) -> dict[str, Any]:
        amount = self.some("base", "30 EUR per month")
        term: dict[str, Any] = {"term": "fee", "amount": amount, "clock": self.clock()}
        if self.chance(0.5):
            term["active_while"] = self.some(f"{desk} < 1", f"{desk} < 1", f"{desk} > 0")
            if self.chance(0.3) and amount != "base":
                term["clock"]["invoiced"] = "in advance"
        else:
            term["amount"] = f"{amount} * (1 - 40% * {desk})"
        return term

    def payment(self, desk: str) -> dict[str, Any]:
        amount = self.some(
            "0 - total(base)", "mean(stock) - 60", f"total({desk}) * 7 EUR", f"0 - base * (1 - mean({desk}))", "lowest(stock)",
        )  # fmt: skip
        term: dict[str, Any] = {"term": "payment", "amount": amount, "clock": self.clock()}
        if self.chance(0.4):
            term["active_while"] = self.some(f"{desk} < 1", f"{desk} < 1 and stock > 20")
        if self.chance(0.2):
            term["when"] = f"highest({desk}) < 1"
        return term

    def step_in(self, name: str, paying: list[str]) -> dict[str, Any]:
        step, periods = self.life.step, self.life.periods
        over = self.some("period", "period", "year", "life")
        elapsed = f"elapsed >= {self.random.randint(1, self.life.months)} months"
        when = ["stock >= 100", "part > 0.5 and stock > 20", "part <= 0.5", elapsed]
        until = ["stock < 40", "part > 0.5", "base >= 20"]
        if over != "period":
            when = [f"total(base) >= {self.some(100, 400, 900)}", "last(stock) >= 40", f"total({name}) < 2"]
            until = ["last(stock) < 100", "last(part) > 0.5", f"total({name}) >= 2"]
        when += [f"paid({self.random.choice(paying)}) {self.some('<= -20', '< 0', '> 60', '>= 100', '< 60')} EUR"] * 2
        term: dict[str, Any] = {"term": "step_in", "when": self.some(*when), "over": over}
        if self.chance(0.5):
            term["notice"] = f"{self.random.randint(0, 2) * step} months"
        if self.chance(0.6):
            term["lasts"] = f"{self.random.randint(1, max(periods // 3, 1)) * step} months"
        if self.chance(0.5):
            term["until"] = self.some(*until)
        if self.chance(0.4):
            term["at_most"] = self.some(1, 1, 2)
        if self.chance(0.7):
            term["charge"] = self.some(25, "base", "stock", "lowest(stock)")
            if self.chance(0.3):
                term["rounded"] = {"to": self.some(7, 15), "by": self.some("half away", "half even", "towards zero")}
        if self.chance(0.3):
            term["active_while"] = self.some("part > 0", "stock > 0")
        return term
