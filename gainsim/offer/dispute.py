"""Disputes over what was measured, as written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import model_validator

from gainsim.offer.fields import SizeText
from gainsim.offer.milestones import DelayClockText
from gainsim.offer.names import Name
from gainsim.offer.term import TermText


class Dispute(TermText):
    """Two parties have measured the same, and what differs by more than a tolerance is settled later. The term's name says
    when: 1 in a period in which a dispute is settled, else 0."""

    term: Literal["dispute"]
    """A dispute."""
    over: str
    """The term whose payment is disputed; it is reckoned on what the supplier has measured."""
    reading: Name
    """The value in its formulas that the supplier has measured."""
    customer_reads: Name
    """What the customer has measured in its place."""
    expert_reads: Name | None = None
    """What an expert measures in its place; goes with `settled_by: expert` or `final offer`."""
    tolerance: SizeText
    """By how much the two payments may differ without a dispute."""
    raised_by: Literal["customer", "either"]
    """Whether only too high a payment is disputed, as by the customer, or also one that is too low, as by the supplier."""
    settled_by: Literal["midpoint", "supplier", "customer", "expert", "final offer"]
    """What is paid in the end: the middle of both, what the supplier's or the customer's reading makes it, what the expert's
    does, or the one of both that lies nearer to the expert's."""
    expert_fee: SizeText | None = None
    """What the expert is paid for each dispute, an amount; the supplier pays it, and the customer pays its part back."""
    fee_borne_by: Literal["equally", "further off", "in proportion"] | None = None
    """Who bears the expert's fee: each half of it, who lies further from what the expert finds, or each in proportion to how far
    off it lies."""
    clock: DelayClockText
    """When what was disputed is settled and paid, from the window's end on."""

    @property
    def listed(self) -> Sequence[str]:
        """The term it speaks of."""
        return (self.over,)

    @property
    def asks_an_expert(self) -> bool:
        """Whether it takes an expert to settle it."""
        return self.settled_by in ("expert", "final offer")

    @model_validator(mode="after")
    def _expert(self) -> Self:
        if self.asks_an_expert and self.expert_reads is None:
            raise ValueError(
                f"settled_by: {self.settled_by} needs what the expert measures. Name that value at expert_reads."
            )
        of_experts = [key for key in ("expert_reads", "expert_fee", "fee_borne_by") if getattr(self, key) is not None]
        if of_experts and not self.asks_an_expert:
            go, them = ("goes", "it") if len(of_experts) == 1 else ("go", "them")
            raise ValueError(f"{', '.join(of_experts)} {go} with settled_by: expert, or final offer. Leave {them} out.")
        if (self.expert_fee is None) != (self.fee_borne_by is None):
            both = "Write both, as expert_fee: 6_000 EUR, fee_borne_by: further off"
            raise ValueError(f"expert_fee and fee_borne_by go together. {both}.")
        read = {"reading": self.reading, "customer_reads": self.customer_reads, "expert_reads": self.expert_reads}
        for key in ("customer_reads", "expert_reads"):
            if alike := [other for other, name in read.items() if other != key and name == read[key]]:
                raise ValueError(f"{key}: '{read[key]}' is {alike[0]} too. Name what each of them has measured itself.")
        return self
