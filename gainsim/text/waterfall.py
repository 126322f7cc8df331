"""What each clause of an offer contributes, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gainsim.analyses.waterfall import Waterfall
from gainsim.measures import Estimate
from gainsim.text.offer import heading, table
from gainsim.words import counted, doubt

SCHEMA = "gainsim/waterfall/1"
#: how what is split is called at the head of its column
_HEADS = {
    "mean": "our NPV",
    "mean of the worst 5%": "its worst 5%, mean",
    "tax": "our tax",
    "customer's mean": "customer's, discounted",
    "customer's mean of the worst 5%": "its worst 5%, mean",
}
Row = tuple[str, ...]


def page(found: Waterfall) -> str:
    """What every clause brings, and what striking it would change."""
    futures = f"{counted(found.paths, 'future')}, seed {found.seed}; ± is one standard error"
    parts = [
        f"{found.model.scenario.title}\n{futures}",
        f"{heading('What each clause brings')}\n{table(brought(found), head=head(found))}\n\n" + "\n".join(notes(found)),
        f"{heading('What striking one clause would change')}\n{table(struck(found), head=head(found))}\n\n{STRUCK}",
    ]
    return "\n\n".join(parts)


def head(found: Waterfall) -> Row:
    """The heads of the columns: a figure and its doubt of everything that is split."""
    return ("", *(part for what in found.whole for part in (_HEADS[what], "")))


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


STRUCK = (
    "The offer with all other clauses, less the offer as it is: what each party would win or lose by taking this one out."
)


def notes(found: Waterfall) -> list[str]:
    """What the rows mean, and what they do not have."""
    orders = (
        "Every row is what a clause adds to those that are there before it, in the order in which they are written, for there are\n"
        "too many to have them come in all orders; another order would give other parts. The rows add up."
        if found.in_order
        else "Every row is what a clause adds to those that are there before it, in the mean over all orders in which they may\n"
        f"come (Shapley), from {counted(found.offers, 'offer')} on the same futures; so the rows add up."
    )
    said = [orders, "A step of a sharing term has a row of its own; against and the share are the term's."]
    if found.model.plans:
        said.append("Efforts and weighed decisions are those of the offer as it is; gainsim conduct tells what they hang on.")
    return said


def to_json(found: Waterfall) -> dict[str, Any]:
    """The same for machines."""

    def told(of: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
        return {what: {"value": each.value, "standard_error": each.standard_error} for what, each in of.items()}

    return {
        "schema": SCHEMA,
        "title": found.model.scenario.title,
        "currency": found.model.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "orders": "as written" if found.in_order else "all",
        "none": told(found.none),
        "clauses": {each.clause: {"parts": told(each.parts), "struck": told(each.struck)} for each in found.parts},
        "whole": told(found.whole),
    }
