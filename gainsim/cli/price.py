"""The command `gainsim price`: what a number of the file must be for a measure to come out as wanted."""

from __future__ import annotations

from pathlib import Path

import click

from gainsim.cli.options import (
    Whole,
    json_form,
    one_offer,
    pictures_of,
    place_of_pictures,
    print_study,
    scenario_file,
    seed_of_draws,
    set_values,
)
from gainsim.progress import clear_line, progress_of

FUTURES = (100, 10_000_000)
#: so many trials a search takes, about
TRIALS = 25


@click.command()
@scenario_file
@click.argument("key")
@click.option("--between", nargs=2, required=True, help="The range that is searched, in what is written there: 20_000 60_000.")
@click.option("--measure", required=True, help="The measure that is wanted, by its name in house limits, as expected_margin.")
@click.option("--target", required=True, help="What it is to be, as 14% or 80_000.")
@set_values
@one_offer
@seed_of_draws
@json_form
@click.option("--paths", type=Whole(*FUTURES), help="Number of futures (those of the file, unless said).")
@pictures_of("price")
def price(
    scenario: Path,
    key: str,
    between: tuple[str, str],
    measure: str,
    target: str,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int | None,
    out: Path | None,
    no_report: bool,
) -> None:
    """Find what the number at KEY of SCENARIO must be for a measure to reach its target, with the certainty of the answer.

    As in: gainsim price offer.yaml contract.base_fee.amount --between 20_000 60_000 --measure expected_margin --target 14%
    """
    from gainsim.analyses.pricing import priced
    from gainsim.scenario.load import chosen, load_offers
    from gainsim.text.pricing import page, to_json

    place = place_of_pictures(scenario, "price", out, no_report)
    loaded = chosen(load_offers(scenario, changes, seed=seed), offer)
    count = paths or loaded.scenario.run.paths
    progress, done = None if as_json else progress_of("trials"), 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(min(done, TRIALS - 1), TRIALS)

    found = priced(scenario, key, between, measure, target, count, changes, offer, step, seed=seed)
    clear_line(progress)
    if place is not None:
        from gainsim.report.pricing import page_of
        from gainsim.report.study import write_study

        write_study(page_of(found, loaded.scenario.title), place, to_json(found), loaded.document)
    print_study(lambda: to_json(found), lambda: page(found), as_json, place)
