"""Where a sharing term stands between two of its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from gainsim import ops
from gainsim.ops import Value
from gainsim.terms.context import Settling
from gainsim.terms.counting import if_it_stands


@dataclass
class Position:
    """Where a sharing term stands between two steps.

    amount:   what has been reached so far: the gain, from the share on the payment
    role:     which of the two it is
    own:      this settlement's own amount, without what is carried and what limits cut; None: the amount itself
    cut:      what floors (never positive) and caps (never negative) have cut off, by "floor" and "cap"; those that have
              stood so far are in it
    catch_up: the most the share may come to while the supplier catches up
    later:    what is entered when all steps on this side of the share are done
    whole:    whether every step so far could be written down; the problem of one that could not has been told
    """

    settling: Settling
    amount: Value
    role: Literal["gain", "payment"] = "gain"
    own: Value = None
    cut: dict[str, Value] = field(default_factory=dict)
    catch_up: Value = None
    later: list[Callable[[], None]] = field(default_factory=list)
    whole: bool = True

    def change(self, step: str, amount: Value) -> None:
        """Enter what a step changed. A payment is the sum of what was entered; a gain is what the step made of it."""
        change = amount - self.amount
        self.settling.line(step, self.role, change)
        if self.role == "payment":
            self.amount = ops.entered(self.amount + change)
        elif amount is not self.amount:
            self.amount = ops.entered(amount)

    def cut_off(self, limit: Literal["floor", "cap"], amount: Value) -> None:
        """Remember what a limit has cut off."""
        self.cut[limit] = self.cut.get(limit, 0.0) + amount

    def turn(self) -> None:
        """All steps of the gain are done: what follows is the payment, of which nothing is entered yet."""
        self.close()
        self.amount, self.role, self.own = 0.0, "payment", None
        self.cut, self.later = {}, []

    def close(self) -> None:
        """Enter what waited for the last step on this side of the share: of what all steps came to, so of none missing."""
        for closing in self.later if self.whole else ():
            closing()

    def so_far(self, per: str, what: str, counts: Callable[[], Value]) -> Value:
        """What has counted in the year or life before this settlement; None where each settlement stands alone.

        what:   what is remembered, in a few words
        counts: what this settlement adds, asked when all steps on this side of the share are done
        """
        settling = self.settling
        begins = settling.begins(per)
        if begins is None:
            return None
        memory = settling.state(f"{what} in the {per}")
        used = ops.where(begins, 0.0, memory.read(settling.section))
        self.later.append(lambda: memory.write(settling.section, used + if_it_stands(settling, counts(), 0.0)))
        return used
