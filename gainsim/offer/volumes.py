"""Volume terms as written: charges and credits around a baseline, and a minimum volume that is taken or paid for."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import WithJsonSchema, model_validator

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import Clauses, Formula, FormulaText, ReadBy, SizeText, read_formula
from gainsim.offer.rates import RateBand, banded
from gainsim.offer.steps import Expiry
from gainsim.offer.term import TermText
from gainsim.ops.formula import parse


def _rate(written: Any) -> Formula:
    if isinstance(written, bool) or not isinstance(written, (str, int, float)):
        raise ValueError("a rate is money per unit, as 40 EUR/device, or a formula.")
    formula = read_formula(written)
    if formula.constant is not None and formula.constant < 0:
        raise ValueError(f"'{formula.text}' is negative; a credit is a rate under reduced. Write it without a sign.")
    return formula


_UPWARDS = {"up to 1_200": "40 EUR/device", "above": "35 EUR/device"}
_DOWNWARDS = {"down to 800": "25 EUR/device", "below": "20 EUR/device"}


AdditionalText = Annotated[
    tuple[RateBand[Formula], ...],
    ReadBy(banded("up to", "above", _UPWARDS, parse, _rate)),
    WithJsonSchema({"type": "object", "examples": [_UPWARDS]}),
]
ReducedText = Annotated[
    tuple[RateBand[Formula], ...],
    ReadBy(banded("down to", "below", _DOWNWARDS, parse, _rate)),
    WithJsonSchema({"type": "object", "examples": [_DOWNWARDS]}),
]


class VolumeDeadband(Clauses):
    """The volumes around the baseline at which nothing is added or credited; both edges lie in it."""

    below: SizeText
    """How far below the baseline, a size."""
    above: SizeText
    """How far above it, a size."""
    then: Literal["excess", "from_baseline"]
    """Outside it `excess`: only what lies outside is charged or credited; `from_baseline`: all that differs from it."""


class VolumeCharge(TermText):
    """Charges for volume above a baseline and credits below it (ARC and RRC); the base charge is a fee of its own."""

    term: Literal["volume_charge"]
    """A volume charge."""
    volume: FormulaText
    """The volume of the window."""
    baseline: FormulaText
    """The volume that the base charge pays for."""
    deadband: VolumeDeadband | None = None
    """Where the base charge stands."""
    additional: AdditionalText | None = None
    """The charge for a further unit, band by band from the baseline upwards; edges are volumes."""
    reduced: ReducedText | None = None
    """The credit for a unit less, band by band from the baseline downwards; edges are volumes."""
    clock: ResultClockText
    """When it is settled and paid."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.additional is None and self.reduced is None:
            raise ValueError("a volume charge has additional rates, reduced rates, or both.")
        return self


class MakeUp(Clauses):
    """The right to take later, on account of what was paid for and not taken."""

    credit: FormulaText
    """What is credited for a unit; the price charged for it elsewhere, where it is free."""
    expires: Expiry
    """When the right lapses: never, or after 3 settlements."""
    at_most: SizeText | None = None
    """The largest volume credited in one settlement."""

    @property
    def settlements(self) -> int | None:
        """After how many settlements the right lapses; None: never."""
        return None if self.expires == "never" else int(self.expires.split()[1])


class TakeOrPay(TermText):
    """A minimum volume that the customer takes or pays for; what it takes is charged by another term."""

    term: Literal["take_or_pay"]
    """Take or pay."""
    volume: FormulaText
    """The volume taken in the window."""
    at_least: SizeText
    """The minimum of the window, a size."""
    price: FormulaText
    """What is paid for a unit of the shortfall."""
    make_up: MakeUp | None = None
    """What was paid for may be taken later."""
    clock: ResultClockText
    """When it is settled and paid."""
