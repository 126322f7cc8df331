"""Latin hypercube, Sobol and antithetic draws: what each of them is by definition, and what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import kstest, qmc

from gainsim.ops.kernels import norm_ppf
from gainsim.streams.brownian import bridge_order, bridged
from gainsim.streams.cells import REPLICATIONS, CellSource, normal_scores
from gainsim.streams.latin_hypercube import permuted
from gainsim.streams.sampling import SOURCES, source_of
from gainsim.streams.sobol import MOST, _directions
from gainsim.streams.source import Philox, Plan, StreamPlan
from gainsim.sums import CELL

TOGETHER = [name for name in SOURCES if name != "pseudo_random"]
STREAMS = (StreamPlan("price", 5, adds_up=True), StreamPlan("demand", 5), StreamPlan("level", 0))
Floats = NDArray[np.float64]


def _source(sampling: str, paths: int = 4096, seed: int = 7, streams: tuple[StreamPlan, ...] = STREAMS) -> CellSource:
    source = source_of(sampling, Plan(streams, paths, seed))
    assert isinstance(source, CellSource)
    return source


def _all(sampling: str, paths: int = 4096, seed: int = 7, streams: tuple[StreamPlan, ...] = STREAMS) -> Floats:
    source = _source(sampling, paths, seed, streams)
    return source.drawn(np.arange(paths, dtype=np.uint64)).table


@pytest.mark.parametrize("sampling", TOGETHER)
def test_every_row_is_standard_normal(sampling: str) -> None:
    for row in _all(sampling):
        assert kstest(row[::2], "norm").pvalue > 1e-4


@pytest.mark.parametrize("sampling", TOGETHER)
def test_rows_are_uncorrelated_and_replications_differ(sampling: str) -> None:
    scores = _all(sampling)
    apart = np.corrcoef(scores[:, ::2]) - np.eye(len(scores))
    assert np.abs(apart).max() < 5.0 / np.sqrt(2048)
    assert len(np.unique(scores[0])) == 4096


@pytest.mark.parametrize("sampling", TOGETHER)
def test_a_path_alone_is_the_path_in_the_crowd(sampling: str) -> None:
    crowd, source = _all(sampling), _source(sampling)
    number = np.array([3210], np.uint64)
    alone = source.drawn(number)
    for n, stream in enumerate(STREAMS[:2]):
        for t in range(5):
            assert alone.normals(stream.name, number, t)[0] == crowd[5 * n + t, 3210]
    assert alone.normals_once("level", number)[0] == crowd[10, 3210]


@pytest.mark.parametrize("sampling", TOGETHER)
def test_promises_of_more_paths_longer_contracts_and_other_drivers(sampling: str) -> None:
    promises, before = SOURCES[sampling].promises, _all(sampling)
    more = _all(sampling, paths=8192)[:, :4096]
    longer = _all(sampling, streams=(StreamPlan("price", 6, adds_up=True), StreamPlan("demand", 6), STREAMS[2]))
    other = _all(sampling, streams=(StreamPlan("wage", 5, adds_up=True), *STREAMS))
    kept = {
        "replay": True,
        "more paths": bool((more == before).all()),
        "longer contract": bool((longer[[*range(5), *range(6, 11), 12]] == before).all()),
        "another driver": bool((other[5:] == before).all()),
    }
    assert {name for name, is_kept in kept.items() if is_kept} == promises


def test_mirrored_paths_and_the_even_ones_are_the_pseudo_random_ones() -> None:
    scores, plain = _all("antithetic"), Philox(Plan(STREAMS, 4096, 7))
    assert (scores[:, 1::2] == -scores[:, ::2]).all()
    paths = np.arange(0, 4096, 2, dtype=np.uint64)
    assert (scores[7, ::2] == plain.normals("demand", paths, 2)).all()
    assert (scores[10, ::2] == plain.normals_once("level", paths)).all()


@pytest.mark.parametrize("paths", [1, 20, 64, 1000, 5000])
def test_every_hypercube_meets_every_range_once(paths: int) -> None:
    scores = _all("latin_hypercube", paths)
    for replication in range(min(REPLICATIONS, paths)):
        own = ndtr(scores[:, replication::REPLICATIONS])
        count = own.shape[1]
        assert (np.abs(np.sort(own, axis=1) * count - (np.arange(count) + 0.5)) <= 0.5 + 1e-9).all()


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 1000])
def test_permutations_are_permutations_and_all_places_are_as_likely(count: int) -> None:
    rng = np.random.default_rng(5)
    keys = rng.integers(0, 2**32, (4, 400), dtype=np.uint64)
    keys[3] %= np.uint64(count)
    index = np.arange(count, dtype=np.uint64)
    found = np.array([
        permuted(index, np.full(count, count, np.uint64), tuple(np.full(count, k) for k in keys[:, n]))
        for n in range(400)
    ])  # fmt: skip
    assert (np.sort(found, axis=1) == index).all()
    seen = np.bincount((found[:, 0] * np.uint64(4) // np.uint64(count)).astype(int), minlength=4)
    if count >= 64:
        assert (np.abs(seen - 100) < 45).all()  # each quarter 100 ± 8.7 times


def test_directions_are_those_of_sobol_and_points_fill_every_elementary_range() -> None:
    directions = _directions(6, 8)
    points = np.zeros((6, 256), np.uint64)
    for number in range(256):
        for bit in range(8):
            if number >> bit & 1:
                points[:, number] ^= directions[:, bit]
    theirs = qmc.Sobol(6, scramble=False).random_base2(8).T
    assert (np.sort(points / 2.0**52, axis=1) == np.sort(theirs, axis=1)).all()
    streams = (StreamPlan("a", 2), StreamPlan("b", 0))
    u = ndtr(_all("sobol", 256 * REPLICATIONS, streams=streams))
    for replication in (0, 31):
        first, second = u[2, replication::REPLICATIONS], u[0, replication::REPLICATIONS]
        boxes = np.bincount((np.floor(first * 16) * 16 + np.floor(second * 16)).astype(int), minlength=256)
        assert (boxes == 1).all()  # the first two dimensions are a (0, 2)-net


def test_beyond_the_sobol_dimensions_draws_are_pseudo_random() -> None:
    scores = _all("sobol", 1024, streams=(StreamPlan("a", MOST + 10),))
    assert scores.shape == (MOST + 10, 1024)
    assert abs(float(scores[-1].mean())) < 5.0 / 32.0
    assert abs(float(np.corrcoef(scores[-1], scores[-2])[0, 1])) < 5.0 / 32.0


@pytest.mark.parametrize("periods", [1, 2, 3, 7, 12, 60])
def test_the_bridge_is_a_rotation(periods: int) -> None:
    rotation = bridged(np.eye(periods))
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(periods), atol=1e-13)
    assert sorted(point for point, _, _ in bridge_order(periods)) == list(range(1, periods + 1))
    np.testing.assert_allclose(rotation[:, 0], 1.0 / np.sqrt(periods), rtol=1e-14)


def test_scores_are_the_inverse_normal_to_the_bit() -> None:
    u = np.concatenate([np.array([2.0**-53, 1e-12, 0.5, 1.0 - 2.0**-53]), np.random.default_rng(1).random(5000)])
    assert (normal_scores(u) == norm_ppf(u)).all()
    assert CELL % REPLICATIONS == 0
