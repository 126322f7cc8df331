"""Does a simulated offer pay what it must, on average? Clauses under normal and lognormal drivers, against closed forms.

Every case is a clause of a contract, written as a user writes it, whose payment is a piecewise-linear function of one
driver, jumps included; `tests/exact.py` knows its expectation and its spread. Each case has a driver of its own, so the
errors are independent: |simulated - exact| / stated standard error is to lie within 4, its mean square over the family
in the 99% band of chi-square, and the stated standard error is to be the exact one.

`python -m validation.expectations [--json] [--seeds N]`; a study of full length is recorded in
`validation/results/expectations.json`. The gate runs one seed of it: `tests/test_expectations.py`.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from gainsim.api import Offer, Result, load_text, simulate
from gainsim.measures import Estimate, estimate, mean
from tests import exact
from tests.exact import INF, Law, Lognormal, Normal, Piece

Floats = NDArray[np.float64]
PATHS = 262_144
SEEDS = 64
RECORD = Path(__file__).parent / "results" / "expectations.json"


@dataclass(frozen=True)
class Case:
    """One clause. driver: how x is drawn; law: what x is over a window; term: the clause; pieces: what it pays."""

    name: str
    unit: str
    driver: Mapping[str, Any]
    law: Law
    term: Mapping[str, Any]
    pieces: tuple[Piece, ...]

    @property
    def expected(self) -> float:
        return exact.mean(self.law, self.pieces)

    @property
    def deviation(self) -> float:
        return exact.deviation(self.law, self.pieces)

    @property
    def kurtosis(self) -> float:
        second, fourth = exact.central_moments(self.law, self.pieces)
        return fourth / (second * second)


# --- clauses, and by hand what they pay ------------------------------------------------------------------------------

Steps = list[dict[str, Any]]
Clause = tuple[str, Steps, tuple[Piece, ...]]
BANDS = {"below 0": "60%", "up to 80": "40%", "up to 130": "50%", "above": "25%"}
BANDS_PAY = ((-INF, 0.0, 0.0, 0.6), (0.0, 80.0, 0.0, 0.4), (80.0, 130.0, -8.0, 0.5), (130.0, INF, 24.5, 0.25))
BOTH = {"below 0": "60%", "above": "40%"}

#: of a gain x; pieces are (from, to, level, slope)
SHARING: tuple[Clause, ...] = (
    (
        "threshold, the excess",
        [{"threshold": {"at": 60, "sides": "gain", "then": "excess"}}, {"share": BOTH}],
        ((-INF, 0.0, 0.0, 0.6), (60.0, INF, -24.0, 0.4)),
    ),
    (
        "threshold, from the first unit",
        [{"threshold": {"at": 120, "sides": "both", "then": "from_first"}}, {"share": BOTH}],
        ((-INF, -120.0, 0.0, 0.6), (120.0, INF, 0.0, 0.4)),
    ),
    (
        "threshold, catching up",
        [
            {"threshold": {"at": 80, "sides": "gain", "then": "catch_up", "catch_up_share": "80%"}},
            {"share": {"below 0": "60%", "above": "50%"}},
        ],
        # half of x, but at most 80% of what lies beyond 80: caught up where 0.5 x = 0.8 x - 64
        ((-INF, 0.0, 0.0, 0.6), (80.0, 640.0 / 3.0, -64.0, 0.8), (640.0 / 3.0, INF, 0.0, 0.5)),
    ),
    (
        "deadband",
        [{"deadband": {"below": 20, "above": 50}}, {"share": BOTH}],
        ((-INF, -20.0, 12.0, 0.6), (50.0, INF, -20.0, 0.4)),
    ),
    ("bands", [{"share": BANDS}], BANDS_PAY),
    (
        "collar on the gain",
        [{"limit_gain": {"floor": 60, "cap": 120}}, {"share": {"below 0": "0%", "above": "50%"}}],
        ((-INF, 60.0, 30.0, 0.0), (60.0, 120.0, 0.0, 0.5), (120.0, INF, 60.0, 0.0)),
    ),
    (
        "collar on the payment",
        [{"share": BANDS}, {"limit_payment": {"floor": -20, "cap": 45, "per": "settlement"}}],
        # 0.6 x = -20 at -100/3; 0.5 x - 8 = 45 at 106
        (
            (-INF, -100.0 / 3.0, -20.0, 0.0),
            (-100.0 / 3.0, 0.0, 0.0, 0.6),
            (0.0, 80.0, 0.0, 0.4),
            (80.0, 106.0, -8.0, 0.5),
            (106.0, INF, 45.0, 0.0),
        ),
    ),
    (
        "a whole term",
        [
            {"against": 20},
            {"threshold": {"at": 20, "sides": "gain", "then": "excess"}},
            {"limit_gain": {"cap": 80}},
            {"share": {"below 0": "60%", "above": "50%"}},
            {"limit_payment": {"cap": 35, "per": "settlement"}},
        ],
        # the gain is x - 20, beyond another 20: x - 40, at most 80; half of it reaches 35 at x = 110
        ((-INF, 20.0, -12.0, 0.6), (40.0, 110.0, -20.0, 0.5), (110.0, INF, 35.0, 0.0)),
    ),
)

PAIN: Clause = (
    "bands of pain",
    [{"share": {"below 0": "10%", "below -80": "50%", "below -150": "100%", "above": "0%"}}],
    # -8 at -80, -43 at -150
    ((-INF, -150.0, 107.0, 1.0), (-150.0, -80.0, 32.0, 0.5), (-80.0, 0.0, 0.0, 0.1)),
)


def _sharing(clause: Clause, window: str) -> dict[str, Any]:
    return {"term": "sharing", "of": "{x}", "clock": {"measured": window}, "steps": clause[1]}


def _target_cost(**limits: float) -> dict[str, Any]:
    return {"term": "target_cost", "actual_cost": "{x}", "clock": {"measured": "life"}, **limits}


CEILING = (
    "target cost with a ceiling",
    _target_cost(
        target_cost=1000, target_profit=100, supplier_share_under=0.3, supplier_share_over=0.4, ceiling_price=1190
    ),
    # x + 100 + 0.3 (1000 - x); x + 100 - 0.4 (x - 1000); 1190 from the point of total assumption 1150 on
    ((-INF, 1000.0, 400.0, 0.7), (1000.0, 1150.0, 500.0, 0.6), (1150.0, INF, 1190.0, 0.0)),
)
FEE_LIMITS = (
    "target cost with fee limits",
    _target_cost(
        target_cost=500, target_profit=45, supplier_share_under=0.5, supplier_share_over=0.5,
        lowest_profit=30, highest_profit=60,
    ),
    # the fee 45 + 0.5 (500 - x) is 60 at 470 and 30 at 530
    ((-INF, 470.0, 60.0, 1.0), (470.0, 530.0, 295.0, 0.5), (530.0, INF, 30.0, 1.0)),
)  # fmt: skip
CREDITS = (
    "service credits",
    {
        "term": "service_credits",
        "level": "{x}",
        "credits": {"below 99.5%": "5%", "at or below 99%": "15%", "below 98%": "30%"},
        "of": 1000,
        "clock": {"measured": "life"},
    },
    ((0.99, 0.995, -50.0, 0.0), (0.98, 0.99, -150.0, 0.0), (-INF, 0.98, -300.0, 0.0)),
)


def _once(unit: str, **shape: Any) -> tuple[str, dict[str, Any]]:
    return unit, {"drawn": "once", **shape}


def _cases() -> tuple[Case, ...]:
    normal = _once("EUR", normal={"mean": 100, "sd": 40})
    skewed = _once("EUR", lognormal={"mean": 100, "sd": 60})
    by_log = _once("EUR", lognormal={"log_mean": 4.5, "log_sd": 0.5})
    by_p90 = _once("EUR", lognormal={"median": 95, "p90": 180})
    monthly = "EUR/month", {"drawn": "each period", "normal": {"mean": 8, "sd": 12}}
    p90_law = Lognormal(math.log(95.0), math.log(180.0 / 95.0) / NormalDist().inv_cdf(0.9))
    laws: tuple[tuple[str, tuple[str, dict[str, Any]], Law, str], ...] = (
        ("normal", normal, Normal(100.0, 40.0), "life"),
        ("lognormal", skewed, exact.lognormal_by_mean(100.0, 60.0), "life"),
        ("lognormal by its log", by_log, Lognormal(4.5, 0.5), "life"),
        ("lognormal by median and p90", by_p90, p90_law, "life"),
        ("a year's sum", monthly, Normal(96.0, math.sqrt(12.0) * 12.0), "year"),
    )
    chosen = {
        "normal": range(8),
        "lognormal": range(8),
        "lognormal by its log": (0, 4),
        "lognormal by median and p90": (1, 6),
        "a year's sum": (0, 1, 4, 6),
    }
    found = [
        Case(f"{SHARING[n][0]}, {title}", unit, driver, law, _sharing(SHARING[n], window), SHARING[n][2])
        for title, (unit, driver), law, window in laws
        for n in chosen[title]
    ]
    in_pain = _once("EUR", normal={"mean": -100, "sd": 40})
    found.append(Case(f"{PAIN[0]}, normal", *in_pain, Normal(-100.0, 40.0), _sharing(PAIN, "life"), PAIN[2]))
    others: tuple[tuple[Any, str, dict[str, Any], Law], ...] = (
        (CEILING, "EUR", {"normal": {"mean": 1050, "sd": 150}}, Normal(1050.0, 150.0)),
        (CEILING, "EUR", {"lognormal": {"mean": 1050, "sd": 300}}, exact.lognormal_by_mean(1050.0, 300.0)),
        (FEE_LIMITS, "EUR", {"normal": {"mean": 500, "sd": 60}}, Normal(500.0, 60.0)),
        (FEE_LIMITS, "EUR", {"lognormal": {"mean": 500, "sd": 120}}, exact.lognormal_by_mean(500.0, 120.0)),
        (CREDITS, "fraction", {"normal": {"mean": 0.991, "sd": 0.006}}, Normal(0.991, 0.006)),
        (CREDITS, "fraction", {"lognormal": {"mean": 0.99, "sd": 0.01}}, exact.lognormal_by_mean(0.99, 0.01)),
    )
    for (name, term, pieces), unit, shape, law in others:
        found.append(Case(f"{name}, {next(iter(shape))}", *_once(unit, **shape), law, term, pieces))
    return tuple(found)


CASES = _cases()


# --- simulating ------------------------------------------------------------------------------------------------------


def _named(written: Any, driver: str) -> Any:
    """A copy of what is written, with the driver's name in the place of {x}."""
    if isinstance(written, Mapping):
        return {key: _named(value, driver) for key, value in written.items()}
    if isinstance(written, list):
        return [_named(value, driver) for value in written]
    return written.replace("{x}", driver) if isinstance(written, str) else written


def offer_of(cases: Sequence[Case]) -> Offer:
    """One contract with a term and a driver for each case, over one year of months."""
    numbered = list(enumerate(cases, start=1))
    document = {
        "gainsim": 1,
        "title": "expectations",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 1, "step": "month", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "drivers": {
            f"x{n}": {"control": "nobody", "unit": case.unit, "central": "mean", **_named(case.driver, "")}
            for n, case in numbered
        },
        "contract": {f"term{n}": _named(case.term, f"x{n}") for n, case in numbered},
    }
    return load_text(yaml.safe_dump(document, sort_keys=False, width=100_000))


def payments(result: Result) -> dict[str, Floats]:
    """What each term pays, by path: the sum of its payment lines in their order."""
    found: dict[str, Floats] = {}
    for line, amounts in zip(result.run.rows.lines, result.run.total, strict=True):
        if line.role == "payment":
            found[line.group] = found.get(line.group, 0.0) + amounts
    return found


def estimates(offer: Offer, paths: int, seed: int) -> list[Estimate]:
    """The mean payment of each term with the standard error that gainsim states."""
    paid = payments(simulate(offer, paths=paths, seed=seed)).values()
    return [estimate(mean(amounts)) for amounts in paid]


# --- the long study --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What a case showed over all seeds: z of the pooled mean, mean z² by seed, stated over exact standard error."""

    name: str
    exact: float
    simulated: float
    standard_error: float
    z: float
    mean_square_z: float
    stated_over_exact_error: float


def band(count: int, level: float = 0.99) -> tuple[float, float]:
    """In which the mean of so many independent squared standard normal numbers lies with this probability."""
    from scipy.stats import chi2

    tail = (1.0 - level) / 2.0
    return float(chi2.ppf(tail, count)) / count, float(chi2.ppf(1.0 - tail, count)) / count


def study(seeds: int = SEEDS) -> dict[str, Any]:
    """All cases over so many seeds, with what is needed to repeat them."""
    start = time.perf_counter()
    offer = offer_of(CASES)
    runs = [estimates(offer, PATHS, seed) for seed in range(1, seeds + 1)]
    found = []
    for n, case in enumerate(CASES):
        values = np.array([run[n].value for run in runs])
        stated = np.array([run[n].standard_error for run in runs])
        error = case.deviation / math.sqrt(PATHS)
        pooled = float(values.mean())
        z = (pooled - case.expected) / (error / math.sqrt(seeds))
        square = float((((values - case.expected) / stated) ** 2).mean())
        ratio = float(stated.mean()) / error
        found.append(
            Found(case.name, case.expected, pooled, error / math.sqrt(seeds), round(z, 3), round(square, 3), ratio)
        )
    squares = float(np.mean([each.mean_square_z for each in found]))
    low, high = band(len(CASES) * seeds)
    passed = all(abs(each.z) <= 4.0 for each in found) and low <= squares <= high
    return {
        "study": "expected payments against closed forms",
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "paths": PATHS,
        "seeds": seeds,
        "seconds": round(time.perf_counter() - start, 1),
        "mean_square_z": round(squares, 4),
        "band": (round(low, 4), round(high, 4)),
        "passed": passed,
        "results": [asdict(each) for each in found],
    }


def _table(report: dict[str, Any]) -> str:
    head = f"{'clause':52}{'exact':>12}{'simulated':>12}{'z':>8}{'mean z2':>9}{'error/exact':>13}"
    rows = [
        f"{r['name']:52}{r['exact']:12.4f}{r['simulated']:12.4f}{r['z']:8.2f}{r['mean_square_z']:9.2f}"
        f"{r['stated_over_exact_error']:13.4f}"
        for r in report["results"]
    ]
    end = f"mean z2 {report['mean_square_z']} in {report['band']}: {'passed' if report['passed'] else 'FAILED'}"
    return "\n".join([head, *rows, f"{end}, {report['seconds']} s"])


def main() -> int:
    """Run the study, print it and, if it has full length, record it."""
    parser = argparse.ArgumentParser(prog="python -m validation.expectations", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print the record instead of the table")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="fewer are not recorded")
    wanted = parser.parse_args()
    report = study(wanted.seeds)
    record = json.dumps(report, indent=2)
    if wanted.seeds >= SEEDS:
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text(record + "\n", encoding="utf-8")
    print(record if wanted.json else _table(report))
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
