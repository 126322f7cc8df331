"""What is known of parameters: samples against laws that are known, likelihoods of many candidates against those of one, sets."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gainsim.calibration import changing, fan, regimes
from gainsim.calibration.belief import sampled
from gainsim.calibration.changing import ChangingVariance, Garch
from gainsim.calibration.distributions import FAMILIES, Distribution
from gainsim.calibration.history import Column
from gainsim.calibration.jumping import Jumps
from gainsim.calibration.known import Known, Written
from gainsim.calibration.linear import Autoregressive, Walk, settling
from gainsim.calibration.regimes import Regimes, TwoRegimes
from gainsim.calibration.reversion import reverting
from gainsim.calibration.series import Candidate, Series
from gainsim.calibration.sets import SETS
from gainsim.calibration.writing import written
from gainsim.offer.drivers import Driver
from gainsim.offer.several import sets
from validation.calibration import CASES, HISTORIES, NOT_IDENTIFIABLE, RECORD, Case, refused, study

Floats = NDArray[np.float64]


def _series(values: Floats) -> Series:
    return Series(values, np.arange(len(values)) % 12, 12, bool((values > 0).all()))


def _written(candidate: Candidate, series: Series, stretch: float = 1.0) -> Written:
    return written(candidate, candidate.fit(series), series, reverting(series, "none"), stretch)


# --- samples and intervals -----------------------------------------------------------------------------------------------


def test_a_sample_has_the_quantiles_of_its_law() -> None:
    """The log of a gamma value, skewed, and a normal one whose mean moves with it: quantiles within what 1,000 draws differ by."""
    gamma = stats.gamma(2.0)

    def log_density(theta: Floats) -> Floats:
        value = np.exp(theta[:, 0])
        return np.asarray(gamma.logpdf(value) + theta[:, 0] + stats.norm(value, 0.5).logpdf(theta[:, 1]))

    sample = sampled(log_density, np.array([math.log(2.0), 2.0]))
    chances = np.array([0.025, 0.25, 0.5, 0.75, 0.975])
    below = gamma.cdf(np.exp(np.quantile(sample[:, 0], chances)))
    np.testing.assert_array_less(np.abs(below - chances), 4 * np.sqrt(chances * (1 - chances) / 1_000))
    apart = sample[:, 1] - np.exp(sample[:, 0])
    assert abs(apart.mean()) < 4 * 0.5 / math.sqrt(1_000)
    assert abs(np.corrcoef(apart, sample[:, 0])[0, 1]) < 4 / math.sqrt(1_000)


def test_a_sample_leaves_out_what_cannot_be() -> None:
    sample = sampled(lambda theta: np.where(theta[:, 0] > 0.0, -0.5 * theta[:, 0] ** 2, -np.inf), np.array([0.01]))
    assert sample.min() > 0.0
    assert sample.mean() == pytest.approx(math.sqrt(2 / math.pi), abs=4 * 0.6 / math.sqrt(1_000))


def test_the_likelihood_of_many_is_that_of_each() -> None:
    """Up to a constant, the same for all: against the density of each value given those before it."""
    changes = np.diff(np.log(CASES[-3].series(np.random.default_rng(1))[0].values))
    series = _series(np.exp(np.append(0.0, np.cumsum(changes))))

    def spread(of_many: Floats, each: list[Any]) -> float:
        of_each = np.array([float((one.judged(series).density[1:] - series.stretch[1:]).sum()) for one in each])
        return float(np.ptp(of_many - of_each))

    known = np.array([[0.004, 0.0025, 0.1, 0.8], [0.01, 0.004, 0.3, 0.2], [0.0, 0.001, 0.02, 0.97]])
    likelihood, after = changing._likelihood(known, changes)
    made = [ChangingVariance(*row) for row in known.tolist()]
    assert spread(likelihood, made) < 1e-8
    np.testing.assert_allclose(after, [one.run(changes)[1][-1] for one in made], rtol=1e-12)
    known = np.array([[0.01, -0.02, 0.03, 0.1, 0.05, 0.2], [0.0, 0.0, 0.04, 0.06, 0.5, 0.5]])
    each = [TwoRegimes((a, b), (c, d), (e, f)) for a, b, c, d, e, f in known.tolist()]
    assert spread(regimes._likelihood(known, changes), each) < 1e-8


def test_the_interval_of_a_walk_is_that_of_student_and_chi_square() -> None:
    changes = 0.01 + 0.05 * np.random.default_rng(2).standard_normal(40)
    drift, volatility = _written(Walk(), _series(np.exp(np.append(0.0, np.cumsum(changes))))).parameters
    sd = changes.std(ddof=1)
    low, high = stats.t(39, loc=12 * changes.mean(), scale=12 * sd / math.sqrt(40)).interval(0.95)
    lift = 0.5 * 12 * sd**2
    assert (drift.low, drift.high) == pytest.approx((math.expm1(low + lift), math.expm1(high + lift)))
    ends = [sd * math.sqrt(12 * 39 / stats.chi2(39).ppf(share)) for share in (0.975, 0.025)]
    assert (volatility.low, volatility.high) == pytest.approx(ends)


def test_weights_that_settle_are_told_from_those_that_do_not() -> None:
    """By the roots of the polynomial; at 0.995 and beyond a surprise is felt for hundreds of periods."""
    phi = np.random.default_rng(3).uniform(-1.5, 1.5, (400, 3))
    slowest = np.array([np.abs(np.roots([1.0, *(-row)])).max() for row in phi])
    np.testing.assert_array_equal(settling(phi), slowest < 0.995)


def test_the_sample_of_an_autoregression_has_the_errors_of_least_squares() -> None:
    case = next(case for case in CASES if case.candidate == Autoregressive(2))
    series, _ = case.series(np.random.default_rng(5))
    fit = Autoregressive(2).fit(series)
    sample = fit.sample(series)
    lagged = np.column_stack([np.ones(598), series.x[1:-1], series.x[:-2]])
    errors = fit.unbiased_sd * np.sqrt(np.diag(np.linalg.inv(lagged.T @ lagged)))[1:]
    np.testing.assert_allclose(sample[:, 2:].std(axis=0), errors, rtol=4 / math.sqrt(2 * 2_000) + 0.01)
    assert sample[:, 1].std() == pytest.approx(fit.sd / math.sqrt(2 * fit.freedom), rel=4 / math.sqrt(2 * 2_000) + 0.01)


# --- what is written -----------------------------------------------------------------------------------------------------


def _case(of: type) -> Case:
    return next(case for case in CASES if isinstance(case.candidate, of))


IN_SETS = (Garch(), Regimes(), Jumps(), Autoregressive(2), Autoregressive())


@pytest.mark.parametrize("candidate", IN_SETS, ids=lambda candidate: str(candidate.title))
def test_sets_are_written_each_of_which_may_be(candidate: Candidate) -> None:
    """A scenario reads them, which refuses a set that may not be; the fan runs; every parameter lies in its interval."""
    series, _ = next(case for case in CASES if case.candidate == candidate).series(np.random.default_rng(6))
    found = _written(candidate, series)
    driver = {"unit": 1, "control": "nobody", "central": "mean", **found.keys}
    made = getattr(Driver.model_validate(driver), candidate.kind)
    assert len(sets(made)) == SETS
    column = Column("price", "price", "", "month", 12 * 1970, series.values)
    paths = fan.futures(column, driver, 24, paths=2_000)
    assert np.isfinite(paths).all()
    for known in found.parameters:
        assert known.low <= known.value <= known.high


def test_the_sets_carry_what_is_not_known() -> None:
    """Over the sets, deviation and median of each parameter are those of the intervals, within a sixth of their width."""
    series, _ = _case(Garch).series(np.random.default_rng(8))
    found = _written(Garch(), series)
    known = {each.what: each for each in found.parameters}
    keys = {"reaction": "reaction", "persistence": "persistence", "volatility in the long run, a year": "volatility"}
    for what, key in keys.items():
        values = np.array([float(str(each).removesuffix(" pa").rstrip("%")) for each in found.keys["garch"][key]])
        values = values / 100 if key == "volatility" else values
        wide = known[what].high - known[what].low
        low, high = np.quantile(values, (0.025, 0.975))
        assert abs(low - known[what].low) < wide / 6
        assert abs(high - known[what].high) < wide / 3


def test_a_walk_that_moves_more_in_a_year_is_written_so() -> None:
    """Changes that hang together: volatilities and jumps grow by the stretch, and so does what is not known of the drift."""
    series, _ = _case(Jumps).series(np.random.default_rng(9))
    plain, wide = (_written(Jumps(), series, stretch) for stretch in (1.0, 1.5))
    for place, factor in ((1, 1.5), (2, 1.0), (3, 1.5), (4, 1.5)):
        for end in ("value", "low", "high"):
            assert getattr(wide.parameters[place], end) == pytest.approx(factor * getattr(plain.parameters[place], end))
    logs = [np.log1p([each.parameters[0].low, each.parameters[0].high]) for each in (plain, wide)]
    assert np.ptp(logs[1]) > 1.3 * np.ptp(logs[0])


def test_a_distribution_without_memory_has_intervals_by_bootstrap() -> None:
    """Of a normal one they are those of its mean and deviation, within what 199 samples differ by."""
    values = 50.0 + 5.0 * np.random.default_rng(10).standard_normal(100)
    mean, sd = _written(Distribution(FAMILIES["normal"]), _series(values)).parameters
    assert (mean.high - mean.low) / 2 == pytest.approx(1.96 * values.std() / 10, rel=0.25)
    assert (sd.high - sd.low) / 2 == pytest.approx(1.96 * values.std() / math.sqrt(200), rel=0.25)


def test_an_interval_without_end_is_said_so() -> None:
    known = Known("half-life", 3.0, 1.0, math.inf, lambda months: "no end" if math.isinf(months) else f"{months:g} months")
    assert known.row == ("half-life", "3 months", "1 months to no end")


# --- parameters put in are got back --------------------------------------------------------------------------------------

SLOW = Garch | Regimes | Jumps


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_intervals_hold_the_truth_as_often_as_they_say(case: Case) -> None:
    """The short form of the study: so few of a few histories hold it less than once in a thousand such tests."""
    count = 6 if isinstance(case.candidate, SLOW) else 20
    least = int(stats.binom(count, 0.95).ppf(1e-4))
    for what, row in study(case, count).items():
        assert row["coverage"] >= least / count, f"{what}: {row['coverage']:.0%} of intervals hold the truth"


@pytest.mark.parametrize(("name", "case"), NOT_IDENTIFIABLE, ids=lambda each: str(each) if isinstance(each, str) else "")
def test_what_five_years_cannot_tell_is_not_identifiable(name: str, case: Case) -> None:
    assert refused(case, 20) == 1.0


def test_the_record_is_of_the_whole_study_and_holds() -> None:
    """500 histories of each case: 19 intervals in 20 between 93% and 97%, as chance has it, and none far outside."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert record["histories"] == HISTORIES
    assert set(record["cases"]) == {case.name for case in CASES}
    coverage = np.array([row["coverage"] for rows in record["cases"].values() for row in rows.values()])
    assert ((coverage >= 0.93) & (coverage <= 0.97)).mean() >= 0.95
    assert 0.92 <= coverage.min() <= coverage.max() <= 0.98
    assert abs(coverage.mean() - 0.95) < 0.005
    assert set(record["not_identifiable_from_60_months"].values()) == {1.0}
