"""Levers of a scenario: numbers of the file found at their keys, their ranges read in what is written there, and moved."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from gainsim.errors import Problem
from gainsim.offer.tuning import LeverText, Tune
from gainsim.scenario.changes import (
    found_at,
    number_as_there,
    put,
    text_of_number,
    the_number,
    untold,
    value_at,
    with_number,
    written_number,
)
from gainsim.scenario.library import filled_in
from gainsim.scenario.problems import problem_of
from gainsim.scenario.reading import Document, KeyPath, path_text
from gainsim.scenario.rewriting import rekeyed, rewritten

#: sections that name keys of the file
_NAMES_KEYS = ("tune", "stress")
#: sections that are no part of what is agreed or done: how an offer is looked at, and what is asked of it
_NOT_MOVED = ("gainsim", "title", "about", "currency", "parties", "money", "run", "limits", "approval", *_NAMES_KEYS)
#: a number misses a whole step by no more than this part of one where it is one
_SLACK = 1e-9
#: so many steps a range has at least, where none is written
FINE = 1_000


@dataclass(frozen=True)
class Lever:
    """A number of the file that may be moved.

    paths:     the keys down to it; of an edge, down to the key that has it
    edge:      whether it is the number in the key itself
    text:      what is written there: the value, or the key
    number:    what it is as the offer stands, in what is written there: 40 of `40%`
    low, high: the ends of its range, likewise; step: it is a whole number of steps above the lower one
    """

    name: str
    paths: tuple[KeyPath, ...]
    edge: bool
    text: str
    number: float
    low: float
    high: float
    step: float

    @property
    def key(self) -> str:
        """Where it stands, as a term sheet names it."""
        return " and ".join(path_text(path) for path in self.paths)

    def place(self, number: float) -> float:
        """How far a number lies from the lower end of the range, as a part of it."""
        return (number - self.low) / (self.high - self.low)

    def nearest(self, place: float) -> float:
        """The number that lies nearest to a place in the range, in whole steps."""
        most = math.floor((self.high - self.low) / self.step * (1.0 + 1e-12))
        steps = min(max(round(place * (self.high - self.low) / self.step), 0), most)
        return float(f"{self.low + steps * self.step:.12g}")

    def between(self, one: float, other: float, part: float) -> float | None:
        """The last number in whole steps up to a part of the way from one number to another, or next to one of these.

        None where no step lies between them.
        """
        here, there = ((number - self.low) / self.step for number in (one, other))
        first, last = math.floor(min(here, there) + _SLACK) + 1, math.ceil(max(here, there) - _SLACK) - 1
        if first > last:
            return None
        wanted = here + part * (there - here)
        steps = math.floor(wanted + _SLACK) if here < there else math.ceil(wanted - _SLACK)
        return float(f"{self.low + min(max(steps, first), last) * self.step:.12g}")

    def written(self, number: float) -> str:
        """What is written there with another number."""
        return with_number(self.text, number)

    def short(self, number: float) -> str:
        """The number alone, with its percent sign where it has one."""
        found = written_number(self.text)
        percent = found is not None and self.text[found.end() :].lstrip().startswith("%")
        return f"{number:_.12g}{'%' if percent else ''}"


def levers_in(tune: Tune, document: Document) -> tuple[list[Lever], list[Problem]]:
    """The levers of a document, and what is wrong with those that are none."""
    data = filled_in(document).data
    found: list[Lever] = []
    wrong: list[Problem] = []
    for name, written in tune.levers.items():
        try:
            found.append(_lever(name, written, data))
        except _NoLeverError as error:
            wrong.append(problem_of(f"{error.key}: {error}", ("tune", "levers", name), document))
    for one, other in _same_place(found):
        said = f"it moves {one.key}, and so does '{other.name}'. Leave one of them out."
        wrong.append(problem_of(said, ("tune", "levers", one.name), document))
    return found, wrong


def problems_of_levers(document: Document) -> list[Problem]:
    """What is wrong with the levers of a file; of a part `tune` that is out of form nothing is said here.

    Where other values of the file are changed, for one run, levers need not reach them: `gainsim tune` then asks anew.
    """
    if "tune" not in document.data or any(change.path[0] not in ("tune", "run") for change in document.changes):
        return []
    try:
        return levers_in(Tune.model_validate(document.data["tune"]), document)[1]
    except ValidationError:
        return []


class _NoLeverError(ValueError):
    """Why a lever is none, and the key of it that is to blame."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def _lever(name: str, written: LeverText, data: Mapping[str, Any]) -> Lever:
    edge = written.at is None
    where = "edge" if edge else "at"
    keys = written.edge if written.at is None else written.at
    assert keys is not None
    paths, texts = [], []
    for key in keys:
        try:
            path, value = found_at(data, key)
            _check_that_somebody_moves_it(path, data)
            text = str(path[-1]) if edge else text_of_number(value)
            if edge and not written_number(text):
                raise ValueError(f"there is no edge in '{path[-1]}'. Name the key of a band, as 'up to 50_000'.")
        except ValueError as error:
            raise _NoLeverError(where, str(error)) from None
        paths.append(path)
        texts.append(text)
    numbers = [the_number(text) for text in texts]
    if len(set(numbers)) > 1:
        told = " and ".join(f"{text} at {path_text(path)}" for text, path in zip(texts, paths, strict=True))
        raise _NoLeverError(where, f"keys of one lever have one number; now there are {told}. Make them alike, or two levers.")
    number = numbers[0]
    low, high = (_as_there(each, texts[0], "between") for each in written.between)
    ends = f"{written.between[0]} to {written.between[1]}"
    if not low < high:
        raise _NoLeverError("between", f"the range goes from {ends}. Write the lower end first, both in what is written there.")
    if not low <= number <= high:
        told = f"'{texts[0]}', which stands at {path_text(paths[0])}, lies outside {ends}"
        raise _NoLeverError("between", f"{told}. Widen the range to the offer as it stands.")
    fine = 10.0 ** math.floor(math.log10((high - low) / FINE))
    step = fine if written.step is None else _as_there(written.step, texts[0], "step")
    if not 0.0 < step <= high - low:
        raise _NoLeverError("step", f"steps of {written.step} do not fit into {ends}. Write one above 0 and below the range.")
    return Lever(name, tuple(paths), edge, texts[0], number, low, high, step)


def _check_that_somebody_moves_it(path: KeyPath, data: Mapping[str, Any]) -> None:
    """A lever is a number that the parties agree on, or that the supplier decides."""
    if path[0] in _NOT_MOVED:
        raise ValueError(f"'{path[0]}' is no part of what is agreed. Name a number of the contract, its levels, costs or service.")
    control = value_at(data, path[:2]).get("control") if path[0] == "drivers" else None
    if control in ("nobody", "customer"):
        whom = {"nobody": "nobody", "customer": "the customer"}[control]
        raise ValueError(f"'{path[1]}' is controlled by {whom}: no lever of an offer.")


def _as_there(written: str, text: str, key: str) -> float:
    try:
        return number_as_there(written, text)
    except ValueError as error:
        raise _NoLeverError(key, str(error)) from None


def _same_place(levers: Sequence[Lever]) -> Iterator[tuple[Lever, Lever]]:
    for number, one in enumerate(levers):
        for other in levers[:number]:
            if one.edge == other.edge and set(one.paths) & set(other.paths):
                yield one, other


# --- moved -------------------------------------------------------------------------------------------------------------


def moved(document: Document, levers: Sequence[Lever], numbers: Sequence[float]) -> Document:
    """The document with these numbers in place of its own, as data alone; the places are still the file's.

    What may be tuned of it, and stresses, are left out: they name keys, which may be other ones now.
    Raises ValueError where two edges of one table meet.
    """
    data = copy.deepcopy({key: part for key, part in document.data.items() if key not in _NAMES_KEYS})
    for path, value in _values(document, levers, numbers):
        put(data, path, value)
    _rename(data, _renamed(levers, numbers))
    return replace(document, data=data, text="")


def _rename(data: Mapping[str, Any], names: Mapping[KeyPath, Mapping[str | int, str]]) -> None:
    """Give keys their new names, in their places."""
    for above, new in names.items():
        section = value_at(data, above)
        entries = [(new.get(key, key), value) for key, value in section.items()]
        if len(dict(entries)) < len(entries):
            raise ValueError(f"two edges of {path_text(above)} meet.")
        section.clear()
        section.update(entries)


def rewritten_with(document: Document, levers: Sequence[Lever], numbers: Sequence[float]) -> str:
    """The text of the document with these numbers: comments, layout and all that is not moved stay as they are.

    What was changed since the file was read is in it, as what the file says.
    """
    text, data = untold(document), copy.deepcopy(document.data)
    for path, value in _values(document, levers, numbers):
        put(data, path, value)
        text = rewritten(text, path, value, data)
    names = _renamed(levers, numbers)
    for lever in levers:
        for place, path in enumerate(lever.paths):
            key = path_text(_after(path, names))
            where: KeyPath = ("tune", "levers", lever.name, "edge" if lever.edge else "at")
            written = value_at(data, where)
            if key == path_text(path) or written is None:
                continue
            if isinstance(written, list):
                where = (*where, place)
            put(data, where, key)
            text = rewritten(text, where, key, data)
    _rename(data, names)
    return rekeyed(text, {(*above, old): key for above, keys in names.items() for old, key in keys.items()}, data)


def _values(document: Document, levers: Sequence[Lever], numbers: Sequence[float]) -> Iterator[tuple[KeyPath, object]]:
    """The values that are not those of the file; a number stays a number, a text a text."""
    filled = filled_in(document).data
    for lever, number in zip(levers, numbers, strict=True):
        for path in lever.paths if not lever.edge and number != lever.number else ():
            plain = int(number) if float(number).is_integer() else number
            yield path, lever.written(number) if isinstance(value_at(filled, path), str) else plain


def _renamed(levers: Sequence[Lever], numbers: Sequence[float]) -> dict[KeyPath, dict[str | int, str]]:
    """By section, the keys in it that get another edge."""
    found: dict[KeyPath, dict[str | int, str]] = {}
    for lever, number in zip(levers, numbers, strict=True):
        for *above, last in lever.paths if lever.edge and number != lever.number else ():
            found.setdefault(tuple(above), {})[last] = with_number(str(last), number)
    return found


def _after(path: KeyPath, names: Mapping[KeyPath, Mapping[str | int, str]]) -> KeyPath:
    """A path through keys that have got another edge."""
    return tuple(names.get(path[:n], {}).get(key, key) for n, key in enumerate(path))
