"""Cases of a stress in words: what is said of them, and what is to be known of their figures."""

from __future__ import annotations

from collections.abc import Iterator

from gainsim.analyses.stress import Result, Stresses
from gainsim.offer.shocks import Shock
from gainsim.offer.stress import Correlations, Range
from gainsim.scenario.rewriting import as_written
from gainsim.scenario.stress import Stress
from gainsim.spelling import listed
from gainsim.words import counted


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
    """What is to be known of single cases: too few futures, nothing moved, correlations that gave way."""
    for case in found.cases:
        yield from _notes(case)


def _notes(of: Result) -> Iterator[str]:
    name = of.stress.name
    if not of.futures:
        yield f"{name}: no future lies there. Write a wider range, or simulate more with --paths."
    elif of.too_few:
        yield f"{name}: only {counted(of.futures, 'future')} lie there, too few to tell. Write a wider range, or simulate more."
    if not of.moves:
        yield f"{name} moves nothing: no term, cost or gain reads what it changes."
    if of.gave_way:
        pairs = ", ".join(f"{a} with {b} {instead:+.2f}, not {written:+.2f}" for a, b, written, instead in of.gave_way)
        yield f"{name}: these correlations cannot hold together with the others; the nearest that can: {pairs}."
