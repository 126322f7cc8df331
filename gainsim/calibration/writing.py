"""From a fit to the keys of a scenario, what is not known of the parameters as distributions of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.calibration.changing import ChangingVariance, TwoRegimes
from gainsim.calibration.distributions import Drawn
from gainsim.calibration.linear import Autoregressive, Linear
from gainsim.calibration.ranking import Tried
from gainsim.calibration.reversion import Reverting, half_life
from gainsim.calibration.series import Series

Floats = NDArray[np.float64]
#: half-lives longer than so many histories are cut: nobody has seen one
LONGEST = 10.0
#: what is usual of a drift, a year: prices that grow or fall by more than twice as much for long are rare
USUAL_DRIFT = 0.10
#: a drift is cut where losing more than this a year would need a sign below nothing
_LEAST_DRIFT = -0.95


@dataclass(frozen=True)
class Written:
    """A driver's own keys, and what is known of each parameter.

    keys:       kind → its keys, with `drawn` beside it for a distribution
    parameters: (what, value, low, high) in words and figures: an interval that holds 95 times in 100, or none
    notes:      what had to be assumed
    """

    keys: Mapping[str, Any]
    parameters: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...] = ()


def written(tried: Tried, series: Series, speed: Reverting, stretch: float = 1.0) -> Written:
    """The driver that a fit comes to, from the last value on.

    stretch: how much more the column moves in a year than independent changes would, as a factor of its volatility
    """
    match tried.fitted:
        case Linear() as fit if not len(fit.phi):
            return _walk(fit, series, stretch)
        case Linear() as fit if len(fit.phi) == 1:
            return _reversion(fit, series, speed, tried.candidate)
        case Linear() as fit:
            return _autoregression(fit, series)
        case ChangingVariance() as fit:
            return _garch(fit, series, stretch)
        case TwoRegimes() as fit:
            return _regimes(fit, series)
        case Drawn() as fit:
            return _drawn(fit)
    raise TypeError(f"{type(tried.fitted)} is not written")


def _walk(fit: Linear, series: Series, stretch: float) -> Written:
    years = series.per_year
    volatility = fit.unbiased_sd * math.sqrt(years) * stretch
    error = years * fit.error * stretch * _small_sample(fit.freedom)
    growth = years * fit.centre + 0.5 * volatility**2
    keys: dict[str, Any] = {
        "start": _start(series, fit.season),
        "drift": drift_shape(years * fit.centre, error, volatility),
        "volatility": _volatility_shape(volatility, fit.freedom),
        **_season(fit.season, series),
    }
    low, high = _about(growth, error)
    spread = volatility / math.sqrt(2 * fit.freedom)
    return Written(
        {"geometric_walk": keys},
        (
            ("drift of the mean, a year", percent(math.expm1(growth)), _percents(math.expm1(low), math.expm1(high))),
            ("volatility, a year", percent(volatility), _percents(*_about(volatility, spread))),
        ),
        _believed(error),
    )  # fmt: skip


def _reversion(fit: Linear, series: Series, speed: Reverting, candidate: Any) -> Written:
    weight = min(max(speed.unbiased, 0.02), 0.9995)
    fit = candidate.given(series, np.array([weight])) if isinstance(candidate, Autoregressive) else fit
    months, longest = 12.0 / series.per_year, LONGEST * len(series)
    low, middle, high = (_cut(half_life(speed.weight(share)), longest) * months for share in (0.1, 0.5, 0.9))
    pull = -math.log(weight) * series.per_year
    volatility = fit.unbiased_sd * math.sqrt(2.0 * pull / (1.0 - weight * weight))
    error = fit.error * _small_sample(fit.freedom)
    mean: dict[str, Any] = {"normal": {"mean": rounded(fit.centre), "sd": rounded(error)}}
    if series.positive:
        mean = {"lognormal": {"log_mean": rounded(fit.centre), "log_sd": rounded(error)}}
    keys: dict[str, Any] = {
        "of": "log" if series.positive else "level",
        "start": _start(series, fit.season),
        "mean": mean,
        "half_life": {"lognormal": {"percentiles": {"10%": rounded(low), "90%": rounded(max(high, 1.01 * low))}}},
        "volatility": _volatility_shape(volatility, fit.freedom, series.positive),
        **_season(fit.season, series),
    }
    first, last = _about(fit.centre, error)
    named = [math.exp(each) if series.positive else each for each in (fit.centre, first, last)]
    wide = speed.interval()
    lives = [_life(half_life(each) * months) for each in wide]
    notes = [
        f"Least squares finds a weight of {speed.found:.3f} for the last value, which in a history as short as this is too low "
        f"on average; the one written, {weight:.3f}, is as often too low as too high."
    ]
    if high >= longest * months * 0.999:
        notes.append(
            "How slow the return may be is not bounded by this history; the half-life is cut at ten times its length."
        )
    return Written(
        {"mean_reverting": keys},
        (
            ("long-run median" if series.positive else "long-run mean", f"{named[0]:.4g}", f"{named[1]:.4g} to {named[2]:.4g}"),
            ("half-life", _life(middle), f"{lives[0]} to {lives[1]}"),
            ("volatility, a year", _size(volatility, series.positive), ""),
        ),
        tuple(notes),
    )  # fmt: skip


def _autoregression(fit: Linear, series: Series) -> Written:
    order = len(fit.phi)
    last = series.x[-order:] - fit.season[series.places[-order:]]
    middle = math.exp(fit.centre) if series.positive else fit.centre
    keys: dict[str, Any] = {
        "of": "log" if series.positive else "level",
        "step": _step(series),
        "start": [rounded(float(each), 6) for each in (np.exp(last) if series.positive else last)],
        "mean": rounded(middle),
        "ar": [rounded(float(weight)) for weight in fit.phi],
        "sd": rounded(fit.unbiased_sd),
        **_season(fit.season, series),
    }
    first, high = _about(fit.centre, fit.error)
    ends = [math.exp(each) if series.positive else each for each in (first, high)]
    return Written(
        {"autoregression": keys},
        (
            ("long-run median" if series.positive else "long-run mean", f"{middle:.4g}", f"{ends[0]:.4g} to {ends[1]:.4g}"),
            ("weights of the last values", ", ".join(f"{weight:.3f}" for weight in fit.phi), ""),
            ("deviation of a surprise", _size(fit.unbiased_sd, series.positive), ""),
        ),
        (_CERTAIN,),
    )  # fmt: skip


_CERTAIN = "This kind of driver takes no uncertain parameters: what is not known of them is left out of the fan."


def _garch(fit: ChangingVariance, series: Series, stretch: float) -> Written:
    years, changes = series.per_year, np.diff(series.x)
    _, variances = fit.run(changes)
    volatility, now = (math.sqrt(v * years) * stretch for v in (fit.variance, variances[-1]))
    growth = fit.growth * years + 0.5 * (stretch**2 - 1.0) * fit.variance * years
    error = math.sqrt(float(variances.mean()) / len(changes)) * years * stretch * _small_sample(len(changes) - 4)
    keys: dict[str, Any] = {
        "step": _step(series),
        "start": rounded(float(series.values[-1]), 8),
        "drift": drift_shape(growth - 0.5 * volatility**2, error, volatility),
        "volatility": f"{percent(volatility)} pa",
        "reaction": rounded(fit.reaction),
        "persistence": rounded(fit.persistence),
        "now": f"{percent(now)} pa",
    }
    low, high = _about(growth, error)
    return Written(
        {"garch": keys},
        (
            ("drift of the mean, a year", percent(math.expm1(growth)), _percents(math.expm1(low), math.expm1(high))),
            ("volatility in the long run, a year", percent(volatility), ""),
            ("volatility now, a year", percent(now), ""),
            ("reaction, persistence", f"{fit.reaction:.3f}, {fit.persistence:.3f}", ""),
        ),
        (
            *_believed(error),
            "Of its parameters the drift alone may be uncertain; what is not known of the others is left out of the fan.",
        ),
    )  # fmt: skip


def _regimes(fit: TwoRegimes, series: Series) -> Written:
    years, names = series.per_year, ("calm", "wild")
    before, _ = fit.filtered(np.diff(series.x))
    regimes: dict[str, Any] = {}
    said = []
    for number, name in enumerate(names):
        volatility = fit.sds[number] * math.sqrt(years)
        growth = fit.means[number] * years + 0.5 * volatility**2
        regimes[name] = {
            "drift": f"{percent(math.expm1(growth))} pa",
            "volatility": f"{percent(volatility)} pa",
            "leaves": {names[1 - number]: percent(fit.leaves[number])},
        }
        said.append((f"{name}: drift, volatility a year", f"{percent(math.expm1(growth))}, {percent(volatility)}", ""))
        said.append((f"{name}: lasts on average", _life(12.0 / years / fit.leaves[number]), ""))
    keys = {
        "step": _step(series),
        "start": rounded(float(series.values[-1]), 8),
        "starts_in": names[int(before[-1, 1] > 0.5)],
        "regimes": regimes,
    }
    return Written({"regime_switching": keys}, tuple(said), (_CERTAIN,))


def _drawn(fit: Drawn) -> Written:
    found = fit.family.written(fit.parameters)
    keys = {name: rounded(value) if isinstance(value, float) else value for name, value in found.items()}
    said = tuple(
        (name.replace("_", " "), f"{value:.4g}", "") for name, value in keys.items() if not isinstance(value, str)
    )
    return Written({"drawn": "each period", fit.family.name: keys}, said, (_CERTAIN,))


# --- parts ---------------------------------------------------------------------------------------------------------------


def drift_shape(growth: float, error: float, volatility: float) -> dict[str, Any]:
    """The drift of the mean a year, as a distribution: what is usual, weighed with what the history says.

    growth, error: of the log a year, as found; a growth that is hardly known is believed little, and counts towards none
    """
    weight = believed(error)
    mean = math.expm1(weight * growth + 0.5 * volatility**2)
    sd = (1.0 + mean) * error * math.sqrt(weight)
    normal = {"normal": {"mean": percent(mean), "sd": percent(sd)}}
    if mean - 8.0 * sd > _LEAST_DRIFT:
        return normal
    return {"truncated": {"of": normal, "low": percent(_LEAST_DRIFT), "high": percent(mean + 8.0 * sd)}}


def believed(error: float) -> float:
    """What part of a growth is believed that is known to within this error, where `USUAL_DRIFT` is usual.

    >>> round(believed(0.01), 2), round(believed(0.30), 2)
    (0.99, 0.1)

    Source: the mean of a normal prior and a normal observation, Gelman and others, Bayesian Data Analysis, section 2.5
    """
    return USUAL_DRIFT**2 / (USUAL_DRIFT**2 + error**2)


def _believed(error: float) -> tuple[str, ...]:
    part = believed(error)
    if part > 0.9:
        return ()
    return (
        f"The growth of the log is known to within {percent(error)} a year only, and prices seldom grow or fall by more than "
        f"{percent(USUAL_DRIFT)} a year for long: {100 * part:.0f}% of what was found is believed, the rest counts as none.",
    )


def _volatility_shape(volatility: float, freedom: int, relative: bool = True) -> dict[str, Any]:
    sd = volatility / math.sqrt(2.0 * freedom)
    one, two = (percent(each) if relative else rounded(each) for each in (volatility, sd))
    return {"lognormal": {"mean": one, "sd": two}}


def _small_sample(freedom: int) -> float:
    """What turns a standard error into the deviation of Student's t, which is what is believed of a mean from few points."""
    return math.sqrt(freedom / (freedom - 2.0)) if freedom > 2 else 2.0


def _start(series: Series, season: Floats) -> float:
    """The last value less its season."""
    last = float(series.values[-1])
    effect = float(season[series.places[-1]])
    return rounded(last / math.exp(effect) if series.positive else last - effect, 8)


def _season(season: Floats, series: Series) -> dict[str, Any]:
    if not season.any():
        return {}
    return {"season": [rounded(float(each)) for each in (np.exp(season) if series.positive else season)]}


def _step(series: Series) -> str:
    return {12: "month", 4: "quarter", 1: "year"}[series.per_year]


def _about(value: float, error: float) -> tuple[float, float]:
    return value - 1.96 * error, value + 1.96 * error


def _cut(life: float, longest: float) -> float:
    return min(max(life, 0.1), longest)


def rounded(value: float, digits: int = 4) -> float:
    """To so many significant digits.

    >>> rounded(0.123456), rounded(98_765.4)
    (0.1235, 98770.0)
    """
    return float(f"{value:.{digits}g}")


def percent(fraction: float) -> str:
    """In percent, to four significant digits at most, and no finer than a thousandth of one.

    >>> percent(0.031416), percent(-0.5), percent(1.23456)
    ('3.142%', '-50%', '123.5%')
    """
    return f"{float(f'{100.0 * fraction:.4g}'):.3f}".rstrip("0").rstrip(".") + "%"


def _percents(low: float, high: float) -> str:
    return f"{percent(low)} to {percent(high)}"


def _size(value: float, relative: bool) -> str:
    return percent(value) if relative else f"{value:.4g}"


def _life(months: float) -> str:
    """A time in months or years; endless beyond a century.

    >>> _life(7.04), _life(36.2), _life(math.inf)
    ('7.0 months', '3.0 years', 'no end')
    """
    if months > 1_200.0:
        return "no end"
    return f"{months:.1f} months" if months < 24.0 else f"{months / 12.0:.1f} years"
