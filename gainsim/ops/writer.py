"""The text of one LLVM function: every value of a tree is a vector over `WIDTH` neighbouring paths.

The width is written down, not left to the compiler to find: the instructions are the same on every processor, whose
registers hold a whole vector or a part of it. No fast-math and no contraction, so every lane does the IEEE operations
that the NumPy runner does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from gainsim.ops.tree import BOOL, FLOAT, INT, Node, needed

WIDTH = 32  # four of the widest registers: while one waits for its result, the others compute

_SCALAR = {FLOAT: "double", BOOL: "i1", INT: "i64"}
_OPERATIONS = {
    "add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv",
    "lt": "fcmp olt", "le": "fcmp ole", "gt": "fcmp ogt", "ge": "fcmp oge",
    "and": "and", "or": "or", "iadd": "add", "isub": "sub", "imul": "mul",
    "iand": "and", "ior": "or", "ixor": "xor", "ishl": "shl", "ishr": "lshr",
}  # fmt: skip
_CALLS = {"sqrt": "llvm.sqrt", "abs": "llvm.fabs"}
_CASTS = {"to_bits": "bitcast", "from_bits": "bitcast", "to_int": "fptosi"}
DECLARATIONS = "\n".join(
    [
        *(f"declare double @{name}.f64(double)" for name in _CALLS.values()),
        *(f"declare <{WIDTH} x double> @{name}.v{WIDTH}f64(<{WIDTH} x double>)" for name in _CALLS.values()),
        f"declare <{WIDTH} x double> @llvm.masked.gather.v{WIDTH}f64.v{WIDTH}p0"
        f"(<{WIDTH} x ptr>, i32, <{WIDTH} x i1>, <{WIDTH} x double>)",
    ]
)


def type_of(kind: str, wide: bool = True) -> str:
    """The LLVM type of a value: one for each of `WIDTH` paths, or one for all."""
    return f"<{WIDTH} x {_SCALAR[kind]}>" if wide else _SCALAR[kind]


def literal(value: float | int) -> str:
    """A number as LLVM writes it, to the bit."""
    return str(value) if isinstance(value, int) else f"0x{np.float64(value).view(np.uint64):016X}"


class Writer:
    """Text of one LLVM function, with fresh names that begin with `prefix`."""

    def __init__(self, prefix: str = "x") -> None:
        self.text: list[str] = []
        self.prefix, self.count = prefix, 0
        self.offsets: list[int] = []  # where each table of constants starts

    def fresh(self) -> str:
        """A name that nothing has yet."""
        self.count += 1
        return f"{self.prefix}{self.count}"

    def put(self, instruction: str) -> str:
        """Add an instruction that gives a value; its name."""
        name = f"%{self.fresh()}"
        self.text.append(f"  {name} = {instruction}")
        return name

    def do(self, instruction: str) -> None:
        """Add an instruction that gives nothing."""
        self.text.append(f"  {instruction}")

    def label(self, name: str) -> None:
        """Start a basic block."""
        self.text.append(f"{name}:")

    def address(self, base: str, index: str, kind: str = FLOAT) -> str:
        """The address of element `index` of the array `base`."""
        return self.put(f"getelementptr inbounds {_SCALAR[kind]}, ptr {base}, i64 {index}")

    def load(self, base: str, index: str, kind: str = FLOAT, *, wide: bool = True) -> str:
        """Elements of an array, from `index` on; the one at `index` if not `wide`."""
        return self.put(f"load {type_of(kind, wide)}, ptr {self.address(base, index, kind)}, align 8")

    def store(self, value: str, base: str, index: str, kind: str = FLOAT, *, wide: bool = True) -> None:
        """Write elements of an array."""
        self.do(f"store {type_of(kind, wide)} {value}, ptr {self.address(base, index, kind)}, align 8")

    def spread(self, value: str, kind: str = FLOAT) -> str:
        """One value for every lane."""
        wide = type_of(kind)
        one = self.put(f"insertelement {wide} poison, {_SCALAR[kind]} {value}, i64 0")
        return self.put(f"shufflevector {wide} {one}, {wide} poison, <{WIDTH} x i32> zeroinitializer")

    def constant(self, node: Node, *, wide: bool = True) -> str:
        """The name of a node that is a number."""
        text = literal(node.args[0])
        return f"splat ({_SCALAR[node.kind]} {text})" if wide else text

    def node(self, node: Node, names: dict[int, str], *, wide: bool = True) -> str:
        """The instruction of a node that is neither a leaf nor a number."""
        args = [names[a.number] for a in node.args if isinstance(a, Node)]
        kind = type_of(node.kind, wide)
        if node.op == "where":
            return self.put(f"select {type_of(BOOL, wide)} {args[0]}, {kind} {args[1]}, {kind} {args[2]}")
        if node.op == "neg":
            return self.put(f"fneg {kind} {args[0]}")
        if node.op == "not":
            return self.put(f"xor {kind} {args[0]}, {'splat (i1 true)' if wide else 'true'}")
        if node.op in _CALLS:
            return self.put(f"call {kind} @{_CALLS[node.op]}.{f'v{WIDTH}' if wide else ''}f64({kind} {args[0]})")
        if node.op in _CASTS:
            given = type_of(node.args[0].kind, wide)
            return self.put(f"{_CASTS[node.op]} {given} {args[0]} to {kind}")
        if node.op == "gather":
            return self._gather(self.offsets[node.args[0]], args[0], wide)
        return self.put(f"{_OPERATIONS[node.op]} {type_of(node.args[0].kind, wide)} {', '.join(args)}")

    def _gather(self, offset: int, index: str, wide: bool) -> str:
        table = self.address("%constants", str(offset))
        if not wide:
            return self.load(table, index, wide=False)
        places = self.put(f"getelementptr inbounds double, ptr {table}, {type_of(INT)} {index}")
        all_lanes, kind = f"<{WIDTH} x i1> splat (i1 true)", type_of(FLOAT)
        return self.put(
            f"call {kind} @llvm.masked.gather.v{WIDTH}f64.v{WIDTH}p0"
            f"(<{WIDTH} x ptr> {places}, i32 8, {all_lanes}, {kind} poison)"
        )

    def nodes(self, roots: list[Node], leaves: dict[int, str]) -> list[str]:
        """Write all that `roots` need, given the names of the leaves; the names of the roots."""
        names = dict(leaves)
        for node in needed(roots):
            if node.number not in names:
                names[node.number] = self.constant(node) if node.op == "const" else self.node(node, names)
        return [names[root.number] for root in roots]

    def loop(self, count: str, body: Callable[[str], None], step: int = WIDTH) -> None:
        """`for i in range(0, count, step)`."""
        name = self.fresh()
        before, head, after = f"before_{name}", f"head_{name}", f"after_{name}"
        self.do(f"br label %{before}")
        self.label(before)
        some = self.put(f"icmp sgt i64 {count}, 0")
        self.do(f"br i1 {some}, label %{head}, label %{after}")
        self.label(head)
        self.do(f"%i_{name} = phi i64 [ 0, %{before} ], [ %next_{name}, %{head} ]")
        body(f"%i_{name}")
        self.do(f"%next_{name} = add nuw nsw i64 %i_{name}, {step}")
        more = self.put(f"icmp slt i64 %next_{name}, {count}")
        self.do(f"br i1 {more}, label %{head}, label %{after}")
        self.label(after)


def function(signature: str, body: Iterable[str]) -> str:
    """A function of these lines; vectors of eight stay in one register where the processor has one."""
    return "\n".join([f'define {signature} "prefer-vector-width"="512" {{', "start:", *body, "}"])
