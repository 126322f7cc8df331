"""Operations in the terminal: what they come to, where downtime comes from, what levers change, and one path's timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from gainsim.futures import unit_words, value
from gainsim.futures_text import with_doubt
from gainsim.grid import Calendar
from gainsim.measures import Estimate
from gainsim.offer.operations import Outcome
from gainsim.operations.plant import Plant
from gainsim.operations.timeline import Incident, Story
from gainsim.service import CAUSE_WORDS, CAUSES, MOVED, Operated, Service, Told
from gainsim.text import heading, table
from gainsim.units import Unit
from gainsim.words import counted, only_rounding, part, percent, two_digits

UNITS: dict[Outcome, str] = {
    "availability": "fraction", "served": "fraction", "failures": "a year", "downtime": "hours a year", "waiting": "hours a year",
    "access": "hours a year", "visits": "a year", "work": "hours a year", "parts": "a year", "response": "hours",
}  # fmt: skip
#: so many contract years are shown side by side
_MOST_YEARS = 8
_SHARP = (
    "A further asset of a fleet stands by: as many run as before.\n"
    "Every life, repair and lead time is drawn at an address of its own and stays as it was; so what is common cancels,\n"
    "and these differences are known far better than the figures above."
)


def page(found: Service) -> str:
    """All that is told of the operations of an offer."""
    count = counted(found.paths, "future")
    parts = [f"{found.scenario.title}\n{count}, seed {found.seed}, no contract applied; ± is one standard error"]
    for each in found.operated:
        parts += _sections(found, each)
    return "\n\n".join(parts)


def _sections(found: Service, of: Operated) -> Iterator[str]:
    name = of.plant.name
    yield _section(f"What {name} comes to, over the contract", _outcomes(of, None))
    for fleet in of.plant.fleets if len(of.plant.fleets) > 1 else ():
        yield _section(f"Of these, {fleet}", _outcomes(of, fleet))
    if len(of.years) > 1:
        yield _section("Year by year, means", _years(of))
    yield _section("Where downtime comes from", _causes(of))
    yield _section("How busy the crews are", _crews(of))
    if of.spares:
        yield _section("How far the spares reach", _spares(of))
    yield _section("What one more or one fewer would change", f"{_levers(of)}\n\n{_SHARP}")
    if of.drivers:
        yield _section("What drivers read of it, means over the contract", _drivers(found, of))
    yield f"The path whose downtime is the median: --path {of.middle}"


def _section(title: str, body: str) -> str:
    return f"{heading(title)}\n{body}"


def _figure(outcome: Outcome, number: float) -> str:
    return part(number) if UNITS[outcome] == "fraction" else value(number, Unit())


def _mean(outcome: Outcome, mean: Estimate) -> tuple[str, str]:
    """A mean and its standard error; no error of what is the same on every path."""
    said = _figure(outcome, mean.value)
    if only_rounding(mean):
        return said, ""
    error = two_digits(mean.standard_error) if UNITS[outcome] != "fraction" else f"{two_digits(100 * mean.standard_error)} pp"
    return said, f"± {error}"


def _outcomes(of: Operated, fleet: str | None) -> str:
    rows = [
        (told.outcome, UNITS[told.outcome], *_mean(told.outcome, told.whole.mean),
         *(_figure(told.outcome, each) for each in told.whole.percentiles))
        for told in _of(of, fleet)
    ]  # fmt: skip
    return table(rows, head=("outcome", "unit", "mean", "", "P5", "P50", "P95"), left=(0, 1))


def _of(of: Operated, fleet: str | None) -> list[Told]:
    return [told for told in of.outcomes if told.fleet == fleet]


def _years(of: Operated) -> str:
    last = len(of.years) - 1
    shown = sorted({round(k * last / (_MOST_YEARS - 1)) for k in range(_MOST_YEARS)}) if last >= _MOST_YEARS else range(last + 1)
    rows = [
        (told.outcome, UNITS[told.outcome], *(_figure(told.outcome, told.years[n].mean.value) for n in shown))
        for told in _of(of, None)
    ]
    return table(rows, head=("outcome", "unit", *(of.years[n] for n in shown)), left=(0, 1))


def _causes(of: Operated) -> str:
    """A row a mode: its hours, and what they are spent on."""
    everything = sum(mode.down for mode in of.causes)
    rows = [
        (mode.fleet, mode.mode, value(mode.failures.value, Unit()), value(mode.down, Unit()), _share(mode.down, everything),
         *(_share(mode.hours[cause].value, mode.down) for cause in CAUSES))
        for mode in of.causes
    ]  # fmt: skip
    by_cause = (_share(sum(mode.hours[cause].value for mode in of.causes), everything) for cause in CAUSES)
    failures = sum(mode.failures.value for mode in of.causes)
    rows.append(("all", "", value(failures, Unit()), value(everything, Unit()), _share(everything, everything), *by_cause))
    head = ("fleet", "mode", "failures a year", "hours a year", "of all", *(CAUSE_WORDS[cause] for cause in CAUSES))
    return table(rows, head=head, left=(0, 1))


def _share(hours: float, all_hours: float) -> str:
    return "." if not hours else percent(hours / all_hours)


def _crews(of: Operated) -> str:
    rows = [(crew.name, str(crew.number), f"{crew.on_shift:,.0f}", *_mean("served", crew.use)) for crew in of.crews]
    return table(rows, head=("crew", "people", "hours on shift a year", "in use", ""))


def _spares(of: Operated) -> str:
    rows = [
        (spare.name, str(spare.stock), value(spare.calls.value, Unit()), *_mean("served", spare.filled))
        if spare.filled is not None
        else (spare.name, str(spare.stock), "0", "none called", "")
        for spare in of.spares
    ]
    return table(rows, head=("spare", "stock", "called a year", "in stock at once", ""))


def _levers(of: Operated) -> str:
    rows = [
        (f"{lever.name} {lever.before} → {lever.after}", *(cell for what in MOVED for cell in _change(what, lever.change[what])))
        for lever in of.levers
    ]
    return table(rows, head=("lever", "availability", "", "served", "", "downtime, hours a year", ""))


def _change(outcome: Outcome, change: Estimate) -> tuple[str, str]:
    """A difference with its sign; a dot where no path differs."""
    if only_rounding(change) and abs(change.value) <= 1e-9:
        return ".", ""
    scale, unit = (100.0, " pp") if UNITS[outcome] == "fraction" else (1.0, "")
    error = two_digits(scale * change.standard_error)
    decimals = len(error.partition(".")[2])
    return f"{scale * change.value:+,.{decimals}f}{unit}", f"± {error}{unit}"


def _drivers(found: Service, of: Operated) -> str:
    rows = []
    for name, mean in of.drivers.items():
        driver = found.scenario.drivers[name]
        central = value(float(driver.central), driver.unit) if driver.central is not None else ""
        rows.append((name, unit_words(driver.unit), central, *with_doubt(mean, driver.unit)))
    return table(rows, head=("driver", "unit", "central", "mean", ""), left=(0, 1))


def timeline_page(calendar: Calendar, told: Sequence[tuple[Plant, Story]]) -> str:
    """What happened on one path, a line an event, by operations."""
    parts = []
    for plant, of in told:
        lines = [line for incident in of.incidents for line in _lines(plant, incident)]
        lines += [(when, "{} {}".format(*plant.asset(asset)), "", "no longer stands by, and runs") for when, asset in of.starts]
        lines.sort(key=lambda line: line[0])
        rows = [(hour_words(calendar, hour), asset, mode, what) for hour, asset, mode, what in lines]
        body = table(rows, head=("when", "asset", "mode", "what happens"), left=(0, 1, 2, 3)) if rows else "Nothing fails."
        parts.append(_section(plant.name, body))
    return "\n\n".join(parts)


def hour_words(calendar: Calendar, hour: float) -> str:
    """An hour from the contract's start as a date and a time of day."""
    return f"{datetime.combine(calendar.start, time()) + timedelta(hours=hour):%Y-%m-%d %H:%M}"


def _lines(plant: Plant, of: Incident) -> Iterator[tuple[float, str, str, str]]:
    fleet, number = plant.asset(of.asset)
    asset, mode = f"{fleet} {number}", plant.modes[of.mode].name
    crew, spare = plant.crews[plant.crew[of.mode]], plant.spares[plant.spare[of.mode]] if plant.spare[of.mode] >= 0 else ""
    words = {"shift": f"the shift of {crew}", "crew": crew, "spare": spare}
    yield of.failed, asset, mode, "fails" if of.waits else f"fails; repair by {crew} begins at once"
    for wait in of.waits:
        yield wait.begin, asset, mode, f"waits for {words[wait.cause]}"
    if of.waits and of.begun is not None:
        yield of.begun, asset, mode, f"repair by {crew} begins after {_hours(of.begun - of.failed)}"
    if of.stands is not None and of.runs != of.stands:
        yield of.stands, asset, mode, f"stands by after {_hours(of.stands - of.failed)}"
    if of.runs is not None:
        yield of.runs, asset, mode, f"runs again after {_hours(of.runs - of.failed)}"


def _hours(span: float) -> str:
    return f"{span:,.1f} h"
