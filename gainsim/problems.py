"""Gathering problems while an offer is put together: one wrong formula does not hide the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

#: the keys down to a value, as in ("contract", "gain_share", "steps", 1)
KeyPath = tuple[str | int, ...]


class Unusable(ValueError):  # noqa: N818  (not an error of its own)
    """A value that is not there because its own problem has already been told; told no second time."""


@dataclass
class Problems:
    """What is wrong with an offer, by place.

    >>> problems = Problems()
    >>> with problems.at("value", "saving"):
    ...     raise ValueError("no such value.")
    >>> problems.found
    [(('value', 'saving'), 'no such value.')]
    """

    found: list[tuple[KeyPath, str]] = field(default_factory=list)

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Take down a `ValueError` raised inside as a problem of this place, and go on."""
        try:
            yield
        except Unusable:
            pass
        except ValueError as error:
            self.found.append((path, str(error)))
