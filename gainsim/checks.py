"""What makes a run suspect: too few paths, clauses that never bind, a customer that has no reason to sign."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gainsim.below_zero import Place
from gainsim.bridge import Run, notes
from gainsim.credit import LATE
from gainsim.measuring import Measured
from gainsim.offer.credits import ServiceCredits
from gainsim.offer.term import TermText
from gainsim.two_sides import TwoSides
from gainsim.words import counted

if TYPE_CHECKING:
    from gainsim.summary import Clause


def suspect(
    run: Run, taken: Mapping[str, Measured], clauses: Sequence[Clause], sides: TwoSides | None, place: Place | None = None
) -> list[str]:
    """What to look at before the figures are believed, a sentence each; nothing where all is well.

    place: of a key of the file, its line and column
    """
    said = []
    if run.paths * 0.05 < 100:
        said.append(
            f"few tail paths: the worst 5% are {counted(math.ceil(run.paths * 0.05), 'path')}; "
            "from 2,000 paths on the tail is worth reading."
        )
    npv = taken["npv"].estimate
    if npv is not None and math.isfinite(npv.standard_error) and npv.standard_error > 0.02 * max(abs(npv.value), 1e-9):
        factor = (npv.standard_error / (0.01 * max(abs(npv.value), 1e-9))) ** 2
        said.append(
            f"not converged: the mean NPV is known to {npv.standard_error / max(abs(npv.value), 1e-9):.1%} only; "
            f"1% would take about {min(factor * run.paths, 1e12):,.0f} paths."
        )
    said += notes(run.model, place)
    said += _never_binding(clauses, run.paths, run.model.silent)
    said += _never_taken(clauses, run.paths)
    said += _always_due(clauses, run.model.scenario.contract)
    said += _no_reason_to_sign(sides, taken)
    return said


def _never_binding(clauses: Sequence[Clause], paths: int, silent: frozenset[str]) -> list[str]:
    owed: dict[str, float] = {}
    for clause in clauses:
        for name in {clause.line.group, clause.line.name} if clause.line.agreed else ():
            owed[name] = owed.get(name, 0.0) + clause.mean.value
    return [
        f"{clause.line.name} never binds: it is zero in every settlement of {counted(paths, 'path')}."
        for clause in clauses
        if (clause.line.agreed or clause.line.role == "gain") and clause.line.step and clause.line.name not in silent
        if clause.binds.value == 0.0
        if clause.line.group != LATE
        or owed.get(clause.line.step, 0.0) > 0.0  # what the supplier pays bears no interest
    ]


def _never_taken(clauses: Sequence[Clause], paths: int) -> list[str]:
    """Decisions that chance, their condition or what they are worth never lets be taken."""
    return [
        f"{clause.line.group} is never taken: it is decided so on none of {counted(paths, 'path')}."
        for clause in clauses
        if clause.line.role == "decision" and clause.line.step == "taken" and clause.binds.value == 0.0
    ]


def _always_due(clauses: Sequence[Clause], contract: Mapping[str, TermText]) -> list[str]:
    """Credits that are never earned back: as where 99 is written for a level that is a ratio."""
    return [
        f"{clause.line.name} is due in every settlement of every path. Is its edge in the unit of its level, as 99%?"
        for clause in clauses
        if isinstance(contract.get(clause.line.group), ServiceCredits)
        if clause.line.step.startswith(("below", "above", "at or ")) and clause.binds.value == 1.0
    ]


def _no_reason_to_sign(sides: TwoSides | None, taken: Mapping[str, Measured]) -> list[str]:
    """Where the customer is worse off on average, or what it asks for is not kept."""
    if sides is None:
        return ["the file says nothing of what the customer gains: whether it has a reason to sign is not known."]
    benefit = taken["customer_net_benefit"].estimate
    if benefit is not None and benefit.value < 0.0:
        return ["the customer has no reason to sign: on average it is worse off than without the contract."]
    return [
        f"the customer does not sign: its {asked.name.removeprefix('customer_').replace('_', ' ')} is "
        f"{asked.measured.in_short}, it asks for {asked.allowed}."
        for asked in sides.accepts
        if asked.verdict == "broken"
    ]
