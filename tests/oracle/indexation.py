"""The oracle's index factor of a price, period by period, from `indexed` under "fee" in docs/reference/terms.md."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import Life
from tests.oracle.formulas import World, _number, _Scope, _tree, percent

Clause = dict[str, Any]


def factors(term: Clause, world: World) -> list[float]:
    """The index factor in every period."""
    index, life = term.get("indexed"), world.life
    if index is None:
        return [1.0] * life.periods
    base = base_period(index, life, world.start)
    resets = [first for first, _ in life.windows(index["every"], term.get("clock", {}).get("year"))]
    value = _value(index, world, None, base)  # "The factor is taken at the contract's start from start values"
    first = factor = value
    found = []
    for period in range(life.periods):
        # "and anew at each reset: at the start of each later window of kind `every`"
        if period in resets and period != 0:
            last_value, value = value, _value(index, world, _observed(period, _months(index.get("lag")), life), base)
            factor = _next_factor(index, factor, first, value, last_value)
        found.append(factor)
    return found


def base_period(index: Clause, life: Life, start: str) -> int | None:
    """The period in which the base lies, none where it lies before the contract."""
    (year, month), (first_year, first_month) = (
        [int(part) for part in said.split("-")] for said in (index["base"], start)
    )
    months = (year - first_year) * 12 + month - first_month
    return None if months < 0 else months // life.step


def _value(index: Clause, world: World, observed: int | None, base: int | None) -> float:
    """The formula's value of what was observed in a period, of start values where it is none."""
    # "Until an observation is made in that period or a later one, the factor is 1."
    if base is not None and (observed is None or observed < base):
        return 1.0

    def name(said: str) -> float:
        plain = said.removesuffix("[base]")
        fact = world.facts[plain]
        if plain != said:
            # "the published values of that month, one for each `x[base]`"; "the value observed in the period in which
            # the month lies"; "every value at the base is its start value"
            if "at_base" in index:
                return float(index["at_base"][plain])
            return fact.at_start if base is None else fact.values[base]
        return fact.at_start if observed is None else fact.values[observed]

    return float(_number(_tree(str(index["by"])), _Scope(name, None, world, observed or 0)))


def _observed(reset: int, lag: int, life: Life) -> int | None:
    """ "the last period that ended at least `lag` before that moment (before the contract's first period: the start
    values)"
    """
    moment = reset * life.step
    for period in reversed(range(reset)):
        ended = (period + 1) * life.step
        if ended + lag <= moment:
            return period
    return None


def _next_factor(index: Clause, last: float, first: float, value: float, last_value: float) -> float:
    cap, floor = index.get("cap"), index.get("floor")
    # "`lost`: the last factor × the growth of the formula's value since the last reset"; "`recovered`: the formula's value"
    lost = any(limit and limit["excess"] == "lost" for limit in (cap, floor))
    factor = last * (value / last_value) if lost else value
    if cap:  # "at most (1 + at) times the last factor (`per: reset`), or times the first (`per: life`)"
        most = (1 + percent(cap["at"])) * (first if cap["per"] == "life" else last)
        if factor > most:
            factor = most
    if floor:  # "a `floor` the same downwards, with (1 - at). The cap acts first"
        least = (1 - percent(floor["at"])) * (first if floor["per"] == "life" else last)
        if factor < least:
            factor = least
    return factor


def _months(written: str | None) -> int:
    if written is None:
        return 0
    number, unit = written.split()
    return int(number) * (12 if unit.startswith("year") else 1)
