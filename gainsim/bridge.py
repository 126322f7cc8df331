"""The bridge: world, conduct and deal meet here, path by path, and what is kept comes out.

Paths run in cells of 1,024, each a block of the compiled loop (or of the NumPy runner where there are few). Results do
not depend on the number of threads or on the order in which cells are done.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.errors import DataError, ResourceError
from gainsim.grid import Settlement
from gainsim.ledger import Line
from gainsim.model import Model, WorldModel
from gainsim.ops.arrays import ArrayRun, run_arrays
from gainsim.ops.keep import Kept, RowPlan, accumulate_arrays
from gainsim.streams.source import Philox
from gainsim.sums import CELL
from gainsim.units import money_text

Floats = NDArray[np.float64]
#: up to so many paths the NumPy runner is done before the loop would be compiled
FEW = 1_024

#: told how many paths are done, of how many
Progress = Callable[[int, int], None]
#: does the cells it is given, one after the other, in one thread
Work = Callable[[Iterator[int]], None]


@dataclass(frozen=True)
class Rows:
    """Rows of the ledger: (period, line) and settlement of each, the dates on which the supplier's cash moves."""

    lines: tuple[Line, ...]
    keys: tuple[tuple[int, int], ...]
    settlements: tuple[Settlement, ...]
    dates: tuple[date, ...]
    plan: RowPlan


@dataclass(frozen=True)
class Run:
    """What a simulation kept.

    total, npv, bound: (lines, paths) of every line: amount, discounted amount, settlements in which it is not zero
    cash:              (dates, paths) the supplier's, by the dates of `rows.dates`
    row_mean, row_error, row_bound: (rows,) mean amount, its standard error, and the share of paths where it is not zero
    """

    model: Model
    rows: Rows
    paths: int
    seed: int
    total: Floats
    npv: Floats
    bound: Floats
    cash: Floats
    row_mean: Floats
    row_error: Floats
    row_bound: Floats


def rows_of(model: Model) -> Rows:
    """Date every row: when it is due, paid, and what a unit paid then is worth at the start."""
    calendar = model.calendar
    settled = [{s.at: s for s in line.settlements} for line in model.lines]
    keys = model.program.rows
    settlements = tuple(settled[line][t] for t, line in keys)
    moves = [model.lines[line].suppliers_cash for _, line in keys]
    dates = tuple(sorted({s.paid for s, m in zip(settlements, moves, strict=True) if m}))
    column = {when: n for n, when in enumerate(dates)}
    force = model.scenario.money.discount_rate.log_per_year(calendar.step_months)
    worth = ops.exp(-force * np.array([calendar.years_since_start(s.paid) for s in settlements]))
    paid = np.array([model.lines[line].moves_cash for _, line in keys])
    plan = RowPlan(
        line=np.array([line for _, line in keys], np.int64),
        date=np.array([column[s.paid] if m else -1 for s, m in zip(settlements, moves, strict=True)], np.int64),
        discount=np.asarray(ops.where(paid, worth, 0.0)),
    )
    return Rows(model.lines, keys, settlements, dates, plan)


def statement(model: Model, path: int, seed: int) -> Floats:
    """Every row of one path, (rows,): the same bits as in the crowd."""
    source = Philox(model.plan(path + 1, seed))
    return run_arrays(model.program, source, np.array([path], np.uint64), checked=True)[:, 0]


def realise(
    world: WorldModel,
    source: Philox,
    paths: NDArray[np.uint64],
    periods: range,
    memory: Floats | None = None,
    decisions: Mapping[str, Floats] | None = None,
) -> tuple[dict[str, Floats], Floats]:
    """The facts of these periods, (periods, paths) by name, and the world's memory at their end.

    memory:    from an earlier call, to go on from there; in two pieces or in one, the bits are the same
    decisions: what conduct decided, by name, (all periods, paths); a world that no decision reaches takes none
    """
    run = ArrayRun(world.program, source, paths, decisions, memory)
    run.advance(periods)
    rows = world.program.row_table[periods.start : periods.stop]
    return {name: run.lines[rows[:, number]] for number, name in enumerate(world.names)}, run.memory


def notes(model: Model) -> tuple[str, ...]:
    """What is suspect in an offer, and no mistake: what moves no money, and what is left of what was bought at the end."""
    base, amounts = model.base
    currency = model.scenario.currency
    said = [*notes_of_reading(model)]
    for name, left in model.unwritten.items():
        paid = [x for x, (_, line) in zip(amounts, base.program.rows, strict=True) if base.lines[line].name == name]
        said.append(f"{money_text(-left * paid[0], currency)} of '{name}' is not written down at the contract's end.")
    with_terms = {line.payer for line in model.lines}
    said += [
        f"the correlations cannot hold together as written: that of {a} and {b} is {repaired:+.6g}, not {written:+.6g}."
        for a, b, written, repaired in model.repaired
    ]
    said += [f"no term is agreed with '{party}'." for party in model.scenario.parties if party not in with_terms]
    return tuple(said)


def notes_of_reading(model: Model) -> tuple[str, ...]:
    """What nothing reads."""
    return tuple(f"nothing reads '{name}': it moves no money." for name in model.unread)


def simulate_model(
    model: Model,
    paths: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run a model over many paths.

    threads: as many as the machine has cores unless said; results do not depend on it
    Raises `DataError` where a line is not a finite number, naming formula, path and period; `ResourceError` where
    memory does not suffice; `KeyboardInterrupt` leaves no thread behind.
    """
    rows = rows_of(model)
    try:
        kept = Kept.empty(len(rows.lines), len(rows.dates), len(rows.keys), paths)
    except MemoryError as error:
        raise ResourceError(
            f"{paths:,} paths need more memory than this machine has. Use fewer with --paths."
        ) from error
    source = Philox(model.plan(paths, seed))
    work = (_few if paths <= FEW else _many)(model, source, rows, kept, paths)
    _in_threads(work, -(-paths // CELL), threads or os.cpu_count() or 1, paths, progress)
    _check_finite(model, kept, paths, source)
    return _finished(model, rows, kept, paths, seed)


def _few(model: Model, source: Philox, rows: Rows, kept: Kept, paths: int) -> Work:
    def work(cells: Iterator[int]) -> None:
        for cell in cells:
            numbers = np.arange(cell * CELL, min((cell + 1) * CELL, paths), dtype=np.uint64)
            padded = np.empty((len(rows.keys), CELL))
            padded[:, : len(numbers)] = run_arrays(model.program, source, numbers)
            padded[:, len(numbers) :] = padded[:, :1]
            accumulate_arrays(padded, rows.plan, kept, cell)

    return work


def _many(model: Model, source: Philox, rows: Rows, kept: Kept, paths: int) -> Work:
    from gainsim.ops.accumulate import Accumulator  # here: only long runs pay for the compiler
    from gainsim.ops.loop import Loop

    loop, accumulator = Loop(model.program), Accumulator()
    keys = source.key_table([*model.program.streams, *model.program.once_streams])

    def work(cells: Iterator[int]) -> None:
        block, space = np.empty((len(rows.keys), CELL)), loop.workspace()
        for cell in cells:
            loop.run(keys, cell * CELL, block, space)
            if (cell + 1) * CELL > paths:
                block[:, paths - cell * CELL :] = block[:, :1]  # like the first, from which differences are taken
            accumulator.add(block, rows.plan, kept, cell)

    return work


def _in_threads(work: Work, cells: int, threads: int, paths: int, progress: Progress | None) -> None:
    """Do all cells, each thread taking the next; an interrupt or an error stops the ones not begun."""
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait  # here: one path alone needs no threads

    waiting = deque(range(cells))

    def following() -> Iterator[int]:
        with suppress(IndexError):
            while True:
                yield waiting.popleft()

    with ThreadPoolExecutor(max_workers=threads) as pool:
        try:
            running = {pool.submit(work, following()) for _ in range(min(threads, cells))}
            while running:
                done, running = wait(running, timeout=0.1, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if progress is not None:
                    progress(min((cells - len(waiting) - len(running)) * CELL, paths), paths)
        except BaseException:
            waiting.clear()
            raise


def _check_finite(model: Model, kept: Kept, paths: int, source: Philox) -> None:
    """Run the first path that is not finite again, every value checked, so that the error can name its formula."""
    bad = ~np.isfinite(kept.total[:, :paths]).all(axis=0) | ~np.isfinite(kept.npv[:, :paths]).all(axis=0)
    if bad.any():
        path = int(np.argmax(bad))
        run_arrays(model.program, source, np.array([path], np.uint64), checked=True)
        raise DataError(f"path {path} adds up to more than a number can hold")


def _finished(model: Model, rows: Rows, kept: Kept, paths: int, seed: int) -> Run:
    sizes = np.full((len(kept.sums), 1), float(CELL))
    sizes[-1] = paths - (len(sizes) - 1) * CELL
    counts = kept.counts.copy()
    counts[-1] -= (CELL - sizes[-1]) * (kept.firsts[-1] != 0.0)  # the last cell is filled up with its first path
    with np.errstate(all="ignore"):
        of_cell = kept.firsts + kept.sums / sizes
        mean = kept.firsts[0] + _added(sizes * (of_cell - kept.firsts[0])) / paths
        apart = of_cell - mean
        spread = np.maximum(_added(kept.squares - kept.sums * (kept.sums / sizes)) + _added(sizes * apart * apart), 0.0)
    error = np.sqrt(spread / max(paths - 1, 1) / paths) if paths > 1 else np.full_like(mean, np.inf)
    return Run(
        model, rows, paths, seed,
        kept.total[:, :paths], kept.npv[:, :paths], kept.bound[:, :paths], kept.cash[:, :paths],
        mean, error, _added(counts) / paths,
    )  # fmt: skip


def _added(by_cell: Floats) -> Floats:
    """The sum over cells, in their order."""
    total: Floats = np.add.accumulate(by_cell, axis=0)[-1]
    return total
