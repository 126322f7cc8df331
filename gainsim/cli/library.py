"""The command `gainsim library`: starting points for drivers, and shocks for stresses, with their sources."""

from __future__ import annotations

import click

from gainsim.cli.options import json_form


@click.command()
@click.argument("name", required=False)
@json_form
def library(name: str | None, as_json: bool) -> None:
    """List what a driver, or a shock of a stress, may be like, or show the one called NAME."""
    from gainsim.errors import UsageError
    from gainsim.scenario.library import starting_points
    from gainsim.scenario.shock_library import standard_shocks
    from gainsim.spelling import did_you_mean
    from gainsim.text import library as library_text

    points, shocks = starting_points(), standard_shocks()
    if name is not None and name not in {**points, **shocks}:
        meant = did_you_mean(name, [*points, *shocks]) or " gainsim library lists what is."
        raise UsageError(f"'{name}' is not in the library.{meant}")
    chosen = [point for point in points.values() if name in (None, point.name)]
    coming = [shock for shock in shocks.values() if name in (None, shock.name)]
    if as_json:
        click.echo(library_text.to_json(chosen, coming))
    elif name is None:
        click.echo(library_text.page(chosen, coming))
    else:
        click.echo(library_text.one(points[name]) if name in points else library_text.one_shock(shocks[name]))
