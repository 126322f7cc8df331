"""Effort: plans as written, plans that are found, and the effort that responds to what has been reached."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from numpy.typing import NDArray
from scipy.stats import norm

from gainsim import cells
from gainsim.api import load_text
from gainsim.bridge import rows_of, simulate_model, statement
from gainsim.cli.main import cli
from gainsim.errors import ScenarioError
from gainsim.measures import difference, estimate, mean
from gainsim.model import build
from gainsim.outcome import Outcome
from gainsim.planning import prepared
from gainsim.scenario.load import Loaded
from gainsim.scenario.load import load_text as _load_text
from gainsim.streams.source import Philox
from gainsim.sums import CELL
from gainsim.trials import Trials, line_through
from gainsim.two_sides import two_sides

Floats = NDArray[np.float64]
MONTHS = 12
NOISY = {"normal": {"mean": 10, "sd": 8}, "drawn": "each period", "central": "mean"}
CERTAIN = {"constant": 0}


def written(effort: dict[str, Any], steps: list[Any], gain: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Months of a gain that effort adds to, shared year by year."""
    answer = {"of": "hours", "adds": "1 EUR/hours/month * hours", **sections.pop("answers", {})}
    return {
        "gainsim": 1,
        "title": "effort",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": sections.pop("years", 1), "step": "month", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "effort": {"hours": {"by": "supplier", "unit": "hours", "at_least": 0, "at_most": 10, **effort}},
        "drivers": {"gain": {"control": "supplier", "unit": "EUR/month", **gain, "effort": answer}},
        "contract": {"share": {"term": "sharing", "of": "gain", "clock": {"measured": "year"}, "steps": steps}},
        **sections,
    }  # fmt: skip


def loaded(document: dict[str, Any]) -> Loaded:
    return load_text(yaml.safe_dump(document, sort_keys=False), "effort.yaml").loaded


def per_hour(price: float) -> str:
    return f"{price} EUR/hours/month * hours"


HALF = [{"share": {"below 0": "0%", "above": "50%"}}]
THRESHOLD = [{"threshold": {"at": "100 EUR", "sides": "gain", "then": "from_first"}}, *HALF]
RESPONSIVE = {"plan": "responsive", "watches": "total(gain)", "over": "year"}


@cache
def responsive(price: float = 0.9) -> Loaded:
    return loaded(written({"cost": per_hour(price), **RESPONSIVE}, THRESHOLD, NOISY))


def plan_of(offer: Loaded) -> Floats:
    plan = offer.model.plans["hours"]
    assert isinstance(plan, np.ndarray)
    return plan


def lines_of(offer: Loaded, path: int) -> dict[str, list[float]]:
    """The rows of one path by line, with what efforts looked at."""
    model = offer.model.told
    rows, found = rows_of(model), {}
    for (_, number), amount in zip(rows.keys, statement(model, path, 1), strict=True):
        found.setdefault(rows.lines[number].name, []).append(float(amount))
    return found


# --- plans as written --------------------------------------------------------------------------------------------------


def test_a_plan_is_put_in_paid_for_and_answered() -> None:
    """From month 7 on 4 hours instead of 2: 36 hours in all bring 36, of which half is shared, and cost 0.2 each."""
    offer = loaded(written({"plan": "4 from month 7 else 2", "cost": per_hour(0.2)}, HALF, CERTAIN))
    run = Outcome(offer.simulate(10, 1))
    assert run.revenue == pytest.approx(np.full(10, 18.0))
    assert run.cost == pytest.approx(np.full(10, -7.2))
    base, rows = offer.model.base
    assert sum(x for x, (_, line) in zip(rows, base.program.rows, strict=True) if base.lines[line].in_margin) == pytest.approx(10.8)


def test_a_driver_answers_later() -> None:
    """After 3 months: of twelve months of 2 hours nine are seen within the year."""
    offer = loaded(written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN, answers={"after": "3 months"}))
    assert Outcome(offer.simulate(10, 1)).revenue == pytest.approx(np.full(10, 9.0))


def test_what_the_customer_puts_in_is_its_own_row() -> None:
    """Of 36 gained half is shared; 3 hours a month at 0.2 are put in."""
    effort = {"by": "customer", "plan": 3, "cost": per_hour(0.2)}
    offer = loaded(written(effort, HALF, CERTAIN, customer={"gains": {"gain": "gain"}, "spends": {"own": "1 EUR per month"}}))
    sides = two_sides(Outcome(offer.simulate(10, 1)))
    assert sides is not None
    customer = {row.name: row.customer.value for row in sides.rows if row.customer is not None}
    told = {name: customer[name] for name in ("gained", "newly spent", "put in", "payments", "= result")}
    assert told == pytest.approx({"gained": 36.0, "newly spent": -12.0, "put in": -7.2, "payments": -18.0, "= result": -1.2})


def test_what_the_customer_puts_in_it_pays_for() -> None:
    effort = {"by": "customer", "plan": 3, "cost": per_hour(0.2)}
    offer = loaded(written(effort, HALF, CERTAIN, customer={"gains": {"gain": "gain"}}))
    run = Outcome(offer.simulate(10, 1))
    assert run.cost == pytest.approx(np.zeros(10))
    assert run.customer_benefit == pytest.approx(np.full(10, 36.0 - 18.0 - 7.2))


# --- plans that are found ----------------------------------------------------------------------------------------------


def test_the_best_plan_of_a_year_ends_where_a_cap_does() -> None:
    """Half of a gain up to 30 a year: 60 hours a year earn all there is to earn, 5 a month; more would cost alone."""
    capped = [*HALF, {"limit_payment": {"floor": "0 EUR", "cap": "30 EUR", "per": "settlement"}}]
    offer = loaded(written({"plan": "best constant", "cost": per_hour(0.2)}, capped, CERTAIN))
    assert plan_of(offer) == pytest.approx(np.full(MONTHS, 5.0))


def test_a_plan_by_year_follows_what_each_year_shares() -> None:
    """In the first year an hour earns 0.5 and costs 0.6, in the second it earns 0.7."""
    steps = [{"share": {"below 0": "0%", "above": "70% from year 2 else 50%"}}]
    offer = loaded(written({"plan": "best by year", "cost": per_hour(0.6)}, steps, CERTAIN, years=2))
    assert plan_of(offer) == pytest.approx(np.repeat([0.0, 10.0], MONTHS))


def test_the_customer_plans_for_its_own_benefit() -> None:
    """Its hour costs 0.4 and earns it the other half of 1; at 0.6 it does better without."""
    for price, hours in ((0.4, 10.0), (0.6, 0.0)):
        effort = {"by": "customer", "plan": "best constant", "cost": per_hour(price)}
        offer = loaded(written(effort, HALF, CERTAIN, customer={"gains": {"gain": "gain"}}))
        assert plan_of(offer) == pytest.approx(np.full(MONTHS, hours))


def test_a_plan_belongs_to_the_offer_and_not_to_the_run() -> None:
    document = written({"plan": "best constant", "cost": "0.1 EUR/hours/hours/month * hours * hours"}, THRESHOLD, NOISY)
    one, other = (loaded({**document, "run": {"seed": seed, "paths": 2_000}}) for seed in (1, 2))
    assert plan_of(one).tobytes() == plan_of(other).tobytes()
    assert 0.0 < plan_of(one)[0] < 10.0


def test_no_other_constant_plan_is_better() -> None:
    """On futures that the search has not seen: by 4 standard errors none of twenty others is."""
    cost = "0.1 EUR/hours/hours/month * hours * hours"
    found = loaded(written({"plan": "best constant", "cost": cost}, THRESHOLD, NOISY))
    best = mean(Outcome(found.simulate(20_000, 7)).margin())
    for hours in np.linspace(0.0, 10.0, 21).round(2).tolist():
        other = loaded(written({"plan": hours, "cost": cost}, THRESHOLD, NOISY))
        gain = difference(mean(Outcome(other.simulate(20_000, 7)).margin()), best)
        assert gain.value <= 4.0 * gain.standard_error


def both_put_in(supplier: str, customer: str) -> Loaded:
    """Effort a of ours at 2,000 and b of theirs at 1,000 save 10,000 (1 - exp(-(a + b))) in all, shared by half."""
    document = written({"cost": "2_000 EUR/hours/month * hours", "plan": supplier, "at_most": 4}, HALF, CERTAIN)
    theirs = {"by": "customer", "plan": customer, "cost": "1_000 EUR/hours/month * theirs"}
    document["effort"]["theirs"] = {**document["effort"]["hours"], **theirs}
    grown = {"control": "supplier", "unit": "1", "constant": 0}
    document["drivers"] = {
        "ours_done": {**grown, "effort": {"of": "hours", "adds": "hours / 1 hours"}},
        "theirs_done": {**grown, "effort": {"of": "theirs", "adds": "theirs / 1 hours"}},
    }
    document["value"] = {"gain": "10_000 EUR/month * (1 - exp(-(ours_done + theirs_done)))"}
    return loaded({**document, "customer": {"gains": {"gain": "gain"}}})


def test_each_answers_the_others_plan_until_none_changes() -> None:
    """Theirs is cheaper: each wants e^-(a+b) down to its own price over 5,000, so the customer goes to ln 5 and we rest at 0."""
    plans = both_put_in("best constant", "best constant").model.plans
    ours, theirs = (plans[name] for name in ("hours", "theirs"))
    assert isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray)
    assert ours[0] == 0.0
    assert theirs[0] == pytest.approx(math.log(5.0), abs=0.005)
    alone = both_put_in("best constant", "0").model.plans["hours"]
    assert isinstance(alone, np.ndarray)
    assert alone[0] == pytest.approx(math.log(2.5), abs=0.005)


# --- the effort that responds ------------------------------------------------------------------------------------------


def expected_pay(mean_: float, sd: float) -> float:
    """E[half of G where G is 100 or more] for a normal G."""
    z = (mean_ - 100.0) / sd
    return float(0.5 * (mean_ * norm.cdf(z) + sd * norm.pdf(z)))


def test_below_a_threshold_that_effort_reaches_a_month_is_worth_more_than_its_share() -> None:
    """Monthly gains N(10, 8²), a yearly first-unit threshold of 100 and a share of 50%: 0.94 in month 0, and not 0.

    The closed form: the derivative of the expected pay in the mean, 0.5 P(G > 100) + 0.5 × 100 φ(z)/σ.
    """
    sd = 8.0 * math.sqrt(12.0)
    slope = 0.5 * norm.cdf(20.0 / sd) + 50.0 * norm.pdf(20.0 / sd) / sd
    assert slope == pytest.approx(0.94, abs=0.005)
    offer = written({"cost": per_hour(0.9), **RESPONSIVE, "at_most": 1}, THRESHOLD, NOISY)
    trials = Trials(loaded(offer).scenario, {}, 64)
    trials.set({trials.trial.held["hours"]: np.ones(MONTHS)})
    as_is, step = trials.result("supplier"), 4.0
    trials.set({trials.trial.added["gain"]: np.where(np.arange(MONTHS) == 0, step, 0.0)})
    found = estimate(mean((trials.result("supplier") - as_is) / step))
    exact = (expected_pay(120.0 + step, sd) - expected_pay(120.0, sd)) / step
    assert exact == pytest.approx(slope, abs=0.02)
    assert abs(found.value - exact) <= 4.0 * found.standard_error
    assert found.standard_error < 0.02


def test_it_is_what_is_worth_most_at_what_it_looked_at() -> None:
    """A plain twin, from the English: of 17 levels, the one whose effect times its worth exceeds its cost by most."""
    offer = responsive()
    worth = offer.model.plans["hours"]
    assert isinstance(worth, dict)
    line = worth["gain"]
    for path in range(40):
        told = lines_of(offer, path)
        reached = 0.0
        for month in range(MONTHS):
            assert told["hours.reached"][month] == pytest.approx(reached, abs=1e-9)
            value = line.least[month]
            for start, width, slope in zip(line.starts[:, month], line.widths[:, month], line.slopes[:, month], strict=True):
                value += slope * min(max(reached - start, 0.0), width)
            assert told["hours.worth of gain"][month] == pytest.approx(value, abs=1e-9)
            hours = max((level * (value - 0.9), -level) for level in np.linspace(0.0, 10.0, 17))
            assert told["hours.put in"][month] == pytest.approx(-hours[1])
            assert told["hours"][month] == pytest.approx(0.9 * hours[1])
            reached = told["share.gain"][0] if month == MONTHS - 1 else told["hours.reached"][month + 1]
        assert told["share.gain"][0] == pytest.approx(reached)


def test_each_month_is_worth_what_it_is_to_bring_from_where_it_stands() -> None:
    """In the last month the end is a month away: the closed form of the pay from what has been reached, within its doubt."""
    trials_line = responsive().model.plans["hours"]
    assert isinstance(trials_line, dict)
    line, last = trials_line["gain"], MONTHS - 1
    reached = np.concatenate([line.starts[:, last], [line.starts[-1, last] + line.widths[-1, last]]])
    worth = line.least[last] + np.concatenate([[0.0], np.cumsum(line.slopes[:, last] * line.widths[:, last])])
    exact = [(expected_pay(x + 20.0, 8.0) - expected_pay(x + 10.0, 8.0)) / 10.0 for x in reached]
    assert worth == pytest.approx(exact, abs=0.25)  # a group of futures spreads over some of the hill
    assert worth[-1] == pytest.approx(0.5, abs=0.01) and worth.max() > 2.0


def test_it_earns_more_than_any_constant_plan() -> None:
    best = loaded(written({"plan": "best constant", "cost": per_hour(0.9)}, THRESHOLD, NOISY))
    gain = difference(mean(Outcome(responsive().simulate(20_000, 5)).margin()), mean(Outcome(best.simulate(20_000, 5)).margin()))
    assert gain.value > 4.0 * gain.standard_error


def test_a_cap_that_is_reached_kills_it() -> None:
    """Half of a gain up to 30 a year, an hour at 0.2: who has gained far more than 60 works no more, who is far off does."""
    capped = [*HALF, {"limit_payment": {"floor": "0 EUR", "cap": "30 EUR", "per": "settlement"}}]
    slow = {**NOISY, "normal": {"mean": 3, "sd": 8}}
    offer = loaded(written({"cost": per_hour(0.2), **RESPONSIVE}, capped, slow))
    beyond, short = [], []
    for path in range(200):
        told = lines_of(offer, path)
        for month in range(6, MONTHS):
            reached, hours = told["hours.reached"][month], told["hours.put in"][month]
            left = 3.0 * (MONTHS - month)
            if reached + left > 60.0 + 2.0 * 8.0 * math.sqrt(MONTHS - month):
                beyond.append(hours)
            elif reached + left < 50.0 - 2.0 * 8.0 * math.sqrt(MONTHS - month):
                short.append(hours)
    assert len(beyond) > 20 and max(beyond) == 0.0
    assert len(short) > 5 and min(short) == 10.0


def test_inside_a_deadband_and_below_a_hopeless_hurdle_nobody_works() -> None:
    """A deadband of 400 either way that 12 months of 10 ± 8 never leave, and a first-unit threshold at 500: worth nothing."""
    never = [{"deadband": {"below": "400 EUR", "above": "400 EUR"}}, *HALF]
    hopeless = [{"threshold": {"at": "500 EUR", "sides": "gain", "then": "from_first"}}, *HALF]
    for steps in (never, hopeless):
        offer = loaded(written({"cost": per_hour(0.01), **RESPONSIVE}, steps, NOISY))
        told = [lines_of(offer, path) for path in range(50)]
        assert max(max(each["hours.put in"]) for each in told) == 0.0
        assert max(max(each["hours.worth of gain"]) for each in told) == 0.0


def test_an_answer_that_is_best_in_the_middle_is_found() -> None:
    """x (10 - x) adds most at 5, and nothing at both ends; at a cost of 0.1 an hour 5 hours it is."""
    answers = {"adds": "1 EUR/hours/hours/month * hours * (10 hours - hours)"}
    offer = loaded(written({"cost": per_hour(0.1), **RESPONSIVE}, HALF, CERTAIN, answers=answers))
    assert lines_of(offer, 0)["hours.put in"] == pytest.approx([5.0] * MONTHS)


def test_what_is_decided_now_arrives_later_with_its_own_worth() -> None:
    """Until June an hour adds 1, from July on 0; what is added comes 3 months later, so that until June all of it pays."""
    answers = {"adds": "0 EUR/month from month 7 else 1 EUR/hours/month * hours", "after": "3 months"}
    offer = loaded(written({"cost": per_hour(0.3), **RESPONSIVE}, HALF, CERTAIN, answers=answers))
    assert lines_of(offer, 0)["hours.put in"] == pytest.approx([10.0] * 6 + [0.0] * 6)


def test_when_the_contract_has_ended_nothing_is_put_in() -> None:
    document = written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN, years=2)
    document["contract"]["ended"] = {"term": "termination", "when": "elapsed >= 12"}
    told = lines_of(loaded(document), 0)
    assert told["hours.put in"] == [2.0] * 12 + [0.0] * 12


def test_a_line_goes_through_groups_that_look_at_the_same_as_one_point() -> None:
    """Six futures of ten look at 0 and bring 0.5, the others look at 1 to 9 and bring 0.2."""
    generator = np.random.default_rng(1)
    looked_at = np.where(np.arange(16_000) < 9_600, 0.0, generator.uniform(1.0, 9.0, 16_000))
    brings = np.where(looked_at == 0.0, 0.5, 0.2)
    least, starts, widths, slopes = line_through(looked_at, brings)

    def at(x: float) -> float:
        return float(least + (slopes * np.clip(x - starts, 0.0, widths)).sum())

    assert at(0.0) == pytest.approx(0.5)
    assert [at(x) for x in (3.0, 5.0, 9.0, 20.0)] == pytest.approx([0.2] * 4)


# --- what every run keeps ----------------------------------------------------------------------------------------------


def test_the_same_bits_for_every_thread_count_and_both_runners(monkeypatch: pytest.MonkeyPatch) -> None:
    model = responsive().model
    many = [simulate_model(model, 3_000, 3, threads=n) for n in (1, 2)]
    assert many[0].total.tobytes() == many[1].total.tobytes()
    few = simulate_model(model, 1_000, 3)
    monkeypatch.setattr(cells, "FEW", 0)
    assert few.total.tobytes() == simulate_model(model, 1_000, 3).total.tobytes()
    assert few.total.tobytes() == np.ascontiguousarray(many[0].total[:, :1_000]).tobytes()


def test_a_path_is_replayed_alone() -> None:
    model, path = responsive().model, 777
    crowd = simulate_model(model, 2_000, 1)
    rows, totals = rows_of(model), np.zeros(len(model.lines))
    for (_, line), amount in zip(rows.keys, statement(model, path, 1), strict=True):
        totals[line] += amount
    assert totals == pytest.approx(crowd.total[:, path], abs=1e-9)
    told = lines_of(responsive(), path)
    assert sum(told["hours"]) == pytest.approx(crowd.total[[line.name for line in model.lines].index("hours"), path])


def test_plans_are_found_on_futures_that_no_run_meets() -> None:
    model = responsive().model
    trials = Trials(responsive().scenario, model.plans, 1)
    source = Philox(model.plan(CELL, 0))
    streams = [*model.program.streams, *model.program.once_streams]
    assert not np.array_equal(trials.keys, source.key_table(streams))


def test_two_loads_find_the_same() -> None:
    one, other = (loaded(written({"cost": per_hour(0.9), **RESPONSIVE}, THRESHOLD, NOISY)).model.plans["hours"] for _ in range(2))
    assert isinstance(one, dict) and isinstance(other, dict)
    assert one["gain"].slopes.tobytes() == other["gain"].slopes.tobytes()


def test_without_efforts_nothing_is_searched() -> None:
    document = written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN)
    scenario = loaded(document).scenario
    assert prepared(scenario).plans == {} == build(scenario).plans


def test_what_cannot_be_is_told_at_its_place() -> None:
    told = {
        "plan: 11 lies outside 0 to 10": {"plan": 11, "cost": per_hour(1)},
        "plan: 'gain' reads gain": {"plan": "gain", "cost": per_hour(1)},
        "a responsive effort looks at what has been reached": {"plan": "responsive", "cost": per_hour(1)},
        "watches and over go with plan: responsive": {**RESPONSIVE, "plan": 2, "cost": per_hour(1)},
        "is money over time": {"plan": 2, "cost": "hours"},
        "What a responsive effort costs is known": {**RESPONSIVE, "cost": "gain * hours / 5 hours"},
        "10 is not above at_least": {"plan": 10, "at_least": 10, "cost": per_hour(1)},
        "is negative where hours is 0.625": {"plan": 1, "cost": "-1 EUR/hours/month * hours"},
        "is no number where hours is 0": {"plan": 1, "cost": "1 EUR/month * log(hours / 1 hours)"},
        "the customer decides for its own net benefit, of which": {"plan": "best constant", "by": "customer", "cost": per_hour(1)},
    }
    for message, effort in told.items():
        with pytest.raises(ScenarioError, match=message.replace("(", r"\(")):
            loaded(written(effort, HALF, NOISY))
    answers = {
        "reads carre": {"adds": "1 EUR/hours/month * carre"},
        "reads gain": {"adds": "1 EUR/hours/month * gain"},
        "is no number where hours is 0": {"adds": "1 EUR/month * log(hours / 1 hours)"},
        "is longer than the contract": {"after": "12 months"},
    }
    for message, answer in answers.items():
        for effort in ({"plan": 2}, RESPONSIVE):
            with pytest.raises(ScenarioError, match=message):
                loaded(written({"cost": per_hour(1), **effort}, HALF, NOISY, answers=answer))
    for slip in ("best", "Responsive", "best monthly"):
        with pytest.raises(ScenarioError, match=f"'{slip}' is no plan"):
            loaded(written({"cost": per_hour(1), "plan": slip}, HALF, NOISY))
    alone = written({"cost": per_hour(1), "plan": "best constant"}, HALF, NOISY)
    del alone["drivers"]["gain"]["effort"]
    with pytest.raises(ScenarioError, match="no driver answers it and nothing reads it"):
        loaded(alone)
    twice = written({"cost": per_hour(1), "plan": 2}, HALF, NOISY, costs={"hours": {"amount": "1 EUR per month"}})
    with pytest.raises(ScenarioError, match="names a term or a cost already"):
        loaded(twice)
    read = written({"cost": per_hour(1), **RESPONSIVE}, HALF, NOISY, value={"twice": "2 * hours"})
    with pytest.raises(ScenarioError, match=r"value\.twice reads it directly"):
        loaded(read)


# --- where else it is seen ---------------------------------------------------------------------------------------------


def test_drivers_are_told_as_their_efforts_move_them() -> None:
    """5 hours a month, all of which the cap leaves room for: what a driver does by itself is 0."""
    capped = [*HALF, {"limit_payment": {"floor": "0 EUR", "cap": "30 EUR", "per": "settlement"}}]
    text = yaml.safe_dump(written({"plan": "best constant", "cost": per_hour(0.2)}, capped, CERTAIN), sort_keys=False)
    told = load_text(text, "effort.yaml").futures(paths=5)
    assert told["gain"] == pytest.approx(np.full((MONTHS, 5), 5.0))
    assert np.unique(told["hours"]) == pytest.approx([5.0])


def test_offers_on_the_same_futures_have_each_their_own_plan() -> None:
    """At half the price the customer pays for twice the hours; what both offers draw is the same."""
    document = written({"plan": "best constant", "cost": "0.05 EUR/hours/hours/month * hours * hours"}, HALF, NOISY)
    dear = {"hours": {**document["effort"]["hours"], "cost": "0.1 EUR/hours/hours/month * hours * hours"}}
    text = yaml.safe_dump({**document, "offers": {"cheap": {"title": "cheap"}, "dear": {"effort": dear}}}, sort_keys=False)
    offers = load_offers_text(text)
    cheap, other = (plan_of(offers[name])[0] for name in ("cheap", "dear"))
    assert cheap == pytest.approx(2.0 * other, abs=0.03)
    moved = [Outcome(offers[name].simulate(100, 1)).revenue for name in ("cheap", "dear")]
    assert np.ptp(moved[0] - moved[1]) < 1.0  # but for paths whose year ends in pain, where nothing is shared


def load_offers_text(text: str) -> dict[str, Loaded]:
    return _load_text(text, "offers.yaml")


def test_actuals_have_a_column_for_an_effort_that_a_term_reads(tmp_path: Path) -> None:
    """A fee by the hour: 3 hours in January, 5 in February, at 20 each; the driver is as measured, whatever was put in."""
    document = written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN)
    document["contract"]["by_the_hour"] = {"term": "fee", "amount": "20 EUR/hours/month * hours", "clock": {}}
    file, actuals = tmp_path / "offer.yaml", tmp_path / "actuals.csv"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    actuals.write_text("settlement,hours,gain\n2027-01,3,10\n2027-02,5,10\n")
    result = CliRunner().invoke(cli, ["settle", str(file), "--actuals", str(actuals), "--json"])
    assert result.exit_code == 0, result.output
    (account,) = json.loads(result.output)["accounts"]
    assert [each["lines"]["by_the_hour.amount"] for each in account["settlements"]] == [60.0, 100.0]


def test_a_term_that_remembers_two_things_is_told_to_who_sees_one() -> None:
    """A deadband of the year beside a cap over the life; with a cap of the year one number tells all."""
    limit = "limit_payment: {{ cap: 200, per: {per} }}"
    steps = "[ deadband: {{ below: 0, above: 100 }}, share: {{ below 0: 0%, above: 50% }}, " + limit + " ]"
    text = """
gainsim: 1
title: two numbers
currency: EUR
calendar: {{ start: 2027-01, years: 2, step: quarter, year: contract }}
money: {{ discount_rate: 0% pa }}
effort:
  work:
    {{ by: supplier, unit: FTE, at_least: 0, at_most: 1, cost: 9 EUR/FTE/quarter * work, plan: responsive, watches: total(saving),
       over: year }}
drivers:
  saving:
    control: supplier
    unit: EUR/quarter
    drawn: each period
    central: mean
    normal: {{ mean: 50, sd: 10 }}
    effort: {{ of: work, adds: 20 EUR/quarter * work / 1 FTE }}
contract:
  share: {{ term: sharing, of: saving, clock: {{ measured: year }}, steps: {steps} }}
"""
    told = {per: load_text(text.format(steps=steps.format(per=per))).loaded.notes for per in ("life", "year", "settlement")}
    two = "deadband begins anew each year, and limit_payment remembers more; effort work looks at one"
    assert [note for note in told["life"] if f"'share' hangs on two numbers: {two}" in note]
    assert not [note for per in ("year", "settlement") for note in told[per] if "two numbers" in note]
