"""The loop: a program as one compiled function over periods and a block of paths.

The program's nodes are written as LLVM instructions, one each, in loops over the paths of a block that LLVM then
vectorises. No fast-math and no contraction: every operation is the IEEE one that the NumPy runner does, so the bits
are the same. Sections that fall due together share a loop until it holds `LIMIT` operations; longer ones are split,
values pass between loops through scratch rows.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from gainsim.ops.kernels import PPF_CENTRE_HALF_WIDTH, ppf_centre, ppf_tail, uniform_pair
from gainsim.ops.program import Program, Section, State
from gainsim.ops.tree import BOOL, FLOAT, INT, UNIFORM, Node, Tree, needed

BLOCK = 1024  # paths of one block: a cell of the sums; its rows stay in the second-level cache
LIMIT = 1500  # operations of one loop: beyond it registers spill and compiling slows

_TYPES = {FLOAT: "double", BOOL: "i1", "int": "i64"}
_INSTRUCTIONS = {
    "add": "fadd double", "sub": "fsub double", "mul": "fmul double", "div": "fdiv double",
    "lt": "fcmp olt double", "le": "fcmp ole double", "gt": "fcmp ogt double", "ge": "fcmp oge double",
    "and": "and i1", "or": "or i1", "iadd": "add i64", "isub": "sub i64", "imul": "mul i64",
    "iand": "and i64", "ior": "or i64", "ixor": "xor i64", "ishl": "shl i64", "ishr": "lshr i64",
}  # fmt: skip
_CALLS = {"sqrt": "llvm.sqrt.f64", "abs": "llvm.fabs.f64"}
_CASTS = {
    "to_bits": "bitcast double {} to i64",
    "from_bits": "bitcast i64 {} to double",
    "to_int": "fptosi double {} to i64",
}


def _double(value: float) -> str:
    return f"0x{np.float64(value).view(np.uint64):016X}"


class Writer:
    """Text of one LLVM function, with fresh names."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.count = 0
        self.offsets: list[int] = []  # where each table of constants starts

    def put(self, instruction: str, result: bool = True) -> str:
        """Add an instruction; gives the name of its value."""
        if not result:
            self.text.append(f"  {instruction}")
            return ""
        self.count += 1
        name = f"%x{self.count}"
        self.text.append(f"  {name} = {instruction}")
        return name

    def label(self, name: str) -> None:
        """Start a basic block."""
        self.text.append(f"{name}:")

    def address(self, base: str, index: str, kind: str = "double") -> str:
        """The address of element `index` of the array `base`."""
        return self.put(f"getelementptr inbounds {kind}, ptr {base}, i64 {index}")

    def load(self, base: str, index: str, kind: str = "double", *, by_path: bool = True) -> str:
        """An element of an array; `by_path` promises that no other path writes it."""
        mark = ", !llvm.access.group !0" if by_path else ""
        return self.put(f"load {kind}, ptr {self.address(base, index, kind)}{mark}")

    def store(self, value: str, base: str, index: str, kind: str = "double", *, by_path: bool = True) -> None:
        """Write an element of an array."""
        mark = ", !llvm.access.group !0" if by_path else ""
        self.put(f"store {kind} {value}, ptr {self.address(base, index, kind)}{mark}", result=False)

    def node(self, node: Node, names: dict[int, str]) -> str:
        """The instruction of a node that is neither a leaf nor a constant."""
        args = [names[a.number] for a in node.args if isinstance(a, Node)]
        if node.op == "where":
            kind = _TYPES[node.kind]
            return self.put(f"select i1 {args[0]}, {kind} {args[1]}, {kind} {args[2]}")
        if node.op == "neg":
            return self.put(f"fneg double {args[0]}")
        if node.op == "not":
            return self.put(f"xor i1 {args[0]}, true")
        if node.op in _CALLS:
            return self.put(f"call double @{_CALLS[node.op]}(double {args[0]})")
        if node.op in _CASTS:
            return self.put(_CASTS[node.op].format(args[0]))
        if node.op == "gather":
            return self.load("%constants", self.put(f"add i64 {args[0]}, {self.offsets[node.args[0]]}"))
        return self.put(f"{_INSTRUCTIONS[node.op]} {', '.join(args)}")

    def loop(self, count: str, body: Callable[[str], dict[str, str]], carried: str = "") -> str:
        """`for i in range(count)`; `carried` is an integer from turn to turn (its last value is given back)."""
        self.count += 1
        n = self.count
        before, head, after = f"before{n}", f"head{n}", f"after{n}"
        self.put(f"br label %{before}", result=False)
        self.label(before)
        some = self.put(f"icmp sgt i64 {count}, 0")
        self.put(f"br i1 {some}, label %{head}, label %{after}", result=False)
        self.label(head)
        self.text.append(f"  %i{n} = phi i64 [ 0, %{before} ], [ %next{n}, %{head} ]")
        if carried:
            self.text.append(f"  %k{n} = phi i64 [ 0, %{before} ], [ %kn{n}, %{head} ]")
        given = body(f"%i{n}")
        if carried:
            self.text.append(f"  %kn{n} = add i64 {given['k']}, 0")
        self.text.append(f"  %next{n} = add nuw nsw i64 %i{n}, 1")
        self.text.append(f"  %done{n} = icmp eq i64 %next{n}, {count}")
        mark = "" if carried else ", !llvm.loop !1"
        self.put(f"br i1 %done{n}, label %{after}, label %{head}{mark}", result=False)
        self.label(after)
        if carried:
            self.text.append(f"  %last{n} = phi i64 [ 0, %{before} ], [ %kn{n}, %{head} ]")
            return f"%last{n}"
        return ""


def _names_of_constants(nodes: Iterable[Node]) -> dict[int, str]:
    return {
        node.number: _double(node.args[0]) if node.kind == FLOAT else str(node.args[0])
        for node in nodes
        if node.op == "const"
    }


def _write_nodes(writer: Writer, roots: list[Node], leaves: dict[int, str]) -> dict[int, str]:
    """Write all nodes that `roots` need, given the names of the leaves."""
    nodes = list(needed(roots))
    names = {**_names_of_constants(nodes), **leaves}
    for node in nodes:
        if node.number not in names:
            names[node.number] = writer.node(node, names)
    return names


def normals_function(block: int) -> str:
    """`normals`: the normal scores of one stream for two periods and a block of paths.

    The centre of the distribution is computed for all paths, branch-free; the few in the tails are gathered, computed
    together, and put back. Each value is the one that `norm_ppf` gives, to the bit.
    """
    tree = Tree()
    path = tree.leaf("path", 0, section=0)
    words = [tree.leaf("word", number) for number in range(3)]  # index, key high, key low
    uniforms = uniform_pair(path, words[0], tree.const(0), (words[1], words[2]))
    u = tree.leaf("draw", 0, section=0)
    centre, tail = ppf_centre(u), ppf_tail(u)
    writer = Writer()

    def draw(i: str) -> dict[str, str]:
        number = writer.put(f"add i64 %path0, {i}")
        names = _write_nodes(writer, list(uniforms), {path.number: number} | arguments)
        writer.store(names[uniforms[0].number], "%u", i)
        writer.store(names[uniforms[1].number], "%u", writer.put(f"add i64 {i}, {block}"))
        return {}

    def one(root: Node, source: str, target: str) -> Callable[[str], dict[str, str]]:
        def body(i: str) -> dict[str, str]:
            names = _write_nodes(writer, [root], {u.number: writer.load(source, i)})
            writer.store(names[root.number], target, i)
            return {}

        return body

    def compact(i: str) -> dict[str, str]:
        k = f"%k{i[2:]}"
        writer.store(i, "%chosen", k, "i64", by_path=False)
        distance = writer.put(f"fsub double {writer.load('%u', i, by_path=False)}, {_double(0.5)}")
        size = writer.put(f"call double @llvm.fabs.f64(double {distance})")
        far = writer.put(f"fcmp ogt double {size}, {_double(PPF_CENTRE_HALF_WIDTH)}")
        return {"k": writer.put(f"add i64 {k}, {writer.put(f'zext i1 {far} to i64')}")}

    def gather(i: str) -> dict[str, str]:
        writer.store(writer.load("%u", writer.load("%chosen", i, "i64")), "%tails", i)
        return {}

    def scatter(i: str) -> dict[str, str]:
        writer.store(writer.load("%tails", i), "%z", writer.load("%chosen", i, "i64"))
        return {}

    arguments = {words[0].number: "%index", words[1].number: "%key0", words[2].number: "%key1"}
    writer.loop(str(block), draw)
    writer.loop(str(2 * block), one(centre, "%u", "%z"))
    count = writer.loop(str(2 * block), compact, carried="k")
    writer.loop(count, gather)
    writer.loop(count, one(tail, "%tails", "%tails"))
    writer.loop(count, scatter)
    writer.put("ret void", result=False)
    return "\n".join(
        [
            "define internal void @normals(ptr noalias %z, ptr noalias %u, ptr noalias %chosen, ptr noalias %tails, "
            "i64 %key0, i64 %key1, i64 %path0, i64 %index) noinline {WIDTH} {",
            "start:",
            *writer.text,
            "}",
        ]
    )


@dataclass
class Chunk:
    """One loop over the paths: a list of (section, nodes, whether the section ends here)."""

    due: NDArray[np.bool_]
    parts: list[tuple[Section, list[Node], bool]] = field(default_factory=list)
    size: int = 0


def chunks(program: Program, limit: int = LIMIT) -> list[Chunk]:
    """The program's live nodes as loops: fused while they fall due together, split where they grow too long."""
    live = program.live()
    found: list[Chunk] = []
    for section in program.sections:
        nodes = [node for node in live if node.section == section.order]
        if not nodes and not section.lines and not section.writes:
            continue
        pieces = [nodes[k : k + limit] for k in range(0, max(1, len(nodes)), limit)]
        for number, piece in enumerate(pieces):
            last = found[-1] if found else None
            if last is None or not np.array_equal(last.due, section.due) or last.size + len(piece) > limit:
                found.append(Chunk(section.due))
            found[-1].parts.append((section, piece, number == len(pieces) - 1))
            found[-1].size += len(piece)
    return found


class _RunFunction:
    """Writes `run`: periods, draws and chunks of one program."""

    def __init__(self, program: Program, block: int, limit: int) -> None:
        self.program, self.block, self.writer = program, block, Writer()
        self.constants = np.concatenate([*program.tree.constants, np.zeros(1)])
        self.writer.offsets = [0, *np.cumsum([len(table) for table in program.tree.constants]).tolist()]
        self.chunks = chunks(program, limit)
        self.slots = program.live_states()
        self.once_row = len(program.states)
        self.spill_row: dict[int, int] = {}
        self._find_spills()
        self.scratch_rows = self.once_row + len(program.once_streams) + len(self.spill_row)

    def _find_spills(self) -> None:
        """Values made in one loop and used in another get a scratch row."""
        home = {n.number: c for c, chunk in enumerate(self.chunks) for _, nodes, _ in chunk.parts for n in nodes}
        first = self.once_row + len(self.program.once_streams)
        for c, chunk in enumerate(self.chunks):
            for section, nodes, ends in chunk.parts:
                used = [a for n in nodes for a in n.args if isinstance(a, Node)]
                if ends:
                    used += [n for _, n in section.lines] + [n for s, n in section.writes if s.slot in self.slots]
                for node in used:
                    if home.get(node.number, c) != c:
                        self.spill_row.setdefault(node.number, first + len(self.spill_row))

    def text(self) -> str:
        writer, program = self.writer, self.program
        writer.put("br label %period", result=False)
        writer.label("period")
        writer.text.append("  %t = phi i64 [ %first, %start ], [ %t_next, %period_end ]")
        writer.put("%half = and i64 %t, 1", result=False)
        writer.put("%pair = lshr i64 %t, 1", result=False)
        self._draws()
        for number, chunk in enumerate(self.chunks):
            self._chunk(number, chunk)
        writer.put("br label %period_end", result=False)
        writer.label("period_end")
        writer.text.append("  %t_next = add nuw nsw i64 %t, 1")
        writer.text.append("  %finished = icmp eq i64 %t_next, %last")
        writer.put("br i1 %finished, label %end, label %period", result=False)
        writer.label("end")
        writer.put("ret void", result=False)
        assert program.periods > 0
        return "\n".join(
            [
                "define void @run(ptr noalias readonly %params, ptr noalias %scratch, ptr noalias %z, "
                "ptr noalias %lines, "
                "ptr noalias readonly %rows, ptr noalias readonly %due, ptr noalias readonly %keys, ptr noalias %u, "
                "ptr noalias %chosen, ptr noalias %tails, ptr noalias readonly %constants, i64 %path0, i64 %first, "
                "i64 %last) {WIDTH} {",
                "start:",
                *self._once(),
                *writer.text,
                "}",
            ]
        )

    def _normals(self, writer: Writer, number: int, target: str, index: str) -> None:
        key0 = writer.load("%keys", str(2 * number), "i64", by_path=False)
        key1 = writer.load("%keys", str(2 * number + 1), "i64", by_path=False)
        writer.put(
            f"call void @normals(ptr {target}, ptr %u, ptr %chosen, ptr %tails, i64 {key0}, i64 {key1}, "
            f"i64 %path0, i64 {index})",
            result=False,
        )

    def _draws(self) -> None:
        """At each even period, and at the first, the scores of two periods for every stream."""
        writer = self.writer
        even = writer.put("icmp eq i64 %half, 0")
        first = writer.put("icmp eq i64 %t, %first")
        needed_now = writer.put(f"or i1 {even}, {first}")
        writer.put(f"br i1 {needed_now}, label %draw, label %drawn", result=False)
        writer.label("draw")
        for stream in range(len(self.program.streams)):
            self._normals(writer, stream, writer.address("%z", str(2 * stream * self.block)), "%pair")
        writer.put("br label %drawn", result=False)
        writer.label("drawn")

    def _once(self) -> list[str]:
        """Before the first period, the scores that hold for life; both of a pair are drawn, the first is kept."""
        writer = Writer()
        writer.count = 1_000_000  # names of its own
        streams = len(self.program.streams)
        for number in range(len(self.program.once_streams)):
            target = writer.address("%z", str(2 * streams * self.block))
            self._normals(writer, streams + number, target, "0")

            def copy(i: str, number: int = number, target: str = target) -> dict[str, str]:
                row = (self.once_row + number) * self.block
                writer.store(writer.load(target, i), "%scratch", writer.put(f"add i64 {i}, {row}"))
                return {}

            writer.loop(str(self.block), copy)
        text = writer.text
        return [*text, "  br label %start2", "start2:"] if text else ["  br label %start2", "start2:"]

    def _chunk(self, number: int, chunk: Chunk) -> None:
        writer, groups = self.writer, len(self.chunks)
        offset = writer.put(f"mul i64 %t, {groups}")
        due = writer.load("%due", writer.put(f"add i64 {offset}, {number}"), "i8", by_path=False)
        is_due = writer.put(f"icmp ne i8 {due}, 0")
        writer.put(f"br i1 {is_due}, label %chunk{number}, label %skip{number}", result=False)
        writer.label(f"chunk{number}")
        uniform = self._uniform(chunk)
        rows = self._row_offsets(chunk)
        writer.loop(str(self.block), lambda i: self._body(i, chunk, uniform, rows))
        writer.put(f"br label %skip{number}", result=False)
        writer.label(f"skip{number}")

    def _roots(self, chunk: Chunk) -> list[Node]:
        roots = [n for _, nodes, _ in chunk.parts for n in nodes]
        for section, _, ends in chunk.parts:
            if ends:
                roots += [n for _, n in section.lines] + [n for _, n in section.writes]
        return roots

    def _uniform(self, chunk: Chunk) -> dict[int, str]:
        """What is the same for all paths is computed once, before the loop."""
        writer = self.writer
        wanted = [n for n in needed(self._roots(chunk)) if n.section == UNIFORM]
        names = _names_of_constants(wanted)
        base = writer.put(f"mul i64 %t, {max(1, self.program.params.shape[1])}")
        for node in wanted:
            if node.op == "param":
                place = writer.put(f"add i64 {base}, {node.args[0]}")
                names[node.number] = writer.load("%params", place, by_path=False)
            elif node.number not in names:
                names[node.number] = writer.node(node, names)
        return names

    def _row_offsets(self, chunk: Chunk) -> dict[int, str]:
        writer, count = self.writer, max(1, len(self.program.line_names))
        base = writer.put(f"mul i64 %t, {count}")
        found = {}
        for section, _, ends in chunk.parts:
            for line, _ in section.lines if ends else []:
                row = writer.load("%rows", writer.put(f"add i64 {base}, {line}"), "i64", by_path=False)
                found[line] = writer.put(f"mul i64 {row}, {self.block}")
        return found

    def _scratch(self, row: int, i: str) -> str:
        return self.writer.put(f"add i64 {i}, {row * self.block}")

    def _body(self, i: str, chunk: Chunk, uniform: dict[int, str], rows: dict[int, str]) -> dict[str, str]:
        writer, names, fresh = self.writer, dict(uniform), dict[int, str]()

        def name(node: Node) -> str:
            if node.number not in names:  # made in an earlier loop
                kind = "i64" if node.kind == INT else "double"
                kept = writer.load("%scratch", self._scratch(self.spill_row[node.number], i), kind)
                names[node.number] = writer.put(f"fcmp une double {kept}, 0.0") if node.kind == BOOL else kept
            return names[node.number]

        for section, nodes, ends in chunk.parts:
            for node in nodes:
                for argument in node.args:
                    if isinstance(argument, Node):
                        name(argument)
                names[node.number] = self._leaf(node, i, fresh) or writer.node(node, names)
                if node.number in self.spill_row:
                    value = names[node.number]
                    if node.kind == BOOL:
                        value = writer.put(f"select i1 {value}, double 1.0, double 0.0")
                    kind = "i64" if node.kind == INT else "double"
                    writer.store(value, "%scratch", self._scratch(self.spill_row[node.number], i), kind)
            if ends:
                for line, node in section.lines:
                    writer.store(name(node), "%lines", writer.put(f"add i64 {rows[line]}, {i}"))
                self._writes([(s, name(n)) for s, n in section.writes if s.slot in self.slots], i, fresh)
        return {}

    def _writes(self, writes: list[tuple[State, str]], i: str, fresh: dict[int, str]) -> None:
        for state, value in writes:
            self.writer.store(value, "%scratch", self._scratch(state.slot, i))
            fresh[state.slot] = value

    def _leaf(self, node: Node, i: str, fresh: dict[int, str]) -> str:
        writer = self.writer
        if node.op == "state":
            slot = node.args[0]
            return fresh.get(slot) or writer.load("%scratch", self._scratch(slot, i))
        if node.op == "draw":
            row = writer.put(f"add i64 %half, {2 * node.args[0]}")
            return writer.load("%z", writer.put(f"add i64 {writer.put(f'mul i64 {row}, {self.block}')}, {i}"))
        if node.op == "draw_once":
            return writer.load("%scratch", self._scratch(self.once_row + node.args[0], i))
        if node.op == "input":
            raise ValueError("the compiled loop draws its own facts; settle given facts with the NumPy runner")
        return ""


def source(program: Program, block: int = BLOCK, limit: int = LIMIT) -> tuple[str, _RunFunction]:
    """The LLVM text of a program's loop."""
    function = _RunFunction(program, block, limit)
    text = "\n\n".join(
        [
            "declare double @llvm.sqrt.f64(double)",
            "declare double @llvm.fabs.f64(double)",
            normals_function(block),
            function.text().replace("[ %first, %start ]", "[ %first, %start2 ]"),
            "!0 = distinct !{}",
            "!1 = distinct !{!1, !2}",
            '!2 = !{!"llvm.loop.parallel_accesses", !0}',
        ]
    )
    return text.replace("{WIDTH}", '"prefer-vector-width"="512"'), function


def compile_text(text: str, cpu: str | None = None, features: str | None = None) -> tuple[llvm.ExecutionEngine, str]:
    """Machine code of LLVM text for this or another processor of the same family; gives engine and assembly."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    host = cpu is None
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name() if host else cpu,
        features=llvm.get_host_cpu_features().flatten() if host else features or "",
        opt=2,
        jit=True,
    )
    module = llvm.parse_assembly(text)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    tuning.loop_vectorization = True
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine, machine.emit_assembly(module) if cpu else ""


class Loop:
    """The compiled loop of a program, ready for any block of paths; safe to call from several threads at once.

    block: paths computed together; cpu, features: the processor to compile for, this one unless said
    """

    def __init__(
        self, program: Program, block: int = BLOCK, limit: int = LIMIT, cpu: str | None = None, features: str = ""
    ) -> None:
        text, function = source(program, block, limit)
        self.program, self.block = program, block
        self._engine, self.assembly = compile_text(text, cpu, features)
        pointers, numbers = [ctypes.c_void_p] * 11, [ctypes.c_uint64] * 3
        self._run = ctypes.CFUNCTYPE(None, *pointers, *numbers)(self._engine.get_function_address("run"))
        self._params = np.ascontiguousarray(program.params)
        self._constants = function.constants
        self._rows = np.ascontiguousarray(program.row_table)
        self._due = np.array([[c.due[t] for c in function.chunks] for t in range(program.periods)], np.uint8)
        self._initial = np.zeros(function.scratch_rows)
        for state in program.states:
            self._initial[state.slot] = state.initial

    def run(self, keys: NDArray[np.uint64], first_path: int, lines: NDArray[np.float64]) -> None:
        """Fill `lines` (rows, block) for the paths from `first_path` on.

        keys: (streams + once streams, 2), the words of each stream's key
        """
        streams, block = len(self.program.streams), self.block
        scratch = np.repeat(self._initial, block)
        z = np.empty((2 * streams + 2) * block)
        u, chosen, tails = np.empty(2 * block), np.empty(2 * block + 1, np.int64), np.empty(2 * block + 8)
        arrays = (self._params, scratch, z, lines, self._rows, self._due, keys, u, chosen, tails, self._constants)
        self._run(*(a.ctypes.data for a in arrays), first_path, 0, self.program.periods)
