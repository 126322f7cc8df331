"""What an offer rests on, as rows of words: drivers, values, what the parties decide, time and money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.driver_words import control_words, driver_words, link_words, number
from gainsim.clause_words.words import BY, label_of, name_of
from gainsim.offer.lifecycle import Decision
from gainsim.offer.measured import Measured
from gainsim.offer.ratchet import Ratchet
from gainsim.offer.scenario import Scenario
from gainsim.ops.tree import Node
from gainsim.summary import Summary
from gainsim.units import Unit
from gainsim.words import percent, unit_words

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DriverRow:
    """A driver: who controls it, its unit, how it moves, its central value."""

    name: str
    about: str
    control: str
    unit: str
    moves: str
    central: str


def driver_rows(summary: Summary) -> list[DriverRow]:
    """Every driver of the file."""
    rows = []
    for name, driver in summary.run.model.scenario.drivers.items():
        path = _central_path(summary, name)
        value = "" if path is None else _rounded(path[0], driver.unit)
        if path is not None and (path != path[0]).any():
            value = f"{value} at first, {_rounded(path[-1], driver.unit)} at the end"
        choice = str(driver.central) if isinstance(driver.central, str) else ""
        central = f"{choice}: {value}" if choice and value else value or choice
        unit, moves = unit_words(driver.unit), driver_words(driver)
        rows.append(DriverRow(name, driver.about or "", control_words(driver.control), unit, moves, central))
    return rows


def _central_path(summary: Summary, driver: str) -> Floats | None:
    """A driver's central values, (periods,), as the base case has them."""
    model = summary.base.model
    value = model.facts[driver].value if driver in model.facts else None
    if not isinstance(value, Node) or value.op != "param":
        return None
    return model.program.params[:, int(value.args[0])]


def _rounded(value: float, unit: Unit) -> str:
    return number(float(round(value) if abs(value) >= 1000 else value), unit)


def control_rows(scenario: Scenario) -> list[tuple[str, str]]:
    """Who controls what: each party's drivers, with its part where it is not all."""
    held: dict[str, list[str]] = {"supplier": [], "customer": [], "nobody": []}
    for name, driver in scenario.drivers.items():
        parts = {driver.control: 1.0} if isinstance(driver.control, str) else dict(driver.control)
        for party, part in parts.items():
            if part:
                held.setdefault(party, []).append(name if part == 1.0 else f"{name} ({100 * part:g}%)")
    return [(party, ", ".join(names) or "nothing") for party, names in held.items()]


def value_rows(scenario: Scenario) -> list[tuple[str, str]]:
    """The named values and their formulas, errors of measurement with them."""
    rows = []
    for name, written in scenario.value.items():
        if isinstance(written, Measured):
            rows.append((name, measured_words(written)))
        elif isinstance(written, Ratchet):
            moves = (
                f"the {written.keeps} of {written.ratchet.text}, {100 * written.by:g}% of the way each {written.every}"
            )
            rows.append((name, f"{written.start.text}, then {moves}"))
        else:
            rows.append((name, written.text))
    return rows


def decided_rows(scenario: Scenario) -> list[tuple[str, str, str]]:
    """What the parties decide and put in: its name, who does, and by which rule."""
    rows: list[tuple[str, str, str]] = [
        (name, each.by, "; ".join(f"{part}: {label_of(said)}" for part, said in decision_words(each)))
        for name, each in scenario.lifecycle.items()
    ]
    for name, effort in scenario.effort.items():
        plan = effort.plan if isinstance(effort.plan, str) else label_of(effort.plan.text)
        ends = f"from {effort.at_least:g} to {effort.at_most:g} {effort.unit}".rstrip()
        rows.append((name, effort.by, f"{ends}; plan: {plan}; costs {label_of(effort.cost.text)}"))
    return rows


def dependence_rows(scenario: Scenario) -> list[str]:
    """Which drivers move together, and how closely."""
    return [link_words(link) for link in scenario.dependence]


def setting_rows(summary: Summary) -> list[tuple[str, str]]:
    """Calendar, discount rate, currency, and what else the file says of money."""
    scenario = summary.run.model.scenario
    rate = ("Discount rate", str(scenario.money.discount_rate))
    return [*term_rows(summary), rate, ("Currency", scenario.currency), *money_rows(scenario)]


def term_rows(summary: Summary) -> list[tuple[str, str]]:
    """When the contract begins, how long it runs, and in what steps and years it counts."""
    calendar = summary.run.model.calendar
    written = summary.run.model.scenario.calendar
    count, step = (calendar.months // 12, "year") if calendar.months % 12 == 0 else (calendar.months, "month")
    stub = f", stub years {written.stub_years}" if written.stub_years else ""
    return [
        ("Contract", f"{count} {step}{'s' * (count != 1)} from {calendar.start:%Y-%m}"),
        ("Calendar", f"in steps of a {written.step}, {written.year} years{stub}"),
    ]


def assumed(summary: Summary) -> list[str]:
    """What is assumed of drivers, by what rule parties decide, what they may put in, what moves together: a sentence each."""
    scenario = summary.run.model.scenario
    drivers = [
        f"{name_of(row.name)}: {row.moves} ({f'{row.unit}; ' if row.unit != '1' else ''}controlled by {row.control})"
        for row in driver_rows(summary)
    ]
    decided = [f"{name_of(name)}, {BY[by]}: {rule}" for name, by, rule in decided_rows(scenario)]
    return [*drivers, *decided, *(f"together: {link}" for link in dependence_rows(scenario))]


def decision_words(written: Decision) -> list[tuple[str, str]]:
    """A decision as the file has it, part by part: when it is asked, and by what rule it comes out."""
    asked = f"every {written.every}".replace("_", " ") if written.every else f"after {', '.join(map(str, written.at or ()))}"
    bounds = [f"{word} {time}" for word, time in (("not before", written.first), ("not after", written.last)) if time is not None]
    parts = [("starts", written.starts.text), ("asked", ", ".join([asked, *bounds]))]
    parts += [("over", written.over.replace("_", " "))] if written.over else []
    keys = ("when", "chance", "weighs", "becomes", "otherwise")
    rule = ((key, getattr(written, key)) for key in keys)
    parts += [(key, formula.text) for key, formula in rule if formula is not None]
    return [*parts, *([("after", str(written.after))] if written.after is not None else [])]


def money_rows(scenario: Scenario) -> list[tuple[str, str]]:
    """Rates of exchange, tax, what advanced money costs, and how the customer pays, as far as the file speaks of them."""
    money, credit, late = scenario.money, scenario.customer.credit, scenario.customer.late
    rows = [(f"Rate of {currency}", name_of(name)) for currency, name in money.rates.items()]
    if money.tax is not None:
        rows.append(("Tax", f"{money.tax.rate.text} of a year's margin, losses {money.tax.losses}"))
    if money.working_capital is not None:
        rows.append(("Interest on working capital", str(money.working_capital)))
    if credit is not None:
        rows.append(("Customer's default", f"{credit.default.text} a year, recovery {100 * credit.recovery:g}%"))
    if late is not None:
        days = f"{late.days.text} days" if late.days.constant is not None else label_of(late.days.text)
        rows.append(("Customer pays late", f"by {days}, interest {late.interest}"))
    return rows


def measured_words(written: Measured) -> str:
    """A measured value: what it is, and what stands between it and what is read."""
    errors = []
    for name, error in written.errors.items():
        kind = "" if error.kind == "size" else f"{error.kind} "
        said = f"{name}: {kind}{error.amount.text}{' a year' if error.kind == 'drift' else ''}"
        said += f", drawn {error.drawn}" if error.drawn else ""
        said += f", autocorrelation {error.autocorrelation:g}" if error.autocorrelation else ""
        errors.append(said + (f", recalibrated every {error.recalibrated_every}" if error.recalibrated_every else ""))
    text = written.measure.text + (f", measured with the errors {'; '.join(errors)}" if errors else ", measured")
    if written.missing is not None:
        text += f"; a reading is missing with a chance of {percent(written.missing.chance)}, and filled: {written.missing.filled}"
    return text
