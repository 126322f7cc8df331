"""What operations come to, simulated once for all versions of an offer that leave them as they are.

A clause, a cost, or the price of power moves no failure and no repair: an offer without the one or at another of the other has the
histories of the offer as it is, on the same futures.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import delivery_of
from gainsim.cells import AnySource
from gainsim.model import Model
from gainsim.operations.delivery import Delivers
from gainsim.operations.durations import Paths

Floats = NDArray[np.float64]
#: bytes that may be kept; what goes beyond is simulated anew
AT_MOST = 1 << 30


def what_decides(model: Model) -> tuple[object, ...]:
    """What decides what operations come to: they themselves, how drivers read them, and all that fleets read."""
    written = model.scenario
    if not model.outcomes:
        return ()
    outcomes = {name: (each.operations, each.unit) for name, each in written.drivers.items() if each.operations is not None}
    reads = any(operations.reads for operations in written.operations.values())
    read = (written.drivers, written.dependence, written.repair_correlations, model.still) if reads else ()
    return (written.operations, outcomes, *read)


@dataclass
class DeliveredOnce:
    """What operations come to in versions of an offer on the same futures, drawn one way: the `delivery` of `simulate_model`.

    model:   the offer; a version in which something else decides what operations come to is simulated by itself
    at_most: bytes that are kept
    """

    model: Model
    at_most: int = AT_MOST
    _known: dict[int, dict[str, Floats]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._decided = what_decides(self.model)

    def __call__(self, model: Model, source: AnySource, seed: int, replicate: int = 0) -> Delivers:
        """What operations of a version come to."""
        own = delivery_of(model, source, seed, replicate)
        return _Once(own, tuple(model.outcomes), self) if model.outcomes and self.serves(model) else own

    def serves(self, model: Model) -> bool:
        """Whether a version has the operations of the offer."""
        return what_decides(model) == self._decided

    @property
    def kept_bytes(self) -> int:
        """What is kept takes so many bytes."""
        return sum(values.nbytes for found in list(self._known.values()) for values in list(found.values()))

    def found(self, own: Delivers, names: tuple[str, ...], paths: Paths) -> dict[str, Floats]:
        """By driver, (periods, paths), what a cell's paths come to."""
        known = self._known.get(int(paths[0]), {})
        if not all(name in known and known[name].shape[1] == len(paths) for name in names):
            known = {**known, **{name: values.copy() for name, values in own.on(paths).items()}}  # of which nothing else is part
            if self.kept_bytes < self.at_most:
                self._known[int(paths[0])] = known
        return {name: known[name] for name in names}


@dataclass
class DeliveredEach:
    """The same of versions that differ in their operations too: what each of them comes to is simulated once, while there is room.

    at_most: bytes that are kept of all of them
    """

    at_most: int = AT_MOST
    _each: list[DeliveredOnce] = field(default_factory=list)

    def __call__(self, model: Model, source: AnySource, seed: int, replicate: int = 0) -> Delivers:
        """What operations of a version come to."""
        known = next((each for each in self._each if each.serves(model)), None)
        if known is None:
            known = DeliveredOnce(model, self.at_most - sum(each.kept_bytes for each in self._each))
            self._each.append(known)
        return known(model, source, seed, replicate)


@dataclass(frozen=True)
class _Once:
    own: Delivers
    names: tuple[str, ...]
    store: DeliveredOnce

    def on(self, paths: Paths) -> dict[str, Floats]:
        """Every driver that is an outcome, by name, (periods, paths)."""
        return self.store.found(self.own, self.names, paths)
