"""Room for what compiled loops read and write: it begins where a line of the cache does, so that no vector lies across two."""

from __future__ import annotations

from functools import reduce
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes of a line of the cache, and of the widest registers


def room(*shape: int, of: type[np.generic] = np.float64) -> NDArray[Any]:
    """An array of this shape, of elements that take 8 bytes; what it holds nobody knows.

    >>> room(2, 1024).shape, room(2, 1024).ctypes.data % LINE
    ((2, 1024), 0)
    """
    size = reduce(mul, shape, 1)
    whole = np.empty(size + LINE // 8, of)
    skipped = -whole.ctypes.data % LINE // 8
    return whole[skipped : skipped + size].reshape(shape)
