"""A function of the vocabulary over arrays, element by element, as one compiled loop with the bits that NumPy gives."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import Value
from gainsim.ops.machine import Machine
from gainsim.ops.tree import FLOAT, INT, Node, Tree
from gainsim.ops.writer import DECLARATIONS, WIDTH, Writer, function


def compiled(of: Callable[..., Value], *arrays: NDArray[Any]) -> Any:
    """What a function gives of these arrays, doubles and 64-bit integers, which are broadcast: one array, or several.

    It is compiled when it is first met, and kept: it must be the same object each time. Several threads may call at once.

    >>> from gainsim.ops.kernels import norm_ppf
    >>> u = np.array([[1e-9, 0.3, 0.999]])
    >>> bool((compiled(norm_ppf, u) == norm_ppf(u)).all())
    True
    """
    kinds = tuple(INT if array.dtype == np.uint64 else FLOAT for array in arrays)
    whole = np.broadcast(*arrays)
    wide = -(-whole.size // WIDTH) * WIDTH
    given = [_flat(array, whole.shape, wide) for array in arrays]
    loop = _loop_of(of, kinds)
    found = [np.empty(wide, np.uint64 if kind == INT else np.float64) for kind in loop.gives]
    loop.run(*(array.ctypes.data for array in (*given, *found)), wide)
    shaped = [array[: whole.size].reshape(whole.shape) for array in found]
    return shaped[0] if len(shaped) == 1 else tuple(shaped)


def _flat(array: NDArray[Any], whole: tuple[int, ...], wide: int) -> NDArray[Any]:
    """An array broadcast, in a row, filled up to whole vectors with its first element."""
    flat = np.ascontiguousarray(np.broadcast_to(array, whole)).reshape(-1)
    return flat if len(flat) == wide else np.concatenate([flat, np.full(wide - len(flat), flat[0])])


@dataclass(frozen=True)
class _Loop:
    """A compiled loop: its code, which must live as long as `run`, and the kinds of what it gives."""

    machine: Machine
    run: Callable[..., None]
    gives: list[str]


@cache
def _loop_of(of: Callable[..., Value], kinds: tuple[str, ...]) -> _Loop:
    """The loop of a function of these kinds."""
    tree, writer = Tree(), Writer()
    leaves = [tree.leaf("word" if kind == INT else "draw", number) for number, kind in enumerate(kinds)]
    made = of(*leaves)
    roots: list[Node] = list(made) if isinstance(made, tuple) else [made]
    names = [f"%in{number}" for number in range(len(kinds))], [f"%out{number}" for number in range(len(roots))]

    def body(i: str) -> None:
        read = {leaf.number: writer.load(name, i, kind) for leaf, name, kind in zip(leaves, names[0], kinds, strict=True)}
        for root, name, value in zip(roots, names[1], writer.nodes(roots, read), strict=True):
            writer.store(value, name, i, root.kind)

    writer.loop("%count", body)
    writer.do("ret void")
    pointers = ", ".join(f"ptr noalias {name}" for name in (*names[0], *names[1]))
    machine = Machine("\n\n".join([DECLARATIONS, function(f"void @apply({pointers}, i64 %count)", writer.text)]))
    run = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (len(leaves) + len(roots)), ctypes.c_uint64)
    return _Loop(machine, run(machine.address("apply")), [root.kind for root in roots])
