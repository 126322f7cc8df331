"""How much of the variance each driver makes, where drivers hang together too: Shapley effects, from one ensemble.

What some drivers make of the variance together is the variance of what their averages over the contract foretell. A driver's
share is what it adds to that, in the mean over all orders in which the drivers may be told: of what two that hang together both
tell, each has a half, and so of what they do only together. Shares lie between none and all, and add up to what all averages
foretell; the rest is how drivers move from period to period, errors of measurement, and the chances of decisions.

What averages foretell is fitted by least squares: to each average itself, its normal score, polynomials of its rank, and
products of these for each pair. The share that a fit has found by chance is taken off. Where what drivers do hangs on three of
them at once, or jumps, that is in the rest.

Source: Owen, Sobol' indices and Shapley value, SIAM/ASA J. Uncertainty Quantification 2 (2014); Song, Nelson and Staum, Shapley
effects for global sensitivity analysis, the same 4 (2016); the influence of an explained variance: Williamson, Gilbert, Carone
and Simon, Nonparametric variable importance assessment using machine learning techniques, Biometrics 77 (2021)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.ensemble import Ensemble, Target
from gainsim.analyses.shapley import Parts, coalitions
from gainsim.measures import Estimate, estimate, variance
from gainsim.sample import Influence, Sample

Floats = NDArray[np.float64]
#: of more drivers those that tell least, each by itself, are one group
MOST = 6
OTHERS = "the other drivers"
#: more futures than these are not looked at
SEEN = 20_000
#: the degrees of the polynomials of one rank, and of products: the highest with at most one function for so many futures
DEGREES = ((8, 7), (6, 5), (4, 4), (3, 2), (2, 0), (1, 0))
FUTURES_EACH = 8
#: against functions that are the same but for rounding
_RIDGE = 1e-9


@dataclass(frozen=True)
class Shares:
    """Of what each driver makes of the variance, in parts of it.

    of:    by target and driver (or `OTHERS`)
    rest:  by target, what no average foretells
    named: the drivers that are in `OTHERS`
    seen:  how many futures were looked at
    """

    of: Mapping[str, Mapping[str, Estimate]]
    rest: Mapping[str, Estimate]
    named: tuple[str, ...]
    seen: int


def variance_shares(of: Ensemble) -> Shares:
    """The Shapley effects of every driver on every target that varies."""
    seen = min(SEEN, of.outcome.run.paths)
    groups = of.sample.groups
    sample = Sample(groups=None if groups is None or seen < len(groups) else groups)
    targets = [_cut(target, seen) for target in of.targets if np.ptp(target.values[:seen]) > 0.0]
    averages = {name: values[:seen] for name, values in of.averages.items() if np.ptp(values[:seen]) > 0.0}
    if not targets:
        return Shares({}, {}, (), seen)
    ours = np.array([target.values - target.values.mean() for target in targets])
    alone = {name: _explained(_functions(values, 4)[:, 1:], ours)[0] for name, values in averages.items()}
    scale = (ours * ours).mean(axis=1)
    order = sorted(averages, key=lambda name: -float((alone[name] / scale).max()))
    told = [name for name in averages if name in (order[:MOST] if len(order) > MOST + 1 else order)]
    named = tuple(name for name in averages if name not in told)
    basis = _Basis({name: averages[name] for name in told}, [averages[name] for name in named], ours)
    players = (*told, *([OTHERS] if named else []))
    parts = Parts(players)
    for some in coalitions(players):
        parts.tell({t.name: found for t, found in zip(targets, basis.foretold(some), strict=True)}, [some])
    wholes = {target.name: variance(target.values) for target in targets}
    shares = {
        target: {name: parts.parts[name][target].over(whole) for name in players} for target, whole in wholes.items()
    }
    rest = {target: _rest(list(each.values()), seen) for target, each in shares.items()}
    return Shares(
        {target: {name: estimate(each, sample, "fraction") for name, each in of_it.items()} for target, of_it in shares.items()},
        {target: estimate(each, sample, "fraction") for target, each in rest.items()}, named, seen,
    )  # fmt: skip


def _cut(target: Target, seen: int) -> Target:
    return replace(target, values=target.values[:seen])


def _rest(shares: Sequence[Influence], paths: int) -> Influence:
    return Influence(1.0 - sum(each.value for each in shares), -sum((each.psi for each in shares), np.zeros(paths)))


class _Basis:
    """Functions of averages, fitted to the targets for every set of drivers.

    ours: (targets, paths), less their means
    """

    def __init__(self, told: Mapping[str, Floats], others: Sequence[Floats], ours: Floats) -> None:
        self.ours, paths = ours, ours.shape[1]
        single, product = next(
            (both for both in DEGREES if _count(len(told), *both) + 2 * len(others) <= paths / FUTURES_EACH), DEGREES[-1]
        )
        columns: list[Floats] = []
        self.whose: list[frozenset[str]] = []
        of_each = {name: _functions(values, single) for name, values in told.items()}
        for name, functions in of_each.items():
            columns += list(functions.T)
            self.whose += [frozenset({name})] * functions.shape[1]
        for one, other in combinations(of_each, 2) if product else ():
            pairs = [(0, 0), *((i, j) for i in range(2, 2 + single) for j in range(2, 2 + single) if i + j - 2 <= product)]
            columns += [of_each[one][:, i] * of_each[other][:, j] for i, j in pairs]
            self.whose += [frozenset({one, other})] * len(pairs)
        for values in others:
            columns += list(_functions(values, 0).T)
            self.whose += [frozenset({OTHERS})] * 2
        self.columns = np.array(columns) - np.array(columns).mean(axis=1, keepdims=True) if columns else np.zeros((0, paths))
        self.gram, self.with_ours = self.columns @ self.columns.T, self.columns @ ours.T

    def foretold(self, drivers: frozenset[str]) -> list[Influence]:
        """The variance of what these drivers foretell of each target."""
        which = np.flatnonzero([whose <= drivers for whose in self.whose])
        if not len(which):
            return [Influence(0.0, np.zeros(self.ours.shape[1]))] * len(self.ours)
        gram = self.gram[np.ix_(which, which)] + _RIDGE * self.ours.shape[1] * np.eye(len(which))
        fitted = np.linalg.solve(gram, self.with_ours[which]).T @ self.columns[which]
        return [_influence(ours, of_it, len(which)) for ours, of_it in zip(self.ours, fitted, strict=True)]


def _influence(ours: Floats, fitted: Floats, functions: int) -> Influence:
    """An explained variance less what so many functions explain of noise, and the influence of each path on it."""
    paths, left = len(ours), float(((ours - fitted) ** 2).mean())
    found = 2.0 * ours * fitted - fitted * fitted
    by_chance = left * functions / (paths - 1.0 - functions)
    return Influence(float(found.mean()) - by_chance, found - float(found.mean()))


def _explained(columns: Floats, ours: Floats) -> Floats:
    """(targets,) the variance that some functions explain, chance taken off."""
    apart = columns - columns.mean(axis=0)
    fitted = np.linalg.lstsq(apart, ours.T, rcond=None)[0].T @ apart.T
    return np.array([_influence(one, of_it, apart.shape[1]).value for one, of_it in zip(ours, fitted, strict=True)])


def _count(drivers: int, single: int, product: int) -> int:
    """How many functions there are."""
    of_a_pair = 1 + sum(1 for i in range(1, single + 1) for j in range(1, single + 1) if i + j <= product) if product else 0
    return drivers * (2 + single) + of_a_pair * drivers * (drivers - 1) // 2


def _functions(values: Floats, degree: int) -> Floats:
    """(paths, 2 + degree) an average, its normal score, and Legendre's polynomials of its rank up to a degree."""
    from scipy.special import ndtri

    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = ((np.cumsum(counts) - 0.5 * counts)[place]) / len(values)  # those that are equal share theirs
    polynomials = np.polynomial.legendre.legvander(2.0 * ranks - 1.0, degree)[:, 1:]
    return np.column_stack([(values - values.mean()) / values.std(), ndtri(ranks), polynomials])
