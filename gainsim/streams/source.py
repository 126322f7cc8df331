"""Sources of uniforms: every draw has an address, and the address alone decides its value.

The address of a draw is (seed, stream, replicate) → the key; (path, index, lane) → the counter. On the calendar, the
index is period // 2 and a counter gives the uniforms of two periods. So the same path is the same path alone or in a
crowd, more paths keep the earlier ones, a longer contract keeps its earlier periods, and a new driver disturbs none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from gainsim.ops.kernels import norm_ppf, uniform_pair

Floats = NDArray[np.float64]
Paths = NDArray[np.uint64]
Promise = Literal["replay", "more paths", "longer contract", "another driver"]
ALL_PROMISES: frozenset[Promise] = frozenset(("replay", "more paths", "longer contract", "another driver"))


@dataclass(frozen=True)
class StreamPlan:
    """One stream of draws.

    periods: how many it is long; 0: one draw that holds for the whole life of a path
    adds_up: whether what is drawn in one period stays in the later ones, as in a walk
    """

    name: str
    periods: int
    adds_up: bool = False


@dataclass(frozen=True)
class Plan:
    """Every stream that a run will read, and how long it is; what a source is built from.

    replicate: number of the independent replication, 0 for a plain run
    """

    streams: tuple[StreamPlan, ...]
    paths: int
    seed: int
    replicate: int = 0

    def __post_init__(self) -> None:
        names = [stream.name for stream in self.streams]
        if len(set(names)) != len(names):
            raise ValueError("every stream of a plan has a name of its own")


def key_words(seed: int, stream: str, replicate: int = 0) -> tuple[int, int]:
    """The key of a stream: two words of 32 bits of a hash, so that streams of any seeds share nothing.

    >>> key_words(1, "energy_price") == key_words(1, "energy_price")
    True
    >>> key_words(1, "energy_price") == key_words(2, "energy_price")
    False
    """
    digest = hashlib.blake2b(f"{seed}\x00{replicate}\x00{stream}".encode(), digest_size=8, person=b"gainsim").digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


class Source(Protocol):
    """A source of draws, built from a plan; it states which promises it keeps."""

    @property
    def promises(self) -> frozenset[Promise]:
        """What may change in the plan without changing the draws that were there before."""

    def uniforms(self, stream: str, paths: Paths, period: int) -> Floats:
        """(paths,) uniforms in (0, 1) of a stream in one period (period 0 for draws that hold for life)."""


class Philox:
    """Counter-based pseudo-random draws (Philox 4x32-10): all promises kept.

    >>> plan = Plan((StreamPlan("price", 60),), paths=1000, seed=7)
    >>> source = Philox(plan)
    >>> crowd = source.uniforms("price", np.arange(1000, dtype=np.uint64), 3)
    >>> alone = source.uniforms("price", np.array([123], dtype=np.uint64), 3)
    >>> bool(crowd[123] == alone[0])
    True
    """

    promises = ALL_PROMISES

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._keys = {s.name: key_words(plan.seed, s.name, plan.replicate) for s in plan.streams}

    def key(self, stream: str) -> tuple[int, int]:
        """The two words of a stream's key."""
        return self._keys[stream]

    def key_table(self, streams: Sequence[str]) -> NDArray[np.uint64]:
        """(streams, 2) key words in this order, as the compiled loop wants them."""
        return np.array([self._keys[name] for name in streams], np.uint64).reshape(len(streams), 2)

    def uniforms(self, stream: str, paths: Paths, period: int) -> Floats:
        """(paths,) uniforms in (0, 1): odd multiples of 2^-53."""
        pair = uniform_pair(paths, period // 2, 0, self._keys[stream])
        return np.asarray(pair[period % 2], np.float64)

    def event_uniforms(self, stream: str, paths: Paths, lane: int, index: int) -> tuple[Floats, Floats]:
        """Two uniforms of the `index`-th event of asset `lane`, so that a crew more leaves every life unchanged."""
        return uniform_pair(paths, index, lane, self._keys[stream])

    def normals(self, stream: str, paths: Paths, period: int) -> Floats:
        """(paths,) standard normal scores: the inverse normal of the uniforms, and nothing else."""
        return np.asarray(norm_ppf(self.uniforms(stream, paths, period)), np.float64)

    def normals_once(self, stream: str, paths: Paths) -> Floats:
        """(paths,) standard normal scores that hold for life."""
        return self.normals(stream, paths, 0)

    def drawn(self, paths: Paths) -> Philox:
        """Where a runner finds the scores of these paths: here, those of any path."""
        return self

    def groups(self) -> None:
        """Which paths were drawn together: none."""

    def weights(self) -> None:
        """What each path weighs: all the same."""
