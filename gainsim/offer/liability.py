"""A limit over several terms as written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gainsim.offer.fields import SizeText
from gainsim.offer.term import TermText


class LiabilityLimit(TermText):
    """A limit on what the supplier pays under several terms together."""

    term: Literal["liability_limit"]
    """A limit on liability."""
    limits: Annotated[list[str], Field(min_length=1)]
    """The terms it stands over."""
    at_most: SizeText
    """A size, known beforehand."""
    per: Literal["year", "life"]
    """What it is the limit of."""

    @property
    def listed(self) -> Sequence[str]:
        """The terms it speaks of."""
        return self.limits

    @model_validator(mode="after")
    def _between_whom(self) -> Self:
        if "party" in self.model_fields_set:
            raise ValueError("party: a limit stands between whom its terms stand. Leave it out.")
        return self
