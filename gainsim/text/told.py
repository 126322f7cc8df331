"""A table as it is told, in the terminal."""

from __future__ import annotations

from textwrap import fill

from gainsim.analyses.told import Told
from gainsim.text.offer import heading, table

#: of a line of notes, in characters
WIDTH = 120


def shown(told: Told) -> str:
    """The title, the table and its notes."""
    notes = ["", *(fill(note, WIDTH) for note in told.notes)] if told.notes else []
    return "\n".join([heading(told.title), table(told.rows, head=told.head, left=told.words), *notes])
