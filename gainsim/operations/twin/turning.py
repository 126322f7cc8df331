"""Rows that become columns."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def turn(source, target):  # type: ignore[no-untyped-def]
    """Fill target (m, n) with source (n, m), in squares of eight: a line of the cache is read and written whole."""
    n, m = source.shape
    for row in range(0, n, 8):
        for column in range(0, m, 8):
            if row + 8 <= n and column + 8 <= m:
                for i in range(8):
                    for j in range(8):
                        target[column + i, row + j] = source[row + j, column + i]
            else:
                for i in range(column, min(column + 8, m)):
                    for j in range(row, min(row + 8, n)):
                        target[i, j] = source[j, i]
