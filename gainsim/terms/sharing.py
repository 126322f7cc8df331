"""The sharing term: an ordered list of named steps from a gain to a payment, executed as written.

Before the share step stand gains, after it payments; each step's line is what it changed, and what is paid is the sum
of the payment lines in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gainsim import ops
from gainsim.offer import sharing as written
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.program import State
from gainsim.ops.tree import Node
from gainsim.terms import shapes
from gainsim.terms.context import Deal, Settling

INFINITE = float("inf")


@dataclass
class Position:
    """Where a sharing term stands between two steps.

    gain, payment: the amount reached so far
    catch_up:      the most the share may come to while the supplier catches up
    own_pain:      this settlement's pain before anything carried was added
    unpaid:        the pain that a floor has cut off
    """

    settling: Settling
    gain: Value
    payment: Value = 0.0
    catch_up: Value = None
    own_pain: Value = 0.0
    unpaid: Value = 0.0
    later: list[Callable[[], None]] = field(default_factory=list)

    def change_gain(self, step: str, gain: Value) -> None:
        """Enter what a step changed in the gain."""
        self.settling.line(step, "gain", gain - self.gain)
        self.gain = gain

    def change_payment(self, step: str, payment: Value) -> None:
        """Enter what a step changed in the payment; the payment is the sum of what was entered."""
        change = payment - self.payment
        self.settling.line(step, "payment", change)
        self.payment = self.payment + change


def sharing(name: str, term: written.Sharing, deal: Deal) -> None:
    """Write a sharing term down, step by step."""
    settling = deal.settling(name, term, term.clock)
    gain: Value = 0.0
    with deal.problems.at("contract", name, "of"):
        gain = settling.money(term.of, "what is shared")
    settling.line("gain", "gain", gain)
    position = Position(settling, gain)
    for number, step in enumerate(term.steps):
        kind = next(iter(type(step).model_fields))
        with deal.problems.at("contract", name, "steps", number, kind):
            _STEPS[kind](position, getattr(step, kind), term, number)
    for closing in position.later:
        closing()
    settling.paid(position.payment)


def _against(position: Position, formula: Any, *_: object) -> None:
    reference = position.settling.money(formula, "the reference")
    position.change_gain("against", position.gain - reference)


def _threshold(position: Position, step: written.ThresholdText, *_: object) -> None:
    at = position.settling.money(step.at, "a threshold")
    shape = shapes.threshold_excess if step.then == "excess" else shapes.threshold_from_first
    reached = position.settling.deal.by_size(shape(position.gain, at, step.sides), at, step.at, "the threshold")
    if step.then == "catch_up" and position.catch_up is not None:
        raise ValueError("one sharing term has one threshold with catch_up; another stands before this one.")
    if step.then == "catch_up":
        assert step.catch_up_share is not None
        position.catch_up = ops.maximum(position.gain - at, 0.0) * step.catch_up_share
    position.change_gain("threshold", reached)


def _deadband(position: Position, step: written.DeadbandText, *_: object) -> None:
    below = position.settling.money(step.below, "the deadband's width below")
    above = position.settling.money(step.above, "the deadband's width above")
    left = shapes.beyond(position.gain, below, above)
    for side, width, formula in (("below", below, step.below), ("above", above, step.above)):
        left = position.settling.deal.by_size(left, width, formula, f"the width {side} the deadband")
    position.change_gain("deadband", left)


def _limit_gain(position: Position, step: written.Limits, *_: object) -> None:
    floor, cap = _floor_and_cap(position.settling, step)
    position.change_gain("limit_gain", shapes.held(position.gain, floor, cap))


def _floor_and_cap(settling: Settling, step: written.Limits | written.LimitPaymentText) -> tuple[Value, Value]:
    """Floor and cap, None where there is none; their order being right."""
    floor: Value = None if step.floor is None else settling.money(step.floor, "a floor")
    cap: Value = None if step.cap is None else settling.money(step.cap, "a cap")
    if step.floor is None or step.cap is None:
        return floor, cap
    return settling.deal.by_order(floor, floor, cap, {"floor": step.floor, "cap": step.cap}), cap


def _share(position: Position, bands: written.Bands, *_: object) -> None:
    settling = position.settling
    pain = _edges(settling, bands.below[1:], -INFINITE, [b.share for b in bands.below])
    gain = _edges(settling, bands.up_to, INFINITE, [*(b.share for b in bands.up_to), bands.above.share])
    written_bands = [*bands.below, *bands.up_to, bands.above]
    for band, part in zip(written_bands, shapes.share_bands(position.gain, gain, pain), strict=True):
        settling.line(f"share {band.label}", "payment", part)
        if band.share.constant == 0.0:
            settling.deal.silent.add(f"{settling.name}.share {band.label}")
        position.payment = position.payment + part
    position.own_pain = ops.minimum(position.payment, 0.0)
    if position.catch_up is not None:
        limit = ops.where(position.gain > 0.0, position.catch_up, position.payment)
        position.change_payment("catch_up", ops.minimum(position.payment, limit))


def _edges(
    settling: Settling, bands: tuple[written.Band, ...], last: float, shares: list[Formula]
) -> list[tuple[Value, Value]]:
    """Edges and shares, the outermost without end; written edges must move away from 0."""
    edges: list[Value] = []
    before, label = 0.0, "0"
    for band in bands:
        assert band.edge is not None
        edge = settling.money(band.edge, f"the edge '{band.label}'")
        number = _constant(edge)
        if number is not None and (number <= before if last > 0 else number >= before):
            raise ValueError(f"'{band.label}' does not lie beyond {label}: write the edges outwards from 0.")
        if number is None:
            edge = _in_order(settling, edge, edges[-1] if edges else 0.0, last, band.label)
        before, label = (number, band.label) if number is not None else (before, label)
        edges.append(edge)
    edges.append(last)
    return [(edge, _a_share(settling, share)) for edge, share in zip(edges, shares, strict=True)]


def _a_share(settling: Settling, formula: Formula) -> Value:
    """A share between 0 and 1; one that is a formula is checked as it runs."""
    share = settling.scope.plain(formula, "a share")
    if _constant(share) is not None:
        return share
    inside = ops.both(share >= 0.0, share <= 1.0)
    return settling.deal.require(inside, share, f"the share '{formula.text}' lies outside 0 to 1")


def _in_order(settling: Settling, edge: Value, inner: Value, last: float, label: str) -> Value:
    """An edge that is a formula is checked as it runs: where it has crossed its neighbour it is no number at all."""
    outwards = edge >= inner if last > 0 else edge <= inner
    return settling.deal.require(outwards, edge, f"the edge '{label}' has crossed the one before it")


def _constant(value: Value) -> float | None:
    if isinstance(value, Node):
        return None
    return float(value)


def _limit_payment(position: Position, step: written.LimitPaymentText, *_: object) -> None:
    """Floor and cap on what is paid in the settlement, or in the year or life up to and including it."""
    settling, before = position.settling, position.payment
    scale = settling.part_of_year(step.per)
    if step.scales_with == "scope":
        scale = scale * settling.deal.decisions.scope
    begins = settling.begins(step.per)
    used: Value = None
    if begins is not None:
        memory = settling.state(f"paid in the {step.per}")
        used = ops.where(begins, 0.0, memory.read(settling.section))
        position.later.append(lambda: memory.write(settling.section, used + position.payment))
    floor, cap = (_room(bound, scale, used) for bound in _floor_and_cap(settling, step))
    held = shapes.held(before, floor, cap)
    floored = before if floor is None else ops.maximum(before, floor)
    if floor is not None:
        position.change_payment("floor", floored)
        position.unpaid = position.unpaid + (before - floored)
    if cap is not None:
        position.change_payment("cap", position.payment + (held - floored))


def _room(bound: Value, scale: Value, used: Value) -> Value:
    """What is left of a bound in this settlement, if there is one."""
    if bound is None:
        return None
    return bound * scale if used is None else bound * scale - used


def _carry(position: Position, step: written.CarryText, term: written.Sharing, number: int) -> None:
    """What is carried from settlement to settlement, the oldest set off first, lapsing after a number of them.

    pain beyond the floor: the balance meets the amount, and what the floor then cuts off is carried on
    all pain:              nothing is paid for pain; it is carried and set against later payments
    """
    settling = position.settling
    memories = [settling.state("carried") for _ in range(step.settlements or 1)]
    carried = [memory.read(settling.section) for memory in memories]
    balance: Value = carried[0]
    for older in carried[1:]:
        balance = balance + older
    limits = [s.limit_payment for s in term.steps[:number] if isinstance(s, written.LimitPayment)]
    own, remains = position.own_pain, None
    if any(limit.floor is not None or step.what == "all pain" for limit in limits):
        own = position.unpaid if step.what == "pain beyond the floor" else ops.minimum(position.payment, 0.0)
        remains = _set_off(position, step, own, balance)
    else:
        met = position.payment + balance
        position.change_payment("carry", ops.maximum(met, 0.0) if step.what == "all pain" else met)
        if step.what == "all pain":
            remains = ops.minimum(met, 0.0)
    position.later.append(lambda: _keep(position, step, memories, [own, *carried], remains))


def _set_off(position: Position, step: written.CarryText, own: Value, balance: Value) -> Value:
    """Meet the balance out of what a limit before the carry leaves to be paid; the pain that remains."""
    kept = position.payment - own if step.what == "all pain" else position.payment
    set_off = -ops.minimum(ops.maximum(kept, 0.0), -balance)
    position.change_payment("carry", kept + set_off)
    return own + (balance - set_off)


def _keep(
    position: Position, step: written.CarryText, memories: list[State], vintages: list[Value], remains: Value
) -> None:
    """Carry on what remains, or pay or drop it at the end; vintages: this settlement's own pain, then older ones.

    remains: None where a floor after the carry decides it
    """
    section, closing = position.settling.section, position.settling.deal.decisions.closing > 0.5
    left = position.unpaid if remains is None else remains
    if step.at_end == "paid":
        position.change_payment("carry at end", position.payment + ops.where(closing, left, 0.0))
    if step.settlements is None:
        memories[0].write(section, ops.where(closing, 0.0, left))
        return
    for memory, vintage in zip(memories, vintages, strict=False):
        # The newest first: this settlement's own pain is what lasts longest, the oldest is what lapses.
        kept = ops.maximum(vintage, left)
        memory.write(section, ops.where(closing, 0.0, kept))
        left = left - kept


_STEPS: dict[str, Callable[..., None]] = {
    "against": _against,
    "threshold": _threshold,
    "deadband": _deadband,
    "limit_gain": _limit_gain,
    "share": _share,
    "limit_payment": _limit_payment,
    "carry": _carry,
}
