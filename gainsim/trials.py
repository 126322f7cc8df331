"""Trials of effort: an offer whose efforts are held, and whose drivers are raised, on the same futures again and again.

What a party comes to is added up inside the program, line by line as the ledger enters them: a trial keeps one number for each
future, and a row of nothing else but what efforts look at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import delivery_of
from gainsim.conduct.effort import POINTS, Plans, Trial, answers_of
from gainsim.ledger import Line
from gainsim.model import build
from gainsim.offer.scenario import Scenario
from gainsim.ops import Value
from gainsim.ops.program import Program, State
from gainsim.periods import in_periods
from gainsim.streams.source import Philox
from gainsim.sums import CELL, strict_sum

Floats = NDArray[np.float64]
#: the futures of trials: of a seed and a replicate that no run has
SEED, REPLICATE = 0, 2**31 - 1
PARTIES = ("supplier", "customer")


class Trials:
    """An offer whose efforts can be tried.

    cells: how many times 1,024 futures
    seen:  what was watched in the last trial, (paths,)
    """

    def __init__(self, scenario: Scenario, plans: Plans, cells: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        from gainsim.ops.loop import Loop  # both here: only who has efforts to find pays for the compiler

        self.trial = Trial()
        self.model = build(scenario, plans=plans, trial=self.trial)
        self.program, self.calendar, self.cells = self.model.program, self.model.calendar, cells
        answers = answers_of(scenario.drivers)
        self.later = {driver: in_periods(response.after, "after", self.calendar) for driver, response in answers.items()}
        self.result_of = _results(self.program, self.model.lines)
        self.number = {line.name: n for n, line in enumerate(self.model.lines)}
        self.rows_of = self.program.row_table
        self.loop = Loop(self.program)
        source = Philox(self.model.plan(cells * CELL, SEED, REPLICATE))
        self.keys = source.key_table([*self.program.streams, *self.program.once_streams])
        self.inputs = [np.zeros((len(self.program.inputs), self.calendar.periods, CELL)) for _ in range(cells)]
        delivery = delivery_of(self.model, source, SEED, REPLICATE)
        for cell, given in enumerate(self.inputs):
            for name, values in delivery.on(np.arange(cell * CELL, (cell + 1) * CELL, dtype=np.uint64)).items():
                given[self.program.inputs.index(name)] = values
        self.rows = np.empty((cells, len(self.program.rows), CELL))
        self.spaces = [self.loop.workspace() for _ in range(cells)]
        self.pool = ThreadPoolExecutor(min(cells, os.cpu_count() or 1))
        self.seen = np.empty(0)

    def is_watched(self, line: str, t: int) -> bool:
        """Whether what a line says can be watched in a period."""
        return bool(self.rows_of[t, self.number[line]] >= 0)

    def set(self, settings: Mapping[str, Floats]) -> None:
        """Give settings other values, (periods,), by name."""
        for name, values in settings.items():
            self.loop.set(name, values)

    def result(self, party: str, watched: str | None = None, t: int = 0) -> Floats:
        """What a party comes to on each future, (paths,): the supplier's margin, the customer's net benefit.

        watched: a line of which `seen` then has what it was in period t
        """

        def run(cell: int) -> None:
            self.loop.run(self.keys, cell * CELL, self.rows[cell], self.spaces[cell], self.inputs[cell])

        list(self.pool.map(run, range(self.cells)))
        if watched is not None:
            self.seen = self.rows[:, self.rows_of[t, self.number[watched]]].reshape(-1)
        return self.rows[:, self.rows_of[-1, self.result_of[party]]].reshape(-1)

    def lines(self, name: str, drivers: Sequence[str], t: int, party: str) -> dict[str, WorthLine]:
        """What each of the drivers of an effort is worth where the effort of period t is decided."""
        periods = self.calendar.periods
        self.set({self.trial.held[name]: (np.arange(periods) == t).astype(float)})
        as_is = self.result(party, f"{name}.reached", t)
        reached = self.seen
        found = {driver: line_through(reached, self._brings(driver, t, party, as_is)) for driver in drivers}
        self.set({self.trial.held[name]: np.zeros(periods)})
        return found

    def alone(self, name: str, driver: str, moments: Iterable[int], party: str) -> list[Floats]:
        """What one unit more of a driver brings on each future, (paths,), were the effort at its least all along.

        A central difference, over a tenth of what the effort can do to each side.
        """
        periods = self.calendar.periods
        self.set({self.trial.held[name]: np.ones(periods)})
        as_is = self.result(party)
        both = ([self._brings(driver, t, party, as_is, part) for part in (0.1, -0.1)] for t in moments)
        found = [(more + less) / 2.0 for more, less in both]
        self.set({self.trial.held[name]: np.zeros(periods)})
        return found

    def _brings(self, driver: str, t: int, party: str, as_is: Floats, part: float = 1.0) -> Floats:
        """What one unit more of a driver brings, of a part of what the effort of period t could add to it, when it does."""
        answered = t + self.later[driver]
        step = part * float(self.trial.range[driver][t]) if answered < self.calendar.periods else 0.0
        if step == 0.0:
            return np.zeros(len(as_is))
        setting, raised = self.trial.added[driver], np.zeros(self.calendar.periods)
        raised[answered] = step
        self.set({setting: raised})
        brings = (self.result(party) - as_is) / step
        self.set({setting: np.zeros(self.calendar.periods)})
        return brings


def _results(program: Program, lines: Sequence[Line]) -> dict[str, int]:
    """Add up what each party comes to inside the program, as its last lines; of the others only what efforts look at is kept.

    returns: the number of each party's line
    """
    totals: dict[str, list[State]] = {party: [] for party in PARTIES}
    for section in program.sections:
        for party in PARTIES:
            signed = [(_sign(party, lines[n]), node) for n, node in section.lines if _sign(party, lines[n]) != 0.0]
            if signed:
                state = program.state(0.0, f"{section.name}: {party}")
                value: Value = state.read(section)
                for sign, node in signed:
                    value = value + sign * node
                state.write(section, value)
                totals[party].append(state)
        section.lines = [(n, node) for n, node in section.lines if lines[n].role == "figure" and lines[n].step == "reached"]
    at_end = program.section("results", due=[program.periods - 1])
    found = {}
    for party, states in totals.items():
        total: Value = 0.0
        for state in states:
            total = total + state.read(at_end)
        found[party] = program.line(party, at_end, total)
    return found


def _sign(party: str, line: Line) -> float:
    """What a line adds to what a party comes to."""
    if party == "supplier":
        return 1.0 if line.in_margin else 0.0
    return {"customer": 1.0, "payment": -1.0}.get(line.role, 0.0)


#: of a worth in one period: at the first point; start, width and slope of each stretch
WorthLine = tuple[float, Floats, Floats, Floats]


def line_through(looked_at: Floats, brings: Floats) -> WorthLine:
    """The mean of what is brought, by what is looked at: a line through the means of `POINTS` groups, about equally large.

    Groups that look at one and the same are one point. Where there are few futures, or all look at the same, it is one number.
    """
    level = np.zeros(POINTS - 1)
    if len(looked_at) < 2 * POINTS or looked_at.max() - looked_at.min() <= _NO_SPREAD * np.abs(looked_at).max():
        return float(strict_sum(brings)) / max(len(brings), 1), level, level, level
    groups = np.array_split(np.argsort(looked_at, kind="stable"), POINTS)
    means = (np.array([float(strict_sum(each[group])) / len(group) for group in groups]) for each in (looked_at, brings))
    (x, y), sizes = means, np.array([float(len(group)) for group in groups])
    points, whose = np.unique(x, return_inverse=True)
    at = np.bincount(whose, sizes * y) / np.bincount(whose, sizes)
    starts, widths, slopes = level.copy(), level.copy(), level.copy()
    count = len(points) - 1
    starts[:count], widths[:count], slopes[:count] = points[:-1], np.diff(points), np.diff(at) / np.diff(points)
    return float(at[0]), starts, widths, slopes


#: relative to their size, up to where figures that differ by rounding alone are the same
_NO_SPREAD = 1e-12
