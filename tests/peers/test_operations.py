"""Operations against networks of queues in ciw: machines that break and are repaired, and calls of two priorities."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.operations.hall import HOURS_OF_A_YEAR, Estimate, estimate, exponential, ratio, second_year
from tests.peer import peer

ciw = peer("ciw")
RUNS = 12


def simulated(network: Any, until: float, of: Callable[[list[Any]], list[float]]) -> list[Estimate]:
    """What the records of a network come to, over some runs."""
    found = []
    for seed in range(RUNS):
        ciw.seed(seed)
        run = ciw.Simulation(network)
        run.simulate_until_max_time(until)
        found.append(of(run.get_all_records()))
    return [estimate(np.array(values)) for values in zip(*found, strict=True)]


def assert_agree(ours: list[Estimate], theirs: list[Estimate], error: float) -> None:
    """Within four standard errors of the difference, which are small."""
    for (mine, my_error), (other, other_error) in zip(ours, theirs, strict=True):
        both = math.hypot(my_error, other_error)
        assert both <= error * abs(other), (mine, other, both)
        assert abs(mine - other) <= 4.0 * both, (mine, other, both)


def test_machines_that_wait_for_repairers_are_a_closed_network() -> None:
    """Six machines, two repairers, repairs of any length (M/G/2//6): downtime, waiting and number of repairs."""
    machines, repairers, life, longest = 6, 2, 100.0, 60.0
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([1e-6] * machines + [float("inf")]), None],
        service_distributions=[ciw.dists.Exponential(1 / life), ciw.dists.Uniform(0, longest)],
        number_of_servers=[float("inf"), repairers],
        routing=[[0.0, 1.0], [1.0, 0.0]],
    )
    warm, until = 1_000.0, 50_000.0

    def of(records: list[Any]) -> list[float]:
        repairs = [each for each in records if each.node == 2 and warm <= each.arrival_date < until - 500.0]
        waits = math.fsum(each.waiting_time for each in repairs)
        return [len(repairs) / (until - 500.0 - warm), waits / len(repairs)]

    mode = {"life": exponential(life), "repair": {"uniform": {"low": 0, "high": longest}}, "crew": "repairers"}
    fleet = {"assets": machines, "failures": {"breaks": mode}}
    written = {"fleets": {"machines": fleet}, "crews": {"repairers": {"number": repairers}}}
    seen = second_year(written, "visits", "waiting", paths=2_048, seed=5)
    ours = [estimate(seen["visits"] / HOURS_OF_A_YEAR), ratio(seen["waiting"], seen["visits"])]
    assert_agree(ours, simulated(network, until, of), 0.03)


def test_what_is_urgent_is_served_first_and_nothing_is_broken_off() -> None:
    """Two kinds of calls at random, one server, a fixed time for each: the mean waits (an M/D/1 queue with priorities)."""
    every, takes = {"urgent": 60.0, "routine": 30.0}, {"urgent": 8.0, "routine": 12.0}
    network = ciw.create_network(
        arrival_distributions={name: [ciw.dists.Exponential(1 / every[name])] for name in every},
        service_distributions={name: [ciw.dists.Deterministic(takes[name])] for name in every},
        number_of_servers=[1],
        priority_classes={"urgent": 0, "routine": 1},
    )
    warm, until = 1_000.0, 60_000.0

    def of(records: list[Any]) -> list[float]:
        counted = [each for each in records if each.arrival_date >= warm]
        return [float(np.mean([each.waiting_time for each in counted if each.customer_class == name])) for name in every]

    fleets = {
        name: {
            "assets": 60,
            "running": 20,  # of whom enough stand by: calls at random
            "failures": {"call": {"life": exponential(20 * every[name]), "repair": takes[name], "crew": "one", "priority": n}},
        }
        for n, name in enumerate(every, start=1)
    }
    written = {"fleets": fleets, "crews": {"one": {"number": 1}}}
    outcomes = [f"{what}/{name}" for name in every for what in ("waiting", "visits")]
    seen = second_year(written, *outcomes, paths=1_024, seed=6)
    ours = [ratio(seen[f"waiting/{name}"], seen[f"visits/{name}"]) for name in every]
    assert_agree(ours, simulated(network, until, of), 0.05)

    load, rest = sum(takes[n] / every[n] for n in every), sum(takes[n] ** 2 / every[n] for n in every) / 2.0
    urgent = rest / (1.0 - takes["urgent"] / every["urgent"])  # Cobham (1954)
    for (mine, error), exact in zip(ours, (urgent, urgent / (1.0 - load)), strict=True):
        assert abs(mine - exact) <= 4.0 * error
