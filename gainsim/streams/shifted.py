"""Draws that are pushed towards what is rare, and what each path then weighs (importance sampling).

The scores of a stream over some periods have an average; scaled to a standard normal score of its own it is a *direction*. A
*proposal* is another normal law of the directions. Everything else about a score, and all that is no direction, stays as it was
drawn; so the weight of a path depends on its directions alone, and stays good however many scores there are.

Source: mixtures with the balance heuristic: Owen & Zhou, Safe and effective importance sampling, JASA 95 (2000)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.ops.kernels import exp, log
from gainsim.streams.cells import CellSource, PhiloxTable, normal_scores
from gainsim.streams.source import ALL_PROMISES, Plan
from gainsim.sums import CELL

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Direction:
    """The scores of `stream` from the period `first` on, `count` of them: their sum over √count."""

    stream: str
    first: int
    count: int


@dataclass(frozen=True, eq=False)
class Proposal:
    """Independent normal laws of the directions.

    centre: (directions,) where each lies
    spread: the standard deviation of all of them
    """

    centre: Floats
    spread: float = 1.0


class Shifted(CellSource):
    """Pseudo-random scores of which path p has the directions of a proposal: of that with the number turns[p modulo their number].

    along:   (directions, paths) the directions of each path, filled as its cell is drawn

    Where the proposal is the standard normal law a path is that of `Philox`, to the bit:

    >>> from gainsim.streams.source import Philox, StreamPlan
    >>> plan = Plan((StreamPlan("price", 4),), paths=1024, seed=1)
    >>> year, numbers = Direction("price", 0, 4), np.arange(4, dtype=np.uint64)
    >>> ordinary, pushed = Proposal(np.array([0.0])), Proposal(np.array([3.0]))
    >>> source = Shifted(plan, [year], [ordinary, pushed], turns=[0, 1])
    >>> apart = source.drawn(numbers).normals("price", numbers, 2) - Philox(plan).normals("price", numbers, 2)
    >>> apart.round(12).tolist()
    [0.0, 1.5, 0.0, 1.5]
    >>> bool(abs(source.weights().mean() - 1.0) < 0.05)
    True
    """

    promises = ALL_PROMISES

    def __init__(
        self, plan: Plan, directions: Sequence[Direction], proposals: Sequence[Proposal], turns: Sequence[int] = (0,)
    ) -> None:
        super().__init__(plan)
        self.directions, self.proposals, self.turns = tuple(directions), tuple(proposals), np.array(turns, np.int64)
        self._uniforms = PhiloxTable(plan)
        self._centres = np.array([each.centre for each in proposals], np.float64).reshape(len(proposals), len(directions))
        self._spreads = np.array([each.spread for each in proposals])
        self._drawn = np.zeros((len(directions), -(-plan.paths // CELL) * CELL))

    @property
    def along(self) -> Floats:
        """(directions, paths)."""
        return self._drawn[:, : self.plan.paths]

    def cell(self, number: int) -> Floats:
        """(rows, 1024) normal scores of a cell."""
        paths = np.arange(number * CELL, (number + 1) * CELL, dtype=np.uint64)
        table = normal_scores(self._uniforms.of(paths, self.apply), self.apply)
        which = self.turns[paths.astype(np.int64) % len(self.turns)]
        for place, direction in enumerate(self.directions):
            first = self.first_row[direction.stream] + direction.first
            rows, root = slice(first, first + direction.count), np.sqrt(float(direction.count))
            own = np.add.accumulate(table[rows])[-1] / root
            wanted = self._centres[which, place] + self._spreads[which] * own
            table[rows] += (wanted - own) / root
            self._drawn[place, number * CELL : (number + 1) * CELL] = wanted
        return table

    def groups(self) -> NDArray[np.int64] | None:
        """(paths,) which paths are of one round of the turns; None where there is but one turn.

        Rounds are alike and independent of each other, paths are not: every proposal has its share in each, so that their total
        weights hardly differ. An error is to be taken of them.
        """
        return np.arange(self.plan.paths, dtype=np.int64) // len(self.turns) if len(self.turns) > 1 else None

    def odds(self) -> Floats:
        """(proposals, paths) how much likelier each proposal makes a path than chance does; its directions must have been drawn."""
        found = np.empty((len(self.proposals), self.plan.paths))
        plain = _squares(self.along)
        for row, proposal in zip(found, self.proposals, strict=True):
            apart = (self.along - proposal.centre[:, None]) / proposal.spread
            narrower = len(self.directions) * log(np.array([proposal.spread]))[0]
            row[:] = exp(0.5 * (plain - _squares(apart)) - narrower)
        return found

    def weights(self) -> Floats:
        """(paths,) what each path weighs against an ordinary one, in the mean 1: one over the mixture of the odds."""
        shares = np.bincount(self.turns, minlength=len(self.proposals)) / len(self.turns)
        return np.asarray(1.0 / np.add.accumulate(shares[:, None] * self.odds())[-1])


def _squares(along: Floats) -> Floats:
    return np.asarray(np.add.accumulate(along * along)[-1]) if len(along) else np.zeros(along.shape[1])
