"""Limits of the house as written: which measures may be limited, from which side, and what their bounds may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import model_validator

from gainsim.numbers import QuantityError, Written, text_of
from gainsim.offer.fields import Clauses, ReadBy, number_schema, reader
from gainsim.quantities import meant_percent, parse_quantity
from gainsim.units import DIMENSIONLESS, Unit

Layer = Literal["contribution", "overhead", "capital"]
Side = Literal["at_most", "at_least"]
_YEARS = {"year": 1, "quarter": 4, "month": 12}


class Bound(float):
    """The bound of a limit: the number that its measure is held against, and how it was written, with which unit."""

    unit: Unit
    text: str


def _bound(written: Written) -> Bound:
    quantity = parse_quantity(written)
    powers = dict(quantity.unit.powers)
    time = next((name for name in _YEARS if powers == {name: 1}), None)
    bound = Bound(quantity.value / _YEARS[time] if time else quantity.value)
    bound.unit = Unit.of({"year": 1}) if time else quantity.unit
    bound.text = text_of(written)
    return bound


BoundText = Annotated[float, ReadBy(reader(Bound, _bound, "a number")), number_schema("80_000 EUR")]


class HouseLimit(Clauses):
    """A rule of the house on one measure, as `chance_of_loss: { at_most: 10% }`."""

    at_most: BoundText | None = None
    """The most that is allowed: of chances and of `payback`."""
    at_least: BoundText | None = None
    """The least that is asked for: of money, margins and `irr`."""
    basis: Literal["npv", "margin"] | None = None
    """What `chance_of_loss`, `var_NN` and `cvar_NN` are taken of: discounted cash, or the margin after capital."""
    layer: Layer | None = None
    """After which costs the margin is taken: of `expected_margin` and `margin_money`."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("a limit says at_most or at_least, one of them.")
        return self


@dataclass(frozen=True)
class Limited:
    """How a measure may be limited. kind: what its bound is; sides: from where; takes: basis, layer or nothing."""

    kind: Literal["chance", "margin", "part", "money", "rate", "years", "money a year"]
    sides: tuple[Side, ...] = ("at_least",)
    takes: str = ""

    def complaints(self, name: str, limit: HouseLimit, currency: str) -> Iterator[str]:
        """What makes no sense in a limit of this measure, each headed by the key it speaks of."""
        for key in ("basis", "layer"):
            if getattr(limit, key) is not None and key != self.takes:
                yield f"{key}: {name} takes no {key}. Leave it out."
        side: Side = "at_least" if limit.at_most is None else "at_most"
        bound = limit.at_least if limit.at_most is None else limit.at_most
        if side not in self.sides:
            yield f"{side}: {_BETTER[self.sides[0]].format(name)}. Write {self.sides[0]}."
        elif isinstance(bound, Bound) and (rule := self._rule(bound, currency)):
            yield f"{side}: {rule}"

    def bound(self, written: Written, currency: str) -> Bound:
        """What this measure may be held against. Raises `QuantityError` for what it can never be."""
        bound = _bound(written)
        if rule := self._rule(bound, currency):
            raise QuantityError(rule)
        return bound

    def _rule(self, bound: Bound, currency: str) -> str:
        """What a bound of this kind must be, where this one is not."""
        units = {"money": currency, "money a year": f"{currency}/year", "rate": "1/year", "years": "year"}
        lowest, highest, form = _RANGES[self.kind]
        form = form.format(currency)
        if bound.unit not in (DIMENSIONLESS, Unit.parse(units.get(self.kind, ""))):
            return f"a bound in {bound.unit} is written here; this measure is {form}."
        if "%" in bound.text and self.kind not in _PARTS:
            return f"a percentage is written here; this measure is {form}."
        if self.kind == "part" and abs(bound) > 1.0 and "%" not in bound.text:
            return f"{bound.text} is written here; this measure is {form}. Write {bound.text}%?"
        if not lowest <= bound <= highest:
            percent = meant_percent(bound, bound.text) if highest == 1 else ""
            return f"{bound.text} is written here; this measure is {form}.{f' Write {percent}%?' if percent else ''}"
        return ""


_INFINITE = float("inf")
#: the least and the most that a bound can be, and how it is written
_RANGES = {
    "chance": (0.0, 1.0, "a probability from 0% to 100%, as 10%"),
    "margin": (-1.0, 1.0, "a part of the revenue, as 12%"),
    "part": (-_INFINITE, _INFINITE, "a part of the value created, as 20%"),
    "rate": (-1.0, 1.0, "a rate, as 9% pa"),
    "years": (0.0, _INFINITE, "a time, as 4 years"),
    "money": (-_INFINITE, _INFINITE, "an amount, as 80_000 {}"),
    "money a year": (-_INFINITE, _INFINITE, "an amount a year, as 80_000 {} per year"),
}
#: the kinds of measures that are told in percent
_PARTS = ("chance", "margin", "part", "rate")
_BETTER = {
    "at_most": "less is better for {}",
    "at_least": "more is better for {}; costs and losses are negative",
}
_EITHER: tuple[Side, Side] = ("at_least", "at_most")
_MEASURES = {
    **dict.fromkeys(("npv", "npv_p5", "npv_p50", "npv_p95", "expected_variable_revenue"), Limited("money")),
    **dict.fromkeys(("expected_cost", "cash_trough", "cash_trough_p5"), Limited("money")),
    **dict.fromkeys(("customer_net_benefit", "customer_npv"), Limited("money")),
    **dict.fromkeys(("measurement_in_margin", "measurement_in_benefit"), Limited("money")),
    **dict.fromkeys(("expected_revenue", "committed_revenue", "tcv"), Limited("money", _EITHER)),
    "expected_from_parties": Limited("money", _EITHER),
    **dict.fromkeys(("after_first_deal", "contribution_after_first_deal"), Limited("margin", _EITHER)),
    **dict.fromkeys(("expected_tax", "margin_after_tax", "npv_after_tax", "working_capital_cost"), Limited("money")),
    "acv": Limited("money a year", _EITHER),
    "margin_money": Limited("money", takes="layer"),
    "certainty_equivalent": Limited("money"),
    "expected_margin": Limited("margin", takes="layer"),
    "chance_of_loss": Limited("chance", ("at_most",), "basis"),
    **dict.fromkeys(("customer_chance_of_regret", "customer_chance_over_budget"), Limited("chance", ("at_most",))),
    "value_created": Limited("money"),
    "customer_share_of_value": Limited("part"),
    "irr": Limited("rate"),
    "payback": Limited("years", ("at_most",)),
}
_LEVELLED = Limited("money", takes="basis")

#: what a customer may ask for to sign, by the name it has beside others of its own
ACCEPTED = tuple(name.removeprefix("customer_") for name in _MEASURES if name.startswith("customer_"))
#: the measures that may be limited; var_NN and cvar_NN stand for any level from 50 to 99
LIMITED_NAMES = (*_MEASURES, "var_95", "cvar_95")


def limited(name: str) -> Limited | None:
    """How the measure of this name may be limited; None where there is none.

    >>> limited("cvar_90").takes, limited("luck")
    ('basis', None)
    """
    return _LEVELLED if re.fullmatch(r"c?var_[5-9][0-9]", name) else _MEASURES.get(name)
