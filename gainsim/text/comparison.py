"""What the terminal shows of several offers: side by side, and each against the first on the same futures."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

from gainsim.analyses import comparison_rows as rows
from gainsim.analyses.changed import in_words
from gainsim.analyses.comparison import Comparison
from gainsim.precision import precision_words
from gainsim.text.offer import heading, table
from gainsim.text.told import WIDTH
from gainsim.titles import TITLES
from gainsim.words import counted, drawn

#: what a memo of one offer shows in a table of its own is here a row like others
_TITLES = TITLES | {
    "customer_chance_over_budget": "customer over its budget in some year",
    "value_created": "value created, both sides",
    "customer_share_of_value": "  the customer's part",
}


def side_by_side(found: Comparison) -> str:
    """The comparison as a page of text."""
    run, names = found.first.run, list(_TITLES)
    changes = found.document.changes if found.document is not None else ()
    parts = [
        found.title,
        f"{counted(len(found.offers), 'offer')} on the same {counted(run.paths, 'future')}, seed {run.seed}; "
        "± is one standard error",
        *([drawn(run)] if run.groups is not None else ()),
        *(f"with {change}" for change in changes if change.path[0] != "run"),
        "",
        *(f"{name}: {title}" for name, title in rows.titles(found)),
        *([""] if rows.titles(found) else ()),
        rows.verdict(found),
        "",
        heading(f"Side by side, {found.currency}"),
        table(rows.measure_rows(found, names, _TITLES.__getitem__), head=("", *_twice(found.offers))),
    ]
    for name in found.others:
        parts += ["", heading(f"{name} against {found.reference}, {found.currency}"), rows.better(found, name)]
        parts += [table(rows.better_rows(found, name), head=rows.BETTER_HEAD), *different(found, name)]
    if found.others:
        less = rows.difference_rows(found, names, _TITLES.__getitem__)
        parts += ["", heading(f"Less {found.reference}, path by path, {found.currency}")]
        parts += [table(less, head=("", *_twice(found.others)))]
    if deals := rows.deal_table(found):
        parts += ["", heading("Deal terms, committed"), table(deals, head=("", *found.offers))]
    head, decided = rows.decided_rows(found)
    if decided:
        parts += ["", heading("Lifecycle"), table(decided, head=head, left=(0, 1))]
    asked = rows.accept_rows(found)
    for title, lines in (
        ("Guardrails", rows.guardrail_rows(found)), ("The customer asks for", asked), ("House limits", rows.limit_rows(found))
    ):  # fmt: skip
        if lines:
            parts += ["", heading(title), table(lines, left=(0, 1, 2))]
    if approvals := rows.approval_rows(found):
        parts += ["", heading("Approval"), *(fill(f"{name}: {said}", WIDTH) for name, said in approvals)]
    if found.first.adjustment is not None:
        parts += ["", heading("Control variates"), *(f"{name}: {one.adjustment}" for name, one in found.offers.items())]
    if found.first.sized is not None:
        said = [f"{name}: {precision_words(found.first.sized, one.reached)}" for name, one in found.offers.items()]
        parts += ["", heading("Precision"), *said]
    parts += ["", heading("Checks")]
    parts += [f"- {check}" for check in rows.checks(found)] or ["Nothing makes these runs suspect."]
    return "\n".join(parts)


def different(found: Comparison, name: str) -> list[str]:
    """What an offer says otherwise than the first, section by section."""
    told = in_words(found.different(name))
    return [line for title, said in told for line in ("", f"{title}:", *(f"- {each}" for each in said))]


def _twice(names: Iterable[str]) -> tuple[str, ...]:
    """A column for the value of each offer, and one for its doubt."""
    return tuple(part for name in names for part in (name, ""))
