"""Pairs of drivers: rank correlations, leads, correlations of values, and the repair of what cannot hold together."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gainsim.bridge import realise
from gainsim.dependence.matrix import factor, repaired
from gainsim.dependence.nearest import eigen, nearest
from gainsim.dependence.ranks import of_rank
from gainsim.dependence.values import attainable, standard
from gainsim.drivers.shapes import marginal
from gainsim.model import build_world
from gainsim.offer.scenario import Scenario
from gainsim.offer.shapes import Shape
from gainsim.scenario.load import load_text
from gainsim.streams.source import Philox

Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]
NORMAL = {"normal": {"mean": 0, "sd": 1}}
EACH = {**NORMAL, "drawn": "each period"}
PATHS = 200_704


def _pair(a: str, b: str, **said: Any) -> dict[str, Any]:
    return {"between": [a, b], "of": "innovations", **said}


def _assert_correlation(x: Floats, y: Floats, expected: float) -> None:
    """Of two normal samples, by Fisher's transform."""
    z = (math.atanh(float(np.corrcoef(x, y)[0, 1])) - math.atanh(expected)) * math.sqrt(len(x) - 3)
    assert abs(z) <= 4.0, (expected, z)


def _assert_mean(x: Floats, expected: float) -> None:
    assert abs(x.mean() - expected) <= 4 * x.std() / math.sqrt(len(x)), (x.mean(), expected)


# ------------------------------------------------------------------------------------------------ ranks


@pytest.mark.parametrize("size", [-0.7, 0.48, 0.9])
def test_the_rank_correlation_is_the_one_that_is_written(size: float, values: Values) -> None:
    """Spearman's rho is 12 E[(F(X) - ½)(G(Y) - ½)], Kendall's tau the mean sign of two paths, whatever the margins."""
    drivers = {
        name: {shape: p, "drawn": "once"}
        for name, (shape, p) in {
            "a": ("lognormal", {"mean": 5, "sd": 9}), "b": ("uniform", {"low": 2, "high": 4}),
            "c": ("gamma", {"shape": 0.5, "scale": 3}), "d": ("uniform", {"low": 2, "high": 4}),
        }.items()
    }  # fmt: skip
    x = values(drivers, dependence=[_pair("a", "b", rank_correlation=size), _pair("c", "d", tau=size)], paths=PATHS)
    a = stats.lognorm(math.sqrt(math.log1p(81 / 25)), scale=5 / math.sqrt(1 + 81 / 25)).cdf(x["a"][0])
    b = (x["b"][0] - 2) / 2
    _assert_mean(12 * (a - 0.5) * (b - 0.5), size)
    c, d = x["c"][0], x["d"][0]
    _assert_mean(np.sign((c[::2] - c[1::2]) * (d[::2] - d[1::2])), size)


def test_a_full_rank_correlation_is_a_full_correlation() -> None:
    assert of_rank(1.0) == pytest.approx(1.0, abs=3e-16)
    assert of_rank(-1.0) == -of_rank(1.0)


# ------------------------------------------------------------------------------------------------ leads


def test_what_leads_shows_so_many_periods_later_and_at_no_other_distance(values: Values) -> None:
    links = [_pair("gas", "power", correlation=0.6, leads="3 months"), _pair("power", "heat", correlation=-0.5, leads="1 month")]
    x = values({"heat": EACH, "power": EACH, "gas": EACH}, dependence=links, at=range(6), step="month", paths=PATHS)
    apart = {("gas", "power", 3): 0.6, ("power", "heat", 1): -0.5}
    for one, other in itertools.product(x, x):
        for lag in range(6):
            if lag or one != other:
                _assert_correlation(x[one][5 - lag], x[other][5], apart.get((one, other, lag), 0.0))


def test_before_the_contract_something_led_too(values: Values) -> None:
    """From the first period on every value has its declared distribution, and follows what was drawn before."""
    links = [_pair("gas", "power", correlation=0.9, leads="3 months")]
    x = values({"gas": EACH, "power": EACH}, dependence=links, at=range(6), step="month", paths=PATHS)
    for each in (*x["gas"], *x["power"]):
        assert stats.kstest(each, "norm").pvalue > 1e-4
    _assert_correlation(x["power"][0], x["power"][1], 0.0)
    _assert_correlation(x["gas"][0], x["power"][0], 0.0)
    _assert_correlation(x["gas"][0], x["power"][3], 0.9)


def test_all_that_fits_together_in_time_has_all_its_correlations(values: Values) -> None:
    """a leads b by a quarter, b leads c by two, so a leads c by three."""
    links = [
        _pair("a", "c", correlation=0.4, leads="9 months"), _pair("a", "b", correlation=0.5, leads="1 quarter"),
        _pair("b", "c", correlation=0.7, leads="6 months"), _pair("d", "c", correlation=0.3),
    ]  # fmt: skip
    x = values(dict.fromkeys("abcd", EACH), dependence=links, at=range(4), step="quarter", paths=PATHS)
    _assert_correlation(x["a"][0], x["c"][3], 0.4)
    _assert_correlation(x["a"][0], x["b"][1], 0.5)
    _assert_correlation(x["b"][1], x["c"][3], 0.7)
    _assert_correlation(x["d"][3], x["c"][3], 0.3)
    _assert_correlation(x["a"][0], x["d"][3], 0.0)


def test_walks_lead_walks(values: Values) -> None:
    walk = {"geometric_walk": {"start": 100, "drift": "2% pa", "volatility": "20% pa"}}
    links = [_pair("gas", "power", correlation=0.8, leads="2 months")]
    x = values({"gas": walk, "power": walk}, dependence=links, at=range(6), step="month", paths=PATHS)
    gas, power = (np.diff(np.log(x[name]), axis=0) for name in ("gas", "power"))
    _assert_correlation(gas[1], power[3], 0.8)
    _assert_correlation(gas[3], power[3], 0.0)


def test_a_world_with_leads_goes_on_where_it_stopped() -> None:
    """In two pieces or in one, the same bits: what leads is remembered."""
    drivers = {name: {"unit": "index", "control": "nobody", "central": "mean", **EACH} for name in ("gas", "power")}
    data = {
        "gainsim": 1, "title": "", "currency": "EUR", "money": {"discount_rate": "0% pa"}, "drivers": drivers,
        "calendar": {"start": "2027-01", "years": 1, "step": "month", "year": "contract"},
        "dependence": [_pair("gas", "power", correlation=0.6, leads="3 months")],
        "contract": {"fee": {"term": "fee", "amount": "1 EUR per month"}},
    }  # fmt: skip
    world = build_world(Scenario.model_validate(data))
    source, paths = Philox(world.plan(64, 5)), np.arange(64, dtype=np.uint64)
    whole, _ = realise(world, source, paths, range(12))
    first, memory = realise(world, source, paths, range(2))
    rest, _ = realise(world, source, paths, range(2, 12), memory)
    for name in drivers:
        assert np.concatenate([first[name], rest[name]]).tobytes() == whole[name].tobytes()


# ------------------------------------------------------------------------------------------------ values


def _shape(**written: Any) -> Any:
    return marginal(Shape.model_validate(written))


LOG = {"lognormal": {"log_mean": 0, "log_sd": 1}}
WIDE = {"lognormal": {"log_mean": 1, "log_sd": 1.5}}
FLAT = {"uniform": {"low": 0, "high": 1}}
COIN = {"discrete": [{"value": 0, "chance": "50%"}, {"value": 1, "chance": "50%"}]}


def _e(x: float) -> float:
    return math.expm1(x)


KNOWN: dict[str, tuple[Any, Any, Callable[[float], float], float]] = {
    "normal with lognormal": (NORMAL, LOG, lambda r: r / math.sqrt(_e(1)), 1e-9),
    "two lognormals": (LOG, WIDE, lambda r: _e(1.5 * r) / math.sqrt(_e(1) * _e(2.25)), 1e-7),
    "two uniforms": (FLAT, FLAT, lambda r: 6 / math.pi * math.asin(r / 2), 1e-6),
    "two coins": (COIN, COIN, lambda r: 2 / math.pi * math.asin(r), 1e-3),
}


@pytest.mark.parametrize(("one", "other", "known", "near"), KNOWN.values(), ids=KNOWN)
def test_the_correlation_of_values_is_the_known_one(one: Any, other: Any, known: Callable[[float], float], near: float) -> None:
    both = attainable(standard(_shape(**one)), standard(_shape(**other)))
    assert (both.lowest, both.highest) == (pytest.approx(known(-1.0), abs=near), pytest.approx(known(1.0), abs=near))
    for r in (-0.9, -0.4, 0.0, 0.3, 0.95):
        assert both.of(r) == pytest.approx(known(r), abs=near)
        assert both.score(known(r)) == pytest.approx(r, abs=10 * near)


def test_drawn_values_have_the_correlation_that_is_written(values: Values) -> None:
    a, b = {"lognormal": {"mean": 10, "sd": 4}}, {"pert": {"low": 0, "mode": 1, "high": 9}}
    drivers = {"a": {**a, "drawn": "once"}, "b": {**b, "drawn": "once"}}
    x = values(drivers, dependence=[{"between": ["a", "b"], "correlation": -0.6, "of": "values"}], paths=PATHS)
    p, q = ((each[0] - each[0].mean()) / each[0].std() for each in x.values())
    error = math.sqrt(float(np.var(p * q + 0.3 * (p * p + q * q))) / PATHS)  # of a correlation, by the delta method
    assert abs(float((p * q).mean()) + 0.6) <= 4 * error


@pytest.mark.parametrize(
    ("one", "said"),
    [
        ({"pareto": {"tail": 1.9, "minimum": 1}}, "no finite variance"), ({"normal": {"mean": 1, "sd": 0}}, "no spread"),
        ({"student_t": {"degrees": 2, "location": 0, "scale": 1}}, "no finite variance"),
    ],
)  # fmt: skip
def test_without_a_variance_there_is_no_correlation(one: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        standard(_shape(**one))


# ------------------------------------------------------------------------------------------------ repair


@pytest.mark.parametrize("size", [2, 3, 6, 10])
def test_eigenvalues_are_those_of_numpy(size: int) -> None:
    rng = np.random.default_rng(size)
    matrix = rng.uniform(-1, 1, (size, size))
    matrix = 0.5 * (matrix + matrix.T)
    values, vectors = eigen(matrix)
    np.testing.assert_allclose(np.sort(values), np.linalg.eigvalsh(matrix), rtol=0, atol=1e-13)
    np.testing.assert_allclose(vectors @ np.diag(values) @ vectors.T, matrix, rtol=0, atol=1e-13)


@pytest.mark.parametrize("size", [3, 5, 8])
def test_no_possible_matrix_is_nearer(size: int) -> None:
    """The conditions of Kuhn and Tucker: what was added off the diagonal is part of a positive matrix Z with Z (X - εI) = 0."""
    rng = np.random.default_rng(size)
    matrix = np.eye(size)
    while np.linalg.eigvalsh(matrix)[0] > -0.2:
        matrix = np.triu(rng.uniform(-1, 1, (size, size)), 1)
        matrix = matrix + matrix.T + np.eye(size)
    x = nearest(matrix)
    assert np.linalg.eigvalsh(x)[0] == pytest.approx(1e-6, rel=1e-2)
    assert (x.diagonal() == 1.0).all()
    added, free = x - matrix, x - 1e-6 * np.eye(size)
    np.fill_diagonal(added, 0.0)
    np.fill_diagonal(added, -(added * free).sum(axis=1) / free.diagonal())
    assert np.abs(added @ free).max() < 1e-7
    assert np.linalg.eigvalsh(added)[0] > -1e-7


def test_what_is_repaired_has_a_factor_and_leaves_the_others_alone() -> None:
    names = ["a", "x", "b", "y", "c"]
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9, ("x", "y"): 0.35}
    possible = repaired(names, pairs)
    rows = np.array(factor(names, possible))
    assert (rows @ rows.T)[0, 2] == pytest.approx(possible["a", "b"], abs=1e-12)
    assert possible["x", "y"] == 0.35
    assert possible["a", "x"] == possible["x", "b"] == possible["y", "c"] == 0.0


OFFER = """
gainsim: 1
title: Three that cannot hold together
currency: EUR
calendar: { start: 2027-01, years: 1, step: month, year: contract }
money: { discount_rate: 8% pa }
drivers:
  a: { unit: EUR/month, control: nobody, central: mean, drawn: once, normal: { mean: 5, sd: 1 } }
  b: { unit: EUR/month, control: nobody, central: mean, drawn: once, normal: { mean: 5, sd: 1 } }
  c: { unit: EUR/month, control: nobody, central: mean, drawn: once, normal: { mean: 5, sd: 1 } }
dependence:
  - { between: [a, b], correlation: 1, of: innovations }
  - { between: [b, c], correlation: 1, of: innovations }
repair_correlations: nearest
contract:
  fee: { term: fee, amount: 100 EUR per month }
costs:
  all_three: { amount: a + b + c }
"""


def test_what_changed_is_told_pair_by_pair() -> None:
    """Higham's example: 1, 1 and 0 become 0.7607, 0.7607 and 0.1573."""
    (offer,) = load_text(OFFER, "offer.yaml").values()
    changed = (("a and b", "0.7607", "1.0000"), ("a and c", "0.1573", "0.0000"), ("b and c", "0.7607", "1.0000"))
    for note, (pair, now, before) in zip(offer.notes, changed, strict=True):
        told = re.search(r"as written cannot hold together: the scores of (. and .) have \+([\d.]+), not \+([\d.]+)\.", note)
        assert told
        assert (told[1], told[2], told[3]) == (pair, now, before)
