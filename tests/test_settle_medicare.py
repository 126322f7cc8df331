"""Medicare shared savings: published settlements of 2014 to 2016, and the later tracks by hand, by `gainsim settle`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.settled import CONTRACTS, Case, Row, Rows, binding, compare, hold, moved, paid

TRACKS = {"1": "mssp_track_1", "2": "mssp_track_2", "3": "mssp_track_3"}
#: what each track's contract asks for besides; the agreement's year is not published, and no loss comes near its limit
BESIDES: dict[str, dict[str, Any]] = {"1": {}, "2": {"agreement_year": 3}, "3": {}}


def _shared_savings(row: Row, track: str, rate: Mapping[str, Any]) -> Case:
    facts = {
        "benchmark": row["benchmark"],
        "expenditure": row["expenditure"],
        "final_sharing_rate": row["final_share"],
        **rate,
        **BESIDES[track],
    }
    return Case(f"{row['aco_id']} {row['py']}", facts, float(row["earn"]), float(row["tol_abs"]), paid)


@pytest.mark.parametrize(("track", "moving", "losses", "capped"), [("1", 321, 0, 1), ("2", 9, 0, 0), ("3", 13, 4, 0)])
def test_medicare_shared_savings(
    validation_rows: Rows, tmp_path: Path, track: str, moving: int, losses: int, capped: int
) -> None:
    """At the minimum rate that was published."""
    rows = [row for row in validation_rows("mssp_real_rows") if row["track"] == track]
    cases = [_shared_savings(row, track, {"minimum_savings_rate": row["msr"]}) for row in rows]
    accounts = compare(TRACKS[track], cases, tmp_path, moving=moved(cases))
    assert moved(cases) >= moving
    assert sum(account["paid"] < 0.0 for account in accounts.values()) == sum(case.expected < 0.0 for case in cases) >= losses
    assert binding(accounts, "shared_savings.cap") >= capped
    assert binding(accounts, "shared_savings.floor") == 0


def test_minimum_savings_rate_by_size(validation_rows: Rows, tmp_path: Path) -> None:
    """The table of the contract gives the rate that was published: the same money follows from the beneficiaries."""
    rows = [row for row in validation_rows("mssp_real_rows") if row["track"] == "1"]
    cases = [_shared_savings(row, "1", {"beneficiaries": row["n_ab"]}) for row in rows]
    compare("mssp_track_1", cases, tmp_path, moving=moved(cases))
    assert moved(cases) >= 321


@pytest.mark.parametrize("contract", ["mssp_track_1", "mssp_basic_a_b"])
def test_minimum_savings_rate_at_the_ends_of_its_bands(validation_rows: Rows, tmp_path: Path, contract: str) -> None:
    """Savings of just the rate of the published table are shared, one hundredth of a percent less is not."""
    ends = {
        int(size): float(rate)
        for row in validation_rows("mssp_msr_table")
        for size, rate in ((row["n_low"], row["msr_at_low"]), (row["n_high"], row["msr_at_high"]))
    }
    for below, pays in ((0.0, True), (0.0001, False)):
        cases = [
            Case(
                f"{size}",
                {
                    "benchmark": 1e6,
                    "expenditure": round(1e6 * (1.0 - rate + below), 4),
                    "beneficiaries": size,
                    "final_sharing_rate": 0.5,
                },
                0.98 * 0.5 * 1e6 * rate if pays else 0.0,
                1e-6,
                paid,
            )
            for size, rate in ends.items()
        ]
        hold(contract, cases, tmp_path)


#: the later tracks, by hand from the published rules: benchmark 100m, expenditure in millions, further facts, millions
LATER: dict[str, list[tuple[float, Mapping[str, Any], float]]] = {
    "mssp_basic_a_b": [
        (95, {"final_sharing_rate": 0.38}, 1.862),  # 98% of 38% of 5m
        (97.1, {"final_sharing_rate": 0.38}, 0),  # 2.9% is less than the 3% of 10,000 beneficiaries
        (60, {"final_sharing_rate": 0.4}, 10),  # 15.68m is more than 10% of the benchmark
        (110, {"final_sharing_rate": 0.38}, 0),
    ],
    "mssp_basic_c": [
        (98, {"final_sharing_rate": 0.5}, 0.98),
        (101.9, {"participant_revenue": 40e6}, 0),  # 1.9% is less than 2%
        (102, {"participant_revenue": 40e6}, -0.6),
        (104, {"participant_revenue": 40e6}, -0.8),  # 30% of 4m; 2% of the revenue is less than 1% of the benchmark
        (104, {"participant_revenue": 90e6}, -1),
    ],
    "mssp_basic_d": [
        (104, {"participant_revenue": 40e6}, -1.2),
        (110, {"participant_revenue": 40e6}, -1.6),
        (110, {"participant_revenue": 90e6}, -2),
        (104, {"participant_revenue": 40e6, "disaster_adjustment": 0.2e6}, -1),  # before the limit
        (110, {"participant_revenue": 40e6, "disaster_adjustment": 0.2e6}, -1.6),
        (102, {"participant_revenue": 40e6, "disaster_adjustment": 0.7e6}, 0),
    ],
    "mssp_basic_e": [
        (104, {"participant_revenue": 40e6}, -1.2),
        (120, {"participant_revenue": 40e6}, -3.2),
        (120, {"participant_revenue": 90e6}, -4),
    ],
    "mssp_enhanced": [
        (96, {"quality_score": 1, "final_sharing_rate": 0.75}, 2.94),
        (60, {"quality_score": 1, "final_sharing_rate": 0.75}, 20),
        (104, {"quality_score": 1}, -1.6),  # 25% by the score, never below 40%
        (104, {"quality_score": 0.6}, -2.2),  # 1 - 75% of 60% is 55%
        (104, {"quality_score": 0}, -3),  # never above 75%
        (130, {"quality_score": 0}, -15),
    ],
    "mssp_track_2": [
        (110, {"agreement_year": year, "final_sharing_rate": 0.3}, -most)
        for year, most in ((1, 5), (2, 6), (3, 6))  # 60% of 10m is 6m, within 7.5% and 10%
    ],
}


@pytest.mark.parametrize("contract", LATER)
def test_tracks_by_hand(tmp_path: Path, contract: str) -> None:
    """Tracks of which no settlement is at hand, and limits that none has reached: reckoned by hand from the rule."""
    known = (CONTRACTS / f"{contract}.yaml").read_text(encoding="utf-8")
    usual = {"minimum_savings_rate": 0.02, "participant_revenue": 40e6, "disaster_adjustment": 0, "quality_score": 1}
    if "beneficiaries:" in known:
        usual = {"beneficiaries": 10_000}
    cases = [
        Case(
            f"{number}",
            {
                "benchmark": 100e6,
                "expenditure": spent * 1e6,
                "final_sharing_rate": 0,
                **{name: fact for name, fact in usual.items() if f"  {name}:" in known},
                **besides,
            },
            millions * 1e6,
            1e-6,
            paid,
        )
        for number, (spent, besides, millions) in enumerate(LATER[contract])
    ]
    hold(contract, cases, tmp_path)
