"""What each clause brings: a fee, a share, its floor and its cap on a normal gain, for which all parts are known in closed form."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from scipy.stats import norm

from gainsim.analyses.clauses import clauses, standing, with_only
from gainsim.analyses.delivered_once import DeliveredOnce
from gainsim.analyses.waterfall import Waterfall, _runs, waterfall
from gainsim.api import load_text
from gainsim.bridge import simulate_model
from gainsim.cli.main import cli
from gainsim.errors import DataError
from gainsim.model import Model, build
from gainsim.outcome import Outcome
from gainsim.text.waterfall import page, to_json
from tests.scenarios.test_shipped import load

PATHS = 40_000
FEE, COST, MEAN, SPREAD, SHARE, CAP, FLOOR = 100.0, 60.0, 50.0, 40.0, 0.5, 30.0, -5.0
#: the payment of the share alone is normal too
MU, SIGMA = SHARE * MEAN, SHARE * SPREAD
#: a normal number's worst twentieth lies so many deviations below its mean
TAIL = norm.pdf(norm.ppf(0.05)) / 0.05


def offer(**sections: Any) -> Model:
    """A year: a fee of 100, and half of a gain from -5 to 30, undiscounted; costs of 60."""
    normal = {"drawn": "each period", "central": "mean", "normal": {"mean": MEAN, "sd": SPREAD}}
    document = {
        "gainsim": 1,
        "title": "a fee and a share",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 1, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "drivers": {"gain": {"control": "nobody", "unit": "EUR/year", **normal}},
        "contract": {
            "fee": {"term": "fee", "amount": f"{FEE} EUR per year", "clock": {"measured": "year"}},
            "part": {
                "term": "sharing", "of": "gain", "clock": {"measured": "year"},
                "steps": [
                    {"share": {"below 0": "50%", "above": "50%"}},
                    {"limit_payment": {"floor": FLOOR, "cap": CAP, "per": "settlement"}},
                ],
            },
        },
        "costs": {"people": {"amount": f"{COST} EUR per year"}},
        "customer": {"gains": {"saved": "gain"}},
        **sections,
    }  # fmt: skip
    return load_text(yaml.safe_dump(document, sort_keys=False), "offer.yaml").loaded.model


def beyond(edge: float) -> float:
    """E[max(N(MU, SIGMA) - edge, 0)]."""
    z = (edge - MU) / SIGMA
    return float(SIGMA * norm.pdf(z) + (MU - edge) * norm.sf(z))


CUT, RAISED = beyond(CAP), beyond(FLOOR) - (MU - FLOOR)
#: what nobody gets without the share: so floor and cap leave it a half of what they change
EXACT = {
    "mean": {"fee": FEE, "part": MU + 0.5 * (RAISED - CUT), "part.floor": 0.5 * RAISED, "part.cap": -0.5 * CUT},
    "mean of the worst 5%": {
        # with the floor the worst twentieth is all at the floor, which one payment in fifteen falls short of
        "fee": FEE, "part": (FLOOR + MU - SIGMA * TAIL) / 2.0, "part.floor": (FLOOR - MU + SIGMA * TAIL) / 2.0, "part.cap": 0.0,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Waterfall:
    return waterfall(offer(), PATHS, 1)


def test_every_part_is_that_of_the_closed_form(found: Waterfall) -> None:
    assert [part.clause for part in found.parts] == ["fee", "part", "part.floor", "part.cap"]
    for what, exact in EXACT.items():
        for part in found.parts:
            told = part.parts[what]
            assert abs(told.value - exact[part.clause]) <= 4.0 * told.standard_error + 1e-9, (what, part.clause)
            assert told.standard_error < 0.5
    assert found.none["mean"].value == pytest.approx(-COST)


def test_what_striking_a_clause_changes_is_all_of_it(found: Waterfall) -> None:
    struck = {part.clause: part.struck["mean"] for part in found.parts}
    exact = {"fee": -FEE, "part": -(MU + RAISED - CUT), "part.floor": -RAISED, "part.cap": CUT}
    for name, told in struck.items():
        assert abs(told.value - exact[name]) <= 4.0 * told.standard_error + 1e-9


def test_the_customer_gains_what_the_supplier_loses(found: Waterfall) -> None:
    """On average; of the worst futures each party has its own."""
    for part in found.parts:
        assert part.parts["customer's mean"].value == pytest.approx(-part.parts["mean"].value)
        assert part.struck["customer's mean"].value == pytest.approx(-part.struck["mean"].value)
    floor = {part.clause: part for part in found.parts}["part.floor"].parts
    worst = floor["customer's mean of the worst 5%"]
    # the customer bears the gain below the floor alone: its worst twentieth falls by as much as the supplier's rises
    assert abs(worst.value + EXACT["mean of the worst 5%"]["part.floor"]) <= 4.0 * worst.standard_error


@pytest.mark.parametrize("most", [10, 0])
def test_the_parts_add_up_to_the_whole_for_both_parties(most: int) -> None:
    told = waterfall(load("profit_commission").model, 1_000, 1, most=most)
    assert told.in_order == (most == 0)
    for what, whole in told.whole.items():
        total = told.none[what].value + sum(part.parts[what].value for part in told.parts)
        assert total == pytest.approx(whole.value, abs=1e-6)


def test_in_the_order_of_the_file_a_limit_has_all_of_what_it_changes() -> None:
    told = {part.clause: part.parts["mean"] for part in waterfall(offer(), PATHS, 1, most=0).parts}
    for name, exact in {"fee": FEE, "part": MU, "part.floor": RAISED, "part.cap": -CUT}.items():
        assert abs(told[name].value - exact) <= 4.0 * told[name].standard_error + 1e-9


def test_an_offer_without_a_clause_is_the_file_without_it() -> None:
    """A term that another one lists, and a fee that others are a part of."""
    air = load("compressed_air")
    contract = air.document.data["contract"]

    def npv(model: Model) -> Any:
        return Outcome(simulate_model(model, 200, 1)).npv

    def without(*names: str) -> Model:
        kept = [clause for clause in clauses(air.scenario) if clause.name not in names]
        return build(with_only(air.scenario, kept), plans=air.model.plans)

    def written(**changed: Any) -> Model:
        terms = {name: changed.get(name, term) for name, term in contract.items() if changed.get(name, term) is not None}
        data = {key: part for key, part in air.document.data.items() if key not in ("tune", "stress")}  # they name steps
        text = yaml.safe_dump({**data, "contract": terms}, sort_keys=False)
        return load_text(text, "changed.yaml").loaded.model

    over_credits = {**contract["liability"], "limits": ["availability_credits"]}
    np.testing.assert_allclose(npv(without("gain_share")), npv(written(gain_share=None, liability=over_credits)))
    limit = {**contract["liability"], "limits": ["gain_share"]}
    bare = written(base_fee=None, availability_credits=None, liability=limit)
    np.testing.assert_allclose(npv(without("base_fee")), npv(bare))
    steps = [step for step in contract["gain_share"]["steps"] if "carry" not in step]
    share = {**contract["gain_share"], "steps": steps}
    np.testing.assert_allclose(npv(without("gain_share.carry")), npv(written(gain_share=share)))
    del steps[-1]["limit_payment"]["floor"]
    np.testing.assert_allclose(npv(without("gain_share.floor")), npv(written(gain_share=share)))


def test_what_has_nothing_to_act_on_does_not_stand() -> None:
    scenario = load("compressed_air").scenario
    by_name = {clause.name: clause for clause in clauses(scenario)}
    assert list(by_name) == [
        "base_fee", "gain_share", "gain_share.threshold", "gain_share.carry", "gain_share.floor", "gain_share.cap",
        "availability_credits", "liability",
    ]  # fmt: skip

    def stand(*names: str) -> set[str]:
        return {clause.name for clause in standing(scenario, [by_name[name] for name in names])}

    assert stand("base_fee", "gain_share.cap") == {"base_fee"}
    assert stand("gain_share", "gain_share.carry", "gain_share.cap") == {"gain_share", "gain_share.cap"}
    assert stand("gain_share", "gain_share.carry", "gain_share.floor") == {"gain_share", "gain_share.carry", "gain_share.floor"}


def test_nothing_moves_under_a_contract_none_of_whose_clauses_stands() -> None:
    """Whatever kinds of terms there are."""
    for name in ("cloud_credits", "outsourcing", "pilot_to_scale", "wind_service"):
        loaded = load(name)
        run = simulate_model(build(with_only(loaded.scenario, []), plans=loaded.model.plans), 20, 1)
        assert not any(amounts.any() for line, amounts in zip(run.rows.lines, run.total, strict=True) if line.agreed), name


def test_offers_that_follow_from_another_have_the_bits_of_full_runs() -> None:
    """Terms with a condition of their own, steps that are there or not, a clause that speaks of another."""
    for name in ("cloud_credits", "shared_savings"):
        model = load(name).model
        written = {clause.name: clause for clause in clauses(model.scenario)}
        sets = {standing(model.scenario, some) for size in range(len(written)) for some in combinations(written.values(), size)}
        named = [frozenset(clause.name for clause in some) for some in sorted(sets, key=len)]
        as_is = simulate_model(model, 50, 1)
        for some, run in _runs(as_is, written, named[::3], DeliveredOnce(model)):
            alone = simulate_model(build(with_only(model.scenario, [written[each] for each in some])), 50, 1)
            np.testing.assert_array_equal(run.npv, alone.npv)
            np.testing.assert_array_equal(run.cash, alone.cash)


def test_the_command_prints_a_page_or_one_object() -> None:
    asked = ["waterfall", "scenarios/profit_commission.yaml", "--paths", "200", "--no-report"]
    shown, told = (CliRunner().invoke(cli, [*asked, *more]) for more in ([], ["--json"]))
    assert shown.exit_code == told.exit_code == 0, shown.output + told.output
    data = json.loads(told.output)
    assert data["schema"] == "gainsim/waterfall/1" and data["orders"] == "all"
    assert list(data["clauses"]) == ["commission", "profit_commission", "profit_commission.carry", "profit_commission.cap"]
    assert all(name in shown.output for name in data["clauses"]) and "(Shapley), from 10 offers" in shown.output
    refused = CliRunner().invoke(cli, ["waterfall", "scenarios/profit_commission.yaml", "--paths", "9", "--no-report"])
    assert refused.exit_code != 0


def test_plans_are_told_to_stay(found: Waterfall) -> None:
    planned = replace(found, model=replace(found.model, plans={"engineers": np.zeros(1)}), in_order=True)
    assert "gainsim conduct" in page(planned) and "gainsim conduct" not in page(found)
    assert "in the order in which they are written" in page(planned)
    assert to_json(planned)["orders"] == "as written"


SEATS = """
gainsim: 1
title: seats
currency: EUR
calendar: {start: 2027-01, years: 1, step: month, year: contract}
money: {discount_rate: 0% pa}
contract:
  seats:
    term: subscription
    structure: simple
    seats: 100 seat
    price: 120 EUR/seat/year
    clock: {measured: year, invoiced: in advance}
"""


def test_what_is_paid_in_advance_for_seats_is_split_like_any_fee() -> None:
    """100 seats at 120, and 3 a seat and month: 12,000 and 3,600. Without the seats there is nobody to care for, so of the care's
    3,600 each has a half of what only both bring."""
    care = "  care: {term: fee, amount: seats * 3 EUR/seat/month, clock: {measured: year, invoiced: in advance}}\n"
    told = waterfall(load_text(SEATS + care, "seats.yaml").loaded.model, 100, 1)
    assert {part.clause: part.parts["mean"].value for part in told.parts} == pytest.approx({"seats": 13_800.0, "care": 1_800.0})
    assert {part.clause: part.struck["mean"].value for part in told.parts} == pytest.approx({"seats": -15_600.0, "care": -3_600.0})


def test_a_version_that_makes_no_sense_is_told_with_what_it_lacks() -> None:
    of_half = "structure: simple, seats: seats * 50%, price: 60 EUR/seat/year"
    second = f"  second: {{term: subscription, {of_half}, clock: {{measured: year}}}}\n"
    with pytest.raises(DataError, match=r"^without seats.* \(what reads such a name then reads 0\): .*seats"):
        waterfall(load_text(SEATS + second, "seats.yaml").loaded.model, 100, 1)
