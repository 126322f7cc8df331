"""Operations as a SimPy model: one path at a time, written from the English of the reference.

It says the same as `operations/twin.py`, from the same durations and to the last bit, and shares no line with it: it is what
the compiled loop is held against. It is a hundred times slower; runs and timelines take the loop, so SimPy is needed for tests
and benchmarks alone.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Any

from gainsim.offer.fleets import Escalation, FailureMode, Fleet, Maintenance, Work
from gainsim.offer.shifts import WEEK, Shifts
from gainsim.operations.durations import Durations
from gainsim.operations.history import BEGINS, CALLS, DONE, FAILS, GOES, RUNS, STOPS, Event, Given

if TYPE_CHECKING:
    import simpy

    Process = Generator[simpy.Event, Any, None]

#: whose turn it is at an instant: an asset, a request that waits or is done, one that comes, the weather, a shop, a shift
ASSET, REQUEST, CALL, WEATHER, SHOP, SHIFT = range(6)
#: what it is: of an asset, that it calls or fails, that work on it ends, that a crew arrives; of a request, what comes of it
AGES, ENDS, ARRIVES, ESCALATES = range(4)
IS_DONE, LEAVES, RISES = range(3)
Turn = tuple[int, ...]


def events(durations: Durations, path: int, given: Given | None = None) -> list[Event]:
    """The history of one path, in the order of time. given: of this path alone, where fleets read drivers."""
    import simpy  # here: only who asks for it pays for it

    return Room(durations, path, given, simpy.Environment()).history()


@dataclass(eq=False)
class Called:
    """What a crew is called for, and waits for it.

    place:  after those of the same priority and time that are gone through before it
    asset:  as the log has it; so has mode
    crews:  who may do it
    answer: the crew that begins it; None where it is withdrawn, leaves or is turned away
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
    planned: bool = False


@dataclass(eq=False)
class Mode:
    """A failure or maintenance of one asset: in which of its lives it is, and the ages at which that ends, and calls."""

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
    """One asset. rates: what it is used in an hour of each period, if its fleet is used; held: the modes that hold it down."""

    number: int
    fleet: str
    written: Fleet
    modes: list[Mode]
    hours: list[float]
    rates: list[float]
    age: float = 0.0
    used: float = 0.0
    start: float = 0.0
    stops: simpy.Event | None = None
    held: set[int] = field(default_factory=set)

    @property
    def stands_by(self) -> bool:
        """Nothing holds it down, and it does not run."""
        return not self.held and self.stops is None

    def stretches(self) -> Iterator[tuple[float, float, float]]:
        """From its start on: begin, end, and what an hour of it uses."""
        period = bisect(self.hours, self.start) - 1
        for begin, end, rate in zip(self.hours[period:], self.hours[period + 1 :], self.rates[period:], strict=False):
            yield max(begin, self.start), end, rate

    def reaches(self, mode: Mode, age: float) -> float:
        """When, if it runs on."""
        if mode.written.ages == "running":
            return self.start + max(age - self.age, 0.0)
        if mode.written.ages == "calendar":
            return max(age, self.start)
        used = self.used
        for begin, end, rate in self.stretches():
            if rate > 0.0 and (when := begin + max(age - used, 0.0) / rate) < end:
                return when
            used += (end - begin) * rate
        return inf

    def calls(self, mode: Mode) -> float:
        """When planned work will be called for."""
        return inf if mode.called else self.reaches(mode, mode.calls)

    def fails(self, mode: Mode) -> float:
        """When it will fail by this mode."""
        return self.reaches(mode, mode.ends)

    def next(self) -> tuple[float, int]:
        """When the next of these comes, and of which mode."""
        when, _, mode = min((min(self.calls(mode), self.fails(mode)), n, mode.number) for n, mode in enumerate(self.modes))
        return when, mode if when < inf else -1

    def ages_until(self, now: float) -> None:
        """It ran from its start until now."""
        self.age += now - self.start
        for begin, end, rate in self.stretches():
            if begin < now:
                self.used += (min(end, now) - begin) * rate


class Room:
    """What everybody shares: the clock, the crews, the stocks, the weather, and who waits for them."""

    def __init__(self, durations: Durations, path: int, given: Given | None, env: simpy.Environment) -> None:
        self.durations, self.path, self.env = durations, path, env
        self.plant, self.written = durations.plant, durations.plant.written
        self.slots = durations.plant.slots
        self.lives = [durations.lives(slot, path) for slot in range(len(self.slots))]
        self.assets = list(self._assets(given))
        self.running: Counter[str] = Counter()
        self.free = {name: crew.number for name, crew in self.written.crews.items()}
        self.on_shift = {name for name, crew in self.written.crews.items() if crew.shifts is None}
        self.stock = {name: spare.stock for name, spare in self.written.spares.items()}
        self.left_over: Counter[str] = Counter()
        self.foul: set[str] = set()
        self.waiting: list[Called] = []
        self.orders: list[tuple[str, simpy.Event]] = []
        self.turns: list[tuple[Turn, int, simpy.Event]] = []
        self.arrivals: list[simpy.Event] = []
        self.log: list[Event] = []

    def _assets(self, given: Given | None) -> Iterator[Asset]:
        hours, modes, slots, rows = self.plant.rules.hours.tolist(), count(), count(), count()
        numbers = count()
        for name, fleet in self.written.fleets.items():
            works: dict[str, FailureMode | Maintenance] = {**fleet.failures, **fleet.maintenance}
            of_fleet = [(next(modes), work, renewed(fleet, mode)) for mode, work in works.items()]
            rates: list[float] = []
            if fleet.use is not None:
                assert given is not None, f"what {name} is used must be given"
                rates = given.use[next(rows), :, 0].tolist()
            for _ in range(fleet.assets):
                own = [Mode(number, next(slots), work, renews) for number, work, renews in of_fleet]
                yield Asset(next(numbers), name, fleet, own, hours, rates)

    # what happens at an instant

    def history(self) -> list[Event]:
        """What happens before the last hour, instant by instant, each in rounds."""
        env, end = self.env, float(self.plant.rules.hours[-1])
        for asset in self.assets:
            for mode in asset.modes:
                self._renew(asset, mode)
        for kind in self.written.requests:
            env.process(self._requests(kind))
        for site, kept in self.written.sites.items():
            if kept.weather is not None:
                env.process(self._weather(site))
        for name, crew in self.written.crews.items():
            if crew.shifts is not None:
                env.process(self._shifts(name, crew.shifts))
        self._start()
        self.log.clear()  # that they run from hour 0 on is not told
        while True:
            while self.turns or self.arrivals:
                self._round()
            if env.peek() >= end:
                return self.log
            env.step()
            self._settle()

    def _round(self) -> None:
        """Everybody whose turn it is, in order; parts; standby, dispatch and the turning away."""
        turns, self.turns = sorted(self.turns, key=lambda turn: turn[:2]), []
        for *_, comes in turns:
            comes.succeed()
            self._settle()
        while self.arrivals or self._send():
            arrivals, self.arrivals = self.arrivals, []
            for arrives in arrivals:
                arrives.succeed()
            self._settle()
        self._start()
        self._dispatch()
        self._turn_away()

    def _settle(self) -> None:
        """Whatever follows from it at this instant, up to the next turn."""
        while self.env.peek() <= self.env.now:
            self.env.step()

    def _turn(self, *turn: int) -> simpy.Event:
        """When it is its turn in this round of the instant, or in the next one."""
        comes = self.env.event()
        self.turns.append((turn, len(self.turns), comes))
        return comes

    def _until(self, hour: float) -> Process:
        """Until an hour, to the last bit: SimPy knows for how long alone, which from half the hour on is exact."""
        if self.env.now < hour / 2.0:
            yield self.env.timeout(0.75 * hour - self.env.now)
        yield self.env.timeout(hour - self.env.now)

    def _send(self) -> bool:
        """Depots that have one in stock send it, in the order of the orders."""
        sent = False
        for order in list(self.orders):
            depot, sends = order
            if self.stock[depot] > 0:
                self.stock[depot] -= 1
                self.orders.remove(order)
                sends.succeed()
                sent = True
        self._settle()
        return sent

    def _start(self) -> None:
        """Who stands by starts, in the order of numbers, while too few of the fleet run."""
        for asset in self.assets:
            if asset.stands_by and self.running[asset.fleet] < asset.written.most:
                self.running[asset.fleet] += 1
                self.env.process(self._run(asset))
        self._settle()

    def _dispatch(self) -> None:
        """What waits and can begin begins, in its order, and takes a member of the crew and its spare."""
        for called in sorted(self.waiting, key=lambda called: (called.priority, called.since, called.place)):
            crew = next((crew for crew in called.crews if self.free[crew] > 0 and crew in self.on_shift), None)
            if crew is None or called.site in self.foul or (called.spare is not None and self.stock[called.spare] == 0):
                continue
            self.free[crew] -= 1
            if called.spare is not None:
                self.stock[called.spare] -= 1
            self.waiting.remove(called)
            called.answer.succeed(crew)
        self._settle()

    def _turn_away(self) -> None:
        """The last of those requests that come to wait and find no room."""
        for number, asked in enumerate(self.written.requests.values(), len(self.plant.rules.modes)):
            if asked.room is not None:
                for called in sorted((c for c in self.waiting if c.mode == number), key=lambda c: c.asset)[asked.room :]:
                    self._goes(called)
        self._settle()

    # assets

    def _run(self, asset: Asset) -> Process:
        """From its start on, until it fails or planned work stops it."""
        env = self.env
        asset.start, asset.stops = env.now, env.event()
        self._happened(asset.number, asset.next()[1], RUNS)
        while asset.stops is not None:
            yield env.process(self._until(asset.next()[0])) | asset.stops
            if asset.stops is not None:
                yield self._turn(ASSET, asset.number, AGES)
                self._of_age(asset)

    def _of_age(self, asset: Asset) -> None:
        """Planned work is called for; then it fails, by the first in the file of those whose lives end at once."""
        now = self.env.now
        for mode in asset.modes:
            if asset.calls(mode) <= now:
                self._calls(asset, mode, CALLS)
        for mode in asset.modes:
            if asset.fails(mode) <= now:
                self._stop(asset, mode)
                if mode.written.ages == "running":
                    asset.age = mode.ends
                elif mode.written.ages == "use":
                    asset.used = mode.ends
                self._calls(asset, mode, FAILS)
                return

    def _calls(self, asset: Asset, mode: Mode, what: int) -> None:
        """A crew is called for, planned or by a failure; what was planned becomes the failure's."""
        written, now = mode.written, self.env.now
        self._happened(asset.number, mode.number, what)
        called = mode.called
        if called is None:
            place = (0, asset.number, mode.number)
            called = mode.called = Called(
                self.env.event(), place, now, 0, self._who_may(written), written.spare, asset.written.site, asset.number,
                mode.number,
            )  # fmt: skip
            self.env.process(self._work(asset, mode, called))
        if what == CALLS:
            called.planned = True
            called.priority = (getattr(written, "foreseen", None) or written).priority
            return
        assert isinstance(written, FailureMode)
        called.planned, called.priority, called.since = False, written.priority, now
        if written.escalates is not None:
            self.env.process(self._escalates(called, written.escalates, ASSET, asset.number, ESCALATES))

    def _work(self, asset: Asset, mode: Mode, called: Called) -> Process:
        """A repair or planned work, of the life for which it was called; if that ends before the crew is there, a repair."""
        env, drawn = self.env, self._drawn(mode.slot, mode.life)
        self._order(called, drawn, mode.life)
        self.waiting.append(called)
        crew = yield called.answer
        if crew is None:
            return
        self._happened(asset.number, mode.number, BEGINS)
        yield env.timeout(drawn[f"travel/{crew}"])
        yield env.timeout(drawn["access"])
        if called.planned:
            yield self._turn(ASSET, asset.number, ARRIVES, mode.number)
        if called.planned:
            self._stop(asset, mode)
            self._happened(asset.number, mode.number, STOPS)
            yield env.timeout(drawn["planned"])
        else:
            yield env.timeout(drawn["repair"])
        yield self._turn(ASSET, asset.number, ENDS, mode.number)
        self.free[crew] += 1
        self._happened(asset.number, mode.number, DONE)
        mode.called = None
        for number in mode.renews:
            self._renew(asset, asset.modes[number])
        asset.held.remove(mode.number)

    def _stop(self, asset: Asset, by: Mode) -> None:
        """Whether it runs, stands by or is down: from now on this mode holds it down."""
        asset.held.add(by.number)
        if asset.stops is not None:
            asset.ages_until(self.env.now)
            self.running[asset.fleet] -= 1
            asset.stops.succeed()
            asset.stops = None

    def _renew(self, asset: Asset, mode: Mode) -> None:
        """The next life of a mode begins at its age; planned work for which nobody has set out is withdrawn."""
        if mode.called is not None and mode.called.planned and mode.called in self.waiting:
            self._goes(mode.called)
            mode.called = None
        mode.life += 1
        drawn, written = self._drawn(mode.slot, mode.life), mode.written
        begins = {"running": asset.age, "use": asset.used, "calendar": self.env.now}[written.ages]
        if isinstance(written, Maintenance):
            mode.calls = begins + drawn["first" if mode.life == 0 else "life"]
            return
        mode.ends = begins + drawn["life"]
        seen = written.foreseen is not None and drawn["foreseen"] < written.foreseen.chance
        mode.calls = max(begins, mode.ends - drawn["ahead"]) if seen else inf

    # what is waited for

    def _who_may(self, work: Work) -> list[str]:
        """The crew that is named, or those with the skill, in the order of the file."""
        crews = self.written.crews.items()
        return [name for name, crew in crews if name == work.crew or (work.crew is None and work.skill in crew.skills)]

    def _escalates(self, called: Called, written: Escalation, *turn: int) -> Process:
        """What waits still has another priority, and others may do it too."""
        yield self.env.timeout(written.after)
        yield self._turn(*turn)
        if called in self.waiting:
            called.priority = written.priority
            called.crews += [crew for crew in self._who_may(written) if crew not in called.crews]

    def _goes(self, called: Called) -> None:
        """It is withdrawn, leaves or is turned away, and leaves the spare that it ordered to the next."""
        self.waiting.remove(called)
        self._happened(called.asset, called.mode, GOES)
        if called.spare is not None:
            self.left_over[called.spare] += 1
        called.answer.succeed()

    def _order(self, called: Called, drawn: dict[str, float], life: int) -> None:
        """The spare that it takes is ordered, unless one was left over."""
        if called.spare is None:
            return
        if self.left_over[called.spare] > 0:
            self.left_over[called.spare] -= 1
            return
        place = (*called.place, life)
        depot = self.written.spares[called.spare].depot
        if depot is None:
            self.env.process(self._supply(called.spare, place, drawn["lead_time"], drawn["shop"]))
            return
        self.env.process(self._supply(depot, place, drawn["supply"], drawn["shop"]))
        sends = self.env.event()
        self.orders.append((depot, sends))
        self.env.process(self._sent(called.spare, sends, drawn["lead_time"]))

    def _sent(self, spare: str, sends: simpy.Event, lead_time: float) -> Process:
        """A part comes out of a depot, once that sends it."""
        yield sends
        yield self.env.timeout(lead_time)
        yield self._arrives()
        self.stock[spare] += 1

    def _supply(self, spare: str, ordered: tuple[int, ...], lead_time: float, takes: float) -> Process:
        """A part comes from outside; or a worn one comes to the shop, and into stock once it is repaired."""
        yield self.env.timeout(lead_time)
        yield self._arrives()
        shop = self.written.spares[spare].shop
        if shop is not None:
            place = (2, self.plant.spares.index(spare), *ordered)
            called = Called(self.env.event(), place, self.env.now, shop.priority, self._who_may(shop))
            self.waiting.append(called)
            crew = yield called.answer
            yield self.env.timeout(takes)
            yield self._turn(SHOP)
            self.free[crew] += 1
        self.stock[spare] += 1

    def _arrives(self) -> simpy.Event:
        """When parts arrive at this instant."""
        arrives = self.env.event()
        self.arrivals.append(arrives)
        return arrives

    # what comes from outside

    def _requests(self, kind: str) -> Process:
        """One call after the other, answered or not."""
        order = self.plant.requests.index(kind)
        slot = self._slot(kind)
        for number in count():
            yield self.env.timeout(self._drawn(slot, number)["life"])
            yield self._turn(CALL, order)
            self.env.process(self._request(kind, order, number, self._drawn(slot, number)))

    def _request(self, kind: str, order: int, number: int, drawn: dict[str, float]) -> Process:
        """A call waits, and is answered, or it leaves or is turned away."""
        env, written = self.env, self.written.requests[kind]
        called = Called(
            env.event(), (1, order, number), env.now, written.priority, self._who_may(written), written.spare, written.site,
            len(self.assets) + number, len(self.plant.rules.modes) + order,
        )  # fmt: skip
        self._happened(called.asset, called.mode, FAILS)
        self._order(called, drawn, 0)
        self.waiting.append(called)
        env.process(self._patience(called, drawn["patience"]))
        if written.escalates is not None:
            env.process(self._escalates(called, written.escalates, REQUEST, RISES))
        crew = yield called.answer
        if crew is None:
            return
        self._happened(called.asset, called.mode, BEGINS)
        yield env.timeout(drawn[f"travel/{crew}"])
        yield env.timeout(drawn["repair"])
        yield self._turn(REQUEST, IS_DONE)
        self.free[crew] += 1
        self._happened(called.asset, called.mode, DONE)

    def _patience(self, called: Called, patience: float) -> Process:
        """Who waits still leaves."""
        yield self.env.timeout(patience)
        yield self._turn(REQUEST, LEAVES)
        if called in self.waiting:
            self._goes(called)

    def _weather(self, site: str) -> Process:
        """Fair spells and foul ones."""
        order, slot = self.plant.sites.index(site), self._slot(site)
        for spell in count():
            drawn = self._drawn(slot, spell)
            yield self.env.timeout(drawn["life"])
            yield self._turn(WEATHER, order)
            self.foul.add(site)
            yield self.env.timeout(drawn["repair"])
            yield self._turn(WEATHER, order)
            self.foul.remove(site)

    def _shifts(self, crew: str, shifts: Shifts) -> Process:
        """A crew comes and goes, on its days of the week."""
        monday = self.plant.rules.monday
        for day in count(int(monday) // 24):
            if WEEK[day % 7] in shifts.days:
                midnight = 24.0 * day - monday
                yield self.env.timeout(midnight + shifts.begins - self.env.now)
                self.on_shift.add(crew)
                self._turn(SHIFT)
                yield self.env.timeout(midnight + shifts.ends - self.env.now)
                self.on_shift.remove(crew)

    # what is drawn, and what is told

    def _slot(self, name: str) -> int:
        """That of a kind of requests, or of the weather of a site."""
        fleets = len(self.plant.rules.modes)
        number = next(n for n, mode in enumerate(self.plant.modes[fleets:], fleets) if mode.fleet == name)
        return self.slots.index((number, 0), -len(self.plant.modes) + fleets)

    def _drawn(self, slot: int, life: int) -> dict[str, float]:
        """What was drawn for this life, by kind."""
        mode, _ = self.slots[slot]
        while life >= len(self.lives[slot]["life"]):
            if life >= self.durations.lengths[mode]:
                self.durations.lengthen(mode)
            self.lives[slot] = self.durations.lives(slot, self.path)
        return {kind: float(hours[life]) for kind, hours in self.lives[slot].items()}

    def _happened(self, asset: int, mode: int, what: int) -> None:
        self.log.append(Event(self.env.now, asset, mode, what))


def renewed(fleet: Fleet, name: str) -> list[int]:
    """Which modes of its fleet begin a new life when the work of this one ends, in their order."""
    names = [*fleet.failures, *fleet.maintenance]
    renews = fleet.failures[name].renews if name in fleet.failures else fleet.maintenance[name].renews
    named = names if renews == "asset" else renews if isinstance(renews, list) else []
    return [number for number, other in enumerate(names) if other == name or other in named]
