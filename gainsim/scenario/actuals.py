"""Actuals: measured facts by account and settlement, read whole and strictly before anything is settled.

A row is one account in one settlement, a column one fact in the unit of the scenario file. Where the rows of each account
stand together the table is read as a stream, and memory does not grow with it; where they are scattered it is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.accounts import BLOCK, Contract, Group, always_above_0, contract_of, readers
from gainsim.grid import Calendar, parse_date
from gainsim.offer.scenario import Scenario
from gainsim.scenario.load import Loaded
from gainsim.scenario.memory import Opening
from gainsim.scenario.table import Chunk, Column, Table, Told, read_facts
from gainsim.spelling import closest, listed, meant_or_known
from gainsim.units import Unit
from gainsim.words import counted
from gainsim.world import COLUMNS

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
#: told how many rows have been read
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Rows:
    """Rows of actuals as read.

    accounts: (rows,) the account of each, "" where the table names none
    periods:  (rows,) the index of the period
    rows:     (rows,) their numbers
    facts:    (facts, rows) in the order of the contract's inputs
    """

    accounts: Sequence[str]
    periods: Whole
    rows: Whole
    facts: Floats

    def __add__(self, other: Rows) -> Rows:
        return Rows(
            [*self.accounts, *other.accounts],
            np.concatenate([self.periods, other.periods]),
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.facts, other.facts], axis=1),
        )

    def at(self, places: Whole) -> Rows:
        """Some of them."""
        accounts = [self.accounts[place] for place in places]
        return Rows(accounts, self.periods[places], self.rows[places], self.facts[:, places])


@dataclass(frozen=True)
class Ordered:
    """Rows by account, in the order of their first rows, and by period.

    names:  (accounts,)
    starts: (accounts,) the place of the first row of each
    counts: (accounts,) how many rows it has
    """

    names: Sequence[str]
    starts: Whole
    counts: Whole
    rows: Rows


class Periods:
    """The periods of a calendar by what a `settlement` may be called: its label, its number from 1, or a day in it."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._known = {str(t + 1): t for t in range(calendar.periods)}
        self._known |= {calendar.period(t).label: t for t in range(calendar.periods)}

    def find(self, written: str) -> int:
        """The index of a period. Raises ValueError, with what may be written, for anything else."""
        if written not in self._known:
            self._known[written] = self._by_day(written.strip())
        return self._known[written]

    def _by_day(self, text: str) -> int:
        if text in self._known:
            return self._known[text]
        with suppress(ValueError):
            t = self.calendar.index(parse_date(text)) if len(text) == 10 else -1
            if 0 <= t < self.calendar.periods:
                return t
        first, last = (self.calendar.period(t) for t in (0, self.calendar.periods - 1))
        span = first.label if first == last else f"{first.label} to {last.label}"
        ways = f"its label, as {first.label}, its number from 1, or a day in it, as {first.start}"
        raise ValueError(f"'{text}' is no settlement of this contract ({span}). Write {ways}.")


class Actuals:
    """Measured facts for a contract: its columns are matched at once, its rows when they are checked.

    resting: the accounts of the opening memory that have no rows, once these are checked; they go on as they were

    Raises `DataError` for columns that are missing, unknown or double, and for memory that does not fit.
    """

    def __init__(self, table: Table, loaded: Loaded, opening: Opening | None = None) -> None:
        self.table, self.opening, scenario = table, opening, loaded.scenario
        told = Told(table.name)
        self.contract = contract_of(scenario, _known_columns(table, scenario, told))
        self.names = self.contract.model.given
        _check_columns(table, self.contract, told)
        told.check()
        self.columns = {name: place for place, name in enumerate(table.header)}
        units, above_0 = {name: self.contract.model.facts[name].unit for name in self.names}, always_above_0(scenario)
        yes_or_no = {name for name, decision in scenario.lifecycle.items() if decision.yes_or_no}
        self._read_columns = {
            name: Column(self.columns[name], unit, above_0.get(name, ""), name in yes_or_no) for name, unit in units.items()
        }
        self.periods = Periods(self.contract.model.calendar)
        if opening is not None:
            opening.check(self.contract, loaded.document)
        self._scattered = False
        self.resting: tuple[str | None, ...] = ()

    def check(self, progress: Progress | None = None) -> None:
        """Read all rows. Raises `DataError` with everything that is wrong, by row and column."""
        told, gaps, marks = Told(self.table.name), Told(self.table.name), [np.zeros(0, np.int64)]
        resting = dict.fromkeys(self.opening.accounts) if self.opening is not None else {}
        for ordered in self._streamed(told, progress):
            self._check_order(ordered, gaps, told)
            for name in ordered.names if resting else ():
                resting.pop(name or None, None)
            marks.append(np.fromiter(map(hash, ordered.names), np.int64, len(ordered.names)))
        self._scattered = _has_repeats(np.concatenate(marks))
        if self._scattered:  # then gaps may be none
            told, gaps = Told(self.table.name), Told(self.table.name)
            self._check_order(self.held(told), gaps, told)
        told.found += gaps.found
        told.check()
        self.resting = tuple(resting)

    def batches(self, progress: Progress | None = None) -> Iterator[list[Group]]:
        """Some accounts at a time, in the order of the table, as groups with the same periods. To be checked before."""
        told = Told(self.table.name)
        for ordered in [self.held(told)] if self._scattered else self._streamed(told, progress):
            for start in range(0, len(ordered.names), BLOCK):
                yield self._groups(ordered, start, min(start + BLOCK, len(ordered.names)))

    # --- reading ------------------------------------------------------------------------------------------------

    def _streamed(self, told: Told, progress: Progress | None = None) -> Iterator[Ordered]:
        """Rows of whole accounts as they come, if the rows of each stand together."""
        rest, done = self._none(), 0
        for chunk in self.table.chunks(told):
            rows = rest + self._read(chunk, told)
            if told.enough:
                return
            done += len(chunk.rows)
            if progress is not None:
                progress(done)
            if len(rows.rows):
                ordered = _in_order(rows)
                rest, whole = _without_last(ordered)
                if whole is not None:
                    yield whole
        if len(rest.rows):
            yield _in_order(rest)
        elif not done and not told.found:
            told.add(2, "there are no rows. Write one for each settlement, and for each account.")

    def held(self, told: Told) -> Ordered:
        """All rows at once."""
        parts = [self._read(chunk, told) for chunk in self.table.chunks(told)]
        return _in_order(
            Rows(
                [account for part in parts for account in part.accounts],
                np.concatenate([part.periods for part in parts]),
                np.concatenate([part.rows for part in parts]),
                np.concatenate([part.facts for part in parts], axis=1),
            )
        )

    def _none(self) -> Rows:
        none = np.zeros(0, np.int64)
        return Rows([], none, none, np.zeros((len(self.names), 0)))

    def _read(self, chunk: Chunk, told: Told) -> Rows:
        accounts = self._accounts(chunk, told)
        periods = self._settlements(chunk, told)
        return Rows(accounts, periods, chunk.rows, read_facts(chunk, self._read_columns, told))

    def _accounts(self, chunk: Chunk, told: Told) -> Sequence[str]:
        if "account" not in self.columns:
            return [""] * len(chunk.rows)
        accounts = list(map(str.strip, chunk.texts(self.columns["account"])))
        for row, account in zip(chunk.rows, accounts, strict=True) if "" in accounts else ():
            if not account:
                told.add(int(row), "no account is named.", "account")
        return accounts

    def _settlements(self, chunk: Chunk, told: Told) -> Whole:
        """The period of each row; -1 for one that is none, which is told."""
        periods = np.zeros(len(chunk.rows), np.int64)
        if "settlement" not in self.columns:
            return periods
        for number, written in enumerate(chunk.texts(self.columns["settlement"])):
            try:
                periods[number] = self.periods.find(written)
            except ValueError as error:
                told.add(int(chunk.rows[number]), str(error), "settlement")
                periods[number] = -1
                if told.enough:
                    break
        return periods

    # --- order --------------------------------------------------------------------------------------------------

    def _check_order(self, ordered: Ordered, told: Told, broken: Told) -> None:
        """Each account has one row a settlement, without gaps, from its contract's start or where its memory ends.

        broken: what is wrong with rows by themselves. Where one has no account, or an account a row of no period, what the order
        is cannot be known; nor whether a broken row between two others is the one that is missing there.
        """
        unread = [row for row, _ in broken.found]
        rows, label = ordered.rows, self._label
        unknown = np.array([not name and "account" in self.columns for name in ordered.names], bool)
        own = np.repeat(np.arange(len(ordered.names)), ordered.counts)
        unknown[own[rows.periods < 0]] = True
        first = np.zeros(len(rows.rows), bool)
        first[ordered.starts] = True
        step = np.diff(rows.periods, prepend=-1)
        for place in np.flatnonzero(~first & (step != 1) & ~unknown[own])[:100]:
            row, before = int(rows.rows[place]), int(rows.rows[place - 1])
            account, at, last = _named(rows.accounts[place]), int(rows.periods[place]), int(rows.periods[place - 1])
            if at == last:
                told.add(row, f"{label(at)}{account} stands in row {before} already. Keep one of them.")
            elif not any(before < other < row for other in unread):
                told.add(row, f"{label(at)}{account} follows on {label(last)}. Write the rows between them too.")
        for name in self.names:
            if self.contract.model.facts[name].life in ("constant", "path"):
                self._check_life(name, ordered, told)
        self._check_beginnings(ordered, ~unknown, told)

    def _check_life(self, name: str, ordered: Ordered, told: Told) -> None:
        rows, values = ordered.rows.rows, ordered.rows.facts[self.names.index(name)]
        starts = np.repeat(ordered.starts, ordered.counts)
        for place in np.flatnonzero(values != values[starts])[:100]:
            here, there = float(values[place]), float(values[starts[place]])
            rule = "the file has one value for life. Write the same in all rows of an account."
            told.add(int(rows[place]), f"{here!r} here, {there!r} in row {rows[starts[place]]}: {rule}", name)

    def _check_beginnings(self, ordered: Ordered, ordinary: NDArray[np.bool_], told: Told) -> None:
        firsts = ordered.rows.periods[ordered.starts]
        known = self.opening.accounts if self.opening is not None else {}
        unknown = "it is not in the opening memory and" if known else "it"
        for place in np.flatnonzero(ordinary & (firsts != 0 if not known else True))[: 100 if not known else None]:
            name, row = ordered.names[place], int(ordered.rows.rows[ordered.starts[place]])
            wanted = known[name or None][0] if (name or None) in known else self._label(0)
            if wanted is None:
                told.add(row, f"the contract{_named(name)} is settled to its end, says the opening memory.")
            elif wanted != self._label(int(firsts[place])):
                remembered = "the opening memory goes on with" if (name or None) in known else f"{unknown} starts with"
                fix = "" if known else " Or give what settling returned before with --opening."
                said = f"{_named(name).strip() or 'what is settled'} begins with {self._label(int(firsts[place]))}"
                told.add(row, f"{said}; {remembered} {wanted}. Write the rows from there on.{fix}")

    def _label(self, t: int) -> str:
        return self.contract.model.calendar.period(t).label

    # --- groups -------------------------------------------------------------------------------------------------

    def _groups(self, ordered: Ordered, start: int, end: int) -> list[Group]:
        """The accounts from `start` to `end`, those with the same periods together."""
        starts, counts = ordered.starts[start:end], ordered.counts[start:end]
        firsts = ordered.rows.periods[starts]
        known = self.opening.accounts if self.opening is not None else {}
        names = [name or None for name in ordered.names[start:end]]
        opened = np.array([name in known for name in names]) if known else np.zeros(len(names), bool)
        spans = (firsts * 4096 + counts) * 2 + opened
        found = []
        for span in dict.fromkeys(spans.tolist()):
            places = np.flatnonzero(spans == span)
            accounts = tuple(names[place] for place in places)
            first, count = int(firsts[places[0]]), int(counts[places[0]])
            cells = starts[places] + np.arange(count)[:, None]
            inputs = {name: ordered.rows.facts[number][cells] for number, name in enumerate(self.names)}
            memory = self.opening.memory(self.contract, accounts) if self.opening is not None else None
            found.append(Group(accounts, places, first, count, inputs, memory))
        return found


def _in_order(rows: Rows) -> Ordered:
    """By account, in the order in which they first appear, and by period."""
    numbers = {account: number for number, account in enumerate(dict.fromkeys(rows.accounts))}
    own = np.fromiter(map(numbers.__getitem__, rows.accounts), np.int64, len(rows.accounts))
    keys = own * 4096 + rows.periods
    if (np.diff(keys) < 0).any():
        places = np.argsort(keys, kind="stable")
        rows, own = rows.at(places), own[places]
    starts = np.flatnonzero(np.diff(own, prepend=-1))
    return Ordered(list(numbers), starts, np.diff(starts, append=len(own)), rows)


def _without_last(ordered: Ordered) -> tuple[Rows, Ordered | None]:
    """The rows of the account that was met last, for more of it may come, and all others."""
    # rows come by account, so that the last account to appear is the one that may go on
    cut = int(ordered.starts[-1])
    rows = ordered.rows
    rest = Rows(rows.accounts[cut:], rows.periods[cut:], rows.rows[cut:], rows.facts[:, cut:])
    if not cut:
        return rest, None
    whole = Rows(rows.accounts[:cut], rows.periods[:cut], rows.rows[:cut], rows.facts[:, :cut])
    return rest, Ordered(ordered.names[:-1], ordered.starts[:-1], ordered.counts[:-1], whole)


def _has_repeats(marks: Whole) -> bool:
    marks.sort()
    return bool((marks[1:] == marks[:-1]).any())


def _named(account: str) -> str:
    return f" of account '{account}'" if account else ""


# --- columns ---------------------------------------------------------------------------------------------------------


def _known_columns(table: Table, scenario: Scenario, told: Told) -> list[str]:
    """The columns that are facts of the file; those that are none are told, and those that stand twice."""
    known = [*scenario.facts, *scenario.drivers, *scenario.value, *scenario.lifecycle, *scenario.effort]
    for place, name in enumerate(table.header):
        if name in table.header[:place]:
            told.add(
                1, f"the column '{name}' stands there twice. Keep one of them." if name else "a column has no name."
            )
        elif name not in COLUMNS and name not in known:
            said = f"'{name}' is no fact, driver, value or decision of the scenario." if name else "a column has no name."
            told.add(1, f"{said}{meant_or_known(name, [*known, *COLUMNS]) if name else ''}")
    return [name for name in known if name in table.header]


def _check_columns(table: Table, contract: Contract, told: Told) -> None:
    """Columns that are missing are told, with the unit of each and with who reads it."""
    model = contract.model
    who = readers(model.scenario, table.header)
    meant = {closest(other, model.given) for other in table.header if other not in model.facts}  # told already
    for name in model.given:
        if name not in table.header and name not in meant:
            unit = model.facts[name].unit
            said = "a fraction, as 98.2%" if unit.part else "a plain number" if unit == Unit() else f"in {unit}"
            reading = listed(who.get(name, ["the contract"]))
            told.add(1, f"no column '{name}' ({said}); {reading} read it.{_why(name, model.scenario)}")
    if "settlement" not in table.header and model.calendar.periods > 1:
        count = counted(model.calendar.periods, "period")
        told.add(1, f"no column 'settlement': the contract has {count}. Name in it the one that each row belongs to.")


def _why(name: str, scenario: Scenario) -> str:
    """Why a decision is a fact, and what its column says; nothing of what is none."""
    if name not in scenario.lifecycle:
        return ""
    written = scenario.lifecycle[name]
    reason = "is weighed" if written.chance is None else "has a chance"
    return f" A decision that {reason} is a fact: write in each row what it was in that period, at first {written.starts.text}."
