"""Cases of a stress in words and rows: what is said of them, what they come to, and what is to be known of their figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gainsim.analyses.stress import Result, Stresses
from gainsim.measuring import Measured
from gainsim.offer.shocks import Shock
from gainsim.offer.stress import Correlations, Range
from gainsim.scenario.rewriting import as_written
from gainsim.scenario.stress import Stress
from gainsim.spelling import listed
from gainsim.units import Unit
from gainsim.words import counted, doubt, values

#: from so many futures on a tail is worth reading, as `gainsim.checks` tells of a run
TAIL = 2_000
#: so many names stand in a sentence
MOST_NAMED = 4


def case_words(of: Stress) -> str:
    """What is stressed, in a sentence without its full stop.

    >>> from gainsim.scenario.reading import read_text
    >>> from gainsim.offer.stress import Case
    >>> from gainsim.scenario.stress import stress_of
    >>> text = "dear: { shocks: { power: { times: 2, begins: 2028-01, lasts: 18 months } }, where: { demand: { below: p20 } } }"
    >>> cases = {name: Case.model_validate(case) for name, case in read_text(text, "x.yaml").data.items()}
    >>> case_words(stress_of("dear", cases))
    'power is 2 times what it would be, from 2028-01 on for 18 months; only futures with demand below p20'
    """
    said = [f"{driver} {shock_words(shock)}" for driver, shock in of.shocks]
    if of.where:
        said.append("only futures with " + listed([f"{driver} {_range(written)}" for driver, written in of.where]))
    if of.correlations is not None:
        said.append(_correlations(of.correlations))
    said += [f"{key}: {as_written(value)}" for key, value in (of.values or {}).items()]
    return "; ".join(said)


def shock_words(of: Shock) -> str:
    """What comes to a driver, with the driver as subject."""
    if of.later is not None:
        return f"comes {of.later} later"
    sizes = [f"is {of.times:g} times what it would be"] if of.times is not None else []
    if of.plus is not None:
        more = "more" if of.plus.value >= 0.0 else "less"
        size = str(of.plus).lstrip("-") if of.plus.unit.powers else f"{abs(of.plus.value):g}"
        sizes.append(f"is {size} {more}")
    begins = of.begins.text if of.begins is not None else ""
    when = f", from {begins} on" if of.begins is not None and of.begins.date else f", {begins} after the start" if begins else ""
    if of.lasts is not None:
        when += f"{'' if when else ','} for {of.lasts}"
    if of.rises_over is not None:
        when += f", rising over {of.rises_over}"
    if of.fades_over is not None:
        when += f", fading over {of.fades_over}"
    return f"{' and '.join(sizes)}{when}"


def _range(of: Range) -> str:
    ends = (("above", of.above), ("below", of.below))
    return " and ".join(f"{word} {end.text}" for word, end in ends if end is not None)


def _correlations(of: Correlations) -> str:
    whose = f"of {listed(of.among)}" if of.among is not None else "of what hangs together"
    way = "" if of.of_the_way == 1.0 else f"{of.of_the_way:.0%} of the way to "
    return f"correlations {whose}: {way}{of.to:g}"


def notes(found: Stresses) -> Iterator[str]:
    """What is to be known of the cases: too few futures, nothing moved, correlations that gave way, cases of our own."""
    for case in found.cases:
        yield from _notes(case, found)
    if too_few := [case for case in found.cases if case.futures and case.too_few]:
        least, most = min(case.futures for case in too_few), max(case.futures for case in too_few)
        futures = counted(most, "future") if least == most else f"{least} to {counted(most, 'future')}"
        of_these = _listed([case.stress.name for case in too_few])
        yield f"In {of_these} there are only {futures}, too few to tell. Write a wider range, or simulate more."
    few = [case.stress.name for case in found.cases if 0 < case.futures < TAIL]
    if few:
        yield f"The worst 5% of {_listed(few)} are made of few futures: a tail is worth reading from {TAIL:,} futures on."
    if not found.own:
        yield "The file has no cases of its own (stress:). Each driver that moves is taken in its lowest tenth, and in its highest."


def _listed(cases: Sequence[str]) -> str:
    return listed(cases) if len(cases) <= MOST_NAMED else f"{len(cases)} of the cases"


def _notes(of: Result, found: Stresses) -> Iterator[str]:
    name = of.stress.name
    if not of.futures:
        yield f"{name}: no future lies there. Write a wider range, or simulate more with --paths."
    elif of.stress.where and of.futures == found.paths:
        yield f"{name}: every future lies there. Write a narrower range."
    if not of.moves:
        yield f"{name} moves nothing: no term, cost or gain reads what it changes."
    if of.gave_way:
        pairs = ", ".join(f"{a} with {b} {instead:+.2f}, not {written:+.2f}" for a, b, written, instead in of.gave_way)
        yield f"{name}: these correlations cannot hold together with the others; the nearest that can: {pairs}."


# --- rows, for the terminal and the page alike ---------------------------------------------------------------------------

def case_rows(found: Stresses) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The head, and a row for each case: what it comes to, what changes for either party, and which limits it breaks, if any."""
    customer = customer_told(found)
    currency = found.model.scenario.currency
    head = (currency, "mean NPV", "changed by", "", "worst 5% by", "", "chance of loss", *(("customer by", "") if customer else ()))
    rows = [(each.stress.name, *_cells(each, customer)) for each in found.cases]
    if any(each.broken for each in found.cases):
        return (*head, BROKEN), [(*row, ", ".join(each.broken)) for row, each in zip(rows, found.cases, strict=True)]
    return head, rows


#: the head of the limits that a case breaks
BROKEN = "limits broken"


def columns_of_words(head: Sequence[str]) -> tuple[int, ...]:
    """Which columns of the table of cases are words."""
    return tuple(number for number, said in enumerate(head) if number == 0 or said == BROKEN)


def customer_told(found: Stresses) -> bool:
    """Whether the file says anything of the customer's own side."""
    return found.as_is.measures["customer_net_benefit"].estimate is not None


def as_it_is(found: Stresses) -> str:
    """What the offer comes to without any stress, in a sentence."""
    of = found.as_is.measures
    said = [f"mean NPV {_both(of['npv'])}", f"mean of its worst 5% {_both(of['cvar_95'])}"]
    said.append(f"chance of loss {of['chance_of_loss'].in_short}")
    if customer_told(found):
        said.append(f"customer's net benefit {_both(of['customer_net_benefit'])}")
    broken = f"; it breaks {listed(found.as_is.broken)}" if found.as_is.broken else ""
    return f"As it is: {', '.join(said)}{broken}."


def _both(of: Measured) -> str:
    return " ".join(filter(None, of.shown))


def _cells(of: Result, customer: bool) -> tuple[str, ...]:
    npv, loss = _money(of.measures["npv"])[0], of.measures["chance_of_loss"].in_short
    ours = [cell for name in ("npv", "cvar_95") for cell in _money(of.apart[name], "+")]
    theirs = _money(of.apart["customer_net_benefit"], "+") if customer else ()
    return npv, *ours, loss, *theirs


def _money(of: Measured, sign: str = "") -> tuple[str, str]:
    if of.estimate is None:
        return "none", ""
    return f"{of.estimate.value:{sign}z,.0f}", doubt(of.estimate)


def said(of: Result) -> str:
    """What a case says, with what its writer says of it."""
    count = f": {counted(of.futures, 'future')}" if of.stress.where else ""
    words = f"{case_words(of.stress)}{count}"
    if not of.stress.about:
        return f"{words}."
    return f"{of.stress.about.strip().removesuffix('.')} ({words})."


def fifth(number: int, edges: Sequence[float], unit: Unit) -> str:
    """A fifth by where it ends."""
    ends = values(edges, unit)
    if number == 0:
        return f"up to {ends[0]}"
    return f"above {ends[-1]}" if number == len(edges) else f"to {ends[number]}"
