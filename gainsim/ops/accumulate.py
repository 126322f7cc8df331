"""The compiled form of keeping a cell of rows: the same order, the same bits as `gainsim.ops.keep`."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from gainsim.ops.keep import Kept, RowPlan
from gainsim.ops.loop import Writer, compile_text
from gainsim.sums import CELL, LANES

Floats = NDArray[np.float64]


def _text() -> str:
    writer = Writer()
    vector = f"<{LANES} x double>"

    writer.put("br label %rows", result=False)
    writer.label("rows")
    writer.text.append("  %r = phi i64 [ 0, %start ], [ %r_next, %row_end ]")
    writer.put("%x_at = mul i64 %r, " + str(CELL), result=False)
    writer.put("%x = getelementptr inbounds double, ptr %lines, i64 %x_at", result=False)
    line = writer.load("%line_of", "%r", "i64", by_path=False)
    date = writer.load("%date_of", "%r", "i64", by_path=False)
    discount = writer.load("%discount_of", "%r", by_path=False)
    at = writer.put(f"add i64 {writer.put(f'mul i64 {line}, %stride')}, %offset")
    total, npv, bound = (writer.address(f"%{name}", at) for name in ("total", "npv", "bound"))

    def by_line(i: str) -> dict[str, str]:
        x = writer.load("%x", i)
        writer.store(writer.put(f"fadd double {writer.load(total, i)}, {x}"), total, i)
        worth = writer.put(f"fmul double {discount}, {x}")
        writer.store(writer.put(f"fadd double {writer.load(npv, i)}, {worth}"), npv, i)
        some = writer.put(f"fcmp une double {x}, 0.0")
        one = writer.put(f"select i1 {some}, double 1.0, double 0.0")
        writer.store(writer.put(f"fadd double {writer.load(bound, i)}, {one}"), bound, i)
        return {}

    writer.loop(str(CELL), by_line)
    paid = writer.put(f"icmp sge i64 {date}, 0")
    writer.put(f"br i1 {paid}, label %pay, label %sum", result=False)
    writer.label("pay")
    cash = writer.address("%cash", writer.put(f"add i64 {writer.put(f'mul i64 {date}, %stride')}, %offset"))

    def by_date(i: str) -> dict[str, str]:
        writer.store(writer.put(f"fadd double {writer.load(cash, i)}, {writer.load('%x', i)}"), cash, i)
        return {}

    writer.loop(str(CELL), by_date)
    writer.put("br label %sum", result=False)
    writer.label("sum")
    # The lanes side by side: the order is said here, so that every processor keeps it.
    names = ("s", "q", "c")
    writer.put("br label %lanes", result=False)
    writer.label("lanes")
    writer.text.append("  %k = phi i64 [ 0, %sum ], [ %k_next, %lanes ]")
    for name in names:
        writer.text.append(f"  %{name} = phi {vector} [ zeroinitializer, %sum ], [ %{name}_next, %lanes ]")
    writer.put("%v_at = getelementptr inbounds double, ptr %x, i64 %k", result=False)
    writer.put(f"%v = load {vector}, ptr %v_at, align 8", result=False)
    writer.put(f"%vv = fmul {vector} %v, %v", result=False)
    writer.put(f"%some = fcmp une {vector} %v, zeroinitializer", result=False)
    writer.put(f"%ones = uitofp <{LANES} x i1> %some to {vector}", result=False)
    for name, value in zip(names, ("%v", "%vv", "%ones"), strict=True):
        writer.put(f"%{name}_next = fadd {vector} %{name}, {value}", result=False)
    writer.put(f"%k_next = add nuw nsw i64 %k, {LANES}", result=False)
    writer.put(f"%k_done = icmp eq i64 %k_next, {CELL}", result=False)
    writer.put("br i1 %k_done, label %join, label %lanes", result=False)
    writer.label("join")
    for name, target in zip(names, ("%sums", "%squares", "%counts"), strict=True):
        joined, width = f"%{name}_next", LANES
        while width > 1:
            half = width // 2
            low, high = (_half(writer, joined, width, start) for start in (0, half))
            joined, width = writer.put(f"fadd <{half} x double> {low}, {high}"), half
        total_of = writer.put(f"extractelement <1 x double> {joined}, i64 0")
        writer.store(total_of, target, "%r", by_path=False)
    writer.put("br label %row_end", result=False)
    writer.label("row_end")
    writer.put("%r_next = add nuw nsw i64 %r, 1", result=False)
    writer.put("%r_done = icmp eq i64 %r_next, %count", result=False)
    writer.put("br i1 %r_done, label %end, label %rows", result=False)
    writer.label("end")
    writer.put("ret void", result=False)
    pointers = (
        "lines",
        "line_of",
        "date_of",
        "discount_of",
        "total",
        "npv",
        "bound",
        "cash",
        "sums",
        "squares",
        "counts",
    )
    return "\n".join([
        f"define void @accumulate({', '.join(f'ptr noalias %{p}' for p in pointers)}, "
        'i64 %count, i64 %stride, i64 %offset) "prefer-vector-width"="512" {',
        "start:",
        *writer.text,
        "}",
        "!0 = distinct !{}",
        "!1 = distinct !{!1, !2}",
        '!2 = !{!"llvm.loop.parallel_accesses", !0}',
    ])  # fmt: skip


def _half(writer: Writer, vector: str, width: int, start: int) -> str:
    """One half of a vector."""
    places = ", ".join(f"i32 {k}" for k in range(start, start + width // 2))
    kind = f"<{width} x double>"
    return writer.put(f"shufflevector {kind} {vector}, {kind} poison, <{width // 2} x i32> <{places}>")


class Accumulator:
    """The compiled form of `accumulate_arrays`; compiled once, before any thread uses it."""

    def __init__(self) -> None:
        self._engine, _ = compile_text(_text())
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 11, *[ctypes.c_uint64] * 3)
        self._run = kind(self._engine.get_function_address("accumulate"))

    def add(self, rows: Floats, plan: RowPlan, kept: Kept, cell: int) -> None:
        """Add one cell of rows, (rows, CELL)."""
        by_cell = [array[cell] for array in (kept.sums, kept.squares, kept.counts)]
        arrays = (rows, plan.line, plan.date, plan.discount, kept.total, kept.npv, kept.bound, kept.cash, *by_cell)
        self._run(*(a.ctypes.data for a in arrays), len(plan.line), kept.total.shape[1], cell * CELL)
