"""The workbook: an offer for Excel, its payments as formulas of the facts and of the contract's own numbers."""

from __future__ import annotations

import os
import secrets
from datetime import date
from pathlib import Path
from typing import NamedTuple

from gainsim.analyses.owners import Owners
from gainsim.clause_words import clauses_in_words
from gainsim.errors import ResourceError
from gainsim.report.page import record
from gainsim.report.workbook.assumptions import assumptions_sheet
from gainsim.report.workbook.case import Live
from gainsim.report.workbook.schedule import Check, Schedule
from gainsim.report.workbook.sheet import Book
from gainsim.report.workbook.sheets import all_hold, checks_sheet, curves_sheet, owners_sheet
from gainsim.report.workbook.summary import SUMMARY, summary_sheet
from gainsim.scenario.load import Loaded
from gainsim.summary import Summary


class Written(NamedTuple):
    """A workbook that is written. numbers: how many of the contract's have a cell of their own"""

    place: Path
    numbers: int
    checks: tuple[Check, ...]


def write_workbook(
    loaded: Loaded, summary: Summary, owners: Owners, place: Path, path: int | None = None, written: date | None = None
) -> Written:
    """Write the workbook of an offer; the file is whole or absent.

    path:    of a future whose schedule is to stand beside that of the base case; None: none
    written: the day in its record; None: today
    Raises `ResourceError` where the machine does not let us write.
    """
    live = Live.of(loaded)
    cases = [(live.base_case(), "Facts", "Schedule")]
    if path is not None:
        cases.append((live.path(path, summary.run.seed), f"Path {path} facts", f"Path {path}"))
    hidden = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        book = Book(hidden, loaded.scenario.title)
        schedules = [Schedule(book, *case) for case in cases]
        answer = book.sheet(SUMMARY)  # the first, written last: it says whether all checks hold
        assumptions_sheet(book, summary, live.numbers, live.fixed, clauses_in_words(loaded.scenario))
        for schedule in schedules:
            schedule.write()
        checks = tuple(check for schedule in schedules for check in schedule.checks)
        curves_sheet(book, summary)
        owners_sheet(book, owners)
        checks_sheet(book, checks)
        summary_sheet(answer, summary, record(summary, None, written or date.today()), all_hold(checks))
        book.close()
        os.replace(hidden, place)
    except OSError as error:
        raise ResourceError(
            f"cannot write the workbook to {place}: {error.strerror or error}. Choose another --out."
        ) from error
    finally:
        hidden.unlink(missing_ok=True)
    return Written(place, len(live.numbers), checks)
