"""The engine against the oracle, family by family: random contracts of what came after the first terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.oracle import offers_of_delays, offers_of_fees, offers_of_payments, offers_of_steps, offers_of_volumes
from tests.oracle.agreement import by_oracle, differing, disagreements, pays, quarters
from tests.oracle.offers import Offer

CONTRACTS, BATCH = 300, 100
FAMILIES: dict[str, Callable[[int], Offer]] = {
    "payments": offers_of_payments.offer,
    "steps": offers_of_steps.offer,
    "delays": offers_of_delays.offer,
    "fees": offers_of_fees.offer,
    "volumes": offers_of_volumes.offer,
}


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
@pytest.mark.parametrize("family", FAMILIES)
def test_engine_and_oracle_agree(family: str, first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(FAMILIES[family](number))) == {}


def test_every_clause_of_the_payments_binds() -> None:
    """Paid now and then, and now and then not; each word is met."""
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = FAMILIES["payments"](number)
        paid, lines = by_oracle(one)
        for name, term in one.contract.items():
            amounts = [amount for (payer, _), amount in paid.items() if payer == name]
            if any(amounts):
                words = ("active_while", "when", "once_per")
                bound.update(f"{term['term']} {word}" for word in words if word in term and not all(amounts))
                text = str(term)
                bound.update(word for word in ("paid(", "rates(", "steps(", "slope(", "round(", "first(") if word in text)
        bound.update("rounding" for (_, _, step), amount in lines.items() if step == "rounding" and amount)
    for clause in (
        "payment active_while", "payment when", "payment once_per", "fee active_while", "sharing active_while", "rounding",
        "paid(", "rates(", "steps(", "slope(", "round(", "first(",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


def test_early_and_late_and_grace_bind() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = FAMILIES["delays"](number)
        for (name, _), amount in by_oracle(one)[0].items():
            term = one.contract[name]
            if amount:
                by_time = "a time" if str(term["reached"]).startswith("took") else "a condition"
                bound.update((f"{term['term']} by {by_time}", *(k for k in ("early", "late", "grace") if k in term)))
                bound[str(term.get("rate", {}).get("begun"))] += 1
                bound["steps"] += "up to" in str(term)
    for clause in (
        "milestone by a time", "milestone by a condition", "delay_damages by a time", "delay_damages by a condition",
        "early", "late", "grace", "in part", "in full", "not", "steps",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


def test_every_side_of_a_volume_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = FAMILIES["volumes"](number)
        for (name, _), amount in by_oracle(one)[0].items():
            words = ("direction", "negative_reference")
            said = [str(one.contract[name].get(word)) for word in words]
            said += [word for word in ("deadband", "make_up", "active_while") if word in one.contract[name]]
            bound.update(f"{word} {'+' if amount > 0 else '-'}" for word in (name, *said) if amount)
    for clause in (
        "difference_payment +", "difference_payment -", "volume_charge +", "volume_charge -", "take_or_pay +", "take_or_pay -",
        "counts as zero -", "nothing is paid -", "to customer -", "to supplier +", "deadband +", "make_up -", "active_while +",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


def test_every_term_upon_fees_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = FAMILIES["fees"](number)
        for (name, _), amount in by_oracle(one)[0].items():
            bound.update([f"{name} {one.contract[name].get('per', '')} {'+' if amount > 0 else '-'}"] if amount else [])
    for clause in (
        "fee_at_risk  -", "minimum_revenue settlement +", "minimum_revenue year +", "minimum_revenue year -",
        "minimum_revenue life +", "minimum_revenue life -", "fee_credit  -",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


def test_every_step_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = FAMILIES["steps"](number)
        (term,) = one.contract.values()
        per = {kind: said.get("per", "") for step in term["steps"] for kind, said in step.items() if isinstance(said, dict)}
        for (_, _, step), amount in by_oracle(one)[1].items():
            kind = step.split(" #")[0]
            if amount:
                bound.update((kind, f"{kind} {per.get(kind, '')}"))
        bound["share_of_whole"] += "share_of_whole" in per
    for clause in (
        "deductible settlement", "deductible year", "deductible life", "high_water_mark", "limit_gain year", "limit_gain life",
        "quality_gate", "quality_multiplier", "share_of_whole",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


def test_a_yearly_limit_counts_what_has_been_paid() -> None:
    """ "what the term has already paid … in this year": nothing in the second quarter, in which it does not stand."""
    term = {
        "term": "sharing", "of": "gain", "active_while": "level > 0.5", "clock": {"measured": "quarter"},
        "steps": [{"share": {"below 0": "0%", "above": "100%"}}, {"limit_payment": {"cap": 8, "per": "year"}}],
    }  # fmt: skip
    assert pays(quarters({"term": term}, gain=[3, 3, 3, 3], level=[1, 0, 1, 1])) == [3, 0, 3, 2]
