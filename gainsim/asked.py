"""What may be asked for in whole numbers: how many futures, which seed, which path."""

from __future__ import annotations

import operator

from gainsim.errors import UsageError

#: paths of one run, seeds, and numbers of paths: the least and the most
PATHS, SEEDS, PATH_NUMBERS = (1, 100_000_000), (0, 2**63 - 1), (0, 2**62)


def whole_number(name: str, value: object, low: int, high: int | None = None) -> int:
    """A whole number between two, both included.

    Raises `UsageError` for anything else.

    >>> whole_number("paths", 20_000, *PATHS)
    20000
    >>> whole_number("paths", 1e4, *PATHS)
    Traceback (most recent call last):
    gainsim.errors.UsageError: paths is a whole number from 1 to 100,000,000; 10000.0 is not. Write it in digits, like 1000.
    """
    try:
        number = int(value) if isinstance(value, str) else operator.index(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = None
    if number is None or isinstance(value, bool) or number < low or (high is not None and number > high):
        most = "on" if high is None else f"to {high:,}"
        raise UsageError(
            f"{name} is a whole number from {low} {most}; {value} is not. Write it in digits, like {max(low, 1000)}."
        )
    return number
