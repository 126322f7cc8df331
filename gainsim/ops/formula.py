"""Formulas: plain expressions over named values, read by a parser of our own and never by Python's.

    15% * baseline_cost from month 13 else 0
    0.4 + 0.6 * wage_index / wage_index[base]
    measured_saving >= 10% of baseline_cost

What binds tighter stands lower: `A if C else B` and `A from month 13 else B`; `or`; `and`; `not`; one comparison;
`+ -`; `* /`; the minus sign; `x of y`. A formula is parsed once, checked for units once, and evaluated in a `Scope`:
over arrays it computes, over the nodes of a tree it writes itself down.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property, reduce
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import numpy as np

from gainsim import ops
from gainsim.numbers import QuantityError, quoted, without_comma
from gainsim.ops import scalars
from gainsim.spelling import meant_or_known
from gainsim.units import DIMENSIONLESS, Unit, parse_quantity

LONGEST, DEEPEST, HIGHEST = 2_000, 40, 100  # characters; brackets and branches; operations that wait for one another

Span = tuple[int, int]
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)


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


class Refused(ValueError):  # noqa: N818  (half a sentence: `evaluate` puts before it the part that is spoken of)
    """A scope's answer to a part of a formula that has no meaning in it, as `price[base]` outside an indexation."""


# --- the parsed form -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Spanned:
    span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, order=True)
class When:
    """The moment a dated amount begins: contract month or year, counted from 1, or a calendar month.

    kind: "month" (only `month` is set), "year" (only `year`) or "date" (both)
    """

    kind: Literal["month", "year", "date"]
    year: int = 0
    month: int = 0


@dataclass(frozen=True)
class Number(_Spanned):
    """A number as written; unit None is a bare number, which adopts the unit of what it is added to."""

    value: float
    unit: Unit | None = None


@dataclass(frozen=True)
class Name(_Spanned):
    """A named value, now or (`at_base`) at the base date of an indexation."""

    name: str
    at_base: bool = False


@dataclass(frozen=True)
class Unary(_Spanned):
    """`-x` or `not x`."""

    operator: str
    operand: Expression


@dataclass(frozen=True)
class Binary(_Spanned):
    """Two operands and one of `+ - * / of < <= > >= and or`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Call(_Spanned):
    """A function of the vocabulary and its arguments, as many as it takes."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Reduce(_Spanned):
    """One number for the assessment window: total, mean, lowest, highest or last."""

    kind: str
    inner: Expression


@dataclass(frozen=True)
class Choice(_Spanned):
    """`then if condition else other`, path by path."""

    condition: Expression
    then: Expression
    other: Expression


@dataclass(frozen=True)
class Dated(_Spanned):
    """`then from when else other`: the moment itself belongs to `then`."""

    when: When
    then: Expression
    other: Expression


Expression = Number | Name | Unary | Binary | Call | Reduce | Choice | Dated


@dataclass(frozen=True)
class Formula:
    """A parsed formula, or a part of one that still knows the text around it.

    >>> formula = parse("15% of baseline_cost + total(fee)")
    >>> sorted(formula.names), formula.tree.operator
    (['baseline_cost', 'fee'], '+')
    """

    text: str
    tree: Expression

    @cached_property
    def names(self) -> frozenset[str]:
        """The named values it reads, those at a base date included.

        >>> sorted(parse("wage / wage[base] * rate").names)
        ['rate', 'wage']
        """
        return frozenset(part.name for part, _ in _parts(self.tree) if isinstance(part, Name))

    @cached_property
    def constant(self) -> float | None:
        """What it comes to where it names no value and no moment; else None.

        >>> parse("2 * -5_000 EUR").constant, parse("2 * fee").constant
        (-10000.0, None)
        """
        if any(isinstance(part, Name | Dated | Reduce) for part, _ in _parts(self.tree)):
            return None
        nowhere: Any = None  # a scope is asked for what it names
        return float(np.asarray(evaluate(self, nowhere)).reshape(-1)[0])

    @property
    def is_dated(self) -> bool:
        """Whether a moment decides what it comes to.

        >>> parse("40% from year 4 else 50%").is_dated
        True
        """
        return any(isinstance(part, Dated) for part, _ in _parts(self.tree))

    def part(self, expression: Expression) -> Formula:
        """A part of the tree as a formula of its own, whose errors still point into the whole text.

        >>> formula = parse("cap - total(gain * share)")
        >>> sorted(formula.part(formula.tree.right.inner).names)
        ['gain', 'share']
        """
        return replace(self, tree=expression)

    def error(self, expression: Expression, message: str) -> FormulaError:
        """A complaint about one part of the formula.

        >>> print(parse("a * b").error(Name("b", span=(4, 5)), "no such value."))
        'b' (column 5): no such value.
        """
        return FormulaError(self.text, expression.span, message)


def _parts(tree: Expression) -> Iterator[tuple[Expression, int]]:
    """Every part of the tree with its depth; a loop, because a long sum is a deep tree."""
    waiting: list[tuple[Expression, int]] = [(tree, 1)]
    while waiting:
        part, depth = waiting.pop()
        yield part, depth
        waiting.extend((child, depth + 1) for child in _children(part))


def _children(part: Expression) -> list[Expression]:
    fields = (value if isinstance(value, tuple) else (value,) for value in vars(part).values())
    return [value for values in fields for value in values if isinstance(value, Expression)]


# --- the vocabulary --------------------------------------------------------------------------------------------------


class _Function(NamedTuple):
    fewest: int
    most: float
    compute: Callable[..., Any]


def _number_too(general: Callable[[Any], Any], single: Callable[[float], float]) -> Callable[[Any], Any]:
    # The kernels take arrays and nodes; of a single number they would make an array of one.
    return lambda x: single(float(x)) if ops.tree_of(x) is None and np.ndim(x) == 0 else general(x)


_FUNCTIONS = {
    "min": _Function(2, math.inf, lambda *values: reduce(ops.minimum, values)),
    "max": _Function(2, math.inf, lambda *values: reduce(ops.maximum, values)),
    "clip": _Function(3, 3, ops.clip),
    "abs": _Function(1, 1, ops.absolute),
    "exp": _Function(1, 1, _number_too(ops.exp, scalars.exp)),
    "log": _Function(1, 1, _number_too(ops.log, scalars.log)),
    "sqrt": _Function(1, 1, ops.sqrt),
}
_REDUCTIONS = ("total", "mean", "lowest", "highest", "last")
_KEYWORDS = ("if", "else", "from", "or", "and", "not", "of", "per")
_Operation = Callable[[Any, Any], Any]
_COMPARISONS: dict[str, _Operation] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_ARITHMETIC: dict[str, _Operation] = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
_BINARY = {**_ARITHMETIC, **_COMPARISONS, "of": operator.mul, "and": ops.both, "or": ops.either}
# From loosest to tightest; the empty rungs belong to the signs that stand before their operand.
_LADDER = (("if", "from"), ("or",), ("and",), (), tuple(_COMPARISONS), ("+", "-"), ("*", "/"), (), ("of",))
_LEVELS = {sign: level for level, signs in enumerate(_LADDER, start=1) for sign in signs}
_NOT, _MINUS = 4, 8

_NO_EQUALITY = "two simulated numbers are never exactly equal. Write <= or >=."
_NO_POWER = "there are no powers. Write sqrt, exp, log or repeated multiplication, as x * x."
_REFUSED = {"==": _NO_EQUALITY, "!=": _NO_EQUALITY, "=": _NO_EQUALITY, "**": _NO_POWER, "^": _NO_POWER}
_REFUSED["//"] = "there is no division without remainder. Write /."
_LOOKALIKES = dict(zip("×·÷−–≤≥&|!", ("*", "*", "/", "-", "-", "<=", ">=", "and", "or", "not"), strict=True))

# --- from text to tokens ---------------------------------------------------------------------------------------------

_SYMBOL = rf"(?:[€$£¥]|(?!(?:{'|'.join(_KEYWORDS)}|pa)\b)[A-Za-z][A-Za-z0-9_]*)"
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


class _Token(NamedTuple):
    kind: str  # "number", "name", "from", "end", or the operator or keyword itself
    text: str
    span: Span


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
            continue
        if not (match := _TOKEN.match(text, at)):
            fix = f"Write {_LOOKALIKES[text[at]]}." if text[at] in _LOOKALIKES else "Write names, numbers and + - * /."
            raise FormulaError(text, (at, at + 1), f"has no meaning in a formula. {fix}")
        kind, part, span = match.lastgroup or "", match[0], match.span()
        if part in _REFUSED:
            raise FormulaError(text, span, _REFUSED[part])
        if kind == "number":
            _check_end_of_number(text, span)
        yield _Token(part if kind == "sign" or part in _KEYWORDS else kind, part, span)
        at = match.end()
    yield _Token("end", "", (len(text), len(text)))


def _check_end_of_number(text: str, span: Span) -> None:
    if found := _DIGITS_BEHIND_COMMA.match(text, span[1]):  # in min(1,234, x) it would pass for two arguments
        ways = without_comma(text[span[0] : found.end()])
        rule = f"a comma between two digits. Write {ways} for one number, a space behind the comma for two."
        raise FormulaError(text, (span[0], found.end()), rule)
    if re.match(r"[\w.€$£¥]", text[span[1] : span[1] + 1]):
        rule = "runs on behind the number. Write a space before a unit, * before a name; k, m or bn directly behind."
        raise FormulaError(text, (span[0], span[1] + 1), rule)


_DIGITS_BEHIND_COMMA = re.compile(r"(?:,\d+)+(?:\.\d+)?", re.ASCII)

# --- from tokens to a tree -------------------------------------------------------------------------------------------


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.position = 0
        self.depth = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.next
        self.position += token.kind != "end"
        return token

    def expect(self, kind: str, rule: str) -> _Token:
        if self.next.kind != kind:
            raise FormulaError(self.text, self.next.span, rule)
        return self.take()

    def whole(self) -> Expression:
        tree = self.expression(0)
        self.expect("end", "an operator is missing before it. Write one of + - * / of < <= > >= and or if from.")
        return tree

    def expression(self, level: int) -> Expression:
        """An operand and all that binds it tighter than `level`."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(self.text, self.next.span, f"nests more than {DEEPEST} deep. Give a part its own name.")
        tree = self.operand()
        while _LEVELS.get(self.next.kind, 0) > level:
            tree = self.extended(tree, self.take())
        self.depth -= 1
        return tree

    def operand(self) -> Expression:
        token = self.take()
        match token.kind:
            case "number":
                return self.number(token)
            case "name":
                return self.named(token)
            case "-" | "not":
                operand = self.expression(_MINUS if token.kind == "-" else _NOT)
                return Unary(token.kind, operand, span=(token.span[0], operand.span[1]))
            case "(":
                inner = self.expression(0)
                close = self.expect(")", "a closing bracket is missing here. Write ).")
                return replace(inner, span=(token.span[0], close.span[1]))
            case _:
                raise FormulaError(self.text, token.span, "a value is missing here. Write a name, a number or (.")

    def extended(self, left: Expression, token: _Token) -> Expression:
        match token.kind:
            case "if":
                condition = self.expression(_LEVELS["if"])
                self.expect("else", "say what holds otherwise. Write A if C else B.")
                other = self.expression(0)
                return Choice(condition, left, other, span=(left.span[0], other.span[1]))
            case "from":
                return self.dated(left, token)
            case _:
                return self.binary(left, token)

    def dated(self, then: Expression, token: _Token) -> Dated:
        numbers = [int(digits) for digits in re.findall(r"\d+", token.text, re.ASCII)]
        if not numbers:
            raise FormulaError(self.text, token.span, "say when. Write from month 13, from year 3 or from 2028-01.")
        if min(numbers) < 1 or (len(numbers) == 2 and numbers[1] > 12):
            rule = "Write 2027-01 to 2027-12." if len(numbers) == 2 else "The contract's months and years count from 1."
            raise FormulaError(self.text, token.span, f"no such moment. {rule}")
        if len(numbers) == 2:
            when = When("date", *numbers)
        else:
            when = When("year", year=numbers[0]) if "year" in token.text else When("month", month=numbers[0])
        self.expect("else", "say what applies before. Write A from month 13 else B.")
        other = self.expression(0)
        if isinstance(other, Dated) and other.when.kind == when.kind and not other.when < when:
            rule = "never applies: an earlier moment stands before it. Write the latest moment first."
            raise FormulaError(self.text, other.span, rule)
        return Dated(when, then, other, span=(then.span[0], other.span[1]))

    def binary(self, left: Expression, token: _Token) -> Binary:
        kind = token.kind
        if kind == "of" and isinstance(left, Number) and left.unit is None and left.value > 1:
            raise FormulaError(self.text, left.span, f"the left of 'of' is a fraction. Write {left.value:.12g}% of.")
        right = self.expression(_LEVELS[kind] - (kind == "of"))  # 10% of 20% of x reads from the right
        if kind in _COMPARISONS and self.next.kind in _COMPARISONS:
            raise FormulaError(self.text, self.next.span, "a second comparison. Write a < b and b < c.")
        return Binary(kind, left, right, span=(left.span[0], right.span[1]))

    def number(self, token: _Token) -> Number:
        try:
            quantity = parse_quantity(token.text)
        except QuantityError as error:
            said = str(error).removeprefix(quoted(token.text)).lstrip()  # the quote stands before it already
            raise FormulaError(self.text, token.span, said) from None
        bare = quantity.unit == DIMENSIONLESS and not token.text.endswith(("%", "bp", "bps", "fraction"))
        return Number(quantity.value, None if bare else quantity.unit, span=token.span)

    def named(self, token: _Token) -> Expression:
        if self.next.kind == "(":
            return self.call(token)
        if self.next.kind != "[":
            return Name(token.text, span=token.span)
        self.take()
        if self.next.text != "base":
            rule = f"only [base] may follow a name. Write {token.text}[base]."
            raise FormulaError(self.text, self.next.span, rule)
        self.take()
        close = self.expect("]", "a closing bracket is missing here. Write ].")
        return Name(token.text, at_base=True, span=(token.span[0], close.span[1]))

    def call(self, token: _Token) -> Call | Reduce:
        name = token.text
        if name not in _FUNCTIONS and name not in _REDUCTIONS:
            known = (*_FUNCTIONS, *_REDUCTIONS)
            raise FormulaError(self.text, token.span, f"no such function.{meant_or_known(name, known)}")
        self.take()
        arguments = [] if self.next.kind == ")" else [self.expression(0)]
        while self.next.kind == ",":
            self.take()
            arguments.append(self.expression(0))
        close = self.expect(")", "a closing bracket or a comma is missing here. Write ).")
        span = (token.span[0], close.span[1])
        fewest, most = _FUNCTIONS[name][:2] if name in _FUNCTIONS else (1, 1)
        if not fewest <= len(arguments) <= most:
            count = f"{fewest}{'' if fewest == most else ' or more'} argument{'s' * (most > 1)}"
            raise FormulaError(self.text, span, f"{name} takes {count}, not {len(arguments)}.")
        if name in _REDUCTIONS:
            return Reduce(name, arguments[0], span=span)
        return Call(name, tuple(arguments), span=span)


def parse(text: str | int | float) -> Formula:
    """Read a formula; a number is a formula too.

    Raises FormulaError: for what cannot be read, above 2,000 characters, 40 brackets or branches inside one another,
    or 100 operations in a row.

    >>> parse("2% of cost * 3").tree
    Binary(operator='*', left=Binary(operator='of', left=Number(value=0.02, unit=Unit(powers=())),
    right=Name(name='cost', at_base=False)), right=Number(value=3.0, unit=None))
    >>> parse("saving ** 2")
    Traceback (most recent call last):
    gainsim.ops.formula.FormulaError: '**' (column 8): there are no powers. Write sqrt, exp, log or repeated
    multiplication, as x * x.
    """
    if isinstance(text, bool) or (isinstance(text, float) and not math.isfinite(text)):
        shown = str(text).lower()
        raise FormulaError(shown, (0, len(shown)), "is not a number. Write a formula or a finite number.")
    if not isinstance(text, str):
        return Formula(repr(text), Number(float(text), span=(0, len(repr(text)))))
    if len(text) > LONGEST:
        rule = f"longer than {LONGEST:,} characters. Give parts of it their own names."
        raise FormulaError(text, (0, len(text)), rule)
    formula = Formula(text, _Parser(text).whole())
    for part, depth in _parts(formula.tree):
        if depth > HIGHEST:
            raise formula.error(part, f"more than {HIGHEST} operations deep. Give parts of it their own names.")
    return formula


# --- units -----------------------------------------------------------------------------------------------------------


class Kind(Enum):
    """What a formula gives when it has no unit of its own."""

    BARE = "a bare number, which adopts the unit that is wanted"
    CONDITION = "a condition, true or false"


def in_words(unit: Unit | Kind) -> str:
    """What a formula gives, as a sentence tells it behind "is".

    >>> in_words(Unit.parse("EUR/month")), in_words(DIMENSIONLESS), in_words(Kind.CONDITION)
    ('in EUR/month', 'a plain number', 'a condition, true or false')
    """
    if isinstance(unit, Kind):
        return unit.value
    return unit.describe() if unit == DIMENSIONLESS else f"in {unit}"


def unit_of(formula: Formula, units: Mapping[str, Unit | Kind]) -> Unit | Kind:
    """The unit of what a formula gives, or that it is a bare number or a condition.

    units: the unit of every value that a formula may name

    A bare number adopts the unit of the other side in `+ - < <= > >=`, min, max, clip and between the branches of if
    and from; beside `*` and `/` it is a plain number. `total` of a flow loses its time: EUR/month adds up to EUR.
    Raises FormulaError where units disagree and where a name is not among `units`.

    >>> units = {"cost": Unit.parse("EUR/month"), "energy": Unit.parse("MWh/month")}
    >>> print(unit_of(parse("total(cost - 500) / total(energy)"), units))
    EUR/MWh
    >>> unit_of(parse("cost + energy"), units)
    Traceback (most recent call last):
    gainsim.ops.formula.FormulaError: 'cost + energy' (column 1): cost is in EUR/month, energy is in MWh/month: they
    cannot be added. Bring both to one unit.
    """
    return _UnitCheck(formula, units).meaning(formula.tree)


class _UnitCheck:
    def __init__(self, formula: Formula, units: Mapping[str, Unit | Kind]) -> None:
        self.formula = formula
        self.units = units
        self.symbols = {s.casefold(): s for unit in units.values() if isinstance(unit, Unit) for s, _ in unit.powers}

    def meaning(self, part: Expression) -> Unit | Kind:
        match part:
            case Number():
                return self.literal(part)
            case Name(name=name):
                if name not in self.units:
                    raise self.formula.error(part, f"no such value.{meant_or_known(name, self.units)}")
                return self.units[name]
            case Unary(operator="not", operand=operand):
                return self.condition(operand)
            case Unary(operand=operand):
                return self.number(operand)
            case Binary():
                return self.binary(part)
            case Call():
                return self.call(part)
            case Reduce(kind=kind, inner=inner):
                unit = self.number(inner)
                return unit.without_time() if kind == "total" and isinstance(unit, Unit) else unit
            case Choice(condition=condition, then=then, other=other):
                self.condition(condition)
                return self.common(part, (then, other), "be two cases of one value")
            case Dated(then=then, other=other):
                return self.common(part, (then, other), "follow one another")

    def literal(self, part: Number) -> Unit | Kind:
        if part.unit is None:
            return Kind.BARE
        for symbol, _ in part.unit.powers:
            if symbol in self.units:  # "2 sites" or "€5/sites", where sites is a value: dropped or taken for a unit
                rule = f"{symbol} is a value, not a unit. Write spaces around / and * to compute with it."
                raise self.formula.error(part, rule)
            if (known := self.symbols.get(symbol.casefold(), symbol)) != symbol:
                raise self.formula.error(part, f"{symbol} is written {known} elsewhere. Write both alike.")
        return part.unit

    def binary(self, part: Binary) -> Unit | Kind:
        sides = (part.left, part.right)
        match part.operator:
            case "and" | "or":
                self.condition(part.left)
                return self.condition(part.right)
            case "+" | "-":
                return self.common(part, sides, "be added" if part.operator == "+" else "be subtracted")
            case "*" | "/":
                left, right = (self.number(side) for side in sides)
                if left is Kind.BARE and right is Kind.BARE:
                    return Kind.BARE
                above, below = (unit if isinstance(unit, Unit) else DIMENSIONLESS for unit in (left, right))
                return above * below if part.operator == "*" else above / below
            case "of":
                self.plain(part.left, "the left of 'of'")
                return self.number(part.right)
            case _:
                self.common(part, sides, "be compared")
                return Kind.CONDITION

    def call(self, part: Call) -> Unit | Kind:
        match part.function:
            case "exp" | "log":
                return self.plain(part.arguments[0], part.function)
            case "sqrt":
                unit = self.number(part.arguments[0])
                if isinstance(unit, Unit) and any(power % 2 for _, power in unit.powers):
                    raise self.formula.error(part, f"the root of {unit} has no unit. Divide by a reference first.")
                return Unit.of({s: power // 2 for s, power in unit.powers}) if isinstance(unit, Unit) else unit
            case "abs":
                return self.number(part.arguments[0])
            case _:
                return self.common(part, part.arguments, "be compared")

    def number(self, part: Expression) -> Unit | Kind:
        meaning = self.meaning(part)
        if meaning is Kind.CONDITION:
            raise self.formula.error(part, "a condition stands where a number is needed. Write (1 if … else 0).")
        return meaning

    def condition(self, part: Expression) -> Kind:
        if self.meaning(part) is not Kind.CONDITION:
            raise self.formula.error(part, "a number stands where a condition is needed. Compare it, as in x > 0.")
        return Kind.CONDITION

    def plain(self, part: Expression, place: str) -> Unit | Kind:
        unit = self.number(part)
        if unit not in (Kind.BARE, DIMENSIONLESS):
            rule = f"{place} needs a plain number, this is in {unit}. Divide it by a reference amount."
            raise self.formula.error(part, rule)
        return unit

    def common(self, part: Expression, operands: Iterable[Expression], verb: str) -> Unit | Kind:
        """The one unit that all operands have or adopt."""
        stated = [(operand, unit) for operand in operands if isinstance(unit := self.number(operand), Unit)]
        for other in stated[1:]:
            if other[1] != stated[0][1]:
                fix = _fix(stated[0][1], other[1])
                raise self.formula.error(part, f"{self.difference(stated[0], other)}: they cannot {verb}. {fix}")
        return stated[0][1] if stated else Kind.BARE

    def difference(self, *sides: tuple[Expression, Unit]) -> str:
        told = [(quoted(self.formula.text[slice(*operand.span)])[1:-1], in_words(unit)) for operand, unit in sides]
        return ", ".join(f"{text} is {unit}" for text, unit in told)


def _fix(one: Unit, other: Unit) -> str:
    if DIMENSIONLESS in (one, other):
        return "Say what it is a fraction of, as 15% of x, or write its unit."
    if one.without_time() == other.without_time():
        return "Bring both to one period."
    return "Bring both to one unit."


# --- evaluation ------------------------------------------------------------------------------------------------------


class Scope(Protocol[V_co]):
    """Where a formula finds its values: arrays, or nodes of a tree. What it cannot give, it answers with `Refused`."""

    def value(self, name: str) -> V_co:
        """The value of this name, now."""

    def base_value(self, name: str) -> V_co:
        """The value of this name at the base date of the indexation."""

    def reduce(self, kind: str, inner: Formula) -> V_co:
        """One number for the assessment window; `inner` is evaluated in the scope of each of its periods."""

    def since(self, when: When) -> V_co:
        """A condition: true from that moment on."""


def evaluate(formula: Formula, scope: Scope[V]) -> V | float:
    """What a formula gives in a scope; numbers are floats, everything else is made by `gainsim.ops` and operators.

    Both branches of a choice are evaluated. Raises FormulaError where a number is divided by 0, and for what the
    scope refuses.

    >>> class Year:
    ...     def value(self, name): return {"gain": 400_000.0, "share": 0.4}[name]
    >>> float(evaluate(parse("min(gain * share, 120_000 EUR)"), Year()))
    120000.0
    """

    def value(part: Expression) -> Any:
        match part:
            case Number():
                return part.value
            case Name():
                return asked(part, scope.base_value if part.at_base else scope.value, part.name)
            case Unary():
                return applied(part, operator.neg if part.operator == "-" else ops.negate)
            case Binary():
                return applied(part, _BINARY[part.operator])
            case Call():
                return applied(part, _FUNCTIONS[part.function].compute)
            case Reduce():
                return asked(part, scope.reduce, part.kind, formula.part(part.inner))
            case Choice():
                return applied(part, ops.where)
            case Dated():
                return ops.where(asked(part, scope.since, part.when), value(part.then), value(part.other))

    def asked(part: Expression, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Refused as error:
            raise formula.error(part, str(error)) from None

    def applied(part: Expression, function: Callable[..., Any]) -> Any:
        operands = [value(child) for child in _children(part)]
        try:
            return function(*operands)
        except ZeroDivisionError as error:
            rule = "has no value here (a division by zero). Keep a divisor away from 0, as max(x, 1)."
            raise formula.error(part, rule) from error

    result: V | float = value(formula.tree)
    return result
