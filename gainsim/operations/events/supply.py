"""Spares: stocks, what is ordered, depots that send, shops that repair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gainsim.offer.operations import Spare
from gainsim.operations.events.crews import Called, Crews
from gainsim.operations.events.rounds import PART, SHOP, Rounds

if TYPE_CHECKING:
    import simpy

    from gainsim.operations.events.rounds import Process

Drawn = Mapping[str, float]


class Supply:
    """All spares. left_over: those on order, or in stock, whose call is withdrawn or has left; asked: who orders in this round."""

    def __init__(self, spares: Mapping[str, Spare], crews: Crews, rounds: Rounds) -> None:
        self.spares, self.crews, self.rounds = spares, crews, rounds
        self.stock = {name: spare.stock for name, spare in spares.items()}
        self.left_over: Counter[str] = Counter()
        self.asked: list[tuple[Called, str, Drawn]] = []
        self.orders: list[tuple[str, simpy.Event]] = []
        self.parts: list[simpy.Event] = []

    def order(self, called: Called, drawn: Drawn) -> None:
        """What it takes, in this round."""
        if called.spare is not None:
            self.asked.append((called, called.spare, drawn))

    def close(self) -> None:
        """At the end of a round what was asked for is ordered, unless one was left over; parts arrive, and depots send."""
        asked, self.asked = self.asked, []
        for called, spare, drawn in asked:
            if self.left_over[spare] > 0:
                self.left_over[spare] -= 1
            else:
                called.ordered = True
                self._order(called, spare, drawn)
        self.rounds.settle()
        while self.parts or self._send():
            parts, self.parts = self.parts, []
            for arrives in parts:
                arrives.succeed()
            self.rounds.settle()

    def _order(self, called: Called, spare: str, drawn: Drawn) -> None:
        """From outside; or from a depot, which orders one itself."""
        depot = self.spares[spare].depot
        if depot is None:
            self.rounds.begin(self._supplied(spare, called, drawn["lead_time"], drawn["shop"]))
        else:
            self.rounds.begin(self._supplied(depot, called, drawn["supply"], drawn["shop"]))
            sends = self.rounds.env.event()
            self.orders.append((depot, sends))
            self.rounds.begin(self._sent(spare, sends, drawn["lead_time"]))

    def takes(self, spare: str) -> bool:
        """One out of stock, and whether there was one."""
        there = self.stock[spare] > 0
        self.stock[spare] -= there
        return there

    def _send(self) -> bool:
        """Depots that have one in stock send it, in the order of the orders; whether any did."""
        kept = []
        for depot, sends in self.orders:
            if self.stock[depot] > 0:
                self.stock[depot] -= 1
                sends.succeed()
            else:
                kept.append((depot, sends))
        sent = len(kept) < len(self.orders)
        self.orders = kept
        self.rounds.settle()
        return sent

    def _arrives(self) -> simpy.Event:
        """When parts arrive, in this round."""
        arrives = self.rounds.env.event()
        self.parts.append(arrives)
        self.rounds.turn(PART)
        return arrives

    def _sent(self, spare: str, sends: simpy.Event, lead_time: float) -> Process:
        """A part comes out of a depot, once that sends it."""
        yield sends
        yield self.rounds.lasts(lead_time)
        yield self._arrives()
        self.stock[spare] += 1

    def _supplied(self, spare: str, by: Called, lead_time: float, takes: float) -> Process:
        """A part comes from outside; or a worn one comes to the shop, and into stock once it is repaired."""
        yield self.rounds.lasts(lead_time)
        yield self._arrives()
        shop = self.spares[spare].shop
        if shop is not None:
            place = (2, list(self.spares).index(spare), *by.place, by.life)
            worn = Called(self.rounds.env.event(), place, self.rounds.now, shop.priority, self.crews.who_may(shop))
            self.crews.waiting.append(worn)
            crew = yield worn.answer
            yield self.rounds.lasts(takes)
            yield self.rounds.turn(SHOP)
            self.crews.free[crew] += 1
        self.stock[spare] += 1
