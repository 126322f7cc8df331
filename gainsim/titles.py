"""How measures are called where people read them."""

from __future__ import annotations

#: by the name of a measure; what is indented is a part of what stands above it
TITLES = {
    "expected_revenue": "revenue",
    "committed_revenue": "  committed",
    "expected_variable_revenue": "  variable",
    "after_first_deal": "  after the first deal / all",
    "expected_from_parties": "from further parties",
    "direct_cost": "cost before overhead and capital",
    "contribution": "contribution",
    "contribution_after_first_deal": "  after the first deal / all",
    "overhead_cost": "overhead",
    "margin_after_overhead": "margin after overhead",
    "capital_cost": "capital written down",
    "margin_after_capital": "margin after capital",
    "measurement_in_margin": "  by errors of measurement",
    "expected_tax": "tax",
    "margin_after_tax": "margin after tax",
    "certainty_equivalent": "certainty equivalent of the margin",
    "expected_margin": "contribution / revenue",
    "expected_margin_after_overhead": "after overhead / revenue",
    "expected_margin_after_capital": "after capital / revenue",
    "npv": "net present value",
    "npv_p5": "  P5",
    "npv_p50": "  P50",
    "npv_p95": "  P95",
    "npv_after_tax": "  after tax",
    "cvar_95": "mean of the worst 5%",
    "chance_of_loss": "chance of loss (NPV below 0)",
    "irr": "internal rate of return",
    "payback": "payback, median",
    "cash_trough": "deepest cash trough, mean",
    "working_capital_cost": "interest on working capital",
    "tcv": "total contract value, committed",
    "acv": "annual contract value",
    "customer_net_benefit": "customer's net benefit",
    "customer_npv": "  discounted",
    "measurement_in_benefit": "  by errors of measurement",
    "customer_chance_of_regret": "customer worse off",
}


def title(measure: str) -> str:
    """What a measure is called where it stands alone: a part with what it is a part of.

    >>> title("npv"), title("customer_npv"), title("npv_p5"), title("cvar_99")
    ('net present value', "customer's net benefit, discounted", 'net present value, P5', 'cvar_99')
    """
    whole = ""
    for name, said in TITLES.items():
        whole = whole if said.startswith(" ") else said
        if name == measure:
            return said if whole == said else f"{whole}, {said.strip()}"
    return measure
