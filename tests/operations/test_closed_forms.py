"""What operations come to where theory has a closed form: simulated within four standard errors of it.

Each is a scenario file, loaded and simulated; of its years the last is taken, in which all is as in the long run: of two, and of
four where assets are replaced at the same age.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import yaml
from scipy import integrate, stats

from gainsim.api import load_text
from tests.operations.hall import HOURS_OF_A_YEAR, Estimate, Floats, document, estimate, exponential, ratio

Written = dict[str, Any]
OWN = {"own": {"number": 1_000}}


def seen(
    written: Written, paths: int, seed: int, drivers: Written | None = None, years: int = 2, **asked: Written
) -> dict[str, Floats]:
    """The last year of each, (paths,); it is of 8,760 hours. asked: outcome → its unit, and whose it is."""
    reads = {
        f"read_{outcome}": {
            "control": "supplier", "central": 1, "unit": told["unit"],
            "operations": {"of": "hall", "outcome": outcome} | {key: value for key, value in told.items() if key != "unit"},
        }
        for outcome, told in asked.items()
    }  # fmt: skip
    told = document(written, (drivers or {}) | reads, years)
    futures = load_text(yaml.safe_dump(told, sort_keys=False)).futures(paths, seed)
    return {outcome: futures[f"read_{outcome}"][-1] for outcome in asked} | {name: futures[name][-1] for name in drivers or {}}


TIME: Written = {"unit": "fraction of time"}
PART: Written = {"unit": "fraction"}
COUNT: Written = {"unit": "1/year"}
HOURS: Written = {"unit": "hour/year"}
MEAN: Written = {"unit": "hours"}


def holds(found: Estimate, expected: float, error: float) -> None:
    """Within four standard errors, which are at most the part `error` of it."""
    value, one = found
    assert 0.0 < one <= error * expected, (value, one, expected)
    assert abs(value - expected) <= 4.0 * one, (value, one, expected)


# --- planned work ----------------------------------------------------------------------------------------------------


def of_a_cycle(up: float, failed: float, planned: float, found: dict[str, Floats], assets: int, down: float) -> None:
    """Renewal and reward: of a cycle, how long an asset runs and is down, and the chances of how it ends."""
    holds(estimate(found["availability"]), up / (up + down), 0.001)
    holds(estimate(found["failures"] / assets), failed * HOURS_OF_A_YEAR / (up + down), 0.01)
    holds(estimate(found["planned"] / assets), planned * HOURS_OF_A_YEAR / (up + down), 0.01)


@pytest.mark.parametrize(("shape", "every"), [(2.5, 600.0), (1.6, 900.0)])
def test_age_replacement(shape: float, every: float) -> None:
    """Replaced at failure or at an age, whichever comes first: Barlow and Proschan (1965), chapter 4."""
    scale, repair, planned, assets = 1_000.0, 40.0, 10.0, 50
    first = {"uniform": {"low": 0, "high": every}}  # not all at once
    fleet = {
        "assets": assets,
        "failures": {
            "wear": {"life": {"weibull": {"shape": shape, "scale": scale}}, "repair": repair, "crew": "own", "renews": "asset"}
        },
        "maintenance": {"overhaul": {"every": every, "first": first, "takes": planned, "crew": "own"}},
    }
    found = seen({"fleets": {"f": fleet}, "crews": OWN}, 512, 11, years=4, availability=TIME, failures=COUNT, planned=COUNT)
    life = stats.weibull_min(shape, scale=scale)
    up, failed = integrate.quad(life.sf, 0.0, every)[0], float(life.cdf(every))
    of_a_cycle(up, failed, 1.0 - failed, found, assets, repair * failed + planned * (1.0 - failed))


@pytest.mark.parametrize("told", ["exponential", "uniform"])
def test_failures_foreseen(told: str) -> None:
    """Of the lives 60% end 100 hours early, by planned work of 8 hours; the others by a repair of 30.

    Exponential lives may be shorter than that: then the work is done at once. The others last from 500 to 1,500 hours, and
    the crew is 10 on its way, in which the asset runs on if the work is planned.
    """
    mean, ahead, part, assets = 1_000.0, 100.0, 0.6, 50
    travel = 0.0 if told == "exponential" else 10.0
    life = exponential(mean) if told == "exponential" else {"uniform": {"low": 500, "high": 1_500}}
    early = mean * math.exp(-ahead / mean) if told == "exponential" else mean - ahead + travel
    foreseen = {"chance": part, "ahead": ahead, "repair": 8}
    fleet = {"assets": assets, "failures": {"f": {"life": life, "repair": 30, "crew": "own", "foreseen": foreseen}}}
    crews = {"own": {"number": 1_000, "travel": travel}}
    found = seen({"fleets": {"f": fleet}, "crews": crews}, 512, 12, availability=TIME, failures=COUNT, planned=COUNT)
    up = part * early + (1.0 - part) * mean
    of_a_cycle(up, 1.0 - part, part, found, assets, part * 8.0 + (1.0 - part) * (30.0 + travel))


# --- queues ----------------------------------------------------------------------------------------------------------


def test_a_shop_with_few_people_and_few_spares() -> None:
    """The machine repairman with spares: 10 machines, 3 parts, 2 people at the shop (Taylor and Jackson 1954)."""
    machines, stock, people, life, takes = 10, 3, 2, 400.0, 80.0
    spare = {"stock": stock, "lead_time": 0, "shop": {"crew": "shop", "takes": exponential(takes)}}
    fleet = {"assets": machines, "failures": {"f": {"life": exponential(life), "repair": 0, "crew": "own", "spare": "s"}}}
    crews = {**OWN, "shop": {"number": people}}
    found = seen({"fleets": {"f": fleet}, "crews": crews, "spares": {"s": spare}}, 2_048, 13, availability=TIME, failures=COUNT)
    weight = [1.0]
    for n in range(machines + stock):
        weight.append(weight[-1] * min(machines, machines + stock - n) / life * takes / min(n + 1, people))
    chance = np.array(weight) / sum(weight)
    up = float(chance @ np.minimum(machines, machines + stock - np.arange(machines + stock + 1)))
    holds(estimate(found["availability"]), up / machines, 0.005)
    holds(estimate(found["failures"]), up * HOURS_OF_A_YEAR / life, 0.005)


def test_what_is_down_nearly_always_fails_as_often_as_it_is_repaired() -> None:
    """Machines that run for an hour and are repaired for 2,000: were they up all the time, they would fail 1.75 million times."""
    assets, life, repair = 100, 1.0, 2_000.0
    fleet = {"assets": assets, "failures": {"f": {"life": exponential(life), "repair": exponential(repair), "crew": "own"}}}
    found = seen({"fleets": {"f": fleet}, "crews": OWN}, 512, 18, availability=TIME, failures=COUNT)
    holds(estimate(found["availability"]), life / (life + repair), 0.01)
    holds(estimate(found["failures"]), assets * HOURS_OF_A_YEAR / (life + repair), 0.005)


def test_calls_answered_and_done_in_time() -> None:
    """M/M/c: waits and stays, their means and the chances that they are no longer than agreed.

    P(W > t) = C exp(-(cμ - λ)t); a stay is a wait and, independent of it, a call's own time.
    """
    every, takes, c, within, done_within = 2.0, 5.0, 3, 4.0, 9.0
    rate, work = 1.0 / every, 1.0 / takes
    load, spare = rate / work, c * work - rate
    busy = load**c / math.factorial(c) * c / (c - load)
    waits = busy / (busy + sum(load**n / math.factorial(n) for n in range(c)))
    stays = (1.0 - waits) * math.exp(-work * done_within)
    stays += waits * (spare * math.exp(-work * done_within) - work * math.exp(-spare * done_within)) / (spare - work)
    calls = {"every": exponential(every), "takes": exponential(takes), "crew": "desk", "within": within, "done_within": done_within}
    fleet = {"assets": 1, "failures": {"never": {"life": exponential(1e9), "repair": 1, "crew": "desk"}}}
    written = {"fleets": {"none": fleet}, "crews": {"desk": {"number": c}}, "requests": {"calls": calls}}
    asked = {"on_time": PART, "done_on_time": PART, "response": MEAN, "completion": MEAN}
    found = seen(written, 2_048, 14, **{outcome: {**told, "requests": "calls"} for outcome, told in asked.items()})
    holds(estimate(found["on_time"]), 1.0 - waits * math.exp(-spare * within), 0.01)
    holds(estimate(found["done_on_time"]), 1.0 - stays, 0.01)
    holds(estimate(found["response"]), waits / spare, 0.02)
    holds(estimate(found["completion"]), waits / spare + takes, 0.02)


# --- output ----------------------------------------------------------------------------------------------------------


def test_overall_equipment_effectiveness() -> None:
    """A worked example of a course on total productive maintenance: of 460 minutes 20 are lost to breakdowns, 20 to set-ups and 20
    to adjustments; of 400 pieces at an ideal 0.5 minutes 8 are rejected. 87% × 50% × 98% = 42.6%.

    Source: Introduction to TPM, worked example of OEE, euromotor.org (tpm24). A minute is here an hour.
    """
    def lost() -> Written:
        return {"takes": 20, "crew": "own", "every": exponential(400), "renews": "nothing"}

    fleet = {
        "assets": 20,
        "capacity": 2,
        "performance": 0.5 * 400 / 400,
        "quality": (400 - 8) / 400,
        "failures": {"breakdown": {"life": exponential(400), "repair": 20, "crew": "own"}},
        "maintenance": {"set_up": lost(), "adjustment": lost()},
    }
    asked = {"availability": TIME, "performance": PART, "oee": PART, "throughput": COUNT}
    found = seen(
        {"fleets": {"f": fleet}, "crews": OWN}, 512, 15, **{what: {**unit, "fleet": "f"} for what, unit in asked.items()}
    )
    assert found["oee"] == pytest.approx(found["availability"] * 0.5 * 0.98, rel=1e-12)
    assert found["performance"] == pytest.approx(0.5, rel=1e-12)
    holds(estimate(found["availability"]), 400 / 460, 0.001)
    holds(estimate(found["oee"]), 392 * 0.5 / 460, 0.001)
    holds(estimate(found["throughput"]), 20 * HOURS_OF_A_YEAR / 460 * 400, 0.001)
    assert round(found["oee"].mean(), 3) == 0.426


# --- weather and use -------------------------------------------------------------------------------------------------


def test_what_fails_in_foul_weather_waits_for_fair() -> None:
    """Spells and lives are exponential, repairs take no time: in a spell that is foul an asset fails once, or not at all.

    It does with chance λ / (λ + β), and waits 1 / β on average; in a fair spell it fails λ / φ times.
    """
    life, fair, foul, assets = 200.0, 150.0, 50.0, 10
    fails, ends = 1.0 / life, 1.0 / foul
    once = fails / (fails + ends)
    of_a_spell = fails * fair + once
    site = {"weather": {"fair": exponential(fair), "foul": exponential(foul)}}
    mode = {"life": exponential(life), "repair": 0, "crew": "own", "within": 0}
    written = {"fleets": {"f": {"assets": assets, "site": "n", "failures": {"f": mode}}}, "crews": OWN, "sites": {"n": site}}
    weather = {**HOURS, "cause": "weather"}
    found = seen(written, 2_048, 16, availability=TIME, failures=COUNT, late=COUNT, waiting=HOURS, downtime=weather)
    holds(estimate(found["failures"]), assets * of_a_spell * HOURS_OF_A_YEAR / (fair + foul), 0.005)
    holds(ratio(found["late"], found["failures"]), once / of_a_spell, 0.01)
    holds(ratio(found["waiting"], found["late"]), foul, 0.01)
    holds(estimate(found["availability"]), 1.0 - foul * once / (fair + foul), 0.002)
    assert found["downtime"] == pytest.approx(found["waiting"], rel=1e-12)


def test_failures_by_use() -> None:
    """Lives are exponential in what is used: given the use, failures are Poisson with use / life as mean, and variance."""
    life, assets, paths = 500.0, 5, 4_096
    law = {"central": "mean", "drawn": "each period", "uniform": {"low": 1_000, "high": 6_000}}
    flown = {"unit": "h/year", "control": "nobody", **law}
    mode = {"life": exponential(life), "ages": "use", "repair": 0, "crew": "own"}
    fleet = {"assets": assets, "use": "flown", "failures": {"f": mode}}
    found = seen({"fleets": {"f": fleet}, "crews": OWN}, paths, 17, {"flown": flown}, failures=COUNT)
    expected = assets * found["flown"] / life
    beyond = found["failures"] - expected
    assert abs(beyond.mean()) <= 4.0 * estimate(beyond)[1] <= 0.4
    holds(ratio(beyond**2, expected), 1.0, 0.03)
    assert abs(np.corrcoef(beyond, found["flown"])[0, 1]) <= 4.0 / math.sqrt(paths)
