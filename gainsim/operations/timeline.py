"""The history of one path as people tell it: what failed or was called for, what it waited for, when it was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite

from gainsim.offer.operations import Cause
from gainsim.operations.account import CAUSES
from gainsim.operations.history import BEGINS, CALLS, DONE, FAILS, GOES, LACKS, RUNS, STOPS, Event, Given, Histories


@dataclass(frozen=True)
class Wait:
    """Part of the time before work begins, and what it waits for; in hours from the contract's start."""

    begin: float
    end: float
    cause: Cause


@dataclass
class Work:
    """A failure, planned work or a call, in hours from the contract's start; None: it never came, or the contract's end cut it off.

    asset:   counted through all fleets, from 0; of a call its number among those of its kind, from 0
    mode:    by which it fails or that is planned; of a call, the modes of fleets and then the kinds of requests counted through
    called:  planned work is called for; a call comes
    failed:  the asset fails, planned work or not
    escalated: it has waited so long that it has another priority from now on
    begun:   a crew sets out
    arrived: it is there; told of planned work, and of calls that one crew alone may answer
    stopped: planned work stops the asset
    runs:    the asset runs again; later than `done` where it stands by meanwhile, or is down for other work too
    gone:    planned work is withdrawn; a call leaves or is turned away
    turned_away: it is gone because there was no room for it
    """

    asset: int
    mode: int
    called: float | None = None
    failed: float | None = None
    waits: list[Wait] = field(default_factory=list)
    escalated: float | None = None
    begun: float | None = None
    arrived: float | None = None
    stopped: float | None = None
    done: float | None = None
    runs: float | None = None
    gone: float | None = None
    turned_away: bool = False

    @property
    def since(self) -> float:
        """When it was first heard of."""
        return min(time for time in (self.called, self.failed) if time is not None)

    @property
    def down(self) -> float | None:
        """Since when the asset does not run for it."""
        return min((time for time in (self.failed, self.stopped) if time is not None), default=None)


@dataclass(frozen=True)
class Story:
    """What happened on one path.

    works:  failures and planned works, in the order in which they were first heard of
    calls:  those of requests, likewise
    starts: when which asset that had stood by since the start ran
    end:    the contract's last hour
    """

    works: list[Work]
    calls: list[Work]
    starts: list[tuple[float, int]]
    end: float


def story(histories: Histories, path: int, given: Given | None = None) -> Story:
    """What happened on one path, from its log. given: what drivers say of this path, where fleets read some."""
    plant = histories.plant
    told = _Told(len(plant.rules.modes), plant.assets, float(plant.rules.hours[-1]))
    for event in histories.events(path, given):
        told.happens(event)
    found = told.finished()
    for work in (*found.works, *found.calls):
        since = work.failed if work.mode < len(plant.rules.modes) else work.called
        if since is not None:
            work.escalated = _escalates(work, since + float(plant.rules.tasks["escalates"][work.mode]), found.end)
    for mode in {call.mode for call in found.calls}:
        of_kind = [call for call in found.calls if call.mode == mode]
        room = float(plant.rules.tasks["room"][mode])
        for call in _without_room(of_kind, room) if isfinite(room) else ():
            call.turned_away = True
        crews = (*plant.modes[mode].crews[0], *plant.modes[mode].crews[1])
        if len(crews) == 1:
            travel = histories.durations.lives(len(plant.slots) - len(plant.modes) + mode, path)[f"travel/{crews[0]}"]
            for call in of_kind:
                if call.begun is not None:
                    call.arrived = call.begun + float(travel[call.asset])
    return found


def _escalates(work: Work, hour: float, end: float) -> float | None:
    """The hour, where it still waits then: who begins at it has escalated first, who leaves at it has not."""
    waits = (work.begun is None or work.begun >= hour) and (work.gone is None or work.gone > hour)
    return hour if waits and hour < end else None


def _without_room(calls: Iterable[Work], room: float) -> Iterator[Work]:
    """Of the calls of one kind, in their order, those who go as they come, for as many as there is room for wait before them.

    Who has no patience at all goes as it comes too, but where there is room it leaves.
    """
    before: list[Work] = []
    for call in calls:
        before = [each for each in before if _waits(each, call.since)]
        if call.gone == call.called and len(before) >= room:
            yield call
        before.append(call)


def _waits(call: Work, now: float) -> bool:
    """Whether it still waits at an instant, once crews have set out; who came in it goes only after others are turned away."""
    if call.begun is not None:
        return call.begun > now
    return call.gone is None or call.gone > now or call.called == now


class _Told:
    """What is open at an instant of a path: works that are not done, waits that are not over, assets that are down."""

    def __init__(self, modes: int, assets: int, end: float) -> None:
        self.modes, self.assets, self.end = modes, assets, end
        self.works: list[Work] = []
        self.starts: list[tuple[float, int]] = []
        self.open: dict[tuple[int, int], list[Work]] = {}
        self.down: dict[int, list[Work]] = {}
        self.waits: dict[int, tuple[float, Cause]] = {}  # by the work's identity

    def happens(self, event: Event) -> None:
        """One event of the log."""
        if event.what >= LACKS:
            self._waits(self._one(event, begun=False), event.time, CAUSES[event.what - LACKS])
        elif event.what == CALLS:
            self._heard_of(event).called = event.time
        elif event.what == FAILS:
            self._fails(event)
        elif event.what == RUNS:
            if event.asset not in self.down:
                self.starts.append((event.time, event.asset))
            for work in self.down.pop(event.asset, ()):
                work.runs = event.time
        elif event.what == BEGINS:
            work = self._one(event, begun=False)
            work.begun = event.time
            self._waits(work, event.time, None)
        elif event.what == STOPS:
            work = self._one(event, begun=True)
            work.stopped = work.arrived = event.time
            self.down.setdefault(event.asset, []).append(work)
        elif event.what == DONE:
            work = self._one(event, begun=True)
            work.done = event.time
            self.open[event.asset, event.mode].remove(work)
        elif event.what == GOES:
            work = self._one(event, begun=False)
            work.gone = event.time
            self._waits(work, event.time, None)
            self.open[event.asset, event.mode].remove(work)

    def finished(self) -> Story:
        """The story, at the contract's end."""
        for works in self.open.values():
            for work in works:
                self._waits(work, self.end, None)
        works = [work for work in self.works if work.mode < self.modes]
        return Story(works, [work for work in self.works if work.mode >= self.modes], self.starts, self.end)

    def _fails(self, event: Event) -> None:
        """A call comes; or an asset fails, for which planned work may have been called already."""
        if event.mode >= self.modes:
            self._heard_of(event).called = event.time
            return
        planned = [work for work in self._open(event) if work.failed is None and work.stopped is None]
        work = planned[0] if planned else self._heard_of(event)
        if id(work) in self.waits:
            self._waits(work, event.time, self.waits[id(work)][1])
        work.failed = event.time
        self.down.setdefault(event.asset, []).append(work)

    def _waits(self, work: Work, time: float, cause: Cause | None) -> None:
        """From now on it waits for something else; None: for nothing more."""
        since, before = self.waits.pop(id(work), (time, None))
        if before is not None and since < time:
            work.waits.append(Wait(since, time, before))
        if cause is not None:
            self.waits[id(work)] = time, cause

    def _heard_of(self, event: Event) -> Work:
        work = Work(event.asset - (self.assets if event.mode >= self.modes else 0), event.mode)
        self.works.append(work)
        self._open(event).append(work)
        return work

    def _open(self, event: Event) -> list[Work]:
        return self.open.setdefault((event.asset, event.mode), [])

    def _one(self, event: Event, begun: bool) -> Work:
        """The first of those open that has begun, or has not."""
        return next(work for work in self._open(event) if (work.begun is not None) == begun)


def periods_down(work: Work, end: float) -> Iterator[tuple[float, float, Cause]]:
    """What an asset is down for: what it waits for since it failed, then the repair or planned work, travel and access in it."""
    if work.down is None:
        return
    for wait in work.waits:
        if wait.end > work.down:
            yield max(wait.begin, work.down), wait.end, wait.cause
    if work.begun is not None:
        until = work.done if work.done is not None else end
        yield max(work.begun, work.down), until, "repair" if work.failed is not None else "planned"
