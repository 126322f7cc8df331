"""How accurate the engine is for its paths: three deals whose expected payment is known exactly.

`python -m benchmarks.accuracy [--json] [--seeds 16] [--sizes 1000,...] [--no-record]`

Smooth: a straight line on geometric walks. Kinked: bands and a collar on a lognormal gain, by Black's formula. Digital:
service credits on a normal level. The root mean square error over seeds falls as one over the root of the paths, and the
standard error stated with every result is the size of the error made.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from benchmarks.record import Record, append, circumstances, compiled
from gainsim.bridge import simulate_model
from gainsim.scenario.load import load_file

HERE = Path(__file__).resolve().parent
SIZES = tuple(round(10 ** (3 + 3 * k / 7)) for k in range(8))
YEARS = 3


def exact_smooth() -> float:
    """30% of 1,000 MWh a year times what E[price] = 100 · 1.04^t is beyond 100, for three years."""
    return sum(0.3 * 1000.0 * (100.0 * 1.04**t - 100.0) for t in range(1, YEARS + 1))


def exact_kinked() -> float:
    """The payment is piecewise linear in the saving X: its start and each change of slope times E[(X - edge)+].

    From below: -15,000 up to the saving that the floor no longer holds; then 60%, 40%, 25% of the next unit; nothing
    more beyond the cap.
    """
    mean, sd, reference, floor, cap = 100_000.0, 40_000.0, 80_000.0, -15_000.0, 20_000.0
    lifted = reference + floor / 0.6
    capped = reference + 30_000.0 + (cap - 0.4 * 30_000.0) / 0.25
    slopes = ((lifted, 0.6), (reference, 0.4 - 0.6), (reference + 30_000.0, 0.25 - 0.4), (capped, -0.25))
    return YEARS * (floor + sum(change * _call(mean, sd, edge) for edge, change in slopes))


def _call(mean: float, sd: float, strike: float) -> float:
    """E[(X - strike)+] of a lognormal X: Black's formula, undiscounted (Black, J. Financial Economics 3, 1976)."""
    s = math.sqrt(math.log(1.0 + (sd / mean) ** 2))
    d = math.log(mean / strike) / s + 0.5 * s
    return float(mean * ndtr(d) - strike * ndtr(d - s))


def exact_digital() -> float:
    """The fee less 5% where the level is below 99% and 10% more where it is below 98%."""
    below_99, below_98 = ndtr((0.99 - 0.99) / 0.01), ndtr((0.98 - 0.99) / 0.01)
    return YEARS * 100_000.0 * (1.0 - 0.05 * float(below_99) - 0.10 * float(below_98))


@dataclass(frozen=True)
class Deal:
    """A deal and its exact expected payment."""

    name: str
    exact: Callable[[], float]

    @property
    def file(self) -> Path:
        return HERE / f"accuracy_{self.name}.yaml"


DEALS = (Deal("smooth", exact_smooth), Deal("kinked", exact_kinked), Deal("digital", exact_digital))


def measure(deal: Deal, sizes: Sequence[int], seeds: int) -> Record:
    """Errors of the mean payment at every size, over all seeds."""
    model, exact = load_file(deal.file).model, deal.exact()
    paid = [line.role == "payment" for line in model.lines]
    rows = []
    with compiled(model):
        for size in sizes:
            start, errors, stated = time.perf_counter(), [], []
            for seed in range(1, seeds + 1):
                payment = simulate_model(model, size, seed).total[paid].sum(axis=0)
                errors.append(float(payment.mean()) - exact)
                stated.append(float(payment.std(ddof=1)) / math.sqrt(size))
            spent = (time.perf_counter() - start) / seeds
            rms = math.sqrt(sum(e * e for e in errors) / seeds)
            rows.append({"paths": size, "rms_error": rms, "stated_error": sum(stated) / seeds, "seconds": spent})
    return {"deal": deal.name, "exact": exact, "slope": _slope(rows), "sizes": rows}


def _slope(rows: Sequence[Record]) -> float:
    """Of log error on log paths; -0.5 is what Monte Carlo promises."""
    if len(rows) < 2:
        return float("nan")
    paths, errors = (np.log([row[key] for row in rows]) for key in ("paths", "rms_error"))
    return float(np.polyfit(paths, errors, 1)[0])


def text_of(record: Record) -> str:
    lines = []
    for deal in record["deals"]:
        lines.append(f"{deal['deal']}: exact {deal['exact']:,.2f} EUR, slope {deal['slope']:.2f}")
        for row in deal["sizes"]:
            lines.append(
                f"  {row['paths']:>9,} paths   rms error {row['rms_error']:10.3f}   stated {row['stated_error']:10.3f}"
                f"   ratio {row['rms_error'] / row['stated_error']:5.2f}   {row['seconds'] * 1e3:8.1f} ms"
            )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=list(SIZES))
    parser.add_argument("--no-record", action="store_true", help="add nothing to the history")
    said = parser.parse_args(arguments)
    record = {"seeds": said.seeds, "deals": [measure(d, said.sizes, said.seeds) for d in DEALS], **circumstances()}
    if not said.no_record:
        append("accuracy", record)
    print(json.dumps(record) if said.json else text_of(record))


if __name__ == "__main__":
    main()
