"""Quantities at the edges: what is read, what is refused and why, and that what is written is read back."""

import math
import pickle
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gainsim.durations import Duration, parse_duration
from gainsim.numbers import QuantityError, number_text, parse_number
from gainsim.quantities import Quantity, money_text, parse_fraction, parse_quantity, percent_text
from gainsim.rates import Rate, parse_rate
from gainsim.units import CURRENCIES, DIMENSIONLESS, Unit

symbols = st.sampled_from(
    ["EUR", "USD", "MWh", "kNm3", "FTE", "site", "month", "quarter", "year", "week", "day", "hour"]
)
units = st.dictionaries(symbols, st.integers(-2, 2), max_size=4).map(Unit.of)
finite = st.floats(allow_nan=False, allow_infinity=False)


def refused(parse, written, *words):
    with pytest.raises(QuantityError) as caught:
        parse(written)
    message = str(caught.value)
    for word in words:
        assert word in message


# --- units ---


@pytest.mark.parametrize(
    "text, powers",
    [
        ("EUR/MWh", {"EUR": 1, "MWh": -1}),
        ("€ / MWh", {"EUR": 1, "MWh": -1}),
        ("EUR per month", {"EUR": 1, "month": -1}),
        ("EUR/MWh/months", {"EUR": 1, "MWh": -1, "month": -1}),
        ("EUR per MWh per Year", {"EUR": 1, "MWh": -1, "year": -1}),
        ("EUR pa per site", {"EUR": 1, "year": -1, "site": -1}),
        ("EUR p.a.", {"EUR": 1, "year": -1}),
        ("per quarter", {"quarter": -1}),
        ("1/month", {"month": -1}),
        ("MWh*h", {"MWh": 1, "hour": 1}),
        ("m*m", {"m": 2}),
        ("MWh/MWh", {}),
        ("d", {"day": 1}),
        ("", {}),
        ("1", {}),
        ("fraction", {}),
        ("fraction of baseline energy", {}),
        ("fraction of baseline energy per month", {"month": -1}),
    ],
)
def test_units_are_read(text, powers):
    assert Unit.parse(text) == Unit.of(powers)


@pytest.mark.parametrize(
    "text", ["EUR/", "*EUR", "EUR//MWh", "MWh h", "m^2", "%", "per", "EUR per", "per per year", "2 m"]
)
def test_what_is_no_unit_is_refused(text):
    refused(Unit.parse, text, repr(text), "not a unit", "EUR/MWh")


def test_a_currency_in_small_letters_is_refused():
    refused(Unit.parse, "eur/MWh", "'eur/MWh'", "Write EUR")


@given(units)
def test_a_unit_is_read_back(unit):
    assert Unit.parse(str(unit)) == unit


@given(units, units, units)
def test_units_form_a_commutative_group(a, b, c):
    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a * DIMENSIONLESS == a
    assert a * b / b == a
    assert a / a == DIMENSIONLESS
    assert hash(a * b) == hash(b * a)


@given(units)
def test_a_flow_times_its_period_is_what_it_adds_up_to(unit):
    if unit.flow:
        assert unit * Unit.parse(unit.flow) == unit.without_time()
    else:
        assert unit.without_time() == unit


def test_only_one_period_below_the_line_makes_a_flow():
    assert Unit.parse("EUR/MWh/quarter").flow == "quarter"
    assert Unit.parse("EUR/month/year").flow is None
    assert Unit.parse("EUR/month/month").flow is None
    assert Unit.parse("EUR*month").flow is None
    assert Unit.parse("EUR/week").flow is None


def test_money_needs_a_currency():
    assert Unit.money("CHF") == Unit.parse("CHF")
    assert {"EUR", "USD", "GBP", "JPY"} < CURRENCIES
    refused(Unit.money, "euro", "'euro'", "not a currency", "EUR")


# --- numbers and quantities ---


@pytest.mark.parametrize(
    "text, value",
    [("14_500", 14_500), ("14500", 14_500), ("1.5", 1.5), ("-3", -3), ("1e6", 1e6), (".5", 0.5), ("+2", 2)],
)
def test_numbers_are_read(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "inf", "nan", "1_", "_1", "1__0", "1.", "1.2.3", "0x10", "١٢", "１２", "1 000", "--1"]
)
def test_what_is_no_number_is_refused(text):
    refused(parse_number, text, repr(text), "not a number", "14_500 or 1.5")


@pytest.mark.parametrize(
    "text, ways",
    [
        ("1,234", "1_234 or 1.2340"),
        ("1,5", "Write 1.5"),
        ("0,118", "Write 0.118"),
        ("1,234,567", "Write 1_234_567"),
        ("12,500.75", "Write 12_500.75"),
        ("1,2,3", "1_234 or 1.5"),
    ],
)
def test_a_comma_is_refused_with_what_it_may_mean(text, ways):
    refused(parse_number, text, "comma", ways)
    refused(parse_quantity, f"{text} EUR", "comma", ways)


def test_a_number_too_large_for_a_float_is_refused():
    refused(parse_number, "1e999", "too large")
    refused(parse_number, "9" * 999, "too long")
    refused(parse_quantity, True, "'true' is not a number")


@given(finite)
def test_every_float_is_read_back(value):
    assert parse_number(number_text(value)) == value
    assert parse_number(value) == value


@pytest.mark.parametrize(
    "text, value, unit",
    [
        ("€1.2m", 1_200_000, "EUR"),
        ("1.2m EUR", 1_200_000, "EUR"),
        ("-€1.2m", -1_200_000, "EUR"),
        ("4.35m", 4_350_000, ""),
        ("250k USD", 250_000, "USD"),
        ("3bn", 3_000_000_000, ""),
        ("34_000 EUR per month", 34_000, "EUR/month"),
        ("34_000 per month", 34_000, "1/month"),
        ("€92/MWh", 92, "EUR/MWh"),
        ("£5 per site pa", 5, "GBP/site/year"),
        ("8%", 0.08, ""),
        ("8 %", 0.08, ""),
        ("3% per year", 0.03, "1/year"),
        ("3% pa", 0.03, "1/year"),
        ("250 bp", 0.025, ""),
        ("25bps", 0.0025, ""),
        ("0.118 MWh/kNm3", 0.118, "MWh/kNm3"),
        ("4_200 h", 4_200, "hour"),
        ("5 m", 5, "m"),
        (7, 7, ""),
        (0.25, 0.25, ""),
    ],
)
def test_quantities_are_read(text, value, unit):
    assert parse_quantity(text) == Quantity(value, Unit.parse(unit))


@pytest.mark.parametrize(
    "text, ways",
    [
        ("€1.234", "€1_234 or €1.2340"),
        ("-€1.234", "-€1_234 or -€1.2340"),
        ("1.234 EUR", "1_234 EUR or 1.2340 EUR"),
        ("12.500 EUR per month", "12_500 EUR per month or 12.5 EUR per month"),
        ("30.000", "30_000 or 30.0"),
        ("-80.000", "-80_000 or -80.0"),
        ("1.234 MWh", "1_234 MWh or 1.2340 MWh"),
        ("1.234.567 EUR", "1_234_567 EUR"),
    ],
)
def test_what_may_be_two_numbers_is_refused(text, ways):
    refused(parse_quantity, text, repr(text), "two numbers: a dot", ways)
    for clear in ways.split(" or "):
        assert parse_quantity(clear).unit == Unit.parse(text.partition(" ")[2] or "€" * ("€" in text))


def test_a_number_that_is_computed_stands_for_itself():
    assert parse_quantity(1.234) == Quantity(1.234)
    refused(parse_number, "1.234", "two numbers", "1_234 or 1.2340")


@pytest.mark.parametrize(
    "text", ["0.125", "0.118 EUR/kWh", "1234.567 EUR", "1.2345 EUR", "1.234m EUR", "12.500 %", "1.23 MWh/EUR"]
)
def test_what_cannot_be_thousands_is_read(text):
    assert parse_quantity(text).value == pytest.approx(
        float(text.split()[0].rstrip("m")) * (1e6 if "m " in text else 0.01 if "%" in text else 1)
    )


@pytest.mark.parametrize(
    "text, words",
    [
        ("EUR 5", "not a quantity"),
        ("", "not a number"),
        ("nan", "not a number. A number is finite"),
        ("-.inf", "not a number. A number is finite"),
        ("€-5", "not a quantity"),
        ("14 500 EUR", "space inside the number"),
        ("12kWh", "runs on"),
        ("1.2M EUR", "k, m or bn"),
        ("5m/s", "runs on"),
        ("3% EUR", "two units"),
        ("€5 EUR", "two units"),
        ("5 eur", "Write EUR"),
        ("1.2.3 EUR", "not a number"),
    ],
)
def test_what_is_no_quantity_is_refused(text, words):
    refused(parse_quantity, text, words)


@given(finite, units)
def test_a_quantity_is_read_back(value, unit):
    quantity = Quantity(value, unit)
    assert parse_quantity(str(quantity)) == quantity


@given(st.integers(0, 10**9), st.integers(0, 6))
def test_a_percentage_is_the_nearest_float(digits, places):
    text = str(Decimal(digits).scaleb(-places))
    assert parse_quantity(f"{text}%").value == float(Decimal(text) / 100)


def test_fractions_lie_between_0_and_1():
    assert [parse_fraction(w) for w in ("60%", "0.6", 0.6, 0, "1", "100%", "6_000 bp")] == [0.6, 0.6, 0.6, 0, 1, 1, 0.6]
    refused(parse_fraction, 60, "'60' is not a fraction between 0 and 1. Write 60% or 0.60.")
    refused(parse_fraction, "12.5", "Write 12.5% or 0.125.")
    for wrong in ("0.6 EUR", "60% per year"):
        refused(parse_fraction, wrong, f"'{wrong}' carries a unit", "Write it alone, as 60% or 0.60.")


@pytest.mark.parametrize(
    "wrong, rule",
    [
        ("150%", "The most is 1, or 100%."),
        ("1.3", "The most is 1, or 100%."),  # 1.3% would be another number altogether
        (1000, "The most is 1, or 100%."),
        ("15_000 bp", "The most is 1, or 100%."),
        (-0.1, "The least is 0."),
        ("-2%", "The least is 0."),
    ],
)
def test_a_fix_is_offered_only_where_it_is_likely(wrong, rule):
    with pytest.raises(QuantityError) as caught:
        parse_fraction(wrong)
    assert str(caught.value) == f"'{wrong}' is not a fraction between 0 and 1. {rule}"


@pytest.mark.parametrize("text", ["2% * live", "2% of live", "40% from year 2 else 50%", "2 + live", "1 if live > 0 else 0"])
def test_a_formula_is_no_quantity(text):
    refused(parse_quantity, text, f"'{text}' is a formula. A number stands here")


# --- durations ---


@pytest.mark.parametrize(
    "text, months, days",
    [
        ("18 months", 18, 0),
        ("60 days", 0, 60),
        ("2 years", 24, 0),
        ("1 quarter", 3, 0),
        ("6 weeks", 0, 42),
        ("1 year 6 months", 18, 0),
        ("1 month 5 days", 1, 5),
        ("0 days", 0, 0),
    ],
)
def test_durations_are_read(text, months, days):
    assert parse_duration(text) == Duration(months, days)


@pytest.mark.parametrize("text", ["", "18", "1.5 years", "9 h", "months", "1 month, 2 days", "18months"])
def test_what_is_no_duration_is_refused(text):
    refused(parse_duration, text, repr(text), "not a duration", "1 year 6 months")


def test_a_duration_is_never_negative():
    refused(parse_duration, "-3 months", "'-3 months' is negative. A time is counted from 0 on")
    with pytest.raises(QuantityError, match="negative"):
        Duration(-1, 0)


@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_a_duration_is_read_back(months, days):
    duration = Duration(months, days)
    assert parse_duration(str(duration)) == duration
    assert duration.years == pytest.approx(months / 12 + days / 365)


# --- rates ---

rates = st.builds(
    Rate,
    st.integers(-9_999, 100_000).map(lambda basis_points: basis_points / 10_000),
    st.sampled_from(["effective", "continuous", "nominal"]),
)


@pytest.mark.parametrize(
    "text, rate",
    [
        ("8% pa", Rate(0.08)),
        ("8% p.a.", Rate(0.08)),
        ("8% per year", Rate(0.08)),
        ("8% per annum effective", Rate(0.08)),
        ("-6% pa", Rate(-0.06)),
        ("0.08 pa", Rate(0.08)),
        ("250 bp pa", Rate(0.025)),
        ("8% pa continuous", Rate(0.08, "continuous")),
        ("8% pa nominal", Rate(0.08, "nominal")),
        ("1% per month nominal", Rate(0.12, "nominal")),
        ("2% per quarter continuous", Rate(0.08, "continuous")),
        ("10% per quarter", Rate(0.4641)),
        ("1% pm", Rate(0.12682503013196972)),
    ],
)
def test_rates_are_read(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("written", ["8%", "0.08", 0.08, "5 EUR pa", "8% per week", "8% pa per year"])
def test_a_rate_says_per_what(written):
    refused(parse_rate, written, "say per what", "8% pa")


def test_rates_that_make_no_sense_are_refused():
    refused(parse_rate, "8 pa", "no percent sign", "Write 8% pa.")
    refused(parse_rate, "-100% pa", "above -100%")
    refused(parse_rate, "-150% per month", "'-150%'", "above -100%")
    refused(parse_rate, "8% pa compound", "'compound'", "effective, continuous or nominal")
    refused(parse_rate, "", "not a number")
    refused(Rate, math.nan, "not a rate")
    refused(Rate, math.inf, "not a rate")


@given(rates)
def test_a_rate_is_read_back(rate):
    assert parse_rate(str(rate)) == rate


@given(rates, st.floats(-50, 50), st.sampled_from([1, 3, 6, 12]))
def test_growth_follows_its_formula(rate, years, step):
    r, n = rate.value, 12 / step
    by_convention = {
        "effective": lambda: (1 + r) ** years,
        "continuous": lambda: math.exp(r * years),
        "nominal": lambda: (1 + r / n) ** (n * years),
    }
    assert rate.growth(years, step) == pytest.approx(by_convention[rate.convention](), rel=1e-12)
    assert math.exp(rate.log_per_year(step)) == pytest.approx(rate.growth(1, step), rel=1e-12)


@given(rates.filter(lambda rate: rate.convention == "effective"), st.integers(0, 30))
def test_whole_years_are_right_to_the_last_bit(rate, years):
    """Half a unit in the last place, and a hair for what lies between two doubles."""
    with localcontext() as context:
        context.prec = 1_000
        exact = (1 + Decimal(rate.value)) ** years
        assert abs(Decimal(rate.growth(years)) - exact) <= Decimal(math.ulp(float(exact))) * Decimal("0.500001")


def test_a_nominal_rate_needs_the_length_of_a_period():
    for step in (None, 0, 13):
        with pytest.raises(QuantityError, match="step_months from 1 to 12"):
            Rate(0.08, "nominal").growth(1, step)
    assert Rate(0.08, "nominal").growth(1, 12) == Rate(0.08).growth(1)


# --- tables, and whatever else somebody may write ---


def test_money_and_percent_are_printed_in_one_form():
    values = (1_234_567.4, -40_000, 999.994, 999.996, 12.5, 12, -0.001, -0.0)
    texts = ["1,234,567", "-40,000", "999.99", "1,000", "12.50", "12", "0", "0"]
    assert [money_text(value, "EUR") for value in values] == [f"{text} EUR" for text in texts]
    assert [percent_text(value) for value in (0.1234, 1, -0.08, -0.0001)] == ["12.3%", "100.0%", "-8.0%", "0.0%"]


scraps = [
    "1",
    "60",
    "1.234",
    "1,5",
    "_",
    ".",
    "€",
    "EUR",
    "%",
    " bp",
    " pa",
    " per ",
    "month",
    "/",
    "*",
    "m",
    "k",
    "-",
    " ",
    "e9",
]
written = st.text(max_size=30) | st.lists(st.sampled_from(scraps), max_size=8).map("".join)


def complaint(parse, text):
    """None for what is read and travels, else the message; anything but a QuantityError goes through."""
    try:
        value = parse(text)
    except QuantityError as error:
        return str(error)
    assert pickle.loads(pickle.dumps(value)) == value
    return None


@pytest.mark.parametrize(
    "parse", [Unit.parse, parse_number, parse_quantity, parse_fraction, parse_duration, parse_rate]
)
@given(text=written)
def test_any_text_is_read_or_refused(parse, text):
    message = complaint(parse, text)
    assert message is None or message.endswith(".")
