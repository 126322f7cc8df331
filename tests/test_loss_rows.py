"""Published stop-loss expectations: an amount that is drawn, above a deductible or short of a guarantee; and a sum of times."""

from __future__ import annotations

from typing import Any

import pytest

from gainsim.api import simulate
from gainsim.outcome import Outcome
from tests.operations.test_rows import FILE, agree, seed_of
from tests.test_validation_rows import Row, Rows, mean_and_error, of_kind, offer

PATHS = 400_000
LAWS: dict[str, Any] = {
    "loss_function_normal": lambda told: {"normal": {"mean": told["mean"], "sd": told["sd"]}},
    "loss_function_lognormal": lambda told: {"lognormal": {"log_mean": told["mu"], "log_sd": told["sigma"]}},
    "loss_function_exponential": lambda told: {"exponential": {"mean": 1.0 / told["rate"]}},
    "loss_function_gamma": lambda told: {"gamma": {"shape": told["shape"], "scale": told["scale"]}},
}
#: what is paid of the excess over x: all of it above, or what is missing below
SHARES = {"E[(X-x)+]": {"below 0": "0%", "above": "100%"}, "E[(x-X)+]": {"below 0": "100%", "above": "0%"}}


def drawn(law: dict[str, Any]) -> tuple[str, Any]:
    return "USD", {"central": "mean", "drawn": "once", **law}


def stop_loss(row: Row) -> tuple[float, float]:
    told, share = row["inputs"], SHARES[row["output"]]
    term = {
        "term": "sharing", "of": "amount", "clock": {"measured": "life"},
        "steps": [{"against": f"{told['x']} USD"}, {"share": share}],
    }  # fmt: skip
    written = offer(row["id"], {"pays": term}, {"amount": drawn(LAWS[row["sub"]](told))})
    mean, error = mean_and_error(Outcome(simulate(written, paths=PATHS, seed=seed_of(row)).run).revenue)
    return abs(mean), error


@pytest.mark.parametrize("kind", LAWS)
def test_stop_loss(validation_rows: Rows, kind: str) -> None:
    """Standard errors of at most 1% of the value, or of 0.3."""
    rows = of_kind(validation_rows(FILE), kind)
    assert {row["output"] for row in rows} <= SHARES.keys()
    agree(rows, stop_loss, 0.01)


def test_time_until_nothing_is_left(validation_rows: Rows) -> None:
    """A chain of deaths takes the sum of its times, each exponential; here one amount for each."""
    def until_absorbed(row: Row) -> tuple[float, float]:
        rates = row["inputs"]["death_rates"]
        assert row["inputs"]["start"] == "state 1"
        names = [f"time_{n}" for n in range(len(rates))]
        term = {"term": "payment", "amount": " + ".join(names), "clock": {"measured": "life"}}
        facts = {name: drawn({"exponential": {"mean": 1.0 / rate}}) for name, rate in zip(names, rates, strict=True)}
        run = simulate(offer(row["id"], {"pays": term}, facts), paths=PATHS, seed=seed_of(row)).run
        return mean_and_error(Outcome(run).revenue)

    agree(of_kind(validation_rows(FILE), "mtta"), until_absorbed, 0.01)
