"""Plans of effort, found before an offer runs: what is best for who decides it, and what it is worth in view of what is reached.

They are found on futures of their own, which no run of the offer meets, and are the same whatever the run's seed: a plan belongs
to the offer, as its price does. All trials meet the same futures, so that their differences are differences of the effort.

`best constant` and `best by year` are searched for: the plan with the greatest expected margin (of the supplier: its certainty
equivalent), to a thousandth of its range. A responsive effort is fitted in rounds: with the effort of all periods held as it is,
a driver is raised in one period on all futures; what that brings, to the contract's end, is averaged over futures that have
reached about as much. From it follows another effort, and another round. The best round is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gainsim.conduct.effort import Plans, Worth, answers_of, nothing, settings_of
from gainsim.measures import certainty_equivalent
from gainsim.model import Model, OfferError, build, calendar_of
from gainsim.offer.fields import formulas_in
from gainsim.offer.scenario import Scenario
from gainsim.problems import KeyPath
from gainsim.trials import Trials
from gainsim.weighing import weighed

Floats = NDArray[np.float64]
#: how many times 1,024 futures a plan is searched on
SEARCHED = 4
#: a responsive effort is fitted on as many as make about so many cells over all periods; at least, at most
FITTED, FEWEST, MOST = 384, 4, 32
ROUNDS = 2
#: how often plans answer each other, at most
PASSES = 8
#: a plan is told, and used, in so many steps of its range
STEPS = 1_000


def prepared(scenario: Scenario, lost: Collection[str] = (), held: Plans = MappingProxyType({})) -> Model:
    """The model of an offer, with the plans of its efforts found.

    Where there are several to be found, each answers the others as they were found, over and over until none changes.

    held: plans that stand as they are
    Raises `OfferError` with everything that is wrong with it.
    """
    model = build(scenario, lost=lost)
    weighs = any(decision.weighs is not None for decision in scenario.lifecycle.values())
    if model.given or not (weighs or any(effort.policy is not None for effort in scenario.effort.values())):
        return model
    _check_that_something_answers(scenario)
    _check_what_is_read(scenario)
    _check_what_customers_gain(scenario)
    plans: dict[str, Floats | Mapping[str, Worth]] = dict(held)
    searches = [(search, party) for search in (_searched, _fitted, weighed) for party in ("supplier", "customer")]
    for _ in range(PASSES):
        before, answered = dict(plans), 0
        for search, party in searches:
            found = search(scenario, party, plans, held)
            answered += bool(found)
            plans.update(found)
        settled = answered < 2 or _alike(before, plans)
        if settled:
            break
    return replace(build(scenario, plans=plans, lost=lost), unsettled=not settled)


def _alike(before: Plans, after: Plans) -> bool:
    """Whether no plan has changed by more than a step, or a hundredth of what anything is worth."""
    if before.keys() != after.keys():
        return False
    for name, plan in after.items():
        was = before[name]
        if isinstance(plan, Mapping) or isinstance(was, Mapping):
            assert isinstance(plan, Mapping) and isinstance(was, Mapping)
            for driver, worth in plan.items():
                scale = max(float(np.abs(worth.least).max()), 1e-300)
                if np.abs(worth.least - was[driver].least).max() > 0.01 * scale:
                    return False
        elif not np.array_equal(plan, was):
            return False
    return True


def _check_what_is_read(scenario: Scenario) -> None:
    """A responsive effort is weighed by what drivers make of it alone."""
    sections: dict[str, Mapping[str, object]] = {
        "value": scenario.value, "contract": scenario.contract, "costs": scenario.costs, "lifecycle": scenario.lifecycle,
    }  # fmt: skip
    found: list[tuple[KeyPath, str]] = []
    for name, effort in scenario.effort.items():
        for section, entries in sections.items():
            for entry, part in entries.items() if effort.policy == "responsive" else ():
                if any(name in formula.names for formula in formulas_in(part)):
                    told = f"a responsive effort is weighed by what drivers make of it, and {section}.{entry} reads it directly."
                    fix = f"Let a driver answer it, as one that is constant: 0, effort: {{ of: {name}, adds: {name} }}; read that."
                    found.append((("effort", name), f"{told} {fix}"))
    if found:
        raise OfferError(found)


def _check_that_something_answers(scenario: Scenario) -> None:
    """A plan that is to be found is best for something."""
    answered = {response.of for response in answers_of(scenario.drivers).values()}
    read = {name for part in (scenario.value, scenario.contract, scenario.costs, scenario.lifecycle, scenario.customer)
            for formula in formulas_in(part) for name in formula.names}  # fmt: skip
    told = "no driver answers it and nothing reads it: there is nothing that it could be best for."
    for name, effort in scenario.effort.items():
        by_others = {each for other, of in scenario.effort.items() if other != name for each in of.cost.names}
        if effort.policy is not None and name not in answered | read | by_others:
            raise OfferError([(("effort", name), f"{told} Write effort: {{ of: {name}, adds: … }} in a driver.")])


def _check_what_customers_gain(scenario: Scenario) -> None:
    """A customer that decides for its own benefit has one."""
    says = any((scenario.customer.gains, scenario.customer.avoids, scenario.customer.spends))
    efforts = [("effort", name) for name, each in scenario.effort.items() if each.by == "customer" and each.policy is not None]
    weighed = [("lifecycle", name) for name, of in scenario.lifecycle.items() if of.by == "customer" and of.weighs is not None]
    if not says and (efforts or weighed):
        told = "the customer decides for its own net benefit, of which the file says nothing. Write customer: { gains: … }."
        raise OfferError([(place, told) for place in (*efforts, *weighed)])


# --- the best plan -----------------------------------------------------------------------------------------------------


def _searched(scenario: Scenario, party: str, plans: Plans, held: Plans) -> dict[str, Floats]:
    """The best plans of a party, those of all its efforts found together."""
    mine = {name: effort for name, effort in scenario.effort.items() if effort.by == party and name not in held}
    wanted = {name: effort for name, effort in mine.items() if effort.policy in _BEST}
    if not wanted:
        return {}
    trials = Trials(scenario, plans, SEARCHED)
    calendar = trials.calendar
    years = np.array([calendar.year_of(t) for t in range(calendar.periods)])
    groups = [(name, np.unique(years) if effort.policy == "best by year" else [None]) for name, effort in wanted.items()]
    parts = [(name, year) for name, those in groups for year in those]

    def plan_of(steps: Floats) -> dict[str, Floats]:
        """The plans with so many steps of its range for each part of them."""
        found = {name: np.empty(calendar.periods) for name in wanted}
        for (name, year), step in zip(parts, steps, strict=True):
            least, most = wanted[name].at_least, wanted[name].at_most
            found[name][slice(None) if year is None else years == year] = least + (most - least) * (round(step) / STEPS)
        return found

    aversion = scenario.money.risk_aversion if party == "supplier" else 0.0

    def worth(steps: Floats) -> float:
        for name, plan in plan_of(steps).items():
            trials.loop.set(name, plan)
        return certainty_equivalent(trials.result(party), aversion).value

    return plan_of(_climbed(worth, len(parts)))


_BEST = ("best constant", "best by year")


def _climbed(worth: Callable[[Floats], float], parts: int) -> Floats:
    """The whole steps, 0 to `STEPS` of each part, that are worth most: a coarse look at all parts alike, then ever finer moves
    of one part after another, until none is better. A contract has kinks and jumps: slopes are not asked."""
    tried: dict[tuple[int, ...], float] = {}

    def value(steps: tuple[int, ...]) -> float:
        if steps not in tried:
            tried[steps] = worth(np.array(steps, float))
        return tried[steps]

    best = max(((n * STEPS // 8,) * parts for n in range(9)), key=value)
    stride = STEPS // 8
    while stride > 0:
        moved = best
        for part in range(parts):
            for way in (-stride, stride):
                step = min(max(moved[part] + way, 0), STEPS)
                other = (*moved[:part], step, *moved[part + 1 :])
                while value(other) > value(moved):
                    moved = other
                    step = min(max(moved[part] + way, 0), STEPS)
                    other = (*moved[:part], step, *moved[part + 1 :])
        if moved == best:
            stride //= 2
        best = moved
    return np.array(best, float)


# --- the effort that responds ------------------------------------------------------------------------------------------


def _fitted(scenario: Scenario, party: str, plans: Plans, held: Plans) -> dict[str, Mapping[str, Worth]]:
    """What the drivers of a party's responsive efforts are worth in each period, by what has been reached.

    From the last period to the first: in each, the effort is held at its least, and a driver raised by all that it could do.
    What that brings counts efforts of later periods as they then respond. The first time through, earlier efforts are at their
    least, and the second as they were found, for the states that are met depend on them.
    """
    mine = {name: effort for name, effort in scenario.effort.items() if effort.by == party and name not in held}
    wanted = {name: effort for name, effort in mine.items() if effort.policy == "responsive"}
    if not wanted:
        return {}
    aversion = scenario.money.risk_aversion if party == "supplier" else 0.0
    calendar = calendar_of(scenario.calendar)
    trials = Trials(scenario, plans, min(max(FITTED // calendar.periods, FEWEST), MOST))
    answers = {name: [d for d, r in answers_of(scenario.drivers).items() if r.of == name] for name in wanted}
    rounds: list[tuple[float, dict[str, Mapping[str, Worth]]]] = []
    found = {name: {driver: nothing(calendar) for driver in answers[name]} for name in wanted}
    for _ in range(ROUNDS):
        found = {name: {driver: worth.copy() for driver, worth in worths.items()} for name, worths in found.items()}
        for t in reversed(range(calendar.periods)):
            for name, worths in found.items():
                for driver, line in trials.lines(name, answers[name], t, party).items():
                    worths[driver].tell(t, *line)
                    trials.set(settings_of(name, driver, worths[driver]))
        rounds.append((certainty_equivalent(trials.result(party), aversion).value, dict(found)))
    return max(rounds, key=lambda each: each[0])[1]
