"""The kinds of field an offer is made of: each reads the text a person writes, or says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import PlainValidatorFunctionSchema, no_info_plain_validator_function

from gainsim.durations import Duration, parse_duration
from gainsim.grid import parse_date, parse_month
from gainsim.numbers import QuantityError, Written
from gainsim.ops.formula import Formula, parse
from gainsim.ops.grammar import Number as PlainNumber
from gainsim.ops.grammar import Unary
from gainsim.quantities import Quantity, parse_fraction, parse_quantity
from gainsim.rates import Rate
from gainsim.rates import parse_rate as _parse_rate
from gainsim.units import Unit


class Clauses(BaseModel):
    """A part of an offer: unknown keys are errors, values never change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False, defer_build=True
    )


@dataclass(frozen=True)
class Known:
    """Words that may stand in a field, told where it is missing; a field of fixed words tells them by itself."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        schema = handler(source)
        return {**schema, "metadata": {**schema.get("metadata", {}), "known": self.words}}


#: behind a key in the place of a problem: the key itself is wrong, not what stands behind it
AT_KEY = "[key]"


def problems_below(found: Sequence[tuple[tuple[str | int, ...], str]]) -> ValidationError:
    """What is wrong below the value that is being read: (keys down to it, message) of each problem, to be raised."""
    details = [
        InitErrorDetails(type="value_error", loc=place, input=None, ctx={"error": ValueError(message)})
        for place, message in found
    ]
    return ValidationError.from_exception_data("offer", details)


def reader(kind: type, read: Callable[[Any], Any], what: str) -> Callable[[Any], Any]:
    """A validator that reads numbers and text, lets a value already read pass, and refuses everything else."""

    def validate(written: Any) -> Any:
        if isinstance(written, kind):
            return written
        if isinstance(written, bool) or not isinstance(written, (str, int, float)):
            raise PydanticCustomError("form", "{written} is not {form}.", {"written": _shown(written), "form": what})
        return read(written)

    return validate


@dataclass(frozen=True)
class ReadBy:
    """A field of a kind of ours: what its reader gives is right, and pydantic asks no more.

    A `BeforeValidator` would have pydantic look into the kind as well: into a formula, all that may stand in one.
    """

    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, *_: object) -> PlainValidatorFunctionSchema:
        return no_info_plain_validator_function(self.read)


def _shown(written: Any) -> str:
    names = {bool: str(written).lower(), type(None): "nothing"}
    return names.get(type(written), "a list" if isinstance(written, list) else "a block of keys")


def _number(written: Written) -> float:
    quantity = parse_quantity(written)
    if quantity.unit != Unit():
        raise QuantityError(f"'{written}' carries a unit. Write the number alone: its unit is said beside it.")
    return quantity.value


def read_formula(written: Written) -> Formula:
    """A formula; a whole number is quoted with _ between its thousands, as people write it."""
    whole = isinstance(written, int) and not isinstance(written, bool)
    return parse(f"{written:_}" if whole else written)


def _duration(written: Written) -> Duration:
    if isinstance(written, (int, float)):
        raise QuantityError(
            f"'{written}' does not say how long. Write {written} months, {written} days or {written} years."
        )
    return parse_duration(written)


_VOLATILITY = re.compile(r"(?P<size>.+?)\s*(?:pa|p\.a\.|(?:per|a) year)$")


def _volatility(written: Written) -> float:
    found = _VOLATILITY.match(str(written).strip())
    if not found:
        raise QuantityError(f"'{written}' does not say per what. A volatility is written per year, as 20% pa.")
    size = _number(found["size"])
    if size < 0:
        raise QuantityError(f"'{written}' is negative. A volatility is 0 or more.")
    return size


def text_schema(example: str) -> WithJsonSchema:
    """The schema of a text with a form of its own; the reference tells the form by the example."""
    return WithJsonSchema({"type": "string", "examples": [example]})


def number_schema(example: str) -> WithJsonSchema:
    """The schema of what may be a plain number, or a text with more to it."""
    return WithJsonSchema({"type": ["number", "string"], "examples": [example]})


def _month_or_day(written: Written) -> date:
    return parse_date(str(written))


def _whole(written: Any) -> Any:
    if isinstance(written, (bool, float)):
        raise ValueError(f"{written!r} is not a whole number.")
    return written


read_number = reader(tuple, _number, "a number")
read_share = reader(tuple, parse_fraction, "a share")

Number = Annotated[float, BeforeValidator(read_number), number_schema("12%")]
Share = Annotated[float, BeforeValidator(read_share), number_schema("40%")]
RateText = Annotated[Rate, ReadBy(reader(Rate, _parse_rate, "a rate")), text_schema("8% pa")]
DurationText = Annotated[Duration, ReadBy(reader(Duration, _duration, "a duration")), text_schema("18 months")]
Volatility = Annotated[float, BeforeValidator(reader(tuple, _volatility, "a volatility")), text_schema("20% pa")]
_formula = reader(Formula, read_formula, "a formula")
FormulaText = Annotated[Formula, ReadBy(_formula), number_schema("2% of baseline_cost")]


def read_share_formula(written: Any) -> Formula:
    """A formula of a share; a number that is written lies between 0 and 1, all else is checked as it runs."""
    if isinstance(written, Formula):
        return written
    if isinstance(written, bool) or not isinstance(written, (str, int, float)):
        raise ValueError("a share is a number between 0 and 1, as 40%, or a formula.")
    formula = read_formula(written)
    number = formula.tree.operand if isinstance(formula.tree, Unary) else formula.tree
    if isinstance(number, PlainNumber):
        read_share(written)
    return formula


def read_from_0(written: Any, rule: str) -> Formula:
    """A formula that is 0 or more, as the rule says; a constant is checked here, all else as it runs."""
    formula: Formula = _formula(written)
    if formula.constant is not None and formula.constant < 0:
        raise QuantityError(f"'{formula.text}' is negative; {rule}")
    return formula


def read_size(written: Any) -> Formula:
    """A formula of a size."""
    return read_from_0(written, "a size stands here. Write it without a sign.")


#: a share that may be a formula
ShareText = Annotated[Formula, ReadBy(read_share_formula), number_schema("40% from year 2 else 50%")]
#: an amount whose direction is said by its key: never negative
SizeText = Annotated[FormulaText, AfterValidator(read_size)]
UnitText = Annotated[
    Unit,
    ReadBy(reader(Unit, lambda text: Unit.parse(str(text)), "a unit")),
    text_schema("EUR/MWh"),
]
Month = Annotated[
    date,
    BeforeValidator(reader(date, lambda text: parse_month(str(text)), "a month")),
    text_schema("2027-01"),
]
Day = Annotated[date, BeforeValidator(reader(date, _month_or_day, "a date")), text_schema("2027-01-15")]
WholeNumber = Annotated[int, BeforeValidator(_whole)]


def formulas_in(part: Any) -> Iterator[Formula]:
    """Every formula in a part of an offer."""
    if isinstance(part, Formula):
        yield part
    elif isinstance(part, BaseModel) or hasattr(part, "__dataclass_fields__"):
        for value in vars(part).values():
            yield from formulas_in(value)
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from formulas_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from formulas_in(value)


__all__ = [
    "Clauses", "Day", "Duration", "DurationText", "Formula", "FormulaText", "Month", "Number", "Quantity", "Rate",
    "RateText", "Share", "ShareText", "SizeText", "Unit", "UnitText", "Volatility", "WholeNumber", "formulas_in",
]  # fmt: skip
