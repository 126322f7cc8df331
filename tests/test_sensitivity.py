"""What each driver makes of the variance and of the worst futures: where both are known in closed form, through the engine."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import norm

from gainsim.analyses.ensemble import Ensemble, Target, ensemble
from gainsim.analyses.owners import owners
from gainsim.analyses.tail_shares import tail_parts
from gainsim.analyses.variance_shares import OTHERS, variance_shares
from gainsim.api import load_text
from gainsim.cli.main import cli
from gainsim.errors import UsageError
from gainsim.measures import cvar, estimate
from gainsim.model import Model
from tests.scenarios.test_shipped import load
from tests.test_owners import OWNERS, SPREADS, TOGETHER, WEIGHTS, linear
from validation.variance_shares import Function, g_function, ishigami

PATHS = 10_000
TAIL = norm.pdf(norm.ppf(0.05)) / 0.05
NAMES = tuple(WEIGHTS)
#: of weight × driver
COVARIANCE = np.diag([(WEIGHTS[name] * SPREADS[name]) ** 2 for name in NAMES])
COVARIANCE[0, 2] = COVARIANCE[2, 0] = TOGETHER * math.sqrt(COVARIANCE[0, 0] * COVARIANCE[2, 2])


def function(of: Function, paths: int = PATHS) -> Ensemble:
    return ensemble(load_text(of.scenario(), "function.yaml").loaded.model, paths, 1, ["f"])


def test_the_shapley_effects_of_a_correlated_linear_model() -> None:
    """Var(E[Y | some]) of normal drivers by the formula of a regression, over all orders: Song, Nelson and Staum (2016)."""

    def foretold(some: tuple[int, ...]) -> float:
        given = list(some)
        with_all = COVARIANCE[given].sum(axis=1)
        return float(with_all @ np.linalg.solve(COVARIANCE[np.ix_(given, given)], with_all)) if given else 0.0

    exact = np.zeros(3)
    for order in permutations(range(3)):
        for place, driver in enumerate(order):
            exact[driver] += (foretold(order[: place + 1]) - foretold(order[:place])) / 6.0
    exact /= COVARIANCE.sum()
    found = variance_shares(ensemble(linear(), PATHS, 1))
    assert sum(exact) == pytest.approx(1.0)
    for name, share in zip(NAMES, exact, strict=True):
        told = found.of["npv"][name]
        assert abs(told.value - share) <= 4.0 * told.standard_error
        assert told.standard_error < 0.01
    # with two that hang together, none has what it would have alone: skill by itself makes a tenth, and foretells the price
    assert exact[0] > 1.5 * COVARIANCE[0, 0] / COVARIANCE.sum()
    assert abs(found.rest["npv"].value) < 1e-6


def test_the_shapley_effects_of_ishigamis_function() -> None:
    """Independent drivers: each has its own part, and a half of what x1 and x3 do together: 1/2 × 8 b² π⁸ / 225."""
    b = 0.1
    parts = {"s1": (1.0 + b * math.pi**4 / 5.0) ** 2 / 2.0, "s2": 49.0 / 8.0, "x3": 0.0}
    both = 8.0 * b**2 * math.pi**8 / 225.0
    found = variance_shares(function(ishigami(7.0, b)))
    exact = {"s1": parts["s1"] + both / 2.0, "s2": parts["s2"], "x3": both / 2.0}
    for name, part in exact.items():
        told = found.of["f"][name]
        assert abs(told.value - part / (sum(parts.values()) + both)) <= 4.0 * told.standard_error
        assert told.standard_error < 0.01
    assert found.rest["f"].value < 0.001


def test_the_shapley_effects_of_the_g_function() -> None:
    """A product: what some do together is the product of their own, and each of them has an equal part of it."""
    a = [0.0, 1.0, 4.5, 9.0]
    own = np.array([1.0 / 3.0 / (1.0 + each) ** 2 for each in a])
    exact = np.zeros(4)
    for some in range(1, 16):
        members = [n for n in range(4) if some >> n & 1]
        exact[members] += np.prod(own[members]) / len(members)
    exact /= np.prod(1.0 + own) - 1.0
    found = variance_shares(function(g_function(a)))
    for number, share in enumerate(exact, 1):
        told = found.of["f"][f"x{number}"]
        assert abs(told.value - share) <= 4.0 * told.standard_error + 0.002, number  # 0.2%: what three do only at once
        assert told.standard_error < 0.01
    assert found.rest["f"].value < 0.01


def test_of_many_drivers_those_that_tell_least_are_one_group() -> None:
    found = variance_shares(function(g_function([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0]), 1_000))
    assert len(found.named) == 2 and set(found.named) <= {"x4", "x5", "x6", "x7", "x8"}
    assert abs(found.of["f"][OTHERS].value) < 0.02
    total = sum(each.value for each in found.of["f"].values()) + found.rest["f"].value
    assert total == pytest.approx(1.0)


def test_a_driver_that_does_nothing_has_no_share_and_what_no_average_tells_is_the_rest() -> None:
    """The square of a deviation from month to month hangs on no average of a year."""
    monthly = Function({"x1": "normal: { mean: 0, sd: 1 }", "x2": "normal: { mean: 0, sd: 1 }"}, "x1")
    text = monthly.scenario().replace("step: year", "step: month").replace("drawn: once", "drawn: each period")
    once = ensemble(load_text(text.replace("f: x1", "f: x1 * x1 - 1"), "monthly.yaml").loaded.model, PATHS, 1, ["f"])
    found = variance_shares(once)
    # the mean of twelve squares, whose own mean is known: Var(mean²) = 2 / 144 of a variance of 2 / 12
    assert abs(found.rest["f"].value - 11.0 / 12.0) <= 4.0 * found.rest["f"].standard_error
    assert "x2" not in once.averages  # nothing reads it


#: by payment, what the worst futures take off it for each σ φ(z) / 5%
SLOPES = dict(zip([f"pay_{name}" for name in NAMES], COVARIANCE.sum(axis=0) / math.sqrt(COVARIANCE.sum()), strict=True))


def apart() -> Model:
    """The linear offer, a payment for each driver."""
    contract = {
        f"pay_{name}": {"term": "payment", "amount": f"({weight}) * 1 EUR/unit * total({name})", "clock": {"measured": "year"}}
        for name, weight in WEIGHTS.items()
    }
    return linear(contract=contract)


def test_the_worst_twentieth_of_a_linear_offer_is_made_of_covariances() -> None:
    """E[X | the worst of Y] = mean - cov(X, Y) / σ × φ(z) / 5%, of jointly normal parts; exactly adding up."""
    once = ensemble(apart(), 40_000, 1)
    *parts, whole = tail_parts(once, once.targets[0])
    for part in parts:
        exact = 100.0 * WEIGHTS[part.name[4:]] - SLOPES[part.name] * TAIL
        assert abs(part.worst.value - exact) <= 4.0 * part.worst.standard_error
        assert part.worst.standard_error < 1.0
    assert sum(part.worst.value for part in parts) == pytest.approx(whole.worst.value)
    assert sum(part.share or 0.0 for part in parts) == pytest.approx(1.0)
    direct = estimate(cvar(once.outcome.npv, 0.95))
    assert (whole.worst.value, whole.worst.standard_error) == pytest.approx((direct.value, direct.standard_error))
    assert parts[0].name == max(SLOPES, key=lambda name: SLOPES[name])


def test_tail_parts_have_honest_errors() -> None:
    """Over forty runs: the squared distance from the closed form, in standard errors, is one on average."""
    model, z = apart(), []
    for seed in range(40):
        once = ensemble(model, 1_000, seed)
        for part in tail_parts(once, once.targets[0])[:-1]:
            z.append((part.worst.value - 100.0 * WEIGHTS[part.name[4:]] + SLOPES[part.name] * TAIL) / part.worst.standard_error)
    assert 0.6 < np.mean(np.square(z)) < 1.6


def test_what_an_exposure_is_worth_to_each_party() -> None:
    """A customer that gains a fixed amount and pays: excluded, or borne by it through an index; and at a risk aversion."""
    aversion = 0.02
    model = linear(
        customer={"gains": {"fixed": "1_000 EUR/year"}}, money={"discount_rate": "0% pa", "risk_aversion": 0.02}
    )
    found = owners(model, 40_000, 1)
    whole = float(COVARIANCE.sum())
    for number, name in enumerate(NAMES):
        each = next(one for one in found.drivers_without if one.name == name)
        rest = np.delete(np.delete(COVARIANCE, number, 0), number, 1).sum()
        assert each.customer_worst is not None and each.bearing is not None and each.certain is not None
        lifted = (math.sqrt(whole) - math.sqrt(rest)) * TAIL
        assert abs(each.customer_worst.value - lifted) <= 4.0 * each.customer_worst.standard_error
        # the driver moves nothing but what is paid: where the supplier has as much as without it, so has the customer
        assert abs(each.bearing.value - each.customer_worst.value) <= 1e-6
        exact = aversion / 2.0 * (whole - rest)
        assert abs(each.certain.value - exact) <= 5.0 * each.certain.standard_error + 0.02 * exact
    assert OWNERS.keys() == set(NAMES)


@pytest.mark.parametrize("name", ["pay", "elapsed", "nothing"])
def test_what_is_no_driver_or_value_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"--of {name}: there is no driver or value"):
        ensemble(linear(), 100, 1, [name])


def test_a_value_of_the_file_may_be_asked_for() -> None:
    once = ensemble(load("compressed_air").model, 200, 1, ["measured_saving"])
    assert [target.name for target in once.targets] == ["npv", "margin", "payments", "customer", "measured_saving"]
    asked = ["sensitivity", "scenarios/profit_commission.yaml", "--paths", "200", "--json", "--no-report"]
    told = json.loads(CliRunner().invoke(cli, [*asked, "--of", "losses"]).output)
    assert told["schema"] == "gainsim/sensitivity/1" and "losses" in told["variance_shares"]
    refused = CliRunner().invoke(cli, [*asked, "--of", "lossess"])
    assert refused.exception is not None and "Did you mean 'losses'" in str(refused.exception)


def test_of_one_term_that_moves_the_tail_part_is_known_as_well_as_the_whole() -> None:
    """And the errors of parts are those of the whole where they are added up, future by future."""
    once = ensemble(linear(), 4_000, 1)
    npv = once.targets[0]
    moving, fixed = npv.values, np.full_like(npv.values, 7.0)
    target = Target("sum", "sum", "EUR", moving + fixed, {"moving": moving, "fixed": fixed})
    parts = {each.name: each for each in tail_parts(replace(once, targets=(target,)), target)}
    assert parts["moving"].worst.standard_error == pytest.approx(parts["sum"].worst.standard_error, rel=1e-9)
    assert parts["fixed"].worst.standard_error == pytest.approx(0.0, abs=1e-9)


def test_a_certain_part_is_certain_where_all_of_the_worst_futures_are_alike() -> None:
    """Four futures in ten come to the same sum, 0.1 + 0.2 in one order or the other, which is not the same to the last digit."""
    once = ensemble(linear(), 1_000, 1)
    rank = np.argsort(np.argsort(once.targets[0].values))
    moving = np.where(rank < 400, np.where(rank % 2 == 0, 0.3, 0.1 + 0.2), 1.0 + rank)
    fixed = np.full_like(moving, 9_500.0)
    target = Target("sum", "sum", "EUR", moving, {"moving": moving - fixed, "fixed": fixed})
    parts = {each.name: each for each in tail_parts(replace(once, targets=(target,)), target)}
    assert parts["fixed"].worst.standard_error == pytest.approx(0.0, abs=1e-9)
