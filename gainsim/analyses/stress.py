"""An offer under stress: what each case changes, on the same futures, the worst first.

A shock changes what a driver comes to after it is drawn; a range counts some of the futures and no others; correlations couple the
same draws otherwise; another value of the file is another offer on the same futures. So every difference is that of the case.
Plans of effort and of decisions stay those of the offer as it is: nobody foresees a stress.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.conditions import Condition, condition
from gainsim.analyses.correlated import correlated
from gainsim.analyses.delivered_once import DeliveredOnce
from gainsim.analyses.owners import moving_drivers
from gainsim.bridge import simulate_model
from gainsim.central import central_facts
from gainsim.conduct.effort import Plans
from gainsim.errors import ScenarioError, UsageError
from gainsim.judging import judge
from gainsim.measures import Estimate, estimate
from gainsim.measuring import FEW, Measured, Measures, compare
from gainsim.model import Model, OfferError, build
from gainsim.offer.stress import Edge, Range
from gainsim.outcome import Outcome
from gainsim.scenario.changes import with_values
from gainsim.scenario.load import Loaded, from_document
from gainsim.scenario.problems import problem_of
from gainsim.scenario.reading import path_text
from gainsim.scenario.shock_sizes import beyond, shocked
from gainsim.scenario.stress import Stress, place_of, stress_of
from gainsim.spelling import did_you_mean

Floats = NDArray[np.float64]
#: told of the futures that are done, of how many
Progress = Callable[[int, int], None]
#: what is told of every case, by the names of house limits
TOLD = ("npv", "cvar_95", "chance_of_loss", "customer_net_benefit")
#: where a file has no cases: the part of the futures on either side of each driver
TENTH = 0.1
#: into so many parts a heat map cuts each of its drivers
PARTS = 5


@dataclass(frozen=True)
class Result:
    """What a case comes to.

    measures: of each of `TOLD`, in the case
    apart:    of each, less what the offer comes to as it is, on the same futures
    broken:   the limits of the house that it breaks
    futures:  how many futures count in it
    moves:    whether it changes anything at all
    gave_way: correlations that could not hold together, and what they are instead: (driver, driver, written, instead)
    """

    stress: Stress
    measures: Mapping[str, Measured]
    apart: Mapping[str, Measured]
    broken: tuple[str, ...]
    futures: int
    moves: bool
    gave_way: tuple[tuple[str, str, float, float], ...] = ()

    @property
    def too_few(self) -> bool:
        """Whether too few futures count for its figures to say anything."""
        return self.futures < FEW


@dataclass(frozen=True)
class Heat:
    """Mean NPV by the fifths of two drivers.

    edges: of each, (PARTS - 1,) where its fifths end, in its unit
    cells: [part of the first][part of the second], the lowest first; None where no future lies
    futures: likewise, how many lie there
    """

    drivers: tuple[str, str]
    edges: tuple[tuple[float, ...], tuple[float, ...]]
    cells: tuple[tuple[Estimate | None, ...], ...]
    futures: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Stresses:
    """An offer as it is and under every case, the worst mean NPV first.

    own: whether the cases are the file's own
    """

    model: Model
    as_is: Result
    cases: tuple[Result, ...]
    paths: int
    seed: int
    heat: Heat | None = None
    own: bool = True


def stresses(
    loaded: Loaded,
    paths: int,
    seed: int,
    names: Sequence[str] = (),
    heat: tuple[str, str] | None = None,
    progress: Progress | None = None,
) -> Stresses:
    """Simulate an offer as it is and under cases of its file; where it has none, with each driver in its lowest and highest tenth.

    names: of the cases that are wanted; all of them, unless said
    heat:  two drivers, for a map of the mean NPV
    Raises `UsageError` for a case or a driver that is none, `ScenarioError` for a value of a case that makes no sense in the offer.
    """
    scenario = loaded.scenario
    chosen = _chosen(loaded.model, names)
    if heat is not None:
        _check_heat(heat, loaded.model)
    ranged = dict.fromkeys([*(name for case in chosen for name, _ in case.where), *(heat or ())])
    of, done = paths * (1 + sum(_runs(case) for case in chosen)), 0

    delivery = DeliveredOnce(loaded.model)

    def run(model: Model) -> Outcome:
        nonlocal done
        found = Outcome(simulate_model(model, paths, seed, sampling=scenario.run.sampling, delivery=delivery))
        done += paths
        if progress is not None:
            progress(done, of)
        return found

    offer = loaded.model
    as_is = run(build(scenario, plans=offer.plans, controls=tuple(ranged)) if ranged else offer)
    averages = dict(zip(ranged, as_is.run.total[len(offer.lines) :], strict=True))
    everything = Condition(np.ones(paths))
    before = {name: _measures(as_is, everything).of(name) for name in TOLD}
    found = []
    for case in chosen:
        counts = condition(case.where, averages, paths)
        if not scenario.stress and counts.futures in (0, paths):
            continue  # what is mostly one value, as an event that is rare, has no tenths
        model = _under(case, loaded) if _runs(case) else offer
        outcome = run(model) if _runs(case) else as_is
        found.append(_result(case, model, outcome, as_is, counts, before))
    found.sort(key=lambda each: _worst_first(each))
    own = _result(Stress("as it is", ""), offer, as_is, as_is, everything, before)
    mapped = None if heat is None else _heat(heat, averages, as_is)
    return Stresses(offer, own, tuple(found), paths, seed, mapped, bool(scenario.stress))


def _worst_first(of: Result) -> float:
    npv = of.measures["npv"].estimate
    return npv.value if npv is not None else np.inf


def _chosen(model: Model, names: Sequence[str]) -> list[Stress]:
    """The cases that are wanted."""
    cases = model.scenario.stress
    for name in names:
        if name not in cases:
            known = f" Known are {', '.join(cases)}." if cases else " The file has none, under stress:."
            raise UsageError(f"--case {name}: no such case.{did_you_mean(name, cases) or known}")
    if cases:
        return [stress_of(name, cases) for name in dict.fromkeys(names or cases)]
    return list(_tenths(model))


def _tenths(model: Model) -> Iterator[Stress]:
    """Each driver that moves in its lowest tenth, and in its highest."""
    for name in moving_drivers(model):
        low, high = Edge("p10", share=TENTH), Edge("p90", share=1.0 - TENTH)
        yield Stress(f"{name} low", f"{name} in its lowest tenth", where=((name, Range(below=low)),))
        yield Stress(f"{name} high", f"{name} in its highest tenth", where=((name, Range(above=high)),))


def _runs(case: Stress) -> bool:
    """Whether a case is another offer or another world, and not some futures of this one."""
    return bool(case.shocks or case.correlations or case.values)


def _under(case: Stress, loaded: Loaded) -> Model:
    """The model of an offer under a case. Raises `ScenarioError`, at the place in its file, where it makes no sense so."""
    try:
        changed = _with_values(case.values, loaded) if case.values else loaded
        scenario = shocked(changed.scenario, case.shocks)
        if case.correlations is not None:
            scenario = correlated(scenario, case.correlations)
        plans = _plans(changed, loaded)
        under = build(scenario, plans=plans)
        found = []
        if case.values and case.shocks:  # those of the offer as it is were looked at when it was read
            usual = central_facts(changed.scenario, plans)
            found = [(f"drivers.{name}", said) for name, said in beyond(dict(case.shocks), usual, scenario, plans)]
    except ScenarioError as error:
        found = [(each.path, each.message) for each in error.problems]
    except OfferError as error:
        found = [(path_text(path), message) for path, message in error.found]
    if not found:
        return under
    document = loaded.document
    raise ScenarioError(
        problem_of(f"under this case the offer makes no sense: {path}: {message}", at, document)
        for path, message in found
        for at in [place_of(path, case.name, loaded.scenario, document)]
    )


def _with_values(values: Mapping[str, object], loaded: Loaded) -> Loaded:
    """The offer with other values, without what other commands read of the file: a lever need not reach them."""
    document = with_values(loaded.document, values)
    alone = {part: written for part, written in document.data.items() if part not in ("stress", "tune")}
    return from_document(replace(document, data=alone), noted=False)


def _plans(changed: Loaded, loaded: Loaded) -> Plans:
    """The plans of the offer as it is; of an effort or a decision that a case itself changes, a plan of its own."""
    if changed is loaded:
        return loaded.model.plans

    def written(name: str, of: Loaded) -> object:
        return of.scenario.effort.get(name) or of.scenario.lifecycle.get(name)

    own = changed.model.plans
    kept = {name: plan for name, plan in loaded.model.plans.items() if written(name, changed) == written(name, loaded)}
    return {**own, **{name: plan for name, plan in kept.items() if name in own}}


def _measures(outcome: Outcome, counts: Condition) -> Measures:
    """The measures of the futures that count; there are some."""
    return Measures(outcome, None if counts.weights.all() else counts.sample(outcome.sample))


def _result(
    case: Stress, model: Model, outcome: Outcome, as_is: Outcome, counts: Condition, before: Mapping[str, Measured]
) -> Result:
    if not counts.futures:
        none = {name: Measured(name, None, "", "no future lies there") for name in TOLD}
        return Result(case, none, none, (), 0, True)
    held = _measures(outcome, counts)
    measures = {name: _counted(held.of(name), outcome, counts) for name in TOLD}
    apart = {name: _told(compare(each, before[name], outcome.sample), counts) for name, each in measures.items()}
    broken = tuple(name for name, limit in model.scenario.limits.items() if judge(name, limit, held).verdict == "broken")
    return Result(case, measures, apart, broken, counts.futures, _moves(outcome, as_is, counts), tuple(model.repaired))


def _counted(measured: Measured, outcome: Outcome, counts: Condition) -> Measured:
    """A measure of the futures that count, by its influence on all of them."""
    if measured.influence is None:
        return measured
    influence = counts.influence(measured.influence)
    found = estimate(influence, outcome.sample, measured.unit)
    return _told(replace(measured, estimate=found, influence=influence), counts)


def _told(measured: Measured, counts: Condition) -> Measured:
    """What comes up on no future that counts is known no better than these futures tell."""
    if measured.estimate is None:
        return measured
    degrees = min(measured.estimate.degrees_of_freedom, counts.futures - 1.0)
    return replace(measured, estimate=replace(measured.estimate, degrees_of_freedom=degrees))


def _moves(outcome: Outcome, as_is: Outcome, counts: Condition) -> bool:
    """Whether either party comes to anything else on any future, or some futures do not count."""
    if not counts.weights.all():
        return True
    both = ((outcome.npv, as_is.npv), (outcome.margin(), as_is.margin()), (outcome.customer_benefit, as_is.customer_benefit))
    return any(not np.array_equal(now, then) for now, then in both)


def _check_heat(drivers: tuple[str, str], model: Model) -> None:
    moving = moving_drivers(model)
    for name in drivers:
        if name not in moving:
            what = "does not move, or nothing reads it" if name in model.scenario.drivers else "is no driver"
            meant = did_you_mean(name, moving) or f" Known are {', '.join(moving)}."
            raise UsageError(f"--heat {','.join(drivers)}: '{name}' {what}.{meant}")
    if drivers[0] == drivers[1]:
        raise UsageError(f"--heat {','.join(drivers)}: a map has two drivers. Name another one.")


def _heat(drivers: tuple[str, str], averages: Mapping[str, Floats], outcome: Outcome) -> Heat:
    ends = [None, *(Edge(f"p{round(100 * k / PARTS)}", share=k / PARTS) for k in range(1, PARTS)), None]
    ranges = [Range.model_construct(above=low, below=high) for low, high in pairwise(ends)]
    cells, futures = [], []
    for first in ranges:
        row = [
            condition([(drivers[0], first), (drivers[1], second)], averages, outcome.run.paths) for second in ranges
        ]
        futures.append(tuple(each.futures for each in row))
        cells.append(tuple(_mean(outcome, each) for each in row))
    edges = tuple(
        tuple(float(np.sort(averages[name])[max(-(-len(averages[name]) * k // PARTS), 1) - 1]) for k in range(1, PARTS))
        for name in drivers
    )
    return Heat(drivers, (edges[0], edges[1]), tuple(cells), tuple(futures))


def _mean(outcome: Outcome, counts: Condition) -> Estimate | None:
    return _counted(_measures(outcome, counts).of("npv"), outcome, counts).estimate if counts.futures else None
