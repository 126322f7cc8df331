"""The lifts: what the customer deducts, settled by hand from the histories, and what the story says of levers."""

from __future__ import annotations

import pytest

from gainsim.analyses.service_levers import ServiceLever
from gainsim.api import load
from gainsim.bridge import simulate_model
from gainsim.outcome import Outcome
from gainsim.service import Operated, service
from tests.scenarios.test_shipped import FOLDER, amounts, verdicts
from tests.scenarios.test_shipped import load as loaded

NAME = "lifts"
STOCK = "operations.blocks.spares.controllers.stock"


def test_the_limits_are_kept() -> None:
    assert set(verdicts(NAME).values()) == {True}


def deducted(availability: float, in_time: float) -> float:
    """The part of the amount at risk: 30% below 99%, 60% below 98%, all of it below 96%; 40% where somebody waits over an hour."""
    lifts = 1.0 if availability < 0.96 else 0.6 if availability < 0.98 else 0.3 if availability < 0.99 else 0.0
    return min(1.0, lifts + (0.4 if in_time < 1.0 else 0.0))


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
            part = deducted(facts["availability"][month, path], facts["trapped_in_time"][month, path])
            by_hand = min(part * 0.15 * charge[month], left)
            left -= by_hand
            assert found[month] == pytest.approx(-by_hand, abs=1e-6), month


@pytest.fixture(scope="module")
def blocks() -> Operated:
    (found,) = service(loaded(NAME).scenario, 2_000, 2027).operated
    return found


def lever(of: Operated, said: str) -> ServiceLever:
    return next(each for each in of.levers if each.change.words() == said)


def test_every_lever_has_its_costs(blocks: Operated) -> None:
    """But a lift more, which the customer would have to build."""
    assert {each.change.kind for each in blocks.levers if each.lacks_costs} == {"fleet"}


def test_a_second_mechanic_is_worth_little_and_the_nights_are_most_of_the_hours(blocks: Operated) -> None:
    mechanic, controller = lever(blocks, "mechanic 1 → 2"), lever(blocks, "controllers in stock 1 → 2")
    assert controller.moved["downtime"].value < 4.0 * mechanic.moved["downtime"].value < 0.0
    failures = [mode for mode in blocks.causes if mode.mode != "servicing"]
    assert sum(mode.hours["no_shift"].value for mode in failures) > 0.4 * sum(mode.down for mode in failures)
    assert mechanic.npv is not None
    assert mechanic.npv.value < -200_000.0


def test_the_first_controller_earns_its_price_and_the_second_does_not(blocks: Operated) -> None:
    """The shelf costs 5,500 for each at the start; what its lever says is what runs of the changed files differ by."""
    npv = {stock: Outcome(simulate_model(loaded(NAME, f"{STOCK}={stock}").model, 2_000, 2027)).npv.mean() for stock in (0, 1, 2)}
    assert npv[1] > npv[0]
    assert npv[1] > npv[2]
    more, fewer = lever(blocks, "controllers in stock 1 → 2").npv, lever(blocks, "controllers in stock 1 → 0").npv
    assert more is not None
    assert fewer is not None
    assert (more.value, fewer.value) == pytest.approx((npv[2] - npv[1], npv[0] - npv[1]))
