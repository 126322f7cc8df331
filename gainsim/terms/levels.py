"""A measured level against its edges: what it has passed, and what is due there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gainsim import ops
from gainsim.offer.edges import Edge, Step
from gainsim.offer.fields import Formula
from gainsim.ops import Value
from gainsim.ops.unit_check import Kind, in_words
from gainsim.problems import Unusable
from gainsim.slips import refuse_impossible, refuse_slip
from gainsim.terms.context import Settling
from gainsim.units import Unit

INFINITE = float("inf")


def passed(level: Value, at: Value, side: str, inclusive: bool) -> Value:
    """Whether a level lies below its edge, or above it; inclusive: the edge itself counts too.

    >>> import numpy as np
    >>> passed(np.array([0.98, 0.99, 1.0]), 0.99, "below", False), passed(np.array([29, 30]), 30.0, "above", True)
    (array([ True, False, False]), array([False,  True]))
    """
    if side == "below":
        return level <= at if inclusive else level < at
    return level >= at if inclusive else level > at


@dataclass(frozen=True)
class Level:
    """What a level comes to in each settlement of a term. told: the edges that cannot be used, and have been told."""

    settling: Settling
    written: Formula
    value: Value
    unit: Unit | Kind
    told: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, settling: Settling, written: Formula) -> Level:
        """The level of the window."""
        value, unit = settling.scope.evaluate(written)
        if unit is Kind.CONDITION:
            raise ValueError(f"a level is a number; '{written.text}' is {in_words(unit)}.")
        return cls(settling, written, value, unit)

    def edge(self, edge: Edge) -> Value:
        """Where an edge lies, in the unit of the level."""
        if edge.label in self.told:
            raise Unusable(edge.label)
        try:
            return self._edge(edge)
        except ValueError:
            self.told.add(edge.label)
            raise

    def _edge(self, edge: Edge) -> Value:
        at, unit = self.settling.scope.evaluate(edge.at)
        if Kind.BARE not in (unit, self.unit) and unit != self.unit:
            told = f"the level '{self.written.text}' is {in_words(self.unit)}, the edge '{edge.label}' {in_words(unit)}"
            raise ValueError(f"{told}. Bring both to one unit.")
        if edge.at.constant is not None and isinstance(self.unit, Unit):
            refuse = refuse_slip if unit is Kind.BARE else refuse_impossible
            refuse(edge.at.constant, self.unit)
        return at

    def has_passed(self, edge: Edge) -> Value:
        """The condition that the level lies beyond an edge."""
        return passed(self.value, self.edge(edge), edge.side, edge.inclusive)

    def parts(self, steps: Sequence[Step], due: Callable[[Formula], Value], *place: str) -> Iterator[tuple[Step, Value]]:
        """What each step adds to the one before it, where the level has passed it.

        A level that is no number would have passed no edge: it is what is due then, and ends the run.
        due: what is due at a step, read from its formula
        """
        number = ops.both(self.value > -INFINITE, self.value < INFINITE)
        before: Step | None = None
        for step in steps:
            part: Value = None
            with self.settling.deal.problems.at("contract", self.settling.name, *place, step.label):
                part = ops.where(number, self._part(step, before, due), self.value)
            before = step
            if part is not None:
                yield step, part

    def _part(self, step: Step, before: Step | None, due: Callable[[Formula], Value]) -> Value:
        """What a step adds where the level has passed it; its edge must lie beyond the one before it, and it adds 0 or more."""
        if before is None:
            return ops.where(self.has_passed(step.edge), due(step.due), 0.0)
        more, less = due(step.due), due(before.due)
        broken = f"'{step.due.text}' at '{step.label}' is less than '{before.due.text}' at '{before.label}' before it"
        added = self.settling.deal.require(more >= less, more - less, broken, "Write the mildest step first.")
        part = ops.where(self.has_passed(step.edge), added, 0.0)
        at, milder = self.edge(step.edge), self.edge(before.edge)
        deeper = at < milder if step.edge.side == "below" else at > milder
        broken = f"the edge '{step.label}' has crossed '{before.label}' before it"
        return self.settling.deal.require(deeper, part, broken, "Write the mildest step first.")
