"""What each kind of driver costs: nanoseconds for a value, in the compiled loop, on one thread.

`python -m benchmarks.drivers [--json] [--paths 200000] [--repeats 5] [--no-record]`

Every driver stands alone in a world of 60 months, all its periods kept. A plain normal draw is the measure of all: what
it takes is the address, the inverse normal and one multiplication. All kinds take turns; the figure is the median.
NumPy's own generator draws the same distribution beside it where it has one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

from benchmarks.record import Record, command
from gainsim.facts import Facts
from gainsim.grid import Calendar
from gainsim.offer.drivers import Driver
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.problems import Problems
from gainsim.streams.source import Philox, Plan, StreamPlan
from gainsim.sums import CELL
from gainsim.world import World

MONTHS = 60
_WALK = {"start": 100, "drift": "2% pa", "volatility": "20% pa"}
_PERIOD = {"drawn": "each period"}

KINDS: dict[str, dict[str, Any]] = {
    "normal": {"normal": {"mean": 10, "sd": 2}, **_PERIOD},
    "lognormal": {"lognormal": {"mean": 10, "sd": 2}, **_PERIOD},
    "beta": {"beta": {"alpha": 2, "beta": 5}, **_PERIOD},
    "gamma": {"gamma": {"shape": 2.5, "scale": 4}, **_PERIOD},
    "weibull": {"weibull": {"shape": 1.7, "scale": 12}, **_PERIOD},
    "student_t": {"student_t": {"degrees": 5, "location": 0, "scale": 1}, **_PERIOD},
    "skew_normal": {"skew_normal": {"skew": 4, "location": 0, "scale": 1}, **_PERIOD},
    "pareto": {"pareto": {"tail": 3, "minimum": 10}, **_PERIOD},
    "poisson": {"poisson": {"mean": 4}, **_PERIOD},
    "compound, 0.5 events": {
        "compound": {"number": {"poisson": {"mean": 0.5}}, "size": {"gamma": {"mean": 6, "sd": 4}}}, **_PERIOD,
    },
    "geometric_walk": {"geometric_walk": _WALK},
    "geometric_walk with jumps": {
        "geometric_walk": {**_WALK, "jumps": {"a_year": 2, "log_mean": -0.1, "log_sd": 0.2, "drift": "includes them"}}
    },
    "geometric_walk, uncertain": {"geometric_walk": {**_WALK, "drift": {"normal": {"mean": 0.02, "sd": 0.01}}}},
    "mean_reverting": {
        "mean_reverting": {"of": "price", "start": 90, "mean": 88, "half_life": "9 months", "volatility": "30% pa"}
    },
    "autoregression": {
        "autoregression": {"of": "log", "step": "month", "start": 90, "mean": 100, "ar": [0.7, 0.1], "ma": [0.2], "sd": "5%"}
    },
    "garch": {
        "garch": {"step": "month", "start": 100, "drift": "2% pa", "volatility": "20% pa", "reaction": 0.1, "persistence": 0.8}
    },
    "regime_switching": {
        "regime_switching": {
            "step": "month", "start": 100, "starts_in": "calm",
            "regimes": {
                "calm": {"drift": "2% pa", "volatility": "10% pa", "leaves": {"crisis": "3%"}},
                "crisis": {"drift": "-10% pa", "volatility": "50% pa", "leaves": {"calm": "25%"}},
            },
        }
    },
    "bootstrap": {
        "bootstrap": {
            "of": "log changes", "step": "month", "start": 100, "block": 6, "trend": "kept",
            "history": [100 + 3 * (n % 7) + n / 5 for n in range(60)],
        }
    },
    "adoption": {
        "adoption": {"of": "bass", "potential": 100, "innovation": 0.03, "imitation": 0.5,
                     "pace": {"lognormal": {"mean": 1, "sd": 0.2}}}
    },
    "event": {
        "event": {"chance": "20%", "months": {"uniform": {"low": 0, "high": 60}}, "size": {"normal": {"mean": 1, "sd": 0.1}},
                  "lasts": "9 months"}
    },
}  # fmt: skip
#: the same by NumPy's generator, values of one period at a time
_NUMPY: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "normal": lambda rng, n: rng.normal(10, 2, n),
    "lognormal": lambda rng, n: rng.lognormal(2.28, 0.198, n),
    "beta": lambda rng, n: rng.beta(2, 5, n),
    "gamma": lambda rng, n: rng.gamma(2.5, 4, n),
    "weibull": lambda rng, n: 12 * rng.weibull(1.7, n),
    "student_t": lambda rng, n: rng.standard_t(5, n),
    "pareto": lambda rng, n: 10 * (1 + rng.pareto(3, n)),
    "poisson": lambda rng, n: rng.poisson(4, n),
}


def contender(written: dict[str, Any]) -> Callable[[int], None]:
    """A driver alone, compiled: given a number of cells it draws them all."""
    calendar = Calendar(date(2027, 1, 1), MONTHS, "month", "contract")
    program, problems = Program(MONTHS), Problems()
    driver = Driver.model_validate({"unit": "index", "control": "nobody", "central": "mean", **written})
    world = World(program, calendar, "drawn", {"x": driver}, [], problems)
    facts = Facts(program, calendar, "EUR")
    world.realise(facts)
    program.line("x", program.section("kept"), facts["x"].value)
    loop = Loop(program)
    streams = [*program.streams, *program.once_streams]
    keys = Philox(Plan(tuple(StreamPlan(stream, MONTHS) for stream in streams), 1, 1)).key_table(streams)
    block, space = np.empty((len(program.rows), CELL)), loop.workspace()

    def draw(cells: int) -> None:
        for cell in range(cells):
            loop.run(keys, cell * CELL, block, space)

    return draw


def _numpy(kind: str) -> Callable[[int], None]:
    rng, draw = np.random.default_rng(1), _NUMPY[kind]

    def run(cells: int) -> None:
        for _ in range(cells):
            for _ in range(MONTHS):
                draw(rng, CELL)

    return run


def measure(paths: int, repeats: int) -> Record:
    """Median nanoseconds for a value of each kind, and NumPy's where it has one."""
    cells = max(1, paths // CELL)
    turns = {name: contender(written) for name, written in KINDS.items()}
    turns |= {f"{name} by NumPy": _numpy(name) for name in _NUMPY}
    times: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(repeats + 1):
        for name, draw in turns.items():
            start = time.perf_counter()
            draw(cells)
            if number:  # the first turn warms up
                times[name].append(1e9 * (time.perf_counter() - start) / (cells * CELL * MONTHS))
    found = {name: round(statistics.median(each), 2) for name, each in times.items()}
    return {
        "paths": cells * CELL,
        "repeats": repeats,
        "nanoseconds": {name: found[name] for name in KINDS},
        "numpy": {name: found[f"{name} by NumPy"] for name in _NUMPY},
    }


def text_of(record: Record) -> str:
    """The figures as a table."""
    lines = [f"{'kind':28} {'ns':>6}  {'NumPy':>6}"]
    for name, value in record["nanoseconds"].items():
        beside = record["numpy"].get(name)
        lines.append(f"{name:28} {value:6.1f}" + (f"  {beside:6.1f}" if beside else ""))
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Measure, print, and add to the history."""
    command("drivers", __doc__, measure, text_of, 200_000, words)


if __name__ == "__main__":
    main()
