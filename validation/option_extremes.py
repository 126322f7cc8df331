"""Published options that watch a price at every moment, written as clauses: barriers, touches, lookbacks.

A contract is observed at the ends of its periods, so here the world itself says what the price did in between. Given where
a walk ends, its highest point has a law that is known: with y the log of the end over the start, v the variance over the
whole time and U uniform, the log of the highest point is (y + sqrt(y² - 2 v log U)) / 2, that of the lowest the same with
a minus. Given that a barrier at a distance b was touched, the moment t is T u / (T + u), where u follows the inverse
Gaussian law of mean b T / |y - b| and shape b² / variance per year. Both are formulas of draws; nothing is approximated.

Sources: Karatzas and Shreve, Brownian Motion and Stochastic Calculus, 2.8 and 4.3; Michael, Schucany and Haas, Generating
Random Variates Using Transformations with Multiple Roots (1976), for the inverse Gaussian law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

from validation.option_writing import ALL, GAIN, PAIN, Clause, Row, sharing

Extreme = Literal["highest", "lowest"]


def watched(p: Row, extreme: Extreme, so_far: float | None = None) -> Clause:
    """A price at its end, {x}, and its highest or lowest point until then, {x}_highest or {x}_lowest; no term yet."""
    variance = p["vol"] ** 2 * p["t"]
    drift = (p["r"] - p["q"]) * p["t"] - variance / 2.0
    sign, choose = ("+", "max") if extreme == "highest" else ("-", "min")
    point = f"{p['spot']!r} USD * exp(({{x}}_log {sign} {{x}}_reach) / 2)"
    drivers = {
        "{x}_score": {"unit": "fraction", "drawn": "once", "normal": {"mean": 0, "sd": 1}},
        "{x}_rank": {"unit": "fraction", "drawn": "once", "uniform": {"low": 0, "high": 1}},
    }
    value = {
        "{x}_log": f"{drift!r} + {math.sqrt(variance)!r} * {{x}}_score",
        "{x}_reach": f"sqrt({{x}}_log * {{x}}_log - {2.0 * variance!r} * log({{x}}_rank))",
        "{x}": f"{p['spot']!r} USD * exp({{x}}_log)",
        f"{{x}}_{extreme}": point if so_far is None else f"{choose}({so_far!r} USD, {point})",
    }
    return Clause(p["t"], drivers, [], value=value)


@dataclass(frozen=True)
class Barrier:
    """A level that the price touches from above (down) or from below (up); at once where it starts beyond it."""

    p: Row
    direction: Literal["up", "down"]

    @property
    def extreme(self) -> Extreme:
        return "highest" if self.direction == "up" else "lowest"

    @property
    def distance(self) -> float:
        """From the start to the barrier, in logs."""
        ahead = math.log(self.p["barrier"] / self.p["spot"])
        return max(ahead if self.direction == "up" else -ahead, 0.0)

    def touched(self, ever: bool) -> str:
        """The condition that it was touched, or never was."""
        sign = {("up", True): ">=", ("up", False): "<", ("down", True): "<=", ("down", False): ">"}[self.direction, ever]
        return f"{{x}}_{self.extreme} {sign} {self.p['barrier']!r} USD"

    def grown(self, amount: str, clause: Clause) -> tuple[str, Clause]:
        """What an amount paid at the touch has grown to at the end; and the clause with that moment."""
        rate, years = self.p["r"], self.p["t"]
        if self.distance == 0.0:
            return f"{amount} * {math.exp(rate * years)!r}", clause
        ahead = "{x}_log" if self.direction == "up" else "-{x}_log"
        drivers = {
            "{x}_pace": {"unit": "fraction", "drawn": "once", "normal": {"mean": 0, "sd": 1}},
            "{x}_side": {"unit": "fraction", "drawn": "once", "uniform": {"low": 0, "high": 1}},
        }
        value = {
            "{x}_mean": f"{self.distance * years!r} / abs({ahead} - {self.distance!r})",
            "{x}_wide": f"{(self.p['vol'] / self.distance) ** 2!r} * {{x}}_mean * {{x}}_pace * {{x}}_pace",
            "{x}_soon": "{x}_mean / (1 + {x}_wide / 2 + sqrt({x}_wide + {x}_wide * {x}_wide / 4))",
            "{x}_late": "{x}_mean * {x}_mean / {x}_soon",
            "{x}_time": "{x}_soon if {x}_side * ({x}_mean + {x}_soon) <= {x}_mean else {x}_late",
            "{x}_left": f"{years!r} * {years!r} / ({years!r} + {{x}}_time)",
        }
        more = replace(clause, drivers={**clause.drivers, **drivers}, value={**clause.value, **value})
        return f"{amount} * exp({rate!r} * {{x}}_left)", more


def payment(amount: str, when: str) -> dict[str, Any]:
    return {"term": "payment", "amount": amount, "when": when}


def touch(p: Row, at_hit: bool) -> Clause:
    """Money, or the price itself, where a level is touched, or never is; paid at the touch or at the end."""
    barrier = Barrier(p, p["direction"])
    clause = watched(p, barrier.extreme)
    when = barrier.touched(p["pays"] == "if hit")
    amount = "{x}" if p["cash"] == "asset" else f"{p['cash']!r} USD"
    if at_hit:
        there = p["barrier"] if barrier.distance > 0.0 else p["spot"]
        amount, clause = barrier.grown(amount.replace("{x}", f"{there!r} USD"), clause)
    return replace(clause, terms=[payment(amount, when)])


def knocked(p: Row) -> tuple[Barrier, bool]:
    """The barrier of a row, and whether the option lives where it is touched."""
    kind = p["barrier_type"]
    return Barrier(p, "up" if kind.startswith("Up") else "down"), kind.endswith("In")


def binary(p: Row, asset: bool) -> Clause:
    """Money, or the price itself, where it ends beyond a strike and has touched a level on its way, or never has."""
    barrier, lives = knocked(p)
    side = ">" if p["type"] == "Call" else "<"
    when = f"{{x}} {side} {p['strike']!r} USD and {barrier.touched(lives)}"
    amount = "{x}" if asset else f"{p['cash']!r} USD"
    return replace(watched(p, barrier.extreme), terms=[payment(amount, when)])


def barrier_with_rebate(p: Row) -> Clause:
    """A cap's or floor's leg while a level was touched, or never was; else a rebate, out at the touch, in at the end."""
    barrier, lives = knocked(p)
    clause, rebate = watched(p, barrier.extreme), f"{p['rebate']!r} USD"
    if not lives:
        rebate, clause = barrier.grown(rebate, clause)
    over = f"{{x}} - {p['strike']!r} USD" if p["type"] == "Call" else f"{p['strike']!r} USD - {{x}}"
    return replace(clause, terms=[sharing(f"({over}) if {barrier.touched(lives)} else {rebate}", GAIN)])


def lookback_fixed(p: Row) -> Clause:
    """The best that was seen over a strike, as a reference or as a high-water mark; or the worst below it."""
    strike = repr(p["strike"])
    if p["type"] == "Call":
        mark = {"high_water_mark": {"of": "level", "start": strike}}
        ways = [sharing("{x}_highest", {"against": strike}, GAIN), sharing("{x}_highest", mark, ALL)]
        return replace(watched(p, "highest", p["running_extreme"]), terms=ways)
    return replace(
        watched(p, "lowest", p["running_extreme"]), terms=[sharing("{x}_lowest", {"against": strike}, PAIN)], sign=-1.0
    )


def lookback_floating(p: Row) -> Clause:
    """The end over the worst that was seen, or below the best."""
    if p["type"] == "Call":
        terms = [sharing("{x}", {"against": "{x}_lowest"}, GAIN)]
        return replace(watched(p, "lowest", p["running_extreme"]), terms=terms)
    terms = [sharing("{x}", {"against": "{x}_highest"}, PAIN)]
    return replace(watched(p, "highest", p["running_extreme"]), terms=terms, sign=-1.0)


WATCHED = {
    "one_touch_cash_at_hit": lambda p: touch(p, at_hit=True),
    "one_touch_asset_at_hit": lambda p: touch(p, at_hit=True),
    "one_touch_cash_at_expiry": lambda p: touch(p, at_hit=False),
    "one_touch_asset_at_expiry": lambda p: touch(p, at_hit=False),
    "binary_barrier_cash": lambda p: binary(p, asset=False),
    "binary_barrier_asset": lambda p: binary(p, asset=True),
    "barrier_rebate": barrier_with_rebate,
    "lookback_fixed": lookback_fixed,
    "lookback_floating": lookback_floating,
}
