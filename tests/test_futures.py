"""The drivers of an offer by themselves: percentiles, ranks, the page and the command."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

import gainsim
from gainsim.cli.main import cli
from gainsim.futures import SHOWN, Futures, futures, rank_correlation, to_json
from gainsim.text.futures import page

OFFER = """
gainsim: 1
title: Two drivers
currency: EUR
calendar: { start: 2027-01, years: 3, step: month, year: contract }
money: { discount_rate: 6% pa }
run: { paths: 2_000, seed: 3 }
drivers:
  price:
    unit: EUR/MWh
    control: nobody
    central: mean
    geometric_walk: { start: 80, drift: 2% pa, volatility: 30% pa }
  share:
    unit: fraction of energy
    control: { supplier: 70%, customer: 30% }
    central: median
    drawn: once
    beta: { alpha: 2, beta: 5 }
  load: { unit: MWh/month, control: customer, constant: 100 }
  level:
    unit: MWh/month
    control: customer
    central: mean
    drawn: each period
    normal: { mean: 10, sd: 2 }
contract:
  fee: { term: fee, amount: 1_000 EUR per month, clock: { paid: 30 days } }
"""


@pytest.fixture(scope="module")
def found() -> Futures:
    return futures(gainsim.load_text(OFFER).loaded.scenario, 20_000, 3)


def test_percentiles_are_those_of_the_laws(found: Futures) -> None:
    """The walk in its third year is lognormal; within 4 standard errors of a quantile."""
    price, share, _ = found.fans
    law = stats.lognorm(0.3 * math.sqrt(3), scale=80 * math.exp(3 * (math.log(1.02) - 0.045)))
    for k, p in enumerate(SHOWN):
        for values, known in ((price.bands[k, 35], law), (share.bands[k, 0], stats.beta(2, 5))):
            error = math.sqrt(p * (1 - p) / 20_000) / known.pdf(known.ppf(p))
            assert abs(values - known.ppf(p)) <= 4 * error
    assert share.once
    assert not price.once
    assert price.central[35] == pytest.approx(80 * 1.02**3)


def test_certain_drivers_are_named_and_moments_are_ends_of_years(found: Futures) -> None:
    assert found.certain == ["load"]
    assert found.moments() == [("2027-01", 0), ("2027-12", 11), ("2028-12", 23), ("2029-12", 35)]


def test_what_an_event_hits_is_not_certain() -> None:
    shock = '''  shock: { unit: fraction, control: nobody, central: mean,
    event: { chance: 50%, on: 2027-01-01, size: 1, lasts: for good, hits: { load: 20% } } }
contract:'''
    drawn = futures(gainsim.load_text(OFFER.replace("contract:", shock)).loaded.scenario, 2_000, 3)
    assert drawn.certain == []
    (load,) = (course for course in drawn.fans if course.name == "load")
    assert set(np.unique(load.values)) == {100.0, 120.0}
    assert load.central[0] == pytest.approx(110.0)


def test_rank_correlation_is_spearmans() -> None:
    """Against SciPy, ties included."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=500)
    y = np.round(x + rng.normal(size=500), 0)
    assert rank_correlation([x, y])[0, 1] == pytest.approx(stats.spearmanr(x, y).statistic, rel=1e-12)
    assert rank_correlation([x, np.ones(500)])[1, 0] == 0.0


def test_the_futures_are_those_of_a_run(found: Futures) -> None:
    """Asked of the engine: an offer that pays the price pays what the driver is, path by path."""
    paid = OFFER.replace("amount: 1_000 EUR per month", "amount: price * 1 MWh/month")
    result = gainsim.simulate(gainsim.load_text(paid), paths=2_000)
    total = found.fans[0].values[:, :2_000].sum(axis=0)
    np.testing.assert_allclose(result.run.total[0], total, rtol=1e-12)


def test_the_command_prints_draws_and_answers_machines(tmp_path: Path) -> None:
    file = tmp_path / "offer.yaml"
    file.write_text(OFFER, encoding="utf-8")
    out = tmp_path / "pictures"
    run = CliRunner().invoke(cli, ["drivers", str(file), "--paths", "500", "--out", str(out)])
    assert run.exit_code == 0, run.output
    assert "supplier 70%, customer 30%" in run.output
    drawn = (out / "report.html").read_text("utf-8")
    assert drawn.count("<svg") == 4
    assert {entry.name for entry in out.iterdir()} == {"report.html", "result.json", "scenario.yaml"}
    told = json.loads(CliRunner().invoke(cli, ["drivers", str(file), "--paths", "500", "--json", "--no-report"]).output)
    assert told["schema"] == "gainsim/drivers/1"
    assert [driver["name"] for driver in told["drivers"]] == ["price", "share", "level"]


def test_an_offer_without_chance_has_nothing_to_draw(tmp_path: Path) -> None:
    file = tmp_path / "offer.yaml"
    start, end = OFFER.index("  price:"), OFFER.index("  load:")
    text = OFFER[:start] + OFFER[end:]
    file.write_text(text[: text.index("  level:")] + text[text.index("contract:") :], encoding="utf-8")
    run = CliRunner().invoke(cli, ["drivers", str(file), "--no-report"])
    assert run.exit_code != 0
    assert "no driver is uncertain" in str(run.exception or run.output)


RARE = """  shock: { unit: fraction, control: nobody, central: mean,
    event: { chance: 50%, months: { uniform: { low: 0, high: 120 } }, size: 20%, lasts: 3 months, hits: { load: 20% } } }
  cauchy: { unit: EUR, control: nobody, central: median, drawn: once, student_t: { degrees: 1, location: 10, scale: 2 } }
  losses: { unit: EUR, control: nobody, central: mean, drawn: each period, pareto: { minimum: 100, tail: 1.5 } }
  costs: { unit: EUR, control: nobody, follows: { of: losses, start: 5 } }
  gains: { unit: EUR, control: nobody, central: median,
    ramp: { time_to_full_effect: 1 year, full_effect: { generalised_pareto: { low: 0, scale: 1, tail: 1 } } } }
contract:"""


@pytest.fixture(scope="module")
def rare() -> Futures:
    """Three years in which an event may come within ten, and drivers of which some have no mean, some no deviation."""
    return futures(gainsim.load_text(OFFER.replace("contract:", RARE)).loaded.scenario, 8_000, 3)


def test_where_there_is_no_mean_none_is_told(rare: Futures) -> None:
    """Cauchy's has none, nor has a generalised Pareto of ξ = 1; a Pareto of 1.5, and what follows it, has no deviation."""
    by_name = {fan.name: fan for fan in rare.fans}
    assert [name for name, fan in by_name.items() if fan.mean(0) is None] == ["cauchy", "gains"]
    errors = {name: mean.standard_error for name, fan in by_name.items() if (mean := fan.mean(0)) is not None}
    assert [name for name, error in errors.items() if math.isinf(error)] == ["losses", "costs"]
    text = page(rare)
    assert re.search(r"cauchy +EUR +nobody +once +10\.00 +none  ", text)
    assert re.search(r"losses +EUR +nobody +2027-01 +300\.0 +\S+ +± unknown", text)
    assert "cauchy: it has no mean: its tail is so heavy that an average never settles" in text
    assert "costs: it has a mean but no standard deviation" in text
    told = {each["name"]: each["at"][0] for each in to_json(rare)["drivers"]}
    assert (told["cauchy"]["mean"], told["cauchy"]["standard_error"]) == (None, None)
    assert told["losses"]["mean"] is not None
    assert told["losses"]["standard_error"] is None
    json.dumps(told, allow_nan=False)


def test_an_event_between_the_moments_that_are_shown_is_seen(rare: Futures) -> None:
    """It comes in 50% of the futures within 120 months, each as likely: within the contract's 36 in 15%, 5% a year."""
    (shock,) = (fan for fan in rare.fans if fan.name == "shock")
    comes = shock.comes
    assert comes is not None
    assert comes.standard_error == pytest.approx(math.sqrt(0.15 * 0.85 / 8_000), rel=0.05)
    assert abs(comes.value - 0.15) <= 4 * comes.standard_error
    row = re.search(r"shock +50% +(\S+)% +± \S+ pp +(\S+) +for 3 months", page(rare))
    assert row is not None
    assert float(row[2]) == pytest.approx(float(row[1]) / 300, abs=0.0006)
    (told,) = (each for each in to_json(rare)["drivers"] if each["name"] == "shock")
    assert told["comes"] == {"at_all": 0.5, "within_the_contract": comes.value, "standard_error": comes.standard_error}


def test_an_offer_without_events_has_no_table_of_them(found: Futures) -> None:
    assert "What may come once" not in page(found)
