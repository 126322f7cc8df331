"""The language of Excel: operations on cells, numbers and names as the text of a formula, in as few words as they take."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gainsim.ops.arrays import OPERATIONS

_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
#: how tightly operations bind
_COMPARED, _ADDED, _MULTIPLIED, _ATOM = range(4)
_LEVEL = {"add": _ADDED, "sub": _ADDED, "mul": _MULTIPLIED, "div": _MULTIPLIED}
_NAMED = {"abs": "ABS", "sqrt": "SQRT", "and": "AND", "or": "OR", "not": "NOT"}


@dataclass(frozen=True)
class Text:
    """A formula. level: how tightly its outermost operation binds."""

    text: str
    level: int = _ATOM

    def within(self, level: int) -> str:
        """The text as a part of an operation of this level."""
        return self.text if self.level >= level else f"({self.text})"


#: a number or an answer that is known, or a formula
Part = float | bool | Text


def folded(op: str, parts: list[Part]) -> Part:
    """An operation on its parts; what is known already is reckoned, and what changes nothing left out."""
    if all(not isinstance(part, Text) for part in parts):
        return _reckoned(op, parts)
    if op in ("min", "max"):
        known = next((part for part in parts if isinstance(part, float)), 0.0)
        if math.isinf(known):
            return next(part for part in parts if isinstance(part, Text)) if (known > 0.0) is (op == "min") else known
        return Text(f"{op.upper()}({','.join(map(shown, parts))})")
    if op in ("le", "ge") and parts[0] == parts[1]:
        return True  # of what is no number Excel says so itself
    if op in ("add", "sub", "mul"):
        first, second = parts
        if op == "mul" and 0.0 in (first, second):
            return 0.0
        if second == (1.0 if op == "mul" else 0.0):
            return first
        if op != "sub" and first == (1.0 if op == "mul" else 0.0):
            return second
        if op == "sub" and first == 0.0:
            return Text(f"-{_within(second, _ATOM)}", _MULTIPLIED)
    if op in ("and", "or"):
        for part, rest in zip(parts, reversed(parts), strict=True):
            if isinstance(part, bool):
                return rest if part is (op == "and") else part
    if op in ("lt", "le", "gt", "ge"):
        for part, beyond in zip(parts, (op in ("gt", "ge"), op in ("lt", "le")), strict=True):
            if isinstance(part, float) and math.isinf(part):
                return beyond is (part > 0)
    if op == "neg":
        return Text(f"-{_within(parts[0], _ATOM)}", _MULTIPLIED)
    if op in _NAMED:
        return Text(f"{_NAMED[op]}({','.join(map(shown, parts))})")
    level = _LEVEL.get(op, _COMPARED)
    left = _within(parts[0], level)
    right = _within(parts[1], level + 1)
    return Text(f"{left}{_SIGNS[op]}{right}", level)


def _reckoned(op: str, parts: list[Part]) -> float | bool:
    """What an operation on numbers comes to."""
    if op in ("min", "max"):
        return float((min if op == "min" else max)(parts))  # type: ignore[type-var,arg-type]
    with np.errstate(all="ignore"):
        found = OPERATIONS[op](*parts)
    return bool(found) if isinstance(found, (bool, np.bool_)) else float(found)


def _within(part: Part, level: int) -> str:
    return (
        part.within(level)
        if isinstance(part, Text)
        else Text(shown(part), _ATOM if not str(part).startswith("-") else _ADDED).within(level)
    )


def shown(part: Part) -> str:
    """A part as Excel reads it."""
    if isinstance(part, Text):
        return part.text
    if isinstance(part, bool):
        return "TRUE" if part else "FALSE"
    if math.isnan(part):
        return "NA()"
    return f"{part:.0f}" if part == round(part) and abs(part) < 1e15 else repr(part).upper()


def letters(column: int) -> str:
    """What Excel calls a column, counted from 0.

    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    said = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        said = chr(65 + rest) + said
    return said
