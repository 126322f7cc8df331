"""How one figure reads, in the terminal and on the page alike: money, percent, years, and how far it may be wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gainsim.measures import Estimate
from gainsim.quantities import money_text, percent_text
from gainsim.streams.sampling import not_promised
from gainsim.units import Unit

if TYPE_CHECKING:
    from gainsim.bridge import Run
    from gainsim.offer.scenario import RunText

_PERCENTAGES = ("fraction", "fraction per year")
#: so much of the largest of some values is what rounding leaves of a 0
_ROUNDING = 1e-12


def counted(count: int, one: str, many: str = "") -> str:
    """A number of things.

    >>> counted(1, "future"), counted(2_000, "future"), counted(2, "loss", "losses")
    ('1 future', '2,000 futures', '2 losses')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def futures_of(paths: int, run: RunText, one: str = "future") -> str:
    """On how many futures a study was made; and how many the file says, where that is another number.

    >>> from gainsim.offer.scenario import RunText
    >>> futures_of(2_000, RunText(paths=20_000)), futures_of(2_000, RunText(paths=2_000)), futures_of(2_000, RunText(paths=500))
    ("2,000 of the file's 20,000 futures", '2,000 futures', "2,000 futures (the file's: 500)")

    A file that says none, or a precision that finds them, is silent:

    >>> futures_of(2_000, RunText())
    '2,000 futures'
    """
    if "paths" not in run.model_fields_set or run.precision is not None or paths == run.paths:
        return counted(paths, one)
    if paths > run.paths:
        return f"{counted(paths, one)} (the file's: {run.paths:,})"
    return f"{paths:,} of the file's {counted(run.paths, one)}"


def drawn(run: Run) -> str:
    """How the paths of a run were drawn, and what that does not promise; nothing of pseudo-random paths, which promise all."""
    if run.groups is None:
        return ""
    groups = int(run.groups.max()) + 1
    together = f"{groups:,} pairs" if run.sampling == "antithetic" else f"{groups} independent replications"
    title = run.sampling.replace("_", " ").capitalize()
    said = [f"{title} sampling: {together}, {groups - 1:,} degrees of freedom", *not_promised(run.sampling)]
    return "; ".join(said) + "."


def two_digits(value: float) -> str:
    """A number to two significant digits.

    >>> two_digits(1_096.2), two_digits(0.04712), two_digits(9.97), two_digits(0.0)
    ('1,100', '0.047', '10', '0')
    """
    if not value:
        return "0"
    digits = 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    digits = 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(digits, 0)}f}"


def unit_words(unit: Unit) -> str:
    """A unit as people read it: a fraction, a bare number, or what is written.

    >>> unit_words(Unit.parse("fraction of energy")), unit_words(Unit.parse("degree_day/month")), unit_words(Unit.parse("1"))
    ('fraction', 'degree day/month', '1')
    >>> unit_words(Unit.parse("1/month"))
    'per month'
    """
    said = str(unit).replace("_", " ") or "1"
    return "fraction" if unit.part else f"per {said.removeprefix('1/')}" if said.startswith("1/") else said


def value(number: float, unit: Unit) -> str:
    """A value of a driver, to four digits; what is a thousand and more is whole, a fraction in percent.

    >>> value(0.12345, Unit.parse("fraction")), value(1_234.56, Unit.parse("EUR")), value(0.0, Unit.parse("EUR"))
    ('12.35%', '1,235', '0')
    """
    if unit.part:
        return f"{100.0 * number:.4g}%"
    return f"{number:,.0f}" if abs(number) >= 1_000.0 else f"{number:.4g}"


def values(numbers: Sequence[float], unit: Unit) -> list[str]:
    """Values of one driver that are read beside each other, with as many decimals each; fractions in percent.

    >>> values([-0.12, -0.002967, 0.0], Unit.parse("fraction")), values([28.0, 30.0], Unit.parse("EUR"))
    (['-12.0%', '-0.3%', '0%'], ['28', '30'])

    Each has its own digits where they lie more than four powers of ten apart, or all below a thousandth:

    >>> values([16_000.0, 0.0021], Unit.parse("EUR")), values([-1.949e-9, 0.0], Unit.parse("EUR"))
    (['16,000', '0.0021'], ['-1.949e-09', '0'])
    """
    scale = 100.0 if unit.part else 1.0
    largest = max(map(abs, numbers), default=0.0)
    numbers = [number if abs(number) > _ROUNDING * largest else 0.0 for number in numbers]
    least = min((abs(number) for number in numbers if number), default=0.0)
    if scale * largest < 1e-3 or least < 1e-4 * largest:
        return [value(number, unit) for number in numbers]
    shown = alike([scale * number for number in numbers])
    while all(each.endswith("0") for each in shown) and any("." in each for each in shown):
        shown = [each[:-1].removesuffix(".") if "." in each else each for each in shown]
    return [f"{each}%" for each in shown] if unit.part else shown


def percent(fraction: float) -> str:
    """A fraction in percent with one decimal; with as many as it takes to tell it from none and from all.

    >>> percent(0.1234), percent(0.0003), percent(0.99996), percent(0.0), percent(1.0)
    ('12.3%', '0.03%', '99.996%', '0.0%', '100.0%')
    """
    apart = 100.0 * min(abs(fraction), abs(1.0 - fraction))
    if not 1e-7 < apart < 0.05:
        return percent_text(fraction)
    return f"{100.0 * fraction:.{-math.floor(math.log10(apart))}f}%"


def part(fraction: float) -> str:
    """A part of time in percent, to two decimals; to as many as it takes to tell it from none and from all.

    >>> part(0.96767), part(0.999987), part(1.0)
    ('96.77%', '99.999%', '100.0%')
    """
    return f"{100.0 * fraction:.2f}%" if 5e-5 <= fraction <= 1.0 - 5e-5 else percent(fraction)


def alike(numbers: Sequence[float]) -> list[str]:
    """Numbers that are read beside each other, to as many decimals as show four digits of the largest and one of the smallest.

    A millionth of the largest, and less, asks for none.

    >>> alike([84.86, 1.472, 0.0]), alike([1_497.6, 916.5]), alike([1_180.0, 0.024])
    (['84.86', '1.47', '0'], ['1,498', '916'], ['1,180.00', '0.02'])
    """
    sizes = sorted(abs(number) for number in numbers if number)
    shown = [size for size in sizes if size > 1e-6 * sizes[-1]]
    decimals = max(0, 3 - _power(shown[-1]), -_power(shown[0])) if shown else 0
    return [f"{number:z,.{decimals}f}" if number else "0" for number in numbers]


def _power(size: float) -> int:
    return math.floor(math.log10(size))


def parts_alike(fractions: Sequence[float]) -> list[str]:
    """Parts of time that are read beside each other, in percent, to as many decimals as tell each of them from none and from all.

    >>> parts_alike([0.9912, 0.99996, 1.0]), parts_alike([0.18, 1.0])
    (['99.120%', '99.996%', '100.000%'], ['18.00%', '100.00%'])
    """
    decimals = max(2, *(len(part(each).partition(".")[2]) - 1 for each in fractions))
    return [f"{100.0 * each:.{decimals}f}%" for each in fractions]


def figure(value: float, unit: str) -> str:
    """A value in its unit.

    >>> figure(0.49357, "fraction"), figure(0.2952, "fraction per year"), figure(3.247, "years"), figure(-4e5, "EUR")
    ('49.4%', '29.5% pa', '3.2 years', '-400,000 EUR')
    """
    if unit in _PERCENTAGES:
        return percent(value) + (" pa" if unit != "fraction" else "")
    return f"{value:z,.1f} years" if unit == "years" else money_text(value, unit)


def several(number: str, unit: str) -> str:
    """A number and its unit, which is in the plural where it is a word and they are several.

    >>> several("1,000", "seat"), several("1", "seat"), several("4.2", "hour/month"), several("30.7", "EUR/MWh"), several("3", "")
    ('1,000 seats', '1 seat', '4.2 hours/month', '30.7 EUR/MWh', '3')
    >>> several("0.3", "per month")
    '0.3 per month'
    """
    thing, slash, per = unit.partition("/")
    counted = not unit.startswith("per ") and re.search(r"(?<![A-Za-z])[a-z]{2,}[a-rt-wyz]$", thing)
    ending = "s" if number != "1" and counted else ""
    return f"{number} {thing}{ending}{slash}{per}".rstrip()


def in_unit(value: float, unit: str) -> str:
    """What has been decided, in its unit: "%" where it is told in percent; money to the cent.

    >>> in_unit(0.25, "%"), in_unit(1.0, ""), in_unit(2_717.4, "USD/customer/month"), in_unit(30.0, "seat")
    ('25.0%', '1', '2,717.40 USD/customer/month', '30 seats')
    """
    if unit == "%":
        return percent(value)
    cents = abs(value) >= 1_000.0 or Unit.parse(unit).is_money
    return several(f"{value:z,.2f}" if cents else f"{value:z.6g}", unit)


def bound(value: float, unit: str) -> str:
    """What a limit allows, with no more digits than were written.

    >>> bound(0.15, "fraction"), bound(4.0, "years"), bound(-80_000.0, "EUR")
    ('15%', '4 years', '-80,000 EUR')
    """
    if unit in _PERCENTAGES:
        return f"{100.0 * value:.6g}%" + (" pa" if unit != "fraction" else "")
    return f"{value:g} {'year' if value == 1.0 else 'years'}" if unit == "years" else money_text(value, unit)


def only_rounding(found: Estimate) -> bool:
    """Whether a standard error is no more than what the rounding of sums leaves: all paths agree."""
    return found.standard_error <= 1e-9 + 1e-9 * abs(found.value)


def of_futures(share: str) -> str:
    """A share as it reads behind "on": what lies beyond a bound is more or less than it.

    >>> of_futures("above 98.5%"), of_futures("12.0%")
    ('more than 98.5%', '12.0%')
    """
    return share.replace("above ", "more than ").replace("below ", "less than ")


def doubt(found: Estimate) -> str:
    """A standard error to two significant digits, but not much finer than the value is shown; of percentages in points.

    Nothing where all paths agree but for the rounding of sums; a question mark where too few paths stand behind the
    value to tell.

    >>> doubt(Estimate(-4e5, 1_096.2, "EUR")), doubt(Estimate(0.2, 0.00025, "fraction")), doubt(Estimate(1.0, math.inf))
    ('± 1,100', '± 0.03 pp', '± ?')
    >>> doubt(Estimate(19_472.0, 7.7e-13, "EUR")), doubt(Estimate(3.4, 0.00012, "years"))
    ('', '± <0.01')
    """
    error = found.standard_error
    if not math.isfinite(error):
        return "± ?"
    if only_rounding(found):
        return ""
    if found.unit in _PERCENTAGES:
        return f"± {_no_finer(100.0 * error, 2)} pp"
    return f"± {_no_finer(error, 0 if found.unit != 'years' and abs(found.value) >= 1_000.0 else 2)}"


def _no_finer(error: float, decimals: int) -> str:
    """Two significant digits, but at most so many decimals; what then would be 0 is less than the least that is shown."""
    least = 10.0**-decimals
    if error < 0.5 * least:
        return f"<{least:g}"
    said = two_digits(error)
    return said if len(said.partition(".")[2]) <= decimals else f"{error:.{decimals}f}"


def gap(size: float, unit: str) -> str:
    """How far a value lies from its limit.

    >>> gap(0.0378, "fraction"), gap(668_497.5, "EUR")
    ('3.8 pp', '668,498 EUR')
    """
    if unit in _PERCENTAGES:
        points = 100.0 * size
        return f"{points:.1f} pp" if points >= 0.1 else f"{two_digits(points)} pp"
    return figure(size, unit)


def share(fraction: float) -> str:
    """How often a clause binds.

    >>> share(0.0), share(0.0002), share(0.169)
    ('never', '<0.1%', '16.9%')
    """
    return "never" if fraction == 0.0 else "<0.1%" if fraction < 0.001 else percent_text(fraction)
