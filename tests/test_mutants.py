"""The study of mutants: which faults it makes, and that the page says what it found."""

from __future__ import annotations

import ast
import json

import pytest

from validation.faults import mutant, sites
from validation.mutants import RECORD, equivalent
from validation.noticing import ROOT


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        ("a < b", ["a <= b", "a >= b"]),
        ("a is not None", ["a is None"]),
        ("a + b", ["a - b"]),
        ("a / 2.0", ["a * 2.0", "a / 3.0"]),
        ("-a", ["+a"]),
        ("not a", ["not not a"]),
        ("a and b", ["a or b"]),
        ("max(a, b)", ["min(a, b)"]),
        ("ops.minimum(a, b)", ["ops.maximum(a, b)"]),
        ("ops.where(a, b, c)", ["ops.where(a, c, b)"]),
        ("b if a else c", ["b if not a else c"]),
        ("b if a == c else c", ["b if a != c else c"]),
        ("zip(a, b, strict=True)", []),
        ("f'{a + b}'", []),
    ],
)
def test_faults_of_an_expression(code: str, faults: list[str]) -> None:
    text = f"x = {code}\n"
    assert [ast.unparse(mutant(site, text).tree) for site in sites("a.py", text)] == [f"x = {each}" for each in faults]


def test_a_statement_is_left_out() -> None:
    text = "def f(a: int = 1) -> None:\n    a += b\n    g(a)\n"
    made = [mutant(site, text) for site in sites("a.py", text)]
    assert {(each.before, each.after): each.function for each in made} == {
        ("def f(a: int=1) -> None:", "def f(a: int=2) -> None:"): None,
        ("a += b", "a += 0"): ("f", 1),
        ("g(a)", "..."): ("f", 1),
    }


def test_the_page_says_what_was_found() -> None:
    """Fewer than one mutant in ten lives."""
    record = json.loads(RECORD.read_text("utf-8"))
    same = equivalent(record["living"])
    alive = record["alive"] - same
    assert record["sample"] == 300
    assert alive < 0.1 * record["sample"]
    page = " ".join((ROOT / "docs" / "reference" / "validation.md").read_text("utf-8").split())
    noticed = record["sample"] - record["alive"]
    told = f"Of {record['sample']} faults (seed {record['seed']}) tests notice {noticed}, {same} are equivalent, {alive} live."
    assert told in page
