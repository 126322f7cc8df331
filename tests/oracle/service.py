"""The oracle's service credits, service levels and service points, from their sections in docs/reference/terms.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.calendar import MONTHS_IN, Window
from tests.oracle.formulas import World, at_period, converted, flow_of, over_window, percent
from tests.oracle.lookups import look_up
from tests.oracle.settled import Settled, windows_of
from tests.oracle.standing import stands

Clause = dict[str, Any]
SIDES = ("at or below", "at or above", "below", "above")  # the longer words first


def side_of(label: str) -> tuple[str, str]:
    """A step's label, `at or below 95%`, as its words and its edge."""
    side = next(words for words in SIDES if label.startswith(words))
    return side, label.removeprefix(side).removesuffix(" minute").strip()


def passed(level: float, label: str, world: World, window: Window) -> bool:
    """ "strictly below E (E itself is met), `at or below E: c` when it is E or less"; above likewise."""
    side, written = side_of(label)
    edge = over_window(written, world, window)
    if side == "below":
        return level < edge
    if side == "at or below":
        return level <= edge
    return level > edge if side == "above" else level >= edge


def reached(level: float, steps: Clause, world: World, window: Window) -> list[tuple[str, float]]:
    """Each step reached, and what it adds to the one before: "The deepest step reached counts"."""
    found: list[tuple[str, float]] = []
    so_far = 0.0
    for label, part in steps.items():
        if passed(level, label, world, window):
            due = over_window(part, world, window)
            found.append((label, due - so_far))
            so_far = due
    return found


def room(pool: Clause, world: World, window: Window, credited: list[tuple[int, float]]) -> float:
    """ "credits of the year (or life; or of one settlement) together never exceed the pool" """
    life, last = world.life, window[1]
    if flow := flow_of(pool["at_most"], world):
        # "that part of the fee's present rate over twelve months (or the contract's months, per life)"
        months = life.months if pool["per"] == "life" else 12
        rate = converted(at_period(pool["at_most"], world, last), pool["at_most"], world, last)
        most = rate * months / MONTHS_IN[flow]
    else:
        most = over_window(pool["at_most"], world, window)  # dated: "the one in force when the window begins"
    year = life.year_of(last)
    if pool["per"] == "year":
        most = most * life.part_of_year(year)
    for earlier, amount in credited:
        if pool["per"] == "life" or (pool["per"] == "year" and earlier == year):
            most = most - amount
    return max(most, 0.0)


@dataclass
class Failures:
    """The settlements, of those in which the term stood, in which something happened: its year, and whether it did."""

    asked: list[tuple[int, bool]] = field(default_factory=list)

    def counted(self, how: str, year: int) -> int:
        """ "What is counted are the settlements in which the level was missed, this one included" """
        if how == "in a row":  # "(one in which it was met ends the row)"
            count = 0
            for _, failed in reversed(self.asked):
                if not failed:
                    break
                count += 1
            return count
        if how == "in the year":
            return sum(failed for when, failed in self.asked if when == year)
        number = int(how.split()[3])  # "this one and the N - 1 before it in which the term stood"
        return sum(failed for _, failed in self.asked[-number:])


def multiple(said: Clause | None, missed: Failures, year: int) -> float:
    """ "the last multiple whose number has been reached"; "before the first one written, 1" """
    by = 1.0
    for label, times in (said or {}).get("multiply", {}).items():
        if missed.counted((said or {})["counted"], year) >= int(label.removeprefix("from")):
            by = percent(times)
    return by


# --- service credits ------------------------------------------------------------------------------------------------


def service_credits(term: Clause, world: World) -> list[Settled]:
    """Credits for a missed level, out of a pool."""
    found: list[Settled] = []
    credited: list[tuple[int, float]] = []
    for window in windows_of(term, world.life):
        if not stands(term, world, window[1]):  # "Only what is credited while the term stands counts in the pool."
            found.append(Settled(window, 0.0))
            continue
        level, charge = (over_window(term[key], world, window) for key in ("level", "of"))
        lines, credit = {}, 0.0
        for label, adds in reached(level, term["credits"], world, window):
            lines[label] = -adds * charge
            credit = credit + adds * charge
        if "pool" in term:
            allowed = min(credit, room(term["pool"], world, window, credited))
            lines["pool"] = credit - allowed
            credit = allowed
        credited.append((world.life.year_of(window[1]), credit))
        found.append(Settled(window, -credit, lines))
    return found


# --- service levels -------------------------------------------------------------------------------------------------


@dataclass
class One:
    """What is remembered of one level, and what it comes to in this settlement.

    waits:   credits that can still come back
    row:     settlements in a row that reached `when` of its earn-back
    levels:  of the year's settlements
    in_year: what it was credited in the year
    """

    said: Clause
    missed: Failures = field(default_factory=Failures)
    critical: Failures = field(default_factory=Failures)
    waits: float = 0.0
    row: int = 0
    levels: list[float] = field(default_factory=list)
    in_year: float = 0.0
    level: float = 0.0
    credit: float = 0.0  # of step 2
    inside: float = 0.0  # a critical credit that counts in steps 4 and 5
    beside: float = 0.0


def service_levels(term: Clause, world: World) -> list[Settled]:
    """Many levels on one amount at risk."""
    life = world.life
    windows = windows_of(term, life)
    levels = {name: One(said) for name, said in term["levels"].items()}
    credited: list[tuple[int, float]] = []  # out of the pool
    found: list[Settled] = []
    year_before = -1
    for number, window in enumerate(windows):
        year = life.year_of(window[1])
        years_last = number + 1 == len(windows) or life.year_of(windows[number + 1][1]) != year
        if year != year_before:  # "the sums of a year begin anew with the year all the same"
            for one in levels.values():
                one.levels, one.in_year = [], 0.0
        year_before = year
        if not stands(term, world, window[1]):  # "neither a failure nor a success", "stay as they were"
            found.append(Settled(window, 0.0))
            continue
        at_risk = over_window(term["at_risk"], world, window) * over_window(term["of"], world, window)
        lines: dict[str, float] = {}
        for name, one in levels.items():
            _credit(name, one, at_risk, world, window, lines)
        before = sum(one.credit + one.inside for one in levels.values())
        left = min(before, at_risk)  # 4. "together at most the amount at risk"
        lines["at risk"] = before - left
        if "pool" in term:  # 5.
            allowed = min(left, room(term["pool"], world, window, credited))
            lines["pool"] = left - allowed
            left = allowed
        credited.append((year, left))  # "what comes back neither refills the pool nor makes room at risk"
        paid = -left
        for name, one in levels.items():
            # "a level is *credited* its credit of step 2 × (what is left after step 5) / (what there was before step 4)"
            own = one.credit * left / before if before else 0.0
            back = _earned_back(one, own, years_last, world, window)
            if "earn_back" in one.said:
                lines[f"{name} earn-back"] = back
            paid = paid + back - one.beside
        found.append(Settled(window, paid, lines))
    return found


def _credit(name: str, one: One, at_risk: float, world: World, window: Window, lines: dict[str, float]) -> None:
    """Steps 1 to 3 of one level."""
    year = world.life.year_of(window[1])
    one.level = over_window(one.said["level"], world, window)
    # 1. "Each level's credit is c × the amount at risk, c that of the deepest step reached."
    one.credit, first = 0.0, next(iter(one.said["credits"]))
    for label, adds in reached(one.level, one.said["credits"], world, window):
        lines[f"{name} {label}"] = -adds * at_risk
        one.credit = one.credit + adds * at_risk
    # "A level is *missed* when it passes its first edge."
    one.missed.asked.append((year, passed(one.level, first, world, window)))
    # 2.
    by = multiple(one.said.get("repeated"), one.missed, year)
    if "repeated" in one.said:
        lines[f"{name} repeated"] = one.credit - one.credit * by
    one.credit = one.credit * by
    # 3. "where the level has passed the edge `when`, a fixed amount of money is credited besides"
    one.inside = one.beside = 0.0
    if critical := one.said.get("critical"):
        failed = passed(one.level, critical["when"], world, window)
        one.critical.asked.append((year, failed))
        fixed = over_window(critical["credit"], world, window) if failed else 0.0
        one.inside, one.beside = (fixed, 0.0) if critical["pool"] == "inside" else (0.0, fixed)
        lines[f"{name} critical"] = -fixed
    if right := one.said.get("termination_right"):
        counting = one.missed if right["of"] == "missed" else one.critical
        stood = counting.counted(right["counted"], year) >= int(right["failures"])
        lines[f"{name} termination right"] = 1.0 if stood else 0.0


def _earned_back(one: One, own: float, years_last: bool, world: World, window: Window) -> float:
    """Step 6: what comes back to one level that has just been credited `own`."""
    said = one.said.get("earn_back")
    if said is None:
        return 0.0
    returns = over_window(said["returns"], world, window)
    if said["over"] == "year":
        # "if the simple mean of the levels of the year's settlements has passed `when`, the part `returns` of what the
        # level was credited in the year comes back, that settlement's own credit included"
        one.levels.append(one.level)
        one.in_year = one.in_year + own
        mean = sum(one.levels) / len(one.levels)
        return returns * one.in_year if years_last and passed(mean, said["when"], world, window) else 0.0
    back = 0.0
    # "a level *reaches* `when` in a settlement if it has passed that edge and is not missed"
    missed = one.missed.asked[-1][1]
    if passed(one.level, said["when"], world, window) and not missed:
        one.row += 1
        if one.row >= int(said["over"].split()[0]):
            back = returns * one.waits  # "of all credits that still wait comes back; then none waits"
            one.waits = 0.0
    else:  # "the row ends, and what waited is lost (`otherwise: lost`) or goes on waiting (`kept`)"
        one.row = 0
        if said["otherwise"] == "lost":
            one.waits = 0.0
    one.waits = one.waits + own  # "A settlement's own credit begins to wait after that."
    return back


# --- service points -------------------------------------------------------------------------------------------------


def service_points(term: Clause, world: World) -> list[Settled]:
    """Points, and a table that makes of them a part of the charges."""
    life = world.life
    missed = {name: Failures() for name in term["levels"]}
    earned: list[tuple[int, float]] = []  # by settlement in which the term stood: its year and its points
    credited: list[tuple[int, float]] = []
    found: list[Settled] = []
    for window in windows_of(term, life):
        if not stands(term, world, window[1]):  # "has no points, and is none of the N"
            found.append(Settled(window, 0.0))
            continue
        year, lines, together = life.year_of(window[1]), {}, 0.0
        for name, said in term["levels"].items():
            level = over_window(said["level"], world, window)
            points = sum(adds for _, adds in reached(level, said["points"], world, window))
            missed[name].asked.append((year, passed(level, next(iter(said["points"])), world, window)))
            points = points * multiple(said.get("repeated"), missed[name], year)
            lines[f"{name} points"] = points
            together = together + points
        earned.append((year, together))
        how, counted = term["counted"], 0.0
        last_n = 1 if how == "settlement" else len(earned) if how == "in the year" else int(how.split()[3])
        for when, points in earned[-last_n:]:
            counted = counted + (points if how != "in the year" or when == year else 0.0)
        # "the credit is that part × `of`"
        credit = look_up(world.tables[term["table"]], counted) * over_window(term["of"], world, window)
        lines |= {"points counted": counted, "credit": -credit}
        if "pool" in term:
            allowed = min(credit, room(term["pool"], world, window, credited))
            lines["pool"] = credit - allowed
            credit = allowed
        credited.append((year, credit))
        found.append(Settled(window, -credit, lines))
    return found
