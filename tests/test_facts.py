"""How formulas read facts over an assessment window."""

from __future__ import annotations

import pytest

import gainsim

OFFER = """
gainsim: 1
title: windows
currency: EUR
calendar: {{ start: 2027-01, years: 1, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {{ control: supplier, unit: EUR/month, constant: 100 }}
  yearly: {{ control: supplier, unit: EUR/year, constant: 600 }}
  level: {{ control: supplier, unit: fraction, schedule: {{ 2027-01: 1.0, 2027-07: 0.5 }} }}
contract:
  share:
    term: sharing
    of: {of}
    clock: {{ measured: {measured} }}
    steps: [{{ share: {{ below 0: 100%, above: 100% }} }}]
"""


def settled(of: str, measured: str = "year") -> list[float]:
    base = gainsim.base_case(gainsim.load_text(OFFER.format(of=of, measured=measured)))
    gain = next(n for n, line in enumerate(base.model.lines) if line.step == "gain")
    return [float(x) for x in base.by_year[gain]]


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ("saving", 12 * 100.0),
        ("total(saving)", 12 * 100.0),
        ("yearly", 600.0),  # a twelfth each month
        ("1_000 EUR per year", 1000.0),  # a flow written as a number adds up too
        ("saving - 20 EUR per month", 12 * 80.0),
        ("saving * mean(level)", 1200.0 * 0.75),
        ("total(saving * level)", 6 * 100.0 + 6 * 50.0),
        ("saving * lowest(level)", 1200.0 * 0.5),
        ("saving * highest(level)", 1200.0),
        ("saving * last(level)", 1200.0 * 0.5),
        ("500 EUR from month 1 else 200 EUR", 500.0),
    ],
)
def test_what_a_formula_comes_to_in_a_year(of: str, expected: float) -> None:
    assert settled(of) == pytest.approx([expected], rel=1e-12)


def test_a_quarter_settles_four_times() -> None:
    assert settled("saving", "quarter") == pytest.approx([1200.0])


def test_what_does_not_add_up_must_say_how_it_is_reduced() -> None:
    with pytest.raises(gainsim.ScenarioError, match=r"Say mean\(level\)"):
        settled("saving * level")


def test_what_is_not_written_down_at_the_end_is_noted() -> None:
    text = gainsim.TEMPLATE.replace(
        "set_up: { amount: 25_000 EUR, at: start }",
        "set_up: { amount: 25_000 EUR, at: start, layer: capital, straight_line: 5 years }",
    )
    assert gainsim.load_text(text).loaded.notes == ("10,000 EUR of 'set_up' is not written down at the contract's end.",)
    assert gainsim.load_text(gainsim.TEMPLATE).loaded.notes == ()


def test_a_band_without_a_share_does_not_count_as_one_that_never_binds() -> None:
    text = gainsim.TEMPLATE.replace("above: 20%", "above: 0%")
    offer = gainsim.load_text(text)
    assert offer.loaded.model.silent == {"gain_share.share above"}
    checks = gainsim.simulate(offer, paths=50).summary.checks
    assert not any("share above never binds" in check for check in checks)
