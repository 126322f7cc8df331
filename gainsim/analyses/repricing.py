"""An offer run again and again with numbers of its file moved, on the same futures: only what a move reaches is computed.

The first run is a full one. Where a number moves, the values that are read where its reach begins are stored, once, for
every path; from then on a run reads them, draws nothing, and enters the lines that the move reaches. All others stand.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gainsim import cells
from gainsim.analyses.stored import Room, StoredValues
from gainsim.bridge import Rows, Run, check_finite, delivery_of, over_paths, rows_of
from gainsim.cells import Fill, in_threads, keeping
from gainsim.model import Model
from gainsim.ops.arrays import run_arrays
from gainsim.ops.cut import Cut, Known, Made, cut
from gainsim.ops.keep import Kept, RowPlan
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


class Repricing:
    """Runs of one offer in versions of its own, all on the futures of one seed.

    What moves in any of them stays open for all that follow: a number that moves a second time finds its loop compiled and
    its values stored. Who will move several does well to move all of them first.

    first:   the offer as it is
    threads: as many as the machine has cores unless said; results do not depend on it
    at_most: bytes that stored values may take
    """

    def __init__(self, first: Loaded, paths: int, seed: int, threads: int | None = None, at_most: int = AT_MOST) -> None:
        self.first, self.paths, self.seed, self.threads, self.at_most = first, paths, seed, threads, at_most
        self._as_is: _AsIs | None = None

    def run(self, loaded: Loaded) -> Run:
        """What `loaded.simulate` gives on these futures, to the last bit.

        Raises what `loaded.simulate` raises.
        """
        if self._as_is is None:
            run = self._in_full(self.first)
            self._as_is = _AsIs(run, self.at_most)
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
        return loaded.simulate(self.paths, self.seed, self.threads, sampling=loaded.scenario.run.sampling)


@dataclass(frozen=True)
class _Ready:
    """A cut that has been run before.

    places: of each of its values, the rows in which they are stored, (periods,)
    loop:   compiled; None where there are few paths
    """

    places: dict[str, NDArray[np.int64]]
    loop: Loop | None


class _AsIs:
    """A full run, and what is known of it."""

    def __init__(self, run: Run, at_most: int) -> None:
        self.rows, self.by_row, self.without = run.rows, (run.row_mean, run.row_error, run.row_bound), run
        self.model, self.threads = run.model, run.threads or os.cpu_count() or 1
        self.room, self.known = Room(run), Known(run.model.program)
        self.stored = StoredValues(run.model, run.paths, run.seed, run.sampling, self.threads, at_most)
        nothing = np.empty((0, 0))
        self.without = replace(run, total=nothing, npv=nothing, bound=nothing, cash=nothing)
        self.lost: frozenset[int] = frozenset()
        self.lines: frozenset[int] = frozenset()
        self.ready: dict[Made, _Ready] = {}

    def moved_to(self, model: Model) -> Run | None:
        """The run of a version of the offer; None where it draws other futures, has other rows, or needs too much memory."""
        if not self._is_version(model):
            return None
        rows, program = rows_of(model), model.program
        if rows.dates != self.rows.dates:
            return None
        known = self.known.within(program)
        self.lost |= self.known.lost(known)
        known = {number: first for number, first in known.items() if first not in self.lost}
        self.lines |= _dated_anew(rows, self.rows)
        self.lines |= {line for s in program.sections for line, value in s.lines if value.number not in known}
        entered = np.isin(rows.plan.line, list(self.lines))
        plan = self._entered(rows, entered)
        part = cut(program, known, _wanted(rows, plan, program.periods))
        ready = self._ready(part)
        if ready is None:
            return None
        number = {key: row for row, key in enumerate(rows.keys)}
        own = np.array([number[t, part.lines[line]] for t, line in part.program.rows], np.int64)
        return self._run(model, rows, self._filled(part.program, ready), _of(plan, own), own)

    def _is_version(self, model: Model) -> bool:
        alike = model.calendar == self.model.calendar and self.known.frames(model.program)
        return alike and _operations(model) == _operations(self.model)

    def _entered(self, rows: Rows, entered: Bools) -> RowPlan:
        """Where rows go: those that are entered, and for their cash alone those paid on dates on which one of these is, or was."""
        plan, before = rows.plan, self.rows.plan
        dates = np.union1d(plan.date[entered], before.date[entered])
        return RowPlan(
            line=np.where(entered, plan.line, -1),
            date=np.where(np.isin(plan.date, dates), plan.date, -1),
            discount=plan.discount,
        )

    def _ready(self, part: Cut) -> _Ready | None:
        """A cut with its values stored and its loop compiled; None where they would take too much memory."""
        form = part.form
        if form not in self.ready:
            wanted = {number: due & self.known.due(number) for number, due in part.wanted.items()}
            if not self.stored.holds(wanted):
                if not self.stored.fit(wanted, self.lost):
                    return None
                self.stored.store(wanted, self.lost)
                self.ready.clear()
            program = part.program
            program.places = {name: self.stored.places(int(name), program.periods) for name in program.inputs}
            self.ready[form] = _Ready(program.places, None if self.without.paths <= cells.FEW else _compiled(program))
        return self.ready[form]

    def _filled(self, program: Program, ready: _Ready) -> Callable[[], Fill]:
        """How a thread fills the rows of a cut."""
        stored, loop = self.stored.cells, ready.loop
        if loop is None:

            def few(cell: int, block: Floats) -> None:
                values = {name: stored[cell, rows] for name, rows in ready.places.items()}
                block[:] = run_arrays(program, None, np.arange(CELL, dtype=np.uint64), values)

            return lambda: few
        loop.set_all(program.params)

        def thread() -> Fill:
            space = loop.workspace()
            return lambda cell, block: loop.run(_NO_KEYS, 0, block, space, stored[cell])

        return thread

    def _run(self, model: Model, rows: Rows, filled: Callable[[], Fill], plan: RowPlan, own: NDArray[np.int64]) -> Run:
        """Enter the rows of a cut; own: which rows they are of all."""
        run = self.without
        arrays = self.room.take()
        count, paths = arrays[0].shape[1] // CELL, run.paths
        kept = Kept(*arrays, *(np.zeros((count, len(own))) for _ in range(4)))
        keep = keeping(plan, kept, paths)

        def work(those: Iterator[int]) -> None:
            block, fill = np.empty((len(own), CELL)), filled()
            for cell in those:
                fill(cell, block)
                keep(block, cell)

        def again(path: NDArray[np.uint64]) -> None:
            source = source_of(run.sampling, model.plan(paths, run.seed))
            run_arrays(model.program, source.drawn(path), path, delivery_of(model, source, run.seed).on(path), checked=True)

        if len(own):
            in_threads(work, count, self.threads, paths)
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


def _operations(model: Model) -> tuple[object, ...]:
    """What decides what operations come to: they themselves, and the drivers that fleets read."""
    written = model.scenario
    reads = any(operations.reads for operations in written.operations.values())
    read = (written.drivers, written.dependence, written.repair_correlations) if reads else ()
    return (written.operations, {name: written.drivers[name] for name in model.outcomes}, *read) if model.outcomes else ()


def _compiled(program: Program) -> Loop:
    from gainsim.ops.loop import Loop  # here: only long runs pay for the compiler

    return Loop(program)


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


_NO_KEYS = np.zeros((0, 2), np.uint64)
