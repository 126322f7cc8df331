"""Fees: an amount over time, in advance or in arrears, following an index."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gainsim import ops
from gainsim.facts import BaseScope, Fact
from gainsim.grid import Window
from gainsim.offer.fees import Fee, Indexation, IndexCap
from gainsim.ops import Value
from gainsim.ops.formula import evaluate
from gainsim.ops.unit_check import Kind, in_words, unit_of
from gainsim.terms.context import Deal, require_flow
from gainsim.units import DIMENSIONLESS, Duration, Unit

_ROUNDING = 1e-9


def fee(name: str, term: Fee, deal: Deal) -> None:
    """Amount of the window, and apart from it what the indexation adds.

    Paid in advance, the amount is the one in force when the window begins, for all its months.
    The rate as indexed becomes a fact of the fee's own name, so that credits and pools may refer to it.
    """
    facts, money = deal.facts, deal.facts.money
    rate, unit = facts.each_period(term.amount)
    flow = require_flow(unit, money, term.amount, "a fee")
    if term.clock.invoiced == "in advance" and facts.life(term.amount) == "period":
        raise ValueError(
            f"amount: '{term.amount.text}' depends on what the period will bring; a fee in advance cannot. "
            "Write invoiced: in arrears, or index it."
        )
    if term.scales_with == "scope":
        rate = rate * deal.decisions.scope
    rate = rate * deal.active(term)
    factor = _factor(name, term, term.indexed, deal) if term.indexed is not None else 1.0
    settling = deal.settling(name, term, term.clock, active=1.0)  # the rate knows
    indexed = rate * factor
    life = facts.life(term.amount)
    facts.add(name, Fact(indexed, flow, "dated" if life == "constant" else life))
    windows = [s.window for s in settling.settlements]
    plain = _over(term, rate, flow, deal, windows)
    settling.line("amount", "payment", plain, committed=True)
    total = plain
    if term.indexed is not None:
        total = _over(term, indexed, flow, deal, windows)
        settling.line("indexation", "payment", total - plain)
    settling.paid(total)


def _over(term: Fee, rate: Value, flow: Unit, deal: Deal, windows: list[Window]) -> Value:
    """What a rate comes to in the windows."""
    if term.clock.invoiced == "in advance":
        periods = np.ones(deal.calendar.periods)
        for window in windows:
            periods[window.first] = window.last - window.first + 1
        amount = deal.facts.amount(rate, flow)
        return amount if (periods == 1.0).all() else amount * deal.program.param(periods)
    return deal.facts.reduce("total", rate, flow, windows)


def _factor(name: str, term: Fee, written: Indexation, deal: Deal) -> Value:
    """The index factor in force in each period.

    At each reset the formula is taken from the values observed `lag` before that moment, and held until the next.
    """
    facts, program, calendar = deal.facts, deal.program, deal.calendar
    unit = unit_of(written.by, facts.units(written.by))
    if unit not in (Kind.BARE, DIMENSIONLESS):
        raise ValueError(
            f"an index factor is a plain number; '{written.by.text}' is {in_words(unit)}. Divide by the base, x[base]."
        )
    if written.base >= calendar.start:
        raise ValueError(f"base: {written.base:%Y-%m} must lie before the contract's start {calendar.start:%Y-%m}.")
    resets = [w.first for w in calendar.windows(written.every, term.clock.year, key="every: ")]
    lag = _periods(written.lag, deal)
    if any(0 <= reset - 1 - lag < before for before, reset in pairwise(resets)):  # it would be taken before it is due
        raise ValueError(f"lag: {written.lag} is not shorter than the time between two resets.")
    first = float(np.asarray(evaluate(written.by, BaseScope(facts, at_start=True))).reshape(-1)[0])
    if abs(first - 1.0) > _ROUNDING:
        raise ValueError(
            f"by: '{written.by.text}' is {first:.6g} at the base, and the amount would jump there. Let it be 1: weights "
            "that add up to 1, each index divided by its base value."
        )
    in_force, pending = program.state(first, f"{name}: index in force"), program.state(first, f"{name}: index observed")
    reset = program.section(f"{name}: index reset", due=resets[1:])
    in_force.write(reset, pending.read(reset))
    observed = [t - 1 - lag for t in resets[1:] if t - 1 - lag >= 0]
    observing = _Observation(name, written, deal, observed, first)
    pending.write(observing.section, observing.factor(pending.read(observing.section)))
    return in_force.read(program.section(f"{name}: index in force"))  # after this period's reset


def _periods(lag: Duration | None, deal: Deal) -> int:
    if lag is None:
        return 0
    step = deal.calendar.step_months
    if lag.days or lag.months % step:
        whole = max(1, round(lag.years * 12 / step)) * step
        rule = f"is not a whole number of the calendar's steps ({deal.calendar.step})"
        raise ValueError(f"lag: {lag} {rule}. Write {Duration(months=whole)}.")
    return lag.months // step


class _Observation:
    """Taking the index: the raw formula, then cap and floor against the factor before."""

    def __init__(self, name: str, written: Indexation, deal: Deal, periods: list[int], first: float) -> None:
        self.name, self.written, self.deal, self.first = name, written, deal, first
        self.section = deal.program.section(f"{name}: index observed", due=periods)

    def factor(self, before: Value) -> Value:
        facts = self.deal.facts
        raw = evaluate(self.written.by, BaseScope(facts, at_start=False))
        if self.written.cap is None and self.written.floor is None:
            return raw
        memory = self.deal.program.state(self.first, f"{self.name}: index before its limits")
        raw_before = memory.read(self.section)
        memory.write(self.section, raw)
        return self._limited(raw, raw_before, before)

    def _limited(self, raw: Value, raw_before: Value, before: Value) -> Value:
        """Recovered: the capped factor catches up with the index later. Lost: it moves on from where it was cut."""
        cap, floor = self.written.cap, self.written.floor
        lost = any(limit is not None and limit.per == "reset" and limit.excess == "lost" for limit in (cap, floor))
        factor = before * (raw / raw_before) if lost else raw
        if cap is not None:
            factor = ops.minimum(factor, self._edge(cap, before, 1.0 + cap.at))
        if floor is not None:
            factor = ops.maximum(factor, self._edge(floor, before, 1.0 - floor.at))
        return factor

    def _edge(self, limit: IndexCap, before: Value, step: float) -> Value:
        return self.first * step if limit.per == "life" else before * step
