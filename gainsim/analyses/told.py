"""A table as it is told: the same to the terminal and to the page."""

from __future__ import annotations

from collections.abc import Sequence
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
