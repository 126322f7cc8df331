"""Candidates: an offer with the numbers of its levers moved, each simulated on the same futures and held against its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.repricing import Repricing
from gainsim.bridge import simulate_model
from gainsim.errors import DataError, ScenarioError, UsageError
from gainsim.judging import Judgement, judge
from gainsim.measuring import Measured, Measures
from gainsim.offer.limits import HouseLimit
from gainsim.offer.tuning import Tune
from gainsim.outcome import Outcome
from gainsim.scenario.levers import Lever, levers_in, moved
from gainsim.scenario.load import Loaded, blamed, from_document
from gainsim.scenario.problems import problem_of

Floats = NDArray[np.float64]
#: what is kept of every candidate beside its aim and limits: the supplier's mean and tail, the customer's mean, discounted all
SUPPLIER, TAIL, CUSTOMER = KEPT = ("npv", "cvar_95", "customer_npv")


@dataclass(frozen=True)
class Limit:
    """What must hold of a candidate. key: as the file has it; measure: what is held against it; whose: who asks for it."""

    key: str
    measure: str
    whose: Literal["the house", "the customer", "this tuning"]
    written: HouseLimit

    def judged(self, measures: Measures) -> Judgement:
        """Held against a run."""
        return judge(self.measure, self.written, measures)


@dataclass(frozen=True)
class Candidate:
    """An offer that was tried.

    numbers: of each lever, in what is written there; places: the same as parts of their ranges
    aim:     the measure that is wanted, the more the better; not a number where it has no value
    margins: by how much each limit is kept (below 0: broken); not a number where it cannot be judged
    slacks:  the same for the search: of a chance in normal scores, which do not level off where it is nearly none or nearly sure
    kept:    of each of `KEPT`; not a number where it has no value
    reason:  why it is no offer that could be run; then there are no figures
    """

    numbers: tuple[float, ...]
    places: tuple[float, ...]
    aim: float = np.nan
    margins: tuple[float, ...] = ()
    slacks: tuple[float, ...] = ()
    kept: tuple[float, ...] = ()
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether it is an offer, and keeps all limits."""
        return not self.reason and all(margin >= 0.0 for margin in self.margins)

    @property
    def supplier(self) -> float:
        """The supplier's expected net present value."""
        return self.kept[0]

    @property
    def tail(self) -> float:
        """The mean of the worst twentieth of it."""
        return self.kept[1]

    @property
    def customer(self) -> float:
        """The customer's expected net benefit, discounted."""
        return self.kept[2]


def limits_of(loaded: Loaded, tune: Tune) -> tuple[Limit, ...]:
    """All that must hold: what the tuning asks for, the limits of the house, and what the customer accepts."""
    house = loaded.scenario.limits if "limits" not in tune.without else {}
    customer = loaded.scenario.customer.accepts if "accepts" not in tune.without else {}
    return (
        *(Limit(f"tune.subject_to.{name}", name, "this tuning", limit) for name, limit in tune.subject_to.items()),
        *(Limit(f"limits.{name}", name, "the house", limit) for name, limit in house.items()),
        *(Limit(f"customer.accepts.{name}", f"customer_{name}", "the customer", limit) for name, limit in customer.items()),
    )


class Candidates:
    """The candidates of an offer, none of them simulated twice.

    first:   the offer as it stands, which is one of them
    told:    called after each one that is simulated
    threads: as many as the machine has cores unless said; results do not depend on it
    """

    def __init__(
        self, loaded: Loaded, paths: int, seed: int, told: Callable[[], None] = lambda: None, threads: int | None = None
    ) -> None:
        assert loaded.scenario.tune is not None
        self.loaded, self.tune, self.paths, self.seed, self._told = loaded, loaded.scenario.tune, paths, seed, told
        self._threads = threads
        levers, wrong = levers_in(self.tune, loaded.document)
        if wrong:
            raise blamed(wrong, loaded.document)
        self.levers: Sequence[Lever] = levers
        self.limits = limits_of(loaded, self.tune)
        self._runs = Repricing(loaded, paths, seed, threads)
        self._tried: dict[tuple[float, ...], Candidate] = {}
        self.first = self._tried_at(tuple(lever.number for lever in self.levers))
        if self.first.reason:
            raise UsageError(f"the offer as it stands cannot be run: {self.first.reason}")

    def __len__(self) -> int:
        return len(self._tried)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self._tried.values())

    @property
    def offers(self) -> list[Candidate]:
        """Those that could be run."""
        return [each for each in self if not each.reason]

    def numbers(self, places: Sequence[float]) -> tuple[float, ...]:
        """The numbers nearest to some places in the ranges, in whole steps."""
        return tuple(lever.nearest(float(place)) for lever, place in zip(self.levers, places, strict=True))

    def has(self, numbers: tuple[float, ...]) -> bool:
        """Whether a candidate has been tried."""
        return numbers in self._tried

    def at(self, places: Sequence[float]) -> Candidate:
        """The candidate nearest to some places in the ranges, simulated unless it has been."""
        return self._tried_at(self.numbers(places))

    def with_numbers(self, numbers: tuple[float, ...]) -> Candidate:
        """The candidate with these numbers, simulated unless it has been."""
        return self._tried_at(numbers)

    def check_ends(self) -> None:
        """Raise where a quarter of a range, at one of its ends, makes no offer, wherever the other levers stand.

        Edges that may cross are in order: there are places of the others where they do not.
        """
        if all(not each.reason for each in self):
            return
        wrong = []
        for number, lever in enumerate(self.levers):
            for end, place in enumerate((0.25, 0.75)):
                ways = [self.at((*others[:number], place, *others[number + 1 :])) for others in self._corners]
                if all(each.reason for each in ways):
                    said = f"at {lever.short(ways[0].numbers[number])} it is no offer: {ways[0].reason} Narrow the range."
                    wrong.append(problem_of(said, ("tune", "levers", lever.name, "between", end), self.loaded.document))
        if wrong:
            raise blamed(wrong, self.loaded.document)

    @property
    def _corners(self) -> tuple[tuple[float, ...], ...]:
        """The places of all levers as the offer stands, at their lower ends, and at their upper ones."""
        return self.first.places, (0.0,) * len(self.levers), (1.0,) * len(self.levers)

    def loaded_with(self, candidate: Candidate) -> Loaded:
        """A candidate as an offer that is in order."""
        return from_document(moved(self.loaded.document, self.levers, candidate.numbers), noted=False)

    def measures(self, candidate: Candidate) -> Measures:
        """What a candidate comes to on the futures that all of them meet."""
        return Measures(Outcome(self._runs.run(self.loaded_with(candidate))))

    def elsewhere(self, candidate: Candidate) -> Measures:
        """What it comes to on other futures, as many, which no search has seen."""
        model, sampling = self.loaded_with(candidate).model, self.loaded.scenario.run.sampling
        return Measures(Outcome(simulate_model(model, self.paths, self.seed, self._threads, sampling=sampling, replicate=1)))

    def aim(self, measures: Measures) -> Measured:
        """The measure that is wanted."""
        return measures.of(self.tune.measure)

    def _tried_at(self, numbers: tuple[float, ...]) -> Candidate:
        if numbers not in self._tried:
            self._tried[numbers] = self._simulated(numbers)
            self._told()
        return self._tried[numbers]

    def _simulated(self, numbers: tuple[float, ...]) -> Candidate:
        places = tuple(lever.place(number) for lever, number in zip(self.levers, numbers, strict=True))
        candidate = Candidate(numbers, places)
        try:
            measures = self.measures(candidate)
        except ScenarioError as error:  # edges that cross, a whole number that is none
            return Candidate(numbers, places, reason=error.problems[0].message)
        except (DataError, UsageError, ValueError) as error:
            return Candidate(numbers, places, reason=str(error))
        judged = [limit.judged(measures) for limit in self.limits]
        return Candidate(
            numbers, places,
            self.tune.sign * _value(self.aim(measures)),
            tuple(each.margin for each in judged),
            tuple(_slack(each, self.paths) for each in judged),
            tuple(_value(measures.of(name)) for name in KEPT),
        )  # fmt: skip


def _slack(judged: Judgement, paths: int) -> float:
    """By how much a limit is kept; of a chance in normal scores, where none and all count as half a future of them."""
    if not judged.measured.event or judged.measured.estimate is None:
        return judged.margin
    from scipy.special import ndtri

    found, most = ndtri(np.clip([judged.measured.estimate.value, judged.bound], 0.5 / paths, 1.0 - 0.5 / paths))
    return float(most - found)


def _value(measured: Measured) -> float:
    return np.nan if measured.estimate is None else measured.estimate.value
