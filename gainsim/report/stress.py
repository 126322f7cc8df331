"""The page of an offer under stress: every case against the offer as it is, in bars, and the map of two drivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gainsim.analyses.stress import Heat, Result, Stresses
from gainsim.analyses.stress_data import to_json
from gainsim.analyses.stress_words import as_it_is, case_rows, columns_of_words, customer_told, fifth, notes, said
from gainsim.measuring import FEW
from gainsim.report import style
from gainsim.report.folder import check_place
from gainsim.report.study import Picture, Section, Study, Table, record, write_study
from gainsim.report.words import short
from gainsim.scenario.reading import Document
from gainsim.words import unit_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def write_stress(found: Stresses, out: Path, document: Document, *, written: date | None = None) -> Path:
    """Write the page of an offer under stress into the folder `out`: report.html, result.json and the file."""
    check_place(out)  # before anything is drawn
    study = Study(
        found.model.scenario.title,
        "stress",
        "An offer under stress",
        as_it_is(found),
        sections(found),
        record(found.paths, found.seed, written),
    )
    return write_study(study, out, to_json(found), document)


def sections(found: Stresses) -> list[Section]:
    """The cases, what they say, and the map of two drivers where one is asked for."""
    head, rows = case_rows(found)
    pictures = [Picture("cases", bars(found), _BARS)] if found.cases else []
    cases = Table(head, rows, words=columns_of_words(head))
    title = "What each case changes, the worst first"
    made = [Section("stress", title, tables=[cases], pictures=pictures, notes=list(notes(found)))]
    if found.own:
        stressed = [(each.stress.name, said(each)) for each in found.cases]
        made.append(Section("cases", "What the cases say", tables=[Table(("", "what is stressed"), stressed, words=(0, 1))]))
    if found.heat is not None:
        a, b = found.heat.drivers
        picture = Picture("heat", heat_map(found, found.heat), _HEAT.format(a, b))
        made.append(Section("map", f"Mean NPV by the fifths of {a} and of {b}", pictures=[picture]))
    return made


_BARS = "What each case changes on the same futures, with two standard errors to either side. Orange: worse."
_HEAT = (
    "Futures by the fifths of {} and of {}, each by its average over the contract, the lowest first; what hangs together with them "
    "moves along. Orange: less than the offer as it is, blue: more. In brackets: fewer than 30 futures lie there."
)


def bars(found: Stresses) -> Figure:
    """What each case changes for the supplier, and for the customer, a bar a case."""
    currency, customer = found.model.scenario.currency, customer_told(found)
    names = [each.stress.name for each in found.cases]
    left = min(0.4 + 0.075 * max(map(len, names)), 3.2)
    height = 1.2 + 0.27 * len(names)
    with style.styled():
        drawn = style.titled(height, f"What each case changes, {currency}", _foot(found))
        middle = 0.5 * (style.WIDTH + left) if customer else style.WIDTH
        ours = style.axes(drawn, left=left, right=style.WIDTH - middle + 0.25, top=0.7, bottom=0.6)
        _bars(ours, found.cases, "npv", "our mean NPV")
        ours.set_yticks(range(len(names)), names)
        if customer:
            theirs = style.axes(drawn, left=middle + 0.15, right=0.25, top=0.7, bottom=0.6)
            _bars(theirs, found.cases, "customer_net_benefit", "customer's net benefit")
            theirs.set_yticks([])
    return drawn


def _bars(ax: Axes, cases: Sequence[Result], name: str, title: str) -> None:
    for row, case in enumerate(cases):
        told = case.apart[name].estimate
        if told is None:
            continue
        ax.barh(row, told.value, height=0.62, color=style.ORANGE if told.value < 0.0 else style.BLUE)
        reach = 2.0 * told.standard_error
        if np.isfinite(reach):
            ax.plot([told.value - reach, told.value + reach], [row, row], color=style.INK, linewidth=1.0)
    ax.axvline(0.0, color=style.MUTED, linewidth=0.8)
    ax.set_ylim(len(cases) - 0.4, -0.6)
    ax.margins(x=0.06)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    ax.set_title(title, fontsize=9, loc="left", color=style.INK)
    style.money_axis(ax.xaxis, most=6)


def heat_map(found: Stresses, of: Heat) -> Figure:
    """Mean NPV by the fifths of two drivers, each cell with its figure."""
    from matplotlib.colors import LinearSegmentedColormap

    centre = found.as_is.measures["npv"].estimate
    assert centre is not None
    apart = np.array([[np.nan if cell is None else cell.value - centre.value for cell in row] for row in of.cells]).T
    widest = float(np.nanmax(np.abs(apart))) or 1.0
    first, second = of.drivers
    left = 1.5
    with style.styled():
        drawn = style.titled(3.9, f"Mean NPV, {found.model.scenario.currency}", _foot(found))
        ax = style.axes(drawn, left=left, right=1.2, top=0.45, bottom=0.95)
        colours = LinearSegmentedColormap.from_list("signs", [style.ORANGE, "white", style.BLUE])
        ax.imshow(apart, cmap=colours, vmin=-widest, vmax=widest, aspect="auto", origin="lower")
        for i, row in enumerate(of.cells):
            for j, cell in enumerate(row):
                if cell is not None:
                    words = short(cell.value) if of.futures[i][j] >= FEW else f"({short(cell.value)})"
                    dark = abs(apart[j, i]) > 0.6 * widest
                    ax.text(i, j, words, ha="center", va="center", fontsize=8.5, color="white" if dark else style.INK)
        count = len(of.cells)
        across, up = (found.model.scenario.drivers[name].unit for name in of.drivers)
        ax.set_xticks(range(count), [fifth(number, of.edges[0], across) for number in range(count)])
        ax.set_yticks(range(count), [fifth(number, of.edges[1], up) for number in range(count)])
        ax.set_xlabel(f"{first}, {unit_words(across)}")
        ax.set_ylabel(f"{second}, {unit_words(up)}")
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
    return drawn


def _foot(found: Stresses) -> str:
    return f"seed {found.seed} · {found.paths:,} paths"
