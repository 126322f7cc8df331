"""The re-pricing of `repricing_deal.yaml` as the best NumPy script we could write: facts in memory, in blocks of paths.

It knows this deal alone: which lines a share above the last edge and the cap move, that all of them are paid on one date a
year, and what of the sharing stays as it is. Every temporary stands in a buffer that is used again, small enough for the cache.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: what the file says beside the share and the cap
BELOW, UP_TO, EDGE, DEADBAND, FLOOR, TAIL = 0.4, 0.5, 0.08, 0.02, -0.005, 0.05
BLOCK = 8_192  # paths: in the cache, and too few for NumPy to take more than one thread
#: the lines that a share above the last edge, or a cap, may move
MOVED = ("gain_share.share above", "gain_share.carry", "gain_share.floor", "gain_share.cap")


@dataclass(frozen=True)
class Known:
    """What neither the share nor the cap moves, (years, paths).

    excess:   the gain above the last edge
    lower:    what is paid of the gain below it
    floor:    the least payment
    discount: (years,) of the payments of the gain share
    npv:      (paths,) of all other cash
    """

    baseline: Floats
    excess: Floats
    lower: Floats
    floor: Floats
    discount: Floats
    npv: Floats

    @classmethod
    def of(cls, baseline: Floats, saving: Floats, discount: Floats, npv: Floats) -> Known:
        """From what is simulated, (years, paths)."""
        gain = saving - np.clip(saving, 0.0, DEADBAND * baseline)
        lower = BELOW * np.minimum(gain, 0.0) + UP_TO * np.clip(gain, 0.0, EDGE * baseline)
        return cls(baseline, np.maximum(gain - EDGE * baseline, 0.0), lower, FLOOR * baseline, discount, npv)


class Script:
    """What is kept of a re-pricing: by line and path, cash by year and path, mean and standard error of each row."""

    def __init__(self, known: Known) -> None:
        self.known = known
        years, paths = known.lower.shape
        self.total, self.worth, self.bound = (np.empty((len(MOVED), paths)) for _ in range(3))
        self.cash, self.npv = np.empty((years, paths)), np.empty(paths)
        self.mean, self.error = np.empty((years, len(MOVED))), np.empty((years, len(MOVED)))
        self._carried, self._scratch, self._some = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK, bool)
        self._line = np.empty((len(MOVED), BLOCK))

    def reprice(self, share: float, cap: float) -> None:
        """The terms, with another share above the last edge and another cap, as a part of the baseline."""
        paths = self.npv.shape[0]
        self.mean.fill(0.0)
        self.error.fill(0.0)
        for first in range(0, paths, BLOCK):
            self._block(slice(first, min(first + BLOCK, paths)), share, cap)
        self.mean /= paths
        np.sqrt((self.error / paths - self.mean * self.mean) / (paths - 1), out=self.error)

    def _block(self, here: slice, share: float, cap: float) -> None:
        """One block of paths; sums and sums of squares are left in `mean` and `error`."""
        known, size = self.known, here.stop - here.start
        carried, scratch, some, lines = self._carried[:size], self._scratch[:size], self._some[:size], self._line[:, :size]
        above, brought, lifted, cut = lines
        total, worth, bound = self.total[:, here], self.worth[:, here], self.bound[:, here]
        for array in (total, worth, bound, carried):
            array.fill(0.0)
        for year, discount in enumerate(known.discount):
            paid = self.cash[year, here]
            np.multiply(known.excess[year, here], share, out=above)
            np.add(known.lower[year, here], above, out=paid)
            np.copyto(brought, carried)
            np.add(paid, carried, out=paid)
            np.subtract(known.floor[year, here], paid, out=lifted)
            np.maximum(lifted, 0.0, out=lifted)
            np.add(paid, lifted, out=paid)
            np.negative(lifted, out=carried)
            np.multiply(known.baseline[year, here], cap, out=cut)
            np.subtract(cut, paid, out=cut)
            np.minimum(cut, 0.0, out=cut)
            np.add(paid, cut, out=paid)
            for number, line in enumerate(lines):
                np.add(total[number], line, out=total[number])
                np.multiply(line, discount, out=scratch)
                np.add(worth[number], scratch, out=worth[number])
                np.not_equal(line, 0.0, out=some)
                np.add(bound[number], some, out=bound[number])
                self.mean[year, number] += line.sum()
                self.error[year, number] += line @ line

    def measures(self) -> dict[str, tuple[float, float]]:
        """Mean, mean of the worst twentieth and chance of loss of the net present value, each with its standard error."""
        x, count = self.npv, len(self.npv)
        np.copyto(x, self.known.npv)
        for line in self.worth:
            np.add(x, line, out=x)
        rank = math.ceil(TAIL * count) - 1
        edge, chance = np.partition(x, rank)[rank], np.count_nonzero(x < 0.0) / count
        short = np.minimum(x - edge, 0.0) / TAIL
        return {
            "npv": (x.mean(), x.std() / math.sqrt(count - 1)),
            "cvar_95": (edge + short.mean(), short.std() / math.sqrt(count - 1)),
            "chance_of_loss": (chance, math.sqrt(chance * (1.0 - chance) / (count - 1))),
        }
