"""Runs to report on: one of a shipped scenario, and small ones with one thing out of the ordinary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gainsim.bridge import simulate_model
from gainsim.scenario.load import from_document, load_file
from gainsim.scenario.reading import read_text
from gainsim.summary import Summary, summarise

ROOT = Path(__file__).resolve().parent.parent.parent
SCENARIO = ROOT / "scenarios" / "compressed_air.yaml"

SMALL = """
gainsim: 1
title: {title}
about: {about}
currency: USD
calendar: {{ start: 2027-01, years: {years}, step: year, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {{ control: nobody, unit: USD/year, {saving} }}
contract:
  fee: {{ term: fee, amount: 100 USD per year, clock: {{ measured: year }} }}
  share:
    term: sharing
    of: saving
    clock: {{ measured: year }}
    steps: [{{ share: {{ below 0: 0%, above: 50% }} }}]
costs:
  work: {{ amount: 90 USD per year }}
{more}
"""
UNCERTAIN = "central: mean, drawn: each period, normal: { mean: 10, sd: 40 }"
CERTAIN = "constant: 40"


def small(
    title: str = "A deal", about: str = "x", saving: str = UNCERTAIN, more: str = "", paths: int = 300, years: int = 2
) -> Summary:
    """A run of a yearly deal of two clauses and one cost, discounted at nothing."""
    text = SMALL.format(title=title, about=about, saving=saving, more=more, years=years)
    document = read_text(text, "small.yaml")
    return summarise(simulate_model(from_document(document).model, paths, 7), document)


@pytest.fixture(scope="session")
def air() -> Summary:
    loaded = load_file(SCENARIO, paths=3_000, seed=11)
    return summarise(simulate_model(loaded.model, 3_000, 11), loaded.document)


@pytest.fixture(scope="session")
def make() -> Callable[..., Summary]:
    return small


@pytest.fixture(scope="session")
def plain() -> Summary:
    return small()
