"""The summary of a run: measures, base case, clauses, limits and checks. All figures, no words on how to show them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gainsim import __version__
from gainsim.adjustment import Adjustment, adjustment
from gainsim.approval import Approval, Recommended, Refusal, approval, approval_json, recommended, refusal, refusal_json
from gainsim.base import BaseCase, settle_base
from gainsim.bridge import Run
from gainsim.checks import suspect
from gainsim.deals import DealTerms, deal_terms
from gainsim.early_end import EarlyEnd, early_end, ends_here
from gainsim.error_costs import ErrorCost, error_costs, error_costs_json
from gainsim.gates import answer
from gainsim.judging import Judgement, judge
from gainsim.ledger import Line
from gainsim.lifecycle import Lifecycle, lifecycle, lifecycle_json
from gainsim.measures import Estimate, estimate, mean
from gainsim.measuring import SUMMARY, Measured, Measures
from gainsim.model import Model
from gainsim.offer.scenario import Scenario
from gainsim.outcome import Outcome
from gainsim.precision import Reached, Sized, precision_json, reached
from gainsim.put_in import PutIn, plans_json, put_in, seen
from gainsim.sample import Influence, Sample
from gainsim.streams.sampling import not_promised
from gainsim.sums import CELL, strict_sum
from gainsim.two_sides import TwoSides, two_sides, two_sides_json
from gainsim.years import by_year

if TYPE_CHECKING:
    from gainsim.scenario.changes import Change
    from gainsim.scenario.reading import Document

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
class Summary:
    """Everything a report says of a run.

    document: what was run, as far as it was read from a file or a text
    efforts:  how much is put in, on at most 1,024 futures drawn as those of the run
    """

    run: Run
    document: Document | None
    run_id: str
    outcome: Outcome
    measures: dict[str, Measured]
    base: BaseCase
    clauses: tuple[Clause, ...]
    mean_by_year: Floats
    limits: tuple[Judgement, ...]
    checks: tuple[str, ...]
    deals: tuple[DealTerms, ...]
    early_end: EarlyEnd | None
    sides: TwoSides | None
    lifecycle: Lifecycle | None
    efforts: tuple[PutIn, ...]
    approval: Approval | None
    sized: Sized | None = None

    @property
    def recommendation(self) -> tuple[Recommended, str]:
        """What the rules of the house recommend, and the same in a sentence, which says too where the customer does not sign."""
        return recommended(self.limits, self.approval, self.refusal)

    @property
    def refusal(self) -> Refusal | None:
        """Why the customer does not sign, where something keeps it from that."""
        return refusal(self.sides.accepts if self.sides is not None else (), self.measures["customer_net_benefit"])

    @property
    def reached(self) -> tuple[Reached, ...]:
        """How precisely the run knows what it was to know."""
        return () if self.sized is None else reached(self.sized, Measures(self.outcome))

    @cached_property
    def error_costs(self) -> tuple[ErrorCost, ...]:
        """What errors of measurement cost each party, by what is measured; each measured value takes a run."""
        return error_costs(self.outcome)

    @cached_property
    def adjustment(self) -> Adjustment | None:
        """What control variates have done to its means."""
        return adjustment(self.outcome)

    @property
    def broken(self) -> tuple[Judgement, ...]:
        """The house limits that the offer breaks."""
        return tuple(limit for limit in self.limits if limit.verdict == "broken")

    @property
    def open(self) -> tuple[Judgement, ...]:
        """The house limits that cannot be judged: their measure has no value here."""
        return tuple(limit for limit in self.limits if limit.verdict == "open")

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is not as in the file."""
        return self.document.changes if self.document is not None else ()


def summarise(run: Run, document: Document | None = None, sized: Sized | None = None) -> Summary:
    """Take every measure of a run, settle its base case, judge its limits and look for what makes it suspect."""
    scenario = run.model.scenario
    outcome = Outcome(run)
    measures = Measures(outcome)
    taken = {shown: measures.of(name, basis, layer) for shown, name, basis, layer in SUMMARY}
    base = settle_base(run.model)
    clauses = _clauses(run, outcome, base)
    limits = tuple(judge(name, limit, measures) for name, limit in scenario.limits.items())
    sides = two_sides(outcome)
    checks = tuple(suspect(run, taken, clauses, sides, document.place if document is not None else None))
    name = run_id(scenario, run.paths, run.seed, run.sampling, run.controls is not None)
    years = by_year(run.model, run.row_mean)
    deals = deal_terms(run.model)
    ends, decided = early_end(run), lifecycle(run)
    efforts = put_in(run.model, seen(run.model, min(run.paths, CELL), run.seed, run.sampling))
    allowed = approval(scenario.approval, measures)
    return Summary(
        run, document, name, outcome, taken, base, clauses, years, limits, checks, deals, ends, sides, decided, efforts, allowed,
        sized,
    )


def run_id(
    scenario: Scenario, paths: int, seed: int, sampling: str = "pseudo_random", control_variates: bool = False
) -> str:
    """A name for a run: the same offer, seed, paths, sampling, control variates and version give the same one."""
    written = scenario.model_dump_json(exclude={"run", "approval", "stress", "tune"})  # what is no part of the offer
    drawn = [*([] if sampling == "pseudo_random" else [sampling]), *(["control_variates"] if control_variates else [])]
    text = json.dumps([written, seed, paths, __version__, *drawn])
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _clauses(run: Run, outcome: Outcome, base: BaseCase) -> tuple[Clause, ...]:
    worst = max(1, round(0.05 * run.paths))
    tail = np.argsort(outcome.npv, kind="stable")[:worst]
    totals = strict_sum(base.by_year)
    count = np.array([len(line.settlements) for line in run.rows.lines])[:, None]
    as_drawn = replace(outcome.sample, controls=None)  # how often a clause binds is a share: it stays between none and all
    means, binds = _means(run.total, outcome.sample), _means(run.bound / count, as_drawn)
    npv, worst_npv = _means(run.npv, outcome.sample), strict_sum(run.npv[:, tail]) / worst
    return tuple(
        Clause(
            line,
            float(totals[n]),
            replace(means[n], unit=line.currency),
            npv[n].value,
            float(worst_npv[n]),
            replace(binds[n], unit="fraction"),
        )
        for n, line in enumerate(run.rows.lines)
    )


def _means(values: Floats, sample: Sample) -> list[Estimate]:
    """The mean of every row of (rows, paths)."""
    paths = values.shape[1]
    mean = strict_sum(values) / paths
    apart = values - mean[:, None]
    if sample.groups is not None or sample.controls is not None:
        found = (Influence(float(m), psi) for m, psi in zip(mean, apart, strict=True))
        return [estimate(sample.adjusted(each), sample) for each in found]
    if paths == 1:
        return [Estimate(float(m), math.inf, degrees_of_freedom=0.0) for m in mean]
    error = np.sqrt(strict_sum(apart * apart) / (paths * (paths - 1.0)))
    return [Estimate(float(m), float(e), degrees_of_freedom=paths - 1.0) for m, e in zip(mean, error, strict=True)]


# --- for machines ----------------------------------------------------------------------------------------------------


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def to_json(summary: Summary) -> dict[str, Any]:
    """The run as one object of plain data."""
    run, document = summary.run, summary.document
    return {
        "schema": SCHEMA,
        "gainsim": __version__,
        "scenario": run.model.scenario.title,
        "file": document.name if document is not None else None,
        "changes": [change_json(change) for change in summary.changes],
        "currency": run.model.scenario.currency,
        "seed": run.seed,
        "paths": run.paths,
        "sampling": {"way": run.sampling, "not_promised": list(not_promised(run.sampling))},
        "control_variates": None if (done := summary.adjustment) is None else vars(done),
        "precision": None if summary.sized is None else precision_json(summary.sized, summary.reached),
        "run_id": summary.run_id,
        "measures": {name: measure_json(measured) for name, measured in summary.measures.items()},
        "base_case": {
            "npv": summary.base.npv,
            "revenue": summary.base.revenue,
            "cost": summary.base.cost,
            "margins": summary.base.margins,
            "lines": {clause.line.name: clause.base for clause in summary.clauses},
        },
        "parties": _positions_json(summary),
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
        "approval": approval_json(summary.approval),
        "customer_refuses": refusal_json(summary.refusal),
        "checks": list(summary.checks),
        "deals": {deal.name: deal_json(deal) for deal in summary.deals},
        "two_sides": None if summary.sides is None else two_sides_json(summary.sides),
        "customer_accepts": {} if summary.sides is None else {each.name: _limit_json(each) for each in summary.sides.accepts},
        "early_end": None if summary.early_end is None else _early_end_json(summary.early_end),
        "errors_of_measurement": error_costs_json(summary.error_costs),
        "lifecycle": None if summary.lifecycle is None else lifecycle_json(summary.lifecycle),
        "effort": plans_json(run.model),
    }


def _early_end_json(found: EarlyEnd) -> dict[str, Any]:
    """How many futures see the contract end early, when, and by which termination."""
    months = found.months
    return {
        "chance": measure_json(found.chance),
        "by_termination": {name: measure_json(share) for name, share in found.by_term.items()},
        "by_year": {year: dict(shares) for year, shares in found.by_year.items()},
        "months": None if months is None else {"value": months.value, "standard_error": _number(months.standard_error)},
        "earliest": found.earliest or None,
    }


def _positions_json(summary: Summary) -> dict[str, float]:
    """What each party receives on average, less what it pays; they add up to zero."""
    lines = [line for line in summary.run.rows.lines if line.moves_cash]
    names = dict.fromkeys(party for line in lines for party in line.parties)
    return {party: mean(summary.outcome.position(party), summary.outcome.sample).value for party in names}


def base_json(base: BaseCase, changes: Sequence[Change] = ()) -> dict[str, Any]:
    """The base case as one object of plain data."""
    values = {name: found.estimate and found.estimate.value for name, found in base.measures.items()}
    return {
        "schema": "gainsim/base-case/1",
        "gainsim": __version__,
        "scenario": base.model.scenario.title,
        "changes": [change_json(change) for change in changes],
        "currency": base.currency,
        "years": list(base.years),
        "lines": {line.name: values.tolist() for line, values in zip(base.lines, base.by_year, strict=True)},
        "cash": base.cash.tolist(),
        "npv": base.npv,
        "revenue": base.revenue,
        "cost": base.cost,
        "margins": base.margins,
        "measures": {
            name: {"value": value, "unit": base.measures[name].unit, "reason": base.measures[name].reason or None}
            for name, value in values.items()
        },
        "limits": {limit.name: _limit_json(limit) for limit in base.limits},
        "not_judged": list(base.not_judged),
    }


def deal_json(deal: DealTerms) -> dict[str, Any]:
    """The figures of one subscription."""
    figures = {key: value for key, value in vars(deal).items() if key not in ("name", "acv", "years", "guardrails")}
    return {
        **figures,
        "exit_year": deal.exit_year,
        "acv": dict(zip(deal.years, deal.acv, strict=True)),
        "guardrails": [dict(vars(rule)) for rule in deal.guardrails],
    }


def statement_json(model: Model, amounts: Floats, path: int, seed: int, period: int | None = None) -> dict[str, Any]:
    """One path's statement as plain data; `period` (from 1) limits it to one period."""
    lines, gates, ended = [], [], None
    for (t, number), value in zip(model.program.rows, amounts, strict=True):
        if period is None or t == period - 1:
            line = model.lines[number]
            if line.role == "gate":
                gates.append({"period": t + 1, "gate": line.name, "holds": answer(float(value))})
                continue
            if ends_here(line, float(value)):
                ended = {"period": t + 1, "by": line.group}
            when = next(s for s in line.settlements if s.at == t)
            entry: dict[str, Any] = {"period": t + 1, "line": line.name, "role": line.role, "amount": float(value)}
            entry |= {"window": when.window.label, "due": str(when.due), "paid": str(when.paid)}
            lines.append(entry | {"payee": line.payee, "payer": line.payer, "currency": line.currency})
    return {
        "schema": "gainsim/statement/1",
        "scenario": model.scenario.title,
        "path": path,
        "seed": seed,
        "lines": lines,
        "gates": gates,
        "ended": ended,
    }


def change_json(change: Change) -> dict[str, Any]:
    """One value that is not the file's."""
    return {"asked": change.asked, "key": change.key, "before": change.before, "after": change.after}


def measure_json(measured: Measured) -> dict[str, Any]:
    """A measure, or the reason why it has no value."""
    found = measured.estimate
    if found is None:
        return {"value": None, "standard_error": None, "unit": measured.unit, "reason": measured.reason}
    return {"value": found.value, "standard_error": _number(found.standard_error), "unit": measured.unit}


def _limit_json(limit: Judgement) -> dict[str, Any]:
    found = limit.measured.estimate
    return {
        "rule": limit.rule,
        "bound": limit.bound,
        "unit": limit.measured.unit,
        "verdict": limit.verdict,
        "kept": limit.kept,
        "value": None if found is None else found.value,
        "reason": limit.measured.reason or None,
        "margin": _number(limit.margin),
        "sure": limit.sure,
    }
