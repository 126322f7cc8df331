"""Every command and every Python block in the README and in docs/ runs, and what is shown below it is what it prints.

A page is a story: its blocks run in their order, in a folder of their own that holds the shipped scenarios.

- ```sh: run by sh with -e; ```python: all of a page in one process, in one namespace
- ```yaml that begins with "# file: NAME" or "# append to: NAME": written to that file
- ```text: its lines stand, in this order, in the output of the blocks since the last ```sh or ```python heading it
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line on which it begins."""

    language: str
    text: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(m[1], m[2], text.count("\n", 0, m.start()) + 1) for m in _FENCE.finditer(text)]


def _environment() -> dict[str, str]:
    """The reader's: the gainsim of this Python comes first, nobody asks for colours, warnings are errors as in tests."""
    here = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": here + os.pathsep + os.environ["PATH"], "PYTHONWARNINGS": "error", "COLUMNS": "120"}


def _sh(text: str, folder: Path) -> tuple[bool, str]:
    """Whether it ends well, and what it prints."""
    done = subprocess.run(
        ["sh", "-e"], input=text, cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=300,
    )  # fmt: skip
    return done.returncode == 0, done.stdout


#: reads blocks, one a line, runs them one after the other in one namespace, and answers each with what `_sh` gives
_READER = """
import contextlib, io, json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    printed, well = io.StringIO(), True
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            exec(json.loads(line), names)
        except BaseException:
            well = False
            traceback.print_exc()
    print(json.dumps([well, printed.getvalue()]), flush=True)
"""


class Python:
    """The Python of a page, begun at its first block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Python:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.communicate()

    def run(self, text: str) -> tuple[bool, str]:
        """Whether a block ends well, and what it prints."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _READER], cwd=self.folder, env=_environment(), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(text) + "\n")
        self.process.stdin.flush()
        well, printed = json.loads(self.process.stdout.readline())
        return well, printed


def _squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def shown_but_not_printed(shown: str, printed: str) -> str:
    """The first line shown that the output does not have, in this order; nothing if all are there."""
    rest = iter(_squeezed(printed))
    for line in _squeezed(shown):
        if line not in rest:
            return line
    return ""


def _run_page(page: Path, folder: Path) -> None:
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    printed = ""
    with Python(folder) as python:
        for block in _executed(page):
            place = f"{page.relative_to(ROOT)}:{block.line}"
            if block.language == "yaml":
                _write(block.text, folder)
            elif block.language == "text":
                missing = shown_but_not_printed(block.text, printed)
                assert not missing, f"{place}: no longer printed: {missing}\n--- printed:\n{printed}"
            else:
                well, printed = python.run(block.text) if block.language == "python" else _sh(block.text, folder)
                assert well, f"{place} does not end well\n{printed}"


def _executed(page: Path) -> list[Block]:
    """The blocks of a page that run; the README's two first install gainsim and run the tests, as .ci/run does."""
    blocks = [block for block in blocks_of(page) if block.language in ("sh", "python", "yaml", "text")]
    if page.name != "README.md":
        return blocks
    commands = [block for block in blocks if block.language == "sh"]
    last = commands[0].text.strip().splitlines()[-1] + "\n"
    assert last.startswith("gainsim run "), "the README's first block of commands ends with a run"
    return [Block("sh", last, commands[0].line), *(block for block in blocks if block not in commands[:2])]


def _write(text: str, folder: Path) -> None:
    first, _, rest = text.partition("\n")
    if named := re.fullmatch(r"# file: (\S+)", first):
        (folder / named[1]).write_text(rest, encoding="utf-8")
    elif named := re.fullmatch(r"# append to: (\S+)", first):
        with (folder / named[1]).open("a", encoding="utf-8") as file:
            file.write("\n" + rest)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks_of(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_block_of_a_page_runs_and_prints_what_is_shown(page: Path, tmp_path: Path) -> None:
    _run_page(page, tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", _FENCE.sub("", page.read_text(encoding="utf-8")))
    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not dead, f"{page.relative_to(ROOT)} links to {', '.join(dead)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_says_its_language(page: Path) -> None:
    """So that none is passed over by a slip of the pen."""
    known = {"sh", "python", "yaml", "text"}
    assert {block.language for block in blocks_of(page)} <= known
    text = page.read_text(encoding="utf-8")
    assert text.count("\n```") + text.startswith("```") == 2 * len(blocks_of(page))


def test_the_term_the_readme_quotes_stands_in_the_shipped_scenario() -> None:
    scenario = _squeezed((ROOT / "scenarios" / "compressed_air.yaml").read_text(encoding="utf-8"))
    lines = [line.split(" #")[0].rstrip() for line in scenario]
    quoted = [block.text for block in blocks_of(ROOT / "README.md") if block.language == "yaml"]
    assert quoted
    assert not [line for text in quoted for line in _squeezed(text) if line not in lines]


def test_the_readme_sets_up_with_python_alone() -> None:
    """The first command needs nothing but Python: no pip newer than Python 3.11 came with."""
    first, second = [block.text for block in blocks_of(ROOT / "README.md") if block.language == "sh"][:2]
    assert first.startswith("python3 -m venv ")
    assert "--group" not in second
    assert second.strip().endswith("pytest -n auto --dist worksteal")


@pytest.mark.parametrize("name", ["scenario.md", "scenario.schema.json", "library.md"])
def test_the_generated_reference_is_current(name: str) -> None:
    from docs.reference import make

    kept = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert make.pages()[name] == kept, f"docs/reference/{name} is out of date: python docs/reference/make.py"


def test_a_changed_output_is_noticed() -> None:
    assert shown_but_not_printed("a  1\nc 3", "a 1\nb 2\nc 3") == ""
    assert shown_but_not_printed("c 3\na 1", "a 1\nb 2\nc 3") == "a 1"
    assert shown_but_not_printed("a 1.0", "a 1.1") == "a 1.0"
