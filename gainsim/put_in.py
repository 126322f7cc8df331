"""How much of each effort is put in, over the futures of a run: period by period, and year by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import delivery_of, rows_of
from gainsim.conduct.effort import answers_of
from gainsim.measures import Estimate, estimate, mean
from gainsim.model import Model
from gainsim.offer.effort import Effort
from gainsim.offer.exit import Termination
from gainsim.offer.scenario import Scenario
from gainsim.ops.arrays import known_beforehand, run_arrays
from gainsim.streams.sampling import source_of
from gainsim.sums import CELL
from gainsim.years import year_labels

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PutIn:
    """How much of one effort is put in.

    mean:    over all periods and paths
    years:   of each contract year, the mean over its periods: over all paths, and its 10% and 90% quantiles
    periods: (3, periods) mean, 10% and 90% quantiles over all paths
    """

    name: str
    written: Effort
    mean: Estimate
    years: Mapping[str, tuple[Estimate, float, float]]
    periods: Floats


def put_in(model: Model, rows: Mapping[str, Floats]) -> tuple[PutIn, ...]:
    """How much is put in of every effort; rows: as `seen` gives them."""
    return tuple(_put_in(name, effort, model, rows) for name, effort in model.scenario.effort.items())


def seen(model: Model, paths: int, seed: int, sampling: str) -> dict[str, Floats]:
    """By line, what each responsive effort sees, and how much is put in while the contract runs, (periods, paths)."""
    told = model.told
    wanted = {f"{name}.{what}" for name, effort in told.scenario.effort.items() for what in _steps(name, effort, told)}
    if not wanted:
        return {}
    number = {n: line.name for n, line in enumerate(rows_of(told).lines) if line.name in wanted}
    source = source_of(sampling, told.plan(paths, seed))
    delivery = delivery_of(told, source, seed)
    found: dict[str, list[Floats]] = {name: [] for name in number.values()}
    for first in range(0, paths, CELL):
        numbers = np.arange(first, min(first + CELL, paths), dtype=np.uint64)
        rows = run_arrays(told.program, source.drawn(numbers), numbers, delivery.on(numbers))
        for n, name in number.items():
            found[name].append(rows[told.program.row_table[:, n]])
    return {name: np.concatenate(parts, axis=1) for name, parts in found.items()}


def _steps(name: str, effort: Effort, model: Model) -> list[str]:
    if effort.policy != "responsive":
        may_end = any(isinstance(term, Termination) for term in model.scenario.contract.values())
        return ["put in"] if may_end else []  # else it is on all futures what it is beforehand
    return ["reached", "put in", *(f"worth of {driver}" for driver in answering(name, model.scenario))]


def answering(name: str, scenario: Scenario) -> list[str]:
    """The drivers that answer an effort."""
    return [driver for driver, response in answers_of(scenario.drivers).items() if response.of == name]


def amounts(name: str, model: Model, rows: Mapping[str, Floats]) -> Floats:
    """How much is put in, (periods, paths), or (periods, 1) where all paths have the same."""
    if f"{name}.put in" in rows:
        return rows[f"{name}.put in"]
    known = known_beforehand(model.program, model.facts[name].value)
    assert known is not None
    return known[:, np.newaxis]


def _put_in(name: str, effort: Effort, model: Model, rows: Mapping[str, Floats]) -> PutIn:
    calendar, found = model.calendar, amounts(name, model, rows)
    years: dict[str, tuple[Estimate, float, float]] = {}
    for label, window in zip(year_labels(calendar), calendar.windows("year"), strict=True):
        by_path = found[window.first : window.last + 1].mean(axis=0)
        low, high = np.quantile(by_path, (0.1, 0.9))
        years[label] = _mean_of(by_path), float(low), float(high)
    periods = np.array([found.mean(axis=1), *np.quantile(found, (0.1, 0.9), axis=1)])
    return PutIn(name, effort, _mean_of(found.mean(axis=0)), years, periods)


def _mean_of(by_path: Floats) -> Estimate:
    return estimate(mean(by_path)) if len(by_path) > 1 else Estimate(float(by_path[0]), 0.0)


def put_in_by_year(found: Sequence[PutIn]) -> list[tuple[str, ...]]:
    """By year: the mean of each effort, and the band in which it lies on eight futures of ten where they differ."""
    rows = []
    for each in found:
        means = [mean.value for mean, _, _ in each.years.values()]
        rows.append((f"{each.name}, {each.written.unit}", *(f"{mean:.3g}" for mean in means)))
        bands = [(low, high) for _, low, high in each.years.values()]
        if any(high > low for low, high in bands):
            rows.append(("  P10 to P90", *(f"{low:.3g} to {high:.3g}" for low, high in bands)))
    return rows


def plans_json(model: Model) -> dict[str, Any]:
    """How much there is of each effort, as it was written or found before the run.

    Of a responsive effort: what a unit more of each driver that answers it is worth in each period, by what has been reached, as
    the corners of a line that is level beyond them.
    """
    return {name: _plan_json(name, effort, model) for name, effort in model.scenario.effort.items()}


def _plan_json(name: str, effort: Effort, model: Model) -> dict[str, Any]:
    told: dict[str, Any] = {"by": effort.by, "unit": str(effort.unit), "at_least": effort.at_least, "at_most": effort.at_most}
    plan = model.plans.get(name)
    if not isinstance(plan, Mapping):
        how = "as written" if effort.policy is None else effort.policy
        return {**told, "plan": how, "put_in": amounts(name, model, {})[:, 0].tolist()}
    assert effort.watches is not None
    corners = {
        driver: [{"reached": x.tolist(), "worth": y.tolist()} for x, y in map(worth.points, range(model.calendar.periods))]
        for driver, worth in plan.items()
    }
    watched = {"watches": effort.watches.text, "over": effort.over, "watched_unit": str(model.watched[name])}
    return {**told, "plan": effort.policy, **watched, "worth": corners}
