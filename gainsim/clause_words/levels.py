"""Service levels in words: what a missed level costs, what counts more or less, and what brings it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gainsim.clause_words.words import Words, label_of, name_of, per_of, said_of
from gainsim.offer.credits import Pool
from gainsim.offer.edges import Step
from gainsim.offer.service_levels import (
    Counted,
    EarnBack,
    PointLevel,
    Repeated,
    ServiceLevel,
    ServiceLevels,
    ServicePoints,
)
from gainsim.ops.formula import Formula


def levels(term: ServiceLevels, words: Words) -> str:
    """Many levels on one amount at risk."""
    told = [f"{name_of(name)} ({'; '.join(_level(level, words))})" for name, level in term.levels.items()]
    said = f"{said_of(term.at_risk)} of {words.whole(term.of, term.clock)} is at risk; of that is credited for "
    return f"{said}{'; '.join(told)}{pool(words, term.pool)}"


def points(term: ServicePoints, words: Words) -> str:
    """Many levels that earn points."""
    told = [f"{name_of(name)} ({'; '.join(_points(level))})" for name, level in term.levels.items()]
    over = "" if term.counted.how == "settlement" else f", all {_counted(term.counted)} together"
    part = f"the table {name_of(term.table)} says which part of {words.whole(term.of, term.clock)} is credited for them{over}"
    return f"Missed levels earn points: {'; '.join(told)}; {part}{pool(words, term.pool)}"


def credit_steps(steps: Sequence[Step]) -> str:
    """What is due at each edge."""
    return ", ".join(f"{said_of(step.due)} {label_of(step.label)}" for step in steps)


def pool(words: Words, most: Pool | None) -> str:
    """The most that credits may take."""
    return "" if most is None else f", at most {words.size(most.at_most)} {per_of(most.per)}"


def _level(level: ServiceLevel, words: Words) -> Iterator[str]:
    yield credit_steps(level.credits)
    if level.repeated is not None:
        yield _repeated(level.repeated)
    if (critical := level.critical) is not None:
        where = "on top of what is at risk" if critical.pool == "beside" else "within what is at risk"
        yield f"{label_of(critical.when.label)} {words.size(critical.credit)} more, {where}"
    if level.earn_back is not None:
        yield _earned(level.earn_back)
    if (right := level.termination_right) is not None:
        failures = "critical failure" if right.of == "critical" else "miss"
        several = f"{failures}{'es' if failures == 'miss' else 's'}" if right.failures > 1 else failures
        yield f"{right.failures} {several} {_counted(right.counted)} give the right to terminate"


def _points(level: PointLevel) -> Iterator[str]:
    yield credit_steps(level.points)
    if level.repeated is not None:
        yield _repeated(level.repeated)


def _repeated(of: Repeated) -> str:
    """As: from the 2nd miss in a row on it counts 1.5 times, from the 3rd on 2 times."""
    (first, by), *others = of.multiply
    more = "".join(f", from the {_ordinal(number)} on {_times(other)}" for number, other in others)
    return f"from the {_ordinal(first)} miss {_counted(of.counted)} on it counts {_times(by)}{more}"


def _times(by: Formula) -> str:
    often = f"{said_of(by)} times"
    return often if by.constant is None else {0.0: "nothing", 1.0: "once"}.get(by.constant, often)


def _earned(of: EarnBack) -> str:
    """What a better level later brings back."""
    over = "as the mean of the year" if of.settlements is None else f"over the next {_settlements(of.settlements)}"
    again = ", counted anew after one that misses it" if of.otherwise == "kept" else ""
    part = "all" if of.returns.constant == 1.0 else said_of(of.returns)
    return f"{part} of it comes back for a level {label_of(of.when.label)} {over}{again}"


def _settlements(count: int) -> str:
    return "settlement" if count == 1 else f"{count} settlements"


def _counted(of: Counted) -> str:
    return {"in the last": f"in the last {of.last} settlements", "in the year": "in a year"}.get(of.how, of.how)


def _ordinal(number: int) -> str:
    """A number in a row.

    >>> _ordinal(1), _ordinal(2), _ordinal(11), _ordinal(23)
    ('1st', '2nd', '11th', '23rd')
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
