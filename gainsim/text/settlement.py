"""One path's statement, or one account's: settlement by settlement, line by line; what is quiet is folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray

from gainsim.credit import DEFAULTED
from gainsim.early_end import ends_here
from gainsim.gates import answer, said
from gainsim.ledger import Line
from gainsim.model import Model
from gainsim.spelling import listed
from gainsim.statements import total
from gainsim.terms.exit import ENDS
from gainsim.terms.lifecycle import AT_YEAR_END, LIFECYCLE
from gainsim.text.decisions import decisions_text
from gainsim.text.offer import heading, table
from gainsim.words import counted

#: a line of the ledger and its amount
Amount = tuple[Line, float]
#: a term with more lines than these tells those of 0 as a number
FEW_LINES = 8
#: the gate that tells whether a term stands
STANDS = "active_while holds"


def statement(model: Model, amounts: NDArray[np.float64], period: int | None = None) -> str:
    """What is settled, step by step. amounts: (rows,); period: the one (from 1) to which it is limited.

    Periods in which every line is 0 and the gates came out alike are folded.
    """
    by_period: dict[int, list[Amount]] = {}
    for (t, number), value in zip(model.program.rows, amounts, strict=True):
        if period is None or t == period - 1:
            by_period.setdefault(t, []).append((model.lines[number], float(value)))
    by_period = while_it_runs(by_period)
    parts = [stretch_text(model, stretch, by_period[stretch[0]]) for stretch in stretches(by_period)]
    return "\n\n".join([*parts, *rounded_words(by_period.values())])


def while_it_runs(by_period: Mapping[int, Sequence[Amount]], ended: bool = False) -> dict[int, list[Amount]]:
    """The same, without the decisions of periods that come after an early end: nobody has decided anything there.

    ended: whether the contract has ended before the first of the periods
    """
    found: dict[int, list[Amount]] = {}
    for t, entries in by_period.items():
        found[t] = [(line, value) for line, value in entries if not (ended and _is_decided(line))]
        ended = ended or any(ends_here(line, value) for line, value in entries)
    return found


def _is_decided(line: Line) -> bool:
    """Whether a line tells what a party has decided, and how it came to it."""
    return line.role == "decision" and line.group != LIFECYCLE


def stretches(by_period: Mapping[int, Sequence[Amount]]) -> list[list[int]]:
    """The periods, each alone; those that follow on each other without any amount, their gates alike, together."""
    found: list[list[int]] = []
    for t, entries in by_period.items():
        before = by_period[found[-1][0]] if found else ()
        if found and is_quiet(entries) and is_quiet(before) and _told(entries) == _told(before):
            found[-1].append(t)
        else:
            found.append([t])
    return found


def _told(entries: Sequence[Amount]) -> list[tuple[str, float]]:
    """What is told of a settlement in which every line is 0 and nobody was asked: gates, and what has been decided before."""
    asked = [(line, value) for line, value in entries if line.role != "gate" or answer(value) is not None]
    told = [(line, value) for line, value in asked if line.role == "gate" or _is_told_beside(line)]
    return [(line.name, value) for line, value in told if line.step != AT_YEAR_END]


def stretch_text(model: Model, periods: Sequence[int], entries: Sequence[Amount]) -> str:
    """What is settled in a period, or in several that are alike and without any amount."""
    label = model.calendar.period
    first, last = periods[0], periods[-1]
    if not is_quiet(entries):
        title = heading(f"{label(first).label} (period {first + 1})")
        told = "\n".join([title, _settled(first, entries), *decisions_text(model, first, entries), *_gates(entries)])
        return "\n\n".join([told, *_end(entries, label(first).label)])
    which = f"{label(first).label} (period {first + 1})"
    if first != last:
        which = f"{label(first).label} to {label(last).label} (periods {first + 1} to {last + 1})"
    return "\n".join([f"{which}: every line is 0.00.", *decisions_text(model, first, entries), *_gates(entries)])


def is_quiet(entries: Sequence[Amount]) -> bool:
    """Whether every line of a settlement is 0, and nobody was asked to decide."""
    return all(value == 0.0 for line, value in entries if line.role != "gate" and not _is_told_beside(line))


def _is_told_beside(line: Line) -> bool:
    """Whether a line tells what a decision is, or what was earned after the first deal, of which this period is only the last."""
    return line.role == "decision" and (line.step in ("", AT_YEAR_END) or line.group == LIFECYCLE)


def rounded_words(settlements: Iterable[Sequence[Amount]]) -> list[str]:
    """That sums are of unrounded amounts, where the amounts shown do not add up to the sums shown; else nothing."""
    if all(_adds_up(entries) for entries in settlements):
        return []
    told = "Amounts are shown to the cent, sums are of what is paid exactly: they may differ in the last digit."
    return [f"{told}\nA term is paid in whole cents where it says rounded: {{ to: 0.01, by: half away }}."]


def _adds_up(entries: Sequence[Amount]) -> bool:
    """Whether lines as shown add up to what is shown of each term, and terms as shown to what each party pays."""
    lines: dict[tuple[str, str], list[float]] = {}
    for line, value in entries:
        if line.agreed:
            lines.setdefault((line.payer, line.group), []).append(value)
    terms: dict[str, list[float]] = {}
    for (payer, _), values in lines.items():
        terms.setdefault(payer, []).append(sum(values))
    return all(sum(map(_cents, each)) == _cents(sum(each)) for each in (*lines.values(), *terms.values()))


def _cents(value: float) -> int:
    """An amount as it is shown, in cents."""
    return round(100.0 * float(f"{value:.2f}"))


def _end(entries: Sequence[Amount], label: str) -> list[str]:
    """That the contract ends early with this period, and by what; nothing where it does not."""
    names = [line.group for line, value in entries if ends_here(line, value)]
    return [f"The contract ends early, with {label}, by '{names[0]}'."] if names else []


def _is_shown(line: Line) -> bool:
    """Decisions and gates stand below the lines; that the contract ends is a sentence."""
    return line.role not in ("decision", "gate") and line.step != ENDS


def _settled(t: int, entries: Sequence[Amount]) -> str:
    rows: list[tuple[str, ...]] = []
    idle: list[str] = []
    absent = {line.group for line, value in entries if line.step == STANDS and answer(value) is False}
    for group in dict.fromkeys(line.group for line, _ in entries):
        own = [(line, value) for line, value in entries if line.group == group and _is_shown(line)]
        pays = any(line.agreed for line, _ in own)
        if pays and not any(value for line, value in own if line.agreed or group not in absent):
            idle.append(group)
            continue
        hidden = [line.name for line, value in own if value == 0.0] if len(own) > FEW_LINES else []
        rows += [_row(line, value, t) for line, value in own if line.name not in hidden]
        if hidden:
            rows.append((f"  {group}: {counted(len(hidden), 'line')} of 0.00", "", "", "", "", ""))
        if pays:
            paid = total(value for line, value in own if line.agreed)
            title = f"{group} not paid" if group == DEFAULTED else f"{group} paid"
            rows.append((title, f"{paid:z,.2f}", "", "", "", ""))
    said = [table(rows, head=_STATEMENT, left=(0, 2, 3, 4, 5))] if rows else []
    return "\n".join([*said, *wrap(f"0.00 is paid under {listed(idle)}." if idle else "", _WIDTH)])


def _row(line: Line, value: float, t: int) -> tuple[str, ...]:
    """A line that settles in a period: its amount, whose it is, of which window, and when it falls due and is paid."""
    when = next(s for s in line.settlements if s.at == t)
    direction = {"gain": "gain", "figure": "figure", "accrual": "no cash"}.get(line.role, _direction(line, value))
    dates = (str(when.due), str(when.paid)) if line.moves_cash else ("", "")
    return f"  {line.name}", f"{value:z,.2f}", direction, when.window.label if line.agreed else "", *dates


def _gates(entries: Sequence[Amount]) -> list[str]:
    """What the clauses asked and how it came out, a line a term; nothing where nothing was asked. Decisions tell it themselves."""
    told: dict[str, list[str]] = {}
    decisions = {line.group for line, _ in entries if line.role == "decision"}
    for line, value in entries:
        if line.role == "gate" and line.group not in decisions and answer(value) is not None:
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
    if line.group == DEFAULTED:
        return "not paid" if line.agreed else "not spent" if line.role == "cost" else "falls away"
    first, second = (line.payer, line.payee) if value > 0 else (line.payee, line.payer)
    return f"{first} to {second}"
