"""Where what is rare happens: the least unlikely places, among all scores that chance draws, at which a future is past a limit.

A place is a shift of the directions (see `gainsim.streams.shifted`): of each stream's average over each year. Around a place the
distance to the limit is nearly a straight line in them, a + b·s, with the rest of chance as its spread σ: operations, and how
scores fall within a year. Were that exact, the least unlikely way past the limit would be s = -a b / (b·b + σ²), the rest taking
its own part of it. The search fits the line there, goes on from what it finds, and begins in several corners far out.

Source: the design point of structural reliability: Hasofer & Lind, J. Engineering Mechanics 100 (1974); proposals that follow the
mean of what failed: Rubinstein & Kroese, The Cross-Entropy Method (2004)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.crossing import Crossing
from gainsim.bridge import simulate_model
from gainsim.cells import Progress
from gainsim.model import Model
from gainsim.outcome import Outcome
from gainsim.streams.shifted import Direction, Proposal, Shifted
from gainsim.streams.source import Plan
from gainsim.sums import CELL

Floats = NDArray[np.float64]
#: at most so many directions are searched: those in which bad futures differ most from others
MOST_DIRECTIONS = 40
#: futures that are looked at to choose them, and to find the corners
LOOKED_AT = 3 * CELL
#: the directions are drawn as chance does, and wider; the worst of each show so many corners; the search begins so far out there,
#: as caps and floors make plains between what is usual and what is not
SPREADS, WORST, CORNERS, OUT = (1.0, 2.0), 0.05, 3, (3.0, 6.0)
#: futures around each place of a round, a dozen a direction; never fewer than AT_LEAST in all
AROUND, AT_LEAST = 512, 2 * CELL
#: rounds of the search; nothing is believed farther out than so many standard deviations
ROUNDS, FARTHEST = 4, 8.0
#: two normal laws that lie closer than this have one peak between them, and are one place
ONE_PEAK = 2.0
#: how often proposals follow what failed; a failing future that weighs more than this part of all shows a place nobody has seen
FOLLOWED, HEAVY = 5, 0.1
#: what brings less than this part of all failing futures is no place of its own
NEGLIGIBLE = 1e-3
#: so many futures a search takes, about: for who waits
EXPECTED = 50_000
#: of ten futures one is drawn as chance draws it, so that none weighs more than ten
DEFENCE = 10


@dataclass(frozen=True)
class Trial:
    """Futures drawn from proposals."""

    source: Shifted
    outcome: Outcome
    distance: Floats

    @cached_property
    def failing(self) -> NDArray[np.bool_]:
        """(paths,) which of them are past the limit."""
        return np.asarray(self.distance < 0.0)

    @property
    def weights(self) -> Floats:
        """(paths,)."""
        weights = self.outcome.run.weights
        assert weights is not None
        return weights

    def held_against(self, crossing: Crossing) -> Trial:
        """The same futures, asked something else."""
        return Trial(self.source, self.outcome, crossing.distance(self.outcome))

    def around(self, place: int) -> NDArray[np.bool_]:
        """(paths,) which of them were drawn from this proposal."""
        turns = self.source.turns
        return np.asarray(turns[np.arange(self.outcome.run.paths) % len(turns)] == place)

    def past(self, place: int) -> NDArray[np.bool_]:
        """(paths,) which of them are past the limit, and nearest to this place."""
        return np.asarray(self.failing & (self.nearest == place))

    @cached_property
    def nearest(self) -> NDArray[np.int64]:
        """(paths,) the place, from 0 on, that makes each path likeliest; the ordinary proposal, the last, is none."""
        return np.asarray(np.argmax(self.source.odds()[:-1], axis=0))


@dataclass
class Trials:
    """Runs of one model under proposals, each on draws of its own.

    done, simulated: how many there have been, and of how many paths; the ordinary futures are not counted
    """

    model: Model
    crossing: Crossing
    seed: int
    progress: Progress | None = None
    threads: int | None = None
    directions: Sequence[Direction] = ()
    done: int = 0
    simulated: int = 0

    def ordinary(self, paths: int) -> Trial:
        """The futures that chance draws with this seed."""
        return self._run([Proposal(np.zeros(0))], (0,), paths, (), 0)

    def run(self, proposals: Sequence[Proposal], turns: Sequence[int], paths: int) -> Trial:
        """Draw so many paths in these turns."""
        self.done, self.simulated = self.done + 1, self.simulated + paths
        return self._run(proposals, turns, paths, self.directions, self.done)

    def _run(
        self, proposals: Sequence[Proposal], turns: Sequence[int], paths: int, directions: Sequence[Direction], replicate: int
    ) -> Trial:
        source = Shifted(self.model.plan(paths, self.seed, replicate), directions, proposals, turns)
        run = simulate_model(self.model, paths, self.seed, self.threads, replicate=replicate, source=source)
        if self.progress is not None:
            self.progress(self.simulated, max(self.simulated, EXPECTED))
        return Trial(source, Outcome(run), self.crossing.distance(Outcome(run)))

    def mixture(self, places: Sequence[Floats], paths: int) -> Trial:
        """Draw so many or a few more around these places in turn, and now and then as chance does."""
        count = len(places)
        turns = [*range(count)] * (DEFENCE - 1) + [count] * count
        paths = -(-paths // len(turns)) * len(turns)  # whole rounds
        return self.run([*(Proposal(place) for place in places), Proposal(np.zeros(len(self.directions)))], turns, paths)


def directions_of(plan: Plan, per_year: int) -> tuple[Direction, ...]:
    """Every stream's average over each year of the contract; what holds for life is one by itself."""
    return tuple(
        Direction(stream.name, first, min(per_year, max(stream.periods, 1) - first))
        for stream in plan.streams
        for first in range(0, max(stream.periods, 1), per_year)
    )


def choose_directions(trials: Trials, candidates: Sequence[Direction]) -> tuple[Direction, ...]:
    """Those in which the worst futures differ most, in mean or spread, from what chance draws."""
    if len(candidates) <= MOST_DIRECTIONS:
        return tuple(candidates)
    trials.directions = candidates
    trial = trials.run([Proposal(np.zeros(len(candidates)))], (0,), LOOKED_AT)
    worst = trial.source.along[:, _worst(trial.distance)]
    count = worst.shape[1]
    moved = np.abs(worst.mean(axis=1)) * math.sqrt(count)
    spread = np.abs(worst.var(axis=1) - 1.0) * math.sqrt(count / 2.0)
    chosen = np.sort(np.argsort(-np.where(moved > spread, moved, spread), kind="stable")[:MOST_DIRECTIONS])
    return tuple(candidates[place] for place in chosen)


def search(trials: Trials) -> list[Floats]:
    """The centres of proposals, (directions,) each, around which futures are past the limit; none where none ever is."""
    if not trials.directions:
        return []
    usual = np.zeros(len(trials.directions))
    looked = [trials.run([Proposal(usual, spread)], (0,), LOOKED_AT) for spread in SPREADS]
    places: list[Floats] = []
    for side in trials.crossing.sides():
        places += _climbed(trials, side, [corner for trial in looked for corner in _corners(trial, side)])
    for number in range(FOLLOWED):
        if not places:
            break
        trial = trials.mixture(places, LOOKED_AT)
        failing = np.where(trial.failing, trial.weights, 0.0)
        heaviest = int(np.argmax(failing))
        places, enough = _followed(trial, failing, places)
        if failing[heaviest] > HEAVY * failing.sum() and enough:
            places += _climbed(trials, trials.crossing, [trial.source.along[:, heaviest]])
        elif enough and number > 0:
            break
    return _merged(places)


@dataclass(frozen=True)
class Line:
    """The distance to the limit as a straight line in the directions.

    at_zero: in ordinary circumstances; slope: (directions,); rest: the spread of what the directions do not tell
    """

    at_zero: float
    slope: Floats
    rest: float

    @property
    def steepness(self) -> float:
        """How much the distance varies under ordinary chance: its variance."""
        return float(self.slope @ self.slope) + self.rest * self.rest

    @property
    def point(self) -> Floats:
        """(directions,) the least unlikely way past the limit."""
        return -self.at_zero / self.steepness * self.slope if self.steepness > 0.0 else 0.0 * self.slope

    @property
    def deviations(self) -> float:
        """How far out that is, the part of the rest included, in standard deviations."""
        return self.at_zero / math.sqrt(self.steepness) if self.steepness > 0.0 else math.inf

    @property
    def part_of_rest(self) -> float:
        """Of the square of that, the part of what the directions do not tell."""
        return self.rest * self.rest / self.steepness if self.steepness > 0.0 else 0.0


def fitted(along: Floats, distance: Floats) -> Line:
    """The line through some futures, by least squares. along: (directions, paths); distance: (paths,)."""
    centre, middle = along.mean(axis=1), float(distance.mean())
    apart = along - centre[:, None]
    squares = np.einsum("ip,jp->ij", apart, apart)  # many times as many futures as directions, which hardly hang together
    slope = np.linalg.solve(squares, np.einsum("ip,p->i", apart, distance - middle))
    left = distance - middle - slope @ apart
    free = max(len(distance) - len(slope) - 1, 1)
    return Line(middle - float(slope @ centre), slope, math.sqrt(float(left @ left) / free))


def _worst(distance: Floats) -> NDArray[np.int64]:
    return np.argsort(distance, kind="stable")[: max(2, round(WORST * len(distance)))]


def _corners(trial: Trial, side: Crossing) -> list[Floats]:
    """Where to begin: towards groups of the worst futures that lie apart in the directions in which they lie far out."""
    worst = trial.source.along[:, _worst(side.distance(trial.outcome))]
    axes = np.linalg.eigh(worst @ worst.T / worst.shape[1])[1][:, -3:]
    shown, chosen = axes.T @ worst, [0]
    apart = np.full(shown.shape[1], np.inf)
    for _ in range(min(CORNERS, shown.shape[1]) - 1):
        from_last = _square(shown, shown[:, chosen[-1]])
        apart = np.where(apart < from_last, apart, from_last)
        chosen.append(int(np.argmax(apart)))
    home = np.argmin([_square(shown, shown[:, each]) for each in chosen], axis=0)
    towards = [axes @ shown[:, home == number].mean(axis=1) for number in np.unique(home)]
    return [out / float(np.linalg.norm(each)) * each for each in towards for out in OUT]


def _square(points: Floats, point: Floats) -> Floats:
    return np.asarray(((points - point[:, None]) ** 2).sum(axis=0))


def _climbed(trials: Trials, side: Crossing, places: list[Floats]) -> list[Floats]:
    """Fit a line around each place and go towards its point, in the end less and less far, so that what bends finds rest too."""
    for number in range(ROUNDS):
        turns, step = range(len(places)), 1.0 / max(1, number)
        trial = trials.run([Proposal(place) for place in places], turns, max(AT_LEAST, AROUND * len(places)))
        distance = side.distance(trial.outcome)
        points = [fitted(trial.source.along[:, turn :: len(places)], distance[turn :: len(places)]).point for turn in turns]
        places = _merged([_within(place + step * (point - place)) for place, point in zip(places, points, strict=True)])
    return places


def _within(place: Floats) -> Floats:
    """Not beyond what is believed, and to six digits, so that the last bits of a solver decide nothing."""
    far = math.sqrt(float(place @ place))
    return np.round(place * min(1.0, FARTHEST / far) if far > 0.0 else place, 6)


def _merged(places: Sequence[Floats]) -> list[Floats]:
    """Places of one peak become their mean, the nearest to what is usual first."""
    groups: list[list[Floats]] = []
    for place in sorted(places, key=lambda each: float(each @ each)):
        near = next((group for group in groups if np.linalg.norm(np.mean(group, axis=0) - place) < ONE_PEAK), None)
        if near is None:
            groups.append([place])
        else:
            near.append(place)
    return [np.asarray(np.round(np.mean(group, axis=0), 6), np.float64) for group in groups]


def _followed(trial: Trial, failing: Floats, places: Sequence[Floats]) -> tuple[list[Floats], bool]:
    """Each place moves towards the weighted mean of what failed nearest to it, or of the worst there where too little failed.

    failing: (paths,) the weights of what failed. It moves as far as what it knows is worth beside the noise of so many directions;
    where next to nothing failed while elsewhere much did, it goes. Beside them, whether enough failed around all of them.
    """
    found, enough = [], True
    for number, place in enumerate(places):
        mine, around = trial.nearest == number, trial.around(number)
        much = float(trial.failing[around].mean()) >= WORST
        if much or failing.sum() == 0.0 or float(failing[mine].sum()) > NEGLIGIBLE * float(failing.sum()):
            level = 0.0 if much else float(np.sort(trial.distance[mine])[round(WORST * mine.sum())])
            weights = np.where(mine & (trial.distance < level), trial.weights, 0.0)
            total = float(weights.sum())
            known = total * total / float(weights @ weights) if total > 0.0 else 0.0
            mean = trial.source.along @ weights / total if total > 0.0 else place
            found.append(_within(place + known / (known + len(place)) * (mean - place)))
            enough = enough and much
    return found, enough
