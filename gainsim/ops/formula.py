"""Formulas: plain expressions over named values, read by a parser of our own and never by Python's.

    15% * baseline_cost from month 13 else 0
    0.4 + 0.6 * wage_index / wage_index[base]
    measured_saving >= 10% of baseline_cost
    max(500_000 - paid(base_fee), 0)

What binds tighter stands lower: `A if C else B` and `A from month 13 else B`; `or`; `and`; `not`; one comparison;
`+ -`; `* /`; the minus sign; `x of y`. A formula is parsed once, checked for units once, and evaluated in a `Scope`:
over arrays it computes, over the nodes of a tree it writes itself down.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
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
    """One number for the assessment window: total, mean, lowest, highest, first or last."""

    kind: str
    inner: Expression


@dataclass(frozen=True)
class Lookup(_Spanned):
    """What a table of the scenario gives for an argument."""

    table: str
    argument: Expression


@dataclass(frozen=True)
class Paid(_Spanned):
    """What another term of the contract pays within the assessment window."""

    term: str


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


Expression = Number | Name | Unary | Binary | Call | Reduce | Lookup | Paid | Choice | Dated


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
    def terms(self) -> frozenset[str]:
        """The terms of whose payments it speaks.

        >>> sorted(parse("10% of paid(price) + paid(bonus)").terms)
        ['bonus', 'price']
        """
        return frozenset(part.term for part, _ in _parts(self.tree) if isinstance(part, Paid))

    @cached_property
    def constant(self) -> float | None:
        """What it comes to where it names no value and no moment; else None.

        >>> parse("2 * -5_000 EUR").constant, parse("2 * fee").constant
        (-10000.0, None)
        """
        if any(isinstance(part, Name | Dated | Reduce | Lookup | Paid) for part, _ in _parts(self.tree)):
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

    @property
    def is_reduced(self) -> bool:
        """Whether it says itself how something is taken over a window.

        >>> parse("40% of first(fee)").is_reduced, parse("40% of fee").is_reduced
        (True, False)
        """
        return any(isinstance(part, Reduce) for part, _ in _parts(self.tree))

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
    "round": _Function(2, 2, ops.rounded),
}
_REDUCTIONS = ("total", "mean", "lowest", "highest", "first", "last")
FUNCTIONS = (*_FUNCTIONS, *_REDUCTIONS, "paid")
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

#: a month or a day, which would be read as a subtraction
_DATE = re.compile(r"((?:19|20|21)\d\d-(?:0[1-9]|1[0-2]))(?:-\d\d)?(?![\w.-])", re.ASCII)


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
        if kind == "number" and (date := _DATE.match(text, at)):
            ways = f"Write A from {date[1]} else B, as (1 from {date[1]} else 0) > 0 for a condition"
            rule = f"a date is no number. {ways}; to subtract, write spaces around the minus sign."
            raise FormulaError(text, date.span(), rule)
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

    def call(self, token: _Token) -> Call | Reduce | Lookup | Paid:
        """A function of the vocabulary; a name that is none of them is that of a table, with one argument."""
        name = token.text
        self.take()
        arguments = [] if self.next.kind == ")" else [self.expression(0)]
        while self.next.kind == ",":
            self.take()
            arguments.append(self.expression(0))
        close = self.expect(")", "a closing bracket or a comma is missing here. Write ).")
        span = (token.span[0], close.span[1])
        if name == "paid":
            return self.paid(arguments, span)
        if name not in FUNCTIONS and len(arguments) != 1:
            meant = meant_or_known(name, FUNCTIONS)
            raise FormulaError(self.text, token.span, f"no such function.{meant} A table takes one argument.")
        fewest, most = _FUNCTIONS[name][:2] if name in _FUNCTIONS else (1, 1)
        if not fewest <= len(arguments) <= most:
            count = f"{fewest}{'' if fewest == most else ' or more'} argument{'s' * (most > 1)}"
            raise FormulaError(self.text, span, f"{name} takes {count}, not {len(arguments)}.")
        if name in _REDUCTIONS:
            return Reduce(name, arguments[0], span=span)
        if name not in _FUNCTIONS:
            return Lookup(name, arguments[0], span=span)
        if name == "round" and not (isinstance(arguments[1], Number) and arguments[1].value > 0):
            rule = "round takes the step it rounds to, a number above 0, as round(x, 0.01)."
            raise FormulaError(self.text, arguments[1].span, rule)
        return Call(name, tuple(arguments), span=span)

    def paid(self, arguments: list[Expression], span: Span) -> Paid:
        if len(arguments) == 1 and isinstance(arguments[0], Name) and not arguments[0].at_base:
            return Paid(arguments[0].name, span=span)
        raise FormulaError(self.text, span, "paid takes the name of one term, as paid(base_fee).")


def parse(text: str | int | float) -> Formula:
    """Read a formula; a number is a formula too.

    Raises FormulaError: for what cannot be read, above 2,000 characters, 40 brackets or branches inside one another,
    or 100 operations in a row.

    >>> parse("2% of cost * 3").tree
    Binary(operator='*', left=Binary(operator='of', left=Number(value=0.02, unit=Unit(powers=(), part=False)),
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

    def lookup(self, table: str, argument: Any) -> V_co:
        """What a table gives."""

    def paid(self, term: str) -> V_co:
        """What a term pays within the assessment window."""


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
            case Lookup():
                return applied(part, lambda argument: scope.lookup(part.table, argument))
            case Paid():
                return asked(part, scope.paid, part.term)
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
