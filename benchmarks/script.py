"""The rivals that an analyst would write: the deal as a vectorised NumPy script, in two forms.

`whole_arrays`: (months, paths) arrays throughout, the form that most would write. `tuned`: month by month over arrays of
all paths, walks kept so that one exponential gives a product, every temporary in a buffer that is used again: the fastest
NumPy we could write. `in_blocks` runs either so many paths at a time. Both are given what NumPy has: its default generator,
its own normals, exponential and sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks import deal
from benchmarks.deal import LINES, MONTHS, SETTLED_LINES, Numbers
from benchmarks.results import ROWS, Floats, Kept, finished_rows

SETTLED = len(SETTLED_LINES)
COST = SETTLED
Generator = np.random.Generator


def generator(seed: int) -> Generator:
    """NumPy's default, PCG64; SFC64 and Philox were within the noise of it."""
    return np.random.Generator(np.random.PCG64(seed))


class _Tally:
    """Rows into totals by line, cash by month, and sums over paths."""

    def __init__(self, paths: int, discount: Floats) -> None:
        self.total, self.npv, self.bound = (np.zeros((len(LINES), paths)) for _ in range(3))
        self.cash = np.zeros((MONTHS, paths))
        self.sums, self.squares, self.counts = np.zeros(ROWS), np.zeros(ROWS), np.zeros(ROWS)
        self.discount = discount
        self._row = 0
        self._worth = np.empty(paths)

    def add(self, line: int, month: int, amount: Floats, paid: bool) -> None:
        self.total[line] += amount
        if paid:
            self.npv[line] += np.multiply(amount, self.discount[month], out=self._worth)
            self.cash[month] += amount
        moved = amount != 0.0
        self.bound[line] += moved
        self.sums[self._row] = amount.sum()
        self.squares[self._row] = amount @ amount
        self.counts[self._row] = np.count_nonzero(moved)
        self._row += 1

    def kept(self) -> Kept:
        rows = finished_rows(self.sums, self.squares, self.counts, self.total.shape[1])
        return Kept(self.total, self.npv, self.bound, self.cash, *rows)


def settle(baseline: Floats, saving: Floats, carried: Floats, year: int) -> tuple[list[Floats], Floats]:
    """One settlement: the amount of every line of the fee and the gain share, and the pain carried on."""
    fee = deal.FEE * baseline
    deadband, edge = deal.DEADBAND * baseline, deal.BAND_EDGE * baseline
    gain = np.maximum(saving - deadband, 0.0)
    gain += np.minimum(saving, 0.0)
    pain = deal.PAIN_SHARE * np.minimum(gain, 0.0)
    lower = deal.LOWER_SHARES[year] * np.clip(gain, 0.0, edge)
    upper = deal.UPPER_SHARE * np.maximum(gain - edge, 0.0)
    shared = pain + lower
    shared += upper
    met = shared + carried
    floored = np.maximum(met, deal.FLOOR * baseline)
    paid = np.minimum(floored, deal.CAP * baseline)
    unpaid = met - floored
    return [fee, saving.copy(), gain - saving, pain, lower, upper, carried, -unpaid, paid - floored], unpaid


def tuned(numbers: Numbers, paths: int, rng: Generator) -> Kept:
    """The deal, month by month, in buffers that are used again."""
    tally = _Tally(paths, numbers.discount)
    baseline, saving, carried = np.zeros(paths), np.zeros(paths), np.zeros(paths)
    months = _months(numbers, paths, rng)
    for month, (base, gain, cost) in enumerate(months):
        baseline += base
        saving += gain
        if month % 12 == 11:
            rows, carried = settle(baseline, saving, carried, month // 12)
            for line, amount in enumerate(rows):
                tally.add(line, month, amount, line == 0 or line >= deal.FIRST_PAYMENT)
            baseline[:], saving[:] = 0.0, 0.0
        tally.add(COST, month, cost, True)
    return tally.kept()


def _months(numbers: Numbers, paths: int, rng: Generator) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Baseline, saving and cost of each month, in buffers that the next month overwrites."""
    (e_start, e_drift, e_vol), (w_start, w_drift, w_vol) = numbers.walks
    centre, keep, sd = numbers.volume
    c = numbers.coupling
    # The walks are kept with the logs of their starts and factors in them, so that one exponential gives the product.
    energy = np.full(paths, np.log(deal.ENERGY_PER_PIECE * e_start))
    wage = np.full(paths, np.log(deal.HOURS_PER_PIECE * w_start))
    volume = np.zeros(paths)
    z, buffer = np.empty((4, paths)), np.empty(paths)
    base, gain, cost = np.empty(paths), np.empty(paths), np.empty(paths)
    for month in range(MONTHS):
        rng.standard_normal(out=z)
        z0, z1, z2, z3 = z
        volume *= keep
        for factor, score in zip(sd * c[2], (z0, z1, z2), strict=True):
            volume += np.multiply(score, factor, out=buffer)
        wage += np.multiply(z0, w_vol * c[1, 0], out=buffer)
        z1 *= w_vol * c[1, 1]
        z1 += w_drift
        wage += z1
        z0 *= e_vol
        z0 += e_drift
        energy += z0
        np.exp(energy, out=base)
        base += np.exp(wage, out=buffer)
        base *= np.exp(volume, out=buffer)
        base *= centre
        z3 *= numbers.noise
        z3 += numbers.ramp[month]
        np.multiply(base, z3, out=gain)
        np.multiply(base, -deal.COST_RATE, out=cost)
        cost -= deal.COST_FIXED
        yield base, gain, cost


def whole_arrays(numbers: Numbers, paths: int, rng: Generator) -> Kept:
    """The deal with (months, paths) arrays throughout, as most would write it; temporaries only where they are needed."""
    (e_start, e_drift, e_vol), (w_start, w_drift, w_vol) = numbers.walks
    centre, keep, sd = numbers.volume
    c = numbers.coupling
    z0, z1, z2, z3 = rng.standard_normal((4, MONTHS, paths))
    base = sd * c[2, 0] * z0
    base += sd * c[2, 1] * z1
    base += sd * c[2, 2] * z2
    for month in range(1, MONTHS):
        base[month] += keep * base[month - 1]
    wage = w_vol * c[1, 0] * z0
    z1 *= w_vol * c[1, 1]
    wage += z1
    wage += w_drift
    z0 *= e_vol
    z0 += e_drift
    unit = e_start * deal.ENERGY_PER_PIECE * np.exp(np.cumsum(z0, axis=0, out=z0), out=z0)
    unit += w_start * deal.HOURS_PER_PIECE * np.exp(np.cumsum(wage, axis=0, out=wage), out=wage)
    np.exp(base, out=base)
    base *= centre
    base *= unit
    z3 *= numbers.noise
    z3 += numbers.ramp[:, None]
    gain = np.multiply(base, z3, out=z3)
    cost = -deal.COST_RATE * base
    cost -= deal.COST_FIXED
    tally, carried = _Tally(paths, numbers.discount), np.zeros(paths)
    for month in range(MONTHS):
        if month % 12 == 11:
            year = slice(month - 11, month + 1)
            rows, carried = settle(base[year].sum(axis=0), gain[year].sum(axis=0), carried, month // 12)
            for line, amount in enumerate(rows):
                tally.add(line, month, amount, line == 0 or line >= deal.FIRST_PAYMENT)
        tally.add(COST, month, cost[month], True)
    return tally.kept()


def in_blocks(once: Callable[..., Kept], numbers: Numbers, paths: int, rng: Generator, block: int) -> Kept:
    """The script `once`, so many paths at a time, so that its arrays stay in cache."""
    by_line = [np.empty((len(LINES), paths)) for _ in range(3)]
    cash = np.empty((MONTHS, paths))
    sums, squares, counts = np.zeros(ROWS), np.zeros(ROWS), np.zeros(ROWS)
    for first in range(0, paths, block):
        here = slice(first, min(first + block, paths))
        count = here.stop - here.start
        part = once(numbers, count, rng)
        for whole, piece in zip((*by_line, cash), (part.total, part.npv, part.bound, part.cash), strict=True):
            whole[:, here] = piece
        sums += part.row_mean * count
        squares += (part.row_error**2 * (count - 1) + part.row_mean**2) * count
        counts += part.row_bound * count
    total, npv, bound = by_line
    return Kept(total, npv, bound, cash, *finished_rows(sums, squares, counts, paths))
