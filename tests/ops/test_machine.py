"""Machine code is kept on disk: compiled once, never trusted when damaged, never needed."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from gainsim.ops import machine
from gainsim.ops.machine import Machine


def _text(number: int) -> str:
    return f"define i64 @answer() {{\n  ret i64 {number}\n}}"


def _answer(text: str) -> int:
    code = Machine(text)  # held while it runs
    return int(ctypes.CFUNCTYPE(ctypes.c_uint64)(code.address("answer"))())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "_folder", lambda: tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture
def compilations(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that was compiled, and not read from disk."""
    done: list[str] = []
    compile_ = machine._optimised
    monkeypatch.setattr(machine, "_optimised", lambda text, target: [done.append(text), compile_(text, target)][1])
    return done


def test_the_same_text_is_compiled_once(compilations: list[str]) -> None:
    assert [_answer(_text(7)), _answer(_text(7)), _answer(_text(8)), _answer(_text(7))] == [7, 7, 8, 7]
    assert compilations == [_text(7), _text(8)]


@pytest.mark.parametrize("damage", [b"", b"short", bytes(4096)])
def test_a_damaged_file_is_compiled_anew(folder: Path, compilations: list[str], damage: bytes) -> None:
    _answer(_text(7))
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage or whole[:-1])
    assert _answer(_text(7)) == 7
    assert len(compilations) == 2
    assert kept.read_bytes() == whole


def test_code_for_another_processor_has_a_file_of_its_own(folder: Path) -> None:
    Machine(_text(7))
    if not machine._host()[0].startswith(("x86", "sky", "ice", "sapphire", "zen", "haswell")):
        pytest.skip("compiles for a processor of the x86-64 family")
    Machine(_text(7), cpu="x86-64")
    assert len(list(folder.iterdir())) == 2


def test_where_nothing_can_be_kept_all_is_compiled(folder: Path, compilations: list[str]) -> None:
    folder.write_text("a file, where the folder should be", encoding="utf-8")
    assert _answer(_text(7)) == _answer(_text(7)) == 7
    assert len(compilations) == 2


def test_the_oldest_files_go(folder: Path, monkeypatch: pytest.MonkeyPatch, compilations: list[str]) -> None:
    monkeypatch.setattr(machine, "KEPT", 2)
    for number in (1, 2, 3):
        _answer(_text(number))
    assert len(list(folder.iterdir())) == 2
    _answer(_text(3))
    assert len(compilations) == 3
