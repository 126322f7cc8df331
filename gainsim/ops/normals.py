"""The compiled draws: uniforms or normal scores of one stream, for two periods and a block of paths.

The centre of the distribution is computed for all paths without a branch; the few in the tails are gathered, computed
together, and put back. Each value is the one that `norm_ppf` gives, to the bit.
"""

from __future__ import annotations

from gainsim.ops.kernels import PPF_CENTRE_HALF_WIDTH, ppf_centre, ppf_tail, uniform_pair
from gainsim.ops.tree import INT, Tree
from gainsim.ops.writer import WIDTH, Writer, function, literal, type_of

WORD = 64  # comparisons that become the bits of one word
DECLARATIONS = "\n".join(
    [
        f"declare <{WORD} x double> @llvm.fabs.v{WORD}f64(<{WORD} x double>)",
        f"declare i{WORD} @llvm.cttz.i{WORD}(i{WORD}, i1)",
    ]
)


def uniforms_function(block: int) -> str:
    """`uniforms`: fills u (2 block) with the uniforms of the periods 2 index and 2 index + 1, one after the other."""
    writer = Writer()
    _write_uniforms(writer, block)
    writer.do("ret void")
    return function(
        "internal void @uniforms(ptr noalias %u, i64 %key0, i64 %key1, i64 %path0, i64 %index) noinline", writer.text
    )


def _write_uniforms(writer: Writer, block: int) -> None:
    """Fill %u."""
    tree = Tree()
    path, index, key0, key1 = (tree.leaf("path" if k == 0 else "word", k) for k in range(4))
    uniforms = uniform_pair(path, index, tree.const(0), (key0, key1))
    words = {node.number: writer.spread(f"%{name}", INT) for node, name in ((index, "index"), (key0, "key0"))}
    words[key1.number] = writer.spread("%key1", INT)
    lanes = f"<{', '.join(f'i64 {k}' for k in range(WIDTH))}>"
    first = writer.put(f"add {type_of(INT)} {writer.spread('%path0', INT)}, {lanes}")

    def draw(i: str) -> None:
        number = writer.put(f"add {type_of(INT)} {first}, {writer.spread(i, INT)}")
        even, odd = writer.nodes(list(uniforms), {path.number: number} | words)
        writer.store(even, "%u", i)
        writer.store(odd, "%u", writer.put(f"add i64 {i}, {block}"))

    writer.loop(str(block), draw)


def normals_function(block: int) -> str:
    """`normals`: fills z (2 block) with the scores of the periods 2 index and 2 index + 1, one after the other.

    u, chosen and tails are room to work in: 2 block each, and one vector more.
    """
    assert (2 * block) % WORD == 0, f"a block is a multiple of {WORD // 2} paths"
    tree = Tree()
    u = tree.leaf("draw", 0)
    centre, tail = ppf_centre(u), ppf_tail(u)
    writer = Writer()
    _write_uniforms(writer, block)

    def compute_centre(i: str) -> None:
        (score,) = writer.nodes([centre], {u.number: writer.load("%u", i)})
        writer.store(score, "%z", i)

    def compute_tail(i: str) -> None:
        (score,) = writer.nodes([tail], {u.number: writer.load("%tails", i)})
        writer.store(score, "%tails", i)

    def put_back(i: str) -> None:
        score = writer.load("%tails", i, wide=False)
        writer.store(score, "%z", writer.load("%chosen", i, INT, wide=False), wide=False)

    writer.loop(str(2 * block), compute_centre)
    count = _gather_tails(writer, 2 * block)
    writer.loop(count, compute_tail)  # the last vector may run over what is chosen, into room kept for it
    writer.loop(count, put_back, step=1)
    writer.do("ret void")
    return function(
        "internal void @normals(ptr noalias %z, ptr noalias %u, ptr noalias %chosen, ptr noalias %tails, "
        "i64 %key0, i64 %key1, i64 %path0, i64 %index) noinline",
        writer.text,
    )


def _gather_tails(writer: Writer, count: int) -> str:
    """Write the uniforms outside the centre to %tails and their places to %chosen; gives their number.

    Sixty-four comparisons at a time become the bits of one word, of which only those that are set are visited.
    """
    wide = f"<{WORD} x double>"
    half, edge = (f"splat (double {literal(x)})" for x in (0.5, PPF_CENTRE_HALF_WIDTH))
    writer.text += [
        "  br label %gathering",
        "gathering:",
        "  br label %words",
        "words:",
        "  %word = phi i64 [ 0, %gathering ], [ %word_next, %word_done ]",
        "  %found = phi i64 [ 0, %gathering ], [ %found_after, %word_done ]",
        "  %word_at = getelementptr inbounds double, ptr %u, i64 %word",
        f"  %scores = load {wide}, ptr %word_at, align 8",
        f"  %distance = fsub {wide} %scores, {half}",
        f"  %size = call {wide} @llvm.fabs.v{WORD}f64({wide} %distance)",
        f"  %outside = fcmp ogt {wide} %size, {edge}",
        f"  %bits = bitcast <{WORD} x i1> %outside to i{WORD}",
        f"  %any = icmp ne i{WORD} %bits, 0",
        "  br i1 %any, label %each, label %word_done",
        "each:",
        f"  %left = phi i{WORD} [ %bits, %words ], [ %left_next, %each ]",
        "  %k = phi i64 [ %found, %words ], [ %k_next, %each ]",
        f"  %bit = call i{WORD} @llvm.cttz.i{WORD}(i{WORD} %left, i1 true)",
        "  %place = add i64 %word, %bit",
        "  %from = getelementptr inbounds double, ptr %u, i64 %place",
        "  %score = load double, ptr %from, align 8",
        "  %to = getelementptr inbounds double, ptr %tails, i64 %k",
        "  store double %score, ptr %to, align 8",
        "  %to_place = getelementptr inbounds i64, ptr %chosen, i64 %k",
        "  store i64 %place, ptr %to_place, align 8",
        f"  %less = add i{WORD} %left, -1",
        f"  %left_next = and i{WORD} %left, %less",
        "  %k_next = add i64 %k, 1",
        f"  %none = icmp eq i{WORD} %left_next, 0",
        "  br i1 %none, label %word_done, label %each",
        "word_done:",
        "  %found_after = phi i64 [ %found, %words ], [ %k_next, %each ]",
        f"  %word_next = add i64 %word, {WORD}",
        f"  %all = icmp eq i64 %word_next, {count}",
        "  br i1 %all, label %gathered, label %words",
        "gathered:",
    ]
    return "%found_after"
