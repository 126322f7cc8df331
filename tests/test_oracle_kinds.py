"""The oracle is asked about every term: each kind, and each word it may say, is drawn by some of the random offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, get_args

from gainsim.offer.credit import Credit, LatePayment
from gainsim.offer.money import Tax
from gainsim.offer.ratchet import Ratchet
from gainsim.offer.scenario import Cost, Customer
from gainsim.offer.subscription import Guardrails
from gainsim.offer.terms import Term
from tests.oracle import (
    offers,
    offers_amendments,
    offers_carries,
    offers_credit,
    offers_currencies,
    offers_dispute,
    offers_exits,
    offers_following,
    offers_of_delays,
    offers_of_fees,
    offers_of_payments,
    offers_of_service,
    offers_of_steps,
    offers_of_volumes,
    offers_over,
    offers_prices,
    offers_step_in,
    offers_subscription,
    offers_taxes,
    offers_termination,
)
from tests.oracle.offers import Offer
from tests.test_oracle_over import FAMILIES as OVER

EACH = 200
FAMILIES: list[Callable[[int], Offer]] = [
    offers.offer, offers_carries.offer, offers_of_delays.offer, offers_of_fees.offer, offers_of_payments.offer,
    offers_of_service.credits, offers_of_service.levels, offers_of_service.points, offers_of_steps.offer,
    offers_of_volumes.offer, offers_prices.offer, offers_subscription.offer, offers_termination.offer,
    offers_following.offer, offers_exits.offer, offers_step_in.offer, offers_dispute.offer,
    *(partial(offers_over.offer, family) for family in OVER),
]  # fmt: skip
#: what changes no amount: words for the reader, who pays it, and when
ELSEWHERE = {"about", "party", "clock"}
#: what is refused: these change what other terms pay, "they say how they are rounded"
REFUSED = {(kind, "rounded") for kind in ("liability_limit", "common_limit", "retention")}


def drawn() -> dict[str, set[str]]:
    """The words of each kind of term that the random offers say."""
    found: dict[str, set[str]] = defaultdict(set)
    for family in FAMILIES:
        for number in range(EACH):
            for term in family(number).contract.values():
                found[term["term"]].update(term)
    return found


def test_every_kind_of_term_and_every_word_of_it_is_drawn() -> None:
    said = drawn()
    models: list[Any] = list(get_args(get_args(Term)[0]))
    kinds = [get_args(model.model_fields["term"].annotation)[0] for model in models]
    assert [kind for kind in kinds if kind not in said] == []
    never = [
        (kind, word)
        for kind, model in zip(kinds, models, strict=True)
        for word in model.model_fields
        if word not in said[kind] | ELSEWHERE and (kind, word) not in REFUSED
    ]
    assert never == []


def said_of(model: Any, found: Iterable[dict[str, Any]]) -> list[str]:
    """The words of a model that none of what was drawn says; what is for the reader, is judged, or moves only the cash, aside."""
    drawn: set[str] = set().union(*found)
    return [word for word in model.model_fields if word not in drawn | {"about", "paid", "budget", "accepts"}]


def test_every_word_beside_the_terms_is_drawn() -> None:
    on_credit = [offers_credit.offer(number) for number in range(EACH)]
    taxed = [offers_taxes.offer(number) for number in range(EACH)]
    follows = [value for n in range(EACH) for value in offers_following.offer(n).value.values() if isinstance(value, dict)]
    assert said_of(Credit, [one.pays["credit"] for one in on_credit if "credit" in one.pays]) == []
    assert said_of(LatePayment, [one.pays["late"] for one in on_credit if "late" in one.pays]) == []
    assert said_of(Tax, [one.tax for one in taxed]) == []
    assert said_of(Ratchet, follows) == []
    assert said_of(Cost, [cost for one in on_credit for cost in one.costs.values()]) == []
    assert said_of(Customer, [one.customer | one.pays for one in on_credit]) == []
    assert said_of(Guardrails, [
        term["guardrails"] for n in range(EACH) for term in offers_subscription.offer(n).contract.values() if "guardrails" in term
    ]) == []  # fmt: skip
    assert any(offers_currencies.offer(number).rates for number in range(5))
    assert any(offers_amendments.offer(number).amendments for number in range(5))
