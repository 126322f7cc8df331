"""Random milestones and delay damages."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import Offer, _Writer


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Delays(number).write()


class _Delays(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        for place, kind in enumerate(self.some(("milestone",), ("delay_damages",), ("milestone", "delay_damages"))):
            term = self.contract[f"{kind}_{place}"] = getattr(self, kind)(f"{kind}_{place}")
            if self.chance(0.3):
                term["active_while"] = self.some("part > 0", "stock > 20")
            if self.chance(0.2):
                term["rounded"] = {"to": self.some(5, 100), "by": self.some("half away", "half even", "towards zero")}
        return Offer(self.number, self.life, self.calendar, self.contract, self.facts, self.units)

    def time(self) -> float:
        """A time about some period's end, in months."""
        end = self.random.randint(0, self.life.periods) * self.life.step
        return max(end + self.some(0, 0, 0.5, -0.25, 1, 2.75), 0.25)

    def reached(self, name: str) -> str:
        if self.chance(0.5):
            return self.hold(f"took_{name}", self.time(), "months")
        return str(self.some("stock >= 100", "part > 0.5 and stock > 20", "stock > 60"))

    def due(self) -> str:
        year, month = (int(part) for part in self.calendar["start"].split("-"))
        months = year * 12 + month - 1 + self.random.randint(1, self.life.months)
        date = f"{months // 12}-{months % 12 + 1:02d}"
        size = self.random.randint(1, self.life.months)
        return str(self.some(f"{size} months", f"{size * 28} days", f"{date}-{self.some('01', '16', '28')}", date))

    def rate(self) -> dict[str, Any]:
        said: dict[str, Any] = {"amount": self.some(10, 25), "per": self.some("day", "week", "month")}
        if self.chance(0.4):
            said["amount"] = self.some(
                {"up to 30 days": 10, "above": 25}, {"up to 1 month": 20, "up to 3 months": 5, "above": 40},
                {"up to 2 months": 0, "above": 12}, {"up to 14 days": 15, "up to 1 year": 30, "above": 0},
            )  # fmt: skip
        said["begun"] = self.some("in part", "in full", "not")
        return said | ({"at_most": self.some(15, 500)} if self.chance(0.4) else {})

    def milestone(self, name: str) -> dict[str, Any]:
        term: dict[str, Any] = {
            "term": "milestone", "reached": self.reached(name), "amount": self.some(1000, "stock + 50 EUR", "twenty"),
        }  # fmt: skip
        if self.chance(0.8):
            term["due"] = self.due()
            for side in self.some(("early",), ("late",), ("early", "late")):
                term[side] = self.rate()
        return term

    def delay_damages(self, name: str) -> dict[str, Any]:
        term = {"term": "delay_damages", "due": self.due(), "reached": self.reached(name), "rate": self.rate()}
        if self.chance(0.4):
            time = self.some("10 days", "1 month", "2 months")
            term["grace"] = {"time": time, "then": self.some("excess", "from_first")}
        return term | {"clock": {"measured": self.clock()["measured"]}}
