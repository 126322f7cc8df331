"""Service credits as written: steps of a level, a charge, a pool."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import (
    AT_KEY,
    Clauses,
    FormulaText,
    SizeText,
    problems_below,
    read_number,
    read_share,
)
from gainsim.offer.steps import Per
from gainsim.offer.term import TermText

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
        raise ValueError(f"'{label}' is not a credit step. Write 'below 99%' (99% itself is met) or 'at or below 99%'.")
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


class ServiceCredits(TermText):
    """Credits to the customer for a missed service level: the deepest step reached counts, on the whole charge."""

    term: Literal["service_credits"]
    """Service credits."""
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
