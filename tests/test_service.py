"""Operations by themselves: causes of downtime by hand and in closed form, levers against changed files, page and command."""

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
from gainsim import measures
from gainsim.cli import cli
from gainsim.errors import UsageError
from gainsim.operations import twin
from gainsim.operations.history import Histories, outcome
from gainsim.operations.plant import Plant
from gainsim.operations.timeline import Wait, story
from gainsim.service import CAUSES, Service, service
from gainsim.service_text import page
from tests.operations.test_histories import a_plant
from tests.operations.test_offers import OFFER

ALONE = np.array([0], np.uint64)
CAUSE = {"shift": twin.NO_SHIFT, "crew": twin.NO_CREW, "spare": twin.NO_SPARE}
#: everything that can hold a repair up, at once
BUSY: dict[str, Any] = {
    "fleets": {
        "lifts": {
            "assets": 5,
            "running": 4,
            "failures": {
                "door": {"life": {"exponential": {"mean": 150}}, "repair": {"uniform": {"low": 1, "high": 9}}, "crew": "day"},
                "rope": {
                    "life": {"weibull": {"shape": 2, "scale": 900}}, "repair": 20, "crew": "day", "spare": "ropes",
                    "access": {"uniform": {"low": 0, "high": 5}}, "priority": 2,
                },
            },
        },
        "stairs": {"assets": 2, "failures": {"step": {"life": {"exponential": {"mean": 400}}, "repair": 6, "crew": "any"}}},
    },
    "crews": {
        "day": {"number": 1, "travel": 1.5, "shifts": {"days": "monday to friday", "begins": 7, "ends": 17}},
        "any": {"number": 1},
    },
    "spares": {
        "ropes": {"stock": 1, "lead_time": {"uniform": {"low": 20, "high": 90}}, "depot": "central"},
        "central": {"stock": 1, "lead_time": {"uniform": {"low": 100, "high": 900}}},
    },
}  # fmt: skip


def fixed(life: float, **more: Any) -> dict[str, Any]:
    return {"life": {"discrete": [{"value": life, "chance": 1}]}, "crew": "one", **more}


def causes_of(plant: Plant) -> np.ndarray:
    """Of the only path that matters where nothing is left to chance."""
    return Histories(plant, 1).causes(ALONE)[1][..., 0]


def test_the_causes_of_a_mode_by_hand() -> None:
    """Fails at hour 8,600 of 8,760: 358 days and 8 hours after Friday, 2027-01-01, which is a Saturday, 08:00.

    The shift begins on Monday, 07:00, 47 hours later; 2 hours on the way, 5 without access, 40 at work: it runs at 8,694.
    """
    shifts = {"days": "monday to friday", "begins": 7, "ends": 17}
    crews = {"one": {"number": 1, "travel": 2, "shifts": shifts}}
    plant = a_plant(years=1, fleets={"one": {"assets": 1, "failures": {"f": fixed(8_600, repair=40, access=5)}}}, crews=crews)
    (found,) = causes_of(plant)
    assert found[twin.CALLS] == 1.0
    assert [found[getattr(twin, cause.upper())] for cause in CAUSES] == [0.0, 47.0, 0.0, 2.0, 5.0, 40.0]
    (incident,) = story(Histories(plant, 1), 0).incidents
    assert incident.waits == [Wait(8_600.0, 8_647.0, "shift")]
    assert (incident.begun, incident.stands, incident.runs) == (8_647.0, 8_694.0, 8_694.0)


def test_standby_is_told_when_it_starts() -> None:
    """By hand: two pumps of which one runs, lives of 100, repairs of 30: one stands by until the other fails."""
    fleets = {"pumps": {"assets": 2, "running": 1, "failures": {"f": fixed(100, repair=30)}}}
    found = story(Histories(a_plant(years=1, fleets=fleets, crews={"one": {"number": 1}}), 1), 0)
    assert found.starts == [(100.0, 1)]
    assert [(each.asset, each.failed, each.stands, each.runs) for each in found.incidents[:2]] == [
        (0, 100.0, 130.0, 200.0), (1, 200.0, 230.0, 300.0),
    ]  # fmt: skip


def test_what_the_end_cuts_off_is_no_hour_of_the_contract() -> None:
    """Fails 100 hours before the end, of which 30 are travel; 70 of 90 hours without access are left, and no work."""
    fleets = {"one": {"assets": 1, "failures": {"f": fixed(8_660, repair=40, access=90)}}}
    plant = a_plant(years=1, fleets=fleets, crews={"one": {"number": 1, "travel": 30}})
    (found,) = causes_of(plant)
    assert [found[getattr(twin, cause.upper())] for cause in CAUSES] == [0.0, 0.0, 0.0, 30.0, 70.0, 0.0]
    (incident,) = story(Histories(plant, 1), 0).incidents
    assert (incident.begun, incident.stands, incident.runs) == (8_660.0, None, None)


def test_a_spare_that_is_not_there_is_the_cause_before_the_shift_and_the_crew() -> None:
    """By hand: b fails at 50 and lacks its part until 350; a has the crew from 20 to 40, and again every 40 hours, so until 360."""
    fleets = {
        "a": {"assets": 1, "failures": {"f": fixed(20, repair=20)}},
        "b": {"assets": 1, "failures": {"f": fixed(50, repair=9_000, spare="part", priority=2)}},
    }
    spares = {"part": {"stock": 0, "lead_time": 300}}
    plant = a_plant(years=1, fleets=fleets, crews={"one": {"number": 1}}, spares=spares)
    told = next(each for each in story(Histories(plant, 1), 0).incidents if each.asset == 1)
    assert told.waits == [Wait(50.0, 350.0, "spare"), Wait(350.0, 360.0, "crew")]
    found = causes_of(plant)[1]
    assert [found[place] for place in (twin.NO_SPARE, twin.NO_SHIFT, twin.NO_CREW, twin.AT_ONCE)] == [300.0, 0.0, 10.0, 0.0]


def test_a_part_that_comes_after_the_shift_waits_for_the_next() -> None:
    """Fails on Friday, 10:00; the part comes 8 hours later, an hour after the shift: it begins on Monday, 07:00, 61 hours on."""
    crews = {"one": {"number": 1, "shifts": {"days": "monday to friday", "begins": 7, "ends": 17}}}
    fleets = {"b": {"assets": 1, "failures": {"f": fixed(10, repair=9_000, spare="part")}}}
    plant = a_plant(years=1, fleets=fleets, crews=crews, spares={"part": {"stock": 0, "lead_time": 8}})
    (told,) = story(Histories(plant, 1), 0).incidents
    assert told.waits == [Wait(10.0, 18.0, "spare"), Wait(18.0, 79.0, "shift")]
    (found,) = causes_of(plant)
    assert (found[twin.NO_SPARE], found[twin.NO_SHIFT], found[twin.NO_CREW]) == (8.0, 61.0, 0.0)


def test_the_causes_add_up_to_the_downtime_and_the_timeline_tells_the_same() -> None:
    plant = a_plant(years=2, **BUSY)
    histories = Histories(plant, 3)
    sums, causes = histories.causes(np.arange(60, dtype=np.uint64))
    assert (sums == histories.sums(np.arange(60, dtype=np.uint64))).all()
    hours = causes[:, [getattr(twin, cause.upper()) for cause in CAUSES]]
    assert (hours.mean(axis=(0, 2)) > 0.0).all()
    assert hours.sum(axis=(0, 1)) == pytest.approx(outcome(plant, sums, "downtime", None).sum(axis=0))
    for path in range(10):
        told = np.zeros((3, twin.CAUSES))
        for incident in story(histories, path).incidents:
            told[incident.mode, twin.CALLS] += 1.0
            for wait in incident.waits:
                told[incident.mode, CAUSE[wait.cause]] += wait.end - wait.begin
        seen = [twin.CALLS, *CAUSE.values()]
        assert told[:, seen] == pytest.approx(causes[:, seen, path], abs=1e-6)


def test_the_part_of_calls_filled_at_once_is_palms() -> None:
    """Many assets: what is on order is Poisson, so a call finds one of s parts with the chance of fewer than s on order."""
    mode = {"life": {"exponential": {"mean": 10_000}}, "repair": 0, "crew": "own", "spare": "part"}
    plant = a_plant(
        fleets={"many": {"assets": 200, "failures": {"breaks": mode}}}, crews={"own": {"number": 200}},
        spares={"part": {"stock": 3, "lead_time": {"uniform": {"low": 0, "high": 200}}}},
    )  # fmt: skip
    (found,) = Histories(plant, 1).causes(np.arange(512, dtype=np.uint64))[1]
    filled = measures.estimate(measures.ratio(found[twin.AT_ONCE], found[twin.CALLS]))
    # at first every part is there, for some 100 of 26,280 hours; and those who wait do not fail
    assert abs(filled.value - stats.poisson(2.0).cdf(2)) < 4.0 * filled.standard_error + 0.003


def test_a_depot_is_called_by_the_stock_that_it_supplies() -> None:
    """By hand: two fail at 10 and 20; the depot has one part, so the first order is filled at once and the second waits.

    The second is sent when the depot's own order of hour 10 arrives, at 110, and is there at 140.
    """
    fleets = {
        name: {"assets": 1, "failures": {"f": fixed(life, repair=9_000, spare="part")}} for name, life in (("a", 10), ("b", 20))
    }
    spares = {"part": {"stock": 0, "lead_time": 30, "depot": "central"}, "central": {"stock": 1, "lead_time": 100}}
    plant = a_plant(years=1, fleets=fleets, crews={"one": {"number": 2}}, spares=spares)
    waits = [each.waits for each in story(Histories(plant, 1), 0).incidents]
    assert waits == [[Wait(10.0, 40.0, "spare")], [Wait(20.0, 140.0, "spare")]]
    found = causes_of(plant)
    assert found[:, twin.NO_SPARE].tolist() == [30.0, 120.0]
    assert found[:, twin.AT_ONCE].tolist() == [0.0, 0.0]
    assert found[:, twin.AT_DEPOT].tolist() == [1.0, 0.0]


@pytest.fixture(scope="module")
def found() -> Service:
    return service(gainsim.load_text(OFFER).loaded.scenario, 200, 5)


def test_outcomes_are_what_drivers_read(found: Service) -> None:
    """A mean over the contract in the driver's own unit: the same as of the futures that a run meets."""
    (hall,) = found.operated
    futures = gainsim.load_text(OFFER).futures(200, 5)
    assert set(hall.drivers) == {"up", "cranes_up", "visits"}
    for name, mean in hall.drivers.items():
        assert mean.value == pytest.approx(futures[name].mean())
    visits = next(told for told in hall.outcomes if told.outcome == "visits" and told.fleet is None)
    assert visits.whole.mean.value == pytest.approx(12.0 * futures["visits"].mean())
    assert np.mean([year.mean.value for year in visits.years]) == pytest.approx(visits.whole.mean.value)
    assert hall.years == ("2027", "2028")
    downtime = next(told for told in hall.outcomes if told.outcome == "downtime" and told.fleet is None)
    assert sum(mode.down for mode in hall.causes) == pytest.approx(downtime.whole.mean.value)


@pytest.mark.parametrize(
    ("name", "after", "written", "changed"),
    [
        ("fitters", 2, "fitters: { number: 1", "fitters: { number: 2"),
        ("drives", 0, "stock: 1", "stock: 0"),
        ("presses", 5, "assets: 4", "assets: 5\n        running: 4"),
    ],
)
def test_a_lever_is_the_file_with_this_change_on_the_same_draws(
    found: Service, name: str, after: int, written: str, changed: str
) -> None:
    (hall,) = found.operated
    lever = next(each for each in hall.levers if (each.name, each.after) == (name, after))
    assert written in OFFER
    (other,) = service(gainsim.load_text(OFFER.replace(written, changed)).loaded.scenario, 200, 5).operated
    for what, change in lever.change.items():
        before, now = (next(t for t in of.outcomes if (t.outcome, t.fleet) == (what, None)) for of in (hall, other))
        assert change.value == pytest.approx(now.whole.mean.value - before.whole.mean.value, abs=1e-9)
        apart = float(np.hypot(now.whole.mean.standard_error, before.whole.mean.standard_error))
        assert change.standard_error < apart
    assert abs(lever.change["downtime"].value) > 4.0 * lever.change["downtime"].standard_error


def test_levers_are_one_more_and_one_fewer_where_there_is_one(found: Service) -> None:
    (hall,) = found.operated
    assert [(each.kind, each.name, each.before, each.after) for each in hall.levers] == [
        ("crew", "fitters", 1, 2), ("crew", "riggers", 1, 2), ("spare", "drives", 1, 2), ("spare", "drives", 1, 0),
        ("fleet", "presses", 4, 5), ("fleet", "cranes", 2, 3),
    ]  # fmt: skip


def test_how_busy_a_crew_is_by_hand() -> None:
    """One asset, life 90 and repair 10, around the clock: 10 of 100 hours; a day shift has 10 hours of five days a week."""
    offer = OFFER[: OFFER.index("operations:")] + "operations:\n  o:\n    fleets: { m: { assets: 1, failures: { f: { life: " + (
        "{ discrete: [{ value: 90, chance: 1 }] }, repair: 10, crew: c } } } }\n    crews: { c: { number: 1 } }\n"
        "drivers: { x: { unit: EUR/month, control: nobody, constant: 1 } }\n"
        "contract: { fee: { term: fee, amount: 10_000 EUR per month, clock: { paid: 30 days } } }\n"
    )
    (busy,) = service(gainsim.load_text(offer).loaded.scenario, 100, 1).operated
    (crew,) = busy.crews
    assert crew.use.value == pytest.approx(0.1, rel=0.01)
    monday = 24.0 * 4
    shifts = np.array([7.0, 17.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    assert twin.hours_on_shift(shifts, monday, monday + 52 * 168.0) == 52 * 50.0
    assert twin.hours_on_shift(shifts, 8.0, 16.0) == 8.0
    assert twin.hours_on_shift(shifts, 16.0, 32.0) == 2.0
    assert twin.hours_on_shift(shifts, 5 * 24.0, 7 * 24.0) == 0.0


def test_the_page_tells_all_parts(found: Service) -> None:
    told = page(found)
    for said in (
        "What hall comes to", "Of these, presses", "Year by year", "Where downtime comes from", "How busy the crews are",
        "How far the spares reach", "What one more or one fewer would change", "drives 1 → 0", "What drivers read of it",
    ):  # fmt: skip
        assert said in told


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
    assert len(hall["outcomes"]) == 30
    assert [len(each["by_year"]) for each in hall["outcomes"]] == [2] * 30


def test_the_page_has_its_pictures(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    said = run(str(file), "--paths", "100", "--out", str(out))
    assert said.exit_code == 0, said.output
    drawn = (out / "report.html").read_text("utf-8")
    assert drawn.count("<svg") == 4
    for words in ("where downtime comes from", "waits for a spare", "drives 1 to 0", "all years together"):
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
    events = Histories(service_plant(), 1).events(7)
    assert len(hall["incidents"]) == sum(event.what == twin.FAILS for event in events)
    waited = [each for each in hall["incidents"] if each["waits"]]
    assert said.output.count("begins after") == sum(each["begun"] is not None for each in waited)
    assert said.output.count("runs again after") == sum(each["runs"] is not None for each in hall["incidents"])


def service_plant() -> Plant:
    from gainsim.service import plants_of

    return plants_of(gainsim.load_text(OFFER).loaded.scenario)[1]["hall"]


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


@pytest.mark.parametrize("options", ["--path 1 --paths 100", "--path 1 --out x", "--no-report --out x"])
def test_options_without_meaning_are_refused(file: Path, options: str) -> None:
    assert "would do nothing" in str(run(str(file), *options.split()).exception)
