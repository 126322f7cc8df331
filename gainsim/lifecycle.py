"""What the parties decided over a run: on how many futures the contract goes on, and what became of each decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Run
from gainsim.terms.exit import ENDS
from gainsim.terms.lifecycle import LIFECYCLE
from gainsim.words import percent, share
from gainsim.years import year_labels

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decided:
    """A decision by year of the contract.

    value: its mean at the year's end, over the futures on which the contract runs then; None where there is none
    asked: how many times it was asked, in the mean over all futures
    taken: how many times it was taken
    """

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
    ended = np.zeros(calendar.periods + 1)
    for (t, number), part in zip(run.rows.keys, run.row_mean.tolist(), strict=True):
        line = run.rows.lines[number]
        if line.role == "decision" and line.group != LIFECYCLE:
            by_period.setdefault(line.name, np.zeros(calendar.periods))[t] = part
        elif line.role == "figure" and line.step == ENDS:
            ended[t + 1] += part
    runs = 1.0 - np.add.accumulate(ended)
    windows = calendar.windows("year")

    def decided(name: str) -> Decided:
        def times(step: str) -> tuple[float, ...]:
            amounts = by_period[f"{name}.{step}"]
            return tuple(float(np.add.accumulate(amounts[w.first : w.last + 1])[-1]) for w in windows)

        values = (by_period[name][w.last] / runs[w.last] if runs[w.last] > 1e-12 else None for w in windows)
        return Decided(tuple(None if value is None else float(value) for value in values), times("asked"), times("taken"))

    begun = tuple(float(runs[window.first]) for window in windows)
    return Lifecycle(year_labels(calendar), begun, {name: decided(name) for name in names})


def lifecycle_rows(found: Lifecycle) -> list[tuple[str, ...]]:
    """By year: on how many futures it is begun, what each decision is at its end, and how often it was taken when asked."""
    rows = [("futures on which the year is begun", *map(percent, found.begun))]
    for name, each in found.decisions.items():
        rows.append((f"{name}, at the year's end", *("." if value is None else _figure(value) for value in each.value)))
        often = list(zip(each.taken, each.asked, strict=True))
        if all(asked - taken < 1e-12 for taken, asked in often):
            continue  # nothing speaks against it
        rows.append((f"{name}, taken when asked", *(share(taken / asked) if asked else "." for taken, asked in often)))
    return rows


def _figure(value: float) -> str:
    """A mean of a decision, to four digits; large ones whole."""
    return f"{value:,.0f}" if abs(value) >= 10_000.0 else f"{value:.4g}"


def lifecycle_json(found: Lifecycle) -> dict[str, Any]:
    """The same as plain data."""
    decisions = {name: {key: dict(zip(found.years, getattr(each, key), strict=True)) for key in ("value", "asked", "taken")}
                 for name, each in found.decisions.items()}  # fmt: skip
    return {"begun": dict(zip(found.years, found.begun, strict=True)), "decisions": decisions}
