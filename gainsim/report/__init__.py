"""The report of a run: one folder with a page to read, and the same figures for machines and for Excel.

    report.html      the page: the answer first, no scripts, nothing from elsewhere
    result.json      the summary, as `gainsim run --json` prints it
    measures.csv     every measure with its standard error
    years.csv        every line by year: base case and mean
    settlements.csv  every row of the ledger: due, paid, payer, payee, mean, base case
    paths.npz        every path's results (numpy.load with allow_pickle=False)
    scenario.yaml    the file as run: as it was read, with what was changed for this run, and said at its head

The report of several offers has the page, result.json and scenario.yaml; that of a calibration the page, result.json and
drivers.yaml. The folder is whole or absent, whatever
interrupts it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from gainsim.report.folder import FILES, FRAGMENT, check_place, whole_or_absent

if TYPE_CHECKING:
    from gainsim.analyses.comparison import Comparison
    from gainsim.calibration.calibrate import Calibration
    from gainsim.summary import Summary

__all__ = ["FILES", "check_place", "prepare", "write", "write_calibration", "write_offers"]


def prepare() -> None:
    """Import what a report needs and compile its page, half a second: for a thread while the paths are simulated."""
    import logging
    from importlib import import_module

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where it keeps its fonts is nothing to the reader
    for name in ("matplotlib.figure", "matplotlib.backends.backend_svg", "gainsim.report.data"):
        import_module(name)
    from gainsim.report.page import template

    template()


def write(
    summary: Summary,
    out: Path,
    elapsed: float | None = None,
    *,
    written: date | None = None,
) -> Path:
    """Write the report of a run into the folder `out`, and give the folder's place.

    elapsed: seconds that the run took, for the page's record
    written: the day on the page; None: today. Nothing else depends on when or where the report is written

    A run that was not read from a file or a text has no scenario.yaml.
    Raises `UsageError` where `out` is no place for a report, `ResourceError` where the machine does not let us write.
    """
    from gainsim.report.data import write_data
    from gainsim.report.page import render

    place = check_place(Path(out))
    page = render(summary, elapsed, written or date.today())
    with whole_or_absent(place) as folder:
        (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
        if summary.document is not None:
            (folder / "scenario.yaml").write_text(summary.document.text, encoding="utf-8", newline="")
        write_data(summary, folder)
    return place


def write_offers(
    found: Comparison,
    out: Path,
    elapsed: float | None = None,
    *,
    written: date | None = None,
) -> Path:
    """Write how several offers compare into the folder `out`, and give the folder's place; as `write` of one offer."""
    from gainsim.report.data import write_json
    from gainsim.report.offers import render_offers

    place = check_place(Path(out))
    page = render_offers(found, elapsed, written or date.today())
    with whole_or_absent(place) as folder:
        (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
        if found.document is not None:
            (folder / "scenario.yaml").write_text(found.document.text, encoding="utf-8", newline="")
        write_json(found.to_json(), folder)
    return place


def write_calibration(found: Calibration, out: Path, *, written: date | None = None) -> Path:
    """Write what was found of a history into the folder `out`, and give the folder's place; as `write` of one offer."""
    from gainsim.calibration.data import to_json
    from gainsim.calibration.fragment import fragment
    from gainsim.report.calibration import render_calibration
    from gainsim.report.data import write_json

    place = check_place(Path(out))
    page = render_calibration(found, written or date.today())
    with whole_or_absent(place) as folder:
        (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
        (folder / FRAGMENT).write_text(fragment(found), encoding="utf-8", newline="\n")
        write_json(to_json(found), folder)
    return place
