"""Jumps of a log: a Poisson number of them in a period, each normal, so that their sum is known from two scores."""

from __future__ import annotations

from dataclasses import dataclass

from gainsim import ops
from gainsim.drivers import steps
from gainsim.offer.series import Jumps
from gainsim.offer.several import certain
from gainsim.ops import Value, scalars


@dataclass(frozen=True)
class JumpSum:
    """The jumps of one period.

    growth: by what they raise the log of the mean: λ dt (exp(m + s²/2) - 1)

    Source: Merton, Option pricing when underlying stock returns are discontinuous, Journal of Financial Economics 3 (1976)
    """

    number: steps.Steps
    log_mean: float
    log_sd: float
    growth: float

    def of(self, number: Value, size: Value) -> Value:
        """The sum of the jumps, from a score for their number and one for their size."""
        return added(self.number.quantile(number), self.log_mean, self.log_sd, size)


def added(number: Value, log_mean: Value, log_sd: Value, size: Value) -> Value:
    """n m + √n s z: the sum of n independent jumps."""
    return number * log_mean + ops.sqrt(number) * (log_sd * size)


def jumps(p: Jumps, dt: float) -> JumpSum:
    """The jumps of a period of `dt` years, their parameters certain."""
    a_year, m, s = certain(p.a_year), certain(p.log_mean), certain(p.log_sd)
    growth = a_year * dt * (scalars.exp(m + 0.5 * s * s) - 1.0)
    return JumpSum(steps.poisson(a_year * dt), m, s, growth)
