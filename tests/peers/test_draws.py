"""Draws as QuantLib makes them: Sobol points from the same direction numbers, the inverse of the normal distribution."""

from __future__ import annotations

import numpy as np
import pytest

from gainsim.ops import kernels
from gainsim.streams.sobol import _directions
from tests.peer import peer

ql = peer("QuantLib")


@pytest.mark.parametrize("dimensions", [1, 40, 2_048])
def test_sobol_points_before_they_are_scrambled_are_those_of_quantlib(dimensions: int) -> None:
    """Joe and Kuo's D6 numbers, in the order of Gray's code: bit for bit, the first 1,023 points after the origin."""
    sequence = ql.SobolRsg(dimensions, 0, ql.SobolRsg.JoeKuoD6)
    directions, point = _directions(dimensions, 10), np.zeros(dimensions, np.uint64)
    for number in range(1, 1_024):
        point ^= directions[:, (number & -number).bit_length() - 1]
        assert (point >> np.uint64(20) == np.array(sequence.nextInt32Sequence(), np.uint64)).all(), number


def test_the_inverse_normal_is_that_of_quantlib() -> None:
    """Acklam's to 1.15e-9 of the value, Moro's to 3e-9, the integral far below to 1e-7: to their own accuracy."""
    chances = np.concatenate([np.geomspace(1e-10, 0.5, 2_000), 1.0 - np.geomspace(1e-9, 0.4999, 2_000)])
    found = kernels.norm_ppf(chances)
    acklam, moro = ql.InverseCumulativeNormal(), ql.MoroInverseCumulativeNormal()
    np.testing.assert_allclose(found, [acklam(chance) for chance in chances.tolist()], rtol=1.2e-9, atol=1e-15)
    np.testing.assert_allclose(found, [moro(chance) for chance in chances.tolist()], rtol=0.0, atol=1e-8)
    z = np.linspace(-8.0, 8.0, 3_201)
    normal = ql.CumulativeNormalDistribution()
    np.testing.assert_allclose(kernels.norm_cdf(z), [normal(x) for x in z.tolist()], rtol=1e-13, atol=2e-15)
