"""The calendar: windows tile, years agree with the dates, money falls due after what it is due for."""

from calendar import monthrange
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gainsim.durations import Duration
from gainsim.grid import Calendar, Clock, Settlement, Window, discount_times, parse_date, parse_month, shift

KINDS = ("period", "month", "quarter", "half_year", "year", "life")
YEARS = ("contract", "calendar", "fiscal")
LENGTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}

lags = st.builds(Duration, months=st.integers(0, 40), days=st.integers(0, 400))
dates = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@st.composite
def calendars(draw):
    """Any calendar that is allowed: years, where they are not the contract's, begin where a period does."""
    step = draw(st.sampled_from(["month", "quarter", "year"]))
    start = date(draw(st.integers(1990, 2060)), draw(st.integers(1, 12)), 1)
    months = LENGTHS[step] * draw(st.integers(1, 132 // LENGTHS[step]))
    fiscal_start = (start.month - 1 + LENGTHS[step] * draw(st.integers(0, 11))) % 12 + 1
    year = draw(st.sampled_from(YEARS))
    if year == "calendar" and (start.month - 1) % LENGTHS[step]:
        year = "fiscal"
    return Calendar(start, months, step, year, fiscal_start, draw(st.sampled_from(["prorated", "full"])))


@st.composite
def tilings(draw):
    """A calendar, and a kind of window and of year that it can see."""
    calendar = draw(calendars())
    seen = [kind for kind in KINDS if LENGTHS.get(kind, 1200) >= calendar.step_months]
    years = [None, "contract", "fiscal"]
    if (calendar.start.month - 1) % calendar.step_months == 0:
        years.append("calendar")
    return calendar, draw(st.sampled_from(seen)), draw(st.sampled_from(years))


def covered(window: Window) -> list[int]:
    return list(range(window.first, window.last + 1))


def year_by_date(calendar: Calendar, t: int, kind: str) -> int:
    """Walks from the start month by month and counts the years that begin on the way."""
    first = {"contract": calendar.start.month, "calendar": 1, "fiscal": calendar.fiscal_start}[kind]
    day, years = calendar.start, 0
    while day < calendar.period(t).start:
        day = (day + timedelta(days=31)).replace(day=1)
        years += day.month == first
    return years


@given(tilings())
def test_windows_tile_the_contract(case):
    calendar, kind, year = case
    windows = calendar.windows(kind, year)
    assert [t for window in windows for t in covered(window)] == list(range(calendar.periods))
    assert sum(window.months for window in windows) == calendar.months
    assert all(window.months == len(covered(window)) * calendar.step_months for window in windows)


@given(tilings())
def test_only_the_first_and_the_last_window_can_be_short(case):
    calendar, kind, year = case
    windows = calendar.windows(kind, year)
    assert all(window.months == LENGTHS.get(kind, window.months) for window in windows[1:-1])
    assert all(0 < window.share <= 1 for window in windows)
    if calendar.stub_years == "full":
        assert all(window.share == 1 for window in windows)
    elif kind in LENGTHS:
        assert all(window.share == window.months / LENGTHS[kind] for window in windows)


@given(tilings(), st.data())
def test_year_of_counts_the_years_that_have_begun(case, data):
    calendar, _, year = case
    t = data.draw(st.integers(0, calendar.periods - 1))
    assert calendar.year_of(t, year) == year_by_date(calendar, t, year or calendar.year)


@given(tilings())
def test_a_year_window_holds_the_periods_of_one_year(case):
    calendar, _, year = case
    for number, window in enumerate(calendar.windows("year", year)):
        assert {calendar.year_of(t, year) for t in covered(window)} == {number}


@given(tilings())
def test_quarters_lie_within_half_years_and_half_years_within_years(case):
    calendar, _, year = case
    assume(calendar.step != "year")
    for finer, coarser in (("quarter", "half_year"), ("half_year", "year")):
        outer = [set(covered(window)) for window in calendar.windows(coarser, year)]
        inner = [set(covered(window)) for window in calendar.windows(finer, year)]
        assert all(any(part <= whole for whole in outer) for part in inner)
        assert all(sum(part <= whole for part in inner) == 2 for whole in outer[1:-1])


@given(calendars(), st.integers(-300, 2000))
def test_index_finds_the_period_again(calendar, t):
    period = calendar.period(t)
    assert period.index == t
    assert calendar.index(period.start) == calendar.index(period.end - timedelta(days=1)) == t
    assert calendar.period(t + 1).start == period.end


@given(calendars())
def test_the_last_period_ends_with_the_contract(calendar):
    assert calendar.period(0).start == calendar.start
    assert calendar.period(calendar.periods - 1).end == calendar.end


@given(tilings(), lags, lags)
def test_arrears_fall_due_after_the_window_and_are_paid_later(case, settled, paid):
    calendar, kind, year = case
    settlements = Clock(kind, year, settled, "in arrears", paid).settlements(calendar)
    assert tuple(s.window for s in settlements) == calendar.windows(kind, year)
    for s in settlements:
        assert s.at == s.window.last
        assert calendar.period(s.window.last).end <= s.due <= s.paid


@given(tilings(), lags)
def test_in_advance_falls_due_when_the_window_starts(case, paid):
    calendar, kind, year = case
    for s in Clock(kind, year, invoiced="in advance", paid=paid).settlements(calendar):
        assert s.at == s.window.first
        assert s.due == calendar.period(s.window.first).start <= s.paid


@given(calendars(), dates, st.integers(1, 40_000))
def test_years_since_start_never_falls_as_time_passes(calendar, when, days):
    assert calendar.years_since_start(when) < calendar.years_since_start(when + timedelta(days=1))
    assert calendar.years_since_start(when) < calendar.years_since_start(when + timedelta(days=days))


@given(calendars(), st.integers(-400, 1500))
def test_years_since_start_is_exactly_a_twelfth_a_month(calendar, months):
    year, month = divmod(calendar.start.year * 12 + calendar.start.month - 1 + months, 12)
    assert calendar.years_since_start(date(year, month + 1, 1)) == months / 12


@given(dates, lags)
def test_shift_by_months_keeps_the_day_or_ends_the_month(when, lag):
    moved = shift(when, lag) - timedelta(days=lag.days)
    assert (moved.year - when.year) * 12 + moved.month - when.month == lag.months
    assert moved.day == min(when.day, monthrange(moved.year, moved.month)[1])


def shape(calendar: Calendar, kind: str = "year", year: str | None = None) -> list[tuple[str, int, float]]:
    return [(window.label, window.months, window.share) for window in calendar.windows(kind, year)]


def test_calendar_years_of_a_contract_from_april():
    calendar = Calendar(date(2027, 4, 1), 36, "month", "calendar", stub_years="prorated")
    assert shape(calendar) == [
        ("2027-04 to 2027-12", 9, 0.75),
        ("2028", 12, 1.0),
        ("2029", 12, 1.0),
        ("2030-Q1", 3, 0.25),
    ]
    assert calendar.windows("year")[1] == Window(9, 20, "2028", 12, 12)


def test_fiscal_years_from_october_of_a_contract_from_april():
    calendar = Calendar(date(2027, 4, 1), 24, "quarter", "fiscal", fiscal_start=10, stub_years="prorated")
    assert shape(calendar) == [
        ("2027-04 to 2027-09", 6, 0.5),
        ("2027-10 to 2028-09", 12, 1.0),
        ("2028-10 to 2029-03", 6, 0.5),
    ]
    assert [(window.first, window.last) for window in calendar.windows("year")] == [(0, 1), (2, 5), (6, 7)]


def test_a_stub_that_counts_in_full_has_a_share_of_one():
    calendar = Calendar(date(2027, 4, 1), 24, "month", "calendar", stub_years="full")
    assert calendar.windows("year")[0] == Window(0, 8, "2027-04 to 2027-12", 9, 9)
    assert [window.share for window in calendar.windows("year")] == [1.0, 1.0, 1.0]


def test_a_contract_of_fourteen_months_ends_in_a_stub_of_two():
    calendar = Calendar(date(2027, 1, 1), 14, "month", "contract", stub_years="prorated")
    assert shape(calendar) == [("2027", 12, 1.0), ("2028-01 to 2028-02", 2, 2 / 12)]
    assert shape(calendar, "quarter")[-1] == ("2028-01 to 2028-02", 2, 2 / 3)
    assert shape(calendar, "life") == [("life", 14, 1.0)]


def test_a_contract_inside_one_calendar_year_is_one_stub():
    calendar = Calendar(date(2027, 3, 1), 4, "month", "calendar", stub_years="prorated")
    assert shape(calendar) == [("2027-03 to 2027-06", 4, 4 / 12)]


def test_contract_quarters_count_from_the_start_and_calendar_quarters_from_january():
    calendar = Calendar(date(2027, 2, 1), 12, "month", "contract", stub_years="prorated")
    assert [window.first for window in calendar.windows("quarter")] == [0, 3, 6, 9]
    assert [window.first for window in calendar.windows("quarter", "calendar")] == [0, 2, 5, 8, 11]
    assert [window.first for window in calendar.windows("half_year", "calendar")] == [0, 5, 11]


def test_labels_say_the_months_they_cover():
    def label(start, step):
        return Calendar(start, 12, step, "contract").period(0).label

    assert label(date(2027, 3, 1), "month") == "2027-03"
    assert label(date(2027, 7, 1), "quarter") == "2027-Q3"
    assert label(date(2027, 2, 1), "quarter") == "2027-02 to 2027-04"
    assert label(date(2027, 1, 1), "year") == "2027"
    assert label(date(2027, 4, 1), "year") == "2027-04 to 2028-03"


def test_a_stub_need_not_be_spoken_about_until_a_clock_sees_it():
    calendar = Calendar(date(2027, 4, 1), 24, "month", "contract")
    assert len(calendar.windows("quarter", "calendar")) == 8  # April begins a calendar quarter: none is short
    with pytest.raises(ValueError, match=r"2027-04 to 2027-12 has 9 months of 12.*stub_years: prorated"):
        Clock("year", "calendar").settlements(calendar)


def test_leap_years():
    calendar = Calendar(date(2028, 2, 1), 12, "month", "contract")
    assert calendar.period(0).end == date(2028, 3, 1)
    assert calendar.years_since_start(date(2028, 2, 29)) == 28 / 29 / 12
    assert calendar.years_since_start(date(2029, 2, 1)) == 1.0
    assert calendar.index(date(2028, 2, 29)) == 0


@pytest.mark.parametrize(
    "when, months, days, then",
    [
        (date(2027, 1, 31), 1, 0, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, 0, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, 0, date(2029, 2, 28)),
        (date(2027, 1, 30), 1, 1, date(2027, 3, 1)),  # days first would give 28 February
        (date(2027, 12, 15), 2, 0, date(2028, 2, 15)),
        (date(2027, 12, 31), 0, 60, date(2028, 2, 29)),
    ],
)
def test_shift_takes_the_months_first(when, months, days, then):
    assert shift(when, Duration(months=months, days=days)) == then


def test_a_yearly_gain_share_and_a_monthly_fee_keep_their_own_clocks():
    calendar = Calendar(date(2027, 1, 1), 24, "month", "contract")
    gain = Clock("year", settled=Duration(months=2), paid=Duration(days=60))
    assert gain.settlements(calendar)[0] == Settlement(
        Window(0, 11, "2027", 12, 12), at=11, due=date(2028, 3, 1), paid=date(2028, 4, 30)
    )
    fee = Clock("month", invoiced="in advance", paid=Duration(months=1))
    assert len(fee.settlements(calendar)) == 24
    np.testing.assert_array_equal(discount_times(fee.settlements(calendar), calendar), np.arange(1, 25) / 12)


def test_no_settlements_have_no_times():
    assert discount_times([], Calendar(date(2027, 1, 1), 12, "month", "contract")).shape == (0,)


def calendar_with(**changes):
    fields = {"start": date(2027, 1, 1), "months": 24, "step": "month", "year": "contract"}
    return Calendar(**(fields | changes))


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"start": date(2027, 1, 15)}, r"start = 2027-01-15: .* first of a month\. Write start: 2027-01\."),
        ({"start": date(207, 1, 1)}, r"starts between 1900 and 2999"),
        ({"months": 0}, r"months = 0: .* 1 month to 100 years"),
        ({"months": 1201}, r"months = 1201: .* 1 month to 100 years"),
        ({"months": 25, "step": "quarter"}, r"months = 25: .* whole steps\. Write a multiple of 3, or step: month"),
        ({"months": 18, "step": "year"}, r"Write a multiple of 12, or step: month"),
        ({"step": "week"}, r'step = "week": no such step\. Write one of: month, quarter, year\.'),
        ({"year": "tax"}, r'year = "tax": no such year\. Write one of: contract, calendar, fiscal\.'),
        ({"stub_years": "lost"}, r'stub_years = "lost": .* Write one of: prorated, full\.'),
        ({"fiscal_start": 13}, r"fiscal_start = 13: a month is 1 to 12\. Write 10 for October\."),
        ({"year": "fiscal"}, r"such a year begins in a month of its own\. Write fiscal_start: 10"),
        ({"months": 30}, r"2029-H1 has 6 months of 12: .* Write stub_years: prorated, or stub_years: full\."),
        ({"year": "fiscal", "fiscal_start": 10}, r"2027-01 to 2027-09 has 9 months of 12"),
        (
            {"start": date(2027, 2, 1), "step": "quarter", "year": "calendar", "stub_years": "full"},
            r"start: 2027-02 and step: quarter, a calendar year begins inside a period\. Write step: month\.",
        ),
        (
            {"start": date(2027, 4, 1), "step": "year", "year": "calendar", "stub_years": "full"},
            r"begins inside a period\. Write step: month\.",
        ),
    ],
)
def test_a_calendar_that_cannot_be_says_the_rule_and_the_fix(changes, message):
    with pytest.raises(ValueError, match=message):
        calendar_with(**changes)


def test_the_longest_contract_is_a_hundred_years():
    assert calendar_with(months=1200).end == date(2127, 1, 1)


@pytest.mark.parametrize("kind, step", [("month", "quarter"), ("quarter", "year"), ("half_year", "year")])
def test_a_window_shorter_than_a_period_is_refused(kind, step):
    message = (
        f"the calendar steps by {step}, so a window of one {kind.replace('_', ' ')} cannot be seen. Write step: month"
    )
    with pytest.raises(ValueError, match=message):
        calendar_with(step=step).windows(kind)


def test_a_clock_in_fiscal_years_needs_their_start():
    with pytest.raises(ValueError, match="fiscal_start"):
        Clock("year", "fiscal").settlements(calendar_with())
    assert calendar_with(fiscal_start=10).year_of(9, "fiscal") == 1


@pytest.mark.parametrize(
    "fields, message",
    [
        (
            {"invoiced": "in advance", "settled": Duration(days=5)},
            r"settled: 5 days: .*\. Leave settled out, or write invoiced: in arrears",
        ),
        ({"paid": Duration(days=999_999)}, r"paid: 999999 days: a delay is at most 100 years\."),
        ({"settled": Duration(months=1201)}, r"settled: 1201 months: a delay is at most 100 years\."),
        ({"measured": "week"}, 'measured = "week": .* one of: period, month, quarter, half_year, year, life'),
        ({"invoiced": "later"}, "Write one of: in advance, in arrears"),
        ({"year": "tax"}, "Write one of: contract, calendar, fiscal"),
    ],
)
def test_a_clock_that_cannot_be_says_the_rule_and_the_fix(fields, message):
    with pytest.raises(ValueError, match=message):
        Clock(**fields)


@pytest.mark.parametrize(
    "text", ["2027-13", "2027-00", "27-1", "2027-1", "2027/01", "0000-01", "2027-01-15", "2027-01\n", "２０２７-01", ""]
)
def test_a_month_is_written_one_way(text):
    with pytest.raises(ValueError, match="Write it like 2027-01"):
        parse_month(text)


def test_a_date_is_a_day_or_the_first_of_a_month():
    assert parse_month("2027-12") == parse_date("2027-12") == date(2027, 12, 1)
    assert parse_date("2028-02-29") == date(2028, 2, 29)
    with pytest.raises(ValueError, match=r'"2027-01-00": 2027-01 has 31 days\.'):
        parse_date("2027-01-00")
    with pytest.raises(ValueError, match=r'"2027-02-29": 2027-02 has 28 days\. Write 2027-02-01 to 2027-02-28\.'):
        parse_date("2027-02-29")
    with pytest.raises(ValueError, match="01 to 12"):
        parse_date("2027-13-01")
    with pytest.raises(ValueError, match="Write it like 2027-01"):
        parse_date("15.01.2027")


def test_the_longest_delay_and_the_first_and_last_years_are_allowed():
    """Each limit itself is still inside."""
    century = Duration(months=1200)
    (settled,) = Clock("life", settled=century, paid=century).settlements(calendar_with(months=12))
    assert (settled.due, settled.paid) == (date(2128, 1, 1), date(2228, 1, 1))
    for year in (1900, 2999):
        assert calendar_with(start=date(year, 1, 1)).period(0).start == date(year, 1, 1)
    with pytest.raises(ValueError, match="starts between 1900 and 2999"):
        calendar_with(start=date(3000, 1, 1))
    assert calendar_with(year="fiscal", fiscal_start=12, stub_years="full").windows("year")[0].months == 11
