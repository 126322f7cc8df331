"""What a number of the file must be for a measure to come out as wanted, on the same futures all along."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from gainsim.analyses.repricing import Repricing
from gainsim.errors import UsageError
from gainsim.judging import Judgement, judge
from gainsim.measures import Estimate
from gainsim.measuring import Measured, Measures, rules_of
from gainsim.numbers import QuantityError, Written, text_of
from gainsim.offer.limits import LIMITED_NAMES, Limited
from gainsim.outcome import Outcome
from gainsim.scenario.changes import changed, found_at, number_as_there, text_of_number, with_number
from gainsim.scenario.library import filled_in
from gainsim.scenario.load import Loaded, from_document, load_file
from gainsim.spelling import did_you_mean
from gainsim.words import figure

#: the answer lies within this part of the range that is searched
CLOSE = 1e-7
#: and how fast the measure moves there is asked at so much of the range to either side, or more
ASIDE = 1e-3
#: where the measure moves evenly, the search brings it to its target but for so much of how far it moves over the range
LAST_DIGITS = 1e-5
#: the curve of the measure over the range has so many points
SHOWN = 9
#: what is told of the offer beside the measure that is wanted
TOLD = ("npv", "expected_margin", "chance_of_loss", "cvar_95", "customer_net_benefit", "customer_chance_of_regret")


@dataclass(frozen=True)
class Priced:
    """The number that brings a measure to its target.

    key, before, after: where it stands, what was written there, and what is written there instead
    number:    the answer; error: how far chance may have moved it, one standard error
    measure:   the measure, as it was, and at the answer
    told:      by name, other measures as they were and at the answer; those without a value are left out
    broken:    the limits of the house that the offer breaks at the answer
    searched:  (number, measure) over the range that was searched, both ends among them
    """

    key: str
    before: str
    after: str
    number: float
    error: float
    target: float
    measure: tuple[Measured, Measured]
    told: dict[str, tuple[Measured, Measured]]
    broken: tuple[str, ...]
    searched: tuple[tuple[float, Estimate], ...]
    paths: int
    seed: int

    @property
    def met(self) -> bool:
        """Whether the measure comes to its target there, but for the last digits of the search; one that jumps steps over it."""
        found = self.measure[1].estimate
        assert found is not None
        return _is_met(found.value, self.target, [of.value for _, of in self.searched])


def priced(
    file: Path,
    key: str,
    between: tuple[Written, Written],
    measure: str,
    target: Written,
    paths: int,
    changes: tuple[str, ...] = (),
    offer: str | None = None,
    step: Callable[[], None] = lambda: None,
    seed: int | None = None,
) -> Priced:
    """Search a range of a number of the file for the one at which a measure is what is wanted.

    between: the ends of the range, the lower one first, in what is written at the key: 30 and 50 of `40%`
    target:  what the measure is to be, as a house limit has it: 14%, 80_000
    Every trial meets the same futures, so the measure moves with the number alone. The answer's standard error is that of the
    measure, over how fast it moves there. Where the measure does not rise or fall all along, the answer is one of several.
    Raises `UsageError` where there is no such key or measure, no number in it, where the target is nothing that the measure can be,
    or the range does not reach it.
    """
    rules = rules_of(measure)
    if rules is None:
        meant = did_you_mean(measure, LIMITED_NAMES) or " The names are those of house limits, as npv, expected_margin, cvar_95."
        raise UsageError(f"no measure '{measure}'.{meant}")
    as_is = load_file(file, changes, offer=offer, seed=seed)
    text = _text_at(key, as_is)
    low, high = _range(between, text)
    wanted = _target(target, measure, rules, as_is.scenario.currency)
    repricing = Repricing(as_is, paths, as_is.scenario.run.seed)

    def measured(loaded: Loaded) -> tuple[Measures, Measured]:
        measures = Measures(Outcome(repricing.run(loaded)))
        step()
        return measures, measures.of(measure)

    def at(number: float) -> tuple[Measures, Measured]:
        moved = f"{key}={with_number(text, number)}"
        return measured(from_document(changed(as_is.document, [moved], "--between, at "), noted=False))

    @cache
    def reached(number: float) -> Measured:
        return replace(at(number)[1], influence=None)  # which is as long as there are futures

    def beyond(number: float) -> float:
        found = reached(number)
        if found.estimate is None:
            raise UsageError(f"{measure} has no value at {with_number(text, number)}: {found.reason}.")
        return found.estimate.value - wanted

    from scipy.optimize import brentq  # here: who asks for no price does not wait for it

    over = [low + (high - low) * n / (SHOWN - 1) for n in range(SHOWN)]
    ends = (low, high) if beyond(low) * beyond(high) <= 0.0 else _around(over, beyond)
    if ends is None:
        came = [beyond(each) + wanted for each in over]
        least, most, asked = (figure(value, reached(low).unit) for value in (min(came), max(came), wanted))
        between_them = f"between {with_number(text, low)} and {with_number(text, high)} {measure}"
        if min(came) == max(came):
            raise UsageError(f"{between_them} stays at {least}: this number does not move it to {asked}. Name the key of another.")
        there = f"{between_them} lies from {least} to {most}, at {SHOWN} numbers"
        raise UsageError(f"{there}: {asked} is not among them. Widen the range, or move another number: a clause may hold it.")
    number = brentq(beyond, *ends, xtol=CLOSE * (high - low))
    before, after = measured(as_is), at(number)
    assert after[1].estimate is not None
    error = _error(beyond, number, (low, high), after[1].estimate.standard_error)
    told = {name: (before[0].of(name), after[0].of(name)) for name in TOLD if name != measure}
    kept = {name: both for name, both in told.items() if None not in (both[0].estimate, both[1].estimate)}
    searched = tuple((each, found) for each in over if (found := reached(each).estimate) is not None)
    met = _is_met(after[1].estimate.value, wanted, [of.value for _, of in searched])
    judged = [judge(name, limit, after[0]) for name, limit in as_is.scenario.limits.items()]
    broken = tuple(each.name for each in judged if each.verdict == "broken" and not (met and _is_target(each, after[1], wanted)))
    drawn = as_is.scenario.run.seed
    return Priced(
        key, text, with_number(text, number), number, error, wanted, (before[1], after[1]), kept, broken, searched, paths, drawn
    )


def _error(beyond: Callable[[float], float], number: float, between: tuple[float, float], of_measure: float) -> float:
    """How far chance may have moved an answer: the error of the measure, over how fast it moves there.

    How fast is asked as far to either side as the measure takes to move by its error, lest a share of few futures stand still.
    """
    low, high = between
    aside = ASIDE * (high - low)
    while True:
        left, right = max(number - aside, low), min(number + aside, high)
        moved = abs(beyond(right) - beyond(left))
        if moved >= of_measure or (left, right) == between:
            return of_measure * (right - left) / moved if moved else math.inf
        aside *= 4.0


def _around(over: Sequence[float], beyond: Callable[[float], float]) -> tuple[float, float] | None:
    """The first two neighbours between which a measure comes to its target; it may rise and fall again. None where none do."""
    return next((both for both in pairwise(over) if beyond(both[0]) * beyond(both[1]) <= 0.0), None)


def _is_met(value: float, wanted: float, over: Sequence[float]) -> bool:
    """Whether a value is what is wanted but for the last digits of the search. over: the measure over the range"""
    return abs(value - wanted) <= LAST_DIGITS * (max(over) - min(over))


def _is_target(limit: Judgement, measured: Measured, wanted: float) -> bool:
    """Whether a limit is the very target, which the answer comes to but for the last digits of the search."""
    return limit.bound == wanted and limit.measured.estimate == measured.estimate


def _range(between: tuple[Written, Written], text: str) -> tuple[float, float]:
    """The ends of the range in what is written at the key. Raises `UsageError` for what is none."""
    said = "--between {} {}".format(*map(text_of, between))
    try:
        low, high = (number_as_there(text_of(each), text) for each in between)
    except ValueError as error:
        raise UsageError(f"{said}: {error}") from None
    if not low < high:
        raise UsageError(f"{said}: of '{text}' that is from {low:_g} to {high:_g}. Write two ends, the lower one first.")
    return low, high


def _target(written: Written, measure: str, rules: Limited, currency: str) -> float:
    try:
        return rules.bound(written, currency)
    except QuantityError as error:
        raise UsageError(f"--target {text_of(written)}, of {measure}: {error}") from None


def _text_at(key: str, loaded: Loaded) -> str:
    data = filled_in(loaded.document).data
    try:
        return text_of_number(found_at(data, key)[1])
    except ValueError as error:
        raise UsageError(f"{key}: {error}") from None
