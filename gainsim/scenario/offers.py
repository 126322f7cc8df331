"""Several offers in one file: each is a scenario of its own, what all have in common and what stands under its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gainsim.errors import Problem
from gainsim.scenario.reading import Document, KeyPath, path_text
from gainsim.scenario.rewriting import rewritten

_KEY = "offers"


def offers_in(document: Document) -> tuple[str, ...]:
    """The names of the offers of a file, in its order; none where the file is one offer.

    >>> from gainsim.scenario.reading import read_text
    >>> offers_in(read_text("offers: { low: { costs: {} }, high: {} }", "two.yaml"))
    ('low', 'high')
    """
    found = document.data.get(_KEY)
    return tuple(found) if isinstance(found, dict) else ()


def of_offer(document: Document, name: str) -> Document:
    """The document of one offer: an entry of a section that the offer has too is the offer's; places stay the file's.

    >>> from gainsim.scenario.reading import read_text
    >>> two = read_text("title: pump\\ncosts: { oil: 3, rent: 9 }\\noffers: { lean: { costs: { oil: 2 } } }", "two.yaml")
    >>> lean = of_offer(two, "lean")
    >>> lean.data
    {'title': 'pump: lean', 'costs': {'oil': 2, 'rent': 9}}
    >>> lean.place(("costs", "oil"))
    Place(line=3, column=28)
    """
    own = document.data[_KEY][name]
    data = {key: part for key, part in document.data.items() if key != _KEY}
    text = (
        rewritten(document.text, (_KEY,), None, data) if document.text else ""
    )  # data alone has no text to be changed
    for path, value in _entries(own, str(data.get("title", "")), name):
        data = _with(data, path, value)
        text = rewritten(text, path, value, data) if text else ""
    moved = {path[2:]: path for path in document.places if path[:2] == (_KEY, name) and len(path) > 2}
    return replace(
        document,
        data=data,
        whole=document,
        text=f"# of several offers in a file, '{name}'\n{text}",
        places={**document.places, **{path: document.places[full] for path, full in moved.items()}},
        value_places={
            **document.value_places,
            **{path: document.value_places[full] for path, full in moved.items() if full in document.value_places},
        },
    )


def _entries(own: Mapping[str, Any], title: str, name: str) -> Iterator[tuple[KeyPath, Any]]:
    """What an offer says of its own: (keys down to it, value) of every entry of its sections."""
    yield ("title",), f"{title}: {own.get('title') or name}"
    if "about" in own:
        yield ("about",), own["about"]
    for section, entries in own.items():
        if section not in ("title", "about"):
            for key, value in entries.items():
                if section == "customer" and isinstance(value, dict):
                    yield from (((section, key, each), part) for each, part in value.items())
                else:
                    yield (section, key), value


def _with(data: Mapping[Any, Any], path: KeyPath, value: Any) -> dict[Any, Any]:
    first, *rest = path
    return {**data, first: _with(data.get(first) or {}, tuple(rest), value) if rest else value}


def in_the_file(problem: Problem, document: Document, name: str) -> Problem:
    """A problem of an offer's document, its keys as they stand in the file."""
    own = document.data[_KEY][name]
    under = (path_text(path) for path, _ in _entries(own, "", name) if path != ("title",))
    if any(problem.path == path or problem.path.startswith((f"{path}.", f"{path}[")) for path in under):
        return replace(problem, path=f"{_KEY}.{name}.{problem.path}")
    return problem


def told_once(by_offer: Mapping[str, tuple[Problem, ...]], offers: int) -> list[Problem]:
    """The problems of all offers: what is wrong with each of them is told once, what only some have with their names."""
    having: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Problem] = {}
    for name, problems in by_offer.items():
        for problem in problems:
            said = problem.message.partition(" Known are ")[0]  # what is known besides differs from offer to offer
            key = (problem.line, problem.column, problem.path, said)
            first.setdefault(key, problem)
            having.setdefault(key, []).append(name)
    return [_with_names(first[key], names, offers) for key, names in having.items()]


def _with_names(problem: Problem, names: Sequence[str], offers: int) -> Problem:
    if len(names) == offers or problem.path.startswith(f"{_KEY}."):
        return problem
    told = f"offer{'s' if len(names) > 1 else ''} {' and '.join(names)}"
    return replace(problem, message=f"{problem.message} This is so in the {told}.")
