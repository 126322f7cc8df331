"""What a formula of a term must come to: a condition, money over time."""

from __future__ import annotations

from gainsim.ops.formula import Formula
from gainsim.ops.unit_check import Kind, in_words, missing_rate
from gainsim.units import Unit


def require_condition(unit: Unit | Kind, formula: Formula, key: str) -> None:
    """A condition is wanted under this key."""
    if unit is not Kind.CONDITION:
        raise ValueError(
            f"{key}: '{formula.text}' is {in_words(unit)}; a condition is wanted. Compare it, as in x > 0."
        )


def require_flow(unit: Unit | Kind, money: Unit, formula: Formula, what: str, once: str = "") -> Unit:
    """The unit of an amount of money over time; once: what to write where an amount of money alone is meant."""
    if isinstance(unit, Unit) and unit.flow is not None and unit.without_time() == money:
        return unit
    if unit is Kind.BARE:
        raise ValueError(
            f"{what} is '{formula.text}': say the currency and per what, as {formula.text} {money} per month."
        )
    if unit == money and once:
        raise ValueError(f"{what} is money over time; '{formula.text}' is {in_words(unit)}. {once}")
    rate = missing_rate(unit, money)
    raise ValueError(f"{what} is money over time, as in {money} per month; '{formula.text}' is {in_words(unit)}.{rate}")
