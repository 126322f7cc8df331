"""Operations in an offer: the same bits in the loop and in NumPy, alone and in a crowd; what they come to moves money."""

from __future__ import annotations

import numpy as np
import pytest

import gainsim
from gainsim.bridge import simulate_model, statement

OFFER = """
gainsim: 1
title: A hall that is kept running
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
          jam: { life: { weibull: { shape: 0.8, scale: 300 } }, repair: { lognormal: { median: 3, p90: 9 } }, crew: fitters }
          drive: { life: { weibull: { shape: 3, scale: 4_000 } }, repair: 24, crew: fitters, spare: drives, priority: 2 }
      cranes:
        assets: 2
        failures:
          rope: { life: { exponential: { mean: 2_000 } }, repair: 16, crew: riggers }
    crews:
      fitters: { number: 1, travel: { uniform: { low: 0.5, high: 1.5 } } }
      riggers: { number: 1 }
    spares:
      drives: { stock: 1, lead_time: 500 }
drivers:
  energy: { unit: EUR/month, control: nobody, central: mean, geometric_walk: { start: 900, drift: 2% pa, volatility: 20% pa } }
  up: { unit: fraction of time, control: supplier, central: 97%, operations: { of: hall, outcome: availability } }
  cranes_up: { unit: fraction of time, control: supplier, central: 99%, operations: { of: hall, fleet: cranes, outcome: served } }
  visits: { unit: 1/month, control: supplier, central: 9, operations: { of: hall, outcome: visits } }
contract:
  fee: { term: fee, amount: 10_000 EUR per month }
  bonus: { term: payment, amount: 4_000 EUR per month * cranes_up if up > 97% else 0 EUR per month, clock: { paid: 30 days } }
costs:
  trips: { amount: visits * 120 EUR }
  power: { amount: energy }
"""


@pytest.fixture(scope="module")
def offer() -> gainsim.Offer:
    return gainsim.load_text(OFFER)


def test_few_paths_and_many_have_the_same_bits(offer: gainsim.Offer) -> None:
    model = offer.loaded.model
    few, many = simulate_model(model, 100, 5), simulate_model(model, 1_500, 5, threads=2)
    one = simulate_model(model, 1_500, 5, threads=1)
    assert (many.total[:, :100] == few.total).all()
    assert (many.total == one.total).all()
    rows = statement(model, 1_400, 5)
    line = [line for _, line in model.program.rows]
    assert np.isclose(rows[np.array(line) == 2].sum(), many.total[2, 1_400], rtol=1e-12)


def test_what_they_come_to_moves_money(offer: gainsim.Offer) -> None:
    """Trips by hand from the driver; visits of a month are a third of those of a quarter."""
    futures = offer.futures(50, 5)
    run = simulate_model(offer.loaded.model, 50, 5)
    trips = next(n for n, line in enumerate(run.model.lines) if line.name == "trips")
    assert np.allclose(-run.total[trips], futures["visits"].sum(axis=0) * 3 * 120.0)
    assert np.allclose(futures["visits"] * 3, np.round(futures["visits"] * 3))
    assert ((futures["up"] > 0.5) & (futures["up"] < 1.0)).all()


def test_prices_are_the_same_with_and_without_operations(offer: gainsim.Offer) -> None:
    certain = OFFER.replace("central: 9, operations: { of: hall, outcome: visits }", "constant: 9")
    assert certain != OFFER
    without = gainsim.load_text(certain)
    assert (offer.futures(20, 5)["energy"] == without.futures(20, 5)["energy"]).all()


def test_every_way_to_draw_meets_operations(offer: gainsim.Offer) -> None:
    plain = simulate_model(offer.loaded.model, 4_096, 5)
    for sampling in ("latin_hypercube", "sobol", "antithetic"):
        other = simulate_model(offer.loaded.model, 4_096, 5, sampling=sampling)
        line = next(n for n, line in enumerate(plain.model.lines) if line.name == "trips")
        assert (plain.total[line] == other.total[line]).all(), sampling


def test_offers_with_other_crews_meet_the_same_failures() -> None:
    """One fitter or two: the same first failures, less waiting; the difference is known far better than either."""
    head, tail = OFFER.split("contract:")
    hall = head[head.index("  hall:") : head.index("drivers:")].replace("fitters: { number: 1", "fitters: { number: 2")
    own = "\n".join(f"    {line}" for line in hall.splitlines())
    text = f"{head}contract:{tail}offers:\n  lean: {{}}\n  manned:\n    operations:\n{own}\n"
    lean, manned = (gainsim.load_text(text, offer=name) for name in ("lean", "manned"))
    futures = [offer.futures(60, 5) for offer in (lean, manned)]
    assert (futures[0]["energy"] == futures[1]["energy"]).all()
    apart = futures[1]["up"].mean(axis=0) - futures[0]["up"].mean(axis=0)
    assert apart.mean() > 4.0 * apart.std() / np.sqrt(60)
    assert apart.std() < 0.5 * futures[0]["up"].mean(axis=0).std()
    alone = manned.loaded.model.outcomes["visits"].plant
    assert alone.rules.crews["number"].tolist() == [2, 1]


def test_operations_that_nothing_reads_are_noted() -> None:
    drivers = [line for line in OFFER.splitlines() if "operations: {" not in line]
    text = "\n".join(drivers).replace("* cranes_up if up > 97% else 0 EUR per month", "")
    text = text.replace("visits * 120 EUR", "900 EUR per month")
    assert "nothing reads 'hall': it moves no money." in gainsim.load_text(text).loaded.notes
