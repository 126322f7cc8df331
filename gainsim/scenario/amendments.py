"""Amendments: numbers of the contract changed from a date on, written into it as dated formulas before it is read."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from gainsim.errors import Problem
from gainsim.model import calendar_of
from gainsim.offer.fields import formulas_in, read_formula
from gainsim.offer.scenario import Scenario
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Choice, Dated
from gainsim.scenario.changes import path_to
from gainsim.scenario.problems import problem_of, problems_from
from gainsim.scenario.reading import Document, KeyPath, Place, path_text

#: where numbers stand that the parties agree on, and may agree on anew
AMENDED = ("contract", "value")


def amended(document: Document, written: Scenario) -> tuple[Document, list[Problem]]:
    """The document with its amendments in place, and what is wrong with them.

    written: the scenario of the document, whose form is in order

    `contract.fee.amount: 36_000 EUR per month`, effective 2029-01, makes of `34_000 EUR per month` the formula
    `36_000 EUR per month from 2029-01 else 34_000 EUR per month`; of several, the latest stands first. Whatever is wrong
    with an amended number is told at the place of its amendment.
    """
    data = copy.deepcopy(document.data)
    places: dict[KeyPath, Place] = {}
    found: list[Problem] = []
    since: dict[KeyPath, date] = {}
    outside = {n: said for n, amendment in enumerate(written.amendments) if (said := _outside(amendment.effective, written))}
    for number, said in outside.items():
        found.append(problem_of(f"effective: {said}", ("amendments", number), document))
    for number, effective, key, new in _in_time(written):
        if number in outside:
            continue
        at: KeyPath = ("amendments", number, "set", key)
        try:
            path = path_to(data, key)
            if since.get(path) == effective:
                raise ValueError(f"is amended twice from {effective:%Y-%m} on. Write it once.")
            text = _dated(document.data, data, path, new, effective)
        except ValueError as error:
            found.append(replace(problem_of("", at, document), message=str(error)))
            continue
        since[path] = effective
        places[path] = document.value_places[at]
        wrong = _wrong_by_itself(replace(document, data=_with(document.data, path, new.text)), path)
        found += [replace(problem, line=places[path].line, column=places[path].column) for problem in wrong]
        data = _with(data, path, text)
    keys, values = {**document.places, **places}, {**document.value_places, **places}
    return replace(document, data=data, places=keys, value_places=values), found


def _outside(effective: date, written: Scenario) -> str:
    """What is wrong with a month from which on nothing can be amended; nothing within the contract."""
    try:
        calendar = calendar_of(written.calendar)
    except ValueError:  # told with the calendar
        return ""
    if effective <= calendar.start:
        return f"the contract starts in {calendar.start:%Y-%m}: an amendment comes later. Change the clause itself."
    if effective >= calendar.end:
        return f"{effective:%Y-%m} lies beyond the contract's end, {calendar.end}. Write an earlier month."
    return ""


def _in_time(written: Scenario) -> Iterator[tuple[int, date, str, Formula]]:
    """Every amended number, the earliest first: (which amendment, from when, key, what it is from then on)."""
    order = sorted(enumerate(written.amendments), key=lambda each: each[1].effective)
    return ((n, amendment.effective, key, new) for n, amendment in order for key, new in amendment.set.items())


def _dated(written: Any, data: Any, path: KeyPath, new: Formula, effective: date) -> str:
    """What stands at the path, with the amendment; ValueError for what cannot be dated."""
    old = _value_at(data, path)
    if old is None:
        raise ValueError("does not stand in the contract as first agreed. Write it there, as it holds before.")
    if path[0] not in AMENDED:
        raise ValueError(f"is in '{path[0]}'. An amendment changes numbers of the contract and of values.")
    if isinstance(old, bool | dict | list):
        raise ValueError("is no single number. Name a number in it, with dots: contract.fee.amount.")
    if not _may_be_dated(written, path, f"{effective:%Y-%m}"):
        raise ValueError(
            "holds for life: only a formula or an amount may change with time. End the term, and write another."
        )
    before = read_formula(old)
    while isinstance(before.tree, Dated) and before.tree.when.kind == "date" and _is_later(before.tree, effective):
        before = read_formula(before.text[slice(*before.tree.other.span)])  # what would have come later never does
    after = f"({new.text})" if isinstance(new.tree, Choice | Dated) else new.text
    return f"{after} from {effective:%Y-%m} else {before.text}"


def _is_later(dated: Dated, effective: date) -> bool:
    return (dated.when.year, dated.when.month) >= (effective.year, effective.month)


def _may_be_dated(written: Any, path: KeyPath, month: str) -> bool:
    """Whether a formula stands at the path: a dated number in its place is read as one."""
    text = f"0 from {month} else 0"
    try:
        scenario = Scenario.model_validate(_with(written, path, text))
    except ValidationError:
        return False
    part = getattr(scenario, str(path[0]))[path[1]]
    return any(formula.text == text for formula in formulas_in(part))


def _wrong_by_itself(document: Document, path: KeyPath) -> list[Problem]:
    """What would be wrong with the new number if it stood there from the start."""
    try:
        Scenario.model_validate(document.data)
    except ValidationError as error:
        return [problem for problem in problems_from(error, document, Scenario) if problem.path == path_text(path)]
    return []


def _value_at(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else data[key]
    return data


def _with(data: Any, path: KeyPath, value: Any) -> Any:
    """A copy of the data with another value at the path."""
    data = copy.deepcopy(data)
    *above, last = path
    parent = _value_at(data, tuple(above))
    parent[last] = value
    return data
