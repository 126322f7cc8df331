"""A line on stderr that says how far the work is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def progress_of(things: str) -> Callable[[int, int], None] | None:
    """A line on stderr that says how far the work is; none where nobody looks."""
    if not sys.stderr.isatty():
        return None
    began = time.perf_counter()

    def show(done: int, of: int) -> None:
        spent = time.perf_counter() - began
        left = f", about {spent * (of - done) / done:.0f} s left" if done else ""  # while it compiles nobody knows
        sys.stderr.write(f"\r{f'{done:,} of {of:,} {things}, {spent:.0f} s{left}':70}")
        sys.stderr.flush()

    return show


@contextmanager
def rows_read() -> Iterator[Callable[[int], None] | None]:
    """The same for a table whose length nobody knows: how many of its rows have been read; taken away at the end."""
    if not sys.stderr.isatty():
        yield None
        return
    began = time.perf_counter()

    def show(done: int) -> None:
        sys.stderr.write(f"\r{done:,} rows, {time.perf_counter() - began:.0f} s ")
        sys.stderr.flush()

    try:
        yield show
    finally:
        clear_line(show)


def clear_line(shown: object) -> None:
    """Take the line away again, where there was one."""
    if shown is not None:
        sys.stderr.write("\r" + " " * 70 + "\r")
        sys.stderr.flush()
