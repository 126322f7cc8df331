"""What needs what: names in the order in which each finds what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set


def in_order(needs: Mapping[str, Set[str]]) -> tuple[list[str], list[list[str]]]:
    """The names, each after those it needs and otherwise as they come; and the circles, whose names cannot be ordered.

    needs: by name, what it needs; what is no name of the mapping is there already

    >>> in_order({"margin": {"price", "cost"}, "price": set(), "cost": {"price", "wage"}})
    (['price', 'cost', 'margin'], [])
    >>> in_order({"a": {"b"}, "b": {"a"}, "c": set()})
    (['c'], [['a', 'b']])
    """
    waiting = {name: wanted & needs.keys() for name, wanted in needs.items()}
    order: list[str] = []
    while ready := next((name for name, wanted in waiting.items() if not wanted & waiting.keys()), None):
        del waiting[ready]
        order.append(ready)
    return order, list(_circles(waiting))


def _circles(waiting: Mapping[str, Set[str]]) -> Iterator[list[str]]:
    """Follow one need after the other until a name comes back."""
    told: set[str] = set()
    for start in waiting:
        trail = [start]
        while (following := min(waiting[trail[-1]] & waiting.keys())) not in trail:
            trail.append(following)
        circle = trail[trail.index(following) :]
        if not told & set(circle):
            told |= set(circle)
            yield circle


def told(circle: list[str]) -> str:
    """A circle as a message says it.

    >>> told(["a", "b"])
    'is circular: a needs b needs a. Break the circle.'
    """
    return f"is circular: {' needs '.join([*circle, circle[0]])}. Break the circle."
