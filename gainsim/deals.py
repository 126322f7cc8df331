"""What a subscription comes to as a deal: committed value, exit price, price per seat and month, and its guardrails.

All of it is known when the contract is signed; nothing here is left to chance.
"""

from __future__ import annotations

from dataclasses import dataclass

from gainsim.model import Model
from gainsim.offer.subscription import ASKED, Guardrails, Subscription
from gainsim.quantities import money_text
from gainsim.terms.context import Commitment
from gainsim.years import year_labels

_DIGITS = 9  # a ratio of sums of decimals, beyond which only rounding speaks


@dataclass(frozen=True)
class Guardrail:
    """A rule of the house on a deal, reported: what it asks, what was found, whether that keeps it."""

    name: str
    rule: str
    found: str
    kept: bool

    @property
    def verdict(self) -> str:
        """Whether it is kept, in words."""
        return "kept" if self.kept else "NOT KEPT"


@dataclass(frozen=True)
class DealTerms:
    """The figures of one subscription.

    acv:                committed money by year of the calendar; its sum is the tcv
    years:              what these years are called; the last one is the exit year
    annual_order_value: the tcv per twelve months of the contract
    exit_price:         price per seat and month in the last period
    seat_months:        committed seats times months
    effective_price:    tcv per committed seat and month
    unit:               of the prices, as USD/seat/month
    first_year:         what is committed for the first year as a part of the exit year, month by month: seats, in a ramp
                        money
    """

    name: str
    structure: str
    currency: str
    tcv: float
    acv: tuple[float, ...]
    years: tuple[str, ...]
    annual_order_value: float
    exit_price: float
    seat_months: float
    effective_price: float
    unit: str
    first_year: float
    guardrails: tuple[Guardrail, ...]

    @property
    def exit_year(self) -> str:
        """The last year of the contract."""
        return self.years[-1]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """(title, value) of every figure, as tables show them."""
        by_year = zip(self.years, self.acv, strict=True)
        return [
            ("structure", self.structure),
            ("total contract value", money_text(self.tcv, self.currency)),
            *((f"  annual contract value {year}", money_text(value, self.currency)) for year, value in by_year),
            ("annual order value, on average", money_text(self.annual_order_value, self.currency)),
            (f"exit price, {self.exit_year}", f"{self.exit_price:,.2f} {self.unit}"),
            ("effective price", f"{self.effective_price:,.2f} {self.unit}"),
            (f"  over {self.unit.partition('/')[2].replace('/', ' ')}s", f"{self.seat_months:,.0f}"),
        ]


def deal_terms(model: Model) -> tuple[DealTerms, ...]:
    """The figures of every subscription of an offer, in the order of its contract."""
    return tuple(
        _terms_of(name, term, model.commitments[name], model)
        for name, term in model.scenario.contract.items()
        if isinstance(term, Subscription)
    )


def _terms_of(name: str, term: Subscription, commitment: Commitment, model: Model) -> DealTerms:
    calendar, currency = model.calendar, model.scenario.currency
    step = calendar.step_months
    seats, price = commitment.seats.tolist(), commitment.price.tolist()
    money = [step * n * p for n, p in zip(seats, price, strict=True)]
    windows = calendar.windows("year")
    acv = tuple(sum(money[w.first : w.last + 1]) for w in windows)
    tcv, seat_months = sum(acv), step * sum(seats)
    counted = money if term.structure == "ramp" else seats
    first, last = (
        sum(counted[w.first : w.last + 1]) / (w.last - w.first + 1) for w in (windows[0], windows[-1])
    )  # a month each, so that a stub year can be compared
    found = DealTerms(
        name, term.structure, currency, tcv, acv, year_labels(calendar),
        annual_order_value=12.0 * tcv / (step * calendar.periods), exit_price=price[-1], seat_months=seat_months,
        effective_price=tcv / seat_months, unit=commitment.unit, first_year=round(first / last, _DIGITS), guardrails=(),
    )  # fmt: skip
    at_exit_price = [all(p == price[-1] for p in price[w.first :]) for w in windows]
    rules = _guardrails(term, term.guardrails, found, 1 + at_exit_price.index(True) if any(at_exit_price) else 0)
    return DealTerms(**{**vars(found), "guardrails": tuple(rules)})


def _guardrails(term: Subscription, rules: Guardrails | None, found: DealTerms, full_from: int) -> list[Guardrail]:
    """Every rule held against the deal. full_from: the year with whose first day the exit price begins; 0: none."""
    said: list[Guardrail] = []
    if rules is None:
        return said
    if rules.first_year is not None:
        asked = rules.first_year.at_least if rules.first_year.more_than is None else rules.first_year.more_than
        strict = rules.first_year.more_than is not None
        of = "money" if term.structure == "ramp" else "seats"
        rule = f"{'more than' if strict else 'at least'} {100.0 * (asked or 0.0):.6g}% of the exit year's {of}"
        kept = found.first_year > (asked or 0.0) if strict else found.first_year >= (asked or 0.0)
        said.append(Guardrail("first year", rule, f"{100.0 * found.first_year:.6g}%", kept))
    if rules.full_price_from is not None:
        shown = f"from year {full_from} on" if full_from else "within the last year"
        rule = f"the exit price from year {rules.full_price_from} on"
        said.append(Guardrail("full price", rule, shown, 0 < full_from <= rules.full_price_from))
    for label, limit, amount in zip(found.years, rules.budget or (), found.acv, strict=False):
        at_most, shown = (money_text(x, found.currency) for x in (limit, amount))
        said.append(Guardrail(f"budget {label}", f"at most {at_most}", shown, round(amount - limit, _DIGITS) <= 0.0))
    if rules.criteria_met is not None:
        asked_for = ASKED[term.structure]
        missing = [each.replace("_", " ") for each in asked_for if each not in rules.criteria_met]
        rule = ", ".join(each.replace("_", " ") for each in asked_for)
        said.append(
            Guardrail("criteria", rule, f"not met: {', '.join(missing)}" if missing else "all met", not missing)
        )
    return said
