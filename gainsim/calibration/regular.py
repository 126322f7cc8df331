"""A column made regular: months that are cut left out, short gaps filled, what stands out told, what holds no chance refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.dates import label
from gainsim.spelling import listed
from gainsim.words import counted

Floats = NDArray[np.float64]
#: so many values in a row that are missing are filled; at a longer gap the history begins anew
FILLED = 2
#: a change this many robust deviations from the usual one stands out
OUTLYING = 5.0


def whole_months(
    by_month: dict[int, list[tuple[int, float]]],
) -> tuple[dict[int, list[tuple[int, float]]], list[str]]:
    """The months of which at least half is there, and what is said of the others: they are taken to be missing.

    by_month: by month, the row and the value of each of its days
    """
    usual = sorted(len(found) for found in by_month.values())[len(by_month) // 2]
    cut = {month: len(found) for month, found in by_month.items() if 2 * len(found) < usual}
    if not cut:
        return by_month, []
    which = [f"{label(month, 'month')} ({counted(count, 'value')})" for month, count in sorted(cut.items())]
    whole = {month: found for month, found in by_month.items() if month not in cut}
    said = f"fewer than half of the usual {usual} values: taken as missing."
    return whole, [f"{listed(which[:6])}{' and more' * (len(which) > 6)}: {said}"]


def average(found: Sequence[tuple[int, float]]) -> float:
    """The value of a month, of the rows and values in it."""
    return sum(value for _, value in found) / len(found)


def without_gaps(series: Sequence[float | None], named: Callable[[int], str]) -> tuple[int, Floats, list[str]]:
    """From which place on there is no long gap, and the values from there, short gaps filled on a straight line."""
    start, said, place = 0, [], 0
    while place < len(series):
        if series[place] is not None:
            place += 1
            continue
        begin = place
        while series[place] is None:
            place += 1
        if place - begin > FILLED:
            start = place
            what = f"{counted(place - begin, 'value')} missing from {named(begin)} to {named(place - 1)}"
            said = [f"{what}: too long a gap to fill. Only what comes after it was used."]
    known = [at for at in range(start, len(series)) if series[at] is not None]
    missing = [at for at in range(start, len(series)) if series[at] is None]
    values = np.interp(np.arange(start, len(series)), known, [series[at] or 0.0 for at in known])
    if missing:
        which = listed([named(at) for at in missing[:6]]) + (" and more" if len(missing) > 6 else "")
        said.append(
            f"{counted(len(missing), 'value')} missing ({which}): filled on a straight line, which moves too little."
        )
    return start, values, said


def too_regular(values: Floats) -> str:
    """Why there is no chance in it; "" where there is."""
    changes = np.diff(np.log(values) if (values > 0).all() else values)
    spread = _usual_distance(changes)
    if (values == values[0]).all():
        return f"all its values are {values[0]:g}. Write it as a constant."
    if spread <= 1e-9 * max(float(np.abs(changes).max()), 1e-300):
        return "most of its changes are the same: it moves in steps or along a line, and not by chance. Write it as a schedule."
    return ""


def _usual_distance(changes: Floats) -> float:
    """How far changes usually lie from the median one, as a deviation."""
    return 1.4826 * float(np.median(np.abs(changes - np.median(changes))))


def outlying(values: Floats, rows: Sequence[int], named: Callable[[int], str]) -> list[str]:
    """Changes that stand out, by their distance from the median in robust deviations. They are kept: they may come again."""
    source = np.log(values) if (values > 0).all() else values
    changes = np.diff(source)
    z = (changes - np.median(changes)) / _usual_distance(changes)
    found = sorted(np.flatnonzero(np.abs(z) > OUTLYING).tolist(), key=lambda place: -abs(float(z[place])))
    if not found:
        return []
    some = [
        f"row {rows[place + 1]} ({named(place + 1)}, {values[place]:g} to {values[place + 1]:g})" for place in found[:3]
    ]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    rule = f"more than {OUTLYING:g} robust deviations from the usual change; kept, for such may come again"
    return [f"{counted(len(found), 'change')} out of the ordinary: {listed(some)}{more}; {rule}."]
