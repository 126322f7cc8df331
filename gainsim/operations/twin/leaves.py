"""What happens next: the times of leaves in blocks of sixteen, the earliest of each block, and which leaves have it."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from gainsim.operations.twin.state import inlined, record

_INT = ir.IntType(64)
_SIXTEEN = ir.VectorType(_INT, 16)


def _int(value: int) -> Any:
    return ir.Constant(_INT, value)


def _all(builder: Any, value: Any) -> Any:
    """The same number sixteen times."""
    nothing, zeros = ir.Constant(_SIXTEEN, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), 16), [0] * 16)
    return builder.shuffle_vector(builder.insert_element(nothing, value, ir.IntType(32)(0)), nothing, zeros)


def _earliest(context, times, leaf, time):  # type: ignore[no-untyped-def]
    """Write a leaf's time down; gives the earliest of its block, and which leaves have it, a bit each.

    Times are compared as whole numbers, which have the same order, a block at once: a tree would be one guess after another.
    What is written is not read again: a whole block cannot be read while one time of it is still on its way.
    """

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        times, leaf, time = values
        data = builder.bitcast(context.make_array(signature.args[0])(context, builder, times).data, cgutils.voidptr_t)
        block = builder.gep(data, [builder.shl(builder.lshr(leaf, _int(4)), _int(7))])
        before = builder.load(builder.bitcast(block, _SIXTEEN.as_pointer()), align=8)
        here = builder.icmp_signed("==", ir.Constant(_SIXTEEN, list(range(16))), _all(builder, builder.and_(leaf, _int(15))))
        numbers = builder.select(here, _all(builder, builder.bitcast(time, _INT)), before)
        kind = ir.FunctionType(_INT, [_SIXTEEN])
        smallest = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, kind, "llvm.vector.reduce.smin.v16i64"
        )
        least = builder.call(smallest, [numbers])
        builder.store(time, builder.gep(builder.bitcast(data, time.type.as_pointer()), [leaf]))
        whose = builder.bitcast(builder.icmp_signed("==", numbers, _all(builder, least)), ir.IntType(16))
        return context.make_tuple(builder, signature.return_type, [builder.bitcast(least, time.type), builder.zext(whose, _INT)])

    both = types.Tuple((types.float64, types.int64))  # type: ignore[no-untyped-call]
    return both(times, types.int64, types.float64), code


earliest: Any = intrinsic(_earliest)


@inlined
def set_next(s, leaf, time):  # type: ignore[no-untyped-def]
    """When something happens next to a leaf, and to the first of its block."""
    block = record(s.blocks, leaf >> 4)
    block.next, block.whose = earliest(s.times, leaf, time)
