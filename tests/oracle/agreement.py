"""Whether engine and oracle agree on an offer, and small contracts to ask them of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from tests.oracle.calendar import MONTHS_IN, Life, Window
from tests.oracle.formulas import Fact
from tests.oracle.offers import Offer
from tests.oracle.rows import without_chance
from tests.oracle.settled import Settled
from tests.oracle.settlement import settle

Paid = dict[tuple[str, Window], float]
Lines = dict[tuple[str, Window, str], float]


def by_engine(one: Offer) -> tuple[Paid, Lines]:
    """What each term pays in each of its settlements, and its lines, as the engine has them."""
    model, rows = without_chance(one.scenario())
    paid: Paid = defaultdict(float)
    lines: Lines = {}
    seen: Counter[int] = Counter()
    for (_, number), amount in zip(model.program.rows, rows, strict=True):
        line = model.lines[number]
        settlement = line.settlements[seen[number]]
        seen[number] += 1
        window = (settlement.window.first, settlement.window.last)
        together = one.contract[line.group]["term"] == "liability_limit"
        name = f"{line.group}.{line.step}" if together else line.group
        lines[name, window, line.step] = float(amount)
        if line.role == "payment":
            paid[name, window] += float(amount)
    return paid, lines


def by_oracle(one: Offer) -> tuple[Paid, Lines]:
    """The same by the oracle; its lines are those that the English defines."""
    return by_window(settle(one.contract, one.life, one.facts, one.tables, one.calendar["start"]))


def by_window(settled: dict[str, list[Settled]]) -> tuple[Paid, Lines]:
    """What each term pays in each of its windows, and its lines."""
    paid = {(name, each.window): each.paid for name, settlements in settled.items() for each in settlements}
    lines = {
        (name, each.window, step): amount
        for name, settlements in settled.items() for each in settlements for step, amount in each.lines.items()
    }  # fmt: skip
    return paid, lines


def disagreements(one: Offer, by_twin: Callable[[Offer], tuple[Paid, Lines]] = by_oracle) -> list[str]:
    engine_paid, engine_lines = by_engine(one)
    paid, lines = by_twin(one)
    if set(paid) != set(engine_paid):
        return [f"settlements {sorted(set(paid) ^ set(engine_paid))}"]
    found = []
    for (term, window), amount in paid.items():
        if not _same(engine_paid[term, window], amount):
            found.append(f"{term} pays {engine_paid[term, window]} in periods {window}, by the oracle {amount}")
    for (term, window, step), amount in lines.items():
        if (term, window, step) not in engine_lines:
            found.append(f"{term} has no line {step} in periods {window}")
        elif not _same(engine_lines[term, window, step], amount):
            found.append(f"{term}, {step} in periods {window}: {engine_lines[term, window, step]}, oracle {amount}")
    return found


def differing(numbers: Iterable[int], disagreements_on: Callable[[int], list[str]]) -> dict[int, list[str]]:
    """Of the random offers of these numbers, those on which engine and oracle disagree, and where first."""
    return {number: differ[:3] for number in numbers if (differ := disagreements_on(number))}


def _same(engine: float, oracle: float) -> bool:
    return abs(engine - oracle) <= 1e-9 * max(1.0, abs(oracle))


# --- contracts to settle by hand ------------------------------------------------------------------------------------

HALF = {"share": {"below 0": "50%", "above": "50%"}}
ALL = {"share": {"below 0": "100%", "above": "100%"}}


def quarters(
    contract: dict[str, Any],
    *,
    start: str = "2027-01",
    step: str = "quarter",
    year: str = "contract",
    stub_years: str = "full",
    fiscal_start: int = 1,
    **facts: list[float],
) -> Offer:
    """A contract that lasts as long as its facts: EUR per period, or a level or index where the name says so."""
    size = MONTHS_IN[step]
    months = size * len(next(iter(facts.values())))
    calendar = {
        "start": start, "months": months, "step": step, "year": year, "stub_years": stub_years,
        "fiscal_start": fiscal_start,
    }  # fmt: skip
    life = Life(int(start[5:]), months, size, year, fiscal_start, stub_years)
    table, units = {}, {}
    for name, values in facts.items():
        flow = None if name in ("level", "index") else step
        table[name] = Fact([float(value) for value in values], flow)
        units[name] = "index" if name == "index" else "1" if name == "level" else f"EUR/{step}"
    return Offer(0, life, calendar, contract, table, units)


def pays(one: Offer, term: str = "term") -> list[float]:
    """What a term pays, settlement by settlement: the engine's and the oracle's answer, which must be one."""
    assert disagreements(one) == []
    return [amount for (name, _), amount in sorted(by_engine(one)[0].items()) if name == term]


def shared(*steps: dict[str, Any], measured: str = "period") -> dict[str, Any]:
    return {"term": {"term": "sharing", "of": "gain", "clock": {"measured": measured}, "steps": list(steps)}}


def carry(what: str, expires: str = "never", at_end: str = "lost") -> dict[str, Any]:
    return {"carry": {"what": what, "expires": expires, "at_end": at_end}}
