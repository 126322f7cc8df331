"""The contract as written: fees, target cost, service credits, limits over terms; sharing has a file of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from gainsim.offer.clock import ClockText, ResultClockText
from gainsim.offer.fields import (
    AT_KEY,
    Clauses,
    DurationText,
    FormulaText,
    Month,
    Number,
    Share,
    SizeText,
    problems_below,
    read_number,
    read_share,
)
from gainsim.offer.sharing import Per, Sharing


def _index_step(written: float) -> float:
    """A step of an index: what it adds or takes, never the factor it leads to."""
    if written >= 1:
        step = 100 * (written - 1) if written < 2 else written
        rule = "at is what the index may add or take, not the factor it leads to"
        raise ValueError(f"{100 * written:.12g}% is written here; {rule}. Write {step:.12g}%.")
    return written


class IndexCap(Clauses):
    """The most that an index may move the price, up or down."""

    at: Annotated[Number, Field(ge=0), AfterValidator(_index_step)]
    """What the factor may add (a floor: lose) at most, below 100%."""
    per: Literal["reset", "life"]
    """Against the last reset, or against the first factor."""
    excess: Literal["lost", "recovered"]
    """What is cut off is lost, or recovered at later resets."""

    @model_validator(mode="after")
    def _meaningful(self) -> Self:
        if self.per == "life" and self.excess == "recovered":
            raise ValueError("what a cap over the whole life cuts off cannot be recovered. Write excess: lost.")
        return self


class Indexation(Clauses):
    """How an amount follows an index: a factor, taken anew at each reset from values observed `lag` before it."""

    by: FormulaText
    """The factor, 1 at the base, as in 0.4 + 0.6 * wage / wage[base]; inside braces in quotes."""
    base: Month
    """The month whose values stand for [base], before the contract: there every value is its `start`."""
    every: Literal["period", "quarter", "half_year", "year"]
    """How often the factor is taken anew."""
    lag: DurationText | None = None
    """How old the values are that it is taken from."""
    cap: IndexCap | None = None
    """The most it may rise."""
    floor: IndexCap | None = None
    """The most it may fall."""

    @model_validator(mode="after")
    def _one_excess(self) -> Self:
        resets = [limit for limit in (self.cap, self.floor) if limit is not None and limit.per == "reset"]
        if len({limit.excess for limit in resets}) > 1:
            raise ValueError("cap and floor of one index treat the excess alike: both lost, or both recovered.")
        return self


class Fee(Clauses):
    """A fee: an amount over time, paid in advance or in arrears, perhaps indexed."""

    term: Literal["fee"]
    """A fee."""
    about: str | None = None
    """For the reader; moves nothing."""
    amount: FormulaText
    """Money over time."""
    clock: ClockText = ClockText.model_construct()
    """When it is settled and paid."""
    indexed: Indexation | None = None
    """How it follows an index."""
    scales_with: Literal["scope"] | None = None
    """`scope`: the amount grows and shrinks with the scope that conduct decides; 1 where nothing does."""


class TargetCost(Clauses):
    """A target-cost price: cost plus target profit, overruns and underruns shared, held by a ceiling or fee limits."""

    term: Literal["target_cost"]
    """A target-cost price."""
    about: str | None = None
    """For the reader; moves nothing."""
    actual_cost: FormulaText
    """What it cost in the window."""
    target_cost: FormulaText
    """What it should cost."""
    target_profit: FormulaText
    """The profit on target."""
    supplier_share_under: Share
    """The supplier's part of an underrun."""
    supplier_share_over: Share
    """The supplier's part of an overrun."""
    ceiling_price: FormulaText | None = None
    """The most that is paid."""
    lowest_profit: FormulaText | None = None
    """Holds the profit from below."""
    highest_profit: FormulaText | None = None
    """Holds the profit from above."""
    clock: ResultClockText
    """When it is settled and paid."""


_BELOW = re.compile(r"(below|at or below)\s+(.+)$")


@dataclass(frozen=True)
class CreditStep:
    """One credit: paid when the level is below (or at) its edge."""

    label: str
    inclusive: bool
    edge: float
    credit: float


def _credit_key(label: str) -> tuple[bool, float]:
    """Whether the edge itself earns the credit, and the edge."""
    found = _BELOW.match(label)
    if not found:
        raise ValueError(
            f"'{label}' is not a credit step. Write 'below 99%' (99% itself is met) or 'at or below 99%'."
        )
    return found[1] != "below", read_number(found[2])


def _credits(written: Any) -> Any:
    if isinstance(written, tuple):
        return written
    if not isinstance(written, Mapping) or not written:
        raise ValueError("credits are written step by step: { below 99.5%: 5%, below 99%: 15% }.")
    steps: list[CreditStep] = []
    found: list[tuple[tuple[str, ...], str]] = []
    for key, credit in written.items():
        label = str(key).strip()
        place: tuple[str, ...] = (key, AT_KEY)
        try:
            inclusive, edge = _credit_key(label)
            place = (key,)
            step = CreditStep(label=label, inclusive=inclusive, edge=edge, credit=read_share(credit))
        except ValueError as error:
            found.append((place, str(error)))
            continue
        before = steps[-1] if steps else None
        if before is not None and not (step.edge < before.edge and step.credit >= before.credit):
            rule = f"'{label}' must have a lower edge and at least the credit of '{before.label}' before it."
            found.append(((key, AT_KEY), f"{rule} Write the mildest step first."))
        steps.append(step)
    if found:
        raise problems_below(found)
    return tuple(steps)


CreditsText = Annotated[
    tuple[CreditStep, ...],
    BeforeValidator(_credits),
    WithJsonSchema({"type": "object", "examples": [{"below 99.5%": "5%", "below 99%": "15%"}]}),
]


class Pool(Clauses):
    """The most that the credits may take in a year, or over the contract's life."""

    at_most: SizeText
    """A size; a part of a fee is taken at its present rate."""
    per: Per
    """What it is the pool of."""


class ServiceCredits(Clauses):
    """Credits to the customer for a missed service level: the deepest step reached counts, on the whole charge."""

    term: Literal["service_credits"]
    """Service credits."""
    about: str | None = None
    """For the reader; moves nothing."""
    level: FormulaText
    """The service level of the window, a fraction."""
    credits: CreditsText
    """What part of the charge is credited below each level."""
    of: FormulaText
    """The charge."""
    pool: Pool | None = None
    """The most that credits may take."""
    clock: ResultClockText
    """When they are settled and paid."""


class LiabilityLimit(Clauses):
    """A limit on what the supplier pays under several terms together."""

    term: Literal["liability_limit"]
    """A limit on liability."""
    about: str | None = None
    """For the reader; moves nothing."""
    limits: Annotated[list[str], Field(min_length=1)]
    """The terms it stands over."""
    at_most: SizeText
    """A size, known beforehand."""
    per: Literal["year", "life"]
    """What it is the limit of."""


Term = Annotated[Fee | Sharing | TargetCost | ServiceCredits | LiabilityLimit, Field(discriminator="term")]
