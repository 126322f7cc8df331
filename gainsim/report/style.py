"""The look of every picture, in one place: colours, sizes, axes of money and of time, and the way to SVG."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gainsim.measures import Estimate
from gainsim.report.words import SCALES, short
from gainsim.summary import Summary
from gainsim.units import Unit
from gainsim.words import doubt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours: told apart by every kind of colour vision, and in grey by their lightness.
BLUE, ORANGE, INK, MUTED, GRID = "#0072B2", "#D55E00", "#222222", "#666666", "#e4e4e4"
PALE, MID = "#cfe3f1", "#8dbcdc"  # the outer and the inner band of a fan, tints of BLUE
#: (colour, dashes) of several curves on one pair of axes; further curves begin again
PENS = ((BLUE, "solid"), (ORANGE, (0, (5, 1.5))), (INK, (0, (1, 1.2))), (MID, (0, (5, 1.5, 1, 1.5))))
WIDTH, MARGIN = 9.6, 0.62  # inches

_RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.parse_math": False,  # a dollar sign in a clause is a dollar
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "axes.unicode_minus": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "xtick.major.width": 0.6,
    "lines.linewidth": 1.6,
    "patch.linewidth": 0.0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": "white",
    "svg.fonttype": "none",  # the reader's own font: small, sharp, searchable
    "svg.hashsalt": "gainsim",
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the report's style, and leave the settings of a notebook as they were."""
    import matplotlib

    with matplotlib.rc_context(_RC):  # type: ignore[arg-type]  # the stubs list the keys one by one
        yield


def figure(height: float, title: str, ran: Sequence[Summary], error: str) -> Figure:
    """An empty picture with its title, and in its foot what was run and the Monte Carlo error; all with the same paths."""
    what = f"run {ran[0].run_id}" if len(ran) == 1 else f"{len(ran)} offers, seed {ran[0].run.seed}"
    return titled(height, title, f"{what} · {ran[0].run.paths:,} paths · {error}")


def titled(height: float, title: str, foot: str) -> Figure:
    """An empty picture with its title, and a foot."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(WIDTH, height))
    drawn.text(0.1 / WIDTH, 1.0 - 0.1 / height, title, va="top", ha="left", fontsize=10.5, fontweight="bold")
    drawn.text(1.0 - 0.1 / WIDTH, 0.07 / height, foot, va="bottom", ha="right", fontsize=7.5, color=MUTED)
    return drawn


def axes(drawn: Figure, left: float = MARGIN, right: float = 0.25, top: float = 0.45, bottom: float = 0.78) -> Axes:
    """Axes with these margins, in inches."""
    width, height = drawn.get_size_inches()
    place = (left / width, bottom / height, 1.0 - (left + right) / width, 1.0 - (top + bottom) / height)
    return drawn.add_axes(place)


_FOOT_NAMES = {"npv": "mean NPV", "npv_p5": "P5", "npv_p50": "P50", "npv_p95": "P95", "cvar_95": "worst 5%"}


def standard_error(summary: Summary, *names: str) -> str:
    """The Monte Carlo error of some measures, for the foot of a picture."""
    said = []
    for name in names:
        found = summary.measures[name].estimate
        if found is not None:
            said.append((_FOOT_NAMES[name], found))
    return errors(said)


def errors(said: Sequence[tuple[str, Estimate]]) -> str:
    """How far some amounts may be wrong, for the foot of a picture."""
    parts = ", ".join(f"{name} {doubt(found) or '± 0'}" for name, found in said)
    return f"{parts} {said[0][1].unit} (one standard error)" if said else ""


def money_axis(axis: Any, label: str = "", most: int = 7, inner: bool = False) -> None:
    """Ticks in k, m and bn. inner: none at the ends, where a neighbour's begin."""
    from matplotlib.ticker import FixedFormatter, MaxNLocator

    low, high = axis.get_view_interval()
    edge = 0.08 * (high - low) if inner else 0.0
    wide = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    ticks = [float(tick) for tick in wide if low + edge <= tick <= high - edge or low <= tick == 0.0 <= high]
    axis.set_ticks(ticks)
    axis.set_major_formatter(FixedFormatter(tick_words(ticks)))
    if label:
        axis.set_label_text(label)


def unit_axis(axis: Any, unit: Unit, most: int = 5) -> None:
    """Ticks of a driver's values: of what is a part in percent, else as those of money."""
    from matplotlib.ticker import MaxNLocator

    if unit.part:
        axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(lambda part, _: f"{round(100.0 * part, 6):g}%")
    else:
        money_axis(axis, most=most)


def tick_words(ticks: Sequence[float]) -> list[str]:
    """Amounts on an axis, with as many digits as it takes to tell them apart, and to tell each as what it is.

    >>> tick_words([0.0, 500_000.0, 1_000_000.0]), tick_words([1_190.0, 1_195.0, 1_200.0]), tick_words([1.0, 1.025, 1.05])
    (['0', '500k', '1m'], ['1.190k', '1.195k', '1.200k'], ['1.000', '1.025', '1.050'])
    """
    words = [short(tick) for tick in ticks]
    told = [0.0 if word == "0" else float(f"{tick:.3g}") for word, tick in zip(words, ticks, strict=True)]
    if _as_they_are(told, ticks):
        return words
    scale, suffix = next(((s, x) for s, x in SCALES if max(map(abs, ticks)) >= s), (1.0, ""))
    digits = next((n for n in range(15) if _as_they_are([scale * round(tick / scale, n) for tick in ticks], ticks)), 15)
    return [f"{tick / scale:.{digits}f}{suffix}" if tick else "0" for tick in ticks]


def _as_they_are(told: Sequence[float], ticks: Sequence[float]) -> bool:
    """Whether what is told of ticks lies where they do: off by a hundredth of what is between two of them at most."""
    apart = min((abs(other - tick) for tick, other in pairwise(ticks)), default=math.inf)
    return all(abs(said - tick) <= 0.01 * apart for said, tick in zip(told, ticks, strict=True))


def time_axis(ax: Axes, dates: Sequence[date], most: int = 12) -> None:
    """Ticks at the start of years; of quarters or months where the whole is short. The axis counts days."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    ticks, labels = time_ticks(dates[0], dates[-1], most)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FixedFormatter(labels))


def time_ticks(first: date, last: date, most: int = 12) -> tuple[list[int], list[str]]:
    """At most so many ticks between two dates: days since year 1, and labels.

    >>> time_ticks(date(2027, 1, 31), date(2028, 6, 30))[1]
    ['2027-04', '2027-07', '2027-10', '2028-01', '2028-04']
    """
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((s for s in (1, 3, 6, 12, 24, 60, 120) if months // s <= most), 240)
    begin = first.year * 12 + first.month - 1 + (first.day > 1)
    starts = (date(m // 12, m % 12 + 1, 1) for m in range(begin + (-begin) % step, begin + months + 1, step))
    inside = [start for start in starts if start <= last]
    return [start.toordinal() for start in inside], [f"{d:%Y}" if step >= 12 else f"{d:%Y-%m}" for d in inside]


_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_NUMBERED = re.compile(r'(<g) id="[^"]*_\d+"')
_FONT = re.compile(r"font-family: [^;\"]*|(font: [^;\"]*?px) [^;\"]*")


def svg(drawn: Figure, words: str) -> str:
    """A picture as SVG to stand inside a page: the same for the same picture, with words for those who cannot see it."""
    from html import escape

    text = StringIO()
    with styled():
        drawn.savefig(text, format="svg", metadata={"Date": None})
    said = text.getvalue()
    said = _METADATA.sub("", said[said.index("<svg") :], count=1)
    said = _NUMBERED.sub(r"\1", said)  # numbered anew in each picture, and nothing refers to them
    said = _FONT.sub(lambda found: f"{found[1]} sans-serif" if found[1] else "font-family: sans-serif", said)
    return said.replace("<svg", f'<svg role="img" aria-label="{escape(words)}"', 1)
