"""Published settlements, reproduced by `gainsim settle` on the scenario files of validation/contracts as they stand.

A builder turns each published row into a line of actuals, and says which figure of the settled account the row prints.
No rule is reckoned here. docs/reference/settled-rows.md shows how many rows of each rule pass.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from gainsim.cli import cli

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "validation" / "contracts"
PAGE = ROOT / "docs" / "reference" / "settled-rows.md"
#: where a published contract has no such limit, a number that nothing reaches
NO_LIMIT = 1e12

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
Account = Mapping[str, Any]


class Case(NamedTuple):
    """A published row as an account: its facts, what was published, and how far the source's rounding may be off."""

    account: str
    facts: Mapping[str, Any]
    expected: float
    allowed: float
    found: Callable[[Account], float]


def settled(contract: str, cases: Iterable[Case], folder: Path) -> dict[str, Account]:
    """Every account of the actuals, settled by the command line."""
    cases = list(cases)
    actuals = folder / f"{contract}.csv"
    with actuals.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["account", *cases[0].facts])
        writer.writeheader()
        writer.writerows({"account": case.account, **case.facts} for case in cases)
    done = CliRunner().invoke(
        cli,
        ["settle", str(CONTRACTS / f"{contract}.yaml"), "--actuals", str(actuals), "--json"],
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    return {each["account"]: each for each in json.loads(done.stdout)["accounts"]}


def compare(contract: str, cases: list[Case], folder: Path, *, moving: int) -> dict[str, Account]:
    """Hold every case against its account. moving: in how many of them money moves."""
    assert len({case.account for case in cases}) == len(cases)
    accounts = settled(contract, cases, folder)
    wrong = []
    for case in cases:
        got = case.found(accounts[case.account])
        if not abs(got - case.expected) <= case.allowed + 1e-9 * max(1.0, abs(case.expected)):
            wrong.append(f"{case.account}: {got!r}, published {case.expected!r} ± {case.allowed:.3g}")
    assert not wrong, f"{len(wrong)} of {len(cases)} rows of {contract}\n" + "\n".join(wrong[:20])
    assert sum(account["paid"] != 0.0 for account in accounts.values()) == moving
    _on_the_page(contract, len(cases), moving)
    return accounts


def _on_the_page(contract: str, rows: int, moving: int) -> None:
    """The page says what was found here."""
    line = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if f"`{contract}`" in line)
    assert [cell.strip() for cell in line.split("|")[2:4]] == [f"{rows:,}", f"{moving:,}"], line


def paid(account: Account) -> float:
    return float(account["paid"])


def binding(accounts: Mapping[str, Account], line: str) -> int:
    """In how many settlements a line is not 0."""
    return sum(line in settlement["binds"] for account in accounts.values() for settlement in account["settlements"])


# --- Medicare shared savings, 2014 to 2016 -----------------------------------------------------------------------------


@pytest.mark.parametrize(("track", "moving", "losses", "capped"), [("1", 321, 0, 1), ("2", 9, 0, 0), ("3", 13, 4, 0)])
def test_medicare_shared_savings(
    validation_rows: Rows, tmp_path: Path, track: str, moving: int, losses: int, capped: int
) -> None:
    rows = [row for row in validation_rows("mssp_real_rows") if row["track"] == track]
    cases = [
        Case(
            f"{row['aco_id']} {row['py']}",
            {
                "benchmark": row["benchmark"],
                "expenditure": row["expenditure"],
                "minimum_savings_rate": row["msr"],
                "final_sharing_rate": row["final_share"],
            },
            float(row["earn"]),
            float(row["tol_abs"]),
            paid,
        )
        for row in rows
    ]
    accounts = compare(f"mssp_track_{track}", cases, tmp_path, moving=moving)
    assert sum(account["paid"] < 0.0 for account in accounts.values()) == losses
    assert binding(accounts, "shared_savings.cap") == capped
    assert binding(accounts, "shared_savings.floor") == 0


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
    accounts = compare("contract_for_difference", cases, tmp_path, moving=sum(case.expected != 0.0 for case in cases))
    assert sum(account["paid"] < 0.0 for account in accounts.values()) == 116


# --- US incentive contracts --------------------------------------------------------------------------------------------


def _profit_of(cost: float) -> Callable[[Account], float]:
    return lambda account: float(account["paid"]) - cost


def _incentive(row: Row, limits: Mapping[str, Any], profit: str) -> Case:
    inputs = row["inputs"]
    under, over = (round(1.0 - inputs[key], 12) for key in ("gov_share_under", "gov_share_over"))
    facts = {
        "actual_cost": inputs["actual_cost"], "target_cost": inputs["target_cost"], f"target_{profit}": inputs[f"target_{profit}"],
        "supplier_share_under": under, "supplier_share_over": over, **limits,
    }  # fmt: skip
    found = paid if row["output"] == "price" else _profit_of(inputs["actual_cost"])
    return Case(row["id"], facts, float(row["expected"]), float(row["tol_abs"]), found)


def _at_the_ceiling(row: Row) -> float | None:
    """The price is the ceiling, the profit what the cost leaves of it."""
    inputs = row["inputs"]
    if inputs["ceiling"] is None:
        return None
    return float(inputs["ceiling"] - (inputs["actual_cost"] if row["output"] == "profit" else 0))


def test_fixed_price_incentive_contracts(validation_rows: Rows, tmp_path: Path) -> None:
    rows = [row for row in validation_rows("incentive_contracts") if row["sub"] == "fpif"]
    cases = [_incentive(row, {"ceiling_price": row["inputs"]["ceiling"] or NO_LIMIT}, "profit") for row in rows]
    accounts = compare("fixed_price_incentive", cases, tmp_path, moving=len(rows))
    at_the_ceiling = [row for row in rows if float(row["expected"]) == _at_the_ceiling(row)]
    assert len(at_the_ceiling) == 17
    assert binding(accounts, "incentive.cap") == 14  # the other three have spent just as much as brings them there


def test_cost_plus_incentive_contracts(validation_rows: Rows, tmp_path: Path) -> None:
    rows = [row for row in validation_rows("incentive_contracts") if row["sub"] == "cpif"]
    cases = [
        _incentive(
            row,
            {"lowest_fee": row["inputs"]["min_fee"] or -NO_LIMIT, "highest_fee": row["inputs"]["max_fee"] or NO_LIMIT},
            "fee",
        )
        for row in rows
    ]
    accounts = compare("cost_plus_incentive", cases, tmp_path, moving=len(rows))
    fees = [float(row["expected"]) - (row["output"] == "price") * row["inputs"]["actual_cost"] for row in rows]
    for line, limit in (("incentive.floor", "min_fee"), ("incentive.cap", "max_fee")):
        at_the_limit = [row for row, fee in zip(rows, fees, strict=True) if fee == row["inputs"][limit]]
        assert binding(accounts, line) == len(at_the_limit) > 1


# --- target cost with share ranges, shared energy savings --------------------------------------------------------------

RANGES = {
    "share_ranges_quarter_to_80": [[0, 0.8, 0], [0.8, 1.0, 0.25]],
    "share_ranges_half": [[0, 2, 0.5]],
    "share_ranges_half_within_2_5": [[0, 0.975, 0], [0.975, 1.025, 0.5], [1.025, 9, 1.0]],
    "share_ranges_four_steep": [[0, 0.95, 0.5], [0.95, 1.05, 0.1], [1.05, 1.1, 0.6], [1.1, 9, 0.7]],
    "share_ranges_four_guidance": [[0, 0.8, 0.15], [0.8, 0.9, 0.3], [0.9, 1.1, 0.5], [1.1, 9, 0.2]],
}


def _share_case(row: Row) -> Case:
    inputs = row["inputs"]
    facts = {"target": inputs.get("target", inputs.get("toc")), "outturn": inputs.get("outturn", inputs.get("aoc"))}
    return Case(row["id"], facts, float(row["expected"]), float(row["tol_abs"]), paid)


@pytest.mark.parametrize("contract", RANGES)
def test_share_ranges(validation_rows: Rows, tmp_path: Path, contract: str) -> None:
    rows = [
        row
        for row in validation_rows("target_cost_regulation")
        if row["inputs"].get("bands", [[0, 2, row["inputs"].get("nop_share")]]) == RANGES[contract]
    ]
    cases = [_share_case(row) for row in rows]
    compare(contract, cases, tmp_path, moving=sum(case.expected != 0.0 for case in cases))


def test_shared_energy_savings(validation_rows: Rows, tmp_path: Path) -> None:
    """The published figure is what the owner keeps."""
    row = next(row for row in validation_rows("target_cost_regulation") if row["sub"] == "espc_shared_savings")
    savings = row["inputs"]["savings"]
    facts = {"settlement": "2027", "savings": savings}
    case = Case(row["id"], facts, float(row["expected"]), float(row["tol_abs"]), lambda a: savings - float(a["paid"]))
    compare("energy_savings_80", [case], tmp_path, moving=1)


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
    cases = [
        Case(
            row["id"],
            {"uptime": row["inputs"]["uptime"], "monthly_bill": 1},
            float(row["expected"]),
            float(row["tol_abs"]),
            lambda account: -float(account["paid"]),
        )
        for row in rows
    ]
    compare(contract, cases, tmp_path, moving=sum(case.expected != 0.0 for case in cases))


def test_every_contract_is_on_the_page_and_settled_here() -> None:
    page = PAGE.read_text(encoding="utf-8")
    source = Path(__file__).read_text(encoding="utf-8")
    for file in CONTRACTS.glob("*.yaml"):
        assert f"`{file.stem}`" in page, f"{file.name} has no line on {PAGE.name}"
        assert file.stem in source or file.stem.startswith("mssp_track_"), f"{file.name} is settled by no test"
