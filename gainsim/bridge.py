"""The bridge: world, conduct and deal meet here, path by path, and what is kept comes out.

Paths run in cells of 1,024, each a block of the compiled loop (or of the NumPy runner where there are few). Results do
not depend on the number of threads or on the order in which cells are done.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.below_zero import Place, below_zero
from gainsim.cells import AnySource, Progress, filling, in_threads, keeping
from gainsim.errors import DataError, ResourceError, UsageError
from gainsim.grid import Settlement
from gainsim.ledger import Line
from gainsim.linked import Changed
from gainsim.model import Model, WorldModel, build_read
from gainsim.offer.scenario import Scenario
from gainsim.one_number import one_number
from gainsim.operations.delivery import Delivers, Delivery, months_of_a_period
from gainsim.ops.arrays import ArrayRun, Draws, run_arrays
from gainsim.ops.keep import Kept, RowPlan
from gainsim.ops.room import room
from gainsim.quantities import money_text
from gainsim.sample import Controls
from gainsim.streams.sampling import SOURCES, source_of
from gainsim.sums import CELL

Floats = NDArray[np.float64]


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
    paid_on = sorted({s.paid for s in settlements})
    worth_on = np.asarray(ops.exp(-force * np.array([calendar.years_since_start(when) for when in paid_on])))
    worth_of = dict(zip(paid_on, worth_on.tolist(), strict=True))
    worth = np.array([worth_of[s.paid] for s in settlements])
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
    still = model.still if isinstance(model, Model) else ()
    return Delivery(model.outcomes, seed, replicate, read_by_fleets(model.scenario, names, source, still))


def read_by_fleets(
    scenario: Scenario, names: Collection[str], source: AnySource, still: Collection[str] = ()
) -> Callable[[NDArray[np.uint64]], Mapping[str, Floats]]:
    """What these drivers, which fleets read, say of whole periods on some paths, (periods, paths)."""
    world = build_read(scenario, sorted(names), still) if names else None

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


def notes(model: Model, place: Place | None = None) -> tuple[str, ...]:
    """What is suspect in an offer, and no mistake: what moves no money, what falls below 0, what is not written down.

    place: of a key of the file, its line and column
    """
    base, amounts = model.base
    currency = model.scenario.currency
    said = [*notes_of_reading(model), *below_zero(model.scenario, model.calendar, place)]
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
    said += one_number(model.scenario)
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
    delivery: Callable[[Model, AnySource, int, int], Delivers] | None = None,
) -> Run:
    """Run a model over many paths.

    threads:   as many as the machine has cores unless said; results do not depend on it
    sampling:  how the paths are drawn, a name of `SOURCES`
    replicate: another number gives other futures of the same seed, independent of these
    control_variates: whether drivers whose mean is known exactly are kept too, so that means can be adjusted by them
    source:    draws of the model's plan for this seed and replicate, in place of those of `sampling`
    delivery:  what operations come to, where it is known from a run of another version; see `gainsim.analyses.delivered_once`
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
    operations = partial(delivery or delivery_of, model, source, seed, replicate)
    filled, keep = filling(written.program, source, paths, operations), keeping(rows.plan, kept, paths)

    def work(cells: Iterator[int]) -> None:
        block, fill = room(len(rows.keys), CELL), filled()
        for cell in cells:
            fill(cell, block)
            keep(block, cell)

    in_threads(work, -(-paths // CELL), threads or os.cpu_count() or 1, paths, progress)

    def again(path: NDArray[np.uint64]) -> None:
        run_arrays(written.program, source.drawn(path), path, operations().on(path), checked=True)

    check_finite(kept, paths, again)
    finished = _finished(written, rows, kept, paths, seed, sampling, source.groups())
    run = replace(finished, threads=threads, weights=source.weights())
    return run if expected is None else _with_controls(run, model, expected)


def _with_controls(run: Run, model: Model, expected: Mapping[str, float]) -> Run:
    """A run whose last lines are control variates, as a run of the model itself with these beside it."""
    lines, own = len(model.lines), run.rows.plan.line < len(model.lines)
    controls = Controls(tuple(expected), run.total[lines:], tuple(expected.values()))
    return replace(
        run, model=model, rows=rows_of(model), total=run.total[:lines], npv=run.npv[:lines], bound=run.bound[:lines],
        row_mean=run.row_mean[own], row_error=run.row_error[own], row_bound=run.row_bound[own], controls=controls,
    )  # fmt: skip


def check_finite(kept: Kept, paths: int, again: Callable[[NDArray[np.uint64]], None]) -> None:
    """Run the first path that is not finite again, so that the error can name its formula.

    again: runs one path, every value checked
    """
    if _is_small(kept):
        return
    bad = ~np.isfinite(kept.total[:, :paths]).all(axis=0) | ~np.isfinite(kept.npv[:, :paths]).all(axis=0)
    if bad.any():
        path = int(np.argmax(bad))
        again(np.array([path], np.uint64))
        raise DataError(f"path {path} adds up to more than a number can hold")


def _is_small(kept: Kept) -> bool:
    """Whether no amount is so large that a sum of them, or its worth, could be more than a number can hold."""
    return bool((np.abs(kept.firsts) < _SMALL).all() and np.isfinite(kept.squares).all())


#: of the first amount of a cell; none of which the square is finite lies further from it than about as far
_SMALL = 1e150


def _finished(
    model: Model, rows: Rows, kept: Kept, paths: int, seed: int, sampling: str, groups: NDArray[np.int64] | None
) -> Run:
    return Run(
        model, rows, paths, seed,
        kept.total[:, :paths], kept.npv[:, :paths], kept.bound[:, :paths], kept.cash[:, :paths],
        *over_paths(kept, paths, together=groups is not None), sampling, groups,
    )  # fmt: skip


def over_paths(kept: Kept, paths: int, *, together: bool) -> tuple[Floats, Floats, Floats]:
    """Of each row: its mean, its standard error (infinite where paths were drawn together), and the share of paths with some."""
    sizes = np.full((len(kept.sums), 1), float(CELL))
    sizes[-1] = paths - (len(sizes) - 1) * CELL
    counts = kept.counts.copy()
    counts[-1] -= (CELL - sizes[-1]) * (kept.firsts[-1] != 0.0)  # the last cell is filled up with its first path
    with np.errstate(all="ignore"):
        of_cell = kept.firsts + kept.sums / sizes
        mean = kept.firsts[0] + _added(sizes * (of_cell - kept.firsts[0])) / paths
        apart = of_cell - mean
        spread = np.maximum(_added(kept.squares - kept.sums * (kept.sums / sizes)) + _added(sizes * apart * apart), 0.0)
    known = paths > 1 and not together
    error = np.sqrt(spread / max(paths - 1, 1) / paths) if known else np.full_like(mean, np.inf)
    return mean, error, _added(counts) / paths


def _added(by_cell: Floats) -> Floats:
    """The sum over cells, in their order."""
    total: Floats = np.add.accumulate(by_cell, axis=0)[-1]
    return total
