"""Service credits as written: steps of a level, a charge, a pool."""

from __future__ import annotations

from typing import Literal

from gainsim.offer.clock import ResultClockText
from gainsim.offer.edges import StepsText
from gainsim.offer.fields import Clauses, FormulaText, SizeText
from gainsim.offer.steps import Per
from gainsim.offer.term import TermText


class Pool(Clauses):
    """The most that the credits may take in a year, or over the contract's life."""

    at_most: SizeText
    """A size; a part of a fee is taken at its present rate."""
    per: Per
    """What it is the pool of."""


class ServiceCredits(TermText):
    """Credits to the customer for a missed service level: the deepest step reached counts, on the whole charge."""

    term: Literal["service_credits"]
    """Service credits."""
    level: FormulaText
    """The service level of the window: a fraction, or what else is measured, as a time."""
    credits: StepsText
    """What part of the charge is credited below each level; `above`, where less is better."""
    of: FormulaText
    """The charge."""
    pool: Pool | None = None
    """The most that credits may take."""
    clock: ResultClockText
    """When they are settled and paid."""
