"""An offer under stress, in the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import fill
from typing import Any

from gainsim.analyses.stress import Heat, Result, Stresses
from gainsim.analyses.stress_words import case_words, notes
from gainsim.futures import value
from gainsim.measures import Estimate
from gainsim.measuring import FEW, Measured
from gainsim.spelling import listed
from gainsim.text.offer import amount, heading, table
from gainsim.units import Unit
from gainsim.words import counted, doubt

SCHEMA = "gainsim/stress/1"
_WIDTH = 120


def page(found: Stresses) -> str:
    """All that is told of an offer under stress."""
    title = f"{found.model.scenario.title}\n{counted(found.paths, 'future')}, seed {found.seed}; ± is one standard error"
    parts = [title, f"{heading('Every case against the offer as it is, the worst first')}\n{_cases(found)}"]
    parts.append(f"{heading('What the cases say')}\n{_said(found)}")
    if found.heat is not None:
        a, b = found.heat.drivers
        units = [found.model.scenario.drivers[name].unit for name in (a, b)]
        parts.append(f"{heading(f'Mean NPV by the fifths of {a} and of {b}')}\n{heat_table(found.heat, units)}")
    return "\n\n".join(parts)


def _cases(found: Stresses) -> str:
    says = customer_told(found)
    rows = [(each.stress.name, *cells(each, says)) for each in found.cases]
    head = ("", *HEAD, *(CUSTOMER if says else ()), "limits broken")
    return "\n".join([as_it_is(found), "", table(rows, head=head, left=(0, len(head) - 1)), *remarks(found)])


HEAD = ("mean NPV", "changed by", "", "worst 5% by", "", "chance of loss")
CUSTOMER = ("customer by", "")


def customer_told(found: Stresses) -> bool:
    """Whether the file says anything of the customer's own side."""
    return found.as_is.measures["customer_net_benefit"].estimate is not None


def as_it_is(found: Stresses) -> str:
    """What the offer comes to without any stress, in a sentence."""
    of = found.as_is.measures
    said = [f"mean NPV {_both(of['npv'])}", f"mean of its worst 5% {_both(of['cvar_95'])}"]
    said.append(f"chance of loss {of['chance_of_loss'].in_short}")
    if customer_told(found):
        said.append(f"customer's net benefit {_both(of['customer_net_benefit'])}")
    broken = f"; it breaks {listed(found.as_is.broken)}" if found.as_is.broken else ""
    return f"As it is: {', '.join(said)}{broken}."


def _both(of: Measured) -> str:
    return " ".join(filter(None, of.shown))


def cells(of: Result, customer: bool) -> tuple[str, ...]:
    """A row: the mean NPV, what has changed, the chance of loss, what has changed for the customer, which limits are broken."""
    npv, loss = _money(of.measures["npv"])[0], of.measures["chance_of_loss"].in_short
    ours = [cell for name in ("npv", "cvar_95") for cell in _money(of.apart[name], "+")]
    theirs = _money(of.apart["customer_net_benefit"], "+") if customer else ()
    return (npv, *ours, loss, *theirs, ", ".join(of.broken))


def remarks(found: Stresses) -> list[str]:
    """What is to be known of the cases, behind an empty line where there is anything."""
    said = [*notes(found)]
    if not found.own:
        said.append("The file has no cases of its own (stress:). Each driver that moves is taken in its lowest and highest tenth;")
        said.append("what hangs together with it moves along.")
    return ["", *said] if said else []


def _money(of: Measured, sign: str = "") -> tuple[str, str]:
    if of.estimate is None:
        return "none", ""
    return f"{of.estimate.value:{sign}z,.0f}", doubt(of.estimate)


def _said(found: Stresses) -> str:
    return "\n".join(fill(f"{each.stress.name}: {said(each, found.own)}", _WIDTH, subsequent_indent="  ") for each in found.cases)


def said(of: Result, own: bool) -> str:
    """What a case says, with what its writer says of it; own: whether it is the file's own."""
    count = f": {counted(of.futures, 'future')}" if of.stress.where else ""
    words = f"{case_words(of.stress)}{count}"
    if not (of.stress.about and own):
        return f"{words}."
    return f"{of.stress.about.strip().removesuffix('.')} ({words})."


def heat_table(of: Heat, units: Sequence[Unit]) -> str:
    """The map as a table: the first driver from row to row, the second from column to column, the lowest first."""
    first, second = of.drivers
    rows = [
        (fifth(number, of.edges[0], units[0]), *(_cell(cell, count) for cell, count in zip(row, counts, strict=True)))
        for number, (row, counts) in enumerate(zip(of.cells, of.futures, strict=True))
    ]
    head = (f"{first} \\ {second}", *(fifth(number, of.edges[1], units[1]) for number in range(len(of.edges[1]) + 1)))
    few = sum(1 for row in of.futures for count in row if 0 < count < FEW)
    notes = ["In brackets: fewer than 30 futures lie there."] if few else []
    return "\n".join([table(rows, head=head), *notes])


def fifth(number: int, edges: Sequence[float], unit: Unit) -> str:
    """A fifth by where it ends."""
    if number == 0:
        return f"up to {value(edges[0], unit)}"
    return f"above {value(edges[-1], unit)}" if number == len(edges) else f"to {value(edges[number], unit)}"


def _cell(of: Estimate | None, count: int) -> str:
    if of is None:
        return "none"
    return f"({amount(of.value)})" if count < FEW else amount(of.value)


def to_json(found: Stresses) -> dict[str, Any]:
    """The same for machines."""

    def case(of: Result) -> dict[str, Any]:
        return {
            "name": of.stress.name, "says": case_words(of.stress), "about": of.stress.about, "futures": of.futures,
            "too_few": of.too_few, "moves": of.moves, "limits_broken": list(of.broken),
            "measures": {name: told(each.estimate) for name, each in of.measures.items()},
            "changed_by": {name: told(each.estimate) for name, each in of.apart.items()},
        }  # fmt: skip

    def told(of: Estimate | None) -> dict[str, float | None] | None:
        if of is None:
            return None
        return {"value": of.value, "standard_error": of.standard_error if math.isfinite(of.standard_error) else None}

    heat = found.heat
    return {
        "schema": SCHEMA,
        "title": found.model.scenario.title,
        "currency": found.model.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "own_cases": found.own,
        "as_is": case(found.as_is),
        "cases": [case(each) for each in found.cases],
        "heat": None if heat is None else {
            "drivers": list(heat.drivers), "edges": [list(each) for each in heat.edges],
            "npv": [[told(cell) for cell in row] for row in heat.cells], "futures": [list(row) for row in heat.futures],
        },
        "notes": list(notes(found)),
    }  # fmt: skip
