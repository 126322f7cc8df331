"""A risk register: rows of a CSV file, each a risk with its chance, its impact and what is done about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gainsim.errors import DataError
from gainsim.numbers import QuantityError, quoted
from gainsim.quantities import parse_fraction
from gainsim.scenario.table import CsvTable, Told, read_measured
from gainsim.spelling import meant_or_known
from gainsim.words import counted

REQUIRED = ("risk", "probability", "low", "likely", "high")
OPTIONAL = (
    "owner", "control", "hits", "from", "to", "lasts",
    "mitigation", "mitigation_cost", "probability_after", "low_after", "likely_after", "high_after",
)  # fmt: skip
_POINTS = ("low", "likely", "high")
_IMPACT = ("probability", *_POINTS)
CONTROLS = ("supplier", "customer", "nobody")


@dataclass(frozen=True)
class Impact:
    """How likely a risk is, and what it costs if it comes: three points of a PERT distribution."""

    probability: float
    low: float
    likely: float
    high: float

    @property
    def expected(self) -> float:
        """probability × (low + 4 likely + high) / 6."""
        return self.probability * (self.low + 4.0 * self.likely + self.high) / 6.0


@dataclass(frozen=True)
class Risk:
    """A row of the register.

    hits:         the driver that it moves by parts of itself; "": it costs money
    first, last:  between which months after the contract's start it may come
    lasts:        for how many months a driver is hit; None: for good
    after:        the impact once the mitigation is done; the same where none is written
    mitigation_cost: what that costs, whether or not the risk comes
    """

    name: str
    title: str
    owner: str
    control: str
    hits: str
    first: float
    last: float
    lasts: int | None
    before: Impact
    after: Impact
    mitigation: str
    mitigation_cost: float


def read_register(path: Path) -> list[Risk]:
    """Every risk of a register.

    Columns: risk, probability, and low, likely, high of the impact: money, or parts of a driver named in `hits`. Optional:
    owner, control, from and to (months after the start), lasts (months), mitigation, mitigation_cost, and the impact
    `_after` it. Raises `DataError` with all that is wrong, by row and column.
    """
    table = CsvTable(path)
    told = Told(table.name, nothing="nothing was reckoned")
    places = _places(table.header, table.name)
    risks: list[Risk] = []
    taken: dict[str, tuple[str, int]] = {}
    for chunk in table.chunks(told):
        texts = {name: chunk.texts(place) for name, place in places.items()}
        for at, row in enumerate(chunk.rows):
            cells = _Cells({name: column[at].strip() for name, column in texts.items()}, int(row), told)
            risk = cells.risk()
            title, number = taken.setdefault(risk.name, (risk.title, int(row)))
            if number != row and title == risk.title:
                told.add(int(row), f"'{title}' stands in row {number} already.", "risk")
            elif number != row:
                said = f"'{risk.title}' would be the driver {risk.name}, as '{title}' in row {number} is"
                told.add(int(row), f"{said}. Tell them apart by letters from a to z, or digits.", "risk")
            risks.append(risk)
    told.check()
    if not risks:
        raise DataError(f"{table.name} has no risks below its header.")
    return risks


def _places(header: Sequence[str], name: str) -> dict[str, int]:
    problems = [f"no column '{column}'. It is needed." for column in REQUIRED if column not in header]
    problems += [
        f"column '{column}' has no meaning here.{meant_or_known(column, (*REQUIRED, *OPTIONAL))}"
        for column in header
        if column not in (*REQUIRED, *OPTIONAL)
    ]
    if len(set(header)) < len(header):
        problems.append("a column stands twice.")
    if problems:
        raise DataError("\n".join([f"{name} has {counted(len(problems), 'problem')}", *(f"  row 1: {p}" for p in problems)]))
    return {column: place for place, column in enumerate(header)}


@dataclass
class _Cells:
    """The cells of one row, read one by one; what is wrong is told."""

    written: Mapping[str, str]
    row: int
    told: Told

    def risk(self) -> Risk:
        title = self.written["risk"]
        if not title:
            self.told.add(self.row, "a risk has a name.", "risk")
        hits = self.written.get("hits", "")
        before = self._impact("", None)
        after = self._impact("_after", before) if any(self.written.get(f"{key}_after") for key in _IMPACT) else before
        first = self._number("from", 0.0)
        if first < 0.0:
            self.told.add(self.row, f"{first:g} lies before the contract's start, month 0.", "from")
        last = self._number("to", max(first, 12.0))
        if last < first:
            self.told.add(self.row, f"{last:g} lies before the month {first:g} under from.", "to")
        lasts = self._number("lasts", -1.0)
        if lasts >= 0.0 and lasts != int(lasts):
            self.told.add(self.row, f"{lasts:g} is no whole number of months.", "lasts")
        control = self.written.get("control", "") or "nobody"
        if control not in CONTROLS:
            self.told.add(self.row, f"{quoted(control)} controls no risk.{meant_or_known(control, CONTROLS)}", "control")
        cost = self._number("mitigation_cost", 0.0)
        if cost < 0.0:
            self.told.add(self.row, f"{cost:g} would be paid to us. A measure costs nothing or more.", "mitigation_cost")
        after_it = [column for column in ("mitigation_cost", *(f"{key}_after" for key in _IMPACT)) if self.written.get(column)]
        if after_it and not self.written.get("mitigation"):
            self.told.add(self.row, "no mitigation is named. Say what is done, or leave this empty.", after_it[0])
        return Risk(
            _as_name(title), title, self.written.get("owner", ""), control, hits, first, last,
            None if lasts < 0.0 else int(lasts), before, after, self.written.get("mitigation", ""), cost,
        )  # fmt: skip

    def _impact(self, suffix: str, otherwise: Impact | None) -> Impact:
        chance = self._number(f"probability{suffix}", otherwise.probability if otherwise else None, parse_fraction)
        if not 0.0 <= chance <= 1.0:
            self.told.add(self.row, "a probability lies between 0% and 100%.", f"probability{suffix}")
            chance = 0.0
        known = len(self.told.found)
        points = [
            self._number(f"{key}{suffix}", getattr(otherwise, key) if otherwise else None) for key in _POINTS
        ]
        readable = len(self.told.found) == known
        if readable and not points[0] <= points[1] <= points[2]:
            said = ", ".join(f"{point:g}" for point in points)
            self.told.add(self.row, f"write low <= likely <= high; written are {said}.", f"low{suffix}")
        parts = [key for key in _POINTS if "%" in self.written.get(f"{key}{suffix}", "")]
        if parts and not self.written.get("hits"):
            rule = "a percentage is a part of a driver. Name that under hits, or write an amount of money."
            self.told.add(self.row, rule, f"{parts[0]}{suffix}")
        return Impact(chance, *points)

    def _number(self, column: str, otherwise: float | None, read: Callable[[Any], float] = read_measured) -> float:
        text = self.written.get(column, "")
        if not text and otherwise is not None:
            return otherwise
        try:
            return read(text)
        except QuantityError as error:
            self.told.add(self.row, str(error), column)
            return 0.0


def _as_name(title: str) -> str:
    """A title as the name of a driver.

    >>> _as_name("Spare parts: late (again)")
    'risk_spare_parts_late_again'
    """
    return "risk_" + re.sub(r"\W+", "_", title.casefold(), flags=re.ASCII).strip("_")
