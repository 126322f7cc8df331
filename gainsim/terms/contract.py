"""The contract: every term written down after those that it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

from gainsim.needs import in_order, told
from gainsim.offer.credits import ServiceCredits
from gainsim.offer.differences import DifferencePayment
from gainsim.offer.dispute import Dispute
from gainsim.offer.exit import Termination
from gainsim.offer.fees import Fee
from gainsim.offer.fields import formulas_in
from gainsim.offer.liability import LiabilityLimit
from gainsim.offer.milestones import DelayDamages, Milestone
from gainsim.offer.over import Clawback, CommonLimit, Retention
from gainsim.offer.parties import AllianceSplit, Insurance, Subcontract
from gainsim.offer.payments import Payment
from gainsim.offer.revenue import FeeAtRisk, FeeCredit, MinimumRevenue
from gainsim.offer.service_levels import ServiceLevels, ServicePoints
from gainsim.offer.sharing import Sharing
from gainsim.offer.step_in import StepIn
from gainsim.offer.subscription import Subscription
from gainsim.offer.target_cost import TargetCost
from gainsim.offer.term import TermText
from gainsim.offer.volumes import TakeOrPay, VolumeCharge
from gainsim.terms.common_limit import common_limit
from gainsim.terms.context import Deal
from gainsim.terms.credits import service_credits
from gainsim.terms.differences import difference_payment
from gainsim.terms.dispute import dispute
from gainsim.terms.exit import termination
from gainsim.terms.fees import fee
from gainsim.terms.held_back import clawback, retention
from gainsim.terms.liability import liability_limit
from gainsim.terms.milestones import delay_damages, milestone
from gainsim.terms.parties import alliance_split, insurance, subcontract
from gainsim.terms.payments import payment
from gainsim.terms.revenue import fee_at_risk, fee_credit, minimum_revenue
from gainsim.terms.service_levels import service_levels, service_points
from gainsim.terms.sharing import sharing
from gainsim.terms.step_in import step_in
from gainsim.terms.subscription import subscription
from gainsim.terms.target_cost import target_cost
from gainsim.terms.volumes import take_or_pay, volume_charge
from gainsim.units import DIMENSIONLESS

#: each kind of term as written, and what writes it down
_WRITERS: dict[type[TermText], Callable[[str, Any, Deal], None]] = {
    Fee: fee,
    Payment: payment,
    DifferencePayment: difference_payment,
    VolumeCharge: volume_charge,
    TakeOrPay: take_or_pay,
    FeeAtRisk: fee_at_risk,
    MinimumRevenue: minimum_revenue,
    FeeCredit: fee_credit,
    Sharing: sharing,
    TargetCost: target_cost,
    ServiceCredits: service_credits,
    Subscription: subscription,
    ServiceLevels: service_levels,
    ServicePoints: service_points,
    LiabilityLimit: liability_limit,
    Milestone: milestone,
    DelayDamages: delay_damages,
    Subcontract: subcontract,
    Insurance: insurance,
    AllianceSplit: alliance_split,
    CommonLimit: common_limit,
    Retention: retention,
    Clawback: clawback,
    Termination: termination,
    StepIn: step_in,
    Dispute: dispute,
}
#: subscriptions and fees, of which others speak, come first, then all as written, limits over them, who bears what is left
_TURNS: dict[type[TermText], int] = {
    **dict.fromkeys((Subscription, Fee), 0), **dict.fromkeys((LiabilityLimit, CommonLimit), 2),
    **dict.fromkeys((Subcontract, Insurance, AllianceSplit, Retention, Clawback), 3), Termination: 4,
}  # fmt: skip
#: what changes the payments of the terms that a term lists before it reckons with them; a retention and a claw-back count
#: what the supplier is paid, which no relief changes, so that a liability limit may stand over them too
_AFTER: dict[type[TermText], tuple[type[TermText], ...]] = {
    **dict.fromkeys((Subcontract, Insurance, AllianceSplit), (LiabilityLimit, CommonLimit, Retention)),
    Retention: (CommonLimit,), Clawback: (CommonLimit, Retention),
}  # fmt: skip


def contract(written: Mapping[str, TermText], deal: Deal) -> None:
    """Write every term down: what others speak of first, then by their turns, then as written."""
    deal.writers = _WRITERS
    turns = sorted(written, key=lambda name: _TURNS.get(type(written[name]), 1))
    late = {name: each for name, each in deal.decisions.choices.items() if each.late}
    known = deal.decisions.step_ins.keys()
    needs = {name: _needs(name, written, known, late.keys()) for name in turns}
    for name, each in late.items():
        needs[name] = (each.choice.asks - known - late.keys()) | each.choice.asks_terms
    order, circles = in_order(needs)
    for name in order:
        if name in late:
            with deal.problems.at("lifecycle", name):
                late[name].ask(deal.decisions.alive)
            continue
        with deal.problems.at("contract", name):
            _check_name(name, deal)
            try:
                deal.check_party(written[name].party)
                _WRITERS[type(written[name])](name, written[name], deal)
                if written[name].active_while is not None and deal.ledger.gates:
                    _tell_standing(name, written[name], deal)
            except ValueError:
                deal.facts.mark_broken(name)
                raise
    for circle in circles:
        with deal.problems.at("lifecycle" if circle[0] in late else "contract", circle[0]):
            for name in circle:
                if name not in late:
                    _check_name(name, deal)
            raise ValueError(told(circle) + ("" if late.keys() & set(circle) else _way_out(circle, written)))
    for name in (name for circle in circles for name in circle if name not in late):
        deal.facts.mark_broken(name)


def _check_name(name: str, deal: Deal) -> None:
    """A term has a name of its own: one that it shares with a value would seem to need itself."""
    if (name in deal.facts and name not in deal.decisions.step_ins) or name == "customer":
        what = "the customer's side" if name == "customer" else "a driver or value"
        raise ValueError(f"'{name}' is {what} already. Give the term a name of its own.")


def _tell_standing(name: str, term: TermText, deal: Deal) -> None:
    """Enter the gate of `active_while` wherever lines of a term fall due.

    A term is asked in the period in which it settles, a fee in each period: there it holds if it did in one of the window.
    """
    due = {s.at: s for line in deal.ledger.lines if line.group == name for s in line.settlements}
    settlements = [due[t] for t in sorted(due)]
    windows = [s.window for s in settlements]
    holds, alive = deal.stands(term), deal.facts.ran(windows)
    if isinstance(term, Fee | Subscription):
        holds = deal.facts.reduce("highest", holds, DIMENSIONLESS, windows)
    section = deal.program.section(f"{name}: stands", due)
    marks = [deal.program.node(mark) > 0.5 for mark in (holds, alive)]
    deal.ledger.gate(name, "active_while", "holds", section, marks[0], settlements, asked=marks[1])


def _needs(name: str, written: Mapping[str, TermText], known: Set[str], late: Set[str]) -> set[str]:
    """The names in the formulas of a term, of values as of terms; the terms it lists, as others leave them.

    known: names of terms that are facts when a period begins, whatever the terms of the period pay
    late:  decisions that are asked when terms have settled; only what is asked at a period's end needs what they become
    """
    term = written[name]
    listed, first = set(term.listed), _AFTER.get(type(term), ())
    before = {each for each, other in written.items() if isinstance(other, first) and listed & set(other.listed)}
    asked = (term.when, getattr(term, "until", None)) if isinstance(term, Termination | StepIn) else ()
    become = late & set[str]().union(*(formula.names for formula in asked if formula is not None))
    reads = ((formula.names - known - late) | formula.terms for formula in formulas_in(term))
    return (listed | before | become).union(*reads)


def _way_out(circle: list[str], written: Mapping[str, TermText]) -> str:
    """What to write instead where a limit stands over a term that is reckoned from what the limit leaves."""
    for name, limit in zip(circle, [*circle[1:], circle[0]], strict=True):
        if isinstance(written[limit], _AFTER.get(type(written[name]), ())) and name in written[limit].listed:
            other = " A liability_limit may stand over both." if isinstance(written[name], Retention | Clawback) else ""
            return f" '{name}' is reckoned from what '{limit}' leaves: take it out of '{limit}'.{other}"
    return ""
