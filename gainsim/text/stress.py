"""An offer under stress, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from gainsim.analyses.stress import Heat, Stresses
from gainsim.analyses.stress_words import as_it_is, case_rows, columns_of_words, fifth, notes, said
from gainsim.measures import Estimate
from gainsim.measuring import FEW
from gainsim.text.offer import amount, heading, table
from gainsim.text.told import WIDTH, study_title, table_within
from gainsim.units import Unit


def page(found: Stresses) -> str:
    """All that is told of an offer under stress."""
    title = study_title(found.model.scenario, found.paths, found.seed)
    parts = [title, f"{heading('Every case against the offer as it is, the worst first')}\n{_cases(found)}"]
    if found.own:
        parts.append(f"{heading('What the cases say')}\n{_said(found)}")
    if found.heat is not None:
        a, b = found.heat.drivers
        units = [found.model.scenario.drivers[name].unit for name in (a, b)]
        parts.append(f"{heading(f'Mean NPV by the fifths of {a} and of {b}')}\n{heat_table(found.heat, units)}")
    return "\n\n".join(parts)


def _cases(found: Stresses) -> str:
    head, rows = case_rows(found)
    remarks = [*notes(found)]
    above = [fill(as_it_is(found), WIDTH), "", table_within(head, rows, columns_of_words(head))]
    return "\n".join([*above, "", *remarks] if remarks else above)


def _said(found: Stresses) -> str:
    return "\n".join(fill(f"{each.stress.name}: {said(each)}", WIDTH, subsequent_indent="  ") for each in found.cases)


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


def _cell(of: Estimate | None, count: int) -> str:
    if of is None:
        return "none"
    return f"({amount(of.value)})" if count < FEW else amount(of.value)
