"""Whose risk an offer is, and which driver moves it, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gainsim.analyses.owners import MEASUREMENT, SPLIT, Owners, Without
from gainsim.analyses.sensitivity import Swing
from gainsim.measures import Estimate
from gainsim.text.offer import heading, table
from gainsim.words import counted, doubt, percent

#: what is a smaller part of the variance is the rounding of sums
_ROUNDING = 1e-12


def page(found: Owners, swings: Sequence[Swing]) -> str:
    """All that is told of an offer's sensitivity."""
    title = f"{found.model.scenario.title}\n{counted(found.paths, 'future')}, seed {found.seed}; ± is one standard error"
    parts = [
        title,
        _section("Whose risk it is: the net present value, by who controls what moves", _ledger(found)),
        _section("What it would be worth to be rid of it", _withouts(found)),
        _section("Which driver moves it, from these futures as they are", _tornado(found, swings)),
    ]
    return "\n\n".join(parts)


def _section(title: str, body: str) -> str:
    return f"{heading(title)}\n{body}"


def _money(of: Estimate, sign: str = "") -> tuple[str, str]:
    return f"{of.value:{sign}z,.0f}", doubt(of) if of.standard_error > 0.0 else ""


def _ledger(found: Owners) -> str:
    whole = found.whole["variance"].value

    def row(name: str, of: Mapping[str, Estimate], sign: str = "+") -> tuple[str, ...]:
        share = f"{100.0 * of['variance'].value / whole:.1f}%" if whole > 0.0 else "."
        chance = of["chance of loss"].value
        points = f"{100.0 * chance:+z.2f} pp" if sign else percent(chance)
        money = (part for what in ("mean", "mean of the worst 5%", "penalties") for part in _money(of[what], sign))
        return (name, share, points, *money)

    rows = [row("no driver moves", found.none, "")]
    rows += [row(f"+ {each.owner}", each.parts) for each in found.parts]
    rows.append(row("= the offer", found.whole, ""))
    head = ("", "variance", "chance of loss", "mean NPV", "", "worst 5%, mean", "", "terms below 0", "")
    drivers = "\n".join(f"{each.owner}: {', '.join(each.drivers)}" for each in found.parts if each.drivers)
    notes = (
        "Every row adds what an owner's drivers bring in, in the mean over all orders in which the owners may come (Shapley);\n"
        "so the rows add up. Terms below 0: what terms bring that cost the supplier over the contract."
    )
    if found.none["variance"].value > _ROUNDING * whole:
        notes += "\nWhat is left where no driver moves is the chance of decisions, and of a default."
    return f"{table(rows, head=head)}\n\n{notes}\n{drivers}"


def _withouts(found: Owners) -> str:
    customer = found.owners_without and found.owners_without[0].customer is not None

    def row(name: str, of: Without) -> tuple[str, ...]:
        both = [of.supplier, of.worst, *([of.customer] if of.customer is not None else [])]
        return (name, *(part for each in both for part in _money(each, "+")))

    rows = [row(each.name if each.name == MEASUREMENT else f"all of {each.name}", each) for each in found.owners_without]
    rows += [row(f"  {each.name}", each) for each in found.drivers_without]
    theirs = ("customer's, discounted", "") if customer else ()
    head = ("standing at its central value", "our NPV", "", "its worst 5%, mean", "", *theirs)
    notes = (
        "A positive figure is what the supplier could pay, on average or in the worst twentieth, to be as well off without that\n"
        "exposure: the price of guaranteeing it. Where it is negative, chance works for whoever has it."
    )
    return f"{table(rows, head=head)}\n\n{notes}"


def _tornado(found: Owners, swings: Sequence[Swing]) -> str:
    customer = bool(swings) and swings[0].customer is not None
    rows = [
        (
            each.driver, each.owner, _money(each.low)[0], _money(each.high)[0], *_money(each.swing, "+"), f"{each.rank:+.2f}",
            *((f"{each.customer:+.2f}",) if each.customer is not None else ()),
        )
        for each in swings
    ]  # fmt: skip
    theirs = ("customer's rank",) if customer else ()
    head = ("driver", "control", "NPV, lowest tenth", "highest tenth", "swing", "", "rank", *theirs)
    still = [f"nothing reads {name}: it moves nothing." for name in found.model.unread]
    notes = (
        "Tenths of futures by the driver's average over the contract; what hangs together moves together.\n"
        "rank: Spearman's correlation of that average with our NPV, and with the customer's net benefit, discounted."
    )
    return "\n".join([table(rows, head=head, left=(0, 1)), "", notes, *still])


def to_json(found: Owners, swings: Sequence[Swing]) -> dict[str, Any]:
    """The same for machines."""

    def told(of: Estimate | None) -> dict[str, float] | None:
        return None if of is None else {"value": of.value, "standard_error": of.standard_error}

    def split(of: Mapping[str, Estimate]) -> dict[str, Any]:
        return {what: told(of[what]) for what in SPLIT}

    def without(of: Without) -> dict[str, Any]:
        return {"npv": told(of.supplier), "worst_5": told(of.worst), "customer_npv": told(of.customer)}

    return {
        "title": found.model.scenario.title,
        "currency": found.model.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "owners": {each.owner: {"drivers": list(each.drivers), **split(each.parts)} for each in found.parts},
        "none": split(found.none),
        "whole": split(found.whole),
        "without_owner": {each.name: without(each) for each in found.owners_without},
        "without_driver": {each.name: without(each) for each in found.drivers_without},
        "drivers": {
            each.driver: {
                "control": each.owner, "low": told(each.low), "high": told(each.high), "swing": told(each.swing),
                "rank_correlation": each.rank, "customer_rank_correlation": each.customer,
            }
            for each in swings
        },
        "unread": list(found.model.unread),
    }  # fmt: skip
