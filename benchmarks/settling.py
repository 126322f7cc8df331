"""How fast accounts are settled, and in how much memory, against a pandas script of the same contract.

`python -m benchmarks.settling [--accounts 1000000] [--repeats 3] [--json] [--no-record]`
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.record import ROOT, Record, append, circumstances
from benchmarks.speed import own_peak
from gainsim.cli.main import cli

#: a sharing term with five lines: gain, reference, two bands, cap; it stands only while a condition holds, its gate
CONTRACT = ROOT / "validation" / "contracts" / "mssp_track_1.yaml"
LINES = ("gain", "against", "share below 0", "share above", "cap", "active_while holds")
ROLES = ("gain", "gain", "payment", "payment", "payment", "gate")
#: what both contenders answer: totals on a page, or every line of every account in a file
ANSWERS = ("totals", "every line")
ENGINE, SCRIPT = "gainsim", "pandas script"


def write_actuals(accounts: int, file: Path) -> Path:
    """Benchmarks, expenditures and rates of made-up organisations, spread as the published ones are."""
    rng = np.random.default_rng(1)
    benchmark = rng.uniform(5e7, 5e8, accounts)
    frame = pd.DataFrame(
        {
            "account": [f"A{number:07d}" for number in range(accounts)],
            "benchmark": benchmark.round(2),
            "expenditure": (benchmark * rng.normal(1.0, 0.05, accounts)).round(2),
            "minimum_savings_rate": rng.uniform(0.02, 0.039, accounts).round(4),
            "final_sharing_rate": rng.uniform(0.3, 0.5, accounts).round(4),
        }
    )
    frame.to_csv(file, index=False)
    return file


def script(actuals: Path, out: Path | None) -> list[float]:
    """The same settlement as an author would write it for this contract alone: chunks, whole columns, no questions asked."""
    totals = np.zeros(len(LINES))
    for number, rows in enumerate(pd.read_csv(actuals, chunksize=100_000)):
        amounts = _amounts(rows)
        totals += amounts.sum(axis=1)
        if out is not None:
            _long_form(rows, amounts).to_csv(out, mode="a" if number else "w", header=not number, index=False)
    return list(totals)


def _amounts(rows: pd.DataFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(lines, accounts)"""
    benchmark, spent = rows["benchmark"].to_numpy(), rows["expenditure"].to_numpy()
    savings = benchmark - spent
    met = np.round(savings / benchmark, 4) >= rows["minimum_savings_rate"].to_numpy()
    above = np.where(met, np.maximum(savings, 0.0) * (0.98 * rows["final_sharing_rate"].to_numpy()), 0.0)
    cap = np.minimum(0.1 * benchmark - above, 0.0)
    return np.array([benchmark, -spent, np.zeros(len(rows)), above, cap, met])


def _long_form(rows: pd.DataFrame, amounts: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> pd.DataFrame:
    """One row an account and line, with the columns that gainsim writes."""
    count = len(rows)
    return pd.DataFrame(
        {
            "account": np.repeat(rows["account"].to_numpy(), len(LINES)),
            "settlement": "2014",
            "term": "shared_savings",
            "line": np.tile([f"shared_savings.{line}" for line in LINES], count),
            "role": np.tile(ROLES, count),
            "amount": amounts.T.ravel(),
            "currency": np.tile(["" if role == "gate" else "USD" for role in ROLES], count),
            "payee": np.tile(["customer", "customer", "supplier", "supplier", "supplier", "supplier"], count),
            "payer": np.tile(["customer", "customer", "customer", "customer", "customer", "supplier"], count),
            "window": "2014",
            "due": "2015-01-01",
            "paid": "2015-01-01",
        }
    )


def engine(actuals: Path, out: Path | None) -> None:
    """`gainsim settle`, in this process."""
    asked = ["settle", str(CONTRACT), "--actuals", str(actuals), *(["--csv", str(out)] if out is not None else [])]
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        cli.main(asked, standalone_mode=False)


CONTENDERS: dict[str, Callable[[Path, Path | None], object]] = {ENGINE: engine, SCRIPT: script}


def check_agreement(actuals: Path, folder: Path) -> float:
    """The largest difference of two amounts, relative to the amount; refuses contenders that settle something else."""
    found = []
    for work in CONTENDERS.values():
        work(actuals, folder / "out.csv")
        found.append(pd.read_csv(folder / "out.csv"))
    ours, theirs = found
    pd.testing.assert_frame_equal(ours.drop(columns="amount"), theirs.drop(columns="amount"), check_dtype=False)
    size = np.maximum(theirs["amount"].abs(), 1.0)
    worst = float(((ours["amount"] - theirs["amount"]).abs() / size).max())
    if worst > 1e-9:
        raise SystemExit(f"the script settles something else: relative difference {worst:.2g}")
    return worst


def measure(accounts: int, repeats: int, memory: bool) -> Record:
    """Everything that one run of the benchmark finds out. Times are of the processor, for both work on one thread."""
    around = circumstances()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        agreement = check_agreement(write_actuals(min(accounts, 20_000), folder / "few.csv"), folder)
        actuals = write_actuals(accounts, folder / "actuals.csv")
        seconds: dict[str, float] = {}
        for answer in ANSWERS:
            out = folder / "out.csv" if answer == "every line" else None
            times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
            for _ in range(repeats):
                for contender, work in CONTENDERS.items():
                    began = time.process_time()
                    work(actuals, out)
                    times[contender].append(time.process_time() - began)
            seconds |= {f"{contender}, {answer}": statistics.median(spent) for contender, spent in times.items()}
        record: Record = {
            "accounts": accounts,
            "repeats": repeats,
            "accounts_per_second": {answer: accounts / seconds[f"{ENGINE}, {answer}"] for answer in ANSWERS},
            **{
                f"ratio_{answer.replace(' ', '_')}": seconds[f"{SCRIPT}, {answer}"] / seconds[f"{ENGINE}, {answer}"]
                for answer in ANSWERS
            },
            "cpu_seconds": seconds,
            "largest_relative_difference": agreement,
            **around,
        }
        if memory:
            fewer = write_actuals(accounts // 10, folder / "fewer.csv")
            record["peak_memory_mb"] = {
                f"{contender}, {count:,} accounts": peak_memory(contender, file, folder / "out.csv")
                for contender in CONTENDERS
                for count, file in ((accounts // 10, fewer), (accounts, actuals))
            }
    return record


def peak_memory(contender: str, actuals: Path, out: Path) -> float:
    """The peak of a fresh process that settles once, every line into a file, everything it imports included."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.settling",
        "--only",
        contender,
        "--actuals",
        str(actuals),
        "--out",
        str(out),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def text_of(record: Record) -> str:
    """The record for a reader."""
    lines = [
        f"{record['accounts']:,} accounts, five lines and a gate each, median of {record['repeats']}; {record['machine']}",
        "",
    ]
    for name, spent in record["cpu_seconds"].items():
        lines.append(f"{name:28} {spent:7.1f} s of processor time")
    lines += [
        "",
        *(f"{name:28} {rate:9,.0f} accounts a second" for name, rate in record["accounts_per_second"].items()),
    ]
    lines += [f"{name:28} {record[name]:7.2f}" for name in record if name.startswith("ratio_")]
    lines += [f"{name:40} {peak:6.0f} MB" for name, peak in record.get("peak_memory_mb", {}).items()]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.settling", description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
    parser.add_argument("--quick", action="store_true", help="few accounts, one turn, no record")
    parser.add_argument("--no-record", action="store_true", help="add nothing to the history")
    parser.add_argument("--only", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    parser.add_argument("--actuals", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args(arguments)
    if said.only:
        CONTENDERS[said.only](said.actuals, said.out)
        print(round(own_peak(), 1))
        return
    accounts, repeats = (min(said.accounts, 20_000), 1) if said.quick else (said.accounts, said.repeats)
    record = measure(accounts, repeats, memory=not said.quick)
    if not (said.quick or said.no_record):
        append("settling", record)
    print(json.dumps(record) if said.json else text_of(record))


if __name__ == "__main__":
    main()
