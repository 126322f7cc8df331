"""What a tuning found, in words and rows, for the terminal and the page alike: the answer, and the term sheet of the change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gainsim.analyses.candidates import CUSTOMER, SUPPLIER, TAIL, Candidate
from gainsim.analyses.flatness import AIM, NO_OFFER, RANGE
from gainsim.analyses.tuning import Tuned
from gainsim.judging import Judgement
from gainsim.measures import Estimate
from gainsim.measuring import Measured
from gainsim.titles import title
from gainsim.words import doubt, figure

#: what the two parties' figures are called in narrow columns
SHORT = {SUPPLIER: "NPV", TAIL: "its worst 5%", CUSTOMER: "customer, discounted"}
_AGREED = (
    "Among what keeps all that must hold, the product of what both gain is greatest at the Nash point, and the lesser of the two "
    "gains at the equal split: both gain the same there where limits, ranges and steps leave room for it."
)


# --- the answer ----------------------------------------------------------------------------------------------------------


def answer(found: Tuned) -> Iterator[str]:
    """The answer in sentences."""
    value = " ".join(found.after[found.aim].shown).strip()
    if not found.moved:
        yield f"Of these the offer as it stands is the best: {title(found.aim)} {value}."
    else:
        broken = "" if found.candidates.first.allowed else ", which does not keep all that must hold"
        gain = f"{_change(found.gain)} than as it stands{broken}"
        yield f"Best offer found: {title(found.aim)} {value}, {gain}; on other futures {_change(found.gain_elsewhere)}."
    yield from _kept(found)
    if found.overfitted:
        yield (
            "On other futures it is not better than the offer as it stands, beyond what chance may have done: "
            "it is fitted to the futures of the search. Take more --paths."
        )
    customer = found.after[CUSTOMER].estimate
    if customer is not None and customer.value < 0.0:
        yield (
            "On average the customer is worse off: it has no reason to sign. Write what it accepts, or say "
            '--subject-to "customer_npv at least 0".'
        )
    for held in found.not_kept_elsewhere:
        yield (
            f"On other futures it does not keep {held.limit.key}: {held.elsewhere.measured.in_short}, {held.elsewhere.allowed}. "
            "Ask for a little more, or take more --paths."
        )


def _change(gain: Measured) -> str:
    assert gain.estimate is not None
    more = "more" if gain.estimate.value >= 0.0 else "less"
    size = Estimate(abs(gain.estimate.value), gain.estimate.standard_error, gain.estimate.unit)
    points = f"{100.0 * size.value:.2f} pp" if size.unit.startswith("fraction") else figure(size.value, size.unit)
    return f"{points} {doubt(size)} {more}".replace("  ", " ")


def _kept(found: Tuned) -> Iterator[str]:
    broken = [held for held in found.limits if not held.after.kept]
    if not found.limits:
        yield "Nothing else had to hold."
    elif not broken:
        yield f"It keeps all that must hold ({len(found.limits)})."
    else:
        said = "; ".join(f"{held.limit.key} is {held.after.measured.in_short}, {held.after.allowed}" for held in broken)
        yield f"No candidate keeps all that must hold. This one comes nearest: {said}."


# --- tables --------------------------------------------------------------------------------------------------------------


CHANGES_HEAD = ("", "key", "as it was", "as it would be")


def _short(name: str) -> str:
    return SHORT.get(name, title(name))


def changes(found: Tuned) -> Iterator[tuple[str, ...]]:
    """The term sheet: every lever, what stays last."""
    for each in sorted(found.changes, key=lambda each: each.number == each.lever.number):
        end = " (the end of its range)" if each.at_an_end else ""
        becomes = "stays" if each.number == each.lever.number else each.lever.written(each.number) + end
        yield (each.lever.name, each.lever.key, each.lever.text, becomes)


def alone(found: Tuned) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """What each change alone does, on the same futures: the head of the table, and its rows."""
    names = list(dict.fromkeys((found.aim, *_known(found))))
    head = ("alone", *(cell for name in names for cell in (_short(name), "")))
    moved = (each for each in found.changes if each.number != each.lever.number)
    return head, [(each.lever.name, *(cell for name in names for cell in _alone(each.alone, name))) for each in moved]


def _alone(changed: dict[str, Estimate] | None, name: str) -> tuple[str, str]:
    if changed is None:
        return "no offer", ""
    return signed(changed[name]) if name in changed else ("", "")


def signed(of: Estimate) -> tuple[str, str]:
    """A change and its doubt."""
    if of.unit.startswith("fraction"):
        return f"{100.0 * of.value:+z.2f} pp", doubt(of)
    return f"{of.value:+z,.{0 if abs(of.value) >= 100.0 or abs(of.value) < 0.005 else 2}f}", doubt(of)


MEASURES_HEAD = ("", "as it was", "", "tuned", "", "on others: was", "", "tuned", "")


def measures(found: Tuned) -> Iterator[tuple[str, ...]]:
    """Measures as they were and tuned, on the futures of the search and on others."""
    for name, was in found.before.items():
        four = (was, found.after[name], found.elsewhere[0][name], found.elsewhere[1][name])
        if any(each.estimate is not None for each in four):
            yield (title(name), *(cell for each in four for cell in each.shown))


LIMITS_HEAD = ("", "", "as it was", "tuned", "on other futures", "")


def limits(found: Tuned) -> Iterator[tuple[str, ...]]:
    """What must hold, and whether it does."""
    for held in found.limits:
        judged = (held.before, held.after, held.elsewhere)
        yield (held.limit.key, held.after.rule, *map(_judged, judged), "binds" if held.binds else "")


def _judged(judged: Judgement) -> str:
    return judged.measured.in_short + ("" if judged.kept else " (broken)")


FLAT_HEAD = ("", "best", "from", "", "to", "")


def flatness(found: Tuned) -> Iterator[tuple[str, ...]]:
    """Between which numbers of each lever the aim is as good as at the best, and what ends that."""
    for flat, change in zip(found.flat, found.changes, strict=True):
        ends = ((flat.lever.short(number), _why(found, why)) for number, why in (flat.low, flat.high))
        yield (flat.lever.name, flat.lever.short(change.number), *(cell for end in ends for cell in end))


def _why(found: Tuned, why: str) -> str:
    said = {AIM: f"{_short(found.aim)} is worse", NO_OFFER: "no offer beyond", RANGE: "end of the range"}
    return said.get(why, f"{why} breaks")


def flat_words(found: Tuned) -> str:
    """What the ranges mean."""
    unit = found.after[found.aim].unit
    loses = f"{100.0 * found.tolerance:.2g} pp" if unit.startswith("fraction") else figure(found.tolerance, unit)
    held = "all that must hold does" if found.best.allowed else "what it keeps of all that must hold is kept"
    return (
        f"Within these the {title(found.aim)} is worse by no more than {loses}, one standard error of it, and {held}, "
        "the other levers staying at the best."
    )


def points(found: Tuned) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """What is marked among the candidates: the head of the table, and its rows."""
    head = ("", *(lever.name for lever in found.candidates.levers), *(SHORT[name] for name in _known(found)), "")
    return head, [point(found, name, each) for name, each in marks(found)]


def _known(found: Tuned) -> list[str]:
    """Of what is kept of candidates, what has a value."""
    return [name for name in SHORT if found.before[name].estimate is not None]


def agreed(found: Tuned) -> str:
    """What the points are that two parties may agree on, where there are such; nothing where there are none."""
    return _AGREED if found.parties is not None and (found.parties.nash or found.parties.equal) else ""


def frontiers(found: Tuned) -> Iterator[tuple[str, Sequence[Candidate]]]:
    """What the frontiers are, and their points; one that is a single point is none."""
    if len(found.risk.points) > 1:
        yield "NPV against its worst 5%, all other limits kept", found.risk.points
    if found.parties is not None and len(found.parties.frontier.points) > 1:
        yield "NPV against the customer's side, whatever the limits say", found.parties.frontier.points


def marks(found: Tuned) -> list[tuple[str, Candidate]]:
    """What is marked among the candidates."""
    named = [("as it stands", found.candidates.first), ("best found", found.best)]
    if found.parties is not None:
        agreed = (("Nash point", found.parties.nash), ("equal split", found.parties.equal))
        named += [(name, each) for name, each in agreed if each is not None]
    return named


def point(found: Tuned, name: str, each: Candidate) -> tuple[str, ...]:
    """A row of a candidate: its numbers, and what both parties have."""
    numbers = (lever.short(number) for lever, number in zip(found.candidates.levers, each.numbers, strict=True))
    kept = dict(zip(SHORT, each.kept, strict=True))
    return (name, *numbers, *(f"{kept[measure]:z,.0f}" for measure in _known(found)), "" if each.allowed else "breaks a limit")
