"""The command `gainsim calibrate`: what is asked on the command line, and where its answer goes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gainsim.cli.options import Whole, json_form
from gainsim.progress import clear_line, progress_of

#: the kinds of driver that a history can be calibrated to
KINDS = ("geometric_walk", "mean_reverting", "autoregression", "garch", "regime_switching")
_path = click.Path(path_type=Path)


@click.command()
@click.argument("history", type=_path)
@click.option("--column", "columns", multiple=True, metavar="NAME", help="A column; all of them, unless said.")
@click.option("--unit", "units", multiple=True, metavar="[NAME=]UNIT", help="The unit of all columns, or of one.")
@click.option(
    "--holdout", type=Whole(0, 1200), metavar="N", help="Periods held back (two years or a fifth, unless said)."
)
@click.option("--process", type=click.Choice(KINDS), help="Write this kind (the one that foretells best, unless said).")
@click.option("--out", type=_path, help="Folder of the report (reports/NAME-calibration, unless said).")
@click.option("--no-report", is_flag=True, help="Write no report and no fragment; print the fragment too.")
@json_form
def calibrate(
    history: Path,
    columns: tuple[str, ...],
    units: tuple[str, ...],
    holdout: int | None,
    process: str | None,
    out: Path | None,
    no_report: bool,
    as_json: bool,
) -> None:
    """From HISTORY, a CSV file of a date and numbers, to drivers for a scenario.

    Candidates are fitted and held against what they had not seen; one of them is written, with what is not known of its
    parameters. Its fan is held against the end of the history. The folder has drivers.yaml, ready to paste, and a report.
    """
    from gainsim import report
    from gainsim.calibration.calibrate import calibrate as fitted
    from gainsim.calibration.history import read_history

    read = read_history(history, columns, units)
    target = None if no_report else out or Path("reports") / f"{history.stem}-calibration"
    if target is not None:
        report.check_place(target, None if out else str(history))
    progress = None if as_json else progress_of("columns")
    found = fitted(read, holdout, process, progress)
    clear_line(progress)
    place = None if target is None else report.write_calibration(found, target)
    if as_json:
        from gainsim.calibration.data import to_json

        click.echo(json.dumps(to_json(found), allow_nan=False))
    else:
        from gainsim.calibration.fragment import fragment
        from gainsim.text.calibration import page

        click.echo(page(found))
        if place is None:
            click.echo(f"\n{fragment(found)}", nl=False)
    if place is not None:
        click.echo(f"Fragment: {place / 'drivers.yaml'}\nReport: {place / 'report.html'}", err=True)
