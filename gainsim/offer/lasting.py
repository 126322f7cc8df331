"""How long something lasts, as written: a number of hours, or a distribution of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from gainsim.numbers import QuantityError, Written
from gainsim.offer.fields import number_schema, problems_below, reader
from gainsim.offer.shapes import Shape
from gainsim.quantities import Quantity, parse_quantity
from gainsim.units import DIMENSIONLESS

#: how many hours a time has, a year of 365 days
HOURS = {"hour": 1, "day": 24, "week": 168, "month": 730, "quarter": 2_190, "year": 8_760}


def _hours(written: Written) -> float:
    if isinstance(written, str) and " to " in written:
        rule = f"'{written}' is not one number"
        raise QuantityError(f"{rule}. What varies is a distribution, as {{ uniform: {{ low: 1, high: 3 }} }}.")
    quantity = parse_quantity(written)
    if quantity.unit != DIMENSIONLESS:
        raise QuantityError(_without_unit(written, quantity))
    return quantity.value


def _without_unit(written: Written, quantity: Quantity) -> str:
    """What to write in place of a number with a unit."""
    ((time, power), *others) = quantity.unit.powers
    if power == 1 and not others and time in HOURS:
        return f"'{written}' carries a unit, and times are in hours. Write {quantity.value * HOURS[time]:_.12g}."
    return f"'{written}' carries a unit. Write the number alone: hours, or what is aged by."


def _in_hours(written: Any) -> Any:
    """A distribution as it is written, none of its numbers with a unit."""
    found = [(place, _without_unit(text, quantity)) for place, text, quantity in _with_units(written)]
    if found:
        raise problems_below(found)
    return written


def _with_units(written: Any, *place: str | int) -> Iterator[tuple[tuple[str | int, ...], str, Quantity]]:
    """Every number with a unit in a distribution; what cannot be read is told where it is read."""
    inner = written.items() if isinstance(written, dict) else enumerate(written) if isinstance(written, list) else ()
    for key, part in inner:
        yield from _with_units(part, *place, key)
    if isinstance(written, str) and place:
        try:
            quantity = parse_quantity(written)
        except QuantityError:
            return
        if quantity.unit != DIMENSIONLESS:
            yield place, written, quantity


#: a number of hours, or of what is aged by
HoursNumber = Annotated[float, BeforeValidator(reader(tuple, _hours, "a number of hours")), number_schema("12%")]
HoursAbove0 = Annotated[HoursNumber, Field(gt=0)]
HoursFrom0 = Annotated[HoursNumber, Field(ge=0)]
#: a distribution of hours
HoursShape = Annotated[Shape, BeforeValidator(_in_hours)]
Hours = HoursFrom0 | HoursShape
