"""What needs what: an order in which each finds what it needs, and every circle told once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gainsim.needs import in_order, told

NAMES = "abcdefgh"


def test_names_stay_as_they_come_where_nothing_needs_them_earlier() -> None:
    assert in_order({"c": set(), "a": set(), "b": set()}) == (["c", "a", "b"], [])
    assert in_order({"c": {"b"}, "a": set(), "b": set()}) == (["a", "b", "c"], [])


def test_what_is_no_name_is_there_already() -> None:
    assert in_order({"a": {"wage"}}) == (["a"], [])


def test_a_name_that_needs_itself() -> None:
    assert in_order({"a": {"a"}}) == ([], [["a"]])
    assert told(["a"]) == "is circular: a needs a. Break the circle."


def test_what_waits_for_a_circle_is_no_part_of_it() -> None:
    order, circles = in_order({"waits": {"a"}, "a": {"b"}, "b": {"a"}, "free": set()})
    assert (order, circles) == (["free"], [["a", "b"]])


def test_two_circles_are_told_apart() -> None:
    assert in_order({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c"}})[1] == [["a", "b"], ["c", "d"]]


@given(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES)), max_size=len(NAMES)))
def test_any_needs(needs: dict[str, set[str]]) -> None:
    """Each stands after what it needs; what is left needs something that is left; every circle is one."""
    order, circles = in_order(needs)
    assert len(order) == len(set(order))
    for place, name in enumerate(order):
        assert needs[name] & needs.keys() <= set(order[:place])
    left = needs.keys() - set(order)
    assert all(needs[name] & left for name in left)
    assert bool(circles) == bool(left)
    for circle in circles:
        assert all(after in needs[name] for name, after in zip(circle, [*circle[1:], circle[0]], strict=True))
    members = [name for circle in circles for name in circle]
    assert len(members) == len(set(members))
