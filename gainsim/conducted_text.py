"""Conduct in the terminal: how much effort there is, what it is worth month by month, and what another would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gainsim.conducted import Conducted, Moment, Other, PutIn
from gainsim.measures import Estimate
from gainsim.text import heading, table
from gainsim.words import counted, doubt, percent, two_digits


def page(found: Conducted) -> str:
    """All that is told of the conduct of an offer."""
    parts = [f"{found.scenario.title}\n{counted(found.paths, 'future')}, seed {found.seed}; ± is one standard error"]
    for each in found.efforts:
        parts += _of_effort(each)
    parts.append(_section("What another effort would change, on the same futures", _others(found, found.others)))
    if found.shares:
        parts.append(_section("What the effort answers, were all of the supplier's shares other", _shares(found)))
    return "\n\n".join(parts)


def _section(title: str, body: str) -> str:
    return f"{heading(title)}\n{body}"


def _of_effort(of: PutIn) -> Iterator[str]:
    written = of.written
    how = written.plan if written.policy is not None else "as planned"
    rows = [
        (year, amount(each.value), _doubt(each), amount(low), amount(high)) for year, (each, low, high) in of.years.items()
    ]
    range_ = f"{amount(written.at_least)} to {amount(written.at_most)}"
    title = f"{of.name}: how much the {written.by} puts in, {written.unit} ({how}, {range_})"
    yield _section(title, table(rows, head=("", "mean", "", "P10", "P90")))
    if of.moments:
        assert written.watches is not None
        title = f"{of.name}: what it sees and does, while it watches {written.watches.text} over the {written.over}"
        yield _section(title, f"{_moments(of.moments)}\n\n{_killed(of.moments)}")


def _moments(moments: Sequence[Moment]) -> str:
    drivers = list(moments[0].worth)
    worth = (head for driver in drivers for head in (f"{driver} alone", "", f"{driver} worth P10", "P50", "P90"))
    head = ["", "reached", *worth, "put in", "", "least", "most"]
    rows = [
        (
            each.period, amount(each.reached),
            *(part for driver in drivers for part in (*_alone(each.alone[driver]), *map(amount, each.worth[driver]))),
            amount(each.put_in.value), _doubt(each.put_in), percent(each.idle.value), percent(each.full.value),
        )
        for each in moments
    ]  # fmt: skip
    return table(rows, head=head)


def _alone(of: Estimate) -> tuple[str, str]:
    return amount(of.value), f"± {two_digits(of.standard_error)}" if of.standard_error > 0.0 else ""


def _killed(moments: Sequence[Moment]) -> str:
    """What the columns say, and where the contract gives no reason to work."""
    said = (
        "alone: what one unit more of the driver in that period is expected to bring until the contract's end, were the effort at\n"
        "its least all along (one error for all periods); worth: what it is expected to bring from where the window stands, as\n"
        "later effort responds to it; least, most: on how many futures nothing beyond the least, and all there may be, is put in."
    )
    idle = [each.idle.value for each in moments]
    last = max(moments, key=lambda each: each.idle.value)
    if min(idle) == max(idle):
        return said
    on = f"on {percent(max(idle))} of futures nothing is put in beyond the least"
    return f"{said}\nThe contract gives the least reason to work in {last.period}: {on}."


def _others(found: Conducted, others: Sequence[Other]) -> str:
    head = ["", "supplier's margin", "", *(["customer's net benefit", ""] if found.customer is not None else [])]
    rows = [("as it is", *_money(found, found.supplier, found.customer))]
    rows += [(each.what, *_money(found, each.supplier, each.customer, sign="+")) for each in others]
    return f"{table(rows, head=head)}\n\nAll but the first row are differences from it, all other plans being as they are."


def _shares(found: Conducted) -> str:
    names = list(found.scenario.effort)
    customer = ["customer's net benefit", ""] if found.customer is not None else []
    rows = [
        (each.what, *(amount(each.found[name]) for name in names), *_money(found, each.supplier, each.customer, sign="+"))
        for each in found.shares
    ]
    head = ["", *(f"{name}, mean" for name in names), "supplier's margin", "", *customer]
    return f"{table(rows, head=head)}\n\nMoney: differences from the offer as it is; each share at most the whole."


def _money(found: Conducted, supplier: Estimate, customer: Estimate | None, sign: str = "") -> tuple[str, ...]:
    both = [supplier, *([customer] if customer is not None else [])]
    return tuple(part for each in both for part in (f"{each.value:{sign}z,.0f}", _doubt(each)))


def _doubt(of: Estimate) -> str:
    return doubt(of) if of.standard_error > 0.0 else ""


def amount(value: float) -> str:
    """A figure of any size, to three digits or whole."""
    if abs(value) >= 1000.0:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):g}"


def to_json(found: Conducted) -> dict[str, Any]:
    """The same for machines."""

    def told(of: Estimate | None) -> dict[str, float] | None:
        return None if of is None else {"value": of.value, "standard_error": of.standard_error}

    def other(of: Other) -> dict[str, Any]:
        return {"what": of.what, "put_in": dict(of.found), "supplier": told(of.supplier), "customer": told(of.customer)}

    return {
        "title": found.scenario.title,
        "currency": found.scenario.currency,
        "paths": found.paths,
        "seed": found.seed,
        "supplier_margin": told(found.supplier),
        "customer_net_benefit": told(found.customer),
        "efforts": {
            each.name: {
                "by": each.written.by,
                "unit": str(each.written.unit),
                "years": {year: {"mean": told(of), "p10": low, "p90": high} for year, (of, low, high) in each.years.items()},
                "periods": [
                    {
                        "period": moment.period, "reached": moment.reached,
                        "alone": {driver: told(of) for driver, of in moment.alone.items()},
                        "worth": {driver: dict(zip(("p10", "p50", "p90"), of, strict=True)) for driver, of in moment.worth.items()},
                        "put_in": told(moment.put_in), "at_its_least": told(moment.idle), "at_its_most": told(moment.full),
                    }
                    for moment in each.moments
                ],
            }
            for each in found.efforts
        },
        "otherwise": [other(each) for each in found.others],
        "other_shares": [other(each) for each in found.shares],
    }  # fmt: skip
