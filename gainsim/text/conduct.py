"""Conduct in the terminal: how much effort there is, what it is worth month by month, and what another would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gainsim.analyses.conducted import Conducted, Moment, Other
from gainsim.analyses.conducted_words import amount, killed_words, plan_words, worth_words
from gainsim.measures import Estimate
from gainsim.put_in import PutIn
from gainsim.text.offer import heading, table
from gainsim.words import doubt, futures_of, percent, two_digits


def page(title: str, found: Mapping[str, Conducted]) -> str:
    """All that is told of the conduct of the offers of a file, side by side and one after another."""
    first = next(iter(found.values()))
    parts = [f"{title}\n{futures_of(first.paths, first.scenario.run)}, seed {first.seed}; ± is one standard error"]
    if len(found) > 1:
        parts.append(_section("Side by side, on the same futures", _side_by_side(found)))
    for name, each in found.items():
        if len(found) > 1:
            parts.append(f"Offer {name}\n{'=' * len(f'Offer {name}')}")
        parts += (part for part in _of_offer(each) if part not in parts)  # what columns mean is said once
    return "\n\n".join(parts)


def _of_offer(found: Conducted) -> Iterator[str]:
    for each in found.efforts:
        yield _section(f"{each.name}: how much is put in, {each.written.unit}, by year", f"{_years(each)}\n\n{plan_words(each)}")
        if each.name in found.moments:
            moments = found.moments[each.name]
            title = f"{each.name}: what is seen and done in the first {(each.written.over or '').replace('_', ' ')}"
            yield _section(title, f"{_moments(moments)}\n\n{killed_words(each, moments)}")
            yield worth_words(found, each)
    if not found.efforts:
        yield "Nobody answers results."
        return
    yield _section("What another effort would change, on the same futures", _others(found))
    if found.shares:
        yield _section("What effort answers, were all of the supplier's shares other", _shares(found))


def _section(title: str, body: str) -> str:
    return f"{heading(title)}\n{body}"


def _side_by_side(found: Mapping[str, Conducted]) -> str:
    names = list(dict.fromkeys(each.name for offer in found.values() for each in offer.efforts))
    customer = any(offer.customer is not None for offer in found.values())
    rows = []
    for name, offer in found.items():
        means = {each.name: (amount(each.mean.value), _doubt(each.mean)) for each in offer.efforts}
        efforts = (part for each in names for part in means.get(each, (".", "")))
        rows.append((name, *efforts, *_money(offer.supplier, offer.customer)))
    return table(rows, head=_head(names, customer, errors=True))


def _years(of: PutIn) -> str:
    rows = [(year, amount(each.value), _doubt(each), amount(low), amount(high)) for year, (each, low, high) in of.years.items()]
    if all(low == high for _, low, high in of.years.values()):
        return table([row[:2] for row in rows], head=("", "on every future"))
    return table(rows, head=("", "mean", "", "P10", "P90"))


def _moments(moments: Sequence[Moment]) -> str:
    drivers = list(moments[0].worth)
    prefixes = [f"{driver}: " if len(drivers) > 1 else "" for driver in drivers]
    worth = (f"{prefix}{what}" if what else "" for prefix in prefixes for what in ("alone", "", "worth P10", "P50", "P90"))
    rows = [
        (
            each.period, amount(each.reached),
            *(part for driver in drivers for part in (*_alone(each.alone[driver]), *map(amount, each.worth[driver]))),
            amount(each.put_in.value), _doubt(each.put_in), percent(each.idle.value), percent(each.full.value),
        )
        for each in moments
    ]  # fmt: skip
    return table(rows, head=["", "reached", *worth, "put in", "", "least", "most"])


def _alone(of: Estimate) -> tuple[str, str]:
    return amount(of.value), f"± {two_digits(of.standard_error)}" if of.standard_error > 0.0 else ""


def _others(found: Conducted) -> str:
    rows = [_as_it_is(found), *(_changed(found, each.what, each) for each in found.others)]
    return f"{_compared(found, rows)}\n\nMoney of all but the first row: differences from it. All other plans are as they are."


def _shares(found: Conducted) -> str:
    below, above = ([_changed(found, each.what, each) for times, each in found.shares.items() if (times < 1.0) == low]
                    for low in (True, False))  # fmt: skip
    rows = [*below, _as_it_is(found), *above]
    return f"{_compared(found, rows)}\n\nMoney of all but the row as it is: differences from it. No share is more than the whole."


def _compared(found: Conducted, rows: Sequence[Sequence[str]]) -> str:
    return table(rows, head=_head([each.name for each in found.efforts], found.customer is not None))


def _head(names: Sequence[str], customer: bool, errors: bool = False) -> list[str]:
    efforts = [part for name in names for part in ((f"{name}, mean", "") if errors else (f"{name}, mean",))]
    return ["", *efforts, "supplier's margin", "", *(["customer's net benefit", ""] if customer else [])]


def _as_it_is(found: Conducted) -> tuple[str, ...]:
    return ("as it is", *(amount(each.mean.value) for each in found.efforts), *_money(found.supplier, found.customer))


def _changed(found: Conducted, what: str, other: Other) -> tuple[str, ...]:
    efforts = (amount(other.found[each.name]) for each in found.efforts)
    return (what, *efforts, *_money(other.supplier, other.customer, sign="+"))


def _money(supplier: Estimate, customer: Estimate | None, sign: str = "") -> tuple[str, ...]:
    both = [supplier, *([customer] if customer is not None else [])]
    return tuple(part for each in both for part in (f"{each.value:{sign}z,.0f}", _doubt(each)))


def _doubt(of: Estimate) -> str:
    return doubt(of) if of.standard_error > 0.0 else ""
