"""Gates: what a clause asks before it pays, and the answer. They are told, and move no money.

A gate is named as the statement that it holds, as `gain_share.threshold reached`. Its answer is kept as a number beside the
lines of the ledger: a settlement in which nothing is asked, as of a pain where the threshold stands on the gain side, has none.
"""

from __future__ import annotations

from typing import Literal

#: the answers: it holds; it does not; it was not asked, or could not be told
HOLDS, FAILS, NOT_ASKED = 1.0, 0.0, -1.0
#: how the name of a gate ends
Word = Literal["reached", "holds", "met", "failed critically", "given"]
_DENIED: dict[Word, str] = {
    "reached": "not reached",
    "holds": "does not hold",
    "met": "missed",
    "failed critically": "did not fail critically",
    "given": "not given",
}


def answer(value: float) -> bool | None:
    """Whether a gate held; None where it was not asked.

    >>> [answer(value) for value in (HOLDS, FAILS, NOT_ASKED)]
    [True, False, None]
    """
    return None if value < 0.0 else value > 0.5


def said(step: str, value: float) -> str:
    """A gate and its answer in words; nothing of one that was not asked.

    >>> said("threshold reached", HOLDS), said("threshold reached", FAILS), said("quality_gate holds", FAILS)
    ('threshold reached', 'threshold not reached', 'quality_gate does not hold')
    """
    held = answer(value)
    if held is None or held:
        return step if held else ""
    step, *number = step.split(" #")
    word = next(word for word in _DENIED if step.endswith(word))
    return "".join([step.removesuffix(word), _DENIED[word], *(f" #{n}" for n in number)])
