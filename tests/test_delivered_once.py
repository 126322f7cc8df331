"""Operations that a version of an offer leaves as they are: simulated once, and the same to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

import gainsim
from gainsim.analyses.delivered_once import DeliveredEach, DeliveredOnce
from gainsim.analyses.waterfall import waterfall
from gainsim.bridge import simulate_model
from gainsim.model import build
from gainsim.operations.delivery import Delivery
from gainsim.operations.durations import Paths
from tests.test_service_levers import OFFER

PATHS = 40


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many paths were delivered, time after time."""
    found: list[int] = []
    own = Delivery.on

    def on(self: Delivery, paths: Paths) -> dict[str, np.ndarray]:
        found.append(len(paths))
        return own(self, paths)

    monkeypatch.setattr(Delivery, "on", on)
    return found


def test_a_version_that_leaves_operations_alone_has_them_as_they_are(asked: list[int]) -> None:
    offer = gainsim.load_text(OFFER).loaded
    once = DeliveredOnce(offer.model)
    dearer = gainsim.load_text(OFFER.replace("120 EUR", "150 EUR")).loaded.model
    for version in (offer.model, dearer, build(offer.scenario, still=["up"])):
        alone = simulate_model(version, PATHS, 5)
        asked.clear()
        found = simulate_model(version, PATHS, 5, delivery=once)
        assert np.array_equal(found.total, alone.total) and np.array_equal(found.cash, alone.cash)
        assert asked == ([PATHS] if version is offer.model else [])


def test_a_version_with_other_operations_has_its_own(asked: list[int]) -> None:
    once = DeliveredOnce(gainsim.load_text(OFFER).loaded.model)
    other = gainsim.load_text(OFFER.replace("fitters: { number: 1", "fitters: { number: 2")).loaded.model
    for times in (1, 2):
        asked.clear()
        found = simulate_model(other, PATHS, 5, delivery=once)
        assert asked == [PATHS], times
    assert np.array_equal(found.total, simulate_model(other, PATHS, 5).total)


def test_versions_with_other_operations_are_each_delivered_once(asked: list[int]) -> None:
    """As candidates of a tuning are, which come back to the same operations at another price."""
    each = DeliveredEach()
    offers = {
        (fitters, price): OFFER.replace("fitters: { number: 1", f"fitters: {{ number: {fitters}").replace("120 EUR", price)
        for fitters in (1, 2) for price in ("120 EUR", "150 EUR")
    }  # fmt: skip
    for text in offers.values():
        model = gainsim.load_text(text).loaded.model
        found = simulate_model(model, PATHS, 5, delivery=each)
        before = len(asked)
        assert np.array_equal(found.total, simulate_model(model, PATHS, 5).total)
        del asked[before:]
    assert asked == [PATHS, PATHS]


def test_what_has_no_room_is_simulated_anew(asked: list[int]) -> None:
    offer = gainsim.load_text(OFFER).loaded.model
    once = DeliveredOnce(offer, at_most=0)
    for _ in range(2):
        simulate_model(offer, PATHS, 5, delivery=once)
    assert asked == [PATHS, PATHS]


def test_a_waterfall_delivers_once(asked: list[int]) -> None:
    found = waterfall(gainsim.load_text(OFFER).loaded.model, PATHS, 5)
    assert found.offers == 2
    assert asked == [PATHS]
