"""What an offer can be for both parties: its frontiers, and the points on them that two parties may agree on.

A frontier is made of the candidates that no other one beats in both of two figures. Between its ends it is searched: for the best
of one figure with the other at a level at least. Where two parties have nothing without a deal, or what their limits ask for, the
Nash point is where the product of what each gains is greatest; at the equal split the lesser gain is, so that both gain the same
where anything allows it.

Source: Nash, The bargaining problem, Econometrica 18 (1950); the equal split: Kalai, Proportional solutions, Econometrica 45 (1977)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.candidates import CUSTOMER, SUPPLIER, Candidate, Limit
from gainsim.analyses.searching import LIMITS, Goal, Search

Floats = NDArray[np.float64]
#: levels of a frontier between its ends, and candidates that are tried for each
LEVELS, TRIES = 5, 2
#: what is a smaller part of what there is between the worst and the best is the rounding of sums
ROUNDING = 1e-6
#: where the figures of a candidate stand
AIM, S, T, C = range(4)


@dataclass(frozen=True)
class Frontier:
    """The candidates that none beats in both figures, from the best of the first to the best of the second."""

    points: tuple[Candidate, ...]


@dataclass(frozen=True)
class Parties:
    """The two parties' results.

    nothing:  what each has without a deal, supplier and customer: 0, or what its limits ask for
    frontier: of the supplier's and the customer's mean, discounted, whatever the limits say
    nash, equal: the Nash point and the equal split, among what all limits allow; None where both cannot gain
    """

    nothing: tuple[float, float]
    frontier: Frontier
    nash: Candidate | None
    equal: Candidate | None


def best_of(search: Search) -> Goal:
    """The aim of the tuning, with all limits."""
    return lambda figures: (_missing(search, figures), figures[:, AIM])


def risk_frontier(search: Search, limits: Sequence[Limit]) -> Frontier:
    """The supplier's mean against the mean of its worst twentieth, all limits but those of such tails kept."""
    others = np.array([not limit.measure.startswith(("cvar_", "var_")) for limit in limits], bool)
    _swept(search, S, T, others)
    within = [each for each in search.candidates.offers if all(np.array(each.margins)[others] >= 0.0)]
    return _frontier(within, T)


def parties(search: Search, limits: Sequence[Limit]) -> Parties | None:
    """Both parties' means, and what they may agree on; None where nothing is said of the customer."""
    if np.isnan(search.candidates.first.customer):
        return None
    _swept(search, S, C, np.zeros(len(limits), bool))
    nothing = (_least(limits, SUPPLIER, "the house"), _least(limits, CUSTOMER, "the customer"))

    def gains(figures: Floats) -> tuple[Floats, Floats]:
        return figures[:, S] - nothing[0], figures[:, C] - nothing[1]

    def lacking(figures: Floats) -> Floats:
        lost = (np.where(gain < 0.0, -gain / search.scale[n], 0.0) for n, gain in zip((S, C), gains(figures), strict=True))
        return _missing(search, figures) + sum(lost)

    def product(figures: Floats) -> tuple[Floats, Floats]:
        ours, theirs = gains(figures)
        return lacking(figures), ours * theirs

    def lesser(figures: Floats) -> tuple[Floats, Floats]:
        ours, theirs = gains(figures)
        return lacking(figures), np.where(ours < theirs, ours, theirs)

    found: list[Candidate | None] = []
    for goal in (product, lesser):
        search.climb(goal, search.found(goal), 6 + 2 * search.count)
        point = search.found(goal)
        found.append(None if goal(search.figures([point]))[0][0] > 0.0 else point)
    return Parties(nothing, _frontier(search.candidates.offers, C), found[0], found[1])


def _least(limits: Sequence[Limit], measure: str, whose: str) -> float:
    """What a party has without a deal: 0, or what it asks for at least; what a tuning asks for on its behalf is no such thing."""
    return max([0.0, *(limit.written.at_least or 0.0 for limit in limits if (limit.measure, limit.whose) == (measure, whose))])


def _missing(search: Search, figures: Floats, which: NDArray[np.bool_] | None = None) -> Floats:
    """How far candidates are from keeping their limits, or some of them; 0: they keep them."""
    short = np.where(figures[:, LIMITS:] < 0.0, -figures[:, LIMITS:] / search.scale[LIMITS:], 0.0)
    return np.asarray((short if which is None else short[:, which]).sum(axis=1))


def _swept(search: Search, one: int, other: int, which: NDArray[np.bool_]) -> None:
    """Try what is best of one figure with the other at each of several levels, between the best of the one and of the other."""

    def most(figure: int) -> Goal:
        return lambda figures: (_missing(search, figures, which), figures[:, figure])

    def level(at_least: float) -> Goal:
        def goal(figures: Floats) -> tuple[Floats, Floats]:
            short = np.where(figures[:, other] < at_least, (at_least - figures[:, other]) / search.scale[other], 0.0)
            return _missing(search, figures, which) + short, figures[:, one]

        return goal

    for figure in (one, other):
        search.climb(most(figure), search.found(most(figure)), TRIES)
    ends = [search.figures([search.found(most(figure))])[0, other] for figure in (one, other)]
    for part in range(1, LEVELS + 1):
        goal = level(ends[0] + (ends[1] - ends[0]) * part / (LEVELS + 1))
        search.climb(goal, search.found(goal), TRIES)


def _frontier(candidates: Sequence[Candidate], other: int) -> Frontier:
    """Those that none beats in the supplier's mean and another figure, by more than rounding."""
    found: list[Candidate] = []
    figures = [each.kept[other - 1] for each in candidates]
    least = ROUNDING * (max(figures, default=0.0) - min(figures, default=0.0))
    for each in sorted(candidates, key=lambda each: (-each.supplier, -each.kept[other - 1])):
        if not found or each.kept[other - 1] > found[-1].kept[other - 1] + least:
            found.append(each)
    return Frontier(tuple(found))
