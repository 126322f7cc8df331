"""The parts that options are written with: a row as a part of a scenario, lognormal drivers, the usual shares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


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
    value: Mapping[str, Any] = field(default_factory=dict)
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
