"""Measured values as written: a true value, and what stands between it and what is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import model_validator

from gainsim.offer.fields import Clauses, DurationText, FormulaText, Share, SizeText
from gainsim.offer.names import Name
from gainsim.ops.formula import Formula

Often = Literal["once", "each year", "each period", "each recalibration"]
#: how often an error of each kind may be drawn, and what to write
_DRAWN: dict[str, tuple[Often | None, ...]] = {
    "size": ("once", "each year", "each period"),
    "bias": (None,),
    "drift": (None, "once", "each recalibration"),
}
_OFTEN = {
    "size": "say how often an error of this size is drawn: once, each year or each period.",
    "bias": "a bias is fixed. Leave drawn out, or write a size.",
    "drift": "a drift is fixed, or drawn for each meter. Leave drawn out, or write drawn: once or drawn: each recalibration.",
}


class MeasurementError(Clauses):
    """One error of measurement: drawn by its `size`, a fixed `bias`, or a `drift` that grows with time."""

    size: SizeText | None = None
    """Its standard deviation, in the unit of what is measured. Once for life never averages out."""
    bias: FormulaText | None = None
    """How far too high every reading is, in the unit of what is measured; below 0, too low."""
    drift: FormulaText | None = None
    """How far too high the readings are a year after the meter was right, and by as much more each further year; with `drawn`
    the standard deviation of this, and no sign is known."""
    drawn: Often | None = None
    """How often a new error is drawn."""
    autocorrelation: Share = 0.0
    """Of an error drawn each period: its correlation with the one before."""
    recalibrated_every: DurationText | None = None
    """After how long a meter that drifts is set right again, as `2 years`; without it, never."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if [self.size, self.bias, self.drift].count(None) != 2:
            raise ValueError("an error of measurement says size, bias or drift, one of them.")
        if self.drawn not in _DRAWN[self.kind]:
            raise ValueError(_OFTEN[self.kind])
        if self.autocorrelation and self.drawn != "each period":
            raise ValueError("autocorrelation is of errors drawn each period. Leave it out.")
        if self.autocorrelation == 1.0:
            raise ValueError("autocorrelation: 1 is an error that never changes. Write drawn: once.")
        if self.recalibrated_every is not None and self.drift is None:
            raise ValueError("recalibrated_every is for a drift. Leave it out.")
        if self.drawn == "each recalibration" and self.recalibrated_every is None:
            raise ValueError("drawn: each recalibration needs the time between two, as recalibrated_every: 2 years.")
        return self

    @property
    def kind(self) -> Literal["size", "bias", "drift"]:
        """Which of the three it is."""
        return "size" if self.size is not None else "bias" if self.bias is not None else "drift"

    @property
    def amount(self) -> Formula:
        """How large it is."""
        amount = self.size or self.bias or self.drift
        assert amount is not None
        return amount


class Missing(Clauses):
    """Readings that are missing, each with the same chance, and what counts in their place."""

    chance: Share
    """The probability that the reading of a period is missing."""
    filled: Literal["last reading", "mean so far", "nothing"]
    """What counts instead: the last reading there was, the mean of all so far (before the first: 0), or 0."""


class Measured(Clauses):
    """A measured value: the true one, its errors, and readings that are missing."""

    measure: FormulaText
    """The true value."""
    errors: dict[Name, MeasurementError] = {}
    """What is added to it, by name."""
    missing: Missing | None = None
    """Whether readings are missing."""

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, written: Any) -> Any:
        if isinstance(written, Mapping) and "ratchet" in written:
            raise ValueError(
                "a value is measured, or it follows what was achieved; both are written here. Give what is measured a name "
                "of its own, which the ratchet then follows."
            )
        return written

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.errors and self.missing is None:
            raise ValueError(
                "what is measured has errors, or readings that are missing. Without both, write the formula alone."
            )
        return self
