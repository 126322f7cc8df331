"""The command `gainsim library`: starting points for drivers, with their sources."""

from __future__ import annotations

import click

from gainsim.cli.options import json_form


@click.command()
@click.argument("name", required=False)
@json_form
def library(name: str | None, as_json: bool) -> None:
    """List the starting points that a driver may be like, or show the one called NAME."""
    from gainsim.errors import UsageError
    from gainsim.scenario.library import starting_points
    from gainsim.spelling import did_you_mean
    from gainsim.text import library as library_text

    points = starting_points()
    if name is not None and name not in points:
        raise UsageError(f"'{name}' is not in the library.{did_you_mean(name, points) or ' gainsim library lists what is.'}")
    chosen = points.values() if name is None else [points[name]]
    if as_json:
        click.echo(library_text.to_json(chosen))
    else:
        click.echo(library_text.page(chosen) if name is None else library_text.one(points[name]))
