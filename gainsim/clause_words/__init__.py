"""Clauses in words: each term of a contract as sentences that a reader of the offer can follow, with its amounts as written."""

from __future__ import annotations

from gainsim.clause_words.terms import say
from gainsim.clause_words.words import WINDOWS, Words, lower, name_of
from gainsim.offer.clock import ClockText
from gainsim.offer.credits import ServiceCredits
from gainsim.offer.differences import DifferencePayment
from gainsim.offer.fees import Fee
from gainsim.offer.fields import formulas_in
from gainsim.offer.parties import Insurance
from gainsim.offer.revenue import FeeAtRisk
from gainsim.offer.scenario import Scenario
from gainsim.offer.service_levels import ServiceLevels, ServicePoints
from gainsim.offer.subscription import Subscription
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
    said = say(term, words)
    clock = getattr(term, "clock", None)
    when = words.clock(clock, _adds_up(words, term, clock)) if isinstance(clock, ClockText) else ""
    text = f"{said}.{when}"
    if term.active_while is not None:
        text += f" It stands only while {words.condition(term.active_while)}."
    if term.rounded is not None:
        text += f" Each payment is rounded to {term.rounded.to:g} {words.currency}, {_ROUNDED[term.rounded.by]}."
    if isinstance(term, Fee) and (grows := term.escalated) is not None:
        text += f" It grows by {100.0 * grows.by:g}% every {WINDOWS[grows.every]} ({grows.compounding})."
    if isinstance(term, Fee) and term.scales_with is not None:
        text += f" It follows the {term.scales_with} while the contract ramps down."
    if isinstance(term, Fee | DifferencePayment) and term.indexed is not None:
        text += words.indexed("It" if isinstance(term, Fee) else "The strike", term.indexed)
    return text if term.party == "customer" else f"With {name_of(term.party)}: {lower(text)}"


_ROUNDED = {"half away": "halves away from 0", "half even": "halves to the even one", "towards zero": "towards 0"}


def _adds_up(words: Words, term: TermText, clock: ClockText) -> bool:
    """Whether its sentence reads an amount over a shorter time than its window, and does not say by itself that it adds up."""
    if isinstance(term, Fee | Subscription | Insurance | ServiceCredits | ServiceLevels | ServicePoints | FeeAtRisk):
        return False
    return any(words.windows.add_up(each, clock) for each in formulas_in(term) if each is not term.active_while)
