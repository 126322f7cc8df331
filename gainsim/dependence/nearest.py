"""The nearest correlation matrix to one that is none, in arithmetic of our own: bits do not depend on a library's.

Source: N. J. Higham, Computing the nearest correlation matrix, IMA Journal of Numerical Analysis 22 (2002)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LEAST = 1e-6  # the smallest eigenvalue of a repaired matrix: at 0 one score would be a function of the others
_NEAR, _ROUNDS = 1e-10, 2000
_SMALL, _SWEEPS = 1e-15, 40


def nearest(matrix: Floats) -> Floats:
    """The correlation matrix nearest to a symmetric one: with the least sum of squared differences.

    matrix: (n, n), symmetric, ones on the diagonal
    returns: likewise, eigenvalues from about 1e-6 up; where nothing pulls two variables together they stay apart

    By turns the matrix is brought to the nearest one whose eigenvalues are positive and to the nearest with ones on its
    diagonal; what the first step changed is taken back before it is done again (Dykstra's correction), so that the end is
    the nearest with both, not any. The last is scaled to a diagonal of ones.

    Higham's example:

    >>> nearest(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])).round(4)
    array([[1.    , 0.7607, 0.1573],
           [0.7607, 1.    , 0.7607],
           [0.1573, 0.7607, 1.    ]])
    """
    unit, taken = matrix, np.zeros_like(matrix)
    for _ in range(_ROUNDS):
        start = unit - taken
        positive = _positive(start)
        taken = positive - start
        unit = positive.copy()
        np.fill_diagonal(unit, 1.0)
        if np.abs(positive - unit).max() < _NEAR:
            break
    size = np.sqrt(positive.diagonal())
    scaled = positive / (size[:, None] * size[None, :])
    np.fill_diagonal(scaled, 1.0)
    return np.asarray(scaled)


def _positive(matrix: Floats) -> Floats:
    """The nearest symmetric matrix with eigenvalues from `_LEAST` up."""
    values, vectors = eigen(matrix)
    lifted = matrix.copy()
    for value, vector in zip(values, vectors.T, strict=True):
        if value < _LEAST:
            lifted = lifted + (_LEAST - value) * (vector[:, None] * vector[None, :])
    return lifted


def eigen(matrix: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues (n,) and eigenvectors (n, n), in columns, of a symmetric matrix, by Jacobi's rotations in fixed order.

    What is 0 off the diagonal needs no rotation, so that variables that hang together with no others keep to themselves.

    >>> values, vectors = eigen(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> sorted(values.round(12).tolist())
    [1.0, 3.0]
    """
    a, v = matrix.copy(), np.eye(len(matrix))
    for _ in range(_SWEEPS):
        turned = False
        for p in range(len(a)):
            for q in range(p + 1, len(a)):
                if abs(a[p, q]) > _SMALL:
                    turned = True
                    _rotate(a, v, p, q)
        if not turned:
            break
    return a.diagonal().copy(), v


def _rotate(a: Floats, v: Floats, p: int, q: int) -> None:
    """Turn the plane of p and q so that their element off the diagonal becomes 0."""
    lean = float((a[q, q] - a[p, p]) / (2.0 * a[p, q]))
    t = (1.0 if lean >= 0.0 else -1.0) / (abs(lean) + math.sqrt(lean * lean + 1.0))
    c = 1.0 / math.sqrt(t * t + 1.0)
    s = t * c
    for rows in a, v.T:
        rows[p], rows[q] = c * rows[p] - s * rows[q], s * rows[p] + c * rows[q]
    a[:, p], a[:, q] = c * a[:, p] - s * a[:, q], s * a[:, p] + c * a[:, q]
    a[p, q] = a[q, p] = 0.0
