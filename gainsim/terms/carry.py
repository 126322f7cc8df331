"""What a sharing term carries into later settlements: of gains before the share, of payments after it."""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.steps import CarryText
from gainsim.ops import Value
from gainsim.ops.program import State
from gainsim.terms.counting import remember
from gainsim.terms.position import Position

#: the limits behind which what is carried is set off only against what they leave to be paid
_BEHIND = {"pain beyond the floor": {"floor"}, "all pain": {"floor", "cap"}}


def carry(position: Position, step: CarryText) -> None:
    """What is carried from settlement to settlement, the oldest set off first, lapsing after a number of them.

    pain beyond the floor: the balance meets the amount, and what the floor then cuts off is carried on
    gain beyond the cap:   likewise, upwards
    all pain:              nothing counts for pain; it is carried and set against later amounts
    amount: money, the gain before the share, the payment after it; what a floor does not cut is not carried

    Of a pain of 100 the floor leaves 40, and 60 wait; with 10 they are 50 more, and 10 wait; what waits at the end is paid:

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     share: { below 0: 100%, above: 100% },
    ...     carry: { what: pain beyond the floor, expires: never, at_end: paid },
    ...     limit_payment: { floor: -40, per: settlement } ] }''',
    ...     gain="-100, 10, -40 EUR/year").loc[["carry", "floor", "carry at end", "paid"]]
                  2027  2028  2029
    carry          0.0 -60.0 -10.0
    floor         60.0  10.0  10.0
    carry at end   0.0   0.0 -10.0
    paid         -40.0 -40.0 -50.0

    Source: deficit and credit carry-forward of profit and sliding scale commissions in reinsurance
    """
    settling = position.settling
    memories = [settling.state("carried") for _ in range(step.settlements or 1)]
    carried = [memory.read(settling.section) for memory in memories]
    balance: Value = carried[0]
    for older in carried[1:]:
        balance = balance + older
    if position.own is None:
        position.own = position.amount
    own, remains = _on_its_side(step, position.own), None
    if step.what in _BEHIND and position.cut.keys() & _BEHIND[step.what]:
        own = position.cut["floor"] if step.what == "pain beyond the floor" else ops.minimum(position.amount, 0.0)
        remains = _set_off(position, step, own, balance)
    else:
        met = position.amount + balance
        position.change("carry", ops.maximum(met, 0.0) if step.what == "all pain" else met)
        if step.what == "all pain":
            remains = ops.minimum(met, 0.0)
    at_most: Value = None if step.at_most is None else settling.money(step.at_most, "the most that is carried")
    position.later.append(lambda: _keep(position, step, memories, [own, *carried], remains, at_most))


def _on_its_side(step: CarryText, amount: Value) -> Value:
    """The part of an amount that is of the sign of what is carried."""
    return ops.minimum(amount, 0.0) if step.side == "pain" else ops.maximum(amount, 0.0)


def _nearer_zero(step: CarryText, one: Value, other: Value) -> Value:
    """The smaller in size of two amounts of the sign of what is carried."""
    return ops.maximum(one, other) if step.side == "pain" else ops.minimum(one, other)


def _set_off(position: Position, step: CarryText, own: Value, balance: Value) -> Value:
    """Meet the balance out of what a limit before the carry leaves; the pain that remains."""
    kept = position.amount - own if step.what == "all pain" else position.amount
    set_off = -ops.minimum(ops.maximum(kept, 0.0), -balance)
    position.change("carry", kept + set_off)
    return own + (balance - set_off)


def _keep(
    position: Position, step: CarryText, memories: list[State], vintages: list[Value], remains: Value, at_most: Value
) -> None:
    """Carry on what remains, or pay or drop it at the end; vintages: this settlement's own amount, then older ones.

    remains: None where a limit after the carry decides it
    """
    settling = position.settling
    closing = settling.closing > 0.5
    left = position.cut["floor" if step.side == "pain" else "cap"] if remains is None else remains
    if at_most is not None:
        assert step.at_most is not None
        left = _nearer_zero(step, left, -at_most if step.side == "pain" else at_most)
        left = settling.deal.by_size(left, at_most, step.at_most, "the most that is carried")
    if step.at_end == "paid":
        position.change("carry at end", position.amount + ops.where(closing, left, 0.0))
    if step.settlements is None:
        remember(settling, memories[0], ops.where(closing, 0.0, left))
        return
    for memory, vintage in zip(memories, vintages, strict=False):
        # The newest first: this settlement's own amount is what lasts longest, the oldest is what lapses.
        kept = _nearer_zero(step, vintage, left)
        remember(settling, memory, ops.where(closing, 0.0, kept))
        left = left - kept
