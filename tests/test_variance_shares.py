"""Published variance shares, each row through the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from validation.variance_shares import Shares, function_of, linear, shares

FAMILIES = ("sobol_ishigami", "sobol_g", "sobol_linear")


def test_published_variance_shares(validation_rows: Callable[[str], list[dict[str, Any]]]) -> None:
    rows = [row for row in validation_rows("drivers_risk_sensitivity") if row["sub"] in FAMILIES]
    assert len(rows) >= 21
    found: dict[str, Shares] = {}
    z = []
    for row in rows:
        function = function_of(row)
        if function.formula not in found:
            found[function.formula] = shares(function, 256_000, seed=len(found) + 1)
        estimate, error = found[function.formula].of(row)
        distance = max(abs(estimate - float(row["expected"])) - float(row["tol_abs"]), 0.0)
        assert error < 0.01 * max(1.0, float(row["expected"])), row["id"]
        assert distance <= 4.0 * error, (row["id"], estimate, error)
        z.append(distance / error)
    # rows of one function share their futures: the band is that of fewer
    assert sum(value * value for value in z) / len(z) < stats.chi2.ppf(0.995, 3) / 3


def test_shares_of_independent_normal_drivers_are_those_of_their_variances() -> None:
    """By hand: 3, 2 × 1.5 and 0.5 have the variances 9, 9 and 0.25."""
    found = shares(linear([3, 2, 1], [1, 1.5, 0.5]), 64_000)
    exact = np.array([9.0, 9.0, 0.25]) / 18.25
    for values in (found.first, found.total):
        error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
        assert (np.abs(values.mean(axis=0) - exact) < 4.0 * error).all()
