"""What a memo says of an offer: gathered for the house, or for the customer, who is told nothing of what the supplier has of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gainsim import __version__
from gainsim.analyses.assumptions import assumed, setting_rows, term_rows
from gainsim.analyses.owners import Owners
from gainsim.analyses.service_levers import names_of_costs
from gainsim.analyses.stress import Stresses
from gainsim.approval import Recommended
from gainsim.clause_words import clauses_in_words
from gainsim.clause_words.definitions import definitions
from gainsim.ledger import CUSTOMER, Line
from gainsim.measures import Estimate, estimate, mean, probability, quantile
from gainsim.measuring import Measured
from gainsim.offer.drivers import Driver
from gainsim.planning import prepared
from gainsim.sample import Influence
from gainsim.scenario.library import opinions
from gainsim.scenario.load import Loaded
from gainsim.summary import Summary
from gainsim.words import unit_words

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Memo:
    """An offer for the house."""

    loaded: Loaded
    summary: Summary
    owners: Owners
    stresses: Stresses

    @property
    def recommendation(self) -> tuple[Recommended, str]:
        """What the rules of the house recommend, and the same in a sentence."""
        return self.summary.recommendation

    @property
    def clauses(self) -> Mapping[str, str]:
        """Every term in words."""
        return clauses_in_words(self.loaded.scenario)

    @property
    def basics(self) -> list[tuple[str, str]]:
        """When it begins, how long it runs, how it is reckoned, and how money at different times is compared."""
        return setting_rows(self.summary)

    @property
    def opinions(self) -> tuple[str, ...]:
        """What it takes from the library that nobody measured."""
        return tuple(opinions(self.loaded.document))

    @property
    def must_be_true(self) -> tuple[str, ...]:
        """What the figures assume, a sentence each."""
        return (*assumed(self.summary), *self.opinions)

    @property
    def suspect(self) -> tuple[str, ...]:
        """What is suspect in the file, and what makes the run suspect; each once, though both may say so."""
        said = dict.fromkeys((*self.loaded.notes, *self.summary.checks))
        return tuple(each for each in said if each not in self.opinions)

    @property
    def record(self) -> list[tuple[str, str]]:
        """What it takes to make the memo again."""
        changes = "; ".join(map(str, self.summary.changes)) or "none: the file as it was read"
        file = ("File (SHA-256)", self.loaded.document.sha256)
        return [("Run id", self.summary.run_id), *_drawn(self.summary), file, ("Changes", changes)]


def _drawn(summary: Summary) -> list[tuple[str, str]]:
    """How it was drawn: seed, paths, and the version."""
    run = summary.run
    return [("Seed", str(run.seed)), ("Paths", f"{run.paths:,}"), ("gainsim", __version__)]


# --- for the customer ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """A driver that the customer controls, all or in part.

    part:  which part of it
    told:  whether it may be told what is assumed of it: not where others move it too, nor where the supplier spends it
    about: what the file says of it, which is free to speak of anything: "" where others move it too, or a cost reads it
    """

    name: str
    driver: Driver
    part: float
    told: bool
    about: str


def as_agreed(loaded: Loaded) -> Loaded:
    """The offer with a customer that pays what it owes: how likely the supplier thinks its default is no business of its own."""
    scenario = loaded.scenario
    if scenario.customer.credit is None:
        return loaded
    agreed = scenario.model_copy(update={"customer": scenario.customer.model_copy(update={"credit": None})})
    return replace(loaded, scenario=agreed, dated=prepared(agreed))


@dataclass(frozen=True)
class ForCustomer:
    """The same offer as the customer sees it: what it pays and has, and nothing of the supplier's costs, margin or limits.

    years:    what they are called
    payments: by term, the mean of what it pays in each year
    cash:     the mean of what it pays on dates in each year, and on dates after the contract's end
    own:      by name, the mean of what it gains and no longer spends, and with a minus sign newly spends, in each year
    result:   over the contract: "net benefit", its "P5", "P50" and "P95", "worse off": the chance that it is less than nothing
    over_budget: by year, the chance that it pays more than its budget; empty where the file states none
    asks:     the drivers that it controls
    """

    loaded: Loaded
    summary: Summary
    years: tuple[str, ...]
    payments: Mapping[str, Floats]
    cash: Floats
    own: Mapping[str, Floats]
    result: Mapping[str, Estimate]
    over_budget: Mapping[str, float]
    asks: tuple[Ask, ...]

    @property
    def basics(self) -> list[tuple[str, str]]:
        """When it begins, how long it runs and how it is reckoned; nothing of the rate at which the supplier discounts."""
        late = self.loaded.scenario.customer.late
        owed = [] if late is None else [("Interest on what is paid late", str(late.interest))]
        return [*term_rows(self.summary), ("Currency", self.loaded.scenario.currency), *owed]

    @property
    def clauses(self) -> Mapping[str, str]:
        """The terms with the customer in words."""
        return clauses_in_words(self.loaded.scenario, CUSTOMER)

    @property
    def definitions(self) -> Mapping[str, tuple[str, str]]:
        """By name, what stands behind each value that these terms read, and its unit; nothing that is only assumed."""
        scenario, facts = self.loaded.scenario, self.loaded.model.facts
        said = definitions(scenario, names_of_costs(scenario))
        counted = {name: facts.told(name).unit for name in said if name in facts}
        units = {name: unit_words(unit) for name, unit in counted.items() if unit.part or unit.powers}
        return {name: (words, units.get(name, "")) for name, words in said.items()}

    @property
    def worse_off(self) -> Measured:
        """The chance that it is worse off, as it is told; asked only where `result` is known."""
        return Measured("worse off", self.result["worse off"], "fraction", event=True)

    @property
    def paid(self) -> Floats:
        """(years,) the mean of all payments."""
        return _added(self.payments.values(), len(self.years))

    @property
    def has(self) -> Floats:
        """(years,) the mean of what it gains and no longer spends, less what it newly spends and pays."""
        return _added(self.own.values(), len(self.years)) - self.paid

    @property
    def record(self) -> list[tuple[str, str]]:
        """How it was drawn; nothing made of the whole file, as the run id is: a guess at our side could be tried on it."""
        return _drawn(self.summary)


def for_customer(loaded: Loaded, summary: Summary) -> ForCustomer:
    """The customer's side of a run of the offer `as_agreed`."""
    lines, by_year = summary.run.rows.lines, summary.mean_by_year

    def added(wanted: Callable[[Line], bool], name: Callable[[Line], str]) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        for line, amounts in zip(lines, by_year, strict=True):
            if wanted(line):
                found[name(line)] = found.get(name(line), np.zeros(len(amounts))) + amounts
        return found

    over = summary.sides.by_year if summary.sides is not None else {}
    return ForCustomer(
        loaded, summary, summary.base.years,
        added(lambda line: line.role == "payment", lambda line: line.group),
        _cash(summary),
        added(lambda line: line.role == "customer", lambda line: line.step or line.group),
        _result(summary), over, tuple(_asks(loaded)),
    )  # fmt: skip


def _cash(summary: Summary) -> Floats:
    """(years + 1,) the mean of what the customer pays, by the year in which the day of payment lies; the last: after them all."""
    run, calendar = summary.run, summary.run.model.calendar
    found = np.zeros(len(summary.base.years) + 1)
    for (_, line), settlement, amount in zip(run.rows.keys, run.rows.settlements, run.row_mean, strict=True):
        if run.rows.lines[line].role == "payment":
            period = max(calendar.index(settlement.paid), 0)
            found[calendar.year_of(period) if period < calendar.periods else -1] += amount
    return found


def _result(summary: Summary) -> dict[str, Estimate]:
    outcome = summary.outcome
    if not outcome.says_customer:
        return {}
    benefit, currency = outcome.customer_benefit, summary.run.model.scenario.currency
    sample = replace(outcome.sample, controls=None)  # as the years are, which add up to it
    taken: dict[str, tuple[Influence, str]] = {
        "net benefit": (mean(benefit, sample), currency),
        **{f"P{100 * p:g}": (quantile(benefit, p, sample), currency) for p in (0.05, 0.5, 0.95)},
        "worse off": (probability(benefit < 0.0, sample), "fraction"),
    }
    return {name: estimate(of, sample, unit) for name, (of, unit) in taken.items()}


def _asks(loaded: Loaded) -> Iterator[Ask]:
    """The drivers that the customer controls, all or in part."""
    costs = names_of_costs(loaded.scenario)
    for name, driver in loaded.scenario.drivers.items():
        control = {driver.control: 1.0} if isinstance(driver.control, str) else dict(driver.control)
        if part := control.get("customer"):
            alone, read = part == 1.0, name in costs
            spent = read and loaded.scenario.currency in dict(driver.unit.powers)
            yield Ask(name, driver, part, alone and not spent, (driver.about or "") if alone and not read else "")


def _added(amounts: Iterable[Floats], years: int) -> Floats:
    total = np.zeros(years)
    for each in amounts:
        total = total + each
    return total
