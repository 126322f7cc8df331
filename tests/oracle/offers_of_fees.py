"""Random terms upon fees: at risk, trued up to a minimum, credited."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import Offer, _Writer


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Fees(number).write()


class _Fees(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        for name in ("fee_a", "fee_b"):
            self.contract[name] = self.fee(name)
        self.contract["share"] = self.sharing("share")
        kind = self.some("fee_at_risk", "minimum_revenue", "minimum_revenue", "fee_credit")
        term = getattr(self, kind)()
        if self.chance(0.3):
            term["active_while"] = self.some("part > 0", "stock > 20")
        if self.chance(0.2):
            term["rounded"] = {"to": 5, "by": "half away"}
        self.contract[kind] = {"term": kind, **term}
        return Offer(self.number, self.life, self.calendar, self.contract, self.facts, self.units, self.value)

    def fee_at_risk(self) -> dict[str, Any]:
        earned = self.some("mean(part)", "1", "clip((mean(part) - 0.125) / 0.375, 0, 1)", "1 if last(stock) > 20 else 0")
        return {"of": self.some("fee_a", "fee_a + 50% of fee_b"), "part": self.some("20%", "100%", "mean(part)"), "earned": earned,
                "clock": self.clock()}  # fmt: skip

    def minimum_revenue(self) -> dict[str, Any]:
        per = self.some("settlement", "year", "year", "life")
        least = self.some(400, 1200, "constant_limit", *(["12 * stock"] if per != "settlement" else ["max(base, 0)"]))
        clock = self.clock() if per == "settlement" else {"measured": "period"}
        return {"of": self.some(["fee_a"], ["fee_a", "share"], ["share"]), "at_least": least, "per": per, "clock": clock}

    def fee_credit(self) -> dict[str, Any]:
        of, against = self.some((["fee_a"], ["fee_b"]), (["share"], ["fee_a", "fee_b"]), (["fee_a"], ["share"]))
        return {"of": of, "part": self.some("50%", "100%", "mean(part)"), "against": against, "clock": self.clock()}
