"""Published contract rows, written as a user would write them, settled, and read off the ledger.

A builder for each family turns a row into the text of a scenario; the answer is one line, one margin or one measure of
what comes out. No rule is reckoned here: what a test adds is the translation of the row's words into the language.
Rows that speak of more than these parts are named in LEFT, with the reason.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from gainsim.api import Offer, base_case, load_text, simulate
from gainsim.outcome import Outcome
from gainsim.summary import BaseCase
from tests.conftest import _validation_folder

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
PATHS = 200_000

FILES = ("incentive_contracts", "target_cost_regulation", "agency_len_kcn", "sla_credit_rows")

#: kinds of rows that are not tried here, and why: (sub, output, "" = all of them) → reason
LEFT = {
    ("len_model", "optimal share b"): "an optimum: found in tests/conduct/test_agency_rows.py; here the share is given",
    ("len_model", "effort"): "what a supplier chooses: found in tests/conduct/test_agency_rows.py; here the effort is given",
    ("len_multitask", ""): "an optimum over several efforts with correlated noise: tests/conduct/test_agency_rows.py",
    ("kcn_performance_contract", ""): "an optimal stock under a Poisson pipeline: tests/conduct/test_agency_rows.py",
}


# --- writing and reading ---------------------------------------------------------------------------------------------


def offer(
    title: str,
    contract: Mapping[str, Any],
    drivers: Mapping[str, tuple[str, Any]] | None = None,
    years: int = 1,
    **sections: Any,
) -> Offer:
    """A yearly scenario as text, and loaded. drivers: name → (unit, constant, or the keys of another kind)."""
    written: dict[str, Any] = {}
    for name, (unit, how) in (drivers or {}).items():
        kind = how if isinstance(how, dict) else {"constant": how}
        written[name] = {"control": "nobody", "unit": unit, **kind}
    document = {
        "gainsim": 1,
        "title": title,
        "currency": "USD",
        "calendar": {"start": "2027-01", "years": years, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "drivers": written,
        "contract": dict(contract),
        **sections,
    }
    return load_text(yaml.safe_dump(document, sort_keys=False, width=100_000))


def line(base: BaseCase, name: str, year: int = 0) -> float:
    """One line of the ledger in one year."""
    return float(base.by_year[[each.name for each in base.model.lines].index(name), year])


def percent(fraction: float) -> str:
    """A fraction as it stands in a contract."""
    return f"{(Decimal(repr(fraction)) * 100).normalize():f}%"


def rest(fraction: float) -> str:
    """The supplier's share where a source names the buyer's."""
    return percent(float(1 - Decimal(repr(fraction))))


def compare(rows: Sequence[Row], value: Callable[[Row], float | tuple[float, float]]) -> None:
    """Hold all rows against what comes out; a value may bring its standard error. All that disagree are named."""
    assert rows, "no row of this kind"
    wrong = []
    for row in rows:
        found = value(row)
        got, error = found if isinstance(found, tuple) else (found, 0.0)
        expected = float(row["expected"])
        allowed = float(row["tol_abs"]) + 4.0 * error + 1e-12 * max(1.0, abs(expected))
        if not abs(got - expected) <= allowed:
            wrong.append(f"{row['id']}: {got!r}, published {expected!r} ± {allowed:.3g}; {row['inputs_json']}")
    assert not wrong, "\n".join(wrong)


def of_kind(rows: Sequence[Row], *subs: str) -> list[Row]:
    return [row for row in rows if row["sub"] in subs]


def is_left(row: Row) -> bool:
    return (row["sub"], "") in LEFT or (row["sub"], row["output"]) in LEFT


# --- target cost: FAR 16.403-1, 16.405-1, 16.306 ---------------------------------------------------------------------


def target_cost_price(row: Mapping[str, Any], actual_cost: float) -> BaseCase:
    """A fixed-price-incentive or a cost-plus contract in which the work has cost so much."""
    over = row.get("gov_share_over", row.get("gov_over", row.get("gov_share")))
    under = row.get("gov_share_under", row.get("gov_under", over))
    term = {
        "term": "target_cost",
        "actual_cost": "actual_cost",
        "target_cost": row["target_cost"],
        "target_profit": row.get("target_profit", row.get("target_fee")),
        "supplier_share_under": rest(under),
        "supplier_share_over": rest(over),
        "ceiling_price": row.get("ceiling"),
        "lowest_profit": row.get("min_fee"),
        "highest_profit": row.get("max_fee"),
        "clock": {"measured": "life"},
    }
    return base_case(
        offer(
            str(row.get("name", "incentive")),
            {"price": {key: value for key, value in term.items() if value is not None}},
            {"actual_cost": ("USD", actual_cost)},
            costs={"work": {"amount": "actual_cost", "at": "end"}},
        )
    )


def incentive_value(row: Row) -> float:
    """What a row asks of an incentive contract: the price, what is left of it, or the point of total assumption."""
    inputs, output = row["inputs"], row["output"]
    settled = target_cost_price(inputs, inputs.get("actual_cost", inputs["target_cost"]))
    if output == "PTA":
        return line(settled, "price.point_of_total_assumption")
    return settled.revenue if output == "price" else settled.margins["contribution"]


def test_incentive_contracts(validation_rows: Rows) -> None:
    """The price, the profit or fee, and the point of total assumption, ceilings and fee limits binding or not."""
    rows = of_kind(validation_rows("incentive_contracts"), "fpif", "fpif_pta", "cpif")
    assert {row["output"] for row in rows} <= {"price", "profit", "fee", "PTA"}
    compare(rows, incentive_value)


def test_range_of_incentive(validation_rows: Rows) -> None:
    """The fee limit binds beyond the published cost, and not before."""
    for row in of_kind(validation_rows("incentive_contracts"), "cpif_range_of_incentive"):
        step, edge = {"upper_cost": ("lowest_profit", 1), "lower_cost": ("highest_profit", -1)}[row["output"]]
        end, small = float(row["expected"]), 1e-6
        lines = [
            line(target_cost_price(row["inputs"], end + edge * side * small), f"price.{step}") for side in (-1, 0, 1)
        ]
        assert lines[0] == 0.0, row["id"]
        assert abs(lines[1]) <= 1e-9 < abs(lines[2]), row["id"]


def test_last_dollar_of_an_overrun(validation_rows: Rows) -> None:
    """What one more dollar of overrun costs the contractor, in the region the row names."""
    terms = {"target_cost": 1000, "target_profit": 100, "ceiling": 1200}

    def cost_of_a_dollar(row: Row) -> float:
        before = {"between target cost and PTA": 1050, "short of the ceiling": 1050, "beyond PTA": 1300}
        spent = before[row["inputs"]["region"]]
        first, second = (
            target_cost_price({**terms, **row["inputs"]}, cost).margins["contribution"] for cost in (spent, spent + 1)
        )
        return second - first if row["output"].startswith("profit change") else first - second

    compare(of_kind(validation_rows("incentive_contracts"), "fpif_marginal"), cost_of_a_dollar)


def test_cost_plus_fixed_fee(validation_rows: Rows) -> None:
    """FAR 16.306: the fee does not move with the cost, so the supplier's shares are none."""

    def price(row: Row) -> float:
        inputs = row["inputs"]
        fixed = {**inputs, "target_profit": inputs["fixed_fee"], "gov_share": 1.0}
        return target_cost_price(fixed, inputs["actual_cost"]).revenue

    compare(of_kind(validation_rows("incentive_contracts"), "cpff"), price)


def test_economic_price_adjustment(validation_rows: Rows) -> None:
    """FAR 16.203: a unit price follows an index; the increases are capped over life, the decreases need not be."""

    def adjusted(row: Row) -> float:
        inputs = row["inputs"]
        capped = {"at": inputs["aggregate_increase_cap"], "per": "life", "excess": "recovered"}
        floored = {"at": inputs["cap_on_decreases"], "per": "life", "excess": "recovered"}
        indexed = {"by": "price_index / price_index[base]", "base": "2026-12", "every": "year", "cap": capped}
        if inputs["cap_on_decreases"] is not None:
            indexed["floor"] = floored
        # A year's price follows the index of the year before it: the index moves in year 2, the price in year 3.
        settled = base_case(
            offer(
                row["id"],
                {"price": {"term": "fee", "amount": f"{inputs['base_unit_price']} USD per year", "indexed": indexed}},
                {"price_index": ("index", {"schedule": {"2027-01": 1, "2028-01": inputs["index_ratio"]}})},
                years=3,
            )
        )
        return line(settled, "price.amount", 2) + line(settled, "price.indexation", 2)

    compare(of_kind(validation_rows("incentive_contracts"), "fpepa_cap"), adjusted)


# --- target cost: NEC4, alliances, shared savings --------------------------------------------------------------------


def nec_bands(ranges: Sequence[Sequence[float]]) -> dict[str, str]:
    """Share ranges, given in parts of the target, as bands of the saving: each key is a formula of the target.

    The last range has no end: "greater than 110%".
    """
    saved = [(low, min(high, 1.0), share) for low, high, share in ranges if low < 1.0]
    overspent = [(max(low, 1.0), high, share) for low, high, share in ranges if high > 1.0]
    bands = {}
    for low, _, share in sorted(overspent):
        bands["below 0" if low == 1.0 else f"below target - {percent(low)} of target"] = percent(share)
    bands.setdefault("below 0", "0%")
    for low, _, share in sorted(saved, reverse=True):
        bands[f"up to target - {percent(low)} of target"] = percent(share)
    bands["above"] = "0%"  # beyond the target itself nothing can be saved
    return bands


def sharing_of(amount: str, share: Mapping[str, str], against: str | None = None) -> dict[str, Any]:
    """A sharing term without more than a reference and its shares."""
    steps: list[dict[str, Any]] = [{"against": against}] if against else []
    return {"term": "sharing", "of": amount, "clock": {"measured": "life"}, "steps": [*steps, {"share": dict(share)}]}


def test_nec_share_ranges(validation_rows: Rows) -> None:
    """NEC4 clause 54.2: the contractor's share of a saving or an overspend, range by range."""

    def contractors_share(row: Row) -> float:
        inputs = row["inputs"]
        term = sharing_of("target", nec_bands(inputs["bands"]), against="outturn")
        costs = {"target": ("USD", inputs["target"]), "outturn": ("USD", inputs["outturn"])}
        return base_case(offer(row["id"], {"share": term}, costs)).revenue

    compare(of_kind(validation_rows("target_cost_regulation"), "nec_share_ranges"), contractors_share)


def test_alliance(validation_rows: Rows) -> None:
    """Gain and pain of one participant: a part of the target outturn cost less the actual one, both ways."""

    def gain(row: Row) -> float:
        inputs = row["inputs"]
        share = percent(inputs["nop_share"])
        term = sharing_of("target", {"below 0": share, "above": share}, against="actual")
        costs = {"target": ("USD", inputs["toc"]), "actual": ("USD", inputs["aoc"])}
        return base_case(offer(row["id"], {"gain_share": term}, costs)).revenue

    compare(of_kind(validation_rows("target_cost_regulation"), "alliance_model1"), gain)


def test_energy_service_shared_savings(validation_rows: Rows) -> None:
    """What the owner keeps of a year's savings after it has paid the energy service company its part."""

    def owner_keeps(row: Row) -> float:
        inputs = row["inputs"]
        term = sharing_of("savings", {"below 0": "0%", "above": percent(inputs["esco_share"])})
        term["clock"] = {"measured": "year"}
        years = inputs.get("years", 1)
        saved = {"savings": ("USD/year", inputs["savings"])}
        written = offer(row["id"], {"service": term}, saved, years, customer={"gains": {"energy": "savings"}})
        kept = simulate(written, paths=2, seed=1).measures["customer_net_benefit"].value
        return kept / years

    compare(of_kind(validation_rows("target_cost_regulation"), "espc_shared_savings"), owner_keeps)


# --- service credits -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def tiers() -> dict[str, Any]:
    file: Path = _validation_folder() / "sla_credit_tiers.json"
    if not file.is_file():
        pytest.skip(f"no published credit tiers: {file} is absent")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["tiers"]
    return found


def test_service_credit_tiers(validation_rows: Rows, tiers: dict[str, Any]) -> None:
    """The part of a month's bill that is credited: the deepest tier reached, on the whole bill; edges are still met."""

    def credited(row: Row) -> float:
        bands = sorted(tiers[row["inputs"]["sla"]]["bands"], reverse=True)
        term = {
            "term": "service_credits",
            "level": "uptime",
            "credits": {f"below {percent(high)}": percent(credit) for _, high, credit in bands},
            "of": "bill",
            "clock": {"measured": "year"},
        }
        month = {"uptime": ("fraction of the time", row["inputs"]["uptime"]), "bill": ("USD/year", 1)}
        return -base_case(offer(row["id"], {"credits": term}, month)).revenue

    rows = of_kind(validation_rows("sla_credit_rows"), "credit_tier")
    compare([row for row in rows if tiers[row["inputs"]["sla"]]["bands"]], credited)  # one agreement has none stored


# --- a linear share of a normal outcome, the effort given ------------------------------------------------------------


def linear_share(row: Row, first_best: bool) -> Offer:
    """The supplier makes an effort, the outcome is effort + noise, and it is paid a share of it.

    The effort and the share are those of the model, written as formulas: what is tried here is what follows from them.
    """
    share = "1 / (1 + risk_aversion * effort_cost * noise_variance)"
    inputs = row["inputs"]
    return offer(
        row["id"],
        {"bonus": sharing_of("outcome", {"below 0": "share", "above": "share"})},
        {
            "risk_aversion": ("1/USD", inputs["risk_aversion"]),
            "effort_cost": ("1/USD", inputs["effort_cost"]),
            "noise_variance": ("USD*USD", inputs["noise_variance"]),
            "noise": (
                "USD",
                {"central": "mean", "drawn": "once", "normal": {"mean": 0, "sd": math.sqrt(inputs["noise_variance"])}},
            ),
        },
        value={
            "share": "1" if first_best else share,
            "effort": "share / effort_cost",
            "outcome": "effort + noise",
        },
        costs={"effort": {"amount": "effort_cost * effort * effort / 2", "at": "end"}},
        # What is booked each period counts as a flow: the outcome comes once, in the one year of the contract.
        customer={"gains": {"outcome": "outcome * (1 per year)"}},
    )


def mean_and_error(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))


def test_linear_share_of_a_normal_outcome(validation_rows: Rows) -> None:
    """Expected pay and its variance under a given effort: risk premium, certainty equivalent, first-best surplus."""

    runs: dict[tuple[str, bool], Outcome] = {}

    def value(row: Row) -> tuple[float, float]:
        aversion = row["inputs"]["risk_aversion"]
        first_best = row["output"] == "first-best surplus"
        key = row["inputs_json"], first_best
        if key not in runs:
            runs[key] = Outcome(simulate(linear_share(row, first_best), paths=PATHS, seed=11).run)
        found = runs[key]
        pay = found.revenue
        surplus, doubt = mean_and_error(found.customer_benefit + found.margin("contribution"))
        spread, own = mean_and_error((pay - pay.mean()) ** 2)
        premium, premium_doubt = aversion / 2.0 * spread, aversion / 2.0 * own
        return {
            "risk premium": (premium, premium_doubt),
            "total certainty equivalent": (surplus - premium, math.hypot(doubt, premium_doubt)),
            "first-best surplus": (surplus, doubt),
        }[row["output"]]

    rows = [row for row in of_kind(validation_rows("agency_len_kcn"), "len_model") if not is_left(row)]
    compare(rows, value)


def test_certainty_equivalent_of_a_normal_payment(validation_rows: Rows) -> None:
    """The whole of a normal outcome is passed on, and an exponential utility is taken of what is paid."""

    def equivalent(row: Row) -> tuple[float, float]:
        inputs = row["inputs"]
        term = sharing_of("outcome", {"below 0": "100%", "above": "100%"})
        drawn = {"central": "mean", "drawn": "once", "normal": {"mean": inputs["mean"], "sd": inputs["sd"]}}
        written = offer(row["id"], {"pay": term}, {"outcome": ("USD", drawn)})
        paid = Outcome(simulate(written, paths=PATHS, seed=12).run).revenue
        utility, error = mean_and_error(np.exp(-inputs["risk_aversion"] * paid))
        return -math.log(utility) / inputs["risk_aversion"], error / utility / inputs["risk_aversion"]

    compare(of_kind(validation_rows("agency_len_kcn"), "cara_normal_ce"), equivalent)


# --- nothing is passed over in silence -------------------------------------------------------------------------------

TRIED = {
    "fpif", "fpif_pta", "cpif", "cpif_range_of_incentive", "fpif_marginal", "cpff", "fpepa_cap", "nec_share_ranges",
    "alliance_model1", "espc_shared_savings", "credit_tier", "len_model", "cara_normal_ce",
    "uptime_minutes", "downtime_allowed", "series_availability", "pfi_unavailability",  # in tests/test_sla_rows.py
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_tried_or_left_for_a_reason(validation_rows: Rows, name: str) -> None:
    unknown = {row["sub"] for row in validation_rows(name) if row["sub"] not in TRIED and not is_left(row)}
    assert not unknown, f"{name}: no builder for {sorted(unknown)}, and no reason in LEFT"
