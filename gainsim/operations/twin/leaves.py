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


def _data(context: Any, builder: Any, kind: Any, times: Any) -> Any:
    """Where the times stand."""
    return builder.bitcast(context.make_array(kind)(context, builder, times).data, cgutils.voidptr_t)


def _block_but(builder: Any, data: Any, leaf: Any) -> Any:
    """The times of a block, but for one leaf's, as whole numbers, which have the same order."""
    block = builder.gep(data, [builder.shl(builder.lshr(leaf, _int(4)), _int(7))])
    times = builder.load(builder.bitcast(block, _SIXTEEN.as_pointer()), align=8)
    here = builder.icmp_signed("==", ir.Constant(_SIXTEEN, list(range(16))), _all(builder, builder.and_(leaf, _int(15))))
    never = builder.bitcast(ir.Constant(ir.DoubleType(), NEVER), _INT)
    return builder.select(here, _all(builder, never), times)


def _least(builder: Any, numbers: Any) -> Any:
    """The smallest of sixteen."""
    kind = ir.FunctionType(_INT, [_SIXTEEN])
    smallest = cgutils.get_or_insert_function(builder.module, kind, "llvm.vector.reduce.smin.v16i64")  # type: ignore[no-untyped-call]
    return builder.call(smallest, [numbers])


def _earliest(context, times, leaf, time):  # type: ignore[no-untyped-def]
    """Write a leaf's time down; gives the earliest of its block, and which leaves have it, a bit each.

    A block is compared at once: a tree would be one guess after another. The other leaves are compared first, while the time is
    still reckoned. What is written is not read again: a whole block cannot be read while one time of it is still on its way.
    """

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        times, leaf, time = values
        data = _data(context, builder, signature.args[0], times)
        numbers, own = _block_but(builder, data, leaf), builder.bitcast(time, _INT)
        least = _least(builder, numbers)
        theirs = builder.bitcast(builder.icmp_signed("==", numbers, _all(builder, least)), ir.IntType(16))
        is_first, is_late = (builder.icmp_signed(order, own, least) for order in ("<=", ">="))
        mine = builder.shl(builder.zext(is_first, _INT), builder.and_(leaf, _int(15)))
        whose = builder.or_(builder.select(is_late, builder.zext(theirs, _INT), _int(0)), mine)
        builder.store(time, builder.gep(builder.bitcast(data, time.type.as_pointer()), [leaf]))
        first = builder.select(is_first, time, builder.bitcast(least, time.type))
        return context.make_tuple(builder, signature.return_type, [first, whose])

    both = types.Tuple((types.float64, types.int64))  # type: ignore[no-untyped-call]
    return both(times, types.int64, types.float64), code


earliest: Any = intrinsic(_earliest)


def _others(context, times, leaf):  # type: ignore[no-untyped-def]
    """The earliest time of a leaf's block but for that leaf's own."""

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        times, leaf = values
        numbers = _block_but(builder, _data(context, builder, signature.args[0], times), leaf)
        return builder.bitcast(_least(builder, numbers), ir.DoubleType())

    return types.float64(times, types.int64), code


others: Any = intrinsic(_others)


@inlined
def next_of_other_leaves(s, leaf):  # type: ignore[no-untyped-def]
    """When something happens next but to this leaf."""
    time = others(s.times, leaf)
    for block in range(len(s.blocks)):
        if block != leaf >> 4:
            time = min(time, record(s.blocks, block).next)
    return time


@inlined
def set_next(s, leaf, time):  # type: ignore[no-untyped-def]
    """When something happens next to a leaf, and to the first of its block."""
    block = record(s.blocks, leaf >> 4)
    block.next, block.whose = earliest(s.times, leaf, time)
