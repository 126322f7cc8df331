"""Random contracts of terms that speak of one another: tables, rounding, paid(), conditions, payments due once."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import Offer, _Writer

ROUNDING = ("half away", "half even", "towards zero")


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Payments(number).write()


class _Payments(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        self.tables = self.write_tables()
        kinds = [self.some("fee", "sharing", "target_cost", "payment"), *(self.some("payment", "sharing", "fee") for _ in "ab")]
        written: dict[str, dict[str, Any]] = {}
        for place, kind in enumerate([*kinds, "payment"]):
            name = f"{kind}_{place}"
            term = getattr(self, kind)(name) if kind != "payment" else self.payment(name, list(written))
            self.may_say(term, list(written))
            written[name] = term
        names = self.random.sample(list(written), len(written))  # those that are spoken of may stand below
        contract = {name: written[name] for name in names}
        return Offer(self.number, self.life, self.calendar, contract, self.facts, self.units, self.value, self.tables)

    def write_tables(self) -> dict[str, Any]:
        line = [[0, 5], [self.some(20, 40), 25], [100, self.some(25, 60)], [100, 30], [240, -10]]
        inside = self.some("below", "up to")
        return {
            "slope": {"line": line if self.chance(0.7) else line[:2]},
            "steps": {"whole": {f"{inside} 0": 2, "below 20": 5, f"{inside} 100": 11, "above": self.some(7, "-3")}},
            "rates": {"slices": {f"{inside} 40": "50%", f"{inside} 100": "20%", "above": self.some("10%", "0%")}},
        }

    def may_say(self, term: dict[str, Any], others: list[str]) -> None:
        """What every term may say of itself, and a sharing of others."""
        if self.chance(0.4):
            term["rounded"] = {"to": self.some(1, 5, 0.01, 0.25, 7), "by": self.some(*ROUNDING)}
        if term["term"] == "sharing" and others and self.chance(0.5):
            term["steps"].insert(0, {"against": f"{self.some('50%', '10%')} of paid({self.random.choice(others)})"})
        if self.chance(0.5):
            term["active_while"] = self.standing()
            if term["term"] == "sharing":  # what it remembers while it does not stand, the English does not say
                term["steps"] = [step for step in term["steps"] if "carry" not in step]

    def standing(self) -> str:
        late = self.random.randint(1, (self.life.periods - 1) * self.life.step + 1)
        return str(
            self.some(
                "part >= 0.5", "stock > 20", f"stock >= (40 from month {late} else 20)", "not part > 0.125 or stock < 40",
                f"base >= {self.some(160, 240)} EUR per {self.flow_kind}", "part > 0 and stock > 0", "round(stock, 50) >= 50",
            )
        )  # fmt: skip

    def payment(self, name: str, others: list[str]) -> dict[str, Any]:
        clock = self.clock()
        gain = self.gain_fact(f"gain_{name}", clock, [20, 40, 100])
        written = [
            gain, f"rates({gain})", f"round({gain}, {self.some(5, 0.25, 50)})", "100 EUR * steps(last(stock) / 1 EUR)",
            "slope(last(stock) / 1 EUR) * 2 EUR", f"50 EUR * steps({gain} / 1 EUR)", f"slope({gain} / 1 EUR) * 1 EUR",
            f"{gain} if mean(part) > 0.5 and first(stock) >= 40 else 12 EUR",
        ]  # fmt: skip
        if others:
            one, two = self.random.choice(others), self.random.choice(others)
            written += [f"paid({one}) - paid({two})", f"max(100 - paid({one}), 0)", f"25% of paid({one}) + {gain}"] * 2
            written += [f"round(paid({one}) / 3, 1)", f"rates(paid({one}))"]
        term: dict[str, Any] = {"term": "payment", "amount": self.random.choice(written), "clock": clock}
        if self.chance(0.5):
            of_others = [f"paid({others[0]}) > 20"] if others else []
            term["when"] = self.some(
                f"{gain} >= 40", "mean(part) >= 0.5", f"{gain} > 20 and not last(stock) > 40", f"{gain} > 100 or first(stock) < 40",
                *of_others,
            )  # fmt: skip
        if self.chance(0.4):
            term["once_per"] = self.some("year", "life")
        return term
