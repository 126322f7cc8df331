"""Quantities at the edges: how numbers, units, rates and durations are read from a file and written in a table.

Inside, everything is a plain float: money in whole units of its currency, a share between 0 and 1, a rate as a
fraction. A text that two readers could take for two amounts is refused, with the ways to write it that are clear.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal
from difflib import get_close_matches
from typing import Literal, cast, get_args

from gainsim.numbers import QuantityError, Written, number_text, quoted, refuse_two_numbers, scaled, text_of

Convention = Literal["effective", "continuous", "nominal"]

CURRENCY_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_ISO_4217 = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP
    MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
    VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_ISO_4217.split())

_TIMES = ("month", "quarter", "year", "week", "day", "hour")
_SPELLINGS = {f"{name}{s}": name for name in _TIMES for s in ("", "s")} | {"h": "hour", "d": "day", "annum": "year"}
#: what people write for a time, and we do not read: as a free word it would be a unit of its own
_ABBREVIATIONS = {"mo": ["month"], "mth": ["month"], "qtr": ["quarter"], "yr": ["year"], "a": ["year"], "hr": ["hour"]}
_FLOWS = ("month", "quarter", "year")
_OF_TIME = re.compile(rf"fraction\s+of\s+(the\s+)?({'|'.join(('time', *_TIMES))})s?")
_SCALES = {"k": 3, "m": 6, "bn": 9, "%": -2, "bp": -4, "bps": -4}  # powers of ten

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<currency>[€$£¥]?)(?P<number>[\d.][\d.,_]*(?:[eE][+-]?\d+)?)"
    r"(?P<scale>(?:k|m|bn)(?!\w)|\s?%|\s?bps?(?!\w))?(?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
_RATE = re.compile(
    r"(?P<amount>.*?)\s*\b(?:(?P<year>pa|p\.a\.|(?:per|a)\s+year|per\s+annum)|(?P<quarter>(?:per|a)\s+quarter)"
    r"|(?P<month>pm|p\.m\.|(?:per|a)\s+month))(?:\s+(?P<convention>\w+))?",
    re.ASCII | re.DOTALL,
)
_STRICT = Context(prec=40, traps=[])  # libm's exp, log and pow differ between machines; decimal's do not

#: how many months a flow stands for, by its time
FLOW_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Unit:
    """A product of symbols in whole powers, as EUR/MWh/month; without symbols, a plain number.

    powers: ((symbol, power), ...) as `Unit.of` orders them: no power 0, time last, otherwise by the alphabet
    part:   written as a fraction. It is a plain number all the same, but one of which 97 means 97%; products know no more of it
    of_time: written as a fraction of the time, or of the month: it lies between 0 and 1; nor do sums know more of that

    Symbols are opaque: kWh and MWh are two units and nothing converts one into the other. Only the times month,
    quarter, year, week, day and hour have several spellings.

    >>> price, volume = Unit.parse("EUR/MWh"), Unit.parse("MWh per month")
    >>> print(price * volume, "|", volume / price, "|", volume.flow, "|", volume.without_time())
    EUR/month | MWh*MWh/EUR/month | month | MWh
    """

    powers: tuple[tuple[str, int], ...] = ()
    part: bool = field(default=False, compare=False)
    of_time: bool = field(default=False, compare=False, repr=False)

    @classmethod
    def of(cls, powers: Mapping[str, int]) -> Unit:
        """The unit with these powers, in the one order that makes equal units equal.

        >>> print(Unit.of({"month": -1, "EUR": 1, "MWh": 0}))
        EUR/month
        """
        kept = ((symbol, power) for symbol, power in powers.items() if power)
        return cls(tuple(sorted(kept, key=lambda item: (item[0] in _TIMES, item[0]))))

    @classmethod
    def parse(cls, text: str) -> Unit:
        """Read symbols joined by `*`, `/` or `per`; "", "1", "fraction" and "fraction of …" are plain numbers.

        Raises QuantityError for anything else.

        >>> print(Unit.parse("€ per MWh pa"), "|", Unit.parse("kNm3/months"), "|", Unit.parse("per year"))
        EUR/MWh/year | kNm3/month | 1/year
        >>> Unit.parse("fraction of baseline energy") == DIMENSIONLESS
        True
        """
        text = text.strip()
        plain = re.sub(r"^fraction\s+of\s[^*/]+?(?=\s+per\s|\s*[*/]|$)", "1", text)
        plain = re.sub(r"(?:^|\s+)(?:pa|p\.a\.)(?!\S)", "/year", plain)
        plain = re.sub(r"(?:^|\s+)per\s+", "/", plain)
        if not plain or plain.startswith("/"):
            plain = f"1{plain}"
        pieces = ["*", *re.split(r"\s*([*/])\s*", plain)]
        powers: Counter[str] = Counter()
        for operator, factor in zip(pieces[::2], pieces[1::2], strict=True):
            if factor not in ("1", "fraction"):
                powers[_symbol(factor, text)] += 1 if operator == "*" else -1
        unit = cls.of(powers)
        part = not unit.powers and text.startswith("fraction")
        return replace(unit, part=part, of_time=part and bool(_OF_TIME.fullmatch(text)))

    @classmethod
    def money(cls, currency: str) -> Unit:
        """The unit of an amount in an ISO 4217 currency; raises QuantityError for any other code.

        >>> print(Unit.money("EUR"))
        EUR
        """
        if currency not in CURRENCIES:
            raise QuantityError(f"{quoted(currency)} is not a currency. Write its three-letter ISO code, as EUR.")
        return cls(((currency, 1),))

    def __mul__(self, other: Unit) -> Unit:
        powers = Counter(dict(self.powers))
        powers.update(dict(other.powers))
        return Unit.of(powers)

    def __truediv__(self, other: Unit) -> Unit:
        return self * Unit(tuple((symbol, -power) for symbol, power in other.powers))

    def __str__(self) -> str:
        above = "*".join(symbol for symbol, power in self.powers for _ in range(power))
        below = "".join(f"/{symbol}" for symbol, power in self.powers for _ in range(-power))
        return f"{above or '1'}{below}" if self.powers else ""

    def describe(self) -> str:
        """The unit as a sentence names it.

        >>> Unit.parse("EUR/month").describe(), DIMENSIONLESS.describe()
        ('EUR/month', 'a plain number')
        """
        return str(self) or "a plain number"

    @property
    def flow(self) -> str | None:
        """The period an amount is per: "month", "quarter" or "year"; None for a stock or a mixture.

        >>> Unit.parse("EUR/year").flow, Unit.parse("EUR").flow
        ('year', None)
        """
        times = [(symbol, power) for symbol, power in self.powers if symbol in _FLOWS]
        return times[0][0] if len(times) == 1 and times[0][1] == -1 else None

    @property
    def is_money(self) -> bool:
        """Whether a quantity of this unit is an amount in one currency, however it is divided.

        >>> Unit.parse("EUR/MWh").is_money, Unit.parse("MWh/EUR").is_money
        (True, False)
        """
        return [power for symbol, power in self.powers if symbol in CURRENCIES] == [1]

    def without_time(self) -> Unit:
        """What a flow adds up to, EUR for EUR/month; a unit that is no flow stays as it is.

        >>> print(Unit.parse("EUR/MWh/month").without_time(), Unit.parse("EUR").without_time())
        EUR/MWh EUR
        """
        return self * Unit(((self.flow, 1),)) if self.flow else self


DIMENSIONLESS = Unit()


def _symbol(factor: str, text: str) -> str:
    symbol = CURRENCY_SIGNS.get(factor, factor)
    if symbol.upper() in CURRENCY_SIGNS.values() and not symbol.isupper():
        raise QuantityError(f"{quoted(text)} has a currency in small letters. Write {symbol.upper()}.")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", symbol) or symbol == "per":
        rule = "Write symbols joined by *, / or per, as EUR/MWh or EUR per month; a share has the unit fraction."
        raise QuantityError(f"{quoted(text)} is not a unit. {rule}")
    known = _SPELLINGS.get(symbol if len(symbol) == 1 else symbol.lower())
    meant = _ABBREVIATIONS.get(symbol.lower()) or get_close_matches(symbol.lower(), _SPELLINGS, 1, cutoff=0.85)
    if known is None and meant:
        raise QuantityError(f"{quoted(text)}: {quoted(factor)} is no unit of time. Write {_SPELLINGS[meant[0]]}.")
    return known or symbol


@dataclass(frozen=True)
class Quantity:
    """A number and its unit; its text is read back as the same quantity.

    >>> print(Quantity(1.234, Unit.parse("EUR")), "|", Quantity(0.03, Unit.parse("per year")))
    1.2340 EUR | 0.03 per year
    """

    value: float
    unit: Unit = DIMENSIONLESS

    def __str__(self) -> str:
        return f"{number_text(self.value)} {re.sub('^1/', 'per ', str(self.unit))}".rstrip()


def parse_quantity(written: Written) -> Quantity:
    """Read a number with its unit: €1.2m, 34_000 EUR per month, 15%, 250 bp, 4_200 h, 0.118 MWh/kNm3.

    The suffixes k, m and bn stand directly behind the number, a unit behind a space: 5m is five million, 5 m is five
    metres. Raises QuantityError, also for €1.234, which is two amounts in Europe; a number that is computed stands for
    itself.

    >>> print(parse_quantity("€1.2m per year"), "|", parse_quantity("250 bp"), "|", parse_quantity("0.118 MWh/kNm3"))
    1200000.0 EUR/year | 0.025 | 0.118 MWh/kNm3
    >>> parse_quantity("€1.234")
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: '€1.234' is two numbers: a dot marks decimals in one country and thousands in
    the next. Write €1_234 or €1.2340.
    """
    text = text_of(written)
    if not isinstance(written, str):
        return Quantity(scaled(text, 0))
    if not re.search("[0-9]", text):
        rule = "A number is finite and written in digits, as 14_500, 1.5 or 12%."
        raise QuantityError(f"{quoted(text)} is not a number. {rule}")
    if not (match := _QUANTITY.fullmatch(text)):
        example = "34_000 EUR per month, €1.2m or 15%"
        raise QuantityError(f"{quoted(text)} is not a quantity. Write a number and its unit, as {example}.")
    sign, currency, number, scale, rest = match.groups(default="")
    unit = _unit_behind(text, currency, scale.strip(), rest)
    if not scale:
        refuse_two_numbers(number, text, f"{sign}{currency}{{}}{rest}")
    return Quantity(scaled(sign + number, _SCALES.get(scale.strip(), 0)), unit)


def _unit_behind(text: str, currency: str, scale: str, rest: str) -> Unit:
    if not rest:
        return Unit.parse(currency)
    if re.match(r"\s+[0-9]", rest):
        raise QuantityError(f"{quoted(text)} has a space inside the number. Write _ between thousands, as 14_500.")
    if not (rest[0].isspace() or (currency and rest[0] == "/")):
        raise QuantityError(
            f"{quoted(text)} runs on behind the number. Write k, m or bn behind it, or a space and a unit."
        )
    if (currency or scale in ("%", "bp", "bps")) and not re.match(r"/|\s+(?:per\s|pa\b|p\.a\.)", rest):
        raise QuantityError(f"{quoted(text)} has two units. Behind a currency sign or % only 'per …' may follow.")
    return Unit.parse(currency + rest)


def parse_fraction(written: Written) -> float:
    """Read a share between 0 and 1, both included: 60%, 0.6 or 6_000 bp.

    Raises QuantityError outside that range, where 60 most likely means 60%.

    >>> parse_fraction("60%"), parse_fraction(0.25)
    (0.6, 0.25)
    >>> parse_fraction(60)
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: '60' is not a fraction between 0 and 1. Write 60% or 0.60.
    """
    text = text_of(written)
    quantity = parse_quantity(text)
    plain = quantity.unit == DIMENSIONLESS
    if not (plain and 0 <= quantity.value <= 1):
        percent = f"{quantity.value:.12g}" if plain and 1 < quantity.value <= 100 and "%" not in text else "60"
        ways = f"{percent}% or {Decimal(percent).scaleb(-2)}"
        raise QuantityError(f"{quoted(text)} is not a fraction between 0 and 1. Write {ways}.")
    return quantity.value


@dataclass(frozen=True)
class Duration:
    """A span of the calendar: whole months and whole days, neither negative.

    >>> print(Duration(months=18), "|", Duration(days=60), "|", Duration(months=6).years)
    18 months | 60 days | 0.5
    """

    months: int = 0
    days: int = 0

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
        return " ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in counts if count) or "0 days"


def parse_duration(text: str) -> Duration:
    """Read whole years, quarters, months, weeks and days: 18 months, 1 year 6 months, 60 days.

    Raises QuantityError, also for parts of a month, whose length nobody has agreed.

    >>> parse_duration("1 year 6 months"), parse_duration("6 weeks")
    (Duration(months=18, days=0), Duration(months=0, days=42))
    """
    lengths = {"year": (12, 0), "quarter": (3, 0), "month": (1, 0), "week": (0, 7), "day": (0, 1)}
    part = r"([0-9]{1,6})\s+(year|quarter|month|week|day)s?"
    if not re.fullmatch(rf"{part}(?:\s+{part})*", text_of(text)):
        rule = "Write whole numbers of years, quarters, months, weeks or days, as 1 year 6 months."
        raise QuantityError(f"{quoted(text_of(text))} is not a duration. {rule}")
    counts = [(int(count), *lengths[name]) for count, name in re.findall(part, text)]
    return Duration(sum(n * months for n, months, _ in counts), sum(n * days for n, _, days in counts))


@dataclass(frozen=True)
class Rate:
    """A rate of growth per year, as a fraction above -1, and what it means inside the year.

    effective:  r more after one year, whatever the steps: (1 + r)^t
    continuous: grows at every instant: exp(r t)
    nominal:    r divided by the periods of a year and compounded: (1 + r / n)^(n t)

    >>> print(Rate(0.08), "|", Rate(0.08, "continuous"))
    8% pa | 8% pa continuous
    """

    value: float
    convention: Convention = "effective"

    def __post_init__(self) -> None:
        if not -1 < self.value < math.inf:
            raise QuantityError(
                f"'{100 * self.value:.12g}%' is not a rate. Write one above -100%: less than all can be lost."
            )
        if self.convention not in get_args(Convention):
            rule = f"Write {', '.join(get_args(Convention)[:-1])} or {get_args(Convention)[-1]} behind a rate."
            raise QuantityError(f"{quoted(self.convention)} is not a convention. {rule}")

    def __str__(self) -> str:
        percent = Decimal(repr(self.value)).scaleb(2)
        return f"{percent:f}% pa{'' if self.convention == 'effective' else f' {self.convention}'}"

    def _log(self, step_months: int | None) -> Decimal:
        value = Decimal(self.value)
        if self.convention == "continuous":
            return value
        periods = Decimal(1)
        if self.convention == "nominal":
            if step_months is None or not 1 <= step_months <= 12:
                raise QuantityError(f"'{self}' depends on the length of a period. Give step_months from 1 to 12.")
            periods = _STRICT.divide(Decimal(12), Decimal(step_months))
        return _STRICT.multiply(periods, _STRICT.ln(_STRICT.add(1, _STRICT.divide(value, periods))))

    def log_per_year(self, step_months: int | None = None) -> float:
        """The rate of continuous growth that gives the same after a year; the same bits on every machine.

        step_months: the length of one period, 1 to 12; only a nominal rate needs it

        >>> Rate(0.08).log_per_year(), Rate(0.08, "continuous").log_per_year()
        (0.07696104113612832, 0.08)
        """
        return float(self._log(step_months))

    def growth(self, years: float, step_months: int | None = None) -> float:
        """What 1 becomes after so many years (negative: what it was before); the same bits on every machine.

        step_months: the length of one period, 1 to 12; only a nominal rate needs it

        >>> Rate(0.08).growth(1), Rate(0.08).growth(2), Rate(0.08, "nominal").growth(1, step_months=6)
        (1.08, 1.1664, 1.0816)
        """
        return float(_STRICT.exp(_STRICT.multiply(Decimal(years), self._log(step_months))))


def parse_rate(written: Written) -> Rate:
    """Read a rate with the time it is per: 8% pa, 250 bp pa, 2% per month, 8% pa continuous, 8% pa nominal.

    "8% pa" is effective: 8% more after one year. "2% per month" is effective per month, so 26.8% pa. Raises
    QuantityError, also for a bare 8%, which does not say per what.

    >>> print(parse_rate("8% pa"), "|", parse_rate("10% per quarter"), "|", parse_rate("1% per month nominal"))
    8% pa | 46.41% pa | 12% pa nominal
    """
    text = text_of(written)
    match = _RATE.fullmatch(text)
    quantity = parse_quantity(match["amount"] if match else text)
    if not match or quantity.unit != DIMENSIONLESS:
        raise QuantityError(f"{quoted(text)} is not a rate: say per what. Write 8% pa or 2% per month.")
    if abs(quantity.value) >= 1 and not re.search("%|bp", match["amount"]):
        percent = f"{quantity.value:.12g}%"
        raise QuantityError(f"{quoted(text)} has no percent sign. Write {percent}{text[len(match['amount']) :]}.")
    periods = 12 if match["month"] else 4 if match["quarter"] else 1
    # The rule about -100% holds per period; compounded twice, a loss of 150% would look like a gain.
    rate = Rate(quantity.value, cast(Convention, match["convention"] or "effective"))
    if periods == 1:
        return rate
    if rate.convention != "effective":
        return Rate(rate.value * periods, rate.convention)
    factor = _STRICT.power(_STRICT.add(1, Decimal(repr(rate.value))), periods)
    return Rate(float(_STRICT.subtract(factor, 1)))


def money_text(value: float, currency: str) -> str:
    """Money as every table prints it: whole from 1,000 on, below that with cents where there are any.

    >>> money_text(1_234_567.8, "EUR"), money_text(-12.5, "EUR"), money_text(250, "EUR")
    ('1,234,568 EUR', '-12.50 EUR', '250 EUR')
    >>> money_text(-16_696_010.503, "EUR")  # rounded once: by way of -16,696,010.50 it would end in 010
    '-16,696,011 EUR'
    """
    whole = abs(value) >= 1000 or round(value, 2) % 1 == 0
    return f"{value:z,.{0 if whole else 2}f} {currency}"


def percent_text(fraction: float) -> str:
    """A fraction as every table prints it: percent with one decimal.

    >>> percent_text(0.1234), percent_text(-0.0001)
    ('12.3%', '0.0%')
    """
    return f"{fraction:z.1%}"
