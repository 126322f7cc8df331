"""The hospital's saving that both measure: each dispute reckoned again by hand, and what the scenario says of it."""

from __future__ import annotations

import numpy as np
import pytest

from gainsim.bridge import simulate_model
from gainsim.summary import summarise
from tests.scenarios.test_shipped import amounts, line, load, simulated, verdicts

NAME = "disputed_savings"


def test_every_dispute_of_the_first_paths_by_hand() -> None:
    """Above 12,000 apart it is paid by the lesser, then by what the expert finds between both; 9,000 by who is further off."""
    seen = {"customer pays": 0, "supplier pays": 0, "none": 0}
    for path in range(12):
        found = amounts(load(NAME), path)
        ours = np.add(found["share.share above"], found["share.cap"])
        for year, p in enumerate(ours):
            q, e = found["review.by the customer"][year], found["review.by the expert"][year]
            names = ("withheld", "settled", "expert", "expert's fee")
            lines = [found[f"review.{name}"][year] for name in names]
            if p - q <= 12_000.0:
                assert lines == [0.0, 0.0, 0.0, 0.0]
                seen["none"] += 1
                continue
            right = min(max(e, q), p)
            back = 9_000.0 if right - q > p - right else 0.0
            assert lines == pytest.approx([q - p, right - q, -9_000.0, back], abs=1e-6)
            seen["customer pays" if back else "supplier pays"] += 1
    assert min(seen.values()) >= 5


def test_one_year_of_four_is_disputed_and_both_sides_pay_the_expert() -> None:
    run = simulated(NAME)
    years = 10.0
    assert run.bound[line(run, "review.disputed")].mean() / years == pytest.approx(0.25, abs=0.03)
    fees, back = (run.total[line(run, f"review.{name}")].mean() for name in ("expert", "expert's fee"))
    assert back / -fees == pytest.approx(0.5, abs=0.1)


def test_errors_cost_the_supplier_a_tenth_of_its_margin_though_none_leans_to_its_loss() -> None:
    loaded = load(NAME)
    summary = summarise(simulate_model(loaded.model, 4_000, loaded.scenario.run.seed))
    cost, margin = (summary.measures[name].estimate for name in ("measurement_in_margin", "margin_after_capital"))
    assert cost is not None and margin is not None
    assert cost.value / margin.value == pytest.approx(-0.1, abs=0.02)
    assert verdicts(NAME) == {"chance_of_loss": True, "cvar_95": True}
