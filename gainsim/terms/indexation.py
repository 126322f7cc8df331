"""How a price moves over the contract: by fixed steps, or with an index that is observed and reset."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np

from gainsim import ops
from gainsim.grid import YearKind
from gainsim.offer.indexation import Escalation, Indexation, IndexCap
from gainsim.ops import Value
from gainsim.ops.formula import Refused, evaluate
from gainsim.ops.program import Section, State
from gainsim.ops.unit_check import Kind, in_words, unit_of
from gainsim.periods import in_periods
from gainsim.scopes import BaseScope
from gainsim.spelling import meant_or_known
from gainsim.terms.context import Deal
from gainsim.units import DIMENSIONLESS

_ROUNDING = 1e-9


def escalation_factor(written: Escalation, year: YearKind | None, deal: Deal) -> Value:
    """The factor in force in each period: 1 in the first window, one step more in each later one.

    compound: (1 + by) times itself, once for each step; simple: 1 + by × steps
    """
    column = np.ones(deal.calendar.periods)
    factor = 1.0
    for steps, window in enumerate(deal.calendar.windows(written.every, year, key="every: ")):
        if steps:
            factor = factor * (1.0 + written.by) if written.compounding == "compound" else 1.0 + written.by * steps
        if factor < 0.0:
            raise ValueError(
                f"by: {100 * written.by:.12g}% of the first price, {steps} times, takes off more than it is."
            )
        column[window.first : window.last + 1] = factor
    return deal.program.param(column)


def index_factor(name: str, written: Indexation, year: YearKind | None, deal: Deal) -> Value:
    """The index factor in force in each period.

    At each reset the formula is taken from the values observed `lag` before that moment, and held until the next.
    """
    facts, program, calendar = deal.facts, deal.program, deal.calendar
    unit = unit_of(written.by, facts.units(written.by))
    if unit not in (Kind.BARE, DIMENSIONLESS):
        raise ValueError(
            f"an index factor is a plain number; '{written.by.text}' is {in_words(unit)}. Divide by the base, x[base]."
        )
    resets = [w.first for w in calendar.windows(written.every, year, key="every: ")]
    lag = in_periods(written.lag, "lag", deal.calendar)
    if any(0 <= reset - 1 - lag < before for before, reset in pairwise(resets)):  # it would be taken before it is due
        raise ValueError(f"lag: {written.lag} is not shorter than the time between two resets.")
    base = _Base(name, written, deal)
    first = base.first_factor()
    in_force, pending = program.state(first, f"{name}: index in force"), program.state(first, f"{name}: index observed")
    reset = program.section(f"{name}: index reset", due=resets[1:])
    in_force.write(reset, pending.read(reset))
    observed = [t - 1 - lag for t in resets[1:] if t - 1 - lag >= 0]
    observing = _Observation(name, written, deal, observed, base, first)
    pending.write(observing.section, observing.factor(pending.read(observing.section)))
    return in_force.read(program.section(f"{name}: index in force"))  # after this period's reset


class _Base:
    """The values of an index at its base: the start values, the published ones, or those observed within the contract."""

    def __init__(self, name: str, written: Indexation, deal: Deal) -> None:
        self.name, self.written, self.deal = name, written, deal
        begins = deal.calendar.index(written.base)
        self.inside = begins if begins >= 0 else None
        if self.inside is None:
            return
        if begins >= deal.calendar.periods:
            raise ValueError(f"base: {written.base:%Y-%m} lies after the contract's end: nothing would be adjusted.")
        if written.at_base is not None:
            rule = f"at_base: {written.base:%Y-%m} lies within the contract, where the base is what is observed then"
            raise ValueError(f"{rule}. Leave it out, or write a base before {deal.calendar.start:%Y-%m}.")
        self.section = deal.program.section(f"{name}: index base", due=[self.inside])
        self.observed: dict[str, State] = {}

    def first_factor(self) -> float:
        """The factor before anything is observed: 1, unless the base is a published one."""
        written, facts = self.written, self.deal.facts
        at_base = self._number(BaseScope(facts, self._known, self._known))
        if abs(at_base - 1.0) > _ROUNDING:
            raise ValueError(
                f"by: '{written.by.text}' is {at_base:.6g} at the base, and the amount would jump there. Let it be 1: "
                "weights that add up to 1, each index divided by its base value."
            )
        if written.at_base is None:
            return at_base
        if unread := sorted(written.at_base.keys() - written.by.names):
            raise ValueError(
                f"at_base: '{unread[0]}' is not in '{written.by.text}'.{meant_or_known(unread[0], written.by.names)}"
            )
        return self._number(BaseScope(facts, self._start, self._known))

    def _number(self, scope: BaseScope) -> float:
        return float(np.asarray(evaluate(self.written.by, scope)).reshape(-1)[0])

    def _start(self, name: str) -> float:
        start = self.deal.facts[name].start
        if start is None:
            raise Refused("has no value before the first period, so it cannot be an index.")
        return start

    def _known(self, name: str) -> float:
        """The value at the base where it is a number; of what is observed later, that it is one."""
        if self.inside is not None:
            start = self.deal.facts[name].start
            return 1.0 if start is None else start
        if self.written.at_base is None:
            return self._start(name)
        if name not in self.written.at_base:
            raise Refused(f"is not in at_base. Write its value of {self.written.base:%Y-%m} there.")
        return self.written.at_base[name]

    def value(self, name: str, observing: Section) -> Value:
        """The value at the base, as an observation at or after it reads it."""
        if self.inside is None:
            return self._known(name)
        if name not in self.observed:
            memory = self.deal.program.state(self._known(name), f"{self.name}: {name} at the base")
            memory.write(self.section, self.deal.facts[name].value)
            self.observed[name] = memory
        return self.observed[name].read(observing)


class _Observation:
    """Taking the index: the formula, from the factor before where an excess is lost; then cap and floor."""

    def __init__(
        self, name: str, written: Indexation, deal: Deal, periods: list[int], base: _Base, first: float
    ) -> None:
        self.name, self.written, self.deal, self.base, self.first = name, written, deal, base, first
        self.section = deal.program.section(f"{name}: index observed", due=periods)

    def factor(self, before: Value) -> Value:
        cap, floor = self.written.cap, self.written.floor
        raw = self._raw()
        lost = any(limit is not None and limit.excess == "lost" for limit in (cap, floor))  # the two treat it alike
        factor = before * self._growth(raw) if lost else raw
        if cap is not None:
            factor = ops.minimum(factor, self._edge(cap, before, 1.0 + cap.at))
        if floor is not None:
            factor = ops.maximum(factor, self._edge(floor, before, 1.0 - floor.at))
        return factor

    def _raw(self) -> Value:
        """What the formula is now; 1 before the base has come."""
        facts = self.deal.facts
        at_base = partial(self.base.value, observing=self.section)
        raw = evaluate(self.written.by, BaseScope(facts, lambda name: facts[name].value, at_base))
        if self.base.inside is None:
            return raw
        come = [float(t >= self.base.inside) for t in range(self.deal.calendar.periods)]
        return ops.where(self.deal.program.param(come) > 0.5, raw, 1.0)

    def _growth(self, raw: Value) -> Value:
        """By what the formula's value has grown since the last reset: what was cut off then is not in it."""
        memory = self.deal.program.state(self.first, f"{self.name}: index before its limits")
        raw_before = memory.read(self.section)
        memory.write(self.section, raw)
        return ops.quotient(raw, raw_before)

    def _edge(self, limit: IndexCap, before: Value, step: float) -> Value:
        return self.first * step if limit.per == "life" else before * step
