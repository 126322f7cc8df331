"""What an offer makes the parties do: how much effort is put in and when, what it is worth, and what another effort would change.

All of it is on the same futures as a run with the same seed, so that differences are differences of the effort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import delivery_of, rows_of, simulate_model
from gainsim.conduct.effort import answers_of
from gainsim.errors import UsageError
from gainsim.grid import Calendar
from gainsim.measures import Estimate, difference, estimate, mean, probability
from gainsim.model import Model
from gainsim.offer.bands import Band
from gainsim.offer.effort import Effort
from gainsim.offer.scenario import Scenario
from gainsim.offer.sharing import Sharing
from gainsim.offer.steps import ShareOfWhole, ShareStep
from gainsim.ops.arrays import run_arrays
from gainsim.ops.formula import parse
from gainsim.outcome import Outcome
from gainsim.planning import prepared
from gainsim.streams.sampling import source_of
from gainsim.sums import CELL
from gainsim.trials import Trials
from gainsim.years import year_labels

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
#: on how many times 1,024 futures it is seen what a driver brings without effort
CELLS = 64
#: the supplier's shares are tried at so many times what they are
SHARES = (0.0, 0.5, 0.75, 1.25, 1.5)


@dataclass(frozen=True)
class PutIn:
    """How much of one effort is put in.

    years:  of each contract year, the mean over its periods: over all paths, and its 10% and 90% quantiles
    months: of a responsive effort, what it sees and does in each period of the first window of what it watches
    """

    name: str
    written: Effort
    years: Mapping[str, tuple[Estimate, float, float]]
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class Moment:
    """One period of a responsive effort.

    reached, put_in: median, and mean
    alone:           by driver, what one unit more of it is expected to bring were the effort at its least all along
    worth:           by driver, the 10%, 50% and 90% quantiles over paths of what it is expected to bring
    idle, full:      how often nothing beyond its least, and all there may be, is put in
    """

    period: str
    reached: float
    alone: Mapping[str, Estimate]
    worth: Mapping[str, tuple[float, float, float]]
    put_in: Estimate
    idle: Estimate
    full: Estimate


@dataclass(frozen=True)
class Other:
    """Another conduct on the same futures: what it changes for both, and how much of each effort there is then.

    what:  in words
    found: where all plans are found anew, how much is put in on average, by effort
    """

    what: str
    found: Mapping[str, float]
    supplier: Estimate
    customer: Estimate | None


@dataclass(frozen=True)
class Conducted:
    """The conduct of an offer.

    others: one effort otherwise than it is, all other plans as they are
    shares: all of the supplier's shares otherwise, and all plans as these make them
    """

    scenario: Scenario
    calendar: Calendar
    efforts: tuple[PutIn, ...]
    supplier: Estimate
    customer: Estimate | None
    others: tuple[Other, ...]
    shares: tuple[Other, ...]
    paths: int
    seed: int


def conducted(model: Model, paths: int, seed: int, progress: Progress | None = None) -> Conducted:
    """Run an offer as its efforts are, and as they might be. Raises `UsageError` where it has none."""
    scenario = model.scenario
    if not scenario.effort:
        raise UsageError("the file has no efforts: nobody answers results. Write effort:, as docs/reference/effort.md says.")
    tried, shared = list(_otherwise(scenario)), _shared(scenario)
    of, done = paths * (2 + len(tried) + len(shared)), 0

    def step(further: int) -> None:
        nonlocal done
        done += further
        if progress is not None:
            progress(done, of)

    rows = _told(model, paths, seed)
    step(paths)
    efforts = tuple(_put_in(name, effort, model, rows) for name, effort in scenario.effort.items())
    as_is = Outcome(simulate_model(model, paths, seed, sampling=scenario.run.sampling))
    step(paths)

    def other(what: str, changed: Scenario, whose: str = "") -> Other:
        held = {name: plan for name, plan in model.plans.items() if name != whose} if whose else {}
        there = prepared(changed, held=held)
        run = Outcome(simulate_model(there, paths, seed, sampling=scenario.run.sampling))
        step(paths)
        found = {} if whose else _mean_efforts(there, min(paths, CELL), seed)
        gain = difference(mean(run.margin()), mean(as_is.margin()))
        theirs = difference(mean(run.customer_benefit), mean(as_is.customer_benefit)) if as_is.says_customer else None
        return Other(what, found, gain, theirs)

    return Conducted(
        scenario, model.calendar, efforts, estimate(mean(as_is.margin())),
        estimate(mean(as_is.customer_benefit)) if as_is.says_customer else None,
        tuple(other(*each) for each in tried), tuple(other(*each) for each in shared), paths, seed,
    )  # fmt: skip


# --- how much there is -------------------------------------------------------------------------------------------------


def _told(model: Model, paths: int, seed: int) -> dict[str, Floats]:
    """By line, what each effort sees and does, (periods, paths); nothing once the contract has ended."""
    told = model.told
    names = {name: ["put in", *_seen(name, effort, told)] for name, effort in told.scenario.effort.items()}
    wanted = {f"{name}.{what}" for name, steps in names.items() for what in steps}
    number = {n: line.name for n, line in enumerate(rows_of(told).lines) if line.name in wanted}
    source = source_of(model.scenario.run.sampling, told.plan(paths, seed))
    delivery = delivery_of(told, source, seed)
    found: dict[str, list[Floats]] = {name: [] for name in number.values()}
    for first in range(0, paths, CELL):
        numbers = np.arange(first, min(first + CELL, paths), dtype=np.uint64)
        rows = run_arrays(told.program, source.drawn(numbers), numbers, delivery.on(numbers))
        for n, name in number.items():
            found[name].append(rows[told.program.row_table[:, n]])
    return {name: np.concatenate(parts, axis=1) for name, parts in found.items()}


def _seen(name: str, effort: Effort, model: Model) -> list[str]:
    if effort.policy != "responsive":
        return []
    return ["reached", *(f"worth of {driver}" for driver in _answering(name, model.scenario))]


def _answering(name: str, scenario: Scenario) -> list[str]:
    return [driver for driver, response in answers_of(scenario.drivers).items() if response.of == name]


def _mean_efforts(model: Model, paths: int, seed: int) -> dict[str, float]:
    rows = _told(model, paths, seed)
    return {name: float(rows[f"{name}.put in"].mean()) for name in model.scenario.effort}


def _put_in(name: str, effort: Effort, model: Model, rows: Mapping[str, Floats]) -> PutIn:
    calendar, amounts = model.calendar, rows[f"{name}.put in"]
    years: dict[str, tuple[Estimate, float, float]] = {}
    for label, window in zip(year_labels(calendar), calendar.windows("year"), strict=True):
        by_path = amounts[window.first : window.last + 1].mean(axis=0)
        low, high = np.quantile(by_path, (0.1, 0.9))
        years[label] = estimate(mean(by_path)), float(low), float(high)
    return PutIn(name, effort, years, tuple(_moments(name, effort, model, rows)) if effort.over else ())


def _first_window(effort: Effort, calendar: Calendar) -> range:
    """The periods of the first whole window of what is watched; of its life at most the first two years."""
    assert effort.over is not None
    first = max(calendar.windows(effort.over)[:2], key=lambda window: window.last - window.first)
    return range(first.first, min(first.last + 1, first.first + 24 // calendar.step_months))


def _moments(name: str, effort: Effort, model: Model, rows: Mapping[str, Floats]) -> Iterator[Moment]:
    periods = _first_window(effort, model.calendar)
    trials = Trials(model.scenario, model.plans, CELLS)
    drivers = _answering(name, model.scenario)
    alone = {driver: trials.alone(name, driver, periods, effort.by) for driver in drivers}
    for n, t in enumerate(periods):
        amounts = rows[f"{name}.put in"][t]
        low, middle, high = ({d: float(np.quantile(rows[f"{name}.worth of {d}"][t], q)) for d in drivers} for q in (0.1, 0.5, 0.9))
        yield Moment(
            model.calendar.period(t).label,
            float(np.median(rows[f"{name}.reached"][t])),
            {driver: estimate(mean(each[n])) for driver, each in alone.items()},
            {driver: (low[driver], middle[driver], high[driver]) for driver in drivers},
            estimate(mean(amounts)),
            estimate(probability(amounts <= effort.at_least)),
            estimate(probability(amounts >= effort.at_most)),
        )


# --- what might be -----------------------------------------------------------------------------------------------------


def _otherwise(scenario: Scenario) -> Iterator[tuple[str, Scenario, str]]:
    """One effort at its least, at its most, and as the best constant where it is none."""
    for name, effort in scenario.effort.items():
        fixed = {"watches": None, "over": None}
        for level, words in ((effort.at_least, "at its least"), (effort.at_most, "at its most")):
            yield f"{name} {words}", _with(scenario, name, effort, plan=parse(f"{level:.17g}"), **fixed), name
        if effort.policy != "best constant":
            yield f"{name} at the best constant", _with(scenario, name, effort, plan="best constant", **fixed), name


def _with(scenario: Scenario, name: str, effort: Effort, **changed: Any) -> Scenario:
    return scenario.model_copy(update={"effort": {**scenario.effort, name: effort.model_copy(update=changed)}})


def _shared(scenario: Scenario) -> list[tuple[str, Scenario]]:
    """All of the supplier's shares at so many times what they are, at most the whole; none where no plan would answer."""
    answering = any(effort.by == "supplier" and effort.policy is not None for effort in scenario.effort.values())
    terms = {name: term for name, term in scenario.contract.items() if isinstance(term, Sharing)}
    if not answering or not terms:
        return []

    def at(times: float) -> Scenario:
        shared = {
            name: term.model_copy(update={"steps": [_scaled(step, times) for step in term.steps]}) for name, term in terms.items()
        }
        return scenario.model_copy(update={"contract": {**scenario.contract, **shared}})

    return [(f"shares × {times:g}", at(times)) for times in SHARES]


def _scaled(step: Any, times: float) -> Any:
    if isinstance(step, ShareStep):
        bands = step.share
        scaled = replace(
            bands,
            below=tuple(_band(band, times) for band in bands.below),
            up_to=tuple(_band(band, times) for band in bands.up_to),
            above=_band(bands.above, times),
        )
        return step.model_copy(update={"share": scaled})
    if isinstance(step, ShareOfWhole):
        ranges = tuple(_band(band, times) for band in step.share_of_whole.ranges)
        return step.model_copy(update={"share_of_whole": replace(step.share_of_whole, ranges=ranges)})
    return step


def _band(band: Band, times: float) -> Band:
    return replace(band, share=parse(f"min(1, {times} * ({band.share.text}))"))
