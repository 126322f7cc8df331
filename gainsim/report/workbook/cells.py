"""A contract as cells: each step of its program in a column, each settlement in a row, and what stands in every cell.

The program of the contract is written down once more, in the language of Excel: its facts are cells of the sheet of facts, its
numbers named cells, its memories the cells in which they were last kept. A step that several others read, each line of the
ledger and each memory have a column of their own; everything else stands within these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gainsim.ledger import Line
from gainsim.ops.program import Program, Section, State
from gainsim.ops.tree import BOOL, FLOAT, Node
from gainsim.report.workbook.case import SHOWN, Case
from gainsim.report.workbook.formulas import Part, Text, folded, letters, shown

#: what has no formula: draws, and the bits of which exponentials and logarithms are made
_OPAQUE = frozenset({
    "draw", "draw_once", "path", "word", "gather", "to_bits", "from_bits", "to_int",
    "iadd", "isub", "imul", "iand", "ior", "ixor", "ishl", "ishr",
})  # fmt: skip
#: the row of the facts of the first period, counted from 1
FACTS = 4
#: what a fact comes to in a window
_REDUCED = frozenset({"total", "mean", "lowest", "highest", "first", "last", "periods"})
#: a step larger than so many operations, or nested deeper, has a column of its own
_LARGEST = 24
#: added and taken off again, it leaves a whole number: `gainsim.ops.rounding`
_WHOLE = 4503599627370496.0


@dataclass(frozen=True)
class Column:
    """One step. kind: a line's role, "memory" or "step"; live: whether it can be written as formulas."""

    node: Node
    title: str
    kind: str
    live: bool


@dataclass(frozen=True)
class Block:
    """What falls due together. periods: in which; columns: in the order in which they are reckoned."""

    section: Section
    periods: tuple[int, ...]
    columns: tuple[Column, ...]

    @cached_property
    def row(self) -> dict[int, int]:
        """The number of each period's row, counted from 0."""
        return {t: n for n, t in enumerate(self.periods)}

    @property
    def paid(self) -> list[int]:
        """The numbers of the columns that are payments."""
        return [n for n, column in enumerate(self.columns) if column.kind in ("payment", "party")]


@dataclass
class Cells:
    """Every cell of a contract's schedule on one future.

    fact_at:  the address of a fact in a period, on its sheet
    top:      the first row of every block's settlements, counted from 1
    left:     the column of every block's first step, counted from 0
    refusals: by what a rule says, the formulas of the condition that keeps it
    """

    case: Case
    fact_at: Mapping[str, str]
    left: int
    tops: dict[int, int] = field(default_factory=dict)
    refusals: dict[str, dict[str, None]] = field(default_factory=dict)
    _asked: dict[int, bool] = field(default_factory=dict)
    _texts: dict[tuple[int, int], Part] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        """The contract's."""
        return self.case.live.model.program

    @cached_property
    def settings(self) -> dict[int, str]:
        """The names of the contract's numbers, by their parameter."""
        return {
            slot: self.case.live.numbers[key].name
            for key, slot in self.program.settings.items()
            if key in self.case.live.numbers
        }

    @cached_property
    def _dated(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """The dated numbers that have no name, (periods, parameters)."""
        return self.program.params

    # --- which steps have a column ------------------------------------------------------------------------------------

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every section that has something to show, in the order in which they run."""
        found = []
        for section in self.program.sections:
            columns = tuple(self._columns(section, self._steps.get(section.order, [])))
            if columns:
                periods = tuple(int(t) for t in section.due.nonzero()[0])
                found.append(Block(section, periods, columns))
        return tuple(found)

    def _columns(self, section: Section, nodes: list[Node]) -> list[Column]:
        """Lines, memories and steps in the order in which they are reckoned."""
        found = [
            Column(node, line.step or line.group, line.role, self._can(node))
            for n, node in section.lines
            if (line := self._line(n)).role in SHOWN
        ]
        found += [
            Column(node, self._memory_title(state, node), "memory", self._can(node))
            for state, node in section.writes
            if state.slot in self._slots
        ]
        named = {column.node.number for column in found}
        own = [node for node in nodes if node.number not in named]
        found += [Column(node, self._step_title(node, section), "step", self._can(node)) for node in own]
        return sorted(found, key=lambda column: column.node.number)

    def _line(self, number: int) -> Line:
        return self.case.live.model.lines[number]

    def _memory_title(self, state: State, node: Node) -> str:
        """What a memory keeps; of one fact, by its name."""
        said = state.name.split(" #")[0]
        said = said.partition(": ")[2] or said
        kind, of, _ = said.partition(" of ")
        facts = {self.program.inputs[each.args[0]] for each in self._within(node) if each.op == "input"}
        return f"{kind} of {facts.pop()}" if of and kind in _REDUCED and len(facts) == 1 else said

    def _step_title(self, node: Node, section: Section) -> str:
        """What a step is called that has no name of its own: by the line it leads to or comes from, or the formula that it is."""
        lines = {line.number: self._line(n).step for n, line in section.lines}
        for number, line in section.lines:
            if line.op == "sub" and self._shown(line.args[0]) is node:
                return f"after {self._line(number).step}"
        formula = node.label.strip("'")
        numbers = self.case.live.numbers.values()
        said = {
            self.settings[each.args[0]]
            for each in self._within(node)
            if each.op == "param" and each.args[0] in self.settings
        }
        if any(each.name in said and each.text == formula for each in numbers):
            return formula
        after = [lines[each.number] for each in self._reads(node) if each.number in lines]
        return f"with {after[-1]}" if after and node.op == "add" else "step"

    @cached_property
    def _live(self) -> list[Node]:
        """What is shown depends on these, arguments first."""
        return self.program.live([n for n, line in enumerate(self.case.live.model.lines) if line.role in SHOWN])

    @cached_property
    def _slots(self) -> set[int]:
        return {node.args[0] for node in self._live if node.op == "state"}

    def _roots(self, section: Section) -> list[Node]:
        """What a section shows and keeps."""
        lines = [node for n, node in section.lines if self._line(n).role in SHOWN]
        return [
            self._shown(node)
            for node in (*lines, *(node for state, node in section.writes if state.slot in self._slots))
        ]

    def _shown(self, node: Node) -> Node:
        """The step itself, where it is another's that a rule, or a comparison that can be told, has let pass."""
        while self._is_held(node):
            node = node.args[1]
        return node

    def _is_held(self, node: Node) -> bool:
        return node.number in self.program.tree.refusals or node.number in self.program.tree.compared

    def _reads(self, node: Node) -> list[Node]:
        """What a step's formula speaks of."""
        node = self._shown(node)
        arguments = [argument for argument in node.args if isinstance(argument, Node)]
        if _larger_or_smaller(node):
            arguments = arguments[1:]
        if node.op == "sub" and (rounded := _whole_number_of(node)) is not None:
            arguments = [rounded]
        return [self._shown(each) for each in arguments]

    @cached_property
    def _own(self) -> set[int]:
        """The steps that have a column: read more than once, or too large to stand within another."""
        live = [node for node in self._live if node.section >= 0 and node is self._shown(node)]
        read: dict[int, int] = {}
        for node in live:
            for argument in self._reads(node):
                read[argument.number] = read.get(argument.number, 0) + 1
        for section in self.program.sections:
            for root in self._roots(section):
                read[root.number] = read.get(root.number, 0) + 1
        own: set[int] = set()
        size: dict[int, int] = {}
        for node in live:
            if node.op in ("input", "state") or node.kind not in (FLOAT, BOOL):
                size[node.number] = 1
                continue
            size[node.number] = 1 + sum(size.get(each.number, 1) for each in self._reads(node))
            shared = node.kind == FLOAT and read.get(node.number, 0) > 1 and size[node.number] > 2
            if shared or size[node.number] > _LARGEST:
                own.add(node.number)
                size[node.number] = 1
        return own

    @cached_property
    def _steps(self) -> dict[int, list[Node]]:
        """The steps with a column of their own, by the section that is the first to read them, and is due whenever another does."""
        readers: dict[int, list[Section]] = {}
        for section in self.program.sections:
            for root in self._roots(section):
                readers.setdefault(root.number, []).append(section)
        found: dict[int, list[Node]] = {}
        for node in reversed(self._live):
            if node.section < 0 or node is not self._shown(node) or node.number not in readers:
                continue
            place = min(readers[node.number], key=lambda section: section.order)
            if any((section.due & ~place.due).any() for section in readers[node.number]):
                place = self.program.sections[node.section]
            if node.number in self._own:
                found.setdefault(place.order, []).append(node)
            for argument in self._reads(node):
                readers.setdefault(argument.number, []).append(place)
        return found

    @cached_property
    def _places(self) -> dict[int, list[tuple[Block, int]]]:
        """The blocks and columns of every step that has one, in the order in which they are reckoned."""
        found: dict[int, list[tuple[Block, int]]] = {}
        for block in self.blocks:
            for n, column in enumerate(block.columns):
                found.setdefault(self._shown(column.node).number, []).append((block, n))
        return found

    def _within(self, node: Node) -> Iterator[Node]:
        """Everything that stands in a step's own cell."""
        waiting = [self._shown(node)]
        while waiting:
            each = waiting.pop()
            yield each
            waiting += [inner for inner in self._reads(each) if inner.number not in self._own]

    def _can(self, node: Node) -> bool:
        """Whether a step can be written as a formula of other cells."""
        if node.number not in self._asked:
            self._asked[node.number] = all(each.op not in _OPAQUE for each in self._within(node))
        return self._asked[node.number]

    # --- what stands in them --------------------------------------------------------------------------------------------

    def place(self, first: int) -> int:
        """Give every block its rows, the first at `first`; gives the row behind the last. Two rows stand above each, one below."""
        row = first
        for block in self.blocks:
            self.tops[block.section.order] = row + 2
            row += 2 + len(block.periods) + 1
        return row

    def address(self, block: Block, column: int, period: int) -> str:
        """Where a step of a period stands."""
        return f"{letters(self.left + column)}{self.tops[block.section.order] + block.row[period]}"

    def formula(self, block: Block, column: int, period: int) -> str | float | bool:
        """What stands in a cell: a formula, with its sign, or a value."""
        step = block.columns[column]
        if not step.live:
            return self.value(step.node, period)
        home = self._home(step.node, period)
        part = self._operation(step.node, period) if home == (block, column) else self._part(step.node, period)
        return f"={part.text}" if isinstance(part, Text) else part

    def _home(self, node: Node, t: int) -> tuple[Block, int] | None:
        """Where a step is reckoned in a period; None where it has no cell."""
        places = self._places.get(self._shown(node).number, ())
        return next(((block, n) for block, n in places if t in block.row), None)

    def value(self, node: Node, period: int) -> float | bool:
        """What a step comes to on this future."""
        found = self.case.values[period]
        value = found[node.number] if node.number in found else float(node.args[0])
        return bool(value) if node.kind == BOOL else value

    def _part(self, node: Node, t: int) -> Part:
        """A step as a part of another: the cell that it stands in, or its formula."""
        home = self._home(node, t)
        if home is None:
            return self._operation(node, t)
        self._note_rules(node, t)
        return Text(self.address(*home, t))

    def _note_rules(self, node: Node, t: int) -> None:
        """Take down the conditions without which a step is no number."""
        while self._is_held(node):  # a comparison with no number is an error in a sheet by itself
            said, (condition, node, _) = self.program.tree.refusals.get(node.number), node.args
            if said is not None and self._can(condition) and isinstance(asked := self._part(condition, t), Text):
                self.refusals.setdefault(said, {})[asked.text] = None

    def _operation(self, node: Node, t: int) -> Part:
        """The formula of a step."""
        if (node.number, t) not in self._texts:
            self._note_rules(node, t)
            self._texts[node.number, t] = self._written(self._shown(node), t)
        return self._texts[node.number, t]

    def _written(self, node: Node, t: int) -> Part:
        match node.op:
            case "const":
                return float(node.args[0])
            case "param":
                slot = node.args[0]
                return Text(self.settings[slot]) if slot in self.settings else float(self._dated[t, slot])
            case "input":
                return Text(f"{self.fact_at[self.program.inputs[node.args[0]]]}{FACTS + t}")
            case "state":
                return self._memory(node, t)
            case "where":
                return self._choice(node, t)
        if node.op == "sub" and _whole_number_of(node) is not None:
            return Text(f"ROUND({shown(self._part(_whole_number_of(node), t))},0)")  # type: ignore[arg-type]
        return folded(node.op, [self._part(argument, t) for argument in node.args])

    def _memory(self, node: Node, t: int) -> Part:
        """The cell in which a memory was kept last, as the section that reads it finds it."""
        state = self.program.states[node.args[0]]
        writer = state.written_by
        kept = None if writer is None else next((value for other, value in writer.writes if other is state), None)
        if writer is None or kept is None:
            return float(state.initial)
        for before in range(t if writer.order < node.section else t - 1, -1, -1):
            if writer.due[before]:
                return self._part(kept, before)
        return float(state.initial)

    def _choice(self, node: Node, t: int) -> Part:
        condition, then, other = node.args
        if _larger_or_smaller(node):
            return folded("min" if condition.op == "lt" else "max", [self._part(each, t) for each in (then, other)])
        asked = self._part(condition, t)
        if isinstance(asked, bool):
            return self._part(then if asked else other, t)
        parts = [shown(self._part(each, t)) for each in (then, other)]
        return Text(f"IF({shown(asked)},{parts[0]},{parts[1]})")


def _larger_or_smaller(node: Node) -> bool:
    """Whether a choice takes the larger, or the smaller, of two."""
    if node.op != "where" or node.args[0].op not in ("lt", "gt"):
        return False
    condition, then, other = node.args
    return condition.args[0] is then and condition.args[1] is other


def _whole_number_of(node: Node) -> Node | None:
    """What is rounded to a whole number where a step is that; else None."""
    added, taken = node.args
    both = [
        each.args[0]
        for each in (taken, *(added.args if added.op == "add" else ()))
        if isinstance(each, Node) and each.op == "const"
    ]
    return added.args[0] if both == [_WHOLE, _WHOLE] and added.args[1].op == "const" else None
