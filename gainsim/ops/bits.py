"""Integer and bit operations, for the kernels alone. Integers are 64 bits wide and wrap around."""

from __future__ import annotations

from typing import Any

import numpy as np

from gainsim.ops.tree import Node

Value = Any


def _integer(x: Value) -> Value:
    return x if isinstance(x, np.ndarray) else np.array([x & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64)


def _binary(name: str, ufunc: Any) -> Any:
    def operation(a: Value, b: Value) -> Value:
        for value in (a, b):
            if isinstance(value, Node):
                return value.tree.node(name, a, b)
        return ufunc(_integer(a), _integer(b))

    operation.__name__ = name
    operation.__doc__ = f"`{name}` of two 64-bit integers."
    return operation


iadd = _binary("iadd", np.add)
isub = _binary("isub", np.subtract)
imul = _binary("imul", np.multiply)
iand = _binary("iand", np.bitwise_and)
ior = _binary("ior", np.bitwise_or)
ixor = _binary("ixor", np.bitwise_xor)
ishl = _binary("ishl", np.left_shift)
ishr = _binary("ishr", np.right_shift)


def to_bits(x: Value) -> Value:
    """The 64 bits of a double, as an integer."""
    return x.tree.node("to_bits", x) if isinstance(x, Node) else np.ascontiguousarray(x, np.float64).view(np.uint64)


def from_bits(x: Value) -> Value:
    """The double that has these 64 bits."""
    return x.tree.node("from_bits", x) if isinstance(x, Node) else x.view(np.float64)


def to_int(x: Value) -> Value:
    """The whole part of a double in [0, 2^53), as an integer."""
    return x.tree.node("to_int", x) if isinstance(x, Node) else np.asarray(x).astype(np.int64).view(np.uint64)


def to_float(k: Value) -> Value:
    """An integer between -2^31 and 2^31 as a double, by bits: not every processor converts eight at a time."""
    return from_bits(iadd(k, 0x4330000080000000)) - 4503601774854144.0  # 2^52 + 2^31
