"""Rates of growth per year, and what they mean inside the year."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Literal, cast, get_args

from gainsim.numbers import QuantityError, Written, quoted, text_of
from gainsim.quantities import parse_quantity
from gainsim.units import DIMENSIONLESS

Convention = Literal["effective", "continuous", "nominal"]

_RATE = re.compile(
    r"(?P<amount>.*?)\s*\b(?:(?P<year>pa|p\.a\.|(?:per|a)\s+year|per\s+annum)|(?P<quarter>(?:per|a)\s+quarter)"
    r"|(?P<month>pm|p\.m\.|(?:per|a)\s+month))(?:\s+(?P<convention>\w+))?",
    re.ASCII | re.DOTALL,
)
_STRICT = Context(prec=40, traps=[])  # libm's exp, log and pow differ between machines; decimal's do not


@dataclass(frozen=True)
class Rate:
    """A rate of growth per year, as a fraction above -1, and what it means inside the year.

    effective:  r more after one year, whatever the steps: (1 + r)^t
    continuous: grows at every instant: exp(r t)
    nominal:    r divided by the periods of a year and compounded: (1 + r / n)^(n t)

    >>> print(Rate(0.08), "|", Rate(0.08, "continuous"))
    8% pa | 8% pa continuous
    """

    value: float
    convention: Convention = "effective"

    def __post_init__(self) -> None:
        if not -1 < self.value < math.inf:
            raise QuantityError(
                f"'{100 * self.value:.12g}%' is not a rate. Write one above -100%: less than all can be lost."
            )
        if self.convention not in get_args(Convention):
            rule = f"Write {', '.join(get_args(Convention)[:-1])} or {get_args(Convention)[-1]} behind a rate."
            raise QuantityError(f"{quoted(self.convention)} is not a convention. {rule}")

    def __str__(self) -> str:
        percent = Decimal(repr(self.value)).scaleb(2)
        return f"{percent:f}% pa{'' if self.convention == 'effective' else f' {self.convention}'}"

    def _log(self, step_months: int | None) -> Decimal:
        value = Decimal(self.value)
        if self.convention == "continuous":
            return value
        periods = Decimal(1)
        if self.convention == "nominal":
            if step_months is None or not 1 <= step_months <= 12:
                raise QuantityError(f"'{self}' depends on the length of a period. Give step_months from 1 to 12.")
            periods = _STRICT.divide(Decimal(12), Decimal(step_months))
        return _STRICT.multiply(periods, _STRICT.ln(_STRICT.add(1, _STRICT.divide(value, periods))))

    def log_per_year(self, step_months: int | None = None) -> float:
        """The rate of continuous growth that gives the same after a year; the same bits on every machine.

        step_months: the length of one period, 1 to 12; only a nominal rate needs it

        >>> Rate(0.08).log_per_year(), Rate(0.08, "continuous").log_per_year()
        (0.07696104113612832, 0.08)
        """
        return float(self._log(step_months))

    def growth(self, years: float, step_months: int | None = None) -> float:
        """What 1 becomes after so many years (negative: what it was before); the same bits on every machine.

        step_months: the length of one period, 1 to 12; only a nominal rate needs it

        >>> Rate(0.08).growth(1), Rate(0.08).growth(2), Rate(0.08, "nominal").growth(1, step_months=6)
        (1.08, 1.1664, 1.0816)
        """
        return float(_STRICT.exp(_STRICT.multiply(Decimal(years), self._log(step_months))))


def parse_rate(written: Written) -> Rate:
    """Read a rate with the time it is per: 8% pa, 250 bp pa, 2% per month, 8% pa continuous, 8% pa nominal.

    "8% pa" is effective: 8% more after one year. "2% per month" is effective per month, so 26.8% pa. Raises
    QuantityError, also for a bare 8%, which does not say per what.

    >>> print(parse_rate("8% pa"), "|", parse_rate("10% per quarter"), "|", parse_rate("1% per month nominal"))
    8% pa | 46.41% pa | 12% pa nominal
    """
    text = text_of(written)
    match = _RATE.fullmatch(text)
    quantity = parse_quantity(match["amount"] if match else text)
    if not match or quantity.unit != DIMENSIONLESS:
        raise QuantityError(f"{quoted(text)} is not a rate: say per what. Write 8% pa or 2% per month.")
    if abs(quantity.value) >= 1 and not re.search("%|bp", match["amount"]):
        percent = f"{quantity.value:.12g}%"
        raise QuantityError(f"{quoted(text)} has no percent sign. Write {percent}{text[len(match['amount']) :]}.")
    periods = 12 if match["month"] else 4 if match["quarter"] else 1
    # The rule about -100% holds per period; compounded twice, a loss of 150% would look like a gain.
    rate = Rate(quantity.value, cast(Convention, match["convention"] or "effective"))
    if periods == 1:
        return rate
    if rate.convention != "effective":
        return Rate(rate.value * periods, rate.convention)
    factor = _STRICT.power(_STRICT.add(1, Decimal(repr(rate.value))), periods)
    return Rate(float(_STRICT.subtract(factor, 1)))
