"""Offers against each other: what is different as they are written, for whom one is better, and how sure that is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from scipy.stats import norm

import gainsim
from gainsim.analyses import comparison_rows as rows
from gainsim.analyses.changed import Difference, differences, in_words
from gainsim.cli.main import cli
from gainsim.measures import Estimate
from gainsim.scenario.reading import read_text

PUMP = """
gainsim: 1
title: pump
currency: EUR
calendar: { start: 2027-01, years: 1, step: year, year: contract }
money: { discount_rate: 0% pa }
drivers:
  saving: { control: nobody, unit: EUR/year, central: mean, drawn: each period, normal: { mean: 100, sd: 40 } }
contract:
  fee: { term: fee, amount: 60 EUR per year }
  part:
    term: sharing
    of: saving
    clock: { measured: year }
    steps:
      - share: { below 0: 0%, above: 50% }
      - limit_payment: { floor: 0, cap: 80, per: settlement }
costs:
  people: { amount: 30 EUR per year }
customer:
  gains: { energy: saving }
limits:
  npv: { at_least: 10 }
"""


@pytest.fixture
def pump(tmp_path: Path) -> Path:
    file = tmp_path / "pump.yaml"
    file.write_text(PUMP, encoding="utf-8")
    return file


def between(other: str) -> tuple[Difference, ...]:
    return differences(read_text(PUMP, "one").data, read_text(other, "other").data)


def said(other: str) -> dict[str, list[str]]:
    return dict(in_words(between(other)))


def test_what_is_the_same_is_not_told() -> None:
    """Nor what moves nothing, or is spaced otherwise."""
    other = PUMP.replace("title: pump", "title: another\nabout: for the reader").replace("60 EUR per year", "60  EUR  per year")
    assert between(other) == ()


def test_a_changed_number_has_its_unit() -> None:
    other = PUMP.replace("cap: 80", "cap: 90_000").replace("sd: 40", "sd: 35").replace("0% pa", "8% pa")
    assert said(other) == {
        "Drivers": ["saving, normal, sd: 40 EUR/year → 35 EUR/year"],
        "Clauses": ["part, limit_payment, cap: 80 EUR → 90,000 EUR"],
        "Calendar and money": ["discount_rate: 0% pa → 8% pa"],
    }
    assert [each.path for each in between(other)][1] == ("contract", "part", "steps", 1, "limit_payment", "cap")


def test_what_has_come_and_gone_is_told() -> None:
    other = PUMP.replace("      - share:", "      - deadband: { below: 5, above: 5 }\n      - share:").replace(", floor: 0", "")
    other = other.replace("limits:\n  npv: { at_least: 10 }", "").replace("{ floor: 0, cap", "{ cap")
    assert said(other) == {
        "Clauses": ["part: { deadband: { below: 5, above: 5 } } (new)", "part, limit_payment, floor: 0 EUR → gone"],
        "Limits": ["npv: { at_least: 10 } → gone"],
    }


def test_a_term_by_another_name_is_told_once() -> None:
    other = PUMP.replace("  part:\n", "  gain_share:\n").replace("above: 50%", "above: 40%")
    assert said(other) == {"Clauses": ["part is called gain_share", "gain_share, share, above: 50% → 40%"]}
    assert between(other)[0] == Difference("renamed", ("contract", "gain_share"), "part", "gain_share")


def test_another_term_is_no_term_renamed() -> None:
    fee, bonus = "{ term: fee, amount: 60 EUR per year }", "{ term: payment, amount: 9, clock: { measured: year } }"
    assert said(PUMP.replace(f"  fee: {fee}", f"  bonus: {bonus}"))["Clauses"] == [f"fee: {fee} → gone", f"bonus: {bonus} (new)"]


def test_links_of_a_dependence_are_held_against_each_other() -> None:
    link = "  - { between: [saving, price], correlation: 0.5, of: innovations, kind: gaussian }\n"
    one, other = (read_text(f"drivers: {{}}\ndependence:\n{links}", "").data for links in (link, link.replace("0.5", "0.7") + link))
    assert dict(in_words(differences(one, other)))["Drivers"] == [
        "correlation: 0.5 → 0.7",
        "dependence: { between: [saving, price], correlation: 0.5, of: innovations, kind: gaussian } (new)",
    ]


def test_how_sure_a_sign_is() -> None:
    """By the distribution of a mean of many paths, and of few groups by Student's."""
    assert Estimate(1.5, 1.0).sign_is_right == pytest.approx(norm.cdf(1.5))
    assert Estimate(-1.5, 1.0).sign_is_right == pytest.approx(norm.cdf(1.5))
    assert Estimate(1.0, 1.0, degrees_of_freedom=1.0).sign_is_right == pytest.approx(0.75)  # Cauchy: 1/2 + atan(1) / π
    assert (Estimate(0.0, 0.0).sign_is_right, Estimate(0.0, 1.0).sign_is_right) == (0.5, 0.5)


def test_for_whom_a_version_is_better(pump: Path) -> None:
    """A cap of 30 instead of 80 on half of a normal gain: E[max(N(50, 20²) - 30, 0)], less the same beyond 80."""

    def beyond(edge: float) -> float:
        z = (edge - 50.0) / 20.0
        return float(20.0 * norm.pdf(z) + (50.0 - edge) * norm.sf(z))

    one = gainsim.load(pump)
    other = one.change(contract__part__steps__1__limit_payment__cap="30")
    found = gainsim.compare({"as is": gainsim.simulate(one, paths=20_000), "capped": gainsim.simulate(other, paths=20_000)})
    ours, theirs = rows.better_rows(found, "capped")
    less = found.difference("capped", "npv").estimate
    assert less is not None and abs(less.value - (beyond(80.0) - beyond(30.0))) <= 4.0 * less.standard_error
    low, high = less.interval()
    assert (ours[3], ours[4]) == (f"{low:+,.0f}", f"{high:+,.0f}")
    assert ours[5:] == ("above 99.99%", "0.0%")  # a lower cap is never better for us
    ahead = float(theirs[6].rstrip("%")) / 100.0  # and better for the customer wherever the cap binds: Φ(1) of the futures
    assert abs(ahead - norm.cdf(1.0)) <= 4.0 * np.sqrt(norm.cdf(1.0) * norm.sf(1.0) / 20_000) + 0.0005
    assert rows.better(found, "capped").startswith("capped is worse for us by ")
    assert "and better for the customer by " in rows.better(found, "capped")


def ran(*asked: object) -> Result:
    return CliRunner().invoke(cli, ["compare", *map(str, asked), "--paths", "200"])


def test_a_version_of_a_file_is_compared_with_it(pump: Path) -> None:
    versions = ("--with", "lower: contract.fee.amount=50 EUR per year", "--with", "lower: costs.people.amount=25 EUR per year")
    result = ran(pump, *versions, "--no-report")
    assert result.exit_code == 0, result.output
    assert "lower against pump, EUR" in result.output
    assert "- fee, amount: 60 EUR per year → 50 EUR per year" in result.output
    assert "lower is worse for us by 5 EUR, and better for the customer by 10 EUR." in result.output
    told = json.loads(ran(pump, *versions, "--no-report", "--json").output)
    assert told["differences"]["lower"]["npv"]["interval_95"] == pytest.approx([-5.0, -5.0])
    assert [each["key"] for each in told["different"]["lower"]] == ["contract.fee.amount", "costs.people.amount"]


def test_offers_that_come_to_the_same_are_not_told_apart(pump: Path) -> None:
    said = ran(pump, "--with", "same: contract.fee.amount=60 EUR per year", "--no-report").output
    assert "On average we earn the same with each, " in said and "the customer is as well off with each, " in said


def test_files_are_compared_by_their_names(pump: Path, tmp_path: Path) -> None:
    """Files of one name by where they lie; what both have in common meets the same futures."""
    other = tmp_path / "later" / "pump.yaml"
    other.parent.mkdir()
    other.write_text(PUMP.replace("60 EUR", "61 EUR").replace("title: pump", "title: pump, later"), encoding="utf-8")
    result = ran(pump, other, "--out", tmp_path / "page")
    assert result.exit_code == 0, result.output
    assert f"{other.with_suffix('')} is better for us by 1 EUR, and worse for the customer by 1 EUR." in result.output
    page = (tmp_path / "page" / "report.html").read_text(encoding="utf-8")
    assert "fee, amount: 60 EUR per year → 61 EUR per year" in page
    assert "the chance that the difference comes to this or less" in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ((), "there is one offer, and nothing to compare it with"),
        (("--with", "contract.fee.amount=5"), 'write "NAME: KEY=VALUE"'),
        (("--with", "pump: contract.fee.amount=5"), "there is an offer of this name already"),
        (("--with", "low: contract.fe.amount=5"), "Did you mean"),
        (
            ("--with", "low: contract.fee.amount=5 EUR per year, costs.people.amount=3 EUR per year"),
            'same name: --with "low: contract.fee.amount=5 EUR per year" --with "low: costs.people.amount=3 EUR per year".',
        ),
        (("--offer", "low"), "leave --offer out"),
        (("--with", "other: run.seed=3"), "all versions meet the same futures"),
    ],
)
def test_what_cannot_be_compared_is_refused(pump: Path, asked: tuple[str, ...], told: str) -> None:
    result = ran(pump, *asked, "--no-report")
    assert result.exit_code == 2 or result.exception is not None
    assert told in f"{result.output} {result.exception}"


def test_a_page_of_several_offers_says_what_is_different() -> None:
    offers: dict[str, Any] = dict(gainsim.load_offers("scenarios/deal_structures.yaml"))
    found = gainsim.compare({name: gainsim.simulate(each, paths=50) for name, each in offers.items()})
    text = gainsim.side_by_side(found)
    assert "- licence, structure: simple → staged" in text and "- roll_out, amount: 60,000 USD → 30,000 USD" in text
