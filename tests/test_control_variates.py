"""Control variates: means adjusted by exact means, held against ordinary least squares and against exact expectations."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import gainsim
from benchmarks import accuracy
from gainsim import cells
from gainsim.bridge import simulate_model
from gainsim.cli.main import cli
from gainsim.control_variates import known_averages
from gainsim.errors import UsageError
from gainsim.grid import Calendar
from gainsim.measures import estimate, mean, probability, quantile
from gainsim.offer.drivers import Driver
from gainsim.outcome import Outcome
from gainsim.report import write_offers
from gainsim.sample import Controls, Sample
from gainsim.scenario.load import load_file
from gainsim.text.comparison import side_by_side
from tests.scenarios.test_shipped import FOLDER, SHIPPED, load

Floats = NDArray[np.float64]
DEALS = {deal.name: deal for deal in accuracy.DEALS}


# --- the regression --------------------------------------------------------------------------------------------------


def _least_squares(y: Floats, x: Floats, expected: Floats) -> tuple[float, float]:
    """The height of the regression plane over the expectations, and its classical standard error, by NumPy's solver."""
    design = np.column_stack([np.ones(len(y)), *(x - expected[:, None])])
    found, *_ = np.linalg.lstsq(design, y, rcond=None)
    left = y - design @ found
    variance = left @ left / (len(y) - design.shape[1])
    return float(found[0]), math.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0])


def _some(paths: int, controls: int = 3) -> tuple[Floats, Floats, Floats]:
    draws = np.random.default_rng(5)
    x = draws.normal(size=(controls, paths)) * np.array([[1.0], [100.0], [0.01]])[:controls] + 7.0
    x[1] = x[1] + 40.0 * x[0]
    y = 3.0 * x[0] - 0.2 * x[1] + np.exp(0.3 * draws.normal(size=paths))
    return y, x, np.array([7.0, 287.0, 7.0])[:controls]


def test_it_is_the_height_of_the_regression_plane_with_its_classical_error() -> None:
    y, x, expected = _some(3_000)
    sample = Sample(controls=Controls(("a", "b", "c"), x, tuple(expected.tolist())))
    found = estimate(mean(y, sample), sample)
    value, error = _least_squares(y, x, expected)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.standard_error == pytest.approx(error, rel=1e-10)
    assert found.degrees_of_freedom == 2_996.0


def test_of_paths_that_were_drawn_together_it_is_that_of_their_means() -> None:
    y, x, expected = _some(3_200)
    groups = np.arange(3_200) % 32
    sample = Sample(groups=groups, controls=Controls(("a", "b", "c"), x, tuple(expected.tolist())))
    found = estimate(mean(y, sample), sample)
    by_group = [np.array([each[groups == g].mean() for g in range(32)]) for each in (y, *x)]
    value, error = _least_squares(by_group[0], np.array(by_group[1:]), expected)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.standard_error == pytest.approx(error, rel=1e-9)
    assert found.degrees_of_freedom == 28.0


def test_what_is_a_straight_line_of_its_control_is_known_exactly() -> None:
    x = np.arange(10.0)  # of mean 4.5, expected 4
    sample = Sample(controls=Controls(("x",), x[None, :], (4.0,)))
    found = estimate(mean(2.0 * x + 1.0, sample), sample)
    assert found.value == pytest.approx(9.0, rel=1e-14)
    assert found.standard_error < 1e-14


def test_a_control_that_says_nothing_of_its_own_is_left_out() -> None:
    y, x, expected = _some(500, controls=2)
    constant, twice = np.full((1, 500), 3.0), x[:1] * 2.0 - 1.0
    controls = Controls(("constant", "a", "twice", "b"), np.concatenate([constant, x[:1], twice, x[1:]]), (3.0, 7.0, 13.0, 287.0))
    sample = Sample(controls=controls)
    assert sample.fit.names == ("a", "b")
    assert mean(y, sample).value == pytest.approx(_least_squares(y, x, expected)[0], rel=1e-12)


@pytest.mark.parametrize(("paths", "used"), [(7, 0), (8, 1), (15, 1), (16, 2), (24, 3)])
def test_eight_paths_must_stand_behind_a_control(paths: int, used: int) -> None:
    _, x, expected = _some(paths)
    assert len(Sample(controls=Controls(("a", "b", "c"), x, tuple(expected.tolist()))).fit.names) == used


def test_the_error_covers_the_exact_mean_of_few_paths_as_often_as_it_says() -> None:
    """Of 4,000 samples of 20 normal paths, t intervals cover in 95% ± 0.34%."""
    draws, covered = np.random.default_rng(2), 0
    for _ in range(4_000):
        x = draws.normal(size=(2, 20))
        y = x[0] + 0.5 * x[1] + draws.normal(size=20)
        sample = Sample(controls=Controls(("a", "b"), x, (0.0, 0.0)))
        low, high = estimate(mean(y, sample), sample).interval()
        covered += low <= 0.0 <= high
    assert abs(covered / 4_000 - 0.95) < 4.0 * 0.0034


# --- the means -------------------------------------------------------------------------------------------------------

QUARTERS = Calendar(date(2027, 1, 1), 24, "quarter", "contract")


def _drivers(**written: Mapping[str, object]) -> dict[str, Driver]:
    plain = {"unit": "1", "control": "nobody"}
    return {name: Driver.model_validate({**plain, **each}) for name, each in written.items()}


def test_the_mean_of_the_average_is_that_of_theory() -> None:
    drivers = _drivers(
        walk={"central": "median", "geometric_walk": {"start": 100, "drift": "4% pa", "volatility": "20% pa"}},
        level={
            "central": 6,
            "mean_reverting": {"of": "level", "start": 10, "mean": 6, "half_life": "3 months", "volatility": "9 pa"},
        },
        even={"central": "mean", "drawn": "once", "uniform": {"low": 1, "high": 4}},
        ramp={"central": "mean", "ramp": {"full_effect": {"normal": {"mean": 8, "sd": 1}}, "time_to_full_effect": "0 months"}},
        event={
            "central": "mean",
            "event": {"chance": "30%", "on": "2028-01-01", "size": {"uniform": {"low": 2, "high": 4}}, "lasts": "for good"},
        },
    )
    known = known_averages(drivers, QUARTERS)
    assert known == pytest.approx({
        "walk": sum(100.0 * 1.04 ** (t / 4.0) for t in range(1, 9)) / 8.0,
        "level": 6.0 + 4.0 * (1.0 - 0.5**8) / 8.0,
        "even": 2.5,
        "ramp": 8.0,
        "event": 0.3 * 3.0 * 4.0 / 8.0,
    }, rel=1e-12)  # fmt: skip


def test_a_driver_whose_mean_is_not_known_in_closed_form_is_none() -> None:
    unsure = {"normal": {"mean": "4%", "sd": "1%"}}
    drivers = _drivers(
        sure={"constant": 3},
        cut={"central": "mean", "drawn": "once", "truncated": {"of": {"normal": {"mean": 1, "sd": 1}}, "low": 0}},
        heavy={"central": "mean", "drawn": "once", "pareto": {"tail": 1.5, "minimum": 1}},
        unsure={"central": "mean", "geometric_walk": {"start": 1, "drift": unsure, "volatility": "20% pa"}},
        follower={"follows": {"of": "unsure", "start": 1, "pass_through": 1}},
        hit={"central": "mean", "drawn": "once", "uniform": {"low": 1, "high": 4}},
        event={
            "central": "mean",
            "event": {"chance": "30%", "on": "2028-01-01", "size": 1, "lasts": "for good", "hits": {"hit": -1}},
        },
    )
    assert known_averages(drivers, QUARTERS).keys() == {"event"}


#: the first offer of each scenario: the others have the same drivers
OF_EACH = list({name.partition(":")[0]: name for name in reversed(SHIPPED)}.values())[::-1]


@pytest.mark.parametrize("name", OF_EACH)
def test_the_averages_of_paths_have_the_means_that_are_said(name: str) -> None:
    """All within 4.5 standard errors, which of some fifty numbers one exceeds in 3,000 tries."""
    controls = simulate_model(load(name).model, 20_000, 11, control_variates=True).controls
    assert controls is not None and controls.names
    for driver, values, expected in zip(controls.names, controls.values, controls.expected, strict=True):
        found = estimate(mean(values))
        assert abs(found.value - expected) <= 4.5 * found.standard_error + 1e-12 * abs(expected), driver


# --- the run ---------------------------------------------------------------------------------------------------------


def test_every_line_keeps_its_bits_and_both_runners_and_any_threads_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load("compressed_air").model
    plain, adjusted = (simulate_model(model, 2_500, 3, threads=n, control_variates=n > 1) for n in (1, 2))
    for name in ("total", "npv", "bound", "cash", "row_mean", "row_error", "row_bound"):
        assert getattr(plain, name).tobytes() == getattr(adjusted, name).tobytes()
    assert plain.controls is None and plain.rows.keys == adjusted.rows.keys

    def averages(paths: int, threads: int) -> Floats:
        controls = simulate_model(model, paths, 3, threads, control_variates=True).controls
        assert controls is not None
        return controls.values

    assert averages(2_500, 1).tobytes() == averages(2_500, 2).tobytes()
    by_array = averages(1_000, 1)
    monkeypatch.setattr(cells, "FEW", 0)
    assert by_array.tobytes() == averages(1_000, 1).tobytes()


@pytest.mark.parametrize("sampling", ["pseudo_random", "sobol"])
def test_parts_still_add_up_and_what_is_no_mean_is_as_drawn(sampling: str) -> None:
    offer = gainsim.load(FOLDER / "compressed_air.yaml")
    plain, found = (
        gainsim.simulate(offer, paths=4_096, sampling=sampling, control_variates=on).summary for on in (False, True)
    )
    value = {name: each.estimate.value for name, each in found.measures.items() if each.estimate is not None}
    assert value["npv"] != plain.measures["npv"].estimate.value  # type: ignore[union-attr]
    paid = sum(clause.mean.value for clause in found.clauses if clause.line.role == "payment")
    assert paid == pytest.approx(value["expected_revenue"], rel=1e-12)
    assert value["contribution"] == pytest.approx(value["expected_revenue"] + value["direct_cost"], rel=1e-12)
    assert value["expected_margin"] == pytest.approx(value["contribution"] / value["expected_revenue"], rel=1e-12)
    assert sum(clause.npv for clause in found.clauses if clause.line.suppliers_cash) == pytest.approx(value["npv"], rel=1e-12)
    positions = gainsim.summary.to_json(found)["parties"]
    assert abs(sum(positions.values())) < 1e-9 * value["expected_revenue"]
    for name in ("npv_p5", "cvar_95", "chance_of_loss", "irr", "payback", "cash_trough_p5"):
        assert found.measures[name].estimate == plain.measures[name].estimate
    assert [clause.binds for clause in found.clauses] == [clause.binds for clause in plain.clauses]


def test_shares_and_quantiles_ignore_what_is_known() -> None:
    y, x, expected = _some(500)
    sample = Sample(controls=Controls(("a", "b", "c"), x, tuple(expected.tolist())))
    assert probability(y > 3.0, sample).value == probability(y > 3.0).value
    assert quantile(y, 0.1, sample).value == quantile(y, 0.1).value


@pytest.mark.parametrize("sampling", ["pseudo_random", "sobol", "antithetic"])
@pytest.mark.parametrize("deal", ["kinked", "digital"])
def test_intervals_cover_the_exact_expectation(deal: str, sampling: str) -> None:
    """Of 200 seeds, 95% intervals cover in 190 ± 3.1; 178 and 200 are four standard deviations away."""
    model, exact = load_file(DEALS[deal].file).model, DEALS[deal].exact()
    covered = 0
    for seed in range(200):
        outcome = Outcome(simulate_model(model, 512, seed, sampling=sampling, control_variates=True))
        low, high = estimate(mean(outcome.revenue, outcome.sample), outcome.sample).interval(0.95)
        covered += low <= exact <= high
    assert 178 <= covered <= 200


def test_the_smooth_deal_is_a_straight_line_of_its_price() -> None:
    found = gainsim.simulate(gainsim.load(DEALS["smooth"].file), paths=1_000, control_variates=True)
    assert found.measures["npv"].value == pytest.approx(DEALS["smooth"].exact(), rel=1e-12)


def test_a_difference_of_offers_is_adjusted_too() -> None:
    offer = gainsim.load(FOLDER / "compressed_air.yaml")
    other = offer.change(money__discount_rate="6% pa")
    adjusted = [gainsim.simulate(each, paths=2_000, control_variates=True) for each in (other, offer)]
    gap = adjusted[0].against(adjusted[1], "npv")
    assert gap is not None
    assert gap.value == pytest.approx(adjusted[0].measures["npv"].value - adjusted[1].measures["npv"].value, abs=1e-6)
    with pytest.raises(UsageError, match="drawn alike"):
        adjusted[0].against(gainsim.simulate(offer, paths=2_000), "npv")


def test_a_precision_is_reached_with_fewer_paths() -> None:
    offer = gainsim.load(DEALS["kinked"].file)
    plain, adjusted = (gainsim.simulate(offer, precision="npv 0.5%", control_variates=on) for on in (False, True))
    assert adjusted.summary.reached[0].met
    assert adjusted.run.paths < 0.4 * plain.run.paths  # its error is 0.45 of the plain one: 0.2 of the paths, and the pilot


def test_the_memo_and_the_json_say_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["run", str(DEALS["kinked"].file), "--no-report", "--paths", "2000", "--control-variates"]
    cli.main(asked, standalone_mode=False)
    said = capsys.readouterr().out
    assert "Means of money are adjusted by the exact mean of saving. Of their errors that leaves: npv 0.4" in said
    cli.main([*asked, "--json"], standalone_mode=False)
    found = json.loads(capsys.readouterr().out)["control_variates"]
    assert found["used"] == ["saving"] and found["left_out"] == []
    assert 0.4 < found["error_left"]["npv"] < 0.5
    with pytest.raises(UsageError, match="--control-variates would do nothing"):
        cli.main([*asked[:2], "--base-case", "--control-variates"], standalone_mode=False)


def test_several_offers_say_it_each(tmp_path: Path) -> None:
    offers = gainsim.load_offers(FOLDER / "three_ways.yaml")
    found = gainsim.compare({name: gainsim.simulate(each, paths=500, control_variates=True) for name, each in offers.items()})
    said = side_by_side(found)
    assert "process: Means of money are adjusted by the exact means of" in said
    page = write_offers(found, tmp_path / "report") / "report.html"
    assert "process: Means of money are adjusted by the exact means of" in page.read_text(encoding="utf-8")


def test_an_offer_without_known_means_says_so() -> None:
    text = gainsim.TEMPLATE
    run = gainsim.simulate(gainsim.load_text(text), paths=5, control_variates=True)
    assert "None: no driver has a mean that is known exactly, or there are too few paths" in str(run)
