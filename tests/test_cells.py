"""Cells in threads: an error or an interrupt stops the cells that are not begun."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from gainsim.cells import in_threads
from gainsim.sums import CELL


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_stops_the_cells_that_are_not_begun(threads: int) -> None:
    done: list[int] = []

    def work(cells: Iterator[int]) -> None:
        for cell in cells:
            done.append(cell)
            if cell == 1:
                raise ArithmeticError("cell 1")
            time.sleep(0.005)

    with pytest.raises(ArithmeticError, match="cell 1"):
        in_threads(work, 400, threads, 400 * CELL, None)
    assert len(done) < 200
    assert threading.active_count() == 1


def test_an_interrupt_stops_them_too_and_progress_never_goes_back() -> None:
    done: list[int] = []
    told: list[int] = []

    def work(cells: Iterator[int]) -> None:
        for cell in cells:
            done.append(cell)
            time.sleep(0.01)

    def progress(paths: int, of: int) -> None:
        assert of == 400 * CELL
        told.append(paths)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_threads(work, 400, 2, 400 * CELL, progress)
    assert len(done) < 300
    assert told == sorted(told)
