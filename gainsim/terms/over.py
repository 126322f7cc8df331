"""What terms over other terms share: the terms they name, what those pay period by period, what is added to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from gainsim.offer.term import TermText
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.program import Section
from gainsim.ops.unit_check import Kind, in_words
from gainsim.problems import Unusable
from gainsim.spelling import meant_or_known
from gainsim.terms.context import Deal, Settled
from gainsim.units import FLOW_MONTHS, Unit


def named(names: Sequence[str], key: str, deal: Deal) -> list[Settled]:
    """What the terms pay that are listed under a key: each there is, and once."""
    found, broken = [], []
    for position, name in enumerate(names):
        place = f"{key}[{position}]"
        if deal.facts.is_broken(name):
            broken.append(name)
            continue
        if name in names[:position]:
            raise ValueError(f"{place}: '{name}' is named twice. Leave one of them out.")
        found.append(_paid_by(name, place, deal))
    if broken:
        raise Unusable(broken[0])
    return found


def the_one_named(name: str, key: str, deal: Deal) -> Settled:
    """What the one term pays that a key names."""
    if deal.facts.is_broken(name):
        raise Unusable(name)
    return _paid_by(name, key, deal)


def _paid_by(name: str, place: str, deal: Deal) -> Settled:
    if name not in deal.payments:
        raise ValueError(f"{place}: no term '{name}' stands in this contract.{meant_or_known(name, deal.payments)}")
    return deal.payments[name]


def refuse_rounding(term: TermText) -> None:
    """What a term adds to the payments of others is not rounded by itself."""
    if term.rounded is not None:
        raise ValueError("rounded: this changes what other terms pay; they say how they are rounded. Leave it out.")


def amount_per(value: Value, unit: Unit | Kind, formula: Formula, per: str, deal: Deal, what: str) -> Value:
    """An amount, or a flow at its present rate over the year or life: 20% of base_fee is 20% of a year's fee."""
    if unit is Kind.BARE or unit == deal.facts.money:
        return value
    if not isinstance(unit, Unit) or unit.flow is None or unit.without_time() != deal.facts.money:
        said = in_words(unit)
        raise ValueError(f"{what} is an amount in {deal.facts.money}, or a part of a fee; '{formula.text}' is {said}.")
    if per == "settlement":
        raise ValueError(f"{what} that is a part of a fee runs per year or per life.")
    months = 12 if per == "year" else deal.calendar.months
    return value * (months / FLOW_MONTHS[unit.flow])


@dataclass
class Together:
    """Several terms, seen in each period in which any of them settles.

    section: opened after all of them, due in those periods
    now:     what each pays in the period, 0 where it does not settle
    """

    name: str
    deal: Deal
    terms: list[Settled]
    section: Section
    now: list[Value]

    def changed(self, changes: Sequence[Value]) -> list[Settled]:
        """Enter what is added to each payment, when its term settles; a later term over it sees what is left.

        returns: what was added
        """
        entered = []
        for settled, change in zip(self.terms, changes, strict=True):
            other = settled.settling
            due = [s.at for s in other.settlements]
            section = self.deal.program.section(f"{self.name}: {other.name}", due=due)
            party = other.term.party
            self.deal.ledger.add(self.name, other.name, "payment", section, change, other.settlements, party=party)
            entered.append(Settled(other, section, self.deal.program.node(change)))
            left = self.deal.program.node(settled.amount + change)
            self.deal.payments[other.name] = Settled(other, section, left)
        return entered

    def record(self, entered: Sequence[Settled]) -> None:
        """What this term comes to, for formulas that ask."""
        self.deal.facts.payments[self.name] = lambda windows, reader: reduce(
            add, (each.within(windows, reader) for each in entered)
        )


def together(name: str, terms: list[Settled], deal: Deal, *, always: bool = False) -> Together:
    """Open a section that sees what the terms pay; always: in every period."""
    due = sorted({s.at for each in terms for s in each.settling.settlements})
    section = deal.program.section(f"{name}: together", due=None if always else due)
    periods = deal.calendar.windows("period")
    return Together(name, deal, terms, section, [each.within(periods, section) for each in terms])


def by_period(values: dict[int, float], deal: Deal) -> Value:
    """A number for each period that has one, 0 in the others."""
    column = np.zeros(deal.calendar.periods)
    for t, value in values.items():
        column[t] = value
    return deal.program.param(column)
