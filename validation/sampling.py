"""Does a 95% interval cover the exact expectation 95 times in 100, however the futures are drawn?

The three deals of `benchmarks/accuracy.py`, whose expected payment is known in closed form, under every sampling, as drawn and with
control variates, each over many seeds. `python -m validation.sampling [--paths N] [--seeds N]` prints one object and records it in
`validation/results/sampling.json`.
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
    """Coverage, and the root mean square error beside the error stated."""
    model, exact = load_file(deal.file).model, deal.exact()
    covered, squares, stated = 0, 0.0, 0.0
    for seed in range(seeds):
        outcome = Outcome(simulate_model(model, paths, 10_000 + seed, sampling=sampling, control_variates=controls))
        found = estimate(mean(outcome.revenue, outcome.sample), outcome.sample)
        low, high = found.interval(0.95)
        covered += low - ROUNDING * exact <= exact <= high + ROUNDING * exact
        squares += (found.value - exact) ** 2 / seeds
        stated += found.standard_error**2 / seeds
    return {"coverage": covered / seeds, "rms_error": math.sqrt(squares), "stated_error": math.sqrt(stated)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m validation.sampling", description=__doc__)
    parser.add_argument("--paths", type=int, default=2_048)
    parser.add_argument("--seeds", type=int, default=400)
    said = parser.parse_args(arguments)
    ways = {f"{way}{', control variates' * controls}": (way, controls) for controls in (False, True) for way in SOURCES}
    found = {d.name: {name: study(d, *way, said.paths, said.seeds) for name, way in ways.items()} for d in DEALS}
    record = {"paths": said.paths, "seeds": said.seeds, "deals": found}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
