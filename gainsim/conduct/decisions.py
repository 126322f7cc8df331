"""Decisions by path and period, as world and deal see them: whether the contract runs, for how much of its scope, and who
does the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gainsim import ops
from gainsim.conduct.lifecycle import Answer, Choice, ask
from gainsim.facts import Fact, Facts
from gainsim.grid import Window
from gainsim.offer.clock import WindowKind
from gainsim.offer.exit import Termination
from gainsim.offer.step_in import StepIn
from gainsim.offer.term import TermText
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.program import Section, State
from gainsim.ops.unit_check import Kind, in_words
from gainsim.periods import in_periods
from gainsim.problems import Problems
from gainsim.scopes import WindowScope
from gainsim.units import DIMENSIONLESS

NO_NOTICE = -1.0


@dataclass(frozen=True)
class Exit:
    """One way in which the contract may end early.

    notice:  in periods
    since:   periods since notice was given, `NO_NOTICE` before, as far as it is known when the terms settle
    ends:    1 in the period in which it ends the contract
    waiting: the memory of `since`, where the condition is known only when the terms have settled; else None
    """

    notice: int
    since: Value
    ends: Value
    waiting: State | None


@dataclass(frozen=True)
class SteppedIn:
    """When another does the work.

    notice:  in periods
    periods: how many it lasts at most; None: no such limit
    since:   periods since notice was given, 0 where none is
    now:     1 in the periods of the step-in, the value of the term's name
    memory:  of `since`; what it becomes is known when the terms have settled
    """

    notice: int
    periods: int | None
    since: Value
    now: Value
    memory: State


@dataclass
class Asked:
    """A decision of a party.

    late:   whether it asks something of the terms, and is asked when they have settled
    answer: how it came out, once it has been asked
    """

    choice: Choice
    late: bool
    certain: bool
    answer: Answer | None = None

    def ask(self, running: Value) -> None:
        """Ask it at the end of each period in which it is due; running: 1 while the contract runs."""
        self.answer = ask(self.choice, running, certain=self.certain)


@dataclass(frozen=True)
class Decisions:
    """What has been decided when a period begins.

    scope:   the part of the agreed scope that is served, 1 for all of it
    alive:   1 while the contract runs on this path
    closing: 1 in the period in which it ends on this path: what is still carried is settled or lost
    over:    1 from that period on
    exits:   the early ends, by the term that agrees them
    step_ins: when another does the work, by the term that agrees it
    choices: what the parties decide in answer to results, by name
    """

    scope: Value
    alive: Value
    closing: Value
    over: Value
    exits: Mapping[str, Exit] = field(default_factory=dict)
    step_ins: Mapping[str, SteppedIn] = field(default_factory=dict)
    choices: Mapping[str, Asked] = field(default_factory=dict)

    @property
    def undecided(self) -> tuple[frozenset[str], int]:
        """The memories of what the parties decide, and the period until which all of them are as they begin."""
        choices = [each.choice for each in self.choices.values()]
        names = (state.name for one in choices for state in one.memories)
        return frozenset(names), min((one.first_holds for one in choices), default=0)

    @property
    def ends_early(self) -> Value:
        """1 in the period in which the contract ends before its time."""
        total: Value = 0.0
        for each in self.exits.values():
            total = total + each.ends
        return total


def decided(
    contract: Mapping[str, TermText], choices: Mapping[str, Choice], facts: Facts, problems: Problems, *, certain: bool
) -> Decisions:
    """What the parties, and the terminations and step-ins of a contract, decide; without any, full scope to the end.

    A condition on what the world brings is known before the terms of the period settle; one on what they pay is known
    after them, and its notice is a period at least. Of several that would end it in one period the first written does.
    certain: nothing is drawn
    """
    program = facts.program
    last = np.zeros(program.periods)
    last[-1] = 1.0
    at_end = program.param(last)
    step_ins = _step_ins(contract, facts, problems)
    written = {name: term for name, term in contract.items() if isinstance(term, Termination)}
    settled = contract.keys() - step_ins.keys()
    asked = {name: Asked(one, bool(one.asks_terms or one.asks & settled), certain) for name, one in choices.items()}
    ended = program.state(0.0, "the contract has ended") if written else None
    for name, each in asked.items():
        if not each.late:
            with problems.at("lifecycle", name):
                each.ask(1.0 if ended is None else 1.0 - ended.read(facts.every))
    if ended is None:
        return Decisions(scope=1.0, alive=1.0, closing=at_end, over=at_end, step_ins=step_ins, choices=asked)
    unsettled = settled | {name for name, each in asked.items() if each.late}
    section = program.section("terminations")
    running = ended.read(section) < 0.5
    counts: dict[str, tuple[int, Value, State | None]] = {}
    alive: Value = 1.0
    scope: Value = 1.0
    for name, term in written.items():
        with problems.at("contract", name):
            notice = in_periods(term.notice, "notice", facts.calendar)
            late = bool(term.when.terms or term.when.names & unsettled)
            if late and not notice:
                raise ValueError(
                    f"when: '{term.when.text}' is known only when the period is over. Write a notice of one period or more."
                )
            since, memory = _since(name, term, facts, section, running, late=late)
            counts[name] = (notice, since, memory if late else None)
            alive = alive * ops.where(since <= float(notice), 1.0, 0.0)
            scope = _scope(term, scope, since, notice, facts)
    closing = at_end
    exits: dict[str, Exit] = {}
    undecided: Value = alive * (1.0 - at_end)
    for name, (notice, since, waiting) in counts.items():
        ends = ops.where(since >= float(notice), undecided, 0.0)
        undecided = undecided - ends
        closing = closing + ends
        exits[name] = Exit(notice, since, ends, waiting)
    over = 1.0 - alive * (1.0 - closing)
    ended.write(section, over)
    facts.end_with(program.node(alive), section)
    return Decisions(
        scope=scope, alive=program.node(alive), closing=program.node(closing * alive), over=program.node(over), exits=exits,
        step_ins=step_ins, choices=asked,
    )  # fmt: skip


def since_notice(name: str) -> str:
    """What the memory of a term's notice is called."""
    return f"{name}: periods since notice"


def _since(
    name: str, term: Termination, facts: Facts, section: Section, running: Value, *, late: bool
) -> tuple[Value, State]:
    """Periods since notice was given; where the condition comes late, as counted before it is asked.

    running: 1 while the contract has not ended; nobody gives notice afterwards
    """
    memory = facts.program.state(NO_NOTICE, since_notice(name))
    before = memory.read(section)
    counted = ops.where(before >= 0.0, before + 1.0, NO_NOTICE)
    if late:
        return counted, memory
    given = ops.both(running, called(term, facts, section))
    since = ops.where(before >= 0.0, counted, ops.where(given, 0.0, NO_NOTICE))
    memory.write(section, since)
    return since, memory


def called(term: Termination | StepIn, facts: Facts, section: Section) -> Value:
    """The condition with which notice is given, at the end of the period, over its window so far."""
    holds = holds_so_far(term.when, "when", term.over, facts, section)
    if term.active_while is None:
        return holds
    stands, unit = facts.each_period(term.active_while)
    if unit is not Kind.CONDITION:
        raise ValueError(f"active_while: '{term.active_while.text}' is {in_words(unit)}; a condition is wanted.")
    return ops.both(holds, stands)


def holds_so_far(condition: Formula, key: str, over: WindowKind, facts: Facts, section: Section) -> Value:
    """A condition at the end of a period, of what there has been in the period, or in the year or the life so far."""
    windows: tuple[Window, ...] = facts.calendar.windows(over)
    become = {name: facts.decided[name](section) for name in condition.names & facts.decided.keys()}
    holds, unit = WindowScope(facts, windows, section, become).evaluate(condition)
    if unit is not Kind.CONDITION:
        said = in_words(unit)
        raise ValueError(f"{key}: '{condition.text}' is {said}; a condition is wanted. Compare it, as in x > 0.")
    return holds


def _step_ins(contract: Mapping[str, TermText], facts: Facts, problems: Problems) -> dict[str, SteppedIn]:
    """Every step-in, known when a period begins; its name becomes a fact."""
    found = {}
    for name, term in contract.items():
        if not isinstance(term, StepIn):
            continue
        with problems.at("contract", name):
            if name in facts:  # told with the other terms
                continue
            facts.mark_broken(name)
            notice = in_periods(term.notice, "notice", facts.calendar)
            periods = None if term.lasts is None else in_periods(term.lasts, "lasts", facts.calendar)
            if periods == 0:
                raise ValueError(f"lasts: a step-in lasts a period at least, of one {facts.calendar.step}. Write it longer.")
            memory = facts.program.state(0.0, since_notice(name))
            since = memory.read(facts.every)
            now = ops.where(since > float(notice), 1.0, 0.0)
            facts.add(name, Fact(now, DIMENSIONLESS, "dated", 0.0))
            found[name] = SteppedIn(notice, periods, since, now, memory)
    return found


def _scope(term: Termination, scope: Value, since: Value, notice: int, facts: Facts) -> Value:
    """The scope while it is ramped down: a straight line to nothing, each period with its middle."""
    if term.ramp_down is None:
        return scope
    length = in_periods(term.ramp_down, "ramp_down", facts.calendar)
    left = ops.clip((notice + 0.5 - since) / float(length), 0.0, 1.0)
    return ops.minimum(ops.where(since >= 0.0, left, 1.0), scope)

