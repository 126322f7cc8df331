"""The numbers by which the compiled loop knows things are those of the names: its file knows of no other."""

from __future__ import annotations

import pytest

from gainsim.offer.shifts import WEEK
from gainsim.operations import account, history, laws, plant, twin


def numbers(names: tuple[str, ...], prefix: str = "") -> list[int]:
    """What the loop has for these names."""
    others = {"planned": "planned_work", "escalated": "escalations"} if not prefix else {}
    return [getattr(twin, f"{prefix}{others.get(name, name).upper()}") for name in names]


@pytest.mark.parametrize("names", [account.OF_TASK, account.OF_FLEET])
def test_what_is_added_up_stands_where_its_name_does(names: tuple[str, ...]) -> None:
    assert numbers(names) == list(range(len(names)))


def test_as_much_is_added_up_as_has_a_name() -> None:
    assert (len(account.OF_TASK), len(account.OF_FLEET)) == (twin.OF_TASK, twin.OF_FLEET)
    assert numbers(account.CAUSES) == list(range(twin.NO_SPARE, twin.NO_SPARE + len(account.CAUSES)))
    assert numbers(account.WAITS) == list(range(twin.NO_SPARE, twin.NO_CREW + 1))


def test_what_happens_has_the_numbers_of_the_log() -> None:
    names = ("FAILS", "BEGINS", "DONE", "RUNS", "GOES", "CALLS", "STOPS")
    assert [getattr(history, name) for name in names] == list(history.WHAT) == numbers(names)
    assert twin.LACKS == history.LACKS > max(history.WHAT)


def test_durations_ages_and_priorities_stand_in_the_order_of_their_names() -> None:
    others = {"lead_time": "lead"}
    assert numbers(tuple(others.get(kind, kind) for kind in laws.KINDS), "_") == list(range(len(laws.KINDS)))
    assert dict(zip(plant.AGES, range(3), strict=True)) == {"running": twin._HOURS, "calendar": twin._CALENDAR, "use": twin._USE}
    assert (twin._PLAN, twin._URGENT, twin._LONG) == (0, 1, 2)  # as the options and priorities of a task stand


def test_shifts_are_two_hours_and_seven_days() -> None:
    assert plant.CREW["shifts"].shape == (2 + len(WEEK),)
