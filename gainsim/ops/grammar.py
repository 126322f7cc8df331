"""The grammar of formulas: the parts of which a formula is made, and the parser that makes them of tokens.

What binds tighter stands lower: `A if C else B` and `A from month 13 else B`; `or`; `and`; `not`; one comparison;
`+ -`; `* /`; the minus sign; `x of y`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from gainsim.numbers import QuantityError, quoted
from gainsim.ops.tokens import FormulaError, Span, Token, tokens
from gainsim.quantities import parse_quantity
from gainsim.spelling import meant_or_known
from gainsim.units import DIMENSIONLESS, Unit

DEEPEST = 40  # brackets and branches


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
    """A number as written; unit None is a bare number, which adopts the unit of what it is added to.

    key: what it is called where it may be set anew; "": nothing but its value counts
    """

    value: float
    unit: Unit | None = None
    key: str = field(default="", repr=False)


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
    """One number for the assessment window: total, mean, lowest, highest, first or last; or a standard error."""

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


def parts_of(tree: Expression) -> Iterator[tuple[Expression, int]]:
    """Every part of the tree with its depth; a loop, because a long sum is a deep tree."""
    waiting: list[tuple[Expression, int]] = [(tree, 1)]
    while waiting:
        part, depth = waiting.pop()
        yield part, depth
        waiting.extend((child, depth + 1) for child in children_of(part))


def children_of(part: Expression) -> list[Expression]:
    """The parts that stand directly in a part, in their order."""
    fields = (value if isinstance(value, tuple) else (value,) for value in vars(part).values())
    return [value for values in fields for value in values if isinstance(value, Expression)]


#: the functions that compute, and how many arguments they take: at least, at most
ARGUMENTS: dict[str, tuple[int, float]] = {
    "min": (2, math.inf), "max": (2, math.inf), "clip": (3, 3), "abs": (1, 1), "exp": (1, 1), "log": (1, 1),
    "logistic": (1, 1), "sqrt": (1, 1), "round": (2, 2),
}  # fmt: skip
_REDUCTIONS = ("total", "mean", "lowest", "highest", "first", "last", "error")
#: every function that a formula may call
FUNCTIONS = (*ARGUMENTS, *_REDUCTIONS, "paid")
_COMPARISONS = ("<", "<=", ">", ">=")
# From loosest to tightest; the empty rungs belong to the signs that stand before their operand.
_LADDER = (("if", "from"), ("or",), ("and",), (), _COMPARISONS, ("+", "-"), ("*", "/"), (), ("of",))
_LEVELS = {sign: level for level, signs in enumerate(_LADDER, start=1) for sign in signs}
_NOT, _MINUS = 4, 8


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.position = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        token = self.next
        self.position += token.kind != "end"
        return token

    def expect(self, kind: str, rule: str) -> Token:
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

    def extended(self, left: Expression, token: Token) -> Expression:
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

    def dated(self, then: Expression, token: Token) -> Dated:
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

    def binary(self, left: Expression, token: Token) -> Binary:
        kind = token.kind
        if kind == "of" and isinstance(left, Number) and left.unit is None and left.value > 1:
            raise FormulaError(self.text, left.span, f"the left of 'of' is a fraction. Write {left.value:.12g}% of.")
        right = self.expression(_LEVELS[kind] - (kind == "of"))  # 10% of 20% of x reads from the right
        if kind in _COMPARISONS and self.next.kind in _COMPARISONS:
            raise FormulaError(self.text, self.next.span, "a second comparison. Write a < b and b < c.")
        return Binary(kind, left, right, span=(left.span[0], right.span[1]))

    def number(self, token: Token) -> Number:
        try:
            quantity = parse_quantity(token.text)
        except QuantityError as error:
            said = str(error).removeprefix(quoted(token.text)).lstrip()  # the quote stands before it already
            raise FormulaError(self.text, token.span, said) from None
        bare = quantity.unit == DIMENSIONLESS and not token.text.endswith(("%", "bp", "bps", "fraction"))
        return Number(quantity.value, None if bare else quantity.unit, span=token.span)

    def named(self, token: Token) -> Expression:
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

    def call(self, token: Token) -> Call | Reduce | Lookup | Paid:
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
        fewest, most = ARGUMENTS.get(name, (1, 1))
        if not fewest <= len(arguments) <= most:
            count = f"{fewest}{'' if fewest == most else ' or more'} argument{'s' * (most > 1)}"
            raise FormulaError(self.text, span, f"{name} takes {count}, not {len(arguments)}.")
        if name in _REDUCTIONS:
            return Reduce(name, arguments[0], span=span)
        if name not in ARGUMENTS:
            return Lookup(name, arguments[0], span=span)
        if name == "round" and not (isinstance(arguments[1], Number) and arguments[1].value > 0):
            rule = "round takes the step it rounds to, a number above 0, as round(x, 0.01)."
            raise FormulaError(self.text, arguments[1].span, rule)
        return Call(name, tuple(arguments), span=span)

    def paid(self, arguments: list[Expression], span: Span) -> Paid:
        if len(arguments) == 1 and isinstance(arguments[0], Name) and not arguments[0].at_base:
            return Paid(arguments[0].name, span=span)
        raise FormulaError(self.text, span, "paid takes the name of one term, as paid(base_fee).")


def parsed(text: str) -> Expression:
    """The tree of a formula; FormulaError for what cannot be read.

    >>> parsed("2% of cost").operator
    'of'
    """
    return _Parser(text).whole()
