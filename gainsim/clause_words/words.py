"""What sentences about clauses share: formulas, amounts, names and times as people read them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gainsim.clause_words.signs import Signs
from gainsim.clause_words.windows import Windows
from gainsim.durations import Duration
from gainsim.offer.bands import Band
from gainsim.offer.clock import ClockText
from gainsim.offer.indexation import Indexation
from gainsim.offer.scenario import Scenario
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Name, Number, Unary
from gainsim.ops.tokens import tokens
from gainsim.words import several


def formula_words(text: str) -> str:
    """A formula as people read it.

    >>> formula_words("15% of baseline_cost from month 13 else 0"), formula_words("energy*90_000 EUR")
    ('15% of baseline cost from month 13 on, before that 0', 'energy × 90,000 EUR')
    >>> formula_words("1_000 seat from year 2 else 500 seat"), formula_words("mean(ready) * wage[base]")
    ('1,000 seats from year 2 on, before that 500 seats', 'mean ready × wage at the base')
    >>> formula_words("min(demand,1_000)"), formula_words("clip(rate, 1_600, mean(list_price))"), formula_words("elapsed/12")
    ('the smaller of demand and 1,000', 'rate, but from 1,600 to mean list price', 'the time since the start / 12')
    >>> formula_words("round(wanted, 1)"), formula_words("round(price, 0.05 EUR)"), formula_words("wages / 100 index")
    ('wanted, rounded to a whole number', 'price, rounded to a multiple of 0.05 EUR', 'wages / 100')
    """
    return label_of(re.sub(r"\belapsed\b", "the time since the start", _spaced(text)))


def condition_words(text: str) -> str:
    """A condition as people read it.

    >>> condition_words("renewed < 1"), condition_words("elapsed > 3 months and mean(level) >= 95%")
    ('renewed is below 1', 'the time since the start is above 3 months and mean level is at least 95%')
    >>> condition_words("(1 from month 4 else 0) > 0")
    'it is month 4 or later'
    """
    said = formula_words(text)
    if dated := re.fullmatch(r"\(1 from (.+) on, before that 0\) > 0", said):
        return f"it is {dated[1]} or later"
    for sign, words in _COMPARED.items():
        said = said.replace(f" {sign} ", f" is {words} ")
    return said


_COMPARED = {"<": "below", ">": "above", "≤": "at most", "≥": "at least"}


_OPERAND_ENDS = ("number", "name", "from", ")", "]")


def _spaced(text: str) -> str:
    """A formula with blanks around what stands between two operands, and none behind the sign of one."""
    said, before = "", ""
    for token in tokens(text):
        between = before in _OPERAND_ENDS and token.kind not in ("(", ")", "[", "]", ",", "end")
        written = f" {token.text} " if between else f"{token.text} " if token.kind in (",", "not") else token.text
        said, before = said + written, token.kind
    return " ".join(said.split())


#: a part of a formula without parts of its own; a comma within a number is none between two parts
_PLAIN = r"((?:(?!, )[^()])+)"


def label_of(text: str) -> str:
    """The label of a band or step, or a formula with its blanks, as people read it."""
    said = re.sub(r"(?<=\d)_(?=\d)", ",", text).replace("_", " ").replace(" * ", " × ")
    said = said.replace(">=", "≥").replace("<=", "≤").replace("[base]", " at the base")
    said = re.sub(r"\b(mean|lowest|highest|first|last|total)\(([\w ]+)\)", r"\1 \2", said)
    said = re.sub(r"\bpaid\(([\w ]+)\)", r"what is paid under \1", said)
    said = re.sub(r"(?<![\w.,-])(\d[\d.,]*(?<=\d)) ([a-z]{3,})\b", lambda number: _several(number[1], number[2]), said)
    said = re.sub(r"(?<=\d) index\b", "", said)
    said = re.sub(rf"^round\({_PLAIN}, 1\)$", r"\1, rounded to a whole number", said)
    said = re.sub(rf"^round\({_PLAIN}, {_PLAIN}\)$", r"\1, rounded to a multiple of \2", said)
    said = re.sub(rf"^clip\((.+), {_PLAIN}, {_PLAIN}\)$", r"\1, but from \2 to \3", said)
    said = re.sub(rf"^min\({_PLAIN}, {_PLAIN}\)$", r"the smaller of \1 and \2", said)
    said = re.sub(rf"^max\({_PLAIN}, {_PLAIN}\)$", r"the larger of \1 and \2", said)
    return re.sub(r" from (month \d+|year \d+|\d{4}-\d{2}) else ", r" from \1 on, before that ", said)


def _several(number: str, unit: str) -> str:
    """A number and what stands behind it: its unit, or a word of the formula.

    >>> _several("1,000", "seat"), _several("12", "months"), _several("3", "else")
    ('1,000 seats', '12 months', '3 else')
    """
    return f"{number} {unit}" if unit in _KEYWORDS else several(number, unit)


_KEYWORDS = ("else", "and", "not", "per", "from")
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


BY = {"customer": "by the customer", "supplier": "by the supplier", "both": "by both", "nobody": "by chance"}


class Words:
    """The words of one offer: its currency, its windows, its decisions, and the signs of its formulas."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.currency = scenario, scenario.currency
        self.signs, self.windows = Signs(scenario), Windows(scenario)

    def clock(self, clock: ClockText, adds_up: bool = False) -> str:
        """When it is settled, and when the money moves.

        adds_up: whether what it reads is written for a shorter time than its window, and counts with its sum
        """
        window = WINDOWS[clock.measured]
        if clock.measured == "period":
            window = self.scenario.calendar.step
        each = "the" if clock.measured == "life" else "each"
        if clock.invoiced == "in advance":
            moment = f" Invoiced in advance for {each} {window}"
        else:
            moment = f" Reckoned after {each} {window}"
            moment += f", its {self.scenario.calendar.step}s added up" if adds_up else ""
            moment += f", within {clock.settled}" if clock.settled is not None else ""
        return moment + (f"; paid within {clock.paid}." if clock.paid is not None and some(clock.paid) else ".")

    def indexed(self, what: str, index: Indexation) -> str:
        """By what it is multiplied, and how far that goes."""
        every = f"set anew every {WINDOWS[index.every]} and based on {index.base:%Y-%m}"
        said = f" {what} is multiplied by {formula_words(index.by.text)}, {every}"
        for limit, word in ((index.cap, "rises"), (index.floor, "falls")):
            if limit is not None:
                per = "at each reset" if limit.per == "reset" else "over the contract"
                said += f"; that {word} by at most {100.0 * limit.at:g}% {per}, and what is cut off is {limit.excess}"
        return f"{said}."

    def condition(self, formula: Formula) -> str:
        """A condition, and who decides on what it names."""
        said = condition_words(formula.text)
        decisions = {name: each for name, each in self.scenario.lifecycle.items() if name in formula.names}
        for name in (name for name, each in decisions.items() if each.yes_or_no):
            said = said.replace(f"{name_of(name)} is below 1", f"{name_of(name)} has come out as no")
            said = said.replace(f"{name_of(name)} is above 0", f"{name_of(name)} has come out as yes")
        who = [f"{name_of(name)} is decided {BY[each.by]}" for name, each in decisions.items()]
        return said + (f" ({', '.join(who)})" if who else "")

    def name(self, formula: Formula) -> str | None:
        """What a formula that is a name alone is called."""
        return name_of(formula.tree.name) if isinstance(formula.tree, Name) else None

    def money(self, formula: Formula | None) -> str:
        """An amount; a bare number is one of the contract's currency."""
        if formula is None:
            return ""
        tree = formula.tree.operand if isinstance(formula.tree, Unary) else formula.tree
        if isinstance(tree, Number) and tree.unit is None and formula.constant is not None:
            return f"{formula.constant:,.12g} {self.currency}"
        return formula_words(formula.text)

    def whole(self, formula: Formula, clock: ClockText) -> str:
        """An amount of which a part is taken; one over a shorter time than the window as its sum: the year's monthly fees."""
        said = self.money(formula)
        if not self.windows.add_up(formula, clock):
            return said
        several = f"{said}s" if said.endswith(("fee", "charge")) else f"total of {said}"
        return f"the {WINDOWS[clock.measured]}'s {several}"

    def edge(self, band: Band) -> str:
        """A band by its edge, in the contract's currency."""
        assert band.edge is not None
        return f"{'up to' if band.has_its_edge else 'below'} {self.money(band.edge)}"

    def size(self, formula: Formula) -> str:
        """An amount without its sign."""
        return self.money(self.signs.without_minus(formula) or formula)


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
