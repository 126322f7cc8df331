"""A model: an offer as dated, one program of its world and its deal, and the ledger's lines. Built once, run often."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gainsim.budget import budget
from gainsim.conduct.decisions import decided
from gainsim.conduct.effort import Efforts, Plans, Trial
from gainsim.conduct.lifecycle import Choice, choices
from gainsim.control_variates import known_averages
from gainsim.costs import costs, customer
from gainsim.credit import customer_pays
from gainsim.effort_lines import effort_costs, effort_figures
from gainsim.exchange import rates
from gainsim.facts import Fact, Facts
from gainsim.grid import Calendar, Clock
from gainsim.ledger import CUSTOMER, Ledger, Line
from gainsim.linked import Changed
from gainsim.measured import measured as as_measured
from gainsim.needs import in_order, told
from gainsim.offer.measured import Measured
from gainsim.offer.ratchet import Ratchet
from gainsim.offer.scenario import CalendarText, Scenario
from gainsim.operations.delivery import Delivered
from gainsim.ops.arrays import run_arrays
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import FUNCTIONS
from gainsim.ops.program import Program
from gainsim.ops.unit_check import Kind
from gainsim.problems import KeyPath, Problems
from gainsim.ratchet import ratchet
from gainsim.streams.source import Plan, StreamPlan
from gainsim.taxes import tax
from gainsim.terms.context import Commitment, Deal
from gainsim.terms.contract import contract
from gainsim.terms.lifecycle import decisions_told, first_deal
from gainsim.units import DIMENSIONLESS, Unit
from gainsim.world import Mode, World

#: the time since the contract's start, which every formula knows
ELAPSED = "elapsed"


class OfferError(ValueError):
    """What is wrong with an offer beyond its form: (place, message) of each problem."""

    def __init__(self, found: list[tuple[KeyPath, str]]) -> None:
        self.found = found
        super().__init__("\n".join(message for _, message in found))


@dataclass(frozen=True)
class Model:
    """An offer ready to run.

    unread:    drivers and values that nothing reads
    unwritten: the part of each capital cost that is not written down when the contract ends, where there is one
    silent:    the lines that are zero as written, and no clause that fails to bind
    facts:     all named values
    commitments: what each subscription commits the customer to, by its name
    given:     the facts that some line needs from outside; an offer with any can be settled, not simulated
    outcomes:  by driver, the outcome of operations that it is; each path has a history of its own
    plans:     what was found of its efforts before it runs
    unsettled: whether some still answered each other when that ended
    watched:   by responsive effort, the unit of what it watches
    still:     drivers that stand at their declared central values
    """

    scenario: Scenario
    calendar: Calendar
    program: Program
    lines: tuple[Line, ...]
    unread: tuple[str, ...]
    unwritten: Mapping[str, float]
    silent: frozenset[str]
    facts: Facts
    commitments: Mapping[str, Commitment]
    given: tuple[str, ...]
    repaired: tuple[Changed, ...] = ()
    outcomes: Mapping[str, Delivered] = field(default_factory=dict)
    plans: Plans = field(default_factory=dict)
    unsettled: bool = False
    watched: Mapping[str, Unit] = field(default_factory=dict)
    still: frozenset[str] = frozenset()

    def plan(self, paths: int, seed: int, replicate: int = 0) -> Plan:
        """Every stream that the model draws from."""
        return _plan(self.program, paths, seed, replicate)

    @cached_property
    def told(self) -> Model:
        """The same offer, for a single path: every amount with the same bits, decisions in every period, and gates."""
        return build(self.scenario, plans=self.plans, gates=True)

    @cached_property
    def controlled(self) -> tuple[Model, Mapping[str, float]]:
        """The same offer, every line with the same bits, and after them a line for each driver that is a control variate.

        Beside it by driver the exact mean of its average over the contract, in the order of the lines.
        """
        known = known_averages(self.scenario.drivers, self.calendar)
        read = {name: mean for name, mean in known.items() if name not in self.unread}
        return build(self.scenario, plans=self.plans, controls=tuple(read)), read

    @property
    def measured(self) -> tuple[str, ...]:
        """The values that are measured."""
        return tuple(name for name, written in self.scenario.value.items() if isinstance(written, Measured))

    def exactly(self, names: Collection[str]) -> Model:
        """The same offer on the same draws, were these values measured exactly."""
        return build(self.scenario, plans=self.plans, exact=names)

    @cached_property
    def base(self) -> tuple[Model, NDArray[np.float64]]:
        """The base case, every driver at its declared central value: the model and its rows, (rows,).

        Raises `NotFiniteError` where a line is no number even then.
        """
        model = build(self.scenario, "central", plans=self.plans)
        return model, run_arrays(model.program, None, np.array([0], np.uint64), checked=True)[:, 0]


def build(
    scenario: Scenario,
    mode: Mode = "drawn",
    measured: Collection[str] = (),
    *,
    plans: Plans = MappingProxyType({}),
    trial: Trial | None = None,
    gates: bool = False,
    controls: Sequence[str] = (),
    lost: Collection[str] = (),
    exact: Collection[str] = (),
    still: Collection[str] = (),
    doubtful: frozenset[str] = frozenset(),
) -> Model:
    """Date an offer against its calendar and write it down as a program.

    mode:     "drawn": drivers by chance; "central": every driver at its declared central value; "measured": given from
              outside, and the contract alone, without costs and the customer's side
    measured: drivers and values whose values are given from outside
    plans:    what was found of its efforts before it runs; `gainsim.planning` finds it
    trial:    filled with what a trial of its efforts can change; what is reached and put in is entered too
    gates:    whether the answers to what clauses ask are entered too
    controls: drivers whose averages over the contract are entered too
    lost:     terms that are no part of it, as their own problems have been told: what names them is told no second time
    exact:    measured values that are read without their errors, which are drawn all the same
    still:    drivers that stand at their declared central values, while the others meet the same futures
    doubtful: memories that may hold no number, as is found by writing the program once
    Raises `OfferError` with everything that is wrong at once.
    """
    problems = Problems()
    calendar = None
    with problems.at("calendar"):
        calendar = calendar_of(scenario.calendar)
    money = None
    with problems.at("currency"):
        money = Unit.money(scenario.currency)
    if calendar is None or money is None:
        raise OfferError(problems.found)
    world, facts, efforts, asked = _facts(scenario, calendar, mode, problems, measured, lost, exact, plans, trial, still, doubtful)
    program = world.program
    rates(scenario.money.rates, facts, problems)
    ledger = Ledger(program, calendar, scenario.currency, gates)
    life = calendar.windows("life")
    averages = {name: facts.reduce("mean", facts[name].value, facts[name].unit, life) for name in controls}
    decisions = decided(scenario.contract, asked, facts, problems, certain=mode == "central")
    parties = (CUSTOMER, *scenario.parties)
    deal = Deal(program, calendar, facts, ledger, decisions, problems, parties=parties, costs=scenario.costs)
    contract(scenario.contract, deal)
    decisions_told(deal, tried=trial is not None)
    efforts.watch()
    unwritten: dict[str, float] = {}
    if mode != "measured":
        unwritten = costs(scenario.costs, deal, problems)
        customer(scenario.customer, deal, problems)
        effort_costs(scenario.effort, deal, problems)
        if not problems.found:
            customer_pays(scenario.customer, deal, certain=mode == "central")
            first_deal(scenario.contract, deal)
        if scenario.customer.budget is not None and not problems.found:
            with problems.at("customer", "budget"):
                budget(scenario.customer.budget, deal)
        if scenario.money.tax is not None and not problems.found:
            with problems.at("money", "tax"):
                tax(scenario.money.tax, deal)
    if problems.found:
        raise OfferError(problems.found)
    if more := program.doubted - doubtful:
        return build(
            scenario, mode, measured, plans=plans, trial=trial, gates=gates, controls=controls, lost=lost, exact=exact,
            still=still, doubtful=doubtful | more,
        )  # fmt: skip
    if mode != "measured" and (gates or trial is not None):
        effort_figures(efforts.looked_at(), decisions.alive, ledger)
    if averages:
        at_end = program.section("control variates", due=[calendar.periods - 1])
        for name, average in averages.items():
            ledger.add(name, "", "control", at_end, average, Clock(measured="life").settlements(calendar), money=False)
    # a decision that is always taken may be there to tell a figure
    open_ones = [name for name, each in scenario.lifecycle.items() if each.when or each.chance or each.weighs]
    named = (*scenario.drivers, *scenario.facts, *scenario.value, *open_ones)
    unread = tuple(name for name in named if name not in facts.read)
    reached = {driver.operations.of for driver in scenario.drivers.values() if driver.operations is not None}
    reads = {name for each in reached & set(scenario.operations) for name in scenario.operations[each].reads}
    unread = tuple(name for name in unread if name not in reads)
    unread += tuple(name for name in scenario.operations if name not in reached)
    lines, silent, given = ledger.finished(*decisions.undecided), frozenset(deal.silent), program.live_inputs()
    repaired = tuple(world.chance.changed)
    given = tuple(name for name in given if name not in world.outcomes)
    return Model(
        scenario, calendar, program, lines, unread, unwritten, silent, facts, deal.commitments, given, repaired,
        world.outcomes, plans, watched=efforts.watched, still=frozenset(still),
    )  # fmt: skip


@dataclass(frozen=True)
class WorldModel:
    """The world of an offer alone: one program whose lines are the named facts, in the order of `names`."""

    scenario: Scenario
    calendar: Calendar
    program: Program
    names: tuple[str, ...]
    outcomes: Mapping[str, Delivered]

    def plan(self, paths: int, seed: int, replicate: int = 0) -> Plan:
        """Every stream that the world draws from."""
        return _plan(self.program, paths, seed, replicate)


def build_world(scenario: Scenario, mode: Mode = "drawn", plans: Plans = MappingProxyType({})) -> WorldModel:
    """Write an offer's drivers and values down without its contract, every fact a line.

    A responsive effort that watches what terms pay is what it would be if they paid nothing.
    """
    problems = Problems()
    calendar = calendar_of(scenario.calendar)
    world, facts, efforts, _ = _facts(scenario, calendar, mode, problems, plans=plans)
    efforts.watch(payments=False)
    if problems.found:
        raise OfferError(problems.found)
    section = world.program.section("facts")
    for name in facts:
        world.program.line(name, section, facts[name].value)
    return WorldModel(scenario, calendar, world.program, tuple(facts), world.outcomes)


def build_read(scenario: Scenario, names: Sequence[str], still: Collection[str] = ()) -> WorldModel:
    """The world of an offer that is in order, as far as these drivers need it: none of them is an outcome of operations.

    still: drivers that stand at their declared central values
    """
    own = {name: driver for name, driver in scenario.drivers.items() if driver.operations is None}
    own = {name: driver for name, driver in own.items() if driver.follows is None or driver.follows.of in own}
    without: dict[str, object] = {"facts": {}, "value": {}, "operations": {}, "effort": {}, "lifecycle": {}}
    alone = scenario.model_copy(update={"drivers": own, **without})
    calendar = calendar_of(scenario.calendar)
    world, facts, _, _ = _facts(alone, calendar, "drawn", Problems(), still=still)
    section = world.program.section("facts")
    for name in names:
        world.program.line(name, section, facts[name].value)
    return WorldModel(alone, calendar, world.program, tuple(names), {})


def _facts(
    scenario: Scenario,
    calendar: Calendar,
    mode: Mode,
    problems: Problems,
    measured: Collection[str] = (),
    lost: Collection[str] = (),
    exact: Collection[str] = (),
    plans: Plans = MappingProxyType({}),
    trial: Trial | None = None,
    still: Collection[str] = (),
    doubtful: Collection[str] = (),
) -> tuple[World, Facts, Efforts, dict[str, Choice]]:
    """A new program with the efforts, drivers, facts and values of an offer, and the decisions that are still to be asked."""
    program = Program(calendar.periods, doubtful)
    before = program.section("effort")
    world = World(
        program, calendar, mode, scenario.drivers, scenario.dependence, problems, scenario.facts, measured,
        repair=scenario.repair_correlations is not None, operations=scenario.operations, exact=exact, still=still,
    )  # fmt: skip
    facts = Facts(program, calendar, scenario.currency)
    for name in lost:
        facts.mark_broken(name)
    facts.add(ELAPSED, _elapsed(calendar, program))
    for part in ("drivers", "facts", "value", "lifecycle"):
        if ELAPSED in getattr(scenario, part):
            facts.spoil(ELAPSED)  # who reads it may mean either
            with problems.at(part, ELAPSED):
                raise ValueError(f"'{ELAPSED}' is the time since the contract's start. Give this a name of its own.")
    _tables(scenario, facts, problems)
    efforts = Efforts(
        scenario.effort, scenario.drivers, facts, before, plans, problems, trial=trial, measured=mode == "measured"
    )
    efforts.decide()
    world.realise(facts, efforts.added())
    decisions = {name: each for name, each in scenario.lifecycle.items() if name != ELAPSED}
    asked = choices(decisions, scenario.value, facts, problems, measured if mode == "measured" else None, plans, trial)
    _values(scenario.value, facts, world, problems)
    return world, facts, efforts, asked


def _elapsed(calendar: Calendar, program: Program) -> Fact:
    """The months from the contract's start to each period's end."""
    months = np.arange(1.0, calendar.periods + 1.0) * calendar.step_months
    return Fact(program.param(months), Unit.parse("months"), "dated", 0.0)


def _tables(scenario: Scenario, facts: Facts, problems: Problems) -> None:
    """Every table, by a name that no value and no function has."""
    for name, table in scenario.tables.items():
        with problems.at("tables", name):
            if name in FUNCTIONS or name in (*scenario.drivers, *scenario.facts, *scenario.value, *scenario.lifecycle):
                what = "a function" if name in FUNCTIONS else "a driver, fact, value or decision"
                raise ValueError(f"'{name}' is {what} already. Give the table a name of its own.")
            facts.tables[name] = table


def _plan(program: Program, paths: int, seed: int, replicate: int) -> Plan:
    streams = [StreamPlan(name, program.periods, name in program.adding_up) for name in program.streams]
    once = [StreamPlan(name, 0) for name in program.once_streams]
    return Plan((*streams, *once), paths, seed, replicate)


def calendar_of(written: CalendarText) -> Calendar:
    """The calendar as dated."""
    months = written.months if written.months is not None else 12 * (written.years or 0)
    return Calendar(written.start, months, written.step, written.year, written.fiscal_start, written.stub_years)


# --- values --------------------------------------------------------------------------------------------------------


def _values(written: Mapping[str, Formula | Measured | Ratchet], facts: Facts, world: World, problems: Problems) -> None:
    """Every named formula as a fact, in the order in which they need each other."""
    for name in written:
        with problems.at("value", name):
            if name in facts and name != ELAPSED:
                what = "a decision" if name in facts.decided else "a fact that actuals give"
                what = "a driver" if name in world.drivers else what
                if name in facts.decided:  # who reads it may mean either
                    facts.spoil(name)
                raise ValueError(f"'{name}' is {what} already. Give the value a name of its own.")
    facts.expect(written)
    needs = {name: names_in(value) for name, value in written.items() if not (facts.is_broken(name) or name in facts)}
    facts.made_of.update(needs)
    order, circles = in_order(needs)
    for name in order:
        with problems.at("value", name):
            try:
                facts.add(name, _value(name, written[name], facts, world, problems))
            except ValueError:
                facts.mark_broken(name)
                raise
    for circle in circles:
        with problems.at("value", circle[0]):
            raise ValueError(told(circle))
    for name in needs.keys() - set(order):
        facts.mark_broken(name)


def names_in(value: Formula | Measured | Ratchet) -> set[str]:
    """What a value of the file reads."""
    if isinstance(value, Formula):
        return set(value.names)
    if isinstance(value, Ratchet):
        return set(value.ratchet.names | value.start.names)
    return set(value.measure.names).union(*(error.amount.names for error in value.errors.values()))


def _value(name: str, written: Formula | Measured | Ratchet, facts: Facts, world: World, problems: Problems) -> Fact:
    if isinstance(written, Ratchet):
        return ratchet(name, written, facts)
    formula = written if isinstance(written, Formula) else written.measure
    value, unit = facts.each_period(formula)
    if unit is Kind.CONDITION:
        raise ValueError("is a condition. A named value is a number: write (1 if ... else 0).")
    known = unit if isinstance(unit, Unit) else DIMENSIONLESS
    life = facts.life(formula)
    if isinstance(written, Measured):
        life = "period"
        value = as_measured(name, written, value, known, facts, world)
    if name in world.measured:
        value = facts.program.input(name, facts.every)
    elif not hasattr(value, "tree"):
        value = facts.program.param(value)
    return Fact(value, known, life)
