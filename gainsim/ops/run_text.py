"""The text of the loop: a program's nodes as LLVM instructions, one each, in loops over the paths of a block.

Sections that fall due together share a loop (see `gainsim.ops.chunks`); values pass between loops through scratch rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import normals, writer
from gainsim.ops.chunks import LIMIT, Chunk, chunks
from gainsim.ops.program import Program
from gainsim.ops.tree import BOOL, FLOAT, INT, UNIFORM, Node, needed
from gainsim.ops.writer import Writer, function, type_of

BLOCK = 1024  # paths of one block: a cell of the sums; its rows stay in the second-level cache
#: what is free between two rows of scratch: were they whole pages apart, as a block is long, all of them would stand at one place
#: of the first-level cache, and what is written to one would hold up what is read from another
GAP = writer.WIDTH
#: what the compiled function is given, in this order, before the first path, the first period and the last
POINTERS = (
    "params", "scratch", "z", "lines", "rows", "due", "keys", "u", "chosen", "tails", "constants", "inputs", "places",
)  # fmt: skip


class RunFunction:
    """Writes `run`: periods, draws and chunks of one program.

    given: whether its scores are given, as `Loop.run_given` has them, and not drawn inside
    apart: how many numbers the rows of the ledger stand apart
    """

    def __init__(self, program: Program, block: int, limit: int, given: bool = False, apart: int | None = None) -> None:
        assert not (given and program.unscored), "a stream of uniforms has no scores to give"
        self.program, self.block, self.writer, self.given = program, block, Writer(), given
        self.scratch_row, self.apart = block + GAP, apart or block
        self.constants = np.concatenate([*program.tree.constants, np.zeros(1)])
        self.writer.offsets = [0, *np.cumsum([len(table) for table in program.tree.constants]).tolist()]
        self.chunks = chunks(program, limit)
        self.reads = self._reads()
        self.due = np.column_stack([*(chunk.due for chunk in self.chunks), self.reads]).astype(np.int64)
        self.slots = program.live_states()
        self.once_row = len(program.states)
        self.spill_row: dict[int, int] = {}
        self._find_spills()
        self.scratch_rows = self.once_row + len(program.once_streams) + len(self.spill_row)

    def _reads(self) -> NDArray[np.bool_]:
        """(periods, streams): whether something that falls due reads a stream in a period, or in the other one of its pair."""
        periods, streams = self.program.periods, len(self.program.streams)
        found = np.zeros((periods + periods % 2, streams), bool)
        for chunk in self.chunks:
            for node in (node for _, nodes, _ in chunk.parts for node in nodes if node.op == "draw"):
                found[:periods, node.args[0]] |= chunk.due
        return np.repeat(found[0::2] | found[1::2], 2, axis=0)[:periods]

    def _find_spills(self) -> None:
        """Values made in one loop and used in another get a scratch row."""
        home = {n.number: c for c, chunk in enumerate(self.chunks) for _, nodes, _ in chunk.parts for n in nodes}
        ends_in = {s.order: c for c, chunk in enumerate(self.chunks) for s, _, ends in chunk.parts if ends}
        self.kept_row = {
            node.number: state.slot
            for section in self.program.sections
            for state, node in section.writes
            if state.slot in self.slots and home.get(node.number) == ends_in.get(section.order)
        }
        first = self.once_row + len(self.program.once_streams)
        for c, chunk in enumerate(self.chunks):
            for section, nodes, ends in chunk.parts:
                used = [a for n in nodes for a in n.args if isinstance(a, Node)]
                if ends:
                    used += [n for _, n in section.lines] + [n for s, n in section.writes if s.slot in self.slots]
                for node in used:
                    if home.get(node.number, c) == c or node.number in self.kept_row:
                        continue
                    self.spill_row.setdefault(node.number, first + len(self.spill_row))

    def text(self) -> str:
        """The function's text."""
        put, do, label = self.writer.put, self.writer.do, self.writer.label
        if not self.given:
            self._once()
        do("br label %periods")
        label("periods")
        do("br label %period")
        label("period")
        do("%t = phi i64 [ %first, %periods ], [ %t_next, %period_end ]")
        if not self.given:
            do("%half = and i64 %t, 1")
            do("%pair = lshr i64 %t, 1")
            self._draws()
        for number, chunk in enumerate(self.chunks):
            self._chunk(number, chunk)
        do("br label %period_end")
        label("period_end")
        do("%t_next = add nuw nsw i64 %t, 1")
        do(f"br i1 {put('icmp eq i64 %t_next, %last')}, label %end, label %period")
        label("end")
        do("ret void")
        read_only = ("params", "rows", "due", "keys", "constants", "inputs", "places")
        pointers = ", ".join(f"ptr noalias {'readonly ' if n in read_only else ''}%{n}" for n in POINTERS)
        return function(f"void @run({pointers}, i64 %path0, i64 %first, i64 %last)", self.writer.text)

    def _drawn(self, stream: int, target: str, index: str, *, scored: bool = True) -> None:
        keys = (self.writer.load("%keys", str(2 * stream + word), INT, wide=False) for word in (0, 1))
        key0, key1 = keys
        address = f"i64 {key0}, i64 {key1}, i64 %path0, i64 {index}"
        if scored:
            self.writer.do(f"call void @normals(ptr {target}, ptr %u, ptr %chosen, ptr %tails, {address})")
        else:
            self.writer.do(f"call void @uniforms(ptr {target}, {address})")

    def _once(self) -> None:
        """Before the first period, the scores that hold for life; both of a pair are drawn, the first is kept."""
        writer, streams = self.writer, len(self.program.streams)
        target = writer.address("%z", str(2 * streams * self.block))
        for number in range(len(self.program.once_streams)):
            self._drawn(streams + number, target, "0")
            row = self.once_row + number
            writer.loop(
                str(self.block),
                lambda i, row=row: writer.store(writer.load(target, i), "%scratch", self._scratch(row, i)),  # type: ignore[misc]
            )

    def _draws(self) -> None:
        """At each even period, and at the first, what is drawn for two periods of every stream."""
        writer = self.writer
        even, first = writer.put("icmp eq i64 %half, 0"), writer.put("icmp eq i64 %t, %first")
        writer.do(f"br i1 {writer.put(f'or i1 {even}, {first}')}, label %draw, label %drawn")
        writer.label("draw")
        for stream, name in enumerate(self.program.streams):
            seldom = not self.reads[:, stream].all()
            if seldom:
                self._if_due(len(self.chunks) + stream, f"draw{stream}", f"drawn{stream}")
            target = writer.address("%z", str(2 * stream * self.block))
            self._drawn(stream, target, "%pair", scored=name not in self.program.unscored)
            if seldom:
                writer.do(f"br label %drawn{stream}")
                writer.label(f"drawn{stream}")
        writer.do("br label %drawn")
        writer.label("drawn")

    def _chunk(self, number: int, chunk: Chunk) -> None:
        """A chunk where it is due: first what is the same for all paths, then the loop over them."""
        writer = self.writer
        self._if_due(number, f"chunk{number}", f"skip{number}")
        uniform, rows = self._uniform(chunk), self._row_offsets(chunk)
        writer.loop(str(self.block), lambda i: self._body(i, chunk, uniform, rows))
        writer.do(f"br label %skip{number}")
        writer.label(f"skip{number}")

    def _if_due(self, column: int, then: str, otherwise: str) -> None:
        """Go on where a column of the table of what is due says so in this period."""
        writer = self.writer
        place = writer.put(f"add i64 {writer.put(f'mul i64 %t, {self.due.shape[1]}')}, {column}")
        due = writer.put(f"icmp ne i64 {writer.load('%due', place, INT, wide=False)}, 0")
        writer.do(f"br i1 {due}, label %{then}, label %{otherwise}")
        writer.label(then)

    def _uniform(self, chunk: Chunk) -> dict[int, str]:
        """What is the same for all paths is computed once, then spread over the lanes where paths need it."""
        writer, scalars, spread = self.writer, dict[int, str](), dict[int, str]()
        nodes = [node for _, part, _ in chunk.parts for node in part]
        roots = [root for section, _, ends in chunk.parts if ends for root in section.roots]
        base = writer.put(f"mul i64 %t, {max(1, self.program.params.shape[1])}")
        for node in needed([*nodes, *roots]):
            if node.section != UNIFORM:
                continue
            if node.op == "const":
                scalars[node.number] = writer.constant(node, wide=False)
            elif node.op == "param":
                place = writer.put(f"add i64 {base}, {node.args[0]}")
                scalars[node.number] = writer.load("%params", place, wide=False)
            else:
                scalars[node.number] = writer.node(node, scalars, wide=False)
        used = [*roots, *(a for node in nodes for a in node.args if isinstance(a, Node))]
        for root in used:
            if root.section == UNIFORM and root.number not in spread:
                constant = root.op == "const"
                value = writer.constant(root) if constant else writer.spread(scalars[root.number], root.kind)
                spread[root.number] = value
        return spread

    def _row_offsets(self, chunk: Chunk) -> dict[int, str]:
        """Where in the ledger each line of a chunk goes in this period."""
        writer, found = self.writer, dict[int, str]()
        base = writer.put(f"mul i64 %t, {max(1, len(self.program.line_names))}")
        for section, _, ends in chunk.parts:
            for line, _ in section.lines if ends else []:
                row = writer.load("%rows", writer.put(f"add i64 {base}, {line}"), INT, wide=False)
                found[line] = writer.put(f"mul i64 {row}, {self.apart}")
        return found

    def _scratch(self, row: int, i: str) -> str:
        return self.writer.put(f"add i64 {i}, {row * self.scratch_row}")

    def _body(self, i: str, chunk: Chunk, uniform: dict[int, str], rows: dict[int, str]) -> None:
        """One vector of paths through the parts of a chunk."""
        writer, names, written = self.writer, dict(uniform), dict[int, str]()

        def name(node: Node) -> str:
            if node.number not in names:
                names[node.number] = self._from_earlier(node, i)
            return names[node.number]

        for section, nodes, ends in chunk.parts:
            for node in nodes:
                for argument in node.args:
                    if isinstance(argument, Node):
                        name(argument)
                names[node.number] = self._leaf(node, i, written) or writer.node(node, names)
                if node.number in self.spill_row:
                    self._spill(node, names[node.number], i)
            if ends:
                for line, node in section.lines:
                    writer.store(name(node), "%lines", writer.put(f"add i64 {rows[line]}, {i}"))
                values = [(state.slot, name(node)) for state, node in section.writes if state.slot in self.slots]
                for slot, value in values:
                    writer.store(value, "%scratch", self._scratch(slot, i))
                    written[slot] = value

    def _leaf(self, node: Node, i: str, written: dict[int, str]) -> str:
        """A value that is read, not computed; states written in this loop are at hand. Nothing for the rest."""
        writer = self.writer
        if node.op == "state":
            slot = node.args[0]
            return written.get(slot) or writer.load("%scratch", self._scratch(slot, i))
        if node.op == "draw" and self.given:
            row = writer.put(f"add i64 %t, {node.args[0] * self.program.periods}")
            return writer.load("%z", writer.put(f"add i64 {writer.put(f'mul i64 {row}, {self.block}')}, {i}"))
        if node.op == "draw_once" and self.given:
            row = len(self.program.streams) * self.program.periods + node.args[0]
            return writer.load("%z", writer.put(f"add i64 {i}, {row * self.block}"))
        if node.op == "draw":
            row = writer.put(f"add i64 %half, {2 * node.args[0]}")
            return writer.load("%z", writer.put(f"add i64 {writer.put(f'mul i64 {row}, {self.block}')}, {i}"))
        if node.op == "draw_once":
            return writer.load("%scratch", self._scratch(self.once_row + node.args[0], i))
        if node.op == "input":
            place = writer.put(f"add i64 {writer.put(f'mul i64 %t, {len(self.program.inputs)}')}, {node.args[0]}")
            row = writer.load("%places", place, INT, wide=False)
            return writer.load("%inputs", writer.put(f"add i64 {writer.put(f'mul i64 {row}, {self.block}')}, {i}"))
        return ""

    def _spill(self, node: Node, value: str, i: str) -> None:
        """Keep a value for a later loop."""
        writer, place = self.writer, self._scratch(self.spill_row[node.number], i)
        if node.kind == BOOL:
            value = writer.put(f"uitofp {type_of(BOOL)} {value} to {type_of(FLOAT)}")
        writer.store(value, "%scratch", place, INT if node.kind == INT else FLOAT)

    def _from_earlier(self, node: Node, i: str) -> str:
        """A value that an earlier loop of this period made."""
        writer, row = self.writer, self.kept_row.get(node.number, self.spill_row.get(node.number, 0))
        value = writer.load("%scratch", self._scratch(row, i), INT if node.kind == INT else FLOAT)
        return writer.put(f"fcmp une {type_of(FLOAT)} {value}, zeroinitializer") if node.kind == BOOL else value


def source(program: Program, block: int = BLOCK, limit: int = LIMIT) -> str:
    """The LLVM text of a program's loop."""
    return text_of(RunFunction(program, block, limit))


def text_of(run: RunFunction) -> str:
    """The text of a run and of what it calls."""
    draws = [normals.uniforms_function(run.block), normals.normals_function(run.block)]
    return "\n\n".join([writer.DECLARATIONS, normals.DECLARATIONS, *draws, run.text()])
