"""The tables of whose risk an offer is: their rows as numbers, for who reckons on, and as they are told, for who reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gainsim.analyses.owners import MEASUREMENT, SHARE, Owners, Without
from gainsim.analyses.told import Row, Told
from gainsim.measures import Estimate
from gainsim.words import doubt, percent

#: what is a smaller part of the variance is the rounding of sums
_ROUNDING = 1e-12


class Line(NamedTuple):
    """A row.

    figures: one for each head behind the first; None where there is none
    apart:   whether its figures are what is added, or changed, and are told with their sign
    """

    name: str
    figures: tuple[Estimate | None, ...]
    apart: bool


@dataclass(frozen=True)
class Lines:
    """A table of figures, each with its standard error.

    head:   of the names, and of every figure with its unit
    shares: the columns of what is a part of one whole, and needs no sign
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[Line, ...]
    notes: tuple[str, ...]
    shares: tuple[int, ...] = ()

    def told(self) -> Told:
        """The same in words, each standard error beside its figure."""
        head = (self.head[0], *(part for each in self.head[1:] for part in (each, "")))
        return Told(self.name, self.title, head, [self._told(each) for each in self.rows], self.notes)

    def _told(self, line: Line) -> Row:
        signed = [line.apart and column not in self.shares for column in range(len(line.figures))]
        return (line.name, *(part for both in zip(line.figures, signed, strict=True) for part in _figure(*both)))


def owner_lines(found: Owners) -> list[Lines]:
    """Whose risk it is, and what it would be worth to be rid of it: to the supplier, and to the customer where its side is told."""
    some = next(iter(found.owners_without), None)
    theirs = [] if some is None or some.customer is None else [_worth_to_customer(found)]
    return [whose_risk(found), _worth_to_supplier(found, some is not None and some.certain is not None), *theirs]


def whose_risk(found: Owners) -> Lines:
    """From no driver that moves to the offer: what each owner's drivers add."""
    money = found.model.scenario.currency

    costly = found.whole["penalties"].value < 0.0  # else no term of it ever costs the supplier
    told = {what: title for what, title in _IN_MONEY.items() if costly or what != "penalties"}

    def line(name: str, of: Mapping[str, Estimate], apart: bool) -> Line:
        return Line(name, tuple(of.get(what) for what in (SHARE, "chance of loss", *told)), apart)

    rows = [line("no driver moves", found.none, False)]
    rows += [line(f"+ {each.owner}", each.parts, True) for each in found.parts]
    rows.append(line("= the offer", found.whole, False))
    notes = [
        "Every row adds what an owner's drivers bring in, in the mean over all orders in which the owners may come (Shapley); so "
        "the rows add up."
        + (" Terms below 0: what terms bring that cost the supplier over the contract." if costly else ""),
    ]
    if found.none["variance"].value > _ROUNDING * found.whole["variance"].value:
        notes.append(f"What is left where no driver moves is {luck(found)}.")
    notes += [f"{each.owner}: {', '.join(each.drivers)}" for each in found.parts if each.drivers]
    head = ("", SHARE, "chance of loss", *(f"{title}, {money}" for title in told.values()))
    title = "Whose risk it is: the net present value, by who controls what moves"
    return Lines("owners", title, head, tuple(rows), tuple(notes), shares=(0,))


def luck(found: Owners) -> str:
    """The chance that is left where no driver moves."""
    scenario = found.model.scenario
    decided = any(each.chance is not None for each in scenario.lifecycle.values())
    defaults = scenario.customer is not None and scenario.customer.credit is not None
    return " and ".join([*(["the chance of decisions"] if decided else []), *(["the customer's default"] if defaults else [])])


#: by what is split and is money: its head
_IN_MONEY = {"mean": "mean NPV", "mean of the worst 5%": "its worst 5%, mean", "penalties": "terms below 0"}


def _worth_to_supplier(found: Owners, certain: bool) -> Lines:
    money = found.model.scenario.currency
    notes = [
        "A positive figure is what the supplier could pay, on average or in the worst twentieth, to be as well off without that "
        "exposure: the price of guaranteeing it. Where it is negative, chance works for whoever has it.",
    ]
    head = ["standing at its central value", f"our NPV, {money}", f"its worst 5%, mean, {money}"]
    if certain:
        head.append(f"certainty equivalent, {money}")
        notes.append("At the risk aversion of the file it could pay what the certainty equivalent of its margin rises by.")
    rows = tuple(
        Line(name, (of.supplier, of.worst, *([of.certain] if certain else [])), True) for name, of in _standing(found)
    )
    return Lines("without", "What it would be worth to us to be rid of it", tuple(head), rows, tuple(notes))


def _worth_to_customer(found: Owners) -> Lines:
    money = found.model.scenario.currency
    notes = (
        "These figures are first those of an exclusion, where nobody bears the driver any more; bearing it, the "
        "customer makes good all that it does to our NPV, as an index would: on average it then has minus our first figure.",
    )
    head = (
        "standing at its central value", f"net benefit, discounted, {money}", f"its worst 5%, mean, {money}",
        f"the same, bearing it, {money}",
    )  # fmt: skip
    rows = tuple(Line(name, (of.customer, of.customer_worst, of.bearing), True) for name, of in _standing(found))
    return Lines("customer_without", "And to the customer", head, rows, notes)


def _standing(found: Owners) -> list[tuple[str, Without]]:
    owners = [(each.name if each.name == MEASUREMENT else f"all of {each.name}", each) for each in found.owners_without]
    return [*owners, *((f"  {each.name}", each) for each in found.drivers_without)]


def _figure(of: Estimate | None, signed: bool) -> tuple[str, str]:
    """A figure and its doubt; of a fraction what is added is told in points.

    >>> _figure(Estimate(-1_234.5, 67.0, "EUR"), True), _figure(Estimate(0.475, 0.02, "fraction"), False)
    (('-1,234', '± 67'), ('47.5%', '± 2.0 pp'))
    >>> _figure(Estimate(0.004, 0.0, "fraction"), True), _figure(None, True)
    (('+0.40 pp', ''), ('.', ''))
    """
    if of is None:
        return ".", ""
    error = doubt(of) if of.standard_error > 0.0 else ""
    if of.unit == "fraction":
        return f"{100.0 * of.value:+z.2f} pp" if signed else percent(of.value), error
    return f"{of.value:{'+' if signed else ''}z,.0f}", error
