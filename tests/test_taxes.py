"""Tax and working capital, by hand: losses carried forward or refunded, when tax is paid, what it stands beside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import gainsim
from gainsim.api import base_case, load_text, simulate
from gainsim.base import settle_base
from gainsim.measuring import Measures
from gainsim.model import build
from gainsim.offer.scenario import Scenario
from gainsim.outcome import Outcome
from gainsim.report.tables import profit_and_loss
from gainsim.text.base import base_page
from gainsim.text.offer import memo
from tests.terms.test_further_parties import same_bits

money = some.integers(-300, 300).map(float)


def written(margins: list[float], tax: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    """An offer that earns so much year by year."""
    dates = {f"{2027 + n}-01": each for n, each in enumerate(margins)}
    return {
        "gainsim": 1,
        "title": "taxed",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": len(margins), "step": "quarter", "year": "contract"},
        "money": {"discount_rate": "10% pa", **({"tax": tax} if tax else {}), **more},
        "drivers": {"result": {"control": "nobody", "unit": "EUR/year", "schedule": dates}},
        "contract": {"work": {"term": "fee", "amount": "result", "clock": {"measured": "year"}}},
    }


def found(margins: list[float], tax: dict[str, Any] | None, **more: Any) -> tuple[Outcome, list[float]]:
    """The outcome of the base case, and the tax year by year."""
    base = settle_base(build(Scenario.model_validate(written(margins, tax, **more))))
    return base.outcome, [float(each) for each in base.sum("tax")]


def test_losses_are_carried_forward():
    """-100 taxes nothing; of 60 nothing, 40 are left; of 100 are 60 taxed; the last loss lapses."""
    outcome, tax = found([-100, 60, 100, -50], {"rate": "25%", "losses": "carried forward"})
    assert tax == [0, 0, -15, 0]
    assert outcome.margin().tolist() == [10]
    assert outcome.tax.tolist() == [-15]
    assert outcome.npv_after_tax.tolist() == pytest.approx([outcome.npv[0] - 15 / 1.1**3])


@pytest.mark.parametrize(("second", "tax"), [(99.0, 0.0), (100.0, 0.0), (101.0, -0.25)])
def test_a_margin_as_large_as_the_loss_before_it_pays_no_tax(second: float, tax: float) -> None:
    assert found([-100, second], {"rate": "25%", "losses": "carried forward"})[1] == [0, tax]


def test_losses_are_refunded_and_tax_has_a_lag():
    outcome, tax = found([-100, 60], {"rate": "25%", "losses": "refunded", "paid": "6 months"})
    assert tax == [25, -15]
    assert outcome.npv_after_tax.tolist() == pytest.approx([outcome.npv[0] + 25 / 1.1**1.5 - 15 / 1.1**2.5])


def test_a_dated_rate_is_that_of_the_years_end():
    assert found([100, 100], {"rate": "20% from 2028-07 else 30%", "losses": "refunded"})[1] == [-30, -20]


@settings(max_examples=30, deadline=None)
@given(some.lists(money, min_size=1, max_size=6))
def test_carried_losses_tax_what_the_margin_has_gained_beyond_its_highest_so_far(margins: list[float]) -> None:
    """Without end, losses carried forward are a high-water mark: taxed in all is the highest running sum, at least 0."""
    outcome, tax = found(margins, {"rate": "30%", "losses": "carried forward"})
    highest = max(0.0, float(np.max(np.add.accumulate(margins))))
    assert sum(tax) == pytest.approx(-0.3 * highest)
    assert outcome.position("tax authority").tolist() == pytest.approx([0.3 * highest])


def test_everything_that_counts_in_the_margin_is_taxed():
    """Revenue 200, the crew 30, work 50, overhead 20; of 80 capital over two years 40 a year; of the rest a quarter."""
    document = written([200, 200], {"rate": "25%", "losses": "refunded"}) | {
        "parties": ["crew"],
        "costs": {
            "work_done": {"amount": "50 EUR/year"},
            "office": {"amount": "20 EUR/year", "layer": "overhead"},
            "tool": {"amount": "80 EUR", "at": "start", "straight_line": "2 years", "layer": "capital"},
        },
    }
    document["contract"]["crew"] = {"term": "fee", "amount": "-30 EUR/year", "party": "crew"}
    base = settle_base(build(Scenario.model_validate(document)))
    assert base.sum("tax").tolist() == [-15, -15]
    page = [line.split() for line in base_page(base).splitlines()]
    assert ["margin", "after", "tax", "45", "45", "90"] in page


def test_without_tax_nothing_is_said_of_it():
    result = simulate(load_text(gainsim.TEMPLATE), paths=200)
    assert "tax" not in memo(result.summary)
    assert "tax" not in base_page(result.summary.base)


def test_margin_and_npv_stand_before_and_after_tax():
    one = load_text(
        gainsim.TEMPLATE.replace("discount_rate: 8% pa", "discount_rate: 8% pa, tax: { rate: 25%, losses: refunded }")
    )
    result = simulate(one, paths=300)
    rows = [" ".join(line.split()[:3]) for line in memo(result.summary).splitlines()]
    for title in ("margin after tax", "after tax", "= margin after"):
        assert any(row.startswith(title) for row in rows), title
    assert {"Tax", "Margin after tax"} <= {entry.name for entry in profit_and_loss(result.summary)}
    assert result.measures["margin_after_tax"].value == pytest.approx(0.75 * result.measure("margin_money").value)
    assert sum(result.to_json()["parties"].values()) == pytest.approx(0.0, abs=1e-6)


def test_both_runners_tax_to_the_same_bits():
    document = written([0, 0, 0], {"rate": "25%", "losses": "carried forward"})
    chance = {"drawn": "each period", "central": "mean", "normal": {"mean": 10, "sd": 100}}
    document["drivers"]["result"] = {"control": "nobody", "unit": "EUR/year", **chance}
    same_bits(build(Scenario.model_validate(document)))


def test_working_capital_costs_simple_interest_while_more_has_gone_out_than_come_in():
    """100 out at the start; 60 in after a year, 60 after two: 100 × 5% + 40 × 5%; the base case shows it."""
    document = written([60, 60], None, working_capital="5% pa")
    document["costs"] = {"tool": {"amount": "100 EUR", "at": "start"}}
    base = settle_base(build(Scenario.model_validate(document)))
    measured = Measures(base.outcome).of("working_capital_cost")
    assert measured.estimate is not None
    assert measured.estimate.value == pytest.approx(-(100 * 0.05 + 40 * 0.05))
    assert base.npv == pytest.approx(-100 + 60 / 1.1 + 60 / 1.21)  # it stands beside the NPV, not in it
    assert "interest on working capital" in base_page(base)
    assert "working capital" not in base_page(base_case(load_text(gainsim.TEMPLATE)))


def test_what_is_before_tax_says_so_where_there_is_a_tax():
    taxed = "discount_rate: 8% pa, tax: { rate: 25%, losses: refunded, paid: 6 months }"
    page = memo(simulate(load_text(gainsim.TEMPLATE.replace("discount_rate: 8% pa", taxed)), paths=50).summary)
    for title in ("internal rate of return", "payback, median", "deepest cash trough, mean"):
        assert f"\n{title}, before tax " in page
