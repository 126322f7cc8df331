"""What people call the terms of a contract: words that are no term here, and the terms that are meant by them."""

from __future__ import annotations

_CALLED = {
    ("sharing",): "gain_share gainshare gain_sharing pain_share pain_gain revenue_share profit_share profit_sharing "
    "saving_share savings_share shared_savings success_fee",
    ("fee",): "base_fee fixed_fee monthly_fee retainer price",
    ("payment",): "bonus",
    ("payment", "service_credits"): "malus bonus_malus",
    ("service_credits", "delay_damages"): "penalty penalties",
    ("service_levels", "service_credits"): "sla slas kpi kpis service_level",
    ("liability_limit", "common_limit"): "cap limit",
    ("liability_limit",): "liability liability_cap cap_on_liability",
    ("delay_damages",): "liquidated_damages late_damages",
    ("volume_charge",): "unit_price per_unit price_per_unit pay_per_use usage_fee volume_fee",
    ("difference_payment",): "cfd contract_for_difference swap",
    ("minimum_revenue",): "minimum_fee revenue_guarantee",
    ("retention",): "holdback hold_back",
    ("target_cost",): "target_price cost_plus incentive_fee",
    ("termination",): "exit break_clause",
    ("subcontract",): "subcontractor",
    ("insurance",): "reinsurance",
    ("alliance_split",): "alliance consortium",
}  # fmt: skip
_TERMS = {word: terms for terms, words in _CALLED.items() for word in words.split()}


def terms_called(word: str) -> tuple[str, ...]:
    """The terms that people call by a word; none where no term is, or which one is not clear.

    >>> terms_called("gain share"), terms_called("SLA"), terms_called("fee")
    (('sharing',), ('service_levels', 'service_credits'), ())
    """
    return _TERMS.get(word.lower().replace(" ", "_").replace("-", "_"), ())
