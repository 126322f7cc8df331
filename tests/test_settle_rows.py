"""Published settlements, reproduced by `gainsim settle`: differences, incentives, share ranges, service credits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.settled import (
    CONTRACTS,
    NO_LIMIT,
    PAGE,
    Account,
    Case,
    Row,
    Rows,
    binding,
    compare,
    line,
    moved,
    of_row,
    paid,
    received,
)

# --- contracts for difference ------------------------------------------------------------------------------------------


def test_contracts_for_difference(validation_rows: Rows, tmp_path: Path) -> None:
    rows = validation_rows("cfd_settlement_rows")
    cases = [
        Case(
            f"{row['cfd_id']} {row['settlement_date']}",
            {
                "generation": row["generation_mwh"],
                "strike_price": row["strike"],
                # a day without generation has no weighted price
                "reference_price": row["mrp"]
                if row["reference_type"] == "BMRP"
                else row["weighted_imrp"] or row["mrp"],
            },
            float(row["payment_gbp"]),
            float(row["tol_abs"]),
            paid,
        )
        for row in rows
    ]
    accounts = compare("contract_for_difference", cases, tmp_path, moving=moved(cases))
    assert sum(account["paid"] < 0.0 for account in accounts.values()) >= 116


# --- US incentive contracts --------------------------------------------------------------------------------------------


def _profit(account: Account) -> float:
    """What the price leaves of the cost."""
    return paid(account) - line("price.cost")(account)


def _incentive(row: Row, limits: Mapping[str, Any], profit: str) -> Case:
    """A contract with its own targets and shares; at its target cost where the row names no other."""
    inputs = row["inputs"]
    over = inputs["gov_share_over"]
    facts = {
        "actual_cost": inputs.get("actual_cost", inputs["target_cost"]), "target_cost": inputs["target_cost"],
        f"target_{profit}": inputs[f"target_{profit}"],
        "supplier_share_under": round(1.0 - inputs.get("gov_share_under", over), 12),
        "supplier_share_over": round(1.0 - over, 12), **limits,
    }  # fmt: skip
    read = {"price": paid, "PTA": line("price.point_of_total_assumption")}
    return of_row(row, facts, read.get(row["output"], _profit))


def _limit(written: float | None, otherwise: float) -> float:
    """A limit that the contract may not have."""
    return otherwise if written is None else written


def _at_the_ceiling(row: Row) -> float | None:
    """The price is the ceiling, the profit what the cost leaves of it."""
    inputs = row["inputs"]
    if inputs["ceiling"] is None or row["output"] == "PTA":
        return None
    return float(inputs["ceiling"] - (inputs["actual_cost"] if row["output"] == "profit" else 0))


def test_fixed_price_incentive_contracts(validation_rows: Rows, tmp_path: Path) -> None:
    """Prices, profits, and the point of total assumption, which is a line of the settlement."""
    rows = [row for row in validation_rows("incentive_contracts") if row["sub"] in ("fpif", "fpif_pta")]
    cases = [_incentive(row, {"ceiling_price": _limit(row["inputs"]["ceiling"], NO_LIMIT)}, "profit") for row in rows]
    accounts = compare("fixed_price_incentive", cases, tmp_path, moving=len(rows))
    at_the_ceiling = [row for row in rows if float(row["expected"]) == _at_the_ceiling(row)]
    assert len(at_the_ceiling) >= 17
    assert binding(accounts, "price.ceiling") >= 14  # the other three have spent just as much as brings them there


def test_cost_plus_incentive_contracts(validation_rows: Rows, tmp_path: Path) -> None:
    rows = [row for row in validation_rows("incentive_contracts") if row["sub"] == "cpif"]
    cases = [
        _incentive(
            row,
            {
                "lowest_fee": _limit(row["inputs"]["min_fee"], -NO_LIMIT),
                "highest_fee": _limit(row["inputs"]["max_fee"], NO_LIMIT),
            },
            "fee",
        )
        for row in rows
    ]
    accounts = compare("cost_plus_incentive", cases, tmp_path, moving=len(rows))
    fees = [float(row["expected"]) - (row["output"] == "price") * row["inputs"]["actual_cost"] for row in rows]
    for step, limit in (("price.lowest_profit", "min_fee"), ("price.highest_profit", "max_fee")):
        at_the_limit = [row for row, fee in zip(rows, fees, strict=True) if fee == row["inputs"][limit]]
        assert binding(accounts, step) == len(at_the_limit) > 1


def test_cost_plus_fixed_fee_contracts(validation_rows: Rows, tmp_path: Path) -> None:
    rows = [row for row in validation_rows("incentive_contracts") if row["sub"] == "cpff"]
    cases = [of_row(row, {name: row["inputs"][name] for name in ("actual_cost", "fixed_fee")}, paid) for row in rows]
    compare("cost_plus_fixed_fee", cases, tmp_path, moving=moved(cases))


def test_economic_price_adjustment(validation_rows: Rows, tmp_path: Path) -> None:
    rows = [row for row in validation_rows("incentive_contracts") if row["sub"] == "fpepa_cap"]

    def facts(inputs: Row) -> dict[str, Any]:
        return {
            "units": 1,
            "base_unit_price": inputs["base_unit_price"],
            "index_ratio": inputs["index_ratio"],
            "most_increase": inputs["aggregate_increase_cap"],
            "most_decrease": _limit(inputs["cap_on_decreases"], 1.0),
        }

    cases = [of_row(row, facts(row["inputs"]), paid) for row in rows]
    compare("economic_price_adjustment", cases, tmp_path, moving=moved(cases))


# --- target cost with share ranges, shared energy savings --------------------------------------------------------------

RANGES = {
    "share_ranges_quarter_to_80": [[0, 0.8, 0], [0.8, 1.0, 0.25]],
    "share_ranges_half": [[0, 2, 0.5]],
    "share_ranges_half_within_2_5": [[0, 0.975, 0], [0.975, 1.025, 0.5], [1.025, 9, 1.0]],
    "share_ranges_four_steep": [[0, 0.95, 0.5], [0.95, 1.05, 0.1], [1.05, 1.1, 0.6], [1.1, 9, 0.7]],
    "share_ranges_four_guidance": [[0, 0.8, 0.15], [0.8, 0.9, 0.3], [0.9, 1.1, 0.5], [1.1, 9, 0.2]],
}


@pytest.mark.parametrize("contract", RANGES)
def test_share_ranges(validation_rows: Rows, tmp_path: Path, contract: str) -> None:
    rows = [row for row in validation_rows("target_cost_regulation") if row["inputs"].get("bands") == RANGES[contract]]
    cases = [of_row(row, {name: row["inputs"][name] for name in ("target", "outturn")}, paid) for row in rows]
    compare(contract, cases, tmp_path, moving=moved(cases))


def test_every_published_share_range_is_written(validation_rows: Rows) -> None:
    ranges = [row["inputs"]["bands"] for row in validation_rows("target_cost_regulation") if "bands" in row["inputs"]]
    assert all(bands in RANGES.values() for bands in ranges)


def test_alliance(validation_rows: Rows, tmp_path: Path) -> None:
    names = {"target_outturn_cost": "toc", "actual_outturn_cost": "aoc", "participant_share": "nop_share"}
    rows = [row for row in validation_rows("target_cost_regulation") if row["sub"] == "alliance_model1"]
    cases = [of_row(row, {fact: row["inputs"][name] for fact, name in names.items()}, paid) for row in rows]
    compare("alliance", cases, tmp_path, moving=moved(cases))


def test_shared_energy_savings(validation_rows: Rows, tmp_path: Path) -> None:
    """The published figure is what the owner keeps of a year's savings."""

    def kept(account: Account) -> float:
        return line("shared_savings.gain")(account) - paid(account)

    rows = [row for row in validation_rows("target_cost_regulation") if row["sub"] == "espc_shared_savings"]
    names = {"savings": "savings", "company_share": "esco_share"}
    cases = [of_row(row, {fact: row["inputs"][name] for fact, name in names.items()}, kept) for row in rows]
    compare("energy_savings", cases, tmp_path, moving=moved(cases))


# --- service credits of cloud computing --------------------------------------------------------------------------------

SERVICES = {
    "credits_aws_compute_region": "AWS Compute region-level (2022)",
    "credits_aws_compute_optimizer": "AWS Compute Optimizer (2022)",
    "credits_azure_virtual_machines": "Azure VM, availability zones",
}


@pytest.mark.parametrize("contract", SERVICES)
def test_service_credits(validation_rows: Rows, tmp_path: Path, contract: str) -> None:
    """The published figure is the part of the bill that is credited."""
    rows = [row for row in validation_rows("sla_credit_rows") if row["inputs"].get("sla") == SERVICES[contract]]
    cases = [of_row(row, {"uptime": row["inputs"]["uptime"], "monthly_bill": 1}, received) for row in rows]
    compare(contract, cases, tmp_path, moving=moved(cases))


def test_unavailability_deductions(validation_rows: Rows, tmp_path: Path) -> None:
    #: failures in a month that have each repetition factor; the rows name the factor alone
    failures = {1: 4, 1.5: 8, 2: 9}
    rows = [row for row in validation_rows("sla_credit_rows") if row["sub"] == "pfi_unavailability"]

    def facts(inputs: Row) -> dict[str, Any]:
        same = {name: inputs[name] for name in ("area_rate", "weighting", "deduction_periods")}
        return same | {"used": int(inputs["unavailable_but_used"] < 1), "failures": failures[inputs["repetition"]]}

    cases = [of_row(row, facts(row["inputs"]), received) for row in rows]
    compare("unavailability_deductions", cases, tmp_path, moving=moved(cases))


def test_every_contract_is_on_the_page_and_settled_here() -> None:
    page = PAGE.read_text(encoding="utf-8")
    here = Path(__file__).parent
    source = "".join(test.read_text(encoding="utf-8") for test in here.glob("test_settle_*.py"))
    for file in CONTRACTS.glob("*.yaml"):
        assert f"`{file.stem}`" in page, f"{file.name} has no line on {PAGE.name}"
        assert f'"{file.stem}"' in source, f"{file.name} is settled by no test"
