"""Candidates without memory: each value drawn for itself, from one distribution, whatever came before."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.series import Judged, Series

Floats = NDArray[np.float64]
Parameters = tuple[float, ...]


@dataclass(frozen=True)
class Family:
    """A family as SciPy has it, and as a scenario writes it.

    fixed: what is not fitted; within: where all its values lie; written: the keys of a scenario, from SciPy's parameters
    """

    name: str
    law: str
    fixed: dict[str, float]
    within: tuple[float, float]
    written: Callable[[Parameters], dict[str, float | str]]


_ANYWHERE, _ABOVE_0, _A_SHARE = (-math.inf, math.inf), (0.0, math.inf), (0.0, 1.0)
FAMILIES = {
    each.name: each
    for each in (
        Family("normal", "norm", {}, _ANYWHERE, lambda p: {"mean": p[0], "sd": p[1]}),
        Family(
            "lognormal", "lognorm", {"floc": 0.0}, _ABOVE_0, lambda p: {"log_mean": float(np.log(p[2])), "log_sd": p[0]}
        ),
        Family("gamma", "gamma", {"floc": 0.0}, _ABOVE_0, lambda p: {"shape": p[0], "scale": p[2], "low": 0.0}),
        Family("weibull", "weibull_min", {"floc": 0.0}, _ABOVE_0, lambda p: {"shape": p[0], "scale": p[2], "low": 0.0}),
        Family("logistic", "logistic", {}, _ANYWHERE, lambda p: {"location": p[0], "scale": p[1]}),
        Family("student_t", "t", {}, _ANYWHERE, lambda p: {"degrees": p[0], "location": p[1], "scale": p[2]}),
        Family("beta", "beta", {"floc": 0.0, "fscale": 1.0}, _A_SHARE, lambda p: {"alpha": p[0], "beta": p[1]}),
        Family("gumbel", "gumbel_r", {}, _ANYWHERE, lambda p: {"of": "largest", "location": p[0], "scale": p[1]}),
    )
}


@dataclass(frozen=True)
class Drawn:
    """A distribution with its parameters, as SciPy orders them."""

    family: Family
    parameters: Parameters

    @property
    def frozen(self) -> Any:
        """SciPy's own."""
        from scipy import stats

        return getattr(stats, self.family.law)(*self.parameters)

    def judged(self, series: Series) -> Judged:
        """Each value, whatever came before it."""
        from scipy.special import ndtri

        score = ndtri(np.clip(self.frozen.cdf(series.values), 1e-12, 1.0 - 1e-12))
        return Judged(np.asarray(self.frozen.logpdf(series.values)), np.asarray(score))

    def beyond(self, series: Series) -> float:
        """How much of it lies where nothing of the series' kind does."""
        return float(self.frozen.cdf(series.lowest) + self.frozen.sf(series.highest))

    def again(self, series: Series) -> Again:
        """What fits to samples of this very distribution find (parametric bootstrap)."""
        generator = np.random.default_rng(SEED)
        parameters, scores = [], np.empty((SAMPLES, len(series)))
        for place in range(SAMPLES):
            values = np.asarray(self.frozen.rvs(size=len(series), random_state=generator))
            sample = Series(values, series.places, series.per_year, series.positive, series.highest)
            found = Distribution(self.family).fit(sample)
            parameters.append(found.parameters)
            scores[place] = found.judged(sample).score
        return Again(tuple(parameters), scores)


#: of shares, m their mean, a deviation below so much of m (1 - m) asks for more than a scenario's alpha and beta may be
NARROW = 0.1
NO_SHARES = "these are no shares, each above 0 and below 1"
#: how near values may come to the ends of a family
EDGE = 1e-12
#: samples of the parametric bootstrap
SAMPLES, SEED = 199, 20_260_103


@dataclass(frozen=True)
class Again:
    """Fits to samples. parameters: of each; scores: (SAMPLES, n) of its values, each judged by the fit to its own sample"""

    parameters: tuple[Parameters, ...]
    scores: Floats


@dataclass(frozen=True)
class Distribution:
    """Each period's value drawn for itself."""

    family: Family

    @property
    def kind(self) -> str:
        """The distribution."""
        return self.family.name

    @property
    def title(self) -> str:
        """What it is called."""
        return f"{self.family.name.replace('_', ' ')}, no memory"

    def count(self, series: Series) -> int:
        """Its parameters."""
        return 3 if self.family.name == "student_t" else 2

    def why_not(self, series: Series) -> str:
        """Some have values above 0 only, or shares; degrees of freedom ask for a tail to be seen."""
        low, high = self.family.within
        if low == 0.0 and not series.positive:
            return "a value is not above 0"
        if high == 1.0 and not (series.highest == 1.0 and series.values.max() < 1.0):
            return NO_SHARES
        if high == 1.0 and series.values.std() < NARROW * series.values.mean() * (1.0 - series.values.mean()):
            return "too narrow for it"
        return (
            "fewer than 40 points, from which no tail can be told"
            if self.count(series) == 3 and len(series) < 40
            else ""
        )

    def fit(self, series: Series, near: Any = None) -> Drawn:
        """The greatest likelihood, by SciPy."""
        from scipy import stats

        law = getattr(stats, self.family.law)
        low, high = self.family.within
        with np.errstate(all="ignore"):  # a value that is drawn may be rounded to an end
            found = law.fit(np.clip(series.values, low + EDGE, high - EDGE), **self.family.fixed)
        if self.family.name == "student_t":
            found = (min(max(found[0], 1.5), 1e3), *found[1:])
        return Drawn(self.family, tuple(float(each) for each in found))
