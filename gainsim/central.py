"""The world of an offer without chance: every driver at its declared central value."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import realise
from gainsim.conduct.effort import Plans
from gainsim.model import build_world
from gainsim.offer.scenario import Scenario
from gainsim.streams.source import Philox

Floats = NDArray[np.float64]


def central_facts(scenario: Scenario, plans: Plans = MappingProxyType({})) -> dict[str, Floats]:
    """(periods,) by name, the facts of an offer with every driver at its declared central value."""
    world = build_world(scenario, "central", plans)
    found, _ = realise(world, Philox(world.plan(1, 0)), np.zeros(1, np.uint64), range(world.calendar.periods))
    return {name: values[:, 0] for name, values in found.items()}
