"""Volume charges at their edges, and rights to make up: nothing is taken free that was not paid for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gainsim.model import OfferError
from gainsim.ops.blame import NotFiniteError
from tests.terms.settled import settled

QUICK = settings(max_examples=30, deadline=None)
VOLUMES = some.lists(some.floats(0, 300), min_size=1, max_size=8)


def charge(volumes: list[float], then: str = "excess", **more: Any) -> list[float]:
    """A baseline of 100, nothing from 90 to 120; 2 up to 150, then 1; credits of 3 down to 60, then 4."""
    term = {
        "term": "volume_charge", "volume": "taken", "baseline": 100,
        "deadband": {"below": 10, "above": 20, "then": then},
        "additional": {"up to 150": 2, "above": 1}, "reduced": {"down to 60": 3, "below": 4},
        "clock": {"measured": "period"}, **more,
    }  # fmt: skip
    return settled({"charge": term}, {"taken": ("t/year", volumes)}).pays["charge"]


def by_hand(volume: float, then: str) -> float:
    """The clause in words, band by band."""
    if 90 <= volume <= 120:
        return 0.0
    if volume > 120:
        inner = 120.0 if then == "excess" else 100.0
        return 2.0 * (min(volume, 150.0) - inner) + max(volume - 150.0, 0.0)
    inner = 90.0 if then == "excess" else 100.0
    return -3.0 * (inner - max(volume, 60.0)) - 4.0 * max(60.0 - volume, 0.0)


EDGES = [edge + step for edge in (60.0, 90.0, 100.0, 120.0, 150.0) for step in (-1e-6, 0.0, 1e-6)]


@pytest.mark.parametrize("then", ["excess", "from_baseline"])
def test_every_edge_of_a_volume_charge(then: str) -> None:
    assert charge(EDGES, then) == pytest.approx([by_hand(volume, then) for volume in EDGES], abs=1e-9)


@QUICK
@given(VOLUMES, some.sampled_from(["excess", "from_baseline"]))
def test_a_volume_charge_by_hand(volumes: list[float], then: str) -> None:
    assert charge(volumes, then) == pytest.approx([by_hand(volume, then) for volume in volumes], abs=1e-9)


@pytest.mark.parametrize("edge", ["119", "100", "0"])
def test_an_edge_within_the_deadband_is_refused(edge: str) -> None:
    with pytest.raises(OfferError, match=f"the edge 'up to {edge}' does not lie beyond"):
        charge([100], additional={f"up to {edge}": 2, "above": 1})


def taken(volumes: list[float], minimum: float = 100, **make_up: Any) -> tuple[list[float], list[float]]:
    """What is short and what is made up, at prices of 1."""
    right = {"make_up": {"credit": 1, "expires": "never", **make_up}} if make_up else {}
    term = {"term": "take_or_pay", "volume": "taken", "at_least": minimum, "price": 1, "clock": {"measured": "period"}}
    lines = settled({"term": term | right}, {"taken": ("t/year", volumes)}).lines
    return lines["term.shortfall"], [-amount for amount in lines.get("term.make-up", [])]


def test_the_minimum_itself_is_enough() -> None:
    assert taken([99, 100, 101])[0] == [1, 0, 0]


@QUICK
@given(VOLUMES, some.integers(1, 4), some.floats(0, 80))
def test_rights_by_hand(volumes: list[float], lasts: int, at_most: float) -> None:
    """A queue of rights, each with the settlement in which it lapses, the oldest first."""
    queue: list[list[float]] = []
    expected = []
    for n, volume in enumerate(volumes):
        queue = [right for right in queue if n <= right[0]]
        room = min(max(volume - 100.0, 0.0), at_most)
        used = 0.0
        for right in queue:
            part = min(right[1], room - used)
            right[1] -= part
            used += part
        expected.append(used)
        queue.append([n + lasts, max(100.0 - volume, 0.0)])
    expires = f"after {lasts} settlement{'s' if lasts > 1 else ''}"
    short, made_up = taken(volumes, expires=expires, at_most=at_most)
    assert short == pytest.approx([max(100.0 - volume, 0.0) for volume in volumes])
    assert made_up == pytest.approx(expected, abs=1e-9)


@QUICK
@given(VOLUMES)
def test_a_right_that_never_lapses_lasts_as_long_as_any(volumes: list[float]) -> None:
    """And nothing is taken free that was not paid for before, nor out of what lies below the minimum."""
    short, made_up = taken(volumes, expires="never")
    assert made_up == pytest.approx(taken(volumes, expires="after 120 settlements")[1], abs=1e-9)
    for n, volume in enumerate(volumes):
        assert sum(made_up[: n + 1]) <= sum(short[:n]) + 1e-9
        assert made_up[n] <= max(volume - 100, 0) + 1e-9


def test_while_it_does_not_stand_nothing_is_paid_for_and_rights_grow_old() -> None:
    facts = {"taken": ("t/year", [70.0, 50, 130, 130]), "stage": ("1", [1.0, 0, 0, 1])}
    term = {
        "term": "take_or_pay", "volume": "taken", "at_least": 100, "price": 1, "active_while": "stage > 0",
        "clock": {"measured": "period"},
    }  # fmt: skip

    def pays(expires: str) -> list[float]:
        return settled({"term": term | {"make_up": {"credit": 1, "expires": expires}}}, facts).pays["term"]

    assert pays("never") == [30, 0, 0, -30]
    assert pays("after 2 settlements") == [30, 0, 0, 0]


def test_a_minimum_below_zero_ends_the_run() -> None:
    facts = {"taken": ("t/year", [70.0]), "least": ("t/year", [-1.0])}
    term = {"term": "take_or_pay", "volume": "taken", "at_least": "least", "price": 1, "clock": {"measured": "period"}}
    with pytest.raises(NotFiniteError, match="the minimum 'least' is negative"):
        settled({"term": term}, facts)
