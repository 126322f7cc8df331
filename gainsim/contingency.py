"""What the risks of a register come to together: the mean, and the reserve that suffices in eight futures of ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim import measures
from gainsim.drivers.shapes import marginal
from gainsim.measures import Estimate
from gainsim.offer.shapes import Shape
from gainsim.ops import kernels
from gainsim.register import Impact, Risk
from gainsim.streams.source import Philox, Plan, StreamPlan
from gainsim.sums import strict_sum

Floats = NDArray[np.float64]
#: the percentiles that are shown of the total
SHOWN = {"p50": 0.5, "p80": 0.8, "p95": 0.95}


@dataclass(frozen=True)
class Totals:
    """What all risks that cost money come to together. exact: the mean by multiplication; quantiles: P50, P80, P95."""

    exact: float
    quantiles: Mapping[str, Estimate]


@dataclass(frozen=True)
class Contingency:
    """A register reckoned. risks: all of them; before, after: the totals without and with what is done about them.

    spent:  what the mitigations of these cost; of a risk that moves a driver a scenario knows what it saves
    relief: by how much the P80 changes, on the same futures
    """

    risks: Sequence[Risk]
    paths: int
    seed: int
    before: Totals
    after: Totals
    spent: float
    relief: Estimate


def contingency(risks: Sequence[Risk], paths: int = 100_000, seed: int = 1) -> Contingency:
    """Each risk comes or not, independently of the others, and costs what a PERT distribution says.

    The draws are those that the same risks have as event drivers of a scenario with this seed, so that both meet the same
    futures; before and after differ by what is done, not by luck.
    """
    counted = [risk for risk in risks if not risk.hits]
    streams = [StreamPlan(stream, 0) for risk in counted for stream in (risk.name, f"{risk.name}/size")]
    source = Philox(Plan(tuple(streams), paths, seed))
    numbers = np.arange(paths, dtype=np.uint64)
    before, after = np.zeros(paths), np.zeros(paths)
    for risk in counted:
        happens, size = (source.normals_once(stream, numbers) for stream in (risk.name, f"{risk.name}/size"))
        before = before + _cost(risk.before, happens, size)
        after = after + _cost(risk.after, happens, size)
    p80_before, p80_after = (measures.quantile(total, SHOWN["p80"]) for total in (before, after))
    return Contingency(
        risks, paths, seed,
        _totals([risk.before for risk in counted], before), _totals([risk.after for risk in counted], after),
        float(strict_sum(np.array([risk.mitigation_cost for risk in counted] or [0.0]))),
        measures.difference(p80_after, p80_before),
    )  # fmt: skip


def _cost(impact: Impact, happens: Floats, size: Floats) -> Floats:
    """What a risk costs on each path."""
    if impact.probability == 0.0:
        return np.zeros(len(happens))
    comes = np.asarray(kernels.norm_cdf(-happens)) < impact.probability
    if impact.low == impact.high:
        return np.where(comes, impact.likely, 0.0)
    points = {"low": impact.low, "mode": impact.likely, "high": impact.high}
    costs = marginal(Shape.model_validate({"pert": points})).quantile(size)
    return np.where(comes, np.asarray(costs), 0.0)


def _totals(impacts: Sequence[Impact], total: Floats) -> Totals:
    exact = float(strict_sum(np.array([impact.expected for impact in impacts] or [0.0])))
    return Totals(exact, {name: measures.estimate(measures.quantile(total, p)) for name, p in SHOWN.items()})
