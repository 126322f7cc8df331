"""What the parameters may be, given a history: a sample of them, each as likely as the history makes it.

Where a likelihood is not nearly normal, an error and ± 1.96 of it say little. So candidates for all parameters together are
drawn around the greatest likelihood, each is weighed by its likelihood and by what may be at all, and the next ones are drawn
where the weight was. Intervals and the sets of parameters that are written are those of one sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: candidates of each round, and of those that follow until the weights are worth so many that count alike, or for so many rounds
ROUNDS, MORE, SEED = (800, 800, 800, 4_000), 2_000, 20_260_104
_WORTH, _MOST_ROUNDS = 600.0, 12
#: degrees of freedom of the candidates: tails heavier than a likelihood's
_DEGREES = 5.0
#: of the parameters as they are searched, where each is of the size of 1
_STEP, _WIDEST, _WIDER = 0.02, 1.0, 1.3
#: the equally likely members of a sample
SAMPLE = 4_000


def sampled(log_density: Callable[[Floats], Floats], mode: Floats) -> Floats:
    """(SAMPLE, d) parameters, each as often as likely.

    log_density: (k, d) → (k,), up to a constant; -inf where the parameters cannot be. mode: (d,) where it is greatest

    >>> found = sampled(lambda x: -0.5 * ((x - 3.0) ** 2).sum(axis=1), np.array([3.0, 3.0]))
    >>> found.shape, bool(np.all(np.abs(found.mean(axis=0) - 3.0) < 0.06)), bool(np.all(np.abs(found.std(axis=0) - 1.0) < 0.06))
    ((4000, 2), True, True)

    Source: Cornuet, Marin, Mira and Robert, Adaptive multiple importance sampling, Scandinavian Journal of Statistics 39 (2012)
    """
    generator, d = np.random.default_rng(SEED), len(mode)
    proposals = [(mode, _root(1.5 * _curvature(log_density, mode)))]
    drawn, density = np.empty((0, d)), np.empty(0)
    counts: list[int] = []
    weight = np.ones(1)
    while len(counts) < len(ROUNDS) or (1.0 / float(weight @ weight) < _WORTH and len(counts) < _MOST_ROUNDS):
        counts.append(ROUNDS[len(counts)] if len(counts) < len(ROUNDS) else MORE)
        centre, root = proposals[-1]
        tails = np.sqrt(_DEGREES / generator.chisquare(_DEGREES, (counts[-1], 1)))
        new = centre + (generator.standard_normal((counts[-1], d)) * tails) @ root.T
        with np.errstate(all="ignore"):
            found = log_density(new)
        drawn, density = np.vstack([drawn, new]), np.append(density, np.where(np.isfinite(found), found, -np.inf))
        weight = _weights(drawn, density, proposals, counts)
        middle = weight @ drawn
        apart = drawn - middle
        spread = (apart * weight[:, None]).T @ apart
        proposals.append((middle, _root(_WIDER * spread + 1e-9 * np.eye(d))))
    places = np.searchsorted(np.cumsum(weight), (np.arange(SAMPLE) + 0.5) / SAMPLE)
    return np.asarray(drawn[np.minimum(places, len(drawn) - 1)])


def _weights(drawn: Floats, density: Floats, proposals: Sequence[tuple[Floats, Floats]], counts: Sequence[int]) -> Floats:
    """(n,) of candidates, adding up to 1: their density, over that of all rounds together, from whichever round they come."""
    d = drawn.shape[1]
    each = []
    for (centre, root), count in zip(proposals, counts, strict=True):
        z = np.linalg.solve(root, (drawn - centre).T)
        shape = -0.5 * (_DEGREES + d) * np.log1p((z * z).sum(axis=0) / _DEGREES)
        each.append(shape - np.log(np.diag(root)).sum() + math.log(count))
    log_weight = density - np.logaddexp.reduce(each, axis=0)
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum())


def _root(spread: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky(spread), np.float64)


def _curvature(log_density: Callable[[Floats], Floats], mode: Floats) -> Floats:
    """(d, d) the covariance of the normal density with the same curvature at its mode; nowhere wider than `_WIDEST`."""
    d, step = len(mode), _STEP * np.eye(len(mode))
    pairs = [(i, j) for i in range(d) for j in range(d)]
    corners = [mode + a * step[i] + b * step[j] for i, j in pairs for a in (1, -1) for b in (1, -1)]
    value = log_density(np.array(corners)).reshape(d, d, 2, 2)
    bend = (value[:, :, 0, 0] - value[:, :, 0, 1] - value[:, :, 1, 0] + value[:, :, 1, 1]) / (4.0 * _STEP**2)
    found, axes = np.linalg.eigh(-np.where(np.isfinite(bend), bend, 0.0))
    return np.asarray((axes / np.maximum(found, _WIDEST**-2)) @ axes.T)
