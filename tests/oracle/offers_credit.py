"""Random offers whose customer may default, or pays late; some end early."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from tests.oracle.offers_exits import OfferWithCosts, _Exits

STARTS = ("2027-01", "2026-04", "2028-07")
#: the chance of a default in a year, one that is agreed and one that is drawn once
CHANCES = ("20%", "luck")
LUCK = {"control": "customer", "unit": "fraction", "central": "mean", "drawn": "once", "uniform": {"low": "10%", "high": "60%"}}


@dataclass
class OfferOnCredit(OfferWithCosts):
    """An offer to a customer that may not pay, or pays late."""

    pays: dict[str, Any] = field(default_factory=dict)

    def scenario(self) -> dict[str, Any]:
        said = super().scenario()
        more = {"customer": self.customer | self.pays, "parties": ["crew"]}
        return said | more | {"drivers": said["drivers"] | {"luck": LUCK}}


def offer(number: int) -> OfferOnCredit:
    """The random contract of this number."""
    return _Credit(number).on_credit()


class _Credit(_Exits):
    def write_calendar(self) -> Any:
        while True:
            life, said = super().write_calendar()
            starts = [start for start in STARTS if int(start[5:]) == life.start_month]
            if starts and life.periods >= 3:
                return life, said | {"start": starts[0]}

    def clock(self, *, window: bool = True) -> dict[str, Any]:
        return super().clock(window=window) | self.dates()

    def dates(self) -> dict[str, Any]:
        found = {"settled": self.some("20 days", "1 months", "45 days")} if self.chance(0.4) else {}
        return found | ({"paid": self.some("10 days", "6 months", "9 months")} if self.chance(0.6) else {})

    def fee(self, name: str) -> dict[str, Any]:
        term = super().fee(name)
        if "invoiced" in term["clock"]:  # it "is settled when its window starts"
            term["clock"].pop("settled", None)
        return term

    def milestone(self, name: str) -> dict[str, Any]:
        return super().milestone(name) | {"clock": self.dates()}

    def delay_damages(self, name: str) -> dict[str, Any]:
        term = super().delay_damages(name)
        return term | {"clock": term["clock"] | self.dates()}

    def termination(self) -> dict[str, Any]:
        return super().termination() | {"clock": self.dates()}

    def on_credit(self) -> OfferOnCredit:
        one = self.written()
        contract = one.contract
        if self.chance(0.5):
            contract = {name: term for name, term in contract.items() if term["term"] != "termination"}
        for term in contract.values():
            if term["term"] == "retention":
                term["clock"] = self.dates()
        if self.chance(0.3):
            contract["crew_pays"] = {"term": "payment", "party": "crew", "amount": self.some(20, -40), "clock": self.clock()}
        over_time = [name for name, cost in one.costs.items() if "at" not in cost]
        pays: dict[str, Any] = {}
        if self.chance(0.8):
            pays["credit"] = {
                "default": self.some(*CHANCES), "recovery": self.some("0%", "30%", "100%", 0.5),
                "costs_end": self.random.sample(over_time, self.random.randint(0, len(over_time))),
            }  # fmt: skip
        if "credit" not in pays or self.chance(0.4):
            days = self.add("days_late", "day", [self.some(0, 0, 30, 73, 365) for _ in range(self.life.periods)])
            rates = ("0% pa", "8% pa", "2% per quarter", "1% per month")
            pays["late"] = {
                "days": self.some(days, "30", f"60 from month {self.later()} else 15"), "interest": self.some(*rates),
                "financed_at": self.some(*rates),
            }  # fmt: skip
        kept = {each.name: getattr(one, each.name) for each in fields(one)}
        return OfferOnCredit(**{**kept, "contract": contract}, pays=pays)
