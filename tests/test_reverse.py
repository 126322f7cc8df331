"""What it takes to come past a limit: linear offers of normal drivers, of which point and probability are known in closed form."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from numpy.typing import NDArray
from scipy.stats import norm

from gainsim.analyses.crossing import Crossing, crossing, crossing_of_limit
from gainsim.analyses.rare import Trials, directions_of, fitted, search
from gainsim.analyses.reverse import Drawn, Reverse, level_of, reverse_stress
from gainsim.analyses.reverse_words import (
    asked_words,
    chance_words,
    clause_rows,
    state_rows,
    way_title,
    way_words,
    year_rows,
)
from gainsim.api import load_text
from gainsim.bridge import simulate_model
from gainsim.cli.main import cli
from gainsim.errors import UsageError
from gainsim.measures import Estimate, estimate, mean, probability
from gainsim.model import Model
from gainsim.offer.measured import Measured
from gainsim.offer.operations import OfOperations
from gainsim.outcome import Outcome
from gainsim.sample import Sample
from gainsim.streams.shifted import Direction, Proposal, Shifted
from gainsim.streams.source import Plan, StreamPlan
from gainsim.text.reverse import page
from gainsim.words import two_digits
from tests.scenarios.test_shipped import load

Floats = NDArray[np.float64]
#: what is paid is Σ weight × driver over a year; skill and price hang together
WEIGHTS, SPREADS, TOGETHER = {"skill": 2.0, "demand": -1.0, "price": 3.0}, {"skill": 10.0, "demand": 25.0, "price": 8.0}, 0.5
MEAN = 100.0


def paid(amount: str, years: int = 1, **sections: Any) -> Model:
    """An offer that pays this amount at the end of each year, undiscounted."""
    drivers = {
        name: {
            "control": "nobody", "unit": "unit/year", "drawn": "each period", "central": "mean",
            "normal": {"mean": MEAN, "sd": SPREADS[name]},
        }
        for name in WEIGHTS
    }  # fmt: skip
    document = {
        "gainsim": 1,
        "title": "linear",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": years, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "drivers": drivers,
        "dependence": [{"between": ["skill", "price"], "correlation": TOGETHER, "of": "innovations", "kind": "gaussian"}],
        "contract": {"pay": {"term": "payment", "amount": f"1 EUR/unit * total({amount})", "clock": {"measured": "year"}}},
        **sections,
    }
    return load_text(yaml.safe_dump(document, sort_keys=False), "linear.yaml").loaded.model


LINEAR = " + ".join(f"({weight}) * {name}" for name, weight in WEIGHTS.items())
CENTRE = MEAN * sum(WEIGHTS.values())
#: the covariance of skill, demand and price, and what their sum varies by
COVARIANCE = np.diag([10.0**2, 25.0**2, 8.0**2])
COVARIANCE[0, 2] = COVARIANCE[2, 0] = TOGETHER * 10.0 * 8.0
SLOPE = np.array([2.0, -1.0, 3.0])
SIGMA = math.sqrt(float(SLOPE @ COVARIANCE @ SLOPE))
BETA = norm.isf(1e-5)
LIMIT = CENTRE - BETA * SIGMA


@pytest.fixture(scope="module")
def linear() -> Reverse:
    return reverse_stress(paid(LINEAR), Crossing(crossing("npv", 0.0, None).amount, below=LIMIT), 4_000, 1)


def within(found: Any, exact: float, errors: float = 4.0) -> bool:
    return bool(abs(found.value - exact) <= errors * found.standard_error)


def test_the_point_of_a_linear_offer_is_its_covariance_times_its_slope(linear: Reverse) -> None:
    """x* = mean - β Σ c / √(c Σ c), whatever the order in which the drivers are written."""
    (way,) = linear.ways
    exact = dict(zip(WEIGHTS, MEAN - BETA * COVARIANCE @ SLOPE / SIGMA, strict=True))
    assert way.deviations == pytest.approx(BETA, rel=1e-9)
    assert {each.driver: each.there for each in way.states} == pytest.approx(exact, rel=1e-9)
    assert sum(each.part or 0.0 for each in way.states) == pytest.approx(1.0)
    assert way.rest == pytest.approx(0.0, abs=1e-9)


def test_the_probability_of_a_linear_offer_is_that_of_its_tail(linear: Reverse) -> None:
    assert linear.probability is not None
    assert within(linear.probability, 1e-5)
    assert linear.probability.standard_error < 0.04 * 1e-5  # √(5.3 / 3,600), 5.3 = √(2π) β / 2
    assert linear.plain.value == 0.0
    assert linear.at_most == pytest.approx(3.0 / 4_000, rel=0.01)  # the rule of three


def test_the_drivers_past_the_limit_lie_beyond_the_point(linear: Reverse) -> None:
    """E[x | c x < limit] = mean - Σ c / √(c Σ c) × φ(β) / Φ(-β)."""
    exact = dict(zip(WEIGHTS, MEAN - norm.pdf(BETA) / 1e-5 * COVARIANCE @ SLOPE / SIGMA, strict=True))
    for each in linear.ways[0].states:
        assert within(each.past, exact[each.driver])
    pay = linear.ways[0].clauses["pay"]
    assert within(pay.usual, CENTRE)
    assert within(pay.past, CENTRE - SIGMA * norm.pdf(BETA) / 1e-5)


def test_a_difference_is_as_unsure_as_both_its_sides(linear: Reverse) -> None:
    """The mean of 4,000 ordinary futures has the error σ / √4,000; that of others adds its square."""
    (way,) = linear.ways
    pay = way.clauses["pay"]
    assert pay.usual.standard_error == pytest.approx(SIGMA / math.sqrt(4_000), rel=0.05)
    assert pay.apart.standard_error**2 == pytest.approx(pay.usual.standard_error**2 + pay.past.standard_error**2)
    assert pay.apart.standard_error > 1.1 * pay.past.standard_error
    one, whole = clause_rows(way)
    assert one[1:] == whole[1:]
    assert one[4] == f"± {two_digits(pay.apart.standard_error)}"


def test_what_hardly_differs_is_told_as_one_so_that_the_rows_add_up() -> None:
    """Rent and wages of 60 and 40 a year are the same everywhere: 100 in all, beside what is paid."""
    costs = {"rent": {"amount": "60 EUR per year"}, "wages": {"amount": "40 EUR per year"}}
    asked = Crossing(crossing("npv", 0.0, None).amount, below=LIMIT - 100.0)
    (way,) = reverse_stress(paid(LINEAR, costs=costs), asked, 1_000, 1).ways
    pay, others, whole = clause_rows(way)
    assert (pay[0], *others, whole[0]) == ("pay", "all else", "-100", "-100", "+0", "", "= in all")
    assert whole[3:] == pay[3:]
    for column in (1, 2):
        assert int(whole[column]) == int(pay[column]) - 100


def test_a_decision_that_is_not_taken_is_told_as_that() -> None:
    """It goes on for a second year with a chance of 99%, decided as the first one ends: 400 in place of 800."""
    goes_on = {"by": "customer", "starts": 1, "every": "year", "last": "12 months", "chance": "99%", "becomes": 1, "otherwise": 0}
    contract = {
        "pay": {"term": "payment", "amount": "400 EUR * mean(goes_on)", "clock": {"measured": "year"}},
    }
    model = paid(LINEAR, years=2, lifecycle={"goes_on": goes_on}, contract=contract)
    found = reverse_stress(model, Crossing(crossing("npv", 0.0, None).amount, below=600.0), 1_000, 1)
    assert way_title(0, found).endswith(": goes_on not taken")
    decided = re.compile(r"The decision goes_on: chance is [\d.]+ standard deviations against it")
    assert any(decided.match(each) for each in way_words(found.ways[0], found))
    assert found.probability is not None
    assert within(found.probability, 0.01)


def test_what_leans_to_one_side_is_told_in_the_mean_of_all_else() -> None:
    """Twelve months of exp(z), of whose scores z the state holds the year's average alone: a, the root of its part of the square
    of the deviations. Each month then has the mean a / √12 and the variance 1 - 1/12."""
    lognormal = {"drawn": "each period", "central": "mean", "lognormal": {"median": 1, "p90": math.exp(norm.ppf(0.9))}}
    drivers = {"stops": {"control": "nobody", "unit": "hour/month", **lognormal}}
    calendar = {"start": "2027-01", "years": 1, "step": "month", "year": "contract"}
    model = paid("(-1) * stops * 1 unit/hour", drivers=drivers, calendar=calendar, dependence=[])
    (way,) = reverse_stress(model, Crossing(crossing("npv", 0.0, None).amount, below=-45.0), 1_000, 1).ways
    (stops,) = way.states
    assert stops.part is not None
    assert stops.part > 0.3
    score = math.sqrt(stops.part) * way.deviations
    assert stops.there == pytest.approx(math.exp(score / math.sqrt(12.0) + (1.0 - 1.0 / 12.0) / 2.0), rel=0.03)


def test_a_default_is_told_as_what_it_is() -> None:
    """Three years pay 400 each, give or take 45; only a customer who pays for one at most leaves less than 500."""
    model = paid(LINEAR, years=3, customer={"credit": {"default": "0.5%", "recovery": "0%"}})
    found = reverse_stress(model, Crossing(crossing("npv", 0.0, None).amount, below=500.0), 1_000, 1)
    assert way_title(0, found).endswith(": the customer defaults")
    said = way_words(found.ways[0], found)
    assert any(re.match(r"The customer's default is [\d.]+ standard deviations earlier than usual", each) for each in said)
    assert found.probability is not None
    assert within(found.probability, 1.0 - 0.995**2)  # before the second year is paid


def test_usually_is_the_mean_of_ordinary_futures_everywhere(linear: Reverse) -> None:
    """Of what is skewed the mean lies above the median: exp(σ² / 2) = 1.65 and 1 of a lognormal driver."""
    skewed = {
        "control": "nobody", "unit": "unit/year", "drawn": "each period", "central": "mean",
        "lognormal": {"median": 100, "p90": 100.0 * math.exp(norm.ppf(0.9))},
    }  # fmt: skip
    model = paid("price", drivers={"price": skewed}, dependence=[])
    found = reverse_stress(model, crossing("npv", 5.0, None), 3_000, 1)
    (way,) = found.ways
    (price,) = way.states
    assert price.usually.mean == pytest.approx([price.usual.value])
    assert price.usual.value == pytest.approx(100.0 * math.exp(0.5), rel=0.1)
    _, rows = year_rows(way, found)
    assert rows[0][2] == state_rows(way)[0][3]


def test_what_is_said_is_short_and_its_errors_have_two_digits(linear: Reverse) -> None:
    text = page(linear)
    assert max(map(len, text.splitlines())) <= 120
    for row in state_rows(linear.ways[0]):
        assert len(row[-1].removeprefix("± ").replace(".", "").lstrip("0")) == 2
    assert chance_words(Estimate(0.97, 0.01)) == "97% ± 1% of futures"
    assert chance_words(Estimate(0.001, 0.0001)).endswith("of futures, one in 1,000")


def test_both_sides_of_a_range_are_found_and_add_up() -> None:
    """P(|x - mean| > b σ) = 2 Φ(-b), a half either way."""
    found = reverse_stress(paid(LINEAR), crossing("npv", CENTRE - BETA * SIGMA, CENTRE + BETA * SIGMA), 4_000, 1)
    assert found.probability is not None
    assert within(found.probability, 2e-5)
    assert len(found.ways) == 2
    for way in found.ways:
        assert within(way.probability, 1e-5)
        assert way.deviations == pytest.approx(BETA, rel=1e-9)


def test_two_ways_to_one_limit_are_told_apart() -> None:
    """Less than so much is paid where a price is far from its mean, on either side of it."""
    amount = "0 - max(price - 100 unit/year, 100 unit/year - price)"
    found = reverse_stress(paid(amount), crossing("npv", -BETA * SPREADS["price"], None), 4_000, 1)
    assert found.probability is not None
    assert within(found.probability, 2e-5)
    there = sorted(each.there for way in found.ways for each in way.states if each.driver == "price")
    assert there == pytest.approx([MEAN - BETA * 8.0, MEAN + BETA * 8.0], rel=0.02)


def test_ways_that_are_not_equally_far_are_both_found() -> None:
    """skill below -4 deviations, or demand above 4.2: two drivers, each by itself, as Φ(-4) + Φ(-4.2) - Φ(-4) Φ(-4.2)."""
    amount = "min((skill - 60 unit/year) / 10, (205 unit/year - demand) / 25)"
    found = reverse_stress(paid(amount), crossing("npv", 0.0, None), 4_000, 2)
    near, far = norm.sf(4.0), norm.sf(4.2)
    assert found.probability is not None
    assert within(found.probability, near + far - near * far)
    assert [way.deviations for way in found.ways] == pytest.approx([4.0, 4.2], rel=0.02)
    leading = [max(way.states, key=lambda each: each.part or 0.0).driver for way in found.ways]
    assert leading == ["skill", "demand"]


def test_a_way_that_lies_beyond_a_plain_is_found() -> None:
    """What a floor holds from 2 deviations on falls again beyond 4: the search is not content with the plain."""
    amount = "max(price, 84 unit/year) + min(0 unit/year, price - 68 unit/year) * 10"
    found = reverse_stress(paid(amount), crossing("npv", 83.0, None), 4_000, 1)
    assert found.probability is not None
    assert within(found.probability, norm.cdf((68.0 - 0.1 - 100.0) / 8.0))


def test_a_limit_that_nothing_reaches_is_told() -> None:
    """A payment of 40 at the least is never below 0."""
    found = reverse_stress(paid("max(price, 40 unit/year)"), crossing("npv", 0.0, None), 1_000, 1)
    assert found.ways == ()
    assert found.probability is None
    assert found.at_most == pytest.approx(1.0 - 0.05 ** (1.0 / 1_000))


@pytest.mark.parametrize("amount", ["max(price, 40 unit/year)", "price - 100 unit/year"], ids=["never", "commonly"])
def test_what_is_never_or_commonly_so_is_not_asked_unless_said(amount: str) -> None:
    """Asked instead is the level below which one future in a thousand falls: of price, 3.1 deviations below its mean."""
    found = reverse_stress(paid(amount), None, 20_000, 1)
    (way,) = found.ways
    assert found.instead is not None
    assert found.common == ("100" in amount)
    (price,) = (each for each in way.states if each.driver == "price")
    assert price.there == pytest.approx(MEAN + norm.ppf(0.001) * 8.0, abs=2.0)


def test_the_level_that_is_asked_instead_has_ten_futures_below_it() -> None:
    """Of 1,000 futures that is 1%: price at 2.3 deviations below its mean, and not the least of all futures."""
    found = reverse_stress(paid("price - 100 unit/year"), None, 1_000, 1)
    assert found.level is not None
    assert found.level.part == found.plain.value == 0.01
    assert "the level that 1.0% of ordinary futures fall below." in asked_words(found)[0]
    assert level_of(np.arange(50_000.0)).amount == 50.0  # 0.1% of them
    assert level_of(np.full(100, 7.0)).part == 0.0


def test_where_many_futures_come_to_the_same_the_next_amount_is_asked() -> None:
    """A floor of -8 holds a payment that is -8 or less on Φ(-1) = 16% of futures: none is below it."""
    found = reverse_stress(paid("max(price - 100 unit/year, 0 unit/year - 8 unit/year)"), None, 2_000, 1)
    assert found.level is not None
    assert found.level.lumped == -8.0 < found.level.amount < -7.8
    assert found.level.part == found.level.lump == pytest.approx(norm.cdf(-1.0), abs=0.03)
    assert found.probability is not None
    assert within(found.probability, norm.cdf(found.level.amount / 8.0))
    assert "of them come to exactly -8 EUR" in asked_words(found)[0]


def test_a_way_is_named_by_what_stands_out(linear: Reverse) -> None:
    """What they make of the variance: skill (2 × 10 + 3 × 8 / 2)² = 1,024, demand 25² = 625, price (3 × 8)² × 0.75 = 432."""
    (way,) = linear.ways
    assert way_title(0, linear) == "Way 1 of 1: skill low, demand high, price low"
    hardly = tuple(replace(each, away=0.05) if each.driver == "skill" else each for each in way.states)
    assert way_title(0, replace(linear, ways=(replace(way, states=hardly),))) == "Way 1 of 1: demand high, price low"


def test_a_way_that_operations_lead_is_named_by_what_they_come_to(linear: Reverse) -> None:
    """As if demand were an outcome of operations that lies two deviations higher on the futures past the limit."""
    (way,), scenario = linear.ways, linear.model.scenario
    delivered = scenario.drivers["demand"].model_copy(update={"operations": OfOperations(of="hall", outcome="visits")})
    drivers = {**scenario.drivers, "demand": delivered}
    model = replace(linear.model, scenario=scenario.model_copy(update={"drivers": drivers}))
    there = {"away": 2.0, "moves": False, "there": 150.0}
    states = [replace(each, part=None if each.driver == "demand" else 0.0, **there) for each in way.states]  # type: ignore[arg-type]
    led = replace(linear, model=model, ways=(replace(way, states=tuple(states), rest=0.9),))
    assert way_title(0, led) == "Way 1 of 1: in operations demand high"
    (said,) = (each for each in way_words(led.ways[0], led) if each.startswith("Operations"))
    assert re.fullmatch(r"Operations come to demand at 150 units/year \(usually [\d.]+\) there, in the mean of .*", said)


def test_an_error_of_measurement_is_told_as_what_it_is(linear: Reverse) -> None:
    scenario = linear.model.scenario
    value = {"saving": Measured.model_validate({"measure": "demand", "errors": {"meter": {"bias": "1 unit/year"}}})}
    model = replace(linear.model, scenario=scenario.model_copy(update={"value": value}))
    others = {"saving/meter": Drawn(-1.3, 0.3, None)}
    led = replace(linear, model=model, ways=(replace(linear.ways[0], states=(), others=others, rest=0.0),))
    assert way_title(0, led) == "Way 1 of 1: the error meter of saving low"


def test_a_way_that_few_futures_tell_of_is_not_well_known(linear: Reverse) -> None:
    (way,) = linear.ways
    assert way.effective > 300.0
    assert not any("not well known" in each for each in way_words(way, linear))
    few = replace(linear, ways=(replace(way, effective=6.2),))
    assert way_title(0, few).startswith("Way 1 of 1, not well known: ")
    assert "weigh as much as 6 equal ones" in way_words(few.ways[0], few)[1]


def test_several_years_share_what_it_takes() -> None:
    """Of a sum over four years each bears a half of the deviations: x* = mean - β σ / 2 in each."""
    limit = 4.0 * MEAN - BETA * 2.0 * 8.0
    found = reverse_stress(paid("price", years=4), crossing("npv", limit, None), 4_000, 1)
    (way,) = found.ways
    (price,) = (each for each in way.states if each.driver == "price")
    assert price.course == pytest.approx(np.full(4, MEAN - BETA * 8.0 / 2.0), rel=1e-9)
    assert price.part == pytest.approx(1.0 - TOGETHER**2)  # the rest is drawn with skill, which nothing reads
    assert way.others["skill"][:2] == pytest.approx((-BETA * TOGETHER / 2.0, TOGETHER**2))
    assert way.others["skill"].year in (1, 2, 3, 4)
    assert len(way.states) == 1


# --- the draws and their weights ---------------------------------------------------------------------------------------


def shifted(centres: list[float], turns: list[int], paths: int = 20_000, seed: int = 1) -> Shifted:
    plan = Plan((StreamPlan("price", 4),), paths, seed)
    source = Shifted(plan, [Direction("price", 0, 4)], [Proposal(np.array([at])) for at in centres], turns)
    for cell in range(-(-paths // 1024)):
        source.cell(cell)
    return source


@pytest.mark.parametrize("centres", [[0.0], [2.0, 0.0], [3.0, -3.0, 0.0]])
def test_weights_average_to_one(centres: list[float]) -> None:
    """E[weight] = 1 under the mixture, where one of ten or more paths is drawn as chance does."""
    source = shifted(centres, [*range(len(centres))])
    assert within(estimate(mean(source.weights())), 1.0)
    assert float(source.weights().max()) <= len(centres) * (1.0 + 1e-12)


def test_weighted_paths_have_the_moments_of_ordinary_ones() -> None:
    """A standard normal direction has the mean 0 and the variance 1, wherever it is drawn."""
    source = shifted([1.5, 0.0], [0, 1])
    sample = Sample(weights=source.weights())
    along = source.along[0]
    assert within(estimate(mean(along, sample), sample), 0.0)
    assert within(estimate(mean(along * along, sample), sample), 1.0)


def test_the_standard_error_covers_as_it_says() -> None:
    """Of 200 estimates of Φ(-4) about 95% have it within 1.96 standard errors: within three errors of such a count."""
    exact, covered, runs = norm.sf(4.0), 0, 200
    for seed in range(runs):
        source = shifted([4.0, 0.0], [0] * 9 + [1], paths=1020, seed=seed)
        sample = Sample(source.weights(), source.groups())
        covered += within(estimate(probability(source.along[0] > 4.0, sample), sample), exact, 1.96)
    assert abs(covered / runs - 0.95) <= 3.0 * math.sqrt(0.95 * 0.05 / runs)


def test_a_path_is_the_same_alone_and_among_more() -> None:
    few, many = shifted([2.0, 0.0], [0, 1], paths=1_000), shifted([2.0, 0.0], [0, 1], paths=5_000)
    assert np.array_equal(few.along, many.along[:, :1_000])
    numbers = np.array([3, 700], np.uint64)
    alone = many.drawn(numbers).normals("price", numbers, 2)
    assert np.array_equal(alone, many.cell(0)[2, [3, 700]])


def test_no_thread_changes_a_bit() -> None:
    def told(threads: int) -> tuple[float, ...]:
        found = reverse_stress(paid(LINEAR), crossing("npv", LIMIT, None), 3_000, 1, threads=threads)
        assert found.probability is not None
        return (found.probability.value, found.probability.standard_error, *(each.there for each in found.ways[0].states))

    assert told(1) == told(3)


def test_ordinary_futures_are_those_of_a_run() -> None:
    """Their numbers are those that `gainsim explain` tells."""
    model = paid(LINEAR)
    trials = Trials(model, crossing("npv", LIMIT, None), 5)
    assert np.array_equal(trials.ordinary(2_000).outcome.npv, Outcome(simulate_model(model, 2_000, 5)).npv)


def test_a_line_is_fitted_with_what_is_left_of_it() -> None:
    """y = 3 + 2 s₁ - s₂ + 0.5 ε: its point is -3 (2, -1) / 5.25."""
    draws = np.random.default_rng(1).standard_normal((3, 50_000))
    line = fitted(draws[:2], 3.0 + 2.0 * draws[0] - draws[1] + 0.5 * draws[2])
    assert line.point == pytest.approx(np.array([2.0, -1.0]) * -3.0 / 5.25, abs=0.02)
    assert line.deviations == pytest.approx(3.0 / math.sqrt(5.25), rel=0.01)


def test_many_directions_are_narrowed_to_those_that_matter() -> None:
    """Of a price over 60 years only the last year pays: its direction is among those that are searched."""
    amount = "price if elapsed > 714 months else 100 unit/year"
    limit = 60.0 * MEAN - BETA * 8.0
    found = reverse_stress(paid(amount, years=60), crossing("npv", limit, None), 4_000, 1)
    assert len(directions_of(paid(amount, years=60).plan(1, 1), 1)) == 180
    assert found.probability is not None
    assert within(found.probability, 1e-5)


# --- what may be asked -------------------------------------------------------------------------------------------------


def test_house_limits_are_asked_of_single_futures() -> None:
    scenario = load("compressed_air").scenario
    loss, worst = (crossing_of_limit(name, scenario) for name in ("chance_of_loss", "cvar_95"))
    assert (loss.amount.name, loss.below, worst.below) == ("npv", 0.0, -400_000.0)
    margin = crossing_of_limit("expected_margin", scenario)
    outcome = Outcome(simulate_model(load("compressed_air").model, 200, 1))
    exact = outcome.margin("contribution") - 0.14 * outcome.revenue
    assert margin.distance(outcome) == pytest.approx(exact, abs=1e-6)


def test_amounts_are_those_of_the_outcome() -> None:
    outcome = Outcome(simulate_model(load("compressed_air").model, 200, 1))
    for name, exact in (
        ("npv", outcome.npv), ("npv_after_tax", outcome.npv_after_tax), ("margin_money", outcome.margin()),
        ("customer_net_benefit", outcome.customer_benefit), ("customer_npv", outcome.customer_npv),
        ("value_created", outcome.value_created),
    ):  # fmt: skip
        assert crossing(name, 0.0, None).amount.of(outcome) == pytest.approx(exact, abs=1e-6)


def test_a_question_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no amount of a single future is called 'nvp'\. Did you mean 'npv'"):
        crossing("nvp", 0.0, None)
    with pytest.raises(UsageError, match="nothing lies between: --below 5 is to be less than --above 5"):
        crossing("npv", 5.0, 5.0)
    with pytest.raises(UsageError, match=r"no limit 'chance_of_los'\. Did you mean"):
        crossing_of_limit("chance_of_los", load("compressed_air").scenario)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--limit", "cvar_95", "--below", "0"], "--limit says all of it: --below would do nothing"),
        (["--below", "10%"], "--below 10%: an amount of money in EUR is wanted"),
        (["--above", "5 USD"], "--above 5 USD: an amount of money in EUR is wanted"),
        (["--below", "much"], "--below much: "),
    ],
)
def test_options_that_make_no_sense_are_refused(options: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, ["reverse-stress", "scenarios/compressed_air.yaml", "--no-report", *options])
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


# --- the command -------------------------------------------------------------------------------------------------------


def test_the_command_writes_a_page_and_one_object(tmp_path: Any) -> None:
    said = ["reverse-stress", "scenarios/contract_for_difference.yaml", "--paths", "500", "--out", str(tmp_path), "--json"]
    result = CliRunner().invoke(cli, said)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["schema"] == "gainsim/reverse-stress/1"
    assert json.loads((tmp_path / "result.json").read_text())["probability"] == told["probability"]
    assert "<svg" in (tmp_path / "report.html").read_text()


def test_an_offer_without_chance_has_nothing_to_search() -> None:
    certain = {name: {"control": "nobody", "unit": "unit/year", "constant": MEAN} for name in WEIGHTS}
    model = paid(LINEAR, drivers=certain, dependence=[])
    trials = Trials(model, crossing("npv", 0.0, None), 1)
    assert search(trials) == []
    assert reverse_stress(model, crossing("npv", 0.0, None), 200, 1).ways == ()
