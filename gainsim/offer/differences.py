"""Difference payments as written: a strike price against a reference price, on a volume."""

from __future__ import annotations

from typing import Literal

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import FormulaText
from gainsim.offer.indexation import Indexation
from gainsim.offer.term import TermText


class DifferencePayment(TermText):
    """A contract for difference: strike less reference on a volume, reckoned period by period."""

    term: Literal["difference_payment"]
    """A difference payment."""
    volume: FormulaText
    """The volume of each period, as in MWh/month; never negative."""
    strike: FormulaText
    """The price agreed."""
    reference: FormulaText
    """The price it is held against."""
    direction: Literal["both ways", "to supplier", "to customer"]
    """Who may receive: either party; the supplier alone, while the reference is lower; the customer alone, while higher."""
    negative_reference: Literal["counts", "counts as zero", "nothing is paid"]
    """What a reference below zero does: counts as it is, or as zero, or nothing is paid for its period."""
    indexed: Indexation | None = None
    """How the strike follows an index."""
    clock: ResultClockText
    """When it is settled and paid."""
