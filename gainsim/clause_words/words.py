"""What sentences about clauses share: formulas, amounts, names and times as people read them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gainsim.clause_words.signs import without_minus
from gainsim.durations import Duration
from gainsim.offer.bands import Band
from gainsim.offer.clock import ClockText
from gainsim.offer.scenario import Scenario
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Number, Unary
from gainsim.ops.tokens import tokens


def formula_words(text: str) -> str:
    """A formula as people read it.

    >>> formula_words("15% of baseline_cost from month 13 else 0"), formula_words("energy*90_000 EUR")
    ('15% of baseline cost from month 13 on, before that 0', 'energy × 90,000 EUR')
    """
    return label_of(_spaced(text))


_OPERAND_ENDS = ("number", "name", "from", ")", "]")


def _spaced(text: str) -> str:
    """A formula with blanks around what stands between two operands, and none behind the sign of one."""
    said, before = "", ""
    for token in tokens(text):
        between = before in _OPERAND_ENDS and token.kind not in ("(", ")", "[", "]", ",", "end")
        written = f" {token.text} " if between else f"{token.text} " if token.kind in (",", "not") else token.text
        said, before = said + written, token.kind
    return " ".join(said.split())


def label_of(text: str) -> str:
    """The label of a band or step, or a formula with its blanks, as people read it."""
    said = re.sub(r"(?<=\d)_(?=\d)", ",", text).replace("_", " ").replace(" * ", " × ")
    said = said.replace(">=", "≥").replace("<=", "≤")
    dated = re.fullmatch(r"(.+?) from (month \d+|year \d+|\d{4}-\d{2}) else ([^()]+)", said)
    return f"{dated[1]} from {dated[2]} on, before that {dated[3]}" if dated and " from " not in dated[3] else said


WINDOWS = {
    "period": "period",
    "month": "month",
    "quarter": "quarter",
    "half_year": "half-year",
    "year": "year",
    "life": "contract",
}


def said_of(formula: Formula) -> str:
    """A formula as people read it."""
    return formula_words(formula.text)


class Words:
    """The words of one offer: its currency, its windows."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.currency = scenario, scenario.currency

    def clock(self, clock: ClockText) -> str:
        """When it is settled, and when the money moves."""
        window = WINDOWS[clock.measured]
        if clock.measured == "period":
            window = self.scenario.calendar.step
        each = "the" if clock.measured == "life" else "each"
        if clock.invoiced == "in advance":
            moment = f" Invoiced in advance for {each} {window}"
        else:
            moment = f" Reckoned after {each} {window}" + (
                f", within {clock.settled}" if clock.settled is not None else ""
            )
        return moment + (f"; paid within {clock.paid}." if clock.paid is not None and some(clock.paid) else ".")

    def indexed(self, index: Any) -> str:
        """Which index it follows, and how far."""
        said = f" It follows {formula_words(index.by.text)} every {WINDOWS[index.every]}, based on {index.base:%Y-%m}"
        for limit, word in ((index.cap, "rises"), (index.floor, "falls")):
            if limit is not None:
                per = "at each reset" if limit.per == "reset" else "over the contract"
                said += f"; it {word} by at most {100.0 * limit.at:g}% {per}, and what is cut off is {limit.excess}"
        return f"{said}."

    def money(self, formula: Formula | None) -> str:
        """An amount; a bare number is one of the contract's currency."""
        if formula is None:
            return ""
        tree = formula.tree.operand if isinstance(formula.tree, Unary) else formula.tree
        if isinstance(tree, Number) and tree.unit is None and formula.constant is not None:
            return f"{formula.constant:,.12g} {self.currency}"
        return formula_words(formula.text)

    def edge(self, band: Band) -> str:
        """A band by its edge, in the contract's currency."""
        assert band.edge is not None
        return f"{'up to' if band.has_its_edge else 'below'} {self.money(band.edge)}"

    def size(self, formula: Formula) -> str:
        """An amount without its sign."""
        return self.money(without_minus(formula) or formula)


def name_of(name: str) -> str:
    """A name of the file with spaces."""
    return name.replace("_", " ")


def names_of(names: Sequence[str]) -> str:
    """Several names as a list in words."""
    said = [name_of(name) for name in names]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def lower(text: str) -> str:
    """A sentence inside another."""
    return text[:1].lower() + text[1:]


def some(time: Duration) -> bool:
    """Whether a time is any at all."""
    return str(time) not in ("", "0 days", "0 months")


def per_of(per: str) -> str:
    """Of what an amount is the limit."""
    return {"settlement": "in each settlement", "year": "a year", "life": "over the contract"}.get(
        per, f"in every {per}"
    )


def titled(text: str) -> str:
    """The beginning of a sentence."""
    return text[:1].upper() + text[1:]
