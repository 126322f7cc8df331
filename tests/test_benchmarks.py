"""A short run of every benchmark: they still agree with the engine, and print what they promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import accuracy, conduct, drivers, history, operations, rare, record, reprice, script, settling, wall
from benchmarks.deal import numbers_of, reference_model
from benchmarks.results import Kept, largest_z
from gainsim.bridge import simulate_model
from gainsim.outcome import Outcome


def test_every_clause_of_the_reference_deal_binds() -> None:
    run = simulate_model(reference_model(), 4096, 7)
    assert (run.bound.sum(axis=1) > 0).all()


@pytest.mark.parametrize("once", [script.whole_arrays, script.tuned])
def test_the_scripts_compute_the_same_deal(once: Callable[..., Kept]) -> None:
    pytest.importorskip("numba")
    from benchmarks.speed import as_kept

    model = reference_model()
    ours, numbers = as_kept(simulate_model(model, 8192, 7)), numbers_of(model)
    assert largest_z(ours, once(numbers, 8000, script.generator(1))) < 4.5
    assert largest_z(ours, script.in_blocks(once, numbers, 8000, script.generator(1), 1000)) < 4.5


def test_blocks_keep_the_moments_of_the_whole() -> None:
    numbers = numbers_of(reference_model())
    whole = script.tuned(numbers, 500, script.generator(3))
    blocked = script.in_blocks(script.tuned, numbers, 500, script.generator(3), 500)
    np.testing.assert_allclose(blocked.row_error, whole.row_error, rtol=1e-9)
    np.testing.assert_array_equal(blocked.total, whole.total)


def test_speed_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("numba")
    from benchmarks import speed

    speed.main(["--quick", "--json", "--paths", "2048"])
    found = json.loads(capsys.readouterr().out)
    assert found["agreement"]["hand_written_relative_difference"] < 1e-12
    wanted = {"ratio_one_thread", "ratio_all_cores", "ratio_blocked_script", "ratio_hand_written", "scaling"}
    assert wanted <= found.keys()
    assert "missed" in speed.text_of(found) or "met" in speed.text_of(found)


def test_every_decision_of_the_benchmark_is_taken_and_not_taken() -> None:
    run = simulate_model(conduct.modelled(conduct.deals()["churn"]), 4096, 7)
    total = {line.name: run.total[number] for number, line in enumerate(run.rows.lines)}
    for name in ("scope", "stays"):
        assert total[f"{name}.taken"].any()
        assert (total[f"{name}.taken"] < total[f"{name}.asked"]).any()


def test_a_script_settles_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    settling.main(["--quick", "--json", "--accounts", "3000"])
    found = json.loads(capsys.readouterr().out)
    assert found["largest_relative_difference"] < 1e-12
    assert {"ratio_totals", "ratio_every_line", "accounts_per_second"} <= found.keys()
    assert "accounts a second" in settling.text_of(found)


def test_accuracy_falls_with_the_paths(capsys: pytest.CaptureFixture[str]) -> None:
    accuracy.main(["--json", "--no-record", "--sizes", "1000,16000", "--seeds", "8"])
    found = json.loads(capsys.readouterr().out)
    for deal in found["deals"]:
        assert deal["samplings"].keys() == {"pseudo_random", "latin_hypercube", "sobol", "antithetic", "control_variates"}
        for row in deal["samplings"]["pseudo_random"]["sizes"]:
            # rms² / stated² of 8 seeds is χ²(8)/8: 0.11 and 3.27 are its quantiles at 1 in 1,000 either side
            assert 0.11 < (row["rms_error"] / row["stated_error"]) ** 2 < 3.27, deal["deal"]
        assert deal["deal"] == "digital" or deal["sobol_time_share"] == deal["as_the_largest"]["sobol"]["share"] > 0.0


def test_the_kinked_answer_agrees_with_quadrature() -> None:
    s = np.sqrt(np.log(1.16))
    z = np.linspace(-9.0, 9.0, 400_001)
    gain = np.exp(np.log(100_000.0) - 0.5 * s * s + s * z) - 80_000.0
    paid = 0.6 * np.minimum(gain, 0.0) + 0.4 * np.clip(gain, 0.0, 30_000.0) + 0.25 * np.maximum(gain - 30_000.0, 0.0)
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) * (z[1] - z[0])
    assert 3 * float((np.clip(paid, -15_000.0, 20_000.0) * density).sum()) == pytest.approx(
        accuracy.exact_kinked(), rel=1e-8
    )


def test_wall_reads_the_import_log() -> None:
    log = "import time:  10 | 20 |   pandas\nimport time: 1 | 2 | scipy.statsx\nnoise | numba\n"
    assert wall.heavy_modules(log) == ["pandas"]
    assert wall.measure(["--version"], 1)["exit_code"] == 0


def test_history_draws_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "HISTORY", tmp_path)
    figures = dict.fromkeys(history.DRAWN, 1.5)
    record.append("speed", {"date": "2027-01-01T00:00:00", "commit": "abc", **figures})
    assert [file.name for file in history.draw(record.past("speed"), tmp_path)] == ["speed.svg", "speed.png"]
    assert (tmp_path / "speed.png").stat().st_size > 1000


def test_the_readme_says_what_was_recorded_last() -> None:
    last = record.past("speed")[-1]
    said = " ".join((record.ROOT / "README.md").read_text(encoding="utf-8").split())
    for key, words in (
        ("ratio_one_thread", "is {:.1f} times as fast as a NumPy script over whole arrays"),
        ("ratio_blocked_script", "{:.1f} times as fast as the same script in blocks"),
        ("ratio_tuned_blocked_script", "{:.1f} times as fast as the best NumPy script"),
        ("ratio_hand_written", "{:.2f} of the time of a compiled loop written by hand"),
    ):
        assert words.format(last[key]) in said, key


def test_every_kind_of_driver_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    drivers.main(["--json", "--paths", "1024", "--repeats", "1", "--no-record"])
    found = json.loads(capsys.readouterr().out)
    assert set(found["nanoseconds"]) == set(drivers.KINDS)
    assert all(value > 0 for value in found["nanoseconds"].values())
    assert "geometric_walk" in drivers.text_of(found)


def test_simpy_has_the_same_failures(capsys: pytest.CaptureFixture[str]) -> None:
    operations.main(["--json", "--paths", "256", "--repeats", "1", "--no-record"])
    found = json.loads(capsys.readouterr().out)
    assert {"ns_per_failure", "ratio_to_simpy", "ratio_to_simpy_script"} <= found.keys()
    assert 700 < found["failures_per_path"] < 1_000
    ratio = found["compressed_air_ns_per_failure"] / found["ns_per_failure"]
    assert found["compressed_air_ratio"] == pytest.approx(ratio, rel=0.02)
    assert ratio > 0.0
    assert found["compressed_air_failures_per_path"] == pytest.approx(7 * 11.84, abs=1.0)
    assert "failures a second" in operations.text_of(found)


def test_conduct_moves_what_it_is_timed_on(capsys: pytest.CaptureFixture[str]) -> None:
    """What each form adds to the deal is done: hours are put in, and contracts end."""
    models = {name: conduct.modelled(deal) for name, deal in conduct.deals().items()}
    runs = {name: simulate_model(model, 1_000, 1) for name, model in models.items()}
    for name in ("effort", "both"):
        line = next(n for n, each in enumerate(models[name].lines) if each.name == "engineers")
        assert (runs[name].total[line] < 0.0).mean() > 0.5
    assert Outcome(runs["decisions"]).revenue.mean() < Outcome(runs["plain"]).revenue.mean()
    conduct.main(["--json", "--no-record", "--paths", "2048", "--repeats", "1"])
    found = json.loads(capsys.readouterr().out)
    assert all(found[f"ratio_{name}"] > 0.5 for name in models if name != "plain")
    assert "times" in conduct.text_of(found)


def test_a_script_reprices_the_same_and_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    reprice.main(["--json", "--no-record", "--paths", "4096", "--repeats", "1"])
    found = json.loads(capsys.readouterr().out)
    assert found["largest_relative_difference"] < 1e-9
    assert found["draws"] == 0
    assert {"terms_milliseconds", "milliseconds", "reading_milliseconds"} <= found.keys()
    assert "NumPy script" in reprice.text_of(found)


def test_a_rare_event_is_found_in_both_its_regions(capsys: pytest.CaptureFixture[str]) -> None:
    """Its probability is that of both regions, and at a level that plain simulation sees too both agree."""
    rare.main(["--json", "--no-record", "--paths", "1000", "--seeds", "1", "--plain", "10000"])
    found = json.loads(capsys.readouterr().out)
    (regions,) = found["regions"]
    assert len(regions) == 2
    assert sum(regions) == pytest.approx(found["probability"])
    assert 1e-6 < min(regions) < max(regions) < 1e-5
    assert found["relative_error"] < 0.2
    assert found["apart"] <= 4.0
    assert "standard errors apart" in rare.text_of(found)
