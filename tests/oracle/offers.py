"""Random contracts and the facts they meet: each from its number alone, so that a failure names its contract.

The facts hit every edge exactly, lie a little to either side of it, at nothing and far away, on both sides of zero.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.oracle.calendar import MONTHS_IN, Life, Window
from tests.oracle.formulas import Fact, World, at_period

KINDS = ("contract", "calendar", "fiscal")
EDGES = (20, 40, 100, 240, 400)  # where thresholds, edges, floors and caps like to stand
ALMOST = 0.03125  # a little: exact in binary, so that sums over a window hit an edge exactly
LEVELS = ("99.5%", "99%", "97.5%", "95%", "90%")


@dataclass
class Offer:
    """A contract with its facts, twice: as the oracle reads them, and as a scenario for the engine."""

    number: int
    life: Life
    calendar: dict[str, Any]
    contract: dict[str, dict[str, Any]]
    facts: dict[str, Fact]
    units: dict[str, str]
    value: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    rates: dict[str, str] = field(default_factory=dict)

    def scenario(self) -> dict[str, Any]:
        """The offer as a scenario: facts are drivers that follow a schedule."""
        return {
            "gainsim": 1,
            "title": f"random contract {self.number}",
            "currency": "EUR",
            "calendar": self.calendar,
            "money": {"discount_rate": "8% pa", "rates": self.rates},
            "drivers": {name: self._driver(name) for name in self.units},
            "value": self.value,
            "tables": self.tables,
            "contract": self.contract,
        }

    def _driver(self, name: str) -> dict[str, Any]:
        fact = self.facts[name]
        said: dict[str, Any] = {"control": "nobody", "unit": self.units[name]}
        if fact.life:
            return said | {"constant": fact.values[0]}
        year, month = (int(part) for part in self.calendar["start"].split("-"))
        months = [year * 12 + month - 1 + period * self.life.step for period in range(self.life.periods)]
        return said | {"schedule": {f"{m // 12}-{m % 12 + 1:02d}": v for m, v in zip(months, fact.values, strict=True)}}


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Writer(number).write()


class _Writer:
    def __init__(self, number: int) -> None:
        self.random = random.Random(number)
        self.number = number
        self.life, self.calendar = self.write_calendar()
        self.facts: dict[str, Fact] = {}
        self.units: dict[str, str] = {}
        self.value: dict[str, str] = {}
        self.contract: dict[str, dict[str, Any]] = {}

    def some(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def write(self) -> Offer:
        self.common_facts()
        kinds = self.some(
            ("sharing",), ("sharing",), ("fee",), ("fee", "sharing"), ("sharing", "sharing"), ("target_cost",),
            ("fee", "service_credits"), ("fee", "fee"), ("fee", "sharing", "service_credits"),
            ("sharing", "target_cost"), ("fee", "sharing", "sharing", "service_credits"),
        )  # fmt: skip
        for place, kind in enumerate(kinds):
            self.contract[f"{kind}_{place}"] = getattr(self, kind)(f"{kind}_{place}")
        names = list(self.contract)
        if kinds != ("fee",) and self.chance(0.5):
            for liability in self.some(("liability",), ("liability",), ("liability", "second_liability")):
                self.contract[liability] = {
                    "term": "liability_limit",
                    "limits": self.random.sample(names, self.random.randint(1, len(names))),
                    "at_most": self.some(60, 150, 300, "500 EUR", "constant_limit"),
                    "per": self.some("year", "life"),
                }
        return Offer(self.number, self.life, self.calendar, self.contract, self.facts, self.units, self.value)

    # the calendar, clocks and windows

    def write_calendar(self) -> tuple[Life, dict[str, Any]]:
        step = self.some("month", "month", "quarter", "quarter", "quarter", "year")
        size = MONTHS_IN[step]
        start_month = self.random.randint(1, 12)
        months = size * self.random.randint(1, 60 // size) if self.chance(0.3) else self.some(12, 24, 36)
        if step == "month" and months > 36 and self.chance(0.7):
            months = self.random.randint(1, 30)
        fiscal = (start_month - 1 + size * self.random.randint(0, 11)) % 12 + 1
        begins = {"contract": start_month, "calendar": 1, "fiscal": fiscal}
        fits = [kind for kind in KINDS if (start_month - begins[kind]) % size == 0]
        self.year_kinds = fits
        said = {
            "start": f"{self.random.randint(2025, 2028)}-{start_month:02d}",
            "months": months,
            "step": step,
            "year": self.some(*fits),
            "fiscal_start": fiscal,
            "stub_years": self.some("prorated", "full"),
        }
        return Life(start_month, months, size, said["year"], fiscal, said["stub_years"]), said

    def clock(self, *, window: bool = True) -> dict[str, Any]:
        measured = self.some(
            "period", "period", "period",
            *(kind for kind, months in MONTHS_IN.items() if months >= self.life.step), "year", "life",
        )  # fmt: skip
        clock: dict[str, Any] = {"measured": measured} if window else {}
        if self.chance(0.3):
            clock["year"] = self.some(*self.year_kinds)
        if self.chance(0.3):
            clock["paid"] = self.some("30 days", "2 months")
        return clock

    def windows(self, clock: dict[str, Any]) -> list[Window]:
        return self.life.windows(clock.get("measured", "period"), clock.get("year"))

    def later(self, clock: dict[str, Any] | None = None) -> int:
        """A month of the contract that comes no later than the last window (or period) begins."""
        return self.random.randint(1, self.windows(clock or {})[-1][0] * self.life.step + 1)

    def two_years(self, clock: dict[str, Any] | None = None) -> bool:
        """Whether some window (or period) begins in the second year or later."""
        return self.life.year_of(self.windows(clock or {})[-1][0]) >= 1

    # facts

    def add(self, name: str, unit: str, values: Sequence[float], flow: str | None = None) -> str:
        self.facts[name] = Fact([float(value) for value in values], flow)
        self.units[name] = unit
        return name

    def hold(self, name: str, value: float, unit: str = "EUR") -> str:
        self.facts[name] = Fact([float(value)] * self.life.periods, life=True)
        self.units[name] = unit
        return name

    def common_facts(self) -> None:
        periods = range(self.life.periods)
        self.flow_kind = self.some("month", "quarter", "year", self.calendar["step"], self.calendar["step"])
        self.flow_unit = f"EUR/{self.flow_kind}"
        part = MONTHS_IN[self.flow_kind] / self.life.step
        self.add(
            "base", self.flow_unit, [self.random.choice((80, 160, 240, 400)) * part for _ in periods], self.flow_kind
        )
        self.add("stock", "EUR", [self.some(0, 20, 40, 100, 70) for _ in periods])
        self.hold("constant_limit", self.some(50, 200))
        self.hold("twenty", 20)
        self.add("index_a", "index", _walk(self.random, 100, self.life.periods))
        self.add("index_b", "index", _walk(self.random, 80, self.life.periods))
        self.add("part", "1", [self.some(0, 0.125, 0.5, 1) for _ in periods])

    def gain_fact(self, name: str, clock: dict[str, Any], marks: Sequence[float]) -> str:
        """A flow whose windows come to marks, nearly to marks, to nothing, or to anything."""
        part = MONTHS_IN[self.flow_kind] / self.life.step
        values: list[float] = []
        for first, last in self.windows(clock):
            amounts = [float(self.random.randint(-120, 160)) for _ in range(last - first + 1)]
            if self.chance(0.7):
                mark = self.random.choice((0.0, *marks)) * self.random.choice((1, 1, 1, 2, -1, -1, -2))
                wanted = mark + self.random.choice((0, 0, 0, ALMOST, -ALMOST, 37, -55))
                amounts[-1] = wanted - sum(amounts[:-1])
            elif self.chance(0.3):
                amounts = [amount * 8 for amount in amounts]
            values += [amount * part for amount in amounts]
        return self.add(name, self.flow_unit, values, self.flow_kind)

    def amount(self, near: float, clock: dict[str, Any], *, at_least: float | None = None) -> Any:
        """A number near this size, in one of the ways to write it."""
        single = all(first == last for first, last in self.windows(clock))
        later = self.later(clock)
        written: list[Any] = [near, near, near, f"{near} EUR", self.held(near)]
        written += ["25% of base", f"12.5% of base + {near}", f"{near} from month {later} else {near + 20}"]
        written += ["mean(stock)", "highest(stock)", f"max({near}, 25% of base)", f"min(total(stock), {near})"]
        written += [f"{near} if base > 500 else {near + 40}", f"(first(stock) + last(stock)) / 2 + {near}"]
        written += ["twenty + lowest(stock)"]
        if self.two_years(clock):
            written += [f"{near} from year 2 else 12.5% of base"]
        if single:
            written += ["stock", "stock + 2 * twenty"]
        chosen = self.random.choice(written)
        return f"max({chosen}, {at_least})" if at_least is not None and " from " not in str(chosen) else chosen

    def held(self, value: float) -> str:
        name = f"held_{value}".replace(".", "_").replace("-", "minus_")
        return name if name in self.facts else self.hold(name, value)

    # terms

    def fee(self, name: str) -> dict[str, Any]:
        rate = self.add(
            f"rate_{name}", self.flow_unit, [self.some(0, 30, 60, 60, 90, 120) for _ in range(self.life.periods)],
            self.flow_kind,
        )  # fmt: skip
        per = f"EUR per {self.flow_kind}"
        later, second = self.later(), f"{rate} from year 2 else 60 {per}"
        amount = self.some(
            f"600 {per}", rate, f"{rate} + 50% of base", f"50 {per}", f"{rate} * 1.5", "25% of base",
            f"120 {per} from month {later} else 90 {per}", second if self.two_years() else rate, f"base - {rate}",
            f"900 EUR per {self.some('month', 'quarter', 'year')}", f"max({rate}, 45)",
        )  # fmt: skip
        term: dict[str, Any] = {"term": "fee", "amount": amount, "clock": self.clock()}
        if self.chance(0.4):
            term["clock"]["invoiced"] = "in advance"
        if self.chance(0.6):
            term["indexed"] = self.indexation(term["clock"])
        return term

    def indexation(self, clock: dict[str, Any]) -> dict[str, Any]:
        every = [kind for kind in ("quarter", "half_year", "year") if MONTHS_IN[kind] >= self.life.step]
        year, month = (int(part) for part in self.calendar["start"].split("-"))
        before = year * 12 + month - 2
        index: dict[str, Any] = {
            "by": self.some(
                "index_a / index_a[base]",
                "0.4 + 0.6 * index_a / index_a[base]",
                "0.2 + 0.5 * index_a / index_a[base] + 0.3 * index_b / index_b[base]",
                "index_b / index_b[base]",
            ),
            "base": f"{before // 12}-{before % 12 + 1:02d}",
            "every": self.some("period", *every),
        }
        if self.chance(0.6):  # a lag is whole periods, and shorter than the time between two resets
            resets = [first for first, _ in self.life.windows(index["every"], clock.get("year"))]
            between = min((b - a for a, b in pairwise(resets)), default=1) * self.life.step
            index["lag"] = f"{self.random.randrange(0, between, self.life.step)} months"
        excess = self.some("lost", "recovered")  # cap and floor treat it alike
        for limit in ("cap", "floor"):
            if self.chance(0.5):
                per = self.some("reset", "reset", "life")
                index[limit] = {"at": self.some("0%", "2%", "5%", "10%", 0.03), "per": per, "excess": excess}
        return index

    def sharing(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        marks = list(EDGES)
        gain = self.gain_fact(f"gain_{name}", clock, marks)
        of = self.some(gain, gain, gain, gain, f"{gain} - 25% of base", f"50% of {gain}", f"total({gain})")
        if self.chance(0.15):  # a named value between the facts and the contract
            second = f"{gain} - 25% of base from year 2 else {gain}"
            written = self.some(
                f"{gain} + {gain} * part - base", f"{gain} from month {self.later()} else {gain} - base",
                second if self.two_years() else gain,
            )  # fmt: skip
            self.value[f"value_{name}"] = written
            world = World(self.life, self.facts)
            values = [at_period(written, world, period) for period in range(self.life.periods)]
            self.facts[f"value_{name}"] = Fact(values, self.flow_kind)
            of = f"value_{name}"
        steps = self.gain_steps(clock)
        steps.append({"share": self.bands(clock)})
        steps += self.payment_steps(clock)
        return {"term": "sharing", "of": of, "clock": clock, "steps": steps}

    def gain_steps(self, clock: dict[str, Any]) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = []
        catching_up = False  # afterwards nothing raises a gain that was none
        for _ in range(self.some(0, 0, 1, 1, 2, 3)):
            kind = self.some("against", "threshold", "threshold", "deadband", "limit_gain")
            near = self.random.choice(EDGES)
            if kind == "against":
                steps.append({"against": self.amount(near, clock, at_least=0)})
            elif kind == "threshold":
                then = self.some("excess", "from_first", "from_first", "catch_up")
                if then == "catch_up" and catching_up:  # at most one
                    then = "excess"
                sides = "gain" if then == "catch_up" else self.some("gain", "pain", "both")
                said = {"at": self.amount(near, clock, at_least=0), "sides": sides, "then": then}
                if then == "catch_up":
                    said["catch_up_share"] = self.some("100%", "80%", "50%", 0.3, f"80% from month {self.later(clock)} else 50%")
                    catching_up = True
                steps.append({"threshold": said})
            elif kind == "deadband":
                below, above = self.some((0, 20), (20, 40), (40, 0), (20, 20))
                written = {"below": below, "above": self.some(above, self.amount(above, clock, at_least=0))}
                steps.append({"deadband": written})
            else:
                limits: dict[str, Any] = {}
                if self.chance(0.6):
                    limits["floor"] = self.some(-100, -240, "-50% of base", -20 if catching_up else 10)
                if not limits or self.chance(0.6):
                    cap = self.some(100, 240, 400)
                    limits["cap"] = cap if limits.get("floor") == 10 else self.amount(cap, clock, at_least=0)
                steps.append({"limit_gain": limits})
        return steps

    def bands(self, clock: dict[str, Any]) -> dict[str, Any]:
        def share() -> Any:
            second = "25% from year 2 else 50%" if self.two_years(clock) else "50%"
            return self.some("0%", "25%", "40%", "60%", "100%", 0.3, "mean(part)", second)

        bands = {"below 0": share()}
        for label in self.some((), (), ("below -40",), ("below -20 EUR", "below -25% of base - 100")):
            bands[label] = share()
        for label in self.some(
            (), ("up to 40",), ("up to 100", "up to 240"), ("up to twenty", "up to 40 + 25% of base"),
            ("up to 20", "up to 100", "up to 400"), ("up to 50% of base", "up to base + 10"),
        ):  # fmt: skip
            bands[label] = share()
        return bands | {"above": share()}

    def payment_steps(self, clock: dict[str, Any]) -> list[dict[str, Any]]:
        carries = self.chance(0.5)
        expires = self.some("never", "never", "after 1 settlement", "after 2 settlements", "after 5 settlements")
        limits = [self.limit_payment(clock) for _ in range(self.some(0, 1, 1, 2, 2, 3))]
        if not carries:
            return limits
        what = self.some("all pain", "pain beyond the floor", "pain beyond the floor")
        if not any("floor" in step["limit_payment"] for step in limits):
            what = "all pain"
        place = self.random.randint(0, len(limits))
        carry = {"what": what, "expires": expires, "at_end": self.some("lost", "paid")}
        return [*limits[:place], {"carry": carry}, *limits[place:]]

    def limit_payment(self, clock: dict[str, Any]) -> dict[str, Any]:
        limit: dict[str, Any] = {"per": self.some("settlement", "settlement", "year", "life")}
        if self.chance(0.6):
            limit["floor"] = self.some(-20, -40, "-40 EUR", "-25% of base", -100, 0, 5)
        if "floor" not in limit or self.chance(0.6):
            moving = [0, self.amount(100, clock, at_least=0), "25% of base"] if limit.get("floor") != 5 else []
            limit["cap"] = self.some(40, 100, *moving)
        return {"limit_payment": limit}

    def target_cost(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        cost = self.gain_fact(f"cost_{name}", clock, [100, 240, 400])
        term: dict[str, Any] = {
            "term": "target_cost",
            "actual_cost": cost,
            "target_cost": self.some(100, 240, "50% of base", self.amount(100, clock)),
            "target_profit": self.some(
                12, "12.5% of base", 0, "10 from year 2 else 15" if self.two_years(clock) else 15
            ),
            "supplier_share_under": self.some("50%", "0%", "100%", 0.3),
            "supplier_share_over": self.some(
                "50%", "0%", "30%", "80%" if not self.two_years(clock) else "100% from year 2 else 80%"
            ),
            "clock": clock,
        }
        if self.chance(0.5):
            term["ceiling_price"] = self.some(120, 300, "base")
        if self.chance(0.4):
            term["lowest_profit"] = self.some(0, -20, 5, "10% of base")
        if self.chance(0.4):
            fixed = [15, 40] if term.get("lowest_profit") != "10% of base" else []
            term["highest_profit"] = self.some(*fixed, "max(15, 50% of base)")
        return term

    def service_credits(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        single = all(first == last for first, last in self.windows(clock))
        edges = sorted(self.random.sample(LEVELS, self.random.randint(1, 3)), key=lambda edge: -float(edge[:-1]))
        credit = self.some(("5%", "15%", "30%"), ("10%", "10%", "100%"))
        around = [float(edge[:-1]) / 100 for edge in edges]
        values = [
            self.random.choice((*around, *around, 1.0, 0.5)) + self.some(0, 0, 0, 1e-6, -1e-6)
            for _ in range(self.life.periods)
        ]
        level = self.add(f"level_{name}", "1", values)
        fees = [said for said, term in self.contract.items() if term["term"] == "fee"]
        charge = self.random.choice(fees)
        term: dict[str, Any] = {
            "term": "service_credits",
            "level": level if single and self.chance(0.5) else f"{self.some('lowest', 'highest', 'last')}({level})",
            "credits": {
                f"{self.some('below', 'at or below')} {edge}": part for edge, part in zip(edges, credit, strict=False)
            },
            "of": self.some(charge, charge, charge, "base", f"50% of {charge}", "constant_limit"),
            "clock": clock,
        }
        if self.chance(0.6):
            per = self.some("settlement", "year", "year", "life")
            flows = (f"5% of {charge}", "5% of base", f"10% of {charge}") if per != "settlement" else ()
            term["pool"] = {"at_most": self.some(20, 60, "constant_limit", *flows), "per": per}
        return term


def _walk(source: random.Random, start: float, periods: int) -> list[float]:
    values = [start]
    while len(values) < periods:
        values.append(round(values[-1] * source.choice((0.9, 0.97, 1.0, 1.01, 1.03, 1.05, 1.12)), 3))
    return values
