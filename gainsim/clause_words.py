"""Clauses in words: each term of a contract as sentences that a reader of the offer can follow, with its amounts as written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from gainsim.durations import Duration
from gainsim.offer.bands import Band
from gainsim.offer.clock import ClockText
from gainsim.offer.edges import Step
from gainsim.offer.scenario import Scenario
from gainsim.offer.sharing import kind_of_step
from gainsim.offer.term import TermText
from gainsim.ops.formula import Formula
from gainsim.ops.grammar import Number, Unary


def clauses_in_words(scenario: Scenario, party: str | None = None) -> dict[str, str]:
    """Every term by name, as sentences. party: only the terms with that party; None: all.

    >>> import gainsim
    >>> said = clauses_in_words(gainsim.load_text(gainsim.TEMPLATE).loaded.scenario)
    >>> said["service_fee"]
    'The customer pays 6,000 EUR per month, after each month, within 30 days.'
    """
    words = _Words(scenario)
    return {name: words.of(term) for name, term in scenario.contract.items() if party in (None, term.party)}


def formula_words(text: str) -> str:
    """A formula as people read it.

    >>> formula_words("15% of baseline_cost from month 13 else 0"), formula_words("energy * 90_000 EUR")
    ('15% of baseline cost from month 13 on, before that 0', 'energy × 90,000 EUR')
    """
    said = re.sub(r"(?<=\d)_(?=\d)", ",", text).replace("_", " ").replace(" * ", " × ")
    said = said.replace(">=", "≥").replace("<=", "≤")
    dated = re.fullmatch(r"(.+?) from (month \d+|year \d+|\d{4}-\d{2}) else ([^()]+)", said)
    return f"{dated[1]} from {dated[2]} on, before that {dated[3]}" if dated and " from " not in dated[3] else said


_WINDOWS = {"period": "period", "month": "month", "quarter": "quarter", "half_year": "half-year", "year": "year", "life": "contract"}


class _Words:
    """The words of one offer's terms."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.currency = scenario, scenario.currency

    def of(self, term: TermText) -> str:
        """A term: what it says, when, and what it may say of itself."""
        said = _SAID[term.term](self, term)  # type: ignore[attr-defined]
        clock = getattr(term, "clock", None)
        when = self.clock(clock) if isinstance(clock, ClockText) else ""
        text = f"{said}{when}."
        if term.active_while is not None:
            text += f" It stands only while {formula_words(term.active_while.text)}."
        if term.rounded is not None:
            text += f" Each payment is rounded to {term.rounded.to:g} ({term.rounded.by})."
        more = getattr(term, "indexed", None)
        if getattr(term, "escalated", None) is not None:
            grows = term.escalated  # type: ignore[attr-defined]
            text += f" It grows by {100.0 * grows.by:g}% every {_WINDOWS[grows.every]} ({grows.compounding})."
        if more is not None:
            text += self.indexed(more)
        return text if term.party == "customer" else f"With {_name(term.party)}: {_lower(text)}"

    def clock(self, clock: ClockText) -> str:
        """When it is settled, and when the money moves."""
        window = _WINDOWS[clock.measured]
        if clock.measured == "period":
            window = self.scenario.calendar.step
        in_advance, once = clock.invoiced == "in advance", clock.measured == "life"
        moment = ("at the start of the" if once else "in advance for each") if in_advance else "at the end of the" if once else "after each"
        said = f", {moment} {window}"
        if clock.settled is not None:
            said += f", reckoned within {clock.settled}"
        return said + (f", within {clock.paid}" if clock.paid is not None and _some(clock.paid) else "")

    def indexed(self, index: Any) -> str:
        said = f" It follows {formula_words(index.by.text)} every {_WINDOWS[index.every]}, based on {index.base:%Y-%m}"
        for limit, word in ((index.cap, "rises"), (index.floor, "falls")):
            if limit is not None:
                per = "at each reset" if limit.per == "reset" else "over the contract"
                said += f"; it {word} by at most {100.0 * limit.at:g}% {per}, and what is cut off is {limit.excess}"
        return f"{said}."

    def money(self, formula: Formula | None) -> str:
        """An amount; a bare number is one of the contract's currency."""
        if formula is None:
            return ""
        tree = formula.tree.operand if isinstance(formula.tree, Unary) else formula.tree
        if isinstance(tree, Number) and tree.unit is None and formula.constant is not None:
            return f"{formula.constant:,.12g} {self.currency}"
        return formula_words(formula.text)

    def edge(self, band: Band) -> str:
        """A band by its edge, in the contract's currency."""
        assert band.edge is not None
        return f"{'up to' if band.has_its_edge else 'below'} {self.money(band.edge)}"

    def size(self, formula: Formula) -> str:
        """An amount without its sign."""
        return self.money(formula).removeprefix("-")


def _name(name: str) -> str:
    return name.replace("_", " ")


def _names(names: Sequence[str]) -> str:
    said = [_name(name) for name in names]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _some(time: Duration) -> bool:
    return str(time) not in ("", "0 days", "0 months")


def _per(per: str) -> str:
    """Of what an amount is the limit."""
    return {"settlement": "in each settlement", "year": "a year", "life": "over the contract"}.get(per, f"in every {per}")


# --- fees and payments -------------------------------------------------------------------------------------------------


def _fee(words: _Words, term: Any) -> str:
    payer = "The customer" if term.party == "customer" else "It"
    if term.amount.text.strip().startswith("-"):
        return f"The supplier pays {words.money(term.amount).removeprefix('-')}"
    return f"{payer} pays {words.money(term.amount)}"


def _payment(words: _Words, term: Any) -> str:
    once = {"year": ", once a year at most", "life": ", once at most"}.get(term.once_per or "", "")
    when = f" if {formula_words(term.when.text)}" if term.when is not None else ""
    said = f"{_fee(words, term)}{when}{once}"
    return f"{said}; where that is negative the supplier pays" if " - " in term.amount.text else said


def _fee_at_risk(words: _Words, term: Any) -> str:
    return f"{formula_words(term.part.text)} of {words.money(term.of)} is paid only as far as it is earned: {formula_words(term.earned.text)} of it"


def _minimum_revenue(words: _Words, term: Any) -> str:
    return f"Together {_names(term.of)} bring at least {words.money(term.at_least)} {_per(term.per)}; the customer pays what is missing"


def _fee_credit(words: _Words, term: Any) -> str:
    return f"{formula_words(term.part.text)} of what {_names(term.of)} brought is credited against {_names(term.against)}"


def _difference(words: _Words, term: Any) -> str:
    ways = {"both ways": "whichever way it goes", "to supplier": "if that is in the supplier's favour", "to customer": "if that is in the customer's favour"}
    negative = {"counts": "", "counts as zero": "; a negative reference counts as 0", "nothing is paid": "; at a negative reference nothing is paid"}
    said = f"For each unit of {formula_words(term.volume.text)} the difference between {words.money(term.strike)} and "
    return f"{said}{words.money(term.reference)} is paid, {ways[term.direction]}{negative[term.negative_reference]}"


def _volumes(words: _Words, term: Any) -> str:
    band = ""
    if term.deadband is not None:
        counts = "only what lies beyond" if term.deadband.then == "excess" else "then all of it"
        band = f" (from {words.size(term.deadband.below)} below to {words.size(term.deadband.above)} above nothing is charged, {counts} counts)"
    said = [f"{formula_words(term.volume.text)} is held against {formula_words(term.baseline.text)}{band}"]
    for bands, word in ((term.additional, "more is charged"), (term.reduced, "less is credited")):
        if bands is not None:
            said.append(f"{word} by the unit: {', '.join(f'{_label(band.label)} at {words.money(band.rate)}' for band in bands)}")
    return _titled("; ".join(said))


def _take_or_pay(words: _Words, term: Any) -> str:
    said = f"The customer takes at least {words.size(term.at_least)} of {formula_words(term.volume.text)}, or pays {words.money(term.price)} for what is missing"
    return said + (f"; what was paid for may be made up later at a credit of {words.money(term.make_up.credit)}" if term.make_up is not None else "")


def _subscription(words: _Words, term: Any) -> str:
    adopted = f"; seats may be activated earlier as adopted ({formula_words(term.adopted.text)})" if term.adopted is not None else ""
    return f"The customer commits to {formula_words(term.seats.text)} at {words.money(term.price)}{adopted}"


def _target_cost(words: _Words, term: Any) -> str:
    said = (
        f"The customer pays {formula_words(term.actual_cost.text)} and a profit of {words.money(term.target_profit)}; of a saving against "
        f"{words.money(term.target_cost)} the supplier keeps {formula_words(term.supplier_share_under.text)}, of an overrun it bears "
        f"{formula_words(term.supplier_share_over.text)}"
    )
    for limit, word in ((term.lowest_profit, "the profit is at least"), (term.highest_profit, "the profit is at most"), (term.ceiling_price, "the price is at most")):
        said += f"; {word} {words.money(limit)}" if limit is not None else ""
    return said


# --- sharing -----------------------------------------------------------------------------------------------------------


def _sharing(words: _Words, term: Any) -> str:
    steps = [_STEPS[str(kind_of_step(step))](words, getattr(step, str(kind_of_step(step)))) for step in term.steps]
    return f"Shared is {words.money(term.of)}: {'; '.join(steps)}"


_SIDES = {"gain": "a gain", "pain": "a shortfall", "both": "a gain or shortfall"}


def _threshold(words: _Words, step: Any) -> str:
    counts = {
        "excess": "counts only as far as it lies beyond", "from_first": "counts only if it reaches that, and then in full",
        "catch_up": f"counts only beyond that, and then in full, with a catch-up of {formula_words(step.catch_up_share.text) if step.catch_up_share else ''}",
    }  # fmt: skip
    return f"{_SIDES[step.sides]} of less than {words.size(step.at)} is nobody's: it {counts[step.then]}"


def _share(words: _Words, bands: Any) -> str:
    below = [f"of {'a shortfall' if n == 0 else f'what lies {words.edge(band)}'} the supplier bears {formula_words(band.share.text)}"
             for n, band in enumerate(bands.below)]  # fmt: skip
    return "; ".join([*below, _gains(words, [*bands.up_to, bands.above])])


def _gains(words: _Words, bands: Sequence[Band]) -> str:
    if len(bands) == 1:
        return f"of a gain it gets {formula_words(bands[0].share.text)}"
    parts = [f"{formula_words(band.share.text)} {words.edge(band)}" for band in bands[:-1]]
    return f"of a gain it gets {', '.join(parts)} and {formula_words(bands[-1].share.text)} of what lies above"


def _share_of_whole(words: _Words, bands: Any) -> str:
    parts = [f"{formula_words(band.share.text)} {'above that' if band.edge is None else words.edge(band)}" for band in bands.ranges]
    return f"the supplier's share of the whole is {', '.join(parts)}"


def _limit(what: str) -> Callable[[_Words, Any], str]:
    def said(words: _Words, step: Any) -> str:
        ends = []
        if step.floor is not None:
            of = step.floor.constant
            ends.append(f"the supplier pays at most {words.size(step.floor)}" if what == "payment" and of is not None and of <= 0.0 else f"it is at least {words.money(step.floor)}")
        if step.cap is not None:
            ends.append(f"the supplier gets at most {words.money(step.cap)}" if what == "payment" else f"it counts up to {words.money(step.cap)}")
        return f"{' and '.join(ends)} {_per(step.per)}"

    return said


def _carry(words: _Words, step: Any) -> str:
    what = {"pain beyond the floor": "what goes beyond the floor", "all pain": "every shortfall", "gain beyond the cap": "what goes beyond the cap"}
    lapses = "" if step.settlements is None else f" for {step.settlements} settlements"
    end = "is lost" if step.at_end == "lost" else "is paid"
    return f"{what[step.what]} is carried into later settlements{lapses}, and what is left at the end {end}"


_STEPS: dict[str, Callable[[_Words, Any], str]] = {
    "against": lambda words, step: f"what goes beyond {words.money(step)} is the gain, what falls short of it the shortfall",
    "threshold": _threshold,
    "deadband": lambda words, step: f"a shortfall up to {words.size(step.below)} and a gain up to {words.size(step.above)} are nobody's",
    "deductible": lambda words, step: f"the first {words.size(step.at)} {_per(step.per)} of {_SIDES[step.sides]} does not count",
    "high_water_mark": lambda words, step: f"only a new best counts (of the {step.of}, from {words.money(step.start)} on)",
    "limit_gain": _limit("gain"),
    "quality_gate": lambda words, step: f"{_SIDES[step.sides]} counts only if {formula_words(step.when.text)}",
    "quality_multiplier": lambda words, step: f"{_SIDES[step.sides]} is multiplied by {formula_words(step.by.text)}",
    "share": _share,
    "share_of_whole": _share_of_whole,
    "limit_payment": _limit("payment"),
    "carry": _carry,
}


# --- service levels and limits -----------------------------------------------------------------------------------------


def _credits(words: _Words, term: Any) -> str:
    return f"For {formula_words(term.level.text)} the customer is credited {_credit_steps(term.credits)} of {words.money(term.of)}{_pool(words, term.pool)}"


def _credit_steps(steps: Sequence[Step]) -> str:
    return ", ".join(f"{formula_words(step.due.text)} {_label(step.label)}" for step in steps)


def _pool(words: _Words, pool: Any) -> str:
    return "" if pool is None else f", at most {words.size(pool.at_most)} {_per(pool.per)}"


def _levels(words: _Words, term: Any) -> str:
    levels = [f"{_name(name)} ({_credit_steps(level.credits)})" for name, level in term.levels.items()]
    return f"{formula_words(term.at_risk.text)} of {words.money(term.of)} is at risk; of that is credited for {'; '.join(levels)}{_pool(words, term.pool)}"


def _points(words: _Words, term: Any) -> str:
    levels = [f"{_name(name)} ({_credit_steps(level.points)})" for name, level in term.levels.items()]
    return f"Missed levels earn points: {'; '.join(levels)}; the table {_name(term.table)} says which part of {words.money(term.of)} is credited for them{_pool(words, term.pool)}"


def _liability(words: _Words, term: Any) -> str:
    return f"All that the supplier pays under {_names(term.limits)} together is at most {words.size(term.at_most)} {_per(term.per)}"


def _common_limit(words: _Words, term: Any) -> str:
    ends = [f"at least {words.money(term.floor)}"] if term.floor is not None else []
    ends += [f"at most {words.money(term.cap)}"] if term.cap is not None else []
    return f"Together {_names(term.over)} come to {' and '.join(ends)} {_per(term.per)}"


def _retention(words: _Words, term: Any) -> str:
    most = f", at most {words.size(term.at_most)}" if term.at_most is not None else ""
    parts = "".join(f"; {100.0 * each.part:g}% is released once {formula_words(each.when.text)}" for each in term.released)
    return f"Of what is paid under {_names(term.of)} {100.0 * term.share:g}% is held back{most}{parts}; what is left at the end is {term.at_end}"


def _clawback(words: _Words, term: Any) -> str:
    when = f" if {formula_words(term.when.text)}" if term.when is not None else ""
    claim = words.size(term.claim) if term.claim is not None else "all"
    return f"The customer may claim back {claim} of what it has paid under {_name(term.of)}{when}"


# --- time, ends, others ------------------------------------------------------------------------------------------------


def _rate(words: _Words, rate: Any) -> str:
    amount = rate.amount
    each = ", ".join(f"{words.money(band.rate)} {_label(band.label)}" for band in amount) if isinstance(amount, tuple) else words.money(amount)
    return f"{each} a {rate.per}{f', at most {words.size(rate.at_most)}' if rate.at_most is not None else ''}"


def _milestone(words: _Words, term: Any) -> str:
    said = f"When {formula_words(term.reached.text)} is reached, the customer pays {words.money(term.amount)}"
    for rate, word in ((term.early, "more for being early"), (term.late, "less for being late")):
        said += f"; {_rate(words, rate)} {word}" if rate is not None else ""
    return said + (f" (due {formula_words(term.due.text)})" if term.due is not None else "")


def _delay(words: _Words, term: Any) -> str:
    grace = f" after a grace of {term.grace.time}" if term.grace is not None else ""
    return f"For each delay beyond {formula_words(term.due.text)}{grace} the supplier pays {_rate(words, term.rate)}"


def _termination(words: _Words, term: Any) -> str:
    said = f"The contract may end early if {formula_words(term.when.text)}"
    said += f", with a notice of {term.notice}" if term.notice is not None else ""
    said += f"; then {words.money(term.payment)} is paid" if term.payment is not None else ""
    return said + (f"; {formula_words(term.unrecovered.share.text)} of what is not yet written down is paid" if term.unrecovered is not None else "")


def _step_in(words: _Words, term: Any) -> str:
    said = f"If {formula_words(term.when.text)}, another may do the supplier's work itself"
    return said + (f", for which the supplier pays {words.size(term.charge)}" if term.charge is not None else "")


def _dispute(words: _Words, term: Any) -> str:
    return (
        f"What {_name(term.over)} pays may be disputed where the readings lie apart by more than {words.size(term.tolerance)}; "
        f"the rest is withheld until it is settled ({term.settled_by})"
    )


def _subcontract(words: _Words, term: Any) -> str:
    pain = f", and bears {formula_words(term.share_of_pain.text)} of what it pays" if term.share_of_pain is not None else ""
    return f"It gets {formula_words(term.share.text)} of what {_names(term.of)} bring{pain}"


def _insurance(words: _Words, term: Any) -> str:
    beyond = f" beyond {words.size(term.deductible)}" if term.deductible is not None else ""
    most = f", at most {words.size(term.limit)} {_per(term.per)}" if term.limit is not None else ""
    return f"For a premium of {words.money(term.premium)} it pays what the supplier pays under {_names(term.covers)}{beyond}{most}"


def _alliance(words: _Words, term: Any) -> str:
    parts = ", ".join(f"{_name(party)} {formula_words(share.text)}" for party, share in term.parts.items())
    return f"What {_names(term.of)} come to is split: {parts}, the rest is the supplier's"


def _label(label: str) -> str:
    return formula_words(label)


def _titled(text: str) -> str:
    return text[:1].upper() + text[1:]


_SAID: dict[str, Callable[[_Words, Any], str]] = {
    "fee": _fee, "payment": _payment, "fee_at_risk": _fee_at_risk, "minimum_revenue": _minimum_revenue, "fee_credit": _fee_credit,
    "difference_payment": _difference, "volume_charge": _volumes, "take_or_pay": _take_or_pay, "subscription": _subscription,
    "target_cost": _target_cost, "sharing": _sharing, "service_credits": _credits, "service_levels": _levels, "service_points": _points,
    "liability_limit": _liability, "common_limit": _common_limit, "retention": _retention, "clawback": _clawback, "milestone": _milestone,
    "delay_damages": _delay, "termination": _termination, "step_in": _step_in, "dispute": _dispute, "subcontract": _subcontract,
    "insurance": _insurance, "alliance_split": _alliance,
}  # fmt: skip
