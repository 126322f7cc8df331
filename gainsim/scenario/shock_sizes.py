"""How large a shock may be: a driver at its central value stays what its unit admits, and within what could be told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim.central import central_facts
from gainsim.conduct.effort import Plans
from gainsim.errors import Problem
from gainsim.model import Model
from gainsim.offer.scenario import Scenario
from gainsim.offer.shocks import Shock
from gainsim.scenario.problems import problem_of
from gainsim.scenario.reading import Document
from gainsim.scenario.stress import stress_of
from gainsim.slips import admitted
from gainsim.words import unit_words, value

Floats = NDArray[np.float64]
#: no shock takes a driver beyond so many times the largest of its central values
LARGEST = 1_000


def shocked(scenario: Scenario, shocks: Sequence[tuple[str, Shock]]) -> Scenario:
    """An offer with shocks that come to its drivers, one after the other."""
    drivers = dict(scenario.drivers)
    for name, shock in shocks:
        drivers[name] = drivers[name].model_copy(update={"shocks": [*drivers[name].shocks, shock]})
    return scenario.model_copy(update={"drivers": drivers})


def problems_of_sizes(model: Model, document: Document) -> list[Problem]:
    """The cases of an offer in order whose shocks take a driver to what it cannot be; each is told in the case that says it.

    What a case sets is another offer: its shocks are looked at where that is made.
    """
    scenario, found, told = model.scenario, [], set[str]()
    if model.given:  # is settled, never put under stress
        return []
    cases = {name: stress_of(name, scenario.stress) for name in scenario.stress}
    alone = {name: case for name, case in cases.items() if case.shocks and not case.values}
    usual = central_facts(scenario, model.plans) if alone else {}
    for name in sorted(alone, key=lambda name: bool(scenario.stress[name].all_of)):  # those that are taken in first
        case = scenario.stress[name]
        if told.isdisjoint(case.all_of):
            for driver, message in beyond(dict(alone[name].shocks), usual, shocked(scenario, alone[name].shocks), model.plans):
                own = ("shocks", driver) if driver in case.shocks else ()
                found.append(problem_of(message if own else f"{driver}: {message}", ("stress", name, *own), document))
                told.add(name)
    return found


def beyond(
    drivers: Collection[str], usual: Mapping[str, Floats], after: Scenario, plans: Plans
) -> Iterator[tuple[str, str]]:
    """Where shocks take a driver, at its central value, to what it cannot be: (driver, why).

    drivers: those that are shocked in `after`
    usual:   (periods,) by name, the central values without these shocks
    """
    if not drivers:
        return
    there = central_facts(after, plans)
    for name in drivers:
        unit = after.drivers[name].unit
        low, high = admitted(unit)
        least, most = float(there[name].min()), float(there[name].max())
        usually = float(np.abs(usual[name]).max())
        worst = least if least < low or -least > most else most
        told = f"at its central value it then comes to {value(worst, unit) if abs(worst) < 1e12 else f'{worst:.2g}'}"
        if worst < low or worst > high:
            whole = "a fraction of the time" if unit.of_time else "a fraction"
            between = f"between {value(low, unit)} and {value(high, unit)}"
            yield name, f"{told}, and {whole} lies {between}. Write a smaller shock."
        elif abs(worst) > LARGEST * usually > 0.0:
            most_of_it = f"{value(usually, unit)} {unit_words(unit)}"
            yield name, f"{told}, more than {LARGEST:,} times the {most_of_it} that it is. Write a smaller shock."
