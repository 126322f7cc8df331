"""The command `gainsim waterfall`: what each clause of an offer contributes."""

from __future__ import annotations

from pathlib import Path

import click

from gainsim.cli.options import pictures_of, place_of_pictures, print_study, study
from gainsim.progress import clear_line, progress_of

#: the offer is run once for every set of clauses
FUTURES = (100, 50_000)
DEFAULT = 2_000


@click.command()
@study(FUTURES, "2,000, unless said; at most 50,000", DEFAULT)
@click.option("--as-written", is_flag=True, help="Let the clauses come in the order of the file alone: much faster, and less fair.")
@pictures_of("waterfall")
def waterfall(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int,
    as_written: bool,
    out: Path | None,
    no_report: bool,
) -> None:
    """Show what each clause of SCENARIO brings, to both parties, on average and in the worst futures.

    And what striking it alone would change. The futures are those that a run with the same seed meets.
    """
    from gainsim.analyses.waterfall import MOST
    from gainsim.analyses.waterfall import waterfall as split
    from gainsim.scenario.load import chosen, load_offers
    from gainsim.text.waterfall import page, to_json

    target = place_of_pictures(scenario, "waterfall", out, no_report)
    loaded = chosen(load_offers(scenario, changes, seed=seed), offer)
    progress = None if as_json else progress_of("offers")
    found = split(loaded.model, paths, loaded.scenario.run.seed, 0 if as_written else MOST, progress)
    clear_line(progress)
    if target is not None:
        from gainsim.report.study import write_study
        from gainsim.report.waterfall import page_of

        write_study(page_of(found), target, to_json(found), loaded.document)
    print_study(lambda: to_json(found), lambda: page(found), as_json, target)
