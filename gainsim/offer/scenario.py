"""A scenario as written: one offer, the world it meets, the house's limits."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from gainsim.offer.drivers import Dependence, Driver
from gainsim.offer.fields import Clauses, Day, DurationText, FormulaText, Month, RateText, SizeText, WholeNumber
from gainsim.offer.limits import HouseLimit, Layer
from gainsim.offer.terms import Term
from gainsim.ops.formula import Formula
from gainsim.units import Duration, Unit

FORMAT = 1
_NAME = r"[A-Za-z][A-Za-z0-9_]*"


def _name(written: str) -> str:
    """Names of drivers and values stand in formulas, where `site-rent` would be a subtraction."""
    if not re.fullmatch(_NAME, written):
        plain = "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))
        likely = re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_")
        fix = f" Write {likely}." if re.fullmatch(_NAME, likely) else ""
        raise ValueError(f"'{written}' is not a name: a letter, then letters, digits and _.{fix}")
    return written


def _format(written: Any) -> Any:
    if isinstance(written, (int, float)) and written != FORMAT:
        raise ValueError(f"the file is in format {written}; this version of gainsim reads format {FORMAT}.")
    return written


def _currency(written: str) -> str:
    Unit.money(written)
    return written


Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})]
Currency = Annotated[
    str, AfterValidator(_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]})
]


class CalendarText(Clauses):
    """Start, length and step of the contract, and which year it counts in."""

    start: Month
    years: Annotated[WholeNumber, Field(ge=1, le=100)] | None = None
    months: Annotated[WholeNumber, Field(ge=1, le=1200)] | None = None
    step: Literal["month", "quarter", "year"]
    year: Literal["contract", "calendar", "fiscal"]
    fiscal_start: Annotated[WholeNumber, Field(ge=1, le=12)] | None = None
    stub_years: Literal["prorated", "full"] | None = None

    @model_validator(mode="after")
    def _length(self) -> Self:
        if (self.years is None) == (self.months is None):
            raise ValueError("say the length once: years: 7, or months: 84.")
        return self


class Money(Clauses):
    """How money at different times is compared."""

    discount_rate: RateText


class RunText(Clauses):
    """How many futures are simulated, and from which seed, unless the command line says otherwise."""

    paths: Annotated[WholeNumber, Field(ge=1, le=100_000_000)] = 10_000
    seed: Annotated[WholeNumber, Field(ge=0, lt=2**63)] = 1


class MeasurementError(Clauses):
    """One error of measurement: its standard deviation, and how often it is drawn. Once for life never averages out."""

    size: SizeText
    drawn: Literal["once", "each year", "each period"]


class Measured(Clauses):
    """A measured value: the true one and its errors."""

    measure: FormulaText
    errors: dict[Name, MeasurementError]


def _within_a_century(delay: Duration) -> Duration:
    if delay.years > 100:
        raise ValueError(f"a delay is at most 100 years; written is {delay}. Write it like 60 days.")
    return delay


def _spent(amount: Formula) -> Formula:
    if amount.constant is not None and amount.constant < 0:
        rule = "a cost is written without a sign. Write what comes in as a fee, or a cost that is lower"
        raise ValueError(f"'{amount.text}' is negative; {rule}.")
    return amount


class Cost(Clauses):
    """A cost of the supplier: over time, or at a date; perhaps following an index; perhaps written down."""

    about: str | None = None
    amount: Annotated[FormulaText, AfterValidator(_spent)]
    at: Literal["start", "end"] | Day | None = None
    indexed: str | None = None
    paid: Annotated[DurationText, AfterValidator(_within_a_century)] | None = None
    layer: Layer = "contribution"
    straight_line: DurationText | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.straight_line is not None and self.at is None:
            raise ValueError("what is written down is bought at a date. Add at: start.")
        if self.straight_line is not None and self.straight_line.months < 1:
            raise ValueError("a straight line runs over whole months, as straight_line: 7 years.")
        if (self.straight_line is not None) != (self.layer == "capital"):
            raise ValueError("layer: capital goes with straight_line, and straight_line with layer: capital.")
        return self


class Customer(Clauses):
    """What the customer gains, no longer spends, and newly spends; what it pays the supplier follows from the contract."""

    gains: dict[Name, FormulaText] = {}
    avoids: dict[Name, FormulaText] = {}
    spends: dict[Name, SizeText] = {}


class Scenario(Clauses):
    """One deal and its world."""

    gainsim: Annotated[Literal[1], BeforeValidator(_format)]
    title: str
    about: str | None = None
    currency: Currency
    calendar: CalendarText
    money: Money
    run: RunText = RunText.model_construct()
    drivers: dict[Name, Driver]
    dependence: list[Dependence] = []
    value: dict[Name, FormulaText | Measured] = {}
    contract: Annotated[dict[Name, Term], Field(min_length=1)]
    costs: dict[Name, Cost] = {}
    customer: Customer = Customer.model_construct()
    limits: dict[str, HouseLimit] = {}
