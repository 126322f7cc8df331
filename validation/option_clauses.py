"""How a published option is written as clauses of a contract; what is not written, and why."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from validation.option_extremes import WATCHED
from validation.option_writing import ALL, GAIN, PAIN, Clause, Row, lognormal, sharing, walk

#: kinds of rows that are not tried, and why
LEFT = {
    "asian_geometric_continuous": "averaged continuously",
    "asian_arithmetic_levy": "averaged continuously, and an approximation by moments",
    "asian_arithmetic_turnbull_wakeman": "an approximation by moments",
}
#: single rows of kinds that are tried
LEFT_ROWS = {"option.asian_geometric_avg_strike.001": "counts its time from the first fixing, by its own remark"}
#: kinds whose published figures are themselves simulated: within their tolerance, but no measure of our errors
SIMULATED = ("asian_arithmetic_discrete", "asian_arithmetic_avg_strike_discrete")


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
    """A fixed amount, or the level itself, where a strike is passed: of a level that is missed, a service credit."""
    drivers = {"{x}": lognormal(p["spot"], p["r"] - p["q"], p["vol"], p["t"])}
    amount = "{x}" if p["payout"] == "asset" else f"{p['payout']!r} USD"
    side = "<" if p["type"] == "Put" else ">"
    bonus = {"term": "payment", "amount": amount, "when": f"{{x}} {side} {p['strike']!r} USD"}
    if p["payout"] == "asset" or p["type"] == "Call":
        return Clause(p["t"], drivers, [bonus])
    level, steps = "{x} / (1 USD)", {f"below {p['strike']!r}": "100%"}
    credit = {"term": "service_credits", "level": level, "credits": steps, "of": p["payout"]}
    return Clause(p["t"], drivers, [credit, {**bonus, "amount": f"-{amount}"}], sign=-1.0)


def gap(p: Row) -> Clause:
    """What lies over one level, good or bad, where another is reached: by a condition of the term or of its gain.

    The row writes what is paid out, as "S-57 if S>50".
    """
    drivers = {"{x}": lognormal(p["spot"], p["r"] - p["q"], p["vol"], p["t"])}
    amount, condition = (re.sub(r"([-<>])", r" \1 ", part).replace("S", "{x}") for part in p["payout"].split(" if "))
    ways = [sharing(amount, ALL, active_while=condition), sharing(f"{amount} if {condition} else 0", ALL)]
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
    return on_the_side(p, Clause(t, drivers, [], value=value), "{x}", repr(k))


def poisson(mean: float) -> list[dict[str, float]]:
    """The Poisson law as a discrete one, as far as its chances matter; the rest of them goes to the last value."""
    chances = [math.exp(-mean)]
    while 1.0 - math.fsum(chances) > 1e-12:
        chances.append(chances[-1] * mean / len(chances))
    chances[-1] += 1.0 - math.fsum(chances)
    return [{"value": n, "chance": chance} for n, chance in enumerate(chances)]


def on_the_side(p: Row, clause: Clause, reached: str, strike: str) -> Clause:
    """A call is what is reached over a strike; a put what is missing, which the supplier pays."""
    call = p["type"] == "Call"
    term = sharing(reached, {"against": strike}, GAIN if call else PAIN)
    return replace(clause, terms=[term], sign=1.0 if call else -1.0)


def observed(p: Row, first: float, dt: float, steps: int) -> tuple[str, Clause]:
    """The last of several observations at equal distances, {x}_first times a walk from there; and a clause of no term."""
    drift = p["r"] - p["q"]
    begin = lognormal(p["spot"], drift, p["vol"], first) if first else {"unit": "USD", "constant": p["spot"]}
    drivers = {"{x}_first": begin, "{x}": walk(drift, p["vol"], dt)}
    return "{x}_first * last({x})", Clause(first + steps * dt, drivers, [], periods=steps)


def average(p: Row) -> Clause:
    """An average of what is observed at several dates, against a strike; or the last observation against the average.

    The first observation is at `first`, the others follow at equal distances.
    """
    steps = p["fixings"] - 1
    last, clause = observed(p, p["first"], p["length"] / steps, steps)
    mean = f"{{x}}_first * (1 + {steps} * mean({{x}})) / {p['fixings']}"
    if p["strike"] is None:
        return on_the_side(p, clause, last, mean)
    return on_the_side(p, clause, mean, repr(p["strike"]))


def geometric_average(p: Row) -> Clause:
    """The geometric mean of all observations, against a strike or the last of them: a mean of logs, as any other."""
    first, *later = p["fixings"]
    dt = (later[-1] - first) / len(later)
    assert np.allclose(np.diff(p["fixings"]), dt)
    assert math.isclose(later[-1], p["t"]), "the last observation is at the end"
    last, clause = observed(p, first, dt, len(later))
    mean = f"{{x}}_first * exp({len(later)} * mean(log({{x}})) / {len(p['fixings'])})"
    if p.get("strike") is None:
        return on_the_side(p, clause, last, mean)
    return on_the_side(p, clause, mean, repr(p["strike"]))


def forward_start(p: Row) -> Clause:
    """A gain over a part of what is observed at the reset: with one period up to it, the window's first value."""
    steps = round(p["t"] / p["reset"])
    assert math.isclose(steps * p["reset"], p["t"]), "the life is a whole number of times the reset"
    strike = f"{p['moneyness'] * p['spot']!r} USD * first({{x}})"
    clause = Clause(p["t"], {"{x}": walk(p["r"] - p["q"], p["vol"], p["reset"])}, [], periods=steps)
    return on_the_side({"type": "Call", **p}, clause, f"{p['spot']} USD * last({{x}})", strike)


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
    "digital_asset_or_nothing": digital,
    "gap": gap,
    "exchange_margrabe": exchange,
    "merton_jump_diffusion": with_jumps,
    "asian_arithmetic_discrete": average,
    "asian_arithmetic_avg_strike_discrete": average,
    "asian_geometric_avg_strike": geometric_average,
    "asian_geometric_discrete": geometric_average,
    "forward_start_cliquet_leg": forward_start,
    "chooser_simple": chooser,
    **WATCHED,
}
