"""Calibration of a history, column by column: candidates ranked, one of them written, its fan held against what came."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration import dependence, diagnosis, fan
from gainsim.calibration.changing import ChangingVariance
from gainsim.calibration.distributions import Drawn
from gainsim.calibration.history import Column, History
from gainsim.calibration.jumping import Jumping
from gainsim.calibration.known import Written
from gainsim.calibration.linear import Linear
from gainsim.calibration.ranking import CANDIDATES, Ranking, rank
from gainsim.calibration.reversion import Reverting, reverting
from gainsim.calibration.series import BURN, Series, series_of
from gainsim.calibration.statistics import Statistics, statistics_of
from gainsim.calibration.writing import written
from gainsim.errors import DataError, UsageError
from gainsim.words import counted

Floats = NDArray[np.float64]
#: a unit root that is refused at this level lets reversion be chosen; residuals hang together below the other
UNIT_ROOT, TOGETHER = 0.10, 0.01
#: years that a forecast reaches beyond the end
AHEAD = 3
#: points that a backtest must leave to fit to
LEAST_LEFT = 10
#: of a log, the deviation of a year's surprises below which there are none: volatilities are written to 0.001%
SURPRISE = 0.0005


@dataclass(frozen=True)
class Fit:
    """One column fitted.

    driver:   all keys of the driver
    scores:   (n - BURN,) normal scores of the residuals
    stretch:  by how much more it moves in a year than independent changes would, a factor of the volatility that is written
    season:   the test of a season in the changes; None where there are too few years
    """

    column: Column
    series: Series
    ranking: Ranking
    unit_root: diagnosis.UnitRoot
    speed: Reverting
    stretch: float
    written: Written
    driver: Mapping[str, Any]
    scores: Floats
    normal: tuple[diagnosis.Test, diagnosis.Test]
    together: diagnosis.Test
    clustered: diagnosis.Test
    season: diagnosis.Test | None

    @property
    def reverts(self) -> bool:
        """Whether a unit root is refused."""
        return self.unit_root.p < UNIT_ROOT


@dataclass(frozen=True)
class Backtest:
    """A fan made of the first part alone, held against the rest.

    fit:    on the first part
    came:   (held,) the values that came
    bands:  (shares, held) quantiles of the fan
    places: (held,) the share of futures below what came, 0 to 1
    within: by band, the share of values inside it
    """

    fit: Fit
    came: Floats
    bands: Floats
    places: Floats
    within: Mapping[float, float]


@dataclass(frozen=True)
class Calibrated:
    """What is found of one column: its statistics, its fit, its backtest, and what may come.

    untested: why there is no backtest that was to be; "" where there is one, and where none was to be
    ahead:    (shares, periods) quantiles of the fan from the end on
    below, above: the share of that fan's values where nothing of the column's kind lies
    """

    statistics: Statistics
    fit: Fit
    backtest: Backtest | None
    untested: str
    ahead: Floats
    below: float
    above: float

    @property
    def column(self) -> Column:
        """The column."""
        return self.fit.column


@dataclass(frozen=True)
class Calibration:
    """What is found of a whole history."""

    history: History
    columns: tuple[Calibrated, ...]
    pairs: tuple[dependence.Pair, ...]
    dependence: tuple[Mapping[str, Any], ...]


def calibrate(
    history: History,
    held: int | None = None,
    kind: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Fit every column, and hold its fan against its end.

    held: how many of the last periods are kept back: two years, or a fifth if that is less, unless said; 0: none
    kind: the kind of driver that is wanted; the one that foretells best, unless said
    """
    found = []
    for number, column in enumerate(history.columns):
        if progress is not None:
            progress(number, len(history.columns))
        found.append(_calibrated(column, held, kind))
    scores = {
        each.column.name: {each.column.month(place): float(z) for place, z in enumerate(each.fit.scores, start=BURN)}
        for each in found
    }
    pairs = dependence.pairs(scores)
    return Calibration(history, tuple(found), tuple(pairs), tuple(dependence.entries(pairs)))


def _calibrated(column: Column, held: int | None, kind: str | None) -> Calibrated:
    one = fit(column, kind)
    ahead = fan.futures(column, one.driver, AHEAD * one.series.per_year)
    below, above = float((ahead < one.series.lowest).mean()), float((ahead > one.series.highest).mean())
    count = held_back(len(column.values), one.series.per_year) if held is None else held
    tested = backtest(column, count, kind) if count else ""
    back, why = (None, tested) if isinstance(tested, str) else (tested, "")
    return Calibrated(statistics_of(column.values.tolist()), one, back, why, fan.quantiles(ahead), below, above)


def held_back(count: int, per_year: int) -> int:
    """Two years, or a fifth of the history if that is less.

    >>> held_back(264, 12), held_back(24, 12)
    (24, 4)
    """
    return min(2 * per_year, count // 5)


def fit(column: Column, kind: str | None = None) -> Fit:
    """Rank the candidates, and write the one that is taken.

    A reversion is taken only where a unit root is refused, or where there is no walk: one that may go below 0 is no driver.
    """
    series = series_of(column)
    unit_root = diagnosis.dickey_fuller(series.x)
    ranking = rank(series, CANDIDATES, kind, may_revert=unit_root.p < UNIT_ROOT or not series.positive)
    one = ranking.chosen
    if not _surprises(ranking, series):
        raise DataError(f"'{column.heading}' follows its trend and season without any surprise. Write it as a schedule.")
    speed = reverting(series, getattr(one.candidate, "season", "none"))
    scores = one.fitted.judged(series).score[BURN:]
    lags = max(min(series.per_year, len(scores) // 5), 1)
    weights = len(one.fitted.phi) if isinstance(one.fitted, Linear) else 0
    together = diagnosis.ljung_box(scores, lags, weights)
    stretch = _stretch(one.fitted, series, scores, together)
    driver = written(one.candidate, one.fitted, series, speed, stretch)
    samples = diagnosis.normal_samples(len(scores))
    if isinstance(one.fitted, Drawn):
        samples = one.fitted.again(series).scores
    season = None
    changes = np.diff(series.x)
    if series.may_have_season:
        season = diagnosis.season_test(changes, np.diff(series.season("factors"), axis=0))
    return Fit(
        column, series, ranking, unit_root, speed, stretch, driver,
        {"control": "nobody", "unit": column.unit or 1, "central": "mean", **driver.keys},
        scores, diagnosis.normality(scores, samples), together, diagnosis.ljung_box(scores**2, lags), season,
    )  # fmt: skip


def _surprises(ranking: Ranking, series: Series) -> bool:
    """Whether anything is left to chance once trend and season are known, that can be written."""
    a_period = min((each.fitted.unbiased_sd for each in ranking.tried if isinstance(each.fitted, Linear)), default=math.inf)
    if series.positive:
        return a_period * math.sqrt(series.per_year) > SURPRISE
    return a_period > 1e-8 * float(series.x.std())


def _stretch(fitted: object, series: Series, scores: Floats, together: diagnosis.Test) -> float:
    """Of a walk whose changes hang together: how much more it moves in a year than they would one by one."""
    a_walk = (isinstance(fitted, Linear) and not len(fitted.phi)) or isinstance(fitted, ChangingVariance | Jumping)
    if not a_walk or together.p >= TOGETHER:
        return 1.0
    return math.sqrt(max(diagnosis.variance_ratio(scores, series.per_year), 1.0))


def backtest(column: Column, held: int, kind: str | None = None) -> Backtest | str:
    """Fit on all but the last values, candidates ranked anew, and see where in the fan those fell; else, why that cannot be."""
    first = len(column.values) - held
    if first < LEAST_LEFT:
        return f"of {counted(len(column.values), 'value')}, {held} held back leave {max(first, 0)}; a fit asks for {LEAST_LEFT}"
    try:
        one = fit(column.until(first), kind)
    except UsageError:
        return f"the first {first} values are too few for {kind}"
    except DataError:
        return f"the first {first} values follow their trend and season without any surprise"
    paths = fan.futures(one.column, one.driver, held)
    came = column.values[first:]
    places = (paths < came[:, None]).mean(axis=1)
    within = {band: float(((places >= low) & (places <= high)).mean()) for band, (low, high) in fan.BANDS.items()}
    return Backtest(one, came, fan.quantiles(paths), np.asarray(places), within)
