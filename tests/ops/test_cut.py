"""Two programs compared and the second one cut: together both parts give what the whole gives, to the bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.ops import exp, where
from gainsim.ops.arrays import run_arrays
from gainsim.ops.cut import Known, before, cut
from gainsim.ops.program import Program
from gainsim.streams.source import Philox, Plan, StreamPlan

Floats = NDArray[np.float64]
PERIODS, PATHS = 6, np.arange(40, dtype=np.uint64)
SOURCE = Philox(Plan((StreamPlan("price", PERIODS), StreamPlan("level", 0)), len(PATHS), 5))


def deal(share: float, growth: float = 0.1, start: float = 1.0, edges: Sequence[float] = (1.0,) * PERIODS) -> Program:
    """A price that grows from a level; a gain beyond edges that are dated, of which half years pay a share if they are good."""
    program = Program(PERIODS)
    every = program.section("every period")
    price = program.state(start, "price")
    now = price.read(every) + growth * exp(0.2 * program.draw("price", every)) + 0.01 * program.draw_once("level", every)
    price.write(every, now)
    gain = now - program.param(edges)
    so_far = program.state(0.0, "so far")
    so_far.write(every, so_far.read(every) + gain)
    half = program.section("half years", due=[2, 5])
    good = so_far.read(half) > 0.0
    paid = program.state(0.0, "paid")
    payment = where(good, share * so_far.read(half), 0.0) - 0.5 * paid.read(half)
    paid.write(half, paid.read(half) + payment)
    program.line("gain", every, gain)
    program.line("payment", half, payment)
    return program


def parts(first: Program, other: Program, line: int) -> tuple[Floats, list[int], dict[int, NDArray[np.bool_]]]:
    """A line of the other program by way of what is stored; its rows in the whole; what was stored."""
    known = Known(first)
    found = known.within(other)
    due = next(s.due for s in other.sections for number, _ in s.lines if number == line)
    rest = cut(other, found, {line: due})
    assert not rest.program.streams and not rest.program.once_streams
    wanted = {number: periods & known.due(number) for number, periods in rest.wanted.items()}
    program, rows = before(first, wanted)
    stored = run_arrays(program, SOURCE, PATHS)
    inputs = {
        name: np.array([stored[rows[int(name), t]] if (int(name), t) in rows else stored[0] for t in range(PERIODS)])
        for name in rest.program.inputs
    }
    whole = [row for row, (_, number) in enumerate(other.rows) if number == line]
    return run_arrays(rest.program, None, PATHS, inputs), whole, wanted


@pytest.mark.parametrize(
    "moved", [{"share": 0.3}, {"share": 0.5, "growth": 0.12}, {"share": 0.5, "start": 0.9}, {"share": 0.5, "edges": (1.0, 1.1) * 3}]
)
def test_both_parts_together_are_the_whole(moved: dict[str, float]) -> None:
    first, other = deal(0.5), deal(**moved)  # type: ignore[arg-type]
    for line in (0, 1):
        through, rows, _ = parts(first, other, line)
        assert through.tobytes() == run_arrays(other, SOURCE, PATHS)[rows].tobytes()


def test_a_share_is_paid_of_what_is_known_and_only_when_it_is_due() -> None:
    """Whether a half year is good, and the gain so far, each in two periods: the price and its memory are not asked again."""
    through, _, wanted = parts(deal(0.5), deal(0.3), 1)
    assert sorted(np.flatnonzero(periods).tolist() for periods in wanted.values()) == [[2, 5], [2, 5]]
    assert through.shape == (2, len(PATHS))


def test_a_memory_is_known_as_long_as_nothing_in_it_moves() -> None:
    """What was paid feeds itself, of what was gained so far, of the price: what moves one of them moves those behind it."""
    first = deal(0.5)
    known = Known(first)
    reads = {name: {n.number for n in first.live() if n.op == "state" and first.states[n.args[0]].name == name}
             for name in ("price", "so far", "paid")}  # fmt: skip
    for other, lost in ((deal(0.5), set()), (deal(0.3), {"paid"}), (deal(0.5, 0.2), {"price", "so far", "paid"})):
        found = set(known.within(other).values())
        assert {name for name, those in reads.items() if not those & found} == lost


def test_numbers_alone_make_no_other_form() -> None:
    first = deal(0.5)
    known = Known(first)

    def form(share: float) -> tuple[object, ...]:
        other = deal(share)
        return cut(other, known.within(other), {1: other.sections[1].due}).form

    assert form(0.3) == form(0.4)
    other = deal(0.3, edges=(1.0, 1.1) * 3)
    assert cut(other, known.within(other), {1: other.sections[1].due}).form != form(0.3)


def test_another_frame_is_told() -> None:
    """Values are compared where sections, memories, draws and lines are the same."""
    first, other = deal(0.5), deal(0.3)
    known = Known(first)
    assert known.frames(other)
    other.line("another", other.sections[0], 1.0)
    assert not known.frames(other)
