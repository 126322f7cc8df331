"""How precisely a run is to know its measures, as written: "expected_margin 0.5%, cvar_95 1%"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import WithJsonSchema

from gainsim.errors import UsageError
from gainsim.offer.fields import ReadBy, reader
from gainsim.offer.limits import LIMITED_NAMES, limited
from gainsim.quantities import parse_fraction
from gainsim.spelling import did_you_mean


@dataclass(frozen=True)
class Aim:
    """One measure, and the largest standard error that it may have, as a part of its value."""

    measure: str
    share: float

    def __str__(self) -> str:
        return f"{self.measure} {100.0 * self.share:.6g}%"


class Precision(str):
    """The aims of a run, and the text that they were written as."""

    aims: tuple[Aim, ...]


def precision(written: object) -> Precision:
    """Read "MEASURE PERCENT, ...". Raises ValueError for what is none.

    >>> precision("expected_margin 0.5%, cvar_95 1%").aims
    (Aim(measure='expected_margin', share=0.005), Aim(measure='cvar_95', share=0.01))
    """
    found = Precision(str(written).strip())
    found.aims = tuple(_aim(part) for part in found.split(","))
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
    name, _, size = text.strip().partition(" ")
    if not name or not size.strip().endswith("%"):
        raise ValueError(f"'{text.strip()}' is no precision. Write a measure and a percentage of it, as npv 1%.")
    if limited(name) is None:
        raise ValueError(f"no measure is called '{name}'.{did_you_mean(name, LIMITED_NAMES)}")
    share = parse_fraction(size.strip())
    if not 0.0 < share < 1.0:
        raise ValueError(f"{name} {size.strip()}: a precision lies above 0% and below 100%. Write it as {name} 1%.")
    return Aim(name, share)


PrecisionText = Annotated[
    Precision, ReadBy(reader(Precision, precision, "a precision")), WithJsonSchema({"type": "string", "examples": ["npv 1%"]})
]
