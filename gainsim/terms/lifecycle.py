"""What the parties have decided, in the ledger: told, never paid; and what is earned after the first deal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add

from gainsim import ops
from gainsim.conduct.decisions import Asked, Decisions
from gainsim.grid import Clock, Settlement
from gainsim.offer.exit import Termination
from gainsim.offer.term import TermText
from gainsim.ops import Value
from gainsim.terms.context import Deal

#: the group of the lines of what is earned after the first deal, and their steps
LIFECYCLE, REVENUE_AFTER, CONTRIBUTION_AFTER = "lifecycle", "revenue after the first deal", "contribution after the first deal"
#: the step of the line that tells what a decision has become with the end of each year
AT_YEAR_END = "at the year's end"


def decisions_told(deal: Deal, *, tried: bool = False) -> None:
    """Enter each decision: what it is wherever it may have changed, where it was asked and taken, what it has become by each
    year's end.

    Where single paths are read, what it is in every period, and how it came out: whether `when` held, the chance, what was
    drawn, what it becomes.
    tried: whether the offer is tried, to find what those who weigh are better off by: what they look at is entered too
    """
    every = Clock().settlements(deal.calendar)
    alive = deal.program.node(deal.decisions.alive) > 0.5
    for name, asked in deal.decisions.choices.items():
        if asked.answer is None:  # what is wrong with it has been told
            continue
        due = [settlement for settlement in every if settlement.at in asked.choice.due]
        changes = {*asked.choice.due, *asked.choice.holds}
        told = every if deal.ledger.gates else [settlement for settlement in every if settlement.at in changes]
        section = deal.program.section(name, [settlement.at for settlement in told])
        value = ops.where(alive, deal.facts.told(name).value, 0.0)
        deal.ledger.add(name, "", "decision", section, value, told, money=False, unit=_told_in(asked))
        _at_year_ends(name, asked, deal, alive)
        _answer_told(name, asked, deal, due)
        if tried and asked.answer.weighed is not None:
            reached = ops.where(asked.answer.may, asked.answer.weighed[0], float("nan"))  # no number where it may not be taken
            deal.ledger.add(name, "reached", "figure", asked.answer.section, reached, due, money=False)


def _told_in(asked: Asked) -> str:
    """What a decision is told in: its unit, or "%" where what it starts with is written so."""
    unit = asked.choice.unit
    return str(unit) or "%" * (unit.part or "%" in asked.choice.written.starts.text)


def _at_year_ends(name: str, asked: Asked, deal: Deal, alive: Value) -> None:
    """Enter what a decision has become with the end of each year, where the contract has run until then."""
    ends = [year.last for year in deal.calendar.windows("year")]
    section = deal.program.section(f"{name}: at the year's end", ends)
    due = [settlement for settlement in Clock().settlements(deal.calendar) if settlement.at in ends]
    value = ops.where(alive, asked.choice.become(section), 0.0)
    deal.ledger.add(name, AT_YEAR_END, "decision", section, value, due, money=False, unit=_told_in(asked))


def _answer_told(name: str, asked: Asked, deal: Deal, due: list[Settlement]) -> None:
    answer = asked.answer
    assert answer is not None

    def enter(step: str, value: Value, unit: str = "") -> None:
        deal.ledger.add(name, step, "decision", answer.section, value, due, money=False, unit=unit)

    enter("asked", ops.where(answer.asked, 1.0, 0.0))
    enter("taken", answer.taken)
    if deal.ledger.gates:
        if asked.choice.written.when is not None:
            deal.ledger.gate(name, "when", "holds", answer.section, answer.when, due, answer.asked)
        if answer.drawn is not None:
            told = ops.both(answer.asked, answer.when)
            enter("chance", ops.where(told, answer.chance, 0.0), "%")
            enter("drawn", ops.where(told, answer.drawn, 0.0))
        if answer.weighed is not None:
            looked_at, worth = answer.weighed
            enter("looked at", ops.where(answer.may, looked_at, 0.0), answer.looked_at_in)
            enter("worth", ops.where(answer.may, worth, 0.0), deal.ledger.currency)
        enter("becomes", ops.where(answer.asked, answer.becomes, 0.0), _told_in(asked))


def first_deal(written: Mapping[str, TermText], deal: Deal) -> None:
    """Enter what is earned in settlements reckoned after the first deal; nothing where no decision may end the contract."""
    ends = first_deal_ends(written, deal.decisions)
    if ends is None:
        return
    program, calendar = deal.program, deal.calendar
    lines = deal.ledger.lines
    earned = {n: line.role == "payment" for n, line in enumerate(lines) if line.in_margin and line.layer == "contribution"}
    later = program.param([float(t > ends) for t in range(calendar.periods)]) > 0.5
    sums: dict[bool, Value] = {True: 0.0, False: 0.0}  # of revenue, and of what else makes the contribution
    sections = list(program.sections)
    at_end = program.section("after the first deal", due=[calendar.periods - 1])
    for section in sections:
        for of_revenue in sums:
            own = [amount for number, amount in section.lines if earned.get(number) is of_revenue]
            if own and section.due[ends + 1 :].any():
                memory = program.state(0.0, f"{section.name}: after the first deal")
                before = memory.read(section)
                memory.write(section, ops.where(later, reduce(add, own, before), before))
                sums[of_revenue] = sums[of_revenue] + memory.read(at_end)
    settlements = Clock(measured="life").settlements(calendar)
    for step, value in ((REVENUE_AFTER, sums[True]), (CONTRIBUTION_AFTER, sums[True] + sums[False])):
        deal.ledger.add(LIFECYCLE, step, "decision", at_end, program.node(value), settlements)


def first_deal_ends(written: Mapping[str, TermText], decisions: Decisions) -> int | None:
    """The earliest period with which a decision of the parties may end the contract; None where none may."""
    found = [
        decisions.choices[read].choice.first_holds - 1 + decisions.exits[name].notice
        for name, term in written.items() if isinstance(term, Termination) and name in decisions.exits
        for read in term.when.names & decisions.choices.keys()
    ]  # fmt: skip
    return min(found, default=None)
