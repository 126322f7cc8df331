"""An offer run again and again with numbers of its file moved, on the same futures: only what a move reaches is computed.

The first run is a full one. Where a number moves, the values that are read where its reach begins are stored, once, for
every path; from then on a run reads them, draws nothing, and enters the lines that the move reaches. All others stand.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gainsim import cells
from gainsim.analyses.delivered_once import DeliveredEach, what_decides
from gainsim.analyses.stored import Deliver, Room, StoredValues
from gainsim.bridge import Rows, Run, check_finite, delivery_of, over_paths, rows_of, simulate_model
from gainsim.cells import in_threads
from gainsim.model import Model
from gainsim.ops.arrays import run_arrays
from gainsim.ops.cut import Cut, Known, Made, cut
from gainsim.ops.keep import Kept, RowPlan, accumulate_arrays
from gainsim.ops.program import Program
from gainsim.scenario.load import Loaded
from gainsim.streams.sampling import source_of
from gainsim.sums import CELL

if TYPE_CHECKING:
    from gainsim.ops.loop import Loop

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: bytes that stored values may take; a move that would need more is simulated in full
AT_MOST = 2 << 30
#: into how many pieces the cells of a thread are cut: another that is held up leaves the rest to it
PIECES = 4


class Repricing:
    """Runs of one offer in versions of its own, all on the futures of one seed.

    What moves in any of them stays open for all that follow: a number that moves a second time finds its loop compiled and
    its values stored. Who will move several does well to move all of them first.

    first:   the offer as it is
    threads: as many as the machine has cores unless said; results do not depend on it
    at_most: bytes that stored values may take
    """

    def __init__(self, first: Loaded, paths: int, seed: int, threads: int | None = None, at_most: int = AT_MOST) -> None:
        self._delivery = DeliveredEach()
        self.first, self.paths, self.seed, self.threads, self.at_most = first, paths, seed, threads, at_most
        self._as_is: Versions | None = None

    def run(self, loaded: Loaded) -> Run:
        """What `loaded.simulate` gives on these futures, to the last bit.

        Raises what `loaded.simulate` raises.
        """
        if self._as_is is None:
            run = self._in_full(self.first)
            self._as_is = Versions(run, self.at_most, self._delivery)
            if loaded is self.first:
                return run
            del run  # what nobody holds is used again
        with loaded.placed():
            return self._as_is.moved_to(loaded.model) or self._in_full(loaded)

    @property
    def stored_bytes(self) -> int:
        """What the values take that are stored so far."""
        return self._as_is.stored.cells.nbytes if self._as_is is not None else 0

    def _in_full(self, loaded: Loaded) -> Run:
        sampling = loaded.scenario.run.sampling
        with loaded.placed():
            return simulate_model(loaded.model, self.paths, self.seed, self.threads, sampling=sampling, delivery=self._delivery)


@dataclass(frozen=True)
class _Ready:
    """A cut that has been run before.

    places: of each of its values, the rows in which they are stored, (periods,)
    loop:   compiled; None where there are few paths
    """

    places: dict[str, NDArray[np.int64]]
    loop: Loop | None


@dataclass(frozen=True)
class _Reach:
    """What moves of the offer have reached, all of them together.

    values: by their numbers, those that are computed
    lines:  those that are entered
    dates:  the columns of cash that are added up again
    """

    values: frozenset[int] = frozenset()
    lines: frozenset[int] = frozenset()
    dates: frozenset[int] = frozenset()

    def with_lines(self, lines: Iterable[int], *plans: RowPlan) -> _Reach:
        """With more lines, and the dates on which they are, or were, paid."""
        entered = self.lines.union(lines)
        paid = {date for plan in plans for date in plan.date[np.isin(plan.line, list(entered))].tolist() if date >= 0}
        return replace(self, lines=entered, dates=self.dates | paid)


class Versions:
    """A full run, what is known of it, and how far moves have reached in it.

    at_most:  bytes that stored values may take
    delivery: what operations come to, where it is known from elsewhere; as `simulate_model` has it
    """

    def __init__(self, run: Run, at_most: int = AT_MOST, delivery: Deliver = delivery_of) -> None:
        self.rows, self.by_row, self.without = run.rows, (run.row_mean, run.row_error, run.row_bound), run
        self.model, self.threads = run.model, run.threads or os.cpu_count() or 1
        self.room, self.known = Room(run), Known(run.model.program)
        self.stored = StoredValues(run.model, run.paths, run.seed, run.sampling, self.threads, at_most, delivery)
        nothing = np.empty((0, 0))
        self.without = replace(run, total=nothing, npv=nothing, bound=nothing, cash=nothing)
        self.reach = _Reach()
        self.ready: dict[Made, _Ready] = {}

    def moved_to(self, model: Model) -> Run | None:
        """The run of a version of the offer; None where it draws other futures, has other rows, or needs too much memory."""
        if not self._is_version(model):
            return None
        rows, program = rows_of(model), model.program
        if rows.dates != self.rows.dates:
            return None
        known = self.known.within(program)
        reach = replace(self.reach, values=self.reach.values | self.known.lost(known))
        known = {number: first for number, first in known.items() if first not in reach.values}
        reach = reach.with_lines(self.known.lines_moved(program, known) | _dated_anew(rows, self.rows), rows.plan, self.rows.plan)
        plan = _entered(rows.plan, reach)
        part = cut(program, known, _wanted(rows, plan, program.periods))
        ready = self._ready(part, reach.values)
        if ready is None:
            return None
        self.reach = reach
        number = {key: row for row, key in enumerate(rows.keys)}
        own = np.array([number[t, part.lines[line]] for t, line in part.program.rows], np.int64)
        return self._run(model, rows, part, ready, _of(plan, own), own)

    def _is_version(self, model: Model) -> bool:
        drawn = model.scenario.run.sampling == self.model.scenario.run.sampling and model.calendar == self.model.calendar
        return drawn and self.known.frames(model.program) and what_decides(model) == what_decides(self.model)

    def _ready(self, part: Cut, reached: frozenset[int]) -> _Ready | None:
        """A cut with its values stored and its loop compiled; None where they would take too much memory.

        reached: values that nobody will read any more
        """
        form = part.form
        if form not in self.ready:
            wanted = {number: due & self.known.due(number) for number, due in part.wanted.items()}
            if not self.stored.holds(wanted):
                if not self.stored.fit(wanted, reached):
                    return None
                self.stored.store(wanted, reached)
                self.ready.clear()
            program = part.program
            program.places = {name: self.stored.places(int(name), program.periods) for name in program.inputs}
            self.ready[form] = _Ready(program.places, None if self.without.paths <= cells.FEW else _compiled(program))
        return self.ready[form]

    def _enter(self, program: Program, ready: _Ready, plan: RowPlan, kept: Kept) -> None:
        """Run a cut on the values that are stored, and keep its rows."""
        stored = self.stored.cells
        if ready.loop is None:
            for cell, values in enumerate(stored):
                inputs = {name: values[rows] for name, rows in ready.places.items()}
                accumulate_arrays(run_arrays(program, None, np.arange(CELL, dtype=np.uint64), inputs), plan, kept, cell)
            return
        from gainsim.ops.accumulate import Accumulator
        from gainsim.ops.strip import Strips

        ready.loop.set_all(program.params)
        strips, pieces = Strips(ready.loop, Accumulator(plan, kept), stored), min(PIECES * self.threads, len(stored))
        ends = [len(stored) * piece // pieces for piece in range(pieces + 1)]

        def work(those: Iterator[int]) -> None:
            run = strips.thread()
            for piece in those:
                run(ends[piece], ends[piece + 1])

        in_threads(work, pieces, self.threads, self.without.paths)

    def _run(self, model: Model, rows: Rows, part: Cut, ready: _Ready, plan: RowPlan, own: NDArray[np.int64]) -> Run:
        """Enter the rows of a cut; own: which rows they are of all."""
        run = self.without
        arrays = self.room.take()
        count, paths = arrays[0].shape[1] // CELL, run.paths
        kept = Kept(*arrays, *(np.zeros((count, len(own))) for _ in range(4)))

        def again(path: NDArray[np.uint64]) -> None:
            source = source_of(run.sampling, model.plan(paths, run.seed))
            run_arrays(model.program, source.drawn(path), path, delivery_of(model, source, run.seed).on(path), checked=True)

        if len(own):
            self._enter(part.program, ready, plan, kept)
            check_finite(kept, paths, again)
        by_row = [known.copy() for known in self.by_row]
        entered = plan.line >= 0
        for known, moved in zip(by_row, over_paths(kept, paths, together=run.groups is not None), strict=True):
            known[own[entered]] = moved[entered]
        total, npv, bound, cash = (array[:, :paths] for array in arrays)
        mean, error, share = by_row
        return replace(
            run, model=model, rows=rows, total=total, npv=npv, bound=bound, cash=cash,
            row_mean=mean, row_error=error, row_bound=share,
        )  # fmt: skip


def _compiled(program: Program) -> Loop:
    from gainsim.ops.loop import Loop  # here: only long runs pay for the compiler

    return Loop(program)


def _entered(plan: RowPlan, reach: _Reach) -> RowPlan:
    """Where rows go: those of the lines that are reached, and for their cash alone those that are paid on the same dates."""
    line = np.where(np.isin(plan.line, list(reach.lines)), plan.line, -1)
    return RowPlan(line, np.where(np.isin(plan.date, list(reach.dates)), plan.date, -1), plan.discount)


def _dated_anew(rows: Rows, before: Rows) -> set[int]:
    """The lines of which a row is paid on another date, or worth something else."""
    one, other = rows.plan, before.plan
    return set(one.line[(one.date != other.date) | (one.discount != other.discount)].tolist())


def _of(plan: RowPlan, rows: NDArray[np.int64]) -> RowPlan:
    return RowPlan(plan.line[rows], plan.date[rows], plan.discount[rows])


def _wanted(rows: Rows, plan: RowPlan, periods: int) -> dict[int, Bools]:
    """By line, the periods of the rows that count."""
    found: dict[int, Bools] = {}
    for row in np.flatnonzero((plan.line >= 0) | (plan.date >= 0)).tolist():
        t, line = rows.keys[row]
        found.setdefault(line, np.zeros(periods, bool))[t] = True
    return found
