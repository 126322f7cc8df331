"""The page of a calibration: history with its fans, residuals, season, and what was found in words."""

from __future__ import annotations

from calendar import month_abbr
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import gainsim
from gainsim.calibration import fan
from gainsim.calibration.calibrate import Calibrated, Calibration
from gainsim.calibration.fragment import fragment, method
from gainsim.calibration.history import Column
from gainsim.calibration.linear import Walk
from gainsim.calibration.words import findings, held_words, pair_words, told
from gainsim.report import style
from gainsim.report.page import template
from gainsim.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
#: a history whose highest value is so many times its lowest is drawn on a log scale
WIDE = 8.0
#: samples behind the band in which points of a normal distribution lie
_SAMPLES = 2_000


def render_calibration(found: Calibration, written: date) -> str:
    """The page as text. written: the day on the page."""
    from markupsafe import Markup

    names = [each.column.name for each in found.columns]
    return template("calibration.html").render(
        title=f"Calibration of {found.history.source}",
        names=names,
        notes=found.history.notes,
        columns=[
            {
                "name": each.column.name,
                "span": _span(each.column),
                "method": method(each.fit),
                "statistics": _statistics(each),
                "notes": each.column.notes,
                "parameters": [known.row for known in each.fit.written.parameters],
                "findings": list(findings(each)),
                "ranking": _ranking(each),
                "left": [(candidate.title, why) for candidate, why in each.fit.ranking.left],
                "backtest": held_words(each),
                "coverage": _coverage(each),
                "pictures": [(name, Markup(drawn), said) for name, drawn, said in pictures(each)],
            }
            for each in found.columns
        ],
        pairs=[
            (
                " with ".join(p.between),
                f"{p.correlation:+.2f}",
                f"{p.low:+.2f} to {p.high:+.2f}",
                "yes" if p.told else "no",
            )
            for p in found.pairs
        ],
        pair_words=pair_words(found),
        fragment=fragment(found),
        record=[
            ("History", found.history.source),
            ("gainsim", gainsim.__version__),
            ("Written", f"{written:%Y-%m-%d}"),
        ],
    )


def _span(column: Column) -> str:
    return f"{counted(len(column.values), column.step)}, {column.label(0)} to {column.label(len(column.values) - 1)}"


def _statistics(found: Calibrated) -> list[tuple[str, str]]:
    of = found.statistics
    return [
        ("Points", f"{of.count:,}"), ("Mean", told(of.mean)), ("Deviation", told(of.sd)),
        ("Autocorrelation of neighbours", told(of.lag1)), ("Lowest, highest", f"{of.lowest:,.6g}, {of.highest:,.6g}"),
        ("Unit", found.column.unit or "not said"),
    ]  # fmt: skip


def _ranking(found: Calibrated) -> list[tuple[str, str, str, str, str, bool]]:
    rows, ranking = [], found.fit.ranking
    for place, each in enumerate(ranking.tried):
        gap, error = ranking.behind(each)
        behind = f"{gap:.3f} ± {error:.3f}" if place else "best"
        count = str(each.candidate.count(found.fit.series))
        rows.append(
            (each.candidate.title, count, f"{each.aic:,.1f}", f"{each.log_score:.3f}", behind, each is ranking.chosen)
        )
    return rows


def _coverage(found: Calibrated) -> list[tuple[str, str]]:
    if found.backtest is None:
        return []
    return [(f"{100 * band:.0f}%", f"{100 * found.backtest.within[band]:.0f}%") for band in fan.BANDS]


# --- pictures --------------------------------------------------------------------------------------------------------


def pictures(found: Calibrated) -> list[tuple[str, str, str]]:
    """(name, SVG, caption) of every picture of one column."""
    name = found.column.name
    drawn = [
        (f"history_{name}", history(found), _ABOUT_HISTORY),
        (f"residuals_{name}", residuals(found), _ABOUT_RESIDUALS),
    ]
    if found.fit.season is not None:
        drawn.append((f"season_{name}", season(found), _ABOUT_SEASON))
    return [(place, style.svg(picture, f"{place.replace('_', ' ')}. {said}"), said) for place, picture, said in drawn]


_ABOUT_HISTORY = (
    "The history in black. The fan that begins inside it was made of what came before alone; the one at its end is what "
    "drivers.yaml says of the next three years. Half of all futures lie in the inner band, nine in ten in the outer."
)
_ABOUT_RESIDUALS = (
    "The surprises in their order of size, against those of a normal distribution: on the line they are as fitted. Nineteen "
    "normal samples in twenty would have each point inside the band; ends that leave it are wilder than the fan says."
)
_ABOUT_SEASON = "What each part of the year adds, as a factor of the value (or an amount), if there is a season at all."


def history(found: Calibrated) -> Figure:
    """The history, the fan of the backtest, and what may come."""
    column = found.column
    with style.styled():
        drawn = style.titled(3.8, f"{column.name}{f', {column.unit}' if column.unit else ''}", _span(column))
        ax = style.axes(drawn, top=0.65, bottom=0.6)
        if found.backtest is not None:
            _fan(ax, column, len(column.values) - len(found.backtest.came), found.backtest.bands, "")
        _fan(ax, column, len(column.values), found.ahead, "label")
        ax.plot(_days(column, 0, len(column.values)), column.values, color=style.INK, linewidth=1.1, label="history")
        outer = found.ahead[fan.SHARES.index(0.95)]
        if found.fit.series.positive and max(column.values.max(), outer.max()) > WIDE * column.values.min():
            ax.set_yscale("log")
        ax.grid(axis="y")
        ax.margins(x=0.01)
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, borderaxespad=0.0)
        last = column.month(len(column.values) + found.ahead.shape[1] - 1)
        style.time_axis(ax, [_first_day(column.month(0)), _first_day(last)])
        _plain_ticks(ax)
    return drawn


def _plain_ticks(ax: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

    if ax.get_yscale() == "log":
        low, high = ax.get_ylim()
        decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        ax.set_yticks([tick for decade in decades for tick in (decade, 2 * decade, 5 * decade) if low <= tick <= high])
    else:
        ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _fan(ax: Axes, column: Column, first: int, bands: Floats, label: str) -> None:
    """A fan from the value before `first` on."""
    days = _days(column, first - 1, first + bands.shape[1])
    low, lower, middle, upper, high = (
        np.append(column.values[first - 1], bands[fan.SHARES.index(share)]) for share in (0.05, 0.25, 0.5, 0.75, 0.95)
    )
    names = ("P5 to P95", "P25 to P75", "median") if label else (None, None, None)
    ax.fill_between(days, low, high, color=style.PALE, label=names[0])
    ax.fill_between(days, lower, upper, color=style.MID, label=names[1])
    ax.plot(days, middle, color=style.BLUE, label=names[2])


def _days(column: Column, first: int, end: int) -> NDArray[np.int64]:
    return np.array([_first_day(column.month(place)).toordinal() for place in range(first, end)])


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def residuals(found: Calibrated) -> Figure:
    """Surprises by size, against those of a normal distribution, with the band in which normal samples lie."""
    from scipy.special import ndtri

    z = np.sort((found.fit.scores - found.fit.scores.mean()) / found.fit.scores.std(ddof=1))
    expected = ndtri((np.arange(1, len(z) + 1) - 0.5) / len(z))
    samples = np.random.default_rng(1).standard_normal((_SAMPLES, len(z)))
    samples = np.sort((samples - samples.mean(1, keepdims=True)) / samples.std(1, ddof=1, keepdims=True), axis=1)
    low, high = np.quantile(samples, (0.025, 0.975), axis=0)
    with style.styled():
        drawn = style.titled(3.4, f"{found.column.name}: surprises, in deviations", method(found.fit))
        ax = style.axes(drawn, top=0.5, bottom=0.7)
        ax.fill_between(expected, low, high, color=style.PALE)
        ax.plot(expected, expected, color=style.MUTED, linewidth=0.8)
        ax.plot(expected, z, color=style.BLUE, linestyle="none", marker="o", markersize=2.5)
        ax.set_xlabel("as a normal distribution has them")
    return drawn


def season(found: Calibrated) -> Figure:
    """What each place of the year adds."""
    series = found.fit.series
    chosen = getattr(found.fit.ranking.chosen.fitted, "season", np.zeros(series.per_year))
    is_written = bool(chosen.any())
    effects = chosen if is_written else Walk("factors").fit(series).season
    shown = np.exp(effects) if series.positive else effects
    neutral = 1.0 if series.positive else 0.0
    with style.styled():
        state = "written into the driver" if is_written else "seen in the changes, not written"
        drawn = style.titled(2.8, f"{found.column.name}: season, {state}", _span(found.column))
        ax = style.axes(drawn, top=0.5, bottom=0.5)
        ax.bar(
            np.arange(series.per_year), shown - neutral, bottom=neutral, color=style.BLUE if is_written else style.MID
        )
        ax.axhline(neutral, color=style.MUTED, linewidth=0.8)
        names = month_abbr[1:] if series.per_year == 12 else ["Q1", "Q2", "Q3", "Q4"]
        ax.set_xticks(np.arange(series.per_year), names)
        ax.grid(axis="y")
    return drawn
