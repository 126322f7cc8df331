"""From a file to an offer: read, changed where asked, checked for form and for sense; all problems at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gainsim.errors import Problem, ScenarioError, UsageError
from gainsim.model import Model, OfferError, build
from gainsim.offer.scenario import Scenario
from gainsim.scenario.problems import problems_from
from gainsim.scenario.reading import Document, did_you_mean, path_text, read, read_text


@dataclass(frozen=True)
class Loaded:
    """A scenario that is in order: as written, as read, and as dated."""

    scenario: Scenario
    document: Document
    model: Model


def load_file(path: Path | str, changes: Sequence[str] = ()) -> Loaded:
    """Load a scenario file. changes: "drivers.wage.constant=5", each setting one value of the file.

    Raises `ScenarioError` with every problem and its place; `UsageError` for a change that names no key.
    """
    document = read(Path(path))
    return from_document(changed(document, changes))


def from_document(document: Document) -> Loaded:
    """Check a document and write its offer down."""
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as error:
        raise ScenarioError(problems_from(error, document, Scenario)) from None
    try:
        return Loaded(scenario, document, build(scenario))
    except OfferError as error:
        raise ScenarioError([_problem(document, path, message) for path, message in error.found]) from None


def _problem(document: Document, path: tuple[str | int, ...], message: str) -> Problem:
    known = path
    while known not in document.value_places and known:
        known = known[:-1]
    value = _value_at(document.data, known)
    places = document.places if isinstance(value, (dict, list)) else document.value_places
    place = places.get(known) or document.place(known)
    return Problem(document.name, place.line, place.column, path_text(path), message)


def _value_at(data: Any, path: Sequence[str | int]) -> Any:
    for key in path:
        data = data[key]
    return data


def changed(document: Document, changes: Sequence[str]) -> Document:
    """A document with single values replaced; places stay those of the file."""
    data = copy.deepcopy(document.data)
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set {change}: write key=value, as --set drivers.wage_index.constant=5.")
        value = read_text(f"value: {text.strip() or '~'}", f"--set {change}").data["value"]
        _set(data, key.strip(), value, change)
    return Document(document.name, data, document.places, document.value_places)


def _set(data: Any, key: str, value: Any, change: str) -> None:
    parts = key.replace("[", ".").replace("]", "").split(".")
    for number, part in enumerate(parts):
        here: Any = int(part) if isinstance(data, list) and part.isdigit() else part
        known = range(len(data)) if isinstance(data, list) else data
        last = number == len(parts) - 1
        if not isinstance(data, (dict, list)) or (here not in known and not (last and isinstance(data, dict))):
            keys = [str(k) for k in known] if isinstance(known, (Mapping, range)) else []
            raise UsageError(f"--set {change}: the file has no '{'.'.join(parts[: number + 1])}'.{did_you_mean(part, keys)}")
        if last:
            data[here] = value
        else:
            data = data[here]
