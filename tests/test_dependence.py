"""Dependence: the factor against NumPy's, impossible matrices, and correlations of innovations and of levels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter

from gainsim.dependence.matrix import ImpossibleCorrelation, factor, weighted
from gainsim.facts import Facts
from gainsim.grid import Calendar
from gainsim.offer.dependence import Link
from gainsim.offer.drivers import Driver
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.problems import Problems
from gainsim.streams.source import Philox, Plan, StreamPlan
from gainsim.world import World

Floats = NDArray[np.float64]
PATHS = 200_704
LINK: TypeAdapter[Any] = TypeAdapter(Link)


def _pairs(names: Sequence[str], matrix: Floats) -> dict[tuple[str, str], float]:
    return {(names[i], names[j]): float(matrix[i, j]) for i, j in itertools.combinations(range(len(names)), 2)}


# ------------------------------------------------------------------------------------------------ the factor


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 8), seed=st.integers(0, 2**32 - 1))
def test_the_factor_is_that_of_numpy(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    loadings = rng.normal(size=(size, size + 2))
    matrix = loadings @ loadings.T
    matrix = matrix / np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    np.fill_diagonal(matrix, 1.0)
    names = [f"driver_{k}" for k in range(size)]
    rows = np.array(factor(names, _pairs(names, matrix)))
    np.testing.assert_allclose(rows, np.linalg.cholesky(matrix), rtol=0, atol=1e-10)
    np.testing.assert_allclose(rows @ rows.T, matrix, rtol=0, atol=1e-14)
    assert not np.triu(rows, 1).any()


def test_pairs_may_be_named_in_either_order_and_missing_ones_are_independent() -> None:
    names = ["a", "b", "c"]
    assert factor(names, {("b", "a"): 0.6}) == factor(names, {("a", "b"): 0.6}) == [[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1]]
    assert factor([], {}) == []
    assert factor(["a"], {}) == [[1.0]]


def test_a_driver_more_leaves_the_rows_of_the_others() -> None:
    pairs = {("a", "b"): 0.3, ("b", "c"): -0.4}
    small, large = factor(["a", "b", "c"], pairs), factor(["a", "b", "c", "d"], {**pairs, ("a", "d"): 0.5})
    assert [row[:3] for row in large[:3]] == small


def test_coupling_is_the_factor_times_the_scores_and_leaves_the_independent_alone() -> None:
    names = ["a", "b", "c", "d"]
    matrix = np.array([[1, 0.5, 0, 0.2], [0.5, 1, 0, -0.3], [0, 0, 1, 0], [0.2, -0.3, 0, 1]])
    rows = factor(names, _pairs(names, matrix))
    scores = list(np.random.default_rng(5).normal(size=(4, 1000)))
    coupled = [weighted(row[: number + 1], scores[: number + 1]) for number, row in enumerate(rows)]
    np.testing.assert_allclose(coupled, np.array(rows) @ scores, rtol=0, atol=1e-15)
    assert coupled[0] is scores[0]
    assert coupled[2] is scores[2]


# ------------------------------------------------------------------------------------------------ impossible matrices


def _blamed(names: Sequence[str], pairs: Mapping[tuple[str, str], float]) -> set[frozenset[str]]:
    with pytest.raises(ImpossibleCorrelation) as refused:
        factor(names, pairs)
    for a, b, value in refused.value.pairs:
        assert value == pairs.get((a, b), pairs.get((b, a)))
        assert f"{a} with {b} {value:+.2f}" in str(refused.value)
    return {frozenset((a, b)) for a, b, _ in refused.value.pairs}


def test_three_that_cannot_hold_together_are_named() -> None:
    """a goes with b, b with c, so c cannot go against a."""
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9}
    assert _blamed(["a", "b", "c"], pairs) == {frozenset("ab"), frozenset("bc"), frozenset("ac")}


def test_only_the_offending_pairs_are_named() -> None:
    names = ["price", "demand", "wage", "rate", "a", "b", "c"]
    fine = {("price", "demand"): 0.35, ("wage", "rate"): 0.6, ("demand", "rate"): -0.2, ("price", "a"): 0.1}
    wrong = {("a", "b"): 0.95, ("b", "c"): 0.95, ("a", "c"): 0.2}
    assert _blamed(names, {**fine, **wrong}) <= {frozenset(pair) for pair in wrong}
    factor(names, fine)


def test_the_error_says_what_to_do() -> None:
    with pytest.raises(ImpossibleCorrelation, match=r"cannot hold together: .* Bring one of them nearer to what"):
        factor(["a", "b", "c"], {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9})


@pytest.mark.parametrize("correlation", [1.0, -1.0])
def test_a_perfect_correlation_is_refused(correlation: float) -> None:
    assert _blamed(["a", "b"], {("a", "b"): correlation}) == {frozenset("ab")}
    assert _blamed(["a", "b", "c"], {("a", "b"): correlation, ("b", "c"): 0.2}) == {frozenset("ab")}
    with pytest.raises(ImpossibleCorrelation, match="between -1 and 1 and is neither of them"):
        factor(["a", "b"], {("a", "b"): correlation})


@pytest.mark.parametrize("size", [3, 5, 8])
def test_the_border_of_what_is_possible(size: int) -> None:
    """All pairs alike: possible down to -1 / (n - 1)."""
    names = [str(k) for k in range(size)]
    least = -1.0 / (size - 1)
    factor(names, dict.fromkeys(itertools.combinations(names, 2), least + 1e-6))
    assert _blamed(names, dict.fromkeys(itertools.combinations(names, 2), least - 1e-6))


# ------------------------------------------------------------------------------------------------ through the world


def _world(drivers: Mapping[str, Any], links: Sequence[Mapping[str, Any]], step: str = "month", years: int = 1) -> Any:
    """(program, facts, problems) of these drivers."""
    calendar = Calendar(date(2027, 1, 1), 12 * years, step, "contract")  # type: ignore[arg-type]
    program, problems = Program(calendar.periods), Problems()
    written = {
        name: Driver.model_validate(
            {"unit": "index", "control": "nobody", "central": None if "constant" in d else "mean", **d}
        )
        for name, d in drivers.items()
    }
    world = World(program, calendar, "drawn", written, [LINK.validate_python(link) for link in links], problems)
    facts = Facts(program, calendar, "EUR")
    world.realise(facts)
    return program, facts, problems


def _values(
    drivers: Mapping[str, Any], links: Sequence[Mapping[str, Any]], at: Sequence[int], **options: Any
) -> Floats:
    """(drivers, len(at), paths)."""
    program, facts, problems = _world(drivers, links, **options)
    assert not problems.found
    shown = program.section("shown", due=at)
    for name in drivers:
        program.line(name, shown, facts[name].value)
    loop = Loop(program, 4096)
    streams = [*program.streams, *program.once_streams]
    keys = Philox(Plan(tuple(StreamPlan(s, 1) for s in streams), 1, 99)).key_table(streams)
    found = []
    for first in range(0, PATHS, 4096):
        lines = np.empty((len(program.rows), 4096))
        loop.run(keys, first, lines)
        found.append(lines.reshape(len(at), len(drivers), 4096))
    return np.concatenate(found, axis=2).transpose(1, 0, 2)


def _assert_correlation(x: Floats, y: Floats, expected: float) -> None:
    """Of two normal samples, within 4 standard errors of Fisher's transform: 1 / √(n - 3), whatever the correlation."""
    z = (np.arctanh(np.corrcoef(x, y)[0, 1]) - math.atanh(expected)) * math.sqrt(len(x) - 3)
    assert abs(z) <= 4.0, (expected, z)


def _level(half_life: str, start: float = 0.0) -> dict[str, Any]:
    return {"mean_reverting": {"of": "level", "start": start, "mean": 0, "half_life": half_life, "volatility": "1 pa"}}


def _kept(months: float, step_months: int = 1) -> float:
    return 0.5 ** (step_months / months)


def test_correlation_of_innovations_is_that_of_the_changes() -> None:
    """Two walks: log changes of one period, of several, and levels all have it. A month further on nothing is left."""
    walk = {"geometric_walk": {"start": 100, "drift": "2% pa", "volatility": "20% pa"}}
    links = [{"between": ["a", "b"], "correlation": 0.35, "of": "innovations"}]
    logs = np.log(_values({"a": walk, "b": walk}, links, at=[0, 1, 4]))
    change = np.diff(logs, axis=1)
    _assert_correlation(logs[0, 0], logs[1, 0], 0.35)
    _assert_correlation(change[0, 0], change[1, 0], 0.35)
    _assert_correlation(change[0, 1], change[1, 1], 0.35)
    _assert_correlation(logs[0, 2], logs[1, 2], 0.35)
    _assert_correlation(change[0, 0], change[1, 1], 0.0)


@pytest.mark.parametrize(("one", "other"), [(3, 3), (3, 24), (6, 12)])
def test_correlation_of_innovations_of_levels_that_revert(one: int, other: int) -> None:
    """The levels have r √((1 - a²)(1 - b²)) / (1 - ab) in the long run, and r after the first period."""
    links = [{"between": ["a", "b"], "correlation": 0.6, "of": "innovations"}]
    x = _values({"a": _level(f"{one} months"), "b": _level(f"{other} months")}, links, at=[0, 239], years=20)
    a, b = _kept(one), _kept(other)
    _assert_correlation(x[0, 0], x[1, 0], 0.6)
    _assert_correlation(x[0, 1], x[1, 1], 0.6 * math.sqrt((1 - a * a) * (1 - b * b)) / (1 - a * b))


@pytest.mark.parametrize(("one", "other", "step"), [(3, 3, "month"), (3, 24, "month"), (6, 12, "quarter")])
def test_correlation_of_levels_is_that_of_the_levels(one: int, other: int, step: str) -> None:
    links = [{"between": ["a", "b"], "correlation": -0.5, "of": "levels"}]
    periods = {"month": 240, "quarter": 80}[step]
    drivers = {"a": _level(f"{one} months"), "b": _level(f"{other} months")}
    x = _values(drivers, links, at=[0, periods - 1], step=step, years=20)
    a, b = (_kept(months, {"month": 1, "quarter": 3}[step]) for months in (one, other))
    _assert_correlation(x[0, 1], x[1, 1], -0.5)
    _assert_correlation(x[0, 0], x[1, 0], -0.5 * (1 - a * b) / math.sqrt((1 - a * a) * (1 - b * b)))


def test_a_value_drawn_each_period_keeps_nothing() -> None:
    """With a level that keeps a: innovations r give levels r √(1 - a²)."""
    links = [{"between": ["a", "b"], "correlation": 0.3, "of": "levels"}]
    drivers = {"a": _level("1 months"), "b": {"normal": {"mean": 0, "sd": 1}, "drawn": "each period"}}
    x = _values(drivers, links, at=[0, 59], years=5)
    _assert_correlation(x[0, 1], x[1, 1], 0.3)
    _assert_correlation(x[0, 0], x[1, 0], 0.3 / math.sqrt(1 - 0.25))


def test_five_drivers_have_all_their_correlations_at_once() -> None:
    names = ["a", "b", "c", "d", "e"]
    rng = np.random.default_rng(8)
    loadings = rng.normal(size=(5, 7))
    matrix = loadings @ loadings.T
    matrix /= np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    links = [{"between": [a, b], "correlation": r, "of": "innovations"} for (a, b), r in _pairs(names, matrix).items()]
    x = _values({name: {"normal": {"mean": 0, "sd": 1}, "drawn": "once"} for name in names}, links, at=[0])[:, 0]
    for i, j in itertools.combinations(range(5), 2):
        _assert_correlation(x[i], x[j], float(matrix[i, j]))
    for values in x:
        assert abs(values.mean()) * math.sqrt(PATHS) <= 4.0
        assert abs(values.var() - 1.0) * math.sqrt(PATHS / 2) <= 4.0


def test_the_full_effect_of_a_ramp_without_noise_depends_on_what_is_drawn_once() -> None:
    effect = {"normal": {"mean": 10, "sd": 2}}
    ramp = {"ramp": {"full_effect": effect, "time_to_full_effect": "6 months"}}
    links = [{"between": ["a", "b"], "correlation": 0.7, "of": "innovations"}]
    x = _values({"a": ramp, "b": {"normal": {"mean": 0, "sd": 1}, "drawn": "once"}}, links, at=[0, 11], years=1)
    for at in (0, 1):
        _assert_correlation(x[0, at], x[1, at], 0.7)
    assert abs(x[0, 1].mean() - 10.0) * math.sqrt(PATHS) <= 4.0 * 2.0


ONCE = {"normal": {"mean": 0, "sd": 1}, "drawn": "once"}
EACH = {"normal": {"mean": 0, "sd": 1}, "drawn": "each period"}
WALK = {"geometric_walk": {"start": 100, "drift": "2% pa", "volatility": "20% pa"}}


@pytest.mark.parametrize(
    ("drivers", "links", "said"),
    [
        ({"wage": WALK, "price": WALK}, [("wage", "prise", 0.5, "innovations")], "Did you mean 'price'"),
        ({"wage": WALK}, [("wage", "wage", 0.5, "innovations")], "correlated with itself"),
        ({"wage": WALK, "staff": {"constant": 3}}, [("wage", "staff", 0.5, "innovations")], "staff is certain"),
        ({"wage": WALK, "skill": ONCE}, [("wage", "skill", 0.5, "innovations")], "skill is drawn once for life"),
        ({"a": WALK, "b": WALK}, [("a", "b", 0.5, "levels"), ("b", "a", 0.4, "levels")], "has a correlation already"),
        ({"a": WALK, "b": EACH}, [("a", "b", 0.5, "levels")], "no lasting correlation"),
        (
            {"a": _level("1 months"), "b": _level("120 months")},
            [("a", "b", 0.9, "levels")],
            "at most a correlation of 0.1",
        ),
        (
            {"a": EACH, "b": EACH, "c": EACH},
            [("a", "b", 0.9, "innovations"), ("b", "c", 0.9, "innovations"), ("a", "c", -0.9, "innovations")],
            "cannot hold together",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_place(
    drivers: dict[str, Any], links: list[tuple[str, str, float, str]], said: str
) -> None:
    written = [{"between": [a, b], "correlation": r, "of": of} for a, b, r, of in links]
    _, _, problems = _world(drivers, written)
    assert len(problems.found) == 1
    place, message = problems.found[0]
    assert place[0] == "dependence"
    assert said in message
