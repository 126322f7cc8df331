"""The oracle's terms that stand over others, from common_limit, retention and clawback in docs/reference/terms.md."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import MONTHS_IN, Window
from tests.oracle.formulas import World, at_period, converted, flow_of, over_window, percent
from tests.oracle.settled import Settled, reckoned_at
from tests.oracle.standing import stands

Clause = dict[str, Any]
Contract = dict[str, Clause]
Settlements = dict[str, list[Settled]]


def common_limit(term: Clause, contract: Contract, left: Settlements, world: World) -> Settlements:
    """What is cut off of each term: "positive below the floor, negative above the cap".

    left: what each term pays "after the limits that stand before this one in the file"
    """
    life = world.life
    cut: Settlements = {name: [] for name in term["over"]}
    before: list[tuple[int, float]] = []  # year, what they have paid, "after this limit"
    for period in range(life.periods):
        # "In each period in which any of them settles, what they pay there is added up"
        here = [(name, one) for name in term["over"] for one in left[name] if reckoned_at(contract[name], one) == period]
        if not here:
            continue
        pays = [one.paid for _, one in here]
        year = life.year_of(period)  # "a settlement counts in the year in which it is reckoned"
        changes = [0.0 for _ in pays]
        # "While the limit does not stand (`active_while`), nothing is cut off, but payments count."
        if stands(term, world, period):
            together = 0.0
            for amount in pays:
                together = together + amount
            for counted_year, amount in before:
                if term["per"] == "life" or (term["per"] == "year" and counted_year == year):
                    together = together + amount
            if "floor" in term:
                missing = bound(term["floor"], term["per"], world, period, year) - together
                # "what lies below the floor is spread over the terms whose payment is negative there"
                for place, part in enumerate(spread(term["spread"], max(missing, 0.0), [max(-paid, 0.0) for paid in pays])):
                    changes[place] = changes[place] + part
            if "cap" in term:
                beyond = together - bound(term["cap"], term["per"], world, period, year)
                # "what lies above the cap over those whose payment is positive"
                for place, part in enumerate(spread(term["spread"], max(beyond, 0.0), [max(paid, 0.0) for paid in pays])):
                    changes[place] = changes[place] - part
        for (name, one), change in zip(here, changes, strict=True):
            cut[name].append(Settled(one.window, change))
            before.append((year, one.paid + change))
    return cut


def bound(written: object, per: str, world: World, period: int, year: int) -> float:
    """The cap or the floor, "those in force in the period"."""
    if flow := flow_of(written, world):
        # "A part of a fee is that part of the fee's present rate over twelve months (the contract's months, per life)."
        months = world.life.months if per == "life" else 12
        at = converted(at_period(written, world, period), written, world, period) * months / MONTHS_IN[flow]
    else:
        at = over_window(written, world, (period, period))
    # "In a stub year a yearly amount is scaled as above."
    return at * world.life.part_of_year(year) if per == "year" else at


def spread(how: str, cut: float, sizes: list[float]) -> list[float]:
    """Who bears how much of what is cut off."""
    together = 0.0
    for size in sizes:
        together = together + size
    cut = min(cut, together)  # "no more is cut off than these pay together"
    if how == "in proportion":  # "each bears the same part of its payment"
        return [cut * size / together if together > 0 else 0.0 for size in sizes]
    borne = [0.0 for _ in sizes]
    for place in reversed(range(len(sizes))):  # "the last in the list bears first, up to all it pays, then the one before it"
        borne[place] = min(cut, sizes[place])
        cut = cut - borne[place]
    return borne


def retention(
    term: Clause, contract: Contract, left: Settlements, world: World, ended: int | None = None
) -> Settlements:
    """What is held back of each term, with a minus sign, and under "released" what is paid out in each period.

    ended: the period with which the contract ends early
    """
    periods = world.life.periods
    last = periods - 1 if ended is None else ended
    found: Settlements = {name: [] for name in (*term["of"], "released")}
    paid = 0.0  # P, "all that they have paid the supplier so far (what the supplier pays does not count)"
    part = 0.0  # R, "the part released so far"
    held = 0.0
    come = [False for _ in term.get("released", [])]

    def amount_held(period: int) -> float:
        most = float("inf")
        if "at_most" in term:
            most = over_window(term["at_most"], world, (period, period))
        return min(percent(term["share"]) * paid, most) * (1.0 - part)  # "min(`share` × P, `at_most`) × (1 - R)"

    for period in range(periods):
        # "While the retention does not stand (`active_while`), nothing is held back or released, payments do not count,
        # and no condition is asked."
        # "The same holds after the contract's end: what is settled then … is paid in full."
        stood = stands(term, world, period) and period <= last
        for name in term["of"]:  # "in the order of the list"
            for one in left[name]:
                if reckoned_at(contract[name], one) == period:
                    before = held
                    if stood:
                        paid = paid + max(one.paid, 0.0)
                        held = amount_held(period)
                    found[name].append(Settled(one.window, before - held))  # "lowered by what it adds to the amount held"
        before = held
        if stood:
            for number, release in enumerate(term.get("released", [])):
                # "each one that holds for the first time adds its `part` to R"
                if not come[number] and at_period(release["when"], world, period):
                    come[number] = True
                    part = part + percent(release["part"])
            # "in the contract's last period R becomes 1"
            if period == last and term["at_end"] == "released":
                part = 1.0
            held = amount_held(period)
        found["released"].append(Settled((period, period), before - held))  # "what the amount held falls by is paid out"
    return found


def clawback(term: Clause, left: Settlements, world: World, ended: int | None = None) -> list[Settled]:
    """What is paid back, with a minus sign. ended: the period with which the contract ends early."""
    found: list[Settled] = []
    claimable: list[list[float]] = []  # by settlement: what it has paid the supplier, less what was claimed of it
    within = str(term["within"])
    for number, one in enumerate(left[term["of"]]):
        window: Window = one.window
        # "nothing where the condition `when` of the window does not hold"
        # "A window in which it ends counts up to and with its last period"; one "that begins later pays nothing"
        last = window[1] if ended is None else min(window[1], ended)
        counted = (window[0], last)
        holds = window[0] <= last and ("when" not in term or bool(over_window(term["when"], world, counted)))
        back = 0.0
        if holds and stands(term, world, window[1]):
            # "`claim`, or all that can be claimed where `claim` is not written"
            claim = over_window(term["claim"], world, counted) if "claim" in term else float("inf")
            # "in the N settlements after the one in which it was paid (`within: N settlements`), or always"
            oldest = 0 if within == "life" else max(number - int(within.split()[0]), 0)
            for amount in claimable[oldest:]:  # "the oldest payment first, and can be claimed no more"
                taken = min(max(claim, 0.0), amount[0])
                amount[0] = amount[0] - taken
                claim = claim - taken
                back = back + taken
        found.append(Settled(window, -back, {"paid back": -back}))
        # "What the term pays in the same settlement cannot be claimed yet"; "what the supplier paid takes nothing off"
        claimable.append([max(one.paid, 0.0)])
    return found
