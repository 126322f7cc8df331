"""The command `gainsim conduct`: how much effort an offer makes the parties put in, and what another would change."""

from __future__ import annotations

from pathlib import Path

import click

from gainsim.cli.options import pictures_of, place_of_pictures, print_study, study
from gainsim.progress import clear_line, progress_of

#: every path is kept at once, and each offer is run a dozen times
FUTURES = (100, 100_000)
DEFAULT = 2_048


@click.command()
@study(FUTURES, "2,048, unless said; at most 100,000")
@pictures_of("conduct")
def conduct(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int | None,
    out: Path | None,
    no_report: bool,
) -> None:
    """Show what SCENARIO makes the parties do: how much effort is put in and when, and what another effort would change.

    The futures are those that a run with the same seed meets. Several offers in one file are told side by side.
    """
    from gainsim.analyses.conducted import conducted_offers
    from gainsim.analyses.conducted_data import to_json
    from gainsim.scenario.load import chosen, load_offers
    from gainsim.text.conduct import page

    target = place_of_pictures(scenario, "conduct", out, no_report)
    offers = load_offers(scenario, changes, seed=seed)
    if offer is not None:
        offers = {offer: chosen(offers, offer)}
    progress = None if as_json else progress_of("futures")
    first = next(iter(offers.values()))
    models = {name: each.model for name, each in offers.items()}
    found = conducted_offers(models, paths or DEFAULT, first.scenario.run.seed, progress)
    clear_line(progress)
    document = first.document if len(offers) == 1 else first.document.whole or first.document
    title = str(document.data["title"])
    if target is not None:
        from gainsim.report.conduct import write_conduct

        write_conduct(title, found, target, document)
    print_study(lambda: to_json(title, found, document.changes), lambda: page(title, found), as_json, target)
