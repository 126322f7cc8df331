"""Pairs and groups against the copulas of openturns: measures, joint chances, and the law of one driver given the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gainsim.dependence.groups import frank_parameter
from gainsim.dependence.ranks import of_rank, of_tau
from tests.peer import peer

ot = peer("openturns")
Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]
PATHS = 200_704


def _pair(**said: Any) -> list[dict[str, Any]]:
    return [{"between": ["a", "b"], "of": "innovations", **said}]


def _group(kind: str, **said: Any) -> list[dict[str, Any]]:
    return [{"among": ["a", "b"], "kind": kind, **said}]


def _square(r: float) -> Any:
    """A correlation matrix of two."""
    matrix = ot.CorrelationMatrix(2)
    matrix[0, 1] = r
    return matrix


#: as written; openturns' own; whether both are mirrored, the tail being the other one
CASES: dict[str, tuple[list[dict[str, Any]], Any, bool]] = {
    "correlation": (_pair(correlation=-0.6), ot.NormalCopula(_square(-0.6)), False),
    "rank correlation": (
        _pair(rank_correlation=0.48), ot.NormalCopula(ot.NormalCopula.GetCorrelationFromSpearmanCorrelation(_square(0.48))), False,
    ),
    "tau": (_pair(tau=0.4), ot.NormalCopula(ot.NormalCopula.GetCorrelationFromKendallCorrelation(_square(0.4))), False),
    "clayton": (_group("clayton", tau=0.4, tail="lower"), ot.ClaytonCopula(4 / 3), False),
    "clayton, upper": (_group("clayton", tau=0.7, tail="upper"), ot.ClaytonCopula(14 / 3), True),
    "gumbel": (_group("gumbel", tau=0.4, tail="upper"), ot.GumbelCopula(5 / 3), False),
    "gumbel, lower": (_group("gumbel", tau=0.7, tail="lower"), ot.GumbelCopula(10 / 3), True),
    "frank": (_group("frank", tau=0.4), ot.FrankCopula(frank_parameter(0.4)), False),
    "student_t": (
        [*_group("student_t", degrees=4), *_pair(correlation=0.5)], ot.StudentCopula(4, _square(0.5)), False,
    ),
}  # fmt: skip
every_case = pytest.mark.parametrize("name", CASES)


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Floats, Floats]]:
    return {}


@pytest.fixture
def places(name: str, drawn: dict[str, tuple[Floats, Floats]], values: Values) -> tuple[Floats, Floats]:
    """Where both drivers lie in their distributions, mirrored where the copula is; simulated once a case."""
    if name not in drawn:
        links, _, mirrored = CASES[name]
        drivers = {driver: {"normal": {"mean": 0, "sd": 1}, "drawn": "once"} for driver in "ab"}
        x = values(drivers, dependence=links, paths=PATHS)
        side = -1.0 if mirrored else 1.0
        drawn[name] = stats.norm.cdf(side * x["a"][0]), stats.norm.cdf(side * x["b"][0])
    return drawn[name]


def _assert_mean(x: Floats, expected: float) -> None:
    assert abs(x.mean() - expected) <= 4.0 * x.std() / math.sqrt(len(x)), (x.mean(), expected)


@every_case
def test_kendall_and_spearman_are_those_of_openturns(name: str, places: tuple[Floats, Floats]) -> None:
    """Tau is the mean sign of two paths, rho 12 E[(U - ½)(V - ½)]; mirroring changes neither."""
    (u, v), copula = places, CASES[name][1]
    _assert_mean(np.sign((u[::2] - u[1::2]) * (v[::2] - v[1::2])), copula.getKendallTau()[0, 1])
    _assert_mean(12.0 * (u - 0.5) * (v - 0.5), copula.getSpearmanCorrelation()[0, 1])


@every_case
def test_joint_chances_are_those_of_openturns(name: str, places: tuple[Floats, Floats]) -> None:
    """In the middle, and where both are extreme: 1 in 20, 1 in 1,000."""
    (u, v), copula = places, CASES[name][1]
    for a, b in ((0.5, 0.5), (0.1, 0.3), (0.8, 0.9), (0.05, 0.05), (0.001, 0.001)):
        for chance, happens in (
            (copula.computeCDF([a, b]), (u <= a) & (v <= b)),
            (copula.computeSurvivalFunction([1 - a, 1 - b]), (u > 1 - a) & (v > 1 - b)),
        ):
            assert abs(happens.mean() - chance) <= 4.0 * math.sqrt(chance * (1.0 - chance) / PATHS), (a, b)


@every_case
def test_given_the_first_the_second_is_drawn_from_openturns_conditional_law(name: str, places: tuple[Floats, Floats]) -> None:
    """C(v | u) of the simulated pairs is uniform, whatever u is: the whole copula, not only some of its chances."""
    (u, v), copula = places, CASES[name][1]
    some = slice(0, 8_192)
    given = np.array([copula.computeConditionalCDF(b, [a]) for a, b in zip(u[some].tolist(), v[some].tolist(), strict=True)])
    assert stats.kstest(given, "uniform").pvalue > 1e-4
    for low, high in ((0.0, 0.05), (0.4, 0.6), (0.95, 1.0)):
        assert stats.kstest(given[(low < u[some]) & (u[some] <= high)], "uniform").pvalue > 1e-4
    quantile = copula.computeConditionalQuantile(0.3, [0.2])
    near = np.abs(u - 0.2) < 0.01  # over a narrow band the chance is that of its middle, to the second order
    assert abs((v[near] <= quantile).mean() - 0.3) <= 4.0 * math.sqrt(0.21 / near.sum()) + 1e-3


@pytest.mark.parametrize("size", [-0.9, -0.2, 0.05, 0.5, 0.95])
def test_what_is_written_of_ranks_is_the_same_correlation(size: float) -> None:
    spearman, kendall = (
        to(_square(size))[0, 1]
        for to in (ot.NormalCopula.GetCorrelationFromSpearmanCorrelation, ot.NormalCopula.GetCorrelationFromKendallCorrelation)
    )
    assert (of_rank(size), of_tau(size)) == (pytest.approx(spearman, abs=1e-12), pytest.approx(kendall, abs=1e-12))


@pytest.mark.parametrize("tau", [0.01, 0.3, 0.6, 0.95])
def test_the_parameter_of_a_group_gives_the_tau_that_is_written(tau: float) -> None:
    for copula in (ot.ClaytonCopula(2 * tau / (1 - tau)), ot.GumbelCopula(1 / (1 - tau)), ot.FrankCopula(frank_parameter(tau))):
        assert copula.getKendallTau()[0, 1] == pytest.approx(tau, abs=1e-9)


#: chance that one is extreme, given that another is, by the formulas of the page on drivers
TAILS: Mapping[str, Callable[[], float]] = {
    "clayton": lambda: 2 ** (-3 / 4),
    "gumbel": lambda: 2 - 2 ** (3 / 5),
    "student_t": lambda: 2 * float(stats.t.cdf(-math.sqrt(5 * 0.5 / 1.5), 5)),
    "frank": lambda: 0.0,
}


@pytest.mark.parametrize("name", TAILS)
def test_the_tail_that_the_page_on_drivers_states_is_that_of_openturns(name: str) -> None:
    """Of Student's t openturns takes it at a small chance, not in the limit."""
    copula = CASES[name][1]
    of = copula.computeLowerTailDependenceMatrix if name == "clayton" else copula.computeUpperTailDependenceMatrix
    assert of()[0, 1] == pytest.approx(TAILS[name](), abs=1e-4)
