"""Random offers that are taxed: margins that come to what was lost before, nearly, or to anything; some end early."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from tests.oracle.offers import ALMOST
from tests.oracle.offers_exits import OfferWithCosts, _Exits


@dataclass
class OfferTaxed(OfferWithCosts):
    """An offer whose margin is taxed, with a further party."""

    tax: dict[str, Any] = field(default_factory=dict)

    def scenario(self) -> dict[str, Any]:
        said = super().scenario()
        return said | {"money": said["money"] | {"tax": self.tax}, "parties": ["crew"]}


def offer(number: int) -> OfferTaxed:
    """The random contract of this number."""
    return _Taxes(number).taxed()


class _Taxes(_Exits):
    def write_calendar(self) -> Any:
        """Some years long."""
        while True:
            life, said = super().write_calendar()
            if life.year_of(life.periods - 1) >= 2:
                return life, said

    def taxed(self) -> OfferTaxed:
        one = self.written() if self.chance(0.4) else self.of_results()
        later = self.later()
        rate = self.some("25%", "25%", f"30% from month {later} else 20%", "part", "30% from year 2 else 0%")
        tax = {"rate": rate, "losses": self.some("carried forward", "carried forward", "refunded")}
        if self.chance(0.4):
            tax["paid"] = self.some("6 months", "1 months", "12 months")
        return OfferTaxed(**{each.name: getattr(one, each.name) for each in fields(one)}, tax=tax)

    def of_results(self) -> OfferWithCosts:
        """What is earned in a year comes to edges, on both sides of zero."""
        self.common_facts()
        clock = {"measured": self.some("period", "year")}
        values: list[float] = []
        for first, last in self.life.windows("year"):
            amounts = [float(self.random.randint(-40, 60)) for _ in range(last - first)]
            wanted = self.some(-60, -60, -120, 60, 60, 60, 120, 0, 60 + ALMOST, 60 - ALMOST)
            values += [*amounts, wanted - sum(amounts)]
        result = self.add("result", f"EUR/{self.calendar['step']}", values, self.calendar["step"])
        self.contract["work"] = {"term": "payment", "amount": result, "clock": clock}
        if self.chance(0.5):
            return OfferWithCosts(self.number, self.life, self.calendar, self.contract, self.facts, self.units)
        if self.chance(0.5):
            self.contract["crew_pays"] = {
                "term": "payment", "party": "crew", "amount": self.some(20, -40, "last(stock) - 40"), "clock": self.clock(),
            }  # fmt: skip
        if self.chance(0.5):
            self.contract["base_fee"] = {
                "term": "fee", "amount": f"20 EUR per {self.flow_kind}",
                "clock": {"measured": self.some("year", "life"), "invoiced": self.some("in advance", "in arrears")},
            }  # fmt: skip
        costs = self.write_costs() if self.chance(0.5) else {}
        return OfferWithCosts(
            self.number, self.life, self.calendar, self.contract, self.facts, self.units, costs=costs,
            customer=self.write_customer(),
        )  # fmt: skip
