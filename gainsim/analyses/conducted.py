"""What an offer makes the parties do: how much effort is put in and when, what it is worth, and what another effort would change.

All of it is on the same futures as a run with the same seed, so that differences are differences of the effort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import simulate_model
from gainsim.errors import UsageError
from gainsim.grid import Calendar
from gainsim.measures import Estimate, difference, estimate, mean, probability
from gainsim.model import Model
from gainsim.offer.bands import Band
from gainsim.offer.effort import Effort
from gainsim.offer.scenario import Scenario
from gainsim.offer.sharing import Sharing
from gainsim.offer.steps import ShareOfWhole, ShareStep
from gainsim.ops.formula import parse
from gainsim.outcome import Outcome
from gainsim.planning import prepared
from gainsim.put_in import PutIn, answering, put_in, seen
from gainsim.sums import CELL
from gainsim.trials import Trials
from gainsim.units import FLOW_MONTHS

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
#: on how many times 1,024 futures it is seen what a driver brings without effort
CELLS = 64
#: the supplier's shares are tried at so many times what they are
SHARES = (0.0, 0.5, 0.75, 1.25, 1.5)


@dataclass(frozen=True)
class Moment:
    """One period of a responsive effort; what a driver brings is told as `per_step` says.

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
    found: how much is put in on average, by effort
    """

    what: str
    found: Mapping[str, float]
    supplier: Estimate
    customer: Estimate | None


@dataclass(frozen=True)
class Conducted:
    """The conduct of an offer.

    moments: by responsive effort, what it sees and does in each period of the first whole window of what it watches
    others:  one effort otherwise than it is, all other plans as they are
    shares:  all of the supplier's shares at so many times what they are, and plans as these make them
    """

    model: Model
    efforts: tuple[PutIn, ...]
    moments: Mapping[str, tuple[Moment, ...]]
    supplier: Estimate
    customer: Estimate | None
    others: tuple[Other, ...]
    shares: Mapping[float, Other]
    paths: int
    seed: int

    @property
    def scenario(self) -> Scenario:
        """The offer as written."""
        return self.model.scenario


def conducted_offers(
    models: Mapping[str, Model], paths: int, seed: int, progress: Progress | None = None
) -> dict[str, Conducted]:
    """The conduct of the offers of a file, on the same futures. Raises `UsageError` where none of them has an effort."""
    if not any(model.scenario.effort for model in models.values()):
        raise UsageError(
            "the file has no efforts, and it is efforts that this command tells. Write effort: with what can be put in, its cost "
            "and its plan, and effort: { of: …, adds: … } in a driver that answers it."
            + " What its parties decide, gainsim run tells." * any(model.scenario.lifecycle for model in models.values())
        )
    of, done = sum(_runs(model.scenario) for model in models.values()) * paths, 0

    def step() -> None:
        nonlocal done
        done += paths
        if progress is not None:
            progress(done, of)

    return {name: conducted(model, paths, seed, step) for name, model in models.items()}


def _runs(scenario: Scenario) -> int:
    return 2 + len(list(_otherwise(scenario))) + len(_shared(scenario))


def conducted(model: Model, paths: int, seed: int, step: Callable[[], None] = lambda: None) -> Conducted:
    """Run an offer as its efforts are, and as they might be; step: called after each run."""
    scenario = model.scenario
    rows = seen(model, paths, seed, scenario.run.sampling)
    step()
    moments = {name: tuple(_moments(name, each, model, rows)) for name, each in scenario.effort.items() if each.over is not None}
    as_is = Outcome(simulate_model(model, paths, seed, sampling=scenario.run.sampling))
    step()

    def other(what: str, changed: Scenario, whose: str = "") -> Other:
        held = {name: plan for name, plan in model.plans.items() if name != whose} if whose else {}
        there = prepared(changed, held=held)
        run = Outcome(simulate_model(there, paths, seed, sampling=scenario.run.sampling))
        step()
        found = {each.name: each.mean.value for each in put_in(there, seen(there, min(paths, CELL), seed, scenario.run.sampling))}
        gain = difference(mean(run.margin()), mean(as_is.margin()))
        theirs = difference(mean(run.customer_benefit), mean(as_is.customer_benefit)) if as_is.says_customer else None
        return Other(what, found, gain, theirs)

    return Conducted(
        model, put_in(model, rows), moments, estimate(mean(as_is.margin())),
        estimate(mean(as_is.customer_benefit)) if as_is.says_customer else None,
        tuple(other(*each) for each in _otherwise(scenario)),
        {times: other(f"shares × {times:g}", changed) for times, changed in _shared(scenario).items()}, paths, seed,
    )  # fmt: skip


# --- what a responsive effort sees and does -----------------------------------------------------------------------------


def first_window(effort: Effort, calendar: Calendar) -> range:
    """The periods of the first whole window of what is watched; of its life at most the first two years."""
    assert effort.over is not None
    first = max(calendar.windows(effort.over)[:2], key=lambda window: window.last - window.first)
    return range(first.first, min(first.last + 1, first.first + 24 // calendar.step_months))


def _moments(name: str, effort: Effort, model: Model, rows: Mapping[str, Floats]) -> Iterator[Moment]:
    periods = first_window(effort, model.calendar)
    trials = Trials(model.scenario, model.plans, CELLS)
    drivers = answering(name, model.scenario)
    scale = {driver: per_step(driver, model) for driver in drivers}
    alone = {driver: trials.alone(name, driver, periods, effort.by) for driver in drivers}
    for n, t in enumerate(periods):
        amounts = rows[f"{name}.put in"][t]
        worth = {driver: scale[driver] * np.quantile(rows[f"{name}.worth of {driver}"][t], (0.1, 0.5, 0.9)) for driver in drivers}
        yield Moment(
            model.calendar.period(t).label,
            float(np.median(rows[f"{name}.reached"][t])),
            {driver: estimate(mean(scale[driver] * each[n])) for driver, each in alone.items()},
            {driver: (float(low), float(middle), float(high)) for driver, (low, middle, high) in worth.items()},
            estimate(mean(amounts)),
            estimate(probability(amounts <= effort.at_least)),
            estimate(probability(amounts >= effort.at_most)),
        )


def per_step(driver: str, model: Model) -> float:
    """In what part of a unit, over a period, a driver's worth is told: a percentage point of a fraction; of a flow, as EUR/month,
    what makes one EUR in the period; else one."""
    unit = model.scenario.drivers[driver].unit
    if unit.part:
        return 0.01
    return FLOW_MONTHS[unit.flow] / model.calendar.step_months if unit.flow in FLOW_MONTHS else 1.0


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


def _shared(scenario: Scenario) -> dict[float, Scenario]:
    """All of the supplier's shares at so many times what they are, at most the whole; none where no plan would answer."""
    planned = any(effort.by == "supplier" and effort.policy is not None for effort in scenario.effort.values())
    terms = {name: term for name, term in scenario.contract.items() if isinstance(term, Sharing)}
    if not planned or not terms:
        return {}

    def at(times: float) -> Scenario:
        shared = {
            name: term.model_copy(update={"steps": [_scaled(step, times) for step in term.steps]}) for name, term in terms.items()
        }
        return scenario.model_copy(update={"contract": {**scenario.contract, **shared}})

    return {times: at(times) for times in SHARES}


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
