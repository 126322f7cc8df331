"""Many service levels as written: their parts of one amount at risk, or points; repeats, earn-back, termination rights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from gainsim.offer.clock import ResultClockText
from gainsim.offer.credits import Pool
from gainsim.offer.edges import EdgeText, PointsText, Step, StepsText
from gainsim.offer.fields import (
    AT_KEY,
    Clauses,
    Formula,
    FormulaText,
    ReadBy,
    ShareText,
    SizeText,
    WholeNumber,
    problems_below,
    read_from_0,
    reader,
    text_schema,
)
from gainsim.offer.term import TermText

_MOST = 24


@dataclass(frozen=True)
class Counted:
    """Over which settlements something is counted, this one included; last: over so many, for `in the last`."""

    how: Literal["settlement", "in a row", "in the last", "in the year"]
    last: int = 1


_COUNTED = re.compile(r"in the last (\d+) settlements$")


def _counted(written: Any) -> Counted:
    text = str(written).strip()
    found = _COUNTED.match(text)
    if found and 2 <= int(found[1]) <= _MOST:
        return Counted("in the last", int(found[1]))
    if text in ("in a row", "in the year"):
        return Counted("in a row" if text == "in a row" else "in the year")
    raise ValueError(
        f"'{text}' does not say over what is counted. Write in a row, in the year, or in the last 12 settlements "
        f"(2 to {_MOST})."
    )


def _pointed(written: Any) -> Counted:
    text = str(written).strip()
    if text == "settlement":
        return Counted("settlement")
    if text == "in a row":
        raise ValueError(
            "points add up; a row is of failures. Write settlement, in the year, or in the last 3 settlements."
        )
    return _counted(written)


CountedText = Annotated[
    Counted, ReadBy(reader(Counted, _counted, "over what is counted")), text_schema("in the last 12 settlements")
]
PointsCountedText = Annotated[
    Counted, ReadBy(reader(Counted, _pointed, "over what points are counted")), text_schema("settlement")
]

_FROM = re.compile(r"from (\d+)$")


def _multiples(written: Any) -> Any:
    if isinstance(written, tuple):
        return written
    if not isinstance(written, Mapping) or not written:
        raise ValueError("multiples are written one by one: { from 2: 2, from 4: 3 }.")
    multiples: list[tuple[int, Formula]] = []
    found: list[tuple[tuple[str, ...], str]] = []
    for key, multiple in written.items():
        label = str(key).strip()
        place: tuple[str, ...] = (key, AT_KEY)
        try:
            number = _FROM.match(label)
            if number is None or int(number[1]) < 1:
                raise ValueError(f"'{label}' does not say from which failure on. Write 'from 2', the second.")
            if multiples and int(number[1]) <= multiples[-1][0]:
                raise ValueError(f"'{label}' does not lie above the one before it. Write them upwards.")
            place = (key,)
            value = read_from_0(multiple, "a multiple is 0 or more.")
        except ValueError as error:
            found.append((place, str(error)))
            continue
        multiples.append((int(number[1]), value))
    if found:
        raise problems_below(found)
    return tuple(multiples)


MultiplesText = Annotated[
    tuple[tuple[int, Formula], ...],
    ReadBy(_multiples),
    WithJsonSchema({"type": "object", "examples": [{"from 2": 2, "from 4": 3}]}),
]


class Repeated(Clauses):
    """What a failure counts if it is not the first."""

    counted: CountedText
    """Over which settlements failures are counted, this one included."""
    multiply: MultiplesText
    """By what its credit or points are multiplied, from which failure on; the last one reached holds, before it 1."""


class Critical(Clauses):
    """A fixed credit for a critical failure."""

    when: EdgeText
    """The level of a critical failure, as below 95%."""
    credit: SizeText
    """The credit, in money; it is never multiplied and never earned back."""
    pool: Literal["inside", "beside"]
    """Whether it counts in the amount at risk and in the pool, or comes on top of both."""


_OVER = r"year|1 settlement|([2-9]|1[0-9]|2[0-4]) settlements"


def _over(written: str) -> str:
    if not re.fullmatch(_OVER, written):
        raise ValueError(f"'{written}' does not say over what. Write year, 1 settlement, or up to {_MOST} settlements.")
    return written


OverText = Annotated[str, AfterValidator(_over), WithJsonSchema({"type": "string", "pattern": f"^({_OVER})$"})]


class EarnBack(Clauses):
    """The return of a level's credits for a better level later."""

    when: EdgeText
    """The level that earns it, as at or above 99.5%."""
    over: OverText
    """The year: its mean level, at its end; or so many settlements, one after another, after the one credited."""
    otherwise: Literal["lost", "kept"] | None = None
    """A settlement that does not reach it: the chance is lost, or kept and the count begins anew."""
    returns: ShareText
    """What part of the credits is returned."""

    @property
    def settlements(self) -> int | None:
        """After how many settlements; None: at the end of the year."""
        return None if self.over == "year" else int(self.over.split()[0])

    @model_validator(mode="after")
    def _said(self) -> Self:
        if (self.over == "year") != (self.otherwise is None):
            raise ValueError(
                "otherwise: lost or kept goes with a number of settlements, as over: 3 settlements; "
                "a year's mean has no otherwise."
            )
        return self


class TerminationRight(Clauses):
    """When so many failures give the customer the right to terminate; shown, never paid."""

    failures: Annotated[WholeNumber, Field(ge=1)]
    """From how many failures on it stands."""
    counted: CountedText
    """Over which settlements failures are counted, this one included."""
    of: Literal["missed", "critical"]
    """What counts: a level missed at its first edge, or critically."""

    @model_validator(mode="after")
    def _within_what_is_counted(self) -> Self:
        last = self.counted.last
        if self.counted.how == "in the last" and self.failures > last:
            raise ValueError(
                f"failures: {self.failures} is more than the last {last} settlements can hold. "
                f"Write {last} or fewer, or count over more settlements."
            )
        return self


class ServiceLevel(Clauses):
    """One service level: what is measured, and its part of the amount at risk at each edge."""

    about: str | None = None
    """For the reader; moves nothing."""
    level: FormulaText
    """The level of the window; excused time is left out by the formula, as up / (total - excused)."""
    credits: StepsText
    """What part of the amount at risk is credited below each edge; `above`, where less is better."""
    repeated: Repeated | None = None
    """What repeated failures count."""
    critical: Critical | None = None
    """A fixed credit for a critical failure."""
    earn_back: EarnBack | None = None
    """How credits are returned."""
    termination_right: TerminationRight | None = None
    """When failures give the right to terminate."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.termination_right is not None and self.termination_right.of == "critical" and self.critical is None:
            raise ValueError(
                "a right to terminate of critical failures needs critical, which says what one is. Add it."
            )
        _away_from_failure(self.credits, self.earn_back)
        _towards_failure(self.credits, self.critical)
        return self


def _away_from_failure(steps: tuple[Step, ...], earn_back: EarnBack | None) -> None:
    if earn_back is not None and earn_back.when.side == steps[0].edge.side:
        better = "above" if earn_back.when.side == "below" else "below"
        raise ValueError(
            f"earn_back: '{earn_back.when.label}' looks to the side on which the level is missed. "
            f"Write at or {better} {earn_back.when.at.text}."
        )


def _towards_failure(steps: tuple[Step, ...], critical: Critical | None) -> None:
    side = steps[0].edge.side
    if critical is not None and critical.when.side != side:
        raise ValueError(
            f"critical: '{critical.when.label}' looks to the side on which the level is met. "
            f"Write {side} {critical.when.at.text}."
        )


class ServiceLevels(TermText):
    """Many service levels on one amount at risk: each has its part of it, and together they never credit more."""

    term: Literal["service_levels"]
    """Service levels."""
    of: FormulaText
    """The charges of the window."""
    at_risk: ShareText
    """The amount at risk, as a part of the charges: the most credited in a settlement."""
    levels: Annotated[dict[str, ServiceLevel], Field(min_length=1)]
    """The service levels, by name; their parts may add up to more than 100%."""
    pool: Pool | None = None
    """The most that credits may take in a year, or for life."""
    clock: ResultClockText
    """When they are settled and paid."""


class PointLevel(Clauses):
    """One service level that is counted in points."""

    about: str | None = None
    """For the reader; moves nothing."""
    level: FormulaText
    """The level of the window."""
    points: PointsText
    """The points below each edge; `above`, where less is better."""
    repeated: Repeated | None = None
    """What repeated failures count."""


class ServicePoints(TermText):
    """Service points: failures earn points, and a table makes of the points counted a part of the charges."""

    term: Literal["service_points"]
    """Service points."""
    of: FormulaText
    """The charges of the window."""
    levels: Annotated[dict[str, PointLevel], Field(min_length=1)]
    """The service levels, by name."""
    counted: PointsCountedText
    """Which points count: this settlement's, those in the last 3 settlements, or in the year."""
    table: str
    """The table that gives the part of the charges for the points counted."""
    pool: Pool | None = None
    """The most that credits may take in a year, or for life."""
    clock: ResultClockText
    """When they are settled and paid."""
