"""Subscriptions as written: seats at a price, in one of three structures, and the house's guardrails on them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.clock import ClockText
from gainsim.offer.fields import Clauses, FormulaText, Number, Share, WholeNumber
from gainsim.offer.term import TermText

Structure = Literal["simple", "staged", "ramp"]
Criterion = Literal["products", "editions", "seats", "budget_limit", "fixed_steps", "open_roll_out"]

#: what a customer must have shown before it is offered a structure
ASKED: dict[Structure, tuple[Criterion, ...]] = {
    "simple": ("products", "editions", "seats"),
    "staged": ("products", "editions", "seats", "budget_limit", "fixed_steps"),
    "ramp": ("products", "editions", "seats", "budget_limit", "open_roll_out"),
}


class FirstYear(Clauses):
    """What the first year must come to, as a part of the exit year."""

    at_least: Share | None = None
    """This part or more."""
    more_than: Share | None = None
    """More than this part: exactly this part is not enough."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.at_least is None) == (self.more_than is None):
            raise ValueError("the first year's test says at_least or more_than, one of them, as { at_least: 50% }.")
        return self


class Guardrails(Clauses):
    """Rules of the house on a subscription. They are reported, and stop nothing."""

    first_year: FirstYear | None = None
    """What is committed for the first year, per month, against the exit year: its seats, in a ramp its money."""
    full_price_from: Annotated[WholeNumber, Field(ge=1)] | None = None
    """The year, counted from 1, from whose first day on the exit price is paid."""
    budget: Annotated[list[Number], Field(min_length=1)] | None = None
    """What the customer can spend in the first years, year by year, in the currency; just as much is within it."""
    criteria_met: list[Criterion] | None = None
    """What the customer has shown; each structure asks for some of it."""


class Subscription(TermText):
    """Seats committed at a price per seat: all at once, switched on in steps, or at a price that rises."""

    term: Literal["subscription"]
    """A subscription."""
    structure: Structure
    """`simple`: one number of seats, one price; `staged`: seats in steps at one price; `ramp`: all seats at a rising
    price."""
    seats: FormulaText
    """Seats committed, as 750 seat from year 2 else 500 seat; they never fall."""
    price: FormulaText
    """Money per seat and month, quarter or year."""
    adopted: FormulaText | None = None
    """Staged: the seats that the customer wants active; those before their step are paid from then to the end."""
    clock: ClockText = ClockText.model_construct()
    """When it is settled and paid."""
    guardrails: Guardrails | None = None
    """What the house asks of such a deal; reported, never enforced."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.adopted is not None and self.structure != "staged":
            raise ValueError(
                f"adopted: only a staged deal has seats that can be activated early; this one is {self.structure}. "
                "Leave it out."
            )
        if self.adopted is not None and self.clock.invoiced == "in advance":
            raise ValueError(
                "adopted: seats activated early are known only afterwards, so they cannot be paid in advance. "
                "Write invoiced: in arrears."
            )
        if self.guardrails is not None:
            self._guarded(self.guardrails)
        return self

    def _guarded(self, rules: Guardrails) -> None:
        if rules.full_price_from is not None and self.structure != "ramp":
            raise ValueError(
                f"full_price_from: only a ramp has a price that rises; this deal is {self.structure}. Leave it out."
            )
        if rules.first_year is not None and self.structure == "simple":
            raise ValueError("first_year: in a simple deal all years are alike. Leave it out.")
