"""Does a 95% interval cover the exact expectation 95 times in 100, however the futures are drawn?

The three deals of `benchmarks/accuracy.py`, whose expected payment is known in closed form, under every sampling, as drawn and with
control variates, each over many seeds. Where the parts behind a mean lean to one side its intervals miss to one side: `below` and
`above` say how often a whole interval lies there. `python -m validation.sampling [--paths 1024,8192] [--seeds N]` prints one
object and records it in `validation/results/sampling.json`.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

from benchmarks.accuracy import DEALS, Deal
from gainsim.bridge import simulate_model
from gainsim.measures import estimate, mean
from gainsim.outcome import Outcome
from gainsim.scenario.load import load_file
from gainsim.streams.sampling import SOURCES

ROUNDING = 1e-12  # of an expectation: a deal that is a straight line of its driver is known that well with control variates
RECORD = Path(__file__).parent / "results" / "sampling.json"


def study(deal: Deal, sampling: str, controls: bool, paths: int, seeds: int) -> dict[str, float]:
    """Coverage, where the other intervals lie, and the root mean square error beside the error stated."""
    model, exact = load_file(deal.file).model, deal.exact()
    below, above, squares, stated = 0, 0, 0.0, 0.0
    for seed in range(seeds):
        outcome = Outcome(simulate_model(model, paths, 10_000 + seed, sampling=sampling, control_variates=controls))
        found = estimate(mean(outcome.revenue, outcome.sample), outcome.sample)
        low, high = found.interval(0.95)
        below += high + ROUNDING * exact < exact
        above += low - ROUNDING * exact > exact
        squares += (found.value - exact) ** 2 / seeds
        stated += found.standard_error**2 / seeds
    missed = {"below": below / seeds, "above": above / seeds}
    return {"coverage": 1.0 - (below + above) / seeds, **missed, "rms_error": math.sqrt(squares), "stated_error": math.sqrt(stated)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m validation.sampling", description=__doc__)
    parser.add_argument("--paths", type=lambda text: [int(n) for n in text.split(",")], default=[1_024, 8_192])
    parser.add_argument("--seeds", type=int, default=1_000)
    said = parser.parse_args(arguments)
    ways = {f"{way}{', control variates' * controls}": (way, controls) for controls in (False, True) for way in SOURCES}
    found = {
        size: {d.name: {name: study(d, *way, size, said.seeds) for name, way in ways.items()} for d in DEALS} for size in said.paths
    }
    record = {"seeds": said.seeds, "paths": found}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
