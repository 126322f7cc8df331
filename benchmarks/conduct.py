"""What conduct costs: the reference deal with parties that answer results beside the same deal without, on one thread.

`python -m benchmarks.conduct [--json] [--paths 100000] [--repeats 5] [--no-record]`

`effort`:    every month the supplier puts in what is expected to earn most, in view of what the year has brought.
`decisions`: at every settlement of the gain share the customer renews, or the contract ends, with a chance that follows from
             the saving; and a price goes up with it.
`both`:      the two together.
`monthly`:   every month the customer takes a little more or less of the scope, with a chance that follows from the saving.
`churn`:     besides, in any month it may leave, which cuts every window.

Compiled, and with plans found beforehand; what that takes once is told apart. All take turns; times are of the processor.
"""

from __future__ import annotations

import copy
import statistics
import time
from typing import Any

from benchmarks.deal import REFERENCE_DEAL
from benchmarks.record import Record, Target, command, compiled, judged
from gainsim.bridge import simulate_model
from gainsim.model import Model
from gainsim.offer.scenario import Scenario
from gainsim.planning import prepared
from gainsim.scenario.reading import read

SEED = 7
#: a deal with feedback at every settlement takes at most twice the time
TARGETS: dict[str, Target] = {f"ratio_{name}": ("<=", 2.0) for name in ("effort", "decisions", "both", "monthly")}
ENGINEERS = {
    "by": "supplier", "unit": "FTE", "at_least": 0, "at_most": 4, "cost": "300 EUR/FTE/month * engineers",
    "plan": "responsive", "watches": "total(saving)", "over": "year",
}  # fmt: skip
RENEWED = {
    "by": "customer", "starts": 1, "every": "year", "chance": "logistic(1 + 20 * (total(saving) / total(baseline) - 5%))",
    "becomes": 1, "otherwise": 0,
}  # fmt: skip
PRICE = {"by": "supplier", "starts": 1, "every": "year", "when": "total(saving) >= 10% of baseline", "becomes": "price * 1.03"}
SCOPE = {
    "by": "customer", "starts": 0.5, "every": "month", "over": "year", "when": "total(saving) >= 1.2 * paid(base_fee)",
    "chance": "logistic(total(saving) / total(baseline) * 10 - 1)", "becomes": "min(scope + 5%, 1)",
    "otherwise": "max(scope - 5%, 20%)",
}  # fmt: skip
STAYS = {"by": "customer", "starts": 1, "every": "month", "chance": "1%", "becomes": 0}


def deals() -> dict[str, dict[str, Any]]:
    """The reference deal as it is, and with each conduct, as they are written."""
    plain: dict[str, Any] = read(REFERENCE_DEAL).data

    def answering(of: dict[str, Any]) -> dict[str, Any]:
        deal = copy.deepcopy(of) | {"effort": {"engineers": ENGINEERS}}
        deal["drivers"]["productivity"]["effort"] = {"of": "engineers", "adds": "6% * (1 - exp(-engineers / 2 FTE))"}
        return deal

    def deciding(of: dict[str, Any]) -> dict[str, Any]:
        deal = copy.deepcopy(of) | {"lifecycle": {"renewed": RENEWED, "price": PRICE}}
        deal["contract"]["base_fee"]["amount"] = "5% of baseline * price"
        deal["contract"]["ended"] = {"term": "termination", "when": "renewed < 1"}
        return deal

    monthly = copy.deepcopy(plain) | {"lifecycle": {"scope": SCOPE}}
    monthly["value"]["saving"] = "(baseline - actual) * scope"
    monthly["contract"]["base_fee"]["amount"] = "5% of baseline * scope"
    churn = copy.deepcopy(monthly)
    churn["lifecycle"]["stays"] = STAYS
    churn["contract"]["left"] = {"term": "termination", "when": "stays < 1"}
    return {
        "plain": plain, "effort": answering(plain), "decisions": deciding(plain), "both": answering(deciding(plain)),
        "monthly": monthly, "churn": churn,
    }  # fmt: skip


def modelled(deal: dict[str, Any]) -> Model:
    """A deal with its plans found."""
    return prepared(Scenario.model_validate(deal))


def measure(paths: int, repeats: int) -> Record:
    """Seconds of each deal, and how many times those of the plain one."""
    finding, models = {}, {}
    for name, deal in deals().items():
        start = time.process_time()
        models[name] = modelled(deal)
        finding[name] = time.process_time() - start
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
        "finding_seconds": {name: round(each, 2) for name, each in finding.items()},
        **{f"ratio_{name}": round(seconds[name] / seconds["plain"], 2) for name in models if name != "plain"},
    }


def text_of(record: Record) -> str:
    """The figures for a reader."""
    lines = [f"{record['paths']:,} paths of 60 months on one thread, median of {record['repeats']}"]
    for name, seconds in record["seconds"].items():
        ratio = record.get(f"ratio_{name}", 1.0)
        said = judged(ratio, TARGETS.get(f"ratio_{name}"))
        lines.append(f"{name:10} {seconds:7.3f} s  {ratio:5.2f} times{said}   built in {record['finding_seconds'][name]:.2f} s")
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Measure, print, and add to the history."""
    command("conduct", __doc__, measure, text_of, 100_000, words)


if __name__ == "__main__":
    main()
