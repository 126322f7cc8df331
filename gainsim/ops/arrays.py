"""The NumPy runner: a program over arrays, one operation at a time. Nothing to compile, every node can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import Value, bits
from gainsim.ops.blame import why
from gainsim.ops.program import Program
from gainsim.ops.tree import FLOAT, Node, needed

Floats = NDArray[np.float64]


class Draws(Protocol):
    """Where a runner finds its normal scores."""

    def normals(self, stream: str, paths: NDArray[np.uint64], period: int) -> Floats:
        """(paths,) standard normals of `stream` in `period`."""

    def normals_once(self, stream: str, paths: NDArray[np.uint64]) -> Floats:
        """(paths,) standard normals of `stream` that hold for life."""


@runtime_checkable
class Uniforms(Protocol):
    """Where it finds the draws of streams that are read as uniforms."""

    def uniforms(self, stream: str, paths: NDArray[np.uint64], period: int) -> Floats:
        """(paths,) uniforms in (0, 1) of `stream` in `period`."""


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "where": np.where,
    **{name: getattr(bits, name) for name in ("iadd", "isub", "imul", "iand", "ior", "ixor", "ishl", "ishr")},
    **{name: getattr(bits, name) for name in ("to_bits", "from_bits", "to_int")},
}


def run_arrays(
    program: Program,
    draws: Draws | None,
    paths: NDArray[np.uint64],
    inputs: Mapping[str, Floats] | None = None,
    *,
    checked: bool = False,
) -> Floats:
    """Every row of the ledger for these paths: (rows, paths).

    draws:   the source of normal scores; None where the program draws nothing
    inputs:  by name, (periods, paths) or (periods, 1)
    checked: look at every node and raise `NotFiniteError` at the first value that is not finite, naming the formula or
             step, the path and the period. Unused branches of a `where` may be infinite: only what is used counts.
    """
    run = ArrayRun(program, draws, paths, inputs)
    run.advance(range(program.periods), checked=checked)
    return run.lines


def known_beforehand(program: Program, value: Value) -> Floats | None:
    """A value that no path moves, by period, (periods,); None where it differs by path or has a memory.

    >>> program = Program(periods=3)
    >>> known_beforehand(program, 2.0 * program.param([1.0, 2.0, 4.0]))
    array([2., 4., 8.])
    """
    root = program.node(value)
    if root.section >= 0:
        return None
    params, found = program.params, dict[int, Any]()
    with np.errstate(all="ignore"):
        for node in needed([root]):
            match node.op:
                case "const":
                    found[node.number] = _constant(node)
                case "param":
                    found[node.number] = params[:, node.args[0]]
                case "gather":
                    table, index = node.args
                    found[node.number] = program.tree.constants[table][found[index.number].astype(np.int64)]
                case _:
                    found[node.number] = OPERATIONS[node.op](*(found[a.number] for a in node.args))
    return np.array(np.broadcast_to(found[root.number], (program.periods,)))


def _constant(node: Node) -> NDArray[Any]:
    number = node.args[0] if node.kind == FLOAT else node.args[0] & 0xFFFFFFFFFFFFFFFF
    return np.array([number], np.float64 if node.kind == FLOAT else np.uint64)


class ArrayRun:
    """One block of paths on its way through the periods; it may stop after any period and be taken up again.

    lines:  (rows, paths), filled as far as the run has come
    memory: the states by path, (states, paths); one taken from another run of the same paths takes that run up
    first:  the period in which the run begins, and with it the first row of every input
    """

    def __init__(
        self,
        program: Program,
        draws: Draws | None,
        paths: NDArray[np.uint64],
        inputs: Mapping[str, Floats] | None = None,
        memory: Floats | None = None,
        first: int = 0,
    ) -> None:
        self.program, self.draws, self.paths, self.inputs = program, draws, paths, inputs or {}
        self.opening, self.first = memory, first
        self.params, self.table = program.params, program.row_table
        self.lines = np.empty((len(program.rows), len(paths)))
        initial = np.array([state.initial for state in program.states])
        self.memory = np.array(memory) if memory is not None else np.repeat(initial[:, None], len(paths), axis=1)
        live = program.live()
        self.slots = program.live_states()
        self.once = {name: draws.normals_once(name, paths) for name in program.once_streams if draws is not None}
        self.uniform = [node for node in live if node.section < 0]
        self.by_section = program.steps()
        self.values: dict[int, Any] = {}

    def advance(self, periods: range, *, checked: bool = False) -> None:
        """Run these periods, which follow on the last that was run."""
        with np.errstate(all="ignore"):
            for t in periods:
                self.period(t)
                if checked:
                    self.check(t)

    def period(self, t: int) -> None:
        """Run one period: its sections in their order."""
        self.values = {}
        for node in self.uniform:
            self.values[node.number] = self.value(node, t)
        for section, nodes in zip(self.program.sections, self.by_section, strict=True):
            if not section.due[t]:
                continue
            for node in nodes:
                self.values[node.number] = self.value(node, t)
            for line, node in section.lines:
                self.lines[self.table[t, line]] = self.values[node.number]
            for state, node in section.writes:
                if state.slot in self.slots:
                    self.memory[state.slot] = self.values[node.number]

    def value(self, node: Node, t: int) -> Any:
        """The value of one node in this period, its arguments being known."""
        match node.op:
            case "const":
                return _constant(node)
            case "param":
                return self.params[t, node.args[0] : node.args[0] + 1]
            case "state":
                return self.memory[node.args[0]].copy()  # what is read stays as it was when it is written
            case "draw":
                assert self.draws is not None
                stream = self.program.streams[node.args[0]]
                if stream not in self.program.unscored:
                    return self.draws.normals(stream, self.paths, t)
                assert isinstance(self.draws, Uniforms)
                return self.draws.uniforms(stream, self.paths, t)
            case "draw_once":
                return self.once[self.program.once_streams[node.args[0]]]
            case "input":
                return self.inputs[self.program.inputs[node.args[0]]][t - self.first]
            case "gather":
                table, index = node.args
                return self.program.tree.constants[table][self.values[index.number].astype(np.int64)]
        return OPERATIONS[node.op](*(self.values[a.number] for a in node.args))

    def check(self, t: int) -> None:
        """Raise at the innermost value of this period that made a line not finite."""
        for section in self.program.sections:
            if section.due[t]:
                for line, node in section.lines:
                    bad = ~np.isfinite(np.broadcast_to(self.values[node.number], len(self.paths)))
                    if bad.any():
                        raise why(self, node, int(np.argmax(bad)), t, self.program.line_names[line])

    def alone(self, column: int) -> ArrayRun:
        """A new run, from where this one began, of the path in this column."""
        inputs = {name: x[:, [column]] if x.shape[1] > 1 else x for name, x in self.inputs.items()}
        memory = None if self.opening is None else self.opening[:, [column]]
        return ArrayRun(self.program, self.draws, self.paths[[column]], inputs, memory, self.first)

    def at(self, node: Node, column: int) -> float:
        """The value of a node on one path of the block."""
        return float(np.broadcast_to(self.values[node.number], len(self.paths))[column])
