"""Published options against clauses on simulated lognormal drivers: one seed of `validation/options.py`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from tests.exact import INF, Lognormal
from validation.expectations import band
from validation.option_clauses import LEFT, LEFT_ROWS, SIMULATED, WRITTEN, poisson
from validation.options import FILE, PATHS, Found, found, in_gate, payoffs, together

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
SEED = 20_271


@pytest.fixture(scope="module")
def results(validation_rows: Rows) -> list[Found]:
    """Every row of the gate, simulated once."""
    return found(in_gate(validation_rows(FILE)), PATHS, [SEED])


def test_published_values(results: list[Found]) -> None:
    """Within four standard errors and the source's rounding; the errors at most 1% of the value (or of 2)."""
    assert not [each for each in results if not each.agrees]
    assert not [each for each in results if each.error > 0.01 * max(abs(each.published), 2.0)]


def test_errors_are_as_large_as_stated(results: list[Found]) -> None:
    """The mean of z² lies in its 99% band: over all rows, over each large family, over all kinds with few rows."""
    families: dict[str, list[float]] = defaultdict(list)
    for each in results:
        if each.kind not in SIMULATED and each.error > 0.0:
            families["all"].append(each.z**2)
            families[each.kind].append(each.z**2)
    few = [kind for kind, squares in families.items() if len(squares) < 10]
    families["few"] = [square for kind in few for square in families.pop(kind)]
    large = {"european", "exchange_margrabe", "merton_jump_diffusion", "barrier_rebate", "lookback_fixed"}
    assert families.keys() == {"all", "few", "binary_barrier_cash", "binary_barrier_asset"} | large
    for kind, squares in families.items():
        low, high = band(len(squares))
        assert low <= np.mean(squares) <= high, kind


def test_every_way_to_write_a_clause_pays_the_same(validation_rows: Rows) -> None:
    """A leg as a reference, as a threshold's excess or as a limit on the payment: the same money on every path."""
    rows = [row for row in in_gate(validation_rows(FILE)) if len(WRITTEN[row["sub"]](row["inputs"]).terms) > 1]
    ways = {"european", "collar_call_spread", "digital_cash_or_nothing", "gap", "lookback_fixed"}
    assert {row["sub"] for row in rows} == ways
    clauses = {f"x{number}": WRITTEN[row["sub"]](row["inputs"]) for number, row in enumerate(rows)}
    for group in together(clauses):
        for name, (first, *others) in payoffs(group, 4_096, SEED, ways=True).items():
            assert np.count_nonzero(first) > 20, name
            for other in others:
                np.testing.assert_allclose(other, first, rtol=0.0, atol=1e-10)


# --- what the tables might have as well --------------------------------------------------------------------------------


def priced(sub: str, expectation: float, **inputs: Any) -> Row:
    """A row as the table has it: the expected payment, discounted."""
    price = math.exp(-inputs["r"] * inputs["t"]) * expectation
    name = f"{sub} {inputs.get('type', '')} {inputs.get('payout', '')}"
    return {"id": name, "sub": sub, "inputs": inputs, "expected": price, "tol_abs": 1e-9}


def law(p: Mapping[str, Any], variance: float | None = None, start: float | None = None) -> Lognormal:
    """What the price is at the end."""
    spread = p["vol"] ** 2 * p["t"] if variance is None else variance
    begin = p["spot"] if start is None else start
    return Lognormal(math.log(begin) + (p["r"] - p["q"]) * p["t"] - spread / 2.0, math.sqrt(spread))


def over(of: Lognormal, strike: float) -> float:
    return of.part(1, strike, INF) - strike * of.part(0, strike, INF)


def under(of: Lognormal, strike: float) -> float:
    return strike * of.part(0, 0.0, strike) - of.part(1, 0.0, strike)


def variants() -> list[Row]:
    """Other members of the families, each with its closed form; low and negative rates among them."""
    p = {"spot": 70.0, "r": 0.07, "q": 0.05, "t": 0.5, "vol": 0.27}
    low = {**p, "r": -0.01, "q": 0.03}
    rows = [
        priced("european", over(law(low), 65.0), **low, strike=65.0, type="Call"),
        priced("european", under(law(low), 65.0), **low, strike=65.0, type="Put"),
        priced("digital_cash_or_nothing", 10 * law(p).part(0, 65.0, INF), **p, strike=65.0, type="Call", payout=10),
        priced("digital_cash_or_nothing", 10 * law(p).part(0, 0.0, 65.0), **p, strike=65.0, type="Put", payout=10),
        priced("digital_asset_or_nothing", law(p).part(1, 65.0, INF), **p, strike=65.0, type="Call", payout="asset"),
        priced("digital_asset_or_nothing", law(p).part(1, 0.0, 65.0), **p, strike=65.0, type="Put", payout="asset"),
        priced("gap", 57 * law(p).part(0, 0, 60) - law(p).part(1, 0, 60), **p, type="Put", payout="57-S if S<60"),
    ]
    jumps = {**p, "strike": 70.0, "total_vol": 0.3, "jump_intensity": 4.0, "gamma_jump_share_of_variance": 0.5}
    number = {one["value"]: one["chance"] for one in poisson(2.0)}
    put = math.fsum(
        chance * under(law(p, 0.09 * 0.5 * 0.5 + 0.045 / 4.0 * shocks), 70.0) for shocks, chance in number.items()
    )
    rows.append(priced("merton_jump_diffusion", put, **jumps, type="Put"))
    then = Lognormal((p["r"] - p["q"] - p["vol"] ** 2 / 2) * 0.375, p["vol"] * math.sqrt(0.375))
    ahead = p["spot"] * math.exp((p["r"] - p["q"]) * 0.125)
    rows.append(
        priced("forward_start_cliquet_leg", ahead * under(then, 1.1), **p, moneyness=1.1, reset=0.125, type="Put")
    )
    dates = [0.1 * n for n in range(1, 11)]
    year = {"spot": 100.0, "r": 0.06, "q": 0.03, "t": 1.0, "vol": 0.2}
    spread = 0.04 * math.fsum(min(a, b) for a in dates for b in dates) / 100
    of_mean = Lognormal(math.log(100.0) + 0.01 * 0.55, math.sqrt(spread))
    rows += [
        priced("asian_geometric_discrete", over(of_mean, 100.0), **year, strike=100.0, type="Call", fixings=dates),
        priced("asian_geometric_discrete", under(of_mean, 100.0), **year, strike=100.0, type="Put", fixings=dates),
    ]
    return rows


def test_other_members_of_the_families() -> None:
    """The builders follow the rule of a family, whatever its row asks for."""
    rows = variants()
    values = {row["id"]: row["expected"] for row in rows}
    # Haug (1998), page 90; Clewlow and Strickland, pages 118 to 123: as QuantLib's tests print them
    assert values["digital_asset_or_nothing Put asset"] == pytest.approx(20.2069, abs=1e-4)
    assert values["asian_geometric_discrete Call "] == pytest.approx(5.3425606635, abs=1e-9)
    assert not [each for each in found(rows, 32_768, [SEED]) if not each.agrees]


def test_every_row_is_tried_or_left_for_a_reason(validation_rows: Rows) -> None:
    rows = validation_rows(FILE)
    assert {row["sub"] for row in rows} <= WRITTEN.keys() | LEFT.keys()
    assert not WRITTEN.keys() & LEFT.keys()
    assert {row["id"] for row in rows} >= LEFT_ROWS.keys()
