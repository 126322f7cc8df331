"""Candidates whose changes are normal and always as large: a walk, a reversion, longer autoregressions; with a season or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.series import SEASON_YEARS, Judged, Season, Series, normal_judged, season_basis, season_count

Floats = NDArray[np.float64]
_TURNS, _CLOSE = 60, 1e-10


@dataclass(frozen=True)
class Linear:
    """x less its season, either a walk or drawn to its centre.

    centre: the mean change of a walk a period; else the level to which it is drawn
    season: (per_year,) what each place of the year adds to x, together 0; all 0 for none
    phi:    (p,) what is felt of earlier distances from the centre; none for a walk
    sd:     of a period's surprise, of the greatest likelihood; freedom: points less parameters that it was found with
    error:  the standard error of the centre
    """

    centre: float
    season: Floats
    phi: Floats
    sd: float
    points: int
    freedom: int
    error: float

    def judged(self, series: Series) -> Judged:
        """Each value given those before it."""
        y = series.x - self.season[series.places]
        mean = np.full(len(series), np.nan)
        if not len(self.phi):
            mean[1:] = y[:-1] + self.centre
        else:
            apart, p = y - self.centre, len(self.phi)
            mean[p:] = self.centre + sum(w * apart[p - i : len(y) - i] for i, w in enumerate(self.phi, start=1))
        return normal_judged(series, mean + self.season[series.places], self.sd)

    @property
    def unbiased_sd(self) -> float:
        """The deviation with what the parameters took of it given back."""
        return float(self.sd * np.sqrt(self.points / self.freedom))


@dataclass(frozen=True)
class Walk:
    """A geometric walk: log changes are normal, independent and always as large."""

    season: Season = "none"
    kind = "geometric_walk"

    @property
    def title(self) -> str:
        """What it is called."""
        return f"geometric walk{_with_season(self.season)}"

    def count(self, series: Series) -> int:
        """Drift and volatility, and the season."""
        return 2 + season_count(self.season, series.per_year)

    def why_not(self, series: Series) -> str:
        """It needs values above 0."""
        return "a value is not above 0" if not series.positive else _why_no_season(series, self.season)

    def fit(self, series: Series, near: Any = None) -> Linear:
        """Least squares on the changes, which is the greatest likelihood."""
        changes = np.diff(series.x)
        design = np.hstack([np.ones((len(changes), 1)), np.diff(series.season(self.season), axis=0)])
        found, squares, inverse = least_squares(design, changes)
        n, freedom = len(changes), len(changes) - design.shape[1]
        error = float(np.sqrt(squares / max(freedom, 1) * max(inverse[0, 0], 0.0)))
        season = season_basis(self.season, series.per_year) @ found[1:]
        return Linear(float(found[0]), season, np.zeros(0), float(np.sqrt(squares / n)), n, max(freedom, 1), error)


@dataclass(frozen=True)
class Autoregressive:
    """x drawn to its centre, by its last value (mean reversion) or by its last few."""

    order: int = 1
    season: Season = "none"

    @property
    def kind(self) -> str:
        """With one value looked back on it is mean reversion."""
        return "mean_reverting" if self.order == 1 else "autoregression"

    @property
    def title(self) -> str:
        """What it is called."""
        name = "mean reversion" if self.order == 1 else f"autoregression of order {self.order}"
        return f"{name}{_with_season(self.season)}"

    def count(self, series: Series) -> int:
        """Centre, deviation, weights, and the season."""
        return 2 + self.order + season_count(self.season, series.per_year)

    def why_not(self, series: Series) -> str:
        """Each weight asks for its points."""
        if len(series) < 12 * self.order:
            return f"fewer than {12 * self.order} points"
        return _why_no_season(series, self.season)

    def fit(self, series: Series, near: Any = None) -> Linear:
        """Exact likelihood for one weight; for more of them given the first values."""
        design = self._design(series)
        phi = self._exact(design, series.x) if self.order == 1 else self._given_the_first(design, series.x)
        return self.given(series, phi)

    def given(self, series: Series, phi: Floats) -> Linear:
        """The centre, the season and the deviation of the greatest likelihood, given the weights."""
        design = self._design(series)
        whitened, target = _whitened(phi, design), _whitened(phi, series.x)
        found, squares, inverse = least_squares(whitened, target)
        n, freedom = len(target), len(target) - design.shape[1] - self.order
        error = float(np.sqrt(squares / max(freedom, 1) * max(inverse[0, 0], 0.0)))
        season = season_basis(self.season, series.per_year) @ found[1:]
        return Linear(float(found[0]), season, phi, float(np.sqrt(squares / n)), n, max(freedom, 1), error)

    def _design(self, series: Series) -> Floats:
        return np.hstack([np.ones((len(series), 1)), series.season(self.season)])

    def _exact(self, design: Floats, x: Floats) -> Floats:
        from scipy.optimize import minimize_scalar

        def loss(phi: float) -> float:
            one = np.array([phi])
            _, squares, _ = least_squares(_whitened(one, design), _whitened(one, x))
            return 0.5 * len(x) * float(np.log(squares)) - 0.5 * float(np.log(1.0 - phi * phi))

        found = minimize_scalar(loss, bounds=(-0.99, 0.99999), method="bounded", options={"xatol": 1e-8})
        return np.array([float(found.x)])

    def _given_the_first(self, design: Floats, x: Floats) -> Floats:
        """By turns: the centre given the weights, the weights given the centre (Cochrane and Orcutt, 1949)."""
        phi = np.zeros(self.order)
        for _ in range(_TURNS):
            found, _, _ = least_squares(_whitened(phi, design), _whitened(phi, x))
            y = x - design @ found
            lagged = np.column_stack([y[self.order - i : len(y) - i] for i in range(1, self.order + 1)])
            moved, _, _ = least_squares(lagged, y[self.order :])
            done = float(np.abs(moved - phi).max()) < _CLOSE
            phi = moved
            if done:
                break
        return phi


def _whitened(phi: Floats, of: Floats) -> Floats:
    """Less what is expected of the values before; of one weight the first is kept, at the deviation of a surprise."""
    p = len(phi)
    rest = of[p:] - sum(w * of[p - i : len(of) - i] for i, w in enumerate(phi, start=1)) if p else of
    if p != 1:
        return np.asarray(rest)
    return np.concatenate([of[:1] * np.sqrt(1.0 - min(float(phi[0]) ** 2, 1.0 - 1e-12)), rest])


def least_squares(design: Floats, target: Floats) -> tuple[Floats, float, Floats]:
    """The coefficients, the sum of squares that is left, and (X'X)⁻¹."""
    found = np.asarray(np.linalg.lstsq(design, target, rcond=None)[0], np.float64)
    rest = target - design @ found
    return found, max(float(rest @ rest), 1e-300), np.asarray(np.linalg.pinv(design.T @ design), np.float64)


def settles(phi: Floats) -> bool:
    """Whether an autoregression forgets: within a few hundred periods, and not by a hair.

    >>> settles(np.array([1.2, -0.3])), settles(np.array([0.7, 0.4]))
    (True, False)
    """
    roots = np.roots(np.concatenate([[1.0], -phi]))
    return bool(np.abs(roots).max(initial=0.0) < 0.995)


def _with_season(season: Season) -> str:
    return {"none": "", "wave": " with one wave a year", "factors": " with season"}[season]


def _why_no_season(series: Series, season: Season) -> str:
    if season == "none" or series.may_have_season:
        return ""
    return f"fewer than {SEASON_YEARS} years, from which no season can be told"
