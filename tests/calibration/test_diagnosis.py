"""The tests that a calibration makes: against published critical values, other formulas, and how often they err."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from gainsim.calibration.dependence import Pair, entries, pairs
from gainsim.calibration.diagnosis import (
    anderson_darling,
    dickey_fuller,
    lilliefors,
    ljung_box,
    mackinnon_p,
    normal_samples,
    normality,
    season_test,
    variance_ratio,
)
from gainsim.calibration.distributions import FAMILIES, Drawn
from gainsim.calibration.series import Series


@pytest.mark.parametrize(("critical", "level"), [(-3.4304, 0.01), (-2.8615, 0.05), (-2.5668, 0.10)])
def test_mackinnons_critical_values(critical: float, level: float) -> None:
    """MacKinnon, Critical values for cointegration tests (2010), table 2, with a constant, endless samples."""
    assert mackinnon_p(critical) == pytest.approx(level, rel=0.02)


def test_a_walk_is_called_a_reversion_as_often_as_the_level_says() -> None:
    """200 walks of 240 months at 10%: 20, four deviations 17; a quick reversion is nearly always seen."""
    draws = np.random.default_rng(17).standard_normal((200, 240))
    refused = sum(dickey_fuller(np.cumsum(z)).p < 0.10 for z in draws)
    assert abs(refused - 20) <= 17
    x = np.zeros((20, 240))
    for t in range(1, 240):
        x[:, t] = 0.7 * x[:, t - 1] + draws[:20, t]
    assert sum(dickey_fuller(each).p < 0.10 for each in x) >= 19


def test_dickey_fuller_without_lags_is_the_t_of_a_regression() -> None:
    x = np.cumsum(np.random.default_rng(4).standard_normal(30))
    found = dickey_fuller(x)
    design = np.column_stack(
        [np.ones(29 - found.lags), x[found.lags : -1]]
        + [np.diff(x)[found.lags - i : 29 - i] for i in range(1, found.lags + 1)]
    )
    target = np.diff(x)[found.lags :]
    b = np.linalg.solve(design.T @ design, design.T @ target)
    rest = target - design @ b
    error = math.sqrt(rest @ rest / (len(target) - design.shape[1]) * np.linalg.inv(design.T @ design)[1, 1])
    assert found.statistic == pytest.approx(b[1] / error)


@pytest.mark.parametrize(("n", "distance"), [(20, 0.192), (30, 0.159), (50, 0.1246)])
def test_lilliefors_critical_values(n: int, distance: float) -> None:
    """5% of normal samples lie beyond it. Molin and Abdi (2007), table for 0.05."""
    samples = np.random.default_rng(n).standard_normal((40_000, n))
    assert (lilliefors(samples) > distance).mean() == pytest.approx(
        0.05, abs=4 * math.sqrt(0.05 * 0.95 / 40_000) + 0.002
    )


def test_anderson_darlings_critical_value() -> None:
    """Stephens (1986), table 4.7: A² (1 + 0.75/n + 2.25/n²) exceeds 0.752 in 5% of samples, mean and deviation fitted."""
    n = 40
    samples = np.random.default_rng(2).standard_normal((40_000, n))
    beyond = (anderson_darling(samples) * (1 + 0.75 / n + 2.25 / n**2) > 0.752).mean()
    assert beyond == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 40_000) + 0.002)
    z = np.random.default_rng(3).standard_normal(n)
    assert float(anderson_darling(z)) == pytest.approx(float(stats.anderson(z, "norm", method="interpolate").statistic))


def test_what_is_normal_passes_and_what_is_not_does_not() -> None:
    generator = np.random.default_rng(6)
    assert min(each.p for each in normality(generator.standard_normal(100), normal_samples(100))) > 0.05
    assert max(each.p for each in normality(generator.standard_t(2, 200), normal_samples(200))) < 0.05


def test_the_bootstrap_of_a_lognormal_is_that_of_a_normal() -> None:
    """Its log is normal with a fitted mean and deviation: the same critical value, Stephens' 0.752, at 5%."""
    family, n = FAMILIES["lognormal"], 60
    samples = Drawn(family, (0.4, 0.0, 50.0)).again(Series(np.ones(n), np.arange(n) % 12, 12, True)).scores
    beyond = (anderson_darling(samples) * (1 + 0.75 / n + 2.25 / n**2) > 0.752).mean()
    assert beyond == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / len(samples)))


def test_ljung_box_by_hand() -> None:
    """z = 1, -1, 1, -1: r(1) = -3/4, Q = 4 × 6 × (9/16) / 3 = 4.5."""
    found = ljung_box(np.array([1.0, -1.0, 1.0, -1.0]), 1)
    assert found.statistic == pytest.approx(4.5)
    assert found.p == pytest.approx(float(stats.chi2(1).sf(4.5)))


def test_changes_that_hang_together_move_more_in_a_year() -> None:
    """An AR(1) of the changes with weight r moves (1 + r) / (1 - r) times as much in the long run: r = 0.5, over 12: 2.67."""
    e = np.random.default_rng(9).standard_normal(60_000)
    for t in range(1, len(e)):
        e[t] += 0.5 * e[t - 1]
    exact = 1 + 2 * sum((1 - k / 12) * 0.5**k for k in range(1, 12))
    assert variance_ratio(e, 12) == pytest.approx(exact, rel=0.05)


def test_a_season_is_seen_where_there_is_one() -> None:
    months = np.arange(120) % 12
    contrasts = (months[:, None] == np.arange(11)).astype(float) - (months == 11)[:, None]
    z = np.random.default_rng(10).standard_normal(120)
    assert season_test(z, contrasts).p > 0.01
    assert season_test(z + 2 * np.cos(months), contrasts).p < 1e-6


def test_the_interval_of_a_correlation_is_fishers() -> None:
    """r = 0.6 of 28 points: atanh 0.6931 ± 1.96/5 → 0.2921 to 0.7955."""
    x = np.random.default_rng(12).standard_normal((2, 28))
    a = (x[0] - x[0].mean()) / x[0].std()
    b = x[1] - x[1].mean()
    b -= (b @ a) / 28 * a
    b = 0.6 * a + 0.8 * b / b.std()
    found = pairs({"a": dict(enumerate(a.tolist())), "b": dict(enumerate(b.tolist(), start=0))})
    assert len(found) == 1
    assert (found[0].correlation, found[0].low, found[0].high) == pytest.approx((0.6, 0.2921, 0.7955), abs=1e-3)
    assert found[0].told
    assert entries(found) == [{"between": ["a", "b"], "correlation": 0.6, "of": "innovations"}]


def _pair(a: str, b: str, correlation: float, told: bool = True) -> Pair:
    return Pair((a, b), correlation, -1.0, 1.0, 0.0, 40, told)


def test_what_is_written_of_several_pairs_holds_together() -> None:
    """Told alone, a with b and b with c cannot hold at 0.9 each; with what was found of a with c they can."""
    found = [_pair("a", "b", 0.9), _pair("b", "c", 0.9), _pair("a", "c", 0.7, told=False)]
    assert [each["correlation"] for each in entries(found)] == [0.9, 0.9, 0.7]
    found = [_pair("a", "b", 0.9), _pair("b", "c", 0.9), _pair("a", "c", -0.9)]
    r, s, t = (float(str(each["correlation"])) for each in entries(found))
    assert 1 + 2 * r * s * t - r * r - s * s - t * t > 0  # the determinant, by Sylvester's rule
    # the nearest is 0.5, 0.5 and -0.5, by symmetry on the edge of what can be
    assert (r, s, t) == pytest.approx((0.5, 0.5, -0.5), abs=0.003)


@pytest.mark.parametrize("correlation", [0.9999, 1.0, -1.0])
def test_no_pair_is_written_as_one(correlation: float) -> None:
    assert entries([_pair("a", "b", correlation)])[0]["correlation"] == math.copysign(0.999, correlation)


def test_pairs_are_of_the_months_that_both_have() -> None:
    z = np.random.default_rng(13).standard_normal(40).tolist()
    found = pairs({"a": dict(enumerate(z)), "b": {month + 5: value for month, value in enumerate(z[5:35], start=0)}})
    assert found[0].points == 30
    assert found[0].correlation == pytest.approx(1.0)
