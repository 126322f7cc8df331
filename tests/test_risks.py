"""Risk registers: figures by hand, the same futures as in a scenario, and what is wrong with a file."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner
from scipy import stats

import gainsim
from gainsim.cli.main import cli
from gainsim.contingency import contingency
from gainsim.errors import DataError
from gainsim.register import read_register
from gainsim.text.register import fragment

HEAD = "risk,owner,control,probability,low,likely,high,hits,from,to,lasts,mitigation,mitigation_cost,probability_after,low_after\n"
LATE = "Spare parts late,Supply,supplier,30%,20000,40000,120000,,0,24,,Second source,6000,10%,\n"
CRISIS = "Energy crisis,,nobody,10%,20%,50%,110%,price,0,24,9,,,,\n"


def written(folder: Path, *rows: str, head: str = HEAD) -> Path:
    file = folder / "register.csv"
    file.write_text(head + "".join(rows), encoding="utf-8")
    return file


def test_one_risk_by_hand(tmp_path: Path) -> None:
    """30% of a PERT from 20,000 over 40,000 to 120,000, whose mean is 50,000; of the total, P80 is its own third."""
    found = contingency(read_register(written(tmp_path, LATE)), paths=200_000)
    assert found.before.exact == pytest.approx(0.3 * 50_000)
    assert found.after.exact == pytest.approx(0.1 * 50_000)
    assert found.spent == 6_000
    pert = stats.beta(1 + 4 * 0.2, 1 + 4 * 0.8, loc=20_000, scale=100_000)
    for name, p in (("p80", 1 - 0.2 / 0.3), ("p95", 1 - 0.05 / 0.3)):
        quantile = found.before.quantiles[name]
        assert abs(quantile.value - pert.ppf(p)) <= 4 * quantile.standard_error
        assert quantile.standard_error < 0.005 * quantile.value
    assert found.before.quantiles["p50"].value == 0.0
    assert found.after.quantiles["p80"].value == 0.0  # it comes in one future of ten
    assert found.relief.value == pytest.approx(-found.before.quantiles["p80"].value)


def test_what_a_risk_of_a_driver_costs_to_avoid_is_not_set_against_what_other_risks_save(tmp_path: Path) -> None:
    hedged = CRISIS.replace("9,,,,", "9,Hedge,90000,5%,")
    file = written(tmp_path, LATE, hedged)
    assert contingency(read_register(file), paths=1_000).spent == 6_000
    page = CliRunner().invoke(cli, ["risks", str(file), "--paths", "1000"]).output
    assert "On average the measures are worth their cost: 4,000 EUR a contract." in page


def test_a_cost_that_is_certain_if_it_comes(tmp_path: Path) -> None:
    """By hand: in three futures of ten 1,000, in the others nothing."""
    risks = read_register(written(tmp_path, "Fine,,,30%,1000,1000,1000,,,,,,,,\n"))
    found = contingency(risks, paths=10_000)
    assert (found.before.exact, found.before.quantiles["p80"].value, found.before.quantiles["p50"].value) == (300.0, 1_000.0, 0.0)
    assert "size: 1_000," in fragment(risks, "EUR", mitigated=False)


def test_a_reserve_of_nothing_is_said_in_words(tmp_path: Path) -> None:
    rare = written(tmp_path, "Rare,,,10%,1,4,9,,,,,Look out,1,5%,\n")
    page = CliRunner().invoke(cli, ["risks", str(rare), "--paths", "1000"]).output
    assert "Eight futures of ten need no contingency: in them nothing comes; after the measures 0.\n" in page


def test_where_nothing_is_done_nothing_is_said_of_measures(tmp_path: Path) -> None:
    page = CliRunner().invoke(cli, ["risks", str(written(tmp_path, "A,,,30%,1,4,9,,,,,,,,\n")), "--paths", "1000"]).output
    assert "suffices in eight futures of ten.\n" in page
    assert "measures" not in page


def test_several_risks_add_up(tmp_path: Path) -> None:
    """Ten risks of 10% each and of nearly 100: the total is a binomial number of them."""
    rows = [f"Number {n},,,10%,99.99,100,100.01,,,,,,,,\n" for n in range(10)]
    found = contingency(read_register(written(tmp_path, *rows)), paths=100_000)
    law = stats.binom(10, 0.1)
    for name, p in (("p50", 0.5), ("p80", 0.8), ("p95", 0.95)):
        assert found.before.quantiles[name].value == pytest.approx(100 * law.ppf(p), abs=0.1)


OFFER = """
gainsim: 1
title: With its risks
currency: EUR
calendar: {{ start: 2027-01, years: 3, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
run: {{ paths: 20_000, seed: 1 }}
{drivers}
  price: {{ unit: EUR/month, control: nobody, central: mean, constant: 1_000 }}
contract:
  fee: {{ term: fee, amount: 9_000 EUR per month, clock: {{ paid: 30 days }} }}
{costs}
  energy: {{ amount: price }}
"""


@pytest.mark.parametrize("mitigated", [False, True])
def test_the_fragment_is_the_register_in_a_scenario(tmp_path: Path, mitigated: bool) -> None:
    risks = read_register(written(tmp_path, LATE, CRISIS))
    drivers, costs = fragment(risks, "EUR", mitigated=mitigated).split("costs:")
    text = OFFER.format(drivers=drivers.rstrip(), costs=f"costs:{costs.rstrip()}")
    result = gainsim.simulate(gainsim.load_text(text))
    cost = result.measures["expected_cost"]
    spare = (0.1 * 50_000 + 6_000) if mitigated else 0.3 * 50_000
    # the crisis: 10%, half as dear again and more (mean 55%), for 9 of 36 months, cut off where it begins late
    months = 9 - 0.5 * 9 * max(24 + 9 - 36, 0) / 24
    energy = 36 * 1_000 + 0.1 * 0.55 * months * 1_000
    assert abs(-cost.value - spare - energy) <= 4 * cost.standard_error + 1e-6
    assert cost.standard_error < 0.02 * abs(cost.value)


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        (("A,,,30%,5,4,9,,,,,,,,\n",), HEAD, "row 2, column low: write low <= likely <= high"),
        (("A,,,130%,1,4,9,,,,,,,,\n",), HEAD, "row 2, column probability"),
        (("A,,,,1,4,9,,,,,,,,\n",), HEAD, "row 2, column probability"),
        (("A,,,3%,1,4,x,,,,,,,,\n",), HEAD, "row 2, column high: 'x' is not a number"),
        (("A,,boss,3%,1,4,9,,,,,,,,\n",), HEAD, "'boss' controls no risk"),
        (("A,,,3%,1,4,9,,9,3,,,,,\n",), HEAD, "row 2, column to: 3 lies before the month 9"),
        (("A,,,3%,1,4,9,,,,,,500,,\n",), HEAD, "row 2, column mitigation_cost: no mitigation is named"),
        (("A,,,3%,1,4,9,,,,,,,1%,\n",), HEAD, "row 2, column probability_after: no mitigation is named"),
        (("A,,,3%,1,4,9,,,,,Look,-5,,\n",), HEAD, "row 2, column mitigation_cost: -5 would be paid to us"),
        (("A,,,3%,5%,10%,20%,,,,,,,,\n",), HEAD, "row 2, column low: a percentage is a part of a driver"),
        ((LATE, LATE), HEAD, "row 3, column risk: 'Spare parts late' stands in row 2 already"),
        ((LATE, "\n", LATE), HEAD, "row 4, column risk: 'Spare parts late' stands in row 2 already"),
        ((LATE, LATE.replace("parts ", "parts: ")), HEAD, "would be the driver risk_spare_parts_late, as 'Spare parts"),
        (("A,,,3%,1,4,9,,-3,3,,,,,\n",), HEAD, "row 2, column from: -3 lies before the contract's start"),
        (("A,,,3%,1,,9,,,,,,,,\n",), HEAD, "register.csv has 1 problem"),
        ((), HEAD, "has no risks below its header"),
        (("A,3%\n",), "risk,probability\n", "no column 'low'. It is needed."),
        (("A,3%,1,2,3,x\n",), "risk,probability,low,likely,high,ownr\n", "Did you mean 'owner'?"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(tmp_path: Path, rows: tuple[str, ...], head: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read_register(written(tmp_path, *rows, head=head))
    assert said in str(caught.value)


def test_the_fragment_is_written_though_nobody_reads_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> str:
        raise BrokenPipeError

    monkeypatch.setattr("gainsim.text.register.page", gone)
    out = tmp_path / "risks.yaml"
    result = CliRunner().invoke(cli, ["risks", str(written(tmp_path, LATE)), "--paths", "1000", "--out", str(out)])
    assert isinstance(result.exception, BrokenPipeError)
    assert "drivers:" in out.read_text()


def test_the_command_prints_writes_and_refuses(tmp_path: Path) -> None:
    file, out = written(tmp_path, LATE, CRISIS), tmp_path / "fragment.yaml"
    run = CliRunner().invoke(cli, ["risks", str(file), "--paths", "5000", "--out", str(out)])
    assert run.exit_code == 0, run.output
    assert "Spare parts late" in run.output
    assert "suffices in eight futures of ten" in run.output
    assert "event: { chance: 0.3," in out.read_text("utf-8")
    found = json.loads(CliRunner().invoke(cli, ["risks", str(file), "--paths", "5000", "--json"]).output)
    assert found["schema"] == "gainsim/risks/1"
    assert math.isclose(found["before"]["expected"], 15_000)
    assert CliRunner().invoke(cli, ["risks", str(file), "--mitigated"]).exit_code != 0
