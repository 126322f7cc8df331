"""How much hangs on each lever of an offer: between which numbers it is as good, and what is worse a step beyond them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gainsim.analyses.candidates import Candidate, Candidates
from gainsim.scenario.levers import Lever

#: around an offer each lever is moved by these parts of its range, and to its ends
ASIDE = (1 / 64, 1 / 16, 1 / 4)
#: what ends a range in which an offer is as good: its aim falls, it can be run no more, or the lever goes no further
AIM, NO_OFFER, RANGE = "aim", "no offer", "range"


@dataclass(frozen=True)
class Flat:
    """How much hangs on a lever, the others staying as they are.

    points:    (number, aim less that of the offer, whether all limits are kept), from the lowest number to the highest
    low, high: (number, why), between these the aim loses no more than was said, and all limits are kept; why a step further does
               not: the key of a limit, `AIM`, `NO_OFFER`, or `RANGE`
    """

    lever: Lever
    points: tuple[tuple[float, float, bool], ...]
    low: tuple[float, str]
    high: tuple[float, str]


def moved(candidates: Candidates, offer: Candidate, number: int) -> list[Candidate]:
    """An offer with one lever moved a step, a little, more, and to its ends; from the lowest number on, itself among them."""
    lever, here = candidates.levers[number], offer.places[number]
    step = lever.step / (lever.high - lever.low)
    places = {0.0, 1.0, *(here + way * max(aside, step) for aside in ASIDE for way in (-1.0, 1.0))}
    numbers = {lever.nearest(place) for place in places if 0.0 <= place <= 1.0} | {offer.numbers[number]}
    return [candidates.with_numbers(with_number(offer, number, each)) for each in sorted(numbers)]


def with_number(offer: Candidate, number: int, moved: float) -> tuple[float, ...]:
    """The numbers of an offer, one of them moved."""
    return (*offer.numbers[:number], moved, *offer.numbers[number + 1 :])


def flat(candidates: Candidates, offer: Candidate, number: int, tolerance: float) -> Flat:
    """How far a lever may go from an offer until its aim is worse by more than a tolerance, or a limit breaks that it keeps."""
    line = moved(candidates, offer, number)
    here, least = line.index(offer), offer.aim - tolerance
    low, high = (_end(candidates, number, side, least) for side in (line[here::-1], line[here:]))
    tried = [each for each in candidates.offers if with_number(each, number, offer.numbers[number]) == offer.numbers]
    points = sorted((each.numbers[number], each.aim - offer.aim, each.allowed) for each in tried)
    return Flat(candidates.levers[number], tuple(points), low, high)


def _end(candidates: Candidates, number: int, line: Sequence[Candidate], least: float) -> tuple[float, str]:
    """The last number along some candidates that is as good as the first of them, and why the next one is not.

    Between the last candidate that is as good and the first that is not others are tried until no step is left between them:
    twice where a straight line has the end, which it often is, and then halfway, so that it comes to an end whatever lies there.
    """
    lever, good = candidates.levers[number], line[0]
    for bad in line[1:]:
        crossed, tries = _crossed(candidates, good, bad, least), 0
        while crossed is not None:
            part = 0.5 if tries % 3 == 2 else crossed[0]
            between = lever.between(good.numbers[number], bad.numbers[number], part)
            if between is None:
                return good.numbers[number], crossed[1]
            tried = candidates.with_numbers(with_number(good, number, between))
            good, bad = (tried, bad) if _crossed(candidates, good, tried, least) is None else (good, tried)
            crossed, tries = _crossed(candidates, good, bad, least), tries + 1
        good = bad
    return good.numbers[number], RANGE


def _crossed(candidates: Candidates, good: Candidate, other: Candidate, least: float) -> tuple[float, str] | None:
    """At which part of the way to another candidate a straight line is no longer as good, and why; None where the other is."""
    if other.reason:
        return 0.5, NO_OFFER
    keys = (AIM, *(limit.key for limit in candidates.limits))
    heres, theres = (good.aim - least, *good.margins), (other.aim - least, *other.margins)
    ends = [(here, there, key) for here, there, key in zip(heres, theres, keys, strict=True) if here >= 0.0 and not there >= 0.0]
    parts = [(0.0 if math.isnan(there) else here / (here - there), key) for here, there, key in ends]
    return min(parts, key=lambda part: part[0], default=None)
