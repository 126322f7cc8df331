"""How many futures see the contract end early, when, and by which of its terminations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.accounts import Contract
from gainsim.bridge import Run
from gainsim.conduct.decisions import NO_NOTICE, since_notice
from gainsim.grid import Calendar
from gainsim.ledger import Line
from gainsim.measures import Estimate, estimate, mean
from gainsim.measuring import Measured
from gainsim.offer.exit import Termination
from gainsim.sample import Sample
from gainsim.sums import strict_sum
from gainsim.terms.exit import ENDS
from gainsim.words import counted, doubt, of_futures, share
from gainsim.years import year_labels

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EarlyEnd:
    """The early ends of a run's contract.

    chance:   the share of futures on which it ends early
    by_term:  the same by the termination that ends it; these add up to the chance
    by_year:  by year of the contract, and in it by termination: these too
    months:   how long it lasts on average on those futures; None where there are none
    earliest: the first period in which it ends on any of them; "" where there are none
    """

    chance: Measured
    by_term: Mapping[str, Measured]
    by_year: Mapping[str, Mapping[str, float]]
    months: Estimate | None
    earliest: str


def early_end(run: Run) -> EarlyEnd | None:
    """What a run says of the early ends of its contract; None where the contract has no termination."""
    names = [line.group for line in run.model.lines if _ends(line)]
    if not names:
        return None
    sample = Sample(groups=run.groups)
    ended = {line.group: run.total[n] for n, line in enumerate(run.rows.lines) if _ends(line)}
    calendar, years = run.model.calendar, year_labels(run.model.calendar)
    by_period = {name: np.zeros(calendar.periods) for name in names}
    for (t, number), part in zip(run.rows.keys, run.row_mean.tolist(), strict=True):
        if _ends(run.rows.lines[number]):
            by_period[run.rows.lines[number].group][t] += part
    in_all, ever = np.zeros(calendar.periods), np.zeros(run.paths)
    by_year = {label: dict.fromkeys(names, 0.0) for label in years}
    for name, shares in by_period.items():
        in_all, ever = in_all + shares, ever + ended[name]
        for t, part in enumerate(shares.tolist()):
            by_year[years[calendar.year_of(t)]][name] += part
    some = np.flatnonzero(in_all).tolist()
    return EarlyEnd(
        chance=_share(ever, sample),
        by_term={name: _share(paths, sample) for name, paths in ended.items()},
        by_year=by_year,
        months=_mean_length(in_all, calendar, run) if some else None,
        earliest=calendar.period(some[0]).label if some else "",
    )


def early_end_words(found: EarlyEnd, paths: int) -> str:
    """How many futures see the contract end early, and when, in a sentence."""
    if found.months is None:
        return f"On none of {counted(paths, 'future')} does the contract end early."
    length = " ".join([f"{found.months.value:,.1f}", doubt(found.months)]).rstrip()
    chance = of_futures(found.chance.in_short) if found.chance.one_sided else " ".join(found.chance.shown).rstrip()
    when = f"on average after {length} months, at the earliest with {found.earliest}"
    return f"On {chance} of the futures the contract ends early, {when}."


def early_end_rows(found: EarlyEnd) -> list[tuple[str, ...]]:
    """The share of futures by termination, in each year and in all; of several also that of any."""
    rows = [(name, [of[name] for of in found.by_year.values()], chance) for name, chance in found.by_term.items()]
    if len(rows) > 1:
        rows.append(("= any", [sum(of.values()) for of in found.by_year.values()], found.chance))
    return [(name, *(share(x) if x else "." for x in years), *chance.shown) for name, years, chance in rows]


def ends_here(line: Line, amount: float) -> bool:
    """Whether a row of one path says that its term ends the contract early, with the period in which it settles."""
    return _ends(line) and amount == 1.0


def ended(contract: Contract, memory: Mapping[str, float], after: int) -> tuple[int, str] | None:
    """The period with which a contract has ended early, and its termination; None where it runs. memory: as kept before `after`.

    Of several the first to end it, of those with one period the first written.
    """
    calendar, found = contract.model.calendar, []
    for name, term in contract.model.scenario.contract.items():
        if isinstance(term, Termination) and (since := memory.get(since_notice(name), NO_NOTICE)) >= 0.0:
            notice = 0 if term.notice is None else term.notice.months // calendar.step_months
            found.append((after - 1 - int(since) + notice, name))
    when, by = min(found, key=lambda end: end[0], default=(calendar.periods, ""))
    return (when, by) if when < min(after, calendar.periods - 1) else None


def _ends(line: Line) -> bool:
    return line.role == "figure" and line.step == ENDS


def _share(ended: Floats, sample: Sample) -> Measured:
    """The share of the paths that end, (paths,) ones and zeros."""
    return Measured("early_end", estimate(mean(ended, sample), sample, "fraction"), "fraction", event=True)


def _mean_length(by_period: Floats, calendar: Calendar, run: Run) -> Estimate:
    """Mean months of the paths that end early: a ratio of two means, and the standard error that follows from it.

    It is not known where paths were drawn together: how long each of them lasts is not kept.
    """
    months = np.arange(1.0, calendar.periods + 1.0) * calendar.step_months
    share = _sum(by_period)
    length = _sum(by_period * months) / share
    apart = months - length
    spread = _sum(by_period * apart * apart)
    unknown = share * run.paths < 1.5 or run.groups is not None
    error = math.inf if unknown else math.sqrt(spread / (run.paths - 1)) / share
    return Estimate(length, error, "months", run.paths - 1)


def _sum(values: Floats) -> float:
    return float(strict_sum(values))
