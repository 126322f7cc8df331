"""The oracle's payment, from "payment" in docs/reference/terms.md."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import Window
from tests.oracle.formulas import World, over_window
from tests.oracle.standing import stands

Clause = dict[str, Any]


def amounts(term: Clause, world: World, windows: list[Window]) -> list[float]:
    """What falls due in each window."""
    found: list[float] = []
    due_before: set[int] = set()  # the years, or 0 for the life, in which it has been due
    for window in windows:
        holds = "when" not in term or bool(over_window(term["when"], world, window))
        once = term.get("once_per")
        turn = world.life.year_of(window[1]) if once == "year" else 0
        # "due only in the first settlement of the year (the life) in which the condition holds"; "A settlement in which
        # the term does not stand (`active_while`) is not a first one."
        due = holds and stands(term, world, window[1]) and not (once and turn in due_before)
        if due:
            due_before.add(turn)
        # "an amount that is not due need not be a number"
        found.append(over_window(term["amount"], world, window) if due else 0.0)
    return found
