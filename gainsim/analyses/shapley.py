"""A whole split into parts that add up and favour no order: what each adds to those before it, in the mean over all orders.

Source: Shapley, A value for n-person games (1953)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from math import factorial

from gainsim.sample import Influence


def coalitions(names: Sequence[str]) -> Iterator[frozenset[str]]:
    """All subsets of some names, the empty one first, the whole last."""
    return (frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size))


class Parts:
    """Parts of several wholes, as what each coalition comes to is told.

    parts: by name, of each whole
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.parts: dict[str, dict[str, Influence]] = {name: {} for name in names}

    def tell(self, worth: Mapping[str, Influence], alike: Collection[frozenset[str]]) -> None:
        """What coalitions come to, of each whole. alike: all coalitions that come to this; each is told once."""
        for name, parts in self.parts.items():
            weight = sum(self._weight(name, coalition) for coalition in alike)
            for what, value in worth.items():
                parts[what] = parts[what] + value.times(weight) if what in parts else value.times(weight)

    def _weight(self, name: str, coalition: frozenset[str]) -> float:
        """In how much of all orders these, and nobody else, are there when a name has come, less: before it comes."""
        count, size = len(self.names), len(coalition)
        if name in coalition:
            return factorial(size - 1) * factorial(count - size) / factorial(count)
        return -factorial(size) * factorial(count - size - 1) / factorial(count)
