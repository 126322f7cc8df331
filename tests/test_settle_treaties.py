"""Published settlements of loss-sensitive reinsurance, reproduced by `gainsim settle`; rates are parts of the premium.

The mathematics is that of gain shares: sliding scales and swing rates, participation bands and corridors, a profit
commission with its deficit carried forward. Rows that ask for an average are simulated: tests/test_reinsurance_rows.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.settled import Case, Row, Rows, compare, line, moved, of_row, paid, received
from tests.test_validation_rows import of_kind

FILE = "reinsurance_loss_sensitive"
#: kinds of rows that are settlements; of kinds that ask for an average, those at the mean loss ratio are settled as well
SETTLED = (
    "sliding_scale_commission",
    "swing_rate",
    "loss_participation_bands",
    "loss_corridor",
    "loss_participation_quota",
    "profit_commission_carryforward",
    "deficit_carryforward",
    "reinstatement_premium",
)
Facts = dict[str, Any]


def at_a_loss_ratio(inputs: Mapping[str, Any]) -> Facts:
    """Premium and losses as published, or the loss ratio on a premium of 1."""
    if "ceded_premium" in inputs:
        return {"premium": inputs["ceded_premium"], "losses": inputs["ceded_claims"]}
    return {"premium": 1, "losses": inputs["loss_ratio"]}


def at_mean_loss_ratio(row: Row) -> bool:
    """A row that puts the mean of its outcomes into the treaty."""
    return "E[LR])" in row["output"]


def at_the_mean(row: Row) -> Facts:
    """A scale at the mean loss ratio: what it would pay without chance."""
    return {"premium": 1, "losses": math.fsum(value * chance for value, chance in row["inputs"]["pmf"])}


def rate(row: Row, facts: Facts, found: Callable[..., float] = paid) -> Case:
    """A row that prints a part of the premium."""
    return of_row(row, facts, found, scale=facts["premium"])


# --- sliding scales and swing rates ----------------------------------------------------------------------------------

#: the points of a scale as the rows write them, whose contract is a file of its own
SCALES = {
    "sliding_scale_flat": "one ratio",
    "sliding_scale_two_points": "two ratios",
    "sliding_scale_jumps": "many ratios with jumps",
    "sliding_scale_steps": "steps only",
}
#: scales around a pivot: pivot, commission there, slope, lowest and highest commission
PIVOTS = {
    "pivot 30% at LR 60%, slope 1, min 25%, max 40%": (0.60, 0.30, 1, 0.25, 0.40),
    "Wisconsin 35% flat, 1/2 for 1 around 55%": (0.55, 0.35, 0.5, 0.30, 0.45),
    "lawinsider 24%..46%, 1:1 between 71% and 49%": (0.71, 0.24, 1, 0.24, 0.46),
    "25% at 75% LR, 1:1, max 35% at 65%, min 20% at 80%": (0.75, 0.25, 1, 0.20, 0.35),
}
PIVOT_FACTS = ("pivot_loss_ratio", "pivot_commission", "slope", "lowest_commission", "highest_commission")
(SLIDE,) = (name for name in PIVOTS if name.startswith("25% at"))


@pytest.mark.parametrize("contract", SCALES)
def test_sliding_scales_of_points(validation_rows: Rows, tmp_path: Path, contract: str) -> None:
    """Straight between points, flat outside; of two at one place the second holds."""
    rows = of_kind(validation_rows(FILE), "sliding_scale_commission")
    cases = [rate(row, at_a_loss_ratio(row["inputs"])) for row in rows if row["inputs"]["name"] == SCALES[contract]]
    compare(contract, cases, tmp_path, moving=moved(cases))


def test_sliding_scales_around_a_pivot(validation_rows: Rows, tmp_path: Path) -> None:
    rows = validation_rows(FILE)
    cases = [
        rate(row, at_a_loss_ratio(row["inputs"]) | dict(zip(PIVOT_FACTS, PIVOTS[row["inputs"]["name"]], strict=True)))
        for row in of_kind(rows, "sliding_scale_commission")
        if row["inputs"]["name"] not in SCALES.values()
    ]
    cases += [
        rate(row, at_the_mean(row) | dict(zip(PIVOT_FACTS, PIVOTS[SLIDE], strict=True)))
        for row in of_kind(rows, "three_provisions")
        if at_mean_loss_ratio(row) and row["inputs"]["slide"] in (SLIDE, "same")
    ]
    compare("sliding_scale_pivot", cases, tmp_path, moving=moved(cases))


def test_swing_rates(validation_rows: Rows, tmp_path: Path) -> None:
    def facts(inputs: Mapping[str, Any]) -> Facts:
        assert inputs["slope"] == "1:1"
        low, high = inputs["swing"]
        return {
            "subject_premium": 1,
            "losses": inputs["loss_ratio"],
            "provisional_rate": inputs["provisional"],
            "pivot_loss_ratio": inputs["pivot_lr"],
            "lowest_rate": low,
            "highest_rate": high,
        }

    cases = [of_row(row, facts(row["inputs"]), paid) for row in of_kind(validation_rows(FILE), "swing_rate")]
    compare("swing_rate", cases, tmp_path, moving=moved(cases))


# --- participation and corridors -------------------------------------------------------------------------------------

#: where each range begins, and what the cedant bears in it
PARTICIPATIONS: dict[str, tuple[Sequence[float], Sequence[float]]] = {
    "loss_participation_from_0": ([0, 0.6, 0.7, 0.8], [1, 0.5, 0.5, 1]),
    "loss_participation_from_20": ([0.2, 0.6, 0.7, 0.8], [1, 0.5, 0.5, 1]),
    "loss_participation_half": ([0], [0.5]),
}


def bands(row: Row) -> tuple[Sequence[float], Sequence[float]]:
    return row["inputs"]["band_starts"], row["inputs"]["cedant_share"]


@pytest.mark.parametrize("contract", PARTICIPATIONS)
def test_loss_participation(validation_rows: Rows, tmp_path: Path, contract: str) -> None:
    """What the cedant bears of the losses."""
    rows = of_kind(validation_rows(FILE), "loss_participation_bands")
    assert all(bands(row) in PARTICIPATIONS.values() for row in rows)
    cases = [
        rate(row, at_a_loss_ratio(row["inputs"]), received) for row in rows if bands(row) == PARTICIPATIONS[contract]
    ]
    compare(contract, cases, tmp_path, moving=moved(cases))


def test_loss_corridors(validation_rows: Rows, tmp_path: Path) -> None:
    """What the reinsurer still bears."""
    rows = validation_rows(FILE)

    def facts(inputs: Mapping[str, Any]) -> Facts:
        low, high = inputs["corridor"]
        return {"corridor_from": low, "corridor_to": high, "cedant_share": inputs["cedant_share"]}

    cases = [
        rate(row, at_a_loss_ratio(row["inputs"]) | facts(row["inputs"]), received)
        for row in of_kind(rows, "loss_corridor")
    ]
    cases += [
        rate(row, at_the_mean(row) | facts(row["inputs"]), received)
        for row in of_kind(rows, "loss_corridor_expected")
        if at_mean_loss_ratio(row)
    ]
    compare("loss_corridor", cases, tmp_path, moving=moved(cases))


def test_quota_less_participation(validation_rows: Rows, tmp_path: Path) -> None:
    def facts(inputs: Mapping[str, Any]) -> Facts:
        low, high = inputs["corridor"]
        return {
            "quota": inputs["quota"],
            "range_from": low,
            "range_to": high,
            "cedant_keeps": inputs["cedant_keeps"],
        }

    cases = [
        rate(row, at_a_loss_ratio(row["inputs"]) | facts(row["inputs"]))
        for row in of_kind(validation_rows(FILE), "loss_participation_quota")
    ]
    compare("quota_less_participation", cases, tmp_path, moving=moved(cases))


# --- profit commissions, what is carried, reinstatement --------------------------------------------------------------


def test_profit_commissions(validation_rows: Rows, tmp_path: Path) -> None:
    """The deficit of the first year is set against the profit of the second; and one year at its mean loss."""
    rows = validation_rows(FILE)

    def terms(inputs: Mapping[str, Any]) -> Facts:
        return {
            "ceding_commission": inputs["ceding"],
            "reinsurer_margin": inputs["margin"],
            "commission_share": inputs["share"],
        }

    def years(inputs: Mapping[str, Any]) -> Facts:
        losses = [ratio * premium for ratio, premium in zip(inputs["loss_ratio"], inputs["premium"], strict=True)]
        return {"premium": inputs["premium"], "losses": losses}

    second = line("profit_commission.share above", 1)
    cases = [
        of_row(row, years(row["inputs"]) | terms(row["inputs"]), second)
        for row in of_kind(rows, "profit_commission_carryforward")
    ]
    cases += [
        rate(row, at_the_mean(row) | terms(row["inputs"]))
        for row in of_kind(rows, "profit_commission_expected")
        if at_mean_loss_ratio(row)
    ]
    compare("profit_commission", cases, tmp_path, moving=moved(cases))


def test_losses_carried_forward(validation_rows: Rows, tmp_path: Path) -> None:
    """What meets the next year, in which there are no losses of its own; then the money is what the carry leaves."""

    def facts(inputs: Mapping[str, Any]) -> Facts:
        return {
            "premium": [1, 1],
            "losses": [inputs["loss_ratio"], 0],
            "threshold": inputs["threshold"],
            "most_carried": inputs["max_carry"],
        }

    carried = line("commission.carry", 1)
    cases = [
        of_row(row, facts(row["inputs"]), lambda account: -carried(account))
        for row in of_kind(validation_rows(FILE), "deficit_carryforward")
    ]
    compare("loss_carried_forward", cases, tmp_path, moving=len(cases))


def test_reinstatement_premiums(validation_rows: Rows, tmp_path: Path) -> None:
    def facts(inputs: Mapping[str, Any]) -> Facts:
        same = {name: inputs[name] for name in ("loss", "layer", "premium", "reinstatements")}
        return same | {"reinstatement_rate": inputs["pct"]}

    cases = [of_row(row, facts(row["inputs"]), paid) for row in of_kind(validation_rows(FILE), "reinstatement_premium")]
    compare("reinstatement_premium", cases, tmp_path, moving=moved(cases))
