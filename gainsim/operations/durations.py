"""How long everything lasts: lives, repairs, travel and lead times of every asset, each at an address of its own.

The k-th life of a mode of an asset is draw k of a stream named after operations, fleet, mode, asset and kind. Whatever happens
in a history, the draws are the same; so another crew leaves every life as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gainsim.drivers.marginals import Marginal
from gainsim.operations.laws import KINDS, Law, Mode
from gainsim.operations.plant import Plant, counted
from gainsim.ops.arrays import run_arrays
from gainsim.ops.kernels import norm_ppf, uniform_pair
from gainsim.ops.program import Program
from gainsim.ops.room import room
from gainsim.ops.run_text import POINTERS
from gainsim.streams.source import key_words

if TYPE_CHECKING:
    from gainsim.ops.loop import Loop, Workspace

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Records = NDArray[np.void]
Paths = NDArray[np.uint64]
#: known: how many lives are; width: how many columns each has
LIVES = np.dtype([("known", "i8"), ("width", "i8")])
#: place: which of a life's columns it is; -1: it is the same number for all lives, which is fixed
LAW = np.dtype([("place", "i8"), ("fixed", "f8")])
#: what draws the lives of a slot. at: where its compiled loop stands, and all that this is given; first: the first of its columns;
#: lives, width: how many are known, and how many columns each has; ends: which of these says how long a life lasts, -1 where none
#: does, or the next life may begin before that
DRAWING = np.dtype([
    ("at", "i8", (1 + len(POINTERS),)), ("first", "i8"), ("lives", "i8"), ("width", "i8"), ("ends", "i8"),
])  # fmt: skip
#: paths whose durations are drawn together: as many as stay near the processor while their histories run; how many numbers their
#: columns stand apart: were it a power of two, all of them would stand at few places of the first cache
BLOCK = 32
APART = BLOCK + 8
#: below so many paths nothing is compiled
FEW = 64
#: normal scores, each as likely as the others
_SCORES = np.asarray(norm_ppf((np.arange(1_024) + 0.5) / 1_024))
#: one thread makes a loop, and the others take it
_MAKING = Lock()


class Table(NamedTuple):
    """Durations of paths; those that are numbers in the file are kept once. Few are drawn already, many block by block.

    path:     the number of the first path
    block:    how many paths are drawn together
    lives:    (modes,) as `LIVES`, of each mode
    drawings: (slots,) as `DRAWING`, what draws a block; nothing of few paths
    columns:  (columns, block or more) what is drawn for each path: of each slot of the plant, life by life
    first:    (slots,) the first column of each slot
    laws:     (modes × kinds,) as `LAW`, of all kinds of a mode, then of the next
    travels:  (options,) as `LAW`, of the travel time of each who may do a task of a mode, in the order of modes
    """

    path: int
    block: int
    lives: Records
    drawings: Records
    columns: Floats
    first: Integers
    laws: Records
    travels: Records


class Durations:
    """All durations of a plant under one seed."""

    def __init__(self, plant: Plant, seed: int, replicate: int = 0) -> None:
        self.plant, self.seed, self.replicate = plant, seed, replicate
        self._loops: dict[tuple[int, int], tuple[Loop, Workspace]] = {}
        self._known_keys: dict[tuple[int, int], Paths] = {}
        columns = [_columns(mode) for mode in plant.modes]
        both = list(zip(plant.modes, columns, strict=True))
        self._laws = np.array([_told(law, drawn) for mode, drawn in both for law in mode.laws], LAW)
        self._width = np.array([len(drawn) for drawn in columns], np.int64)
        self._ends = [
            -1 if mode.by_use or number in plant.cut_short else _place(mode.laws[KINDS.index("life")], drawn)
            for number, (mode, drawn) in enumerate(both)
        ]
        travels = [_told(law, drawn) for mode, drawn in both if mode.crews[0] for law in mode.travels]
        self._travels = np.array(travels, LAW)
        self.lengths = np.array([_expected(plant, mode) for mode in range(len(plant.modes))], np.int64)

    def lengthen(self, mode: int, by: float = 1.0) -> None:
        """Know more lives of a mode, by this part of those that are known."""
        self.lengths = self.lengths.copy()
        self.lengths[mode] += 1 + int(by * self.lengths[mode])
        for found in ("_known", "_room"):
            self.__dict__.pop(found, None)

    def of(self, paths: Paths) -> Table:
        """The durations of these paths, until others are asked for; many paths follow on each other."""
        lives, first = self._known
        if len(paths) >= FEW:
            block, (drawings, columns) = BLOCK, self._room
        else:
            block, drawings, slots = len(paths), np.empty(0, DRAWING), self.plant.slots
            columns = np.empty((int(first[-1]), block))
            for drawing in np.flatnonzero(self._width).tolist():
                own = [slot for slot, (mode, _) in enumerate(slots) if mode == drawing]
                for slot, drawn in zip(own, self._few(drawing, [slots[slot][1] for slot in own], paths), strict=True):
                    columns[first[slot] : first[slot + 1]] = drawn
        return Table(int(paths[0]), block, lives, drawings, columns, first[:-1], self._laws, self._travels)

    def lives(self, slot: int, path: int) -> dict[str, Floats]:
        """All lives of a slot that are known, (lives,) of each kind, and of `travel/CREW` of each who may come."""
        mode, asset = self.plant.slots[slot]
        of, count = self.plant.modes[mode], int(self.lengths[mode])
        columns = _columns(of)
        rows = self._few(mode, [asset], np.array([path], np.uint64))[0] if columns else np.empty((0, 1))
        drawn = rows[:, 0].reshape(count, len(columns))
        crews = [f"travel/{crew}" for crew in (*of.crews[0], *of.crews[1])]
        told = [*zip(KINDS, of.laws, strict=True), *zip(crews, of.travels, strict=False)]
        return {
            name: drawn[:, _place(law, columns)] if isinstance(law, Marginal) else np.full(count, law) for name, law in told
        }

    def _few(self, mode: int, assets: Sequence[int], paths: Paths) -> Floats:
        """What is drawn for a mode of these assets, life by life, (assets, rows, paths): all of it side by side, as no life knows
        of another."""
        lives, columns, program = int(self.lengths[mode]), len(paths), self._programs[mode]
        life = np.tile(np.repeat(np.arange(lives, dtype=np.uint64), columns), len(assets))
        words = np.repeat([self._keys(mode, asset) for asset in assets], lives * columns, axis=0)
        keys = {stream: (words[:, number, 0], words[:, number, 1]) for number, stream in enumerate(program.streams)}
        found = run_arrays(program, _Draws(keys, life), np.tile(paths, lives * len(assets)))
        shaped = found.reshape(-1, len(assets), lives, columns).transpose(1, 2, 0, 3)
        return shaped.reshape(len(assets), -1, columns)

    @cached_property
    def _known(self) -> tuple[Records, Integers]:
        """`lives` of the table, and the first column of each slot, and of what would follow."""
        lives = np.array(list(zip(self.lengths, self._width, strict=True)), LIVES)
        return lives, counted(int(self._width[mode] * self.lengths[mode]) for mode, _ in self.plant.slots)

    @cached_property
    def _room(self) -> tuple[Records, Floats]:
        """`drawings` and `columns` of the table, for many paths: what is pointed at is kept as long."""
        first = self._known[1]
        columns = room(int(first[-1]), APART)
        drawings = []
        for (mode, asset), begin, end in zip(self.plant.slots, first, first[1:], strict=False):
            if begin < end:
                loop, space = self._loop(mode)
                arrays = {"lines": columns[begin:], "keys": self._keys(mode, asset), "inputs": columns[:0]}
                at = (loop.address, *loop.pointers(space, arrays))
                drawings.append((at, begin, self.lengths[mode], self._width[mode], self._ends[mode]))
        return np.array(drawings, DRAWING), columns

    def _keys(self, mode: int, asset: int) -> Paths:
        """(streams, 2), the words of the key of each."""
        if (mode, asset) not in self._known_keys:
            of = self.plant.modes[mode]
            names = [f"{self.plant.name}/{of.fleet}/{of.name}/{asset}/{stream}" for stream in self._programs[mode].streams]
            words = [key_words(self.seed, name, self.replicate) for name in names]
            self._known_keys[mode, asset] = np.array(words, np.uint64).reshape(-1, 2)
        return self._known_keys[mode, asset]

    @cached_property
    def _programs(self) -> list[Program]:
        """One life of each mode."""
        return [_program(mode, 1) for mode in self.plant.modes]

    def _loop(self, mode: int) -> tuple[Loop, Workspace]:
        key = (mode, int(self.lengths[mode]))
        if key not in self._loops:
            with _MAKING:
                loop = _loop_of(self.plant.modes[mode], key[1])
            self._loops[key] = loop, loop.workspace()
        return self._loops[key]


class _Draws:
    """What is drawn for a mode. keys: by stream, the words of each column's key; life: which life it is, counted from 0."""

    def __init__(self, keys: dict[str, tuple[Paths, Paths]], life: Paths) -> None:
        self.keys, self.life = keys, life

    def uniforms(self, stream: str, paths: Paths, period: int) -> Floats:
        even, odd = uniform_pair(paths, self.life // 2, 0, self.keys[stream])
        return np.asarray(np.where(self.life % 2 == 0, even, odd), np.float64)

    def normals(self, stream: str, paths: Paths, period: int) -> Floats:
        return np.asarray(norm_ppf(self.uniforms(stream, paths, period)), np.float64)

    def normals_once(self, stream: str, paths: Paths) -> Floats:
        return self.normals(stream, paths, 0)


def _columns(mode: Mode) -> list[tuple[str, Marginal]]:
    """What is drawn for a life, and from which draw: each law once; whoever comes, travel is from the same draw."""
    found: dict[int, tuple[str, Marginal]] = {}
    for kind, law in [*zip(KINDS, mode.laws, strict=True), *(("travel", law) for law in mode.travels)]:
        if isinstance(law, Marginal):
            found.setdefault(id(law), (kind, law))
    return list(found.values())


def _place(law: Law, columns: list[tuple[str, Marginal]]) -> int:
    return next((place for place, (_, drawn) in enumerate(columns) if drawn is law), -1)


def _told(law: Law, columns: list[tuple[str, Marginal]]) -> tuple[int, float]:
    return _place(law, columns), 0.0 if isinstance(law, Marginal) else law


@lru_cache(maxsize=64)
def _loop_of(mode: Mode, lives: int) -> Loop:
    """What draws lives of a mode, for all threads and runs."""
    from gainsim.ops.loop import Loop  # here: only long runs pay for the compiler

    return Loop(_program(mode, lives), BLOCK, apart=APART)


@lru_cache(maxsize=64)
def _program(mode: Mode, lives: int) -> Program:
    program = Program(lives)
    section = program.section("lives")
    columns = _columns(mode)
    scored = {kind for kind, law in columns if law.of_uniform is None}
    for place, (kind, law) in enumerate(columns):
        if law.of_uniform is not None and kind not in scored:
            value = law.of_uniform(program.draw_uniform(kind, section))
        else:
            names = [kind, *(f"{kind}/{n}" for n in range(1, law.further + 1))]
            value = law.quantile(*(program.draw(name, section) for name in names))
        program.line(f"{kind}/{place}", section, value)
    return program


def _expected(plant: Plant, mode: int) -> int:
    """Somewhat more lives than a mode has on average; a path that needs more gets them.

    Each is as short as the first to end of its own and of those that renew it.
    """
    lasts = np.min([_some(plant, each) for each in plant.renewed_by[mode]], axis=0)
    count, off = float(plant.rules.hours[-1] / lasts.mean()), lasts / lasts.mean() - 1.0
    return int(4 + count + 4.0 * np.sqrt(count * (off * off).mean()))


def _some(plant: Plant, mode: int) -> Floats:
    """From the begin of some lives to that of the next, as `Mode.between` has it, in an order that no other mode has."""
    of, random = plant.modes[mode], np.random.default_rng(mode)

    def drawn(law: Law) -> Floats:
        if not isinstance(law, Marginal):
            return np.full(len(_SCORES), law)
        return np.asarray(law.quantile(*(random.permutation(_SCORES) for _ in range(1 + law.further))))

    return sum((drawn(law) for law in of.between(of.fleet in plant.requests)), np.zeros(len(_SCORES)))
