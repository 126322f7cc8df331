"""The figures behind a report's pictures and tables, reckoned from a summary; no words, no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gainsim.ledger import Line
from gainsim.measures import Estimate, estimate, quantile
from gainsim.summary import Clause, Summary

Floats = NDArray[np.float64]
#: the shares of paths whose bands the fan of cash shows
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
#: beyond so many, the small steps of a waterfall stand together in one
MOST_STEPS = 18
#: below this share of the largest step none is seen
SLIVER = 0.001


def base_cash(summary: Summary) -> Floats:
    """The supplier's cumulative cash in the base case, (dates,)."""
    rows = summary.run.rows
    moves = rows.plan.date >= 0
    cash = np.zeros(len(rows.dates))
    np.add.at(cash, rows.plan.date[moves], summary.base.rows[moves])
    return np.add.accumulate(cash)


@dataclass(frozen=True)
class Fan:
    """Cumulative cash by date.

    dates: those after which the position is shown (see `_settled_dates`)
    bands: (len(FAN), dates), one row a share of `FAN`
    base:  (dates,) the base case
    end:   the median after all payments
    """

    dates: tuple[date, ...]
    bands: Floats
    base: Floats
    end: Estimate


def cash_fan(summary: Summary) -> Fan:
    """The bands of the supplier's cumulative cash, date by date, so that many paths need no second copy of all cash."""
    paths, dates = summary.run.paths, summary.run.rows.dates
    ranks = [min(max(-(-round(p * 100) * paths // 100), 1), paths) - 1 for p in FAN]
    shown = _settled_dates(dates)
    bands = np.zeros((len(FAN), len(shown)))
    running = np.zeros(paths)
    for number, flow in enumerate(summary.run.cash):
        running += flow
        if number in shown:
            bands[:, shown.index(number)] = np.partition(running, sorted(set(ranks)))[ranks]
    end = estimate(quantile(running, 0.5), unit=summary.run.model.scenario.currency)
    return Fan(tuple(dates[n] for n in shown), bands, base_cash(summary)[shown], end)


def _settled_dates(dates: Sequence[date], days: int = 10) -> list[int]:
    """The last date of each run of payments within so many days: a bill paid the day after its income is no dip."""
    shown: list[int] = []
    first = None
    for number, when in enumerate(dates):
        if first is not None and (when - first).days <= days:
            shown[-1] = number
        else:
            shown.append(number)
            first = when
    return shown


def curve(values: Floats, most: int = 400) -> tuple[Floats, Floats]:
    """The cumulative distribution by at most so many points: (outcomes, share of paths at or below), both ends kept."""
    ordered = np.sort(values)
    ranks = np.unique(np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(np.int64))
    return ordered[ranks], (ranks + 1.0) / len(ordered)


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall, at the mean and in the worst 5%, discounted. lines: empty for a (sub)total."""

    lines: tuple[Line, ...]
    mean: float
    tail: float
    total: str = ""


def waterfall(summary: Summary) -> list[Step]:
    """From the payments, clause by clause, over the costs to the NPV; clauses that move no cash are left out."""
    moving = [c for c in summary.clauses if c.line.suppliers_cash and (c.npv or c.tail)]
    small = _smallest(moving)
    steps: list[Step] = []
    for total, roles in (("all payments", ("payment", "party")), ("NPV", ("cost", "cash"))):
        part = [c for c in moving if c.line.role in roles]
        steps += [Step((c.line,), c.npv, c.tail) for c in part if c.line.name not in small]
        rest = [c for c in part if c.line.name in small]
        if rest:
            steps.append(Step(tuple(c.line for c in rest), sum(c.npv for c in rest), sum(c.tail for c in rest)))
        so_far = [step for step in steps if step.lines]
        steps.append(Step((), sum(s.mean for s in so_far), sum(s.tail for s in so_far), total))
    return steps


def _smallest(clauses: Sequence[Clause]) -> set[str]:
    """The names of those that are to stand together: too many, or too small to be seen beside the largest."""
    ordered = sorted(clauses, key=_size)
    beyond = len(ordered) - MOST_STEPS
    slivers = sum(1 for clause in ordered if _size(clause) < SLIVER * _size(ordered[-1]))
    together = max(slivers, beyond + 2 if beyond > 0 else 0)
    return {clause.line.name for clause in ordered[:together]} if together > 1 else set()


def _size(clause: Clause) -> float:
    return max(abs(clause.npv), abs(clause.tail))
