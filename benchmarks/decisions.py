"""What decisions cost: the reference deal, whose parties decide every month on what it has brought, against itself without.

`python -m benchmarks.decisions [--json] [--paths 100000] [--repeats 5] [--no-record]`

`rules`: every month the customer holds the saving of the year so far against what it has paid, and takes a little more or a
little less of the scope. `chances`: the same with a chance that follows from the two. `churn`: besides, in any month it may
end the contract, which cuts every window. One thread, compiled once; all take turns; the figure is the median.
"""

from __future__ import annotations

import copy
import statistics
import time
from typing import Any

from benchmarks.deal import REFERENCE_DEAL
from benchmarks.record import Record, Target, command, compiled, judged
from gainsim.bridge import simulate_model
from gainsim.model import Model, build
from gainsim.offer.scenario import Scenario
from gainsim.scenario.reading import read

#: a deal with decisions at every settlement takes at most twice the time
TARGET: Target = ("<=", 2.0)
CHANCE = "logistic(total(saving) / total(baseline) * 10 - 1)"
SCOPE = {
    "by": "customer", "starts": 0.5, "every": "month", "over": "year", "when": "total(saving) >= 1.2 * paid(base_fee)",
    "becomes": "min(scope + 5%, 1)", "otherwise": "max(scope - 5%, 20%)",
}  # fmt: skip
STAYS = {"by": "customer", "starts": 1, "every": "month", "chance": "1%", "becomes": 0}


def deals() -> dict[str, Model]:
    """The reference deal, without decisions and with them."""
    plain: dict[str, Any] = copy.deepcopy(read(REFERENCE_DEAL).data)
    rules = copy.deepcopy(plain) | {"lifecycle": {"scope": SCOPE}}
    rules["value"]["saving"] = "(baseline - actual) * scope"
    rules["contract"]["base_fee"]["amount"] = "5% of baseline * scope"
    chances = copy.deepcopy(rules)
    chances["lifecycle"]["scope"]["chance"] = CHANCE
    churn = copy.deepcopy(chances)
    churn["lifecycle"]["stays"] = STAYS
    churn["contract"]["left"] = {"term": "termination", "when": "stays < 1"}
    written = {"without": plain, "rules": rules, "chances": chances, "churn": churn}
    return {name: build(Scenario.model_validate(data)) for name, data in written.items()}


def measure(paths: int, repeats: int) -> Record:
    """Median seconds of each deal, and how many times the deal without decisions that is."""
    times: dict[str, list[float]] = {}
    for name, model in deals().items():
        with compiled(model):
            simulate_model(model, 4_096, 7, threads=1)
            for _ in range(repeats):
                start = time.process_time()
                simulate_model(model, paths, 7, threads=1)
                times.setdefault(name, []).append(time.process_time() - start)
    seconds = {name: statistics.median(each) for name, each in times.items()}
    return {
        "paths": paths,
        "repeats": repeats,
        "seconds": {name: round(each, 4) for name, each in seconds.items()},
        "times": {name: round(each / seconds["without"], 2) for name, each in seconds.items() if name != "without"},
    }


def text_of(record: Record) -> str:
    """The figures as a table."""
    lines = [f"without decisions  {record['seconds']['without']:.3f} s"]
    lines += [f"{name:17}  {ratio:.2f} times{judged(ratio, TARGET)}" for name, ratio in record["times"].items()]
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Measure, print, and add to the history."""
    command("decisions", __doc__, measure, text_of, 100_000, words)


if __name__ == "__main__":
    main()
