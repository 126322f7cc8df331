"""Histories read: dates in all their forms, what is missing, what stands out, what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gainsim.calibration.history import History, read_history
from gainsim.errors import DataError, UsageError

Write = Callable[[str], Path]
MONTHS = [f"{2020 + t // 12}-{t % 12 + 1:02d}" for t in range(36)]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        file = tmp_path / "history.csv"
        file.write_text(text, encoding="utf-8")
        return file

    return written


def _rows(dates: list[str], values: list[str] | None = None) -> str:
    values = values or [f"{100 + 3 * np.sin(t):.3f}" for t in range(len(dates))]
    return "date,price\n" + "".join(f"{date},{value}\n" for date, value in zip(dates, values, strict=True))


def _read(write: Write, dates: list[str], values: list[str] | None = None) -> History:
    return read_history(write(_rows(dates, values)))


@pytest.mark.parametrize(
    ("dates", "step", "first", "last"),
    [
        (MONTHS, "month", "2020-01", "2022-12"),
        ([f"{month}-28" for month in MONTHS], "month", "2020-01", "2022-12"),
        ([f"{2001 + t // 4}-Q{t % 4 + 1}" for t in range(20)], "quarter", "2001-Q1", "2005-Q4"),
        ([f"{2001 + t // 4}Q{t % 4 + 1}" for t in range(20)], "quarter", "2001-Q1", "2005-Q4"),
        ([f"{2001 + t // 4}-{3 * (t % 4) + 3:02d}" for t in range(20)], "quarter", "2001-Q1", "2005-Q4"),
        ([str(1990 + t) for t in range(15)], "year", "1990", "2004"),
        ([f"{1990 + t}-12-31" for t in range(15)], "year", "1990", "2004"),
    ],
)
def test_the_step_is_read_from_the_dates(dates: list[str], step: str, first: str, last: str, write: Write) -> None:
    history = _read(write, dates)
    column = history.columns[0]
    assert (history.step, column.label(0), column.label(len(dates) - 1)) == (step, first, last)
    assert len(column.values) == len(dates)
    assert not history.notes


def test_days_are_averaged_by_month_and_the_months_that_are_cut_left_out(write: Write) -> None:
    """Ten weeks of 2020 are 14 months of values; the first month has its last two days only."""
    dates = ["2020-01-30", "2020-01-31"] + [
        f"{2020 + (t + 1) // 12}-{(t + 1) % 12 + 1:02d}-{day:02d}" for t in range(14) for day in range(1, 21)
    ]
    values = ["5", "5"] + [str(t * t % 11 + (day - 10.5)) for t in range(14) for day in range(1, 21)]
    history = _read(write, dates, values)
    column = history.columns[0]
    assert column.label(0) == "2020-02"
    np.testing.assert_allclose(column.values, np.arange(14) ** 2 % 11, atol=1e-12)
    assert "average" in history.notes[0]


def test_a_month_of_which_little_is_there_is_told(write: Write) -> None:
    """Of 14 months of 20 values one keeps 8: it is missing, and filled as any other that is."""
    dates = [f"{2020 + t // 12}-{t % 12 + 1:02d}-{day:02d}" for t in range(14) for day in range(1, 21) if t != 5 or day < 9]
    values = [str(int(date[5:7]) ** 2 % 11 + 3) for date in dates]
    column = _read(write, dates, values).columns[0]
    assert column.notes[0] == "2020-06 (8 values): fewer than half of the usual 20 values: taken as missing."
    assert column.notes[1].startswith("1 value missing (2020-06)")
    assert column.values[5] == pytest.approx((5**2 % 11 + 3 + 7**2 % 11 + 3) / 2)


def test_a_short_gap_is_filled_on_a_straight_line_and_told(write: Write) -> None:
    dates, values = MONTHS[:], [str(100 + t) for t in range(36)]
    del dates[5], values[5]
    values[9] = ""
    column = _read(write, dates, values).columns[0]
    np.testing.assert_allclose(column.values, 100.0 + np.arange(36))
    assert "2 values missing (2020-06 and 2020-11)" in column.notes[0]


def test_after_a_long_gap_the_history_begins_anew(write: Write) -> None:
    dates = MONTHS[:10] + MONTHS[14:]
    column = _read(write, dates).columns[0]
    assert column.label(0) == "2021-03"
    assert len(column.values) == 22
    assert "4 values missing from 2020-11 to 2021-02: too long a gap to fill" in column.notes[0]


def test_what_stands_out_is_told_with_its_row_and_kept(write: Write) -> None:
    values = [f"{100 + 3 * np.sin(t):.3f}" for t in range(36)]
    values[20] = "900"
    column = _read(write, MONTHS, values).columns[0]
    assert column.values[20] == 900.0
    assert column.notes[0].startswith("2 changes out of the ordinary: row 22 (2021-09, ")


def test_rows_in_another_order_are_put_in_order(write: Write) -> None:
    history = _read(write, MONTHS[::-1], [str(100 + t) for t in range(36)][::-1])
    assert history.columns[0].values.tolist() == [100.0 + t for t in range(36)]
    assert "put in order" in history.notes[0]


def test_units_stand_in_brackets_or_on_the_command_line(write: Write) -> None:
    rows = "".join(f"{month},{40 + t % 7},{3 + t % 5}\n" for t, month in enumerate(MONTHS))
    file = write("month,Day-ahead [EUR/MWh],gas\n" + rows)
    columns = read_history(file, units=["gas=USD/MMBtu"]).columns
    assert [(c.name, c.unit) for c in columns] == [("day_ahead", "EUR/MWh"), ("gas", "USD/MMBtu")]
    assert [c.unit for c in read_history(file, columns=["gas"], units=["USD"]).columns] == ["USD"]
    for asked in ({"columns": ["gaz"]}, {"units": ["gaz=EUR"]}, {"units": ["gas=EUR per per"]}):
        with pytest.raises(UsageError, match=r"gaz|the unit of 'gas'"):
            read_history(file, **asked)


def test_everything_that_is_wrong_is_told_at_once(write: Write) -> None:
    text = 'month,price,gas\n2020-01,1,2\n2020-02,"1,5",3\n2020-02,4,x\n2020-13,1,1\n2020-04-05,1,1\n2020-05,1\nMay 2020,1,1\n'
    with pytest.raises(DataError) as told:
        read_history(write(text))
    said = str(told.value).splitlines()
    assert said[0].endswith("has 7 problems; nothing was fitted")
    expected = [
        "row 3, column price: '1,5' is two numbers",
        "row 4, column gas: 'x' is not a number",
        "row 4, column month: this date stands in row 3 already",
        'row 5, column month: "2020-13": a month is',
        "row 6, column month: a day, where row 2 has a month",
        "row 7: 2 cells for 3 columns",
        "row 8, column month: 'May 2020' is no date",
    ]
    found = sorted(line.strip() for line in said[1:])
    assert all(line.startswith(begin) for line, begin in zip(found, sorted(expected), strict=True)), said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date\n2020-01\n", "there is one column only"),
        ("date,price\n", "there are no rows"),
        ("date,price,Price\n2020-01,1,2\n", "stands there twice"),
        ("date,price,\n2020-01,1,2\n", "a column has no name"),
        (_rows(MONTHS[:8]), "at least 12 are needed"),
        (_rows(MONTHS, [""] * 36), "it holds no number at all"),
        (_rows(MONTHS, ["5"] * 36), "all its values are 5. Write it as a constant"),
        (_rows(MONTHS, ["5"] * 20 + ["6"] * 16), "it moves in steps or along a line"),
        (_rows(MONTHS, [str(5 * 1.01**t) for t in range(36)]), "it moves in steps or along a line"),
        ("date;price\n2020-01;1\n", "separated by semicolons"),
        (_rows(["2020-01-05", "2020-01-25", *[f"{month}-05" for month in MONTHS[1:]]]), "a second value for 2020-01"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, message: str, write: Write) -> None:
    with pytest.raises(DataError, match=message):
        read_history(write(text))
