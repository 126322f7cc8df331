"""The memory of accounts from one settlement to the next, as a file: written when settling ends, read when it goes on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.accounts import Contract, Settled
from gainsim.errors import DataError
from gainsim.grid import parse_month
from gainsim.scenario.reading import Document
from gainsim.spelling import listed

Floats = NDArray[np.float64]
#: how messages end that say what may be done about memory that does not fit
_FIX = "Give the memory that settling this contract up to then returned, or settle from the start."


@dataclass(frozen=True)
class Opening:
    """What accounts go on from.

    name:      the file, as problems name it
    contracts: by the period that accounts go on with, the fingerprint of the contract up to then
    accounts:  by account, the period it goes on with (None: its contract is over), and its memory by name
    """

    name: str
    contracts: Mapping[str, str]
    accounts: Mapping[str | None, tuple[str | None, Mapping[str, float]]]

    def memory(self, contract: Contract, accounts: Iterable[str | None]) -> Floats | None:
        """(states, accounts): what is remembered, for accounts that all are here; None where none is."""
        kept = [self.accounts[account][1] for account in accounts if account in self.accounts]
        if not kept:
            return None
        memory = np.repeat([[state.initial] for state in contract.model.program.states], len(kept), axis=1)
        for name, slot in contract.states.items():
            memory[slot] = [of_account[name] for of_account in kept]
        return memory

    def unchanged(self, accounts: Iterable[str | None]) -> list[dict[str, Any]]:
        """What accounts go on from of which nothing is settled now: what they went on from before."""
        return [
            {"account": account, "next": following, "memory": dict(memory)}
            for account, (following, memory) in ((account, self.accounts[account]) for account in accounts)
        ]

    def check(self, contract: Contract, document: Document) -> None:
        """Raise `DataError` where it is the memory of another contract, or its names are not those of this one."""
        own = {following: fingerprint(document, contract, following) for following in self.contracts}
        for following, found in self.contracts.items():
            if found != own[following]:
                until = f" before {following}" if following else ""
                said = f"is the memory of another contract than this file's{until}, or of other columns"
                raise DataError(f"{self.name} {said}. {_FIX}")
        for account, (goes_on_with, memory) in self.accounts.items():
            if (goes_on_with or "") not in own:
                raise DataError(f"{self.name} does not say which contract {_called(account)} was settled by. {_FIX}")
            missing, unknown = set(contract.states) - set(memory), set(memory) - set(contract.states)
            if missing or unknown:
                lacks = (
                    f"lacks {listed(sorted(missing))}" if missing else f"has {listed(sorted(unknown))}, which is none"
                )
                raise DataError(f"{self.name}: the memory of {_called(account)} {lacks} of this contract. {_FIX}")
            for name, value in memory.items():
                if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                    raise DataError(
                        f"{self.name}: '{name}' of {_called(account)} is {value!r}, which is no number. {_FIX}"
                    )


def read_opening(path: Path) -> Opening:
    """The memory in a file that `settle` wrote, with --closing or --json. Raises `DataError` for anything else."""
    name = str(path)
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{name}: no such file.") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{name} cannot be read as the memory of a settlement: {error}. {_FIX}") from None
    try:
        return opening_of(written, name)
    except (KeyError, TypeError, AttributeError):
        raise DataError(f"{name} is not what gainsim settle --closing writes. {_FIX}") from None


def opening_of(written: Mapping[str, Any], name: str) -> Opening:
    """The memory in plain data."""
    accounts: dict[str | None, tuple[str | None, Mapping[str, float]]] = {}
    for entry in written["accounts"]:
        if entry["account"] in accounts:
            raise DataError(f"{name}: {_called(entry['account'])} stands there twice. {_FIX}")
        accounts[entry["account"]] = entry["next"], dict(entry["memory"])
    return Opening(name, dict(written["contracts"]), accounts)


def fingerprint(document: Document, contract: Contract, following: str) -> str:
    """A name for all that has moved the contract's money before a period: memory of another contract means nothing.

    An amendment counts from the period on that it holds from: one agreed later leaves the memory of what was before.
    following: the label of the period; "": the contract's end
    """
    data, calendar = document.data, contract.model.calendar
    labels = {calendar.period(t).label: calendar.period(t).start for t in range(calendar.periods)}
    start = labels.get(following, calendar.end)
    drivers = {name: {key: driver.get(key) for key in _KEPT} for name, driver in data.get("drivers", {}).items()}
    amendments = [each for each in data.get("amendments", []) if parse_month(str(each["effective"])) < start]
    parts = [data.get(part) for part in ("currency", "calendar", "facts", "value", "tables", "lifecycle", "contract", "parties")]
    parts.append(data.get("money", {}).get("rates"))
    text = json.dumps(_without_words([*parts, drivers, amendments, sorted(contract.model.given)]), default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


#: what the contract may read of a driver: what is agreed of it, and where it starts
_KEPT = ("unit", "constant", "schedule", "follows", "event", "geometric_walk", "mean_reverting")


def _without_words(part: Any) -> Any:
    """Plain data without what is only for the reader."""
    if isinstance(part, dict):
        return {str(key): _without_words(value) for key, value in part.items() if key != "about"}
    return [_without_words(each) for each in part] if isinstance(part, list) else part


def closing_of(contract: Contract, settled: Settled) -> list[dict[str, Any]]:
    """What each account of a group goes on from: the next period, and its memory by name."""
    after = settled.group.first + settled.group.count
    calendar = contract.model.calendar
    following = calendar.period(after).label if after < calendar.periods else None
    columns = [settled.memory[slot].tolist() for slot in contract.states.values()]
    memories = zip(*columns, strict=True) if columns else ((),) * len(settled.group.accounts)
    return [
        {"account": account, "next": following, "memory": dict(zip(contract.states, memory, strict=True))}
        for account, memory in zip(settled.group.accounts, memories, strict=True)
    ]


def _called(account: str | None) -> str:
    return "the one account" if account is None else f"account '{account}'"
