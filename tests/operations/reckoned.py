"""What a history comes to, reckoned from its log by the English of the reference: the table of outcomes, each in one place."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from gainsim.offer.fleets import FailureMode, Maintenance
from gainsim.offer.operations import Cause, Outcome, Requests, Serves
from gainsim.offer.shifts import WEEK, Shifts
from gainsim.operations.durations import Durations
from gainsim.operations.events.crews import Called
from gainsim.operations.events.room import Room
from gainsim.operations.events.supply import Drawn
from gainsim.operations.history import BEGINS, CALLS, DONE, FAILS, GOES, RUNS, STOPS, Given
from gainsim.operations.outcomes import Whose
from gainsim.operations.plant import Plant

Floats = NDArray[np.float64]
WAITS: tuple[Cause, ...] = ("no_spare", "weather", "no_shift", "no_crew")
CAUSES: tuple[Cause, ...] = (*WAITS, "travel", "access", "repair", "planned")


@dataclass(eq=False)
class Job:
    """Failure, planned work or call: when what of it happens, and what it waits for from when on. place: of its stop in the log."""

    called: Called
    asset: int
    mode: int
    drawn: Drawn
    crew: str = ""
    turned_away: bool = False
    at: dict[int, float] = field(default_factory=lambda: defaultdict(lambda: inf))
    lacks: list[tuple[float, Cause]] = field(default_factory=list)
    holds: float = inf
    place: int = -1


class Watched(Room):
    """The model, and beside its log what each work is, who does it, and what it waits for after each round."""

    def __init__(self, durations: Durations, path: int, given: Given) -> None:
        self.jobs: dict[Called, Job] = {}
        self.closes = False
        super().__init__(durations, path, given)

    def _wait(self, called: Called, drawn: Drawn) -> Generator[simpy.Event, Any, str | None]:
        self.jobs[called] = job = Job(called, called.asset, called.mode, drawn)
        crew = yield from super()._wait(called, drawn)
        job.crew = crew or ""
        return crew

    def _close(self) -> None:
        self.closes = True
        super()._close()
        self.closes = False
        for called in self.crews.waiting:
            if called in self.jobs:
                self.jobs[called].lacks.append((self.rounds.now, self._lacks(called)))

    def _goes(self, called: Called) -> None:
        self.jobs[called].turned_away = self.closes
        super()._goes(called)

    def _lacks(self, called: Called) -> Cause:
        if called.spare is not None and self.supply.stock[called.spare] == 0:
            return "no_spare"
        if called.site in self.foul:
            return "weather"
        return "no_crew" if self.crews.on_shift.intersection(called.crews) else "no_shift"


class Reckoned:
    """The outcomes of one path. added: by mode and name, (periods,); so are times, each with the limit that it is measured by."""

    def __init__(self, durations: Durations, path: int, given: Given) -> None:
        self.plant, self.given = durations.plant, given
        self.written = durations.plant.written
        self.hours = durations.plant.rules.hours
        room = Watched(durations, path, given)
        self.log = room.history()
        self.jobs = list(room.jobs.values())
        self._date()
        always = self._in(None)
        self.all_hours, self.owed = always, self._in(self.written.hours)
        self.on_shift = {name: self._in(crew.shifts) for name, crew in self.written.crews.items()}
        self.works: list[FailureMode | Maintenance | Requests] = []
        for kind in self.written.fleets.values():
            self.works += [*kind.failures.values(), *kind.maintenance.values()]
        self.works += self.written.requests.values()
        self.added: dict[tuple[int, str], Floats] = defaultdict(lambda: np.zeros(self.plant.periods))
        self.times: dict[tuple[int, str], list[tuple[int, float, float | None]]] = defaultdict(list)
        for job in self.jobs:
            self._count(job)
        for asset in range(self.plant.assets):
            self._spend([job for job in self.jobs if job.asset == asset and job.holds < inf])
        for job in self.jobs:
            if job.asset >= self.plant.assets:
                self._wait(job, job.at[FAILS], min(job.at[BEGINS], job.at[GOES]))

    def _date(self) -> None:
        """When what happened to each, from the log."""
        new: dict[tuple[int, int], Iterator[Job]] = {}
        for job in self.jobs:
            new.setdefault((job.asset, job.mode), iter([j for j in self.jobs if (j.asset, j.mode) == (job.asset, job.mode)]))
        under_way: dict[tuple[int, int], Job] = {}
        for place, event in enumerate(self.log):
            if event.what == RUNS:
                continue
            key = event.asset, event.mode
            job = under_way[key] if key in under_way else under_way.setdefault(key, next(new[key]))
            job.at[event.what] = event.time
            if event.what in (FAILS, STOPS):
                job.holds, job.place = event.time, place
            if event.what in (DONE, GOES):
                del under_way[key]

    # hours

    def _in(self, shifts: Shifts | None) -> Callable[[float, float], Floats]:
        """How many hours of these shifts there are between two hours in each period."""
        marks, sums = [0.0], [0.0]
        for day in range(int(self.hours[-1]) // 24 + 1):
            midnight = 24.0 * day
            begin, end = (0, 24) if shifts is None else (shifts.begins, shifts.ends)
            if shifts is None or WEEK[(day + int(self.plant.rules.monday) // 24) % 7] in shifts.days:
                marks += [midnight + begin, midnight + end]
                sums += [sums[-1], sums[-1] + end - begin]
        return lambda begin, end: np.asarray(np.diff(np.interp(np.clip(self.hours, begin, end), marks, sums)))

    def _spend(self, jobs: list[Job]) -> None:
        """The hours that an asset is down, for the mode that stopped it first, of those that hold it down."""
        marks = sorted({mark for job in jobs for mark in (job.holds, min(job.at[DONE], float(self.hours[-1])))})
        for begin, end in pairwise(marks):
            holding = [job for job in jobs if job.holds <= begin and job.at[DONE] >= end]
            if not holding:
                continue
            job = min(holding, key=lambda job: job.place)
            if job.at[FAILS] == inf:
                self.added[job.mode, "planned"] += self.owed(begin, end)
                continue
            there = job.at[BEGINS] + self._travel(job)
            works = there + job.drawn["access"]
            self._wait(job, begin, min(end, job.at[BEGINS]))
            for cause, since, until in (("travel", job.at[BEGINS], there), ("access", there, works), ("repair", works, inf)):
                if max(begin, since) < min(end, until):
                    self.added[job.mode, cause] += self.owed(max(begin, since), min(end, until))

    def _wait(self, job: Job, begin: float, end: float) -> None:
        """Of an asset the hours that are owed, of a request all."""
        counted = self.owed if job.asset < self.plant.assets else self.all_hours
        end = min(end, float(self.hours[-1]))
        for (since, cause), (until, _) in pairwise([*job.lacks, (inf, "no_spare")]):
            if max(begin, since) < min(end, until):
                self.added[job.mode, cause] += counted(max(begin, since), min(end, until))

    def _travel(self, job: Job) -> float:
        return job.drawn[f"travel/{job.crew}"] if job.crew else 0.0

    # numbers and times

    def _count(self, job: Job) -> None:
        """What happens of it once, and how long it takes."""
        at, work, end = job.at, self.works[job.mode], float(self.hours[-1])
        called = min(at[CALLS], at[FAILS])
        self._one(job, "failures", at[FAILS])
        self._one(job, "planned_calls", at[CALLS])
        self._one(job, "visits", at[BEGINS])
        self._one(job, "parts", called if job.called.ordered else inf)
        self._one(job, "turned_away" if job.turned_away else "left", at[GOES])
        escalates = getattr(work, "escalates", None)
        if escalates is not None and at[FAILS] + escalates.after <= at[BEGINS] and at[FAILS] + escalates.after < at[GOES]:
            self._one(job, "escalated", at[FAILS] + escalates.after)
        if at[BEGINS] < end:
            done = min(at[DONE], end)
            self.added[job.mode, "work"] += self.all_hours(at[BEGINS], done)
            self.added[job.mode, "overtime"] += self.all_hours(at[BEGINS], done) - self.on_shift[job.crew](at[BEGINS], done)
        if isinstance(work, Maintenance):
            return
        if at[FAILS] < inf and at[BEGINS] < inf:
            begun = max(at[BEGINS], at[FAILS])
            there = max(at[BEGINS] + self._travel(job), at[FAILS])
            self.times[job.mode, "response"].append((self._period(begun), there - at[FAILS], work.within))
        if at[FAILS] < inf and at[DONE] < inf:
            self.times[job.mode, "completion"].append((self._period(at[DONE]), at[DONE] - at[FAILS], work.done_within))

    def _one(self, job: Job, name: str, when: float) -> None:
        if when < self.hours[-1]:
            self.added[job.mode, name][self._period(when)] += 1

    def _period(self, when: float) -> int:
        return bisect(self.hours.tolist(), when) - 1

    # of fleets

    def running(self) -> Iterator[tuple[float, float, list[int]]]:
        """From when until when how many run, of each fleet."""
        fleet_of, kinds = self.plant.fleet_of.tolist(), list(self.written.fleets.values())
        first = self.plant.rules.fleets["first_asset"].tolist()
        runs = {first[n] + asset for n, kind in enumerate(kinds) for asset in range(kind.most)}
        since = 0.0
        for event in self.log:
            if event.asset < self.plant.assets and event.what in (RUNS, FAILS, STOPS):
                number = [sum(fleet_of[asset] == n for asset in runs) for n in range(len(kinds))]
                yield since, event.time, number
                since = event.time
                runs = runs | {event.asset} if event.what == RUNS else runs - {event.asset}
        yield since, float(self.hours[-1]), [sum(fleet_of[asset] == n for asset in runs) for n in range(len(kinds))]

    def served(self, serves: Callable[[dict[str, bool]], bool]) -> Floats:
        hours, kinds = np.zeros(self.plant.periods), self.written.fleets.items()
        for begin, end, number in self.running():
            if begin < end and serves({name: number[n] >= kind.least for n, (name, kind) in enumerate(kinds)}):
                hours += self.owed(begin, end)
        return hours

    def ran(self, fleet: int, at_most: Floats | float = inf) -> Floats:
        """Hours of assets that run, of no more than are wanted."""
        hours = np.zeros(self.plant.periods)
        for begin, end, number in self.running():
            if begin < end:
                hours += self.owed(begin, end) * np.minimum(number[fleet], at_most)
        return hours

    # outcomes

    def of(self, what: Outcome, who: Whose, cause: Cause | None = None, excludes: tuple[Cause, ...] = ()) -> Floats:
        """(periods,); those that run achieve all their capacity, and all of it is good."""

        def total(*names: str) -> Floats:
            added = (self.added[mode, name] for mode in who.tasks for name in names)
            return sum(added, np.zeros(self.plant.periods))

        owed = self.owed(0.0, float(self.hours[-1]))
        time = sum(int(self.plant.rules.fleets["assets"][fleet]) for fleet in who.fleets) * owed - total(*excludes)
        down = total(*(cause for cause in CAUSES if cause not in excludes))
        match what:
            case "availability":
                return np.where(time > 1e-9, (time - down) / np.where(time > 1e-9, time, 1.0), 1.0)
            case "downtime":
                return total(cause) if cause is not None else down
            case "waiting":
                return total(*WAITS)
            case "calls":
                return total("failures")
            case "answered":
                return total("visits")
            case "planned":
                return total("planned_calls")
            case "response" | "worst_response" | "late" | "on_time":
                return self._of_times(what, "response", who)
            case "completion" | "worst_completion" | "overdue" | "done_on_time":
                return self._of_times(what, "completion", who)
            case "served":
                return self.served(self._group(who)) / owed
            case "throughput":
                return (self.written.fleets[self.plant.fleets[who.fleets[0]]].capacity or 0.0) * self._made(who.fleets[0])
            case "demand_served":
                asked = self.given.wanted[int(self.plant.rules.fleets["wanted"][who.fleets[0]]), :, 0] * owed
                return np.where(asked > 0.0, self._made(who.fleets[0]) / np.where(asked > 0.0, asked, 1.0), 1.0)
            case "performance":
                made, ran = self._made(who.fleets[0]), self.ran(who.fleets[0])
                return np.where(ran > 1e-9, made / np.where(ran > 1e-9, ran, 1.0), 1.0)
            case "oee":
                return self._made(who.fleets[0]) / time
            case _:
                return total(what)

    def _made(self, fleet: int) -> Floats:
        row = int(self.plant.rules.fleets["wanted"][fleet])
        return self.ran(fleet, self.given.wanted[row, :, 0] if row >= 0 else inf)

    def _group(self, who: Whose) -> Callable[[dict[str, bool]], bool]:
        if who.group == 0 and self.written.serves is not None:
            rule = self.written.serves
            return lambda serve: _serves(rule, serve)
        names = [self.plant.fleets[fleet] for fleet in who.fleets]
        return lambda serve: all(serve[name] for name in names)

    def _of_times(self, what: str, kind: str, who: Whose) -> Floats:
        found = []
        for period in range(self.plant.periods):
            times = [(time, limit) for mode in who.tasks for when, time, limit in self.times[mode, kind] if when == period]
            limited = [(time, limit) for time, limit in times if limit is not None]
            missed = sum(time > limit for time, limit in limited)
            if what in ("late", "overdue"):
                found.append(float(missed))
            elif what in ("on_time", "done_on_time"):
                found.append(1.0 - missed / len(limited) if limited else 1.0)
            elif what.startswith("worst"):
                found.append(max((time for time, _ in times), default=0.0))
            else:
                found.append(sum(time for time, _ in times) / len(times) if times else 0.0)
        return np.array(found)


def demands(plant: Plant, given: Given) -> dict[str, Floats]:
    """What is asked of each fleet in a period, (periods, paths), by the driver: what so many assets make in the hours owed."""
    rows = plant.rules.fleets["wanted"].tolist()
    return {
        kind.demand: given.wanted[row] * (kind.capacity or 0.0) * plant.owed[:, None]
        for row, kind in zip(rows, plant.written.fleets.values(), strict=True)
        if kind.demand is not None
    }


def _serves(rule: str | Serves, serve: dict[str, bool]) -> bool:
    if isinstance(rule, str):
        return serve[rule]
    return sum(_serves(part, serve) for part in rule.parts) >= rule.least
