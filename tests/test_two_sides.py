"""Both sides of an offer on the same futures: by hand, against closed forms, and for every shipped scenario."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

import gainsim
from gainsim.analyses.comparison_rows import accept_rows
from gainsim.api import load_text
from gainsim.text.comparison import side_by_side
from gainsim.two_sides import two_sides_rows

ROOT = Path(__file__).resolve().parent.parent
OFFER = """
gainsim: 1
title: two sides
currency: EUR
calendar: {{ start: 2027-04, months: 24, step: quarter, year: calendar, stub_years: prorated }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {{ control: nobody, unit: EUR, central: mean, drawn: once, normal: {{ mean: 1_000, sd: 200 }} }}
parties: [crew]
contract:
  fee: {{ term: fee, amount: {fee} }}
  share: {{ term: payment, amount: 40% * saving, clock: {{ measured: life }} }}
  crew: {{ term: fee, party: crew, amount: -50 EUR per quarter }}
costs:
  people: {{ amount: 10 EUR per quarter }}
customer:
  gains: {{ saving: saving / 24 months }}
  avoids: {{ old: 30 EUR per quarter }}
  spends: {{ own: 5 EUR per quarter }}
  {more}
"""
PATHS = 20_000
UNIT = NormalDist()


def offer(more: str = "", fee: str = "20 EUR per quarter") -> gainsim.Offer:
    return load_text(OFFER.format(more=more, fee=fee))


def found(more: str = "", fee: str = "20 EUR per quarter", paths: int = PATHS) -> gainsim.Result:
    return gainsim.simulate(offer(more, fee), paths=paths, seed=3)


def test_every_row_by_hand_in_the_base_case() -> None:
    """Two years, eight quarters: a gain of 1,000; 240 avoided, 40 spent; 160 + 400 paid; 400 to the crew; a cost of 80."""
    summary = found(paths=2).summary
    rows = {row.name: row for row in summary.sides.rows}  # type: ignore[union-attr]
    value = {
        name: {party: None if x is None else x.value for party, x in row.by_party.items()} for name, row in rows.items()
    }
    saving = summary.outcome.run.total[[line.name for line in summary.run.rows.lines].index("customer.saving")].mean()
    assert value["gained"]["customer"] == pytest.approx(saving)
    assert value["no longer spent"]["customer"] == 240.0
    assert value["newly spent"]["customer"] == -40.0
    assert value["payments"]["supplier"] == pytest.approx(160.0 + 0.4 * saving)
    assert value["payments"]["customer"] == -value["payments"]["supplier"]
    assert value["further parties"] == {"supplier": -400.0, "customer": None, "others": 400.0, "together": 0.0}
    assert value["cost"]["supplier"] == value["cost"]["together"] == -80.0
    result = value["= result"]
    assert result["supplier"] == pytest.approx(0.4 * saving - 320.0)
    assert result["customer"] == pytest.approx(0.6 * saving + 40.0)
    assert result["together"] == pytest.approx(saving + 240.0 - 40.0 - 80.0)
    assert result["supplier"] + result["customer"] + result["others"] == pytest.approx(result["together"])
    parts = value["part of the value created"]
    assert parts["customer"] == pytest.approx(result["customer"] / result["together"])
    assert parts["together"] == 1.0


def test_chances_and_parts_against_their_closed_forms() -> None:
    """The customer is worse off where 60% of the saving is below -40 + more that it spends: 0.6 N(1000, 200) + 40 - 700."""
    result = found("", fee="107.5 EUR per quarter")  # 700 more
    taken = result.measures
    regret = UNIT.cdf((660.0 - 600.0) / 120.0)
    assert (
        abs(taken["customer_chance_of_regret"].value - regret) < 4.0 * taken["customer_chance_of_regret"].standard_error
    )
    assert abs(taken["value_created"].value - 1_120.0) < 4.0 * taken["value_created"].standard_error
    assert taken["value_created"].standard_error == pytest.approx(200.0 / math.sqrt(PATHS), rel=0.03)
    share = taken["customer_share_of_value"]
    assert abs(share.value - (600.0 + 40.0 - 700.0) / 1_120.0) < 4.0 * share.standard_error


@pytest.mark.parametrize("paths", [500, 2_048])
def test_a_budget_counts_years_and_what_just_fits_is_within_it(paths: int) -> None:
    """20 a quarter are 60 in the nine months of 2027, 80 in 2028, and 20 in 2029 with 40% of the saving on top.

    A budget of 80 a year is 60, 80 and 20: only 2029 exceeds it, always. One of 1,620 a year has 405 for its quarter.
    """
    sides = found("budget: 80 EUR per year", paths=paths).summary.sides
    assert sides is not None
    assert sides.over_budget is not None
    assert sides.over_budget.estimate is not None
    assert sides.over_budget.estimate.value == 1.0
    assert dict(sides.by_year) == {"2027": 0.0, "2028": 0.0, "2029": 1.0}
    chance = found("budget: 1_620 EUR per year", paths=PATHS).measures["customer_chance_over_budget"]
    assert abs(chance.value - UNIT.cdf((400.0 - 385.0) / 80.0)) < 4.0 * chance.standard_error


def test_the_budget_of_a_year_in_which_the_contract_ends_stays_whole() -> None:
    """110 a quarter to September 2027: 220 of the 300 that nine months of 400 a year have; in one quarter alone it had 100."""
    written = OFFER.format(more="budget: 400 EUR per year", fee="110 EUR per quarter")
    ended = written.replace("  share: ", "  out: { term: termination, when: elapsed >= 6 months }\n  share: ")
    for text, over in ((written, {"2027": 1.0, "2028": 1.0}), (ended, {"2027": 0.0, "2028": 0.0})):
        without_share = text.replace("amount: 40% * saving", "amount: 0 * saving")
        sides = gainsim.simulate(load_text(without_share), paths=200, seed=3).summary.sides
        assert sides is not None
        assert {year: sides.by_year[year] for year in over} == over


def test_what_the_customer_asks_for_is_judged_like_a_limit_and_told() -> None:
    result = found("accepts: { chance_of_regret: { at_most: 5% }, net_benefit: { at_least: 2_000 EUR } }", paths=2_000)
    sides = result.summary.sides
    assert sides is not None
    assert [asked.verdict for asked in sides.accepts] == ["kept", "broken"]
    (told,) = [check for check in result.summary.checks if "does not sign" in check]
    assert "its net benefit is" in told
    assert told.endswith("EUR, it asks for at least 2,000 EUR.")
    assert result.to_json()["customer_accepts"]["customer_net_benefit"]["verdict"] == "broken"
    assert not result.summary.broken  # it is no limit of the house
    (row,) = (line for line in str(result).splitlines() if line.startswith("net_benefit "))  # as the file calls it
    assert "BROKEN" in row


def test_small_amounts_stand_whole_beside_large_ones_and_nothing_is_less_than_nothing() -> None:
    result = found(paths=200)
    rows = {row[0]: row[1:] for row in two_sides_rows(result.summary.sides)}  # type: ignore[arg-type]
    assert rows["newly spent"][2] == "-40"
    assert all("." not in cell for name in ("= result", "P5", "P95") for cell in rows[name][::2])
    assert "-0.0," not in json.dumps(result.to_json()["two_sides"])


def test_of_several_offers_each_is_asked_for_by_itself() -> None:
    """Of 2,000 a year the last quarter has 500, for 20 and 40% of the saving; three quarters of 600 a year are less than 600."""
    written = OFFER.format(more="budget: 2_000 EUR per year", fee="20 EUR per quarter") + """
offers:
  cheap: { customer: { accepts: { chance_over_budget: { at_most: 40% } } } }
  dear:
    contract: { fee: { term: fee, amount: 200 EUR per quarter } }
    customer: { budget: 600 EUR per year, accepts: { chance_over_budget: { at_most: 40% } } }
"""
    loaded = {name: gainsim.load_text(written, offer=name) for name in ("cheap", "dear")}
    both = gainsim.compare({name: gainsim.simulate(one, paths=2_000, seed=3) for name, one in loaded.items()})
    assert [row[::4] for row in accept_rows(both)] == [("cheap", "kept"), ("dear", "BROKEN")]
    said = side_by_side(both)
    assert "The customer asks for" in said
    assert "value created, both sides" in said
    assert both.difference("dear", "value_created").estimate.value == 0.0  # type: ignore[union-attr]


def test_without_a_word_of_the_customer_there_is_one_side() -> None:
    written = OFFER.format(more="", fee="20 EUR per quarter")
    result = gainsim.simulate(load_text(written[: written.index("customer:")]), paths=200, seed=3)
    assert result.summary.sides is None
    assert result.summary.measures["value_created"].estimate is None
    assert "Two sides" not in str(result)
    assert "budget" not in str(result)


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_on_every_path_transfers_sum_to_zero_and_the_value_created_is_shared_out(file: Path) -> None:
    for one in gainsim.load_offers(file).values():
        if one.loaded.dated.given:
            continue
        summary = gainsim.simulate(one, paths=40, seed=3).summary
        outcome = summary.outcome
        parties = {party for line in outcome.run.rows.lines if line.moves_cash for party in line.parties}
        size = 1.0 + np.abs(outcome.revenue).max() + np.abs(outcome.cost).max()
        np.testing.assert_allclose(sum(outcome.position(party) for party in parties) / size, 0.0, atol=1e-9)
        shared = outcome.margin() + outcome.customer_benefit - outcome.from_parties
        np.testing.assert_allclose(shared / size, outcome.value_created / size, atol=1e-9)
