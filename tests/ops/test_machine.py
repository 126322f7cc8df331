"""Machine code is kept on disk: compiled once, never trusted when damaged, never needed."""

from __future__ import annotations

import ctypes
import os
import stat
from pathlib import Path

import llvmlite.binding as llvm
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
    if not llvm.get_default_triple().startswith("x86_64"):
        pytest.skip("compiles for a processor of the x86-64 family")
    Machine(_text(7), cpu=machine._host()[0])  # without its features
    Machine(_text(7), cpu="x86-64")
    assert len(list(folder.iterdir())) == 3


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


def test_a_file_belongs_to_one_compiler_one_processor_and_its_features(
    folder: Path, monkeypatch: pytest.MonkeyPatch, compilations: list[str]
) -> None:
    cpu, features = machine._host()
    Machine(_text(7), cpu, features)
    Machine(_text(7), cpu, "")
    monkeypatch.setattr(machine.llvmlite, "__version__", "another")
    Machine(_text(7), cpu, features)
    assert len(compilations) == len(list(folder.iterdir())) == 3


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_nobody_else_may_write_where_machine_code_is_kept(folder: Path) -> None:
    Machine(_text(7))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_cannot_be_kept_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("in use by another process")

    monkeypatch.setattr(os, "replace", refuse)
    assert _answer(_text(7)) == 7
    assert list(folder.iterdir()) == []


def test_code_under_the_name_of_another_text_is_not_trusted(folder: Path, compilations: list[str]) -> None:
    _answer(_text(7))
    (seven,) = folder.iterdir()
    _answer(_text(8))
    (eight,) = set(folder.iterdir()) - {seven}
    eight.replace(seven)
    assert _answer(_text(7)) == 7


def test_what_is_read_stays(folder: Path, monkeypatch: pytest.MonkeyPatch, compilations: list[str]) -> None:
    monkeypatch.setattr(machine, "KEPT", 2)
    for age, number in ((300, 1), (200, 2)):
        before = set(folder.iterdir()) if folder.exists() else set()
        _answer(_text(number))
        (new,) = set(folder.iterdir()) - before
        past = new.stat().st_mtime - age
        os.utime(new, (past, past))
    _answer(_text(1))  # read: 2 is now the one that was not used for longest
    _answer(_text(3))
    _answer(_text(1))
    assert compilations == [_text(1), _text(2), _text(3)]
