"""Values with a memory as written."""

from __future__ import annotations

from typing import Literal

from gainsim.offer.fields import Clauses, FormulaText, Share


class Ratchet(Clauses):
    """A value that follows what was achieved: a target that is raised, a baseline that is set anew."""

    ratchet: FormulaText
    """What it follows, reckoned over each window."""
    start: FormulaText
    """Its value in the first window; a number, or one drawn once."""
    every: Literal["month", "quarter", "half_year", "year"]
    """When it may move: at the end of each such window."""
    keeps: Literal["highest", "lowest", "last"]
    """Whether it only rises, only falls, or follows both ways."""
    by: Share = 1.0
    """What part of the way it moves."""
