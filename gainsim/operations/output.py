"""What drivers say of fleets, of their use and of the demand, and what the fleets make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.operations.account import Entry, Total
from gainsim.operations.durations import Paths
from gainsim.operations.history import Given, Histories
from gainsim.operations.plant import Plant

Floats = NDArray[np.float64]
#: what drivers say of a whole period, (periods, paths), by name
Known = Mapping[str, Floats]


def added_up(histories: Histories, paths: Paths, totals: Sequence[Total], known: Known) -> dict[Total, Floats]:
    """What histories add up in each period on these paths, and what fleets make by it, (periods, paths)."""
    sums = histories.sums(paths, totals, given(histories.plant, known, len(paths)))
    added = dict(zip(totals, sums, strict=True))
    return {**added, **output_of(histories.plant, added, known)}


def given(plant: Plant, known: Known, paths: int) -> Given:
    """What drivers say of the use of its fleets and the demand; a use or demand below nothing is none."""
    use, wanted = [], []
    for kind in plant.written.fleets.values():
        if kind.use is not None:
            use.append(_no_less_than_nothing(known[kind.use]) / np.diff(plant.rules.hours)[:, None])
        if kind.demand is not None:
            assert kind.capacity is not None
            able = kind.capacity * plant.owed[:, None] * _part(kind.performance, known)
            asked = _no_less_than_nothing(known[kind.demand])
            wanted.append(np.where(able > 0.0, asked / np.where(able > 0.0, able, 1.0), np.inf))
    nothing = np.empty((0, plant.periods, paths))
    return Given(np.array(use) if use else nothing, np.array(wanted) if wanted else nothing)


def output_of(plant: Plant, added: Mapping[Total, Floats], known: Known) -> dict[Total, Floats]:
    """What each fleet makes, as far as its hours are among what was added up, (periods, paths).

    output: in the unit of the demand; good: hours at capacity that this would take, of what is good of it; asked: the demand
    """
    found: dict[Total, Floats] = {}
    for number, kind in enumerate(plant.written.fleets.values()):
        made = added.get((Entry("fleet", number, "made"),))
        if kind.capacity is None or made is None:
            continue
        hours = made * _part(kind.performance, known)
        found[(Entry("fleet", number, "output"),)] = np.asarray(hours * kind.capacity)
        found[(Entry("fleet", number, "good"),)] = np.asarray(hours * _part(kind.quality, known))
        if kind.demand is not None:
            found[(Entry("fleet", number, "asked"),)] = _no_less_than_nothing(known[kind.demand])
    return found


def _part(named: str | float, known: Known) -> Floats | float:
    """A part of a whole, as a number or by a driver; what a driver says below nothing is nothing, and above the whole the whole."""
    return np.asarray(ops.minimum(_no_less_than_nothing(known[named]), 1.0)) if isinstance(named, str) else named


def _no_less_than_nothing(said: Floats) -> Floats:
    return np.asarray(ops.maximum(said, 0.0))
