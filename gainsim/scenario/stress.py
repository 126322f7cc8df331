"""The cases of a stress: what each says with all that it takes in, and what makes no sense in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gainsim.drivers.shocked import check_shock
from gainsim.grid import Calendar
from gainsim.linked import Linked
from gainsim.model import calendar_of
from gainsim.offer.drivers import CERTAIN, Driver
from gainsim.offer.scenario import Scenario
from gainsim.offer.shocks import Shock
from gainsim.offer.stress import Case, Correlations, Range
from gainsim.problems import KeyPath, Problems
from gainsim.scenario.changes import path_to, with_values
from gainsim.scenario.library import filled_in
from gainsim.scenario.problems import problems_from
from gainsim.scenario.reading import Document, path_text
from gainsim.spelling import meant_or_known

#: how a scenario is run, called, valued and approved, and for how long: nothing that could happen to an offer
_NOT_STRESSED = (
    "gainsim", "title", "about", "currency", "calendar", "money", "run", "stress", "offers", "limits", "approval",
)  # fmt: skip


@dataclass(frozen=True)
class Stress:
    """A case with all that the cases it takes in say; everything holds at once.

    shocks: by driver, in their order
    where:  by driver, the ranges in which its average lies
    values: other values of the file, by key
    """

    name: str
    about: str
    shocks: tuple[tuple[str, Shock], ...] = ()
    where: tuple[tuple[str, Range], ...] = ()
    correlations: Correlations | None = None
    values: Mapping[str, Any] | None = None


def stress_of(name: str, cases: Mapping[str, Case]) -> Stress:
    """A case of a file that is in order."""
    whole = [cases[each] for each in _taken_in(name, cases)]
    shocks = tuple(item for case in whole for item in case.shocks.items())
    where = tuple(item for case in whole for item in case.where.items())
    correlations = next((case.correlations for case in whole if case.correlations is not None), None)
    values = {key: value for case in whole for key, value in case.set.items()}
    return Stress(name, cases[name].about or "", shocks, where, correlations, values)


def _taken_in(name: str, cases: Mapping[str, Case]) -> list[str]:
    """A case and all that it takes in, each once, those that are taken in first."""
    found = [each for other in cases[name].all_of for each in _taken_in(other, cases)]
    return list(dict.fromkeys([*found, name]))


def place_of(path: str, name: str, scenario: Scenario, document: Document) -> KeyPath:
    """Where a case says what makes no sense at this path of the file: at a key that it sets; else the case itself.

    name: of the case, which may take in the one that says it
    """
    said = [("stress", each, "set", key) for each in _taken_in(name, scenario.stress) for key in scenario.stress[each].set]

    def to_blame(key: str) -> bool:
        at = path_text(path_to(filled_in(document).data, key))
        return f"{path}.".startswith((f"{at}.", f"{at}["))

    blamed = [each for each in said if to_blame(each[-1])]
    return blamed[0] if blamed else said[0] if len(said) == 1 else ("stress", name)


def complaints_of_cases(scenario: Scenario, document: Document) -> Iterator[tuple[KeyPath, str]]:
    """What makes no sense in the cases of a file whose form is in order: (place, message) of each."""
    if not scenario.stress:
        return
    try:
        calendar = calendar_of(scenario.calendar)
    except ValueError:  # told at its own place
        return
    problems = Problems()
    for name, case in scenario.stress.items():
        _check_case(name, case, scenario, calendar, document, problems)
    for name in scenario.stress if not problems.found else ():
        with problems.at("stress", name, "all_of"):
            _check_together(name, scenario.stress)
    yield from problems.found


def _check_case(name: str, case: Case, scenario: Scenario, calendar: Calendar, document: Document, problems: Problems) -> None:
    for driver, shock in case.shocks.items():
        with problems.at("stress", name, "shocks", driver):
            check_shock(shock, _driver(driver, scenario), calendar)
    for driver, written in case.where.items():
        with problems.at("stress", name, "where", driver):
            _check_range(written, driver, _driver(driver, scenario))
    if case.correlations is not None:
        with problems.at("stress", name, "correlations"):
            check_correlations(case.correlations, Linked(scenario.dependence, scenario.drivers, calendar, Problems()))
    for key, value in case.set.items():
        with problems.at("stress", name, "set", key):
            _check_value(key, value, document)
    for other in case.all_of:
        with problems.at("stress", name, "all_of"):
            if other not in scenario.stress:
                raise ValueError(f"no case '{other}'.{meant_or_known(other, [each for each in scenario.stress if each != name])}")
            if name in _reached(other, scenario.stress):
                raise ValueError(f"'{other}' takes in this case itself. A case takes in others, which do not take it in.")


def _driver(name: str, scenario: Scenario) -> Driver:
    if name not in scenario.drivers:
        raise ValueError(f"no driver '{name}'.{meant_or_known(name, scenario.drivers)}")
    return scenario.drivers[name]


def _check_range(written: Range, name: str, driver: Driver) -> None:
    if driver.kind in CERTAIN:
        raise ValueError(f"'{name}' is certain: it lies nowhere else on any future. Write shocks, or set its value.")
    for key in ("above", "below"):
        edge = getattr(written, key)
        if edge is not None and edge.value is not None and edge.value.unit != driver.unit:
            told = f"{key}: {edge.text} is in {edge.value.unit.describe()}, and {name} in {driver.unit.describe()}"
            raise ValueError(f"{told}. Write it in that unit, or a percentile, as p90.")


def check_correlations(written: Correlations, linked: Linked) -> None:
    """Raise ValueError where these drivers cannot be made to hang together otherwise."""
    among = written.among
    if among is None:
        if not linked.pairs and not linked.groups:
            raise ValueError("no drivers of the file hang together. Say which are to, as among: [price, demand].")
        if written.to < 0.0 and any(group.kind != "student_t" for group in linked.groups):
            raise ValueError(f"to: {written.to:g}: the drivers of a group rise together. Write 0 or more.")
        return
    for number, name in enumerate(among):
        if name not in linked.drivers:
            raise ValueError(f"among: no driver '{name}'.{meant_or_known(name, linked.drivers)}")
        if name in among[:number]:
            raise ValueError(f"among: '{name}' is named twice. Name each driver once.")
        if linked.once.get(name) is None:
            raise ValueError(f"among: '{name}' has no draws of its own: it cannot hang together with anything. Leave it out.")
    if len({linked.once[name] for name in among}) > 1:
        raise ValueError("among: some are drawn once for life, others each period: they cannot move together.")
    groups = {linked.group_of.get(name) for name in among}
    if len(groups) > 1 or any(number is not None and not _is_open(linked, number) for number in groups):
        grouped = next(name for name in among if name in linked.group_of)
        number = linked.group_of[grouped]
        raise ValueError(f"among: '{grouped}' stands in the group dependence[{number}], which moves as a whole. Leave among out.")


def _is_open(linked: Linked, number: int) -> bool:
    """Whether a group leaves it to pairs how closely its drivers hang together."""
    return getattr(linked.links[number], "kind", "") == "student_t"


def _check_value(key: str, value: object, document: Document) -> None:
    """A value that stands in the place of another of the file, in a form that may stand there."""
    section = key.replace("[", ".").split(".")[0]
    if section in _NOT_STRESSED:
        raise ValueError(f"'{section}' is no part of what may happen to an offer. Name a key of its world, contract or costs.")
    changed = filled_in(with_values(document, {key: value}))
    try:
        Scenario.model_validate({part: written for part, written in changed.data.items() if part != "stress"})
    except ValidationError as error:
        at = path_text(path_to(changed.data, key))
        for problem in problems_from(error, changed, Scenario):  # what else is wrong in the file is told at its own place
            if f"{at}.".startswith(f"{problem.path}.") or problem.path.startswith((f"{at}.", f"{at}[")):
                raise ValueError(problem.message) from None


def _reached(name: str, cases: Mapping[str, Case], seen: Sequence[str] = ()) -> set[str]:
    """A case and all that it takes in, also where they take in each other."""
    others = cases[name].all_of if name in cases and name not in seen else ()
    return {name}.union(*(_reached(other, cases, (*seen, name)) for other in others))


def _check_together(name: str, cases: Mapping[str, Case]) -> None:
    """Cases that hold at once say one thing of each value, and of the correlations."""
    said: dict[str, tuple[str, object]] = {}
    for each in _taken_in(name, cases):
        case = cases[each]
        own: dict[str, object] = dict(case.set)
        if case.correlations is not None:
            own["correlations"] = case.correlations
        for key, value in own.items():
            other, before = said.setdefault(key, (each, value))
            if before != value:
                raise ValueError(f"'{other}' and '{each}' both say what {key} is. Leave one of them out.")
