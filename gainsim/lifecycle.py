"""What the parties decided over a run: on how many futures the contract goes on, and what became of each decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Run
from gainsim.terms.exit import ENDS
from gainsim.terms.lifecycle import AT_YEAR_END, LIFECYCLE
from gainsim.words import percent, share
from gainsim.years import year_labels

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decided:
    """A decision by year of the contract.

    unit:  what it is in; "%" where it is written in percent, and of a yes or no, of which the share of futures is told
    value: the mean of what it has become with the year's end, over the futures on which the contract has run until then; None
           where there is none, and in a last year in which it is asked no more
    asked: how many times it was asked, in the mean over all futures
    taken: how many times it was taken
    """

    unit: str
    value: tuple[float | None, ...]
    asked: tuple[float, ...]
    taken: tuple[float, ...]


@dataclass(frozen=True)
class Lifecycle:
    """The decisions of a run.

    years: what the years of the contract are called
    begun: the share of futures on which each is begun
    """

    years: tuple[str, ...]
    begun: tuple[float, ...]
    decisions: Mapping[str, Decided]


def lifecycle(run: Run) -> Lifecycle | None:
    """What a run says of the decisions of its parties; None where there are none."""
    names = run.model.scenario.lifecycle
    if not names:
        return None
    calendar = run.model.calendar
    by_period: dict[str, Floats] = {}
    units: dict[str, str] = {}
    ended = np.zeros(calendar.periods + 1)
    for (t, number), part in zip(run.rows.keys, run.row_mean.tolist(), strict=True):
        line = run.rows.lines[number]
        if line.role == "decision" and line.group != LIFECYCLE:
            by_period.setdefault(line.name, np.zeros(calendar.periods))[t] = part
            units[line.name] = line.unit
        elif line.role == "figure" and line.step == ENDS:
            ended[t + 1] += part
    runs = _plain(1.0 - np.add.accumulate(ended))
    windows = calendar.windows("year")

    def decided(name: str) -> Decided:
        def times(step: str) -> tuple[float, ...]:
            amounts = by_period[f"{name}.{step}"]
            return tuple(float(np.add.accumulate(amounts[w.first : w.last + 1])[-1]) for w in windows)

        line = f"{name}.{AT_YEAR_END}"
        asked = times("asked")
        values = [float(_plain(by_period[line][w.last] / runs[w.last])) if runs[w.last] else None for w in windows]
        if not asked[-1]:  # what it was before would stand there again
            values[-1] = None
        unit = "%" if names[name].yes_or_no else units[line]
        return Decided(unit, tuple(values), asked, times("taken"))

    begun = tuple(float(runs[window.first]) for window in windows)
    return Lifecycle(year_labels(calendar), begun, {name: decided(name) for name in names})


def _plain(shares: Any) -> Any:
    """Shares and means of thousands of futures without what the rounding of their sums leaves in the last digits."""
    return np.round(shares, 12) + 0.0


def lifecycle_rows(found: Lifecycle) -> list[tuple[str, ...]]:
    """By year: on how many futures it is begun, what each decision is at its end, and how often it was taken when asked."""
    rows = [("futures on which the year is begun", *map(percent, found.begun))]
    for name, each in found.decisions.items():
        told = ("." if value is None else _figure(value, each.unit) for value in each.value)
        rows.append((f"{name}, at the year's end{f', {each.unit}' if each.unit.strip('%') else ''}", *told))
        often = list(zip(each.taken, each.asked, strict=True))
        if all(asked - taken < 1e-12 for taken, asked in often):
            continue  # nothing speaks against it
        rows.append((f"{name}, taken when asked", *(share(taken / asked) if asked else "." for taken, asked in often)))
    return rows


def _figure(value: float, unit: str) -> str:
    """A mean of a decision: in percent where it is told so, else to four digits, from a thousand on whole."""
    if unit == "%":
        return percent(value)
    return f"{value:,.0f}" if abs(value) >= 1_000.0 else f"{value:.4g}"


def lifecycle_json(found: Lifecycle) -> dict[str, Any]:
    """The same as plain data."""
    keys = ("value", "asked", "taken")
    decisions = {
        name: {"unit": each.unit} | {key: dict(zip(found.years, getattr(each, key), strict=True)) for key in keys}
        for name, each in found.decisions.items()
    }
    return {"begun": dict(zip(found.years, found.begun, strict=True)), "decisions": decisions}
