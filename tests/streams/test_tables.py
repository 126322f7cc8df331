"""Quantile tables: right against SciPy and in their moments, ascending, and the same bits for arrays and nodes."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from gainsim.ops import kernels
from gainsim.ops.arrays import run_arrays
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.ops.tree import Tree
from gainsim.streams import tables
from gainsim.streams.source import Philox, Plan, StreamPlan
from gainsim.streams.tables import HIGHEST, INTERVALS, WIDTH, QuantileTable, beta_table, hermite_table, log_gamma

Floats = NDArray[np.float64]

SHAPES = [(0.3, 0.3), (0.3, 1000), (0.5, 3), (1, 1), (1, 5), (2, 4), (3, 3), (5, 1), (4.6, 1.4), (30, 0.7), (150, 900),
          (1000, 1000), (1000, 1), (1000, 0.3)]  # fmt: skip
STEEP = [(0.1, 0.1), (0.01, 0.01), (0.01, 20), (1e-3, 0.3), (1e-6, 1e-6), (1000, 1e-6), (1e-6, 1000)]
Z = np.linspace(-8.0, 8.0, 16001)


def _scipy_quantile(a: float, b: float, z: Floats) -> Floats:
    """The peer: each half from its own tail."""
    x = np.empty_like(z)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy's search overflows on its way
        x[z < 0] = stats.beta.ppf(special.ndtr(z[z < 0]), a, b)
        x[z >= 0] = stats.beta.isf(special.ndtr(-z[z >= 0]), a, b)
    return x


def _nodes() -> Floats:
    z: Floats = np.arange(INTERVALS + 1, dtype=np.float64)
    return np.asarray(z * WIDTH - HIGHEST, np.float64)


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_quantiles_agree_with_scipy(a: float, b: float) -> None:
    tolerance = 1e-13 if min(a, b) >= 1 else 1e-11
    np.testing.assert_allclose(beta_table(a, b).lookup(Z), _scipy_quantile(a, b, Z), rtol=0, atol=tolerance)


def test_with_both_shapes_at_a_tenth_the_error_is_still_below_1e_9() -> None:
    np.testing.assert_allclose(beta_table(0.1, 0.1).lookup(Z), _scipy_quantile(0.1, 0.1, Z), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("a", "b"), [(1, 5), (2, 4), (5, 1), (150, 900), (1000, 1000)])
def test_the_lower_tail_is_right_relative_to_itself(a: float, b: float) -> None:
    z = Z[Z < 0]
    np.testing.assert_allclose(beta_table(a, b).lookup(z), _scipy_quantile(a, b, z), rtol=1e-9)


def test_a_beta_of_one_and_one_is_the_normal_integral() -> None:
    np.testing.assert_allclose(beta_table(1.0, 1.0).lookup(Z), kernels.norm_cdf(Z), rtol=0, atol=4e-15)


@pytest.mark.parametrize(("a", "b"), SHAPES + STEEP)
def test_a_table_ascends_and_stays_inside(a: float, b: float) -> None:
    value = beta_table(a, b).lookup(np.linspace(-9.0, 9.0, 200_001))
    assert np.diff(value).min() >= -(2.0**-53)  # the last place below 1
    assert value.min() >= 0.0
    assert value.max() <= 1.0


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_mean_and_variance_are_the_known_ones(a: float, b: float) -> None:
    step = 16.0 / 32768  # the trapezium rule: exact for smooth functions that vanish at both ends
    z = np.arange(-16800, 16801) * step
    weight = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) * step
    x = beta_table(a, b).lookup(z)
    mean, variance = a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1.0))
    assert weight @ x == pytest.approx(mean, rel=1e-9)
    assert weight @ (x - mean) ** 2 == pytest.approx(variance, rel=1e-9)


@pytest.mark.parametrize(("a", "b"), [(2, 4), (0.3, 5), (1000, 700)])
def test_exchanging_the_shapes_mirrors_the_table(a: float, b: float) -> None:
    np.testing.assert_allclose(beta_table(a, b).lookup(Z), 1.0 - beta_table(b, a).lookup(-Z), rtol=0, atol=1e-13)


@pytest.mark.parametrize(("a", "b"), [*SHAPES, (0.01, 0.01), (1e-3, 1000)])
def test_newton_has_arrived(a: float, b: float, monkeypatch: pytest.MonkeyPatch) -> None:
    table = beta_table(a, b)
    monkeypatch.setattr(tables, "_STEPS", 2 * tables._STEPS)
    monkeypatch.setattr(tables, "_TERMS", 2 * tables._TERMS)
    more = beta_table.__wrapped__(a, b)
    np.testing.assert_allclose(more.lookup(Z), table.lookup(Z), rtol=0, atol=1e-13 if min(a, b) >= 0.3 else 1e-11)


def test_building_uses_neither_scipy_nor_the_functions_of_numpy_and_math(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("not strict")

    expected = beta_table(2.0, 4.0).coefficients.tobytes()
    for name in ("exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "power", "minimum", "maximum", "clip", "sum",
                 "dot", "matmul", "interp", "linspace"):  # fmt: skip
        monkeypatch.setattr(np, name, refuse)
    for name in ("exp", "log", "log1p", "expm1", "pow", "lgamma", "gamma", "erf", "erfc"):
        monkeypatch.setattr(f"math.{name}", refuse)
    for name in ("betaincinv", "betainccinv", "betainc", "betaln", "gammaln"):
        monkeypatch.setattr(special, name, refuse)
    assert beta_table.__wrapped__(2.0, 4.0).coefficients.tobytes() == expected


def test_the_module_does_not_import_scipy() -> None:
    assert not any("scipy" in str(getattr(v, "__module__", v)) for v in vars(sys.modules[tables.__name__]).values())


def test_the_bits_of_a_table_are_the_known_ones() -> None:
    """Values in hexadecimal: another machine, NumPy or SciPy must give the same."""
    values = beta_table(2.0, 4.0).lookup(np.array([-8.25, -3.0, 0.1, 2.5]))
    assert [float(v).hex() for v in values] == KNOWN_BITS


KNOWN_BITS = ["0x1.82c7e3b1e5ed2p-29", "0x1.813b1e38529d5p-7", "0x1.55b6a979d274fp-2", "0x1.9bb32bd41c244p-1"]


@pytest.mark.parametrize("x", [1e-6, 0.01, 0.3, 1.0, 2.0, 9.99, 10.0, 57.3, 2000.0])
def test_log_gamma_agrees_with_scipy(x: float) -> None:
    assert log_gamma(x) == pytest.approx(float(special.gammaln(x)), rel=2e-15, abs=4e-15)


def test_arrays_nodes_and_the_compiled_loop_give_the_same_bits() -> None:
    """Two tables, one of them read twice: at a draw, at a dated number, and as one of a life-long draw."""
    program = Program(periods=3)
    every = program.section("every period")
    first, second = beta_table(2.0, 4.0), beta_table(0.4, 30.0)
    z, once = program.draw("price", every), program.draw_once("level", every)
    dated = program.param([-9.0, 0.3, 9.0])
    program.line("first", every, first.lookup(z))
    program.line("second", every, second.lookup(3.0 * z))  # beyond the ends too
    program.line("dated", every, first.lookup(dated) + 0.0 * z)
    program.line("once", every, first.lookup(once))
    assert len(program.tree.constants) == 2
    paths = np.arange(1024, dtype=np.uint64)
    source = Philox(Plan((StreamPlan("price", 3), StreamPlan("level", 0)), paths=1024, seed=5))
    by_array = run_arrays(program, source, paths)
    by_loop = np.empty_like(by_array)
    Loop(program).run(source.key_table(["price", "level"]), 0, by_loop)
    assert by_loop.tobytes() == by_array.tobytes()
    scores, level = source.normals("price", paths, 1), source.normals_once("level", paths)
    assert by_array[4].tobytes() == first.lookup(scores).tobytes()
    assert by_array[5].tobytes() == second.lookup(3.0 * scores).tobytes()
    np.testing.assert_array_equal(by_array[6], first.lookup(np.full(1024, 0.3)))
    assert by_array[7].tobytes() == first.lookup(level).tobytes()


def test_a_table_is_kept_once_in_a_tree() -> None:
    tree = Tree()
    z = tree.leaf("draw", 0, section=0)
    table, twin = beta_table(2.0, 4.0), QuantileTable(beta_table(2.0, 4.0).coefficients.copy())
    assert table.lookup(z) is twin.lookup(z)
    assert len(tree.constants) == 1


def test_what_is_not_a_number_stays_so() -> None:
    z = np.array([np.nan, -np.inf, np.inf])
    low, high = beta_table(2.0, 4.0).lookup(np.array([-HIGHEST, HIGHEST]))
    np.testing.assert_array_equal(beta_table(2.0, 4.0).lookup(z), [np.nan, low, high])
    program = Program(periods=1)
    section = program.section("now")
    program.line("x", section, beta_table(2.0, 4.0).lookup(program.input("z", section)))
    got = run_arrays(program, None, np.arange(3, dtype=np.uint64), {"z": z[None]})
    np.testing.assert_array_equal(got[0], [np.nan, low, high])


def test_any_quantile_can_be_a_table() -> None:
    """A lognormal from its formula: value, slope and curvature are all exp(0.2 z) times a power of 0.2."""
    z = _nodes()
    value = kernels.exp(0.2 * z)
    table = hermite_table(value, value[1:] - value[:-1], 0.2 * value, 0.04 * value)
    np.testing.assert_allclose(table.lookup(Z), np.exp(0.2 * Z), rtol=1e-14)


def test_a_quantile_too_steep_for_its_intervals_still_ascends() -> None:
    z = _nodes()
    value = kernels.exp(400.0 * z * 0.01 * 16.0)
    table = hermite_table(value, value[1:] - value[:-1], 64.0 * 30.0 * value, 64.0 * 64.0 * 900.0 * value)
    x = table.lookup(np.linspace(-HIGHEST, HIGHEST, 50_001))
    assert (np.diff(x) >= -1e-15 * np.abs(x[1:])).all()
    np.testing.assert_allclose(table.lookup(z[:-1]), value[:-1], rtol=1e-11)


def test_tables_are_shared_and_cannot_be_written() -> None:
    assert beta_table(2.0, 4.0) is beta_table(2, 4)
    with pytest.raises(ValueError, match="read-only"):
        beta_table(2.0, 4.0).coefficients[0, 0] = 1.0


@pytest.mark.parametrize(("a", "b", "named"), [(0.0, 1.0, "alpha"), (1.0, -2.0, "beta"), (1000.1, 1, "alpha")])
def test_shapes_outside_the_tested_range_are_refused(a: float, b: float, named: str) -> None:
    with pytest.raises(ValueError, match=f"{named} = .* lies between 1e-6 and 1000"):
        beta_table(a, b)


def test_a_shape_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="lies between"):
        beta_table(float("nan"), 1.0)


def test_a_table_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="1024 x 6"):
        QuantileTable(np.zeros((6, 1024)))
