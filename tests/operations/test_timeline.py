"""The timeline of a path against histories by hand, and against what histories add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.model import calendar_of
from gainsim.offer.operations import Operations
from gainsim.offer.scenario import CalendarText
from gainsim.operations.account import WAITS, Entry
from gainsim.operations.history import Histories
from gainsim.operations.plant import Plant, plant
from gainsim.operations.timeline import Story, Wait, periods_down, story
from gainsim.problems import Problems

Floats = NDArray[np.float64]
DAY = {"days": "monday to friday", "begins": 7, "ends": 17}
#: everything that can hold a repair up, at once
BUSY: dict[str, Any] = {
    "fleets": {
        "lifts": {
            "assets": 5,
            "running": 4,
            "site": "hill",
            "failures": {
                "door": {"life": {"exponential": {"mean": 150}}, "repair": {"uniform": {"low": 1, "high": 9}}, "crew": "day",
                         "escalates": {"after": 60, "priority": 1, "crew": "any"}},
                "rope": {
                    "life": {"weibull": {"shape": 2, "scale": 900}}, "repair": 20, "crew": "day", "spare": "ropes",
                    "access": {"uniform": {"low": 0, "high": 5}}, "priority": 2,
                },
            },
        },
        "stairs": {"assets": 2, "failures": {"step": {"life": {"exponential": {"mean": 400}}, "repair": 6, "crew": "any"}}},
    },
    "requests": {"calls": {
        "every": {"exponential": {"mean": 90}}, "takes": 3, "crew": "day", "room": 2, "escalates": {"after": 9, "priority": 1},
        "patience": {"discrete": [{"value": 0, "chance": 0.1}, {"value": 40, "chance": 0.9}]}}},
    "crews": {"day": {"number": 1, "travel": 1.5, "shifts": DAY}, "any": {"number": 1}},
    "sites": {"hill": {"weather": {"fair": {"exponential": {"mean": 300}}, "foul": {"uniform": {"low": 5, "high": 50}}}}},
    "spares": {
        "ropes": {"stock": 1, "lead_time": {"uniform": {"low": 20, "high": 90}}, "depot": "central"},
        "central": {"stock": 1, "lead_time": {"uniform": {"low": 100, "high": 900}}},
    },
}  # fmt: skip


def a_plant(years: int = 1, step: str = "year", **written: Any) -> Plant:
    """Hour 0 is Friday, 2027-01-01."""
    calendar = calendar_of(CalendarText.model_validate({"start": "2027-01", "years": years, "step": step, "year": "contract"}))
    problems = Problems()
    made = plant("room", Operations.model_validate(written), calendar, problems)
    assert made is not None, problems.found
    return made


def fixed(hours: float) -> dict[str, Any]:
    return {"discrete": [{"value": hours, "chance": 1}]}


def mode(life: float, **more: Any) -> dict[str, Any]:
    return {"life": fixed(life), "crew": "one", **more}


def told(**written: Any) -> Story:
    return story(Histories(a_plant(**{"crews": {"one": {"number": 1}}, **written}), 1), 0)


def test_a_repair_that_waits_for_the_shift() -> None:
    """Fails at hour 8,600, a Saturday, 08:00; the shift begins on Monday, 07:00; 2 hours on the way, 5 of access, 40 of work."""
    (work,) = told(
        fleets={"one": {"assets": 1, "failures": {"f": mode(8_600, repair=40, access=5)}}},
        crews={"one": {"number": 1, "travel": 2, "shifts": DAY}},
    ).works
    assert work.waits == [Wait(8_600.0, 8_647.0, "no_shift")]
    assert (work.called, work.failed, work.begun, work.done, work.runs) == (None, 8_600.0, 8_647.0, 8_694.0, 8_694.0)
    assert list(periods_down(work, 8_760.0)) == [(8_600.0, 8_647.0, "no_shift"), (8_647.0, 8_694.0, "repair")]


def test_what_the_end_cuts_off_has_no_end() -> None:
    (work,) = told(fleets={"one": {"assets": 1, "failures": {"f": mode(8_660, repair=400)}}}).works
    assert (work.begun, work.done, work.runs) == (8_660.0, None, None)
    assert list(periods_down(work, 8_760.0)) == [(8_660.0, 8_760.0, "repair")]


def test_standby_is_told_when_it_starts() -> None:
    """Two pumps of which one runs, lives of 100, repairs of 30: one stands by until the other fails."""
    found = told(fleets={"pumps": {"assets": 2, "running": 1, "failures": {"f": mode(100, repair=30)}}})
    assert found.starts == [(100.0, 1)]
    assert [(each.asset, each.failed, each.done, each.runs) for each in found.works[:2]] == [
        (0, 100.0, 130.0, 200.0), (1, 200.0, 230.0, 300.0),
    ]  # fmt: skip


def test_a_spare_is_waited_for_before_the_shift_and_the_crew() -> None:
    """b fails at 50 and lacks its part until 350; a has the crew from 20 to 40, and again every 40 hours, so until 360."""
    found = told(
        fleets={
            "a": {"assets": 1, "failures": {"f": mode(20, repair=20)}},
            "b": {"assets": 1, "failures": {"f": mode(50, repair=9_000, spare="part", priority=2)}},
        },
        spares={"part": {"stock": 0, "lead_time": 300}},
    )
    (b,) = (work for work in found.works if work.asset == 1)
    assert b.waits == [Wait(50.0, 350.0, "no_spare"), Wait(350.0, 360.0, "no_crew")]


def test_a_part_that_comes_after_the_shift_waits_for_the_next() -> None:
    """Fails on Friday, 10:00; the part comes 8 hours later, an hour after the shift: it begins on Monday, 07:00, 61 hours on."""
    (work,) = told(
        fleets={"b": {"assets": 1, "failures": {"f": mode(10, repair=9_000, spare="part")}}},
        crews={"one": {"number": 1, "shifts": DAY}},
        spares={"part": {"stock": 0, "lead_time": 8}},
    ).works
    assert work.waits == [Wait(10.0, 18.0, "no_spare"), Wait(18.0, 79.0, "no_shift")]


def test_a_depot_sends_in_turn() -> None:
    """Two fail at 10 and 20; the depot has one part. The second is sent at 110, when the depot's own order arrives: 140."""
    fleets = {
        name: {"assets": 1, "failures": {"f": mode(life, repair=9_000, spare="part")}} for name, life in (("a", 10), ("b", 20))
    }
    spares = {"part": {"stock": 0, "lead_time": 30, "depot": "central"}, "central": {"stock": 1, "lead_time": 100}}
    found = told(fleets=fleets, crews={"one": {"number": 2}}, spares=spares)
    assert [each.waits for each in found.works] == [[Wait(10.0, 40.0, "no_spare")], [Wait(20.0, 140.0, "no_spare")]]


def test_what_is_foreseen_stops_the_asset_when_the_crew_is_there() -> None:
    """Called for at 900 of 1,000; the crew is 2 hours on the way; 5 of work. The next life begins at the age of 902."""
    foreseen = {"chance": 1, "ahead": 100, "repair": 5}
    found = told(
        fleets={"one": {"assets": 1, "failures": {"f": mode(1_000, repair=40, foreseen=foreseen)}}},
        crews={"one": {"number": 1, "travel": 2}},
    )
    first, second = found.works[:2]
    assert (first.called, first.failed, first.begun, first.stopped, first.done, first.runs) == (900, None, 900, 902, 907, 907)
    assert second.called == 907 + 900
    assert list(periods_down(first, 8_760.0)) == [(902.0, 907.0, "planned")]


def test_what_fails_before_the_crew_is_there_is_repaired_by_it() -> None:
    """Called for at 900; it fails at 1,000; the crew is there at 1,050, and repairs for 40 hours."""
    foreseen = {"chance": 1, "ahead": 100, "repair": 5}
    first = told(
        fleets={"one": {"assets": 1, "failures": {"f": mode(1_000, repair=40, foreseen=foreseen)}}},
        crews={"one": {"number": 1, "travel": 150}},
    ).works[0]
    assert (first.called, first.begun, first.failed, first.stopped, first.done) == (900, 900, 1_000, None, 1_090)
    assert list(periods_down(first, 8_760.0)) == [(1_000.0, 1_090.0, "repair")]


def test_planned_work_is_withdrawn_where_a_repair_renews_the_asset() -> None:
    """a is called for on Thursday, hour 500, of a crew that comes on Sundays; b fails at 520 and renews all at 530."""
    a = mode(1_000, repair=40, foreseen={"chance": 1, "ahead": 500}, crew="sundays")
    found = told(
        fleets={"one": {"assets": 1, "failures": {"a": a, "b": mode(520, repair=10, renews="asset")}}},
        crews={"one": {"number": 1}, "sundays": {"number": 1, "shifts": {"days": "sunday", "begins": 0, "ends": 1}}},
    )
    planned, repair = found.works[:2]
    assert (planned.called, planned.gone, planned.begun, planned.down) == (500.0, 530.0, None, None)
    assert (repair.failed, repair.done) == (520.0, 530.0)


def test_calls_are_answered_leave_and_are_turned_away() -> None:
    """One every 10 hours, 15 of work each; one may wait, for 12 hours at most.

    The first is begun at once; the next at 25 and 40. The fourth, of 40, leaves at 52; the fifth finds it waiting at 50.
    """
    fleets = {"one": {"assets": 1, "failures": {"f": mode(9_000, repair=1)}}}
    asked = {"every": fixed(10), "takes": 15, "crew": "one", "room": 1, "patience": 12}
    made = a_plant(fleets=fleets, crews={"one": {"number": 1, "travel": 0}}, requests={"calls": asked})
    found = story(Histories(made, 1), 0)
    calls = found.calls[:5]
    assert [call.called for call in calls] == [10, 20, 30, 40, 50]
    assert [call.begun for call in calls] == [10, 25, 40, None, None]
    assert [call.arrived for call in calls] == [10, 25, 40, None, None]
    assert [call.gone for call in calls] == [None, None, None, 52, 50]
    assert [call.turned_away for call in calls] == [False, False, False, False, True]
    assert calls[1].waits == [Wait(20.0, 25.0, "no_crew")]


def test_who_has_no_patience_leaves_where_there_is_room() -> None:
    """One every 10 hours, 15 of work each: every second finds the only crew busy. Where nobody may wait it is turned away."""
    fleets = {"one": {"assets": 1, "failures": {"f": mode(9_000, repair=1)}}}
    for room in (1, 0):
        asked = {"every": fixed(10), "takes": 15, "crew": "one", "room": room, "patience": 0}
        made = a_plant(fleets=fleets, crews={"one": {"number": 1, "travel": 0}}, requests={"calls": asked})
        calls, (left, away) = story(Histories(made, 1), 0).calls[:4], added_up(made, 1, "left", "turned_away")[-1].sum(axis=1)
        assert [(call.begun, call.gone) for call in calls] == [(10, None), (None, 20), (30, None), (None, 40)]
        assert [call.turned_away for call in calls] == [False, room == 0, False, room == 0]
        assert (left > 0.0, away > 0.0) == (room == 1, room == 0)


def test_what_escalates_is_told_when_it_does() -> None:
    """The crew is on b until 100. f of a fails at 30 and escalates at 50; g at 90, and begins before it would at 110."""
    found = told(
        fleets={
            "b": {"assets": 1, "failures": {"f": mode(10, repair=90)}},
            "a": {"assets": 1, "failures": {"f": mode(30, repair=9_000, escalates={"after": 20, "priority": 1}, priority=2)}},
            "c": {"assets": 1, "failures": {"g": mode(90, repair=9_000, escalates={"after": 20, "priority": 1}, crew="two")}},
        },
        crews={"one": {"number": 1}, "two": {"number": 1, "travel": 30}},
    )
    assert [(work.failed, work.escalated) for work in found.works[:3]] == [(10, None), (30, 50), (90, None)]


def added_up(made: Plant, paths: int, *names: str) -> Floats:
    """(tasks, names, paths), over the contract."""
    totals = [(Entry("task", task, name),) for task in range(len(made.rules.tasks)) for name in names]
    sums = Histories(made, 3).sums(np.arange(paths, dtype=np.uint64), totals).sum(axis=1)
    return sums.reshape(len(made.rules.tasks), -1, paths)


def test_waits_are_those_that_histories_add_up() -> None:
    made = a_plant(years=2, **BUSY)
    histories, tasks = Histories(made, 3), len(made.rules.tasks)
    sums = added_up(made, 10, "failures", "visits", "turned_away", "left", "escalated", *WAITS)
    assert (sums.sum(axis=(0, 2)) > 0.0).all()
    for path in range(10):
        counted = np.zeros((tasks, sums.shape[1]))
        found = story(histories, path)
        for work in (*found.works, *found.calls):
            left = work.gone is not None and not work.turned_away
            counted[work.mode, :5] += [1.0, work.begun is not None, work.turned_away, left, work.escalated is not None]
            for wait in work.waits:
                counted[work.mode, 5 + WAITS.index(wait.cause)] += wait.end - wait.begin
        assert counted == pytest.approx(sums[..., path], abs=1e-6)
