"""The decisions of one path in a period: what each is, and how it came out where it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gainsim.gates import FAILS
from gainsim.ledger import Line
from gainsim.model import Model
from gainsim.periods import in_periods
from gainsim.terms.lifecycle import LIFECYCLE
from gainsim.text.offer import table
from gainsim.words import percent


def decisions_text(model: Model, t: int, entries: Sequence[tuple[Line, float]]) -> list[str]:
    """A row a decision; nothing where there is none. t: the period, counted from 0."""
    of: dict[str, dict[str, float]] = {name: {} for name in model.scenario.lifecycle}
    for line, value in entries:
        if line.group in of:
            of[line.group][line.step] = value
    told = {name: steps for name, steps in of.items() if steps}
    rows = [(f"decision {name}", _number(steps[""]) + _outcome(model, name, t, steps)) for name, steps in told.items()]
    rows += [(f"= {line.step}", f"{value:z,.2f}") for line, value in entries if line.group == LIFECYCLE and line.role == "decision"]
    return [table(rows, left=(0, 1))] if rows else []


#: what a decision that is weighed tells: a line, and how it is said
_WEIGHED = {"looked at": "{} looked at", "worth": "worth {}"}


def _outcome(model: Model, name: str, t: int, steps: Mapping[str, float]) -> str:
    """How a decision came out; nothing where it was not asked."""
    if steps.get("asked", 0.0) < 0.5:
        return ""
    taken = steps["taken"] > 0.5
    if steps.get("when holds") == FAILS:
        how = "asked, its condition does not hold: not taken"
    else:
        held = ["its condition holds"] if "when holds" in steps else []
        drawn = [f"with a chance of {percent(steps['chance'])} and {steps['drawn']:.4f} drawn"] if "drawn" in steps else []
        weighed = [said.format(_number(steps[step])) for step, said in _WEIGHED.items() if step in steps]
        how = ", ".join(["asked", *held, *drawn, *weighed]) + (": taken" if taken else ": not taken")
    written, calendar = model.scenario.lifecycle[name], model.calendar
    if not taken and written.otherwise is None:
        return f"; {how}; it stays so"
    since = calendar.period(t + 1 + in_periods(written.after, "after", calendar)).label
    return f"; {how}; {_number(steps['becomes'])} from {since} on"


def _number(value: float) -> str:
    """A scope, a price or a yes to as many digits as tell it.

    >>> _number(0.25), _number(1.0), _number(104_166.666666)
    ('0.25', '1', '104,166.67')
    """
    return f"{value:,.2f}" if abs(value) >= 1_000.0 else f"{value:.6g}"
