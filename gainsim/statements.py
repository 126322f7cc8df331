"""Settlements as data and as text: one JSON object, one CSV row a line, the memory that closes, a statement to print."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gainsim.accounts import Contract, Entry, Settled
from gainsim.early_end import ended
from gainsim.gates import answer
from gainsim.ledger import CUSTOMER
from gainsim.scenario.memory import closing_of
from gainsim.scenario.settling import Settling

Floats = NDArray[np.float64]
SCHEMA, MEMORY_SCHEMA = "gainsim/settlement/1", "gainsim/memory/1"
COLUMNS = (
    "account",
    "settlement",
    "term",
    "line",
    "role",
    "amount",
    "currency",
    "payee",
    "payer",
    "window",
    "due",
    "paid",
)


class Form(Protocol):
    """Settlements as text, some accounts at a time."""

    def begin(self) -> str:
        """What stands before the first account."""

    def add(self, batch: Sequence[Settled]) -> str:
        """Some accounts."""

    def end(self) -> str:
        """What stands behind the last."""


def in_order(batch: Sequence[Settled], by_group: Sequence[Sequence[Any]]) -> list[Any]:
    """What was made of each account of a batch, in the order of the actuals. by_group: in the order of each group."""
    if len(batch) == 1:
        return list(by_group[0])
    found: list[Any] = [None] * sum(len(settled.group.accounts) for settled in batch)
    for settled, made in zip(batch, by_group, strict=True):
        for place, each in zip(settled.group.places.tolist(), made, strict=True):
            found[place] = each
    return found


class CsvForm:
    """One row an account, settlement and line; in a restatement also what was settled before and the difference.

    The rows with the role `payment` add up to what the customer pays, those with the role `party` to what others do. Of a
    gate the amount is 1 where it held and 0 where it did not; it is left empty where the gate was not asked.
    """

    def __init__(self, settling: Settling) -> None:
        self.contract, self.restated = settling.contract, settling.earlier is not None

    def begin(self) -> str:
        """The names of the columns."""
        return ",".join([*COLUMNS, *(("earlier", "difference") if self.restated else ())]) + "\n"

    def add(self, batch: Sequence[Settled]) -> str:
        """The rows of some accounts."""
        return "".join(in_order(batch, [list(self._of(settled)) for settled in batch]))

    def end(self) -> str:
        """Nothing follows."""
        return ""

    def _of(self, settled: Settled) -> Iterator[str]:
        entries = list(chain.from_iterable(self._entries(settled)))
        amounts = (settled.amounts + 0.0).T.tolist()
        if settled.earlier is None:
            for account, values in zip(settled.group.accounts, amounts, strict=True):
                name = _cell(account or "")
                yield "".join(
                    [
                        f"{name}{before}{cell(value)}{after}\n"
                        for value, (before, cell, after) in zip(values, entries, strict=True)
                    ]
                )
            return
        differences = (settled.amounts - settled.earlier + 0.0).T.tolist()
        earlier = (settled.earlier + 0.0).T.tolist()
        for account, *columns in zip(settled.group.accounts, amounts, earlier, differences, strict=True):
            name = _cell(account or "")
            yield "".join(
                f"{name}{before}{cell(now)}{after},{cell(was)},{'' if cell is _gate else repr(change)}\n"
                for now, was, change, (before, cell, after) in zip(*columns, entries, strict=True)
            )

    def _entries(self, settled: Settled) -> Iterator[list[tuple[str, Callable[[float], str], str]]]:
        """What stands before and behind the amount of each row, and how it is written; the same for all accounts."""
        for t, entries in self.contract.settlements(settled.rows).items():
            label = self.contract.model.calendar.period(t).label
            yield [
                (
                    f",{label},{e.line.group},{_cell(e.line.name)},{e.line.role},",
                    _gate if e.line.role == "gate" else repr,
                    f",{e.line.currency},{e.line.payee},{e.line.payer},{e.dates.window.label},{e.dates.due},{e.dates.paid}",
                )
                for e in entries
            ]


def _gate(value: float) -> str:
    held = answer(value)
    return "" if held is None else str(int(held))


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n\r') else text


class JsonForm:
    """One JSON object: every account with its settlements, lines and memory; then what the lines are and when due."""

    def __init__(self, settling: Settling) -> None:
        self.settling, self.contract = settling, settling.contract
        self.first, self.rows = True, range(0)
        self.following: dict[str | None, None] = {}

    def begin(self) -> str:
        """What is settled."""
        scenario, earlier = self.settling.scenario, self.settling.earlier
        head = {
            "schema": SCHEMA,
            "scenario": scenario.title,
            "currency": scenario.currency,
            "actuals": self.settling.source,
            "restates": None if earlier is None else earlier.actuals.table.name,
        }
        return f'{json.dumps(head)[:-1]}, "accounts": [\n'

    def add(self, batch: Sequence[Settled]) -> str:
        """Some accounts."""
        entries = in_order(batch, [accounts_of(self.contract, settled) for settled in batch])
        self.following |= dict.fromkeys(entry["next"] for entry in entries)
        for settled in batch:
            low, high = (settled.rows.start, settled.rows.stop) if len(settled.rows) else (0, 0)
            self.rows = range(min(low, self.rows.start), max(high, self.rows.stop)) if self.rows else range(low, high)
        text = ",\n".join(json.dumps(entry, allow_nan=False) for entry in entries)
        text = text if self.first else f",\n{text}"
        self.first = False
        return text

    def end(self) -> str:
        """The accounts without rows; every line that fell due: who pays whom, for which window, when."""
        resting = self.settling.resting()
        self.following |= dict.fromkeys(entry["next"] for entry in resting)
        accounts = "".join(f",\n{json.dumps(self._resting(each), allow_nan=False)}" for each in resting)
        ledger = [
            {
                "settlement": self.contract.model.calendar.period(t).label, "line": e.line.name, "term": e.line.group,
                "role": e.line.role, "payee": e.line.payee, "payer": e.line.payer, "window": e.dates.window.label,
                "due": str(e.dates.due), "paid": str(e.dates.paid),
            }
            for t, entries in self.contract.settlements(self.rows).items()
            for e in entries
            if e.line.role != "gate"
        ]  # fmt: skip
        contracts = self.settling.contracts(self.following)
        return f'{accounts}], "contracts": {json.dumps(contracts)}, "ledger": {json.dumps(ledger)}}}\n'

    def _resting(self, memory: Mapping[str, Any]) -> dict[str, Any]:
        """An account without rows: of it nothing is settled."""
        calendar = self.contract.model.calendar
        after = next((t for t in range(calendar.periods) if calendar.period(t).label == memory["next"]), calendar.periods)
        nothing = {"settlements": [], "paid": 0.0, "ended": _ended(self.contract, memory["memory"], after)}
        if self.settling.earlier is not None:
            nothing["to_settle"] = 0.0
        return {"account": memory["account"], **nothing, **memory}


class ClosingForm:
    """The memory of every account, to go on from with --opening."""

    def __init__(self, settling: Settling) -> None:
        self.settling, self.first = settling, True
        self.following: dict[str | None, None] = {}

    def begin(self) -> str:
        """Whose memory it is."""
        head = {
            "schema": MEMORY_SCHEMA,
            "scenario": self.settling.scenario.title,
        }
        return f'{json.dumps(head)[:-1]}, "accounts": [\n'

    def add(self, batch: Sequence[Settled]) -> str:
        """Some accounts."""
        entries = in_order(batch, [closing_of(self.settling.contract, settled) for settled in batch])
        self.following |= dict.fromkeys(entry["next"] for entry in entries)
        text = ",\n".join(json.dumps(entry, allow_nan=False) for entry in entries)
        text = text if self.first else f",\n{text}"
        self.first = False
        return text

    def end(self) -> str:
        """The accounts without rows; which contract all were settled by, up to the period that they go on with."""
        resting = self.settling.resting()
        self.following |= dict.fromkeys(entry["next"] for entry in resting)
        accounts = "".join(f",\n{json.dumps(entry, allow_nan=False)}" for entry in resting)
        return f'{accounts}], "contracts": {json.dumps(self.settling.contracts(self.following))}}}\n'


def accounts_of(contract: Contract, settled: Settled) -> list[dict[str, Any]]:
    """Each account of a group as plain data: its settlements line by line, what is paid, what it goes on from."""
    due = contract.settlements(settled.rows)
    labels = {t: contract.model.calendar.period(t).label for t in due}
    closing = closing_of(contract, settled)
    amounts = (settled.amounts + 0.0).T.tolist()
    earlier = [None] * len(amounts) if settled.earlier is None else (settled.earlier + 0.0).T.tolist()
    found = []
    for number, (values, before, memory) in enumerate(zip(amounts, earlier, closing, strict=True)):
        settlements = []
        for t, entries in due.items():
            entry: dict[str, Any] = {"settlement": labels[t], **_told(entries, values)}
            shown = ("figure", "decision", "gate")
            entry["binds"] = [e.line.name for e in entries if values[e.place] != 0.0 and e.line.role not in shown]
            if before is not None:
                assert settled.until is not None
                known = t < settled.until[number]
                entry["earlier"] = _told(entries, before) if known else None
                entry["difference"] = _sums(entries, [now - was for now, was in zip(values, before, strict=True)])
            settlements.append(entry)
        paid = total(each["paid"] for each in settlements)
        end = _ended(contract, memory["memory"], settled.group.first + settled.group.count)
        account = {"account": memory["account"], "settlements": settlements, "paid": paid, "ended": end}
        if before is not None:
            account["to_settle"] = total(each["difference"]["paid"] for each in settlements)
        found.append({**account, "next": memory["next"], "memory": memory["memory"]})
    return found


def _ended(contract: Contract, memory: Mapping[str, float], after: int) -> dict[str, str] | None:
    """When and by which termination the contract of an account has ended, in this settling or before; None where it runs."""
    end = ended(contract, memory, after)
    return None if end is None else {"settlement": contract.model.calendar.period(end[0]).label, "by": end[1]}


def _told(entries: Sequence[Entry], values: Sequence[float]) -> dict[str, Any]:
    """One settlement: its sums, and whether each gate held; None where it was not asked."""
    gates = {entry.line.name: answer(values[entry.place]) for entry in entries if entry.line.role == "gate"}
    return {**_sums(entries, values), "gates": gates}


def _sums(entries: Sequence[Entry], values: Sequence[float]) -> dict[str, Any]:
    """The lines of one settlement, what each term pays, and what each party pays the supplier: first the customer."""
    terms: dict[str, float] = {}
    parties: dict[str, float] = {}
    for entry in entries:
        if entry.line.agreed:
            terms[entry.line.group] = terms.get(entry.line.group, 0.0) + values[entry.place]
            parties[entry.line.payer] = parties.get(entry.line.payer, 0.0) + values[entry.place]
    lines = {entry.line.name: values[entry.place] for entry in entries if entry.line.role != "gate"}
    paid = parties.pop(CUSTOMER, 0.0)
    return {"lines": lines, "terms": terms, "paid": paid, **({"parties": parties} if parties else {})}


def total(amounts: Any) -> float:
    """A sum in the order in which it is written.

    >>> total([0.1, 0.2, 0.3])
    0.6000000000000001
    """
    found = 0.0
    for amount in amounts:
        found += amount
    return found


def paid_by(contract: Contract, rows: range, amounts: Floats) -> Floats:
    """(accounts,): what the customer of each account pays, in the order of the ledger. amounts: (rows, accounts)"""
    found = np.zeros(amounts.shape[1])
    for entries in contract.settlements(rows).values():
        for entry in entries:
            if entry.line.role == "payment":
                found = found + amounts[entry.place]
    return found
