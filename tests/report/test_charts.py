"""Pictures: the marked figures are the measures, everything is named, nothing breaks on odd runs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.figure import Figure
from matplotlib.text import Text

from gainsim.ledger import Line
from gainsim.report import charts, figures, style
from gainsim.report.words import line_words, short
from gainsim.summary import Summary

ALL = (charts.s_curve, charts.cash_fan, charts.waterfall, charts.customer_benefit)


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]


def value(summary: Summary, name: str) -> float:
    found = summary.measures[name].estimate
    assert found is not None
    return found.value


@pytest.mark.parametrize("draw", ALL)
def test_every_picture_names_run_paths_error_and_currency(draw: Callable[[Summary], Figure], air: Summary) -> None:
    said = " | ".join(words(draw(air)))
    assert f"run {air.run_id} · 3,000 paths · " in said
    assert re.search(r"± [\d.,]+.* EUR \(one standard error\)", said)


@pytest.mark.parametrize("draw", ALL)
def test_the_same_picture_is_the_same_svg_without_date(draw: Callable[[Summary], Figure], air: Summary) -> None:
    one, two = style.svg(draw(air), "x"), style.svg(draw(air), "x")
    assert one == two
    assert "metadata" not in one
    ET.fromstring(one)
    assert not set(re.findall(r"url\(#([^)]*)\)", one)) - set(re.findall(r'id="([^"]*)"', one))


def test_the_marked_percentiles_are_the_measures(air: Summary) -> None:
    figure = charts.s_curve(air)
    marks = {str(line.get_gid()): line for line in figure.axes[0].lines if str(line.get_gid()).startswith("mark ")}
    for name, measure, share in (("P5", "npv_p5", 0.05), ("P50", "npv_p50", 0.5), ("P95", "npv_p95", 0.95)):
        (x,), (y,) = marks[f"mark {name}"].get_data()
        assert (x, y) == (value(air, measure), share)
        assert f"{name} {short(x)}" in words(figure)
    assert f"base case {short(air.base.npv)}" in words(figure)


def test_the_marks_lie_on_the_curve(air: Summary) -> None:
    figure = charts.s_curve(air)
    (curve,) = (line for line in figure.axes[0].lines if line.get_gid() == "curve")
    x, share = (np.asarray(values, float) for values in curve.get_data())
    for measure, p in (("npv_p5", 0.05), ("npv_p50", 0.5), ("npv_p95", 0.95)):
        assert np.interp(value(air, measure), x, share) == pytest.approx(p, abs=0.003)
    assert x[0] == air.outcome.npv.min()
    assert x[-1] == air.outcome.npv.max()


def test_the_fan_ends_where_the_cash_ends(air: Summary) -> None:
    fan = figures.cash_fan(air)
    total = np.sort(air.run.cash.sum(axis=0))
    assert fan.bands[:, -1] == pytest.approx([total[int(p * 3_000) - 1] for p in figures.FAN])
    assert fan.bands[2, -1] == pytest.approx(fan.end.value)
    assert (np.diff(fan.bands, axis=0) >= 0.0).all()
    assert fan.dates[-1] == air.run.rows.dates[-1]


def test_the_fan_of_the_base_case_ends_at_its_cash(plain: Summary) -> None:
    # 2 years: fee 100, half of a saving of 10, cost 90, nothing discounted
    assert figures.cash_fan(plain).base[-1] == pytest.approx(30.0)
    assert plain.base.npv == pytest.approx(30.0)


def test_the_waterfall_adds_up_to_the_npv(air: Summary) -> None:
    steps = figures.waterfall(air)
    assert [step.total for step in steps if step.total] == ["all payments", "NPV"]
    assert steps[-1].mean == pytest.approx(value(air, "npv"), rel=1e-9)
    assert steps[-1].tail == pytest.approx(value(air, "cvar_95"), rel=1e-6)
    assert len([step for step in steps if not step.total]) <= figures.MOST_STEPS
    named = [line.name for step in steps for line in step.lines]
    assert len(named) == len(set(named))
    said = words(charts.waterfall(air))
    assert {"NPV", "all payments", "base fee: amount", "people"} <= set(said)
    assert {"mean of all paths", "mean of the worst 5% of paths, same scale"} <= set(said)


def test_both_sides_of_the_waterfall_have_one_scale_and_no_slivers(air: Summary) -> None:
    one, two = charts.waterfall(air).axes
    assert one.get_xlim() == two.get_xlim()
    steps = [step for step in figures.waterfall(air) if len(step.lines) == 1]
    largest = max(max(abs(step.mean), abs(step.tail)) for step in steps)
    assert all(max(abs(step.mean), abs(step.tail)) >= figures.SLIVER * largest for step in steps)


def test_long_names_of_one_term_stay_apart() -> None:
    term = "a_gain_share_on_saved_energy_and_maintenance_cost"
    lines = [line(term, step) for step in ("share up to 1_000_000", "share up to 2_000_000", "share above")]
    labels = [line_words(each, 40) for each in lines]
    assert labels[0] == "a gain share on…: share up to 1,000,000"
    assert len(set(labels)) == 3
    assert max(map(len, labels)) <= 40


def line(group: str, step: str) -> Line:
    return Line(f"{group}.{step}", group, step, "payment", "supplier", "customer", "EUR", False, "contribution", ())


def test_the_histogram_has_zero_as_an_edge() -> None:
    values = np.random.default_rng(1).normal(3.0, 5.0, 5_000)
    heights, edges = charts.histogram(values)
    assert np.abs(edges).min() == 0.0
    assert heights.sum() == pytest.approx(0.998, abs=0.003)
    assert charts.histogram(np.full(9, 4.0))[0].tolist() == [1.0]


def test_no_picture_of_a_customer_nobody_speaks_of(plain: Summary) -> None:
    with pytest.raises(ValueError, match="nothing of what the customer gains"):
        charts.customer_benefit(plain)


@pytest.mark.parametrize(
    "case", [{"paths": 1}, {"paths": 2}, {"saving": "constant: 40"}, {"saving": "constant: 0", "years": 40}]
)
def test_odd_runs_have_pictures(case: dict[str, object], make: Callable[..., Summary]) -> None:
    summary = make(more="customer: { gains: { it: saving } }", **case)
    for draw in ALL:
        ET.fromstring(style.svg(draw(summary), "x"))


def test_a_notebooks_settings_stay(air: Summary) -> None:
    before = dict(rcParams)
    style.svg(charts.s_curve(air), "x")
    assert dict(rcParams) == before


def test_dollars_are_dollars(air: Summary) -> None:
    with style.styled():
        drawn = style.figure(1.0, "up to $5 and $6 <script>", [air], "x")
    assert "up to $5 and $6 &lt;script&gt;" in style.svg(drawn, 'a "b" <i>')
    assert 'aria-label="a &quot;b&quot; &lt;i&gt;"' in style.svg(drawn, 'a "b" <i>')
