"""The sharing term: an ordered list of named steps from a gain to a payment, executed as written.

Before the share stand gains, after it payments; each step's line is what it changed, and what is paid is the sum
of the payment lines in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gainsim import ops
from gainsim.offer.bands import Band, Bands, WholeBands
from gainsim.offer.sharing import Sharing, kind_of_step
from gainsim.ops import Value
from gainsim.ops.formula import Formula
from gainsim.ops.tree import Node
from gainsim.terms import shapes, steps
from gainsim.terms.carry import carry
from gainsim.terms.context import Deal, Settling
from gainsim.terms.position import Position

INFINITE = float("inf")


def sharing(name: str, term: Sharing, deal: Deal) -> None:
    """The gain of the window, changed step by step, shared, and changed again as a payment; each step is a line.

    gain: money of the window, positive = customer better off; the payment positive = paid to the supplier

    Against a baseline of 100: 60% of a pain, 40% of a gain, between -30 and 30, which themselves are not cut:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: sharing
    ...     of: saving
    ...     clock: { measured: year }
    ...     steps:
    ...       - against: 100
    ...       - share: { below 0: 60%, above: 40% }
    ...       - limit_payment: { floor: -30, cap: 30, per: settlement }
    ... ''', saving="40, 50, 175, 180 EUR/year")
                    2027   2028   2029   2030
    gain            40.0   50.0  175.0  180.0
    against       -100.0 -100.0 -100.0 -100.0
    share below 0  -36.0  -30.0    0.0    0.0
    share above      0.0    0.0   30.0   32.0
    floor            6.0    0.0    0.0    0.0
    cap              0.0    0.0    0.0   -2.0
    paid           -30.0  -30.0   30.0   30.0

    Source: NEC4 Engineering and Construction Contract, clause 54 (share ranges); 42 CFR part 425 (shared savings)
    """
    settling = deal.settling(name, term, term.clock)
    gain: Value = 0.0
    with deal.problems.at("contract", name, "of"):
        gain = settling.money(term.of, "what is shared")
    settling.line("gain", "gain", gain)
    position = Position(settling, gain)
    for number, step in enumerate(term.steps):
        kind = str(kind_of_step(step))
        with deal.problems.at("contract", name, "steps", number, kind):
            _STEPS[kind](position, getattr(step, kind))
            continue
        position.whole = False
    position.close()
    settling.paid(position.amount)


def _share(position: Position, bands: Bands) -> None:
    """The supplier's part of the gain, band by band, as `shapes.share_bands` has it: an edge does not jump.

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     share: { below 0: 60%, up to 100: 20%, above: 50% } ] }''', gain="-10, 100, 102 EUR/year")
                      2027   2028   2029
    gain             -10.0  100.0  102.0
    share below 0     -6.0    0.0    0.0
    share up to 100    0.0   20.0   20.0
    share above        0.0    0.0    1.0
    paid              -6.0   20.0   21.0

    gain: money of the window. Source: NEC4 Engineering and Construction Contract, clause 54 (share ranges)
    """
    settling = position.settling
    pain = _edges(settling, bands.below[1:], -INFINITE, [b.share for b in bands.below])
    gain = _edges(settling, bands.up_to, INFINITE, [*(b.share for b in bands.up_to), bands.above.share])
    written_bands = [*bands.below, *bands.up_to, bands.above]
    _shared(position, "share", written_bands, shapes.share_bands(position.amount, gain, pain))


def _share_of_whole(position: Position, bands: WholeBands) -> None:
    """One share on the whole gain, that of its range, as `shapes.share_of_whole` has it: it jumps at an edge.

    A part at a time, so that an edge that has crossed another is met by an amount.

    >>> from gainsim import try_clause
    >>> try_clause('''{ term: sharing, of: gain, clock: { measured: year }, steps: [
    ...     share_of_whole: { below 0: 60%, up to 100: 20%, above: 50% } ] }''', gain="-10, 100, 102 EUR/year")
                               2027   2028   2029
    gain                      -10.0  100.0  102.0
    share_of_whole below 0     -6.0    0.0    0.0
    share_of_whole up to 100    0.0   20.0    0.0
    share_of_whole above        0.0    0.0   51.0
    paid                       -6.0   20.0   51.0

    gain: money of the window. Source: one rate on the whole, as UK stamp duty land tax had it until 3 December 2014
    """
    settling = position.settling
    edges = [settling.money(band.edge, f"the edge '{band.label}'") for band in bands.ranges if band.edge is not None]
    shares = [settling.share(band.share) for band in bands.ranges]
    insides = [band.has_its_edge for band in bands.ranges]
    parts = shapes.share_of_whole(position.amount, list(zip([*edges, INFINITE], insides, shares, strict=True)))
    for number in range(1, len(edges)):
        label, before = (bands.ranges[n].label for n in (number, number - 1))
        low, high = (_constant(edge) for edge in edges[number - 1 : number + 1])
        if low is not None and high is not None and high <= low:
            raise ValueError(f"'{label}' does not lie above '{before}': write the edges upwards.")
        crossed = f"the edge '{label}' has crossed the one before it"
        parts[number] = settling.deal.require(edges[number] >= edges[number - 1], parts[number], crossed)
    _shared(position, "share_of_whole", bands.ranges, parts)


def _shared(position: Position, step: str, bands: Sequence[Band], parts: Sequence[Value]) -> None:
    """Enter what each band pays; from here on the amount is the payment."""
    settling, gain = position.settling, position.amount
    position.turn()
    for band, part in zip(bands, parts, strict=True):
        settling.line(f"{step} {band.label}", "payment", part)
        if band.share.constant == 0.0:
            settling.deal.silent.add(f"{settling.name}.{step} {band.label}")
        position.amount = position.amount + part
    if position.catch_up is not None:
        limit = ops.where(gain > 0.0, position.catch_up, position.amount)
        position.change("catch_up", ops.minimum(position.amount, limit))
    position.own = position.amount


def _edges(
    settling: Settling, bands: tuple[Band, ...], last: float, shares: list[Formula]
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
    return [(edge, settling.share(share)) for edge, share in zip(edges, shares, strict=True)]


def _in_order(settling: Settling, edge: Value, inner: Value, last: float, label: str) -> Value:
    """An edge that is a formula is checked as it runs: where it has crossed its neighbour it is no number at all."""
    outwards = edge >= inner if last > 0 else edge <= inner
    return settling.deal.require(outwards, edge, f"the edge '{label}' has crossed the one before it")


def _constant(value: Value) -> float | None:
    if isinstance(value, Node):
        return None
    return float(value)


_STEPS: dict[str, Callable[..., None]] = {
    "against": steps.against,
    "threshold": steps.threshold,
    "deadband": steps.deadband,
    "deductible": steps.deductible,
    "high_water_mark": steps.high_water_mark,
    "limit_gain": steps.limit_gain,
    "quality_gate": steps.quality_gate,
    "quality_multiplier": steps.quality_multiplier,
    "share": _share,
    "share_of_whole": _share_of_whole,
    "limit_payment": steps.limit_payment,
    "carry": carry,
}
