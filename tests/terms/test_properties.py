"""What holds of every clause whatever the facts: scale, order, no jump but where one is said, edges from both sides,
nothing remembered longer than said, nothing paid while it does not stand, and what others see is what is paid.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.terms.clauses import PERIODS, YEAR, Clause, Edge, Fact, Facts, Floats
from tests.terms.clauses_of_charges import CHARGES
from tests.terms.clauses_of_gains import GAINS
from tests.terms.clauses_over_others import OVER_OTHERS

CLAUSES = (*GAINS, *CHARGES, *OVER_OTHERS)
ACCOUNTS = 12
LITTLE = 2.0**-20
some = settings(max_examples=6, deadline=None)


def drawn(fact: Fact) -> st.SearchStrategy[Floats]:
    """A value for each period and account, each drawn by itself."""
    periods = 1 if fact.once else PERIODS
    size = 2 * periods * ACCOUNTS
    return st.binary(min_size=size, max_size=size).map(lambda drawn: _values(fact, drawn, periods))


def _values(fact: Fact, drawn: bytes, periods: int) -> Floats:
    """Two bytes a value; what is known is one value for all periods."""
    steps = np.frombuffer(drawn, np.uint16).reshape(periods, ACCOUNTS) % ((fact.high - fact.low) * fact.parts + 1)
    return np.array(np.broadcast_to(fact.low + steps / fact.parts, (PERIODS, ACCOUNTS)))


def facts_of(clause: Clause) -> st.SearchStrategy[dict[str, Floats]]:
    return st.fixed_dictionaries({name: drawn(fact) for name, fact in clause.facts.items()})


def every(*attributes: str) -> Any:
    """The clauses of which something is said."""
    those = [clause for clause in CLAUSES if not attributes or any(getattr(clause, name) for name in attributes)]
    return pytest.mark.parametrize("clause", those, ids=lambda clause: f"{clause}-{CLAUSES.index(clause)}")


def changed(facts: Facts, name: str, value: Floats, *periods: int) -> dict[str, Floats]:
    """The facts with one of them changed, in all periods or in those that are named."""
    new = facts[name].copy()
    where = list(periods) or slice(None)
    new[where] = value[where] if value.ndim == 2 else value
    return {**facts, name: new}


@every()
@some
@given(st.data())
def test_a_contract_in_another_unit_pays_the_same(clause: Clause, data: st.DataObject) -> None:
    """A power of two, so that not a bit may differ: whoever counts in quarters of a euro gets four times the number."""
    facts = data.draw(facts_of(clause))
    larger = {name: 4.0 * value if clause.facts[name].is_money else value for name, value in facts.items()}
    assert (clause.settle(larger, scale=4).money() == 4.0 * clause.settle(facts).money()).all()


@every("up", "down")
@some
@given(st.data())
def test_more_never_pays_less_in_its_own_settlement(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    before = clause.watched(facts)
    for sign, names in ((1.0, clause.up), (-1.0, clause.down)):
        for name in names:
            last = PERIODS - 1
            more = np.maximum(facts[name], data.draw(drawn(clause.facts[name])))
            after = clause.watched(changed(facts, name, more, last))
            assert (sign * (after - before)[last] >= -1e-9).all(), name


@every("smooth")
@some
@given(st.data())
def test_nothing_jumps_but_where_it_is_said(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    before = clause.watched(facts)
    for name in clause.smooth:
        after = clause.watched(changed(facts, name, facts[name] + LITTLE))
        assert np.abs(after - before).max() <= PERIODS * clause.slope * LITTLE + 1e-9, name


@every("edges")
@some
@given(st.data())
def test_every_edge_from_both_sides(clause: Clause, data: st.DataObject) -> None:
    """A little below it, on it, and a little above: the edge is on the side that is said, in all that follows on it."""
    facts = data.draw(facts_of(clause))
    for edge in clause.edges:
        below, on, above = (_at(clause, edge, facts, away) for away in (-LITTLE, 0.0, LITTLE))
        slight = 2 * PERIODS * clause.slope * LITTLE + 1e-9
        if edge.side in ("below", "both"):
            assert np.abs(on - below).max() <= slight
        if edge.side in ("above", "both"):
            assert np.abs(above - on).max() <= slight
        jump = edge.jump(_in(facts, edge.period)) if callable(edge.jump) else edge.jump
        assert (np.abs(above - below).max(axis=0) >= jump - slight).all()


def _in(facts: Facts, period: int) -> dict[str, Floats]:
    return {name: value[period] for name, value in facts.items()}


def _at(clause: Clause, edge: Edge, facts: Facts, away: float) -> Floats:
    """What is paid with a fact at its edge in a period, or a little away from it; one that is known holds in all."""
    at = edge.at(_in(facts, edge.period)) if callable(edge.at) else np.full(ACCOUNTS, edge.at)
    periods = () if clause.facts[edge.fact].once else (edge.period,)
    return clause.watched(changed(facts, edge.fact, at + away, *periods))


@every()
@some
@given(st.data())
def test_nothing_is_remembered_longer_than_said(clause: Clause, data: st.DataObject) -> None:
    """A year begins anew; what is reckoned by settlement looks at nothing else."""
    if clause.keeps == "life":
        return
    facts, others = data.draw(facts_of(clause)), data.draw(facts_of(clause))
    fresh = YEAR if clause.keeps == "year" else PERIODS - 1
    earlier = range(fresh)
    mixed = dict(facts)
    for name, fact in clause.facts.items():
        if not fact.once:
            mixed = changed(mixed, name, others[name], *earlier)
    assert (clause.watched(mixed)[fresh:] == clause.watched(facts)[fresh:]).all()


@every()
@some
@given(st.data())
def test_what_others_see_is_what_is_paid(clause: Clause, data: st.DataObject) -> None:
    """paid(it) adds up to the payment lines of the term."""
    found = clause.settle(data.draw(facts_of(clause)))
    seen, paid = found.paid("seen"), found.paid("it")
    assert np.abs(seen - paid).max() <= 1e-9


@every()
@some
@given(st.data())
def test_what_does_not_stand_pays_nothing(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    never, always = (
        clause.settle({**facts, "stands": np.full((PERIODS, ACCOUNTS), mark)}, stands=True) for mark in (0.0, 1.0)
    )
    assert (never.paid("it") == 0.0).all()
    assert (always.paid("it") == clause.settle(facts).paid("it")).all()
