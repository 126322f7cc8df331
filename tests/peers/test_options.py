"""Options written as clauses of a contract, against QuantLib's engines on the same inputs in the same run.

Days are whole, as QuantLib counts time in dates: a year has 365 of them, here and there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.peer import peer
from tests.peers.market import Market
from validation.expectations import band
from validation.option_writing import Row
from validation.options import Found, found

ql = peer("QuantLib")
MARKET = Market(ql)
TODAY = MARKET.today
SEED, PATHS = 20_271, 131_072
ASSET = {"spot": 100.0, "r": 0.06, "q": 0.025, "vol": 0.28}
DAYS, MONTH = 180, 30
SIDES = {"Call": ql.Option.Call, "Put": ql.Option.Put}


def _walk() -> Any:
    return MARKET.black_scholes(**ASSET)


def _npv(option: Any, engine: Any) -> float:
    option.setPricingEngine(engine)
    return float(option.NPV())


def _row(sub: str, npv: float, **more: Any) -> Row:
    inputs = {**ASSET, "t": DAYS / 365, **more}
    return {"id": f"{sub} {more}", "sub": sub, "inputs": inputs, "expected": npv, "tol_abs": 1e-4}


def _of_the_end() -> list[Row]:
    """Calls and puts; digitals and gaps; the option to exchange; under jumps; one chosen later."""
    rows, exercise = [], MARKET.expires(DAYS)

    def vanilla(payoff: Any) -> float:
        return _npv(ql.VanillaOption(payoff, exercise), ql.AnalyticEuropeanEngine(_walk()))

    for kind, side in SIDES.items():
        rows += [
            _row("european", vanilla(ql.PlainVanillaPayoff(side, 95.0)), strike=95.0, type=kind),
            _row("digital_cash_or_nothing", vanilla(ql.CashOrNothingPayoff(side, 105.0, 10.0)),
                 strike=105.0, type=kind, payout=10),
            _row("digital_asset_or_nothing", vanilla(ql.AssetOrNothingPayoff(side, 105.0)),
                 strike=105.0, type=kind, payout="asset"),
        ]  # fmt: skip
        total, a_year, part = 0.3, 3.0, 0.5
        of_jump = (part * total**2 / a_year) ** 0.5
        steady = {**ASSET, "vol": ((1 - part) * total**2) ** 0.5}
        engine = MARKET.merton(**steady, a_year=a_year, log_mean=-(of_jump**2) / 2, log_sd=of_jump)
        jumping = _npv(ql.VanillaOption(ql.PlainVanillaPayoff(side, 110.0), exercise), engine)
        rows.append(
            _row("merton_jump_diffusion", jumping, strike=110.0, type=kind, total_vol=total, jump_intensity=a_year,
                 gamma_jump_share_of_variance=part)
        )  # fmt: skip
    rows.append(_row("gap", vanilla(ql.GapPayoff(ql.Option.Call, 95.0, 98.0)), type="Call", payout="S-98 if S>95"))
    other = {"spot": 90.0, "r": ASSET["r"], "q": 0.01, "vol": 0.2}
    engine = ql.AnalyticEuropeanMargrabeEngine(_walk(), MARKET.black_scholes(**other), 0.4)
    swapped = _npv(ql.MargrabeOption(2, 2, exercise), engine)
    rows.append(
        _row("exchange_margrabe", swapped, s1=100.0, q1=0.025, vol1=0.28, s2=90.0, q2=0.01, vol2=0.2, rho=0.4, Q1=2, Q2=2)
    )
    chosen = _npv(ql.SimpleChooserOption(TODAY + 60, 100.0, exercise), ql.AnalyticSimpleChooserEngine(_walk()))
    rows.append(_row("chooser_simple", chosen, strike=100.0, choose=60 / 365))
    forward = ql.ForwardVanillaOption(1.1, TODAY + 60, ql.PlainVanillaPayoff(ql.Option.Call, 0.0), exercise)
    started = _npv(forward, ql.ForwardEuropeanEngine(_walk()))
    return [*rows, _row("forward_start_cliquet_leg", started, moneyness=1.1, reset=60 / 365)]


def _of_averages() -> list[Row]:
    """Observed each month: geometric means by formula, arithmetic ones by QuantLib's integration (Choi, 2018)."""
    rows, dates = [], [TODAY + MONTH * n for n in range(1, 7)]
    times = [MONTH * n / 365 for n in range(1, 7)]
    for kind, side in SIDES.items():
        payoff = ql.PlainVanillaPayoff(side, 100.0)
        geometric = ql.DiscreteAveragingAsianOption(ql.Average.Geometric, 1.0, 0, dates, payoff, MARKET.expires(DAYS))
        arithmetic = ql.DiscreteAveragingAsianOption(ql.Average.Arithmetic, 0.0, 0, dates, payoff, MARKET.expires(DAYS))
        rows += [
            _row("asian_geometric_discrete",
                 _npv(geometric, ql.AnalyticDiscreteGeometricAveragePriceAsianEngine(_walk())),
                 strike=100.0, type=kind, fixings=times),
            _row("asian_geometric_avg_strike",
                 _npv(geometric, ql.AnalyticDiscreteGeometricAverageStrikeAsianEngine(_walk())), type=kind, fixings=times),
            _row("asian_arithmetic_discrete", _npv(arithmetic, ql.ChoiAsianEngine(_walk())),
                 strike=100.0, type=kind, fixings=6, first=times[0], length=times[-1] - times[0]),
        ]  # fmt: skip
    return rows


def _of_the_way() -> list[Row]:
    """Watched at every moment: barriers with a rebate, touches, binary barriers, lookbacks."""
    rows, exercise = [], MARKET.expires(DAYS)
    at_touch, at_end = ql.AmericanExercise(TODAY, TODAY + DAYS, False), ql.AmericanExercise(TODAY, TODAY + DAYS, True)
    for name, barrier in (("DownOut", 90.0), ("DownIn", 90.0), ("UpOut", 115.0), ("UpIn", 115.0)):
        way = getattr(ql.Barrier, name)
        for kind, side in SIDES.items():
            option = ql.BarrierOption(way, barrier, 3.0, ql.PlainVanillaPayoff(side, 98.0), exercise)
            rows.append(
                _row("barrier_rebate", _npv(option, ql.AnalyticBarrierEngine(_walk())), barrier=barrier, barrier_type=name,
                     rebate=3.0, strike=98.0, type=kind)
            )  # fmt: skip
            payoff = ql.CashOrNothingPayoff(side, 98.0, 15.0)
            binary = ql.BarrierOption(way, barrier, 0.0, payoff, at_end)
            rows.append(
                _row("binary_barrier_cash", _npv(binary, ql.AnalyticBinaryBarrierEngine(_walk())), barrier=barrier,
                     barrier_type=name, cash=15.0, strike=98.0, type=kind)
            )  # fmt: skip
    for direction, side, level in (("down", ql.Option.Put, 90.0), ("up", ql.Option.Call, 115.0)):
        touched = ql.CashOrNothingPayoff(side, level, 15.0)
        engine = ql.AnalyticDigitalAmericanEngine(_walk())
        said = {"barrier": level, "cash": 15, "direction": direction, "pays": "if hit"}
        rows += [
            _row("one_touch_cash_at_hit", _npv(ql.VanillaOption(touched, at_touch), engine), **said),
            _row("one_touch_cash_at_expiry", _npv(ql.VanillaOption(touched, at_end), engine), **said),
        ]
    for kind, side in SIDES.items():
        fixed = ql.ContinuousFixedLookbackOption(100.0, ql.PlainVanillaPayoff(side, 105.0), exercise)
        floating = ql.ContinuousFloatingLookbackOption(100.0, ql.FloatingTypePayoff(side), exercise)
        rows += [
            _row("lookback_fixed", _npv(fixed, ql.AnalyticContinuousFixedLookbackEngine(_walk())),
                 running_extreme=100.0, strike=105.0, type=kind),
            _row("lookback_floating", _npv(floating, ql.AnalyticContinuousFloatingLookbackEngine(_walk())),
                 running_extreme=100.0, type=kind),
        ]  # fmt: skip
    return rows


@pytest.mark.parametrize("rows", [_of_the_end, _of_averages, _of_the_way], ids=lambda rows: rows.__name__.strip("_"))
def test_clauses_pay_what_quantlib_says(rows: Callable[[], list[Row]]) -> None:
    """Each within four standard errors, none of which is above 1% of the value or of 2; the mean of z² in its 99% band."""
    results: list[Found] = found(rows(), PATHS, [SEED])
    assert not [each for each in results if not each.agrees]
    assert not [each for each in results if each.error > 0.01 * max(each.published, 2.0)]
    low, high = band(len(results))
    assert low <= np.mean([each.z**2 for each in results]) <= high
