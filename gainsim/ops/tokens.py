"""The text of a formula cut into tokens: numbers with their units, names, moments, signs; what is none is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gainsim.numbers import quoted, without_comma

Span = tuple[int, int]


class FormulaError(ValueError):
    """A formula that cannot be used.

    span: the offending characters of `text`; the message quotes them and gives their column, counted from 1
    """

    def __init__(self, text: str, span: Span, message: str) -> None:
        super().__init__(text, span, message)  # all three, so that the error survives a process boundary
        self.text, self.span, self.message = text, span, message

    @property
    def column(self) -> int:
        """Where the offending part begins, counted from 1.

        >>> FormulaError("a + ?", (4, 5), "has no meaning.").column
        5
        """
        return self.span[0] + 1

    def __str__(self) -> str:
        part = self.text[slice(*self.span)]
        place = f"{quoted(part)} (column {self.column})" if part else f"at the end (column {self.column})"
        return f"{place}: {self.message}"


#: the words of formulas, which no value can be called
KEYWORDS = ("if", "else", "from", "or", "and", "not", "of", "per")
_NO_EQUALITY = "two simulated numbers are never exactly equal. Write <= or >=."
_NO_POWER = "there are no powers. Write sqrt, exp, log or repeated multiplication, as x * x."
_REFUSED = {"==": _NO_EQUALITY, "!=": _NO_EQUALITY, "=": _NO_EQUALITY, "**": _NO_POWER, "^": _NO_POWER}
_REFUSED["//"] = "there is no division without remainder. Write /."
_LOOKALIKES = dict(zip("×·÷−–≤≥&|!", ("*", "*", "/", "-", "-", "<=", ">=", "and", "or", "not"), strict=True))

_SYMBOL = rf"(?:[€$£¥]|(?!(?:{'|'.join(KEYWORDS)}|pa)\b)[A-Za-z][A-Za-z0-9_]*)"
_DIGITS = r"(?:\d|\.\d)[\d._]*(?:[eE][+-]?\d+)?(?:(?:k|m|bn)(?!\w)|\s?%|\s?bps?(?!\w))?"
_FLOW = rf"(?:\s+per\s+{_SYMBOL}(?:/{_SYMBOL})*|\s+pa\b|\s+p\.a\.)"
# The slash of a unit has no spaces: "2 EUR/MWh" is a price, "2 EUR / MWh" divides by a value named MWh.
_TOKEN = re.compile(
    r"(?P<from>from\s+(?:(?:month|year)\s+\d{1,4}|\d{4}-\d{2})(?![\w.-]))"
    rf"|(?P<number>(?:[€$£¥]{_DIGITS}(?:/{_SYMBOL})*|{_DIGITS}(?:\s+{_SYMBOL}(?:/{_SYMBOL})*)?){_FLOW}*)"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<sign><=|>=|==|!=|\*\*|//|[-+*/()<>,\[\]=^])",
    re.ASCII,
)

#: a month or a day, which would be read as a subtraction
_DATE = re.compile(r"((?:19|20|21)\d\d-(?:0[1-9]|1[0-2]))(?:-\d\d)?(?![\w.-])", re.ASCII)


class Token(NamedTuple):
    """A part of the text that means one thing, and its characters."""

    kind: str  # "number", "name", "from", "end", or the operator or keyword itself
    text: str
    span: Span


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a formula in their order, behind them one that is its end.

    >>> [token.kind for token in tokens("2 EUR * x")]
    ['number', '*', 'name', 'end']
    """
    at = 0
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
            continue
        if not (match := _TOKEN.match(text, at)):
            fix = f"Write {_LOOKALIKES[text[at]]}." if text[at] in _LOOKALIKES else "Write names, numbers and + - * /."
            raise FormulaError(text, (at, at + 1), f"has no meaning in a formula. {fix}")
        kind, part, span = match.lastgroup or "", match[0], match.span()
        if kind == "number" and (date := _DATE.match(text, at)):
            ways = f"Write A from {date[1]} else B, as (1 from {date[1]} else 0) > 0 for a condition"
            rule = f"a date is no number. {ways}; to subtract, write spaces around the minus sign."
            raise FormulaError(text, date.span(), rule)
        if part in _REFUSED:
            raise FormulaError(text, span, _REFUSED[part])
        if kind == "number":
            _check_end_of_number(text, span)
        yield Token(part if kind == "sign" or part in KEYWORDS else kind, part, span)
        at = match.end()
    yield Token("end", "", (len(text), len(text)))


def _check_end_of_number(text: str, span: Span) -> None:
    if found := _DIGITS_BEHIND_COMMA.match(text, span[1]):  # in min(1,234, x) it would pass for two arguments
        ways = without_comma(text[span[0] : found.end()])
        rule = f"a comma between two digits. Write {ways} for one number, a space behind the comma for two."
        raise FormulaError(text, (span[0], found.end()), rule)
    if re.match(r"[\w.€$£¥]", text[span[1] : span[1] + 1]):
        rule = "runs on behind the number. Write a space before a unit, * before a name; k, m or bn directly behind."
        raise FormulaError(text, (span[0], span[1] + 1), rule)


_DIGITS_BEHIND_COMMA = re.compile(r"(?:,\d+)+(?:\.\d+)?", re.ASCII)
