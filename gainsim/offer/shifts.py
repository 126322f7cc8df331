"""Hours of the week as written: when a crew works, when a service is owed."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from gainsim.offer.fields import Clauses, problems_below
from gainsim.spelling import listed

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEK: tuple[Weekday, ...] = get_args(Weekday)


def _days(written: Any) -> Any:
    """`monday to friday`, one day, or a list of days, with capitals or without."""
    if isinstance(written, list):
        return [day.lower() if isinstance(day, str) else day for day in written]
    if not isinstance(written, str):
        return written
    first, to, last = (part.strip() for part in written.lower().partition(" to "))
    if first in WEEK and not to:
        return [first]
    if first not in WEEK or last not in WEEK:
        raise ValueError(f"'{written}' is not days of the week. Write monday to friday, or [monday, thursday].")
    start = WEEK.index(first)
    return [WEEK[(start + n) % 7] for n in range((WEEK.index(last) - start) % 7 + 1)]


def _full_hour(written: Any) -> Any:
    """An hour of the day; a time of day with minutes is none."""
    if found := re.fullmatch(r"(\d?\d)[:.](\d+)", str(written).strip()):
        hour = int(found[1])
        ways = f"{hour}" if int(found[2]) == 0 else f"{hour} or {hour + 1}"
        raise ValueError(f"'{written}' is not a full hour. Shifts begin and end on the hour: write {ways}.")
    return written


class Shifts(Clauses):
    """Hours of some days of the week."""

    days: Annotated[list[Weekday], Field(min_length=1), BeforeValidator(_days)]
    """On which days of the week, as `monday to friday`."""
    begins: Annotated[int, Field(ge=0, le=23), BeforeValidator(_full_hour)]
    """From which full hour on."""
    ends: Annotated[int, Field(ge=1, le=24), BeforeValidator(_full_hour)]
    """Up to which full hour of the same day, itself excluded."""

    def __str__(self) -> str:
        """As people say it.

        >>> print(Shifts(days="monday to friday", begins=6, ends=22), "|", Shifts(days=["sunday", "monday"], begins=0, ends=9))
        Monday to Friday from 6 to 22 | Sunday and Monday from 0 to 9
        """
        names = [day.capitalize() for day in self.days]
        run = [WEEK[(WEEK.index(self.days[0]) + n) % 7] for n in range(len(self.days))]
        days = f"{names[0]} to {names[-1]}" if len(names) > 2 and run == self.days else listed(names)
        return f"{days} from {self.begins} to {self.ends}"

    @model_validator(mode="after")
    def _of_one_day(self) -> Self:
        if self.ends <= self.begins:
            rule = f"{self.begins} to {self.ends} is no part of one day. Write a later hour, 24 for midnight."
            raise problems_below([(("ends",), rule)])
        return self
