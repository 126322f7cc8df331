"""Clauses in words: each term of a contract as sentences that a reader of the offer can follow, with its amounts as written."""

from __future__ import annotations

from gainsim.clause_words.terms import SAID
from gainsim.clause_words.words import WINDOWS, Words, lower, name_of, said_of
from gainsim.offer.clock import ClockText
from gainsim.offer.scenario import Scenario
from gainsim.offer.term import TermText


def clauses_in_words(scenario: Scenario, party: str | None = None) -> dict[str, str]:
    """Every term by name, as sentences. party: only the terms with that party; None: all.

    >>> import gainsim
    >>> said = clauses_in_words(gainsim.load_text(gainsim.TEMPLATE).loaded.scenario)
    >>> said["service_fee"]
    'The customer pays 4,000 EUR per month. Invoiced in advance for each month; paid within 30 days.'
    """
    words = Words(scenario)
    return {name: _sentences(words, term) for name, term in scenario.contract.items() if party in (None, term.party)}


def _sentences(words: Words, term: TermText) -> str:
    """A term: what it says, when, and what it may say of itself."""
    said = SAID[term.term](words, term)  # type: ignore[attr-defined]
    clock = getattr(term, "clock", None)
    when = words.clock(clock) if isinstance(clock, ClockText) else ""
    text = f"{said}.{when}"
    if term.active_while is not None:
        text += f" It stands only while {said_of(term.active_while)}."
    if term.rounded is not None:
        text += f" Each payment is rounded to {term.rounded.to:g} ({term.rounded.by})."
    more = getattr(term, "indexed", None)
    if getattr(term, "escalated", None) is not None:
        grows = term.escalated  # type: ignore[attr-defined]
        text += f" It grows by {100.0 * grows.by:g}% every {WINDOWS[grows.every]} ({grows.compounding})."
    if more is not None:
        text += words.indexed(more)
    return text if term.party == "customer" else f"With {name_of(term.party)}: {lower(text)}"
