"""Drivers in words: how each one moves, with its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gainsim.analyses.stress_words import shock_words
from gainsim.clause_words.words import name_of
from gainsim.offer.dependence import Group, Link, Pair
from gainsim.offer.drivers import Driver, Party
from gainsim.offer.families import Family
from gainsim.offer.shapes import Shape
from gainsim.spelling import listed
from gainsim.units import DIMENSIONLESS, Unit


def driver_words(driver: Driver) -> str:
    """How a driver moves, with its parameters."""
    said = _kind_words(driver.kind, getattr(driver, driver.kind), driver.unit)
    said = f"{said}; drawn {driver.drawn}" if driver.drawn else said
    return "; ".join([said, *(f"it {shock_words(shock)}" for shock in driver.shocks)])


def _kind_words(kind: str, p: Any, unit: Unit) -> str:
    return _family(p, unit) if isinstance(p, Family) else _KINDS[kind](p, unit)


def _lognormal(p: Any, unit: Unit) -> str:
    if p.percentiles is not None:
        return "lognormal: " + ", ".join(_percentiles(p, unit))
    if p.median is not None:
        return f"lognormal: median {number(p.median, unit)}, one in ten above {number(p.p90, unit)}"
    if p.mean is not None:
        return f"lognormal: mean {number(p.mean, unit)}, standard deviation {number(p.sd, unit)}"
    return f"lognormal: mean of the log {p.log_mean:g}, standard deviation of the log {p.log_sd:g}"


def _family(p: Any, unit: Unit) -> str:
    """A family by what is written of it: its parameters, its moments, its percentiles."""
    own = {key: getattr(p, key) for key in p.keys if key and getattr(p, key) is not None}
    shape = p.keys[2]
    said = [f"{key} {value:g}" if key == shape else f"{key} {number(value, unit)}" for key, value in own.items()]
    if p.mean is not None:
        said = [f"mean {number(p.mean, unit)}", f"standard deviation {number(p.sd, unit)}", *said]
    return f"{p.called.split(' ', 1)[1].removesuffix(' distribution')}: {', '.join(_percentiles(p, unit) + said)}"


def _percentiles(p: Any, unit: Unit) -> list[str]:
    return [f"{100 * chance:g}% below {number(value, unit)}" for chance, value in sorted((p.percentiles or {}).items())]


def _normal(p: Any, unit: Unit) -> str:
    if p.percentiles is not None:
        return "normal: " + ", ".join(_percentiles(p, unit))
    return f"normal: mean {number(p.mean, unit)}, standard deviation {number(p.sd, unit)}"


def _empirical(p: Any, unit: Unit) -> str:
    between = ", and lines between them" if p.between == "line" else ""
    return f"{len(p.values)} observed values from {number(min(p.values), unit)} to {number(max(p.values), unit)}{between}"


def _truncated(p: Any, unit: Unit) -> str:
    ends = [f"{word} {number(end, unit)}" for word, end in (("from", p.low), ("to", p.high)) if end is not None]
    return f"{_shape(p.of, unit)}; only {' '.join(ends)}"


def _mixture(parts: Any, unit: Unit) -> str:
    return "mixture: " + "; ".join(f"{100 * part.weight:g}% {_shape(part, unit)}" for part in parts)


def _compound(p: Any, unit: Unit) -> str:
    said = f"sum of events: their number {_shape(p.number, Unit())}, each {_shape(p.size, unit)}"
    if p.each is not None:
        said += f", beyond {number(p.each.deductible, unit)}" * (p.each.deductible > 0)
        said += "" if p.each.limit is None else f", up to {number(p.each.limit, unit)}"
    return said


def _three_points(name: str) -> Callable[[Any, Unit], str]:
    def words(p: Any, unit: Unit) -> str:
        low, mode, high = (number(value, unit) for value in (p.low, p.mode, p.high))
        return f"{name}: from {low} to {high}, most likely {mode}"

    return words


def _schedule(p: Any, unit: Unit) -> str:
    dated = [f"{number(value, unit)} from {when:%Y-%m}" for when, value in sorted(p.items())]
    return "dated: " + ", ".join(dated[:8] + ["…"] * (len(dated) > 8))


def _walk(p: Any, unit: Unit) -> str:
    said = f"random walk: starts at {number(p.start, unit)}, drift {_rate(p.drift)}, volatility {_rate(p.volatility)}"
    if p.jumps is not None:
        many, mean, sd = _figure(p.jumps.a_year), _figure(p.jumps.log_mean, "+g"), _figure(p.jumps.log_sd)
        said += f", {many} jumps a year of {mean} in the log, more or less {sd}"
    return said + (", with a season" if p.season else "")


def _reversion(p: Any, unit: Unit) -> str:
    speed = f"half-life {_months(p.half_life)}" if p.half_life is not None else f"speed {_figure(p.speed)} a year"
    by = f"{_or_shape(p.volatility, unit)} a year" if p.of == "level" else _rate(p.volatility)
    middle = "median" if p.of in ("log", "share") else "mean"
    said = f"reverts to its {middle}: starts at {number(p.start, unit)}, long-run {middle} {_or_shape(p.mean, unit)}"
    return f"{said}, {speed}, volatility {by}" + (", with a season" if p.season else "")


def _autoregression(p: Any, unit: Unit) -> str:
    weights = ", ".join(_figure(weight) for weight in p.ar) or "none"
    felt = f", past surprises {', '.join(_figure(weight) for weight in p.ma)}" if p.ma else ""
    sd = _or_shape(p.sd, unit) if p.of == "level" else _percent(p.sd)
    return (
        f"drawn to {_or_shape(p.mean, unit)} (of its {p.of}) by its last values: {weights}{felt}; surprises of {sd} a {p.step}"
    )


def _garch(p: Any, unit: Unit) -> str:
    said = f"random walk: starts at {number(p.start, unit)}, drift {_rate(p.drift)}, long-run volatility {_rate(p.volatility)}"
    return f"{said}, reaction {_figure(p.reaction)}, persistence {_figure(p.persistence)} a {p.step}"


def _regimes(p: Any, unit: Unit) -> str:
    said = [
        f"{name_of(name)} (drift {_rate(regime.drift)}, volatility {_rate(regime.volatility)}, leaves with "
        f"{_percent(_added(regime.leaves.values()))} a {p.step})"
        for name, regime in p.regimes.items()
    ]
    return f"random walk in regimes: starts at {number(p.start, unit)} in {name_of(p.starts_in)}; {', '.join(said)}"


def _bootstrap(p: Any, unit: Unit) -> str:
    return f"history again: {p.of} of {len(p.history)} values in blocks of {p.block}, trend {p.trend}"


def _adoption(p: Any, unit: Unit) -> str:
    potential = number(p.potential, unit) if isinstance(p.potential, float) else _shape(p.potential, unit)
    if p.of == "logistic":
        return f"adoption (logistic) of {potential}: half at {p.half_at}, 10% to 90% in {p.from_10_to_90}"
    return f"adoption (Bass) of {potential}: innovation {p.innovation:g}, imitation {p.imitation:g} a year"


def _event(p: Any, unit: Unit) -> str:
    when = f"on {p.on}" if p.on is not None else f"after so many months: {_shape(p.months, Unit())}"
    size = number(p.size, unit) if isinstance(p.size, float) else _shape(p.size, unit)
    hits = ", ".join(f"{name_of(name)} {100 * part:+g}%" for name, part in (p.hits or {}).items())
    lasts = "for good" if p.lasts == "for good" else f"for {p.lasts}"
    return f"event: with a chance of {100 * p.chance:g}%, {lasts}, size {size}, {when}" + (f"; hits {hits}" if hits else "")


def _rate(p: Any) -> str:
    """A rate or a volatility a year, perhaps uncertain."""
    if isinstance(p, Shape):
        return f"uncertain ({_shape(p, Unit())}) pa"
    if isinstance(p, tuple):
        rates = sorted(p, key=lambda rate: getattr(rate, "value", rate))
        return _several(p, _rate(rates[0]), _rate(rates[-1]))
    return f"{100 * p:g}% pa" if isinstance(p, float) else str(p)


def _several(p: tuple[Any, ...], low: str, high: str) -> str:
    return f"one of {len(p)} from {low} to {high}"


def _figure(p: Any, form: str = "g") -> str:
    """A number, or several of which a path has one."""
    return _several(p, f"{min(p):{form}}", f"{max(p):{form}}") if isinstance(p, tuple) else f"{p:{form}}"


def _percent(p: Any) -> str:
    return _several(p, _percent(min(p)), _percent(max(p))) if isinstance(p, tuple) else f"{100 * p:g}%"


def _added(parts: Iterable[Any]) -> Any:
    """The sum, in each set where there are several."""
    found = list(parts)
    count = max((len(part) for part in found if isinstance(part, tuple)), default=0)
    if not count:
        return sum(found)
    return tuple(sum(part[place] if isinstance(part, tuple) else part for part in found) for place in range(count))


def _or_shape(p: Any, unit: Unit) -> str:
    if isinstance(p, tuple):
        return _several(p, number(min(p), unit), number(max(p), unit))
    return f"uncertain ({_shape(p, unit)})" if isinstance(p, Shape) else number(p, unit)


def _months(p: Any) -> str:
    if isinstance(p, tuple):
        return _several(p, str(min(p, key=lambda one: one.years)), str(max(p, key=lambda one: one.years)))
    return f"uncertain ({_shape(p, Unit())}) months" if isinstance(p, Shape) else str(p)


def _share(p: Any) -> str:
    return f"{100 * p:g}%" if isinstance(p, float) else _shape(p, Unit())


def _ramp(p: Any, unit: Unit) -> str:
    delay = f" after {p.delay}" if p.delay is not None else ""
    full = number(p.full_effect, unit) if isinstance(p.full_effect, float) else _shape(p.full_effect, unit)
    parts = [f"grows in a straight line over {p.time_to_full_effect}{delay} to its full effect ({full})"]
    parts += [f"noise {number(p.noise, unit)}"] * (p.noise != 0.0)
    parts += [f"fades by {p.fade}"] if p.fade is not None else []
    return ", ".join(parts)


def _shape(shape: Any, unit: Unit) -> str:
    return _kind_words(shape.shape, getattr(shape, shape.shape), unit)


_KINDS: dict[str, Callable[[Any, Unit], str]] = {
    "constant": lambda p, unit: "certain",
    "schedule": _schedule,
    "normal": _normal,
    "lognormal": _lognormal,
    "exponential": lambda p, unit: f"exponential: mean {number(p.mean, unit)}",
    "uniform": lambda p, unit: f"uniform: from {number(p.low, unit)} to {number(p.high, unit)}",
    "triangular": _three_points("triangular"),
    "pert": _three_points("PERT"),
    "beta": lambda p, unit: (
        f"beta: alpha {p.alpha:g}, beta {p.beta:g}, from {number(p.low, unit)} to {number(p.high, unit)}"
    ),
    "discrete": lambda p, unit: "discrete: " + ", ".join(f"{number(o.value, unit)} ({100 * o.chance:g}%)" for o in p),
    "poisson": lambda p, unit: f"Poisson: mean {p.mean:g}",
    "negative_binomial": lambda p, unit: f"negative binomial: mean {p.mean:g}, standard deviation {p.sd:g}",
    "binomial": lambda p, unit: f"binomial: {p.trials} trials of {100 * p.chance:g}%",
    "empirical": _empirical,
    "truncated": _truncated,
    "mixture": _mixture,
    "compound": _compound,
    "geometric_walk": _walk,
    "mean_reverting": _reversion,
    "ramp": _ramp,
    "autoregression": _autoregression,
    "garch": _garch,
    "regime_switching": _regimes,
    "bootstrap": _bootstrap,
    "follows": lambda p, unit: (
        f"follows {name_of(p.of)}" + (f" {p.lag} later" if p.lag is not None else "")
        + (f", {100 * p.pass_through:g}% of its change" if p.pass_through != 1.0 else "") + f", from {number(p.start, unit)}"
    ),
    "adoption": _adoption,
    "learning": lambda p, unit: (
        f"learning: from {number(p.start, unit)}, {_share(p.rate)} of it left after each doubling of {p.experience}'s experience"
    ),
    "wear": lambda p, unit: (
        f"wear: {number(p.start, unit)} when new, loses {_share(p.loss)} a year {p.loses}"
        + (f", renewed every {p.renewed}" if p.renewed is not None else "")
    ),
    "event": _event,
    "operations": lambda p, unit: f"{name_of(p.outcome)} of {name_of(p.fleet or p.of)}, as its service turns out on each path",
}


def link_words(link: Link) -> str:
    """How two drivers, or those of a group, hang together.

    >>> link_words(Pair.model_validate({"between": ["gas", "power"], "tau": 0.4, "of": "innovations", "leads": "3 months"}))
    "gas and power: +0.4 (of their changes, as Kendall's tau, power 3 months after gas)"
    >>> link_words(Group.model_validate({"among": ["gas", "power", "carbon"], "kind": "clayton", "tau": 0.4, "tail": "upper"}))
    'gas, power and carbon: a clayton group (tau 0.4, tail upper)'
    """
    return _pair(link) if isinstance(link, Pair) else _group(link)


def _pair(link: Pair) -> str:
    first, second = (name_of(each) for each in link.between)
    later = "" if link.leads is None else f", {second} {link.leads} after {first}"
    how = "" if link.said == "correlation" else f", {_HOW[link.said]}"
    of = "changes" if link.of == "innovations" else link.of
    return f"{first} and {second}: {link.size:+g} (of their {of}{how}{later})"


_HOW = {"rank_correlation": "as a rank correlation", "tau": "as Kendall's tau"}


def _group(link: Group) -> str:
    said = {"tau": link.tau, "tail": link.tail, "degrees": link.degrees}
    how = ", ".join(f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in said.items() if value)
    return f"{listed([name_of(each) for each in link.among])}: a {link.kind} group ({how})"


def number(value: float, unit: Unit = DIMENSIONLESS) -> str:
    """A number of an assumption; fractions as percent.

    >>> number(0.12), number(14_500.0, Unit.parse("kNm3")), number(1.0)
    ('12%', '14,500', '1')
    """
    if unit == DIMENSIONLESS and 0.0 < abs(value) < 1.0:
        return f"{100.0 * value:.4g}%"
    if abs(value) >= 1000:
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    return f"{value:.4g}"


def control_words(control: str | Mapping[Party, float]) -> str:
    """Who moves a driver.

    >>> control_words({"supplier": 0.7, "nobody": 0.3}), control_words("customer")
    ('supplier 70%, nobody 30%', 'customer')
    """
    if isinstance(control, str):
        return control
    return ", ".join(f"{party} {100 * part:g}%" for party, part in control.items())
