"""Where a distribution without an end lets hours, volumes, counts or prices of things fall below 0.

Whether a value below 0 has a meaning stands nowhere in a file. So this tells only what hardly ever has one: a unit that names a
thing (no growth rate, no part of something, no plain amount of money, no temperature), a distribution that was not given an end
(whoever writes `truncated` with a `low` below 0 says that it may), and a value that lies above 0 in most of its draws: what lies
about 0 is a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gainsim.drivers.shapes import marginal
from gainsim.grid import Calendar
from gainsim.offer.drivers import Driver
from gainsim.offer.fields import formulas_in
from gainsim.offer.scenario import Scenario
from gainsim.ops import kernels, scalars
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Call, Name, parts_of
from gainsim.quantities import percent_text
from gainsim.streams.tables import HIGHEST
from gainsim.units import CURRENCIES, FLOW_MONTHS, Unit

#: the distributions that have no end below
ENDLESS = ("normal", "student_t", "skew_normal", "logistic", "gumbel")
#: rarer is no matter; more often it is a difference: of a normal value, the mean is less than one deviation above 0
RARE, OFTEN = 0.01, 0.16
#: units whose 0 is a mark on a scale
_SCALES = frozenset({"C", "F", "K", "degC", "degF", "degree", "degrees"})
Place = Callable[[tuple[str, str]], tuple[int, int]]


def below_zero(scenario: Scenario, calendar: Calendar, place: Place | None = None) -> Iterator[str]:
    """A sentence for each driver that may fall below 0 and hardly means to: how often, and what to write.

    place: of a key of the file, its line and column
    """
    for name, driver in scenario.drivers.items():
        chance = _chance(driver)
        if not RARE < chance < OFTEN or not _is_of_a_thing(driver.unit) or _is_held(name, scenario):
            continue
        often = f"{percent_text(chance)} of the futures"
        if driver.drawn == "each period":
            once = 1.0 - (1.0 - chance) ** calendar.periods
            often = f"{percent_text(chance)} of the periods, in {percent_text(once)} of the futures at least once"
        line = "" if place is None else f" (line {place(('drivers', name))[0]})"
        fix = f"Let it end there, as truncated: {{ of: {{ {driver.kind}: … }}, low: 0 }}, or read it as max({name}, 0)"
        yield f"drivers.{name}{line} falls below 0 {driver.unit} in {often}. {fix}; if it may, say how far, as low: -10."


def _chance(driver: Driver) -> float:
    """How likely one draw lies below 0; 0 for what has an end, and for what an effort or a shock moves after it is drawn."""
    if driver.kind not in ENDLESS or driver.effort is not None or driver.shocks:
        return 0.0
    value = marginal(driver)
    if not value.at(-HIGHEST) < 0.0 < value.at(HIGHEST):
        return 0.0
    score = scalars.root(value.at, -HIGHEST, HIGHEST)
    return float(kernels.norm_cdf(np.array([score]))[0])


def _is_of_a_thing(unit: Unit) -> bool:
    """Whether a unit names something that can be counted: MWh/month, EUR/hour and months do, EUR/month and 1/year do not."""
    things = {symbol for symbol, power in unit.powers if symbol not in CURRENCIES and not (symbol in FLOW_MONTHS and power < 0)}
    return bool(things) and not things & _SCALES


def _is_held(name: str, scenario: Scenario) -> bool:
    """Whether all that reads a driver holds it by max or clip."""
    readers = [formula for formula in formulas_in(scenario) if name in formula.names]
    return bool(readers) and all(_holds(formula, name) for formula in readers)


def _holds(formula: Formula, name: str) -> bool:
    def bare(part: object) -> bool:
        return isinstance(part, Name) and part.name == name

    held = [part for part, _ in parts_of(formula.tree) if isinstance(part, Call) and part.function in ("max", "clip")]
    within = sum(bare(argument) for part in held for argument in part.arguments)
    return within == sum(bare(part) for part, _ in parts_of(formula.tree))
