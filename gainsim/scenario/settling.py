"""From actuals to what they settle: checked whole, settled account by account, set beside what was settled before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.accounts import Contract, Group, Settled
from gainsim.errors import DataError
from gainsim.scenario.actuals import Actuals, Ordered, Progress
from gainsim.scenario.load import Loaded
from gainsim.scenario.memory import Opening, fingerprint
from gainsim.scenario.table import Table, Told

Whole = NDArray[np.int64]


class Settling:
    """The contract of a scenario on its actuals, from an opening memory, perhaps beside earlier actuals.

    Raises `DataError` with all that is wrong in the actuals, and settles nothing then.
    """

    def __init__(
        self,
        loaded: Loaded,
        actuals: Table,
        opening: Opening | None = None,
        restates: Table | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.scenario, self.document, self.source = loaded.scenario, loaded.document, actuals.name
        self.actuals = Actuals(actuals, loaded, opening)
        self.actuals.check(progress)
        self.earlier = None if restates is None else Earlier(Actuals(restates, loaded, opening))
        if self.earlier is not None:
            self.earlier.check_resting(self.actuals.resting)

    @property
    def contract(self) -> Contract:
        """The terms as they are settled."""
        return self.actuals.contract

    def contracts(self, following: Iterable[str | None]) -> dict[str, str]:
        """The contract's fingerprint up to each of the periods that accounts go on with; None: up to its end."""
        return {each or "": fingerprint(self.document, self.contract, each or "") for each in following}

    def resting(self) -> list[dict[str, Any]]:
        """What the accounts of the opening memory that have no rows go on from."""
        opening = self.actuals.opening
        return [] if opening is None else opening.unchanged(self.actuals.resting)

    def batches(self, progress: Progress | None = None) -> Iterator[list[Settled]]:
        """Some accounts at a time, in the order of the actuals. Raises `DataError` where a line is no number."""
        for batch in self.actuals.batches(progress):
            settled = [self._settled(group) for group in batch]
            yield settled if self.earlier is None else [self.earlier.beside(each) for each in settled]

    def _settled(self, group: Group) -> Settled:
        try:
            return self.contract.settle(group)
        except DataError as error:
            raise DataError(f"{self.source}: {error}") from None


@dataclass(frozen=True)
class _Before:
    """Where an account's earlier rows stand."""

    start: int
    first: int
    count: int


class Earlier:
    """Actuals that were settled before. They are held in memory."""

    def __init__(self, actuals: Actuals) -> None:
        actuals.check()
        self.actuals = actuals
        self.ordered: Ordered = actuals.held(Told(actuals.table.name))
        firsts = self.ordered.rows.periods[self.ordered.starts].tolist()
        places = zip(self.ordered.starts.tolist(), firsts, self.ordered.counts.tolist(), strict=True)
        self.accounts = {name or None: _Before(*place) for name, place in zip(self.ordered.names, places, strict=True)}

    def beside(self, settled: Settled) -> Settled:
        """What a group settles, beside what it settled before; accounts that were not, beside nothing."""
        group = settled.group
        earlier = self.actuals.contract.nothing(settled.rows, len(group.accounts))
        until = np.full(len(group.accounts), group.first)
        before = [self.accounts.get(account) for account in group.accounts]
        self._check(group, before)
        for count in sorted({each.count for each in before if each is not None}):
            places = np.array([n for n, each in enumerate(before) if each is not None and each.count == count])
            again = self.actuals.contract.settle(self._group(group, places, count))
            earlier[: len(again.rows), places] = again.amounts
            until[places] = group.first + count
        return replace(settled, earlier=earlier, until=until)

    def _group(self, group: Group, places: Whole, count: int) -> Group:
        accounts = tuple(group.accounts[place] for place in places)
        cells = np.array([self.accounts[account].start for account in accounts]) + np.arange(count)[:, None]
        facts = self.ordered.rows.facts
        inputs = {name: facts[number][cells] for number, name in enumerate(self.actuals.names)}
        opening = None if group.opening is None else group.opening[:, places]
        return Group(accounts, places, group.first, count, inputs, opening)

    def check_resting(self, resting: Iterable[str | None]) -> None:
        """Raise `DataError` where an account that has no rows now had some before."""
        gone = [account for account in resting if account in self.accounts]
        if gone:
            whose = f"account '{gone[0]}'" if gone[0] is not None else "the one account"
            raise DataError(
                f"{self.actuals.table.name}: {whose} was settled before and has no rows now; nothing was settled. "
                "Write all rows that were settled before."
            )

    def _check(self, group: Group, before: list[_Before | None]) -> None:
        """A restated settlement moves what follows on it: all that was settled is settled anew."""
        label = self.actuals.contract.model.calendar.period
        for account, each in zip(group.accounts, before, strict=True):
            if each is not None and (each.first != group.first or each.count > group.count):
                whose = f" of account '{account}'" if account is not None else ""
                was = f"{label(each.first).label} to {label(each.first + each.count - 1).label}"
                now = f"{label(group.first).label} to {label(group.first + group.count - 1).label}"
                raise DataError(
                    f"{self.actuals.table.name}: {was}{whose} was settled before, {now} is settled now; nothing was settled. "
                    "What follows on a restated settlement may change too: write all rows that were settled before."
                )
