"""What the names mean that clauses read: values, facts, decisions and tables, and nothing that is only assumed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from gainsim.clause_words.words import WINDOWS, condition_words, formula_words, names_of, said_of
from gainsim.ledger import CUSTOMER
from gainsim.offer.drivers import Driver
from gainsim.offer.effort import Effort
from gainsim.offer.fields import formulas_in
from gainsim.offer.lifecycle import Decision
from gainsim.offer.measured import Measured
from gainsim.offer.ratchet import Ratchet
from gainsim.offer.scenario import Scenario
from gainsim.offer.tables import Table
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Lookup, Number, parts_of


def definitions(scenario: Scenario, secret: Collection[str] = (), party: str = CUSTOMER) -> dict[str, str]:
    """Every name that the clauses with a party read, and every one that these are made of, in the order in which they come up.

    Of a driver it is told who controls it; of a decision who takes it, and how it is reckoned where both parties agreed on that:
    what is assumed of either is no part of the contract. Nor is how a value follows from what the supplier spends money on, and
    controls (its crew, its effort): of that value it is told that it turns out.

    secret: the names that the supplier's costs read

    >>> import gainsim
    >>> said = definitions(gainsim.load_text(gainsim.TEMPLATE).loaded.scenario)
    >>> said["saving"]
    'baseline cost × saving rate'
    """
    terms = [term for term in scenario.contract.values() if term.party == party]
    found = {name: said for term in terms for name, said in _levels(scenario, term)}
    waiting = [name for term in terms for name in _read_by(term)]
    while waiting:
        name = waiting.pop(0)
        if name not in found and (what := _written(scenario, name)) is not None:
            found[name], read = _said(what) if not _inner(scenario, what, secret) else (_OPEN, [])
            waiting += _names(read)
    return found


def _inner(scenario: Scenario, what: Any, secret: Collection[str]) -> bool:
    """Whether a value is made of what the supplier controls, at least in part, and pays for."""
    parts = _names(formulas_in(what)) if not isinstance(what, Driver | Decision | Effort) else ()
    return any(
        (name in scenario.effort and scenario.effort[name].by == "supplier")
        or (name in secret and name in scenario.drivers and "supplier" in _parties(scenario.drivers[name]))
        for name in parts
    )


def _parties(driver: Driver) -> list[str]:
    """Who controls a driver, all or in part."""
    return [driver.control] if isinstance(driver.control, str) else [party for party, part in driver.control.items() if part]


def _read_by(term: Any) -> Iterator[str]:
    yield from _names(formulas_in(term))
    if term.term == "service_points":
        yield term.table
    if term.term == "dispute":
        yield from (each for each in (term.reading, term.customer_reads, term.expert_reads) if each is not None)


def _levels(scenario: Scenario, term: Any) -> Iterator[tuple[str, str]]:
    """The levels of a term by name, where that is not the name of what is held against them."""
    for name, each in getattr(term, "levels", {}).items():
        if _written(scenario, name) is None:
            yield name, said_of(each.level)


def _names(formulas: Iterable[Formula]) -> Iterator[str]:
    """All that formulas name, tables too, in the order in which they are written."""
    for formula in formulas:
        tables = {part.table for part, _ in parts_of(formula.tree) if isinstance(part, Lookup)}
        yield from sorted(formula.names | tables, key=lambda name: (formula.text.find(name), name))


def _written(scenario: Scenario, name: str) -> Any:
    """What the file says of a name; None of a term, which has a sentence of its own, and of what every offer knows."""
    if name in scenario.facts:
        return scenario.facts[name]
    sections = (scenario.value, scenario.lifecycle, scenario.drivers, scenario.effort, scenario.tables)
    return next((section[name] for section in sections if name in section), None)


def _said(what: Any) -> tuple[str, list[Formula]]:
    """What something is, and the formulas that were told with it."""
    if isinstance(what, Formula):
        return said_of(what), [what]
    if isinstance(what, Measured):
        filled = f"; where a reading is missing, {_FILLED[what.missing.filled]} counts" if what.missing is not None else ""
        return f"{said_of(what.measure)}, as measured{filled}", [what.measure]
    if isinstance(what, Ratchet):
        way = "" if what.by == 1.0 else f", {100.0 * what.by:g}% of the way"
        moves = f"after each {WINDOWS[what.every]} the {what.keeps} of {said_of(what.ratchet)} so far{way}"
        return f"{said_of(what.start)} at first; {moves}", [what.start, what.ratchet]
    if isinstance(what, Decision):
        return _decided(what)
    if isinstance(what, Table):
        return _table(what), []
    if isinstance(what, Driver):
        parties = _parties(what)
        if parties == ["nobody"]:
            return f"{_OPEN}; nobody controls it", []
        return f"{_OPEN}; controlled by {names_of([f'the {party}' if party != 'nobody' else 'chance' for party in parties])}", []
    return f"what the {what.by} puts in" if isinstance(what, Effort) else _OPEN, []


#: what is told of what the contract does not define
_OPEN = "as it turns out"
_FILLED = {"last reading": "the last reading", "mean so far": "the mean of all so far", "nothing": "nothing"}


def _decided(what: Decision) -> tuple[str, list[Formula]]:
    """A decision: who takes it, when, and, where both parties agreed on it, by which rule."""
    when = f"every {WINDOWS[what.every]}" if what.every else f"after {names_of([str(each) for each in what.at or ()])}"
    begins = f"; {said_of(what.starts)} at first"
    if what.by != "both":
        who = "left to chance" if what.by == "nobody" else f"decided by the {what.by}"
        who = who if what.when or what.chance or what.weighs else f"{_OPEN}, anew"
        return f"{'1 for yes, 0 for no, ' if what.yes_or_no else ''}{who} {when}{begins}", [what.starts]
    rule = f" becomes {said_of(what.becomes)}" + (f" if {condition_words(what.when.text)}" if what.when is not None else "")
    rule += f", else {said_of(what.otherwise)}" if what.otherwise is not None else ""
    told = [each for each in (what.starts, what.becomes, what.when, what.otherwise) if each is not None]
    return f"{said_of(what.starts)} at first; {when} it{rule}", told


def _table(what: Table) -> str:
    if what.line is not None:
        points = [f"{_number(value)} at {_number(at)}" for at, value in what.line.points]
        return f"in straight lines through {names_of(points)}, level beyond them"
    written = (what.whole or what.slices).slices  # type: ignore[union-attr]
    ranges = [
        f"{_number(value)} " + ("above" if edge is None else f"{'up to' if included else 'below'} {_number(edge)}")
        for edge, included, value in written
    ]
    return f"{names_of(ranges)}, {'for all of it' if what.whole is not None else 'each for what lies there'}"


def _number(number: Number) -> str:
    if number.unit is not None and not number.unit.powers:
        return f"{100.0 * number.value:.12g}%"
    return formula_words(f"{number.value:.12g}") + (f" {number.unit}" if number.unit is not None else "")
