"""What a term needs to write itself down: facts, ledger, calendar, decisions, and its own settlements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.conduct.decisions import Decisions
from gainsim.durations import Duration
from gainsim.facts import Facts
from gainsim.gates import Word
from gainsim.grid import Calendar, Clock, Settlement, Window
from gainsim.ledger import CUSTOMER, Ledger, Role
from gainsim.offer.clock import ClockText
from gainsim.offer.scenario import Cost
from gainsim.offer.term import TermText
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.program import Program, Section, State
from gainsim.ops.tree import Node
from gainsim.ops.unit_check import Kind, in_words
from gainsim.problems import Problems
from gainsim.scopes import WindowScope
from gainsim.spelling import meant_or_known
from gainsim.terms.capital import Capital
from gainsim.terms.wanted import require_condition
from gainsim.units import DIMENSIONLESS


@dataclass(frozen=True)
class Commitment:
    """What a subscription commits the customer to.

    seats: (periods,) seats committed
    price: (periods,) money per seat and month
    unit:  of the price, as USD/seat/month
    """

    seats: NDArray[np.float64]
    price: NDArray[np.float64]
    unit: str


@dataclass
class Deal:
    """The deal being written down.

    payments: by term, its section and what the term paid in each settlement
    problems: where what is wrong is told
    silent:   the lines that pay nothing as written, as a band with a share of 0%
    parties:  who terms may be agreed with
    costs:    what the supplier's costs are, as written
    capital:  those that are bought and written down, as far as somebody has asked; None: its problem has been told
    commitments: what each subscription commits the customer to
    writers:  what writes each kind of term down, for one that asks what another would come to on other facts
    """

    program: Program
    calendar: Calendar
    facts: Facts
    ledger: Ledger
    decisions: Decisions
    problems: Problems
    payments: dict[str, Settled] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    parties: Sequence[str] = (CUSTOMER,)
    costs: Mapping[str, Cost] = field(default_factory=dict)
    capital: dict[str, Capital | None] = field(default_factory=dict)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    writers: Mapping[type[TermText], Callable[[str, Any, Deal], None]] = field(default_factory=dict)

    def require(self, condition: Value, outcome: Value, broken: str, fix: str = "", found: Value | None = None) -> Value:
        """An outcome whose condition must hold; what is known now is told now, all else as it runs, with what was found.

        The outcome is held, not what it is reckoned from: no number at all would vanish in a comparison.
        """
        if isinstance(condition, Node):
            return ops.require(condition, outcome, broken, found)
        if not condition:
            raise ValueError(f"{broken}. {fix}".rstrip())
        return outcome

    def by_size(self, outcome: Value, size: Value, formula: Formula, what: str) -> Value:
        """What follows from a size, which is never negative."""
        return self.require(size >= 0.0, outcome, f"{what} '{formula.text}' is negative", "Write it without a sign.", size)

    def by_order(self, outcome: Value, low: Value, high: Value, told: Mapping[str, Formula]) -> Value:
        """What follows from two bounds, of which the lower one never lies above the upper one.

        told: what the two are called, and how they are written
        """
        (lower, below), (upper, above) = told.items()
        broken = f"the {lower} '{below.text}' lies above the {upper} '{above.text}'"
        return self.require(low <= high, outcome, broken, f"Write the smaller one as {lower}; signs count.")

    def require_known(self, formula: Formula, what: str) -> None:
        """A formula whose value a path knows from its beginning, and keeps."""
        if self.facts.life(formula) not in ("constant", "path"):
            raise ValueError(
                f"{what} is known when the contract begins and does not change; '{formula.text}' changes. "
                "Write a number, or a value that is drawn once."
            )

    def known_money(self, formula: Formula, what: str) -> Value:
        """An amount of the contract's currency that a path knows from its beginning, and keeps."""
        value, unit = self.facts.each_period(formula)
        if unit is not Kind.BARE and unit != self.facts.money:
            raise ValueError(f"{what} is an amount in {self.facts.money}; '{formula.text}' is {in_words(unit)}.")
        self.require_known(formula, what)
        return value

    def clock(self, written: ClockText) -> Clock:
        """The clocks of a term, dated against this calendar."""
        return Clock(
            measured=written.measured,
            year=written.year,
            settled=written.settled or Duration(),
            invoiced=written.invoiced,
            paid=written.paid or Duration(),
        )

    def check_party(self, party: str) -> None:
        """A term is with the customer, or with a further party that the file names."""
        if party not in self.parties:
            raise ValueError(
                f"no party '{party}'.{meant_or_known(party, self.parties)} Further parties are named under parties:."
            )

    def active(self, term: TermText, windows: Sequence[Window] | None = None) -> Value:
        """1 in the periods in which a term stands, 0 in the others: while the contract runs and its condition holds.

        windows: of a term that settles at their ends: one in which the contract ends is still settled
        """
        alive = self.decisions.alive if windows is None else self.facts.ran(windows)
        return alive if term.active_while is None else self.stands(term) * alive

    def stands(self, term: TermText) -> Value:
        """1 in the periods in which the term's own condition holds, 0 in the others."""
        if term.active_while is None:
            return 1.0
        holds, unit = self.facts.each_period(term.active_while)
        require_condition(unit, term.active_while, "active_while")
        return ops.where(holds, 1.0, 0.0)

    @property
    def lasted(self) -> Value:
        """The months from the contract's start to the end of the period, at most to the contract's end."""
        elapsed = self.facts["elapsed"].value
        if not self.decisions.exits:
            return elapsed
        last = self.calendar.windows("life")
        return self.facts.reduce("last", elapsed, DIMENSIONLESS, last)

    def closed(self, windows: Sequence[Window]) -> Value:
        """1 where the contract has ended in the window so far."""
        return self.facts.ran(windows) * self.decisions.over

    def settling(self, name: str, term: TermText, clock: ClockText, active: Value | None = None) -> Settling:
        """Open the section in which a term settles.

        active: 1 where it stands, if that is not asked of its condition when it settles
        """
        settlements = self.clock(clock).settlements(self.calendar)
        active = self.active(term, [s.window for s in settlements]) if active is None else active
        section = self.program.section(name, due=[s.at for s in settlements])
        scope = WindowScope(self.facts, [s.window for s in settlements], section)
        return Settling(self, name, term, section, settlements, scope, active)


@dataclass
class Settling:
    """A term about to be written down, settlement by settlement."""

    deal: Deal
    name: str
    term: TermText
    section: Section
    settlements: Sequence[Settlement]
    scope: WindowScope
    active: Value

    @property
    def closing(self) -> Value:
        """1 in the settlement of the window in which the contract ends."""
        return self.deal.closed([s.window for s in self.settlements])

    def money(self, formula: Formula, what: str) -> Value:
        """An amount of the contract's currency, over the window."""
        return self.scope.money(formula, what)

    def share(self, formula: Formula) -> Value:
        """A share between 0 and 1; one that is a formula is checked as it runs."""
        share = self.scope.plain(formula, "a share")
        inside = ops.both(share >= 0.0, share <= 1.0)
        broken = f"the share '{formula.text}' lies outside 0 to 1"
        return self.deal.require(inside, share, broken, "Write 40% or 0.40.", share)

    def factor(self, formula: Formula, what: str) -> Value:
        """A plain number that is 0 or more; one that is a formula is checked as it runs."""
        value = self.scope.plain(formula, what)
        return self.deal.by_size(value, value, formula, what)

    def mark(self, condition: Formula, key: str) -> Value:
        """1 where a condition of the window holds, 0 where it does not; key: under which it is written."""
        holds, unit = self.scope.evaluate(condition)
        require_condition(unit, condition, key)
        return ops.where(holds, 1.0, 0.0)

    def asked(self, condition: Formula, key: str) -> Value:
        """The mark of a condition on which something is paid, told as a gate of its key."""
        holds = self.mark(condition, key)
        self.gate(key, "holds", holds > 0.5)
        return holds

    def line(
        self, step: str, role: Role, value: Value, *, committed: bool = False, party: str = "", money: bool = True
    ) -> None:
        """Enter a line of this term; nothing is paid where the term does not stand.

        party: who it is with, where the term is with several
        money: whether it is an amount of money, not a count
        """
        if role == "payment":
            value = self.standing(value)
        elif self.deal.decisions.exits:
            value = ops.where(self.deal.facts.ran([s.window for s in self.settlements]) > 0.5, value, 0.0)
        self.deal.ledger.add(
            self.name, step, role, self.section, value, self.settlements,
            committed=committed, party=party or self.term.party, money=money,
        )  # fmt: skip

    def gate(self, what: str, word: Word, holds: Value, asked: Value = True) -> None:
        """Tell whether something that this term asks holds; it asks nothing where it does not stand.

        asked: the condition that it is asked in this settlement
        """
        stands = self.node(self.active) > 0.5
        asked = stands if asked is True else ops.both(stands, asked)
        self.deal.ledger.gate(self.name, what, word, self.section, holds, self.settlements, asked)

    def standing(self, value: Value) -> Value:
        """What is paid: nothing where the term does not stand, whatever its formulas come to there."""
        return ops.where(self.active > 0.5, value, 0.0) if isinstance(self.active, Node) else value * self.active

    def state(self, what: str, initial: float = 0.0) -> State:
        """Memory of this term from settlement to settlement; what: what is remembered, in a few words."""
        return self.deal.program.state(initial, f"{self.name}: {what}")

    def node(self, value: Value) -> Node:
        """A value as a node of the program."""
        return self.deal.program.node(value)

    def dated(self, values: Sequence[float]) -> Value:
        """A number for each settlement."""
        column = np.zeros(self.deal.calendar.periods)
        for settlement, value in zip(self.settlements, values, strict=True):
            column[settlement.at] = value
        return self.deal.program.param(column)

    def years(self) -> list[int]:
        """The year in which each settlement counts: that of the period in which it is reckoned."""
        return [self.deal.calendar.year_of(s.at) for s in self.settlements]

    def spans(self, per: str) -> list[int]:
        """Which year (so many years, life) each settlement counts in, by number; or each in one of its own."""
        if per == "settlement":
            return list(range(len(self.settlements)))
        return [0 if per == "life" else year // _years_in(per) for year in self.years()]

    def begins(self, per: str) -> Value | None:
        """The condition that a new year (so many years, life) begins here; None: each settlement stands alone."""
        if per == "settlement":
            return None
        spans = self.spans(per)
        firsts = [float(n == 0 or spans[n] != spans[n - 1]) for n in range(len(spans))]
        return self.dated(firsts) > 0.5

    @property
    def ends_year(self) -> Value:
        """The condition that no further settlement counts in this one's year; none does when the contract has ended."""
        years = self.years()
        lasts = [float(n == len(years) - 1 or years[n] != years[n + 1]) for n in range(len(years))]
        last = self.dated(lasts) > 0.5
        return ops.either(last, self.closing > 0.5) if self.deal.decisions.exits else last

    def part_of_year(self, per: str) -> Value:
        """By what an amount per year (or so many years) is scaled in a stub: its months over all, where these are prorated."""
        if per in ("settlement", "life"):
            return 1.0
        parts = _parts_of_spans(self.deal.calendar, _years_in(per))
        shares = [parts[year // _years_in(per)] for year in self.years()]
        return 1.0 if all(share == 1.0 for share in shares) else self.dated(shares)

    def mean_scope(self, per: str) -> Value:
        """The mean scope of the window; of a year (so many years, life) that of all its windows up to this one's end."""
        decisions = self.deal.decisions
        if not decisions.exits:
            return decisions.scope
        firsts: dict[int, int] = {}
        for span, settlement in zip(self.spans(per), self.settlements, strict=True):
            firsts.setdefault(span, settlement.window.first)
        windows = [replace(s.window, first=firsts[span]) for span, s in zip(self.spans(per), self.settlements, strict=True)]
        served = self.deal.facts.reduce("total", decisions.scope * decisions.alive, DIMENSIONLESS, windows)
        return served / self.dated([float(window.last - window.first + 1) for window in windows])

    def paid(self, value: Value) -> None:
        """Enter what rounding changes, where the term says so, and record what it pays."""
        if self.term.rounded is not None:
            change = self.rounded(value) - value
            self.line("rounding", "payment", change)
            value = value + change
        self.record(value)

    def rounded(self, value: Value) -> Value:
        """An amount, rounded as the term says."""
        rounding = self.term.rounded
        return value if rounding is None else ops.rounded(value, rounding.to, rounding.by)

    def record(self, value: Value) -> None:
        """Record what the term pays, for terms that stand above it."""
        amount = Settled(self, self.section, self.node(self.standing(value)))
        self.deal.payments[self.name] = amount
        self.deal.facts.payments[self.name] = amount.within


@dataclass(frozen=True)
class Settled:
    """What a term pays in each of its settlements, as a value of the section that knows it."""

    settling: Settling
    section: Section
    amount: Node

    def within(self, windows: Sequence[Window], reader: Section) -> Value:
        """What is paid in the settlements that are reckoned within each window, as `reader` finds it: so far, or at its end.

        Kept in a memory that begins anew with the first settlement in each window; a window without any has none.
        """
        at = [settlement.at for settlement in self.settling.settlements]
        return added_within(self.settling.deal.program, self.section, at, self.amount, windows, reader)


def added_within(
    program: Program, section: Section, due: Sequence[int], amount: Value, windows: Sequence[Window], reader: Section
) -> Value:
    """What an amount of `section`, reckoned in the periods `due`, adds up to within each window, or so far."""
    window_of = {t: n for n, window in enumerate(windows) for t in range(window.first, window.last + 1)}
    begins, some = np.zeros(program.periods), np.zeros(program.periods)
    last: int | None = None
    for t in due:
        now = window_of.get(t)
        begins[t] = float(now != last)
        last = now
        if now is not None:
            some[t : windows[now].last + 1] = 1.0
    memory = program.state(0.0, f"{reader.name}: paid by {section.name}")
    so_far = ops.where(program.param(begins) > 0.5, 0.0, memory.read(section))
    memory.write(section, so_far + amount)
    return ops.where(program.param(some) > 0.5, memory.read(reader), 0.0)


def _years_in(per: str) -> int:
    """How many years an amount is the limit of: `year` or `3 years`."""
    return 1 if per == "year" else int(per.split()[0])


def _parts_of_spans(calendar: Calendar, years: int) -> list[float]:
    """What the contract covers of each span of so many years, from the first on, in parts of the whole span."""
    windows = calendar.windows("year")
    spans = [windows[n : n + years] for n in range(0, len(windows), years)]
    if len(spans[-1]) < years and calendar.stub_years is None:
        raise ValueError(
            f"per: {years} years: the last of these spans covers {len(spans[-1])} only. Whether its amount stands in part or "
            "in full moves money, so it is said. Write stub_years: prorated, or stub_years: full."
        )
    if calendar.stub_years == "full":
        return [1.0] * len(spans)
    return [sum(window.share for window in span) / years for span in spans]
