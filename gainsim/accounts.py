"""Settling: the contract of an offer on measured facts, for many accounts at once.

The program is that of the simulation, written from the terms alone; accounts stand where paths stand, and facts that a
simulation draws come from outside. What an account has settled so far is in its memory, from which it goes on later.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Rows, rows_of
from gainsim.errors import DataError, NotFiniteError
from gainsim.gates import NOT_ASKED
from gainsim.grid import Settlement
from gainsim.ledger import Line
from gainsim.model import Model, build
from gainsim.offer.fields import formulas_in
from gainsim.offer.scenario import Scenario
from gainsim.ops.arrays import ArrayRun

Floats = NDArray[np.float64]
#: accounts that are settled together: their arrays stay in the processor's cache
BLOCK = 8_192


@dataclass(frozen=True)
class Group:
    """Accounts that are settled together, over the same periods.

    accounts: their names; None: the one account of actuals that name none
    places:   (accounts,) their numbers in the batch they stand in
    first:    the index of the first period
    count:    how many periods
    inputs:   the facts by name, (periods, accounts), in the units of the file
    opening:  (states, accounts) the memory they go on from; None: they begin with the contract
    """

    accounts: tuple[str | None, ...]
    places: NDArray[np.int64]
    first: int
    count: int
    inputs: Mapping[str, Floats]
    opening: Floats | None = None


@dataclass(frozen=True)
class Settled:
    """What a group settles.

    rows:    the rows of the ledger that fell due
    amounts: (rows, accounts), positive as the line says: a payment to the supplier, a gain of the customer
    memory:  (states, accounts) from which a later settlement goes on
    earlier: (rows, accounts) what was settled before, in a restatement, 0 where nothing was
    until:   (accounts,) the first period that was not settled before, in a restatement
    """

    group: Group
    rows: range
    amounts: Floats
    memory: Floats
    earlier: Floats | None = None
    until: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Entry:
    """One row of the ledger in a settlement. place: its number among the rows that were settled."""

    place: int
    line: Line
    dates: Settlement


@dataclass(frozen=True)
class Contract:
    """The contract of an offer, ready for measured facts.

    model: the terms alone; `model.given` are the facts that they need from outside
    """

    model: Model

    @cached_property
    def rows(self) -> Rows:
        """The rows of the ledger with their dates."""
        return rows_of(self.model)

    @cached_property
    def starts(self) -> list[int]:
        """The period of every row, in order."""
        return [t for t, _ in self.model.program.rows]

    @cached_property
    def states(self) -> Mapping[str, int]:
        """The memory of an account by name: the place of each value that some line depends on."""
        program = self.model.program
        return {program.states[slot].name: slot for slot in sorted(program.live_states())}

    def due(self, first: int, count: int) -> range:
        """The rows that fall due in `count` periods from `first` on."""
        return range(bisect_left(self.starts, first), bisect_left(self.starts, first + count))

    def settlements(self, rows: range) -> dict[int, list[Entry]]:
        """What falls due in each period, in the order of the ledger; periods in which nothing does are left out."""
        found: dict[int, list[Entry]] = {}
        for place, row in enumerate(rows):
            t, line = self.rows.keys[row]
            found.setdefault(t, []).append(Entry(place, self.rows.lines[line], self.rows.settlements[row]))
        return found

    def nothing(self, rows: range, accounts: int) -> Floats:
        """(rows, accounts): amounts where nothing was settled, and gates that were not asked."""
        gates = [self.rows.lines[self.rows.keys[row][1]].role == "gate" for row in rows]
        return np.repeat(np.where(gates, NOT_ASKED, 0.0)[:, np.newaxis], accounts, axis=1)

    def settle(self, group: Group) -> Settled:
        """Settle a group. Raises `DataError` where a line is no number, naming account, settlement and formula."""
        paths = np.arange(len(group.accounts), dtype=np.uint64)
        run = ArrayRun(self.model.program, None, paths, group.inputs, group.opening, group.first)
        try:
            run.advance(range(group.first, group.first + group.count), checked=True)
        except NotFiniteError as error:
            label = self.model.calendar.period(error.period - 1).label
            whose = group.accounts[error.path]
            named = "" if whose is None else f"for account '{whose}' "
            raise DataError(error.told(f"{named}in the settlement {label},")) from None
        rows = self.due(group.first, group.count)
        for name, slot in self.states.items():
            if not np.isfinite(run.memory[slot]).all():
                account = group.accounts[int(np.argmin(np.isfinite(run.memory[slot])))]
                raise DataError(f"what '{name}' keeps {_of(account)}is more than a number can hold. Look at its facts.")
        return Settled(group, rows, run.lines[rows.start : rows.stop], run.memory)


def contract_of(scenario: Scenario, measured: Collection[str] = ()) -> Contract:
    """The contract of an offer that is in order. measured: drivers and values that actuals have a column for."""
    return Contract(build(scenario, "measured", measured, gates=True))


def readers(scenario: Scenario, measured: Collection[str]) -> dict[str, list[str]]:
    """Which drivers, values, decisions and terms name each driver, value, decision or fact; what is given names nothing."""
    found: dict[str, list[str]] = {}
    given = {*measured, *scenario.effort, *(name for name, decision in scenario.lifecycle.items() if decision.chance is not None)}
    for name, driver in scenario.drivers.items():
        if driver.follows is not None and name not in measured:
            found.setdefault(driver.follows.of, []).append(f"drivers.{name}")
    sections = (("value", scenario.value), ("lifecycle", scenario.lifecycle), ("contract", scenario.contract))
    for section, parts in sections:
        for name, part in parts.items():
            if section != "contract" and name in given:
                continue
            for read in sorted({read for formula in formulas_in(part) for read in formula.names}):
                found.setdefault(read, []).append(f"{section}.{name}")
    return found


def always_above_0(scenario: Scenario) -> dict[str, str]:
    """Which facts are always above 0 by their use, and what each is: what prices are indexed with, and rates of exchange."""
    indices = {name for formula in formulas_in(scenario.contract) for name in formula.based}
    return dict.fromkeys(indices, "index") | dict.fromkeys(scenario.money.rates.values(), "rate of exchange")


def _of(account: str | None) -> str:
    return "" if account is None else f"of account '{account}' "
