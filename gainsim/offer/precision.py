"""How precisely a run is to know its measures, as written: "expected_margin 0.5%, cvar_95 20_000 EUR"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import WithJsonSchema

from gainsim.errors import UsageError
from gainsim.offer.fields import ReadBy, reader
from gainsim.offer.limits import LIMITED_NAMES, limited
from gainsim.quantities import money_text, parse_fraction, parse_quantity
from gainsim.spelling import meant_or_known


@dataclass(frozen=True)
class Aim:
    """One measure, and the largest standard error that it may have.

    size: in `unit`; where that is "", a part of the value
    """

    measure: str
    size: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.measure} {self.said(self.size)}"

    def of(self, error: float, value: float) -> float:
        """A standard error as the aim counts it: in its unit, or as a part of the value."""
        return error if self.unit else error / abs(value)

    def said(self, size: float, digits: int = 6) -> str:
        """A size as the aim counts it, to so many digits."""
        return money_text(size, self.unit) if self.unit else f"{100.0 * size:.{digits}g}%"


class Precision(str):
    """The aims of a run, and the text that they were written as."""

    aims: tuple[Aim, ...]


def precision(written: object) -> Precision:
    """Read "MEASURE SIZE, ...", each size a percentage or an amount. Raises ValueError for what is none.

    >>> precision("expected_margin 0.5%, cvar_95 20_000 EUR").aims
    (Aim(measure='expected_margin', size=0.005, unit=''), Aim(measure='cvar_95', size=20000.0, unit='EUR'))
    """
    found = Precision(str(written).strip())
    found.aims = tuple(_aim(part.strip()) for part in re.split(r",(?!\d)", found))
    twice = [aim.measure for n, aim in enumerate(found.aims) if aim.measure in [a.measure for a in found.aims[:n]]]
    if twice:
        raise ValueError(f"{twice[0]} is named twice. Leave one of them out.")
    return found


def read_precision(written: str) -> Precision:
    """The same, where it was asked for and is not the file's. Raises `UsageError`."""
    try:
        return precision(written)
    except ValueError as error:
        raise UsageError(f"precision {written}: {error}") from None


def _aim(text: str) -> Aim:
    name, _, size = text.partition(" ")
    if not name or not re.search(r"[^\d\s_.,]", size):
        ways = "a percentage of it, as npv 1%, or an amount, as npv 5_000 EUR"
        raise ValueError(f"'{text}' is no precision. Write a measure and {ways}.")
    if limited(name) is None:
        raise ValueError(f"no measure is called '{name}'.{meant_or_known(name, LIMITED_NAMES)}")
    if not size.endswith("%"):
        amount = parse_quantity(size)
        if not amount.value > 0.0:
            raise ValueError(f"a precision is an amount above 0. Write it as {name} 5_000 {amount.unit}.")
        return Aim(name, amount.value, str(amount.unit))
    share = parse_fraction(size.strip().removeprefix("-"))
    if size.strip().startswith("-") or not 0.0 < share < 1.0:
        raise ValueError(f"a precision lies above 0% and below 100%. Write it as {name} 1%.")
    return Aim(name, share)


PrecisionText = Annotated[
    Precision, ReadBy(reader(Precision, precision, "a precision")), WithJsonSchema({"type": "string", "examples": ["npv 1%"]})
]
