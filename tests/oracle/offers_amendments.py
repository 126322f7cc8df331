"""Random contracts whose numbers are amended, some several times, some that were dated before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import yaml

from gainsim import load_text
from tests.oracle.formulas import World, flow_of
from tests.oracle.offers import Offer, _Writer


@dataclass
class OfferAmended(Offer):
    """An offer and what the parties changed of it later."""

    amendments: list[dict[str, Any]] = field(default_factory=list)

    def scenario(self) -> Any:
        said = super().scenario() | {"amendments": self.amendments}
        for driver in said["drivers"].values():
            if "schedule" in driver:
                driver["schedule"] = {date: plainly(value) for date, value in driver["schedule"].items()}
        return load_text(yaml.safe_dump(said, sort_keys=False, width=10_000)).loaded.scenario


def plainly(value: float) -> str:
    """A number as a file has it: with three decimals it could be a thousand times as large."""
    text = repr(value)
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def offer(number: int) -> OfferAmended:
    """The random contract of this number."""
    return _Amended(number).amended()


class _Amended(_Writer):
    def amended(self) -> OfferAmended:
        numbers: list[tuple[str, Any, int]] = []
        while not numbers:
            self.contract, self.facts, self.units, self.value = {}, {}, {}, {}
            one = self.write()
            for term in self.contract.values():
                if "of" in str(term.get("pool", "")):  # a part of a fee, which an amendment may turn negative
                    del term["pool"]
            numbers = list(self.numbers())
        amendments: list[dict[str, Any]] = []
        for _ in range(self.some(1, 2, 2, 3)):
            key, new, latest = self.random.choice(numbers)
            effective = self.date(self.random.randint(2, latest))
            if any(each["effective"] == effective and key in each["set"] for each in amendments):
                continue
            amendments.append({"effective": effective, "set": {key: new()}})
        return OfferAmended(**{each.name: getattr(one, each.name) for each in fields(one)}, amendments=amendments)

    def write_calendar(self) -> Any:
        """Long enough for something to be amended."""
        while True:
            life, said = super().write_calendar()
            if life.periods >= 3:
                return life, said

    def date(self, month: int) -> str:
        year, first = (int(part) for part in self.calendar["start"].split("-"))
        months = year * 12 + first - 1 + month - 1
        return f"{months // 12}-{months % 12 + 1:02d}"

    def numbers(self) -> Iterator[tuple[str, Any, int]]:
        """Every number that may be amended: its key, another number, the last month from which that may hold."""
        for name, term in self.contract.items():
            windows = [(p, p) for p in range(self.life.periods)] if term["term"] in ("fee", "liability_limit") else None
            latest = (windows or self.windows(term["clock"]))[-1][0] * self.life.step + 1
            if latest > 1:
                for key, new in self.of_term(term):
                    yield f"contract.{name}.{key}", new, latest
        for name in self.value:
            last = (self.life.periods - 1) * self.life.step + 1
            yield f"value.{name}", lambda: f"{self.some(30, -60)} EUR per {self.flow_kind}", last

    def of_term(self, term: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        def size() -> Any:
            return self.some(15, 60, 90, "twenty", "25% of max(base, 0)", f"{self.some(50, 70)} EUR")

        if term["term"] == "fee":
            kind = flow_of(term["amount"], World(self.life, self.facts))
            yield "amount", lambda: f"{self.some(45, 150)} EUR per {kind}"
        if term["term"] == "liability_limit":
            yield "at_most", lambda: self.some(20, 90, 600, "50 EUR")
        if term["term"] == "target_cost":
            for key in ("target_cost", "target_profit"):
                yield key, lambda: self.some(90, 110, "twenty", "25% of base")
        if "pool" in term:
            yield "pool.at_most", lambda: self.some(10, 45, "constant_limit")
        for place, step in enumerate(term.get("steps", ())):
            at = f"steps[{place}]"
            if "share" in step:
                for label in ("below 0", "above"):
                    yield f"{at}.share.{label}", lambda: self.some("10%", "75%", 0.35, "mean(part)")
            if "against" in step:
                yield f"{at}.against", size
            if "threshold" in step:
                yield f"{at}.threshold.at", size
            for limit in ("limit_payment", "limit_gain"):
                if "cap" in step.get(limit, {}):
                    yield f"{at}.{limit}.cap", lambda: self.some(55, 130, 600, "constant_limit")
                if "floor" in step.get(limit, {}) and step[limit]["floor"] not in (5, 10):
                    yield f"{at}.{limit}.floor", lambda: self.some(-15, -75, "-1 * twenty", -300)
