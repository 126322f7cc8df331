"""The clauses of an offer, and the same offer with some of them only.

A clause is a term, or a step of a sharing term. An offer without a term is that offer with a term that never stands
(`active_while`): it pays nothing, its name reads 0, and whatever speaks of it finds nothing. Whether it stands is a number
that may be set anew, so offers that differ in terms alone are one program. An offer without a step is that offer with the step
taken out of its list. What makes the gain and shares it, `against` and the share, is the sharing term itself; floor and cap of a
limit are a clause each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gainsim.offer.fields import Formula
from gainsim.offer.scenario import Scenario
from gainsim.offer.sharing import Sharing, kind_of_step
from gainsim.offer.steps import Carry, LimitGain, LimitPayment
from gainsim.offer.term import TermText
from gainsim.ops.grammar import Binary, Name, Number

#: the steps that are the sharing term itself
_SHARES = ("share", "share_of_whole")
_ITSELF = ("against", *_SHARES)
#: which side of a limit a carry carries over; all pain is carried over none
_CARRIED_OVER = {"pain beyond the floor": "floor", "gain beyond the cap": "cap"}
#: a moment after the end of every contract, in months
_EVER = 1e9


@dataclass(frozen=True)
class Clause:
    """A clause.

    name: as the ledger calls it: "gain_share", "gain_share.threshold", "gain_share.cap"
    step: the place of the step among those of its term; None: the term itself
    side: of a limit "floor" or "cap"; "" of all else
    """

    name: str
    term: str
    step: int | None = None
    side: str = ""


def clauses(scenario: Scenario) -> tuple[Clause, ...]:
    """The clauses of an offer, as they are written."""
    return tuple(clause for name, term in scenario.contract.items() for clause in _of_term(name, term))


def _of_term(name: str, term: TermText) -> Iterator[Clause]:
    yield Clause(name, name)
    if not isinstance(term, Sharing):
        return
    seen: dict[str, int] = {}
    for place, step in enumerate(term.steps):
        for said, side in _sides(step):
            seen[said] = seen.get(said, 0) + 1
            yield Clause(f"{name}.{said}" + (f" #{seen[said]}" if seen[said] > 1 else ""), name, place, side)


def _sides(step: Any) -> list[tuple[str, str]]:
    """What a step is called as a clause, and which side of a limit that is."""
    kind = str(kind_of_step(step))
    if isinstance(step, LimitGain | LimitPayment):
        before = "gain_" if isinstance(step, LimitGain) else ""
        return [(f"{before}{side}", side) for side in ("floor", "cap") if getattr(getattr(step, kind), side) is not None]
    return [] if kind in _ITSELF else [(kind, "")]


def standing(scenario: Scenario, kept: Collection[Clause]) -> frozenset[Clause]:
    """Those of some clauses that have something to act on: no step without its term, no carry without what it carries over."""
    terms = {clause.term for clause in kept if clause.step is None}
    return frozenset(
        clause for clause in kept
        if clause.step is None or (clause.term in terms and _has_its_limit(scenario.contract[clause.term], clause, kept))
    )  # fmt: skip


def _has_its_limit(term: Any, clause: Clause, kept: Collection[Clause]) -> bool:
    """Whether what a carry carries over is there: a floor, or a cap, on its side of the share; true of all else."""
    assert clause.step is not None
    step = term.steps[clause.step]
    side = _CARRIED_OVER.get(step.carry.what) if isinstance(step, Carry) else None
    if side is None:
        return True
    share = next(place for place, each in enumerate(term.steps) if kind_of_step(each) in _SHARES)
    return any(
        other.side == side and other.step is not None and (other.step < share) == (clause.step < share)
        for other in kept if other.term == clause.term
    )  # fmt: skip


def with_only(scenario: Scenario, kept: Collection[Clause]) -> Scenario:
    """An offer of which only some clauses stand."""
    there = standing(scenario, kept)
    terms = {}
    for name, term in scenario.contract.items():
        own = [clause for clause in there if clause.term == name]
        stands = _switched(name, term.active_while, on=bool(own))
        terms[name] = (_left(term, own) if own else term).model_copy(update={"active_while": stands})
    return scenario.model_copy(update={"contract": terms})


def form(scenario: Scenario, kept: Collection[Clause]) -> frozenset[Clause]:
    """The steps that are taken out of the terms that stand: offers of one form differ in numbers alone."""
    there = standing(scenario, kept)
    terms = {clause.term for clause in there}
    return frozenset(each for each in clauses(scenario) if each.step is not None and each.term in terms and each not in there)


def _switched(name: str, stands: Formula | None, *, on: bool) -> Formula:
    """While a term stands, and never where it is off: a moment that may be set anew is asked beside its own condition."""
    switch = Binary("<", Name("elapsed"), Number(_EVER if on else 0.0, key=f"{name} stands"))
    if stands is None:
        return Formula("elapsed < ever" if on else "elapsed < 0", switch)
    return replace(stands, tree=Binary("and", stands.tree, switch))


def _left(term: TermText, there: Sequence[Clause]) -> TermText:
    """A term that stands with those of its clauses that are there."""
    if not isinstance(term, Sharing):
        return term
    steps = []
    for place, step in enumerate(term.steps):
        sides, kind = _sides(step), str(kind_of_step(step))
        lost = [side for _, side in sides if not any(c.step == place and c.side == side for c in there)]
        if lost and len(lost) < len(sides):
            written = getattr(step, kind)
            step = step.model_copy(update={kind: written.model_copy(update=dict.fromkeys(lost))})
        if not sides or len(lost) < len(sides):
            steps.append(step)
    return term.model_copy(update={"steps": steps})
