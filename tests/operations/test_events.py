"""The compiled loop against the SimPy model: two readings of the same rules, fed the same numbers, to the last bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from benchmarks.operations import Known
from gainsim.offer.operations import STANDING, Cause, Outcome, Requests
from gainsim.operations.account import OF_TASK, Entry, Total
from gainsim.operations.events import events
from gainsim.operations.history import BEGINS, CALLS, DONE, FAILS, GOES, LACKS, RUNS, Given, Histories
from gainsim.operations.outcomes import CALLS as OF_CALLS
from gainsim.operations.outcomes import OF_A_FLEET, OF_MODES, OF_REQUESTS, Reading, whose
from gainsim.operations.output import output_of
from gainsim.operations.plant import Plant
from tests.operations.chance import Chance, Sparse
from tests.operations.reckoned import CAUSES, Reckoned, demands

MODELS, PATHS = 200, 1
#: models at random, twenty at a time
SOME = [(Chance, first) for first in range(0, MODELS, 20)] + [(Sparse, first) for first in range(0, 60, 20)]
OF_ASSETS: tuple[Outcome, ...] = (
    "availability", "served", "failures", "planned", "downtime", "waiting", "access", "visits", "work", "overtime", "parts",
    "escalated", "response", "worst_response", "late", "on_time", "completion", "worst_completion", "overdue", "done_on_time",
)  # fmt: skip
EXCLUDED: tuple[tuple[Cause, ...], ...] = (("access", "weather", "planned"), ("no_spare",))


def of_path(given: Given, path: int) -> Given:
    return Given(given.use[:, :, path : path + 1], given.wanted[:, :, path : path + 1])


@pytest.mark.parametrize(("kind", "first"), SOME)
def test_the_loop_and_simpy_tell_the_same_history(kind: type[Chance], first: int) -> None:
    """Event by event to the last bit."""
    for seed in range(first, first + 20):
        chance = kind(seed)
        made = chance.plant()
        given, histories, known = chance.given(made, PATHS), Histories(made, seed), Known(made, seed)
        for path in range(PATHS):
            log = [event for event in histories.events(path, of_path(given, path)) if event.what < LACKS]
            assert sorted(log) == sorted(events(known, path, of_path(given, path))), (seed, path)


def readings(made: Plant) -> Iterator[Reading]:
    """All outcomes that are not standing, of whatever they may be read of."""
    everybody = [whose(made), *(whose(made, fleet=name) for name in made.fleets)]
    everybody += [who for site in made.sites if (who := whose(made, site=site)).fleets]
    for who in everybody:
        for what in (*OF_ASSETS, *(OF_A_FLEET if who.group is None else ())):
            if what != "demand_served" or made.written.fleets[made.fleets[who.fleets[0]]].demand is not None:
                yield Reading(made, what, who)
        for cause in CAUSES:
            yield Reading(made, "downtime", who, cause)
        for excludes in EXCLUDED:
            yield Reading(made, "availability", who, None, excludes)
            yield Reading(made, "downtime", who, None, excludes)
    for name, kind in made.written.fleets.items():
        for mode in (*kind.failures, *kind.maintenance):
            who = whose(made, fleet=name, mode=mode)
            for what in OF_MODES:
                if what not in STANDING:
                    yield Reading(made, what, who, of_mode=True)
            for cause in CAUSES:
                yield Reading(made, "downtime", who, cause, of_mode=True)
    for name in made.requests:
        for what in dict.fromkeys((*OF_REQUESTS, *OF_CALLS)):
            yield Reading(made, what, whose(made, requests=name))


@pytest.mark.parametrize(("kind", "first"), SOME)
def test_every_outcome_is_that_of_the_history(kind: type[Chance], first: int) -> None:
    """As the table of the reference has it."""
    for seed in range(first, first + 20):
        chance = kind(seed)
        made = chance.plant()
        given, known = chance.given(made, PATHS), Known(made, seed)
        wanted = list(readings(made))
        totals = tuple(dict.fromkeys(total for reading in wanted for total in reading.totals))
        sums = dict(zip(totals, Histories(made, seed).sums(np.arange(PATHS, dtype=np.uint64), totals, given), strict=True))
        sums |= output_of(made, sums, demands(made, given))
        for path in range(PATHS):
            reckoned = Reckoned(known, path, of_path(given, path))
            for reading in wanted:
                which = reading.what, reading.whose, reading.cause, reading.excludes
                assert reading.of(sums, made.owed)[:, path] == pytest.approx(reckoned.of(*which), abs=1e-9), (seed, path, which)


@pytest.mark.parametrize(("kind", "first"), SOME)
def test_what_is_added_up_does_not_hang_on_what_else_is_asked(kind: type[Chance], first: int) -> None:
    """Where nobody asks for hours of fleets or by cause, months in which nobody is busy are passed over."""
    for seed in range(first, first + 20):
        chance, paths = kind(seed), np.arange(3, dtype=np.uint64)
        made = chance.plant()
        given, rules = chance.given(made, len(paths)), made.rules
        few: list[Total] = [(Entry("group", n, "served"),) for n in range(len(rules.first_mask) - 1)]
        few += [(Entry("task", n, name),) for n in range(len(rules.tasks)) for name in OF_TASK if name not in CAUSES]
        others: list[Total] = [(Entry("fleet", n, "up"),) for n in range(len(rules.fleets))]
        others += [(Entry("task", n, name),) for n in range(len(rules.tasks)) for name in CAUSES]
        histories = Histories(made, seed)
        whole = histories.sums(paths, (*few, *others), given)[: len(few)]
        assert histories.sums(paths, few, given) == pytest.approx(whole, abs=1e-8), seed
        told = dict(zip(few, whole, strict=True))
        for task in range(len(rules.tasks)):  # of those who order a part, some find one
            assert (told[(Entry("task", task, "at_once"),)] <= told[(Entry("task", task, "parts"),)]).all(), (seed, task)


@cache
def happens() -> Counter[str]:
    """How often what is rare happens in all these models, on their first path."""
    found: Counter[str] = Counter()
    for seed in range(MODELS):
        chance = Chance(seed)
        made = chance.plant()
        reckoned = Reckoned(Known(made, seed), 0, of_path(chance.given(made, PATHS), 0))
        found.update(_of_one(made, reckoned))
    return found


def _of_one(made: Plant, reckoned: Reckoned) -> Iterator[str]:
    starts = {(event.time, event.asset) for event in reckoned.log if event.what == RUNS}
    for job in reckoned.jobs:
        at, work, request = job.at, reckoned.works[job.mode], job.asset >= made.assets
        kind = "request" if request else "planned work" if at[FAILS] > made.rules.hours[-1] else "failure"
        yield kind
        if at[CALLS] < at[FAILS] < at[BEGINS] < np.inf:
            yield "fails while its planned work waits"
        if at[CALLS] == at[FAILS]:
            yield "is called for and fails at once"
        if at[BEGINS] < at[FAILS] < at[DONE] < np.inf:
            yield "fails while its crew is under way"
        if not request and at[GOES] < np.inf:
            yield "is withdrawn"
        if request and at[GOES] < np.inf:
            yield "is turned away" if job.turned_away else "leaves"
        if getattr(work, "spare", None) is not None:
            yield f"{kind} that takes a spare"
            if not job.called.ordered:
                yield "takes the part of another"
        if (at[FAILS], job.asset) in starts:
            yield "fails as it starts"
        if (at[BEGINS], job.asset) in starts and at[BEGINS] == at[DONE]:
            yield "is done in no time"
        if not isinstance(work, Requests):
            yield f"ages by {work.ages}"
        if work.skill is not None and job.crew:
            yield "is done by those who know how"
        escalates = getattr(work, "escalates", None)
        if job.crew and escalates is not None and at[FAILS] + escalates.after <= at[BEGINS]:
            yield f"{kind} escalates"
            if work.crew is not None and job.crew != work.crew:
                yield "is done by others, once it escalated"
        for cause in {cause for _, cause in job.lacks}:
            yield f"{kind} waits: {cause}"


def test_whatever_is_in_the_language_happens_in_these_models() -> None:
    """Each of it often enough to be seen, and nothing else is written here than what was found."""
    kinds = ("failure", "planned work", "request")
    wanted = {
        "fails while its planned work waits", "is called for and fails at once", "fails while its crew is under way",
        "is withdrawn", "is turned away", "leaves", "takes the part of another", "fails as it starts", "is done in no time",
        "ages by running", "ages by calendar", "ages by use", "is done by those who know how", "failure escalates",
        "request escalates", "is done by others, once it escalated",
        *(f"{kind} that takes a spare" for kind in kinds),
        *(f"{kind} waits: {cause}" for kind in kinds for cause in ("no_spare", "weather", "no_shift", "no_crew")),
    }  # fmt: skip
    assert not {what: happens()[what] for what in wanted if happens()[what] < 20}


def test_the_last_moment_before_midnight_is_of_its_day() -> None:
    """No number of hours below midnight, divided by 24, is rounded up to the next day."""
    day = np.arange(1.0, 1_000_000.0)
    assert (np.floor(np.nextafter(24.0 * day, 0.0) / 24.0) == day - 1.0).all()
    assert (np.floor(24.0 * day / 24.0) == day).all()
