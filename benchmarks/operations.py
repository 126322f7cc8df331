"""What a failure costs: the compiled histories of operations beside SimPy, on one thread.

`python -m benchmarks.operations [--json] [--paths 4096] [--repeats 5] [--no-record]`

Ten machines with exponential lives of 500 hours on average, repairs of 20 and a crew of two, for five years. The compiled
histories draw their durations and add up every outcome by month. SimPy is given the same durations, drawn beforehand, in two
forms: `gainsim.operations.events`, which knows the same rules and tells the same history, and a script that knows these ten
machines alone and counts failures. All three must have as many. They take turns; times are of the processor.

What operations cost in an offer is taken from the shipped compressed air: the whole run as it is, and the same run with its
drivers of operations replaced by plain ones. What it takes longer is told by failure, and held against the price of as many
failures of the ten machines, measured in the same turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from benchmarks.record import ROOT, Record, Target, command, compiled, judged
from gainsim.bridge import simulate_model
from gainsim.model import Model, calendar_of
from gainsim.offer.operations import Operations
from gainsim.offer.scenario import CalendarText
from gainsim.operations.account import OF_FLEET, OF_TASK, Entry
from gainsim.operations.durations import Durations, Floats
from gainsim.operations.events import events
from gainsim.operations.history import FAILS, Histories
from gainsim.operations.plant import Plant, plant
from gainsim.problems import Problems
from gainsim.scenario.load import load_file

MACHINES, CREW, SEED = 10, 2, 1
#: how many paths SimPy has, at most
FEW = 16
#: compressed air has a tenth of the ten machines' failures a path, and so ten times the paths
MORE = 10
#: what is added up of the ten machines: all of it, the failures first
EACH = (*(Entry("task", 0, name) for name in OF_TASK), *(Entry("fleet", 0, name) for name in OF_FLEET), Entry("group", 0, ""))
EVERYTHING = tuple((entry,) for entry in EACH)
AIR = ROOT / "scenarios" / "compressed_air.yaml"
#: the same offer without operations: its availability as it may be drawn, the work and the parts at their means
PLAIN = (
    "operations=",
    "drivers.availability={control: supplier, unit: fraction of the time, central: mean, drawn: each period, "
    "beta: {alpha: 20, beta: 0.1}}",
    "drivers.fitter_hours={control: nobody, unit: hours/month, constant: 13.4}",
    "drivers.parts_used={control: nobody, unit: 1/month, constant: 0.52}",
    "drivers.kits_kept={control: nobody, unit: 1, constant: 1}",
    "drivers.air_ends_kept={control: nobody, unit: 1, constant: 1}",
)
TARGETS: dict[str, Target] = {
    "ratio_to_simpy": (">=", 100.0),
    "ns_per_failure": ("<=", 120.0),
    "compressed_air_ns_per_failure": ("<=", 1.3 * 120.0),
}


def the_plant() -> Plant:
    """Ten machines, a crew of two, five years by month."""
    breaks = {"life": {"exponential": {"mean": 500}}, "repair": {"exponential": {"mean": 20}}, "crew": "fitters"}
    machines = {"assets": MACHINES, "failures": {"breaks": breaks}}
    written = {"fleets": {"machines": machines}, "crews": {"fitters": {"number": CREW}}}
    calendar = calendar_of(CalendarText.model_validate({"start": "2027-01", "years": 5, "step": "month", "year": "contract"}))
    made = plant("hall", Operations.model_validate(written), calendar, Problems())
    assert made is not None
    return made


class Known(Durations):
    """Durations that are drawn once for each path, and then given."""

    def __init__(self, plant: Plant, seed: int) -> None:
        super().__init__(plant, seed)
        self.drawn: dict[tuple[int, int], dict[str, Floats]] = {}

    def lengthen(self, mode: int, by: float = 1.0) -> None:
        super().lengthen(mode, by)
        self.drawn.clear()

    def lives(self, slot: int, path: int) -> dict[str, Floats]:
        if (slot, path) not in self.drawn:
            self.drawn[slot, path] = super().lives(slot, path)
        return self.drawn[slot, path]


def by_script(known: Known, path: int) -> int:
    """The number of failures by a script that knows these machines alone."""
    env = simpy.Environment()
    crew = simpy.Resource(env, CREW)
    failures = 0

    def machine(lives: dict[str, Floats]) -> Generator[simpy.Event, Any, None]:
        nonlocal failures
        for life, repair in zip(lives["life"].tolist(), lives["repair"].tolist(), strict=True):
            yield env.timeout(life)
            failures += 1
            with crew.request() as member:
                yield member
                yield env.timeout(repair)

    for slot in range(MACHINES):
        env.process(machine(known.lives(slot, path)))
    env.run(float(known.plant.rules.hours[-1]))
    return failures


def by_the_rules(known: Known, path: int) -> int:
    """The number of failures by the model that knows every rule."""
    return [event.what for event in events(known, path)].count(FAILS)


def failures_of(model: Model, paths: int) -> int:
    """How many failures an offer with one plant has on so many paths, counted a block of them at a time."""
    (made,) = {each.plant.name: each.plant for each in model.outcomes.values()}.values()
    histories, many = Histories(made, SEED), np.arange(paths, dtype=np.uint64)
    return int(histories.sums(many, [tuple(Entry("task", n, "failures") for n in range(len(made.rules.modes)))]).sum())


def measure(paths: int, repeats: int) -> Record:
    """Failures a second of each, nanoseconds a failure of the compiled histories, how much slower SimPy is, and an offer."""
    made, air, plain = the_plant(), load_file(AIR).model, load_file(AIR, PLAIN).model
    histories, known = Histories(made, SEED), Known(made, SEED)
    many, few = np.arange(paths, dtype=np.uint64), range(min(paths, FEW))

    def by_the_engine() -> int:
        return int(histories.sums(many, EVERYTHING)[0].sum())

    def offer(model: Model, failures: int) -> Callable[[], int]:
        def run() -> int:
            simulate_model(model, MORE * paths, SEED, threads=1)
            return failures

        return run

    turns: dict[str, Callable[[], int]] = {
        "compiled": by_the_engine,
        "simpy": lambda: sum(by_the_rules(known, path) for path in few),
        "simpy_script": lambda: sum(by_script(known, path) for path in few),
        "operations": offer(air, failures_of(air, MORE * paths)),
        "plain": offer(plain, 0),
    }
    times: dict[str, list[float]] = {name: [] for name in turns}
    with compiled(air), compiled(plain):
        failures = {name: turn() for name, turn in turns.items()}  # warms up: compiles, and draws what SimPy is given
        ours = int(histories.sums(many[: len(few)], EVERYTHING)[0].sum())
        assert ours == failures["simpy"] == failures["simpy_script"], "they have different failures"
        for _ in range(repeats):
            for name, turn in turns.items():
                start = time.process_time()
                turn()
                times[name].append(time.process_time() - start)
    per_failure = {name: statistics.median(times[name]) / failures[name] for name in ("compiled", "simpy", "simpy_script")}
    longer = statistics.median(a - b for a, b in zip(times["operations"], times["plain"], strict=True))
    return {
        "paths": paths,
        "repeats": repeats,
        "failures_per_path": failures["compiled"] / paths,
        "failures_per_second": {name: round(1.0 / each) for name, each in per_failure.items()},
        "ns_per_failure": round(1e9 * per_failure["compiled"], 1),
        "ratio_to_simpy": round(per_failure["simpy"] / per_failure["compiled"], 1),
        "ratio_to_simpy_script": round(per_failure["simpy_script"] / per_failure["compiled"], 1),
        "compressed_air_failures_per_path": round(failures["operations"] / (MORE * paths), 2),
        "compressed_air_seconds": {name: round(statistics.median(times[name]), 4) for name in ("operations", "plain")},
        "compressed_air_ns_per_failure": round(1e9 * longer / failures["operations"], 1),
        "compressed_air_ratio": round(longer / (failures["operations"] * per_failure["compiled"]), 2),
    }


def text_of(record: Record) -> str:
    """The figures for a reader."""
    lines = [f"{record['failures_per_path']:.0f} failures a path, {record['paths']:,} paths, median of {record['repeats']}"]
    lines += [f"{name:16} {figure:12,} failures a second" for name, figure in record["failures_per_second"].items()]
    with_and_without = record["compressed_air_seconds"]
    lines.append(
        f"compressed air   {record['compressed_air_failures_per_path']:12.0f} failures a path, {MORE * record['paths']:,} paths: "
        f"{with_and_without['operations']:.2f} s, with plain drivers {with_and_without['plain']:.2f} s"
    )
    figures = ("ns_per_failure", "ratio_to_simpy", "ratio_to_simpy_script", "compressed_air_ns_per_failure", "compressed_air_ratio")
    lines += [f"{name:30} {record[name]:6.4g}{judged(record[name], TARGETS.get(name))}" for name in figures]
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Measure, print, and add to the history."""
    command("operations", __doc__, measure, text_of, 4_096, words)


if __name__ == "__main__":
    main()
