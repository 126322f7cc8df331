"""Crews: who is free and on shift, what waits for them, and in which order it is begun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from gainsim.offer.fleets import LongWait, Work
from gainsim.offer.operations import Crew
from gainsim.offer.shifts import WEEK, Shifts
from gainsim.operations.events.rounds import SHIFT, Rounds

if TYPE_CHECKING:
    import simpy

    from gainsim.operations.events.rounds import Process


@dataclass(eq=False)
class Called:
    """What a crew is called for.

    place:  in the order of what waits since the same instant by the same priority
    crews:  who may do it
    asset:  as the log has it; so has mode
    life:   of which draws it is made
    ordered: whether it ordered its spare, not another before it
    answer: the crew that begins it, once it does; None where it is withdrawn, leaves or is turned away
    """

    answer: simpy.Event
    place: tuple[int, ...]
    since: float
    priority: int
    crews: list[str]
    spare: str | None = None
    site: str | None = None
    asset: int = -1
    mode: int = -1
    life: int = 0
    planned: bool = False
    ordered: bool = False


class Crews:
    """All of them, and what waits."""

    def __init__(self, crews: Mapping[str, Crew], monday: float, rounds: Rounds) -> None:
        self.crews, self.monday, self.rounds = crews, monday, rounds
        self.free = {name: crew.number for name, crew in crews.items()}
        self.on_shift = {name for name, crew in crews.items() if crew.shifts is None}
        self.waiting: list[Called] = []
        for name, crew in crews.items():
            if crew.shifts is not None:
                rounds.begin(self._shifts(name, crew.shifts))

    def who_may(self, work: Work) -> list[str]:
        """The crew that is named, or those with the skill, in the order of the file."""
        if work.crew is not None:
            return [work.crew]
        return [name for name, crew in self.crews.items() if work.skill in crew.skills]

    def dispatch(self, takes: Callable[[Called], bool]) -> None:
        """What waits and can begin begins, in its order, and takes a member of the crew. takes: all else, if that is there."""
        for called in sorted(self.waiting, key=lambda called: (called.priority, called.since, called.place)):
            crew = next((crew for crew in called.crews if self.free[crew] > 0 and crew in self.on_shift), None)
            if crew is not None and takes(called):
                self.free[crew] -= 1
                self.waiting.remove(called)
                called.answer.succeed(crew)

    def escalate(self, called: Called, written: LongWait, *turn: int) -> Process:
        """What waits still has another priority, and others may do it too."""
        yield self.rounds.lasts(written.after)
        yield self.rounds.turn(*turn)
        if called in self.waiting:
            called.priority = written.priority
            called.crews += [crew for crew in self.who_may(written) if crew not in called.crews]

    def _shifts(self, crew: str, shifts: Shifts) -> Process:
        """A crew comes and goes, on its days of the week."""
        for day in count(int(self.monday) // 24):
            if WEEK[day % 7] in shifts.days:
                midnight = 24.0 * day - self.monday
                yield self.rounds.lasts(midnight + shifts.begins - self.rounds.now)
                self.on_shift.add(crew)
                self.rounds.turn(SHIFT)
                yield self.rounds.lasts(midnight + shifts.ends - self.rounds.now)
                self.on_shift.remove(crew)
                self.rounds.turn(SHIFT)
