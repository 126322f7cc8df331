"""How many paths a wanted precision takes, foretold by pilots whose paths are then thrown away.

A run that stopped once its own standard errors were small enough would stop where chance made them small: of a skewed deal, where
the tail was missed. So the number of paths is settled before the run, by others, and the run is the one that the same
number of paths would have given if somebody had asked for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from gainsim.bridge import simulate_model
from gainsim.errors import UsageError
from gainsim.measures import Estimate
from gainsim.measuring import Measures
from gainsim.model import Model
from gainsim.offer.precision import Aim, Precision
from gainsim.outcome import Outcome
from gainsim.sums import CELL

PILOT = 8_192
#: a pilot stands for runs of up to so many times its size; beyond, a larger one is made first
REACH = 16
#: how much larger the error of a run may well be than its pilot says, beside what few degrees of freedom leave open
_MARGIN = 1.1


@dataclass(frozen=True)
class Sized:
    """The number of paths that a precision takes, and the pilots that foretold it."""

    precision: Precision
    paths: int
    pilots: tuple[int, ...]


@dataclass(frozen=True)
class Reached:
    """An aim and the standard error that a run came to, as the aim counts it; None where the measure has no value."""

    aim: Aim
    size: float | None

    @property
    def met(self) -> bool:
        """Whether the error is as small as was wanted."""
        return self.size is not None and self.size <= self.aim.size


def sized(
    models: Iterable[Model],
    precision: Precision,
    seed: int,
    sampling: str,
    at_most: int,
    threads: int | None = None,
    control_variates: bool = False,
) -> Sized:
    """How many paths give every aim to every offer. Raises `UsageError` where that is more than `at_most`."""

    def pilot(model: Model, paths: int, replicate: int) -> Measures:
        run = simulate_model(
            model, paths, seed, threads, sampling=sampling, replicate=replicate, control_variates=control_variates
        )
        return Measures(Outcome(run))

    found = [_sized(partial(pilot, model), precision, sampling, at_most) for model in models]
    return max(found, key=lambda each: each.paths)


def _sized(pilot: Callable[[int, int], Measures], precision: Precision, sampling: str, at_most: int) -> Sized:
    """pilot: (paths, its number) → what these come to."""
    pilots: list[int] = []
    size = PILOT
    while True:
        pilots.append(size)
        measures = pilot(size, len(pilots))
        wanted = max(_paths(aim, measures, size, at_most) for aim in precision.aims)
        if wanted <= REACH * size:  # errors are foretold upwards only: fewer Sobol points may know far less
            return Sized(precision, _rounded(max(wanted, size), sampling), tuple(pilots))
        size = _rounded(wanted // REACH, sampling)


def _paths(aim: Aim, measures: Measures, pilot: int, at_most: int) -> int:
    """What an aim takes: the error falls as one over the root of the paths, or faster."""
    measured = measures.of(aim.measure)
    found = measured.estimate
    if found is None:
        why = measured.reason.removesuffix(".")
        raise UsageError(f"precision {aim}: the measure has no value: {why}. Leave it out.")
    if aim.unit not in ("", found.unit):
        raise UsageError(f"precision {aim}: the measure is no amount in {aim.unit}. Write a part of it, as {aim.measure} 1%.")
    if found.value == 0.0 and not aim.unit:
        raise UsageError(f"precision {aim}: it is 0 on average, and no part of that is an error. Write an amount.")
    excess = aim.of(found.standard_error, found.value) * _doubt(found) / aim.size
    wanted = pilot * excess * excess
    if not wanted <= at_most:
        said = f"about {_two_digits(wanted)} paths" if math.isfinite(wanted) else "more paths than its pilot can tell"
        raise UsageError(
            f"precision {aim} takes {said}, more than {at_most:,}. "
            "Ask for less, allow more with run.at_most, or try another sampling."
        )
    return math.ceil(wanted)


def _doubt(found: Estimate) -> float:
    """By how much to raise a pilot's standard error: it is itself known to about √(1 / (2 × degrees of freedom))."""
    return _MARGIN + 2.0 * math.sqrt(0.5 / found.degrees_of_freedom)


def _two_digits(number: float) -> str:
    return f"{round(number, 1 - math.floor(math.log10(number))):,.0f}"


def _rounded(paths: int, sampling: str) -> int:
    """Whole cells; for Sobol points a power of two of them."""
    cells = max(1, -(-paths // CELL))
    return CELL * (1 << (cells - 1).bit_length() if sampling == "sobol" else cells)


def reached(sized: Sized, measures: Measures) -> tuple[Reached, ...]:
    """What a run came to, aim by aim."""
    estimates = [(aim, measures.of(aim.measure).estimate) for aim in sized.precision.aims]
    return tuple(
        Reached(aim, aim.of(found.standard_error, found.value) if found is not None and (found.value or aim.unit) else None)
        for aim, found in estimates
    )


def precision_words(sized: Sized, found: Iterable[Reached]) -> str:
    """What was reached, what it took, and what half of it would take."""
    said = [
        f"{each.aim.measure} is known to {each.aim.said(each.size or 0.0, digits=2)}"
        f" ({each.aim.said(each.aim.size)} wanted{'' if each.met else ', not reached'})"
        for each in found
    ]
    pilots = " and ".join(f"{pilot:,}" for pilot in sized.pilots)
    return (
        f"{'; '.join(said)}. It took {sized.paths:,} paths after a pilot of {pilots}; "
        f"half of these errors would take about {4 * sized.paths:,}."
    )


def precision_json(sized: Sized, found: Iterable[Reached]) -> dict[str, Any]:
    """What was wanted and reached, in a unit or (None) as parts of the values, and what it took."""
    aims = {
        each.aim.measure: {"wanted": each.aim.size, "unit": each.aim.unit or None, "reached": each.size, "met": each.met}
        for each in found
    }
    return {"aims": aims, "paths": sized.paths, "pilots": list(sized.pilots), "paths_for_half": 4 * sized.paths}
