"""Terms over other terms: identities that hold whatever is paid, edges to the hair."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gainsim
from tests.test_worked import offer_of, settled

AMOUNTS = st.lists(st.integers(-100, 100), min_size=4, max_size=4)


def pays(contract: str, **facts: list[float]) -> dict[str, list[float]]:
    """What each line and term pays over four years."""
    case = {
        "name": "by chance",
        "parties": ["crew"],
        "facts": {name: {"unit": "EUR/year", "values": values} for name, values in facts.items()},
        "contract": contract,
    }
    return settled(gainsim.simulate(offer_of(case), paths=1, seed=1))[0]


TERMS = """
a: { term: payment, amount: one, clock: { measured: year } }
b: { term: payment, amount: two, clock: { measured: year } }
"""


@settings(deadline=None, max_examples=40)
@given(AMOUNTS, AMOUNTS, st.integers(0, 120), st.integers(0, 120), st.sampled_from(["in order", "in proportion"]))
def test_together_they_stay_between_floor_and_cap(
    one: list[float], two: list[float], floor: int, cap: int, spread: str
) -> None:
    """However it is spread: the sum is held, no payment changes its sign, and nothing is cut that need not be."""
    limit = f"limit: {{ term: common_limit, over: [a, b], floor: -{floor}, cap: {cap}, per: life, spread: {spread} }}"
    found = pays(TERMS + limit, one=one, two=two)
    so_far = 0.0
    for year in range(4):
        before = [found["a"][year], found["b"][year]]
        changes = [found["limit.a"][year], found["limit.b"][year]]
        assert so_far + sum(before) + sum(changes) == pytest.approx(
            min(max(so_far + sum(before), -floor), cap), abs=1e-9
        )
        for paid, change in zip(before, changes, strict=True):
            assert abs(paid + change) <= abs(paid) + 1e-9
            assert paid * (paid + change) >= -1e-9
        so_far += sum(before) + sum(changes)


@pytest.mark.parametrize(("paid", "cut"), [(99.9, 0.0), (100.0, 0.0), (100.1, 0.1)])
def test_a_cap_that_is_met_exactly_cuts_nothing(paid: float, cut: float) -> None:
    limit = "limit: { term: common_limit, over: [a, b], cap: 100, floor: -100, per: settlement, spread: in order }"
    found = pays(TERMS + limit, one=[paid, -paid, 0, 0], two=[0, 0, 0, 0])
    assert found["limit"] == pytest.approx([-cut, cut, 0, 0], abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(AMOUNTS, st.integers(0, 100), st.integers(1, 47), st.integers(0, 40))
def test_what_was_held_back_is_released_in_the_end(one: list[float], share: int, month: int, most: int) -> None:
    released = f"[ {{ part: 40%, when: elapsed >= {month} months }} ]"
    kept = f"kept: {{ term: retention, of: [a], share: {share}%, at_most: {most}, released: {released}, at_end: released }}"
    found = pays(TERMS + kept, one=one, two=one)
    assert sum(found["kept"]) == pytest.approx(0.0, abs=1e-9)
    assert all(0.0 <= -held <= max(paid, 0.0) for held, paid in zip(found["kept.a"], found["a"], strict=True))
    assert -sum(found["kept.a"]) <= most + 1e-9


@settings(deadline=None, max_examples=30)
@given(AMOUNTS, AMOUNTS, st.sampled_from(["life", "1 settlement", "2 settlements"]))
def test_no_more_is_paid_back_than_was_paid(one: list[float], two: list[float], within: str) -> None:
    back = f"back: {{ term: clawback, of: a, claim: 'max(two, 0)', within: {within}, clock: {{ measured: year }} }}"
    found = pays(TERMS + back, one=one, two=two)
    for year in range(4):
        assert -sum(found["back"][: year + 1]) <= sum(max(paid, 0.0) for paid in found["a"][:year]) + 1e-9
        assert 0.0 <= -found["back"][year] <= max(two[year], 0.0)


@settings(deadline=None, max_examples=30)
@given(AMOUNTS, AMOUNTS, st.integers(0, 100), st.integers(0, 100), st.sampled_from(["released", "kept"]))
def test_half_of_all_that_moves_is_passed_on(one: list[float], two: list[float], share: int, most: int, at_end: str) -> None:
    """Settlement by settlement, whatever is held back: of the term, and of the retention, which pays what it releases."""
    found = pays(
        TERMS + f"kept: {{ term: retention, of: [a, b], share: {share}%, at_most: {most}, at_end: {at_end} }}\n"
        "crew: { term: subcontract, party: crew, of: [kept, a], share: 50%, clock: { measured: year } }",
        one=one, two=two,
    )  # fmt: skip
    for year in range(4):
        moves = found["a"][year] + found["kept.a"][year] + found["kept.released"][year]
        assert found["crew"][year] == pytest.approx(-0.5 * moves, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(AMOUNTS, st.integers(0, 80), st.integers(0, 150))
def test_a_limit_over_a_term_and_its_claw_back_is_never_passed(one: list[float], claim: int, most: int) -> None:
    """And what is claimed does not depend on it: no relief changes what the supplier was paid."""
    back = f"back: {{ term: clawback, of: a, claim: {claim}, within: life, clock: {{ measured: year }} }}\n"
    limit = f"limit: {{ term: liability_limit, limits: [a, back], at_most: {most}, per: life }}"
    found, without = pays(TERMS + back + limit, one=one, two=one), pays(TERMS + back, one=one, two=one)
    assert found["back"] == without["back"]
    borne = sum(-min(found["a"][year], 0.0) - found["back"][year] - found["limit"][year] for year in range(4))
    owed = sum(-min(found["a"][year], 0.0) - found["back"][year] for year in range(4))
    assert borne == pytest.approx(min(owed, most), abs=1e-9)
