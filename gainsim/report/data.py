"""The figures of a report for machines: JSON, CSV, and every path's results as NumPy arrays."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.report.words import measure_words
from gainsim.summary import Summary, to_json


def write_data(summary: Summary, folder: Path) -> None:
    """Write every file but the page and the scenario."""
    write_json(to_json(summary), folder)
    _write_table(folder / "measures.csv", *measures_table(summary))
    _write_table(folder / "years.csv", *years_table(summary))
    _write_table(folder / "settlements.csv", *settlements_table(summary))
    with (folder / "paths.npz").open("wb") as file:
        np.savez(file, allow_pickle=False, **paths_arrays(summary))


def write_json(result: dict[str, Any], folder: Path) -> None:
    """Write result.json: what `gainsim run --json` prints."""
    said = json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "result.json").write_text(said + "\n", encoding="utf-8", newline="\n")


def paths_arrays(summary: Summary) -> dict[str, NDArray[Any]]:
    """The results of every path.

    path:                    (paths,) its number, by which it is replayed
    npv, revenue, variable:  (paths,) money, as are margin_…, customer_benefit and cash_trough
    total, npv_by_line:      (lines, paths), the lines named in `lines`
    cash:                    (dates, paths) the supplier's, paid on `dates`
    """
    run, outcome = summary.run, summary.outcome
    return {
        "path": np.arange(run.paths, dtype=np.uint64),
        "npv": outcome.npv,
        "revenue": outcome.revenue,
        "variable": outcome.variable,
        "margin_contribution": outcome.margin("contribution"),
        "margin_overhead": outcome.margin("overhead"),
        "margin_capital": outcome.margin("capital"),
        "customer_benefit": outcome.customer_benefit,
        "cash_trough": outcome.cash_trough if len(run.cash) else np.zeros(run.paths),
        "lines": np.array([line.name for line in run.rows.lines], dtype=np.str_),
        "total": run.total,
        "npv_by_line": run.npv,
        "dates": np.array([when.isoformat() for when in run.rows.dates], dtype=np.str_),
        "cash": run.cash,
    }


Table = tuple[Sequence[str], list[Sequence[object]]]


def measures_table(summary: Summary) -> Table:
    """One row a measure; what has no value says why."""
    head = ("measure", "in_words", "value", "standard_error", "unit", "reason")
    rows: list[Sequence[object]] = []
    for name, measured in summary.measures.items():
        found = measured.estimate
        figures = ("", "") if found is None else (found.value, _known(found.standard_error))
        rows.append((name, measure_words(name), *figures, measured.unit, measured.reason))
    return head, rows


def years_table(summary: Summary) -> Table:
    """Two rows a line, base case and mean over the paths, each settlement in the year in which its window ends."""
    head = ("line", "term", "step", "role", "currency", "figure", *summary.base.years, "total")
    rows: list[Sequence[object]] = []
    for number, line in enumerate(summary.run.rows.lines):
        for figure, table in (("base_case", summary.base.by_year), ("mean", summary.mean_by_year)):
            amounts = table[number].tolist()
            total = table[number].sum().item()
            rows.append((line.name, line.group, line.step, line.role, line.currency, figure, *amounts, total))
    return head, rows


def settlements_table(summary: Summary) -> Table:
    """One row a row of the ledger."""
    head = (
        "term", "step", "role", "period", "window", "due", "paid", "payee", "payer", "currency",
        "mean", "standard_error", "share_of_paths_not_zero", "base_case",
    )  # fmt: skip
    run = summary.run
    labels = [run.model.calendar.period(t).label for t in range(run.model.calendar.periods)]
    figures = zip(
        run.rows.keys, run.rows.settlements, run.row_mean.tolist(), run.row_error.tolist(), run.row_bound.tolist(),
        summary.base.rows.tolist(), strict=True,
    )  # fmt: skip
    rows: list[Sequence[object]] = []
    for (period, number), settlement, mean, error, bound, base in figures:
        line = run.rows.lines[number]
        rows.append(
            (
                line.group,
                line.step,
                line.role,
                labels[period],
                settlement.window.label or labels[period],
                settlement.due.isoformat(),
                settlement.paid.isoformat(),
                line.payee,
                line.payer,
                line.currency,
                mean,
                _known(error),
                bound,
                base,
            )
        )
    return head, rows


def _known(error: float) -> object:
    """A standard error; nothing where one path cannot tell."""
    return error if np.isfinite(error) else ""


def _write_table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_text(cell) for cell in head])
        writer.writerows([_text(cell) for cell in row] for row in rows)


def _text(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
