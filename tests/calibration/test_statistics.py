"""The statistics that are reported, against NIST's certified ones; some of its data are hard on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gainsim.calibration.statistics import statistics_of
from tests.conftest import _validation_folder

Rows = Callable[[str], list[dict[str, Any]]]


def test_every_certified_figure_comes_out(validation_rows: Rows) -> None:
    """Mean, deviation, autocorrelation, to the tolerance that the data bear as floats."""
    rows = validation_rows("nist_strd_univariate")
    data = json.loads((_validation_folder() / "nist_strd_univariate.json").read_text(encoding="utf-8"))
    names = {"mean": "mean", "sd": "sd", "lag1_autocorrelation": "lag1", "n": "count"}
    found = {name: statistics_of(each["data"]) for name, each in data.items()}
    wrong = [
        (row["sub"], row["output"], row["expected"], value)
        for row in rows
        if abs((value := getattr(found[row["sub"]], names[row["output"]])) - float(row["expected"]))
        > float(row["tol_abs"])
    ]
    assert not wrong
    assert len(rows) >= 15


@pytest.mark.parametrize(("level", "digits"), [(1.2, 1e-13), (1_000_000.2, 1e-9), (10_000_000.2, 5e-9)])
def test_a_large_level_costs_no_digits(level: float, digits: float) -> None:
    """NIST's NumAcc2 to 4: a level, then 500 times 0.1 below and above it: deviation 0.1, autocorrelation -0.999."""
    values = [level, *[level - 0.1, level + 0.1] * 500]
    found = statistics_of(values)
    assert found.mean == pytest.approx(level, rel=1e-15)
    assert found.sd == pytest.approx(0.1, rel=max(digits, 1e-12) * 10)
    assert found.lag1 == pytest.approx(-0.999, rel=1e-7)


def test_what_is_not_defined_is_none() -> None:
    assert statistics_of([3.0]).sd is None
    equal = statistics_of([2.0, 2.0, 2.0])
    assert (equal.sd, equal.lag1) == (0.0, None)
