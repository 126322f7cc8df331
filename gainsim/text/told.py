"""A table as it is told, in the terminal: no wider than a page."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill, wrap

from gainsim.analyses.told import Told, beside
from gainsim.offer.scenario import Scenario
from gainsim.text.offer import heading, table
from gainsim.words import futures_of

#: of a line of notes, and the most of a line of a table, in characters
WIDTH, WIDEST = 120, 130
#: to how many characters heads are folded, less and less, where a table is too wide
_FOLDS = (WIDEST, 24, 18, 14, 11, 9)
_GAP = 2


def study_title(scenario: Scenario, paths: int, seed: int, more: str = "") -> str:
    """What a study is of, and on how many futures; more: what else is said of these."""
    return f"{scenario.title}\n{futures_of(paths, scenario.run)}, seed {seed}{more}; ± is one standard error"


def shown(told: Told) -> str:
    """The title, the table and its notes."""
    notes = ["", *(fill(note, WIDTH) for note in told.notes)] if told.notes else []
    return "\n".join([heading(told.title), table_within(told.head, told.rows, told.words), *notes])


def table_within(head: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """A table no wider than `WIDEST`: its heads are folded no more than it takes, and what has no room goes on below.

    left: as of `table`. A column without a head belongs to the one before it; the first stands in every part.
    """
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(len(head))]
    parts: list[list[int]] = []
    for fold in _FOLDS:
        heads = [_folded(each, max(fold, width)) for each, width in zip(head, widths, strict=True)]
        taken = [max(width, *map(len, lines)) + _GAP for width, lines in zip(widths, heads, strict=True)]
        found = beside(head, taken, WIDEST + _GAP)
        if not parts or len(found) < len(parts):
            parts, best = found, heads
    return "\n\n".join(_part(columns, best, rows, left) for columns in parts)


def _folded(head: str, width: int) -> list[str]:
    return wrap(head, width, break_long_words=False) or [""]


def _part(columns: Sequence[int], heads: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], left: Sequence[int]) -> str:
    deep = max(len(heads[each]) for each in columns)
    head = zip(*([""] * (deep - len(heads[each])) + [*heads[each]] for each in columns), strict=True)
    lines = [[row[each] for each in columns] for row in rows]
    return table([*head, *lines], left=[place for place, each in enumerate(columns) if each in left])
