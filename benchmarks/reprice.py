"""Re-pricing after a move of a share or a cap, from stored values, beside a NumPy script of the same re-pricing.

`python -m benchmarks.reprice [--json] [--paths 200000] [--repeats 25] [--no-record]`

Five years by year; a gain share with deadband, bands, carry and collar. In every turn the share above the last edge moves, and
then the cap. `terms_milliseconds` is what a run takes with everything that it keeps; `milliseconds` the same with mean, mean of
the worst twentieth and chance of loss of the net present value, each with its standard error. Reading the moved file is told
apart. Both figures are of the slower of the two moves, the best of all turns: what else a machine does only adds to it.
"""

from __future__ import annotations

import copy
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.record import Record, Target, command, judged
from benchmarks.repricing_script import MOVED, Known, Script
from gainsim.analyses.repricing import Repricing
from gainsim.bridge import Run, realise
from gainsim.measuring import Measures
from gainsim.model import build_world
from gainsim.outcome import Outcome
from gainsim.scenario.load import Loaded, from_document, load_file
from gainsim.streams.sampling import source_of
from gainsim.streams.source import Philox

DEAL = Path(__file__).resolve().parent / "repricing_deal.yaml"
SEED = 7
TARGETS: dict[str, Target] = {"terms_milliseconds": ("<=", 10.0), "milliseconds": ("<=", 50.0)}
#: the share above the last edge and the cap: as it is written, and in each turn the share moved, then the cap
AS_WRITTEN, MOVES = (0.30, 0.06), ((0.35, 0.06), (0.35, 0.055))
TAKEN = ("npv", "cvar_95", "chance_of_loss")


def moved(deal: Loaded, share: float, cap: float) -> Loaded:
    """The deal with another share and another cap."""
    data: dict[str, Any] = copy.deepcopy(deal.document.data)
    steps = data["contract"]["gain_share"]["steps"]
    steps[1]["share"]["above"] = share
    steps[3]["limit_payment"]["cap"] = f"{cap!r} * baseline"
    return from_document(replace(deal.document, data=data), noted=False)


def known_of(deal: Loaded, run: Run) -> Known:
    """What the script finds in memory: facts simulated by year, and the worth of all cash that does not move."""
    world, paths = build_world(deal.scenario), np.arange(run.paths, dtype=np.uint64)
    source = source_of("pseudo_random", world.plan(run.paths, run.seed))
    facts, _ = realise(world, source.drawn(paths), paths, range(world.calendar.periods))
    lines = run.rows.lines
    other = [run.npv[n] for n, line in enumerate(lines) if line.suppliers_cash and line.name not in MOVED]
    cap = next(n for n, line in enumerate(lines) if line.name == "gain_share.cap")
    discount = run.rows.plan.discount[run.rows.plan.line == cap]
    return Known.of(facts["baseline"], facts["saving"], discount, np.sum(other, axis=0))


def agreement(run: Run, script: Script) -> float:
    """The largest difference of an amount, against the largest amount."""
    number = {line.name: n for n, line in enumerate(run.rows.lines)}
    those = [number[name] for name in MOVED]
    cap = next(line for line in run.rows.lines if line.name == MOVED[-1])
    dates = [run.rows.dates.index(settlement.paid) for settlement in cap.settlements]
    row = {line: np.flatnonzero(run.rows.plan.line == line) for line in those}
    pairs = [
        (run.total[those], script.total), (run.npv[those], script.worth), (run.bound[those], script.bound),
        (run.cash[dates], script.cash), (np.array([run.row_mean[row[line]] for line in those]).T, script.mean),
        (np.array([run.row_error[row[line]] for line in those]).T, script.error),
    ]  # fmt: skip
    taken, theirs = Measures(Outcome(run)), script.measures()
    for name in TAKEN:
        found = taken.of(name).estimate
        assert found is not None
        pairs.append((np.array([found.value, found.standard_error]), np.array(theirs[name])))
    return max(float(np.abs(ours - others).max() / np.abs(ours).max()) for ours, others in pairs)


def measure(paths: int, repeats: int) -> Record:
    """The best times of both, in turns."""
    deal = load_file(DEAL)
    repricing = Repricing(deal, paths, SEED)
    script = Script(known_of(deal, repricing.run(deal)))
    full = _seconds(lambda: deal.simulate(paths, SEED))
    offers = {numbers: moved(deal, *numbers) for numbers in MOVES}
    apart = 0.0
    start = time.perf_counter()
    repricing.run(offers[MOVES[-1]])  # both have moved: what they reach is stored and compiled
    first = time.perf_counter() - start
    for numbers, offer in offers.items():
        script.reprice(*numbers)
        apart = max(apart, agreement(repricing.run(offer), script))
    if apart > 1e-9:
        raise AssertionError(f"the script and the engine differ by {apart:.1g}")
    drawn = _draws(repricing, offers[MOVES[0]])
    times: dict[str, dict[tuple[float, float], list[float]]] = {}

    def timed(name: str, numbers: tuple[float, float], seconds: float) -> None:
        times.setdefault(name, {}).setdefault(numbers, []).append(1000.0 * seconds)

    for _ in range(repeats):
        for numbers, offer in offers.items():
            begun = time.perf_counter()
            run = repricing.run(offer)
            entered = time.perf_counter()
            measures = Measures(Outcome(run))
            for name in TAKEN:
                measures.of(name)
            ended = time.perf_counter()
            del run, measures
            timed("terms", numbers, entered - begun)
            timed("all", numbers, ended - begun)
            begun = time.perf_counter()
            script.reprice(*numbers)
            entered = time.perf_counter()
            script.measures()
            timed("script_terms", numbers, entered - begun)
            timed("script_all", numbers, time.perf_counter() - begun)
            timed("reading", numbers, _seconds(lambda numbers=numbers: moved(deal, *numbers)))  # type: ignore[misc]
    best = {name: max(min(each) for each in of.values()) for name, of in times.items()}
    middle = {name: max(statistics.median(each) for each in of.values()) for name, of in times.items()}
    return {
        "paths": paths,
        "repeats": repeats,
        "terms_milliseconds": round(best["terms"], 2),
        "milliseconds": round(best["all"], 2),
        "median_terms_milliseconds": round(middle["terms"], 2),
        "median_milliseconds": round(middle["all"], 2),
        "script_terms_milliseconds": round(best["script_terms"], 2),
        "script_milliseconds": round(best["script_all"], 2),
        "ratio_script_terms": round(best["script_terms"] / best["terms"], 2),
        "ratio_script": round(best["script_all"] / best["all"], 2),
        "reading_milliseconds": round(best["reading"], 2),
        "full_run_milliseconds": round(1000.0 * full, 1),
        "first_move_milliseconds": round(1000.0 * first, 1),
        "stored_megabytes": round(repricing.stored_bytes / 1e6, 1),
        "draws": drawn,
        "largest_relative_difference": apart,
    }


def _draws(repricing: Repricing, offer: Loaded) -> int:
    """How often a re-pricing asks for the keys of its draws."""
    asked = 0

    def counted(self: Philox, streams: Any) -> Any:
        nonlocal asked
        asked += 1
        return table(self, streams)

    table = Philox.key_table
    with patch.object(Philox, "key_table", counted):
        repricing.run(offer)
    return asked


def _seconds(of: Any) -> float:
    start = time.perf_counter()
    of()
    return time.perf_counter() - start


def text_of(record: Record) -> str:
    """The figures for a reader."""
    lines = [f"{record['paths']:,} paths of 5 years, best of {record['repeats']}, the slower of two moves"]
    for name, key in (("terms", "terms_milliseconds"), ("with measures", "milliseconds")):
        script = record["script_" + key]
        lines.append(
            f"{name:14} {record[key]:8.2f} ms (median {record['median_' + key]:.2f}){judged(record[key], TARGETS[key])}   "
            f"NumPy script {script:.2f} ms"
        )
    lines.append(
        f"reading the moved file {record['reading_milliseconds']:.2f} ms; a full run {record['full_run_milliseconds']:.0f} ms; "
        f"the first move {record['first_move_milliseconds']:.0f} ms; stored {record['stored_megabytes']:.0f} MB"
    )
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Measure, print, and add to the history."""
    command("reprice", __doc__, measure, text_of, 200_000, words, repeats=25)


if __name__ == "__main__":
    main()
