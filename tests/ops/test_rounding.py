"""Rounding against decimal arithmetic, which knows no binary halves; and the same bits in both runners."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gainsim.ops.program import Program
from gainsim.ops.rounding import Rule, rounded
from tests.ops.test_program import _both

RULES: dict[Any, str] = {"half away": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN, "towards zero": ROUND_DOWN}
STEPS = ("0.01", "0.05", "0.001", "1", "5", "0.25", "100", "1000", "0.1")


def by_decimals(x: Decimal, step: str, rule: Rule) -> float:
    """The whole multiple of the step, reckoned in decimals."""
    return float((x / Decimal(step)).quantize(Decimal(1), RULES[rule]) * Decimal(step))


def test_every_rule_is_compared() -> None:
    assert set(get_args(Rule)) == RULES.keys()


@pytest.mark.parametrize(
    ("x", "step", "away", "even", "cut"),
    [
        (0.5, 1, 1, 0, 0),
        (1.5, 1, 2, 2, 1),
        (2.5, 1, 3, 2, 2),
        (-2.5, 1, -3, -2, -2),
        (1.005, 0.01, 1.01, 1.00, 1.00),  # stored a hair below the half
        (1.015, 0.01, 1.02, 1.02, 1.01),
        (2.675, 0.01, 2.68, 2.68, 2.67),  # stored below
        (1.115, 0.01, 1.12, 1.12, 1.11),  # stored above
        (0.29, 0.01, 0.29, 0.29, 0.29),  # 0.29 / 0.01 is 28.999999999999996: already a whole multiple
        (-0.29, 0.01, -0.29, -0.29, -0.29),
        (12.5, 5, 15, 10, 10),
        (0.375, 0.25, 0.5, 0.5, 0.25),
        (1e-300, 0.01, 0, 0, 0),
        (0.0, 0.01, 0, 0, 0),
    ],
)
def test_by_hand(x: float, step: float, away: float, even: float, cut: float) -> None:
    assert [float(rounded(np.array(x), step, rule)) for rule in RULES] == [away, even, cut]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("step", STEPS)
@given(digits=st.integers(-(10**12), 10**12), places=st.integers(2, 6))
def test_a_written_number_is_rounded_as_its_decimals_are(rule: Rule, step: str, digits: int, places: int) -> None:
    """Up to twelve digits, as people write amounts: no binary fraction is seen."""
    x = Decimal(digits).scaleb(-places)
    assert float(rounded(np.array(float(x)), float(step), rule)) == by_decimals(x, step, rule)


@pytest.mark.parametrize("rule", RULES)
@given(count=st.integers(0, 10**8), step=st.sampled_from(STEPS))
def test_halves_and_their_neighbours(rule: Rule, count: int, step: str) -> None:
    """Exactly between two multiples, and a hundred-thousandth of a step to either side."""
    half = (Decimal(count) + Decimal("0.5")) * Decimal(step)
    for shift in ("0", "0.00001", "-0.00001"):
        x = half + Decimal(shift) * Decimal(step)
        for sign in (1, -1):
            assert float(rounded(np.array(sign * float(x)), float(step), rule)) == sign * by_decimals(x, step, rule)


@pytest.mark.parametrize("rule", RULES)
@given(x=st.floats(-1e10, 1e10), step=st.sampled_from(STEPS))
def test_it_stays_within_a_step_keeps_the_sign_and_is_done_once(rule: Rule, x: float, step: str) -> None:
    once = float(rounded(np.array(x), float(step), rule))
    assert abs(once - x) <= float(step) * (1.0 + 1e-9) + abs(x) * 4e-15
    assert once * x >= 0.0
    assert float(rounded(np.array(once), float(step), rule)) == once


def test_numbers_beyond_all_fractions_stay() -> None:
    """From 2^53 on every double is whole."""
    for x in (2.0**53, 2.0**60 + 2.0**12, 1e300, -1e300):
        assert [float(rounded(np.array(x), 1.0, rule)) for rule in RULES] == [x] * 3


def test_what_is_no_number_stays_none() -> None:
    """It is found where it is paid; rounding does not make money of it."""
    for x in (np.nan, np.inf, -np.inf):
        assert not np.isfinite(rounded(np.array([x]), 0.01)).any()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("step", [0.01, 1.0, 5.0, 0.3])
def test_the_same_bits_in_both_runners(rule: Rule, step: float) -> None:
    """Of draws, and of halves that every path meets."""
    halves = [0.005, 1.005, -2.675, 2.5, -7.5]
    program = Program(periods=len(halves))
    section = program.section("now")
    draw = program.draw("price", section)
    program.line("drawn", section, rounded((draw - 0.5) * 1_000.0, step, rule))
    program.line("halves", section, rounded(program.param(halves) + 0.0 * draw, step, rule))
    found = _both(program)["halves"]
    assert found == [float(rounded(np.array(x), step, rule)) for x in halves]
