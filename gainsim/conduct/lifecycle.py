"""What the parties decide in answer to results: values with a memory, asked anew from time to time, perhaps with a chance.

Within a period a decision stands for what it was when the period began. It is asked when the period is over, of what there
has been, and holds from the next one on: before the terms of the period settle where it asks nothing of them, else after.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gainsim import ops
from gainsim.conduct.asking import due
from gainsim.conduct.effort import Plans, Trial, nothing, worth_at
from gainsim.facts import Fact, Facts
from gainsim.grid import WindowKind
from gainsim.offer.fields import formulas_in
from gainsim.offer.lifecycle import Decision
from gainsim.ops import Value, scalars
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Number
from gainsim.ops.program import Section, State
from gainsim.ops.unit_check import Kind, in_words
from gainsim.periods import in_periods
from gainsim.problems import Problems
from gainsim.scopes import WindowScope
from gainsim.units import DIMENSIONLESS, Unit


@dataclass(frozen=True)
class Choice:
    """A decision of a party as it stands on each path.

    plans:   what was found before the run of what those who weigh are better off by
    trial:   filled where this is the program of a trial
    due:     the periods at whose end it is asked
    start:   what it is until it is first decided
    decided: the memory of what was decided
    waiting: where that holds later than from the next period on: how many periods later, and the memories of what it is until
             then and of the period, counted from 0, in which it begins to hold
    """

    name: str
    written: Decision
    facts: Facts
    plans: Plans
    trial: Trial | None
    due: tuple[int, ...]
    start: Value
    unit: Unit
    decided: State
    waiting: tuple[int, State, State] | None

    def standing(self, section: Section, ahead: int = 0) -> Value:
        """What it is in this period, or `ahead` periods later, as far as `section` knows."""
        period = _periods(self.facts, ahead)
        value: Value = self.decided.read(section)
        if self.waiting is not None:
            _, before, since = self.waiting
            value = ops.where(period >= since.read(section), value, before.read(section))
        if self.written.starts.constant is None:
            value = ops.where(period <= float(self.due[0]), self.start, value)
        return value

    @property
    def holds(self) -> tuple[int, ...]:
        """The periods of the contract from which on it may be another than before, the first among them."""
        later = 1 + (0 if self.waiting is None else self.waiting[0])
        return tuple(t for t in (0, *(asked + later for asked in self.due)) if t < self.facts.calendar.periods)

    @property
    def memories(self) -> tuple[State, ...]:
        """All that it remembers."""
        return (self.decided, *(() if self.waiting is None else self.waiting[1:]))

    @property
    def first_holds(self) -> int:
        """The first period in which it may be another than at its start."""
        return self.due[0] + 1 + (0 if self.waiting is None else self.waiting[0])

    def become(self, section: Section) -> Value:
        """What it is from the next period on, as `section` knows it at the end of this one."""
        return self.standing(section, ahead=1)

    @property
    def asks(self) -> set[str]:
        """The names that it reads when it is asked."""
        return set[str]().union(*(formula.names for formula in formulas_in(self._asked)))

    @property
    def asks_terms(self) -> set[str]:
        """The terms of whose payments it is asked."""
        return set[str]().union(*(formula.terms for formula in formulas_in(self._asked)))

    @property
    def _asked(self) -> tuple[Formula | None, ...]:
        written = self.written
        return written.when, written.chance, written.weighs, written.becomes, written.otherwise


@dataclass(frozen=True)
class Answer:
    """How a decision came out at the end of a period.

    asked:   the condition that it was asked
    when:    the condition without which it is not taken
    chance:  with which chance it was then taken
    drawn:   the number between 0 and 1 that was to be below it; None where nothing was drawn
    weighed: what was looked at, and what who decides is expected to be better off by; None where nothing is weighed
    looked_at_in: its unit, "" of a plain number
    may:     the condition that it could be taken
    taken:   1 where it was taken
    becomes: what it is from the next period on, or so much later as it waits
    section: where all of it is known
    """

    asked: Value
    when: Value
    chance: Value
    drawn: Value | None
    weighed: tuple[Value, Value] | None
    looked_at_in: str
    may: Value
    taken: Value
    becomes: Value
    section: Section


def choices(
    written: Mapping[str, Decision],
    values: Collection[str],
    facts: Facts,
    problems: Problems,
    measured: Collection[str] | None,
    plans: Plans,
    trial: Trial | None,
) -> dict[str, Choice]:
    """Every decision as a fact that is known when a period begins, and those that are still to be asked.

    values:   names of values, which are reckoned later and may read a decision
    measured: the columns of the actuals, where there are some: they give a decision that is one of them, and any that has
              a chance; None: nothing is given
    """
    found: dict[str, Choice] = {}
    for name, each in written.items():
        with problems.at("lifecycle", name):
            if name in facts:
                raise ValueError(f"'{name}' is the name of a driver or a fact already. Give the decision a name of its own.")
            facts.mark_broken(name)
            for what, names in (("value", set(values)), ("decision", written.keys())):
                if read := sorted(each.starts.names & names):
                    raise ValueError(f"starts: '{read[0]}' is a {what}. Start with a number, or with a driver that is drawn once.")
            start, unit = _start(each, facts)
            if measured is not None and (name in measured or each.chance is not None or each.weighs is not None):
                value = facts.program.input(name, facts.every)
                end = facts.program.input(decided_in(name), facts.every) if decided_in(name) in measured else value
                _given(name, value, end, unit, facts)
            else:
                found[name] = _choice(name, each, start, unit, facts, plans, trial)
    return found


def _start(written: Decision, facts: Facts) -> tuple[Value, Unit]:
    """What it is at first, and its unit."""
    start, unit = facts.each_period(written.starts)
    if unit is Kind.CONDITION:
        raise ValueError(f"starts: '{written.starts.text}' is a condition. Write 1 for yes, 0 for no.")
    if facts.life(written.starts) not in ("constant", "path"):
        raise ValueError(f"starts: '{written.starts.text}' changes from period to period. Write a number, or one drawn once.")
    return start, unit if isinstance(unit, Unit) else DIMENSIONLESS


def decided_in(name: str) -> str:
    """What the column is called that says what a decision has become at each period's end."""
    return f"{name} at the end"


def _given(name: str, value: Value, end: Value, unit: Unit, facts: Facts) -> None:
    """A decision that is given: what it is in each period, and what it has become at its end, where that is given too."""
    facts.add(name, Fact(value, unit, "dated"))
    facts.decided[name] = lambda section: end


def _choice(
    name: str, written: Decision, start: Value, unit: Unit, facts: Facts, plans: Plans, trial: Trial | None
) -> Choice:
    """A decision that is to be asked."""
    first, waits = written.starts.constant or 0.0, in_periods(written.after, "after", facts.calendar)
    decided, waiting = facts.program.state(first, name, entered=True), None
    if waits:
        since = facts.program.state(0.0, f"{name}: holds from period")
        waiting = waits, facts.program.state(first, f"{name}: before", entered=True), since
    found = Choice(name, written, facts, plans, trial, due(written, waits, facts.calendar), start, unit, decided, waiting)
    facts.add(name, Fact(found.standing(facts.every), unit, "dated", written.starts.constant))
    facts.decided[name] = found.become
    return found


def ask(one: Choice, running: Value, *, certain: bool) -> Answer:
    """Ask a decision at the end of the period, and keep what it becomes.

    running: 1 while the contract runs
    certain: nothing is drawn: it is taken where its chance is a half or more
    """
    written, facts, program = one.written, one.facts, one.facts.program
    section = program.section(f"{one.name}: asked", one.due)
    moments = {name: facts[name].value for name in facts.decided if name in one.asks - {one.name}}
    moments[one.name] = facts.told(one.name).value
    scope = WindowScope(facts, facts.calendar.windows(_over(written), key="over: "), section, moments)
    now = moments[one.name]
    asked = program.node(running) > 0.5
    if one.waiting is not None:
        asked = ops.both(asked, _periods(facts) >= one.waiting[2].read(section))
    when = program.param(1.0) > 0.5 if written.when is None else _condition(written.when, scope)
    chance = program.node(1.0 if written.chance is None else _chance(written.chance, scope))
    drawn, by_chance = None, chance >= 0.5
    if written.chance is not None and not certain:
        score = program.draw(one.name, section)
        drawn = ops.norm_cdf(score)
        by_chance = score < _score_of(written.chance.constant) if written.chance.constant is not None else drawn < chance
    may = ops.both(asked, ops.both(when, by_chance))
    weighed, looked_at_in = (None, "") if written.weighs is None else _weighed(one, written.weighs, scope)
    taken = may if weighed is None else ops.both(may, _better(one, weighed[1]))
    otherwise = now if written.otherwise is None else _amount(written.otherwise, "otherwise", scope, one)
    decided = ops.where(taken, _amount(written.becomes, "becomes", scope, one), otherwise)
    changes = taken if written.otherwise is None else asked
    inside = ops.either(ops.both(chance >= 0.0, chance <= 1.0), ops.negate(ops.both(asked, when)))

    def told(outcome: Value) -> Value:
        if written.chance is not None:
            outcome = ops.require(inside, outcome, f"the chance '{written.chance.text}' lies outside 0 to 1", chance)
        return outcome

    becomes = told(ops.where(changes, decided, now))
    _keep(one, section, asked, changes, becomes, now)
    return Answer(asked, when, chance, drawn, weighed, looked_at_in, may, told(ops.where(taken, 1.0, 0.0)), becomes, section)


def _keep(one: Choice, section: Section, asked: Value, changes: Value, decided: Value, now: Value) -> None:
    """Remember what was decided, and where it waits, what holds until then; changes: the condition that it is decided anew."""
    if one.waiting is None:
        one.decided.write(section, decided)
        return
    waits, before, since = one.waiting
    begins = _periods(one.facts, 1 + waits)
    one.decided.write(section, ops.where(asked, decided, one.decided.read(section)))
    before.write(section, ops.where(asked, now, before.read(section)))
    since.write(section, ops.where(asked, ops.where(changes, begins, 0.0), since.read(section)))


def _periods(facts: Facts, ahead: int = 0) -> Value:
    """The number of each period, counted from 0, or of that which comes so many periods later."""
    return facts.program.param([float(t + ahead) for t in range(facts.calendar.periods)])


def _over(written: Decision) -> WindowKind:
    """The kind of window that totals and payments count in."""
    return written.over or written.every or "life"


def _condition(formula: Formula, scope: WindowScope) -> Value:
    holds, unit = scope.evaluate(formula)
    if unit is not Kind.CONDITION:
        raise ValueError(f"when: '{formula.text}' is {in_words(unit)}; a condition is wanted. Compare it, as in x > 0.")
    return holds


def _weighed(one: Choice, formula: Formula, scope: WindowScope) -> tuple[tuple[Value, Value], str]:
    """What is looked at, and what who decides is expected to be better off by where it comes to so much; the unit of the first."""
    looked_at, unit = scope.evaluate(formula)
    if unit is Kind.CONDITION:
        raise ValueError(f"weighs: '{formula.text}' is a condition; what is looked at is a number.")
    plan = one.plans.get(one.name, {})
    assert isinstance(plan, Mapping)
    program = one.facts.program
    worth = worth_at(program, one.name, one.name, plan.get(one.name, nothing(one.facts.calendar)), looked_at)
    return (looked_at, worth), str(unit) if isinstance(unit, Unit) else ""


def _better(one: Choice, worth: Value) -> Value:
    """The condition that who decides is better off by it; a trial may force it either way."""
    better = one.facts.program.node(worth) > 0.0
    if one.trial is None:
        return better
    one.trial.forced[one.name] = f"{one.name}: forced"
    forced = one.facts.program.setting(one.trial.forced[one.name], 0.0)
    return ops.either(forced > 0.5, ops.both(forced > -0.5, better))


def _score_of(chance: float) -> float:
    """The normal score below which lies a number that is drawn with this chance: to compare it costs next to nothing."""
    return scalars.norm_ppf(chance) if 0.0 < chance < 1.0 else math.inf if chance else -math.inf


def _chance(formula: Formula, scope: WindowScope) -> Value:
    """A chance between 0 and 1; one that is a formula is checked as it runs."""
    if isinstance(formula.tree, Number) and formula.tree.unit is not None and formula.tree.unit.flow is not None:
        told = "is over time, and a chance is that of one time of asking"
        raise ValueError(f"chance: '{formula.text}' {told}. Write a plain number: of 20% pa, asked every month, 1.84%.")
    chance = scope.plain(formula, "chance: a chance")
    number = formula.constant
    if number is not None and not 0.0 <= number <= 1.0:
        bare = isinstance(formula.tree, Number) and "%" not in formula.text
        fix = f" Write {number:.12g}%?" if bare and 1.0 < number <= 100.0 else ""
        raise ValueError(f"chance: '{formula.text}' is {number:.12g}; a chance lies between 0 and 1.{fix}")
    return chance


def _amount(formula: Formula, key: str, scope: WindowScope, one: Choice) -> Value:
    """What it becomes, in the unit in which it starts."""
    value, unit = scope.evaluate(formula)
    if unit is Kind.BARE or unit == one.unit:
        return value
    raise ValueError(
        f"{key}: '{formula.text}' is {in_words(unit)}; it starts {in_words(one.unit)}. A flow adds up over the window: "
        "where its rate is meant, write mean(x) or last(x)."
    )

