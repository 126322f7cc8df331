"""The ways to sample by name, and what each of them does not promise."""

from __future__ import annotations

from gainsim.streams.antithetic import Antithetic
from gainsim.streams.cells import CellSource
from gainsim.streams.latin_hypercube import LatinHypercube
from gainsim.streams.sobol import Sobol
from gainsim.streams.source import ALL_PROMISES, Philox, Plan, Promise

SOURCES: dict[str, type[Philox | CellSource]] = {
    "pseudo_random": Philox,
    "latin_hypercube": LatinHypercube,
    "sobol": Sobol,
    "antithetic": Antithetic,
}
_CHANGES: dict[Promise, str] = {
    "replay": "one path cannot be drawn alone",
    "more paths": "another number of paths draws all of them anew",
    "longer contract": "a longer contract draws all periods anew",
    "another driver": "one driver more or less draws all of them anew",
}


def source_of(sampling: str, plan: Plan) -> Philox | CellSource:
    """The source of a plan's draws."""
    return SOURCES[sampling](plan)


def not_promised(sampling: str) -> tuple[str, ...]:
    """What a way to sample does not keep, in words.

    >>> not_promised("pseudo_random"), not_promised("latin_hypercube")
    ((), ('another number of paths draws all of them anew',))
    """
    kept = SOURCES[sampling].promises
    return tuple(said for promise, said in _CHANGES.items() if promise in ALL_PROMISES - kept)
