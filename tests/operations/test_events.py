"""The compiled loop against the SimPy model: two readings of the same rules, fed the same numbers, to the last bit."""

from __future__ import annotations

import dataclasses
import math
import random
from itertools import pairwise
from typing import Any, NamedTuple, get_args

import numpy as np
import pytest

from benchmarks.operations import Known
from gainsim.model import calendar_of
from gainsim.offer.operations import WEEK, Operations, Outcome
from gainsim.offer.scenario import CalendarText
from gainsim.operations.durations import Durations
from gainsim.operations.events import events
from gainsim.operations.history import Event, Histories, outcome
from gainsim.operations.plant import KINDS, Plant, plant
from gainsim.problems import Problems

Written = dict[str, Any]


def discrete(*values: float) -> Written:
    return {"discrete": [{"value": value, "chance": 1 / len(values)} for value in values]}


class Chance:
    """Operations at random: with whole hours, so that many things fall on one instant, or with any."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.whole = self.rng.random() < 0.6

    def some(self, likely: float, value: Any, otherwise: Any = None) -> Any:
        return value if self.rng.random() < likely else otherwise

    def life(self) -> Written:
        pick = self.rng.choice
        if self.whole:
            return discrete(*(pick((2, 4, 8, 12, 24, 48, 96)) for _ in range(pick((1, 2, 4)))))
        mean = pick((20, 60, 150))
        return pick((
            {"exponential": {"mean": mean}},
            {"weibull": {"shape": pick((0.8, 3)), "scale": mean}},
            {"uniform": {"low": 1, "high": 2 * mean}},
        ))  # fmt: skip

    def hours(self, mean: int) -> Written | float:
        """A time that may be zero."""
        pick = self.rng.choice
        if pick((True, False, False)):
            return pick((0, mean))
        if self.whole:
            return discrete(0, *(pick((1, 2, mean, 2 * mean)) for _ in range(pick((1, 2)))))
        return pick(({"exponential": {"mean": mean}}, {"lognormal": {"median": mean, "p90": 4 * mean}}))

    def shifts(self) -> Written:
        begins = self.rng.randrange(24)
        days = self.rng.sample(WEEK, self.rng.randint(1, 7))
        return {"days": days, "begins": begins, "ends": self.rng.randint(begins + 1, 24)}

    def operations(self) -> Written:
        pick, randint = self.rng.choice, self.rng.randint
        crews = [f"c{n}" for n in range(randint(1, 2))]
        spares = [f"s{n}" for n in range(randint(0, 2))]
        depots = [f"d{n}" for n in range(randint(0, 2))]

        def mode() -> Written:
            written = {"life": self.life(), "repair": self.hours(6), "crew": pick(crews), "priority": randint(1, 3)}
            written |= {"renews": pick(("mode", "asset")), "access": self.some(0.3, self.hours(2), 0.0)}
            return {**written, "spare": pick(spares)} if spares and self.some(0.6, True) else written

        def kept() -> Written:
            return {"stock": randint(0, 2), "lead_time": self.hours(30) or 5}

        def fleet() -> Written:
            assets = randint(1, 5)
            running = self.some(0.5, randint(1, assets))
            needed = self.some(0.5, randint(1, running or assets))
            modes = {f"m{n}": mode() for n in range(randint(1, 3))}
            return {"assets": assets, "running": running, "needed": needed, "failures": modes}

        return {
            "fleets": {f"f{n}": fleet() for n in range(randint(1, 3))},
            "crews": {
                name: {"number": randint(1, 2), "shifts": self.some(0.5, self.shifts()), "travel": self.some(0.4, self.hours(1), 0)}
                for name in crews
            },
            "spares": {
                **{name: {**kept(), "depot": self.some(0.5, pick(depots)) if depots else None} for name in spares},
                **{name: kept() for name in depots},
            },
        }

    def plant(self) -> Plant:
        """A few weeks, from any day of the week on."""
        months = self.rng.randint(1, 12)
        written = {"start": f"2027-{months:02}", "years": 1, "step": "month", "year": "contract"}
        calendar, problems = calendar_of(CalendarText.model_validate(written)), Problems()
        made = plant("room", Operations.model_validate(self.operations()), calendar, problems)
        assert made is not None, problems.found
        return dataclasses.replace(made, hours=np.array([0.0, 72.0, 240.0, 241.0, 600.0]))


class Failure(NamedTuple):
    """One failure and its repair; what the end cuts off is infinitely late."""

    asset: int
    mode: int
    fails: float
    begins: float
    ends: float
    travel: float
    access: float


def failures_of(made: Plant, durations: Durations, path: int, log: list[Event]) -> list[Failure]:
    """The failures of a history; travel and access have the number of the life that ended."""
    table, found = durations.of(np.array([path], np.uint64)), []
    for asset, fleet in enumerate(made.fleet_of.tolist()):
        modes = range(made.first_mode[fleet], made.first_mode[fleet + 1])
        life = dict.fromkeys(modes, 0)
        fails, begins, ends = ([e for e in log if e.asset == asset and e.what == what] for what in range(3))
        for n, (time, _, mode, _) in enumerate(fails):
            drawn = table.lives(int(made.first_slot[asset]) + mode - modes[0], mode)[life[mode]]
            travel, access = drawn[KINDS.index("travel")], drawn[KINDS.index("access")]
            begun, ended = (each[n].time if n < len(each) else math.inf for each in (begins, ends))
            found.append(Failure(asset, mode, time, begun, ended, travel, access))
            for renewed in modes if made.renews[mode] else [mode]:
                life[renewed] += 1
    return found


def served(made: Plant, log: list[Event], fleets: list[int], first: float, last: float) -> float:
    """Hours in which each of these fleets has enough assets running."""
    fleet_of, hours = made.fleet_of, 0.0
    steps = [(event.time, int(fleet_of[event.asset]), 1 if event.what == 3 else -1) for event in log if event.what in (0, 3)]
    moments = sorted({first, last, *(time for time, _, _ in steps if first < time < last)})
    for start, end in pairwise(moments):
        running = {fleet: int(made.most[fleet]) for fleet in fleets}
        for time, fleet, by in steps:
            if time <= start and fleet in running:
                running[fleet] += by
        hours += (end - start) * all(running[fleet] >= made.needed[fleet] for fleet in fleets)
    return hours


def reckoned(made: Plant, failures: list[Failure], log: list[Event], what: Outcome, fleet: int | None) -> list[float]:
    """An outcome in each period, from the table of outcomes in the reference."""
    fleets = list(range(len(made.fleets))) if fleet is None else [fleet]
    failures = [each for each in failures if made.fleet_of[each.asset] in fleets]
    assets = sum(int(made.first_asset[f + 1] - made.first_asset[f]) for f in fleets)

    def of(first: float, last: float) -> float:
        def within(start: float, end: float) -> float:
            return max(0.0, min(end, last) - max(start, first))

        fails = [each for each in failures if first <= each.fails < last]
        begins = [each for each in failures if first <= each.begins < last]
        down = math.fsum(within(each.fails, each.ends) for each in failures)
        match what:
            case "availability":
                return 1.0 - down / (assets * (last - first))
            case "served":
                return served(made, log, fleets, first, last) / (last - first)
            case "failures":
                return len(fails)
            case "downtime":
                return down
            case "waiting":
                return math.fsum(within(each.fails, each.begins) for each in failures)
            case "access":
                return math.fsum(each.access for each in begins)
            case "visits":
                return len(begins)
            case "work":
                return math.fsum(within(each.begins, each.ends) for each in failures)
            case "parts":
                return sum(made.spare[each.mode] >= 0 for each in fails)
            case "response":
                times = [each.begins + each.travel - each.fails for each in begins]
                return math.fsum(times) / len(times) if times else 0.0

    return [of(first, last) for first, last in pairwise(made.hours.tolist())]


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_the_loop_and_simpy_tell_the_same_history(first: int) -> None:
    """Event by event to the last bit; and every outcome is that of the history."""
    for seed in range(first, first + 20):
        made, path = Chance(seed).plant(), seed % 7
        histories = Histories(made, seed)
        histories.durations = known = Known(made, seed)
        log = events(known, path)
        assert sorted(histories.events(path)) == sorted(log), seed
        failures, sums = failures_of(made, known, path, log), histories.sums(np.array([path], np.uint64))
        for what in get_args(Outcome):
            for fleet in (None, *range(len(made.fleets))):
                found = outcome(made, sums, what, None if fleet is None else made.fleets[fleet])[:, 0]
                assert found == pytest.approx(reckoned(made, failures, log, what, fleet), abs=1e-9), (seed, what, fleet)


def test_the_last_moment_before_midnight_is_of_its_day() -> None:
    """No number of hours below midnight, divided by 24, is rounded up to the next day."""
    day = np.arange(1.0, 1_000_000.0)
    assert (np.floor(np.nextafter(24.0 * day, 0.0) / 24.0) == day - 1.0).all()
    assert (np.floor(24.0 * day / 24.0) == day).all()
