"""What a run from stored values gives is what a full run gives, to the last bit, and it computes what a move reaches alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gainsim.analyses.repricing import Repricing
from gainsim.bridge import Run
from gainsim.errors import ScenarioError, UsageError
from gainsim.scenario.changes import changed
from gainsim.scenario.load import Loaded, from_document, load_offers
from gainsim.scenario.reading import path_text

SCENARIOS = sorted((Path(__file__).resolve().parent.parent / "scenarios").glob("*.yaml"))
KEPT = ("total", "npv", "bound", "cash", "row_mean", "row_error", "row_bound")
_NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?")
PATHS = 48


def same(one: Run, other: Run) -> None:
    for name in KEPT:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert (one.rows.lines, one.rows.keys, one.rows.dates) == (other.rows.lines, other.rows.keys, other.rows.dates)
    assert (one.model, one.paths, one.seed, one.sampling) == (other.model, other.paths, other.seed, other.sampling)


def moved(offer: Loaded, *changes: str) -> Loaded:
    return from_document(changed(offer.document, changes, asked=""))


def numbers(data: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    """Every key with a number, and what is written there."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from numbers(value, (*path, key))
    elif not isinstance(data, bool) and _NUMBER.search(str(data)) and not re.match(r"\d{4}-", str(data)):
        yield path_text(path), str(data)


def raised(text: str) -> str:
    return _NUMBER.sub(lambda found: f"{float(found[0].replace('_', '')) * 1.0625:.12g}", text, count=1)


#: of which one number is moved, for a run of them takes long
SLOW = {"power_by_the_hour", "lifts", "capped_gain_share", "energy_saving", "outsourcing", "compressed_air", "wind_service"}


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_numbers_of_shipped_contracts_move_from_stored_values_as_in_full(file: Path) -> None:
    """One number after the other, and then none: what the first has opened stays open for the later ones."""
    offer = next(iter(load_offers(file).values()))
    repricing = Repricing(offer, PATHS, 7)
    as_is = repricing.run(offer)
    keys = list(numbers(offer.agreed.data["contract"], ("contract",)))
    for key, text in keys[len(keys) // 2 :][:: max(1, len(keys) // 4)][: 1 if file.stem in SLOW else 2]:
        try:
            other = moved(offer, f"{key}={raised(text)}")
        except (ScenarioError, UsageError):
            continue  # a number that may not be that
        same(repricing.run(other), other.simulate(PATHS, 7, sampling=other.scenario.run.sampling))
    same(repricing.run(offer), as_is)
