"""Courses that a driver takes over time: adoption, learning, wear, and events that come once.

Each is a function of time and of a few numbers, which are certain or drawn once for life: a pure step, given the
numbers and the period. At most one of the numbers enters it otherwise than as a factor, so that the mean is known: an
average over that one, at the means of the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.drivers.marginals import Marginal
from gainsim.drivers.shapes import within
from gainsim.grid import Calendar
from gainsim.offer import curves as written
from gainsim.offer.events import Event
from gainsim.offer.shapes import Shape
from gainsim.ops import Value, scalars

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """A course on a calendar.

    written: by name, the numbers that it depends on; those that are distributions are drawn once
    value:   (numbers, dated parameters of the period) → the value
    dated:   parameters by period, (periods,) each
    bent:    the number that is no factor
    noise:   the standard deviation of what is added in each period
    start:   its value before the first period
    ends:    between what the numbers have a meaning, where that is not everywhere
    """

    written: Mapping[str, float | Marginal | Shape]
    value: Callable[[Sequence[Value], Sequence[Value]], Value]
    dated: tuple[Floats, ...]
    bent: str = ""
    noise: float = 0.0
    start: float = 0.0
    ends: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def drawn(self) -> list[str]:
        """The names of the numbers that are drawn."""
        return [name for name, number in self.written.items() if not isinstance(number, float)]

    @cached_property
    def numbers(self) -> Mapping[str, float | Marginal]:
        """The numbers by name. Raises `ValueError` for a distribution that cannot be, or not here."""
        return {
            name: within(number, name, *self.ends.get(name, ())) if isinstance(number, Shape) else number
            for name, number in self.written.items()
        }

    def central(self, choice: str | float | None) -> Floats:
        """The declared central value by period."""
        if not isinstance(choice, str):
            assert choice is not None
            return np.full(len(self.dated[0]), choice)
        if choice == "median" and len(self.drawn) > 1:
            raise ValueError("the median is not known: several numbers are drawn. Write central: mean, or a number.")
        middle = {n: x.central(choice) if isinstance(x, Marginal) else x for n, x in self.numbers.items()}
        bent = self.numbers.get(self.bent)
        if choice == "mean" and isinstance(bent, Marginal):
            return np.array([self._average(bent, middle, [column[t] for column in self.dated]) for t in range(len(self.dated[0]))])
        return np.asarray(self.value(list(middle.values()), self.dated))

    def _average(self, bent: Marginal, middle: Mapping[str, float], dated: Sequence[float]) -> float:
        """The mean over the number that is no factor."""

        def at(x: Value) -> Value:
            return self.value([x if name == self.bent else number for name, number in middle.items()], dated)

        return float(bent.average(at, 1.0 / 128.0))


def adoption(p: written.Adoption, calendar: Calendar) -> Course:
    """potential × the curve at pace × t, t the middle of the period.

    Source: Bass, A new product growth for model consumer durables, Management Science 15 (1969)
    """
    if p.of == "logistic":
        assert p.half_at is not None
        assert p.from_10_to_90 is not None
        half, width = p.half_at.years, p.from_10_to_90.years / (2.0 * scalars.log(9.0))

        def curve(t: Value) -> Value:
            return 1.0 / (1.0 + ops.exp((half - t) / width))
    else:
        assert p.innovation is not None
        assert p.imitation is not None
        speed, ratio = p.innovation + p.imitation, p.imitation / p.innovation

        def curve(t: Value) -> Value:
            left = ops.exp(-speed * t)
            return (1.0 - left) / (1.0 + ratio * left)

    def value(numbers: Sequence[Value], dated: Sequence[Value]) -> Value:
        return numbers[0] * curve(numbers[1] * dated[0])

    numbers = {"potential": p.potential, "pace": p.pace}
    return Course(numbers, value, (_middles(calendar),), "pace", p.noise, ends={"pace": (0.0, math.inf)})


def learning(p: written.Learning, calendar: Calendar) -> Course:
    """start × ((experience + t) / experience)^log2(rate), never below the lowest.

    Source: Wright, Factors affecting the cost of airplanes, Journal of the Aeronautical Sciences 3 (1936)
    """
    before = p.experience.years
    doublings = np.asarray(ops.log((before + _middles(calendar)) / before)) / scalars.log(2.0)

    def value(numbers: Sequence[Value], dated: Sequence[Value]) -> Value:
        return ops.maximum(p.start * ops.exp(ops.log(numbers[0]) * dated[0]), p.lowest)

    return Course({"rate": p.rate}, value, (doublings,), "rate", p.noise, p.start, {"rate": (0.0, math.inf)})


def wear(p: written.Wear, calendar: Calendar) -> Course:
    """start × (1 - loss × age), or start × (1 - loss)^age, age since new or since the last renewal; never below 0."""
    age = _middles(calendar) + (0.0 if p.age is None else p.age.years)
    if p.renewed is not None:
        age = np.array([years - p.renewed.years * int(years / p.renewed.years) for years in age])

    def value(numbers: Sequence[Value], dated: Sequence[Value]) -> Value:
        if p.loses == "of what is left":
            return p.start * ops.exp(ops.log(1.0 - numbers[0]) * dated[0])
        return p.start * ops.maximum(1.0 - numbers[0] * dated[0], 0.0)

    ends = {"loss": (-math.inf, 1.0)} if p.loses == "of what is left" else {}
    return Course({"loss": p.loss}, value, (age,), "loss", p.noise, p.start, ends)


def event(p: Event, calendar: Calendar) -> Course:
    """size × the part of the period that the event covers, where it happens: where 1 - Φ(z) < chance."""
    score = scalars.norm_ppf(p.chance) if 0.0 < p.chance < 1.0 else (9.0 if p.chance else -9.0)
    happens = Marginal(lambda z: ops.where(z > -score, 1.0, 0.0), p.chance, float(p.chance >= 0.5))
    at: float | Shape
    if p.months is not None:
        at = p.months
    else:
        assert p.on is not None
        at = 12.0 * calendar.years_since_start(p.on)
    ends = np.arange(1.0, calendar.periods + 1.0) * calendar.step_months
    lasts = None if p.lasts == "for good" else 12.0 * p.lasts.years

    def value(numbers: Sequence[Value], dated: Sequence[Value]) -> Value:
        begun = ops.clip((dated[0] - numbers[1]) / calendar.step_months, 0.0, 1.0)
        over = 0.0 if lasts is None else ops.clip((dated[0] - (numbers[1] + lasts)) / calendar.step_months, 0.0, 1.0)
        return numbers[0] * (numbers[2] * (begun - over))

    return Course({"happens": happens, "at": at, "size": p.size}, value, (ends,), "at")


def _middles(calendar: Calendar) -> Floats:
    """The middle of each period, in years."""
    return np.asarray((np.arange(calendar.periods) + 0.5) * (calendar.step_months / 12.0))


COURSES: Mapping[str, Callable[[Any, Calendar], Course]] = {
    "adoption": adoption,
    "learning": learning,
    "wear": wear,
    "event": event,
}
