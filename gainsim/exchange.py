"""Rates of exchange: the values that are the price of another currency in the contract's own."""

from __future__ import annotations

from collections.abc import Mapping

from gainsim.facts import Facts
from gainsim.ops.unit_check import in_words
from gainsim.problems import Problems
from gainsim.spelling import meant_or_known
from gainsim.units import Unit


def rates(written: Mapping[str, str], facts: Facts, problems: Problems) -> None:
    """Every rate of exchange: a value in the contract's currency per unit of the other."""
    for currency, name in written.items():
        with problems.at("money", "rates", currency):
            other = Unit.money(currency)
            try:
                _check_rate(name, other, facts)
                facts.rates[other] = name
            except ValueError:
                facts.rates[other] = f"the rate of {currency}"
                facts.mark_broken(facts.rates[other])
                raise


def _check_rate(name: str, other: Unit, facts: Facts) -> None:
    if other == facts.money:
        raise ValueError(f"{other} is the contract's own currency. Leave its rate out.")
    if name not in facts:
        raise ValueError(f"no value '{name}'.{meant_or_known(name, facts)}")
    if facts[name].unit != facts.money / other:
        unit, wanted = in_words(facts[name].unit), facts.money / other
        raise ValueError(f"a rate of {other} is in {wanted}; '{name}' is {unit}. Write one in {wanted}.")
