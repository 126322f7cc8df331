"""Every kind of term in words."""

from __future__ import annotations

from functools import singledispatch

from gainsim.clause_words import levels
from gainsim.clause_words.sharing import said_of_step
from gainsim.clause_words.words import Words, label_of, name_of, names_of, per_of, said_of, titled
from gainsim.offer.credits import ServiceCredits
from gainsim.offer.differences import DifferencePayment
from gainsim.offer.dispute import Dispute
from gainsim.offer.exit import Termination
from gainsim.offer.fees import Fee
from gainsim.offer.liability import LiabilityLimit
from gainsim.offer.milestones import DelayDamages, Milestone, TimeRate
from gainsim.offer.over import Clawback, CommonLimit, Retention
from gainsim.offer.parties import AllianceSplit, Insurance, Subcontract
from gainsim.offer.payments import Payment
from gainsim.offer.revenue import FeeAtRisk, FeeCredit, MinimumRevenue
from gainsim.offer.service_levels import ServiceLevels, ServicePoints
from gainsim.offer.sharing import Sharing
from gainsim.offer.step_in import StepIn
from gainsim.offer.subscription import Subscription
from gainsim.offer.target_cost import TargetCost
from gainsim.offer.term import TermText
from gainsim.offer.volumes import TakeOrPay, VolumeCharge


@singledispatch
def say(term: TermText, words: Words) -> str:
    """What a term says, without its clock."""
    raise NotImplementedError(type(term))


@say.register
def _sharing(term: Sharing, words: Words) -> str:
    steps = "; ".join(said_of_step(step, words) for step in term.steps)
    return f"Shared is {words.money(term.of)}: {steps}"


# --- fees and payments -------------------------------------------------------------------------------------------------


@say.register
def _fee(term: Fee, words: Words) -> str:
    return f"{_paid(words, term)}{_turned(words, term)}"


def _paid(words: Words, term: Fee | Payment) -> str:
    payer = "The customer" if term.party == "customer" else "It"
    owed = words.signs.without_minus(term.amount)
    return f"{payer} pays {words.money(term.amount)}" if owed is None else f"The supplier pays {words.money(owed)}"


def _turned(words: Words, term: Fee | Payment) -> str:
    turns = words.signs.may_be_negative(term.amount.tree) and words.signs.without_minus(term.amount) is None
    return "; where that is negative the supplier pays" if turns else ""


@say.register
def _payment(term: Payment, words: Words) -> str:
    once = {"year": ", once a year at most", "life": ", once at most"}.get(term.once_per or "", "")
    when = f" if {words.condition(term.when)}" if term.when is not None else ""
    return f"{_paid(words, term)}{when}{once}{_turned(words, term)}"


@say.register
def _fee_at_risk(term: FeeAtRisk, words: Words) -> str:
    return f"{said_of(term.part)} of {words.whole(term.of, term.clock)} is paid only as far as it is earned: {said_of(term.earned)}"


@say.register
def _minimum_revenue(term: MinimumRevenue, words: Words) -> str:
    least = f"{words.money(term.at_least)} {per_of(term.per)}"
    return f"Together {names_of(term.of)} bring at least {least}; the customer pays what is missing"


@say.register
def _fee_credit(term: FeeCredit, words: Words) -> str:
    return f"{said_of(term.part)} of what {names_of(term.of)} brought is credited against {names_of(term.against)}"


@say.register
def _difference(term: DifferencePayment, words: Words) -> str:
    payer = "the customer" if term.party == "customer" else "it"
    strike, reference = words.money(term.strike), words.money(term.reference)
    above, below = f"by how much {strike} lies above {reference}", f"by how much {strike} lies below {reference}"
    ways = {
        "both ways": f"{payer} pays {above}; where it lies below, the supplier pays that",
        "to supplier": f"{payer} pays {above}, and nobody pays where it lies below",
        "to customer": f"the supplier pays {below}, and nobody pays where it lies above",
    }
    negative = {
        "counts": "",
        "counts as zero": "; a negative reference counts as 0",
        "nothing is paid": "; at a negative reference nothing is paid",
    }
    return f"For each unit of {said_of(term.volume)} {ways[term.direction]}{negative[term.negative_reference]}"


@say.register
def _volumes(term: VolumeCharge, words: Words) -> str:
    band = ""
    if term.deadband is not None:
        counts = "only what lies beyond" if term.deadband.then == "excess" else "then all of it"
        free = f"from {words.size(term.deadband.below)} below to {words.size(term.deadband.above)} above"
        band = f" ({free} nothing is charged, {counts} counts)"
    said = [f"the volume ({said_of(term.volume)}) is held against {said_of(term.baseline)}{band}"]
    for bands, word in ((term.additional, "more is charged"), (term.reduced, "less is credited")):
        if bands is not None:
            said.append(
                f"{word} by the unit: {', '.join(f'{label_of(band.label)} at {words.money(band.rate)}' for band in bands)}"
            )
    return titled("; ".join(said))


@say.register
def _take_or_pay(term: TakeOrPay, words: Words) -> str:
    said = f"The customer takes at least {words.size(term.at_least)} of {said_of(term.volume)}"
    said += f", or pays {words.money(term.price)} for what is missing"
    if (later := term.make_up) is None:
        return said
    within = "" if later.settlements is None else f" in the next {later.settlements} settlements"
    most = "" if later.at_most is None else f", at most {words.size(later.at_most)} in each"
    return f"{said}; what was paid for may be made up later{within} at a credit of {words.money(later.credit)}{most}"


@say.register
def _subscription(term: Subscription, words: Words) -> str:
    adopted = (
        f"; seats may be activated earlier as adopted ({said_of(term.adopted)})" if term.adopted is not None else ""
    )
    return f"The customer commits to {said_of(term.seats)} at {words.money(term.price)}{adopted}"


@say.register
def _target_cost(term: TargetCost, words: Words) -> str:
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


@say.register
def _credits(term: ServiceCredits, words: Words) -> str:
    credit = f"{levels.credit_steps(term.credits)}{levels.pool(words, term.pool)}"
    return f"For {said_of(term.level)} the customer is credited a part of {words.whole(term.of, term.clock)}: {credit}"


@say.register
def _levels(term: ServiceLevels, words: Words) -> str:
    return levels.levels(term, words)


@say.register
def _points(term: ServicePoints, words: Words) -> str:
    return levels.points(term, words)


@say.register
def _liability(term: LiabilityLimit, words: Words) -> str:
    most = f"{words.size(term.at_most)} {per_of(term.per)}"
    return f"All that the supplier pays under {names_of(term.limits)} together is at most {most}"


@say.register
def _common_limit(term: CommonLimit, words: Words) -> str:
    ends = [f"at least {words.money(term.floor)}"] if term.floor is not None else []
    ends += [f"at most {words.money(term.cap)}"] if term.cap is not None else []
    return f"Together {names_of(term.over)} come to {' and '.join(ends)} {per_of(term.per)}"


@say.register
def _retention(term: Retention, words: Words) -> str:
    most = f", at most {words.size(term.at_most)}" if term.at_most is not None else ""
    parts = "".join(f"; {100.0 * each.part:g}% is released once {words.condition(each.when)}" for each in term.released)
    held = f"Of what is paid under {names_of(term.of)} {100.0 * term.share:g}% is held back{most}{parts}"
    return f"{held}; what is left at the end is {term.at_end}"


@say.register
def _clawback(term: Clawback, words: Words) -> str:
    when = f" if {words.condition(term.when)}" if term.when is not None else ""
    claim = words.size(term.claim) if term.claim is not None else "all"
    within = f" in the last {'settlement' if term.within == 1 else f'{term.within} settlements'}" if term.within else ""
    return f"The customer may claim back {claim} of what it has paid under {name_of(term.of)}{within}{when}"


# --- time, ends, others ------------------------------------------------------------------------------------------------


def _rate(words: Words, rate: TimeRate) -> str:
    bands = [
        words.money(band.rate) + (f" {label_of(band.label)}" if len(rate.amount) > 1 else "") for band in rate.amount
    ]
    begun = {"in part": "", "in full": ", also for one that is only begun", "not": f", for whole {rate.per}s alone"}[rate.begun]
    most = f", at most {words.size(rate.at_most)}" if rate.at_most is not None else ""
    return f"{', '.join(bands)} a {rate.per}{begun}{most}"


def _reached(words: Words, term: Milestone | DelayDamages) -> str:
    name = words.name(term.reached)
    return f"once {words.condition(term.reached)}" if name is None else f"when {name} is reached"


@say.register
def _milestone(term: Milestone, words: Words) -> str:
    said = f"{titled(_reached(words, term))}, the customer pays {words.money(term.amount)}"
    for rate, word in ((term.early, "more for being early"), (term.late, "less for being late")):
        said += f"; {_rate(words, rate)} {word}" if rate is not None else ""
    return said + (f" (due {label_of(term.due.text)})" if term.due is not None else "")


@say.register
def _delay(term: DelayDamages, words: Words) -> str:
    grace = ""
    if term.grace is not None:
        counts = "what lies beyond that counts" if term.grace.then == "excess" else "a longer one counts in full"
        grace = f", of which {term.grace.time} are borne ({counts}),"
    delay = f"For the delay from {label_of(term.due.text)} {_until(words, term)}{grace}"
    return f"{delay} the supplier pays {_rate(words, term.rate)}"


def _until(words: Words, term: DelayDamages) -> str:
    """To when a delay lasts."""
    name = words.name(term.reached)
    return f"until {words.condition(term.reached)}" if name is None else f"to {name}"


@say.register
def _termination(term: Termination, words: Words) -> str:
    said = f"The contract ends early once {words.condition(term.when)}"
    said += f", after a notice of {term.notice}" if term.notice is not None else ""
    said += f", in whose last {term.ramp_down} the scope falls to nothing" if term.ramp_down is not None else ""
    said += f"; then {words.money(term.payment)} is paid" if term.payment is not None else ""
    return said + (
        f"; {said_of(term.unrecovered.share)} of what is not yet written down is paid"
        if term.unrecovered is not None
        else ""
    )


@say.register
def _step_in(term: StepIn, words: Words) -> str:
    long = f"for {term.lasts}" if term.lasts is not None else "for a time"
    long += f", until {words.condition(term.until)}" if term.until is not None else ""
    often = "" if term.at_most is None else f", {'once' if term.at_most == 1 else f'{term.at_most} times'} at most"
    notice = f", after a notice of {term.notice}" if term.notice is not None else ""
    said = f"Once {words.condition(term.when)}, another may do the supplier's work {long}{notice}{often}"
    return said + (f", for which the supplier pays {words.size(term.charge)}" if term.charge is not None else "")


@say.register
def _dispute(term: Dispute, words: Words) -> str:
    theirs = f"by the customer's reading ({name_of(term.customer_reads)} in place of {name_of(term.reading)})"
    apart = {"customer": "less", "either": "less or more"}[term.raised_by]
    settled = {
        "midpoint": "of that half is paid",
        "supplier": "by the supplier's reading",
        "customer": "by the customer's reading",
        "expert": f"by what an expert finds ({name_of(term.expert_reads or '')}), between the two",
        "final offer": f"by that of the two which lies nearer to what an expert finds ({name_of(term.expert_reads or '')})",
    }[term.settled_by]
    when = "".join(f", {word} {time}" for word, time in (("within", term.clock.settled), ("paid within", term.clock.paid)) if time)
    return (
        f"Where {name_of(term.over)} comes to more than {words.size(term.tolerance)} {apart} {theirs}, only the lesser is paid at "
        f"first, and the rest is withheld until it is settled: {settled}{when}{_fee_of_the_expert(term, words)}"
    )


def _fee_of_the_expert(term: Dispute, words: Words) -> str:
    if term.expert_fee is None:
        return ""
    borne = {
        "equally": "both bear half of it",
        "further off": "who lies further from what it finds bears that",
        "in proportion": "each bears of that in proportion to how far it lies from what it finds",
    }[str(term.fee_borne_by)]
    return f"; the expert costs {words.size(term.expert_fee)} each time, and {borne}"


@say.register
def _subcontract(term: Subcontract, words: Words) -> str:
    pain = f", and bears {said_of(term.share_of_pain)} of what it pays" if term.share_of_pain is not None else ""
    ends = ((term.gets, "gets"), (term.pays, "pays"))
    most = "".join(f"; it {verb} at most {words.size(of.at_most)} {per_of(of.per)}" for of, verb in ends if of is not None)
    return f"It gets {said_of(term.share)} of what comes of {names_of(term.of)}{pain}{most}"


@say.register
def _insurance(term: Insurance, words: Words) -> str:
    beyond = f" beyond {words.size(term.deductible)}" if term.deductible is not None else ""
    most = f", at most {words.size(term.limit)} {per_of(term.per)}" if term.limit is not None else ""
    part = f"{said_of(term.share)} of " if term.share is not None else ""
    covered = f"{part}what the supplier pays under {names_of(term.covers)}{beyond}{most}"
    return f"For a premium of {words.money(term.premium)} it pays {covered}"


@say.register
def _alliance(term: AllianceSplit, words: Words) -> str:
    parts = ", ".join(f"{name_of(party)} {said_of(share)}" for party, share in term.parts.items())
    return f"What comes of {names_of(term.of)} is split: {parts}, the rest is the supplier's"
