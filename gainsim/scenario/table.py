"""Tables of measured facts: rows of text from a CSV file, numbers read strictly, problems told by row and column."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

from gainsim.errors import DataError
from gainsim.numbers import QuantityError, parse_number, quoted, scaled, text_of
from gainsim.slips import admitted, refuse_impossible, refuse_slip
from gainsim.units import DIMENSIONLESS, Unit
from gainsim.words import counted

Floats = NDArray[np.float64]
#: problems that are told at once; a table with more is most likely another table
MOST = 20
#: rows that are read at once
CHUNK = 32_768
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PERCENT = re.compile(r"([+-]?(?:\d+(?:\.\d+)?|\.\d+))\s*%", re.ASCII)


class Chunk(Protocol):
    """Some rows of a table. Columns are counted from 0."""

    @property
    def rows(self) -> NDArray[np.int64]:
        """(rows,) their numbers, as a spreadsheet counts them: the header is row 1."""

    def texts(self, column: int) -> Sequence[str]:
        """What is written in one column."""

    def numbers(self, columns: Sequence[int]) -> Floats | None:
        """(columns, rows), where all of it is plain numbers; they need not be finite."""


@dataclass(frozen=True)
class Records:
    """Rows as cells."""

    rows: NDArray[np.int64]
    records: Sequence[Sequence[str]]

    def texts(self, column: int) -> Sequence[str]:
        """What is written in one column."""
        return [record[column] for record in self.records]

    def numbers(self, columns: Sequence[int]) -> Floats | None:
        """None: cells are read one by one."""
        return None


@dataclass(frozen=True)
class Lines:
    """Rows as lines in which each comma parts two cells: read at once, which is several times faster."""

    rows: NDArray[np.int64]
    lines: Sequence[str]

    def texts(self, column: int) -> Sequence[str]:
        """What is written in one column."""
        texts: list[str] = self._read(str, [column])[:, 0].tolist()
        return texts

    def numbers(self, columns: Sequence[int]) -> Floats | None:
        """(columns, rows), where all of it is plain numbers."""
        try:
            return self._read(np.float64, columns).T
        except ValueError:
            return None

    def _read(self, kind: type, columns: Sequence[int]) -> NDArray[Any]:
        return np.loadtxt(self.lines, kind, comments=None, delimiter=",", usecols=columns, ndmin=2)


class Table(Protocol):
    """Where facts come from: the names of its columns, and its rows, some at a time, each time anew."""

    @property
    def name(self) -> str:
        """What the table is called in problems."""

    @property
    def header(self) -> Sequence[str]:
        """The names of the columns."""

    def chunks(self, told: Told) -> Iterator[Chunk]:
        """All rows in their order; those that are no rows are told."""


@dataclass
class Told:
    """What is wrong with a table, in the order in which it was met. nothing: what was not done for it."""

    name: str
    nothing: str = "nothing was settled"
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: int, message: str, column: str = "") -> None:
        """Something wrong in a row, perhaps in one of its columns."""
        self.found.append((row, f"row {row}{f', column {column}' if column else ''}: {message}"))

    @property
    def enough(self) -> bool:
        """Whether no more need be looked for."""
        return len(self.found) > MOST

    def check(self) -> None:
        """Raise `DataError` with all that was told, if anything was."""
        if self.found:
            said = [message for _, message in sorted(self.found)][:MOST]
            count = f"more than {MOST} problems" if self.enough else counted(len(said), "problem")
            raise DataError(
                "\n".join([f"{self.name} has {count}; {self.nothing}", *(f"  {each}" for each in said)])
            )


def read_measured(written: str, unit: Unit = DIMENSIONLESS) -> float:
    """A measured number as machines write it: a decimal point, perhaps an exponent; between thousands nothing, or _.

    A percentage stands where the fact is a plain number. Raises QuantityError for a comma, a currency, a unit, nothing, and for
    97 where the fact is a fraction.

    >>> read_measured("1.234"), read_measured("-5.0e-3"), read_measured("12.5%"), read_measured("14_500")
    (1.234, -0.005, 0.125, 14500.0)
    >>> read_measured("1,5")
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: '1,5' is two numbers: a comma marks decimals in one country and thousands in the
    next. Write 1.5.
    """
    text = text_of(written)
    if not text:
        raise QuantityError("nothing is written here. Write the number, 0 where there was none.")
    if _PLAIN.fullmatch(text):
        value = float(text)
        if not np.isfinite(value):
            raise QuantityError(f"{quoted(text)} is too large. Write a number below 1e308.")
        refuse_slip(value, unit)
        return value
    if part := _PERCENT.fullmatch(text):
        if unit != DIMENSIONLESS:
            raise QuantityError(f"{quoted(text)} is a percentage; this column is in {unit}. Write the number.")
        value = scaled(part[1], -2)
        refuse_impossible(value, unit)
        return value
    return parse_number(text)


@dataclass(frozen=True)
class Column:
    """A column of facts.

    place:          its number
    always_above_0: what the fact is called where it is so by its use, else ''
    yes_or_no:      whether it is only ever 1 or 0
    """

    place: int
    unit: Unit
    always_above_0: str = ""
    yes_or_no: bool = False

    def read(self, written: str) -> float:
        """One cell; raises QuantityError for what is no such fact."""
        value = read_measured(written, self.unit)
        if self.always_above_0 and not value > 0.0:
            told = f"{quoted(written.strip())} is no {self.always_above_0}: that is above 0"
            raise QuantityError(f"{told}. Write what was published.")
        if self.yes_or_no and value not in (0.0, 1.0):
            raise QuantityError(f"{quoted(written.strip())} is neither yes nor no. Write 1 for yes, 0 for no.")
        return value

    def admits(self, values: Floats) -> bool:
        """Whether all of (rows,) may be such facts; they are finite."""
        low, high = admitted(self.unit)
        inside = (values >= low) & (values <= high)
        if self.always_above_0:
            inside &= values > 0.0
        if self.yes_or_no:
            inside &= (values == 0.0) | (values == 1.0)
        return bool(inside.all())


def read_facts(chunk: Chunk, columns: Mapping[str, Column], told: Told) -> Floats:
    """The numbers of some columns; what is none is told, and 0 in its place. returns: (columns, rows)"""
    values = chunk.numbers([each.place for each in columns.values()]) if columns else np.zeros((0, len(chunk.rows)))
    if values is not None and np.isfinite(values).all() and all(map(Column.admits, columns.values(), values)):
        return values
    values = np.zeros((len(columns), len(chunk.rows)))
    for number, (name, column) in enumerate(columns.items()):
        for at, written in enumerate(chunk.texts(column.place)):
            try:
                values[number, at] = column.read(written)
            except QuantityError as error:
                told.add(int(chunk.rows[at]), str(error), name)
                if told.enough:
                    return values
    return values


class CsvTable:
    """A CSV file: UTF-8, columns separated by commas, the first row their names.

    Raises `DataError` for a file that cannot be read, and for names that are missing or stand twice.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, str(path)
        self.header = self._header()
        self._state = self._found()

    def chunks(self, told: Told) -> Iterator[Chunk]:
        """All rows; those with another number of cells than the header are told, blank ones are passed over."""
        if self._found() != self._state:
            raise DataError(f"{self.name} was changed while it was read. Start again.")
        with _Opened(self.path) as file:
            next(csv.reader(file, strict=True))
            first = 2
            while lines := list(islice(file, CHUNK)):
                if any(
                    '"' in line for line in lines
                ):  # from here on a cell may hold commas, and go on in the next line
                    break
                yield self._chunk(first, lines, told)
                first += len(lines)
            records = csv.reader(chain(lines, file), strict=True)
            while some := list(islice(records, CHUNK)):
                yield self._records(first, some, told)
                first += len(some)

    def _chunk(self, first: int, lines: list[str], told: Told) -> Chunk:
        """Lines without quotation marks."""
        commas = len(self.header) - 1
        if commas and all(line.count(",") == commas and line[0] != "," for line in lines):
            return Lines(np.arange(first, first + len(lines)), lines)
        return self._records(first, list(csv.reader(lines, strict=True)), told)

    def _records(self, first: int, records: list[list[str]], told: Told) -> Chunk:
        rows = range(first, first + len(records))
        whole = [self._is_whole(row, record, told) for row, record in zip(rows, records, strict=True)]
        kept = [record for record, is_whole in zip(records, whole, strict=True) if is_whole]
        return Records(np.array(rows)[np.array(whole, bool)], kept)

    def _is_whole(self, row: int, record: list[str], told: Told) -> bool:
        if not any(cell.strip() for cell in record):
            return False
        if len(record) != len(self.header):
            width = counted(len(self.header), "column")
            told.add(row, f"{counted(len(record), 'cell')} for {width}. Is a comma inside a number or a name?")
        return len(record) == len(self.header)

    def _header(self) -> list[str]:
        with _Opened(self.path) as file:
            header = [name.strip() for name in next(csv.reader(file, strict=True), [])]
        if len(header) == 1 and (found := re.search("[;\t]", header[0])):
            mark = "semicolons" if found[0] == ";" else "tabs"
            raise DataError(
                f"{self.name}, row 1: its columns are separated by {mark}. Write commas, and decimal points."
            )
        if not any(header):
            raise DataError(f"{self.name} is empty. Write the names of the columns in its first row.")
        return header

    def _found(self) -> tuple[int, int]:
        found = os.stat(self.path)
        return found.st_size, found.st_mtime_ns


class _Opened:
    """A CSV file as text; what stands in the way of reading it is a `DataError`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> TextIO:
        try:
            self.file = self.path.open(encoding="utf-8-sig", newline="")
        except FileNotFoundError:
            raise DataError(f"{self.path}: no such file.") from None
        except IsADirectoryError:
            raise DataError(f"{self.path}: this is a folder. Name the CSV file in it.") from None
        except PermissionError:
            raise DataError(f"{self.path}: no permission to read this file.") from None
        return self.file

    def __exit__(self, kind: object, error: BaseException | None, *_: object) -> None:
        self.file.close()
        if isinstance(error, UnicodeDecodeError):
            raise DataError(
                f"{self.path}: byte 0x{error.object[error.start]:02X} is not UTF-8. Save it as UTF-8."
            ) from None
        if isinstance(error, csv.Error):
            raise DataError(f"{self.path}: cannot be read as CSV: {error}. Look at its quotation marks.") from None
