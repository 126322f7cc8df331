"""The compiled loop against the SimPy model: two readings of the same rules, fed the same numbers, to the last bit."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import numpy as np
import pytest

from gainsim.model import calendar_of
from gainsim.offer.operations import WEEK, Operations
from gainsim.offer.scenario import CalendarText
from gainsim.operations.durations import Durations
from gainsim.operations.events import events
from gainsim.operations.history import Histories
from gainsim.operations.plant import Plant, plant
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

        def mode() -> Written:
            written = {"life": self.life(), "repair": self.hours(6), "crew": pick(crews), "priority": randint(1, 3)}
            written |= {"renews": pick(("mode", "asset")), "access": self.some(0.3, self.hours(2), 0.0)}
            return {**written, "spare": pick(spares)} if spares and self.some(0.6, True) else written

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
            "spares": {name: {"stock": randint(0, 2), "lead_time": self.hours(30) or 5} for name in spares},
        }

    def plant(self) -> Plant:
        """A few weeks, from any day of the week on."""
        months = self.rng.randint(1, 12)
        written = {"start": f"2027-{months:02}", "years": 1, "step": "month", "year": "contract"}
        calendar, problems = calendar_of(CalendarText.model_validate(written)), Problems()
        made = plant("room", Operations.model_validate(self.operations()), calendar, problems)
        assert made is not None, problems.found
        return dataclasses.replace(made, hours=np.array([0.0, 72.0, 240.0, 241.0, 600.0]))


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_the_loop_and_simpy_tell_the_same_history(first: int) -> None:
    for seed in range(first, first + 20):
        made = Chance(seed).plant()
        path = seed % 7
        loop, model = Histories(made, seed).events(path), events(Durations(made, seed), path)
        assert sorted(loop) == sorted(model), seed
