"""What is said of effort, in the terminal and on the page alike."""

from __future__ import annotations

from collections.abc import Sequence

from gainsim.analyses.conducted import Conducted, Moment
from gainsim.put_in import PutIn, answering
from gainsim.units import FLOW_MONTHS
from gainsim.words import percent


def amount(value: float) -> str:
    """A figure of any size, to three digits or whole.

    >>> amount(1.4583), amount(141_644.2), amount(0.0)
    ('1.46', '141,644', '0')
    """
    if abs(value) >= 1000.0:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):g}"


def plan_words(of: PutIn) -> str:
    """Who decides how much there is, within which bounds, and how."""
    written = of.written
    how = {
        None: "As planned",
        "best constant": "The one number that is best",
        "best by year": "For each year the number that is best",
        "responsive": "In each period what is expected to earn most",
    }[written.policy]
    watched = f", in view of {written.watches.text} of the {over_words(of)} so far" if written.watches is not None else ""
    return f"{how}{watched}; {amount(written.at_least)} to {amount(written.at_most)} {written.unit}, decided by the {written.by}."


def over_words(of: PutIn) -> str:
    """The window of what is watched."""
    return {"half_year": "half-year", "life": "contract"}.get(of.written.over or "", of.written.over or "")


def worth_unit(driver: str, found: Conducted) -> str:
    """In what a driver's worth is told: EUR per percentage point of a fraction; of a flow, per what flows in the period."""
    unit = found.scenario.drivers[driver].unit
    if unit.part:
        return f"{found.scenario.currency} per percentage point"
    counted = unit.without_time() if unit.flow in FLOW_MONTHS else unit
    return f"{found.scenario.currency} per {str(counted) or 'unit'}"


def worth_words(found: Conducted, of: PutIn) -> str:
    """What the columns of a responsive effort are."""
    units = "; ".join(f"{driver}, {worth_unit(driver, found)}" for driver in answering(of.name, found.scenario))
    watched = str(found.model.watched[of.name])
    unit = f", {watched}" if watched else ""
    assert of.written.watches is not None
    return (
        f"reached: the median of {of.written.watches.text} when the period begins{unit}.\n"
        f"alone: what more of a driver ({units}) in the period in which it answers is expected\n"
        "to bring until the contract's end, were nothing beyond the least put in all along; one error for all periods.\n"
        "worth: the same from where the window stands, as later effort responds to it; its P10, P50 and P90 over the futures.\n"
        "put in: the mean; least, most: on how many futures nothing beyond the least, and all there may be, is put in."
    )


def killed_words(of: PutIn, moments: Sequence[Moment]) -> str:
    """Where the contract gives the least reason to work."""
    last = max(moments, key=lambda each: each.idle.value)
    if last.idle.value <= 0.0:
        return "In every period something is put in on every future."
    if all(each.idle.value == last.idle.value for each in moments):
        return f"In every period nothing beyond {amount(of.written.at_least)} is put in on {percent(last.idle.value)} of futures."
    return f"Least is done in {last.period}: on {percent(last.idle.value)} of futures nothing beyond {amount(of.written.at_least)}."
