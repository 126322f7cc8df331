"""Rows that become columns."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from gainsim.operations.twin.state import called

_EIGHT = ir.VectorType(ir.DoubleType(), 8)
#: of two vectors, their first halves in turns, one number of each, and their second halves
_TURNS = [ir.Constant(ir.VectorType(ir.IntType(32), 8), [k // 2 + k % 2 * 8 + half for k in range(8)]) for half in (0, 4)]


def _eight_rows(builder: Any, array: Any, first: Any, column: Any) -> list[Any]:
    """Where eight numbers of an array begin in each of eight rows, from this row and column on."""
    start = builder.bitcast(builder.gep(array.data, [column]), cgutils.voidptr_t)
    stride = cgutils.unpack_tuple(builder, array.strides)[0]  # type: ignore[no-untyped-call]
    rows = (builder.add(first, ir.Constant(first.type, k)) for k in range(8))
    return [builder.bitcast(builder.gep(start, [builder.mul(row, stride)]), _EIGHT.as_pointer()) for row in rows]


def _square_of(context, source, target, row, column):  # type: ignore[no-untyped-def]
    """Turn over what stands in eight rows and columns of the source, from these on.

    Each vector is mixed with that four after it: once it is done three times, rows are columns.
    """

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        read, filled, row, column = values
        read, filled = context.make_array(source)(context, builder, read), context.make_array(target)(context, builder, filled)
        rows = [builder.load(place, align=8) for place in _eight_rows(builder, read, row, column)]
        for _ in range(3):
            pairs = zip(rows[:4], rows[4:], strict=True)
            rows = [builder.shuffle_vector(*pair, turns) for pair in pairs for turns in _TURNS]
        for each, place in zip(rows, _eight_rows(builder, filled, column, row), strict=True):
            builder.store(each, place, align=8)
        return context.get_dummy_value()

    return types.void(source, target, types.int64, types.int64), code


_square: Any = intrinsic(_square_of)


@called
def turn(source, target):  # type: ignore[no-untyped-def]
    """Fill target (m, n) with source (n, m), in squares of eight: a line of the cache is read and written whole.

    What is in one row must stand side by side.
    """
    n, m = source.shape
    for row in range(0, n, 8):
        for column in range(0, m, 8):
            if row + 8 <= n and column + 8 <= m:
                _square(source, target, row, column)
            else:
                for i in range(column, min(column + 8, m)):
                    for j in range(row, min(row + 8, n)):
                        target[i, j] = source[j, i]
