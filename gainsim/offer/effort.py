"""Effort as written: what a party puts in, what it costs, how it is decided, and which drivers it moves."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import model_validator

from gainsim.numbers import QuantityError
from gainsim.offer.fields import (
    Clauses,
    DurationText,
    FormulaText,
    Number,
    ReadBy,
    UnitText,
    problems_below,
    read_formula,
    reader,
    text_schema,
)
from gainsim.ops.formula import Formula

#: how an effort is decided where no formula says it
Policy = Literal["best constant", "best by year", "responsive"]
_POLICIES: tuple[Policy, ...] = get_args(Policy)


def _plan(written: Any) -> Formula | Policy:
    for policy in _POLICIES:
        if written == policy:
            return policy
    if isinstance(written, str) and re.fullmatch(r"[A-Za-z]+( [A-Za-z]+)*", written) and _is_meant_as_one(written.lower()):
        raise QuantityError(f"'{written}' is no plan. Write a number, or one of: {', '.join(_POLICIES)}.")
    return read_formula(written)


def _is_meant_as_one(words: str) -> bool:
    """Whether words are rather one of the policies, misspelt or in part, than a name that a formula reads."""
    return " " in words or words in ("best", "constant") or bool(get_close_matches(words, _POLICIES, cutoff=0.7))


class Effort(Clauses):
    """What a party puts in, period by period. Its name stands for how much it is."""

    about: str | None = None
    """For the reader; moves nothing."""
    by: Literal["supplier", "customer"]
    """Who decides how much it is, and pays for it."""
    unit: UnitText
    """What it is counted in, as FTE."""
    at_least: Number
    """The least there may be of it."""
    at_most: Number
    """The most there may be of it."""
    cost: FormulaText
    """What it costs whoever decides it, over time: a formula of its own name, and of other efforts."""
    plan: Annotated[Formula | Policy, ReadBy(reader(Formula, _plan, "a formula")), text_schema("best by year")]
    """How much it is. A number or dated formula: that; `best constant`, `best by year`: whatever is best for who decides;
    `responsive`: in each period whatever is best in view of what has been reached."""
    watches: FormulaText | None = None
    """What a responsive effort looks at when a period begins: a formula of the window so far, as `total(saved)`."""
    over: Literal["quarter", "half_year", "year", "life"] | None = None
    """The window of `watches`; with each new one it begins at 0."""

    @property
    def policy(self) -> Policy | None:
        """How it is decided; None: as a formula says."""
        return None if isinstance(self.plan, Formula) else self.plan

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.at_least >= self.at_most:
            raise problems_below([(("at_most",), f"{self.at_most:g} is not above at_least, {self.at_least:g}.")])
        if self.policy == "responsive" and (self.watches is None or self.over is None):
            raise ValueError(
                "a responsive effort looks at what has been reached. Say what it watches: total(saved), and over: year, "
                "the window in which that is settled."
            )
        if self.policy != "responsive" and (self.watches is not None or self.over is not None):
            raise ValueError("watches and over go with plan: responsive. Leave them out.")
        return self


class Response(Clauses):
    """How a driver answers an effort."""

    of: str
    """The name of the effort."""
    adds: FormulaText
    """What is added to the driver: a formula of the effort, as 3% * (1 - exp(-engineers / 2 FTE)), in the driver's unit."""
    after: DurationText | None = None
    """How long after the effort; at once, unless said."""
