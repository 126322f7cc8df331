"""What conduct costs: the reference deal with parties that answer results beside the same deal without, on one thread.

`python -m benchmarks.conduct [--json] [--paths 100000] [--repeats 5] [--no-record]`

Two kinds of conduct, alone and together: an effort that responds every month to what the year has brought, and decisions that
follow from results at every settlement of the gain share (renewal, which may end the contract, and the price that goes with it).
Compiled and with plans found beforehand; what that takes once is told apart. All take turns; times are of the processor.
"""

from __future__ import annotations

import statistics
import time

from benchmarks.deal import REFERENCE_DEAL
from benchmarks.record import Record, Target, command, compiled, judged
from gainsim.bridge import simulate_model
from gainsim.scenario.load import chosen, load_text

SEED = 7
EFFORT = """
effort:
  engineers:
    by: supplier
    unit: FTE
    at_least: 0
    at_most: 4
    cost: 300 EUR/FTE/month * engineers
    plan: responsive
    watches: total(saving)
    over: year
"""
ANSWER = """
    effort: { of: engineers, adds: 6% * (1 - exp(-engineers / 2 FTE)) }

dependence:"""
DECISIONS = """
lifecycle:
  renewed:
    by: customer
    starts: 1
    every: year
    chance: logistic(1 + 20 * (total(saving) / total(baseline) - 5%))
    becomes: 1
    otherwise: 0
  price: { by: supplier, starts: 1, every: year, when: total(saving) >= 10% of baseline, becomes: price * 1.03 }
"""
ENDED = """
contract:
  ended: { term: termination, when: renewed < 1 }"""


def offers() -> dict[str, str]:
    """The reference deal as it is, and with each conduct."""
    plain = REFERENCE_DEAL.read_text(encoding="utf-8")

    def answering(text: str) -> str:
        return text.replace("\ndependence:", ANSWER) + EFFORT

    def deciding(text: str) -> str:
        return text.replace("\ncontract:", ENDED).replace("amount: 5% of baseline", "amount: 5% of baseline * price") + DECISIONS

    return {"plain": plain, "effort": answering(plain), "decisions": deciding(plain), "both": answering(deciding(plain))}


#: the figures that have a target
TARGETS: dict[str, Target] = {f"ratio_{name}": ("<=", 2.0) for name in ("effort", "decisions", "both")}


def measure(paths: int, repeats: int) -> Record:
    """Seconds of each offer, and how many times those of the plain one."""
    loading, models = {}, {}
    for name, text in offers().items():
        start = time.process_time()
        models[name] = chosen(load_text(text, f"{name}.yaml"), None).model
        loading[name] = time.process_time() - start
    times: dict[str, list[float]] = {name: [] for name in models}
    for turn in range(repeats + 1):
        for name, model in models.items():
            with compiled(model):
                start = time.process_time()
                simulate_model(model, paths, SEED, threads=1)
                if turn:  # the first warms up
                    times[name].append(time.process_time() - start)
    seconds = {name: statistics.median(each) for name, each in times.items()}
    return {
        "paths": paths,
        "repeats": repeats,
        "seconds": {name: round(each, 4) for name, each in seconds.items()},
        "loading_seconds": {name: round(each, 2) for name, each in loading.items()},
        **{f"ratio_{name}": round(seconds[name] / seconds["plain"], 2) for name in models if name != "plain"},
    }


def text_of(record: Record) -> str:
    """The figures for a reader."""
    lines = [f"{record['paths']:,} paths of 60 months on one thread, median of {record['repeats']}"]
    for name, seconds in record["seconds"].items():
        ratio = record.get(f"ratio_{name}", 1.0)
        said = judged(ratio, TARGETS.get(f"ratio_{name}"))
        lines.append(f"{name:10} {seconds:7.3f} s  {ratio:5.2f} times{said}   loaded in {record['loading_seconds'][name]:.2f} s")
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Measure, print, and add to the history."""
    command("conduct", __doc__, measure, text_of, 100_000, words)


if __name__ == "__main__":
    main()
