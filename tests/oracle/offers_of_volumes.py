"""Random difference payments, volume charges, and take or pay."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import Offer, _Writer


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Volumes(number).write()


class _Volumes(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        for size in (10, 20, 40, 60, 100, 140, 200):
            self.hold(f"mwh_{size}", size, "MWh")
        for price in (0, 3, 50, 80):
            self.hold(f"price_{price}", price, "EUR/MWh")
        self.add("market", "EUR/MWh", [self.some(-20, 0, 50, 80, 49, 120) for _ in range(self.life.periods)])
        kind = self.some("difference_payment", "volume_charge", "take_or_pay", "take_or_pay")
        term = getattr(self, kind)(kind)
        if self.chance(0.3):
            term["active_while"] = self.some("part > 0", "stock > 20")
        if self.chance(0.2):
            term["rounded"] = {"to": self.some(5, 100), "by": self.some("half away", "half even", "towards zero")}
        self.contract[kind] = term
        return Offer(self.number, self.life, self.calendar, self.contract, self.facts, self.units)

    def volume(self, name: str, clock: dict[str, Any]) -> str:
        """A flow whose windows come to the edges, nearly to them, or to anything; never below 0."""
        self.gain_fact(name, clock, [20, 40, 60, 100, 140, 200])
        fact = self.facts[name]
        fact.values = [max(value, 0.0) for value in fact.values]
        self.units[name] = f"MWh/{self.flow_kind}"
        return name

    def difference_payment(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        indexed = {"indexed": self.indexation(clock)} if self.chance(0.4) else {}
        return indexed | {
            "term": "difference_payment", "volume": self.volume(f"taken_{name}", clock), "clock": clock,
            "strike": self.some("price_50", "price_80", "market + price_3"),
            "reference": self.some("market", "market", "market - price_3"),
            "direction": self.some("both ways", "to supplier", "to customer"),
            "negative_reference": self.some("counts", "counts as zero", "nothing is paid"),
        }  # fmt: skip

    def volume_charge(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        term: dict[str, Any] = {
            "term": "volume_charge", "volume": self.volume(f"taken_{name}", clock), "baseline": "mwh_100", "clock": clock,
        }  # fmt: skip
        if self.chance(0.6):
            below, above = self.some("mwh_20", "mwh_40", "mwh_10"), self.some("mwh_20", "mwh_40")
            term["deadband"] = {"below": below, "above": above, "then": self.some("excess", "from_baseline")}
        rates = ("price_50", "price_80", "price_3", "mean(market) + price_50", "price_0")
        up = self.some((), ("up to mwh_140",), ("up to mwh_140", "up to mwh_200"))
        down = self.some((), ("down to mwh_60",), ("down to mwh_60", "down to mwh_20"))
        if self.chance(0.8):
            term["additional"] = {label: self.some(*rates) for label in (*up, "above")}
        if "additional" not in term or self.chance(0.8):
            term["reduced"] = {label: self.some(*rates) for label in (*down, "below")}
        return term

    def take_or_pay(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        term: dict[str, Any] = {
            "term": "take_or_pay", "volume": self.volume(f"taken_{name}", clock), "clock": clock,
            "at_least": self.some("mwh_40", "mwh_100", "mwh_60"), "price": self.some("price_50", "mean(market) + price_80"),
        }  # fmt: skip
        if self.chance(0.8):
            expires = self.some("never", "after 1 settlement", "after 2 settlements", "after 4 settlements")
            term["make_up"] = {"credit": self.some("price_50", "price_3"), "expires": expires}
            if self.chance(0.4):
                term["make_up"]["at_most"] = self.some("mwh_10", "mwh_20", "mwh_60")
        return term
