"""The decisions of one path in a period: what each is, and how it came out where it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gainsim.gates import FAILS
from gainsim.ledger import Line
from gainsim.model import Model
from gainsim.periods import in_periods
from gainsim.terms.lifecycle import LIFECYCLE
from gainsim.text.offer import table
from gainsim.words import in_unit


def decisions_text(model: Model, t: int, entries: Sequence[tuple[Line, float]]) -> list[str]:
    """A row a decision, and what was earned after the first deal; nothing where there is none. t: the period, counted from 0."""
    of: dict[str, dict[str, Told]] = {name: {} for name in model.scenario.lifecycle}
    for line, value in entries:
        if line.group in of:
            of[line.group][line.step] = Told(value, line.unit)
    told = {name: steps for name, steps in of.items() if "" in steps}  # none after an early end
    rows = [(f"decision {name}", f"{steps['']}{_outcome(model, name, t, steps)}") for name, steps in told.items()]
    later = [f"{line.step.split()[0]} {value:z,.2f} {line.currency}" for line, value in entries if line.group == LIFECYCLE]
    if later:
        rows.append(("after the first deal", f"{', '.join(later)}; over the whole life, counted above already"))
    return [table(rows, left=(0, 1))] if rows else []


class Told(NamedTuple):
    """A figure of a decision, as it reads in its unit."""

    value: float
    unit: str

    def __str__(self) -> str:
        return in_unit(self.value, self.unit)


#: what a decision that is weighed tells: a line, and how it is said
_WEIGHED = {"looked at": "{} looked at", "worth": "worth {}"}


def _outcome(model: Model, name: str, t: int, steps: Mapping[str, Told]) -> str:
    """How a decision came out; nothing where it was not asked."""
    if "asked" not in steps or steps["asked"].value < 0.5:
        return ""
    taken = steps["taken"].value > 0.5
    if "when holds" in steps and steps["when holds"].value == FAILS:
        how = "asked, its condition does not hold: not taken"
    else:
        held = ["its condition holds"] if "when holds" in steps else []
        drawn = [f"with a chance of {steps['chance']} and {steps['drawn'].value:.4f} drawn"] if "drawn" in steps else []
        weighed = [said.format(steps[step]) for step, said in _WEIGHED.items() if step in steps]
        how = ", ".join(["asked", *held, *drawn, *weighed]) + (": taken" if taken else ": not taken")
    written, calendar = model.scenario.lifecycle[name], model.calendar
    if not taken and written.otherwise is None:
        return f"; {how}; it stays so"
    since = calendar.period(t + 1 + in_periods(written.after, "after", calendar)).label
    return f"; {how}; {steps['becomes']} from {since} on"
