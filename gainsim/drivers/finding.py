"""The parameters of a family: as written, or found from mean and deviation or from percentiles.

The shape comes first: it is the one whose standard percentiles stand in the written proportion. Location and scale then
follow in a straight line. Set up in strict arithmetic, so that what is found has the same bits on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gainsim.drivers import families
from gainsim.drivers.families import Standard
from gainsim.offer import families as written
from gainsim.ops import kernels, scalars


@dataclass(frozen=True)
class Form:
    """How a family is made. shapes: from the lowest to the highest; wide: whether they are searched by their logarithm."""

    standard: Callable[[float], Standard]
    shapes: tuple[float, float] = (0.0, 0.0)
    wide: bool = True


FORMS: Mapping[type[written.Family], Form] = {
    written.Gamma: Form(families.gamma, (0.05, 1e5)),
    written.Weibull: Form(families.weibull, (0.1, 1000.0)),
    written.Pareto: Form(families.pareto, (0.05, 1e4)),
    written.GeneralisedPareto: Form(families.generalised_pareto, (-5.0, 5.0), wide=False),
    written.StudentT: Form(families.student_t, (0.5, 1e4)),
    written.SkewNormal: Form(families.skew_normal, (-100.0, 100.0), wide=False),
    written.Logistic: Form(families.logistic),
}


@dataclass(frozen=True)
class Found:
    """Location, scale and shape of a family, as written or as found, and the standard distribution of that shape."""

    location: float
    scale: float
    shape: float
    standard: Standard


def found(p: written.Family) -> Found:
    """The parameters of a family: those that are written, and the others from what is told instead.

    Raises `ValueError` where no member of the family meets what is told.

    >>> half = found(written.Gamma.model_validate({"percentiles": {"50%": 100, "90%": 150}}))
    >>> low, high = half.location + half.scale * half.standard.at(np.array([0.0, scalars.norm_ppf(0.9)]))
    >>> round(float(low), 9), round(float(high), 9)
    (100.0, 150.0)
    """
    form = _form(p)
    location, scale, shape = (getattr(p, key) if key else None for key in p.keys)
    if p.keys[0] not in p.open and location is None:
        location = 0.0
    if shape is None:
        shape = _sought(p, form, _proportion(p, location, scale)) if p.keys[2] else 0.0
    standard = form.standard(shape)
    if scale is None:
        scale = _scale(p, standard, location)
    if location is None:
        location = _told(p, standard)[0] - scale * _told(p, standard)[1]
    return Found(location, scale, shape, standard)


def _form(p: written.Family) -> Form:
    if isinstance(p, written.Gumbel):
        return Form(families.largest if p.of == "largest" else families.smallest)
    return FORMS[type(p)]


def _scale(p: written.Family, standard: Standard, location: float | None) -> float:
    """The scale of the straight line through the percentiles, or that which gives the standard deviation."""
    if p.percentiles is None:
        assert p.sd is not None
        if not math.isfinite(standard.sd):
            raise ValueError(f"with such a {p.keys[2]} {p.called} has no finite standard deviation. Write percentiles instead.")
        return p.sd / standard.sd
    x, q = _points(p, standard)
    scale = (x[-1] - x[0]) / (q[-1] - q[0]) if location is None else (x[-1] - location) / q[-1]
    if not scale > 0.0:
        raise ValueError(f"{p.called} with {p.keys[0]} {location:g} has no such percentile: it lies on the other side.")
    return scale


def _told(p: written.Family, standard: Standard) -> tuple[float, float]:
    """A figure that is told, and what it is of the standard distribution: the mean, or the lowest percentile."""
    if p.mean is not None:
        return p.mean, standard.mean
    x, q = _points(p, standard)
    return x[0], q[0]


def _points(p: written.Family, standard: Standard) -> tuple[list[float], list[float]]:
    """The percentiles that are written, and those of the standard distribution."""
    assert p.percentiles is not None
    chances = sorted(p.percentiles)
    z = kernels.norm_ppf(np.array(chances))
    return [p.percentiles[chance] for chance in chances], [float(q) for q in standard.at(z)]


def _proportion(p: written.Family, location: float | None, scale: float | None) -> Callable[[Standard], float]:
    """What of a standard distribution must be 0 for its shape to be the one that is sought.

    Location and scale drop out of the proportion of two differences; where one of them is known, of less.
    """
    if p.percentiles is None:
        assert p.mean is not None
        assert p.sd is not None
        wanted = p.sd / (p.mean - (location or 0.0))
        if not wanted > 0.0:
            raise ValueError(f"the mean {p.mean:g} must lie above the lowest value {location or 0.0:g}.")
        return lambda standard: standard.sd / standard.mean / wanted - 1.0 if math.isfinite(standard.sd) else math.inf

    def apart(standard: Standard) -> float:
        x, q = _points(p, standard)
        if location is not None:
            x = [value - location for value in x]
        if scale is not None:
            x = [value / scale for value in x]
        if location is None:
            x, q = _differences(x), _differences(q)
        if scale is None:
            return (q[1] / q[0]) / (x[1] / x[0]) - 1.0
        return q[0] - x[0]

    return apart


def _differences(x: Sequence[float]) -> list[float]:
    return [after - before for before, after in pairwise(x)]


def _sought(p: written.Family, form: Form, apart: Callable[[Standard], float]) -> float:
    """The shape at which `apart` is 0."""
    low, high = (scalars.log(shape) if form.wide else shape for shape in form.shapes)

    def shape_of(place: float) -> float:
        return scalars.exp(place) if form.wide else place

    def off(place: float) -> float:
        return apart(form.standard(shape_of(place)))

    try:
        return shape_of(scalars.root(off, low, high))
    except ValueError:
        lowest, highest = form.shapes
        raise ValueError(
            f"no such distribution has these figures: the {p.keys[2]} of {p.called} would lie outside {lowest:g} to {highest:g}."
        ) from None
