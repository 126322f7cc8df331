"""Drivers in words: what the report says of each kind."""

from __future__ import annotations

from typing import Any

import pytest

from gainsim.analyses.driver_words import driver_words
from gainsim.offer.drivers import Driver

_REVERTS: dict[str, Any] = {"start": 0.8, "mean": 0.9, "half_life": "6 months"}


@pytest.mark.parametrize(
    ("kind", "written", "said"),
    [
        ("mean_reverting", {**_REVERTS, "of": "share", "volatility": "40% pa"}, "starts at 80%, long-run median 90%"),
        ("mean_reverting", {**_REVERTS, "of": "log", "volatility": "40% pa"}, "long-run median 90%"),
        ("mean_reverting", {**_REVERTS, "of": "price", "volatility": "40% pa"}, "long-run mean 90%"),
        ("garch", {"step": "month", "start": 9, "drift": {"normal": {"mean": "2%", "sd": "1%"}}, "volatility": "20% pa",
                   "reaction": 0.1, "persistence": 0.8}, "drift uncertain (normal: mean 2%, standard deviation 1%)"),
        ("garch", {"step": "month", "start": 9, "drift": ["3% pa", "1% pa"], "volatility": ["30% pa", "20% pa"],
                   "reaction": [0.3, 0.1], "persistence": [0.5, 0.8]},
         "drift one of 2 from 1% pa to 3% pa, long-run volatility one of 2 from 20% pa to 30% pa, reaction one of 2"),
        ("regime_switching", {"step": "month", "start": 9, "starts_in": "a", "regimes": {
            "a": {"drift": "1% pa", "volatility": "9% pa", "leaves": {"b": ["10%", "5%"]}},
            "b": {"drift": "1% pa", "volatility": "30% pa", "leaves": {"a": "20%"}}}},
         "leaves with one of 2 from 5% to 10% a month"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_driver(kind: str, written: dict[str, Any], said: str) -> None:
    driver = Driver.model_validate({"unit": "fraction", "control": "nobody", "central": "mean", kind: written})
    assert said in driver_words(driver)
