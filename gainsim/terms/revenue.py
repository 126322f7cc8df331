"""Terms upon what other terms pay: a fee at risk, a minimum revenue, what is credited of a retainer."""

from __future__ import annotations

from collections.abc import Sequence

from gainsim import ops
from gainsim.offer.revenue import FeeAtRisk, FeeCredit, MinimumRevenue
from gainsim.ops import Value
from gainsim.ops.unit_check import Kind, in_words
from gainsim.problems import Unusable
from gainsim.spelling import meant_or_known
from gainsim.terms.context import Deal, Settling


def fee_at_risk(name: str, term: FeeAtRisk, deal: Deal) -> None:
    """part × fee is withheld; earned × part × fee is paid, earned from 0 to 1.

    fee: money of the window; its own term pays it in full, so that this one takes off what is not earned
    Both ends of `earned` are allowed; what lies outside ends the run. The payment is never positive.

    A fifth of a fee of 100, earned from 90% to 95% in a straight line:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     { term: fee_at_risk, of: 100 EUR, part: 20%, earned: "clip((level - 90%) / 5%, 0, 1)", clock: { measured: year } }
    ... ''', level="0.90, 0.925, 0.96")
              2027  2028  2029
    withheld -20.0 -20.0 -20.0
    earned     0.0  10.0  20.0
    paid     -20.0 -10.0   0.0

    Source: fees at risk (gain-share fees, performance fees) of outsourcing and asset-management agreements
    """
    settling = deal.settling(name, term, term.clock)
    at_risk = settling.share(term.part) * settling.money(term.of, "the fee at risk")
    earned = settling.scope.plain(term.earned, "what is earned")
    inside = ops.both(earned >= 0.0, earned <= 1.0)
    broken = f"what is earned, '{term.earned.text}', lies outside 0 to 1"
    earned = deal.require(inside, earned, broken, "Write a clip.", earned)
    settling.line("withheld", "payment", -at_risk)
    settling.line("earned", "payment", earned * at_risk)
    settling.paid(earned * at_risk - at_risk)


def minimum_revenue(name: str, term: MinimumRevenue, deal: Deal) -> None:
    """What is missing to the minimum to date, less what was paid for it before in the same year or life.

    missing = max(minimum × part of the year or life to date - paid by the terms to date, 0)
    payment = missing - paid for it before: negative where later payments have made up for it

    minimum: money, a size; what is paid exactly up to it leaves nothing missing

    400 a year are 100 to date after a quarter, 200 after two; 80 and 130 are paid by then:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     calendar: { step: quarter }
    ...     contract:
    ...       usage: { term: fee, amount: used }
    ...       minimum: { term: minimum_revenue, of: [usage], at_least: 400 EUR, per: year, clock: { measured: quarter } }
    ... ''', used="80, 130, 90, 70 EUR/quarter").loc[["minimum.shortfall", "minimum.returned"]]
                       2027-Q1  2027-Q2  2027-Q3  2027-Q4
    minimum.shortfall     20.0      0.0      0.0     30.0
    minimum.returned       0.0    -20.0      0.0      0.0

    Source: minimum annual commitments and shortfall payments of service and licence agreements
    """
    settling = deal.settling(name, term, term.clock)
    minimum = _minimum(settling, term)
    now = _paid_by(settling, term.of, "of")
    begins = settling.begins(term.per)
    if begins is None:
        missing = deal.by_size(ops.maximum(minimum - now, 0.0), minimum, term.at_least, "the minimum")
        settling.line("shortfall", "payment", missing)
        settling.paid(missing)
        return
    paid, made_good = settling.state(f"paid in the {term.per}"), settling.state(f"shortfall of the {term.per}")
    to_date = ops.where(begins, 0.0, paid.read(settling.section)) + now
    before = ops.where(begins, 0.0, made_good.read(settling.section))
    missing = ops.maximum(minimum * settling.dated(_parts_to_date(settling, term)) - to_date, 0.0)
    change = deal.by_size(missing - before, minimum, term.at_least, "the minimum") * settling.active
    paid.write(settling.section, to_date)
    made_good.write(settling.section, before + change)
    settling.line("shortfall", "payment", ops.maximum(change, 0.0))
    if _reckoned_often(settling, term):
        settling.line("returned", "payment", ops.minimum(change, 0.0))
    settling.paid(change)


def fee_credit(name: str, term: FeeCredit, deal: Deal) -> None:
    """min(what is left of part × paid under `of`, what is paid under `against`), taken off; never below 0.

    What the window itself pays under `of` counts; what is never credited stays with the supplier.
    All is money; the credit is negative, as the customer pays so much less.

    Half of a retainer of 10 a year is credited: 5 wait, then 10 of which 4 are used, then 6 + 5:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     retainer: { term: fee, amount: 10 EUR per year }
    ...     success: { term: payment, amount: fee, clock: { measured: year } }
    ...     credit: { term: fee_credit, of: [retainer], part: 50%, against: [success], clock: { measured: year } }
    ... ''', fee="0, 4, 20 EUR/year").loc[["success paid", "credit paid"]]
                  2027  2028  2029
    success paid   0.0   4.0  20.0
    credit paid    0.0  -4.0 -11.0

    Source: retainers that are creditable against a success fee, as advisers' engagement letters have them
    """
    settling = deal.settling(name, term, term.clock)
    memory = settling.state("to be credited")
    left = memory.read(settling.section) + settling.share(term.part) * _paid_by(settling, term.of, "of")
    due = _paid_by(settling, term.against, "against")
    credit = ops.minimum(ops.maximum(left, 0.0), ops.maximum(due, 0.0)) * settling.active
    memory.write(settling.section, left - credit)
    settling.line("credit", "payment", -credit)
    settling.paid(-credit)


def _paid_by(settling: Settling, terms: Sequence[str], key: str) -> Value:
    """What the named terms pay together in the settlements reckoned within the window."""
    deal = settling.deal
    total: Value = 0.0
    for position, other in enumerate(terms):
        if deal.facts.is_broken(other):
            raise Unusable(other)
        if other in terms[:position]:
            raise ValueError(f"{key}[{position}]: '{other}' is named twice. Leave one of them out.")
        if other not in deal.facts.payments:
            meant = meant_or_known(other, deal.facts.payments)
            raise ValueError(f"{key}[{position}]: no term '{other}' stands in this contract.{meant}")
        total = total + settling.scope.paid(other)
    return total


def _minimum(settling: Settling, term: MinimumRevenue) -> Value:
    """The minimum of the window, or the one of the whole year or life that is in force in the window's last period."""
    if term.per == "settlement":
        return settling.money(term.at_least, "the minimum")
    value, unit = settling.deal.facts.each_period(term.at_least)
    money = settling.deal.facts.money
    if unit is not Kind.BARE and unit != money:
        rule = f"at_least: the minimum of a {term.per} is one amount in {money}; '{term.at_least.text}' is {in_words(unit)}"
        raise ValueError(f"{rule}.")
    return value


def _parts_to_date(settling: Settling, term: MinimumRevenue) -> list[float]:
    """Which part of its year's (or the life's) minimum stands for the time up to each settlement's window's end."""
    calendar = settling.deal.calendar
    parts = []
    for settlement in settling.settlements:
        first, last = settlement.window.first, settlement.window.last
        whole = next(w for w in calendar.windows("life" if term.per == "life" else "year") if w.first <= last <= w.last)
        if first < whole.first:
            rule = f"per: year: the window {settlement.window.label} reaches over the start of the year {whole.label}"
            raise ValueError(f"{rule}. Measure it by the calendar's year, or write per: life.")
        parts.append((last - whole.first + 1) * calendar.step_months / whole.full_months)
    return parts


def _reckoned_often(settling: Settling, term: MinimumRevenue) -> bool:
    """Whether a year (or the life) has several settlements, so that a shortfall may be made up for."""
    return len(settling.settlements) > (1 if term.per == "life" else len(set(settling.years())))
