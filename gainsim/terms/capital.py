"""What is bought at a date, and written down in equal parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gainsim.grid import Settlement
from gainsim.ops import Value
from gainsim.ops.program import Section, State


@dataclass(frozen=True)
class Bought:
    """What is paid for a cost at a date, in the section in which it is bought; 0 on a path on which it is not."""

    section: Section
    amount: Value
    settlements: Sequence[Settlement]


@dataclass(frozen=True)
class Capital:
    """What is bought, and written down in equal parts.

    paid:   the memory of what was paid for it
    parts:  in how many periods it is written down
    before: (periods,) in how many periods before this one it has been; negative before it is bought
    """

    bought: Bought
    paid: State
    parts: int
    before: Sequence[int]

    def left(self, section: Section) -> Value:
        """What is not written down at each period's end, as a section finds it."""
        parts = [1.0 - min(max(n + 1, 0), self.parts) / self.parts for n in self.before]
        return self.paid.read(section) * self.paid.program.param(parts)
