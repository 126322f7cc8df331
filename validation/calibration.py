"""Parameters put in are got back: how often does a 95% interval of `gainsim calibrate` hold the true value?

Histories are simulated from known processes, 240 months each, and calibrated as a user's would be, the kind of process
given. For each parameter the share of histories whose interval holds the truth stands beside the mean of what was found.

`python -m validation.calibration [--histories N]` prints the study; `--record` writes it to
`validation/results/calibration.json`. The gate runs 40 histories of each case.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.changing import Garch
from gainsim.calibration.linear import Autoregressive, Linear, Walk
from gainsim.calibration.reversion import reverting
from gainsim.calibration.series import Season, Series

Floats = NDArray[np.float64]
HISTORIES, MONTHS, SEED = 40, 240, 20_261_129
RECORD = Path(__file__).parent / "results" / "calibration.json"

#: by parameter: (estimate, low, high, truth)
Found = Mapping[str, tuple[float, float, float, float]]


@dataclass(frozen=True)
class Case:
    """A process with known parameters: one history of it from normal draws, and what is found in it."""

    name: str
    history: Callable[[Floats], Floats]
    found: Callable[[Series], Found]


def _walk(drift: float, sd: float, season: Floats) -> Callable[[Floats], Floats]:
    return lambda z: np.asarray(np.exp(np.cumsum(drift + sd * z) + season[np.arange(len(z)) % 12]))


def _reverting(weight: float, centre: float, sd: float) -> Callable[[Floats], Floats]:
    def history(z: Floats) -> Floats:
        y = np.empty(len(z))
        y[0] = sd * z[0] / math.sqrt(1.0 - weight * weight)
        for t in range(1, len(z)):
            y[t] = weight * y[t - 1] + sd * z[t]
        return np.asarray(np.exp(centre + y))

    return history


def _interval(value: float, error: float, truth: float) -> tuple[float, float, float, float]:
    return value, value - 1.96 * error, value + 1.96 * error, truth


def _of_walk(drift: float, sd: float, kind: Season) -> Callable[[Series], Found]:
    def found(series: Series) -> Found:
        fit = Walk(kind).fit(series)
        return {
            "drift": _interval(fit.centre, fit.error, drift),
            "deviation": _interval(fit.unbiased_sd, fit.unbiased_sd / math.sqrt(2 * fit.freedom), sd),
        }

    return found


def _of_reversion(weight: float, centre: float) -> Callable[[Series], Found]:
    def found(series: Series) -> Found:
        speed = reverting(series, season="none")
        low, high = speed.interval()
        fit: Linear = Autoregressive().given(series, np.array([min(speed.unbiased, 0.9995)]))
        return {
            "weight": (speed.unbiased, low, high, weight),
            "centre": _interval(fit.centre, fit.error, centre),
        }

    return found


def _garch_history(z: Floats) -> Floats:
    variance, x = 0.0025, np.zeros(len(z))
    for t in range(1, len(z)):
        e = math.sqrt(variance) * z[t]
        x[t] = x[t - 1] + 0.005 - variance / 2.0 + e
        variance = 0.15 * 0.0025 + 0.15 * e * e + 0.7 * variance
    return np.asarray(np.exp(x))


def _of_garch(series: Series) -> Found:
    fit = Garch().fit(series)
    changes = np.diff(series.x)
    _, variances = fit.run(changes)
    return {"drift": _interval(fit.growth, math.sqrt(float(variances.mean()) / len(changes)), 0.005)}


_FLAT, _SEASON = np.zeros(12), 0.15 * np.sin(2.0 * np.pi * np.arange(12) / 12.0)
CASES = (
    Case("walk", _walk(0.004, 0.06, _FLAT), _of_walk(0.004, 0.06, "none")),
    Case("walk with season", _walk(0.004, 0.06, _SEASON), _of_walk(0.004, 0.06, "factors")),
    Case("reversion, half-life 3 months", _reverting(0.8, 4.0, 0.1), _of_reversion(0.8, 4.0)),
    Case("reversion, half-life a year", _reverting(0.944, 4.0, 0.1), _of_reversion(0.944, 4.0)),
    Case("a walk taken for a reversion", _walk(0.0, 0.06, _FLAT), lambda series: {"weight": _weight_of_a_walk(series)}),
    Case("changing volatility", _garch_history, _of_garch),
)


def _weight_of_a_walk(series: Series) -> tuple[float, float, float, float]:
    speed = reverting(series, season="none")
    return speed.unbiased, *speed.interval(), 1.0


def histories(case: Case, count: int) -> list[Series]:
    """So many histories of a case, from January on."""
    draws = np.random.default_rng([SEED, CASES.index(case)]).standard_normal((count, MONTHS))
    return [Series(case.history(z), np.arange(MONTHS) % 12, 12, True) for z in draws]


def study(case: Case, count: int) -> dict[str, dict[str, float]]:
    """By parameter: the truth, the mean and the spread of what is found, the share of intervals that hold the truth."""
    found = [case.found(series) for series in histories(case, count)]
    rows = {}
    for what in found[0]:
        value, low, high, truth = np.array([each[what] for each in found]).T
        rows[what] = {
            "truth": float(truth[0]),
            "median": float(np.median(value)),
            "mean": float(value.mean()),
            "spread": float(value.std(ddof=1)),
            "coverage": float(((low <= truth) & (truth <= high)).mean()),
        }
    return rows


def covered(case: Case, count: int) -> dict[str, float]:
    """By parameter: the share of intervals that hold the truth."""
    return {what: row["coverage"] for what, row in study(case, count).items()}


def main() -> None:
    """Print the study, and record it where asked."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--histories", type=int, default=400)
    options.add_argument("--record", action="store_true")
    asked = options.parse_args()
    result = {case.name: study(case, asked.histories) for case in CASES}
    for name, rows in result.items():
        for what, row in rows.items():
            print(f"{name:32}{what:12}" + "".join(f"{key} {value:9.4f}  " for key, value in row.items()))
    if asked.record:
        kept = {"histories": asked.histories, "months": MONTHS, "seed": SEED, "cases": result}
        RECORD.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
