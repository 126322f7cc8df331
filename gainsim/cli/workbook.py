"""The command `gainsim workbook`: an offer for Excel, its payments as formulas."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gainsim.asked import PATH_NUMBERS
from gainsim.cli.options import Whole, simulated, study
from gainsim.errors import UsageError
from gainsim.progress import clear_line, progress_of

FUTURES = (100, 1_000_000)
#: beyond so many futures the split by owners, which takes a run for each subset of them, gains nothing that is seen
MOST_OF_OWNERS = 10_000


@click.command()
@study(FUTURES, "the file's, unless said; at most 1,000,000")
@click.option(
    "--path",
    type=Whole(*PATH_NUMBERS),
    help="A future (counted from 0) whose schedule is to stand beside the base case.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The file (reports/NAME.xlsx, unless said).")
def workbook(
    scenario: Path, changes: tuple[str, ...], offer: str | None, seed: int | None, as_json: bool, paths: int | None,
    path: int | None, out: Path | None,
) -> None:  # fmt: skip
    """Write SCENARIO as an Excel workbook: the payments as formulas of the facts and of the contract's own numbers.

    A share, cap or amount that is changed there moves the payments at once; the sheet of checks holds them against the
    engine's figures.
    """
    from gainsim.analyses.owners import owners
    from gainsim.report.workbook import write_workbook
    from gainsim.scenario.load import chosen, load_offers

    loaded = chosen(load_offers(scenario, changes, seed=seed, paths=paths), offer)
    place = _place(out or Path("reports") / f"{scenario.stem}.xlsx")
    summary = simulated({"": loaded}, paths, threads=None, quiet=as_json)[""]
    progress = None if as_json else progress_of("futures")
    split = owners(loaded.model, min(summary.run.paths, MOST_OF_OWNERS), summary.run.seed, progress)
    clear_line(progress)
    written = write_workbook(loaded, summary, split, place, path)
    if as_json:
        told = {"schema": "gainsim/workbook/1", "scenario": loaded.scenario.title, "file": str(place)}
        click.echo(json.dumps({**told, "numbers": written.numbers, "checks": [check.says for check in written.checks]}))
        return
    click.echo(
        f"{place}: {written.numbers} numbers of the contract in named cells, {len(written.checks)} checks against the engine."
    )


def _place(place: Path) -> Path:
    """Where the workbook goes; raises `UsageError` where it cannot go, before the work."""
    if place.suffix != ".xlsx":
        raise UsageError(f"--out {place}: a workbook's file ends in .xlsx. Write {place.with_suffix('.xlsx')}.")
    if place.is_dir():
        raise UsageError(f"{place} is a folder. Name a file in it.")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{place} is no place for a workbook: {error.strerror}. Choose another --out.") from None
    return place
