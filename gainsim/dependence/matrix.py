"""Correlated normal scores, pair by pair, by a small Cholesky factor in fixed order; impossible correlations, and their repair."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from gainsim.dependence.nearest import eigen, nearest
from gainsim.ops import Value

Pairs = Mapping[tuple[str, str], float]


class ImpossibleCorrelation(ValueError):  # noqa: N818  (named for what is wrong with the file)
    """No set of numbers has these correlations; `pairs` are those to look at."""

    def __init__(self, pairs: Sequence[tuple[str, str, float]]) -> None:
        self.pairs = tuple(pairs)
        said = ", ".join(f"{a} with {b} {value:+.2f}" for a, b, value in pairs)
        if any(abs(value) >= 1.0 for *_, value in pairs):
            super().__init__(
                f"the correlation of two drivers lies between -1 and 1 and is neither of them: {said}. Where both move as "
                "one, keep one of them: let the other follow it (`follows`), or reckon it in a formula."
            )
            return
        super().__init__(
            f"these correlations cannot hold together: {said}. Bring one of them nearer to what the others imply, "
            "or write repair_correlations: nearest."
        )


def factor(names: Sequence[str], pairs: Pairs) -> list[list[float]]:
    """The lower Cholesky factor of the correlation matrix, rows in the order of `names`.

    pairs: correlation of two names, either order; pairs that are not given are uncorrelated
    Raises `ImpossibleCorrelation` if the matrix is not positive definite (a perfect correlation included).

    >>> factor(["a", "b"], {("a", "b"): 0.6})
    [[1.0, 0.0], [0.6, 0.8]]
    """
    if whole := [(a, b, value) for (a, b), value in pairs.items() if abs(value) >= 1.0]:
        raise ImpossibleCorrelation(whole)
    matrix = _matrix(names, pairs)
    rows = [[0.0] * len(names) for _ in names]
    for i in range(len(names)):
        for j in range(i + 1):
            rest = matrix[i][j]
            for k in range(j):
                rest = rest - rows[i][k] * rows[j][k]
            if i != j:
                rows[i][j] = rest / rows[j][j]
            elif rest > 1e-12:
                rows[i][i] = math.sqrt(rest)
            else:
                raise ImpossibleCorrelation(_blame(names, matrix))
    return rows


def _blame(names: Sequence[str], matrix: list[list[float]]) -> list[tuple[str, str, float]]:
    """The pairs that pull the smallest eigenvalue below zero, the worst first.

    The eigenvalue is the sum of v_i v_j c_ij over its eigenvector; the most negative parts are to blame.
    """
    values, vectors = eigen(np.array(matrix))
    vector = vectors[:, int(np.argmin(values))]
    parts = [
        (vector[i] * vector[j] * matrix[i][j], names[j], names[i], matrix[i][j])
        for i in range(len(names))
        for j in range(i)
        if matrix[i][j] != 0.0
    ]
    worst = min(part for part, *_ in parts)
    return [(a, b, value) for part, a, b, value in sorted(parts) if part < 0.1 * worst]


def repaired(names: Sequence[str], pairs: Pairs) -> dict[tuple[str, str], float]:
    """Every pair of names with its correlation in the nearest matrix that is possible.

    >>> repaired(["a", "b"], {("a", "b"): 1.0})[("a", "b")] < 1.0
    True
    """
    matrix = nearest(np.array(_matrix(names, pairs)))
    return {(a, b): float(matrix[i, j]) for j, b in enumerate(names) for i, a in enumerate(names[:j])}


def weighted(row: Sequence[float], scores: Sequence[Value]) -> Value:
    """One coupled score: a row of the factor times the independent scores, zeros left out.

    A row with nothing before its last number leaves that score as it is.
    """
    if all(value == 0.0 for value in row[:-1]):
        return scores[-1]
    total: Value = None
    for value, score in zip(row, scores, strict=True):
        if value != 0.0:
            total = value * score if total is None else total + value * score
    return total


def _matrix(names: Sequence[str], pairs: Pairs) -> list[list[float]]:
    both = {**pairs, **{(b, a): value for (a, b), value in pairs.items()}}
    return [[1.0 if a == b else both.get((a, b), 0.0) for b in names] for a in names]
