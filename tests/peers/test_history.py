"""What a calibration finds, as arch and statsmodels find it: filters, likelihoods, fits, and tests of what is left."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.calibration.changing import ChangingVariance, Garch
from gainsim.calibration.diagnosis import (
    anderson_darling,
    dickey_fuller,
    lilliefors,
    ljung_box,
    mackinnon_p,
    season_test,
    variance_ratio,
)
from gainsim.calibration.distributions import FAMILIES, Distribution
from gainsim.calibration.linear import Autoregressive
from gainsim.calibration.regimes import Regimes, TwoRegimes
from gainsim.calibration.series import Series
from tests.peer import peer

arch = peer("arch")
unitroot = peer("arch.unitroot")
api = peer("statsmodels.api")
diagnostic = peer("statsmodels.stats.diagnostic")
autoregressive = peer("statsmodels.tsa.ar_model")
surfaces = peer("statsmodels.tsa.adfvalues")
ot = peer("openturns")
Floats = NDArray[np.float64]


def _series(values: Floats) -> Series:
    return Series(values, np.arange(len(values)) % 12, 12, bool((values > 0).all()))


def _walked(changes: Floats) -> Series:
    return _series(np.exp(np.append(0.0, np.cumsum(changes))))


# ------------------------------------------------------------------------------------------------ changing variance


@pytest.fixture(scope="module")
def changes() -> Floats:
    """2,000 changes whose variance answers to surprises, simulated by arch."""
    law = arch.univariate.Normal(seed=np.random.RandomState(11))
    model = arch.univariate.ConstantMean(volatility=arch.univariate.GARCH(1, 0, 1), distribution=law, rescale=False)
    simulated = model.simulate(np.array([0.004, 2e-4, 0.12, 0.8]), 2_000, burn=200)
    return np.asarray(simulated["data"], np.float64)


def test_the_likelihood_of_changing_variance_is_that_of_arch(changes: Floats) -> None:
    """Mean growth - v/2: arch's mean with its variance in it, by a weight of -1/2, from the long-run variance on."""
    made = ChangingVariance(0.005, 0.0025, 0.12, 0.8)
    surprises, variances = made.run(changes)
    volatility = arch.univariate.GARCH(1, 0, 1)
    known = np.empty_like(changes)
    bounds = np.tile([0.0, 1e9], (len(changes), 1))
    volatility.compute_variance(np.array([0.08 * 0.0025, 0.12, 0.8]), surprises, known, 0.0025, bounds)
    np.testing.assert_allclose(variances[:-1], known, rtol=1e-12)
    np.testing.assert_allclose(surprises, changes - 0.005 + 0.5 * known, rtol=0, atol=1e-15)
    series = _walked(changes)
    density = made.judged(series).density[1:] - series.stretch[1:]
    likelihood = arch.univariate.Normal().loglikelihood(np.empty(0), surprises, known)
    assert density.sum() == pytest.approx(likelihood, rel=1e-12)


def test_changing_variance_is_fitted_as_arch_fits_it(changes: Floats) -> None:
    """Within a quarter of the standard errors of arch; half a variance in the mean and the first variance differ."""
    found = Garch().fit(_walked(changes))
    fit = arch.arch_model(100.0 * changes, mean="Constant", vol="GARCH", p=1, q=1, rescale=False).fit(disp="off")
    omega, alpha, beta = fit.params[["omega", "alpha[1]", "beta[1]"]]
    assert abs(found.reaction - alpha) <= 0.25 * fit.std_err["alpha[1]"]
    assert abs(found.persistence - beta) <= 0.25 * fit.std_err["beta[1]"]
    assert found.variance == pytest.approx(1e-4 * omega / (1 - alpha - beta), rel=0.03)
    assert abs(found.growth - 0.5 * found.variance - fit.params["mu"] / 100) <= 0.25 * fit.std_err["mu"] / 100


def _regimes(changes: Floats, made: TwoRegimes) -> tuple[float, float]:
    """The log likelihood by statsmodels' filter, and by ours."""
    model = api.tsa.MarkovRegression(changes, k_regimes=2, switching_variance=True)
    (a, b), variances = made.leaves, [sd * sd for sd in made.sds]
    likelihood = model.loglike(np.array([1 - a, b, *made.means, *variances]))
    series = _walked(changes)
    return float(likelihood), float((made.judged(series).density - series.stretch)[1:].sum())


def test_the_likelihood_of_two_regimes_is_that_of_statsmodels() -> None:
    """At given parameters; and statsmodels, searching from what we found, finds nothing better."""
    generator = np.random.default_rng(21)
    regime, changes = 0, np.empty(600)
    for t in range(600):
        regime = int(generator.random() < (0.04, 0.8)[regime])
        changes[t] = (0.01, -0.02)[regime] + (0.03, 0.1)[regime] * generator.standard_normal()
    known, ours = _regimes(changes, TwoRegimes((0.02, -0.01), (0.025, 0.12), (0.1, 0.3)))
    assert ours == pytest.approx(known, rel=1e-10)
    found = Regimes().fit(_walked(changes))
    known, ours = _regimes(changes, found)
    assert ours == pytest.approx(known, rel=1e-10)
    model = api.tsa.MarkovRegression(changes, k_regimes=2, switching_variance=True)
    start = np.array([1 - found.leaves[0], found.leaves[1], *found.means, *(sd * sd for sd in found.sds)])
    assert model.fit(start_params=start, disp=False).llf <= known + 0.01


# ------------------------------------------------------------------------------------------------ autoregressions


@pytest.fixture(scope="module")
def reverting() -> Floats:
    """240 values around 3."""
    x, z = np.zeros(240), np.random.default_rng(31).standard_normal(240)
    for t in range(2, 240):
        x[t] = 0.9 * x[t - 1] - 0.2 * x[t - 2] + 0.1 * z[t]
    return 3.0 + x


def test_the_exact_likelihood_of_a_reversion_has_its_top_where_statsmodels_finds_it(reverting: Floats) -> None:
    found = Autoregressive().fit(_series(np.exp(reverting)))
    fit = api.tsa.ARIMA(reverting, order=(1, 0, 0), trend="c").fit()
    centre, phi, variance = fit.params
    assert (found.centre, float(found.phi[0])) == (pytest.approx(centre, abs=1e-4), pytest.approx(phi, abs=1e-4))
    assert found.sd == pytest.approx(math.sqrt(variance), rel=1e-4)


def test_a_longer_autoregression_is_the_regression_of_statsmodels(reverting: Floats) -> None:
    """Given the first values: centre times one less the weights is the constant."""
    for order in (2, 3):
        found = Autoregressive(order).fit(_series(np.exp(reverting)))
        fit = autoregressive.AutoReg(reverting, order, trend="c").fit()
        np.testing.assert_allclose(found.phi, fit.params[1:], atol=1e-8)
        assert found.centre == pytest.approx(fit.params[0] / (1.0 - fit.params[1:].sum()), rel=1e-8)
        assert found.sd == pytest.approx(math.sqrt(fit.sigma2), rel=1e-8)


# ------------------------------------------------------------------------------------------------ distributions


@pytest.mark.parametrize("name", ["gamma", "weibull", "logistic", "gumbel"])
def test_no_distribution_of_a_family_is_likelier_for_openturns(name: str) -> None:
    """The greatest mean log likelihood that openturns finds is ours."""
    values = np.random.default_rng(41).gamma(3.0, 10.0, 300)
    laws = {"gamma": ot.Gamma(), "weibull": ot.WeibullMin(), "logistic": ot.Logistic(40, 10), "gumbel": ot.Gumbel(10, 30)}
    factory = ot.MaximumLikelihoodFactory(laws[name])
    if name in ("gamma", "weibull"):
        factory.setKnownParameter([0.0], [2])
    known = factory.build(values.reshape(-1, 1))
    ours = Distribution(FAMILIES[name]).fit(_series(values)).frozen
    theirs = float(np.mean([known.computeLogPDF([value]) for value in values]))
    assert float(ours.logpdf(values).mean()) == pytest.approx(theirs, abs=1e-5)


def test_no_beta_distribution_is_likelier_for_openturns() -> None:
    values = np.random.default_rng(42).beta(5.0, 1.25, 300)
    factory = ot.MaximumLikelihoodFactory(ot.Beta(4.0, 2.0, 0.0, 1.0))
    factory.setKnownParameter([0.0, 1.0], [2, 3])
    known = factory.build(values.reshape(-1, 1))
    ours = Distribution(FAMILIES["beta"]).fit(_series(values)).frozen
    theirs = float(np.mean([known.computeLogPDF([value]) for value in values]))
    assert float(ours.logpdf(values).mean()) == pytest.approx(theirs, abs=1e-5)


# ------------------------------------------------------------------------------------------------ what is left


def test_the_unit_root_test_is_that_of_arch(reverting: Floats) -> None:
    """The same lags by the AIC and the same statistic; the chance by MacKinnon's surface of 1994, as statsmodels has it."""
    walk = np.cumsum(np.random.default_rng(51).standard_normal(240))
    for x in (reverting, walk, walk[:60]):
        found = dickey_fuller(x)
        known = unitroot.ADF(x, trend="c", max_lags=int(12.0 * (len(x) / 100.0) ** 0.25), method="aic")
        assert found.lags == known.lags
        assert found.statistic == pytest.approx(known.stat, rel=1e-9)
        assert found.p == pytest.approx(known.pvalue, rel=1e-6)
    for statistic in np.linspace(-6.0, 2.5, 40).tolist():
        assert mackinnon_p(statistic) == pytest.approx(float(surfaces.mackinnonp(statistic, "c", 1)), rel=1e-9)


def test_tests_of_what_is_left_are_those_of_statsmodels(reverting: Floats) -> None:
    z = np.diff(reverting)
    for lags, fitted in ((1, 0), (12, 2)):
        known = diagnostic.acorr_ljungbox(z, lags=[lags], model_df=fitted)
        found = ljung_box(z, lags, fitted)
        assert found.statistic == pytest.approx(float(known["lb_stat"].iloc[0]), rel=1e-10)
        assert found.p == pytest.approx(float(known["lb_pvalue"].iloc[0]), rel=1e-9)
    assert float(anderson_darling(z)) == pytest.approx(float(diagnostic.normal_ad(z)[0]), rel=1e-10)
    assert float(lilliefors(z)) == pytest.approx(float(diagnostic.lilliefors(z)[0]), rel=1e-10)


def test_the_test_of_a_season_is_the_f_test_of_statsmodels() -> None:
    months = np.arange(120) % 12
    contrasts = (months[:, None] == np.arange(11)).astype(float) - (months == 11)[:, None]
    z = np.random.default_rng(61).standard_normal(120) + 0.4 * np.cos(months)
    full = api.OLS(z, np.column_stack([np.ones(120), contrasts])).fit()
    statistic, p, _ = full.compare_f_test(api.OLS(z, np.ones(120)).fit())
    found = season_test(z, contrasts)
    assert (found.statistic, found.p) == (pytest.approx(statistic, rel=1e-9), pytest.approx(p, rel=1e-9))


def test_the_variance_ratio_is_that_of_arch(reverting: Floats) -> None:
    """Overlapping changes, with what mean and overlap take given back."""
    for periods in (2, 6, 12):
        known = unitroot.VarianceRatio(reverting, lags=periods, trend="c", overlap=True, debiased=True)
        assert variance_ratio(np.diff(reverting), periods) == pytest.approx(known.vr, rel=1e-10)
