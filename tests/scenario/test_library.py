"""The library of starting points: every entry in a scenario, what is laid over it, and its figures from their sources."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

import gainsim
from gainsim.calibration.history import read_history
from gainsim.cli.main import cli
from gainsim.errors import ScenarioError, UsageError
from gainsim.futures import futures
from gainsim.offer.drivers import Driver
from gainsim.scenario.library import filled_in, starting_points, to_be_said
from gainsim.scenario.load import load_file, load_text
from gainsim.scenario.reading import read_text

POINTS = starting_points()
#: what an entry leaves to its user
SAID = {"control": "control: nobody", "learning.experience": "learning: { experience: 24 months }"}
OFFER = """
gainsim: 1
title: A fee and one driver
currency: EUR
calendar: {{ start: 2027-01, years: 3, step: month, year: contract }}
money: {{ discount_rate: 6% pa }}
run: {{ paths: 4_000, seed: 5 }}
drivers:
  it:
    {driver}
contract:
  fee: {{ term: fee, amount: 1_000 EUR per month, clock: {{ paid: 30 days }} }}
"""


def offer(*driver: str, file: str = OFFER) -> str:
    return file.format(driver="\n    ".join(driver))


def like(name: str) -> str:
    return offer(f"like: {name}", *(SAID[key] for key in to_be_said(POINTS[name])))


@pytest.mark.parametrize("name", POINTS)
def test_every_starting_point_runs_and_has_the_mean_that_it_says(name: str) -> None:
    loaded = load_text(like(name), "x.yaml")[""]
    driver = loaded.scenario.drivers["it"]
    assert driver.about is not None and POINTS[name].origin in driver.about
    found = futures(loaded.scenario, 4_000, 5)
    for fan in found.fans:  # none, where nothing moves it
        for period in (0, 17, 35):
            mean = fan.mean(period)
            assert abs(mean.value - fan.central[period]) <= 4 * mean.standard_error + 1e-12


def test_every_starting_point_says_whose_it_is() -> None:
    for point in POINTS.values():
        assert point.basis in ("measured", "opinion"), point.name
        assert len(point.source) > 20 and point.says.strip().endswith(".")
        assert point.date[:4].isdigit() and 1900 < int(point.date[:4]) < 2100


def test_what_a_driver_says_itself_takes_the_place_of_what_is_in_the_library() -> None:
    written = "drivers: { wages: { like: wages_us, control: customer, geometric_walk: { start: 31.5, drift: 2% pa } } }"
    wages = filled_in(read_text(written, "x.yaml")).data["drivers"]["wages"]
    assert "like" not in wages and wages["control"] == "customer"
    assert wages["geometric_walk"] == {
        "start": 31.5,
        "drift": "2% pa",
        "volatility": POINTS["wages_us"].driver["geometric_walk"]["volatility"],
    }


def test_a_driver_of_another_kind_has_no_source() -> None:
    certain = load_text(offer("like: customer_cost_cut", "control: supplier", "constant: 27%"), "x.yaml")[""].scenario.drivers["it"]
    assert certain.kind == "constant" and certain.about is None and certain.drawn is None
    assert certain.control == "supplier"


def test_what_was_changed_is_said_beside_the_source() -> None:
    own = load_text(offer("like: wages_us", "geometric_walk: { drift: 12% pa }"), "x.yaml")[""].scenario.drivers["it"]
    assert own.about is not None and own.about.endswith("Here with other values of drift.")
    assert own.geometric_walk is not None and own.geometric_walk.start == 1.0


def test_parameters_of_a_distribution_stand_together() -> None:
    """Those of the library are alternatives to them, at every depth."""
    cost = load_text(offer("like: rail_cost", "control: nobody", "lognormal: { median: 1.2, p90: 2 }"), "x.yaml")[""]
    law = cost.scenario.drivers["it"].lognormal
    assert law is not None and (law.median, law.mean) == (1.2, None)
    drift = load_text(offer("like: wages_us", "geometric_walk: { drift: { uniform: { low: 1%, high: 3% } } }"), "x.yaml")[""]
    walk = drift.scenario.drivers["it"].geometric_walk
    assert walk is not None and walk.drift.shape == "uniform"


def test_a_scenario_with_a_starting_point_is_the_one_with_all_of_it_written() -> None:
    """Bit by bit, whatever the name of the entry."""
    driver = POINTS["natural_gas_us"].driver
    full = offer(*(f"{key}: {json.dumps(part)}" for key, part in driver.items()))
    texts = [text.replace("1_000 EUR", "it * 1_000 EUR") for text in (like("natural_gas_us"), full)]
    one, other = (gainsim.simulate(gainsim.load_text(text), paths=2_000).measures["expected_margin"] for text in texts)
    assert one.value == other.value


def test_single_values_below_a_starting_point_are_changed_for_a_run(tmp_path: Path) -> None:
    file = tmp_path / "offer.yaml"
    file.write_text(like("wages_us"), encoding="utf-8")
    loaded = load_file(file, ["drivers.it.geometric_walk.drift=5% pa"])
    walk = loaded.scenario.drivers["it"].geometric_walk
    assert walk is not None and str(walk.drift) == "5% pa" and walk.start == 1.0
    other = load_file(file, ["drivers.it.like=consumer_prices_us"]).scenario.drivers["it"]
    assert other.about is not None and other.about.startswith("Consumer prices")
    with pytest.raises(UsageError, match=r"'wages_uk' is not in the library\. Did you mean 'wages_us'\?"):
        load_file(file, ["drivers.it.like=wages_uk"])
    with pytest.raises(UsageError, match=r"the file has no 'drivers\.it\.geometric_wolk'"):
        load_file(file, ["drivers.it.geometric_wolk.drift=5% pa"])


def test_the_file_is_kept_as_it_was_written_and_amended_as_it_is_meant() -> None:
    amendment = "{ effective: 2028-01, set: { contract.fee.amount: it * 900 EUR per month } }"
    loaded = load_text(f"{like('consumer_prices_us')}amendments:\n  - {amendment}\n", "x.yaml")[""]
    assert loaded.document.data["drivers"]["it"] == {"like": "consumer_prices_us"}
    assert "geometric_walk" in loaded.agreed.data["drivers"]["it"]


def test_offers_share_a_starting_point() -> None:
    low = "offers:\n  low: { contract: { fee: { term: fee, amount: it * 900 EUR per month, clock: { paid: 30 days } } } }\n"
    high = "  high: { contract: { fee: { term: fee, amount: it * 950 EUR per month, clock: { paid: 30 days } } } }\n"
    head = like("wages_us").partition("contract:")[0]
    assert set(load_text(head + low + high, "x.yaml")) == {"low", "high"}


def test_what_nobody_measured_is_noted() -> None:
    (note,) = (n for n in load_text(like("service_revenue"), "x.yaml")[""].notes if "like" in n)
    said = "drivers.it is like service_revenue, which is opinion, not measurement"
    assert note == f"{said}: gainsim library service_revenue says whose."
    assert not [n for n in load_text(like("wages_us"), "x.yaml")[""].notes if "like" in n]


def test_a_file_that_is_half_read_takes_its_starting_points_too() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(like("wages_us") + "title: twice\n", "x.yaml")
    assert [problem.path for problem in caught.value.problems] == ["title"]


def test_the_command_lists_and_shows() -> None:
    page = CliRunner().invoke(cli, ["library"])
    assert page.exit_code == 0
    assert all(name in page.output for name in POINTS)
    shown = CliRunner().invoke(cli, ["library", "learning_welding"]).output
    assert "Opinion. R. D. Stewart" in shown and "# yours to say: control, learning.experience" in shown
    whole = json.loads(CliRunner().invoke(cli, ["library", "--json"]).output)
    assert [point["name"] for point in whole["starting_points"]] == list(POINTS)
    wrong = CliRunner().invoke(cli, ["library", "wages_uk"])
    assert isinstance(wrong.exception, UsageError) and "Did you mean 'wages_us'?" in str(wrong.exception)


#: endurance of 23 bearings, million revolutions (Lieblein and Zelen, 1956)
BEARINGS = [
    17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.48, 51.84, 51.96, 54.12, 55.56, 67.80, 68.64, 68.64, 68.88, 84.12, 93.12,
    98.64, 105.12, 105.84, 127.92, 128.04, 173.40,
]  # fmt: skip
#: hours in service of pump seals (Barringer)
RUNNING = [14400, 19800, 21300, 23600, 24300, 28100, 29600, 29600, 34200, 38000]
STANDING_BY = [2200, 3800, 4600, 5000, 6700, 7500, 7800, 8000, 11000, 12900]
#: hours between failures of air conditioning (Proschan, 1963) and of repair of a radio (von Alven, 1964)
AIR = [3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487]
REPAIRS = [
    0.2, 0.3, 0.5, 0.5, 0.5, 0.5, 0.6, 0.6, 0.7, 0.7, 0.7, 0.8, 0.8, 1.0, 1.0, 1.0, 1.0, 1.1, 1.3, 1.5, 1.5, 1.5, 1.5, 2.0, 2.0,
    2.2, 2.5, 2.7, 3.0, 3.0, 3.3, 3.3, 4.0, 4.0, 4.5, 4.7, 5.0, 5.4, 5.4, 7.0, 7.5, 8.8, 9.0, 10.3, 22.0, 24.5,
]  # fmt: skip


def driver_of(name: str) -> Driver:
    return Driver.model_validate({"control": "nobody", **POINTS[name].driver})


@pytest.mark.parametrize(
    ("name", "data"),
    [("ball_bearing_life", BEARINGS), ("pump_seal_life", RUNNING), ("standby_pump_seal_life", STANDING_BY)],
)
def test_lives_are_the_maximum_likelihood_fits_of_their_data(name: str, data: list[float]) -> None:
    shape, _, scale = stats.weibull_min.fit(data, floc=0)
    law = driver_of(name).weibull
    assert law is not None
    assert law.shape == pytest.approx(shape, rel=2e-4)
    assert law.scale == pytest.approx(scale, rel=2e-4)


def test_repairs_and_intervals_are_the_maximum_likelihood_fits_of_their_data() -> None:
    repair = driver_of("repair_time_of_airborne_radios").lognormal
    between = driver_of("time_between_failures_of_air_conditioning").gamma
    assert repair is not None and between is not None
    assert repair.log_mean == pytest.approx(np.log(REPAIRS).mean(), abs=1e-4)
    assert repair.log_sd == pytest.approx(np.log(REPAIRS).std(), abs=1e-4)
    shape, _, scale = stats.gamma.fit(AIR, floc=0)
    assert (between.shape, between.scale) == (pytest.approx(shape, rel=2e-4), pytest.approx(scale, rel=2e-4))


def history(file: str, column: str, until: int) -> np.ndarray:
    """The log of so many months of a real history, the average of each month of the year taken off its changes."""
    found = Path(__file__).resolve().parents[3] / "shared" / "history" / f"{file}.csv"
    if not found.is_file():
        pytest.skip(f"no real histories: {found.name} is not at hand")
    (series,) = (each.values for each in read_history(found, columns=[column]).columns)
    return np.log(series[:until])


@pytest.mark.parametrize(
    ("name", "file", "column", "scale"),
    [("consumer_prices_us", "us_cpi_monthly", "index", 1.70), ("crude_oil_brent", "brent_oil_monthly", "usd_per_barrel", 1.0)],
)
def test_walks_have_the_volatility_of_their_history(name: str, file: str, column: str, scale: float) -> None:
    """By the deviation of the log changes of a month times √12; consumer prices move 1.7 times as much in a year."""
    changes = np.diff(history(file, column, 10_000))
    months = np.arange(len(changes)) % 12
    changes = changes - np.array([changes[months == m].mean() for m in range(12)])[months]
    walk = driver_of(name).geometric_walk
    assert walk is not None
    assert walk.volatility.lognormal.mean == pytest.approx(changes.std(ddof=1) * math.sqrt(12) * scale, rel=0.12)


@pytest.mark.parametrize(
    ("name", "file", "column", "until"),
    [
        ("natural_gas_us", "henry_hub_gas_monthly", "usd_per_mmbtu", 264),
        ("power_germany", "power_day_ahead_monthly", "germany_eur_per_mwh", 72),
        ("power_france", "power_day_ahead_monthly", "france_eur_per_mwh", 72),
    ],
)
def test_reversions_are_near_least_squares_on_their_history(name: str, file: str, column: str, until: int) -> None:
    """A regression on the value before (and a wave a year): the volatility follows; the half-life it gives is too short."""
    x = history(file, column, until)
    written = driver_of(name).mean_reverting
    assert written is not None and written.half_life is not None
    angle = 2 * np.pi * np.arange(len(x)) / 12
    wave = [np.cos(angle), np.sin(angle)] if written.season is not None else []
    regular = np.stack([np.ones(len(x)), *wave], axis=1)
    y = x - regular @ np.linalg.lstsq(regular, x, rcond=None)[0]
    weight = float((y[:-1] @ y[1:]) / (y[:-1] @ y[:-1]))
    surprise = (y[1:] - weight * y[:-1]).std(ddof=1)
    speed = -12 * math.log(weight)
    assert written.volatility == pytest.approx(surprise * math.sqrt(2 * speed / (1 - weight * weight)), rel=0.15)
    assert 1.0 < written.half_life.years / (math.log(2) / speed) < 2.0


def test_wages_grow_as_from_the_first_to_the_last_month_of_their_history() -> None:
    """Bureau of Labor Statistics: 6.57 USD an hour in January 1980, 23.85 in December 2019; the mean grows like that."""
    walk = driver_of("wages_us").geometric_walk
    assert walk is not None
    assert walk.drift.normal.mean == pytest.approx((23.85 / 6.57) ** (12 / 479) - 1, abs=0.0005)


def test_reverting_prices_keep_their_mean() -> None:
    fan = futures(load_text(like("power_france"), "x.yaml")[""].scenario, 2_000, 5).fans[0]
    assert fan.central.mean() == pytest.approx(1.0, abs=0.01)


def test_the_average_curve_of_adoption_is_half_way_after_six_years() -> None:
    """By hand: Bass's curve reaches one half at ln(2 + q/p) / (p + q) years."""
    text = offer("like: adoption_of_a_new_product", "control: nobody").replace("years: 3", "years: 12")
    course = gainsim.load_text(text).futures(1)["it"][:, 0]
    assert (course < 0.5).sum() / 12 == pytest.approx(math.log(2 + 0.38 / 0.03) / 0.41, abs=1 / 12)
