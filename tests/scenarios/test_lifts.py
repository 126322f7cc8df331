"""The lifts: what the customer deducts, settled by hand from the histories, and what the story says of levers."""

from __future__ import annotations

import pytest

from gainsim.api import load
from gainsim.bridge import simulate_model
from gainsim.service import Lever, service
from tests.scenarios.test_shipped import FOLDER, amounts, line, verdicts
from tests.scenarios.test_shipped import load as loaded

NAME = "lifts"
STOCK = "operations.blocks.spares.controllers.stock"


def test_the_limits_are_kept() -> None:
    assert set(verdicts(NAME).values()) == {True}


def deducted(availability: float, hours: float) -> float:
    """The part of the amount at risk: 30% below 99%, 60% below 98%, all of it below 96%; 40% where people wait over an hour."""
    lifts = 1.0 if availability < 0.96 else 0.6 if availability < 0.98 else 0.3 if availability < 0.99 else 0.0
    return min(1.0, lifts + (0.4 if hours > 1.0 else 0.0))


@pytest.mark.parametrize("path", [0, 1, 4, 4_711])
def test_every_month_by_the_rule_in_words(path: int) -> None:
    """15% of the charge is at risk, at most 4% of a year's charge is deducted in a year."""
    facts = load(FOLDER / f"{NAME}.yaml").futures(path + 1, seed=1)
    lines = amounts(loaded(NAME), path)
    charge = [sum(rows) for rows in zip(lines["charge.amount"], lines["charge.indexation"], strict=True)]
    levels = [rows for name, rows in lines.items() if name.startswith("levels.")]
    found = [sum(rows) for rows in zip(*levels, strict=True)]
    assert any(found)
    for year in range(5):
        left = 0.04 * sum(charge[12 * year : 12 * year + 12])
        for month in range(12 * year, 12 * year + 12):
            part = deducted(facts["availability"][month, path], facts["time_to_the_trapped"][month, path])
            by_hand = min(part * 0.15 * charge[month], left)
            left -= by_hand
            assert found[month] == pytest.approx(-by_hand, abs=1e-6), month


def test_a_controller_on_the_shelf_is_worth_more_than_a_mechanic() -> None:
    (blocks,) = service(loaded(NAME).scenario, 200, 1).operated

    def saved(name: str, after: int) -> Lever:
        return next(lever for lever in blocks.levers if (lever.name, lever.after) == (name, after))

    mechanic, controller = saved("mechanic", 2).change["downtime"], saved("controllers", 2).change["downtime"]
    assert controller.value < 4.0 * mechanic.value < 0.0
    assert sum(mode.hours["no_shift"].value for mode in blocks.causes) > 0.4 * sum(mode.down for mode in blocks.causes)


def test_the_first_controller_earns_its_price_and_the_second_does_not() -> None:
    """A controller on the shelf is 5,500 at the start."""
    npv = {}
    for stock in (0, 1, 2):
        run = simulate_model(loaded(NAME, f"{STOCK}={stock}").model, 2_000, 2027)
        moving = [number for number, each in enumerate(run.rows.lines) if each.suppliers_cash]
        npv[stock] = run.npv[moving].sum(axis=0).mean()
    assert run.npv[line(run, "shelf")].mean() == pytest.approx(-5_500)
    assert npv[1] - npv[0] > 5_500
    assert 0.0 < npv[2] - npv[1] < 5_500
