"""Gates: what the clauses asked in a settlement, and how it came out; in data, on the page, and of a simulated path."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import gainsim
from gainsim.bridge import simulate_model, statement
from gainsim.cli.main import cli
from tests.scenarios.test_shipped import FOLDER

HEAD = """
gainsim: 1
title: Gates
currency: EUR
calendar: {{ start: 2027-01, months: {months}, step: month, year: contract, stub_years: full }}
money: {{ discount_rate: 0% pa }}
facts:
  gain: EUR/month
  uptime: fraction
  backlog: 1
contract:
"""


def settled(contract: str, *rows: tuple[float, float, float]) -> gainsim.Settlements:
    """A contract settled on months of (gain, uptime, backlog)."""
    offer = gainsim.load_text(HEAD.format(months=len(rows)) + contract)
    frame = pd.DataFrame(rows, columns=["gain", "uptime", "backlog"])
    frame.insert(0, "settlement", range(1, len(rows) + 1))
    return gainsim.settle(offer, frame)


def gates(found: gainsim.Settlements) -> list[dict[str, bool | None]]:
    """The gates of each settlement."""
    return [each["gates"] for each in found.to_json()["accounts"][0]["settlements"]]


def column(found: gainsim.Settlements, gate: str) -> list[bool | None]:
    """How one gate came out, settlement by settlement."""
    return [each[gate] for each in gates(found)]


@pytest.mark.parametrize("then", ["excess", "from_first"])
def test_a_threshold_is_reached_by_its_size_exactly(then: str) -> None:
    """A gain of 4,000 reaches 4,000. A pain is not asked for a threshold on the gain side."""
    contract = f"""
  share:
    term: sharing
    of: gain
    clock: {{ measured: month }}
    steps:
      - threshold: {{ at: 4_000, sides: gain, then: {then} }}
      - share: {{ below 0: 50%, above: 50% }}
"""
    found = settled(contract, (3_999.99, 1, 0), (4_000, 1, 0), (0, 1, 0), (-9_000, 1, 0))
    assert column(found, "share.threshold reached") == [False, True, False, None]
    assert set(gates(found)[0]) == {"share.threshold reached"}


def test_a_threshold_on_both_sides_says_which_one_is_reached() -> None:
    contract = """
  share:
    term: sharing
    of: gain
    clock: { measured: month }
    steps:
      - threshold: { at: 100, sides: both, then: from_first }
      - share: { below 0: 50%, above: 50% }
"""
    found = settled(contract, (100, 1, 0), (-100, 1, 0), (99, 1, 0), (0, 1, 0))
    assert column(found, "share.threshold of gain reached") == [True, None, False, False]
    assert column(found, "share.threshold of pain reached") == [None, True, None, False]


def test_a_quality_gate_that_cannot_be_told_is_not_missed() -> None:
    """Nothing was measured where the backlog is 0: 0 / 0 is no number, and no gain depends on it."""
    contract = """
  share:
    term: sharing
    of: gain
    clock: { measured: month }
    steps:
      - quality_gate: { when: mean(uptime) / mean(backlog) >= 98%, sides: gain }
      - share: { below 0: 50%, above: 50% }
"""
    found = settled(contract, (500, 0.98, 1), (500, 0.97, 1), (-500, 0, 0))
    assert column(found, "share.quality_gate holds") == [True, False, None]
    assert found.paid["amount"].tolist() == [250.0, 0.0, -250.0]


def test_what_a_payment_and_a_term_wait_for() -> None:
    """A bonus on uptime, while the backlog is at most 5; once a year, so that it holds in months that pay nothing."""
    contract = """
  bonus:
    term: payment
    amount: 1_000 EUR
    when: mean(uptime) >= 99%
    once_per: year
    active_while: backlog <= 5
    clock: { measured: month }
"""
    found = settled(contract, (0, 0.99, 5), (0, 0.995, 0), (0, 0.9, 5), (0, 0.999, 6))
    assert column(found, "bonus.when holds") == [True, True, False, None]
    assert column(found, "bonus.active_while holds") == [True, True, True, False]
    assert found.paid["amount"].tolist() == [1_000.0, 0.0, 0.0, 0.0]


def test_a_fee_stands_in_some_month_of_its_quarter() -> None:
    """A fee asks in each period and counts those in which it stands: 2 months of 3, then none."""
    contract = """
  fee:
    term: fee
    amount: 100 EUR per month
    active_while: backlog <= 5
    clock: { measured: quarter }
"""
    found = settled(contract, (0, 1, 0), (0, 1, 5), (0, 1, 6), (0, 1, 9), (0, 1, 9), (0, 1, 9))
    assert found.paid["amount"].tolist() == [200.0, 0.0]
    assert column(found, "fee.active_while holds") == [True, False]


def test_service_levels_are_met_or_missed_and_fail_critically() -> None:
    """The edge itself is met where it says below: 99%; a critical failure is one below 95%."""
    contract = """
  fee: { term: fee, amount: 1_000 EUR per month }
  sla:
    term: service_levels
    of: fee
    clock: { measured: month }
    at_risk: 10%
    levels:
      uptime:
        level: mean(uptime)
        credits: { below 99%: 50% }
        critical: { when: below 95%, credit: 80 EUR, pool: beside }
  credit:
    term: service_credits
    of: fee
    clock: { measured: month }
    level: mean(backlog)
    credits: { above 3: 5%, above 7: 10% }
"""
    found = settled(contract, (0, 0.99, 3), (0, 0.98, 4), (0, 0.949, 8))
    assert column(found, "sla.uptime met") == [True, False, False]
    assert column(found, "sla.uptime failed critically") == [False, False, True]
    assert column(found, "credit.level met") == [True, False, False]


def test_points_tell_which_level_was_missed() -> None:
    contract = """
  fee: { term: fee, amount: 1_000 EUR per month }
  points:
    term: service_points
    of: fee
    clock: { measured: month }
    levels:
      uptime: { level: mean(uptime), points: { below 99%: 1 } }
    counted: in the year
    table: part
tables:
  part: { whole: { up to 1: 0, above: 0.1 } }
"""
    assert column(settled(contract, (0, 0.99, 0), (0, 0.9, 0)), "points.uptime met") == [True, False]


def test_a_milestone_stays_reached() -> None:
    contract = """
  go_live: { term: milestone, reached: backlog <= 5, amount: 1_000 EUR }
  late:
    term: delay_damages
    reached: backlog <= 5
    due: 1 month
    rate: { amount: 10, per: month, begun: in full }
    clock: { measured: month }
"""
    found = settled(contract, (0, 1, 6), (0, 1, 5), (0, 1, 9))
    assert column(found, "go_live.reached") == column(found, "late.reached") == [False, True, True]
    assert found.paid.query("term == 'go_live'")["amount"].tolist() == [0.0, 1_000.0, 0.0]


CONTRACT = """
  share:
    term: sharing
    of: gain
    clock: { measured: month }
    steps:
      - threshold: { at: 100, sides: gain, then: excess }
      - quality_gate: { when: mean(uptime) >= 98%, sides: gain }
      - share: { below 0: 0%, above: 50% }
"""


def test_the_page_says_it_in_a_line() -> None:
    page = str(settled(CONTRACT, (300, 0.97, 0), (-300, 0.98, 0)))
    assert "\ngates of share  threshold reached; quality_gate does not hold\n" in page
    assert "\ngates of share  quality_gate holds\n" in page


def _files(tmp_path: Path, rows: str, corrected: str = "") -> list[str]:
    for name, text in (("deal.yaml", HEAD.format(months=1) + CONTRACT), ("a.csv", rows), ("b.csv", corrected)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return ["settle", str(tmp_path / "deal.yaml"), "--actuals", str(tmp_path / ("b.csv" if corrected else "a.csv"))]


def _ran(arguments: list[str]) -> str:
    done = CliRunner().invoke(cli, arguments)
    assert done.exception is None, done.exception
    return done.stdout


def test_gates_as_rows_of_a_file(tmp_path: Path) -> None:
    """1 where it held, 0 where it did not, nothing where it was not asked; no row of another role is touched."""
    given = _files(tmp_path, "account,gain,uptime\nx,300,0.97\ny,-300,1\n")
    table = list(csv.DictReader(io.StringIO(_ran([*given, "--csv", "-"]))))
    told = {(row["account"], row["line"]): row["amount"] for row in table if row["role"] == "gate"}
    assert told == {
        ("x", "share.threshold reached"): "1", ("x", "share.quality_gate holds"): "0",
        ("y", "share.threshold reached"): "", ("y", "share.quality_gate holds"): "1",
    }  # fmt: skip
    assert len({(row["account"], row["line"]) for row in table}) == len(table)


def test_gates_as_a_frame() -> None:
    """One row a gate, and no row of a line; a pain is not asked for the threshold."""
    contract = """
  share:
    term: sharing
    of: gain
    clock: { measured: month }
    steps:
      - threshold: { at: 100, sides: gain, then: excess }
      - share: { below 0: 50%, above: 50% }
"""
    frame = settled(contract, (300, 1, 0), (50, 1, 0), (-300, 1, 0)).gates
    assert frame["gate"].tolist() == ["share.threshold reached"] * 3
    assert frame["settlement"].tolist() == ["2027-01", "2027-02", "2027-03"]
    assert frame["holds"].tolist() == [True, False, None]


def test_a_restatement_says_which_gate_has_changed(tmp_path: Path) -> None:
    """Of a gain of 300 beyond 100 a half is 100, once the quality is said to have been kept."""
    given = _files(tmp_path, "gain,uptime\n300,0.97\n", "gain,uptime\n300,0.98\n")
    given += ["--restates", str(tmp_path / "a.csv")]
    assert [line.split() for line in _ran(given).splitlines() if line.startswith("share.quality_gate holds")] == [
        ["share.quality_gate", "holds", "no", "yes"]
    ]
    (settlement,) = json.loads(_ran([*given, "--json"]))["accounts"][0]["settlements"]
    assert settlement["gates"]["share.quality_gate holds"] is True
    assert settlement["earlier"]["gates"]["share.quality_gate holds"] is False
    assert settlement["difference"]["paid"] == 100.0
    row = next(row for row in csv.DictReader(io.StringIO(_ran([*given, "--csv", "-"]))) if "quality_gate holds" in row["line"])
    assert (row["amount"], row["earlier"], row["difference"]) == ("1", "0", "")


def test_a_settlement_that_was_not_settled_before_had_no_gates(tmp_path: Path) -> None:
    given = _files(tmp_path, "account,gain,uptime\nx,300,0.97\n", "account,gain,uptime\nx,300,0.97\ny,300,0.97\n")
    text = _ran([*given, "--restates", str(tmp_path / "a.csv"), "--csv", "-"])
    earlier = {(row["account"], row["line"]): row["earlier"] for row in csv.DictReader(io.StringIO(text)) if row["role"] == "gate"}
    assert earlier[("x", "share.threshold reached")] == "1"
    assert earlier[("y", "share.threshold reached")] == ""


def test_many_accounts_are_counted(tmp_path: Path) -> None:
    """Of 24 accounts six have a pain, which the threshold does not ask; of the 18 others half reach it."""
    rows = [f"a{n},{(50, 150, 50, 150)[n % 4] if n >= 6 else -1},1\n" for n in range(24)]
    page = _ran(_files(tmp_path, "account,gain,uptime\n" + "".join(rows)))
    assert "share.threshold reached 9 18 50.0%" in " ".join(page.split())
    assert "share.quality_gate holds 24 24 100.0%" in " ".join(page.split())


# --- a simulated path ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def air() -> gainsim.Result:
    return gainsim.simulate(gainsim.load(FOLDER / "compressed_air.yaml"), paths=200)


def test_gates_of_a_path_follow_its_lines(air: gainsim.Result) -> None:
    """The gain less what is guaranteed reaches 1% of the year's baseline cost where the threshold takes nothing off it."""
    asked = 0
    for path in range(40):
        statement, gates = air.statement(path), air.gates(path)
        told: dict[tuple[int, str], Mapping[str, Any]] = {
            (row["period"], row["gate"]): row["holds"] for row in gates.to_dict("records")
        }
        taken_off = statement[statement["line"] == "gain_share.threshold"].set_index("period")["amount"]
        for period, amount in taken_off.items():
            sides = [told[period, f"gain_share.threshold of {side} reached"] for side in ("gain", "pain")]
            assert sides.count(None) == 1
            assert (True in sides) == (amount == 0.0)
            asked += False in sides
        missed = statement[statement["line"] == "availability_credits.below 99.5%"].set_index("period")["amount"]
        assert all(told[period, "availability_credits.level met"] == (amount == 0.0) for period, amount in missed.items())
    assert asked


@pytest.mark.parametrize("name", ["compressed_air", "outsourcing", "cloud_credits"])
def test_gates_move_no_money(name: str) -> None:
    """Every line of a path has the same bits where its gates are told; the crowd has no gates."""
    model = gainsim.load(FOLDER / f"{name}.yaml").loaded.model
    told = model.told
    assert any(line.role == "gate" for line in told.lines) and not any(line.role == "gate" for line in model.lines)
    rows = zip(told.program.rows, statement(told, 3, 1).tolist(), strict=True)
    with_gates = [(t, told.lines[n].name, x) for (t, n), x in rows if told.lines[n].role != "gate"]
    plain = zip(model.program.rows, statement(model, 3, 1).tolist(), strict=True)
    assert sorted(with_gates) == sorted((t, model.lines[n].name, x) for (t, n), x in plain)
    assert len(simulate_model(model, 10, 1).row_mean) == len(model.program.rows)


@pytest.mark.parametrize("when", ["uptime < 50%", "paid(fee) >= 200"], ids=["of the world", "of what terms pay"])
def test_notice_is_asked_for_until_it_is_given(when: str) -> None:
    """It is given in the second month, and the contract ends with the third."""
    contract = f"""
  fee: {{ term: fee, amount: 100 EUR per month }}
  end: {{ term: termination, when: {when}, over: life, notice: 1 month }}
"""
    if "paid" not in when:
        contract = contract.replace(", over: life", "")
    found = settled(contract, (0, 0.9, 0), (0, 0.4, 0), (0, 0.4, 0), (0, 0.9, 0))
    assert column(found, "end.notice given") == [False, True, None, None]
    assert "gates of end  notice given" in str(found)


def test_a_step_in_is_asked_for_as_often_as_it_may_come_and_then_for_its_end() -> None:
    """Notice in the first month; stepped in from the second on, until the level is back in the third; once in all."""
    contract = """
  fee: { term: fee, amount: 100 EUR per month }
  desk: { term: step_in, when: uptime < 50%, until: uptime > 95%, at_most: 1 }
"""
    found = settled(contract, (0, 0.4, 0), (0, 0.4, 0), (0, 0.99, 0), (0, 0.4, 0), (0, 0.4, 0))
    assert column(found, "desk.notice given") == [True, None, None, None, None]
    assert column(found, "desk.until holds") == [None, False, True, None, None]
