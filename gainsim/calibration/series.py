"""A column as it is fitted: its log where every value is above 0, its place in the year, and what a fit says of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.dates import MONTHS
from gainsim.calibration.history import Column
from gainsim.units import DIMENSIONLESS, Unit

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
#: a season of its own for each place of the year, or one wave a year, which asks for two parameters only
Season = Literal["none", "wave", "factors"]
#: what candidates may look back on; the first values are judged by none of them, so that all are judged on the same
BURN = 3
#: years from which a season can be told from chance
SEASON_YEARS = 4


@dataclass(frozen=True)
class Series:
    """Values in their order.

    places:   of each in its year, from 0
    per_year: how many places a year has
    positive: whether all values are above 0, and it is fitted in its log
    highest:  what none of its kind lies above: 1 for a share, else infinite
    """

    values: Floats
    places: Whole
    per_year: int
    positive: bool
    highest: float = math.inf

    @property
    def lowest(self) -> float:
        """What none of its kind seems to lie below: 0 where no value does, else there is no such end."""
        return 0.0 if bool((self.values >= 0.0).all()) else -math.inf

    @cached_property
    def x(self) -> Floats:
        """(n,) the log, or the level where a value is not above 0."""
        return np.asarray(np.log(self.values)) if self.positive else self.values

    @cached_property
    def stretch(self) -> Floats:
        """(n,) what turns a log density of x into one of the value."""
        return -self.x if self.positive else np.zeros(len(self.values))

    def __len__(self) -> int:
        return len(self.values)

    def until(self, count: int) -> Series:
        """Its first values."""
        return Series(self.values[:count], self.places[:count], self.per_year, self.positive, self.highest)

    @property
    def may_have_season(self) -> bool:
        """Whether it is long enough for one."""
        return self.per_year > 1 and len(self) >= SEASON_YEARS * self.per_year

    def season(self, kind: Season) -> Floats:
        """(n, parameters) the season's columns; with each parameter, what is added to x."""
        return season_basis(kind, self.per_year)[self.places]


def season_basis(kind: Season, per_year: int) -> Floats:
    """(per_year, parameters) what each parameter of a season adds at each place of the year; over a year it adds up to 0.

    >>> [season_basis(kind, 12).shape[1] for kind in ("none", "wave", "factors")]
    [0, 2, 11]
    """
    places = np.arange(per_year)
    if kind == "wave":
        turn = 2.0 * np.pi * places / per_year
        return np.column_stack([np.cos(turn), np.sin(turn)])
    if kind == "factors":
        return np.asarray(np.eye(per_year)[:, :-1] - np.eye(per_year)[:, -1:])
    return np.zeros((per_year, 0))


def season_count(kind: Season, per_year: int) -> int:
    """How many parameters a season has."""
    return {"none": 0, "wave": 2, "factors": per_year - 1}[kind]


def series_of(column: Column) -> Series:
    """A column as it is fitted."""
    months = MONTHS[column.step]
    places = (np.array([column.month(place) for place in range(len(column.values))]) % 12) // months
    plain = Unit.parse(column.unit) == DIMENSIONLESS
    a_share = plain and bool(((column.values >= 0.0) & (column.values <= 1.0)).all())
    return Series(
        column.values, places, 12 // months, bool((column.values > 0.0).all()), 1.0 if a_share else math.inf
    )


@dataclass(frozen=True)
class Judged:
    """What a fit says of each value before it is seen: its log density, and its normal score given the values before.

    Both (n,); the first `BURN` of them say nothing.
    """

    density: Floats
    score: Floats


class Fitted(Protocol):
    """A candidate with its parameters."""

    def judged(self, series: Series) -> Judged:
        """What it says of each value of a series, with these parameters."""


class Candidate(Protocol):
    """One way in which a column may have come about."""

    @property
    def kind(self) -> str:
        """The kind of driver."""

    @property
    def title(self) -> str:
        """What it is called."""

    def count(self, series: Series) -> int:
        """How many parameters are fitted."""

    def why_not(self, series: Series) -> str:
        """Why it cannot be told from a history such as this; "" where it can be tried."""

    def fit(self, series: Series, near: Any = None) -> Fitted:
        """The parameters of the greatest likelihood. near: what was found for almost the same series."""


def normal_judged(series: Series, mean: Floats, sd: Floats | float) -> Judged:
    """Where each value, or its log, is normal given the past."""
    z = (series.x - mean) / sd
    return Judged(series.stretch - 0.5 * z * z - np.log(sd) - 0.5 * np.log(2.0 * np.pi), z)
