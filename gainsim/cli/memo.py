"""The command `gainsim memo`: an offer gathered into a few pages, for the house or for the customer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gainsim.cli.judged import judged
from gainsim.cli.options import pictures_of, place_of_pictures, simulated, study
from gainsim.progress import clear_line, progress_of

FUTURES = (100, 1_000_000)
#: owners and stresses take a run for each subset and each case: beyond so many futures they gain nothing that is seen
MOST = 10_000


@click.command()
@study(FUTURES, "the file's, unless said; at most 1,000,000")
@click.option(
    "--for",
    "reader",
    type=click.Choice(["house", "customer"]),
    default="house",
    help="Who reads it (house, unless said).",
)
@pictures_of("memo")
def memo(
    scenario: Path, changes: tuple[str, ...], offer: str | None, seed: int | None, as_json: bool, paths: int | None,
    reader: str, out: Path | None, no_report: bool,
) -> None:  # fmt: skip
    """Gather SCENARIO into a memo: the answer first, the offer in plain words, both parties, risk, limits, what must be true.

    For the customer: what it pays, gains and is asked to do, without the supplier's costs, margin and limits, and without the file.
    """
    from gainsim.scenario.load import chosen, load_offers

    loaded = chosen(load_offers(scenario, changes, seed=seed, paths=paths), offer)
    place = place_of_pictures(scenario, "memo" if reader == "house" else "for-customer", out, no_report)
    if reader == "customer":
        from gainsim.analyses.memo import as_agreed

        loaded = as_agreed(loaded)
    summary = simulated({"": loaded}, paths, threads=None, quiet=as_json)[""]
    said, told, write = (_for_house if reader == "house" else _for_customer)(loaded, summary, as_json)
    where = None if place is None else write(place)
    click.echo(json.dumps(told, allow_nan=False) if as_json else said)
    if where is not None:
        click.echo(f"Memo: {where / 'report.html'}", err=True)
    if reader == "house":  # the customer is not told of limits, nor by how the command ends
        judged(summary.limits)


def _for_house(loaded: Any, summary: Any, quiet: bool) -> tuple[str, dict[str, Any], Any]:
    from gainsim.analyses.memo import Memo
    from gainsim.analyses.owners import owners
    from gainsim.analyses.stress import stresses
    from gainsim.report.memo import write_memo
    from gainsim.text.memo import memo_json, memo_page

    progress = None if quiet else progress_of("futures")
    paths, seed = min(summary.run.paths, MOST), summary.run.seed
    split, cases = owners(loaded.model, paths, seed, progress), stresses(loaded, paths, seed, progress=progress)
    clear_line(progress)
    found = Memo(loaded, summary, split, cases)
    told = memo_json(found)
    return memo_page(found), told, lambda place: write_memo(found, told, place)


def _for_customer(loaded: Any, summary: Any, quiet: bool) -> tuple[str, dict[str, Any], Any]:
    from gainsim.analyses.memo import for_customer
    from gainsim.report.memo import write_for_customer
    from gainsim.text.memo import customer_json, customer_page

    found = for_customer(loaded, summary)
    told = customer_json(found)
    return customer_page(found), told, lambda place: write_for_customer(found, told, place)
