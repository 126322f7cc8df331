"""Clauses with what holds of them whatever the facts: material for the properties of every kind of term and step.

A clause is settled by the engine for many accounts at once: built once, facts are arrays of (periods, accounts).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from gainsim.accounts import Contract, Group, contract_of
from gainsim.offer.scenario import Scenario

Floats = NDArray[np.float64]
Facts = Mapping[str, Floats]
#: eight quarters: two years of four settlements
PERIODS, YEAR = 8, 4
CLOCK = "clock: { measured: quarter }"


@dataclass(frozen=True)
class Fact:
    """What a fact may be: whole multiples of 1 / parts from low to high; once: one value for all periods."""

    unit: str
    low: int
    high: int
    parts: int = 4
    once: bool = False

    @property
    def is_money(self) -> bool:
        return self.unit.startswith("EUR")


GAIN = Fact("EUR/quarter", -80, 80)
SIZE = Fact("EUR/quarter", 0, 40)
LEVEL = Fact("1", 0, 1, 64)
PART = Fact("1", 0, 1)
VOLUME = Fact("MWh/quarter", 0, 80)
PRICE = Fact("EUR/MWh", 0, 8)
#: an amount that is known when the contract begins
KNOWN = Fact("EUR", 0, 40, once=True)


@dataclass(frozen=True)
class Edge:
    """Where a clause changes as a fact passes a value in a period, by itself the first.

    side: whose the edge itself is: of what lies below it, of what lies above it, or of both, where nothing jumps
    jump: by how much some settlement jumps at least
    """

    fact: str
    at: float | Callable[[Facts], Floats]
    side: str = "both"
    jump: float | Callable[[Facts], Floats] = 0.0
    period: int = 0


@dataclass(frozen=True)
class Clause:
    """A clause, and what holds of it.

    kind:    the term or step that it stands for
    text:    terms by name, `it` among them; `60$` is an amount of money that a change of scale changes, `@` a quarterly clock
    facts:   what it is settled on
    watch:   the terms whose payments together are judged
    up:      facts of which more never pays less, in the same settlement; down: never more
    smooth:  facts that do not make it jump
    slope:   by how much at most a settlement changes with each settlement's fact
    keeps:   how far back a settlement may look: not at all, to the year's beginning, to the contract's
    """

    kind: str
    text: str
    facts: Mapping[str, Fact]
    watch: tuple[str, ...] = ("it",)
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    smooth: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    slope: float = 1.0
    keeps: str = "life"
    tables: str = "{}"

    def __str__(self) -> str:
        return self.kind

    def settle(self, facts: Facts, scale: int = 1, stands: bool = False) -> Found:
        """What every line and every term comes to; stands: only while a fact of that name is 1."""
        contract = _contract(self, scale, stands)
        accounts = next(iter(facts.values())).shape[1]
        inputs = {name: facts[name] for name in contract.model.given}
        group = Group((None,) * accounts, np.arange(accounts), 0, PERIODS, inputs)
        return Found(contract, contract.settle(group).amounts)

    def watched(self, facts: Facts) -> Floats:
        """What the watched terms pay together, (periods, accounts)."""
        return self.settle(facts).paid(*self.watch)

    __hash__ = object.__hash__


@dataclass(frozen=True)
class Found:
    """What a contract settled: amounts by row."""

    contract: Contract
    amounts: Floats

    @cached_property
    def lines(self) -> dict[str, Floats]:
        """Every line by name, (periods, accounts); 0 where it does not fall due."""
        found: dict[str, Floats] = {}
        for row, (period, number) in enumerate(self.contract.model.program.rows):
            name = self.contract.model.lines[number].name
            found.setdefault(name, np.zeros((PERIODS, self.amounts.shape[1])))[period] += self.amounts[row]
        return found

    def paid(self, *terms: str) -> Floats:
        """What some terms pay together, (periods, accounts)."""
        ours = [line.name for line in self.contract.model.lines if line.agreed and line.group in terms]
        return np.add.reduce([self.lines[name] for name in ours])

    def money(self) -> Floats:
        """Every row that is money, (rows, accounts)."""
        lines = self.contract.model.lines
        rows = [row for row, (_, n) in enumerate(self.contract.model.program.rows) if lines[n].role in ("payment", "party", "gain")]
        return self.amounts[rows]


@cache
def _contract(clause: Clause, scale: int, stands: bool) -> Contract:
    text = re.sub(r"(\d+)\$", lambda m: f"{int(m[1]) * scale} EUR", clause.text)
    terms: dict[str, Any] = yaml.safe_load(text.replace("@", CLOCK))
    if stands:
        terms["it"]["active_while"] = "stands > 0"
    terms["seen"] = yaml.safe_load(f"{{ term: payment, amount: paid(it), {CLOCK} }}")
    facts = clause.facts | ({"stands": Fact("1", 0, 1)} if stands else {})
    chance = {"drawn": "once", "central": "mean", "normal": {"mean": 1, "sd": 1}}
    document = {
        "gainsim": 1,
        "title": clause.kind,
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 2, "step": "quarter", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "parties": ["crew", "insurer"],
        "tables": yaml.safe_load(clause.tables),
        "drivers": {n: {"control": "nobody", "unit": f.unit, **chance} for n, f in facts.items() if f.once},
        "facts": {n: f.unit for n, f in facts.items() if not f.once},
        "contract": terms,
    }
    return contract_of(Scenario.model_validate(document))


def over(kind: str, term: str, facts: Mapping[str, Fact], **holds: Any) -> Clause:
    """A term over two payments, a and b, whose amounts are facts, one and other."""
    payments = "a: { term: payment, amount: one, @ }\nb: { term: payment, amount: other, @ }\n"
    return Clause(kind, f"{payments}it: {term}", {"one": GAIN, "other": GAIN, **facts}, **holds)
