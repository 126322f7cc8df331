"""The steps of a sharing term as written: each is a key with its details."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, WithJsonSchema, model_validator

from gainsim.offer.bands import BandsText, WholeBandsText
from gainsim.offer.fields import Clauses, FormulaText, Known, ShareText, SizeText

Per = Literal["settlement", "year", "life"]


def _span(written: str) -> str:
    if not re.fullmatch(_SPAN, written):
        raise ValueError(
            f"'{written}' is written here; 'settlement', 'year', 'life', or a number of years as '3 years' (2 to 50) is expected."
        )
    return written


_SPAN = r"settlement|year|life|([2-9]|[1-4][0-9]|50) years"
#: what an amount is the limit of: as `Per`, or so many years at a time, counted from the contract's first
Span = Annotated[
    str,
    AfterValidator(_span),
    WithJsonSchema({"type": "string", "pattern": f"^({_SPAN})$"}),
    Known(("settlement", "year", "life", "3 years")),
]
Sides = Literal["gain", "pain", "both"]


class Against(Clauses):
    """Gain is what exceeds the reference: a guaranteed level, a baseline, a target."""

    against: FormulaText
    """What is taken off the gain."""


class ThresholdText(Clauses):
    """A size that a gain or pain must reach before anything is shared; what happens beyond it is said."""

    at: SizeText
    """Its size."""
    sides: Sides
    """Where it stands."""
    then: Literal["excess", "from_first", "catch_up"]
    """What counts beyond it: the excess, all from the first unit, or all with a catch-up."""
    catch_up_share: ShareText | None = None
    """The supplier's share of what lies beyond until it has caught up."""

    @model_validator(mode="after")
    def _catch_up_is_said(self) -> Self:
        if (self.then == "catch_up") != (self.catch_up_share is not None):
            raise ValueError(
                "then: catch_up goes with catch_up_share, the supplier's share of what lies beyond "
                "until it has caught up."
            )
        if self.then == "catch_up" and self.sides != "gain":
            raise ValueError("a supplier catches up on gains. Write sides: gain.")
        return self


class Threshold(Clauses):
    """The threshold step."""

    threshold: ThresholdText
    """Its details."""


class DeadbandText(Clauses):
    """Small pains and gains that nobody pays for; only what lies beyond counts."""

    below: SizeText
    """Its width on the side of pain, a size."""
    above: SizeText
    """Its width on the side of gain, a size."""


class Deadband(Clauses):
    """The deadband step."""

    deadband: DeadbandText
    """Its details."""


class DeductibleText(Clauses):
    """The first so much of the gains (or pains) of a year or of the life does not count, however many settlements it takes."""

    at: SizeText
    """How much does not count."""
    per: Span
    """Of what it is the first: of each settlement, of the year, of so many years (3 years), or of the life."""
    sides: Sides
    """Of gains, of pains, or of each of both on its own."""


class Deductible(Clauses):
    """The deductible step."""

    deductible: DeductibleText
    """Its details."""


class HighWaterMarkText(Clauses):
    """Only a new best counts: what lies above the best so far."""

    of: Literal["cumulative gain", "level"]
    """Whether the gains add up to what is held against the mark, or each is a level that is held against it."""
    start: FormulaText
    """The mark before the first settlement."""


class HighWaterMark(Clauses):
    """The high-water mark step."""

    high_water_mark: HighWaterMarkText
    """Its details."""


class LimitGainText(Clauses):
    """A floor, a cap, or both (a collar), on the gain of a settlement, or of the year, years or life up to it."""

    floor: FormulaText | None = None
    """The lowest that counts."""
    cap: FormulaText | None = None
    """The highest that counts."""
    per: Span = "settlement"
    """What it is the limit of; as every step before the share, of the settlement unless said."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.floor is None and self.cap is None:
            raise ValueError("a limit has a floor, a cap, or both.")
        return self


class LimitGain(Clauses):
    """The limit on what is shared."""

    limit_gain: LimitGainText
    """Its details."""


class QualityGateText(Clauses):
    """Without the quality agreed, a side of the amount is nothing: of the gain before the share, of the payment after it."""

    when: FormulaText
    """The condition that lets the amount pass."""
    sides: Sides
    """Which side needs it: gains, pains or both; payments to the supplier are its gains."""


class QualityGate(Clauses):
    """The quality gate step."""

    quality_gate: QualityGateText
    """Its details."""


class QualityMultiplierText(Clauses):
    """A side of the amount is multiplied: of the gain before the share, of the payment after it."""

    by: FormulaText
    """The factor, 0 or more."""
    sides: Sides
    """Which side it scales: gains, pains or both; payments to the supplier are its gains."""


class QualityMultiplier(Clauses):
    """The quality multiplier step."""

    quality_multiplier: QualityMultiplierText
    """Its details."""


class ShareStep(Clauses):
    """The supplier's share, band by band, as tax brackets are."""

    share: BandsText
    """The share of each band."""


class ShareOfWhole(Clauses):
    """The supplier's share of the whole gain, by the range in which it falls; it jumps at the edges.

    Ranges are written upwards. `below` an edge: the edge is in the next range; `up to`: in this one.
    """

    share_of_whole: WholeBandsText
    """The share of each range."""


class LimitPaymentText(Clauses):
    """A floor, a cap or both on what is paid, per settlement, year, years or life."""

    floor: FormulaText | None = None
    """The lowest payment; negative where the supplier pays."""
    cap: FormulaText | None = None
    """The highest payment."""
    per: Span
    """What it is the limit of: each settlement, the year, so many years (3 years), or the life."""
    scales_with: Literal["scope"] | None = None
    """`scope`: floor and cap are multiplied by the mean scope of what they are the limit of; 1 where nothing decides it."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.floor is None and self.cap is None:
            raise ValueError("a limit has a floor, a cap, or both.")
        return self


class LimitPayment(Clauses):
    """The limit on what is paid."""

    limit_payment: LimitPaymentText
    """Its details."""


def _expiry(written: str) -> str:
    if written != "never" and not re.fullmatch(_EXPIRY, written):
        raise ValueError(
            f"'{written}' does not say when a carried amount lapses. Write never, after 1 settlement, or up to "
            "after 120 settlements."
        )
    return written


_EXPIRY = r"after (1 settlement|([2-9]|[1-9][0-9]|1[01][0-9]|120) settlements)"
Expiry = Annotated[str, AfterValidator(_expiry), WithJsonSchema({"type": "string", "pattern": f"^(never|{_EXPIRY})$"})]


class CarryText(Clauses):
    """What is carried into later settlements, and until when.

    Its place in the list says when it is applied: before the share, gains are carried, after it payments; before a
    limit, the balance meets the amount first and the limit cuts the sum; after it, the balance is only set against
    what the limit left positive.
    """

    what: Literal["pain beyond the floor", "all pain", "gain beyond the cap"]
    """What is carried."""
    expires: Expiry
    """When a carried amount lapses: never, or after 3 settlements."""
    at_end: Literal["lost", "paid"]
    """What becomes of the balance with the contract's end; one of gains is lost."""
    at_most: SizeText | None = None
    """The most that is carried; what goes beyond lapses, the oldest first."""

    @property
    def side(self) -> Literal["gain", "pain"]:
        """Of which sign the balance is."""
        return "gain" if self.what == "gain beyond the cap" else "pain"

    @property
    def settlements(self) -> int | None:
        """After how many settlements a carried amount lapses; None: never."""
        return None if self.expires == "never" else int(self.expires.split()[1])


class Carry(Clauses):
    """The carry step."""

    carry: CarryText
    """Its details."""
