"""Values with a memory: a target that follows what was achieved, from window to window."""

from __future__ import annotations

import numpy as np

from gainsim import ops
from gainsim.facts import Fact, Facts
from gainsim.offer.ratchet import Ratchet
from gainsim.ops import Value
from gainsim.ops.unit_check import Kind, in_words
from gainsim.scopes import WindowScope
from gainsim.units import DIMENSIONLESS, Unit


def ratchet(name: str, written: Ratchet, facts: Facts) -> Fact:
    """`start` in the first window; then x + by * (followed - x), where it keeps the highest or lowest, if that is beyond x.

    What is followed is what the formula came to in the window that has ended; the new value holds from the next on.
    """
    windows = facts.calendar.windows(written.every, key="every: ")
    followed, unit = WindowScope(facts, windows, facts.every).evaluate(written.ratchet)
    start, unit_at_start = facts.each_period(written.start)
    known = [each for each in (unit, unit_at_start) if each is not Kind.BARE]
    if Kind.CONDITION in known:
        raise ValueError(f"'{written.ratchet.text}' is a condition. What is followed is a number.")
    if len(set(known)) > 1:
        told = f"'{written.start.text}' is {in_words(unit_at_start)}, what it follows is {in_words(unit)}"
        raise ValueError(f"start: {told}. Bring both to one unit.")
    if facts.life(written.start) not in ("constant", "path"):
        raise ValueError(
            f"start: '{written.start.text}' changes from period to period. Write a number, or one drawn once."
        )
    begins, ends = np.zeros(facts.calendar.periods), np.zeros(facts.calendar.periods)
    begins[0] = 1.0
    ends[[window.last for window in windows]] = 1.0
    memory = facts.program.state(0.0, name)
    value = ops.where(facts.program.param(begins) > 0.5, start, memory.read(facts.every))
    moved = _moved(written, value, followed)
    memory.write(facts.every, ops.where(facts.program.param(ends) > 0.5, moved, value))
    unit_of_both = known[0] if known else DIMENSIONLESS
    assert isinstance(unit_of_both, Unit)
    return Fact(value, unit_of_both, "dated", written.start.constant)


def _moved(written: Ratchet, value: Value, followed: Value) -> Value:
    target = value + written.by * (followed - value)
    if written.keeps == "highest":
        return ops.maximum(value, target)
    return ops.minimum(value, target) if written.keeps == "lowest" else target
