"""Fees as written: an amount over time, perhaps following an index."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from gainsim.offer.clock import ClockText
from gainsim.offer.fields import Clauses, DurationText, FormulaText, Month, Number
from gainsim.offer.term import TermText


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


class Fee(TermText):
    """A fee: an amount over time, paid in advance or in arrears, perhaps indexed."""

    term: Literal["fee"]
    """A fee."""
    amount: FormulaText
    """Money over time."""
    clock: ClockText = ClockText.model_construct()
    """When it is settled and paid."""
    indexed: Indexation | None = None
    """How it follows an index."""
    scales_with: Literal["scope"] | None = None
    """`scope`: the amount grows and shrinks with the scope that conduct decides; 1 where nothing does."""
