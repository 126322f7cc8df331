"""The same offer, its drivers hanging together more closely, or less: every driver by itself stays what it is."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import combinations

from gainsim.durations import Duration
from gainsim.linked import Linked
from gainsim.model import calendar_of
from gainsim.offer.dependence import Group, Link, Pair
from gainsim.offer.scenario import Scenario
from gainsim.offer.stress import Correlations
from gainsim.problems import Problems

#: what a group's tau may be
LEAST, MOST = 0.01, 0.95


def correlated(scenario: Scenario, written: Correlations) -> Scenario:
    """A scenario whose drivers have other correlations.

    Among drivers that hang together, pair by pair or by others in between, every correlation r of two scores becomes
    r + part × (to - r), also where it was 0: so all of them stay possible together, being a mean of two sets that are. A group's
    tau moves likewise to 2/π asin(to), which is that of a normal pair. Where drivers that are named hang together with others,
    the nearest correlations that are possible take their place.
    """
    calendar = calendar_of(scenario.calendar)
    linked = Linked(scenario.dependence, scenario.drivers, calendar, Problems())
    blocks = _blocks(linked) if written.among is None else [tuple(written.among)]
    pairs = dict(linked.pairs)
    for block in blocks:
        for a, b in combinations(block, 2):
            key = (b, a) if (b, a) in pairs else (a, b)
            before = pairs.get(key, 0.0)
            pairs[key] = before + written.of_the_way * (written.to - before)
    links: list[Link] = [_moved(group, written) for group in linked.groups]
    links += [_pair(a, b, r, linked) for (a, b), r in pairs.items()]
    return scenario.model_copy(update={"dependence": links, "repair_correlations": "nearest"})


def _blocks(linked: Linked) -> list[tuple[str, ...]]:
    """The drivers that hang together pair by pair; the drivers of a group that leaves that open are pairs of it."""
    found: list[set[str]] = []
    together: list[Collection[str]] = [*linked.pairs, *(group.among for group in linked.groups if group.kind == "student_t")]
    for names in together:
        joined = set(names).union(*(block for block in found if block & set(names)))
        found = [block for block in found if not block & joined] + [joined]
    return [tuple(name for name in linked.drivers if name in block) for block in found]


def _moved(group: Group, written: Correlations) -> Group:
    if group.tau is None or written.among is not None:
        return group
    there = 2.0 / math.pi * math.asin(written.to)
    tau = group.tau + written.of_the_way * (there - group.tau)
    return group.model_copy(update={"tau": min(max(tau, LEAST), MOST)})


def _pair(a: str, b: str, r: float, linked: Linked) -> Pair:
    """Two drivers whose scores have this correlation, at the distance in time that they have."""
    apart = linked.ahead.get(a, 0) - linked.ahead.get(b, 0)
    between: Sequence[str] = (a, b) if apart >= 0 else (b, a)
    leads = Duration(months=abs(apart) * linked.calendar.step_months) if apart else None
    return Pair(between=list(between), correlation=r, of="innovations", leads=leads)
