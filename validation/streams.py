"""Are the draws what they claim to be? Moments, tails, neighbours of every kind, and the whole distribution.

Every check has a null distribution, exact (the mean, the sum of squares, counts, chi-square, Kolmogorov-Smirnov) or
normal with the exact variance (higher moments, correlations), and a band that a perfect source leaves with the
probability of a 4-sigma event, 6.3e-5. A run of N checks raises a false alarm with a chance of at most N times that;
the record says how many checks there were. Seeds are fixed: a run that passes always passes.

`python -m validation.streams [--json] [--draws N] [--tails N]`; a study of full length is recorded in
`validation/results/streams.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gainsim import __name__ as package
from gainsim.ops.kernels import norm_cdf, norm_ppf
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.streams.source import Philox, Plan, StreamPlan

Floats = NDArray[np.float64]
Paths = NDArray[np.uint64]

SIGMAS = 4.0
FALSE_ALARM = float(2.0 * stats.norm.sf(SIGMAS))  # of one check: 6.3e-5
DRAWS = 10_000_000
TAILS = 100_000_000
SEED = 20_270_101
CELLS = 64  # of each side of the square in which pairs are counted
LEVELS = (3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0)
BLOCK, PERIODS = 4096, 64
RECORD = Path(__file__).parent / "results" / "streams.json"


@dataclass(frozen=True)
class Check:
    """One number and the band in which it lies for a perfect source, but for one case in 16,000."""

    name: str
    draws: int
    value: float
    low: float
    high: float

    @property
    def passed(self) -> bool:
        """Whether the value lies in its band, edges included."""
        return bool(self.low <= self.value <= self.high)


# ------------------------------------------------------------------------------------------------ null distributions


def z_check(name: str, draws: int, z: float) -> Check:
    """A standardised sum."""
    return Check(name, draws, z, -SIGMAS, SIGMAS)


def count_check(name: str, draws: int, count: int, chance: float) -> Check:
    """A number of hits: binomial."""
    low, high = stats.binom.ppf([FALSE_ALARM / 2.0, 1.0 - FALSE_ALARM / 2.0], draws, chance)
    return Check(name, draws, float(count), float(low), float(high))


def chi_square_check(name: str, draws: int, value: float, freedom: int) -> Check:
    """A chi-square statistic, neither too large nor too small."""
    low, high = stats.chi2.ppf([FALSE_ALARM / 2.0, 1.0 - FALSE_ALARM / 2.0], freedom)
    return Check(name, draws, value, float(low), float(high))


def kolmogorov_check(name: str, u: Floats) -> Check:
    """The largest distance from the straight line, against its exact distribution; neither too large nor too small."""
    n = len(u)
    u = np.sort(u)
    place = np.arange(n) / n
    distance = float(max((u - place).max(), (place + 1.0 / n - u).max()))
    low, high = math.sqrt(n) * stats.kstwo.ppf([FALSE_ALARM / 2.0, 1.0 - FALSE_ALARM / 2.0], n)
    return Check(name, n, distance * math.sqrt(n), float(low), float(high))


# ------------------------------------------------------------------------------------------------ one stream by itself


def blocks(draws: int, seed: int = SEED) -> Iterator[Floats]:
    """Scores of one stream as the compiled loop draws them, (PERIODS, BLOCK) at a time."""
    program = Program(PERIODS)
    section = program.section("every period")
    program.line("z", section, program.draw("price", section))
    loop = Loop(program, BLOCK)
    source = Philox(Plan((StreamPlan("price", PERIODS),), 1, seed))
    lines = np.empty((PERIODS, BLOCK))
    for block in range(-(-draws // (BLOCK * PERIODS))):
        loop.run(source.key_table(["price"]), block * BLOCK, lines)
        yield lines


def moments_and_tails(draws: int, levels: tuple[float, ...] = LEVELS) -> list[Check]:
    """Moments to the fourth, and how many scores lie beyond 3 to 6 sigma on either side."""
    powers = np.zeros(5)
    beyond = np.zeros((2, len(levels)), np.int64)
    for z in blocks(draws):
        square = z * z
        powers += [z.size, z.sum(), square.sum(), (square * z).sum(), (square * square).sum()]
        far = z[square > levels[0] ** 2]
        beyond += [[int((far < -k).sum()) for k in levels], [int((far > k).sum()) for k in levels]]
    n = int(powers[0])
    checks = [
        z_check("mean", n, powers[1] / math.sqrt(n)),
        chi_square_check("second moment", n, powers[2], n),
        z_check("third moment", n, powers[3] / math.sqrt(15.0 * n)),
        z_check("fourth moment", n, (powers[4] - 3.0 * n) / math.sqrt(96.0 * n)),
    ]
    for side, counts in zip(("below -", "above +"), beyond, strict=True):
        for level, count in zip(levels, counts, strict=True):
            checks.append(count_check(f"{side}{level:g} sigma", n, int(count), float(stats.norm.sf(level))))
    both = beyond.sum(axis=0)
    chance = 2.0 * float(stats.norm.sf(levels[-1]))
    checks.append(count_check(f"beyond {levels[-1]:g} sigma", n, int(both[-1]), chance))
    return checks


def whole_distribution(draws: int) -> list[Check]:
    """Kolmogorov-Smirnov: the uniforms of one period, and the scores of another."""
    source = Philox(Plan((StreamPlan("price", 2), StreamPlan("demand", 2)), draws, SEED))
    paths = np.arange(draws, dtype=np.uint64)
    return [
        kolmogorov_check("Kolmogorov-Smirnov, uniforms", source.uniforms("price", paths, 0)),
        kolmogorov_check("Kolmogorov-Smirnov, scores", norm_cdf(source.normals("demand", paths, 1))),
    ]


# ------------------------------------------------------------------------------------------------ neighbours

NAMES = ("price", "demand", "a", "b")
_ONE, _TWO = np.uint64(1), np.uint64(2)


def _source(seed: int = SEED, replicate: int = 0) -> Philox:
    return Philox(Plan(tuple(StreamPlan(name, 1000) for name in NAMES), 1, seed, replicate))


def _plain(paths: Paths, *, stream: str = "price", period: int = 0, seed: int = SEED, replicate: int = 0) -> Floats:
    return _source(seed, replicate).uniforms(stream, paths, period)


def _event(paths: Paths, lane: int, index: int, which: int = 0) -> Floats:
    return _source().event_uniforms("price", paths, lane, index)[which]


#: two draws whose addresses are as near as can be; each gives both for these paths. No draw stands in two pairs
NEIGHBOURS: dict[str, Callable[[Paths], tuple[Floats, Floats]]] = {
    "neighbouring paths": lambda p: (_plain(_TWO * p), _plain(_TWO * p + _ONE)),
    "paths a cell apart": lambda p: (
        _plain(p + (p // np.uint64(1024)) * np.uint64(1024)),
        _plain(p + (p // np.uint64(1024)) * np.uint64(1024) + np.uint64(1024)),
    ),
    "paths 2^32 apart": lambda p: (_plain(p), _plain(p + np.uint64(2**32))),
    "periods of one counter": lambda p: (_plain(p, period=0), _plain(p, period=1)),
    "periods of two counters": lambda p: (_plain(p, period=1), _plain(p, period=2)),
    "the same month a year on": lambda p: (_plain(p, period=5), _plain(p, period=17)),
    "a path and its neighbour a period on": lambda p: (_plain(_TWO * p), _plain(_TWO * p + _ONE, period=1)),
    "lanes": lambda p: (_event(p, 1, 0), _event(p, 2, 0)),
    "a lane and the calendar": lambda p: (_plain(p), _event(p, 1, 0)),
    "events of one asset": lambda p: (_event(p, 1, 0, 1), _event(p, 1, 1, 0)),
    "lane and index exchanged": lambda p: (_event(p, 3, 4), _event(p, 4, 3)),
    "streams": lambda p: (_plain(p), _plain(p, stream="demand")),
    "streams of one letter": lambda p: (_plain(p, stream="a"), _plain(p, stream="b")),
    "seeds": lambda p: (_plain(p), _plain(p, seed=SEED + 1)),
    "replicates": lambda p: (_plain(p), _plain(p, replicate=1)),
}


def neighbours(name: str, draws: int) -> list[Check]:
    """Correlation of the scores and of their squares, and how evenly the pairs fill the square.

    Sums of products of independent scores have variance 1 each; (z² - 1) / √2 has mean 0 and variance 1.
    """
    u, v = NEIGHBOURS[name](np.arange(draws, dtype=np.uint64))
    n = len(u)
    filled = np.bincount((u * CELLS).astype(np.int64) * CELLS + (v * CELLS).astype(np.int64), minlength=CELLS * CELLS)
    expected = n / CELLS**2
    chi = float(((filled - expected) ** 2).sum() / expected)
    x, y = np.asarray(norm_ppf(u)), np.asarray(norm_ppf(v))
    root = math.sqrt(n)
    return [
        z_check(f"correlation, {name}", n, float(x @ y) / root),
        z_check(f"correlation of squares, {name}", n, float((x * x - 1.0) @ (y * y - 1.0)) / (2.0 * root)),
        chi_square_check(f"pairs in {CELLS} x {CELLS} cells, {name}", n, chi, CELLS**2 - 1),
    ]


def lags(periods: int, paths: int) -> list[Check]:
    """Autocorrelation along one path at lags 1 to 12, over all paths: products at one lag are uncorrelated."""
    source = Philox(Plan((StreamPlan("price", periods),), paths, SEED))
    numbers = np.arange(paths, dtype=np.uint64)
    z = np.stack([source.normals("price", numbers, t) for t in range(periods)])
    checks = []
    for lag in range(1, 13):
        count = (periods - lag) * paths
        total = float(np.einsum("tp,tp->", z[:-lag], z[lag:]))
        checks.append(z_check(f"autocorrelation at lag {lag}", count, total / math.sqrt(count)))
    return checks


# ------------------------------------------------------------------------------------------------ the study


def all_checks(draws: int = DRAWS, tails: int = TAILS, levels: tuple[float, ...] = LEVELS) -> list[Check]:
    """Every check: tails over `tails` scores, everything else over `draws`."""
    checks = moments_and_tails(tails, levels) + whole_distribution(draws)
    for name in NEIGHBOURS:
        checks += neighbours(name, draws)
    return checks + lags(60, draws // 60)


def study(draws: int = DRAWS, tails: int = TAILS) -> dict[str, object]:
    """All checks, with what is needed to repeat them."""
    start = time.perf_counter()
    checks = all_checks(draws, tails)
    return {
        "study": "statistical quality of the draws",
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__, package: _version()},
        "seed": SEED,
        "draws": draws,
        "tails": tails,
        "seconds": round(time.perf_counter() - start, 1),
        "checks": len(checks),
        "false_alarm_of_one": FALSE_ALARM,
        "false_alarm_of_all": round(1.0 - (1.0 - FALSE_ALARM) ** len(checks), 6),
        "passed": all(check.passed for check in checks),
        "results": [{**asdict(check), "passed": check.passed} for check in checks],
    }


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _table(report: dict[str, object]) -> str:
    head = f"{'check':52}{'draws':>13}{'value':>16}{'low':>16}{'high':>16}"
    rows = [
        f"{r['name']:52}{r['draws']:13,}{r['value']:16.4f}{r['low']:16.4f}{r['high']:16.4f}"
        f"{'' if r['passed'] else '  FAILED'}"
        for r in report["results"]  # type: ignore[attr-defined]
    ]
    said = f"{report['checks']} checks, {'passed' if report['passed'] else 'FAILED'}, {report['seconds']} s"
    return "\n".join([head, *rows, said])


def main() -> int:
    """Run the study, print it and, if it has full length, record it."""
    parser = argparse.ArgumentParser(prog="python -m validation.streams", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print the record instead of the table")
    parser.add_argument("--draws", type=int, default=DRAWS, help="fewer are not recorded")
    parser.add_argument("--tails", type=int, default=TAILS, help="fewer are not recorded")
    wanted = parser.parse_args()
    report = study(wanted.draws, wanted.tails)
    record = json.dumps(report, indent=2)
    if wanted.draws >= DRAWS and wanted.tails >= TAILS:
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text(record + "\n", encoding="utf-8")
    print(record if wanted.json else _table(report))
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
