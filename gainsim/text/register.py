"""A risk register in words, and as drivers and costs of a scenario."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gainsim.contingency import SHOWN, Contingency
from gainsim.measures import Estimate
from gainsim.numbers import number_text
from gainsim.register import Impact, Risk
from gainsim.text.offer import amount, heading, table
from gainsim.words import counted, doubt, share

SCHEMA = "gainsim/risks/1"


def page(found: Contingency, currency: str) -> str:
    """The register as a table, dearest first, and what it comes to."""
    money = [risk for risk in found.risks if not risk.hits]
    moved = [risk for risk in found.risks if risk.hits]
    count = counted(len(found.risks), "risk")
    parts = [f"{count}, {found.paths:,} futures, seed {found.seed}; ± is one standard error"]
    if money:
        rows = [_row(risk) for risk in sorted(money, key=lambda risk: -risk.before.expected)]
        parts += [f"{heading(f'Risks that cost money, {currency}')}\n{table(rows, head=_HEAD, left=(0, 1, 2))}"]
        parts += [_together(found, currency)]
    if moved:
        rows = [_moving(risk) for risk in moved]
        head = ("risk", "owner", "moves", "chance", "after", "if it comes")
        parts += [f"{heading('Risks that move a driver')}\n{table(rows, head=head, left=(0, 1, 2))}"]
        parts.append("What these cost is known in a scenario: write them into one with --out.")
    return "\n\n".join(parts)


_HEAD = ("risk", "owner", "control", "chance", "if it comes", "expected", "after", "expected", "costs", "is worth")


def _row(risk: Risk) -> tuple[str, ...]:
    saved = risk.before.expected - risk.after.expected - risk.mitigation_cost
    done = bool(risk.mitigation)
    return (
        risk.title, risk.owner, risk.control,
        share(risk.before.probability), amount(_mean(risk.before)), amount(risk.before.expected),
        share(risk.after.probability) if done else "", amount(risk.after.expected) if done else "",
        amount(risk.mitigation_cost) if done else "", amount(saved) if done else "",
    )  # fmt: skip


def _moving(risk: Risk) -> tuple[str, ...]:
    after = share(risk.after.probability) if risk.mitigation else ""
    return risk.title, risk.owner, risk.hits, share(risk.before.probability), after, f"{100 * _mean(risk.before):+.0f}%"


def _mean(impact: Impact) -> float:
    """The mean of a PERT distribution: what the risk costs if it comes."""
    return (impact.low + 4.0 * impact.likely + impact.high) / 6.0


def _together(found: Contingency, currency: str) -> str:
    rows: list[tuple[str, ...]] = [("expected", amount(found.before.exact), "", amount(found.after.exact), "")]
    for name in SHOWN:
        parts = [part for totals in (found.before, found.after) for part in _estimated(totals.quantiles[name])]
        rows.append((name.upper(), *parts))
    measures = any(risk.mitigation and not risk.hits for risk in found.risks)
    if measures:
        rows.append(("cost of the measures", "", "", amount(found.spent), ""))
    said = table(rows, head=(f"all of them, {currency}", "before", "", "after", ""))
    saved = found.before.exact - found.after.exact - found.spent
    verdict = "are worth their cost" if saved > 0.0 else "cost more than they save"
    p80_before, p80_after = (totals.quantiles["p80"].value for totals in (found.before, found.after))
    suffices = f"A contingency of {_whole(p80_before)} {currency} suffices in eight futures of ten"
    if p80_before == 0.0:
        suffices = "Eight futures of ten need no contingency: in them nothing comes"
    if not measures:
        return f"{said}\n\n{suffices}."
    way = "less" if found.relief.value < 0.0 else "more"
    change = f", which is {amount(abs(found.relief.value))} {way} ({doubt(found.relief)})"
    return (
        f"{said}\n\n"
        f"{suffices}; after the measures {_whole(p80_after)}{change if found.relief.value else ''}.\n"
        f"On average the measures {verdict}: {_whole(saved)} {currency} a contract."
    )


def _whole(money: float) -> str:
    """An amount in a sentence."""
    return f"{money:z,.0f}"


def _estimated(found: Estimate) -> tuple[str, str]:
    """A figure and its doubt; in most futures nothing happens at all."""
    return ("0", "") if found.value == 0.0 else (amount(found.value), doubt(found))


def as_json(found: Contingency, currency: str) -> str:
    """The same for machines."""

    def impact(of: Impact) -> dict[str, float]:
        return {"probability": of.probability, "low": of.low, "likely": of.likely, "high": of.high, "expected": of.expected}

    def totals(of: Any) -> dict[str, Any]:
        shown = {name: {"value": q.value, "standard_error": q.standard_error} for name, q in of.quantiles.items()}
        return {"expected": of.exact, **shown}

    risks = [
        {
            "risk": risk.title, "driver": risk.name, "owner": risk.owner, "control": risk.control, "hits": risk.hits,
            "before": impact(risk.before), "after": impact(risk.after), "mitigation": risk.mitigation,
            "mitigation_cost": risk.mitigation_cost,
        }
        for risk in found.risks
    ]  # fmt: skip
    relief = {"value": found.relief.value, "standard_error": found.relief.standard_error}
    return json.dumps(
        {
            "schema": SCHEMA, "currency": currency, "paths": found.paths, "seed": found.seed, "risks": risks,
            "before": totals(found.before), "after": totals(found.after), "mitigation_cost": found.spent, "p80_relief": relief,
        },
        indent=2, ensure_ascii=False,
    )  # fmt: skip


def fragment(risks: Sequence[Risk], currency: str, *, mitigated: bool) -> str:
    """The register as drivers and costs of a scenario, ready to paste: each risk an event."""
    lines = ["# from a risk register" + (", after what is done about it" if mitigated else ""), "drivers:"]
    for risk in risks:
        lines += _driver(risk, risk.after if mitigated else risk.before, currency)
    costs = [f"  cost_of_{risk.name}: {{ amount: {risk.name} }}" for risk in risks if not risk.hits]
    if mitigated:
        costs += [
            f"  measures_for_{risk.name}: {{ amount: {_number(risk.mitigation_cost)}, at: start }}"
            for risk in risks
            if risk.mitigation_cost
        ]
    return "\n".join([*lines, *(["costs:", *costs] if costs else [])]) + "\n"


def _number(value: float) -> str:
    """A number as a scenario has it, with _ between thousands."""
    return f"{int(value):_}" if value == int(value) else number_text(value)


def _driver(risk: Risk, impact: Impact, currency: str) -> list[str]:
    n = _number
    size = f"{{ pert: {{ low: {n(impact.low)}, mode: {n(impact.likely)}, high: {n(impact.high)} }} }}"
    size = n(impact.likely) if impact.low == impact.high else size
    if risk.last > risk.first:
        months = f"{{ uniform: {{ low: {n(risk.first)}, high: {n(risk.last)} }} }}"
    else:
        months = f"{{ discrete: [{{ value: {n(risk.first)}, chance: 1 }}] }}"
    lasts = "1 month" if not risk.hits else "for good" if risk.lasts is None else f"{risk.lasts} months"
    hits = f", hits: {{ {risk.hits}: 1 }}" if risk.hits else ""
    return [
        f"  {risk.name}:",
        f"    about: {json.dumps(risk.title + (f' ({risk.owner})' if risk.owner else ''), ensure_ascii=False)}",
        f"    unit: {f'fraction of {risk.hits}' if risk.hits else f'{currency}/month'}",
        f"    control: {risk.control}",
        "    central: mean",
        f"    event: {{ chance: {n(impact.probability)}, months: {months}, size: {size}, lasts: {lasts}{hits} }}",
    ]
