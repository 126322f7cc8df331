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

import numpy as np
from numpy.typing import NDArray

from gainsim.conduct.effort import Plans, Worth, answers_of, nothing, settings_of
from gainsim.measures import certainty_equivalent
from gainsim.model import Model, build
from gainsim.offer.scenario import Scenario
from gainsim.trials import Trials
from gainsim.weighing import weighed

Floats = NDArray[np.float64]
#: how many times 1,024 futures a plan is searched on
SEARCHED = 4
#: a responsive effort is fitted on as many as make about so many cells over all periods; at least, at most
FITTED, FEWEST, MOST = 384, 4, 32
ROUNDS = 2
#: a plan is told, and used, in so many steps of its range
STEPS = 1_000


def prepared(scenario: Scenario, lost: Collection[str] = ()) -> Model:
    """The model of an offer, with the plans of its efforts found.

    Raises `OfferError` with everything that is wrong with it.
    """
    model = build(scenario, lost=lost)
    weighs = any(decision.weighs is not None for decision in scenario.lifecycle.values())
    if model.given or not (weighs or any(effort.policy is not None for effort in scenario.effort.values())):
        return model
    plans: dict[str, Floats | Mapping[str, Worth]] = {}
    for search in (_searched, _fitted, weighed):
        for party in ("supplier", "customer"):
            plans.update(search(scenario, party, plans))
    return build(scenario, plans=plans, lost=lost)


# --- the best plan -----------------------------------------------------------------------------------------------------


def _searched(scenario: Scenario, party: str, plans: Plans) -> dict[str, Floats]:
    """The best plans of a party, those of all its efforts found together."""
    wanted = {name: effort for name, effort in scenario.effort.items() if effort.by == party and effort.policy in _BEST}
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


def _fitted(scenario: Scenario, party: str, plans: Plans) -> dict[str, Mapping[str, Worth]]:
    """What the drivers of a party's responsive efforts are worth in each period, by what has been reached.

    From the last period to the first: in each, the effort is held at its least, and a driver raised by all that it could do.
    What that brings counts efforts of later periods as they then respond. The first time through, earlier efforts are at their
    least, and the second as they were found, for the states that are met depend on them.
    """
    wanted = {name: e for name, e in scenario.effort.items() if e.by == party and e.policy == "responsive"}
    if not wanted:
        return {}
    aversion = scenario.money.risk_aversion if party == "supplier" else 0.0
    calendar = build(scenario).calendar
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
