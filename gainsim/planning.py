"""Plans of effort, found before an offer runs: what is best for who decides it, and what it is worth in view of what is reached.

They are found on futures of their own, which no run of the offer meets, and are the same whatever the run's seed: a plan belongs
to the offer, as its price does. All trials meet the same futures, so that their differences are differences of the effort.

`best constant` and `best by year` are searched for: the plan with the greatest expected margin (of the supplier: its certainty
equivalent), to a thousandth of its range. A responsive effort is fitted in rounds: with the effort of all periods held as it is,
a driver is raised in one period on all futures; what that brings, to the contract's end, is averaged over futures that have
reached about as much. From it follows another effort, and another round. The best round is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import delivery_of
from gainsim.conduct.effort import POINTS, Plans, Trial, Worth, answers_of, nothing, periods_of, settings_of
from gainsim.ledger import Line
from gainsim.measures import certainty_equivalent
from gainsim.model import Model, build
from gainsim.offer.scenario import Scenario
from gainsim.streams.source import Philox
from gainsim.sums import CELL, strict_sum

Floats = NDArray[np.float64]
#: how many times 1,024 futures a plan is searched on
SEARCHED = 4
#: a responsive effort is fitted on as many as make about so many cells over all periods; at least, at most
FITTED, FEWEST, MOST = 384, 4, 32
#: the futures of trials: of a seed and a replicate that no run has
SEED, REPLICATE = 0, 2**31 - 1
ROUNDS = 2
#: a plan is told, and used, in so many steps of its range
STEPS = 1_000


def prepared(scenario: Scenario, lost: Collection[str] = ()) -> Model:
    """The model of an offer, with the plans of its efforts found.

    Raises `OfferError` with everything that is wrong with it.
    """
    model = build(scenario, lost=lost)
    if model.given or all(effort.policy is None for effort in scenario.effort.values()):
        return model
    plans: dict[str, Floats | Mapping[str, Worth]] = {}
    for search in (_searched, _fitted):
        for party in ("supplier", "customer"):
            plans.update(search(scenario, party, plans))
    return build(scenario, plans=plans, lost=lost)


class Trials:
    """An offer whose efforts can be tried, on the same futures again and again.

    cells: how many times 1,024 futures
    """

    def __init__(self, scenario: Scenario, plans: Plans, cells: int) -> None:
        from gainsim.ops.loop import Loop  # here: only who has efforts to find pays for the compiler

        self.trial = Trial()
        self.model = build(scenario, plans=plans, trial=self.trial)
        self.program, self.calendar, self.cells = self.model.program, self.model.calendar, cells
        self.loop = Loop(self.program)
        self.space = self.loop.workspace()
        source = Philox(self.model.plan(cells * CELL, SEED, REPLICATE))
        self.keys = source.key_table([*self.program.streams, *self.program.once_streams])
        self.rows = np.empty((len(self.program.rows), CELL))
        delivery = delivery_of(self.model, source, SEED, REPLICATE)
        self.inputs = []
        for cell in range(cells):
            given = np.zeros((len(self.program.inputs), self.calendar.periods, CELL))
            for name, values in delivery.on(np.arange(cell * CELL, (cell + 1) * CELL, dtype=np.uint64)).items():
                given[self.program.inputs.index(name)] = values
            self.inputs.append(given)
        self.number = {line.name: n for n, line in enumerate(self.model.lines)}
        answers = answers_of(scenario.drivers)
        self.later = {driver: periods_of(response.after, self.calendar) for driver, response in answers.items()}
        self.signs = {"supplier": _of_supplier(self.model.lines), "customer": _of_customer(self.model.lines)}

    def set(self, settings: Mapping[str, Floats]) -> None:
        """Give settings other values, (periods,), by name."""
        for name, values in settings.items():
            self.loop.set(name, values)

    def result(self, party: str, watched: str | None = None, t: int = 0) -> Floats:
        """What a party comes to on each future, (paths,): the supplier's margin, the customer's net benefit.

        watched: a line of which `self.seen` then has what it was in period t
        """
        totals, seen = [], []
        for cell in range(self.cells):
            totals.append(self._total(cell, self.signs[party]))
            if watched is not None:
                seen.append(self.rows[self.program.row_table[t, self.number[watched]]].copy())
        self.seen = np.concatenate(seen) if seen else np.empty(0)
        return np.concatenate(totals)

    def lines(self, name: str, drivers: Sequence[str], t: int, party: str) -> dict[str, WorthLine]:
        """What each of the drivers of an effort is worth where the effort of period t is decided."""
        periods = self.calendar.periods
        self.set({self.trial.held[name]: (np.arange(periods) == t).astype(float)})
        as_is = self.result(party, f"{name}.reached", t)
        reached = self.seen
        found = {driver: _line(reached, self._brings(driver, t, party, as_is)) for driver in drivers}
        self.set({self.trial.held[name]: np.zeros(periods)})
        return found

    def alone(self, name: str, driver: str, moments: Iterable[int], party: str) -> list[Floats]:
        """What one unit more of a driver brings on each future, (paths,), were the effort at its least all along.

        A central difference, over a tenth of what the effort can do to each side.
        """
        periods = self.calendar.periods
        self.set({self.trial.held[name]: np.ones(periods)})
        as_is = self.result(party)
        both = ([self._brings(driver, t, party, as_is, part) for part in (0.1, -0.1)] for t in moments)
        found = [(more + less) / 2.0 for more, less in both]
        self.set({self.trial.held[name]: np.zeros(periods)})
        return found

    def _brings(self, driver: str, t: int, party: str, as_is: Floats, part: float = 1.0) -> Floats:
        """What one unit more of a driver brings, of a part of what the effort of period t could add to it, when it does."""
        answered = t + self.later[driver]
        step = part * float(self.trial.range[driver][answered]) if answered < self.calendar.periods else 0.0
        if step == 0.0:
            return np.zeros(len(as_is))
        setting, raised = self.trial.added[driver], np.zeros(self.calendar.periods)
        raised[answered] = step
        self.set({setting: raised})
        brings = (self.result(party) - as_is) / step
        self.set({setting: np.zeros(self.calendar.periods)})
        return brings

    def _total(self, cell: int, signs: Mapping[int, float]) -> Floats:
        self.loop.run(self.keys, cell * CELL, self.rows, self.space, self.inputs[cell])
        total = np.zeros(CELL)
        for row, (_, line) in zip(self.rows, self.program.rows, strict=True):
            if line in signs:
                total += signs[line] * row
        return total


def _of_supplier(lines: Sequence[Line]) -> dict[int, float]:
    return {n: 1.0 for n, line in enumerate(lines) if line.in_margin}


def _of_customer(lines: Sequence[Line]) -> dict[int, float]:
    sign = {"customer": 1.0, "payment": -1.0}
    return {n: sign[line.role] for n, line in enumerate(lines) if line.role in sign}


# --- the best plan -----------------------------------------------------------------------------------------------------


def _searched(scenario: Scenario, party: str, plans: Plans) -> dict[str, Floats]:
    """The best plans of a party, those of all its efforts found together."""
    wanted = {name: effort for name, effort in scenario.effort.items() if effort.by == party and effort.policy in _BEST}
    if not wanted:
        return {}
    trials = Trials(scenario, plans, SEARCHED)
    calendar = trials.calendar
    years = np.array([calendar.year_of(t) for t in range(calendar.periods)])
    groups = [(name, np.unique(years) if effort.policy == "best by year" else [None]) for name, effort in wanted.items()]
    parts = [(name, year) for name, those in groups for year in those]

    def plan_of(steps: Floats) -> dict[str, Floats]:
        """The plans with so many steps of its range for each part of them."""
        found = {name: np.empty(calendar.periods) for name in wanted}
        for (name, year), step in zip(parts, steps, strict=True):
            least, most = wanted[name].at_least, wanted[name].at_most
            found[name][slice(None) if year is None else years == year] = least + (most - least) * (round(step) / STEPS)
        return found

    aversion = scenario.money.risk_aversion if party == "supplier" else 0.0

    def worth(steps: Floats) -> float:
        for name, plan in plan_of(steps).items():
            trials.loop.set(name, plan)
        return certainty_equivalent(trials.result(party), aversion).value

    return plan_of(_climbed(worth, len(parts)))


_BEST = ("best constant", "best by year")


def _climbed(worth: Callable[[Floats], float], parts: int) -> Floats:
    """The whole steps, 0 to `STEPS` of each part, that are worth most: a coarse look at all parts alike, then ever finer moves
    of one part after another, until none is better. A contract has kinks and jumps: slopes are not asked."""
    tried: dict[tuple[int, ...], float] = {}

    def value(steps: tuple[int, ...]) -> float:
        if steps not in tried:
            tried[steps] = worth(np.array(steps, float))
        return tried[steps]

    best = max(((n * STEPS // 8,) * parts for n in range(9)), key=value)
    stride = STEPS // 8
    while stride > 0:
        moved = best
        for part in range(parts):
            for way in (-stride, stride):
                step = min(max(moved[part] + way, 0), STEPS)
                other = (*moved[:part], step, *moved[part + 1 :])
                while value(other) > value(moved):
                    moved = other
                    step = min(max(moved[part] + way, 0), STEPS)
                    other = (*moved[:part], step, *moved[part + 1 :])
        if moved == best:
            stride //= 2
        best = moved
    return np.array(best, float)


# --- the effort that responds ------------------------------------------------------------------------------------------


def _fitted(scenario: Scenario, party: str, plans: Plans) -> dict[str, Mapping[str, Worth]]:
    """What the drivers of a party's responsive efforts are worth in each period, by what has been reached.

    From the last period to the first: in each, the effort is held at its least, and a driver raised by all that it could do.
    What that brings counts efforts of later periods as they then respond. The first time through, earlier efforts are at their
    least, and the second as they were found, for the states that are met depend on them.
    """
    wanted = {name: e for name, e in scenario.effort.items() if e.by == party and e.policy == "responsive"}
    if not wanted:
        return {}
    aversion = scenario.money.risk_aversion if party == "supplier" else 0.0
    calendar = build(scenario).calendar
    trials = Trials(scenario, plans, min(max(FITTED // calendar.periods, FEWEST), MOST))
    answers = {name: [d for d, r in answers_of(scenario.drivers).items() if r.of == name] for name in wanted}
    rounds: list[tuple[float, dict[str, Mapping[str, Worth]]]] = []
    found = {name: {driver: nothing(calendar) for driver in answers[name]} for name in wanted}
    for _ in range(ROUNDS):
        found = {name: {driver: worth.copy() for driver, worth in worths.items()} for name, worths in found.items()}
        for t in reversed(range(calendar.periods)):
            for name, worths in found.items():
                for driver, line in trials.lines(name, answers[name], t, party).items():
                    worths[driver].tell(t, *line)
                    trials.set(settings_of(name, driver, worths[driver]))
        rounds.append((certainty_equivalent(trials.result(party), aversion).value, dict(found)))
    return max(rounds, key=lambda each: each[0])[1]


#: of a worth in one period: at the first point; start, width and slope of each stretch
WorthLine = tuple[float, Floats, Floats, Floats]


def _line(reached: Floats, brings: Floats) -> WorthLine:
    """The mean of what is brought, by what has been reached: a line through the means of `POINTS` groups of as many futures."""
    order = np.argsort(reached, kind="stable")
    x, y = (strict_sum(each[order].reshape(POINTS, -1)) / (len(order) // POINTS) for each in (reached, brings))
    if x[-1] - x[0] <= _NO_SPREAD * (abs(x[0]) + abs(x[-1])):
        nothing_known = np.zeros(POINTS - 1)
        return float(strict_sum(y)) / POINTS, nothing_known, nothing_known, nothing_known
    widths = np.diff(x)
    apart = widths > 0.0
    return float(y[0]), x[:-1], widths, np.where(apart, np.diff(y) / np.where(apart, widths, 1.0), 0.0)


#: relative to their size, up to where figures that differ by rounding alone are the same
_NO_SPREAD = 1e-12
