"""The oracle's step-in, from "step_in" in docs/reference/terms.md: period by period, all terms settled anew in each."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import Life, Window
from tests.oracle.formulas import Fact, World, over_window
from tests.oracle.settled import Settled, in_advance
from tests.oracle.standing import rounding, stands
from tests.oracle.termination import plain, settled

Clause = dict[str, Any]


def settle_with_step_ins(
    contract: dict[str, Clause], life: Life, facts: dict[str, Fact], seen: dict[str, list[float]] | None = None
) -> dict[str, list[Settled]]:
    """Every term's settlements; into `seen`, by step-in, 1 in the periods of it."""
    elapsed = Fact([float((period + 1) * life.step) for period in range(life.periods)])
    world = World(life, facts | {"elapsed": elapsed})
    step_ins = {name: term for name, term in contract.items() if term["term"] == "step_in"}
    # "The name of the term stands for 1 in the periods of a step-in, and for 0 in all others."
    for name in step_ins:
        world.facts[name] = Fact([0.0] * life.periods)
    end: int | None = None

    def settled_now(name: str) -> list[Settled]:
        return charge(name, contract[name], world, end) if name in step_ins else settled(contract[name], world, end, {})

    def paid(name: str, window: Window) -> float:
        term = contract[name]
        at = [(s.window[0] if in_advance(term) else s.window[1], s.paid) for s in settled_now(name)]
        return sum(amount for period, amount in at if window[0] <= period <= window[1])

    world.paid = paid
    times = dict.fromkeys(step_ins, 0)
    begun: dict[str, int | None] = dict.fromkeys(step_ins)  # the first period of what is called and not over
    for period in range(life.periods):
        for name, first in begun.items():
            world.facts[name].values[period] = 1.0 if first is not None and first <= period else 0.0
        for term in contract.values():  # without a notice the contract "ends with that period itself"
            if term["term"] == "termination" and end is None and asked(term, "when", world, period):
                end = period if period < life.periods - 1 else None
        for name, term in step_ins.items():
            first = begun[name]
            if first is None:
                # "while none is running or to come"
                may = times[name] < term.get("at_most", life.periods) and stands(term, world, period) and end is None
                if may and asked(term, "when", world, period):
                    times[name] += 1
                    begun[name] = period + 1 + _periods(term.get("notice"), life)
            elif first <= period:
                lasted = period - first + 1 == _periods(term["lasts"], life) if "lasts" in term else False
                if lasted or ("until" in term and asked(term, "until", world, period)):
                    begun[name] = None
            if end is not None:
                begun[name] = None
    if seen is not None:
        seen.update({name: world.facts[name].values for name in step_ins})
    found = {name: settled_now(name) for name, term in contract.items() if term["term"] not in ("termination",)}
    return {name: s for name, s in found.items() if s}


def charge(name: str, term: Clause, world: World, end: int | None) -> list[Settled]:
    """ "In each period of the step-in the supplier pays `charge`, reckoned over that period" """
    found = []
    for period in range(world.life.periods):
        due = world.facts[name].values[period] > 0.5 and (end is None or period <= end)
        amount = -over_window(plain(term["charge"]), world, (period, period)) if due and "charge" in term else 0.0
        amount = amount + rounding(term, amount)
        found.append(Settled((period, period), amount, {"stepped in": 1.0 if due else 0.0}))
    return found


def asked(term: Clause, key: str, world: World, period: int) -> bool:
    """ "totals and `paid(...)` in it count from the beginning of the year (or of the contract) to the end of this period" """
    over, life = term.get("over", "period"), world.life
    same = [p for p in range(period + 1) if over == "life" or life.year_of(p) == life.year_of(period)]
    return bool(over_window(plain(term[key]), world, (period if over == "period" else same[0], period)))


def _periods(said: Any, life: Life) -> int:
    return 0 if said is None else int(str(said).split()[0]) // life.step
