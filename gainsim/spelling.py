"""What was written, quoted, and what may have been meant by it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The likely meaning of a misspelt word, as a sentence to add to a message, or nothing.

    >>> did_you_mean("base-fee", ["base_fee", "gain_share"])
    " Did you mean 'base_fee'?"
    """
    meant = closest(word, words)
    return f" Did you mean '{meant}'?" if meant else ""


def closest(word: str, words: Iterable[str]) -> str:
    """The one of some words that a misspelt word is close to, or nothing.

    >>> closest("base-fee", ["base_fee", "gain_share"]), closest("x", ["base_fee"])
    ('base_fee', '')
    """
    known = {candidate.lower(): candidate for candidate in words}
    close = get_close_matches(word.lower(), known, n=1)
    return known[close[0]] if close else ""


def meant_or_known(word: str, words: Iterable[str]) -> str:
    """The likely meaning of a misspelt word, or else some of the words that are known.

    >>> meant_or_known("wages", ["wage", "price"]), meant_or_known("x", ["wage", "price"])
    (" Did you mean 'wage'?", ' Known are price, wage.')
    """
    known = sorted(words)
    return did_you_mean(word, known) or f" Known are {', '.join(known[:12]) or 'none'}."


def listed(words: Iterable[str]) -> str:
    """Words as a sentence lists them.

    >>> listed(["wage"]), listed(["wage", "price", "volume"])
    ('wage', 'wage, price and volume')
    """
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def short(text: str, width: int = 40) -> str:
    """A quotation cut to `width` characters.

    >>> short("a very long name", 10)
    'a very ...'
    """
    return text if len(text) <= width else f"{text[: width - 3]}..."
