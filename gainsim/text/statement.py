"""Settlements to be read: the statement of each account, of many accounts a summary."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim.accounts import Contract, Entry, Settled
from gainsim.early_end import ended
from gainsim.gates import HOLDS, NOT_ASKED, answer
from gainsim.ledger import CUSTOMER, SUPPLIER, Line
from gainsim.scenario.settling import Settling
from gainsim.statements import in_order, paid_by, total
from gainsim.sums import strict_sum
from gainsim.text.offer import heading, table
from gainsim.text.settlement import is_quiet, rounded_words, stretch_text, stretches, while_it_runs
from gainsim.words import counted, share

Floats = NDArray[np.float64]
#: more accounts than these are summed up
FEW = 20
_LARGEST = 5
_YES = {True: "yes", False: "no", None: "not asked"}


class Page:
    """What settling prints: a statement for each of a few accounts, a summary of many."""

    def __init__(self, settling: Settling) -> None:
        self.settling, self.contract = settling, settling.contract
        self.statements: list[str] = []
        self.summary = _Summary(self.contract, settling.earlier is not None)

    def begin(self) -> str:
        """Nothing is known yet."""
        return ""

    def add(self, batch: Sequence[Settled]) -> str:
        """Take some accounts down."""
        self.summary.add(batch)
        if self.summary.accounts <= FEW:
            made = [[self._statement(settled, n) for n in range(len(settled.group.accounts))] for settled in batch]
            self.statements += in_order(batch, made)
        return ""

    def end(self) -> str:
        """The page."""
        title, resting = self.settling.scenario.title, resting_words(self.settling)
        if self.summary.accounts > FEW:
            return "\n".join([title, self.summary.text(), *(["", resting] if resting else [])]) + "\n"
        return "\n\n".join([title, *self.statements, *([resting] if resting else [])]) + "\n"

    def _statement(self, settled: Settled, number: int) -> str:
        """What one account settles, settlement by settlement."""
        account = settled.group.accounts[number]
        parts = [] if account is None else [f"Account {account}"]
        memory = {name: float(settled.memory[slot, number]) for name, slot in self.contract.states.items()}
        end = ended(self.contract, memory, settled.group.first + settled.group.count)
        if end is not None and end[0] < settled.group.first:
            parts.append(f"The contract has ended early, with {self.contract.model.calendar.period(end[0]).label}, by '{end[1]}'.")
        values = settled.amounts[:, number]
        before = None if settled.earlier is None else settled.earlier[:, number]
        due = self.contract.settlements(settled.rows)
        amounts = {t: [(e.line, float(values[e.place])) for e in entries] for t, entries in due.items()}
        amounts = while_it_runs(amounts, ended=end is not None and end[0] < settled.group.first)
        for stretch in stretches(amounts) if before is None else [[t] for t in due]:
            t = stretch[0]
            parts.append(stretch_text(self.contract.model, stretch, amounts[t]))
            if before is not None:
                assert settled.until is not None
                parts += self._changes(due[t], values, before, t < settled.until[number])
            elif not is_quiet(amounts[t]):
                parts.append(self._who_pays(due[t], values))
        parts += rounded_words(amounts.values())
        if not due:
            parts.append("Nothing falls due yet; what was measured is kept in the closing memory.")
        if before is not None:
            every_entry = [entry for entries in due.values() for entry in entries]
            parts.append(f"To be settled now: {self._who_pays(every_entry, values - before)}")
        return "\n\n".join(parts)

    def _changes(self, entries: Sequence[Entry], values: Floats, before: Floats, known: bool) -> list[str]:
        """What a restatement changed, line by line, and in what is paid."""
        if not known:
            return [f"{self._who_pays(entries, values)} This was not settled before."]
        changed = [e for e in entries if values[e.place] != before[e.place]]
        if not changed:
            return ["As settled before."]
        rows = [(e.line.name, before[e.place], values[e.place]) for e in changed if e.line.role != "gate"]
        rows += [
            (f"= {who} pays", _paid(entries, before, who), _paid(entries, values, who)) for who in _payers(entries)
        ]
        said = [(name, f"{was:z,.2f}", f"{now:z,.2f}", f"{now - was:z,.2f}") for name, was, now in rows]
        gates = [(e.line.name, answer(before[e.place]), answer(values[e.place])) for e in changed if e.line.role == "gate"]
        said += [(name, _YES[was], _YES[now], "") for name, was, now in gates]
        return [table(said, head=("restated", "before", "now", "difference"))]

    def _who_pays(self, entries: Sequence[Entry], values: Floats) -> str:
        """Who pays whom how much."""
        said = []
        for party in _payers(entries):
            amount = _paid(entries, values, party)
            payer, payee = (party, SUPPLIER) if amount > 0 else (SUPPLIER, party)
            if f"{abs(amount):.2f}" != "0.00":
                money = f"{abs(amount):,.2f} {self.contract.model.scenario.currency}"
                said.append(f"{_titled(payer, first=True)} pays {_titled(payee)} {money}.")
        return " ".join(said) or "Nothing is to be paid."


def resting_words(settling: Settling) -> str:
    """That accounts of the opening memory have no rows; nothing where all have some."""
    names = [account or "the one account" for account in settling.actuals.resting]
    whose = ", ".join(names) if len(names) <= FEW else counted(len(names), "account")
    return f"Without rows, and unchanged in the closing memory: {whose}." if names else ""


class _Summary:
    """Totals over all accounts, line by line."""

    def __init__(self, contract: Contract, restated: bool) -> None:
        self.contract = contract
        self.accounts = self.settlements = 0
        self.first, self.last = contract.model.calendar.periods, 0
        lines = len(contract.rows.lines)
        self.sums, self.bound, self.due = np.zeros(lines), np.zeros(lines), np.zeros(lines)
        self.held, self.asked = np.zeros(lines), np.zeros(lines)
        self.earlier = np.zeros(lines) if restated else None
        self.largest, self.changed = _Largest(_LARGEST), _Largest(FEW)

    def add(self, batch: Sequence[Settled]) -> None:
        for settled in batch:
            self._add(settled)

    def _add(self, settled: Settled) -> None:
        size = len(settled.group.accounts)
        self.accounts += size
        due = self.contract.settlements(settled.rows)
        self.settlements += size * len(due)
        self.first = min(self.first, settled.group.first)
        self.last = max(self.last, settled.group.first + settled.group.count - 1)
        sums = strict_sum(settled.amounts)
        before = None if settled.earlier is None else strict_sum(settled.earlier)
        for row, place in zip(settled.rows, range(len(settled.rows)), strict=True):
            line = self.contract.rows.keys[row][1]
            if self.contract.rows.lines[line].role == "gate":
                self.held[line] += np.count_nonzero(settled.amounts[place] == HOLDS)
                self.asked[line] += np.count_nonzero(settled.amounts[place] != NOT_ASKED)
                continue
            self.sums[line] += sums[place]
            self.bound[line] += np.count_nonzero(settled.amounts[place])
            self.due[line] += size
            if before is not None and self.earlier is not None:
                self.earlier[line] += before[place]
        paid = paid_by(self.contract, settled.rows, settled.amounts)
        names = settled.group.accounts
        self.largest.add(names, paid, paid[np.newaxis])
        if settled.earlier is not None:
            was = paid_by(self.contract, settled.rows, settled.earlier)
            changed = np.flatnonzero((settled.amounts != settled.earlier).any(axis=0))
            figures = np.array([was, paid, paid - was])
            self.changed.add([names[place] for place in changed], (paid - was)[changed], figures[:, changed])

    def text(self) -> str:
        """The summary as a page."""
        label = self.contract.model.calendar.period
        span = (
            label(self.first).label
            if self.first == self.last
            else f"{label(self.first).label} to {label(self.last).label}"
        )
        currency = self.contract.model.scenario.currency
        rows: list[tuple[str, ...]] = []
        lines = list(enumerate(self.contract.rows.lines))
        for term in dict.fromkeys(line.group for _, line in lines):
            own = [(number, line) for number, line in lines if line.group == term and self.due[number]]
            rows += [self._row(f"  {line.name}", [number], line) for number, line in own]
            paid = [number for number, line in own if line.agreed]
            rows += [self._row(f"{term} paid", paid)] if paid else []
        for party in dict.fromkeys(line.payer for _, line in lines if line.agreed):
            own = [(number, line) for number, line in lines if line.agreed and line.payer == party]
            rows.append(self._row(f"= {party} pays", [number for number, _ in own]))
        head = ["", f"total {currency}", *(["before", "difference"] if self.earlier is not None else []), "", "not 0"]
        return "\n".join(
            [
                f"{counted(self.accounts, 'account')}, {counted(self.settlements, 'settlement')}, {span}",
                "",
                table(rows, head=head),
                "",
                *self._gates(),
                *(self._changes() if self.earlier is not None else ()),
                heading("Largest payments"),
                table(self.largest.rows(), head=("account", currency)),
                "",
                "For every line of every account add --csv FILE, or --json.",
            ]
        )

    def _changes(self) -> list[str]:
        """How many accounts are settled anew with another result, and those of which most has changed."""
        title = heading(f"{self.changed.met:,} of {counted(self.accounts, 'account')} changed")
        rows = self.changed.rows()
        more = self.changed.met - len(rows)
        said = [table(rows, head=("account", "before", "now", "difference"))] if rows else []
        return [title, *said, *([f"and {more:,} more, which have changed less"] if more else []), ""]

    def _gates(self) -> list[str]:
        """How often each gate held, of the settlements in which it was asked."""
        lines = self.contract.rows.lines
        rows = [
            (lines[n].name, f"{self.held[n]:,.0f}", f"{self.asked[n]:,.0f}", share(float(self.held[n] / self.asked[n])))
            for n in np.flatnonzero(self.asked).tolist()
        ]
        return [heading("Gates"), table(rows, head=("", "held", "of asked", "")), ""] if rows else []

    def _row(self, title: str, numbers: Sequence[int], line: Line | None = None) -> tuple[str, ...]:
        amount = total(float(self.sums[number]) for number in numbers)
        cells = [f"{amount:z,.2f}"]
        if self.earlier is not None:
            before = total(float(self.earlier[number]) for number in numbers)
            cells += [f"{before:z,.2f}", f"{amount - before:z,.2f}"]
        if line is None:
            return title, *cells, "", ""
        what = {"gain": "gain", "figure": "figure", "decision": "decision"}.get(line.role, "")
        return title, *cells, what, share(float(self.bound[numbers[0]] / self.due[numbers[0]]))


class _Largest:
    """The accounts with the largest sizes of some figure, of all that were met; of equal ones the first."""

    def __init__(self, most: int) -> None:
        self.most, self.met = most, 0
        self.kept: list[tuple[float, int, str, list[float]]] = []

    def add(self, names: Sequence[str | None], sizes: Floats, figures: Floats) -> None:
        """Some accounts. figures: (figures, accounts) that are shown of each"""
        for place in np.argsort(-np.abs(sizes), kind="stable")[: self.most].tolist():
            number = -(self.met + place)
            self.kept.append((abs(float(sizes[place])), number, names[place] or "", figures[:, place].tolist()))
        self.kept = heapq.nlargest(self.most, self.kept)
        self.met += len(names)

    def rows(self) -> list[tuple[str, ...]]:
        """Name and figures of each, the largest first."""
        return [(name, *(f"{figure:z,.2f}" for figure in figures)) for _, _, name, figures in self.kept]


def _payers(entries: Sequence[Entry]) -> list[str]:
    """Who has agreed these lines with the supplier."""
    return list(dict.fromkeys(e.line.payer for e in entries if e.line.agreed))


def _paid(entries: Sequence[Entry], values: Floats, party: str) -> float:
    return total(float(values[e.place]) for e in entries if e.line.agreed and e.line.payer == party)


def _titled(party: str, *, first: bool = False) -> str:
    """A party in a sentence; a further one by its own name."""
    return party if party not in (SUPPLIER, CUSTOMER) else f"{'The' if first else 'the'} {party}"
