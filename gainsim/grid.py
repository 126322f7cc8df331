"""The calendar of a contract: when things are measured, settled, invoiced and paid.

The calendar cuts the contract's life into *periods*, numbered from 0. A *window* is a run of periods over which
something is measured; a *settlement* is the moment a window is reckoned, with the dates its money falls due and is
paid. Every term has a `Clock` of its own, so that a monthly fee and a yearly gain share stand in one contract.

An end is always exclusive: the first day that no longer belongs. A year of twelve months is exactly 1.0 years, whatever
its days, so that the time of a month's start is the same number in every year and in a spreadsheet.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from gainsim.durations import Duration

Step = Literal["month", "quarter", "year"]
YearKind = Literal["contract", "calendar", "fiscal"]
StubYears = Literal["prorated", "full"]
WindowKind = Literal["period", "month", "quarter", "half_year", "year", "life"]
Invoiced = Literal["in advance", "in arrears"]

MAX_YEARS = 100
_MONTHS_IN = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_NO_DELAY = Duration()


@dataclass(frozen=True)
class Period:
    """The smallest step of the calendar, the `index`-th from the contract's start, counted from 0.

    start, end: its first day, and the first day after it
    label:      the months it covers, as in "2027-03", "2027-Q1", "2027", or "2027-02 to 2027-04"

    >>> Period(2, date(2027, 3, 1), date(2027, 4, 1), "2027-03").label
    '2027-03'
    """

    index: int
    start: date
    end: date
    label: str


@dataclass(frozen=True)
class Window:
    """A run of periods over which something is measured or limited.

    first, last: indices of its first and its last period, both inside
    label:       the months it covers, or "life"
    months:      how many months it covers
    full_months: how many months a whole amount stands for: 12 for a prorated year, but the window's own `months`
                 where stub years count in full

    >>> Window(0, 8, "2027-04 to 2027-12", 9, 12).share
    0.75
    """

    first: int
    last: int
    label: str
    months: int
    full_months: int

    @property
    def share(self) -> float:
        """The fraction of a whole amount, 0 to 1, that this window carries; 1.0 unless it is a prorated stub.

        >>> Window(0, 11, "2027", 12, 12).share
        1.0
        """
        return self.months / self.full_months


@dataclass(frozen=True)
class Settlement:
    """One reckoning of a term.

    window: what is measured
    at:     index of the period in which the term is evaluated
    due:    the date of the invoice
    paid:   the date the money moves

    >>> first_half = Window(0, 5, "2027-H1", 6, 6)
    >>> Settlement(first_half, at=5, due=date(2027, 7, 1), paid=date(2027, 7, 31)).window.label
    '2027-H1'
    """

    window: Window
    at: int
    due: date
    paid: date


@dataclass(frozen=True)
class Calendar:
    """The contract's life, cut into periods of equal months.

    start:        first of a month
    months:       the contract's length, a whole number of steps, at most 100 years
    step:         what one period is
    year:         where years, quarters and half years begin: at the contract's start, in January, or in `fiscal_start`
    fiscal_start: month from 1 to 12; needed where anything counts in fiscal years, the contract or one term's clock
    stub_years:   whether amounts of a year shorter than 12 months count in part or in full; needed where there is one

    Raises ValueError, with the rule and the fix, for anything outside these rules, and for a year that would begin
    inside a period.

    >>> calendar = Calendar(date(2027, 4, 1), 24, "month", "calendar", stub_years="prorated")
    >>> [(window.label, window.months) for window in calendar.windows("year")]
    [('2027-04 to 2027-12', 9), ('2028', 12), ('2029-Q1', 3)]
    """

    start: date
    months: int
    step: Step
    year: YearKind
    fiscal_start: int | None = None
    stub_years: StubYears | None = None

    def __post_init__(self) -> None:
        _check_choice("step", self.step, get_args(Step))
        _check_choice("year", self.year, get_args(YearKind))
        if self.stub_years is not None:
            _check_choice("stub_years", self.stub_years, get_args(StubYears))
        if self.fiscal_start is not None and not 1 <= self.fiscal_start <= 12:
            raise ValueError(f"fiscal_start = {self.fiscal_start}: a month is 1 to 12. Write 10 for October.")
        _check_start(self.start)
        _check_length(self.months, self.step)
        self.windows("year")  # refuses years that begin inside a period, and stubs that nobody has spoken about

    @property
    def step_months(self) -> int:
        """Months in a period: 1, 3 or 12.

        >>> Calendar(date(2027, 1, 1), 84, "quarter", "contract").step_months
        3
        """
        return _MONTHS_IN[self.step]

    @property
    def periods(self) -> int:
        """How many periods the contract lasts.

        >>> Calendar(date(2027, 1, 1), 84, "quarter", "contract").periods
        28
        """
        return self.months // self.step_months

    @property
    def end(self) -> date:
        """The first day after the contract.

        >>> Calendar(date(2027, 1, 1), 84, "month", "contract").end
        datetime.date(2034, 1, 1)
        """
        return _add_months(self.start, self.months)

    def period(self, t: int) -> Period:
        """The period with index `t`; numbering goes on beyond both ends, so that -1 is the one before the start.

        >>> Calendar(date(2027, 1, 1), 84, "quarter", "contract").period(1)
        Period(index=1, start=datetime.date(2027, 4, 1), end=datetime.date(2027, 7, 1), label='2027-Q2')
        """
        return _period(self.start, self.step_months, t)

    def index(self, when: date) -> int:
        """The index of the period that contains the date; below 0 before the start, and going on beyond the end.

        >>> calendar = Calendar(date(2027, 1, 1), 84, "month", "contract")
        >>> calendar.index(date(2026, 12, 31)), calendar.index(date(2027, 1, 1)), calendar.index(date(2034, 1, 1))
        (-1, 0, 84)
        """
        return self._months_to(when) // self.step_months

    def year_of(self, t: int, year: YearKind | None = None) -> int:
        """The year, counted from 0, in which period `t` lies; a stub at the start is year 0.

        year: the kind of year counted in; None for the calendar's own

        Raises ValueError where such years would begin inside a period, or fiscal years have no `fiscal_start`.

        >>> calendar = Calendar(date(2027, 4, 1), 24, "month", "contract", stub_years="prorated")
        >>> calendar.year_of(9), calendar.year_of(9, "calendar")
        (0, 1)
        """
        return (t * self.step_months + self._months_before_start(year or self.year)) // 12

    @lru_cache(maxsize=256)  # noqa: B019  (equal calendars have equal windows)
    def windows(self, kind: WindowKind, year: YearKind | None = None, *, key: str = "") -> tuple[Window, ...]:
        """The windows of one kind, in order; together they cover every period of the contract once.

        Quarters and half years are counted from the beginning of the year, so that years consist of whole quarters.

        year: the kind of year counted in; None for the calendar's own
        key:  under which the kind was written, as "measured: "; it heads the message about a window that is too short

        Raises ValueError for a window shorter than a period, for a stub where `stub_years` is not said, and where
        `year_of` does.

        >>> calendar = Calendar(date(2027, 2, 1), 12, "month", "contract", stub_years="prorated")
        >>> [window.label for window in calendar.windows("quarter")]
        ['2027-02 to 2027-04', '2027-05 to 2027-07', '2027-08 to 2027-10', '2027-11 to 2028-01']
        >>> [(window.label, window.share) for window in calendar.windows("half_year", "calendar")]
        [('2027-02 to 2027-06', 0.8333333333333334), ('2027-H2', 1.0), ('2028-01', 0.16666666666666666)]
        """
        before = self._months_before_start(year or self.year)
        if kind == "life":
            return (Window(0, self.periods - 1, "life", self.months, self.months),)
        length = self.step_months if kind == "period" else _MONTHS_IN[kind]
        if length < self.step_months:
            raise ValueError(
                f"{key}the calendar steps by {self.step}, so a window of one {kind.replace('_', ' ')} cannot be seen. "
                "Write step: month."
            )
        groups = groupby(range(self.periods), key=lambda t: (t * self.step_months + before) // length)
        return tuple(self._window(list(members), length) for _, members in groups)

    def years_since_start(self, when: date) -> float:
        """The time from the contract's start to the date, in years of twelve equal months; below 0 before the start.

        ((years between) * 12 + (months between) + (day - 1) / days in its month) / 12

        >>> calendar = Calendar(date(2027, 1, 1), 84, "month", "contract")
        >>> calendar.years_since_start(date(2028, 1, 1)), calendar.years_since_start(date(2027, 2, 15))
        (1.0, 0.125)
        """
        days = monthrange(when.year, when.month)[1]
        return (self._months_to(when) + (when.day - 1) / days) / 12

    def _months_to(self, when: date) -> int:
        return (when.year - self.start.year) * 12 + when.month - self.start.month

    def _months_before_start(self, year: YearKind) -> int:
        """How many months of the first year have passed when the contract starts, 0 to 11."""
        first = {"contract": self.start.month, "calendar": 1, "fiscal": self.fiscal_start}[year]
        if first is None:
            raise ValueError("year: fiscal: such a year begins in a month of its own. Write fiscal_start: 10 for October.")
        months = (self.start.month - first) % 12
        if months % self.step_months:
            raise ValueError(
                f"year: {year}: with start: {self.start:%Y-%m} and step: {self.step}, a {year} year begins inside a "
                "period. Write step: month."
            )
        return months

    def _window(self, members: list[int], length: int) -> Window:
        first, last = members[0], members[-1]
        months = len(members) * self.step_months
        label = _label(self.period(first).start, months)
        if months < length and self.stub_years is None:
            raise ValueError(
                f"the window {label} has {months} months of {length}: whether its amounts count in part or in full "
                "moves money, so it is said. Write stub_years: prorated, or stub_years: full."
            )
        return Window(first, last, label, months, months if self.stub_years == "full" else length)


@dataclass(frozen=True)
class Clock:
    """When one term is measured, settled, invoiced and paid.

    measured: the window over which it is reckoned
    year:     the kind of year it counts in; None for the calendar's
    settled:  the delay from the window's end to the invoice; none in advance
    invoiced: at the window's start, or after its end
    paid:     the delay from the invoice to the payment

    Raises ValueError for a settlement delay in advance, and for a delay of more than 100 years.

    >>> yearly = Clock(measured="year", settled=Duration(months=2), paid=Duration(days=60))
    >>> yearly.settlements(Calendar(date(2027, 1, 1), 12, "month", "contract"))[0].due
    datetime.date(2028, 3, 1)
    """

    measured: WindowKind = "period"
    year: YearKind | None = None
    settled: Duration = _NO_DELAY
    invoiced: Invoiced = "in arrears"
    paid: Duration = _NO_DELAY

    def __post_init__(self) -> None:
        _check_choice("measured", self.measured, get_args(WindowKind))
        _check_choice("invoiced", self.invoiced, get_args(Invoiced))
        if self.year is not None:
            _check_choice("year", self.year, get_args(YearKind))
        for name, lag in (("settled", self.settled), ("paid", self.paid)):
            if lag.years > MAX_YEARS:
                raise ValueError(f"{name}: {lag}: a delay is at most {MAX_YEARS} years. Write it like 60 days.")
        if self.invoiced == "in advance" and self.settled != _NO_DELAY:
            raise ValueError(
                f"settled: {self.settled}: a term invoiced in advance is settled when its window starts. "
                "Leave settled out, or write invoiced: in arrears."
            )

    @lru_cache(maxsize=256)  # noqa: B019  (equal clocks settle alike)
    def settlements(self, calendar: Calendar) -> tuple[Settlement, ...]:
        """The settlements of a term over the contract's life, one for each window, in order.

        In arrears a term is evaluated in its window's last period and falls due `settled` after the window's end; in
        advance it is evaluated in the first period and falls due on its first day. Money may move after the contract.

        Raises ValueError where `calendar.windows` does.

        >>> fee = Clock(measured="month", invoiced="in advance", paid=Duration(days=30))
        >>> [str(s.paid) for s in fee.settlements(Calendar(date(2027, 1, 1), 12, "month", "contract"))[:2]]
        ['2027-01-31', '2027-03-03']
        """
        windows = calendar.windows(self.measured, self.year, key="measured: ")
        return tuple(self._settle(window, calendar) for window in windows)

    def _settle(self, window: Window, calendar: Calendar) -> Settlement:
        if self.invoiced == "in advance":
            at, due = window.first, calendar.period(window.first).start
        else:
            at, due = window.last, shift(calendar.period(window.last).end, self.settled)
        return Settlement(window, at, due, shift(due, self.paid))


def discount_times(settlements: Iterable[Settlement], calendar: Calendar) -> npt.NDArray[np.float64]:
    """The times of payment, in years since the contract's start, for discounting.

    returns: (settlements,) years

    >>> yearly = Clock(measured="year", paid=Duration(months=3))
    >>> calendar = Calendar(date(2027, 1, 1), 36, "month", "contract")
    >>> discount_times(yearly.settlements(calendar), calendar)
    array([1.25, 2.25, 3.25])
    """
    return np.array([calendar.years_since_start(settlement.paid) for settlement in settlements], dtype=np.float64)


def shift(when: date, lag: Duration) -> date:
    """The date a lag later: first the months, the day clipped to the length of its month, then the days.

    >>> str(shift(date(2028, 1, 31), Duration(months=1, days=1)))
    '2028-03-01'
    """
    return _add_months(when, lag.months) + timedelta(days=lag.days)


def parse_month(text: str) -> date:
    """The first day of a month written as "2027-01".

    Raises ValueError for anything else.

    >>> parse_month("2027-01")
    datetime.date(2027, 1, 1)
    """
    if not re.fullmatch(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])", text):
        raise ValueError(
            f'"{text}": a month is four digits of the year, a hyphen, and 01 to 12. Write it like 2027-01.'
        )
    return date(int(text[:4]), int(text[5:]), 1)


def parse_date(text: str) -> date:
    """A day written as "2027-01-15", or a month written as "2027-01", which is its first day.

    Raises ValueError for anything else, and for a day that its month does not have.

    >>> parse_date("2027-01-15"), parse_date("2027-01")
    (datetime.date(2027, 1, 15), datetime.date(2027, 1, 1))
    """
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", text):
        found = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text)
        example = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else "2027-01-15"
        raise ValueError(f'"{text}": a date is the year, the month and the day, with hyphens. Write it like {example}.')
    if len(text) == 7:
        return parse_month(text)
    first = parse_month(text[:7])
    day, days = int(text[8:]), monthrange(first.year, first.month)[1]
    if not 1 <= day <= days:
        raise ValueError(f'"{text}": {first:%Y-%m} has {days} days. Write {text[:7]}-01 to {text[:7]}-{days}.')
    return first.replace(day=day)


@lru_cache(maxsize=4096)
def _period(start: date, step_months: int, t: int) -> Period:
    """A period by its number; every term and cost asks for each of them anew."""
    first = _add_months(start, t * step_months)
    return Period(t, first, _add_months(first, step_months), _label(first, step_months))


def _add_months(when: date, months: int) -> date:
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    return date(year, month + 1, min(when.day, monthrange(year, month + 1)[1]))


def _label(first: date, months: int) -> str:
    """The months covered, by the names everybody shares: a calendar quarter may be called one, any other may not."""
    if months == 1:
        return f"{first:%Y-%m}"
    part, into = divmod(first.month - 1, months)
    if months in (3, 6, 12) and not into:
        return {3: f"{first:%Y}-Q{part + 1}", 6: f"{first:%Y}-H{part + 1}", 12: f"{first:%Y}"}[months]
    return f"{first:%Y-%m} to {_add_months(first, months - 1):%Y-%m}"


def _check_choice(name: str, written: str, allowed: tuple[str, ...]) -> None:
    if written not in allowed:
        raise ValueError(f'{name} = "{written}": no such {name}. Write one of: {", ".join(allowed)}.')


def _check_start(start: date) -> None:
    if start.day != 1:
        raise ValueError(f"start = {start}: a calendar starts on the first of a month. Write start: {start:%Y-%m}.")
    if not 1900 <= start.year < 3000:
        raise ValueError(f"start = {start}: a calendar starts between 1900 and 2999. Write it like 2027-01.")


def _check_length(months: int, step: Step) -> None:
    if not 1 <= months <= 12 * MAX_YEARS:
        raise ValueError(f"months = {months}: a contract lasts 1 month to {MAX_YEARS} years. Write 84 for 7 years.")
    size = _MONTHS_IN[step]
    if months % size:
        raise ValueError(
            f"months = {months}: a contract lasts whole steps. Write a multiple of {size}, or step: month (now {step})."
        )
