"""One clause on facts: what it pays, line by line. The shortest way to try a clause out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gainsim.errors import UsageError
from gainsim.numbers import QuantityError, parse_number
from gainsim.scenario.load import from_document
from gainsim.scenario.reading import Document, KeyPath, read_text
from gainsim.settlements import Settlements, settle_actuals

if TYPE_CHECKING:
    import pandas as pd

_NAME = "clause"
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_REST: dict[str, Any] = {"gainsim": 1, "title": "a clause", "currency": "EUR", "money": {"discount_rate": "0% pa"}}
_CALENDAR: dict[str, Any] = {"start": "2027-01", "step": "year", "year": "contract", "stub_years": "full"}


def try_clause(clause: str, /, **facts: str | ArrayLike) -> pd.DataFrame:
    """What a clause pays on facts: a row a line, as the ledger has them, and what is paid; a column a period that settles.

    clause:  one term, as in a scenario; several by their names; or those sections of a scenario that matter, with a
             `contract`. Unless said, the contract begins in 2027 and has a year for each value of a fact.
    facts:   the values period by period, with their unit: saving="99, 100, 101 EUR/year". One value stands for all
             periods; numbers without a unit are plain numbers.
    returns: money, positive = paid to the supplier, and gains; 0 where a line does not fall due
    Raises `ScenarioError` for a clause that is none, `UsageError` for facts that are none, `DataError` where a line is no
    number.

    >>> from gainsim import try_clause
    >>> clause = "{ term: payment, amount: saving / 2, when: saving > 100, clock: { measured: year } }"
    >>> try_clause(clause, saving="99, 100, 101 EUR/year")
            2027  2028  2029
    amount   0.0   0.0  50.5
    paid     0.0   0.0  50.5
    """
    import pandas as pd

    known = {name: _Fact.read(name, written) for name, written in facts.items()}
    most = max((len(fact.values) for fact in known.values()), default=1)
    loaded = from_document(_scenario(read_text(clause, "the clause"), known, most))
    periods = loaded.dated.calendar.periods
    columns = {name: fact.in_each(name, periods) for name, fact in known.items()}
    return _by_settlement(settle_actuals(loaded, pd.DataFrame({"settlement": range(1, periods + 1), **columns})))


@dataclass(frozen=True)
class _Fact:
    """The values of a fact and their unit."""

    values: NDArray[np.float64]
    unit: str

    @classmethod
    def read(cls, name: str, written: str | ArrayLike) -> _Fact:
        """Values and unit as they are written. A comma with no blank behind it parts no values: 1,5 may be one and a half."""
        if not isinstance(written, str):
            return cls(np.atleast_1d(np.asarray(written, np.float64)), "1")
        *before, last = re.split(r",\s+", written)
        number, _, unit = last.strip().partition(" ")
        try:
            return cls(np.array([parse_number(each) for each in (*before, number)]), unit.strip() or "1")
        except QuantityError as error:
            raise UsageError(f"{name}: {error} A fact is its values and their unit, as '99, 100 EUR/year'.") from None

    def in_each(self, name: str, periods: int) -> NDArray[np.float64]:
        """The value of each period."""
        if len(self.values) not in (1, periods):
            told = f"{name} has {len(self.values)} values, the contract {periods} periods"
            raise UsageError(f"{told}. Write one for each period, or one for all.")
        return np.broadcast_to(self.values, periods)


def _scenario(written: Document, facts: Mapping[str, _Fact], periods: int) -> Document:
    """A clause as a scenario of its own; what it says stays in its place."""
    above: KeyPath = () if "contract" in written.data else ("contract",)
    if "term" in written.data:
        above = ("contract", _NAME)
    data: dict[Any, Any] = written.data
    for key in reversed(above):
        data = {key: data}
    calendar = data.get("calendar", {})
    if isinstance(calendar, dict):
        calendar = {**_CALENDAR, **calendar}
        if not calendar.keys() & {"years", "months"}:
            calendar["months"] = periods * _MONTHS.get(str(calendar["step"]), 1)
    units = {name: fact.unit for name, fact in facts.items() if name not in data.get("drivers", {})}
    return replace(
        written,
        data={**_REST, **data, "calendar": calendar, "facts": units},
        text="",
        places={(): written.places[()], **{(*above, *path): place for path, place in written.places.items()}},
        value_places={(*above, *path): place for path, place in written.value_places.items()},
    )


def _by_settlement(settled: Settlements) -> pd.DataFrame:
    """Lines and what is paid under each term, settlement by settlement."""
    import pandas as pd

    lines = settled.lines.assign(row=lambda each: each["line"].str.removeprefix(f"{_NAME}."))
    paid = settled.paid.assign(row=lambda each: (each["term"] + " paid").str.removeprefix(f"{_NAME} "))
    found = pd.concat([lines, paid]).pivot_table("amount", "row", "settlement", "sum", fill_value=0.0, sort=False)
    return found[list(dict.fromkeys(lines["settlement"]))].rename_axis(index=None, columns=None)
