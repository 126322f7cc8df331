"""QuantLib's market of one asset: flat rates, a flat volatility, a year of 365 days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Market:
    """ql: QuantLib, where it is installed."""

    ql: Any

    def __post_init__(self) -> None:
        self.ql.Settings.instance().evaluationDate = self.today

    @property
    def today(self) -> Any:
        """The day of the valuation."""
        return self.ql.Date(1, 1, 2027)

    def expires(self, days: int) -> Any:
        """Exercised after so many days, or never."""
        return self.ql.EuropeanExercise(self.today + days)

    def black_scholes(self, spot: float, r: float, q: float, vol: float) -> Any:
        """The walk of an asset that yields q, at a rate r; both continuous."""
        volatility = self.ql.BlackConstantVol(self.today, self.ql.NullCalendar(), vol, self.ql.Actual365Fixed())
        return self.ql.BlackScholesMertonProcess(
            self._quote(spot), self._flat(q), self._flat(r), self.ql.BlackVolTermStructureHandle(volatility)
        )

    def merton(self, spot: float, r: float, q: float, vol: float, a_year: float, log_mean: float, log_sd: float) -> Any:
        """An engine of Merton's jumps: Bates' model without a volatility that moves."""
        v = vol * vol
        process = self.ql.BatesProcess(
            self._flat(r), self._flat(q), self._quote(spot), v, 1.0, v, 1e-4, 0.0, a_year, log_mean, log_sd
        )
        return self.ql.BatesEngine(self.ql.BatesModel(process), 192)

    def _flat(self, rate: float) -> Any:
        return self.ql.YieldTermStructureHandle(self.ql.FlatForward(self.today, rate, self.ql.Actual365Fixed()))

    def _quote(self, spot: float) -> Any:
        return self.ql.QuoteHandle(self.ql.SimpleQuote(spot))
