"""The reverse of a stress: the least unlikely states of the drivers in which an offer comes past a limit, and their probability."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.crossing import NPV, Crossing
from gainsim.analyses.owners import moving_drivers
from gainsim.analyses.rare import Line, Trial, Trials, choose_directions, directions_of, fitted, search
from gainsim.analyses.states import State, UsualCourse, states, usual_courses
from gainsim.cells import Progress
from gainsim.measures import Estimate, estimate, mean, probability, ratio
from gainsim.model import Model, build
from gainsim.streams.shifted import Proposal, Shifted
from gainsim.sums import CELL

Floats = NDArray[np.float64]
#: what is past a limit more often than this is no rare thing, and not what is asked where nothing is
COMMON = 0.01
#: the part of ordinary futures below the level that is asked instead; but so many of them at least
LEVEL, ENOUGH = 0.001, 10
#: how sure the bound is of a probability of what was never seen
SURE = 0.95
#: the cosine of two directions that tell the same
AGREE = 0.9
#: so many ordinary futures are compared with a state
COMPARED = 10 * CELL
#: clauses that differ by no more than this part of the largest difference are told together
SLIVER = 0.005


@dataclass(frozen=True)
class Contrast:
    """What something comes to in the mean of ordinary futures, and of those past the limit."""

    usual: Estimate
    past: Estimate

    @property
    def apart(self) -> Estimate:
        """How far past is from usual. The one are not the other's futures, so the squares of both errors add up.

        >>> apart = Contrast(Estimate(10.0, 3.0), Estimate(2.0, 4.0)).apart
        >>> apart.value, apart.standard_error
        (-8.0, 5.0)
        """
        return Estimate(self.past.value - self.usual.value, math.hypot(self.usual.standard_error, self.past.standard_error))


class Drawn(NamedTuple):
    """What is drawn, at a point.

    score: its average in the year of the contract in which it lies farthest out, in that average's standard deviations
    part:  of how unlikely the point is; year: that year, from 1 on, None of what is drawn for life or once
    """

    score: float
    part: float
    year: int | None


@dataclass(frozen=True)
class Way:
    """One way past the limit.

    straight:    whether a straight line tells it; then what is told is the least unlikely state past the limit, else the
                 middle of the futures past it
    deviations:  how far out that is, in standard deviations of all that chance does
    probability: of futures past the limit that are nearest to it; effective: as how many equal ones these count
    states:      what each driver that chance moves is there
    others:      what else is drawn, as an error of measurement, or a driver that nothing reads but another hangs together with
    rest:        the part of what was not moved: operations, and how chance falls within a year
    clauses:     by term and cost, what it comes to on ordinary futures, and on those past the limit this way; alike: all that
                 hardly differ, together, None where there are none; whole: all of them
    nearest:     the number of the ordinary future nearest to it and to the limit, and its amount
    """

    straight: bool
    deviations: float
    probability: Estimate
    effective: float
    states: tuple[State, ...]
    others: Mapping[str, Drawn]
    rest: float
    clauses: Mapping[str, Contrast]
    alike: Contrast | None
    whole: Contrast
    nearest: tuple[int, float]


@dataclass(frozen=True)
class Level:
    """An amount that some ordinary futures fall below.

    part:   of ordinary futures that do
    lumped: the highest amount that any of them comes to; lump: the part of ordinary futures that come to just that
    """

    amount: float
    part: float
    lumped: float
    lump: float


@dataclass(frozen=True)
class Reverse:
    """What it takes for an offer to come past a limit.

    instead:   what was asked before, where that is never or commonly so; None: what is asked is what was asked
    level:     what is asked then
    common:    whether it is commonly so
    ways:      the likeliest first; none where no future past the limit was found
    probability, effective: of the futures past the limit, and as how many equal ones they count
    plain:     the probability by the ordinary futures alone
    at_most:   what they leave possible, with the certainty `SURE`, where none of them is past the limit
    worst:     the amount of the ordinary future that comes nearest to the limit, or farthest beyond it
    futures:   ordinary ones; simulated: how many there were beside them
    """

    model: Model
    crossing: Crossing
    instead: Crossing | None
    common: bool
    ways: tuple[Way, ...]
    probability: Estimate | None
    effective: float
    plain: Estimate
    at_most: float | None
    worst: float
    futures: int
    simulated: int
    seed: int
    level: Level | None = None

    @property
    def years(self) -> list[slice]:
        """The periods of each year of the contract."""
        per_year = _periods_a_year(self.model)
        return [slice(first, first + per_year) for first in range(0, self.model.calendar.periods, per_year)]


def _periods_a_year(model: Model) -> int:
    return max(1, 12 // model.calendar.step_months)


def reverse_stress(
    model: Model, asked: Crossing | None, paths: int, seed: int, progress: Progress | None = None, threads: int | None = None
) -> Reverse:
    """Search for the ways past a limit, and draw so many futures around them.

    asked: None: a net present value below 0; where that is common, or is never reached, below what `level_of` finds
    The ordinary futures are those of a pseudo-random run with this seed. The futures that the probability is taken of are drawn
    anew when the search is over; so their standard error is what it says.
    """
    first = asked or Crossing(NPV, below=0.0)
    entered = build(model.scenario, plans=model.plans, controls=moving_drivers(model))
    trials = Trials(entered, first, seed, progress, threads)
    ordinary = trials.ordinary(paths)
    found, common = None, bool(ordinary.failing.mean() > COMMON)
    if asked is not None or not common:
        found = _reverse(model, trials, ordinary)
    if asked is None and (found is None or not found.ways):
        level = level_of(NPV.of(ordinary.outcome))
        trials.crossing = Crossing(NPV, below=level.amount)
        found = replace(_reverse(model, trials, ordinary.held_against(trials.crossing)), instead=first, common=common, level=level)
    assert found is not None
    return found


def level_of(amounts: Floats) -> Level:
    """The least amount of some future that `LEVEL` of all, and `ENOUGH` of them at least, fall below; else the highest.

    amounts: (paths,)

    Where many futures come to the very same, as to all that a floor grants, they fall below it together:

    >>> level_of(np.arange(20.0)).amount, level_of(np.append(np.full(15, -3.0), [1.0, 2.0]))
    (10.0, Level(amount=1.0, part=0.8823529411764706, lumped=-3.0, lump=0.8823529411764706))
    """
    values, counts = np.unique(amounts, return_counts=True)
    below = np.concatenate([[0], np.cumsum(counts)[:-1]])  # so many lie below each value
    enough = max(ENOUGH, round(LEVEL * len(amounts)))
    place = min(int(np.searchsorted(below, enough)), len(values) - 1)
    last, paths = max(place - 1, 0), len(amounts)
    return Level(float(values[place]), float(below[place] / paths), float(values[last]), float(counts[last] / paths))


def _reverse(model: Model, trials: Trials, ordinary: Trial) -> Reverse:
    """Choose directions, search, and draw."""
    paths, asked = ordinary.outcome.run.paths, trials.crossing
    per_year = max(1, 12 // model.calendar.step_months)
    trials.directions = choose_directions(trials, directions_of(trials.model.plan(paths, trials.seed), per_year))
    places = search(trials)
    drawn = trials.mixture(places, max(paths, CELL * len(places))) if places else None
    plain = estimate(probability(ordinary.failing))
    at_most = None if ordinary.failing.any() else 1.0 - (1.0 - SURE) ** (1.0 / paths)
    amounts = asked.amount.of(ordinary.outcome)
    worst = float(amounts[np.argmin(ordinary.distance)])
    found = Reverse(
        model, asked, None, False, (), None, 0.0, plain, at_most, worst, paths, trials.simulated, trials.seed
    )
    if drawn is None or not drawn.failing.any():
        return found
    sample = drawn.outcome.sample
    usual = _along(trials, min(paths, COMPARED))
    courses = usual_courses(trials, paths)
    ways = [_way(trials, ordinary, drawn, number, usual, courses) for number in range(len(places)) if drawn.past(number).any()]
    ways.sort(key=lambda way: -way.probability.value)
    likely = estimate(probability(drawn.failing, sample), sample)
    return replace(found, ways=tuple(ways), probability=likely, effective=_equal(drawn.weights[drawn.failing]))


def _equal(weights: Floats) -> float:
    """As many equal futures know as much as futures of these weights, (futures,)."""
    return float(weights.sum()) ** 2 / float(weights @ weights)


def _along(trials: Trials, paths: int) -> Floats:
    """The directions of the first ordinary futures, (directions, paths)."""
    source = Shifted(trials.model.plan(paths, trials.seed), trials.directions, [Proposal(np.zeros(len(trials.directions)))])
    for cell in range(-(-paths // CELL)):
        source.cell(cell)
    return source.along


def _way(
    trials: Trials, ordinary: Trial, drawn: Trial, number: int, usual: Floats, courses: Mapping[str, UsualCourse]
) -> Way:
    """What is told of one place. usual: (directions, paths) of the first ordinary futures."""
    around, past, sample = drawn.around(number), drawn.past(number), drawn.outcome.sample
    line = fitted(drawn.source.along[:, around], drawn.distance[around])
    amount = trials.crossing.amount
    before, after = amount.by_group(ordinary.outcome), amount.by_group(drawn.outcome)

    def contrast(usually: Floats, around: Floats) -> Contrast:
        return Contrast(estimate(mean(usually)), estimate(ratio(around * past, past, sample), sample))

    clauses = {name: contrast(before[name], after[name]) for name in before}
    least = SLIVER * max(abs(each.apart.value) for each in clauses.values())
    still = [name for name, each in clauses.items() if abs(each.apart.value) <= least]
    alike = contrast(*(np.sum([each[name] for name in still], axis=0) for each in (before, after))) if still else None
    weights = np.where(past, drawn.weights, 0.0)
    middle = drawn.source.along @ weights / weights.sum()
    straight = _agree(line, middle)
    point = line.point if straight else middle
    deviations = abs(line.deviations) if straight else max(line.deviations, float(np.linalg.norm(point)))
    parts, moving = _parts(trials, point, deviations), moving_drivers(trials.model)
    of_it = {name: each.part for name, each in parts.items()}
    apart = ((line.slope[:, None] * (usual - point[:, None])) ** 2).sum(axis=0)
    nearest = int(np.argmin(apart + ordinary.distance[: usual.shape[1]] ** 2))
    return Way(
        straight,
        deviations,
        estimate(probability(past, sample), sample),
        _equal(drawn.weights[past]),
        states(trials, ordinary.outcome, drawn.outcome, past, point, of_it, deviations, courses),
        {name: part for name, part in parts.items() if name not in moving},
        max(1.0 - float(point @ point) / (deviations * deviations), 0.0) if deviations > 0.0 else 0.0,
        {name: each for name, each in clauses.items() if name not in still},
        alike,
        contrast(amount.of(ordinary.outcome), amount.of(drawn.outcome)),
        (nearest, float(amount.of(ordinary.outcome)[nearest])),
    )


def _agree(line: Line, middle: Floats) -> bool:
    """Whether the point of a line lies towards the middle of what failed; of what bends it may lie elsewhere."""
    lengths = float(np.linalg.norm(line.point) * np.linalg.norm(middle))
    return lengths > 0.0 and float(line.point @ middle) >= AGREE * lengths


def _parts(trials: Trials, point: Floats, deviations: float) -> dict[str, Drawn]:
    """By driver, or stream that is none, what it is at a point; its part is of the square of the deviations."""
    square, drivers = deviations * deviations, trials.model.scenario.drivers
    length = {stream.name: max(stream.periods, 1) for stream in trials.model.plan(1, 0).streams}
    per_year = _periods_a_year(trials.model)
    found: dict[str, Drawn] = {}
    for direction, at in zip(trials.directions, point.tolist(), strict=True):
        own = direction.stream.partition("/")[0]
        name = own if own in drivers else direction.stream
        year = None if direction.count == length[direction.stream] else direction.first // per_year + 1
        part = at * at / square if square > 0.0 else 0.0
        so_far = found.get(name, Drawn(0.0, 0.0, None))
        farthest = so_far if abs(so_far.score) > abs(at) else Drawn(at, 0.0, year)
        found[name] = farthest._replace(part=so_far.part + part)
    return found
