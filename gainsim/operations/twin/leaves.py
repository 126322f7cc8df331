"""What happens next: the times of leaves in blocks of sixteen, the earliest of each block, and which leaves have it."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from gainsim.operations.twin.codes import NEVER
from gainsim.operations.twin.state import inlined, record

_INT = ir.IntType(64)
_SIXTEEN = ir.VectorType(_INT, 16)


def _int(value: int) -> Any:
    return ir.Constant(_INT, value)


def _all(builder: Any, value: Any) -> Any:
    """The same number sixteen times."""
    nothing, zeros = ir.Constant(_SIXTEEN, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), 16), [0] * 16)
    return builder.shuffle_vector(builder.insert_element(nothing, value, ir.IntType(32)(0)), nothing, zeros)


def _others(context, times, leaf):  # type: ignore[no-untyped-def]
    """The earliest time of a leaf's block but for that leaf's own, and which of the others have it, a bit each.

    A block is compared at once, as whole numbers, which have the same order: a tree would be one guess after another.
    """

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        times, leaf = values
        data = builder.bitcast(context.make_array(signature.args[0])(context, builder, times).data, cgutils.voidptr_t)
        block = builder.gep(data, [builder.shl(builder.lshr(leaf, _int(4)), _int(7))])
        all_of_them = builder.load(builder.bitcast(block, _SIXTEEN.as_pointer()), align=8)
        own = builder.icmp_signed("==", ir.Constant(_SIXTEEN, list(range(16))), _all(builder, builder.and_(leaf, _int(15))))
        never = builder.bitcast(ir.Constant(ir.DoubleType(), NEVER), _INT)
        numbers = builder.select(own, _all(builder, never), all_of_them)
        kind = ir.FunctionType(_INT, [_SIXTEEN])
        smallest = cgutils.get_or_insert_function(builder.module, kind, "llvm.vector.reduce.smin.v16i64")  # type: ignore[no-untyped-call]
        least = builder.call(smallest, [numbers])
        whose = builder.bitcast(builder.icmp_signed("==", numbers, _all(builder, least)), ir.IntType(16))
        found = [builder.bitcast(least, ir.DoubleType()), builder.zext(whose, _INT)]
        return context.make_tuple(builder, signature.return_type, found)

    both = types.Tuple((types.float64, types.int64))  # type: ignore[no-untyped-call]
    return both(times, types.int64), code


others: Any = intrinsic(_others)


@inlined
def next_of_other_leaves(s, leaf, first):  # type: ignore[no-untyped-def]
    """When something happens next but to this leaf. first: when it does so in its block"""
    for block in range(len(s.blocks)):
        if block != leaf >> 4:
            first = min(first, record(s.blocks, block).next)
    return first


@inlined
def set_next(s, leaf, time):  # type: ignore[no-untyped-def]
    """When something happens next to a leaf, and to the first of its block."""
    set_among(s, leaf, time, *others(s.times, leaf))


@inlined
def set_among(s, leaf, time, first, whose):  # type: ignore[no-untyped-def]
    """The same, where it is known of its block when something happens next to others, and to which.

    What is written is not read soon: a whole block cannot be read while one time of it is still on its way.
    """
    block = record(s.blocks, leaf >> 4)
    s.times[leaf] = time
    block.next = min(time, first)
    block.whose = (whose if first <= time else 0) | (1 << (leaf & 15) if time <= first else 0)
