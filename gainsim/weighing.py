"""What a party is better off by where it decides with a view to what is still to come: found before an offer runs.

From the last moment of asking to the first: on all futures on which a decision may then be taken it is taken, and on the same
futures it is not. What the party comes to more, to the contract's end, is averaged over futures on which what it looks at comes
to about as much. From then on it is taken where that is above 0, and earlier moments count on it. Twice through, for what is
met at a moment depends on what was decided before.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gainsim.conduct.effort import POINTS, Plans, Worth, nothing, settings_of
from gainsim.model import calendar_of
from gainsim.offer.scenario import Scenario
from gainsim.sums import strict_sum
from gainsim.trials import Trials, WorthLine

Floats = NDArray[np.float64]
#: decisions are tried on as many times 1,024 futures as make about so many over all periods; at least, at most; twice through
TRIED, FEWEST, MOST, ROUNDS = 512, 8, 64, 2


def weighed(scenario: Scenario, party: str, plans: Plans) -> dict[str, Mapping[str, Worth]]:
    """What each decision that a party weighs is worth to it in each period, by what it looks at."""
    wanted = [name for name, decision in scenario.lifecycle.items() if decision.weighs is not None and decision.by == party]
    if not wanted:
        return {}
    periods = calendar_of(scenario.calendar).periods
    trials = Trials(scenario, plans, min(max(TRIED // periods, FEWEST), MOST))
    found = {name: nothing(trials.calendar) for name in wanted}
    for _ in range(ROUNDS):
        for t in reversed(range(trials.calendar.periods)):
            for name in wanted:
                if trials.is_watched(f"{name}.reached", t):
                    found[name].tell(t, *_worth(trials, name, t, party))
                    trials.set(settings_of(name, name, found[name]))
    return {name: {name: worth} for name, worth in found.items()}


def _worth(trials: Trials, name: str, t: int, party: str) -> WorthLine:
    """What the party comes to more where the decision is taken in this period, by what it then looks at."""
    forced = trials.trial.forced[name]
    here = (np.arange(trials.calendar.periods) == t).astype(float)
    results = []
    for way in (1.0, -1.0):
        trials.set({forced: way * here})
        results.append(trials.result(party, f"{name}.reached", t))
    trials.set({forced: 0.0 * here})
    may = np.isfinite(trials.seen)
    return _line(trials.seen[may], (results[0] - results[1])[may])


def _line(looked_at: Floats, better: Floats) -> WorthLine:
    """The mean of what it is better off by, by what is looked at: a line through the means of `POINTS` groups, about equally large.

    Where it may be taken on few futures, or all look the same, it is one number.
    """
    level = np.zeros(POINTS - 1)
    groups = np.array_split(np.argsort(looked_at, kind="stable"), POINTS)
    if len(looked_at) < 2 * POINTS or looked_at.min() == looked_at.max():
        return (float(strict_sum(better)) / max(len(better), 1), level, level, level)
    x, y = (np.array([float(strict_sum(each[group])) / len(group) for group in groups]) for each in (looked_at, better))
    widths = np.diff(x)
    apart = widths > 0.0
    return float(y[0]), x[:-1], widths, np.where(apart, np.diff(y) / np.where(apart, widths, 1.0), 0.0)
