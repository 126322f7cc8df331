"""Operations as a SimPy model: one path at a time, written from the English of the reference.

It says the same as `operations/twin/`, from the same durations and to the last bit, and shares no line with it: it is what
the compiled loop is held against. It is a hundred times slower; runs and timelines take the loop, so SimPy is needed for tests
and benchmarks alone.
"""

from __future__ import annotations

from gainsim.operations.durations import Durations
from gainsim.operations.events.room import Room
from gainsim.operations.history import Event, Given


def events(durations: Durations, path: int, given: Given | None = None) -> list[Event]:
    """The history of one path, in the order in which it happens.

    given: of this path alone. Raises `ValueError` where a fleet reads the driver of its use, and it is not given.
    """
    return Room(durations, path, given).history()
