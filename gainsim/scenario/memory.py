"""The memory of accounts from one settlement to the next, as a file: written when settling ends, read when it goes on."""

from __future__ import annotations

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
from gainsim.spelling import listed

Floats = NDArray[np.float64]
#: how messages end that say what may be done about memory that does not fit
_FIX = "Give the memory that settling this contract up to then returned, or settle from the start."


@dataclass(frozen=True)
class Opening:
    """What accounts go on from.

    name:     the file, as problems name it
    accounts: by account, the period it goes on with (None: its contract is over), and its memory by name
    contract: the fingerprint of the contract that was settled
    """

    name: str
    contract: str
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

    def check(self, contract: Contract) -> None:
        """Raise `DataError` where it is the memory of another contract, or its names are not those of this one."""
        if self.contract != contract.fingerprint:
            raise DataError(f"{self.name} is the memory of another contract than this file's. {_FIX}")
        for account, (_, memory) in self.accounts.items():
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
    return Opening(name, written["contract"], accounts)


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
