"""Drivers whose parameters hang together: what may be of them is written in sets, of which each path has one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.changing import ChangingVariance
from gainsim.calibration.drift import Drift, drawn_in
from gainsim.calibration.figures import amount, life, percent, rounded, weight
from gainsim.calibration.jumping import Jumping
from gainsim.calibration.known import Known, Written, of_sample, season_keys, season_known, size_of, start_of, step_of
from gainsim.calibration.linear import Autoregressive, Linear
from gainsim.calibration.regimes import TwoRegimes
from gainsim.calibration.reversion import Reverting, half_life
from gainsim.calibration.series import Candidate, Series
from gainsim.numbers import number_text

Floats = NDArray[np.float64]
#: sets that are written
SETS = 50
#: half-lives longer than so many histories are cut: nobody has seen one
LONGEST = 10.0


def some(sample: Floats, by: Floats) -> Floats:
    """(SETS, d) of a sample, spread evenly over one quantity of its members, so that few sets have the whole of its range."""
    places = ((np.arange(SETS) + 0.5) / SETS * len(sample)).astype(np.int64)
    return np.asarray(sample[np.argsort(by, kind="stable")[places]])


def _numbers(values: Floats) -> list[float]:
    return [rounded(float(value)) for value in values]


def _percents(values: Floats, per: str = "") -> list[str]:
    return [f"{percent(float(value))}{per}" for value in values]


def reversion(series: Series, speed: Reverting, candidate: Candidate) -> Written:
    """The weight by its own distribution, which knows what a history as short as this does to it; the rest given the weight."""
    assert isinstance(candidate, Autoregressive)
    months, longest = 12.0 / series.per_year, LONGEST * len(series)
    found = candidate.given(series, np.array([_kept(speed.unbiased)]))
    sample = candidate.sample(series, np.array([_kept(speed.weight(float(share))) for share in (np.arange(SETS) + 0.5) / SETS]))
    volatility = _a_year(sample[:, 2], sample[:, 1], series)
    back = np.exp if series.positive else np.asarray
    first = slice(None, None, len(sample) // SETS)
    chosen = sample[first]
    lives = np.clip(np.log(0.5) / np.log(chosen[:, 2]), 0.1, longest) * months
    keys: dict[str, Any] = {
        "of": "log" if series.positive else "level",
        "start": start_of(series, found.season),
        "mean": _numbers(back(chosen[:, 0])),
        "speed": _numbers(12.0 * math.log(2.0) / lives),
        "volatility": _volatilities(volatility[first], series),
        **season_keys(found, series),
    }
    low, high = (half_life(each) * months for each in speed.interval())
    notes = [
        f"Least squares finds a weight of {speed.found:.3f} for the last value, which in a history as short as this is too low "
        f"on average; the one written, {float(found.phi[0]):.3f}, is as often too low as too high."
    ]
    if lives.max() >= longest * months * 0.999:
        notes.append(
            "How slow the return may be is not bounded by this history; the half-life is cut at ten times its length."
        )
    return Written(
        {"mean_reverting": keys},
        (
            of_sample(_centre_words(series), float(back(found.centre)), back(sample[:, 0]), amount),
            Known("half-life", half_life(float(found.phi[0])) * months, low, high, life),
            of_sample("volatility, a year", float(_a_year(found.phi, found.unbiased_sd, series)[0]), volatility, size_of(series)),
            *season_known(found, series),
        ),
        tuple(notes),
    )  # fmt: skip


def _a_year(weight: Floats, sd: Floats | float, series: Series) -> Floats:
    """The volatility a year of a process in continuous time that leaves this weight and this deviation after a period."""
    return np.asarray(sd * np.sqrt(2.0 * series.per_year * -np.log(weight) / (1.0 - weight * weight)))


def _kept(weight: float) -> float:
    """A weight of the last value that a driver of this kind can have."""
    return min(max(weight, 0.02), 0.9995)


def _volatilities(values: Floats, series: Series) -> list[str]:
    return _percents(values, " pa") if series.positive else [f"{number_text(rounded(float(value)))} pa" for value in values]


def _centre_words(series: Series) -> str:
    return "long-run median" if series.positive else "long-run mean"


def autoregression(fit: Linear, series: Series) -> Written:
    """Centre, weights and deviation of a sample."""
    order = len(fit.phi)
    sample = fit.sample(series)
    back = np.exp if series.positive else np.asarray
    last = back(series.x[-order:] - fit.season[series.places[-order:]])
    chosen = some(sample, sample[:, 0])
    keys: dict[str, Any] = {
        "of": "log" if series.positive else "level",
        "step": step_of(series),
        "start": [rounded(float(each), 6) for each in last],
        "mean": _numbers(back(chosen[:, 0])),
        "ar": [_numbers(column) for column in chosen[:, 2:].T],
        "sd": _numbers(chosen[:, 1]),
        **season_keys(fit, series),
    }
    return Written(
        {"autoregression": keys},
        (
            of_sample(_centre_words(series), float(back(fit.centre)), back(sample[:, 0]), amount),
            *(of_sample(f"weight of the value {_BEFORE[lag]}", float(found), sample[:, 2 + lag], weight)
              for lag, found in enumerate(fit.phi)),
            of_sample("deviation of a surprise", fit.unbiased_sd, sample[:, 1], size_of(series)),
            *season_known(fit, series),
        ),
    )  # fmt: skip


_BEFORE = ("before", "two before", "three before")


def garch(fit: ChangingVariance, series: Series, stretch: float) -> Written:
    """The drift as that of a walk; volatility, reaction, persistence and the volatility as it stands in sets."""
    years = series.per_year
    sample = fit.sample(series)
    now = float(fit.run(np.diff(series.x))[1][-1])
    volatility, opening = (np.sqrt(years * column) * stretch for column in (sample[:, 1], sample[:, 4]))
    log_growth = _stretched(years * (sample[:, 0] - 0.5 * sample[:, 1]), stretch)
    growth = log_growth + 0.5 * volatility**2
    drift = Drift(float(np.median(log_growth)), float(log_growth.std()), math.sqrt(float(np.median(volatility**2))))
    chosen = some(np.column_stack([volatility, sample[:, 2:4], opening]), volatility)
    keys: dict[str, Any] = {
        "step": step_of(series),
        "start": rounded(float(series.values[-1]), 8),
        "drift": drift.shape,
        "volatility": _percents(chosen[:, 0], " pa"),
        "reaction": _numbers(chosen[:, 1]),
        "persistence": _numbers(np.minimum(chosen[:, 2], 0.9998 - chosen[:, 1])),
        "now": _percents(chosen[:, 3], " pa"),
    }
    found = years * fit.growth + 0.5 * years * fit.variance * (stretch**2 - 1.0)
    return Written(
        {"garch": keys},
        (
            of_sample("drift of the mean, a year", math.expm1(found), np.expm1(growth), percent),
            of_sample("volatility in the long run, a year", math.sqrt(years * fit.variance) * stretch, volatility, percent),
            of_sample("volatility now, a year", math.sqrt(years * now) * stretch, opening, percent),
            of_sample("reaction", fit.reaction, sample[:, 2], weight),
            of_sample("persistence", fit.persistence, sample[:, 3], weight),
        ),
        drift.words(math.expm1(found)),
    )  # fmt: skip


def jumps(fit: Jumping, series: Series, stretch: float) -> Written:
    """The drift as that of a walk; volatility and jumps in sets."""
    years = series.per_year
    sample, found = _jumps_a_year(fit.sample(series), years, stretch), _jumps_a_year(fit.row, years, stretch)[0]
    plain = sample[:, 0] + sample[:, 2] * sample[:, 3]
    log_growth, lifted = _stretched(plain, stretch), _growth(sample) - plain
    drift = Drift(float(np.median(log_growth)), float(log_growth.std()), math.sqrt(2.0 * float(np.median(lifted))))
    grown = math.expm1(float(_growth(found[None, :])[0]))
    chosen = some(sample, sample[:, 1])
    keys: dict[str, Any] = {
        "start": rounded(float(series.values[-1]), 8),
        "drift": drift.shape,
        "volatility": _percents(chosen[:, 1], " pa"),
        "jumps": {
            "a_year": _numbers(chosen[:, 2]), "log_mean": _numbers(chosen[:, 3]), "log_sd": _numbers(chosen[:, 4]),
            "drift": "includes them",
        },
    }  # fmt: skip
    return Written(
        {"geometric_walk": keys},
        (
            of_sample("drift of the mean, a year", grown, np.expm1(log_growth + lifted), percent),
            of_sample("volatility between jumps, a year", float(found[1]), sample[:, 1], percent),
            of_sample("jumps a year", float(found[2]), sample[:, 2], amount),
            of_sample("mean of a jump, in the log", float(found[3]), sample[:, 3], weight),
            of_sample("deviation of a jump, in the log", float(found[4]), sample[:, 4], weight),
        ),
        drift.words(grown),
    )  # fmt: skip


def _stretched(growth: Floats, stretch: float) -> Floats:
    """A sample of growths, so much wider as changes that hang together tell less of it."""
    return np.asarray(growth.mean() + stretch * (growth - growth.mean()))


def _jumps_a_year(rows: Floats, years: int, stretch: float) -> Floats:
    """Drift of the log without jumps, volatility and number a year; mean and deviation of a jump."""
    return np.asarray(rows * np.array([years, math.sqrt(years) * stretch, years, stretch, stretch]))


def _growth(rows: Floats) -> Floats:
    """Of the log of the mean, a year."""
    drift_of_log, volatility, number, mean, sd = rows.T
    return np.asarray(drift_of_log + 0.5 * volatility**2 + number * np.expm1(mean + 0.5 * sd**2))


def regimes(fit: TwoRegimes, series: Series) -> Written:
    """Drifts, volatilities and chances of both regimes in sets."""
    years, names = series.per_year, ("calm", "wild")
    before, _ = fit.filtered(np.diff(series.x))
    sample = fit.sample(series)
    wild = sample[:, 4] / (sample[:, 4] + sample[:, 5])
    overall = years * ((1.0 - wild) * sample[:, 0] + wild * sample[:, 1])
    lifted = 0.5 * years * (wild * sample[:, 3] ** 2 + (1.0 - wild) * sample[:, 2] ** 2)
    drift = Drift(float(overall.mean()), float(overall.std()), math.sqrt(2.0 * float(np.median(lifted))))
    believed = np.column_stack([sample, drawn_in(overall)])
    chosen = some(believed, lifted)
    written: dict[str, Any] = {}
    known = []
    for number, name in enumerate(names):
        volatility = chosen[:, 2 + number] * math.sqrt(years)
        written[name] = {
            "drift": _percents(np.expm1(years * chosen[:, number] + chosen[:, 6] + 0.5 * volatility**2), " pa"),
            "volatility": _percents(volatility, " pa"),
            "leaves": {names[1 - number]: _percents(chosen[:, 4 + number])},
        }
        found = np.array([[fit.means[number], fit.sds[number], fit.leaves[number]]])
        (growth, volatile, lasts), each = _of_regime(found, years)[:, 0], _of_regime(sample[:, number::2], years)
        known += [
            of_sample(f"{name}: drift of the mean, a year", float(growth), each[0], percent),
            of_sample(f"{name}: volatility, a year", float(volatile), each[1], percent),
            of_sample(f"{name}: lasts on average", float(lasts), each[2], life),
        ]
    keys = {
        "step": step_of(series),
        "start": rounded(float(series.values[-1]), 8),
        "starts_in": names[int(before[-1, 1] > 0.5)],
        "regimes": written,
    }
    return Written({"regime_switching": keys}, tuple(known), drift.words())


def _of_regime(rows: Floats, years: int) -> Floats:
    """Drift of the mean and volatility a year, and months that it lasts, of rows of mean, deviation and chance to leave."""
    mean, sd, leaves = rows.T
    return np.array([np.expm1(years * (mean + 0.5 * sd * sd)), sd * math.sqrt(years), 12.0 / years / leaves])
