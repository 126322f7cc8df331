"""The library of shocks: what has come to drivers of a kind, taken by its name under `like`.

An entry that has been released stays as it is; what is known better comes under a new name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from gainsim.errors import Problem
from gainsim.scenario.problems import problem_of
from gainsim.scenario.reading import Document, KeyPath, read_text
from gainsim.spelling import did_you_mean

FILE = Path(__file__).parent / "standard_shocks.yaml"
_SIZES = frozenset(("times", "plus", "later"))


@dataclass(frozen=True)
class StandardShock:
    """A shock of the library.

    name:   what stands behind `like`
    of:     what kind of driver it comes to
    says:   what it is, in a sentence or two
    source: who published what it is made of
    date:   of the source
    basis:  "measured", or "assumption"
    shock:  as it would be written in a scenario
    """

    name: str
    of: str
    says: str
    source: str
    date: str
    basis: str
    shock: Mapping[str, Any]

    @property
    def origin(self) -> str:
        """Who says so, and when."""
        return f"{self.source.strip()}, {self.date}"


@cache
def standard_shocks() -> Mapping[str, StandardShock]:
    """Every shock by name.

    >>> standard_shocks()["energy_crisis"].of
    'a price of energy'
    """
    written = read_text(FILE.read_text(encoding="utf-8"), FILE.name).data
    return {name: StandardShock(name, **{**entry, "date": str(entry["date"])}) for name, entry in written.items()}


def with_shocks(document: Document) -> Document:
    """The document with what its shocks take from the library; what a shock says itself takes its place, key by key.

    A name that is not in the library is left as it stands.

    >>> document = read_text("stress: { dear: { shocks: { power: { like: energy_crisis, begins: 2028-01 } } } }", "x.yaml")
    >>> shock = with_shocks(document).data["stress"]["dear"]["shocks"]["power"]
    >>> shock["times"], shock["begins"], shock["lasts"]
    (2.4, '2028-01', '12 months')
    """
    data = document.data
    for path, written in _alike(document):
        if written["like"] in standard_shocks():
            data = _put(data, path, _filled(written, standard_shocks()[written["like"]]))
    return document if data is document.data else replace(document, data=data)


def unknown_shocks(document: Document) -> dict[KeyPath, Problem]:
    """Where a document that has been filled in still names no shock of the library, and what to say of it."""
    found = {}
    for path, written in _alike(document):
        at = (*path, "like")
        meant = did_you_mean(written["like"], standard_shocks()) or " gainsim library lists what is."
        found[at] = problem_of(f"'{written['like']}' is no shock of the library.{meant}", at, document)
    return found


def _alike(document: Document) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Every shock that says in a word what it is like, and the keys down to it."""
    for path, written in _shocks(document.data):
        if isinstance(written, dict) and isinstance(written.get("like"), str):
            yield path, written


def _shocks(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, object]]:
    for section in ("drivers", "stress"):
        for name, entry in _items(data.get(section)):
            shocks = entry.get("shocks") if isinstance(entry, dict) else None
            for key, shock in _items(shocks):
                yield (section, name, "shocks", key), shock


def _items(part: object) -> Iterator[tuple[str | int, Any]]:
    if isinstance(part, dict):
        yield from part.items()
    elif isinstance(part, list):
        yield from enumerate(part)


def _filled(written: Mapping[str, Any], point: StandardShock) -> dict[str, Any]:
    """One shock. What says another kind of size takes nothing but what stands beside a size."""
    own = {key: part for key, part in written.items() if key != "like"}
    taken = point.shock
    if own.keys() & _SIZES:
        late = "later" in own or "later" in taken
        taken = {key: part for key, part in taken.items() if not late and key not in _SIZES}
    changed = ", ".join(key for key in own if key != "about")
    about = f"{point.says.strip()} {point.basis.capitalize()}: {point.origin}."
    return {"about": f"{about} Here with other values of {changed}." if changed else about, **taken, **own}


def _put(data: Any, path: KeyPath, value: object) -> Any:
    """The data with another value at this place, all else shared."""
    first, *rest = path
    inner = _put(data[first], tuple(rest), value) if rest else value
    if isinstance(data, list):
        return [inner if place == first else part for place, part in enumerate(data)]
    return {**data, first: inner}
