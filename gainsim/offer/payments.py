"""Payments as written: an amount reckoned over the window, perhaps on a condition."""

from __future__ import annotations

from typing import Literal

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import FormulaText
from gainsim.offer.term import TermText


class Payment(TermText):
    """The plain term: an amount reckoned over the window, positive or negative, perhaps only on a condition."""

    term: Literal["payment"]
    """A payment."""
    amount: FormulaText
    """Money over the window; a negative amount is paid by the supplier."""
    when: FormulaText | None = None
    """A condition of the window without which nothing falls due."""
    once_per: Literal["year", "life"] | None = None
    """Falls due once only: in the first settlement of the year or of the life in which the condition holds."""
    clock: ResultClockText
    """When it is settled and paid."""
