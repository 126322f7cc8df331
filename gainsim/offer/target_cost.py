"""The target-cost price as written."""

from __future__ import annotations

from typing import Literal

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import FormulaText
from gainsim.offer.term import TermText


class TargetCost(TermText):
    """A target-cost price: cost plus target profit, overruns and underruns shared, held by a ceiling or fee limits."""

    term: Literal["target_cost"]
    """A target-cost price."""
    actual_cost: FormulaText
    """What it cost in the window."""
    target_cost: FormulaText
    """What it should cost."""
    target_profit: FormulaText
    """The profit on target."""
    supplier_share_under: FormulaText
    """The supplier's part of an underrun."""
    supplier_share_over: FormulaText
    """The supplier's part of an overrun."""
    ceiling_price: FormulaText | None = None
    """The most that is paid."""
    lowest_profit: FormulaText | None = None
    """Holds the profit from below."""
    highest_profit: FormulaText | None = None
    """Holds the profit from above."""
    clock: ResultClockText
    """When it is settled and paid."""
