"""Tests of what was found: is there a unit root, do residuals hang together, are they normal, is there a season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.linear import least_squares

Floats = NDArray[np.float64]
#: of the Monte Carlo null distribution of the tests of normality
SAMPLES, SEED = 4_000, 20_260_101


@dataclass(frozen=True)
class Test:
    """A statistic and how often as large a one comes about where there is nothing to find.

    least: the smallest p that could be found, where it is counted in samples
    """

    statistic: float
    p: float
    least: float = 0.0


@dataclass(frozen=True)
class UnitRoot(Test):
    """lags: changes before that were taken into account."""

    lags: int = 0


#: MacKinnon's response surface for a regression with a constant: the normal score of p is a polynomial of the statistic
_BELOW, _LOWEST, _HIGHEST = -1.61, -18.83, 2.74
_SMALL = (2.1659, 1.4412, 0.038269)
_LARGE = (1.7339, 0.93202, -0.12745, -0.010368)


def mackinnon_p(statistic: float) -> float:
    """The chance of a Dickey-Fuller statistic as low as this where there is a unit root; with a constant, many points.

    >>> [round(mackinnon_p(critical), 3) for critical in (-3.43, -2.86, -2.57)]
    [0.01, 0.05, 0.099]

    Source: MacKinnon, Approximate asymptotic distribution functions for unit-root and cointegration tests, Journal of
    Business and Economic Statistics 12 (1994), tables 1 and 2
    """
    from scipy.special import ndtr

    if statistic > _HIGHEST or statistic < _LOWEST:
        return 1.0 if statistic > _HIGHEST else 0.0
    polynomial = _SMALL if statistic <= _BELOW else _LARGE
    return float(ndtr(sum(weight * statistic**power for power, weight in enumerate(polynomial))))


def dickey_fuller(x: Floats) -> UnitRoot:
    """Augmented, with a constant; as many lagged changes as give the least AIC, all tried on the same points.

    Source: Said and Dickey, Biometrika 71 (1984); the most that are tried by Schwert, 12 (n / 100)^(1/4)
    """
    n = len(x)
    most = max(min(int(12.0 * (n / 100.0) ** 0.25), n // 4 - 2), 0)
    best = min(range(most + 1), key=lambda lags: _augmented(x, lags, most)[1])
    return UnitRoot(statistic := _augmented(x, best, best)[0], mackinnon_p(statistic), lags=best)


def _augmented(x: Floats, lags: int, skipped: int) -> tuple[float, float]:
    """The statistic, and the AIC."""
    changes = np.diff(x)
    target = changes[skipped:]
    columns = [np.ones(len(target)), x[skipped:-1]]
    columns += [changes[skipped - i : len(changes) - i] for i in range(1, lags + 1)]
    design = np.column_stack(columns)
    found, squares, inverse = least_squares(design, target)
    n, k = design.shape
    aic = n * float(np.log(squares / n)) + 2.0 * k
    return float(found[1] / np.sqrt(squares / max(n - k, 1) * inverse[1, 1])), aic


def ljung_box(z: Floats, lags: int, fitted: int = 0) -> Test:
    """Whether residuals hang together with those before them. fitted: weights that were fitted to make them not to.

    Source: Ljung and Box, Biometrika 65 (1978)
    """
    from scipy.special import chdtrc

    n, y = len(z), z - z.mean()
    squares = float(y @ y)
    found = [float(y[k:] @ y[:-k]) / squares for k in range(1, lags + 1)]
    statistic = n * (n + 2.0) * sum(r * r / (n - k) for k, r in enumerate(found, start=1))
    return Test(statistic, float(chdtrc(max(lags - fitted, 1), statistic)))


def anderson_darling(z: Floats) -> Floats:
    """(…,) how far samples lie from a normal distribution with their own mean and deviation, the tails counted most.

    z: (…, n)
    """
    from scipy.special import log_ndtr

    n = z.shape[-1]
    ordered = np.sort((z - z.mean(-1, keepdims=True)) / z.std(-1, ddof=1, keepdims=True), axis=-1)
    weights = 2.0 * np.arange(1, n + 1) - 1.0
    both = log_ndtr(ordered) + log_ndtr(-ordered[..., ::-1])
    return np.asarray(-n - (weights * both).sum(-1) / n)


def lilliefors(z: Floats) -> Floats:
    """(…,) the largest distance between distribution functions, the normal one with the sample's mean and deviation."""
    from scipy.special import ndtr

    n = z.shape[-1]
    u = ndtr(np.sort((z - z.mean(-1, keepdims=True)) / z.std(-1, ddof=1, keepdims=True), axis=-1))
    above, below = np.arange(1, n + 1) / n - u, u - np.arange(n) / n
    return np.asarray(np.maximum(above.max(-1), below.max(-1)))


def normal_samples(count: int) -> Floats:
    """(samples, count) what normal scores may look like whose mean and deviation are fitted afterwards."""
    return np.random.default_rng(SEED).standard_normal((SAMPLES, count))


def normality(z: Floats, samples: Floats) -> tuple[Test, Test]:
    """Anderson-Darling and Lilliefors, each against what samples of this size give whose parameters were fitted.

    The critical values of a distribution that is known beforehand would be far too large: the fit bends to the sample.

    samples: (…, n) scores where the fitted shape is the true one, fitted anew to each sample
    """
    found = []
    for of in (anderson_darling, lilliefors):
        statistic, least = float(of(z)), 1.0 / (len(samples) + 1)
        found.append(Test(statistic, float(1 + (of(samples) >= statistic).sum()) * least, least))
    return found[0], found[1]


def season_test(changes: Floats, contrasts: Floats) -> Test:
    """Whether the places of the year differ: the F test of their effects on the changes."""
    from scipy.special import fdtrc

    constant = np.ones((len(changes), 1))
    _, without, _ = least_squares(constant, changes)
    _, with_it, _ = least_squares(np.hstack([constant, contrasts]), changes)
    k, rest = contrasts.shape[1], len(changes) - contrasts.shape[1] - 1
    statistic = (without - with_it) / k / (with_it / rest)
    return Test(statistic, float(fdtrc(k, rest, statistic)))


def variance_ratio(changes: Floats, periods: int) -> float:
    """The variance of the change over so many periods, to that of as many independent changes: above 1 they hang together.

    Overlapping changes, with what their mean and the overlap take of it given back; 1 where there are too few.

    >>> round(variance_ratio(np.random.default_rng(1).standard_normal(40_000), 12), 1)
    1.0

    Source: Lo and MacKinlay, Review of Financial Studies 1 (1988)
    """
    n = len(changes)
    if periods < 2 or n < 4 * periods:
        return 1.0
    apart = changes - changes.mean()
    sums = np.convolve(apart, np.ones(periods), "valid")
    given_back = periods * (n - periods + 1.0) * (1.0 - periods / n)
    return float((sums @ sums / given_back) / (apart @ apart / (n - 1.0)))
