"""Published expectations of loss-sensitive reinsurance, each written as a user would write it, simulated and compared.

The mathematics is that of gain shares: a loss is a pain of the party that bears it, or the amount a rate is reckoned on; a
premium of 1 makes a payment a rate. No rule is reckoned here. Rows that are settlements of known losses, also at the mean
of their outcomes, go through `gainsim settle`: tests/test_settle_treaties.py.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from gainsim.api import Offer, simulate
from gainsim.bridge import Run
from gainsim.outcome import Outcome
from tests.test_settle_treaties import FILE, SETTLED, at_mean_loss_ratio
from tests.test_validation_rows import Row, Rows, compare, mean_and_error, of_kind, offer, percent, rest
from validation.option_clauses import poisson

PATHS = 200_000
FULL = {"below 0": "0%", "above": "100%"}


# --- writing ---------------------------------------------------------------------------------------------------------


def term(of: str, *steps: Mapping[str, Any]) -> dict[str, Any]:
    return {"term": "sharing", "of": of, "clock": {"measured": "life"}, "steps": copy.deepcopy(list(steps))}


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


def corridor(inputs: Mapping[str, Any], outside: str, inside: float) -> dict[str, str]:
    """The part of the losses that a party bears outside and inside a range of the premium, as bands of its pain."""
    low, high = (f"below -{percent(edge)} of premium" for edge in inputs["corridor"])
    return {"below 0": outside, low: percent(inside), high: outside, "above": "0%"}


# --- over a few outcomes ---------------------------------------------------------------------------------------------

SLIDES = {"25% at 75% LR, 1:1, max 35% at 65%, min 20% at 80%": "clip(25% + 75% - losses / premium, 20%, 35%)"}


def swing_plan(row: Row) -> tuple[float, float]:
    """Loaded losses, between a lowest and a highest premium: what is expected of it, and the losses in parts of that."""
    inputs = row["inputs"]
    subject = inputs["subject_premium"]
    low, high = (f"{percent(inputs[end])} of premium" for end in ("min_rate", "max_rate"))
    limit = {"limit_payment": {"floor": low, "cap": high, "per": "settlement"}}
    contract = {"swing": term(f"{inputs['loss_load']} * losses", {"share": FULL}, limit)}
    if row["output"] == "E[premium]":
        return expected(row, contract, subject)
    contract["all_losses"] = term("losses", {"share": FULL})
    run = simulate(over_a_pmf(row, contract, subject), paths=PATHS, seed=22).run
    losses, premium = paid_by(run, "all_losses"), paid_by(run, "swing")
    ratio = float(losses.mean() / premium.mean())
    return ratio, mean_and_error(losses - ratio * premium)[1] / float(premium.mean())


def reinsurer_bears(row: Row) -> tuple[float, float]:
    """All losses but the cedant's part inside a corridor."""
    share = corridor(row["inputs"], "100%", 1 - row["inputs"]["cedant_share"])
    mean, error = expected(row, {"losses_borne": term("-losses", {"share": share})})
    return -mean, error


def profit_commission(row: Row) -> tuple[float, float]:
    """A share of what losses, ceding commission and margin leave of the premium."""
    inputs = row["inputs"]
    margin = {"against": f"{percent(inputs['margin'])} of premium"}
    share = {"share": {"below 0": "0%", "above": percent(inputs["share"])}}
    return expected(
        row, {"commission": term(f"premium - losses - {percent(inputs['ceding'])} of premium", margin, share)}
    )


def provision(row: Row) -> tuple[float, float]:
    """A corridor and a sliding scale over the same outcomes."""
    inputs = row["inputs"]
    if "corridor" in inputs:
        share = corridor(inputs, "0%", inputs["cedant_share"])
        mean, error = expected(row, {"reassumed": term("-losses", {"share": share})})
        return -mean, error
    (the_one,) = SLIDES
    above = SLIDES[inputs["slide"].replace("same", the_one)]
    return expected(row, {"commission": term("premium", {"share": {"below 0": "0%", "above": above}})})


def carried(row: Row) -> tuple[float, float]:
    """An excess with its chance: what is carried on average."""
    chance = row["inputs"]["prob_exceed"]
    outcomes = [{"value": row["inputs"]["excess"], "chance": percent(chance)}, {"value": 0, "chance": rest(chance)}]
    drawn = {"central": "mean", "drawn": "once", "discrete": outcomes}
    carry = {"what": "all pain", "expires": "never", "at_end": "paid"}
    points = term("-excess", {"share": {"below 0": "100%", "above": "0%"}}, {"carry": carry})
    run = simulate(offer(row["id"], {"points": points}, {"excess": ("USD", drawn)}), paths=PATHS, seed=23).run
    mean, error = mean_and_error(Outcome(run).revenue)
    return -mean, error


OVER_OUTCOMES: dict[str, Callable[[Row], tuple[float, float]]] = {
    "swing_plan": swing_plan,
    "loss_corridor_expected": reinsurer_bears,
    "profit_commission_expected": profit_commission,
    "three_provisions": provision,
    "carryforward_expected": carried,
}


def test_expectations_over_a_few_outcomes(validation_rows: Rows) -> None:
    rows = [row for row in of_kind(validation_rows(FILE), *OVER_OUTCOMES) if not at_mean_loss_ratio(row)]
    compare(rows, lambda row: OVER_OUTCOMES[row["sub"]](row))


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
        )
    },
    "V profit commission": lambda told: {
        "adjusted": term(
            f"premium - {percent(told['expense_allowance'])} of premium - losses",
            {"share": {"below 0": "0%", "above": percent(told["share"])}},
        )
    },
    "VI sliding scale commission": lambda told: {
        "adjusted": term("premium", {"share": {"below 0": "0%", "above": "slide(losses / premium)"}})
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
        "recovery": term("losses", *steps),
        "adjusted": term(f"paid(recovery) * {load}", {"share": FULL}),
    }


def corridor_of_expected(told: Mapping[str, Any]) -> dict[str, str]:
    assert told["corridor"] == "100% between 1x and 2x expected loss"
    once = told["expected_layer_loss"]
    return {"below 0": "0%", f"up to {once}": "100%", f"up to 2 * {once}": "0%", "above": "100%"}


def retro_limits(told: Mapping[str, Any]) -> dict[str, str]:
    return {end: f"{percent(told[key])} of subject" for end, key in (("floor", "min_rate"), ("cap", "max_rate"))}


# --- the losses: lognormal as a whole, or from claims and their sizes --------------------------------------------------

Drivers = dict[str, tuple[str, Any]]


def quarterly(**kind: Any) -> dict[str, Any]:
    return {"central": "mean", "drawn": "each period", **kind}


def claims_in_a_layer(told: Mapping[str, Any]) -> tuple[Drivers, dict[str, str]]:
    """The losses of each quarter from their drivers: class by class a Poisson number of claims, each of a Pareto size.

    A size above the attachment a is a × U^(-1/alpha), U uniform; of it the layer bears what lies between the attachment and
    its top, on average the integral of (a / x)^alpha. A class has as many claims as its expected loss needs.
    """
    width, attachment = (float(part) for part in told["layer"].split(" xs "))
    top = attachment + width
    drivers: Drivers = {}
    losses: dict[str, str] = {}
    for number, group in enumerate(told["classes"]):
        alpha = group["pareto"]
        mean = attachment / (alpha - 1.0) * (1.0 - (attachment / top) ** (alpha - 1.0))
        claims = poisson(group["loss"] / mean / 4.0)
        drivers[f"claims_{number}"] = ("claim", quarterly(discrete=claims))
        for claim in range(1, len(claims)):
            name = f"{number}_{claim}"
            drivers[f"rank_{name}"] = ("fraction", quarterly(uniform={"low": 0, "high": 1}))
            size = f"min({attachment} USD * exp(-log(rank_{name}) / {alpha}), {top} USD) - {attachment} USD"
            losses[f"loss_{name}"] = f"{size} if claims_{number} >= {claim} claim else 0 USD"
    return drivers, {**losses, "layer_loss": f"({' + '.join(losses)}) * (1 per quarter)"}


def losses_of(told: Mapping[str, Any], portfolios: Mapping[str, Mapping[str, Any]]) -> tuple[Drivers, dict[str, Any]]:
    """The drivers of a row's losses, and what else its scenario says of them.

    Lognormal by mean and coefficient of variation, drawn once; or claim by claim, of the row's own classes or of the
    portfolio that it names, over so many years. A loss ratio is what a coinsurance leaves, in parts of a premium of 1.
    """
    if told["model"] == "lognormal":
        mean = told["expected_layer_loss"] if "expected_layer_loss" in told else told["expected_loss_ratio"]
        drawn = {"central": "mean", "drawn": "once", "lognormal": {"mean": mean, "sd": mean * told["agg_cv_lognormal"]}}
        return {"losses": ("USD", drawn)}, {}
    named, _, over = told.get("same_portfolio_as", "").partition(" x ")
    portfolio, years = portfolios[named] if named else told, int(over.removesuffix(" years") or 1)
    drivers, value = claims_in_a_layer(portfolio)
    losses = "layer_loss"
    if "expected_loss_ratio" in told:
        income = told["rate"] * portfolio["subject_premium"] * years
        losses = f"{rest(told['coinsurance'])} of layer_loss / {income}"
    calendar = {"start": "2027-01", "years": years, "step": "quarter", "year": "contract"}
    return drivers, {"value": {**value, "losses": losses}, "calendar": calendar}


@pytest.mark.parametrize("model", ["lognormal", "poisson"])
def test_adjusted_rates(validation_rows: Rows, model: str) -> None:
    """Treaties over an aggregate loss that is lognormal, or comes from its claims; rates in percent."""
    rows = of_kind(validation_rows(FILE), "bear_nemlick")
    portfolios = {row["inputs"]["treaty"].split()[0]: row["inputs"] for row in rows if "classes" in row["inputs"]}

    def adjusted(row: Row) -> tuple[float, float]:
        told = row["inputs"]
        subject = told.get("subject_premium", 1.0)
        drivers, more = losses_of(told, portfolios)
        if "slide" in told:
            assert told["slide"] == BEAR_NEMLICK_SLIDE[0]
            more["tables"] = {"slide": {"line": BEAR_NEMLICK_SLIDE[1]}}
        known: Drivers = {"premium": ("USD", 1.0), "subject": ("USD", subject)}
        written = offer(row["id"], TREATIES[told["treaty"]](told), drivers | known, **more)
        mean, error = mean_and_error(paid_by(simulate(written, paths=PATHS, seed=24).run, "adjusted"))
        return 100 * mean / subject, 100 * error / subject

    compare([row for row in rows if row["inputs"]["model"] == model], adjusted)


# --- nothing is passed over in silence -------------------------------------------------------------------------------


def test_every_row_is_tried(validation_rows: Rows) -> None:
    """Settled or simulated; frequencies and severities that are uncertain themselves were recomputed by nobody."""
    rows = validation_rows(FILE)
    assert {row["sub"] for row in rows} <= {*SETTLED, *OVER_OUTCOMES, "bear_nemlick"}
    assert {row["inputs"]["model"] for row in of_kind(rows, "bear_nemlick")} == {"lognormal", "poisson"}
