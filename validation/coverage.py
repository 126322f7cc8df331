"""Does a 95% interval cover the true value 95 times in 100? Every measure, on laws whose true value is known.

Each case draws its sample anew in each replication, makes the estimate and asks whether its interval holds the true
value; the share of replications in which it does must lie between 94% and 96%. The ratio of the mean standard error
to the actual spread of the estimates stands beside it: near 1, neither too wide nor too narrow.

`python -m validation.coverage [--json] [--replications N]`; a study of full length is recorded in
`validation/results/coverage.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from gainsim import __name__ as package
from gainsim import measures as ms
from gainsim import returns

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator], ms.Estimate]

NORMAL = NormalDist()
REPLICATIONS = 10_000
BAND = (0.94, 0.96)
SEED = 20_240_607
RECORD = Path(__file__).parent / "results" / "coverage.json"


@dataclass(frozen=True)
class Case:
    """One measure on one law: its true value in closed form, and how to draw an estimate of it."""

    name: str
    paths: int
    truth: float
    draw: Draw


@dataclass(frozen=True)
class Result:
    """What a case showed: coverage is to lie in the band, error_over_spread near 1, bias_over_spread near 0."""

    name: str
    paths: int
    replications: int
    truth: float
    coverage: float
    error_over_spread: float
    bias_over_spread: float


def normal_cvar(mean: float, sd: float, level: float) -> float:
    """The mean of the lowest 1 − level of a normal: mean − sd φ(z) / (1 − level)."""
    return mean - sd * NORMAL.pdf(NORMAL.inv_cdf(level)) / (1.0 - level)


def _lognormal(rng: np.random.Generator, paths: int, sigma: float) -> Floats:
    """A lognormal with mean 1."""
    return np.exp(sigma * rng.standard_normal(paths) - sigma * sigma / 2.0)


def _mean(rng: np.random.Generator) -> ms.Estimate:
    return ms.estimate(ms.mean(_lognormal(rng, 5_000, 0.8)))


def _probability(rng: np.random.Generator) -> ms.Estimate:
    return ms.estimate(ms.probability(rng.random(5_000) < 0.1))


def _ratio(rng: np.random.Generator) -> ms.Estimate:
    revenue = 100.0 * _lognormal(rng, 2_000, 0.3)
    cost = 50.0 + 0.3 * revenue + 10.0 * rng.standard_normal(2_000)
    return ms.estimate(ms.ratio(revenue - cost, revenue))


def _quantile(p: float) -> Draw:
    return lambda rng: ms.estimate(ms.quantile(_lognormal(rng, 4_000, 0.5), p))


def _var(rng: np.random.Generator) -> ms.Estimate:
    return ms.estimate(ms.var(100.0 + 15.0 * rng.standard_normal(5_000), 0.95))


def _cvar(rng: np.random.Generator) -> ms.Estimate:
    return ms.estimate(ms.cvar(100.0 + 15.0 * rng.standard_normal(5_000), 0.95))


def _deviation(rng: np.random.Generator) -> ms.Estimate:
    return ms.estimate(ms.standard_deviation(rng.gamma(4.0, 5.0, 5_000)))


def _variance(rng: np.random.Generator) -> ms.Estimate:
    return ms.estimate(ms.variance(rng.gamma(4.0, 5.0, 5_000)))


def _irr(rng: np.random.Generator) -> ms.Estimate:
    """100 bought at par with an expected coupon of 10 has an expected return of 10%."""
    coupons = [10.0 * _lognormal(rng, 2_000, 0.6) for _ in range(4)]
    cash = np.stack([-100.0 + 5.0 * rng.standard_normal(2_000), *coupons, 110.0 * _lognormal(rng, 2_000, 0.3)])
    rate = returns.irr(cash, np.arange(6.0))
    assert isinstance(rate, ms.Influence)
    return ms.estimate(rate)


def _offers(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Two offers on the same futures, with a correlation of 0.8."""
    shared, own = rng.standard_normal(4_000), rng.standard_normal(4_000)
    return 100.0 + 20.0 * shared, 95.0 + 12.0 * (0.8 * shared + 0.6 * own)


def _paired_means(rng: np.random.Generator) -> ms.Estimate:
    a, b = _offers(rng)
    return ms.difference(ms.mean(a), ms.mean(b))


def _paired_cvars(rng: np.random.Generator) -> ms.Estimate:
    a, b = _offers(rng)
    return ms.difference(ms.cvar(a, 0.9), ms.cvar(b, 0.9))


def _tilted(rng: np.random.Generator, paths: int) -> tuple[Floats, ms.Sample]:
    """A standard normal, sampled one below its mean: half of all paths fall where a sixth would."""
    z = rng.standard_normal(paths) - 1.0
    return z, ms.Sample(weights=np.exp(z + 0.5))


def _weighted_mean(rng: np.random.Generator) -> ms.Estimate:
    z, sample = _tilted(rng, 10_000)
    return ms.estimate(ms.mean(np.minimum(z, 0.0), sample), sample)


def _weighted_var(rng: np.random.Generator) -> ms.Estimate:
    z, sample = _tilted(rng, 5_000)
    return ms.estimate(ms.var(z, 0.95, sample), sample)


def _weighted_cvar(rng: np.random.Generator) -> ms.Estimate:
    z, sample = _tilted(rng, 5_000)
    return ms.estimate(ms.cvar(z, 0.95, sample), sample)


def _hypercubes(rng: np.random.Generator) -> tuple[Floats, ms.Sample]:
    """The sum of two uniforms, in 16 independent Latin hypercubes of 250 paths."""
    cells = rng.permuted(np.tile(np.arange(250.0), (2, 16, 1)), axis=-1)
    draws = (cells + rng.random(cells.shape)) / 250.0
    return (draws[0] + draws[1]).ravel(), ms.Sample(groups=np.repeat(np.arange(16), 250))


def _grouped_mean(rng: np.random.Generator) -> ms.Estimate:
    x, sample = _hypercubes(rng)
    return ms.estimate(ms.mean(x * x, sample), sample)


def _grouped_var(rng: np.random.Generator) -> ms.Estimate:
    x, sample = _hypercubes(rng)
    return ms.estimate(ms.var(x, 0.95, sample), sample)


CASES = (
    Case("mean, lognormal", 5_000, 1.0, _mean),
    Case("probability of 10%", 5_000, 0.1, _probability),
    Case("ratio of means", 2_000, 0.2, _ratio),
    Case("quantile 5%, lognormal", 4_000, math.exp(0.5 * NORMAL.inv_cdf(0.05) - 0.125), _quantile(0.05)),
    Case("quantile 50%, lognormal", 4_000, math.exp(-0.125), _quantile(0.5)),
    Case("quantile 95%, lognormal", 4_000, math.exp(0.5 * NORMAL.inv_cdf(0.95) - 0.125), _quantile(0.95)),
    Case("var 95%, normal", 5_000, 100.0 + 15.0 * NORMAL.inv_cdf(0.05), _var),
    Case("cvar 95%, normal", 5_000, normal_cvar(100.0, 15.0, 0.95), _cvar),
    Case("standard deviation, gamma", 5_000, 10.0, _deviation),
    Case("variance, gamma", 5_000, 100.0, _variance),
    Case("irr of a par bond", 2_000, 0.1, _irr),
    Case("paired difference of means", 4_000, 5.0, _paired_means),
    Case("paired difference of cvar 90%", 4_000, 5.0 + normal_cvar(0.0, 20.0 - 12.0, 0.9), _paired_cvars),
    Case("mean, importance weights", 10_000, -NORMAL.pdf(0.0), _weighted_mean),
    Case("var 95%, importance weights", 5_000, NORMAL.inv_cdf(0.05), _weighted_var),
    Case("cvar 95%, importance weights", 5_000, normal_cvar(0.0, 1.0, 0.95), _weighted_cvar),
    Case("mean, 16 Latin hypercubes", 4_000, 7.0 / 6.0, _grouped_mean),
    Case("var 95%, 16 Latin hypercubes", 4_000, math.sqrt(0.1), _grouped_var),
)


def cover(case: Case, replications: int) -> Result:
    """Run one case; its draws depend on its name alone, so that cases may be added or left out."""
    rng = np.random.default_rng([SEED, *case.name.encode()])
    values, errors = np.empty(replications), np.empty(replications)
    hits = 0
    for k in range(replications):
        estimate = case.draw(rng)
        low, high = estimate.interval(0.95)
        hits += low <= case.truth <= high
        values[k], errors[k] = estimate.value, estimate.standard_error
    spread = float(values.std(ddof=1))
    return Result(
        case.name,
        case.paths,
        replications,
        case.truth,
        hits / replications,
        round(float(errors.mean()) / spread, 4),
        round((float(values.mean()) - case.truth) / spread, 4),
    )


def study(replications: int = REPLICATIONS) -> dict[str, object]:
    """All cases, with what is needed to repeat them."""
    start = time.perf_counter()
    results = [cover(case, replications) for case in CASES]
    return {
        "study": "coverage of the 95% interval",
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__, package: _version()},
        "seed": SEED,
        "replications": replications,
        "seconds": round(time.perf_counter() - start, 1),
        "band": BAND,
        "passed": all(BAND[0] <= result.coverage <= BAND[1] for result in results),
        "results": [asdict(result) for result in results],
    }


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _table(report: dict[str, object]) -> str:
    head = f"{'measure':32}{'paths':>7}{'coverage':>10}{'error/spread':>14}{'bias/spread':>13}"
    rows = [
        f"{r['name']:32}{r['paths']:7,}{r['coverage']:10.2%}{r['error_over_spread']:14.3f}{r['bias_over_spread']:13.3f}"
        for r in report["results"]  # type: ignore[attr-defined]
    ]
    return "\n".join([head, *rows, f"{'passed' if report['passed'] else 'FAILED'}, {report['seconds']} s"])


def main() -> int:
    """Run the study, print it and, if it has full length, record it."""
    parser = argparse.ArgumentParser(prog="python -m validation.coverage", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print the record instead of the table")
    parser.add_argument("--replications", type=int, default=REPLICATIONS, help="fewer are not recorded")
    wanted = parser.parse_args()
    report = study(wanted.replications)
    record = json.dumps(report, indent=2)
    if wanted.replications >= REPLICATIONS:
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text(record + "\n", encoding="utf-8")
    print(record if wanted.json else _table(report))
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
