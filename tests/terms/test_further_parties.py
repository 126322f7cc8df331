"""Subcontracts, insurance, alliances and hedges: closed forms over the life, edges, and the same bits in both runners."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gainsim.model import Model, OfferError, build
from gainsim.offer.scenario import Scenario
from gainsim.ops.arrays import run_arrays
from gainsim.ops.loop import Loop
from gainsim.ops.run_text import BLOCK
from gainsim.streams.source import Philox

YEAR = {"measured": "year"}
SHARE = {"term": "sharing", "of": "saving", "clock": YEAR, "steps": [{"share": {"below 0": "100%", "above": "100%"}}]}
money = some.integers(-500, 500).map(float)


def model_of(saving: dict[str, Any], terms: dict[str, Any], *, years: int) -> Model:
    document = {
        "gainsim": 1,
        "title": "further parties",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": years, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "drivers": {"saving": {"control": "supplier", "unit": "EUR/year", **saving}},
        "parties": ["crew", "insurer"],
        "contract": {"share": SHARE, **terms},
    }
    return build(Scenario.model_validate(document))


def pays(saving: list[float], **term: Any) -> list[float]:
    """What the term `extra` pays, year by year."""
    dates = {f"{2027 + n}-01": each for n, each in enumerate(saving)}
    model, rows = model_of({"schedule": dates}, {"extra": {"clock": YEAR, **term}}, years=len(saving)).base
    years = np.zeros(len(saving))
    for (t, number), amount in zip(model.program.rows, rows, strict=True):
        if model.lines[number].group == "extra" and model.lines[number].agreed:
            years[t] += amount
    return [float(each) for each in years]


def insured(saving: list[float], **term: Any) -> list[float]:
    free = {"term": "insurance", "party": "insurer", "covers": ["share"], "premium": "0 EUR/year"}
    return pays(saving, **{**free, **term})


def subcontracted(saving: list[float], **term: Any) -> list[float]:
    return pays(saving, **{"term": "subcontract", "party": "crew", "of": ["share"], **term})


# --- insurance ------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(some.lists(money, min_size=1, max_size=6), some.integers(0, 800), some.integers(0, 800), some.integers(0, 10))
def test_an_insurance_for_life_pays_by_the_sum_of_the_losses(
    saving: list[float], deductible: int, limit: int, tenths: int
) -> None:
    """In whatever order they come: min(share × max(sum of losses - deductible, 0), limit), and never a claim below 0."""
    claims = insured(saving, deductible=f"{deductible} EUR", limit=f"{limit} EUR", share=tenths / 10, per="life")
    losses = sum(max(-each, 0.0) for each in saving)
    assert sum(claims) == pytest.approx(min(tenths / 10 * max(losses - deductible, 0.0), limit))
    assert min(claims) >= 0.0


@pytest.mark.parametrize(("loss", "claim"), [(99.999, 0.0), (100.0, 0.0), (100.001, 0.001)])
def test_a_loss_on_the_deductible_is_the_suppliers(loss: float, claim: float) -> None:
    assert insured([-loss], deductible="100 EUR", per="settlement") == [pytest.approx(claim, abs=1e-9)]


@pytest.mark.parametrize(("loss", "claim"), [(99.999, 99.999), (100.0, 100.0), (100.001, 100.0)])
def test_an_insurer_pays_up_to_its_limit(loss: float, claim: float) -> None:
    assert insured([-loss], limit="100 EUR", per="settlement") == [pytest.approx(claim)]


def test_an_insurance_ends_with_its_condition():
    """Premiums are asked for as the window begins, losses as it settles; what happens outside counts nowhere."""
    term = {"premium": "5 EUR/year", "deductible": "100 EUR", "per": "life", "active_while": "1 from year 2 else 0"}
    with pytest.raises(OfferError, match="a condition is wanted"):
        insured([-80, -80, -80], **term)
    term["active_while"] = "(1 from year 2 else 0) > 0.5"
    assert insured([-80, -80, -80], **term) == [0, -5, -5 + 60]  # 160 count, 100 are the supplier's


def test_a_negative_premium_is_told_as_it_runs():
    with pytest.raises(OfferError, match=r"the premium '5 EUR/year - 8 EUR/year' is negative"):
        insured([-80], premium="5 EUR/year - 8 EUR/year", per="life")


# --- subcontracts ---------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(some.lists(money, min_size=1, max_size=6), some.integers(0, 10), some.integers(0, 800), some.integers(0, 800))
def test_each_side_of_a_subcontract_pays_its_share_of_the_sum_up_to_its_limit(
    saving: list[float], tenths: int, gets: int, bears: int
) -> None:
    limits = {"gets": {"at_most": f"{gets} EUR", "per": "life"}, "pays": {"at_most": f"{bears} EUR", "per": "life"}}
    found = subcontracted(saving, share=f"{10 * tenths}%", **limits)
    gain, pain = (sum(max(sign * each, 0.0) for each in saving) * tenths / 10 for sign in (1, -1))
    assert sum(found) == pytest.approx(min(pain, bears) - min(gain, gets))
    assert all(a * b <= 0 for a, b in zip(found, saving, strict=True))


def test_a_cap_below_and_none_above_leaves_the_tail_with_the_supplier():
    """The classic trap: half of every pain is passed on until the cap is used up; from there all of it is ours."""
    share = {"share": "50%", "pays": {"at_most": "100 EUR", "per": "life"}}
    for pain in (199.0, 200.0, 201.0, 1_000.0):
        assert subcontracted([-pain], **share) == [min(0.5 * pain, 100.0)]


def test_a_share_that_is_a_formula_is_checked():
    with pytest.raises(OfferError, match="the share '60% \\+ 50%' lies outside 0 to 1"):
        subcontracted([100], share="60% + 50%")


# --- alliances and hedges -------------------------------------------------------------------------------------------


def test_an_alliance_leaves_the_rest_to_the_supplier():
    assert pays([100, -40], term="alliance_split", of=["share"], parts={"crew": "25%", "insurer": "15%"}) == [-40, 16]


def test_a_hedge_is_a_payment_with_a_party():
    """The insurer pays what the saving falls short of 50, and gets what lies above: a swap."""
    swap = {"term": "payment", "party": "insurer", "amount": "50 EUR - saving", "clock": YEAR}
    assert pays([80, 20], **swap) == [-30, 30]


# --- the same bits --------------------------------------------------------------------------------------------------


def test_both_runners_give_the_same_bits():
    terms = {
        "passed": {
            "term": "subcontract", "party": "crew", "of": ["share"], "share": "60%", "share_of_pain": "70%", "clock": YEAR,
            "gets": {"at_most": "90 EUR", "per": "year"}, "pays": {"at_most": "100 EUR", "per": "life"},
        },
        "cover": {
            "term": "insurance", "party": "insurer", "covers": ["share"], "premium": "5 EUR/year", "deductible": "20 EUR",
            "share": "90%", "limit": "150 EUR", "per": "life", "clock": YEAR,
        },
        "split": {
            "term": "alliance_split", "of": ["share", "passed", "cover"], "parts": {"crew": "30%", "insurer": "10%"},
            "clock": YEAR, "rounded": {"to": "0.01", "by": "half even"},
        },
    }  # fmt: skip
    chance = {"central": "mean", "drawn": "each period", "normal": {"mean": 20, "sd": 100}}
    same_bits(model_of(chance, terms, years=4))


def same_bits(model: Model) -> None:
    """Every row of 1,024 paths, by arrays and by the compiled loop."""
    source = Philox(model.plan(BLOCK, 7))
    expected = run_arrays(model.program, source, np.arange(BLOCK, dtype=np.uint64))
    got = np.empty((len(model.program.rows), BLOCK))
    Loop(model.program).run(source.key_table([*model.program.streams, *model.program.once_streams]), 0, got)
    assert (got.view(np.uint64) == expected.view(np.uint64)).all()
