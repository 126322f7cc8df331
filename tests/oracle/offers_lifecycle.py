"""Random contracts whose parties decide: whether they go on, how much of the scope is served, at which rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.calendar import MONTHS_IN
from tests.oracle.offers import Offer
from tests.oracle.offers_carries import _Carries

Clause = dict[str, Any]


@dataclass
class OfferOfDecisions(Offer):
    """An offer and its decisions."""

    lifecycle: dict[str, Clause] = field(default_factory=dict)

    def scenario(self) -> dict[str, Any]:
        """The offer as a scenario."""
        return super().scenario() | {"lifecycle": self.lifecycle}


def offer(number: int) -> OfferOfDecisions:
    """The random contract of this number."""
    return _Decisions(number).write()


class _Decisions(_Carries):
    def write(self) -> OfferOfDecisions:
        while self.life.periods < 4:
            self.life, self.calendar = self.write_calendar()
        self.common_facts()
        names = ["stays", "scope", "rate"]
        paying = []
        for place, kind in enumerate(self.some(("fee",), ("fee", "payment"), ("fee", "fee"))):
            paying.append(f"{kind}_{place}")
            self.contract[paying[-1]] = getattr(self, f"{kind}_by")(self.random.choice(names))
        decisions = {name: self.decision(name, paying) for name in self.random.sample(names, len(names))}
        late = any("paid(" in str(written) for written in decisions.values())
        for name in ("out", "out_2")[: self.some(0, 1, 1, 2)]:
            self.contract[name] = self.termination(late)
        shuffled = self.random.sample(list(self.contract), len(self.contract))
        contract = {name: self.contract[name] for name in shuffled}
        return OfferOfDecisions(
            self.number, self.life, self.calendar, contract, self.facts, self.units, self.value, lifecycle=decisions
        )

    def fee_by(self, name: str) -> Clause:
        amount = self.some("base", "30 EUR per month")
        return {"term": "fee", "amount": f"{amount} * {self.some(name, f'(2 - {name})')}", "clock": self.clock()}

    def payment_by(self, name: str) -> Clause:
        amount = self.some(f"total({name}) * 7 EUR", f"base * mean({name})", f"last({name}) * 3 EUR")
        return {"term": "payment", "amount": amount, "clock": self.clock()}

    def decision(self, name: str, paying: list[str]) -> Clause:
        written: Clause = {"by": "customer", "starts": self.some(1, 0, "25%")}
        step, periods = self.life.step, self.life.periods
        after = self.some(0, 0, 0, 1, 2) if periods > 4 else 0
        kinds = ["period", *(kind for kind, months in MONTHS_IN.items() if months >= step)]
        fits = [kind for kind in kinds if any(last + 1 + after < periods for _, last in self.life.windows(kind))]
        if self.chance(0.8):
            written["every"] = self.some(*fits)
            ends = [last + 1 for _, last in self.life.windows(written["every"]) if last + 1 + after < periods]
            if self.chance(0.2):
                written["first"] = f"{self.some(*ends) * step} months"
            elif self.chance(0.2):
                written["last"] = f"{self.some(*ends) * step} months"
        else:
            times = sorted(self.random.sample(range(1, periods - after), min(self.some(1, 2, 3), periods - after - 1)))
            written["at"] = [f"{time * step} months" for time in times]
        if after:
            written["after"] = f"{after * step} months"
        if self.chance(0.5):
            written["over"] = self.some(*kinds, "life")
        if self.chance(0.5):
            written["when"] = self.some(
                f"total(base) >= {self.some(100, 400, 900)} EUR", "last(stock) >= 40", "mean(part) > 0.25", "scope < 1",
                "stays > 0",
                f"last(elapsed) >= {self.random.randint(1, self.life.months)} months", "total(scope) >= 2",
                f"paid({self.some(*paying)}) {self.some('<= 60', '> 60', '>= 100')} EUR",
            )  # fmt: skip
        if self.chance(0.7):
            written["chance"] = self.some(
                "30%", "70%", "100%", "0%", "logistic((mean(stock) - 40 EUR) / 20 EUR)", "mean(part)",
                "clip(total(part) / 4, 0, 1)",
                "0.9 if scope > 0.5 else 0.2", f"logistic(paid({self.some(*paying)}) / 100 EUR - 1)", "last(part)",
            )  # fmt: skip
        becomes = (f"1 - {name}", f"min({name} + 25%, 1)", f"{name} / 2", "scope * 0.5", "mean(part)", "rate", 0, 1)
        written["becomes"] = self.some(*becomes)
        if self.chance(0.4) and written.keys() & {"when", "chance"}:
            written["otherwise"] = self.some(0, 1, f"{name} / 2", "stays", "last(part)")
        return written

    def termination(self, late: bool) -> Clause:
        when = self.some("stays < 1", "stays < 1", "stays <= 0 and scope < 1", "scope > 0.75", "stays + rate > 1.5")
        term: Clause = {"term": "termination", "when": when}
        if self.chance(0.3):
            term |= {"over": "life", "when": self.some("total(stays) < 2 and stays < 1", "stays < 1")}
        least = 1 if late else 0
        notice = self.some(least, least, least + 1)
        if notice:
            term["notice"] = f"{notice * self.life.step} months"
        return term
