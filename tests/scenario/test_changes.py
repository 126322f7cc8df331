"""A value changed for one run: its text gives the changed data, keeps every comment, and says what was changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gainsim.errors import UsageError
from gainsim.scenario.changes import changed, with_run
from gainsim.scenario.load import from_document, load_file
from gainsim.scenario.reading import KeyPath, path_text, read, read_text
from gainsim.scenario.rewriting import rewritten
from gainsim.scenario.template import TEMPLATE

FOLDER = Path(__file__).resolve().parent.parent.parent / "scenarios"
#: three that have every form of writing between them: what is changed is text, whatever it says
SCENARIOS = [FOLDER / f"{name}.yaml" for name in ("compressed_air", "fixed_price_incentive", "shared_savings")]
AIR = next(file for file in SCENARIOS if file.stem == "compressed_air")


def parts(path: KeyPath, value: Any) -> Iterator[KeyPath]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from parts((*path, key), part)


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
@pytest.mark.parametrize(("turn", "value"), [*enumerate(["25_000 EUR", "{ a: [1, 'it is: so'] }", "'#[,]'", ""])])
def test_the_text_of_a_change_gives_the_changed_data(file: Path, turn: int, value: str) -> None:
    """The values take turns: every second part of the file is changed, by one of them."""
    document = read(file)
    for path in list(parts((), document.data))[2 * turn :: 8]:
        found = changed(document, [f"{path_text(path)}={value}"])
        assert read_text(found.text, "").data == found.data, path
        assert found.data != document.data
        assert _comments(found.text) >= _comments(document.text) - _below(document.text, path, document), path


def _comments(text: str) -> set[str]:
    return {line.partition("# ")[2] for line in text.splitlines() if "# " in line}


def _below(text: str, path: KeyPath, document: Any) -> set[str]:
    """The comments from the changed key on to the next one: these may go with it."""
    first = document.places[path].line
    later = [
        place.line for other, place in document.places.items() if place.line > first and other[: len(path)] != path
    ]
    return _comments("\n".join(text.splitlines()[first - 1 : min(later, default=10_000)]))


def test_several_changes_are_said_at_the_top_in_their_order() -> None:
    found = changed(read_text(TEMPLATE, "offer.yaml"), ["money.discount_rate=5% pa", "title="])
    last, first, *rest = found.text.splitlines()
    assert first == "# for this run, money.discount_rate: 5% pa (in the file: 8% pa)"
    assert last == "# for this run, title: taken out (in the file: My offer)"
    assert "money: { discount_rate: 5% pa }" in "\n".join(rest)
    assert [change.key for change in found.changes] == ["money.discount_rate", "title"]


def test_paths_and_seed_are_changes_where_they_differ() -> None:
    document = read(AIR)
    assert with_run(document, paths=document.data["run"]["paths"], seed=None) is document
    bare = read_text("a: 1\nb: 2\n", "x.yaml")
    found = with_run(bare, paths=20_000, seed=0)
    assert found.data == {"a": 1, "run": {"paths": 20_000, "seed": 0}, "b": 2}
    assert [change.asked for change in found.changes] == ["--paths 20000", "--seed 0"]


def test_what_leaves_no_room_is_written_anew() -> None:
    text = "a: [1, # one\n  2]\nb: 3\n"
    assert rewritten(text, ("a", 0), None, {"a": [2], "b": 3}) in ("a: [2]\nb: 3\n", "a: [2]\nb: 3\n")
    folded = "a: >-\n  one\n  two\nb: 3\n"
    assert read_text(rewritten(folded, ("a",), "x", {"a": "x", "b": 3}), "").data == {"a": "x", "b": 3}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("money.discount_rate=8", "--set money.discount_rate=8: '8' is not a rate"),
        ("contract.base_fee.amuont=3 EUR per month", "no such key. Known here: 'about', "),
        ("contract.gain_share.share.above=3%", "Did you mean contract.gain_share.steps[2].share.above?"),
        ("contract.gain_share.share=3%", "no such key. Did you mean contract.gain_share.steps[2].share?"),
        ("contrat.base_fee.amount=3", "the file has no 'contrat'. Did you mean 'contract'?"),
        ("contract.base_fee.amount=", "'amount' is missing here"),
        ("limits.npv_p6.at_least=3", "the file has no 'limits.npv_p6'"),
        ("value.energy_saved=1 / 0 * baseline_cost", "--set value.energy_saved="),
    ],
)
def test_a_wrong_change_is_not_blamed_on_the_file(change: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_file(AIR, [change])
    assert said in str(caught.value)
    assert AIR.name not in str(caught.value)
    assert str(caught.value).startswith("--set ")


def test_what_is_saved_is_what_was_run() -> None:
    run = load_file(AIR, ["contract.gain_share.steps[4].limit_payment.cap=90_000"], paths=500, seed=9)
    again = from_document(read_text(run.document.text, "saved.yaml"))
    assert again.scenario == run.scenario
    assert (again.scenario.run.paths, again.scenario.run.seed) == (500, 9)
