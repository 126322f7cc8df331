"""gainsim: simulate gain-share contracts.

>>> import gainsim
>>> offer = gainsim.load_text(gainsim.TEMPLATE)
>>> result = gainsim.simulate(offer, paths=2_000, seed=1)
>>> result.measures["npv"].unit
'EUR'
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "load": "gainsim.api",
    "load_text": "gainsim.api",
    "load_offers": "gainsim.api",
    "compare": "gainsim.api",
    "side_by_side": "gainsim.text.comparison",
    "simulate": "gainsim.api",
    "settle": "gainsim.api",
    "try_clause": "gainsim.clause",
    "base_case": "gainsim.api",
    "Offer": "gainsim.api",
    "Result": "gainsim.api",
    "TEMPLATE": "gainsim.scenario.template",
    "Estimate": "gainsim.measures",
    "Sample": "gainsim.measures",
    "GainsimError": "gainsim.errors",
    "ScenarioError": "gainsim.errors",
    "DataError": "gainsim.errors",
    "UsageError": "gainsim.errors",
    "ResourceError": "gainsim.errors",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `gainsim --version` imports nothing."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module 'gainsim' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
