"""The first sheet: the answer, both parties' measures, limits and who may approve it, and the record of the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gainsim.judging import Judgement
from gainsim.measuring import Measured
from gainsim.report import answer
from gainsim.report.workbook.sheet import Sheet
from gainsim.summary import Summary

SUMMARY, CHECKS = "Summary", "Checks"
_COLUMNS = (56.0, 12.0, 16.0, 16.0, 60.0)
_NOTE = len(_COLUMNS) - 1


def summary_sheet(out: Sheet, summary: Summary, record: Sequence[tuple[str, str]], all_hold: str) -> None:
    """Write it. all_hold: the formula that is TRUE where every check of the workbook holds"""
    out.widths(*_COLUMNS)
    out.text(0, 0, summary.run.model.scenario.title, "title")
    out.prose(1, 0, _NOTE, summary.recommendation[1], "answer")
    out.prose(2, 0, _NOTE, answer.verdict(summary))
    out.text(3, 0, "The workbook's formulas give the engine's figures:")
    out.cell(3, 2, f'=IF({all_hold},"yes","no: see {CHECKS}")', "yes", "right")
    row = 5
    for title, rows in answer.measure_groups(summary):
        row = _measures(out, row, title, "mean or share", ((each.name, each.measured, "") for each in rows))
    accepts = () if summary.sides is None else summary.sides.accepts
    for title, judged in (("Limits of the house", summary.limits), ("What the customer asks for", accepts)):
        if judged:
            row = _measures(out, row, title, "found", _judged(judged))
    if summary.approval is not None:
        asked = answer.approval_rows(summary.approval)
        told = ((f"{each.level}: {each.rule}", each.measured, each.holds) for each in asked)
        row = _measures(out, row, f"Who may approve it: {summary.approval.level}", "found", told)
    out.texts(row, ("Run record", "", "", "", ""), "head")
    for place, (name, said) in enumerate(record, start=row + 1):
        out.text(place, 0, name)
        out.prose(place, 1, _NOTE, said)
    out.prints(len(_COLUMNS))


def _measures(out: Sheet, top: int, title: str, value: str, rows: Iterable[tuple[str, Measured, str]]) -> int:
    """Figures under a title, each with its unit, standard error and note; gives the row behind them and a gap."""
    out.texts(top, (title, " unit"), "head")
    out.texts(top, (value, "standard error"), "figures", column=2)
    out.text(top, _NOTE, "", "head")
    for row, (name, measured, note) in enumerate(rows, start=top + 1):
        out.text(row, 0, name, "wrap")
        out.text(row, 1, unit_of(measured), "unit")
        _figure(out, row, measured)
        out.text(row, _NOTE, note or measured.reason, "beside")
    return row + 2


def unit_of(measured: Measured) -> str:
    """The unit of a measure beside its figure, which shows itself whether it is a percentage."""
    return {"fraction": "", "fraction per year": "a year"}.get(measured.unit, measured.unit)


def _figure(out: Sheet, row: int, measured: Measured) -> None:
    """A figure and how far chance may have moved it: a bound where no future tells; nothing of what is certain."""
    found, (value, error) = measured.estimate, measured.shown
    if found is None:
        out.text(row, 2, value, "right")
        return
    form = "percent" if measured.unit.startswith("fraction") else "years" if measured.unit == "years" else "whole"
    out.number(row, 2, found.value, form)
    if error.startswith("±"):
        out.number(row, 3, found.standard_error, form)
    else:
        out.text(row, 3, error, "right")


def _judged(limits: Sequence[Judgement]) -> Iterable[tuple[str, Measured, str]]:
    for judged, told in zip(limits, answer.limit_rows(limits), strict=True):
        unsure = f" ({told.sure.removeprefix('no: ')})" if told.sure.startswith("no") else ""
        yield told.rule, judged.measured, f"{told.verdict}{unsure}"
