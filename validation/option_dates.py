"""Published options that watch a price, written as clauses that watch it at the ends of periods; and what they must come to.

A knock-out is a payment that falls due once: with the touch its rebate, else with the last period the option. A touch is a
payment with a condition, paid once per life. What was seen lowest or highest is that of the window; or a high-water mark's new
bests, which add up to the best; or a value that follows.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tests.exact import INF, Piece, mean
from validation.extreme_laws import Extremes, Walk, beyond
from validation.option_writing import ALL, GAIN, PAIN, Clause, Row, sharing, walk

#: kinds of rows that are watched at dates
KINDS = (
    "barrier_rebate", "binary_barrier_cash", "binary_barrier_asset", "one_touch_cash_at_hit", "one_touch_cash_at_expiry",
    "one_touch_asset_at_expiry", "lookback_fixed", "lookback_floating",
)  # fmt: skip
PERIOD = {"clock": {"measured": "period"}}


def walk_of(p: Row) -> Walk:
    """The walk of a row."""
    return Walk(p["spot"], p["r"] - p["q"], p["vol"], p["t"])


def begins_inside(row: Row) -> bool:
    """Whether the row is of a kind that is watched at dates, and its level lies ahead of the start."""
    p = row["inputs"]
    if row["sub"] not in KINDS or "barrier" not in p:
        return row["sub"] in KINDS
    up = p.get("direction", "up" if p.get("barrier_type", "").startswith("Up") else "down") == "up"
    return bool(p["barrier"] > p["spot"] if up else p["barrier"] < p["spot"])


# --- what a row must come to, under a law of the extremes ------------------------------------------------------------


def expectation(row: Row, law: Extremes) -> float:
    """The expected payment at the end; what is paid before has grown until then."""
    p, sub = row["inputs"], row["sub"]
    if sub.startswith("lookback"):
        return _lookback(p, sub == "lookback_fixed", law)
    level, grown = p["barrier"], math.exp(p["r"] * p["t"])
    if sub == "one_touch_cash_at_hit":
        return float(p["cash"] * grown * _touched(law, level, p["r"]))
    if sub == "barrier_rebate":
        out = law.untouched(_paid(p, sub), level)
        if p["barrier_type"].endswith("Out"):
            return out + float(p["rebate"]) * grown * _touched(law, level, p["r"])
        return _ends(law, _paid(p, sub)) - out + law.untouched([(0.0, INF, p["rebate"], 0.0)], level)
    lives = p["pays"] == "if hit" if "pays" in p else p["barrier_type"].endswith("In")
    out = law.untouched(_paid(p, sub), level)
    return _ends(law, _paid(p, sub)) - out if lives else out


def _paid(p: Row, sub: str) -> list[Piece]:
    """What is paid at the end, as a function of the price."""
    k, call = p.get("strike", 0.0), p.get("type", "Call") == "Call"
    if sub == "barrier_rebate":
        return [(k, INF, -k, 1.0)] if call else [(0.0, k, k, -1.0)]
    amount = (0.0, 1.0) if "asset" in sub else (float(p["cash"]), 0.0)
    return [(k, INF, *amount)] if call else [(0.0, k, *amount)]


def _ends(law: Extremes, pieces: list[Piece]) -> float:
    return mean(law.walk.end(), pieces)


def _touched(law: Extremes, level: float, rate: float) -> float:
    return float(law.touched(np.array([level]), rate)[0])


def _lookback(p: Row, fixed: bool, law: Extremes) -> float:
    """The best over the strike, or the worst below it; the end over the worst, or below the best."""
    seen, end, call = p["running_extreme"], law.walk.end().part(1, 0.0, INF), p["type"] == "Call"
    if fixed:
        strike = p["strike"]
        level = max(strike, seen) if call else min(strike, seen)
        return abs(level - strike) + beyond(law, level, upwards=call)
    further = beyond(law, seen, upwards=not call)
    return end - seen + further if call else seen + further - end


# --- how a row is written --------------------------------------------------------------------------------------------


def at_dates(row: Row, dates: int) -> Clause:
    """The row as clauses of a contract of so many periods."""
    p, sub = row["inputs"], row["sub"]
    clause = Clause(p["t"], {"{x}_index": walk(p["r"] - p["q"], p["vol"], p["t"] / dates)}, [], periods=dates)
    clause = replace(clause, value={"{x}": f"{p['spot']!r} USD * {{x}}_index"})
    if sub.startswith("lookback"):
        return _seen(p, sub == "lookback_fixed", clause)
    up = p["barrier"] > p["spot"]
    beyond_it = f"{{x}} {'>=' if up else '<='} {p['barrier']!r} USD"
    ever = beyond_it.replace("{x}", "highest({x})" if up else "lowest({x})")
    never = ever.replace(">=", "<").replace("<=", ">")
    grown = f"exp({p['r'] * p['t']!r} * (1 - elapsed / ({dates} months)))"
    if sub == "one_touch_cash_at_hit":
        term = {"term": "payment", "amount": f"{p['cash']!r} USD * {grown}", "when": beyond_it, "once_per": "life", **PERIOD}
        return replace(clause, terms=[term])
    if sub == "barrier_rebate":
        return replace(clause, terms=[_knocked(p, beyond_it, ever, grown, dates)])
    lives = p["pays"] == "if hit" if "pays" in p else p["barrier_type"].endswith("In")
    condition = ever if lives else never
    if "strike" in p:
        condition += f" and last({{x}}) {'>' if p['type'] == 'Call' else '<'} {p['strike']!r} USD"
    amount = "last({x})" if "asset" in sub else f"{p['cash']!r} USD"
    return replace(clause, terms=[{"term": "payment", "amount": amount, "when": condition}])


def _knocked(p: Row, beyond_it: str, ever: str, grown: str, dates: int) -> dict[str, Any]:
    """In: the option if it was ever touched, else the rebate. Out: what comes first, the touch or the end."""
    option = f"max({{x}} - {p['strike']!r} USD, 0 USD)" if p["type"] == "Call" else f"max({p['strike']!r} USD - {{x}}, 0 USD)"
    rebate = f"{p['rebate']!r} USD"
    if p["barrier_type"].endswith("In"):
        return sharing(f"({option.replace('{x}', 'last({x})')}) if {ever} else {rebate}", ALL)
    return {
        "term": "payment",
        "amount": f"{rebate} * {grown} if {beyond_it} else {option}",
        "when": f"{beyond_it} or elapsed >= {dates} months",
        "once_per": "life",
        **PERIOD,
    }


def _seen(p: Row, fixed: bool, clause: Clause) -> Clause:
    """What was seen highest or lowest: of the window; by a mark that moves with each new best; by a value that follows."""
    seen, call = f"{p['running_extreme']!r} USD", p["type"] == "Call"
    highest = fixed == call
    best, kept = ("max", "highest") if highest else ("min", "lowest")
    follows = {"ratchet": "{x}", "start": seen, "every": "month", "keeps": kept}
    of_window, by_ratchet = f"{best}({seen}, {kept}({{x}}))", f"{best}(last({{x}}_mark), last({{x}}))"
    clause = replace(clause, value={**clause.value, "{x}_mark": follows})
    if not fixed:
        share, sign = (GAIN, 1.0) if call else (PAIN, -1.0)
        ways = [sharing("last({x})", {"against": point}, share) for point in (of_window, by_ratchet)]
        return replace(clause, terms=ways, sign=sign)
    strike = f"{p['strike']!r} USD"
    over = (lambda point: f"{point} - {strike}") if call else (lambda point: f"{strike} - {point}")
    mark = {"high_water_mark": {"of": "level", "start": "0 USD"}}
    ways = [sharing(over(point), GAIN) for point in (of_window, by_ratchet)]
    return replace(clause, terms=[{**sharing(over(f"{best}({seen}, {{x}})"), mark, ALL), **PERIOD}, *ways])
