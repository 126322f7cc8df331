"""The numbers of the reference deal, for the rivals that compute it without gainsim's engine.

They are read from `reference_deal.yaml` through gainsim's own set-up, so that all contenders start from the same
numbers to the last bit; what is done with them each rival writes for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Rows, rows_of
from gainsim.dependence.matrix import factor
from gainsim.drivers import processes
from gainsim.model import Model
from gainsim.scenario.load import load_file

Floats = NDArray[np.float64]

REFERENCE_DEAL = Path(__file__).parent / "reference_deal.yaml"
STREAMS = ("energy_price", "wage", "volume", "productivity")

MONTHS, YEARS = 60, 5
#: rows of the ledger in one year: the cost of each month, and the steps settled at the year's end
SETTLED_LINES = (
    "base_fee.amount",
    "gain_share.gain",
    "gain_share.deadband",
    "gain_share.share below 0",
    "gain_share.share up to 8% of baseline",
    "gain_share.share above",
    "gain_share.carry",
    "gain_share.floor",
    "gain_share.cap",
)
COST_LINE = "operation"
LINES = (*SETTLED_LINES, COST_LINE)
#: the first settled line that is money, not a gain, apart from the fee
FIRST_PAYMENT = SETTLED_LINES.index("gain_share.share below 0")

# The contract's own numbers, as reference_deal.yaml writes them.
ENERGY_PER_PIECE, HOURS_PER_PIECE = 0.6, 0.8
DEADBAND, BAND_EDGE = 0.02, 0.08
PAIN_SHARE, UPPER_SHARE = 0.4, 0.3
LOWER_SHARES = (0.5, 0.5, 0.5, 0.4, 0.4)
FLOOR, CAP = -0.005, 0.06
FEE, COST_RATE, COST_FIXED = 0.05, 0.03, 1500.0


@dataclass(frozen=True)
class Numbers:
    """What the world and the calendar of the deal come to.

    walks:    start, drift and volatility a month of energy and wage
    volume:   centre, keep and sd a month
    ramp:     (months,) the productivity expected; noise: its standard deviation a month
    coupling: lower Cholesky factor of the first three drivers
    discount: (months,) what a unit paid at the end of a month is worth at the start
    """

    walks: tuple[tuple[float, float, float], tuple[float, float, float]]
    volume: tuple[float, float, float]
    ramp: Floats
    noise: float
    coupling: Floats
    discount: Floats


def reference_model() -> Model:
    """The reference deal, ready to run in gainsim."""
    return load_file(REFERENCE_DEAL).model


def numbers_of(model: Model) -> Numbers:
    """The deal's numbers; refuses a file whose lines are not the ones that the rivals compute."""
    lines = tuple(line.name for line in model.lines)
    if lines != LINES:
        raise ValueError(f"the rivals compute {LINES}; the reference deal has the lines {lines}")
    drivers, calendar = model.scenario.drivers, model.calendar
    walks = []
    for name in STREAMS[:2]:
        written = drivers[name].geometric_walk
        assert written is not None
        walk = processes.geometric_walk(written, calendar)
        walks.append((walk.start, walk.drift, walk.volatility))
    reverting, ramped = drivers["volume"].mean_reverting, drivers["productivity"].ramp
    assert reverting is not None and ramped is not None
    volume, ramp = processes.mean_reverting(reverting, calendar), processes.ramp(ramped, calendar)
    assert isinstance(ramp.full_effect, float)
    pairs = {(d.between[0], d.between[1]): d.correlation for d in model.scenario.dependence}
    return Numbers(
        walks=(walks[0], walks[1]),
        volume=(volume.centre, volume.keep, volume.sd),
        ramp=ramp.full_effect * ramp.progress,
        noise=ramp.noise,
        coupling=np.array(factor(STREAMS[:3], pairs)),
        discount=_discount(rows_of(model)),
    )


def _discount(rows: Rows) -> Floats:
    """By month, from the rows of the monthly cost."""
    worth = [rows.plan.discount[n] for n, (_, line) in enumerate(rows.keys) if LINES[line] == COST_LINE]
    return np.array(worth)


def row_order(rows: Rows) -> list[tuple[int, str]]:
    """(period, line name) of every row, for comparing row by row."""
    return [(period, LINES[line]) for period, line in rows.keys]
