"""How a published option is written as clauses of a contract; what is not written, and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Row = dict[str, Any]

#: kinds of rows that are not tried, and why
LEFT = {
    "one_touch_cash_at_hit": "monitored continuously, and paid at the moment of the hit",
    "one_touch_asset_at_hit": "monitored continuously, and paid at the moment of the hit",
    "one_touch_cash_at_expiry": "monitored continuously",
    "one_touch_asset_at_expiry": "monitored continuously",
    "binary_barrier_cash": "monitored continuously",
    "binary_barrier_asset": "monitored continuously",
    "barrier_rebate": "monitored continuously",
    "lookback_floating": "monitored continuously",
    "lookback_fixed": "monitored continuously",
    "asian_geometric_continuous": "averaged continuously",
    "asian_arithmetic_levy": "averaged continuously, and an approximation by moments",
    "asian_arithmetic_turnbull_wakeman": "an approximation by moments",
}
#: single rows of kinds that are tried
LEFT_ROWS = {"option.asian_geometric_avg_strike.001": "counts its time from the first fixing, by its own remark"}
#: kinds whose published figures are themselves simulated: within their tolerance, but no measure of our errors
SIMULATED = ("asian_arithmetic_discrete", "asian_arithmetic_avg_strike_discrete")


@dataclass(frozen=True)
class Clause:
    """A row as a part of a scenario; {x} stands for a name of its own in every key and formula.

    t:     years from the valuation to the payment
    terms: the same money, written in one or several ways; sign: -1 where the supplier pays it
    """

    t: float
    drivers: Mapping[str, Mapping[str, Any]]
    terms: Sequence[Mapping[str, Any]]
    sign: float = 1.0
    value: Mapping[str, str] = field(default_factory=dict)
    dependence: Sequence[Mapping[str, Any]] = ()
    periods: int = 1


# --- how a row is written --------------------------------------------------------------------------------------------


def lognormal(spot: float, drift: float, volatility: float, t: float) -> dict[str, Any]:
    """What a walk has come to after t years, drawn in one step. drift: of its mean, per year and continuous."""
    log_sd = volatility * math.sqrt(t)
    log_mean = math.log(spot) + drift * t - log_sd * log_sd / 2.0
    return {"unit": "USD", "drawn": "once", "lognormal": {"log_mean": log_mean, "log_sd": log_sd}}


def walk(drift: float, volatility: float, dt: float) -> dict[str, Any]:
    """The same step by step, as an index on its start; a month of the calendar stands for dt years of the row."""
    pace = 12.0 * dt
    return {
        "unit": "fraction",
        "geometric_walk": {
            "start": 1,
            "drift": f"{100.0 * drift * pace:.15g}% pa continuous",
            "volatility": f"{100.0 * volatility * math.sqrt(pace):.15g}% pa",
        },
    }


def sharing(of: str, *steps: Mapping[str, Any], **said: str) -> dict[str, Any]:
    return {"term": "sharing", "of": of, "steps": [*steps], **said}


GAIN = {"share": {"below 0": "0%", "above": "100%"}}
PAIN = {"share": {"below 0": "100%", "above": "0%"}}
ALL = {"share": {"below 0": "100%", "above": "100%"}}


def european(p: Row) -> Clause:
    """The excess over a strike, and the shortfall, in every way to say it."""
    k, drivers = repr(p["strike"]), {"{x}": lognormal(p["spot"], p["r"] - p["q"], p["vol"], p["t"])}
    if p["type"] == "Call":
        excess = {"threshold": {"at": k, "sides": "gain", "then": "excess"}}
        never_below = {"limit_payment": {"floor": 0, "per": "settlement"}}
        ways = [
            sharing("{x}", {"against": k}, GAIN),
            sharing("{x}", excess, ALL),
            sharing("{x}", {"against": k}, ALL, never_below),
        ]
        return Clause(p["t"], drivers, ways)
    never_above = {"limit_payment": {"cap": 0, "per": "settlement"}}
    ways = [sharing("{x}", {"against": k}, PAIN), sharing("{x}", {"against": k}, ALL, never_above)]
    return Clause(p["t"], drivers, ways, sign=-1.0)


def collar(p: Row) -> Clause:
    """A price between a floor and a cap, limited as a gain or as a payment, over its floor."""
    drivers = {"{x}": lognormal(p["spot"], p["r"] - p["q"], p["vol"], p["t"])}
    low, high = repr(p["floor"]), repr(p["cap"])
    between = {"limit_payment": {"floor": 0, "cap": f"{high} - {low}", "per": "settlement"}}
    ways = [
        sharing("{x}", {"limit_gain": {"floor": low, "cap": high}}, {"against": low}, ALL),
        sharing("{x}", {"against": low}, ALL, between),
    ]
    return Clause(p["t"], drivers, ways)


def digital(p: Row) -> Clause:
    """A service credit: what is paid where the level is missed."""
    drivers = {"{x}": lognormal(p["spot"], p["r"] - p["q"], p["vol"], p["t"])}
    assert p["type"] == "Put"
    level = "{x} / (1 USD)"
    credit = {"term": "service_credits", "level": level, "credits": {f"below {p['strike']}": "100%"}, "of": p["payout"]}
    return Clause(p["t"], drivers, [credit], sign=-1.0)


def gap(p: Row) -> Clause:
    """What lies over one level, good or bad, where another is reached: by a condition of the term or of its gain."""
    drivers = {"{x}": lognormal(p["spot"], p["r"] - p["q"], p["vol"], p["t"])}
    assert p["payout"] == "S-57 if S>50"
    ways = [
        sharing("{x}", {"against": 57}, ALL, active_while="{x} > 50"),
        sharing("{x} - 57 if {x} > 50 else 0", ALL),
    ]
    return Clause(p["t"], drivers, ways)


def exchange(p: Row) -> Clause:
    """A gain over a baseline that moves itself, two lognormals that hang together."""
    first = lognormal(p["s1"], p["r"] - p["q1"], p["vol1"], p["t"])
    second = lognormal(p["s2"], p["r"] - p["q2"], p["vol2"], p["t"])
    linked = [{"between": ["{x}", "{x}_base"], "correlation": p["rho"], "of": "innovations"}] if p["rho"] else []
    term = sharing(f"{p['Q1']} * {{x}}", {"against": f"{p['Q2']} * {{x}}_base"}, GAIN)
    return Clause(p["t"], {"{x}": first, "{x}_base": second}, [term], dependence=linked)


def with_jumps(p: Row) -> Clause:
    """Merton's jumps as a user writes them: a number of shocks, each of which moves and spreads the log of the price.

    The log of a jump is normal with variance d² = gamma v² / intensity and mean -d²/2; what is left of v² diffuses.
    """
    t, k, share = p["t"], p["strike"], p["gamma_jump_share_of_variance"]
    variance = p["total_vol"] ** 2
    of_jump, diffusing = share * variance / p["jump_intensity"], (1.0 - share) * variance * t
    mean = math.log(p["spot"]) + (p["r"] - p["q"]) * t - diffusing / 2.0
    spread = f"sqrt({diffusing!r} + {of_jump!r} * {{x}}_shocks)"
    drivers = {
        "{x}_shocks": {"unit": "fraction", "drawn": "once", "discrete": poisson(p["jump_intensity"] * t)},
        "{x}_score": {"unit": "fraction", "drawn": "once", "normal": {"mean": 0, "sd": 1}},
    }
    value = {"{x}": f"(1 USD) * exp({mean!r} - {of_jump / 2.0!r} * {{x}}_shocks + {spread} * {{x}}_score)"}
    assert p["type"] == "Call"
    return Clause(t, drivers, [sharing("{x}", {"against": k}, GAIN)], value=value)


def poisson(mean: float) -> list[dict[str, float]]:
    """The Poisson law as a discrete one, as far as its chances matter; the rest of them goes to the last value."""
    chances = [math.exp(-mean)]
    while 1.0 - math.fsum(chances) > 1e-12:
        chances.append(chances[-1] * mean / len(chances))
    chances[-1] += 1.0 - math.fsum(chances)
    return [{"value": n, "chance": chance} for n, chance in enumerate(chances)]


def average(p: Row) -> Clause:
    """An average of what is observed at several dates, against a strike; or the last observation against the average.

    The first observation is at `first`, the others follow at equal distances.
    """
    drift, steps = p["r"] - p["q"], p["fixings"] - 1
    begin = lognormal(p["spot"], drift, p["vol"], p["first"])
    drivers = {"{x}_first": begin, "{x}": walk(drift, p["vol"], p["length"] / steps)}
    if p["first"] == 0:
        drivers["{x}_first"] = {"unit": "USD", "constant": p["spot"]}
    mean = f"{{x}}_first * (1 + {steps} * mean({{x}})) / {p['fixings']}"
    t = p["first"] + p["length"]
    if p["strike"] is None:
        assert p["type"] == "Call"
        return Clause(t, drivers, [sharing("{x}_first * last({x})", {"against": mean}, GAIN)], periods=steps)
    assert p["type"] == "Put"
    return Clause(t, drivers, [sharing(mean, {"against": repr(p["strike"])}, PAIN)], sign=-1.0, periods=steps)


def geometric_average(p: Row) -> Clause:
    """The last observation over the geometric mean of all: the mean of the logs is a formula like any other."""
    dt = p["fixings"][0]
    assert np.allclose(np.diff(p["fixings"]), dt)
    price = f"{p['spot']} USD * last({{x}})"
    term = sharing(price, {"against": f"{p['spot']} USD * exp(mean(log({{x}})))"}, GAIN)
    return Clause(p["t"], {"{x}": walk(p["r"] - p["q"], p["vol"], dt)}, [term], periods=len(p["fixings"]))


def forward_start(p: Row) -> Clause:
    """A gain over a part of what is observed at the reset: with one period up to it, the window's first value."""
    dt = p["reset"]
    strike = f"{p['moneyness'] * p['spot']!r} USD * first({{x}})"
    term = sharing(f"{p['spot']} USD * last({{x}})", {"against": strike}, GAIN)
    return Clause(p["t"], {"{x}": walk(p["r"] - p["q"], p["vol"], dt)}, [term], periods=round(p["t"] / dt))


def chooser(p: Row) -> Clause:
    """At one date the better side of a strike is chosen: the upper one where the forward lies above it, as parity says."""
    dt, k = p["choose"], p["strike"]
    growth = math.exp((p["r"] - p["q"]) * (p["t"] - p["choose"]))
    price, seen = f"{p['spot']} USD * last({{x}})", f"{p['spot'] * growth!r} USD * first({{x}})"
    payoff = f"max({price} - {k}, 0) if {seen} > {k} else max({k} - {price}, 0)"
    return Clause(
        p["t"], {"{x}": walk(p["r"] - p["q"], p["vol"], dt)}, [sharing(payoff, ALL)], periods=round(p["t"] / dt)
    )


WRITTEN: dict[str, Callable[[Row], Clause]] = {
    "european": european,
    "collar_call_spread": collar,
    "digital_cash_or_nothing": digital,
    "gap": gap,
    "exchange_margrabe": exchange,
    "merton_jump_diffusion": with_jumps,
    "asian_arithmetic_discrete": average,
    "asian_arithmetic_avg_strike_discrete": average,
    "asian_geometric_avg_strike": geometric_average,
    "forward_start_cliquet_leg": forward_start,
    "chooser_simple": chooser,
}
