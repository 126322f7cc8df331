"""Terms upon fees as written: a fee at risk, a minimum revenue, what is credited of a retainer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import FormulaText, ShareText, SizeText
from gainsim.offer.term import TermText

TermNames = Annotated[list[str], Field(min_length=1)]


class FeeAtRisk(TermText):
    """A part of a fee that is withheld and paid only as far as it is earned."""

    term: Literal["fee_at_risk"]
    """A fee at risk."""
    of: FormulaText
    """The fee, which its own term pays in full."""
    part: ShareText
    """What part of it is at risk."""
    earned: FormulaText
    """How much of that part is earned, from 0 to 1: a formula, or a table of a level."""
    clock: ResultClockText
    """When it is settled and paid."""


class MinimumRevenue(TermText):
    """A minimum that named terms pay together; what is missing is paid by the customer."""

    term: Literal["minimum_revenue"]
    """A minimum revenue."""
    of: TermNames
    """The terms whose payments count."""
    at_least: SizeText
    """The minimum, a size."""
    per: Literal["settlement", "year", "life"]
    """What it is the minimum of; year and life are reckoned to date and trued up."""
    clock: ResultClockText
    """When it is settled and paid."""

    @property
    def listed(self) -> Sequence[str]:
        """The terms whose payments count."""
        return self.of


class FeeCredit(TermText):
    """What has been paid under some terms, as a retainer, is credited against what falls due under others."""

    term: Literal["fee_credit"]
    """A credit of fees."""
    of: TermNames
    """The terms whose payments are credited."""
    part: ShareText
    """What part of them is credited."""
    against: TermNames
    """The terms whose payments the credit reduces."""
    clock: ResultClockText
    """When it is settled and paid."""

    @property
    def listed(self) -> Sequence[str]:
        """The terms credited, and those they are credited against."""
        return (*self.of, *self.against)
