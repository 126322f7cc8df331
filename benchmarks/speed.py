"""How fast the engine is, against a loop written by hand and against NumPy scripts of the same deal.

`python -m benchmarks.speed [--paths 400000] [--repeats 7] [--json] [--quick] [--no-record]`
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks import hand_written, script
from benchmarks.deal import MONTHS, Numbers, numbers_of, reference_model
from benchmarks.record import ROOT, TARGETS, Record, append, circumstances, compiled, judged
from benchmarks.results import Kept, largest_difference, largest_z
from gainsim.bridge import Run, simulate_model
from gainsim.model import Model

SEED = 7
CORES = os.cpu_count() or 1
BLOCK_SIZES = (1024, 2048, 4096, 8192, 16384)
#: contenders that run on one thread and on all cores
ENGINE, BY_HAND = "gainsim", "hand-written loop"
#: contenders that a script's author leaves on one thread
WHOLE, BLOCKED = "script, whole arrays", "script, in blocks"
TUNED_WHOLE, TUNED_BLOCKED = "tuned script, whole arrays", "tuned script, in blocks"
SCRIPTS = {WHOLE: script.whole_arrays, TUNED_WHOLE: script.tuned}
IN_BLOCKS = {BLOCKED: script.whole_arrays, TUNED_BLOCKED: script.tuned}
Contender = Callable[[int], object]


def as_kept(run: Run) -> Kept:
    """gainsim's results in the common form."""
    return Kept(run.total, run.npv, run.bound, run.cash, run.row_mean, run.row_error, run.row_bound)


def check_agreement(model: Model, numbers: Numbers, paths: int, blocks: dict[str, int]) -> Record:
    """Refuse to time contenders that do not compute the same deal."""
    ours = as_kept(simulate_model(model, paths, SEED))
    exact = largest_difference(ours, hand_written.simulate(numbers, paths, SEED))
    theirs = {name: once(numbers, paths, script.generator(1)) for name, once in SCRIPTS.items()}
    for name, once in IN_BLOCKS.items():
        theirs[name] = script.in_blocks(once, numbers, paths, script.generator(2), blocks[name])
    scores = {name: largest_z(ours, kept) for name, kept in theirs.items()}
    if exact > 1e-9:
        raise SystemExit(f"the hand-written loop pays something else: relative difference {exact:.2g}")
    for name, score in scores.items():
        if score > 4.0:
            raise SystemExit(f"'{name}' has another mean: {score:.1f} standard errors away")
    return {"hand_written_relative_difference": exact, "scripts_largest_z": {k: round(v, 2) for k, v in scores.items()}}


def best_block(once: Callable[..., Kept], numbers: Numbers, paths: int) -> int:
    """The block size at which a script is fastest here."""
    times: dict[int, float] = {}
    for _ in range(2):
        for size in BLOCK_SIZES:
            spent = _seconds(partial(script.in_blocks, once, numbers, paths, script.generator(SEED), size))
            times[size] = min(spent, times.get(size, spent))
    return min(times, key=lambda size: times[size])


def contenders(model: Model, numbers: Numbers, paths: int, blocks: dict[str, int]) -> dict[str, Contender]:
    """Everything that is timed, as a function of the number of threads."""

    def whole(once: Callable[..., Kept]) -> Contender:
        return lambda _: once(numbers, paths, script.generator(SEED))

    def blocked(once: Callable[..., Kept], block: int) -> Contender:
        return lambda _: script.in_blocks(once, numbers, paths, script.generator(SEED), block)

    return {
        ENGINE: lambda threads: simulate_model(model, paths, SEED, threads),
        BY_HAND: lambda threads: hand_written.simulate(numbers, paths, SEED, threads),
        **{name: whole(once) for name, once in SCRIPTS.items()},
        **{name: blocked(once, blocks[name]) for name, once in IN_BLOCKS.items()},
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def turns(found: dict[str, Contender], repeats: int) -> dict[str, float]:
    """Median seconds of each contender, one turn after the other; threaded ones on one thread and on all cores."""
    plan = [(name, threads) for name in found for threads in ((1, CORES) if name in (ENGINE, BY_HAND) else (1,))]
    times: dict[str, list[float]] = {_label(*turn): [] for turn in plan}
    for number in range(repeats + 1):
        for name, threads in plan:
            spent = _seconds(partial(found[name], threads))
            if number:  # the first turn only warms up
                times[_label(name, threads)].append(spent)
    return {label: statistics.median(spent) for label, spent in times.items()}


def _label(name: str, threads: int) -> str:
    return name if threads == 1 else f"{name}, all cores"


def ratios(seconds: dict[str, float]) -> Record:
    """The figures that have targets, and those against the tuned script, which have none."""
    ours, ours_all = seconds[ENGINE], seconds.get(_label(ENGINE, CORES), seconds[ENGINE])
    theirs, theirs_all = seconds[BY_HAND], seconds.get(_label(BY_HAND, CORES), seconds[BY_HAND])
    return {
        "ratio_one_thread": seconds[WHOLE] / ours,
        "ratio_all_cores": seconds[WHOLE] / ours_all,
        "ratio_blocked_script": seconds[BLOCKED] / ours,
        "ratio_tuned_whole_script": seconds[TUNED_WHOLE] / ours,
        "ratio_tuned_blocked_script": seconds[TUNED_BLOCKED] / ours,
        "ratio_hand_written": ours / theirs,
        "scaling": (ours / ours_all) / (theirs / theirs_all),
    }


def first_time(model: Model) -> Record:
    """What a first run costs before any path: reading and building the model, compiling its loop."""
    build = _seconds(reference_model)
    with ExitStack() as stack:
        compile_ = _seconds(lambda: stack.enter_context(compiled(model)))
    return {"build_s": build, "compile_s": compile_}


def measure(paths: int, repeats: int, memory: bool) -> Record:
    """Everything that one run of the benchmark finds out."""
    paths = -(-paths // hand_written.BLOCK) * hand_written.BLOCK
    around = circumstances()  # the load before we make our own
    model = reference_model()
    numbers = numbers_of(model)
    before = first_time(model)
    with compiled(model):
        blocks = {name: best_block(once, numbers, min(paths, 40_960)) for name, once in IN_BLOCKS.items()}
        agreement = check_agreement(model, numbers, min(paths, 102_400), blocks)
        found = contenders(model, numbers, paths, blocks)
        seconds = turns(found, repeats)
    record = {
        **ratios(seconds),
        "paths_per_second": {
            "one_thread": paths / seconds[ENGINE],
            "all_cores": paths / seconds.get(_label(ENGINE, CORES), seconds[ENGINE]),
        },
        "ns_per_path_month": {name: spent / paths / MONTHS * 1e9 for name, spent in seconds.items()},
        "seconds": seconds,
        **before,
        "paths": paths,
        "repeats": repeats,
        "blocks": blocks,
        "agreement": agreement,
        **around,
    }
    if memory:
        record["peak_memory_mb"] = {
            name: peak_memory(name, paths, blocks.get(name, 0)) for name in found
        }
    return record


def peak_memory(name: str, paths: int, block: int) -> float:
    """The peak of a fresh process that runs one contender once, everything it imports included."""
    command = [sys.executable, "-m", "benchmarks.speed", "--only", name, "--paths", str(paths), "--block", str(block)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def run_only(name: str, paths: int, block: int) -> None:
    """Run one contender once and print the peak memory of this process in MB."""
    model = reference_model()
    contenders(model, numbers_of(model), paths, dict.fromkeys(IN_BLOCKS, block))[name](1)
    print(round(own_peak(), 1))


def own_peak() -> float:
    """The peak memory of this program in MB.

    On Linux getrusage also counts what the parent held when it started us; the kernel's own mark begins anew.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = [
            line.split()[1] for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:")
        ]
        if marks:
            return int(marks[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def text_of(record: Record) -> str:
    """The record for a reader."""
    lines = [f"{record['paths']:,} paths × {MONTHS} months, median of {record['repeats']}; {record['machine']}", ""]
    for name, figure in record["ns_per_path_month"].items():
        peak = record.get("peak_memory_mb", {}).get(name)
        lines.append(f"{name:32} {figure:8.1f} ns per path and month" + (f" {peak:8.0f} MB" if peak else ""))
    if record["load_average"] is not None and record["load_average"] > 0.5 * CORES:
        lines += ["", f"The machine was busy (load {record['load_average']} at the start): take no figure from this run."]
    lines += ["", f"build {record['build_s']:.2f} s, compile {record['compile_s']:.2f} s, once", ""]
    for name in [*(key for key in record if key.startswith("ratio_")), "scaling"]:
        lines.append(f"{name:28} {record[name]:6.2f}{judged(record[name], TARGETS.get(name))}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--paths", type=int, default=400_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
    parser.add_argument("--quick", action="store_true", help="few paths, one turn, no record")
    parser.add_argument("--no-record", action="store_true", help="add nothing to the history")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("--block", type=int, default=4096, help=argparse.SUPPRESS)
    said = parser.parse_args(arguments)
    if said.only:
        run_only(said.only, said.paths, said.block)
        return
    paths, repeats = (min(said.paths, 20_480), 1) if said.quick else (said.paths, said.repeats)
    record = measure(paths, repeats, memory=not said.quick)
    if not (said.quick or said.no_record):
        append("speed", record)
    print(json.dumps(record) if said.json else text_of(record))


if __name__ == "__main__":
    main()
