"""The command `gainsim conduct`: how much effort an offer makes the parties put in, and what another would change."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gainsim.cli_options import Whole, json_form, one_offer, scenario_file, seed_of_draws, set_values
from gainsim.progress import clear_line, progress_of

#: every path is kept at once, and the offer is run a dozen times
FUTURES = (100, 100_000)
DEFAULT = 2_048


@click.command()
@scenario_file
@set_values
@one_offer
@seed_of_draws
@json_form
@click.option("--paths", type=Whole(*FUTURES), help="Number of futures (2,048, unless said; at most 100,000).")
def conduct(
    scenario: Path, changes: tuple[str, ...], offer: str | None, seed: int | None, as_json: bool, paths: int | None
) -> None:
    """Show what SCENARIO makes the parties do: how much effort is put in and when, and what another effort would change.

    The futures are those that a run with the same seed meets.
    """
    from gainsim.conducted import conducted
    from gainsim.conducted_text import page, to_json
    from gainsim.scenario.load import chosen, load_offers

    loaded = chosen(load_offers(scenario, changes, seed=seed), offer)
    progress = None if as_json else progress_of("futures")
    found = conducted(loaded.model, paths or DEFAULT, loaded.scenario.run.seed, progress)
    clear_line(progress)
    click.echo(json.dumps(to_json(found), allow_nan=False) if as_json else page(found))
