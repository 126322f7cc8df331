"""The page of a study: its sections in order, figures to the right, nothing of the user's text taken for a command."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

import gainsim
from gainsim.cli.main import cli
from gainsim.report import style
from gainsim.report.study import Picture, Section, Study, Table, record, render_study, write_study

ROOT = Path(__file__).resolve().parent.parent.parent


def study() -> Study:
    table = Table(("case", "NPV"), [("dear <power>", "-1,000"), ("all", "2,000")], total=True)
    with style.styled():
        drawn = style.titled(2.0, "Cases", "seed 1")
    cases = Section("cases", "Worst first", ["Two cases."], [table], [Picture("bars", drawn, "By case.")], ["Paired."])
    return Study("An offer", "stress", "Stresses of an offer", "It keeps its margin", [cases, Section("rest", "")], record(100, 1))


def test_sections_come_in_order_with_their_parts() -> None:
    page = render_study(study())
    told = ["An offer: stress", "Stresses of an offer", "It keeps its margin", 'id="cases"', "Worst first", "Two cases.",
            '<th class="n">NPV</th>', '<td>dear &lt;power&gt;</td><td class="n">-1,000</td>', '<tr class="total"><td>all</td>',
            'id="cases_bars"', "By case.", "Paired.", 'id="rest"', 'id="record"', gainsim.__version__]  # fmt: skip
    places = [page.index(each) for each in told]
    assert places == sorted(places)
    assert "dear <power>" not in page


def test_a_page_is_written_whole_and_replaces_its_like(tmp_path: Path) -> None:
    document = gainsim.load_text(gainsim.TEMPLATE).loaded.document
    for figure in (1.0, 2.0):
        place = write_study(study(), tmp_path / "page", {"schema": "gainsim/stress/1", "figure": figure}, document)
    assert json.loads((place / "result.json").read_text(encoding="utf-8"))["figure"] == 2.0
    assert (place / "scenario.yaml").read_text(encoding="utf-8") == gainsim.TEMPLATE


def test_the_pages_of_prices_clauses_and_sensitivity_have_their_pictures(tmp_path: Path) -> None:
    """Each with the table that the terminal shows."""
    file = str(ROOT / "scenarios" / "profit_commission.yaml")
    asked = {
        "price": ["contract.commission.amount", "--between", "20", "40", "--measure", "npv", "--target", "5_000_000"],
        "waterfall": ["--as-written"],
        "sensitivity": [],
    }
    pictures = {
        "price": ["curve"],
        "waterfall": ["ours", "customers"],
        "sensitivity": ["ledger", "tornado_npv", "variance", "worst_npv", "worst_customer"],
    }
    for command, more in asked.items():
        result = CliRunner().invoke(cli, [command, file, *more, "--paths", "100", "--out", str(tmp_path / command)])
        assert result.exit_code == 0, result.output
        page = (tmp_path / command / "report.html").read_text(encoding="utf-8")
        assert page.count("<svg") == len(pictures[command])
        assert all(f"_{name}\"" in page for name in pictures[command]), command
        assert json.loads((tmp_path / command / "result.json").read_text())["schema"] == f"gainsim/{command}/1"
