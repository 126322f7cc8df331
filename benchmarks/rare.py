"""What a rare event costs: importance sampling against plain simulation, compressed air with two regions of failure.

`python -m benchmarks.rare [--json] [--paths 3000] [--seeds 5] [--plain 100000] [--no-record]`

Asked is when the customer's net benefit over seven years leaves a range: power cheap and the plant idle on one side, power dear
and the plant busy on the other, both together about one in 100,000. The search for the regions counts in the time. Plain simulation
of so rare an event is not run: its time for a relative error r is that of (1 - p) / (p r²) futures, each as long as one of
`--plain` of them. At a level that plain simulation sees too, both are held against each other. Seconds are those of one processor.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections.abc import Sequence
from time import process_time as clock

from benchmarks.record import ROOT, Record, append, circumstances
from gainsim.analyses.crossing import Crossing, crossing
from gainsim.analyses.rare import Trials, directions_of, search
from gainsim.bridge import simulate_model
from gainsim.measures import Estimate, estimate, probability
from gainsim.model import Model
from gainsim.outcome import Outcome
from gainsim.scenario.load import load_file

SCENARIO = ROOT / "scenarios" / "compressed_air.yaml"
#: about one in 100,000 in all, and a level that both ways of simulating see
RARE = crossing("customer_net_benefit", -1_220_000.0, 4_300_000.0)
SEEN = crossing("customer_net_benefit", -900_000.0, 3_100_000.0)
#: the relative error that is wanted
WANTED = 0.1


def estimated(model: Model, asked: Crossing, paths: int, seed: int) -> tuple[Estimate, list[Estimate], int, float]:
    """The probability, that of each region, how many futures it took with the search, and the seconds."""
    start = clock()
    trials = Trials(model, asked, seed, threads=1)
    trials.directions = directions_of(model.plan(1, seed), 12 // model.calendar.step_months)
    places = search(trials)
    drawn = trials.mixture(places, paths)
    sample = drawn.outcome.sample
    found = estimate(probability(drawn.failing, sample), sample)
    regions = [estimate(probability(drawn.past(place), sample), sample) for place in range(len(places))]
    return found, regions, trials.simulated, clock() - start


def plain(model: Model, asked: Crossing, paths: int, seed: int) -> tuple[Estimate, float]:
    """The probability by ordinary futures, and the seconds."""
    start = clock()
    outcome = Outcome(simulate_model(model, paths, seed, threads=1))
    return estimate(probability(asked.distance(outcome) < 0.0)), clock() - start


def measure(paths: int, seeds: Sequence[int], plain_paths: int) -> Record:
    """Time and error of both ways, the median of the seeds.

    wanted:        the time of importance sampling as a part of plain simulation's for a relative error of `WANTED`
    same_error:    the same, for the relative error that importance sampling came to
    apart:         how far both lie from each other at the level that both see, in standard errors of the difference
    """
    model = load_file(SCENARIO).model
    plain(model, SEEN, 2_048, seeds[0])  # warms up, as the next does
    seen = estimated(model, SEEN, paths, seeds[0])[0]
    runs = [estimated(model, RARE, paths, seed) for seed in seeds]
    checked, seconds = plain(model, SEEN, plain_paths, seeds[0])
    found = [run[0] for run in runs]
    value = statistics.fmean(each.value for each in found)
    relative = statistics.median(each.standard_error / each.value for each in found)
    took = statistics.median(run[3] for run in runs)
    each_future = seconds / plain_paths

    def by_plain(error: float) -> float:
        return (1.0 - value) / (value * error * error) * each_future

    return {
        "probability": value,
        "values": [each.value for each in found],
        "regions": [[region.value for region in run[1]] for run in runs],
        "relative_error": relative,
        "futures": statistics.median(run[2] for run in runs),
        "seconds": took,
        "plain_microseconds": 1e6 * each_future,
        "plain_seconds": by_plain(WANTED),
        "wanted": took / by_plain(WANTED),
        "same_error": took / by_plain(relative),
        "seen": {"plain": checked.value, "plain_error": checked.standard_error, "value": seen.value, "error": seen.standard_error},
        "apart": abs(seen.value - checked.value) / math.hypot(seen.standard_error, checked.standard_error),
    }


def text_of(record: Record) -> str:
    seen = record["seen"]
    regions = " and ".join(f"{region:.2g}" for region in record["regions"][0])
    return "\n".join(
        [
            f"probability {record['probability']:.3g}, relative error {100 * record['relative_error']:.1f}%, regions of {regions}",
            f"{record['futures']:,.0f} futures with the search, {record['seconds']:.2f} s",
            f"plain simulation: {record['plain_microseconds']:.0f} µs a future; {record['plain_seconds']:,.0f} s for {WANTED:.0%}",
            f"time against plain simulation: 1 / {1 / record['wanted']:,.0f} for {WANTED:.0%}, "
            f"1 / {1 / record['same_error']:,.0f} for the same error",
            f"at a level that both see: {seen['value']:.4g} ± {seen['error']:.2g}, plain {seen['plain']:.4g} ± "
            f"{seen['plain_error']:.2g}, {record['apart']:.1f} standard errors apart",
        ]
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rare", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
    parser.add_argument("--paths", type=int, default=3_000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--plain", type=int, default=100_000)
    parser.add_argument("--no-record", action="store_true", help="add nothing to the history")
    said = parser.parse_args(arguments)
    record = {"paths": said.paths, **measure(said.paths, range(1, said.seeds + 1), said.plain), **circumstances()}
    if not said.no_record:
        append("rare", record)
    print(json.dumps(record) if said.json else text_of(record))


if __name__ == "__main__":
    main()
