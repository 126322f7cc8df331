"""Quantities at the edges: how numbers with units are read from a file and written in a table.

Inside, everything is a plain float: money in whole units of its currency, a share between 0 and 1. A text that two
readers could take for two amounts is refused, with the ways to write it that are clear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from gainsim.numbers import QuantityError, Written, number_text, quoted, refuse_two_numbers, scaled, text_of
from gainsim.units import DIMENSIONLESS, Unit

_SCALES = {"k": 3, "m": 6, "bn": 9, "%": -2, "bp": -4, "bps": -4}  # powers of ten

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<currency>[€$£¥]?)(?P<number>[\d.][\d.,_]*(?:[eE][+-]?\d+)?)"
    r"(?P<scale>(?:k|m|bn)(?!\w)|\s?%|\s?bps?(?!\w))?(?P<rest>.*)",
    re.ASCII | re.DOTALL,
)


@dataclass(frozen=True)
class Quantity:
    """A number and its unit; its text is read back as the same quantity.

    >>> print(Quantity(1.234, Unit.parse("EUR")), "|", Quantity(0.03, Unit.parse("per year")))
    1.2340 EUR | 0.03 per year
    """

    value: float
    unit: Unit = DIMENSIONLESS

    def __str__(self) -> str:
        return f"{number_text(self.value)} {re.sub('^1/', 'per ', str(self.unit))}".rstrip()


def parse_quantity(written: Written) -> Quantity:
    """Read a number with its unit: €1.2m, 34_000 EUR per month, 15%, 250 bp, 4_200 h, 0.118 MWh/kNm3.

    The suffixes k, m and bn stand directly behind the number, a unit behind a space: 5m is five million, 5 m is five
    metres. Raises QuantityError, also for €1.234, which is two amounts in Europe; a number that is computed stands for
    itself.

    >>> print(parse_quantity("€1.2m per year"), "|", parse_quantity("250 bp"), "|", parse_quantity("0.118 MWh/kNm3"))
    1200000.0 EUR/year | 0.025 | 0.118 MWh/kNm3
    >>> parse_quantity("€1.234")
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: '€1.234' is two numbers: a dot marks decimals in one country and thousands in
    the next. Write €1_234 or €1.2340.
    """
    text = text_of(written)
    if not isinstance(written, str):
        return Quantity(scaled(text, 0))
    if not re.search("[0-9]", text):
        rule = "A number is finite and written in digits, as 14_500, 1.5 or 12%."
        raise QuantityError(f"{quoted(text)} is not a number. {rule}")
    if not (match := _QUANTITY.fullmatch(text)):
        example = "34_000 EUR per month, €1.2m or 15%"
        raise QuantityError(f"{quoted(text)} is not a quantity. Write a number and its unit, as {example}.")
    sign, currency, number, scale, rest = match.groups(default="")
    unit = _unit_behind(text, currency, scale.strip(), rest)
    if not scale:
        refuse_two_numbers(number, text, f"{sign}{currency}{{}}{rest}")
    return Quantity(scaled(sign + number, _SCALES.get(scale.strip(), 0)), unit)


#: what goes on behind a number to compute or to choose, as no unit does
_COMPUTES = re.compile(r"\s+(?:[-+*]|of)\s|.*\s(?:if|from|else)\s")


def _unit_behind(text: str, currency: str, scale: str, rest: str) -> Unit:
    if not rest:
        return Unit.parse(currency)
    if _COMPUTES.match(rest):
        raise QuantityError(f"{quoted(text)} is a formula. A number stands here, as 34_000 EUR per month or 15%.")
    if re.match(r"\s+[0-9]", rest):
        raise QuantityError(f"{quoted(text)} has a space inside the number. Write _ between thousands, as 14_500.")
    if not (rest[0].isspace() or (currency and rest[0] == "/")):
        raise QuantityError(
            f"{quoted(text)} runs on behind the number. Write k, m or bn behind it, or a space and a unit."
        )
    if (currency or scale in ("%", "bp", "bps")) and not re.match(r"/|\s+(?:per\s|pa\b|p\.a\.)", rest):
        raise QuantityError(f"{quoted(text)} has two units. Behind a currency sign or % only 'per …' may follow.")
    return Unit.parse(currency + rest)


def parse_fraction(written: Written) -> float:
    """Read a share between 0 and 1, both included: 60%, 0.6 or 6_000 bp.

    Raises QuantityError for what carries a unit and outside that range, where 60 most likely means 60%.

    >>> parse_fraction("60%"), parse_fraction(0.25)
    (0.6, 0.25)
    >>> parse_fraction(60)
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: '60' is not a fraction between 0 and 1. Write 60% or 0.60.
    """
    text = text_of(written)
    quantity = parse_quantity(text)
    if quantity.unit != DIMENSIONLESS:
        raise QuantityError(f"{quoted(text)} carries a unit; a fraction between 0 and 1 has none. Write it alone, as 60% or 0.60.")
    if not 0 <= quantity.value <= 1:
        raise QuantityError(f"{quoted(text)} is not a fraction between 0 and 1. {_way_out(quantity.value, text)}")
    return quantity.value


def _way_out(value: float, text: str) -> str:
    """What to write in place of a fraction that is none: a percentage where one was meant, else the bound that it is beyond."""
    if percent := meant_percent(value, text):
        return f"Write {percent}% or {Decimal(percent).scaleb(-2)}."
    return "The least is 0." if value < 0 else "The most is 1, or 100%."


def meant_percent(value: float, text: str) -> str:
    """The percentage that a number written without a sign most likely stands for, where a fraction is wanted; else nothing.

    >>> meant_percent(60.0, "60"), meant_percent(1.3, "1.3"), meant_percent(1.2, "120%"), meant_percent(-5.0, "-5")
    ('60', '', '', '')
    """
    return f"{value:.12g}" if 2 <= value <= 100 and re.fullmatch(r"[\d._]+", text) else ""


def money_text(value: float, currency: str) -> str:
    """Money as every table prints it: whole from 1,000 on, below that with cents where there are any.

    >>> money_text(1_234_567.8, "EUR"), money_text(-12.5, "EUR"), money_text(250, "EUR")
    ('1,234,568 EUR', '-12.50 EUR', '250 EUR')
    >>> money_text(-16_696_010.503, "EUR")  # rounded once: by way of -16,696,010.50 it would end in 010
    '-16,696,011 EUR'
    """
    whole = abs(value) >= 1000 or round(value, 2) % 1 == 0
    return f"{value:z,.{0 if whole else 2}f} {currency}"


def percent_text(fraction: float) -> str:
    """A fraction as every table prints it: percent with one decimal.

    >>> percent_text(0.1234), percent_text(-0.0001)
    ('12.3%', '0.0%')
    """
    return f"{fraction:z.1%}"
