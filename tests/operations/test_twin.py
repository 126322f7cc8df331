"""The numbers by which the compiled loop knows things are those of the names."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from gainsim.offer.shifts import WEEK, Shifts
from gainsim.operations import account, history, laws, plant
from gainsim.operations.twin import codes, loop, turning


def numbers(names: tuple[str, ...], prefix: str = "") -> list[int]:
    """What the loop has for these names."""
    others = {"planned": "planned_work", "escalated": "escalations"} if not prefix else {}
    return [getattr(codes, f"{prefix}{others.get(name, name).upper()}") for name in names]


def test_what_is_added_up_stands_where_its_name_does() -> None:
    assert (len(account.OF_TASK), len(account.OF_FLEET)) == (codes.IN_TASK, codes.IN_FLEET)
    assert numbers(account.OF_TASK) == list(range(codes.IN_TASK))
    assert numbers(account.OF_FLEET) == list(range(codes.IN_FLEET))
    for four in ("response responded worst_response late", "completion completed worst_completion overdue"):
        first, *others = map(account.OF_TASK.index, four.split())
        assert others == [first + 1, first + 2, first + 3]  # as `spent.took` has them
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


def test_a_shift_changes_when_its_hours_and_days_say() -> None:
    """Hour by hour: it stays as it is until the change, and is otherwise at the change."""
    for days, begins, ends in ((["monday", "friday"], 6, 22), (["sunday"], 0, 24), (WEEK, 8, 20), (WEEK[:5], 0, 24)):
        week = plant.week(Shifts(days=list(days), begins=begins, ends=ends))
        changes = plant.changes(week)
        assert len(changes) == plant.HOURS_OF_WEEK == 168
        on = [week[2 + hour // 24] > 0 and begins <= hour % 24 < ends for hour in range(168)]
        for hour, change in enumerate(changes):
            assert (change > 0) == on[hour]
            assert all(on[(hour + n) % 168] == on[hour] for n in range(abs(change)))
            assert on[(hour + abs(change)) % 168] != on[hour]
    assert set(plant.changes(plant.week(None))) == {0}


@pytest.mark.parametrize("shape", [(8, 8), (32, 24), (13, 21), (5, 40), (0, 3)])
def test_rows_become_columns(shape: tuple[int, int]) -> None:
    """Where there are squares of eight and where not; nothing around them is written."""
    rows, columns = shape
    source, target = np.random.default_rng(1).random(shape), np.zeros((columns + 2, rows + 3))
    turning.turn(source, target[1:-1, 1:-2])
    assert (target[1:-1, 1:-2] == source.T).all()
    assert target.sum() == pytest.approx(source.sum())


def test_what_is_compiled_is_known_by_all_its_sources() -> None:
    """The compiler's cache sees a change of one file alone; it sees what a function encloses."""
    parts = sorted(Path(loop.__file__).parent.glob("*.py"))
    assert len(parts) > 5
    (enclosed,) = loop.histories.py_func.__closure__
    assert enclosed.cell_contents == hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
