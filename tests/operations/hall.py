"""A hall with operations as a user writes them, loaded and simulated; its outcomes on every path."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.linalg import eigvalsh_tridiagonal

from gainsim.api import Offer, load_text

Floats = NDArray[np.float64]
Estimate = tuple[float, float]
PARTS_OF_TIME = ("availability", "served")
IN_HOURS = ("downtime", "waiting", "access", "work")
HOURS_OF_A_YEAR = 8_760.0


def hall(operations: Mapping[str, Any], *outcomes: str, years: int = 2, step: str = "year") -> Offer:
    """An offer in which drivers are these outcomes: parts of time, hours, or what adds up in a period.

    `waiting` is that of all, `waiting/base_1` that of one fleet, `waiting/base_1/pump` that of one of its modes.
    """
    drivers = {}
    for name in outcomes:
        outcome, *whose = name.split("/")
        total = "hour" if outcome in IN_HOURS else "1"
        unit = "fraction of time" if outcome in PARTS_OF_TIME else "hours" if outcome == "response" else f"{total}/{step}"
        read = {"of": "hall", "outcome": outcome, **dict(zip(("fleet", "mode"), whose, strict=False))}
        drivers[name.replace("/", "_")] = {"control": "supplier", "unit": unit, "central": 1, "operations": read}
    return load_text(yaml.safe_dump(document(operations, drivers, years, step), sort_keys=False))


def document(operations: Mapping[str, Any], drivers: Mapping[str, Any], years: int = 2, step: str = "year") -> dict[str, Any]:
    """A scenario with these operations, and a contract that means nothing."""
    return {
        "gainsim": 1,
        "title": "A hall",
        "currency": "EUR",
        "calendar": {"start": "2026-01", "years": years, "step": step, "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "operations": {"hall": dict(operations)},
        "drivers": dict(drivers),
        "contract": {"fee": {"term": "fee", "amount": "1 EUR per month"}},
    }


def second_year(operations: Mapping[str, Any], *outcomes: str, paths: int, seed: int) -> dict[str, Floats]:
    """The outcomes of the second year, (paths,) each: what began anew has settled. It is 2027, of 8,760 hours."""
    futures = hall(operations, *outcomes).futures(paths, seed)
    return {outcome: futures[outcome.replace("/", "_")][1] for outcome in outcomes}


def memory(births: Sequence[float], deaths: Sequence[float]) -> float:
    """How long a chain of births and deaths remembers where it began: the last trace of it falls to a part in e.

    births[n] is the rate from n to n + 1, deaths[n] that from n + 1 back to n.
    """
    up, down = np.array(births, float), np.array(deaths, float)
    fastest_first = eigvalsh_tridiagonal(-np.append(up, 0.0) - np.append(0.0, down), np.sqrt(up * down))
    return -1.0 / float(fastest_first[-2])  # the last is 0: what stays


def scale(remembered: float, rate: float, calls: float = 400.0) -> tuple[float, int]:
    """How many hours one of a row's units of time lasts here, and how many paths tell enough.

    A year is long enough to forget twenty times over that nothing was under way at its start, and for so many calls, which come at
    a rate. The first year then settles whatever the row's system is like, and the second is worth ten of its states seen at random,
    or more; what has many calls has fewer paths.
    """
    year = max(20.0 * remembered, calls / rate)
    return HOURS_OF_A_YEAR / year, int(min(max(5e6 / (rate * year), 512), 4_096))


def exponential(mean: float) -> dict[str, Any]:
    return {"exponential": {"mean": f"{mean:.15e}"}}  # written so that no dot may be one of thousands


def estimate(x: Floats) -> Estimate:
    """The mean over paths and its standard error."""
    return float(x.mean()), float(x.std(ddof=1) / math.sqrt(len(x)))


def ratio(x: Floats, y: Floats) -> Estimate:
    """What x is for each y, and the standard error of that."""
    found = float(x.mean() / y.mean())
    return found, estimate(x - found * y)[1] / float(y.mean())
