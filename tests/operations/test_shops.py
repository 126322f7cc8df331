"""Parts that are repaired and come back: no path depends on those before it, and stocks are short as often as queues say."""

from __future__ import annotations

import numpy as np

import gainsim
from gainsim.bridge import simulate_model, statement

OFFER = """
gainsim: 1
title: Machines whose worn parts come back
currency: EUR
calendar: { start: 2027-01, years: 6, step: quarter, year: contract }
money: { discount_rate: 7% pa }
operations:
  hall:
    fleets:
      machines:
        assets: 20
        failures:
          pump: { life: { exponential: { mean: 4_000 } }, repair: 0, crew: fitters, spare: pumps }
    crews: { fitters: { number: 20 }, shop: { number: 1_000 } }
    spares:
      pumps:
        stock: 4
        lead_time: { uniform: { low: 100, high: 500 } }
        shop: { crew: shop, takes: { lognormal: { median: 250, p90: 800 } } }
drivers:
  up: { unit: fraction of time, control: supplier, central: 97%, operations: { of: hall, outcome: availability } }
contract:
  fee: { term: fee, amount: 10_000 EUR per month * up }
"""
ASSETS, STOCK, LIFE = 20, 4, 4_000.0


def test_no_path_depends_on_those_before_it() -> None:
    """Seats at the shop that one path ends with are free as the next begins."""
    model = gainsim.load_text(OFFER).loaded.model
    run = simulate_model(model, 60, 3)
    for path in (0, 1, 30, 59):
        alone = statement(model, path, 3)
        assert run.total[:, path].sum() == sum(alone), path


def test_as_many_machines_wait_as_a_closed_queue_says() -> None:
    """With room for all in the shop, only the mean time until a part is back counts, whatever its distribution.

    Of the parts n are under way: one more comes at rate (machines that run) / life, one leaves at rate n / mean time. That is
    the machine repairman with ample servers, whose answer does not depend on the distribution; Palm's theorem with few machines.
    """
    sigma = np.log(800 / 250) / 1.2815515655446004
    back = 300.0 + 250.0 * np.exp(sigma**2 / 2)
    weight = [1.0]
    for n in range(ASSETS + STOCK):
        weight.append(weight[-1] * min(ASSETS, ASSETS + STOCK - n) / LIFE * back / (n + 1))
    chance = np.array(weight) / sum(weight)
    waiting = sum(max(n - STOCK, 0) * p for n, p in enumerate(chance))
    up = gainsim.load_text(OFFER).futures(2_000, seed=1)["up"][8:]  # from the third year on, as in the long run
    of_path = up.mean(axis=0)
    error = of_path.std() / np.sqrt(len(of_path))
    assert abs(of_path.mean() - (1.0 - waiting / ASSETS)) < 4 * error
