"""What the deal costs the supplier, and what it is worth to the customer beyond what it pays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from gainsim import ops
from gainsim.durations import Duration
from gainsim.grid import Clock, Settlement, shift
from gainsim.offer.scenario import Cost, Customer
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.unit_check import Kind, in_words, missing_rate
from gainsim.periods import in_periods
from gainsim.problems import Problems, Unusable
from gainsim.spelling import meant_or_known
from gainsim.terms.capital import Bought, Capital
from gainsim.terms.context import Deal
from gainsim.terms.wanted import require_flow


def costs(written: Mapping[str, Cost], deal: Deal, problems: Problems) -> dict[str, float]:
    """Enter every cost of the supplier, as negative amounts.

    returns: by name, the part that is not written down when the contract ends, where there is one
    """
    unwritten = {}
    for name, cost in written.items():
        with problems.at("costs", name):
            _check_name(name, deal)
            if cost.at is None:
                running_cost(name, cost, deal)
            elif left := _at_a_date(name, cost, deal):
                unwritten[name] = left
    return unwritten


def _check_name(name: str, deal: Deal) -> None:
    if any(line.group == name for line in deal.ledger.lines):
        raise ValueError(f"'{name}' names a term of the contract already. Give the cost a name of its own.")


def running_cost(name: str, cost: Cost, deal: Deal) -> None:
    """A cost over time, period by period."""
    value, unit = deal.facts.each_period(cost.amount)
    once = f"Of what is spent once say when, as at: start; else per what, as {cost.amount.text} per month."
    flow = require_flow(deal.facts.in_money(unit), deal.facts.money, cost.amount, "a cost without a date", once)
    section = deal.program.section(f"cost {name}")
    amount = deal.facts.converted(deal.facts.amount(value, flow), unit) * _index(cost, deal) * _part(cost, deal)
    settlements = Clock(paid=cost.paid or Duration()).settlements(deal.calendar)
    deal.ledger.add(name, "", "cost", section, 0.0 - amount, settlements, layer=cost.layer)


def _part(cost: Cost, deal: Deal) -> Value:
    """What part of a cost is borne: while the contract runs, or on to the calendar's end; perhaps by the scope."""
    scope = deal.decisions.scope if cost.scales_with == "scope" else 1.0
    return scope if cost.after_exit == "runs on" else deal.decisions.alive * scope


def _index(cost: Cost, deal: Deal) -> Value:
    """How far the index has moved since the contract's start."""
    if cost.indexed is None:
        return 1.0
    if cost.indexed not in deal.facts:
        raise ValueError(f"indexed: no value '{cost.indexed}'.{meant_or_known(cost.indexed, deal.facts)}")
    fact = deal.facts[cost.indexed]
    if fact.start is None or fact.start == 0.0:
        raise ValueError(f"indexed: {cost.indexed} has no value before the first period to compare with.")
    return ops.quotient(fact.value, fact.start)


def _at_a_date(name: str, cost: Cost, deal: Deal) -> float:
    """A cost at one date; written down in a straight line where it says so: cash at once, margin over time.

    returns: the part of it that is not written down when the contract ends
    """
    if cost.straight_line is None:
        bought = _bought(name, cost, deal)
        deal.ledger.add(name, "", "cost", bought.section, 0.0 - bought.amount, bought.settlements, layer=cost.layer)
        return 0.0
    asset = capital(name, deal)
    bought = asset.bought
    deal.ledger.add(name, "", "cash", bought.section, 0.0 - bought.amount, bought.settlements, layer=cost.layer)
    return _written_down(name, cost, deal, asset)


def _bought(name: str, cost: Cost, deal: Deal) -> Bought:
    calendar = deal.calendar
    t = _bought_in(cost, deal)
    value, unit = deal.facts.each_period(cost.amount)
    if unit is not Kind.BARE and deal.facts.in_money(unit) != deal.facts.money:
        text = cost.amount.text
        rate = missing_rate(unit, deal.facts.money)
        raise ValueError(f"a cost at a date is an amount in {deal.facts.money}; '{text}' is {in_words(unit)}.{rate}")
    if unit is not Kind.BARE and unit != deal.facts.money and cost.straight_line is not None:
        raise ValueError(
            f"straight_line: what is written down has an amount that is known when it is bought; '{cost.amount.text}' is "
            f"{in_words(unit)}, whose rate moves. Write it in {deal.facts.money}."
        )
    amount = deal.facts.converted(value, unit) * _index(cost, deal)
    lag, periods = cost.paid or Duration(), calendar.windows("period")
    if _at_any_end(cost, deal):
        section = deal.program.section(f"cost {name}")
        ends = [calendar.period(n).end for n in range(calendar.periods)]
        settlements = [Settlement(periods[n], n, end, shift(end, lag)) for n, end in enumerate(ends)]
        amount = ops.where(deal.decisions.closing > 0.5, amount, 0.0)
    else:
        section = deal.program.section(f"cost {name}", due=[t])
        when = _date(cost, deal)
        settlements = [Settlement(periods[t], t, when, shift(when, lag))]
        amount = amount * _part(cost, deal)
    return Bought(section, amount, settlements)


def _at_any_end(cost: Cost, deal: Deal) -> bool:
    """Whether it is bought in the contract's last period, whichever that is on a path."""
    return cost.at == "end" and cost.after_exit == "stops" and bool(deal.decisions.exits)


def _date(cost: Cost, deal: Deal) -> date:
    when = {"start": deal.calendar.start, "end": deal.calendar.end}.get(str(cost.at), cost.at)
    assert isinstance(when, date)
    return when


def _bought_in(cost: Cost, deal: Deal) -> int:
    """The period in which a cost at a date falls, where the contract does not end early."""
    calendar, when = deal.calendar, _date(cost, deal)
    t = calendar.index(when) if when != calendar.end else calendar.periods - 1
    if not 0 <= t < calendar.periods:
        raise ValueError(f"at: {when} lies outside the contract ({calendar.start} to {calendar.end}).")
    return t


def capital(name: str, deal: Deal) -> Capital:
    """A cost with a straight line as it is bought: written down once, for whoever asks first."""
    if name not in deal.capital:
        deal.capital[name] = None
        with deal.problems.at("costs", name):
            deal.capital[name] = _capital(name, deal.costs[name], deal)
    found = deal.capital[name]
    if found is None:
        raise Unusable(name)
    return found


def _capital(name: str, cost: Cost, deal: Deal) -> Capital:
    bought = _bought(name, cost, deal)
    if deal.facts.life(cost.amount) == "period":
        raise ValueError("what is written down has an amount that is known when it is bought.")
    paid = deal.program.state(0.0, f"cost {name}: bought for")
    paid.write(bought.section, bought.amount)
    first = _bought_in(cost, deal)
    before = [0 if _at_any_end(cost, deal) else t - first for t in range(deal.calendar.periods)]
    return Capital(bought, paid, in_periods(cost.straight_line, "straight_line", deal.calendar), before)


def _written_down(name: str, cost: Cost, deal: Deal, asset: Capital) -> float:
    """Equal parts of what it was bought for, from period to period; where the contract ends early, the rest at once."""
    due = [t for t, before in enumerate(asset.before) if 0 <= before < asset.parts]
    section = deal.program.section(f"cost {name} written down", due=due)
    settlements = [s for s in Clock().settlements(deal.calendar) if s.at in due]
    part = asset.paid.read(section) / float(asset.parts)
    if cost.after_exit == "stops" and deal.decisions.exits:
        rest = deal.program.param([float(max(asset.parts - before, 1)) for before in asset.before])
        part = part * ops.where(deal.decisions.ends_early > 0.5, rest, deal.decisions.alive)
    deal.ledger.add(name, "written down", "accrual", section, 0.0 - part, settlements, layer="capital")
    return 1.0 - min(deal.calendar.periods - _bought_in(cost, deal), asset.parts) / asset.parts


def customer(written: Customer, deal: Deal, problems: Problems) -> None:
    """Enter what the customer gains and avoids (positive) and newly spends (negative), period by period."""
    for key, sign in (("gains", 1.0), ("avoids", 1.0), ("spends", -1.0)):
        for name, formula in getattr(written, key).items():
            with problems.at("customer", key, name):
                customer_line(name, formula, sign, deal)


def customer_line(name: str, formula: Formula, sign: float, deal: Deal) -> None:
    """Enter one gain of the customer, or with the other sign one thing that it spends on, period by period."""
    value, unit = deal.facts.each_period(formula)
    flow = require_flow(deal.facts.in_money(unit), deal.facts.money, formula, "what the customer gains or spends")
    section = deal.program.section(f"customer {name}")
    amount = deal.facts.converted(deal.facts.amount(value, flow), unit) * deal.decisions.alive
    deal.ledger.add("customer", name, "customer", section, sign * amount, Clock().settlements(deal.calendar))
