"""Chance: every driver's score, drawn at its own address and coupled with others as the file says. It knows no values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gainsim.dependence.groups import coupling
from gainsim.dependence.matrix import ImpossibleCorrelation, Pairs, factor, repaired, weighted
from gainsim.linked import Changed, Linked
from gainsim.ops import Value, where
from gainsim.ops.program import Program, Section
from gainsim.problems import Unusable


@dataclass
class Chance:
    """The scores of the drivers of one program.

    repair:  whether correlations that cannot hold together give way to the nearest that can
    changed: those that did
    """

    program: Program
    section: Section
    linked: Linked
    repair: bool
    changed: list[Changed] = field(default_factory=list)
    scores: dict[str, Value] = field(default_factory=dict)

    def draw(self) -> None:
        """Draw and couple every score."""
        for once in (True, False):
            names = [name for name, for_life in self.linked.once.items() if for_life is once]
            self._couple(names, once)
            for group in self.linked.groups:
                if group.among[0] in names:
                    made = coupling(group)
                    shared = made.shared(self.further(f"{group.among[0]}/group", made.draws, once=once))
                    for name in group.among:
                        self.scores[name] = made.score(self.scores[name], shared)

    def score(self, name: str) -> Value:
        """The coupled score of a driver."""
        if name not in self.scores:
            raise Unusable(name)
        return self.scores[name]

    def further(self, name: str, count: int, *, once: bool) -> list[Value]:
        """The scores that are drawn beside a driver's own, which nothing is coupled to."""
        read = self.program.draw_once if once else self.program.draw
        return [read(f"{name}/{number}", self.section) for number in range(1, count + 1)]

    def _couple(self, names: Sequence[str], once: bool) -> None:
        """Correlate scores as the pairs say.

        What hangs together moves as one: in each period a set of correlated scores is drawn, and whoever leads shows its
        part of it so many periods before the others do. So every driver's scores stay independent of one another, and
        two drivers are correlated at the distance that is written and at no other. Leaders come first in the factor:
        whoever follows needs their earlier draws only.
        """
        read = self.program.draw_once if once else self.program.draw
        own = {name: read(name, self.section) for name in names}
        ahead = {name: self.linked.ahead.get(name, 0) for name in names}
        order = sorted(names, key=lambda name: -ahead[name])
        rows = self._factor(order, {pair: r for pair, r in self.linked.pairs.items() if pair[0] in own})
        line = {name: [score] for name, score in own.items()}  # of each, the latest draw first
        for number, (name, row) in enumerate(zip(order, rows, strict=True)):
            before = order[: number + 1]
            seen = [
                self._earlier(other, ahead[other] - ahead[name], line[other]) if value != 0.0 else None
                for value, other in zip(row, before, strict=False)
            ]
            self.scores[name] = weighted(row[: number + 1], seen)

    def _factor(self, names: Sequence[str], pairs: Pairs) -> list[list[float]]:
        """The factor of the correlations; where there is none and no repair, its problem is told and all are independent."""
        with self.linked.problems.at("dependence"):
            try:
                return factor(names, pairs)
            except ImpossibleCorrelation:
                if not self.repair:
                    raise
            possible = repaired(names, pairs)
            for (a, b), r in possible.items():
                written = pairs.get((a, b), pairs.get((b, a), 0.0))
                if abs(r - written) > 5e-7:
                    self.changed.append(Changed(a, b, written, r))
            return factor(names, possible)
        return factor(names, {})

    def _earlier(self, name: str, periods: int, line: list[Value]) -> Value:
        """The draw of so many periods ago; what came before the contract has streams of its own."""
        while len(line) <= periods:
            state = self.program.state(0.0, name)
            before = self.program.draw_once(f"{name}/before/{len(line)}", self.section)
            first = self.program.param(np.arange(self.program.periods) == 0) > 0.5
            value = where(first, before, state.read(self.section))
            state.write(self.section, line[-1])
            line.append(value)
        return line[periods]
