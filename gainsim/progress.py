"""A line on stderr that says how far a run is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def progress_line() -> Callable[[int, int], None] | None:
    """A line on stderr that says how far the run is; none where nobody looks."""
    if not sys.stderr.isatty():
        return None
    began = time.perf_counter()

    def show(done: int, paths: int) -> None:
        spent = time.perf_counter() - began
        left = spent * (paths - done) / done if done else 0.0
        sys.stderr.write(f"\r{done:,} of {paths:,} futures, {spent:.0f} s, about {left:.0f} s left ")
        sys.stderr.flush()

    return show


def clear_line(shown: object) -> None:
    """Take the line away again, where there was one."""
    if shown is not None:
        sys.stderr.write("\r" + " " * 70 + "\r")
        sys.stderr.flush()
