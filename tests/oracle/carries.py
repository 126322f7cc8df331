"""The oracle's sharing with all its carries, from "sharing" in docs/reference/terms.md.

Pain and gain, before the share and after it, expiring, at most so much, and while the term does not stand; limits and
deductibles over several years.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.oracle import gain_steps
from tests.oracle.calendar import Window
from tests.oracle.formulas import World, over_window
from tests.oracle.settled import Settled, windows_of
from tests.oracle.settlement import OneSharing
from tests.oracle.standing import rounding, stands

Clause = dict[str, Any]


@dataclass
class Part:
    """A part of a balance, in size.

    arose:  the number of the settlement in which it arose
    lapses: "lapses with this settlement; with `expires: never` it stays"
    """

    size: float
    arose: int
    lapses: bool = False


@dataclass
class Balance:
    """What one carry carries, the oldest first; sign -1 of pain, 1 of gain."""

    sign: float
    parts: list[Part] = field(default_factory=list)

    def size(self) -> float:
        return sum(part.size for part in self.parts)


def sharing(
    term: Clause, world: World, end: int | None = None, scopes: dict[int, float] | None = None
) -> list[Settled]:
    """A gain, step by step; with the period in which the contract ends, where that is not the calendar's last.

    scopes: the scope by period, where it is not 1
    """
    end = world.life.periods - 1 if end is None else end
    balances = {
        place: Balance(1.0 if step["carry"]["what"] == "gain beyond the cap" else -1.0)
        for place, step in enumerate(term["steps"])
        if "carry" in step
    }
    memory: list[gain_steps.Memory] = [[] for _ in term["steps"]]
    found: list[Settled] = []
    number = 0
    for window in windows_of(term, world.life):
        # "A settlement in which the term does not stand (`active_while`) pays nothing and counts nowhere"
        # and of a contract that has ended: "A window that begins later pays nothing."
        if window[0] > end or not stands(term, world, window[1]):
            found.append(Settled(window, 0.0))
            continue
        one = Sharing(term, world, window, number, found, balances, memory, end)
        one.scopes = scopes or {}
        found.append(Settled(window, one.settle(), one.lines))
        number += 1
    return found


def rounded(term: Clause, settled: list[Settled]) -> list[Settled]:
    """ "What a limit, a pool or a carry of the term itself counts is not rounded" """
    return [Settled(s.window, s.paid + rounding(term, s.paid), s.lines) for s in settled]


class Sharing:
    """One settlement: "the **amount** is the gain before the share and the payment after it"."""

    def __init__(
        self, term: Clause, world: World, window: Window, number: int, before: list[Settled],
        balances: dict[int, Balance], memory: list[gain_steps.Memory], end: int,
    ) -> None:  # fmt: skip
        self.steps, self.world, self.window, self.number = term["steps"], world, window, number
        self.before, self.balances, self.memory = before, balances, memory
        # "A window in which it ends counts up to and with its last period"
        self.end, self.counted = end, (window[0], min(window[1], end))
        self.inner = OneSharing(term, world, self.counted, number, [], [])
        self.amount = self.inner.gain
        self.shared = False
        self.own = self.amount  # of this settlement, on this side of the share
        self.cut = {-1.0: 0.0, 1.0: 0.0}  # by floors (pain), by caps (gain), on this side of the share so far
        self.waiting: list[tuple[Balance, float, float]] = []  # carries before their limits: what was cut before, own
        self.lines: dict[str, float] = {}
        self.scopes: dict[int, float] = {}

    def value(self, written: object) -> float:
        return over_window(written, self.world, self.counted)

    def settle(self) -> float:
        """Execute the steps; what is paid."""
        carried = False
        for place, step in enumerate(self.steps):
            ((kind, said),) = step.items()
            before = self.amount
            if kind in ("quality_gate", "quality_multiplier"):
                self.amount = gain_steps.quality(before, kind, said, self.value)
                self.own = gain_steps.quality(self.own, kind, said, self.value)
            elif kind in ("share", "share_of_whole"):
                self.share(kind, said)
            elif kind == "limit_payment":
                self.limit(said, self.already(said))
            elif kind == "limit_gain":
                self.limit(said, self.so_far(place, said))
                self.memory[place].append((0, (self.year(), self.amount)))
            elif kind == "carry":
                if not self.shared and not carried:
                    self.own = before  # "the gain as it meets the first carry"
                carried = True
                self.carry(place, said)
            else:
                self.amount = self.changed(kind, said, place)
            if kind == "carry":
                count = 1 + sum(line.startswith("carry") for line in self.lines)
                self.lines["carry" if count == 1 else f"carry #{count}"] = self.amount - before
        self.take_up()
        for place, balance in self.balances.items():
            self.close(self.steps[place]["carry"], balance)
        return self.amount

    def share(self, kind: str, said: Clause) -> None:
        self.take_up()
        self.inner.gain = self.amount
        if kind == "share":
            self.inner.share(said)  # and a catch-up, "directly after the share step"
            self.amount = self.inner.payment
        else:
            self.amount = gain_steps.share_of_whole(self.amount, said, self.value)
        self.shared, self.own, self.cut = True, self.amount, {-1.0: 0.0, 1.0: 0.0}

    # years and limits

    def year(self) -> int:
        return self.world.life.year_of(self.window[1])

    def counts(self, year: int, said: Clause) -> bool:
        """Whether a settlement of a year counts with this one."""
        per = said.get("per", "settlement")
        if per.endswith("years"):  # "counted from the contract's first year, stub or not: years 1 to 3, 4 to 6"
            return year // int(per.split()[0]) == self.year() // int(per.split()[0])
        return per == "life" or (per == "year" and year == self.year())

    def part(self, said: Clause) -> float:
        """What part of a yearly amount counts."""
        life, per = self.world.life, said.get("per", "settlement")
        if per == "year":
            return life.part_of_year(self.year())
        if not per.endswith("years") or life.stub_years == "full":
            return 1.0
        months = sum(life.step for p in range(life.periods) if self.counts(life.year_of(p), said))
        return months / (12 * int(per.split()[0]))  # "the amount is scaled by months / 36"

    def scope(self, said: Clause) -> float:
        """ "multiplied by the mean scope of the window's periods …; `per: year`, `per: 3 years` or `per: life` by the mean
        over the periods of all windows that count in the same year (years, life), up to the end of this one"
        """
        counting = [self.window] + [
            earlier.window for earlier in self.before if self.counts(self.world.life.year_of(earlier.window[1]), said)
        ]
        periods = [period for first, last in counting for period in range(first, last + 1)]
        # "those after the contract's end count as 0"
        return sum(self.scopes.get(period, 1.0) if period <= self.end else 0.0 for period in periods) / len(periods)

    def already(self, said: Clause) -> float:
        """ "what the term has already paid (after all its steps) in this year, or since the contract began" """
        life = self.world.life
        return sum(earlier.paid for earlier in self.before if self.counts(life.year_of(earlier.window[1]), said))

    def so_far(self, place: int, said: Clause) -> float:
        """ "what has left this step in earlier settlements of this year, or of the life" """
        return sum(left for _, (year, left) in self.memory[place] if self.counts(year, said))

    def limit(self, said: Clause, already: float) -> None:
        """ "raised to the floor, then lowered to the cap" """
        part = self.part(said) * (self.scope(said) if "scales_with" in said else 1.0)
        if "floor" in said:
            raised = max(self.amount, self.value(said["floor"]) * part - already)
            self.cut[-1.0] += raised - self.amount
            self.amount = raised
        if "cap" in said:
            lowered = min(self.amount, self.value(said["cap"]) * part - already)
            self.cut[1.0] += self.amount - lowered
            self.amount = lowered

    def changed(self, kind: str, said: Any, place: int) -> float:
        self.inner.gain = self.amount
        if kind != "deductible" or not said["per"].endswith("years"):
            return self.inner.changed_gain(kind, said, self.memory[place])
        years = int(said["per"].split()[0])
        return gain_steps.deductible(
            self.amount, said | {"per": "year"}, self.value, self.memory[place], self.year() // years, self.part(said)
        )

    # carries

    def stands_after(self, place: int, said: Clause) -> bool:
        """ "standing **after** a limit (for `pain beyond the floor`: one with a floor)", on the same side of the share."""
        share = next(i for i, step in enumerate(self.steps) if "share" in step or "share_of_whole" in step)
        kind = "limit_payment" if self.shared else "limit_gain"
        limits = [
            step[kind] for i, step in enumerate(self.steps[:place]) if kind in step and (i > share) == self.shared
        ]
        return any(said["what"] == "all pain" or "floor" in limit for limit in limits)

    def carry(self, place: int, said: Clause) -> None:
        balance, sign = self.balances[place], self.balances[place].sign
        own = max(self.own * sign, 0.0)
        if said["what"] == "gain beyond the cap" or (
            said["what"] == "pain beyond the floor" and not self.stands_after(place, said)
        ):
            # "the balance is added to the amount; what the floors (caps) then cut off becomes the new balance"
            self.amount = self.amount + sign * balance.size()
            self.waiting.append((balance, self.cut[sign], own))
        elif not self.stands_after(place, said):
            # "a sum below 0 does not count but becomes the new balance, and the amount is 0"
            together = self.amount - balance.size()
            self.amount = max(together, 0.0)
            self.left(balance, max(-together, 0.0), own)
        else:
            for part in balance.parts:  # "the oldest is set off first"
                set_off = min(part.size, max(self.amount, 0.0))
                part.size, self.amount = part.size - set_off, self.amount - set_off
            added = self.cut[-1.0]
            if said["what"] == "all pain":
                added, self.amount = max(-self.amount, 0.0), max(self.amount, 0.0)
            balance.parts.append(Part(added, self.number))

    def take_up(self) -> None:
        """At the end of a side: what its limits have cut off since each carry."""
        for balance, cut_before, own in self.waiting:
            self.left(balance, self.cut[balance.sign] - cut_before, own)
        self.waiting = []

    def left(self, balance: Balance, size: float, own: float) -> None:
        """ "this settlement's own pain or gain first, as far as that goes, then the youngest carried" """
        new = [Part(min(size, own), self.number)]
        size = size - new[0].size
        for part in reversed(balance.parts):
            new.insert(0, Part(min(size, part.size), part.arose))
            size = size - new[0].size
        # "What a limit that moves cuts off beyond all that is own or carried lapses with this settlement"
        balance.parts = [Part(size, self.number, lapses=True), *new]

    def close(self, said: Clause, balance: Balance) -> None:
        """Once a settlement is reckoned."""
        if "at_most" in said:  # "its balance is cut to B in size", "the oldest first"
            beyond = max(balance.size() - self.value(said["at_most"]), 0.0)
            for part in balance.parts:
                lapsed = min(part.size, beyond)
                part.size, beyond = part.size - lapsed, beyond - lapsed
        if said["at_end"] == "paid" and self.window[0] <= self.end <= self.window[1]:
            # "the balance that remains is paid, after all limits, also what would lapse there"
            self.amount = self.amount + balance.sign * balance.size()
        if said["expires"] != "never":  # "an amount can be set off in the N settlements after the one it arose in"
            settlements = int(said["expires"].split()[1])
            balance.parts = [p for p in balance.parts if self.number < p.arose + settlements and not p.lapses]
