"""Tables as written: what formulas look up, by a size, a ratio, a level."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import WithJsonSchema, model_validator

from gainsim.offer.fields import AT_KEY, Clauses, ReadBy, problems_below, read_formula
from gainsim.ops.grammar import Number, Unary
from gainsim.units import Unit


def _amount(written: Any) -> Number:
    """A number as formulas have it: with its unit, or bare."""
    if isinstance(written, bool) or not isinstance(written, (str, int, float)):
        raise ValueError("a number is written here, perhaps with its unit, as 35% or 1_000 MWh.")
    part = read_formula(written).tree
    if isinstance(part, Unary) and isinstance(part.operand, Number) and part.operator == "-":
        return Number(-part.operand.value, part.operand.unit)
    if not isinstance(part, Number):
        raise ValueError(f"'{written}' is not a number. A table has numbers; let what it gives stand in a formula.")
    return part


@dataclass(frozen=True)
class Points:
    """A line through points, flat outside them; where two have one x it jumps, and the second holds there."""

    points: tuple[tuple[Number, Number], ...]


@dataclass(frozen=True)
class Slices:
    """A value for each range, from the lowest to the highest: (edge, whether it belongs to the range below it, value).

    The last range has no edge.
    """

    slices: tuple[tuple[Number | None, bool, Number], ...]


def _points(written: Any) -> Any:
    if isinstance(written, Points):
        return written
    if not isinstance(written, Sequence) or isinstance(written, str) or len(written) < 1:
        raise ValueError("points are written as a list of pairs: [[35%, 46%], [60%, 28%]].")
    points: list[tuple[Number, Number]] = []
    found: list[tuple[tuple[str | int, ...], str]] = []
    for number, pair in enumerate(written):
        try:
            if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
                raise ValueError("a point is a pair, as [35%, 46%].")
            point = (_amount(pair[0]), _amount(pair[1]))
        except ValueError as error:
            found.append(((number,), str(error)))
            continue
        if points and point[0].value < points[-1][0].value:
            found.append(
                ((number,), f"{pair[0]} lies below {written[number - 1][0]} before it. Write the points in order.")
            )
        points.append(point)
    for one, _, other in zip(points, points[1:], points[2:], strict=False):
        if one[0].value == other[0].value:
            found.append(
                ((points.index(other),), "a third point at one place. A jump has two: before it and after it.")
            )
    if found:
        raise problems_below(found)
    return Points(tuple(points))


_EDGE = re.compile(r"(below|up to)\s+(.+)$")


def _slices(written: Any) -> Any:
    if isinstance(written, Slices):
        return written
    if not isinstance(written, Mapping) or not written:
        raise ValueError("ranges are written one by one: { below 95%: 30%, below 99%: 10%, above: 0% }.")
    slices: list[tuple[Number | None, bool, Number]] = []
    found: list[tuple[tuple[str, ...], str]] = []
    for key, value in written.items():
        label = str(key).strip()
        place: tuple[str, ...] = (key, AT_KEY)
        try:
            edge, inclusive = _edge(label)
            place = (key,)
            slices.append((edge, inclusive, _amount(value)))
        except ValueError as error:
            found.append((place, str(error)))
    if not found:
        found = _out_of_order(list(written), slices)
    if found:
        raise problems_below(found)
    return Slices(tuple(slices))


def _from_0_up(written: Any) -> Any:
    """Ranges of which the first begins at 0."""
    slices = _slices(written)
    first = slices.slices[0][0]
    if first is not None and first.value <= 0:
        rule = "the first slice begins at 0, so its edge lies above 0. Leave this slice out; nothing counts below 0."
        raise problems_below([((next(iter(written)), AT_KEY), rule)])
    return slices


def _edge(label: str) -> tuple[Number | None, bool]:
    if label == "above":
        return None, False
    parts = _EDGE.match(label)
    if parts is None:
        raise ValueError(
            f"'{label}' is not a range. Write 'below 95%' (95% itself is not in it), 'up to 95%', or 'above'."
        )
    return _amount(parts[2]), parts[1] == "up to"


def _out_of_order(
    keys: Sequence[str], slices: Sequence[tuple[Number | None, bool, Number]]
) -> list[tuple[tuple[str, ...], str]]:
    if slices[-1][0] is not None and all(edge is not None for edge, _, _ in slices):
        return [((), "the value of what lies beyond the last edge is missing. Add 'above: 0%' if it is nothing.")]
    for (_, key), ((low, _, _), (high, _, _)) in zip(pairwise(keys), pairwise(slices), strict=True):
        if low is None:
            return [((key, AT_KEY), "stands behind 'above', which has no end. Write 'above' last.")]
        if high is not None and high.value <= low.value:
            return [((key, AT_KEY), f"'{key}' does not lie above the edge before it. Write the edges upwards.")]
    return []


PointsText = Annotated[
    Points,
    ReadBy(_points),
    WithJsonSchema({"type": "array", "items": {"type": "array"}, "examples": [[["35%", "46%"], ["60%", "28%"]]]}),
]
SlicesText = Annotated[
    Slices,
    ReadBy(_slices),
    WithJsonSchema({"type": "object", "examples": [{"up to 100": "20%", "above": "30%"}]}),
]


MarginalText = Annotated[
    Slices,
    ReadBy(_from_0_up),
    WithJsonSchema({"type": "object", "examples": [{"up to 100": "20%", "above": "30%"}]}),
]


class Table(Clauses):
    """What formulas look up, as `name(x)`: one of three kinds."""

    about: str | None = None
    """For the reader; moves nothing."""
    line: PointsText | None = None
    """Straight between points, flat outside; a jump is two points with one x, of which the second holds there."""
    whole: SlicesText | None = None
    """One value for each range: on the whole, it jumps. `below` an edge: the edge is in the next range; `up to`: in this."""
    slices: MarginalText | None = None
    """Marginal, as tax brackets: each rate applies to the part of x, from 0 up, that lies in its range."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [name for name in ("line", "whole", "slices") if getattr(self, name) is not None]
        if len(kinds) != 1:
            raise ValueError("a table is one of line, whole and slices. Write one of them.")
        _ = self.units  # refuses a mixture
        return self

    @property
    def kind(self) -> Literal["line", "whole", "slices"]:
        """Which of the three it is."""
        return "line" if self.line is not None else "whole" if self.whole is not None else "slices"

    @property
    def units(self) -> tuple[Unit | None, Unit | None]:
        """The units of what it is looked up by and of what is written in it; None: bare numbers, which adopt one."""
        if self.line is not None:
            edges, values = zip(*self.line.points, strict=True)
        else:
            written = (self.whole or self.slices or Slices(())).slices
            edges = tuple(edge for edge, _, _ in written if edge is not None)
            values = tuple(value for _, _, value in written)
        return _one_unit("is looked up by", edges), _one_unit("gives", values)


def _one_unit(what: str, numbers: Sequence[Number]) -> Unit | None:
    units = {number.unit for number in numbers}
    if len(units) > 1:
        told = " and ".join(sorted("no unit" if unit is None else unit.describe() for unit in units))
        raise ValueError(f"what the table {what} is in two units, {told}. Write all of it in one.")
    return units.pop() if units else None
