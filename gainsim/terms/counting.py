"""What is counted from settlement to settlement: failures in a row, points in the last few, in the year.

A settlement in which the term does not stand is not counted: what is remembered stays as it was.
"""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.service_levels import Counted
from gainsim.ops import Value
from gainsim.ops.program import State
from gainsim.terms.context import Settling


def remember(settling: Settling, memory: State, value: Value) -> None:
    """Keep a value for the next settlement, if the term stands in this one."""
    memory.write(settling.section, if_it_stands(settling, value, memory.read(settling.section)))


def if_it_stands(settling: Settling, value: Value, otherwise: Value) -> Value:
    """A value in the settlements in which the term stands, and what it is in the others."""
    if settling.term.active_while is None:
        return value
    return ops.where(settling.node(settling.active) > 0.5, value, otherwise)


def first_that_stands(settling: Settling) -> Value:
    """The condition that this settlement is the first of all in which the term stands."""
    if settling.term.active_while is None:
        return settling.begins("life")
    memory = settling.state("has stood")
    stood = memory.read(settling.section)
    remember(settling, memory, 1.0)
    return stood < 0.5


def in_the_year(settling: Settling, what: str, now: Value) -> Value:
    """The sum of a value since the year began, this settlement included."""
    begins, memory = settling.begins("year"), settling.state(what)
    total = ops.where(begins, 0.0, memory.read(settling.section)) + if_it_stands(settling, now, 0.0)
    memory.write(settling.section, total)
    return total


def counted(settling: Settling, what: str, now: Value, over: Counted) -> Value:
    """The sum of a value (1 for a failure, or points) over the settlements that count, this one included.

    In a row: a value of 0 ends the row. In the last N: this settlement and the N - 1 before it.
    """
    if over.how == "settlement":
        return now
    if over.how == "in the year":
        return in_the_year(settling, what, now)
    if over.how == "in a row":
        memory = settling.state(what)
        row = ops.where(now > 0.0, memory.read(settling.section) + now, 0.0)
        remember(settling, memory, row)
        return row
    memories = [settling.state(what) for _ in range(over.last - 1)]
    earlier = [memory.read(settling.section) for memory in memories]
    total = now
    for memory, newer, older in zip(memories, [now, *earlier], earlier, strict=False):
        total = total + older
        remember(settling, memory, newer)
    return total
