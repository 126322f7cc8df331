"""What happens at one instant, in rounds: whose turn it is."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import simpy

    Process = Generator[simpy.Event, Any, None]

#: whose turn it is: an asset's, a request's that is done, leaves or escalates, a call's, the weather's, a shop's, a crew's that
#: comes or goes, a part's
ASSET, REQUEST, CALL, WEATHER, SHOP, SHIFT, PART = range(7)
#: and of an asset: that it calls or fails, that work ends, that a crew arrives, that its failure escalates
AGES, ENDS, ARRIVES, ESCALATES = range(4)
#: of a request
IS_DONE, LEAVES, RISES = range(3)


class Rounds:
    """The clock, and who waits for their turn at this instant."""

    def __init__(self) -> None:
        import simpy  # here: only who asks for it pays for it

        self.env = simpy.Environment()
        self._turns: list[tuple[tuple[int, ...], simpy.Event]] = []

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
        """When it is their turn; in the next round, where this one has begun."""
        comes = self.env.event()
        self._turns.append((whose, comes))
        return comes

    def settle(self) -> None:
        """Whatever follows at this instant without a turn of its own."""
        while self.env.peek() <= self.env.now:
            self.env.step()

    def play(self, end: float, *then: Callable[[], None]) -> None:
        """Instant after instant before the end. then: what ends a round, after everybody's turn."""
        self.settle()
        while True:
            while self._turns:
                self._round()
                for closes in then:
                    closes()
            if self.env.peek() >= end:
                return
            self.env.step()
            self.settle()

    def _round(self) -> None:
        turns, self._turns = sorted(self._turns, key=lambda turn: turn[0]), []
        for _, comes in turns:
            comes.succeed()
            self.settle()
