"""The Python interface: few names, frames whose sums are the measures, notebooks, and two offers on the same futures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gainsim
from gainsim.offer.limits import LIMITED_NAMES

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "compressed_air.yaml"


@pytest.fixture(scope="module")
def offer() -> gainsim.Offer:
    return gainsim.load(SCENARIO)


@pytest.fixture(scope="module")
def result(offer: gainsim.Offer) -> gainsim.Result:
    return gainsim.simulate(offer, paths=1_500, seed=3)


def test_the_public_names_are_few_and_all_there() -> None:
    assert len(gainsim.__all__) <= 20
    assert len(set(gainsim.__all__)) == len(gainsim.__all__)
    for name in gainsim.__all__:
        assert getattr(gainsim, name) is not None
    assert set(gainsim.__all__) == set(dir(gainsim))


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulation'"):
        _ = gainsim.simulation


def test_a_public_name_stays_what_it_is_when_modules_are_imported(result: gainsim.Result) -> None:
    """A module of the same name must not take the place of a function once it is imported."""
    assert callable(gainsim.simulate)
    assert callable(gainsim.base_case)
    assert result.run.paths == 1_500


def test_one_row_a_path_and_its_means_are_the_measures(result: gainsim.Result) -> None:
    frame = result.paths()
    assert len(frame) == 1_500
    columns = {
        "revenue": "expected_revenue", "committed": "committed_revenue", "variable": "expected_variable_revenue",
        "cost": "expected_cost", "margin_contribution": "contribution", "margin_overhead": "margin_after_overhead",
        "margin_capital": "margin_after_capital", "npv": "npv", "customer_net_benefit": "customer_net_benefit",
    }  # fmt: skip
    assert set(frame.columns) == set(columns)
    for column, measure in columns.items():
        found = result.measures[measure]
        assert found.value == pytest.approx(frame[column].mean(), rel=1e-12), column
        assert found.standard_error == pytest.approx(frame[column].sem(), rel=1e-6, abs=1e-6), column


def test_the_npv_is_below_its_quantiles_as_often_as_they_say(result: gainsim.Result) -> None:
    npv = result.paths()["npv"]
    for measure, part in (("npv_p5", 0.05), ("npv_p50", 0.5), ("npv_p95", 0.95)):
        assert np.mean(npv <= result.measures[measure].value) == pytest.approx(part, abs=1e-9)


def test_one_row_a_line_and_the_payments_add_up_to_revenue(result: gainsim.Result) -> None:
    lines = result.lines()
    assert list(lines.index) == [line.name for line in result.run.rows.lines]
    payments = lines[lines["role"] == "payment"]
    assert payments["mean"].sum() == pytest.approx(result.measures["expected_revenue"].value, rel=1e-12)
    assert set(payments["payee"]) == {"supplier"}
    cash = lines[lines["role"].isin(["payment", "cost", "cash"])]
    assert cash["npv"].sum() == pytest.approx(result.measures["npv"].value, rel=1e-12)
    assert ((lines["binds"] >= 0.0) & (lines["binds"] <= 1.0)).all()


def test_one_row_a_settlement_and_they_add_up_to_the_lines(result: gainsim.Result) -> None:
    rows = result.settlements()
    assert len(rows) == len(result.run.rows.keys)
    assert (rows["paid"] >= rows["due"]).all()
    by_line = rows.groupby("line")["mean"].sum()
    for line, mean in result.lines()["mean"].items():
        assert by_line[line] == pytest.approx(mean, rel=1e-9, abs=1e-6)


def test_a_statement_is_the_path_as_it_was_in_the_crowd(result: gainsim.Result) -> None:
    frame = result.statement(path=17)
    assert len(frame) == len(result.run.rows.keys)
    payments = [line.name for line in result.run.rows.lines if line.role == "payment"]
    paid = frame[frame["line"].isin(payments)]["amount"].sum()
    assert paid == pytest.approx(result.paths()["revenue"][17], rel=1e-12)


def test_the_same_run_has_the_same_json_and_run_id(offer: gainsim.Offer, result: gainsim.Result) -> None:
    again = gainsim.simulate(offer, paths=1_500, seed=3, threads=2)
    assert again.to_json() == result.to_json()
    assert result.to_json()["schema"] == "gainsim/run/1"
    assert gainsim.simulate(offer, paths=10, seed=4).summary.run_id != result.summary.run_id


def test_a_notebook_shows_text_of_the_file_as_text() -> None:
    evil = gainsim.TEMPLATE.replace("title: My offer", "title: <script>alert('x')</script> & co")
    shown = gainsim.simulate(gainsim.load_text(evil), paths=100)._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "&amp; co" in shown
    assert "net present value" in shown
    assert "Expected NPV" in shown
    assert "padding-left:1.5em;text-align:left'>P5<" in shown


def test_a_result_prints_its_memo(result: gainsim.Result) -> None:
    assert str(result).startswith("Compressed air as a service, one plant\n1,500 futures, seed 3")


def test_two_offers_with_one_seed_meet_the_same_futures(offer: gainsim.Offer, result: gainsim.Result) -> None:
    higher = gainsim.load(SCENARIO, ["contract.gain_share.steps[4].limit_payment.cap=90_000"])
    other = gainsim.simulate(higher, paths=1_500, seed=3)
    same = ["people", "base_fee.indexation", "customer.energy"]
    assert result.lines().loc[same, "mean"].equals(other.lines().loc[same, "mean"])
    gained = other.against(result, "npv")
    assert gained is not None
    difference = other.paths()["npv"] - result.paths()["npv"]
    assert gained.value == pytest.approx(difference.mean(), rel=1e-9)
    assert gained.standard_error == pytest.approx(difference.sem(), rel=1e-6)
    apart = np.hypot(result.measures["npv"].standard_error, other.measures["npv"].standard_error)
    assert gained.standard_error < apart / 2.0


def test_runs_of_other_futures_are_not_compared(offer: gainsim.Offer, result: gainsim.Result) -> None:
    with pytest.raises(gainsim.UsageError, match="same seed"):
        gainsim.simulate(offer, paths=1_500, seed=4).against(result, "npv")


def test_more_paths_keep_the_earlier_ones(offer: gainsim.Offer, result: gainsim.Result) -> None:
    """Here also across runners: 1,000 paths are run by NumPy, 1,500 by the compiled loop."""
    fewer = gainsim.simulate(offer, paths=1_000, seed=3).paths()
    assert fewer.equals(result.paths().iloc[:1_000])


def test_a_change_is_the_same_as_writing_it(offer: gainsim.Offer) -> None:
    changed = offer.change(money__discount_rate="10% pa")
    written = gainsim.load(SCENARIO, ["money.discount_rate=10% pa"])
    assert changed.loaded.scenario == written.loaded.scenario
    assert offer.loaded.scenario.money.discount_rate.value == 0.08


def test_the_base_case_has_no_chance(offer: gainsim.Offer, result: gainsim.Result) -> None:
    base = gainsim.base_case(offer)
    assert base.npv == result.summary.base.npv
    assert len(base.years) == 7
    assert base.by_year.shape == (len(result.run.rows.lines), 7)


def test_a_measure_by_basis_and_layer(result: gainsim.Result) -> None:
    assert result.measure("margin_money", layer="contribution") == result.measures["contribution"]
    assert result.measure("chance_of_loss", basis="margin") == result.measures["chance_of_loss_margin"]
    cvar = result.measure("cvar_80")
    assert cvar is not None
    assert cvar.value < result.measures["npv"].value


@pytest.mark.parametrize("change", ["money.discount_rate=8", "no.such.key=1"])
def test_a_wrong_change_is_an_error_of_ours(change: str) -> None:
    with pytest.raises(gainsim.UsageError, match=f"^{change}: ") as caught:
        gainsim.load(SCENARIO, [change])
    assert isinstance(caught.value, gainsim.GainsimError)


@pytest.mark.parametrize(
    "asked",
    [{"paths": 0}, {"paths": -5}, {"paths": 1.5}, {"paths": True}, {"paths": 10**20}, {"seed": -1}, {"threads": 0}],
    ids=str,
)
def test_what_cannot_be_simulated_is_refused(asked: dict[str, Any], offer: gainsim.Offer) -> None:
    (name,) = asked
    with pytest.raises(gainsim.UsageError, match=f"{name} is a whole number from "):
        gainsim.simulate(offer, **asked)


@pytest.mark.parametrize("path", [-1, 1.5, 10**30])
def test_a_path_is_a_whole_number(path: Any, result: gainsim.Result) -> None:
    with pytest.raises(gainsim.UsageError, match="path is a whole number from 0 "):
        result.statement(path)


def test_every_measure_of_the_summary_and_of_limits_can_be_compared(result: gainsim.Result) -> None:
    for name in [*result.to_json()["measures"], *LIMITED_NAMES]:
        gained = result.against(result, name)
        assert gained is None or gained.value == 0.0, name
        assert result.measure(name) is not None or gained is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "nope"}, "no measure is called 'nope'"),
        ({"name": "expected_margn"}, "Did you mean 'expected_margin'"),
        ({"name": "cvar_95", "basis": "cash"}, "no basis is called 'cash'. Write npv or margin."),
        ({"name": "expected_margin", "layer": "all"}, "no layer is called 'all'. Write contribution or "),
    ],
)
def test_what_is_no_measure_is_refused(asked: dict[str, Any], said: str, result: gainsim.Result) -> None:
    with pytest.raises(gainsim.UsageError) as caught:
        result.against(result, **asked)
    assert said in str(caught.value)


def test_offers_in_two_currencies_are_not_compared(result: gainsim.Result) -> None:
    dollars = gainsim.load_text(SCENARIO.read_text(encoding="utf-8").replace("EUR", "USD"))
    with pytest.raises(gainsim.UsageError, match="one offer is in USD, the other in EUR"):
        gainsim.simulate(dollars, paths=1_500, seed=3).against(result, "npv")


def test_a_measure_without_a_value_says_why(offer: gainsim.Offer) -> None:
    free = gainsim.simulate(offer.change(costs={}), paths=50)
    assert "irr" not in free.measures
    assert free.measures.get("irr") is None
    with pytest.raises(gainsim.UsageError, match=r"irr has no value in this run: expected cash changes sign 2 times"):
        _ = free.measures["irr"]
    with pytest.raises(KeyError, match="Did you mean 'npv'"):
        _ = free.measures["nvp"]


def test_a_key_can_be_taken_out_and_a_list_item_changed(offer: gainsim.Offer) -> None:
    assert offer.change(limits=None).loaded.scenario.limits == {}
    changed = offer.change(contract__gain_share__steps__4__limit_payment__cap=90_000)
    written = gainsim.load(SCENARIO, ["contract.gain_share.steps[4].limit_payment.cap=90_000"])
    assert changed.loaded.scenario == written.loaded.scenario


def test_what_is_shown_at_the_prompt_is_short(offer: gainsim.Offer, result: gainsim.Result) -> None:
    for shown in (offer, result, gainsim.base_case(offer), [offer]):
        assert len(repr(shown)) < 200


NOT_FINITE = """
gainsim: 1
title: a logarithm that meets a negative number now and then
currency: EUR
calendar: { start: 2027-01, years: 1, step: month, year: contract }
money: { discount_rate: 8% pa }
drivers:
  x: { control: nobody, unit: EUR/month, central: mean, drawn: each period, normal: { mean: 100, sd: 30 } }
value:
  big: x * log((150 EUR/month - x) / 1 EUR/month)
contract:
  share: { term: sharing, of: big, clock: { measured: year }, steps: [{ share: { below 0: 50%, above: 50% } }] }
"""


@pytest.mark.parametrize("paths", [200, 2_000])
def test_a_result_that_is_no_number_is_told_at_its_formula(paths: int) -> None:
    """The base case is in order; some path is not, in either runner."""
    offer = gainsim.load_text(NOT_FINITE, "offer.yaml")
    with pytest.raises(gainsim.DataError, match=r"offer\.yaml:10:8: value\.big: .* log\(\) of a negative number; .*"):
        gainsim.simulate(offer, paths=paths)


CREDITS = """
gainsim: 1
title: credits by the level of a service
currency: EUR
calendar: {{ start: 2027-01, years: 1, step: month, year: contract }}
money: {{ discount_rate: 8% pa }}
drivers:
  uptime:
    {{ control: supplier, unit: 1, central: mean, drawn: each period, beta: {{ alpha: 60, beta: 0.4 }} }}
contract:
  fee: {{ term: fee, amount: 1_000 EUR/month, clock: {{ measured: month }} }}
  credits: {{ term: service_credits, level: mean(uptime), of: fee, credits: {{ below {edge}: 5% }}, clock: {{ measured: month }} }}
"""


@pytest.mark.parametrize(("edge", "said"), [("99", True), ("99%", False)])
def test_a_credit_that_is_always_due_is_suspect(edge: str, said: bool) -> None:
    result = gainsim.simulate(gainsim.load_text(CREDITS.format(edge=edge)), paths=300)
    words = f"credits.below {edge} is due in every settlement of every path"
    assert any(words in check for check in result.to_json()["checks"]) == said
