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
from gainsim.operations.history import BEGINS, DONE, FAILS, Histories
from tests.operations.hall import (
    HOURS_OF_A_YEAR,
    Estimate,
    Floats,
    estimate,
    exponential,
    hall,
    memory,
    ratio,
    scale,
    second_year,
)
from tests.operations.test_rows import FILE, agree, seed_of
from tests.test_validation_rows import Row, Rows, of_kind

Written = dict[str, Any]
State = tuple[int, ...]


def queue(arrival: float, service: float, servers: int, assets: int, running: int) -> Written:
    """Calls at a rate, so many servers; rates in hours."""
    mode = {"life": exponential(running / arrival), "repair": exponential(1.0 / service), "crew": "servers"}
    fleet = {"assets": assets, "running": running, "failures": {"call": mode}}
    return {"fleets": {"callers": fleet}, "crews": {"servers": {"number": servers}}}


#: what is down and no longer waits: its crew is on the way, or has come
ARRIVES = -1


def moments(histories: Histories, path: int) -> list[tuple[float, int, int, int]]:
    """When something fails, its crew sets out, arrives and is done: time, asset, mode, what. A travel time is that of the life."""
    events, found = histories.events(path), []
    ways, lives = {}, {}
    for place, slot in enumerate(histories.plant.slots):
        drawn = histories.durations.lives(place, path)
        ways[slot], lives[slot] = next((each for name, each in drawn.items() if name.startswith("travel/")), None), -1
    for event in events:
        slot = event.mode, event.asset
        if event.what in (FAILS, BEGINS, DONE):
            found.append((event.time, event.asset, event.mode, event.what))
        if event.what == FAILS:
            lives[slot] += 1
        if event.what == BEGINS and (way := ways[slot]) is not None:
            found.append((event.time + float(way[lives[slot]]), event.asset, event.mode, ARRIVES))
    return sorted(found, key=lambda each: each[0])


def share(written: Written, of: Callable[[list[State]], State], state: State, seed: int, paths: int = 20) -> Estimate:
    """The share of time that is spent in a state, from histories after the first year; of one that is never met, about none, with
    one in as many as are met for its error.

    of: the state, given (mode, what happened last) of everything that is down
    """
    model = hall(written, "failures", years=3).loaded.model
    plant = build_world(model.scenario).outcomes["failures"].plant
    first, last = HOURS_OF_A_YEAR, float(plant.rules.hours[-1])
    found, met = np.zeros(paths), 0
    histories = Histories(plant, seed)
    for path in range(paths):
        down: dict[int, State] = {}
        since = 0.0
        for time, asset, mode, what in [*moments(histories, path), (last, -1, -1, DONE)]:
            now = min(time, last)
            if (span := now - max(since, first)) > 0.0:
                met += 1
                if of(list(down.values())) == state:
                    found[path] += span / (last - first)
            since = now
            if what != DONE:
                down[asset] = (mode, what)
            elif asset >= 0:
                del down[asset]
    return estimate(found) if found.any() else (0.0, 1.0 / met)


# --- queues ----------------------------------------------------------------------------------------------------------


def queued(row: Row) -> Estimate:
    """What a row asks of so many servers, with room for so many or for all."""
    told, output = row["inputs"], row["output"]
    servers, seed, rate = told["servers"], seed_of(row), told["arrival"]
    if "capacity" in told:
        assets, running = told["capacity"], 1
    else:  # more at once than the hundred thousandth part of the time
        most = servers + math.ceil(math.log(1e-5) / math.log(rate / (servers * told["service"])))
        assets, running = 2 * most, most
    hours, paths = scale(memory([rate] * assets, [min(n, servers) * told["service"] for n in range(1, assets + 1)]), rate)
    written = queue(rate / hours, told["service"] / hours, servers, assets, running)

    def seen(*outcomes: str) -> dict[str, Floats]:
        return second_year(written, *outcomes, paths=paths, seed=seed)

    def a_call(hours_of: str) -> Estimate:
        found = seen(hours_of, "visits")
        mean, error = ratio(found[hours_of], found["visits"])
        return mean / hours, error / hours

    if output == "P(empty)":
        return share(written, lambda down: (len(down),), (0,), seed)
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


def test_a_queue_that_is_slow_to_settle() -> None:
    """Three servers who are just as fast as calls come, and room for many: with two calls there or more, all states are alike."""
    told = {"arrival": 3, "service": 1, "servers": 3, "capacity": 40}
    expected = 4.5 / (1.0 + 3.0 + 39 * 4.5)
    row = {"id": "slow", "inputs": told, "inputs_json": told, "output": "P(block)", "expected": expected, "tol_abs": 0.0}
    agree([row], queued, 0.02)


def test_a_state_that_is_never_met_has_no_share() -> None:
    """The chance is 3e-13 that twenty servers have nothing to do, for whom thirty calls come in the time that one takes."""
    told = {"arrival": 30, "service": 1, "servers": 20, "capacity": 25}
    share_of_none, error = queued({"id": "rare", "inputs": told, "output": "P(empty)"})
    assert share_of_none == 0.0
    assert 0.0 < error < 0.001


# --- Markov chains ---------------------------------------------------------------------------------------------------


def scale_of(q: Floats) -> float:
    """How many hours a unit of time lasts here; where nobody is, calls come at the rate of leaving it."""
    return scale(-1.0 / float(np.sort(np.linalg.eigvals(q).real)[-2]), -q[0, 0], calls=800)[0]


def two_kinds_of_calls(q: Floats) -> tuple[Written, Callable[[list[State]], State], list[State]]:
    """Two kinds of calls, a server for each, room for two calls in all; states: how many of each kind are there."""
    hours = scale_of(q)
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


Chain = tuple[Written, Callable[[list[State]], State], list[State]]


def two_kinds_of_calls_rates(q: Floats, state: State) -> dict[State, float]:
    a, b = state
    calls = {(a + 1, b): q[0, 1], (a, b + 1): q[0, 2]} if a + b < 2 else {}
    return calls | ({(a - 1, b): q[1, 0]} if a else {}) | ({(a, b - 1): q[2, 0]} if b else {})


def room_for_three(q: Floats) -> Chain:
    """One server, room for three calls in all; states: how many are there."""
    hours = scale_of(q)
    written = queue(q[0, 1] / hours, q[1, 0] / hours, servers=1, assets=3, running=1)
    return written, lambda down: (len(down),), [(0,), (1,), (2,), (3,)]


def room_for_three_rates(q: Floats, state: State) -> dict[State, float]:
    (n,) = state
    return ({(n + 1,): q[0, 1]} if n < 3 else {}) | ({(n - 1,): q[1, 0]} if n else {})


def repair_in_two_phases(q: Floats) -> Chain:
    """One server, room for three; it is on its way, then at work. States: how many are there, and the phase of the first."""
    hours = scale_of(q)
    mode = {"life": exponential(hours / q[0, 1]), "repair": exponential(hours / q[4, 0]), "crew": "server"}
    fleet = {"assets": 3, "running": 1, "failures": {"call": mode}}
    written = {"fleets": {"callers": fleet}, "crews": {"server": {"number": 1, "travel": exponential(hours / q[1, 4])}}}

    def state(down: list[State]) -> State:
        return len(down), (2 if any(what == ARRIVES for _, what in down) else 1) if down else 0

    return written, state, [(0, 0), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 2)]


def repair_in_two_phases_rates(q: Floats, state: State) -> dict[State, float]:
    n, phase = state
    calls = {(n + 1, max(phase, 1)): q[0, 1]} if n < 3 else {}
    onward = {1: {(n, 2): q[1, 4]}, 2: {(n - 1, 1 if n > 1 else 0): q[4, 0]}}
    return calls | onward.get(phase, {})


#: by the number of their states, the chains that are tried
CHAINS: dict[int, tuple[Callable[[Floats], Chain], Callable[[Floats, State], dict[State, float]]]] = {
    4: (room_for_three, room_for_three_rates),
    6: (two_kinds_of_calls, two_kinds_of_calls_rates),
    7: (repair_in_two_phases, repair_in_two_phases_rates),
}


def in_a_state(row: Row) -> Estimate:
    """The share of time in one state of the plant whose chain this is."""
    q = np.array(row["inputs"]["Q"])
    chain, rates = CHAINS[len(q)]
    written, of, states = chain(q)
    assert np.allclose(generator(states, lambda state: rates(q, state)), q)
    return share(written, of, states[row["inputs"]["state"]], seed_of(row))


def test_chains(validation_rows: Rows) -> None:
    """Rows whose matrix is that of the plant; standard errors of at most 2% of the value, or of 0.3."""
    agree(of_kind(validation_rows(FILE), "ctmc_stationary"), in_a_state, 0.02)


def test_a_chain_of_births_and_deaths() -> None:
    """Calls at rate 1, served at rate 2, room for three: 8/15, 4/15, 2/15 and 1/15 of the time.

    Source: Bolch, Greiner, de Meer, Trivedi (2006), Queueing Networks and Markov Chains, example 3.1.
    """
    q = [[-1, 1, 0, 0], [2, -3, 1, 0], [0, 2, -3, 1], [0, 0, 2, -2]]
    told = [{"Q": q, "state": n} for n in range(4)]
    rows = [
        {"id": f"births_and_deaths_{n}", "inputs": each, "inputs_json": each, "expected": 2 ** (3 - n) / 15, "tol_abs": 0.0}
        for n, each in enumerate(told)
    ]
    agree(rows, in_a_state, 0.02)


# --- closed networks -------------------------------------------------------------------------------------------------


def closed_network(row: Row) -> Estimate:
    """So many go round for ever.

    Who is at the first centre runs or stands by: as many run as it has servers. Each way on from there is a mode of failure, the
    second and third centre its crew. Terminals, of which there are enough, are a third way; a delay is a part's lead time.
    """
    told, output, centre = row["inputs"], row["output"], row["inputs"]["centre"]
    served, calls, many = told["S"], told["V"], told["N"]
    # within a factor of two, what the two busiest centres remember with the least traffic between them, or a delay lasts
    *_, second, first = sorted(time * called for time, called in zip(served[:3], calls, strict=False))
    longest, least = max(told.get("Z", 0.0), *served[3:], 0.0), min(calls[1:3])
    hours, paths = scale(max(memory([least / second] * many, [least / first] * many), longest), sum(calls[:3]) / first)
    servers = told.get("servers", [1, 1, 1])
    assert math.isclose(calls[0], calls[1] + calls[2] + ("Z" in told)), "from the first centre each goes on to another"
    modes: dict[str, Written] = {}
    for n in (2, 3):
        life, repair = exponential(hours * served[0] * calls[0] / calls[n - 1]), exponential(hours * served[n - 1])
        modes[f"to_{n}"] = {"life": life, "repair": repair, "crew": f"centre_{n}"}
    crews = {f"centre_{n}": {"number": servers[n - 1]} for n in (2, 3)}
    written = {"fleets": {"all": {"assets": many, "running": servers[0], "failures": modes}}, "crews": crews}
    delay = hours * served[3] if len(served) > 3 else 0.0
    if delay:
        for name, mode in modes.items():
            mode["spare"] = f"part_{name}"
        written["spares"] = {mode["spare"]: {"stock": 0, "lead_time": exponential(delay)} for mode in modes.values()}
    else:
        crews["terminals"] = {"number": many}
        modes["to_terminals"] = {
            "life": exponential(hours * served[0] * calls[0]), "repair": exponential(hours * told["Z"]), "crew": "terminals",
        }  # fmt: skip
    of = f"/all/to_{centre}" if centre in (2, 3) else ""
    read, paths = ("availability", f"downtime{of}", f"failures{of}", "parts"), min(paths, 1_024)
    found = second_year(written, *read, paths=paths, seed=seed_of(row))
    rate = found["parts" if centre == 4 else f"failures{of}"] * (hours / HOURS_OF_A_YEAR)
    there = many * found["availability"]
    delayed = rate * (delay / hours)  # as many are on their way as come in the time that it takes
    if centre == 4:
        there = delayed
    elif of:
        there = found[f"downtime{of}"] / HOURS_OF_A_YEAR - delayed
    if output == "X":
        return estimate(rate)
    if output == "Q":
        return estimate(there)
    if output == "R":
        return ratio(there, rate)
    raise AssertionError(f"{row['id']}: nothing reads {output!r}")


def test_closed_networks(validation_rows: Rows) -> None:
    """Standard errors of at most 2% of the value."""
    agree(of_kind(validation_rows(FILE), "closed_network_mva"), closed_network, 0.02)


# --- nothing is passed over in silence -------------------------------------------------------------------------------

#: kinds of rows that are not tried, and why
LEFT = {
    "ctmc_transient": "one visit replaces all that have failed, and is called for when two are left: orders here are one for one",
}
TRIED = {
    "machine_repair", "availability_basic", "availability_transient", "palm", "poisson_backorders", "poisson_backorders_2nd",
    "metric_ebo_table", "metric_fill_rate", "metric_two_echelon", "mm_c", "mm_c_k", "ctmc_stationary", "closed_network_mva",
    "erlang_c", "erlang_a", "mtta",
    "loss_function_normal", "loss_function_lognormal", "loss_function_exponential", "loss_function_gamma",
}  # fmt: skip


def test_every_kind_of_row_is_tried_or_left_for_a_reason(validation_rows: Rows) -> None:
    assert {row["sub"] for row in validation_rows(FILE)} <= TRIED | LEFT.keys()
