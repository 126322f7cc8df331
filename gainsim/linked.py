"""Dependence as written, with the drivers it speaks of: correlations of scores, distances in time, groups.

Every problem is told at its place, and what has one is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from gainsim.dependence.ranks import of_rank, of_tau
from gainsim.dependence.values import Floats, attainable, standard
from gainsim.drivers import courses, processes
from gainsim.drivers.shapes import marginal
from gainsim.drivers.uncertain import uncertain
from gainsim.grid import Calendar
from gainsim.offer.dependence import Group, Link, Pair
from gainsim.offer.drivers import CERTAIN, COURSES, Driver
from gainsim.offer.shapes import SHAPES
from gainsim.problems import Problems, Unusable
from gainsim.spelling import meant_or_known


class Changed(NamedTuple):
    """A correlation of two drivers' scores that gave way to one that can hold together with the others."""

    first: str
    second: str
    written: float
    repaired: float


def drawn_once(driver: Driver, calendar: Calendar) -> bool | None:
    """Whether a driver's own score is drawn once for life; None: it has none, being certain."""
    if driver.kind in (*CERTAIN, "follows", "operations"):
        return None
    if driver.kind in SHAPES:
        return driver.drawn == "once"
    if driver.kind in COURSES:
        course = courses.COURSES[driver.kind](getattr(driver, driver.kind), calendar)
        return False if course.noise != 0.0 else (True if course.drawn else None)
    if driver.ramp is None or driver.ramp.noise != 0.0:
        return False
    return None if isinstance(driver.ramp.full_effect, float) else True


@dataclass
class Linked:
    """The links of a file, read against its drivers.

    once:   by driver, as `drawn_once` says; a driver that is broken is not there
    pairs:  the correlation of the scores of two drivers
    ahead:  by how many periods a driver moves before what hangs together with it; only differences count
    groups: the groups that are in order
    group_of: by driver, the place of its group in the list
    """

    links: Sequence[Link]
    drivers: Mapping[str, Driver]
    calendar: Calendar
    problems: Problems
    once: dict[str, bool | None] = field(default_factory=dict)
    pairs: dict[tuple[str, str], float] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    group_of: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, driver in self.drivers.items():
            with suppress(ValueError):  # what is wrong with a driver is told where its values are made
                self.once[name] = drawn_once(driver, self.calendar)
        self._take_groups()
        pairs = self._sound_pairs()
        self._place_in_time(pairs)
        for number, pair in pairs.items():
            with self.problems.at("dependence", number):
                self.pairs[pair.between[0], pair.between[1]] = self._of_scores(pair)

    def _take_groups(self) -> None:
        for number, link in enumerate(self.links):
            if isinstance(link, Group):
                with self.problems.at("dependence", number, "among"):
                    self._check_group(link)
                    self.groups.append(link)
                for name in link.among:
                    self.group_of.setdefault(name, number)

    def _sound_pairs(self) -> dict[int, Pair]:
        """The pairs that may stand, by their place in the list."""
        seen: dict[frozenset[str], int] = {}
        sound: dict[int, Pair] = {}
        for number, link in enumerate(self.links):
            if isinstance(link, Pair):
                both = frozenset(link.between)
                with self.problems.at("dependence", number, "between"):
                    self._check_names(link.between)
                    self._check_with_groups(link)
                    if both in seen:
                        raise ValueError(f"this pair has a correlation already, in dependence[{seen[both]}].")
                    sound[number] = link
                seen[both] = number
        return sound

    # --- who may hang together -----------------------------------------------------------------------------------

    def _check_names(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.drivers:
                raise ValueError(f"no driver '{name}'.{meant_or_known(name, self.drivers)}")
            if name not in self.once:
                raise Unusable(name)
            followed = self.drivers[name].follows
            if followed is not None:
                raise ValueError(f"'{name}' follows {followed.of}, and nothing else. Write {followed.of} here.")
        for number, name in enumerate(names):
            if name in names[:number]:
                raise ValueError(f"'{name}' is correlated with itself. Name each driver once.")
        certain = [name for name in names if self.once[name] is None]
        if certain:
            raise ValueError(f"{certain[0]} is certain: it cannot depend on anything.")
        for_life = [name for name in names if self.once[name]]
        if for_life and len(for_life) < len(names):
            raise ValueError(f"{for_life[0]} is drawn once for life, the other each period: they cannot move together.")

    def _check_group(self, group: Group) -> None:
        self._check_names(group.among)
        for name in group.among:
            if name in self.group_of:
                raise ValueError(f"'{name}' stands in a group already, in dependence[{self.group_of[name]}]. One is the most.")

    def _check_with_groups(self, pair: Pair) -> None:
        """A pair of drivers in a group stands in that group, and only where the group leaves it open how closely."""
        for name, other in (pair.between, pair.between[::-1]):
            if name not in self.group_of:
                continue
            number = self.group_of[name]
            group = self.links[number]
            assert isinstance(group, Group)
            if other not in group.among:
                raise ValueError(
                    f"'{name}' stands in the group dependence[{number}], which hangs together with no other driver. "
                    f"Take '{other}' into the group, or leave this pair out."
                )
            if group.kind != "student_t":
                raise ValueError(f"its group, dependence[{number}], says already how closely they hang together. Leave this out.")
            if pair.said == "rank_correlation" or pair.of != "innovations" or pair.leads is not None:
                raise ValueError(
                    f"in a student_t group, as dependence[{number}], a pair says correlation or tau, of: innovations, and no leads."
                )

    # --- distances in time ---------------------------------------------------------------------------------------

    def _place_in_time(self, pairs: Mapping[int, Pair]) -> None:
        """Give every driver its place; a pair that does not fit the places that the pairs before it give is refused."""
        leads: dict[int, int] = {}
        for number, pair in pairs.items():
            with self.problems.at("dependence", number, "leads"):
                leads[number] = self._periods(pair)
        self.ahead = dict.fromkeys((name for pair in pairs.values() for name in pair.between), 0)
        together = {name: {name} for name in self.ahead}
        for number, lead in leads.items():
            first, second = pairs[number].between
            apart = self.ahead[first] - self.ahead[second]
            if second not in together[first]:
                for name in together[first]:
                    self.ahead[name] += lead - apart
                joined = together[first] | together[second]
                together.update(dict.fromkeys(joined, joined))
            elif apart != lead:
                with self.problems.at("dependence", number, "between" if pairs[number].leads is None else "leads"):
                    raise ValueError(
                        f"by the pairs before, {self._distance(first, second, apart)}. Drivers hang together at one distance in "
                        "time: at two, each would hang together with its own past."
                    )

    def _distance(self, first: str, second: str, apart: int) -> str:
        if apart == 0:
            return f"neither of {first} and {second} leads"
        if apart < 0:
            return self._distance(second, first, -apart)
        return f"{first} leads {second} by {apart} {self.calendar.step}{'s' * (apart > 1)}"

    def _periods(self, pair: Pair) -> int:
        """By how many periods the first of a pair leads."""
        if pair.leads is None:
            return 0
        step = self.calendar.step_months
        if pair.leads.days or pair.leads.months % step or pair.leads.months == 0:
            raise ValueError(f"'{pair.leads}' is no whole number of periods: a {self.calendar.step} or several.")
        if self.once[pair.between[0]]:
            raise ValueError("what is drawn once for life has no earlier value. Leave leads out.")
        return pair.leads.months // step

    # --- how closely ---------------------------------------------------------------------------------------------

    def _of_scores(self, pair: Pair) -> float:
        """The correlation of the scores that gives what is written."""
        r = {"correlation": lambda r: r, "rank_correlation": of_rank, "tau": of_tau}[pair.said](pair.size)
        if pair.of == "levels":
            return self._of_levels(pair, r)
        return self._of_values(pair, r) if pair.of == "values" else r

    def _of_values(self, pair: Pair, correlation: float) -> float:
        a, b = pair.between
        both = attainable(self._standard(a), self._standard(b))
        if not both.lowest <= correlation <= both.highest:
            raise ValueError(
                f"correlation: the values of {a} and {b} reach from {both.lowest:+.3f} to {both.highest:+.3f}, so different are "
                "their distributions. Write less, or rank_correlation, of: innovations."
            )
        return both.score(correlation)

    def _standard(self, name: str) -> Floats:
        driver = self.drivers[name]
        if driver.kind not in SHAPES:
            raise ValueError(f"of: {name} is no distribution, but {driver.kind}. Write of: innovations.")
        shape = marginal(driver)
        if shape.further:
            raise ValueError(f"of: the values of {name} follow further draws beside its own score. Write of: innovations.")
        try:
            return standard(shape)
        except ValueError as error:
            raise ValueError(f"of: {name} {error}, so its values are correlated with none. Write of: innovations.") from None

    def _of_levels(self, pair: Pair, r: float) -> float:
        """The correlation of the innovations that gives the stated one of the levels.

        In the long run two mean-reverting levels with innovations correlated by r have the correlation
        r √((1 - a²)(1 - b²)) / (1 - a b), a and b being what each keeps of itself from one period to the next.
        """
        a, b = (self._kept(name) for name in pair.between)
        if a == b:
            return r
        if max(a, b) == 1.0:
            raise ValueError(
                "the levels of a walk and of a driver that reverts have no lasting correlation. Write of: innovations."
            )
        needed = r * (1.0 - a * b) / math.sqrt((1.0 - a * a) * (1.0 - b * b))
        if abs(needed) >= 1.0:
            raise ValueError(
                f"levels that revert at such different speeds reach at most a correlation of {abs(r / needed):.2f}. "
                "Write less, or of: innovations."
            )
        return needed

    def _kept(self, name: str) -> float:
        driver = self.drivers[name]
        if driver.mean_reverting is not None:
            if uncertain(driver.mean_reverting):
                raise ValueError(f"'{name}' reverts as fast as its path says: write of: innovations.")
            return processes.mean_reverting(driver.mean_reverting, self.calendar).keep
        return 1.0 if driver.geometric_walk is not None else 0.0
