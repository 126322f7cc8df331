"""What the terminal shows: figures that add up by eye, reasons outside of tables, numbers in grammar."""

from __future__ import annotations

from pathlib import Path

import pytest

from gainsim.bridge import simulate_model
from gainsim.report.answer import measure_groups
from gainsim.scenario.load import load_file
from gainsim.summary import Summary, summarise
from gainsim.text.offer import TITLES, amount, clauses, limits, measure_rows, memo, verdict

AIR = Path(__file__).resolve().parent.parent / "scenarios" / "compressed_air.yaml"


def run(*changes: str, paths: int = 60) -> Summary:
    loaded = load_file(AIR, changes, paths=paths)
    return summarise(simulate_model(loaded.model, paths, 1), loaded.document)


@pytest.fixture(scope="module")
def air() -> Summary:
    return run()


def value(summary: Summary, name: str) -> float:
    found = summary.measures[name].estimate
    assert found is not None
    return found.value


def test_what_stands_above_a_margin_adds_up_to_it(air: Summary) -> None:
    steps = [
        ("expected_revenue", "direct_cost", "contribution"),
        ("contribution", "overhead_cost", "margin_after_overhead"),
        ("margin_after_overhead", "capital_cost", "margin_after_capital"),
    ]
    for before, cost, after in steps:
        assert value(air, before) + value(air, cost) == pytest.approx(value(air, after), rel=1e-12)
    shown = [title for title, _, _ in measure_rows(air.measures) if not title.startswith(" ")]
    assert shown[:7] == [TITLES[steps[0][0]], *(TITLES[name] for _, cost, after in steps for name in (cost, after))]


def test_a_layer_without_costs_has_no_rows() -> None:
    lean = run("costs.bid=", "costs.capital=", paths=40)
    titles = [title for title, _, _ in measure_rows(lean.measures)]
    assert "overhead" not in titles
    assert "margin after capital" not in titles
    assert "= margin after overhead" not in clauses(lean)
    assert "Overhead" not in [row.name for _, rows in measure_groups(lean) for row in rows]


def test_what_rounds_to_nothing_is_a_dot() -> None:
    assert [amount(x) for x in (0.0, -0.4, 0.6, -1_234.5)] == [".", ".", "1", "-1,234"]


def test_the_reason_stands_below_the_table_of_limits() -> None:
    summary = run("costs={}", "limits={ irr: { at_least: 9% } }")
    table, reason = limits(summary.limits).rsplit("\n", 1)
    assert table.splitlines()[1].split() == ["irr", "at", "least", "9%", "pa", "none", "cannot", "be", "judged"]
    assert reason.startswith("irr cannot be judged: expected cash changes sign")
    assert verdict(summary).endswith("The house limit cannot be judged.")


def test_one_is_one(air: Summary) -> None:
    assert "1 future, seed 1" in memo(run(paths=1))
    assert "the worst 5% are 3 paths" in memo(air)
    assert "the worst 5% are 1 path;" in memo(run(paths=5))
    assert "1 of 3 house limits is broken." in verdict(run("limits.expected_margin.at_least=99%"))


def test_a_loss_on_no_path_is_no_certainty(air: Summary) -> None:
    assert "chance of loss below 5%" in verdict(air)
