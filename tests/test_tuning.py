"""The best offer among those that levers make, against algebra."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from gainsim.analyses.candidates import Candidate, Candidates
from gainsim.analyses.flatness import flat
from gainsim.analyses.frontier import best_of
from gainsim.analyses.schedules import Schedule, moved_schedules
from gainsim.analyses.searching import Search
from gainsim.analyses.tuned_data import to_json
from gainsim.analyses.tuning import Tuned, tuned
from gainsim.cli.main import cli
from gainsim.errors import ScenarioError, UsageError
from gainsim.outcome import Outcome
from gainsim.report.study import render_study
from gainsim.report.tuning import study
from gainsim.scenario.levers import Lever, levers_in, rewritten_with
from gainsim.scenario.load import Loaded, load_file, load_text
from gainsim.text.tuning import page

#: so few that nothing is compiled
PATHS = 1_000
Rows = Callable[[str], list[dict[str, Any]]]


def loaded(**sections: Any) -> Loaded:
    document = {
        "gainsim": 1,
        "title": "tuned",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 1, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa", **sections.pop("money", {})},
        **sections,
    }
    return load_text(yaml.safe_dump(document, sort_keys=False), "tuned.yaml")[""]


def normal(mean: float, sd: float, unit: str = "EUR/year") -> dict[str, Any]:
    return {"control": "nobody", "unit": unit, "drawn": "each period", "central": "mean", "normal": {"mean": mean, "sd": sd}}


def constant(value: float, unit: str) -> dict[str, Any]:
    return {"control": "supplier", "unit": unit, "constant": value}


def payment(amount: str) -> dict[str, Any]:
    return {"term": "payment", "amount": amount, "clock": {"measured": "year"}}


def best(offer: Loaded, paths: int = PATHS, threads: int | None = None) -> Candidate:
    """The best candidate alone, without what is told about it."""
    search = Search(Candidates(offer, paths, 1, threads=threads))
    search.starts()
    return search.best(best_of(search))


# --- two parties ---------------------------------------------------------------------------------------------------------


def deal(worth: dict[str, Any] | None = None, **more: Any) -> Loaded:
    """A fee for what costs 30 and is worth 100: whatever it is, both have 70 together."""
    return loaded(
        drivers={"worth": worth or constant(100, "EUR/year")},
        contract={"fee": {"term": "fee", "amount": "40 EUR per year"}},
        costs={"work": {"amount": "30 EUR per year"}},
        customer={"gains": {"worth": "worth"}, **more.pop("customer", {})},
        tune={"levers": {"fee": {"at": "contract.fee.amount", "between": [0, 200], "step": 0.5}}, **more.pop("tune", {})},
        **more,
    )


@pytest.fixture(scope="module")
def linear() -> Tuned:
    accepts = {"npv": {"at_least": 0}}
    return tuned(Candidates(deal(customer={"accepts": accepts}), PATHS, 1))


def test_the_supplier_asks_for_all_that_the_customer_gives(linear: Tuned) -> None:
    """maximise fee - 30 with 100 - fee at least 0."""
    assert linear.best.numbers == (100.0,)
    assert linear.best.supplier == pytest.approx(70.0)
    (held,) = linear.limits
    assert held.binds
    assert held.after.margin == pytest.approx(0.0, abs=1e-9)
    assert held.limit.key == "customer.accepts.npv"


def test_the_nash_point_of_a_linear_deal_lies_halfway(linear: Tuned) -> None:
    """(fee - 30)(100 - fee) is greatest at 65, where both have 35: the equal split too."""
    assert linear.parties is not None
    for point in (linear.parties.nash, linear.parties.equal):
        assert point is not None
        assert point.numbers == (65.0,)
        assert (point.supplier, point.customer) == (pytest.approx(35.0), pytest.approx(35.0))


def test_what_parties_ask_for_moves_the_nash_point() -> None:
    """(fee - 30 - 20)(100 - fee - 10) is greatest at 70."""
    offer = deal(limits={"npv": {"at_least": 20}}, customer={"accepts": {"npv": {"at_least": 10}}}, tune={"maximise": "npv"})
    found = tuned(Candidates(offer, PATHS, 1))
    assert found.parties is not None and found.parties.nash is not None
    assert found.parties.nothing == (20.0, 10.0)
    assert found.parties.nash.numbers == (70.0,)
    assert found.best.numbers == (90.0,)


def test_all_of_a_frontier_of_transfers_shares_the_same_value(linear: Tuned) -> None:
    assert linear.parties is not None
    points = linear.parties.frontier.points
    assert len(points) > 10
    assert [each.supplier + each.customer for each in points] == pytest.approx([70.0] * len(points))
    assert [each.supplier for each in points] == sorted((each.supplier for each in points), reverse=True)
    assert [each.customer for each in points] == sorted(each.customer for each in points)


def test_what_a_change_does_is_told_on_the_same_futures(linear: Tuned) -> None:
    (change,) = linear.changes
    assert change.alone is not None
    assert change.alone["npv"].value == pytest.approx(60.0)
    assert change.alone["customer_npv"].value == pytest.approx(-60.0)
    assert linear.gain.estimate is not None and linear.gain_elsewhere.estimate is not None
    assert linear.gain.estimate.value == pytest.approx(60.0) == linear.gain_elsewhere.estimate.value
    assert not linear.overfitted


def test_how_far_a_lever_may_go_and_what_ends_it(linear: Tuned) -> None:
    """A hundredth of 70 is lost at a fee of 99.30, and 99.50 is the last step before it; above 100 the customer does not sign."""
    (flat,) = linear.flat
    assert flat.low == (99.5, "aim")
    assert flat.high == (100.0, "customer.accepts.npv")


def test_without_the_limits_of_the_customer_the_fee_goes_to_its_end() -> None:
    offer = deal(customer={"accepts": {"npv": {"at_least": 0}}}, tune={"without": ["accepts"]})
    assert best(offer).numbers == (200.0,)


def test_where_nothing_keeps_all_the_nearest_is_told() -> None:
    offer = deal(limits={"npv": {"at_least": 50}}, customer={"accepts": {"npv": {"at_least": 40}}})
    found = tuned(Candidates(offer, PATHS, 1))
    assert not found.best.allowed
    assert "No candidate keeps all that must hold" in page(found)
    assert 80.0 >= found.best.supplier + found.best.customer >= 60.0


# --- how much hangs on a lever, and what goes back ----------------------------------------------------------------------


def one_number(pays: str, now: float, low: float, high: float, step: float, **more: Any) -> Loaded:
    return loaded(
        drivers={"x": constant(now, "1")},
        contract={"pay": payment(pays)},
        tune={"levers": {"x": {"at": "drivers.x.constant", "between": [low, high], "step": step}}},
        **more,
    )


def test_the_ends_of_a_curved_range_are_right_to_a_step() -> None:
    """100 - 0.011 (x - 60)² loses a hundredth of 100 at 60 ± 9.53; half steps end at 50.5 and 69.5, which no straight line hits."""
    found = tuned(Candidates(one_number("100 EUR - 0.011 EUR * (mean(x) - 60) * (mean(x) - 60)", 20, 0, 200, 0.5), PATHS, 1))
    assert found.best.numbers == (60.0,)
    (flat,) = found.flat
    assert (flat.low, flat.high) == ((50.5, "aim"), (69.5, "aim"))
    assert {number for number, _, _ in flat.points} >= {50.0, 50.5, 69.5, 70.0}  # the picture shows both sides of an end


def test_the_range_of_a_flat_optimum_goes_down_to_its_kink_and_the_lever_stays() -> None:
    """min(x, 100.5) is as good from 100.5 on, and less a hundredth of it from 99.495: 100 is the last whole step."""
    found = tuned(Candidates(one_number("1 EUR * min(mean(x), 100.5)", 800, 0, 1_000, 1), PATHS, 1))
    assert not found.moved
    assert found.best.numbers == (800.0,)
    (flat,) = found.flat
    assert (flat.low, flat.high) == ((100.0, "aim"), (1_000.0, "range"))


def test_a_range_ends_where_a_step_further_is_no_offer() -> None:
    """The edge of 50,000 may go up to the last step before the one of 120,000."""
    offer = load_text(FILE.replace(", accepts: { npv: { at_least: 90_000 } }", ""), "edges.yaml")[""]
    candidates = Candidates(offer, 100, 1)
    found = flat(candidates, candidates.first, 1, math.inf)
    assert (found.low, found.high) == ((10_000.0, "range"), (115_000.0, "no offer"))


def test_what_loses_nothing_that_can_be_told_goes_back_least_loss_first() -> None:
    """The customer needs 8 of a and b together, once c is 1,000. Without a, 0.1 is lost, and without b 0.2: far less than the
    search can tell. So a goes back to 0 and b stays at 10; c is worth 1,000 and stays too."""
    levers = {name: {"at": f"drivers.{name}.constant", "between": [0, 10], "step": 1} for name in "ab"}
    offer = loaded(
        drivers={name: constant(0, "EUR/year") for name in "abc"},
        value={"better": "200 * (a + b)"},
        contract={"pay": payment("total(c) + 0.01 * total(a) + 0.02 * total(b)")},
        customer={"gains": {"better": "better"}, "accepts": {"npv": {"at_least": 500}}},
        tune={"levers": {**levers, "c": {"at": "drivers.c.constant", "between": [0, 1_000], "step": 50}}},
    )
    found = tuned(Candidates(offer, PATHS, 1))
    assert found.best.numbers == (0.0, 10.0, 1_000.0)
    assert found.best.aim == pytest.approx(1_000.2)
    assert max(each.aim for each in found.candidates if each.allowed) == pytest.approx(1_000.3)


# --- with chance ---------------------------------------------------------------------------------------------------------


def test_a_constrained_optimum_by_algebra() -> None:
    """The customer is worse off where (1 - s) G < F: at most on a fifth of futures with F = (1 - s) q, q the fifth percentile in
    twenty of G. Then the supplier has F + s E[G] = q + s (E[G] - q), and s goes to its end."""
    offer = loaded(
        drivers={"gain": normal(100, 20)},
        contract={"fee": {"term": "fee", "amount": "20 EUR per year"}, "share": payment("40% * total(gain)")},
        customer={"gains": {"gain": "gain"}},
        tune={
            "levers": {
                "fee": {"at": "contract.fee.amount", "between": [0, 80]},
                "share": {"at": "contract.share.amount", "between": ["20%", "70%"]},
            },
            "subject_to": {"customer_chance_of_regret": {"at_most": "20%"}},
        },
    )
    found = best(offer)
    share, fee = found.numbers[1] / 100.0, found.numbers[0]
    gain = np.sort(Outcome(offer.simulate(PATHS, 1)).customer_benefit / 0.6 + 20 / 0.6)
    worst = gain[PATHS // 5]  # the lowest of those that must be no worse off
    assert share == 0.7
    assert fee == pytest.approx(0.3 * worst, abs=0.1)
    assert found.allowed


def test_the_best_share_of_the_linear_exponential_normal_model(validation_rows: Rows) -> None:
    """The customer keeps most where the share is 1 / (1 + r c σ²), and the fee leaves the supplier nothing.

    Its benefit is then half of that over c. The effort is found to a thousandth of its range, so the share to a few hundredths.
    """
    rows = [row for row in validation_rows("agency_len_kcn") if row["sub"] == "len_model" and row["output"] == "optimal share b"]
    row = max(rows, key=lambda row: abs(float(row["expected"]) - 0.5) * (0.2 < float(row["expected"]) < 0.8))
    told = json.loads(row["inputs_json"])
    cost, noise, aversion = told["effort_cost"], told["noise_variance"], told["risk_aversion"]
    expected = float(row["expected"])
    effort = {"by": "supplier", "unit": "hours", "at_least": 0, "at_most": 1.0 / cost, "plan": "best constant"}
    answer = {"effort": {"of": "work", "adds": "1 EUR/hours/year * work"}}
    offer = loaded(
        money={"risk_aversion": aversion},
        effort={"work": {**effort, "cost": "0.5 * toil * work * work"}},
        drivers={
            "outcome": {**normal(0, math.sqrt(noise)), "control": "supplier", **answer},
            "toil": constant(cost, "EUR/hours/hours/year"),
        },
        contract={"fee": payment("0 EUR"), "pay": payment("0.5 * total(outcome)")},
        customer={"gains": {"outcome": "outcome"}},
        tune={
            "levers": {
                "share": {"at": "contract.pay.amount", "between": [0.05, 0.95]},
                "fee": {"at": "contract.fee.amount", "between": [-1.0 / cost, 1.0 / cost]},
            },
            "maximise": "customer_net_benefit",
            "subject_to": {"certainty_equivalent": {"at_least": 0}},
        },
    )
    found = best(offer)
    spread = 1.0 / math.sqrt(2.0 * PATHS)  # of the sampled variance, one standard error
    assert abs(found.numbers[0] - expected) <= 0.03 + 4.0 * spread * expected * (1.0 - expected) * math.sqrt(2.0), row["id"]
    assert found.aim == pytest.approx(0.5 * expected / cost, abs=4.0 * math.sqrt(noise / PATHS) + 0.01 / cost)
    assert found.allowed


def test_a_whole_number_is_found() -> None:
    """10 √n - 3 n is 8.14 at 2, 8.32 at 3 and 8 at 4."""
    offer = loaded(
        drivers={"crew": constant(1, "1")},
        contract={"pay": payment("10 EUR * sqrt(mean(crew))")},
        costs={"wages": {"amount": "crew * 3 EUR/year"}},
        tune={"levers": {"crew": {"at": "drivers.crew.constant", "between": [1, 6], "step": 1}}},
    )
    found = best(offer)
    assert found.numbers == (3.0,)
    assert found.aim == pytest.approx(10.0 * math.sqrt(3.0) - 9.0)


def test_what_is_fitted_to_few_futures_is_told_on_others() -> None:
    """A bet on when to begin, in fifty months of noise: some month is best on a hundred futures, and no month on others."""
    offer = loaded(
        calendar={"start": "2027-01", "months": 50, "step": "month", "year": "contract", "stub_years": "full"},
        drivers={"noise": normal(0, 100, "EUR/month")},
        value={"bet": "noise from month 25 else 0 EUR/month"},
        contract={"pay": {"term": "payment", "amount": "total(bet)", "clock": {"measured": "life"}}},
        tune={"levers": {"begins": {"at": "value.bet", "between": [2, 49], "step": 1}}},
    )
    found = tuned(Candidates(offer, 100, 1))
    assert found.gain.estimate is not None and found.gain_elsewhere.estimate is not None
    assert found.gain.estimate.value > 0.0
    assert found.overfitted
    assert "fitted to the futures of the search" in " ".join(page(found).split())


def test_the_same_answer_for_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gainsim.cells.FEW", 3_000)  # several cells, and nothing to compile
    offer = deal(normal(100, 30), customer={"accepts": {"chance_of_regret": {"at_most": "20%"}}})
    one, two = (tuned(Candidates(offer, 3_000, 1, threads=threads)) for threads in (1, 2))
    assert to_json(one) == to_json(two)


# --- schedules and the page ------------------------------------------------------------------------------------------------


def test_a_schedule_pays_what_its_bands_floor_and_cap_say() -> None:
    """60% of the first 50 of pain, 10% of what lies beyond; 40% of the first 50 of gain, 25% of what lies beyond."""
    schedule = Schedule(((50.0, 0.6), (math.inf, 0.1)), ((50.0, 0.4), (math.inf, 0.25)), -34.0, 32.0)
    assert [schedule.paid(gain) for gain in (-100, -90, -70, -50, 0, 50, 90, 98, 200)] == pytest.approx(
        [-34, -34, -32, -30, 0, 20, 30, 32, 32]
    )
    assert schedule.edges == [-50.0, 0.0, 50.0]


def test_a_schedule_that_moved_is_told_before_and_after() -> None:
    offer = load_text(FILE, "edges.yaml")[""]
    candidates = Candidates(offer, 100, 1)
    moved = candidates.with_numbers((35.0, 60_000.0, 120_000.0))
    ((name, was, now),) = moved_schedules(offer.scenario, candidates.loaded_with(moved).scenario)
    assert name == "gain_share"
    assert (was.paid(70_000.0), now.paid(70_000.0)) == (pytest.approx(24_000.0), pytest.approx(23_000.0))
    assert not list(moved_schedules(offer.scenario, offer.scenario))


def test_the_page_has_its_pictures(linear: Tuned) -> None:
    page = render_study(study(linear))
    for words in ("Best offer found", "Term sheet of the change", 'label="flatness', 'label="parties', 'label="risk'):
        assert words in page


# --- edges, files, the command line -----------------------------------------------------------------------------------------

FILE = """\
gainsim: 1
title: Two edges
currency: EUR
calendar: { start: 2027-01, years: 2, step: year, year: contract }
money: { discount_rate: 0% pa }
drivers:
  saving: { control: nobody, unit: EUR/year, drawn: each period, central: mean, normal: { mean: 80_000, sd: 40_000 } }
contract:
  gain_share:
    term: sharing
    of: saving
    clock: { measured: year }
    steps:
      - share: { below 0: 10%, up to 50_000: 40%, up to 120_000: 20%, above: 50% }  # the steps that we spoke of
costs: { people: 9_000 EUR per year }                                               # two of them
customer: { gains: { saving: saving }, accepts: { npv: { at_least: 90_000 } } }
tune:
  levers:
    share: { at: "contract.gain_share.steps[0].share.up to 50_000", between: [20%, 60%], step: 1% }
    first: { edge: "contract.gain_share.steps[0].share.up to 50_000", between: [10_000, 150_000], step: 5_000 }
    second: { edge: "contract.gain_share.steps[0].share.up to 120_000", between: [10_000, 150_000], step: 5_000 }
"""
FILE = FILE.replace("{ people: 9_000 EUR per year }", "{ people: { amount: 9_000 EUR per year } }")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "edges.yaml"
    place.write_text(FILE)
    return place


def test_edges_that_would_cross_are_no_candidate() -> None:
    offer = load_text(FILE, "edges.yaml")[""]
    candidates = Candidates(offer, PATHS, 1)
    crossed = candidates.with_numbers((40.0, 120_000.0, 50_000.0))
    assert "does not lie beyond" in crossed.reason
    assert "meet" in candidates.with_numbers((40.0, 60_000.0, 60_000.0)).reason
    assert not crossed.allowed
    found = best(offer)
    first, second = found.numbers[1:]
    assert first < second
    assert found.allowed


def test_an_end_of_a_range_that_makes_no_offer_is_told_with_its_place(tmp_path: Path) -> None:
    """A share of more than all is none; edges that may cross are in order, as others of their range do not."""
    file = tmp_path / "wide.yaml"
    file.write_text(FILE.replace("between: [20%, 60%], step: 1%", "between: [20%, 300%], step: 1%"))
    with pytest.raises(ScenarioError) as told:
        best(load_file(file))
    line = 1 + next(n for n, text in enumerate(file.read_text().splitlines()) if "300%" in text)
    assert f"wide.yaml:{line}:" in str(told.value)
    assert "tune.levers.share.between[1]: at 230% it is no offer" in str(told.value)
    assert "Narrow the range" in str(told.value)
    asked = tune(file, "--lever", "contract.gain_share.steps[0].share.up to 50_000 between 20% and 300%")
    assert isinstance(asked.exception, UsageError) and str(asked.exception).startswith("--lever ")


def test_steps_between_two_numbers() -> None:
    lever = Lever("fee", (("contract", "fee", "amount"),), False, "5 EUR per year", 5.0, 0.0, 12.0, 3.0)
    assert [lever.between(0.0, 12.0, part) for part in (0.0, 0.25, 0.49, 0.5, 1.0)] == [3.0, 3.0, 3.0, 6.0, 9.0]
    assert [lever.between(12.0, 0.0, part) for part in (0.0, 0.25, 0.49, 0.5, 1.0)] == [9.0, 9.0, 9.0, 6.0, 3.0]
    assert lever.between(3.0, 6.0, 0.5) is None
    assert lever.between(5.0, 3.0, 0.5) is None
    assert lever.between(5.0, 0.0, 0.1) == 3.0


def test_what_is_written_keeps_comments_and_is_the_candidate() -> None:
    offer = load_text(FILE, "edges.yaml")[""]
    candidates = Candidates(offer, PATHS, 1)
    moved = candidates.with_numbers((35.0, 120_000.0, 150_000.0))
    text = rewritten_with(offer.document, candidates.levers, moved.numbers)
    assert "share: { below 0: 10%, up to 120_000: 35%, up to 150_000: 20%, above: 50% }  # the steps that we spoke of" in text
    assert text.count("#") == FILE.count("#")
    again = load_text(text, "again.yaml")[""]
    assert again.scenario.tune is not None
    levers, wrong = levers_in(again.scenario.tune, again.document)
    assert (not wrong, [each.number for each in levers]) == (True, [35.0, 120_000.0, 150_000.0])
    assert Candidates(again, PATHS, 1).first.aim == moved.aim


def test_several_keys_of_one_lever_have_one_number() -> None:
    share = "contract.gain_share.steps[0].share"
    both = FILE.replace("below 0: 10%", "below 0: 40%").replace(
        f'at: "{share}.up to 50_000"', f'at: ["{share}.up to 50_000", "{share}.below 0"]'
    )
    offer = load_text(both, "both.yaml")[""]
    candidates = Candidates(offer, PATHS, 1)
    text = rewritten_with(offer.document, candidates.levers, (25.0, 50_000.0, 120_000.0))
    assert "{ below 0: 25%, up to 50_000: 25%, up to 120_000: 20%, above: 50% }" in text


def tune(file: Path, *words: str) -> Any:
    return CliRunner().invoke(cli, ["tune", str(file), "--paths", "200", "--no-report", *words])


def test_the_command_tells_and_writes(file: Path, tmp_path: Path) -> None:
    lines = FILE.splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith(("    share: { at", "    second:"))))
    written = tmp_path / "better.yaml"
    result = tune(file, "--json", "--write", str(written))
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["schema"] == "gainsim/tuning/1"
    assert told["allowed"]
    assert told["gain"]["value"] >= 0.0
    assert CliRunner().invoke(cli, ["check", str(written)]).exit_code == 0
    assert isinstance(tune(file, "--write", str(written)).exception, UsageError)  # it is there already


def test_the_file_is_written_though_nobody_reads_what_is_printed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("gainsim.cli.tune.print_study", gone)
    lever = "costs.people.amount between 8_000 and 20_000 in steps of 500"
    written = tmp_path / "better.yaml"
    result = tune(file, "--lever", lever, "--write", str(written))
    assert isinstance(result.exception, BrokenPipeError)
    assert "8_000 EUR per year" in written.read_text()


def test_what_the_command_line_said_stands_in_the_file_that_is_written_as_numbers(file: Path, tmp_path: Path) -> None:
    """Nothing is said there of what was in the file before: it is true of the other file."""
    lever = "costs.people.amount between 8_000 and 20_000 in steps of 500"
    written = tmp_path / "better.yaml"
    more = ("--subject-to", "npv at least 20_000", "--set", "money.discount_rate=5% pa", "--write", str(written))
    assert tune(file, "--lever", lever, *more).exit_code == 0
    text = written.read_text()
    assert text.startswith("gainsim: 1\n")
    assert "for this run" not in text and "not in the file" not in text
    tuning = yaml.safe_load(text)["tune"]
    assert tuning["subject_to"] == {"npv": {"at_least": 20_000}}
    ((_, written_lever),) = tuning["levers"].items()
    assert (written_lever["between"], written_lever["step"]) == ([8_000, 20_000], 500)
    assert yaml.safe_load(text)["money"] == {"discount_rate": "5% pa"}


def test_the_same_in_sentences_of_the_command_line(file: Path) -> None:
    file.write_text(FILE[: FILE.index("tune:")])
    lever = "costs.people.amount between 8_000 and 20_000 in steps of 500"
    result = tune(file, "--lever", lever, "--minimise", "npv", "--subject-to", "npv at least 20_000", "--without", "accepts")
    assert result.exit_code == 0, result.output
    assert "16_000 EUR per year" in result.output  # 52,000 of the gain share, less 16,000 in each of two years
    assert "tune.subject_to.npv" in result.output
    assert "customer.accepts" not in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lever", "the fee"), "write it as"),
        (("--lever", "costs.people.amont between 1 and 2"), "Did you mean 'amount'"),
        (("--lever", "costs.people.amount between 10_000 and 20_000"), "Widen the range"),
        (("--subject-to", "npv more than 3"), "write it as"),
        (("--subject-to", "profit at least 3"), "no measure has this name"),
        (("--maximise", "profit"), "no measure is called 'profit'"),
        (("--maximise", "npv", "--minimise", "cvar_95"), "is tuned for one measure"),
        (("--maximise", "customer_chance_over_budget"), "the file states no budget"),
    ],
)
def test_what_cannot_be_tuned_is_told(file: Path, words: tuple[str, ...], said: str) -> None:
    result = tune(file, *words)
    assert isinstance(result.exception, UsageError), result.output
    assert said in str(result.exception)


def test_a_value_changed_for_one_run_need_not_be_within_the_reach_of_a_lever(file: Path) -> None:
    beyond = "contract.gain_share.steps[0].share.up to 50_000=70%"
    assert load_file(file, [beyond]).scenario.tune is not None
    result = tune(file, "--set", beyond)
    assert isinstance(result.exception, ScenarioError)
    assert "'70%', which stands at" in str(result.exception)


def test_an_interrupt_tells_the_best_so_far(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulated, count = Candidates._simulated, 0

    def interrupted(self: Candidates, numbers: tuple[float, ...]) -> Candidate:
        nonlocal count
        count += 1
        if count > 20:
            raise KeyboardInterrupt
        return simulated(self, numbers)

    monkeypatch.setattr(Candidates, "_simulated", interrupted)
    result = tune(file)
    assert result.exit_code != 0
    assert "Interrupted after 20 candidates; the best so far: share" in result.stderr
