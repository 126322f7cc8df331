"""One path's statement, or one account's: settlement by settlement, line by line; what is quiet is folded."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray

from gainsim.early_end import ends_here
from gainsim.gates import answer, said
from gainsim.ledger import Line
from gainsim.model import Model
from gainsim.terms.exit import ENDS
from gainsim.text import heading, table

#: a line of the ledger and its amount
Amount = tuple[Line, float]
#: more lines of 0 under one term than these are told as a number
FEW_ZEROS = 8


def statement(model: Model, amounts: NDArray[np.float64], period: int | None = None) -> str:
    """What is settled, step by step. amounts: (rows,); period: the one (from 1) to which it is limited.

    Periods in which every line is 0 and nothing is asked are folded.
    """
    parts: list[str] = []
    quiet: list[int] = []
    by_period: dict[int, list[Amount]] = {}
    for (t, number), value in zip(model.program.rows, amounts, strict=True):
        if period is None or t == period - 1:
            by_period.setdefault(t, []).append((model.lines[number], float(value)))
    for t, entries in by_period.items():
        if is_quiet(entries):
            quiet.append(t)
            continue
        parts += [quiet_words(model, quiet)] if quiet else []
        quiet = []
        told = [heading(f"{model.calendar.period(t).label} (period {t + 1})"), _settled(t, entries), *_gates(entries)]
        parts += ["\n".join(told), *_end(entries, model.calendar.period(t).label)]
    parts += [quiet_words(model, quiet)] if quiet else []
    return "\n\n".join(parts)


def is_quiet(entries: Sequence[Amount]) -> bool:
    """Whether every line of a settlement is 0, and no gate was asked."""
    return all(answer(value) is None if line.role == "gate" else value == 0.0 for line, value in entries)


def quiet_words(model: Model, periods: Sequence[int]) -> str:
    """That in these periods, which follow on each other, every line is 0."""
    first, last = periods[0], periods[-1]
    label = model.calendar.period
    if first == last:
        return f"{label(first).label} (period {first + 1}): every line is 0.00."
    return f"{label(first).label} to {label(last).label} (periods {first + 1} to {last + 1}): every line is 0.00."


def _end(entries: Sequence[Amount], label: str) -> list[str]:
    """That the contract ends early with this period, and by what; nothing where it does not."""
    names = [line.group for line, value in entries if ends_here(line, value)]
    return [f"The contract ends early, with {label}, by '{names[0]}'."] if names else []


def _is_shown(line: Line) -> bool:
    """Gates stand below the lines; that the contract ends is a sentence."""
    return line.role != "gate" and line.step != ENDS


def _settled(t: int, entries: Sequence[Amount]) -> str:
    rows: list[tuple[str, ...]] = []
    for group in dict.fromkeys(line.group for line, _ in entries):
        own = [(line, value) for line, value in entries if line.group == group and _is_shown(line)]
        paid = 0.0
        hidden = [line.name for line, value in own if value == 0.0]
        pays = any(line.agreed for line, _ in own)
        if len(hidden) <= FEW_ZEROS and not (pays and len(hidden) == len(own)):
            hidden = []
        for line, value in own:
            if line.name in hidden:
                continue
            when = next(s for s in line.settlements if s.at == t)
            paid += value if line.agreed else 0.0
            direction = {"gain": "gain", "figure": "figure", "accrual": "no cash"}.get(
                line.role, _direction(line, value)
            )
            rows.append(
                (
                    f"  {line.name}",
                    f"{value:z,.2f}",
                    direction,
                    when.window.label if line.agreed else "",
                    *((str(when.due), str(when.paid)) if line.moves_cash else ("", "")),
                )
            )
        if hidden and not (pays and len(hidden) == len(own)):
            rows.append((f"  {group}: {len(hidden)} lines of 0.00", "", "", "", "", ""))
        if pays:
            rows.append((f"{group} paid", f"{paid:z,.2f}", "", "", "", ""))
    return table(rows, head=_STATEMENT, left=(0, 2, 3, 4, 5))


def _gates(entries: Sequence[Amount]) -> list[str]:
    """What the clauses asked and how it came out, a line a term; nothing where nothing was asked."""
    told: dict[str, list[str]] = {}
    for line, value in entries:
        if line.role == "gate" and answer(value) is not None:
            told.setdefault(line.group, []).append(said(line.step, value))
    rows = [
        (f"gates of {group}" if not number else "", part)
        for group, each in told.items()
        for number, part in enumerate(wrap("; ".join(each), _WIDTH))
    ]
    return [table(rows, left=(0, 1))] if rows else []


_WIDTH = 90
_STATEMENT = ("", "amount", "", "window", "due", "paid")


def _direction(line: Line, value: float) -> str:
    if value == 0.0:
        return ""
    first, second = (line.payer, line.payee) if value > 0 else (line.payee, line.payer)
    return f"{first} to {second}"
