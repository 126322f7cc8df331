"""Programs: memory, sections and rows; and any program gives the same bits in both runners."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gainsim import ops
from gainsim.errors import DataError
from gainsim.ops.arrays import run_arrays
from gainsim.ops.chunks import LIMIT, chunks
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program, Section
from gainsim.ops.run_text import BLOCK, source
from gainsim.ops.tree import Node
from gainsim.streams.source import Philox, Plan, StreamPlan

Floats = NDArray[np.float64]


def _source(program: Program, paths: int, seed: int = 11) -> Philox:
    streams = [StreamPlan(name, program.periods) for name in (*program.streams, *program.once_streams)]
    return Philox(Plan(tuple(streams), paths, seed))


def _by_array(program: Program, paths: int) -> Floats:
    return run_arrays(program, _source(program, paths), np.arange(paths, dtype=np.uint64))


def _by_loop(program: Program, paths: int, block: int, limit: int = LIMIT, cpu: str | None = None) -> Floats:
    loop = Loop(program, block, limit, cpu)
    keys = _source(program, paths).key_table([*program.streams, *program.once_streams])
    parts = []
    for first in range(0, paths, block):
        lines = np.full((len(program.rows), block), 1e99)
        loop.run(keys, first, lines)
        parts.append(lines)
    return np.ascontiguousarray(np.concatenate(parts, axis=1)[:, :paths])


def _assert_same(a: Floats, b: Floats) -> None:
    """The same bits; what is not a number is so in both (IEEE 754 leaves its sign and payload open)."""
    np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
    np.testing.assert_array_equal(*(np.where(np.isnan(x), 0.0, x).view(np.uint64) for x in (a, b)))


def _rows_of(program: Program, by_row: Floats) -> dict[str, list[float]]:
    """The values of each line on the first path, in order of time."""
    found: dict[str, list[float]] = {name: [] for name in program.line_names}
    for (_, line), value in zip(program.rows, by_row[:, 0], strict=True):
        found[program.line_names[line]].append(float(value))
    return found


def _both(program: Program) -> dict[str, list[float]]:
    by_array = _by_array(program, 128)
    _assert_same(by_array, _by_loop(program, 128, 128))
    _assert_same(by_array, _by_loop(program, 128, 128, limit=2))
    return _rows_of(program, by_array)


# ------------------------------------------------------------------------------------------------ memory


def test_a_state_is_read_as_it_is_when_the_section_runs() -> None:
    """Before the writer: the last period's value; after it: this period's; in it: what it was when it began."""
    program = Program(periods=3)
    before, writer, after = (program.section(name) for name in ("before", "writer", "after"))
    count = program.state(10.0)
    program.line("before", before, count.read(before))
    count.write(writer, count.read(writer) + 1.0)
    program.line("within", writer, count.read(writer))
    program.line("after", after, count.read(after))
    assert _both(program) == {"before": [10, 11, 12], "within": [10, 11, 12], "after": [11, 12, 13]}


def test_two_states_of_one_section_change_places() -> None:
    program = Program(periods=4)
    every = program.section("every period")
    a, b = program.state(1.0), program.state(2.0)
    a.write(every, b.read(every))
    b.write(every, a.read(every))
    program.line("a", every, a.read(every))
    program.line("b", every, b.read(every))
    assert _both(program) == {"a": [1, 2, 1, 2], "b": [2, 1, 2, 1]}


def test_a_state_stays_while_its_section_is_not_due() -> None:
    """A yearly section takes the running total and sets it back."""
    program = Program(periods=6)
    every, yearly, last = program.section("month"), program.section("year", due=[2, 5]), program.section("end")
    total, taken = program.state(0.0), program.state(-1.0)
    total.write(
        every, ops.where(taken.read(every) > 100.0, 0.0, total.read(every) + program.param(np.arange(1.0, 7.0)))
    )
    taken.write(yearly, total.read(yearly))
    program.line("taken", yearly, total.read(yearly))
    program.line("last taken", last, taken.read(last))
    assert _both(program) == {"taken": [6, 21], "last taken": [-1, -1, 6, 6, 6, 21]}


def test_a_chain_of_states_is_a_delay_line() -> None:
    program = Program(periods=5)
    every = program.section("every period")
    now = program.param([1.0, 2.0, 3.0, 4.0, 5.0])
    first, second = program.state(0.0), program.state(0.0)
    second.write(every, first.read(every))
    first.write(every, now)
    program.line("two ago", every, second.read(every))
    assert _both(program) == {"two ago": [0, 0, 1, 2, 3]}


def test_a_state_that_nobody_writes_keeps_its_first_value() -> None:
    program = Program(periods=2)
    every = program.section("every period")
    program.line("kept", every, program.state(0.7).read(every))
    assert _both(program) == {"kept": [0.7, 0.7]}


def test_what_no_line_needs_is_not_computed() -> None:
    """A dead state may even break: nobody looks. Live ones are found through other states."""
    program = Program(periods=3)
    every = program.section("every period")
    dead, hidden, shown = program.state(0.0), program.state(1.0), program.state(0.0)
    dead.write(every, 1.0 / dead.read(every))
    hidden.write(every, hidden.read(every) * 2.0)
    shown.write(every, hidden.read(every))
    program.line("shown", every, shown.read(every))
    assert program.live_states() == {hidden.slot, shown.slot}
    assert not any(node.op == "div" for node in program.live())
    assert _both(program) == {"shown": [0, 1, 2]}


def test_a_state_is_written_in_one_place() -> None:
    program = Program(periods=1)
    one, other = program.section("one"), program.section("other")
    state = program.state(0.0)
    state.write(one, 1.0)
    with pytest.raises(ValueError, match="written in one place"):
        state.write(other, 2.0)


# ------------------------------------------------------------------------------------------------ rows


def test_rows_are_in_order_of_time_then_of_sections() -> None:
    program = Program(periods=3)
    every, yearly, again = (
        program.section("every"),
        program.section("yearly", due=[2]),
        program.section("again", due=[0, 2]),
    )
    numbers = [
        program.line("a", again, 3.0), program.line("b", every, 1.0), program.line("c", yearly, 2.0),
        program.line("d", every, 4.0),
    ]  # fmt: skip
    assert numbers == [0, 1, 2, 3]
    assert program.rows == ((0, 1), (0, 3), (0, 0), (1, 1), (1, 3), (2, 1), (2, 3), (2, 2), (2, 0))
    assert program.row_table.tolist() == [[2, 0, -1, 1], [-1, 3, -1, 4], [8, 5, 7, 6]]
    assert _by_array(program, 2)[:, 0].tolist() == [1, 4, 3, 1, 4, 1, 4, 2, 3]
    assert _both(program) == {"a": [3, 3], "b": [1, 1, 1], "c": [2], "d": [4, 4, 4]}


def test_a_section_that_is_never_due_has_no_rows() -> None:
    program = Program(periods=2)
    program.line("always", program.section("always"), 1.0)
    program.line("never", program.section("never", due=[]), 2.0)
    assert program.rows == ((0, 0), (1, 0))
    assert _both(program) == {"always": [1, 1], "never": []}


def test_parameters_are_dated_and_kept_once() -> None:
    program = Program(periods=3)
    assert program.param(2.0) is program.param([2.0, 2.0, 2.0])
    assert program.param([1.0, 2.0, 3.0]) is not program.param(2.0)
    assert program.param(0.0) is not program.param(-0.0)
    assert program.params.tolist() == [[2, 1, 0, 0], [2, 2, 0, 0], [2, 3, 0, 0]]
    with pytest.raises(ValueError, match="broadcast"):
        program.param([1.0, 2.0])
    assert Program(periods=2).params.shape == (2, 0)


def test_streams_and_inputs_are_numbered_once() -> None:
    program = Program(periods=1)
    section = program.section("now")
    assert program.draw("a", section) is program.draw("a", section)
    assert program.draw("b", section) is not program.draw("a", section)
    assert (program.streams, program.once_streams) == (["a", "b"], [])
    program.draw_once("a_life", section)
    assert program.once_streams == ["a_life"]


def test_facts_from_outside_are_read_by_period_and_path() -> None:
    program = Program(periods=2)
    every = program.section("every period")
    program.line("doubled", every, 2.0 * program.input("measured", every) + program.input("same", every))
    inputs = {"measured": np.array([[1.0, 2.0], [3.0, 4.0]]), "same": np.array([[0.5], [0.25]])}
    got = run_arrays(program, None, np.arange(2, dtype=np.uint64), inputs)
    assert got.tolist() == [[2.5, 4.5], [6.25, 8.25]]


def test_the_loop_reads_facts_from_outside_as_numpy_does() -> None:
    program = Program(periods=3)
    every = program.section("every period")
    program.line("both", every, program.draw("z", every) * program.input("measured", every) - program.input("other", every))
    loop, lines = Loop(program), np.empty((3, BLOCK))
    inputs = np.random.default_rng(1).uniform(size=(2, 3, BLOCK))
    loop.run(_source(program, BLOCK).key_table(program.streams), 0, lines, None, inputs)
    by_name = dict(zip(program.inputs, inputs, strict=True))
    assert (lines == run_arrays(program, _source(program, BLOCK), np.arange(BLOCK, dtype=np.uint64), by_name)).all()
    with pytest.raises(ValueError, match=r"takes 6 rows of inputs; these are \(1, 3"):
        loop.run(_source(program, BLOCK).key_table(program.streams), 0, lines, None, inputs[:1])


# ------------------------------------------------------------------------------------------------ what is not finite


def _broken(write: Callable[[Node, Program, Section], Any]) -> Program:
    program = Program(periods=2)
    every = program.section("every period")
    z = program.draw("z", every)
    program.tree.label = "'saving / volume'"
    program.line("gain", every, write(z, program, every))
    return program


def _checked(program: Program, paths: int = 4) -> Floats:
    return run_arrays(program, _source(program, paths), np.arange(paths, dtype=np.uint64), checked=True)


def test_a_value_that_is_not_finite_is_named_with_formula_path_and_period() -> None:
    program = _broken(lambda z, p, s: 3.0 + 2.0 / (p.param([1.0, 0.0]) * z))
    with pytest.raises(DataError, match=r"'saving / volume' .* on path 0 in period 2: the quotient of 2, -?0; .*gain"):
        _checked(program)


def test_the_branch_that_is_not_taken_may_break() -> None:
    program = _broken(lambda z, p, s: ops.where(z > 100.0, 1.0 / (0.0 * z), 1.0))
    assert _checked(program).tolist() == [[1.0] * 4] * 2


def test_the_branch_that_is_taken_is_blamed() -> None:
    program = _broken(lambda z, p, s: ops.where(z < 100.0, ops.sqrt(-1.0 - z * z), 1.0 / (0.0 * z)))
    with pytest.raises(DataError, match="the square root of -"):
        _checked(program)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda z: ops.exp(710.0 + z * z), "exp() of a number above 709.78"),
        (lambda z: ops.log(-1.0 - z * z), "log() of a negative number"),
        (lambda z: ops.log(0.0 * z), "log() of 0"),
        (lambda z: ops.require(z > 100.0, z, "the share is too small"), "the share is too small on path 0 in period 1"),
    ],
)
def test_what_a_kernel_or_a_step_refuses_is_said_in_words(write: Callable[[Node], Node], words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words)):
        _checked(_broken(lambda z, p, s: write(z)))


def test_a_memory_that_broke_is_followed_back_to_its_period() -> None:
    program = Program(periods=6)
    every, at_end = program.section("every"), program.section("at the end", due=[5])
    z, total = program.draw("z", every), program.state(0.0)
    program.tree.label = "'saving / volume'"
    total.write(every, total.read(every) + 1.0 / (program.param([1.0, 1.0, 0.0, 1.0, 1.0, 1.0]) * (1.0 + z * z)))
    program.tree.label = "'total'"
    program.line("gain", at_end, 2.0 * total.read(at_end))
    with pytest.raises(DataError, match=r"'saving / volume' .* on path 0 in period 3: the quotient of 1, 0; .*gain"):
        _checked(program)


def test_without_checking_the_runner_goes_on_quietly() -> None:
    program = _broken(lambda z, p, s: 1.0 / (0.0 * z))
    assert not np.isfinite(_by_array(program, 4)).any()


# ------------------------------------------------------------------------------------------------ loops, fused and split


def _long(operations: int) -> Program:
    """A chain that passes whole numbers, conditions and doubles on, whatever the place of the cut."""
    program = Program(periods=2)
    every, yearly = program.section("every"), program.section("yearly", due=[1])
    z, state = program.draw("z", every), program.state(0.5)
    x, warm = state.read(every) + z, z > 0.0
    for k in range(operations):
        x = ops.where(warm, ops.exp(x * 0.125) - 1.0 - 0.01 * k, ops.log(1.0 + x * x))
        warm = ops.either(ops.both(warm, x < 0.5), ops.negate(x > -0.25 * k))
    state.write(every, x)
    program.line("x", every, x)
    program.line("warm", yearly, ops.where(warm, state.read(yearly), z))
    return program


def test_sections_that_fall_due_together_share_a_loop() -> None:
    program = Program(periods=2)
    for name, due in (("a", None), ("b", [0, 1]), ("c", [1]), ("d", None)):
        section = program.section(name, due)
        program.line(name, section, program.draw("z", section) + 1.0)
    program.section("empty")
    assert [[section.name for section, _, _ in chunk.parts] for chunk in chunks(program)] == [["a", "b", "d"], ["c"]]


@pytest.mark.parametrize("limit", [1, 5, 17, 40])
def test_no_loop_is_longer_than_the_limit(limit: int) -> None:
    program = _long(4)
    found = chunks(program, limit)
    assert max(chunk.size for chunk in found) <= limit
    nodes = [node.number for chunk in found for _, part, _ in chunk.parts for node in part]
    assert sorted(nodes) == [node.number for node in program.live() if node.section >= 0]
    assert len(nodes) == len(set(nodes))
    for section in program.sections:
        assert [ends for chunk in found for s, _, ends in chunk.parts if s is section].count(True) == 1


@pytest.mark.parametrize("limit", [2, 3, 5, 8, 17, 40])
def test_values_of_every_kind_pass_from_loop_to_loop(limit: int) -> None:
    program = _long(2)
    _assert_same(_by_array(program, 256), _by_loop(program, 256, 128, limit))


def test_a_contract_longer_than_the_limit_is_split() -> None:
    program = _long(48)
    assert len(program.live()) > LIMIT
    assert len(chunks(program)) > len(chunks(program, 10**6))
    _assert_same(_by_array(program, BLOCK), _by_loop(program, BLOCK, BLOCK))


def test_a_value_without_a_path_is_computed_once_before_the_loop() -> None:
    program = Program(periods=2)
    every = program.section("every period")
    level = program.param([0.5, 2.0])
    program.line("uniform", every, ops.exp(level) / ops.sqrt(level))
    program.line("condition", every, ops.where(ops.both(level > 1.0, level < 3.0), program.draw("z", every), 0.0))
    _both(program)
    assert source(program).count("call double @llvm.sqrt.f64(") == 1


def test_the_loop_goes_on_from_any_path() -> None:
    program = _long(2)
    everywhere = _by_array(program, 1024)
    loop = Loop(program, 128)
    lines = np.empty((len(program.rows), 128))
    for first in (0, 1, 77, 896):
        loop.run(_source(program, 1).key_table(["z"]), first, lines)
        _assert_same(lines, np.ascontiguousarray(everywhere[:, first : first + 128]))


def test_paths_beyond_2_to_the_32_have_addresses_of_their_own() -> None:
    program = _long(1)
    loop, lines = Loop(program, 128), np.empty((3, 128))
    first = 2**32 - 64
    loop.run(_source(program, 1).key_table(["z"]), first, lines)
    paths = np.arange(first, first + 128, dtype=np.uint64)
    _assert_same(lines, run_arrays(program, _source(program, 1), paths))


# ------------------------------------------------------------------------------------------------ any program

NUMBERS = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-3, 37.5, -250.0, 1e6, 1e-300, 1e300, 700.0])
UNARY: tuple[Callable[[Any], Any], ...] = (
    lambda a: -a,
    ops.absolute,
    ops.sqrt,
    ops.exp,
    ops.log,
    ops.norm_cdf,
    lambda a: ops.clip(a, -2.0, 2.0),
)
BINARY: tuple[Callable[[Any, Any], Any], ...] = (
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    ops.minimum,
    ops.maximum,
    lambda a, b: 3.0 - a * 0.5 + b,
)
COMPARISONS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda a, b: a < b,
    lambda a, b: a <= b,
    lambda a, b: a > b,
    lambda a, b: a >= b,
)
JOINED: tuple[Callable[[Any, Any], Any], ...] = (ops.both, ops.either, lambda a, b: ops.both(a, ops.negate(b)))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Up to four sections with due masks of their own, draws, dated numbers, memory, conditions, several lines.

    A section reads what those before it computed only if they are due whenever it is; memory it reads always.
    """
    periods = draw(st.integers(1, 4))
    program = Program(periods)
    states = [program.state(draw(NUMBERS)) for _ in range(draw(st.integers(0, 3)))]
    unwritten = list(states)
    pools: list[tuple[Section, list[Node], list[Node]]] = []
    for number in range(draw(st.integers(1, 4))):
        due = None if draw(st.booleans()) else draw(st.sets(st.integers(0, periods - 1)))
        section = program.section(f"section {number}", due)
        values: list[Node] = [
            program.draw(draw(st.sampled_from(["price", "demand"])), section),
            program.param(draw(st.lists(NUMBERS, min_size=periods, max_size=periods))),
            *(state.read(section) for state in states),
        ]
        if draw(st.booleans()):
            values.append(program.draw_once("life", section))
        conditions: list[Node] = [values[0] > 0.25]
        for earlier, numbers, truths in pools:
            if not (section.due & ~earlier.due).any():
                values += numbers
                conditions += truths
        for _ in range(draw(st.integers(1, 10))):
            pick = lambda pool: draw(st.sampled_from(pool))  # noqa: E731
            match draw(st.integers(0, 5)):
                case 0:
                    values.append(pick(UNARY)(pick(values)))
                case 1 | 2:
                    values.append(program.node(pick(BINARY)(pick(values), pick([*values, draw(NUMBERS)]))))
                case 3:
                    values.append(ops.where(pick(conditions), pick(values), pick([*values, draw(NUMBERS)])))
                case 4:
                    conditions.append(pick(COMPARISONS)(pick(values), pick(values)))
                case 5:
                    conditions.append(pick(JOINED)(pick(conditions), pick(conditions)))
        for _ in range(draw(st.integers(0, 2))):
            program.line(f"line {len(program.line_names)}", section, draw(st.sampled_from(values)))
        while unwritten and draw(st.booleans()):
            unwritten.pop().write(section, draw(st.sampled_from(values)))
        pools.append((section, values, conditions))
    last = program.section("end")
    program.line(
        "at the end", last, draw(st.sampled_from([*(s.read(last) for s in states), program.draw("price", last)]))
    )
    return program


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(program=programs(), limit=st.sampled_from([5, 17, LIMIT]), block=st.sampled_from([128, 1024, 4096]))
def test_any_program_gives_the_same_bits_in_both_runners(program: Program, limit: int, block: int) -> None:
    _assert_same(_by_array(program, block), _by_loop(program, block, block, limit))


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(program=programs())
def test_any_program_gives_the_same_bits_in_blocks_of_any_size(program: Program) -> None:
    expected = _by_array(program, 4096)
    for block in (128, 1024, 4096):
        _assert_same(expected, _by_loop(program, 4096, block, limit=17))
