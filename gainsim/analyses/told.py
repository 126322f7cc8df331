"""A table as it is told: the same to the terminal and to the page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Row = tuple[str, ...]


class Told(NamedTuple):
    """A table with its title, and what is said below it.

    name:  of its place on a page
    words: the columns of words; all others are figures
    """

    name: str
    title: str
    head: Row
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    words: Sequence[int] = (0,)


def beside(head: Sequence[str], taken: Sequence[int], room: int) -> list[list[int]]:
    """The columns of each part of a table: as few parts as have room, of as many columns each as can be, the last ones of more.

    taken: by each column, with what stands between it and the next; in the same measure as the room.
    A column without a head belongs to the one before it; the first stands in every part.

    >>> head, taken = ("", "mean", "", "worst 5%", ""), [20, 10, 8, 10, 8]
    >>> beside(head, taken, 60), beside(head, taken, 40)
    ([[0, 1, 2, 3, 4]], [[0, 1, 2], [0, 3, 4]])
    """
    together: list[list[int]] = []
    for column in range(1, len(head)):
        if head[column] or not together:
            together.append([])
        together[-1].append(column)
    for count in range(1, len(together) + 1):
        ends = [len(together) * part // count for part in range(count + 1)]
        parts = [[0, *(c for each in together[first:last] for c in each)] for first, last in pairwise(ends)]
        if all(sum(taken[each] for each in part) <= room for part in parts):
            return parts
    return [[0, *each] for each in together] or [[0]]
