"""Numbers as people write them. A text that two readers could take for two numbers is refused, with the clear ways."""

from __future__ import annotations

import math
import re

Written = str | int | float

_NUMBER = re.compile(r"([+-]?(?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+(?:_\d+)*))(?:[eE]([+-]?\d+))?", re.ASCII)
_MARKS = "a {} marks decimals in one country and thousands in the next"
_LONGEST = 200  # characters; more is not a quantity, and Python's own number parsing slows down with length


class QuantityError(ValueError):
    """A quantity that cannot be read; the message quotes what was written, states the rule and offers the fix."""


def quoted(text: str) -> str:
    """What a user wrote, as messages quote it: on one line, and shortened where it is long.

    >>> print(quoted("8 %"), quoted("x" * 99))
    '8 %' 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'
    """
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def text_of(written: Written) -> str:
    """A number or a text as it is read: without the space around it, and not too long."""
    if isinstance(written, bool):
        raise QuantityError(f"{quoted(str(written).lower())} is not a number. Write a number, as 1 or 0.")
    text = written.strip() if isinstance(written, str) else repr(written)
    if len(text) > _LONGEST:
        raise QuantityError(f"{quoted(text)} is too long for a quantity. Write at most {_LONGEST} characters.")
    return text


def parse_number(written: Written) -> float:
    """Read a plain number: digits with `_` between thousands and one dot before decimals.

    A number that is computed stands for itself; a text such as 1.234 may be two. Raises QuantityError for it, for a
    comma, for inf and nan, and for digits of other scripts.

    >>> parse_number("14_500"), parse_number("-.5"), parse_number("1e6"), parse_number(1.234)
    (14500.0, -0.5, 1000000.0, 1.234)
    >>> parse_number("1,234")
    Traceback (most recent call last):
    gainsim.numbers.QuantityError: '1,234' is two numbers: a comma marks decimals in one country and thousands in
    the next. Write 1_234 or 1.2340.
    """
    text = text_of(written)
    if isinstance(written, str):
        refuse_two_numbers(text, text)
    return scaled(text, 0)


def number_text(value: float) -> str:
    """A number as it is read back: with one more digit where its own would be two numbers.

    >>> number_text(0.125), number_text(1.234)
    ('0.125', '1.2340')
    """
    text = repr(value)
    return text + "0" * is_two_numbers(text)


def scaled(text: str, power_of_ten: int) -> float:
    """The float nearest to a number times a power of ten."""
    # The scale joins the exponent before the one rounding, so that 4.35m is 4_350_000 and 8% is 0.08 to the last bit.
    if not (match := _NUMBER.fullmatch(text)):
        raise QuantityError(f"{quoted(text)} {_number_rule(text)}")
    value = float(f"{match[1]}e{int(match[2] or 0) + power_of_ten}")
    if math.isinf(value):
        raise QuantityError(f"{quoted(text)} is too large. Write a number below 1e308.")
    return value


def _number_rule(text: str) -> str:
    if "," not in text:
        return "is not a number. Write digits, _ between thousands and one dot before decimals, as 14_500 or 1.5."
    return f"is two numbers: {_MARKS.format('comma')}. Write {without_comma(text)}."


def without_comma(text: str) -> str:
    """The clear ways to write a number that holds commas, as a message offers them.

    >>> without_comma("10,000"), without_comma("1,5"), without_comma("€1,200,000"), without_comma("1,23,4")
    ('10_000 or 10.0000', '1.5', '€1_200_000', '1_234 or 1.5')
    """
    thousands = bool(re.fullmatch(r"[+-]?[€$£¥]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?", text))
    decimal = bool(re.fullmatch(r"[+-]?[€$£¥]?[0-9]+,[0-9]+", text))
    ways = [text.replace(",", "_")] * thousands + [text.replace(",", ".") + "0" * thousands] * decimal
    return " or ".join(ways) or "1_234 or 1.5"


def is_two_numbers(number: str) -> bool:
    """Whether the dots of a number may mark decimals or thousands.

    Neither 0.118 nor 1234.567 can hold a thousands mark: one to three digits stand before it, the first not 0.

    >>> [is_two_numbers(text) for text in ("30.000", "-1.234", "1.234.567", "0.118", "1234.567", "1.5")]
    [True, True, True, False, False, False]
    """
    return bool(re.fullmatch(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+", number))


def refuse_two_numbers(number: str, text: str, around: str = "{}") -> None:
    """Refuse a number that may be two; around: how the clear ways to write it stand in `text`."""
    if not is_two_numbers(number):
        return
    ways = [number.replace(".", "_")]
    if number.count(".") == 1:
        decimal = number.rstrip("0")
        ways.append(decimal + "0" * (decimal.endswith(".") or is_two_numbers(decimal)))
    said = " or ".join(around.format(way) for way in ways)
    raise QuantityError(f"{quoted(text)} is two numbers: {_MARKS.format('dot')}. Write {said}.")
