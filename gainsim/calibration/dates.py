"""Dates of a history: how they are written, what period each names, how far apart the periods are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gainsim.grid import Step, parse_date
from gainsim.words import counted

MONTHS: dict[Step, int] = {"month": 1, "quarter": 3, "year": 12}
_QUARTER = re.compile(r"([0-9]{4})[ -]?Q([1-4])", re.IGNORECASE)
_FORMS = (
    ("a day", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    ("a month", re.compile(r"[0-9]{4}-[0-9]{2}")),
    ("a quarter", _QUARTER),
    ("a year", re.compile(r"[0-9]{4}")),
)
#: days closer together than this are more than one a month
DAYS_OF_A_MONTH = 27


@dataclass(frozen=True)
class Moment:
    """A date as read: its form, its month counted from year 0, and its day where one is written."""

    form: str
    month: int
    day: int


def read_moment(written: str) -> Moment:
    """A day, a month, a quarter or a year. Raises ValueError, with the ways to write one, for anything else.

    >>> read_moment("2019-03"), read_moment("2019-Q2").month % 12, read_moment("2019").form
    (Moment(form='a month', month=24230, day=1), 3, 'a year')
    """
    text = written.strip()
    form = next((name for name, pattern in _FORMS if pattern.fullmatch(text)), None)
    if form is None:
        raise ValueError(
            f"'{text}' is no date. Write a month as 2019-03, a day as 2019-03-31, a quarter as 2019-Q1 or a year as 2019."
        )
    if form == "a quarter":
        found = _QUARTER.fullmatch(text)
        assert found is not None
        return Moment(form, int(found[1]) * 12 + 3 * (int(found[2]) - 1), 1)
    if form == "a year":
        return Moment(form, int(text) * 12, 1)
    day = parse_date(text)
    return Moment(form, day.year * 12 + day.month - 1, day.day)


def step_of(months: Sequence[int], form: str) -> Step:
    """How far apart periods are: a quarter is written as such, or every third month is; a year likewise.

    >>> step_of([0, 3, 9, 6], "a month"), step_of([0, 1, 2], "a month"), step_of([0, 12], "a year")
    ('quarter', 'month', 'year')
    """
    if form == "a year":
        return "year"
    places = sorted(set(months))
    apart = math.gcd(*(b - a for a, b in pairwise(places)))
    if apart and apart % 12 == 0:
        return "year"
    return "quarter" if form == "a quarter" or (apart and apart % 3 == 0) else "month"


def label(month: int, step: Step) -> str:
    """A period as people write it.

    >>> label(24230, "month"), label(24231, "quarter"), label(24228, "year")
    ('2019-03', '2019-Q2', '2019')
    """
    year, place = divmod(month, 12)
    return {"month": f"{year}-{place + 1:02d}", "quarter": f"{year}-Q{place // 3 + 1}", "year": f"{year}"}[step]


def periods_word(step: Step) -> Callable[[int], str]:
    """So many periods, in words."""
    return lambda count: counted(count, step)
