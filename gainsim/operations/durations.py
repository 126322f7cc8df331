"""How long everything lasts: lives, repairs, travel and lead times of every asset, each at an address of its own.

The k-th life of a mode of an asset is draw k of a stream named after operations, fleet, mode, asset and kind. Whatever happens
in a history, the draws are the same; so another crew leaves every life as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.drivers.marginals import Marginal
from gainsim.operations.plant import Mode, Plant, counted
from gainsim.ops.arrays import run_arrays
from gainsim.ops.kernels import norm_ppf, uniform_pair
from gainsim.ops.program import Program
from gainsim.streams.source import key_words
from gainsim.sums import CELL

Floats = NDArray[np.float64]
Paths = NDArray[np.uint64]
#: below so many paths nothing is compiled
FEW = 256


@dataclass(frozen=True)
class Table:
    """Durations of the paths of a block.

    lengths: (modes,) how many lives are known of each mode
    rows:    (rows, paths or more) the durations: of each asset and mode, life by life, the plant's `kinds`
    first:   (slots,) the first row of each mode of each asset
    """

    lengths: NDArray[np.int64]
    rows: Floats
    first: NDArray[np.int64]


class Durations:
    """All durations of a plant under one seed."""

    def __init__(self, plant: Plant, seed: int, replicate: int = 0) -> None:
        self.plant, self.seed, self.replicate = plant, seed, replicate
        self._loops: dict[tuple[int, int], Any] = {}
        self.lengths = np.array([_expected(plant, mode) for mode in plant.modes], np.int64)

    def lengthen(self, mode: int) -> None:
        """Know twice as many lives of a mode."""
        self.lengths = np.where(np.arange(len(self.lengths)) == mode, 2 * self.lengths, self.lengths)

    def of(self, paths: Paths) -> Table:
        """The durations of these paths, at most a cell; where they are many, they follow on each other."""
        plant, lengths = self.plant, self.lengths
        slots = [
            (mode, asset - int(plant.first_asset[fleet]))
            for asset, fleet in enumerate(plant.fleet_of.tolist())
            for mode in range(plant.first_mode[fleet], plant.first_mode[fleet + 1])
        ]
        first = counted([len(plant.kinds) * int(lengths[mode]) for mode, _ in slots])
        rows = np.empty((int(first[-1]), len(paths) if len(paths) < FEW else CELL))
        for (mode, asset), start, end in zip(slots, first, first[1:], strict=False):
            self._fill(mode, asset, paths, rows[start:end])
        return Table(lengths, rows, first[:-1])

    def _fill(self, mode: int, asset: int, paths: Paths, rows: Floats) -> None:
        lives, columns, program = int(self.lengths[mode]), len(paths), self._programs[mode]
        keys = self._keys(self.plant.modes[mode], asset, program.streams)
        if columns < FEW:
            # one life knows nothing of another: all of them side by side
            life = np.repeat(np.arange(lives, dtype=np.uint64), columns)
            found = run_arrays(program, _Draws(keys, life), np.tile(paths, lives))
            rows[:] = found.reshape(len(self.plant.kinds), lives, columns).swapaxes(0, 1).reshape(-1, columns)
            return
        self._loop(mode).run(np.array(list(keys.values()), np.uint64).reshape(-1, 2), int(paths[0]), rows)

    def _keys(self, mode: Mode, asset: int, streams: Sequence[str]) -> dict[str, tuple[int, int]]:
        names = {stream: f"{self.plant.name}/{mode.fleet}/{mode.name}/{asset}/{stream}" for stream in streams}
        return {stream: key_words(self.seed, name, self.replicate) for stream, name in names.items()}

    @cached_property
    def _programs(self) -> list[Program]:
        """One life of each mode."""
        return [_program(mode, self.plant.kinds, 1) for mode in self.plant.modes]

    def _loop(self, mode: int) -> Any:
        from gainsim.ops.loop import Loop  # here: only long runs pay for the compiler

        key = (mode, int(self.lengths[mode]))
        if key not in self._loops:
            self._loops[key] = Loop(_program(self.plant.modes[mode], self.plant.kinds, key[1]), CELL)
        return self._loops[key]


class _Draws:
    """The normal scores of one asset's mode. life: which life each column is, counted from 0 as periods are."""

    def __init__(self, keys: dict[str, tuple[int, int]], life: Paths) -> None:
        self.keys, self.life = keys, life

    def normals(self, stream: str, paths: Paths, period: int) -> Floats:
        even, odd = uniform_pair(paths, self.life // 2, 0, self.keys[stream])
        return np.asarray(norm_ppf(np.where(self.life % 2 == 0, even, odd)), np.float64)

    def normals_once(self, stream: str, paths: Paths) -> Floats:
        return self.normals(stream, paths, 0)


def _program(mode: Mode, kinds: Sequence[str], lives: int) -> Program:
    program = Program(lives)
    section = program.section("lives")
    for kind, law in zip(kinds, mode.laws, strict=False):
        if isinstance(law, Marginal):
            further = [program.draw(f"{kind}/{n}", section) for n in range(1, law.further + 1)]
            program.line(kind, section, law.quantile(program.draw(kind, section), *further))
        else:
            program.line(kind, section, program.param(law))
    return program


def _expected(plant: Plant, mode: Mode) -> int:
    """Somewhat more lives than a mode has on average; a path that needs more gets them."""
    (life, *_) = mode.laws
    mean = life.mean if isinstance(life, Marginal) else life
    count = float(plant.hours[-1]) / mean if np.isfinite(mean) and mean > 0.0 else 1.0
    return int(4 + count + 4.0 * np.sqrt(count))
