"""A strip of cells: the loop of a program on values that are stored, and the keeping of its rows, in one call for many cells.

Between two cells nothing is asked of Python, so threads do not wait for one another where a cell takes microseconds.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import accumulate, run_text
from gainsim.ops.accumulate import Accumulator
from gainsim.ops.loop import Loop
from gainsim.ops.machine import Machine
from gainsim.ops.room import room
from gainsim.ops.writer import function
from gainsim.sums import CELL

Floats = NDArray[np.float64]
_GIVEN = run_text.POINTERS.index("inputs")
_SCRATCH = run_text.POINTERS.index("scratch")
_BY_CELL = len(accumulate.POINTERS) - 4
#: what the compiled function is given: two functions, their pointers, how memory begins; then numbers
_NUMBERS = ("memories", "periods", "given", "count", "stride", "first", "last")


class Strips:
    """Cells of stored values through a loop that draws nothing and into what is kept; several threads may use it at once.

    stored: (cells, rows, CELL)
    """

    def __init__(self, of: Loop, keep: Accumulator, stored: Floats) -> None:
        self.loop, self.keep, self.stored = of, keep, stored
        self._code = _compiled()  # before there are threads, of which each might compile one of its own, and lose it as it runs

    def thread(self) -> Callable[[int, int], None]:
        """What runs the cells from one on, up to and without another, in room of its own: for one thread."""
        block, space, nothing = room(self.keep.count, CELL), self.loop.workspace(), np.zeros((0, 2), np.uint64)
        filled = self.loop.pointers(space, {"lines": block, "keys": nothing, "inputs": self.stored})
        kept = self.keep.pointers(block)
        two = ((ctypes.c_void_p * len(filled))(*filled), (ctypes.c_void_p * len(kept))(*kept))
        sizes = (self.loop.initial.size, self.loop.program.periods, self.stored.shape[1] * CELL, self.keep.count, self.keep.stride)
        at = (self.loop.address, self.keep.address, *two, self.loop.initial.ctypes.data, *sizes)

        def run(first: int, last: int, room: object = (self, block, space, nothing)) -> None:
            self._code[1](*at, first, last)  # the room must live as long as it is pointed at

        return run


def _text() -> str:
    lines: list[str] = []
    names = {"r": run_text.POINTERS, "k": accumulate.POINTERS}
    for which, pointers in names.items():
        for number in range(len(pointers)):
            lines.append(f"%{which}at{number} = getelementptr ptr, ptr %{which}, i64 {number}")
            lines.append(f"%{which}{number} = load ptr, ptr %{which}at{number}")
    lines += [
        "br label %cells", "cells:",
        "%cell = phi i64 [ %first, %start ], [ %next, %done ]",
        "%none = icmp eq i64 %memories, 0",
        "br i1 %none, label %go, label %memory", "memory:",
        "%m = phi i64 [ 0, %cells ], [ %m_next, %memory ]",
        "%from = getelementptr double, ptr %initial, i64 %m",
        f"%to = getelementptr double, ptr %r{_SCRATCH}, i64 %m",
        "%begins = load double, ptr %from", "store double %begins, ptr %to",
        "%m_next = add nuw nsw i64 %m, 1", "%ready = icmp eq i64 %m_next, %memories",
        "br i1 %ready, label %go, label %memory", "go:",
        "%given_at = mul i64 %cell, %given",
        f"%here = getelementptr double, ptr %r{_GIVEN}, i64 %given_at",
        "%rows_at = mul i64 %cell, %count",
        f"%offset = mul i64 %cell, {CELL}",
    ]  # fmt: skip
    for number in range(_BY_CELL, len(accumulate.POINTERS)):
        lines.append(f"%here{number} = getelementptr double, ptr %k{number}, i64 %rows_at")
    run = ", ".join(f"ptr %{'here' if number == _GIVEN else f'r{number}'}" for number in range(len(run_text.POINTERS)))
    keep = ", ".join(f"ptr %{'here' if number >= _BY_CELL else 'k'}{number}" for number in range(len(accumulate.POINTERS)))
    lines += [
        f"call void %run({run}, i64 0, i64 0, i64 %periods)",
        f"call void %keep({keep}, i64 %count, i64 %stride, i64 %offset)",
        "br label %done", "done:",
        "%next = add nuw nsw i64 %cell, 1", "%over = icmp eq i64 %next, %last",
        "br i1 %over, label %end, label %cells", "end:", "ret void",
    ]  # fmt: skip
    numbers = ", ".join(f"i64 %{name}" for name in _NUMBERS)
    return function(f"void @strip(ptr %run, ptr %keep, ptr %r, ptr %k, ptr %initial, {numbers})", lines)


@cache
def _compiled() -> tuple[Machine, Callable[..., None]]:
    """The code, which must live as long as the function that is called."""
    machine = Machine(_text())
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5, *[ctypes.c_uint64] * len(_NUMBERS))
    return machine, kind(machine.address("strip"))
