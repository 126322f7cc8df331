"""A cap and a floor on what several terms come to together, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gainsim import ops
from gainsim.offer.over import CommonLimit
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.terms.context import Deal, Settled
from gainsim.terms.over import Together, amount_per, by_period, named, refuse_rounding, together


def common_limit(name: str, term: CommonLimit, deal: Deal) -> None:
    """What the terms pay in a period is added up, with what they have paid in the year or life, and held.

    floor <= paid before + paid now <= cap; what is cut off is spread over the terms that pay in that direction, and
    never turns a payment round. Payments in both directions count: a liability_limit counts one.
    floor, cap: money, 0 or less and 0 or more; a bound itself is not cut, and nothing jumps

    100 reach the cap, 110 lie 10 beyond it, -60 lie 10 below the floor; the last in the list bears it:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     a: { term: payment, amount: one, clock: { measured: year } }
    ...     b: { term: payment, amount: other, clock: { measured: year } }
    ...     both: { term: common_limit, over: [a, b], floor: -50, cap: 100, per: settlement, spread: in order }
    ... ''', one="80, 80, -40 EUR/year", other="20, 30, -20 EUR/year").loc[["both.a", "both.b"]]
            2027  2028  2029
    both.a   0.0   0.0   0.0
    both.b   0.0 -10.0  10.0

    Source: UK Model Services Contract, at-risk amounts and incentive caps over several measures
    """
    refuse_rounding(term)
    terms = named(term.over, "over", deal)
    if term.per == "settlement":
        _check_they_settle_together(terms)
    active = deal.program.node(deal.stands(term)) > 0.5
    seen = together(name, terms, deal)
    years = {t: deal.calendar.year_of(t) if term.per == "year" else 0 for t in _due(seen)}
    used: Value = 0.0
    memory = None
    if term.per != "settlement":
        memory = deal.program.state(0.0, f"{name}: paid in the {term.per}")
        due = sorted(years)
        firsts = {due[0]: 1.0} | {t: float(years[t] != years[before]) for before, t in pairwise(due)}
        used = ops.where(by_period(firsts, deal) > 0.5, 0.0, memory.read(seen.section))
    total = _sum(seen.now)
    changes: list[Value] = [0.0] * len(terms)
    for bound, sign in ((term.floor, -1.0), (term.cap, 1.0)):
        if bound is not None:
            room = sign * (_bound(bound, sign, term, years, deal) - used)
            sizes = [ops.maximum(sign * each, 0.0) for each in seen.now]
            cut = ops.maximum(sign * total - room, 0.0)
            cut = ops.where(active, ops.minimum(cut, _sum(sizes)), 0.0)
            parts = _in_order(sizes, cut) if term.spread == "in order" else _in_proportion(sizes, cut)
            parts = [_on_its_side(bound, sign, part, deal) for part in parts]
            changes = [change - sign * part for change, part in zip(changes, parts, strict=True)]
    if memory is not None:
        memory.write(seen.section, used + (total + _sum(changes)))
    seen.record(seen.changed(changes))


def _bound(written: Formula, sign: float, term: CommonLimit, years: dict[int, int], deal: Deal) -> Value:
    """Cap or floor in money; in a stub year its part."""
    what = "the cap" if sign > 0 else "the floor"
    if deal.facts.life(written) == "period":
        raise ValueError(f"{what} is known beforehand; '{written.text}' depends on what the period brings.")
    value, unit = deal.facts.each_period(written)
    amount = amount_per(value, unit, written, term.per, deal, what)
    if term.per == "year":
        share = {deal.calendar.year_of(window.first): window.share for window in deal.calendar.windows("year")}
        amount = amount * by_period({t: share[year] for t, year in years.items()}, deal)
    return amount


def _on_its_side(written: Formula, sign: float, part: Value, deal: Deal) -> Value:
    """What a bound cuts off of a payment, the cap being 0 or more and the floor 0 or less."""
    value, _ = deal.facts.each_period(written)
    what, side = ("the cap", "below") if sign > 0 else ("the floor", "above")
    return deal.require(sign * value >= 0.0, part, f"{what} '{written.text}' lies {side} 0", "Signs count.")


def _check_they_settle_together(terms: Sequence[Settled]) -> None:
    due = [[s.at for s in each.settling.settlements] for each in terms]
    for each, periods in zip(terms, due, strict=True):
        if periods != due[0]:
            raise ValueError(
                f"per: settlement is a limit of terms that settle together; '{each.settling.name}' settles at other times "
                f"than '{terms[0].settling.name}'. Give both one clock, or write per: year."
            )


def _due(seen: Together) -> list[int]:
    return [int(t) for t in seen.section.due.nonzero()[0]]


def _sum(values: Sequence[Value]) -> Value:
    total: Value = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _in_order(sizes: Sequence[Value], cut: Value) -> list[Value]:
    """The last bears first: each keeps what those before it leave of the rest.

    >>> [float(part) for part in _in_order([60.0, 30.0], 40.0)], [float(part) for part in _in_order([60.0, 30.0], 20.0)]
    ([10.0, 30.0], [0.0, 20.0])
    """
    left = _sum(sizes) - cut
    parts = []
    for size in sizes:
        kept = ops.clip(left, 0.0, size)
        parts.append(size - kept)
        left = left - kept
    return parts


def _in_proportion(sizes: Sequence[Value], cut: Value) -> list[Value]:
    """Each bears by its size.

    >>> [float(part) for part in _in_proportion([60.0, 30.0], 30.0)]
    [20.0, 10.0]
    """
    total = _sum(sizes)
    part = cut / ops.where(total > 0.0, total, 1.0)
    return [size * part for size in sizes]
