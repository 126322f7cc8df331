"""A history: dated columns read whole and strictly; what was done to them, and what stands out in them, is told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.dates import DAYS_OF_A_MONTH, MONTHS, Moment, label, read_moment, step_of
from gainsim.calibration.regular import average, outlying, too_regular, whole_months, without_gaps
from gainsim.errors import UsageError
from gainsim.grid import Step
from gainsim.numbers import QuantityError
from gainsim.scenario.table import CsvTable, Told, read_measured
from gainsim.spelling import meant_or_known
from gainsim.units import Unit
from gainsim.words import counted

Floats = NDArray[np.float64]
#: fewer points say next to nothing, and less than anything is fitted to
SHORTEST = 12
_WITH_UNIT = re.compile(r"(?P<name>.*?)\s*[\[(](?P<unit>[^\])]+)[\])]\s*")


@dataclass(frozen=True)
class Column:
    """One column, a value each period.

    name:   as a driver is called; heading: as the file has it
    unit:   as it is written; "" where nobody said
    first:  the month of its first value, counted from year 0
    values: (n,) in their order, without gaps
    notes:  what was filled, averaged, left out, and what stands out
    """

    name: str
    heading: str
    unit: str
    step: Step
    first: int
    values: Floats
    notes: tuple[str, ...] = ()

    def label(self, place: int) -> str:
        """The period of a value; beyond the last too."""
        return label(self.month(place), self.step)

    def month(self, place: int) -> int:
        """The month in which a period begins, counted from year 0."""
        return self.first + place * MONTHS[self.step]

    def until(self, count: int) -> Column:
        """Its first values."""
        return Column(self.name, self.heading, self.unit, self.step, self.first, self.values[:count])


@dataclass(frozen=True)
class History:
    """What a file tells of the past, all columns at one step."""

    source: str
    step: Step
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()


@dataclass
class _Read:
    """Rows as read: the moment and the row of each, and by column its values, by row."""

    moments: list[tuple[int, Moment]] = field(default_factory=list)
    values: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))


def read_history(path: Path, columns: Sequence[str] = (), units: Sequence[str] = ()) -> History:
    """Read a CSV file whose first column is a date and whose others are numbers.

    columns: those that are wanted, as the file or as a driver is called; all, unless said
    units:   "EUR/MWh" for all columns, or "price=EUR/MWh" for one
    Raises `DataError` with everything that is wrong in it; `UsageError` for a column that is not there and a unit that
    is none.
    """
    table = CsvTable(path)
    told = Told(table.name, nothing="nothing was fitted")
    named = _named(table, told)
    told.check()
    wanted = _wanted(named, columns)
    of_column = _units(named, wanted, units)
    read = _rows(table, {heading: place for place, heading in enumerate(table.header) if heading in wanted}, told)
    step = _step(read.moments, table.header[0], told)
    told.check()
    daily = step is None
    notes = ["Several values a month: each month is the average of its own."] if daily else []
    if [moment.month for _, moment in read.moments] != sorted(moment.month for _, moment in read.moments):
        notes.append("The rows are not in the order of their dates; they were put in order.")
    made = []
    for heading in wanted:
        found = _column(read, heading, step or "month", daily, told)
        if found is not None:
            first, values, said = found
            made.append(Column(named[heading], heading, of_column[heading], step or "month", first, values, said))
    told.check()
    return History(table.name, step or "month", tuple(made), tuple(notes))


# --- headings and units ------------------------------------------------------------------------------------------------


def _named(table: CsvTable, told: Told) -> dict[str, str]:
    """The name of the driver of each heading but the first; what cannot be one is told."""
    if len(table.header) < 2:
        told.add(1, "there is one column only. Write a date in the first, and a number in each other.")
    named: dict[str, str] = {}
    for heading in table.header[1:]:
        name = driver_name(heading)
        if not heading:
            told.add(1, "a column has no name.")
        elif name in named.values():
            told.add(1, f"the column '{heading}' stands there twice. Keep one of them.")
        named[heading] = name
    return named


def driver_name(heading: str) -> str:
    """A heading as drivers are named: small letters, digits and _; its unit, in brackets, left out.

    >>> driver_name("Day-ahead price [EUR/MWh]"), driver_name("2nd")
    ('day_ahead_price', 'x_2nd')
    """
    found = _WITH_UNIT.fullmatch(heading)
    plain = re.sub(r"[^0-9a-z]+", "_", (found["name"] if found else heading).lower()).strip("_") or "x"
    return plain if plain[0].isalpha() else f"x_{plain}"


def _wanted(named: dict[str, str], columns: Sequence[str]) -> list[str]:
    if not columns:
        return list(named)
    by_either = {**{name: heading for heading, name in named.items()}, **{heading: heading for heading in named}}
    for column in columns:
        if column not in by_either:
            raise UsageError(f"--column {column}: no such column.{meant_or_known(column, list(named))}")
    return list(dict.fromkeys(by_either[column] for column in columns))


def _units(named: dict[str, str], wanted: Sequence[str], units: Sequence[str]) -> dict[str, str]:
    """The unit of each column: said on the command line, or in brackets behind its heading; "" where nobody said."""
    found = {heading: (match["unit"] if (match := _WITH_UNIT.fullmatch(heading)) else "") for heading in wanted}
    for said in units:
        column, marked, unit = said.rpartition("=")
        which = [heading for heading in wanted if not marked or column in (heading, named[heading])]
        if not which:
            raise UsageError(f"--unit {said}: no such column.{meant_or_known(column, wanted)}")
        found |= dict.fromkeys(which, unit.strip())
    for heading, unit in found.items():
        try:
            Unit.parse(unit)
        except QuantityError as error:
            raise UsageError(f"the unit of '{heading}': {error}") from None
    return found


# --- rows ----------------------------------------------------------------------------------------------------------------


def _rows(table: CsvTable, places: dict[str, int], told: Told) -> _Read:
    read = _Read()
    for chunk in table.chunks(told):
        for row, written in zip(chunk.rows.tolist(), chunk.texts(0), strict=True):
            try:
                read.moments.append((row, read_moment(written)))
            except ValueError as error:
                told.add(row, str(error), table.header[0])
        for heading, place in places.items():
            for row, written in zip(chunk.rows.tolist(), chunk.texts(place), strict=True):
                if written.strip():
                    try:
                        read.values[heading][row] = read_measured(written)
                    except QuantityError as error:
                        told.add(row, str(error), heading)
    if not read.moments and not told.found:
        told.add(2, "there are no rows. Write one for each period.")
    return read


def _step(moments: Sequence[tuple[int, Moment]], heading: str, told: Told) -> Step | None:
    """The step of the dates, None for several days a month; dates of two forms and doubles are told."""
    if not moments:
        return "month"
    row, first = moments[0]
    seen: dict[Moment, int] = {}
    for each, moment in moments:
        if moment.form != first.form:
            told.add(each, f"{moment.form}, where row {row} has {first.form}. Write all dates alike.", heading)
        elif moment in seen:
            told.add(each, f"this date stands in row {seen[moment]} already. Keep one of them.", heading)
        seen.setdefault(moment, each)
    if first.form == "a day" and (_usual_days(moments) or 0) < DAYS_OF_A_MONTH:
        return None
    months = [moment.month for _, moment in moments]
    for each, month in zip((row for row, _ in moments), months, strict=True):
        if months.count(month) > 1 and not told.enough and first.form == "a day":
            told.add(each, f"a second value for {label(month, 'month')}. Write one a month, or all days.", heading)
    return step_of(months, first.form)


def _usual_days(moments: Sequence[tuple[int, Moment]]) -> int | None:
    days = sorted(30 * moment.month + moment.day for _, moment in moments)
    apart = sorted(b - a for a, b in pairwise(days))
    return apart[len(apart) // 2] if apart else None


# --- one column ------------------------------------------------------------------------------------------------------


def _column(
    read: _Read, heading: str, step: Step, daily: bool, told: Told
) -> tuple[int, Floats, tuple[str, ...]] | None:
    """Its first month, its values without gaps, and what was done; None where it is too short, which is told."""
    by_month: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for row, moment in read.moments:
        if row in read.values[heading]:
            by_month[moment.month].append((row, read.values[heading][row]))
    if not by_month:
        told.add(1, "it holds no number at all.", heading)
        return None
    by_month, left_out = whole_months(by_month) if daily else (by_month, [])
    months = range(min(by_month), max(by_month) + 1, MONTHS[step])
    series = [average(by_month[month]) if month in by_month else None for month in months]
    start, values, said = without_gaps(series, lambda place: label(months[place], step))
    if len(values) < SHORTEST:
        told.add(1, f"{counted(len(values), 'value')} without a long gap; at least {SHORTEST} are needed.", heading)
        return None
    rows = [by_month[month][0][0] if month in by_month else 0 for month in months][start:]
    if why := too_regular(values):
        told.add(1, why, heading)
        return None
    said += outlying(values, rows, lambda place: label(months[start + place], step))
    return months[start], values, (*left_out, *said)
