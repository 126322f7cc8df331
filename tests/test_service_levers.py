"""Levers of operations: each is the file with this change, on the same draws, in the service and in money."""

from __future__ import annotations

import numpy as np
import pytest

import gainsim
from gainsim.analyses.service_levers import ServiceLever, names_of_costs
from gainsim.bridge import simulate_model
from gainsim.outcome import Outcome
from gainsim.service import Operated, Service, service

OFFER = """
gainsim: 1
title: A hall that is maintained
currency: EUR
calendar: { start: 2027-01, years: 2, step: quarter, year: contract }
money: { discount_rate: 7% pa }
operations:
  hall:
    fleets:
      presses:
        assets: 4
        needed: 3
        failures:
          jam: { life: { weibull: { shape: 2, scale: 600 } }, repair: { lognormal: { median: 3, p90: 9 } }, crew: fitters }
          drive:
            life: { weibull: { shape: 3, scale: 4_000 } }
            repair: 24
            crew: fitters
            spare: drives
            priority: 2
            foreseen: { chance: 60%, ahead: 100, repair: 8 }
        maintenance:
          oil: { every: 800, takes: 2, crew: fitters, renews: [jam] }
    crews:
      fitters: { number: 1, travel: { uniform: { low: 0.5, high: 1.5 } } }
    spares:
      drives: { stock: 1, lead_time: 500 }
drivers:
  up: { unit: fraction of time, control: supplier, central: 97%, operations: { of: hall, outcome: availability } }
  visits: { unit: 1/month, control: supplier, central: 9, operations: { of: hall, outcome: visits } }
  fitters: { unit: "1", control: supplier, operations: { of: hall, outcome: people, crew: fitters } }
value:
  crew_cost: fitters * 4_000 EUR per month
contract:
  bonus: { term: payment, amount: 40_000 EUR per month * (up - 90%), clock: { paid: 30 days } }
costs:
  trips: { amount: visits * 120 EUR }
  crew: { amount: crew_cost }
"""


@pytest.fixture(scope="module")
def found() -> Service:
    return service(gainsim.load_text(OFFER).loaded.scenario, 200, 5)


def lever(of: Service, said: str) -> ServiceLever:
    (hall,) = of.operated
    return next(each for each in hall.levers if each.change.words() == said)


def test_every_change_has_its_lever(found: Service) -> None:
    (hall,) = found.operated
    assert [each.change.words() for each in hall.levers] == [
        "fitters 1 → 2", "drives in stock 1 → 2", "drives in stock 1 → 0", "presses 4 → 5", "presses, oil every 800 → 600",
        "presses, oil every 800 → 1,000", "presses, drive foreseen 60.0% → never",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "written", "changed"),
    [
        ("fitters 1 → 2", "fitters: { number: 1", "fitters: { number: 2"),
        ("drives in stock 1 → 0", "stock: 1", "stock: 0"),
        ("presses 4 → 5", "assets: 4", "assets: 5\n        running: 4"),
        ("presses, oil every 800 → 1,000", "every: 800", "every: 1_000"),
        ("presses, drive foreseen 60.0% → never", "            foreseen: { chance: 60%, ahead: 100, repair: 8 }\n", ""),
    ],
)
def test_a_lever_is_the_file_with_this_change(found: Service, said: str, written: str, changed: str) -> None:
    (hall,), one = found.operated, lever(found, said)
    assert written in OFFER
    after = gainsim.load_text(OFFER.replace(written, changed))
    (other,) = service(after.loaded.scenario, 200, 5).operated
    for what, change in one.moved.items():
        before, now = (whole(of, what) for of in (hall, other))
        assert change.value == pytest.approx(now - before, abs=1e-9)
    npv = [Outcome(simulate_model(offer.loaded.model, 200, 5)).npv for offer in (gainsim.load_text(OFFER), after)]
    assert one.npv is not None
    assert one.npv.value == pytest.approx(np.mean(npv[1] - npv[0]))
    assert one.npv.standard_error == pytest.approx(np.std(npv[1] - npv[0], ddof=1) / 200**0.5)


def whole(of: Operated, outcome: str) -> float:
    return next(each.whole.mean.value for each in of.outcomes if (each.outcome, each.who.kind) == (outcome, "all"))


def test_a_fitter_costs_what_the_file_says_of_people(found: Service) -> None:
    """4,000 a month, paid for two years at each quarter's end: visits and bonus move far less than that."""
    year = sum(12_000.0 / 1.07 ** (quarter / 4) for quarter in range(1, 9))
    second = lever(found, "fitters 1 → 2")
    assert second.costs_follow
    assert second.npv is not None
    assert -year < second.npv.value < -0.8 * year


def test_costs_follow_what_they_read(found: Service) -> None:
    (hall,) = found.operated
    assert names_of_costs(found.scenario) == {"visits", "crew_cost", "fitters"}
    assert {each.change.words() for each in hall.levers if each.costs_follow} == {
        "fitters 1 → 2", "presses, oil every 800 → 600", "presses, oil every 800 → 1,000",
    }  # fmt: skip


def test_costs_are_what_further_parties_are_paid_too() -> None:
    """A firm that is paid by the press; a fee by the press is revenue, and no cost of a fifth one."""
    presses = '  presses: { unit: "1", control: supplier, operations: { of: hall, outcome: assets } }\nvalue:'
    firm = "  firm: { term: payment, party: firm, amount: -30 EUR * presses, clock: { paid: 30 days } }\ncosts:"
    offer = OFFER.replace("value:", presses).replace("contract:", "parties: [firm]\ncontract:").replace("costs:", firm)
    for written, follows in ((offer, True), (offer.replace("party: firm, ", ""), False)):
        (hall,) = service(gainsim.load_text(written).loaded.scenario, 100, 5).operated
        assert {each.costs_follow for each in hall.levers if each.change.kind == "fleet"} == {follows}


def test_what_is_common_cancels(found: Service) -> None:
    (hall,) = found.operated
    down = next(each for each in hall.outcomes if (each.outcome, each.who.kind) == ("downtime", "all"))
    assert lever(found, "drives in stock 1 → 2").moved["downtime"].standard_error < down.whole.mean.standard_error


def test_a_part_that_comes_at_once_has_no_lever_to_none() -> None:
    at_once = OFFER.replace("lead_time: 500", "lead_time: 0")
    (hall,) = service(gainsim.load_text(at_once).loaded.scenario, 100, 5).operated
    assert [each.change.words() for each in hall.levers if each.change.kind == "spare"] == ["drives in stock 1 → 2"]


def test_an_offer_that_cannot_be_simulated_has_no_npv() -> None:
    """A fact that only actuals give."""
    given = OFFER.replace("value:", "facts:\n  people_asked: 1/month\nvalue:").replace("visits * 120 EUR", "people_asked * 120 EUR")
    (hall,) = service(gainsim.load_text(given).loaded.scenario, 100, 5).operated
    assert {each.npv for each in hall.levers} == {None}
    assert all(each.moved["availability"].value for each in hall.levers)
