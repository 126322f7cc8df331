"""Units: products of symbols in whole powers, read from a file and written in a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from gainsim.numbers import QuantityError, quoted

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
_OF_TIME = re.compile(rf"fraction\s+of\s+(the\s+)?({'|'.join(('time', *_TIMES))})s?")
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
        times = [(symbol, power) for symbol, power in self.powers if symbol in FLOW_MONTHS]
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
