"""The page: the answer first, everything in it, nothing from elsewhere, hostile text harmless."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser

import pytest

from gainsim.report.answer import limit_rows, verdict
from gainsim.report.page import render
from gainsim.report.study import Table
from gainsim.report.tables import profit_and_loss, year_tables
from gainsim.summary import Summary

DAY = date(2027, 1, 2)
EVIL = "<script>alert(1)</script></pre>"
VOID = {"meta", "br", "link", "img"}


class Outline(HTMLParser):
    """The tags of a page, checked for nesting, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def page(summary: Summary) -> str:
    return render(summary, 0.5, DAY)


@pytest.fixture(scope="module")
def air_page(air: Summary) -> str:
    return page(air)


def test_the_answer_comes_first(air: Summary, air_page: str) -> None:
    outline = Outline(air_page)
    sections = [attrs["id"] for tag, attrs in outline.tags if tag == "section"]
    assert sections == ["limits", "measures", "pictures", "years", "clauses", "two_sides", "checks", "assumptions", "record"]
    assert air_page.index("The offer keeps") < air_page.index('id="limits"')


def test_everything_is_in_it(air: Summary, air_page: str) -> None:
    said = " ".join(Outline(air_page).text)
    for clause in air.clauses:
        assert clause.line.group.replace("_", " ") in said
    for name in air.run.model.scenario.drivers:
        assert name in said
    for words in (
        air.run_id,
        "2027-01-02",
        "0.50 s",
        "3,000",
        "8% pa",
        "half-life 9 months",
        "Compressed air as a service, one plant",
        "Convexity",
    ):
        assert words in said
    assert air_page.count("<svg") == 4
    assert air_page.count(f"run {air.run_id}") == 4


def test_nothing_comes_from_elsewhere(air_page: str) -> None:
    outline = Outline(air_page)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in outline.tags}
    for tag, attrs in outline.tags:
        for key, value in attrs.items():
            assert not (key in ("src", "href", "xlink:href") and not str(value).startswith("#")), (tag, value)
    assert "@import" not in air_page
    assert not re.search(r"url\((?!#)", air_page)


def test_no_id_stands_twice_but_shared_shapes(air_page: str) -> None:
    ids = [
        attrs["id"]
        for tag, attrs in Outline(air_page).tags
        if attrs.get("id") and tag in ("g", "svg", "section", "figure")
    ]
    assert len(ids) == len(set(ids))


def test_the_same_run_gives_the_same_page(air: Summary, air_page: str) -> None:
    assert page(air) == air_page


def test_hostile_text_is_text(make: Callable[..., Summary]) -> None:
    summary = make(title=f"'{EVIL}'", about=f"'\"><img src=x onerror=alert(1)> {EVIL}'")
    found = page(summary)
    assert "<script" not in found
    assert "<img" not in found
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/pre&gt;" in found
    Outline(found)


@pytest.mark.parametrize("case", [{"paths": 1}, {"saving": "constant: 40"}, {"years": 40, "paths": 20}])
def test_odd_runs_have_a_page(case: dict[str, object], make: Callable[..., Summary]) -> None:
    found = page(make(**case))
    checks = slice(found.index('<section id="checks">'), found.index('<section id="assumptions">'))
    words = re.findall(r"\w+", " ".join(Outline(found.replace(found[checks], "")).text))
    assert not {"nan", "inf"} & set(words)


def test_long_contracts_have_tables_below_each_other(make: Callable[..., Summary]) -> None:
    _, tables = year_tables(make(years=20))
    assert [len(table.years) for table in tables] == [8, 8, 5]
    assert tables[-1].years[-1] == "total"


def test_the_profit_and_loss_is_that_of_the_measures(air: Summary) -> None:
    entries = {entry.name: entry for entry in profit_and_loss(air)}
    for name, measure in (
        ("Revenue", "expected_revenue"),
        ("Contribution", "contribution"),
        ("Margin after overhead", "margin_after_overhead"),
        ("Margin after capital", "margin_after_capital"),
        ("Customer's net benefit", "customer_net_benefit"),
    ):
        found = air.measures[measure].estimate
        assert found is not None
        assert entries[name].mean.sum() == pytest.approx(found.value, rel=1e-9)
    assert entries["Margin after capital"].base.sum() == pytest.approx(air.base.margins["capital"])


LIMITS = "limits: {{ chance_of_loss: {{ at_most: {}, basis: npv }}, expected_margin: {{ at_least: 5% }} }}"


def test_a_broken_limit_is_said_first(make: Callable[..., Summary]) -> None:
    summary = make(more=LIMITS.format("0%"), saving="central: mean, drawn: each period, normal: { mean: -30, sd: 60 }",
                   paths=2_000)  # fmt: skip
    # the fee pays for the work, and the share is never negative: no path loses; then a dearer fee does
    assert verdict(summary).startswith("The offer keeps all 2 limits of the house")
    dear = make(more=LIMITS.format("0%").replace("limits", "  more: { amount: 20 USD per year }\nlimits"), paths=2_000)
    said = verdict(dear)
    assert said.startswith("The offer breaks ")
    assert re.search(r"chance of a loss is \d+\.\d%, allowed is at most 0%", said)
    row = next(row for row in limit_rows(dear.limits) if row.rule.startswith("Chance of a loss"))
    assert row.rule == "Chance of a loss (by NPV): at most 0%"
    assert re.fullmatch(r"broken by \d+\.\d pp", row.verdict)
    assert not row.kept


def test_no_loss_on_any_path_is_no_proof(plain: Summary) -> None:
    assert "None of 300 futures ends in a loss." in verdict(plain)
    assert "below 1%" in page(plain)


def test_suspect_runs_say_so_at_the_top(plain: Summary) -> None:
    found = page(plain)
    assert found.index("this run suspect") < found.index('id="limits"')
    assert "few tail paths" in found


def test_drawing_is_imported_only_when_something_is_drawn() -> None:
    code = (
        "import sys, gainsim.report; print([m for m in ('matplotlib', 'jinja2', 'numpy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_report_needs_no_pyplot(air: Summary) -> None:
    code = "import sys, gainsim.report as r; r.prepare(); print('matplotlib.pyplot' in sys.modules, 'jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False True"


def test_what_has_no_room_on_a_page_goes_on_in_another_table() -> None:
    """Ten columns of twelve characters stand on two tables, each with the names; a column of doubts stays with its figure."""
    head = ("case", *(cell for number in range(5) for cell in (f"measure {number}", "")))
    row = ("prices run ahead", *(cell for number in range(5) for cell in (f"-{number},000,000 EUR", f"± {number},000,000")))
    first, second = Table(head, [row]).parts()
    assert [each.head[0] for each in (first, second)] == ["case", "case"]
    assert [*first.rows[0][1:], *second.rows[0][1:]] == list(row[1:])
    assert [*first.head[1:], *second.head[1:]] == list(head[1:])
    assert first.head[-1] == second.head[-1] == ""
    assert Table(head[:5], [row[:5]]).parts() == [Table(list(head[:5]), [list(row[:5])], [0])]
