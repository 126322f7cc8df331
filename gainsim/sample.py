"""How the paths of a run were drawn, what is known beforehand, and what each path adds to the error of a value."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gainsim.errors import DataError
from gainsim.sums import strict_sum

Floats = NDArray[np.float64]
#: a control variate costs a degree of freedom: so many independent parts must stand behind each
PARTS_EACH = 8
#: what varies by less than this part of its size varies by rounding alone
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Influence:
    """A value and each path's influence on it.

    value: the measure
    psi:   (paths,) same unit; its mean, weighted as the paths are, is zero
    known: whether enough paths stand behind the value to tell psi; if not, its standard error is infinite
    spent: the degrees of freedom that its adjustment by control variates has cost
    """

    value: float
    psi: Floats
    known: bool = True
    spent: int = 0

    def __sub__(self, other: Influence) -> Influence:
        known, spent = self.known and other.known, max(self.spent, other.spent)
        return Influence(self.value - other.value, self.psi - other.psi, known, spent)

    def __add__(self, other: Influence) -> Influence:
        return self - other.times(-1.0)

    def times(self, number: float) -> Influence:
        """So many times the value."""
        return replace(self, value=number * self.value, psi=number * self.psi)

    def over(self, whole: Influence) -> Influence:
        """The part of a whole, both uncertain (the delta method); the whole is not 0."""
        part = self.value / whole.value
        found = self - whole.times(part)
        return replace(found, value=part, psi=found.psi / whole.value)


@dataclass(frozen=True, eq=False)
class Controls:
    """Control variates: values of the paths whose expectation is known exactly.

    names:    of each
    values:   (controls, paths)
    expected: (controls,)
    """

    names: tuple[str, ...]
    values: Floats
    expected: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Sample:
    """How the paths were drawn.

    weights:  (paths,) ≥ 0, of any total (importance sampling, conditioning); None: all alike
    groups:   (paths,) numbers from 0 on without a gap; paths of one group were drawn together (one Latin hypercube, one
              scrambling), groups independently of each other. Groups, each counted once, then replace paths in standard errors
    controls: what is known beforehand, by which means are adjusted; None: nothing
    """

    weights: Floats | None = None
    groups: NDArray[np.int64] | None = None
    controls: Controls | None = None

    def __post_init__(self) -> None:
        if self.groups is not None and not (self.groups.min() >= 0 and np.bincount(self.groups).all()):
            raise ValueError("groups of paths are numbered from 0 on without a gap.")
        if self.weights is None:
            return
        refuse_not_finite(np.asarray(self.weights, dtype=np.float64), "weights")
        if np.any(self.weights < 0.0) or not np.any(self.weights > 0.0):
            raise DataError("weights of paths must be 0 or more, and not all 0.")

    def total(self, x: Floats) -> float:
        """Σ wᵢ xᵢ, with weights as given (1 where there are none)."""
        return float(strict_sum(x if self.weights is None else self.weights * x))

    def totals(self, rows: Floats) -> Floats:
        """`total` of every row of (rows, paths), without a copy of them all."""
        return strict_sum(rows) if self.weights is None else np.array([self.total(row) for row in rows])

    def size(self, paths: int) -> float:
        """Σ wᵢ, with weights as given: the number of paths where there are none."""
        return float(paths) if self.weights is None else float(strict_sum(self.weights))

    def mean(self, x: Floats) -> float:
        """Σ wᵢ xᵢ / Σ wᵢ."""
        return self.total(x) / self.size(x.shape[0])

    def contributions(self, psi: Floats) -> Floats:
        """(paths,) what each path adds to the error: wᵢ ψᵢ / Σ w."""
        return (psi if self.weights is None else self.weights * psi) / self.size(psi.shape[0])

    def independent_parts(self, psi: Floats) -> Floats:
        """(groups,) the contributions of each group; (paths,) where every path is its own group."""
        parts = self.contributions(psi)
        if self.groups is None:
            return parts
        return np.asarray(np.bincount(self.groups, weights=parts), np.float64)  # one path after the other, in their order

    def adjusted(self, mean: Influence) -> Influence:
        """A mean less what the control variates explain of its distance from the expectation.

        mean − Σ βⱼ (control mean − its expectation), β by least squares over the independent parts m: the same linear
        function of the paths for every mean, so that parts still add up to their whole. Its error is that of the
        residuals on m − 1 − controls degrees of freedom, widened by how far the controls lie from their expectations. The
        coefficients come from the same paths: where the parts are not normal that leaves a bias of the order of 1/m.

        Source: Lavenberg & Welch, A perspective on the use of control variables, Management Science 27 (1981); parts instead
        of paths: Hickernell, Lemieux & Owen, Control variates for quasi-Monte Carlo, Statistical Science 20 (2005)
        """
        fit = self.fit
        if not fit.names:
            return mean
        left = fit.residual(_Part(mean.value, mean.psi, self.independent_parts(mean.psi)))
        return replace(mean, value=left.value, psi=left.psi * fit.wider, spent=len(fit.names))

    @cached_property
    def fit(self) -> Fit:
        """The control variates that are used: in their order, none that others tell already or that does not vary."""
        found = Fit((), (), 1.0)
        if self.controls is None:
            return found
        for name, values, expected in zip(self.controls.names, self.controls.values, self.controls.expected, strict=True):
            centre = self.mean(values)
            apart = values - centre
            own = _Part(centre - expected, apart, self.independent_parts(apart))
            count = len(own.parts)
            if count < PARTS_EACH * (len(found.names) + 1):
                break
            rounding = _ROUNDING * (abs(expected) + math.sqrt(self.mean(apart * apart)))
            left = found.residual(own)
            if own.square * count > rounding * rounding and left.square > _ROUNDING * own.square:
                found = Fit((*found.names, name), (*found.parts, left), 1.0)
        return replace(found, wider=found.widening(count)) if found.names else found


@dataclass(frozen=True, eq=False)
class _Part:
    """A mean on its way through the regression: its value, influences, and independent parts of its error."""

    value: float
    psi: Floats
    parts: Floats

    @cached_property
    def square(self) -> float:
        return float(strict_sum(self.parts * self.parts))


@dataclass(frozen=True, eq=False)
class Fit:
    """Control variates made orthogonal to each other, one after the other (Gram and Schmidt).

    names: of those that are used
    parts: what each adds to those before it
    wider: by how much the error of an adjusted mean is raised for their number and their distance from what is expected
    """

    names: tuple[str, ...]
    parts: tuple[_Part, ...]
    wider: float

    def residual(self, of: _Part) -> _Part:
        """What the control variates leave of a mean."""
        for control in self.parts:
            slope = float(strict_sum(of.parts * control.parts)) / control.square
            of = _Part(of.value - slope * control.value, of.psi - slope * control.psi, of.parts - slope * control.parts)
        return of

    def widening(self, count: int) -> float:
        """√( (m−1)/(m−1−controls) × (1 + Σ distance² / (m × spread²)) ), the second as in a regression line."""
        apart = 0.0
        for control in self.parts:
            apart = apart + control.value * control.value / control.square
        return math.sqrt((count - 1) / (count - 1 - len(self.parts)) * (1.0 + apart / count))


EQUAL = Sample()


def refuse_not_finite(x: Floats, what: str) -> None:
    """Raise `DataError` where an amount is not finite, with how many there are and the first path."""
    bad = np.flatnonzero(~np.isfinite(x))
    if len(bad):
        first = int((bad % x.shape[-1]).min())
        raise DataError(f"{len(bad)} of {x.size} {what} are not finite, first on path {first} (paths count from 0).")


def check_paths(paths: int, sample: Sample) -> None:
    """Raise `DataError` where weights or groups are not one a path."""
    for name, given in (("weights", sample.weights), ("groups", sample.groups)):
        if given is not None and np.shape(given) != (paths,):
            raise ValueError(f"{paths} paths need {name} of the shape ({paths},); these have {np.shape(given)}.")
