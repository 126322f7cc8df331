"""How amounts of pictures and wide tables read, and names: measures, limits, clauses, drivers."""

from __future__ import annotations

import re

from gainsim.judging import Judgement
from gainsim.ledger import Line

# --- figures ---------------------------------------------------------------------------------------------------------


def whole(value: float) -> str:
    """An amount in a wide table: no decimals, no unit.

    >>> whole(1_234_567.8), whole(-3e-10)
    ('1,234,568', '0')
    """
    return f"{value:z,.0f}"


#: what pictures measure money in
SCALES = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))


def short(value: float) -> str:
    """An amount to three significant digits, as pictures label it.

    >>> short(475_330.0), short(-16_893.3), short(1_234_567.0), short(0.0), short(12.34)
    ('475k', '-16.9k', '1.23m', '0', '12.3')
    """
    if not value or abs(value) < 0.005:
        return "0"
    rounded = float(f"{value:.3g}")
    for scale, suffix in SCALES:
        if abs(rounded) >= scale:
            return f"{float(f'{rounded / scale:.3g}'):g}{suffix}"
    return f"{rounded:g}"


# --- measures and limits ---------------------------------------------------------------------------------------------

_MEASURES = {
    "expected_revenue": "Revenue",
    "committed_revenue": "of which committed by the contract",
    "expected_variable_revenue": "of which depends on results",
    "expected_cost": "Cost, capital written down included",
    "expected_from_parties": "From further parties",
    "expected_tax": "Tax",
    "margin_after_tax": "Margin after tax",
    "npv_after_tax": "NPV after tax",
    "working_capital_cost": "Interest on working capital",
    "direct_cost": "Cost before overhead and capital",
    "overhead_cost": "Overhead",
    "capital_cost": "Capital written down",
    "contribution": "Contribution",
    "margin_after_overhead": "Margin after overhead",
    "margin_after_capital": "Margin after capital",
    "margin_money": "Margin",
    "certainty_equivalent": "Certainty equivalent of the margin",
    "after_first_deal": "Of the revenue, after the first deal",
    "contribution_after_first_deal": "Of the contribution, after the first deal",
    "expected_margin": "Expected margin",
    "expected_margin_after_overhead": "Expected margin after overhead",
    "expected_margin_after_capital": "Expected margin after capital",
    "npv": "NPV, mean",
    "npv_p5": "NPV, P5",
    "npv_p50": "NPV, P50 (median)",
    "npv_p95": "NPV, P95",
    "chance_of_loss": "Chance of a loss",
    "chance_of_loss_margin": "Chance of a loss by margin after capital",
    "irr": "Internal rate of return of the expected cash",
    "payback": "Payback, median path",
    "cash_trough": "Deepest point of cumulative cash, mean",
    "cash_trough_p5": "Deepest point of cumulative cash, P5",
    "tcv": "Total contract value (committed)",
    "acv": "Annual contract value (committed)",
    "customer_net_benefit": "Customer's net benefit, mean",
    "customer_npv": "Customer's net benefit, discounted, mean",
    "customer_chance_of_regret": "Chance that the customer is worse off",
    "customer_chance_over_budget": "Chance that it pays more than its budget in some year",
    "value_created": "Value created, both sides together",
    "customer_share_of_value": "The customer's part of it",
    "measurement_in_margin": "Of the margin, by errors of measurement",
    "measurement_in_benefit": "Of the benefit, by errors of measurement",
}


_LEVELLED = re.compile(r"(c?var)_(\d\d)$")


def measure_words(name: str) -> str:
    """A measure as a reader calls it.

    >>> measure_words("cvar_95"), measure_words("npv_p5"), measure_words("something_new")
    ('Mean of the worst 5% (CVaR 95)', 'NPV, P5', 'something new')
    """
    if found := _LEVELLED.match(name):
        worst = f"the worst {100 - int(found[2])}%"
        return f"Mean of {worst} (CVaR {found[2]})" if found[1] == "cvar" else f"Edge of {worst} (VaR {found[2]})"
    return _MEASURES.get(name, name.replace("_", " "))


_BASIS = {"npv": "by NPV", "margin": "by margin after capital"}
_LAYER = {"contribution": "before overhead and capital", "overhead": "after overhead", "capital": "after capital"}


def limit_words(judged: Judgement) -> str:
    """A limit of the house as a rule: "Expected margin (before overhead and capital): at least 14%"."""
    limit = judged.limit
    parts = [_BASIS[limit.basis] if limit.basis else "", _LAYER[limit.layer] if limit.layer else ""]
    name, _, inside = measure_words(judged.name).partition(" (")
    extra = ", ".join(part for part in (inside.rstrip(")"), *parts) if part)
    return f"{name}{f' ({extra})' if extra else ''}: {judged.allowed}"


# --- names -----------------------------------------------------------------------------------------------------------


def name_words(name: str) -> str:
    """A name of the file with spaces, its numbers with thousands separators.

    >>> name_words("gain_share"), name_words("share up to 50_000")
    ('gain share', 'share up to 50,000')
    """
    return re.sub(r"(?<=\d)_(?=\d)", ",", name).replace("_", " ")


def line_words(line: Line, longest: int = 10_000) -> str:
    """A line of the ledger: the term and its step. The name of the term is cut to fit: steps tell its lines apart."""
    term, step = name_words(line.group), f": {name_words(line.step)}" if line.step else ""
    room = max(longest - len(step), 8)
    return (term if len(term) <= room else f"{term[: room - 1].rstrip()}…") + step
