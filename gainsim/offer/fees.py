"""Fees as written: an amount over time, perhaps growing by fixed steps, perhaps following an index."""

from __future__ import annotations

from typing import Literal

from gainsim.offer.clock import ClockText
from gainsim.offer.fields import FormulaText
from gainsim.offer.indexation import Escalation, Indexation
from gainsim.offer.term import TermText


class Fee(TermText):
    """A fee: an amount over time, paid in advance or in arrears, perhaps escalated or indexed."""

    term: Literal["fee"]
    """A fee."""
    amount: FormulaText
    """Money over time."""
    clock: ClockText = ClockText.model_construct()
    """When it is settled and paid."""
    escalated: Escalation | None = None
    """By which fixed steps it grows."""
    indexed: Indexation | None = None
    """How it follows an index."""
    scales_with: Literal["scope"] | None = None
    """`scope`: the amount grows and shrinks with the scope that conduct decides; 1 where nothing does."""
