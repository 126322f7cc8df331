"""Terms with further parties as written: subcontracts, insurance, alliances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import Clauses, FormulaText, ShareText, SizeText
from gainsim.offer.term import TermText

#: parts that come to more than this are more than all
WHOLE = 1.0 + 1e-12


class WithAFurtherParty(TermText):
    """A term that is never with the customer."""

    @model_validator(mode="after")
    def _with_whom(self) -> Self:
        if self.party == "customer":
            raise ValueError("this is agreed with a further party. Add party: and name it under the file's parties:.")
        return self


class AtMost(Clauses):
    """The most that one side pays under a subcontract."""

    at_most: SizeText
    """A size."""
    per: Literal["settlement", "year", "life"]
    """What it is the limit of. Payments of the other side never make room."""


class Subcontract(WithAFurtherParty):
    """A back-to-back subcontract: a share of what the terms pay is passed on, gains and pains."""

    term: Literal["subcontract"]
    """A subcontract."""
    of: Annotated[list[str], Field(min_length=1)]
    """The terms that are passed on: what they pay, as limits and retentions leave it; of a retention, what it releases."""
    share: FormulaText
    """The subcontractor's part of what the terms come to together where they pay the supplier, and, unless
    `share_of_pain` says another, where the supplier pays."""
    share_of_pain: FormulaText | None = None
    """Its part where the supplier pays."""
    gets: AtMost | None = None
    """The most that the subcontractor gets."""
    pays: AtMost | None = None
    """The most that the subcontractor pays; what goes beyond stays with the supplier."""
    clock: ResultClockText
    """When it is settled and paid."""

    @property
    def listed(self) -> Sequence[str]:
        """The terms it speaks of."""
        return self.of


class Insurance(WithAFurtherParty):
    """An insurance: at a premium, a further party pays for what the supplier pays under the terms."""

    term: Literal["insurance"]
    """An insurance."""
    covers: Annotated[list[str], Field(min_length=1)]
    """The terms under which the supplier is insured: what it pays, after the relief of liability limits over them."""
    premium: FormulaText
    """Money over time, without a sign; paid in advance, on the first day of each window."""
    deductible: SizeText | None = None
    """The loss that stays with the supplier before the insurer pays."""
    share: ShareText | None = None
    """The insurer's part of the loss beyond the deductible; all of it, unless said."""
    limit: SizeText | None = None
    """The most that the insurer pays."""
    per: Literal["settlement", "year", "life"]
    """What deductible and limit are counted over."""
    clock: ResultClockText
    """When losses are reckoned and claims paid."""

    @property
    def listed(self) -> Sequence[str]:
        """The terms it speaks of."""
        return self.covers


class AllianceSplit(TermText):
    """An alliance: partners take their parts of what the terms pay, gains and pains; the rest is the supplier's."""

    term: Literal["alliance_split"]
    """An alliance."""
    of: Annotated[list[str], Field(min_length=1)]
    """The terms that are split: what they pay, as limits and retentions leave it; of a retention, what it releases."""
    parts: Annotated[dict[str, ShareText], Field(min_length=1)]
    """Each partner's part, by party."""
    clock: ResultClockText
    """When it is settled and paid."""

    @property
    def listed(self) -> Sequence[str]:
        """The terms it speaks of."""
        return self.of

    @model_validator(mode="after")
    def _parts(self) -> Self:
        if "party" in self.model_fields_set:
            raise ValueError("party: the partners are named under parts. Leave it out.")
        written = sum(part.constant or 0.0 for part in self.parts.values())
        if written > WHOLE:
            whole = f"{100 * written:.12g}%"
            raise ValueError(f"parts: {whole} is written here together; the parts are at most 100%, the rest is ours.")
        return self
