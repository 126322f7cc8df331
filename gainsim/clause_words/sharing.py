"""A sharing term in words, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gainsim.clause_words.signs import without_minus
from gainsim.clause_words.words import Words, per_of, said_of
from gainsim.offer.bands import Band
from gainsim.offer.sharing import kind_of_step


def sharing(words: Words, term: Any) -> str:
    """What is shared, and its steps in their order."""
    steps = [_STEPS[str(kind_of_step(step))](words, getattr(step, str(kind_of_step(step)))) for step in term.steps]
    return f"Shared is {words.money(term.of)}: {'; '.join(steps)}"


_SIDES = {"gain": "a gain", "pain": "a shortfall", "both": "a gain or shortfall"}


def _threshold(words: Words, step: Any) -> str:
    counts = {
        "excess": "counts only as far as it lies beyond", "from_first": "counts only if it reaches that, and then in full",
        "catch_up": "counts only beyond that, and then in full once the supplier has caught up",
    }  # fmt: skip
    return f"{_SIDES[step.sides]} of less than {words.size(step.at)} is nobody's: it {counts[step.then]}"


def _share(words: Words, bands: Any) -> str:
    below = [f"of {'a shortfall' if n == 0 else f'what lies {words.edge(band)}'} the supplier bears {said_of(band.share)}"
             for n, band in enumerate(bands.below)]  # fmt: skip
    return "; ".join([*below, _gains(words, [*bands.up_to, bands.above])])


def _gains(words: Words, bands: Sequence[Band]) -> str:
    if len(bands) == 1:
        return f"of a gain it gets {said_of(bands[0].share)}"
    parts = [f"{said_of(band.share)} {words.edge(band)}" for band in bands[:-1]]
    return f"of a gain it gets {', '.join(parts)} and {said_of(bands[-1].share)} of what lies above"


def _share_of_whole(words: Words, bands: Any) -> str:
    parts = [
        f"{said_of(band.share)} {'above that' if band.edge is None else words.edge(band)}" for band in bands.ranges
    ]
    return f"the supplier's share of the whole is {', '.join(parts)}"


def _limit_gain(words: Words, step: Any) -> str:
    ends = [f"at least {words.money(step.floor)}"] if step.floor is not None else []
    ends += [f"at most {words.money(step.cap)}"] if step.cap is not None else []
    return f"what counts is {' and '.join(ends)} {per_of(step.per)}"


def _limit_payment(words: Words, step: Any) -> str:
    ends = []
    if step.floor is not None:
        pays = without_minus(step.floor) is not None or step.floor.constant == 0.0
        ends.append(f"pays at most {words.size(step.floor)}" if pays else f"gets at least {words.money(step.floor)}")
    if step.cap is not None:
        ends.append(f"gets at most {words.money(step.cap)}")
    return f"the supplier {' and '.join(ends)} {per_of(step.per)}"


def _carry(words: Words, step: Any) -> str:
    what = {
        "pain beyond the floor": "what goes beyond the floor",
        "all pain": "every shortfall",
        "gain beyond the cap": "what goes beyond the cap",
    }
    lapses = "" if step.settlements is None else f" for {step.settlements} settlements"
    end = "is lost" if step.at_end == "lost" else "is paid"
    return f"{what[step.what]} is carried into later settlements{lapses}, and what is left at the end {end}"


_STEPS: dict[str, Callable[[Words, Any], str]] = {
    "against": lambda words, step: (
        f"what goes beyond {words.money(step)} is the gain, what falls short of it the shortfall"
    ),
    "threshold": _threshold,
    "deadband": lambda words, step: (
        f"a shortfall up to {words.size(step.below)} and a gain up to {words.size(step.above)} are nobody's"
    ),
    "deductible": lambda words, step: (
        f"the first {words.size(step.at)} {per_of(step.per)} of {_SIDES[step.sides]} does not count"
    ),
    "high_water_mark": lambda words, step: (
        f"only a new best counts (of the {step.of}, from {words.money(step.start)} on)"
    ),
    "limit_gain": _limit_gain,
    "quality_gate": lambda words, step: f"{_SIDES[step.sides]} counts only if {said_of(step.when)}",
    "quality_multiplier": lambda words, step: f"{_SIDES[step.sides]} is multiplied by {said_of(step.by)}",
    "share": _share,
    "share_of_whole": _share_of_whole,
    "limit_payment": _limit_payment,
    "carry": _carry,
}
