"""The command `gainsim drivers`: what the drivers of a scenario may do, before any contract is applied."""

from __future__ import annotations

from pathlib import Path

import click

from gainsim.cli.options import pictures_of, place_of_pictures, print_study, study

#: every value of every driver is kept at once: so many futures show all there is to see
FUTURES = (100, 20_000)


@click.command()
@study(FUTURES, "4,000, unless said; at most 20,000", 4_000)
@pictures_of("drivers")
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
    from gainsim.scenario.load import chosen, load_offers
    from gainsim.text.futures import page

    target = place_of_pictures(scenario, "drivers", out, no_report)
    offers = load_offers(scenario, changes, seed=seed)
    loaded = chosen(offers, offer) if offer is not None else next(iter(offers.values()))  # drivers belong to all offers
    found = futures(loaded.scenario, paths, loaded.scenario.run.seed, loaded.dated.plans, loaded.agreed.place)
    if not found.fans:
        raise UsageError(f"{scenario}: no driver is uncertain. There is nothing to draw.")
    if target is not None:
        from gainsim.report.drivers import write_drivers

        write_drivers(found, target, loaded.document)
    print_study(lambda: to_json(found, loaded.document.changes), lambda: page(found), as_json, target)
