"""The section of a tuning on a page: the answer, the term sheet of the change, and pictures of what else the offer could be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gainsim.analyses import tuned_words as words
from gainsim.analyses.candidates import Candidate
from gainsim.analyses.flatness import Flat
from gainsim.analyses.schedules import Schedule, moved_schedules
from gainsim.analyses.tuning import Tuned
from gainsim.report import style
from gainsim.report.study import Picture, Section, Study, Table, record
from gainsim.titles import title
from gainsim.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: how marked candidates are drawn: by what they are, (colour, marker, size, fill); where all lie in one place each is seen
MARKERS = {
    "as it stands": (style.INK, "s", 7.0, "full"),
    "best found": (style.ORANGE, "o", 6.0, "full"),
    "Nash point": (style.BLUE, "^", 11.0, "none"),
    "equal split": (style.BLUE, "v", 11.0, "none"),
}
#: panels beside each other
ACROSS = 3
#: so many offers span an area
SPANNED = 3


def study(found: Tuned) -> Study:
    """The page of a tuning."""
    candidates = found.candidates
    verdict, *rest = words.answer(found)
    made = record(candidates.paths, candidates.seed)
    title = candidates.loaded.scenario.title
    return Study(title, "tuning", "Tuning of an offer", verdict, sections(found, rest), made)


def sections(found: Tuned, said: Sequence[str]) -> list[Section]:
    """All that is told of a tuning; said: what stands above it."""
    candidates = found.candidates
    tried = f"{counted(len(candidates), 'candidate')} of {counted(len(candidates.levers), 'lever')}, all on the same futures."
    sheets = [Table(words.CHANGES_HEAD, list(words.changes(found)), (0, 1, 2, 3)), Table(*words.alone(found))]
    alone = "What each change does alone is told on the same futures; together they are not the sum."
    parts = [
        Section("term_sheet", "Term sheet of the change", said, sheets, list(_schedules(found)), [alone, tried]),
        Section("comes_to", "What it comes to", tables=[Table(words.MEASURES_HEAD, list(words.measures(found)))]),
    ]
    if found.limits:
        held = Table(words.LIMITS_HEAD, list(words.limits(found)), (0, 1, 5))
        parts.append(Section("limits", "What must hold", tables=[held]))
    flat = Table(words.FLAT_HEAD, list(words.flatness(found)), range(len(words.FLAT_HEAD)))
    pictures = [Picture("flatness", flatness(found), f"{words.flat_words(found)} Hollow: something that must hold does not.")]
    parts.append(Section("levers", "How much hangs on each lever", tables=[flat], pictures=pictures))
    head, rows = words.points(found)
    parts.append(Section("others", "What else the offer could be", tables=[Table(head, rows)], pictures=list(_frontiers(found))))
    return parts


# --- frontiers -----------------------------------------------------------------------------------------------------------


def _frontiers(found: Tuned) -> Iterator[Picture]:
    offers = found.candidates.offers
    yield Picture("risk", _frontier(found, offers, 1, found.risk.points, _RISK), _caption(found, found.risk.points, _RISK_WORDS))
    if found.parties is not None:
        line = found.parties.frontier.points
        drawn = _frontier(found, offers, 2, line, _PARTIES)
        yield Picture("parties", drawn, f"{_caption(found, line, _PARTIES_WORDS)} {words.agreed(found)}".rstrip())


_RISK = ("What the supplier may earn, and what it risks for it", "mean of the worst 5% of the NPV")
_RISK_WORDS = (
    "Every offer that was tried, by the supplier's mean NPV and the mean of its worst twentieth.",
    "The line joins those that none beats in both, all other limits kept.",
)
_PARTIES = ("What the offer is for both parties", "customer's net benefit, discounted")
_PARTIES_WORDS = (
    "Every offer that was tried, by both parties' means, discounted.",
    "The line joins those that none beats for both, whatever the limits say.",
)
_SHADED = "Shaded is where those lie that keep all that must hold."


def _caption(found: Tuned, line: Sequence[Candidate], said: tuple[str, str]) -> str:
    """What is in the picture of a frontier: every offer, and the line and the area where there are such."""
    shaded = [_SHADED] if sum(each.allowed for each in found.candidates.offers) >= SPANNED else []
    return " ".join([said[0], *([said[1]] if len(line) > 1 else []), *shaded])


def _frontier(found: Tuned, offers: Sequence[Candidate], other: int, line: Sequence[Candidate], said: tuple[str, str]) -> Figure:
    candidates = found.candidates
    with style.styled():
        foot = f"{counted(len(offers), 'candidate')} · seed {candidates.seed} · {candidates.paths:,} paths"
        drawn = style.titled(4.2, said[0], foot)
        ax = style.axes(drawn, left=0.8, top=0.65, right=0.4)
        allowed = [each for each in offers if each.allowed]
        _shade(ax, [(each.kept[other], each.supplier) for each in allowed])
        others = [each for each in offers if not each.allowed]
        for some, colour, label in ((others, style.MUTED, "breaks a limit"), (allowed, style.MID, "keeps all")):
            fill = "none" if some is others else "full"
            if some:
                ax.plot(*_places(some, other), "o", color=colour, markersize=3, fillstyle=fill, markeredgewidth=0.6, label=label)
        if len(line) > 1:
            ax.plot(*_places(line, other), color=style.BLUE, linewidth=1.0, label="frontier")
        for name, each in words.marks(found):
            colour, marker, size, fill = MARKERS[name]
            ax.plot([each.kept[other]], [each.supplier], marker, color=colour, markersize=size, fillstyle=fill, label=name)
        _nothing(ax, found, other)
        ax.grid()
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=8, borderaxespad=0.0, columnspacing=1.2, handletextpad=0.3)
        style.money_axis(ax.xaxis, f"{said[1]}, {candidates.loaded.scenario.currency}")
        style.money_axis(ax.yaxis, f"NPV, mean, {candidates.loaded.scenario.currency}")
    return drawn


def _places(candidates: Sequence[Candidate], other: int) -> tuple[list[float], list[float]]:
    return [each.kept[other] for each in candidates], [each.supplier for each in candidates]


def _nothing(ax: Axes, found: Tuned, other: int) -> None:
    """What each party has without a deal, as lines."""
    if other == 2 and found.parties is not None:
        ours, theirs = found.parties.nothing
        ax.axhline(ours, color=style.INK, linewidth=0.7, linestyle=(0, (4, 3)))
        ax.axvline(theirs, color=style.INK, linewidth=0.7, linestyle=(0, (4, 3)))


def _shade(ax: Axes, points: Sequence[tuple[float, float]]) -> None:
    """The area that some points span, as far as they span one."""
    from scipy.spatial import ConvexHull, QhullError

    there = np.array(points)
    if len(there) < SPANNED:
        return
    spread = np.ptp(there, axis=0)
    try:
        around = there[ConvexHull(there / np.where(spread > 0.0, spread, 1.0)).vertices]
    except QhullError:  # they lie on a line: what one gives the other has
        around = there[np.argsort(there[:, 0])][[0, -1]]
    ax.fill(around[:, 0], around[:, 1], facecolor=style.PALE, edgecolor=style.PALE, linewidth=4.0, alpha=0.6)


# --- levers --------------------------------------------------------------------------------------------------------------


def flatness(found: Tuned) -> Figure:
    """A panel a lever: what the aim loses as it moves from the best, the others staying."""
    count = len(found.flat)
    across = min(count, ACROSS)
    down = -(-count // across)
    sign = found.candidates.tune.sign
    with style.styled():
        height = 0.75 + 2.1 * down
        foot = f"seed {found.candidates.seed} · {found.candidates.paths:,} paths"
        what = f"{title(found.aim)}{_unit(found)}: the change as one lever moves, the others at the best"
        drawn = style.titled(height, what, foot)
        wide = (style.WIDTH - 0.2) / across
        for number, flat in enumerate(found.flat):
            row, column = divmod(number, across)
            left, above, below = 0.75 + column * wide, 0.6 + 2.1 * row, 0.6 + 2.1 * (down - 1 - row)
            ax = style.axes(drawn, left=left, right=style.WIDTH - left - wide + 0.8, top=above, bottom=below)
            _panel(ax, found, flat, sign)
    return drawn


def _unit(found: Tuned) -> str:
    """What a change of the aim is told in: money, or points."""
    unit = found.after[found.aim].unit
    return ", pp" if unit.startswith("fraction") else f", {unit}"


def _panel(ax: Axes, found: Tuned, flat: Flat, sign: float) -> None:
    numbers, gains, kept = (np.array(each) for each in zip(*flat.points, strict=True))
    change = sign * gains
    kept = kept.astype(bool)
    ax.axhspan(-found.tolerance, found.tolerance, color=style.PALE, alpha=0.7)
    ax.plot(numbers, change, color=style.MID, linewidth=1.0)
    ax.plot(numbers[kept], change[kept], "o", color=style.BLUE, markersize=3.5)
    ax.plot(numbers[~kept], change[~kept], "o", color=style.BLUE, markersize=3.5, fillstyle="none")
    best = next(each.number for each in found.changes if each.lever == flat.lever)
    ax.axvline(flat.lever.number, color=style.INK, linewidth=0.8, linestyle=(0, (4, 3)))
    ax.plot([best], [0.0], "o", color=style.ORANGE, markersize=6)
    ax.grid(axis="y")
    said = f"{flat.lever.name}: {flat.lever.short(flat.lever.number)}, best {flat.lever.short(best)}"
    ax.set_title(said, fontsize=8.5, loc="left", pad=4)
    if found.after[found.aim].unit.startswith("fraction"):
        ax.yaxis.set_major_formatter(lambda y, _: f"{100.0 * y:g}")
    else:
        style.money_axis(ax.yaxis, most=5)
    style.money_axis(ax.xaxis, most=5)
    if flat.lever.short(1.0).endswith("%"):
        ax.set_xticks(ax.get_xticks(), [f"{tick:g}%" for tick in ax.get_xticks()])


# --- schedules -----------------------------------------------------------------------------------------------------------


def _schedules(found: Tuned) -> Iterator[Picture]:
    candidates = found.candidates
    after = candidates.loaded_with(found.best).scenario
    for name, was, now in moved_schedules(candidates.loaded.scenario, after):
        said = f"What {name} pays for a gain: as it is, and as it would be. Limits over years, and what is carried, are left out."
        yield Picture(f"schedule_of_{name}", _schedule(found, name, was, now), said)


def _schedule(found: Tuned, name: str, was: Schedule, now: Schedule) -> Figure:
    up, down = _reach((was, now), 1.0), _reach((was, now), -1.0)
    gains = np.unique(np.concatenate([np.linspace(-max(down, 0.1 * up), up, 801), was.edges, now.edges]))
    with style.styled():
        drawn = style.titled(3.2, f"{name}: the supplier's payment by the gain", "negative: the supplier pays")
        ax = style.axes(drawn, top=0.65)
        for each, label, colour, dashes in ((was, "as it is", style.INK, (0, (5, 1.5))), (now, "tuned", style.ORANGE, "solid")):
            ax.plot(gains, [each.paid(gain) for gain in gains], color=colour, linestyle=dashes, label=label)
        ax.axhline(0.0, color=style.MUTED, linewidth=0.7)
        ax.axvline(0.0, color=style.MUTED, linewidth=0.7)
        ax.margins(x=0.0)
        ax.grid()
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.0)
        currency = found.candidates.loaded.scenario.currency
        style.money_axis(ax.yaxis, f"payment, {currency}")
        style.money_axis(ax.xaxis, f"gain that is shared, {currency}")
    return drawn


def _reach(schedules: Sequence[Schedule], side: float) -> float:
    """How far gains, or pains, go in the picture: beyond all edges, and until cap or floor is met."""
    sizes = [abs(edge) for each in schedules for edge in each.edges if edge * side > 0.0]
    limits = [abs(limit) for each in schedules if math.isfinite(limit := each.cap if side > 0.0 else each.floor)]
    paying = any(each.paid(side) for each in schedules)
    most = max([*sizes, *(limits if paying else ())], default=1.0)
    for _ in range(20):
        if not paying or all(_met(each, side * most) for each in schedules):
            break
        most *= 1.25
    return 1.25 * most if paying else 0.0


def _met(schedule: Schedule, gain: float) -> bool:
    limit = schedule.cap if gain > 0.0 else schedule.floor
    return not math.isfinite(limit) or schedule.paid(gain) == limit
