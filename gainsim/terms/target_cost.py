"""The target-cost price: cost plus target profit, overruns and underruns shared, held by fee limits and a ceiling."""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.target_cost import TargetCost
from gainsim.ops import Value
from gainsim.terms.context import Deal
from gainsim.terms.shapes import reaches_ceiling


def target_cost(name: str, term: TargetCost, deal: Deal) -> None:
    """price = min(cost + profit, ceiling); profit = target profit + share of the underrun - share of the overrun.

    The profit is first held between lowest and highest profit, where the contract has them; the ceiling binds the
    price, not the profit. An underrun is a gain for the customer. At the target nothing is shared, at a limit nothing
    cut; nothing jumps. All is money of the window, positive = paid to the supplier.

    Target 100, profit 12, half of each difference, a ceiling of 120, which is reached at a cost of 116:

    >>> from gainsim import try_clause
    >>> try_clause('''
    ...     term: target_cost
    ...     actual_cost: cost
    ...     target_cost: 100
    ...     target_profit: 12
    ...     supplier_share_under: 50%
    ...     supplier_share_over: 50%
    ...     ceiling_price: 120
    ...     clock: { measured: year }
    ... ''', cost="80, 100, 116, 130 EUR/year")
                                2027   2028   2029   2030
    underrun                    20.0    0.0  -16.0  -30.0
    cost                        80.0  100.0  116.0  130.0
    target_profit               12.0   12.0   12.0   12.0
    share of underrun           10.0    0.0    0.0    0.0
    share of overrun             0.0    0.0   -8.0  -15.0
    ceiling                      0.0    0.0    0.0   -7.0
    point_of_total_assumption  116.0  116.0  116.0  116.0
    paid                       102.0  112.0  120.0  120.0

    Source: FAR 16.403-1 (fixed-price incentive), FAR 16.405-1 (cost-plus-incentive-fee)
    """
    settling = deal.settling(name, term, term.clock)
    cost = settling.money(term.actual_cost, "the actual cost")
    target = settling.money(term.target_cost, "the target cost")
    profit = settling.money(term.target_profit, "the target profit")
    share_under, share_over = settling.share(term.supplier_share_under), settling.share(term.supplier_share_over)
    settling.line("underrun", "gain", target - cost)
    under = share_under * ops.maximum(target - cost, 0.0)
    over = share_over * ops.minimum(target - cost, 0.0)
    price = cost
    settling.line("cost", "payment", cost)
    for step, part in (("target_profit", profit), ("share of underrun", under), ("share of overrun", over)):
        settling.line(step, "payment", part)
        price = price + part
    earned = (profit + under) + over
    lowest: Value | None = None
    highest: Value | None = None
    if term.lowest_profit is not None:
        lowest = settling.money(term.lowest_profit, "the lowest profit")
        raised = ops.maximum(lowest - earned, 0.0)
        settling.line("lowest_profit", "payment", raised)
        price, earned = price + raised, earned + raised
    if term.highest_profit is not None:
        highest = settling.money(term.highest_profit, "the highest profit")
        lowered = ops.minimum(highest - earned, 0.0)
        if term.lowest_profit is not None:
            told = {"lowest profit": term.lowest_profit, "highest profit": term.highest_profit}
            lowered = deal.by_order(lowered, lowest, highest, told)
        settling.line("highest_profit", "payment", lowered)
        price = price + lowered
    if term.ceiling_price is not None:
        ceiling = settling.money(term.ceiling_price, "the ceiling price")
        cut = ops.minimum(ceiling - price, 0.0)
        settling.line("ceiling", "payment", cut)
        price = price + cut
        assumption = _total_assumption(target, target + profit, ceiling, (share_under, share_over), lowest, highest)
        settling.line("point_of_total_assumption", "figure", assumption)
    settling.paid(price)


def _total_assumption(
    target: Value, price: Value, ceiling: Value, shares: tuple[Value, Value], lowest: Value | None, highest: Value | None
) -> Value:
    """The cost from which on every further unit is the supplier's alone: where the price reaches its ceiling.

    price: the target price; shares: the supplier's, of an underrun and of an overrun
    """
    under, over = shares
    below = ceiling < price  # the ceiling is met on the way to the target, where an underrun is shared
    from_target = target if lowest is None else ceiling - lowest  # an overrun that is all the supplier's, until its profit is held
    flat = ops.where(below, 0.0, from_target)
    cost = reaches_ceiling(target, ceiling, price, ops.where(below, under, over), flat)
    if lowest is not None:
        cost = ops.minimum(cost, ceiling - lowest)
    if highest is not None:
        cost = ops.maximum(cost, ceiling - highest)
    return ops.maximum(cost, 0.0)
