"""What every process is: a pure step from scores and memory to a value and memory, and what is known of it beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gainsim.drivers.marginals import Marginal
from gainsim.grid import Calendar
from gainsim.ops import Value

Floats = NDArray[np.float64]
#: (scores, memory, parameters: dated ones of this period, then the numbers) → (value, memory)
Step = Callable[[Sequence[Value], Sequence[Value], Sequence[Value]], tuple[Value, Sequence[Value]]]
#: certain, drawn from a distribution, or one of several values that are equally likely, (sets,)
Parameter = float | Marginal | Floats


def one_or_several(values: Sequence[float]) -> float | Floats:
    """What a parameter is in each set: a number where it is the same in all of them."""
    return values[0] if all(value == values[0] for value in values) else np.array(values, np.float64)


def average(rows: Floats | Sequence[Floats]) -> Floats:
    """The average of rows that are equally likely, added up from the first on."""
    return np.asarray(np.add.accumulate(np.array(rows), axis=0)[-1] / len(rows))


def require_step(step: str, calendar: Calendar) -> None:
    """What is said per period holds on a calendar of the same step only."""
    if step != calendar.step:
        raise ValueError(
            f"this process speaks of steps of a {step}; the calendar has steps of a {calendar.step}. Restate it for them."
        )


@dataclass(frozen=True)
class Evolution:
    """How a process goes on, on a calendar.

    start:  its value before the first period
    memory: what it remembers before the first period
    step:   one period on; the first score is the driver's own, `further` ones are nobody else's
    mean, median: by period, (periods,); None where it is not known
    dated:  parameters by period, (periods,) each
    numbers: parameters that hold for life: those that are distributions are drawn once for a path; of those that are
             arrays each path has the value at one place, the same in all, drawn once
    """

    start: float
    memory: tuple[float, ...]
    step: Step
    mean: Floats | None
    median: Floats | None
    dated: tuple[Floats, ...] = ()
    further: int = 0
    numbers: Mapping[str, Parameter] = field(default_factory=dict)

    def central(self, choice: str | float | None, periods: int) -> Floats:
        """The declared central value by period."""
        if not isinstance(choice, str):
            assert choice is not None
            return np.full(periods, choice)
        values = {"mean": self.mean, "median": self.median}.get(choice)
        if values is None:
            raise ValueError(f"the {choice} of this process is not known. Write another central value, or a number.")
        return values
