"""What commands share: their arguments and options, and the line on stderr that says how far they are."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from gainsim.asked import SEEDS, whole_number


class Whole(click.ParamType):  # type: ignore[type-arg]  # generic in some versions only
    """A whole number in a range, refused in words that say what is wanted."""

    name = "integer"

    def __init__(self, low: int, high: int | None = None) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number, from text."""
        return whole_number(param.opts[0] if param is not None else "it", value, self.low, self.high)


scenario_file = click.argument("scenario", type=click.Path(path_type=Path))
set_values = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one value of the file, as drivers.wage.constant=5.",
)
seed_of_draws = click.option("--seed", type=Whole(*SEEDS), help="Seed of the draws (the file's, unless said).")
json_form = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def progress_of(things: str) -> Callable[[int, int], None] | None:
    """A line on stderr that says how far the work is; none where nobody looks."""
    if not sys.stderr.isatty():
        return None
    began = time.perf_counter()

    def show(done: int, of: int) -> None:
        spent = time.perf_counter() - began
        left = spent * (of - done) / done if done else 0.0
        sys.stderr.write(f"\r{done:,} of {of:,} {things}, {spent:.0f} s, about {left:.0f} s left ")
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
        clear_progress(show)


def clear_progress(progress: object) -> None:
    """Take the line away."""
    if progress is not None:
        sys.stderr.write("\r" + " " * 70 + "\r")
        sys.stderr.flush()
