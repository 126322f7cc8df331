"""The tree: every quantity once, and nothing that leaves the vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gainsim import ops
from gainsim.ops.program import Program
from gainsim.ops.tree import BOOL, FLOAT, INT, UNIFORM, Node, Tree, needed


@pytest.fixture
def x() -> Node:
    return Tree().leaf("draw", 0, section=2)


# ------------------------------------------------------------------------------------------------ each quantity once


@pytest.mark.parametrize(
    "write",
    [
        lambda x: 2.0 * x,
        lambda x: x + x,
        lambda x: -x / 3.0,
        lambda x: ops.exp(x),
        lambda x: ops.norm_cdf(x - 1.0),
        lambda x: ops.clip(x, -1.0, 1.0),
        lambda x: ops.where(ops.both(x > 0.0, ops.negate(x >= 2.0)), x, 0.0),
    ],
)
def test_writing_the_same_twice_gives_the_same_node(x: Node, write: Callable[[Any], Any]) -> None:
    first = write(x)
    known = len(x.tree.nodes)
    assert write(x) is first
    assert len(x.tree.nodes) == known


def test_the_order_of_arguments_is_kept(x: Node) -> None:
    """a + b and b + a differ where both are not a number, so they stay two."""
    y = x.tree.leaf("draw", 1, section=0)
    assert x + y is not y + x
    assert x - y is not y - x


def test_leaves_differ_by_slot_and_section() -> None:
    tree = Tree()
    assert tree.leaf("state", 0, 1) is tree.leaf("state", 0, 1)
    assert tree.leaf("state", 0, 1) is not tree.leaf("state", 0, 2)
    assert tree.leaf("state", 0, 1) is not tree.leaf("state", 1, 1)
    assert tree.leaf("draw", 0, 1) is not tree.leaf("draw_once", 0, 1)


def test_constants_are_kept_by_their_bits() -> None:
    tree = Tree()
    assert tree.const(0.0) is not tree.const(-0.0)
    assert tree.const(0.1) is tree.const(0.1)
    assert tree.const(0.1) is not tree.const(np.nextafter(0.1, 1.0))
    assert tree.const(np.float64(0.5)) is tree.const(0.5)


def test_whole_numbers_belong_to_the_bit_operations_and_become_doubles_elsewhere(x: Node) -> None:
    tree = x.tree
    assert (tree.const(3).kind, tree.const(3.0).kind, tree.const(np.int64(3)).kind) == (INT, FLOAT, INT)
    assert tree.const(True).kind == FLOAT
    assert 3 * x is 3.0 * x
    assert all(a.kind == FLOAT for a in (x + 1).args)
    assert all(a.kind == INT for a in tree.node("iadd", tree.node("to_bits", x), 1).args)


def test_times_one_is_nothing(x: Node) -> None:
    assert x * 1.0 is x
    assert 1 * x is x
    assert x / 1.0 is not x
    assert x * -1.0 is not x


def test_kinds_follow_the_operation(x: Node) -> None:
    assert [(x > 0.0).kind, (x + 1.0).kind, ops.both(x > 0.0, x < 1.0).kind] == [BOOL, FLOAT, BOOL]
    assert x.tree.node("to_bits", x).kind == INT
    assert ops.where(x > 0.0, x, 1.0).kind == FLOAT
    assert ops.where(x > 0.0, x < 3.0, x > 2.0).kind == BOOL


def test_needed_gives_arguments_first_and_each_once(x: Node) -> None:
    root = ops.exp(x) * ops.exp(x) + x
    unused = x * 7.0
    found = list(needed([root, x]))
    assert len(found) == len({node.number for node in found})
    places = {node.number: place for place, node in enumerate(found)}
    for node in found:
        assert all(places[a.number] < places[node.number] for a in node.args if isinstance(a, Node))
    assert unused not in found
    assert found[-1] is root


def test_a_node_says_what_it_is(x: Node) -> None:
    assert repr(x) == "n0 = draw(0)"
    assert repr(x - 2.5) == "n2 = sub(n0, n1)"
    x.tree.label = "'price * volume'"
    assert (x * 3.0).label == "'price * volume'"


def test_tables_with_the_same_numbers_are_kept_once(x: Node) -> None:
    tree, table = x.tree, np.arange(4.0)
    index = tree.node("to_int", x)
    assert tree.gather(table, index) is tree.gather(table.copy(), index)
    assert tree.gather(table + 1.0, index) is not tree.gather(table, index)
    assert len(tree.constants) == 2
    table[0] = 9.0
    assert tree.constants[0][0] == 0.0


# ------------------------------------------------------------------------------------------------ sections


def test_the_section_of_a_node_is_the_latest_of_its_arguments() -> None:
    tree = Tree()
    early, late = tree.leaf("draw", 0, section=0), tree.leaf("state", 0, section=3)
    param = tree.leaf("param", 0)
    assert (param.section, (2.0 * param).section, ops.exp(param).section) == (UNIFORM, UNIFORM, UNIFORM)
    assert (param * early).section == 0
    assert (early + late).section == 3
    assert ops.where(early > 0.0, param, late).section == 3
    assert tree.gather(np.zeros(3), tree.node("to_int", late)).section == 3


def test_a_program_gives_its_leaves_the_section_that_reads_them() -> None:
    program = Program(periods=2)
    first, second = program.section("first"), program.section("second", due=[1])
    state = program.state(1.0)
    assert (state.read(first).section, state.read(second).section) == (0, 1)
    assert program.draw("z", second).section == 1
    assert program.input("measured", first).section == 0
    assert program.param([1.0, 2.0]).section == UNIFORM
    assert program.node(3).section == UNIFORM


# ------------------------------------------------------------------------------------------------ refusals

REFUSED: dict[str, Callable[[Any], Any]] = {
    "branch": lambda x: 1.0 if x > 0.0 else 2.0,
    "and": lambda x: x > 0.0 and x < 1.0,
    "not": lambda x: not x,
    "chained comparison": lambda x: 0.0 < x < 1.0,
    "min": lambda x: min(x, 1.0),
    "max": lambda x: max(1.0, x),
    "power": lambda x: x**2,
    "power of a number": lambda x: 2.0**x,
    "root by power": lambda x: x**0.5,
    "pow": lambda x: pow(x, 2, 3),
    "write": lambda x: x.__setitem__(0, 1.0),
    "read an element": lambda x: x[0],
    "whole division": lambda x: x // 2.0,
    "remainder": lambda x: x % 2.0,
    "float": lambda x: float(x),
    "int": lambda x: int(x),
    "abs": lambda x: abs(x),
    "round": lambda x: round(x),
    "length": lambda x: len(x),
    "iteration": lambda x: list(x),
    "equality": lambda x: x == 1.0,
    "inequality": lambda x: x != 0.0,
    "np.where on a plain condition": lambda x: np.where(True, x, 0.0),
    "an array made of it": lambda x: np.array([x, 1.0]),
    "np.exp": np.exp,
    "np.log": np.log,
    "np.power": lambda x: np.power(x, 2.0),
    "np.minimum": lambda x: np.minimum(x, 1.0),
    "np.maximum": lambda x: np.maximum(0.0, x),
    "np.where on a condition": lambda x: np.where(x > 0.0, 1.0, 2.0),
    "np.clip": lambda x: np.clip(x, 0.0, 1.0),
    "np.interp": lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0]),
    "np.sum": lambda x: np.sum(x),
    "np.isfinite": np.isfinite,
    "an array of it": lambda x: np.arange(3.0) * x,
    "text": lambda x: x + "1e",
    "nothing": lambda x: x * None,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_leaves_the_vocabulary_is_refused(x: Node, name: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        REFUSED[name](x)


def test_refusals_say_what_to_do_instead(x: Node) -> None:
    with pytest.raises(TypeError, match=r"use where\(\)"):
        bool(x > 0.0)
    with pytest.raises(TypeError, match="multiply, or use exp and log"):
        x**2
    with pytest.raises(TypeError, match="return a new value"):
        x[0] = 1.0  # type: ignore[index]


def test_a_sum_written_in_place_is_a_new_node(x: Node) -> None:
    before = y = x + 1.0
    y += 2.0
    assert y is not before
    assert y is (x + 1.0) + 2.0


def test_numpy_numbers_come_to_the_node(x: Node) -> None:
    assert np.float64(2.0) * x is 2.0 * x
    assert np.float64(2.0) - x is 2.0 - x
    assert (np.float64(2.0) > x) is (x < 2.0)


@pytest.mark.parametrize(
    "mix",
    [
        lambda a, b: a + b,
        lambda a, b: b / a,
        lambda a, b: ops.where(a > 0.0, a, b),
        lambda a, b: ops.minimum(a, b),
        lambda a, b: ops.both(a > 0.0, b > 0.0),
    ],
)
def test_two_models_are_not_mixed(mix: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(ValueError, match="two different models"):
        mix(Tree().leaf("draw", 0, section=0), Tree().leaf("draw", 0, section=0))


def test_an_unknown_operation_is_refused(x: Node) -> None:
    with pytest.raises(KeyError):
        x.tree.node("pow", x, x)


# ------------------------------------------------------------------------------------------------ the vocabulary on arrays


def test_of_two_equal_values_the_second_is_taken() -> None:
    """Zeros of either sign are equal; NumPy leaves open which of them its minimum gives."""
    a, b = np.array([0.0, -0.0, 1.0]), np.array([-0.0, 0.0, 1.0])
    assert np.signbit(ops.minimum(a, b)).tolist() == [True, False, False]
    assert np.signbit(ops.maximum(a, b)).tolist() == [True, False, False]


def test_what_is_not_a_number_gives_way_to_the_second_value() -> None:
    """A comparison with what is not a number does not hold, so `where` takes the other branch."""
    nan = np.array([np.nan])
    assert ops.minimum(nan, 1.0) == ops.maximum(nan, 1.0) == 1.0
    assert np.isnan(ops.minimum(np.array([1.0]), nan)).all()


def test_of_limits_that_cross_the_high_one_wins() -> None:
    assert ops.clip(np.array([-5.0, 0.5, 5.0]), 1.0, 0.0).tolist() == [0.0, 0.0, 0.0]


def test_conditions_join_by_path() -> None:
    a, b = np.array([True, True, False]), np.array([True, False, False])
    assert ops.both(a, b).tolist() == [True, False, False]
    assert ops.either(a, b).tolist() == [True, True, False]
    assert ops.negate(a).tolist() == [False, False, True]
    assert ops.absolute(np.array([-0.0, -2.0])).tolist() == [0.0, 2.0]
    assert ops.sqrt(np.array([2.0]))[0] == 2.0**0.5


def test_the_tree_that_values_belong_to(x: Node) -> None:
    assert ops.tree_of(1.0, np.zeros(2)) is None
    assert ops.tree_of(1.0, x) is x.tree
