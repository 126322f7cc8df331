"""The wind farm: what further parties bear, what the customer pays, and the tax, path by path in plain arithmetic."""

from __future__ import annotations

import pytest

from gainsim.api import load
from tests.scenarios.test_shipped import FOLDER, amounts, verdicts
from tests.scenarios.test_shipped import load as loaded

NAME = "wind_service"
YEARS = 8
Lines = dict[str, list[float]]


def test_the_limits_are_kept_while_the_customer_lives() -> None:
    assert set(verdicts(NAME).values()) == {True}
    assert not verdicts(NAME, "customer.credit.default=5%")["chance_of_loss"]


@pytest.fixture(scope="module", params=[0, 1, 2, 3, 7, 4_711])
def path(request: pytest.FixtureRequest) -> tuple[int, Lines]:
    return request.param, amounts(loaded(NAME), request.param)


def guarantee(lines: Lines) -> list[float]:
    steps = [rows for name, rows in lines.items() if name.startswith("guarantee.") and name != "guarantee.gain"]
    return [sum(rows) for rows in zip(*steps, strict=True)]


def test_the_maker_takes_half_up_to_its_limits(path: tuple[int, Lines]) -> None:
    """Of a gain half, at most 15,000; of a pain half, at most 30,000; each year by itself."""
    _, lines = path
    steps = ("share of gain", "share of pain", "gets", "pays")
    paid = [sum(rows) for rows in zip(*(lines[f"back_to_back.{step}"] for step in steps), strict=True)]
    for year, result in enumerate(guarantee(lines)):
        by_hand = -min(0.5 * result, 15_000) if result > 0 else min(-0.5 * result, 30_000)
        assert paid[year] == pytest.approx(by_hand), year


def test_the_insurer_pays_four_fifths_beyond_the_deductible(path: tuple[int, Lines]) -> None:
    _, lines = path
    claims = [sum(rows) for rows in zip(lines["cover.claim"], lines["cover.limit"], strict=True)]
    for year, result in enumerate(guarantee(lines)):
        loss = max(-result, 0.0)
        assert claims[year] == pytest.approx(min(0.8 * max(loss - 50_000, 0.0), 60_000)), year
    assert lines["cover.premium"] == pytest.approx([-9_000] * YEARS)


def test_parts_are_billed_at_the_rate_of_the_quarters_last_month(path: tuple[int, Lines]) -> None:
    number, lines = path
    rate = load(FOLDER / f"{NAME}.yaml").futures(number + 1, seed=1)["eur_per_usd"][:, number]
    assert lines["parts_fee.amount"] == pytest.approx([42_000 * float(each) for each in rate[2::3]])
    assert lines["parts"] == pytest.approx([-12_000 * float(each) for each in rate])


def test_after_the_default_nothing_is_paid_and_nothing_spent(path: tuple[int, Lines]) -> None:
    """A default takes the fee of every month from some month on; the crews end with the month in which it comes."""
    _, lines = path
    fee = [a + b for a, b in zip(lines["service_fee.amount"], lines["customer_credit.service_fee"], strict=True)]
    crews = [a + b for a, b in zip(lines["crews"], lines["customer_credit.crews"], strict=True)]
    paid = [each for each in fee if each == 76_000]
    assert fee[: len(paid)] == paid
    recovered = fee[len(paid) :]
    assert all(each in (0, pytest.approx(0.3 * 76_000)) for each in recovered)
    worked = [each for each in crews if each == -41_000]
    assert crews == worked + [0] * (len(crews) - len(worked))
    # due at a month's end and paid 30 days later: what is worked on for two months is unpaid when the default comes
    assert len(worked) == len(fee) or len(paid) < len(worked) <= len(paid) + 3


def test_late_days_bear_interest(path: tuple[int, Lines]) -> None:
    number, lines = path
    days = load(FOLDER / f"{NAME}.yaml").futures(number + 1, seed=1)["days_late"][:, number]
    fee = [a + b for a, b in zip(lines["service_fee.amount"], lines["customer_credit.service_fee"], strict=True)]
    interest = [each * 0.09 * float(late) / 365 for each, late in zip(fee, days, strict=True)]
    assert lines["late_payment.service_fee"] == pytest.approx(interest)
    assert lines["late_payment.service_fee financed"] == pytest.approx([-each * 0.06 / 0.09 for each in interest])


def test_tax_is_thirty_per_cent_of_what_no_loss_is_set_against(path: tuple[int, Lines]) -> None:
    _, lines = path
    beside = ("guarantee.gain", "cover.loss", "cover.deductible", "tools", "tax", "customer_credit.power",
              "customer_credit.own_service")  # fmt: skip
    margin = [0.0] * YEARS
    for name, rows in lines.items():
        if name in beside or name.startswith("customer."):
            continue
        a_year = len(rows) // YEARS
        for year in range(YEARS):
            margin[year] += sum(rows[year * a_year : (year + 1) * a_year])
    losses, tax = 0.0, []
    for each in margin:
        tax.append(-0.3 * max(each - losses, 0.0))
        losses = max(losses - each, 0.0)
    assert lines["tax"] == pytest.approx(tax)
