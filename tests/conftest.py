"""What all tests share: the published numbers, where they are at hand."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # the short forms of validation/ and benchmarks/, which are not installed, run from here
    sys.path.insert(0, str(ROOT))

Row = dict[str, Any]


def _validation_folder() -> Path:
    """Where the published numbers lie: $GAINSIM_VALIDATION, else shared/validation beside the project's root."""
    named = os.environ.get("GAINSIM_VALIDATION")
    return Path(named) if named else ROOT.parent / "shared" / "validation"


def _read_rows(file: Path) -> list[Row]:
    """Every row that recomputes, its `inputs_json` read into `inputs`; the other columns stay text."""
    with file.open(encoding="utf-8", newline="") as text:
        rows: list[Row] = [dict(row) for row in csv.DictReader(text)]
    for row in rows:
        if row.get("inputs_json"):
            row["inputs"] = json.loads(row["inputs_json"])
    return [row for row in rows if row.get("status") != "not_recomputed"]


@pytest.fixture(scope="session")
def validation_rows() -> Callable[[str], list[Row]]:
    """`validation_rows("drivers_risk_sensitivity")`: the rows of one file; the test is skipped where it is absent."""
    cache: dict[str, list[Row]] = {}

    def rows(name: str) -> list[Row]:
        file = _validation_folder() / f"{name.removesuffix('.csv')}.csv"
        if not file.is_file():
            pytest.skip(f"no published numbers: {file.name} is not in {_validation_folder()}; set GAINSIM_VALIDATION")
        if name not in cache:
            cache[name] = _read_rows(file)
        return cache[name]

    return rows
