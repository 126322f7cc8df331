"""What is different between two offers as they are written, key by key, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from gainsim.scenario.reading import KeyPath
from gainsim.scenario.rewriting import as_written

#: what the sections of a file are called, in the order in which their differences are told; `run`, titles and remarks move nothing
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Drivers": ("drivers", "dependence", "repair_correlations", "facts"),
    "Values": ("value", "tables"),
    "Service and conduct": ("operations", "effort", "lifecycle"),
    "Clauses": ("contract", "amendments", "parties"),
    "Costs": ("costs",),
    "The customer": ("customer",),
    "Limits": ("limits",),
    "Calendar and money": ("currency", "calendar", "money"),
}
_SAYS_NOTHING = ("title", "about")
#: what stands below these keys has names: one that is gone may have come back by another
_NAMED = (
    "drivers", "facts", "value", "tables", "operations", "effort", "lifecycle", "contract", "costs", "gains", "avoids", "spends",
)  # fmt: skip
#: keys behind which a bare number is money; of a driver, keys behind which it is in the driver's unit
MONEY_KEYS = frozenset({
    "amount", "at", "at_most", "cap", "ceiling_price", "claim", "credit", "deductible", "floor", "highest_profit", "limit",
    "lowest_profit", "start", "target_cost", "target_profit", "tolerance", "actual_cost", "against", "charge",
})  # fmt: skip
_OF_A_DRIVER = frozenset({"constant", "high", "low", "max", "mean", "median", "min", "mode", "sd", "start", "long_run"})
#: two entries are one that was renamed where so much of what they say is the same
_ALIKE = 0.6
#: of a block of keys, so many characters are shown
_LONGEST = 100


@dataclass(frozen=True)
class Difference:
    """One thing that is not as in the other offer.

    path:     the keys down to it, in the offer that has it; of what is changed or renamed, in the second
    was, now: plain data; of what is renamed, the two names
    unit:     of bare numbers; "" where there is none to say
    """

    kind: Literal["changed", "new", "gone", "renamed"]
    path: KeyPath
    was: object
    now: object
    unit: str = ""


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What the second of two files says that the first does not, and the other way round, in the order of `SECTIONS`."""
    found = []
    for sections in SECTIONS.values():
        for section in sections:
            both = (one.get(section, _NOTHING), other.get(section, _NOTHING))
            empty = {} if any(isinstance(each, dict) for each in both) else _NOTHING
            for each in _between((section,), *(empty if each is _NOTHING else each for each in both)):
                has = one if each.kind == "gone" else other
                found.append(Difference(each.kind, each.path, each.was, each.now, _unit(each.path, has)))
    return tuple(found)


_NOTHING: Any = object()


def _between(path: KeyPath, was: Any, now: Any) -> Iterator[Difference]:
    if was is _NOTHING and now is _NOTHING:
        return
    if was is _NOTHING or now is _NOTHING:
        yield Difference("new", path, None, now) if was is _NOTHING else Difference("gone", path, was, None)
    elif isinstance(was, dict) and isinstance(now, dict):
        yield from _between_blocks(path, was, now)
    elif _blocks(was) and _blocks(now):
        yield from _between_lists(path, was, now)
    elif _plain(was) != _plain(now):
        yield Difference("changed", path, was, now)


def _between_blocks(path: KeyPath, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    renamed = _renamed(was, now) if path[-1] in _NAMED else {}
    for before, after in renamed.items():
        yield Difference("renamed", (*path, after), before, after)
    known = {renamed.get(key, key): part for key, part in was.items()}
    for key in dict.fromkeys((*known, *now)):
        if key not in _SAYS_NOTHING:
            yield from _between((*path, key), known.get(key, _NOTHING), now.get(key, _NOTHING))


def _renamed(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """By names that are gone, the new ones under which much the same stands."""
    gone, new = [key for key in was if key not in now], [key for key in now if key not in was]
    found: dict[str, str] = {}
    for before in gone:
        said = set(_said(was[before]))
        best = max(((len(said & (there := set(_said(now[key])))) / len(said | there), key) for key in new), default=(0.0, ""))
        if best[0] >= _ALIKE:
            found[before] = best[1]
            new.remove(best[1])
    return found


def _said(part: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """All that a block of keys says, value by value."""
    if isinstance(part, dict | list) and part:
        entries = part.items() if isinstance(part, dict) else enumerate(part)
        for key, below in entries:
            if key not in _SAYS_NOTHING:
                yield from _said(below, (*path, key))
    else:
        yield path, _plain(part)


def _blocks(part: Any) -> bool:
    """Whether it is a list of blocks of keys: steps, links."""
    return isinstance(part, list) and all(isinstance(block, dict) for block in part)


def _between_lists(path: KeyPath, was: Sequence[Any], now: Sequence[Any]) -> Iterator[Difference]:
    """Blocks that begin with the same key in the same order are held against each other; all others have come or gone."""
    before, after = ([next(iter(block), "") for block in blocks] for blocks in (was, now))
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            for here, there in zip(range(a, b), range(c, d), strict=True):
                yield from _between((*path, there), was[here], now[there])
            continue
        for place in range(a, b):
            yield Difference("gone", (*path, place), was[place], None)
        for place in range(c, d):
            yield Difference("new", (*path, place), None, now[place])


def _plain(part: Any) -> str:
    """What is written, however it is spaced."""
    return " ".join(as_written(part).split())


def _unit(path: KeyPath, data: Mapping[str, Any]) -> str:
    """The unit of a bare number at this place."""
    if path[0] == "drivers" and len(path) > 2 and path[-1] in _OF_A_DRIVER:
        driver = data["drivers"].get(path[1], {})
        return str(driver.get("unit", "")) if isinstance(driver, dict) else ""
    return str(data.get("currency", "")) if path[0] in ("contract", "costs", "customer") and path[-1] in MONEY_KEYS else ""


# --- in words ----------------------------------------------------------------------------------------------------------


def in_words(found: Sequence[Difference]) -> list[tuple[str, list[str]]]:
    """(what a section is called, a sentence for each of its differences) of all sections that have any."""
    by_section = {title: [_told(each) for each in found if each.path[0] in sections] for title, sections in SECTIONS.items()}
    return [(title, said) for title, said in by_section.items() if said]


def _told(found: Difference) -> str:
    where = _where(found.path)
    if found.kind == "renamed":
        *above, _ = found.path
        return f"{_where((*above, str(found.was)))} is called {found.now}"
    if found.kind == "changed":
        return f"{where}: {_value(found.was, found.unit)} → {_value(found.now, found.unit)}"
    if found.kind == "new":
        return f"{where}: {_value(found.now, found.unit)} (new)"
    return f"{where}: {_value(found.was, found.unit)} → gone"


def _where(path: KeyPath) -> str:
    """The keys as people say them: without that of the section, and without the places of steps."""
    return ", ".join(str(key) for key in path[1:] if not isinstance(key, int) and key != "steps") or str(path[0])


def _value(value: object, unit: str) -> str:
    """What is written; a bare number with its unit, a block of keys as far as there is room."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,} {unit}".rstrip()
    if isinstance(value, str):
        return " ".join(value.split())
    said = as_written({key: part for key, part in value.items() if key not in _SAYS_NOTHING} if isinstance(value, dict) else value)
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 2].rstrip()} …"
