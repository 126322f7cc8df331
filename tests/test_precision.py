"""Stopping at a precision: pilots foretell the paths, and the estimate knows nothing of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import gainsim
from benchmarks import accuracy
from gainsim import precision
from gainsim.bridge import simulate_model
from gainsim.cli.main import cli
from gainsim.errors import UsageError
from gainsim.measuring import Measures
from gainsim.offer.precision import read_precision
from gainsim.outcome import Outcome
from gainsim.precision import PILOT, precision_words, reached, sized
from gainsim.scenario.load import load_file

SMOOTH, KINKED, _ = accuracy.DEALS
AIR = Path(__file__).resolve().parent.parent / "scenarios" / "compressed_air.yaml"


def test_the_run_is_the_one_of_that_many_paths() -> None:
    offer = gainsim.load(SMOOTH.file)
    found = gainsim.simulate(offer, precision="npv 2%", seed=4)
    again = gainsim.simulate(offer, paths=found.run.paths, seed=4)
    assert found.run.npv.tobytes() == again.run.npv.tobytes()
    # its deviation is about 25,000 and its mean 7,394: 2% takes (25,000 / 148)² = 28,600 paths, with a margin of a fifth to a half
    assert 28_600 < found.run.paths < 50_000
    assert found.summary.reached[0].met
    assert again.summary.sized is None and again.summary.reached == ()


def test_an_amount_is_the_error_itself() -> None:
    offer = gainsim.load(SMOOTH.file)
    found = gainsim.simulate(offer, precision="expected_revenue 150 EUR, expected_cost 1 EUR", seed=4)
    # (25,000 / 150)² = 27,800 paths, with a margin of a fifth to a half; there are no costs, which are known to 0 EUR
    assert 27_800 < found.run.paths < 50_000
    assert found.measures["expected_revenue"].standard_error <= 150.0
    said = precision_words(found.summary.sized, found.summary.reached)  # type: ignore[arg-type]
    assert "(150 EUR wanted); expected_cost is known to 0 EUR (1 EUR wanted)." in said
    aims = found.to_json()["precision"]["aims"]
    assert aims["expected_revenue"]["wanted"] == 150.0 and aims["expected_revenue"]["unit"] == "EUR"


def test_far_aims_take_a_larger_pilot() -> None:
    model = load_file(SMOOTH.file).model
    found = sized([model], read_precision("npv 0.5%"), 4, "pseudo_random", 1_000_000)
    assert found.pilots[0] == PILOT and len(found.pilots) == 2
    assert 458_000 < found.paths < 750_000
    assert found.pilots[1] == pytest.approx(found.paths / 16, rel=0.3)


def test_a_run_is_no_smaller_than_its_pilot_and_sobol_has_a_power_of_two() -> None:
    model = load_file(KINKED.file).model
    assert sized([model], read_precision("npv 10%"), 1, "sobol", 1_000_000).paths == PILOT
    found = sized([model], read_precision("var_99 0.5%"), 1, "sobol", 100_000_000).paths
    assert found & (found - 1) == 0


@pytest.mark.parametrize(
    ("aims", "said"),
    [
        ("npv 0.01%", r"npv 0.01% takes about [\d,]+ paths, more than 1,000,000. Ask for less"),
        ("irr 1%", "irr 1%: the measure has no value"),
        ("expected_cost 1%", "expected_cost 1%: it is 0 on average"),
        ("npv 500 USD", "npv 500 USD: the measure is no amount in USD. Write a part"),
        ("expected_margin 500 EUR", "expected_margin 500 EUR: the measure is no amount in EUR"),
        ("npv 5,000 EUR", "npv 5,000 EUR: .*5_000"),
        ("npv -5 EUR", "an amount above 0"),
        ("npv 5_000", "'npv 5_000' is no precision. .* or an amount, as npv 5_000 EUR"),
        ("chance_of_regret 1%", "no measure is called 'chance_of_regret'"),
        ("npv", "'npv' is no precision"),
    ],
)
def test_what_cannot_be_is_refused(aims: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        gainsim.simulate(gainsim.load(SMOOTH.file), precision=aims)


def test_intervals_of_a_skewed_deal_cover_as_often_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 200 seeds 95% intervals cover in 190 ± 3.1, and the mean of the estimates lies within 4 errors of the exact one."""
    monkeypatch.setattr(precision, "PILOT", 1024)
    model, exact = load_file(SMOOTH.file).model, SMOOTH.exact()
    covered, met, apart, aims = 0, 0, 0.0, read_precision("npv 8%")
    for seed in range(200):
        plan = sized([model], aims, seed, "pseudo_random", 100_000)
        measures = Measures(Outcome(simulate_model(model, plan.paths, seed)))
        found = measures.of("npv").estimate
        assert found is not None
        low, high = found.interval(0.95)
        covered += low <= exact <= high
        met += reached(plan, measures)[0].met
        apart += (found.value - exact) / found.standard_error / 200
    assert 178 <= covered <= 200
    assert met > 150
    assert abs(apart) < 4.0 / 200**0.5


def test_the_command_line_says_what_it_took(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["run", str(SMOOTH.file), "--no-report", "--precision", "npv 5%"]
    cli.main(asked, standalone_mode=False)
    said = capsys.readouterr().out
    assert "It took 8,192 paths after a pilot of 8,192; half of these errors would take about 32,768." in said
    cli.main([*asked, "--json"], standalone_mode=False)
    found = json.loads(capsys.readouterr().out)["precision"]
    assert found["paths"] == 8_192 and found["paths_for_half"] == 32_768
    assert found["aims"]["npv"]["wanted"] == 0.05
    cli.main(["explain", str(AIR), "--set", "run.precision=npv 5%"], standalone_mode=False)
    assert "8,192 futures" in capsys.readouterr().out  # not the 10,000 of the file
    with pytest.raises(UsageError, match="--precision finds the number of futures: --paths would do nothing"):
        cli.main([*asked, "--paths", "100"], standalone_mode=False)


def test_an_aim_that_is_missed_is_said() -> None:
    model = load_file(SMOOTH.file).model
    plan = precision.Sized(read_precision("npv 1%"), 1024, (1024,))
    found = reached(plan, Measures(Outcome(simulate_model(model, 1024, 1))))
    assert "(1% wanted, not reached)" in precision_words(plan, found)


def test_a_path_whose_crowd_is_not_known_is_refused() -> None:
    changes = ["run.precision=npv 1%", "run.sampling=latin_hypercube"]
    with pytest.raises(UsageError, match="which precision finds out"):
        load_file(AIR, changes).statement(3)
