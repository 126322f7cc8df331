"""Whether the customer pays what it owes, and when: its default, and arrears with their interest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gainsim import ops
from gainsim.grid import Settlement
from gainsim.ledger import CUSTOMER, Line
from gainsim.offer.credit import Credit, LatePayment
from gainsim.offer.scenario import Customer
from gainsim.ops import Value
from gainsim.ops.tree import Node
from gainsim.ops.unit_check import Kind, in_words
from gainsim.rates import Rate
from gainsim.spelling import meant_or_known
from gainsim.terms.context import Deal
from gainsim.units import DIMENSIONLESS, Unit

#: the group of what is not paid, and not spent, after a default
DEFAULTED = "customer_credit"
#: the stream of the score from which the moment of a default follows: the higher, the earlier
DEFAULT = "customer credit"
#: the group of what late payment brings and costs
LATE = "late_payment"
#: whether the customer has defaulted by a date, settlement by settlement
Gone = Callable[[Sequence[Settlement], Callable[[Settlement], date]], Value]


@dataclass(frozen=True)
class _Owed:
    """What the customer owes under a term in each of its settlements, negative where the supplier does."""

    name: str
    amount: Node
    settlements: Sequence[Settlement]


def customer_pays(written: Customer, deal: Deal, *, certain: bool) -> None:
    """Enter what a default changes, then what late payment does. Called when all lines but tax stand.

    certain: the base case, in which nobody defaults
    """
    owed = [
        _Owed(name, settled.amount, settled.settling.settlements)
        for name, settled in deal.payments.items()
        if settled.settling.term.party == CUSTOMER and _enters_lines(name, deal)
    ]
    owed += _besides({each.name for each in owed}, deal)
    if written.credit is not None:
        with deal.problems.at("customer", "credit"):
            owed = _default(written.credit, owed, deal, certain)
    if written.late is not None:
        with deal.problems.at("customer", "late"):
            _late(written.late, owed, deal)


def _enters_lines(name: str, deal: Deal) -> bool:
    """A term that is with several parties has lines of theirs alone."""
    return any(line.group == name and line.role == "payment" for line in deal.ledger.lines)


def _besides(terms: set[str], deal: Deal) -> list[_Owed]:
    """Lines of a term that changes what others pay, which are no such change: what is held back, released."""
    values = _values(deal)
    return [
        _Owed(line.name, values[number], line.settlements)
        for number, line in enumerate(deal.ledger.lines)
        if line.role == "payment" and line.group not in terms and line.step.partition(" #")[0] not in deal.payments
    ]


def _values(deal: Deal) -> dict[int, Node]:
    """What every line comes to, by its number."""
    return {number: value for section in deal.program.sections for number, value in section.lines}


# --- default ---------------------------------------------------------------------------------------------------------


def _default(written: Credit, owed: Sequence[_Owed], deal: Deal, certain: bool) -> list[_Owed]:
    """Take back what is not paid and not spent after the default; what is left of each term."""
    _check_name(DEFAULTED, deal)
    gone = _moment(written, deal, certain)
    left = []
    for term in owed:
        section = deal.program.section(f"customer credit: {term.name}", due=[s.at for s in term.settlements])
        lost = _lost(
            term.amount,
            gone(term.settlements, lambda s: s.due),
            gone(term.settlements, lambda s: s.paid),
            written.recovery,
        )
        deal.ledger.add(DEFAULTED, term.name, "payment", section, 0.0 - lost, term.settlements)
        left.append(_Owed(term.name, deal.program.node(term.amount - lost), term.settlements))
    for line, value in _ending(written, deal):
        section = deal.program.section(f"customer credit: {line.name}", due=[s.at for s in line.settlements])
        begun = gone(line.settlements, lambda s: deal.calendar.period(s.window.first).start)
        back = ops.where(begun, 0.0 - value, 0.0)
        step = line.step or line.group
        deal.ledger.add(DEFAULTED, step, line.role, section, back, line.settlements, layer=line.layer)
    return left


def _lost(amount: Value, before_due: Value, before_paid: Value, recovery: float) -> Value:
    """What is not paid of an amount: nothing if paid before the default; of what was due before it, all but the
    recovery, where the customer owes it; of what falls due later, all of it, whoever owes it.

    >>> amount, due, paid = np.array([100.0, 100.0, -50.0, -50.0]), np.array([0, 1, 0, 1]) > 0, np.ones(4) > 0
    >>> _lost(amount, due, paid, 0.4)
    array([ 60., 100.,   0., -50.])
    """
    unpaid = ops.where(before_due, amount, (1.0 - recovery) * ops.maximum(amount, 0.0))
    return ops.where(before_paid, unpaid, 0.0)


def _moment(written: Credit, deal: Deal, certain: bool) -> Gone:
    """The default comes at a moment drawn once: survived are t years with the probability (1 - chance)^t."""
    facts = deal.facts
    chance, unit = facts.each_period(written.default)
    if unit not in (Kind.BARE, DIMENSIONLESS):
        raise ValueError(
            f"default: a chance is a plain number; '{written.default.text}' is {in_words(unit)}. Write 2%."
        )
    if facts.life(written.default) not in ("constant", "path"):
        rule = "changes within the contract; a chance per year is known when it begins"
        raise ValueError(f"default: '{written.default.text}' {rule}. Write a number, or a driver drawn once.")
    luck = 0.0 if certain else ops.norm_cdf(deal.program.draw_once(DEFAULT, facts.every))
    inside = ops.both(chance >= 0.0, chance < 1.0)
    told = f"the chance of default '{written.default.text}' lies outside 0 to 1"
    survives = ops.log(deal.program.node(deal.require(inside, 1.0 - chance, told, "Write 2% or 0.02.", chance)))

    def gone(settlements: Sequence[Settlement], when: Callable[[Settlement], date]) -> Value:
        years = np.zeros(deal.calendar.periods)
        for settlement in settlements:
            years[settlement.at] = deal.calendar.years_since_start(when(settlement))
        return ops.exp(survives * deal.program.param(years)) < luck

    return gone


def _ending(written: Credit, deal: Deal) -> list[tuple[Line, Node]]:
    """The lines that end with the default, and their values: the costs named, and all of the customer's own."""
    values = _values(deal)
    running = {line.group for line in deal.ledger.lines if line.role == "cost" and len(line.settlements) > 1}
    for position, name in enumerate(written.costs_end):
        if name not in running:
            meant = meant_or_known(name, running)
            raise ValueError(f"costs_end[{position}]: no cost over time is called '{name}'.{meant}")
    return [
        (line, values[number])
        for number, line in enumerate(deal.ledger.lines)
        if line.role == "customer" or (line.role == "cost" and line.group in written.costs_end)
    ]


# --- late payment ----------------------------------------------------------------------------------------------------


def _late(written: LatePayment, owed: Sequence[_Owed], deal: Deal) -> None:
    """Interest on what the customer pays late, and what the supplier pays for the money meanwhile.

    The cash stands at the agreed dates: the supplier has it from its bank until the customer pays.
    """
    _check_name(LATE, deal)
    days, unit = deal.facts.each_period(written.days)
    if unit not in (Kind.BARE, DIMENSIONLESS, Unit.parse("day")):
        raise ValueError(f"days: '{written.days.text}' is {in_words(unit)}; a number of days is wanted. Write 20.")
    for term in owed:
        section = deal.program.section(f"late payment: {term.name}", due=[s.at for s in term.settlements])
        arrears = ops.maximum(term.amount, 0.0) * (days / 365.0)
        arrears = deal.by_size(arrears, days, written.days, "the number of days")
        interest, costs = (_a_year(rate, deal) * arrears for rate in (written.interest, written.financed_at))
        deal.ledger.add(LATE, term.name, "payment", section, interest, term.settlements)
        deal.ledger.add(LATE, f"{term.name} financed", "cost", section, 0.0 - costs, term.settlements)


def _a_year(rate: Rate, deal: Deal) -> float:
    """What a rate adds in a year."""
    force = np.array([rate.log_per_year(deal.calendar.step_months)])
    return float(ops.exp(force)[0]) - 1.0


def _check_name(name: str, deal: Deal) -> None:
    if any(line.group == name for line in deal.ledger.lines):
        raise ValueError(f"'{name}' names a term or a cost already. Give that another name.")
