"""What is told of an offer's sensitivity, table by table: of its owners, and from one ensemble of its drivers."""

from __future__ import annotations

from gainsim.analyses.ensemble import Ensemble, Target
from gainsim.analyses.owner_rows import luck, owner_lines
from gainsim.analyses.owners import MEASUREMENT, SHARE, Owners
from gainsim.analyses.sensitivity import swings
from gainsim.analyses.tail_shares import tail_parts
from gainsim.analyses.told import Told
from gainsim.analyses.variance_shares import OTHERS, Shares
from gainsim.measures import Estimate
from gainsim.units import Unit
from gainsim.words import counted, doubt, unit_words


def tables(found: Owners, of: Ensemble, shares: Shares) -> list[Told]:
    """All that is told, in its order."""
    return [
        *(each.told() for each in owner_lines(found)),
        *(_tornado(of, target) for target in looked_at(of)),
        _shares(of, shares),
        *(_tail(of, target) for target in of.targets if target.name in ("npv", "customer")),
    ]


def looked_at(of: Ensemble) -> list[Target]:
    """What the tornado is told of: the net present value, and all that was asked for."""
    return [of.targets[0], *(target for target in of.targets if not target.parts)]


def verdict(found: Owners) -> str:
    """Whose risk most of it is, in one sentence."""
    if SHARE not in found.whole or not found.parts:
        return "Nothing that chance moves changes the net present value."
    most = max(found.parts, key=lambda part: part.parts[SHARE].value)
    part, whose = most.parts[SHARE].value, most.owner if most.owner == MEASUREMENT else f"what is controlled by {most.owner}"
    if found.none[SHARE].value > part:
        part, whose = found.none[SHARE].value, luck(found)
    told = f"{part:.0%} of the variance" if round(part, 2) < 1.0 else "All the variance"
    return f"{told} of the net present value is from {whose}."


def _tornado(of: Ensemble, target: Target) -> Told:
    rows, theirs = swing_rows(of, target)
    notes = [
        "Tenths of futures by the driver's average over the contract; what hangs together moves together.",
        f"rank: Spearman's correlation of that average with {target.title}"
        + (", and with the customer's net benefit, discounted." if theirs else "."),
        *(f"nothing reads {name}: it moves nothing." for name in of.model.unread),
    ]
    unit = unit_words(Unit.parse(target.unit))
    figures = (f"lowest tenth, {unit}", f"highest tenth, {unit}", f"swing, {unit}", "")
    head = ("driver", "control", *figures, "rank", *(("customer's rank",) if theirs else ()))
    title = f"Which driver moves {target.title}, from these futures as they are"
    return Told(f"moves_{target.name}", title, head, rows, notes, (0, 1))


def _shares(of: Ensemble, shares: Shares) -> Told:
    notes = [
        "Shapley effects: what a driver's average over the contract tells of the outcome beyond what those told before it do, in "
        "the mean over all orders; of what two that hang together both tell, each has a half. The rest is what no average tells: "
        "how drivers move from period to period, errors of measurement, defaults and decisions, what three do only at once.",
        "An owner's part above is reckoned otherwise, and may differ: there all other drivers stand at their central values, and "
        "what chance does from period to period counts; here the others move as they do.",
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
    unit = target.unit
    head = ("", f"mean, {unit}", "", f"in the worst 5%, {unit}", "", f"less, {unit}", "", "part")
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
