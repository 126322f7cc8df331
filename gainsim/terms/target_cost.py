"""The target-cost price: cost plus target profit, overruns and underruns shared, held by fee limits and a ceiling."""

from __future__ import annotations

from gainsim import ops
from gainsim.offer.target_cost import TargetCost
from gainsim.ops import Value
from gainsim.terms.context import Deal
from gainsim.terms.shapes import point_of_total_assumption


def target_cost(name: str, term: TargetCost, deal: Deal) -> None:
    """price = min(cost + profit, ceiling); profit = target profit + share of the underrun - share of the overrun.

    The profit is first held between lowest and highest profit, where the contract has them; the ceiling binds the
    price, not the profit. An underrun is a gain for the customer.

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
    lowest: Value = None
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
        shared = share_over < 1.0  # else every unit beyond the target is the supplier's already
        assumption = point_of_total_assumption(target, target + profit, ceiling, ops.where(shared, 1.0 - share_over, 1.0))
        settling.line("point_of_total_assumption", "figure", ops.where(shared, assumption, target))
    settling.paid(price)
