"""The rival that knows only this deal: one compiled loop, written out by hand as well as we can.

Strictly IEEE like the engine (no fast-math, no contraction), with the same addressable draws, and allowed what a
generator is not: it knows that its exponents are small, that the cost is never zero, and which result is due when.
Blocks of 1,024 paths stay in cache; one quantity is one array, so that LLVM vectorises every loop.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

from benchmarks import deal
from benchmarks.deal import LINES, MONTHS, STREAMS, YEARS, Numbers
from benchmarks.results import ROWS, Floats, Kept, finished_rows
from gainsim.streams.source import key_words

# Vectors as wide as the processor has them, as in gainsim's own loop; numba would take half of 512 bits.
config.CPU_NAME = llvm.get_host_cpu_name()  # type: ignore[attr-defined]
config.CPU_FEATURES = llvm.get_host_cpu_features().flatten() + (
    ",-prefer-256-bit" if os.uname().machine == "x86_64" else ""
)

BLOCK = 1024
SETTLED = len(LINES) - 1
# Where each quantity of a block lies in one workspace. With constant distances LLVM sees that nothing overlaps, and
# with unsigned ones that nothing wraps around: without both no loop over the workspace is vectorised.
_N, _2, _3, _8 = np.uint64(BLOCK), np.uint64(2), np.uint64(3), np.uint64(8)
_ENERGY, _WAGE, _VOLUME, _BASELINE, _SAVING, _SPENT, _WEALTH, _CARRIED = (np.uint64(k * BLOCK) for k in range(8))
_Z = np.uint64(8 * BLOCK)  # two months of four streams
_COST, _PAID, _ROWS = np.uint64(16 * BLOCK), np.uint64(17 * BLOCK), np.uint64(18 * BLOCK)
_SIZE = (18 + SETTLED) * BLOCK
_FAST: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


@intrinsic
def _bits(context: Any, x: Any) -> Any:
    """The 64 bits of a double."""
    return types.int64(types.float64), lambda c, b, s, a: b.bitcast(a[0], ir.IntType(64))


@intrinsic
def _double(context: Any, x: Any) -> Any:
    """The double with these 64 bits."""
    return types.float64(types.int64), lambda c, b, s, a: b.bitcast(a[0], ir.DoubleType())


@njit(inline="always")
def _exp(x):  # type: ignore[no-untyped-def]
    """e to the power x for |x| < 700: polynomial of degree 11 on half of ln 2 either side."""
    shifted = x * 1.4426950408889634 + 6755399441055744.0
    whole = shifted - 6755399441055744.0
    r = (x - whole * 6.93147180369123816490e-01) - whole * 1.90821492927058770002e-10
    p = 2.510038549551032e-08 * r + 2.7620088445409746e-07
    p = p * r + 2.7557268459997064e-06
    p = p * r + 2.4801521295954376e-05
    p = p * r + 1.9841269863053618e-04
    p = p * r + 1.3888888917213717e-03
    p = p * r + 8.3333333333300620e-03
    p = p * r + 4.1666666666624130e-02
    p = p * r + 1.6666666666666669e-01
    p = p * r + 5.0000000000000010e-01
    p = p * r + 1.0
    p = p * r + 1.0
    return _double(_bits(p) + (_bits(shifted) << 52))


@njit(inline="always")
def _log(x):  # type: ignore[no-untyped-def]
    """The natural logarithm of a normal double, after fdlibm."""
    i = _bits(x) + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
    m = _double((i & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD)
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    w = z * z
    odd = w * ((1.531383769920937332e-01 * w + 2.222219843214978396e-01) * w + 3.999999999940941908e-01)
    even = (1.479819860511658591e-01 * w + 1.818357216161805012e-01) * w + 2.857142874366239149e-01
    even = z * (even * w + 6.666666666666735130e-01)
    half = f * 0.5 * f
    k = float((i >> 52) - 1023)
    return k * 6.93147180369123816490e-01 - ((half - (s * (half + (odd + even)) + k * 1.90821492927058770002e-10)) - f)


@njit(inline="always")
def _centre(u):  # type: ignore[no-untyped-def]
    """AS 241 for |u - 1/2| <= 0.425."""
    q = u - 0.5
    r = 0.180625 - q * q
    a = 2.5090809287301226727e3 * r + 3.3430575583588128105e4
    a = a * r + 6.7265770927008700853e4
    a = a * r + 4.5921953931549871457e4
    a = a * r + 1.3731693765509461125e4
    a = a * r + 1.9715909503065514427e3
    a = a * r + 1.3314166789178437745e2
    a = a * r + 3.3871328727963666080e0
    b = 5.2264952788528545610e3 * r + 2.8729085735721942674e4
    b = b * r + 3.9307895800092710610e4
    b = b * r + 2.1213794301586595867e4
    b = b * r + 5.3941960214247511077e3
    b = b * r + 6.8718700749205790830e2
    b = b * r + 4.2313330701600911252e1
    b = b * r + 1.0
    return q * a / b


@njit(inline="always")
def _near(r):  # type: ignore[no-untyped-def]
    """AS 241 in the tail, up to r = 5 (u above 1.4e-11)."""
    s = r - 1.6
    a = 7.74545014278341407640e-4 * s + 2.27238449892691845833e-2
    a = a * s + 2.41780725177450611770e-1
    a = a * s + 1.27045825245236838258e0
    a = a * s + 3.64784832476320460504e0
    a = a * s + 5.76949722146069140550e0
    a = a * s + 4.63033784615654529590e0
    a = a * s + 1.42343711074968357734e0
    b = 1.05075007164441684324e-9 * s + 5.47593808499534494600e-4
    b = b * s + 1.51986665636164571966e-2
    b = b * s + 1.48103976427480074590e-1
    b = b * s + 6.89767334985100004550e-1
    b = b * s + 1.67638483018380384940e0
    b = b * s + 2.05319162663775882187e0
    b = b * s + 1.0
    return a / b


@njit(inline="always")
def _far(r):  # type: ignore[no-untyped-def]
    """AS 241 beyond r = 5."""
    s = r - 5.0
    a = 2.01033439929228813265e-7 * s + 2.71155556874348757815e-5
    a = a * s + 1.24266094738807843860e-3
    a = a * s + 2.65321895265761230930e-2
    a = a * s + 2.96560571828504891230e-1
    a = a * s + 1.78482653991729133580e0
    a = a * s + 5.46378491116411436990e0
    a = a * s + 6.65790464350110377720e0
    b = 2.04426310338993978564e-15 * s + 1.42151175831644588870e-7
    b = b * s + 1.84631831751005468180e-5
    b = b * s + 7.86869131145613259100e-4
    b = b * s + 1.48753612908506148525e-2
    b = b * s + 1.36929880922735805310e-1
    b = b * s + 5.99832206555887937690e-1
    b = b * s + 1.0
    return a / b


@njit(inline="always")
def _round(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """One round of Philox 4x32 on 32-bit words."""
    p0, p1 = np.uint64(0xD2511F53) * np.uint64(c0), np.uint64(0xCD9E8D57) * np.uint64(c2)
    shift = np.uint64(32)
    return np.uint32(p1 >> shift) ^ c1 ^ k0, np.uint32(p1), np.uint32(p0 >> shift) ^ c3 ^ k1, np.uint32(p0)


@njit(**_FAST)
def _uniforms(u, path0, pair, key0, key1):  # type: ignore[no-untyped-def]
    """u: (2 BLOCK,): Philox 4x32-10 at (path, pair), the uniforms of an even and an odd month."""
    for i in range(BLOCK):
        path = np.uint64(path0 + i)
        c0, c1, c2, c3 = np.uint32(path), np.uint32(path >> np.uint64(32)), np.uint32(pair), np.uint32(0)
        k0, k1 = np.uint32(key0), np.uint32(key1)
        for _ in range(10):
            c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
            k0, k1 = np.uint32(k0 + np.uint32(0x9E3779B9)), np.uint32(k1 + np.uint32(0xBB67AE85))
        a = np.int64((np.uint64(c0) << np.uint64(20)) | (np.uint64(c1) >> np.uint64(12)))
        b = np.int64((np.uint64(c2) << np.uint64(20)) | (np.uint64(c3) >> np.uint64(12)))
        u[i] = _double(a | 0x3FF0000000000000) - (1.0 - 1.1102230246251565e-16)
        u[BLOCK + i] = _double(b | 0x3FF0000000000000) - (1.0 - 1.1102230246251565e-16)


@njit(**_FAST)
def _normals(z, u, chosen, tails, roots):  # type: ignore[no-untyped-def]
    """AS 241 of BLOCK uniforms: the centre for all, then the tails, gathered and put back."""
    for i in range(BLOCK):
        z[i] = _centre(u[i])
    count = 0
    for i in range(BLOCK):
        chosen[count] = i
        count += abs(u[i] - 0.5) > 0.425
    for j in range(count):
        tails[j] = u[chosen[j]]
    for j in range(count):
        v = tails[j]
        roots[j] = math.sqrt(-_log(v if v < 0.5 else 1.0 - v))
    for j in range(count):
        near = _near(roots[j])
        tails[j] = -near if tails[j] < 0.5 else near
    beyond = 0
    for j in range(count):
        beyond += roots[j] > 5.0
    if beyond > 0:
        for j in range(count):
            if roots[j] > 5.0:
                far = _far(roots[j])
                tails[j] = -far if tails[j] < 0.0 else far
    for j in range(count):
        z[chosen[j]] = tails[j]


@njit(**_FAST)
def _row_sums(x, s, q, c, row, cell, sums, squares, counts):  # type: ignore[no-untyped-def]
    """Sum, sum of squares and number not zero of one row, by halves down to eight lanes."""
    half = np.uint64(BLOCK // 2)
    for i in range(half):
        a, b = x[i], x[half + i]
        s[i], q[i] = a + b, a * a + b * b
        c[i] = (1.0 if a != 0.0 else 0.0) + (1.0 if b != 0.0 else 0.0)
    while half > _8:
        half = half // _2
        for i in range(half):
            s[i] += s[half + i]
            q[i] += q[half + i]
            c[i] += c[half + i]
    sums[cell, row] = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
    squares[cell, row] = ((q[0] + q[1]) + (q[2] + q[3])) + ((q[4] + q[5]) + (q[6] + q[7]))
    counts[cell, row] = ((c[0] + c[1]) + (c[2] + c[3])) + ((c[4] + c[5]) + (c[6] + c[7]))


@njit(**_FAST)
def _keep(x, worth, total, npv, bound):  # type: ignore[no-untyped-def]
    """Add one settled row to the totals of its line."""
    for i in range(BLOCK):
        total[i] += x[i]
        npv[i] += worth * x[i]
        bound[i] += 1.0 if x[i] != 0.0 else 0.0


@njit(**_FAST)
def _month(w, odd, numbers, level, worth):  # type: ignore[no-untyped-def]
    """One month of a block: drivers, baseline, saving and cost."""
    (e_start, e_drift, e_vol), (w_start, w_drift, w_vol), (centre, keep, sd), (c10, c11, c20, c21, c22), noise = numbers
    z = _Z + np.uint64(odd * 4 * BLOCK)
    for i in range(_N):
        z0, z1, z2, z3 = w[z + i], w[z + _N + i], w[z + _2 * _N + i], w[z + _3 * _N + i]
        energy = w[_ENERGY + i] + (e_drift + e_vol * z0)
        wage = w[_WAGE + i] + (w_drift + w_vol * (c10 * z0 + c11 * z1))
        volume = keep * w[_VOLUME + i] + sd * ((c20 * z0 + c21 * z1) + c22 * z2)
        w[_ENERGY + i], w[_WAGE + i], w[_VOLUME + i] = energy, wage, volume
        unit = deal.ENERGY_PER_PIECE * (e_start * _exp(energy)) + deal.HOURS_PER_PIECE * (w_start * _exp(wage))
        base = (centre * _exp(volume)) * unit
        w[_BASELINE + i] += base
        w[_SAVING + i] += base - base * (1.0 - (level + noise * z3))
        cost = -(deal.COST_RATE * base + deal.COST_FIXED)
        w[_COST + i] = cost
        w[_SPENT + i] += cost
        w[_WEALTH + i] += worth * cost


@njit(**_FAST)
def _settle(w, lower_share, closing):  # type: ignore[no-untyped-def]
    """The year's end of a block: what every step changes, and all that is paid."""
    for i in range(_N):
        base, gain = w[_BASELINE + i], w[_SAVING + i]
        fee, wide, edge = deal.FEE * base, deal.DEADBAND * base, deal.BAND_EDGE * base
        shared = gain - wide if gain > wide else (gain if gain < 0.0 else 0.0)
        pain = deal.PAIN_SHARE * (shared if shared < 0.0 else 0.0)
        inside = shared if shared > 0.0 else 0.0
        lower = lower_share * (inside if inside < edge else edge)
        upper = deal.UPPER_SHARE * ((shared if shared > edge else edge) - edge)
        payment = (pain + lower) + upper
        met = (payment + w[_CARRIED + i]) - payment
        payment = payment + met
        floor, cap = deal.FLOOR * base, deal.CAP * base
        floored = payment if payment > floor else floor
        held = floored if floored < cap else cap
        lifted, unpaid = floored - payment, payment - floored
        payment = payment + lifted
        cut = (payment + (held - floored)) - payment
        w[_CARRIED + i] = 0.0 if closing else unpaid
        w[_ROWS + i] = fee
        w[_ROWS + _N + i] = gain
        w[_ROWS + np.uint64(2 * BLOCK) + i] = shared - gain
        w[_ROWS + np.uint64(3 * BLOCK) + i] = pain
        w[_ROWS + np.uint64(4 * BLOCK) + i] = lower
        w[_ROWS + np.uint64(5 * BLOCK) + i] = upper
        w[_ROWS + np.uint64(6 * BLOCK) + i] = met
        w[_ROWS + np.uint64(7 * BLOCK) + i] = lifted
        w[_ROWS + np.uint64(8 * BLOCK) + i] = cut
        w[_PAID + i] = ((((((fee + pain) + lower) + upper) + met) + lifted) + cut) + w[_COST + i]
        w[_BASELINE + i] = 0.0
        w[_SAVING + i] = 0.0


@njit(**_FAST)
def _part(w, first):  # type: ignore[no-untyped-def]
    """One quantity of the workspace."""
    return w[np.int64(first) : np.int64(first) + BLOCK]


@njit(**_FAST)
def _cells(first, last, keys, numbers, ramp, discount, shares, total, npv, bound, cash, sums, squares, counts):  # type: ignore[no-untyped-def]
    """Run the cells first to last: every block from its first month to its last."""
    w, u = np.empty(_SIZE), np.empty(2 * BLOCK)
    chosen, tails, roots = np.empty(BLOCK + 1, np.int64), np.empty(BLOCK), np.empty(BLOCK)
    cost, paid, spent, wealth = _part(w, _COST), _part(w, _PAID), _part(w, _SPENT), _part(w, _WEALTH)
    s, q, c = np.empty(BLOCK // 2), np.empty(BLOCK // 2), np.empty(BLOCK // 2)
    for cell in range(first, last):
        here = slice(cell * BLOCK, (cell + 1) * BLOCK)
        w[: 8 * BLOCK] = 0.0
        row = 0
        for t in range(MONTHS):
            if t % 2 == 0:
                for stream in range(4):
                    _uniforms(u, cell * BLOCK, t // 2, keys[stream, 0], keys[stream, 1])
                    for odd in range(2):
                        z = _part(w, 8 * BLOCK + (4 * odd + stream) * BLOCK)
                        _normals(z, u[odd * BLOCK : (odd + 1) * BLOCK], chosen, tails, roots)
            _month(w, t % 2, numbers, ramp[t], discount[t])
            if t % 12 == 11:
                _settle(w, shares[t // 12], t == MONTHS - 1)
                cash[t, here] = paid
                for line in range(SETTLED):
                    x = _part(w, (18 + line) * BLOCK)
                    moves = discount[t] if line == 0 or line >= deal.FIRST_PAYMENT else 0.0
                    _keep(x, moves, total[line, here], npv[line, here], bound[line, here])
                    _row_sums(x, s, q, c, row, cell, sums, squares, counts)
                    row += 1
            else:
                cash[t, here] = cost
            _row_sums(cost, s, q, c, row, cell, sums, squares, counts)
            row += 1
        total[SETTLED, here] = spent
        npv[SETTLED, here] = wealth
        bound[SETTLED, here] = MONTHS


def keys_of(seed: int) -> np.ndarray:
    """The words of every stream's key."""
    return np.array([key_words(seed, name) for name in STREAMS], np.uint64)


def _below(c: Floats) -> tuple[float, ...]:
    return float(c[1, 0]), float(c[1, 1]), float(c[2, 0]), float(c[2, 1]), float(c[2, 2])


def simulate(numbers: Numbers, paths: int, seed: int, threads: int = 1) -> Kept:
    """Run the deal over many paths, a whole number of cells."""
    if paths % BLOCK:
        raise ValueError(f"the hand-written loop runs whole blocks of {BLOCK} paths, not {paths}")
    cells = paths // BLOCK
    by_line = [np.zeros((len(LINES), paths)) for _ in range(3)]
    cash = np.zeros((MONTHS, paths))
    by_row = [np.zeros((cells, ROWS)) for _ in range(3)]
    fixed = (
        keys_of(seed), (*numbers.walks, numbers.volume, _below(numbers.coupling), numbers.noise),
        numbers.ramp, numbers.discount, np.array(deal.LOWER_SHARES),
    )  # fmt: skip

    def part(first: int) -> None:
        _cells(first, min(first + step, cells), *fixed, *by_line, cash, *by_row)

    step = max(1, min(16, -(-cells // (4 * threads))))
    if threads == 1:
        _cells(0, cells, *fixed, *by_line, cash, *by_row)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(part, range(0, cells, step)))
    sums, squares, counts = (array.sum(axis=0) for array in by_row)
    total, npv, bound = by_line
    return Kept(total, npv, bound, cash, *finished_rows(sums, squares, counts, paths))


def cores() -> int:
    """As many threads as gainsim takes."""
    return os.cpu_count() or 1


assert YEARS * 12 == MONTHS
