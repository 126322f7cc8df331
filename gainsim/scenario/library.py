"""The library of starting points: drivers with a source, taken into a scenario by their name under `like`.

An entry that has been released stays as it is, so that a scenario that names it means the same later; what is known better
comes under a new name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gainsim.errors import Problem
from gainsim.offer.drivers import KINDS, Driver
from gainsim.offer.shapes import SHAPES
from gainsim.scenario.problems import problem_of
from gainsim.scenario.reading import Document, KeyPath, read_text
from gainsim.scenario.shock_library import unknown_shocks, with_shocks
from gainsim.spelling import did_you_mean

FOLDER = Path(__file__).parent / "library"


@dataclass(frozen=True)
class StartingPoint:
    """A driver of the library.

    name:   what stands behind `like`
    about:  the file it stands in: benefits, growth, prices, reliability
    says:   what it is, in a sentence or two
    source: who published it, or the data it is fitted to
    date:   of the source: a year, or the last month of its data
    basis:  "measured", or "opinion": what people believed
    driver: as it would be written in a scenario, without what only its user can say
    """

    name: str
    about: str
    says: str
    source: str
    date: str
    basis: str
    driver: Mapping[str, Any]

    @property
    def origin(self) -> str:
        """Who says so, and when."""
        return f"{self.source.strip()}, {self.date}"

    @property
    def kind(self) -> str:
        """Which kind of driver it is."""
        return next(key for key in self.driver if key in KINDS)


@cache
def starting_points() -> Mapping[str, StartingPoint]:
    """Every entry by name, file by file.

    >>> starting_points()["customer_cost_cut"].basis
    'opinion'
    """
    return {
        name: StartingPoint(name, file.stem, **entry)
        for file in sorted(FOLDER.glob("*.yaml"))
        for name, entry in read_text(file.read_text(encoding="utf-8"), file.name).data.items()
    }


def to_be_said(point: StartingPoint) -> tuple[str, ...]:
    """The keys that a starting point leaves to its user, as `control` or `learning.experience`.

    >>> to_be_said(starting_points()["learning_welding"])
    ('control', 'learning.experience')
    """
    try:
        Driver.model_validate(dict(point.driver))
    except ValidationError as error:
        return tuple(sorted(".".join(map(str, detail["loc"])) for detail in error.errors() if detail["type"] == "missing"))
    return ()


def filled_in(document: Document) -> Document:
    """The document with what its drivers and shocks take from the library; what a driver says itself takes its place, key by key.

    A driver of another kind takes its unit, control and central value alone. A name that is not in the library is left as it
    stands.

    >>> document = filled_in(read_text("drivers: { wages: { like: wages_us, geometric_walk: { start: 31.50 } } }", "x.yaml"))
    >>> wages = document.data["drivers"]["wages"]
    >>> wages["control"], wages["geometric_walk"]["start"], wages["geometric_walk"]["drift"]
    ('nobody', 31.5, {'normal': {'mean': '3.289%', 'sd': '0.192%'}})
    """
    drivers: Any = document.data.get("drivers")
    alike = {name: point for name, written in _alike(drivers).items() if (point := starting_points().get(written))}
    filled = {name: _filled(drivers[name], point) for name, point in alike.items()}
    document = replace(document, data={**document.data, "drivers": {**drivers, **filled}}) if filled else document
    return with_shocks(document)


def unknown(document: Document) -> dict[KeyPath, Problem]:
    """Where a document that has been filled in still names what is not in the library, and what to say of it."""
    found = {}
    for name, written in _alike(document.data.get("drivers")).items():
        path: KeyPath = ("drivers", name, "like")
        meant = did_you_mean(written, starting_points()) or " gainsim library lists what is."
        found[path] = problem_of(f"'{written}' is not in the library.{meant}", path, document)
    return {**found, **unknown_shocks(document)}


def opinions(document: Document) -> list[str]:
    """What a document, as written, takes from the library that nobody measured, as notes on it."""
    points = {name: starting_points().get(written) for name, written in _alike(document.data.get("drivers")).items()}
    return [
        f"drivers.{name} is like {point.name}, which is opinion, not measurement: gainsim library {point.name} says whose."
        for name, point in points.items()
        if point is not None and point.basis == "opinion"
    ]


def _alike(drivers: Any) -> dict[str, str]:
    """By driver: what it says it is like, where it says so in a word."""
    known = drivers.items() if isinstance(drivers, dict) else ()
    said = {name: driver.get("like") for name, driver in known if isinstance(driver, dict)}
    return {name: like for name, like in said.items() if isinstance(like, str)}


def _filled(driver: Mapping[str, Any], point: StartingPoint) -> dict[str, Any]:
    """One driver. What it says of its kind stands beside what is taken; but parameters of a distribution stand together."""
    own = {key: part for key, part in driver.items() if key != "like"}
    if KINDS & own.keys() - {point.kind}:
        return {**{key: part for key, part in point.driver.items() if key in _OF_ANY_KIND}, **own}
    about = f"{point.says.strip()} {point.basis.capitalize()}: {point.origin}."
    taken = point.driver[point.kind]
    if point.kind not in own:
        return {"about": about, **point.driver, **own}
    changed = own[point.kind]
    if isinstance(changed, dict) and isinstance(taken, dict) and point.kind not in SHAPES:
        about = f"{about} Here with other values of {', '.join(changed)}."
        return {"about": about, **point.driver, **own, point.kind: {**taken, **changed}}
    return {"about": f"{about} Here with other values.", **point.driver, **own}


#: what holds of a driver however it moves; of another kind the source says nothing
_OF_ANY_KIND = ("unit", "control", "central")
