"""Durations: spans of the calendar in whole months and whole days."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gainsim.numbers import QuantityError, quoted, text_of


@dataclass(frozen=True)
class Duration:
    """A span of the calendar: whole months and whole days, neither negative.

    counted_in: what it is told in where it is none at all

    >>> print(Duration(months=18), "|", Duration(days=60), "|", Duration(months=6).years)
    18 months | 60 days | 0.5
    """

    months: int = 0
    days: int = 0
    counted_in: str = field(default="day", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0:
            raise QuantityError(f"'{self.months} months {self.days} days' is negative. Write a duration from 0 on.")

    @property
    def years(self) -> float:
        """The length in years of 12 months and 365 days.

        >>> Duration(months=6, days=73).years
        0.7
        """
        return self.months / 12 + self.days / 365

    def __str__(self) -> str:
        counts = [(self.months, "month"), (self.days, "day")]
        return " ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in counts if count) or f"0 {self.counted_in}s"


def parse_duration(text: str) -> Duration:
    """Read whole years, quarters, months, weeks and days: 18 months, 1 year 6 months, 60 days.

    Raises QuantityError, also for a negative one, and for parts of a month, whose length nobody has agreed.

    >>> parse_duration("1 year 6 months"), parse_duration("6 weeks"), str(parse_duration("0 months"))
    (Duration(months=18, days=0), Duration(months=0, days=42), '0 months')
    """
    lengths = {"year": (12, 0), "quarter": (3, 0), "month": (1, 0), "week": (0, 7), "day": (0, 1)}
    part = r"([0-9]{1,6})\s+(year|quarter|month|week|day)s?"
    if not re.fullmatch(rf"{part}(?:\s+{part})*", text_of(text)):
        if re.fullmatch(rf"-\s*{part}(?:\s+{part})*", text_of(text)):
            raise QuantityError(f"{quoted(text_of(text))} is negative. A time is counted from 0 on, as 3 months.")
        rule = "Write whole numbers of years, quarters, months, weeks or days, as 1 year 6 months."
        raise QuantityError(f"{quoted(text_of(text))} is not a duration. {rule}")
    parts = re.findall(part, text)
    counts = [(int(count), *lengths[name]) for count, name in parts]
    return Duration(sum(n * months for n, months, _ in counts), sum(n * days for n, _, days in counts), parts[-1][1])
