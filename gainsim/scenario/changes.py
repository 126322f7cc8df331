"""Single values of a scenario changed for one run: what was asked, what stood there before, what is run instead."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gainsim.errors import Problem, UsageError
from gainsim.numbers import QuantityError, is_two_numbers
from gainsim.quantities import Quantity, parse_quantity
from gainsim.scenario.further_down import further_down
from gainsim.scenario.library import filled_in
from gainsim.scenario.reading import Document, KeyPath, path_text, read_text
from gainsim.scenario.rewriting import as_written, rewritten
from gainsim.spelling import did_you_mean
from gainsim.units import DIMENSIONLESS

#: the first number in what is written at a key
_NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?")


@dataclass(frozen=True)
class Change:
    """One value that is not the file's.

    asked:         as the user asked for it, "--set money.discount_rate=9% pa"
    path:          the keys down to it
    before, after: plain data; None: no such key
    """

    asked: str
    path: KeyPath
    before: object
    after: object

    @property
    def key(self) -> str:
        """The keys down to the value, as a problem names them."""
        return path_text(self.path)

    def __str__(self) -> str:
        was = "not in the file" if self.before is None else f"in the file: {as_written(self.before)}"
        return f"{self.key}: {'taken out' if self.after is None else as_written(self.after)} ({was})"

    def is_to_blame(self, problem: Problem) -> bool:
        """Whether a problem is one of what was asked for, not of the file."""
        if self.after is None:
            return problem.path == path_text(self.path[:-1]) and problem.message.startswith(f"'{self.path[-1]}'")
        return problem.path == self.key or problem.path.startswith((f"{self.key}.", f"{self.key}["))


def changed(document: Document, changes: Sequence[str], asked: str = "--set ") -> Document:
    """A document with single values replaced, or taken out by `key=` with nothing behind; places stay the file's.

    Raises `UsageError` for a key that is not there.
    """
    for change in changes:
        key, equals, text = change.partition("=")
        said = f"{asked}{change}"
        if not equals or not key.strip():
            raise UsageError(f"{said}: write key=value, as {asked}drivers.wage_index.constant=5.")
        value = value_of(text, said)
        try:
            path = path_to(filled_in(document).data, key.strip())
        except ValueError as error:
            raise UsageError(f"{said}: {error}") from None
        document = with_value(document, said, path, value)
    return document


def value_of(text: str, said: str) -> Any:
    """The plain data that a text on the command line stands for, None for nothing; said: how it was asked for.

    >>> value_of("159_000", "--set x=159_000"), value_of("5% pa", "--set x=5% pa")
    (159000, '5% pa')
    """
    return read_text(f"value: {text.strip() or '~'}", said).data["value"]


def with_run(document: Document, **asked: int | str | None) -> Document:
    """A document whose `run` has these paths, this seed and so on, as far as they are said and differ."""
    for key, value in asked.items():
        if value is not None and document.data.get("run", {}).get(key) != value:
            document = with_value(document, f"--{key.replace('_', '-')} {value}", ("run", key), value)
    return document


def path_to(data: Any, key: str) -> KeyPath:
    """The keys down to a value; all but the last must be there, and the last one too where it is a list's item.

    Raises ValueError for a key that is not there.

    >>> path_to({"contract": {"fee": {"steps": [1, 2]}}}, "contract.fee.steps[1]")
    ('contract', 'fee', 'steps', 1)

    A key that stands further down is named:

    >>> path_to({"contract": {"fee": {"steps": [{"share": 1}]}}}, "contract.fee.share.above")
    Traceback (most recent call last):
    ValueError: the file has no 'contract.fee.share'. Did you mean contract.fee.steps[0].share.above?

    What stands in offers has their name before it:

    >>> path_to({"offers": {"a": {"contract": {}}}}, "contract.fee.amount")
    Traceback (most recent call last):
    ValueError: the file has no 'contract', but its offers do: write offers.a.contract.fee.amount.
    """
    parts = key.replace("[", ".").replace("]", "").split(".")
    path: KeyPath = ()
    while parts:
        here, used = _next(data, parts)
        known: Any = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if here not in known and not (isinstance(data, dict) and used == len(parts)):
            down_to = path_text((*path, parts[0]))
            raise ValueError(f"the file has no '{down_to}'{_meant(parts, known, key, path, data)}")
        path, data, parts = (*path, here), data[here] if here in known else None, parts[used:]
    return path


def _meant(parts: Sequence[str], known: Any, key: str, path: KeyPath, data: Any) -> str:
    """The end of a sentence about a key that is not there: where it stands in offers, or further down, or what may be meant."""
    wanted, *others = parts
    offers = known["offers"] if isinstance(known, dict) and isinstance(known.get("offers"), dict) else {}
    having = [f"offers.{name}.{key}" for name, of in offers.items() if isinstance(of, dict) and wanted in of]
    if having:
        return f", but its offers do: write {' or '.join(having)}."
    behind = tuple(int(part) if part.isdigit() else part for part in others)
    return f".{further_down(wanted, behind, path, data) or did_you_mean(wanted, map(str, known))}"


def value_at(data: Any, path: KeyPath) -> Any:
    """What stands at a path; None where nothing does."""
    for key in path:
        known: Any = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        data = data[key] if key in known else None
    return data


def found_at(data: Any, key: str) -> tuple[KeyPath, Any]:
    """The keys down to a value, and the value. Raises ValueError for a key that is not there, the last one too."""
    path = path_to(data, key)
    value = value_at(data, path)
    if value is None:
        raise ValueError(f"the file has no '{path_text(path)}'.{did_you_mean(str(path[-1]), value_at(data, path[:-1]) or ())}")
    return path, value


def put(data: Any, path: KeyPath, value: Any) -> None:
    """Write a value at a path of plain data; sections that are not there yet are made."""
    *above, last = path
    for key in above:
        data = data.setdefault(key, {}) if isinstance(data, dict) else data[key]
    data[last] = value


def written_number(text: str) -> re.Match[str] | None:
    """The first number in what is written at a key, where there is one."""
    return _NUMBER.search(text)


def the_number(text: str) -> float:
    """The first number in what is written at a key, which has one.

    >>> the_number("34_000 EUR per month")
    34000.0
    """
    found = written_number(text)
    assert found is not None
    return float(found[0].replace("_", ""))


def number_as_there(written: str, text: str) -> float:
    """A number as it counts in what is written at a key: 30% is 30 where 40% stands, and 0.3 where 0.4 does; alone it is itself.

    Raises ValueError for what is no number, or is in another unit.

    >>> number_as_there("30%", "40%"), number_as_there("30%", "0.4"), number_as_there("30", "40%")
    (30.0, 0.3, 30.0)
    """
    found = written_number(text)
    assert found is not None
    behind = text[found.end() :]
    bare = written.removesuffix("%").rstrip() if behind.lstrip().startswith("%") else written  # 5% where 8% pa stands
    if (alone := written_number(bare)) and alone[0] == bare:
        return the_number(bare)
    try:
        one = parse_quantity(f"1{behind}")
    except QuantityError:  # a formula
        one = Quantity(1.0, DIMENSIONLESS)
    asked = parse_quantity(written)
    if asked.unit != one.unit:
        raise ValueError(f"'{written}' is in another unit than what is written there, '{text}'. Write the number alone.")
    return float(f"{asked.value / one.value:.12g}")


def with_number(text: str, number: float) -> str:
    """What is written at a key with another number in place of its first one.

    >>> with_number("34_000 EUR per month", 41_250.5)
    '41_250.5 EUR per month'

    It is read again, so 14.375 has one more digit: it would be two numbers.

    >>> with_number("max(gas_price, 30 EUR/MWh)", 14.375)
    'max(gas_price, 14.3750 EUR/MWh)'
    """
    said = f"{number:_.12g}"
    return _NUMBER.sub(said + "0" * is_two_numbers(said), text, count=1)


def text_of_number(value: object) -> str:
    """What is written at a key that has a number in it, as text.

    Raises ValueError for what has none.
    """
    text = as_written(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or not _NUMBER.search(text):
        raise ValueError("there is no number that could be moved. Name the key of one, as contract.base_fee.amount.")
    return text


def _next(data: Any, parts: Sequence[str]) -> tuple[str | int, int]:
    """The next key, and of how many parts it is made: a key may have dots of its own, as 'below 99.5%'."""
    if isinstance(data, list) and parts[0].isdigit():
        return int(parts[0]), 1
    for count in range(len(parts), 1, -1):
        if isinstance(data, dict) and (key := ".".join(parts[:count])) in data:
            return key, count
    return parts[0], 1


def with_values(document: Document, values: Mapping[str, Any]) -> Document:
    """A document with other values at some keys, as plain data: its text and the places of all keys stay what they were.

    Raises ValueError for a key that is not there.
    """
    data = copy.deepcopy(document.data)
    for key, value in values.items():
        put(data, path_to(filled_in(replace(document, data=data)).data, key), value)
    return replace(document, data=data)


def with_value(document: Document, said: str, path: KeyPath, value: Any) -> Document:
    """A document with a value at a path, or without it where it is None; said: how it was asked for."""
    data = copy.deepcopy(document.data)
    before = value_at(data, path)
    if value is not None:
        put(data, path, value)
    elif before is not None:
        del value_at(data, path[:-1])[path[-1]]
    change = Change(said, path, before, value)
    text = rewritten(document.text, path, value, data)
    return replace(document, data=data, text=f"{_told(change)}{text}", changes=(*document.changes, change))


def _told(change: Change) -> str:
    return f"# for this run, {change}\n"


def untold(document: Document) -> str:
    """The text of a document without what it tells of its changes: as a file of its own, all of them stand in it."""
    told = {_told(change) for change in document.changes}
    return "".join(line for line in document.text.splitlines(keepends=True) if line not in told)
