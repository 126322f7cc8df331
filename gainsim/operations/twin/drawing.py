"""What is drawn for a block of paths, by the loops that were compiled for it."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from gainsim.operations.twin.state import called, record

_INT = ir.IntType(64)


def _run(context, drawing, path, first, last):  # type: ignore[no-untyped-def]
    """Run the compiled loop of a drawing, as `ops.loop.Loop.run` does, for the lives from the first to the last."""

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        (count,) = drawing.typeof("at").shape
        words = builder.bitcast(values[0], _INT.as_pointer())  # `at` stands first
        address, *given = (builder.load(builder.gep(words, [ir.Constant(_INT, k)]), align=8) for k in range(count))
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] * len(given) + [_INT] * 3)
        pointers = [builder.inttoptr(each, cgutils.voidptr_t) for each in given]
        builder.call(builder.inttoptr(address, kind.as_pointer()), [*pointers, *values[1:]])
        return context.get_dummy_value()

    return types.void(drawing, types.int64, types.int64, types.int64), code


run: Any = intrinsic(_run)


@called
def draw(drawings, columns, ages, path, until):  # type: ignore[no-untyped-def]
    """Fill the columns of a block of paths from this one on; of each slot, the lives that begin before an hour.

    Half of those that there is room for are drawn, and then, as long as it takes, half of what seems to be missing.

    ages: (block,) when the lives end that are drawn
    """
    for n in range(len(drawings)):
        of = record(drawings, n)
        known, to = 0, of.lives
        if of.ends >= 0:
            ages[:], to = 0.0, min(to, (to + 3) // 4 * 2)  # two lives have their draws in common
        while known < to:
            run(of, path, known, to)
            if of.ends >= 0:
                for life in range(known, to):
                    for place in range(len(ages)):
                        ages[place] += columns[of.first + life * of.width + of.ends, place]
            known = to
            if of.ends >= 0 and ages.min() < until:
                missing = min((until / ages.min() - 1.0) * known, of.lives - known)  # at the pace of those that are known
                to = min(of.lives, known + max(2, int(missing) // 4 * 2))
