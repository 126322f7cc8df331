"""A program: the steps of a model written down as sections, to be run over periods and paths.

A section is a list of steps that fall due together ("every month", "at each year end"). Within a period the sections
run in the order in which they were opened. A state is memory by path: it is read with the value it then has, and
written when its section ends. A line is a result: one row of the ledger for every period in which its section is due.

>>> program = Program(periods=3)
>>> every = program.section("every period")
>>> price = program.draw("price", every)
>>> total = program.state(0.0, "total")
>>> total.write(every, total.read(every) + price)
>>> at_end = program.section("at the end", due=[2])
>>> program.line("total", at_end, total.read(at_end))
0
>>> program.rows
((2, 0),)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import Value, doubted
from gainsim.ops.tree import Node, Tree, needed


@dataclass(eq=False)
class Section:
    """Steps that fall due together. due: (periods,) bool; order: its place within a period."""

    name: str
    order: int
    due: NDArray[np.bool_]
    writes: list[tuple[State, Node]] = field(default_factory=list)
    lines: list[tuple[int, Node]] = field(default_factory=list)

    @property
    def roots(self) -> list[Node]:
        """What the section enters in the ledger and keeps in memory."""
        return [*(node for _, node in self.lines), *(node for _, node in self.writes)]


@dataclass(eq=False)
class State:
    """Memory by path, `initial` before the first period; written by one section at most once a period.

    entered: whether all that it comes to is a line of the ledger too, which ends the run where it is no number
    """

    program: Program
    slot: int
    name: str
    initial: float
    entered: bool = False
    written_by: Section | None = None

    def read(self, section: Section) -> Node:
        """The value when `section` runs: this period's if the writing section has run before it, else the last one."""
        read = self.program.tree.leaf("state", self.slot, section.order)
        return doubted(read) if self.name in self.program.doubtful else read

    def write(self, section: Section, value: Value) -> None:
        """Set the memory when `section` ends."""
        if self.written_by is not None:
            raise ValueError("a state is written in one place")
        self.written_by = section
        section.writes.append((self, self.program.reached_in(section, value)))


class Program:
    """Sections, states, dated parameters, draws and lines; built by steps, executed by a runner.

    doubtful: the names of memories that may hold no number; they are read before they are written, so whoever builds
              steps on them writes these down once to find which, and then anew
    """

    def __init__(self, periods: int, doubtful: Collection[str] = ()) -> None:
        self.periods, self.doubtful = periods, doubtful
        self.tree = Tree()
        self.sections: list[Section] = []
        self.states: list[State] = []
        self.line_names: list[str] = []
        self.streams: list[str] = []
        self.once_streams: list[str] = []
        self.unscored: set[str] = set()  # streams that are read as uniforms
        self.adding_up: set[str] = set()  # streams of which what is drawn stays in the later periods, as in a walk
        self.inputs: list[str] = []
        self.places: dict[str, NDArray[np.int64]] = {}  # of inputs of which single periods are stored: the row of each
        self.settings: dict[str, int] = {}
        self._columns: dict[bytes, int] = {}
        self._params: list[NDArray[np.float64]] = []

    def section(self, name: str, due: Iterable[int] | None = None) -> Section:
        """Open a section after all that are open, due in every period unless said."""
        mask = np.ones(self.periods, bool) if due is None else np.zeros(self.periods, bool)
        if due is not None:
            mask[list(due)] = True
        self.sections.append(Section(name, len(self.sections), mask))
        return self.sections[-1]

    def node(self, value: Value) -> Node:
        """A value as a node: numbers become constants."""
        return value if isinstance(value, Node) else self.tree.const(float(value))

    def reached_in(self, section: Section, value: Value) -> Node:
        """A value as a node that `section` can read: made by sections that run before it, whenever it is due."""
        node = self.node(value)
        for source in self.sections:
            read = node.reads >> source.order & 1
            if read and (source.order > section.order or (section.due & ~source.due).any()):
                raise ValueError(f"'{section.name}' reads a value of '{source.name}', which has not run by then")
        return node

    def param(self, values: float | Sequence[float] | NDArray[np.float64]) -> Node:
        """A number of the contract or the world, by period: (periods,) or one for all periods."""
        column = np.array(np.broadcast_to(np.asarray(values, np.float64), (self.periods,)))
        number = self._columns.setdefault(column.tobytes(), len(self._params))
        if number == len(self._params):
            self._params.append(column)
        return self.tree.leaf("param", number)

    def setting(self, name: str, values: float | Sequence[float] | NDArray[np.float64]) -> Node:
        """A number by period that is found before a run, by name: no other shares it, so it may be set anew.

        Two programs that differ in settings alone are compiled once.
        """
        self.settings[name] = len(self._params)
        self._params.append(np.array(np.broadcast_to(np.asarray(values, np.float64), (self.periods,))))
        return self.tree.leaf("param", self.settings[name])

    @property
    def params(self) -> NDArray[np.float64]:
        """The dated parameters: (periods, columns)."""
        return np.stack(self._params, axis=1) if self._params else np.zeros((self.periods, 0))

    def state(self, initial: float, name: str = "memory", *, entered: bool = False) -> State:
        """New memory by path; several of one name are numbered."""
        same = sum(1 for state in self.states if state.name.split(" #")[0] == name)
        name = name if not same else f"{name} #{same + 1}"
        self.states.append(State(self, len(self.states), name, float(initial), entered))
        return self.states[-1]

    @property
    def doubted(self) -> frozenset[str]:
        """The names of memories into which something doubtful is written that is no line by itself."""
        writes = [write for section in self.sections for write in section.writes]
        return frozenset(state.name for state, value in writes if value.doubtful and not state.entered)

    def draw(self, stream: str, section: Section) -> Node:
        """The standard normal draw of `stream` in this period."""
        return self.tree.leaf("draw", _number_in(self.streams, stream), section.order)

    def draw_uniform(self, stream: str, section: Section) -> Node:
        """The uniform draw of `stream` in this period: what its normal one would be made of. No stream is read as both."""
        self.unscored.add(stream)
        return self.draw(stream, section)

    def draw_once(self, stream: str, section: Section) -> Node:
        """The standard normal draw of `stream` that holds for the whole life of a path."""
        return self.tree.leaf("draw_once", _number_in(self.once_streams, stream), section.order)

    def input(self, name: str, section: Section) -> Node:
        """A value given from outside by period and path: a measured fact, a central value, a decision."""
        return self.tree.leaf("input", _number_in(self.inputs, name), section.order)

    def line(self, name: str, section: Section, value: Value) -> int:
        """Record `value` as a row of the ledger whenever `section` is due; gives the line's number."""
        section.lines.append((len(self.line_names), self.reached_in(section, value)))
        self.line_names.append(name)
        return len(self.line_names) - 1

    @property
    def rows(self) -> tuple[tuple[int, int], ...]:
        """(period, line) of every row of the ledger, in order of time, then of sections."""
        return tuple(
            (t, line)
            for t in range(self.periods)
            for section in self.sections
            if section.due[t]
            for line, _ in section.lines
        )

    @property
    def row_table(self) -> NDArray[np.int64]:
        """(periods, lines): the row of a line in a period, -1 where it is not due."""
        table = np.full((self.periods, max(1, len(self.line_names))), -1, np.int64)
        for row, (t, line) in enumerate(self.rows):
            table[t, line] = row
        return table

    @property
    def input_table(self) -> NDArray[np.int64]:
        """(periods, inputs): the row in which an input stands in a period; unless said, inputs follow each other, whole."""
        table = np.arange(len(self.inputs) * self.periods, dtype=np.int64).reshape(len(self.inputs), self.periods).T.copy()
        for number, name in enumerate(self.inputs):
            if name in self.places:
                table[:, number] = self.places[name]
        return table

    def live(self, lines: Collection[int] | None = None) -> list[Node]:
        """The nodes that some line depends on, through states too, arguments first. lines: the numbers of these; None: all."""
        written = {state.slot: value for section in self.sections for state, value in section.writes}
        roots = [value for section in self.sections for line, value in section.lines if lines is None or line in lines]
        while True:
            nodes = list(needed(roots))
            slots = {node.args[0] for node in nodes if node.op == "state"}
            wanted = [written[slot] for slot in sorted(slots) if slot in written]
            more = [value for value in wanted if value not in roots]
            if not more:
                return nodes
            roots = [*roots, *more]

    def live_inputs(self) -> tuple[str, ...]:
        """The inputs that some line depends on, in the order in which they were asked for."""
        reached = {node.args[0] for node in self.live() if node.op == "input"}
        return tuple(name for number, name in enumerate(self.inputs) if number in reached)

    def steps(self) -> list[list[Node]]:
        """The live nodes of every section that differ by path, arguments first.

        A node stands in the first section that can compute it, unless only sections that fall due less often read it:
        what is wanted at a year's end is not reckoned every month. States and inputs are read where they were written
        down, for they change.
        """
        readers: dict[int, list[Section]] = {}
        for section in self.sections:
            for value in section.roots:
                readers.setdefault(value.number, []).append(section)
        found: list[list[Node]] = [[] for _ in self.sections]
        for node in reversed(self.live()):
            if node.section < 0:
                continue
            place = self.sections[node.section]
            if node.op not in ("state", "input"):
                place = _seldom(place, readers.get(node.number, []))
            found[place.order].append(node)
            for argument in node.args:
                if isinstance(argument, Node):
                    readers.setdefault(argument.number, []).append(place)
        return [nodes[::-1] for nodes in found]

    def live_states(self) -> set[int]:
        """The slots of the states that some line depends on."""
        return {node.args[0] for node in self.live() if node.op == "state"}


def _seldom(earliest: Section, readers: list[Section]) -> Section:
    """The first of the readers, if it falls due less often than the earliest section and whenever another does."""
    if not readers:
        return earliest
    first = min(readers, key=lambda section: section.order)
    whenever = all(first.due[section.due].all() for section in readers)
    seldom = np.count_nonzero(first.due) < np.count_nonzero(earliest.due)
    return first if whenever and seldom else earliest


def _number_in(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)
