"""The command `gainsim drivers`: what the drivers of a scenario may do, before any contract is applied."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gainsim.cli_options import Whole, json_form, one_offer, scenario_file, seed_of_draws, set_values

#: every value of every driver is kept at once: so many futures show all there is to see
FUTURES = (100, 20_000)


@click.command()
@scenario_file
@set_values
@one_offer
@seed_of_draws
@json_form
@click.option("--paths", type=Whole(*FUTURES), default=4_000, help="Number of futures (4,000, unless said; at most 20,000).")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the pictures (reports/NAME-drivers, unless said).")
@click.option("--no-report", is_flag=True, help="Draw no pictures.")
def drivers(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int,
    out: Path | None,
    no_report: bool,
) -> None:
    """Show what the drivers of SCENARIO may do: percentiles over time, fans, distributions, and how they hang together.

    The futures are those that a run with the same seed meets.
    """
    from gainsim.errors import UsageError
    from gainsim.futures import futures, to_json
    from gainsim.futures_text import page
    from gainsim.scenario.load import chosen, load_offers

    if no_report and out is not None:
        raise UsageError("--no-report draws nothing, so --out has no meaning. Leave one of them out.")
    offers = load_offers(scenario, changes, seed=seed)
    loaded = chosen(offers, offer) if offer is not None else next(iter(offers.values()))  # drivers belong to all offers
    found = futures(loaded.scenario, paths, loaded.scenario.run.seed, loaded.dated.plans)
    if not found.fans:
        raise UsageError(f"{scenario}: no driver is uncertain. There is nothing to draw.")
    target = None if no_report else out or Path("reports") / f"{scenario.stem}-drivers"
    place = None
    if target is not None:
        from gainsim.report.drivers import write_drivers

        place = write_drivers(found, target, loaded.document)
    click.echo(json.dumps(to_json(found, loaded.document.changes), allow_nan=False) if as_json else page(found))
    if place is not None:
        click.echo(f"Pictures: {target / 'report.html'}" if target else "", err=True)
