"""Percentages without their sign: 97 where a fraction is wanted."""

from __future__ import annotations

from decimal import Decimal

from gainsim.numbers import QuantityError
from gainsim.units import Unit

#: no fraction is written larger than this without a sign; a ratio that may be has the unit 1
LARGEST_PART = 10.0


def refuse_slip(value: float, unit: Unit) -> None:
    """Raise QuantityError for a plain number that is no fraction, where the unit is one: a percentage without its sign.

    >>> refuse_slip(1.15, Unit.parse("fraction of plan"))
    >>> refuse_slip(99.5, Unit.parse("fraction"))
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: 99.5 is no fraction. Write 99.5% or 0.995; a ratio that may lie above 10 has the unit 1.
    """
    if unit.part and abs(value) > LARGEST_PART:
        percent = f"{value:.12g}"
        ways = f"{percent}% or {Decimal(percent).scaleb(-2)}"
        raise QuantityError(f"{percent} is no fraction. Write {ways}; a ratio that may lie above 10 has the unit 1.")
