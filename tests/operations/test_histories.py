"""Histories of operations against closed forms of queues, availability and stocks, and what they promise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from gainsim.model import calendar_of
from gainsim.offer.operations import Operations, Outcome
from gainsim.offer.scenario import CalendarText
from gainsim.operations.account import OF_FLEET, OF_TASK, Entry, placed
from gainsim.operations.durations import Durations, Paths
from gainsim.operations.history import Floats, Given, Histories
from gainsim.operations.outcomes import Reading, whose
from gainsim.operations.plant import Plant, plant
from gainsim.operations.twin.loop import histories as compiled
from gainsim.ops.run_text import POINTERS
from gainsim.problems import Problems

PATHS = np.arange(2_048, dtype=np.uint64)
REPAIR = {"exponential": {"mean": 20}}


def a_plant(years: int = 3, step: str = "year", **written: Any) -> Plant:
    calendar = calendar_of(CalendarText.model_validate({"start": "2027-01", "years": years, "step": step, "year": "contract"}))
    problems = Problems()
    made = plant("room", Operations.model_validate(written), calendar, problems)
    assert made is not None, problems.found
    return made


def machines(number: int, crews: int, mean_life: float, **more: Any) -> Plant:
    mode = {"life": {"exponential": {"mean": mean_life}}, "repair": REPAIR, "crew": "fitters"}
    fleet = {"assets": number, "failures": {"breaks": mode}, **more}
    return a_plant(fleets={"machines": fleet}, crews={"fitters": {"number": crews}})


def outcomes(
    histories: Histories, what: Outcome, paths: Paths = PATHS, requests: str | None = None, given: Given | None = None
) -> Floats:
    """The values of an outcome, (periods, paths): of all assets, or of these requests."""
    reading = Reading(histories.plant, what, whose(histories.plant, requests=requests))
    added = histories.sums(paths, reading.totals, given)
    return reading.of(dict(zip(reading.totals, added, strict=True)), histories.plant.owed)


def everything(histories: Histories, paths: Paths) -> Floats:
    """All that is added up of tasks, fleets and groups, (entries, periods, paths)."""
    rules = histories.plant.rules
    entries = [Entry("task", number, name) for number in range(len(rules.tasks)) for name in OF_TASK]
    entries += [Entry("fleet", number, name) for number in range(len(rules.fleets)) for name in OF_FLEET]
    entries += [Entry("group", number, "served") for number in range(len(rules.first_mask) - 1)]
    return histories.sums(paths, [(entry,) for entry in entries])


def of(made: Plant, what: Outcome, seed: int = 1) -> tuple[float, float]:
    """The mean of an outcome in the third year, and its standard error."""
    values = outcomes(Histories(made, seed), what)[2]
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


def finite_source(number: int, crews: int, failing: float, repairing: float) -> np.ndarray:
    """The chances of so many machines down (M/M/c//N), from the balance of neighbouring states."""
    chances = [1.0]
    for down in range(number):
        chances.append(chances[-1] * (number - down) * failing / (min(down + 1, crews) * repairing))
    return np.array(chances) / math.fsum(chances)


@pytest.mark.parametrize(("number", "crews", "mean_life"), [(10, 2, 500.0), (4, 1, 60.0), (3, 3, 100.0)])
def test_machine_repair_has_its_closed_form(number: int, crews: int, mean_life: float) -> None:
    """After two years nothing is left of the start."""
    chances, down = finite_source(number, crews, 1 / mean_life, 1 / 20), np.arange(number + 1)
    made = machines(number, crews, mean_life, needed=max(1, number - 1))
    for what, exact in [
        ("availability", 1.0 - float(chances @ down) / number),
        ("served", float(chances[:2].sum())),
        ("failures", float(chances @ (number - down)) / mean_life * 8_760.0),
        ("waiting", float(chances @ np.maximum(down - crews, 0)) * 8_760.0),
        ("work", float(chances @ np.minimum(down, crews)) * 8_760.0),
    ]:
        mean, error = of(made, what)  # type: ignore[arg-type]
        assert abs(mean - exact) <= 4.0 * error, what
        assert error < 0.02 * exact + 0.5, what


def test_availability_is_that_of_an_alternating_renewal_whatever_the_laws() -> None:
    """Mean life over mean life and repair; lives Weibull, repairs lognormal, a crew for everybody."""
    mode = {"life": {"weibull": {"shape": 2, "scale": 100}}, "repair": {"lognormal": {"mean": 12, "sd": 10}}, "crew": "own"}
    made = a_plant(fleets={"one": {"assets": 20, "failures": {"wears": mode}}}, crews={"own": {"number": 20}})
    life = 100.0 * math.gamma(1.5)
    mean, error = of(made, "availability")
    assert abs(mean - life / (life + 12.0)) < 4.0 * error


def test_spares_are_ordered_one_for_one_and_what_is_under_way_is_poisson() -> None:
    """Palm: many assets, a stock of s; parts on order are Poisson whatever the lead times; who waits, waits for a part."""
    lead, stock, rate = 100.0, 3, 0.02
    mode = {"life": {"exponential": {"mean": 200 / rate}}, "repair": 0, "crew": "own", "spare": "part"}
    made = a_plant(
        fleets={"many": {"assets": 200, "failures": {"breaks": mode}}},
        crews={"own": {"number": 200}},
        spares={"part": {"stock": stock, "lead_time": {"uniform": {"low": 0, "high": 2 * lead}}}},
    )
    law = stats.poisson(rate * lead)
    backorders = sum((n - stock) * law.pmf(n) for n in range(stock, 60))
    mean, error = of(made, "waiting")
    assert abs(mean / 8_760.0 - backorders) < 4.0 * error / 8_760.0 + 0.01 * backorders  # those who wait do not fail: a little less
    parts, parts_error = of(made, "parts")
    assert abs(parts - rate * 8_760.0) < 4.0 * parts_error + 0.005 * parts


def test_a_part_that_comes_as_it_is_ordered_fills_the_next_call() -> None:
    """Both modes end at the same hours, and their repairs take no time."""
    mode = {"life": {"discrete": [{"value": 100, "chance": 1}]}, "repair": 0, "crew": "own", "spare": "part"}
    made = a_plant(
        fleets={"one": {"assets": 1, "failures": {"a": mode, "b": mode}}},
        crews={"own": {"number": 1}},
        spares={"part": {"stock": 1, "lead_time": 0}},
    )
    calls, filled = (
        Histories(made, 1).sums(PATHS[:1], [(Entry("task", task, name),) for task in (0, 1)]) for name in ("parts", "at_once")
    )
    assert calls.sum() == 2 * (3 * 8_760 + 24) // 100
    assert (filled == calls).all()


def test_the_first_to_be_repaired_is_what_comes_first_by_priority_then_time_then_number() -> None:
    """By hand: one crew; b fails at 10 and is under repair until 40, c and a wait from 20 and 30."""
    def mode(life: float, priority: int) -> dict[str, Any]:
        near = {"uniform": {"low": life - 1e-9, "high": life + 1e-9}}
        return {"life": near, "repair": 30, "crew": "one", "priority": priority}

    def order(*priorities: int) -> list[tuple[int, int]]:
        fleets = {name: {"assets": 1, "failures": {"f": mode(life, p)}} for (name, life), p in zip(lives, priorities, strict=True)}
        events = Histories(a_plant(years=1, fleets=fleets, crews={"one": {"number": 1}}), 1).events(0)
        return [(round(e.time), e.asset) for e in events if e.what == 1][:3]

    lives = [("a", 30.0), ("b", 10.0), ("c", 20.0)]
    assert order(1, 1, 1) == [(10, 1), (40, 2), (70, 0)]
    assert order(1, 1, 2) == [(10, 1), (40, 0), (70, 1)]  # b fails anew at 50, and comes before c by its priority
    assert order(2, 2, 1) == [(10, 1), (40, 2), (70, 0)]


def test_age_counts_while_it_runs_and_other_modes_keep_what_they_have_left() -> None:
    """By hand: life 100 and 130, repairs of 50 hours."""
    def fixed(life: float) -> dict[str, Any]:
        return {"life": {"uniform": {"low": life - 1e-9, "high": life + 1e-9}}, "repair": 50, "crew": "one"}

    def times(renews: str) -> list[tuple[int, int]]:
        failures = {"short": {**fixed(100), "renews": renews}, "long": fixed(130)}
        made = a_plant(years=1, fleets={"one": {"assets": 1, "failures": failures}}, crews={"one": {"number": 1}})
        return [(round(e.time), e.mode) for e in Histories(made, 1).events(0) if e.what == 0][:4]

    # short fails at age 100, hour 100; it runs again at 150, long fails at age 130, hour 180; again at 230; short at age 200
    assert times("mode") == [(100, 0), (180, 1), (300, 0), (410, 1)]
    assert times("asset") == [(100, 0), (250, 0), (400, 0), (550, 0)]


def test_a_path_is_the_same_alone_in_a_crowd_and_when_more_lives_are_known() -> None:
    made = machines(5, 1, 40.0)
    one = np.array([123], np.uint64)
    crowd, alone = everything(Histories(made, 3), np.arange(300, dtype=np.uint64)), everything(Histories(made, 3), one)
    assert (crowd[..., 123] == alone[..., 0]).all()
    for paths, known in ((one, alone), (np.arange(300, dtype=np.uint64), crowd)):
        short = Histories(made, 3)
        short.durations.lengths[:] = 2
        assert (everything(short, paths) == known).all()
    assert (everything(Histories(made, 4), one) != alone).any()


def test_modes_that_renew_each_other_get_room_for_the_lives_that_they_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve times as many as each would have alone. More room for one is no reason for much more for the next, and it need not be
    found by trying."""
    def twelve(renews: str) -> Histories:
        mode = {"life": {"exponential": {"mean": 2_000}}, "repair": 4, "crew": "one", "renews": renews}
        made = a_plant(fleets={"f": {"assets": 1, "failures": {f"m{n}": mode for n in range(12)}}}, crews={"one": {"number": 1}})
        return Histories(made, 1)

    def rounds(histories: Histories) -> int:
        """In how many its room is found, for whatever lives there are."""
        tried: list[int] = []

        def lengthen(mode: int, by: float) -> None:
            tried.append(mode)
            Durations.lengthen(histories.durations, mode, by)

        monkeypatch.setattr(histories.durations, "lengthen", lengthen)
        lives = 1.0 + float(histories.sums(PATHS[:64], [total]).sum(axis=1).max())
        assert ((histories.durations.lengths >= lives) & (histories.durations.lengths < 4.0 * lives)).all()
        return 1 + len(tried)

    total = tuple(Entry("task", task, "failures") for task in range(12))
    known, by_trying = twelve("asset"), twelve("asset")
    by_trying.durations.lengths = twelve("mode").durations.lengths
    assert 10 * rounds(known) < rounds(by_trying)


@pytest.mark.parametrize("shape", [0.7, 3.0])
def test_what_wears_out_is_renewed_less_often_than_all_its_modes_fail_alone(shape: float) -> None:
    """And what fails early more often: of so many lives that begin together, the first to end is what counts."""
    mode = {"life": {"weibull": {"shape": shape, "scale": 2_000}}, "repair": 0, "crew": "one", "renews": "asset"}
    made = a_plant(fleets={"f": {"assets": 1, "failures": {f"m{n}": mode for n in range(12)}}}, crews={"one": {"number": 1}})
    lives = (3 * 8_760 + 24) / (2_000 * math.gamma(1.0 + 1.0 / shape) * 12.0 ** (-1.0 / shape))
    assert ((lives < Histories(made, 1).durations.lengths) & (Histories(made, 1).durations.lengths < 1.5 * lives + 8)).all()


def test_a_total_is_the_sum_of_its_entries_in_their_order_or_the_largest() -> None:
    mode = {"life": {"exponential": {"mean": 300}}, "repair": REPAIR, "crew": "one"}
    fleet = {"assets": 3, "failures": {"a": mode, "b": mode, "c": mode}}
    histories = Histories(a_plant(fleets={"f": fleet}, crews={"one": {"number": 1}}), 1)
    names = ("failures", "work", "worst_response")
    totals = [tuple(Entry("task", task, name) for task in range(3)) for name in names]
    a, b, c = (histories.sums(PATHS[:200], [total[task : task + 1] for total in totals]) for task in range(3))
    found = histories.sums(PATHS[:200], [*totals, ()])
    assert (found[:3].mean(axis=(1, 2)) > 0.0).all()
    assert (found[:2] == (a + b + c)[:2]).all()
    assert (found[2] == np.maximum(np.maximum(a, b), c)[2]).all()
    assert (found[3] == 0.0).all()


def test_lives_that_are_not_drawn_are_not_read() -> None:
    """Not a number stands where nothing is drawn. Many lives end as the contract does, or follow on each other without a repair."""
    def mode(life: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"life": life, "repair": 0, "crew": "one", **more}

    by_days = {"discrete": [{"value": 730, "chance": 0.5}, {"value": 365, "chance": 0.5}]}
    chance, wear = {"exponential": {"mean": 900}}, {"weibull": {"shape": 2, "scale": 900}}
    site = {"weather": {"fair": {"exponential": {"mean": 200}}, "foul": {"exponential": {"mean": 12}}}}
    calls = {"every": {"exponential": {"mean": 200}}, "takes": REPAIR, "crew": "one", "patience": {"exponential": {"mean": 10}}}
    failures = {"drawn": mode(chance), "days": mode(by_days), "dated": mode(by_days, ages="calendar", spare="part")}
    foreseen = mode(by_days, foreseen={"chance": 1, "ahead": 50})
    renewed = {"all": mode(wear, renews="asset"), "renewed": mode(wear), "foreseen": foreseen}
    made = a_plant(
        years=1, fleets={"own": {"assets": 3, "site": "quay", "failures": failures}, "cut": {"assets": 2, "failures": renewed}},
        crews={"one": {"number": 1}}, requests={"calls": calls}, sites={"quay": site},
        spares={"part": {"stock": 1, "lead_time": {"uniform": {"low": 50, "high": 90}}}},
    )  # fmt: skip
    histories = Histories(made, 1)
    as_drawn = everything(histories, PATHS[:96])
    table = histories.durations.of(PATHS[:96])
    assert table.drawings["ends"].tolist() == 3 * [0, 0, 0] + 2 * [0, -1, -1] + [0, 0]
    table.columns[:] = np.nan
    assert everything(histories, PATHS[:96]).tobytes() == as_drawn.tobytes()
    assert np.isnan(table.columns[:, : table.block]).mean() > 0.1
    table.drawings["ends"] = -1
    assert everything(histories, PATHS[:96]).tobytes() == as_drawn.tobytes()
    assert not np.isnan(table.columns[:, : table.block]).any()


def test_what_draws_is_made_once_for_all_threads_and_runs() -> None:
    made = machines(2, 1, 500.0)
    both = [Histories(made, seed) for seed in (1, 2)]
    one, other = (each.durations.of(PATHS).drawings["at"] for each in both)
    loop, keys, scratch = 0, 1 + POINTERS.index("keys"), 1 + POINTERS.index("scratch")
    assert (one[:, loop] == other[:, loop]).all()
    assert len({*one[:, scratch], *other[:, scratch]}) == 2
    assert len({*one[:, keys], *other[:, keys]}) == 4


def test_another_crew_leaves_every_life_as_it_was() -> None:
    def first_failures(crews: int) -> list[tuple[float, int]]:
        events = Histories(machines(6, crews, 300.0), 1).events(7)
        seen: dict[int, float] = {}
        for event in events:
            if event.what == 0:
                seen.setdefault(event.asset, event.time)
        return sorted((time, asset) for asset, time in seen.items())

    assert first_failures(1) == first_failures(3)


def test_what_falls_on_the_end_of_a_period_belongs_to_the_next() -> None:
    """A day of 24 hours by hand: the year has 8,760; a failure at exactly that hour is the second year's."""
    life = {"life": {"discrete": [{"value": 8_760, "chance": 1}]}, "repair": 240, "crew": "one"}
    made = a_plant(years=2, fleets={"one": {"assets": 1, "failures": {"f": life}}}, crews={"one": {"number": 1}})
    first = np.array([0], np.uint64)
    assert outcomes(Histories(made, 1), "failures", first)[:, 0].tolist() == [0.0, 1.0]
    assert outcomes(Histories(made, 1), "downtime", first)[:, 0].tolist() == [0.0, 240.0]
    assert outcomes(Histories(made, 1), "response", first)[:, 0].tolist() == [0.0, 0.0]


def test_a_crew_begins_on_shift_and_finishes_what_it_began() -> None:
    """By hand: 2027-01-01 is a Friday; failures at hour 20 of Friday, at 10 on Saturday and at 8 on Monday."""
    def first_begins(life: float, shifts: dict[str, Any]) -> float:
        near = {"uniform": {"low": life - 1e-9, "high": life + 1e-9}}
        fleet = {"assets": 1, "failures": {"f": {"life": near, "repair": 30, "crew": "one"}}}
        events = Histories(a_plant(years=1, fleets={"m": fleet}, crews={"one": {"number": 1, "shifts": shifts}}), 1).events(0)
        ends = next(e.time for e in events if e.what == 2)
        begins = next(e.time for e in events if e.what == 1)
        assert ends == begins + 30.0
        return round(begins, 6)

    week = {"days": "monday to friday", "begins": 7, "ends": 19}
    assert first_begins(10.0, week) == 10.0
    assert first_begins(20.0, week) == 72.0 + 7.0
    assert first_begins(24.0 + 10.0, week) == 72.0 + 7.0
    assert first_begins(72.0 + 8.0, week) == 80.0
    assert first_begins(5.0, {"days": ["sunday"], "begins": 0, "ends": 24}) == 48.0
    assert first_begins(1.0, {"days": "saturday to monday", "begins": 6, "ends": 7}) == 30.0


def test_a_shift_begins_at_its_hour_and_no_moment_before() -> None:
    """Counted from Monday, the last moment before Friday's 6 o'clock is rounded to 6 o'clock."""
    life = {"discrete": [{"value": float(np.nextafter(6.0, 0.0)), "chance": 1}]}
    fleet = {"assets": 1, "failures": {"f": {"life": life, "repair": 1, "crew": "one"}}}
    shifts = {"days": "monday to friday", "begins": 6, "ends": 18}
    events = Histories(a_plant(years=1, fleets={"m": fleet}, crews={"one": {"number": 1, "shifts": shifts}}), 1).events(0)
    assert next(event.time for event in events if event.what == 1) == 6.0


def test_who_is_never_served_is_served_no_part_of_the_time() -> None:
    """It fails before the first hour that is owed; others fail meanwhile, so that the hours are counted in many parts."""
    dead = {"life": {"uniform": {"low": 1, "high": 2}}, "repair": 1e6, "crew": "own"}
    made = a_plant(
        fleets={"dead": {"assets": 1, "failures": {"f": dead}}, "other": {"assets": 5, "failures": {"f": {**dead, "repair": 0.1}}}},
        crews={"own": {"number": 6}}, hours={"days": "monday to friday", "begins": 6, "ends": 22},
    )  # fmt: skip
    assert (outcomes(Histories(made, 1), "served", PATHS[:64]) == 0.0).all()


def test_standby_starts_at_once_and_does_not_age() -> None:
    """By hand: two pumps, one runs; lives of 100, repairs of 30 hours: they take turns, and none is missed."""
    life = {"life": {"uniform": {"low": 100 - 1e-9, "high": 100 + 1e-9}}, "repair": 30, "crew": "one"}
    made = a_plant(years=1, fleets={"pumps": {"assets": 2, "running": 1, "failures": {"f": life}}}, crews={"one": {"number": 1}})
    events = Histories(made, 1).events(0)
    assert [(round(e.time), e.asset) for e in events if e.what == 0][:4] == [(100, 0), (200, 1), (300, 0), (400, 1)]
    first = np.array([0], np.uint64)
    assert outcomes(Histories(made, 1), "served", first)[0, 0] == pytest.approx(1.0)
    assert outcomes(Histories(made, 1), "availability", first)[0, 0] == pytest.approx(1.0 - 30.0 * 87 / (2 * 8_760), abs=30 / 8_760)


def test_cold_standby_has_its_closed_form() -> None:
    """One of two runs, one crew: a birth and death process with the rates a, a and b, b (Barlow and Proschan)."""
    a, b = 1 / 100, 1 / 20
    mode = {"life": {"exponential": {"mean": 100}}, "repair": {"exponential": {"mean": 20}}, "crew": "one"}
    made = a_plant(fleets={"pumps": {"assets": 2, "running": 1, "failures": {"f": mode}}}, crews={"one": {"number": 1}})
    weights = np.array([1.0, a / b, (a / b) ** 2])
    both_down = weights[2] / weights.sum()
    mean, error = of(made, "served")
    assert abs(mean - (1.0 - both_down)) < 4.0 * error


def test_access_is_waited_for_on_the_spot() -> None:
    """Down for travel, access and repair; the access hours are told apart, the response ends with the arrival."""
    mode = {"life": {"exponential": {"mean": 500}}, "repair": 10, "access": 4, "crew": "own"}
    made = a_plant(fleets={"m": {"assets": 10, "failures": {"f": mode}}}, crews={"own": {"number": 10, "travel": 6}})
    mean, error = of(made, "availability")
    assert abs(mean - 500 / 520) < 4.0 * error
    access, visits, response = (outcomes(Histories(made, 1), what, PATHS[:200]) for what in ("access", "visits", "response"))
    begun, waited = visits.cumsum(axis=0), access.cumsum(axis=0)  # of a year's end on, some hours are of the next
    still = 4.0 * begun - waited
    assert ((still > -1e-6) & (still <= 4.0 * 10 + 1e-6)).all()
    assert (np.abs(still) < 1e-6).mean() > 0.5
    assert np.allclose(response, 6.0)


def test_a_depot_sends_one_at_once_or_when_it_has_one_first_come_first_served() -> None:
    """By hand: one in the depot, 100 hours until it has another; three fail at 20, 30, 40; their stores are 10 hours away."""
    def mode(life: float, spare: str) -> dict[str, Any]:
        return {"life": {"uniform": {"low": life - 1e-9, "high": life + 1e-9}}, "repair": 1_000, "crew": "own", "spare": spare}

    fleets = {
        name: {"assets": 1, "failures": {"f": mode(life, spare)}}
        for name, life, spare in (("c", 40.0, "south"), ("a", 20.0, "south"), ("b", 30.0, "north"))
    }
    spares = {
        "south": {"stock": 0, "lead_time": 10, "depot": "central"},
        "central": {"stock": 1, "lead_time": 100},
        "north": {"stock": 0, "lead_time": 10, "depot": "central"},
    }
    made = a_plant(years=1, fleets=fleets, crews={"own": {"number": 3}}, spares=spares)
    begins = [(round(e.time), e.asset) for e in Histories(made, 1).events(0) if e.what == 1][:3]
    assert begins == [(20 + 10, 1), (20 + 100 + 10, 2), (30 + 100 + 10, 0)]


@pytest.mark.parametrize(("assets", "crew", "of_failures"), [(1, 1, 0.01), (10, 10, 0.05), (10, 2, 0.15)])
def test_a_failure_that_meets_nobody_takes_no_round(assets: int, crew: int, of_failures: float) -> None:
    """One machine alone takes next to none; of ten, few failures meet others, but more where they wait for two fitters. Rounds
    alone would be two a failure, for its begin and its end."""
    made = machines(assets, crew, 500.0)
    histories, paths, nothing = Histories(made, 1), PATHS[:64], np.empty((0, made.periods, 0))
    sums, asked = np.empty((made.periods, 64)), placed(made, [(Entry("task", 0, "failures"),)])
    table, pools = histories.durations.of(paths), np.full(2, 8)
    short, _, _, rounds = compiled(*table, *made.rules, pools, nothing, nothing, *asked, 0, 64, sums, np.empty((0, 4)))
    assert short == -1
    assert sums.sum() > 40 * assets * len(paths)
    assert rounds < of_failures * sums.sum()
