"""Does a 95% interval cover the exact expectation 95 times in 100, however the futures are drawn?

The three deals of `benchmarks/accuracy.py`, whose expected payment is known in closed form, under every sampling, each over
many seeds. `python -m validation.sampling [--paths N] [--seeds N]` prints one object and records it in
`validation/results/sampling.json`.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

from benchmarks.accuracy import DEALS, Deal
from gainsim.bridge import simulate_model
from gainsim.measures import Sample, estimate, mean
from gainsim.outcome import Outcome
from gainsim.scenario.load import load_file
from gainsim.streams.sampling import SOURCES

RECORD = Path(__file__).parent / "results" / "sampling.json"


def study(deal: Deal, sampling: str, paths: int, seeds: int) -> dict[str, float]:
    """Coverage, and the root mean square error beside the error stated."""
    model, exact = load_file(deal.file).model, deal.exact()
    covered, squares, stated = 0, 0.0, 0.0
    for seed in range(seeds):
        run = simulate_model(model, paths, 10_000 + seed, sampling=sampling)
        found = estimate(mean(Outcome(run).revenue), Sample(groups=run.groups))
        low, high = found.interval(0.95)
        covered += low <= exact <= high
        squares += (found.value - exact) ** 2 / seeds
        stated += found.standard_error**2 / seeds
    return {"coverage": covered / seeds, "rms_error": math.sqrt(squares), "stated_error": math.sqrt(stated)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m validation.sampling", description=__doc__)
    parser.add_argument("--paths", type=int, default=2_048)
    parser.add_argument("--seeds", type=int, default=400)
    said = parser.parse_args(arguments)
    found = {d.name: {way: study(d, way, said.paths, said.seeds) for way in SOURCES} for d in DEALS}
    record = {"paths": said.paths, "seeds": said.seeds, "deals": found}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
