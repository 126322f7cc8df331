"""Measured values as written: a true value, and what stands between it and what is read."""

from __future__ import annotations

from typing import Literal

from gainsim.offer.fields import Clauses, FormulaText, SizeText
from gainsim.offer.names import Name


class MeasurementError(Clauses):
    """One error of measurement: its standard deviation, and how often it is drawn. Once for life never averages out."""

    size: SizeText
    """Its standard deviation, in the unit of what is measured."""
    drawn: Literal["once", "each year", "each period"]
    """How often a new error is drawn."""


class Measured(Clauses):
    """A measured value: the true one and its errors."""

    measure: FormulaText
    """The true value."""
    errors: dict[Name, MeasurementError]
    """What is added to it, by name; each is normal with mean 0."""
