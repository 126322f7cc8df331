"""The command `gainsim operations`: what the operations of a scenario come to, and what happened on one path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gainsim.asked import PATH_NUMBERS
from gainsim.cli.options import Whole, pictures_of, place_of_pictures, print_study, refuse_without_meaning, study
from gainsim.progress import clear_line, progress_of

if TYPE_CHECKING:
    from gainsim.scenario.load import Loaded

#: what is added up of every path is kept at once
FUTURES = (100, 100_000)
DEFAULT = 2_048


@click.command()
@study(FUTURES, "2,048, unless said; at most 100,000")
@click.option("--path", type=Whole(*PATH_NUMBERS), help="Tell what happened on one path instead, event by event.")
@pictures_of("operations")
def operations(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int | None,
    path: int | None,
    out: Path | None,
    no_report: bool,
) -> None:
    """Show what the operations of SCENARIO come to: outcomes, where downtime comes from, what one more or fewer would change.

    The histories are those that a run with the same seed meets, before any contract is applied.
    """
    from gainsim.scenario.load import chosen, load_offers

    if path is not None:
        refuse_without_meaning({"--paths": paths, "--out": out}, "--path tells one future")
    target = place_of_pictures(scenario, "operations", out, no_report)
    offers = load_offers(scenario, changes, seed=seed)
    if path is not None:
        first = next(iter(offers.values()))
        alike = all(each.scenario.operations == first.scenario.operations for each in offers.values())
        _one_path(first if alike and offer is None else chosen(offers, offer), path, as_json)
        return
    loaded = chosen(offers, offer)  # what levers are worth differs by offer, where operations do not
    from gainsim.service import service
    from gainsim.service_data import to_json
    from gainsim.text.service import page

    progress = None if as_json else progress_of("histories")
    found = service(loaded.scenario, paths or DEFAULT, loaded.scenario.run.seed, progress)
    clear_line(progress)
    if target is not None:
        from gainsim.report.service import write_service

        write_service(found, target, loaded.document)
    print_study(lambda: to_json(found, loaded.document.changes), lambda: page(found), as_json, target)


def _one_path(loaded: Loaded, path: int, as_json: bool) -> None:
    from gainsim.service import timeline
    from gainsim.service_data import timeline_json
    from gainsim.text.timeline import timeline_page

    title, seed = loaded.scenario.title, loaded.scenario.run.seed
    calendar, told = timeline(loaded.scenario, path, seed)
    if as_json:
        click.echo(json.dumps(timeline_json(title, path, seed, told), allow_nan=False))
        return
    click.echo(f"{title}: path {path}, seed {seed}\n\n{timeline_page(calendar, told)}")
