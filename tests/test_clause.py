"""Trying a clause out: what may be written, and what is told where it is none."""

from __future__ import annotations

import numpy as np
import pytest

import gainsim
from gainsim import try_clause

HALF = "{ term: payment, amount: saving / 2, clock: { measured: year } }"


def test_a_fact_is_text_a_number_or_many() -> None:
    assert try_clause(HALF, saving="1_000, -.5 EUR/year").loc["paid"].tolist() == [500.0, -0.25]
    by_level = "{ term: payment, amount: 10 EUR, when: level >= 99%, clock: { measured: year } }"
    for level in ("0.98, 0.99", [0.98, 0.99], np.array([0.98, 0.99])):
        assert try_clause(by_level, level=level).loc["paid"].tolist() == [0.0, 10.0]
    assert try_clause(by_level, level=1, other=[1, 2, 3]).loc["paid"].tolist() == [10.0, 10.0, 10.0]


def test_a_contract_without_facts_has_the_years_it_says() -> None:
    fee = "{ calendar: { years: 2 }, contract: { fee: { term: fee, amount: 12 EUR per month } } }"
    assert try_clause(fee).loc["fee paid"].tolist() == [144.0, 144.0]
    assert try_clause("{ term: fee, amount: 12 EUR per month }").loc["paid"].tolist() == [144.0]


def test_the_sections_that_are_written_are_those_of_the_scenario() -> None:
    """A quarter, dollars, a price that is agreed beforehand."""
    found = try_clause(
        """
        currency: USD
        calendar: { start: 2028-07, step: quarter }
        drivers: { price: { control: nobody, unit: USD/MWh, schedule: { 2028-07: 10, 2028-10: 20 } } }
        contract:
          fee: { term: fee, amount: energy * price }
        """,
        energy="3, 4 MWh/quarter",
    )
    assert found.loc["fee paid"].to_dict() == {"2028-Q3": 30.0, "2028-Q4": 80.0}


def test_what_does_not_fall_due_is_nothing() -> None:
    """A column for each period in which something falls due; what falls due at the year's end pays nothing before."""
    found = try_clause(
        """
        calendar: { step: quarter }
        contract:
          fee: { term: payment, amount: -saving, clock: { measured: year } }
          limit: { term: liability_limit, limits: [fee], at_most: 5, per: life }
          rent: { term: fee, amount: 1 EUR per month, clock: { measured: quarter } }
        """,
        saving="1, 2, 3, 4 EUR/quarter",
    )
    assert found.loc["fee paid"].tolist() == [0.0, 0.0, 0.0, -10.0]
    assert found.loc["limit paid"].tolist() == [0.0, 0.0, 0.0, 5.0]
    assert found.loc["rent paid"].tolist() == [3.0, 3.0, 3.0, 3.0]
    assert try_clause("{ term: payment, amount: saving, clock: { measured: life } }", saving="1, 2 EUR/year").shape == (
        2,
        1,
    )


@pytest.mark.parametrize(
    ("clause", "told"),
    [
        (
            "term: payment\namount: savings\nclock: {}",
            r"the clause:2:9: contract.clause.amount: .*Did you mean 'saving'",
        ),
        ("a:\n  term: payment\n  amuont: saving\n  clock: {}", r"the clause:3:3: contract.a.amuont: .*'amount'"),
        ("contract:\n  a: { term: pay }", r"the clause:2:\d+: contract.a"),
        ("calendar: 2027\ncontract:\n  a: { term: fee, amount: 1 EUR per year }", r"the clause:1:11: calendar"),
        ("- 1", "the top level is a list"),
        (" ", "the file is empty"),
    ],
)
def test_what_is_wrong_in_a_clause_is_told_in_its_place(clause: str, told: str) -> None:
    with pytest.raises(gainsim.ScenarioError, match=told):
        try_clause(clause, saving="1 EUR/year")


@pytest.mark.parametrize(
    ("saving", "told"),
    [
        ("1; 2 EUR/year", r"saving: '1;' is not a number.* as '99, 100 EUR/year'"),
        ("EUR/year", "saving: 'EUR/year' is not a number"),
        ("1,5 EUR/year", r"saving: '1,5' is two numbers: a comma .*Write 1\.5\. A fact is .* as '99, 100 EUR/year'"),
        ("99,100, 101 EUR/year", r"saving: '99,100' is two numbers: a comma .*Write 99_100 or 99\.1000\."),
        ("1, 2 EUR/year", "saving has 2 values, the contract 3 periods. Write one for each period, or one for all"),
    ],
)
def test_what_is_no_fact_is_told(saving: str, told: str) -> None:
    with pytest.raises(gainsim.UsageError, match=told):
        try_clause(HALF, saving=saving, other=[1, 2, 3])


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("uptime > 100%", 0), ("1 - uptime >= 0%", 1), ("uptime - 99% >= -5%", 0), ("uptime * 2 >= 150%", 1),
        ("uptime / 60% >= 150%", 1), ("3 * uptime - 1 >= 120%", 1), ("uptime of 3 >= 1.5", 1), ("max(uptime, 0) > 0", 1),
    ],
)  # fmt: skip
def test_what_is_made_of_a_fraction_of_the_time_may_lie_outside_it(condition: str, holds: int) -> None:
    """Of 90%: what is left of it, by how much it misses a mark, and multiples are no fractions of the time themselves."""
    clause = f"""
        drivers: {{ uptime: {{ unit: fraction of the time, control: nobody, constant: 0.9 }} }}
        contract: {{ bonus: {{ term: payment, amount: 1 EUR, when: "{condition}", clock: {{ measured: year }} }} }}"""
    assert try_clause(clause).loc["bonus paid"].tolist() == [holds]
