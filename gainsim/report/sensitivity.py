"""The page of an offer's sensitivity: whose risk it is, which driver moves it, and what its worst futures are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gainsim.analyses.ensemble import Ensemble, Target
from gainsim.analyses.owners import Owners
from gainsim.analyses.sensitivity import swings
from gainsim.analyses.sensitivity_words import looked_at, tables, verdict
from gainsim.analyses.tail_shares import tail_parts
from gainsim.analyses.variance_shares import Shares
from gainsim.measures import mean
from gainsim.report import style
from gainsim.report.study import Picture, Section, Study, record, section_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: of the segments of stacked bars, in turn; the rest is pale
_COLOURS = (style.BLUE, style.ORANGE, style.MID, style.INK, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
#: what is pale among stacked bars
_PALE = ("the rest", "no driver moves")


def page_of(found: Owners, of: Ensemble, shares: Shares) -> Study:
    """The page of an offer's sensitivity."""
    title = found.model.scenario.title
    return Study(title, "sensitivity", "Whose risk an offer is", verdict(found), sections(found, of, shares),
                 record(found.paths, found.seed))  # fmt: skip


def sections(found: Owners, of: Ensemble, shares: Shares) -> list[Section]:
    """Every table that is told, with its picture."""
    drawn: dict[str, Picture] = {}
    if found.whole["variance"].value > 0.0:
        drawn["owners"] = Picture("ledger", ledger(found), _LEDGER)
    for target in looked_at(of):
        if of.averages:
            drawn[f"moves_{target.name}"] = Picture(f"tornado_{target.name}", tornado(of, target), _TORNADO)
    if shares.of:
        drawn["variance"] = Picture("variance", variance(of, shares), _VARIANCE)
    for target in of.targets:
        if target.name in ("npv", "customer"):
            drawn[f"worst_{target.name}"] = Picture(f"worst_{target.name}", worst(of, target), _WORST)
    return [
        section_of(told, [drawn[told.name]] if told.name in drawn else []) for told in tables(found, of, shares)
    ]


#: keys of a legend beside each other at most, and how wide one is without its words, in inches
_ACROSS, _KEY = 4, 0.55

_LEDGER = "What of each is whose. To the left of 0: where an owner's chance makes the offer better or steadier."
_TORNADO = (
    "The mean on the tenth of futures on which a driver's average is lowest (orange) and highest (blue). The line: all. "
    "Where both lie on one side of it they overlap, and are dark."
)
_VARIANCE = "Parts of the variance by the drivers that tell them; pale: what no average tells."
_WORST = "By how much each term and cost is less, or more, in the worst 5% of futures than on average, with two standard errors."


def ledger(found: Owners) -> Figure:
    """Variance, chance of loss, worst futures and penalties, each a bar of its owners' parts."""
    bars: dict[str, dict[str, float]] = {}
    losing = found.none["chance of loss"].value
    for title, what, certain in (
        ("variance", "variance", 0.0),
        ("mean of the worst 5%", "mean of the worst 5%", found.none["mean"].value),
        ("chance of loss", "chance of loss", 1.0 if losing == 1.0 else 0.0),
        ("terms below 0", "penalties", found.none["penalties"].value),
    ):
        moved, rest = found.whole[what].value - certain, found.none[what].value - certain
        least = 1e-9 * max(1.0, abs(found.whole[what].value))
        if abs(moved) > least:
            bars[title] = {part.owner: part.parts[what].value / moved for part in found.parts}
            if abs(rest) > least:
                bars[title]["no driver moves"] = rest / moved
    return _stacked(bars, "What of each chance brings, by who controls it", _foot(found.paths, found.seed))


def variance(of: Ensemble, shares: Shares) -> Figure:
    """The variance of every target by the drivers that tell it."""
    titles = {target.name: target.title for target in of.targets}
    bars = {
        titles[name]: {**{driver: share.value for driver, share in each.items()}, "the rest": shares.rest[name].value}
        for name, each in shares.of.items()
    }
    return _stacked(bars, "Parts of the variance, by driver", _foot(of.outcome.run.paths, of.outcome.run.seed))


def _stacked(bars: Mapping[str, Mapping[str, float]], title: str, foot: str) -> Figure:
    """Parts of a whole, a bar a whole; what is negative to the left of 0."""
    names = list(dict.fromkeys(name for each in bars.values() for name in each))
    own = [name for name in names if name not in _PALE]
    colour = dict.fromkeys(_PALE, style.PALE) | {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(own)}
    left = 0.35 + 0.075 * max(map(len, bars))
    across = max(1, min(_ACROSS, int((style.WIDTH - left) / (_KEY + 0.068 * max(map(len, names))))))
    rows = -(-len(names) // across)
    with style.styled():
        drawn = style.titled(1.35 + 0.34 * len(bars) + 0.2 * rows, title, foot)
        ax = style.axes(drawn, left=left, top=0.45 + 0.2 * rows, bottom=0.55)
        for row, each in enumerate(bars.values()):
            ends = {True: 0.0, False: 0.0}
            for name in names:
                part = each.get(name, 0.0)
                ax.barh(row, part, left=ends[part >= 0.0], height=0.62, color=colour[name], label=name if row == 0 else None)
                ends[part >= 0.0] += part
        ax.axvline(0.0, color=style.MUTED, linewidth=0.8)
        ax.set_yticks(range(len(bars)), list(bars))
        ax.set_ylim(len(bars) - 0.4, -0.6)
        ax.xaxis.set_major_formatter(lambda x, _: f"{100.0 * x:.0f}%")
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=across, borderaxespad=0.0)
    return drawn


def tornado(of: Ensemble, target: Target) -> Figure:
    """From the lowest to the highest tenth of every driver, the widest on top."""
    told, centre = swings(of, target), mean(target.values, of.sample).value
    names = [each.driver for each in told]
    with style.styled():
        title = f"{target.title[0].upper()}{target.title[1:]}: lowest and highest tenth of each driver"
        drawn = style.titled(1.15 + 0.27 * len(told), title, _foot(of.outcome.run.paths, of.outcome.run.seed))
        ax = style.axes(drawn, left=0.4 + 0.075 * max(map(len, names)), top=0.45, bottom=0.65)
        for row, each in enumerate(told):
            for end, colour in ((each.low.value, style.ORANGE), (each.high.value, style.BLUE)):
                ax.barh(row, end - centre, left=centre, height=0.62, color=colour, alpha=0.9)
        ax.axvline(centre, color=style.INK, linewidth=0.8)
        ax.set_yticks(range(len(told)), names)
        _finish(ax, len(told), target.unit)
    return drawn


def worst(of: Ensemble, target: Target) -> Figure:
    """What each term and cost is less, or more, in the worst futures than on average."""
    *parts, whole = tail_parts(of, target)
    least = 1e-9 * abs(whole.worst.value)  # what is the same on all futures, but for rounding
    told = [each for each in parts if abs(each.apart.value) > least] or [whole]
    names = [each.name for each in told]
    with style.styled():
        title = f"The worst 5% of {target.title}, less the mean: {target.unit}"
        drawn = style.titled(1.15 + 0.27 * len(told), title, _foot(of.outcome.run.paths, of.outcome.run.seed))
        ax = style.axes(drawn, left=0.4 + 0.075 * max(map(len, names)), top=0.45, bottom=0.65)
        for row, each in enumerate(told):
            ax.barh(row, each.apart.value, height=0.62, color=style.ORANGE if each.apart.value < 0.0 else style.BLUE)
            reach = 2.0 * each.apart.standard_error
            ax.plot([each.apart.value - reach, each.apart.value + reach], [row, row], color=style.INK, linewidth=1.0)
        ax.axvline(0.0, color=style.MUTED, linewidth=0.8)
        ax.set_yticks(range(len(told)), names)
        _finish(ax, len(told), target.unit)
    return drawn


def _finish(ax: Axes, rows: int, unit: str) -> None:
    ax.set_ylim(rows - 0.4, -0.6)
    ax.margins(x=0.04)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    style.money_axis(ax.xaxis, unit)


def _foot(paths: int, seed: int) -> str:
    return f"seed {seed} · {paths:,} paths"
