"""The oracle's decisions, from docs/reference/lifecycle.md: period by period, all terms settled anew whenever one asks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.calendar import Life, Window
from tests.oracle.formulas import Fact, World, over_window, percent
from tests.oracle.settled import Settled, reckoned_at
from tests.oracle.standing import stands
from tests.oracle.termination import notice_of, plain, settled, with_elapsed

Clause = dict[str, Any]
#: the number between 0 and 1 that a decision draws in a period
Drawn = Callable[[str, int], float]


@dataclass
class Lived:
    """One future of a contract.

    values: by decision and period, what it is while the contract runs
    asked, taken: by decision, the periods at whose end it was
    end:    the period with which the contract ends early, if it does
    ender:  the termination that ends it
    paid:   by term, what it pays
    """

    values: dict[str, list[float]]
    asked: dict[str, list[int]]
    taken: dict[str, list[int]]
    end: int | None = None
    ender: str | None = None
    paid: dict[str, list[Settled]] = field(default_factory=dict)


def lived(
    decisions: Mapping[str, Clause], contract: Mapping[str, Clause], life: Life, facts: dict[str, Fact], drawn: Drawn
) -> Lived:
    """A contract whose parties decide, to its end."""
    world = with_elapsed(life, facts, "")
    terms = {name: term for name, term in contract.items() if term["term"] != "termination"}
    ends = {name: term for name, term in contract.items() if term["term"] == "termination"}
    found = Lived({}, {name: [] for name in decisions}, {name: [] for name in decisions})
    coming = {name: {0: percent(written["starts"])} for name, written in decisions.items()}  # from when on it is what
    for name in decisions:
        world.facts[name] = Fact([0.0] * life.periods)
    called: dict[str, int] = {}  # the period with which each termination would end the contract

    def paid(name: str, window: Window) -> float:
        at = [(reckoned_at(terms[name], each), each.paid) for each in settled(terms[name], world, found.end, {})]
        return sum(amount for period, amount in at if window[0] <= period <= window[1])

    world.paid = paid
    for period in range(life.periods):
        if found.end is not None and period > found.end:  # "It is asked while the contract runs on the path"
            break
        now = {name: as_of(of, period) for name, of in coming.items()}
        for name, value in now.items():
            world.facts[name].values[period] = value
        for name, written in decisions.items():
            if asked(written, period, life) and max(coming[name]) <= period:  # "Meanwhile it is not asked again."
                found.asked[name].append(period)
                if taken(name, written, world, period, now, drawn):
                    found.taken[name].append(period)
                key = "becomes" if period in found.taken[name] else "otherwise"
                if key in written:
                    value = over_window(plain(written[key]), world, window_of(written, life, period), now)
                    coming[name][period + 1 + in_periods(written.get("after"), life)] = value
        become = {name: as_of(of, period + 1) for name, of in coming.items()}
        for name, term in ends.items():
            if name not in called and given(term, world, period, become):
                called[name] = period + notice_of(term, life)
                if called[name] < life.periods - 1 and (found.end is None or called[name] < found.end):
                    found.end, found.ender = called[name], name
    runs = life.periods if found.end is None else found.end + 1
    found.values = {name: [*world.facts[name].values[:runs], *[0.0] * (life.periods - runs)] for name in decisions}
    found.paid = {name: settled(term, world, found.end, {}) for name, term in terms.items()}
    return found


def as_of(values: dict[int, float], period: int) -> float:
    """What a decision is in a period: "It is `starts` until it is first decided", and then what came last."""
    return values[max(since for since in values if since <= period)]


def asked(written: Clause, period: int, life: Life) -> bool:
    """ "At the end of each window of the kind `every` … not before `first` and not after `last` … Or `at` the times written."

    "not where what it becomes would hold only after the calendar's end"
    """
    elapsed = (period + 1) * life.step
    if period + 1 + in_periods(written.get("after"), life) >= life.periods:
        return False
    if "at" in written:
        return any(months(at) == elapsed for at in written["at"])
    within = months(written.get("first", "0 months")) <= elapsed <= months(written.get("last", f"{life.months} months"))
    return within and any(last == period for _, last in life.windows(written["every"]))


def taken(name: str, written: Clause, world: World, period: int, now: dict[str, float], drawn: Drawn) -> bool:
    """ "It is *taken* where it is asked, `when` holds, and a number drawn evenly between 0 and 1 lies below `chance`." """
    window = window_of(written, world.life, period)
    if "when" in written and not over_window(plain(written["when"]), world, window, now):
        return False
    return "chance" not in written or drawn(name, period) < over_window(written["chance"], world, window, now)


def window_of(written: Clause, life: Life, period: int) -> Window:
    """ "from the beginning of the window of kind `over` to the end of this period … Unless said, `over` is `every`, and with
    `at` the life."
    """
    over = written.get("over", written.get("every", "life"))
    return next((first, period) for first, last in life.windows(over) if first <= period <= last)


def given(term: Clause, world: World, period: int, become: dict[str, float]) -> bool:
    """ "there the name of a decision stands for what it has become" """
    over, life = term.get("over", "period"), world.life
    same = [p for p in range(period + 1) if over == "life" or life.year_of(p) == life.year_of(period)]
    window = (period if over == "period" else same[0], period)
    return bool(over_window(plain(term["when"]), world, window, become)) and stands(term, world, period)


def months(said: str) -> int:
    """A time in months."""
    return int(said.split()[0])


def in_periods(said: str | None, life: Life) -> int:
    """A time in periods."""
    return 0 if said is None else months(said) // life.step
