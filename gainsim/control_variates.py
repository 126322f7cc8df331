"""Which drivers serve as control variates: those whose average over the contract has a mean that is known exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gainsim.drivers import courses, finding, processes
from gainsim.drivers.marginals import Marginal
from gainsim.drivers.shapes import marginal
from gainsim.grid import Calendar
from gainsim.offer.drivers import COURSES, Driver
from gainsim.offer.families import Family
from gainsim.offer.shapes import SHAPES
from gainsim.sums import strict_sum
from gainsim.world import EVOLUTIONS

Floats = NDArray[np.float64]
#: distributions that are left out: cut ones, whose mean is an integral, and those that are drawn by several scores
_LEFT_OUT = ("truncated", "mixture", "compound")


def known_averages(drivers: Mapping[str, Driver], calendar: Calendar) -> dict[str, float]:
    """By driver, the mean of its average over the contract, of all for which it is known in closed form.

    Left out are drivers that an event or a shock hits, that answer an effort or follow another one, and those with a number that is
    itself drawn where the mean is an integral over it: that is right to a few digits only, and what is drawn evenly would tell.
    """
    hit = {name for driver in drivers.values() if driver.event is not None for name in driver.event.hits or ()}
    found: dict[str, float] = {}
    for name, driver in drivers.items():
        mean = _mean(driver, calendar) if name not in hit and not driver.shocks and driver.effort is None else None
        if mean is not None and np.isfinite(mean).all():
            found[name] = float(strict_sum(mean)) / len(mean)
    return found


def _mean(driver: Driver, calendar: Calendar) -> Floats | None:
    """A driver's mean by period, (periods,); None where it is certain, or not known in closed form."""
    kind = driver.kind
    if kind in _LEFT_OUT:
        return None
    written = getattr(driver, kind)
    if kind in SHAPES:
        light = not isinstance(written, Family) or math.isfinite(finding.found(written).standard.sd)
        return np.full(calendar.periods, marginal(driver).mean) if light else None
    if kind in EVOLUTIONS:
        evolution = EVOLUTIONS[kind](written, calendar)
        return None if any(isinstance(number, Marginal) for number in evolution.numbers.values()) else evolution.mean
    if kind in COURSES:
        course = courses.COURSES[kind](written, calendar)
        return None if isinstance(course.numbers.get(course.bent), Marginal) else course.central("mean")
    if kind != "ramp":
        return None
    ramp = processes.ramp(written, calendar)
    full = ramp.full_effect.mean if isinstance(ramp.full_effect, Marginal) else ramp.full_effect
    return np.asarray(full * ramp.progress)
