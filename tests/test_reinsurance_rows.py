"""Published rows of loss-sensitive reinsurance, written as a user would write them, and read off the ledger.

The mathematics is that of gain shares: sliding scales and swing rates, participation bands and corridors, profit
commissions whose deficit is carried forward, aggregate deductibles and limits. A loss is a pain of the party that bears it,
or the amount a rate is reckoned on; a premium of 1 makes a payment a rate. No rule is reckoned here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gainsim.api import Offer, base_case, simulate
from gainsim.bridge import Run
from gainsim.outcome import Outcome
from tests.test_validation_rows import Row, Rows, compare, line, mean_and_error, of_kind, offer, percent, rest

PATHS = 200_000
LEFT = {
    "poisson": "a frequency and severity model; the row's aggregate loss is not given by its first two moments",
    "crm": "a frequency and severity model with uncertain parameters; likewise",
}
FULL = {"below 0": "0%", "above": "100%"}


# --- writing ---------------------------------------------------------------------------------------------------------


def term(of: str, *steps: Mapping[str, Any], measured: str = "year") -> dict[str, Any]:
    return {"term": "sharing", "of": of, "clock": {"measured": measured}, "steps": copy.deepcopy(list(steps))}


def of_a_year(row: Row, contract: Mapping[str, Any], losses: float, premium: float = 1.0, **more: Any) -> Offer:
    known = {"losses": ("USD/year", losses), "premium": ("USD/year", premium)}
    return offer(row["id"], contract, known, **more)


def rate(row: Row, contract: Mapping[str, Any], **more: Any) -> float:
    """What is paid in a year of known losses, in parts of the premium."""
    inputs = row["inputs"]
    losses, premium = inputs.get("ceded_claims", inputs.get("loss_ratio")), inputs.get("ceded_premium", 1.0)
    return base_case(of_a_year(row, contract, losses, premium, **more)).revenue / premium


def over_a_pmf(row: Row, contract: Mapping[str, Any], premium: float = 1.0) -> Offer:
    """Losses drawn once from the row's outcomes, which are loss ratios or amounts."""
    outcomes = [{"value": value, "chance": percent(chance)} for value, chance in row["inputs"]["pmf"]]
    drawn = {"central": "mean", "drawn": "once", "discrete": outcomes}
    return offer(row["id"], contract, {"losses": ("USD", drawn), "premium": ("USD", premium)})


def expected(row: Row, contract: Mapping[str, Any], premium: float = 1.0) -> tuple[float, float]:
    """What is paid on average, and its standard error."""
    return mean_and_error(Outcome(simulate(over_a_pmf(row, contract, premium), paths=PATHS, seed=21).run).revenue)


def paid_by(run: Run, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What one term pays, path by path."""
    lines = zip(run.rows.lines, run.total, strict=True)
    total: np.ndarray[Any, np.dtype[np.float64]] = sum(
        (paid for line, paid in lines if line.group == name and line.role == "payment"), np.zeros(run.paths)
    )
    return total


def borne(starts: Sequence[float], shares: Sequence[float]) -> dict[str, str]:
    """The part of the losses that a party bears, range by range of the premium, as bands of its pain."""
    bands = {"below 0": "0%", "above": "0%"}
    for start, share in zip(starts, shares, strict=True):
        bands["below 0" if start == 0 else f"below -{percent(start)} of premium"] = percent(share)
    return bands


def corridor(inputs: Mapping[str, Any], of_the_cedant: bool) -> dict[str, str]:
    low, high = inputs["corridor"]
    share, outside = inputs["cedant_share"], 0.0 if of_the_cedant else 1.0
    return borne([0, low, high], [outside, share if of_the_cedant else 1 - share, outside])


# --- sliding scales and swing rates ----------------------------------------------------------------------------------

SCALES = {
    "pivot 30% at LR 60%, slope 1, min 25%, max 40%": "clip(30% + 1 * (60% - losses / premium), 25%, 40%)",
    "Wisconsin 35% flat, 1/2 for 1 around 55%": "35% + clip(0.5 * (55% - losses / premium), -5%, 10%)",
    "lawinsider 24%..46%, 1:1 between 71% and 49%": "clip(24% + 71% - losses / premium, 24%, 46%)",
}
SLIDES = {"25% at 75% LR, 1:1, max 35% at 65%, min 20% at 80%": "clip(25% + 75% - losses / premium, 20%, 35%)"}


def knots(ratios: Sequence[float], commissions: Sequence[float]) -> list[list[str]]:
    """The points of a scale; of more than two at one place the inner ones say nothing."""
    points = [(percent(ratio), percent(commission)) for ratio, commission in zip(ratios, commissions, strict=True)]
    inner = {n for n in range(1, len(points) - 1) if points[n - 1][0] == points[n][0] == points[n + 1][0]}
    return [list(point) for n, point in enumerate(points) if n not in inner]


def test_sliding_scale_commission(validation_rows: Rows) -> None:
    """The commission rate by the loss ratio: straight between knots, flat outside, of two at one place the second."""

    def commission(row: Row) -> float:
        inputs = row["inputs"]
        if "commissions" not in inputs:
            share = {"below 0": "0%", "above": SCALES[inputs["name"]]}
            return rate(row, {"commission": term("premium", {"share": share})})
        scale = {"scale": {"line": knots(inputs["loss_ratios"], inputs["commissions"])}}
        share = {"below 0": "0%", "above": "scale(losses / premium)"}
        return rate(row, {"commission": term("premium", {"share": share})}, tables=scale)

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "sliding_scale_commission"), commission)


def test_swing_rate(validation_rows: Rows) -> None:
    """A provisional rate that follows the loss ratio one to one, between the ends of the swing."""

    def swung(row: Row) -> float:
        inputs = row["inputs"]
        assert inputs["slope"] == "1:1"
        provisional, pivot = percent(inputs["provisional"]), percent(inputs["pivot_lr"])
        low, high = (f"{percent(end)} of premium" for end in inputs["swing"])
        of = f"{provisional} of premium + losses - {pivot} of premium"
        limit = {"limit_payment": {"floor": low, "cap": high, "per": "settlement"}}
        return rate(row, {"premium_rate": term(of, {"share": FULL}, limit)})

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "swing_rate"), swung)


def test_swing_plan(validation_rows: Rows) -> None:
    """Loaded losses, between a lowest and a highest premium: what is expected of it, and the losses in parts of that."""

    def plan(row: Row) -> tuple[float, float]:
        inputs = row["inputs"]
        subject = inputs["subject_premium"]
        low, high = (f"{percent(inputs[end])} of premium" for end in ("min_rate", "max_rate"))
        limit = {"limit_payment": {"floor": low, "cap": high, "per": "settlement"}}
        contract = {"swing": term(f"{inputs['loss_load']} * losses", {"share": FULL}, limit, measured="life")}
        if row["output"] == "E[premium]":
            return expected(row, contract, subject)
        contract["all_losses"] = term("losses", {"share": FULL}, measured="life")
        run = simulate(over_a_pmf(row, contract, subject), paths=PATHS, seed=22).run
        losses, premium = paid_by(run, "all_losses"), paid_by(run, "swing")
        ratio = float(losses.mean() / premium.mean())
        return ratio, mean_and_error(losses - ratio * premium)[1] / float(premium.mean())

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "swing_plan"), plan)


# --- participation and corridors -------------------------------------------------------------------------------------


def test_loss_participation_bands(validation_rows: Rows) -> None:
    """What the cedant bears of the losses, range by range."""

    def participation(row: Row) -> float:
        inputs = row["inputs"]
        share = borne(inputs["band_starts"], inputs["cedant_share"])
        return -rate(row, {"participation": term("-losses", {"share": share})})

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "loss_participation_bands"), participation)


def test_loss_corridor(validation_rows: Rows) -> None:
    """What the reinsurer still bears where the cedant takes a part of the losses inside a corridor back."""

    def net(row: Row) -> float:
        return -rate(row, {"losses_borne": term("-losses", {"share": corridor(row["inputs"], of_the_cedant=False)})})

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "loss_corridor"), net)


def test_expected_loss_corridor(validation_rows: Rows) -> None:
    def net(row: Row) -> tuple[float, float]:
        share = corridor(row["inputs"], of_the_cedant=False)
        mean, error = expected(row, {"losses_borne": term("-losses", {"share": share}, measured="life")})
        return -mean, error

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "loss_corridor_expected"), net)


def test_quota_less_participation(validation_rows: Rows) -> None:
    """A quota of the premium, less what the cedant keeps of the losses inside a corridor."""

    def applied(row: Row) -> float:
        inputs = row["inputs"]
        bands = borne([0, *inputs["corridor"]], [0.0, inputs["cedant_keeps"], 0.0])
        quota = term("premium", {"share": {"below 0": "0%", "above": percent(inputs["quota"])}})
        return rate(row, {"quota": quota, "participation": term("-losses", {"share": bands})})

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "loss_participation_quota"), applied)


# --- profit commissions, what is carried, reinstatement --------------------------------------------------------------


def profit_commission(inputs: Mapping[str, Any], measured: str = "year") -> dict[str, Any]:
    """A share of the reinsurer's profit after ceding commission and margin; a deficit may be carried forward."""
    steps: list[dict[str, Any]] = [{"against": f"{percent(inputs['margin'])} of premium"}]
    if inputs.get("deficit_carried_forward"):
        steps.append({"carry": {"what": "all pain", "expires": "never", "at_end": "lost"}})
    steps.append({"share": {"below 0": "0%", "above": percent(inputs["share"])}})
    return term(f"premium - losses - {percent(inputs['ceding'])} of premium", *steps, measured=measured)


def test_deficit_carried_forward(validation_rows: Rows) -> None:
    """The deficit of the first year is set against the profit of the second."""

    def of_the_second_year(row: Row) -> float:
        inputs = row["inputs"]
        years = [f"{2027 + n}-01" for n in range(len(inputs["premium"]))]
        losses = [ratio * premium for ratio, premium in zip(inputs["loss_ratio"], inputs["premium"], strict=True)]
        known = {
            "premium": ("USD/year", {"schedule": dict(zip(years, inputs["premium"], strict=True))}),
            "losses": ("USD/year", {"schedule": dict(zip(years, losses, strict=True))}),
        }
        written = offer(row["id"], {"profit_commission": profit_commission(inputs)}, known, years=len(years))
        return line(base_case(written), "profit_commission.share above", 1)

    compare(
        of_kind(validation_rows("reinsurance_loss_sensitive"), "profit_commission_carryforward"), of_the_second_year
    )


def test_expected_profit_commission(validation_rows: Rows) -> None:
    """On average over the outcomes; or, plugged in, at the mean loss: the base case."""

    def commission(row: Row) -> float | tuple[float, float]:
        contract = {"profit_commission": profit_commission(row["inputs"], measured="life")}
        if row["inputs"].get("plug_in"):
            return base_case(over_a_pmf(row, contract)).revenue
        return expected(row, contract)

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "profit_commission_expected"), commission)


def test_three_provisions(validation_rows: Rows) -> None:
    """A corridor and a sliding scale over the same outcomes; and the scale at the mean loss ratio."""

    def provision(row: Row) -> float | tuple[float, float]:
        inputs, output = row["inputs"], row["output"]
        if output == "E[reassumed]":
            share = corridor(inputs, of_the_cedant=True)
            mean, error = expected(row, {"reassumed": term("-losses", {"share": share}, measured="life")})
            return -mean, error
        (the_one,) = SLIDES
        above = SLIDES[inputs["slide"].replace("same", the_one)]
        contract = {"commission": term("premium", {"share": {"below 0": "0%", "above": above}}, measured="life")}
        return base_case(over_a_pmf(row, contract)).revenue if "E[LR]" in output else expected(row, contract)

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "three_provisions"), provision)


def test_debit_carried_to_the_next_year(validation_rows: Rows) -> None:
    """What the losses exceed a threshold by meets the next year, up to the most that is carried."""

    def debit(row: Row) -> float:
        inputs = row["inputs"]
        most = f"{percent(inputs['max_carry'])} of premium"
        carry = {"what": "all pain", "expires": "never", "at_end": "lost", "at_most": most}
        of = f"{percent(inputs['threshold'])} of premium - losses"
        written = offer(
            row["id"],
            {"commission": term(of, {"carry": carry}, {"share": FULL})},
            {
                "premium": ("USD/year", 1),
                "losses": ("USD/year", {"schedule": {"2027-01": inputs["loss_ratio"], "2028-01": 0}}),
            },
            years=2,
        )
        return -line(base_case(written), "commission.carry", 1)

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "deficit_carryforward"), debit)


def test_expected_carryforward(validation_rows: Rows) -> None:
    """An excess with its chance: what is carried on average."""

    def carried(row: Row) -> tuple[float, float]:
        chance = row["inputs"]["prob_exceed"]
        outcomes = [{"value": row["inputs"]["excess"], "chance": percent(chance)}, {"value": 0, "chance": rest(chance)}]
        drawn = {"central": "mean", "drawn": "once", "discrete": outcomes}
        carry = {"what": "all pain", "expires": "never", "at_end": "paid"}
        points = term("-excess", {"share": {"below 0": "100%", "above": "0%"}}, {"carry": carry}, measured="life")
        run = simulate(offer(row["id"], {"points": points}, {"excess": ("USD", drawn)}), paths=PATHS, seed=23).run
        mean, error = mean_and_error(Outcome(run).revenue)
        return -mean, error

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "carryforward_expected"), carried)


def test_reinstatement_premium(validation_rows: Rows) -> None:
    """A part of the premium for the part of the layer that is used, as often as it is reinstated."""

    def reinstatement(row: Row) -> float:
        inputs = row["inputs"]
        reinstated = f"{inputs['reinstatements']} * layer"
        above = f"{percent(inputs['pct'])} * premium / layer"
        contract = {
            "reinstatement": term(
                "loss", {"limit_gain": {"cap": reinstated, "per": "life"}}, {"share": {"below 0": "0%", "above": above}}
            )
        }
        known = {"loss": ("USD/year", inputs["loss"])}
        known |= {name: ("USD/year", inputs[name]) for name in ("layer", "premium")}
        return base_case(offer(row["id"], contract, known)).revenue

    compare(of_kind(validation_rows("reinsurance_loss_sensitive"), "reinstatement_premium"), reinstatement)


# --- Bear and Nemlick: from an aggregate loss to the expected adjusted rate -------------------------------------------

TREATIES: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "I aggregate deductible": lambda told: recovered(
        told, {"deductible": {"at": told["aad"], "per": "life", "sides": "gain"}}, {"share": FULL}
    ),
    "II limited reinstatement": lambda told: recovered(
        told,
        {"limit_gain": {"cap": told["agg_limit"], "per": "life"}},
        {"share": {"below 0": "0%", "above": rest(told["coinsurance"])}},
    ),
    "III loss corridor": lambda told: recovered(told, {"share": corridor_of_expected(told)}),
    "IV retro rating": lambda told: {
        "adjusted": term(
            f"losses * {told['loss_conversion'].replace('/', ' / ')}",
            {"share": FULL},
            {"limit_payment": {**retro_limits(told), "per": "settlement"}},
            measured="life",
        )
    },
    "V profit commission": lambda told: {
        "adjusted": term(
            f"premium - {percent(told['expense_allowance'])} of premium - losses",
            {"share": {"below 0": "0%", "above": percent(told["share"])}},
            measured="life",
        )
    },
    "VI sliding scale commission": lambda told: {
        "adjusted": term("premium", {"share": {"below 0": "0%", "above": "slide(losses / premium)"}}, measured="life")
    },
}
#: 40% at 35% and less, 0.75 for 1 down to 25% at 55%, 0.5 for 1 down to 20% at 65% and more
BEAR_NEMLICK_SLIDE = (
    "20% at LR>=65%; 0.5:1 to 25% at 55%; 0.75:1 to 40% at 35%; max 40%",
    [["35%", "40%"], ["55%", "25%"], ["65%", "20%"]],
)


def recovered(told: Mapping[str, Any], *steps: Mapping[str, Any]) -> dict[str, Any]:
    """What the reinsurer pays of the losses, and the premium that is loaded for it."""
    load = told["load"].replace("/", " / ")
    return {
        "recovery": term("losses", *steps, measured="life"),
        "adjusted": term(f"paid(recovery) * {load}", {"share": FULL}, measured="life"),
    }


def corridor_of_expected(told: Mapping[str, Any]) -> dict[str, str]:
    assert told["corridor"] == "100% between 1x and 2x expected loss"
    once = told["expected_layer_loss"]
    return {"below 0": "0%", f"up to {once}": "100%", f"up to 2 * {once}": "0%", "above": "100%"}


def retro_limits(told: Mapping[str, Any]) -> dict[str, str]:
    return {end: f"{percent(told[key])} of subject" for end, key in (("floor", "min_rate"), ("cap", "max_rate"))}


def is_left(row: Row) -> bool:
    return row["sub"] == "bear_nemlick" and row["inputs"]["model"].split()[0] in LEFT


def test_adjusted_rates_under_a_lognormal_aggregate_loss(validation_rows: Rows) -> None:
    """Treaties whose aggregate loss is lognormal by mean and coefficient of variation; rates in percent."""

    def adjusted(row: Row) -> tuple[float, float]:
        told = row["inputs"]
        mean = told["expected_layer_loss"] if "expected_layer_loss" in told else told["expected_loss_ratio"]
        subject = told.get("subject_premium", 1.0)
        drawn = {"mean": mean, "sd": mean * told["agg_cv_lognormal"]}
        known = {
            "losses": ("USD", {"central": "mean", "drawn": "once", "lognormal": drawn}),
            "premium": ("USD", 1.0),
            "subject": ("USD", subject),
        }
        tables = {}
        if "slide" in told:
            assert told["slide"] == BEAR_NEMLICK_SLIDE[0]
            tables = {"tables": {"slide": {"line": BEAR_NEMLICK_SLIDE[1]}}}
        written = offer(row["id"], TREATIES[told["treaty"]](told), known, **tables)
        mean, error = mean_and_error(paid_by(simulate(written, paths=PATHS, seed=24).run, "adjusted"))
        return 100 * mean / subject, 100 * error / subject

    rows = of_kind(validation_rows("reinsurance_loss_sensitive"), "bear_nemlick")
    compare([row for row in rows if not is_left(row)], adjusted)


# --- nothing is passed over in silence -------------------------------------------------------------------------------

TRIED = {
    "sliding_scale_commission", "swing_rate", "swing_plan", "loss_participation_bands", "loss_corridor",
    "loss_corridor_expected", "loss_participation_quota", "profit_commission_carryforward", "profit_commission_expected",
    "three_provisions", "deficit_carryforward", "carryforward_expected", "reinstatement_premium", "bear_nemlick",
}  # fmt: skip


def test_every_row_is_tried_or_left_for_a_reason(validation_rows: Rows) -> None:
    rows = validation_rows("reinsurance_loss_sensitive")
    assert {row["sub"] for row in rows} <= TRIED
    models = {row["inputs"]["model"] for row in of_kind(rows, "bear_nemlick") if not is_left(row)}
    assert models == {"lognormal"}
