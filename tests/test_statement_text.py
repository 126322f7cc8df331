"""A statement as it is read: sums to the last digit, months that are alike, parties by name."""

from __future__ import annotations

import pandas as pd

import gainsim
from gainsim.text.settlement import statement

HEAD = """
gainsim: 1
title: Statements
currency: EUR
calendar: { start: 2027-01, months: 4, step: month, year: contract, stub_years: full }
money: { discount_rate: 0% pa }
parties: [steel]
facts: { use: EUR/month, level: fraction }
contract:
"""
NOTE = "Amounts are shown to the cent"


def page(contract: str, use: list[float], level: tuple[float, ...] = (1, 1, 1, 1)) -> list[str]:
    """The statement of a contract, line by line."""
    rows = pd.DataFrame({"settlement": range(1, len(use) + 1), "use": use, "level": level[: len(use)]})
    return str(gainsim.settle(gainsim.load_text(HEAD + contract), rows)).splitlines()


def test_a_sum_that_differs_from_the_amounts_shown_is_said_to() -> None:
    """Two thirds of 100 are 66.67; each third is shown, and rounded paid, as 33.33."""
    third = "{ term: payment, amount: total(use) / 3"
    clock = "clock: { measured: month } }"
    exact = page(f"  one: {third}, {clock}\n  two: {third}, {clock}", [100.0])  # 33.33 and 33.33, together 66.67
    assert "The customer pays the supplier 66.67 EUR." in exact
    assert exact[-2].startswith(NOTE)
    cents = f"rounded: {{ to: 0.01, by: half away }}, {clock}"
    rounded = page(f"  one: {third}, {cents}\n  two: {third}, {cents}", [100.0])
    assert rounded[-1] == "The customer pays the supplier 66.66 EUR."
    assert not any(line.startswith(NOTE) for line in rounded)


def test_months_without_money_are_one_as_long_as_their_gates_are_alike() -> None:
    bonus = "  bonus: { term: payment, amount: 5, when: level >= 90%, clock: { measured: month } }"
    told = page(bonus, [0, 0, 0, 0], (0.8, 0.8, 0.9, 0.8))
    assert "2027-01 to 2027-02 (periods 1 to 2): every line is 0.00." in told
    assert told[told.index("2027-01 to 2027-02 (periods 1 to 2): every line is 0.00.") + 1].split() == [
        "gates", "of", "bonus", "when", "does", "not", "hold",
    ]  # fmt: skip
    assert "2027-04 (period 4): every line is 0.00." in told
    fails = page(bonus.replace("5,", "0,"), [0, 0], (0.8, 0.9))
    assert [line for line in fails if "every line" in line] == [
        "2027-01 (period 1): every line is 0.00.",
        "2027-02 (period 2): every line is 0.00.",
    ]


def test_a_further_party_goes_by_its_name() -> None:
    told = page("  hedge: { term: payment, party: steel, amount: total(use), clock: { measured: month } }", [7, -7])
    assert "steel pays the supplier 7.00 EUR." in told
    assert "The supplier pays steel 7.00 EUR." in told


def test_a_count_has_no_currency() -> None:
    desk = "  desk: { term: step_in, when: level < 50%, lasts: 1 month, charge: 3 EUR }"
    rows = pd.DataFrame({"settlement": [1, 2], "use": [0, 0], "level": [0.4, 1]})
    lines = gainsim.settle(gainsim.load_text(HEAD + desk), rows).lines
    assert dict(zip(lines["line"], lines["currency"], strict=True)) == {"desk.stepped in": "", "desk.charge": "EUR"}


SOLD = """
gainsim: 1
title: Sold on credit
currency: EUR
calendar: { start: 2027-01, years: 1, step: quarter, year: contract }
money: { discount_rate: 0% pa }
contract:
  fee: { term: fee, amount: 100 EUR per quarter }
  fine: { term: payment, amount: -5 EUR, clock: { measured: period } }
customer: CUSTOMER
"""


def test_what_a_customer_does_not_pay_is_called_so() -> None:
    """A customer that is all but sure to default at once pays nothing, and is paid nothing."""
    offer = gainsim.load_text(SOLD.replace("CUSTOMER", "{ credit: { default: 99.9999999999%, recovery: 0% } }"))
    told = [line.split() for line in statement(offer.loaded.model.told, offer.loaded.statement(0), 4).splitlines()]
    assert ["customer_credit.fee", "-100.00", "not", "paid"] in [line[:4] for line in told]
    assert ["customer_credit.fine", "5.00", "not", "paid"] in [line[:4] for line in told]
    assert ["customer_credit", "not", "paid", "-95.00"] in told


def test_interest_on_what_the_supplier_pays_is_not_missed() -> None:
    """It can never be: the customer is never late with it. Of the fee it is missed where nobody is ever late."""
    late = "{ late: { days: 0, interest: 9% pa, financed_at: 5% pa } }"
    checks = gainsim.simulate(gainsim.load_text(SOLD.replace("CUSTOMER", late)), paths=10).summary.checks
    assert [check.split()[0] for check in checks if "never binds" in check] == ["late_payment.fee"]
