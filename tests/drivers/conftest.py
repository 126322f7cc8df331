"""Drivers simulated by themselves: no contract, only their values at some periods, a block of paths at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter

from gainsim.facts import Facts
from gainsim.grid import Calendar
from gainsim.offer.dependence import Link
from gainsim.offer.drivers import Driver
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.problems import Problems
from gainsim.streams.source import Philox, Plan, StreamPlan
from gainsim.world import World

Floats = NDArray[np.float64]
BLOCK = 4096
_LINK: TypeAdapter[Any] = TypeAdapter(Link)


def _blocks(
    drivers: Mapping[str, Mapping[str, Any]],
    *,
    at: Sequence[int] = (0,),
    paths: int = 200_000,
    step: str = "year",
    years: int | None = None,
    dependence: Sequence[Mapping[str, Any]] = (),
    seed: int = 4711,
) -> Iterator[dict[str, Floats]]:
    """{name: (len(at), BLOCK)} of every driver in the periods `at`, until there are so many paths."""
    months = {"month": 1, "quarter": 3, "year": 12}[step]
    length = 12 * years if years is not None else 12 * -(-(max(at) + 1) * months // 12)
    calendar = Calendar(date(2027, 1, 1), length, step, "contract")  # type: ignore[arg-type]
    problems = Problems()
    program = Program(calendar.periods)
    written = {
        name: Driver.model_validate({"unit": "index", "control": "nobody", "central": "mean", **driver})
        for name, driver in drivers.items()
    }
    links = [_LINK.validate_python(link) for link in dependence]
    world = World(program, calendar, "drawn", written, links, problems)
    facts = Facts(program, calendar, "EUR")
    world.realise(facts)
    assert not problems.found
    shown = program.section("shown", due=at)
    for name in drivers:
        program.line(name, shown, facts[name].value)
    loop = Loop(program, BLOCK)
    streams = [*program.streams, *program.once_streams]
    keys = Philox(Plan(tuple(StreamPlan(s, 1) for s in streams), 1, seed)).key_table(streams)
    lines = np.empty((len(program.rows), BLOCK))
    for first in range(0, paths, BLOCK):
        loop.run(keys, first, lines)
        grid = lines.reshape(len(at), len(drivers), BLOCK)
        yield {name: grid[:, number].copy() for number, name in enumerate(drivers)}


def _values(drivers: Mapping[str, Mapping[str, Any]], **options: Any) -> dict[str, Floats]:
    """{name: (len(at), paths)}, all at once."""
    blocks = list(_blocks(drivers, **options))
    return {name: np.concatenate([block[name] for block in blocks], axis=1) for name in drivers}


@pytest.fixture(scope="session")
def blocks() -> Callable[..., Iterator[dict[str, Floats]]]:
    """`blocks({"price": {"normal": {"mean": 0, "sd": 1}, "drawn": "once"}}, at=[0, 3], paths=10_000, step="month")`."""
    return _blocks


@pytest.fixture(scope="session")
def values() -> Callable[..., dict[str, Floats]]:
    """As `blocks`, in one piece."""
    return _values
