"""Several offers in one file: what each is made of, that all meet the same futures, and how they compare."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import gainsim
from gainsim.analyses.comparison import Comparison
from gainsim.cli.main import cli
from gainsim.errors import UsageError
from gainsim.report.offers import render_offers
from gainsim.text.comparison import side_by_side

ROOT = Path(__file__).resolve().parent.parent
DEALS, WAYS = ROOT / "scenarios" / "deal_structures.yaml", ROOT / "scenarios" / "three_ways.yaml"

PUMPS = """
gainsim: 1
title: pumps
currency: EUR
calendar: { start: 2027-01, years: 2, step: year, year: contract }
money: { discount_rate: 0% pa }
drivers:
  saving: { control: nobody, unit: EUR/year, central: mean, drawn: each period, normal: { mean: 100, sd: 40 } }
contract:
  fee: { term: fee, amount: 60 EUR per year }
costs:
  people: { amount: 30 EUR per year }
customer:
  gains: { energy: saving }
offers:
  plain: {}
  dearer:
    contract:
      fee: { term: fee, amount: 75 EUR per year }
    costs: { more: { amount: 5 EUR per year } }
    customer: { gains: { calm: 20 EUR per year } }
  shared:
    title: half of it
    contract:
      fee: { term: fee, amount: 10 EUR per year }
      part: { term: fee, amount: 50% of saving }
"""


@pytest.fixture
def pumps(tmp_path: Path) -> Path:
    file = tmp_path / "pumps.yaml"
    file.write_text(PUMPS, encoding="utf-8")
    return file


def compared(file: Path, paths: int = 2_000) -> Comparison:
    return gainsim.compare({name: gainsim.simulate(o, paths=paths) for name, o in gainsim.load_offers(file).items()})


def test_an_offer_is_the_file_with_what_stands_under_its_name(pumps: Path) -> None:
    """An entry of the same name is the offer's, all others are the file's."""
    offers = gainsim.load_offers(pumps)
    assert [offer.title for offer in offers.values()] == ["pumps: plain", "pumps: dearer", "pumps: half of it"]
    result = gainsim.simulate(offers["dearer"], paths=10)
    # two years of 75 less 30 less 5
    assert result.measures["npv"].value == 80.0
    assert set(offers["dearer"].loaded.scenario.customer.gains) == {"energy", "calm"}
    # two years: of the calm 20, of the fee 15 more than plain
    plain = gainsim.simulate(offers["plain"], paths=10)
    assert result.against(plain, "customer_net_benefit") == gainsim.Estimate(10.0, 0.0, "EUR", 9.0)


def test_the_text_of_an_offer_gives_the_offer(pumps: Path) -> None:
    """What a report keeps as the file of one offer runs alone, and comes to the same."""
    for name, offer in gainsim.load_offers(pumps).items():
        again = gainsim.load_text(offer.loaded.document.text)
        assert again.loaded.scenario == offer.loaded.scenario, name


@pytest.mark.parametrize("file", [DEALS, WAYS], ids=lambda file: file.stem)
def test_all_offers_meet_the_same_futures(file: Path) -> None:
    """To the bit, path by path."""
    first, *others = (offer.futures(paths=40) for offer in gainsim.load_offers(file).values())
    drivers = gainsim.load_offers(file).popitem()[1].loaded.scenario.drivers
    for other in others:
        assert all(first[name].tobytes() == other[name].tobytes() for name in drivers)


def test_differences_are_those_of_the_paths(pumps: Path) -> None:
    """Second source: the paired difference by NumPy. What no chance moves has no doubt left."""
    found = compared(pumps)
    one, other = (found.offers[name].outcome.npv for name in ("shared", "plain"))
    gap = found.difference("shared", "npv").estimate
    assert gap is not None
    assert gap.value == pytest.approx((one - other).mean(), rel=1e-12)
    assert gap.standard_error == pytest.approx((one - other).std(ddof=1) / np.sqrt(2_000), rel=1e-9)
    sure = found.difference("dearer", "npv").estimate
    assert sure is not None and (sure.value, sure.standard_error) == (20.0, 0.0)  # 2 × (15 - 5)
    ahead = found.ahead("shared", "supplier")
    assert ahead is not None and ahead.value == pytest.approx((one > other).mean())
    assert found.ahead("dearer", "supplier").value == 1.0  # type: ignore[union-attr]
    assert found.ahead("dearer", "customer").value == 1.0  # type: ignore[union-attr]  # 20 more for 15


def test_as_good_is_not_better(pumps: Path) -> None:
    found = compared(pumps)
    twice = Comparison("", {"a": found.offers["plain"], "b": found.offers["plain"]})
    assert twice.ahead("b", "supplier").value == twice.ahead("b", "customer").value == 0.0  # type: ignore[union-attr]


def test_only_what_can_be_compared_is(pumps: Path) -> None:
    offer = gainsim.load(pumps, offer="plain")
    with pytest.raises(UsageError, match="same seed and paths"):
        gainsim.compare({"a": gainsim.simulate(offer, paths=5), "b": gainsim.simulate(offer, paths=6)})
    dollars = gainsim.load_text(PUMPS.replace("EUR", "USD"), offer="plain")
    with pytest.raises(UsageError, match="one currency"):
        gainsim.compare({"a": gainsim.simulate(offer, paths=5), "b": gainsim.simulate(dollars, paths=5)})
    with pytest.raises(UsageError, match="no offer to compare"):
        gainsim.compare({})


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        (None, "has 3 offers: plain, dearer, shared. Choose one with --offer."),
        ("deaerr", "has plain, dearer, shared. Did you mean 'dearer'?"),
    ],
)
def test_one_of_several_must_be_chosen(pumps: Path, offer: str | None, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        gainsim.load(pumps, offer=offer)
    assert said in str(caught.value)


def test_a_file_that_is_one_offer_has_none_to_choose(pumps: Path) -> None:
    alone = pumps.with_name("alone.yaml")
    alone.write_text(PUMPS.partition("offers:")[0], encoding="utf-8")
    assert list(gainsim.load_offers(alone)) == [""]
    with pytest.raises(UsageError, match="is one offer"):
        gainsim.load(alone, offer="plain")


# --- the command line and the report ---------------------------------------------------------------------------------


def test_run_shows_all_side_by_side_and_json_has_them(pumps: Path) -> None:
    shown = CliRunner().invoke(cli, ["run", str(pumps), "--paths", "200", "--no-report"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("pumps\n3 offers on the same 200 futures, seed 1;")
    assert "Less plain, path by path, EUR" in shown.output
    found = json.loads(CliRunner().invoke(cli, ["run", str(pumps), "--paths", "200", "--no-report", "--json"]).output)
    assert (found["schema"], found["reference"], list(found["offers"])) == (
        "gainsim/offers/1", "plain", ["plain", "dearer", "shared"],
    )  # fmt: skip
    assert found["differences"]["dearer"]["npv"] == {
        "value": 20.0, "standard_error": 0.0, "unit": "EUR", "interval_95": [20.0, 20.0], "sign_is_right": 1.0,
    }  # fmt: skip
    assert found["offers"]["dearer"]["schema"] == "gainsim/run/1"


def test_a_change_reaches_every_offer_or_one(pumps: Path) -> None:
    """A change of the file is one of all offers; a change below `offers` is one of that offer alone."""
    base = ["run", str(pumps), "--paths", "5", "--no-report", "--json", "--set"]
    for change, expected in (("costs.people.amount=20 EUR per year", [80, 100]), ("offers.dearer.costs={}", [60, 90])):
        found = json.loads(CliRunner().invoke(cli, [*base, change]).output)
        values = [found["offers"][name]["measures"]["npv"]["value"] for name in ("plain", "dearer")]
        assert values == expected, change


def test_one_offer_runs_and_is_explained_alone(pumps: Path) -> None:
    one = ["--offer", "dearer"]
    run = CliRunner().invoke(cli, ["run", str(pumps), "--paths", "50", "--no-report", *one])
    assert run.output.startswith("pumps: dearer\n50 futures")
    assert "pumps: dearer" in CliRunner().invoke(cli, ["run", str(pumps), "--base-case", *one]).output
    assert "pumps: dearer" in CliRunner().invoke(cli, ["explain", str(pumps), "--path", "0", *one]).output
    check = CliRunner().invoke(cli, ["check", str(pumps)])
    assert "is in order, each of its 3 offers." in check.output


def test_an_offer_is_called_by_its_own_title(pumps: Path) -> None:
    page = side_by_side(compared(pumps, paths=50))
    assert "\nshared: half of it\n" in page
    assert "plain: " not in page.partition("Side by side")[0]


def test_the_report_of_several_offers(pumps: Path) -> None:
    """Whole, readable without anything else, and replaced by the next one."""
    out = pumps.parent / "report"
    for _ in range(2):
        done = CliRunner().invoke(cli, ["run", str(pumps), "--paths", "60", "--out", str(out), "--quiet"])
        assert done.exit_code == 0, done.output
    assert {entry.name for entry in out.iterdir()} == {"report.html", "result.json", "scenario.yaml"}
    page = (out / "report.html").read_text(encoding="utf-8")
    for words in ("Side by side", "Less plain, path by path", 'id="s_curves"', 'id="customer_curves"', "half of it"):
        assert words in page, words
    assert "<tr><th>shared</th><td>half of it</td></tr>" in page and "<tr><th>plain</th><td>plain" not in page
    assert page.count("3 offers, seed 1 · 60 paths") == 2  # no picture of several runs bears the name of one
    assert list(gainsim.load_offers(out / "scenario.yaml")) == ["plain", "dearer", "shared"]


# --- the shipped ones keep the word of their `about` -----------------------------------------------------------------


def test_deal_structures_are_told_apart() -> None:
    """Cash committed is identical; cost to serve and early activation tell the staged deal and the ramp apart."""
    found = compared(DEALS)
    simple, staged, ramp = (summary.deals[0] for summary in found.offers.values())
    assert (staged.tcv, staged.acv) == (ramp.tcv, ramp.acv) == (2_700_000, (600_000, 900_000, 1_200_000))
    assert simple.tcv - staged.tcv == 900_000
    assert simple.exit_price == staged.exit_price == ramp.exit_price == 100
    assert (staged.seat_months, staged.effective_price, ramp.seat_months, ramp.effective_price) == (
        27_000,
        100,
        36_000,
        75,
    )
    kept = {deal.structure: {rule.name: rule.kept for rule in deal.guardrails} for deal in (simple, staged, ramp)}
    assert not kept["simple"]["budget 2027"] and all(kept["staged"].values())
    assert not kept["ramp"]["first year"] and kept["ramp"]["full price"]
    npv, customer = (
        {name: summary.measures[measure].estimate.value for name, summary in found.offers.items()}  # type: ignore[union-attr]
        for measure in ("npv", "customer_npv")
    )
    assert npv["staged"] > npv["ramp"] and customer["ramp"] > customer["staged"]
    dearer = (
        found.offers["ramp"].measures["expected_cost"].estimate,
        found.offers["staged"].measures["expected_cost"].estimate,
    )
    assert dearer[0].value < dearer[1].value  # type: ignore[union-attr]  # costs are negative: the ramp costs more to serve


def test_three_ways_rise_in_cost_to_serve_and_in_risk() -> None:
    """From product to process to performance: more for the mill, more cost to serve, a wider range for us."""
    found = compared(WAYS)
    values = {
        measure: [summary.measures[measure].estimate.value for summary in found.offers.values()]  # type: ignore[union-attr]
        for measure in ("npv", "npv_p5", "npv_p95", "expected_cost", "customer_npv", "chance_of_loss")
    }
    assert values["expected_cost"] == sorted(values["expected_cost"], reverse=True)
    assert values["npv"] == sorted(values["npv"]) and values["customer_npv"] == sorted(values["customer_npv"])
    width = [high - low for low, high in zip(values["npv_p5"], values["npv_p95"], strict=True)]
    assert width == sorted(width)
    assert values["chance_of_loss"][:2] == [0.0, 0.0] and 0.0 < values["chance_of_loss"][2] < 0.05


@pytest.mark.parametrize(("bound", "who"), [("-1_000_000", "head of sales"), ("1_000_000", "board")])
def test_who_may_approve_each_offer_is_told(bound: str, who: str, pumps: Path) -> None:
    """By a rule that all offers keep, and one that none does."""
    rules = f"approval: [ {{ level: head of sales, when: {{ npv: {{ at_least: {bound} }} }} }}, {{ level: board }} ]\n"
    pumps.write_text(pumps.read_text() + rules)
    found = compared(pumps, paths=20)
    assert all(f"\n{name}: Approve, as {who} may: " in side_by_side(found) for name in found.offers)
    assert render_offers(found, None, date(2027, 1, 1)).count(f"Approve, as {who} may") == len(found.offers)


def test_the_page_of_the_terminal_has_every_part() -> None:
    said = side_by_side(compared(DEALS, paths=50))
    for words in ("Side by side, USD", "Less simple", "Deal terms, committed", "Guardrails", "House limits", "Checks"):
        assert f"\n{words}" in said, words
