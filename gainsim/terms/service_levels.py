"""Many service levels: their parts of one amount at risk, or points by a table; repeats, earn-back, termination rights.

What a level is credited for is reckoned level by level, then cut together: to the amount at risk, then to the pool.
What is cut is borne by all levels in proportion, so that no level earns back more than it was credited. A settlement in
which the term does not stand is neither a failure nor a success: what is remembered stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gainsim import ops
from gainsim.offer.fields import Formula
from gainsim.offer.service_levels import EarnBack, Repeated, ServiceLevel, ServiceLevels, ServicePoints
from gainsim.ops import Value
from gainsim.ops.unit_check import Kind
from gainsim.spelling import meant_or_known
from gainsim.tables import look_up, units_of
from gainsim.terms.context import Deal, Settling
from gainsim.terms.counting import counted, in_the_year, remember
from gainsim.terms.credits import from_pool
from gainsim.terms.levels import Level, passed
from gainsim.units import DIMENSIONLESS


def service_levels(name: str, term: ServiceLevels, deal: Deal) -> None:
    """Each level's part of the amount at risk where it is missed, together never more than that amount.

    credit of a level = part of the deepest edge reached × multiple for repeated failures × at risk × charges

    charges: money, never negative; a credit is negative. `below E`: E itself is met; `at or below E`: it is not.

    10% of 1,000 are at risk. Both levels at their edges are met; both missed come to 140% of what is at risk, which is all:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: service_levels
    ...     of: 1_000 EUR
    ...     at_risk: 10%
    ...     levels:
    ...       uptime: { level: up, credits: { below 99%: 80% } }
    ...       answers: { level: in_time, credits: { below 90%: 60% } }
    ...     clock: { measured: year }
    ... ''', up="0.99, 0.98, 0.98", in_time="0.9, 0.9, 0.8")
                       2027  2028   2029
    uptime below 99%    0.0 -80.0  -80.0
    answers below 90%   0.0   0.0  -60.0
    at risk             0.0   0.0   40.0
    paid                0.0 -80.0 -100.0

    Source: the practice of outsourcing agreements, e.g. Texas Department of Information Resources, Data Center
    Services, exhibit 3, service level credits: allocation × allocation × at-risk amount of the charges
    """
    settling = deal.settling(name, term, term.clock)
    charge = settling.money(term.of, "the charges")
    at_risk = settling.share(term.at_risk) * charge
    inside: Value = 0.0
    beside: Value = 0.0
    reckoned: list[_Reckoned] = []
    for label, level in term.levels.items():
        with deal.problems.at("contract", name, "levels", label):
            found = _level(settling, label, level, at_risk)
            reckoned.append(found)
            inside, beside = inside + found.inside, beside + found.beside
    held = _of_a_charge(deal, ops.maximum(inside, -at_risk), charge, term.of)
    settling.line("at risk", "payment", held - inside)
    kept = held if term.pool is None else from_pool(settling, term.pool, held)
    part_kept = part_left(inside, kept)
    paid = kept + beside
    for each in reckoned:
        if each.written.earn_back is not None:
            with deal.problems.at("contract", name, "levels", each.label, "earn_back"):
                returned = _earned_back(settling, each, each.written.earn_back, -(each.credit * part_kept))
                settling.line(f"{each.label} earn-back", "payment", returned)
                paid = paid + returned
    settling.paid(paid)


def part_left(before: Value, after: Value) -> Value:
    """What part of credits is left after they have been cut together: each bears the cut in proportion.

    before, after: money per settlement, 0 or negative, after never below before; nothing is left of nothing

    >>> import numpy as np
    >>> part_left(np.array([-120.0, -80.0, 0.0]), np.array([-90.0, -80.0, 0.0]))
    array([0.75, 1.  , 0.  ])
    """
    credited = before < 0.0
    return ops.where(credited, after, 0.0) / ops.where(credited, before, 1.0)


def _of_a_charge(deal: Deal, credit: Value, charge: Value, formula: Formula) -> Value:
    """A credit out of a charge, which is never negative."""
    return deal.require(charge >= 0.0, credit, f"the charge '{formula.text}' is negative", "Keep it from 0 on.")


@dataclass(frozen=True)
class _Reckoned:
    """A level in a settlement: what it is credited for before anything is cut, and whether it was missed.

    credit: what may be earned back, not positive; inside, beside: all that counts in the pool, and what does not
    """

    label: str
    written: ServiceLevel
    level: Level
    missed: Value
    credit: Value
    inside: Value
    beside: Value


def _level(settling: Settling, label: str, written: ServiceLevel, at_risk: Value) -> _Reckoned:
    level = Level.of(settling, written.level)
    credit: Value = 0.0
    for step, part in level.parts(written.credits, settling.share, "levels", label, "credits"):
        amount = 0.0 - part * at_risk
        settling.line(f"{label} {step.label}", "payment", amount)
        credit = credit + amount
    missed = level.has_passed(written.credits[0].edge)
    settling.gate(label, "met", ops.negate(missed))
    if written.repeated is not None:
        more = credit * (_multiple(settling, label, written.repeated, missed) - 1.0)
        settling.line(f"{label} repeated", "payment", more)
        credit = credit + more
    inside, beside = credit, 0.0
    critically: Value = None
    if written.critical is not None:
        critically = level.has_passed(written.critical.when)
        settling.gate(label, "failed critically", critically)
        amount = settling.money(written.critical.credit, "a credit")
        fixed = ops.where(critically, 0.0 - amount, 0.0)
        fixed = settling.deal.by_size(fixed, amount, written.critical.credit, "the credit")
        settling.line(f"{label} critical", "payment", fixed)
        inside, beside = (inside + fixed, 0.0) if written.critical.pool == "inside" else (inside, fixed)
    right = written.termination_right
    if right is not None:
        failed = ops.where(missed if right.of == "missed" else critically, 1.0, 0.0)
        failures = counted(settling, f"{label} failures", failed, right.counted)
        stands = ops.where(failures >= float(right.failures), 1.0, 0.0)
        settling.line(f"{label} termination right", "figure", stands * settling.active, money=False)
    return _Reckoned(label, written, level, missed, credit, inside, beside)


def _multiple(settling: Settling, label: str, repeated: Repeated, missed: Value) -> Value:
    """By what this settlement's failure of a level is multiplied."""
    failures = counted(settling, f"{label} repeats", ops.where(missed, 1.0, 0.0), repeated.counted)
    multiples = [(number, settling.factor(by, "the multiple")) for number, by in repeated.multiply]
    return multiple(failures, multiples)


def multiple(failures: Value, multiples: Sequence[tuple[int, Value]]) -> Value:
    """By what a failure is multiplied when so many have been counted: from the number on that is written, not before.

    >>> import numpy as np
    >>> multiple(np.array([1.0, 2.0, 3.0, 4.0]), ((2, 1.5), (4, 3.0)))
    array([1. , 1.5, 1.5, 3. ])

    Source: UK Crown Commercial Service, Model Services Agreement, schedule 2.2, repeat KPI failures: twice from the second
    """
    found: Value = 1.0
    for number, value in multiples:
        found = ops.where(failures >= float(number), value, found)
    return found


def _earned_back(settling: Settling, each: _Reckoned, earn_back: EarnBack, credited: Value) -> Value:
    """What is returned in this settlement; credited: this settlement's own credit of the level, a size."""
    if earn_back.settlements is None:
        return _by_the_year(settling, each, earn_back, credited)
    section = settling.section
    owed, rows = settling.state(f"{each.label} credited"), settling.state(f"{each.label} reached in a row")
    waiting = owed.read(section)
    reached = ops.both(each.level.has_passed(earn_back.when), ops.negate(each.missed))
    row = ops.where(reached, rows.read(section) + 1.0, 0.0)
    earned = row >= float(earn_back.settlements)
    left = ops.where(earned, 0.0, waiting)
    if earn_back.otherwise == "lost":
        left = ops.where(reached, left, 0.0)
    remember(settling, owed, left + credited)
    remember(settling, rows, row)
    return ops.where(earned, settling.share(earn_back.returns) * waiting, 0.0)


def _by_the_year(settling: Settling, each: _Reckoned, earn_back: EarnBack, credited: Value) -> Value:
    """In the year's last settlement, if the simple mean of the year's levels has reached the edge."""
    owed = in_the_year(settling, f"{each.label} credited", credited)
    total = in_the_year(settling, f"{each.label} levels", each.level.value)
    number = in_the_year(settling, f"{each.label} settlements", 1.0)
    edge = earn_back.when
    mean = total / ops.maximum(number, 1.0)
    reached = passed(mean, each.level.edge(edge), edge.side, edge.inclusive)
    return ops.where(ops.both(settling.ends_year, reached), settling.share(earn_back.returns) * owed, 0.0)


def service_points(name: str, term: ServicePoints, deal: Deal) -> None:
    """Points for every level that is missed, and the part of the charges that a table gives for the points counted.

    charges: money; a credit is negative. `below E`: E itself is met; the table says to which range its edges belong.

    2 points below 99%, 4 below 98%; 2 in the last two settlements cost nothing, 6 cost 10% of 1,000:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     tables:
    ...       part: { whole: { up to 2: 0%, up to 5: 5%, above: 10% } }
    ...     contract:
    ...       points:
    ...         term: service_points
    ...         of: 1_000 EUR
    ...         levels: { uptime: { level: up, points: { below 99%: 2, below 98%: 4 } } }
    ...         counted: in the last 2 settlements
    ...         table: part
    ...         clock: { measured: year }
    ... ''', up="0.99, 0.98, 0.97")
                           2027  2028   2029
    points.uptime points    0.0   2.0    4.0
    points.points counted   0.0   2.0    6.0
    points.credit           0.0   0.0 -100.0
    points paid             0.0   0.0 -100.0

    Source: UK Cabinet Office and Crown Commercial Service, Model Services Contract, schedule 2.2, service points
    """
    settling = deal.settling(name, term, term.clock)
    charge = settling.money(term.of, "the charges")
    points: Value = 0.0

    def points_due(written: Formula) -> Value:
        return settling.factor(written, "the points")

    for label, written in term.levels.items():
        with deal.problems.at("contract", name, "levels", label):
            level = Level.of(settling, written.level)
            missed = level.has_passed(written.points[0].edge)
            settling.gate(label, "met", ops.negate(missed))
            own: Value = 0.0
            for _, part in level.parts(written.points, points_due, "levels", label, "points"):
                own = own + part
            if written.repeated is not None:
                own = own * _multiple(settling, label, written.repeated, missed)
            settling.line(f"{label} points", "figure", own * settling.active, money=False)
            points = points + own
    count = counted(settling, "points", points, term.counted)
    settling.line("points counted", "figure", count * settling.active, money=False)
    credit = 0.0 - _part_by_table(term.table, count, deal) * charge
    credit = _of_a_charge(deal, credit, charge, term.of)
    settling.line("credit", "payment", credit)
    settling.paid(credit if term.pool is None else from_pool(settling, term.pool, credit))


def _part_by_table(name: str, points: Value, deal: Deal) -> Value:
    """The part of the charges that a table of the scenario gives, between 0 and 1."""
    table = deal.facts.tables.get(name)
    if table is None:
        raise ValueError(f"table: no table '{name}'.{meant_or_known(name, deal.facts.tables)}")
    units = units_of(table)
    if any(unit not in (Kind.BARE, DIMENSIONLESS) for unit in (units.of, units.gives)):
        raise ValueError(
            f"the table {name} is looked up by points and gives a part of the charges: write plain numbers."
        )
    part = look_up(table, points)
    inside = ops.both(part >= 0.0, part <= 1.0)
    broken = f"what the table {name} gives lies outside 0 to 1"
    return deal.require(inside, part, broken, "Write parts of the charges.", part)
