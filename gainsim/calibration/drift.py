"""How much of a growth is believed: what is usual, weighed with what the history says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.figures import percent

Floats = NDArray[np.float64]
#: what is usual of a drift, a year: prices that grow or fall by more than twice as much for long are rare
USUAL_DRIFT = 0.10
#: a drift is cut where losing more than this a year would need a sign below nothing
_LEAST_DRIFT = -0.95


def believed(error: float) -> float:
    """What part of a growth is believed that is known to within this error, where `USUAL_DRIFT` is usual.

    >>> round(believed(0.01), 2), round(believed(0.30), 2)
    (0.99, 0.1)

    Source: the mean of a normal prior and a normal observation, Gelman and others, Bayesian Data Analysis, section 2.5
    """
    return USUAL_DRIFT**2 / (USUAL_DRIFT**2 + error**2)


def drift_shape(growth: float, error: float, volatility: float) -> dict[str, Any]:
    """The drift of the mean a year, as a distribution.

    growth, error: of the log a year, as found; a growth that is hardly known is believed little, and counts towards none
    """
    part = believed(error)
    mean = math.expm1(part * growth + 0.5 * volatility**2)
    sd = (1.0 + mean) * error * math.sqrt(part)
    normal = {"normal": {"mean": percent(mean), "sd": percent(sd)}}
    if mean - 8.0 * sd > _LEAST_DRIFT:
        return normal
    return {"truncated": {"of": normal, "low": percent(_LEAST_DRIFT), "high": percent(mean + 8.0 * sd)}}


def drawn_in(growth: Floats) -> Floats:
    """What a sample of growths of the log a year is drawn in by, so that their mean and deviation are those that are believed."""
    part = believed(float(growth.std()))
    middle = float(growth.mean())
    return np.asarray(part * middle + math.sqrt(part) * (growth - middle) - growth)


def words(error: float) -> tuple[str, ...]:
    """What is said where not all of a growth is believed."""
    part = believed(error)
    if part > 0.9:
        return ()
    return (
        f"The growth of the log is known to within {percent(error)} a year only, and prices seldom grow or fall by more than "
        f"{percent(USUAL_DRIFT)} a year for long: {100 * part:.0f}% of what was found is believed, the rest counts as none.",
    )
