"""Measured values: a true value, and the errors of measurement that stand between it and what is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gainsim.facts import Facts
from gainsim.grid import Window
from gainsim.offer.measured import Measured, MeasurementError, Missing
from gainsim.ops import Value, norm_cdf, require, sqrt, where
from gainsim.ops.formula import Formula, Refused
from gainsim.ops.unit_check import Kind, in_words
from gainsim.periods import in_periods
from gainsim.units import Unit
from gainsim.world import World

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """An error that chance draws.

    deviation: its standard deviation, by period
    alike:     (periods,) the correlation of its score with the one before: 0 for a new one, 1 for the same
    """

    deviation: Value
    alike: Floats


def measured(name: str, written: Measured, true: Value, unit: Unit, facts: Facts, world: World) -> Value:
    """What is read: the true value and each of its errors, or what counts where a reading is missing.

    Chance is left out of the base case, and all that stands between the true value and the reading where that is given
    from outside, or read exactly.
    """
    value, errors = true, []
    for error, each in written.errors.items():
        with world.problems.at("value", name, "errors", error):
            amount = _amount(each.kind, each.amount, unit, facts) * _years_off(each, facts)
            if each.drawn is None:
                value = value + amount
                continue
            errors.append(Drawn(amount, _alike(each, facts)))
            if world.mode == "drawn":
                value = value + amount * _score(f"{name}/{error}", errors[-1].alike, facts)
    if written.missing is not None and world.mode == "drawn":
        value = _filled(f"{name}/missing readings", written.missing, value, facts)
    facts.errors[name] = partial(_standard_error, name, unit, () if name in world.exact else errors, facts)
    return true if name in world.exact or world.mode == "measured" else value


def _amount(kind: str, written: Formula, unit: Unit, facts: Facts) -> Value:
    """How large an error is; it has the unit of what is measured."""
    value, own = facts.each_period(written)
    if own is not Kind.BARE and own != unit:
        told = f"{kind}: '{written.text}' is {in_words(own)}; what is measured is {in_words(unit)}"
        raise ValueError(f"{told}. An error has the unit of what is measured.")
    if kind == "size":
        value = require(value >= 0.0, value, f"the size '{written.text}' of an error of measurement is negative", value)
    return value


def _set_right(error: MeasurementError, facts: Facts) -> list[int]:
    """The periods at whose start a meter that drifts is set right, the contract's first among them."""
    calendar, every = facts.calendar, error.recalibrated_every
    if every is None:
        return [0]
    periods = in_periods(every, "recalibrated_every", calendar)
    if not periods:
        raise ValueError(f"recalibrated_every: {every} is no time. Write at least one {calendar.step}.")
    return list(range(0, calendar.periods, periods))


def _years_off(error: MeasurementError, facts: Facts) -> Value:
    """For how long a drift has grown, in years, in the middle of each period; 1 for what does not grow."""
    if error.drift is None:
        return 1.0
    right, step = _set_right(error, facts), facts.calendar.step_months / 12.0
    since = [max(first for first in right if first <= t) for t in range(facts.calendar.periods)]
    return facts.program.param([(t + 0.5 - first) * step for t, first in enumerate(since)])


def _alike(error: MeasurementError, facts: Facts) -> Floats:
    """How closely the score of each period hangs together with the one before."""
    alike = np.full(facts.calendar.periods, 1.0 if error.drawn != "each period" else error.autocorrelation)
    anew: Iterable[int] = [0]
    if error.drawn == "each year":
        anew = [window.first for window in facts.calendar.windows("year")]
    elif error.drawn == "each recalibration":
        anew = _set_right(error, facts)
    alike[list(anew)] = 0.0
    return alike


def _score(stream: str, alike: Floats, facts: Facts) -> Value:
    """A standard normal number in each period: alike × the one before + √(1 - alike²) × a new one."""
    if (alike[1:] == 1.0).all():
        return facts.program.draw_once(stream, facts.every)
    drawn = facts.program.draw(stream, facts.every)
    if not alike.any():
        return drawn
    memory = facts.program.state(0.0, stream)
    kept, new = (
        facts.program.param(alike),
        facts.program.param([math.sqrt(1.0 - each * each) for each in alike.tolist()]),
    )
    score = kept * memory.read(facts.every) + new * drawn
    memory.write(facts.every, score)
    return score


def _filled(stream: str, missing: Missing, value: Value, facts: Facts) -> Value:
    """The readings, and what counts where one is missing."""
    program, every = facts.program, facts.every
    gone = norm_cdf(program.draw(stream, every)) < missing.chance
    if missing.filled == "nothing":
        return where(gone, 0.0, value)
    if missing.filled == "last reading":
        last = program.state(0.0, f"last reading of {stream}")
        read = where(gone, last.read(every), value)
        last.write(every, read)
        return read
    total, count = program.state(0.0, f"total of {stream}"), program.state(0.0, f"count of {stream}")
    so_far, number = total.read(every), count.read(every)
    total.write(every, where(gone, so_far, so_far + value))
    count.write(every, where(gone, number, number + 1.0))
    return where(gone, so_far / where(number > 0.0, number, 1.0), value)


def _standard_error(name: str, unit: Unit, errors: Sequence[Drawn], facts: Facts, windows: Sequence[Window]) -> Value:
    """The standard error of what a measured value comes to in a window.

    With D the deviation of each period and r the correlation of its score with the one before: K = r × K before + D, and the
    variance of the sum grows by D × (D + 2 × r × K before).
    """
    if unit.flow is None and any(window.first != window.last for window in windows):
        raise Refused(f"is of what adds up over the window; '{name}' does not ({unit.describe()}).")
    begins = np.zeros(facts.calendar.periods)
    begins[[window.first for window in windows]] = 1.0
    begin = facts.program.param(begins) > 0.5
    variance: Value = 0.0
    for number, error in enumerate(errors):
        deviation = error.deviation if unit.flow is None else facts.amount(error.deviation, unit)
        deviation, section = facts.while_it_runs(deviation)
        together = facts.program.state(0.0, f"{name}: error {number}, together")
        square = facts.program.state(0.0, f"{name}: error {number}, square")
        before = where(begin, 0.0, facts.program.param(error.alike) * together.read(section))
        so_far = where(begin, 0.0, square.read(section)) + deviation * (deviation + 2.0 * before)
        together.write(section, before + deviation)
        square.write(section, so_far)
        variance = variance + so_far
    return sqrt(variance) if errors else 0.0
