"""When money moves and what it is worth at the start, by hand; and what is told when a path has no number."""

from __future__ import annotations

import numpy as np
import pytest

import gainsim
from gainsim.api import load_text, simulate
from gainsim.bridge import Run
from gainsim.outcome import Outcome

OFFER = """
gainsim: 1
title: cash
currency: EUR
calendar: {{ start: 2027-01, years: 2, step: year, year: contract }}
money: {{ discount_rate: 10% pa }}
drivers:
  load: {{ control: nobody, unit: "1", drawn: once, central: mean, normal: {{ mean: 0, sd: 1 }} }}
contract:
  fee: {{ term: fee, amount: {amount}, clock: {{ measured: year, paid: 1 year }} }}
costs:
  staff: {{ amount: 20 EUR per year }}
  plant: {{ amount: 60 EUR, at: 2027-07, layer: capital, straight_line: 2 years }}
customer:
  gains: {{ output: 500 EUR per year }}
"""


def run(amount: str = "110 EUR per year", paths: int = 3) -> Run:
    return simulate(load_text(OFFER.format(amount=amount)), paths=paths, seed=1).run


def test_cash_by_the_dates_on_which_the_supplier_pays_or_is_paid() -> None:
    found = run()
    moved = dict(zip((when.isoformat() for when in found.rows.dates), found.cash[:, 0].tolist(), strict=True))
    assert moved == {"2027-07-01": -60.0, "2028-01-01": -20.0, "2029-01-01": 110.0 - 20.0, "2030-01-01": 110.0}


def test_every_line_is_discounted_from_the_day_of_payment() -> None:
    """The fee of 2027 is due at its end and paid a year later; July 2027 is half a year away."""
    found = run()
    npv = {line.name: float(x[0]) for line, x in zip(found.rows.lines, found.npv, strict=True)}
    assert npv == pytest.approx({
        "fee.amount": 110 / 1.1**2 + 110 / 1.1**3,
        "staff": -20 / 1.1 - 20 / 1.1**2,
        "plant": -60 / 1.1**0.5,
        "plant.written down": 0.0,  # no money moves
        "customer.output": 500 / 1.1 + 500 / 1.1**2,
    })  # fmt: skip
    supplier = sum(npv[name] for name in ("fee.amount", "staff", "plant"))
    assert Outcome(found).npv.tolist() == pytest.approx([supplier] * 3)


def test_one_path_says_nothing_of_its_error() -> None:
    assert np.isinf(run(paths=1).row_error).all()
    assert (run(paths=2).row_error == 0.0).all()


@pytest.mark.parametrize("paths", [3, 1_100], ids=["one by one", "compiled"])
def test_a_path_without_a_number_is_told_by_formula_and_period(paths: int) -> None:
    with pytest.raises(
        gainsim.DataError,
        match=r"the square root of -.*on path \d+ in period 1|on path \d+ in period 1.*the square root of -",
    ):
        run("110 EUR per year * sqrt(load)", paths=paths)


@pytest.mark.parametrize("paths", [pytest.param(3, id="one by one"), pytest.param(1_100, id="compiled")])
def test_a_path_that_adds_up_beyond_all_numbers_is_told(paths: int) -> None:
    """Each year's amount is a number still, their sum is none; warnings are errors here."""
    with pytest.raises(gainsim.DataError, match="more than a number can hold"), np.errstate(all="ignore"):
        run("1.7e308 EUR per year", paths=paths)
