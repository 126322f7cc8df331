"""Decisions of the parties as written: whether the customer renews, how much of the scope it takes, at what price."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.fields import Clauses, DurationText, FormulaText


class Decision(Clauses):
    """A value that a party decides anew from time to time. Its name stands for what it is, 1 or 0, a scope, a price."""

    about: str | None = None
    """For the reader; moves nothing."""
    by: Literal["customer", "supplier", "both", "nobody"]
    """Who decides; moves nothing."""
    starts: FormulaText
    """What it is until it is first decided; a number, or one drawn once."""
    every: Literal["period", "month", "quarter", "half_year", "year"] | None = None
    """When it is asked: at the end of each such window; or `at`."""
    at: Annotated[list[DurationText], Field(min_length=1)] | None = None
    """When it is asked: so long after the contract's start, as `[18 months, 30 months]`; or `every`."""
    first: DurationText | None = None
    """Of `every`: not before so long after the contract's start."""
    last: DurationText | None = None
    """Of `every`: not later than so long after the contract's start."""
    over: Literal["period", "month", "quarter", "half_year", "year", "life"] | None = None
    """What totals and payments in its formulas count: those of such a window so far. Unless said, of the window of
    `every`, or with `at` of the life."""
    when: FormulaText | None = None
    """A condition without which it is not taken."""
    chance: FormulaText | None = None
    """With which chance it is then taken; without it, it is."""
    weighs: FormulaText | None = None
    """What who decides looks at to weigh what is still to come: it is then taken only where that party is expected to be better
    off by it."""
    becomes: FormulaText
    """What it is from the next period on, where it is taken."""
    otherwise: FormulaText | None = None
    """What it is from the next period on, where it is asked and not taken; as it was, unless said."""
    after: DurationText | None = None
    """How much later what was decided holds; meanwhile it is not asked again."""

    @property
    def yes_or_no(self) -> bool:
        """Whether it is only ever 1 or 0."""
        outcomes = (self.starts, self.becomes, self.otherwise)
        return all(each is None or each.constant in (0.0, 1.0) for each in outcomes)

    @model_validator(mode="after")
    def _asked_once(self) -> Self:
        if (self.every is None) == (self.at is None):
            raise ValueError("say once when it is asked: every: year, or at: [12 months, 30 months].")
        if self.at is not None and (self.first is not None or self.last is not None):
            raise ValueError("first and last go with every. The moments under at are all that there are.")
        if self.otherwise is not None and [self.when, self.chance, self.weighs].count(None) == 3:
            raise ValueError("otherwise: it is always taken. Write when, chance or weighs, or leave otherwise out.")
        if self.weighs is not None and self.by not in ("customer", "supplier"):
            raise ValueError("weighs: one party weighs what it is better off by. Write by: customer, or by: supplier.")
        return self
