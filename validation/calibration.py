"""Parameters put in are got back: how often does a 95% interval of `gainsim calibrate` hold the true value?

Histories are simulated from known processes and calibrated as a user's would be, the kind of process given. The intervals are
those that it shows, of every parameter that it writes: 50 years of months for each process, 5 years for the simple ones.

`python -m validation.calibration [--histories N] [--only WORD]` prints the study; `--record` writes it to
`validation/results/calibration.json`. The gate runs a few histories of each case.
"""

from __future__ import annotations

import argparse
import json
import math
from calendar import month_abbr
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.changing import Garch
from gainsim.calibration.jumping import Jumps
from gainsim.calibration.linear import Autoregressive, Walk
from gainsim.calibration.regimes import Regimes
from gainsim.calibration.reversion import reverting
from gainsim.calibration.series import Candidate, Season, Series
from gainsim.calibration.writing import written

Floats = NDArray[np.float64]
HISTORIES, SEED, LONG, SHORT, BEFORE = 500, 20_261_129, 600, 60, 240
#: values, and what is true of them alone; from draws and a number of months
Found = tuple[Floats, Mapping[str, float]]
History = Callable[[np.random.Generator, int], Found]
RECORD = Path(__file__).parent / "results" / "calibration.json"


@dataclass(frozen=True)
class Case:
    """A process with known parameters.

    history: (generator, months) → the values, and what is true of this history alone
    truth:   by parameter as it is shown; season: what the candidate is asked to look for
    """

    name: str
    months: int
    candidate: Candidate
    history: History
    truth: Mapping[str, float]
    season: Season = "none"
    positive: bool = True

    def series(self, generator: np.random.Generator) -> tuple[Series, Mapping[str, float]]:
        """One history, from January on, and what is true of it."""
        values, of_it = self.history(generator, self.months)
        return Series(values, np.arange(self.months) % 12, 12, self.positive), {**self.truth, **of_it}


def _walk(drift: float, sd: float, season: Floats) -> History:
    def history(generator: np.random.Generator, months: int) -> Found:
        x = np.cumsum(drift + sd * generator.standard_normal(months))
        return np.exp(x + season[np.arange(months) % 12]), {}

    return history


def _autoregression(phi: tuple[float, ...], centre: float, sd: float, log: bool = True) -> History:
    """Long after its beginning."""

    def history(generator: np.random.Generator, months: int) -> Found:
        from scipy.signal import lfilter

        y = lfilter([1.0], [1.0, *(-weight for weight in phi)], sd * generator.standard_normal(months + BEFORE))[BEFORE:]
        return np.exp(centre + y) if log else centre + y, {}

    return history


def _garch(generator: np.random.Generator, months: int) -> Found:
    variance, changes = 0.0025, np.empty(months + BEFORE)
    for t, z in enumerate(generator.standard_normal(months + BEFORE).tolist()):
        e = math.sqrt(variance) * z
        changes[t] = 0.005 - variance / 2.0 + e
        variance = 0.15 * 0.0025 + 0.15 * e * e + 0.7 * variance
    return np.exp(np.cumsum(changes[BEFORE:])), {"volatility now, a year": math.sqrt(12.0 * variance)}


CALM, WILD, LEAVES = (0.006, 0.03), (-0.01, 0.09), (0.05, 0.15)


def _regimes(generator: np.random.Generator, months: int) -> Found:
    regime, changes = 0, np.empty(months + BEFORE)
    chance, z = generator.random(months + BEFORE), generator.standard_normal(months + BEFORE)
    for t in range(len(changes)):
        regime = regime ^ int(chance[t] < LEAVES[regime])
        mean, sd = (CALM, WILD)[regime]
        changes[t] = mean + sd * z[t]
    return np.exp(np.cumsum(changes[BEFORE:])), {}


def _jumps(generator: np.random.Generator, months: int) -> Found:
    number = generator.poisson(2.0 / 12.0, months)
    z, size = generator.standard_normal((2, months))
    return np.exp(np.cumsum(0.01 + 0.04 * z - 0.08 * number + 0.1 * np.sqrt(number) * size)), {}


def _of_walk(drift: float, sd: float) -> dict[str, float]:
    return {"drift of the mean, a year": math.expm1(12 * drift + 6 * sd * sd), "volatility, a year": sd * math.sqrt(12)}


def _of_reversion(weight: float, centre: float, sd: float, log: bool = True) -> dict[str, float]:
    return {
        "long-run median" if log else "long-run mean": math.exp(centre) if log else centre,
        "half-life": math.log(0.5) / math.log(weight),
        "volatility, a year": sd * math.sqrt(24.0 * -math.log(weight) / (1.0 - weight * weight)),
    }


def _of_regime(name: str, mean: float, sd: float, leaves: float) -> dict[str, float]:
    return {
        f"{name}: drift of the mean, a year": math.expm1(12 * mean + 6 * sd * sd),
        f"{name}: volatility, a year": sd * math.sqrt(12),
        f"{name}: lasts on average": 1.0 / leaves,
    }


_FLAT, _SEASON = np.zeros(12), 0.15 * np.sin(2.0 * np.pi * np.arange(12) / 12.0)


def _seasonal(generator: np.random.Generator, months: int) -> Found:
    values, _ = _autoregression((0.8,), 4.0, 0.1)(generator, months)
    return values * np.exp(_SEASON[np.arange(months) % 12]), {}


_SEASON_TRUTH = {f"season, {month}": math.exp(effect) for month, effect in zip(month_abbr[1:], _SEASON, strict=True)}
_REVERTS = Autoregressive()
CASES = (
    *(
        case
        for months in (LONG, SHORT)
        for case in (
            Case(f"walk, {months} months", months, Walk(), _walk(0.004, 0.06, _FLAT), _of_walk(0.004, 0.06)),
            Case(f"walk with season, {months} months", months, Walk("factors"), _walk(0.004, 0.06, _SEASON),
                 _of_walk(0.004, 0.06) | _SEASON_TRUTH, "factors"),
            Case(f"reversion, half-life 3 months, {months} months", months, _REVERTS, _autoregression((0.8,), 4.0, 0.1),
                 _of_reversion(0.8, 4.0, 0.1)),
            Case(f"reversion of the level, {months} months", months, _REVERTS, _autoregression((0.7,), 50.0, 8.0, log=False),
                 _of_reversion(0.7, 50.0, 8.0, log=False), positive=False),
        )
    ),
    Case("reversion, half-life a year, 600 months", LONG, _REVERTS, _autoregression((0.944,), 4.0, 0.1),
         _of_reversion(0.944, 4.0, 0.1)),
    Case("reversion with season, 600 months", LONG, Autoregressive(1, "factors"), _seasonal,
         _of_reversion(0.8, 4.0, 0.1) | _SEASON_TRUTH, "factors"),
    Case("autoregression of order 2, 600 months", LONG, Autoregressive(2), _autoregression((1.1, -0.3), 4.0, 0.1),
         {"long-run median": math.exp(4.0), "weight of the value before": 1.1, "weight of the value two before": -0.3,
          "deviation of a surprise": 0.1}),
    Case("changing volatility, 600 months", LONG, Garch(), _garch,
         {"drift of the mean, a year": math.expm1(0.06), "volatility in the long run, a year": math.sqrt(0.03), "reaction": 0.15,
          "persistence": 0.7}),
    Case("two regimes, 600 months", LONG, Regimes(), _regimes,
         _of_regime("calm", *CALM, LEAVES[0]) | _of_regime("wild", *WILD, LEAVES[1])),
    Case("jumps, 600 months", LONG, Jumps(), _jumps,
         {"drift of the mean, a year": math.expm1(12 * (0.01 + 0.04**2 / 2) + 2 * math.expm1(-0.08 + 0.005)),
          "volatility between jumps, a year": 0.04 * math.sqrt(12), "jumps a year": 2.0, "mean of a jump, in the log": -0.08,
          "deviation of a jump, in the log": 0.1}),
)  # fmt: skip
#: what five years cannot tell
NOT_IDENTIFIABLE = tuple((case.name, case) for case in CASES if isinstance(case.candidate, Garch | Regimes | Jumps))


def study(case: Case, count: int) -> dict[str, dict[str, float]]:
    """By parameter: the truth, the median of what is found, the share of intervals that hold the truth; a season as one."""
    generator = np.random.default_rng([SEED, CASES.index(case)])
    rows: dict[str, list[tuple[float, float, bool]]] = {}
    for _ in range(count):
        series, truth = case.series(generator)
        found = written(case.candidate, case.candidate.fit(series), series, reverting(series, case.season))
        assert {known.what for known in found.parameters} == set(truth)
        for known in found.parameters:
            what = known.what.split(",")[0] if known.what.startswith("season") else known.what
            true = truth[known.what]
            rows.setdefault(what, []).append((true, known.value, known.low <= true <= known.high))
    return {
        what: {
            "truth": float(np.mean([true for true, _, _ in each])),
            "median": float(np.median([value for _, value, _ in each])),
            "coverage": float(np.mean([holds for _, _, holds in each])),
        }
        for what, each in rows.items()
    }


def refused(case: Case, count: int) -> float:
    """The share of five-year histories of which it says that the process is not identifiable."""
    generator = np.random.default_rng([SEED, CASES.index(case), SHORT])
    said = []
    for _ in range(count):
        values, _ = case.history(generator, SHORT)
        said.append(case.candidate.why_not(Series(values, np.arange(SHORT) % 12, 12, True)))
    return float(np.mean([why.startswith("not identifiable") for why in said]))


def main() -> None:
    """Print the study, and record it where asked."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--histories", type=int, default=HISTORIES)
    options.add_argument("--only", default="", help="cases whose name has this word")
    options.add_argument("--record", action="store_true")
    asked = options.parse_args()
    result = {}
    for case in (case for case in CASES if asked.only in case.name):
        result[case.name] = study(case, asked.histories)
        for what, row in result[case.name].items():
            print(f"{case.name:42}{what:36}" + "".join(f"{key} {value:9.4f}  " for key, value in row.items()), flush=True)
    short = {name: refused(case, asked.histories) for name, case in NOT_IDENTIFIABLE}
    print(f"not identifiable from {SHORT} months: {short}")
    if asked.record:
        kept = {"histories": asked.histories, "seed": SEED, "cases": result, "not_identifiable_from_60_months": short}
        RECORD.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
