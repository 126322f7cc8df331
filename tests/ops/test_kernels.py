"""Strict kernels: right against exact references at many points, at the edges, and the same bits in both runners.

References are reckoned by mpmath with 40 digits. Errors are counted in units in the last place (ulp) of the exact value,
or as a part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.ops import kernels, scalars, where
from gainsim.ops.arrays import run_arrays
from gainsim.ops.bits import iand, to_bits, to_float, to_int
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.streams.source import Philox, Plan, StreamPlan

Floats = NDArray[np.float64]
MASK32 = 0xFFFFFFFF
RNG = np.random.default_rng(20_270_101)
SMALLEST, SMALLEST_NORMAL, LARGEST = 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308


def _ulps(got: Floats, exact: Sequence[Any]) -> float:
    """The largest error, in units in the last place of the exact value."""
    return max(
        float(abs(mpmath.mpf(value) - truth) / float(np.spacing(abs(float(truth)))))
        for value, truth in zip(got.tolist(), exact, strict=True)
    )


def _relative(got: Floats, exact: Sequence[Any]) -> float:
    return max(float(abs(mpmath.mpf(v) / t - 1)) for v, t in zip(got.tolist(), exact, strict=True))


@pytest.fixture(autouse=True)
def _forty_digits() -> Any:
    with mpmath.workdps(40):
        yield


def _bits(x: Any) -> list[int]:
    return np.asarray(x, np.float64).view(np.uint64).tolist()


# ------------------------------------------------------------------------------------------------ exp and log


EXP_POINTS = {
    "everywhere": RNG.uniform(-707.0, 709.78, 1500),
    "around 0": RNG.uniform(-1.0, 1.0, 1000),
    "small": RNG.choice([-1.0, 1.0], 300) * 10.0 ** RNG.uniform(-320.0, -1.0, 300),
    "near half-way between powers of 2": (RNG.integers(-1000, 1000, 500) + 0.5) * 0.6931471805599453,
    "at powers of 2": RNG.integers(-1000, 1000, 300) * 0.6931471805599453,
    "at the edges": np.array([-707.0, np.nextafter(-707.0, 0.0), 709.782712893384, 709.782712893383, 708.0, -706.9]),
}


@pytest.mark.parametrize("points", EXP_POINTS)
def test_exp_is_within_1_25_units_in_the_last_place(points: str) -> None:
    x = EXP_POINTS[points]
    assert _ulps(kernels.exp(x), [mpmath.exp(mpmath.mpf(v)) for v in x.tolist()]) <= 1.25


def test_exp_beyond_its_range_is_infinite_or_zero() -> None:
    x = np.array([np.inf, LARGEST, 710.0, 709.7827128933841, -np.inf, -LARGEST, -750.0, -707.0000000000001])
    assert _bits(kernels.exp(x)) == _bits([np.inf] * 4 + [0.0] * 4)


def test_exp_of_zeros_and_subnormals_is_one() -> None:
    assert _bits(kernels.exp(np.array([0.0, -0.0, SMALLEST, -SMALLEST, SMALLEST_NORMAL]))) == _bits([1.0] * 5)


def test_exp_ascends() -> None:
    """Neighbouring points, across the borders between two powers of 2 too."""
    for border in (0.5 * 0.6931471805599453, -0.5 * 0.6931471805599453, 0.0, 100.0, -300.0):
        x = border + np.arange(-2000, 2001) * np.spacing(border or 1.0) * 0.5
        assert (np.diff(kernels.exp(np.unique(x))) >= 0.0).all()


LOG_POINTS = {
    "everywhere": np.exp(RNG.uniform(-708.0, 709.0, 1500)),
    "around 1": RNG.uniform(0.5, 2.0, 1000),
    "next to 1": np.concatenate([1.0 + np.arange(1, 200) * 2.0**-52, 1.0 - np.arange(1, 200) * 2.0**-53]),
    "close to 1": 1.0 + RNG.choice([-1.0, 1.0], 500) * 10.0 ** RNG.uniform(-15.0, -1.0, 500),
    "at the border of the mantissa": 0.7071067811865476 + np.arange(-100, 100) * 2.0**-53,
    "subnormal": RNG.integers(1, 2**52, 300).view(np.float64),
    "at the edges": np.array([SMALLEST, 2 * SMALLEST, np.nextafter(SMALLEST_NORMAL, 0), SMALLEST_NORMAL, LARGEST]),
}


@pytest.mark.parametrize("points", LOG_POINTS)
def test_log_is_within_one_unit_in_the_last_place(points: str) -> None:
    x = LOG_POINTS[points]
    assert _ulps(kernels.log(x), [mpmath.log(mpmath.mpf(v)) for v in x.tolist()]) <= 1.0


def test_log_at_its_edges() -> None:
    got = kernels.log(np.array([0.0, -0.0, np.inf, 1.0]))
    assert _bits(got) == _bits([-np.inf, -np.inf, np.inf, 0.0])
    assert np.isnan(kernels.log(np.array([-SMALLEST, -1.0, np.nan]))).all()


def test_log_of_powers_of_two_is_that_many_times_log_2() -> None:
    powers = np.arange(-1022, 1024)
    exact = [int(k) * mpmath.log(2) for k in powers]
    got = kernels.log(np.ldexp(1.0, powers))
    assert _ulps(got[powers != 0], [e for e in exact if e]) <= 1.0
    assert got[powers == 0] == 0.0


# ------------------------------------------------------------------------------------------------ the normal distribution


def _exact_quantiles(u: Floats, start: Floats) -> list[Any]:
    """Newton's rule from a good start, in the smaller tail: two steps double 15 digits twice."""
    found = []
    for probability, score in zip(u.tolist(), start.tolist(), strict=True):
        p, z = mpmath.mpf(probability), mpmath.mpf(score)
        for _ in range(2):
            miss = mpmath.ncdf(z) - p if p < 0.5 else (1 - p) - mpmath.ncdf(-z)
            z -= miss / mpmath.npdf(z)
        found.append(z)
    return found


PPF_POINTS = {
    "everywhere": RNG.uniform(0.0, 1.0, 700),
    "around the middle": 0.5 + RNG.choice([-1.0, 1.0], 200) * 10.0 ** RNG.uniform(-16.0, -1.0, 200),
    "where the branches meet": np.concatenate([c + np.arange(-30, 31) * 2.0**-53 for c in (0.075, 0.925, 1.4e-11)]),
    "the lower tail": 10.0 ** RNG.uniform(-307.0, -1.0, 400),
    "the upper tail": 1.0 - 2.0 ** -RNG.uniform(1.0, 53.0, 200),
    "the least and the greatest draw": np.array([2.0**-53, 3 * 2.0**-53, 1.0 - 3 * 2.0**-53, 1.0 - 2.0**-53]),
}


@pytest.mark.parametrize("points", PPF_POINTS)
def test_the_normal_quantile_is_within_1e_15_of_itself(points: str) -> None:
    u = PPF_POINTS[points]
    u = u[(u > 0.0) & (u < 1.0) & (u != 0.5)]
    got = kernels.norm_ppf(u)
    assert _relative(got, _exact_quantiles(u, got)) <= 1e-15


def test_the_normal_quantile_is_odd_and_zero_in_the_middle() -> None:
    u = (2.0 * np.arange(1, 4000) + 1.0) * 2.0**-14
    u = u[u < 0.5]
    assert _bits(kernels.norm_ppf(1.0 - u)) == _bits(-kernels.norm_ppf(u))
    assert _bits(kernels.norm_ppf(np.array([0.5]))) == _bits([0.0])


@pytest.mark.parametrize("centre", [0.075, 0.925, 0.5, float(kernels.norm_cdf(np.array([-6.66]))[0]), 1e-8, 1.4e-11])
def test_the_normal_quantile_ascends_where_its_branches_meet(centre: float) -> None:
    u = centre * (1.0 + np.arange(-500, 501) * 2.0**-44)
    assert (np.diff(kernels.norm_ppf(u)) > 0.0).all()


def test_no_draw_is_farther_than_8_21() -> None:
    low, high = kernels.norm_ppf(np.array([2.0**-53, 1.0 - 2.0**-53]))
    assert -low == high == pytest.approx(8.2095361516, abs=1e-9)


CDF_POINTS = {
    "everywhere": RNG.uniform(-37.0, 9.0, 700),
    "around 0": RNG.uniform(-1.5, 1.5, 700),
    "tiny": RNG.choice([-1.0, 1.0], 100) * 10.0 ** RNG.uniform(-320.0, -3.0, 100),
    "where the branches meet": np.concatenate([
        s * (c * 1.4142135623730951 + np.arange(-20, 21) * 2.0**-50) for c in (0.46875, 4.0, 1.0) for s in (-1.0, 1.0)
    ]),
    "at the edges": np.array([-37.0, -36.99, 8.21, -8.21, 8.3, 0.0, -0.0]),
}  # fmt: skip


@pytest.mark.parametrize("points", CDF_POINTS)
def test_the_normal_integral_is_within_1e_15_of_itself(points: str) -> None:
    z = CDF_POINTS[points]
    assert _relative(kernels.norm_cdf(z), [mpmath.ncdf(mpmath.mpf(v)) for v in z.tolist()]) <= 1e-15


def test_the_normal_integral_beyond_its_range_is_zero_or_one() -> None:
    assert _bits(kernels.norm_cdf(np.array([-40.0, -1e10, 9.0, 40.0, 1e10]))) == _bits([0.0, 0.0, 1.0, 1.0, 1.0])
    assert np.isnan(kernels.norm_cdf(np.array([np.nan]))).all()


def test_the_normal_integral_of_infinity_is_zero_or_one() -> None:
    assert _bits(kernels.norm_cdf(np.array([-np.inf, -1e200, 1e200, np.inf]))) == _bits([0.0, 0.0, 1.0, 1.0])


def test_integral_and_quantile_undo_each_other() -> None:
    u = PPF_POINTS["everywhere"]
    np.testing.assert_allclose(kernels.norm_cdf(kernels.norm_ppf(u)), u, rtol=4e-15)


# ------------------------------------------------------------------------------------------------ Philox

#: counter, key, words: the known answers of Random123 (kat_vectors, philox4x32 10)
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((MASK32,) * 4, (MASK32,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def _philox_by_hand(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Philox 4x32-10 in plain integers, from the paper's figure."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(c[0] * 0xD2511F53, 1 << 32)
        high1, low1 = divmod(c[2] * 0xCD9E8D57, 1 << 32)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B9) & MASK32, (k[1] + 0xBB67AE85) & MASK32]
    return tuple(c)


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_gives_the_known_answers(counter: Any, key: Any, words: tuple[int, ...]) -> None:
    assert tuple(int(w[0]) for w in kernels.philox(counter, key)) == words
    assert _philox_by_hand(counter, key) == words
    arrays = tuple(np.full(5, word, np.uint64) for word in counter)
    for got, word in zip(kernels.philox(arrays, key), words, strict=True):  # type: ignore[arg-type]
        assert got.tolist() == [word] * 5


def test_a_uniform_is_the_first_52_bits_of_two_words_and_a_half() -> None:
    key = (0x01234567, 0x89ABCDEF)
    paths = np.array([0, 1, MASK32, MASK32 + 1, 2**63 + 12345, 2**64 - 1], np.uint64)
    for index, lane in ((0, 0), (7, 0), (MASK32, 3), (5, MASK32)):
        even, odd = kernels.uniform_pair(paths, index, lane, key)
        for place, path in enumerate(paths.tolist()):
            w = _philox_by_hand((path & MASK32, path >> 32, index, lane), key)
            assert even[place] == ((w[0] << 20 | w[1] >> 12) + 0.5) * 2.0**-52
            assert odd[place] == ((w[2] << 20 | w[3] >> 12) + 0.5) * 2.0**-52


def test_a_uniform_is_never_0_or_1() -> None:
    words = np.array([0, MASK32], np.uint64)
    assert kernels._unit_interval(words, words).tolist() == [2.0**-53, 1.0 - 2.0**-53]


# ------------------------------------------------------------------------------------------------ both runners, bit by bit

SPECIAL = np.array([
    0.0, -0.0, SMALLEST, -SMALLEST, SMALLEST_NORMAL, -SMALLEST_NORMAL, LARGEST, -LARGEST, np.inf, -np.inf, np.nan, 1.0, -1.0,
    -707.0, -707.0000000000001, 709.782712893384, 709.7827128933841, 0.075, 0.925, 0.5, 2.0**-53, 1.0 - 2.0**-53, 37.0,
    -37.6, 0.46875 * 1.4142135623730951, 4.0 * 1.4142135623730951, 0.7071067811865476,
])  # fmt: skip
KERNELS: dict[str, Callable[[Any], Any]] = {
    "exp": kernels.exp,
    "log": kernels.log,
    "norm_ppf": kernels.norm_ppf,
    "norm_cdf": kernels.norm_cdf,
}


def _both_runners(program: Program, streams: list[str], paths: int = 1024) -> tuple[Floats, Floats]:
    plan = Plan(tuple(StreamPlan(name, program.periods) for name in streams), paths, seed=3)
    source = Philox(plan)
    by_array = run_arrays(program, source, np.arange(paths, dtype=np.uint64))
    by_loop = np.full_like(by_array, 7.0)
    Loop(program, block=paths).run(source.key_table(streams), 0, by_loop)
    return by_array, by_loop


def _assert_same(by_array: Floats, by_loop: Floats) -> None:
    """The same bits; what is not a number is so in both (IEEE 754 leaves its sign and payload open)."""
    np.testing.assert_array_equal(np.isnan(by_array), np.isnan(by_loop))
    np.testing.assert_array_equal(
        np.where(np.isnan(by_array), 0.0, by_array).view(np.uint64),
        np.where(np.isnan(by_loop), 0.0, by_loop).view(np.uint64),
    )


@pytest.mark.parametrize("name", KERNELS)
def test_special_values_have_the_same_bits_in_the_vector_code(name: str) -> None:
    """Every special value on every path; the compiler cannot know that it is the same on all."""
    kernel = KERNELS[name]
    program = Program(periods=len(SPECIAL))
    every = program.section("every period")
    special = program.param(SPECIAL)
    program.line("same for all", every, kernel(special))
    program.line("by path", every, kernel(where(program.draw("z", every) < 100.0, special, 0.0)))
    by_array, by_loop = _both_runners(program, ["z"], 128)
    _assert_same(by_array, by_loop)
    with np.errstate(all="ignore"):
        direct = kernel(SPECIAL)
    for row in (0, 1):
        _assert_same(by_array[row::2, 0].copy(), direct)


def test_kernels_have_the_same_bits_for_draws_of_all_sizes() -> None:
    program = Program(periods=6)
    every = program.section("every period")
    z = program.draw("z", every)
    size = program.param([1e-300, 1e-8, 0.1, 1.0, 20.0, 400.0])
    x = z * size
    program.line("exp", every, kernels.exp(x))
    program.line("log", every, kernels.log(where(x > 0.0, x, -x)))
    program.line("log of exp", every, kernels.log(kernels.exp(x)))
    program.line("cdf", every, kernels.norm_cdf(x))
    program.line("ppf of cdf", every, kernels.norm_ppf(kernels.norm_cdf(z)))
    by_array, by_loop = _both_runners(program, ["z"], 4096)
    assert by_array.tobytes() == by_loop.tobytes()
    direct = kernels.exp(
        Philox(Plan((StreamPlan("z", 6),), 4096, 3)).normals("z", np.arange(4096, dtype=np.uint64), 4) * 20.0
    )
    assert by_array[20].tobytes() == direct.tobytes()


def test_the_draws_of_the_loop_are_those_of_the_arrays_in_the_tails_too() -> None:
    """65,536 paths hold about 9,800 scores of the tail branch in each period, some of them beyond 4 sigma."""
    program = Program(periods=3)
    every = program.section("every period")
    program.line("z", every, program.draw("z", every))
    program.line("once", every, program.draw_once("life", every))
    by_array, by_loop = _both_runners(program, ["z", "life"], 65_536)
    assert by_array.tobytes() == by_loop.tobytes()
    assert np.abs(by_array).max() > 4.0


def test_node_and_array_versions_of_philox_agree_for_any_path_and_key() -> None:
    """Written into a tree and run node by node: the words come out of the same operations."""
    program = Program(periods=1)
    section = program.section("now")
    path = to_int(program.input("path", section))
    index, lane, *key = (program.tree.const(word) for word in (11, 2, 0xDEADBEEF, 0x12345678))
    even, odd = kernels.uniform_pair(path, index, lane, (key[0], key[1]))
    program.line("even", section, even)
    program.line("odd", section, odd)
    paths = np.array([0, 1, 2**31, 2**32 - 1, 2**32, 2**52], np.uint64)
    got = run_arrays(program, None, paths, {"path": paths.astype(np.float64)[None]})
    expected = kernels.uniform_pair(paths, 11, 2, (0xDEADBEEF, 0x12345678))
    assert got.tobytes() == np.stack(expected).tobytes()


def test_integers_become_doubles_by_their_bits() -> None:
    whole = np.array([0, 1, 2**31 - 1, -1, -(2**31)])
    assert to_float(whole.view(np.uint64)).tolist() == whole.tolist()
    assert to_int(np.array([0.0, 0.99, 7.5, 2.0**52 + 1])).tolist() == [0, 0, 7, 2**52 + 1]
    assert iand(to_bits(np.array([-1.0])), 0x7FF0000000000000).tolist() == [0x3FF0000000000000]


def test_scalars_are_the_kernels_at_one_point() -> None:
    for x in (0.3, 1.0, 700.0, 1e-300):
        assert scalars.exp(x) == kernels.exp(np.array([x]))[0]
        assert scalars.log(x) == kernels.log(np.array([x]))[0]
    assert scalars.norm_ppf(0.9) == kernels.norm_ppf(np.array([0.9]))[0]
