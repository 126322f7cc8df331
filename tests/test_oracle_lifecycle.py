"""Contracts whose parties decide: the engine against the oracle, future by future.

What is drawn is asked of the engine, by the name of the decision; everything that follows from it is the oracle's.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from statistics import NormalDist

import numpy as np
import pytest

from gainsim.model import Model, build
from gainsim.offer.scenario import Scenario
from gainsim.streams.source import Philox
from tests.oracle.agreement import differing
from tests.oracle.lifecycle import Lived, lived
from tests.oracle.offers_lifecycle import OfferOfDecisions, offer
from tests.oracle.rows import Rows, differ, of_futures
from tests.oracle.settled import reckoned_at

CONTRACTS, BATCH, PATHS = 300, 100, 4
KEYS = ("when", "chance", "otherwise", "after", "first", "last", "at")


@cache
def model_of(number: int) -> Model:
    return build(Scenario.model_validate(offer(number).scenario()), gates=True)


def by_twin(one: OfferOfDecisions, path: int) -> Lived:
    source = Philox(model_of(one.number).plan(PATHS, 1))

    def drawn(name: str, period: int) -> float:
        return NormalDist().cdf(float(source.normals(name, np.array([path], np.uint64), period)[0]))

    return lived(one.lifecycle, one.contract, one.life, one.facts, drawn)


def rows_of(one: OfferOfDecisions, future: Lived) -> Rows:
    """The ledger of a future: what is paid in each period, what each decision is, when it was asked and taken."""
    rows: Rows = {}
    for name, settlements in future.paid.items():
        for each in settlements:
            rows[name, reckoned_at(one.contract[name], each)] = each.paid
    for name, values in future.values.items():
        rows |= {(name, period): value for period, value in enumerate(values)}
        rows |= {(f"{name}.asked", period): 1.0 for period in future.asked[name]}
        rows |= {(f"{name}.taken", period): 1.0 for period in future.taken[name]}
    return rows


def _of_the_engine_alone(line: str) -> bool:
    """What is told beside what was decided: how it came to be, and what is earned after the first deal."""
    return line.startswith("lifecycle.") or line.endswith((".chance", ".drawn", ".becomes", ".at the year's end"))


def disagreements(number: int) -> list[str]:
    one = offer(number)
    engine = of_futures(model_of(number), PATHS, one.contract)
    found = []
    for path in range(PATHS):
        ours = {key: amount for key, amount in engine[path].items() if not _of_the_engine_alone(key[0])}
        found += [f"path {path}: {each}" for each in differ(ours, rows_of(one, by_twin(one, path)), one.life)]
    return found


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), disagreements) == {}


def test_every_rule_is_met() -> None:
    met: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        for path in range(PATHS):
            future = by_twin(one, path)
            met["ended early"] += future.end is not None
            met["ended with the first of two"] += future.end is not None and "out_2" in one.contract
            met["ran to the end"] += future.end is None and any(term["term"] == "termination" for term in one.contract.values())
            for name, written in one.lifecycle.items():
                asked, taken = future.asked[name], future.taken[name]
                met["asked and not taken"] += len(asked) > len(taken)
                met["taken several times"] += len(taken) > 1
                met.update(key for key in KEYS if key in written and taken)
                met["asks what is paid"] += "paid(" in str(written) and bool(taken)
    rules = (
        "ended early", "ended with the first of two", "ran to the end", "asked and not taken", "taken several times",
        "asks what is paid", *KEYS,
    )  # fmt: skip
    assert all(met[rule] >= 20 for rule in rules), met
