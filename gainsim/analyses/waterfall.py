"""What each clause of an offer contributes, to the mean and to the worst futures, for both parties, on the same futures.

Where the clauses are few, every subset of them is simulated, and a clause's part is what it adds to those that are there before
it, in the mean over all orders in which they may come. Where they are many, the offer is put together in the order in which it is
written. Either way the parts and what is left without any clause add up to the offer. Beside it stands what striking one clause
alone would change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gainsim.analyses.clauses import Clause, clauses, form, standing, with_only
from gainsim.analyses.delivered_once import DeliveredOnce
from gainsim.analyses.repricing import Versions
from gainsim.analyses.shapley import Parts, coalitions
from gainsim.bridge import Run, simulate_model
from gainsim.errors import DataError
from gainsim.measures import Estimate, cvar, estimate, mean
from gainsim.model import Model, OfferError, build
from gainsim.outcome import Outcome
from gainsim.sample import Influence

Progress = Callable[[int, int], None]
#: by what of an offer, what it comes to
Worth = Mapping[str, Influence]
#: with more clauses they come in the order of the file
MOST = 10
#: what is split: by name, of an outcome; all of it discounted
SPLIT: dict[str, Callable[[Outcome], Influence]] = {
    "mean": lambda o: mean(o.npv, o.sample),
    "mean of the worst 5%": lambda o: cvar(o.npv, 0.95, o.sample),
    "tax": lambda o: mean(o.npv_after_tax - o.npv, o.sample),
    "customer's mean": lambda o: mean(o.customer_npv, o.sample),
    "customer's mean of the worst 5%": lambda o: cvar(o.customer_npv, 0.95, o.sample),
}


@dataclass(frozen=True)
class Part:
    """A clause.

    parts:  what it contributes, by what is split
    struck: what would change where this clause alone were taken out of the offer
    """

    clause: str
    parts: Mapping[str, Estimate]
    struck: Mapping[str, Estimate]


@dataclass(frozen=True)
class Waterfall:
    """An offer, clause by clause.

    parts:    in the order of the file
    none:     where no clause stands: the supplier's costs, and what the customer gains and spends without paying
    whole:    of the offer as it is; the parts and `none` add up to it. All are by what is split, the names of `SPLIT`: of a
              customer of whom nothing is said, and of a tax that is not written, there is none
    in_order: whether the clauses come in the order of the file, instead of in all orders
    offers:   how many different offers were simulated
    """

    model: Model
    parts: tuple[Part, ...]
    none: Mapping[str, Estimate]
    whole: Mapping[str, Estimate]
    in_order: bool
    offers: int
    paths: int
    seed: int


def waterfall(model: Model, paths: int, seed: int, most: int = MOST, progress: Progress | None = None) -> Waterfall:
    """Simulate an offer with subsets of its clauses: with all of them where it has at most so many clauses."""
    scenario = model.scenario
    written = {clause.name: clause for clause in clauses(scenario)}
    names, in_order = tuple(written), len(written) > most
    whole, nothing = frozenset(names), frozenset[str]()
    one_less = {name: whole - {name} for name in names}
    coming = [frozenset(names[:size]) for size in range(len(names) + 1)] if in_order else list(coalitions(names))
    there = {
        some: frozenset(clause.name for clause in standing(scenario, [written[name] for name in some]))
        for some in (*coming, *one_less.values())
    }
    alike: dict[frozenset[str], list[frozenset[str]]] = {each: [] for each in there.values()}
    for some in coming:
        alike[there[some]].append(some)
    delivery = DeliveredOnce(model)
    as_is = Outcome(simulate_model(model, paths, seed, sampling=scenario.run.sampling, delivery=delivery))
    split = {what: of_it for what, of_it in SPLIT.items() if _said(what, as_is)}
    told_apart = {*map(there.__getitem__, (*one_less.values(), *(coming if in_order else ()))), nothing, whole}
    known, shares = dict[frozenset[str], Worth](), Parts(names)
    for done, (some, run) in enumerate(_runs(as_is.run, written, alike, delivery), 1):
        worth = {what: of_it(outcome) for outcome in [Outcome(run)] for what, of_it in split.items()}
        if some in told_apart:
            known[some] = worth
        if not in_order:
            shares.tell(worth, alike[some])
        if progress is not None:
            progress(done, len(alike))
    none = known[nothing]
    struck = {name: _less(known[there[rest]], known[whole]) for name, rest in one_less.items()}
    parts: Mapping[str, Worth] = shares.parts
    if in_order:
        steps = [known[there[some]] for some in coming]
        parts = {name: _less(*both) for name, *both in zip(names, steps[1:], steps, strict=False)}

    def told(of_it: Worth) -> dict[str, Estimate]:
        return {what: estimate(each, as_is.sample, scenario.currency) for what, each in of_it.items()}

    return Waterfall(
        model, tuple(Part(name, told(parts[name]), told(struck[name])) for name in names), told(none), told(known[whole]),
        in_order, len(alike), paths, seed,
    )  # fmt: skip


def _runs(
    as_is: Run, written: Mapping[str, Clause], offers: Iterable[frozenset[str]], delivery: DeliveredOnce
) -> Iterator[tuple[frozenset[str], Run]]:
    """Every offer with some clauses only, on the futures of a run: those of one form together, for from one the others follow."""
    model, scenario = as_is.model, as_is.model.scenario
    by_form: dict[frozenset[Clause], list[frozenset[str]]] = {}
    for some in offers:
        by_form.setdefault(form(scenario, [written[name] for name in some]), []).append(some)
    for alike in by_form.values():
        versions = None
        for some in alike:
            try:
                offer = build(with_only(scenario, [written[name] for name in some]), plans=model.plans)
                run = None if versions is None else versions.moved_to(offer)
                if run is None:
                    run = simulate_model(offer, as_is.paths, as_is.seed, sampling=as_is.sampling, delivery=delivery)
                    versions = versions or Versions(run, delivery=delivery)
            except (DataError, OfferError) as error:
                left_out = ", ".join(name for name in written if name not in some)
                raise DataError(f"without {left_out} (what reads such a name then reads 0): {error}") from None
            yield some, run


def _said(what: str, outcome: Outcome) -> bool:
    """Whether an offer says anything of what is split."""
    if what == "tax":
        return outcome.run.model.scenario.money.tax is not None
    return outcome.says_customer or not what.startswith("customer")


def _less(one: Worth, other: Worth) -> Worth:
    return {what: one[what] - other[what] for what in one}
