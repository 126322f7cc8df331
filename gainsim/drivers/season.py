"""Seasons: one value for each period of the calendar year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim.grid import Calendar

Floats = NDArray[np.float64]


def season_by_period(season: Sequence[float] | None, calendar: Calendar, neutral: float) -> Floats:
    """One value by period from values by calendar month or quarter (January, or the first quarter, first)."""
    if season is None:
        return np.full(calendar.periods, neutral)
    needed = 12 // calendar.step_months
    if len(season) != needed:
        raise ValueError(
            f"season: {needed} values are needed, one for each {calendar.step} of the year; written are {len(season)}."
        )
    months = [(calendar.period(t).start.month - 1) // calendar.step_months for t in range(calendar.periods)]
    return np.array([season[m] for m in months])
