"""The pictures of a report: each function takes a summary and gives a matplotlib figure.

They need no display and no pyplot; in a notebook the figure shows itself once `matplotlib.pyplot` is imported, and
`figure.savefig("curve.png", dpi=200)` writes a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gainsim.measures import quantile
from gainsim.report import style
from gainsim.report.figures import Step, curve
from gainsim.report.figures import cash_fan as reckon_fan
from gainsim.report.figures import waterfall as reckon_waterfall
from gainsim.report.words import line_words, short
from gainsim.summary import Summary
from gainsim.words import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
#: the percentiles marked on the curve: (what it is called, the measure)
MARKED = (("P5", "npv_p5"), ("P50", "npv_p50"), ("P95", "npv_p95"))

#: characters of a waterfall's labels
LONGEST_LABEL = 40


def s_curve(summary: Summary) -> Figure:
    """How likely the supplier's NPV stays at or below an amount; P5, P50, P95 and the base case marked."""
    with style.styled():
        drawn = style.figure(3.6, "Supplier's NPV: the chance that it comes to this or less", [summary],
                             style.standard_error(summary, "npv", "npv_p5", "npv_p95"))  # fmt: skip
        ax = style.axes(drawn, top=0.62)
        x, share = curve(summary.outcome.npv)
        _below_words(drawn, summary.outcome.npv, "a loss")
        _shade_loss(ax, x, share)
        ax.plot(x, share, color=style.BLUE, gid="curve")
        for (name, measure), p in zip(MARKED, (0.05, 0.5, 0.95), strict=True):
            found = summary.measures[measure].estimate
            if found is not None:
                _mark(ax, found.value, p, f"{name} {short(found.value)}")
        _vertical(ax, summary.base.npv, f"base case {short(summary.base.npv)}")
        share_axis(ax)
        room(ax, float(min(x[0], summary.base.npv)), float(max(x[-1], summary.base.npv)))
        style.money_axis(ax.xaxis, f"NPV, {_currency(summary)}")
    return drawn


def cash_fan(summary: Summary) -> Figure:
    """The supplier's cumulative cash over time: median, the middle half, nine tenths, and the base case."""
    fan = reckon_fan(summary)
    error = style.errors([("median at the end", fan.end)])
    with style.styled():
        drawn = style.figure(3.6, f"Supplier's cumulative cash, {_currency(summary)}", [summary], error)
        ax = style.axes(drawn, top=0.65, bottom=0.6)
        days = np.array([when.toordinal() for when in fan.dates])
        days = np.append(days, days[-1] + max(0.015 * (days[-1] - days[0]), 5))  # the last payment is seen to stay
        p5, p25, p50, p75, p95, base = np.concatenate(
            [(*fan.bands, fan.base), (*fan.bands[:, -1:], fan.base[-1:])], axis=1
        )
        ax.fill_between(days, p5, p95, color=style.PALE, label="P5 to P95", step="post")
        ax.fill_between(days, p25, p75, color=style.MID, label="P25 to P75", step="post")
        ax.plot(days, p50, color=style.BLUE, label="median", drawstyle="steps-post")
        ax.plot(days, base, color=style.INK, linestyle=(0, (4, 2)), linewidth=1.1, label="base case",
                drawstyle="steps-post")  # fmt: skip
        ax.axhline(0.0, color=style.MUTED, linewidth=0.8)
        ax.grid(axis="y")
        ax.margins(x=0.01)
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, borderaxespad=0.0)
        style.time_axis(ax, fan.dates)
        style.money_axis(ax.yaxis)
    return drawn


def waterfall(summary: Summary) -> Figure:
    """From the payments, clause by clause, to the NPV: its mean, and beside it the worst 5% of paths."""
    steps = reckon_waterfall(summary)
    labels = [_step_words(step) for step in steps]
    left = 0.35 + 0.072 * max(len(label) for label in labels)
    height = 1.35 + 0.21 * len(steps)
    with style.styled():
        drawn = style.figure(height, "From payments to NPV, clause by clause (discounted)", [summary],
                             style.standard_error(summary, "npv", "cvar_95"))  # fmt: skip
        half = (style.WIDTH - left - 0.45) / 2.0
        mean = style.axes(drawn, left=left, right=style.WIDTH - left - half, top=0.65, bottom=0.7)
        tail = style.axes(drawn, left=style.WIDTH - half - 0.15, right=0.15, top=0.65, bottom=0.7)
        _bars(mean, steps, [step.mean for step in steps], "mean of all paths")
        _bars(tail, steps, [step.tail for step in steps], "mean of the worst 5% of paths, same scale")
        lows, highs = zip(mean.get_xlim(), tail.get_xlim(), strict=True)
        for ax in (mean, tail):
            ax.set_xlim(min(lows), max(highs))
        for ax in (mean, tail):
            style.money_axis(ax.xaxis, _currency(summary), most=6, inner=True)
        for place, (label, step) in enumerate(zip(labels, steps, strict=True)):
            mean.text(-0.02, place, label, transform=mean.get_yaxis_transform(), ha="right", va="center",
                      fontweight="normal" if step.lines else "bold")  # fmt: skip
    return drawn


def customer_benefit(summary: Summary, for_customer: bool = False) -> Figure:
    """How the customer's net benefit is distributed; what lies below zero is marked.

    for_customer: the foot does not name the run, whose name is made of the supplier's side as well

    Raises `ValueError` where the file says nothing of what the customer gains.
    """
    if not summary.outcome.says_customer:
        raise ValueError("the file says nothing of what the customer gains: there is no picture of it.")
    values = summary.outcome.customer_benefit
    found = summary.measures["customer_net_benefit"].estimate
    error = style.errors([("mean", found)] if found else [])
    with style.styled():
        title = "Customer's net benefit, after paying the supplier"
        unnamed = f"seed {summary.run.seed} · {summary.run.paths:,} futures · {error}"
        drawn = style.titled(3.1, title, unnamed) if for_customer else style.figure(3.1, title, [summary], error)
        ax = style.axes(drawn, top=0.62)
        heights, edges = histogram(values)
        below = int(np.count_nonzero(edges[1:] <= 1e-9 * float(np.abs(edges).max())))
        for part, colour in ((slice(0, below), style.ORANGE), (slice(below, None), style.BLUE)):
            if len(heights[part]):
                ends = edges[part.start : part.stop + 1 if part.stop is not None else None]
                ax.stairs(heights[part], ends, fill=True, color=colour)
        ax.set_ylim(0.0, 1.3 * float(heights.max()))
        mean = float(values.mean())
        _vertical(ax, mean, f"mean {short(mean)}")
        for name, p in (("P5", 0.05), ("P95", 0.95)):
            end = quantile(values, p).value
            if abs(end - mean) > 0.12 * (edges[-1] - edges[0]):  # else the words would stand upon each other
                _vertical(ax, end, f"{name} {short(end)}", dashed=False)
        _below_words(drawn, values, "worse off")
        ax.axvline(0.0, color=style.INK, linewidth=0.8)
        ax.yaxis.set_visible(False)
        ax.spines["left"].set_visible(False)
        without = ", without the outermost 0.1% of paths" if summary.run.paths > 1_000 else ""
        style.money_axis(ax.xaxis, f"{_currency(summary)} over the contract's life{without}")
    return drawn


def histogram(values: Floats, most: int = 60, tail: float = 0.001) -> tuple[Floats, Floats]:
    """Share of paths by bin, and the edges, without the outermost paths, a share `tail` on either side.

    0 is an edge where it lies inside, so that no bar is on both sides of it.
    """
    low, high = (float(quantile(values, p).value) for p in (tail, 1.0 - tail))
    size = max(abs(low), abs(high), 1.0)
    if high - low <= 1e-9 * size:
        return np.array([1.0]), np.array([low - 0.005 * size, low + 0.005 * size])
    width = (high - low) / min(most, max(10, int(len(values) ** 0.5)))
    first, last = np.floor(low / width), np.ceil(high / width)
    edges = np.arange(first, last + (last == first) + 1.0) * width
    counts, _ = np.histogram(values, edges)
    return counts / len(values), edges


# --- parts of pictures -----------------------------------------------------------------------------------------------


#: behind words that may stand on a line
_PLATE = {"facecolor": "white", "alpha": 0.85, "pad": 1.0}


def _currency(summary: Summary) -> str:
    return summary.run.model.scenario.currency


def _mark(ax: Axes, x: float, p: float, words: str) -> None:
    """A point on the curve with a thin line down to its amount."""
    ax.plot([x, x], [0.0, p], color=style.BLUE, linewidth=0.8, alpha=0.6)
    ax.plot([x], [p], "o", color=style.BLUE, markersize=4.5, gid=f"mark {words.split()[0]}")
    low = p < 0.25  # there the label stands to the left above the curve, else to the right below it
    place, align = ((-6, 4), ("right", "bottom")) if low else ((7, -3), ("left", "top"))
    ax.annotate(words, (x, p), xytext=place, textcoords="offset points", ha=align[0], va=align[1], fontweight="bold",
                color=style.BLUE, bbox=_PLATE, zorder=5)  # fmt: skip


def _vertical(ax: Axes, x: float, words: str, dashed: bool = True) -> None:
    """A line across the axes, named above them."""
    ax.axvline(x, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2)) if dashed else (0, (1, 1.5)))
    ax.annotate(words, (x, 1.0), xycoords=ax.get_xaxis_transform(), xytext=(0, 2), textcoords="offset points",
                ha="center", va="bottom", fontsize=8.5, bbox=_PLATE)  # fmt: skip


def _shade_loss(ax: Axes, x: Floats, share: Floats) -> None:
    """What lies below zero, where anything does."""
    if x[0] < 0.0:
        lost = x <= 0.0
        ax.fill_between(x[lost], 0.0, share[lost], color=style.ORANGE, alpha=0.25)
        ax.axvline(0.0, color=style.ORANGE, linewidth=1.0)


def _below_words(drawn: Figure, values: Floats, what: str) -> None:
    """How often it comes to less than zero, in the corner of the picture."""
    share = float(np.mean(values < 0.0))
    if share > 0.0:
        width, height = drawn.get_size_inches()
        drawn.text(1.0 - 0.1 / width, 1.0 - 0.1 / height, f"{what} in {percent(share)} of futures", va="top", ha="right",
                   color=style.ORANGE, fontweight="bold")  # fmt: skip


def share_axis(ax: Axes) -> None:
    """An axis of shares, from none to all."""
    ax.set_ylim(0.0, 1.0)
    ax.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
    ax.grid(axis="y")


def room(ax: Axes, low: float, high: float) -> None:
    """Room at both ends, more on the right, where labels stand; also where nothing varies."""
    span = (high - low) or max(abs(low), 1.0) * 0.2
    ax.set_xlim(low - 0.04 * span, high + 0.1 * span)


def _step_words(step: Step) -> str:
    if step.total:
        return step.total
    if len(step.lines) > 1:
        return f"{len(step.lines)} smaller ones"
    return line_words(step.lines[0], LONGEST_LABEL)


def _bars(ax: Axes, steps: list[Step], amounts: list[float], title: str) -> None:
    """Horizontal bars, each from where the last one ended; totals from zero."""
    starts, at = [], 0.0
    for step, amount in zip(steps, amounts, strict=True):
        starts.append(at if step.lines else 0.0)
        at = at + amount if step.lines else amount
    places = range(len(steps))
    colours = [_colour(step, amount) for step, amount in zip(steps, amounts, strict=True)]
    ax.barh(places, amounts, left=starts, height=0.62, color=colours, edgecolor=colours, linewidth=0.8, zorder=4)
    ends = [start + amount for start, amount in zip(starts, amounts, strict=True)]
    low, high = min(0.0, *starts, *ends), max(0.0, *starts, *ends)
    ax.set_xlim(low - 0.03 * (high - low or 1.0), high + 0.24 * (high - low or 1.0))
    span = high - low or 1.0
    for place, step, amount, start, end in zip(places, steps, amounts, starts, ends, strict=True):
        words, behind = short(amount), max(start, end)
        words = words if not step.lines or amount <= 0 else f"+{words}"
        crosses = -0.2 * span < behind < 0.0  # then the line at zero runs through the words
        ax.text(behind + 0.02 * span, place, words, va="center", fontsize=8.5, bbox=_PLATE if crosses else None,
                fontweight="normal" if step.lines else "bold")  # fmt: skip
    ax.axvline(0.0, color=style.MUTED, linewidth=0.8)
    ax.set_ylim(len(steps) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_title(title, fontsize=9, loc="left", color=style.INK)


def _colour(step: Step, amount: float) -> str:
    if not step.lines:
        return style.INK
    return style.BLUE if amount >= 0.0 else style.ORANGE
