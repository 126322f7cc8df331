"""The command `gainsim risks`: a risk register, before and after what is done about it."""

from __future__ import annotations

from pathlib import Path

import click

from gainsim.cli.options import json_form


@click.command()
@click.argument("register", type=click.Path(path_type=Path))
@json_form
@click.option("--currency", default="EUR", help="Of the impacts and the costs (EUR, unless said).")
@click.option("--paths", type=click.IntRange(100, 10_000_000), default=100_000, help="Number of futures (100,000, unless said).")
@click.option("--seed", type=int, default=1, help="Seed of the draws (1, unless said).")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the risks as drivers and costs of a scenario.")
@click.option("--mitigated", is_flag=True, help="Write them as they are after their mitigation, with what it costs.")
def risks(register: Path, as_json: bool, currency: str, paths: int, seed: int, out: Path | None, mitigated: bool) -> None:
    """Reckon REGISTER, a risk register as a CSV file: what to expect, and the contingency.

    Columns: risk, probability, and low, likely and high of the impact, in money or as parts of the driver under hits;
    optional: owner, control, from and to (months), lasts, mitigation, mitigation_cost, and probability_after, low_after,
    likely_after, high_after.
    """
    from gainsim.contingency import contingency
    from gainsim.errors import UsageError
    from gainsim.register import read_register
    from gainsim.text import register as register_text
    from gainsim.units import Unit
    from gainsim.writing import check_places

    try:
        Unit.money(currency)
    except ValueError as error:
        raise UsageError(f"--currency: {error}") from None
    if mitigated and out is None:
        raise UsageError("--mitigated says what --out writes. Name a file with --out.")
    check_places([out], [register])
    read = read_register(register)
    found = contingency(read, paths, seed)
    if out is not None:  # before anything is printed, whose reader may have gone away
        out.write_text(register_text.fragment(read, currency, mitigated=mitigated), encoding="utf-8")
    click.echo(register_text.as_json(found, currency) if as_json else register_text.page(found, currency))
    if out is not None:
        click.echo(f"Wrote {out}.", err=True)
