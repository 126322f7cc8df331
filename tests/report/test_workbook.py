"""The workbook: read back from its file and reckoned anew, its formulas give what the engine pays, to the cent."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import gainsim
from gainsim.base import settle_base
from gainsim.cli.main import cli
from gainsim.report.words import name_words
from gainsim.report.workbook.case import Case, Live
from gainsim.report.workbook.schedule import Schedule
from gainsim.report.workbook.sheet import Book
from gainsim.scenario.load import Loaded
from gainsim.years import by_year
from tests.report.excel import Excel
from tests.scenarios.test_shipped import FOLDER, SHIPPED, load

#: one offer of every file, the last, in which most has been changed
ONE_OF_EACH = list({name.partition(":")[0]: name for name in SHIPPED}.values())
PATH = 3


def written(place: Path, live: Live, *cases: Case) -> Excel:
    """A workbook of the schedules alone, read back."""
    book = Book(place, "schedules")
    numbers = book.sheet("Assumptions")
    for row, number in enumerate(live.numbers.values()):
        numbers.text(row, 0, number.name)
        numbers.number(row, 1, number.value)
        book.name(number.name, f"Assumptions!$B${row + 1}")
    checks = book.sheet("Checks")
    row = 0
    for case in cases:
        schedule = Schedule(book, case, f"{case.title} facts", case.title)
        schedule.write()
        for check in schedule.checks:
            checks.text(row, 0, check.says)
            checks.cell(row, 1, f"={check.formula}", False, "")  # what is kept beside the formula is not what is read
            row += 1
    book.close()
    return Excel(place)


def values(loaded: Loaded) -> list[str]:
    """What is no part of the contract, and stands in the workbook as values: what the customer does not pay, or pays late."""
    lines = (line for line in loaded.model.lines if line.agreed and line.group not in loaded.scenario.contract)
    return [f"{name_words(line.group)} (values)" for line in lines]


def paid_by_year(excel: Excel, sheet: str, term: str) -> list[float]:
    """What the workbook says of a term, year by year, and over the whole life."""
    row = excel.row(sheet, excel.find(sheet, name_words(term)))
    return [float(value) for column, value in row.items() if column != "A"]


def of_the_engine(loaded: Loaded, amounts: np.ndarray, term: str) -> list[float]:
    lines = [n for n, line in enumerate(loaded.model.told.lines) if line.group == term and line.agreed]
    found = by_year(loaded.model.told, amounts)[lines].sum(axis=0)
    return [*found.tolist(), float(found.sum())]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_the_formulas_pay_what_the_engine_pays(name: str, tmp_path: Path) -> None:
    """No shipped contract has a step that stands in the workbook as a value."""
    loaded = load(name)
    live = Live.of(loaded)
    path, model = live.path(PATH, loaded.scenario.run.seed), loaded.model
    large = sum(len(line.settlements) for line in model.lines) > 2_500  # what takes long is tried on the path alone
    excel = written(tmp_path / "book.xlsx", live, path, *(() if large else (live.base_case(),)))
    known = values(loaded)
    assert not any(str(held).endswith("(values)") for held in excel.sheets[path.title].values() if held not in known)
    base, statement = settle_base(model), loaded.statement(PATH)
    terms = dict.fromkeys(line.group for line in base.lines if line.agreed and line.group in loaded.scenario.contract)
    for term in terms:
        found = paid_by_year(excel, path.title, term)
        assert found == pytest.approx(of_the_engine(loaded, statement, term), abs=0.005)
        lines = [n for n, line in enumerate(base.lines) if line.group == term and line.agreed]
        years = base.by_year[lines].sum(axis=0)
        assert large or paid_by_year(excel, "Base case", term) == pytest.approx([*years, years.sum()], abs=0.005)
    for cell, says in excel.sheets["Checks"].items():
        if cell.startswith("A"):
            assert excel.value("Checks", f"B{cell[1:]}") is True, says


@pytest.mark.parametrize(
    ("number", "value", "change"),
    [
        ("gain_share_share_up_to_50_000", 0.55, "contract.gain_share.steps.2.share.up to 50_000=55%"),
        ("gain_share_share_up_to_50_000_edge", 90_000, None),
        ("gain_share_limit_payment_cap", 41_000, "contract.gain_share.steps.4.limit_payment.cap=41_000"),
        ("gain_share_limit_payment_floor", -100, "contract.gain_share.steps.4.limit_payment.floor=-100"),
        ("gain_share_threshold_at", 0.03, "contract.gain_share.steps.1.threshold.at=3% of baseline_cost"),
        ("availability_credits_pool_at_most", 0.001, "contract.availability_credits.pool.at_most=0.1% of base_fee"),
        ("base_fee_amount", 35_000, "contract.base_fee.amount=35_000 EUR per month"),
        ("liability_at_most", 20_000, "contract.liability.at_most=20_000 EUR"),
    ],
)
def test_a_number_that_is_changed_moves_the_payment_as_in_the_file(
    number: str, value: float, change: str | None, air: tuple[Live, Excel]
) -> None:
    live, excel = air
    before = live.numbers[number].value
    paid = paid_by_year(excel, f"Path {PATH}", "gain_share")
    excel.set(number, value)
    terms = ("base_fee", "gain_share", "availability_credits", "liability")
    found = {term: paid_by_year(excel, f"Path {PATH}", term) for term in terms}
    excel.set(number, before)
    if change is None:  # up to 90,000 at 40% in place of 50% from 50,000 on: less by a tenth of what lies between
        assert found["gain_share"][-1] < paid[-1]
        return
    changed = load("compressed_air", change)
    amounts = changed.statement(PATH)
    for term in terms:
        assert found[term] == pytest.approx(of_the_engine(changed, amounts, term), abs=0.005), term


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> tuple[Live, Excel]:
    loaded = load("compressed_air")
    live = Live.of(loaded)
    return live, written(tmp_path_factory.mktemp("air") / "book.xlsx", live, live.path(PATH, loaded.scenario.run.seed))


def test_what_is_kept_beside_a_formula_is_what_it_comes_to(air: tuple[Live, Excel]) -> None:
    """Who opens the file without reckoning it anew, in a preview, reads the same."""
    _, excel = air
    for cell, kept in excel.kept[f"Path {PATH}"].items():
        assert excel.value(f"Path {PATH}", cell) == pytest.approx(kept, abs=0.005), cell


def test_what_no_formula_gives_is_a_value_and_says_so(tmp_path: Path) -> None:
    """An exponential is reckoned by the engine's own series, which Excel does not have."""
    live = Live.of(gainsim.load_text(TEXT).loaded)
    excel = written(tmp_path / "book.xlsx", live, live.base_case())
    heads = [
        held for cell, held in excel.sheets["Base case"].items() if isinstance(held, str) and held.endswith("(values)")
    ]
    assert heads == ["amount (values)"]
    assert paid_by_year(excel, "Base case", "bonus") == pytest.approx([100 * np.e**0.1] * 3 + [300 * np.e**0.1])


TEXT = """
gainsim: 1
title: "=1+1"
currency: EUR
calendar: { start: 2027-01, years: 3, step: year, year: calendar }
money: { discount_rate: 5% pa }
drivers: { heat: { control: nobody, unit: fraction, constant: 0.1 } }
contract: { bonus: { term: payment, amount: 100 EUR * exp(heat), clock: { measured: year } } }
costs: { desk: { amount: 30 EUR per year } }
approval: [{ level: desk, when: { npv: { at_least: 1_000 } } }, { level: board }]
"""


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "offer.yaml"
    file.write_text(TEXT, encoding="utf-8")
    done = CliRunner().invoke(
        cli, ["workbook", str(file), "--paths", "100", "--out", str(tmp_path / "book.xlsx"), "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["schema"] == "gainsim/workbook/1"
    excel = Excel(tmp_path / "book.xlsx")
    assert list(excel.sheets) == ["Summary", "Assumptions", "Schedule", "Facts", "Curves", "Risk by owner", "Checks"]
    assert excel.sheets["Summary"]["A1"] == "=1+1"
    assert len(excel.charts) == 4
    said = set(excel.sheets["Summary"].values())
    assert {"Who may approve it: board", "desk: NPV, mean: at least 1,000 EUR", "does not hold"} <= said
    assert {"File (SHA-256)", hashlib.sha256(file.read_bytes()).hexdigest()} <= said
    assert {"Tax", "From further parties"}.isdisjoint(said)  # of which there is nothing here
    (row,) = (cell[1:] for cell, held in excel.sheets["Assumptions"].items() if held == "desk")
    assert excel.sheets["Assumptions"][f"D{row}"] == "EUR/year"


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("book.xls", "a workbook's file ends in .xlsx"),
        ("a_file/book.xlsx", "is no place for a workbook"),
        ("a_folder.xlsx", "is a folder"),
    ],
)
def test_a_place_that_is_none_is_told_before_the_work(out: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a_file").write_text("", encoding="utf-8")
    (tmp_path / "a_folder.xlsx").mkdir()
    done = CliRunner().invoke(cli, ["workbook", str(FOLDER / "compressed_air.yaml"), "--out", str(tmp_path / out)])
    assert isinstance(done.exception, gainsim.UsageError) or done.exit_code == 2
    assert said in str(done.exception) + done.output
