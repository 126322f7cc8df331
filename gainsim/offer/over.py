"""Terms over other terms as written: a common cap and floor, what is held back, what is claimed back."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic.functional_validators import BeforeValidator

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import Clauses, FormulaText, Share, SizeText
from gainsim.offer.milestones import DelayClockText
from gainsim.offer.steps import Per
from gainsim.offer.term import TermText
from gainsim.ops.formula import Formula

LONGEST = 120


def _not_above(formula: Formula) -> Formula:
    if formula.constant is not None and formula.constant > 0:
        raise ValueError(
            f"'{formula.text}' is above 0. The floor of a common limit is 0 or less: the most that the supplier pays. "
            "Write a least pay as a payment: max(500_000 - paid(base_fee), 0)."
        )
    return formula


class CommonLimit(TermText):
    """Several terms meet in a common cap and floor on what they come to together, in both directions."""

    term: Literal["common_limit"]
    """A common limit."""
    over: Annotated[list[str], Field(min_length=1)]
    """The terms it stands over."""
    cap: SizeText | None = None
    """The most that they pay the supplier together; a part of a fee is taken at its present rate."""
    floor: Annotated[FormulaText, AfterValidator(_not_above)] | None = None
    """The most that they make the supplier pay together, with its minus sign; of a fee as `cap`."""
    per: Per
    """What they are the limits of."""
    spread: Literal["in order", "in proportion"]
    """Who bears what is cut off: the terms written last, or each by what it pays."""

    @property
    def listed(self) -> tuple[str, ...]:
        """The terms it limits."""
        return tuple(self.over)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.cap is None and self.floor is None:
            raise ValueError("a common limit has a cap, a floor, or both.")
        return self


class Release(Clauses):
    """A part of what is held back, paid out when a condition first holds."""

    part: Share
    """Of all that is held back, released or not."""
    when: FormulaText
    """A condition, asked at each period's end."""


class Retention(TermText):
    """A part of what some terms pay is held back and paid out later."""

    term: Literal["retention"]
    """A retention."""
    of: Annotated[list[str], Field(min_length=1)]
    """The terms whose payments to the supplier it holds back a part of."""
    share: Share
    """Which part."""
    at_most: SizeText | None = None
    """The most that is held back in all."""
    released: list[Release] = []
    """What is paid out before the end, and when."""
    at_end: Literal["released", "kept"]
    """What becomes of the rest in the contract's last period."""
    clock: DelayClockText = DelayClockText.model_construct()
    """When what is released is settled and paid."""

    @property
    def listed(self) -> tuple[str, ...]:
        """The terms it holds back a part of."""
        return tuple(self.of)

    @model_validator(mode="after")
    def _not_more_than_all(self) -> Self:
        if sum(release.part for release in self.released) > 1.0 + 1e-9:
            raise ValueError(
                f"the parts that are released add up to {sum(r.part for r in self.released):.4g}; at most all, 100%."
            )
        return self


def _settlements(written: Any) -> Any:
    text = str(written).strip()
    if text == "life":
        return 0
    found = re.fullmatch(r"(\d+) settlements?", text)
    if found is None or not 1 <= int(found[1]) <= LONGEST:
        raise ValueError(f"'{text}' is no reach. Write life, or up to {LONGEST} settlements, as 4 settlements.")
    return int(found[1])


Reach = Annotated[int, BeforeValidator(_settlements), WithJsonSchema({"type": "string", "examples": ["4 settlements"]})]


class Clawback(TermText):
    """What a term has paid the supplier is paid back, if it turns out so, at most what was paid."""

    term: Literal["clawback"]
    """A claw-back."""
    of: str
    """The term whose payments are claimed back."""
    when: FormulaText | None = None
    """A condition of the window without which nothing is claimed."""
    claim: SizeText | None = None
    """What is claimed in a settlement; all that can be, unless said."""
    within: Reach
    """How far back a claim reaches: into so many settlements before this one, or over the life."""
    clock: ResultClockText
    """When it is settled, as the term, and paid."""

    @property
    def listed(self) -> tuple[str, ...]:
        """The term it claims back from."""
        return (self.of,)

    @model_validator(mode="after")
    def _said(self) -> Self:
        if self.when is None and self.claim is None:
            raise ValueError("say on what condition it is paid back, or how much. Write when or claim.")
        return self
