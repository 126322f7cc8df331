"""The early end of a contract: against a contract that is as short from the start, costs, and what a chance of it costs."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gainsim

OFFER = """
gainsim: 1
title: an offer that may end
currency: EUR
calendar: {{ start: 2027-01, {length}, step: month, year: contract, stub_years: full }}
money: {{ discount_rate: 6% pa }}
drivers:
  price: {{ control: nobody, unit: EUR/MWh, central: mean, geometric_walk: {{ start: 90, drift: 2% pa, volatility: 30% pa }} }}
  level: {{ control: supplier, unit: fraction, central: mean, drawn: each period, uniform: {{ low: 90%, high: 100% }} }}
  chance: {{ control: customer, unit: fraction, central: 0.5, drawn: each period, uniform: {{ low: 0, high: 1 }} }}
value:
  saving: (price - 88 EUR/MWh) * 10 MWh/month
contract:
  fee: {{ term: fee, amount: 100 EUR per month, clock: {{ measured: quarter }} }}
  share:
    term: sharing
    of: saving
    clock: {{ measured: year }}
    steps:
      - threshold: {{ at: 50, sides: both, then: excess }}
      - share: {{ below 0: 60%, up to 500: 40%, above: 20% }}
      - carry: {{ what: all pain, expires: never, at_end: paid }}
      - limit_payment: {{ floor: -300, cap: 300, per: life }}
  credits:
    term: service_credits
    level: mean(level)
    credits: {{ below 96%: 5%, below 94%: 20% }}
    of: 100 EUR per month
    clock: {{ measured: quarter }}
  liability: {{ term: liability_limit, limits: [share], at_most: 250 EUR, per: life }}
  kept: {{ term: retention, of: [fee], share: 5%, at_end: released }}
{more}
costs:
  people: {{ amount: 20 EUR per month }}
  clean: {{ amount: 70 EUR, at: end }}
customer:
  gains: {{ less: saving }}
"""


def by_name(more: str, length: str = "years: 3", paths: int = 200) -> dict[str, np.ndarray]:
    """What each line comes to, by path."""
    result = gainsim.simulate(gainsim.load_text(OFFER.format(more=more, length=length)), paths=paths, seed=5)
    return {line.name: result.run.total[n] for n, line in enumerate(result.run.rows.lines)}


@pytest.mark.parametrize("paths", [40, 1_100], ids=["one by one", "compiled"])
@pytest.mark.parametrize("months", [4, 12, 18, 31, 36])
def test_an_early_end_pays_what_a_contract_as_short_pays(months: int, paths: int) -> None:
    """Windows are cut where it ends: the futures are the same, for a longer contract keeps its earlier periods.

    What settles after the end, with its window, is not held back any more; in the end nothing is held back either way.
    """
    ends = f"  out: {{ term: termination, when: elapsed >= {months} months, payment: 1 EUR }}"
    early, short = by_name(ends, paths=paths), by_name("", f"months: {months}", paths)
    for found in early, short:
        found["kept"] = found.pop("kept.fee") + found.pop("kept.released")
    for name, amounts in short.items():
        np.testing.assert_allclose(early[name], amounts, rtol=1e-12, atol=1e-9, err_msg=name)
    assert (early["out.payment"] == float(months < 36)).all()


def test_an_end_that_never_comes_changes_nothing() -> None:
    never = by_name("  out: { term: termination, when: price < 0 EUR/MWh, notice: 2 months, payment: 1 EUR }")
    for name, amounts in by_name("").items():
        np.testing.assert_array_equal(never[name], amounts, err_msg=name)
    assert (never["out.payment"] == 0.0).all()


@pytest.mark.parametrize("when", ["chance < 2%", "paid(credits) < -30 EUR"])
def test_what_an_end_may_cut_off_is_not_committed(when: str) -> None:
    """Also where the end is asked when the terms have settled, which are written down before it."""
    more = f"  out: {{ term: termination, when: {when}, notice: 1 month }}"
    assert gainsim.simulate(gainsim.load_text(OFFER.format(more=more, length="years: 1")), paths=3).measures["tcv"].value == 0
    assert gainsim.simulate(gainsim.load_text(OFFER.format(more="", length="years: 1")), paths=3).measures["tcv"].value == 1_200


def test_a_chance_of_an_end_each_month() -> None:
    """Notice is given with 2% a month, a month ahead: the months that are paid are 1 + Σ 0.98^n, n from 1 on."""
    paths = 20_000
    totals = by_name("  out: { term: termination, when: chance < 2%, notice: 1 month, payment: 1 EUR }", paths=paths)
    months = totals["people"] / -20.0
    expected = 1.0 + sum(0.98**n for n in range(35))
    assert abs(months.mean() - expected) < 4 * months.std() / math.sqrt(paths)
    # paid for unless notice comes in one of the last two months, or never
    share = totals["out.payment"].mean()
    assert abs(share - (1 - 0.98**34)) < 4 * math.sqrt(share * (1 - share) / paths)


CAPITAL = """
gainsim: 1
title: a plant that is paid for
currency: EUR
calendar: { start: 2027-01, years: 4, step: quarter, year: contract }
money: { discount_rate: 0% pa }
drivers:
  price: { control: nobody, unit: EUR, constant: 1_200 }
contract:
  fee: { term: fee, amount: 60 EUR per quarter, scales_with: scope }
  out:
    term: termination
    when: elapsed >= 12 months
    notice: 6 months
    ramp_down: 6 months
    unrecovered: { costs: [plant, spares, late], share: 75% }
costs:
  plant: { amount: price, at: start, layer: capital, straight_line: 3 years }
  spares: { amount: 100 EUR, at: 2027-10-05, layer: capital, straight_line: 1 year, after_exit: runs on }
  late: { amount: 900 EUR, at: 2029-02-01, layer: capital, straight_line: 1 year }
  people: { amount: 40 EUR per quarter, scales_with: scope }
  rent: { amount: 10 EUR per quarter }
  lease: { amount: 5 EUR per quarter, after_exit: runs on }
"""


def by_quarter(text: str) -> dict[str, list[float]]:
    """What each line comes to, one value for each of its settlements, on the one path there is."""
    result = gainsim.simulate(gainsim.load_text(text), paths=1, seed=1)
    found: dict[str, list[float]] = {}
    for (_, number), amount in zip(result.run.rows.keys, result.run.row_mean, strict=True):
        found.setdefault(result.run.rows.lines[number].name, []).append(float(amount))
    return found


def test_costs_stop_run_on_or_shrink_and_the_rest_of_the_capital_is_written_down() -> None:
    quarters = by_quarter(CAPITAL)
    # Notice at the end of quarter 4, the end with quarter 6; the scope is 3/4 and 1/4 in the last two.
    assert quarters["fee.amount"] == pytest.approx([60.0] * 4 + [45.0, 15.0] + [0.0] * 10)
    assert quarters["people"] == pytest.approx([-40.0] * 4 + [-30.0, -10.0] + [0.0] * 10)
    assert quarters["rent"] == [-10.0] * 6 + [0.0] * 10
    assert quarters["lease"] == [-5.0] * 16
    # 100 a quarter, and the 7 that are left with the sixth; 25 a quarter for four quarters, whatever ends
    assert quarters["plant.written down"] == pytest.approx([-100.0] * 5 + [-700.0] + [0.0] * 6)
    assert quarters["spares.written down"] == [-25.0] * 4
    assert quarters["late"] == [0.0]
    assert quarters["late.written down"] == [0.0] * 4
    # After quarter 6: 600 of the plant, 25 of the spares, nothing of what was not bought yet; 75% of 625.
    assert quarters["out.unrecovered"] == pytest.approx([0.0] * 5 + [468.75] + [0.0] * 10)


def test_nobody_gives_notice_after_the_end() -> None:
    """The contract ends with quarter 1; what would ramp the scope down from quarter 2 on leaves what runs on as it is."""
    ends = "  out: { term: termination, when: elapsed >= 3 months }"
    after = "  again: { term: termination, when: elapsed >= 6 months, notice: 1 year, ramp_down: 1 year }"
    text = CAPITAL[: CAPITAL.index("  out:")] + f"{ends}\n{after}\n"
    text += "costs:\n  care: { amount: 8 EUR per quarter, scales_with: scope, after_exit: runs on }\n"
    run = gainsim.simulate(gainsim.load_text(text), paths=1, seed=1).run
    care = [number for number, line in enumerate(run.rows.lines) if line.name == "care"]
    assert [x for (_, n), x in zip(run.rows.keys, run.row_mean, strict=True) if n in care] == [-8.0] * 16


DEARER = """
gainsim: 1
title: capital that follows an index, or is bought at the end
currency: EUR
calendar: { start: 2027-01, years: 2, step: quarter, year: contract }
money: { discount_rate: 0% pa }
drivers:
  steel: { control: nobody, unit: "1", schedule: { 2027-01: 1, 2027-07: 1.1, 2028-01: 2 } }
contract:
  out: { term: termination, when: elapsed >= 15 months, unrecovered: { costs: [plant, spares, tools], share: 50% } }
costs:
  plant: { amount: 800 EUR, at: 2027-07-01, layer: capital, straight_line: 2 years, indexed: steel }
  spares: { amount: 80 EUR from 2027-04 else 40 EUR, at: 2027-04-01, layer: capital, straight_line: 2 years }
  tools: { amount: 60 EUR, at: end, layer: capital, straight_line: 1 year }
"""


def test_what_is_recovered_is_a_part_of_what_was_paid_when_it_was_bought() -> None:
    quarters = by_quarter(DEARER)
    # Quarter 5 is the last. The plant was bought in quarter 3 at 800 * 1.1 = 880, whatever steel costs later: 110 a
    # quarter, and with quarter 5 the 660 that are left; the spares at 80 in quarter 2.
    assert quarters["plant.written down"][:3] == pytest.approx([-110.0, -110.0, -660.0])
    assert quarters["spares.written down"][:4] == pytest.approx([-10.0, -10.0, -10.0, -50.0])
    # Bought with the last quarter, and written down in it.
    assert quarters["tools"] == [0.0] * 4 + [-60.0] + [0.0] * 3
    assert quarters["tools.written down"] == [0.0] * 4 + [-60.0] + [0.0] * 3
    # At the end of quarter 5 three of the plant's eight parts are written down, four of the spares' eight, one of the tools'
    # four: half of 550 + 40 + 45.
    assert quarters["out.unrecovered"] == pytest.approx([0.0] * 4 + [317.5] + [0.0] * 3)


def test_what_is_bought_at_the_end_of_a_contract_that_runs_to_it_is_begun_to_be_written_down() -> None:
    quarters = by_quarter(DEARER.replace("15 months", "24 months"))
    assert quarters["tools"] == [0.0] * 7 + [-60.0]
    assert quarters["tools.written down"] == [0.0] * 7 + [-15.0]
    assert quarters["out.unrecovered"] == [0.0] * 8


@pytest.mark.parametrize(("known", "paid"), [("1 < 0", 0.0), ("0 < 1", 100.0)])
def test_a_condition_known_beforehand_is_asked_like_any_other(known: str, paid: float) -> None:
    """By both runners: 60 for sure and 40 by chance in the year, and an end that never comes."""
    text = f"""
gainsim: 1
title: known
currency: EUR
calendar: {{ start: 2027-01, years: 1, step: year, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  use: {{ control: nobody, unit: EUR/year, central: mean, drawn: each period, uniform: {{ low: 40, high: 40.000001 }} }}
contract:
  fee: {{ term: fee, amount: 60 EUR per year, active_while: {known} }}
  pay: {{ term: payment, amount: total(use), active_while: {known}, clock: {{ measured: year }} }}
  left: {{ term: termination, when: use < 10 EUR/year, active_while: {known} }}
"""
    offer = gainsim.load_text(text)
    few, many = (gainsim.simulate(offer, paths=paths).paths()["revenue"] for paths in (20, 1_100))
    assert many[:20].tolist() == few.tolist()
    assert few.tolist() == pytest.approx([paid] * 20, abs=1e-5)
