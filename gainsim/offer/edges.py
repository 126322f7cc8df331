"""Edges of a level as written, and the steps that stand at them: `below 99%`, `at or above 30 minutes`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import WithJsonSchema

from gainsim.offer.fields import (
    AT_KEY,
    ReadBy,
    problems_below,
    read_from_0,
    read_share_formula,
    reader,
    text_schema,
)
from gainsim.ops.formula import Formula, parse

_EDGE = re.compile(r"(at or )?(below|above)\s+(.+)$")


@dataclass(frozen=True)
class Edge:
    """A line across a level: what lies below it, or above it; inclusive: the edge itself too."""

    label: str
    side: Literal["below", "above"]
    inclusive: bool
    at: Formula


@dataclass(frozen=True)
class Step:
    """What is due once a level has passed an edge: a part of a charge, or points."""

    edge: Edge
    due: Formula

    @property
    def label(self) -> str:
        """The edge as written."""
        return self.edge.label


def _edge(written: Any, what: str = "an edge") -> Edge:
    label = str(written).strip()
    found = _EDGE.match(label)
    if not found:
        raise ValueError(
            f"'{label}' is not {what}. Write 'below 99%' (99% itself is met) or 'at or below 99%'; "
            "'above' where less is better."
        )
    return Edge(label, "below" if found[2] == "below" else "above", found[1] is not None, parse(found[3]))


def _steps(read: Callable[[Any], Formula], example: str) -> Callable[[Any], Any]:
    """A reader of steps, the mildest first, each with what is due: at least as much as at the one before."""

    def steps(written: Any) -> Any:
        if isinstance(written, tuple):
            return written
        if not isinstance(written, Mapping) or not written:
            raise ValueError(f"credits are written step by step: {example}.")
        read_so_far: list[Step] = []
        found: list[tuple[tuple[str, ...], str]] = []
        for key, due in written.items():
            place: tuple[str, ...] = (key, AT_KEY)
            try:
                edge = _edge(key, "a credit step")
                place = (key,)
                step = Step(edge, read(due))
            except ValueError as error:
                found.append((place, str(error)))
                continue
            wrong = _out_of_turn(read_so_far[-1], step) if read_so_far else ""
            if wrong:
                found.append(((key, AT_KEY), wrong))
            read_so_far.append(step)
        if found:
            raise problems_below(found)
        return tuple(read_so_far)

    return steps


def _out_of_turn(before: Step, step: Step) -> str:
    """What is wrong with a step behind the one before it."""
    mild, deep = before.edge, step.edge
    if deep.side != mild.side:
        return f"'{deep.label}' and '{mild.label}' look to two sides. A level is missed below its edges, or above them."
    here, there = deep.at.constant, mild.at.constant
    known = here is not None and there is not None
    inwards = known and (here >= there if deep.side == "below" else here <= there)  # type: ignore[operator]
    if inwards and "%" in mild.at.text and "%" not in deep.at.text:
        return f"'{deep.label}' is no percentage, '{mild.label}' before it is one. Write {deep.at.text}%."
    more, less = step.due.constant, before.due.constant
    if inwards or (more is not None and less is not None and more < less):
        deeper = "lower" if deep.side == "below" else "higher"
        rule = f"'{deep.label}' must have a {deeper} edge and at least the credit of '{mild.label}' before it."
        return f"{rule} Write the mildest step first."
    return ""


def _points(written: Any) -> Formula:
    return read_from_0(written, "points are counted, 0 or more.")


_EXAMPLE = "{ below 99.5%: 5%, below 99%: 15% }"
#: steps with a part of a charge
StepsText = Annotated[
    tuple[Step, ...],
    ReadBy(_steps(read_share_formula, _EXAMPLE)),
    WithJsonSchema({"type": "object", "examples": [{"below 99.5%": "5%", "below 99%": "15%"}]}),
]
#: steps with points
PointsText = Annotated[
    tuple[Step, ...],
    ReadBy(_steps(_points, "{ below 99%: 1, below 98%: 2 }")),
    WithJsonSchema({"type": "object", "examples": [{"below 99%": 1, "below 98%": 2}]}),
]
EdgeText = Annotated[Edge, ReadBy(reader(Edge, _edge, "an edge")), text_schema("below 95%")]
