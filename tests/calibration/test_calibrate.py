"""From a file to a fragment that runs: the command, what it says, what it writes, and that the fan is the fragment's."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from gainsim.calibration import fan
from gainsim.calibration.calibrate import Calibration, backtest, calibrate
from gainsim.calibration.drift import USUAL_DRIFT, Drift
from gainsim.calibration.figures import percent
from gainsim.calibration.fragment import fragment
from gainsim.calibration.history import read_history
from gainsim.calibration.reversion import Reverting
from gainsim.calibration.words import backtest_words, findings
from gainsim.errors import DataError
from gainsim.scenario.load import load_text
from gainsim.text.calibration import page
from tests.conftest import _validation_folder

ROOT = Path(__file__).resolve().parent.parent.parent


def _write(file: Path, columns: dict[str, np.ndarray], first: int = 2010, digits: int = 6) -> Path:
    count = len(next(iter(columns.values())))
    rows = [
        f"{first + t // 12}-{t % 12 + 1:02d},{','.join(f'{x[t]:.{digits}g}' for x in columns.values())}" for t in range(count)
    ]
    file.write_text("\n".join([f"month,{','.join(columns)}", *rows]) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """Eight years of a walk and of a reversion whose surprises are correlated by 0.7."""
    z = np.random.default_rng(21).standard_normal((2, 96))
    z[1] = 0.7 * z[0] + math.sqrt(1 - 0.49) * z[1]
    walk = 60.0 * np.exp(np.cumsum(0.05 * z[0]))
    y = np.zeros(96)
    for t in range(1, 96):
        y[t] = 0.6 * y[t - 1] + 0.1 * z[1, t]
    file = _write(tmp_path_factory.mktemp("two") / "two.csv", {"power [EUR/MWh]": walk, "spread": 10.0 * np.exp(y)})
    return calibrate(read_history(file, units=["spread=EUR/MWh"]))


def _offer(found: Calibration) -> str:
    step = found.history.step
    return (
        f"gainsim: 1\ntitle: Pasted\ncurrency: EUR\ncalendar: {{ start: 2018-01, years: 3, step: {step}, year: contract }}\n"
        f"money: {{ discount_rate: 0% pa }}\n{fragment(found)}"
        "contract:\n  sale: { term: payment, amount: power * 1 MWh, clock: { paid: 0 days } }\n"
    )


def test_the_fragment_is_a_part_of_a_scenario_that_runs(two: Calibration) -> None:
    offer = load_text(_offer(two), "pasted.yaml")[""]
    drivers = offer.scenario.drivers
    assert {name: driver.kind for name, driver in drivers.items()} == {
        "power": "geometric_walk",
        "spread": "mean_reverting",
    }
    link = offer.scenario.dependence[0]
    assert link.between == ["power", "spread"]
    assert 0.55 < link.correlation < 0.8  # Fisher's interval around 0.7
    assert offer.simulate(200, 1).total.shape[1] == 200


def test_the_reversion_is_told_from_a_walk_and_the_walk_from_a_reversion(two: Calibration) -> None:
    walk, spread = two.columns
    assert not walk.fit.reverts
    assert spread.fit.reverts
    low, high = spread.fit.speed.interval()
    assert low < 0.6 < high < 1.0


def test_the_fan_is_that_of_the_numbers_that_are_written(two: Calibration) -> None:
    """Of the walk, by its moments: the log after n months is normal, given the drift and the volatility of the path."""
    found = two.columns[0]
    written = found.fit.driver["geometric_walk"]
    drift, volatility = written["drift"]["normal"], written["volatility"]["lognormal"]
    percent = lambda text: float(text.rstrip("%")) / 100  # noqa: E731
    m, s, v, w = (percent(each) for each in (drift["mean"], drift["sd"], volatility["mean"], volatility["sd"]))
    paths = np.log(fan.futures(found.column, found.fit.driver, 36))[-1]
    growth = math.log(1 + m) - 0.5 * (s / (1 + m)) ** 2
    spread = 9 * (s / (1 + m)) ** 2 + 3 * (v * v + w * w) + 9 / 4 * (2 * v * w) ** 2
    mean = math.log(written["start"]) + 3 * (growth - 0.5 * (v * v + w * w))
    assert paths.mean() == pytest.approx(mean, abs=4 * math.sqrt(spread / len(paths)) + 1e-3)
    assert paths.var() == pytest.approx(spread, rel=4 * math.sqrt(2 / len(paths)) + 5e-3)


def test_a_drift_that_is_hardly_known_is_hardly_believed(two: Calibration) -> None:
    """The growth of the log and its error are those of 95 changes; a normal prior of no growth ± 10% weighs them."""
    found = two.columns[0]
    changes = np.diff(np.log(found.column.values))
    error = 12 * changes.std(ddof=1) / math.sqrt(95) * math.sqrt(94 / 92)
    weight = USUAL_DRIFT**2 / (USUAL_DRIFT**2 + error**2)
    volatility = changes.std(ddof=1) * math.sqrt(12)
    mean = math.expm1(weight * 12 * changes.mean() + volatility**2 / 2)
    drift = found.fit.driver["geometric_walk"]["drift"]["normal"]
    assert float(drift["mean"].rstrip("%")) / 100 == pytest.approx(mean, abs=1e-4)
    assert float(drift["sd"].rstrip("%")) / 100 == pytest.approx((1 + mean) * error * math.sqrt(weight), rel=1e-3)


def test_what_is_found_believed_and_written_of_a_drift_can_be_followed() -> None:
    """The log grew by 0.26 ± 0.27 at a volatility of 70%: 0.01 / (0.01 + 0.0729) of it is believed, 12%.

    The median then grows by e^(0.12 × 0.26) - 1 = 3.2%, and volatility adds e^0.245 - 1 = 27.8% to whatever it is.
    """
    drift = Drift(0.26, 0.27, 0.7)
    said = " ".join(drift.words(math.expm1(0.26 + 0.245)))
    assert "The median grew by 29.69% a year, which is known to within 27% only" in said
    assert "12% of it is believed, 3.186% a year, the rest counts as none" in said
    assert "volatility adds 27.76% a year to: 65.7% was found, 31.83% is written" in said
    assert "grows by 27.76% a year because of volatility alone" in said
    assert "--process mean_reverting" in said
    assert drift.shape["normal"]["mean"] == "31.83%"
    assert not Drift(0.03, 0.01, 0.05).words(0.03)
    assert "volatility alone" not in " ".join(Drift(0.03, 0.2, 0.4).words(0.1))  # e^0.08 - 1 = 8.3%


def test_what_is_held_back_is_not_known_to_the_fan(two: Calibration) -> None:
    for each in two.columns:
        back = each.backtest
        assert back is not None
        assert len(back.came) == 19  # a fifth of 96; two years are more
        assert back.fit.column.values.tolist() == each.column.values[:77].tolist()
        np.testing.assert_array_equal(back.came, each.column.values[77:])
        inside = (back.came >= back.bands[1]) & (back.came <= back.bands[-2])
        assert back.within[0.9] == pytest.approx(inside.mean(), abs=1e-12)


def test_a_break_that_nobody_could_foresee_is_called_a_failure(tmp_path: Path) -> None:
    values = 40.0 * np.exp(np.cumsum(0.03 * np.random.default_rng(30).standard_normal(84)))
    values[72:] *= np.exp(np.linspace(0.3, 2.0, 12))
    found = calibrate(read_history(_write(tmp_path / "break.csv", {"price": values})), held=12).columns[0]
    assert found.backtest is not None
    assert found.backtest.within[0.9] < 0.5
    said = backtest_words(found.backtest)
    assert "The fan failed" in said
    assert "most others above it" in said


def test_24_points_say_what_they_cannot_tell(tmp_path: Path) -> None:
    values = 50.0 * np.exp(np.cumsum(0.06 * np.random.default_rng(5).standard_normal(24)))
    found = calibrate(read_history(_write(tmp_path / "short.csv", {"price": values})))
    said = " ".join(findings(found.columns[0]))
    assert "GARCH(1,1), geometric walk with jumps and two regimes: not identifiable from 24 points" in said
    assert "fewer than 4 years cannot tell" in said
    assert "cannot be told" in said
    assert re.search(r"a half-life of [0-9.]+ months or any longer one agrees with it: it may never come back", said)
    titles = [each.candidate.title for each in found.columns[0].fit.ranking.tried]
    assert not [title for title in titles if "season" in title or "GARCH" in title or "regimes" in title]
    assert "geometric walk" in page(found)


def test_what_only_runs_away_agrees_with_no_half_life(tmp_path: Path) -> None:
    """Growth that grows with the value, hardly any surprise: no reversion gives it, however slow."""
    growth = 0.002 * np.arange(48) + 0.005 * np.random.default_rng(6).standard_normal(48)
    values = 50.0 * np.exp(np.cumsum(growth))
    found = calibrate(read_history(_write(tmp_path / "up.csv", {"price": values})), held=0).columns[0]
    assert "no half-life agrees with it, however long" in " ".join(findings(found))
    assert found.fit.driver["geometric_walk"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.95, 0.99, "a half-life from 13.5 months to 5.7 years agrees with it"),  # ln 0.5 / ln of each
        (0.0, 0.7, "a half-life of up to 1.9 months agrees with it"),
        (-0.2, 0.3, "a half-life of less than a month agrees with it"),
        (0.95, 0.9999, "a half-life of 13.5 months or any longer one agrees with it"),
        (0.9999, 1.0, "no half-life of less than a century agrees with it"),
    ],
)
def test_half_lives_are_told_as_they_are_read(low: float, high: float, said: str, two: Calibration) -> None:
    fit = two.columns[1].fit
    weights = np.array([low, high])
    speed = Reverting(0.5, weights, np.array([0.975, 0.025]))
    assert said in next(findings(replace(two.columns[1], fit=replace(fit, speed=speed))))


def test_a_driver_of_many_figures_stands_in_a_line_for_each_key(tmp_path: Path) -> None:
    """Sets are long lists: a key a line, and what is short stays in one."""
    x = np.zeros(96)
    for t, z in enumerate(np.random.default_rng(7).standard_normal(95), start=1):
        x[t] = 0.6 * x[t - 1] + 0.1 * z
    history = read_history(_write(tmp_path / "back.csv", {"price": 40 * np.exp(x)}))
    text = fragment(calibrate(history, held=0, kind="mean_reverting"))
    assert "    mean_reverting:\n      of: log\n      start: " in text
    assert "\n      speed: [" in text
    assert "    control: nobody\n" in text


def test_values_below_0_are_fitted_as_they_are(tmp_path: Path) -> None:
    y = np.zeros(60)
    for t, z in enumerate(np.random.default_rng(31).standard_normal(59), start=1):
        y[t] = 0.5 * y[t - 1] + z
    found = calibrate(read_history(_write(tmp_path / "level.csv", {"balance": y}))).columns[0]
    assert found.fit.driver["mean_reverting"]["of"] == "level"
    assert "not above 0" in {c.title: why for c, why in found.fit.ranking.left}["geometric walk"]


def test_what_holds_no_surprise_is_refused(tmp_path: Path) -> None:
    values = 10 + 5 * np.cos(2 * np.pi * np.arange(72) / 12)
    history = read_history(_write(tmp_path / "wave.csv", {"wave": np.round(values, 12)}))
    with pytest.raises(DataError, match="'wave' follows its trend and season without any surprise"):
        calibrate(history)


@pytest.mark.parametrize(
    ("step", "digits"), [(0.01, 2), (0.02, 0), (-0.004, 1)], ids=["of cents", "of whole euros", "falling"]
)
def test_what_grows_as_a_schedule_does_is_refused(step: float, digits: int, tmp_path: Path) -> None:
    """Rounding is no surprise: what it leaves is finer than a volatility is written."""
    values = np.round(100_000.0 * (1.0 + step) ** np.arange(48), digits)
    history = read_history(_write(tmp_path / "grown.csv", {"rent": values}, digits=12))
    with pytest.raises(DataError, match=r"'rent' follows its trend and season without any surprise\. Write it as a schedule"):
        calibrate(history)


def test_little_surprise_is_written(tmp_path: Path) -> None:
    """A deviation of 0.05% a month is 0.17% a year: a price index, and no schedule."""
    values = 100.0 * np.exp(np.cumsum(0.002 + 0.0005 * np.random.default_rng(8).standard_normal(60)))
    found = calibrate(read_history(_write(tmp_path / "index.csv", {"cpi": values}, digits=9)), held=0).columns[0]
    volatility = next(known for known in found.fit.written.parameters if known.what == "volatility, a year")
    assert volatility.low < 0.0005 * math.sqrt(12) < volatility.high
    assert found.untested == ""


def test_why_nothing_was_held_back_is_told(two: Calibration, tmp_path: Path) -> None:
    column = two.columns[0].column
    assert backtest(column, 90) == "of 96 values, 90 held back leave 6; a fit asks for 10"
    assert backtest(column, 70, "garch") == "the first 26 values are too few for garch"
    quiet = 100.0 * 1.01 ** np.arange(40)
    quiet[30:] *= np.exp(np.cumsum(0.05 * np.random.default_rng(9).standard_normal(10)))
    history = read_history(_write(tmp_path / "late.csv", {"price": quiet}, digits=8))
    why = backtest(history.columns[0], 12)
    assert why == "the first 28 values follow their trend and season without any surprise"
    found = replace(two, columns=(replace(two.columns[0], backtest=None, untested=str(why)),))
    assert f"\nHeld back: nothing, as {why}." in page(found)
    assert f"    # not held against its own end: {why}\n" in fragment(found)


def test_a_backtest_of_another_candidate_names_it(two: Calibration) -> None:
    power, spread = two.columns
    assert power.backtest is not None
    same = replace(two, columns=(replace(power, backtest=replace(power.backtest, fit=power.fit)),))
    assert "lay in the band of 90%\n" in fragment(same)
    other = replace(two, columns=(replace(power, backtest=replace(power.backtest, fit=spread.fit)),))
    assert "lay in the band of 90% of another candidate (mean reversion), taken from what came before" in fragment(other)


def test_columns_that_move_as_one_are_told_and_hold_together(tmp_path: Path) -> None:
    """b is 1.19 times a, to the cent: the pair is written, the fragment runs, and a formula is named in its place."""
    a = np.round(45.0 * np.exp(np.cumsum(0.06 * np.random.default_rng(3).standard_normal(40))), 2)
    found = calibrate(read_history(_write(tmp_path / "ab.csv", {"power": a, "gross": np.round(1.19 * a, 2)})), held=0)
    assert "power and gross move as one, and 0.999 is the closest" in page(found)
    assert "leave gross out of the drivers and reckon it as 1.19 * power" in fragment(found)
    load_text(_offer(found).replace("unit: 1", "unit: EUR/MWh"), "pasted.yaml")


def test_what_cannot_be_is_told_by_its_share(tmp_path: Path) -> None:
    """Half of the months 0, as of rain: whatever is written of it goes below, and how often the fan does is told."""
    z = np.random.default_rng(12)
    values = np.where(z.random(48) < 0.5, 0.0, np.round(z.gamma(2.0, 2.0, 48), 2))
    found = calibrate(read_history(_write(tmp_path / "rain.csv", {"rain": values, "rate": values / 20})), held=0)
    rain, rate = found.columns
    ahead = fan.futures(rain.column, rain.fit.driver, 36)
    assert rain.below == (ahead < 0).mean() > 0.02
    assert (rain.above, rate.fit.series.highest) == (0.0, 1.0)
    assert f"{percent(rain.below)} of the fan of the next 3 years lies below 0, where no value" in page(found)
    assert "write max(rain, 0) where rain stands" in fragment(found)


# --- the command -------------------------------------------------------------------------------------------------------


def _gainsim(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, "-m", "gainsim", "calibrate", *arguments], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip


def test_the_command_writes_a_report_and_a_fragment(tmp_path: Path) -> None:
    values = 50.0 * np.exp(np.cumsum(0.06 * np.random.default_rng(5).standard_normal(60)))
    _write(tmp_path / "price.csv", {"price": values})
    done = _gainsim(tmp_path, "price.csv", "--unit", "EUR/MWh", "--holdout", "6", "--json")
    assert done.returncode == 0, done.stderr
    place = tmp_path / "reports" / "price-calibration"
    assert sorted(each.name for each in place.iterdir()) == ["drivers.yaml", "report.html", "result.json"]
    said: dict[str, Any] = json.loads(done.stdout)
    assert said == json.loads((place / "result.json").read_text(encoding="utf-8"))
    assert said["schema"] == "gainsim/calibration/1"
    column = said["columns"]["price"]
    assert column["backtest"]["held_back"] == 6
    assert column["fan"]["periods"][0] == "2015-01"
    text = (place / "drivers.yaml").read_text(encoding="utf-8")
    assert text == said["fragment"]
    assert yaml.safe_load(text)["drivers"]["price"]["unit"] == "EUR/MWh"
    report = (place / "report.html").read_text(encoding="utf-8")
    assert report.count("<svg") == 3
    assert "not identifiable from 60 points" in report
    again = _gainsim(tmp_path, "price.csv", "--holdout", "55", "--process", "mean_reverting")
    assert again.returncode == 0, again.stderr
    assert "Held back: nothing, as of 60 values, 55 held back leave 5; a fit asks for 10." in again.stdout
    assert "<p>Nothing, as of 60 values" in (place / "report.html").read_text(encoding="utf-8")
    text = (place / "drivers.yaml").read_text(encoding="utf-8")
    assert "mean_reverting" in text
    assert "of the kind that was asked for" in text


def test_what_cannot_be_done_has_its_exit_code(tmp_path: Path) -> None:
    _write(tmp_path / "price.csv", {"price": np.linspace(3, 9, 30) + np.sin(np.arange(30.0))})
    (tmp_path / "bad.csv").write_text("month,price\n2020-01,x\n", encoding="utf-8")
    for arguments, code, message in [
        (["bad.csv"], 4, "nothing was fitted"),
        (["none.csv"], 4, "no such file"),
        (["price.csv", "--process", "garch"], 2, "--process garch: it cannot be fitted here: not identifiable from 30 points"),
        (["price.csv", "--column", "prices"], 2, "Did you mean 'price'?"),
        (["price.csv", "--process", "mixture"], 2, "mixture"),
    ]:
        done = _gainsim(tmp_path, *arguments)
        assert (done.returncode, message in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
        assert not (tmp_path / "reports").exists()


def test_real_power_prices_break_upwards_and_the_backtest_says_so() -> None:
    file = _validation_folder().parent / "history" / "power_day_ahead_monthly.csv"
    if not file.is_file():
        pytest.skip(f"no real histories: {file.name} is not at hand")
    found = calibrate(read_history(file, columns=["italy_eur_per_mwh"]))
    back = found.columns[0].backtest
    assert back is not None
    assert back.within[0.9] < 0.9
    assert back.places[-1] > 0.95
