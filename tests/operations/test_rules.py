"""The rules of operations, one by one: histories worked out by hand, as the SimPy model and the compiled loop tell them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gainsim.model import calendar_of
from gainsim.offer.operations import Operations
from gainsim.offer.scenario import CalendarText
from gainsim.operations.durations import Durations
from gainsim.operations.events import events
from gainsim.operations.history import LACKS, Event, Given, Histories
from gainsim.operations.plant import Plant, plant
from gainsim.problems import Problems

Written = dict[str, Any]
WHAT = ("fails", "begins", "done", "runs", "goes", "calls", "stops")


def hours(*values: float) -> Written:
    """These times, each as likely."""
    return {"discrete": [{"value": value, "chance": 1 / len(values)} for value in values]}


def breaks(life: float, repair: float = 1, crew: str = "c", **more: Any) -> Written:
    return {"life": hours(life), "repair": repair, "crew": crew, **more}


def on_a_calendar(written: Written, end: float, periods: Sequence[float] = ()) -> Plant:
    """From a Monday's midnight until an hour."""
    calendar = calendar_of(CalendarText.model_validate({"start": "2027-02", "years": 1, "step": "month", "year": "contract"}))
    problems = Problems()
    made = plant("hall", Operations.model_validate(written), calendar, problems)
    assert made is not None, problems.found
    return dataclasses.replace(made, rules=made.rules._replace(hours=np.array([0.0, *periods, end])))


def by_simpy(made: Plant, given: Given | None) -> list[Event]:
    return events(Durations(made, 1), 0, given)


def by_the_loop(made: Plant, given: Given | None) -> list[Event]:
    return [event for event in Histories(made, 1).events(0, given) if event.what < LACKS]


@pytest.fixture(params=[by_simpy, by_the_loop])
def told(request: pytest.FixtureRequest) -> Callable[..., list[str]]:
    """Its history, a line an event, as `80 0 a calls`: when, which asset or call, which mode, what; a start has no mode."""

    def tell(
        fleets: Written, crews: Written, end: float, periods: Sequence[float] = (), use: Sequence[float] | None = None, **more: Any
    ) -> list[str]:
        made = on_a_calendar({"fleets": fleets, "crews": crews, **more}, end, periods)
        given = None if use is None else Given(np.array(use).reshape(1, -1, 1), np.empty((0, len(use), 1)))
        names = [mode for kind in made.written.fleets.values() for mode in (*kind.failures, *kind.maintenance)]
        names += made.requests
        numbers = [*range(made.assets), *range(1_000)]
        log = request.param(made, given)
        by = {number: f"{name} " for number, name in enumerate(names)} | {-1: ""}
        return sorted(f"{time:g} {numbers[asset]} {by[mode]}{WHAT[what]}" for time, asset, mode, what in log)

    return tell


def lines(text: str) -> list[str]:
    return sorted(line.strip() for line in text.strip().splitlines())


Told = Callable[..., list[str]]


def test_a_failure_that_is_foreseen_is_repaired_before(told: Told) -> None:
    """20 before the end of 100; travel and access are over at 83. The next life begins at age 83, its call at 163, 80 hours on."""
    mode = breaks(100, 10, access=2, foreseen={"chance": 1, "ahead": 20, "repair": 3})
    seen = told({"f": {"assets": 1, "failures": {"a": mode}}}, {"c": {"number": 1, "travel": 1}}, 167)
    assert seen == lines("""
        80 0 a calls
        80 0 a begins
        83 0 a stops
        86 0 a done
        86 0 runs
        166 0 a calls
        166 0 a begins
    """)


def test_what_was_foreseen_fails_while_it_waits(told: Told) -> None:
    """It waits for Tuesday's shift, from its failure on as one: it is repaired, and b is begun before it.

    b waits from 18 on by priority 2; the failure has priority 3, the call would have had 1.
    """
    mode = breaks(20, 10, priority=3, foreseen={"chance": 1, "ahead": 3, "repair": 1, "priority": 1})
    fleets = {"f": {"assets": 1, "failures": {"a": mode}}, "g": {"assets": 1, "failures": {"b": breaks(18, 2, priority=2)}}}
    shifts = {"days": "monday to friday", "begins": 8, "ends": 16}
    assert told(fleets, {"c": {"number": 1, "shifts": shifts}}, 40) == lines("""
        17 0 a calls
        18 1 b fails
        20 0 a fails
        32 1 b begins
        34 1 b done
        34 1 runs
        34 0 a begins
    """)


def test_what_was_foreseen_fails_while_the_crew_is_under_way(told: Told) -> None:
    """It sets out at 7, is there at 12, and waits until 13; the repair takes 4."""
    mode = breaks(10, 4, access=1, foreseen={"chance": 1, "ahead": 3, "repair": 1})
    assert told({"f": {"assets": 1, "failures": {"a": mode}}}, {"c": {"number": 1, "travel": 5}}, 20) == lines("""
        7 0 a calls
        7 0 a begins
        10 0 a fails
        17 0 a done
        17 0 runs
    """)


def test_it_fails_before_the_crew_is_there_at_the_same_hour(told: Told) -> None:
    mode = breaks(10, 4, foreseen={"chance": 1, "ahead": 3, "repair": 1})
    assert told({"f": {"assets": 1, "failures": {"a": mode}}}, {"c": {"number": 1, "travel": 3}}, 20) == lines("""
        7 0 a calls
        7 0 a begins
        10 0 a fails
        14 0 a done
        14 0 runs
    """)


def test_a_short_life_is_foreseen_at_once(told: Told) -> None:
    mode = breaks(10, 4, foreseen={"chance": 1, "ahead": 30, "repair": 1})
    assert told({"f": {"assets": 1, "failures": {"a": mode}}}, {"c": {"number": 1, "travel": 3}}, 5) == lines("""
        0 0 a calls
        0 0 a begins
        3 0 a stops
        4 0 a done
        4 0 runs
        4 0 a calls
        4 0 a begins
    """)


def test_foreseen_at_its_end_it_is_called_for_and_fails(told: Told) -> None:
    mode = breaks(10, 4, foreseen={"chance": 1, "ahead": 0, "repair": 1})
    assert told({"f": {"assets": 1, "failures": {"a": mode}}}, {"c": {"number": 1}}, 20) == lines("""
        10 0 a calls
        10 0 a fails
        10 0 a begins
        14 0 a done
        14 0 runs
    """)


def test_maintenance_renews_the_asset(told: Told) -> None:
    """The first at 30, then every 40 hours of running; lives of 50 begin anew each time, so it fails never."""
    work = {"first": 30, "every": 40, "takes": 2, "crew": "c"}
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(50)}, "maintenance": {"m": work}}}
    assert told(fleets, {"c": {"number": 1}}, 100) == lines("""
        30 0 m calls
        30 0 m begins
        30 0 m stops
        32 0 m done
        32 0 runs
        72 0 m calls
        72 0 m begins
        72 0 m stops
        74 0 m done
        74 0 runs
    """)


@pytest.mark.parametrize("renews", ["nothing", ["b"]])
def test_maintenance_renews_nothing_or_what_it_names(told: Told, renews: Any) -> None:
    """At 30 a is 30 old of 50 whatever is renewed; b is 30 of 51, or new."""
    work = {"every": 30, "takes": 2, "crew": "c", "renews": renews}
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(50, 5), "b": breaks(51, 5)}, "maintenance": {"m": work}}}
    then = "58 0 b fails\n58 0 b begins" if renews == "nothing" else "67 0 m calls\n67 0 m begins\n67 0 m stops"
    assert told(fleets, {"c": {"number": 1}}, 68 if renews != "nothing" else 59) == lines(f"""
        30 0 m calls
        30 0 m begins
        30 0 m stops
        32 0 m done
        32 0 runs
        52 0 a fails
        52 0 a begins
        57 0 a done
        57 0 runs
        {then}
    """)


FORESEEN = breaks(50, 9, foreseen={"chance": 1, "ahead": 20, "repair": 3})
MAINTAINED = {"first": 40, "every": 1000, "takes": 2, "crew": "d"}


def test_a_call_is_withdrawn_when_its_mode_is_renewed(told: Told) -> None:
    """c begins work on Wednesday; at 42 the mode is as new, at the age of 40: it will be called for 30 hours later."""
    crews = {"c": {"number": 1, "shifts": {"days": "wednesday", "begins": 0, "ends": 24}}, "d": {"number": 1}}
    fleets = {"f": {"assets": 1, "failures": {"a": FORESEEN}, "maintenance": {"m": MAINTAINED}}}
    assert told(fleets, crews, 73) == lines("""
        30 0 a calls
        40 0 m calls
        40 0 m begins
        40 0 m stops
        42 0 m done
        42 0 a goes
        42 0 runs
        72 0 a calls
    """)


def test_who_has_set_out_does_the_work_all_the_same(told: Told) -> None:
    """They are there at 60. The next life begins then, at the age of 58: it calls at 88, 30 hours after 63."""
    crews = {"c": {"number": 1, "travel": 30}, "d": {"number": 1}}
    fleets = {"f": {"assets": 1, "failures": {"a": FORESEEN}, "maintenance": {"m": MAINTAINED}}}
    assert told(fleets, crews, 94) == lines("""
        30 0 a calls
        30 0 a begins
        40 0 m calls
        40 0 m begins
        40 0 m stops
        42 0 m done
        42 0 runs
        60 0 a stops
        63 0 a done
        63 0 runs
        93 0 a calls
        93 0 a begins
    """)


def test_work_on_an_asset_that_is_down_lasts_beside(told: Told) -> None:
    """Maintenance of an asset that failed at 40: it is down until both are done."""
    work = {"every": 40, "takes": 8, "crew": "d", "renews": "nothing"}
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(40, 5)}, "maintenance": {"m": work}}}
    assert told(fleets, {"c": {"number": 1}, "d": {"number": 1, "travel": 1}}, 60) == lines("""
        40 0 m calls
        40 0 a fails
        40 0 m begins
        40 0 a begins
        41 0 m stops
        45 0 a done
        49 0 m done
        49 0 runs
    """)


def test_lives_of_the_calendar_end_while_it_is_down(told: Told) -> None:
    """b would end at 12, while a is repaired: it fails as it starts at 15. Each life of b is 12 hours of the calendar."""
    modes = {"a": breaks(10, 5), "b": breaks(12, 2, ages="calendar")}
    assert told({"f": {"assets": 1, "failures": modes}}, {"c": {"number": 1}}, 30) == lines("""
        10 0 a fails
        10 0 a begins
        15 0 a done
        15 0 runs
        15 0 b fails
        15 0 b begins
        17 0 b done
        17 0 runs
        27 0 a fails
        27 0 a begins
    """)


def test_by_use_a_life_is_as_long_as_the_drivers_say(told: Told) -> None:
    """Of 30: 2 an hour until 10, nothing until 20, then 1 an hour: at 30. From 31 on: 9 until 40, then 3 an hour: 21 until 47."""
    fleets = {"f": {"assets": 1, "use": "flown", "failures": {"a": breaks(30, 1, ages="use")}}}
    assert told(fleets, {"c": {"number": 1}}, 60, (10, 20, 40), (2, 0, 1, 3)) == lines("""
        30 0 a fails
        30 0 a begins
        31 0 a done
        31 0 runs
        47 0 a fails
        47 0 a begins
        48 0 a done
        48 0 runs
        58 0 a fails
        58 0 a begins
        59 0 a done
        59 0 runs
    """)


@pytest.mark.parametrize("ages", ["running", "calendar", "use"])
def test_what_comes_as_a_period_begins(told: Told, ages: str) -> None:
    """A life of 8 ends as the second period begins, whichever it ages by."""
    fleets = {"f": {"assets": 1, "use": "flown", "failures": {"a": breaks(8, 1, ages=ages)}}}
    assert told(fleets, {"c": {"number": 1}}, 12, (8,), (1, 1)) == lines("""
        8 0 a fails
        8 0 a begins
        9 0 a done
        9 0 runs
    """)


def test_maintenance_by_use_is_foreseen_in_its_unit(told: Told) -> None:
    """100 flown at 2 an hour are 50 hours; the failure at 180 is foreseen 40 before, at 70 hours of running."""
    mode = breaks(180, 1, ages="use", foreseen={"chance": 1, "ahead": 40, "repair": 2})
    work = {"every": 100, "takes": 1, "crew": "c", "ages": "use", "renews": "nothing"}
    fleets = {"f": {"assets": 1, "use": "flown", "failures": {"a": mode}, "maintenance": {"m": work}}}
    assert told(fleets, {"c": {"number": 1}}, 80, (), (2,)) == lines("""
        50 0 m calls
        50 0 m begins
        50 0 m stops
        51 0 m done
        51 0 runs
        71 0 a calls
        71 0 a begins
        71 0 a stops
        73 0 a done
        73 0 runs
    """)


def test_who_stands_by_runs_during_planned_work(told: Told) -> None:
    """The second runs from 10 to 20, and so the first from 20 on, at the age of 10, until it fails at 15 of running."""
    work = {"every": 10, "takes": 2, "crew": "c", "renews": "nothing"}
    fleets = {"f": {"assets": 2, "running": 1, "failures": {"a": breaks(15, 4)}, "maintenance": {"m": work}}}
    assert told(fleets, {"c": {"number": 1}}, 30) == lines("""
        10 0 m calls
        10 0 m begins
        10 0 m stops
        10 1 runs
        12 0 m done
        20 1 m calls
        20 1 m begins
        20 1 m stops
        20 0 runs
        22 1 m done
        25 0 a fails
        25 0 a begins
        25 1 runs
        29 0 a done
    """)


def test_planned_work_stops_what_stands_by(told: Told) -> None:
    """The crew travels for 12: asset 0 fails at 15 before it is there, is repaired by 17, and stands by at 22, when it comes."""
    work = {"every": 10, "takes": 3, "crew": "d", "renews": "nothing"}
    fleets = {"f": {"assets": 2, "running": 1, "failures": {"a": breaks(15, 2)}, "maintenance": {"m": work}}}
    assert told(fleets, {"c": {"number": 1}, "d": {"number": 1, "travel": 12}}, 28) == lines("""
        10 0 m calls
        10 0 m begins
        15 0 a fails
        15 0 a begins
        15 1 runs
        17 0 a done
        22 0 m stops
        25 0 m done
        25 1 m calls
        25 1 m begins
    """)


def test_who_has_the_skill_does_it(told: Told) -> None:
    """The first in the file who is free: p, then q."""
    crews = {
        "o": {"number": 9},
        "p": {"number": 1, "skills": ["s"], "travel": 1},
        "q": {"number": 1, "skills": ["t", "s"], "travel": 2},
    }
    mode = {"life": hours(10), "repair": 5, "skill": "s"}
    assert told({"f": {"assets": 3, "failures": {"a": mode}}}, crews, 20) == lines("""
        10 0 a fails
        10 1 a fails
        10 2 a fails
        10 0 a begins
        10 1 a begins
        16 0 a done
        16 0 runs
        16 2 a begins
        17 1 a done
        17 1 runs
    """)


def test_sites_say_the_travel_time_and_have_weather(told: Told) -> None:
    """Foul from 8 to 12 and from 20 to 24: what fails at 10 begins at 12, and is finished in the second."""
    site = {"travel": 4, "weather": {"fair": hours(8), "foul": 4}}
    fleets = {"f": {"assets": 1, "site": "north", "failures": {"a": breaks(10, 6)}}}
    assert told(fleets, {"c": {"number": 1, "travel": 1}}, 30, sites={"north": site}) == lines("""
        10 0 a fails
        12 0 a begins
        22 0 a done
        22 0 runs
    """)


def test_a_part_that_comes_in_a_storm_waits_for_the_weather(told: Told) -> None:
    """It is foul from 8 to 20; the part that was ordered at 10 is there at 15."""
    site, kept = {"n": {"weather": {"fair": hours(8), "foul": 12}}}, {"s": {"stock": 0, "lead_time": 5}}
    fleets = {"f": {"assets": 1, "site": "n", "failures": {"a": breaks(10, 1, spare="s")}}}
    assert told(fleets, {"c": {"number": 1}}, 25, sites=site, spares=kept) == lines("""
        10 0 a fails
        20 0 a begins
        21 0 a done
        21 0 runs
    """)


def test_planned_work_waits_for_the_weather(told: Told) -> None:
    site = {"weather": {"fair": hours(8), "foul": 4}}
    work = {"every": 10, "takes": 3, "crew": "c"}
    fleets = {"f": {"assets": 1, "site": "north", "failures": {"a": breaks(50)}, "maintenance": {"m": work}}}
    assert told(fleets, {"c": {"number": 1}}, 16, sites={"north": site}) == lines("""
        10 0 m calls
        12 0 m begins
        12 0 m stops
        15 0 m done
        15 0 runs
    """)


def test_what_has_waited_for_long_is_begun_before_and_by_others(told: Told) -> None:
    """The crew is busy with asset 0 until 30. Asset 2 of priority 3 failed at 12 and has 1 from 22 on, so it comes before 1, of 11.

    With d to help besides, it begins at 22.
    """
    fleets: Written = {
        "f": {"assets": 1, "failures": {"a": breaks(10, 20)}},
        "g": {"assets": 1, "failures": {"b": breaks(11, 5, priority=2)}},
        "h": {"assets": 1, "failures": {"e": breaks(12, 5, priority=3, escalates={"after": 10, "priority": 1})}},
    }
    crews = {"c": {"number": 1}, "d": {"number": 1, "travel": 1}}
    both = "10 0 a fails\n10 0 a begins\n11 1 b fails\n12 2 e fails\n30 0 a done\n30 0 runs\n"
    assert told(fleets, crews, 35) == lines(both + "30 2 e begins")
    fleets["h"]["failures"]["e"]["escalates"]["crew"] = "d"
    assert told(fleets, crews, 35) == lines(both + "22 2 e begins\n28 2 e done\n28 2 runs\n30 1 b begins")


def test_a_failure_waits_from_its_end_on_however_long_it_was_foreseen(told: Told) -> None:
    """Called for at 10, failed at 20, escalated at 25."""
    mode = breaks(20, 2, foreseen={"chance": 1, "ahead": 10}, escalates={"after": 5, "priority": 1, "crew": "d"})
    crews = {"c": {"number": 1, "shifts": {"days": "sunday", "begins": 0, "ends": 24}}, "d": {"number": 1}}
    assert told({"f": {"assets": 1, "failures": {"a": mode}}}, crews, 30) == lines("""
        10 0 a calls
        20 0 a fails
        25 0 a begins
        27 0 a done
        27 0 runs
    """)


def test_worn_parts_are_repaired_in_a_shop(told: Told) -> None:
    """The stock of one is taken at 6; the worn part is at the shop at 9, where d works on it until 19: there is none at 13.

    The part of 13 is at the shop at 16, and is waited for from 19 on until 29.
    """
    kept = {"s": {"stock": 1, "lead_time": 3, "shop": {"takes": 10, "crew": "d"}}}
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(6, 1, spare="s")}}}
    assert told(fleets, {"c": {"number": 1}, "d": {"number": 1}}, 30, spares=kept) == lines("""
        6 0 a fails
        6 0 a begins
        7 0 a done
        7 0 runs
        13 0 a fails
        19 0 a begins
        20 0 a done
        20 0 runs
        26 0 a fails
        29 0 a begins
    """)


def test_the_shop_waits_for_its_crew(told: Told) -> None:
    """The only fitter repairs a from 5 to 10; the worn part, at the shop since 6, is done at 17, and b takes it then."""
    kept = {"s": {"stock": 1, "lead_time": 1, "shop": {"takes": 7, "crew": "c"}}}
    fleets = {
        "f": {"assets": 1, "failures": {"a": breaks(5, 5, spare="s")}},
        "g": {"assets": 1, "failures": {"b": breaks(8, 1, spare="s", crew="d")}},
    }
    assert told(fleets, {"c": {"number": 1}, "d": {"number": 1}}, 19, spares=kept) == lines("""
        5 0 a fails
        5 0 a begins
        8 1 b fails
        10 0 a done
        10 0 runs
        15 0 a fails
        17 1 b begins
        18 1 b done
        18 1 runs
    """)


def test_who_is_under_way_takes_no_part_at_the_shop(told: Told) -> None:
    """At 10 the worn part is at the shop as c sets out, and d works on it until 15; c is done in the next round."""
    kept = {"s": {"stock": 1, "lead_time": 0, "shop": {"takes": 5, "skill": "t"}}}
    fleets = {
        "f": {"assets": 1, "failures": {"a": breaks(10, 0, spare="s")}},
        "g": {"assets": 1, "failures": {"b": breaks(12, 1, crew="d")}},
    }
    crews = {"c": {"number": 1, "skills": ["t"]}, "d": {"number": 1, "skills": ["t"]}}
    assert told(fleets, crews, 18, spares=kept) == lines("""
        10 0 a fails
        10 0 a begins
        10 0 a done
        10 0 runs
        12 1 b fails
        15 1 b begins
        16 1 b done
        16 1 runs
    """)


def test_a_depot_with_a_shop(told: Told) -> None:
    """No stock here, one at the depot: sent at 10, here at 12. The depot's own is at the shop at 13 and ready at 28.

    So what fails at 23 is sent at 28 and here at 30.
    """
    kept = {
        "s": {"stock": 0, "lead_time": 2, "depot": "d"},
        "d": {"stock": 1, "lead_time": 3, "shop": {"takes": 15, "crew": "w"}},
    }
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(10, 1, spare="s")}}}
    assert told(fleets, {"c": {"number": 1}, "w": {"number": 1}}, 32, spares=kept) == lines("""
        10 0 a fails
        12 0 a begins
        13 0 a done
        13 0 runs
        23 0 a fails
        30 0 a begins
        31 0 a done
        31 0 runs
    """)


def test_depots_serve_in_the_order_of_the_calls(told: Told) -> None:
    """Both call at 10, and the asset of the lower number is sent the only one; the others are at the depot at 30."""
    kept = {"s": {"stock": 0, "lead_time": 1, "depot": "d"}, "d": {"stock": 1, "lead_time": 20}}
    work = {"every": 10, "takes": 1, "crew": "c", "spare": "s", "priority": 1}
    fleets = {
        "f": {"assets": 1, "failures": {"a": breaks(10, 1, spare="s")}},
        "g": {"assets": 1, "failures": {"b": breaks(99)}, "maintenance": {"m": work}},
    }
    assert told(fleets, {"c": {"number": 1}}, 25, spares=kept) == lines("""
        10 0 a fails
        10 1 m calls
        11 0 a begins
        12 0 a done
        12 0 runs
        22 0 a fails
    """)


def test_a_withdrawn_call_leaves_its_part_to_the_next(told: Told) -> None:
    """The only one is taken at 25, and the next is there at 45. Called for at 30, withdrawn at 42: its part is there at 50.

    Of the two that fail at 44, the first orders none, the second one for 64; they take those of 45 and 50.
    """
    kept = {"s": {"stock": 1, "lead_time": 20}}
    fleets = {
        "f": {"assets": 1, "failures": {"a": {**FORESEEN, "spare": "s"}}, "maintenance": {"m": MAINTAINED}},
        "g": {"assets": 1, "failures": {"b": breaks(25, 100, crew="d", spare="s")}},
        "h": {"assets": 2, "failures": {"e": breaks(44, 3, crew="d", spare="s")}},
    }
    crews = {"c": {"number": 1, "shifts": {"days": "sunday", "begins": 0, "ends": 24}}, "d": {"number": 5}}
    assert told(fleets, crews, 68, spares=kept) == lines("""
        25 1 b fails
        25 1 b begins
        30 0 a calls
        40 0 m calls
        40 0 m begins
        40 0 m stops
        42 0 m done
        42 0 a goes
        42 0 runs
        44 2 e fails
        44 3 e fails
        45 2 e begins
        48 2 e done
        48 2 runs
        50 3 e begins
        53 3 e done
        53 3 runs
    """)


NEVER = {"f": {"assets": 1, "failures": {"a": breaks(1e9)}}}


def test_requests_have_patience(told: Told) -> None:
    """Every 10 hours a call, of 15 hours with 2 on the way. The third would have waited from 30 to 40, and leaves at 36."""
    asked = {"every": hours(10), "takes": 13, "crew": "c", "patience": 6}
    assert told(NEVER, {"c": {"number": 1, "travel": 2}}, 52, requests={"r": asked}) == lines("""
        10 0 r fails
        10 0 r begins
        20 1 r fails
        25 0 r done
        25 1 r begins
        30 2 r fails
        36 2 r goes
        40 3 r fails
        40 1 r done
        40 3 r begins
        50 4 r fails
    """)


def test_requests_find_no_room(told: Told) -> None:
    """One may wait. At 40 the first is done and the second begins before the fourth is counted."""
    asked = {"every": hours(10), "takes": 30, "crew": "c", "room": 1}
    assert told(NEVER, {"c": {"number": 1}}, 55, requests={"r": asked}) == lines("""
        10 0 r fails
        10 0 r begins
        20 1 r fails
        30 2 r fails
        30 2 r goes
        40 3 r fails
        40 0 r done
        40 1 r begins
        50 4 r fails
        50 4 r goes
    """)


def test_a_request_that_leaves_leaves_its_part(told: Told) -> None:
    """The call of 10 leaves at 15, its part comes at 22. That of 20 orders none and takes it; that of 30 orders one for 42."""
    asked = {"every": hours(10), "takes": 1, "crew": "c", "patience": hours(5), "spare": "s"}
    kept = {"s": {"stock": 0, "lead_time": 12}}
    assert told(NEVER, {"c": {"number": 1}}, 46, requests={"r": asked}, spares=kept) == lines("""
        10 0 r fails
        15 0 r goes
        20 1 r fails
        22 1 r begins
        23 1 r done
        30 2 r fails
        35 2 r goes
        40 3 r fails
        42 3 r begins
        43 3 r done
    """)


def test_who_orders_none_waits_for_the_part_of_another(told: Told) -> None:
    """The call of 40 leaves at 42, its part takes 30. That of the failure of 45 would take 2, but it orders none."""
    asked = {"every": hours(40), "takes": 1, "crew": "c", "patience": 2, "spare": "s"}
    kept = {"s": {"stock": 0, "lead_time": hours(2, 30)}}
    fleets = {"f": {"assets": 1, "failures": {"a": breaks(45, spare="s")}}}
    assert told(fleets, {"c": {"number": 1}}, 79, requests={"q": asked}, spares=kept) == lines("""
        40 0 q fails
        42 0 q goes
        45 0 a fails
        70 0 a begins
        71 0 a done
        71 0 runs
    """)


def test_requests_have_sites_and_escalate(told: Told) -> None:
    """c is off shift; d may do it 5 hours after the call. It is foul from 8 to 14 and from 22 to 28."""
    asked = {"every": hours(10), "takes": 2, "crew": "c", "site": "n", "escalates": {"after": 5, "priority": 1, "skill": "t"}}
    site = {"n": {"travel": 3, "weather": {"fair": hours(8), "foul": 6}}}
    crews = {"c": {"number": 1, "shifts": {"days": "monday", "begins": 0, "ends": 1}}, "d": {"number": 1, "skills": ["t"]}}
    assert told(NEVER, crews, 37, requests={"r": asked}, sites=site) == lines("""
        10 0 r fails
        15 0 r begins
        20 1 r fails
        20 0 r done
        28 1 r begins
        30 2 r fails
        33 1 r done
        35 2 r begins
    """)


def test_repairs_come_before_requests_and_these_before_shops(told: Told) -> None:
    """All call at 10 with the same priority, for the one member of c; the worn part of hour 1 is at the shop then."""
    kept = {"s": {"stock": 1, "lead_time": 9, "shop": {"takes": 2, "crew": "c"}}}
    fleets = {
        "e": {"assets": 1, "failures": {"x": breaks(1, 1, crew="d", spare="s")}},
        "f": {"assets": 1, "failures": {"a": breaks(10, 5)}},
    }
    asked = {"r": {"every": hours(10), "takes": 3, "crew": "c"}}
    seen = told(fleets, {"c": {"number": 1}, "d": {"number": 1}}, 20, requests=asked, spares=kept)
    assert seen == lines("""
        1 0 x fails
        1 0 x begins
        2 0 x done
        2 0 runs
        3 0 x fails
        10 0 r fails
        10 1 a fails
        10 1 a begins
        15 1 a done
        15 1 runs
        15 0 r begins
        18 0 r done
    """)


def test_work_that_takes_no_time(told: Told) -> None:
    """The one that stands by starts at the end of the round in which the other is stopped; in the next one the work is done."""
    work = {"every": 10, "takes": 0, "crew": "c", "renews": "nothing"}
    fleets = {"f": {"assets": 2, "running": 1, "failures": {"a": breaks(99)}, "maintenance": {"m": work}}}
    assert told(fleets, {"c": {"number": 1}}, 25) == lines("""
        10 0 m calls
        10 0 m begins
        10 0 m stops
        10 1 runs
        10 0 m done
        20 1 m calls
        20 1 m begins
        20 1 m stops
        20 0 runs
        20 1 m done
    """)
