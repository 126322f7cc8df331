"""Numbers that their unit does not admit: 97 where a fraction is wanted, 102% of the time."""

from __future__ import annotations

import math
from decimal import Decimal

from gainsim.numbers import QuantityError
from gainsim.units import Unit

#: no fraction is written larger than this without a sign; a ratio that may be has the unit 1
LARGEST_PART = 10.0


def admitted(unit: Unit) -> tuple[float, float]:
    """Between which numbers, both included, a quantity of this unit lies.

    >>> admitted(Unit.parse("fraction of the time")), admitted(Unit.parse("fraction")), admitted(Unit.parse("EUR"))
    ((0.0, 1.0), (-10.0, 10.0), (-inf, inf))
    """
    if unit.of_time:
        return 0.0, 1.0
    return (-LARGEST_PART, LARGEST_PART) if unit.part else (-math.inf, math.inf)


def refuse_slip(value: float, unit: Unit) -> None:
    """Raise QuantityError for a plain number that is no fraction, where the unit is one: a percentage without its sign.

    Of the time, all else than 0% to 100% is none.

    >>> refuse_slip(1.15, Unit.parse("fraction of plan"))
    >>> refuse_slip(99.5, Unit.parse("fraction"))
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: 99.5 is no fraction. Write 99.5% or 0.995; a ratio that may lie above 10 has the unit 1.
    >>> refuse_slip(1.02, Unit.parse("fraction of the time"))
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: 1.02 is no fraction of the time: that lies between 0% and 100%. What may lie outside has the
    unit fraction.
    """
    if unit.part and abs(value) > LARGEST_PART:
        percent = f"{value:.12g}"
        ways = f"{percent}% or {Decimal(percent).scaleb(-2)}"
        raise QuantityError(f"{percent} is no fraction. Write {ways}; a ratio that may lie above 10 has the unit 1.")
    refuse_impossible(value, unit)


def refuse_impossible(value: float, unit: Unit) -> None:
    """Raise QuantityError for what is no part of the time, where the unit is one, however it is written."""
    if unit.of_time and not 0.0 <= value <= 1.0:
        told = f"{value!r} is no fraction of the time: that lies between 0% and 100%"
        raise QuantityError(f"{told}. What may lie outside has the unit fraction.")
