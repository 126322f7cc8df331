"""Shocks as written: what is sure to come to a driver at a date, whatever it does by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from gainsim.durations import Duration, parse_duration
from gainsim.grid import parse_date
from gainsim.numbers import QuantityError, Written
from gainsim.offer.fields import Clauses, DurationText, Number, Quantity, ReadBy, number_schema, reader, text_schema
from gainsim.quantities import parse_quantity


@dataclass(frozen=True)
class Begin:
    """A date, or a time since the contract's start."""

    text: str
    date: date | None = None
    after: Duration | None = None


def _begin(written: Written) -> Begin:
    text = str(written).strip()
    if text[:4].isdigit() and text[4:5] == "-":
        return Begin(text, date=parse_date(text))
    try:
        return Begin(text, after=parse_duration(text))
    except QuantityError:
        raise QuantityError(
            f"'{text}' is no moment. Write a month, as 2028-01, or the time since the contract's start, as 12 months."
        ) from None


BeginText = Annotated[Begin, ReadBy(reader(Begin, _begin, "a moment")), text_schema("24 months")]
AmountText = Annotated[Quantity, ReadBy(reader(Quantity, parse_quantity, "an amount")), number_schema("80_000 EUR")]


class Shock(Clauses):
    """What is sure to come to a driver: for a time, or for good, it is so many times what it is, or so much more; or it is late."""

    about: str | None = None
    """For the reader; moves nothing."""
    like: str | None = None
    """A shock of the library, by its name: what is not said here is taken from there."""
    times: Annotated[Number, Field(ge=0)] | None = None
    """How many times what it would be: 2, or 80%."""
    plus: AmountText | None = None
    """What is added to it, in its unit; below 0 where it falls."""
    later: DurationText | None = None
    """Or by how much later everything comes; until then it is what it was before the contract."""
    begins: BeginText | None = None
    """From when; from the contract's start, unless said."""
    lasts: DurationText | None = None
    """How long, until it fades; to the contract's end, unless said."""
    rises_over: DurationText | None = None
    """Over what part of that time it grows to its full size, in a straight line; at once, unless said."""
    fades_over: DurationText | None = None
    """Over how long it then goes, in a straight line; at once, unless said."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        sized = [key for key in ("times", "plus") if getattr(self, key) is not None]
        if self.later is not None and sized:
            raise ValueError(f"what is late is no other than it would be. Leave later out, or {' and '.join(sized)}.")
        if self.later is None and not sized:
            raise ValueError("a shock says its size, times: 2 or plus: 30 EUR/MWh, or by how much everything is later: 12 months.")
        timed = [key for key in ("begins", "lasts", "rises_over", "fades_over") if getattr(self, key) is not None]
        if self.later is not None and timed:
            raise ValueError(f"what is late is late from the start on. Leave {' and '.join(timed)} out.")
        if self.fades_over is not None and self.lasts is None:
            raise ValueError("what fades has lasted for some time. Add lasts: 18 months.")
        for key in ("later", "lasts", "rises_over", "fades_over"):
            duration = getattr(self, key)
            if duration is not None and (duration.days or not duration.months):
                raise ValueError(f"{key}: {duration} is no number of whole months. Write it like 18 months.")
        if self.rises_over is not None and self.lasts is not None and self.rises_over.months > self.lasts.months:
            raise ValueError("a shock that rises longer than it lasts never reaches its size. Write a longer lasts.")
        return self
