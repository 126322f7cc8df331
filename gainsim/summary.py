"""The summary of a run: measures, base case, clauses, limits and checks. All figures, no words on how to show them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Run, base_case, rows_of
from gainsim.ledger import Line
from gainsim.measures import Estimate
from gainsim.measuring import SUMMARY, Judgement, Measured, Measures, judge
from gainsim.model import Model
from gainsim.outcome import Outcome
from gainsim.sums import strict_sum

Floats = NDArray[np.float64]
SCHEMA = "gainsim/run/1"


@dataclass(frozen=True)
class Clause:
    """One line of the ledger over the contract's life.

    base:    in the base case
    mean:    over the paths, with its standard error
    npv:     the mean of its discounted amount (0 for what moves no cash)
    tail:    the mean of its discounted amount on the worst 5% of paths by NPV
    binds:   the share of settlements in which it is not zero, with its standard error
    """

    line: Line
    base: float
    mean: Estimate
    npv: float
    tail: float
    binds: Estimate

    @property
    def convexity(self) -> float:
        """What uncertainty adds: the mean less the base case."""
        return self.mean.value - self.base


@dataclass(frozen=True)
class BaseCase:
    """The offer without chance.

    rows:    (rows,) every row of the ledger, in the order of the run's rows
    by_year: (lines, years) each line by year
    years:   what the years are called
    """

    model: Model
    rows: Floats
    by_year: Floats
    years: tuple[str, ...]
    npv: float
    revenue: float
    cost: float
    margins: dict[str, float]


@dataclass(frozen=True)
class Summary:
    """Everything a report says of a run."""

    run: Run
    run_id: str
    outcome: Outcome
    measures: dict[str, Measured]
    base: BaseCase
    clauses: tuple[Clause, ...]
    mean_by_year: Floats
    limits: tuple[Judgement, ...]
    checks: tuple[str, ...]

    @property
    def broken(self) -> tuple[Judgement, ...]:
        """The house limits that the offer breaks."""
        return tuple(limit for limit in self.limits if not limit.kept)


def summarise(run: Run) -> Summary:
    """Take every measure of a run, settle its base case, judge its limits and look for what makes it suspect."""
    scenario = run.model.scenario
    outcome = Outcome(run)
    measures = Measures(outcome)
    taken = {shown: measures.of(name, basis, layer) for shown, name, basis, layer in SUMMARY}
    base = summarise_base(*base_case(scenario))
    clauses = _clauses(run, outcome, base)
    limits = tuple(judge(name, limit, measures) for name, limit in scenario.limits.items())
    checks = tuple(_checks(run, outcome, taken, clauses))
    by_year = _by_year(run.model, run.row_mean)
    return Summary(run, run_id(run), outcome, taken, base, clauses, by_year, limits, checks)


def run_id(run: Run) -> str:
    """A name for the run: the same scenario, seed, paths and version give the same one."""
    from gainsim import __version__

    written = run.model.scenario.model_dump_json()
    text = json.dumps([written, run.seed, run.paths, __version__])
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def year_labels(model: Model) -> tuple[str, ...]:
    """The years of the calendar, by the months they cover."""
    return tuple(window.label for window in model.calendar.windows("year"))


def _by_year(model: Model, amounts: Floats) -> Floats:
    """(lines, years) from (rows,): each settlement in the year in which its window ends."""
    table = np.zeros((len(model.lines), len(year_labels(model))))
    settled = [{s.at: s for s in line.settlements} for line in model.lines]
    for (t, line), amount in zip(model.program.rows, amounts, strict=True):
        table[line, model.calendar.year_of(settled[line][t].window.last)] += amount
    return table


def summarise_base(model: Model, amounts: Floats) -> BaseCase:
    """The yearly profit and loss of the base case."""
    rows = rows_of(model)
    by_year = _by_year(model, amounts)
    totals = strict_sum(by_year)
    npv = math.fsum(
        float(worth * amount)
        for worth, amount, (_, line) in zip(rows.plan.discount, amounts, rows.keys, strict=True)
        if model.lines[line].role in ("payment", "cost", "cash")
    )

    def of(*roles: str, layers: Sequence[str] = ("contribution", "overhead", "capital")) -> float:
        pairs = zip(model.lines, totals, strict=True)
        return math.fsum(
            float(x) for line, x in pairs if line.role in roles and (line.role == "payment" or line.layer in layers)
        )

    layers = ("contribution", "overhead", "capital")
    margins = {layer: of("payment", "cost", "accrual", layers=layers[: n + 1]) for n, layer in enumerate(layers)}
    return BaseCase(model, amounts, by_year, year_labels(model), npv, of("payment"), of("cost", "accrual"), margins)


def _clauses(run: Run, outcome: Outcome, base: BaseCase) -> tuple[Clause, ...]:
    worst = max(1, round(0.05 * run.paths))
    tail = np.argsort(outcome.npv, kind="stable")[:worst]
    totals = strict_sum(base.by_year)
    count = np.array([len(line.settlements) for line in run.rows.lines])[:, None]
    means, binds = _means(run.total), _means(run.bound / count)
    npv, worst_npv = strict_sum(run.npv) / run.paths, strict_sum(run.npv[:, tail]) / worst
    return tuple(
        Clause(
            line,
            float(totals[n]),
            Estimate(*means[n], line.currency, run.paths - 1),
            float(npv[n]),
            float(worst_npv[n]),
            Estimate(*binds[n], "fraction", run.paths - 1),
        )
        for n, line in enumerate(run.rows.lines)
    )


def _means(values: Floats) -> list[tuple[float, float]]:
    """Mean and standard error of every row of (rows, paths)."""
    paths = values.shape[1]
    mean = strict_sum(values) / paths
    if paths == 1:
        return [(float(m), math.inf) for m in mean]
    apart = values - mean[:, None]
    error = np.sqrt(strict_sum(apart * apart) / (paths * (paths - 1.0)))
    return [(float(m), float(e)) for m, e in zip(mean, error, strict=True)]


# --- what makes a run suspect ----------------------------------------------------------------------------------------


def _checks(run: Run, outcome: Outcome, taken: dict[str, Measured], clauses: Sequence[Clause]) -> list[str]:
    said = []
    if run.paths * 0.05 < 100:
        said.append(
            f"few tail paths: the worst 5% are {math.ceil(run.paths * 0.05)} paths; "
            "from 2,000 paths on the tail is worth reading."
        )
    npv = taken["npv"].estimate
    if npv is not None and math.isfinite(npv.standard_error) and npv.standard_error > 0.02 * max(abs(npv.value), 1e-9):
        factor = (npv.standard_error / (0.01 * max(abs(npv.value), 1e-9))) ** 2
        said.append(
            f"not converged: the mean NPV is known to {npv.standard_error / max(abs(npv.value), 1e-9):.1%} only; "
            f"1% would take about {min(factor * run.paths, 1e12):,.0f} paths."
        )
    said += [f"nothing reads '{name}': it moves no money." for name in run.model.unread]
    said += _never_binding(clauses, run.paths)
    said += _no_reason_to_sign(outcome, taken)
    return said


def _never_binding(clauses: Sequence[Clause], paths: int) -> list[str]:
    return [
        f"{clause.line.name} never binds: it is zero in every settlement of {paths:,} paths."
        for clause in clauses
        if clause.line.role in ("payment", "gain") and clause.line.step and clause.binds.value == 0.0
    ]


def _no_reason_to_sign(outcome: Outcome, taken: dict[str, Measured]) -> list[str]:
    if not outcome.says_customer:
        return ["the file says nothing of what the customer gains: whether it has a reason to sign is not known."]
    benefit = taken["customer_net_benefit"].estimate
    if benefit is not None and benefit.value < 0.0:
        return ["the customer has no reason to sign: on average it is worse off than without the contract."]
    return []


# --- for machines ----------------------------------------------------------------------------------------------------


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def to_json(summary: Summary) -> dict[str, Any]:
    """The run as one object of plain data."""
    run = summary.run
    return {
        "schema": SCHEMA,
        "scenario": run.model.scenario.title,
        "currency": run.model.scenario.currency,
        "seed": run.seed,
        "paths": run.paths,
        "run_id": summary.run_id,
        "measures": {name: _measure_json(measured) for name, measured in summary.measures.items()},
        "base_case": {
            "npv": summary.base.npv,
            "revenue": summary.base.revenue,
            "cost": summary.base.cost,
            "margins": summary.base.margins,
            "lines": {clause.line.name: clause.base for clause in summary.clauses},
        },
        "clauses": {
            clause.line.name: {
                "role": clause.line.role,
                "payee": clause.line.payee,
                "payer": clause.line.payer,
                "mean": clause.mean.value,
                "standard_error": _number(clause.mean.standard_error),
                "convexity": clause.convexity,
                "npv": clause.npv,
                "tail_npv": clause.tail,
                "binds": clause.binds.value,
            }
            for clause in summary.clauses
        },
        "limits": {limit.name: _limit_json(limit) for limit in summary.limits},
        "checks": list(summary.checks),
    }


def _measure_json(measured: Measured) -> dict[str, Any]:
    found = measured.estimate
    if found is None:
        return {"value": None, "standard_error": None, "unit": measured.unit, "reason": measured.reason}
    return {"value": found.value, "standard_error": _number(found.standard_error), "unit": measured.unit}


def _limit_json(limit: Judgement) -> dict[str, Any]:
    found = limit.measured.estimate
    return {
        "rule": limit.rule,
        "kept": limit.kept,
        "value": None if found is None else found.value,
        "margin": _number(limit.margin),
        "sure": limit.sure,
    }
