"""One path of operations in the terminal, event by event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from gainsim.grid import Calendar
from gainsim.operations.plant import Plant
from gainsim.operations.timeline import Story, Wait, Work
from gainsim.text.offer import table
from gainsim.text.service import section
from gainsim.words import counted

#: when, of whom, of what, and what happens
Row = tuple[float, str, str, str]


def timeline_page(calendar: Calendar, told: Sequence[tuple[Plant, Story]]) -> str:
    """What happened on one path, a line an event, by operations; calls that were answered at once and in time only counted."""
    return "\n\n".join(section(plant.name, _told(calendar, plant, of)) for plant, of in told)


def _told(calendar: Calendar, plant: Plant, of: Story) -> str:
    lines: list[Row] = [line for work in of.works for line in _work(plant, work)]
    lines += [(when, "{} {}".format(*plant.asset(asset)), "", "no longer stands by, and runs") for when, asset in of.starts]
    smooth = [call for call in of.calls if _is_smooth(plant, call)]
    lines += [line for call in of.calls if call not in smooth for line in _call(plant, call)]
    lines.sort(key=lambda line: line[0])
    rows = [(hour_words(calendar, hour), who, what, said) for hour, who, what, said in lines]
    said = [table(rows, head=("when", "what", "mode", "what happens"), left=(0, 1, 2, 3))] if rows else []
    for kind in plant.requests:
        of_kind = [call for call in smooth if plant.modes[call.mode].fleet == kind]
        if of_kind:
            said.append(f"{kind}: {counted(len(of_kind), 'call')} more, answered at once and done in time")
    return "\n\n".join(said) or "Nothing fails."


def hour_words(calendar: Calendar, hour: float) -> str:
    """An hour from the contract's start as a date and a time of day."""
    return f"{datetime.combine(calendar.start, time()) + timedelta(hours=hour):%Y-%m-%d %H:%M}"


def _work(plant: Plant, of: Work) -> Iterator[Row]:
    fleet, number = plant.asset(of.asset)
    asset, mode, crew = f"{fleet} {number}", plant.modes[of.mode].name, _crew(plant, of, of.begun)
    if of.called is not None:
        yield of.called, asset, mode, "planned work is called for" + (f"; {crew} begins at once" if of.begun == of.called else "")
    if of.failed is not None:
        yield of.failed, asset, mode, "fails" if of.begun != of.failed else f"fails; repair by {crew} begins at once"
    yield from ((wait.begin, asset, mode, f"waits for {_lacks(plant, of, wait)}") for wait in of.waits)
    if of.escalated is not None:
        yield of.escalated, asset, mode, _escalates(plant, of)
    if of.gone is not None:
        yield of.gone, asset, mode, "planned work is withdrawn"
    if of.begun is not None and of.begun not in (of.called, of.failed):
        what, since = ("repair", of.failed) if of.failed is not None and of.failed < of.begun else ("planned work", of.since)
        yield of.begun, asset, mode, f"{what} by {crew} begins after {_hours(of.begun - since)}"
    if of.stopped is not None:
        yield of.stopped, asset, mode, "stops for planned work"
    if of.down is None:
        return
    if of.done is not None and of.runs != of.done:
        yield of.done, asset, mode, f"is done after {_hours(of.done - of.down)}"
    if of.runs is not None:
        yield of.runs, asset, mode, f"runs again after {_hours(of.runs - of.down)}"


def _is_smooth(plant: Plant, of: Work) -> bool:
    """Whether a call is begun as it comes, and answered and done within what is asked."""
    return of.begun == of.called and of.done is not None and not _is_late(plant, of) and not _is_overdue(plant, of)


def _is_late(plant: Plant, of: Work) -> bool:
    return of.arrived is not None and of.arrived - of.since > float(plant.rules.tasks["within"][of.mode])


def _is_overdue(plant: Plant, of: Work) -> bool:
    return of.done is not None and of.done - of.since > float(plant.rules.tasks["done_within"][of.mode])


def _call(plant: Plant, of: Work) -> Iterator[Row]:
    who, crew = f"{plant.modes[of.mode].fleet} {of.asset + 1}", _crew(plant, of, of.begun)
    yield of.since, who, "", "calls" if of.begun != of.called else f"calls; {crew} begins at once"
    yield from ((wait.begin, who, "", f"waits for {_lacks(plant, of, wait)}") for wait in of.waits)
    if of.escalated is not None:
        yield of.escalated, who, "", _escalates(plant, of)
    if of.gone is not None:
        yield of.gone, who, "", "is turned away" if of.turned_away else f"leaves after {_hours(of.gone - of.since)}"
    if of.begun is not None and of.begun != of.called:
        yield of.begun, who, "", f"{crew} begins after {_hours(of.begun - of.since)}"
    if of.arrived is not None and _is_late(plant, of):
        yield of.arrived, who, "", f"is reached late, after {_hours(of.arrived - of.since, 2)}"
    if of.done is not None:
        yield of.done, who, "", f"is done{', overdue,' if _is_overdue(plant, of) else ''} after {_hours(of.done - of.since)}"


def _crew(plant: Plant, of: Work, when: float | None) -> str:
    """Who may do it at an hour, those too that may once it escalated; which of several it was, the log does not say."""
    who, then = plant.modes[of.mode].crews
    waited = of.escalated is not None and when is not None and when >= of.escalated
    return " or ".join((*who, *then) if waited else who)


def _escalates(plant: Plant, of: Work) -> str:
    """Its priority from now on, and who may do it besides."""
    *_, then = plant.modes[of.mode].crews
    besides = f", and {' or '.join(then)} may do it too" if then else ""
    return f"escalates to priority {int(plant.rules.tasks['priority'][of.mode][2])}{besides}"


def _lacks(plant: Plant, of: Work, wait: Wait) -> str:
    task, crew = plant.rules.tasks[of.mode], _crew(plant, of, wait.begin)
    spare, site = int(task["spare"]), int(task["site"])
    words = {
        "no_spare": plant.spares[spare] if spare >= 0 else "",
        "weather": f"fair weather at {plant.sites[site]}" if site >= 0 else "",
        "no_shift": f"the shift of {crew}",
        "no_crew": crew,
    }
    return words[wait.cause]


def _hours(span: float, decimals: int = 1) -> str:
    return f"{span:,.{decimals}f} h"
