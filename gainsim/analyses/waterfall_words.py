"""The rows and sentences of a waterfall, as the terminal and the page show them."""

from __future__ import annotations

from collections.abc import Mapping

from gainsim.analyses.told import Row, Told
from gainsim.analyses.waterfall import Waterfall
from gainsim.measures import Estimate
from gainsim.words import counted, doubt

#: how what is split is called at the head of its column
_HEADS = {
    "mean": "our NPV",
    "mean of the worst 5%": "its worst 5%, mean",
    "tax": "our tax",
    "customer's mean": "customer's, discounted",
    "customer's mean of the worst 5%": "its worst 5%, mean",
}


def tables(found: Waterfall) -> list[Told]:
    """What every clause brings, and what striking it would change."""
    return [
        Told("brings", "What each clause brings", head(found), brought(found), notes(found)),
        Told("struck", "What striking one clause would change", head(found), struck(found), [ALONE]),
    ]


def verdict(found: Waterfall) -> str:
    """What the clauses bring together, and which protects most in the worst futures, in a sentence or two."""
    money = found.model.scenario.currency
    ours = f"{found.whole['mean'].value - found.none['mean'].value:,.0f} {money}"
    said = f"Together the clauses bring us {ours} on average."
    best = max(found.parts, key=lambda part: part.parts["mean of the worst 5%"].value - part.parts["mean"].value)
    lifted = best.parts["mean of the worst 5%"].value - best.parts["mean"].value
    return f"{said} In our worst futures {best.clause} brings {lifted:,.0f} {money} more than on average." if lifted > 0.0 else said


def head(found: Waterfall) -> Row:
    """The heads of the columns: a figure and its doubt of everything that is split."""
    return (found.model.scenario.currency, *(part for what in found.whole for part in (_HEADS[what], "")))


def brought(found: Waterfall) -> list[Row]:
    """(clause, figure and doubt of everything that is split), from no clause to the offer."""
    rows = [("no clause", *_figures(found.none, ""))]
    rows += [(f"+ {each.clause}", *_figures(each.parts, "+")) for each in found.parts]
    return [*rows, ("= the offer", *_figures(found.whole, ""))]


def struck(found: Waterfall) -> list[Row]:
    """The same of what changes where a clause is struck and all others stay."""
    return [(f"without {each.clause}", *_figures(each.struck, "+")) for each in found.parts]


def _figures(of: Mapping[str, Estimate], sign: str) -> Row:
    return tuple(part for each in of.values() for part in _money(each, sign))


def _money(of: Estimate, sign: str) -> tuple[str, str]:
    said = f"{of.value:{sign}z,.0f}"
    return ("." if said in ("0", "+0") else said), doubt(of) if of.standard_error > 0.0 else ""


ALONE = "The offer with all other clauses, less the offer as it is: what each party would win or lose by taking this one out."


def notes(found: Waterfall) -> list[str]:
    """What the rows mean, and what they do not have."""
    orders = (
        "Every row is what a clause adds to those that are there before it, in the order in which they are written; another order "
        "would give other parts. The rows add up."
        if found.in_order
        else "Every row is what a clause adds to those that are there before it, in the mean over all orders in which they may "
        f"come (Shapley), from {counted(found.offers, 'offer')} on the same futures; so the rows add up."
    )
    said = [orders, "A step of a sharing term has a row of its own; against and the share are the term's."]
    if found.model.plans:
        said.append("Efforts and weighed decisions are those of the offer as it is; gainsim conduct tells what they hang on.")
    return said
