"""The compiled form of keeping a cell of rows: the same order, the same bits as `gainsim.ops.keep`."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gainsim.ops.keep import Kept, RowPlan
from gainsim.ops.machine import Machine
from gainsim.ops.tree import BOOL, FLOAT, INT
from gainsim.ops.writer import DECLARATIONS, Writer, function, type_of
from gainsim.sums import CELL, LANES

Floats = NDArray[np.float64]
_OF_PATHS = ("total", "npv", "bound", "cash")
POINTERS = (
    "lines", "line_of", "date_of", "discount_of", "opens_line", "opens_date", *_OF_PATHS, "firsts", "sums", "squares", "counts",
)  # fmt: skip


def _text() -> str:
    writer = Writer()
    put, do, label = writer.put, writer.do, writer.label
    do("br label %rows")
    label("rows")
    do("%r = phi i64 [ 0, %start ], [ %r_next, %row_end ]")
    do(f"%x_at = mul i64 %r, {CELL}")
    x = writer.address("%lines", "%x_at")
    line, date = (writer.load(f"%{name}_of", "%r", INT, wide=False) for name in ("line", "date"))
    do(f"br i1 {put(f'icmp sge i64 {date}, 0')}, label %pay, label %paid")
    label("pay")
    _add_to(writer, x, "%cash", date)
    do("br label %paid")
    label("paid")
    do(f"br i1 {put(f'icmp sge i64 {line}, 0')}, label %line, label %row_end")
    label("line")
    discount = writer.load("%discount_of", "%r", wide=False)
    do(f"br i1 {put(f'fcmp une double {discount}, 0.0')}, label %money, label %no_money")
    label("money")
    _by_path(writer, x, line, writer.spread(discount))
    do("br label %sum")
    label("no_money")
    _by_path(writer, x, line, None)
    do("br label %sum")
    label("sum")
    _over_paths(writer, x)
    do("br label %row_end")
    label("row_end")
    do("%r_next = add nuw nsw i64 %r, 1")
    do(f"br i1 {put('icmp eq i64 %r_next, %count')}, label %end, label %rows")
    label("end")
    do("ret void")
    pointers = ", ".join(f"ptr noalias %{name}" for name in POINTERS)
    signature = f"void @accumulate({pointers}, i64 %count, i64 %stride, i64 %offset)"
    count = f"declare i{LANES} @llvm.ctpop.i{LANES}(i{LANES})"
    nothing = f"@nothing = private unnamed_addr constant [{CELL} x double] zeroinitializer, align 64"
    return "\n\n".join([DECLARATIONS, count, nothing, function(signature, writer.text)])


def _column(writer: Writer, array: str, line: str) -> str:
    """This cell's part of a line's (or a date's) paths."""
    row = writer.put(f"mul i64 {line}, %stride")
    return writer.address(array, writer.put(f"add i64 {row}, %offset"))


def _by_path(writer: Writer, x: str, line: str, discount: str | None) -> None:
    """Add a row to the total of its line and to the count of rows that are not zero; where money moves, to its worth too."""
    kind = type_of(FLOAT)
    names = ("total", "bound") if discount is None else ("total", "bound", "npv")
    kept = {name: _column(writer, f"%{name}", line) for name in names}
    so_far = {name: _so_far(writer, column, "%opens_line") for name, column in kept.items()}

    def body(i: str) -> None:
        amount = writer.load(x, i)
        before = {name: writer.load(at, i) for name, at in so_far.items()}  # all of it before any is written: none waits
        some = writer.put(f"fcmp une {kind} {amount}, zeroinitializer")
        more = writer.put(f"fadd {kind} {before['bound']}, splat (double 1.0)")
        count = writer.put(f"select {type_of(BOOL)} {some}, {kind} {more}, {kind} {before['bound']}")
        now = {"total": writer.put(f"fadd {kind} {before['total']}, {amount}"), "bound": count}
        if discount is not None:
            now["npv"] = writer.put(f"fadd {kind} {before['npv']}, {writer.put(f'fmul {kind} {discount}, {amount}')}")
        for name, value in now.items():
            writer.store(value, kept[name], i)

    writer.loop(str(CELL), body)


def _add_to(writer: Writer, x: str, array: str, line: str) -> None:
    column = _column(writer, array, line)
    so_far = _so_far(writer, column, "%opens_date")

    def body(i: str) -> None:
        writer.store(writer.put(f"fadd {type_of(FLOAT)} {writer.load(so_far, i)}, {writer.load(x, i)}"), column, i)

    writer.loop(str(CELL), body)


def _so_far(writer: Writer, kept: str, opens: str) -> str:
    """Where what is kept already stands; before the first row of a line, or of a date, nothing is."""
    first = writer.put(f"icmp ne i64 {writer.load(opens, '%r', INT, wide=False)}, 0")
    return writer.put(f"select i1 {first}, ptr @nothing, ptr {kept}")


def _over_paths(writer: Writer, x: str) -> None:
    """Sums over the paths of a row: lanes side by side, then by halves. The order is said, so every processor keeps it."""
    put, do, vector = writer.put, writer.do, f"<{LANES} x double>"
    first = writer.load(x, "0", wide=False)
    one = put(f"insertelement {vector} poison, double {first}, i64 0")
    firsts = put(f"shufflevector {vector} {one}, {vector} poison, <{LANES} x i32> zeroinitializer")
    do("br label %lanes")
    writer.label("lanes")
    do("%k = phi i64 [ 0, %sum ], [ %k_next, %lanes ]")
    for name in ("s", "q"):
        do(f"%{name} = phi {vector} [ zeroinitializer, %sum ], [ %{name}_next, %lanes ]")
    do("%c = phi i64 [ 0, %sum ], [ %c_next, %lanes ]")
    amount = put(f"load {vector}, ptr {writer.address(x, '%k')}, align 8")
    apart = put(f"fsub {vector} {amount}, {firsts}")
    square = put(f"fmul {vector} {apart}, {apart}")
    do(f"%s_next = fadd {vector} %s, {apart}")
    do(f"%q_next = fadd {vector} %q, {square}")
    some = put(f"fcmp une {vector} {amount}, zeroinitializer")
    word = put(f"bitcast <{LANES} x i1> {some} to i{LANES}")
    do(f"%c_next = add i64 %c, {put(f'call i{LANES} @llvm.ctpop.i{LANES}(i{LANES} {word})')}")
    do(f"%k_next = add nuw nsw i64 %k, {LANES}")
    do(f"br i1 {put(f'icmp eq i64 %k_next, {CELL}')}, label %joined, label %lanes")
    writer.label("joined")
    for name, target in (("s", "%sums"), ("q", "%squares")):
        joined, width = f"%{name}_next", LANES
        while width > 1:
            half = width // 2
            low, high = (_half(writer, joined, width, start) for start in (0, half))
            joined, width = put(f"fadd <{half} x double> {low}, {high}"), half
        writer.store(put(f"extractelement <1 x double> {joined}, i64 0"), target, "%r", wide=False)
    writer.store(first, "%firsts", "%r", wide=False)
    writer.store(put("uitofp i64 %c_next to double"), "%counts", "%r", wide=False)  # a count is exact in any order


def _half(writer: Writer, vector: str, width: int, start: int) -> str:
    """One half of a vector."""
    places = ", ".join(f"i32 {k}" for k in range(start, start + width // 2))
    kind = f"<{width} x double>"
    return writer.put(f"shufflevector {kind} {vector}, {kind} poison, <{width // 2} x i32> <{places}>")


class Accumulator:
    """The compiled form of `accumulate_arrays` for one plan; several threads may use it at once, each on cells of its own."""

    def __init__(self, plan: RowPlan, kept: Kept) -> None:
        self.address, self._run = _compiled()[1:]
        self._arrays = (plan.line, plan.date, plan.discount, plan.opens_line, plan.opens_date)
        self._by_path = tuple(getattr(kept, name) for name in _OF_PATHS)
        self._by_cell = (kept.firsts, kept.sums, kept.squares, kept.counts)
        self._known = [array.ctypes.data for array in (*self._arrays, *self._by_path)]  # where they stand is asked once
        self._first_cell = [array.ctypes.data for array in self._by_cell]

    def add(self, rows: Floats, cell: int) -> None:
        """Add one cell of rows, (rows, CELL)."""
        if self.count:
            at = (rows.ctypes.data, *self._known, *(address + cell * self.count * 8 for address in self._first_cell))
            self._run(*at, self.count, self.stride, cell * CELL)

    @property
    def count(self) -> int:
        """How many rows a cell has."""
        return len(self._arrays[0])

    @property
    def stride(self) -> int:
        """How many paths there is room for."""
        return int(self._by_path[0].shape[1])

    def pointers(self, rows: Floats) -> list[int]:
        """Where everything stands that the compiled function is given, for the first cell."""
        return [rows.ctypes.data, *self._known, *self._first_cell]


@cache
def _compiled() -> tuple[Machine, int, Callable[..., None]]:
    """The code, which must live as long as the function that is called; where that stands; and the function."""
    machine = Machine(_text())
    address = machine.address("accumulate")
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(POINTERS), *[ctypes.c_uint64] * 3)
    return machine, address, kind(address)
