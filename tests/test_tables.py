"""Tables: edges from both sides, against a slow reading of the same points and ranges; what is refused; the same bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gainsim.offer.tables import Table
from gainsim.ops.program import Program
from gainsim.tables import line, look_up, slices, whole
from tests.ops.test_program import _both

EPS = 1e-9
EDGES = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=5, unique=True).map(sorted)
VALUES = st.integers(-100, 100).map(float)


def table(**written: Any) -> Table:
    return Table.model_validate(written)


def at(found: Table, *points: float) -> list[float]:
    return [float(v) for v in np.asarray(look_up(found, np.array(points)))]


def test_a_line_at_its_points_and_a_hair_beside() -> None:
    found = table(line=[["35%", "46%"], ["45%", "36%"], ["45%", "30%"], ["60%", "28%"]])
    assert at(found, 0.0, 0.35) == [0.46, 0.46]
    assert at(found, 0.45 - EPS, 0.45, 0.45 + EPS) == pytest.approx([0.36, 0.30, 0.30], abs=1e-6)
    assert at(found, 0.45)[0] == 0.30  # of the jump the second, exactly
    assert at(found, 0.6, 0.6 + EPS, 7.0) == [0.28, 0.28, 0.28]


def test_a_line_that_jumps_at_its_first_and_at_its_last_point() -> None:
    found = table(line=[[1, 10], [1, 20], [2, 30], [2, 50]])
    assert at(found, 1 - EPS, 1, 2 - EPS, 2, 3) == pytest.approx([10, 20, 30, 50, 50], abs=1e-6)


def test_a_line_of_one_point_is_one_value() -> None:
    assert at(table(line=[[3, 7]]), -1, 3, 9) == [7, 7, 7]


def test_whole_values_at_their_edges() -> None:
    found = table(whole={"below 95%": "30%", "up to 99%": "10%", "above": "0%"})
    assert at(found, 0.95 - EPS, 0.95, 0.99, 0.99 + EPS) == [0.3, 0.1, 0.1, 0.0]


def test_slices_at_their_edges() -> None:
    found = table(slices={"up to 100": "20%", "up to 300": "50%", "above": "10%"})
    assert at(found, -5, 0, 100, 300, 400) == [0, 0, 20, 120, 130]


@given(edges=EDGES, values=st.lists(VALUES, min_size=6, max_size=6), inside=st.booleans(), x=st.integers(-60, 60))
def test_whole_values_are_those_of_the_first_range_that_holds_x(
    edges: list[float], values: list[float], inside: bool, x: int
) -> None:
    ranges = [*((edge, inside, value) for edge, value in zip(edges, values, strict=False)), (None, False, values[-1])]
    expected = next(v for e, i, v in ranges if e is None or x < e or (i and x == e))
    assert float(np.asarray(whole(ranges, np.array(float(x))))) == expected


@given(edges=EDGES, values=st.lists(VALUES, min_size=6, max_size=6), x=st.integers(-60, 60))
def test_a_line_is_numpys_where_it_does_not_jump(edges: list[float], values: list[float], x: int) -> None:
    points = list(zip(edges, values, strict=False))
    expected = np.interp(x, edges, [y for _, y in points])
    assert float(np.asarray(line(points, np.array(float(x))))) == pytest.approx(float(expected), rel=1e-12, abs=1e-9)


@given(edges=EDGES, rates=st.lists(VALUES, min_size=6, max_size=6), x=st.integers(-60, 160))
def test_slices_add_up_unit_by_unit(edges: list[float], rates: list[float], x: int) -> None:
    """Whole numbers: the unit from n to n + 1 lies in one range, and pays its rate."""
    edges = [edge for edge in edges if edge > 0] or [10.0]
    ranges = [*zip(edges, rates, strict=False), (None, rates[-1])]
    expected = math.fsum(next(r for e, r in ranges if e is None or n < e) for n in range(max(x, 0)))
    assert float(np.asarray(slices(ranges, np.array(float(x))))) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "written",
    [
        {"line": [[0.2, 3], [0.5, 1], [0.5, 2], [0.9, 7]]},
        {"whole": {"below 0.25": 3, "up to 0.5": 1, "above": 7}},
        {"slices": {"up to 0.25": 3, "up to 0.5": 1, "above": 7}},
    ],
    ids=lambda written: next(iter(written)),
)
def test_the_same_bits_in_both_runners(written: dict[str, Any]) -> None:
    found = table(**written)
    edges = [0.2, 0.25, 0.5, 0.9, 2.0, -1.0]
    program = Program(periods=len(edges))
    section = program.section("now")
    draw = program.draw("price", section)
    program.line("drawn", section, program.node(look_up(found, draw)))
    program.line("edges", section, program.node(look_up(found, program.param(edges) + 0.0 * draw)))
    assert _both(program)["edges"] == at(found, *edges)
