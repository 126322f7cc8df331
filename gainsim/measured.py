"""Measured values: a true value, and the errors of measurement that stand between it and what is read."""

from __future__ import annotations

from gainsim.facts import Facts
from gainsim.offer.measured import Measured, MeasurementError
from gainsim.ops import Value, where
from gainsim.ops.formula import Formula
from gainsim.ops.unit_check import Kind, in_words
from gainsim.units import Unit
from gainsim.world import World


def measured(name: str, written: Measured, true: Value, unit: Unit, facts: Facts, world: World) -> Value:
    """The true value and, on it, each of its errors. Where it is read exactly, errors are drawn and count for nothing."""
    value = true
    for error, each in written.errors.items():
        with world.problems.at("value", name, "errors", error, "size"):
            drawn = _error(f"{name}/{error}", each, unit, facts, world)
            value = value if world.exact else value + drawn
    return value


def _error(stream: str, error: MeasurementError, unit: Unit, facts: Facts, world: World) -> Value:
    """Its size times a score, drawn once, each year or each period."""
    deviation = _size(error.size, unit, facts)
    if world.mode != "drawn":
        return 0.0 * deviation
    if error.drawn == "once":
        return deviation * facts.program.draw_once(stream, facts.every)
    score = facts.program.draw(stream, facts.every)
    if error.drawn == "each year":
        firsts = [
            float(any(w.first == t for w in facts.calendar.windows("year"))) for t in range(facts.calendar.periods)
        ]
        memory = facts.program.state(0.0, stream)
        score = where(facts.program.param(firsts) > 0.5, score, memory.read(facts.every))
        memory.write(facts.every, score)
    return deviation * score


def _size(size: Formula, unit: Unit, facts: Facts) -> Value:
    """How large an error is; it has the unit of what is measured."""
    value, own = facts.each_period(size)
    if own is not Kind.BARE and own != unit:
        told = f"'{size.text}' is {in_words(own)}; what is measured is {in_words(unit)}"
        raise ValueError(f"{told}. An error has the unit of what is measured.")
    return value
