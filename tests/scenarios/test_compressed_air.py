"""Compressed air: how often the room fails, what it then owes, and what its story says of the shelf."""

from __future__ import annotations

from math import gamma

import numpy as np
import pytest

from gainsim.api import load
from gainsim.bridge import simulate_model
from gainsim.offer.shapes import Shape
from tests.scenarios.test_shipped import FOLDER, amounts, line
from tests.scenarios.test_shipped import load as loaded

NAME = "compressed_air"
KITS = "operations.compressor_room.spares.oil_kits.stock"


def mean(life: Shape) -> float:
    """Of an exponential its mean, of a Weibull scale × Γ(1 + 1 / shape)."""
    if life.exponential is not None:
        return life.exponential.mean
    assert life.weibull is not None
    return life.weibull.scale * gamma(1.0 + 1.0 / life.weibull.shape)


def test_a_machine_fails_once_in_4_200_running_hours() -> None:
    failures = loaded(NAME).scenario.operations["compressor_room"].fleets["compressors"].failures
    means = {name: mean(mode.life) for name, mode in failures.items()}
    assert means == pytest.approx({"controls": 9_300, "oil_circuit": 10_600, "air_end": 28_000}, rel=0.005)
    assert 1 / sum(1 / each for each in means.values()) == pytest.approx(4_200, rel=0.005)


def credit(availability: float) -> float:
    """The part of the month's fee: 5% below 99.5%, 15% below 99%, 30% below 98%."""
    return 0.30 if availability < 0.98 else 0.15 if availability < 0.99 else 0.05 if availability < 0.995 else 0.0


def test_every_month_by_the_rule_in_words() -> None:
    """At most a tenth of a year's fee is credited in a year. Of the first paths those that owe most, so that this counts too."""
    availability = load(FOLDER / f"{NAME}.yaml").futures(4_000, seed=1)["availability"]
    owed = np.vectorize(credit)(availability)
    years = owed.reshape(7, 12, -1).sum(axis=1).max(axis=0)
    for path in [*np.argsort(years)[-3:].tolist(), 0, 1]:
        lines = amounts(loaded(NAME), path)
        fee = [sum(rows) for rows in zip(lines["base_fee.amount"], lines["base_fee.indexation"], strict=True)]
        steps = [rows for name, rows in lines.items() if name.startswith("availability_credits.")]
        found = [sum(rows) for rows in zip(*steps, strict=True)]
        left = 0.0
        for month in range(84):
            left = 0.10 * sum(fee[month : month + 12]) if month % 12 == 0 else left
            by_hand = min(credit(availability[month, path]) * fee[month], left)
            left -= by_hand
            assert found[month] == pytest.approx(-by_hand, abs=1e-6), (path, month)
    assert years.max() > 1.2, "a year in which the pool is used up"


def test_a_second_kit_on_the_shelf_earns_its_price_and_a_third_does_not() -> None:
    """A kit is 3,000."""
    npv, credited = {}, {}
    for stock in (1, 2, 3):
        run = simulate_model(loaded(NAME, f"{KITS}={stock}").model, 4_000, 2027)
        moving = [number for number, each in enumerate(run.rows.lines) if each.suppliers_cash]
        npv[stock] = run.npv[moving].sum(axis=0).mean()
        steps = [line(run, f"availability_credits.below {edge}") for edge in ("99.5%", "99%", "98%")]
        credited[stock] = run.total[steps].sum(axis=0).mean()
    assert npv[2] - npv[1] > 3_000 > npv[3] - npv[2]
    assert credited[2] == pytest.approx(0.6 * credited[1], rel=0.08)
