"""What histories come to, as contracts define it: each outcome from what was added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gainsim.offer.operations import Cause, Outcome
from gainsim.operations.account import CAUSES, OF_FLEET, WAITS, Entry, Total
from gainsim.operations.plant import Plant

Floats = NDArray[np.float64]
#: of calls from outside alone, and of these besides
CALLS: tuple[Outcome, ...] = ("calls", "answered", "turned_away", "left")
OF_REQUESTS: tuple[Outcome, ...] = (
    *CALLS, "waiting", "work", "overtime", "parts", "escalated", "response", "worst_response", "late", "on_time", "completion",
    "worst_completion", "overdue", "done_on_time",
)  # fmt: skip
#: of one mode as well
OF_MODES: tuple[Outcome, ...] = (
    "failures", "planned", "downtime", "access", "visits", *(what for what in OF_REQUESTS if what not in CALLS), "monitored",
)  # fmt: skip
#: of one fleet alone, for they are in its own unit
OF_A_FLEET: tuple[Outcome, ...] = ("throughput", "demand_served", "performance", "oee")
#: hours, added up, and times; of the others, what is no part of a whole adds up over time
IN_HOURS: tuple[Outcome, ...] = ("downtime", "waiting", "access", "work", "overtime")
TIMES: tuple[Outcome, ...] = ("response", "worst_response", "completion", "worst_completion")

_ADDED: Mapping[Outcome, tuple[str, ...]] = {
    "availability": ("up",), "served": ("served",), "failures": ("failures",), "planned": ("planned_calls",), "waiting": WAITS,
    "access": ("access",), "visits": ("visits",), "work": ("work",), "overtime": ("overtime",), "parts": ("parts",),
    "escalated": ("escalated",), "response": ("response", "responded"), "worst_response": ("worst_response",), "late": ("late",),
    "on_time": ("late", "responded"), "completion": ("completion", "completed"), "worst_completion": ("worst_completion",),
    "overdue": ("overdue",), "done_on_time": ("overdue", "completed"), "throughput": ("output",),
    "demand_served": ("output", "asked"), "performance": ("output", "running"), "oee": ("good",), "calls": ("failures",),
    "answered": ("visits",), "turned_away": ("turned_away",), "left": ("left",),
}  # fmt: skip
#: what is held against a limit, and against which; of modes and requests without it nothing is late, and nothing on time
LIMITS: Mapping[Outcome, Literal["within", "done_within"]] = {
    "late": "within", "on_time": "within", "overdue": "done_within", "done_on_time": "done_within",
}  # fmt: skip
#: what `output.output_of` reckons, of hours that are added up
_MADE = ("output", "good", "asked")


@dataclass(frozen=True)
class Whose:
    """Whose outcome it is, counted from 0. group: whose serving counts; None: that of the one fleet"""

    fleets: tuple[int, ...]
    tasks: tuple[int, ...]
    group: int | None


def whose(
    plant: Plant, fleet: str | None = None, site: str | None = None, mode: str | None = None, requests: str | None = None
) -> Whose:
    """That of all fleets, one fleet or one of its modes, the fleets of a site, or of requests."""
    rules = plant.rules
    if requests is not None:
        return Whose((), (len(rules.modes) + plant.requests.index(requests),), None)
    fleets = tuple(range(len(rules.fleets)))
    if fleet is not None:
        fleets = (plant.fleets.index(fleet),)
    if site is not None:
        fleets = tuple(n for n, kind in enumerate(plant.written.fleets.values()) if kind.site == site)
    names = {plant.fleets[number] for number in fleets}
    own = [n for n in range(len(rules.modes)) if plant.modes[n].fleet in names]
    tasks = [n for n in own if mode is None or plant.modes[n].name == mode]
    return Whose(fleets, tuple(tasks), None if fleet is not None else 0 if site is None else 1 + plant.sites.index(site))


def limited(plant: Plant, of: Whose, what: Outcome) -> list[int]:
    """Those of the tasks that have the limit against which this outcome is held."""
    limits = plant.rules.tasks[LIMITS[what]]
    return [task for task in of.tasks if np.isfinite(limits[task])]


@dataclass(frozen=True)
class Reading:
    """One outcome, as read off what is added up.

    cause:    the part of downtime that is spent on it
    excludes: causes whose hours count neither as down nor as time
    of_mode:  downtime is that which the tasks cause, not that of the assets
    """

    plant: Plant
    what: Outcome
    whose: Whose
    cause: Cause | None = None
    excludes: tuple[Cause, ...] = ()
    of_mode: bool = False

    @property
    def totals(self) -> tuple[Total, ...]:
        """What it takes."""
        names = dict.fromkeys("made" if name in _MADE else name for name in (*self._added, *self.excludes))
        return tuple(self._total(name) for name in names)

    def of(self, added: Mapping[Total, Floats], hours: Floats) -> Floats:
        """Its values, (periods, paths).

        added: (periods, paths) each, what fleets make among it; hours: (periods,) in which the service is owed
        """
        names = dict.fromkeys((*self._added, *self.excludes))
        found = {name: added[self._total(name)] for name in names}
        assets = float(sum(self.plant.rules.fleets[fleet]["assets"] for fleet in self.whose.fleets))
        left_out = sum((found[cause] for cause in self.excludes), np.zeros(()))
        time = assets * hours[:, None] - left_out
        match self.what:
            case "availability":
                return _share(_whole(found["up"], time), time)
            case "served":
                whole = hours[:, None]
                if self.whose.group is None:
                    return _whole(found["served"], whole) / whole
                return np.asarray(found["served"] / whole)
            case "downtime" if self.cause is None and not self.of_mode:
                return np.asarray(time - _whole(found["up"], time))
            case "downtime" | "waiting":
                return reduce(add, (found[name] for name in self._added))
            case "response" | "completion":
                over, under = self._added
                return _share(found[over], found[under], otherwise=0.0)
            case "on_time" | "done_on_time":
                missed, under = self._added
                return np.asarray(1.0 - _share(found[missed], found[under], otherwise=0.0))
            case "oee":
                return np.asarray(found["good"] / time)
            case "performance":
                return _share(found["output"], self._capacity * found["running"])
            case "demand_served":
                return _share(found["output"], found["asked"])
            case _:
                (name,) = self._added
                return found[name]

    @property
    def _added(self) -> tuple[str, ...]:
        if self.what == "downtime":
            return (self.cause,) if self.cause is not None else CAUSES if self.of_mode else ("up",)
        return _ADDED[self.what]

    @property
    def _capacity(self) -> float:
        """What an asset of its one fleet makes in an hour."""
        (fleet,) = self.whose.fleets
        return self.plant.written.fleets[self.plant.fleets[fleet]].capacity or 0.0

    def _total(self, name: str) -> Total:
        if name == "served" and self.whose.group is not None:
            return (Entry("group", self.whose.group, name),)
        if name in (*OF_FLEET, *_MADE):
            return tuple(Entry("fleet", number, name) for number in self.whose.fleets)
        if self.what in LIMITS and name in ("responded", "completed"):
            return tuple(Entry("task", number, name) for number in limited(self.plant, self.whose, self.what))
        return tuple(Entry("task", number, name) for number in self.whose.tasks)


def _whole(part: Floats, whole: Floats) -> Floats:
    """Hours that are added up; all of them where what is missing is but the rounding of sums: no credit is due for that."""
    return np.where(part > whole - 1e-9 * (1.0 + whole), whole, part)


def _share(part: Floats, whole: Floats, otherwise: float = 1.0) -> Floats:
    """The part, and where there is no whole, what is said."""
    return np.where(whole > 0.0, part / np.where(whole > 0.0, whole, 1.0), otherwise)


def standing(plant: Plant, what: Outcome, of: Whose, name: str | None) -> float:
    """What does not change: the people of a crew, a spare's stock, assets, those that are monitored."""
    written = plant.written
    if what == "people":
        return float(written.crews[name or ""].number)
    if what == "stock":
        return float(written.spares[name or ""].stock)
    if what == "assets":
        return float(sum(plant.rules.fleets[fleet]["assets"] for fleet in of.fleets))
    found = 0
    for kind in (written.fleets[plant.fleets[fleet]] for fleet in of.fleets):
        for mode, failure in kind.failures.items():
            if failure.foreseen is not None and mode in {plant.modes[task].name for task in of.tasks}:
                found += kind.assets
    return float(found)
