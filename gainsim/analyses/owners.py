"""Whose risk an offer is: what chance does to it, split by who controls what moves.

Every subset of the owners is simulated on the same futures, the drivers of all others standing at their declared central values.
What an owner adds, averaged over all orders in which the owners may come in, is its part (its Shapley value): the parts add up to
the whole, whatever hangs together. What an offer gains where one owner, or one driver, stands still is what it would be worth to be
rid of it. Chances of decisions and defaults are drawn in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.delivered_once import DeliveredOnce
from gainsim.analyses.shapley import Parts, coalitions
from gainsim.bridge import simulate_model
from gainsim.measures import Estimate, certainty_equivalent, cvar, difference, estimate, mean, probability, variance
from gainsim.model import Model, build
from gainsim.offer.drivers import CERTAIN, Driver
from gainsim.offer.operations import STANDING
from gainsim.outcome import Outcome
from gainsim.sample import Influence

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
#: what stands for the errors of measurement among the owners
MEASUREMENT = "errors of measurement"
#: the part of the variance, beside what is split, of an offer that varies
SHARE = "part of the variance"
#: what is split: by name, of an outcome
SPLIT: dict[str, Callable[[Outcome], Influence]] = {
    "mean": lambda o: mean(o.npv, o.sample),
    "variance": lambda o: variance(o.npv, o.sample),
    "chance of loss": lambda o: probability(o.npv < 0.0, o.sample),
    "mean of the worst 5%": lambda o: cvar(o.npv, 0.95, o.sample),
    "penalties": lambda o: mean(_penalties(o), o.sample),
}
#: of what is not money
_UNITS = {"variance": "", "chance of loss": "fraction", SHARE: "fraction"}


@dataclass(frozen=True)
class Part:
    """What of each of `SPLIT`, and of `SHARE`, is an owner's; in the sign of the ledger."""

    owner: str
    drivers: tuple[str, ...]
    parts: Mapping[str, Estimate]


@dataclass(frozen=True)
class Without:
    """What an owner, or a driver, that stands still changes for each party; None of a customer of whom nothing is said.

    supplier, worst: of the mean NPV, and of the mean of its worst 5%
    certain:         of the certainty equivalent of the margin, where the file states a risk aversion
    customer, customer_worst: of the mean net benefit, discounted, and of the mean of its worst 5%
    bearing:         of the latter, where the driver goes on moving and the customer makes good all that it does to the supplier's
                     NPV, as an index would
    """

    name: str
    supplier: Estimate
    worst: Estimate
    certain: Estimate | None
    customer: Estimate | None
    customer_worst: Estimate | None
    bearing: Estimate | None


@dataclass(frozen=True)
class Owners:
    """Whose risk an offer is.

    none:  of the same, where everybody's drivers stand still: what is left to the chances of decisions and defaults
    whole: of the offer as it is; the parts and `none` add up to it
    """

    model: Model
    parts: tuple[Part, ...]
    none: Mapping[str, Estimate]
    whole: Mapping[str, Estimate]
    owners_without: tuple[Without, ...]
    drivers_without: tuple[Without, ...]
    paths: int
    seed: int


def owners(model: Model, paths: int, seed: int, progress: Progress | None = None) -> Owners:
    """Simulate an offer with every subset of its owners, and without each of them and of its drivers."""
    scenario = model.scenario
    moving = moving_drivers(model)
    groups: dict[str, tuple[str, ...]] = {}
    for name in moving:
        owner = owner_of(scenario.drivers[name])
        groups[owner] = (*groups.get(owner, ()), name)
    if model.measured:
        groups[MEASUREMENT] = ()
    names, done, delivery = list(groups), 0, DeliveredOnce(model)
    of = paths * (2 ** len(names) + len(moving))

    def run(still: Sequence[str], exact: Sequence[str]) -> Outcome:
        nonlocal done
        changed = build(scenario, plans=model.plans, still=still, exact=exact) if still or exact else model
        found = Outcome(simulate_model(changed, paths, seed, sampling=scenario.run.sampling, delivery=delivery))
        done += paths
        if progress is not None:
            progress(done, of)
        return found

    def with_only(coming: Collection[str]) -> Outcome:
        still = [driver for name in names if name not in coming for driver in groups[name]]
        return run(still, () if MEASUREMENT in coming else model.measured)

    split = Parts(names)
    none: dict[str, Influence] = {}
    lacking: dict[str, Outcome] = {}
    for coming in coalitions(names):
        outcome = with_only(coming)
        worth = {name: of_it(outcome) for name, of_it in SPLIT.items()}
        split.tell(worth, [coming])
        none = none or worth
        if len(coming) == len(names) - 1:
            (left_out,) = set(names) - coming
            lacking[left_out] = outcome
    whole, everybody = outcome, worth

    def told(of: Mapping[str, Influence]) -> dict[str, Estimate]:
        varies = everybody["variance"].value > 0.0
        all_of_it = {**of, SHARE: of["variance"].over(everybody["variance"])} if varies else of
        return {what: estimate(each, whole.sample, _UNITS.get(what, scenario.currency)) for what, each in all_of_it.items()}

    return Owners(
        model,
        tuple(Part(name, groups[name], told(split.parts[name])) for name in names),
        told(none),
        told(everybody),
        tuple(_without(name, lacking[name], whole) for name in names),
        tuple(_without(name, run([name], ()), whole) for name in moving),
        paths,
        seed,
    )


def owner_of(driver: Driver) -> str:
    """Who controls a driver, in words; of several each with its part."""
    if isinstance(driver.control, str):
        return driver.control
    return " and ".join(f"{party} {part:.0%}" for party, part in driver.control.items())


def moving_drivers(model: Model) -> tuple[str, ...]:
    """The drivers that chance moves and something reads; one that follows another moves with it, and how many there are stands."""
    drivers = model.scenario.drivers
    return tuple(
        name
        for name, driver in drivers.items()
        if name not in model.unread
        and driver.kind not in (*CERTAIN, "follows")
        and not (driver.operations is not None and driver.operations.outcome in STANDING)
    )


def _without(name: str, lacking: Outcome, whole: Outcome) -> Without:
    def gained(of: Callable[[Outcome], Influence]) -> Estimate:
        return estimate(of(lacking) - of(whole), whole.sample, currency)

    currency, aversion = whole.run.model.scenario.currency, whole.run.model.scenario.money.risk_aversion
    certain = gained(lambda o: certainty_equivalent(o.margin(), aversion, o.sample)) if aversion > 0.0 else None
    ours = gained(SPLIT["mean"]), gained(SPLIT["mean of the worst 5%"]), certain
    if not whole.says_customer:
        return Without(name, *ours, None, None, None)
    paying = whole.customer_npv + whole.npv - lacking.npv
    bearing = difference(cvar(paying, 0.95, whole.sample), cvar(whole.customer_npv, 0.95, whole.sample), whole.sample)
    theirs = gained(lambda o: mean(o.customer_npv, o.sample)), gained(lambda o: cvar(o.customer_npv, 0.95, o.sample))
    return Without(name, *ours, *theirs, bearing)


def _penalties(outcome: Outcome) -> Floats:
    """What the supplier pays under terms that come out against it over the contract, negative."""
    run, total = outcome.run, np.zeros(outcome.run.paths)
    by_term: dict[str, Floats] = {}
    for line, amounts in zip(run.rows.lines, run.total, strict=True):
        if line.role == "payment":
            by_term[line.group] = by_term.get(line.group, 0.0) + amounts
    for amounts in by_term.values():
        total = total + np.where(amounts < 0.0, amounts, 0.0)
    return total
