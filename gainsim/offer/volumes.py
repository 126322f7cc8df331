"""Volume terms as written: charges and credits around a baseline, and a minimum volume that is taken or paid for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import WithJsonSchema, model_validator

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import AT_KEY, Clauses, Formula, FormulaText, ReadBy, SizeText, problems_below, read_formula
from gainsim.offer.steps import Expiry
from gainsim.offer.term import TermText
from gainsim.ops.formula import parse


@dataclass(frozen=True)
class RateBand:
    """One band of rates: the edge at which it ends, None for the last, and the rate of a unit in it."""

    label: str
    edge: Formula | None
    rate: Formula


def _reader(step: str, last: str, example: str) -> Callable[[Any], Any]:
    """Bands from the baseline outwards: `step` an edge, then `last`."""
    key = re.compile(rf"{step}\s+(.+)$")

    def read(written: Any) -> Any:
        if isinstance(written, tuple):
            return written
        if not isinstance(written, Mapping) or not written:
            raise ValueError(f"rates are written band by band: {{ {example} }}.")
        bands: list[RateBand] = []
        found: list[tuple[tuple[str, ...], str]] = []
        for said, rate in written.items():
            label = str(said).strip()
            place: tuple[str, ...] = (said, AT_KEY)
            try:
                edge = _edge(label, key, last, example)
                if bands and bands[-1].edge is None:
                    raise ValueError(f"stands behind '{last}', which has no end. Write '{last}' last.")
                place = (said,)
                bands.append(RateBand(label, edge, _rate(rate)))
            except ValueError as error:
                found.append((place, str(error)))
        if not found and bands[-1].edge is not None:
            found = [((), f"the rate beyond the last edge is missing. Add '{last}: 0' if it is nothing.")]
        if found:
            raise problems_below(found)
        return tuple(bands)

    return read


def _edge(label: str, key: re.Pattern[str], last: str, example: str) -> Formula | None:
    if label == last:
        return None
    parts = key.match(label)
    if parts is None:
        raise ValueError(f"'{label}' is not a band. Write {{ {example} }}.")
    return parse(parts[1])


def _rate(written: Any) -> Formula:
    if isinstance(written, bool) or not isinstance(written, (str, int, float)):
        raise ValueError("a rate is money per unit, as 40 EUR/device, or a formula.")
    formula = read_formula(written)
    if formula.constant is not None and formula.constant < 0:
        raise ValueError(f"'{formula.text}' is negative; a credit is a rate under reduced. Write it without a sign.")
    return formula


_UPWARDS = {"up to 1_200": "40 EUR/device", "above": "35 EUR/device"}
_DOWNWARDS = {"down to 800": "25 EUR/device", "below": "20 EUR/device"}


def _said(example: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in example.items())


AdditionalText = Annotated[
    tuple[RateBand, ...],
    ReadBy(_reader("up to", "above", _said(_UPWARDS))),
    WithJsonSchema({"type": "object", "examples": [_UPWARDS]}),
]
ReducedText = Annotated[
    tuple[RateBand, ...],
    ReadBy(_reader("down to", "below", _said(_DOWNWARDS))),
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
