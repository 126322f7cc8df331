"""One ensemble of an offer, and what is asked of it: every driver's average over the contract, and what it may have moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.owners import moving_drivers
from gainsim.bridge import simulate_model
from gainsim.errors import UsageError
from gainsim.ledger import Line
from gainsim.model import Model, build
from gainsim.outcome import Outcome
from gainsim.sample import Sample
from gainsim.spelling import meant_or_known

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """What drivers may move.

    values: (paths,)
    parts:  by term, cost or side of the customer what adds up to it, (paths,); of a fact or value of the file there are none
    """

    name: str
    title: str
    unit: str
    values: Floats
    parts: Mapping[str, Floats]


@dataclass(frozen=True)
class Ensemble:
    """An offer on its futures.

    averages: by driver that moves, its average over the contract, (paths,)
    targets:  the net present value first; what else was asked for last
    """

    model: Model
    outcome: Outcome
    averages: Mapping[str, Floats]
    targets: tuple[Target, ...]

    @property
    def sample(self) -> Sample:
        """How its paths were drawn."""
        return self.outcome.sample


def ensemble(model: Model, paths: int, seed: int, of: Sequence[str] = ()) -> Ensemble:
    """Simulate an offer once. of: drivers, facts or values of the file that are looked at too, as averages over the contract.

    Raises `UsageError` for a name that is none of them.
    """
    written = model.scenario
    known = (*written.drivers, *written.facts, *written.value, *written.lifecycle)  # a term's name is one in its settlements alone
    for name in of:
        if name not in known:
            raise UsageError(f"--of {name}: there is no driver or value of this name.{meant_or_known(name, known)}")
    moving = moving_drivers(model)
    named = tuple(dict.fromkeys((*moving, *of)))
    entered = build(model.scenario, plans=model.plans, controls=named)
    outcome = Outcome(simulate_model(entered, paths, seed, sampling=model.scenario.run.sampling))
    averages = dict(zip(named, outcome.run.total[len(model.lines) :], strict=True))
    money = model.scenario.currency
    targets = [
        Target(name, title, money, *_added(outcome, discounted, wanted))
        for name, (title, discounted, wanted) in _MONEY.items()
        if outcome.says_customer or name != "customer"
    ]
    targets += [Target(name, f"{name}, average", str(model.facts[name].unit), averages[name], {}) for name in of]
    return Ensemble(model, outcome, {name: averages[name] for name in moving}, tuple(targets))


#: by name: its title, whether it is discounted, and the sign with which a line of the ledger counts in it
_MONEY: dict[str, tuple[str, bool, Callable[[Line], float]]] = {
    "npv": ("our NPV", True, lambda line: float(line.suppliers_cash)),
    "margin": ("our margin", False, lambda line: float(line.in_margin)),
    "payments": ("the customer's payments", False, lambda line: float(line.role == "payment")),
    "customer": (
        "the customer's benefit, discounted", True, lambda line: {"customer": 1.0, "payment": -1.0}.get(line.role, 0.0),
    ),
}  # fmt: skip


def _added(outcome: Outcome, discounted: bool, sign_of: Callable[[Line], float]) -> tuple[Floats, dict[str, Floats]]:
    """What lines come to together, and each group of them, a term, a cost, by itself."""
    run, parts = outcome.run, dict[str, Floats]()
    for line, amounts in zip(run.rows.lines, run.npv if discounted else run.total, strict=True):
        if (sign := sign_of(line)) != 0.0:
            name = f"{line.group}.{line.step}" if line.role == "customer" and line.step else line.group
            parts[name] = parts.get(name, 0.0) + sign * amounts
    return sum(parts.values(), np.zeros(run.paths)), parts
