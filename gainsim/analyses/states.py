"""What the drivers are in a state of the world that is asked of: on average over the contract and period by period."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.owners import moving_drivers, owner_of
from gainsim.analyses.rare import Trials
from gainsim.bridge import delivery_of, realise
from gainsim.measures import Estimate, estimate, mean, ratio
from gainsim.model import WorldModel, build_world
from gainsim.outcome import Outcome
from gainsim.streams.cells import Scores
from gainsim.streams.shifted import Proposal, Shifted
from gainsim.streams.source import Philox
from gainsim.units import Unit

Floats = NDArray[np.float64]
#: ordinary futures whose courses are drawn beside a state's
SHOWN = 1_000
#: a driver moves by more than so much of its ordinary deviation; less is the luck of where the state was found
MOVES = 0.25
#: a driver with less than this part in how unlikely a state is does not matter to it, nor one whose score moves no more than that
MATTERS = 0.01
#: futures, and as many mirror images, of which the course in a state is the mean
MIRRORED = 512
#: the shares of ordinary futures whose bands are shown
BANDS = (0.05, 0.95)


@dataclass(frozen=True)
class UsualCourse:
    """A driver over time on ordinary futures.

    mean:  (periods,) of all of them
    bands: (bands, periods) of the first `SHOWN`, in the order of `BANDS`
    """

    mean: Floats
    bands: Floats


@dataclass(frozen=True)
class State:
    """One driver in a state.

    usual:   its average over the contract, in the mean of ordinary futures
    there:   the same in the state: where scores are moved, in the mean of what all else may do; where they are not, as those of
             operations, in the mean of the futures past the limit
    away:    how far there lies from usual, in its ordinary deviations, on average over the contract
    moves:   whether that is more than a quarter of such a deviation
    past:    in the mean of the futures past the limit, with its standard error
    place:   on what part of ordinary futures its average is lower than there
    part:    its part of how unlikely the state is; None of a driver whose scores are not moved
    matters: whether the state is told of it: it stands there as its scores say, and is not left to chance
    usually: its course on ordinary futures
    course:  (periods,) in the state; None of a driver whose scores are not moved
    """

    driver: str
    owner: str
    unit: Unit
    usual: Estimate
    there: float
    away: float
    moves: bool
    past: Estimate
    place: float
    part: float | None
    matters: bool
    usually: UsualCourse
    course: Floats | None


def states(
    trials: Trials,
    ordinary: Outcome,
    drawn: Outcome,
    past: NDArray[np.bool_],
    point: Floats,
    parts: Mapping[str, float],
    deviations: float,
    usually: Mapping[str, UsualCourse],
) -> tuple[State, ...]:
    """Every driver that chance moves, in a state; those that make it most unlikely first.

    ordinary: futures as chance draws them; drawn: those that were drawn around states
    past:     (paths,) which of `drawn` are past the limit this way; point: (directions,) the state
    parts:    by what is drawn and moved, driver or not, its part of how unlikely the state is; deviations: how far out that is
    usually:  by driver, its course on the ordinary futures
    """
    model = trials.model
    names = moving_drivers(model)
    lines = len(model.lines) - len(names)
    world = build_world(model.scenario, plans=model.plans)
    matter = {name for name, part in parts.items() if matters(part, deviations)}
    courses = _courses(world, trials, point, matter)
    found = []
    for name, before, after in zip(names, ordinary.run.total[lines:], drawn.run.total[lines:], strict=True):
        driver, usual = model.scenario.drivers[name], estimate(mean(before))
        in_past = estimate(ratio(after * past, past, drawn.sample), drawn.sample)
        course = courses[name] if name in parts else None
        there = in_past.value if course is None else float(course.mean())
        deviation = float(before.std())
        away = (there - usual.value) / deviation if deviation > 0.0 else 0.0
        place = float((before < there).mean())
        owner, part = owner_of(driver), parts.get(name)
        found.append(
            State(
                name, owner, driver.unit, usual, there, away, abs(away) > MOVES, in_past, place, part, name in matter,
                usually[name], course,
            )
        )
    return tuple(sorted(found, key=lambda each: 1.0 if each.part is None else -each.part))


def matters(part: float, deviations: float) -> bool:
    """Whether a part of a state so many deviations out is one: what hardly moves for it is no more than where chance often is."""
    return part >= MATTERS and math.sqrt(part) * deviations > MOVES


def _courses(world: WorldModel, trials: Trials, point: Floats, held: Set[str]) -> dict[str, Floats]:
    """The drivers' values in a state, (periods,) each, in the mean of what all else may do: futures and their mirror images.

    held: what matters; all else is left to chance too, or what leans to one side would be told at its middle
    """
    streams = {stream.name for stream in world.plan(1, 0).streams}
    kept = [
        (direction, at)
        for direction, at in zip(trials.directions, point.tolist(), strict=True)
        if direction.stream in streams and {direction.stream, direction.stream.partition("/")[0]} & held
    ]
    centre = Proposal(np.array([at for _, at in kept]), spread=0.0)
    source = Shifted(world.plan(MIRRORED, trials.seed), [direction for direction, _ in kept], [centre])
    numbers, periods = np.arange(MIRRORED, dtype=np.uint64), world.calendar.periods
    drawn = source.drawn(numbers)
    there = np.zeros((source.rows, 1))
    for direction, at in kept:
        first = source.first_row[direction.stream] + direction.first
        there[first : first + direction.count] = at / np.sqrt(direction.count)
    given = {name: np.zeros((periods, MIRRORED)) for name in world.outcomes}  # who reads them is not asked
    found = {name: np.zeros(periods) for name in world.names}
    for table in (drawn.table, 2.0 * there - drawn.table):
        facts, _ = realise(world, Scores(drawn.first_row, numbers, table), numbers, range(periods), given=given)
        for name in world.names:
            found[name] += 0.5 * np.broadcast_to(facts[name], (periods, MIRRORED)).mean(axis=1)
    return found


def usual_courses(trials: Trials, paths: int) -> dict[str, UsualCourse]:
    """Every driver on the first so many ordinary futures."""
    world = build_world(trials.model.scenario, plans=trials.model.plans)
    source, periods = Philox(world.plan(paths, trials.seed)), world.calendar.periods
    delivery, bands = delivery_of(world, source, trials.seed), dict[str, Floats]()
    sums = {name: np.zeros(periods) for name in world.names}
    for first in range(0, paths, SHOWN):
        numbers = np.arange(first, min(first + SHOWN, paths), dtype=np.uint64)
        facts, _ = realise(world, source, numbers, range(periods), given=delivery.on(numbers))
        for name in world.names:
            values = np.broadcast_to(facts[name], (periods, len(numbers)))
            sums[name] += values.sum(axis=1)
            if first == 0:
                places = [min(int(share * len(numbers)), len(numbers) - 1) for share in BANDS]
                bands[name] = np.sort(values, axis=1)[:, places].T
    return {name: UsualCourse(sums[name] / paths, bands[name]) for name in world.names}
