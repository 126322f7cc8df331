"""Cells of 1,024 paths: how the rows of a program are filled and kept, cell by cell, in threads.

Few paths take the NumPy runner, many the compiled loop; the bits are the same. What is done to a cell depends on no other
cell, so neither the number of threads nor their order shows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from gainsim.operations.delivery import Delivers
from gainsim.ops.arrays import run_arrays
from gainsim.ops.keep import Kept, RowPlan, accumulate_arrays
from gainsim.ops.program import Program
from gainsim.streams.cells import CellSource
from gainsim.streams.source import Philox
from gainsim.sums import CELL

Floats = NDArray[np.float64]
#: up to so many paths the NumPy runner is done before the loop would be compiled
FEW = 1_024

#: told how many paths are done, of how many
Progress = Callable[[int, int], None]
#: does the cells it is given, one after the other, in one thread
Work = Callable[[Iterator[int]], None]
#: fills (rows, CELL) with the rows of a cell
Fill = Callable[[int, Floats], None]
#: adds the rows of a cell, (rows, CELL), to what is kept
Keep = Callable[[Floats, int], None]
AnySource = Philox | CellSource


def paths_of(cell: int, paths: int) -> NDArray[np.uint64]:
    """The numbers of a cell's paths."""
    return np.arange(cell * CELL, min((cell + 1) * CELL, paths), dtype=np.uint64)


def filling(program: Program, source: AnySource, paths: int, operations: Callable[[], Delivers]) -> Callable[[], Fill]:
    """How a thread fills a cell with a program's rows. The last cell is filled up with its first path."""
    return (_few if paths <= FEW else _many)(program, source, paths, operations)


def keeping(plan: RowPlan, kept: Kept, paths: int) -> Keep:
    """How the rows of a cell are kept, as many threads as there may be."""
    if paths <= FEW:
        return lambda rows, cell: accumulate_arrays(rows, plan, kept, cell)
    from gainsim.ops.accumulate import Accumulator  # here: only long runs pay for the compiler

    return Accumulator(plan, kept).add


def _few(program: Program, source: AnySource, paths: int, operations: Callable[[], Delivers]) -> Callable[[], Fill]:
    def thread() -> Fill:
        delivery = operations()

        def fill(cell: int, block: Floats) -> None:
            numbers = paths_of(cell, paths)
            block[:, : len(numbers)] = run_arrays(program, source.drawn(numbers), numbers, delivery.on(numbers))
            block[:, len(numbers) :] = block[:, :1]

        return fill

    return thread


def _many(program: Program, source: AnySource, paths: int, operations: Callable[[], Delivers]) -> Callable[[], Fill]:
    from gainsim.ops import elementwise
    from gainsim.ops.loop import Loop

    if isinstance(source, CellSource):
        source.apply = elementwise.compiled
    loop = Loop(program, given=isinstance(source, CellSource))
    streams = [*program.streams, *program.once_streams]

    def thread() -> Fill:
        space, delivery = loop.workspace(), operations()
        inputs = np.zeros((len(program.inputs), program.periods, CELL))

        def fill(cell: int, block: Floats) -> None:
            numbers = paths_of(cell, paths)
            for name, values in delivery.on(numbers).items() if program.inputs else ():
                if name in program.inputs:
                    inputs[program.inputs.index(name), :, : len(numbers)] = values
            if isinstance(source, CellSource):
                loop.run_given(source.cell(cell), block, space, inputs)
            else:
                loop.run(source.key_table(streams), cell * CELL, block, space, inputs)
            block[:, len(numbers) :] = block[:, :1]  # like the first, from which differences are taken

        return fill

    return thread


def in_threads(work: Work, cells: int, threads: int, paths: int, progress: Progress | None = None) -> None:
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
