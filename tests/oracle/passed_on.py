"""The oracle's terms that pass on what others pay, from subcontract, insurance and alliance_split in
docs/reference/terms.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.oracle.calendar import MONTHS_IN, Window
from tests.oracle.formulas import World, at_period, converted, flow_of, over_window
from tests.oracle.lookups import rounded
from tests.oracle.settled import Settled, windows_of
from tests.oracle.standing import rounding, stands

Clause = dict[str, Any]
Within = Callable[[str, Window], list[float]]  # what a term pays in each settlement reckoned within a window, after limits


def subcontract(term: Clause, within: Within, world: World) -> list[Settled]:
    """ "the supplier pays the subcontractor `share` × P; … the subcontractor pays the supplier `share_of_pain`" """
    life = world.life
    found: list[Settled] = []
    counted: dict[str, list[tuple[int, float]]] = {"gets": [], "pays": []}  # by side: year, amount
    for window in windows_of(term, life):
        p = together(term["of"], within, window)
        # a share is asked only where it matters
        gets = over_window(term["share"], world, window) * p if p > 0 else 0.0
        pain = term.get("share_of_pain", term["share"])  # "where it is not given: `share`"
        pays = over_window(pain, world, window) * -p if p < 0 else 0.0
        lines = {"share of gain": -gets, "share of pain": pays}
        if not stands(term, world, window[1]):
            found.append(Settled(window, 0.0))
            continue
        got = _limited(term.get("gets"), gets, counted["gets"], world, window)
        paid = _limited(term.get("pays"), pays, counted["pays"], world, window)
        if "gets" in term:  # "what each limit changes"
            lines["gets"] = gets - got
        if "pays" in term:
            lines["pays"] = paid - pays
        amount = paid - got
        found.append(Settled(window, amount + rounding(term, amount), lines))
    return found


def together(names: list[str], within: Within, window: Window) -> float:
    """P: "what the terms in `of` pay together, in their settlements that are reckoned within the window" """
    found = 0.0
    for name in names:
        for amount in within(name, window):
            found = found + amount
    return found


def _limited(said: Clause | None, amount: float, before: list[tuple[int, float]], world: World, window: Window) -> float:
    """ "per settlement, or together with what it has got (paid) before in the same year (the settlement's window ends in
    it), or since the contract began" """
    if said is None:
        return amount
    year = world.life.year_of(window[1])
    room = over_window(said["at_most"], world, window)
    if said["per"] == "year":  # "In a stub year a yearly limit is scaled as above."
        room = room * world.life.part_of_year(year)
    for counted_year, counted in before:
        if said["per"] == "life" or (said["per"] == "year" and counted_year == year):
            room = room - counted
    allowed = min(amount, max(room, 0.0))
    before.append((year, allowed))  # "What a limit cuts off stays with the supplier, counts no further"
    return allowed


def premium(term: Clause, world: World) -> list[Settled]:
    """ "the rate in force in the window's first period, for every period of the window" """
    part_of_unit = world.life.step / MONTHS_IN[flow_of(term["premium"], world) or ""]
    found = []
    for first, last in windows_of(term, world.life):
        # "Where `active_while` does not hold as a window begins, no premium is paid"
        rate = at_period(term["premium"], world, first) if stands(term, world, first) else 0.0
        amount = -converted(rate, term["premium"], world, first) * part_of_unit * (last - first + 1)
        found.append(Settled((first, last), amount + rounding(term, amount), {"premium": amount}))
    return found


def claims(term: Clause, within: Within, world: World) -> list[Settled]:
    """What the insurer pays."""
    life = world.life
    found = []
    before: list[tuple[int, float, float]] = []  # year, loss, what the insurer has paid
    for window in windows_of(term, life):
        year = life.year_of(window[1])
        share = over_window(term.get("share", 1), world, window)  # "without a share it is the whole"
        loss = 0.0
        if stands(term, world, window[1]):  # "where it does not hold when it settles, no loss counts"
            for name in term["covers"]:
                for amount in within(name, window):  # "Each settlement counts by itself"
                    loss = loss + max(-amount, 0.0)
        yearly = life.part_of_year(year) if term["per"] == "year" else 1.0
        # "Without a deductible all of it is insured, without a limit there is none"
        deductible = over_window(term["deductible"], world, window) * yearly if "deductible" in term else 0.0
        room = over_window(term["limit"], world, window) * yearly if "limit" in term else float("inf")
        losses = loss
        for counted_year, counted, paid in before:
            if term["per"] == "life" or (term["per"] == "year" and counted_year == year):
                losses = losses + counted
                room = room - paid
        # "the part by which the losses, with it, exceed the deductible, and never more than itself"
        insured = min(max(losses - deductible, 0.0), loss)
        claim = min(share * insured, max(room, 0.0))
        before.append((year, loss, claim))
        lines = {"loss": -loss, "claim": share * insured}
        if "limit" in term:
            lines["limit"] = claim - share * insured
        found.append(Settled(window, claim + rounding(term, claim), lines))
    return found


def alliance_split(term: Clause, within: Within, world: World) -> dict[str, list[Settled]]:
    """ "Each partner named under `parts` takes its part of P" """
    found: dict[str, list[Settled]] = {partner: [] for partner in term["parts"]}
    for window in windows_of(term, world.life):
        p = together(term["of"], within, window)
        for partner, part in term["parts"].items():
            amount = -over_window(part, world, window) * p
            if said := term.get("rounded"):  # "`rounded` rounds each partner's amount by itself"
                amount = rounded(amount, said["to"], said["by"])
            found[partner].append(Settled(window, amount if stands(term, world, window[1]) else 0.0))
    return found
