"""Operations as a SimPy model: one path at a time, written from the English of the reference.

It says the same as `operations/twin.py`, from the same durations and to the last bit, and shares no line with it: it is what
the compiled loop is held against. It is a hundred times slower; runs and timelines take the loop, so SimPy is needed for tests
and benchmarks alone. Requests it does not know: they are held against closed forms and ciw.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gainsim.operations.durations import Durations
from gainsim.operations.history import Event

if TYPE_CHECKING:
    import simpy

    Process = Generator[simpy.Event, Any, None]

FAILS, BEGINS, STANDS_BY, STARTS = range(4)


def events(durations: Durations, path: int) -> list[Event]:
    """The history of one path, in the order of time; within one instant in no order that means anything.

    Raises `ValueError` for a plant with requests.
    """
    if durations.plant.requests:
        raise ValueError("the SimPy model knows no requests; the compiled loop does")
    import simpy  # here: only who asks for it pays for it

    return _Room(durations, path, simpy.Environment()).history()


class _Call(NamedTuple):
    """A repair that waits; in the order in which they are gone through."""

    priority: int
    failed: float
    asset: int
    mode: int
    begins: simpy.Event


class _Order(NamedTuple):
    """A spare that is ordered at a depot; in the order in which they are served."""

    round: int
    asset: int
    depot: int
    sent: simpy.Event


@dataclass
class _Mode:
    """A failure mode of one asset: in which of its lives it is, and at which age of the asset that ends."""

    number: int
    slot: int
    life: int = -1
    limit: float = 0.0


class _Room:
    """What everybody shares: the clock, the crews, the stocks, and who waits for them."""

    def __init__(self, durations: Durations, path: int, env: simpy.Environment) -> None:
        self.durations, self.paths, self.env = durations, np.array([path], np.uint64), env
        self.plant = plant = durations.plant
        self._tabulate()
        self.fleet_of: list[int] = plant.fleet_of.tolist()
        self.first_mode, self.first_slot = plant.first_mode.tolist(), plant.first_slot.tolist()
        self.crew, self.spare, self.priority = plant.crew.tolist(), plant.spare.tolist(), plant.priority.tolist()
        self.depot = plant.depot.tolist()
        self.free, self.stock = plant.number.tolist(), plant.stock.tolist()
        self.on_shift = [begins == 0.0 and ends == 24.0 and all(days) for begins, ends, *days in plant.shifts.tolist()]
        self.running = [0] * len(plant.fleets)
        self.standing_by: dict[int, simpy.Event] = {}
        self.waiting: list[_Call] = []
        self.orders: list[_Order] = []
        self.round = 0  # of all instants, counted through
        self.log: list[Event] = []

    def history(self) -> list[Event]:
        """What happens before the last hour; at the end of every instant depots send; then standby, then dispatch."""
        env, end = self.env, float(self.plant.hours[-1])
        for asset in range(len(self.fleet_of)):
            env.process(self._asset(asset))
        for crew, always in enumerate(self.on_shift):
            if not always:
                env.process(self._shifts(crew))
        while env.peek() < end:
            env.step()
            if env.peek() > env.now:
                self._send()
            if env.peek() > env.now:  # what was sent may have arrived at once
                self._start()
                self._dispatch()
                self.round += 1
        return self.log

    def _asset(self, asset: int) -> Process:
        """It stands by, runs, fails and is repaired, again and again."""
        env, fleet, age = self.env, self.fleet_of[asset], 0.0
        numbers = range(self.first_mode[fleet], self.first_mode[fleet + 1])
        modes = [_Mode(number, slot) for slot, number in enumerate(numbers, self.first_slot[asset])]
        for mode in modes:
            self._renew(mode, age)
        while True:
            self.standing_by[asset] = start = env.event()
            yield start
            failing = min(modes, key=lambda mode: mode.limit)  # the first in the file of those that end at once
            if env.now > 0.0:
                self._happened(asset, failing.number, STARTS)
            yield env.timeout(failing.limit - age)
            age = failing.limit
            self.running[fleet] -= 1
            self._happened(asset, failing.number, FAILS)
            _, repair, travel, access, *lead_times, _ = self._drawn(failing)
            if (spare := self.spare[failing.number]) >= 0:
                env.process(self._order(asset, spare, *lead_times))
            begins = env.event()
            self.waiting.append(_Call(self.priority[failing.number], env.now, asset, failing.number, begins))
            yield begins
            self._happened(asset, failing.number, BEGINS)
            for hours in (travel, access, repair):
                yield env.timeout(hours)
            self.free[self.crew[failing.number]] += 1
            self._happened(asset, failing.number, STANDS_BY)
            for mode in modes if self.plant.renews[failing.number] else [failing]:
                self._renew(mode, age)

    def _order(self, asset: int, spare: int, lead_time: float, supply: float = 0.0) -> Process:
        """One spare, which arrives after its lead time; a depot that it comes out of orders one too, and sends when it can."""
        env, depot = self.env, self.depot[spare]
        if depot >= 0:
            env.process(self._order(asset, depot, supply))
            sent = env.event()
            self.orders.append(_Order(self.round, asset, depot, sent))
            yield sent
        yield env.timeout(lead_time)
        self.stock[spare] += 1

    def _shifts(self, crew: int) -> Process:
        """A crew comes and goes, on its days of the week."""
        begins, ends, *days = self.plant.shifts[crew].tolist()
        monday = self.plant.monday
        for day in count(int(monday) // 24):
            if days[day % 7]:
                midnight = 24.0 * day - monday
                yield self.env.timeout(midnight + begins - self.env.now)
                self.on_shift[crew] = True
                yield self.env.timeout(midnight + ends - self.env.now)
                self.on_shift[crew] = False

    def _send(self) -> None:
        """Depots that have one in stock send it, in the order of the orders."""
        for order in sorted(self.orders):
            if self.stock[order.depot] > 0:
                self.stock[order.depot] -= 1
                self.orders.remove(order)
                order.sent.succeed()

    def _start(self) -> None:
        """Who stands by starts, in the order of numbers, while too few of the fleet run."""
        for asset in sorted(self.standing_by):
            fleet = self.fleet_of[asset]
            if self.running[fleet] < self.plant.most[fleet]:
                self.running[fleet] += 1
                self.standing_by.pop(asset).succeed()

    def _dispatch(self) -> None:
        """What waits and can begin begins, in its order, and takes a member of the crew and its spare."""
        for call in sorted(self.waiting):
            crew, spare = self.crew[call.mode], self.spare[call.mode]
            if self.free[crew] > 0 and self.on_shift[crew] and (spare < 0 or self.stock[spare] > 0):
                self.free[crew] -= 1
                if spare >= 0:
                    self.stock[spare] -= 1
                self.waiting.remove(call)
                call.begins.succeed()

    def _renew(self, mode: _Mode, age: float) -> None:
        """The next life of a mode begins at this age of its asset."""
        mode.life += 1
        mode.limit = age + self._drawn(mode)[0]

    def _drawn(self, mode: _Mode) -> list[float]:
        """What was drawn for this life of the mode, one for each of `KINDS`."""
        if mode.life >= self.lengths[mode.number]:
            self.durations.lengthen(mode.number)
            self._tabulate()
        return self.hours[mode.slot][mode.life]

    def _tabulate(self) -> None:
        table = self.durations.of(self.paths)
        self.lengths = table.lengths.tolist()
        modes = enumerate(self.plant.mode_of_slot.tolist())
        self.hours: list[list[list[float]]] = [table.lives(slot, mode).tolist() for slot, mode in modes]

    def _happened(self, asset: int, mode: int, what: int) -> None:
        self.log.append(Event(self.env.now, asset, mode, what))
