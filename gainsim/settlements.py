"""Settling in Python: measured facts as a frame or a file, what they settle as frames and as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gainsim.accounts import Entry, Settled
from gainsim.gates import answer
from gainsim.scenario.load import Loaded
from gainsim.scenario.memory import Opening, opening_of, read_opening
from gainsim.scenario.settling import Settling
from gainsim.scenario.table import Chunk, CsvTable, Table, Told
from gainsim.statements import COLUMNS, ClosingForm, Form, JsonForm
from gainsim.text.statement import Page

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Settlements:
    """What actuals have settled, account by account."""

    settling: Settling
    batches: Sequence[Sequence[Settled]]

    def __repr__(self) -> str:
        count = sum(len(settled.group.accounts) for batch in self.batches for settled in batch)
        return f"<settlements of {self.settling.scenario.title!r}: {count:,} accounts>"

    @cached_property
    def lines(self) -> pd.DataFrame:
        """One row an account, settlement and line: amount, who pays whom, for which window, when due and when paid.

        In a restatement also `earlier` and `difference`. Rows with the role `payment` add up to what is paid.
        """
        import pandas as pd

        frames = [self._lines(settled) for batch in self.batches for settled in batch]
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def gates(self) -> pd.DataFrame:
        """What the clauses ask: one row an account, settlement and gate; `holds` is None where it was not asked."""
        import pandas as pd

        frames = [self._gates(settled) for batch in self.batches for settled in batch]
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def paid(self) -> pd.DataFrame:
        """What is paid under each term: one row an account, settlement and term."""
        own = self.lines[self.lines["role"].isin(["payment", "party"])]
        amounts = [name for name in ("amount", "earlier", "difference") if name in own]
        return own.groupby(["account", "settlement", "term"], sort=False, dropna=False)[amounts].sum().reset_index()

    @cached_property
    def closing(self) -> dict[str, Any]:
        """The memory of every account, from which a later settlement goes on: settle(..., opening=this)."""
        found: dict[str, Any] = self._as_data(ClosingForm(self.settling))
        return found

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data, as `gainsim settle --json` prints it."""
        found: dict[str, Any] = self._as_data(JsonForm(self.settling))
        return found

    def __str__(self) -> str:
        """The statement of each account; of more than a few a summary."""
        return self._text(Page(self.settling)).rstrip("\n")

    def _as_data(self, form: Form) -> Any:
        return json.loads(self._text(form))

    def _text(self, form: Form) -> str:
        return "".join([form.begin(), *(form.add(batch) for batch in self.batches), form.end()])

    def _gates(self, settled: Settled) -> pd.DataFrame:
        import pandas as pd

        due = self._due(settled, gates=True)
        rows = [(account, label, e.line.group, e.line.name, answer(settled.amounts[e.place, number]))
                for number, account in enumerate(settled.group.accounts) for label, e in due]  # fmt: skip
        return pd.DataFrame(rows, columns=["account", "settlement", "term", "gate", "holds"])

    def _due(self, settled: Settled, *, gates: bool) -> list[tuple[str, Entry]]:
        """What fell due, with the label of its period: the gates, or all else."""
        contract = self.settling.contract
        label = contract.model.calendar.period
        due = contract.settlements(settled.rows).items()
        return [(label(t).label, e) for t, entries in due for e in entries if (e.line.role == "gate") is gates]

    def _lines(self, settled: Settled) -> pd.DataFrame:
        import pandas as pd

        due = self._due(settled, gates=False)
        places = [e.place for _, e in due]
        rows = [
            (label, e.line.group, e.line.name, e.line.role, e.line.currency, e.line.payee, e.line.payer,
             e.dates.window.label, e.dates.due, e.dates.paid)
            for label, e in due
        ]  # fmt: skip
        names = [name for name in COLUMNS if name not in ("account", "amount")]
        accounts = len(settled.group.accounts)
        frame = pd.DataFrame(rows * accounts, columns=names)
        frame.insert(0, "account", np.repeat(np.array(settled.group.accounts, object), len(rows)))
        frame.insert(5, "amount", (settled.amounts[places] + 0.0).T.ravel())
        if settled.earlier is not None:
            frame["earlier"] = (settled.earlier[places] + 0.0).T.ravel()
            frame["difference"] = (settled.amounts[places] - settled.earlier[places] + 0.0).T.ravel()
        return frame


def settle_actuals(
    loaded: Loaded,
    actuals: pd.DataFrame | Path | str,
    opening: Opening | Mapping[str, Any] | Path | str | None = None,
    restates: pd.DataFrame | Path | str | None = None,
) -> Settlements:
    """Settle a contract on a frame or a CSV file of measured facts."""
    remembered = _opening(opening)
    before = None if restates is None else _table(restates, "the actuals settled before")
    settling = Settling(loaded, _table(actuals, "the actuals"), remembered, before)
    return Settlements(settling, list(settling.batches()))


def _opening(given: Opening | Mapping[str, Any] | Path | str | None) -> Opening | None:
    if given is None or isinstance(given, Opening):
        return given
    return opening_of(given, "the opening memory") if isinstance(given, Mapping) else read_opening(Path(given))


def _table(given: pd.DataFrame | Path | str, name: str) -> Table:
    return CsvTable(Path(given)) if isinstance(given, str | Path) else FrameTable(given, name)


@dataclass(frozen=True)
class FrameTable:
    """A frame of measured facts. Its rows are numbered as if it were a file: the first is row 2."""

    frame: pd.DataFrame
    name: str

    @property
    def header(self) -> Sequence[str]:
        """The names of the columns."""
        return [str(name).strip() for name in self.frame.columns]

    def chunks(self, told: Told) -> Iterator[Chunk]:
        """All rows at once."""
        if len(self.frame):
            yield _FrameRows(self.frame)


@dataclass(frozen=True)
class _FrameRows:
    frame: pd.DataFrame

    @property
    def rows(self) -> NDArray[np.int64]:
        return np.arange(2, 2 + len(self.frame))

    def texts(self, column: int) -> Sequence[str]:
        missing = self.frame.iloc[:, column].isna().tolist()
        values = self.frame.iloc[:, column].tolist()
        return ["" if none else _as_text(value) for none, value in zip(missing, values, strict=True)]

    def numbers(self, columns: Sequence[int]) -> Floats | None:
        own = self.frame.iloc[:, list(columns)]
        if not all(kind.kind in "fiu" for kind in own.dtypes):
            return None
        return np.ascontiguousarray(own.to_numpy(np.float64).T)


def _as_text(value: Any) -> str:
    """A day is written as one, without its time."""
    return value.date().isoformat() if hasattr(value, "date") else str(value)
