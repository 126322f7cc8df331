"""Broken scenario files: every problem is told, at its place, in words a commercial reader can act on, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from gainsim.errors import Problem, ScenarioError, UsageError
from gainsim.scenario.load import load_file

FOLDER = Path(__file__).resolve().parent.parent / "bad"
FILES = sorted(FOLDER.glob("*.yaml"))

# What belongs to the program and not to the reader: names of our classes and libraries, of Python's types and errors.
INNARDS = re.compile(
    r"pydantic|validation error|\[type=|input_value|https?://|Traceback|NoneType|\bNone\b|\bdict\b|\btuple\b|\bfloat\b"
    r"|(?<!:)\bint\b|\bstr\b|<class|Kind\.|FormulaError|QuantityError|datetime|\[key\]|\^\[|\\d|\(\?"
)


class Expected(NamedTuple):
    line: int
    column: int
    path: str
    words: str


def expectations(file: Path) -> list[Expected]:
    found = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := re.fullmatch(r"# expect: (\d+):(\d+): (.*?): (.+)", line):
            found.append(Expected(int(match[1]), int(match[2]), match[3], match[4]))
    return found


def problems(file: Path) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        load_file(file)
    assert caught.value.exit_code == 3
    return caught.value.problems


def test_there_are_broken_files() -> None:
    assert len(FILES) >= 140


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_problem_is_told_at_its_place(file: Path) -> None:
    expected = sorted(expectations(file))
    assert expected, "a broken file begins with what is expected of it"
    found = problems(file)
    told = "\n".join(map(str, found))
    assert [(each.line, each.column, each.path) for each in found] == [each[:3] for each in expected], told
    for problem, each in zip(found, expected, strict=True):
        assert each.words in problem.message, told


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_message_is_for_the_reader(file: Path) -> None:
    for problem in problems(file):
        assert not INNARDS.search(problem.message), problem
        assert problem.message.endswith((".", "?")), problem
        assert "\n" not in str(problem), problem
        assert len(problem.message) < 400, problem
        assert problem.file == str(file)


def test_the_report_counts_the_problems_and_names_the_file() -> None:
    file = FOLDER / "five_at_once.yaml"
    with pytest.raises(ScenarioError) as caught:
        load_file(file)
    first, *others = str(caught.value).splitlines()
    assert first == f"{file} has {len(expectations(file))} problems"
    assert all(line.startswith(f"  {file}:") for line in others)


def test_an_empty_file_and_a_folder(tmp_path: Path) -> None:
    empty = tmp_path / "offer.yaml"
    empty.write_bytes(b"")
    for path, message in (empty, "the file is empty; "), (tmp_path, "this is a folder. Name the scenario file in it."):
        (problem,) = problems(path)
        assert (problem.line, problem.column, problem.path) == (0, 0, "")
        assert problem.message.startswith(message)


def test_a_change_from_the_command_line_is_checked_like_the_file() -> None:
    shipped = FOLDER.parent.parent / "scenarios" / "compressed_air.yaml"
    with pytest.raises(UsageError, match=r"^--set money\.discount_rate=8%: .*Write 8% pa"):
        load_file(shipped, ["money.discount_rate=8%"])
