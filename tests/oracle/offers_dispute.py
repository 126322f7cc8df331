"""Random contracts whose sharing, or payment by bands, is disputed: by what the customer, and perhaps an expert, measures."""

from __future__ import annotations

from typing import Any

from tests.oracle.formulas import Fact
from tests.oracle.offers import Offer, _Writer

BORNE = ("equally", "further off", "in proportion")
SETTLED = ("midpoint", "supplier", "customer", "expert", "final offer")


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Disputes(number).write()


class _Disputes(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        self.contract["share"] = self.sharing("share")
        ours = "gain_share"
        if self.value:  # a value between the facts and the contract is what was measured
            (ours,) = self.value
            self.value, self.units[ours] = {}, self.flow_unit
        for name in ("theirs", "found"):
            self.facts[name] = Fact([self.misread(value) for value in self.facts[ours].values], self.facts[ours].flow)
            self.units[name] = self.units[ours]
        self.contract["claim"] = self.dispute(ours)
        contract = {name: self.contract[name] for name in self.random.sample(list(self.contract), len(self.contract))}
        return Offer(self.number, self.life, self.calendar, contract, self.facts, self.units, self.value)

    def misread(self, value: float) -> float:
        return value + self.some(0, 0, 10, -10, 40, -60)

    def dispute(self, ours: str) -> dict[str, Any]:
        settled_by = self.some(*SETTLED)
        term: dict[str, Any] = {
            "term": "dispute", "over": "share", "reading": ours, "customer_reads": "theirs", "settled_by": settled_by,
            "tolerance": self.some(0, 5, "10 EUR", "5% of base", "twenty"), "raised_by": self.some("customer", "either"),
            "clock": {"paid": self.some("90 days", "4 months")} if self.chance(0.6) else {},
        }  # fmt: skip
        if settled_by in ("expert", "final offer"):
            term["expert_reads"] = "found"
            if self.chance(0.9):
                term["expert_fee"] = self.some(4, "3 EUR", "2% of base", "twenty")
                term["fee_borne_by"] = self.some(*BORNE, "further off")
                # a fee jumps at the tolerance and where both lie equally far off: no amount stands there but for the last digits
                term["tolerance"] = self.some(0.37, "1.17 EUR", "1.03% of base")
                found = [value + self.some(3.7, 11.3, -12.1, 42.7) for value in self.facts["found"].values]
                self.facts["found"] = Fact(found, self.facts["found"].flow)
        if self.chance(0.2):
            term["rounded"] = {"to": self.some(5, 0.01), "by": self.some("half away", "half even", "towards zero")}
        if self.chance(0.3):
            term["active_while"] = self.some("part > 0", "stock > 20")
        return term
