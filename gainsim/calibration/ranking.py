"""Candidates tried on the same values: how well each foretold what it had not seen, and how well it fits what it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.changing import NOT_IDENTIFIABLE, Garch
from gainsim.calibration.distributions import FAMILIES, Distribution, Drawn
from gainsim.calibration.jumping import Jumps
from gainsim.calibration.linear import Autoregressive, Linear, Walk, settling
from gainsim.calibration.regimes import Regimes
from gainsim.calibration.series import BURN, Candidate, Fitted, Season, Series
from gainsim.errors import UsageError

Floats = NDArray[np.float64]
ORDERS = (1, 2, 3)
#: impossible values that are less than this share of all are let pass
SELDOM = 0.001
SEASONS: tuple[Season, ...] = ("none", "wave", "factors")
CANDIDATES: tuple[Candidate, ...] = (
    *(Walk(season) for season in SEASONS),
    *(Autoregressive(order, season) for order in ORDERS for season in SEASONS),
    Garch(),
    Jumps(),
    Regimes(),
    *(Distribution(family) for family in FAMILIES.values()),
)


@dataclass(frozen=True)
class Tried:
    """One candidate on one series.

    fitted:  on all of it
    aic:     2 × parameters - 2 × log likelihood, of the values after the first `BURN`
    foretold: (m,) the log density of each value of the later part, foretold from those before it, refitted once a year
    scores:  (m,) the normal score of each of them
    """

    candidate: Candidate
    fitted: Fitted
    aic: float
    foretold: Floats
    scores: Floats

    @property
    def log_score(self) -> float:
        """The mean log density out of sample: higher is better."""
        return float(self.foretold.mean())


@dataclass(frozen=True)
class Ranking:
    """All that could be tried, the best out of sample first; what could not, and why; and which is taken.

    asked: whether its kind was asked for
    """

    tried: tuple[Tried, ...]
    left: tuple[tuple[Candidate, str], ...]
    chosen: Tried
    origin: int
    asked: bool = False

    @property
    def unidentified(self) -> tuple[Tried, ...]:
        """Walks with more to them whose AIC lies no lower than the walk's: what more there is may be chance."""
        plain = min((each.aic for each in self.tried if each.candidate == Walk()), default=-np.inf)
        return tuple(each for each in self.tried if isinstance(each.candidate, Garch | Jumps | Regimes) and each.aic >= plain)

    def behind(self, one: Tried) -> tuple[float, float]:
        """By how much its score lies below the best one's, and the standard error of that: the same values are foretold."""
        apart = self.tried[0].foretold - one.foretold
        return float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(len(apart)))


def rank(
    series: Series, candidates: Sequence[Candidate] = CANDIDATES, kind: str | None = None, may_revert: bool = True
) -> Ranking:
    """Try all that can be tried.

    kind:       the kind of driver that is wanted; else the one with the fewest parameters is taken, of those that foretold
                no worse than the best, within one standard error of the difference; two, where its AIC is lower too;
                before all, one whose values may all be
    may_revert: whether what is drawn back to a centre may be taken unasked; what the series does not identify never is
    """
    left = [(candidate, why) for candidate in candidates if (why := candidate.why_not(series))]
    able = [candidate for candidate in candidates if not candidate.why_not(series)]
    origin = _origin(series)
    tried = []
    for candidate in able:
        with np.errstate(all="ignore"):  # what comes to no number is left out, and told
            fitted = candidate.fit(series)
            density = fitted.judged(series).density[BURN:]
            foretold, scores = _foretold(candidate, series, origin)
        if isinstance(fitted, Linear) and len(fitted.phi) and not settling(fitted.phi[None, :])[0]:
            left.append((candidate, f"{NOT_IDENTIFIABLE}: what it finds never settles, as a walk does not"))
        elif not (np.isfinite(density).all() and np.isfinite(foretold).all()):
            left.append((candidate, "a value is impossible under it"))
        else:
            aic = 2.0 * candidate.count(series) - 2.0 * float(density.sum())
            tried.append(Tried(candidate, fitted, aic, foretold, scores))
    tried.sort(key=lambda each: -each.log_score)
    ranking = Ranking(tuple(tried), tuple(left), tried[0], origin)
    return Ranking(ranking.tried, ranking.left, _chosen(ranking, series, kind, may_revert), origin, kind is not None)


def _origin(series: Series) -> int:
    """From which value on the candidates are held against what came: from the middle; with a season, after two years."""
    seasonal = 2 * series.per_year + BURN if series.may_have_season else 0
    return max(len(series) // 2, seasonal, BURN + 4)


def _foretold(candidate: Candidate, series: Series, origin: int) -> tuple[Floats, Floats]:
    """Log density and score of each value from the origin on, given those before it; refitted once a year."""
    density, scores, fitted = np.empty(len(series) - origin), np.empty(len(series) - origin), None
    for start in range(origin, len(series), series.per_year):
        fitted = candidate.fit(series.until(start), fitted)
        end = min(start + series.per_year, len(series))
        judged = fitted.judged(series.until(end))
        density[start - origin : end - origin] = judged.density[start:end]
        scores[start - origin : end - origin] = judged.score[start:end]
    return density, scores


def _chosen(ranking: Ranking, series: Series, kind: str | None, may_revert: bool) -> Tried:
    if kind is not None:
        able = [each for each in ranking.tried if each.candidate.kind == kind]
        if not able:
            why = next(why for candidate, why in ranking.left if candidate.kind == kind)
            raise UsageError(f"--process {kind}: it cannot be fitted here: {why}. Leave it out, or choose another.")
        return next((each for each in able if each not in ranking.unidentified), able[0])
    able = [each for each in ranking.tried if each not in ranking.unidentified]
    able = [each for each in able if may_revert or not isinstance(each.candidate, Autoregressive)]
    able = able or list(ranking.tried)
    best = able[0]
    close = []
    for each in able:
        apart = best.foretold - each.foretold
        errors = 1.0 if each.aic > best.aic else 2.0
        if float(apart.mean()) <= errors * float(apart.std(ddof=1)) / np.sqrt(len(apart)):
            close.append(each)
    return min(close, key=lambda each: (strays(each.fitted, series), each.candidate.count(series), -each.log_score))


def strays(fitted: Fitted, series: Series) -> bool:
    """Whether more than a trace of a distribution lies where nothing of the series' kind does."""
    return isinstance(fitted, Drawn) and fitted.beyond(series) > SELDOM
