"""Random fees that are escalated and indexed to every kind of base, and terms that name them."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import MONTHS_IN
from tests.oracle.offers import Offer, _Writer


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Prices(number).write()


class _Prices(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        self.contract["fee_0"] = self.fee("fee_0")
        if self.chance(0.4):
            amount = self.some("fee_0", "10% of fee_0", "max(fee_0 - base, 0)", "0.5 * fee_0 - base")
            self.contract["of_it"] = {"term": "payment", "amount": amount, "clock": self.clock()}
        return Offer(self.number, self.life, self.calendar, self.contract, self.facts, self.units)

    def fee(self, name: str) -> dict[str, Any]:
        term = super().fee(name)
        kinds = self.some(("escalated",), ("indexed",), ("indexed",), ("escalated", "indexed"))
        term.pop("indexed", None)
        if "escalated" in kinds:
            term["escalated"] = {
                "by": self.some("3%", "10%", "-4%", 0.025, "0%"), "every": self.every(),
                "compounding": self.some("compound", "simple"),
            }  # fmt: skip
        if "indexed" in kinds:
            term["indexed"] = self.indexation(term["clock"])
        if self.chance(0.25):
            term["active_while"] = self.some("part > 0", "stock > 20")
        if self.chance(0.2):
            term["rounded"] = {"to": self.some(5, 0.01), "by": self.some("half away", "half even", "towards zero")}
        return term

    def every(self) -> str:
        fits = [kind for kind in ("quarter", "half_year", "year") if MONTHS_IN[kind] >= self.life.step]
        return str(self.some("period", *fits, *fits))

    def indexation(self, clock: dict[str, Any]) -> dict[str, Any]:
        index = super().indexation(clock)
        year, month = (int(part) for part in self.calendar["start"].split("-"))
        first = year * 12 + month - 1
        kind = self.some("published", "within", "within", "before")
        if kind == "published":
            base = first - self.random.randint(1, 200)
            index["at_base"] = {
                name: self.some(50, 80, 104, 127.5) for name in ("index_a", "index_b") if f"{name}[base]" in index["by"]
            }
        else:
            base = first + self.random.randint(0, self.life.months - 1) // self.some(1, 2, 4)
        if kind != "before":
            index["base"] = f"{base // 12}-{base % 12 + 1:02d}"
        return index
