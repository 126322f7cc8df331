"""Published options, written as clauses of a contract: caps, floors, collars and service credits on lognormal drivers.

A cap's or a floor's leg is a call or a put, a collar a spread, a service credit a digital, a gain over an indexed
baseline the option to exchange, an average index an Asian, a gain over a level that is set anew a forward start. Under
the drift r - q the expected payment is the published price times exp(r t). Every row has drivers of its own, so the
errors are independent: each lies within four standard errors, and the mean of z² over a family in its 99% band. What a
table watches at every moment is a formula of draws, `option_extremes`: a contract is observed at the ends of its periods.
What is not tried is named in `option_clauses.LEFT`.

`python -m validation.options [--json] [--seeds N]` needs the published rows; a study of full length is recorded in
`validation/results/options.json`. The gate runs one seed of it: `tests/test_option_rows.py`.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from gainsim.api import load_text, simulate
from validation.expectations import band, payments
from validation.option_clauses import LEFT_ROWS, SIMULATED, WRITTEN
from validation.option_writing import Clause, Row

Floats = NDArray[np.float64]
FILE = "options_haug_quantlib"
PATHS = 131_072
SEEDS = 8
MOST_FIXINGS = 52
MOST_TOGETHER = 16
RECORD = Path(__file__).parent / "results" / "options.json"
Table = Callable[[dict[str, Any]], str]


@dataclass(frozen=True)
class Found:
    """A row and what came out: the expected payment as published and its rounding, the mean and its standard error."""

    row: str
    kind: str
    published: float
    rounding: float
    simulated: float
    error: float

    @property
    def z(self) -> float:
        """The difference over the error; a figure rounded to a last digit is uniform around it."""
        return (self.simulated - self.published) / math.hypot(self.error, self.rounding / 2.0 / math.sqrt(3.0))

    @property
    def agrees(self) -> bool:
        """Within four standard errors and the rounding of the source."""
        return abs(self.simulated - self.published) <= 4.0 * self.error + self.rounding


def tried(rows: Sequence[Row]) -> list[Row]:
    """The rows that are written and simulated."""
    return [row for row in rows if row["sub"] in WRITTEN and row["id"] not in LEFT_ROWS]


def _named(written: Any, name: str) -> Any:
    if isinstance(written, Mapping):
        return {_named(key, name): _named(value, name) for key, value in written.items()}
    if isinstance(written, list | tuple):
        return [_named(value, name) for value in written]
    return written.replace("{x}", name) if isinstance(written, str) else written


def payoffs(clauses: Mapping[str, Clause], paths: int, seed: int, ways: bool = False) -> dict[str, list[Floats]]:
    """What each clause pays on each path, in the sign of the option's holder, by name; `ways`: in every way written."""
    (periods,) = {clause.periods for clause in clauses.values()}
    document: dict[str, Any] = {
        "gainsim": 1,
        "title": "options",
        "currency": "USD",
        "calendar": {"start": "2027-01", "months": periods, "step": "month", "year": "contract", "stub_years": "full"},
        "money": {"discount_rate": "0% pa"},
        "drivers": {},
        "dependence": [],
        "value": {},
        "contract": {},
    }
    for name, clause in clauses.items():
        for driver, said in _named(clause.drivers, name).items():
            central = {} if "constant" in said else {"central": "mean"}
            document["drivers"][driver] = {"control": "nobody", **central, **said}
        document["value"] |= _named(clause.value, name)
        document["dependence"] += _named(clause.dependence, name)
        for way, term in enumerate(clause.terms if ways else clause.terms[:1]):
            document["contract"][f"{name}_{way}"] = {"clock": {"measured": "life"}, **_named(term, name)}
    paid = payments(
        simulate(load_text(yaml.safe_dump(document, sort_keys=False, width=100_000)), paths=paths, seed=seed)
    )
    return {
        name: [clause.sign * paid[term] for term in document["contract"] if term.rpartition("_")[0] == name]
        for name, clause in clauses.items()
    }


def together(clauses: Mapping[str, Clause]) -> list[dict[str, Clause]]:
    """Clauses over one number of periods share a scenario, so many of them that it is still compiled soon."""
    lengths = sorted({clause.periods for clause in clauses.values()})
    groups = [[name for name, clause in clauses.items() if clause.periods == length] for length in lengths]
    return [
        {name: clauses[name] for name in group[first : first + MOST_TOGETHER]}
        for group in groups
        for first in range(0, len(group), MOST_TOGETHER)
    ]


def means(clauses: Mapping[str, Clause], paths: int, seeds: Sequence[int]) -> dict[str, tuple[float, float]]:
    """The mean payment of every clause over so many paths of each seed, and its standard error."""
    first: dict[str, float] = {}  # deviations from one payment are exactly none where chance moves nothing
    sums = {name: [0.0, 0.0] for name in clauses}
    for group in together(clauses):
        for seed in seeds:
            for name, (paid, *_) in payoffs(group, paths, seed).items():
                deviation = paid - first.setdefault(name, float(paid[0]))
                sums[name][0] += float(deviation.mean())
                sums[name][1] += float((deviation * deviation).mean())
    results = {}
    for name in clauses:
        shift, square = (total / len(seeds) for total in sums[name])
        results[name] = first[name] + shift, math.sqrt((square - shift * shift) / (paths * len(seeds) - 1))
    return results


def found(rows: Sequence[Row], paths: int, seeds: Sequence[int]) -> list[Found]:
    """The mean payment of every row over so many paths of each seed."""
    clauses = {f"x{number}": WRITTEN[row["sub"]](row["inputs"]) for number, row in enumerate(rows)}
    results = []
    for (name, (mean, error)), row in zip(means(clauses, paths, seeds).items(), rows, strict=True):
        growth = math.exp(row["inputs"]["r"] * clauses[name].t)
        published, rounding = growth * float(row["expected"]), growth * float(row["tol_abs"])
        results.append(Found(row["id"], row["sub"], published, rounding, mean, error))
    return results


def mean_square(results: Sequence[Found]) -> tuple[float, tuple[float, float]]:
    """The mean of z² over rows whose published figures are exact and that chance moves, and its 99% band."""
    squares = [each.z**2 for each in results if each.kind not in SIMULATED and each.error > 0.0]
    return float(np.mean(squares)), band(len(squares))


def in_gate(rows: Sequence[Row]) -> list[Row]:
    """The rows that the gate simulates too: all but averages of so many observations that they take minutes."""
    return [row for row in tried(rows) if row["sub"] not in SIMULATED or row["inputs"]["fixings"] <= MOST_FIXINGS]


# --- the long study --------------------------------------------------------------------------------------------------


def study(rows: Sequence[Row], seeds: int = SEEDS) -> dict[str, Any]:
    """All rows over so many seeds, the long averages over four of them, with what is needed to repeat it."""
    start = time.perf_counter()
    quick = in_gate(rows)
    results = found(quick, PATHS, range(1, seeds + 1))
    results += found([row for row in tried(rows) if row not in quick], PATHS, range(1, min(seeds, 4) + 1))
    squares, (low, high) = mean_square(results)
    return {
        "study": "published option values against simulated clauses",
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "paths": PATHS,
        "seeds": seeds,
        "seconds": round(time.perf_counter() - start, 1),
        "tried": len(results),
        "of": len(rows),
        "mean_square_z": round(squares, 4),
        "band": (round(low, 4), round(high, 4)),
        "passed": all(each.agrees for each in results) and low <= squares <= high,
        "results": [asdict(each) | {"z": round(each.z, 3)} for each in results],
    }


def _table(report: dict[str, Any]) -> str:
    head = f"{'row':46}{'published':>12}{'simulated':>12}{'error':>10}{'z':>8}"
    body = [
        f"{r['row']:46}{r['published']:12.5f}{r['simulated']:12.5f}{r['error']:10.5f}{r['z']:8.2f}"
        for r in report["results"]
    ]
    foot = f"mean z² {report['mean_square_z']}, 99% band {report['band']}, passed {report['passed']}"
    return "\n".join([head, *body, foot])


def recorded(doc: str | None, run: Callable[[Sequence[Row], int], dict[str, Any]], seeds: int, record: Path, table: Table) -> None:
    """The command of a study on these rows: run it, record it where all seeds were run, print it."""
    from tests.conftest import _read_rows, _validation_folder

    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--seeds", type=int, default=seeds)
    asked = parser.parse_args()
    report = run(_read_rows(_validation_folder() / f"{FILE}.csv"), asked.seeds)
    text = json.dumps(report, indent=1) + "\n"
    if asked.seeds == seeds:
        record.write_text(text, encoding="utf-8")
    print(text if asked.json else table(report))


if __name__ == "__main__":
    recorded(__doc__, study, SEEDS, RECORD, _table)
