"""What every term may say of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from gainsim.offer.fields import Clauses, FormulaText, Number


class Rounding(Clauses):
    """How what is paid in a settlement is rounded."""

    to: Annotated[Number, Field(gt=0)]
    """The step, as 0.01 or 1."""
    by: Literal["half away", "half even", "towards zero"]
    """To the nearest step, a half away from zero or to the even one; or the rest is cut off."""


class TermText(Clauses):
    """What every term may say of itself."""

    about: str | None = None
    """For the reader; moves nothing."""
    party: str = "customer"
    """Who it is agreed with: the customer, or one of the file's `parties`."""
    active_while: FormulaText | None = None
    """A condition without which nothing is paid; a fee asks it each period, every other term when it settles."""
    rounded: Rounding | None = None
    """How each payment is rounded; not rounded, unless said."""

    @property
    def listed(self) -> Sequence[str]:
        """Other terms that it names in a list."""
        return ()
