"""What it takes to come past a limit, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from gainsim.analyses.reverse import Reverse
from gainsim.analyses.reverse_words import (
    STATE_HEAD,
    asked_words,
    clause_head,
    clause_rows,
    nearest_words,
    notes,
    plain_words,
    state_rows,
    verdict,
    way_title,
    way_words,
    year_rows,
)
from gainsim.text.offer import heading, table
from gainsim.words import futures_of

_WIDTH = 118


def page(found: Reverse) -> str:
    """The answer, then each way there with its drivers, their course and what the clauses come to."""
    ordinary = futures_of(found.futures, found.model.scenario.run, "ordinary future")
    simulated = f"{ordinary} and {found.simulated:,} drawn towards the limit, seed {found.seed}"
    parts = ["\n".join([found.model.scenario.title, f"{simulated}; ± is one standard error"])]
    parts.append("\n".join(_wrapped([*asked_words(found), verdict(found), plain_words(found)])))
    parts += [_way(number, found) for number in range(len(found.ways))]
    if found.ways:
        parts.append("\n".join(_wrapped(notes(found))))
    return "\n\n".join(parts)


def _way(number: int, found: Reverse) -> str:
    way = found.ways[number]
    head, rows = year_rows(way, found)
    years = ["", "by year of the contract, in the mean of all else:", table(rows, head=head, left=(0, 1))] if rows else []
    states = table(state_rows(way), head=STATE_HEAD, left=(0, 1, 2))
    clauses = ["", table(clause_rows(way), head=clause_head(found))]
    return "\n".join(
        [
            heading(way_title(number, found)),
            *_wrapped(way_words(way, found)),
            "", states, *years, *clauses, "",
            *_wrapped([nearest_words(way, found)]),
        ]
    )  # fmt: skip


def _wrapped(sentences: Sequence[str]) -> list[str]:
    return [fill(each, _WIDTH, subsequent_indent="  ") for each in sentences]
