"""The numbers of a contract, each under a name of its own, so that a workbook can hold it in a cell that may be changed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gainsim.analyses.changed import MONEY_KEYS
from gainsim.offer.fields import Clauses
from gainsim.offer.scenario import Scenario
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Call, Expression, Number, Unary
from gainsim.units import Unit

#: what may stand at the end of a name
_LONGEST = 200


@dataclass(frozen=True)
class TermNumber:
    """A number of the contract.

    name:  of its cell
    term:  whose it is
    place: where it stands in the term, key by key
    text:  the formula that it is a part of, as written
    unit:  None: a bare number, whose unit follows from its place
    in_words: its unit as people read it; of a bare number within a formula that of what stands beside it
    """

    name: str
    term: str
    place: str
    text: str
    value: float
    unit: Unit | None
    in_words: str

    @property
    def in_percent(self) -> bool:
        """Whether it is a part of something, as 40%."""
        return self.unit is not None and not self.unit.powers


def named_numbers(scenario: Scenario) -> tuple[Scenario, dict[str, TermNumber]]:
    """The offer with every number of its contract under a key, and these numbers by key, in the order of the file.

    >>> import gainsim
    >>> offer = gainsim.load_text(gainsim.TEMPLATE)
    >>> [number.name for number in named_numbers(offer.loaded.scenario)[1].values()][:2]
    ['service_fee_amount', 'gain_share_against']
    """
    found: dict[str, TermNumber] = {}

    def enter(part: Any, term: str, place: tuple[str, ...]) -> Any:
        if isinstance(part, Formula):
            return dataclasses.replace(part, tree=_keyed(part.tree, lambda number: take(number, part, term, place)))
        if isinstance(part, Clauses):
            changed = {key: enter(value, term, (*place, key)) for key, value in vars(part).items()}
            return part.model_copy(update=changed)
        if dataclasses.is_dataclass(part) and not isinstance(part, type):
            label = getattr(part, "label", None)
            own = (*place, str(label)) if label and str(label) not in place else place
            changed = {
                each.name: enter(getattr(part, each.name), term, (*own, *_plain(each.name)))
                for each in dataclasses.fields(part)
            }
            return dataclasses.replace(part, **changed)
        if isinstance(part, Mapping):
            return {key: enter(value, term, (*place, str(key))) for key, value in part.items()}
        if isinstance(part, (list, tuple)):
            return type(part)(enter(value, term, place) for value in part)
        return part

    def take(number: Number, formula: Formula, term: str, place: tuple[str, ...]) -> Number:
        name = _free(_cell_name((term, *place)), {each.name.lower() for each in found.values()})
        said = str(number.unit) if number.unit is not None else _bare(formula, place, scenario.currency)
        found[name] = TermNumber(name, term, " ".join(place), formula.text, number.value, number.unit, said)
        return dataclasses.replace(number, key=name)

    contract = {name: enter(term, name, ()) for name, term in scenario.contract.items()}
    return scenario.model_copy(update={"contract": contract}), found


def _bare(formula: Formula, place: tuple[str, ...], currency: str) -> str:
    """The unit of a bare number in words."""
    if not isinstance(formula.tree.operand if isinstance(formula.tree, Unary) else formula.tree, Number):
        return "as in the formula"
    of_money = place[-1] in MONEY_KEYS or (
        place[-1] == "edge" and place[0] == "steps"
    )  # a step of a sharing term counts money
    return currency if of_money else "number"


#: fields of bands and edges that say nothing that their label does not say
_SILENT = ("share", "below", "up_to", "above", "ranges", "due", "at")


def _plain(name: str) -> Iterator[str]:
    if name not in _SILENT:
        yield name


def _keyed(part: Expression, take: Any) -> Expression:
    """An expression with every number in it taken; a sign before a number is a part of it."""
    if isinstance(part, Number):
        taken: Number = take(part)
        return taken
    if isinstance(part, Unary) and part.operator == "-" and isinstance(part.operand, Number):
        return _keyed(Number(-part.operand.value, part.operand.unit, span=part.span), take)
    changes: dict[str, Any] = {}
    for each in dataclasses.fields(part):
        value = getattr(part, each.name)
        if isinstance(part, Call) and each.name == "arguments":
            steps = value[1:] if part.function == "round" else ()  # to what is rounded is a part of the formula
            changes[each.name] = (*(_keyed(inner, take) for inner in value[: len(value) - len(steps)]), *steps)
        elif isinstance(value, Expression):
            changes[each.name] = _keyed(value, take)
    return dataclasses.replace(part, **changes)


def _cell_name(place: tuple[str, ...]) -> str:
    """What Excel takes for the name of a cell: letters, digits and underscores, and no address.

    >>> _cell_name(("fee", "amount")), _cell_name(("gain_share", "steps", "share", "up to 50_000")), _cell_name(("r1",))
    ('fee_amount', 'gain_share_share_up_to_50_000', 'n_r1')
    """
    words = [word for word in place if word != "steps"]
    name = re.sub(r"\W+", "_", "_".join(words).replace("%", " pct"), flags=re.ASCII).strip("_")[:_LONGEST]
    address = re.fullmatch(r"[A-Za-z]{1,3}\d+|[rR]\d*([cC]\d*)?|[cC]\d*", name)
    return f"n_{name}" if address or not name[:1].isalpha() else name


def _free(name: str, taken: set[str]) -> str:
    number = 1
    free = name
    while free.lower() in taken:
        number += 1
        free = f"{name}_{number}"
    return free
