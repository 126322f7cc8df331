"""What a run from stored values gives is what a full run gives, to the last bit, and it computes what a move reaches alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import reprice
from gainsim import cells
from gainsim.analyses.repricing import Repricing
from gainsim.bridge import Run
from gainsim.errors import DataError, ScenarioError, UsageError
from gainsim.ops import loop
from gainsim.scenario.changes import changed
from gainsim.scenario.load import Loaded, from_document, load_file, load_offers
from gainsim.scenario.reading import path_text
from gainsim.streams.sampling import SOURCES
from gainsim.streams.source import Philox

SCENARIOS = sorted((Path(__file__).resolve().parent.parent / "scenarios").glob("*.yaml"))
KEPT = ("total", "npv", "bound", "cash", "row_mean", "row_error", "row_bound")
_NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?")
PATHS = 16


def same(one: Run, other: Run) -> None:
    for name in KEPT:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert (one.rows.lines, one.rows.keys, one.rows.dates) == (other.rows.lines, other.rows.keys, other.rows.dates)
    assert one.model is other.model
    assert (one.paths, one.seed, one.sampling) == (other.paths, other.seed, other.sampling)


def moved(offer: Loaded, *changes: str) -> Loaded:
    return from_document(changed(offer.document, changes, asked=""), noted=False)


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


# --- one deal --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deal() -> Loaded:
    """Five years; a gain share with deadband, bands, carry and collar, a fee and a cost."""
    return load_file(reprice.DEAL)


SHARE = "contract.gain_share.steps[1].share.above=35%"
CAP = "contract.gain_share.steps[3].limit_payment.cap=5.5% of baseline"
FEE = "contract.base_fee.amount=4% of baseline"
RATE = "money.discount_rate=7% pa"


COST = "costs.operation.amount=9_000 EUR/year"
VOLATILITY = "drivers.wage.geometric_walk.volatility=6% pa"


@pytest.mark.parametrize(
    ("change", "paths"),
    [(SHARE, 1), (CAP, 100), (FEE, 100), (COST, 100), (SHARE, 2_500), (RATE, 2_500), (VOLATILITY, 2_500)],
)
def test_any_number_moves(deal: Loaded, change: str, paths: int) -> None:
    """A share, a cap, an amount, the worth of time, a driver on the same draws; few paths in NumPy, many in the loop."""
    repricing, other = Repricing(deal, paths, 3), moved(deal, change)
    same(repricing.run(other), other.simulate(paths, 3))
    same(repricing.run(deal), deal.simulate(paths, 3))


@pytest.mark.parametrize("sampling", SOURCES)
def test_every_sampling(deal: Loaded, sampling: str) -> None:
    as_is = moved(deal, f"run.sampling={sampling}")
    for paths in (300, 1_100) if sampling == "sobol" else (300,):
        repricing, other = Repricing(as_is, paths, 3), moved(as_is, SHARE, CAP)
        same(repricing.run(other), other.simulate(paths, 3, sampling=sampling))


def test_any_number_of_threads(deal: Loaded) -> None:
    other = moved(deal, SHARE)
    full = other.simulate(9_000, 3)
    for threads in (1, 2, 5):
        same(Repricing(deal, 9_000, 3, threads=threads).run(other), full)


@pytest.mark.parametrize("paths", [100, 2_500])
def test_what_has_moved_once_moves_again_without_a_draw_and_without_a_compiler(
    deal: Loaded, paths: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    repricing = Repricing(deal, paths, 3)
    repricing.run(moved(deal, SHARE, CAP))
    others = [moved(deal, SHARE.replace("35", "20")), moved(deal, CAP.replace("5.5%", "7%")), deal]
    wanted = [other.simulate(paths, 3) for other in others]

    def refused(*_: Any) -> None:
        raise AssertionError("drawn, or compiled")

    for of, name in ((Philox, "normals"), (Philox, "normals_once"), (Philox, "key_table"), (loop, "Loop")):
        monkeypatch.setattr(of, name, refused)
    for other, full in zip(others, wanted, strict=True):
        same(repricing.run(other), full)


def test_a_share_and_a_cap_reach_a_few_lines(deal: Loaded) -> None:
    """Of eleven lines it reaches three, the floor and the carry beside it, for a cap below the floor would win; the share, none
    of the program but a tenth, and no more than seven stored values a year."""
    repricing = Repricing(deal, 100, 3)
    run = repricing.run(moved(deal, CAP))
    as_is = repricing._as_is
    assert as_is is not None
    names = {run.rows.lines[number].name for number in as_is.reach.lines}
    assert names == {f"gain_share.{step}" for step in ("carry", "floor", "cap")}
    assert len(as_is.known._made) > 10 * len(as_is.reach.values)
    repricing.run(moved(deal, SHARE))
    names = {run.rows.lines[number].name for number in as_is.reach.lines}
    assert names == {f"gain_share.{step}" for step in ("share above", "carry", "floor", "cap")}
    assert repricing.stored_bytes <= 8 * 1024 * 5 * 7


def test_a_run_that_somebody_holds_stays_as_it_is(deal: Loaded) -> None:
    repricing = Repricing(deal, 500, 3)
    first = repricing.run(deal)
    held = repricing.run(moved(deal, SHARE))
    part = repricing.run(moved(deal, CAP)).cash[2]
    before, kept = held.total.copy(), part.copy()
    for _ in range(3):
        repricing.run(moved(deal, SHARE, CAP, FEE))
    assert (held.total == before).all() and (part == kept).all()
    same(first, deal.simulate(500, 3))


def test_what_nobody_holds_is_used_again(deal: Loaded) -> None:
    repricing, other = Repricing(deal, 500, 3), moved(deal, SHARE)
    assert len({id(repricing.run(other).total.base) for _ in range(4)}) == 1


def test_without_the_memory_it_is_simulated_in_full(deal: Loaded) -> None:
    other = moved(deal, SHARE)
    repricing = Repricing(deal, 200, 3, at_most=8 * 1024 * 10)
    same(repricing.run(other), other.simulate(200, 3))
    assert repricing.stored_bytes == 0
    little = moved(deal, "costs.operation.amount=2% of baseline")
    same(repricing.run(little), little.simulate(200, 3))
    assert repricing.stored_bytes > 0


def test_cash_that_goes_to_another_date_and_back(deal: Loaded) -> None:
    """A fee is paid with the gain share, and then again with the other fee: the date that it was on for a while is as before."""
    data = dict(deal.document.data)
    data["contract"] = {**data["contract"], "other_fee": data["contract"]["base_fee"]}
    two = from_document(replace(deal.document, data=data), noted=False)
    repricing = Repricing(two, 200, 3)
    for changes in (["contract.base_fee.clock.paid=90 days"], [FEE], ["contract.other_fee.amount=1% of baseline"]):
        other = moved(two, *changes)
        same(repricing.run(other), other.simulate(200, 3))
    assert repricing.stored_bytes > 0


def test_a_fee_that_moves_to_the_amount_of_another(deal: Loaded) -> None:
    """What the line then comes to is known, but it is not what the line came to."""
    data = dict(deal.document.data)
    data["contract"] = {**data["contract"], "other_fee": {**data["contract"]["base_fee"], "amount": "4% of baseline"}}
    two = from_document(replace(deal.document, data=data), noted=False)
    repricing = Repricing(two, 20, 3)
    for changes in ([FEE], ["contract.other_fee.amount=5% of baseline"], [FEE]):
        other = moved(two, *changes)
        same(repricing.run(other), other.simulate(20, 3))


@pytest.mark.parametrize(
    "change", ["contract.gain_share.clock.paid=90 days", "calendar.years=4", "contract.base_fee=", "drivers.wage.central=median"]
)
def test_another_form_is_simulated_in_full_where_it_must_be(deal: Loaded, change: str) -> None:
    """Other dates of cash, other periods, a term less; and a word that moves nothing."""
    other = moved(deal, change)
    same(Repricing(deal, 200, 3).run(other), other.simulate(200, 3))


def test_a_share_of_everything_is_another_form_and_the_same_values_do(deal: Loaded) -> None:
    """x × 100% is x, and is written down as x."""
    repricing = Repricing(deal, 200, 3)
    for change in (SHARE, "contract.gain_share.steps[1].share.above=100%", "contract.gain_share.steps[1].share.above=0%", SHARE):
        other = moved(deal, change)
        same(repricing.run(other), other.simulate(200, 3))
    assert repricing._as_is is not None


def test_operations_that_differ_are_delivered_anew() -> None:
    """More spares leave the contract as it is, and change what it is settled on."""
    air = load_file(SCENARIOS[0].parent / "compressed_air.yaml")
    other = moved(air, "operations.compressor_room.spares.oil_kits.stock=2")
    same(Repricing(air, 16, 3).run(other), other.simulate(16, 3))


def test_what_is_no_number_is_told_as_in_a_full_run(deal: Loaded) -> None:
    """A fee that is divided by zero on some paths: both say the same."""
    text = "contract.base_fee.amount=100_000 EUR/year / max(floor_of, 0)"
    data = {**deal.document.data, "value": {**deal.document.data["value"], "floor_of": "productivity - 10%"}}
    with_value = from_document(replace(deal.document, data=data), noted=False)
    broken = from_document(changed(with_value.document, [text], asked=""), noted=False)
    said = []
    for run in (lambda: broken.simulate(200, 3), lambda: Repricing(with_value, 200, 3).run(broken)):
        with pytest.raises(DataError) as error:
            run()
        said.append(str(error.value))
    assert said[0] == said[1] and "floor_of" in said[0]


def test_few_paths_and_many_have_the_same_bits(deal: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    other = moved(deal, SHARE, FEE)
    few = Repricing(deal, 700, 3).run(other)
    monkeypatch.setattr(cells, "FEW", 0)
    many = Repricing(deal, 700, 3).run(other)
    for name in KEPT:
        assert getattr(few, name).tobytes() == getattr(many, name).tobytes(), name
