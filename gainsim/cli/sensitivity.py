"""The command `gainsim sensitivity`: whose risk an offer is, and which driver moves it."""

from __future__ import annotations

from pathlib import Path

import click

from gainsim.cli.options import pictures_of, place_of_pictures, print_study, study
from gainsim.progress import clear_line, progress_of

#: the offer is run once for every subset of its owners, and once for every driver
FUTURES = (100, 1_000_000)
DEFAULT = 10_000


@click.command()
@study(FUTURES, "10,000, unless said; at most 1,000,000")
@click.option("--of", "of", multiple=True, metavar="NAME", help="A driver or value of the file whose average is looked at too.")
@pictures_of("sensitivity")
def sensitivity(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int | None,
    of: tuple[str, ...],
    out: Path | None,
    no_report: bool,
) -> None:
    """Show whose risk SCENARIO is: what the supplier controls, the customer controls and nobody does; and which driver moves it.

    The futures are those that a run with the same seed meets.
    """
    from gainsim.analyses.ensemble import ensemble
    from gainsim.analyses.owners import owners
    from gainsim.analyses.variance_shares import variance_shares
    from gainsim.scenario.load import chosen, load_offers
    from gainsim.text.sensitivity import page, to_json

    target = place_of_pictures(scenario, "sensitivity", out, no_report)
    loaded = chosen(load_offers(scenario, changes, seed=seed), offer)
    progress = None if as_json else progress_of("futures")
    count, first = paths or DEFAULT, loaded.scenario.run.seed
    once = ensemble(loaded.model, count, first, of)
    found, shares = owners(loaded.model, count, first, progress), variance_shares(once)
    clear_line(progress)
    if target is not None:
        from gainsim.report.sensitivity import page_of
        from gainsim.report.study import write_study

        write_study(page_of(found, once, shares), target, to_json(found, once, shares), loaded.document)
    print_study(lambda: to_json(found, once, shares), lambda: page(found, once, shares), as_json, target)
