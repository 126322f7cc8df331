"""The bridge: world, conduct and deal meet here, path by path, and what is kept comes out.

Paths run in cells of 1,024, each a block of the compiled loop (or of the NumPy runner where there are few). Results do
not depend on the number of threads or on the order in which cells are done.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.errors import DataError, ResourceError, UsageError
from gainsim.grid import Settlement
from gainsim.ledger import Line
from gainsim.linked import Changed
from gainsim.model import Model, WorldModel, build_read
from gainsim.offer.scenario import Scenario
from gainsim.operations.delivery import Delivery, months_of_a_period
from gainsim.ops.arrays import ArrayRun, Draws, run_arrays
from gainsim.ops.keep import Kept, RowPlan, accumulate_arrays
from gainsim.quantities import money_text
from gainsim.sample import Controls
from gainsim.streams.cells import CellSource
from gainsim.streams.sampling import SOURCES, source_of
from gainsim.streams.source import Philox
from gainsim.sums import CELL

Floats = NDArray[np.float64]
#: up to so many paths the NumPy runner is done before the loop would be compiled
FEW = 1_024

#: told how many paths are done, of how many
Progress = Callable[[int, int], None]
#: does the cells it is given, one after the other, in one thread
Work = Callable[[Iterator[int]], None]
AnySource = Philox | CellSource


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
    row_mean, row_error, row_bound: (rows,) mean amount, its standard error (infinite, as not known, where paths were
                       drawn together), and the share of paths where it is not zero
    sampling:          how the paths were drawn
    groups:            (paths,) which of them were drawn together; None: none
    threads:           how many it was done in; None: as many as the machine has cores
    controls:          the averages of drivers over the contract, where means are to be adjusted by them; None: they are not
    weights:           (paths,) what each path weighs, where not all alike; rows are told as the paths were drawn, without weights
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
    sampling: str = "pseudo_random"
    groups: NDArray[np.int64] | None = None
    controls: Controls | None = None
    threads: int | None = None
    weights: Floats | None = None


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


def statement(model: Model, path: int, seed: int, sampling: str = "pseudo_random", paths: int | None = None) -> Floats:
    """Every row of one path, (rows,): the same bits as in the crowd.

    paths: how many the crowd has; it need not be said where more paths keep the earlier ones
    Raises `UsageError` for a path beyond the crowd where they do not.
    """
    crowd = paths if paths is not None and "more paths" not in SOURCES[sampling].promises else path + 1
    if path >= crowd:
        raise UsageError(
            f"path {path} is none of the {crowd:,} of this run (they count from 0), and sampling {sampling} draws no further "
            "ones without changing these. Ask for one of them."
        )
    source, number = source_of(sampling, model.plan(crowd, seed)), np.array([path], np.uint64)
    inputs = delivery_of(model, source, seed).on(number)
    return run_arrays(model.program, source.drawn(number), number, inputs, checked=True)[:, 0]


def delivery_of(model: Model | WorldModel, source: AnySource, seed: int, replicate: int = 0) -> Delivery:
    """What operations come to on the paths of a run; the drivers that fleets read are drawn for it as the run draws them."""
    names = {name for each in model.outcomes.values() for name in each.plant.written.reads}
    return Delivery(model.outcomes, seed, replicate, read_by_fleets(model.scenario, names, source))


def read_by_fleets(
    scenario: Scenario, names: Collection[str], source: AnySource
) -> Callable[[NDArray[np.uint64]], Mapping[str, Floats]]:
    """What these drivers, which fleets read, say of whole periods on some paths, (periods, paths)."""
    world = build_read(scenario, sorted(names)) if names else None

    def read(paths: NDArray[np.uint64]) -> Mapping[str, Floats]:
        if world is None:
            return {}
        facts, _ = realise(world, source.drawn(paths), paths, range(world.calendar.periods))
        drivers = world.scenario.drivers
        return {name: facts[name] * months_of_a_period(drivers[name].unit, world.calendar) for name in world.names}

    return read


def realise(
    world: WorldModel,
    source: Draws,
    paths: NDArray[np.uint64],
    periods: range,
    memory: Floats | None = None,
    given: Mapping[str, Floats] | None = None,
) -> tuple[dict[str, Floats], Floats]:
    """The facts of these periods, (periods, paths) by name, and the world's memory at their end.

    memory: from an earlier call, to go on from there; in two pieces or in one, the bits are the same
    given:  by name, (all periods, paths), what the world does not make itself: what operations come to, measured facts
    """
    run = ArrayRun(world.program, source, paths, given, memory)
    run.advance(periods)
    rows = world.program.row_table[periods.start : periods.stop]
    return {name: run.lines[rows[:, number]] for number, name in enumerate(world.names)}, run.memory


def _told_apart(changed: Changed) -> tuple[str, str, str, str]:
    """The two names, and both correlations, to four digits where they differ in them.

    >>> _told_apart(Changed("a", "b", 0.9, 0.499999))[2:], _told_apart(Changed("a", "b", 1.0, 0.999999))[2:]
    (('+0.9000', '+0.5000'), ('+1.000000', '+0.999999'))
    """
    a, b, written, repaired = changed
    digits = 4 if f"{written:.4f}" != f"{repaired:.4f}" else 6
    return a, b, f"{written:+.{digits}f}", f"{repaired:+.{digits}f}"


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
        f"the correlations as written cannot hold together: the scores of {a} and {b} have {instead}, not {written}."
        for a, b, written, instead in map(_told_apart, model.repaired)
    ]
    if model.unsettled:
        said.append("the plans of the efforts answer each other without end: they are taken as they were after the last round.")
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
    sampling: str = "pseudo_random",
    replicate: int = 0,
    control_variates: bool = False,
    source: AnySource | None = None,
) -> Run:
    """Run a model over many paths.

    threads:   as many as the machine has cores unless said; results do not depend on it
    sampling:  how the paths are drawn, a name of `SOURCES`
    replicate: another number gives other futures of the same seed, independent of these
    control_variates: whether drivers whose mean is known exactly are kept too, so that means can be adjusted by them
    source:    draws of the model's plan for this seed and replicate, in place of those of `sampling`
    Raises `DataError` where a line is not a finite number, naming formula, path and period; `ResourceError` where
    memory does not suffice; `KeyboardInterrupt` leaves no thread behind.
    """
    written, expected = model.controlled if control_variates else (model, None)
    rows = rows_of(written)
    try:
        kept = Kept.empty(len(rows.lines), len(rows.dates), len(rows.keys), paths)
    except MemoryError as error:
        raise ResourceError(
            f"{paths:,} paths need more memory than this machine has. Use fewer with --paths."
        ) from error
    source = source_of(sampling, written.plan(paths, seed, replicate)) if source is None else source
    operations = partial(delivery_of, model, source, seed, replicate)
    work = (_few if paths <= FEW else _many)(written, source, rows, kept, paths, operations)
    _in_threads(work, -(-paths // CELL), threads or os.cpu_count() or 1, paths, progress)
    _check_finite(written, kept, paths, source, operations())
    run = replace(_finished(written, rows, kept, paths, seed, sampling, source.groups()), threads=threads, weights=source.weights())
    return run if expected is None else _with_controls(run, model, expected)


def _with_controls(run: Run, model: Model, expected: Mapping[str, float]) -> Run:
    """A run whose last lines are control variates, as a run of the model itself with these beside it."""
    lines, own = len(model.lines), run.rows.plan.line < len(model.lines)
    controls = Controls(tuple(expected), run.total[lines:], tuple(expected.values()))
    return replace(
        run, model=model, rows=rows_of(model), total=run.total[:lines], npv=run.npv[:lines], bound=run.bound[:lines],
        row_mean=run.row_mean[own], row_error=run.row_error[own], row_bound=run.row_bound[own], controls=controls,
    )  # fmt: skip


def _few(
    model: Model, source: AnySource, rows: Rows, kept: Kept, paths: int, operations: Callable[[], Delivery]
) -> Work:
    def work(cells: Iterator[int]) -> None:
        delivery = operations()
        for cell in cells:
            numbers = _paths(cell, paths)
            padded = np.empty((len(rows.keys), CELL))
            padded[:, : len(numbers)] = run_arrays(model.program, source.drawn(numbers), numbers, delivery.on(numbers))
            padded[:, len(numbers) :] = padded[:, :1]
            accumulate_arrays(padded, rows.plan, kept, cell)

    return work


def _paths(cell: int, paths: int) -> NDArray[np.uint64]:
    return np.arange(cell * CELL, min((cell + 1) * CELL, paths), dtype=np.uint64)


def _many(
    model: Model, source: AnySource, rows: Rows, kept: Kept, paths: int, operations: Callable[[], Delivery]
) -> Work:
    from gainsim.ops import elementwise
    from gainsim.ops.accumulate import Accumulator  # here: only long runs pay for the compiler
    from gainsim.ops.loop import Loop, Workspace

    if isinstance(source, CellSource):
        source.apply = elementwise.compiled
    loop, accumulator = Loop(model.program, given=isinstance(source, CellSource)), Accumulator()
    streams = [*model.program.streams, *model.program.once_streams]

    def run(cell: int, block: Floats, space: Workspace, inputs: Floats) -> None:
        if isinstance(source, CellSource):
            loop.run_given(source.cell(cell), block, space, inputs)
        else:
            loop.run(source.key_table(streams), cell * CELL, block, space, inputs)

    def work(cells: Iterator[int]) -> None:
        block, space, delivery = np.empty((len(rows.keys), CELL)), loop.workspace(), operations()
        inputs = np.zeros((len(model.program.inputs), model.program.periods, CELL))
        for cell in cells:
            numbers = _paths(cell, paths)
            for name, values in delivery.on(numbers).items():
                inputs[model.program.inputs.index(name), :, : len(numbers)] = values
            run(cell, block, space, inputs)
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


def _check_finite(model: Model, kept: Kept, paths: int, source: AnySource, delivery: Delivery) -> None:
    """Run the first path that is not finite again, every value checked, so that the error can name its formula."""
    bad = ~np.isfinite(kept.total[:, :paths]).all(axis=0) | ~np.isfinite(kept.npv[:, :paths]).all(axis=0)
    if bad.any():
        path = int(np.argmax(bad))
        number = np.array([path], np.uint64)
        run_arrays(model.program, source.drawn(number), number, delivery.on(number), checked=True)
        raise DataError(f"path {path} adds up to more than a number can hold")


def _finished(
    model: Model, rows: Rows, kept: Kept, paths: int, seed: int, sampling: str, groups: NDArray[np.int64] | None
) -> Run:
    sizes = np.full((len(kept.sums), 1), float(CELL))
    sizes[-1] = paths - (len(sizes) - 1) * CELL
    counts = kept.counts.copy()
    counts[-1] -= (CELL - sizes[-1]) * (kept.firsts[-1] != 0.0)  # the last cell is filled up with its first path
    with np.errstate(all="ignore"):
        of_cell = kept.firsts + kept.sums / sizes
        mean = kept.firsts[0] + _added(sizes * (of_cell - kept.firsts[0])) / paths
        apart = of_cell - mean
        spread = np.maximum(_added(kept.squares - kept.sums * (kept.sums / sizes)) + _added(sizes * apart * apart), 0.0)
    known = paths > 1 and groups is None
    error = np.sqrt(spread / max(paths - 1, 1) / paths) if known else np.full_like(mean, np.inf)
    return Run(
        model, rows, paths, seed,
        kept.total[:, :paths], kept.npv[:, :paths], kept.bound[:, :paths], kept.cash[:, :paths],
        mean, error, _added(counts) / paths, sampling, groups,
    )  # fmt: skip


def _added(by_cell: Floats) -> Floats:
    """The sum over cells, in their order."""
    total: Floats = np.add.accumulate(by_cell, axis=0)[-1]
    return total
