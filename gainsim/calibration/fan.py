"""The fan of a fragment, by the engine itself: a scenario is made of the drivers, read as any other, and simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import realise
from gainsim.calibration.dates import MONTHS, label
from gainsim.calibration.history import Column
from gainsim.model import build_world
from gainsim.offer.scenario import Scenario
from gainsim.scenario.reading import read_text
from gainsim.scenario.rewriting import as_written
from gainsim.streams.source import Philox

Floats = NDArray[np.float64]
PATHS, SEED, AT_ONCE = 10_000, 1, 2_000
#: the quantiles of a fan, lowest first
SHARES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
#: the bands: how much lies within, and their quantiles
BANDS = {0.5: (0.25, 0.75), 0.8: (0.1, 0.9), 0.9: (0.05, 0.95), 0.95: (0.025, 0.975)}


def scenario_text(column: Column, driver: Mapping[str, Any], periods: int) -> str:
    """A scenario of one driver from the end of a column on, over so many periods, and a contract that does not matter."""
    start = label(column.month(len(column.values)), "month")
    years = -(-periods * MONTHS[column.step] // 12)
    parts = {
        "gainsim": 1,
        "title": f"{column.name} from {start} on",
        "currency": "EUR",
        "calendar": {"start": start, "years": years, "step": column.step, "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "drivers": {column.name: dict(driver)},
        "contract": {"nothing": {"term": "fee", "amount": f"0 EUR per {column.step}", "clock": {"paid": "0 days"}}},
    }
    return "".join(f"{key}: {as_written(part)}\n" for key, part in parts.items())


def futures(column: Column, driver: Mapping[str, Any], periods: int, paths: int = PATHS) -> Floats:
    """(periods, paths) what may come after the column's end."""
    scenario = Scenario.model_validate(read_text(scenario_text(column, driver, periods), column.name).data)
    world = build_world(scenario)
    source = Philox(world.plan(paths, SEED))
    blocks = [
        realise(world, source, np.arange(first, min(first + AT_ONCE, paths), dtype=np.uint64), range(periods))[0]
        for first in range(0, paths, AT_ONCE)
    ]
    return np.concatenate([block[column.name] for block in blocks], axis=1)


def quantiles(paths: Floats, shares: Sequence[float] = SHARES) -> Floats:
    """(shares, periods) of futures."""
    return np.asarray(np.quantile(paths, shares, axis=1))
