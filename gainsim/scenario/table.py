"""Tables of measured facts: rows of text from a CSV file, numbers read strictly, problems told by row and column."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gainsim.errors import DataError
from gainsim.numbers import QuantityError, parse_number, quoted, scaled, text_of
from gainsim.units import DIMENSIONLESS, Unit
from gainsim.words import counted

Floats = NDArray[np.float64]
#: problems that are told at once; a table with more is most likely another table
MOST = 20
#: rows that are read at once
CHUNK = 32_768
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PERCENT = re.compile(r"([+-]?(?:\d+(?:\.\d+)?|\.\d+))\s*%", re.ASCII)


@dataclass(frozen=True)
class Chunk:
    """Some rows of a table.

    rows:    (rows,) their numbers, as a spreadsheet counts them: the header is row 1
    columns: what is written in each column, as text, or as floats where the table holds numbers
    """

    rows: NDArray[np.int64]
    columns: Sequence[Sequence[str] | Floats]


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
    """What is wrong with a table, in the order in which it was met."""

    name: str
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
                "\n".join([f"{self.name} has {count}; nothing was settled", *(f"  {each}" for each in said)])
            )


def read_measured(written: str, unit: Unit = DIMENSIONLESS) -> float:
    """A measured number as machines write it: a decimal point, perhaps an exponent; between thousands nothing, or _.

    A percentage stands where the fact is a plain number. Raises QuantityError for a comma, a currency, a unit, nothing.

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
        return value
    if part := _PERCENT.fullmatch(text):
        if unit != DIMENSIONLESS:
            raise QuantityError(f"{quoted(text)} is a percentage; this column is in {unit}. Write the number.")
        return scaled(part[1], -2)
    return parse_number(text)


def read_column(written: Sequence[str] | Floats, rows: NDArray[np.int64], name: str, unit: Unit, told: Told) -> Floats:
    """A column of numbers; what is none is told, and 0 in its place. returns: (rows,)"""
    try:
        values = (
            written if isinstance(written, np.ndarray) else np.fromiter(map(float, written), np.float64, len(written))
        )
        if np.isfinite(values).all() and (isinstance(written, np.ndarray) or "".join(written).isascii()):
            return values
    except ValueError:  # not the plain form that `float` reads: cell by cell, each by our own rules
        values = np.zeros(len(written))
    for number, text in enumerate(written):
        try:
            values[number] = read_measured("" if text != text else str(text), unit)  # NaN is what a frame leaves blank
        except QuantityError as error:
            told.add(int(rows[number]), str(error), name)
            if told.enough:
                break
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
            raise DataError(f"{self.name} was changed while it was read; nothing was settled. Start again.")
        with self._opened() as lines:
            next(lines)
            first = 2
            while records := self._some(lines):
                yield self._chunk(first, records, told)
                first += len(records)

    def _chunk(self, first: int, records: list[list[str]], told: Told) -> Chunk:
        rows = np.arange(first, first + len(records))
        width = len(self.header)
        if any(len(record) != width or not any(record) for record in records):
            whole = [self._is_whole(int(row), record, told) for row, record in zip(rows, records, strict=True)]
            records = [record for record, kept in zip(records, whole, strict=True) if kept]
            rows = rows[np.array(whole, bool)]
        return Chunk(rows, list(zip(*records, strict=True)) or [()] * width)

    def _is_whole(self, row: int, record: list[str], told: Told) -> bool:
        if not any(cell.strip() for cell in record):
            return False
        if len(record) != len(self.header):
            width = counted(len(self.header), "column")
            told.add(row, f"{counted(len(record), 'cell')} for {width}. Is a comma inside a number or a name?")
        return len(record) == len(self.header)

    def _header(self) -> list[str]:
        with self._opened() as lines:
            header = [name.strip() for name in next(lines, [])]
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

    def _opened(self) -> _Lines:
        return _Lines(self.path)

    def _some(self, lines: Iterator[list[str]]) -> list[list[str]]:
        return list(islice(lines, CHUNK))


class _Lines:
    """The records of a CSV file; what stands in the way of reading it is a `DataError`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Iterator[list[str]]:
        try:
            self.file = self.path.open(encoding="utf-8-sig", newline="")
        except FileNotFoundError:
            raise DataError(f"{self.path}: no such file.") from None
        except IsADirectoryError:
            raise DataError(f"{self.path}: this is a folder. Name the file of actuals in it.") from None
        except PermissionError:
            raise DataError(f"{self.path}: no permission to read this file.") from None
        return csv.reader(self.file, strict=True)

    def __exit__(self, kind: object, error: BaseException | None, *_: object) -> None:
        self.file.close()
        if isinstance(error, UnicodeDecodeError):
            raise DataError(
                f"{self.path}: byte 0x{error.object[error.start]:02X} is not UTF-8. Save it as UTF-8."
            ) from None
        if isinstance(error, csv.Error):
            raise DataError(f"{self.path}: cannot be read as CSV: {error}. Look at its quotation marks.") from None
