"""What stands further down in a file: all parts below a value, and where a key is that somebody looked for above it."""

from __future__ import annotations

from collections.abc import Iterator

from gainsim.scenario.reading import KeyPath, path_text


def parts_below(path: KeyPath, value: object) -> Iterator[tuple[KeyPath, object]]:
    """The value and everything inside it, by key path."""
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from parts_below((*path, key), part)


#: a key that stands at more places than these further down is a common word, as amount
MOST_PLACES = 3


def further_down(key: str, behind: KeyPath, path: KeyPath, value: object) -> str:
    """Where a key that is not at a path stands in what is there, as a sentence to add to a message; nothing at too many places.

    behind: what is wanted below it

    >>> further_down("share", ("above",), ("fee",), {"steps": [{"share": 1}]})
    ' Did you mean fee.steps[0].share.above?'
    """
    places = [under for under, _ in parts_below(path, value) if under[-1:] == (key,) and len(under) > len(path) + 1]
    found = [path_text((*under, *behind)) for under in places]
    return f" Did you mean {' or '.join(found)}?" if 0 < len(found) <= MOST_PLACES else ""
