"""The tree: what a step writes down when it is given nodes instead of arrays.

A `Node` records one operation. Writing the same operation on the same arguments twice gives the same node, so that a
tree holds each quantity once. A node refuses everything that would leave the vocabulary: a Python branch, NumPy's own
functions, an in-place write.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

FLOAT, INT, BOOL = "float", "int", "bool"

#: the kind of value every operation gives
KINDS = {
    **dict.fromkeys(("add", "sub", "mul", "div", "neg", "sqrt", "abs", "from_bits", "gather"), FLOAT),
    **dict.fromkeys(("lt", "le", "gt", "ge", "and", "or", "not"), BOOL),
    **dict.fromkeys(("to_bits", "to_int", "iadd", "isub", "imul", "iand", "ior", "ixor", "ishl", "ishr"), INT),
    **dict.fromkeys(("param", "state", "draw", "draw_once", "input"), FLOAT),
    **dict.fromkeys(("path", "word"), INT),
}

#: the section of a node that is the same for all paths, and may stand anywhere
UNIFORM = -1


class Node:
    """One operation of a tree.

    op:      the operation, a key of `KINDS`, or "const" or "where"
    args:    its arguments: nodes, or for leaves a number or a slot
    kind:    FLOAT, INT or BOOL
    section: the earliest section that can compute it (see `gainsim.ops.program`); `UNIFORM` if it needs no path
    reads:   the sections it is made in, itself and through its arguments, a bit for each
    label:   the formula or step it was first written for
    doubtful: whether it may be no number: a quotient, a root, what must keep a rule, and all that is made of them
    """

    __slots__ = ("args", "doubtful", "kind", "label", "number", "op", "reads", "section", "tree")
    __array_ufunc__ = None  # so that np.exp(node) and np.float64(2) * node fail or come to us; never half-work

    def __init__(self, tree: Tree, op: str, args: tuple[Any, ...], kind: str, section: int) -> None:
        self.tree, self.op, self.args, self.kind, self.section = tree, op, args, kind, section
        self.number = len(tree.nodes)
        self.reads = 0 if section == UNIFORM else 1 << section
        self.doubtful = False
        for argument in args:
            if isinstance(argument, Node):
                self.reads |= argument.reads
                self.doubtful = self.doubtful or (argument.doubtful and kind != BOOL)
        self.label = tree.label

    def __repr__(self) -> str:
        inner = ", ".join(f"n{a.number}" if isinstance(a, Node) else repr(a) for a in self.args)
        return f"n{self.number} = {self.op}({inner})"

    def __bool__(self) -> NoReturn:
        raise TypeError("a Python branch on a value that differs by path; use where()")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Node):
            return self is other
        raise TypeError("whether a computed value equals a number depends on its last bit; compare with <= and >=")

    __hash__ = object.__hash__

    def __array__(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("NumPy's own functions stay outside a step; use those of gainsim.ops")

    def __setitem__(self, *_: object) -> NoReturn:
        raise TypeError("a step never writes into its arguments; return a new value")

    def __pow__(self, _: object) -> NoReturn:
        raise TypeError("no powers: the bits of pow() differ between machines; multiply, or use exp and log")

    def __neg__(self) -> Node:
        return self.tree.node("neg", self)

    def __add__(self, other: Any) -> Node:
        return self.tree.node("add", self, other)

    def __radd__(self, other: Any) -> Node:
        return self.tree.node("add", other, self)

    def __sub__(self, other: Any) -> Node:
        return self.tree.node("sub", self, other)

    def __rsub__(self, other: Any) -> Node:
        return self.tree.node("sub", other, self)

    def __mul__(self, other: Any) -> Node:
        return self.tree.node("mul", self, other)

    def __rmul__(self, other: Any) -> Node:
        return self.tree.node("mul", other, self)

    def __truediv__(self, other: Any) -> Node:
        return self.tree.node("div", self, other)

    def __rtruediv__(self, other: Any) -> Node:
        return self.tree.node("div", other, self)

    def __lt__(self, other: Any) -> Node:
        return self.tree.node("lt", self, other)

    def __le__(self, other: Any) -> Node:
        return self.tree.node("le", self, other)

    def __gt__(self, other: Any) -> Node:
        return self.tree.node("gt", self, other)

    def __ge__(self, other: Any) -> Node:
        return self.tree.node("ge", self, other)


class Tree:
    """All nodes of one model, in the order in which they were written (arguments always first).

    >>> tree = Tree()
    >>> price = tree.leaf("draw", 0, section=0)
    >>> doubled = 2.0 * price
    >>> doubled is 2.0 * price
    True
    >>> doubled
    n2 = mul(n1, n0)
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.label = ""
        self.constants: list[NDArray[np.float64]] = []
        self.refusals: dict[int, str] = {}  # by number of a choice: what it says where it gives no number
        self.refused: dict[int, Node] = {}  # by number of such a choice: the value that it refuses, where that is told
        self.compared: dict[int, list[Node]] = {}  # by number of a choice: the doubtful values that its condition compares
        self._known: dict[tuple[Any, ...], Node] = {}
        self._tables: dict[bytes, int] = {}

    def leaf(self, op: str, slot: int, section: int = UNIFORM) -> Node:
        """A leaf: a dated parameter, a state, a draw, an input; `slot` says which one."""
        return self._intern((op, slot, section), op, (slot,), KINDS[op], section)

    def const(self, value: float | int) -> Node:
        """A number. Integers stay integers: they belong to the bit operations of the kernels."""
        if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
            return self._intern(("const", int(value)), "const", (int(value),), INT, UNIFORM)
        number = float(value)
        return self._intern(("const", number.hex()), "const", (number,), FLOAT, UNIFORM)

    def node(self, op: str, *args: Any) -> Node:
        """An operation on nodes and numbers."""
        wanted = INT if op[0] == "i" and op in KINDS and KINDS[op] == INT else FLOAT
        nodes = tuple(a if isinstance(a, Node) else self.const(a if wanted == INT else float(a)) for a in args)
        if any(a.tree is not self for a in nodes):
            raise ValueError("values of two different models were mixed")
        if op == "mul" and any(_is_one(a) for a in nodes):  # x * 1.0 is x, to the bit
            return nodes[1] if _is_one(nodes[0]) else nodes[0]
        kind = nodes[1].kind if op == "where" else KINDS[op]
        section = max(a.section for a in nodes)
        return self._intern((op, *(a.number for a in nodes)), op, nodes, kind, section)

    def gather(self, table: NDArray[np.float64], index: Node) -> Node:
        """Element `index` of a table of constants; tables with the same bytes are kept once."""
        number = self._tables.setdefault(table.tobytes(), len(self.constants))
        if number == len(self.constants):
            self.constants.append(np.array(table, np.float64).ravel())
        return self._intern(("gather", number, index.number), "gather", (number, index), FLOAT, index.section)

    def _intern(self, key: tuple[Any, ...], op: str, args: tuple[Any, ...], kind: str, section: int) -> Node:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Node(self, op, args, kind, section)
            self.nodes.append(found)
        return found


def _is_one(node: Node) -> bool:
    return node.op == "const" and node.args[0] == 1.0


def needed(roots: list[Node]) -> Iterator[Node]:
    """The nodes that `roots` are made of, roots included, arguments first."""
    seen: set[int] = set()
    stack = list(roots)
    found: list[Node] = []
    while stack:
        node = stack.pop()
        if node.number in seen:
            continue
        seen.add(node.number)
        found.append(node)
        stack.extend(a for a in node.args if isinstance(a, Node))
    return iter(sorted(found, key=lambda node: node.number))
