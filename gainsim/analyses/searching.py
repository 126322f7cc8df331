"""A search among candidates: even starts over all ranges, and then what an interpolation through all that was tried proposes.

Simulating a candidate is dear, and what it comes to has kinks and steps: caps, edges, whole numbers, limits that are just kept.
So no slopes are asked. Through all candidates that were tried goes a smooth surface for the aim and for each limit (cubic radial
basis functions); where it promises the best is tried next, first anywhere, then ever nearer around the best of several starts.
The surface only proposes: what counts is what was simulated.

Source: Regis and Shoemaker, Improved strategies for radial basis function methods for global optimization (2007); with limits:
Regis, Constrained optimization by radial basis function interpolation (2014)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.candidates import KEPT, Candidate, Candidates
from gainsim.scenario.load import blamed
from gainsim.scenario.problems import problem_of

Floats = NDArray[np.float64]
#: of the figures of some candidates, (candidates, figures): how far each is from being allowed (0: it is), and what it is worth
Goal = Callable[[Floats], tuple[Floats, Floats]]
#: the figures of a candidate: its aim, what is kept of it, and from here on by how much it keeps the limits
LIMITS = 1 + len(KEPT)
#: proposals are the best of so many places
POOL = 600
#: around a start it is searched in this part of each range, and until in this
WIDEST, CLOSEST = 0.25, 0.001
#: a search ends after so many tries that better the goal by less than this part of how far it varies over all ranges
PATIENCE, LITTLE = 4, 1e-3
#: the local searches: from so many starts, which lie at least so far apart
STARTS, APART = 3, 0.3


class Search:
    """A search among the candidates of an offer; the same candidates serve every goal."""

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates
        self.count = len(candidates.levers)
        self._random = np.random.default_rng(0)  # the same search whatever the futures

    @property
    def _power(self) -> int:
        return int(np.ceil(np.log2(5 * self.count + 1)))

    def figures(self, candidates: Sequence[Candidate]) -> Floats:
        """(candidates, figures): the aim, what is kept, and by how much each limit is; what has no value counts as the worst."""
        rows = np.array([(each.aim, *each.kept, *each.slacks) for each in candidates])
        return np.where(np.isnan(rows), self._worst, rows)

    def starts(self) -> None:
        """Try what is spread evenly over all ranges. Raises where an end of one is no offer, or hardly any of it is."""
        from scipy.stats.qmc import Sobol

        for places in Sobol(self.count, rng=0).random_base2(self._power):
            self.candidates.at(places.tolist())
        self.candidates.check_ends()
        offers = self.candidates.offers
        if len(offers) <= self.count:
            said = next(each.reason for each in self.candidates if each.reason)
            document = self.candidates.loaded.document
            few = f"of {len(self.candidates)} candidates only {len(offers)} can be run"
            levers = problem_of(f"{few}. Narrow the ranges; what one of them says: {said}", ("tune", "levers"), document)
            raise blamed([levers], document)
        self._even = offers
        rows = np.array([(each.aim, *each.kept, *each.slacks) for each in offers])
        known = np.where(np.isnan(rows), 0.0, rows)
        spread = known.std(axis=0)
        self.scale = np.where(spread > 0.0, spread, 1.0)
        limits = np.arange(rows.shape[1]) >= LIMITS
        self._worst = np.where(limits, -self.scale, known.min(axis=0))

    def best(self, goal: Goal) -> Candidate:
        """The best candidate for a goal, searched anywhere and then around several of the best that lie apart."""
        for _ in range(self.count + 1):
            self._tried(goal, self._anywhere())
        ends: list[Candidate] = []
        for start in self._apart(goal):
            if all(_apart(start, end) > WIDEST for end in ends):
                ends.append(self.climb(goal, start, 8 + 6 * self.count, ends))
        return self.found(goal)

    def found(self, goal: Goal) -> Candidate:
        """The best of those that were tried."""
        offers = self.candidates.offers
        return offers[self._order(goal, offers)[0]]

    def leaves_open(self, goal: Goal) -> float:
        """By how much an offer that was not tried may be better, about: so closely it is searched."""
        return LITTLE * float(np.std(goal(self.figures(self._even))[1]))

    def climb(self, goal: Goal, start: Candidate, tries: int, ends: Sequence[Candidate] = ()) -> Candidate:
        """Look around a start: wider after what was better, closer after what was not. Gives the best that was met.

        It ends where little is gained any more, and where an earlier search has ended.
        """
        centre, radius, safety, idle = start, WIDEST, 0.0, 0
        for _ in range(tries):
            candidate = self._tried(goal, self._around(centre.places, radius), (centre, radius), safety)
            idle += 1
            if candidate is not None and not candidate.reason:
                (missing, short), worth = goal(self.figures([candidate, centre]))
                if _ordered(np.array([missing, short]), worth)[0] == 0:
                    much = short > missing or worth[0] - worth[1] > self.leaves_open(goal)
                    centre, idle = candidate, 0 if much else idle
                safety = max(2.0 * safety, 1e-3) if missing > 0.0 else safety / 2.0
            radius = min(1.5 * radius, WIDEST) if centre is candidate else radius / 2.0
            if idle == PATIENCE or radius < CLOSEST or any(_apart(centre, end) < radius / 2.0 for end in ends):
                break
        return centre

    def _apart(self, goal: Goal) -> list[Candidate]:
        """The best candidates that lie apart from each other."""
        offers = self.candidates.offers
        chosen: list[Candidate] = []
        for number in self._order(goal, offers):
            if all(_apart(offers[number], other) > APART for other in chosen):
                chosen.append(offers[number])
            if len(chosen) == STARTS:
                break
        return chosen

    def _order(self, goal: Goal, candidates: Sequence[Candidate]) -> list[int]:
        """Which is best, which next: what is allowed before what is not; of equals the one that was tried first."""
        return _ordered(*goal(self.figures(candidates)))

    # --- proposals ------------------------------------------------------------------------------------------------------

    def _anywhere(self) -> Floats:
        return self._random.random((POOL, self.count))

    def _around(self, places: Sequence[float], radius: float) -> Floats:
        """Places around one: in all directions, along each lever alone, and at its next steps."""
        centre = np.array(places)
        moves = self._random.uniform(-radius, radius, (POOL, self.count))
        alone = self._random.integers(self.count, size=POOL // 3)
        moves[: POOL // 3] *= np.eye(self.count)[alone]
        next_ones = np.concatenate([np.diag(self._steps), -np.diag(self._steps)])
        places_around: Floats = np.clip(centre + np.concatenate([moves, next_ones]), 0.0, 1.0)
        return places_around

    def _tried(
        self, goal: Goal, pool: Floats, around: tuple[Candidate, float] | None = None, safety: float = 0.0
    ) -> Candidate | None:
        """Try what promises most of a pool, after a closer look around it; None where all of it has been tried.

        around: a candidate that it is not to lie further from than this part of each range, or than a step
        safety: by how much of their spread limits are to be kept, by what the surface says
        """
        surface, best = self._surface(), None
        away = safety * np.where(np.arange(len(self.scale)) >= LIMITS, self.scale, 0.0)
        for closer in (1.0, 0.3, 0.1):
            if best is not None:
                pool = np.concatenate([[best], self._around(best.tolist(), closer * (around[1] if around else WIDEST))])
            if around is not None:
                centre, most = around[0].places, np.maximum(around[1], self._steps)
                pool = np.where(np.abs(pool - centre) <= most * (1.0 + 1e-9), pool, centre)
            pool = self._untried(pool)
            if len(pool):
                best = pool[_ordered(*goal(surface(pool) - away))[0]]
        return None if best is None else self.candidates.at(best.tolist())

    @property
    def _steps(self) -> Floats:
        """Of each lever, a step as a part of its range."""
        return np.array([lever.step / (lever.high - lever.low) for lever in self.candidates.levers])

    def _untried(self, pool: Floats) -> Floats:
        """Of some places those, in whole steps, that have not been tried and do not lie next to what is no offer."""
        tried = list(self.candidates)
        numbers = {self.candidates.numbers(places): None for places in pool}
        new = [each for each in numbers if not self.candidates.has(each)]
        rows = [[lever.place(n) for lever, n in zip(self.candidates.levers, each, strict=True)] for each in new]
        places = np.array(rows).reshape(-1, self.count)
        if not len(places) or not any(each.reason for each in tried):
            return places
        there = np.array([each.places for each in tried])
        nearest = np.abs(places[:, None, :] - there[None, :, :]).max(axis=2).argmin(axis=1)
        return places[[not tried[number].reason for number in nearest]]

    def _surface(self) -> Callable[[Floats], Floats]:
        """What candidates would come to, interpolated between those that were tried."""
        from scipy.interpolate import RBFInterpolator

        offers = self.candidates.offers
        there, figures = np.array([each.places for each in offers]), self.figures(offers) / self.scale
        through = RBFInterpolator(there, figures, kernel="cubic", degree=1)
        return lambda places: np.asarray(through(places) * self.scale)


def _apart(one: Candidate, other: Candidate) -> float:
    """How far two candidates lie apart in the lever in which they differ most, as a part of its range."""
    return float(np.abs(np.array(one.places) - other.places).max())


def _ordered(missing: Floats, worth: Floats) -> list[int]:
    found: list[int] = np.lexsort((-worth, missing)).tolist()
    return found
