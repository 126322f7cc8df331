"""Barriers that are watched at dates, as QuantLib simulates them: its paths are seen at their steps alone."""

from __future__ import annotations

import math

import pytest

from tests.peer import peer
from tests.peers.market import Market
from validation.extreme_laws import AtDates
from validation.option_dates import at_dates, expectation, walk_of
from validation.options import means

ql = peer("QuantLib")
MARKET = Market(ql)
ASSET = {"spot": 100.0, "r": 0.06, "q": 0.025, "vol": 0.28}
DAYS, DATES, SAMPLES = 180, 12, 65_536


@pytest.mark.parametrize(("kind", "level"), [("DownOut", 92.0), ("DownIn", 92.0), ("UpOut", 112.0), ("UpIn", 112.0)])
def test_a_barrier_that_is_watched_at_dates_is_worth_what_quantlib_simulates(kind: str, level: float) -> None:
    """Ours integrated, ours simulated, theirs simulated: within four standard errors of each other, a rebate included."""
    said = {"barrier": level, "barrier_type": kind, "rebate": 3.0, "strike": 98.0, "type": "Call", "t": DAYS / 365}
    row = {"sub": "barrier_rebate", "inputs": {**ASSET, **said}}
    payoff = ql.PlainVanillaPayoff(ql.Option.Call, 98.0)
    option = ql.BarrierOption(getattr(ql.Barrier, kind), level, 3.0, payoff, MARKET.expires(DAYS))
    option.setPricingEngine(
        ql.MCBarrierEngine(MARKET.black_scholes(**ASSET), "pseudorandom", timeSteps=DATES, isBiased=True,
                           requiredSamples=SAMPLES, seed=42)
    )  # fmt: skip
    grown = math.exp(ASSET["r"] * DAYS / 365)
    theirs, error = grown * option.NPV(), grown * option.errorEstimate()
    assert abs(expectation(row, AtDates(walk_of(row["inputs"]), DATES)) - theirs) <= 4.0 * error
    ((ours, own),) = means({"x": at_dates(row, DATES)}, SAMPLES, [20_271]).values()
    assert abs(ours - theirs) <= 4.0 * math.hypot(error, own)
