"""QuantLib's market of one asset: flat rates, a flat volatility, a year of 365 days."""

from __future__ import annotations

from typing import Any

from tests.peer import peer

ql = peer("QuantLib")
TODAY = ql.Date(1, 1, 2027)
DAYS = ql.Actual365Fixed()
ql.Settings.instance().evaluationDate = TODAY


def _flat(rate: float) -> Any:
    return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, DAYS))


def black_scholes(spot: float, r: float, q: float, vol: float) -> Any:
    """The walk of an asset that yields q, at a rate r; both continuous."""
    volatility = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(TODAY, ql.NullCalendar(), vol, DAYS))
    return ql.BlackScholesMertonProcess(ql.QuoteHandle(ql.SimpleQuote(spot)), _flat(q), _flat(r), volatility)


def merton(spot: float, r: float, q: float, vol: float, a_year: float, log_mean: float, log_sd: float) -> Any:
    """Merton's jumps as Bates' model without a volatility that moves."""
    variance = vol * vol
    process = ql.BatesProcess(
        _flat(r), _flat(q), ql.QuoteHandle(ql.SimpleQuote(spot)), variance, 1.0, variance, 1e-4, 0.0, a_year, log_mean, log_sd
    )
    return ql.BatesEngine(ql.BatesModel(process), 192)


def european(days: int) -> Any:
    return ql.EuropeanExercise(TODAY + days)
