"""The numbers by which the compiled loop knows things are those of the names."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gainsim.offer.shifts import WEEK
from gainsim.operations import account, history, laws, plant
from gainsim.operations.twin import codes, loop, state


def numbers(names: tuple[str, ...], prefix: str = "") -> list[int]:
    """What the loop has for these names."""
    others = {"planned": "planned_work"} if not prefix else {}
    return [getattr(codes, f"{prefix}{others.get(name, name).upper()}") for name in names]


def test_what_is_added_up_stands_where_its_name_does() -> None:
    assert (state.OF_TASK.names, state.OF_FLEET.names) == (account.OF_TASK, account.OF_FLEET)
    assert (len(account.OF_TASK), len(account.OF_FLEET)) == (state.IN_TASK, state.IN_FLEET)
    places = {"overtime": state.OVERTIME, "response": state.RESPONSE, "overdue": state.OVERDUE, account.CAUSES[0]: state.BY_CAUSE}
    assert places == {name: account.OF_TASK.index(name) for name in places}
    first = account.OF_TASK.index(account.CAUSES[0])
    assert numbers(account.CAUSES) == list(range(first, first + len(account.CAUSES)))
    assert numbers(account.WAITS) == list(range(codes.NO_SPARE, codes.NO_CREW + 1))


def test_what_happens_has_the_numbers_of_the_log() -> None:
    names = ("FAILS", "BEGINS", "DONE", "RUNS", "GOES", "CALLS", "STOPS")
    assert [getattr(history, name) for name in names] == list(history.WHAT) == numbers(names)
    assert codes.LACKS == history.LACKS > max(history.WHAT)


def test_durations_ages_and_priorities_stand_in_the_order_of_their_names() -> None:
    others = {"lead_time": "lead"}
    assert numbers(tuple(others.get(kind, kind) for kind in laws.KINDS), "DRAWN_") == list(range(codes.KINDS))
    assert len(laws.KINDS) == codes.KINDS
    by = {"running": codes.BY_HOURS, "calendar": codes.BY_CALENDAR, "use": codes.BY_USE}
    assert dict(zip(plant.AGES, range(3), strict=True)) == by
    assert (codes.PLANNED, codes.URGENT, codes.ESCALATED) == (0, 1, 2)  # as the options and priorities of a task stand


def test_shifts_are_two_hours_and_seven_days() -> None:
    assert plant.CREW["shifts"].shape == (2 + len(WEEK),)


def test_what_is_compiled_is_known_by_all_its_sources() -> None:
    """The compiler's cache sees a change of one file alone; it sees what a function encloses."""
    parts = sorted(Path(loop.__file__).parent.glob("*.py"))
    assert len(parts) > 5
    (enclosed,) = loop.histories.py_func.__closure__
    assert enclosed.cell_contents == hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
