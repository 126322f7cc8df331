"""Where and when a benchmark was run, and the history that it is added to."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gainsim.model import Model
from gainsim.ops import loop
from gainsim.ops.program import Program

ROOT = Path(__file__).resolve().parent.parent
HISTORY = Path(__file__).resolve().parent / "history"
Record = dict[str, Any]
Measure = Callable[[int, int], Record]
Words = list[str] | None

Target = tuple[str, float]
#: the figures of the speed benchmark that have a target
TARGETS: dict[str, Target] = {
    "ratio_one_thread": (">=", 8.0),
    "ratio_blocked_script": (">=", 4.0),
    "ratio_hand_written": ("<=", 1.3),
    "scaling": (">=", 0.8),
}


def circumstances() -> Record:
    """Date, commit, machine, load and versions."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "load_average": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in ("gainsim", "numpy", "llvmlite", "numba")},
    }


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = bool(git("status", "--porcelain", "--", "gainsim", "benchmarks/*.py"))
        return git("rev-parse", "--short", "HEAD") + (" and changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def judged(figure: float, target: Target | None) -> str:
    """Whether a figure meets its target, in words; nothing where it has none."""
    if target is None:
        return ""
    sign, value = target
    met = figure >= value if sign == ">=" else figure <= value
    return f"   target {sign} {value:g}: {'met' if met else 'missed'}"


def append(name: str, record: Record) -> Path:
    """Add one line to a benchmark's history."""
    HISTORY.mkdir(exist_ok=True)
    file = HISTORY / f"{name}.jsonl"
    with file.open("a", encoding="utf-8") as text:
        text.write(json.dumps(record) + "\n")
    return file


def past(name: str) -> list[Record]:
    """All recorded runs of a benchmark, the oldest first."""
    file = HISTORY / f"{name}.jsonl"
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


@contextmanager
def compiled(model: Model, *, given: bool = False) -> Iterator[None]:
    """Compile a model's loop once; inside, every simulation of it takes the loop as it is. Loops of others are as before.

    given: the loop for samplings whose scores are drawn outside it
    """
    others, ready = loop.Loop, loop.Loop(model.program, given=given)

    def of(program: Program, *words: Any, **options: Any) -> loop.Loop:
        return ready if program is model.program else others(program, *words, **options)

    with patch.object(loop, "Loop", of):
        yield


def command(
    name: str, doc: str | None, measure: Measure, text_of: Callable[[Record], str], paths: int, words: Words, repeats: int = 5
) -> None:
    """The command of a benchmark of so many paths, so often unless said: measure, print, and add to the history."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0] if doc else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--paths", type=int, default=paths)
    parser.add_argument("--repeats", type=int, default=repeats)
    parser.add_argument("--no-record", action="store_true")
    asked = parser.parse_args(words)
    record = {**circumstances(), **measure(asked.paths, asked.repeats)}
    print(json.dumps(record) if asked.json else text_of(record))
    if not asked.no_record:
        append(name, record)
