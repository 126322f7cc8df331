"""How many futures end early, when, and by what: against what a chance a month comes to, and of one path."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import gainsim
from gainsim.cli.main import cli
from gainsim.text.base import base_page
from gainsim.text.offer import memo
from tests.test_exit import OFFER

PATHS = 20_000


def simulated(more: str, paths: int = PATHS) -> gainsim.Result:
    return gainsim.simulate(gainsim.load_text(OFFER.format(more=more, length="years: 3")), paths=paths, seed=5)


def test_a_chance_each_month() -> None:
    """Notice with 2% a month, a month ahead: it ends with month n, from 2 to 35, with the chance 2% × 0.98^(n - 2)."""
    result = simulated("  out: { term: termination, when: chance < 2%, notice: 1 month }")
    found = result.summary.early_end
    assert found is not None and found.months is not None
    by_month = {n: 0.02 * 0.98 ** (n - 2) for n in range(2, 36)}
    chance = sum(by_month.values())
    mean = sum(n * p for n, p in by_month.items()) / chance
    spread = sum((n - mean) ** 2 * p for n, p in by_month.items()) / chance
    told = found.chance.estimate
    assert told is not None
    assert told.standard_error == pytest.approx(math.sqrt(chance * (1 - chance) / PATHS), rel=0.02)
    assert abs(told.value - chance) < 4 * told.standard_error
    assert found.months.standard_error == pytest.approx(math.sqrt(spread / (chance * PATHS)), rel=0.03)
    assert abs(found.months.value - mean) < 4 * found.months.standard_error
    assert found.earliest == "2027-02"
    first = sum(p for n, p in by_month.items() if n <= 12)
    assert abs(found.by_year["2027"]["out"] - first) < 4 * math.sqrt(first / PATHS)


def test_the_first_of_two_that_ends_it_counts() -> None:
    """Certain ends: one after 20 months on every path, and another, by chance in the first two months, before it."""
    result = simulated(
        """  chosen: { term: termination, when: elapsed >= 20 months }
  failed: { term: termination, when: chance < 10%, active_while: elapsed <= 2 months }"""
    )
    found = result.summary.early_end
    assert found is not None and found.chance.estimate is not None and found.chance.estimate.value == 1.0
    shares = {name: share.estimate.value for name, share in found.by_term.items() if share.estimate is not None}
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert abs(shares["failed"] - 0.19) < 4 * math.sqrt(0.19 * 0.81 / PATHS)
    assert found.by_year["2027"]["chosen"] == found.by_year["2028"]["failed"] == 0.0
    page = memo(result.summary)
    assert "of the futures the contract ends early, on average after" in page
    assert "at the earliest with 2027-01." in page
    assert "= any" in page


def test_an_end_without_chance_is_said_of_the_base_case() -> None:
    text = OFFER.format(more="  out: { term: termination, when: elapsed >= 20 months }", length="years: 3")
    page = base_page(gainsim.base_case(gainsim.load_text(text)))
    assert "\nThe contract ends early, in 2028, by 'out'.\n" in page


def test_none_that_ends_early_is_said() -> None:
    result = simulated("  out: { term: termination, when: price < 0 EUR/MWh }", paths=100)
    assert "On none of 100 futures does the contract end early." in memo(result.summary)
    assert simulated("", paths=10).summary.early_end is None


FACTS = """
gainsim: 1
title: ended by what was measured
currency: EUR
calendar: { start: 2027-01, years: 1, step: month, year: contract }
money: { discount_rate: 0% pa }
facts: { use: MWh/month }
contract:
  fee: { term: fee, amount: 100 EUR per month }
  out: { term: termination, when: use < 5 MWh/month, notice: 1 month, payment: 40 EUR }
"""


def test_a_settlement_says_that_and_when_it_ended(tmp_path: Path) -> None:
    """Use falls below 5 in February: notice then, the end with March."""
    (tmp_path / "deal.yaml").write_text(FACTS, encoding="utf-8")
    (tmp_path / "a.csv").write_text("settlement,use\n1,9\n2,4\n3,9\n4,9\n", encoding="utf-8")
    given = ["settle", str(tmp_path / "deal.yaml"), "--actuals", str(tmp_path / "a.csv")]
    page = CliRunner().invoke(cli, given).stdout
    assert page.count("The contract ends early, with 2027-03, by 'out'.") == page.count("ends early") == 1
    (account,) = json.loads(CliRunner().invoke(cli, [*given, "--json"]).stdout)["accounts"]
    assert account["ended"] == {"settlement": "2027-03", "by": "out"}
    assert account["paid"] == 340.0
    (tmp_path / "a.csv").write_text("settlement,use\n1,9\n2,9\n", encoding="utf-8")
    (account,) = json.loads(CliRunner().invoke(cli, [*given, "--json"]).stdout)["accounts"]
    assert account["ended"] is None


TWO = """
  out: { term: termination, when: use < 5 MWh/month, notice: 1 month, payment: 40 EUR }
  at_once: { term: termination, when: use < 2 MWh/month }
  late: { term: termination, when: paid(fee) >= 900 EUR, over: life, notice: 2 months }
"""


@pytest.mark.parametrize(
    ("use", "by", "last"),
    [
        ([9, 4, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], "out", 3),  # notice in February, with the end of March
        ([9, 4, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9], "out", 3),  # March would end it too: the first written does
        ([9, 9, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9], "at_once", 3),
        ([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], "late", 11),  # 900 EUR are paid with September
    ],
)
def test_in_pieces_the_end_is_told_in_every_later_one(use: list[int], by: str, last: int) -> None:
    """Settled month by month: with the month in which it ends and in each one after it, not before it."""
    offer = gainsim.load_text(FACTS[: FACTS.index("  out:")] + TWO.lstrip("\n"))
    end = {"settlement": f"2027-{last:02d}", "by": by}
    closing = None
    for month, used in enumerate(use, start=1):
        settled = gainsim.settle(offer, pd.DataFrame({"settlement": [month], "use": [used]}), opening=closing)
        (account,) = settled.to_json()["accounts"]
        assert account["ended"] == (end if month >= last else None), month
        assert f"The contract has ended early, with 2027-{last:02d}, by '{by}'." in str(settled) or month <= last
        assert ("has ended early" in str(settled)) == (month > last)
        closing = settled.closing


def test_of_an_account_without_rows_that_it_has_ended_is_told() -> None:
    offer = gainsim.load_text(FACTS)
    rows = [(account, month, 4 if account == "a" else 9) for account in "ab" for month in (1, 2)]
    before = gainsim.settle(offer, pd.DataFrame(rows, columns=["account", "settlement", "use"]))
    after = gainsim.settle(offer, pd.DataFrame({"account": ["b"], "settlement": [3], "use": [9]}), opening=before.closing)
    ends = {account["account"]: account["ended"] for account in after.to_json()["accounts"]}
    assert ends == {"a": {"settlement": "2027-02", "by": "out"}, "b": None}


def test_what_is_quiet_is_folded(tmp_path: Path) -> None:
    """After the end every line is 0; before it a term without any payment is one line; data stay whole."""
    offer = gainsim.load_text(FACTS)
    settled = gainsim.settle(offer, pd.DataFrame({"settlement": range(1, 13), "use": [9, 4, *[9] * 10]}))
    page = str(settled)
    assert "2027-04 to 2027-12 (periods 4 to 12): every line is 0.00." in page
    assert page.count("out.payment") == 1
    assert len(settled.lines) == 12 * 3


def test_a_path_says_that_and_when_it_ended(tmp_path: Path) -> None:
    text = OFFER.format(more="  out: { term: termination, when: elapsed >= 18 months }", length="years: 3")
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    given = ["explain", str(tmp_path / "deal.yaml"), "--path", "3"]
    assert CliRunner().invoke(cli, given).stdout.count("The contract ends early, with 2028-06, by 'out'.") == 1
    assert json.loads(CliRunner().invoke(cli, [*given, "--json"]).stdout)["ended"] == {"period": 18, "by": "out"}
