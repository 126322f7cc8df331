"""A small strict Excel: reads a workbook from its file and reckons every formula anew, from the cells that hold figures alone.

It knows the functions that it knows and refuses all else; what is kept in the file beside a formula is never reckoned with.
"""

from __future__ import annotations

import math
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\")|(?P<ref>(?:(?:'[^']+'|[A-Za-z_][A-Za-z0-9_]*)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?(?![A-Za-z0-9_(]))"
    r"|(?P<number>\d+\.?\d*(?:E[+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<sign><=|>=|<>|[-+*/(),<>=]))"
)
Value = float | bool | str


class Excel:
    """A workbook.

    sheets: by name, the cells by address, each a figure, a text or a formula with its sign
    kept:   what the file keeps beside each formula, for who opens it without reckoning
    """

    def __init__(self, place: Path) -> None:
        sys.setrecursionlimit(100_000)
        with zipfile.ZipFile(place) as file:
            texts = [
                "".join(part.text or "" for part in each.iter(f"{_MAIN}t"))
                for each in ElementTree.fromstring(file.read("xl/sharedStrings.xml")).iter(f"{_MAIN}si")
            ]
            book = ElementTree.fromstring(file.read("xl/workbook.xml"))
            names = [each.attrib["name"] for each in book.iter(f"{_MAIN}sheet")]
            self.names = {each.attrib["name"]: each.text or "" for each in book.iter(f"{_MAIN}definedName")}
            parts = {
                name: ElementTree.fromstring(file.read(f"xl/worksheets/sheet{number}.xml"))
                for number, name in enumerate(names, start=1)
            }
            self.sheets = {name: dict(_cells(part, texts)) for name, part in parts.items()}
            self.kept = {name: dict(_kept(part)) for name, part in parts.items()}
            self.charts = [each for each in file.namelist() if each.startswith("xl/charts/chart")]
        self.known: dict[tuple[str, str], Value] = {}

    def set(self, name: str, value: float) -> None:
        """Change a named cell."""
        sheet, cell = self.names[name].replace("$", "").split("!")
        self.sheets[sheet.strip("'")][cell] = value
        self.known.clear()

    def value(self, sheet: str, cell: str) -> Value:
        """What a cell comes to; an empty one to 0."""
        if (sheet, cell) not in self.known:
            held = self.sheets[sheet].get(cell, 0.0)
            is_formula = isinstance(held, str) and held.startswith("=")
            self.known[sheet, cell] = _Reader(self, sheet, held[1:]).whole() if is_formula else held
        return self.known[sheet, cell]

    def row(self, sheet: str, row: int) -> dict[str, Value]:
        """What the cells of a row come to, by column."""
        found = {}
        for cell in self.sheets[sheet]:
            column, number = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
            if int(number) == row:
                found[column] = self.value(sheet, cell)
        return found

    def find(self, sheet: str, text: str, column: str = "A") -> int:
        """The first row in which a text stands."""
        cells = (
            cell for cell, held in self.sheets[sheet].items() if held == text and cell.rstrip("0123456789") == column
        )
        return min(int(cell[len(column) :]) for cell in cells)


def _cells(sheet: ElementTree.Element, texts: list[str]) -> Iterator[tuple[str, Value]]:
    for each in sheet.iter(f"{_MAIN}c"):
        formula, kept = each.find(f"{_MAIN}f"), each.find(f"{_MAIN}v")
        if formula is not None:
            yield each.attrib["r"], f"={formula.text}"
        elif kept is not None and kept.text is not None:
            kind = each.attrib.get("t")
            assert kind in (None, "n", "s", "b"), kind
            held: Value = (
                texts[int(kept.text)] if kind == "s" else kept.text == "1" if kind == "b" else float(kept.text)
            )
            yield each.attrib["r"], held


def _kept(sheet: ElementTree.Element) -> Iterator[tuple[str, Value]]:
    for each in sheet.iter(f"{_MAIN}c"):
        if each.find(f"{_MAIN}f") is not None:
            kept, kind = each.findtext(f"{_MAIN}v", ""), each.attrib.get("t")
            yield each.attrib["r"], kept if kind == "str" else kept == "1" if kind == "b" else float(kept)


class _Reader:
    """One formula, read and reckoned by precedence; a branch that is not taken is read only."""

    def __init__(self, excel: Excel, sheet: str, formula: str) -> None:
        self.excel, self.sheet, self.formula = excel, sheet, formula
        self.tokens, at = [], 0
        while at < len(formula):
            found = _TOKEN.match(formula, at)
            assert found, f"{formula} at {at}"
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self.tokens.append(("end", ""))
        self.at = 0

    def whole(self) -> Value:
        tree = self.compared()
        assert self.tokens[self.at][0] == "end", self.formula
        return self.reckon(tree)

    def taken(self, *signs: str) -> str:
        kind, said = self.tokens[self.at]
        if kind == "sign" and said in signs:
            self.at += 1
            return said
        return ""

    def compared(self) -> Any:
        left = self.added()
        while sign := self.taken("<", "<=", ">", ">=", "="):
            left = (sign, left, self.added())
        return left

    def added(self) -> Any:
        left = self.multiplied()
        while sign := self.taken("+", "-"):
            left = (sign, left, self.multiplied())
        return left

    def multiplied(self) -> Any:
        left = self.signed()
        while sign := self.taken("*", "/"):
            left = (sign, left, self.signed())
        return left

    def signed(self) -> Any:
        return ("negative", self.signed()) if self.taken("-") else self.atom()

    def atom(self) -> Any:
        if self.taken("("):
            inner = self.compared()
            assert self.taken(")"), self.formula
            return inner
        kind, said = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            assert len(said.split("E")[0].replace(".", "").strip("0")) <= 17
            return float(said)
        if kind == "text":
            return ("said", said[1:-1])
        if kind == "ref":
            return ("ref", said.replace("$", ""))
        assert kind == "name", f"{said} in {self.formula}"
        if not self.taken("("):
            return said == "TRUE" if said in ("TRUE", "FALSE") else ("named", said)
        arguments = []
        while not self.taken(")"):
            arguments.append(self.compared())
            if not self.taken(","):
                assert self.taken(")"), self.formula
                break
        return (said, *arguments)

    def reckon(self, tree: Any) -> Any:
        if not isinstance(tree, tuple):
            return tree
        op, *inner = tree
        if op == "said":
            return inner[0]
        if op == "IF":
            assert len(inner) == 3
            asked = self.reckon(inner[0])
            assert isinstance(asked, bool), self.formula
            return self.reckon(inner[1] if asked else inner[2])
        if op == "named":
            sheet, cell = self.excel.names[inner[0]].replace("$", "").split("!")
            return self.excel.value(sheet.strip("'"), cell)
        if op == "ref":
            cells = self.cells(inner[0])
            assert ":" not in inner[0], self.formula
            return self.excel.value(*cells[0])
        if op in _OVER_RANGES:
            return _OVER_RANGES[op](*[self.several(each) for each in inner])
        if op == "NA":
            return math.nan
        return _ON_VALUES[op](*[self.reckon(each) for each in inner])

    def several(self, tree: Any) -> list[Any]:
        if isinstance(tree, tuple) and tree[0] == "ref":
            return [self.excel.value(*cell) for cell in self.cells(tree[1])]
        return [self.reckon(tree)]

    def cells(self, ref: str) -> list[tuple[str, str]]:
        sheet, _, where = ref.rpartition("!")
        name = sheet.strip("'") or self.sheet
        assert name in self.excel.sheets, ref
        first, _, last = where.partition(":")
        (c1, r1), (c2, r2) = (re.fullmatch(r"([A-Z]+)(\d+)", each).groups() for each in (first, last or first))  # type: ignore[union-attr]
        return [
            (name, f"{_letters(c)}{r}")
            for c in range(_number(c1), _number(c2) + 1)
            for r in range(int(r1), int(r2) + 1)
        ]


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = 26 * found + ord(letter) - 64
    return found


def _letters(number: int) -> str:
    said = ""
    while number:
        number, rest = divmod(number - 1, 26)
        said = chr(65 + rest) + said
    return said


def _round(x: float, digits: float) -> float:
    assert digits == 0
    return math.copysign(math.floor(abs(x) + 0.5), x)


def _sum_if(where: list[Any], wanted: list[Any], what: list[Any]) -> float:
    return sum(amount for place, amount in zip(where, what, strict=True) if place == wanted[0])


def _flat(*arguments: list[Any]) -> list[Any]:
    return [each for argument in arguments for each in argument]


_OVER_RANGES: dict[str, Any] = {
    "SUM": lambda *a: math.fsum(_flat(*a)),
    "MIN": lambda *a: min(_flat(*a)),
    "MAX": lambda *a: max(_flat(*a)),
    "AND": lambda *a: all(_flat(*a)),
    "OR": lambda *a: any(_flat(*a)),
    "SUMIF": _sum_if,
}
_ON_VALUES: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "negative": lambda a: -a,
    "NOT": lambda a: not a,
    "ABS": abs,
    "SQRT": math.sqrt,
    "ROUND": _round,
}
