"""Operations at random, of all that the language has."""

from __future__ import annotations

import dataclasses
import random
from itertools import count
from typing import Any

import numpy as np

from gainsim.model import calendar_of
from gainsim.offer.operations import Operations
from gainsim.offer.scenario import CalendarText
from gainsim.offer.shifts import WEEK
from gainsim.operations.history import Given
from gainsim.operations.plant import Plant, plant
from gainsim.problems import Problems

Written = dict[str, Any]


def discrete(*values: float) -> Written:
    return {"discrete": [{"value": value, "chance": 1 / len(values)} for value in values]}


class Chance:
    """Operations at random: with whole hours, so that many things fall on one instant, or with any."""

    hours_of_weeks = (0.0, 168.0, 336.0, 504.0, 672.0)
    any_hours = (0.0, 72.0, 240.0, 241.0, 600.0)

    def __init__(self, seed: int) -> None:
        self.rng, self.counted = random.Random(seed), count()
        self.whole = self.rng.random() < 0.6

    def plant(self) -> Plant:
        """A few weeks, from any day of the week on; where the service is owed at some hours, in whole weeks."""
        months = self.rng.randint(1, 12)
        written = {"start": f"2027-{months:02}", "years": 1, "step": "month", "year": "contract"}
        calendar, problems = calendar_of(CalendarText.model_validate(written)), Problems()
        operations = self.operations()
        made = plant("room", Operations.model_validate(operations), calendar, problems)
        assert made is not None, problems.found
        hours = self.any_hours if operations["hours"] is None else self.hours_of_weeks
        return dataclasses.replace(made, rules=made.rules._replace(hours=np.array(hours)))

    def given(self, made: Plant, paths: int) -> Given:
        """What drivers say of use and demand, on so many paths."""
        fleets, shape = made.rules.fleets, (made.periods, paths)
        use = [self.numbers((0.0, 0.5, 1.0, 2.0), shape) for _ in range(int((fleets["use"] >= 0).sum()))]
        wanted = [self.numbers((0.0, 0.5, 1.0, 2.5, 4.0), shape) for _ in range(int((fleets["wanted"] >= 0).sum()))]
        return Given(np.array(use).reshape(-1, *shape), np.array(wanted).reshape(-1, *shape))

    def numbers(self, whole: tuple[float, ...], shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
        size = int(np.prod(shape))
        some = [self.rng.choice(whole) if self.whole else self.rng.uniform(0.0, whole[-1]) for _ in range(size)]
        return np.array(some).reshape(shape)

    def operations(self) -> Written:
        randint, names = self.rng.randint, self.names
        self.sites, self.crews = names("n", 0, 2), names("c", 1, 3)
        self.spares, self.depots = names("s", 0, 2), names("d", 0, 2)
        crews = {name: self.crew() for name in self.crews}
        self.skills = sorted({skill for crew in crews.values() for skill in crew["skills"]})
        fleets = {name: self.fleet() for name in names("f", 1, 3)}
        return {
            "fleets": fleets,
            "crews": crews,
            "spares": {**{name: self.spare() for name in self.spares}, **{name: self.kept() for name in self.depots}},
            "requests": {name: self.requests() for name in names("r", 0, 2)},
            "sites": {name: self.site() for name in self.sites},
            "hours": self.some(0.3, self.shifts()),
            "serves": self.some(0.4, self.serves(list(fleets), randint(0, 1))),
        }

    # what it is made of

    def fleet(self) -> Written:
        randint = self.rng.randint
        assets = randint(1, 4)
        running = self.some(0.5, randint(1, assets))
        self.use = self.some(0.4, "flown")
        failures = {name: self.failure() for name in self.names("m", 1, 3)}
        return {
            "assets": assets,
            "running": running,
            "needed": self.some(0.5, randint(1, running or assets)),
            "site": self.one_of(0.6, self.sites),
            "failures": failures,
            "maintenance": {name: self.maintenance(list(failures)) for name in self.names("w", 0, 2)},
            "use": self.use,
            "capacity": 3.0,
            **self.some(0.4, {"demand": f"asked_{next(self.counted)}"}, {}),
        }

    def failure(self) -> Written:
        return {
            "life": self.life(),
            "ages": self.ages(),
            "repair": self.hours(6),
            "access": self.some(0.3, self.hours(2), 0.0),
            "spare": self.one_of(0.6, self.spares),
            "priority": self.rng.randint(1, 3),
            "renews": self.rng.choice(("mode", "asset")),
            "foreseen": self.some(0.5, self.foreseen()),
            **self.by_somebody(),
            **self.clocks(),
        }

    def foreseen(self) -> Written:
        """Planned work takes a while: where it ends a life that is foreseen at once, it would be called for again and again."""
        chance, pick = self.rng.choice((0.5, 1.0)), self.rng.choice
        return {"chance": chance, "ahead": self.hours(pick((3, 10))), "repair": pick((1, 4)), "priority": self.rng.randint(1, 5)}

    def maintenance(self, failures: list[str]) -> Written:
        pick = self.rng.choice
        return {
            "every": self.some(0.5, pick((12, 24, 50)), self.life()),
            "first": self.some(0.5, self.hours(20)),
            "ages": self.ages(),
            "takes": self.hours(2),
            "access": self.some(0.2, self.hours(2), 0.0),
            "spare": self.one_of(0.3, self.spares),
            "priority": self.rng.randint(1, 5),
            "renews": pick(("asset", "nothing", self.rng.sample(failures, self.rng.randint(1, len(failures))))),
            **self.by_somebody(),
        }

    def crew(self) -> Written:
        return {
            "number": self.rng.randint(1, 2),
            "shifts": self.some(0.4, self.shifts()),
            "travel": self.some(0.5, self.hours(2), 0),
            "skills": self.rng.sample(["t0", "t1"], self.rng.randint(0, 2)),
        }

    def spare(self) -> Written:
        depot = self.one_of(0.5, self.depots)
        return {"stock": self.rng.randint(0, 2), "lead_time": self.hours(20) or 5, "depot": depot} if depot else self.kept()

    def kept(self) -> Written:
        shop = self.some(0.5, {"takes": self.hours(6), "priority": self.rng.randint(1, 3), **self.by_somebody()})
        return {"stock": self.rng.randint(0, 2), "lead_time": self.hours(20) or 5, "shop": shop}

    def requests(self) -> Written:
        return {
            "every": self.life(),
            "takes": self.hours(3),
            "site": self.one_of(0.5, self.sites),
            "spare": self.one_of(0.4, self.spares),
            "priority": self.rng.randint(1, 3),
            "room": self.some(0.5, self.rng.randint(0, 2)),
            "patience": self.some(0.5, self.hours(8)),
            **self.by_somebody(),
            **self.clocks(),
        }

    def site(self) -> Written:
        return {"travel": self.some(0.5, self.hours(3)), "weather": self.some(0.7, {"fair": self.life(), "foul": self.hours(8)})}

    def serves(self, parts: list[Any], deeper: int) -> Written:
        some = self.rng.sample(parts, self.rng.randint(1, len(parts)))
        if deeper:
            some = [self.serves(parts, 0), *some[:1]]
        return self.rng.choice(({"all": some}, {"any": some}, {"at_least": self.rng.randint(1, len(some)), "of": some}))

    def clocks(self) -> Written:
        """What it is measured by, and what becomes of it when it waits."""
        pick = self.rng.choice
        escalates = {"after": pick((1, 4, 10)), "priority": self.rng.randint(1, 3), **self.some(0.5, self.by_somebody(), {})}
        return {
            "within": self.some(0.7, pick((0, 2, 8))),
            "done_within": self.some(0.7, pick((4, 12))),
            "escalates": self.some(0.4, escalates),
        }

    def by_somebody(self) -> Written:
        skill = self.one_of(0.4, self.skills)
        return {"skill": skill} if skill else {"crew": self.rng.choice(self.crews)}

    def ages(self) -> str:
        return self.rng.choice(("running", "running", "calendar", "use" if self.use else "running"))

    def shifts(self) -> Written:
        begins = self.rng.randrange(24)
        days = self.rng.sample(WEEK, self.rng.randint(1, 7))
        return {"days": days, "begins": begins, "ends": self.rng.randint(begins + 1, 24)}

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

    def some(self, likely: float, value: Any, otherwise: Any = None) -> Any:
        return value if self.rng.random() < likely else otherwise

    def one_of(self, likely: float, names: list[str]) -> str | None:
        return self.rng.choice(names) if names and self.rng.random() < likely else None

    def names(self, kind: str, least: int, most: int) -> list[str]:
        return [f"{kind}{n}" for n in range(self.rng.randint(least, most))]


class Sparse(Chance):
    """Operations in which most failures meet nobody: they are few, all assets run, parts come from outside, and nobody calls.

    What holds them up is a part, a storm or the pause between shifts.
    """

    hours_of_weeks = tuple(168.0 * week for week in range(21))
    any_hours = (0.0, 100.0, 101.0, *(float(day) for day in range(200, 3_400, 150)))

    def operations(self) -> Written:
        written = super().operations()
        for fleet in written["fleets"].values():
            fleet |= {"running": None, "use": None, "needed": self.some(0.8, 1)}
            fleet.pop("demand", None)
        return written

    def failure(self) -> Written:
        return {**super().failure(), "repair": self.hours(40), "foreseen": self.some(0.1, self.foreseen())}

    def kept(self) -> Written:
        return {**super().kept(), "lead_time": self.hours(60) or 5, "shop": None}

    def site(self) -> Written:
        fair, foul = self.rng.choice(((20, 20), (200, 50)))
        return {"travel": None, "weather": {"fair": {"exponential": {"mean": fair}}, "foul": self.hours(foul) or 20}}

    def ages(self) -> str:
        return "running"

    def life(self) -> Written:
        pick = self.rng.choice
        if self.whole:
            return discrete(*(pick((96, 168, 240, 480, 960)) for _ in range(pick((1, 2, 4)))))
        return {"exponential": {"mean": pick((100, 400, 1_000))}}

    def names(self, kind: str, least: int, most: int) -> list[str]:
        return [] if kind in "drw" else super().names(kind, max(least, 1), most)
