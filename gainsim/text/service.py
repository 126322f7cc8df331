"""Operations in the terminal: what they come to, where downtime comes from, what levers change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill

from gainsim.analyses.service_levers import FOLLOWED_BY, Kind, ServiceLever
from gainsim.measures import Estimate
from gainsim.offer.operations import FRACTIONS, Outcome
from gainsim.operations.account import CAUSES, WAITS
from gainsim.operations.outcomes import LIMITS, TIMES
from gainsim.quantities import percent_text
from gainsim.service import Operated, Service, owed_words
from gainsim.service_outcomes import Told, Who
from gainsim.service_spent import CAUSE_WORDS
from gainsim.text.futures import with_doubt
from gainsim.text.offer import heading, table
from gainsim.text.told import study_title, table_within
from gainsim.words import alike, only_rounding, parts_alike, two_digits, unit_words, value

#: outcomes that are hours, added up
_HOURS: tuple[Outcome, ...] = ("downtime", "waiting", "access", "work", "overtime")
#: outcomes that are told wherever there are such, the others where they are anything at all; but those of a limit where it is said
_ALWAYS: tuple[Outcome, ...] = (
    "availability", "served", "failures", "downtime", "visits", "response", "completion", "calls", "answered",
)  # fmt: skip
_LIMITED: dict[Outcome, str] = {**LIMITS, "worst_response": "within", "worst_completion": "done_within"}
#: how long a line of words is
_WIDE = 120
#: so many contract years are shown side by side
_MOST_YEARS = 8
_STANDS_BY = "A further asset of a fleet stands by: as many run as before. "
_SHARP = (
    "Every life, repair and lead time is drawn at an address of its own and stays as it was; so what is common cancels, and "
    "these differences are known far better than the figures above."
)


def page(found: Service) -> str:
    """All that is told of the operations of an offer."""
    parts = [study_title(found.scenario, found.paths, found.seed, ", no contract applied")]
    for each in found.operated:
        parts += _sections(found, each)
    return "\n\n".join(parts)


def _sections(found: Service, of: Operated) -> Iterator[str]:
    name = of.plant.name
    if of.plant.fleets:
        yield section(f"What {name} comes to, over the contract", _outcomes(of, Who("all")))
    if owed := owed_words(found, of):
        yield fill(owed, _WIDE)
    for who in _told_apart(of):
        title = f"What comes of the requests {who.name}" if who.kind == "requests" else f"Of these, {who.name}"
        yield section(title, _outcomes(of, who))
    if of.in_time:
        yield section("What is in time, of what has a limit", _in_time(of))
    if len(of.years) > 1:
        if of.plant.fleets:
            yield section("Year by year, means", _years(of, Who("all")))
        for kind in of.plant.requests:
            yield section(f"Year by year, means: the requests {kind}", _years(of, Who("requests", kind)))
    if of.is_ever_down:
        yield section("Where downtime comes from", _causes(of))
    if any(sum(each.value for each in calls.waits.values()) for calls in of.calls):
        yield section("What calls wait for", _calls(of))
    yield section("How busy the crews are", _crews(of))
    if of.spares:
        yield section("How far the spares reach", _spares(of))
    yield section("What each lever would change", f"{_levers(found, of)}\n\n{_notes(of)}")
    if of.drivers:
        yield section("What drivers read of it, means over the contract", _drivers(found, of))
    yield f"The path whose {'downtime is' if of.plant.fleets else 'hours of waiting are'} the median: --path {of.middle}"


def section(title: str, body: str) -> str:
    """A heading and what stands under it."""
    return f"{heading(title)}\n{body}"


def _told_apart(of: Operated) -> Iterator[Who]:
    """Those of which there is something to tell that is not told already: of a site only where it has several fleets, not all."""
    for who in dict.fromkeys(told.who for told in of.outcomes):
        several = 1 < len(who.of(of.plant).fleets) < len(of.plant.fleets)
        if who.kind in ("fleet", "requests") or (who.kind == "site" and several):
            yield who


def _unit(outcome: Outcome) -> str:
    if outcome in FRACTIONS:
        return "fraction"
    return "hours" if outcome in TIMES else "hours a year" if outcome in _HOURS else "a year"


def _figures(outcome: Outcome, numbers: Sequence[float]) -> list[str]:
    """Figures of one outcome, beside each other."""
    return parts_alike(numbers) if outcome in FRACTIONS else alike(numbers)


def _error(mean: Estimate, points: bool = False) -> str:
    """A standard error, of a fraction in points; none of what is the same on every path."""
    if only_rounding(mean):
        return ""
    return f"± {two_digits(100 * mean.standard_error)} pp" if points else f"± {two_digits(mean.standard_error)}"


def _outcomes(of: Operated, who: Who) -> str:
    rows = []
    for told in _shown(of, who):
        mean, *percentiles = _figures(told.outcome, [told.whole.mean.value, *told.whole.percentiles])
        rows.append((told.outcome, _unit(told.outcome), mean, _error(told.whole.mean, told.outcome in FRACTIONS), *percentiles))
    return table(rows, head=("outcome", "unit", "mean", "", "P5", "P50", "P95"), left=(0, 1))


def _shown(of: Operated, who: Who) -> list[Told]:
    """The outcomes that the page tells; all of them are in the JSON form."""
    tasks = of.plant.rules.tasks[list(who.of(of.plant).tasks)]

    def is_shown(told: Told) -> bool:
        if told.outcome in _LIMITED:
            return bool((tasks[_LIMITED[told.outcome]] < float("inf")).any())
        return told.outcome in _ALWAYS or not told.whole.is_nothing

    return [told for told in of.outcomes if told.who == who and is_shown(told)]


def _in_time(of: Operated) -> str:
    """A row a limit: the share within it."""
    rows = []
    for each in of.in_time:
        mean, *percentiles = parts_alike([each.whole.mean.value, *each.whole.percentiles])
        rows.append((each.limit.words, mean, _error(each.whole.mean, points=True), *percentiles))
    return table_within(("limit", "mean", "", "P5", "P50", "P95"), rows)


def _years(of: Operated, who: Who) -> str:
    last = len(of.years) - 1
    shown = sorted({round(k * last / (_MOST_YEARS - 1)) for k in range(_MOST_YEARS)}) if last >= _MOST_YEARS else range(last + 1)
    rows = [
        (told.outcome, _unit(told.outcome), *_figures(told.outcome, [told.years[n].mean.value for n in shown]))
        for told in _shown(of, who)
    ]
    return table(rows, head=("outcome", "unit", *(of.years[n] for n in shown)), left=(0, 1))


def _causes(of: Operated) -> str:
    """A row a mode: its hours, and what they are spent on; below them, all together."""
    by_cause = {cause: [mode.hours[cause].value for mode in of.causes] for cause in CAUSES}
    spent = [cause for cause in CAUSES if any(by_cause[cause])]
    down = _with_sum([mode.down for mode in of.causes])
    columns = [
        ("fleet", [*(mode.fleet for mode in of.causes), "all"]),
        ("mode", [*(mode.mode for mode in of.causes), ""]),
        ("failures a year", _counts([mode.failures for mode in of.causes])),
    ]
    if any(mode.planned.value for mode in of.causes):
        columns.append(("planned a year", _counts([mode.planned for mode in of.causes])))
    columns += [("hours a year", alike(down)), ("of all", [_share(hours, down[-1]) for hours in down])]
    for cause in spent:
        shares = [_share(*both) for both in zip(_with_sum(by_cause[cause]), down, strict=True)]
        columns.append((CAUSE_WORDS[cause], shares))
    return table(zip(*(column for _, column in columns), strict=True), head=[name for name, _ in columns], left=(0, 1))


def _with_sum(numbers: Sequence[float]) -> list[float]:
    return [*numbers, sum(numbers)]


def _counts(means: Sequence[Estimate]) -> list[str]:
    """How many of each a year and in all, a dot for none."""
    return ["." if said == "0" else said for said in alike(_with_sum([mean.value for mean in means]))]


def _share(hours: float, all_hours: float) -> str:
    return "." if not hours else percent_text(hours / all_hours)


def _calls(of: Operated) -> str:
    waited = [sum(each.value for each in calls.waits.values()) for calls in of.calls]
    spent = [cause for cause in WAITS if any(calls.waits[cause].value for calls in of.calls)]
    rows = [
        (calls.kind, said, *(_share(calls.waits[cause].value, hours) for cause in spent))
        for calls, hours, said in zip(of.calls, waited, alike(waited), strict=True)
    ]
    return table(rows, head=("requests", "hours a year", *(CAUSE_WORDS[cause] for cause in spent)))


def _crews(of: Operated) -> str:
    overtime = alike([crew.overtime.value for crew in of.crews])
    rows = [
        (" or ".join(crew.names), str(crew.number), f"{crew.on_shift:,.0f}", *parts_alike([crew.use.value]),
         _error(crew.use, points=True), hours, _error(crew.overtime))
        for crew, hours in zip(of.crews, overtime, strict=True)
    ]  # fmt: skip
    return table(rows, head=("crew", "people", "hours on shift a year", "in use", "", "overtime, hours a year", ""))


def _spares(of: Operated) -> str:
    rows = [
        (spare.name, str(spare.stock), calls, *parts_alike([spare.filled.value]), _error(spare.filled, points=True))
        if spare.filled is not None
        else (spare.name, str(spare.stock), "0", "none called", "")
        for spare, calls in zip(of.spares, alike([spare.calls.value for spare in of.spares]), strict=True)
    ]
    return table(rows, head=("spare", "stock", "called a year", "in stock at once", ""))


def _levers(found: Service, of: Operated) -> str:
    """A row a lever: what it changes of the service, where assets are ever down, of what is in time, and of the money."""
    rows = [
        (lever.change.words() + (" *" if lever.lacks_costs else ""),
         *(cell for what, change in lever.moved.items() if of.is_ever_down for cell in _moved(what, change)),
         *(cell for change in lever.in_time.values() for cell in _points(change)),
         *(("none", "") if lever.npv is None else _signed(lever.npv)))
        for lever in of.levers
    ]  # fmt: skip
    moved = ("availability", "served", "downtime, hours a year") if of.is_ever_down else ()
    told = (*moved, *(each.limit.words for each in of.in_time), f"NPV, {found.scenario.currency}")
    return table_within(("lever", *(cell for head in told for cell in (head, ""))), rows)


def _moved(outcome: Outcome, change: Estimate) -> tuple[str, str]:
    return _points(change) if outcome in FRACTIONS else _signed(change)


def _points(change: Estimate) -> tuple[str, str]:
    return _signed(change, 100.0, " pp")


def _signed(change: Estimate, scale: float = 1.0, unit: str = "") -> tuple[str, str]:
    """A difference with its sign; a dot where no path differs."""
    if only_rounding(change):
        if abs(change.value) <= 1e-9:
            return ".", ""
        return f"{scale * change.value:+,.4g}{unit}" if abs(change.value) < 1_000.0 else f"{change.value:+,.0f}{unit}", ""
    error = two_digits(scale * change.standard_error)
    decimals = len(error.partition(".")[2])
    return f"{scale * change.value:+,.{decimals}f}{unit}", f"± {error}{unit}"


def _notes(of: Operated) -> str:
    """What the levers' figures mean, and what they leave out."""
    stands_by = _STANDS_BY if any(lever.change.kind == "fleet" for lever in of.levers) else ""
    said = [fill(stands_by + _SHARP, _WIDE)]
    left_out: dict[Kind, list[str]] = {}
    for lever in of.levers:
        if lever.lacks_costs:
            left_out.setdefault(lever.change.kind, []).append(_what(lever))
    if left_out:
        lacking = (f"{', '.join(dict.fromkeys(names))} (outcome: {FOLLOWED_BY[kind][0]})" for kind, names in left_out.items())
        leaves_out = (
            f"* No cost follows {'; '.join(lacking)}: what more of it costs, and less of it saves, is not in the NPV. "
            "Write a driver that reads the outcome, and a cost that reads the driver."
        )
        said.append(fill(leaves_out, _WIDE, subsequent_indent="  ", break_long_words=False))
    if drawn := list(_drawn_between(of)):
        said.append(f"No lever for {', '.join(drawn)}: the time between is a distribution. Another one is tried with --set.")
    if of.levers and of.levers[0].npv is None:
        said.append("The offer needs facts that only actuals give, and so cannot be simulated: no NPV.")
    return "\n".join(said)


def _drawn_between(of: Operated) -> Iterator[str]:
    """Maintenance that is no lever, for `every` is not one number."""
    for fleet, kind in of.plant.written.fleets.items():
        yield from (f"{fleet}, {name}" for name, work in kind.maintenance.items() if not isinstance(work.every, float))


def _what(lever: ServiceLever) -> str:
    return f"{lever.change.name}, {lever.change.mode}" if lever.change.mode else lever.change.name


def _drivers(found: Service, of: Operated) -> str:
    rows = []
    for name, mean in of.drivers.items():
        driver = found.scenario.drivers[name]
        central = value(float(driver.central), driver.unit) if driver.central is not None else ""
        rows.append((name, unit_words(driver.unit), central, *with_doubt(mean, driver.unit)))
    return table(rows, head=("driver", "unit", "central", "mean", ""), left=(0, 1))
