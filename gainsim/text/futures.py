"""The drivers of an offer in the terminal: percentiles over time, and how they hang together."""

from __future__ import annotations

import math
from textwrap import fill

from gainsim.futures import Fan, Futures
from gainsim.measures import Estimate
from gainsim.text.offer import heading, table
from gainsim.text.told import WIDTH, study_title
from gainsim.units import Unit
from gainsim.words import only_rounding, two_digits, unit_words, value, values


def page(found: Futures) -> str:
    """Percentiles of each driver at some moments, and the rank correlations of their averages."""
    parts = [study_title(found.scenario, found.paths, found.seed, ", no contract applied")]
    rows = [row for fan in found.fans for row in _rows(found, fan)]
    head = ("driver", "unit", "control", "at", "central", "mean", "", "P5", "P25", "P50", "P75", "P95")
    parts.append(f"{heading('What the drivers may do')}\n{table(rows, head=head, left=(0, 1, 2, 3))}")
    parts[-1] += "".join(f"\n{fan.name}: {fan.lacks}." for fan in found.fans if fan.lacks)
    if events := [row for fan in found.fans for row in _event(found, fan)]:
        names = ("event", "at all", "within the contract", "", "times a year", "lasts")
        parts.append(f"{heading('What may come once')}\n{table(events, head=names, left=(0, 5))}")
    if len(found.fans) > 1:
        title = "How they hang together: rank correlation of their averages, where it is more than chance"
        parts.append(f"{heading(title)}\n{_matrix(found)}")
    parts += [fill(said, WIDTH) for said in found.suspect]
    if found.certain:
        parts.append(f"Certain: {', '.join(found.certain)}.")
    return "\n\n".join(parts)


def _rows(found: Futures, fan: Fan) -> list[tuple[str, ...]]:
    moments = [("once", 0)] if fan.once else found.moments()
    rows, unit = [], fan.driver.unit
    means = [fan.mean(t) for _, t in moments]
    numbers = [float(each) for _, t in moments for each in (fan.central[t], *fan.bands[:, t])]
    figures = iter(values([*numbers, *(mean.value for mean in means if mean is not None)], unit))
    bands = [[next(figures) for _ in range(1 + len(fan.bands))] for _ in moments]
    for n, ((when, _), mean) in enumerate(zip(moments, means, strict=True)):
        said = (fan.name, unit_words(unit), control_words(fan)) if n == 0 else ("", "", "")
        central, *others = bands[n]
        rows.append((*said, when, central, *(("none", "") if mean is None else (next(figures), doubt_of(mean, unit))), *others))
    return rows


def with_doubt(mean: Estimate | None, unit: Unit) -> tuple[str, str]:
    """A mean and its standard error, as far as there are such."""
    return ("none", "") if mean is None else (value(mean.value, unit), doubt_of(mean, unit))


def doubt_of(mean: Estimate, unit: Unit) -> str:
    """The standard error of a mean of a driver, of fractions in points."""
    if math.isinf(mean.standard_error):
        return "± unknown"
    if only_rounding(mean):
        return ""
    scale = 100.0 if unit.part else 1.0
    return f"± {two_digits(scale * mean.standard_error)}{' pp' if scale > 1.0 else ''}"


def _event(found: Futures, fan: Fan) -> list[tuple[str, ...]]:
    """What percentiles at some moments do not show of an event: how often it comes."""
    event, comes = fan.driver.event, fan.comes
    if event is None or comes is None:
        return []
    lasts = event.lasts if isinstance(event.lasts, str) else f"for {event.lasts}"
    part = Unit.parse("fraction")
    return [(fan.name, value(event.chance, part), *with_doubt(comes, part), f"{comes.value / found.years:.2g}", lasts)]


def control_words(fan: Fan) -> str:
    """Who moves a driver."""
    control = fan.driver.control
    if isinstance(control, str):
        return control
    return ", ".join(f"{party} {100 * part:g}%" for party, part in control.items())


def _matrix(found: Futures) -> str:
    names = [fan.name for fan in found.fans]
    rows = []
    for n, name in enumerate(names):
        figures = [f"{found.ranks[n, k]:+.2f}" if found.hangs(n, k) else "." for k in range(n)]
        rows.append((f"{n + 1} {name}", *figures, "1", *[""] * (len(names) - n - 1)))
    return table(rows, head=("", *(str(n + 1) for n in range(len(names)))))
