"""Outcomes by hand: what small histories come to, as the reckoning from the log and the compiled loop have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gainsim.operations.account import Entry
from gainsim.operations.durations import Durations
from gainsim.operations.history import Given, Histories
from gainsim.operations.outcomes import Reading, whose
from gainsim.operations.output import given, output_of
from gainsim.operations.plant import Plant
from tests.operations.reckoned import Reckoned, demands
from tests.operations.test_rules import Written, breaks, hours, on_a_calendar

Asked = Callable[..., list[float]]


def from_the_log(made: Plant, given: Given, reading: Reading) -> np.ndarray[Any, np.dtype[np.float64]]:
    return Reckoned(Durations(made, 1), 0, given).of(reading.what, reading.whose, reading.cause, reading.excludes)


def by_the_loop(made: Plant, given: Given, reading: Reading) -> np.ndarray[Any, np.dtype[np.float64]]:
    sums = Histories(made, 1).sums(np.zeros(1, np.uint64), reading.totals, given)
    added = dict(zip(reading.totals, sums, strict=True))
    return reading.of({**added, **output_of(made, added, demands(made, given))}, made.owed)[:, 0]


@pytest.fixture(params=[from_the_log, by_the_loop])
def asked(request: pytest.FixtureRequest) -> Callable[..., Asked]:
    """Of operations until an hour: an outcome in each period."""

    def of(written: Written, end: float, periods: Sequence[float] = (), wanted: Sequence[float] | None = None) -> Asked:
        made = on_a_calendar(written, end, periods)
        rows = np.empty((0, made.periods, 1))
        given = Given(rows, rows if wanted is None else np.array(wanted).reshape(1, -1, 1))

        def outcome(what: Any, cause: Any = None, excludes: Any = (), **whom: str) -> list[float]:
            reading = Reading(made, what, whose(made, **whom), cause, tuple(excludes), "mode" in whom)
            return [round(float(value), 12) for value in request.param(made, given, reading)]

        return outcome

    return of


def test_every_hour_has_one_cause(asked: Callable[..., Asked]) -> None:
    """It fails at 10. The part is there at 20, the weather fair at 24, the shift at 26, and the fitter free at 30.

    Then 1 on the way, 2 of waiting for access, 3 of work. The fitter has been on g since 9: 14 of these hours off shift, which
    ends at 12, and again after 36.
    """
    a = breaks(10, 3, access=2, spare="s", within=20, done_within=26)
    outcome = asked({
        "fleets": {
            "f": {"assets": 1, "site": "n", "failures": {"a": a}},
            "g": {"assets": 1, "failures": {"b": breaks(9, 20)}},
        },
        "crews": {"c": {"number": 1, "travel": 1, "shifts": {"days": "monday to sunday", "begins": 2, "ends": 12}}},
        "spares": {"s": {"stock": 0, "lead_time": 10}},
        "sites": {"n": {"weather": {"fair": hours(18), "foul": 6}}},
    }, 46, (24,))  # fmt: skip
    spent = {"no_spare": [10, 0], "weather": [4, 0], "no_shift": [0, 2], "no_crew": [0, 4], "travel": [0, 1], "access": [0, 2]}
    for cause, hours_of in {**spent, "repair": [0, 3], "planned": [0, 0]}.items():
        assert outcome("downtime", cause, fleet="f") == outcome("downtime", cause, fleet="f", mode="a") == hours_of
    assert outcome("downtime", fleet="f") == outcome("downtime", fleet="f", mode="a") == outcome("downtime", site="n") == [14, 12]
    assert outcome("waiting", fleet="f") == [14, 6] and outcome("access", fleet="f") == [0, 2]
    assert outcome("availability", fleet="f") == outcome("served", fleet="f") == [round(10 / 24, 12), round(10 / 22, 12)]
    assert outcome("availability", excludes=["weather", "access"], fleet="f") == [0.5, 0.5]
    assert outcome("downtime", excludes=["weather", "access"], fleet="f") == [10, 10]
    assert outcome("failures") == [2, 1] and outcome("visits") == [1, 1] and outcome("parts") == [1, 0]
    assert outcome("response", fleet="f") == outcome("worst_response", fleet="f") == [0, 21]
    assert outcome("late") == [0, 1] and outcome("on_time") == [1, 0]
    assert outcome("completion", fleet="f") == [0, 26] and outcome("overdue") == [0, 0] and outcome("done_on_time") == [1, 1]
    assert outcome("completion") == [0, 23.5] and outcome("worst_completion") == [0, 26]
    assert outcome("work") == [15, 12] and outcome("overtime") == [12, 2]


def test_what_has_no_limit_is_neither_late_nor_on_time(asked: Callable[..., Asked]) -> None:
    """a fails at 10, 20, ..., its crew 1 hour away and the limit 0.5; b fails as often and c once, without limits."""
    fleets = {
        "a": {"assets": 1, "failures": {"x": breaks(10, 0, within=0.5, done_within=2)}},
        "b": {"assets": 1, "failures": {"y": breaks(10, 0), "z": breaks(15, 0)}},
    }
    outcome = asked({"fleets": fleets, "crews": {"c": {"number": 9, "travel": 1}}}, 40)
    assert outcome("late") == outcome("late", fleet="a") == [3] and outcome("on_time") == outcome("on_time", fleet="a") == [0]
    assert outcome("overdue") == [0] and outcome("done_on_time") == [1]
    assert outcome("late", fleet="b") == [0] and outcome("on_time", fleet="b") == outcome("on_time", fleet="b", mode="y") == [1]


def test_an_asset_is_down_for_what_stopped_it_first(asked: Callable[..., Asked]) -> None:
    """Down from 40 on, repaired until 45; maintained from 41 until 49. The planned work is planned, and no response."""
    work = {"every": 40, "takes": 8, "crew": "d", "renews": "nothing"}
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(40, 5)}, "maintenance": {"m": work}}}
    outcome = asked({"fleets": fleets, "crews": {"c": {"number": 1}, "d": {"number": 1, "travel": 1}}}, 60)
    assert outcome("downtime", fleet="f", mode="a") == [5] and outcome("downtime", fleet="f", mode="m") == [4]
    assert outcome("downtime", "planned") == [4] and outcome("downtime", "repair") == [5] and outcome("downtime") == [9]
    assert outcome("planned") == [1] and outcome("failures") == [1] and outcome("visits") == [2] and outcome("work") == [14]
    assert outcome("response") == [0] and outcome("completion") == [5]
    assert outcome("availability", excludes=["planned"]) == [round(51 / 56, 12)]


def test_a_crew_that_is_under_way_when_it_fails(asked: Callable[..., Asked]) -> None:
    """It sets out at 7; the asset fails at 10, the crew is there at 12, waits until 13 and repairs until 17."""
    mode = breaks(10, 4, access=1, within=1, foreseen={"chance": 1, "ahead": 3, "repair": 1})
    outcome = asked({"fleets": {"f": {"assets": 1, "failures": {"a": mode}}}, "crews": {"c": {"number": 1, "travel": 5}}}, 20, (8,))
    assert outcome("visits") == [1, 0] and outcome("planned") == [1, 0] and outcome("failures") == [0, 1]
    assert [outcome("downtime", cause)[1] for cause in ("travel", "access", "repair", "planned")] == [2, 1, 4, 0]
    assert outcome("response") == [0, 2] and outcome("late") == [0, 1] and outcome("completion") == [0, 7]
    assert outcome("work") == [1, 9]


def test_hours_that_are_owed(asked: Callable[..., Asked]) -> None:
    """Owed from 8 to 16, on Tuesday from 32 to 40; it is down from 10 to 35 and from 45 on. The crew works through."""
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(10, 25)}}}
    written = {"fleets": fleets, "crews": {"c": {"number": 2}}, "hours": {"days": "monday to friday", "begins": 8, "ends": 16}}
    outcome = asked(written, 48, (24,))
    assert outcome("downtime") == outcome("downtime", "repair") == outcome("downtime", fleet="f", mode="a") == [6, 3]
    assert outcome("availability") == outcome("served") == [0.25, 0.625]
    assert outcome("work") == [14, 14] and outcome("overtime") == [0, 0]


def test_what_serves(asked: Callable[..., Asked]) -> None:
    """a is down from 10 to 12 and from 22 on; b from 5 to 15 and c from 14 to 19, both from 14 to 15; b again from 20 on."""
    fleets = {
        "a": {"assets": 1, "failures": {"x": breaks(10, 2)}},
        "b": {"assets": 1, "failures": {"y": breaks(5, 10)}},
        "c": {"assets": 1, "failures": {"z": breaks(14, 5)}},
    }
    written = {"fleets": fleets, "crews": {"c": {"number": 9}}}
    either = {"all": ["a", {"any": ["b", "c"]}]}
    assert asked({**written, "serves": either}, 24)("served") == [round(19 / 24, 12)]
    assert asked({**written, "serves": {"at_least": 2, "of": ["a", "b"]}}, 24)("served") == [round(10 / 24, 12)]
    assert asked(written, 24)("served") == [0.25]
    assert asked(written, 24)("served", fleet="c") == [round(19 / 24, 12)]


def test_what_is_made_of_what_is_asked(asked: Callable[..., Asked]) -> None:
    """Two run for 12 hours, and are repaired until 15. One and a half are wanted until 10, then half a one."""
    fleets = {"f": {"assets": 2, "demand": "asked", "capacity": 4, "failures": {"a": breaks(12, 3)}}}
    outcome = asked({"fleets": fleets, "crews": {"c": {"number": 2}}}, 20, (10,), (1.5, 0.5))
    assert outcome("throughput", fleet="f") == [4 * 15, 4 * 3.5]
    assert outcome("demand_served", fleet="f") == [1, 3.5 / 5]
    assert outcome("performance", fleet="f") == [0.75, 0.25]
    assert outcome("oee", fleet="f") == [0.75, 0.175]


NEVER = {"f": {"assets": 1, "failures": {"a": breaks(1e9)}}}


def test_what_comes_of_requests(asked: Callable[..., Asked]) -> None:
    """Calls at 10, 20, 30, 40 and 50; the first until 40, the second from then on; those of 30 and 50 are turned away."""
    written = {"fleets": NEVER, "crews": {"c": {"number": 1}}, "requests": {}}
    asks = {"every": hours(10), "takes": 30, "crew": "c", "within": 15}
    outcome = asked({**written, "requests": {"r": {**asks, "room": 1}}}, 55)
    expected = {"calls": 5, "answered": 2, "turned_away": 2, "left": 0, "waiting": 35, "work": 45, "response": 10, "late": 1}
    assert {what: outcome(what, requests="r") for what in expected} == {what: [value] for what, value in expected.items()}
    outcome = asked({**written, "requests": {"r": {**asks, "patience": 5, "escalates": {"after": 3, "priority": 1}}}}, 55)
    expected = {"calls": 5, "answered": 2, "turned_away": 0, "left": 2, "waiting": 15, "work": 45, "response": 0, "escalated": 3}
    assert {what: outcome(what, requests="r") for what in expected} == {what: [value] for what, value in expected.items()}
    assert outcome("completion", requests="r") == outcome("worst_completion", requests="r") == [30]
    assert outcome("waiting") == outcome("work") == outcome("downtime") == [0]


def test_failures_that_escalate(asked: Callable[..., Asked]) -> None:
    """At 17, after 5 hours; the crew is there at 20. One that begins in the very hour escalates too."""
    mode = breaks(12, 2, crew="c", escalates={"after": 5, "priority": 1})
    crews = {"c": {"number": 1, "shifts": {"days": "monday to sunday", "begins": 20, "ends": 24}}}
    assert asked({"fleets": {"f": {"assets": 1, "failures": {"a": mode}}}, "crews": crews}, 24, (16, 18))("escalated") == [0, 1, 0]
    crews["c"]["shifts"] = {"days": "monday to sunday", "begins": 17, "ends": 24}
    assert asked({"fleets": {"f": {"assets": 1, "failures": {"a": mode}}}, "crews": crews}, 24)("escalated") == [1]


def test_parts_are_counted_when_they_are_ordered(asked: Callable[..., Asked]) -> None:
    """The call of 10 leaves at 15: that of 20 orders none, that of 30 one. Of the fleet's own failures each."""
    asks = {"every": hours(10), "takes": 1, "crew": "c", "patience": 5, "spare": "s"}
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(9, 1, spare="t")}}}
    spares = {"s": {"stock": 0, "lead_time": 12}, "t": {"stock": 1, "lead_time": 1}}
    outcome = asked({"fleets": fleets, "crews": {"c": {"number": 2}}, "requests": {"r": asks}, "spares": spares}, 35, (20,))
    assert outcome("parts", requests="r") == [1, 1]
    assert outcome("parts") == outcome("parts", fleet="f", mode="a") == [2, 1]


def test_hours_are_of_the_period_in_which_they_pass(asked: Callable[..., Asked]) -> None:
    """It fails at 10 and waits for a part until 20; on the way until 24, at work until 30; the periods end at 15, 22 and 26."""
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(10, 6, spare="s")}}}
    spares = {"s": {"stock": 0, "lead_time": 10}}
    outcome = asked({"fleets": fleets, "crews": {"c": {"number": 1, "travel": 4}}, "spares": spares}, 28, (15, 22, 26))
    assert outcome("downtime") == [5, 7, 4, 2]
    assert outcome("waiting") == outcome("downtime", "no_spare") == [5, 5, 0, 0]
    assert outcome("downtime", "travel") == [0, 2, 2, 0] and outcome("downtime", "repair") == [0, 0, 2, 2]
    assert outcome("work") == [0, 2, 4, 2]


def test_hours_of_what_was_called_for_as_planned_are_too(asked: Callable[..., Asked]) -> None:
    """The crew sets out at 7 and is there at 9: planned work until 12. What fails before, at 8 or 10, is repaired for 6."""

    def of(periods: Sequence[float], travel: float, **more: Any) -> Asked:
        mode = breaks(10, 6, foreseen={"chance": 1, "ahead": 3, "repair": 3}, **more)
        fleets, crews = {"f": {"assets": 1, "failures": {"a": mode}}}, {"c": {"number": 1, "travel": travel}}
        return asked({"fleets": fleets, "crews": crews, "spares": {"s": {"stock": 0, "lead_time": 10}}}, 21, periods)

    planned = of((8, 11, 15), 2)
    assert planned("work") == [1, 3, 1, 0 + 2] and planned("downtime", "planned") == [0, 2, 1, 0]
    under_way = of((11, 14), 5)
    assert under_way("work") == [4, 3, 4] and under_way("downtime", "travel") == [1, 1, 0]
    assert under_way("downtime", "repair") == [0, 2, 4]
    waits = of((15,), 2, spare="s")  # called for at 7: the part is there at 17
    assert waits("waiting") == waits("downtime", "no_spare") == [5, 2] and waits("downtime", "travel") == [0, 2]


def test_requests_wait_in_all_hours(asked: Callable[..., Asked]) -> None:
    """The second call waits from 20 to 25, when no service is owed."""
    asks = {"every": hours(10), "takes": 15, "crew": "c"}
    owed = {"days": "monday to friday", "begins": 8, "ends": 16}
    outcome = asked({"fleets": NEVER, "crews": {"c": {"number": 1}}, "requests": {"r": asks}, "hours": owed}, 26)
    assert outcome("waiting", requests="r") == [5] and outcome("work", requests="r") == [16]


def test_what_drivers_say_stays_within_what_can_be() -> None:
    """Three periods of ten hours of running: performance and quality are parts of a whole, a demand is no less than nothing."""
    read = {"demand": "asked", "performance": "speed", "quality": "good"}
    kind = {"assets": 1, "capacity": 2, **read, "failures": {"a": breaks(1e9)}}
    made = on_a_calendar({"fleets": {"f": kind}, "crews": {"c": {"number": 1}}}, 30, (10, 20))
    says = {"asked": (-5, 12, 40), "speed": (0.5, -0.2, 1.3), "good": (0.9, 0.9, -1)}
    known = {name: np.array([[float(value)] for value in values]) for name, values in says.items()}
    added = {(Entry("fleet", 0, name),): np.full((3, 1), 10.0) for name in ("made", "running")}
    added |= output_of(made, added, known)

    def outcome(what: Any) -> list[float]:
        return [float(value) for value in Reading(made, what, whose(made, fleet="f")).of(added, made.owed)[:, 0]]

    assert outcome("throughput") == [10, 0, 20]
    assert outcome("performance") == [0.5, 0, 1]
    assert outcome("oee") == [0.45, 0, 0]
    assert outcome("demand_served") == [1, 0, 0.5]
    wanted = given(made, known, 1).wanted[0, :, 0]
    assert wanted.tolist() == [0, np.inf, 2]
