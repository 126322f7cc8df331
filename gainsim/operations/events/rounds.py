"""What happens at one instant, in rounds: whose turn it is."""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import simpy

    Process = Generator[simpy.Event, Any, None]
    _Turn = tuple[tuple[int, ...], int, simpy.Event]

#: whose turn it is: an asset's, a request's that is done, leaves or escalates, a call's, the weather's, a shop's, a crew's that
#: comes or goes, a part's
ASSET, REQUEST, CALL, WEATHER, SHOP, SHIFT, PART = range(7)
#: and of an asset: that it calls or fails, that work ends, that a crew arrives, that its failure escalates
AGES, ENDS, ARRIVES, ESCALATES = range(4)
#: of a request
IS_DONE, LEAVES, RISES = range(3)
#: after all turns of a round
_OVER = (inf,)


class Rounds:
    """The clock, and who waits for their turn at this instant."""

    def __init__(self) -> None:
        import simpy  # here: only who asks for it pays for it

        self.env = simpy.Environment()
        self._round: list[_Turn] = []
        self._next: list[_Turn] = []
        self._now: tuple[float, ...] = _OVER
        self._count = count()

    @property
    def now(self) -> float:
        """Hours from the contract's start."""
        return self.env.now

    def begin(self, process: Process) -> simpy.Process:
        """Something goes its way, until it is done."""
        return self.env.process(process)

    def lasts(self, hours: float) -> simpy.Event:
        """When so many hours are over."""
        return self.env.timeout(hours)

    def at(self, hour: float) -> simpy.Event:
        """When it is this hour, to the last bit."""
        return self.env.process(self._at(hour))

    def _at(self, hour: float) -> Process:
        """SimPy knows for how long alone, and a difference is exact from half the hour on."""
        if self.now < hour / 2.0:
            yield self.env.timeout(0.75 * hour - self.now)
        yield self.env.timeout(hour - self.now)

    def turn(self, *whose: int) -> simpy.Event:
        """When it is their turn; in the next round, where theirs is over in this one."""
        turn = whose, next(self._count), self.env.event()
        heappush(self._round if whose > self._now else self._next, turn)
        return turn[-1]

    def settle(self) -> None:
        """Whatever follows at this instant without a turn of its own."""
        while self.env.peek() <= self.env.now:
            self.env.step()

    def play(self, end: float, *then: Callable[[], None]) -> None:
        """Instant after instant before the end. then: what ends a round, after everybody's turn."""
        self.settle()
        while True:
            while self._next:
                self._everybody()
                for closes in then:
                    closes()
            if self.env.peek() >= end:
                return
            self.env.step()
            self.settle()

    def _everybody(self) -> None:
        """Whoever has a turn in this round, in order."""
        self._round, self._next = self._next, []
        while self._round:
            self._now, _, comes = heappop(self._round)
            comes.succeed()
            self.settle()
        self._now = _OVER
