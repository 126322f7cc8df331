"""Levers of operations: each is the file with this change, on the same draws, in the service and in money."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gainsim
from gainsim.analyses.service_levers import ServiceLever, names_of_costs
from gainsim.bridge import simulate_model
from gainsim.offer.scenario import Scenario
from gainsim.outcome import Outcome
from gainsim.service import Operated, Service, service, timeline
from gainsim.service_data import to_json
from gainsim.text.service import page

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


CALLS = "    requests:\n      calls: { every: { exponential: { mean: 50 } }, takes: 4, crew: fitters, priority: 2, within: 6 }\n"
LIMITED = OFFER.replace("p90: 9 } }, crew: fitters", "p90: 9 } }, crew: fitters, within: 1.2, done_within: 8").replace(
    "    crews:\n", f"{CALLS}    crews:\n"
)


def shares(scenario: Scenario, path: int) -> dict[str, float]:
    """Of jams done and of calls reached in time, counted from the story of a path; it does not tell when somebody reaches a jam."""
    _, ((plant, story),) = timeline(scenario, path, 5)
    jams = (each for each in story.works if plant.modes[each.mode].name == "jam")
    done = np.array([each.done - each.since for each in jams if each.done is not None])
    reached = np.array([each.arrived - each.since for each in story.calls if each.arrived is not None])
    return {
        "presses, jam done within 8 h": float(np.mean(done <= 8.0)),
        "calls within 6 h": float(np.mean(reached <= 6.0)),
    }


def test_what_is_in_time_is_what_two_files_differ_by() -> None:
    """One fitter more: of every limit; and with the error of the difference, path by path, from their stories."""
    files = [LIMITED, LIMITED.replace("fitters: { number: 1", "fitters: { number: 2")]
    scenarios = [gainsim.load_text(text).loaded.scenario for text in files]
    runs = [service(scenario, 100, 5) for scenario in scenarios]
    changed = {limit.words: change for limit, change in lever(runs[0], "fitters 1 → 2").in_time.items()}
    one, two = ({each.limit.words: each.whole.mean.value for each in run.operated[0].in_time} for run in runs)
    assert list(changed) == ["presses, jam within 1.2 h", "presses, jam done within 8 h", "calls within 6 h"]
    for words, change in changed.items():
        assert change.value == pytest.approx(two[words] - one[words], abs=1e-9)
        assert change.value > 4.0 * change.standard_error > 0.0
    before, after = ([shares(scenario, path) for path in range(100)] for scenario in scenarios)
    for words in before[0]:
        differs = np.array([second[words] - first[words] for first, second in zip(before, after, strict=True)])
        assert changed[words].value == pytest.approx(differs.mean(), abs=1e-9)
        assert changed[words].standard_error == pytest.approx(differs.std(ddof=1) / 10.0, abs=1e-9)


def test_calls_that_queue_up_by_hand() -> None:
    """A call every 10 hours takes one person 15: all but the first of the 584 that begin in a year are late; of two none waits."""
    desk = OFFER.replace("years: 2", "years: 1").replace(
        "    crews:\n      fitters:",
        "    requests:\n      calls: { every: { discrete: [{ value: 10, chance: 100% }] }, takes: 15, crew: desk, within: 4 }\n"
        "    crews:\n      desk: { number: 1 }\n      fitters:",
    )
    found = service(gainsim.load_text(desk).loaded.scenario, 100, 5)
    (change,) = lever(found, "desk 1 → 2").in_time.values()
    assert (change.value, change.standard_error) == (pytest.approx(1.0 - 1.0 / 584.0), pytest.approx(0.0, abs=1e-9))
    told = json.loads(json.dumps(to_json(found)))["operations"][0]
    whose = {"outcome": "on_time", "fleet": None, "mode": None, "requests": "calls", "hours": 4.0}
    (as_is,), (by_one,) = told["in_time"], told["levers"][0]["in_time"]
    assert as_is["contract"]["mean"] == pytest.approx(1.0 / 584.0)
    assert as_is.items() >= whose.items()
    assert by_one == {**whose, "mean": change.value, "standard_error": change.standard_error}


def test_the_table_of_levers_is_no_wider_than_a_page() -> None:
    said = page(service(gainsim.load_text(LIMITED).loaded.scenario, 100, 5))
    table = said[said.index("What each lever would change") : said.index("A further asset")]
    assert max(map(len, table.splitlines())) <= 130
    assert " ".join(table.split()).count("NPV, EUR") == 1
    assert table.count("fitters 1 → 2") > 1  # what has no room goes on below


def test_an_offer_that_cannot_be_simulated_has_no_npv() -> None:
    """A fact that only actuals give."""
    given = OFFER.replace("value:", "facts:\n  people_asked: 1/month\nvalue:").replace("visits * 120 EUR", "people_asked * 120 EUR")
    (hall,) = service(gainsim.load_text(given).loaded.scenario, 100, 5).operated
    assert {each.npv for each in hall.levers} == {None}
    assert all(each.moved["availability"].value for each in hall.levers)
