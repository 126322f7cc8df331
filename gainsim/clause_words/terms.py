"""Every other kind of term in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gainsim.clause_words.sharing import sharing
from gainsim.clause_words.signs import may_be_negative, without_minus
from gainsim.clause_words.words import Words, label_of, name_of, names_of, per_of, said_of, titled
from gainsim.offer.edges import Step

# --- fees and payments -------------------------------------------------------------------------------------------------


def _fee(words: Words, term: Any) -> str:
    return f"{_paid(words, term)}{_turned(term)}"


def _paid(words: Words, term: Any) -> str:
    payer = "The customer" if term.party == "customer" else "It"
    owed = without_minus(term.amount)
    return f"{payer} pays {words.money(term.amount)}" if owed is None else f"The supplier pays {words.money(owed)}"


def _turned(term: Any) -> str:
    turns = may_be_negative(term.amount.tree) and without_minus(term.amount) is None
    return "; where that is negative the supplier pays" if turns else ""


def _payment(words: Words, term: Any) -> str:
    once = {"year": ", once a year at most", "life": ", once at most"}.get(term.once_per or "", "")
    when = f" if {said_of(term.when)}" if term.when is not None else ""
    return f"{_paid(words, term)}{when}{once}{_turned(term)}"


def _fee_at_risk(words: Words, term: Any) -> str:
    return f"{said_of(term.part)} of {words.money(term.of)} is paid only as far as it is earned: {said_of(term.earned)} of it"


def _minimum_revenue(words: Words, term: Any) -> str:
    least = f"{words.money(term.at_least)} {per_of(term.per)}"
    return f"Together {names_of(term.of)} bring at least {least}; the customer pays what is missing"


def _fee_credit(words: Words, term: Any) -> str:
    return f"{said_of(term.part)} of what {names_of(term.of)} brought is credited against {names_of(term.against)}"


def _difference(words: Words, term: Any) -> str:
    ways = {
        "both ways": "whichever way it goes",
        "to supplier": "if that is in the supplier's favour",
        "to customer": "if that is in the customer's favour",
    }
    negative = {
        "counts": "",
        "counts as zero": "; a negative reference counts as 0",
        "nothing is paid": "; at a negative reference nothing is paid",
    }
    said = f"For each unit of {said_of(term.volume)} the difference between {words.money(term.strike)} and "
    return f"{said}{words.money(term.reference)} is paid, {ways[term.direction]}{negative[term.negative_reference]}"


def _volumes(words: Words, term: Any) -> str:
    band = ""
    if term.deadband is not None:
        counts = "only what lies beyond" if term.deadband.then == "excess" else "then all of it"
        free = f"from {words.size(term.deadband.below)} below to {words.size(term.deadband.above)} above"
        band = f" ({free} nothing is charged, {counts} counts)"
    said = [f"{said_of(term.volume)} is held against {said_of(term.baseline)}{band}"]
    for bands, word in ((term.additional, "more is charged"), (term.reduced, "less is credited")):
        if bands is not None:
            said.append(
                f"{word} by the unit: {', '.join(f'{label_of(band.label)} at {words.money(band.rate)}' for band in bands)}"
            )
    return titled("; ".join(said))


def _take_or_pay(words: Words, term: Any) -> str:
    said = f"The customer takes at least {words.size(term.at_least)} of {said_of(term.volume)}"
    said += f", or pays {words.money(term.price)} for what is missing"
    return said + (
        f"; what was paid for may be made up later at a credit of {words.money(term.make_up.credit)}"
        if term.make_up is not None
        else ""
    )


def _subscription(words: Words, term: Any) -> str:
    adopted = (
        f"; seats may be activated earlier as adopted ({said_of(term.adopted)})" if term.adopted is not None else ""
    )
    return f"The customer commits to {said_of(term.seats)} at {words.money(term.price)}{adopted}"


def _target_cost(words: Words, term: Any) -> str:
    said = (
        f"The customer pays {said_of(term.actual_cost)} and a profit of {words.money(term.target_profit)}; of a saving against "
        f"{words.money(term.target_cost)} the supplier keeps {said_of(term.supplier_share_under)}, of an overrun it bears "
        f"{said_of(term.supplier_share_over)}"
    )
    for limit, word in (
        (term.lowest_profit, "the profit is at least"),
        (term.highest_profit, "the profit is at most"),
        (term.ceiling_price, "the price is at most"),
    ):
        said += f"; {word} {words.money(limit)}" if limit is not None else ""
    return said


# --- service levels and limits -----------------------------------------------------------------------------------------


def _credits(words: Words, term: Any) -> str:
    credit = f"{_credit_steps(term.credits)} of {words.money(term.of)}{_pool(words, term.pool)}"
    return f"For {said_of(term.level)} the customer is credited {credit}"


def _credit_steps(steps: Sequence[Step]) -> str:
    return ", ".join(f"{said_of(step.due)} {label_of(step.label)}" for step in steps)


def _pool(words: Words, pool: Any) -> str:
    return "" if pool is None else f", at most {words.size(pool.at_most)} {per_of(pool.per)}"


def _levels(words: Words, term: Any) -> str:
    levels = [f"{name_of(name)} ({_credit_steps(level.credits)})" for name, level in term.levels.items()]
    said = f"{said_of(term.at_risk)} of {words.money(term.of)} is at risk; of that is credited for "
    return f"{said}{'; '.join(levels)}{_pool(words, term.pool)}"


def _points(words: Words, term: Any) -> str:
    levels = [f"{name_of(name)} ({_credit_steps(level.points)})" for name, level in term.levels.items()]
    part = f"the table {name_of(term.table)} says which part of {words.money(term.of)} is credited for them"
    return f"Missed levels earn points: {'; '.join(levels)}; {part}{_pool(words, term.pool)}"


def _liability(words: Words, term: Any) -> str:
    most = f"{words.size(term.at_most)} {per_of(term.per)}"
    return f"All that the supplier pays under {names_of(term.limits)} together is at most {most}"


def _common_limit(words: Words, term: Any) -> str:
    ends = [f"at least {words.money(term.floor)}"] if term.floor is not None else []
    ends += [f"at most {words.money(term.cap)}"] if term.cap is not None else []
    return f"Together {names_of(term.over)} come to {' and '.join(ends)} {per_of(term.per)}"


def _retention(words: Words, term: Any) -> str:
    most = f", at most {words.size(term.at_most)}" if term.at_most is not None else ""
    parts = "".join(f"; {100.0 * each.part:g}% is released once {said_of(each.when)}" for each in term.released)
    held = f"Of what is paid under {names_of(term.of)} {100.0 * term.share:g}% is held back{most}{parts}"
    return f"{held}; what is left at the end is {term.at_end}"


def _clawback(words: Words, term: Any) -> str:
    when = f" if {said_of(term.when)}" if term.when is not None else ""
    claim = words.size(term.claim) if term.claim is not None else "all"
    return f"The customer may claim back {claim} of what it has paid under {name_of(term.of)}{when}"


# --- time, ends, others ------------------------------------------------------------------------------------------------


def _rate(words: Words, rate: Any) -> str:
    amount = rate.amount
    each = (
        ", ".join(f"{words.money(band.rate)} {label_of(band.label)}" for band in amount)
        if isinstance(amount, tuple)
        else words.money(amount)
    )
    return f"{each} a {rate.per}{f', at most {words.size(rate.at_most)}' if rate.at_most is not None else ''}"


def _milestone(words: Words, term: Any) -> str:
    said = f"When {said_of(term.reached)} is reached, the customer pays {words.money(term.amount)}"
    for rate, word in ((term.early, "more for being early"), (term.late, "less for being late")):
        said += f"; {_rate(words, rate)} {word}" if rate is not None else ""
    return said + (f" (due {said_of(term.due)})" if term.due is not None else "")


def _delay(words: Words, term: Any) -> str:
    grace = f" after a grace of {term.grace.time}" if term.grace is not None else ""
    return f"For each delay beyond {said_of(term.due)}{grace} the supplier pays {_rate(words, term.rate)}"


def _termination(words: Words, term: Any) -> str:
    said = f"The contract may end early if {said_of(term.when)}"
    said += f", with a notice of {term.notice}" if term.notice is not None else ""
    said += f"; then {words.money(term.payment)} is paid" if term.payment is not None else ""
    return said + (
        f"; {said_of(term.unrecovered.share)} of what is not yet written down is paid"
        if term.unrecovered is not None
        else ""
    )


def _step_in(words: Words, term: Any) -> str:
    said = f"If {said_of(term.when)}, another may do the supplier's work itself"
    return said + (f", for which the supplier pays {words.size(term.charge)}" if term.charge is not None else "")


def _dispute(words: Words, term: Any) -> str:
    return (
        f"What {name_of(term.over)} pays may be disputed where the readings lie apart by more than {words.size(term.tolerance)}; "
        f"the rest is withheld until it is settled ({term.settled_by})"
    )


def _subcontract(words: Words, term: Any) -> str:
    pain = f", and bears {said_of(term.share_of_pain)} of what it pays" if term.share_of_pain is not None else ""
    return f"It gets {said_of(term.share)} of what comes of {names_of(term.of)}{pain}"


def _insurance(words: Words, term: Any) -> str:
    beyond = f" beyond {words.size(term.deductible)}" if term.deductible is not None else ""
    most = f", at most {words.size(term.limit)} {per_of(term.per)}" if term.limit is not None else ""
    covered = f"what the supplier pays under {names_of(term.covers)}{beyond}{most}"
    return f"For a premium of {words.money(term.premium)} it pays {covered}"


def _alliance(words: Words, term: Any) -> str:
    parts = ", ".join(f"{name_of(party)} {said_of(share)}" for party, share in term.parts.items())
    return f"What comes of {names_of(term.of)} is split: {parts}, the rest is the supplier's"


SAID: dict[str, Callable[[Words, Any], str]] = {
    "fee": _fee, "payment": _payment, "fee_at_risk": _fee_at_risk, "minimum_revenue": _minimum_revenue, "fee_credit": _fee_credit,
    "difference_payment": _difference, "volume_charge": _volumes, "take_or_pay": _take_or_pay, "subscription": _subscription,
    "target_cost": _target_cost, "sharing": sharing, "service_credits": _credits, "service_levels": _levels,
    "service_points": _points,
    "liability_limit": _liability, "common_limit": _common_limit, "retention": _retention, "clawback": _clawback,
    "milestone": _milestone,
    "delay_damages": _delay, "termination": _termination, "step_in": _step_in, "dispute": _dispute, "subcontract": _subcontract,
    "insurance": _insurance, "alliance_split": _alliance,
}  # fmt: skip
