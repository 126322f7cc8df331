"""What a change reaches: two programs compared, and the second one cut where the change begins.

Written down from an offer and from the same offer with a number moved, two programs share most of their values. A value
of the second that is made of the same parts as one of the first is the same number on every path: it is *known*, memories
included. What is not known is *reached*. `before` is the first program up to the values that are read where the change
begins; `Cut` is the second one from there on: it draws nothing, takes those values as they are stored, and its
numbers are settings, so that another number is another setting of the same loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import where
from gainsim.ops.program import Program, State
from gainsim.ops.tree import BOOL, FLOAT, INT, UNIFORM, Node, needed

Bools = NDArray[np.bool_]
#: a value as what it is made of: its operation, and what stands for its arguments
Made = tuple[object, ...]
#: a value of the first program, by its number, in a period
Place = tuple[int, int]


class Known:
    """The values of a program, to be found again in others."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._numbers: dict[Made, int] = {}
        self._number_of: dict[int, int] = {}
        columns = _columns(program)
        for node in program.tree.nodes:
            made = _made(program, node, columns, self._number_of, ())
            assert made is not None
            self._number_of[node.number] = self._numbers.setdefault(made, node.number)
        drawn = ("draw", "draw_once", "input")
        self._made = frozenset(self._number_of[node.number] for node in program.live() if node.op not in drawn)
        self._kept = {state.slot: self._number_of[value.number] for s in program.sections for state, value in s.writes}
        self._lines = {line: self._number_of[value.number] for s in program.sections for line, value in s.lines}

    def frames(self, other: Program) -> bool:
        """Whether another program has the same sections, memories, draws and lines, whatever they come to."""
        return _frame(self.program) == _frame(other)

    def within(self, other: Program) -> dict[int, int]:
        """The live values of another program of the same frame that are known: by their number, that of the first's.

        A memory is the same where it begins with the same number and, were it the same in one period, is the same in the next.
        """
        live, columns = other.live(), _columns(other)
        read = {node.args[0] for node in live if node.op == "state"}
        kept = {state.slot: value for section in other.sections for state, value in section.writes}
        moved = {slot for slot in read if other.states[slot].initial != self.program.states[slot].initial}
        while True:
            found: dict[int, int] = {}
            for node in live:
                made = _made(other, node, columns, found, moved)
                number = None if made is None else self._numbers.get(made)
                if number is not None:
                    found[node.number] = number
            more = {s for s in read & kept.keys() if found.get(kept[s].number) != self._kept[s]} - moved
            if not more:
                return found
            moved |= more

    def lines_moved(self, other: Program, found: Mapping[int, int]) -> set[int]:
        """The lines of another program that are not known to come to what they did.

        found: what is known of the other program, by number. A value may be known and yet not be the one that the line had: a fee
        that moves to the amount of another.
        """
        return {line for s in other.sections for line, value in s.lines if found.get(value.number) != self._lines[line]}

    def due(self, number: int) -> Bools:
        """(periods,) in which a value is known: all that it is made of has run."""
        orders = {node.section for node in needed([self.program.tree.nodes[number]])} - {UNIFORM}
        due: Bools = np.logical_and.reduce([self.program.sections[order].due for order in sorted(orders)])
        return due

    def lost(self, found: Mapping[int, int]) -> frozenset[int]:
        """The values that are not found again in another program; what is drawn, or given, is never lost."""
        return self._made.difference(found.values())


def _frame(program: Program) -> Made:
    """What must be alike for values of two programs to be compared by their parts."""
    sections = [(s.due.tobytes(), [state.slot for state, _ in s.writes], [line for line, _ in s.lines]) for s in program.sections]
    return program.periods, sections, program.streams, program.once_streams, program.adding_up, program.unscored, program.line_names


def _columns(program: Program) -> list[bytes]:
    """Every parameter by period; one that never changes as the number it is."""
    return [(column[:1] if (column == column[0]).all() else column).tobytes() for column in np.ascontiguousarray(program.params.T)]


def _made(
    program: Program, node: Node, columns: Sequence[bytes], number_of: Mapping[int, int], moved: Collection[int]
) -> Made | None:
    """What a value is made of; None where a part of it is not known, or a memory has moved."""
    match node.op:
        case "const":
            return ("number", np.float64(node.args[0]).tobytes()) if node.kind == FLOAT else ("whole number", node.args[0])
        case "param":
            return "number", columns[node.args[0]]
        case "state":
            return None if node.args[0] in moved else ("state", node.args[0], node.section)
        case "draw":
            return "draw", program.streams[node.args[0]], node.section
        case "draw_once":
            return "draw once", program.once_streams[node.args[0]], node.section
        case "input":
            return "input", program.inputs[node.args[0]], node.section
        case "gather":
            table, index = node.args
            number = number_of.get(index.number)
            return None if number is None else ("gather", program.tree.constants[table].tobytes(), number)
    numbers = [number_of.get(argument.number) for argument in node.args]
    return None if None in numbers else (node.op, *numbers)


class _Copy:
    """Parts of a program written down in a new one.

    known: by number, the values that are not written down but taken as they are stored, under the name they have here
    """

    def __init__(self, of: Program, known: Mapping[int, int], *, numbers_are_settings: bool) -> None:
        self.of, self.known, self.settings = of, known, numbers_are_settings
        self.into = Program(of.periods)
        for section in of.sections:
            self.into.section(section.name, np.flatnonzero(section.due).tolist())
        self.columns = of.params
        self.made: dict[int, Node] = {}
        self.states: dict[int, State] = {}
        self.read: dict[int, int] = {}

    def write(self, roots: Iterable[Node]) -> None:
        """Write down all that these values are made of, memories too."""
        kept = {state.slot: (section, value) for section in self.of.sections for state, value in section.writes}
        stack, found, slots = list(roots), dict[int, Node](), set[int]()
        while stack:
            node = stack.pop()
            if node.number in found:
                continue
            found[node.number] = node
            if self._is_stored(node):
                continue
            stack.extend(a for a in node.args if isinstance(a, Node))
            if node.op == "state" and node.args[0] not in slots:
                slots.add(node.args[0])
                if node.args[0] in kept:
                    stack.append(kept[node.args[0]][1])
        for number in sorted(found):
            if not _is_number(found[number]):
                self.made[number] = self._written(found[number])
        for slot in sorted(slots & kept.keys()):
            section, value = kept[slot]
            self.states[slot].write(self.into.sections[section.order], self.value(value))

    def value(self, node: Node) -> Node:
        """What stands for a value here; a number has a setting of its own at every place where it is read."""
        if not _is_number(node):
            return self.made[node.number]
        if self.settings:
            column = self.columns[:, node.args[0]] if node.op == "param" else node.args[0]
            return self.into.setting(str(len(self.into.settings)), column)
        return self.into.param(self.columns[:, node.args[0]]) if node.op == "param" else self.into.tree.const(node.args[0])

    def _is_stored(self, node: Node) -> bool:
        return node.section != UNIFORM and node.kind != INT and node.number in self.known

    def _written(self, node: Node) -> Node:
        section = self.into.sections[node.section] if node.section != UNIFORM else None
        if self._is_stored(node):
            assert section is not None
            stored = self.into.input(str(self.known[node.number]), section)
            self.read[stored.number] = self.known[node.number]
            return stored > 0.5 if node.kind == BOOL else stored
        match node.op:
            case "const":
                return self.into.tree.const(node.args[0])
            case "state":
                assert section is not None
                state = self.of.states[node.args[0]]
                if state.slot not in self.states:
                    self.states[state.slot] = self.into.state(state.initial, state.name)
                return self.states[state.slot].read(section)
            case "draw":
                assert section is not None
                stream = self.of.streams[node.args[0]]
                return (self.into.draw_uniform if stream in self.of.unscored else self.into.draw)(stream, section)
            case "draw_once":
                assert section is not None
                return self.into.draw_once(self.of.once_streams[node.args[0]], section)
            case "input":
                assert section is not None
                return self.into.input(self.of.inputs[node.args[0]], section)
            case "gather":
                table, index = node.args
                return self.into.tree.gather(self.of.tree.constants[table], self.value(index))
        return self.into.tree.node(node.op, *(self.value(argument) for argument in node.args))


def _is_number(node: Node) -> bool:
    """Whether a value is a plain number of the program, by period or for all."""
    return node.op == "param" or (node.op == "const" and node.kind == FLOAT)


def before(first: Program, wanted: Mapping[int, Bools]) -> tuple[Program, dict[Place, int]]:
    """The first program as far as these values need it, each a line in its periods; and the row of each value and period.

    wanted: by number of a value, periods in which it is known, (periods,)
    A condition is 1 where it holds and 0 where it does not.
    """
    roots = {number: first.tree.nodes[number] for number in sorted(wanted)}
    copy = _Copy(first, {}, numbers_are_settings=False)
    copy.into.streams, copy.into.once_streams = list(first.streams), list(first.once_streams)  # in their order in the plan
    copy.write(roots.values())
    together: dict[bytes, list[int]] = {}
    for number in roots:
        together.setdefault(wanted[number].tobytes(), []).append(number)
    line_of: dict[int, int] = {}
    for due, numbers in together.items():
        section = copy.into.section("known", np.flatnonzero(np.frombuffer(due, bool)).tolist())
        for number in numbers:
            value = copy.value(roots[number])
            value = where(value, 1.0, 0.0) if value.kind == BOOL else value
            line_of[copy.into.line(str(number), section, value)] = number
    return copy.into, {(line_of[line], t): row for row, (t, line) in enumerate(copy.into.rows)}


@dataclass(frozen=True)
class Cut:
    """A program from where a change begins: stored values in, some of its lines out.

    program: the rest; its inputs are named by the numbers of the values that are stored
    lines:   of each of its lines, which one it is of the whole
    due:     of each of its lines, the periods in which it is wanted
    """

    program: Program
    lines: tuple[int, ...]
    due: Bools
    _read: Mapping[int, int] = field(repr=False)

    @property
    def wanted(self) -> dict[int, Bools]:
        """The values that are read, by number, and the periods in which they are, (periods,)."""
        program, found = self.program, dict[int, Bools]()
        steps = list(zip(program.sections, program.steps(), strict=True))

        def read(node: Node, due: Bools) -> None:
            if node.number in self._read:
                number = self._read[node.number]
                found[number] = found.get(number, np.zeros(program.periods, bool)) | due

        for section, nodes in steps:
            for node in nodes:
                for argument in node.args:
                    if isinstance(argument, Node):
                        read(argument, section.due)
        for section in program.sections:
            for line, value in section.lines:
                read(value, section.due & self.due[line])
            for _, value in section.writes:
                read(value, section.due)
        return found

    @property
    def form(self) -> Made:
        """What two cuts have in common that differ in their settings alone: they are the same loop over the same values."""
        program = self.program
        nodes = [(n.op, n.kind, n.section, *(a.number if isinstance(a, Node) else a for a in n.args)) for n in program.tree.nodes]
        sections = [(s.due.tobytes(), [n.number for n in s.roots]) for s in program.sections]
        memory = [(state.initial, state.written_by and state.written_by.order) for state in program.states]
        tables = [table.tobytes() for table in program.tree.constants]
        return tuple(map(repr, (nodes, sections, memory, tables, program.inputs, self.lines, self.due.tobytes())))


def cut(other: Program, known: Mapping[int, int], lines: Mapping[int, Bools]) -> Cut:
    """The part of a program that these lines need beyond what is known. lines: by line, the periods in which it is wanted."""
    copy = _Copy(other, known, numbers_are_settings=True)
    entries = [(section, line, value) for section in other.sections for line, value in section.lines if line in lines]
    copy.write(value for _, _, value in entries)
    numbers = [line for _, line, _ in entries]
    for section, line, value in entries:
        copy.into.line(other.line_names[line], copy.into.sections[section.order], copy.value(value))
    due = np.array([lines[line] for line in numbers]).reshape(len(numbers), other.periods)
    return Cut(copy.into, tuple(numbers), due, copy.read)

