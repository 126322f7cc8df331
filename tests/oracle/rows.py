"""The engine's ledger of one future, row by row, and where the oracle's differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import numpy as np

from gainsim.model import Model, build
from gainsim.offer.scenario import Scenario
from gainsim.ops.arrays import run_arrays
from gainsim.streams.source import Philox
from tests.oracle.calendar import Life
from tests.oracle.settled import Settled

Rows = dict[tuple[str, int], float]  # by line, and the period in which it is reckoned
SHOWN = ("gain", "figure", "gate")  # what is no money, and no decision


def without_chance(scenario: dict[str, Any]) -> tuple[Model, Any]:
    """The engine's model of the base case, and its rows: written down once, not also with chance."""
    model = build(Scenario.model_validate(scenario), "central")
    return model, run_arrays(model.program, None, np.array([0], np.uint64), checked=True)[:, 0]


def of_base_case(scenario: dict[str, Any], together: Collection[str]) -> Rows:
    """What the engine reckons without chance. together: the terms whose lines are added up under their name."""
    return _rows(*without_chance(scenario), together)


def of_futures(model: Model, paths: int, together: Collection[str]) -> list[Rows]:
    """What the engine reckons on each of the first futures."""
    amounts = run_arrays(model.program, Philox(model.plan(paths, 1)), np.arange(paths, dtype=np.uint64), checked=True)
    return [_rows(model, amounts[:, path], together) for path in range(paths)]


def _rows(model: Model, amounts: Any, together: Collection[str]) -> Rows:
    found: Rows = defaultdict(float)
    for (period, number), amount in zip(model.program.rows, amounts, strict=True):
        line = model.lines[number]
        if line.role not in SHOWN:
            found[line.group if line.group in together else line.name, period] += float(amount)
    return found


def of_settled(name: str, settlements: list[Settled], at: int = -1) -> Rows:
    """A term's settlements as rows: in the last period of each window, or in the first (0)."""
    return {(name, settled.window[at]): settled.paid for settled in settlements}


def differ(engine: Rows, oracle: Rows, life: Life) -> list[str]:
    """Where they are not one; a line that the ledger leaves out is nothing."""
    found = []
    for key in sorted(set(engine) | set(oracle)):
        ours, theirs = engine.get(key, 0.0), oracle.get(key, 0.0)
        if not abs(ours - theirs) <= 1e-9 * max(1.0, abs(theirs)):
            found.append(f"{key[0]} in period {key[1]} of {life.periods}: {ours}, by the oracle {theirs}")
    return found
