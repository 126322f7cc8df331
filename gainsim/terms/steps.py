"""The steps of a sharing term that change an amount: the gain before the share, the payment after it."""

from __future__ import annotations

from collections.abc import Callable

from gainsim import ops
from gainsim.offer import steps as written
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.terms import shapes
from gainsim.terms.conditions import is_told
from gainsim.terms.counting import first_that_stands, remember
from gainsim.terms.position import Position


def against(position: Position, reference: Formula) -> None:
    """The gain is what exceeds the reference."""
    position.change("against", position.amount - position.settling.money(reference, "the reference"))


def threshold(position: Position, step: written.ThresholdText) -> None:
    """What a gain must reach; catching up acts on the share."""
    at = position.settling.money(step.at, "a threshold")
    shape = shapes.threshold_excess if step.then == "excess" else shapes.threshold_from_first
    left = position.settling.deal.by_size(shape(position.amount, at, step.sides), at, step.at, "the threshold")
    if step.then == "catch_up" and position.catch_up is not None:
        raise ValueError("one sharing term has one threshold with catch_up; another stands before this one.")
    if step.then == "catch_up":
        assert step.catch_up_share is not None
        position.catch_up = ops.maximum(position.amount - at, 0.0) * step.catch_up_share
    for side, size in (("gain", position.amount), ("pain", 0.0 - position.amount)):
        if step.sides in (side, "both"):
            name = f"threshold of {side}" if step.sides == "both" else "threshold"
            position.settling.gate(name, "reached", size >= at, asked=size >= 0.0)
    position.change("threshold", left)


def deadband(position: Position, step: written.DeadbandText) -> None:
    """Only what lies beyond the band counts."""
    below = position.settling.money(step.below, "the deadband's width below")
    above = position.settling.money(step.above, "the deadband's width above")
    left = shapes.beyond(position.amount, below, above)
    for side, width, formula in (("below", below, step.below), ("above", above, step.above)):
        left = position.settling.deal.by_size(left, width, formula, f"the width {side} the deadband")
    position.change("deadband", left)


def deductible(position: Position, step: written.DeductibleText) -> None:
    """The first so much of the gains, or pains, of a settlement, year or life does not count.

    What is left of it is a deadband on its side, which what falls inside uses up; nothing gives it back.

    Source: annual aggregate deductible of an excess-of-loss treaty
    """
    settling, gain = position.settling, position.amount
    at = settling.money(step.at, "a deductible")
    size = at * settling.part_of_year(step.per)
    gains = _left(position, step, "gain", size, lambda: gain - counted)
    pains = _left(position, step, "pain", size, lambda: counted - gain)
    counted = shapes.beyond(gain, pains, gains)
    position.change("deductible", settling.deal.by_size(counted, at, step.at, "the deductible"))


def _left(
    position: Position, step: written.DeductibleText, side: str, size: Value, deducted: Callable[[], Value]
) -> Value:
    """What is left of a deductible on one side; none stands on a side that is not named."""
    if step.sides not in (side, "both"):
        return 0.0
    used = position.so_far(step.per, f"{side} deducted", lambda: ops.maximum(deducted(), 0.0))
    return size if used is None else ops.maximum(size - used, 0.0)


def high_water_mark(position: Position, step: written.HighWaterMarkText) -> None:
    """What lies above the best so far counts, and makes the mark; nothing else does.

    level:           counts max(gain - mark, 0); the mark becomes max(mark, gain)
    cumulative gain: the same of the gains added up, reckoned by how far they lie below their mark

    Source: high-water mark and loss carry-forward of performance fees, as in ESMA34-39-992, guideline 4
    """
    settling, gain = position.settling, position.amount
    first = first_that_stands(settling)
    start = settling.money(step.start, "the first mark")
    if step.of == "level":
        memory = settling.state("best so far")
        mark = ops.where(first, start, memory.read(settling.section))
        remember(settling, memory, ops.maximum(mark, gain))
        position.change("high_water_mark", ops.maximum(gain - mark, 0.0))
    else:
        memory = settling.state("below the mark")
        below = ops.where(first, start, memory.read(settling.section))
        remember(settling, memory, ops.maximum(below - gain, 0.0))
        position.change("high_water_mark", ops.maximum(gain - below, 0.0))


def limit_gain(position: Position, step: written.LimitGainText) -> None:
    """Floor and cap on the gain of the settlement, or on what has passed in the year or life up to and including it."""
    used = position.so_far(step.per, "gain passed", lambda: held)
    held = _limited(position, step, position.settling.part_of_year(step.per), used)[1]
    position.change("limit_gain", held)


def limit_payment(position: Position, step: written.LimitPaymentText) -> None:
    """Floor and cap on what is paid in the settlement, or in the year or life up to and including it."""
    scale = position.settling.part_of_year(step.per)
    if step.scales_with == "scope":
        scale = scale * position.settling.deal.decisions.scope
    used = position.so_far(step.per, "paid", lambda: position.amount)
    floored, held = _limited(position, step, scale, used)
    if step.floor is not None:
        position.change("floor", floored)
    if step.cap is not None:
        position.change("cap", position.amount + (held - floored))


def _limited(
    position: Position, step: written.LimitGainText | written.LimitPaymentText, scale: Value, used: Value
) -> tuple[Value, Value]:
    """The amount raised to its floor, and then lowered to its cap; what they cut off is remembered."""
    amount = position.amount
    floor, cap = (_room(bound, scale, used) for bound in _floor_and_cap(position, step))
    floored, held = shapes.held(amount, floor, None), shapes.held(amount, floor, cap)
    if floor is not None:
        position.cut_off("floor", amount - floored)
    if cap is not None:
        position.cut_off("cap", floored - held)
    return floored, held


def _floor_and_cap(position: Position, step: written.LimitGainText | written.LimitPaymentText) -> tuple[Value, Value]:
    """Floor and cap, None where there is none; their order being right."""
    settling = position.settling
    floor: Value = None if step.floor is None else settling.money(step.floor, "a floor")
    cap: Value = None if step.cap is None else settling.money(step.cap, "a cap")
    if step.floor is None or step.cap is None:
        return floor, cap
    return settling.deal.by_order(floor, floor, cap, {"floor": step.floor, "cap": step.cap}), cap


def _room(bound: Value, scale: Value, used: Value) -> Value:
    """What is left of a bound in this settlement, if there is one."""
    if bound is None:
        return None
    return bound * scale if used is None else bound * scale - used


def quality_gate(position: Position, step: written.QualityGateText) -> None:
    """A side of the amount is nothing where the condition does not hold; where it cannot be told, it is no number."""
    settling = position.settling
    holds = settling.mark(step.when, "when") > 0.5
    told = is_told(step.when, lambda part: settling.scope.evaluate(part)[0])
    unknown = f"the condition '{step.when.text}' compares what is no number"
    settling.gate("quality_gate", "holds", holds, told)

    def passed(amount: Value) -> Value:
        gated = settling.deal.require(told, ops.where(holds, amount, 0.0), unknown)
        return shapes.on_side(amount, gated, step.sides)

    if position.own is not None:
        position.own = passed(position.own)
    position.change("quality_gate", passed(position.amount))


def quality_multiplier(position: Position, step: written.QualityMultiplierText) -> None:
    """A side of the amount is multiplied."""
    settling = position.settling
    by = settling.scope.plain(step.by, "a multiplier")

    def scaled(amount: Value) -> Value:
        many = shapes.on_side(amount, amount * by, step.sides)
        return settling.deal.require(
            by >= 0.0, many, f"the multiplier '{step.by.text}' is negative", "It is 0 or more."
        )

    if position.own is not None:
        position.own = scaled(position.own)
    position.change("quality_multiplier", scaled(position.amount))
