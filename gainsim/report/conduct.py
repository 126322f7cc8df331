"""The page of conduct: how much effort is put in over time, what it is worth where the window stands, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.conducted import Conducted, first_window, per_step
from gainsim.analyses.conducted_data import to_json
from gainsim.analyses.conducted_words import killed_words, plan_words, worth_unit
from gainsim.conduct.effort import Worth
from gainsim.measures import Estimate
from gainsim.put_in import PutIn, answering
from gainsim.report import style
from gainsim.report.folder import check_place
from gainsim.report.study import Picture, Section, Study, record, write_study
from gainsim.scenario.reading import Document
from gainsim.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


def write_conduct(
    title: str, found: Mapping[str, Conducted], out: Path, document: Document, *, written: date | None = None
) -> Path:
    """Write the page of the conduct of offers into the folder `out`: report.html, result.json and the file."""
    check_place(out)  # before anything is drawn
    first = next(iter(found.values()))
    together = list(side_by_side(found))
    sections = [Section("side_by_side", "Side by side", pictures=together)] if together else []
    sections += [Section(name or "conduct", name, pictures=list(pictures(each))) for name, each in found.items()]
    verdict = f"{counted(first.paths, 'future')}, the same for every effort"
    made = record(first.paths, first.seed, written)
    study = Study(title, "conduct", "Conduct under an offer", verdict, sections, made)
    return write_study(study, out, to_json(title, found, document.changes), document)


def pictures(found: Conducted) -> Iterator[Picture]:
    """Of each effort how much is put in, and of a responsive one what it is worth; then what all of them answer."""
    for each in found.efforts:
        yield Picture(f"{each.name}_put_in", put_in_over_time(found, each), plan_words(each))
        for driver in answering(each.name, found.scenario):
            if each.name in found.moments:
                said = f"{_WORTH} {killed_words(each, found.moments[each.name])}"
                yield Picture(f"{each.name}_worth_of_{driver}", worth(found, each, driver), said)
    if found.shares:
        yield Picture("shares", shares(found), _SHARES)


_WORTH = (
    "What more of it is expected to bring until the contract's end, by what has been reached when the month begins: the line "
    "that the effort follows. Beyond its ends, where few futures go, it stays level."
)
_SHARES = (
    "All of the supplier's shares at so many times what they are, no share more than the whole; plans are found anew for each. "
    "Money with two standard errors."
)


def side_by_side(found: Mapping[str, Conducted]) -> Iterator[Picture]:
    """How much of each effort is put in under each of several offers."""
    names = dict.fromkeys(each.name for offer in found.values() for each in offer.efforts)
    for name in names if len(found) > 1 else ():
        of = {offer: each for offer, told in found.items() for each in told.efforts if each.name == name}
        yield Picture(f"{name}_by_offer", _by_offer(found, of), "The mean of the futures, under each of the offers.")


def _by_offer(found: Mapping[str, Conducted], of: Mapping[str, PutIn]) -> Figure:
    first = next(iter(of.values()))
    with style.styled():
        told = found[next(iter(of))]
        drawn = style.titled(3.2, f"{first.name}: how much is put in, mean, {first.written.unit}", _foot(told))
        ax = style.axes(drawn, right=0.35, top=0.65, bottom=0.5)
        for number, (offer, each) in enumerate(of.items()):
            colour, dashes = style.PENS[number % len(style.PENS)]
            mean = each.periods[0]
            ax.plot(_days(found[offer]), [*mean, mean[-1]], color=colour, linestyle=dashes, drawstyle="steps-post", label=offer)
        _effort_axes(ax, told, first)
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, borderaxespad=0.0)
    return drawn


def put_in_over_time(found: Conducted, of: PutIn) -> Figure:
    """How much of an effort is put in: the mean of the futures, and the band in which eight of ten lie."""
    days = _days(found)
    mean, low, high = np.concatenate([of.periods, of.periods[:, -1:]], axis=1)
    with style.styled():
        drawn = style.titled(3.2, f"{of.name}: how much is put in, {of.written.unit}", _foot(found))
        ax = style.axes(drawn, right=0.35, top=0.65, bottom=0.5)
        if (high > low).any():
            ax.fill_between(days, low, high, color=style.PALE, step="post", label="P10 to P90")
        ax.plot(days, mean, color=style.BLUE, drawstyle="steps-post", label="mean")
        _effort_axes(ax, found, of)
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.0)
    return drawn


def _dates(found: Conducted) -> list[date]:
    """When each period begins, and when the last ends."""
    calendar = found.model.calendar
    return [*(calendar.period(t).start for t in range(calendar.periods)), calendar.end]


def _days(found: Conducted) -> list[int]:
    return [when.toordinal() for when in _dates(found)]


def _effort_axes(ax: Axes, found: Conducted, of: PutIn) -> None:
    """From the least to the most there may be, over the contract."""
    room = 0.02 * (of.written.at_most - of.written.at_least)
    ax.set_ylim(of.written.at_least - room, of.written.at_most + room)
    ax.margins(x=0.01)
    ax.grid(axis="y")
    style.time_axis(ax, _dates(found))


def worth(found: Conducted, of: PutIn, driver: str) -> Figure:
    """What more of a driver is worth against what has been reached, in four periods of the first window."""
    plan = found.model.plans[of.name]
    assert isinstance(plan, Mapping) and of.written.watches is not None
    line, scale = plan[driver], per_step(driver, found.model)
    lines = [(t, *line.points(t)) for t in _shown(found, of, line)]
    watched = str(found.model.watched[of.name])
    with style.styled():
        drawn = style.titled(3.4, f"What more of {driver} is worth, {worth_unit(driver, found)}", _foot(found))
        ax = style.axes(drawn, top=0.65)
        for (t, x, y), (colour, dashes) in zip(lines, _MONTHS, strict=False):
            ax.plot(x, scale * y, color=colour, linestyle=dashes, label=found.model.calendar.period(t).label)
        ax.axhline(0.0, color=style.MUTED, linewidth=0.8)
        ax.grid(axis="y")
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(_MONTHS), borderaxespad=0.0)
        style.money_axis(ax.yaxis)
        style.money_axis(ax.xaxis, f"{of.written.watches.text} so far{f', {watched}' if watched else ''}")
    return drawn


#: (colour, dashes) of a few periods
_MONTHS = ((style.MID, "solid"), (style.BLUE, "solid"), (style.ORANGE, "solid"), (style.INK, (0, (4, 2))))


def _shown(found: Conducted, of: PutIn, line: Worth) -> list[int]:
    """Of the first window the second period, one in the middle, that in which least is done, and the last."""
    periods = first_window(of.written, found.model.calendar)
    moments = found.moments[of.name]
    least = periods[max(range(len(periods)), key=lambda n: moments[n].idle.value)]
    chosen = {periods[min(1, len(periods) - 1)], periods[len(periods) // 2], least, periods[-1]}
    return sorted(t for t in chosen if len(line.points(t)[0]) > 1)


def shares(found: Conducted) -> Figure:
    """How much is put in, and what both parties come to, against the supplier's shares."""
    tried = sorted([*found.shares, 1.0])
    with style.styled():
        drawn = style.titled(3.2, "What effort answers, were all of the supplier's shares other", _foot(found))
        split = style.WIDTH / 2.0
        left = style.axes(drawn, right=split + 0.2, top=0.7)
        for number, each in enumerate(found.efforts):
            colour, dashes = style.PENS[number % len(style.PENS)]
            there = [each.mean.value if times == 1.0 else found.shares[times].found[each.name] for times in tried]
            name = f"{each.name}, {each.written.unit}"
            left.plot(tried, there, color=colour, linestyle=dashes, marker="o", markersize=3.5, label=name)
        _times_axis(left, tried)
        left.set_ylim(bottom=min(0.0, left.get_ylim()[0]))
        right = style.axes(drawn, left=split + 0.45, right=0.2, top=0.7)
        parties = {"supplier's margin": [_moved(found, times, "supplier") for times in tried]}
        if found.customer is not None:
            parties["customer's net benefit"] = [_moved(found, times, "customer") for times in tried]
        for (name, moved), colour in zip(parties.items(), (style.BLUE, style.ORANGE), strict=False):
            errors = [2.0 * each.standard_error for each in moved]
            right.errorbar(tried, [each.value for each in moved], yerr=errors, color=colour, marker="o", markersize=3.5,
                           elinewidth=0.8, label=name)  # fmt: skip
        right.axhline(0.0, color=style.MUTED, linewidth=0.8)
        _times_axis(right, tried)
        right.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.0,
                     title=f"change, {found.scenario.currency}", alignment="left")  # fmt: skip
        left.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.0, title="put in, mean", alignment="left")
        style.money_axis(right.yaxis)
    return drawn


def _times_axis(ax: Axes, tried: Sequence[float]) -> None:
    ax.set_xticks(tried, [f"{times:g}" for times in tried])
    ax.set_xlabel("times the shares as they are")
    ax.grid(axis="y")


def _moved(found: Conducted, times: float, party: str) -> Estimate:
    moved: Estimate | None = Estimate(0.0, 0.0) if times == 1.0 else getattr(found.shares[times], party)
    assert moved is not None
    return moved


def _foot(found: Conducted) -> str:
    return f"seed {found.seed} · {found.paths:,} paths"
