"""How messages quote what was written, and guess what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The likely meaning of a misspelt word, as a sentence to add to a message, or nothing.

    >>> did_you_mean("base-fee", ["base_fee", "gain_share"])
    " Did you mean 'base_fee'?"
    """
    known = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word.lower(), known, n=1)
    return f" Did you mean '{known[close[0]]}'?" if close else ""


def short(text: str, width: int = 40) -> str:
    """A quotation cut to `width` characters.

    >>> short("a very long name", 10)
    'a very ...'
    """
    return text if len(text) <= width else f"{text[: width - 3]}..."
