"""Decisions of the parties: against geometric series and chains in closed form, by hand, and to the bit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pytest

import gainsim
from gainsim import cells
from gainsim.base import settle_base
from gainsim.bridge import Run, realise, simulate_model, statement
from gainsim.model import build_world
from gainsim.report.page import render
from gainsim.streams.source import Philox
from gainsim.text import settlement as settlement_text
from gainsim.text.base import base_page

PATHS = 20_000
OFFER = """
gainsim: 1
title: decisions
currency: EUR
calendar: {{ start: 2027-01, years: {years}, step: {step}, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {{ control: supplier, unit: EUR/month, drawn: each period, central: mean, normal: {{ mean: 100, sd: 60 }} }}
lifecycle:
{lifecycle}
contract:
  fee: {{ term: fee, amount: {fee} }}
{contract}
customer: {{ gains: {{ less: saving }} }}
"""


def offer(
    lifecycle: str, contract: str = "", *, years: int = 8, step: str = "year", fee: str = "100 EUR per year"
) -> gainsim.Offer:
    return gainsim.load_text(OFFER.format(lifecycle=lifecycle, contract=contract, years=years, step=step, fee=fee))


def run_of(written: gainsim.Offer, paths: int = PATHS, **how: int) -> Run:
    return simulate_model(written.loaded.model, paths, seed=3, **how)


def by_period(run: Run, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(periods,) the mean of a line over the paths, and its standard error; where it has no row, as in the row before."""
    entered = {t: row for row, (t, line) in enumerate(run.rows.keys) if run.rows.lines[line].name == name}
    rows = [entered[max(at for at in entered if at <= t)] for t in range(run.model.calendar.periods)]
    return run.row_mean[rows], run.row_error[rows]


def near(found: float, error: float, expected: float) -> bool:
    return abs(found - expected) <= 4 * error + 1e-12


def amounts(written: gainsim.Offer, path: int = 0) -> dict[str, list[float]]:
    """The rows of one path by line."""
    model, found = written.loaded.model.told, {}
    for (_, line), amount in zip(model.program.rows, statement(model, path, 3), strict=True):
        found.setdefault(model.lines[line].name, []).append(float(amount))
    return found


# --- constant chances: closed forms ----------------------------------------------------------------------------------

RENEWED = "  renewed: { by: customer, starts: 1, every: year, chance: 80%, becomes: 1, otherwise: 0 }"
NOT_RENEWED = "  out: { term: termination, when: renewed < 1 }"


@pytest.mark.parametrize("step", ["year", "month"])
def test_renewal_every_year_is_a_geometric_series(step: str) -> None:
    """Year k is reached with the chance 0.8^(k - 1); the fees of eight years come to 100 × (1 - 0.8^8) / (1 - 0.8)."""
    run = run_of(offer(RENEWED, NOT_RENEWED, step=step))
    means, errors = by_period(run, "renewed")
    per_year = len(means) // 8
    for year in range(8):
        for t in (year * per_year, (year + 1) * per_year - 1):
            assert near(means[t], errors[t], 0.8**year), (year, t)
    fees = run.total[[n for n, line in enumerate(run.rows.lines) if line.name == "fee.amount"]][0]
    assert near(fees.mean(), fees.std() / math.sqrt(PATHS), 100 * (1 - 0.8**8) / 0.2)
    assert set(np.round(fees, 6)) == {100.0 * years for years in range(1, 9)}, "whole years only"


def test_churn_in_any_month_after_a_minimum_term() -> None:
    """Asked first with month 12: month 12 + n is reached with the chance 0.97^n."""
    churn = "  stays: { by: customer, starts: 1, every: month, first: 12 months, chance: 3%, becomes: 0 }"
    run = run_of(offer(churn, "  out: { term: termination, when: stays < 1 }", years=4, step="month"))
    means, errors = by_period(run, "stays")
    assert (means[:12] == 1.0).all()
    assert all(near(means[t], errors[t], 0.97 ** (t - 11)) for t in range(12, 48))


def test_a_customer_who_leaves_and_comes_back_is_a_chain_of_two_states() -> None:
    """With a = 5% to leave and b = 15% to come back, month n (from 0) finds it with b/(a + b) + a/(a + b) × (1 - a - b)^n."""
    written = "  active: { by: customer, starts: 1, every: month, chance: 5% if active > 0 else 15%, becomes: 1 - active }"
    run = run_of(offer(written, years=3, step="month", fee="10 EUR per month * active"))
    means, errors = by_period(run, "active")
    assert all(near(means[t], errors[t], 0.75 + 0.25 * 0.8**t) for t in range(36))


def test_expansion_by_steps_is_binomial() -> None:
    """Three steps of a quarter of the scope, each asked every quarter with 40%: sites = 25% + 25% × min(successes, 3)."""
    written = '  sites: { by: customer, starts: 25%, every: quarter, chance: 40%, becomes: "min(sites + 25%, 100%)" }'
    run = run_of(offer(written, years=2, step="quarter", fee="100 EUR per quarter * sites"))
    means, errors = by_period(run, "sites")
    for t in range(8):
        ways = [math.comb(t, k) * 0.4**k * 0.6 ** (t - k) for k in range(t + 1)]
        assert near(means[t], errors[t], 0.25 + 0.25 * sum(p * min(k, 3) for k, p in enumerate(ways))), t


def test_a_chance_that_follows_results() -> None:
    """The chance is logistic((total saving of the year - 1_200 EUR) / 200 EUR); of these it is the mean over N(1_200, 60² × 12)."""
    written = RENEWED.replace("80%", '"logistic((total(saving) - 1_200 EUR) / 200 EUR)"')
    run = run_of(offer(written, years=2, step="month", fee="10 EUR per month * renewed"))
    means, errors = by_period(run, "renewed")
    z, weight = np.polynomial.hermite_e.hermegauss(60)
    chance = float((weight / (1 + np.exp(-z * 60 * math.sqrt(12) / 200))).sum() / weight.sum())
    assert near(means[12], errors[12], chance)


# --- by hand ---------------------------------------------------------------------------------------------------------


def settled(clause: str, **facts: str) -> pd.DataFrame:
    return gainsim.try_clause(clause, **facts)


STEPS = """
calendar: {{ start: 2027-01, step: month, year: contract, stub_years: full }}
lifecycle: {{ sites: {{ by: customer, starts: 1, {} }} }}
contract: {{ fee: {{ term: fee, amount: 10 EUR per month * sites }} }}
"""


@pytest.mark.parametrize(
    "written, sites",
    [
        ("every: period, becomes: sites + 1", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("every: quarter, becomes: sites + 1", [1, 1, 1, 2, 2, 2, 3, 3]),
        ("every: quarter, first: 4 months, becomes: sites + 1", [1, 1, 1, 1, 1, 1, 2, 2]),
        ("every: month, last: 2 months, becomes: sites + 1", [1, 2, 3, 3, 3, 3, 3, 3]),
        ("'at': [1 month, 5 months], becomes: sites * 3", [1, 3, 3, 3, 3, 9, 9, 9]),
        ("every: month, after: 2 months, becomes: sites + 1", [1, 1, 1, 2, 2, 2, 3, 3]),
        ("every: month, over: life, when: total(use) >= 5, becomes: 2", [1, 1, 1, 2, 2, 2, 2, 2]),
        ("every: month, when: total(use) >= 3, becomes: 2", [1, 1, 1, 2, 2, 2, 2, 2]),
        ("every: month, when: total(use) >= 3, becomes: 2, otherwise: 5", [1, 5, 5, 2, 2, 2, 2, 2]),
        ("every: quarter, when: mean(use) > 2, becomes: mean(use), otherwise: sites", [1, 1, 1, 1, 1, 1, 5, 5]),
        ("every: quarter, becomes: last(use) - sites", [1, 1, 1, 2, 2, 2, 4, 4]),
        ("every: month, over: life, when: paid(fee) >= 30, becomes: 4", [1, 1, 1, 4, 4, 4, 4, 4]),
    ],
)
def test_when_it_is_asked_and_from_when_it_holds(written: str, sites: list[int]) -> None:
    found = settled(STEPS.format(written), use="1, 2, 3, 4, 5, 6, 7, 8")
    assert found.loc["sites"].tolist() == sites
    assert found.loc["fee paid"].tolist() == [10.0 * each for each in sites]


def test_decisions_of_one_moment_do_not_see_one_another() -> None:
    """Each becomes what the other was: they change places."""
    found = settled(
        """
        lifecycle:
          a: { by: both, starts: 1, every: period, becomes: b }
          b: { by: both, starts: 5, every: period, becomes: a }
        contract: { fee: { term: fee, amount: 1 EUR per year * a * b + 1 EUR per year * use } }
        """,
        use="0, 0, 0, 0",
    )
    assert found.loc["a"].tolist() == [1, 5, 1, 5]
    assert found.loc["b"].tolist() == [5, 1, 5, 1]


def test_a_price_that_is_set_anew() -> None:
    """30% of the year's mean saving, between 20 and 50 a month: 0.3 × 100 = 30, then 0.3 × 200 = 60, held at 50."""
    found = settled(
        """
        lifecycle: { price: { by: both, starts: 40 EUR per month, every: year, becomes: "clip(30% * mean(saved), 20, 50)" } }
        contract: { fee: { term: fee, amount: price, clock: { measured: year } } }
        """,
        saved="100, 200, 200 EUR/month",
    )
    assert found.loc["fee paid"].tolist() == [480.0, 360.0, 600.0]


def test_the_contract_ends_with_the_year_that_is_not_renewed_and_pays_what_is_not_recovered() -> None:
    """Bought for 600 over six years; not renewed with the second year: a half of the 400 that are left is paid."""
    written = """
    lifecycle: { renewed: { by: customer, starts: 1, every: year, when: total(saved) >= 90, becomes: 1, otherwise: 0 } }
    contract:
      fee: { term: fee, amount: 100 EUR per year }
      out: { term: termination, when: renewed < 1, unrecovered: { costs: [plant], share: 50% } }
    costs: { plant: { amount: 600 EUR, at: start, layer: capital, straight_line: 6 years } }
    """
    found = settled(written, saved="100, 80, 100, 100 EUR/year")
    assert found.loc["fee paid"].tolist() == [100.0, 100.0, 0.0, 0.0]
    assert found.loc["out paid"].tolist() == pytest.approx([0.0, 200.0, 0.0, 0.0])


def test_a_renewal_that_asks_what_was_paid_needs_notice() -> None:
    """In month 11 what has been paid is held against what was saved; the contract ends with month 12."""
    written = """
    calendar: {{ start: 2027-01, step: month, year: contract, stub_years: full }}
    lifecycle:
      renewed: {{ by: customer, starts: 1, at: [11 months], when: total(saved) >= paid(fee), becomes: 1, otherwise: 0 }}
    contract:
      fee: {{ term: fee, amount: 10 EUR per month }}
      out: {{ term: termination, when: renewed < 1{notice} }}
    """
    with pytest.raises(gainsim.ScenarioError, match="known only when the period is over\\. Write a notice of one period"):
        settled(written.format(notice=""), saved=", ".join(["9"] * 14) + " EUR/month")
    paid = settled(written.format(notice=", notice: 1 month"), saved=", ".join(["9"] * 14) + " EUR/month").loc["fee paid"]
    assert paid.tolist() == [10.0] * 12 + [0.0] * 2
    kept = settled(written.format(notice=", notice: 1 month"), saved=", ".join(["10"] * 14) + " EUR/month").loc["fee paid"]
    assert kept.tolist() == [10.0] * 14


@pytest.mark.parametrize("after, sites", [("", [3, 3, 4, 4, 5, 5]), (", after: 6 months", [3, 3, 3, 3, 4, 4])])
def test_it_may_start_with_what_a_driver_says(after: str, sites: list[int]) -> None:
    found = settled(
        f"""
        calendar: {{ start: 2027-01, step: quarter, year: contract, stub_years: full }}
        drivers: {{ size: {{ control: customer, unit: site, constant: 3 }} }}
        lifecycle: {{ sites: {{ by: customer, starts: size, every: half_year, becomes: sites + 1{after} }} }}
        contract: {{ fee: {{ term: fee, amount: 1 EUR/site/quarter * sites + 0 EUR per quarter * use }} }}
        """,
        use="0, 0, 0, 0, 0, 0",
    )
    assert found.loc["sites"].tolist() == sites


def test_a_step_in_sees_what_a_decision_has_become() -> None:
    """At the end of the second period the alarm is decided, and notice given: it is stepped in from the third on."""
    found = settled(
        """
        lifecycle: { alarm: { by: customer, starts: 0, every: period, when: total(use) > 5, becomes: 1, otherwise: 0 } }
        contract:
          fee: { term: fee, amount: 10 EUR per year, active_while: desk < 1 }
          desk: { term: step_in, when: alarm > 0, lasts: 1 year }
        """,
        use="1, 6, 1, 1",
    )
    assert found.loc["alarm"].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert found.loc["desk.stepped in"].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert found.loc["fee paid"].tolist() == [10.0, 10.0, 0.0, 10.0]


def test_actuals_give_what_has_a_chance() -> None:
    """In the row of the last year stands what its end decided: 0."""
    scenario = gainsim.load_text(OFFER.format(lifecycle=RENEWED, contract=NOT_RENEWED, years=4, step="year", fee="7 EUR per year"))
    rows = pd.DataFrame({"settlement": [1, 2, 3, 4], "renewed": [1, 1, 0, 1]})
    paid = gainsim.settle(scenario, rows).paid
    assert paid[paid["term"] == "fee"]["amount"].tolist() == [7.0, 7.0, 7.0, 0.0]
    with pytest.raises(gainsim.DataError, match="no column 'renewed'"):
        gainsim.settle(scenario, rows.drop(columns="renewed"))


@pytest.mark.parametrize("chance, years", [("50%", 8), ("49.9%", 1)])
def test_in_the_base_case_it_is_taken_from_a_half_on(chance: str, years: int) -> None:
    base, rows = offer(RENEWED.replace("80%", chance), NOT_RENEWED).loaded.model.base
    fees = [amount for amount, (_, line) in zip(rows, base.program.rows, strict=True) if base.lines[line].name == "fee.amount"]
    assert sum(fees) == 100.0 * years


def test_nothing_is_asked_once_the_contract_has_ended() -> None:
    written = RENEWED + "\n  sites: { by: customer, starts: 1, every: year, becomes: sites + 1 }"
    model = offer(written, NOT_RENEWED)
    for path in range(20):
        rows = amounts(model, path)
        years = sum(rows["renewed"])
        assert rows["sites"] == [float(n + 1) if n < years else 0.0 for n in range(8)]
        assert sum(rows["sites.asked"]) == min(years, 7)


# --- the promises ----------------------------------------------------------------------------------------------------

EVERYTHING = """  renewed: { by: customer, starts: 1, every: year, when: sites > 0, becomes: 1, otherwise: 0,
             chance: "logistic((total(saving) - 1_000 EUR) / 200 EUR)" }
  sites: { by: customer, starts: 25%, every: quarter, chance: 60%, becomes: "min(sites + 25%, 100%)", after: 2 months }
  price: { by: both, starts: size, every: month, over: year, when: paid(fee) < total(saving), chance: 30%,
           becomes: price * 1.05 }"""
FEE = "price * sites"
SIZE = "\n  size: { control: nobody, unit: EUR/month, drawn: once, central: mean, uniform: { low: 90, high: 130 } }"


def everything() -> gainsim.Offer:
    text = OFFER.replace("lifecycle:", SIZE.replace("{", "{{").replace("}", "}}").lstrip("\n") + "\nlifecycle:", 1)
    return gainsim.load_text(text.format(lifecycle=EVERYTHING, contract=NOT_RENEWED, years=4, step="month", fee=FEE))


def test_same_bits_for_threads_and_both_runners_and_a_path_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    written = everything()
    one, two = (run_of(written, 3_000, threads=threads) for threads in (1, 2))
    few = run_of(written, 500)
    monkeypatch.setattr(cells, "FEW", 10**9)
    arrays = run_of(written, 3_000, threads=1)
    for part in ("total", "npv", "bound", "cash", "row_mean"):
        assert (getattr(one, part) == getattr(two, part)).all(), part
        assert (getattr(one, part) == getattr(arrays, part)).all(), part
    assert (one.total[:, :500] == few.total).all(), "more paths keep the earlier ones"
    for path in (0, 7, 499, 2_999):
        alone = amounts(written, path)
        for number, line in enumerate(one.rows.lines):
            if line.role == "decision" and not line.step:
                continue  # what it is: told in every period of a path, and in the crowd where it may change
            assert sum(alone[line.name]) == pytest.approx(one.total[number, path], rel=1e-12, abs=1e-12)


def test_another_decision_changes_no_draw_of_this_one() -> None:
    more = RENEWED + "\n  other: { by: nobody, starts: 0, every: year, chance: 50%, becomes: 1 }"
    alone, beside = (run_of(offer(each, NOT_RENEWED), 500) for each in (RENEWED, more))
    names: list[Mapping[str, int]] = [{line.name: n for n, line in enumerate(run.rows.lines)} for run in (alone, beside)]
    assert (alone.total[names[0]["renewed"]] == beside.total[names[1]["renewed"]]).all()


def test_a_chance_beyond_1_ends_the_run() -> None:
    written = RENEWED.replace("80%", "total(saving) / 1_300 EUR")
    with pytest.raises(gainsim.DataError, match=r"the chance 'total\(saving\) / 1_300 EUR' lies outside 0 to 1 .*: it is 1\.\d+;"):
        run_of(offer(written, NOT_RENEWED), 50)


# --- what is said of it ----------------------------------------------------------------------------------------------


def test_the_share_after_the_first_deal_is_the_retention_rate() -> None:
    """Of n yearly terms with a retention r: (r - r^n) / (1 - r^n), which for many of them is r. Nothing is discounted."""
    for retention, years in (("80%", 8), ("72%", 40), ("93%", 60)):
        r = float(retention.rstrip("%")) / 100
        written = offer(RENEWED.replace("80%", retention), NOT_RENEWED, years=years)
        found = gainsim.simulate(written, paths=PATHS, seed=3).measures["after_first_deal"]
        assert found.standard_error < 0.003
        assert near(found.value, found.standard_error, (r - r**years) / (1 - r**years))
    assert abs((0.72 - 0.72**40) / (1 - 0.72**40) - 0.72) < 1e-5


def test_what_is_bought_for_the_first_deal_counts_in_the_contribution() -> None:
    """Fees of 100 and a cost of 60 at the start, renewed for certain: (300 - 0) / (400 - 60) of the contribution comes later."""
    renewed = RENEWED.replace("80%", "100%")
    text = OFFER.format(lifecycle=renewed, contract=NOT_RENEWED, years=4, step="year", fee="100 EUR per year")
    found = gainsim.simulate(gainsim.load_text(text + "costs: { set_up: { amount: 60 EUR, at: start } }\n"), paths=40, seed=3)
    assert found.measures["after_first_deal"].value == pytest.approx(0.75)
    assert found.measures["contribution_after_first_deal"].value == pytest.approx(300 / 340)


def test_without_a_decision_that_may_end_it_nothing_comes_after_the_first_deal() -> None:
    written = offer("  sites: { by: customer, starts: 1, every: year, becomes: sites + 1 }", fee="1 EUR per year * sites")
    result = gainsim.simulate(written, paths=40, seed=3)
    assert result.measures["after_first_deal"].value == 0.0
    assert "after the first deal" not in str(result)


def test_the_page_and_the_data_tell_the_lifecycle() -> None:
    """Two years, renewed with 80%; sites of 1, with the first year's end 2: what has become by a year's end is told."""
    written = offer(RENEWED + "\n  sites: { by: customer, starts: 1, every: year, becomes: 2 }", NOT_RENEWED, years=2)
    result = gainsim.simulate(written, paths=PATHS, seed=3)
    told = result.to_json()["lifecycle"]
    assert told["begun"]["2027"] == 1.0
    assert near(told["begun"]["2028"], 0.4 / math.sqrt(PATHS), 0.8)
    assert told["decisions"]["renewed"]["asked"] == {"2027": 1.0, "2028": 0.0}
    assert told["decisions"]["renewed"]["taken"]["2027"] == pytest.approx(told["begun"]["2028"])
    assert told["decisions"]["sites"]["value"] == {"2027": 2.0, "2028": None}
    renewed = told["decisions"]["renewed"]
    assert renewed["value"] == {"2027": told["begun"]["2028"], "2028": None}  # the renewal rate; nobody asks in the last year
    assert renewed["unit"] == "%"  # of a yes or no, the share of futures on which it is yes
    assert told["begun"]["2028"] == round(told["begun"]["2028"] * PATHS) / PATHS
    page = str(result)
    rows = {line[:34].strip(): line[34:].split() for line in page.splitlines()}
    often = f"{100 * told['begun']['2028']:.1f}%"
    assert rows["futures on which the year is begun"] == ["100.0%", often]
    assert rows["renewed, at the year's end"] == [often, "."]


def test_a_path_tells_its_decisions_line_by_line() -> None:
    """The draw that is told decides, and what it becomes is what it is in the period that is named."""
    sites = """  sites: { by: customer, starts: 1, every: quarter, when: total(saving) > 290, chance: 40%,
           becomes: sites + 1, after: 1 month }"""
    written = offer(sites, years=1, step="month", fee="1 EUR per month * sites")
    seen = set()
    for path in range(30):
        rows = dict.fromkeys(("sites", "sites.taken", "sites.drawn", "sites.becomes", "sites.when holds"), ())
        model = written.loaded.model.told
        values = statement(model, path, 3)
        by_line: dict[str, dict[int, float]] = {name: {} for name in rows}
        for (t, line), amount in zip(model.program.rows, values, strict=True):
            if model.lines[line].name in by_line:
                by_line[model.lines[line].name][t] = float(amount)
        for t in (2, 5, 8):
            holds, drawn = by_line["sites.when holds"][t] > 0.5, by_line["sites.drawn"][t]
            taken = holds and drawn < 0.4
            assert by_line["sites.taken"][t] == float(taken)
            assert by_line["sites"][t + 2] == by_line["sites"][t + 1] + taken
            assert by_line["sites.becomes"][t] == by_line["sites"][t + 2]
            text = settlement_text.statement(model, values, t + 1)
            now = f"{by_line['sites'][t]:g}"
            if not holds:
                said = f"decision sites  {now}; asked, its condition does not hold: not taken; it stays so"
            else:
                how = f"asked, its condition holds, with a chance of 40.0% and {drawn:.4f} drawn"
                since = ["2027-05", "2027-08", "2027-11"][t // 3]
                then = f"taken; {int(now) + 1} from {since} on" if taken else "not taken; it stays so"
                said = f"decision sites  {now}; {how}: {then}"
            assert said in text
            seen.add((holds, taken))
    assert seen == {(False, False), (True, False), (True, True)}


def test_a_statement_tells_decisions_in_their_units_and_none_after_the_end() -> None:
    """Not renewed with the first of four years: the others are one stretch of nothing, but for what the last one adds up."""
    price = "  price: { by: both, starts: 100 EUR per year, every: year, becomes: 120 }"
    part = "  part: { by: both, starts: 25%, every: year, becomes: 50% }"
    when = "active_while: renewed > 1, clock: { measured: year }"
    steps = "steps: [{ share: { below 0: 0%, above: 50% } }]"
    contract = f"  idle: {{ term: sharing, of: total(saving), {when}, {steps} }}\n{NOT_RENEWED}"
    model = offer("\n".join([RENEWED.replace("80%", "0%"), price, part]), contract, years=4, fee="price").loaded.model.told
    text = settlement_text.statement(model, statement(model, 0, 3))
    assert "decision price    100.00 EUR/year; asked: taken; 120.00 EUR/year from 2028 on" in text
    assert "decision part     25.0%; asked: taken; 50.0% from 2028 on" in text
    assert text.count("decision price") == 1
    assert "0.00 is paid under idle." in text
    assert "idle.gain" not in text  # the term does not stand, whatever there was to share
    assert "2028 to 2029 (periods 2 to 3): every line is 0.00." in text
    assert text.splitlines()[-2:] == [
        "2030 (period 4): every line is 0.00.",
        "after the first deal  revenue 0.00 EUR, contribution 0.00 EUR; over the whole life, counted above already",
    ]


def test_the_base_case_tells_what_is_decided_without_chance() -> None:
    """A chance of 45% is below a half: who decides stays with 25%, and the contract is renewed no more."""
    part = "  part: { by: both, starts: 25%, every: year, chance: 45%, becomes: 50% }"
    written = offer("\n".join([RENEWED.replace("80%", "45%"), part]), NOT_RENEWED, years=2)
    text = base_page(settle_base(written.loaded.model))
    rows = {label: cells for label, *cells in (line.rsplit(maxsplit=2) for line in text.splitlines() if line.count("  "))}
    assert rows["renewed, at the year's end"] == ["0.0%", "."]
    assert rows["renewed, taken when asked"] == ["never", "."]
    assert rows["part, at the year's end"] == ["25.0%", "."]
    assert "A decision with a chance is taken here where its chance is 50% or more." in text
    lost = settle_base(offer("  {}", fee="-1 EUR per year").loaded.model)
    assert "No payback, median: the cash does not come back." in base_page(lost)  # one path is no share of paths


def test_an_end_that_is_sure_is_said_as_one() -> None:
    """Ended on all of 300 futures: on more than 99% of all, as three in n may yet be otherwise."""
    result = gainsim.simulate(offer(RENEWED.replace("80%", "0%"), NOT_RENEWED, years=2), paths=300, seed=3)
    assert "On more than 99.0% of the futures the contract ends early" in str(result)


def test_a_decision_that_is_never_taken_is_told() -> None:
    written = offer("  sites: { by: customer, starts: 1, every: year, when: total(saving) > 9_000, becomes: 2 }", years=3)
    result = gainsim.simulate(written, paths=40, seed=3)
    assert "sites is never taken: it is decided so on none of 40 paths." in result.summary.checks
    assert not any("never taken" in check for check in gainsim.simulate(offer(RENEWED), paths=400, seed=3).summary.checks)


def test_the_report_shows_the_rules_and_what_came_of_them() -> None:
    sites = """  sites: { by: customer, starts: 25%, every: quarter, first: 6 months, chance: 40%,
           becomes: "min(sites + 25%, 100%)" }"""
    result = gainsim.simulate(offer(sites, years=2, step="quarter", fee="100 EUR per quarter * sites"), paths=100, seed=3)
    page = render(result.summary, None, date(2027, 1, 1))
    assert 'id="lifecycle"' in page
    assert "<code>every quarter, not before 6 months</code>" in page
    assert "<code>min(sites + 25%, 100%)</code>" in page
    assert 'id="lifecycle"' not in render(gainsim.simulate(offer("  {}"), paths=10).summary, None, date(2027, 1, 1))


# --- beside everything else ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sampling", ["latin_hypercube", "sobol", "antithetic"])
def test_other_ways_of_drawing(sampling: str) -> None:
    """Decisions are drawn as drivers are: as many are renewed as the chance says, and a path alone is the same to the bit."""
    written = offer(RENEWED, NOT_RENEWED, years=4)
    model = written.loaded.model
    run = simulate_model(model, 4_096, 3, sampling=sampling)
    means, _ = by_period(run, "renewed")
    assert np.allclose(means, [1.0, 0.8, 0.64, 0.512], atol=0.03)
    alone = statement(model, 4_000, 3, sampling, 4_096)
    fees = [a for a, (_, line) in zip(alone, model.program.rows, strict=True) if model.lines[line].name == "fee.amount"]
    assert sum(fees) == run.total[[line.name for line in run.rows.lines].index("fee.amount"), 4_000]


def test_an_offer_has_a_decision_of_its_own_on_the_same_draws() -> None:
    """Who renews with 70% renews with 90% on the same future too."""
    more = """offers:
  dear: { contract: { fee: { term: fee, amount: 120 EUR per year } } }
  cheap: { lifecycle: { renewed: { by: customer, starts: 1, every: year, chance: 90%, becomes: 1, otherwise: 0 } } }
"""
    text = OFFER.format(
        lifecycle=RENEWED.replace("80%", "70%"), contract=NOT_RENEWED, years=5, step="year", fee="100 EUR per year"
    )
    offers = {name: gainsim.load_text(text + more, offer=name) for name in ("dear", "cheap")}
    years = {name: run_of(each, 2_000) for name, each in offers.items()}
    lasted = {name: run.total[[line.name for line in run.rows.lines].index("renewed")] for name, run in years.items()}
    assert (lasted["cheap"] >= lasted["dear"]).all()
    assert lasted["cheap"].mean() > lasted["dear"].mean() + 0.5


def test_control_variates_leave_every_line_as_it_is() -> None:
    written = everything()
    plain = simulate_model(written.loaded.model, 500, 3)
    adjusted = simulate_model(written.loaded.model, 500, 3, control_variates=True)
    assert (plain.total == adjusted.total).all()


def test_drivers_alone_know_no_contract_and_decisions_stay_as_they_start() -> None:
    text = OFFER.replace("lifecycle:", "value: {{ twice: 2 * sites }}\nlifecycle:", 1)
    sites = "  sites: { by: customer, starts: 3, every: year, becomes: sites + 1 }"
    one = gainsim.load_text(text.format(lifecycle=sites, contract="", years=3, step="year", fee="1 EUR per year * twice"))
    world = build_world(one.loaded.scenario)
    facts, _ = realise(world, Philox(world.plan(2, 1)), np.arange(2, dtype=np.uint64), range(3))
    assert (facts["twice"] == 6.0).all()
    assert amounts(one)["fee.amount"] == [6.0, 8.0, 10.0]


CERTAIN = """  sites: { by: customer, starts: 1, every: year, over: life, when: total(saving) >= paid(fee), after: 2 months,
           becomes: sites + 1 }
  stays: { by: customer, starts: 1, at: [29 months], when: total(saving) < 3 * paid(fee), becomes: 0 }"""


def by_rule() -> gainsim.Offer:
    out = "  out: { term: termination, when: stays < 1, notice: 1 month }"
    return gainsim.load_text(OFFER.format(lifecycle=CERTAIN, contract=out, years=3, step="month", fee="40 EUR per month * sites"))


def test_actuals_settled_in_two_parts_are_settled_as_one() -> None:
    """A decision without a chance is reckoned from what was measured; what it waits for is kept between settlements."""
    rows = pd.DataFrame({"settlement": range(1, 37), "saving": [100.0 - n for n in range(36)]})
    whole = gainsim.settle(by_rule(), rows).lines
    first = gainsim.settle(by_rule(), rows[:13])
    rest = gainsim.settle(by_rule(), rows[13:], opening=first.closing)
    parts = pd.concat([first.lines, rest.lines], ignore_index=True)
    assert parts["amount"].tolist() == whole["amount"].tolist()
    sites = whole[whole["line"] == "sites"]["amount"].tolist()
    # After a year 1,134 have been saved and 480 paid; what was decided then holds from month 15 on. After two years
    # 2,124 have been saved, and 14 × 40 + 10 × 80 = 1,360 paid: three sites from month 27 on. In month 29 it is
    # 2,494 against 3 × 1,880; the contract ends with month 30.
    assert sites == [1.0] * 14 + [2.0] * 12 + [3.0] * 4 + [0.0] * 6


def test_the_column_of_a_yes_or_no_is_asked_for_and_says_1_or_0() -> None:
    written = offer(RENEWED, NOT_RENEWED, years=2)
    facts = pd.DataFrame({"settlement": [1, 2], "saving": [100.0, 100.0]})
    reason = "A decision that has a chance is a fact: write in each row what it was in that period, at first 1."
    with pytest.raises(gainsim.DataError, match=reason):
        gainsim.settle(written, facts)
    with pytest.raises(gainsim.DataError, match=r"neither yes nor no\. Write 1 for yes, 0 for no"):
        gainsim.settle(written, facts.assign(renewed=[1, 2]))


def test_a_column_takes_the_place_of_the_rule() -> None:
    rows = pd.DataFrame({"settlement": range(1, 37), "saving": 100.0, "sites": [2] * 36})
    paid = gainsim.settle(by_rule(), rows).paid
    assert paid[paid["term"] == "fee"]["amount"].tolist()[:12] == [80.0] * 12


def test_a_decision_that_nothing_reads_is_told() -> None:
    assert "nothing reads 'renewed': it moves no money." in offer(RENEWED).loaded.notes
    assert not any("renewed" in note for note in offer(RENEWED, NOT_RENEWED).loaded.notes)


@pytest.mark.parametrize(
    ("decision", "firm"),
    [
        ("renewed: { by: customer, starts: 1, every: year, chance: 80%, becomes: 1, otherwise: 0 }", 12),
        ("renewed: { by: customer, starts: 1, every: year, first: 24 months, chance: 80%, becomes: 1, otherwise: 0 }", 24),
        ("renewed: { by: customer, starts: 1, every: quarter, chance: 80%, becomes: 1, otherwise: 0, after: 3 months }", 6),
    ],
)
def test_what_comes_before_the_first_decision_is_committed(decision: str, firm: int) -> None:
    """100 a month until it may first end the contract; what is renewed later, and a fee per unit of a drawn volume, is not."""
    text = f"""
gainsim: 1
title: a firm beginning
currency: EUR
calendar: {{ start: 2027-01, years: 3, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  volume: {{ control: customer, unit: t/month, drawn: each period, central: mean, uniform: {{ low: 1, high: 3 }} }}
lifecycle:
  {decision}
contract:
  fee: {{ term: fee, amount: 100 EUR per month }}
  per_unit: {{ term: fee, amount: 5 EUR/t * volume }}
  left: {{ term: termination, when: renewed < 1 }}
"""
    found = gainsim.simulate(gainsim.load_text(text), paths=400, seed=3).measures
    assert found["tcv"].value == pytest.approx(100.0 * firm)
    assert found["expected_variable_revenue"].value == pytest.approx(found["expected_revenue"].value - 100.0 * firm)
