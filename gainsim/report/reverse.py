"""The page of a reverse stress: each way past a limit, with the drivers' courses there beside those of ordinary futures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gainsim.analyses.reverse import Reverse, Way
from gainsim.analyses.reverse_data import to_json
from gainsim.analyses.reverse_words import (
    STATE_HEAD,
    asked_words,
    clause_head,
    clause_rows,
    matter,
    nearest_words,
    notes,
    plain_words,
    state_rows,
    verdict,
    way_title,
    way_words,
)
from gainsim.analyses.states import State
from gainsim.report import style
from gainsim.report.folder import check_place
from gainsim.report.study import Picture, Section, Study, Table, record, write_study
from gainsim.scenario.reading import Document
from gainsim.words import unit_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: drivers of one way that are drawn, and how many stand side by side
MOST, ACROSS = 6, 3


def write_reverse(found: Reverse, out: Path, document: Document, *, written: date | None = None) -> Path:
    """Write the page of a reverse stress into the folder `out`: report.html, result.json and the file."""
    check_place(out)  # before anything is drawn
    made = record(found.futures + found.simulated, found.seed, written)
    title = found.model.scenario.title
    study = Study(title, "reverse stress", "What it takes to come past a limit", verdict(found), sections(found), made)
    return write_study(study, out, to_json(found, document.changes), document)


def sections(found: Reverse) -> list[Section]:
    """What is known of the limit, and each way past it."""
    explained = notes(found) if found.ways else []
    told = Section("limit", "How likely it is", [*asked_words(found), plain_words(found)], notes=explained)
    return [told, *(_way(number, found) for number in range(len(found.ways)))]


def _way(number: int, found: Reverse) -> Section:
    way = found.ways[number]
    drawn = matter(way)[:MOST]
    pictures = [Picture(f"way_{number + 1}", courses(found, way, drawn), _CAPTION)] if drawn else []
    tables = [Table(STATE_HEAD, state_rows(way), words=(0, 1, 2)), Table(clause_head(found), clause_rows(way), total=True)]
    return Section(
        f"way_{number + 1}", way_title(number, found), way_words(way, found), tables, pictures, [nearest_words(way, found)]
    )


_CAPTION = (
    "Orange: the drivers in the least unlikely state that is past the limit this way, in the mean of all else. Blue: ordinary "
    "futures, their mean and the band in which nine of ten lie."
)


def courses(found: Reverse, way: Way, states: Sequence[State]) -> Figure:
    """Each driver over time, in ordinary futures and there."""
    calendar = found.model.calendar
    dates = [calendar.period(t).end - timedelta(days=1) for t in range(calendar.periods)]
    days = [when.toordinal() for when in dates]
    down, across = -(-len(states) // ACROSS), min(len(states), ACROSS)
    with style.styled():
        foot = f"seed {found.seed} · {found.futures:,} ordinary futures"
        title = f"{way.deviations:.1f} standard deviations out: what the drivers do"
        drawn = style.titled(0.6 + 2.1 * down, title, foot)
        wide = style.WIDTH / across
        for number, each in enumerate(states):
            row, column = divmod(number, ACROSS)
            ax = style.axes(
                drawn, left=wide * column + 0.7, right=style.WIDTH - wide * (column + 1) + 0.15,
                top=0.65 + 2.1 * row, bottom=0.5 + 2.1 * (down - 1 - row),
            )  # fmt: skip
            assert each.course is not None
            low, high = each.usually.bands
            ax.fill_between(days, low, high, color=style.PALE)
            ax.plot(days, each.usually.mean, color=style.BLUE)
            ax.plot(days, each.course, color=style.ORANGE, linestyle=(0, (5, 1.5)))
            ax.set_title(f"{each.driver}, {unit_words(each.unit)}", fontsize=8.5, loc="left", color=style.INK)
            ax.grid(axis="y")
            ax.margins(x=0.01)
            style.time_axis(ax, dates, most=4)
            style.unit_axis(ax.yaxis, each.unit)
    return drawn
