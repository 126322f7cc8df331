"""What is told of an offer's sensitivity, table by table: of its owners, and from one ensemble of its drivers."""

from __future__ import annotations

from collections.abc import Mapping

from gainsim.analyses.ensemble import Ensemble, Target
from gainsim.analyses.owners import MEASUREMENT, Owners, Without
from gainsim.analyses.sensitivity import swings
from gainsim.analyses.tail_shares import tail_parts
from gainsim.analyses.told import Row, Told
from gainsim.analyses.variance_shares import OTHERS, Shares
from gainsim.measures import Estimate
from gainsim.words import counted, doubt, percent

#: what is a smaller part of the variance is the rounding of sums
_ROUNDING = 1e-12


def tables(found: Owners, of: Ensemble, shares: Shares) -> list[Told]:
    """All that is told, in its order."""
    return [
        _ledger(found),
        _withouts(found),
        *(_tornado(of, target) for target in looked_at(of)),
        _shares(of, shares),
        *(_tail(of, target) for target in of.targets if target.name in ("npv", "customer")),
    ]


def looked_at(of: Ensemble) -> list[Target]:
    """What the tornado is told of: the net present value, and all that was asked for."""
    return [of.targets[0], *(target for target in of.targets if not target.parts)]


def verdict(found: Owners) -> str:
    """Whose risk most of it is, in one sentence."""
    whole = found.whole["variance"].value
    if whole <= 0.0 or not found.parts:
        return "Nothing that chance moves changes the net present value."
    most = max(found.parts, key=lambda part: part.parts["variance"].value)
    share = most.parts["variance"].value / whole
    whose = most.owner if most.owner == MEASUREMENT else f"what is controlled by {most.owner}"
    return f"{100.0 * share:.0f}% of the variance of the net present value is from {whose}."


def _ledger(found: Owners) -> Told:
    whole = found.whole["variance"].value

    def row(name: str, of: Mapping[str, Estimate], sign: str = "+") -> Row:
        share = f"{100.0 * of['variance'].value / whole:.1f}%" if whole > 0.0 else "."
        chance = of["chance of loss"].value
        points = f"{100.0 * chance:+z.2f} pp" if sign else percent(chance)
        money = (part for what in ("mean", "mean of the worst 5%", "penalties") for part in _money(of[what], sign))
        return (name, share, points, *money)

    rows = [row("no driver moves", found.none, "")]
    rows += [row(f"+ {each.owner}", each.parts) for each in found.parts]
    rows.append(row("= the offer", found.whole, ""))
    notes = [
        "Every row adds what an owner's drivers bring in, in the mean over all orders in which the owners may come (Shapley); so "
        "the rows add up. Terms below 0: what terms bring that cost the supplier over the contract.",
    ]
    if found.none["variance"].value > _ROUNDING * whole:
        notes.append("What is left where no driver moves is the chance of decisions, and of a default.")
    notes += [f"{each.owner}: {', '.join(each.drivers)}" for each in found.parts if each.drivers]
    head = ("", "variance", "chance of loss", "mean NPV", "", "worst 5%, mean", "", "terms below 0", "")
    return Told("owners", "Whose risk it is: the net present value, by who controls what moves", head, rows, notes)


def _withouts(found: Owners) -> Told:
    def row(name: str, of: Without) -> Row:
        told = (of.supplier, of.worst, of.certain, of.customer, of.customer_worst, of.bearing)
        return (name, *(part for each in told if each is not None for part in _money(each, "+")))

    rows = [row(each.name if each.name == MEASUREMENT else f"all of {each.name}", each) for each in found.owners_without]
    rows += [row(f"  {each.name}", each) for each in found.drivers_without]
    some = next(iter(found.owners_without), None)
    head = ["standing at its central value", "our NPV", "", "its worst 5%, mean", ""]
    notes = [
        "A positive figure is what the supplier could pay, on average or in the worst twentieth, to be as well off without that "
        "exposure: the price of guaranteeing it. Where it is negative, chance works for whoever has it.",
    ]
    if some is not None and some.certain is not None:
        head += ["certainty equivalent", ""]
        notes.append("At the risk aversion of the file it could pay what the certainty equivalent of its margin rises by.")
    if some is not None and some.customer is not None:
        head += ["customer's, discounted", "", "its worst 5%, mean", "", "the same, bearing it", ""]
        notes.append(
            "The customer's figures are first those of an exclusion, where nobody bears the driver any more; bearing it, the "
            "customer makes good all that it does to our NPV, as an index would: on average it then has minus our first figure."
        )
    return Told("without", "What it would be worth to be rid of it", tuple(head), rows, notes)


def _tornado(of: Ensemble, target: Target) -> Told:
    rows, theirs = swing_rows(of, target)
    notes = [
        "Tenths of futures by the driver's average over the contract; what hangs together moves together.",
        f"rank: Spearman's correlation of that average with {target.title}"
        + (", and with the customer's net benefit, discounted." if theirs else "."),
        *(f"nothing reads {name}: it moves nothing." for name in of.model.unread),
    ]
    head = ("driver", "control", "lowest tenth", "highest tenth", "swing", "", "rank", *(("customer's rank",) if theirs else ()))
    title = f"Which driver moves {target.title}, from these futures as they are"
    return Told(f"moves_{target.name}", title, head, rows, notes, (0, 1))


def _shares(of: Ensemble, shares: Shares) -> Told:
    notes = [
        "Shapley effects: what a driver's average over the contract tells of the outcome beyond what those told before it do, in "
        "the mean over all orders; of what two that hang together both tell, each has a half. The rest is what no average tells: "
        "how drivers move from period to period, errors of measurement, defaults and decisions, what three do only at once.",
        *([f"{OTHERS}: {', '.join(shares.named)}."] if shares.named else []),
        f"From {counted(shares.seen, 'future')} of this one run.",
    ]
    title = "How much of the variance each driver makes"
    return Told("variance", title, share_head(of, shares), share_rows(shares), notes)


def _tail(of: Ensemble, target: Target) -> Told:
    notes = [
        "Euler's parts: every term and cost on the worst twentieth of futures, exactly adding up to its mean; what made it worse "
        "than the mean stands on top. The last column is the part in that.",
    ]
    head = ("", "mean", "", "in the worst 5%", "", "less", "", "part")
    return Told(f"worst_{target.name}", f"What the worst 5% of {target.title} are made of", head, tail_rows(of, target), notes)


def _money(of: Estimate, sign: str = "") -> tuple[str, str]:
    return f"{of.value:{sign}z,.0f}", doubt(of) if of.standard_error > 0.0 else ""


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


def tail_rows(of: Ensemble, target: Target) -> list[tuple[str, ...]]:
    """(term or cost, mean, on the worst futures, the difference, each with its doubt, and its part in all of that)."""
    rows: list[tuple[str, ...]] = []
    for each in tail_parts(of, target):
        name = f"= {target.title}" if each.name == target.name else each.name
        part = "" if each.share is None else f"{100.0 * each.share:z.1f}%"
        rows.append((name, *_money(each.mean), *_money(each.worst), *_money(each.apart, "+"), part))
    return rows
