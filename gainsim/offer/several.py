"""Several sets of parameters for one process: each path has one of them, all equally likely, drawn once.

A parameter is then written as a list, here a tuple. Lists of one driver belong together: the values at the same place
are one set, so that what hangs together stays together, and each set is a process that may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, model_validator

from gainsim.offer.fields import Clauses, DurationText, Number, RateText, Share, Volatility
from gainsim.offer.shapes import Shape

#: sets of one driver, at most
MOST = 1_000
#: how many values stand in a list
SETS = Field(min_length=2, max_length=MOST)
Above0 = Annotated[Number, Field(gt=0)]
From0 = Annotated[Number, Field(ge=0)]
Weight = Annotated[Number, Field(ge=0, lt=1)]
Numbers = Annotated[tuple[Number, ...], SETS]
NumbersAbove0 = Annotated[tuple[Above0, ...], SETS]
NumbersFrom0 = Annotated[tuple[From0, ...], SETS]
Weights = Annotated[tuple[Weight, ...], SETS]
Shares = Annotated[tuple[Share, ...], SETS]
Durations = Annotated[tuple[DurationText, ...], SETS]
Rates = Annotated[tuple[RateText, ...], SETS]
Volatilities = Annotated[tuple[Volatility, ...], SETS]


class Sets(Clauses):
    """A process of which several sets of parameters may be written."""

    @model_validator(mode="after")
    def _as_long_as_each_other(self) -> Self:
        lengths = sorted(set(_lengths(self)))
        if len(lengths) > 1:
            raise ValueError(
                f"there are lists of {' and of '.join(map(str, lengths))} values. The values at one place of the lists are one set "
                "of parameters, so all of them are as long."
            )
        return self


P = TypeVar("P", bound=Sets)


def sets(p: P) -> list[P]:
    """The process once for each set of parameters, each certain; itself where no list is written."""
    count = max(_lengths(p), default=0)
    return [_with(p, place) for place in range(count)] or [p]


T = TypeVar("T")


def certain(parameter: T | Shape | tuple[T, ...]) -> T:
    """A parameter of a process none of whose parameters is uncertain."""
    assert not isinstance(parameter, (Shape, tuple))
    return parameter


def _lengths(part: Any) -> Iterator[int]:
    if isinstance(part, tuple):
        yield len(part)
    else:
        for below in _below(part):
            yield from _lengths(below)


def _below(part: Any) -> Iterator[Any]:
    if isinstance(part, Clauses):
        yield from (getattr(part, name) for name in type(part).model_fields)
    elif isinstance(part, dict):
        yield from part.values()
    elif isinstance(part, list):
        yield from part


def _with(part: Any, place: int) -> Any:
    """The same with the value at this place wherever a list of several is written."""
    if isinstance(part, tuple):
        return part[place]
    if isinstance(part, Clauses):
        return part.model_copy(update={name: _with(getattr(part, name), place) for name in type(part).model_fields})
    if isinstance(part, dict):
        return {key: _with(value, place) for key, value in part.items()}
    return [_with(each, place) for each in part] if isinstance(part, list) else part
