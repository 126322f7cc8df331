"""The command `gainsim settle`: what is asked on the command line, and where its answer goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gainsim.cli.options import json_form, one_offer, scenario_file, set_values
from gainsim.errors import UsageError
from gainsim.progress import rows_read

if TYPE_CHECKING:
    from gainsim.accounts import Settled
    from gainsim.scenario.settling import Settling

_path = click.Path(path_type=Path)


@click.command()
@scenario_file
@set_values
@one_offer
@json_form
@click.option("--actuals", type=_path, required=True, metavar="FILE", help="Measured facts, a CSV file: a column each.")
@click.option("--opening", type=_path, metavar="FILE", help="The memory that settling earlier periods returned.")
@click.option("--closing", type=_path, metavar="FILE", help="Write the memory from which later periods go on.")
@click.option(
    "--restates", type=_path, metavar="FILE", help="The actuals that were settled before: show the difference."
)
@click.option("--csv", type=_path, metavar="FILE", help="Write one row an account, settlement and line; - is stdout.")
def settle(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    as_json: bool,
    actuals: Path,
    opening: Path | None,
    closing: Path | None,
    restates: Path | None,
    csv: Path | None,
) -> None:
    """Settle SCENARIO's contract on measured facts: a statement for each account and settlement.

    The columns of the actuals are facts, values and drivers by name, in the units of the file; `settlement` names the
    period and `account` the account, where there is more than one. Nothing is settled in part: what is wrong is told
    with row and column.
    """
    from gainsim.scenario.load import load_file
    from gainsim.scenario.memory import read_opening
    from gainsim.scenario.settling import Settling
    from gainsim.scenario.table import CsvTable
    from gainsim.statements import ClosingForm, CsvForm, Form, JsonForm
    from gainsim.text.statement import Page, resting_words
    from gainsim.writing import check_places, write

    to_stdout = csv is not None and str(csv) == "-"
    if to_stdout and as_json:
        raise UsageError("--json and --csv - both go to stdout. Name a file for the CSV.")
    check_places([None if to_stdout else csv, closing], [scenario, actuals, opening, restates])
    loaded = load_file(scenario, changes, offer=offer)
    remembered = None if opening is None else read_opening(opening)
    before = None if restates is None else CsvTable(restates)
    with rows_read() as progress:
        settling = Settling(loaded, CsvTable(actuals), remembered, before, progress)
    forms: list[tuple[Form, Path | None]] = []
    if as_json:
        forms.append((JsonForm(settling), None))
    elif csv is None:
        forms.append((Page(settling), None))
    if csv is not None:
        forms.append((CsvForm(settling), None if to_stdout else csv))
    if closing is not None:
        forms.append((ClosingForm(settling), closing))
    write(forms, _shown(settling))
    if (as_json or csv is not None) and (resting := resting_words(settling)):  # the page says it itself
        click.echo(resting, err=True)
    for place in (csv if not to_stdout else None, closing):
        if place is not None:
            click.echo(f"Wrote {place}.", err=True)


def _shown(settling: Settling) -> Iterator[list[Settled]]:
    """What is settled, batch by batch; the rows read are shown until the last."""
    with rows_read() as progress:
        yield from settling.batches(progress)
