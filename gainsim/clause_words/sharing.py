"""The steps of a sharing term in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from gainsim.clause_words.words import Words, per_of, said_of
from gainsim.offer.bands import Band
from gainsim.offer.fields import Clauses
from gainsim.offer.steps import (
    Against,
    Carry,
    Deadband,
    Deductible,
    HighWaterMark,
    LimitGain,
    LimitPayment,
    QualityGate,
    QualityMultiplier,
    ShareOfWhole,
    ShareStep,
    Threshold,
)


@singledispatch
def said_of_step(of: Clauses, words: Words) -> str:
    """A step in words."""
    raise NotImplementedError(type(of))


_SIDES = {"gain": "a gain", "pain": "a shortfall", "both": "a gain or shortfall"}


@said_of_step.register
def _threshold(of: Threshold, words: Words) -> str:
    step = of.threshold
    counts = {
        "excess": "counts only as far as it lies beyond", "from_first": "counts only if it reaches that, and then in full",
        "catch_up": "counts only beyond that, and then in full once the supplier has caught up",
    }  # fmt: skip
    return f"{_SIDES[step.sides]} of less than {words.size(step.at)} is nobody's: it {counts[step.then]}"


@said_of_step.register
def _share(of: ShareStep, words: Words) -> str:
    bands = of.share
    below = [f"of {'a shortfall' if n == 0 else f'what lies {words.edge(band)}'} the supplier bears {said_of(band.share)}"
             for n, band in enumerate(bands.below)]  # fmt: skip
    return "; ".join([*below, _gains(words, [*bands.up_to, bands.above])])


def _gains(words: Words, bands: Sequence[Band]) -> str:
    if len(bands) == 1:
        return f"of a gain it gets {said_of(bands[0].share)}"
    parts = [f"{said_of(band.share)} {words.edge(band)}" for band in bands[:-1]]
    return f"of a gain it gets {', '.join(parts)} and {said_of(bands[-1].share)} of what lies above"


@said_of_step.register
def _share_of_whole(of: ShareOfWhole, words: Words) -> str:
    bands = of.share_of_whole
    parts = [
        f"{said_of(band.share)} {'above that' if band.edge is None else words.edge(band)}" for band in bands.ranges
    ]
    return f"the supplier's share of the whole is {', '.join(parts)}"


@said_of_step.register
def _limit_gain(of: LimitGain, words: Words) -> str:
    step = of.limit_gain
    ends = [f"at least {words.money(step.floor)}"] if step.floor is not None else []
    ends += [f"at most {words.money(step.cap)}"] if step.cap is not None else []
    return f"what counts is {' and '.join(ends)} {per_of(step.per)}"


@said_of_step.register
def _limit_payment(of: LimitPayment, words: Words) -> str:
    step = of.limit_payment
    ends = []
    if step.floor is not None:
        pays = words.signs.without_minus(step.floor) is not None or step.floor.constant == 0.0
        ends.append(f"pays at most {words.size(step.floor)}" if pays else f"gets at least {words.money(step.floor)}")
    if step.cap is not None:
        ends.append(f"gets at most {words.money(step.cap)}")
    return f"the supplier {' and '.join(ends)} {per_of(step.per)}"


@said_of_step.register
def _carry(of: Carry, words: Words) -> str:
    step = of.carry
    what = {
        "pain beyond the floor": "what goes beyond the floor",
        "all pain": "every shortfall",
        "gain beyond the cap": "what goes beyond the cap",
    }
    lapses = "" if step.settlements is None else f" for {step.settlements} settlements"
    most = "" if step.at_most is None else f", {words.size(step.at_most)} of it at most"
    end = "is lost" if step.at_end == "lost" else "is paid"
    return f"{what[step.what]} is carried into later settlements{lapses}{most}, and what is left at the end {end}"


@said_of_step.register
def _against(of: Against, words: Words) -> str:
    return f"what goes beyond {words.money(of.against)} is the gain, what falls short of it the shortfall"


@said_of_step.register
def _deadband(of: Deadband, words: Words) -> str:
    step = of.deadband
    return f"a shortfall up to {words.size(step.below)} and a gain up to {words.size(step.above)} are nobody's"


@said_of_step.register
def _deductible(of: Deductible, words: Words) -> str:
    step = of.deductible
    return f"the first {words.size(step.at)} {per_of(step.per)} of {_SIDES[step.sides]} does not count"


@said_of_step.register
def _high_water_mark(of: HighWaterMark, words: Words) -> str:
    step = of.high_water_mark
    return f"only a new best counts (of the {step.of}, from {words.money(step.start)} on)"


@said_of_step.register
def _quality_gate(of: QualityGate, words: Words) -> str:
    return f"{_SIDES[of.quality_gate.sides]} counts only if {words.condition(of.quality_gate.when)}"


@said_of_step.register
def _quality_multiplier(of: QualityMultiplier, words: Words) -> str:
    return f"{_SIDES[of.quality_multiplier.sides]} is multiplied by {said_of(of.quality_multiplier.by)}"
