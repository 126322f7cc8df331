"""Simulations under every way to sample: the same bits by both runners, errors that are as large as they say."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import gainsim
from benchmarks import accuracy
from gainsim import cells
from gainsim.bridge import Run, simulate_model, statement
from gainsim.errors import UsageError
from gainsim.measures import estimate, mean
from gainsim.outcome import Outcome
from gainsim.scenario.load import load_file
from gainsim.streams.sampling import SOURCES
from tests.scenarios.test_shipped import load

TOGETHER = [name for name in SOURCES if name != "pseudo_random"]
BY_PATH = ("total", "npv", "bound", "cash")
DEALS = {deal.name: deal for deal in accuracy.DEALS}
AIR = Path(__file__).resolve().parent.parent / "scenarios" / "compressed_air.yaml"


@pytest.mark.parametrize("sampling", SOURCES)
@pytest.mark.parametrize("offer", ["compressed_air", "shared_savings"])
def test_both_runners_and_any_number_of_threads_give_the_same_bits(
    offer: str, sampling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(offer).model
    by_array = simulate_model(model, 1000, 3, sampling=sampling)
    monkeypatch.setattr(cells, "FEW", 0)
    by_loop = simulate_model(model, 1000, 3, sampling=sampling)
    one, two = (simulate_model(model, 2500, 3, threads=n, sampling=sampling) for n in (1, 2))
    for name in (*BY_PATH, "row_mean", "row_bound"):
        assert getattr(by_array, name).tobytes() == getattr(by_loop, name).tobytes()
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


@pytest.mark.parametrize("sampling", TOGETHER)
def test_a_path_is_settled_again_alone(sampling: str) -> None:
    model = load("compressed_air").model
    run = simulate_model(model, 2500, 5, sampling=sampling)
    for path in (0, 1, 2499):
        total = np.zeros(len(run.rows.lines))
        for (_, line), amount in zip(run.rows.keys, statement(model, path, 5, sampling, 2500), strict=True):
            total[line] += amount
        assert total.tobytes() == run.total[:, path].tobytes()


def test_a_path_beyond_the_crowd_is_refused_where_more_paths_change_the_rest() -> None:
    model = load("compressed_air").model
    with pytest.raises(UsageError, match="path 2500 is none of the 2,500"):
        statement(model, 2500, 5, "latin_hypercube", 2500)
    assert len(statement(model, 2500, 5, "sobol", 2500)) == len(model.program.rows)


def test_other_drivers_meet_other_futures_under_sobol() -> None:
    offer = gainsim.load_text(gainsim.TEMPLATE)
    found = [gainsim.simulate(offer, paths=320, seed=1, sampling=way) for way in ("sobol", "antithetic")]
    with pytest.raises(UsageError, match="same seed and paths, drawn alike"):
        found[0].against(found[1], "npv")
    with pytest.raises(UsageError, match="other drivers meet other futures under sampling sobol"):
        found[0].against(gainsim.simulate(gainsim.load(AIR), paths=320, seed=1, sampling="sobol"), "npv")
    with pytest.raises(UsageError, match="sampling is pseudo_random"):
        gainsim.simulate(offer, sampling="random")


def test_errors_of_settlements_are_not_known_where_paths_were_drawn_together() -> None:
    run = simulate_model(load("compressed_air").model, 320, 1, sampling="sobol")
    assert np.isinf(run.row_error).all()
    assert run.groups is not None
    assert run.groups.tolist() == [path % 32 for path in range(320)]


def _payment(run: Run) -> NDArray[np.float64]:
    return Outcome(run).revenue


@pytest.mark.parametrize("sampling", TOGETHER)
@pytest.mark.parametrize("deal", DEALS)
def test_intervals_cover_the_exact_expectation(deal: str, sampling: str) -> None:
    """Of 200 seeds, 95% intervals cover in 190 ± 3.1; 178 and 200 are four standard deviations away."""
    model, exact = load_file(DEALS[deal].file).model, DEALS[deal].exact()
    covered, squares = 0, 0.0
    for seed in range(200):
        run = simulate_model(model, 512, seed, sampling=sampling)
        found = estimate(mean(_payment(run)), Outcome(run).sample)
        low, high = found.interval(0.95)
        covered += low <= exact <= high
        squares += ((found.value - exact) / found.standard_error) ** 2
    assert 178 <= covered <= 200
    assert 0.65 < squares / 200 < 1.45  # of t with 31 degrees of freedom it is 1.07 ± 0.12
    assert math.isfinite(squares)
