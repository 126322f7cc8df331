"""How long a user waits: whole processes, from the command to its answer.

`python -m benchmarks.wall [--json] [--repeats 5] [--paths 10000] [--no-record]`

Every command is a process of its own; the figure is the median of its turns. A further turn with Python's import log
says which heavy modules a command loads: none may load pandas or scipy.stats.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from benchmarks.record import ROOT, Record, append, circumstances

SCENARIO = "scenarios/compressed_air.yaml"
HEAVY = (
    "pandas",
    "scipy.stats",
    "scipy.optimize",
    "scipy",
    "matplotlib",
    "numba",
    "llvmlite",
    "jinja2",
    "rich",
    "pydantic",
)
REFUSED = ("pandas", "scipy.stats")


def commands(paths: int, folder: Path) -> dict[str, list[str]]:
    """What is timed, by name."""
    run = ["run", SCENARIO, "--paths", str(paths)]
    return {
        "version": ["--version"],
        "check": ["check", SCENARIO],
        "run": [*run, "--no-report"],
        "run with report": [*run, "--out", str(folder / "report")],
    }


def _run(words: list[str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *options, "-m", "gainsim", *words], cwd=ROOT, capture_output=True, text=True)


def measure(words: list[str], repeats: int) -> Record:
    """Median seconds of a command, its exit code, and the heavy modules it loads."""
    times, code = [], 0
    for number in range(repeats + 1):
        start = time.perf_counter()
        code = _run(words).returncode
        if number:  # the first turn fills the disk cache
            times.append(time.perf_counter() - start)
    loaded = heavy_modules(_run(words, "-X", "importtime").stderr)
    return {"seconds": statistics.median(times), "exit_code": code, "heavy": loaded}


def heavy_modules(log: str) -> list[str]:
    """Which of the heavy modules Python's import log names."""
    names = {line.rsplit("|", 1)[-1].strip() for line in log.splitlines() if line.startswith("import time:")}
    return [name for name in HEAVY if name in names]


def text_of(record: Record) -> str:
    lines = []
    for name, found in record["commands"].items():
        failed = f"   exit code {found['exit_code']}" if found["exit_code"] else ""
        lines.append(
            f"{name:18} {found['seconds']:7.3f} s   loads {', '.join(found['heavy']) or 'nothing heavy'}{failed}"
        )
    refused = [f"{name} in '{where}'" for where, name in record["refused"]]
    lines.append(f"Loaded although it must not be: {', '.join(refused)}" if refused else "No pandas, no scipy.stats.")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wall", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--paths", type=int, default=10_000)
    parser.add_argument("--no-record", action="store_true", help="add nothing to the history")
    said = parser.parse_args(arguments)
    if find_spec("gainsim.__main__") is None:
        raise SystemExit("there is no command line to time yet: gainsim has no __main__")
    with tempfile.TemporaryDirectory() as folder:
        found = {name: measure(words, said.repeats) for name, words in commands(said.paths, Path(folder)).items()}
    refused = [(where, name) for where, result in found.items() for name in result["heavy"] if name in REFUSED]
    record = {"paths": said.paths, "repeats": said.repeats, "commands": found, "refused": refused, **circumstances()}
    if not said.no_record:
        append("wall", record)
    print(json.dumps(record) if said.json else text_of(record))


if __name__ == "__main__":
    main()
