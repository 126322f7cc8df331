"""An asset, and how it ages by its modes."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

from gainsim.offer.fleets import FailureMode, Fleet, Maintenance
from gainsim.operations.events.crews import Called

if TYPE_CHECKING:
    import simpy


@dataclass(eq=False)
class Mode:
    """A failure or maintenance of one asset.

    number: as the log has it
    slot:   of its draws
    renews: whose lives begin anew when its work ends, counted within the fleet
    life:   in which of its lives it is
    ends:   the age at which it fails; calls: that at which planned work is called for
    called: the work that is called for, until it ends
    """

    number: int
    slot: int
    written: FailureMode | Maintenance
    renews: list[int]
    life: int = -1
    ends: float = inf
    calls: float = inf
    called: Called | None = None


@dataclass(eq=False)
class Asset:
    """One asset.

    hours:  when periods begin, and the last ends; rates: what an hour of each uses, where the fleet is used
    age:    hours that it had run, and used: what it had been used, when it started
    stops:  while it runs: when planned work stops it
    held:   the modes that hold it down
    """

    number: int
    fleet: str
    written: Fleet
    modes: list[Mode]
    hours: Sequence[float]
    rates: Sequence[float]
    age: float = 0.0
    used: float = 0.0
    start: float = 0.0
    stops: simpy.Event | None = None
    held: set[int] = field(default_factory=set)

    @property
    def stands_by(self) -> bool:
        """Nothing holds it down, and it does not run."""
        return not self.held and self.stops is None

    def next(self) -> float:
        """When it calls for planned work or fails next, if it runs on."""
        return min(min(self.calls(mode), self.fails(mode)) for mode in self.modes)

    def calls(self, mode: Mode) -> float:
        """When planned work will be called for."""
        return inf if mode.called is not None else self._reaches(mode, mode.calls)

    def fails(self, mode: Mode) -> float:
        """When it will fail by this mode."""
        return self._reaches(mode, mode.ends)

    def grows(self, now: float, by: Mode) -> None:
        """It ran until now, when this mode stops it; that is at the age at which its life ends, where it fails by that."""
        failed = by.called is not None and not by.called.planned
        self.age = by.ends if failed and by.written.ages == "running" else self.age + (now - self.start)
        for begin, end, rate in self._stretches():
            if begin < now:
                self.used += (min(end, now) - begin) * rate
        if failed and by.written.ages == "use":
            self.used = by.ends

    def age_of(self, mode: Mode, now: float) -> float:
        """The age of a mode of an asset that does not run."""
        return {"running": self.age, "use": self.used, "calendar": now}[mode.written.ages]

    def _reaches(self, mode: Mode, age: float) -> float:
        if mode.written.ages == "running":
            return self.start + max(age - self.age, 0.0)
        if mode.written.ages == "calendar":
            return max(age, self.start)
        used = self.used
        for begin, end, rate in self._stretches():
            if rate > 0.0 and (when := begin + max(age - used, 0.0) / rate) < end:
                return when
            used += (end - begin) * rate
        return inf

    def _stretches(self) -> Iterator[tuple[float, float, float]]:
        """From its start on: begin, end, and what an hour of it uses."""
        first = bisect(self.hours, self.start) - 1
        for begin, end, rate in zip(self.hours[first:], self.hours[first + 1 :], self.rates[first:], strict=False):
            yield max(begin, self.start), end, rate


def renewed(fleet: Fleet, name: str) -> list[int]:
    """Which modes of a fleet begin a new life when the work of this one ends, in their order."""
    names = [*fleet.failures, *fleet.maintenance]
    renews = fleet.failures[name].renews if name in fleet.failures else fleet.maintenance[name].renews
    named = names if renews == "asset" else renews if isinstance(renews, list) else []
    return [number for number, other in enumerate(names) if other == name or other in named]
