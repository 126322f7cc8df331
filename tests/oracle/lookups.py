"""The oracle's tables and rounding, from "Tables" and "Rounding" in docs/reference/terms.md."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Any

Table = dict[str, Any]


def number(written: object) -> float:
    """A number as a table has it: 40%, 1_000 or 0.4; its currency changes nothing."""
    text = str(written).replace("_", "").removesuffix("EUR").strip()
    return float(Decimal(text[:-1]) / 100) if text.endswith("%") else float(text)


def look_up(table: Table, x: float) -> float:
    """What a table gives for x."""
    if "line" in table:
        return _line([(number(at), number(value)) for at, value in table["line"]], x)
    if "whole" in table:
        return _whole(table["whole"], x)
    return _slices(table["slices"], x)


def _line(points: list[tuple[float, float]], x: float) -> float:
    # "before the first point it is that point's value, after the last that one's"
    if x < points[0][0]:
        return points[0][1]
    left = [point for point in points if point[0] <= x][-1]  # "from that x on the second holds"
    right = [point for point in points if point[0] > x]
    if not right:
        return left[1]
    part = (x - left[0]) / (right[0][0] - left[0])
    return left[1] + part * (right[0][1] - left[1])


def _whole(ranges: dict[str, Any], x: float) -> float:
    for label, value in ranges.items():
        # "`below E: v` ends before E, which belongs to the next range, `up to E: v` ends with E"
        if label.startswith("below") and x < number(label.removeprefix("below")):
            return number(value)
        if label.startswith("up to") and x <= number(label.removeprefix("up to")):
            return number(value)
    return number(ranges["above"])


def _slices(ranges: dict[str, Any], x: float) -> float:
    total, begin = 0.0, 0.0  # "the first range from 0 on; of an x below 0 it gives 0"
    for label, rate in ranges.items():
        end = x if label == "above" else min(x, number(label.removeprefix("below").removeprefix("up to")))
        total += number(rate) * max(end - begin, 0.0)
        begin = max(begin, end)
    return total


def rounded(x: float, to: object, by: str) -> float:
    """The whole multiple of the step: "of two that lie equally near, the one further from 0", and the other rules."""
    step = Decimal(str(to).replace("_", ""))
    steps = Decimal(abs(x)) / step
    # "A number counts as a half, or as a whole multiple, also where it misses it by no more than … one part in 2^49"
    hair = steps / 2**49 if steps < 2**46 else Decimal(0)
    below = (steps + hair).to_integral_value(ROUND_FLOOR)
    rest = steps - below
    if by == "towards zero":
        count = below
    elif abs(rest - Decimal("0.5")) <= hair:
        count = below + 1 if by == "half away" or below % 2 == 1 else below
    else:
        count = below + 1 if rest > Decimal("0.5") else below
    return float(count * step) * (-1.0 if x < 0 else 1.0)
