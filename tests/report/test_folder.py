"""A report's folder is whole or absent, and takes the place of nothing but a report."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import gainsim.report as report
from gainsim.errors import ResourceError, UsageError
from gainsim.report import data, folder
from gainsim.summary import Summary

DAY = date(2027, 1, 2)


def write(summary: Summary, out: Path) -> Path:
    return report.write(summary, out, 0.5, written=DAY)


def everything(place: Path) -> list[str]:
    return sorted(p.name for p in place.iterdir())


def test_whole(plain: Summary, tmp_path: Path) -> None:
    out = write(plain, tmp_path / "deep" / "er" / "out")
    assert out == tmp_path / "deep" / "er" / "out"
    assert everything(out) == sorted(report.FILES)
    assert everything(out.parent) == ["out"]
    assert plain.document is not None
    assert (out / "scenario.yaml").read_text() == plain.document.text


def test_no_scenario_text_no_scenario_file(plain: Summary, tmp_path: Path) -> None:
    assert "scenario.yaml" not in everything(write(replace(plain, document=None), tmp_path / "out"))


def test_the_same_bytes_twice(plain: Summary, tmp_path: Path) -> None:
    one, two = write(plain, tmp_path / "one"), write(plain, tmp_path / "two")
    for name in report.FILES:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def failing(what: BaseException) -> object:
    def savez(file: object, **_: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise what

    return savez


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize(
    ("what", "seen"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (OSError(errno.ENOSPC, "No space left on device"), ResourceError),
        (PermissionError(errno.EACCES, "Permission denied"), ResourceError),
        (RuntimeError("ours"), RuntimeError),
    ],
)
def test_absent_after_any_failure(
    what: BaseException, seen: type[BaseException], former: bool, plain: Summary, air: Summary, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    out = tmp_path / "made" / "out"
    before = (write(air, out) / "result.json").read_bytes() if former else b""
    monkeypatch.setattr(data.np, "savez", failing(what))
    with pytest.raises(seen):
        write(plain, out)
    if former:
        assert everything(out.parent) == ["out"]
        assert (out / "result.json").read_bytes() == before
        assert everything(out) == sorted(report.FILES)
    else:
        assert everything(tmp_path) == []


def test_a_full_disk_is_told_in_one_sentence_with_a_remedy(
    plain: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data.np, "savez", failing(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(
        ResourceError, match=r"cannot write the report to .*out: no space left on device\. Free some space"
    ):
        write(plain, tmp_path / "out")


@pytest.mark.parametrize("which", [1, 2])
def test_an_interrupt_between_the_renames_leaves_the_former_report(
    which: int, plain: Summary, air: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = write(air, tmp_path / "out")
    before = (out / "result.json").read_bytes()
    calls = 0
    rename = os.rename

    def interrupted(a: Path, b: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == which:
            raise KeyboardInterrupt
        rename(a, b)

    monkeypatch.setattr(folder.os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(plain, out)
    assert everything(tmp_path) == ["out"]
    assert (out / "result.json").read_bytes() == before


def test_an_interrupt_just_after_a_rename(
    plain: Summary, air: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = write(air, tmp_path / "out")
    rename = os.rename
    calls = 0

    def interrupted(a: Path, b: Path) -> None:
        nonlocal calls
        calls += 1
        rename(a, b)
        if calls == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(folder.os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(plain, out)
    assert everything(tmp_path) == ["out"]
    assert everything(out) == sorted(report.FILES)


def test_an_interrupt_while_cleaning_up_waits(plain: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rmtree = folder.shutil.rmtree
    calls = 0

    def interrupted(*args: object, **named: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise KeyboardInterrupt
        rmtree(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(data.np, "savez", failing(RuntimeError("ours")))
    monkeypatch.setattr(folder.shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(plain, tmp_path / "out")
    assert everything(tmp_path) == []


def test_a_former_report_is_replaced(plain: Summary, air: Summary, tmp_path: Path) -> None:
    out = write(air, tmp_path / "out")
    (out / ".DS_Store").touch()
    write(plain, out)
    assert json.loads((out / "result.json").read_text())["run_id"] == plain.run_id
    assert everything(out) == sorted(report.FILES)
    assert everything(tmp_path) == ["out"]


@pytest.mark.parametrize("found", ["", "{", "[]", '{"schema": 1}', '{"schema": "other/1"}', "[" * 100_000])
def test_what_is_no_report_is_kept(found: str, plain: Summary, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.json").write_text(found)
    with pytest.raises(UsageError, match="exists and is no report; choose another --out"):
        write(plain, tmp_path / "out")
    assert (tmp_path / "out" / "result.json").read_text() == found


def test_an_empty_folder_is_a_place(plain: Summary, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert everything(write(plain, tmp_path / "out")) == sorted(report.FILES)
    assert everything(tmp_path) == ["out"]


def test_only_a_report_of_the_same_file_is_replaced_where_nobody_chose_the_place(
    plain: Summary, tmp_path: Path
) -> None:
    out = write(plain, tmp_path / "out")
    assert folder.check_place(out, "./small.yaml") == out
    assert folder.check_place(out) == out
    with pytest.raises(UsageError, match=r"holds the report of small\.yaml; choose a place for that of b/small\.yaml"):
        folder.check_place(out, "b/small.yaml")


def test_a_users_own_file_in_a_report_is_never_deleted(plain: Summary, tmp_path: Path) -> None:
    out = write(plain, tmp_path / "out")
    (out / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"also holds notes\.txt"):
        write(plain, out)
    assert (out / "notes.txt").read_text() == "mine"


def test_a_folder_that_appears_meanwhile_is_kept(plain: Summary, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exists and is no report"), folder.whole_or_absent(tmp_path / "out"):
        (tmp_path / "out" / "mine").mkdir(parents=True)
    assert everything(tmp_path / "out") == ["mine"]


def test_a_file_in_its_place(plain: Summary, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="is a file, and a report is a folder"):
        write(plain, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("below", ["file/out", "file/deep/out"])
def test_a_file_above_its_place(below: str, plain: Summary, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="no place for a report: not a directory; choose another --out"):
        write(plain, tmp_path / below)
    assert everything(tmp_path) == ["file"]


def test_a_file_that_appears_above_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="lies below a file"), folder.whole_or_absent(tmp_path / "file" / "out"):
        pass


@pytest.mark.parametrize("name", ["a" * 300, "null\0byte"])
def test_a_name_that_no_folder_can_have(name: str, plain: Summary, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write(plain, tmp_path / name)
    assert everything(tmp_path) == []


def test_a_place_is_refused_before_anything_is_drawn(
    plain: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gainsim.report.page.render", None)
    (tmp_path / "mine").touch()
    with pytest.raises(UsageError):
        write(plain, tmp_path)


def test_a_link_is_followed_and_stays(plain: Summary, air: Summary, tmp_path: Path) -> None:
    real = write(air, tmp_path / "real")
    link = tmp_path / "link"
    link.symlink_to(real)
    write(plain, link)
    assert link.is_symlink()
    assert json.loads((real / "result.json").read_text())["run_id"] == plain.run_id
    assert everything(tmp_path) == ["link", "real"]


def test_links_to_nothing_to_themselves_and_to_files(plain: Summary, tmp_path: Path) -> None:
    dangling, circle, file = tmp_path / "dangling", tmp_path / "circle", tmp_path / "file"
    dangling.symlink_to(tmp_path / "new")
    circle.symlink_to(circle)
    (tmp_path / "mine").write_text("mine")
    file.symlink_to(tmp_path / "mine")
    write(plain, dangling)
    assert (tmp_path / "new" / "report.html").is_file()
    for bad in (circle, file):
        with pytest.raises(UsageError):
            write(plain, bad)


def test_a_link_to_a_folder_inside_a_report_is_not_followed(plain: Summary, tmp_path: Path) -> None:
    out = write(plain, tmp_path / "out")
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "mine").write_text("mine")
    (out / "scenario.yaml").unlink()
    (out / "scenario.yaml").symlink_to(precious)
    write(plain, out)
    assert (precious / "mine").read_text() == "mine"


def test_a_folder_one_may_not_write_into(plain: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(ResourceError, match=r"permission denied\. Choose another --out"):
        write(plain, tmp_path / "out")


def test_paths_need_no_pickle(plain: Summary, tmp_path: Path) -> None:
    with np.load(write(plain, tmp_path / "out") / "paths.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)
