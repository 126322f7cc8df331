"""Operations as dated numbers: who fails, how long things last, who repairs, what is in stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate, combinations, count, pairwise, product
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gainsim.drivers.marginals import Marginal
from gainsim.grid import Calendar
from gainsim.offer.operations import Operations, Serves
from gainsim.offer.shifts import WEEK, Shifts
from gainsim.operations.laws import Mode, laws_of, who_may
from gainsim.problems import Problems

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Records = NDArray[np.void]
HOURS_OF_WEEK = 24 * len(WEEK)
#: how often a mode of all assets of a fleet, or a call, may come on a path, as expected
MOST = 1_000_000
#: by what a mode ages
AGES = ("running", "calendar", "use")
#: what crews are called for: the modes of all fleets, one fleet after the other, then requests, then shops, each in the
#: order of the file. options: of `Rules.crew_of`, those who may do it, and after them those who may once it escalated
TASK = np.dtype([
    ("first_option", "i8"), ("options", "i8", (3,)), ("priority", "i8", (3,)), ("spare", "i8"), ("site", "i8"), ("within", "f8"),
    ("done_within", "f8"), ("escalates", "f8"), ("room", "f8"),
])  # fmt: skip
#: modes of fleets. maintenance: it never fails; renews: which modes of its fleet
MODE = np.dtype([("ages", "i8"), ("maintenance", "i8"), ("chance", "f8"), ("first_renewed", "i8"), ("renewed", "i8")])
#: use, wanted: which of the rows that are given, -1: none
FLEET = np.dtype([
    ("first_asset", "i8"), ("assets", "i8"), ("most", "i8"), ("needed", "i8"), ("first_mode", "i8"), ("modes", "i8"),
    ("use", "i8"), ("wanted", "i8"),
])  # fmt: skip
#: shifts: begin and end in hours of the day, and 1 for each day of the week; changes: at each hour of the week, after how many the
#: shift ends, and below 0 the pause; 0: never; depot: the spare that each is supplied from, -1: from outside; shop: the task of who
#: repairs it, -1: nobody
CREW = np.dtype([("number", "i8"), ("shifts", "f8", (9,)), ("changes", "i2", (HOURS_OF_WEEK,))])
SPARE = np.dtype([("stock", "i8"), ("depot", "i8"), ("shop", "i8")])


class Rules(NamedTuple):
    """What the histories are made by, everything counted from 0 in the order of the file.

    hours:   (periods + 1,) when each period begins, in hours from the contract's start; the last is its end
    crew_of: (options,) whose people may do a task
    renewed: modes that others renew, counted within their fleet
    weather: (sites,) the drawn mode whose lives are fair and whose repairs are foul spells; -1: always fair
    masks:   fleets as bits, that serve together; a group is served where all fleets of one of its masks serve
    first_mask: (groups + 1,) of the whole, then of each site
    owed:    (9,) when the service is owed, as shifts
    monday:  hours from the last Monday's midnight to the contract's start
    """

    hours: Floats
    fleets: Records
    modes: Records
    tasks: Records
    crew_of: Integers
    renewed: Integers
    crews: Records
    spares: Records
    weather: Integers
    masks: Integers
    first_mask: Integers
    owed: Floats
    monday: float


@dataclass(frozen=True)
class Plant:
    """Operations on a calendar.

    modes: all that has lives: the modes of fleets, as in `TASK`; then requests one each, its lives the hours from call to call;
           then the weather of sites that have some
    """

    name: str
    written: Operations
    modes: tuple[Mode, ...]
    rules: Rules

    @property
    def periods(self) -> int:
        """How many there are."""
        return len(self.rules.hours) - 1

    @cached_property
    def owed(self) -> Floats:
        """(periods,) the hours in which the service is owed."""
        return self.within(self.rules.owed)

    def within(self, shifts: Floats) -> Floats:
        """(periods,) the hours that lie within shifts, as `CREW` has them."""
        begin, end, *days = shifts.tolist()
        if end - begin == 24.0 and all(days):
            return np.diff(self.rules.hours)
        first = [int(self.rules.monday + hour) // 24 for hour in self.rules.hours]
        return np.array([sum(days[day % 7] for day in range(*some)) * (end - begin) for some in pairwise(first)])

    @property
    def fleets(self) -> tuple[str, ...]:
        """The kinds of assets."""
        return tuple(self.written.fleets)

    @property
    def requests(self) -> tuple[str, ...]:
        """The kinds of calls from outside."""
        return tuple(self.written.requests)

    @property
    def crews(self) -> tuple[str, ...]:
        """Who repairs."""
        return tuple(self.written.crews)

    @property
    def spares(self) -> tuple[str, ...]:
        """What is in stock."""
        return tuple(self.written.spares)

    @property
    def sites(self) -> tuple[str, ...]:
        """Where fleets stand."""
        return tuple(self.written.sites)

    @property
    def shops(self) -> tuple[str, ...]:
        """The spares that have one."""
        return tuple(name for name, spare in self.written.spares.items() if spare.shop is not None)

    @property
    def assets(self) -> int:
        """How many there are in all fleets."""
        return sum(kind.assets for kind in self.written.fleets.values())

    @property
    def fleet_of(self) -> Integers:
        """(assets,) the fleet of each asset."""
        return np.repeat(np.arange(len(self.fleets)), self.rules.fleets["assets"])

    def asset(self, counted_through: int) -> tuple[str, int]:
        """The fleet of an asset, and its number in it, from 1."""
        fleet = int(self.fleet_of[counted_through])
        return self.fleets[fleet], counted_through - int(self.rules.fleets["first_asset"][fleet]) + 1

    @cached_property
    def renewed_by(self) -> list[list[int]]:
        """Of each that has lives, the modes that begin a new one of it: its own, and others of its fleet."""
        found: list[list[int]] = [[] for _ in self.modes]
        for fleet in self.rules.fleets:
            first = int(fleet["first_mode"])
            for own, mode in enumerate(self.rules.modes[first : first + fleet["modes"]], first):
                for each in self.rules.renewed[mode["first_renewed"] :][: mode["renewed"]].tolist():
                    found[first + each].append(own)
        return [by or [mode] for mode, by in enumerate(found)]

    @property
    def cut_short(self) -> set[int]:
        """Modes whose lives may end before they are over: by planned work, or renewed by what is done for another mode."""
        return {
            mode for mode, by in enumerate(self.renewed_by)
            if by != [mode] or (mode < len(self.rules.modes) and self.rules.modes["chance"][mode] > 0.0)
        }  # fmt: skip

    @property
    def slots(self) -> list[tuple[int, int]]:
        """All that lives are drawn for: mode and number of the asset in its fleet; one asset's modes after the other's."""
        found = []
        for fleet in self.rules.fleets:
            modes = range(fleet["first_mode"], fleet["first_mode"] + fleet["modes"])
            found += [(mode, asset) for asset in range(fleet["assets"]) for mode in modes]
        return found + [(mode, 0) for mode in range(len(self.rules.modes), len(self.modes))]


def plant(name: str, operations: Operations, calendar: Calendar, problems: Problems) -> Plant | None:
    """Operations on a calendar; None where something is wrong with them, which is told."""
    told = len(problems.found)
    modes = laws_of(name, operations, problems)
    for spare, kept in operations.spares.items():
        with problems.at("operations", name, "spares", spare, "stock"):
            if kept.stock == 0 and kept.lead_time == 0.0 and kept.depot is None and kept.shop is None:
                raise ValueError("no stock, and delivered at once: nobody waits for it. Leave the spare out, or write a lead time.")
    if len(problems.found) > told:
        return None
    made = Plant(name, operations, modes, _rules(operations, modes, hours_of(calendar), 24.0 * calendar.start.weekday()))
    for mode, many in Counter(mode for mode, _ in made.slots).items():
        with problems.at("operations", name):
            _check_number(modes[mode], modes[mode].fleet in made.requests, many, float(made.rules.hours[-1]))
    return made if len(problems.found) == told else None


def _check_number(mode: Mode, is_call: bool, many: int, hours: float) -> None:
    """No history is kept of what comes more often than a machine has room for."""
    every = sum(law.mean if isinstance(law, Marginal) else law for law in mode.between(is_call))
    if not mode.by_use and hours / every * many > MOST:
        rule = f"{mode.name} of {mode.fleet} comes every {every:g} hours, some {hours / every * many:,.0f} times in the contract"
        raise ValueError(f"{rule}; at most {MOST:,} are told one by one. Write longer hours, or leave it out.")


def _rules(operations: Operations, modes: tuple[Mode, ...], hours: Floats, monday: float) -> Rules:
    spares, sites = tuple(operations.spares), tuple(operations.sites)
    tasks, crew_of = _tasks(operations, modes)
    weather = {mode.fleet: number for number, mode in enumerate(modes) if mode.name == "weather" and mode.fleet in sites}
    shops = [name for name, kept in operations.spares.items() if kept.shop is not None]
    first_shop = len(tasks) - len(shops)
    table_of_modes, renewed = _modes(operations)
    fleets: list[str | Serves] = list(operations.fleets)
    groups = [_ways(operations.serves or Serves(all=fleets)) if fleets else [frozenset[str]()]]
    groups += [[frozenset(name for name, kind in operations.fleets.items() if kind.site == site)] for site in sites]
    bits = {name: 1 << number for number, name in enumerate(operations.fleets)}
    return Rules(
        hours,
        _fleets(operations),
        table_of_modes,
        tasks,
        crew_of,
        renewed,
        _table(CREW, [(crew.number, week(crew.shifts), changes(week(crew.shifts))) for crew in operations.crews.values()]),
        _table(SPARE, [
            (kept.stock, spares.index(kept.depot) if kept.depot else -1, first_shop + shops.index(name) if name in shops else -1)
            for name, kept in operations.spares.items()
        ]),
        np.array([weather.get(site, -1) for site in sites], np.int64),
        np.array([sum(bits[fleet] for fleet in way) for ways in groups for way in ways], np.int64),
        counted([len(ways) for ways in groups]),
        np.array(week(operations.hours)),
        monday,
    )  # fmt: skip


def _table(kind: np.dtype[np.void], rows: Iterable[tuple[object, ...]]) -> Records:
    return np.array(list(rows), kind)


def _fleets(operations: Operations) -> Records:
    rows: list[tuple[object, ...]] = []
    asset = mode = use = wanted = 0
    for kind in operations.fleets.values():
        modes = len(kind.failures) + len(kind.maintenance)
        rows.append((
            asset, kind.assets, kind.most, kind.least, mode, modes,
            use if kind.use is not None else -1, wanted if kind.demand is not None else -1,
        ))  # fmt: skip
        asset, mode = asset + kind.assets, mode + modes
        use, wanted = use + (kind.use is not None), wanted + (kind.demand is not None)
    return _table(FLEET, rows)


def _modes(operations: Operations) -> tuple[Records, Integers]:
    rows: list[tuple[object, ...]] = []
    renewed: list[int] = []

    def renews(which: Iterable[int]) -> tuple[int, int]:
        first = len(renewed)
        renewed.extend(which)
        return first, len(renewed) - first

    for kind in operations.fleets.values():
        names = [*kind.failures, *kind.maintenance]
        for own, failure in enumerate(kind.failures.values()):
            chance = failure.foreseen.chance if failure.foreseen is not None else 0.0
            these = renews(range(len(names)) if failure.renews == "asset" else [own])
            rows.append((AGES.index(failure.ages), 0, chance, *these))
        for own, work in enumerate(kind.maintenance.values(), len(kind.failures)):
            named = [] if isinstance(work.renews, str) else [names.index(name) for name in work.renews]
            these = renews(range(len(names)) if work.renews == "asset" else sorted({*named, own}))
            rows.append((AGES.index(work.ages), 1, 1.0, *these))
    return _table(MODE, rows), np.array(renewed, np.int64)


def _tasks(operations: Operations, modes: tuple[Mode, ...]) -> tuple[Records, Integers]:
    crews, spares, sites = tuple(operations.crews), tuple(operations.spares), tuple(operations.sites)
    rows: list[tuple[object, ...]] = []
    crew_of: list[int] = []

    def add(
        who: tuple[tuple[str, ...], tuple[str, ...]], priority: tuple[int, int, int], spare: str | None, site: str | None,
        within: float | None = None, done_within: float | None = None, escalates: float = inf, room: float | None = None,
    ) -> None:  # fmt: skip
        first = len(crew_of)
        crew_of.extend(crews.index(name) for names in who for name in names)
        rows.append((
            first, (len(who[0]), len(who[0]), len(who[0]) + len(who[1])), priority,
            spares.index(spare) if spare else -1, sites.index(site) if site else -1,
            _or_never(within), _or_never(done_within), escalates, _or_never(room),
        ))  # fmt: skip

    drawn = iter(modes)
    for kind in operations.fleets.values():
        for failure in kind.failures.values():
            planned = failure.foreseen.priority if failure.foreseen is not None else failure.priority
            urgent = failure.escalates.priority if failure.escalates is not None else failure.priority
            after = failure.escalates.after if failure.escalates is not None else inf
            add(
                next(drawn).crews, (planned, failure.priority, urgent), failure.spare, kind.site, failure.within,
                failure.done_within, after,
            )  # fmt: skip
        for work in kind.maintenance.values():
            add(next(drawn).crews, (work.priority,) * 3, work.spare, kind.site)
    for asked in operations.requests.values():
        urgent = asked.escalates.priority if asked.escalates is not None else asked.priority
        after = asked.escalates.after if asked.escalates is not None else inf
        add(
            next(drawn).crews, (asked.priority, asked.priority, urgent), asked.spare, asked.site, asked.within, asked.done_within,
            after, asked.room,
        )  # fmt: skip
    for kept in operations.spares.values():
        if kept.shop is not None:
            add((who_may(kept.shop, operations), ()), (kept.shop.priority,) * 3, None, None)
    return _table(TASK, rows), np.array(crew_of, np.int64)


def _or_never(hours: float | None) -> float:
    return inf if hours is None else hours


def _ways(rule: str | Serves) -> list[frozenset[str]]:
    """The least sets of fleets that serve together.

    >>> rule = Serves(all=["motors", Serves(any=["mains", "generator"])])
    >>> [sorted(way) for way in _ways(rule)]
    [['mains', 'motors'], ['generator', 'motors']]
    """
    if isinstance(rule, str):
        return [frozenset({rule})]
    parts = [_ways(part) for part in rule.parts]
    chosen = (each for some in combinations(parts, rule.least) for each in product(*some))
    found = list(dict.fromkeys(frozenset[str]().union(*each) for each in chosen))
    return [way for way in found if not any(other < way for other in found)]


def week(shifts: Shifts | None) -> list[float]:
    """Hours of the week as numbers: begin, end, and 1 for each day; around the clock where none are said."""
    if shifts is None:
        return [0.0, 24.0, *[1.0] * 7]
    return [float(shifts.begins), float(shifts.ends), *(float(day in shifts.days) for day in WEEK)]


def changes(shifts: Sequence[float]) -> list[int]:
    """At each hour of the week, after how many hours the shift ends, and below 0 the pause; 0 where it never does.

    >>> at = changes(week(Shifts(days=["monday", "friday"], begins=6, ends=22)))
    >>> at[0], at[5], at[6], at[21], at[22]  # the last: until friday at 6
    (-6, -1, 16, 1, -80)
    """
    begin, end, *days = shifts
    on = [days[hour // 24] > 0.0 and begin <= hour % 24 < end for hour in range(HOURS_OF_WEEK)]
    if all(on):
        return [0] * HOURS_OF_WEEK
    after = [next(n for n in count(1) if on[(hour + n) % HOURS_OF_WEEK] != on[hour]) for hour in range(HOURS_OF_WEEK)]
    return [hours if now else -hours for hours, now in zip(after, on, strict=True)]


def hours_of(calendar: Calendar) -> Floats:
    """When each period begins, in hours from the contract's start; and its end."""
    starts = [calendar.period(t).start for t in range(calendar.periods)]
    return np.array([_hours(start, calendar.start) for start in (*starts, calendar.end)])


def _hours(when: date, start: date) -> float:
    return 24.0 * (when - start).days


def counted(sizes: Iterable[int]) -> Integers:
    """(n + 1,) where each of so many things begins, counted through; the last is how many there are.

    >>> counted([3, 1, 2])
    array([0, 3, 4, 6])
    """
    return np.array([0, *accumulate(sizes)], np.int64)


def plants(operations: Mapping[str, Operations], calendar: Calendar, problems: Problems) -> dict[str, Plant]:
    """All of them that are in order, by name."""
    found = {name: plant(name, each, calendar, problems) for name, each in operations.items()}
    return {name: each for name, each in found.items() if each is not None}
