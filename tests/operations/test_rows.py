"""Published rows on availability, machine repair and spares, each written as operations, loaded, simulated and compared.

A row's rates are brought to hours of our own: a scenario counts by the month or year, and what matters is how rates stand to each
other. Rows are simulated one by one, each with a seed of its own, so that their errors have nothing to do with each other.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.operations.hall import (
    HOURS_OF_A_YEAR,
    Estimate,
    Floats,
    estimate,
    exponential,
    hall,
    memory,
    ratio,
    scale,
    second_year,
)
from tests.test_validation_rows import Row, Rows, compare, of_kind
from validation.expectations import band

FILE = "availability_queueing_spares"


def seed_of(row: Row) -> int:
    return zlib.crc32(row["id"].encode()) % 100_000


def agree(rows: list[Row], value: Callable[[Row], Estimate], error: float) -> None:
    """Every row within four standard errors and its rounding; the errors as small as said, and as large as they state."""
    found = {row["id"]: value(row) for row in rows}
    compare(rows, lambda row: found[row["id"]])
    squares = []
    for row in rows:
        (got, one), expected = found[row["id"]], float(row["expected"])
        assert one <= error * max(abs(expected), 0.3), (row["id"], one)
        if one > 0.0:
            squares.append(((got - expected) / one) ** 2)
    low, high = band(len(squares))
    assert low <= np.mean(squares) <= high, np.mean(squares)


# --- machines and repairers: M/M/c//N --------------------------------------------------------------------------------


def machine_repair(row: Row) -> Estimate:
    """What a row asks of machines that break and of so many repairers."""
    told, output = row["inputs"], row["output"]
    machines, repairers = told["machines"], told["repairers"]
    life, repair = (float(told[key] if key in told else told[f"{key}_h"]) for key in ("mtbf", "mttr"))
    breaks, mended = [n / life for n in range(machines, 0, -1)], [min(n, repairers) / repair for n in range(1, machines + 1)]
    hours, paths = scale(memory(breaks, mended), min(machines / life, repairers / repair))

    def seen(*outcomes: str, needed: int = 1) -> dict[str, Floats]:
        mode = {"life": exponential(life * hours), "repair": exponential(repair * hours), "crew": "repairers"}
        fleet = {"assets": machines, "needed": needed, "failures": {"breaks": mode}}
        written = {"fleets": {"machines": fleet}, "crews": {"repairers": {"number": repairers}}}
        return second_year(written, *outcomes, paths=paths, seed=seed_of(row))

    def up(least: int) -> Floats:
        """The share of time in which at least so many machines run."""
        return seen("served", needed=least)["served"] if least > 0 else np.ones(paths)

    def share_down(down: int) -> Floats:
        """The share of time in which so many are down: the same failures, seen by two who need a different number."""
        return up(machines - down) - (up(machines - down + 1) if down > 0 else 0.0)

    def a_visit(hours_of: str) -> Estimate:
        found = seen(hours_of, "visits")
        mean, error = ratio(found[hours_of], found["visits"])
        return mean / hours, error / hours

    if match := re.fullmatch(r"P\((\d+) down\)", output):
        return estimate(share_down(int(match[1])))
    if output == "P(all down)":
        return estimate(share_down(machines))
    if match := re.fullmatch(r"P\(at least (\w+) working\)", output):
        return estimate(up({"one": 1, "two": 2}.get(match[1]) or int(match[1])))
    if output.startswith("availability"):
        return estimate(seen("availability")["availability"])
    if output in ("W", "mean downtime"):
        return a_visit("downtime")
    if output.startswith(("Wq", "mean wait")):
        return a_visit("waiting")
    if output in ("L", "L down", "average machines down"):
        return estimate(seen("downtime")["downtime"] / HOURS_OF_A_YEAR)
    if output.startswith("Lq"):
        return estimate(seen("waiting")["waiting"] / HOURS_OF_A_YEAR)
    if "utilisation" in output:
        return estimate(seen("work")["work"] / (repairers * HOURS_OF_A_YEAR))
    if output.startswith("throughput"):
        return estimate(seen("visits")["visits"] * hours / HOURS_OF_A_YEAR)
    raise AssertionError(f"{row['id']}: nothing reads {output!r}")


def test_machine_repair(validation_rows: Rows) -> None:
    """Standard errors of at most 1% of the value."""
    agree(of_kind(validation_rows(FILE), "machine_repair"), machine_repair, 0.01)


# --- one machine, in the long run and from its start -----------------------------------------------------------------


def basic(row: Row) -> Estimate:
    """A crew for everybody; lives and repairs of any law, so here of others than the exponential."""
    life, repair = row["inputs"]["mtbf"], row["inputs"]["mttr"]
    hours = 400.0 / (life + repair)  # some twenty of each in the year that is to make their beginnings one like another
    mode = {
        "life": {"weibull": {"shape": 2, "scale": life * hours / 0.886226925452758}},
        "repair": {"lognormal": {"mean": repair * hours, "sd": 0.7 * repair * hours}},
        "crew": "own",
    }
    written = {"fleets": {"machines": {"assets": 20, "failures": {"breaks": mode}}}, "crews": {"own": {"number": 20}}}
    return estimate(second_year(written, "availability", paths=4_096, seed=seed_of(row))["availability"])


def test_availability_in_the_long_run(validation_rows: Rows) -> None:
    """Standard errors of at most 0.1% of the value."""
    agree(of_kind(validation_rows(FILE), "availability_basic"), basic, 0.001)


def transient(row: Row) -> Estimate:
    """From the start to t, which is here the first month; the availability at t is one less those then down."""
    told, month = row["inputs"], 31 * 24.0
    hours = month / told["t"]
    mode = {"life": exponential(hours / told["fail_rate"]), "repair": 0, "crew": "own", "spare": "part"}
    written = {
        "fleets": {"machines": {"assets": 50, "failures": {"breaks": mode}}},
        "crews": {"own": {"number": 50}},
        "spares": {"part": {"stock": 0, "lead_time": exponential(hours / told["repair_rate"])}},
    }
    seen = hall(written, "availability", "failures", "visits", years=1, step="month").futures(4_096, seed_of(row))
    if row["output"] == "A(t)":  # a repair ends as it begins, with the part
        return estimate(1.0 - (seen["failures"][0] - seen["visits"][0]) / 50)
    return estimate(seen["availability"][0])


def test_availability_from_the_start(validation_rows: Rows) -> None:
    """Standard errors of at most 0.1% of the value."""
    agree(of_kind(validation_rows(FILE), "availability_transient"), transient, 0.001)


# --- spares: Palm, back orders, fill rates ----------------------------------------------------------------------------


def owed(pipeline: float, stock: int, seed: int, paths: int) -> tuple[Floats, Floats]:
    """How many wait for a part: the mean over the second half year, and at the ends of its months, (6, paths).

    Demand is Poisson: so many run as the pipeline has parts, their lives are exponential, and whoever fails is replaced
    at once by one that stands by, of whom there are always enough. Lead times have a mean of a month and go up to two.
    """
    most = max(1, round(pipeline))
    mean = 365 * 24.0 / 12.0
    mode = {"life": exponential(most * mean / pipeline), "repair": 0, "crew": "own", "spare": "part"}
    assets = most + int(pipeline + 8.0 * pipeline**0.5 + 12)
    written = {
        "fleets": {"many": {"assets": assets, "running": most, "failures": {"breaks": mode}}},
        "crews": {"own": {"number": assets}},
        "spares": {"part": {"stock": stock, "lead_time": {"uniform": {"low": 0, "high": 2 * mean}}}},
    }
    seen = hall(written, "waiting", "failures", "visits", years=1, step="month").futures(paths, seed)
    waiting = np.cumsum(seen["failures"] - seen["visits"], axis=0)
    return seen["waiting"][6:].sum(axis=0) / (184 * 24.0), waiting[6:]


def spares(row: Row) -> Estimate:
    """Parts that are owed or in stock, and calls that find one; two stocks are tried on the same demand."""
    told, output = row["inputs"], row["output"]
    pipeline, stock, seed, paths = told["pipeline_mean"], told["stock"], seed_of(row), 8_192
    if pipeline > 10:
        paths = 2_048 if pipeline < 100 else 384
    waiting, ends = owed(pipeline, stock, seed, paths)
    if output.startswith(("E[(D-s)+]", "EBO")):
        return estimate(waiting)
    if output.startswith("0.5 E[(D-s)+"):
        return estimate((0.5 * ends * (ends - 1.0)).mean(axis=0))
    if output.startswith("E[(s-D)+]"):  # what is in stock and on order less what is owed is the stock
        return estimate(stock - owed(pipeline, 0, seed, paths)[0] + waiting)
    if output.startswith("fill rate"):  # one part fewer would be owed for as long as the last one is out
        return estimate(1.0 - (owed(pipeline, stock - 1, seed, paths)[0] - waiting))
    raise AssertionError(f"{row['id']}: nothing reads {output!r}")


def test_spares_on_order_have_the_mean_and_the_variance_of_palm(validation_rows: Rows) -> None:
    """Standard errors of at most 1% of the mean and 3% of the variance."""
    def pipeline(row: Row) -> Floats:
        return owed(row["inputs"]["demand_rate"] * row["inputs"]["mean_resupply"], 0, seed_of(row), 8_192)[1]

    def variance(row: Row) -> Estimate:
        on_order = pipeline(row)
        return estimate(((on_order - on_order.mean()) ** 2).mean(axis=0))

    rows = of_kind(validation_rows(FILE), "palm")
    agree(rows, lambda row: estimate(pipeline(row).mean(axis=0)), 0.01)
    agree(rows, variance, 0.03)


@pytest.mark.parametrize("kind", ["poisson_backorders", "poisson_backorders_2nd", "metric_ebo_table", "metric_fill_rate"])
def test_spares(validation_rows: Rows, kind: str) -> None:
    """Standard errors of at most 3% of the value, or of 0.3; of 12% where hundreds of parts are on order."""
    agree(of_kind(validation_rows(FILE), kind), spares, 0.12 if kind.startswith("poisson") else 0.03)


def two_echelons(told: Mapping[str, Any], seed: int) -> Estimate:
    """What a base waits for, its stock being supplied from a depot, both bases' demand Poisson; a unit of time is 120 hours."""
    unit, bases = 120.0, range(1, len(told["base_demand"]) + 1)
    fleets, spares = {}, {"depot": {"stock": told["depot_stock"], "lead_time": told["depot_repair"] * unit}}
    for base, demand, ship in zip(bases, told["base_demand"], told["order_ship"], strict=True):
        mode = {"life": exponential(unit / demand), "repair": 0, "crew": "own", "spare": f"part_{base}"}
        fleets[f"base_{base}"] = {"assets": 16, "running": 1, "failures": {"breaks": mode}}
        spares[f"part_{base}"] = {"stock": told["base_stock"], "lead_time": ship * unit, "depot": "depot"}
    written = {"fleets": fleets, "crews": {"own": {"number": 16 * len(fleets)}}, "spares": spares}
    seen = hall(written, f"waiting/base_{told['base']}", years=1, step="month").futures(4_096, seed)
    return estimate(seen[f"waiting_base_{told['base']}"][6:].sum(axis=0) / (184 * 24.0))


def exact_two_echelons(told: Mapping[str, Any]) -> float:
    """What a base waits for exactly: what the depot owes, each with the base's share of the demand its own, and what is on its way.

    After Simon (1971) and Graves (1985). METRIC takes all of it for Poisson, which it is where the depot has no stock.
    """
    demand = told["base_demand"][told["base"] - 1]
    share, n = demand / sum(told["base_demand"]), np.arange(60)
    at_depot = stats.poisson(sum(told["base_demand"]) * told["depot_repair"])
    on_its_way = stats.poisson(demand * told["order_ship"][told["base"] - 1]).pmf(n)
    found = 0.0
    for ordered in n.tolist():
        mine = stats.binom(max(ordered - told["depot_stock"], 0), share).pmf(n)
        law = np.convolve(mine, on_its_way)
        found += at_depot.pmf(ordered) * float(law @ np.maximum(np.arange(len(law)) - told["base_stock"], 0))
    return found


def test_two_echelons(validation_rows: Rows) -> None:
    """The simulation has the exact value, with standard errors of at most 3% of it, or of 0.3.

    METRIC has it too where the depot or the base has no stock. Elsewhere it counts too little: what a depot owes comes in bunches.
    """
    rows = of_kind(validation_rows(FILE), "metric_two_echelon")
    exact = [{**row, "expected": exact_two_echelons(row["inputs"]), "tol_abs": 0.0} for row in rows]
    agree(exact, lambda row: two_echelons(row["inputs"], seed_of(row)), 0.03)
    for row, known in zip(rows, exact, strict=True):
        metric, told = float(row["expected"]), row["inputs"]
        if told["depot_stock"] == 0 or told["base_stock"] == 0:
            assert metric == pytest.approx(known["expected"], abs=1e-9)
        else:
            assert metric < 0.9 * known["expected"]
