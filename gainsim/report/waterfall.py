"""The page of an offer's clauses: what each brings, for both parties, on average and in the worst futures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gainsim.analyses.waterfall import Waterfall
from gainsim.analyses.waterfall_words import tables, verdict
from gainsim.report import style
from gainsim.report.study import Picture, Section, Study, record, section_of
from gainsim.report.words import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: what is drawn of each party: on average, and in its worst futures
_SIDES = {
    "ours": ("Net present value", ("mean", "mean of the worst 5%")),
    "customers": ("The customer's net benefit, discounted", ("customer's mean", "customer's mean of the worst 5%")),
}


def page_of(found: Waterfall) -> Study:
    """The page of an offer's clauses."""
    title = found.model.scenario.title
    return Study(title, "clauses", "What each clause brings", verdict(found), sections(found), record(found.paths, found.seed))


def sections(found: Waterfall) -> list[Section]:
    """What every clause brings, with a picture for each party, and what striking it would change."""
    brings, struck = tables(found)
    drawn = [
        Picture(name, drop(found, title, both), f"{title}: from no clause, clause by clause, to the offer.")
        for name, (title, both) in _SIDES.items()
        if both[0] in found.whole
    ]
    return [section_of(brings, drawn), section_of(struck)]


def drop(found: Waterfall, title: str, both: tuple[str, str]) -> Figure:
    """From no clause to the offer, on average and in the worst futures."""
    names = ["no clause", *(part.clause for part in found.parts), "the offer"]
    left = 0.4 + 0.075 * max(map(len, names))
    with style.styled():
        foot = f"seed {found.seed} · {found.paths:,} paths"
        drawn = style.titled(1.35 + 0.27 * len(names), f"{title}, {found.model.scenario.currency}", foot)
        middle = 0.5 * (style.WIDTH + left)
        mean = style.axes(drawn, left=left, right=style.WIDTH - middle + 0.1, top=0.7, bottom=0.6)
        worst = style.axes(drawn, left=middle + 0.1, right=0.25, top=0.7, bottom=0.6)
        for ax, what, said in ((mean, both[0], "mean"), (worst, both[1], "mean of the worst 5%")):
            _bars(ax, found, what, len(names))
            ax.set_title(said, fontsize=9, loc="left", color=style.INK)
        mean.set_yticks(range(len(names)), names)
        worst.set_yticks([])
    return drawn


def _bars(ax: Axes, found: Waterfall, what: str, rows: int) -> None:
    at, whole = found.none[what].value, found.whole[what].value
    ax.barh(0, at, height=0.62, color=style.MUTED)
    _label(ax, 0, max(at, 0.0), short(at))
    for row, part in enumerate(found.parts, 1):
        moved = part.parts[what].value
        ax.barh(row, moved, left=at, height=0.62, color=style.ORANGE if moved < 0.0 else style.BLUE)
        ax.plot([at, at], [row - 1.31, row + 0.31], color=style.MUTED, linewidth=0.6)
        said = short(moved)
        _label(ax, row, max(at, at + moved), f"+{said}" if moved > 0.0 and said != "0" else said)
        at += moved
    ax.plot([at, at], [rows - 2.31, rows - 0.69], color=style.MUTED, linewidth=0.6)
    ax.barh(rows - 1, whole, height=0.62, color=style.INK)
    _label(ax, rows - 1, max(whole, 0.0), short(whole))
    ax.axvline(0.0, color=style.MUTED, linewidth=0.8)
    ax.set_ylim(rows - 0.4, -0.6)
    low, high = ax.get_xlim()
    ax.set_xlim(low, high + 0.12 * (high - low))  # room for the figures
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    style.money_axis(ax.xaxis, most=5)


def _label(ax: Axes, row: int, x: float, said: str) -> None:
    """A figure to the right of a bar."""
    ax.annotate(said, (x, row), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, color=style.INK,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4})  # fmt: skip
