"""What is fitted: likelihoods against other ways to reckon them, and parameters put in that are got back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gainsim.calibration.changing import ChangingVariance, Garch
from gainsim.calibration.distributions import FAMILIES, Distribution, Drawn
from gainsim.calibration.jumping import Jumping, Jumps
from gainsim.calibration.linear import Autoregressive, Walk
from gainsim.calibration.ranking import CANDIDATES, rank
from gainsim.calibration.regimes import Regimes, TwoRegimes
from gainsim.calibration.reversion import reverting
from gainsim.calibration.series import BURN, Series

Floats = NDArray[np.float64]


def _series(values: Floats, per_year: int = 12) -> Series:
    places = np.arange(len(values)) % per_year
    return Series(values, places, per_year, bool((values > 0).all()))


@pytest.fixture(scope="module")
def normals() -> Callable[..., Floats]:
    generator = np.random.default_rng(71)
    return lambda *shape: generator.standard_normal(shape)


# --- likelihoods ---------------------------------------------------------------------------------------------------------


def test_a_walk_is_its_mean_change_and_deviation(normals: Callable[..., Floats]) -> None:
    changes = 0.01 + 0.05 * normals(99)
    values = 20.0 * np.exp(np.append(0.0, np.cumsum(changes)))
    fit = Walk().fit(_series(values))
    assert (fit.centre, fit.sd) == pytest.approx((changes.mean(), changes.std()))
    assert fit.error == pytest.approx(changes.std(ddof=1) / math.sqrt(99))
    density = fit.judged(_series(values)).density[1:]
    expected = stats.lognorm(changes.std(), scale=values[:-1] * math.exp(changes.mean())).logpdf(values[1:])
    np.testing.assert_allclose(density, expected)


def test_the_exact_likelihood_of_a_reversion_is_that_of_its_joint_distribution(normals: Callable[..., Floats]) -> None:
    """No other weight and centre give the whole path, a multivariate normal, a greater density."""
    x = 3.0 + np.linalg.cholesky(0.8 ** np.abs(np.subtract.outer(np.arange(40), np.arange(40)))) @ normals(40)
    fit = Autoregressive().fit(_series(np.exp(x)))

    def joint(phi: float, centre: float, sd: float) -> float:
        covariance = sd**2 / (1 - phi**2) * phi ** np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
        return float(stats.multivariate_normal(np.full(40, centre), covariance).logpdf(x))

    phi, best = float(fit.phi[0]), joint(float(fit.phi[0]), fit.centre, fit.sd)
    assert all(
        joint(phi + a, fit.centre + b, fit.sd * (1 + c)) < best
        for a, b, c in product((-0.01, 0.0, 0.01), (-0.02, 0.0, 0.02), (-0.02, 0.0, 0.02))
        if (a, b, c) != (0.0, 0.0, 0.0)
    )


def test_a_season_that_is_put_in_is_got_back(normals: Callable[..., Floats]) -> None:
    """Four errors of a mean over so many years."""
    season = 0.2 * np.cos(2 * np.pi * np.arange(12) / 12)
    y = np.zeros(600)
    for t, z in enumerate(0.05 * normals(599), start=1):
        y[t] = 0.7 * y[t - 1] + z
    series = _series(np.exp(2.0 + season[np.arange(600) % 12] + y))
    for candidate in (Walk("factors"), Autoregressive(1, "factors"), Autoregressive(2, "wave")):
        found = candidate.fit(series)
        np.testing.assert_allclose(found.season, season, atol=4 * 0.07 / math.sqrt(50))
        assert abs(found.season.sum()) < 1e-12


def test_longer_autoregressions_find_their_weights(normals: Callable[..., Floats]) -> None:
    x = np.zeros(3_000)
    for t, z in enumerate(normals(2_998), start=2):
        x[t] = 1.1 * x[t - 1] - 0.3 * x[t - 2] + 0.1 * z
    fit = Autoregressive(2).fit(_series(np.exp(x)))
    np.testing.assert_allclose(fit.phi, [1.1, -0.3], atol=4 * math.sqrt((1 - 0.3**2) / 3_000))
    assert fit.sd == pytest.approx(0.1, rel=4 / math.sqrt(6_000))


def test_the_regime_filter_sums_over_all_that_may_have_been() -> None:
    """The likelihood of eight changes is the sum over all 2^8 courses of the regime."""
    made = TwoRegimes((0.01, -0.02), (0.03, 0.1), (0.1, 0.3))
    changes = np.array([0.02, -0.15, 0.01, 0.0, 0.12, -0.02, 0.03, -0.3])
    move = np.array([[0.9, 0.1], [0.3, 0.7]])
    total = 0.0
    for course in product((0, 1), repeat=8):
        chance = (0.75, 0.25)[course[0]]
        for before, after in pairwise(course):
            chance *= move[before, after]
        total += chance * float(
            np.prod([stats.norm(made.means[r], made.sds[r]).pdf(c) for r, c in zip(course, changes, strict=True)])
        )
    series = _series(np.exp(np.append(0.0, np.cumsum(changes))))
    judged = made.judged(series).density[1:] - series.stretch[1:]
    assert judged.sum() == pytest.approx(math.log(total))


def test_the_density_of_jumps_is_a_poisson_mixture() -> None:
    """Density and distribution function, summed over the number of jumps with SciPy's own laws."""
    made = Jumping(0.01, 0.03, 0.3, -0.05, 0.08)
    changes = np.array([-0.2, -0.05, 0.0, 0.012, 0.06, 0.2])
    laws = [stats.norm(0.01 - 0.05 * n, math.hypot(0.03, 0.08 * math.sqrt(n))) for n in range(9)]
    chances = stats.poisson(0.3).pmf(range(9))
    series = _series(np.exp(np.append(0.0, np.cumsum(changes))))
    judged = made.judged(series)
    density = sum(chance * law.pdf(changes) for chance, law in zip(chances, laws, strict=True))
    np.testing.assert_allclose(np.exp(judged.density[1:] - series.stretch[1:]), density, rtol=1e-10)
    below = sum(chance * law.cdf(changes) for chance, law in zip(chances, laws, strict=True))
    np.testing.assert_allclose(stats.norm.cdf(judged.score[1:]), below, rtol=1e-9)


def test_jumps_are_got_back(normals: Callable[..., Floats]) -> None:
    """4,000 months, two jumps a year of -15% ± 10%: each within four errors, as curvature has them."""
    number = np.random.default_rng(4).poisson(1 / 6, 4_000)
    z, size = normals(2, 4_000)
    series = _series(np.exp(np.append(0.0, np.cumsum(0.01 + 0.03 * z - 0.15 * number + 0.1 * np.sqrt(number) * size))))
    fit = Jumps().fit(series)
    sample = fit.sample(series)
    for found, members, truth in zip(fit.row[0], sample.T, (0.01, 0.03, 1 / 6, -0.15, 0.1), strict=True):
        assert abs(found - truth) < 4 * members.std()
        assert members.std() < 0.1 * 0.15


def test_regimes_and_changing_variance_are_got_back(normals: Callable[..., Floats]) -> None:
    """Within what repeated samples of this length differ by (a fifth of the value; more for weights)."""
    uniform = np.random.default_rng(3).random(4_000)
    regime, changes = 0, np.empty(4_000)
    for t, z in enumerate(normals(4_000)):
        regime = int(uniform[t] < (0.05, 0.85)[regime])
        changes[t] = (0.005, -0.01)[regime] + (0.02, 0.08)[regime] * z
    found = Regimes().fit(_series(np.exp(np.append(0.0, np.cumsum(changes)))))
    assert found.sds == pytest.approx((0.02, 0.08), rel=0.1)
    assert found.leaves == pytest.approx((0.05, 0.15), rel=0.35)
    variance, x = 0.0025, np.zeros(6_001)
    for t, z in enumerate(normals(6_000)):
        e = math.sqrt(variance) * z
        x[t + 1] = x[t] + 0.002 - variance / 2 + e
        variance = 0.1 * 0.0025 + 0.1 * e * e + 0.8 * variance
    made = Garch().fit(_series(np.exp(x)))
    assert isinstance(made, ChangingVariance)
    assert (made.variance, made.reaction) == pytest.approx((0.0025, 0.1), rel=0.3)
    assert made.persistence == pytest.approx(0.8, abs=0.08)


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in ("student_t", "beta")])
def test_a_distribution_without_memory_is_seen_as_such(name: str) -> None:
    """120 values of it: nothing with memory foretells clearly better, and one without is written."""
    law = {"normal": stats.norm(50, 5), "lognormal": stats.lognorm(0.4, scale=50), "gamma": stats.gamma(3, scale=10),
           "weibull": stats.weibull_min(1.5, scale=10), "logistic": stats.logistic(80, 5),
           "gumbel": stats.gumbel_r(50, 8)}  # fmt: skip
    values = law[name].rvs(size=96, random_state=np.random.default_rng(11))
    candidates = (Walk(), Autoregressive(), *(Distribution(family) for family in FAMILIES.values()))
    ranking = rank(_series(values), candidates)
    assert ranking.chosen.candidate.kind in FAMILIES
    own = next(each for each in ranking.tried if each.candidate.kind == name)
    gap, error = ranking.behind(own)
    assert gap <= 3 * error + 1e-12


def _shares(values: Floats) -> Series:
    return replace(_series(values), highest=1.0)


def test_shares_may_be_beta_and_nothing_else_may() -> None:
    """Four errors of the greatest likelihood of 400 values: with α = 5 and β = 1.25 about 0.35 and 0.075."""
    values = np.random.default_rng(14).beta(5.0, 1.25, 400)
    beta = Distribution(FAMILIES["beta"])
    assert beta.fit(_shares(values)).parameters[:2] == pytest.approx((5.0, 1.25), abs=1.4)
    assert beta.fit(_shares(values)).parameters[1] == pytest.approx(1.25, abs=0.3)
    assert beta.why_not(_series(values)) == "these are no shares, each above 0 and below 1"
    assert beta.why_not(_shares(np.append(values, 1.0))) == "these are no shares, each above 0 and below 1"
    assert beta.why_not(_shares(0.5 + 0.01 * values)) == "too narrow for it"


def test_what_has_no_impossible_values_is_preferred() -> None:
    """A normal distribution of 50 ± 25 is below 0 once in 44 times; a gamma that foretells as well never is."""
    values = stats.gamma(4, scale=12.5).rvs(size=48, random_state=np.random.default_rng(1))
    series = _series(values)
    normal = Drawn(FAMILIES["normal"], (50.0, 25.0))
    assert normal.beyond(series) == pytest.approx(0.0228, abs=1e-4)
    assert normal.beyond(_series(np.append(values, -1.0))) == 0.0
    assert Drawn(FAMILIES["normal"], (0.9, 0.1)).beyond(_shares(values / 1e3)) == pytest.approx(0.1587, abs=1e-4)
    ranking = rank(series, [Distribution(FAMILIES[name]) for name in ("normal", "logistic", "gumbel", "weibull", "gamma")])
    assert ranking.chosen.candidate.kind in ("weibull", "gamma")


def test_candidates_are_judged_on_values_they_had_not_seen(normals: Callable[..., Floats]) -> None:
    """The score of the last year is that of a fit on what came before it, and of nothing else."""
    values = np.exp(np.cumsum(0.1 * normals(60)))
    series = _series(values)
    ranking = rank(series, (Walk(),))
    fit = Walk().fit(series.until(54))
    expected = fit.judged(series).density[54:]
    np.testing.assert_allclose(ranking.tried[0].foretold[24:], expected[:6])
    assert ranking.origin == 30
    assert ranking.tried[0].aic == pytest.approx(4.0 - 2.0 * Walk().fit(series).judged(series).density[BURN:].sum())


def test_what_is_drawn_back_is_written_only_where_it_may_be(normals: Callable[..., Floats]) -> None:
    x = np.zeros(240)
    for t, z in enumerate(normals(238), start=2):
        x[t] = 1.3 * x[t - 1] - 0.6 * x[t - 2] + 0.1 * z
    series, candidates = _series(np.exp(x)), (Walk(), Autoregressive(), Autoregressive(2))
    assert rank(series, candidates).chosen.candidate == Autoregressive(2)
    assert rank(series, candidates, may_revert=False).chosen.candidate == Walk()
    assert rank(series, candidates, "mean_reverting").chosen.candidate == Autoregressive()


def test_what_a_long_history_does_not_identify_is_not_written(normals: Callable[..., Floats]) -> None:
    """A walk with nothing more to it: where an AIC is no lower than the walk's, the candidate is none to be taken unasked."""
    ranking = rank(_series(np.exp(np.cumsum(0.05 * normals(240)))), (Walk(), Garch(), Jumps(), Regimes()))
    plain = next(each for each in ranking.tried if each.candidate == Walk())
    assert {each.candidate for each in ranking.unidentified} == {
        each.candidate for each in ranking.tried if each is not plain and each.aic >= plain.aic
    }
    assert len(ranking.unidentified) >= 2
    assert ranking.chosen not in ranking.unidentified


def test_a_short_history_identifies_none_of_them(normals: Callable[..., Floats]) -> None:
    """60 points: each is named with its reason, and none is tried."""
    ranking = rank(_series(np.exp(np.cumsum(0.05 * normals(60)))), CANDIDATES)
    left = {candidate: why for candidate, why in ranking.left if why.startswith("not identifiable from 60 points")}
    assert set(left) == {Garch(), Jumps(), Regimes()}


# --- parameters put in are got back ------------------------------------------------------------------------------------


def test_the_weight_is_as_often_too_low_as_too_high() -> None:
    """Least squares is too low in a short history; what is written is not: 120 histories of 60 months, weight 0.9."""
    draws = np.random.default_rng(8).standard_normal((120, 60))
    found = []
    for z in draws:
        x = np.zeros(60)
        x[0] = z[0] / math.sqrt(1 - 0.81)
        for t in range(1, 60):
            x[t] = 0.9 * x[t - 1] + z[t]
        found.append(reverting(_series(np.exp(x)), season="none"))
    least, unbiased = (np.array([getattr(each, name) for each in found]) for name in ("found", "unbiased"))
    assert np.median(least) < 0.88
    assert 0.5 - 4 * 0.5 / math.sqrt(120) <= (unbiased < 0.9).mean() <= 0.5 + 4 * 0.5 / math.sqrt(120)
