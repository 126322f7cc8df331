"""The model: what assets, requests and the weather do, each a process; it shares crews, stocks and the clock with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from gainsim.offer.fleets import FailureMode, Maintenance
from gainsim.operations.durations import Durations
from gainsim.operations.events.asset import Asset, Mode, renewed
from gainsim.operations.events.crews import Called, Crews
from gainsim.operations.events.rounds import (
    AGES,
    ARRIVES,
    ASSET,
    CALL,
    ENDS,
    ESCALATES,
    IS_DONE,
    LEAVES,
    REQUEST,
    RISES,
    WEATHER,
    Rounds,
)
from gainsim.operations.events.supply import Drawn, Supply
from gainsim.operations.history import BEGINS, CALLS, DONE, FAILS, GOES, RUNS, STOPS, Event, Given

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    import simpy

    from gainsim.operations.events.rounds import Process


class Room:
    """One path of a plant."""

    def __init__(self, durations: Durations, path: int, given: Given | None) -> None:
        self.durations, self.path = durations, path
        self.plant, self.written = durations.plant, durations.plant.written
        self.slots = durations.plant.slots
        self.lives = [durations.lives(slot, path) for slot in range(len(self.slots))]
        self.rounds = Rounds()
        self.crews = Crews(self.written.crews, self.plant.rules.monday, self.rounds)
        self.supply = Supply(self.written.spares, self.crews, self.rounds)
        self.assets = list(self._assets(given))
        self.running: Counter[str] = Counter()
        self.foul: set[str] = set()
        self.log: list[Event] = []

    def history(self) -> list[Event]:
        """What happens before the last hour."""
        for asset in self.assets:
            for mode in asset.modes:
                self._renew(asset, mode)
        outside = self.plant.modes[len(self.plant.rules.modes) :]
        for slot, drawn in enumerate(outside, len(self.slots) - len(outside)):
            of, name = (self._requests if drawn.fleet in self.written.requests else self._weather), drawn.fleet
            self.rounds.begin(of(name, slot))
        self._start()
        self.log.clear()  # that they run from hour 0 on is not told
        self.rounds.play(float(self.plant.rules.hours[-1]), self.supply.close, self._close)
        return self.log

    def _assets(self, given: Given | None) -> Iterator[Asset]:
        hours, numbers, modes, slots, rows = self.plant.rules.hours.tolist(), count(), count(), count(), count()
        for name, fleet in self.written.fleets.items():
            works: dict[str, FailureMode | Maintenance] = {**fleet.failures, **fleet.maintenance}
            of_fleet = [(next(modes), work, renewed(fleet, mode)) for mode, work in works.items()]
            rates: list[float] = []
            if fleet.use is not None:
                if given is None:
                    raise ValueError(f"{name} reads the driver {fleet.use}: what it says must be given")
                rates = given.use[next(rows), :, 0].tolist()
            for _ in range(fleet.assets):
                own = [Mode(number, next(slots), work, renews) for number, work, renews in of_fleet]
                yield Asset(next(numbers), name, fleet, own, hours, rates)

    # the end of a round

    def _close(self) -> None:
        """Standby, dispatch and the turning away."""
        self._start()
        self.crews.dispatch(self._takes)
        self.rounds.settle()
        for number, asked in enumerate(self.written.requests.values(), len(self.plant.rules.modes)):
            if asked.room is not None:
                waiting = [called for called in self.crews.waiting if called.mode == number]
                for called in waiting[asked.room :]:
                    self._goes(called)
        self.rounds.settle()

    def _start(self) -> None:
        """Who stands by starts, in the order of numbers, while too few of the fleet run."""
        for asset in self.assets:
            if asset.stands_by and self.running[asset.fleet] < asset.written.most:
                self.running[asset.fleet] += 1
                self.rounds.begin(self._run(asset))
        self.rounds.settle()

    def _takes(self, called: Called) -> bool:
        """Its spare, where that is in stock and its site has fair weather; whether they are."""
        return called.site not in self.foul and (called.spare is None or self.supply.takes(called.spare))

    # assets

    def _run(self, asset: Asset) -> Process:
        """From its start on, until it fails or planned work stops it."""
        asset.start, asset.stops = self.rounds.now, self.rounds.env.event()
        self._happened(asset.number, -1, RUNS)
        while asset.stops is not None:
            yield self.rounds.at(asset.next()) | asset.stops
            if asset.stops is not None:
                yield self.rounds.turn(ASSET, asset.number, AGES)
                self._of_age(asset)

    def _of_age(self, asset: Asset) -> None:
        """Planned work is called for; then it fails, by the first in the file of those whose lives end at once."""
        for mode in asset.modes:
            if asset.calls(mode) <= self.rounds.now:
                self._plan(asset, mode)
        failing = next((mode for mode in asset.modes if asset.fails(mode) <= self.rounds.now), None)
        if failing is not None:
            self._fail(asset, failing)

    def _plan(self, asset: Asset, mode: Mode) -> None:
        """Planned work is called for."""
        self._happened(asset.number, mode.number, CALLS)
        called = self._call(asset, mode)
        called.planned = True
        if isinstance(mode.written, FailureMode) and mode.written.foreseen is not None:
            called.priority = mode.written.foreseen.priority

    def _fail(self, asset: Asset, mode: Mode) -> None:
        """A failure calls a crew; what was planned of it becomes its repair."""
        written = mode.written
        assert isinstance(written, FailureMode)
        self._happened(asset.number, mode.number, FAILS)
        called = mode.called or self._call(asset, mode)
        called.planned, called.since, called.priority = False, self.rounds.now, written.priority
        self._stop(asset, mode)
        if written.escalates is not None:
            self.rounds.begin(self.crews.escalate(called, written.escalates, ASSET, asset.number, ESCALATES))

    def _call(self, asset: Asset, mode: Mode) -> Called:
        work = mode.written
        mode.called = Called(
            self.rounds.env.event(), (0, asset.number, mode.number), self.rounds.now, work.priority, self.crews.who_may(work),
            work.spare, asset.written.site, asset.number, mode.number, mode.life,
        )  # fmt: skip
        self.rounds.begin(self._work(asset, mode, mode.called))
        return mode.called

    def _work(self, asset: Asset, mode: Mode, called: Called) -> Process:
        """Planned work, or a repair: so too where the asset fails before crew and access are there."""
        drawn = self._drawn(mode.slot, called.life)
        crew = yield from self._wait(called, drawn)
        if crew is None:
            return
        for hours in (drawn[f"travel/{crew}"], drawn["access"]):
            yield self.rounds.lasts(hours)
        if called.planned:
            yield self.rounds.turn(ASSET, asset.number, ARRIVES, mode.number)
        if called.planned:
            self._happened(asset.number, mode.number, STOPS)
            self._stop(asset, mode)
        yield self.rounds.lasts(drawn["planned"] if called.planned else drawn["repair"])
        yield self.rounds.turn(ASSET, asset.number, ENDS, mode.number)
        self.crews.free[crew] += 1
        self._happened(asset.number, mode.number, DONE)
        mode.called = None
        for number in mode.renews:
            self._renew(asset, asset.modes[number])
        asset.held.remove(mode.number)

    def _stop(self, asset: Asset, by: Mode) -> None:
        """Whether it runs, stands by or is down: from now on this mode holds it down."""
        asset.held.add(by.number)
        if asset.stops is not None:
            asset.grows(self.rounds.now, by)
            self.running[asset.fleet] -= 1
            asset.stops.succeed()
            asset.stops = None

    def _renew(self, asset: Asset, mode: Mode) -> None:
        """The next life of a mode begins at its age; planned work for which nobody has set out is withdrawn."""
        if mode.called is not None and mode.called.planned and mode.called in self.crews.waiting:
            self._goes(mode.called)
            mode.called = None
        mode.life += 1
        drawn, written, age = self._drawn(mode.slot, mode.life), mode.written, asset.age_of(mode, self.rounds.now)
        if isinstance(written, Maintenance):
            mode.calls = age + drawn["first" if mode.life == 0 else "life"]
        else:
            mode.ends = age + drawn["life"]
            seen = written.foreseen is not None and drawn["foreseen"] < written.foreseen.chance
            mode.calls = max(age, mode.ends - drawn["ahead"]) if seen else float("inf")

    # what waits for a crew

    def _wait(self, called: Called, drawn: Drawn) -> Generator[simpy.Event, Any, str | None]:
        """It orders its spare, and waits until it begins; the crew that does, or None where it goes before."""
        self.supply.order(called, drawn)
        self.crews.waiting.append(called)
        crew: str | None = yield called.answer
        if crew is not None:
            self._happened(called.asset, called.mode, BEGINS)
        return crew

    def _goes(self, called: Called) -> None:
        """It is withdrawn, leaves or is turned away, and leaves the spare that it ordered to the next."""
        self.crews.waiting.remove(called)
        self._happened(called.asset, called.mode, GOES)
        if called.spare is not None:
            self.supply.left_over[called.spare] += 1
        called.answer.succeed()

    # what comes from outside

    def _requests(self, kind: str, slot: int) -> Process:
        """One call after the other, answered or not."""
        for number in count():
            yield self.rounds.lasts(self._drawn(slot, number)["life"])
            yield self.rounds.turn(CALL, slot)
            self.rounds.begin(self._request(kind, number, self._drawn(slot, number)))

    def _request(self, kind: str, number: int, drawn: Drawn) -> Process:
        """A call waits, and is answered, or leaves, or is turned away."""
        written, order = self.written.requests[kind], self.plant.requests.index(kind)
        called = Called(
            self.rounds.env.event(), (1, order, number), self.rounds.now, written.priority, self.crews.who_may(written),
            written.spare, written.site, len(self.assets) + number, len(self.plant.rules.modes) + order,
        )  # fmt: skip
        self._happened(called.asset, called.mode, FAILS)
        self.rounds.begin(self._patience(called, drawn["patience"]))
        if written.escalates is not None:
            self.rounds.begin(self.crews.escalate(called, written.escalates, REQUEST, RISES))
        crew = yield from self._wait(called, drawn)
        if crew is None:
            return
        for hours in (drawn[f"travel/{crew}"], drawn["repair"]):
            yield self.rounds.lasts(hours)
        yield self.rounds.turn(REQUEST, IS_DONE)
        self.crews.free[crew] += 1
        self._happened(called.asset, called.mode, DONE)

    def _patience(self, called: Called, patience: float) -> Process:
        """Who waits still leaves."""
        yield self.rounds.lasts(patience)
        yield self.rounds.turn(REQUEST, LEAVES)
        if called in self.crews.waiting:
            self._goes(called)

    def _weather(self, site: str, slot: int) -> Process:
        """Fair spells and foul ones."""
        for spell in count():
            drawn = self._drawn(slot, spell)
            yield self.rounds.lasts(drawn["life"])
            yield self.rounds.turn(WEATHER)
            self.foul.add(site)
            yield self.rounds.lasts(drawn["repair"])
            yield self.rounds.turn(WEATHER)
            self.foul.remove(site)

    # what is drawn, and what is told

    def _drawn(self, slot: int, life: int) -> dict[str, float]:
        """What was drawn for this life, by kind."""
        mode, _ = self.slots[slot]
        while life >= len(self.lives[slot]["life"]):
            if life >= self.durations.lengths[mode]:
                self.durations.lengthen(mode)
            self.lives[slot] = self.durations.lives(slot, self.path)
        return {kind: float(hours[life]) for kind, hours in self.lives[slot].items()}

    def _happened(self, asset: int, mode: int, what: int) -> None:
        self.log.append(Event(self.rounds.now, asset, mode, what))
