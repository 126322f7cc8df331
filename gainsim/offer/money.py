"""Money as written: how it is discounted, what it costs before it comes in, how it is taxed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from gainsim.durations import Duration
from gainsim.offer.fields import Clauses, DurationText, FormulaText, Number, RateText
from gainsim.ops.formula import Formula
from gainsim.rates import Rate
from gainsim.units import Unit


def within_a_century(delay: Duration) -> Duration:
    """A delay of a payment."""
    if delay.years > 100:
        raise ValueError(f"a delay is at most 100 years; written is {delay}. Write it like 60 days.")
    return delay


def _not_negative(rate: Rate) -> Rate:
    if rate.value < 0:
        raise ValueError(
            f"{rate} is negative; money that is advanced costs something or nothing. Write it without a sign."
        )
    return rate


def _a_rate_of_tax(rate: Formula) -> Formula:
    if rate.constant is not None and not 0 <= rate.constant <= 1:
        raise ValueError(f"'{rate.text}' is written here; a tax rate lies between 0 and 1. Write 25% or 0.25.")
    return rate


def _currency(written: str) -> str:
    Unit.money(written)
    return written


def _name_of_a_rate(written: Any) -> Any:
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        raise ValueError(f"{written} is a number; a rate is named. Name a driver or a value, and write {written} there.")
    return written


Currency = Annotated[
    str, AfterValidator(_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]})
]


class Tax(Clauses):
    """Tax on the supplier's margin after all layers, year by year."""

    rate: Annotated[FormulaText, AfterValidator(_a_rate_of_tax)]
    """The part of a year's margin, as it stands at the year's end."""
    losses: Literal["carried forward", "refunded"]
    """What becomes of a year's loss: set against later years' margins without end, or tax comes back at once."""
    paid: Annotated[DurationText, AfterValidator(within_a_century)] | None = None
    """How long after the year's end it is paid."""


class Money(Clauses):
    """How money at different times is compared, financed and taxed."""

    discount_rate: RateText
    """What a payment later is worth less. Times count in equal twelfths of a year, days in parts of their month."""
    rates: dict[Currency, Annotated[str, BeforeValidator(_name_of_a_rate)]] = {}
    """By currency, the driver or value that is its price in the contract's currency, as `USD: eur_per_usd`. Amounts in
    that currency are converted at the rate of the period in which they are settled."""
    working_capital: Annotated[RateText, AfterValidator(_not_negative)] | None = None
    """What money costs that is paid out before it has come in: simple interest, shown as a measure, in no margin."""
    risk_aversion: Annotated[Number, Field(ge=0)] = 0.0
    """The supplier's, per unit of the currency: it values an uncertain margin X at -log(mean(exp(-a X))) / a."""
    tax: Tax | None = None
    """Tax; without it, everything is before tax."""
