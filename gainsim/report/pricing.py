"""The page of a price: the measure over the range that was searched, and the answer on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gainsim.analyses.pricing import Priced
from gainsim.analyses.pricing_words import answer, comes_to, reason
from gainsim.numbers import QuantityError
from gainsim.quantities import parse_quantity
from gainsim.report import style
from gainsim.report.study import Picture, Section, Study, record, section_of
from gainsim.report.words import measure_words
from gainsim.scenario.changes import written_number
from gainsim.titles import TITLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def page_of(found: Priced, title: str) -> Study:
    """The page of a price. title: the offer's"""
    about = "What a number of the offer must be"
    return Study(title, "price", about, f"{answer(found)}.", sections(found), record(found.paths, found.seed))


def sections(found: Priced) -> list[Section]:
    """The answer and its picture, and what the offer then comes to."""
    picture = Picture("curve", curve(found), _CURVE)
    return [Section("answer", "The answer", [reason(found)], pictures=[picture]), section_of(comes_to(found))]


#: a formula that is longer is not said along an axis
_LONG = 60


def _unit(text: str) -> str:
    """What the number at a key is in, by what is written there.

    >>> _unit("100 USD/seat/month"), _unit("27.5% of premium"), _unit("40")
    ('USD/seat/month', 'the n of "n% of premium"', 'as it is written there')
    """
    number = written_number(text)
    assert number is not None
    before, behind = text[: number.start()], text[number.end() :]
    if not before:
        try:
            parse_quantity(f"1{behind}")
        except QuantityError:
            pass
        else:
            return behind.strip() or "as it is written there"
    formula = f"{before}n{behind}"
    return f'the n of "{formula}"' if len(formula) <= _LONG else "as it is written there"


_CURVE = (
    "The measure over the range that was searched, with two standard errors to either side, on the same futures all along. "
    "The lines cross at what is wanted; the band on the axis is how far chance may have moved the answer."
)


def curve(found: Priced) -> Figure:
    """The measure over the range that was searched."""
    numbers = np.array([number for number, _ in found.searched])
    values = np.array([of.value for _, of in found.searched])
    reach = np.array([2.0 * of.standard_error if math.isfinite(of.standard_error) else 0.0 for _, of in found.searched])
    name, unit = found.measure[1].name, found.measure[1].unit
    said = measure_words(name) if name in TITLES else name
    with style.styled():
        drawn = style.titled(3.6, f"{said} by {found.key}", f"seed {found.seed} · {found.paths:,} paths")
        ax = style.axes(drawn, left=0.95)
        ax.fill_between(numbers, values - reach, values + reach, color=style.PALE)
        ax.plot(numbers, values, color=style.BLUE)
        ax.axhline(found.target, color=style.ORANGE, linewidth=0.9, linestyle=(0, (5, 1.5)))
        ax.axvline(found.number, color=style.ORANGE, linewidth=0.9)
        if 0.0 < found.error < math.inf:
            ax.axvspan(found.number - 2.0 * found.error, found.number + 2.0 * found.error, ymax=0.04, color=style.ORANGE, alpha=0.6)
        ax.set_xlim(float(numbers.min()), float(numbers.max()))
        ax.grid(axis="y")
        style.money_axis(ax.xaxis, f"{found.key}, {_unit(found.before)}")
        if unit.startswith("fraction"):
            ax.yaxis.set_major_formatter(lambda y, _: f"{100.0 * y:g}%")
        else:
            style.money_axis(ax.yaxis, unit)
    return drawn
