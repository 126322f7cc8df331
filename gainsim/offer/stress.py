"""Stresses as written: named cases of what may go wrong, each a shock, a range of futures, other correlations or another file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema, model_validator

from gainsim.numbers import QuantityError, Written
from gainsim.offer.dependence import Correlation
from gainsim.offer.fields import Clauses, Quantity, ReadBy, Share, number_schema, reader
from gainsim.offer.names import Name
from gainsim.offer.shocks import Shock
from gainsim.quantities import parse_quantity


@dataclass(frozen=True)
class Edge:
    """Where a range ends: at the percentile that a share of the futures does not exceed, or at a value."""

    text: str
    share: float | None = None
    value: Quantity | None = None


def _edge(written: Written) -> Edge:
    text = str(written).strip()
    if found := re.fullmatch(r"[pP](\d{1,2}(?:\.\d+)?)", text):
        share = float(found[1]) / 100.0
        if not 0.0 < share < 1.0:
            raise QuantityError(f"'{text}' is no percentile. Write p1 to p99: p10 is what one future in ten does not exceed.")
        return Edge(text, share=share)
    try:
        return Edge(text, value=parse_quantity(written))
    except QuantityError as error:
        raise QuantityError(f"{error} Or write a percentile, as p90.") from None


EdgeText = Annotated[Edge, ReadBy(reader(Edge, _edge, "a percentile or an amount")), number_schema("p90")]


#: what may stand at a key of the file, as it is read there
AnyText = Annotated[Any, WithJsonSchema({"examples": ["12 months"], "type": ["string", "number", "object", "array"]})]


class Range(Clauses):
    """The futures on which a driver's average over the contract lies in a range: above one end, up to the other, or both."""

    above: EdgeText | None = None
    """Its average lies above this percentile of all futures, as p90, or above this value, as 120 EUR/MWh."""
    below: EdgeText | None = None
    """Its average lies at this percentile or value, or below it."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("a range says above: p90, or below: p10, or both.")
        low, high = self.above, self.below
        if low is not None and high is not None:
            shares, values = (low.share, high.share), (low.value, high.value)
            ends = shares if None not in shares else tuple(v.value if v is not None else None for v in values)
            if None not in ends and not ends[0] < ends[1]:  # type: ignore[operator]  # neither is None
                raise ValueError(f"nothing lies above {low.text} and below {high.text}. Write the lower end at above.")
        return self


class Correlations(Clauses):
    """Drivers hang together more closely, or less, than the file says."""

    to: Correlation
    """The correlation of any two of them, of their innovations: from -1 to 1; 0 lets each move by itself."""
    of_the_way: Share = 1.0
    """How far each correlation moves from what the file says to there: 50% is half of the way."""
    among: Annotated[list[str], Field(min_length=2)] | None = None
    """Which drivers; all that the file lets hang together, unless said."""


class Case(Clauses):
    """One stress: all that is said of it holds at once."""

    about: str | None = None
    """For the reader; moves nothing."""
    shocks: dict[str, Shock] = {}
    """By driver, what comes to it at a date: its draws are kept."""
    where: dict[str, Range] = {}
    """By driver, on which futures: those on which its average over the contract lies in a range. The others move along with it."""
    correlations: Correlations | None = None
    """How closely drivers hang together."""
    set: dict[str, AnyText] = {}
    """Other values of the file, by key with dots between: `drivers.saving.ramp.delay: 12 months`."""
    all_of: list[Name] = []
    """Other cases of the file, all at once."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.shocks or self.where or self.correlations or self.set or self.all_of):
            raise ValueError(
                "a case says what is stressed: shocks: { driver: { times: 2, begins: 2028-01 } }, where: { driver: { above: p90 } "
                "}, correlations: { to: 0.9 }, set: { key.of.the.file: value }, or all_of: [case, case]."
            )
        return self
