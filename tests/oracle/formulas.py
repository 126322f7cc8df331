"""The oracle's own small reader of formulas: as much of the language as its random contracts use.

Written from "Formulas over a window" in docs/reference/terms.md. A formula becomes nested tuples, then a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from tests.oracle.calendar import MONTHS_IN, Life, Window
from tests.oracle.lookups import Table, look_up, rounded

Tree = tuple[Any, ...]

_TOKEN = re.compile(
    r"\s*(?:(?P<unit>(?:EUR|USD)\b(?:\s+per\s+(?:month|quarter|year))?)"
    r"|(?P<when>from\s+(?:month|year)\s+\d+)"
    r"|(?P<number>\d[\d_]*(?:\.\d+)?%?)"
    r"|(?P<name>[A-Za-z_]\w*(?:\[base\])?)"
    r"|(?P<sign><=|>=|[-+*/()<>,]))"
)
_REDUCTIONS = ("total", "mean", "lowest", "highest", "first", "last")


@dataclass
class Fact:
    """One named value of the world.

    values: by period, as written: a flow per month is so much per month
    flow:   "month", "quarter", "year" for a value per month, quarter, year; None for anything else
    life:   it holds for life
    start:  its value before the contract
    currency: the one it is in, where that is not the contract's
    price_of: the currency whose price it is in the contract's
    """

    values: list[float]
    flow: str | None = None
    life: bool = False
    start: float | None = None
    currency: str = ""
    price_of: str = ""

    @property
    def at_start(self) -> float:
        """The start value; without a word about it, the first value."""
        return self.values[0] if self.start is None else self.start


@dataclass
class World:
    """What a contract sees: a calendar and facts by name."""

    life: Life
    facts: dict[str, Fact] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    start: str = ""  # its first month, as it is written
    paid: Callable[[str, Window], float] | None = None

    def amount(self, name: str, period: int) -> float:
        """What a value comes to in one period.

        "in a period of the calendar, a flow per month counts the months of the period, a flow per year the same part
        of a year"; "In a window of a single period every value stands for itself."
        """
        fact = self.facts[name]
        if fact.flow is None:
            return fact.values[period]
        return fact.values[period] * self.life.step / MONTHS_IN[fact.flow]


def over_window(written: object, world: World, window: Window, moments: dict[str, float] | None = None) -> float:
    """What a formula comes to in a window. moments: names that stand for what they are at its end."""
    first, last = window
    periods = range(first, last + 1)

    def name(said: str) -> float:
        if moments and said in moments:
            return moments[said]
        fact = world.facts[said]
        if fact.flow is not None:  # "A value per month, quarter or year … adds up over the window's periods"
            return _added(world.amount(said, period) for period in periods)
        if fact.life or first == last:  # "Values that hold for life stand for themselves."
            return fact.values[first]
        raise AssertionError(f"{said} says neither mean nor last")  # "Everything else must say `mean(x)` …"

    def reduced(kind: str, inner: Tree) -> float:
        values = [_number(inner, _OnePeriod(world, period)) for period in periods]
        if kind == "total":
            return _added(values)
        if kind == "mean":
            return _added(values) / len(values)
        if kind == "lowest":
            return sorted(values)[0]
        if kind == "highest":
            return sorted(values)[-1]
        return values[0] if kind == "first" else values[-1]

    def paid(term: str) -> float:
        assert world.paid is not None
        return world.paid(term, window)

    found = _number(_tree(str(written)), _Scope(name, reduced, world, first, paid))
    # "what it comes to is converted at the rate's value in the period of the settlement"
    return converted(found, written, world, last)


def at_period(written: object, world: World, period: int) -> float:
    """A formula of what holds in one period, a flow as it is written: so much per month, quarter or year."""
    return _number(_tree(str(written)), _Rates(world, period))


def converted(amount: float, written: object, world: World, period: int) -> float:
    """An amount in the contract's currency: "Every amount of a term is converted by itself"."""
    currency = currency_of(written, world)
    if isinstance(amount, bool) or not currency:  # a condition is no amount
        return amount
    (price,) = (fact for fact in world.facts.values() if fact.price_of == currency)
    return amount * price.values[period]


def currency_of(written: object, world: World) -> str:
    """The currency of a formula, where that is not the contract's."""
    facts = [world.facts[said] for said in re.findall(r"[A-Za-z_]\w*", str(written)) if said in world.facts]
    if any(fact.price_of for fact in facts):  # "to convert as the money arises, multiply by the rate in the formula"
        return ""
    return "USD" if "USD" in str(written) else next((fact.currency for fact in facts if fact.currency), "")


def flow_of(written: object, world: World) -> str | None:
    """Whether a formula is a flow, and per what: by its written unit, or by the flows it names outside of total(…)."""
    text = re.sub(r"(?:total|mean|lowest|highest|first|last)\([^()]*\)", "", str(written))
    if found := re.search(r"(?:EUR|USD)\s+per\s+(month|quarter|year)", text):
        return found[1]
    for said in re.findall(r"[A-Za-z_]\w*", text):
        if said in world.facts and world.facts[said].flow is not None:
            return world.facts[said].flow
    return None


def percent(written: object) -> float:
    """A share or a number, as 40% or 0.4."""
    text = str(written).strip()
    return float(Decimal(text[:-1]) / 100) if text.endswith("%") else float(text)


# --- where names find their values ----------------------------------------------------------------------------------


class _Scope:
    def __init__(self, name: Any, reduced: Any, world: World, period: int, paid: Any = None) -> None:
        self.name, self.reduced, self.life, self.period = name, reduced, world.life, period
        self.tables, self.paid = world.tables, paid

    def since(self, kind: str, number: int) -> bool:
        """ "`A from month 13 else B` is decided by the period in which the window begins." """
        if kind == "month":
            return self.period * self.life.step + 1 >= number
        return self.life.year_of(self.period) + 1 >= number


class _OnePeriod(_Scope):
    def __init__(self, world: World, period: int) -> None:
        super().__init__(lambda said: world.amount(said, period), None, world, period)


class _Rates(_Scope):
    def __init__(self, world: World, period: int) -> None:
        super().__init__(lambda said: world.facts[said].values[period], None, world, period)


def _added(values: Any) -> float:
    together = 0.0
    for value in values:
        together = together + value
    return together


def _number(tree: Tree, scope: _Scope) -> Any:
    kind, *parts = tree
    if kind == "number":
        return parts[0]
    if kind == "name":
        return scope.name(parts[0])
    if kind == "reduce":
        return scope.reduced(parts[0], parts[1])
    if kind == "minus":
        return -_number(parts[0], scope)
    if kind == "from":
        then, moment, number, other = parts
        return _number(then if scope.since(moment, number) else other, scope)
    if kind == "if":
        then, condition, other = parts
        return _number(then if _number(condition, scope) else other, scope)
    if kind in ("min", "max"):
        values = sorted(_number(part, scope) for part in parts)
        return values[0] if kind == "min" else values[-1]
    if kind == "clip":
        x, low, high = (_number(part, scope) for part in parts)
        return sorted((low, x, high))[1]
    if kind == "logistic":
        return 1 / (1 + math.exp(-_number(parts[0], scope)))
    if kind == "paid":
        return scope.paid(parts[0][1])
    if kind == "round":
        return rounded(_number(parts[0], scope), parts[1][1], "half away")
    if kind in scope.tables:
        return look_up(scope.tables[kind], _number(parts[0], scope))
    if kind == "not":
        return not _number(parts[0], scope)
    left, right = (_number(part, scope) for part in parts)
    if kind == "and":
        return left and right
    if kind == "or":
        return left or right
    if kind == "+":
        return left + right
    if kind == "-":
        return left - right
    if kind in ("*", "of"):
        return left * right
    if kind == "/":
        return left / right
    if kind == "<":
        return left < right
    if kind == "<=":
        return left <= right
    return left > right if kind == ">" else left >= right


# --- reading --------------------------------------------------------------------------------------------------------


@cache
def _tree(text: str) -> Tree:
    words: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        assert found, f"{text!r} from column {at + 1}"
        if found.lastgroup != "unit":  # one formula is in one currency: its name changes no number
            words.append(re.sub(r"\s+", " ", found[found.lastgroup or 0]))
        at = found.end()
    reader = _Reader(words)
    tree = reader.whole()
    assert not reader.words, f"{text!r}: left over {reader.words}"
    return tree


class _Reader:
    def __init__(self, words: list[str]) -> None:
        self.words = words

    def take(self, *wanted: str) -> str | None:
        return self.words.pop(0) if self.words and self.words[0] in wanted else None

    def whole(self) -> Tree:
        first = self.either()
        if self.take("if"):
            condition = self.either()
            assert self.take("else")
            return ("if", first, condition, self.whole())
        if self.words and self.words[0].startswith("from "):
            _, moment, number = self.words.pop(0).split()
            assert self.take("else")
            return ("from", first, moment, int(number), self.whole())
        return first

    def either(self) -> Tree:
        first = self.both()
        while self.take("or"):
            first = ("or", first, self.both())
        return first

    def both(self) -> Tree:
        first = self.negated()
        while self.take("and"):
            first = ("and", first, self.negated())
        return first

    def negated(self) -> Tree:
        return ("not", self.negated()) if self.take("not") else self.comparison()

    def comparison(self) -> Tree:
        first = self.sum()
        sign = self.take("<", "<=", ">", ">=")
        return (sign, first, self.sum()) if sign else first

    def sum(self) -> Tree:
        first = self.product()
        while sign := self.take("+", "-"):
            first = (sign, first, self.product())
        return first

    def product(self) -> Tree:
        first = self.signed()
        while sign := self.take("*", "/"):
            first = (sign, first, self.signed())
        return first

    def signed(self) -> Tree:
        if self.take("-"):
            return ("minus", self.signed())
        first = self.single()
        return ("of", first, self.signed()) if self.take("of") else first

    def single(self) -> Tree:
        word = self.words.pop(0)
        if word == "(":
            inner = self.whole()
            assert self.take(")")
            return inner
        if word[0].isdigit():
            return ("number", percent(word.replace("_", "")))
        if self.take("("):
            inside = [self.whole()]
            while self.take(","):
                inside.append(self.whole())
            assert self.take(")")
            return ("reduce", word, inside[0]) if word in _REDUCTIONS else (word, *inside)
        return ("name", word)
