"""The best offer among those that the levers of a file make, and how far it can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gainsim.analyses.candidates import KEPT, Candidate, Candidates, Limit
from gainsim.analyses.flatness import ASIDE, Flat, flat, moved, with_number
from gainsim.analyses.frontier import LEVELS, TRIES, Frontier, Parties, best_of, parties, risk_frontier
from gainsim.analyses.searching import STARTS, Search
from gainsim.errors import UsageError
from gainsim.judging import Judgement
from gainsim.measures import Estimate
from gainsim.measuring import Measured, Measures, compare
from gainsim.scenario.levers import Lever
from gainsim.words import only_rounding

#: candidates that the ends of a range take, about
ENDS = 8
#: what is told of the offer beside its aim
TOLD = (
    "npv", "expected_margin", "chance_of_loss", "cvar_95", "customer_npv", "customer_net_benefit", "customer_chance_of_regret",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """A limit, held against the offer as it stands and against the best, on the futures of the search and on others.

    binds: whether some lever, moved a little, would better the aim and break it
    """

    limit: Limit
    before: Judgement
    after: Judgement
    elsewhere: Judgement
    binds: bool


@dataclass(frozen=True)
class Change:
    """What a lever is to be, and what that alone would change of the offer as it stands; None where it is no offer alone.

    alone: by measure (the aim and `KEPT`), on the same futures
    """

    lever: Lever
    number: float
    alone: dict[str, Estimate] | None

    @property
    def at_an_end(self) -> bool:
        """Whether it is as low or as high as it may be."""
        return self.number in (self.lever.nearest(0.0), self.lever.nearest(1.0))


@dataclass(frozen=True)
class Tuned:
    """The best offer that was found.

    best:      the candidate; what may as well stay as it was does
    before, after:  measures of the offer as it stands, and of the best, by name; elsewhere: the same on other futures
    gain:      of the aim, best less as it stands, on the futures of the search, and on the others
    tolerance: one standard error of the aim, or where that is nothing a hundredth of it
    """

    candidates: Candidates
    best: Candidate
    before: dict[str, Measured]
    after: dict[str, Measured]
    elsewhere: tuple[dict[str, Measured], dict[str, Measured]]
    gain: Measured
    gain_elsewhere: Measured
    limits: tuple[Held, ...]
    changes: tuple[Change, ...]
    flat: tuple[Flat, ...]
    tolerance: float
    risk: Frontier
    parties: Parties | None

    @property
    def aim(self) -> str:
        """The measure that is wanted."""
        return self.candidates.tune.measure

    @property
    def moved(self) -> list[Change]:
        """The levers that are not to stay as they are."""
        return [each for each in self.changes if each.number != each.lever.number]

    @property
    def overfitted(self) -> bool:
        """Whether it is better than the offer as it stands by two standard errors on the search's futures alone.

        An offer that breaks a limit may well be left for one that is worse.
        """
        if not self.moved or not self.candidates.first.allowed:
            return False
        found = self.gain_elsewhere.estimate
        return found is None or not self.candidates.tune.sign * found.value > 2.0 * found.standard_error

    @property
    def not_kept_elsewhere(self) -> list[Held]:
        """The limits that the best offer keeps on the futures of the search, and not on the others."""
        return [held for held in self.limits if held.after.kept and not held.elsewhere.kept]


def expected_tries(levers: int) -> int:
    """About how many candidates a tuning takes."""
    search: int = 2 ** math.ceil(math.log2(5 * levers + 1)) + 2 * levers + 2 + STARTS * (8 + 6 * levers)
    return search + 2 * TRIES * (LEVELS + 2) + 2 * (6 + 2 * levers) + levers * (2 * len(ASIDE) + 3 + ENDS)


def best_so_far(candidates: Candidates) -> Candidate | None:
    """The best of those tried that keep all limits; None where none does."""
    return max((each for each in candidates if each.allowed), key=lambda each: each.aim, default=None)


def tuned(candidates: Candidates) -> Tuned:
    """Search for the best offer, then look at it: on other futures, around it, and at what else both parties could have."""
    search = Search(candidates)
    search.starts()
    _check_that_all_can_be_judged(candidates)
    goal = best_of(search)
    search.best(goal)
    risk, between = risk_frontier(search, candidates.limits), parties(search, candidates.limits)
    best = search.found(goal)
    while (better := _around(search, best)) is not best:
        best = better
    best = _put_back(search, best)
    as_is, there = candidates.measures(candidates.first), candidates.measures(best)
    others = candidates.elsewhere(candidates.first), candidates.elsewhere(best)
    aims = [candidates.aim(each) for each in (as_is, there, *others)]
    return Tuned(
        candidates, best,
        _told(candidates, as_is), _told(candidates, there), (_told(candidates, others[0]), _told(candidates, others[1])),
        compare(aims[1], aims[0], there.sample), compare(aims[3], aims[2], others[1].sample),
        tuple(_held(candidates, best, limit, as_is, there, others[1]) for limit in candidates.limits),
        tuple(_change(candidates, best, number, as_is) for number in range(len(candidates.levers))),
        _flat(candidates, best), _tolerance(aims[1]), risk, between,
    )  # fmt: skip


def _check_that_all_can_be_judged(candidates: Candidates) -> None:
    """Raise `UsageError` where the aim, or a limit, has a value of no candidate."""
    offers, measures = candidates.offers, candidates.measures(candidates.first)
    if all(math.isnan(each.aim) for each in offers):
        raise UsageError(f"{candidates.tune.measure} has no value here: {candidates.aim(measures).reason}. Name another measure.")
    for number, limit in enumerate(candidates.limits):
        if all(math.isnan(each.margins[number]) for each in offers):
            reason = limit.judged(measures).measured.reason
            raise UsageError(f"{limit.key}: {limit.measure} has no value here, so no offer can keep it: {reason}. Leave it out.")


def _told(candidates: Candidates, measures: Measures) -> dict[str, Measured]:
    names = dict.fromkeys((candidates.tune.measure, *TOLD))
    return {name: measures.of(name) for name in names}


def _tolerance(aim: Measured) -> float:
    assert aim.estimate is not None
    error = aim.estimate.standard_error
    return error if 0.0 < error < math.inf and not only_rounding(aim.estimate) else 0.01 * abs(aim.estimate.value)


# --- around the best offer -----------------------------------------------------------------------------------------------


def _around(search: Search, best: Candidate) -> Candidate:
    """Try what lies around the best offer, lever by lever; gives the best there is then."""
    _flat(search.candidates, best)
    return search.found(best_of(search))


def _flat(candidates: Candidates, best: Candidate) -> tuple[Flat, ...]:
    tolerance = _tolerance(candidates.aim(candidates.measures(best)))
    return tuple(flat(candidates, best, number, tolerance) for number in range(len(candidates.levers)))


def _put_back(search: Search, best: Candidate) -> Candidate:
    """The best offer with levers put back to what they were, least loss first, as long as nothing is lost that could be told.

    That is: all that must hold does, and the aim is worse than at the best by no more than one standard error of the difference
    on the same futures, or than the search itself leaves open.
    """
    candidates, found = search.candidates, best
    there, open_ = candidates.measures(best), search.leaves_open(best_of(search))

    def told_apart(each: Candidate) -> bool:
        lost = compare(candidates.aim(there), candidates.aim(candidates.measures(each)), there.sample).estimate
        return lost is None or best.aim - each.aim > max(lost.standard_error, open_)

    while True:
        ways = [
            candidates.with_numbers(with_number(found, number, was))
            for number, was in enumerate(candidates.first.numbers)
            if found.numbers[number] != was
        ]
        as_good = [each for each in ways if each.allowed and not told_apart(each)]
        if not as_good:
            return found
        found = max(as_good, key=lambda each: each.aim)


def _held(
    candidates: Candidates, best: Candidate, limit: Limit, as_is: Measures, there: Measures, elsewhere: Measures
) -> Held:
    of = candidates.limits.index(limit)
    near = (each for number in range(len(candidates.levers)) for each in _neighbours(candidates, best, number))
    binds = any(not each.reason and each.aim > best.aim and each.margins[of] < 0.0 for each in near)
    return Held(limit, limit.judged(as_is), limit.judged(there), limit.judged(elsewhere), binds)


def _neighbours(candidates: Candidates, best: Candidate, number: int) -> list[Candidate]:
    """The best offer with a lever moved a little, or a step, to either side."""
    line = moved(candidates, best, number)
    here = line.index(best)
    return [line[place] for place in (here - 1, here + 1) if 0 <= place < len(line)]


def _change(candidates: Candidates, best: Candidate, number: int, as_is: Measures) -> Change:
    lever = candidates.levers[number]
    alone = candidates.with_numbers(with_number(candidates.first, number, best.numbers[number]))
    if alone.reason:
        return Change(lever, best.numbers[number], None)
    measures = candidates.measures(alone)
    found = {name: compare(measures.of(name), as_is.of(name), as_is.sample).estimate for name in (candidates.tune.measure, *KEPT)}
    return Change(lever, best.numbers[number], {name: each for name, each in found.items() if each is not None})
