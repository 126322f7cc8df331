"""Writing cells: the one place that knows the library, how cells look and print, and that text is never a formula."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import gainsim

BLUE, ORANGE, MUTED = "#0072B2", "#D55E00", "#666666"
_MONEY = "#,##0.00;[Red]-#,##0.00;0.00"
_FORMS: dict[str, dict[str, Any]] = {
    "": {"valign": "top"},
    "title": {"bold": True, "font_size": 14},
    "note": {"font_color": MUTED, "italic": True},
    "notes": {"font_color": MUTED, "italic": True, "text_wrap": True, "valign": "top"},
    "block": {"bold": True, "font_size": 12, "font_color": BLUE},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "figures": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "align": "right"},
    "small": {"bottom": 1, "text_wrap": True, "valign": "top", "align": "right", "font_color": MUTED},
    "unit": {"font_color": MUTED, "valign": "top", "align": "left", "indent": 1},
    "beside": {"text_wrap": True, "valign": "top", "align": "left", "indent": 1},
    "units": {"font_color": MUTED, "align": "right"},
    "wrap": {"text_wrap": True, "valign": "top"},
    "money": {"num_format": _MONEY},
    "whole": {"num_format": "#,##0;[Red]-#,##0;0", "valign": "top"},
    "engine": {"num_format": _MONEY, "font_color": MUTED},
    "figure": {"num_format": "#,##0.0#####", "valign": "top"},
    "years": {"num_format": "0.0", "valign": "top"},
    "memory": {"font_color": MUTED},
    "input": {"font_color": BLUE, "valign": "top"},
    "percent": {"num_format": "0.0%;[Red]-0.0%;0.0%", "valign": "top"},
    "share": {"num_format": "0.0##%", "font_color": BLUE, "valign": "top"},
    "count": {"num_format": "0", "font_color": MUTED},
    "total": {"bold": True, "num_format": _MONEY},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "answer": {"bold": True, "text_wrap": True, "valign": "top"},
    "right": {"align": "right", "valign": "top"},
}
#: a sheet that is wider, in characters, is printed on larger paper, and one that is wider than that over several pages
_ACROSS, _WIDEST = 230.0, 420.0
#: the height of a line
_LINE = 15.0
_A4, _A3 = 9, 8
#: how wide and high a chart is
CHART = (690, 360)


class Book:
    """A workbook being written."""

    def __init__(self, place: Path, title: str) -> None:
        from xlsxwriter import Workbook

        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.made, self.title = Workbook(str(place), options), title
        self.made.set_properties(
            {"title": title, "comments": f"gainsim {gainsim.__version__}", "created": datetime(2000, 1, 1)}
        )
        self.made.set_calc_mode("auto")
        self._forms: dict[tuple[str, int | None], Any] = {}

    def form(self, name: str, decimals: int | None = None) -> Any:
        """What a cell looks like. decimals: of its figure, where the form leaves them open"""
        if (name, decimals) not in self._forms:
            look = dict(_FORMS[name])
            if decimals is not None:
                look["num_format"] = f"#,##0{'.' * bool(decimals)}{'0' * decimals}"
            self._forms[name, decimals] = self.made.add_format(look)
        return self._forms[name, decimals]

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
    """One sheet; rows and columns count from 0. It prints on landscape pages, as wide as one where that can be read."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.made = book, book.made.add_worksheet(name)
        self._widths: list[float] = []
        self._lines: dict[int, int] = {}
        self.made.set_landscape()
        self.made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        said = book.title.replace("&", "&&")[:180]
        self.made.set_footer(f"&L&8{said}&C&8&A&R&8&P of &N")

    def widths(self, *columns: float) -> None:
        """How wide the columns are, in characters."""
        self._widths = list(columns)
        for number, width in enumerate(columns):
            self.made.set_column(number, number, width)

    def prints(
        self, columns: int, head: tuple[int, int] | None = None, left: int = 0, breaks: Sequence[int] = ()
    ) -> None:
        """How many columns are printed.

        head:   the first and last row that stand on every page
        left:   so many columns stand on every page too
        breaks: rows that begin a page
        """
        wide = sum(self._widths[:columns])
        self.made.set_paper(_A3 if wide > _ACROSS else _A4)
        if wide > _WIDEST:
            self.made.set_print_scale(60)
        else:
            self.made.fit_to_pages(1, 0)
        if head is not None:
            self.made.repeat_rows(*head)
        self.made.set_h_pagebreaks(list(breaks))
        if left:
            self.made.repeat_columns(0, left - 1)

    def freeze(self, row: int, column: int) -> None:
        """What stands above and to the left stays in sight."""
        self.made.freeze_panes(row, column)

    def text(self, row: int, column: int, said: str, form: str = "") -> None:
        """Text, whatever it looks like; its row is as high as it takes."""
        self.made.write_string(row, column, said, self.book.form(form))
        if _FORMS[form].get("text_wrap") and column < len(self._widths):
            self._room(row, said, self._widths[column])

    def _room(self, row: int, said: str, width: float) -> None:
        """Make a row high enough for a text that is so many characters wide: whoever opens the file need not."""
        lines = math.ceil(len(said) / max(0.9 * width, 1.2 * width - 8.0))
        if lines > self._lines.get(row, 1):
            self._lines[row] = lines
            self.made.set_row(row, _LINE * lines)

    def texts(self, row: int, said: Iterable[str], form: str = "", column: int = 0) -> None:
        """Texts side by side."""
        for number, each in enumerate(said, start=column):
            self.text(row, number, each, form)

    def prose(self, row: int, column: int, last: int, said: str, form: str = "wrap") -> None:
        """Sentences across columns, up to the last of them, on as many lines as they take."""
        self.made.merge_range(row, column, row, last, "", self.book.form(form))
        self.made.write_string(row, column, said, self.book.form(form))
        self._room(row, said, sum(self._widths[column : last + 1]))

    def number(self, row: int, column: int, value: float | None, form: str = "", decimals: int | None = None) -> None:
        """A number; nothing where there is none."""
        if value is not None and math.isfinite(value):
            self.made.write_number(row, column, value, self.book.form(form, decimals))

    def date(self, row: int, column: int, day: date) -> None:
        """A day."""
        self.made.write_datetime(row, column, datetime(day.year, day.month, day.day), self.book.form("date"))

    def cell(
        self,
        row: int,
        column: int,
        formula: str | float | bool,
        value: float | bool | str,
        form: str,
        decimals: int | None = None,
    ) -> None:
        """A formula with what it comes to, or a number."""
        if isinstance(formula, str):
            self.made.write_formula(row, column, formula, self.book.form(form, decimals), value)
        elif isinstance(formula, bool):
            self.made.write_boolean(row, column, formula, self.book.form(form))
        else:
            self.number(row, column, formula, form, decimals)

    def mark(self, first: int, column: int, last: int, wrong: str) -> None:
        """Show in red the cells of a column that are what they must not be."""
        red = self.book.made.add_format({"font_color": "#ffffff", "bg_color": ORANGE, "bold": True})
        self.made.conditional_format(
            first, column, last, column, {"type": "cell", "criteria": "==", "value": wrong, "format": red}
        )

    def place(
        self,
        chart: Any,
        title: str,
        row: int,
        column: int,
        x: str = "",
        y: str = "",
        percent: bool = False,
        from_zero: bool = False,
    ) -> None:
        """Put a chart with its title and the names of its axes at a cell.

        percent:   whether its values are shares
        from_zero: whether its axis begins there: that of bars, none of which is negative
        """
        small = {"size": 9, "bold": False}
        axis = {"name_font": small, "num_font": {"size": 9}, "label_position": "low"}
        chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
        chart.set_x_axis({**axis, "name": x, "num_format": "#,##0", "major_gridlines": {"visible": False}})
        ends = {"min": 0} if from_zero else {"min": 0, "max": 1} if percent and x else {}
        grid = {"major_gridlines": {"visible": True, "line": {"color": "#e4e4e4"}}}
        chart.set_y_axis({**axis, **grid, **ends, "name": y, "num_format": "0%" if percent else "#,##0"})
        chart.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
        chart.set_size({"width": CHART[0], "height": CHART[1]})
        self.made.insert_chart(row, column, chart)


def decimals(values: Iterable[float | bool]) -> int:
    """How many decimals a column of figures shows: none of whole numbers, two of large ones, more of small ones.

    >>> decimals([3.0, 0.0]), decimals([188_176.9084, 0.0]), decimals([108.606]), decimals([0.867])
    (0, 2, 4, 6)
    """
    found = [abs(float(value)) for value in values if math.isfinite(value)]
    if all(value == round(value) for value in found):
        return 0
    largest = max(found)
    return 2 if largest >= 1_000.0 else 4 if largest >= 10.0 else 6
