"""Measures: right values, honest errors. Closed forms, published rows, slow twins, and what must be refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import stdtrit
from scipy.stats import chi2

from gainsim import measures as ms
from gainsim import returns
from gainsim.errors import DataError
from validation.coverage import CASES, cover

Floats = NDArray[np.float64]
NORMAL = NormalDist()
MADE_OF = Callable[[Floats, ms.Sample], ms.Influence]

# every measure of one outcome, for what all of them must obey
MEASURES: dict[str, MADE_OF] = {
    "mean": ms.mean,
    "probability": lambda x, sample: ms.probability(x > 11.0, sample),
    "ratio": lambda x, sample: ms.ratio(x - 3.0, x * x, sample),
    "variance": ms.variance,
    "standard_deviation": ms.standard_deviation,
    "quantile": lambda x, sample: ms.quantile(x, 0.3, sample),
    "var": lambda x, sample: ms.var(x, 0.9, sample),
    "cvar": lambda x, sample: ms.cvar(x, 0.9, sample),
    "irr": lambda x, sample: _rate(returns.irr(np.stack([-5.0 * x, 0.5 * x * x]), [0.0, 0.75], sample)),
    "share that pays back": lambda x, sample: returns.payback(np.stack([x * 0 - 10.0, x]), [0.0, 1.0], sample).share,
}


def _rate(rate: ms.Influence | ms.Undefined) -> ms.Influence:
    assert isinstance(rate, ms.Influence), rate
    return rate


def _outcomes(paths: int = 3000, seed: int = 5) -> Floats:
    return np.random.default_rng(seed).gamma(4.0, 3.0, paths)


# ------------------------------------------------------------ closed forms


def _t4_cdf(x: float) -> float:
    return 0.5 + 0.75 * (x / math.sqrt(4 + x * x) - (x / math.sqrt(4 + x * x)) ** 3 / 3.0)


def test_the_t4_of_these_tests_is_the_t4() -> None:
    assert _t4_cdf(float(stdtrit(4.0, 0.95))) == pytest.approx(0.95, abs=1e-12)


def _draw_loss(row: dict[str, Any], rng: np.random.Generator, paths: int) -> Floats:
    """The losses a row speaks of."""
    given, z = row["inputs"], rng.standard_normal(paths)
    if row["sub"] == "risk_normal":
        return np.asarray(given["mean"] + given["sd"] * z)
    if row["sub"] == "risk_lognormal":
        return np.asarray(np.exp(given["mu"] + given["sigma"] * z))
    daily = given["value"] * given["annual_vol"] / math.sqrt(given["days"])
    if "t4" in row["output"]:  # scaled to the same standard deviation: a t4 has variance 2
        return np.asarray(daily / math.sqrt(2.0) * rng.standard_t(4, paths))
    return np.asarray(daily * z)


def _estimate_row(row: dict[str, Any], loss: Floats) -> ms.Estimate:
    """In the sign of the ledger a loss is negative; the published figure of a loss is its opposite."""
    level = row["inputs"]["alpha"]
    if "lower tail" in row["output"]:
        return ms.estimate(ms.cvar(loss, level))
    measure = ms.var if row["output"].startswith("VaR") else ms.cvar
    found = measure(-loss, level)
    return ms.estimate(ms.Influence(-found.value, -found.psi))


def test_published_values_at_risk(validation_rows: Callable[[str], list[dict[str, Any]]]) -> None:
    families = ("risk_normal", "risk_lognormal", "risk_normal_vs_t4")
    rows = [row for row in validation_rows("drivers_risk_sensitivity") if row["sub"] in families]
    assert len(rows) >= 40
    rng = np.random.default_rng(20_240_601)
    squares = []
    for row in rows:
        found, expected = _estimate_row(row, _draw_loss(row, rng, 200_000)), float(row["expected"])
        assert found.standard_error < 0.02 * abs(expected), row["id"]  # tails of 0.5% need the room
        distance = abs(found.value - expected)
        assert distance <= float(row["tol_abs"]) + 4.0 * found.standard_error, row["id"]
        squares.append((distance / found.standard_error) ** 2)
    assert chi2.ppf(0.005, len(rows)) <= sum(squares) <= chi2.ppf(0.995, len(rows))


def _closed_forms() -> dict[str, tuple[float, Callable[[Floats], ms.Influence]]]:
    """Of a normal with mean 100 and standard deviation 15, without any file."""
    z = NORMAL.inv_cdf(0.95)
    return {
        "mean": (100.0, ms.mean),
        "variance": (225.0, ms.variance),
        "standard deviation": (15.0, ms.standard_deviation),
        "median": (100.0, lambda x: ms.quantile(x, 0.5)),
        "quantile": (100.0 + 15.0 * NORMAL.inv_cdf(0.8), lambda x: ms.quantile(x, 0.8)),
        "var": (100.0 - 15.0 * z, lambda x: ms.var(x, 0.95)),
        "cvar": (100.0 - 15.0 * NORMAL.pdf(z) / 0.05, lambda x: ms.cvar(x, 0.95)),
        "probability": (NORMAL.cdf(-1.0), lambda x: ms.probability(x <= 85.0)),
        "ratio": (100.0 / 10_225.0, lambda x: ms.ratio(x, x * x)),
        "irr": (0.21, lambda x: _rate(returns.irr(np.stack([np.full_like(x, -100.0), 1.1 * x]), [0.0, 0.5]))),
    }


@pytest.mark.parametrize("name", _closed_forms())
def test_closed_forms_of_a_normal(name: str) -> None:
    expected, measure = _closed_forms()[name]
    x = 100.0 + 15.0 * np.random.default_rng([3, *name.encode()]).standard_normal(400_000)
    found = ms.estimate(measure(x))
    assert found.standard_error < 0.01 * abs(expected)
    assert abs(found.value - expected) < 4.0 * found.standard_error


def test_the_errors_of_closed_forms() -> None:
    """σ/√n of a mean, √(p(1−p)/n)/φ(z) of a quantile, σ/√(2n) of a standard deviation."""
    n, z = 100_000, NORMAL.inv_cdf(0.05)
    x = np.random.default_rng(8).standard_normal(n)
    assert ms.estimate(ms.mean(x)).standard_error == pytest.approx(1.0 / math.sqrt(n), rel=0.01)
    assert ms.estimate(ms.standard_deviation(x)).standard_error == pytest.approx(1.0 / math.sqrt(2 * n), rel=0.02)
    expected = math.sqrt(0.05 * 0.95 / n) / NORMAL.pdf(z)
    assert ms.estimate(ms.quantile(x, 0.05)).standard_error == pytest.approx(expected, rel=0.08)


# ------------------------------------------------------------ slow twins


def _slow_cvar(x: list[float], level: str) -> Fraction:
    """Acerbi and Tasche in exact fractions: fill the worst part path by path."""
    left = mass = (1 - Fraction(level)) * len(x)
    total = Fraction(0)
    for value in sorted(x):
        taken = min(Fraction(1), left)
        total, left = total + taken * Fraction(value), left - taken
    return total / mass


def test_the_worst_part_of_ten_outcomes_is_minus_35_exactly() -> None:
    x = [-50, -20, -10, 0, 5, 10, 20, 30, 40, 75]
    assert ms.cvar(x, 0.8).value == -35.0
    assert ms.var(x, 0.8).value == -20.0
    assert ms.cvar(x[::-1], 1 - 0.2).value == -35.0


def test_a_path_on_the_edge_counts_with_its_fraction() -> None:
    assert ms.cvar([-50, -20, -10, 0, 5, 10, 20, 30, 40, 75], 0.75).value == (-50 - 20 - 0.5 * 10) / 2.5


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=40), st.sampled_from(["0.5", "0.8", "0.95", "0.99"]))
def test_cvar_agrees_with_exact_fractions(x: list[int], level: str) -> None:
    expected = float(_slow_cvar([float(v) for v in x], level))
    assert ms.cvar(x, float(level)).value == pytest.approx(expected, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("paths", [20, 100, 1000, 10_000])
@pytest.mark.parametrize("p", [0.01, 0.05, 1 - 0.95, 0.1, 0.35, 0.5, 0.7, 0.95, 0.99])
def test_a_quantile_is_the_path_that_a_decimal_share_reaches(paths: int, p: float) -> None:
    """0.05 of 100 paths are 5 paths, also where a computer's 1 − 0.95 is a little more."""
    rank = math.ceil(Fraction(f"{p:.4f}") * paths)
    assert ms.quantile(np.arange(paths, 0.0, -1.0), p).value == float(rank)


def test_the_ratio_of_means_agrees_with_the_jackknife() -> None:
    rng = np.random.default_rng(4)
    b = rng.gamma(3.0, 1.0, 2000)
    a = 0.2 * b + rng.normal(0.0, 0.3, 2000)
    left_out = (a.sum() - a) / (b.sum() - b)
    jackknife = math.sqrt(1999 / 2000 * float(((left_out - left_out.mean()) ** 2).sum()))
    found = ms.estimate(ms.ratio(a, b))
    assert found.value == pytest.approx(a.sum() / b.sum(), rel=1e-12)
    assert found.standard_error == pytest.approx(jackknife, rel=2e-3)


@pytest.mark.parametrize("name", [name for name in MEASURES if name not in ("quantile", "var")])
def test_the_influence_is_the_slope_in_the_weight_of_a_path(name: str) -> None:
    """Put a weight 1 + h on path i: the measure moves by h ψᵢ / n (quantiles are steps, their slope is a model's)."""
    x, h = _outcomes(403), 1e-4  # no whole number of paths in a tail of 10%, where cvar has a kink
    base = MEASURES[name](x, ms.EQUAL)
    for path in (0, 7, int(np.argmin(x)), int(np.argmax(x))):
        moved = []
        for sign in (1.0, -1.0):
            weights = np.ones(403)
            weights[path] += sign * h
            moved.append(MEASURES[name](x, ms.Sample(weights=weights)).value)
        assert (moved[0] - moved[1]) / (2 * h) * 403 == pytest.approx(base.psi[path], rel=1e-4, abs=1e-6)


# ------------------------------------------------------------ weights and groups


@pytest.mark.parametrize("name", MEASURES)
def test_whole_weights_are_repeated_paths(name: str) -> None:
    x = np.round(_outcomes(500), 1)
    weights = np.random.default_rng(2).integers(0, 4, 500)
    repeated = MEASURES[name](np.repeat(x, weights), ms.EQUAL).value
    assert MEASURES[name](x, ms.Sample(weights=weights.astype(float))).value == pytest.approx(repeated, rel=1e-12)


@pytest.mark.parametrize("name", MEASURES)
def test_equal_weights_and_groups_of_one_change_nothing(name: str) -> None:
    x = _outcomes(2500)
    plain = ms.estimate(MEASURES[name](x, ms.EQUAL))
    for sample in (ms.Sample(weights=np.full(2500, 0.25)), ms.Sample(groups=np.arange(2500)[::-1])):
        found = ms.estimate(MEASURES[name](x, sample), sample)
        assert found.value == pytest.approx(plain.value, rel=1e-12)
        assert found.standard_error == pytest.approx(plain.standard_error, rel=1e-9)
        assert found.degrees_of_freedom == 2499


@pytest.mark.parametrize("name", MEASURES)
def test_influences_have_mean_zero(name: str) -> None:
    x = np.round(_outcomes(1500))  # with ties
    sample = ms.Sample(weights=np.random.default_rng(6).uniform(0.0, 2.0, 1500))
    influence = MEASURES[name](x, sample)
    assert sample.mean(influence.psi) == pytest.approx(0.0, abs=1e-12 * float(np.abs(influence.psi).max() + 1.0))


def test_importance_weights_recover_a_closed_form_with_a_smaller_error() -> None:
    z = np.random.default_rng(9).standard_normal(50_000)
    sample = ms.Sample(weights=np.exp(2.0 - 2.0 * (2.0 - z)))  # paths drawn around −2, weighed back to 0
    tilted, plain = ms.estimate(ms.cvar(z - 2.0, 0.99, sample), sample), ms.estimate(ms.cvar(z, 0.99))
    expected = -NORMAL.pdf(NORMAL.inv_cdf(0.01)) / 0.01
    assert abs(tilted.value - expected) < 4.0 * tilted.standard_error
    assert tilted.standard_error < 0.5 * plain.standard_error


def test_the_error_of_groups_is_their_spread() -> None:
    x, groups = _outcomes(1200), np.arange(1200) % 8
    means = np.array([x[groups == g].mean() for g in range(8)])
    found = ms.estimate(ms.mean(x), ms.Sample(groups=groups), "EUR")
    assert found.standard_error == pytest.approx(means.std(ddof=1) / math.sqrt(8), rel=1e-12)
    assert (found.degrees_of_freedom, found.unit) == (7, "EUR")
    low, high = found.interval(0.95)
    assert (high - low) / 2 == pytest.approx(2.364624251592784 * found.standard_error, rel=1e-12)


def test_latin_hypercubes_are_known_to_be_better_only_by_their_groups() -> None:
    rng = np.random.default_rng(11)
    x = ((rng.permuted(np.tile(np.arange(100.0), (20, 1)), axis=1) + rng.random((20, 100))) / 100.0).ravel()
    grouped = ms.estimate(ms.mean(x), ms.Sample(groups=np.repeat(np.arange(20), 100)))
    assert grouped.standard_error < 0.05 * ms.estimate(ms.mean(x)).standard_error
    assert abs(grouped.value - 0.5) < 4.0 * grouped.standard_error


# ------------------------------------------------------------ paired differences


@pytest.mark.parametrize("name", MEASURES)
def test_the_difference_of_a_measure_from_itself_is_certain(name: str) -> None:
    influence = MEASURES[name](_outcomes(), ms.EQUAL)
    assert ms.difference(influence, influence) == ms.Estimate(0.0, 0.0, "", 2999)


@pytest.mark.parametrize("name, moves", [("mean", 5.0), ("var", 5.0), ("cvar", 5.0), ("standard_deviation", 0.0)])
def test_a_fixed_fee_more_is_certain_whatever_the_future(name: str, moves: float) -> None:
    x = _outcomes()
    found = ms.difference(MEASURES[name](x + 5.0, ms.EQUAL), MEASURES[name](x, ms.EQUAL))
    assert found.value == pytest.approx(moves, abs=1e-12)
    assert found.standard_error < 1e-12


def test_pairing_helps_as_much_as_the_correlation_says() -> None:
    rng = np.random.default_rng(12)
    x = rng.standard_normal(40_000)
    y = 0.9 * x + math.sqrt(1.0 - 0.81) * rng.standard_normal(40_000)
    found = ms.difference(ms.mean(x), ms.mean(y))
    assert found.standard_error == pytest.approx(math.sqrt(2.0 * (1.0 - 0.9) / 40_000), rel=0.03)


def test_differences_take_weights_and_groups() -> None:
    x, y = _outcomes(), _outcomes(seed=6)
    sample = ms.Sample(weights=np.linspace(0.5, 1.5, 3000), groups=np.arange(3000) // 100)
    found = ms.difference(ms.mean(x, sample), ms.mean(y, sample), sample)
    alone = ms.estimate(ms.mean(x - y, sample), sample)
    assert found.value == pytest.approx(alone.value, abs=1e-12)
    assert found.standard_error == pytest.approx(alone.standard_error, rel=1e-12)


# ------------------------------------------------------------ atoms and few paths


def test_a_quantile_inside_an_atom_is_certain_and_its_cvar_is_not() -> None:
    x = np.maximum(_outcomes(), 10.0)
    assert ms.estimate(ms.quantile(x, 0.2)) == ms.Estimate(10.0, 0.0, "", 2999)
    assert ms.estimate(ms.cvar(np.minimum(x, 30.0), 0.2)).standard_error > 0.0


def test_outcomes_without_variation_have_no_error() -> None:
    x = np.full(50, 7.0)
    for measure in (ms.mean, ms.variance, ms.standard_deviation, lambda x: ms.var(x, 0.9), lambda x: ms.cvar(x, 0.9)):
        assert ms.estimate(measure(x)).standard_error == 0.0


@pytest.mark.parametrize("paths", [1, 2, 19])
def test_a_tail_of_one_path_is_not_known(paths: int) -> None:
    x = _outcomes(paths)
    for made in (ms.cvar(x, 0.95), ms.quantile(x, 0.95), ms.quantile(x, 0.05)):
        assert ms.estimate(made).standard_error == math.inf
        assert ms.estimate(made - made).standard_error == math.inf  # not known, on either side


def test_a_tail_of_two_paths_is_known() -> None:
    x = _outcomes(40)
    for made in (ms.cvar(x, 0.95), ms.quantile(x, 0.95), ms.quantile(x, 0.05)):
        assert 0.0 < ms.estimate(made).standard_error < math.inf


def test_one_path_and_one_group_cannot_tell() -> None:
    found = ms.estimate(ms.quantile([3.0], 0.5))
    assert (found.value, found.standard_error) == (3.0, math.inf)
    assert found.interval() == (-math.inf, math.inf)
    assert ms.estimate(ms.mean(np.arange(9.0)), ms.Sample(groups=np.zeros(9, int))).standard_error == math.inf


# ------------------------------------------------------------ cash over time


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-0.9, 3.0),
    st.lists(st.floats(0.01, 1.0), min_size=1, max_size=8),
    st.lists(st.floats(0.1, 100.0), min_size=8, max_size=8),
)
def test_the_rate_is_the_one_the_flows_were_built_with(rate: float, steps: list[float], later: list[float]) -> None:
    years = np.concatenate([[2026.5], 2026.5 + np.cumsum(steps)])
    inflows = np.array(later[: len(steps)])
    price = float((inflows * (1.0 + rate) ** -(years[1:] - years[0])).sum())
    found = _rate(returns.irr(np.concatenate([[-price], inflows])[:, None], years))
    assert found.value == pytest.approx(rate, rel=1e-9, abs=1e-9)
    opposite = _rate(returns.irr(np.concatenate([[price], -inflows])[:, None], years))
    assert opposite.value == pytest.approx(rate, rel=1e-9, abs=1e-9)


def test_a_rate_is_of_the_expected_cash_not_the_mean_of_rates() -> None:
    cash = np.array([[-100.0, -100.0, -100.0], [0.0, 110.0, 220.0]])
    assert _rate(returns.irr(cash, [0.0, 1.0])).value == pytest.approx(0.1, abs=1e-15)


@pytest.mark.parametrize(
    "cash, words",
    [
        ([5.0, 1.0, 3.0], "never changes sign"),
        ([0.0, 0.0, 0.0], "never changes sign"),
        ([-1.0, -2.0, 0.0], "never changes sign"),
        ([-100.0, 230.0, -132.0], "changes sign 2 times, its balance added up over time 2 times"),
        ([100.0, -50.0, 10.0], "changes sign 2 times, its balance added up over time 0 times"),
        ([-1.0, 11.5, 0.0], "more than 1,000% a year"),  # a rate of 1,050%
        ([1.0, -1_200.0, 0.0], "more than 1,000% a year"),
        ([1_000.0, 0.0, -0.01], "below -99% a year"),  # of 1 + r, 0.003 is the root
    ],
)
def test_no_rate_without_its_reason(cash: list[float], words: str) -> None:
    rate = returns.irr(np.array(cash)[:, None], [0.0, 1.0, 2.0])
    assert isinstance(rate, ms.Undefined)
    assert words in rate.reason


def test_two_turns_with_one_in_the_running_sum_have_one_positive_rate() -> None:
    """−100 + 150/(1+r) − 20/(1+r)² = 0 at (1+r) = 0.75 + √(0.5625 − 0.2); the last outflow may come at closing."""
    found = _rate(returns.irr([[-100.0], [150.0], [-20.0]], [0.0, 1.0, 2.0]))
    assert found.value == pytest.approx(0.75 + math.sqrt(0.5625 - 0.2) - 1.0, rel=1e-12)


@pytest.mark.parametrize("rate", [0.195, -0.2])
def test_costs_and_pay_that_alternate_every_month_have_their_rate(rate: float) -> None:
    """A cost on the first of a month, the fee thirty days after its invoice: 119 turns, and one rate."""
    months = np.arange(120) / 24.0
    cash = np.where(np.arange(120) % 2 == 0, -10.0, 14.0)
    cash[0] -= float((cash * (1.0 + rate) ** -months).sum())
    assert _rate(returns.irr(cash[:, None], months)).value == pytest.approx(rate, rel=1e-9)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=10).filter(lambda cash: cash[0] != 0 != cash[-1]))
def test_the_rate_that_is_given_is_the_only_one_that_is_claimed(cash: list[int]) -> None:
    """Every rate, by the eigenvalues of the polynomial's companion matrix."""
    found = returns.irr(np.array(cash, float)[:, None], np.arange(float(len(cash))))
    if isinstance(found, ms.Undefined):
        return
    roots = np.roots(cash)  # of 1 + r
    rates = [root.real - 1.0 for root in roots if abs(root.imag) < 1e-3 and root.real > 0.0]
    assert min(abs(rate - found.value) for rate in rates) < 1e-3
    others = [rate for rate in rates if abs(rate - found.value) > 0.01]
    assert not [rate for rate in others if rate > 0.01] or found.value > 0.0
    if found.value > 0.01:
        assert not [rate for rate in others if rate > 0.01]


def test_dates_without_cash_at_either_end_do_not_matter() -> None:
    cash = np.array([[1.0, -1.0], [-100.0, -100.0], [60.0, 50.0], [2.0, -2.0]])
    found = _rate(returns.irr(cash, [0.0, 1.0, 2.0, 4.0]))
    assert found.value == pytest.approx(-0.45, rel=1e-12)
    worth = np.array([1 / 0.55**0, -1 / 0.55**0]) + np.array([0.0, -10.0]) / 0.55**2 + np.array([2.0, -2.0]) / 0.55**4
    slope = (2 * 55.0 / 0.55**3) - 1 * 100.0 / 0.55**2
    np.testing.assert_allclose(found.psi, (worth - worth.mean()) / slope, rtol=1e-12)


def test_powers_without_logarithms() -> None:
    exponents = np.array([0.0, 1 / 12, 0.5, 1.0, 2.75, 10.0, 29.999, 100.0])
    for base in (1e-3, 0.5, 0.97, 1.0):
        np.testing.assert_allclose(returns._power(base, returns._digits(exponents)), base**exponents, rtol=1e-13)


def test_payback_by_path_and_of_the_expected_cash() -> None:
    cash = np.array([[-10.0, -10.0, -10.0, 1.0], [10.0, 4.0, 2.0, -2.0], [-1.0, 6.0, 2.0, 1.0], [1.0, 0.0, 2.0, 0.0]])
    years = [0.5, 1.5, 2.5, 3.5]
    np.testing.assert_array_equal(returns.payback_years(cash, years), [3.5, 2.5, math.inf, 2.5])
    found = returns.payback(cash, years)
    assert (found.expected, found.share.value) == (None, 0.75)
    assert found.median is not None
    assert found.median.value == 2.5
    just_back = ms.Sample(weights=np.array([1.0, 5.0, 0.0, 1.0]))
    assert returns.payback(cash, years, just_back).expected == 3.5


def test_the_median_payback_exists_if_half_of_all_paths_pay_back() -> None:
    cash = np.array([[-1.0, -1.0], [2.0, 0.0]])
    half = returns.payback(cash, [0.0, 1.0]).median
    assert half is not None
    assert half.value == 1.0
    assert returns.payback(cash, [0.0, 1.0], ms.Sample(weights=np.array([0.49, 0.51]))).median is None


def test_the_trough_is_the_money_to_advance() -> None:
    cash = np.random.default_rng(1).normal(0.0, 1.0, (12, 500))
    expected = np.minimum(np.cumsum(cash, axis=0).min(axis=0), 0.0)
    np.testing.assert_array_equal(returns.deepest_trough(cash), expected)


# ------------------------------------------------------------ what is refused


def test_what_is_not_finite_is_refused_with_its_count_and_first_path() -> None:
    x = np.array([1.0, 2.0, math.nan, 4.0, math.inf])
    with pytest.raises(DataError, match=r"2 of 5 outcomes are not finite, first on path 2 "):
        ms.mean(x)
    with pytest.raises(DataError, match=r"2 of 10 cash flows are not finite, first on path 2 "):
        returns.deepest_trough(np.stack([np.zeros(5), x]))
    with pytest.raises(DataError, match=r"2 of 5 weights are not finite"):
        ms.Sample(weights=x)


@pytest.mark.parametrize("weights", [[1.0, -1.0], [0.0, 0.0]])
def test_weights_are_not_negative_and_not_all_zero(weights: list[float]) -> None:
    with pytest.raises(DataError, match="0 or more"):
        ms.Sample(weights=np.array(weights))


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.1, math.nan])
def test_levels_lie_between_0_and_1(level: float) -> None:
    with pytest.raises(ValueError, match=r"Write 0.95 for 95%"):
        ms.cvar([1.0, 2.0], level)


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match=r"3 paths need weights of the shape \(3,\)"):
        ms.mean([1.0, 2.0, 3.0], ms.Sample(weights=np.ones(2)))
    with pytest.raises(ValueError, match=r"3 paths need groups"):
        ms.estimate(ms.mean([1.0, 2.0, 3.0]), ms.Sample(groups=np.zeros(2, int)))
    with pytest.raises(ValueError, match="numbered from 0 on without a gap"):
        ms.Sample(groups=np.array([0, 2, 2]))
    with pytest.raises(ValueError, match="one number per path"):
        ms.mean(np.ones((2, 2)))
    with pytest.raises(ValueError, match="true or false"):
        ms.probability([0.3, 0.4])
    with pytest.raises(ValueError, match="later than the one before"):
        returns.irr(np.ones((2, 1)), [1.0, 1.0])
    with pytest.raises(ValueError, match=r"\(dates, paths\)"):
        returns.deepest_trough([1.0, 2.0])
    with pytest.raises(DataError, match="denominator is 0"):
        ms.ratio([1.0, 2.0], [1.0, -1.0])


# ------------------------------------------------------------ coverage, the short form


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_cover_what_they_say(case: Any) -> None:
    """The band of the study, 94% to 96%, widened by 4 standard errors of a short run; the study itself is recorded."""
    replications = 400
    room = 4.0 * math.sqrt(0.05 * 0.95 / replications)
    assert 0.94 - room <= cover(case, replications).coverage <= min(0.96 + room, 1.0 - 1.0 / replications)
