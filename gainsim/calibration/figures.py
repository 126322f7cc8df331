"""Figures as they are written into a scenario and shown: so many digits, percent, times in months or years."""

from __future__ import annotations

#: months of a century, beyond which no time is told from one without end
CENTURY = 1_200.0


def rounded(value: float, digits: int = 4) -> float:
    """To so many significant digits.

    >>> rounded(0.123456), rounded(98_765.4)
    (0.1235, 98770.0)
    """
    return float(f"{value:.{digits}g}")


def percent(fraction: float) -> str:
    """In percent, to four significant digits at most, and no finer than a thousandth of one.

    >>> percent(0.031416), percent(-0.5), percent(1.23456)
    ('3.142%', '-50%', '123.5%')
    """
    return f"{float(f'{100.0 * fraction:.4g}'):.3f}".rstrip("0").rstrip(".") + "%"


def amount(value: float) -> str:
    """A value, to four significant digits."""
    return f"{value:.4g}"


def weight(value: float) -> str:
    """A weight, to three decimals."""
    return f"{value:.3f}"


def life(months: float) -> str:
    """A time in months or years; endless beyond a century.

    >>> life(7.04), life(0.2), life(36.2), life(float("inf"))
    ('7.0 months', 'less than a month', '3.0 years', 'no end')
    """
    if months > CENTURY:
        return "no end"
    if months < 1.0:
        return "less than a month"
    return f"{months:.1f} months" if months < 24.0 else f"{months / 12.0:.1f} years"
