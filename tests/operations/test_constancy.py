"""A path has the same bits whoever else runs: threads, blocks, alone or in the crowd; an interrupt leaves no thread behind."""

from __future__ import annotations

import threading
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

import gainsim
from gainsim.bridge import Run, delivery_of, rows_of, simulate_model, statement
from gainsim.model import Model
from gainsim.operations.delivery import Delivery
from gainsim.ops.arrays import run_arrays
from gainsim.streams.sampling import SOURCES, source_of

SEED, PATHS = 11, 3_000
OFFER = """
gainsim: 1
title: All that operations can
currency: EUR
calendar: { start: 2027-01, years: 1, step: quarter, year: contract }
money: { discount_rate: 8% pa }
operations:
  harbour:
    fleets:
      cranes:
        assets: 3
        needed: 2
        site: quay
        use: lifts
        demand: containers
        capacity: 20
        performance: pace
        failures:
          gear:
            life: { weibull: { shape: 2, scale: 9_000 } }
            ages: use
            repair: { lognormal: { median: 9, p90: 30 } }
            crew: fitters
            spare: gears
            foreseen: { chance: 60%, ahead: { uniform: { low: 100, high: 800 } }, repair: 6 }
          brake:
            life: { exponential: { mean: 900 } }
            repair: 8
            skill: electrical
            escalates: { after: 6, priority: 1, crew: fitters }
        maintenance:
          grease: { every: 700, takes: 4, crew: fitters, renews: nothing }
      mains: { assets: 1, failures: { trips: { life: { exponential: { mean: 2_000 } }, repair: 3, skill: electrical } } }
    crews:
      fitters: { number: 1, travel: { uniform: { low: 0.5, high: 2 } } }
      electrician: { number: 1, skills: [electrical], shifts: { days: monday to friday, begins: 6, ends: 18 } }
    spares:
      gears: { stock: 1, lead_time: 30, depot: store }
      store:
        stock: 1
        lead_time: { uniform: { low: 50, high: 90 } }
        shop: { takes: { exponential: { mean: 60 } }, crew: fitters, priority: 3 }
    requests:
      visits: { every: { exponential: { mean: 90 } }, takes: 5, crew: fitters, priority: 4, room: 3, patience: 48 }
    sites:
      quay: { weather: { fair: { exponential: { mean: 200 } }, foul: { exponential: { mean: 12 } } } }
    hours: { days: monday to saturday, begins: 6, ends: 22 }
    serves: { all: [cranes, mains] }
drivers:
  lifts: { unit: 1/quarter, control: customer, central: mean, drawn: each period, normal: { mean: 6_000, sd: 900 } }
  containers: { unit: box/quarter, control: customer, central: mean, drawn: each period, normal: { mean: 30_000, sd: 4_000 } }
  pace: { unit: fraction, control: supplier, central: mean, drawn: once, uniform: { low: 85%, high: 95% } }
  served: { unit: fraction of time, control: supplier, central: 97%, operations: { of: harbour, outcome: served } }
  up:
    unit: fraction of time
    control: supplier
    central: 97%
    operations: { of: harbour, outcome: availability, fleet: cranes, excludes: [weather] }
  moved: { unit: box/quarter, control: supplier, central: 30_000, operations: { of: harbour, outcome: throughput, fleet: cranes } }
  oee: { unit: fraction, control: supplier, central: 50%, operations: { of: harbour, outcome: oee, fleet: cranes } }
  gears: { unit: 1/quarter, control: supplier, central: 1, operations: { of: harbour, outcome: parts } }
  worked: { unit: hour/quarter, control: supplier, central: 90, operations: { of: harbour, outcome: work } }
  answered: { unit: 1/quarter, control: supplier, central: 9, operations: { of: harbour, outcome: answered, requests: visits } }
  late: { unit: hours, control: supplier, central: 9, operations: { of: harbour, outcome: worst_completion } }
contract:
  base_fee: { term: fee, amount: 90_000 EUR per quarter * served * up }
  handling: { term: fee, amount: moved * 2 EUR/box * oee }
costs:
  crews: { amount: worked * 90 EUR/hour + answered * 40 EUR }
  parts: { amount: gears * 4_000 EUR + late * 3 EUR/hour / 1 quarter }
"""


@pytest.fixture(scope="module")
def model() -> Model:
    return gainsim.load_text(OFFER).loaded.model


@pytest.fixture(scope="module")
def run(model: Model) -> Run:
    return simulate_model(model, PATHS, SEED, 1)


def delivery(model: Model, sampling: str = "pseudo_random") -> Delivery:
    return delivery_of(model, source_of(sampling, model.plan(PATHS, SEED)), SEED)


def test_everything_moves(model: Model) -> None:
    """Else the same bits say little."""
    for name, values in delivery(model).on(np.arange(200, dtype=np.uint64)).items():
        assert len(np.unique(values)) > 20 or name == "gears", name


def test_threads_change_nothing(model: Model, run: Run) -> None:
    other = simulate_model(model, PATHS, SEED, 3)
    arrays = [field.name for field in fields(Run) if isinstance(getattr(run, field.name), np.ndarray)]
    assert {"total", "npv", "cash"} <= set(arrays)
    for name in arrays:
        assert getattr(other, name).tobytes() == getattr(run, name).tobytes(), name


@pytest.mark.parametrize("sampling", SOURCES)
def test_one_path_replayed_alone_is_the_path_in_the_crowd(model: Model, sampling: str) -> None:
    """Every row of its ledger, as `gainsim explain` tells it."""
    source, paths = source_of(sampling, model.plan(PATHS, SEED)), np.arange(1_024, dtype=np.uint64)
    crowd = run_arrays(model.program, source.drawn(paths), paths, delivery(model, sampling).on(paths))
    for path in (0, 127, 128, 1_023):
        alone = statement(model, path, SEED, sampling, PATHS)
        assert alone.tobytes() == np.ascontiguousarray(crowd[:, path]).tobytes(), path


def test_what_is_told_of_a_path_is_what_the_run_kept(model: Model, run: Run) -> None:
    """Totals of lines over the whole run are those of its rows, path by path."""
    numbers = rows_of(model).plan.line
    for path in (0, 1_500, PATHS - 1):
        alone = statement(model, path, SEED)
        for line in range(len(run.total)):
            assert run.total[line, path] == pytest.approx(alone[numbers == line].sum(), rel=1e-12, abs=1e-9)


def test_the_split_into_blocks_changes_nothing(model: Model) -> None:
    whole = delivery(model).on(np.arange(1_100, dtype=np.uint64))
    for split in ((0, 3, 131, 1_100), (0, 1, 65, 640, 1_100), (0, 1_030, 1_100)):
        one = delivery(model)  # what it has learned of how many lives there are stays with it
        parts = [one.on(np.arange(*ends, dtype=np.uint64)) for ends in pairwise(split)]
        for name, values in whole.items():
            assert np.concatenate([part[name] for part in parts], axis=1).tobytes() == values.tobytes(), (name, split)


def test_an_interrupt_leaves_no_thread_behind(model: Model) -> None:
    told: list[int] = []

    def progress(paths: int, of: int) -> None:
        told.append(paths)
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        simulate_model(model, 200_000, SEED, 3, progress)
    assert threading.active_count() == before
    assert max(told) < 200_000
