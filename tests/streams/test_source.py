"""Addressable draws: the address alone decides the value. Their statistical quality, in the study's short form."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.ops.kernels import norm_ppf, uniform_pair
from gainsim.streams.source import ALL_PROMISES, Philox, Plan, Source, StreamPlan, key_words
from validation import streams as study

Floats = NDArray[np.float64]


def _plan(*names: str, periods: int = 12, paths: int = 100, seed: int = 7, replicate: int = 0) -> Plan:
    return Plan(tuple(StreamPlan(name, periods) for name in names), paths, seed, replicate)


def _paths(count: int, first: int = 0) -> NDArray[np.uint64]:
    return np.arange(first, first + count, dtype=np.uint64)


# ------------------------------------------------------------------------------------------------ promises


def test_one_path_alone_is_the_path_in_the_crowd() -> None:
    source = Philox(_plan("price"))
    crowd = source.uniforms("price", _paths(5000), 7)
    for path in (0, 1, 1023, 1024, 4999):
        assert source.uniforms("price", np.array([path], np.uint64), 7).tobytes() == crowd[path : path + 1].tobytes()


def test_the_order_of_paths_does_not_matter() -> None:
    source = Philox(_plan("price"))
    shuffled = np.random.default_rng(1).permutation(_paths(500))
    np.testing.assert_array_equal(
        source.uniforms("price", shuffled, 3), source.uniforms("price", _paths(500), 3)[shuffled]
    )


def test_more_paths_longer_contracts_and_other_streams_change_nothing() -> None:
    small = Philox(_plan("price"))
    large = Philox(_plan("demand", "price", "wage", periods=120, paths=10_000))
    for period in range(12):
        assert (
            small.uniforms("price", _paths(100), period).tobytes()
            == large.uniforms("price", _paths(100), period).tobytes()
        )
        assert (
            small.normals("price", _paths(9), period).tobytes() == large.normals("price", _paths(9), period).tobytes()
        )
    assert small.promises == ALL_PROMISES == {"replay", "more paths", "longer contract", "another driver"}


def test_a_draw_for_life_is_the_one_of_the_first_period() -> None:
    source = Philox(Plan((StreamPlan("level", 0),), 10, 3))
    assert source.normals_once("level", _paths(10)).tobytes() == source.normals("level", _paths(10), 0).tobytes()


def test_the_address_is_written_down() -> None:
    """A period's draw is one half of the counter (path, period // 2, lane 0) under the stream's key."""
    source = Philox(_plan("price"))
    for period in range(6):
        half = uniform_pair(_paths(50), period // 2, 0, key_words(7, "price"))[period % 2]
        assert source.uniforms("price", _paths(50), period).tobytes() == half.tobytes()
    events = source.event_uniforms("price", _paths(50), 3, 9)
    for one, expected in zip(events, uniform_pair(_paths(50), 9, 3, key_words(7, "price")), strict=True):
        assert one.tobytes() == expected.tobytes()


def test_the_key_is_a_hash_of_seed_replicate_and_name() -> None:
    digest = hashlib.blake2b(b"7\x002\x00price", digest_size=8, person=b"gainsim").digest()
    assert key_words(7, "price", 2) == (int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little"))
    assert Philox(_plan("price", replicate=2)).key("price") == key_words(7, "price", 2)


def test_the_bits_of_the_draws_are_the_known_ones() -> None:
    """A change here changes every result ever published."""
    source = Philox(_plan("price", seed=2027))
    assert [float(u).hex() for u in source.uniforms("price", _paths(2), 0)] == KNOWN_UNIFORMS
    assert [float(z).hex() for z in source.normals("price", _paths(2), 1)] == KNOWN_SCORES


KNOWN_UNIFORMS = ["0x1.8846568199f4bp-1", "0x1.0ec50d8b1dc54p-3"]
KNOWN_SCORES = ["-0x1.c63ffedd29415p+0", "0x1.413e439fb3d9fp-4"]


def test_keys_of_any_seed_stream_and_replicate_differ() -> None:
    """100,000 keys; two of them being equal has a chance of 3e-10."""
    names = [f"driver_{k}" for k in range(100)]
    keys = {key_words(seed, name, replicate) for seed in range(100) for name in names for replicate in range(10)}
    assert len(keys) == 100_000


@pytest.mark.parametrize(
    ("one", "other"),
    [((1, "1x", 0), (11, "x", 0)), ((1, "a", 11), (11, "a", 1)), ((0, "0", 0), (0, "", 0)), ((1, "a", 0), (1, "A", 0))],
)
def test_names_and_numbers_do_not_run_into_each_other(one: tuple[int, str, int], other: tuple[int, str, int]) -> None:
    assert key_words(*one) != key_words(*other)


def test_streams_of_different_seeds_share_no_draw() -> None:
    """8 keys of 100,000 draws each: not one value twice; with 52 bits the chance of one is 7e-5."""
    draws = [
        Philox(_plan("price", "demand", seed=seed, replicate=replicate)).uniforms(name, _paths(100_000), 0)
        for seed in (1, 2)
        for replicate in (0, 1)
        for name in ("price", "demand")
    ]
    assert len(np.unique(np.concatenate(draws))) == 800_000


def test_every_name_of_a_plan_is_its_own() -> None:
    with pytest.raises(ValueError, match="a name of its own"):
        _plan("price", "price")
    with pytest.raises(KeyError):
        Philox(_plan("price")).uniforms("prices", _paths(1), 0)


def test_the_table_of_keys_is_in_the_order_asked_for() -> None:
    source: Source = Philox(_plan("price", "demand"))
    assert isinstance(source, Philox)
    expected = [list(key_words(7, name)) for name in ("demand", "price")]
    assert source.key_table(["demand", "price"]).tolist() == expected
    assert source.key_table([]).shape == (0, 2)


def test_a_score_is_the_inverse_normal_of_its_uniform() -> None:
    source = Philox(_plan("price"))
    expected = norm_ppf(source.uniforms("price", _paths(1000), 4))
    assert source.normals("price", _paths(1000), 4).tobytes() == expected.tobytes()


# ------------------------------------------------------------------------------------------------ statistical quality
# The short form of validation/streams.py: 72 checks at 2^18 to 4 million draws. Each band is left by a perfect source
# with a probability of 6.3e-5, all of them together with 0.5%; seeds are fixed, so that a run that passes always does.

SHORT = 2**18


def _assert_passed(checks: list[study.Check]) -> None:
    failed = [f"{c.name}: {c.value:g} outside {c.low:g} to {c.high:g}" for c in checks if not c.passed]
    assert not failed


def test_moments_to_the_fourth_and_tails_to_4_5_sigma() -> None:
    checks = study.moments_and_tails(4_000_000, (3.0, 3.5, 4.0, 4.5))
    assert len(checks) == 13
    _assert_passed(checks)


def test_the_distribution_as_a_whole() -> None:
    _assert_passed(study.whole_distribution(500_000))


@pytest.mark.parametrize("name", study.NEIGHBOURS)
def test_neighbours_are_independent(name: str) -> None:
    _assert_passed(study.neighbours(name, SHORT))


def test_periods_are_independent_at_lags_to_a_year() -> None:
    _assert_passed(study.lags(60, SHORT // 60))


def test_a_source_that_is_not_right_is_seen() -> None:
    """The checks bite: a shifted, a scaled, a truncated and a correlated sample fall outside their bands."""
    n = 1_000_000
    z = np.asarray(Philox(_plan("price")).normals("price", _paths(n), 0))
    assert study.z_check("mean", n, float((z + 0.01).sum()) / n**0.5).passed is False
    assert study.chi_square_check("second moment", n, float((1.01 * z * z * 1.01).sum()), n).passed is False
    assert study.count_check("tail", n, int((np.clip(z, -3.4, 3.4) > 3.5).sum()), 2.326e-4).passed is False
    assert study.kolmogorov_check("uniforms", np.linspace(0.0, 0.99, n)).passed is False
    assert study.kolmogorov_check("too even", (np.arange(n) + 0.5) / n).passed is False
    assert study.z_check("pairs", n - 1, float((z[1:] + 0.01 * z[:-1]) @ z[:-1]) / (n - 1) ** 0.5).passed is False
