"""Groups of drivers: their margins, Kendall's tau, joint chances against closed forms and SciPy, the bits of both runners."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from gainsim.chance import Chance
from gainsim.dependence.groups import coupling, frank_parameter
from gainsim.dependence.ranks import of_tau
from gainsim.grid import Calendar
from gainsim.linked import Linked
from gainsim.offer.dependence import Group, Pair
from gainsim.offer.drivers import Driver
from gainsim.ops.arrays import run_arrays
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.problems import Problems
from gainsim.streams.source import Philox, Plan, StreamPlan

Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]
NORMAL = {"normal": {"mean": 0, "sd": 1}}
PATHS = 200_704

ARCHIMEDEAN = [
    {"kind": kind, "tau": tau, **({} if kind == "frank" else {"tail": tail})}
    for kind, tail in (("clayton", "lower"), ("clayton", "upper"), ("gumbel", "lower"), ("gumbel", "upper"), ("frank", ""))
    for tau in (0.1, 0.4, 0.8)
]
every_archimedean = pytest.mark.parametrize("written", ARCHIMEDEAN, ids=lambda w: " ".join(map(str, w.values())))


def _copula(written: Mapping[str, Any]) -> Callable[..., float]:
    """P(U <= u, ...) of the family's own tail: ψ(Σ ψ⁻¹(u)), from the generators of the textbooks (Nelsen, table 4.1)."""
    tau = written["tau"]
    if written["kind"] == "clayton":
        theta = 2 * tau / (1 - tau)
        return lambda *u: (sum(x**-theta for x in u) - len(u) + 1) ** (-1 / theta)
    if written["kind"] == "gumbel":
        theta = 1 / (1 - tau)
        return lambda *u: math.exp(-(sum((-math.log(x)) ** theta for x in u) ** (1 / theta)))
    theta = frank_parameter(tau)
    return lambda *u: -math.log1p(math.prod(math.expm1(-theta * x) for x in u) / math.expm1(-theta) ** (len(u) - 1)) / theta


def _mirrored(written: Mapping[str, Any]) -> bool:
    return (written["kind"], written.get("tail")) in (("clayton", "upper"), ("gumbel", "lower"))


def _assert_chance(happens: NDArray[np.bool_], chance: float) -> None:
    error = math.sqrt(chance * (1 - chance) / len(happens))
    assert abs(happens.mean() - chance) <= 4 * error, (happens.mean(), chance, error)


def _assert_tau(x: Floats, y: Floats, tau: float) -> None:
    """Concordance of every path with its neighbour: independent signs of mean tau."""
    agree = np.sign((x[::2] - x[1::2]) * (y[::2] - y[1::2]))
    assert abs(agree.mean() - tau) <= 4 * math.sqrt((1 - tau * tau) / len(agree))


def _drawn(values: Values, links: Sequence[Mapping[str, Any]], names: str, drawn: str = "once", **more: Any) -> dict[str, Floats]:
    drivers = {name: {**NORMAL, "drawn": drawn} for name in names}
    found = values(drivers, dependence=links, paths=PATHS, **more)
    return {name: x[0] for name, x in found.items()}


# ------------------------------------------------------------------------------------------------ Archimedean groups


@every_archimedean
def test_margins_tau_and_joint_chances(written: dict[str, Any], values: Values) -> None:
    """Of three drivers; 1 - U where the other tail is asked for. 1 in 1,000 says that the tail depends as it should."""
    x = _drawn(values, [{"among": ["a", "b", "c"], **written}], "abc")
    for each in x.values():
        assert stats.kstest(each, "norm").pvalue > 1e-4
    for one, other in itertools.combinations(x.values(), 2):
        _assert_tau(one, other, written["tau"])
    side = -1.0 if _mirrored(written) else 1.0
    u = {name: stats.norm.cdf(side * each) for name, each in x.items()}
    copula = _copula(written)
    for at in ((0.5, 0.5), (0.1, 0.3), (0.8, 0.9), (0.001, 0.001), (0.02, 0.02)):
        _assert_chance((u["a"] <= at[0]) & (u["b"] <= at[1]), copula(*at))
        _assert_chance((u["b"] <= at[0]) & (u["c"] <= at[1]), copula(*at))
    _assert_chance((u["a"] > 0.999) & (u["b"] > 0.999), 2 * 0.001 - 1 + copula(0.999, 0.999))
    _assert_chance((u["a"] <= 0.4) & (u["b"] <= 0.5) & (u["c"] <= 0.6), copula(0.4, 0.5, 0.6))


@pytest.mark.parametrize("tau", [0.05, 0.5, 0.9])
def test_the_parameter_of_frank_is_that_of_debyes_integral(tau: float) -> None:
    theta = frank_parameter(tau)
    area, _ = integrate.quad(lambda x: x / math.expm1(x), 0, theta)
    assert 1 - 4 / theta * (1 - area / theta) == pytest.approx(tau, abs=1e-12)


@every_archimedean
def test_both_tails_keep_their_digits(written: dict[str, Any]) -> None:
    """Every score against 60 digits, from 8 deviations below to 8 above."""
    made = coupling(Group.model_validate({"among": ["a", "b"], **written}))
    own = np.linspace(-8.0, 8.0, 33)
    draws = [np.full_like(own, 0.3 + number) for number in range(made.draws)]
    shared = made.shared(draws)
    got = made.score(own, shared)
    side = -1 if _mirrored(written) else 1
    tau = mpmath.mpf(written["tau"])
    with mpmath.workdps(60):
        for z, v, score in zip(own, np.broadcast_to(shared, own.shape), got, strict=True):
            e = -mpmath.log(mpmath.ncdf(side * mpmath.mpf(float(z))))
            if written["kind"] == "clayton":
                u = (1 + e / float(v)) ** (-(1 - tau) / (2 * tau))
            elif written["kind"] == "gumbel":
                u = mpmath.exp(-(e ** (1 - tau)) * mpmath.exp(-mpmath.mpf(float(v))))
            else:
                theta = mpmath.mpf(frank_parameter(written["tau"]))
                u = -mpmath.log(1 - (1 - mpmath.exp(-theta)) * mpmath.exp(-e / float(v))) / theta
            below = mpmath.ncdf(side * mpmath.mpf(float(score)))
            assert abs(below / u - 1) < 1e-11
            assert abs((1 - below) / (1 - u) - 1) < 1e-11


def test_a_driver_more_in_a_group_disturbs_no_other(values: Values) -> None:
    group = {"kind": "gumbel", "tau": 0.4, "tail": "upper"}
    two = _drawn(values, [{"among": ["a", "b"], **group}], "abc")
    three = _drawn(values, [{"among": ["a", "b", "c"], **group}], "abc")
    assert two["a"].tobytes() == three["a"].tobytes()
    assert two["b"].tobytes() == three["b"].tobytes()


def test_a_group_is_drawn_anew_each_period(values: Values) -> None:
    drivers = {name: {**NORMAL, "drawn": "each period"} for name in "ab"}
    link = {"among": ["a", "b"], "kind": "clayton", "tau": 0.6, "tail": "lower"}
    x = values(drivers, dependence=[link], at=[0, 1], paths=PATHS)
    _assert_tau(x["a"][0], x["b"][0], 0.6)
    _assert_tau(x["a"][1], x["b"][1], 0.6)
    _assert_tau(x["a"][0], x["a"][1], 0.0)
    _assert_tau(x["a"][0], x["b"][1], 0.0)


# ------------------------------------------------------------------------------------------------ Student's t


@pytest.mark.parametrize("degrees", [1, 4, 30, 1000])
def test_a_student_t_group_is_that_of_scipy(degrees: float, values: Values) -> None:
    """Margins normal scores, tau 2/π asin r, joint chances those of SciPy's multivariate t."""
    links = [
        {"among": ["a", "b", "c"], "kind": "student_t", "degrees": degrees},
        {"between": ["a", "b"], "correlation": 0.5, "of": "innovations"},
        {"between": ["b", "c"], "tau": -0.2, "of": "innovations"},
    ]
    x = _drawn(values, links, "abc")
    for each in x.values():
        assert stats.kstest(each, "norm").pvalue > 1e-4
    r = {"ab": 0.5, "bc": math.sin(-0.1 * math.pi), "ac": 0.0}
    for pair, correlation in r.items():
        _assert_tau(x[pair[0]], x[pair[1]], 2 / math.pi * math.asin(correlation))
        for chance in (0.5, 0.1, 0.005):
            at = float(stats.t.ppf(chance, degrees))
            shape = [[1, correlation], [correlation, 1]]
            joint = float(stats.multivariate_t.cdf([at, at], [0, 0], shape, degrees, maxpts=200_000, random_state=1))
            score = float(stats.norm.ppf(chance))
            _assert_chance((x[pair[0]] <= score) & (x[pair[1]] <= score), joint)
            _assert_chance((x[pair[0]] > -score) & (x[pair[1]] > -score), joint)


@pytest.mark.parametrize("degrees", [1.0, 2.5, 30.0, 1000.0])
def test_scores_of_t_are_those_of_scipy(degrees: float) -> None:
    """The table from a t value to its normal score, far into both tails."""
    made = coupling(Group(among=["a", "b"], kind="student_t", degrees=degrees))
    x = np.concatenate([-np.geomspace(1e-3, 60, 300), np.geomspace(1e-3, 60, 300)])
    z = made.score(x, np.full_like(x, 1 / math.sqrt(degrees)))
    below = np.minimum(stats.t.cdf(x, degrees), stats.t.sf(x, degrees))
    expected = np.clip(np.sign(x) * stats.norm.isf(below), -8.25, 8.25)
    np.testing.assert_allclose(z, expected, rtol=0, atol=1e-11)


# ------------------------------------------------------------------------------------------------ two runners

LINKS: dict[str, list[Group | Pair]] = {
    "clayton": [Group(among=["a", "b"], kind="clayton", tau=0.4, tail="lower")],
    "gumbel": [Group(among=["a", "b"], kind="gumbel", tau=0.4, tail="lower")],
    "frank": [Group(among=["a", "b"], kind="frank", tau=0.9)],
    "student_t": [
        Group(among=["a", "b"], kind="student_t", degrees=3.0), Pair(between=["a", "b"], tau=0.3, of="innovations"),
    ],
    "leads": [
        Pair.model_validate({"between": ["a", "b"], "correlation": 0.3, "of": "innovations", "leads": "3 months"}),
        Pair.model_validate({"between": ["c", "a"], "correlation": 0.5, "of": "innovations", "leads": "1 month"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("links", LINKS.values(), ids=LINKS)
def test_the_loop_gives_the_bits_of_the_arrays(links: list[Group | Pair]) -> None:
    program, problems = Program(12), Problems()
    shape = {"unit": "index", "control": "nobody", "central": "mean", "drawn": "each period", **NORMAL}
    drivers = {name: Driver.model_validate(shape) for name in "abc"}
    section = program.section("world")
    chance = Chance(program, section, Linked(links, drivers, Calendar(date(2027, 1, 1), 12, "month", "contract"), problems), False)
    chance.draw()
    assert not problems.found
    for name in drivers:
        program.line(name, section, chance.score(name))
    streams = [*program.streams, *program.once_streams]
    source = Philox(Plan(tuple(StreamPlan(stream, 12) for stream in streams), 4096, 3))
    loop, lines = Loop(program, 4096), np.empty((len(program.rows), 4096))
    loop.run(source.key_table(streams), 0, lines)
    assert run_arrays(program, source, np.arange(4096, dtype=np.uint64)).tobytes() == lines.tobytes()
    assert np.isfinite(lines).all()


def test_tau_of_a_pair_is_that_of_its_correlation() -> None:
    for tau in (-0.9, -0.2, 0.0, 0.5, 1.0):
        assert of_tau(tau) == pytest.approx(math.sin(math.pi * tau / 2), abs=2e-16)
