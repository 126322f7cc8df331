"""Further parties: who pays whom, what counts as revenue and what only in the margin; money adds up to zero."""

from __future__ import annotations

import json
from textwrap import indent

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gainsim
from gainsim.api import base_case, load_text, simulate
from gainsim.outcome import Outcome
from gainsim.report.tables import profit_and_loss
from gainsim.summary import to_json
from gainsim.text.base import base_page
from gainsim.text.offer import memo
from gainsim.text.settlement import statement

OFFER = """
gainsim: 1
title: parties
currency: EUR
calendar: {{ start: 2027-01, years: {years}, step: year, year: contract }}
money: {{ discount_rate: 10% pa }}
drivers:
  saving: {{ control: supplier, unit: EUR/year, drawn: each period, central: mean, normal: {{ mean: 100, sd: 300 }} }}
parties: [insurer, crew]
contract:
{contract}
costs:
  work: {{ amount: 40 EUR per year }}
  tool: {{ amount: 30 EUR, at: start, straight_line: 1 year, layer: capital }}
customer:
  gains: {{ saved: saving }}
"""
FEE = "fee: { term: fee, amount: 100 EUR per year }"
COVER = "cover: { term: fee, amount: -12 EUR per year, party: insurer }"
CREW = """crew_share:
  term: sharing
  party: crew
  of: 0 EUR - paid(share)
  clock: { measured: year }
  steps: [ share: { below 0: 50%, above: 50% } ]"""
SHARE = """share:
  term: sharing
  of: saving
  clock: { measured: year }
  steps: [ share: { below 0: 60%, above: 40% } ]"""


def offer(*terms: str, years: int = 1) -> gainsim.Offer:
    return load_text(OFFER.format(contract=indent("\n".join(terms), "  "), years=years))


def outcome(*terms: str, years: int = 1, paths: int = 50) -> Outcome:
    return Outcome(simulate(offer(*terms, years=years), paths=paths, seed=1).run)


def test_what_a_further_party_gets_is_no_revenue_and_lowers_the_contribution():
    """Revenue 100, to the insurer 12, work 40: contribution 48; the tool is written down in the year: 18."""
    found = base_case(offer(FEE, COVER)).outcome
    assert found.revenue.tolist() == [100]
    assert found.from_parties.tolist() == [-12]
    assert found.cost.tolist() == [-70]
    assert [found.margin(layer).tolist() for layer in ("contribution", "overhead", "capital")] == [[48], [48], [18]]
    assert found.customer_benefit.tolist() == [100 - 100]
    # the tool is paid at the start, everything else a year later, at 10% pa
    assert found.npv.tolist() == pytest.approx([-30 + (100 - 12 - 40) / 1.1])


def test_the_customer_gains_as_much_whoever_the_supplier_agrees_with_besides():
    alone, insured = outcome(FEE, SHARE), outcome(FEE, SHARE, COVER, CREW)
    assert (alone.customer_benefit == insured.customer_benefit).all()
    assert (alone.revenue == insured.revenue).all()
    assert insured.margin() == pytest.approx(alone.margin() - 12 - 0.5 * (alone.revenue - 100))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([COVER, CREW]), unique=True), st.integers(1, 4), st.integers(1, 5))
def test_money_adds_up_to_zero_over_all_parties(terms: list[str], years: int, paths: int):
    """What one receives another pays; the supplier's and the customer's part are those of the measures."""
    found = outcome(FEE, SHARE, *terms, years=years, paths=paths)
    names = ("supplier", "customer", "insurer", "crew", "others")
    positions = [found.position(party) for party in names]
    assert np.add.reduce(positions) == pytest.approx(np.zeros(paths), abs=1e-9)
    assert positions[0] == pytest.approx(found.margin())  # what was bought is written down within the contract
    assert positions[1] == pytest.approx(found.customer_benefit)
    assert positions[2] + positions[3] == pytest.approx(-found.from_parties)


def test_a_limit_relieves_what_a_further_party_would_have_got():
    """The crew's share is a payment to it; a limit over it is between supplier and crew, not the customer."""
    limit = "limit: { term: liability_limit, limits: [crew_share], at_most: 10 EUR, per: life }"
    lines = {line.name: line for line in offer(FEE, SHARE, CREW, limit).loaded.model.lines}
    assert lines["limit.crew_share"].parties == ("supplier", "crew")
    assert lines["limit.crew_share"].role == "party"


def test_a_party_without_a_term_is_told():
    assert simulate(offer(FEE, COVER), paths=200, seed=1).summary.checks[1] == "no term is agreed with 'crew'."


def test_every_page_shows_what_further_parties_get():
    """Memo, base case, statement, profit and loss and JSON have the lines, and their sum between revenue and margin."""
    one = offer(FEE, COVER)
    summary = simulate(one, paths=200, seed=1).summary
    assert [entry.name for entry in profit_and_loss(summary)][:5] == [
        "fee",
        "Revenue",
        "cover",
        "From further parties",
        "work",
    ]
    page = memo(summary)
    assert [line.split()[:3] for line in page.splitlines() if "from further parties" in line] == [
        ["from", "further", "parties"],
        ["=", "from", "further"],
    ]
    rows = [line.split() for line in base_page(summary.base).splitlines()]
    assert ["from", "further", "parties", "-12", "-12"] in rows
    rows = [line.split() for line in statement(one.loaded.model.told, one.loaded.statement(0)).splitlines()]
    assert ["cover.amount", "-12.00", "supplier", "to", "insurer", "2027", "2028-01-01", "2028-01-01"] in rows
    data = json.loads(json.dumps(to_json(summary), allow_nan=False))
    assert data["parties"]["insurer"] == 12
    assert (
        data["clauses"]["cover.amount"] | {"payee": "supplier", "payer": "insurer"} == data["clauses"]["cover.amount"]
    )
    assert sum(data["parties"].values()) == pytest.approx(0, abs=1e-9)


def test_an_offer_without_further_parties_says_nothing_of_them():
    text = OFFER.replace("parties: [insurer, crew]\n", "").format(contract=indent(FEE, "  "), years=1)
    assert "further parties" not in memo(simulate(load_text(text), paths=50, seed=1).summary)
