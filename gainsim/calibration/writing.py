"""From a fit to the keys of a scenario, what is not known of the parameters as distributions of them, or as sets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration import sets
from gainsim.calibration.changing import ChangingVariance
from gainsim.calibration.distributions import Drawn
from gainsim.calibration.drift import Drift
from gainsim.calibration.figures import amount, percent, rounded
from gainsim.calibration.jumping import Jumping
from gainsim.calibration.known import (
    Written,
    of_deviation,
    of_mean,
    of_sample,
    season_keys,
    season_known,
    start_of,
    through,
)
from gainsim.calibration.linear import Linear
from gainsim.calibration.regimes import TwoRegimes
from gainsim.calibration.reversion import Reverting
from gainsim.calibration.series import Candidate, Fitted, Series

Floats = NDArray[np.float64]


def written(candidate: Candidate, fitted: Fitted, series: Series, speed: Reverting, stretch: float = 1.0) -> Written:
    """The driver that a fit comes to, from the last value on.

    stretch: how much more the column moves in a year than independent changes would, as a factor of its volatility
    """
    match fitted:
        case Linear() if not len(fitted.phi):
            return _walk(fitted, series, stretch)
        case Linear() if len(fitted.phi) == 1:
            return sets.reversion(series, speed, candidate)
        case Linear():
            return sets.autoregression(fitted, series)
        case ChangingVariance():
            return sets.garch(fitted, series, stretch)
        case Jumping():
            return sets.jumps(fitted, series, stretch)
        case TwoRegimes():
            return sets.regimes(fitted, series)
        case Drawn():
            return _drawn(fitted, series)
    raise TypeError(f"{type(fitted)} is not written")


def _walk(fit: Linear, series: Series, stretch: float) -> Written:
    years = series.per_year
    volatility = fit.unbiased_sd * math.sqrt(years) * stretch
    error = years * fit.error * stretch
    growth = of_mean("drift of the mean, a year", years * fit.centre + 0.5 * volatility**2, error, fit.freedom, percent)
    # the deviation of Student's t, which is what is believed of a mean from few points
    error *= math.sqrt(fit.freedom / (fit.freedom - 2.0)) if fit.freedom > 2 else 2.0
    drift = Drift(years * fit.centre, error, volatility)
    sd = volatility / math.sqrt(2.0 * fit.freedom)
    keys: dict[str, Any] = {
        "start": start_of(series, fit.season),
        "drift": drift.shape,
        "volatility": {"lognormal": {"mean": percent(volatility), "sd": percent(sd)}},
        **season_keys(fit, series),
    }
    return Written(
        {"geometric_walk": keys},
        (
            through(growth, math.expm1, percent),
            of_deviation("volatility, a year", volatility, fit.freedom, percent),
            *season_known(fit, series),
        ),
        drift.words(math.expm1(growth.value)),
    )  # fmt: skip


def _drawn(fit: Drawn, series: Series) -> Written:
    found, again = fit.family.written(fit.parameters), [fit.family.written(each) for each in fit.again(series).parameters]
    keys = {name: rounded(value) if isinstance(value, float) else value for name, value in found.items()}
    return Written(
        {"drawn": "each period", fit.family.name: keys},
        tuple(
            of_sample(name.replace("_", " "), value, np.array([each[name] for each in again], np.float64), amount)
            for name, value in found.items()
            if isinstance(value, float)
        ),
        (
            "A distribution that is drawn anew each period has no uncertain parameters: what is not known of them is left out of "
            "the fan, where it does not add up with the years.",
        ),
    )  # fmt: skip
