"""The oracle's early end of a contract, from "termination" in docs/reference/terms.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.oracle import delays
from tests.oracle.calendar import MONTHS_IN, Life, Window
from tests.oracle.carries import rounded, sharing
from tests.oracle.costs import left_of
from tests.oracle.formulas import Fact, World, at_period, converted, flow_of, over_window
from tests.oracle.settled import Settled, in_advance, windows_of
from tests.oracle.standing import stands

Clause = dict[str, Any]


@dataclass
class End:
    """How a contract ends early.

    ends:   by termination, the period with which it would end the contract, if any
    ender:  the one that does, if any does
    period: the contract's last period then
    scopes: by period, while the contract is ramped down
    """

    ends: dict[str, int | None]
    ender: str | None
    period: int | None
    scopes: dict[int, float]


def settle_to_the_end(
    contract: dict[str, Clause], life: Life, facts: dict[str, Fact], seen: dict[str, int | None] | None = None
) -> dict[str, list[Settled]]:
    """Every term's settlements up to the contract's end, whichever period that is; into `seen`, each termination's end."""
    world = with_elapsed(life, facts, "")
    how = early_end(contract, world)
    if seen is not None:
        seen.update(how.ends)
    return settled_until(contract, world, how)


def with_elapsed(life: Life, facts: dict[str, Fact], start: str) -> World:
    """The world, in which time goes by."""
    elapsed = Fact([float((period + 1) * life.step) for period in range(life.periods)])
    return World(life, facts | {"elapsed": elapsed}, start=start)


def early_end(contract: dict[str, Clause], world: World) -> End:
    """Which termination ends the contract, and when; from here on `paid(...)` is what is paid before any end."""
    life = world.life
    others = {name: term for name, term in contract.items() if term["term"] in SETTLED_BY}
    whole = {name: settled(term, world, None, {}) for name, term in others.items()}

    def paid(name: str, window: Window) -> float:
        """What has been paid while the contract runs, before any end."""
        term = others[name]
        at = [(s.window[0] if in_advance(term) else s.window[1], s.paid) for s in whole[name]]
        return sum(amount for period, amount in at if window[0] <= period <= window[1])

    world.paid = paid
    runs_out = {name: ends_at(term, world) for name, term in contract.items() if term["term"] == "termination"}
    # "One that would end it with the calendar's last period, or later, ends nothing."
    ends = {name: None if at is None or at >= life.periods - 1 else at for name, at in runs_out.items()}
    ender, end = ended_by(ends)
    # "over the last part of the notice the scope falls": taken so of each notice given "while it runs", also of one that
    # ends nothing, or that another end overtakes
    scopes: dict[int, float] = {}
    for name, at in runs_out.items():
        if at is not None and (end is None or at - notice_of(contract[name], life) <= end):
            scopes |= scope(contract[name], life, at)
    return End(ends, ender, end, scopes)


def settled_until(
    contract: dict[str, Clause], world: World, how: End, bought: dict[str, Clause] | None = None
) -> dict[str, list[Settled]]:
    """What is settled by itself, and what is paid at the end. bought: the costs that `unrecovered` speaks of."""
    found = {
        name: settled(term, world, how.period, how.scopes) for name, term in contract.items() if term["term"] in SETTLED_BY
    }
    for name in how.ends:
        if "payment" in contract[name] or "unrecovered" in contract[name]:  # one that pays nothing has no line
            found[name] = rounded(contract[name], at_the_end(name, contract[name], world, how, bought or {}))
    return found


def at_the_end(name: str, term: Clause, world: World, how: End, bought: dict[str, Clause]) -> list[Settled]:
    """ "In the last period the termination pays `payment`, … and `unrecovered.share` of what is not written down of the
    `costs` listed … One that does not end the contract pays nothing."
    """
    found = []
    for period in range(world.life.periods):
        amount = 0.0
        if name == how.ender and period == how.period:
            if "payment" in term:  # "reckoned over that period"
                amount = over_window(plain(term["payment"]), world, (period, period))
            if "unrecovered" in term:
                left = sum(left_of(bought[cost], world, period) for cost in term["unrecovered"]["costs"])
                amount = amount + over_window(term["unrecovered"]["share"], world, (period, period)) * left
        found.append(Settled((period, period), amount))
    return found


def ended_by(ends: dict[str, int | None]) -> tuple[str | None, int | None]:
    """ "the one whose end comes first ends the contract; of those that come in one period the first in the file" """
    ender, end = None, None
    for name, period in ends.items():
        if period is not None and (end is None or period < end):
            ender, end = name, period
    return ender, end


def plain(written: object) -> str:
    return str(written).replace(" months", "")


def ends_at(term: Clause, world: World) -> int | None:
    """The period with which a notice runs out, none where none is given."""
    life = world.life
    notice = notice_of(term, life)
    for period in range(life.periods):
        over = term.get("over", "period")
        same = [p for p in range(period + 1) if over == "life" or life.year_of(p) == life.year_of(period)]
        window = (period if over == "period" else same[0], period)
        if over_window(plain(term["when"]), _AsOf(world, window), window) and stands(term, world, period):
            return period + notice
    return None


def notice_of(term: Clause, life: Life) -> int:
    """How many periods the contract runs on."""
    return int(str(term.get("notice", "0 months")).split()[0]) // life.step


class _AsOf(World):
    """ "with the facts of the period"; "totals and `paid(...)` in it count from the beginning of the year" """

    def __init__(self, world: World, window: Window) -> None:
        last = {
            n: Fact([f.values[window[1]]] * len(f.values), life=True) for n, f in world.facts.items() if f.flow is None
        }
        super().__init__(world.life, world.facts | last, world.tables, world.start, world.paid)


def scope(term: Clause, life: Life, end: int) -> dict[int, float]:
    """ "With m periods of ramp-down, the i-th of them has the scope 1 - (i - 1/2) / m", and it "stays at 0"."""
    m = int(str(term.get("ramp_down", "0 months")).split()[0]) // life.step
    falls = {end - m + i: 1 - (i - 0.5) / m for i in range(1, m + 1)}
    return falls | (dict.fromkeys(range(end + 1, life.periods), 0.0) if m else {})


def settled(term: Clause, world: World, end: int | None, scopes: dict[int, float]) -> list[Settled]:
    """A term up to the end."""
    return rounded(term, SETTLED_BY[term["term"]](term, world, end, scopes))


def _milestone(term: Clause, world: World, end: int | None, scopes: dict[int, float]) -> list[Settled]:
    windows = [(period, period) for period in range(world.life.periods)]
    return _while_it_stands(term, world, windows, delays.milestone(term, world, world.start, end))


def _delay_damages(term: Clause, world: World, end: int | None, scopes: dict[int, float]) -> list[Settled]:
    windows = windows_of(term, world.life)
    return _while_it_stands(term, world, windows, delays.delay_damages(term, world, windows, world.start, end))


def _while_it_stands(term: Clause, world: World, windows: list[Window], paid: list[float]) -> list[Settled]:
    return [Settled(w, amount if stands(term, world, w[1]) else 0.0) for w, amount in zip(windows, paid, strict=True)]


def _sharing(term: Clause, world: World, end: int | None, scopes: dict[int, float]) -> list[Settled]:
    return [Settled(s.window, s.paid) for s in sharing(term, world, end, scopes)]


def fee(term: Clause, world: World, end: int | None, scopes: dict[int, float]) -> list[Settled]:
    """An amount over time; "What was paid in advance for the time after it is not paid back"."""
    part = world.life.step / MONTHS_IN[flow_of(term["amount"], world) or ""]
    found = []
    for first, last in windows_of(term, world.life):
        together = 0.0
        for period in range(first, last + 1):
            in_force = first if in_advance(term) else period
            if (end is None or in_force <= end) and stands(term, world, in_force):
                follows = scopes.get(in_force, 1.0) if "scales_with" in term else 1.0
                together = together + at_period(term["amount"], world, in_force) * part * follows
        settled_in = first if in_advance(term) else last
        found.append(Settled((first, last), converted(together, term["amount"], world, settled_in)))
    return found


def payment(term: Clause, world: World, end: int | None, scopes: dict[int, float]) -> list[Settled]:
    """An amount of the window, as far as the contract lasts; "conditions like `active_while` are asked then"."""
    found, due_before = [], set()
    end = world.life.periods - 1 if end is None else end
    for window in windows_of(term, world.life):
        counted = (window[0], min(window[1], end))
        turn = world.life.year_of(window[1]) if term.get("once_per") == "year" else 0
        due = window[0] <= end and stands(term, world, window[1]) and not ("once_per" in term and turn in due_before)
        if due and ("when" not in term or over_window(term["when"], world, counted)):
            due_before.add(turn)
            found.append(Settled(window, over_window(term["amount"], world, counted)))
        else:
            found.append(Settled(window, 0.0))
    return found


SETTLED_BY = {
    "fee": fee, "payment": payment, "sharing": _sharing, "milestone": _milestone, "delay_damages": _delay_damages,
}  # fmt: skip
