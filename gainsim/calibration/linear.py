"""Candidates whose changes are normal and always as large: a walk, a reversion, longer autoregressions; with a season or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.belief import SAMPLE, SEED
from gainsim.calibration.series import SEASON_YEARS, Judged, Season, Series, normal_judged, season_basis, season_count

Floats = NDArray[np.float64]
_TURNS, _CLOSE = 60, 1e-10
#: what is left of a surprise after each period, at most
_SLOWEST = 0.995


@dataclass(frozen=True)
class Linear:
    """x less its season, either a walk or drawn to its centre.

    centre: the mean change of a walk a period; else the level to which it is drawn
    season: (per_year,) what each place of the year adds to x, together 0; all 0 for none
    phi:    (p,) what is felt of earlier distances from the centre; none for a walk
    sd:     of a period's surprise, of the greatest likelihood; freedom: points less parameters that it was found with
    error:  the standard error of the centre; season_error: (per_year,) those of the season
    """

    centre: float
    season: Floats
    phi: Floats
    sd: float
    points: int
    freedom: int
    error: float
    season_error: Floats

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

    def sample(self, series: Series) -> Floats:
        """(SAMPLE, 2 + order) centre, deviation and weights, as likely as the series makes them where all are so beforehand.

        Weights and deviation are those of a regression with normal errors, as far as they settle; given them, the centre is
        normal. The season stays as it was found. Fewer rows come where many do not settle.

        Source: Gelman and others, Bayesian Data Analysis, section 14.2
        """
        generator, p = np.random.default_rng(SEED), len(self.phi)
        y = series.x - self.season[series.places]
        lagged = np.column_stack([np.ones(len(y) - p), *(y[p - i : len(y) - i] for i in range(1, p + 1))])
        found, squares, inverse = least_squares(lagged, y[p:])
        sd = np.sqrt(squares / generator.chisquare(self.freedom, SAMPLE))
        spread = generator.standard_normal((SAMPLE, p)) @ np.linalg.cholesky(inverse[1:, 1:]).T
        phi = found[1:] + sd[:, None] * spread
        some = settling(phi)
        phi, sd = phi[some], sd[some]
        left = 1.0 - phi.sum(axis=1)
        middle = (y[p:].mean() - phi @ lagged[:, 1:].mean(axis=0)) / left
        centre = middle + generator.standard_normal(len(sd)) * sd / (left * np.sqrt(len(y) - p))
        return np.column_stack([centre, sd, phi])

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
        freedom = len(changes) - design.shape[1]
        return _linear(self.season, series, np.zeros(0), found, squares, inverse, len(changes), freedom)


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
        freedom = len(target) - design.shape[1] - self.order
        return _linear(self.season, series, phi, found, squares, inverse, len(target), freedom)

    def sample(self, series: Series, weights: Floats) -> Floats:
        """(SAMPLE, 3) centre, deviation and weight, for weights of the last value that are equally likely, in their order.

        Given a weight, the deviation is that of normal surprises and the centre is normal.
        """
        generator, rows = np.random.default_rng(SEED), []
        for weight in weights.tolist():
            fit = self.given(series, np.array([weight]))
            count = SAMPLE // len(weights)
            ratio = np.sqrt(fit.freedom / generator.chisquare(fit.freedom, count))
            centre = fit.centre + fit.error * ratio * generator.standard_normal(count)
            rows.append(np.column_stack([centre, fit.unbiased_sd * ratio, np.full(count, weight)]))
        return np.concatenate(rows)

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


def _linear(
    season: Season, series: Series, phi: Floats, found: Floats, squares: float, inverse: Floats, points: int, freedom: int
) -> Linear:
    """From least squares on the centre and the season."""
    basis, variance = season_basis(season, series.per_year), squares / max(freedom, 1)
    errors = np.sqrt(np.maximum(variance * np.einsum("ij,jk,ik->i", basis, inverse[1:, 1:], basis), 0.0))
    return Linear(
        float(found[0]), basis @ found[1:], phi, float(np.sqrt(squares / points)), points, max(freedom, 1),
        float(np.sqrt(variance * max(inverse[0, 0], 0.0))), errors,
    )  # fmt: skip


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


def settling(phi: Floats) -> NDArray[np.bool_]:
    """(k,) whether autoregressions with these weights, (k, p), forget: within a few hundred periods, and not by a hair.

    >>> settling(np.array([[1.2, -0.3], [0.7, 0.4]]))
    array([ True, False])

    Source: the step-down recursion, Barndorff-Nielsen and Schou, J. Multivariate Analysis 3 (1973)
    """
    weights = phi / _SLOWEST ** np.arange(1, phi.shape[1] + 1)
    good = np.ones(len(phi), bool)
    for order in range(phi.shape[1], 0, -1):
        last = weights[:, order - 1 :]
        good &= np.abs(last[:, 0]) < 1.0
        earlier = weights[:, : order - 1]
        with np.errstate(all="ignore"):
            weights = (earlier + last * earlier[:, ::-1]) / (1.0 - last * last)
    return good


def _with_season(season: Season) -> str:
    return {"none": "", "wave": " with one wave a year", "factors": " with season"}[season]


def _why_no_season(series: Series, season: Season) -> str:
    if season == "none" or series.may_have_season:
        return ""
    return f"fewer than {SEASON_YEARS} years, from which no season can be told"
