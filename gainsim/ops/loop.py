"""The loop: a program as one compiled function over periods and a block of paths, and where it finds what it is given."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.ops import writer
from gainsim.ops.chunks import LIMIT
from gainsim.ops.machine import Machine
from gainsim.ops.program import Program
from gainsim.ops.room import room
from gainsim.ops.run_text import BLOCK, POINTERS, RunFunction, text_of


class Workspace:
    """Room for one thread; where its arrays stand is asked once."""

    def __init__(self, **arrays: NDArray[Any]) -> None:
        self.arrays, self.addresses = arrays, _addresses(arrays)


def _addresses(arrays: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    return {name: array.ctypes.data for name, array in arrays.items()}


class Loop:
    """The compiled loop of a program, ready for any block of paths; several threads may run it at once.

    block: paths computed together; cpu, features: the processor to compile for, this one unless said
    given: whether its scores are given, and not drawn inside
    apart: how many numbers the rows of `lines` stand apart, a block unless said
    initial: what memories begin with, (states, block and gap): the first rows of scratch, before a block is run
    """

    def __init__(
        self,
        program: Program,
        block: int = BLOCK,
        limit: int = LIMIT,
        cpu: str | None = None,
        features: str = "",
        *,
        given: bool = False,
        apart: int | None = None,
    ) -> None:
        run = RunFunction(program, block, limit, given, apart)
        self.program, self.block, self.given = program, block, given
        self._machine = Machine(text_of(run), cpu, features)
        pointers, numbers = [ctypes.c_void_p] * len(POINTERS), [ctypes.c_uint64] * 3
        self.address = self._machine.address("run")
        self._run = ctypes.CFUNCTYPE(None, *pointers, *numbers)(self.address)
        self._scratch = run.scratch_rows, run.scratch_row
        initial = np.array([state.initial for state in program.states])
        self.initial = np.repeat(initial[:, None], run.scratch_row, axis=1)
        self._nothing = np.zeros((0, block))
        self._constants = Workspace(
            params=np.ascontiguousarray(program.params),
            constants=run.constants,
            rows=np.ascontiguousarray(program.row_table),
            due=np.ascontiguousarray(run.due),
            places=np.ascontiguousarray(program.input_table),
        )
        self._given_rows = int(program.input_table.max(initial=-1)) + 1

    def set(self, name: str, values: NDArray[np.float64]) -> None:
        """Give a setting of the program other values, (periods,), for the runs that follow."""
        self._constants.arrays["params"][:, self.program.settings[name]] = values

    def set_all(self, params: NDArray[np.float64]) -> None:
        """Give all parameters other values, (periods, columns), for the runs that follow."""
        self._constants.arrays["params"][:] = params

    def workspace(self) -> Workspace:
        """Room for one thread."""
        streams, block, wide = len(self.program.streams), self.block, writer.WIDTH
        return Workspace(
            scratch=room(*self._scratch),
            z=room(2 * streams + 2, block),
            u=room(2, block),
            chosen=room(2 * block, of=np.int64),
            tails=room(2 * block + wide),
        )

    def run(
        self,
        keys: NDArray[np.uint64],
        first_path: int,
        lines: NDArray[np.float64],
        space: Workspace | None = None,
        inputs: NDArray[np.float64] | None = None,
    ) -> None:
        """Fill `lines` (rows, block) for the paths from `first_path` on.

        keys:   (streams + once streams, 2), the words of each stream's key
        space:  this thread's workspace; what an earlier run left in it does not matter
        inputs: (inputs, periods, block) what the program is given from outside; rows of (rows, block) where its places say so
        """
        if self.given:
            raise ValueError("this loop draws nothing: give it its scores")
        self._call(first_path, space or self.workspace(), {"lines": lines, "keys": keys}, inputs)

    def run_given(
        self,
        scores: NDArray[np.float64],
        lines: NDArray[np.float64],
        space: Workspace | None = None,
        inputs: NDArray[np.float64] | None = None,
    ) -> None:
        """Fill `lines` (rows, block) for the paths that have these scores.

        scores: every period of the first stream, then of the next; then the streams that hold for life; each (block,)
        """
        rows = len(self.program.streams) * self.program.periods + len(self.program.once_streams)
        if not self.given or scores.shape != (rows, self.block) or not scores.flags.c_contiguous:
            raise ValueError(f"a loop of given scores takes ({rows}, {self.block}) of them; these are {scores.shape}")
        nothing = np.zeros(0, np.uint64)
        self._call(0, space or self.workspace(), {"lines": lines, "keys": nothing, "z": scores}, inputs)

    def _call(
        self, first_path: int, space: Workspace, arrays: dict[str, NDArray[Any]], inputs: NDArray[np.float64] | None
    ) -> None:
        given = self._nothing if inputs is None else inputs
        if given.size < self._given_rows * self.block or given.shape[-1] != self.block or not given.flags.c_contiguous:
            raise ValueError(f"this loop takes {self._given_rows} rows of inputs; these are {given.shape}")
        space.arrays["scratch"][: len(self.initial)] = self.initial
        self._run(*self.pointers(space, {**arrays, "inputs": given}), first_path, 0, self.program.periods)

    def pointers(self, space: Workspace, arrays: Mapping[str, NDArray[Any]]) -> list[int]:
        """Where everything stands that the compiled function is given."""
        at = {**self._constants.addresses, **space.addresses, **_addresses(arrays)}
        return [at[name] for name in POINTERS]
