"""How a price moves over the contract, as written: by fixed steps, or with an index."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from gainsim.offer.fields import Clauses, DurationText, FormulaText, Month, Number

Every = Literal["period", "quarter", "half_year", "year"]


def _step(written: float) -> float:
    """A step of a price: what it adds or takes, never the factor it leads to."""
    if written >= 1:
        step = 100 * (written - 1) if written < 2 else written
        rule = "it says what is added or taken, not the factor it leads to"
        raise ValueError(f"{100 * written:.12g}% is written here; {rule}. Write {step:.12g}%.")
    return written


class Escalation(Clauses):
    """Fixed steps of a price, known beforehand: one at the start of each later window of kind `every`."""

    by: Annotated[Number, Field(gt=-1), AfterValidator(_step)]
    """What a step adds, as 3%; a negative one takes off."""
    every: Every
    """How often there is a step."""
    compounding: Literal["compound", "simple"]
    """`compound`: a part of the price before it; `simple`: a part of the first price."""


class IndexCap(Clauses):
    """The most that an index may move the price, up or down."""

    at: Annotated[Number, Field(ge=0), AfterValidator(_step)]
    """What the factor may add (a floor: lose) at most, below 100%."""
    per: Literal["reset", "life"]
    """Against the last reset, or against the first factor."""
    excess: Literal["lost", "recovered"]
    """What is cut off is lost, or recovered at later resets; cap and floor alike."""


class Indexation(Clauses):
    """How a price follows an index: a factor, taken anew at each reset from values observed `lag` before it."""

    by: FormulaText
    """The factor, 1 at the base, as in 0.4 + 0.6 * wage / wage[base]; inside braces in quotes."""
    base: Month
    """The month whose values stand for [base]; before the contract every value is its `start`, unless `at_base` says it."""
    at_base: Annotated[dict[str, Annotated[Number, Field(gt=0)]] | None, Field(min_length=1)] = None
    """The published values at a base before the contract, by name; the price is then one of the base's money."""
    every: Every
    """How often the factor is taken anew."""
    lag: DurationText | None = None
    """How old the values are that it is taken from."""
    cap: IndexCap | None = None
    """The most it may rise."""
    floor: IndexCap | None = None
    """The most it may fall."""

    @model_validator(mode="after")
    def _one_excess(self) -> Self:
        if len({limit.excess for limit in (self.cap, self.floor) if limit is not None}) > 1:
            raise ValueError("cap and floor of one index treat the excess alike: both lost, or both recovered.")
        return self
