"""What the oracle settles: one settlement of a term, and when there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.calendar import Life, Window

Clause = dict[str, Any]


@dataclass
class Settled:
    """One settlement of one term.

    paid:  positive when the customer pays the supplier
    lines: by name, "what it changed"; payments add up to what is paid
    """

    window: Window
    paid: float
    lines: dict[str, float] = field(default_factory=dict)


def windows_of(term: Clause, life: Life) -> list[Window]:
    """ "A term settles once for each window" of its clock."""
    clock = term.get("clock", {})
    return life.windows(clock.get("measured", "period"), clock.get("year"))


def in_advance(term: Clause) -> bool:
    """Whether a term settles in its window's first period."""
    return bool(term.get("clock", {}).get("invoiced") == "in advance")


def reckoned_at(term: Clause, settlement: Settled) -> int:
    """ "in the window's last period (a fee paid in advance: in its first)" """
    first, last = settlement.window
    return first if in_advance(term) else last
