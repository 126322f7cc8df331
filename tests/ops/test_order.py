"""The order of sections: what is read is what stood there then, however sections are gathered into loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim import ops
from gainsim.errors import DataError
from gainsim.ops.arrays import run_arrays
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.ops.run_text import BLOCK
from gainsim.streams.source import Philox, Plan, StreamPlan

Floats = NDArray[np.float64]
PATHS = np.arange(BLOCK, dtype=np.uint64)


def source_of(program: Program) -> Philox:
    return Philox(Plan(tuple(StreamPlan(name, program.periods) for name in program.streams), BLOCK, 3))


def by_line(program: Program) -> tuple[Floats, dict[str, dict[int, Floats]]]:
    """The scores of the first stream, (periods, paths), and every line by period: the same bits from both runners."""
    source = source_of(program)
    by_array = run_arrays(program, source, PATHS)
    by_loop = np.empty_like(by_array)
    Loop(program).run(source.key_table(program.streams), 0, by_loop)
    assert by_loop.tobytes() == by_array.tobytes()
    found: dict[str, dict[int, Floats]] = {name: {} for name in program.line_names}
    for (t, line), row in zip(program.rows, by_array, strict=True):
        found[program.line_names[line]][t] = row
    scores = np.array([source.normals(program.streams[0], PATHS, t) for t in range(program.periods)])
    return scores, found


def test_a_value_is_not_put_off_to_a_section_that_runs_less_often_than_another_reader() -> None:
    """Read at the end and, later in a period, in all but the first: it must be there from the second period on."""
    program = Program(6)
    every = program.section("every")
    doubled = 2.0 * program.draw("z", every)
    program.line("end", program.section("end", due=[5]), doubled + 1.0)
    program.line("later", program.section("later", due=range(1, 6)), doubled + 3.0)
    z, lines = by_line(program)
    np.testing.assert_array_equal(lines["end"][5], 2.0 * z[5] + 1.0)
    for t in range(1, 6):
        np.testing.assert_array_equal(lines["later"][t], 2.0 * z[t] + 3.0)


def test_a_memory_read_before_it_is_written_gives_the_value_before() -> None:
    """Even where only a later section, that runs after the writing, makes use of it."""
    program = Program(4)
    every = program.section("every")
    last = program.state(7.0)
    before = last.read(every)
    last.write(every, program.draw("z", every))
    at_end = program.section("end", due=[1, 3])
    program.line("before", at_end, before * 2.0)
    program.line("after", at_end, last.read(at_end))
    z, lines = by_line(program)
    for t in (1, 3):
        np.testing.assert_array_equal(lines["before"][t], 2.0 * z[t - 1])
        np.testing.assert_array_equal(lines["after"][t], z[t])


def test_a_section_does_not_go_before_a_loop_whose_values_it_reads() -> None:
    program = Program(6)
    yearly = program.section("yearly", due=[2, 5])
    kept = program.state(0.0)
    kept.write(yearly, program.draw("z", yearly))
    every = program.section("every")
    tripled = 3.0 * kept.read(every)
    program.line("every", every, tripled)
    program.line("yearly", program.section("again", due=[2, 5]), tripled + 1.0)
    z, lines = by_line(program)
    for t, since in enumerate((None, None, 2, 2, 2, 5)):
        np.testing.assert_array_equal(lines["every"][t], 0.0 if since is None else 3.0 * z[since])
    for t in (2, 5):
        np.testing.assert_array_equal(lines["yearly"][t], 3.0 * z[t] + 1.0)


def test_a_section_does_not_write_before_a_loop_that_reads_the_value_before() -> None:
    program = Program(6)
    yearly = program.section("yearly", due=[2, 5])
    first, second = program.state(0.0), program.state(5.0)
    score = program.draw("z", yearly)
    first.write(yearly, score)
    every = program.section("every")
    program.line("every", every, first.read(every) + second.read(every))
    second.write(program.section("again", due=[2, 5]), score * 2.0)
    z, lines = by_line(program)
    for t in (0, 1):
        np.testing.assert_array_equal(lines["every"][t], 5.0)
    np.testing.assert_array_equal(lines["every"][2], z[2] + 5.0)
    for t in (3, 4):
        np.testing.assert_array_equal(lines["every"][t], z[2] + 2.0 * z[2])
    np.testing.assert_array_equal(lines["every"][5], z[5] + 2.0 * z[2])


def test_a_value_of_a_section_that_runs_later_or_less_often_is_refused() -> None:
    program = Program(3)
    early, late = program.section("early"), program.section("late")
    with pytest.raises(ValueError, match="'early' reads a value of 'late', which has not run by then"):
        program.line("too soon", early, program.draw("z", late) + 1.0)
    seldom = program.section("seldom", due=[0, 2])
    with pytest.raises(ValueError, match="'always' reads a value of 'seldom'"):
        program.line("too often", program.section("always"), program.draw("y", seldom) + 1.0)
    program.line("in step", program.section("last", due=[2]), program.draw("y", seldom) + 1.0)


def test_the_branch_that_was_taken_is_to_blame() -> None:
    program = Program(1)
    every = program.section("every")
    z = program.draw("z", every)
    value = ops.where(z > 100.0, 1.0 / (z * 0.0), ops.sqrt(z - 100.0))
    program.line("line", every, value + 1.0)
    with pytest.raises(DataError, match="the square root of -"):
        run_arrays(program, source_of(program), PATHS, checked=True)


def test_a_constant_without_end_is_not_to_blame_for_what_is_made_of_it() -> None:
    """Last bands reach to infinity: what multiplies it is at fault."""
    program = Program(1)
    every = program.section("every")
    program.line("line", every, program.draw("z", every) * math.inf)
    with pytest.raises(DataError, match=r"the product of \S+, inf; met while reckoning line"):
        run_arrays(program, source_of(program), PATHS, checked=True)
