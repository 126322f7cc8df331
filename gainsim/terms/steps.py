"""The steps of a sharing term that change an amount: the gain before the share, the payment after it."""

from __future__ import annotations

from collections.abc import Callable

from gainsim import ops
from gainsim.offer import steps as written
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.terms import shapes
from gainsim.terms.counting import first_that_stands, remember
from gainsim.terms.position import Position


def against(position: Position, reference: Formula) -> None:
    """gain - reference: what exceeds a baseline, a guaranteed level, a target.

    gain, reference: money of the window; at the reference itself the gain is 0

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     against: 100, share: { below 0: 60%, above: 40% } ] }''', gain="90, 100, 130 EUR/year").loc[["against", "paid"]]
              2027   2028   2029
    against -100.0 -100.0 -100.0
    paid      -6.0    0.0   12.0

    Source: guaranteed savings of energy performance contracts (EN 17669)
    """
    position.change("against", position.amount - position.settling.money(reference, "the reference"))


def threshold(position: Position, step: written.ThresholdText) -> None:
    """What a gain or pain must reach in size before it counts; catching up acts on the share.

    excess:     max(gain - at, 0), which does not jump
    from_first: the whole gain from `at` on, exactly so too; it jumps there
    catch_up:   as from_first, and the payment at most catch_up_share × (gain - at), so that nothing jumps
    at:         money, a size

    Half of the gain from a threshold of 20 on, of which the supplier has caught up at 40:

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     threshold: { at: 20, sides: gain, then: catch_up, catch_up_share: 100% },
    ...     share: { below 0: 0%, above: 50% } ] }''', gain="19, 20, 30, 40, 60 EUR/year")
                   2027  2028  2029  2030  2031
    gain           19.0  20.0  30.0  40.0  60.0
    threshold     -19.0   0.0   0.0   0.0   0.0
    share below 0   0.0   0.0   0.0   0.0   0.0
    share above     0.0  10.0  15.0  20.0  30.0
    catch_up        0.0 -10.0  -5.0   0.0   0.0
    paid            0.0   0.0  10.0  20.0  30.0

    Source: minimum savings rate, 42 CFR 425.604(b); catch-up of private equity's carried interest
    """
    at = position.settling.money(step.at, "a threshold")
    shape = shapes.threshold_excess if step.then == "excess" else shapes.threshold_from_first
    left = position.settling.deal.by_size(shape(position.amount, at, step.sides), at, step.at, "the threshold")
    if step.then == "catch_up" and position.catch_up is not None:
        raise ValueError("one sharing term has one threshold with catch_up; another stands before this one.")
    if step.then == "catch_up":
        assert step.catch_up_share is not None
        position.catch_up = ops.maximum(position.amount - at, 0.0) * position.settling.share(step.catch_up_share)
    for side, size in (("gain", position.amount), ("pain", 0.0 - position.amount)):
        if step.sides in (side, "both"):
            name = f"threshold of {side}" if step.sides == "both" else "threshold"
            position.settling.gate(name, "reached", size >= at, asked=size >= 0.0)
    position.change("threshold", left)


def deadband(position: Position, step: written.DeadbandText) -> None:
    """Only what lies beyond the band from -below to above counts; at its edges nothing does, and nothing jumps.

    below, above: money, sizes

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     deadband: { below: 10, above: 20 }, share: { below 0: 100%, above: 100% } ] }''',
    ...     gain="-11, -10, 20, 21 EUR/year").loc[["deadband", "paid"]]
              2027  2028  2029  2030
    deadband  10.0  10.0 -20.0 -20.0
    paid      -1.0   0.0   0.0   1.0

    Source: neutral bands of incentive and target-cost contracts
    """
    below = position.settling.money(step.below, "the deadband's width below")
    above = position.settling.money(step.above, "the deadband's width above")
    left = shapes.beyond(position.amount, below, above)
    for side, width, formula in (("below", below, step.below), ("above", above, step.above)):
        left = position.settling.deal.by_size(left, width, formula, f"the width {side} the deadband")
    position.change("deadband", left)


def deductible(position: Position, step: written.DeductibleText) -> None:
    """The first so much of the gains, or pains, of a settlement, year or life does not count.

    What is left of it is a deadband on its side, which what falls inside uses up; nothing gives it back.
    At what is left itself nothing counts, and nothing jumps.

    at: money, a size; a yearly one is scaled in a stub year that is prorated

    Of the first 50 nothing counts: 30, then the 20 that are left, then none:

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     deductible: { at: 50, per: life, sides: gain }, share: { below 0: 60%, above: 50% } ] }''',
    ...     gain="30, 30, -10, 30 EUR/year").loc[["deductible", "paid"]]
                2027  2028  2029  2030
    deductible -30.0 -20.0   0.0   0.0
    paid         0.0   5.0  -6.0  15.0

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
    At the mark itself nothing counts, and nothing jumps. gain, mark: money.

    Added up the gains are 10, -10, 5 and 15; the best was 10, then 15:

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     high_water_mark: { of: cumulative gain, start: 0 }, share: { below 0: 0%, above: 20% } ] }''',
    ...     gain="10, -20, 15, 10 EUR/year").loc[["high_water_mark", "paid"]]
                     2027  2028  2029  2030
    high_water_mark   0.0  20.0 -15.0  -5.0
    paid              2.0   0.0   0.0   1.0

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
    """Floor and cap on the gain of the settlement, or on what has passed in the year or life up to and including it.

    min(max(gain, floor - passed before), cap - passed before); a bound itself is not cut, and nothing jumps
    floor, cap: money, the floor never above the cap; yearly ones are scaled in a stub year that is prorated

    Two gains of 20 pass up to a cap of 30; then 30 - 70 lie below the floor of -20:

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     limit_gain: { floor: -20, cap: 30, per: life }, share: { below 0: 100%, above: 100% } ] }''',
    ...     gain="20, 20, -70 EUR/year").loc[["limit_gain", "paid"]]
                2027  2028  2029
    limit_gain   0.0 -10.0  20.0
    paid        20.0  10.0 -50.0

    Source: 42 CFR 425.604(e), limit on savings; aggregate limit of an excess-of-loss treaty
    """
    used = position.so_far(step.per, "gain passed", lambda: held)
    held = _limited(position, step, position.settling.part_of_year(step.per), used)[1]
    position.change("limit_gain", held)


def limit_payment(position: Position, step: written.LimitPaymentText) -> None:
    """Floor and cap on what is paid in the settlement, or in the year or life up to and including it.

    min(max(payment, floor - paid before), cap - paid before); a bound itself is not cut, and nothing jumps
    floor, cap: money, positive = paid to the supplier; paid: by the term, after all its steps

    60 and 40 reach the cap of 100 for life; of the next payments -30 makes room for 30:

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     share: { below 0: 100%, above: 100% }, limit_payment: { cap: 100, per: life } ] }''',
    ...     gain="60, 60, -30, 60 EUR/year").loc[["cap", "paid"]]
          2027  2028  2029  2030
    cap    0.0 -20.0   0.0 -30.0
    paid  60.0  40.0 -30.0  30.0

    Source: 42 CFR 425.606(g), loss recoupment limit
    """
    scale = position.settling.part_of_year(step.per)
    if step.scales_with == "scope":
        scale = scale * position.settling.mean_scope(step.per)
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
    """A side of the amount is nothing where the condition does not hold; where it cannot be told, it is no number.

    amount: money, the gain before the share, the payment after it; 0 lies on neither side. At its edge a condition
    holds or not, as its comparison says, and the amount jumps.

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     share: { below 0: 60%, above: 40% }, quality_gate: { when: level >= 98%, sides: gain } ] }''',
    ...     gain="100, 100, -100 EUR/year", level="0.979, 0.98, 0.979").loc[["quality_gate", "paid"]]
                  2027  2028  2029
    quality_gate -40.0   0.0   0.0
    paid           0.0  40.0 -60.0

    Source: quality performance standard, 42 CFR 425.512
    """
    settling = position.settling
    holds = settling.mark(step.when, "when") > 0.5
    settling.gate("quality_gate", "holds", holds)

    def passed(amount: Value) -> Value:
        return shapes.on_side(amount, ops.where(holds, amount, 0.0), step.sides)

    if position.own is not None:
        position.own = passed(position.own)
    position.change("quality_gate", passed(position.amount))


def quality_multiplier(position: Position, step: written.QualityMultiplierText) -> None:
    """A side of the amount is multiplied; nothing jumps at 0, and 0 stays 0.

    amount: money, the gain before the share, the payment after it; by: a number, 0 or more

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     share: { below 0: 60%, above: 40% }, quality_multiplier: { by: quality, sides: gain } ] }''',
    ...     gain="100, 100, -100 EUR/year", quality="0.5, 1, 0.5").loc[["quality_multiplier", "paid"]]
                        2027  2028  2029
    quality_multiplier -20.0   0.0   0.0
    paid                20.0  40.0 -60.0

    Source: quality-adjusted sharing rates, 42 CFR 425.605(d)
    """
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
