"""The contract as written: fees, sharing terms, target cost, service credits, limits; each with its own clocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from gainsim.offer.fields import Clauses, DurationText, FormulaText, Month, Number, Share
from gainsim.ops.formula import Formula, parse
from gainsim.ops.formula import Number as NumberWritten

WindowKind = Literal["period", "month", "quarter", "half_year", "year", "life"]
Per = Literal["settlement", "year", "life"]
Sides = Literal["gain", "pain", "both"]


class ClockText(Clauses):
    """When a term is measured, settled, invoiced and paid.

    measured: the assessment window; settled: how long after its end the result is due; invoiced: at the window's start
    or end; paid: how long after the invoice; year: which year a yearly window is, if not the calendar's
    """

    measured: WindowKind = "period"
    year: Literal["contract", "calendar", "fiscal"] | None = None
    settled: DurationText | None = None
    invoiced: Literal["in advance", "in arrears"] = "in arrears"
    paid: DurationText | None = None


class IndexCap(Clauses):
    """The most that an index may move the price, up or down."""

    at: Annotated[Number, Field(ge=0)]
    per: Literal["reset", "life"]
    excess: Literal["lost", "recovered"]

    @model_validator(mode="after")
    def _meaningful(self) -> Self:
        if self.per == "life" and self.excess == "recovered":
            raise ValueError("what a cap over the whole life cuts off cannot be recovered. Write excess: lost.")
        return self


class Indexation(Clauses):
    """How an amount follows an index: a factor, taken anew at each reset from values observed `lag` before it.

    by:    the factor, as in 0.4 + 0.6 * wage_index / wage_index[base]
    base:  the month whose values stand for [base]; the month before the contract starts, or earlier, means `start`
    every: how often the factor is taken anew
    """

    by: FormulaText
    base: Month
    every: Literal["period", "quarter", "half_year", "year"]
    lag: DurationText | None = None
    cap: IndexCap | None = None
    floor: IndexCap | None = None


class Fee(Clauses):
    """A fee: an amount over time, paid in advance or in arrears, perhaps indexed."""

    term: Literal["fee"]
    about: str | None = None
    amount: FormulaText
    clock: ClockText = ClockText()
    indexed: Indexation | None = None
    scales_with: Literal["scope"] | None = None


class Against(Clauses):
    """Gain is what exceeds the reference: a guaranteed level, a baseline, a target."""

    against: FormulaText


class ThresholdText(Clauses):
    """A size that a gain or pain must reach before anything is shared; what happens beyond it is said."""

    at: FormulaText
    sides: Sides
    then: Literal["excess", "from_first", "catch_up"]
    catch_up_share: Share | None = None

    @model_validator(mode="after")
    def _catch_up_is_said(self) -> Self:
        if (self.then == "catch_up") != (self.catch_up_share is not None):
            raise ValueError(
                "then: catch_up goes with catch_up_share, the supplier's share of what lies beyond until it has caught up."
            )
        if self.then == "catch_up" and self.sides != "gain":
            raise ValueError("a supplier catches up on gains. Write sides: gain.")
        return self


class Threshold(Clauses):
    """The threshold step."""

    threshold: ThresholdText


class DeadbandText(Clauses):
    """Small pains and gains that nobody pays for; only what lies beyond counts."""

    below: FormulaText
    above: FormulaText


class Deadband(Clauses):
    """The deadband step."""

    deadband: DeadbandText


class Limits(Clauses):
    """A floor, a cap, or both (a collar), on one gain."""

    floor: FormulaText | None = None
    cap: FormulaText | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.floor is None and self.cap is None:
            raise ValueError("a limit has a floor, a cap, or both.")
        return self


class LimitGain(Clauses):
    """The limit on what is shared."""

    limit_gain: Limits


class Band(Clauses):
    """One slice of a gain, from the edge below it to `edge`, and the supplier's share of that slice."""

    label: str
    edge: FormulaText | None
    share: FormulaText


class Bands(Clauses):
    """Marginal shares: `below` the edges of pain, downwards; `up_to` the edges of gain; `above` the last.

    Bands are kept from the lowest to the highest; each has the edge that ends it (None: no end) on the side away from
    its neighbour nearer to zero.
    """

    below: tuple[Band, ...]
    up_to: tuple[Band, ...]
    above: Band


_KEY = re.compile(r"(below|up to)\s+(.+)$")


def _bands(written: Any) -> Any:
    if isinstance(written, Bands):
        return written
    if not isinstance(written, Mapping):
        raise ValueError("a share is written band by band: { below 0: 60%, up to 50_000: 40%, above: 25% }.")
    below, up_to, above = [], [], None
    for key, share in written.items():
        label, text = str(key).strip(), _share_formula(share)
        found = _KEY.match(label)
        if label == "above":
            above = Band(label=label, edge=None, share=text)
        elif found is None:
            raise ValueError(f"'{label}' is not a band. Write 'below 0', 'up to 50_000' or 'above'.")
        else:
            band = Band(label=label, edge=parse(found[2]), share=text)
            (below if found[1] == "below" else up_to).append(band)
    if above is None:
        raise ValueError(
            "the share of what lies beyond the last edge is missing. Add 'above: 0%' if nothing is shared there."
        )
    if not below:
        raise ValueError(
            "the share of pain is missing: it never follows from the gain side. Add 'below 0: 0%' if the supplier bears none."
        )
    if below[0].edge is None or below[0].edge.text.strip() not in ("0", "0.0"):
        raise ValueError(f"the first band of pain is 'below 0'; written is '{below[0].label}'.")
    return Bands(below=tuple(below), up_to=tuple(up_to), above=above)


def _share_formula(written: Any) -> Formula:
    if isinstance(written, bool) or not isinstance(written, (str, int, float)):
        raise ValueError("a share is a number between 0 and 1, as 40%, or a formula.")
    formula = parse(written)
    number = formula.tree.value if isinstance(formula.tree, NumberWritten) else None
    if number is not None and not 0 <= number <= 1:
        raise ValueError(f"'{written}' is not a share between 0 and 1. Write {written}% or {float(number) / 100:g}.")
    return formula


BandsText = Annotated[
    Bands,
    BeforeValidator(_bands),
    WithJsonSchema({"type": "object", "examples": [{"below 0": "60%", "up to 50_000": "40%", "above": "25%"}]}),
]


class ShareStep(Clauses):
    """The supplier's share, band by band, as tax brackets are."""

    share: BandsText


class LimitPaymentText(Clauses):
    """A floor, a cap or both on what is paid, per settlement, year or life."""

    floor: FormulaText | None = None
    cap: FormulaText | None = None
    per: Per
    scales_with: Literal["scope"] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.floor is None and self.cap is None:
            raise ValueError("a limit has a floor, a cap, or both.")
        return self


class LimitPayment(Clauses):
    """The limit on what is paid."""

    limit_payment: LimitPaymentText


class CarryText(Clauses):
    """What is carried into later settlements, and until when.

    Its place in the list says when it is applied: before a limit_payment, the balance meets the amount first and the
    limit cuts the sum; after it, the balance is only set against payments that the limit left positive.
    """

    what: Literal["pain beyond the floor", "all pain"]
    expires: Literal["never"] | Annotated[str, Field(pattern=r"^after \d+ settlements?$")]
    at_end: Literal["lost", "paid"]

    @property
    def settlements(self) -> int | None:
        """After how many settlements a carried amount lapses; None: never."""
        return None if self.expires == "never" else int(self.expires.split()[1])


class Carry(Clauses):
    """The carry step."""

    carry: CarryText


Step = Against | Threshold | Deadband | LimitGain | ShareStep | LimitPayment | Carry
STEPS: dict[str, type[Clauses]] = {
    "against": Against,
    "threshold": Threshold,
    "deadband": Deadband,
    "limit_gain": LimitGain,
    "share": ShareStep,
    "limit_payment": LimitPayment,
    "carry": Carry,
}


class Sharing(Clauses):
    """A sharing term: what is shared, and the ordered list of steps from gain to payment."""

    term: Literal["sharing"]
    about: str | None = None
    of: FormulaText
    clock: ClockText
    steps: list[Step]

    @model_validator(mode="before")
    @classmethod
    def _known_steps(cls, data: Any) -> Any:
        """Choose each step by its one key, so that an error speaks of the step that was meant."""
        if isinstance(data, Mapping) and isinstance(data.get("steps"), list):
            for number, step in enumerate(data["steps"]):
                if isinstance(step, Clauses):
                    continue
                if not isinstance(step, Mapping) or len(step) != 1 or next(iter(step)) not in STEPS:
                    said = ", ".join(step) if isinstance(step, Mapping) else repr(step)
                    raise ValueError(f"steps[{number}]: a step is one of {', '.join(STEPS)}; written is {said}.")
        return data

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        kinds = [next(iter(type(step).model_fields)) for step in self.steps]
        if kinds.count("share") != 1:
            raise ValueError("a sharing term has exactly one share step: before it stand gains, after it payments.")
        turn = kinds.index("share")
        for number, kind in enumerate(kinds):
            if kind in ("limit_payment", "carry") and number < turn:
                raise ValueError(f"{kind} limits what is paid; it stands after share. Before it, write limit_gain.")
            if kind not in ("share", "limit_payment", "carry") and number > turn:
                raise ValueError(f"{kind} speaks of the gain; it stands before share.")
        if kinds.count("carry") > 1:
            raise ValueError("one sharing term carries one balance; there are two carry steps.")
        self._carry_has_a_floor(kinds)
        return self

    def _carry_has_a_floor(self, kinds: list[str]) -> None:
        for number, step in enumerate(self.steps):
            if isinstance(step, Carry) and step.carry.what == "pain beyond the floor":
                after = self.steps[number + 1 :]
                before = self.steps[:number]
                limits = [s for s in (*after, *before) if isinstance(s, LimitPayment)]
                if not any(s.limit_payment.floor is not None for s in limits):
                    raise ValueError("pain beyond the floor is carried, but no limit_payment has a floor.")


class TargetCost(Clauses):
    """A target-cost price: cost plus target profit, overruns and underruns shared, held by a ceiling or fee limits."""

    term: Literal["target_cost"]
    about: str | None = None
    actual_cost: FormulaText
    target_cost: FormulaText
    target_profit: FormulaText
    supplier_share_under: Share
    supplier_share_over: Share
    ceiling_price: FormulaText | None = None
    lowest_profit: FormulaText | None = None
    highest_profit: FormulaText | None = None
    clock: ClockText


_BELOW = re.compile(r"(below|at or below)\s+(.+)$")


class CreditStep(Clauses):
    """One credit: paid when the level is below (or at) its edge."""

    label: str
    inclusive: bool
    edge: Number
    credit: Annotated[Number, Field(ge=0)]


def _credits(written: Any) -> Any:
    if isinstance(written, tuple):
        return written
    if not isinstance(written, Mapping) or not written:
        raise ValueError("credits are written step by step: { below 99.5%: 5%, below 99%: 15% }.")
    steps = []
    for key, credit in written.items():
        found = _BELOW.match(str(key).strip())
        if not found:
            raise ValueError(
                f"'{key}' is not a credit step. Write 'below 99%' (99% itself is met) or 'at or below 99%'."
            )
        steps.append(
            CreditStep(label=str(key).strip(), inclusive=found[1] != "below", edge=found[2], credit=credit)  # type: ignore[arg-type]
        )
    for higher, lower in zip(steps, steps[1:], strict=False):
        if lower.edge >= higher.edge or lower.credit < higher.credit:
            raise ValueError(
                f"'{lower.label}' must have a lower edge and at least the credit of '{higher.label}' before it."
            )
    return tuple(steps)


CreditsText = Annotated[
    tuple[CreditStep, ...],
    BeforeValidator(_credits),
    WithJsonSchema({"type": "object", "examples": [{"below 99.5%": "5%", "below 99%": "15%"}]}),
]


class Pool(Clauses):
    """The most that the credits may take in a year, or over the contract's life."""

    at_most: FormulaText
    per: Per


class ServiceCredits(Clauses):
    """Credits to the customer for a missed service level: the deepest step reached counts, on the whole charge."""

    term: Literal["service_credits"]
    about: str | None = None
    level: FormulaText
    credits: CreditsText  # noqa: A003
    of: FormulaText
    pool: Pool | None = None
    clock: ClockText


class LiabilityLimit(Clauses):
    """A limit on what the supplier pays under several terms together."""

    term: Literal["liability_limit"]
    about: str | None = None
    limits: Annotated[list[str], Field(min_length=1)]
    at_most: FormulaText
    per: Literal["year", "life"]


Term = Annotated[Fee | Sharing | TargetCost | ServiceCredits | LiabilityLimit, Field(discriminator="term")]
