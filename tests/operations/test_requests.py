"""Calls from outside: the formulas of Erlang, published rows, and by hand who is begun, who leaves and who is turned away."""

from __future__ import annotations

from typing import Any

import numpy as np
import yaml

from benchmarks.operations import Known
from gainsim.api import load_text
from gainsim.operations.events import events as by_simpy
from gainsim.operations.history import BEGINS, DONE, FAILS, GOES, LACKS, Histories
from gainsim.operations.outcomes import CALLS
from tests.operations.hall import (
    HOURS_OF_A_YEAR,
    Estimate,
    Floats,
    document,
    estimate,
    exponential,
    memory,
    ratio,
    scale,
)
from tests.operations.test_histories import a_plant, everything, outcomes
from tests.operations.test_rows import FILE, agree, seed_of
from tests.test_validation_rows import Row, Rows, of_kind

PATHS = 2_048


def desk(asked: dict[str, Any], people: int, seed: int, paths: int = PATHS) -> dict[str, Floats]:
    """What comes of requests in the second year, on every path."""
    outcomes = ("calls", "answered", "turned_away", "left", *(["late"] if "within" in asked else []), "waiting", "work")
    drivers = {
        outcome: {
            "control": "supplier", "central": 1, "unit": "hour/year" if outcome in ("waiting", "work") else "1/year",
            "operations": {"of": "hall", "requests": "calls", "outcome": outcome},
        }
        for outcome in outcomes
    }  # fmt: skip
    requests = {"calls": {"crew": "desk", **asked}}
    written = {"crews": {"desk": {"number": people}}, "requests": requests}
    futures = load_text(yaml.safe_dump(document(written, drivers), sort_keys=False)).futures(paths, seed)
    return {outcome: futures[outcome][1] for outcome in outcomes}


def erlang_b(load: float, servers: int) -> float:
    """The part of calls that find every server busy, where nobody waits."""
    chance = 1.0
    for n in range(1, servers + 1):
        chance = load * chance / (n + load * chance)
    return chance


def test_nobody_waits_where_there_is_no_room() -> None:
    """Erlang B, which knows of the time that a call takes its mean alone."""
    for takes in (exponential(60), {"uniform": {"low": 0, "high": 120}}, 60):
        seen = desk({"every": exponential(20), "takes": takes, "room": 0}, 4, 1)
        lost, error = ratio(seen["turned_away"], seen["calls"])
        assert error < 0.002
        assert abs(lost - erlang_b(3.0, 4)) < 4.0 * error
        assert (seen["waiting"] == 0.0).all()


def published(row: Row) -> Estimate:
    """What a row asks of a call centre."""
    told, output, seed = row["inputs"], row["output"], seed_of(row)
    every = told["interval"] / told["transactions"]
    many, impatient = range(1, told["servers"] + 2_000), 1.0 / told["patience"] if "patience" in told else 0.0
    gone = [min(n, told["servers"]) / told["aht"] + max(n - told["servers"], 0) * impatient for n in many]
    hours, paths = scale(memory([1.0 / every] * len(many), gone), 1.0 / every)
    asked: dict[str, Any] = {"every": exponential(every * hours), "takes": exponential(told["aht"] * hours), "within": 0}
    if "patience" in told:
        asked["patience"] = exponential(told["patience"] * hours)
    if output == "service level":
        asked["within"] = told["asa"] * hours
    seen = desk(asked, told["servers"], seed, paths)
    if output == "P(wait)":
        return ratio(seen["late"] + seen["left"], seen["calls"])
    if output == "service level":
        late, error = ratio(seen["late"], seen["calls"])
        return 1.0 - late, error
    if output == "P(abandon)":
        return ratio(seen["left"], seen["calls"])
    if output == "occupancy":
        return estimate(seen["work"] / (told["servers"] * HOURS_OF_A_YEAR))
    if output == "mean wait":
        mean, error = ratio(seen["waiting"], seen["calls"])
        return mean / hours, error / hours
    raise AssertionError(f"{row['id']}: nothing reads {output!r}")


def test_call_centres(validation_rows: Rows) -> None:
    """Erlang C and A; standard errors of at most 2% of the value, or of 0.3."""
    agree(of_kind(validation_rows(FILE), "erlang_c", "erlang_a"), published, 0.02)


def fixed(hours: float) -> dict[str, Any]:
    return {"uniform": {"low": hours - 1e-9, "high": hours + 1e-9}}


def events(**asked: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    """What happens first: hour, call of its kind, kind, what."""
    requests = {name: {"crew": "desk", **each} for name, each in asked.items()}
    made = a_plant(years=1, crews={"desk": {"number": 1}}, requests=requests)
    return [(round(e.time), e.asset, e.mode, e.what) for e in Histories(made, 1).events(0) if e.what < LACKS]


def test_who_is_begun_who_leaves_and_who_is_turned_away() -> None:
    """By hand: a call every 10 hours, each takes 35, room for one."""
    told = events(a={"every": fixed(10), "takes": 35, "room": 1})
    assert [each for each in told if each[0] <= 51] == [
        (10, 0, 0, 0), (10, 0, 0, 1), (20, 1, 0, 0), (30, 2, 0, 0), (30, 2, 0, 4), (40, 3, 0, 0), (40, 3, 0, 4), (45, 0, 0, 2),
        (45, 1, 0, 1), (50, 4, 0, 0),
    ]  # fmt: skip
    told = events(a={"every": fixed(10), "takes": 35, "patience": 12})
    assert [each for each in told if each[0] <= 46] == [
        (10, 0, 0, 0), (10, 0, 0, 1), (20, 1, 0, 0), (30, 2, 0, 0), (32, 1, 0, 4), (40, 3, 0, 0), (42, 2, 0, 4), (45, 0, 0, 2),
        (45, 3, 0, 1),
    ]  # fmt: skip


def test_what_is_urgent_is_begun_first() -> None:
    """By hand: b's call of 24 comes before a's of 20, for whom nobody was free."""
    told = events(a={"every": fixed(10), "takes": 15, "priority": 2}, b={"every": fixed(24), "takes": 15})
    begun = [(hour, call, kind) for hour, call, kind, what in told if what == 1]
    assert begun[:4] == [(10, 0, 0), (25, 0, 1), (40, 1, 0), (55, 1, 1)]


def test_calls_add_up_and_stay_what_they_are_when_another_crew_answers_them() -> None:
    def seen(people: int) -> dict[str, Floats]:
        asked = {"every": exponential(20), "takes": exponential(50), "room": 3, "patience": exponential(40), "crew": "desk"}
        made = a_plant(crews={"desk": {"number": people}}, requests={"calls": asked})
        paths = np.arange(200, dtype=np.uint64)
        return {what: outcomes(Histories(made, 1), what, paths, "calls") for what in CALLS}

    few, many = seen(2), seen(3)
    assert (few["calls"] == many["calls"]).all()
    for all_years in (few, many):
        lost = sum(all_years[what].sum(axis=0) for what in ("answered", "turned_away", "left"))
        still = all_years["calls"].sum(axis=0) - lost
        assert ((still >= 0.0) & (still <= 3.0)).all()
    assert many["answered"].sum() > few["answered"].sum()


def test_a_path_is_the_same_alone_in_a_crowd_and_with_few_seats() -> None:
    asked = {"every": exponential(20), "takes": exponential(70), "crew": "desk"}
    made = a_plant(years=1, crews={"desk": {"number": 3}}, requests={"calls": asked})
    crowd, alone = Histories(made, 3), Histories(made, 3)
    alone._pools[:] = 1
    one = np.array([123], np.uint64)
    assert (everything(crowd, np.arange(300, dtype=np.uint64))[..., 123] == everything(alone, one)[..., 0]).all()


def test_simpy_tells_the_same_of_calls_alone() -> None:
    """Of two kinds on one desk, some of whom wait for a part, leave, escalate or are turned away."""
    long_wait = {"after": 5, "priority": 1}
    requests = {
        "a": {"every": exponential(6), "takes": exponential(8), "crew": "desk", "room": 2, "spare": "part", "escalates": long_wait},
        "b": {"every": exponential(9), "takes": exponential(6), "crew": "desk", "priority": 2, "patience": exponential(9)},
    }
    spares = {"part": {"stock": 1, "lead_time": exponential(5)}}
    shifts = {"days": "monday to saturday", "begins": 6, "ends": 22}
    crews = {"desk": {"number": 2, "shifts": shifts, "travel": exponential(1)}}
    made = a_plant(years=1, requests=requests, spares=spares, crews=crews)
    for path in range(4):
        told = [event for event in Histories(made, 1).events(path) if event.what < LACKS]
        assert sorted(told) == sorted(by_simpy(Known(made, 1), path))
        assert {event.what for event in told} == {FAILS, BEGINS, DONE, GOES}
