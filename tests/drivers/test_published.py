"""Published numbers and closed forms of others: every row simulated through the drivers as an offer would write them.

Each row has a driver, and so a stream, of its own: the rows are independent. Each lies within 4 standard errors of the
published number (and its rounding), the standard errors are as small as said, and over a family the sum of squares lies
in its 99% band, so that neither a wrong number nor too wide an error can pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gainsim.ops.kernels import norm_cdf

Floats = NDArray[np.float64]
Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
Blocks = Callable[..., Iterator[dict[str, Floats]]]
FILE = "drivers_risk_sensitivity"


def _of(rows: Rows, *subs: str) -> list[Row]:
    found = [row for row in rows(FILE) if row["family"] == "driver" and row["sub"] in subs]
    assert found
    return found


def _name(row: Row) -> str:
    return row["id"].replace(".", "_")


def _assert_rows(results: list[tuple[Row, float, float]], sharp: float) -> None:
    """(row, estimate, standard error) of independent rows; sharp: the largest error allowed, as a part of the value."""
    z = np.array([
        max(abs(estimate - float(row["expected"])) - float(row["tol_abs"] or 0.0), 0.0) / error
        for row, estimate, error in results
    ])  # fmt: skip
    worst = int(np.argmax(z))
    assert z[worst] <= 4.0, (results[worst][0]["id"], *results[worst][1:])
    for row, _, error in results:
        assert error <= sharp * abs(float(row["expected"])), row["id"]
    low, high = stats.chi2.ppf([0.005, 0.995], len(z))
    assert low <= float((z * z).sum()) <= high


def _jackknife(sums: Floats, statistic: Callable[[Floats], Any]) -> tuple[float, float]:
    """A function of means and its standard error, leaving out one block of paths at a time; sums: (blocks, powers)."""
    total, count = sums.sum(axis=0), len(sums)
    left_out = statistic((total - sums).T)
    error = math.sqrt((count - 1) / count * float(((left_out - left_out.mean()) ** 2).sum()))
    return float(statistic(total)), error


# ------------------------------------------------------------------------------------------------ Gaussian copula


def _correlated(blocks: Blocks, rows: Sequence[Row], shape: Callable[[Row, int], dict[str, Any]]) -> Iterator[Any]:
    """Blocks of (row name: the two values); every row a pair of drivers, drawn once, with its correlation."""
    drivers = {f"{_name(row)}_{side}": {**shape(row, side), "drawn": "once"} for row in rows for side in (1, 2)}
    links = [
        {"between": [f"{_name(row)}_1", f"{_name(row)}_2"], "correlation": row["inputs"]["rho"], "of": "innovations"}
        for row in rows
    ]
    for block in blocks(drivers, dependence=links, paths=2**19, seed=1):
        yield {_name(row): (block[f"{_name(row)}_1"][0], block[f"{_name(row)}_2"][0]) for row in rows}


def _mean(samples: list[Floats]) -> tuple[float, float]:
    x = np.concatenate(samples)
    return float(x.mean()), float(x.std() / math.sqrt(len(x)))


def test_joint_probabilities_and_rank_correlations_of_the_gaussian_copula(
    validation_rows: Rows, blocks: Blocks
) -> None:
    """P(X <= a, Y <= b); Kendall's tau as concordance of two paths; Spearman's rho as 12 E[(Φ(X) - ½)(Φ(Y) - ½)]."""
    rows = _of(validation_rows, "gaussian_copula_bvn", "gaussian_copula_orthant", "gaussian_copula_tau",
               "gaussian_copula_rho_s")  # fmt: skip
    samples: dict[str, list[Floats]] = {row["id"]: [] for row in rows}
    for block in _correlated(blocks, rows, lambda row, side: {"normal": {"mean": 0, "sd": 1}}):
        for row in rows:
            x, y = block[_name(row)]
            a, b = row["inputs"].get("a", 0.0), row["inputs"].get("b", 0.0)
            if row["sub"] == "gaussian_copula_tau":
                sample = np.sign((x[::2] - x[1::2]) * (y[::2] - y[1::2]))
            elif row["sub"] == "gaussian_copula_rho_s":
                sample = 12.0 * (np.asarray(norm_cdf(x)) - 0.5) * (np.asarray(norm_cdf(y)) - 0.5)
            else:
                sample = ((x <= a) & (y <= b)) * 1.0
            samples[row["id"]].append(sample)
    _assert_rows([(row, *_mean(samples[row["id"]])) for row in rows], sharp=0.012)


def test_the_correlation_of_lognormal_values(validation_rows: Rows, blocks: Blocks) -> None:
    """(exp(rho s1 s2) - 1) / √((exp(s1²) - 1)(exp(s2²) - 1)): less than that of the scores."""
    rows = _of(validation_rows, "lognormal_corr")
    sums: dict[str, list[Floats]] = {row["id"]: [] for row in rows}

    def shape(row: Row, side: int) -> dict[str, Any]:
        return {"lognormal": {"log_mean": 0, "log_sd": row["inputs"][f"sigma{side}"]}}

    for block in _correlated(blocks, rows, shape):
        for row in rows:
            x, y = block[_name(row)]
            sums[row["id"]].append(np.array([len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y]))

    def correlation(s: Floats) -> Any:
        n, x, y, xx, yy, xy = s
        return (xy / n - x * y / n**2) / np.sqrt((xx / n - (x / n) ** 2) * (yy / n - (y / n) ** 2))

    _assert_rows([(row, *_jackknife(np.array(sums[row["id"]]), correlation)) for row in rows], sharp=0.01)


# ------------------------------------------------------------------------------------------------ geometric walks


def _walk(row: Row) -> dict[str, Any]:
    p = row["inputs"]
    drift, volatility = f"{100 * p['mu']:.12g}% pa continuous", f"{100 * p['sigma']:.12g}% pa"
    return {"geometric_walk": {"start": p["s0"], "drift": drift, "volatility": volatility}}


def _by_time(rows: Sequence[Row]) -> dict[float, list[Row]]:
    return {t: [row for row in rows if row["inputs"]["t"] == t] for t in sorted({row["inputs"]["t"] for row in rows})}


def _moment(output: str) -> Callable[[Floats], Any]:
    """From the sums of powers 0 to 4 of the distance from the known mean."""

    def statistic(s: Floats) -> Any:
        n, a, b, c, d = s
        m = a / n
        m2 = b / n - m**2
        m3 = c / n - 3 * m * b / n + 2 * m**3
        m4 = d / n - 4 * m * c / n + 6 * m**2 * b / n - 3 * m**4
        return {"mean": m, "variance": m2, "skewness": m3 / m2**1.5, "excess kurtosis": m4 / m2**2 - 3}[output]

    return statistic


def test_moments_and_quantiles_of_geometric_walks(validation_rows: Rows, blocks: Blocks) -> None:
    """Yearly steps. A quantile is compared by the share of paths below it."""
    rows = _of(validation_rows, "gbm_moments")
    shares = {"median": 0.5, "q05": 0.05, "q95": 0.95}
    results: list[tuple[Row, float, float]] = []
    higher: list[tuple[Row, float, float]] = []
    for t, group in _by_time(rows).items():
        sums: dict[str, list[Any]] = {row["id"]: [] for row in group}
        for block in blocks({_name(row): _walk(row) for row in group}, at=[round(t) - 1], paths=2**20, seed=2):
            for row in group:
                x = block[_name(row)][0]
                if row["output"] in shares:
                    sums[row["id"]].append([len(x), (x < float(row["expected"])).sum()])
                else:
                    d = x - row["inputs"]["s0"] * math.exp(row["inputs"]["mu"] * t)
                    square = d * d
                    sums[row["id"]].append([len(x), d.sum(), square.sum(), square @ d, square @ square])
        for row in group:
            found, output = np.array(sums[row["id"]], np.float64), row["output"]
            if output in shares:
                (n, below), p = found.sum(axis=0), shares[output]
                row = {**row, "expected": p, "tol_abs": 0.0}
                results.append((row, below / n, math.sqrt(p * (1 - p) / n)))
                continue
            estimate, error = _jackknife(found, _moment(output))
            shift = row["inputs"]["s0"] * math.exp(row["inputs"]["mu"] * t) if output == "mean" else 0.0
            (higher if output in ("skewness", "excess kurtosis") else results).append((row, estimate + shift, error))
    _assert_rows(results, sharp=0.005)
    _assert_rows(higher, sharp=0.06)  # the tails of a lognormal with s² = 0.32 leave its kurtosis no sharper


def test_a_collar_on_a_geometric_walk(validation_rows: Rows, blocks: Blocks) -> None:
    """E[min(max(S, floor), cap)]: two undiscounted calls apart."""
    rows = _of(validation_rows, "gbm_collar_expectation")
    results = []
    for t, group in _by_time(rows).items():
        samples: dict[str, list[Floats]] = {row["id"]: [] for row in group}
        for block in blocks({_name(row): _walk(row) for row in group}, at=[round(t) - 1], paths=2**19, seed=3):
            for row in group:
                held = np.clip(block[_name(row)][0], row["inputs"]["floor"], row["inputs"]["cap"])
                samples[row["id"]].append(held)
        results += [(row, *_mean(samples[row["id"]])) for row in group]
    _assert_rows(results, sharp=0.001)


def test_the_autocovariance_of_geometric_walks(validation_rows: Rows, blocks: Blocks) -> None:
    """Cov(S at half the time, S at the end), by quarterly steps."""
    rows = _of(validation_rows, "gbm_autocov")
    results = []
    for t, group in _by_time(rows).items():
        at = [round(4 * group[0]["inputs"]["s_time"]) - 1, round(4 * t) - 1]
        samples: dict[str, list[Floats]] = {row["id"]: [] for row in group}
        for block in blocks({_name(row): _walk(row) for row in group}, at=at, step="quarter", paths=2**20, seed=4):
            for row in group:
                p = row["inputs"]
                first, last = (
                    block[_name(row)][k] - p["s0"] * math.exp(p["mu"] * s) for k, s in ((0, p["s_time"]), (1, t))
                )
                samples[row["id"]].append(first * last)
        results += [(row, *_mean(samples[row["id"]])) for row in group]
    _assert_rows(results, sharp=0.005)


# ------------------------------------------------------------------------------------------------ mean reversion


def _level(start: float, centre: float, speed: float, sigma: float) -> dict[str, Any]:
    written = {"of": "level", "start": start, "mean": centre, "speed": speed, "volatility": f"{sigma:.17g} pa"}
    return {"mean_reverting": written}


def _variance(sample: Floats) -> tuple[float, float]:
    """About the mean, and its standard error."""
    square = (sample - sample.mean()) ** 2
    return float(square.mean()), float(square.std() / math.sqrt(len(sample)))


def test_moments_of_mean_reverting_levels(validation_rows: Rows, blocks: Blocks) -> None:
    """At a time, by quarterly steps; in the long run, after 60 and 61 years of yearly steps."""
    results = []
    for row in _of(validation_rows, "ou_moments"):
        p = row["inputs"]
        late = row["output"] in ("stationary variance", "lag-1 autocorrelation (step 1)")
        at, step = ([59, 60], "year") if late else ([round(4 * p["t"]) - 1], "quarter")
        driver = _level(p["x0"], p["theta"], p["kappa"], p["sigma"])
        parts = [b[_name(row)] for b in blocks({_name(row): driver}, at=at, step=step, paths=2**18, seed=5)]
        x = np.concatenate(parts, axis=1)
        if row["output"] == "mean":
            result = _mean([x[0]])
        elif "variance" in row["output"]:
            result = _variance(x[0])
        else:
            r = float(np.corrcoef(x[0], x[1])[0, 1])
            result = r, (1 - r * r) / math.sqrt(x.shape[1])
        results.append((row, *result))
    _assert_rows(results, sharp=0.003)


FINE, LENGTH = 240, 20  # steps of a month, on a clock that runs so that the whole takes 20 years


def test_the_time_average_of_a_mean_reverting_level(validation_rows: Rows, blocks: Blocks) -> None:
    """A driver is known at the ends of periods only. With 240 of them and the trapezium rule, what the sampling adds to
    the variance of the average is known exactly, below 1 part in 10,000, and taken off."""
    rows = _of(validation_rows, "ou_time_average")
    drivers = {}
    for row in rows:
        p = row["inputs"]
        slow = p["t"] / LENGTH  # a process on a slower clock: the speed times slow, the volatility times √slow
        drivers[_name(row)] = _level(p["x0"], p["theta"], p["kappa"] * slow, p["sigma"] * math.sqrt(slow))
    weights = np.full(FINE, 1.0 / FINE)
    weights[-1] *= 0.5
    parts: dict[str, list[Floats]] = {name: [] for name in drivers}
    for block in blocks(drivers, at=range(FINE), step="month", paths=2**16, seed=6):
        for name, x in block.items():
            parts[name].append(weights @ x)
    results = []
    for row in rows:
        p = row["inputs"]
        t = np.arange(1, FINE + 1) * p["t"] / FINE
        early, apart = np.minimum.outer(t, t), np.abs(np.subtract.outer(t, t))
        covariance = (
            p["sigma"] ** 2 / (2 * p["kappa"]) * -np.expm1(-2 * p["kappa"] * early) * np.exp(-p["kappa"] * apart)
        )
        sampling = weights @ covariance @ weights - float(row["expected"])
        assert abs(sampling) < 1e-4 * float(row["expected"])
        estimate, error = _variance(np.concatenate(parts[_name(row)]))
        results.append((row, estimate - sampling, error))
    _assert_rows(results, sharp=0.006)


def test_autoregressions_of_one_lag(validation_rows: Rows, blocks: Blocks) -> None:
    """Long after the start, by months: the variance of a value, and of the mean of twelve; a negative lag as well."""
    results = []
    for row in _of(validation_rows, "ar1"):
        phi, sd, n = row["inputs"]["phi"], row["inputs"]["innov_sd"], row["inputs"].get("n", 1)
        written = {"of": "level", "step": "month", "start": 0, "mean": 0, "ar": [phi], "sd": sd}
        burn_in = math.ceil(math.log(1e-12) / (2 * math.log(abs(phi))))
        at = range(burn_in, burn_in + n)
        parts = [
            b[_name(row)].mean(axis=0)
            for b in blocks({_name(row): {"autoregression": written}}, at=at, step="month", paths=2**18, seed=7)
        ]
        results.append((row, *_variance(np.concatenate(parts))))
    _assert_rows(results, sharp=0.003)


# ------------------------------------------------------------------------------------------------ jumps


def test_moments_of_walks_with_jumps(validation_rows: Rows, blocks: Blocks) -> None:
    """Of the log after a time, by months. The rows give the drift of the log without the jumps."""
    results, higher = [], []
    for row in _of(validation_rows, "jump_diffusion_moments"):
        p = row["inputs"]
        drift = f"{100 * (p['drift'] + p['sigma'] ** 2 / 2):.12g}% pa continuous"
        jumps = {"a_year": p["intensity"], "log_mean": p["jump_mean_log"], "log_sd": p["jump_sd_log"], "drift": "leaves them out"}
        walk = {"start": 1, "drift": drift, "volatility": f"{100 * p['sigma']:.12g}% pa", "jumps": jumps}
        centre = p["t"] * (p["drift"] + p["intensity"] * p["jump_mean_log"])
        sums = []
        for block in blocks({_name(row): {"geometric_walk": walk}}, at=[round(12 * p["t"]) - 1], step="month", paths=2**20, seed=9):
            d = np.log(block[_name(row)][0]) - centre
            square = d * d
            sums.append([len(d), d.sum(), square.sum(), square @ d, square @ square])
        output = row["output"].removesuffix(" log return")
        estimate, error = _jackknife(np.array(sums), _moment(output))
        result = (row, estimate + (centre if output == "mean" else 0.0), error)
        (higher if output in ("skewness", "excess kurtosis") else results).append(result)
    _assert_rows(results, sharp=0.006)
    _assert_rows(higher, sharp=0.03)


# ------------------------------------------------------------------------------------------------ compound sums


def _compound(row: Row) -> dict[str, Any]:
    p = row["inputs"]
    sizes = [{"value": float(size), "chance": chance} for size, chance in p["sev"].items()]
    return {"compound": {"number": {"poisson": {"mean": p["lam"]}}, "size": {"discrete": sizes}}, "drawn": "once"}


def test_compound_sums_and_what_is_paid_of_them(validation_rows: Rows, blocks: Blocks) -> None:
    """The chance of a total, or of no more than it; and a dividend of what 75% of the premium leaves above the losses."""
    rows = _of(validation_rows, "compound_pmf", "profit_share_dividend")
    samples: dict[str, list[Floats]] = {row["id"]: [] for row in rows}
    for block in blocks({_name(row): _compound(row) for row in rows}, paths=2**20, seed=8):
        for row in rows:
            total, output = block[_name(row)][0], row["output"]
            if output == "E[dividend]":
                sample = np.maximum(0.75 * row["inputs"]["premium"] - total, 0.0)
            else:
                below, place = output.removeprefix("P(S").removesuffix(")").split("=")
                sample = 1.0 * (total <= float(place) if below == "<" else total == float(place))
            samples[row["id"]].append(sample)
    _assert_rows([(row, *_mean(samples[row["id"]])) for row in rows], sharp=0.005)
