"""The figures for machines agree with the measures."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gainsim.report as report
from gainsim.measures import quantile
from gainsim.report import data
from gainsim.summary import Summary


@pytest.fixture(scope="module")
def out(air: Summary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report.write(air, tmp_path_factory.mktemp("data") / "out")


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def value(summary: Summary, name: str) -> float:
    found = summary.measures[name].estimate
    assert found is not None
    return found.value


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_json_is_strict(out: Path, air: Summary) -> None:
    found = json.loads((out / "result.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert found["schema"].startswith("gainsim/run/")
    assert found["run_id"] == air.run_id
    assert found["measures"]["npv"]["value"] == value(air, "npv")


def test_one_path_has_no_standard_error_anywhere(make: Callable[..., Summary], tmp_path: Path) -> None:
    out = report.write(make(paths=1), tmp_path / "out")
    json.loads((out / "result.json").read_text(), parse_constant=refuse)
    assert {row["standard_error"] for row in rows(out / "settlements.csv")} == {""}
    assert "± ?" in (out / "report.html").read_text(encoding="utf-8")


def test_settlements_add_up_to_the_expected_revenue(out: Path, air: Summary) -> None:
    found = rows(out / "settlements.csv")
    assert len(found) == len(air.run.rows.keys)
    paid = math.fsum(float(row["mean"]) for row in found if row["role"] == "payment")
    assert paid == pytest.approx(value(air, "expected_revenue"), rel=1e-12)
    assert {(row["payee"], row["payer"]) for row in found if row["role"] == "payment"} == {("supplier", "customer")}
    base = math.fsum(float(row["base_case"]) for row in found if row["role"] == "payment")
    assert base == pytest.approx(air.base.revenue, rel=1e-12)
    assert all(row["due"] <= row["paid"] and row["period"] and row["window"] for row in found)


def test_settlements_of_one_clause_have_its_mean(out: Path, air: Summary) -> None:
    found = rows(out / "settlements.csv")
    for clause in air.clauses:
        own = [row for row in found if (row["term"], row["step"]) == (clause.line.group, clause.line.step)]
        assert math.fsum(float(row["mean"]) for row in own) == pytest.approx(clause.mean.value, rel=1e-9, abs=1e-6)
        bound = math.fsum(float(row["share_of_paths_not_zero"]) for row in own) / len(own)
        assert bound == pytest.approx(clause.binds.value, abs=1e-12)


def test_years_add_up_to_the_lines(out: Path, air: Summary) -> None:
    found = rows(out / "years.csv")
    for clause in air.clauses:
        base, mean = (row for row in found if row["line"] == clause.line.name)
        assert (base["figure"], mean["figure"]) == ("base_case", "mean")
        for row, total in ((base, clause.base), (mean, clause.mean.value)):
            assert math.fsum(float(row[year]) for year in air.base.years) == pytest.approx(total, rel=1e-9, abs=1e-6)
            assert float(row["total"]) == pytest.approx(total, rel=1e-9, abs=1e-6)


def test_measures_are_those_of_the_summary(out: Path, air: Summary) -> None:
    found = {row["measure"]: row for row in rows(out / "measures.csv")}
    assert list(found) == list(air.measures)
    for name, measured in air.measures.items():
        if measured.estimate is None:
            assert (found[name]["value"], found[name]["reason"]) == ("", measured.reason)
        else:
            assert float(found[name]["value"]) == measured.estimate.value


def test_paths_hold_every_path(out: Path, air: Summary) -> None:
    with np.load(out / "paths.npz", allow_pickle=False) as arrays:
        found: dict[str, Any] = {name: arrays[name] for name in arrays.files}
    n, lines, dates = air.run.paths, len(air.run.rows.lines), len(air.run.rows.dates)
    assert found["path"].tolist() == list(range(n))
    assert found["total"].shape == found["npv_by_line"].shape == (lines, n)
    assert found["cash"].shape == (dates, n)
    assert found["lines"].tolist() == [line.name for line in air.run.rows.lines]
    assert found["dates"].tolist() == [when.isoformat() for when in air.run.rows.dates]
    assert quantile(found["npv"], 0.05).value == value(air, "npv_p5")
    assert found["npv"].mean() == pytest.approx(value(air, "npv"))
    assert found["cash_trough"].mean() == pytest.approx(value(air, "cash_trough"))
    assert found["customer_benefit"].mean() == pytest.approx(value(air, "customer_net_benefit"))
    for layer, name in (
        ("contribution", "contribution"),
        ("overhead", "margin_after_overhead"),
        ("capital", "margin_after_capital"),
    ):
        assert found[f"margin_{layer}"].mean() == pytest.approx(value(air, name))
    assert all(array.dtype == np.float64 for name, array in found.items() if name not in ("path", "lines", "dates"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_text_is_a_formula(cell: str, tmp_path: Path) -> None:
    data._write_table(tmp_path / "a.csv", ("head",), [(cell,), (-1.5,)])
    assert rows(tmp_path / "a.csv") == [{"head": f"'{cell}"}, {"head": "-1.5"}]
