"""The page of operations: how available they are, where downtime comes from, what levers change, and one path by its hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gainsim.measures import Estimate
from gainsim.offer.operations import Cause
from gainsim.operations.account import CAUSES
from gainsim.operations.timeline import Story, Work, periods_down
from gainsim.report import style
from gainsim.report.charts import histogram
from gainsim.report.folder import check_place
from gainsim.report.study import Picture, Section, Study, record, write_study
from gainsim.scenario.reading import Document
from gainsim.service import Operated, Service, owed_words
from gainsim.service_data import to_json
from gainsim.service_outcomes import Floats, InTime
from gainsim.service_spent import CAUSE_WORDS
from gainsim.words import counted, part

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: each cause has its colour: what is waited for, warm and grey; what is done, blue; what is planned, green
COLOURS: dict[Cause, str] = {
    "no_spare": style.ORANGE, "weather": "#CC79A7", "no_shift": "#bbbbbb", "no_crew": "#E69F00", "travel": style.MID,
    "access": style.PALE, "repair": style.BLUE, "planned": "#009E73",
}  # fmt: skip
#: of one path so many days are shown, those with the most downtime; and so many assets at most
_DAYS, _ASSETS = 56, 30
#: changes that are drawn beside each other, at most
_PANELS = 3
#: what stands before a bar is no longer than so many letters, which leaves more than half of a picture to the bars
_LABEL = 60
#: nor the name above bars, with what is told behind it
_TITLE = 44
#: inches of a letter
_LETTER = 0.068


def write_service(found: Service, out: Path, document: Document, *, written: date | None = None) -> Path:
    """Write the page of an offer's operations into the folder `out`: report.html, result.json and the file."""
    check_place(out)  # before anything is drawn
    study = Study(
        found.scenario.title,
        "operations",
        "Operations of an offer",
        f"{counted(found.paths, 'future')}, before any contract is applied",
        [Section(of.plant.name, of.plant.name, _said(of), pictures=pictures(found, of)) for of in found.operated],
        record(found.paths, found.seed, written),
    )
    return write_study(study, out, to_json(found, document.changes), document)


def _said(of: Operated) -> list[str]:
    return [] if of.is_ever_down or not of.plant.fleets else ["No asset is ever down."]


def pictures(found: Service, of: Operated) -> list[Picture]:
    """Those of one operations."""
    owed, made = f" {owed_words(found, of)}".rstrip(), []
    if of.is_ever_down:
        said = f"The mean share of the assets that run or stand by, in each contract year.{owed}"
        made.append(Picture("availability", availability(found, of), said))
        said = f"Hours down in a year, by failure mode, and what they are spent on.{owed}"
        made.append(Picture("downtime", downtime(found, of), said))
    if _varies(of):
        made.append(Picture("in_time", in_time(found, of), _in_time_words(of)))
    if moved(found, of):
        made.append(Picture("levers", levers(found, of), _levers_words(of)))
    if any(work.down is not None for work in of.story.works):
        made.append(Picture("timeline", path(found, of), _path_words(of)))
    return made


def availability(found: Service, of: Operated) -> Figure:
    """The distribution of the yearly availability, a band a year, and of all years together."""
    with style.styled():
        drawn = style.titled(3.0, f"{of.plant.name}: availability of a contract year, percent", _foot(found))
        bands = _by_year(drawn, of, of.yearly, "", top=0.5, bottom=0.55)
        bands.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, borderaxespad=0.0)
    return drawn


def in_time(found: Service, of: Operated) -> Figure:
    """The same of the share within each limit, one below the other."""
    rows, high, apart = _varies(of), 1.2, 0.65
    with style.styled():
        height = 0.8 + (high + apart) * len(rows)
        drawn = style.titled(height, f"{of.plant.name}: what is in time in a contract year, percent", _foot(found))
        for n, each in enumerate(rows):
            top = 0.9 + (high + apart) * n
            title = f"{_short(each.limit.words, _TITLE)}: {part(each.whole.mean.value)} over the contract"
            bands = _by_year(drawn, of, each.yearly, title, top=top, bottom=height - top - high)
        place = (style.MARGIN / style.WIDTH, 1.0 - 0.38 / height)
        drawn.legend(*bands.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=place, ncols=3, borderaxespad=0.0)
    return drawn


def _by_year(drawn: Figure, of: Operated, shares: Floats, title: str, top: float, bottom: float) -> Axes:
    """The distribution of a yearly share, a band a year, which is given back, and beside it of all years together."""
    values, split = 100.0 * shares, 5.0
    ax = style.axes(drawn, right=style.WIDTH - split, top=top, bottom=bottom)
    bands = np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95), axis=1)
    at = np.arange(len(of.years))
    ax.bar(at, bands[4] - bands[0], bottom=bands[0], width=0.55, color=style.PALE, label="P5 to P95")
    ax.bar(at, bands[3] - bands[1], bottom=bands[1], width=0.55, color=style.MID, label="P25 to P75")
    ax.hlines(bands[2], at - 0.275, at + 0.275, color=style.BLUE, label="median")
    every = -(-len(at) // 8)
    ax.set_xticks(at[::every], [year.partition(" ")[0] for year in of.years[::every]])
    ax.set_xlim(-0.6, len(at) - 0.4)
    ax.use_sticky_edges = False
    ax.margins(y=0.05)  # so that the lowest bar is seen to end
    ax.grid(axis="y")
    ax.set_title(title, fontsize=9, loc="left", color=style.INK)
    every_year = style.axes(drawn, left=split + 0.5, right=0.2, top=top, bottom=bottom)
    heights, edges = histogram(values.ravel())
    every_year.stairs(heights, edges, fill=True, color=style.BLUE)
    every_year.yaxis.set_visible(False)
    every_year.spines["left"].set_visible(False)
    every_year.set_title(f"all years together: mean {part(float(shares.mean()))}", fontsize=9, loc="left", color=style.INK)
    return ax


def _varies(of: Operated) -> list[InTime]:
    """The limits to draw: those not kept alike in every year of every path."""
    return [each for each in of.in_time if each.yearly.min() < each.yearly.max()]


def _in_time_words(of: Operated) -> str:
    said = "The share of failures or calls within each limit, in each contract year: 100% in a year without any."
    alike = (f"{each.limit.words}: {part(each.whole.mean.value)}" for each in of.in_time if each not in _varies(of))
    return " ".join([said, *(f"In every year of every path, {words}." for words in alike)])


def downtime(found: Service, of: Operated) -> Figure:
    """Hours down by failure mode, each bar cut by cause."""
    modes = sorted(of.causes, key=lambda mode: mode.down)
    with style.styled():
        drawn = style.titled(1.3 + 0.34 * len(modes), f"{of.plant.name}: where downtime comes from, hours a year", _foot(found))
        names = [_short(f"{mode.fleet}, {mode.mode}") for mode in modes]
        ax = style.axes(drawn, left=_beside(names), top=0.7, bottom=0.5)
        left = np.zeros(len(modes))
        for cause in CAUSES:
            hours = np.array([mode.hours[cause].value for mode in modes])
            if hours.any():
                ax.barh(range(len(modes)), hours, left=left, height=0.62, color=COLOURS[cause], label=CAUSE_WORDS[cause])
                left += hours
        ax.set_yticks(range(len(modes)), names)
        ax.xaxis.set_major_formatter("{x:,g}")
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        _legend(drawn, ax, columns=8)
    return drawn


def _legend(drawn: Figure, ax: Axes, columns: int) -> None:
    """A legend above the bars, from the left edge of the picture on: names may leave too little room above the bars alone."""
    place = ax.get_position()
    drawn.legend(loc="lower left", bbox_to_anchor=(0.35 / style.WIDTH, place.y1), ncols=columns, borderaxespad=0.0,
                 columnspacing=1.1, handlelength=1.2)  # fmt: skip


def _short(name: str, most: int = _LABEL) -> str:
    """A name as it stands before a bar, or above some: of one that is too long, the middle is left out."""
    return name if len(name) <= most else f"{name[: most // 2 - 1]}…{name[-(most // 2) :]}"


def _beside(names: Iterable[str]) -> float:
    """The inches that names take beside the bars."""
    return 0.35 + _LETTER * max(map(len, names))


class Moved(NamedTuple):
    """What each lever changes of one thing. scale: as it is drawn; good: 1 where more of it is better, -1 where less is."""

    title: str
    scale: float
    good: float
    changes: list[Estimate]


def moved(found: Service, of: Operated) -> list[Moved]:
    """The time served, downtime, what is in time and the NPV: those that any lever changes, the last lever first."""
    shown = of.levers[::-1]
    every = [
        Moved("time served, points", 100.0, 1.0, [lever.moved["served"] for lever in shown]),
        Moved("downtime, hours a year", 1.0, -1.0, [lever.moved["downtime"] for lever in shown]),
        *(
            Moved(f"{each.limit.words}, points", 100.0, 1.0, [lever.in_time[each.limit] for lever in shown])
            for each in of.in_time
        ),
        Moved(f"expected NPV, {found.scenario.currency}", 1.0, 1.0, [lever.npv for lever in shown if lever.npv is not None]),
    ]
    return [each for each in every if any(change.value for change in each.changes)]


def levers(found: Service, of: Operated) -> Figure:
    """What each lever changes, with two standard errors."""
    names = [_short(lever.change.words("to") + (" *" if lever.lacks_costs else "")) for lever in of.levers[::-1]]
    panels = moved(found, of)
    rows = -(-len(panels) // _PANELS)
    columns = -(-len(panels) // rows)
    with style.styled():
        first = _beside(names)
        wide = (style.WIDTH - first - 0.25 * columns) / columns
        titles = [wrap(each.title, int(wide / _LETTER), max_lines=2, placeholder=" …") for each in panels]
        tall, above = 0.3 * len(names), 0.45 + 0.15 * max(map(len, titles))
        height = 0.45 + rows * (tall + above + 0.2)
        drawn = style.titled(height, f"{of.plant.name}: what each lever would change", _foot(found))
        for place, (title, scale, good, changes) in enumerate(panels):
            row, n = divmod(place, columns)
            left, top = first + n * (wide + 0.25), above + row * (tall + above + 0.2)
            ax = style.axes(drawn, left=left, right=style.WIDTH - left - wide, top=top, bottom=height - top - tall)
            at, size = np.arange(len(names)), np.array([scale * each.value for each in changes])
            error = np.array([2.0 * scale * each.standard_error for each in changes])
            colours = [style.BLUE if better else style.ORANGE for better in good * size > 0.0]
            ax.barh(at, size, height=0.62, color=colours, xerr=error, error_kw={"ecolor": style.INK, "elinewidth": 0.8})
            ax.axvline(0.0, color=style.MUTED, linewidth=0.8)
            ax.set_yticks(at, names if n == 0 else [""] * len(names))
            ax.set_ylim(-0.6, len(names) - 0.4)
            ax.set_title("\n".join(titles[place]), fontsize=9, loc="left", color=style.INK)
            if title.startswith("expected"):
                style.money_axis(ax.xaxis, most=4)
            else:
                ax.locator_params(axis="x", nbins=4)
                ax.xaxis.set_major_formatter("{x:,g}")
            ax.grid(axis="x")
            ax.spines["left"].set_visible(False)
    return drawn


def _levers_words(of: Operated) -> str:
    said = "Changes of the file on the same draws, with two standard errors."
    return f"{said} * No cost follows it: what it costs is not in the NPV." if any(each.lacks_costs for each in of.levers) else said


def path(found: Service, of: Operated) -> Figure:
    """One path by its hours: each asset a line, each time that it is down a bar cut by what it waits for and what is done."""
    plant, end = of.plant, of.story.end
    since, until, seen = _worst_weeks(of.story)
    assets = _assets(seen)[:_ASSETS]
    start = found.calendar.start.toordinal()
    names = [_short("{} {}".format(*plant.asset(asset))) for asset in assets]
    with style.styled():
        title = f"{plant.name}: {_DAYS} days of path {of.middle}, who is down and why"
        drawn = style.titled(1.35 + 0.27 * len(assets), title, f"seed {found.seed} · path {of.middle}")
        ax = style.axes(drawn, left=_beside(names), top=0.7, bottom=0.5)
        told: set[Cause] = set()
        for work in seen:
            if work.asset in assets:
                row = len(assets) - 1 - assets.index(work.asset)
                for begin, stop, cause in periods_down(work, end):
                    ax.barh(row, (stop - begin) / 24.0, left=start + begin / 24.0, height=0.62, color=COLOURS[cause],
                            edgecolor=COLOURS[cause], linewidth=0.6)  # so that an hour is seen  # fmt: skip
                    told.add(cause)
        words = {**CAUSE_WORDS, "no_shift": "waits for the shift", "no_crew": "waits for a crew", "no_spare": "waits for a spare",
                 "weather": "waits for fair weather", "repair": "travel, access and repair", "planned": "planned work"}  # fmt: skip
        for cause in (each for each in CAUSES if each in told):
            ax.barh(0, 0.0, color=COLOURS[cause], label=words[cause])
        ax.set_xlim(start + since / 24.0, start + until / 24.0)
        ax.set_ylim(-0.6, len(assets) - 0.4)
        ax.set_yticks(range(len(assets)), list(reversed(names)))
        first = found.calendar.start + timedelta(hours=since)
        weeks = [first + timedelta(days=7 * n) for n in range(int((until - since) // 168.0) + 1)]
        ax.set_xticks([when.toordinal() for when in weeks], [f"{when:%m-%d}" if n else f"{when:%Y-%m-%d}"
                                                            for n, when in enumerate(weeks)])  # fmt: skip
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        _legend(drawn, ax, columns=4)
    return drawn


def _path_words(of: Operated) -> str:
    _, _, seen = _worst_weeks(of.story)
    said = f"Path {of.middle}, whose downtime is the median: the {_DAYS} days with most of it. A bar is an asset that is down"
    return f"{said}; the first {_ASSETS} of {down} are shown." if (down := len(_assets(seen))) > _ASSETS else f"{said}."


def _worst_weeks(of: Story) -> tuple[float, float, list[Work]]:
    """When the days with the most downtime begin and end, and for what assets are down in them."""
    since = _worst(of)
    until = min(since + 24.0 * _DAYS, of.end)
    return since, until, [each for each in of.works if each.down is not None and each.down < until and _back(each, of.end) > since]


def _assets(works: Iterable[Work]) -> list[int]:
    return sorted({work.asset for work in works})


def _back(of: Work, end: float) -> float:
    return of.done if of.done is not None else end


def _worst(of: Story) -> float:
    """The midnight from which on so many days hold the most downtime."""
    days = int(of.end // 24.0)
    down = np.zeros(days + 2)
    for work in of.works:
        if work.down is not None:
            first, last = work.down / 24.0, min(_back(work, of.end) / 24.0, float(days))
            for day in range(int(first), int(last) + 1):
                down[day] += max(0.0, min(last, day + 1.0) - max(first, float(day)))
    summed = np.concatenate([[0.0], np.cumsum(down)])
    starts = max(1, days - _DAYS + 1)
    spans = [summed[min(day + _DAYS, days)] - summed[day] for day in range(starts)]
    return 24.0 * int(np.argmax(spans))


def _foot(found: Service) -> str:
    return f"seed {found.seed} · {found.paths:,} paths"
