"""The sheet of assumptions: the contract in words and in numbers, each in a named cell; drivers, values, costs, money and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gainsim.analyses import assumptions
from gainsim.clause_words.words import formula_words, label_of
from gainsim.model import Model
from gainsim.offer.scenario import Cost
from gainsim.ops.formula import Formula
from gainsim.report.words import name_words
from gainsim.report.workbook.numbers import TermNumber
from gainsim.report.workbook.sheet import Book, Sheet
from gainsim.summary import Summary
from gainsim.units import Unit
from gainsim.words import unit_words

ASSUMPTIONS = "Assumptions"
_COLUMNS = (26.0, 50.0, 18.0, 18.0, 56.0, 40.0)
_LAST = len(_COLUMNS) - 1
Row = Sequence[str]


def assumptions_sheet(
    book: Book,
    summary: Summary,
    numbers: Mapping[str, TermNumber],
    fixed: Sequence[TermNumber],
    clauses: Mapping[str, str],
) -> None:
    """Write it. numbers: those that may be changed, by the name of their cell; fixed: those that may not; clauses: in words"""
    out = book.sheet(ASSUMPTIONS)
    out.widths(*_COLUMNS)
    model = summary.run.model
    scenario = model.scenario
    out.text(0, 0, "What is assumed", "title")
    out.text(
        1,
        0,
        "Blue figures may be changed: the schedules reckon with them at once. All else stands for the reader.",
        "note",
    )
    row = _told(out, 3, "The contract in words", [(name_words(name), said) for name, said in clauses.items()])
    row = _numbers(book, out, row, numbers, fixed)
    drivers = [
        (name_words(d.name), d.about, d.control, d.unit, d.moves, d.central) for d in assumptions.driver_rows(summary)
    ]
    row = _table(
        out, row, ("Drivers", "what it is", "who controls it", "unit", "how it moves", "central value"), drivers
    )
    values = [
        (name_words(name), label_of(said), "", unit_words(model.facts.told(name).unit))
        for name, said in assumptions.value_rows(scenario)
    ]
    row = _table(out, row, ("Values", "what it is", "", "unit"), values)
    costs = [
        (
            name_words(name),
            formula_words(cost.amount.text),
            _LAYERS[cost.layer],
            _unit(model, cost.amount),
            _cost_words(cost),
        )
        for name, cost in scenario.costs.items()
    ]
    row = _table(out, row, ("Costs", "amount", "margin", "unit", "when"), costs)
    row = _table(out, row, ("The customer's side", "amount", "what it does", "unit"), list(_customer(model)))
    decided = [(name_words(name), f"by {by}: {rule}") for name, by, rule in assumptions.decided_rows(scenario)]
    row = _told(out, row, "What is decided", decided)
    row = _told(out, row, "What moves together", [("", link) for link in assumptions.dependence_rows(scenario)])
    _told(out, row, "Money and time", assumptions.setting_rows(summary))
    out.prints(len(_COLUMNS))


def _told(out: Sheet, top: int, title: str, rows: Sequence[tuple[str, str]]) -> int:
    """Sentences with a name beside them; nothing where there are none. Gives the row behind them and a gap."""
    if not rows:
        return top
    out.texts(top, (title, *[""] * _LAST), "head")
    for row, (name, said) in enumerate(rows, start=top + 1):
        out.text(row, 0, name)
        out.prose(row, 1, _LAST, said)
    return row + 2


def _table(out: Sheet, top: int, head: Row, rows: Sequence[Row]) -> int:
    """Rows of words under their heads; nothing where there are none. Gives the row behind them and a gap."""
    if not rows:
        return top
    out.texts(top, (*head, *[""] * (len(_COLUMNS) - len(head))), "head")
    for row, said in enumerate(rows, start=top + 1):
        out.texts(row, said, "wrap")
    return row + 2


def _numbers(book: Book, out: Sheet, top: int, numbers: Mapping[str, TermNumber], fixed: Sequence[TermNumber]) -> int:
    """The contract's numbers, those that may be changed in named cells."""
    if not numbers and not fixed:
        return top
    out.texts(top, ("The contract's numbers", "which"), "head")
    out.text(top, 2, "value", "figures")
    out.texts(top, (" unit", "name of the cell", "as written"), "head", column=3)
    for row, number in enumerate((*numbers.values(), *fixed), start=top + 1):
        live = number.name in numbers
        out.text(row, 0, name_words(number.term))
        out.text(row, 1, name_words(number.place).removeprefix("steps "), "wrap")
        if number.in_percent:
            out.number(row, 2, number.value, "share" if live else "percent")
        else:
            out.number(row, 2, number.value, "input" if live else "figure", _decimals(number.value) if live else None)
        out.text(row, 3, number.in_words, "unit")
        out.text(row, 4, number.name if live else "fixed: it stands in the formulas", "wrap")
        out.text(row, 5, number.text, "wrap")
        if live:
            book.name(number.name, f"{ASSUMPTIONS}!$C${row + 1}")
    return row + 2


def _decimals(value: float) -> int:
    """So many decimals as a number was written with.

    >>> _decimals(34_000.0), _decimals(0.25)
    (0, 2)
    """
    return next(digits for digits in range(16) if digits == 15 or round(value, digits) == value)


_LAYERS = {"contribution": "contribution", "overhead": "after overhead", "capital": "after capital"}


def _cost_words(cost: Cost) -> str:
    said = []
    for key, words in (("at", "at {}"), ("indexed", "following {}"), ("straight_line", "written down over {}")):
        if (value := getattr(cost, key)) is not None:
            said.append(words.format(value))
    return name_words(", ".join(said)) if said else "over time"


def _customer(model: Model) -> Iterator[Row]:
    customer = model.scenario.customer
    for kind, part in (
        ("gains", customer.gains),
        ("no longer spends", customer.avoids),
        ("newly spends", customer.spends),
    ):
        for name, formula in part.items():
            yield name_words(name), formula_words(formula.text), kind, _unit(model, formula)


def _unit(model: Model, amount: Formula) -> str:
    """The unit of an amount; a bare number is one of the contract's currency."""
    unit = model.facts.unit(amount)
    return str(unit) if isinstance(unit, Unit) else model.scenario.currency
