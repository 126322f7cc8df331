"""How large a shock may be: a driver at its central value stays what its unit admits, and within what could be told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from gainsim.conduct.effort import Plans
from gainsim.futures import central_facts, unit_words, value
from gainsim.offer.scenario import Scenario
from gainsim.slips import admitted

#: no shock takes a driver beyond so many times the largest of its central values
LARGEST = 1_000


def beyond(drivers: Collection[str], before: Scenario, after: Scenario, plans: Plans) -> Iterator[tuple[str, str]]:
    """Where shocks take a driver, at its central value, to what it cannot be: (its path in the file, why).

    drivers: those that are shocked in `after`, and are as they usually are in `before`
    """
    if not drivers:
        return
    usual, shocked = central_facts(before, plans), central_facts(after, plans)
    for name in drivers:
        unit = after.drivers[name].unit
        low, high = admitted(unit)
        least, most = float(shocked[name].min()), float(shocked[name].max())
        usually = float(np.abs(usual[name]).max())
        worst = least if least < low or -least > most else most
        told = f"at its central value it then comes to {value(worst, unit) if abs(worst) < 1e12 else f'{worst:.2g}'}"
        if worst < low or worst > high:
            whole = "a fraction of the time" if unit.of_time else "a fraction"
            between = f"between {value(low, unit)} and {value(high, unit)}"
            yield f"drivers.{name}", f"{told}, and {whole} lies {between}. Write a smaller shock."
        elif abs(worst) > LARGEST * usually > 0.0:
            most_of_it = f"{value(usually, unit)} {unit_words(unit)}"
            yield f"drivers.{name}", f"{told}, more than {LARGEST:,} times the {most_of_it} that it is. Write a smaller shock."
