"""How the customer pays, as written: whether it may fail to, and how late it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from gainsim.offer.fields import Clauses, FormulaText, RateText, Share, SizeText
from gainsim.ops.formula import Formula


def _a_chance(chance: Formula) -> Formula:
    if chance.constant is not None and not 0 <= chance.constant < 1:
        raise ValueError(
            f"'{chance.text}' is written here; a chance per year is 0 or more and below 1. Write 2% or 0.02."
        )
    return chance


class Credit(Clauses):
    """The customer's default: from then on neither side pays, and what is still unpaid is paid in part."""

    default: Annotated[FormulaText, AfterValidator(_a_chance)]
    """The chance of a default within a year, known when the contract begins: a number, or a driver drawn once."""
    recovery: Share
    """The part that is paid of what fell due before the default and was to be paid after it."""
    costs_end: list[str] = []
    """The costs over time that end with the period of the default; all others go on."""


class LatePayment(Clauses):
    """The customer pays late: it owes interest, and the supplier borrows what it lacks."""

    days: SizeText
    """How many days after the agreed date it pays what it owes; a number, dated or a driver."""
    interest: RateText
    """What it owes on its arrears: simple interest, days / 365."""
    financed_at: RateText
    """What the money costs the supplier meanwhile: simple interest, days / 365."""
