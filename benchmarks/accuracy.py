"""How accurate the engine is for its paths: three deals whose expected payment is known exactly.

`python -m benchmarks.accuracy [--json] [--seeds 16] [--sizes 1000,...] [--no-record]`

Smooth: a straight line on geometric walks. Kinked: bands and a collar on a lognormal gain, by Black's formula. Digital:
service credits on a normal level. Error against time under every sampling: the root mean square error over seeds, the standard
error stated, and the median time of a run whose model is built and whose loop is compiled. Control variates are one more
way: pseudo-random paths, their mean adjusted by the exact mean of the driver.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from benchmarks.record import Record, append, circumstances, compiled
from gainsim.bridge import simulate_model
from gainsim.measures import estimate, mean
from gainsim.model import Model
from gainsim.outcome import Outcome
from gainsim.scenario.load import load_file
from gainsim.streams.sampling import SOURCES

HERE = Path(__file__).resolve().parent
SIZES = tuple(round(10 ** (3 + 3 * k / 7)) for k in range(8))
MOST_EVEN = 131_072  # paths of the other samplings: by then the smooth and the kinked deal are known far better
YEARS = 3
#: by name, the sampling of a way, and whether its mean is adjusted by control variates
WAYS = {**{sampling: (sampling, False) for sampling in SOURCES}, "control_variates": ("pseudo_random", True)}


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


def measure(deal: Deal, sizes: Sequence[int], seeds: int, ways: Sequence[str] = tuple(WAYS)) -> Record:
    """Errors of the mean payment in every way at every size, over all seeds.

    sobol_time_share: the time in which Sobol points err no more than the most pseudo-random paths, as a part of theirs
    """
    model, exact = load_file(deal.file).model, deal.exact()
    found = {}
    for way in ways:
        sampling, controls = WAYS[way]
        with compiled(model.controlled[0] if controls else model, given=sampling != "pseudo_random"):
            even = sizes if sampling == "pseudo_random" else sorted({_power_of_two(min(size, MOST_EVEN)) for size in sizes})
            rows = [_row(model, exact, size, seeds, way) for size in (even[0], *even)][1:]  # the first warms up
        found[way] = {"slope": _slope(rows), "sizes": rows}
    reached = _as_the_largest(found)
    share = {"sobol_time_share": reached["sobol"] and reached["sobol"]["share"]} if "sobol" in reached else {}
    return {"deal": deal.name, "exact": exact, "samplings": found, "as_the_largest": reached, **share}


def _power_of_two(size: int) -> int:
    """The nearest 32 × 2^k paths: Sobol points want them, and the others do not mind."""
    return 2 ** max(5, round(math.log2(size)))


def _row(model: Model, exact: float, size: int, seeds: int, way: str) -> Record:
    sampling, controls = WAYS[way]
    paid = [line.role == "payment" for line in model.lines]
    errors, stated, seconds = [], [], []
    for seed in range(1, seeds + 1):
        start = time.perf_counter()
        run = simulate_model(model, size, seed, sampling=sampling, control_variates=controls)
        sample = Outcome(run).sample
        found = estimate(mean(run.total[paid].sum(axis=0), sample), sample)
        seconds.append(time.perf_counter() - start)
        errors.append(found.value - exact)
        stated.append(found.standard_error)
    rms = math.sqrt(sum(e * e for e in errors) / seeds)
    return {"paths": size, "rms_error": rms, "stated_error": sum(stated) / seeds, "seconds": statistics.median(seconds)}


def _as_the_largest(ways: Mapping[str, Record]) -> Record:
    """By way, the fewest paths that err no more than the most pseudo-random ones are stated to, and their time.

    share: of the time of those pseudo-random paths; None where no size errs so little
    """
    largest = ways["pseudo_random"]["sizes"][-1]
    found: Record = {}
    for name, way in ways.items():
        enough = [row for row in way["sizes"] if max(row["rms_error"], row["stated_error"]) <= largest["stated_error"]]
        best = min(enough, key=lambda row: float(row["seconds"]), default=None)
        if name != "pseudo_random":
            found[name] = best and {"paths": best["paths"], "share": best["seconds"] / largest["seconds"]}
    return found


def _slope(rows: Sequence[Record]) -> float | None:
    """Of log error on log paths; -0.5 is what Monte Carlo promises."""
    if len(rows) < 2 or any(row["rms_error"] == 0.0 for row in rows):
        return None
    paths, errors = (np.log([row[key] for row in rows]) for key in ("paths", "rms_error"))
    return float(np.polyfit(paths, errors, 1)[0])


def text_of(record: Record) -> str:
    lines = []
    for deal in record["deals"]:
        lines.append(f"{deal['deal']}: exact {deal['exact']:,.2f} EUR")
        for sampling, way in deal["samplings"].items():
            lines.append(f" {sampling}: slope {way['slope']:.2f}" if way["slope"] is not None else f" {sampling}")
            for row in way["sizes"]:
                lines.append(
                    f"  {row['paths']:>9,} paths   rms error {row['rms_error']:10.4f}   stated {row['stated_error']:10.4f}"
                    f"   {row['seconds'] * 1e3:8.2f} ms"
                )
        largest = deal["samplings"]["pseudo_random"]["sizes"][-1]["paths"]
        for sampling, best in deal["as_the_largest"].items():
            said = f"{best['paths']:,} paths, {best['share']:.4f} of the time" if best else "no size measured"
            lines.append(f" the error of {largest:,} pseudo-random paths by {sampling}: {said}")
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
