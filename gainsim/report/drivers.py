"""The page of the drivers: a fan and a distribution of each, and how they hang together."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gainsim.analyses.driver_words import control_words, driver_words
from gainsim.futures import Fan, Futures, to_json
from gainsim.quantities import percent_text
from gainsim.report import style
from gainsim.report.charts import histogram
from gainsim.report.folder import check_place
from gainsim.report.study import Picture, Section, Study, record, write_study
from gainsim.scenario.reading import Document
from gainsim.words import counted, unit_words, value

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: paths that are drawn as they are, to show how a driver moves
EXAMPLES = 3


def write_drivers(found: Futures, out: Path, document: Document, *, written: date | None = None) -> Path:
    """Write the page of an offer's drivers into the folder `out`: report.html, result.json and the file."""
    check_place(out)  # before anything is drawn
    pictures = [Picture(fan.name, picture(found, fan), _about(fan)) for fan in found.fans]
    if len(found.fans) > 1:
        said = "Spearman's rank correlation of the drivers' averages over the contract. Blue: they rise together."
        pictures.append(Picture("dependence", dependence(found), said))
    certain = [f"Certain: {', '.join(found.certain)}."] if found.certain else []
    study = Study(
        found.scenario.title,
        "drivers",
        "Drivers of an offer",
        f"{counted(len(found.fans), 'uncertain driver')}, before any contract is applied",
        [Section("drivers", "What the drivers may do", pictures=pictures, notes=[*found.suspect, *certain])],
        record(found.paths, found.seed, written),
    )
    return write_study(study, out, to_json(found, document.changes), document)


def _about(fan: Fan) -> str:
    driver = fan.driver
    about = f"{driver.about.strip()} " if driver.about else ""
    said = f"{about}{driver_words(driver)}. In {unit_words(driver.unit)}; control: {control_words(driver.control)}."
    if fan.comes is not None:
        said += f" Within the contract it comes in {percent_text(fan.comes.value)} of the futures."
    return f"{said} {fan.lacks[0].upper()}{fan.lacks[1:]}." if fan.lacks else said


def picture(found: Futures, fan: Fan) -> Figure:
    """A driver over time with some of its paths, and its distribution in the last period."""
    with style.styled():
        foot = f"seed {found.seed} · {found.paths:,} paths"
        drawn = style.titled(2.9, f"{fan.name}, {unit_words(fan.driver.unit)}", foot)
        split = 6.3
        ax = style.axes(drawn, right=style.WIDTH - split, top=0.65, bottom=0.5)
        last = style.axes(drawn, left=split + 0.55, right=0.2, top=0.65, bottom=0.5)
        days = np.array([when.toordinal() for when in found.dates])
        p5, p25, p50, p75, p95 = fan.bands
        ax.fill_between(days, p5, p95, color=style.PALE, label="P5 to P95")
        ax.fill_between(days, p25, p75, color=style.MID, label="P25 to P75")
        for path in range(min(EXAMPLES, found.paths)):
            ax.plot(days, fan.values[:, path], color=style.MUTED, linewidth=0.6, label="some paths" if path == 0 else None)
        ax.plot(days, p50, color=style.BLUE, label="median")
        ax.plot(days, fan.central, color=style.INK, linestyle=(0, (4, 2)), linewidth=1.1, label="central")
        ax.grid(axis="y")
        ax.margins(x=0.01)
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=5, borderaxespad=0.0)
        style.time_axis(ax, found.dates, most=7)
        style.unit_axis(ax.yaxis, fan.driver.unit)
        heights, edges = histogram(fan.values[-1], tail=0.01)
        last.stairs(heights, edges, fill=True, color=style.BLUE)
        style.unit_axis(last.xaxis, fan.driver.unit)
        last.yaxis.set_visible(False)
        last.spines["left"].set_visible(False)
        words = "at every time" if fan.once else f"at the end, {found.dates[-1]:%Y-%m}"
        last.set_title(f"{words}: median {value(float(p50[-1]), fan.driver.unit)}", fontsize=9, loc="left", color=style.INK)
    return drawn


def dependence(found: Futures) -> Figure:
    """The rank correlations as a map, each cell with its figure."""
    from matplotlib.colors import LinearSegmentedColormap

    names = [fan.name for fan in found.fans]
    count = len(names)
    cell = min(0.62, 6.0 / count)
    left = 0.4 + 0.075 * max(map(len, names))
    with style.styled():
        drawn = style.titled(1.1 + cell * count, "How the drivers hang together", f"seed {found.seed} · {found.paths:,} paths")
        ax = style.axes(drawn, left=left, right=style.WIDTH - left - cell * count, top=0.45, bottom=0.55)
        colours = LinearSegmentedColormap.from_list("signs", [style.ORANGE, "white", style.BLUE])
        shown = np.where(np.tri(count, dtype=bool), found.ranks, np.nan)
        ax.imshow(shown, cmap=colours, vmin=-1.0, vmax=1.0, aspect="auto")
        for i in range(count):
            for j in range(i + 1):
                r = found.ranks[i, j]
                if found.hangs(i, j):
                    ax.text(j, i, f"{r:+.2f}" if i != j else "1", ha="center", va="center", fontsize=8,
                            color="white" if abs(r) > 0.6 else style.INK)  # fmt: skip
        ax.set_yticks(range(count), [f"{n + 1}  {name}" for n, name in enumerate(names)])
        ax.set_xticks(range(count), [str(n + 1) for n in range(count)])
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
    return drawn
