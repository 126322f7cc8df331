"""Writing cells: the one place that knows the library, what cells look like, and that text is never a formula."""

from __future__ import annotations

import math
from datetime import date, datetime
from pathlib import Path
from typing import Any

import gainsim

BLUE, ORANGE, MUTED = "#0072B2", "#D55E00", "#666666"
_MONEY = "#,##0.00;[Red]-#,##0.00;0.00"
_FORMS: dict[str, dict[str, Any]] = {
    "": {},
    "title": {"bold": True, "font_size": 14},
    "note": {"font_color": MUTED, "italic": True},
    "block": {"bold": True, "font_size": 12, "font_color": BLUE},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "small": {"bottom": 1, "text_wrap": True, "valign": "top", "font_color": MUTED},
    "unit": {"font_color": MUTED},
    "wrap": {"text_wrap": True, "valign": "top"},
    "money": {"num_format": _MONEY},
    "whole": {"num_format": "#,##0;[Red]-#,##0;0"},
    "figure": {"num_format": "#,##0.######"},
    "memory": {"num_format": "#,##0.00####", "font_color": MUTED},
    "input": {"num_format": "#,##0.00######", "font_color": BLUE},
    "percent": {"num_format": "0.0##%"},
    "share": {"num_format": "0.0##%", "font_color": BLUE},
    "count": {"num_format": "0", "font_color": MUTED},
    "total": {"bold": True, "num_format": _MONEY},
    "date": {"num_format": "yyyy-mm-dd"},
    "answer": {"bold": True},
}


class Book:
    """A workbook being written."""

    def __init__(self, place: Path, title: str) -> None:
        from xlsxwriter import Workbook

        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.made = Workbook(str(place), options)
        self.made.set_properties(
            {"title": title, "comments": f"gainsim {gainsim.__version__}", "created": datetime(2000, 1, 1)}
        )
        self.made.set_calc_mode("auto")
        self.forms = {name: self.made.add_format(form) for name, form in _FORMS.items()}

    def sheet(self, name: str) -> Sheet:
        """A new sheet behind the others."""
        return Sheet(self, name)

    def name(self, name: str, cell: str) -> None:
        """Give a cell a name."""
        self.made.define_name(name, f"={cell}")

    def close(self) -> None:
        """Write the file."""
        self.made.close()


class Sheet:
    """One sheet; rows and columns count from 0."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.made = book, book.made.add_worksheet(name)
        self.made.set_landscape()
        self.made.fit_to_pages(1, 0)

    def widths(self, *columns: float) -> None:
        """How wide the columns are, in characters."""
        for number, width in enumerate(columns):
            self.made.set_column(number, number, width)

    def freeze(self, row: int, column: int) -> None:
        """What stands above and to the left stays in sight."""
        self.made.freeze_panes(row, column)

    def text(self, row: int, column: int, said: str, form: str = "") -> None:
        """Text, whatever it looks like."""
        self.made.write_string(row, column, said, self.book.forms[form])

    def number(self, row: int, column: int, value: float | None, form: str = "") -> None:
        """A number; nothing where there is none."""
        if value is not None and math.isfinite(value):
            self.made.write_number(row, column, value, self.book.forms[form])

    def date(self, row: int, column: int, day: date) -> None:
        """A day."""
        self.made.write_datetime(row, column, datetime(day.year, day.month, day.day), self.book.forms["date"])

    def cell(self, row: int, column: int, formula: str | float | bool, value: float | bool, form: str) -> None:
        """A formula with what it comes to, or a number."""
        if isinstance(formula, str):
            self.made.write_formula(row, column, formula, self.book.forms[form], value)
        elif isinstance(formula, bool):
            self.made.write_boolean(row, column, formula, self.book.forms[form])
        else:
            self.number(row, column, formula, form)

    def chart_of_years(self, sheet: str, first: int, terms: list[str], left: int, years: int, row: int) -> None:
        """Columns by year, one on another, of terms that stand from row `first` on; placed at `row`."""
        chart = self.book.made.add_chart({"type": "column", "subtype": "stacked"})
        for n in range(len(terms)):
            chart.add_series({
                "name": [sheet, first + n, 0],
                "categories": [sheet, first - 2, left, first - 2, left + years - 1],
                "values": [sheet, first + n, left, first + n, left + years - 1],
            })  # fmt: skip
        self.place(chart, "What is paid by year", row, left)

    def mark_false(self, first: int, column: int, last: int) -> None:
        """Show in red what does not hold."""
        red = self.book.made.add_format({"font_color": "#ffffff", "bg_color": ORANGE, "bold": True})
        self.made.conditional_format(
            first, column, last, column, {"type": "cell", "criteria": "==", "value": "FALSE", "format": red}
        )

    def place(
        self, chart: Any, title: str, row: int, column: int, x: str = "", y: str = "", percent: bool = False
    ) -> None:
        """Put a chart with its title and the names of its axes at a cell. percent: whether its values are shares"""
        chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
        chart.set_x_axis({"name": x, "num_font": {"size": 9}, "num_format": "#,##0", "label_position": "low"})
        form = "0%" if percent else "#,##0"
        chart.set_y_axis(
            {
                "name": y,
                "num_font": {"size": 9},
                "num_format": form,
                "major_gridlines": {"visible": True, "line": {"color": "#e4e4e4"}},
            }
        )
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 720, "height": 360})
        self.made.insert_chart(row, column, chart)
