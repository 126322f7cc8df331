"""What control variates have done to the means of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gainsim.measuring import Measures
from gainsim.outcome import Outcome
from gainsim.spelling import listed
from gainsim.words import two_digits

#: the means of which it is said
SAID_OF = ("npv", "expected_margin")


@dataclass(frozen=True)
class Adjustment:
    """The control variates that means are adjusted by, those that are left out, and by measure the part of its error left."""

    used: tuple[str, ...]
    left_out: tuple[str, ...]
    error_left: Mapping[str, float]

    def __str__(self) -> str:
        """In words.

        >>> str(Adjustment(("wage",), (), {"npv": 0.312}))[:94]
        'Means of money are adjusted by the exact mean of wage. Of their errors that leaves: npv 0.31. '
        """
        if not self.used:
            return "None: no driver has a mean that is known exactly, or there are too few paths for one. Means are as drawn."
        means = f"the exact mean{'' if len(self.used) == 1 else 's'} of {listed(self.used)}"
        without = f" ({listed(self.left_out)} left out)" if self.left_out else ""
        errors = ", ".join(f"{name} {two_digits(part)}" for name, part in self.error_left.items())
        return (
            f"Means of money are adjusted by {means}{without}. Of their errors that leaves: {errors or 'all'}. Probabilities, "
            "quantiles, worst parts, return and payback, and what stands by year or settlement, are as drawn."
        )


def adjustment(outcome: Outcome) -> Adjustment | None:
    """What was adjusted in a run; None where nothing was to be."""
    controls, used = outcome.run.controls, outcome.sample.fit.names
    if controls is None:
        return None
    adjusted, plain = Measures(outcome), Measures(outcome, replace(outcome.sample, controls=None))
    left: dict[str, float] = {}
    for name in SAID_OF:
        one, other = adjusted.of(name).estimate, plain.of(name).estimate
        if one is not None and other is not None and 0.0 < other.standard_error < math.inf:
            left[name] = one.standard_error / other.standard_error
    return Adjustment(used, tuple(name for name in controls.names if name not in used), left)
