"""Where a distribution without an end lets hours, volumes, counts or prices of things fall below 0.

Whether a value below 0 has a meaning stands nowhere in a file. So this tells only what hardly ever has one: a unit that names a
thing (no growth rate, no part of something, no plain amount of money, no temperature), a distribution that was not given an end
(whoever writes `low` below 0, or a part of a mixture that lies there, says that it may), and a value that lies above 0 in most of
its draws: what lies about 0 is a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gainsim.drivers.made import chance_below
from gainsim.drivers.shapes import marginal
from gainsim.grid import Calendar
from gainsim.offer.drivers import Driver
from gainsim.offer.fields import formulas_in
from gainsim.offer.scenario import Scenario
from gainsim.offer.shapes import Part
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Call, Expression, Name, parts_of
from gainsim.quantities import percent_text
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
    unheld = _read_by_name(scenario)
    for name, driver in scenario.drivers.items():
        chance = _chance(driver)
        if not RARE < chance < OFTEN or not _is_of_a_thing(driver.unit) or (name not in unheld and _is_held(name, scenario)):
            continue
        often = f"{percent_text(chance)} of the futures"
        if driver.drawn == "each period":
            once = 1.0 - (1.0 - chance) ** calendar.periods
            often = f"{percent_text(chance)} of the periods, in {percent_text(once)} of the futures at least once"
        line = "" if place is None else f" (line {place(('drivers', name))[0]})"
        cut = f"Let it end there, as truncated: {{ of: {{ {driver.kind}: … }}, low: 0 }}"
        fix, may = _FIXES.get(driver.kind, (cut, "low: -10"))
        read = "" if name in unheld else f", or read it as max({name}, 0)"
        yield f"drivers.{name}{line} falls below 0 {driver.unit} in {often}. {fix}{read}; if it may, say how far, as {may}."


#: what to write of a distribution that is made of others, and what where it may fall below 0
_FIXES = {
    "truncated": ("Let it end there, as low: 0 beside high", "low: -10"),
    "mixture": ("Write parts that end there, as lognormal or gamma", "low: -10 of a uniform part"),
}


def _chance(driver: Driver) -> float:
    """How likely one draw lies below 0; 0 for what has an end, and for what an effort or a shock moves after it is drawn."""
    if driver.effort is not None or driver.shocks:
        return 0.0
    if driver.mixture is not None:
        meant = any(_is_meant(part) for part in driver.mixture)
        return 0.0 if meant else sum(part.weight * chance_below(marginal(part), 0.0) for part in driver.mixture)
    cut = driver.truncated
    endless = driver.kind in ENDLESS if cut is None else cut.low is None and cut.of.shape in ENDLESS
    return chance_below(marginal(driver), 0.0) if endless else 0.0


def _is_meant(part: Part) -> bool:
    """Whether a part of a mixture has an end below 0, or lies there."""
    value = marginal(part)
    return (value.median if part.shape in ENDLESS else value.ends[0]) < 0.0


def _is_of_a_thing(unit: Unit) -> bool:
    """Whether a unit names something that can be counted: MWh/month, EUR/hour and months do, EUR/month and 1/year do not."""
    things = {symbol for symbol, power in unit.powers if symbol not in CURRENCIES and not (symbol in FLOW_MONTHS and power < 0)}
    return bool(things) and not things & _SCALES


def _read_by_name(scenario: Scenario) -> set[str]:
    """The drivers that something reads as they are, without a formula that could hold them: fleets, followers, indexed costs."""
    fleets = {name for each in scenario.operations.values() for name in each.reads}
    followed = {driver.follows.of for driver in scenario.drivers.values() if driver.follows is not None}
    return fleets | followed | {cost.indexed for cost in scenario.costs.values() if cost.indexed is not None}


def _is_held(name: str, scenario: Scenario) -> bool:
    """Whether every formula that reads a driver holds it, by max or clip, at a number that is not below 0."""
    readers = [formula for formula in formulas_in(scenario) if name in formula.names]
    return bool(readers) and all(_holds(formula, name) for formula in readers)


def _holds(formula: Formula, name: str) -> bool:
    def bare(part: object) -> bool:
        return isinstance(part, Name) and part.name == name

    def from_0(part: Expression) -> bool:
        number = formula.part(part).constant
        return number is not None and number >= 0.0

    def held(part: object) -> int:
        match part:
            case Call("max", arguments) if any(from_0(argument) for argument in arguments):
                return sum(bare(argument) for argument in arguments)
            case Call("clip", (value, low, _)) if from_0(low):
                return int(bare(value))
        return 0

    parts = [part for part, _ in parts_of(formula.tree)]
    return sum(map(held, parts)) == sum(map(bare, parts))
