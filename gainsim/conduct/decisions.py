"""Decisions by path and period, as world and deal see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gainsim.ops import Value
from gainsim.ops.program import Program


@dataclass(frozen=True)
class Decisions:
    """What has been decided when a period begins.

    scope:   the part of the agreed scope that is served, 1 for all of it
    alive:   1 while the contract runs on this path
    closing: 1 in the period in which it ends on this path: what is still carried is settled or lost
    """

    scope: Value
    alive: Value
    closing: Value


def unmoved(program: Program) -> Decisions:
    """Nobody decides anything: full scope, and the contract runs to its end."""
    last = np.zeros(program.periods)
    last[-1] = 1.0
    return Decisions(scope=1.0, alive=1.0, closing=program.param(last))
