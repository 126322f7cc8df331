"""What was found of a history, for machines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration import fan
from gainsim.calibration.calibrate import Backtest, Calibrated, Calibration, Fit
from gainsim.calibration.diagnosis import Test
from gainsim.calibration.fragment import fragment
from gainsim.calibration.history import Column
from gainsim.calibration.words import findings

Floats = NDArray[np.float64]


def to_json(found: Calibration) -> dict[str, Any]:
    """Everything as plain data: what `--json` prints and result.json holds."""
    return {
        "schema": "gainsim/calibration/1",
        "file": found.history.source,
        "step": found.history.step,
        "notes": list(found.history.notes),
        "columns": {each.column.name: _column(each) for each in found.columns},
        "pairs": [
            {
                "between": list(pair.between), "correlation": pair.correlation, "interval_95": [pair.low, pair.high],
                "p": pair.p, "points": pair.points, "told_from_chance": pair.told,
            }
            for pair in found.pairs
        ],
        "fragment": fragment(found),
    }  # fmt: skip


def _column(found: Calibrated) -> dict[str, Any]:
    column, of, fit = found.column, found.statistics, found.fit
    last = len(column.values)
    return {
        "heading": column.heading,
        "unit": column.unit or None,
        "first": column.label(0),
        "last": column.label(last - 1),
        "notes": list(column.notes),
        "statistics": {
            "count": of.count, "mean": of.mean, "sd": of.sd, "lag1_autocorrelation": of.lag1, "lowest": of.lowest,
            "highest": of.highest,
        },
        "ranking": _ranking(fit),
        "not_tried": {candidate.title: why for candidate, why in fit.ranking.left},
        "chosen": fit.ranking.chosen.candidate.title,
        "driver": dict(fit.driver),
        "parameters": [
            {"what": known.what, "value": _finite(known.value), "interval_95": [_finite(known.low), _finite(known.high)]}
            for known in fit.written.parameters
        ],
        "tests": {
            "unit_root": {**_test(fit.unit_root), "lags": fit.unit_root.lags},
            "normal_anderson_darling": _test(fit.normal[0]),
            "normal_lilliefors": _test(fit.normal[1]),
            "residuals_ljung_box": _test(fit.together),
            "squares_ljung_box": _test(fit.clustered),
            "season": None if fit.season is None else _test(fit.season),
        },
        "findings": list(findings(found)),
        "impossible": {"below": found.below, "above": found.above},
        "backtest": None if found.backtest is None else _backtest(found.backtest),
        "no_backtest": found.untested or None,
        "fan": _fan(column, last, found.ahead),
    }  # fmt: skip


def _finite(value: float) -> float | None:
    """A number; None for what has no end."""
    return value if math.isfinite(value) else None


def _ranking(fit: Fit) -> list[dict[str, Any]]:
    rows = []
    for each in fit.ranking.tried:
        gap, error = fit.ranking.behind(each)
        rows.append({
            "candidate": each.candidate.title, "kind": each.candidate.kind, "parameters": each.candidate.count(fit.series),
            "aic": each.aic, "log_score": each.log_score, "behind": gap, "behind_standard_error": error,
            "identifiable": each not in fit.ranking.unidentified,
        })  # fmt: skip
    return rows


def _test(found: Test) -> dict[str, float]:
    return {"statistic": found.statistic, "p": found.p}


def _backtest(found: Backtest) -> dict[str, Any]:
    column = found.fit.column
    return {
        "held_back": len(found.came),
        "chosen": found.fit.ranking.chosen.candidate.title,
        "driver": dict(found.fit.driver),
        "came": found.came.tolist(),
        "share_below": found.places.tolist(),
        "coverage": {f"{band:g}": share for band, share in found.within.items()},
        "fan": _fan(column, len(column.values), found.bands),
    }


def _fan(column: Column, first: int, bands: Floats) -> dict[str, Any]:
    """Quantiles by period, from the one at `first` on."""
    return {
        "periods": [column.label(first + place) for place in range(bands.shape[1])],
        "quantiles": {f"{share:g}": values.tolist() for share, values in zip(fan.SHARES, bands, strict=True)},
    }
