"""The unit check of formulas: what every part of one is in, and that only like is added to like."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from gainsim.numbers import QuantityError, quoted
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import (
    FUNCTIONS,
    Binary,
    Call,
    Choice,
    Dated,
    Expression,
    Lookup,
    Name,
    Number,
    Paid,
    Reduce,
    Unary,
)
from gainsim.slips import refuse_impossible, refuse_slip
from gainsim.spelling import meant_or_known
from gainsim.units import DIMENSIONLESS, Unit


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


def missing_rate(unit: Unit | Kind, money: Unit) -> str:
    """What to write where an amount is in a currency that has no rate; nothing for what is no amount in another one.

    >>> missing_rate(Unit.parse("USD/month"), Unit.money("EUR")), missing_rate(Unit.parse("MWh"), Unit.money("EUR"))
    (' Of USD no rate is named. Name one under money, as rates: { USD: eur_per_usd }.', '')
    """
    other = unit.without_time() if isinstance(unit, Unit) else money
    if other == money or not other.is_money or len(other.powers) > 1:
        return ""
    return f" Of {other} no rate is named. Name one under money, as rates: {{ {other}: {f'{money}_per_{other}'.lower()} }}."


class Tabled(NamedTuple):
    """The units of a table: what it is looked up by, and what is written in it; a bare number adopts what is wanted.

    marginal: what is written are rates, and the table gives a rate times what it is looked up by
    """

    of: Unit | Kind
    gives: Unit | Kind
    marginal: bool = False


@dataclass(frozen=True)
class Given:
    """What a formula may ask beside named values: tables by name, and the terms whose payments are known, in `money`."""

    tables: Mapping[str, Tabled] = field(default_factory=dict)
    terms: Collection[str] = ()
    money: Unit = DIMENSIONLESS


def unit_of(formula: Formula, units: Mapping[str, Unit | Kind], given: Given | None = None) -> Unit | Kind:
    """The unit of what a formula gives, or that it is a bare number or a condition.

    units: the unit of every value that a formula may name
    given: the tables and terms it may ask

    A bare number adopts the unit of the other side in `+ - < <= > >=`, min, max, clip and between the branches of if
    and from; beside `*` and `/` it is a plain number. `total` of a flow loses its time: EUR/month adds up to EUR.
    Raises FormulaError where units disagree and where a name is not among `units`.

    >>> from gainsim.ops.formula import parse
    >>> units = {"cost": Unit.parse("EUR/month"), "energy": Unit.parse("MWh/month")}
    >>> print(unit_of(parse("total(cost - 500) / total(energy)"), units))
    EUR/MWh
    >>> unit_of(parse("cost + energy"), units)
    Traceback (most recent call last):
    gainsim.ops.tokens.FormulaError: 'cost + energy' (column 1): cost is in EUR/month, energy is in MWh/month: they
    cannot be added. Bring both to one unit.
    """
    return _UnitCheck(formula, units, given or Given()).meaning(formula.tree)


class _UnitCheck:
    def __init__(self, formula: Formula, units: Mapping[str, Unit | Kind], given: Given) -> None:
        self.formula, self.units, self.given = formula, units, given
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
                return unit.without_time() if kind in ("total", "error") and isinstance(unit, Unit) else unit
            case Lookup():
                return self.lookup(part)
            case Paid(term=term):
                if term not in self.given.terms:
                    raise self.formula.error(part, f"no such term.{meant_or_known(term, self.given.terms)}")
                return self.given.money
            case Choice(condition=condition, then=then, other=other):
                self.condition(condition)
                return self.common(part, (then, other), "be two cases of one value")
            case Dated(then=then, other=other):
                return self.common(part, (then, other), "follow one another")

    def lookup(self, part: Lookup) -> Unit | Kind:
        table = self.given.tables.get(part.table)
        if table is None:
            at_name = Name(part.table, span=(part.span[0], part.span[0] + len(part.table)))
            what = "function or table" if self.given.tables else "function"
            meant = meant_or_known(part.table, (*FUNCTIONS, *self.given.tables))
            raise self.formula.error(at_name, f"no such {what}.{meant}")
        unit = self.number(part.argument)
        if Kind.BARE not in (unit, table.of) and unit != table.of:
            told = f"the table {part.table} is looked up by what is {in_words(table.of)}, this is {in_words(unit)}"
            raise self.formula.error(part.argument, f"{told}. Bring both to one unit.")
        return self.product(unit, table.gives) if table.marginal else table.gives

    @staticmethod
    def product(one: Unit | Kind, other: Unit | Kind) -> Unit | Kind:
        """The unit of a product; two bare numbers stay bare."""
        if one is Kind.BARE and other is Kind.BARE:
            return Kind.BARE
        left, right = (unit if isinstance(unit, Unit) else DIMENSIONLESS for unit in (one, other))
        return left * right

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
                unit = self.common(part, sides, "be added" if part.operator == "+" else "be subtracted")
                return replace(unit, of_time=False) if isinstance(unit, Unit) else unit
            case "*" | "/":
                left, right = (self.number(side) for side in sides)
                if left is Kind.BARE and right is Kind.BARE:
                    return Kind.BARE
                above, below = (unit if isinstance(unit, Unit) else DIMENSIONLESS for unit in (left, right))
                if part.operator == "*":
                    return above * below
                return replace(above / below, part=self.is_part(part, above, below))
            case "of":
                self.plain(part.left, "the left of 'of'")
                return self.number(part.right)
            case _:
                self.common(part, sides, "be compared")
                return Kind.CONDITION

    def call(self, part: Call) -> Unit | Kind:
        match part.function:
            case "exp" | "log" | "logistic":
                return self.plain(part.arguments[0], part.function)
            case "sqrt":
                unit = self.number(part.arguments[0])
                if isinstance(unit, Unit) and any(power % 2 for _, power in unit.powers):
                    raise self.formula.error(part, f"the root of {unit} has no unit. Divide by a reference first.")
                return Unit.of({s: power // 2 for s, power in unit.powers}) if isinstance(unit, Unit) else unit
            case "abs":
                return self.number(part.arguments[0])
            case "round":
                return self.common(part, part.arguments, "be rounded to one another")
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

    def common(self, part: Expression, operands: Collection[Expression], verb: str) -> Unit | Kind:
        """The one unit that all operands have or adopt."""
        stated = [(operand, unit) for operand in operands if isinstance(unit := self.number(operand), Unit)]
        for other in stated[1:]:
            if other[1] != stated[0][1]:
                fix = _fix(stated[0][1], other[1])
                raise self.formula.error(part, f"{self.difference(stated[0], other)}: they cannot {verb}. {fix}")
        if not stated:
            return Kind.BARE
        unit = next((unit for _, unit in stated if unit.part), stated[0][1])
        for operand in operands if verb == "be compared" else ():
            if isinstance(operand, Number):
                refuse = refuse_slip if operand.unit is None else refuse_impossible
                try:
                    refuse(operand.value, unit)
                except QuantityError as error:
                    raise self.formula.error(operand, str(error).partition(" ")[2]) from None
        return unit

    def is_part(self, part: Binary, above: Unit, below: Unit) -> bool:
        """Whether a quotient is a fraction: of like by like, as up / scheduled, where `users / 1 user` takes a unit off."""
        return above == below != DIMENSIONLESS and bool(self.formula.part(part.right).names)

    def difference(self, *sides: tuple[Expression, Unit]) -> str:
        told = [(quoted(self.formula.text[slice(*operand.span)])[1:-1], in_words(unit)) for operand, unit in sides]
        return ", ".join(f"{text} is {unit}" for text, unit in told)


def _fix(one: Unit, other: Unit) -> str:
    if DIMENSIONLESS in (one, other):
        return "Say what it is a fraction of, as 15% of x, or write its unit."
    if one.without_time() == other.without_time():
        return "Bring both to one period."
    return "Bring both to one unit."
