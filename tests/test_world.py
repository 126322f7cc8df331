"""The world: facts by name, resumable, and undisturbed by what is added to the contract."""

from __future__ import annotations

import numpy as np
import pytest

from gainsim.bridge import delivery_of, realise
from gainsim.model import build_world
from gainsim.streams.source import Philox
from tests.scenarios.test_shipped import SHIPPED, load


@pytest.mark.parametrize("offer", SHIPPED)
def test_a_world_taken_up_again_goes_on_as_if_it_had_never_stopped(offer: str) -> None:
    world = build_world(load(offer).scenario)
    source = Philox(world.plan(50, seed=3))
    paths = np.arange(50, dtype=np.uint64)
    periods = world.calendar.periods
    given = delivery_of(world, source, seed=3).on(paths)
    whole, end = realise(world, source, paths, range(periods), given=given)
    for stop in {1, periods // 2, periods - 1} - {0}:
        first, memory = realise(world, source, paths, range(stop), given=given)
        second, last = realise(world, source, paths, range(stop, periods), memory, given)
        assert np.array_equal(last, end)
        for name, values in whole.items():
            joined = np.concatenate([first[name], second[name]])
            assert joined.tobytes() == values.tobytes(), name
