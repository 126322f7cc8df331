"""Operations by themselves: causes of downtime by hand and in closed form, outcomes by year, page and command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from scipy import stats

import gainsim
from gainsim.cli.main import cli
from gainsim.errors import UsageError
from gainsim.operations.history import FAILS, Histories
from gainsim.operations.outcomes import OF_REQUESTS, Reading, whose
from gainsim.operations.plant import Plant
from gainsim.report.service import pictures
from gainsim.service import Operated, Service, plants_of, service
from gainsim.service_outcomes import Stretches, Told, Who, spread
from gainsim.service_spent import Spent, totals_of
from gainsim.text.service import page
from tests.operations.hall import document
from tests.operations.test_offers import OFFER
from tests.operations.test_timeline import BUSY, DAY, a_plant, fixed, mode


def spent(made: Plant, paths: int = 1) -> Spent:
    """What hours are spent on, over the contract."""
    totals = totals_of(made)
    added = dict(zip(totals, Histories(made, 1).sums(np.arange(paths, dtype=np.uint64), totals), strict=True))
    return Spent(made, Stretches.of(made, (0,)).over(added), 1.0)


def causes(made: Plant) -> list[dict[str, float]]:
    """Of each mode, those that cost hours, where nothing is left to chance."""
    return [{cause: hours.value for cause, hours in of.hours.items() if hours.value} for of in spent(made).causes()]


# --- where downtime comes from ------------------------------------------------------------------------------------------


def test_the_causes_of_a_mode_by_hand() -> None:
    """Fails on a Saturday, 08:00; the shift begins on Monday, 07:00, 47 hours later; 2 of travel, 5 of access, 40 of work."""
    made = a_plant(
        fleets={"one": {"assets": 1, "failures": {"f": mode(8_600, repair=40, access=5)}}},
        crews={"one": {"number": 1, "travel": 2, "shifts": DAY}},
    )
    assert causes(made) == [{"no_shift": 47.0, "travel": 2.0, "access": 5.0, "repair": 40.0}]


def test_what_the_end_cuts_off_is_no_hour_of_the_contract() -> None:
    """Fails 100 hours before the end, of which 30 are travel; 70 of 90 hours of access are left, and no work."""
    fleets = {"one": {"assets": 1, "failures": {"f": mode(8_660, repair=40, access=90)}}}
    assert causes(a_plant(fleets=fleets, crews={"one": {"number": 1, "travel": 30}})) == [{"travel": 30.0, "access": 70.0}]


def test_a_spare_that_is_not_there_is_the_cause_before_the_crew() -> None:
    """b fails at 50 and lacks its part until 350; a has the crew from 20 to 40, and again every 40 hours, so until 360."""
    fleets = {
        "a": {"assets": 1, "failures": {"f": mode(20, repair=20)}},
        "b": {"assets": 1, "failures": {"f": mode(50, repair=9_000, spare="part", priority=2)}},
    }
    made = a_plant(fleets=fleets, crews={"one": {"number": 1}}, spares={"part": {"stock": 0, "lead_time": 300}})
    assert causes(made)[1] == {"no_spare": 300.0, "no_crew": 10.0, "repair": 8_400.0}


def test_planned_work_is_planned_from_when_the_crew_is_there() -> None:
    """Every 1,000 hours of running, 6 of work; the crew is 3 hours on the way, while the asset runs: every 1,009 hours, 8 times."""
    work = {"oil": {"every": 1_000, "takes": 6, "crew": "one", "renews": "nothing"}}
    fleets = {"one": {"assets": 1, "failures": {"f": mode(90_000, repair=1)}, "maintenance": work}}
    made = a_plant(fleets=fleets, crews={"one": {"number": 1, "travel": 3}})
    assert causes(made) == [{}, {"planned": 48.0}]
    assert [of.planned.value for of in spent(made).causes()] == [0.0, 8.0]


def test_the_causes_add_up_to_the_downtime() -> None:
    """Also of planned works, over the ends of months."""
    lifts = BUSY["fleets"]["lifts"]
    oil = {"every": 300, "takes": 2, "crew": "day", "renews": ["door"], "ages": "calendar"}
    made = a_plant(years=2, step="month", **{**BUSY, "fleets": {**BUSY["fleets"], "lifts": {**lifts, "maintenance": {"oil": oil}}}})
    down = Reading(made, "downtime", whose(made))
    paths = np.arange(60, dtype=np.uint64)
    added = dict(zip(down.totals, Histories(made, 1).sums(paths, down.totals), strict=True))
    assert sum(of.down for of in spent(made, 60).causes()) == pytest.approx(down.of(added, made.owed).sum(axis=0).mean())


# --- spares and crews ---------------------------------------------------------------------------------------------------


def test_the_part_of_calls_filled_at_once_is_palms() -> None:
    """Many assets: what is on order is Poisson, so a call finds one of s parts with the chance of fewer than s on order."""
    breaks = {"life": {"exponential": {"mean": 10_000}}, "repair": 0, "crew": "own", "spare": "part"}
    made = a_plant(
        years=3, fleets={"many": {"assets": 200, "failures": {"breaks": breaks}}}, crews={"own": {"number": 200}},
        spares={"part": {"stock": 3, "lead_time": {"uniform": {"low": 0, "high": 200}}}},
    )  # fmt: skip
    (part,) = spent(made, 512).stocks()
    assert part.filled is not None
    # at first every part is there, for some 100 of 26,280 hours; and those who wait do not fail
    assert abs(part.filled.value - stats.poisson(2.0).cdf(2)) < 4.0 * part.filled.standard_error + 0.003


def test_a_depot_is_called_by_the_stock_that_it_supplies() -> None:
    """Two fail at 10 and 20; the depot has one part, so the first order is filled at once and the second waits."""
    fleets = {
        name: {"assets": 1, "failures": {"f": mode(life, repair=9_000, spare="part")}} for name, life in (("a", 10), ("b", 20))
    }
    spares = {"part": {"stock": 0, "lead_time": 30, "depot": "central"}, "central": {"stock": 1, "lead_time": 100}}
    part, central = spent(a_plant(fleets=fleets, crews={"one": {"number": 2}}, spares=spares)).stocks()
    assert part.filled is not None
    assert central.filled is not None
    assert (part.filled.value, central.filled.value) == (0.0, 0.5)


def test_how_busy_a_crew_is_by_hand() -> None:
    """Life 90 and repair 10, around the clock: from 90, 190, ... to 8,690 on, 87 times: 870 of 8,760 hours."""
    fleets = {"one": {"assets": 1, "failures": {"f": mode(90, repair=10)}}}
    (crew,) = spent(a_plant(fleets=fleets, crews={"one": {"number": 1}})).crews()
    assert (crew.use.value, crew.on_shift, crew.overtime.value) == (870.0 / 8_760.0, 8_760.0, 0.0)


def test_what_is_finished_after_the_shift_is_overtime() -> None:
    """Fails on Friday, 16:00, an hour before the shift ends, and is never done. 2027 has 261 days from Monday to Friday."""
    fleets = {"one": {"assets": 1, "failures": {"f": mode(16, repair=9_000)}}}
    (crew,) = spent(a_plant(fleets=fleets, crews={"one": {"number": 1, "shifts": DAY}})).crews()
    assert crew.on_shift == 2_610.0
    assert crew.use.value == pytest.approx(2_601.0 / 2_610.0)
    assert crew.overtime.value == pytest.approx(8_760.0 - 16.0 - 2_601.0)


def test_crews_that_stand_in_for_one_another_are_told_together() -> None:
    failures = {"f": {"life": fixed(100), "repair": 10, "skill": "welding"}, "g": mode(9_000, repair=1)}
    crews = {"one": {"number": 1}, "two": {"number": 2, "skills": ["welding"]}, "three": {"number": 1, "skills": ["welding"]}}
    found = list(spent(a_plant(fleets={"one": {"assets": 1, "failures": failures}}, crews=crews)).crews())
    assert [(crew.names, crew.number) for crew in found] == [(("one",), 1), (("two", "three"), 3)]
    assert found[1].on_shift == 3 * 8_760.0


# --- outcomes -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> Service:
    return service(gainsim.load_text(OFFER).loaded.scenario, 200, 5)


ALL = Who("all")


def one(of: Operated, outcome: str, who: Who = ALL) -> Told:
    return next(told for told in of.outcomes if (told.outcome, told.who) == (outcome, who))


def test_outcomes_are_what_drivers_read(found: Service) -> None:
    """A mean over the contract in the driver's own unit: the same as of the futures that a run meets."""
    (hall,) = found.operated
    futures = gainsim.load_text(OFFER).futures(200, 5)
    assert set(hall.drivers) == {"up", "cranes_up", "visits"}
    for name, mean in hall.drivers.items():
        assert mean.value == pytest.approx(futures[name].mean())
    visits = one(hall, "visits")
    assert visits.whole.mean.value == pytest.approx(12.0 * futures["visits"].mean())
    assert np.mean([year.mean.value for year in visits.years]) == pytest.approx(visits.whole.mean.value)
    assert hall.years == ("2027", "2028")
    assert sum(mode.down for mode in hall.causes) == pytest.approx(one(hall, "downtime").whole.mean.value)


def test_of_the_longest_the_longest_is_told() -> None:
    """Of several years, and of several modes: lives of 1,000 and 5,000 hours, 7 and 60 hours of travel."""
    text = OFFER[: OFFER.index("operations:")] + yaml.safe_dump({
        "operations": {
            "o": {
                "fleets": {
                    "m": {"assets": 1, "failures": {"f": {**mode(1_000, repair=1)}, "g": {**mode(9_500, repair=1), "crew": "far"}}}
                },
                "crews": {"one": {"number": 1, "travel": 7}, "far": {"number": 1, "travel": 60}},
            }
        },
        "drivers": {"x": {"unit": "EUR/month", "control": "nobody", "constant": 1}},
        "contract": {"fee": {"term": "fee", "amount": "10_000 EUR per month", "clock": {"paid": "30 days"}}},
    })  # fmt: skip
    (o,) = service(gainsim.load_text(text).loaded.scenario, 100, 1).operated
    worst = one(o, "worst_response")
    assert (worst.whole.mean.value, [year.mean.value for year in worst.years]) == (60.0, [7.0, 60.0])


MADE = """
gainsim: 1
title: A mill
currency: EUR
calendar: { start: 2027-01, months: 12, step: month, year: contract }
money: { discount_rate: 7% pa }
operations:
  mill:
    fleets:
      rolls:
        assets: 2
        site: here
        failures:
          f: { life: { discrete: [{ value: 1_000, chance: 100% }] }, repair: 100, crew: one, within: 2 }
        demand: steel
        capacity: 10
        performance: 80%
        quality: grade
      saws:
        assets: 1
        site: there
        failures:
          f: { life: { discrete: [{ value: 400, chance: 100% }] }, repair: 100, crew: one }
    crews: { one: { number: 4, travel: 5 } }   # one for each asset, and one for calls
    sites: { here: {}, there: {}, nowhere: {} }
    requests:
      calls: { every: { discrete: [{ value: 500, chance: 100% }] }, takes: 1, crew: one, done_within: 5 }
drivers:
  steel: { unit: t/month, control: nobody, central: mean, drawn: each period, uniform: { low: 9_000, high: 20_000 } }
  grade: { unit: fraction, control: nobody, constant: 0.9 }
  made: { unit: t/month, control: supplier, central: 9_000, operations: { of: mill, outcome: throughput, fleet: rolls } }
  asked: { unit: fraction, control: supplier, central: 90%, operations: { of: mill, outcome: demand_served, fleet: rolls } }
contract: { sold: { term: payment, amount: total(made * 3 EUR/t * asked), clock: { measured: month, paid: 30 days } } }
"""


def test_what_is_made_is_told_of_the_fleet_that_makes_it() -> None:
    """Two rolls at 10 an hour, 80% of it: what is made over the year is what the driver says, month by month."""
    offer = gainsim.load_text(MADE)
    (mill,) = service(offer.loaded.scenario, 100, 5).operated
    futures, rolls = offer.futures(100, 5), Who("fleet", "rolls")
    assert one(mill, "throughput", rolls).whole.mean.value == pytest.approx(futures["made"].sum(axis=0).mean())
    served = futures["made"].sum(axis=0) / futures["steel"].sum(axis=0)
    assert one(mill, "demand_served", rolls).whole.mean.value == pytest.approx(served.mean())
    assert one(mill, "oee", rolls).whole.mean.value == pytest.approx(0.9 * futures["made"].sum(axis=0).mean() / (20.0 * 8_760.0))
    assert mill.drivers["made"].value == pytest.approx(futures["made"].mean())


def test_all_are_told_of_each_fleet_site_and_kind_of_requests() -> None:
    (mill,) = service(gainsim.load_text(MADE).loaded.scenario, 100, 5).operated
    assert list(dict.fromkeys(told.who for told in mill.outcomes)) == [
        ALL, Who("fleet", "rolls"), Who("fleet", "saws"), Who("site", "here"), Who("site", "there"), Who("requests", "calls"),
    ]  # fmt: skip
    calls = Who("requests", "calls")
    assert {told.outcome for told in mill.outcomes if told.who == calls} == set(OF_REQUESTS)
    assert one(mill, "calls", calls).whole.mean.value == 17.0  # at 500, ..., 8,500
    assert one(mill, "done_on_time", calls).whole.mean.value == 0.0  # 5 hours of travel, and 1 of work
    assert one(mill, "on_time", Who("fleet", "rolls")).whole.mean.value == 0.0
    assert one(mill, "on_time").whole.mean.value == 0.0  # saws, which have no limit, are not in time
    said = page(service(gainsim.load_text(MADE).loaded.scenario, 100, 5))
    for words in ("What comes of the requests calls", "Of these, rolls", "throughput", "done_on_time", "on_time"):
        assert words in said
    assert "Of these, here" not in said  # it has the rolls alone


def test_a_spread_is_of_paths() -> None:
    found = spread(np.arange(100.0))
    assert (found.mean.value, found.percentiles) == (49.5, (4.0, 49.0, 94.0))


# --- page and command ---------------------------------------------------------------------------------------------------


def test_the_page_tells_all_parts(found: Service) -> None:
    told = page(found)
    for said in (
        "What hall comes to", "Of these, presses", "Year by year", "Where downtime comes from", "How busy the crews are",
        "How far the spares reach", "What each lever would change", "drives in stock 1 → 0", "NPV, EUR",
        "No cost follows fitters, riggers", "What drivers read of it",
    ):  # fmt: skip
        assert said in told


def test_the_figures_of_a_row_and_of_a_column_have_as_many_decimals(found: Service) -> None:
    told = page(found).splitlines()
    first, last = (next(n for n, line in enumerate(told) if line.startswith(title)) for title in ("What hall", "Where downtime"))
    rows = [line.split() for line in told[first:last] if line.split()[1:3] == ["a", "year"]]
    assert len(rows) >= 10
    for _, _, _, mean, *others in rows:
        figures = [mean, *others[2 * (others[:1] == ["±"]) :]]
        assert len({len(each.partition(".")[2]) for each in figures if each != "0"}) == 1, figures
    failures = [line[line.index(".") - 6 :].split()[0] for line in told[last + 3 : last + 6]]
    assert len({len(each.partition(".")[2]) for each in failures}) == 1, failures


def test_the_page_says_in_which_hours_the_service_is_owed(found: Service) -> None:
    """Ten hours on each of the 105 Saturdays of 2027 and 2028, and on as many Sundays."""
    assert "The service is owed" not in page(found)
    owed = "    hours: { days: saturday to sunday, begins: 8, ends: 18 }\n"
    weekend = OFFER.replace("operations:\n  hall:\n", f"operations:\n  hall:\n{owed}")
    told = service(gainsim.load_text(weekend).loaded.scenario, 100, 5)
    assert "owed Saturday and Sunday from 8 to 18, 1,050 hours a year. Availability" in page(told)
    (hall,) = told.operated
    assert [said.count("The service is owed Saturday and Sunday") for _, _, said in pictures(told, hall)[:2]] == [1, 1]


def test_completion_is_told_without_a_limit_and_maintenance_that_is_no_lever_is_named() -> None:
    oil = "        maintenance: { oil: { every: { uniform: { low: 300, high: 900 } }, takes: 1, crew: one } }\n"
    mill = MADE.replace("done_within: 5", "within: 9").replace("        demand: steel\n", f"{oil}        demand: steel\n")
    told = page(service(gainsim.load_text(mill).loaded.scenario, 100, 5))
    assert told.count("\ncompletion ") == 4 and "done_on_time" not in told and "worst_completion" not in told
    assert "No lever for rolls, oil: the time between is a distribution." in told
    assert "failures a year  planned a year" in told


def test_pictures_say_what_they_leave_out() -> None:
    """Forty rolls fail at hour 1,000; the lowest bar of the availability ends above the axis."""
    told = service(gainsim.load_text(MADE.replace("assets: 2", "assets: 40")).loaded.scenario, 100, 5)
    drawn = {name: (picture, said) for name, picture, said in pictures(told, told.operated[0])}
    assert drawn["timeline"][1].endswith("; the first 30 of 41 are shown.")
    bars = drawn["availability"][0].axes[0]
    assert bars.get_ylim()[0] < min(bar.get_y() for bar in bars.patches)


def test_pictures_have_room_beside_long_names() -> None:
    """Names have no longest, and all that a bar is cut into is told: what waits, travels, is repaired or planned."""
    machines, failure = "machines_of_the_northern_hall_" * 4, "breaks_down_for_no_reason_that_anybody_knows_" * 3
    fails = {"life": {"exponential": {"mean": 500}}, "repair": 20, "access": 2, "crew": "fitters", "spare": "part", "within": 9}
    fleet = {
        "assets": 5,
        "site": "north",
        "failures": {failure: fails},
        "maintenance": {"check": {"every": 700, "takes": 5, "crew": "fitters"}},
    }
    written = {
        "fleets": {machines: fleet},
        "crews": {"fitters": {"number": 1, "travel": 1, "shifts": DAY}},
        "spares": {"part": {"stock": 1, "lead_time": 100}},
        "sites": {"north": {"weather": {"fair": {"exponential": {"mean": 100}}, "foul": 20}}},
    }
    told = service(gainsim.load_text(yaml.safe_dump(document(written, {}))).loaded.scenario, 100, 1)
    drawn = {each.name: each.drawn for each in pictures(told, told.operated[0])}
    for picture in drawn.values():
        picture.canvas.draw()  # type: ignore[attr-defined]
        for legend in picture.legends:
            box = legend.get_window_extent()
            assert box.x0 >= 0.0
            assert box.x1 <= picture.bbox.x1
        assert all(axes.get_position().width > 0.1 for axes in picture.axes)
    assert len(drawn["downtime"].legends[0].get_texts()) == 8
    *titles, limit = [axes.get_title(loc="left") for axes in drawn["levers"].axes]
    assert titles == ["time served, points", "downtime, hours a\nyear"]
    assert limit.count("\n") == 1
    for name in ("levers", "in_time"):
        box = drawn[name].get_tightbbox()
        assert box.x0 >= 0.0
        assert box.x1 <= drawn[name].get_figwidth()


def a_desk(**changed: Any) -> dict[str, Any]:
    """Calls alone, of which nobody is ever down."""
    calls = {"every": {"exponential": {"mean": 20}}, "takes": {"exponential": {"mean": 30}}, "crew": "desk", "within": 5}
    return {"crews": {"desk": {"number": 2}}, "requests": {"calls": {**calls, **changed}}}


def test_a_desk_is_told_by_what_is_in_time_and_what_it_is_worth() -> None:
    """Calls paid for when they are on time: nothing is ever down, and yet one person fewer costs money."""
    written = a_desk(done_within=10_000)
    read = {"of": "hall", "requests": "calls", "outcome": "on_time"}
    on_time = {"control": "supplier", "unit": "fraction", "central": "60%", "operations": read}
    told = document(written, {"on_time": on_time})
    told["contract"]["fee"]["amount"] = "1_000 EUR per month * on_time"
    found = service(gainsim.load_text(yaml.safe_dump(told)).loaded.scenario, 100, 1)
    (desk,) = found.operated
    drawn = pictures(found, desk)
    assert [each.name for each in drawn] == ["in_time", "levers"]
    assert drawn[0].caption.endswith("In every year of every path, calls done within 10,000 h: 100.0%.")
    in_time, levers = ([axes.get_title(loc="left") for axes in each.drawn.axes] for each in drawn)
    mean = 100.0 * np.mean([year.mean.value for year in one(desk, "on_time", Who("requests", "calls")).years])
    whole = 100.0 * one(desk, "on_time", Who("requests", "calls")).whole.mean.value
    assert in_time == [f"calls within 5 h: {whole:.2f}% over the contract", f"all years together: mean {mean:.2f}%"]
    assert levers == ["calls within 5 h, points", "expected NPV, EUR"]
    said = page(found)
    assert "\nWhat comes of the requests calls\n" in said
    assert "What hall comes to" not in said and "Where downtime comes from" not in said
    assert {told.who.kind for told in desk.outcomes} == {"requests"}
    assert f"The path whose hours of waiting are the median: --path {desk.middle}" in said
    waited = [_waiting(found, path) for path in range(100)]
    assert sorted(waited)[49] == waited[desk.middle]
    (head,) = (line for line in said.splitlines() if line.startswith("lever "))
    assert " ".join(head.split()) == "lever calls within 5 h calls done within 10,000 h NPV, EUR"


def _waiting(found: Service, path: int) -> float:
    """The hours for which calls wait on one path."""
    made = found.operated[0].plant
    reading = Reading(made, "waiting", whose(made, requests="calls"))
    added = Histories(made, found.seed).sums(np.array([path], np.uint64), reading.totals)
    return float(reading.of(dict(zip(reading.totals, added, strict=True)), made.owed).sum())


def test_what_is_alike_in_every_year_is_said_and_not_drawn() -> None:
    """Calls every 20 hours that take 30: of two people one is always free within 10 hours, and none is done within 29."""
    written = a_desk(every=fixed(20), takes=30, within=10, done_within=29)
    found = service(gainsim.load_text(yaml.safe_dump(document(written, {}))).loaded.scenario, 100, 1)
    drawn = {name: said for name, _, said in pictures(found, found.operated[0])}
    assert "in_time" not in drawn
    assert [each.whole.mean.value for each in found.operated[0].in_time] == [1.0, 0.0]


def test_requests_are_told_year_by_year(found: Service) -> None:
    """The mill's calls in two years: at 500, 1,000, …, 17,500 hours, of which 17 lie in the first."""
    told = page(service(gainsim.load_text(MADE.replace("months: 12", "months: 24")).loaded.scenario, 100, 5))
    rows = told[told.index("Year by year, means: the requests calls") :].splitlines()
    assert next(row.split() for row in rows if row.startswith("calls ")) == ["calls", "a", "year", "17.00", "18.00"]
    assert "Year by year, means: the requests" not in page(found)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "hall.yaml"
    place.write_text(OFFER, encoding="utf-8")
    return place


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["operations", *arguments])


def test_the_command_answers_people_and_machines(file: Path) -> None:
    said = run(str(file), "--paths", "100", "--no-report", "--set", "operations.hall.crews.fitters.number=2")
    assert said.exit_code == 0, said.output
    assert "fitters 2 → 1" in said.output
    told = json.loads(run(str(file), "--paths", "100", "--seed", "9", "--json", "--no-report").output)
    assert (told["schema"], told["paths"], told["seed"]) == ("gainsim/operations/1", 100, 9)
    (hall,) = told["operations"]
    assert hall["hours_owed"] == 8_772.0  # around the clock in two years, one of them with a leap day
    assert {each["fleet"] for each in hall["outcomes"]} == {None, "presses", "cranes"}
    assert {len(each["by_year"]) for each in hall["outcomes"]} == {2}
    assert {"availability", "served", "downtime", "npv"} == set(hall["levers"][0]["change"])
    assert (hall["in_time"], hall["levers"][0]["in_time"]) == ([], [])  # nothing has a limit


def test_the_page_has_its_pictures(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    said = run(str(file), "--paths", "100", "--out", str(out))
    assert said.exit_code == 0, said.output
    drawn = (out / "report.html").read_text("utf-8")
    assert drawn.count("<svg") == 4
    told = ("where downtime comes from", "waits for a spare", "drives in stock 1 to 0", "expected NPV, EUR", "all years together")
    for words in told:
        assert words in drawn
    assert {entry.name for entry in out.iterdir()} == {"report.html", "result.json", "scenario.yaml"}
    assert json.loads((out / "result.json").read_text("utf-8"))["schema"] == "gainsim/operations/1"
    assert run(str(file), "--paths", "100", "--out", str(out)).exit_code == 0  # a former one is replaced


def test_the_timeline_of_a_path_is_told(file: Path) -> None:
    said = run(str(file), "--path", "7")
    assert said.exit_code == 0, said.output
    assert "A hall that is kept running: path 7, seed 1" in said.output
    told = json.loads(run(str(file), "--path", "7", "--json").output)
    assert told["schema"] == "gainsim/timeline/1"
    (hall,) = told["operations"]
    plant = plants_of(gainsim.load_text(OFFER).loaded.scenario)[1]["hall"]
    assert len(hall["works"]) == sum(event.what == FAILS for event in Histories(plant, 1).events(7))
    waited = [each for each in hall["works"] if each["waits"]]
    assert said.output.count("begins after") == sum(each["begun"] is not None for each in waited)
    assert "begins after 0.0 h" not in said.output
    assert said.output.count("runs again after") == sum(each["runs"] is not None for each in hall["works"])


def test_calls_that_went_well_are_counted_alone(tmp_path: Path) -> None:
    """Every one of the 17 is overdue; within 6 hours none is."""
    place = tmp_path / "mill.yaml"
    place.write_text(MADE, encoding="utf-8")
    said = run(str(place), "--path", "0")
    assert said.exit_code == 0, said.output
    assert said.output.count("is done, overdue, after 6.0 h") == 17
    place.write_text(MADE.replace("done_within: 5", "done_within: 6"), encoding="utf-8")
    assert "calls: 17 calls more, answered at once and done in time" in run(str(place), "--path", "0").output


def test_planned_work_that_begins_at_once_is_one_line_and_lateness_is_told_to_a_hundredth(tmp_path: Path) -> None:
    """A crew free at hour 300 of planned work; 5.02 hours of travel to the first call, at 500."""
    oil = "        maintenance: { oil: { every: 300, takes: 1, crew: one } }\n        demand: steel\n"
    text = MADE.replace("        demand: steel\n", oil).replace("travel: 5", "travel: 5.02").replace("done_within: 5", "within: 5")
    place = tmp_path / "mill.yaml"
    place.write_text(text, encoding="utf-8")
    told = [line.split("  ", 1) for line in run(str(place), "--path", "0").output.splitlines() if line.startswith("2027-01")]
    assert [line.split("  ")[-1].strip() for when, line in told if when == "2027-01-13 12:00" and "rolls 1" in line] == [
        "planned work is called for; one begins at once",
    ]  # fmt: skip
    assert any("is reached late, after 5.02 h" in line for _, line in told)


def test_who_may_come_once_a_failure_escalated_is_named(tmp_path: Path) -> None:
    """It fails on Saturday at 6; by day from Monday on, or whoever is on call ten hours later."""
    place = tmp_path / "mill.yaml"
    place.write_text(
        MADE.replace("value: 1_000", "value: 30")
        .replace("crew: one, within: 2", "crew: day, escalates: { after: 10, priority: 1, crew: one }")
        .replace("crews: { one:", "crews: { day: { number: 9, shifts: { days: monday to friday, begins: 7, ends: 17 } }, one:"),
        encoding="utf-8",
    )
    told = run(str(place), "--path", "0").output.splitlines()
    assert [line.split("  ")[-1].strip() for line in told if line.startswith("2027-01-02") and "rolls 1" in line] == [
        "fails", "waits for the shift of day", "escalates to priority 1, and one may do it too",
        "repair by day or one begins after 10.0 h",
    ]  # fmt: skip


def test_where_nothing_fails_there_is_little_to_tell(file: Path, tmp_path: Path) -> None:
    """A contract of a year and a half, in which the lives are a million years."""
    quiet = OFFER.replace("years: 2, step: quarter, year: contract", "months: 18, step: quarter, year: contract, stub_years: full")
    for life in ("scale: 300", "scale: 4_000", "mean: 2_000"):
        quiet = quiet.replace(life, f"{life.split()[0]} 9_000_000_000_000")
    file.write_text(quiet.replace("shape: 0.8", "shape: 5"), encoding="utf-8")
    said = run(str(file), "--paths", "100", "--out", str(tmp_path / "out"))
    assert said.exit_code == 0, said.output
    assert "none called" in said.output
    assert "2028-01 to 2028-06" in said.output
    assert "Nothing fails." in run(str(file), "--path", "0").output


def test_an_offer_without_operations_is_refused() -> None:
    said = CliRunner().invoke(cli, ["operations", "scenarios/shared_savings.yaml", "--no-report"])
    assert isinstance(said.exception, UsageError)
    assert "has no operations" in str(said.exception)


def test_offers_of_unlike_operations_are_told_one_by_one(file: Path) -> None:
    operations = yaml.safe_load(OFFER)["operations"]
    operations["hall"]["crews"]["fitters"]["number"] = 2
    file.write_text(f"{OFFER}\noffers: {json.dumps({'one': {}, 'two': {'operations': operations}})}\n", encoding="utf-8")
    assert "Choose one with --offer" in str(run(str(file), "--paths", "100", "--no-report").exception)
    assert "fitters 2 → 1" in run(str(file), "--paths", "100", "--no-report", "--offer", "two").output


def test_the_money_is_of_one_offer_and_a_path_of_all_whose_operations_are_alike(file: Path) -> None:
    two = {"costs": {"power": {"amount": "energy"}}}
    file.write_text(f"{OFFER}\noffers: {json.dumps({'one': {}, 'two': two})}\n", encoding="utf-8")
    assert "Choose one with --offer" in str(run(str(file), "--paths", "100", "--no-report").exception)
    assert "path 1, seed 1" in run(str(file), "--path", "1").output


@pytest.mark.parametrize("options", ["--path 1 --paths 100", "--path 1 --out x", "--no-report --out x"])
def test_options_without_meaning_are_refused(file: Path, options: str) -> None:
    assert "would do nothing" in str(run(str(file), *options.split()).exception)
