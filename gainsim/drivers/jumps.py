"""Jumps of a log: a Poisson number of them in a period, each normal, so that their sum is known from two scores."""

from __future__ import annotations

from dataclasses import dataclass

from gainsim import ops
from gainsim.drivers import steps
from gainsim.offer.series import Jumps
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
        """n m + √n s z: the sum of n independent jumps, from a score for the number and one for their size."""
        n = self.number.quantile(number)
        return n * self.log_mean + ops.sqrt(n) * (self.log_sd * size)


def jumps(p: Jumps, dt: float) -> JumpSum:
    """The jumps of a period of `dt` years."""
    growth = p.a_year * dt * (scalars.exp(p.log_mean + 0.5 * p.log_sd * p.log_sd) - 1.0)
    return JumpSum(steps.poisson(p.a_year * dt), p.log_mean, p.log_sd, growth)
