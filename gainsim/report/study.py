"""The page of a study: sections with their sentences, tables and pictures, and what it takes to make it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import gainsim
from gainsim.analyses.told import Told, beside
from gainsim.report import style
from gainsim.report.folder import check_place, write_page
from gainsim.report.page import template
from gainsim.scenario.reading import Document

if TYPE_CHECKING:
    from matplotlib.figure import Figure


#: what has room on a page, in characters: beside each other, between two columns, and of a column of words, which is folded
_ROOM, _GAP, _WORDS = 132, 3, 26


@dataclass(frozen=True)
class Table:
    """Rows as they are shown; columns of words stand to the left, all others are figures. On a page what has no room goes on below.

    total: whether the last row sums the others up
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)
    total: bool = False


    def parts(self) -> list[Table]:
        """The same in as many tables as it takes to be no wider than a page."""
        longest = [max((len(row[column]) for row in self.rows), default=0) for column in range(len(self.head))]
        taken = [
            max(min(width, _WORDS) if column in self.words else width, *map(len, head.split() or [""])) + _GAP
            for column, (width, head) in enumerate(zip(longest, self.head, strict=True))
        ]
        return [
            Table(
                [self.head[each] for each in columns],
                [[row[each] for each in columns] for row in self.rows],
                [place for place, each in enumerate(columns) if each in self.words],
                self.total,
            )
            for columns in beside(self.head, taken, _ROOM)
        ]


class Picture(NamedTuple):
    """A picture and its caption, which also speaks to those who cannot see it."""

    name: str
    drawn: Figure
    caption: str


@dataclass(frozen=True)
class Section:
    """One part of a page.

    said:  sentences above everything else
    notes: sentences in small print below it
    """

    name: str
    title: str
    said: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Study:
    """A page.

    kind:    what it is, in a word that follows the offer's title: stress
    about:   the same above the title: Stresses of an offer
    verdict: the answer, in one sentence
    record:  (name, value) of what it takes to make it again
    """

    title: str
    kind: str
    about: str
    verdict: str
    sections: Sequence[Section]
    record: Sequence[tuple[str, str]]


def section_of(told: Told, pictures: Sequence[Picture] = ()) -> Section:
    """A table as it is told, and its pictures."""
    return Section(told.name, told.title, tables=[Table(told.head, told.rows, told.words)], pictures=pictures, notes=told.notes)


def write_study(study: Study, out: Path, told: Mapping[str, Any], document: Document | None) -> Path:
    """Write a page into the folder `out`: report.html, result.json with what is told to machines, and the file; gives its place.

    document: None where whoever reads the page is not to have the file
    """
    check_place(out)
    return write_page(out, render_study(study), told, None if document is None else document.text)


def render_study(study: Study) -> str:
    """The page as text."""
    from markupsafe import Markup

    def drawn(section: Section) -> list[tuple[str, Any, str]]:
        return [
            (each.name, Markup(style.svg(each.drawn, f"{each.name.replace('_', ' ')}. {each.caption}")), each.caption)
            for each in section.pictures
        ]

    return template("study.html").render(
        title=study.title,
        kind=study.kind,
        about=study.about,
        verdict=study.verdict,
        sections=[(section, drawn(section)) for section in study.sections],
        record=study.record,
    )


def record(paths: int, seed: int, written: date | None = None) -> list[tuple[str, str]]:
    """What it takes to make a study again; written: today, unless said."""
    day = f"{written or date.today():%Y-%m-%d}"
    return [("Seed", str(seed)), ("Paths", f"{paths:,}"), ("gainsim", gainsim.__version__), ("Written", day)]
