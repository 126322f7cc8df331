"""A price that is watched at dates instead of at every moment: the engine's own barriers, touches and lookbacks.

A contract is observed at the ends of its periods, so an option that tables watch at every moment pays something else when it
is written as clauses: a barrier is touched less often, the best that is seen is less good. Published rows are written so, over
12 to 192 periods, and simulated: each lies within four standard errors of the price at dates, which is integrated from date to
date and knows nothing of the engine. From the published price both are off by as much as 1/√n; with the levels moved as
Broadie, Glasserman and Kou move them, what is left goes faster to 0, as 1/n.

`python -m validation.monitoring [--json] [--seeds N]` needs the published rows; a study of full length is recorded in
`validation/results/monitoring.json`. The gate runs other rows, fewer dates and one seed: `tests/test_monitoring.py`.
"""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from validation.expectations import band
from validation.extreme_laws import AtDates, Corrected, EveryMoment
from validation.option_dates import at_dates, begins_inside, expectation, walk_of
from validation.option_writing import Row
from validation.options import PATHS, means, recorded

Floats = NDArray[np.float64]
SEEDS = 4
DATES = (12, 24, 48, 96, 192)
RECORD = Path(__file__).parent / "results" / "monitoring.json"


@dataclass(frozen=True)
class Watched:
    """A row at so many dates: expected payments by each law, the simulated mean and its standard error."""

    row: str
    dates: int
    every_moment: float
    corrected: float
    at_dates: float
    simulated: float
    error: float

    @property
    def z(self) -> float:
        """The difference over the error; 0 where chance moves nothing."""
        return (self.simulated - self.at_dates) / self.error if self.error > 0.0 else 0.0

    @property
    def agrees(self) -> bool:
        """Within four standard errors."""
        return abs(self.simulated - self.at_dates) <= 4.0 * self.error + 1e-9


@dataclass(frozen=True)
class Exponent:
    """A size goes as n to this power; error: the standard error of it."""

    power: float
    error: float


def watched(rows: Sequence[Row], dates: Sequence[int], paths: int, seeds: Sequence[int]) -> list[Watched]:
    """Every row at every number of dates; each has drivers of its own."""
    results = []
    for n in dates:
        clauses = {f"x{number}at{n}": at_dates(row, n) for number, row in enumerate(rows)}
        for row, (simulated, error) in zip(rows, means(clauses, paths, seeds).values(), strict=True):
            of = walk_of(row["inputs"])
            laws = (EveryMoment(of), Corrected(of, n), AtDates(of, n))
            results.append(Watched(row["id"], n, *(expectation(row, law) for law in laws), simulated, error))
    return results


def distances(results: Sequence[Watched]) -> dict[int, dict[str, float]]:
    """By number of dates, three distances added up over all rows, the first two in the direction in which dates move a price.

    simulated, at_dates: from the price at every moment; corrected: of the price at dates from the corrected one;
    error: the standard error of the first
    """
    found = {}
    for n in sorted({each.dates for each in results}):
        some = [(each.at_dates - each.every_moment, each) for each in results if each.dates == n]
        moved = [(math.copysign(1.0, by), each) for by, each in some if abs(by) > 1e-9]
        found[n] = {
            "simulated": math.fsum(side * (each.simulated - each.every_moment) for side, each in moved),
            "at_dates": math.fsum(side * (each.at_dates - each.every_moment) for side, each in moved),
            "corrected": math.fsum(abs(each.at_dates - each.corrected) for _, each in moved),
            "error": math.sqrt(math.fsum(each.error**2 for _, each in moved)),
        }
    return found


def exponents(results: Sequence[Watched]) -> dict[str, Exponent]:
    """How fast each distance falls with the number of dates: least squares on logarithms."""
    by_dates = distances(results)
    slope = np.linalg.pinv(np.column_stack([np.ones(len(by_dates)), np.log(list(by_dates))]))[1]

    def column(name: str) -> Floats:
        return np.array([each[name] for each in by_dates.values()])

    error = float(np.sqrt(slope**2 @ (column("error") / column("simulated")) ** 2))
    return {
        name: Exponent(float(slope @ np.log(column(name))), error if name == "simulated" else 0.0)
        for name in ("simulated", "at_dates", "corrected")
    }


def mean_square(results: Sequence[Watched]) -> tuple[float, tuple[float, float]]:
    """The mean of z² over all that chance moves, and its 99% band."""
    squares = [each.z**2 for each in results if each.error > 0.0]
    return float(np.mean(squares)), band(len(squares))


def holds(results: Sequence[Watched]) -> bool:
    """Every price within four standard errors; their squares in the 99% band; the distances fall as they should.

    Over finitely many dates a power is not quite its limit: -1/2 counts from -0.53 to -0.42, and what is left from -0.8 down.
    """
    squares, (low, high) = mean_square(results)
    fall = exponents(results)
    return (
        all(each.agrees for each in results)
        and low <= squares <= high
        and all(-0.53 <= fall[name].power <= -0.42 for name in ("simulated", "at_dates"))
        and abs(fall["simulated"].power - fall["at_dates"].power) <= 4.0 * fall["simulated"].error
        and fall["corrected"].power <= -0.8
    )


# --- the long study --------------------------------------------------------------------------------------------------


def study(rows: Sequence[Row], seeds: int = SEEDS) -> dict[str, Any]:
    """All rows that begin inside their level, over so many seeds, with what is needed to repeat it."""
    start = time.perf_counter()
    results = watched([row for row in rows if begins_inside(row)], DATES, PATHS, range(1, seeds + 1))
    squares, (low, high) = mean_square(results)
    return {
        "study": "options watched at dates against integration from date to date, and their way to those watched at every moment",
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "paths": PATHS,
        "seeds": seeds,
        "seconds": round(time.perf_counter() - start, 1),
        "rows": len(results) // len(DATES),
        "mean_square_z": round(squares, 4),
        "band": (round(low, 4), round(high, 4)),
        "largest_z": round(max(abs(each.z) for each in results), 3),
        "distances": {n: {name: round(size, 4) for name, size in each.items()} for n, each in distances(results).items()},
        "exponents": {name: asdict(each) for name, each in exponents(results).items()},
        "passed": holds(results),
        "results": [_rounded(each) for each in results],
    }


def _rounded(each: Watched) -> dict[str, Any]:
    figures = {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(each).items()}
    return figures | {"z": round(each.z, 3)}


def _table(report: dict[str, Any]) -> str:
    head = f"{'row':42}{'dates':>6}{'every moment':>14}{'corrected':>12}{'at dates':>12}{'simulated':>12}{'error':>9}{'z':>7}"
    body = [
        f"{r['row']:42}{r['dates']:6}{r['every_moment']:14.5f}{r['corrected']:12.5f}{r['at_dates']:12.5f}"
        f"{r['simulated']:12.5f}{r['error']:9.5f}{r['z']:7.2f}"
        for r in report["results"]
    ]
    powers = ", ".join(f"{name} {each['power']:.3f}" for name, each in report["exponents"].items())
    foot = f"mean z² {report['mean_square_z']}, 99% band {report['band']}, powers of n: {powers}; passed {report['passed']}"
    return "\n".join([head, *body, foot])


if __name__ == "__main__":
    recorded(__doc__, study, SEEDS, RECORD, _table)
