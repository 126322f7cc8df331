"""Whose risk an offer is, and which driver moves it, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gainsim.analyses.ensemble import Ensemble, Target
from gainsim.analyses.owners import MEASUREMENT, SPLIT, Owners, Without
from gainsim.analyses.sensitivity import swings
from gainsim.analyses.tail_shares import tail_parts
from gainsim.analyses.variance_shares import OTHERS, Shares
from gainsim.measures import Estimate
from gainsim.text.offer import heading, table
from gainsim.words import counted, doubt, percent

SCHEMA = "gainsim/sensitivity/1"
#: what is a smaller part of the variance is the rounding of sums
_ROUNDING = 1e-12


def page(found: Owners, of: Ensemble, shares: Shares) -> str:
    """All that is told of an offer's sensitivity: of its owners, and from one ensemble of its drivers."""
    title = f"{found.model.scenario.title}\n{counted(found.paths, 'future')}, seed {found.seed}; ± is one standard error"
    parts = [
        title,
        _section("Whose risk it is: the net present value, by who controls what moves", _ledger(found)),
        _section("What it would be worth to be rid of it", _withouts(found)),
        *(_section(tornado_title(each), _tornado(of, each)) for each in looked_at(of)),
        _section(VARIANCE, f"{table(share_rows(shares), head=share_head(of, shares))}\n\n{said(shares)}"),
        *(_section(tail_title(each), f"{table(tail_rows(of, each), head=TAIL_HEAD)}\n\n{TAIL}") for each in with_tails(of)),
    ]
    return "\n\n".join(parts)


VARIANCE = "How much of the variance each driver makes"


def tornado_title(target: Target) -> str:
    """Which driver moves a target, as a title."""
    return f"Which driver moves {target.title}, from these futures as they are"


def with_tails(of: Ensemble) -> list[Target]:
    """What it is told of where the worst futures come from: each party's net present value."""
    return [target for target in of.targets if target.name in ("npv", "customer")]


def tail_title(target: Target) -> str:
    """What the worst futures of a target are made of, as a title."""
    return f"What the worst 5% of {target.title} are made of"


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
        told = (of.supplier, of.worst, of.certain, of.customer, of.customer_worst, of.bearing)
        return (name, *(part for each in told if each is not None for part in _money(each, "+")))

    rows = [row(each.name if each.name == MEASUREMENT else f"all of {each.name}", each) for each in found.owners_without]
    rows += [row(f"  {each.name}", each) for each in found.drivers_without]
    averse = bool(found.owners_without) and found.owners_without[0].certain is not None
    theirs = ("customer's, discounted", "", "its worst 5%, mean", "", "the same, bearing it", "") if customer else ()
    head = (
        "standing at its central value", "our NPV", "", "its worst 5%, mean", "",
        *(("certainty equivalent", "") if averse else ()), *theirs,
    )  # fmt: skip
    notes = (
        "A positive figure is what the supplier could pay, on average or in the worst twentieth, to be as well off without that\n"
        "exposure: the price of guaranteeing it. Where it is negative, chance works for whoever has it."
    )
    if averse:
        notes += "\nAt the risk aversion of the file it could pay what the certainty equivalent of its margin rises by."
    if customer:
        notes += (
            "\nThe customer's figures are first those of an exclusion, where nobody bears the driver any more; bearing it, the\n"
            "customer makes good all that it does to our NPV, as an index would: on average it then has minus our first figure."
        )
    return f"{table(rows, head=head)}\n\n{notes}"


def looked_at(of: Ensemble) -> list[Target]:
    """What the tornado is told of: the net present value, and all that was asked for."""
    return [of.targets[0], *(target for target in of.targets if not target.parts)]


def _tornado(of: Ensemble, target: Target) -> str:
    still = [f"nothing reads {name}: it moves nothing." for name in of.model.unread]
    notes = (
        "Tenths of futures by the driver's average over the contract; what hangs together moves together.\n"
        f"rank: Spearman's correlation of that average with {target.title}"
    )
    rows, theirs = swing_rows(of, target)
    notes += ", and with the customer's net benefit, discounted." if theirs else "."
    head = ("driver", "control", "lowest tenth", "highest tenth", "swing", "", "rank", *(("customer's rank",) if theirs else ()))
    return "\n".join([table(rows, head=head, left=(0, 1)), "", notes, *still])


def swing_rows(of: Ensemble, target: Target) -> tuple[list[tuple[str, ...]], bool]:
    """(driver, control, both tenths, swing and doubt, rank) of a target; and whether the customer's rank stands behind them."""
    customer = next((each for each in of.targets if each.name == "customer"), None)
    ranks = {each.driver: each.rank for each in swings(of, customer)} if customer is not None and target.parts else {}
    rows = [
        (each.driver, each.owner, _figure(each.low), _figure(each.high), _figure(each.swing, "+"), doubt(each.swing),
         f"{each.rank:+.2f}", *([f"{ranks[each.driver]:+.2f}"] if ranks else []))
        for each in swings(of, target)
    ]  # fmt: skip
    return rows, bool(ranks)


def _figure(of: Estimate, sign: str = "") -> str:
    """A figure of any unit: money and what is as large whole, all else to four digits."""
    return f"{of.value:{sign}z,.0f}" if abs(of.value) >= 1_000.0 else f"{of.value:{sign}z.4g}"


def share_rows(shares: Shares) -> list[tuple[str, ...]]:
    """(driver, share of the variance and doubt of every target), the rest, and all."""
    names = list(next(iter(shares.of.values()), {}))
    first = next(iter(shares.of), None)
    if first is not None:
        names.sort(key=lambda name: -shares.of[first][name].value)
    rows = [(name, *(part for each in shares.of.values() for part in _share(each[name]))) for name in names]
    rows.append(("the rest", *(part for each in shares.rest.values() for part in _share(each))))
    return [*rows, ("= the variance", *(part for _ in shares.rest for part in ("100.0%", "")))]


def share_head(of: Ensemble, shares: Shares) -> tuple[str, ...]:
    """The heads of the columns of shares."""
    titles = {target.name: target.title for target in of.targets}
    return ("", *(part for target in shares.of for part in (titles[target], "")))


def _share(of: Estimate) -> tuple[str, str]:
    return f"{100.0 * of.value:z.1f}%", doubt(of)


def said(shares: Shares) -> str:
    """What shares of the variance are, and what the rest is."""
    lines = [
        "Shapley effects: what a driver's average over the contract tells of the outcome beyond what those told before it do, in",
        "the mean over all orders; of what two that hang together both tell, each has a half. The rest is what no average tells:",
        "how drivers move from period to period, errors of measurement, defaults and decisions, what three do only at once.",
    ]
    if shares.named:
        lines.append(f"{OTHERS}: {', '.join(shares.named)}.")
    return "\n".join([*lines, f"From {counted(shares.seen, 'future')} of this one run."])


TAIL_HEAD = ("", "mean", "", "in the worst 5%", "", "less", "", "part")
TAIL = (
    "Euler's parts: every term and cost on the worst twentieth of futures, exactly adding up to its mean; what made it worse\n"
    "than the mean stands on top. The last column is the part in that."
)


def tail_rows(of: Ensemble, target: Target) -> list[tuple[str, ...]]:
    """(term or cost, mean, on the worst futures, the difference, each with its doubt, and its part in all of that)."""
    rows: list[tuple[str, ...]] = []
    for each in tail_parts(of, target):
        name = f"= {target.title}" if each.name == target.name else each.name
        part = "" if each.share is None else f"{100.0 * each.share:z.1f}%"
        rows.append((name, *_money(each.mean), *_money(each.worst), *_money(each.apart, "+"), part))
    return rows


def to_json(found: Owners, of: Ensemble, shares: Shares) -> dict[str, Any]:
    """The same for machines."""

    def told(of: Estimate | None) -> dict[str, float] | None:
        return None if of is None else {"value": of.value, "standard_error": of.standard_error}

    def split(of: Mapping[str, Estimate]) -> dict[str, Any]:
        return {what: told(of[what]) for what in SPLIT}

    def without(each: Without) -> dict[str, Any]:
        return {
            "npv": told(each.supplier), "worst_5": told(each.worst), "certainty_equivalent": told(each.certain),
            "customer_npv": told(each.customer), "customer_worst_5": told(each.customer_worst),
            "customer_worst_5_bearing_it": told(each.bearing),
        }  # fmt: skip

    def moved(target: Target) -> dict[str, Any]:
        return {
            each.driver: {
                "control": each.owner, "low": told(each.low), "high": told(each.high), "swing": told(each.swing),
                "rank_correlation": each.rank,
            }
            for each in swings(of, target)
        }  # fmt: skip

    return {
        "schema": SCHEMA,
        "title": found.model.scenario.title,
        "currency": found.model.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "owners": {each.owner: {"drivers": list(each.drivers), **split(each.parts)} for each in found.parts},
        "none": split(found.none),
        "whole": split(found.whole),
        "without_owner": {each.name: without(each) for each in found.owners_without},
        "without_driver": {each.name: without(each) for each in found.drivers_without},
        "drivers": {target.name: {"unit": target.unit, "moved_by": moved(target)} for target in of.targets},
        "variance_shares": {
            target: {**{name: told(share) for name, share in each.items()}, "rest": told(shares.rest[target])}
            for target, each in shares.of.items()
        },
        "worst_5": {
            target.name: {
                each.name: {"mean": told(each.mean), "worst_5": told(each.worst), "part": each.share}
                for each in tail_parts(of, target)
            }
            for target in of.targets if target.parts
        },
        "unread": list(found.model.unread),
    }  # fmt: skip
