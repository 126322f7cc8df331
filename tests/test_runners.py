"""Every ledger line of every shipped scenario, bit by bit: two runners, several processors, block sizes and threads."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.bridge import Run, delivery_of, realise, simulate_model, statement
from gainsim.model import Model, build_world
from gainsim.offer.dependence import Pair
from gainsim.offer.drivers import Driver
from gainsim.ops.arrays import run_arrays
from gainsim.ops.chunks import LIMIT, chunks
from gainsim.ops.loop import Loop
from gainsim.ops.machine import assembly
from gainsim.ops.run_text import BLOCK, source
from gainsim.streams.source import Philox
from tests.scenarios.test_shipped import SHIPPED, load

Floats = NDArray[np.float64]
SEED = 20_270_101
every_scenario = pytest.mark.parametrize("offer", SHIPPED)
#: walks, ramps, memory and operations; one draw for life; steps that jump; further parties, tax and a default
some_scenarios = pytest.mark.parametrize(
    "offer", ["compressed_air", "fixed_price_incentive", "shared_savings", "wind_service"]
)


@cache
def _model(offer: str) -> Model:
    return load(offer).model


def _source(model: Model) -> Philox:
    return Philox(model.plan(BLOCK, SEED))


@cache
def _given(offer: str, first: int = 0, paths: int = BLOCK) -> dict[str, Floats]:
    """What operations come to, by driver, (periods, paths)."""
    model = _model(offer)
    return delivery_of(model, _source(model), SEED).on(np.arange(first, first + paths, dtype=np.uint64))


@cache
def _by_array(offer: str) -> Floats:
    """The reference: every row of 1,024 paths, one NumPy operation at a time."""
    model = _model(offer)
    return run_arrays(model.program, _source(model), np.arange(BLOCK, dtype=np.uint64), _given(offer))


@cache
def _loop(offer: str) -> Loop:
    return Loop(_model(offer).program)


def _run(offer: str, loop: Loop, first: int = 0) -> Floats:
    program = _model(offer).program
    lines = np.full((len(program.rows), loop.block), 1e99)
    given = [_given(offer, first, loop.block)[name] for name in program.inputs]
    inputs = np.ascontiguousarray(given) if given else None
    loop.run(_source(_model(offer)).key_table([*program.streams, *program.once_streams]), first, lines, None, inputs)
    return lines


def _assert_same(offer: str, got: Floats, expected: Floats) -> None:
    """The same bits, or the first line and period that differ."""
    differs = (got.view(np.uint64) != expected.view(np.uint64)).any(axis=1)
    if differs.any():
        program = _model(offer).program
        t, line = program.rows[int(np.argmax(differs))]
        pytest.fail(f"{differs.sum()} rows differ, first {program.line_names[line]} in period {t + 1}")


def _has(*features: str) -> bool:
    flags = llvm.get_host_cpu_features()
    return all(flags.get(name, False) for name in features)


def test_there_are_scenarios() -> None:
    assert SHIPPED


# ------------------------------------------------------------------------------------------------ two runners


@every_scenario
def test_the_loop_gives_the_bits_of_the_arrays(offer: str) -> None:
    got = _run(offer, _loop(offer))
    assert np.isfinite(got).all()
    _assert_same(offer, got, _by_array(offer))


PROCESSORS = {
    "x86-64": (),
    "haswell": ("avx2", "fma"),
    "skylake-avx512": ("avx512f", "avx512dq", "avx512vl", "avx512bw", "avx512cd"),
}


@some_scenarios
@pytest.mark.parametrize("cpu", PROCESSORS)
def test_compiled_for_another_instruction_set_the_bits_are_the_same(offer: str, cpu: str) -> None:
    if not llvm.get_default_triple().startswith("x86_64") or not _has(*PROCESSORS[cpu]):
        pytest.skip(f"this machine does not run code for {cpu}")
    written = assembly(source(_model(offer).program), cpu)
    used = {name: bool(re.search(rf"%{name}\d", written)) for name in ("xmm", "ymm", "zmm")}
    assert used["ymm" if cpu == "haswell" else "zmm" if cpu == "skylake-avx512" else "xmm"]
    assert not re.search(r"\bvfn?m(add|sub)", written)
    _assert_same(offer, _run(offer, Loop(_model(offer).program, cpu=cpu)), _by_array(offer))


@some_scenarios
def test_no_multiplication_is_fused_with_an_addition_on_arm(offer: str) -> None:
    """Assembly for AArch64, whose basic instruction set fuses: two roundings must stay two."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    triple = "aarch64-unknown-linux-gnu"
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu="neoverse-v1", opt=2)
    module = llvm.parse_assembly(source(_model(offer).program))
    module.triple, module.data_layout = triple, str(machine.target_data)
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(module, builder)
    assembly = machine.emit_assembly(module)
    assert re.search(r"\bfmul\b", assembly)
    assert re.search(r"\bfadd\b", assembly)
    assert not re.findall(r"\b(fn?madd|fn?msub|fml[as]|fmad|fmsb)\b", assembly)


# ------------------------------------------------------------------------------------------------ blocks, splits, paths


@some_scenarios
@pytest.mark.parametrize("block", [128, 4096])
def test_the_size_of_a_block_changes_nothing(offer: str, block: int) -> None:
    loop = Loop(_model(offer).program, block)
    if block < BLOCK:
        parts = [_run(offer, loop, first) for first in range(0, BLOCK, block)]
        _assert_same(offer, np.ascontiguousarray(np.concatenate(parts, axis=1)), _by_array(offer))
        return
    wide = _run(offer, loop)
    _assert_same(offer, np.ascontiguousarray(wide[:, :BLOCK]), _by_array(offer))
    _assert_same(offer, np.ascontiguousarray(wide[:, -BLOCK:]), _run(offer, _loop(offer), block - BLOCK))


@some_scenarios
@pytest.mark.parametrize("limit", [17, 40])
def test_a_contract_split_into_several_loops_gives_the_same_bits(offer: str, limit: int) -> None:
    """At the shipped limit most contracts fit into a few loops; small limits stand for contracts of any length."""
    program = _model(offer).program
    assert len(chunks(program, limit)) > len(chunks(program, LIMIT))
    assert max(chunk.size for chunk in chunks(program, limit)) <= limit
    _assert_same(offer, _run(offer, Loop(program, limit=limit)), _by_array(offer))


@some_scenarios
@pytest.mark.parametrize("path", [0, 1023])
def test_one_path_replayed_alone_is_the_path_in_the_crowd(offer: str, path: int) -> None:
    alone = statement(_model(offer), path, SEED)
    assert alone.tobytes() == np.ascontiguousarray(_by_array(offer)[:, path]).tobytes()


@some_scenarios
def test_a_path_far_out_is_the_same_alone_and_in_a_block(offer: str) -> None:
    first = 2**40 + 12_345
    block = _run(offer, Loop(_model(offer).program, 128), first)
    alone = statement(_model(offer), first + 5, SEED)
    assert alone.tobytes() == np.ascontiguousarray(block[:, 5]).tobytes()


BY_PATH = ("total", "npv", "bound", "cash")


@cache
def _simulated(offer: str, paths: int, threads: int = 2) -> Run:
    return simulate_model(_model(offer), paths, SEED, threads)


@some_scenarios
def test_threads_change_nothing(offer: str) -> None:
    runs = [_simulated(offer, 3_000, threads) for threads in (1, 2, 3)]
    arrays = [field.name for field in fields(Run) if isinstance(getattr(runs[0], field.name), np.ndarray)]
    assert set(arrays) >= {*BY_PATH, "row_mean", "row_error", "row_bound"}
    for name in arrays:
        first, *others = (getattr(run, name).tobytes() for run in runs)
        assert all(other == first for other in others), name


@some_scenarios
def test_more_paths_keep_the_earlier_ones(offer: str) -> None:
    """1,000 paths take the NumPy runner, the others the loop, and none of them fills its last cell."""
    few, some, many = (_simulated(offer, paths) for paths in (1_000, 3_000, 10_000))
    for name in BY_PATH:
        assert getattr(few, name).tobytes() == np.ascontiguousarray(getattr(some, name)[:, :1_000]).tobytes(), name
        head = np.ascontiguousarray(getattr(many, name)[:, :3_000])
        assert np.ascontiguousarray(getattr(some, name)).tobytes() == head.tobytes(), name


@some_scenarios
def test_means_and_errors_of_rows_are_those_of_their_paths(offer: str) -> None:
    run, rows = _simulated(offer, 1_000), _by_array(offer)[:, :1_000]
    scale = np.abs(rows).max(axis=1)
    assert (np.abs(run.row_mean - rows.mean(axis=1)) <= 1e-12 * scale).all()
    assert (np.abs(run.row_error - rows.std(axis=1, ddof=1) / np.sqrt(1_000)) <= 1e-7 * scale).all()
    np.testing.assert_array_equal(run.row_bound, (rows != 0.0).mean(axis=1))


# ------------------------------------------------------------------------------------------------ what moves no driver


def _drivers(offer: str, *, seed: int = SEED, replicate: int = 0, **changes: Any) -> dict[str, Floats]:
    """Every driver's values, (periods, paths), some parts of the scenario replaced."""
    scenario = _model(offer).scenario.model_copy(update=changes)
    world = build_world(scenario)
    paths = np.arange(128, dtype=np.uint64)
    source, periods = Philox(world.plan(len(paths), seed, replicate)), range(world.calendar.periods)
    given = delivery_of(world, source, seed, replicate).on(paths)
    facts, _ = realise(world, source, paths, periods, given=given)
    return {name: facts[name] for name in scenario.drivers}


@cache
def _as_shipped(offer: str) -> dict[str, Floats]:
    return _drivers(offer)


@some_scenarios
def test_a_longer_contract_keeps_its_earlier_periods(offer: str) -> None:
    scenario = _model(offer).scenario
    written = scenario.calendar
    longer = written.model_copy(
        update={"years": written.years + 2} if written.years is not None else {"months": (written.months or 0) + 24}
    )
    short, long = _as_shipped(offer), _drivers(offer, calendar=longer)
    for name, values in short.items():
        assert len(long[name]) > len(values)
        assert np.ascontiguousarray(long[name][: len(values)]).tobytes() == values.tobytes(), name


NEW = Driver.model_validate({
    "unit": "index", "control": "nobody", "central": "mean",
    "geometric_walk": {"start": 50, "drift": "2% pa", "volatility": "30% pa"},
})  # fmt: skip


@some_scenarios
@pytest.mark.parametrize("place", ["first", "last", "correlated"])
def test_another_driver_leaves_the_others_as_they_were(offer: str, place: str) -> None:
    """A new driver at the top or the bottom of the file, or one that follows another: nobody else is disturbed."""
    scenario = _model(offer).scenario
    new = {"zz_new_driver": NEW}
    drivers = {**new, **scenario.drivers} if place == "first" else {**scenario.drivers, **new}
    changes: dict[str, Any] = {"drivers": drivers}
    if place == "correlated":
        moving = [
            n for n, d in scenario.drivers.items() if d.geometric_walk is not None or d.mean_reverting is not None
        ]
        if not moving:
            pytest.skip("nothing here moves from period to period")
        link = Pair(between=["zz_new_driver", moving[0]], correlation=0.5, of="innovations")
        changes["dependence"] = [*scenario.dependence, link]
    before, after = _as_shipped(offer), _drivers(offer, **changes)
    for name, values in before.items():
        assert after[name].tobytes() == values.tobytes(), name
    if place == "correlated":
        changes_of = [np.diff(np.log(after[name]), axis=0).ravel() for name in ("zz_new_driver", moving[0])]
        assert np.corrcoef(*changes_of)[0, 1] > 0.3


@some_scenarios
@pytest.mark.parametrize("change", [{"seed": SEED + 1}, {"replicate": 1}])
def test_another_seed_or_replicate_changes_every_draw(offer: str, change: dict[str, int]) -> None:
    before, after = _as_shipped(offer), _drivers(offer, **change)
    uncertain = {name: (x != x[:, :1]).any(axis=1) for name, x in before.items()}  # the periods in which it is so
    moving = [name for name, periods in uncertain.items() if periods.any()]
    assert moving
    for name in moving:
        driver, differs = _model(offer).scenario.drivers[name], before[name] != after[name]
        if driver.operations is not None:  # nothing may happen in a month; in years it does
            assert differs.any(axis=0).mean() > 0.99, name
        elif driver.discrete is None:  # two draws may well fall on one outcome
            assert differs[uncertain[name]].mean() > 0.99, name


@some_scenarios
def test_a_plan_names_every_stream_once(offer: str) -> None:
    plan = _model(offer).plan(10, 1)
    assert len({stream.name for stream in plan.streams}) == len(plan.streams)
    assert replace(plan, paths=20).streams == plan.streams
