"""How much of a growth is believed: what is usual, weighed with what the history says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.figures import percent

Floats = NDArray[np.float64]
#: what is usual of a drift, a year: prices that grow or fall by more than twice as much for long are rare
USUAL_DRIFT = 0.10
#: growth of the mean a year that is told where volatility alone makes it
TOO_MUCH = 0.10
#: a drift is cut where losing more than this a year would need a sign below nothing
_LEAST_DRIFT = -0.95


def believed(error: float) -> float:
    """What part of a growth is believed that is known to within this error, where `USUAL_DRIFT` is usual.

    >>> round(believed(0.01), 2), round(believed(0.30), 2)
    (0.99, 0.1)

    Source: the mean of a normal prior and a normal observation, Gelman and others, Bayesian Data Analysis, section 2.5
    """
    return USUAL_DRIFT**2 / (USUAL_DRIFT**2 + error**2)


@dataclass(frozen=True)
class Drift:
    """What is found of a growth, and what of it is believed; a growth that is hardly known counts towards none.

    growth, error: of the log a year, which is the growth of the median, as found
    volatility:    a year's; with all that lifts the mean above the median, whose log it lifts by half its square
    """

    growth: float
    error: float
    volatility: float

    @property
    def part(self) -> float:
        """What part of the growth of the log is believed."""
        return believed(self.error)

    @property
    def mean(self) -> float:
        """The growth of the mean a year that is written, as a fraction: that of the median as believed, lifted by volatility.

        >>> round(Drift(0.30, 0.10, 0.0).mean, 4), round(Drift(0.30, 0.10, 0.7).mean, 4)
        (0.1618, 0.4844)
        """
        return math.expm1(self.part * self.growth + 0.5 * self.volatility**2)

    @property
    def shape(self) -> dict[str, Any]:
        """The drift of the mean a year, as a distribution."""
        mean = self.mean
        sd = (1.0 + mean) * self.error * math.sqrt(self.part)
        normal = {"normal": {"mean": percent(mean), "sd": percent(sd)}}
        if mean - 8.0 * sd > _LEAST_DRIFT:
            return normal
        return {"truncated": {"of": normal, "low": percent(_LEAST_DRIFT), "high": percent(mean + 8.0 * sd)}}

    def words(self, found: float | None = None) -> tuple[str, ...]:
        """What is said where not all of a growth is believed, and where volatility alone lets the mean grow.

        found: the growth of the mean a year as it was found, where it is shown beside what is written
        """
        said, lift = [], math.expm1(0.5 * self.volatility**2)
        if self.part <= 0.9:
            grew, counted = (percent(math.expm1(each * self.growth)) for each in (1.0, self.part))
            text = (
                f"The median grew by {grew} a year, which is known to within {percent(self.error)} only, and prices "
                f"seldom grow or fall by more than {percent(USUAL_DRIFT)} a year for long: {100 * self.part:.0f}% of it "
                f"is believed, {counted} a year, the rest counts as none."
            )
            if found is not None:
                text += (
                    f" What is written is the drift of the mean, which volatility adds {percent(lift)} a year to: "
                    f"{percent(found)} was found, {percent(self.mean)} is written."
                )
            said.append(text)
        if lift > TOO_MUCH:
            said.append(
                f"The mean of the fan grows by {percent(lift)} a year because of volatility alone, however little is believed of "
                "the growth. If nothing drives it up for so long, a reversion keeps its mean: --process mean_reverting."
            )
        return tuple(said)


def drawn_in(growth: Floats) -> Floats:
    """What a sample of growths of the log a year is drawn in by, so that their mean and deviation are those that are believed."""
    part = believed(float(growth.std()))
    middle = float(growth.mean())
    return np.asarray(part * middle + math.sqrt(part) * (growth - middle) - growth)
