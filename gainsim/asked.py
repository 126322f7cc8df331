"""What may be asked for: how many futures, which seed, which path, and how they are drawn."""

from __future__ import annotations

import operator

from gainsim.errors import UsageError

#: the ways to sample, pseudo-random unless said
SAMPLINGS = ("pseudo_random", "latin_hypercube", "sobol", "antithetic")
#: paths of one run, seeds, and numbers of paths: the least and the most
PATHS, SEEDS, PATH_NUMBERS = (1, 100_000_000), (0, 2**63 - 1), (0, 2**62)


def one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    """A word that is one of those known.

    Raises `UsageError` for any other.

    >>> one_of("sampling", "random", SAMPLINGS)
    Traceback (most recent call last):
    gainsim.errors.UsageError: sampling is pseudo_random, latin_hypercube, sobol or antithetic; random is none of them.
    """
    if value not in known:
        raise UsageError(f"{name} is {', '.join(known[:-1])} or {known[-1]}; {value} is none of them.")
    return value


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
