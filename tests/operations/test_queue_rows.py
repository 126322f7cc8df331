"""Published rows on queues and Markov chains, each a plant with that chain: calls are failures of a fleet with enough on standby.

One of the fleet runs at a time, or so many of them that their lives add up to the rate: with exponential lives they fail as a
Poisson stream does, whoever is under repair. A fleet of K has no more than K at the crew, and none fails while all of them are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from gainsim.model import build_world
from gainsim.operations.history import Histories
from tests.operations.hall import HOURS_OF_A_YEAR, Estimate, Floats, estimate, exponential, hall, ratio, second_year
from tests.operations.test_rows import FILE, agree, seed_of
from tests.test_validation_rows import Row, Rows, of_kind

Written = dict[str, Any]
State = tuple[int, ...]


def queue(arrival: float, service: float, servers: int, assets: int, running: int) -> Written:
    """Calls at a rate, so many servers; rates in hours."""
    mode = {"life": exponential(running / arrival), "repair": exponential(1.0 / service), "crew": "servers"}
    fleet = {"assets": assets, "running": running, "failures": {"call": mode}}
    return {"fleets": {"callers": fleet}, "crews": {"servers": {"number": servers}}}


def shares(written: Written, of: Callable[[list[State]], State], seed: int, paths: int = 20) -> dict[State, Floats]:
    """The share of time that each path spends in each state, from its history after the first year.

    of: the state, given (mode, begun) of everything that is down
    """
    model = hall(written, "failures", years=3).loaded.model
    plant = build_world(model.scenario).outcomes["failures"].plant
    first, last = HOURS_OF_A_YEAR, float(plant.rules.hours[-1])
    found: dict[State, Floats] = {}
    histories = Histories(plant, seed)
    for path in range(paths):
        down: dict[int, State] = {}
        since = 0.0
        for event in [*histories.events(path), None]:
            now = last if event is None else event.time
            if (span := now - max(since, first)) > 0.0:
                found.setdefault(of(list(down.values())), np.zeros(paths))[path] += span / (last - first)
            since = now
            if event is not None and event.what in (0, 1):
                down[event.asset] = (event.mode, event.what)
            elif event is not None and event.what == 2:
                del down[event.asset]
    return found


# --- queues ----------------------------------------------------------------------------------------------------------


def queued(row: Row) -> Estimate:
    """What a row asks of so many servers, with room for so many or for all; a call comes every 20 or every 5 hours."""
    told, output = row["inputs"], row["output"]
    servers, seed = told["servers"], seed_of(row)
    rate, limited = told["arrival"], "capacity" in told
    hours = (20.0 if limited else 5.0) * rate
    if limited:
        assets, running = told["capacity"], 1
    else:  # more at once than the hundred thousandth part of the time
        most = servers + math.ceil(math.log(1e-5) / math.log(rate / (servers * told["service"])))
        assets, running = 2 * most, most
    written = queue(rate / hours, told["service"] / hours, servers, assets, running)

    def seen(*outcomes: str) -> dict[str, Floats]:
        return second_year(written, *outcomes, paths=4_096 if limited else 512, seed=seed)

    def a_call(hours_of: str) -> Estimate:
        found = seen(hours_of, "visits")
        mean, error = ratio(found[hours_of], found["visits"])
        return mean / hours, error / hours

    if output == "P(empty)":
        return estimate(shares(written, lambda down: (len(down),), seed)[0,])
    if output == "P(block)":  # a call that comes at random finds what lasts
        return estimate(1.0 - seen("served")["served"])
    if output in ("R", "W"):
        return a_call("downtime")
    if output == "Wq":
        return a_call("waiting")
    if output in ("L", "Lq"):
        hours_of = "downtime" if output == "L" else "waiting"
        return estimate(seen(hours_of)[hours_of] / HOURS_OF_A_YEAR)
    if output in ("occupancy", "utilisation"):
        return estimate(seen("work")["work"] / (servers * HOURS_OF_A_YEAR))
    raise AssertionError(f"{row['id']}: nothing reads {output!r}")


@pytest.mark.parametrize("kind", ["mm_c", "mm_c_k"])
def test_queues(validation_rows: Rows, kind: str) -> None:
    """Standard errors of at most 2% of the value."""
    agree(of_kind(validation_rows(FILE), kind), queued, 0.02)


# --- Markov chains ---------------------------------------------------------------------------------------------------


def two_kinds_of_calls(q: Floats) -> tuple[Written, Callable[[list[State]], State], list[State]]:
    """Two kinds of calls, a server for each, room for two calls in all; states: how many of each kind are there."""
    hours = 20.0
    kinds = {"a": (q[0, 1], q[1, 0]), "b": (q[0, 2], q[2, 0])}
    modes = {
        name: {"life": exponential(hours / call), "repair": exponential(hours / served), "crew": name}
        for name, (call, served) in kinds.items()
    }
    fleet = {"assets": 2, "running": 1, "failures": modes}
    written = {"fleets": {"callers": fleet}, "crews": {name: {"number": 1} for name in kinds}}
    states = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    return written, lambda down: (sum(m == 0 for m, _ in down), sum(m == 1 for m, _ in down)), states


def generator(states: list[State], rates: Callable[[State], Mapping[State, float]]) -> Floats:
    """The matrix of rates between states, its rows adding up to nothing."""
    q = np.zeros((len(states), len(states)))
    for n, state in enumerate(states):
        for other, rate in rates(state).items():
            q[n, states.index(other)] += rate
        q[n, n] = -q[n].sum()
    return q


def test_the_chain_of_two_kinds_of_calls(validation_rows: Rows) -> None:
    """Rows whose matrix is that of the plant; standard errors of at most 2% of the value, or of 0.3."""
    rows = of_kind(validation_rows(FILE), "ctmc_stationary")

    def is_it(row: Row) -> bool:
        q = np.array(row["inputs"]["Q"])
        if len(q) != 6:
            return False
        states = two_kinds_of_calls(q)[2]

        def rates(state: State) -> dict[State, float]:
            a, b = state
            calls = {(a + 1, b): q[0, 1], (a, b + 1): q[0, 2]} if a + b < 2 else {}
            return calls | ({(a - 1, b): q[1, 0]} if a else {}) | ({(a, b - 1): q[2, 0]} if b else {})

        return bool(np.allclose(generator(states, rates), q))

    def share(row: Row) -> Estimate:
        written, of, states = two_kinds_of_calls(np.array(row["inputs"]["Q"]))
        return estimate(shares(written, of, seed_of(row))[states[row["inputs"]["state"]]])

    agree([row for row in rows if is_it(row)], share, 0.02)


# --- nothing is passed over in silence -------------------------------------------------------------------------------

#: kinds of rows that are not tried, and why
LEFT = {
    "ctmc_transient": "the chain is told in a few words, its rates are not in the row",
    "closed_network_mva": "who goes from one crew to the next: a repair is one crew's",
}
TRIED = {
    "machine_repair", "availability_basic", "availability_transient", "palm", "poisson_backorders", "poisson_backorders_2nd",
    "metric_ebo_table", "metric_fill_rate", "metric_two_echelon", "mm_c", "mm_c_k", "ctmc_stationary", "erlang_c", "erlang_a",
    "mtta", "loss_function_normal", "loss_function_lognormal", "loss_function_exponential", "loss_function_gamma",
}  # fmt: skip


def test_every_kind_of_row_is_tried_or_left_for_a_reason(validation_rows: Rows) -> None:
    assert {row["sub"] for row in validation_rows(FILE)} <= TRIED | LEFT.keys()
