"""One future of an offer: what its facts are in each period, what the engine pays, and every step of its contract on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import delivery_of
from gainsim.conduct.lifecycle import decided_in
from gainsim.ledger import Line
from gainsim.model import Model, build
from gainsim.ops.arrays import ArrayRun, run_arrays
from gainsim.report.workbook.numbers import TermNumber, named_numbers
from gainsim.scenario.load import Loaded
from gainsim.streams.sampling import source_of

Floats = NDArray[np.float64]
#: the lines of a schedule
SHOWN = ("gain", "payment", "party", "figure")


@dataclass(frozen=True)
class Live:
    """The contract of an offer alone, its facts given from outside, its numbers settings of the program.

    numbers: those that something in the contract reads as it runs, by the key of their setting
    fixed:   those that are settled before it runs, as the weights of an index
    """

    loaded: Loaded
    model: Model
    numbers: Mapping[str, TermNumber]
    fixed: tuple[TermNumber, ...]

    @classmethod
    def of(cls, loaded: Loaded) -> Live:
        """The contract of an offer that is in order."""
        scenario, numbers = named_numbers(loaded.scenario)
        given = (*scenario.drivers, *scenario.value, *map(decided_in, scenario.lifecycle))
        model = build(scenario, "measured", given, plans=loaded.model.plans)
        shown = [n for n, line in enumerate(model.lines) if line.role in SHOWN]
        read = {node.args[0] for node in model.program.live(shown) if node.op == "param"}
        slots = model.program.settings
        live = {key: number for key, number in numbers.items() if slots.get(key) in read}
        fixed = tuple(number for key, number in numbers.items() if key not in live and number.text.strip() != "0")
        return cls(loaded, model, live, fixed)

    def base_case(self) -> Case:
        """Every driver at its central value."""
        model = build(self.loaded.scenario, "central", plans=self.loaded.model.plans)
        return self._case("Base case", model, None)

    def path(self, number: int, seed: int) -> Case:
        """One future of the draws of a seed."""
        model = build(self.loaded.scenario, plans=self.loaded.model.plans)
        return self._case(f"Path {number}", model, (number, seed))

    def _case(self, title: str, model: Model, drawn: tuple[int, int] | None) -> Case:
        """Run the whole offer with its facts told, and then the contract alone on them."""
        told = model.program.section("facts told")
        ends = {decided_in(name): become(told) for name, become in model.facts.decided.items()}
        given = {name: ends[name] if name in ends else model.facts[name].value for name in self.model.given}
        lines = {name: model.program.line(name, told, value) for name, value in given.items()}
        if drawn is None:
            amounts = run_arrays(model.program, None, np.array([0], np.uint64), checked=True)[:, 0]
        else:
            path, seed = np.array([drawn[0]], np.uint64), drawn[1]
            sampling = self.loaded.scenario.run.sampling
            source = source_of(sampling, model.plan(self.loaded.scenario.run.paths, seed))
            inputs = delivery_of(model, source, seed).on(path)
            amounts = run_arrays(model.program, source.drawn(path), path, inputs, checked=True)[:, 0]
        found = {(t, n): float(x) for (t, n), x in zip(model.program.rows, amounts, strict=True)}
        periods = range(model.calendar.periods)
        facts = {name: np.array([found[t, number] for t in periods]) for name, number in lines.items()}
        engine = {(line.name, t): found[t, n] for n, line in enumerate(model.lines) for t in periods if (t, n) in found}
        return Case(title, self, facts, engine, model.lines)


@dataclass(frozen=True)
class Case:
    """One future.

    facts:  (periods,) of each fact that the contract reads, in the units of the file
    engine: what the engine enters in each line, by its name and period
    lines:  of the whole offer
    """

    title: str
    live: Live
    facts: Mapping[str, Floats]
    engine: Mapping[tuple[str, int], float]
    lines: tuple[Line, ...]

    @cached_property
    def values(self) -> list[dict[int, float]]:
        """By period, what each step of the contract comes to on these facts, by the step's number."""
        run = ArrayRun(
            self.live.model.program, None, np.array([0], np.uint64), {n: x[:, None] for n, x in self.facts.items()}
        )
        found = []
        for t in range(self.live.model.calendar.periods):
            run.advance(range(t, t + 1), checked=True)
            found.append({number: float(np.asarray(value).reshape(-1)[0]) for number, value in run.values.items()})
        return found
